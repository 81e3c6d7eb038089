"""The generated network, asked: by the engine with bounds kept or made anew, by plain Python, and questions by chance.

Room. A share of the dated departures is full. In the engine's arrays it has no gram left; the peers leave it out.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

from bench import peers_python
from bench.generated import DAY_MIN, STATION, WEEK_MIN, Departures, Generated, marked
from bench.race import RUNS
from bench.routed import BEGIN, WAYS, Routed, goal_of, ready
from rookery.engines.network.bounds import bound_cost, bound_time, bucket, price_edges
from rookery.engines.network.daily import bound_by_day, fold
from rookery.engines.network.earliest import earliest
from rookery.engines.network.links import Flags, Links, Rides, build_links
from rookery.engines.network.pareto import pareto
from rookery.engines.network.query import Query
from rookery.engines.network.rules import Bounds, Goal, Rules
from rookery.engines.network.snapshot import NEVER, Ints, Live, Longs, Snapshot
from rookery.engines.network.work import AT, COST, FULL, Job, Work, make_work

T = TypeVar("T")
WEEKS = 3
DAY_S = 60 * DAY_MIN
HORIZON_S = 14 * DAY_S  # latest arrival after the goods are ready
FULL_SEED, ASK_SEED = 7, 11
OCTAVES = range(7, 18)  # of weights: from 128 g to 262 kg, each octave as often
NEVER_THERE = -1
CM3_PER_G = 4  # 250 kg per cubic metre


class Ask(NamedTuple):
    """Goods of so much, ready at an origin then, wanted at a destination."""

    origin: int
    destination: int
    ready_s: int
    grams: int

    @property
    def cm3(self) -> int:
        return CM3_PER_G * self.grams


def draw_asks(made: Generated, count: int, seed: int = ASK_SEED) -> list[Ask]:
    """Questions between two stations, ready in the first week. The same on every machine."""
    stations = np.flatnonzero(made.level == STATION)
    raw = np.random.PCG64(seed).random_raw(5 * count).reshape(count, 5) >> np.uint64(11)
    asks = []
    for origin, further, minute, octave, rest in raw.tolist():
        a = origin % len(stations)
        b = (a + 1 + further % (len(stations) - 1)) % len(stations)
        low = 1 << OCTAVES[octave % len(OCTAVES)]
        asks.append(Ask(int(stations[a]), int(stations[b]), 60 * (minute % WEEK_MIN), low + rest % low))
    return asks


def segments_of(net: Snapshot, dated: Departures) -> Longs:
    """The segment of each dated departure, -1 where it leaves after the window. Lines of two stops: trip = segment."""
    days = int(net.trip_day.max()) + 1
    segment = np.full((int(dated.weekly.max()) + 1, days), -1, np.int64)
    segment[net.trip_variant, net.trip_day] = np.arange(len(net.trip_day))
    day = dated.depart_s // DAY_S
    return np.where(day < days, segment[dated.weekly, np.minimum(day, days - 1)], -1)


def take_room(net: Snapshot, live: Live, dated: Departures, full: Flags) -> None:
    """Leave no room on these departures."""
    segment = segments_of(net, dated)[full]
    live.free[segment[segment >= 0], 0] = 0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked. `raced`: questions that the slow peers answer as well; `asked`: those of the tails."""

    facilities: int = 2_000
    large: int = 20_000
    raced: int = 20
    asked: int = 1_000
    runs: int = RUNS
    densities: tuple[str, ...] = ("normal", "sparse", "dense")
    whole: bool = True  # with real data and whole commands


QUICK = Size(facilities=200, large=300, raced=4, asked=20, runs=2, densities=("dense",), whole=False)


@dataclass
class Case:
    """A generated network, its window, and which of its dated departures have room."""

    made: Generated
    routed: Routed
    dated: Departures
    usable: Flags

    @classmethod
    def of(cls, made: Generated, *, full: float = 0.0, weeks: int = WEEKS) -> "Case":
        routed, dated = ready(made, weeks), made.weeks(weeks)
        usable = ~marked(len(dated.lane), full, FULL_SEED)
        take_room(routed.net, routed.live, dated, ~usable)
        return cls(made, routed, dated, usable)

    def links(self) -> Links:
        """The dated rides as a graph, as lane tables and libraries read them."""
        dated = self.dated
        none = np.full(len(dated.lane), -1, np.int32)
        ways = (dated.from_facility, dated.to_facility, dated.mode, dated.mode)
        rides = Rides(*ways, dated.tender_s, dated.arrive_s, dated.arrive_s, none)
        return build_links(rides, self.made.handling_s)


def kept_by_day(
    get: Callable[[Hashable, Callable[[], Any]], Any], net: Snapshot, rules: Rules, to: int, goal: Goal, bounds: Bounds
) -> Bounds:
    """Bounds to a goal with those by time of day; `get` keeps the folded timetable, and the table of each goal."""
    folded = get("folded", lambda: fold(net, rules))
    after_s = get(("by day", to), lambda: bound_by_day(folded, rules, goal))
    return bounds._replace(dial=folded.dial, after_s=after_s)


