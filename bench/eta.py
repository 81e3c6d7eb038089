"""How well arrivals are foretold: real trunk legs against what others forecast of the same rows, and a plan's cost.

Coverage is one-sided: the share of legs that took no longer than the quantile said.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.delhivery import (
    PEER_QUANTILES,
    PEERS,
    Trunk,
    ended_by,
    find_data,
    first_test_day,
    forecast,
    known_at,
    read_trunk,
)
from bench.table import Row, machine, report
from rookery.engines.eta.arrive import LegTimes, PlanTimes, arrive
from rookery.engines.eta.learn import Learned
from rookery.engines.eta.prior import MODES
from rookery.engines.eta.spread import MASS

MAE_MAX, POINTS_MAX = 35.0, 3.0
LEVELS = tuple(PEER_QUANTILES)
HOUR_S, RUNS, PLANS = 3_600, 5, 200
ABSENT = "skipped: wanted ../shared/data/delhivery, found none; set ROOKERY_SHARED to the shared folder"
PLANNED = "planned driving time of a road map"

Floats = NDArray[np.float64]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Scores:
    """Of a set of legs: mean absolute error in minutes of the middle, coverage in percent at each of LEVELS."""

    legs: int
    mae_min: float
    coverage: tuple[float, ...]

    @property
    def worst_points(self) -> float:
        return max(abs(found - 100 * level) for found, level in zip(self.coverage, LEVELS, strict=True))


def main() -> None:
    """Run, print, write; without the files the table says so."""
    about, folder = machine(), find_data()
    if folder is None:
        report("eta", about, [Row("real trunk legs", None, "", note=ABSENT)], "Minutes of real trunk legs: skipped")
        return
    trunk = read_trunk(folder)
    test = trunk.day >= first_test_day()
    every = np.ones(len(test), np.bool_)
    rolling = roll(trunk)
    rows = [
        *_rows("fixed", score(trunk, fixed(trunk), test)),
        *_rows("by day", score(trunk, rolling, test)),
        *_rows("by day, all six days", score(trunk, rolling, every)),
        *_peer_rows(trunk, test),
        *_cost_rows(trunk),
    ]
    title = (
        f"Minutes of {int(test.sum()):,} real trunk legs from 2018-10-01 on, learned from corridors and earlier legs"
    )
    report("eta", about, rows, title)


def fixed(trunk: Trunk) -> Floats:
    """Forecasts of the test legs from what had ended when the first test day began; other rows are 0."""
    out = np.zeros((len(trunk.day), len(MASS)))
    test = trunk.day >= first_test_day()
    out[test] = forecast(trunk, known_at(trunk, first_test_day()), test)
    return out


def roll(trunk: Trunk) -> Floats:
    """Forecasts of every leg from what had ended when its day began."""
    out = np.zeros((len(trunk.day), len(MASS)))
    for day in np.unique(trunk.day).tolist():
        out[trunk.day == day] = forecast(trunk, known_at(trunk, day), trunk.day == day)
    return out


def score(trunk: Trunk, forecasts: Floats, rows: NDArray[np.bool_]) -> Scores:
    """How these rows came out."""
    reached = np.cumsum(MASS)
    at = {level: forecasts[rows, np.searchsorted(reached, level - 1e-9)] for level in LEVELS}
    return _scores(trunk.actual_min[rows], at[0.5], at)


def score_peer(trunk: Trunk, name: str, rows: NDArray[np.bool_]) -> Scores:
    """How a column of the file came out; its quantiles belong to all."""
    quantiles = {level: trunk.said[column][rows] for level, column in PEER_QUANTILES.items()}
    return _scores(trunk.actual_min[rows], trunk.said[name][rows], quantiles)


def _scores(actual: Floats, middle: Floats, quantiles: dict[float, Floats]) -> Scores:
    coverage = tuple(100 * float(np.mean(actual <= quantiles[level])) for level in LEVELS)
    return Scores(len(actual), float(np.mean(np.abs(actual - middle))), coverage)


def _rows(name: str, found: Scores) -> list[Row]:
    legs = f"{found.legs:,} legs"
    covered = [
        Row(f"{name}: legs within the {level:.0%} quantile", value, "%", target=_target(value, level), note=legs)
        for level, value in zip(LEVELS, found.coverage, strict=True)
    ]
    return [Row(f"{name}: mean absolute error", found.mae_min, "min", target=f"<= {MAE_MAX}", note=legs), *covered]


def _target(value: float, level: float) -> str:
    """The side of the allowed band that is nearer."""
    wanted = 100 * level
    return f"<= {wanted + POINTS_MAX:.0f}" if value >= wanted else f">= {wanted - POINTS_MAX:.0f}"


def _peer_rows(trunk: Trunk, test: NDArray[np.bool_]) -> list[Row]:
    """The columns of the file on the same rows; nothing is wanted of them."""
    rows = [
        Row(f"the file's {name}: mean absolute error", score_peer(trunk, name, test).mae_min, "min",
            note=PLANNED if name == "M0_osrm" else "")
        for name in (*PEERS, "q50")
    ]  # fmt: skip
    covered = score_peer(trunk, "q50", test).coverage
    return rows + [
        Row(f"the file's {PEER_QUANTILES[level]}: legs within it", value, "%")
        for level, value in zip(LEVELS, covered, strict=True)
    ]


def _cost_rows(trunk: Trunk) -> list[Row]:
    learned, learn_s = _timed(lambda: known_at(trunk, first_test_day()))
    road = MODES.index("road")
    _, spread_s = _timed(lambda: [learned.spread(lane, 1, road, 2 * HOUR_S) for lane in range(PLANS)])
    plan = _plan(learned)
    arrival, arrive_s = _timed(lambda: [arrive(plan) for _ in range(PLANS)])
    made = ", ".join(f"{p:.2f}" for p in arrival[0].made)
    return [
        Row("learning, with the choice of trust", 1000 * learn_s, "ms", note=_learned_from(trunk)),
        Row("a spread", 1e6 * spread_s / PLANS, "us"),
        Row("a plan of five legs, six departures each", 1000 * arrive_s / PLANS, "ms", target="< 1",
            note=f"best of {RUNS}; planned departures made with {made}"),
    ]  # fmt: skip


def _learned_from(trunk: Trunk) -> str:
    return f"{len(ended_by(trunk, first_test_day()).lane):,} legs and {len(trunk.earlier.lane):,} corridors"


def _timed(run: Callable[[], Found]) -> tuple[Found, float]:
    """What a run gives, and the least seconds of several; the first compiles and is not counted."""
    run()
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        out = run()
        took.append(time.perf_counter() - began)
    return out, min(took)


def _plan(learned: Learned) -> PlanTimes:
    handling = learned.spread(-1, -1, MODES.index("transfer"), HOUR_S).later(HOUR_S)
    legs, at = [], 0
    for ride_s, every_s in ((2, 6), (10, 24), (4, 8), (2, 12), (3, 24)):
        departs = at + 3 * HOUR_S + every_s * HOUR_S * np.arange(6)
        delay = learned.spread(-1, -1, MODES.index("air"), ride_s * HOUR_S)
        legs.append(LegTimes(departs, departs + ride_s * HOUR_S, HOUR_S // 2, handling, delay))
        at = int(departs[0]) + ride_s * HOUR_S
    return PlanTimes(0, tuple(legs), handling)


if __name__ == "__main__":
    main()
