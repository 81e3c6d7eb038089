"""Random small timetables for four criteria, and the slow obvious reference: every departure, every stop, recursion."""

import random
from dataclasses import dataclass
from functools import cache

import numpy as np

from rookery.engines.network.bounds import Reach, bound_cost, bound_time, bound_weight, draw_reach, price_edges
from rookery.engines.network.burdens import Burdens, weigh_edges
from rookery.engines.network.daily import bound_by_day, fold
from rookery.engines.network.money import FREE, UNKNOWN, Money
from rookery.engines.network.query import Query
from rookery.engines.network.rules import DWELLS, FEES, NO_WINDOW, Bounds, Goal, Rules, look_ahead
from rookery.engines.network.snapshot import (
    CLOSED,
    FACILITY,
    LAST,
    LINE,
    NEVER,
    NODE,
    START,
    TRIPS,
    Days,
    Live,
    Patterns,
    Snapshot,
    date,
    go_live,
    order_lines,
)  # fmt: skip
from rookery.engines.network.work import Job

FACILITIES, WAYS, CLASSES, BEGIN = 5, 3, 2, 2  # two ways in, and goods that begin there
HOUR, DAY = 3_600, 86_400
Plan = tuple[int, int, int, int]  # arrival, cost, CO2, risk


@dataclass(frozen=True)
class World:
    """A job from facility 0 to the last one, from instant 0, and what its parts are made of."""

    job: Job
    burdens: Burdens
    starts: np.ndarray
    reached: tuple[Reach, Rules, Goal, np.ndarray, np.ndarray]  # what weighings are made of


def ints(values: object) -> np.ndarray:
    return np.array(values, np.int32)


