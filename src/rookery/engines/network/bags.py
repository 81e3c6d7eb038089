"""Every plan that no other beats in arrival, cost, CO2 and risk; or few of them that stand for the others.

The model. Criteria are arrival; cost in minor units; CO2 in mg per kg of load; risk in millionths of -ln P(no
connection is missed). The first ride has no risk. That of each later one depends on its slack (departure less the
incoming arrival and what boarding takes at the least) and on the delay class of the line that brought the goods, so
that labels compare only within (facility, way in, delay class). A later departure may be the better one: all are
candidates until waiting longer lowers no risk, or the horizon. Drives to a door count no CO2 and no risk. Fees and
limits of stay, room, hours and epochs are those of `pareto.py`; at a clocked node every departure is offered.

Relaxed: cost, CO2 and risk are weighed in a few ways (`Weighings`, made from what `Relaxation` says), and for each
way the front of arrival against weight is searched, all in one pass.
    Law  for each plan of n rides in the exact set and within the horizon, and for each weighing, there is a plan among
         those found that arrives no later and weighs at most (1 + 1/share)**(2n + 2) as much, and one among those
         returned that arrives at most `late_s` after it and weighs at most 1 + 1/worse times what that one does;
         cost alone knows no share
    Law  the earliest arrival and, within the horizon, the least cost are among those returned, exactly
Both follow from how labels are left out: at each ride's end and at the goal for one that waits in the heap, and that
one for one that has left it; each time for one that is as early and weighs as little, up to that share.

Source: BOA* (Hernandez et al., ICAPS 2020) for each weighing; NAMOA*dr (Pulido et al., 2015) for bags without time.
"""

from rookery.engines.kernel import lean, part
from rookery.engines.network.burdens import NO_CLASS, Burdens, least_risk, risk_of
from rookery.engines.network.dominance import (
    CLASS,
    CO2,
    FULL,
    LABELS,
    LATEST,
    MASK,
    OLDER,
    POPPED,
    PROBED,
    QUEUED,
    RISK,
    RUN,
    SCANNED,
    UNWEIGHED,
    Quest,
    Weighings,
    Work,
    open_slot,
    put,
    slot_of,
    useful,
    wait,
)  # fmt: skip
from rookery.engines.network.heap import heap_pop, heap_push, in_time, soonest_of
from rookery.engines.network.money import NO_RATE, stay_fee
from rookery.engines.network.query import epoch_at, first_from, fits, leaves_at, price_of
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
)  # fmt: skip
from rookery.engines.network.snapshot import FACILITY, LAST, LINE, NEVER, NODE, PAIR, START, TRIPS, Longs
from rookery.engines.network.thin import thin
from rookery.engines.network.work import (
    AT,
    AT_NODE,
    COST,
    DEPTH,
    DOOR,
    ENTRY,
    FROM,
    GOAL,
    NONE,
    PARENT,
    TO,
    TRIP,
    Job,
    soonest_at_goal,
)  # fmt: skip


def exact(job: Job, burdens: Burdens, starts: Longs, work: Work) -> int:
    """Every plan within the deadline that no other is as good as in arrival, cost, CO2 and risk: see `bags`."""
    return bags(Quest(job, burdens, UNWEIGHED), starts, work)


def relaxed(job: Job, burdens: Burdens, weighings: Weighings, starts: Longs, work: Work) -> int:
    """Few plans that stand for all others within a horizon, up to what `Relaxation` says: see `bags`."""
    return bags(Quest(job, burdens, weighings), starts, work)


