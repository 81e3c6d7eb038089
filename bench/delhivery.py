"""Real trunk legs of a parcel carrier, read for the benchmark: planned and actual minutes, and what others forecast.

A lane is a pair of centres, an operator is the kind of transport (its trucks run by two: full truck, carting), the
planned time is the driving time that a road map gives. Nothing else of the files is used for a forecast.
"""

import csv
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.table import ROOT
from rookery.engines.eta.learn import Coming, Earlier, History, Learned, learn
from rookery.engines.eta.prior import MODES
from rookery.units import DAY_S, MINUTE_S

TEST_DAY = "2018-10-01"
PEERS = ("M0_osrm", "M1_lookup", "M2_tabular", "M3_graph")  # M3_leaky looks into the future
PEER_QUANTILES = {0.5: "q50", 0.8: "q80", 0.9: "q90"}
KINDS = ("Carting", "FTL")
EPOCH = dt.datetime(1970, 1, 1)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trunk:
    """All legs in the order of the file, what is known from before them, and what others said of each, in minutes."""

    legs: History
    earlier: Earlier
    said: dict[str, Floats]

    @property
    def actual_min(self) -> Floats:
        return self.legs.actual_s / MINUTE_S

    @property
    def day(self) -> Ints:
        return self.legs.began_at // DAY_S


def find_data() -> Path | None:
    """The folder of the files, or None."""
    folder = Path(os.environ.get("ROOKERY_SHARED", ROOT.parent / "shared")) / "data" / "delhivery"
    return folder if (folder / "legs.csv").is_file() else None


def read_trunk(folder: Path) -> Trunk:
    """The legs and the corridors of an earlier period."""
    legs, corridors = (_read_rows(folder / name) for name in ("legs.csv", "corridors.csv"))
    pairs = [(row["source_center"], row["destination_center"]) for row in (*corridors, *legs)]
    lanes = {pair: n for n, pair in enumerate(dict.fromkeys(pairs))}
    lane = np.array([lanes[pair] for pair in pairs], np.int64)
    return Trunk(
        legs=History(
            lane[len(corridors) :], _kinds(legs, "route_type"), _road(legs),
            np.array([_instant(row["od_start_time"]) for row in legs], np.int64),
            _seconds(legs, "osrm_time"), _seconds(legs, "actual_time"),
        ),
        earlier=Earlier(
            lane[: len(corridors)], _kinds(corridors, "major_route_type"), _road(corridors),
            np.array([int(row["n_legs"]) for row in corridors], np.int64),
            _seconds(corridors, "median_osrm_min"), _seconds(corridors, "median_actual_min"),
        ),
        said={name: _floats(legs, name) for name in (*PEERS, *PEER_QUANTILES.values())},
    )  # fmt: skip


def known_at(trunk: Trunk, day: int) -> Learned:
    """What could be learned when a day began: the corridors, and the legs that had ended by then."""
    return learn(ended_by(trunk, day), trunk.earlier)


def ended_by(trunk: Trunk, day: int) -> History:
    """The legs that had ended when a day began."""
    ended = trunk.legs.began_at + trunk.legs.actual_s <= day * DAY_S
    return History(*(getattr(trunk.legs, name)[ended] for name in History.__slots__))


def forecast(trunk: Trunk, learned: Learned, rows: Mask) -> Floats:
    """Minutes of these legs at each of spread.LEVELS."""
    coming = Coming(*(getattr(trunk.legs, name)[rows] for name in Coming.__slots__))
    return (learned.delays(coming) + coming.planned_s[:, None]) / MINUTE_S


def first_test_day() -> int:
    """Its number since 1970."""
    return (dt.datetime.fromisoformat(TEST_DAY) - EPOCH).days


def _read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _instant(text: str) -> int:
    return int((dt.datetime.fromisoformat(text) - EPOCH).total_seconds())


def _floats(rows: list[dict[str, str]], name: str) -> Floats:
    return np.array([float(row[name]) for row in rows])


def _seconds(rows: list[dict[str, str]], name: str) -> Ints:
    return np.round(_floats(rows, name) * MINUTE_S).astype(np.int64)


def _kinds(rows: list[dict[str, str]], name: str) -> Ints:
    return np.array([KINDS.index(row[name]) for row in rows], np.int64)


def _road(rows: list[dict[str, str]]) -> Ints:
    return np.full(len(rows), MODES.index("road"), np.int64)
