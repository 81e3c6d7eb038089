"""Arrivals of real trunk legs are foretold as well as the page about them says."""

from pathlib import Path

import numpy as np
import pytest
from bench.delhivery import first_test_day, read_trunk

from bench import eta


@pytest.mark.shared
def test_real_legs_are_foretold_within_35_minutes_and_3_points(shared: Path) -> None:
    trunk = read_trunk(shared / "data" / "delhivery")
    test = trunk.day >= first_test_day()
    assert test.sum() == 2_027
    rolling = eta.roll(trunk)
    found = {
        "fixed": eta.score(trunk, eta.fixed(trunk), test),
        "by day": eta.score(trunk, rolling, test),
        "by day, all": eta.score(trunk, rolling, np.ones(len(test), np.bool_)),
    }
    for name, scores in found.items():
        assert scores.mae_min <= 33.0, f"{name}: {scores}"
        assert scores.worst_points <= 3.0, f"{name}: {scores}"
    best = min(eta.score_peer(trunk, name, test).mae_min for name in ("M1_lookup", "M2_tabular", "M3_graph"))
    assert found["fixed"].mae_min < best


@pytest.mark.shared
def test_what_comes_later_changes_no_forecast_of_real_legs(shared: Path) -> None:
    """The peers' columns are in no forecast, and neither is a leg of the day itself or after it."""
    trunk = read_trunk(shared / "data" / "delhivery")
    before = eta.fixed(trunk)
    trunk.legs.actual_s[trunk.day >= first_test_day()] *= 7
    for column in trunk.said.values():
        column *= 3
    assert eta.fixed(trunk).tobytes() == before.tobytes()