@lean
def bags(quest: Quest, starts: Longs, work: Work) -> int:
    """How many plans there are. Their labels at the goal stand in `work.found`, earliest first: rows of `work.labels`.

    starts  [starts, 3] node, instant, cost
    Returns 0 if there is no plan; if `work` was too small, `counters[FULL]` is 1: try with a larger one
    Ties    of plans that are equal in all criteria the one with fewer legs stands, then the one found first
    """
    labels, counters = work.labels, work.counters
    run = counters[RUN] + 1
    counters[:] = 0
    counters[RUN], counters[LATEST] = run, quest.job.query.deadline
    open_slot(quest, work, len(work.slots) - 1)
    count, every = 0, (1 << max(1, len(quest.weighings.by))) - 1
    for s in range(len(starts)):
        _push(
            quest, work, starts[s, 0], starts[s, 1], starts[s, 2], 0, 0, NO_CLASS, every, NONE, NONE, NONE, NONE, NONE,
            NONE,
        )  # fmt: skip
    while counters[QUEUED] and not counters[FULL]:
        if soonest_of(work.heap[0, 0]) > counters[LATEST]:
            break
        label = work.heap[0, 2]
        heap_pop(work.heap, counters[QUEUED])
        counters[QUEUED] -= 1
        row = labels[label]
        node = row[AT_NODE]
        slot = slot_of(quest, node, row[CLASS])
        mask = useful(quest, work, slot, node, row[AT], row[COST], row[CO2], row[RISK], row[MASK], 0)
        if not mask:
            continue
        counters[POPPED] += 1
        row[MASK] = mask
        put(quest, work, slot, label)
        if node == GOAL:
            if count == 0 and quest.weighings.horizon_percent:
                begun = NEVER
                for s in range(len(starts)):
                    begun = min(begun, starts[s, 1])
                longest = (row[AT] - begun) * quest.weighings.horizon_percent // 100 + quest.weighings.horizon_s
                counters[LATEST] = min(counters[LATEST], begun + longest)
            work.found[count] = label
            count += 1
        else:
            _expand(quest, work, label, node)
    return thin(quest, work, count) if len(quest.weighings.by) else count


