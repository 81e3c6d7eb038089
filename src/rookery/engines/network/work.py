"""What searches work on: everything that they read, and the room in which they keep their labels."""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import part
from rookery.engines.network.money import DAY_S, Money
from rookery.engines.network.query import Query
from rookery.engines.network.rules import DRIVE_S, HANDLING_S, NEXT, OUT_OF_REACH, Bounds, Dial, Goal, Rules
from rookery.engines.network.snapshot import LAST, NEVER, Live, Longs, Snapshot

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


@part
def soonest_at_goal(job: Job, node: int, at: int) -> int:
    """The least instant at which goods that a ride has brought to a node can be at the goal; NEVER or more: never."""
    bounds = job.bounds
    if len(bounds.after_s) == 0:
        return at + bounds.time_s[job.rules.node_facility[node]]
    soonest, door = NEVER, job.goal.node_door[node]
    while door >= 0:
        soonest = min(soonest, at + job.goal.doors[door, HANDLING_S] + job.goal.doors[door, DRIVE_S])
        door = job.goal.doors[door, NEXT]
    board = next_boarding(bounds.dial, node, at % DAY_S)
    if board == NONE or bounds.after_s[board] == OUT_OF_REACH:
        return soonest
    return min(soonest, at + (bounds.dial.at_s[board] - at) % DAY_S + bounds.after_s[board])


@part
def next_boarding(dial: Dial, node: int, time_s: int) -> int:
    """The first boarding of a node at or after a time of day, around the clock; NONE if it has none."""
    first, end = dial.node_ptr[node], dial.node_ptr[node + 1]
    if first == end:
        return NONE
    low, high = first, end
    while low < high:
        middle = (low + high) >> 1
        if dial.at_s[middle] < time_s:
            low = middle + 1
        else:
            high = middle
    return low if low < end else first


@part
def best_entry(job: Job, node: int, at: int) -> int:
    """The entry of the ride that the bound of goods at a node stands on; NONE if there is none."""
    dial, after_s = job.bounds.dial, job.bounds.after_s
    if len(after_s) == 0:
        return NONE
    board = next_boarding(dial, node, at % DAY_S)
    if board == NONE or after_s[board] == OUT_OF_REACH:
        return NONE
    first, end = dial.node_ptr[node], dial.node_ptr[node + 1]
    for _ in range(end - first):
        ahead = board + 1 if board + 1 < end else first
        if after_s[board] != after_s[ahead] + (dial.at_s[ahead] - dial.at_s[board]) % DAY_S:
            break  # waiting for the next one takes longer
        board = ahead
    return dial.entry[board]
