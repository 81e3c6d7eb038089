"""Every plan that no other beats in both arrival and cost, on a timetable with live room.

Labels leave a heap in order of arrival plus the least time still needed; at a node a label is then useful exactly
when it is cheaper than all before it (BOA*, Hernandez et al., ICAPS 2020). Three things break that order and are
taken as they are: a trip that overtakes another, a price that changes with the day, and a stay that costs or is
limited, where coming later can be better. A node of that last kind is *clocked*: labels there beat each other only
as far as the fee allows, and a ride to it is tried again by its next departure when a stay was charged or cut short.

Exact for: the first feasible departure by stop and epoch, all segments of a ride with room at once, fees and limits
of stay, cut-offs, borders, opening hours at the end. The number of legs is not compared, it only has a guard.
"""

from rookery.engines.kernel import lean, part
from rookery.engines.network.heap import heap_pop, heap_push, in_time
from rookery.engines.network.money import NO_RATE, stay_fee
from rookery.engines.network.offered import is_offered, list_offered
from rookery.engines.network.query import epoch_at, epoch_of_trip, first_from, fits, lead_fee, leaves_at, price_of
from rookery.engines.network.rules import (
    BREAKS,
    CLEAR,
    DRIVE_S,
    DWELL_S,
    FEE,
    KNOWN_S,
    LIST,
    NEXT,
    ONLY,
    POSITION,
    RIDE_S,
    TENDER_S,
    THERE,
)  # fmt: skip
from rookery.engines.network.snapshot import (
    FACILITY,
    LAST,
    LINE,
    NEVER,
    NODE,
    PAIR,
    START,
    TRIPS,
    UNLIMITED,
    Longs,
)  # fmt: skip
from rookery.engines.network.work import (
    AT,
    AT_NODE,
    BEATEN,
    CHARGED,
    CHEAP_AT,
    CHEAP_COST,
    COST,
    CUT,
    DEPTH,
    DOOR,
    ENTRY,
    FROM,
    FULL,
    GOAL,
    LABELS,
    LATER,
    LEAST,
    NEWEST,
    NONE,
    OLDER,
    PARENT,
    POPPED,
    PROBED,
    QUEUED,
    ROOT,
    RUN,
    SCANNED,
    SEEN,
    SOON_AT,
    SOON_COST,
    TARGET,
    TO,
    TRIP,
    TURNED,
    Job,
    Work,
    soonest_at_goal,
)  # fmt: skip


@lean
def pareto(job: Job, starts: Longs, work: Work) -> int:
    """Labels at the goal that no other beats in (arrival, cost), earliest first, as rows of `work.labels`.

    starts  [starts, 3] node, instant, cost
    Returns how many there are, in `work.found`; if `work` was too small, `counters[FULL]` is 1: try with a larger one.
    `counters[TURNED]` is 0 if no ride turned the load away: without regard to room, the answer is the same
    Ties    at equal arrival and cost the plan that is found first stands, a direct ride before others: always the same
    """
    rules, labels, counters = job.rules, work.labels, work.counters
    counters[: FULL + 1] = 0
    counters[TARGET] = UNLIMITED
    counters[RUN] += 1
    count = 0
    row = work.nodes[len(work.nodes) - 1]
    row[SOON_AT], row[SOON_COST], row[CHEAP_AT], row[CHEAP_COST] = NEVER, UNLIMITED, NEVER, UNLIMITED
    least = UNLIMITED
    for s in range(len(starts)):
        least = min(least, starts[s, 2] + job.bounds.cost[rules.node_facility[starts[s, 0]]])
        _is_beaten(job, work, starts[s, 0], 0, 0)
        _push(job, work, starts[s, 0], starts[s, 1], starts[s, 2], NONE, NONE, NONE, NONE, NONE, NONE)
    while counters[QUEUED] and not counters[FULL]:
        label = work.heap[0, 2]
        heap_pop(work.heap, counters[QUEUED])
        counters[QUEUED] -= 1
        cost, node = labels[label, COST], labels[label, AT_NODE]
        if node == GOAL:
            if cost < counters[TARGET]:
                counters[TARGET] = cost
                work.found[count] = label
                count += 1
                if cost <= least:
                    break  # nothing is cheaper
            continue
        if cost + job.bounds.cost[rules.node_facility[node]] >= counters[TARGET]:
            continue
        rival = _rival(job, work, node, labels[label, AT], cost)
        if rival != NONE:
            if rules.clocked[node] and labels[rival, LATER]:
                _try_later(job, work, label)
            elif rules.clocked[node]:  # should its rival have to come later, so has this one
                labels[label, OLDER], labels[rival, BEATEN] = labels[rival, BEATEN], label
            continue
        counters[POPPED] += 1
        labels[label, OLDER] = work.nodes[node, NEWEST]
        work.nodes[node, NEWEST], work.nodes[node, LEAST] = label, cost
        _expand(job, work, label, node)
    return count


