"""What searches work on: everything that they read, and the room in which they keep their labels."""

from typing import NamedTuple

import numpy as np

from rookery.engines.network.money import Money
from rookery.engines.network.query import Query
from rookery.engines.network.rules import Bounds, Goal, Rules
from rookery.engines.network.snapshot import LAST, Live, Longs, Snapshot

# Columns of a label: how it stands, and the ride or drive by which it came.
AT_NODE, AT, COST, PARENT, FROM, TO, TRIP, ENTRY, DEPTH, DOOR, OLDER, LATER, BEATEN = range(13)
GOAL = -1  # as a node
POPPED, SCANNED, PROBED, LABELS, QUEUED, FULL, TARGET, RUN = range(8)  # of `Work.counters`
CUT, CHARGED = 1, 2  # what a stay at a clocked node may meet
NONE = -1
# Columns of `Work.nodes`: the search that wrote the row; least cost popped, newest label popped; two labels pushed.
SEEN, LEAST, NEWEST, SOON_AT, SOON_COST, CHEAP_AT, CHEAP_COST = range(7)


class Work(NamedTuple):
    """Room to work in, kept from search to search and never read before it is written.

    labels   [n, 13] columns AT_NODE to BEATEN
    heap     [n, 3]
    nodes    [nodes + 1, 8] columns SEEN to CHEAP_COST: what is known at a node, and in the last row at the goal
    reached  [stops of the longest line] earliest arrival offered at each stop of the ride in hand
    counters [8] POPPED, SCANNED (entries), PROBED (departures), LABELS, QUEUED, FULL (1: too small), TARGET (least
             cost at the goal), RUN (number of the search)
    """

    labels: Longs
    heap: Longs
    nodes: Longs
    reached: Longs
    counters: Longs
    found: Longs
    lines: Longs


def make_work(snapshot: Snapshot, labels: int = 1 << 13) -> Work:
    """Room for searches over a snapshot, with so many labels."""
    longest = int((snapshot.positions[:, LAST] - np.arange(len(snapshot.positions))).max(initial=0)) + 2
    sizes = ((labels, 13), (labels, 3), (snapshot.node_count + 1, 8), longest, 8, labels)
    lines = len(snapshot.trip_ptr) - 1
    return Work(*(np.zeros(size, np.int64) for size in (*sizes, (lines, 3))))


class Job(NamedTuple):
    """Everything that a search reads."""

    net: Snapshot
    live: Live
    rules: Rules
    money: Money
    goal: Goal
    bounds: Bounds
    query: Query
