"""Spreads, what is blended from them, and risks, from simplest to hardest.

A: a spread   B: blending   C: risk   D: laws on random spreads
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.engines.eta.prior import KNOTS, PRIORS
from rookery.engines.eta.risk import PPM, RISK_MAX, connection_risk, made_ppm, risk_micro, risk_row
from rookery.engines.eta.spread import LEVELS, MASS, Spread, blend, empirical, point

seconds = st.lists(st.integers(-5_000, 50_000), min_size=1, max_size=30)
ratios = st.lists(st.floats(-3, 3), min_size=0, max_size=60)


def parent_of(values: list[float]) -> np.ndarray:
    """Levels as a pool has them: rising."""
    return np.sort(np.resize(np.array(values or [0.0]), len(LEVELS)))


# --- A: a spread


def test_a01_a_point_is_what_it_is() -> None:
    assert (point(60).quantile(0.01), point(60).quantile(1.0)) == (60, 60)
    assert (point(60).by(59), point(60).by(60)) == (0.0, 1.0)


def test_a02_quantiles_are_values_and_by_counts_what_is_no_later() -> None:
    four = empirical(np.array([30, -10, 20, 20]))
    assert [four.quantile(p) for p in (0, 0.25, 0.26, 0.75, 0.76, 1)] == [-10, -10, 20, 20, 30, 30]
    assert [four.by(at) for at in (-11, -10, 20, 29, 30)] == [0, 0.25, 0.75, 0.75, 1]
    assert four.later(5).values_s.tolist() == [-5, 25, 25, 35]


@pytest.mark.parametrize(
    ("values", "mass", "why"),
    [([], [], "as many masses"), ([1], [0.5, 0.5], "as many masses"), ([2, 1], [0.5, 0.5], "rising"),
     ([1, 2], [0.5, 0.4], "sum 1"), ([1, 2], [1.5, -0.5], "sum 1")],
)  # fmt: skip
def test_a03_what_is_no_distribution_is_refused(values: list[int], mass: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Spread(np.array(values, np.int64), np.array(mass))


def test_a04_cells_of_learned_spreads_are_a_distribution_with_fine_ends() -> None:
    assert abs(MASS.sum() - 1) < 1e-12 and np.all(np.diff(LEVELS) > 0)
    assert LEVELS[0] < 0.001 and LEVELS[-1] > 0.999 and MASS.max() < 0.0101


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.mode)
def test_a05_every_prior_rises_and_says_where_it_comes_from(prior: object) -> None:
    assert len(prior.ratio) == len(KNOTS) and sorted(prior.ratio) == list(prior.ratio)  # type: ignore[attr-defined]
    assert "assumed" in prior.source and prior.fixed_s >= 0  # type: ignore[attr-defined]
    assert np.all(np.diff(prior.levels()) >= 0)  # type: ignore[attr-defined]


# --- B: blending


def test_b01_what_was_seen_pulls_the_parent_by_its_number() -> None:
    parent = np.zeros(len(LEVELS))
    seen = np.full(10, 1.0)
    half = blend(parent, seen, strength=10.0)
    assert (half == 0).sum() == pytest.approx((LEVELS <= 0.5).sum(), abs=1) and half[-1] == 1
    few = blend(parent, seen, strength=990.0)
    assert (few == 1).sum() == (LEVELS > 0.99).sum()


@given(ratios)
def test_b02_seen_often_enough_the_parent_no_longer_counts(values: list[float]) -> None:
    if values:
        own = np.sort(values)
        levels = blend(np.zeros(len(LEVELS)), own, strength=1e-7)
        assert np.array_equal(levels, own[np.ceil(LEVELS * len(own) - 1e-6).astype(int) - 1])


# --- C: risk


def test_c01_a_connection_is_missed_by_what_is_longer_than_its_slack() -> None:
    delay = empirical(np.array([0, 0, 0, 600]))
    assert [connection_risk(slack, delay) for slack in (-1, 0, 599, 600)] == [PPM, 250_000, 250_000, 0]


def test_c02_risks_add_up_to_the_chance_that_all_are_made() -> None:
    assert [risk_micro(p) for p in (0, 1, 500_000, PPM)] == [0, 2, 693_148, RISK_MAX]
    assert made_ppm(risk_micro(500_000) + risk_micro(200_000)) in (399_999, 400_000)


@given(seconds, st.lists(st.integers(-9_000, 60_000), max_size=20))
def test_c03_a_row_of_risks_is_each_risk_by_itself(values: list[int], slacks: list[int]) -> None:
    delay = empirical(np.array(values))
    row = risk_row(np.array(slacks, np.int64), delay).tolist()
    assert row == [risk_micro(connection_risk(slack, delay)) for slack in slacks]


# --- D: laws on random spreads


@given(seconds, st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_law_quantiles_never_fall_and_reach_their_probability(values: list[int], levels: list[float]) -> None:
    spread = empirical(np.array(values))
    found = [spread.quantile(p) for p in sorted(levels)]
    assert found == sorted(found)
    assert all(spread.by(spread.quantile(p)) >= p - 1e-9 for p in levels)


@given(ratios, ratios, st.floats(0.1, 500))
def test_law_what_is_shrunk_lies_between_its_parents(first: list[float], values: list[float], strength: float) -> None:
    parent, seen = parent_of(first), np.array(values)
    levels = blend(parent, seen, strength)
    assert np.all(np.diff(levels) >= 0)
    own = np.sort(seen)[np.ceil(LEVELS * len(seen) - 1e-6).astype(int) - 1] if values else parent
    assert np.all(levels >= np.minimum(parent, own)) and np.all(levels <= np.maximum(parent, own))
    assert blend(parent, seen, strength).tobytes() == levels.tobytes()


@given(seconds, st.integers(-9_000, 60_000), st.integers(0, 5_000))
def test_law_more_slack_never_has_more_risk(values: list[int], slack: int, more: int) -> None:
    delay = empirical(np.array(values))
    wide, tight = connection_risk(slack + more, delay), connection_risk(slack, delay)
    assert 0 <= wide <= tight <= PPM
    assert risk_micro(wide) <= risk_micro(tight) <= RISK_MAX
    assert tight - 2 <= PPM - made_ppm(risk_micro(tight)) <= max(tight + 2, 0) or tight == PPM