@part
def _expand(job: Job, work: Work, label: int, node: int) -> None:
    """The ways on from a label: doors, and every lane that can be boarded."""
    rules, query, labels, goal = job.rules, job.query, work.labels, job.goal
    door = goal.node_door[node]
    while door >= 0:
        leaves = leaves_at(goal, door, labels[label, AT], query.not_before)
        arrives = leaves + goal.doors[door, DRIVE_S]
        if leaves < NEVER and arrives <= query.deadline:
            price = goal.price[door, epoch_at(rules, (job.net.epoch_s + leaves) // 86_400)]
            total = labels[label, COST] + price
            if total < work.counters[TARGET]:
                _push(job, work, GOAL, arrives, total, label, NONE, NONE, NONE, NONE, door)
        door = goal.doors[door, NEXT]
    if labels[label, DEPTH] >= query.legs_max:
        return
    met = 0
    for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
        met |= _board(job, work, label, entry, 0, NONE, NONE)
    work.counters[SCANNED] += rules.entry_ptr[node + 1] - rules.entry_ptr[node]
    if met and rules.clocked[node]:
        _try_later(job, work, label)


@part
def _try_later(job: Job, work: Work, label: int) -> None:
    """Offer the next departure of the ride by which goods came to a clocked node, where a stay was charged or cut."""
    labels = work.labels
    while not labels[label, LATER]:
        labels[label, LATER] = 1
        beaten, parent = labels[label, BEATEN], labels[label, PARENT]
        while beaten != NONE:
            _queue(job, work, beaten)
            beaten = labels[beaten, OLDER]
        if parent == NONE:
            return
        after, only, root = labels[label, TRIP] + 1, labels[label, TO], labels[label, ROOT]
        met = _board(job, work, parent, labels[label, ENTRY], after, only, root)
        if not met or not job.rules.clocked[labels[parent, AT_NODE]]:
            return
        label = parent


@part
def _rival(job: Job, work: Work, node: int, at: int, cost: int) -> int:
    """A label popped earlier at a node that is at least as good for everything that can follow, or NONE."""
    rules, labels = job.rules, work.labels
    other = work.nodes[node, NEWEST]
    if rules.clocked[node] == 0:
        return other if work.nodes[node, LEAST] <= cost else NONE
    while other != NONE:
        fee = lead_fee(rules, job.money, job.query, node, at - labels[other, AT])
        if labels[other, COST] + fee <= cost:
            return other
        other = labels[other, OLDER]
    return NONE


@part
def _is_beaten(job: Job, work: Work, node: int, at: int, cost: int) -> bool:
    """True if a label of an unclocked node is of no use: one popped, or one waiting, is as early and as cheap."""
    row = work.nodes[node]
    if row[SEEN] != work.counters[RUN]:
        row[SEEN], row[LEAST], row[NEWEST] = work.counters[RUN], UNLIMITED, NONE
        row[SOON_AT], row[SOON_COST], row[CHEAP_AT], row[CHEAP_COST] = NEVER, UNLIMITED, NEVER, UNLIMITED
    if job.rules.clocked[node]:
        return False
    return (
        row[LEAST] <= cost
        or (row[CHEAP_COST] <= cost and row[CHEAP_AT] <= at)
        or (row[SOON_COST] <= cost and row[SOON_AT] <= at)
    )


@part
def _board(job: Job, work: Work, label: int, entry: int, from_trip: int, only: int, root: int) -> int:
    """Offer the rides of an entry to a label, the first feasible to each stop; `only`: to that stop, NONE: to all.

    root  the first of those that were offered to it there before; NONE: none was
    Returns what the stay met: CHARGED, CUT, both or 0
    """
    net, live, rules, query, labels, reached = job.net, job.live, job.rules, job.query, work.labels, work.reached
    at, met, node = labels[label, AT], 0, labels[label, AT_NODE]
    need = max(at + rules.entries[entry, TENDER_S], query.known_at + rules.entries[entry, KNOWN_S])
    if _leads_nowhere(job, work, label, entry, need):
        return 0
    p = rules.entries[entry, POSITION]
    last, start = net.positions[p, LAST] if only == NONE else only, net.positions[p, START]
    count, overtake = net.positions[p, TRIPS], live.overtake[net.positions[p, LINE]]
    latest = min(query.deadline, query.depart_by) if rules.first_way[node] else query.deadline
    cut_at = at + rules.entries[entry, DWELL_S] if rules.entries[entry, DWELL_S] else NEVER
    fee_row, epoch, far, top = rules.entries[entry, FEE], NONE, p, last
    work.roots[: last - p + 1] = root
    k = max(from_trip, first_from(live.search, rules.entries[entry], start, count, need))
    while k < count:
        work.counters[PROBED] += 1
        soonest = live.search[start + k] - overtake  # nothing from here on leaves before
        if soonest > latest or soonest > cut_at:
            return met | CUT if soonest > cut_at else met
        leaves = live.departs[start + k]
        if leaves > cut_at:
            met |= CUT
        if need <= leaves <= min(latest, cut_at):
            of_day = epoch_of_trip(net, rules, query, p, k)
            if of_day != epoch:
                epoch, far, top = of_day, p, last
                for q in range(last - p + 1):
                    reached[q] = NEVER
            if overtake or far < top:
                fee = 0
                if fee_row >= 0:
                    fee = stay_fee(job.money.fees, job.money.exchange, fee_row, leaves - at, query.grams, epoch)
                    met |= CHARGED if fee else 0
                far, top = _ride(job, work, label, entry, k, only, top, epoch, fee, overtake)
        if query.one_epoch and far >= top and (overtake == 0 or all_reached(reached, p, top, soonest)):
            return met
        k += 1
    return met


@part
def all_reached(reached: Longs, p: int, top: int, soonest: int) -> bool:
    """True if no trip that leaves from `soonest` on can reach any stop up to `top` earlier than was offered."""
    for q in range(p + 1, top + 1):  # noqa: SIM110 - a generator is nothing to compile
        if reached[q - p] > soonest:
            return False
    return True


@part
def _leads_nowhere(job: Job, work: Work, label: int, entry: int, need: int) -> bool:
    """True if a ride to the only stop ahead is of no use whenever it leaves: spares the look at its departures."""
    rules, query, bounds = job.rules, job.query, job.bounds
    node = rules.entries[entry, ONLY]
    if node < 0:
        return False
    facility, total = rules.entries[entry, THERE], work.labels[label, COST]
    soonest = need + rules.entries[entry, RIDE_S]
    at_goal, at_cost = soonest + bounds.time_s[facility], total + bounds.cost[facility]
    if at_goal > query.deadline or at_cost >= work.counters[TARGET] or _is_outdone(work, at_goal, at_cost):
        return True
    if query.one_epoch:
        price = price_of(job.money, query, rules.entries[entry, LIST], query.epoch)
        if price == NO_RATE and query.with_rates:
            return True
        total, at_cost = total + max(price, 0), at_cost + max(price, 0)
    return (
        at_cost >= work.counters[TARGET]
        or _is_beaten(job, work, node, soonest, total)
        or _is_outdone(work, at_goal, at_cost)
    )


@part
def _is_outdone(work: Work, at: int, cost: int) -> bool:
    """True if a plan that waits in the heap is there as early and as cheaply."""
    row = work.nodes[len(work.nodes) - 1]
    return (row[CHEAP_COST] <= cost and row[CHEAP_AT] <= at) or (row[SOON_COST] <= cost and row[SOON_AT] <= at)


@part
def _ride(
    job: Job, work: Work, label: int, entry: int, k: int, only: int, top: int, epoch: int, fee: int, overtake: int
) -> tuple[int, int]:
    """Ride a trip as far as there is room and time, and offer each stop that no trip before has reached as early.

    Returns the last stop reached, and the last stop that any trip can still reach in time
    """
    net, live, query, reached = job.net, job.live, job.query, work.reached
    p = job.rules.entries[entry, POSITION]
    for q in range(p + 1, top + 1):
        segment = net.positions[q - 1, START] + k
        if not fits(net, live, query, q - 1, segment):
            work.counters[TURNED] = 1
            return q - 1, top
        arrives = live.arrives[segment]
        if arrives > query.deadline:
            return q - 1, q - 1 if overtake == 0 else top
        if (arrives < reached[q - p] or (fee and overtake)) and (only == NONE or q == only):
            reached[q - p] = min(arrives, reached[q - p])
            _alight(job, work, label, entry, k, q, arrives, epoch, fee)
    return top, top


@part
def _alight(job: Job, work: Work, label: int, entry: int, k: int, q: int, arrives: int, epoch: int, fee: int) -> None:
    """Put what a ride leads to into the heap, unless it is of no use."""
    net, rules, query, labels = job.net, job.rules, job.query, work.labels
    node, facility, p = net.positions[q, NODE], net.positions[q, FACILITY], rules.entries[entry, POSITION]
    total = labels[label, COST] + fee
    if node < 0 or query.barred[facility] or total + job.bounds.cost[facility] >= work.counters[TARGET]:
        return
    pair, ready = net.positions[p, PAIR], arrives
    if pair >= 0:
        row, clear = rules.pairs[pair + q - p - 1, BREAKS], rules.pairs[pair + q - p - 1, CLEAR]
        if clear >= 0:
            ready += rules.clear_s[clear, epoch]
        price = price_of(job.money, query, row, epoch)
        if price == NO_RATE and query.with_rates:
            return
        total += max(price, 0)
    if total + job.bounds.cost[facility] >= work.counters[TARGET] or _is_beaten(job, work, node, ready, total):
        return
    soonest = soonest_at_goal(job, node, ready)
    if soonest > query.deadline or _is_outdone(work, soonest, total + job.bounds.cost[facility]):
        return
    if rules.clocked[node] and is_offered(work, work.roots[q - p], k):
        return
    _push(job, work, node, ready, total, label, p, q, k, entry, NONE)
    if rules.clocked[node] and not work.counters[FULL]:
        list_offered(work, q - p)


@part
def _push(
    job: Job, work: Work, node: int, at: int, cost: int, parent: int, p: int, q: int, k: int, entry: int, door: int
) -> None:
    labels, counters = work.labels, work.counters
    new = counters[LABELS]
    if new == len(labels):
        counters[FULL] = 1
        return
    row = labels[new]
    row[AT_NODE], row[AT], row[COST], row[PARENT] = node, at, cost, parent
    row[FROM], row[TO], row[TRIP], row[ENTRY], row[DOOR] = p, q, k, entry, door
    row[DEPTH] = labels[parent, DEPTH] + (door == NONE) if parent != NONE else 0
    row[OLDER], row[LATER], row[BEATEN] = NONE, 0, NONE
    known = work.nodes[node]  # of the goal, -1: the last row
    if node == GOAL or job.rules.clocked[node] == 0:
        if at < known[SOON_AT] or (at == known[SOON_AT] and cost < known[SOON_COST]):
            known[SOON_AT], known[SOON_COST] = at, cost
        if cost < known[CHEAP_COST] or (cost == known[CHEAP_COST] and at < known[CHEAP_AT]):
            known[CHEAP_AT], known[CHEAP_COST] = at, cost
    counters[LABELS] = new + 1
    _queue(job, work, new)


@part
def _queue(job: Job, work: Work, label: int) -> None:
    """Put a label into the heap, unless it is too late for the rest of the way."""
    row, size = work.labels[label], work.counters[QUEUED]
    node, soonest = row[AT_NODE], row[AT]
    if node != GOAL and row[PARENT] != NONE:  # bounds hold for goods that a ride has brought
        soonest = soonest_at_goal(job, node, row[AT])
    if soonest <= job.query.deadline:
        heap_push(work.heap, size, in_time(soonest, row[AT]), (row[COST] << 8) | row[DEPTH], label)
        work.counters[QUEUED] = size + 1
