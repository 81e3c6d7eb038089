"""What is learned from past legs, from simplest to hardest.

A: no history   B: one lane   C: from lane to operator to mode   D: nothing is known ahead of time   E: laws
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.engines.eta.learn import Earlier, History, Learned, learn
from rookery.engines.eta.prior import MODES, PRIORS
from rookery.engines.eta.replay import Coded, Seen, Trust, forecast, replay
from rookery.engines.eta.spread import LEVELS

ROAD, AIR = MODES.index("road"), MODES.index("air")
HOUR_S, DAY_S = 3_600, 86_400
NOWHERE = 99


def ints(values: object) -> np.ndarray:
    return np.array(values, np.int64)


def history(*lanes: tuple[int, int, list[float]], mode: int = ROAD, planned_s: int = 4 * HOUR_S) -> History:
    """Lanes as (lane, operator, ratios of their legs), a leg a day."""
    rows = [(lane, operator, day, ratio) for lane, operator, ratios in lanes for day, ratio in enumerate(ratios)]
    return History(
        lane=ints([row[0] for row in rows]), operator=ints([row[1] for row in rows]), mode=ints([mode] * len(rows)),
        began_at=ints([row[2] * DAY_S for row in rows]), planned_s=ints([planned_s] * len(rows)),
        actual_s=ints([round(row[3] * planned_s) for row in rows]),
    )  # fmt: skip


def median(
    table: Learned, lane: int, operator: int = NOWHERE, *, mode: int = ROAD, planned_s: int = 4 * HOUR_S
) -> float:
    """The middle of a lane's rides as a share of the planned time."""
    return 1 + table.spread(lane, operator, mode, planned_s).quantile(0.5) / planned_s


# --- A: no history


@pytest.mark.parametrize("mode", range(len(MODES)), ids=MODES)
def test_a01_without_history_the_stated_prior_stands(mode: int) -> None:
    prior, planned_s = PRIORS[mode], 10 * HOUR_S
    found = learn(history()).spread(NOWHERE, NOWHERE, mode, planned_s)
    wanted = (planned_s + prior.fixed_s) * np.exp(np.interp((0.245, 0.945), LEVELS, prior.levels())) - prior.fixed_s
    assert [planned_s + found.quantile(p) for p in (0.25, 0.95)] == pytest.approx(list(wanted), abs=1.1)


def test_a02_no_ride_takes_less_than_no_time() -> None:
    for mode in range(len(MODES)):
        assert learn(history()).spread(NOWHERE, NOWHERE, mode, 1).values_s[0] >= -1


# --- B: one lane


def test_b01_a_lane_with_many_legs_is_what_it_was() -> None:
    table = learn(history((0, 0, [1.9, 2.0, 2.1] * 60)))
    spread = table.spread(0, 0, ROAD, 4 * HOUR_S)
    assert median(table, 0, 0) == pytest.approx(2.0, abs=0.08)
    assert spread.quantile(0.1) / (4 * HOUR_S) == pytest.approx(0.9, abs=0.1)
    assert spread.quantile(0.9) / (4 * HOUR_S) == pytest.approx(1.1, abs=0.1)


def test_b02_a_few_legs_move_it_part_of_the_way() -> None:
    medians = [median(learn(history((0, 0, [2.0] * count))), 0, 0) for count in (0, 1, 3, 10, 40)]
    assert medians == sorted(medians) and 1.0 < medians[1] < 1.9 < medians[-1] < 2.05


def test_b03_earlier_figures_of_a_lane_count_as_their_number_of_legs() -> None:
    road = ints([ROAD])
    earlier = Earlier(ints([0]), ints([0]), road, ints([30]), ints([4 * HOUR_S]), ints([8 * HOUR_S]))
    assert median(learn(history(), earlier), 0, 0) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("name", ["planned_s", "actual_s"])
def test_b04_a_ride_of_no_time_is_the_callers_fault(name: str) -> None:
    with pytest.raises(ValueError, match=f"every {name} above 0, found -5"):
        learn(replace(history((0, 0, [1.0])), **{name: ints([-5])}))


def test_b05_one_leg_that_went_very_wrong_moves_a_lane_little() -> None:
    usual = [1.0, 1.05, 0.95] * 8
    calm, wild = (median(learn(history((0, 0, [*usual, last]))), 0, 0) for last in (1.0, 400.0))
    assert wild < calm * 1.05


# --- C: from lane to operator to mode


def test_c01_a_new_lane_of_a_slow_operator_is_slow() -> None:
    slow, quick = [2.0, 1.9, 2.1] * 6, [1.0, 0.95, 1.05] * 6
    table = learn(history((0, 0, slow), (1, 0, slow), (2, 0, slow), (3, 1, quick), (4, 1, quick), (5, 1, quick)))
    of_slow, of_any, of_quick = (median(table, NOWHERE, operator) for operator in (0, NOWHERE, 1))
    assert of_quick < of_any < of_slow
    assert (of_slow, of_quick) == pytest.approx((2.0, 1.0), abs=0.25)