@dataclass
class Engine:
    """The engine as a caller has it: goals and bounds are kept from question to question, or made anew for each.

    Bounds of time are kept by goal, prices of edges by bucket of weights, bounds of cost by both. Bounds by time of
    day take longer to make than a question to answer, so that they are for those who keep them.
    """

    routed: Routed
    keeps: bool
    by_day: bool = True
    _kept: dict[Hashable, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._free = np.zeros(len(self.routed.made.level), np.int64)  # bounds of cost that bound nothing

    def earliest(self, ask: Ask) -> int:
        """The earliest arrival; -1 for none. It reads no bounds of cost."""
        goal = self._goal(ask.destination)
        bounds = self._by_day(ask.destination, goal, Bounds(self._time(ask.destination, goal), self._free))
        query = self.routed.query(ask.grams, ask.cm3, ask.ready_s + HORIZON_S, priced=False)
        found = self._search(earliest, self.routed.job(goal, bounds, query), ask)
        return NEVER_THERE if found == NEVER else found

    def plans(self, ask: Ask) -> list[tuple[int, int]]:
        """All (arrival, cost) that no other plan beats in both, by arrival."""
        goal = self._goal(ask.destination)
        count = self._search(pareto, self.routed.job(goal, self.bounds(ask, goal), self._query(ask)), ask)
        rows = self.routed.work.labels[self.routed.work.found[:count]]
        return list(zip(rows[:, AT].tolist(), rows[:, COST].tolist(), strict=True))

    def _search(self, kernel: Callable[[Job, Longs, Work], int], job: Job, ask: Ask) -> int:
        """What a search says, with eight times the room to work in while it was too small."""
        found = kernel(job, _starts(ask), self.routed.work)
        while self.routed.work.counters[FULL]:
            self.routed.work = make_work(self.routed.net, 8 * len(self.routed.work.labels))
            found = kernel(job, _starts(ask), self.routed.work)
        return found

    def _query(self, ask: Ask) -> Query:
        return self.routed.query(ask.grams, ask.cm3, ask.ready_s + HORIZON_S)

    def _time(self, to: int, goal: Goal) -> Ints:
        return self._get(("time", to), lambda: bound_time(self.routed.reach, self.routed.rules, goal))

    def bounds(self, ask: Ask, goal: Goal) -> Bounds:
        """Bounds of time and cost to a goal."""
        routed, to = self.routed, ask.destination
        grams, cm3 = bucket(ask.grams), bucket(ask.cm3)
        edges = self._get(("edges", grams, cm3), lambda: price_edges(routed.reach, routed.money, grams, cm3))
        cost = self._get(("cost", to, grams, cm3), lambda: bound_cost(routed.reach, routed.rules, goal, edges))
        return self._by_day(to, goal, Bounds(self._time(to, goal), cost))

    def _by_day(self, to: int, goal: Goal, bounds: Bounds) -> Bounds:
        if not (self.keeps and self.by_day):
            return bounds
        return kept_by_day(self._get, self.routed.net, self.routed.rules, to, goal, bounds)

    def kept_mb(self) -> float:
        """Megabytes of the bounds that are kept."""
        return sum(one.nbytes for one in self._kept.values() if isinstance(one, np.ndarray)) / 1e6

    def _goal(self, facility: int) -> Goal:
        return self._get(("goal", facility), lambda: goal_of(self.routed.made, facility))

    def _get(self, key: Hashable, make: Callable[[], T]) -> T:
        found: T | None = self._kept.get(key)  # type: ignore[assignment]
        if found is None:
            found = make()
            if self.keeps:
                self._kept[key] = found
        return found


def _starts(ask: Ask) -> Longs:
    return np.array([[WAYS * ask.origin + BEGIN, ask.ready_s, 0]], np.int64)


class Plain:
    """Plain Python over lanes. Lanes priced for a weight are ready beforehand, bounds too where they are kept."""

    def __init__(self, case: Case, asks: list[Ask]):
        self._made = case.made
        lanes = peers_python.make_lanes(case.made, case.dated, 1_000, case.usable)
        self._lanes = {grams: self._priced(lanes, grams) for grams in {ask.grams for ask in asks}}
        self._any = lanes
        self._bounds = {
            (ask.destination, ask.grams): peers_python.make_bounds(self._lanes[ask.grams], ask.destination)
            for ask in asks
        }

    def _priced(self, lanes: peers_python.Lanes, grams: int) -> peers_python.Lanes:
        price = iter(self._made.charge_minor(grams).tolist())
        out: list[list[peers_python.Lane]] = [[] for _ in lanes.out]
        for start in self._made.lane_from.tolist():
            lane = lanes.out[start][len(out[start])]
            out[start].append(lane._replace(add=(next(price), *lane.add[1:])))
        return peers_python.Lanes(out, lanes.handling_s, lanes.usable)

    def earliest(self, ask: Ask) -> int:
        """The earliest arrival; -1 for none."""
        return peers_python.earliest(self._any, ask.origin, ask.destination, ask.ready_s)

    def plans(self, ask: Ask) -> list[tuple[int, int]]:
        """All (arrival, cost), with bounds that were ready."""
        bounds = self._bounds[ask.destination, ask.grams]
        return peers_python.useful(self._lanes[ask.grams], bounds, ask.origin, ask.destination, ask.ready_s)

    def plans_blind(self, ask: Ask) -> list[tuple[int, int]]:
        """All (arrival, cost), without bounds."""
        none = [0] * len(self._any.out)
        bounds = peers_python.Bounds(none, none)
        return peers_python.useful(self._lanes[ask.grams], bounds, ask.origin, ask.destination, ask.ready_s)

    def plans_anew(self, ask: Ask) -> list[tuple[int, int]]:
        """All (arrival, cost), with bounds made for this question."""
        bounds = peers_python.make_bounds(self._lanes[ask.grams], ask.destination)
        return peers_python.useful(self._lanes[ask.grams], bounds, ask.origin, ask.destination, ask.ready_s)
