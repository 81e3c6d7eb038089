"""Which labels are of use at a node, under four criteria: bags of what came before, or weighings of it.

Labels leave the heap by arrival plus the least time still needed, so that whatever a bag holds came earlier; only
cost, CO2 and risk are left to compare. A bag is a run of rows sorted by cost, moved to twice the room when it is full.
A weighing makes one number of the three; then a label is of use exactly when that number is less than all before.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import part
from rookery.engines.network.burdens import Burdens
from rookery.engines.network.query import lead_fee
from rookery.engines.network.snapshot import LAST, NEVER, UNLIMITED, Longs, Snapshot
from rookery.engines.network.work import AT, AT_NODE, COST, GOAL, NONE, Job, soonest_at_goal

# Further columns of a label, after those of `pareto.py`; MASK: the weighings that it is of use for, as bits.
CO2, RISK, CLASS, MASK, OLDER = range(10, 15)
POPPED, SCANNED, PROBED, LABELS, QUEUED, FULL, ROWS, RUN, LATEST = range(9)  # of `Work.counters`
# Of `Work.slots`; from BY_WEIGHING on for each weighing: the least value popped; the earliest and the least waiting.
SLOT_RUN, SLOT_AT, SLOT_COUNT, SLOT_ROOM, BY_WEIGHING = range(5)
LEAST, SOON_AT, SOON, CHEAP_AT, CHEAP, COLUMNS = range(6)
WEIGHINGS_MAX = 4
ROOM = 4  # rows of a new bag
BY_COST, BY_CO2, BY_RISK = range(3)  # columns of `Weighings.by`


class Work(NamedTuple):
    """Room to work in, kept from search to search and never read before it is written.

    labels   [n, 16] columns of `pareto.py`, then CO2 to OLDER
    heap     [n, 3]
    slots    [nodes * (classes + 1) + 1, 24] what is known of a node and class, and in the last row of the goal
    rows     [.., 3] the bags: cost, CO2, risk of labels, by rising cost
    reached  [2, stops of the longest line] earliest arrival offered at each stop of the ride in hand: at the risk in
             hand; at any risk
    counters [9] POPPED, SCANNED (entries), PROBED (departures), LABELS, QUEUED, FULL (1: too small), ROWS, RUN
             (number of the search), LATEST (arrival that is still looked for)
    found    [n] rows of `labels` at the goal
    """

    labels: Longs
    heap: Longs
    slots: Longs
    rows: Longs
    reached: Longs
    counters: Longs
    found: Longs


def make_work(snapshot: Snapshot, classes: int, labels: int = 1 << 14) -> Work:
    """Room for searches over a snapshot with so many delay classes, with so many labels."""
    longest = int((snapshot.positions[:, LAST] - np.arange(len(snapshot.positions))).max(initial=0)) + 2
    slots = (snapshot.node_count * (classes + 1) + 1, BY_WEIGHING + WEIGHINGS_MAX * COLUMNS)
    sizes = ((labels, 16), (labels, 3), slots, (2 * labels + ROOM, 3), (2, longest), 9, labels)
    return Work(*(np.zeros(size, np.int64) for size in sizes))


class Weighings(NamedTuple):
    """Ways of making one number of cost, CO2 and risk, at most WEIGHINGS_MAX; none: every criterion by itself.

    by       [n, 3] what a minor unit, a milligram per kg and a millionth of risk weigh
    least    [facilities, n] at most what the way to the goal weighs
    shares   [n] a label is of use if it weighs less than what came before by one part in `share + 1`; 0: if it is less
    risky    bits of the weighings in which risk weighs
    late_s, worse   how much later, and by one part in how many heavier, a plan may be that stands for another; 0: none
    horizon_percent, horizon_s   plans are looked for up to so many hundredths of the fastest plan's time and so many
             seconds more; 0: up to the deadline
    """

    by: Longs
    least: Longs
    shares: Longs
    risky: int
    late_s: int
    worse: int
    horizon_percent: int
    horizon_s: int


UNWEIGHED = Weighings(np.zeros((0, 3), np.int64), np.zeros((0, 0), np.int64), np.zeros(0, np.int64), 1, 0, 0, 0, 0)


class Quest(NamedTuple):
    """A job with what its plans burden, and how that is weighed."""

    job: Job
    burdens: Burdens
    weighings: Weighings


@part
def slot_of(quest: Quest, node: int, delay_class: int) -> int:
    """Row of `Work.slots`."""
    if node == GOAL:
        return quest.job.net.node_count * (len(quest.burdens.risk) + 1)
    return node * (len(quest.burdens.risk) + 1) + delay_class + 1


@part
def open_slot(quest: Quest, work: Work, slot: int) -> None:
    """Make a row of `Work.slots` this search's."""
    row = work.slots[slot]
    if row[SLOT_RUN] != work.counters[RUN]:
        row[SLOT_RUN], row[SLOT_AT], row[SLOT_COUNT], row[SLOT_ROOM] = work.counters[RUN], NONE, 0, 0
        for j in range(len(quest.weighings.by)):
            first = BY_WEIGHING + COLUMNS * j
            row[first + LEAST], row[first + SOON], row[first + CHEAP] = UNLIMITED, UNLIMITED, UNLIMITED
            row[first + SOON_AT], row[first + CHEAP_AT] = NEVER, NEVER


