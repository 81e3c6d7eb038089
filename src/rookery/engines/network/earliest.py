"""When goods can be there at the earliest, and when they may be ready at the latest.

One label per node, popped in order of arrival plus the least time still needed (time-dependent A*). It holds where an
earlier arrival is never worse; where a stay is limited it can be, and then the search for arrival and cost answers.
"""

import numpy as np

from rookery.engines.kernel import lean, part
from rookery.engines.network.heap import heap_pop, heap_push, in_time, soonest_of
from rookery.engines.network.money import NO_RATE
from rookery.engines.network.pareto import all_reached, pareto
from rookery.engines.network.query import epoch_of_trip, first_from, fits, leaves_at, price_of
from rookery.engines.network.rules import (
    BREAKS,
    CLEAR,
    DRIVE_S,
    DWELLS,
    KNOWN_S,
    NEXT,
    ONLY,
    POSITION,
    RIDE_S,
    TENDER_S,
    THERE,
)  # fmt: skip
from rookery.engines.network.snapshot import FACILITY, LAST, LINE, NEVER, NODE, PAIR, START, TRIPS, Longs
from rookery.engines.network.work import (
    AT,
    AT_NODE,
    DEPTH,
    DOOR,
    ENTRY,
    FROM,
    FULL,
    GOAL,
    LABELS,
    LATER,
    LEAST,
    NONE,
    PARENT,
    POPPED,
    PROBED,
    QUEUED,
    RUN,
    SCANNED,
    SEEN,
    TARGET,
    TO,
    TRIP,
    Job,
    Work,
    best_entry,
    soonest_at_goal,
)  # fmt: skip

LINE_RUN, LINE_TRIP, LINE_FROM = range(3)  # columns of `Work.lines`


def earliest(job: Job, starts: Longs, work: Work) -> int:
    """The earliest arrival at the goal, NEVER if there is none by the deadline; `work.found[0]` is its label.

    starts  [starts, 3] node, instant, cost (not looked at)
    If `work` was too small, `counters[FULL]` is 1, as after `pareto`.
    """
    if job.rules.limits_stay:
        return int(work.labels[work.found[0], AT]) if pareto(job, starts, work) else NEVER
    return earliest_unlimited(job, starts, work)


def latest(job: Job, node: int, work: Work) -> int:
    """The latest instant at which goods may be ready at a node and still reach the goal by the deadline; -NEVER: none.

    Being ready earlier never hurts, because waiting at the first facility is free; so the instants at which some
    departure there is just met are searched by halving. Where a stay there is limited, each is tried.
    """
    times = boardings(job, node, -NEVER, job.query.deadline)

    def reaches(at: int) -> bool:
        return earliest(job, np.array([[node, at, 0]], np.int64), work) < NEVER

    if job.rules.clocked[node] & DWELLS:
        return next((int(at) for at in times[::-1] if reaches(int(at)) or work.counters[FULL]), -NEVER)
    low, high, work.counters[FULL] = 0, len(times), 0
    while low < high and not work.counters[FULL]:  # times[:low] reach the goal, times[high:] do not
        middle = (low + high) // 2
        if reaches(int(times[middle])):
            low = middle + 1
        else:
            high = middle
    return int(times[low - 1]) if low else -NEVER


def boardings(job: Job, node: int, first: int, last: int) -> Longs:
    """The instants in a range at which goods that are ready at a node just meet some departure, rising."""
    rules, found = job.rules, [np.zeros(0, np.int64)]
    for entry in rules.entries[rules.entry_ptr[node] : rules.entry_ptr[node + 1]]:
        position = job.net.positions[entry[POSITION]]
        leaves = job.live.departs[position[START] : position[START] + position[TRIPS]]
        found.append(leaves.astype(np.int64) - entry[TENDER_S])
    times = np.unique(np.concatenate(found))
    return times[(times >= first) & (times <= last)]


@lean
def earliest_unlimited(job: Job, starts: Longs, work: Work) -> int:
    """`earliest` where no stay is limited."""
    rules, labels, counters = job.rules, work.labels, work.counters
    counters[: FULL + 1] = 0
    counters[TARGET] = NEVER
    counters[RUN] += 1
    for s in range(len(starts)):
        _offer(job, work, starts[s, 0], starts[s, 1], NONE, NONE, NONE, NONE, NONE, NONE)
    while counters[QUEUED] and not counters[FULL]:
        soonest, label = soonest_of(work.heap[0, 0]), work.heap[0, 2]
        heap_pop(work.heap, counters[QUEUED])
        counters[QUEUED] -= 1
        node, at = labels[label, AT_NODE], labels[label, AT]
        if node == GOAL:
            work.found[0] = label
            return at
        if at > work.nodes[node, LEAST]:
            continue
        counters[POPPED] += 1
        if labels[label, LATER] == 0:
            _reach_doors(job, work, label, node, at)
        if labels[label, DEPTH] < job.query.legs_max:
            entry = best_entry(job, node, at) if labels[label, LATER] == 0 else NONE
            if entry != NONE:  # should that lead to the goal as soon as can be, nothing else is looked at
                counters[SCANNED] += 1
                _ride_first(job, work, label, node, at, entry)
                labels[label, LATER] = 1
                _queue(work, label, in_time(soonest, NEVER))
                continue
            for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
                _ride_first(job, work, label, node, at, entry)
            counters[SCANNED] += rules.entry_ptr[node + 1] - rules.entry_ptr[node]
    return NEVER


@part
def _queue(work: Work, label: int, key: int) -> None:
    heap_push(work.heap, work.counters[QUEUED], key, work.labels[label, DEPTH], label)
    work.counters[QUEUED] += 1


