"""The generated network as the route engine reads it."""

from dataclasses import dataclass

import numpy as np

from bench.generated import BREAK_BASE, BREAK_G, Generated
from rookery.engines.network.bounds import Reach, draw_reach
from rookery.engines.network.money import UNKNOWN, Money
from rookery.engines.network.query import Query
from rookery.engines.network.rules import NO_WINDOW, ONLY, Bounds, Goal, Rules, look_ahead
from rookery.engines.network.snapshot import NEVER, Days, Live, Patterns, Snapshot, date, go_live
from rookery.engines.network.work import Job, Work, make_work

WAYS = 4  # into a facility: truck, rail, flight, and goods that begin there
BEGIN = 3
MICRO = 1_000_000


def patterns_of(made: Generated) -> Patterns:
    """Each lane is a line of two stops, each weekly departure a variant on one weekday."""
    lanes, facilities = len(made.lane_from), len(made.level)
    count = 2 * lanes
    facility = np.stack((made.lane_from, made.lane_to), axis=1).reshape(-1)
    node = np.stack((np.full(lanes, -1), WAYS * made.lane_to + made.lane_mode), axis=1).reshape(-1)
    pair = np.stack((np.arange(lanes), np.full(lanes, -1)), axis=1).reshape(-1)
    limits = np.full((count, 2), 1 << 62, np.int64)
    limits[::2, 0], limits[::2, 1] = made.load_g[made.lane_start[:-1]], made.cube_cm3[made.lane_start[:-1]]
    variants = len(made.start_min)
    day, minute = np.divmod(made.start_min, 1440)
    calls = np.zeros((variants, 2, 2), np.int32)
    calls[:, 0, 1], calls[:, 1, 0] = minute, minute + made.ride_min
    ints = lambda array: np.ascontiguousarray(array, np.int32)  # noqa: E731
    return Patterns(
        line_ptr=ints(np.arange(0, count + 1, 2)), facility=ints(facility), zone=ints(np.zeros(count)), node=ints(node),
        pair=ints(pair), limits=limits, variant_ptr=ints(made.lane_start), calendar=ints(day),
        first=ints(np.zeros(variants)), last=ints(np.full(variants, 10_000)),
        call_ptr=ints(np.arange(variants + 1) * 2),
        arrives=ints(calls[:, :, 0].reshape(-1)), departs=ints(calls[:, :, 1].reshape(-1)),
        facility_count=facilities, node_count=WAYS * facilities,
    )  # fmt: skip


def days_of(weeks: int) -> Days:
    """So many weeks in UTC from a Monday on."""
    days = 7 * weeks
    midnight = (86_400 * np.arange(days + 60, dtype=np.int32))[None, :]
    is_open = (np.arange(days)[None, :] % 7 == np.arange(7)[:, None]).astype(np.int8)
    odd = np.full(midnight.shape, -1, np.int32)
    return Days(0, 0, midnight, odd, np.zeros((1, 1440), np.int32), is_open)


def money_of(made: Generated) -> Money:
    """A list of five breaks for each lane."""
    lanes, breaks = len(made.lane_from), len(BREAK_G)
    table = np.tile(np.array([0, 1, 0, 0, 1_000_000_000, 0], np.int64), (lanes, 1))
    rates = np.empty((lanes, breaks, 4), np.int64)
    rates[:, :, 0], rates[:, :, 1] = BREAK_G, BREAK_BASE * MICRO
    rates[:, :, 2], rates[:, :, 3] = made.lane_rate_micro, made.lane_minimum_minor[:, None] * MICRO
    one = np.ones((1, 1, 2), np.int64)
    return Money(
        table, np.arange(0, breaks * lanes + 1, breaks, dtype=np.int32), rates.reshape(-1, 4), np.ones((1, 1), np.int8),
        np.zeros(2, np.int32), np.zeros((0, 3), np.int64), one, np.zeros((0, 4), np.int64),
    )  # fmt: skip


def rules_of(made: Generated, net: Snapshot, live: Live, days: int) -> Rules:
    """Every node boards every lane of its facility, after handling and before the cut-off."""
    facilities, lanes = len(made.level), len(made.lane_from)
    order = np.argsort(made.lane_from, kind="stable")
    at = made.lane_from[order]
    counts = np.bincount(at, minlength=facilities)
    entry_ptr = np.concatenate(([0], np.cumsum(np.repeat(counts, WAYS)))).astype(np.int32)
    entries = np.zeros((entry_ptr[-1], 11), np.int32)
    entries[:, 4] = -1
    first = np.concatenate(([0], np.cumsum(counts)))
    within = np.arange(lanes) - first[at]
    for way in range(WAYS):
        rows = entry_ptr[WAYS * at + way] + within
        entries[rows, 0] = 2 * order
        handled = made.handling_s[at, way, made.lane_mode[order]] if way < BEGIN else 0
        entries[rows, 1] = handled + made.lane_cutoff_s[order]
    nodes = WAYS * facilities
    way_of = np.arange(nodes) % WAYS
    pairs = np.stack((np.arange(lanes), np.full(lanes, -1)), axis=1).astype(np.int32)
    entries[:, ONLY:] = look_ahead(net, live, pairs, entries[:, 0])
    return Rules(
        (np.arange(nodes) // WAYS).astype(np.int32), entry_ptr, entries, (way_of == BEGIN).astype(np.int8),
        np.zeros(nodes, np.int8), np.full(nodes, -1, np.int32), pairs, np.zeros((1, 1), np.int32),
        np.zeros(days, np.int32), 0, 0,
    )  # fmt: skip


def goal_of(made: Generated, facility: int) -> Goal:
    """A facility as a goal."""
    door = np.full(WAYS * len(made.level), -1, np.int32)
    door[WAYS * facility : WAYS * facility + WAYS] = 0
    doors = np.array([[0, 0, NO_WINDOW, 0, -1]], np.int32)
    return Goal(door, doors, np.zeros((1, 1), np.int64), np.zeros((0, 2), np.int32))


@dataclass
class Routed:
    """A generated network ready for searches."""

    made: Generated
    net: Snapshot
    live: Live
    rules: Rules
    money: Money
    reach: Reach
    work: Work

    def __post_init__(self) -> None:
        self.barred = np.zeros(len(self.made.level), np.int8)

    def query(self, grams: int, cm3: int, deadline: int, *, priced: bool = True) -> Query:
        """What is asked of a search; without prices where it asks for none."""
        return Query(
            need=np.array([grams, cm3], np.int64), known_at=-NEVER, depart_by=NEVER, deadline=deadline,
            not_before=-NEVER, grams=grams, cm3=cm3, legs_max=64, with_room=1, with_rates=int(priced), one_epoch=1,
            epoch=0, barred=self.barred, memo=np.full((len(self.money.breaks) if priced else 0, 1), UNKNOWN, np.int64),
        )  # fmt: skip

    def job(self, goal: Goal, bounds: Bounds, query: Query) -> Job:
        return Job(self.net, self.live, self.rules, self.money, goal, bounds, query)


def ready(made: Generated, weeks: int = 3) -> Routed:
    """Compile a generated network."""
    net = date(patterns_of(made), days_of(weeks))
    live = go_live(net)
    rules = rules_of(made, net, live, 7 * weeks)
    return Routed(made, net, live, rules, money_of(made), draw_reach(net, live, rules), make_work(net, 1 << 17))
