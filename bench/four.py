"""Four criteria on the generated network: what each ride burdens, how it is weighed, and random questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.generated import RISK_MICRO, STATION
from bench.routed import BEGIN, WAYS, Routed, goal_of
from rookery.engines.eta.risk import connection_risk, made_ppm, risk_micro
from rookery.engines.eta.spread import LEVELS, MASS, Spread
from rookery.engines.network.bounds import bound_weight, bucket, price_edges
from rookery.engines.network.burdens import Burdens, weigh_edges
from rookery.engines.network.dominance import Weighings
from rookery.engines.network.weighing import Relaxation, make_weighings
from rookery.engines.network.work import Job

# By delay class: how late a late ride is in the mean (s). Assumed figures, as those of the generated network.
LATE_MEAN_S = (3_600, 7_200, 7_200, 14_400, 3_600, 5_400)
BUCKET_S, BUCKETS = 900, 120
WEEK_S = 604_800
CM3_PER_G = 4


class Asked(NamedTuple):
    """A question with bounds ready made, as they are kept between questions."""

    job: Job
    burdens: Burdens
    weighings: Weighings
    starts: NDArray[np.int64]


def late(delay_class: int) -> Spread:
    """On time as often as the network says, else late by an exponential time; in the cells of a learned spread."""
    share = 1 - made_ppm(int(RISK_MICRO[delay_class])) / 1_000_000
    later = LATE_MEAN_S[delay_class] * np.log(share / (1 - LEVELS))
    return Spread(np.ceil(np.maximum(later, 0)).astype(np.int64), MASS)


def risk_table() -> NDArray[np.int32]:
    """[classes, buckets] as `Burdens.risk`: of the least slack in each bucket."""
    spreads = [late(delay_class) for delay_class in range(len(LATE_MEAN_S))]
    rows = [[risk_micro(connection_risk(BUCKET_S * i, one)) for i in range(BUCKETS)] for one in spreads]
    return np.array(rows, np.int32)


@dataclass(frozen=True, slots=True)
class Asker:
    """Random questions from station to station."""

    routed: Routed
    relaxation: Relaxation

    def questions(self, count: int, seed: int) -> Iterator[Asked]:
        """Ready within a week, 200 g to 100 kg by rising logarithm, within seven days."""
        made, routed, chance = self.routed.made, self.routed, np.random.default_rng(seed)
        stations, risk = np.flatnonzero(made.level == STATION), risk_table()
        lanes = np.repeat(np.arange(len(made.lane_from), dtype=np.int32), 2)
        edge_co2 = weigh_edges(routed.net, routed.rules, routed.reach, lanes, made.lane_co2_mg_kg)
        for _ in range(count):
            origin, destination = chance.choice(stations, 2, replace=False).tolist()
            ready_s, grams = int(chance.integers(WEEK_S)), int(np.exp(chance.uniform(np.log(200), np.log(100_000))))
            goal = goal_of(made, destination)
            bounds = routed.bounds(goal, grams, CM3_PER_G * grams)
            edge_price = price_edges(routed.reach, routed.money, bucket(grams), bucket(CM3_PER_G * grams))
            weighings = make_weighings(routed.reach, routed.rules, goal, edge_price, edge_co2, self.relaxation)
            least_co2 = bound_weight(routed.reach, routed.rules, goal, edge_co2)
            burdens = Burdens(lanes, made.lane_co2_mg_kg, made.lane_delay_class, risk, BUCKET_S, least_co2)
            query = routed.query(grams, CM3_PER_G * grams, ready_s + WEEK_S)
            starts = np.array([[WAYS * origin + BEGIN, ready_s, 0]], np.int64)
            yield Asked(routed.job(goal, bounds, query), burdens, weighings, starts)