@part
def _reach_doors(job: Job, work: Work, label: int, node: int, at: int) -> None:
    goal = job.goal
    door = goal.node_door[node]
    while door >= 0:
        leaves = leaves_at(goal, door, at, job.query.not_before)
        if leaves < NEVER:
            _offer(job, work, GOAL, leaves + goal.doors[door, DRIVE_S], label, NONE, NONE, NONE, NONE, door)
        door = goal.doors[door, NEXT]


@part
def _ride_first(job: Job, work: Work, label: int, node: int, at: int, entry: int) -> None:
    """Ride an entry's first departure with room to each stop."""
    net, live, rules, query = job.net, job.live, job.rules, job.query
    need = max(at + rules.entries[entry, TENDER_S], query.known_at + rules.entries[entry, KNOWN_S])
    only, p = rules.entries[entry, ONLY], rules.entries[entry, POSITION]
    if only >= 0 and _is_late(job, work, only, rules.entries[entry, THERE], need + rules.entries[entry, RIDE_S]):
        return
    line, start, count = net.positions[p, LINE], net.positions[p, START], net.positions[p, TRIPS]
    top, overtake, free = net.positions[p, LAST], live.overtake[line], net.positions[p, PAIR] < 0
    in_order = overtake == 0 and (free or query.one_epoch == 1)  # the first to leave is the first to be there
    latest_s = min(query.deadline, query.depart_by) if rules.first_way[node] else query.deadline
    far, k, mark = p, first_from(live.search, rules.entries[entry], start, count, need), work.lines[line]
    for q in range(top - p + 1 if not in_order else 0):
        work.reached[q] = NEVER
    while k < count:
        work.counters[PROBED] += 1
        soonest = live.search[start + k] - overtake
        if soonest > latest_s or soonest >= work.counters[TARGET]:
            return
        if in_order and free and mark[LINE_RUN] == work.counters[RUN] and mark[LINE_TRIP] <= k and mark[LINE_FROM] <= p:
            return  # who boarded this line before, as early, has been everywhere
        if need <= live.departs[start + k] <= latest_s:
            far = max(far, _ride_on(job, work, label, entry, p, k, far if in_order else p, top))
            if in_order and far >= top:
                if free and (mark[LINE_RUN] != work.counters[RUN] or k <= mark[LINE_TRIP]):
                    mark[LINE_RUN], mark[LINE_TRIP], mark[LINE_FROM] = work.counters[RUN], k, p
                return
        if not in_order and query.one_epoch and all_reached(work.reached, p, top, soonest):
            return
        k += 1


@part
def _ride_on(job: Job, work: Work, label: int, entry: int, p: int, k: int, far: int, top: int) -> int:
    """Ride a trip while there is room and time, offering the stops beyond `far`. Returns the last stop reached."""
    net, live, query = job.net, job.live, job.query
    for q in range(p + 1, top + 1):
        segment = net.positions[q - 1, START] + k
        if not fits(net, live, query, q - 1, segment):
            return q - 1
        arrives = live.arrives[segment]
        if arrives >= work.counters[TARGET] or arrives > query.deadline:
            return top  # later trips are later still; where they are not, nobody looks at this return
        work.reached[q - p] = min(work.reached[q - p], arrives)
        node, facility = net.positions[q, NODE], net.positions[q, FACILITY]
        if q <= far or node < 0 or query.barred[facility]:
            continue
        pair = net.positions[p, PAIR]
        if pair >= 0:
            epoch = epoch_of_trip(net, job.rules, query, p, k)
            if (
                query.with_rates
                and price_of(job.money, query, job.rules.pairs[pair + q - p - 1, BREAKS], epoch) == NO_RATE
            ):
                continue
            if job.rules.pairs[pair + q - p - 1, CLEAR] >= 0:
                arrives += job.rules.clear_s[job.rules.pairs[pair + q - p - 1, CLEAR], epoch]
        _offer(job, work, node, arrives, label, p, q, k, entry, NONE)
    return top


@part
def _is_late(job: Job, work: Work, node: int, facility: int, soonest: int) -> bool:
    """True if being at a node from then on is of no use."""
    at_goal = soonest + job.bounds.time_s[facility]
    if at_goal > job.query.deadline or at_goal >= work.counters[TARGET]:
        return True
    row = work.nodes[node]
    return row[SEEN] == work.counters[RUN] and row[LEAST] <= soonest


@part
def _offer(
    job: Job, work: Work, node: int, at: int, parent: int, p: int, q: int, k: int, entry: int, door: int
) -> None:
    """Put being at a node at a time into the heap, if that is earlier than all that is known."""
    labels, counters, soonest = work.labels, work.counters, at
    if node == GOAL:
        if at > job.query.deadline or at >= counters[TARGET]:
            return
        counters[TARGET] = at
    else:
        facility = job.rules.node_facility[node]
        if parent != NONE:  # bounds hold for goods that a ride has brought
            if _is_late(job, work, node, facility, at):
                return
            soonest = soonest_at_goal(job, node, at)
            if soonest > job.query.deadline or soonest >= counters[TARGET]:
                return
        work.nodes[node, SEEN], work.nodes[node, LEAST] = counters[RUN], at
    new = counters[LABELS]
    if new == len(labels):
        counters[FULL] = 1
        return
    row = labels[new]
    row[AT_NODE], row[AT], row[2], row[PARENT], row[FROM], row[TO] = node, at, 0, parent, p, q
    row[TRIP], row[ENTRY], row[DOOR], row[LATER] = k, entry, door, 0
    row[DEPTH] = labels[parent, DEPTH] + (door == NONE) if parent != NONE else 0
    counters[LABELS] = new + 1
    _queue(work, new, in_time(soonest, at))
