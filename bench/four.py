"""Four criteria on the generated network: the engine, relaxed and exact, and the textbook's bags with the same model.

Each lane's CO2 is that of one kilogram. A connection's risk is read from a table by the delay class of the lane that
brought the goods and by slack: late as often as the network says, and then by an exponential time.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench import peers_python
from bench.generated import RISK_MICRO
from bench.network_case import Ask, Case, Engine
from bench.routed import BEGIN, WAYS, goal_of
from bench.table import Broken
from rookery.engines.eta.risk import made_ppm, risk_row
from rookery.engines.eta.spread import LEVELS, MASS, Spread
from rookery.engines.network.bags import exact, relaxed
from rookery.engines.network.bounds import bound_weight, bucket, price_edges
from rookery.engines.network.burdens import Burdens, weigh_edges
from rookery.engines.network.dominance import CO2, FULL, LATEST, RISK, Weighings, Work, make_work, weigh
from rookery.engines.network.rules import Bounds, Goal
from rookery.engines.network.snapshot import Longs
from rookery.engines.network.weighing import Relaxation, make_weighings
from rookery.engines.network.work import AT, COST, DEPTH, Job

T = TypeVar("T")
# By delay class: how late a late ride is in the mean (s). Assumed figures, as those of the generated network.
LATE_MEAN_S = (3_600, 7_200, 7_200, 14_400, 3_600, 5_400)
BUCKET_S, BUCKETS = 900, 120
WEEK_S = 604_800  # latest arrival after the goods are ready
LABELS, LABELS_MAX = 1 << 17, 1 << 21

End = tuple[int, int, int, int]  # arrival, cost, CO2 (mg per kg), risk


class Found(NamedTuple):
    """What a search has found: ends, earliest first; how many rides each plan has; the latest arrival looked for."""

    ends: list[End]
    rides: list[int]
    latest: int


def late(delay_class: int) -> Spread:
    """On time as often as the network says, else late by an exponential time; in the cells of a learned spread."""
    share = 1 - made_ppm(int(RISK_MICRO[delay_class])) / 1_000_000
    later = LATE_MEAN_S[delay_class] * np.log(share / (1 - LEVELS))
    return Spread(np.ceil(np.maximum(later, 0)).astype(np.int64), MASS)


def risk_table() -> NDArray[np.int32]:
    """[classes, buckets] as `Burdens.risk`: of the least slack in each bucket."""
    slacks_s = BUCKET_S * np.arange(BUCKETS, dtype=np.int64)
    return np.array([risk_row(slacks_s, late(delay_class)) for delay_class in range(len(LATE_MEAN_S))], np.int32)


@dataclass
class Four:
    """The engine by four criteria. What belongs to a goal or to a bucket of weights is kept from question to question.

    Searches by two criteria are asked of `two`, whose bounds it shares.
    """

    two: Engine
    relaxation: Relaxation = field(default_factory=Relaxation)
    _kept: dict[Hashable, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        routed = self.two.routed
        made, lanes = routed.made, len(routed.made.lane_from)
        self._risk, self._ptr = risk_table(), np.repeat(np.arange(lanes, dtype=np.int32), 2)
        self._edge_co2 = weigh_edges(routed.net, routed.rules, routed.reach, self._ptr, made.lane_co2_mg_kg)
        self._work: Work = make_work(routed.net, len(LATE_MEAN_S), LABELS)

    def relaxed(self, ask: Ask) -> list[End]:
        """Few plans that stand for all within a horizon."""
        return self.find_relaxed(ask).ends

    def find_relaxed(self, ask: Ask) -> Found:
        """The same with what belongs to it."""
        job = self._job(ask, ask.ready_s + WEEK_S)
        burdens, weighings = self._burdens(ask, job.goal), self.weighings(ask)
        return self._search(lambda work: relaxed(job, burdens, weighings, _starts(ask), work))

    def find_exact(self, ask: Ask, deadline: int) -> Found | None:
        """Every plan until a deadline that no other beats; None: more labels than LABELS_MAX."""
        job = self._job(ask, deadline)
        burdens = self._burdens(ask, job.goal)
        try:
            return self._search(lambda work: exact(job, burdens, _starts(ask), work))
        except MemoryError:
            return None

    def weighings(self, ask: Ask) -> Weighings:
        """The weighings of a question, with their bounds."""
        routed, key = self.two.routed, (bucket(ask.grams), bucket(ask.cm3))
        return self._get(
            ("weighings", ask.destination, key, self.relaxation),
            lambda: make_weighings(
                routed.reach, routed.rules, goal_of(routed.made, ask.destination), self._edges(key), self._edge_co2,
                self.relaxation,
            ),
        )  # fmt: skip

    def _search(self, search: Callable[[Work], int]) -> Found:
        """Raises MemoryError: there are too many labels."""
        count = search(self._work)
        while self._work.counters[FULL]:
            size = 4 * len(self._work.labels)
            if size > LABELS_MAX:
                raise MemoryError(f"{size:,} labels")
            self._work = make_work(self.two.routed.net, len(LATE_MEAN_S), size)
            count = search(self._work)
        rows = self._work.labels[self._work.found[:count]]
        ends = [tuple(row) for row in rows[:, [AT, COST, CO2, RISK]].tolist()]
        return Found(ends, rows[:, DEPTH].tolist(), int(self._work.counters[LATEST]))

    def _job(self, ask: Ask, deadline: int) -> Job:
        goal = self._get(("goal", ask.destination), lambda: goal_of(self.two.routed.made, ask.destination))
        bounds: Bounds = self._get(("bounds", *ask[1::2]), lambda: self.two.bounds(ask, goal))
        query = self.two.routed.query(ask.grams, ask.cm3, deadline)
        return self.two.routed.job(goal, bounds, query)

    def _burdens(self, ask: Ask, goal: Goal) -> Burdens:
        routed = self.two.routed
        least = self._get(
            ("co2", ask.destination), lambda: bound_weight(routed.reach, routed.rules, goal, self._edge_co2)
        )
        made = routed.made
        return Burdens(self._ptr, made.lane_co2_mg_kg, made.lane_delay_class, self._risk, BUCKET_S, least)

    def _edges(self, key: tuple[tuple[int, int], tuple[int, int]]) -> Longs:
        routed = self.two.routed
        return self._get(("edges", key), lambda: price_edges(routed.reach, routed.money, *key))

    def _get(self, key: Hashable, make: Callable[[], T]) -> T:
        found: T | None = self._kept.get(key)  # type: ignore[assignment]
        if found is None:
            found = make()
            self._kept[key] = found
        return found


def _starts(ask: Ask) -> Longs:
    return np.array([[WAYS * ask.origin + BEGIN, ask.ready_s, 0]], np.int64)


class Textbook:
    """Bags in plain Python, with the same departures, prices, CO2 and table of risks."""

    def __init__(self, case: Case, asks: list[Ask]):
        made, lanes = case.made, peers_python.make_lanes(case.made, case.dated, 1_000, case.usable)
        self._risk = peers_python.Slacks(risk_table().tolist(), BUCKET_S)
        self._lanes = {
            grams: peers_python.repriced(lanes, made, made.charge_minor(grams).tolist())
            for grams in {ask.grams for ask in asks}
        }

    def all(self, ask: Ask, deadline: int) -> list[End]:
        """Every plan until a deadline that no other beats."""
        return peers_python.bags_by_slack(self._lanes[ask.grams], self._risk, ask[:3], deadline)


def check_law(every: Found, few: Found, weighings: Weighings, relaxation: Relaxation) -> None:
    """That few plans stand for all within their horizon as `engines/network/bags.py` says.

    Raises  Broken: they do not
    """
    for end, rides in zip(every.ends, every.rides, strict=True):
        if end[0] > few.latest:
            continue
        for j in range(len(weighings.by)):
            most = weigh(weighings, j, *end[1:]) * (1 + 1 / relaxation.worse)
            most *= (1 + 1 / relaxation.share) ** (2 * rides + 2) if weighings.shares[j] else 1
            stands = (one for one in few.ends if one[0] <= end[0] + relaxation.late_s)
            if not any(weigh(weighings, j, *one[1:]) <= most for one in stands):
                raise Broken(f"no plan stands for {end} in weighing {j} among {few.ends}")
    within = [end for end in every.ends if end[0] <= few.latest]
    for k, what in enumerate(("arrival", "cost")):
        if min(one[k] for one in within) != min(one[k] for one in few.ends):
            raise Broken(f"least {what}: wanted that of {within}, found {few.ends}")