@part
def weigh(weighings: Weighings, j: int, cost: int, co2: int, risk: int) -> int:
    """What a label weighs."""
    return weighings.by[j, BY_COST] * cost + weighings.by[j, BY_CO2] * co2 + weighings.by[j, BY_RISK] * risk


@part
def less(value: int, share: int) -> int:
    """The least that is at most one part in `share` below a value, which then is at most so much above it; 0: none."""
    return value - value // (share + 1) if share else value


@part
def useful(
    quest: Quest, work: Work, slot: int, node: int, at: int, cost: int, co2: int, risk: int, mask: int, waits: int
) -> int:
    """The weighings of a mask for which being at a node is of use, as bits; without weighings 1 or 0.

    waits  1: what still waits in the heap counts too; 0: only what has left it
    """
    if len(quest.weighings.by) == 0:
        return _useful_in_bags(quest, work, slot, node, at, cost, co2, risk)
    goal, facility, clocked, out = work.slots[len(work.slots) - 1], -1, 0, 0
    here, soonest = work.slots[slot], NONE
    if node != GOAL:
        facility, clocked = quest.job.rules.node_facility[node], quest.job.rules.clocked[node]
    known = here[SLOT_RUN] == work.counters[RUN] and clocked == 0 and node != GOAL
    for j in range(len(quest.weighings.by)):
        if (mask >> j) & 1:
            value, first = weigh(quest.weighings, j, cost, co2, risk), BY_WEIGHING + COLUMNS * j
            if known and (value >= here[first + LEAST] or (waits and _waits(here, first, at, value))):
                continue
            if facility >= 0:
                value += quest.weighings.least[facility, j]
            if value >= goal[first + LEAST]:
                continue
            if waits and goal[first + CHEAP] <= value:  # otherwise nothing that waits is as good
                if soonest == NONE:
                    soonest = soonest_at_goal(quest.job, node, at) if node != GOAL else at
                if _waits(goal, first, soonest, value):
                    continue
            out |= 1 << j
    if clocked and out:
        out = _outstayed_bits(quest, work, slot, node, at, cost, co2, risk, out)
    return out


@part
def _waits(row: Longs, first: int, at: int, value: int) -> bool:
    """True if a label in the heap is as early and weighs as little."""
    return (row[first + CHEAP] <= value and row[first + CHEAP_AT] <= at) or (
        row[first + SOON] <= value and row[first + SOON_AT] <= at
    )


@part
def wait(quest: Quest, work: Work, slot: int, label: Longs) -> None:
    """Remember a label that goes into the heap."""
    if len(quest.weighings.by) == 0 or (label[AT_NODE] != GOAL and quest.job.rules.clocked[label[AT_NODE]]):
        return
    open_slot(quest, work, slot)
    row, at = work.slots[slot], label[AT]
    for j in range(len(quest.weighings.by)):
        if (label[MASK] >> j) & 1:
            first, value = BY_WEIGHING + COLUMNS * j, weigh(quest.weighings, j, label[COST], label[CO2], label[RISK])
            value = less(value, quest.weighings.shares[j])
            if at < row[first + SOON_AT] or (at == row[first + SOON_AT] and value < row[first + SOON]):
                row[first + SOON_AT], row[first + SOON] = at, value
            if value < row[first + CHEAP] or (value == row[first + CHEAP] and at < row[first + CHEAP_AT]):
                row[first + CHEAP_AT], row[first + CHEAP] = at, value


@part
def put(quest: Quest, work: Work, slot: int, label: int) -> None:
    """Remember a label that has left the heap and is of use."""
    row, node, shares = work.labels[label], work.labels[label, AT_NODE], quest.weighings.shares
    open_slot(quest, work, slot)
    for j in range(len(quest.weighings.by)):
        if (row[MASK] >> j) & 1:
            value = weigh(quest.weighings, j, row[COST], row[CO2], row[RISK])
            work.slots[slot, BY_WEIGHING + COLUMNS * j + LEAST] = less(value, shares[j])
    if node != GOAL and quest.job.rules.clocked[node]:
        row[OLDER], work.slots[slot, SLOT_AT] = work.slots[slot, SLOT_AT], label
    elif len(quest.weighings.by) == 0:
        _put_in_bag(work, slot, row)


