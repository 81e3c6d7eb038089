"""What searches work on: everything that they read, and the room in which they keep their labels."""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import part
from rookery.engines.network.money import DAY_S, Money
from rookery.engines.network.query import Query
from rookery.engines.network.rules import DRIVE_S, HANDLING_S, NEXT, OUT_OF_REACH, Bounds, Dial, Goal, Rules
from rookery.engines.network.snapshot import LAST, NEVER, Ints, Live, Longs, Snapshot

# Columns of a label: how it stands, and the ride or drive by which it came.
AT_NODE, AT, COST, PARENT, FROM, TO, TRIP, ENTRY, DEPTH, DOOR, OLDER, LATER, BEATEN, ROOT, LINK = range(15)
GOAL = -1  # as a node
POPPED, SCANNED, PROBED, LABELS, QUEUED, TURNED, FULL, TARGET, RUN = range(9)  # of `Work.counters`
CUT, CHARGED = 1, 2  # what a stay at a clocked node may meet
NONE = -1
# Columns of `Work.nodes`: the search that wrote the row; least cost popped, newest label popped; two labels pushed.
SEEN, LEAST, NEWEST, SOON_AT, SOON_COST, CHEAP_AT, CHEAP_COST = range(7)


class Work(NamedTuple):
    """Room to work in, kept from search to search and never read before it is written.

    labels   [n, 15] columns AT_NODE to LINK
    heap     [n, 3]
    nodes    [nodes + 1, 8] columns SEEN to CHEAP_COST: what is known at a node, and in the last row at the goal
    reached  [stops of the longest line] earliest arrival offered at each stop of the ride in hand
    roots    [stops of the longest line] first label of the departures that were offered of it to each stop; NONE
    counters [9] POPPED, SCANNED (entries), PROBED (departures), LABELS, QUEUED, TURNED (1: a ride turned the load
             away), FULL (1: too small), TARGET (least cost at the goal), RUN (number of the search)
    """

    labels: Longs
    heap: Longs
    nodes: Longs
    reached: Longs
    roots: Longs
    counters: Longs
    found: Longs
    lines: Longs


def make_work(snapshot: Snapshot, labels: int = 1 << 13) -> Work:
    """Room for searches over a snapshot, with so many labels."""
    longest = int((snapshot.positions[:, LAST] - np.arange(len(snapshot.positions))).max(initial=0)) + 2
    sizes = ((labels, 15), (labels, 3), (snapshot.node_count + 1, 8), longest, longest, 9, labels)
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
    soonest = soonest_by_day(job.goal, bounds.dial, bounds.after_s, node, at)
    if len(bounds.late):  # boarding what leaves later than planned can be faster, but nothing is faster than rides are
        soonest = min(soonest, least_late(bounds.late, at))
        soonest = max(soonest, at + bounds.time_s[job.rules.node_facility[node]])
    return soonest


@part
def soonest_by_day(goal: Goal, dial: Dial, after_s: Ints, node: int, at: int) -> int:
    """`soonest_at_goal` while everything runs as planned."""
    soonest, door = NEVER, goal.node_door[node]
    while door >= 0:
        soonest = min(soonest, at + goal.doors[door, HANDLING_S] + goal.doors[door, DRIVE_S])
        door = goal.doors[door, NEXT]
    board = next_boarding(dial, node, at % DAY_S)
    if board == NONE or after_s[board] == OUT_OF_REACH:
        return soonest
    return min(soonest, at + (dial.at_s[board] - at) % DAY_S + after_s[board])


@part
def least_late(late: Longs, at: int) -> int:
    """The least instant at the goal by any ride of `Bounds.late` that leaves at or after an instant."""
    low, high = 0, len(late)
    while low < high:
        middle = (low + high) >> 1
        if late[middle, 0] < at:
            low = middle + 1
        else:
            high = middle
    return late[low, 1] if low < len(late) else NEVER


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