def random_world(seed: int, *, stays: bool = True, epochs: int = 1) -> World:
    """Two days of a few lines of two to four stops; full, closed and late departures; stays that cost or are cut."""
    chance = random.Random(seed)
    net = _lines(chance)
    live = go_live(net)
    for segment in range(len(live.free)):
        if chance.random() < 0.15:
            live.free[segment, 0] = chance.choice((CLOSED, 50))
    for line in range(len(live.overtake)):  # a trip is late, and may be overtaken
        p, late = int(np.flatnonzero(net.positions[:, LINE] == line)[0]), 600 * chance.randrange(20)
        if chance.random() < 0.3 and net.positions[p, TRIPS]:
            for q in range(p, net.positions[p, LAST]):
                live.departs[net.positions[q, START]] += late
                live.arrives[net.positions[q, START]] += late
    order_lines(net.positions, live.departs, live.arrives, live.search, live.overtake)
    rules, rides = _rules(chance, net, live, stays=stays, epochs=epochs)
    money = _money(chance, rides, epochs)
    door = np.where(np.arange(FACILITIES * WAYS) // WAYS == FACILITIES - 1, 0, -1).astype(np.int32)
    goal = Goal(
        door, ints([[600, 1_200, NO_WINDOW, 0, -1]]), np.full((1, epochs), 7, np.int64), np.zeros((0, 2), np.int32)
    )
    reach = draw_reach(net, live, rules)
    prices = price_edges(reach, money, (100, 100), (1, 1))
    co2_ptr, co2 = _rides(net), np.array([chance.choice((0, 10, 10, 25, 60)) for _ in range(rides)], np.int64)
    risk = ints([[90, 40, 40, 10, 10, 0], [chance.choice((200, 90)), 90, 70, 30, 20, 20]])
    lines, edge_co2 = len(live.overtake), weigh_edges(net, rules, reach, co2_ptr, co2)
    burdens = Burdens(
        co2_ptr, co2, ints([chance.randrange(CLASSES) for _ in range(lines)]), risk, HOUR,
        bound_weight(reach, rules, goal, edge_co2),
    )  # fmt: skip
    query = Query(
        np.array([100], np.int64), chance.choice((-NEVER, 5 * HOUR)), NEVER, 2 * DAY, 0, 100, 1, 64, 1, 1,
        int(epochs == 1), 0, np.zeros(FACILITIES, np.int8), np.full((rides, epochs), UNKNOWN, np.int64),
    )  # fmt: skip
    bounds = Bounds(bound_time(reach, rules, goal), bound_cost(reach, rules, goal, prices))
    if seed % 2:  # some are searched with bounds by time of day
        folded = fold(net, live, rules)
        bounds = bounds._replace(dial=folded.dial, after_s=bound_by_day(folded, rules, goal))
    starts = np.array([[BEGIN, 0, 3]], np.int64)
    job = Job(net, live, rules, money, goal, bounds, query)
    return World(job, burdens, starts, (reach, rules, goal, prices, edge_co2))


def _lines(chance: random.Random) -> Snapshot:
    line_ptr, variant_ptr, call_ptr = [0], [0], [0]
    facility: list[int] = []
    arrives: list[int] = []
    departs: list[int] = []
    days: list[int] = []
    for _ in range(chance.randrange(5, 12)):
        stops = chance.sample(range(FACILITIES), chance.choice((2, 2, 3, 4)))
        facility += stops
        line_ptr.append(len(facility))
        for _ in range(chance.randrange(1, 7)):
            days.append(chance.randrange(2))
            minute = 30 * chance.randrange(40)
            for _ in stops:
                arrives.append(minute)
                departs.append(minute + 10 * chance.randrange(3))
                minute = departs[-1] + 20 * chance.randrange(1, 12)
            call_ptr.append(len(arrives))
        variant_ptr.append(len(days))
    count = len(facility)
    line = np.repeat(np.arange(len(line_ptr) - 1), np.diff(line_ptr))
    patterns = Patterns(
        ints(line_ptr), ints(facility), ints([0] * count), ints(np.array(facility) * WAYS + line % 2),
        ints([-1] * count),
        np.full((count, 1), 1_000, np.int64), ints(variant_ptr), ints(days), ints([0] * len(days)),
        ints([9] * len(days)), ints(call_ptr), ints(arrives), ints(departs), FACILITIES, FACILITIES * WAYS,
    )  # fmt: skip
    midnight = ints([[DAY * day for day in range(12)]])
    is_open = np.eye(2, 4, dtype=np.int8)
    net = date(patterns, Days(0, 0, midnight, np.full_like(midnight, -1), np.zeros((1, 1440), np.int32), is_open))
    net.positions[:, 7] = _rides(net)  # a list of its own for each ride
    return net


def _rides(net: Snapshot) -> np.ndarray:
    """First ride of each position."""
    ahead = net.positions[:, LAST] - np.arange(len(net.positions))
    return (np.cumsum(ahead) - ahead).astype(np.int32)


def _rules(chance: random.Random, net: Snapshot, live: Live, *, stays: bool, epochs: int) -> tuple[Rules, int]:
    rides = int((net.positions[:, LAST] - np.arange(len(net.positions))).sum())
    ptr, entries, clocked = [0], [], []
    for node in range(FACILITIES * WAYS):
        kind = chance.choice((0, 0, FEES, DWELLS, FEES | DWELLS)) if stays and node % WAYS != BEGIN else 0
        for p in np.flatnonzero(net.positions[:, FACILITY] == node // WAYS):
            row, last = net.positions[p], net.positions[p, LAST]
            if p < last and row[TRIPS]:
                dwell = HOUR * chance.randrange(3, 15) if kind & DWELLS and chance.random() < 0.7 else 0
                fee = 0 if kind & FEES and chance.random() < 0.7 else -1
                spans = 600 * chance.randrange(4), 600 * chance.randrange(4)
                entries.append([p, *spans, dwell, fee])
        ptr.append(len(entries))
        clocked.append(kind)
    node = np.arange(FACILITIES * WAYS)
    pairs = np.stack((np.arange(rides), np.array([chance.choice((-1, 0)) for _ in range(rides)])), axis=1)
    pairs[[chance.random() < 0.1 for _ in range(rides)], 0] = FREE
    clear_s = np.array([[chance.choice((0, HOUR)) for _ in range(epochs)]])
    day_epoch = ints([0, epochs - 1, epochs - 1, epochs - 1])
    fees = ints(np.where(np.array(clocked) & FEES, 0, -1))
    boards = ints(entries).reshape(-1, 5)
    boards = np.concatenate((boards, look_ahead(net, live, ints(pairs), boards[:, 0])), axis=1)
    return Rules(
        ints(node // WAYS), ints(ptr), boards, (node % WAYS == BEGIN).astype(np.int8),
        np.array(clocked, np.int8), fees, ints(pairs), ints(clear_s), day_epoch, 0,
        int(any(kind & DWELLS for kind in clocked)),
    ), rides  # fmt: skip


def _money(chance: random.Random, rides: int, epochs: int) -> Money:
    breaks = np.tile(np.array([0, 1, 0, 0, 1_000_000_000, 0], np.int64), (rides, 1))
    base = np.array([1_000_000 * chance.choice((5, 10, 10, 30, 70)) for _ in range(rides)])
    rates = np.stack((base * 0, base, base * 0, base * 0), axis=1)
    exchange = np.array([[[1 + e, 1] for e in range(epochs)]], np.int64)
    fees = np.array([[80_000_000, 2 * HOUR, 0, 1_000_000]], np.int64)  # 8 minor units for 100 g and a day begun
    return Money(
        breaks, np.arange(rides + 1, dtype=np.int32), rates, np.ones((1, epochs), np.int8),
        np.zeros(epochs + 1, np.int32), np.zeros((0, 3), np.int64), exchange, fees,
    )  # fmt: skip


def best(plans: set[Plan]) -> list[Plan]:
    """Those that no other is as good as in everything."""
    return sorted(one for one in plans if not any(o != one and all(map(int.__le__, o, one)) for o in plans))


def slow(world: World) -> list[Plan]:
    """The Pareto set, by plain recursion: from one state the rest of the way is the same however it was reached."""
    net, live, rules, money, goal, _, query = world.job
    burdens, positions = world.burdens, net.positions.tolist()

    @cache
    def rest(node: int, came: int, at: int) -> list[Plan]:
        found: set[Plan] = set()
        if goal.node_door[node] >= 0 and at + 1_800 <= query.deadline:
            found.add((at + 1_800, 7, 0, 0))
        for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
            p, tender, known, dwell, fee_row = rules.entries[entry, :5].tolist()
            for k in range(positions[p][TRIPS]):
                leaves = int(live.departs[positions[p][START] + k])
                if leaves < max(at + tender, query.known_at + known) or (dwell and leaves > at + dwell):
                    continue
                epoch = int(rules.day_epoch[net.trip_day[net.trip_ptr[positions[p][LINE]] + k]])
                paid = leaves - at - 2 * HOUR if fee_row >= 0 else 0
                fee = 8 * -(-paid // DAY) * (1 + epoch) if paid > 0 else 0
                risk = 0 if came < 0 else int(burdens.risk[came, min((leaves - at - tender) // HOUR, 5)])
                for q in range(p + 1, positions[p][LAST] + 1):
                    segment = positions[q - 1][START] + k
                    if live.free[segment, 0] < 100:
                        break
                    ride = positions[p][7] + q - p - 1
                    ready = int(live.arrives[segment]) + (
                        int(rules.clear_s[0, epoch]) if rules.pairs[ride, 1] >= 0 else 0
                    )
                    if ready > query.deadline:
                        continue
                    price = 0 if rules.pairs[ride, 0] == FREE else int(money.rates[ride, 1]) // 1_000_000 * (1 + epoch)
                    co2 = int(burdens.co2_mg_kg[ride])
                    for arrives, cost, co2_on, risk_on in rest(
                        positions[q][NODE], int(burdens.delay_class[positions[p][LINE]]), ready
                    ):
                        found.add((arrives, cost + price + fee, co2_on + co2, risk_on + risk))
        return best(found)

    node, at, cost = world.starts[0].tolist()
    return [(arrives, more + cost, co2, risk) for arrives, more, co2, risk in rest(node, -1, at)]