@part
def _expand(quest: Quest, work: Work, label: int, node: int) -> None:
    """The ways on from a label: doors, and every lane that can be boarded."""
    job, row = quest.job, work.labels[label]
    rules, query, goal = job.rules, job.query, job.goal
    door = goal.node_door[node]
    while door >= 0:
        leaves = leaves_at(goal, door, row[AT], query.not_before)
        arrives = leaves + goal.doors[door, DRIVE_S]
        if leaves < NEVER and arrives <= work.counters[LATEST]:
            total = row[COST] + goal.price[door, epoch_at(rules, (job.net.epoch_s + leaves) // 86_400)]
            _push(
                quest, work, GOAL, arrives, total, row[CO2], row[RISK], NO_CLASS, row[MASK], label, NONE, NONE, NONE,
                NONE, door,
            )  # fmt: skip
        door = goal.doors[door, NEXT]
    if row[DEPTH] < query.legs_max:
        for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
            _board(quest, work, label, entry)
        work.counters[SCANNED] += rules.entry_ptr[node + 1] - rules.entry_ptr[node]


@part
def _board(quest: Quest, work: Work, label: int, entry: int) -> None:
    """Offer the rides of an entry to a label: by every departure, until none that follows can be better."""
    job, row = quest.job, work.labels[label]
    net, live, rules, query, reached = job.net, job.live, job.rules, job.query, work.reached
    p, at, came = rules.entries[entry, POSITION], row[AT], row[CLASS]
    last, start = net.positions[p, LAST], net.positions[p, START]
    count, overtake = net.positions[p, TRIPS], live.overtake[net.positions[p, LINE]]
    tendered = at + rules.entries[entry, TENDER_S]
    need = max(tendered, query.known_at + rules.entries[entry, KNOWN_S])
    floor, mask = least_risk(quest.burdens, came), row[MASK]
    if rules.entries[entry, ONLY] >= 0:
        mask = _leads_on(quest, work, label, entry, need, floor)
        if not mask:
            return
    latest = min(work.counters[LATEST], query.depart_by) if rules.first_way[row[AT_NODE]] else work.counters[LATEST]
    if rules.entries[entry, DWELL_S]:
        latest = min(latest, at + rules.entries[entry, DWELL_S])
    by_risk = came != NO_CLASS and mask & quest.weighings.risky != 0
    clock = _leads_to_clock(job, entry, p, last)
    fee_row, epoch, far, top, level = rules.entries[entry, FEE], NONE, p, last, -1
    for k in range(first_from(live.search, rules.entries[entry], start, count, need), count):
        work.counters[PROBED] += 1
        soonest = live.search[start + k] - overtake  # nothing from here on leaves before
        if soonest > latest:
            return
        leaves = live.departs[start + k]
        if need <= leaves <= latest:
            of_day = query.epoch
            if not query.one_epoch:
                of_day = epoch_at(rules, net.trip_day[net.trip_ptr[net.positions[p, LINE]] + k])
            risk = risk_of(quest.burdens, came, leaves - tendered)
            if of_day != epoch or clock or (by_risk and risk != level):
                for q in range(last - p + 1):
                    reached[0, q] = NEVER
                    if of_day != epoch or clock:
                        reached[1, q] = NEVER
                epoch, level, far, top = of_day, risk, p, last
            if overtake or far < top:
                fee = 0
                if fee_row >= 0:
                    fee = stay_fee(job.money.fees, job.money.exchange, fee_row, leaves - at, query.grams, epoch)
                far, top = _ride(quest, work, label, entry, k, top, epoch, fee, risk, mask)
        last_risk = query.one_epoch and not clock and (level == floor or not by_risk)
        if last_risk and far >= top and (overtake == 0 or _all_reached(reached, p, top, soonest)):
            return


@part
def _leads_to_clock(job: Job, entry: int, p: int, last: int) -> bool:
    """True if a ride may end at a clocked node, where coming later can be better."""
    only = job.rules.entries[entry, ONLY]
    if only >= 0:
        return job.rules.clocked[only] != 0
    for q in range(p + 1, last + 1):
        node = job.net.positions[q, NODE]
        if node >= 0 and job.rules.clocked[node]:
            return True
    return False


@part
def _all_reached(reached: Longs, p: int, top: int, soonest: int) -> bool:
    """True if no trip that leaves from `soonest` on can reach any stop up to `top` earlier than was offered."""
    for q in range(p + 1, top + 1):  # noqa: SIM110 - a generator is nothing to compile
        if reached[0, q - p] > soonest:
            return False
    return True


@part
def _leads_on(quest: Quest, work: Work, label: int, entry: int, need: int, floor: int) -> int:
    """The weighings for which a ride to the only stop ahead can be of use: spares the look at its departures."""
    job, row = quest.job, work.labels[label]
    rules, query, node, p = job.rules, job.query, job.rules.entries[entry, ONLY], job.rules.entries[entry, POSITION]
    facility, price = rules.node_facility[node], 0
    if (
        need + rules.entries[entry, RIDE_S] + job.bounds.time_s[facility] > work.counters[LATEST]
        or query.barred[facility]
    ):
        return 0
    if query.one_epoch:
        price = price_of(job.money, query, rules.entries[entry, LIST], query.epoch)
        if price == NO_RATE and query.with_rates:
            return 0
        price = max(price, 0)
    slot = slot_of(quest, node, quest.burdens.delay_class[job.net.positions[p, LINE]])
    co2 = row[CO2] + quest.burdens.co2_mg_kg[quest.burdens.co2_ptr[p]]
    at = need + rules.entries[entry, RIDE_S]
    return useful(quest, work, slot, node, at, row[COST] + price, co2, row[RISK] + floor, row[MASK], 1)


@part
def _ride(
    quest: Quest, work: Work, label: int, entry: int, k: int, top: int, epoch: int, fee: int, risk: int, mask: int
) -> tuple[int, int]:
    """Ride a trip as far as there is room and time, and offer each stop that no trip before has reached as early.

    Returns the last stop reached, and the last stop that any trip can still reach in time
    """
    net, live, query, reached = quest.job.net, quest.job.live, quest.job.query, work.reached
    p = quest.job.rules.entries[entry, POSITION]
    overtake = live.overtake[net.positions[p, LINE]]
    for q in range(p + 1, top + 1):
        segment = net.positions[q - 1, START] + k
        if not fits(net, live, query, q - 1, segment):
            return q - 1, top
        arrives = live.arrives[segment]
        if arrives > work.counters[LATEST]:
            return q - 1, q - 1 if overtake == 0 else top
        if arrives < reached[0, q - p] or (fee and overtake):
            bits = mask if arrives < reached[1, q - p] or (fee and overtake) else mask & quest.weighings.risky
            reached[0, q - p] = min(arrives, reached[0, q - p])
            reached[1, q - p] = min(arrives, reached[1, q - p])
            _alight(quest, work, label, entry, k, q, arrives, epoch, fee, risk, bits)
    return top, top


@part
def _alight(
    quest: Quest, work: Work, label: int, entry: int, k: int, q: int, arrives: int, epoch: int, fee: int, risk: int,
    mask: int,
) -> None:  # fmt: skip
    """Put what a ride leads to into the heap, unless it is of no use."""
    job, burdens, row = quest.job, quest.burdens, work.labels[label]
    net, rules, query, p = job.net, job.rules, job.query, job.rules.entries[entry, POSITION]
    node, facility = net.positions[q, NODE], net.positions[q, FACILITY]
    if node < 0 or query.barred[facility]:
        return
    pair, ready, cost = net.positions[p, PAIR], arrives, row[COST] + fee
    if pair >= 0:
        clear = rules.pairs[pair + q - p - 1, CLEAR]
        if clear >= 0:
            ready += rules.clear_s[clear, epoch]
        price = price_of(job.money, query, rules.pairs[pair + q - p - 1, BREAKS], epoch)
        if price == NO_RATE and query.with_rates:
            return
        cost += max(price, 0)
    if ready + job.bounds.time_s[facility] > work.counters[LATEST]:
        return
    came, co2 = (
        burdens.delay_class[net.positions[p, LINE]],
        row[CO2] + burdens.co2_mg_kg[burdens.co2_ptr[p] + q - p - 1],
    )
    mask = useful(quest, work, slot_of(quest, node, came), node, ready, cost, co2, row[RISK] + risk, mask, 1)
    if mask:
        _push(quest, work, node, ready, cost, co2, row[RISK] + risk, came, mask, label, p, q, k, entry, NONE)


@part
def _push(
    quest: Quest, work: Work, node: int, at: int, cost: int, co2: int, risk: int, came: int, mask: int, parent: int,
    p: int, q: int, k: int, entry: int, door: int,
) -> None:  # fmt: skip
    labels, counters = work.labels, work.counters
    new, size = counters[LABELS], counters[QUEUED]
    if new == len(labels):
        counters[FULL] = 1
        return
    soonest = at
    if node != GOAL and parent != NONE:  # bounds hold for goods that a ride has brought
        soonest = soonest_at_goal(quest.job, node, at)
    if soonest > work.counters[LATEST]:
        return
    row = labels[new]
    row[AT_NODE], row[AT], row[COST], row[PARENT] = node, at, cost, parent
    row[FROM], row[TO], row[TRIP], row[ENTRY], row[DOOR] = p, q, k, entry, door
    row[DEPTH] = labels[parent, DEPTH] + (door == NONE) if parent != NONE else 0
    row[CO2], row[RISK], row[CLASS], row[MASK], row[OLDER] = co2, risk, came, mask, NONE
    counters[LABELS], counters[QUEUED] = new + 1, size + 1
    wait(quest, work, slot_of(quest, node, came), row)
    heap_push(
        work.heap, size, in_time(soonest, at), ((cost + co2 + risk) << 8) | row[DEPTH], new
    )  # what beats another leaves first