@part
def _useful_in_bags(quest: Quest, work: Work, slot: int, node: int, at: int, cost: int, co2: int, risk: int) -> int:
    clocked = 0
    if node != GOAL:
        facility, clocked = quest.job.rules.node_facility[node], quest.job.rules.clocked[node]
        more_cost, more_co2 = quest.job.bounds.cost[facility], quest.burdens.least_co2[facility]
        if more_cost == UNLIMITED or more_co2 == UNLIMITED:
            return 0
        if _in_bag(work, len(work.slots) - 1, cost + more_cost, co2 + more_co2, risk):
            return 0
    if clocked:
        return 0 if _is_outstayed(quest, work, slot, node, at, cost, co2, risk) else 1
    return 0 if _in_bag(work, slot, cost, co2, risk) else 1


@part
def _in_bag(work: Work, slot: int, cost: int, co2: int, risk: int) -> bool:
    """True if a bag holds what is as good in all three; whatever it holds came earlier."""
    if work.slots[slot, SLOT_RUN] != work.counters[RUN]:
        return False
    first, rows = work.slots[slot, SLOT_AT], work.rows
    for i in range(first, first + work.slots[slot, SLOT_COUNT]):
        if rows[i, 0] > cost:
            return False
        if rows[i, 1] <= co2 and rows[i, 2] <= risk:
            return True
    return False


@part
def _put_in_bag(work: Work, slot_at: int, label: Longs) -> None:
    """Into a bag, sorted by cost. What is worse in cost, CO2 and risk leaves: all that is yet to come is later."""
    slot, rows, cost, co2, risk = work.slots[slot_at], work.rows, label[COST], label[CO2], label[RISK]
    first, kept = slot[SLOT_AT], slot[SLOT_AT]
    for i in range(first, first + slot[SLOT_COUNT]):
        if rows[i, 0] < cost or rows[i, 1] < co2 or rows[i, 2] < risk:
            _copy(rows, i, kept)
            kept += 1
    count = kept - first
    if count == slot[SLOT_ROOM]:
        begin, room = work.counters[ROWS], max(ROOM, 2 * count)
        if begin + room > len(rows):
            work.counters[FULL] = 1
            return
        for i in range(count):
            _copy(rows, first + i, begin + i)
        work.counters[ROWS], slot[SLOT_AT], slot[SLOT_ROOM], first = begin + room, begin, room, begin
    i = first + count
    while i > first and rows[i - 1, 0] > cost:
        _copy(rows, i - 1, i)
        i -= 1
    rows[i, 0], rows[i, 1], rows[i, 2] = cost, co2, risk
    slot[SLOT_COUNT] = count + 1


@part
def _copy(rows: Longs, one: int, other: int) -> None:
    rows[other, 0], rows[other, 1], rows[other, 2] = rows[one, 0], rows[one, 1], rows[one, 2]


@part
def _is_outstayed(quest: Quest, work: Work, slot: int, node: int, at: int, cost: int, co2: int, risk: int) -> bool:
    """True if a label that came earlier to a clocked node is as good in all, whatever its longer stay costs."""
    if work.slots[slot, SLOT_RUN] != work.counters[RUN]:
        return False
    job, other, labels = quest.job, work.slots[slot, SLOT_AT], work.labels
    while other != NONE:
        row = labels[other]
        better = row[COST] <= cost and row[CO2] <= co2 and row[RISK] <= risk
        if better and row[COST] + lead_fee(job.rules, job.money, job.query, node, at - row[AT]) <= cost:
            return True
        other = row[OLDER]
    return False


@part
def _outstayed_bits(
    quest: Quest, work: Work, slot: int, node: int, at: int, cost: int, co2: int, risk: int, mask: int
) -> int:
    """The weighings of a mask for which no label that came earlier to a clocked node weighs as little, with fees."""
    if work.slots[slot, SLOT_RUN] != work.counters[RUN]:
        return mask
    job, other, labels = quest.job, work.slots[slot, SLOT_AT], work.labels
    while other != NONE and mask:
        row = labels[other]
        fee = lead_fee(job.rules, job.money, job.query, node, at - row[AT])
        for j in range(len(quest.weighings.by)):
            both = (mask & row[MASK]) >> j & 1 and fee < UNLIMITED // 2
            if both and weigh(quest.weighings, j, row[COST] + fee - cost, row[CO2] - co2, row[RISK] - risk) <= 0:
                mask &= ~(1 << j)
        other = row[OLDER]
    return mask
