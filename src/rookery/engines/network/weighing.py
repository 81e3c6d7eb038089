"""How cost, CO2 and risk become one number: weighings that hold for a network, a goal and loads of one bucket."""

from typing import NamedTuple

import numpy as np

from rookery.engines.network.bounds import Reach, bound_weight
from rookery.engines.network.dominance import BY_CO2, BY_COST, WEIGHINGS_MAX, Weighings
from rookery.engines.network.rules import Goal, Rules
from rookery.engines.network.snapshot import UNLIMITED, Longs

SCALES = 1 << 10, 1 << 20  # what a minor unit may weigh: as little as will do, because small numbers divide faster
LEAST = 64  # at least what a mg of CO2 per kg and a millionth of risk should weigh: rounded, they are off by 1 %
POINT_MICRO = 10_050  # -ln 0.99: one more in a hundred plans misses a connection


class Relaxation(NamedTuple):
    """By how much few plans may be worse than all; what a caller sets.

    tastes    pairs: how much the CO2 of a mean ride counts against its price, and a point of risk against that price.
              (0, 0) is cost alone, and has to be first
    share     twice at each ride and twice at the goal a plan may weigh more by one part in so many; 0: never.
              Cost alone never does
    late_s    of two plans that weigh about the same, one may stand for the other if it arrives at most so much later
    worse     and weighs at most one part in so many more
    horizon_percent, horizon_s   see `Weighings`
    """

    tastes: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 0.1))
    share: int = 20
    late_s: int = 1_800
    worse: int = 20
    horizon_percent: int = 250
    horizon_s: int = 86_400


def make_weighings(
    reach: Reach, rules: Rules, goal: Goal, edge_price: Longs, edge_co2: Longs, relaxation: Relaxation
) -> Weighings:
    """Weighings with their bounds to a goal.

    edge_price  as of `price_edges`: the least price along each edge for the loads of a bucket
    edge_co2    as of `weigh_edges`
    Raises      ValueError: cost alone is not first, or there are too many tastes
    Cost        a search backwards for each taste; keep them as bounds are kept
    """
    tastes = relaxation.tastes
    if not tastes or tastes[0] != (0.0, 0.0) or len(tastes) > WEIGHINGS_MAX:
        raise ValueError(f"tastes: wanted (0, 0) first and at most {WEIGHINGS_MAX}, found {tastes}")
    real = edge_price < UNLIMITED
    co2 = max(1, int(edge_co2[real].sum()) // max(1, int(real.sum())))
    price = int(edge_price[real].sum()) // max(1, int(real.sum())) or co2  # where nothing is priced, CO2 is the measure
    parts = np.array([[1.0, a * price / co2, b * price / POINT_MICRO] for a, b in tastes])
    by = (parts * np.clip(LEAST / parts[parts > 0].min(), *SCALES)).astype(np.int64)
    least = np.zeros((len(reach.into_ptr) - 1, len(tastes)), np.int64)
    for j in range(len(tastes)):
        weight = by[j, BY_COST] * np.where(real, edge_price, 0) + by[j, BY_CO2] * np.where(real, edge_co2, 0)
        least[:, j] = bound_weight(reach, rules, goal, np.where(real, weight, UNLIMITED))
    shares = np.array([0 if taste == (0.0, 0.0) else relaxation.share for taste in tastes], np.int64)
    risky = sum(1 << j for j, (_, risk) in enumerate(tastes) if risk)
    return Weighings(
        by, least, shares, risky, relaxation.late_s, relaxation.worse, relaxation.horizon_percent, relaxation.horizon_s
    )