def test_c02_what_roads_do_says_nothing_about_the_air() -> None:
    table = learn(history((0, 0, [3.0] * 100)))
    none = learn(history())
    assert table.spread(NOWHERE, 0, AIR, HOUR_S).values_s.tobytes() == none.spread(0, 0, AIR, HOUR_S).values_s.tobytes()


def test_c03_less_known_of_a_lane_is_a_wider_spread() -> None:
    rng = np.random.default_rng(5)
    lanes = [(n, 0, list(np.exp(rng.normal(rng.normal(0, 0.4), 0.05, 30)))) for n in range(60)]
    table = learn(history(*lanes))
    known, new = (table.spread(lane, 0, ROAD, 4 * HOUR_S) for lane in (7, NOWHERE))
    assert new.quantile(0.9) - new.quantile(0.1) > 3 * (known.quantile(0.9) - known.quantile(0.1))


def test_c04_an_operator_that_varies_more_has_the_wider_spread() -> None:
    rng = np.random.default_rng(6)
    lanes = [(n, n % 2, list(np.exp(rng.normal(0, (0.02, 0.4)[n % 2], 40)))) for n in range(20)]
    table = learn(history(*lanes))
    steady, wild = (table.spread(lane, lane, ROAD, 4 * HOUR_S) for lane in (0, 1))
    assert wild.quantile(0.9) - wild.quantile(0.1) > 3 * (steady.quantile(0.9) - steady.quantile(0.1))


# --- D: nothing is known ahead of time


def plain(count: int) -> tuple[Coded, Seen, Trust]:
    """So many legs of one lane, before anything is known."""
    nothing = ints([0] * count)
    return (
        Coded(nothing, nothing, nothing, np.full(count, 9.0)),
        Seen(*(np.zeros(1) for _ in range(7))),
        Trust(*(np.array([value]) for value in (1.0, 1.0, 1.0, 0.0))),
    )


def test_d01_a_leg_is_forecast_from_what_ended_before_it_began() -> None:
    legs, seen, trust = plain(2)
    overlapping = replay(legs, np.array([0.5, 0.5]), ints([0, 1, -1, -2]), seen.copy(), trust)
    apart = replay(legs, np.array([0.5, 0.5]), ints([0, -1, 1, -2]), seen.copy(), trust)
    assert overlapping[0].tolist() == [0, 0] and overlapping[1].tolist() == [0, 0]
    assert apart[0][0] == 0 < apart[0][1] < 0.5 and apart[1].tolist() == [0, 1]


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=12), st.data())
def test_d02_what_comes_later_changes_no_forecast(values: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    legs, seen, trust = plain(len(values))
    events = ints([event for n in range(len(values)) for event in (n, -1 - n)])
    other = [*values[:cut], *(-3 * value - 1 for value in values[cut:])]
    one, two = (replay(legs, np.array(v), events, seen.copy(), trust)[0] for v in (values, other))
    assert one[: cut + 1].tobytes() == two[: cut + 1].tobytes()


# --- E: laws

ratios = st.lists(st.floats(0.3, 4.0), max_size=25)


@given(ratios, ratios)
def test_law_a_lane_lies_between_its_legs_and_its_operator(own: list[float], others: list[float]) -> None:
    table = learn(history((0, 0, [0.9, 1.1, *own]), (1, 0, others)))
    one = Coded(ints([ROAD * 8 + 4] * 2), ints([ROAD * 8 + 4] * 2), ints([0, -1]), np.full(2, np.log(4 * HOUR_S)))
    (lane, operator), _ = forecast(one, table.seen, table.trust)
    legs = table.seen.lane_sum[0] / table.seen.lane_count[0]
    assert min(legs, operator) - 1e-9 <= lane <= max(legs, operator) + 1e-9


@given(ratios, ratios, st.randoms(use_true_random=False))
def test_law_the_same_history_gives_the_same_bytes_in_whatever_order_its_rows_stand(
    first: list[float], second: list[float], dice: object
) -> None:
    rows = history((0, 0, first), (1, 1, second))
    apart = replace(rows, began_at=rows.began_at + 7 * np.arange(len(rows.lane)))
    order = list(range(len(rows.lane)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    mixed = History(*(getattr(apart, name)[ints(order)] for name in History.__slots__))
    for lane, operator in ((0, 0), (1, 1), (NOWHERE, 0), (NOWHERE, NOWHERE)):
        one, two = (learn(h).spread(lane, operator, ROAD, 3 * HOUR_S) for h in (apart, mixed))
        assert one.values_s.tobytes() == two.values_s.tobytes()
