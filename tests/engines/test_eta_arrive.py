"""The arrival of plans, from simplest to hardest, then against every case there is, then against dice.

A: no leg   B: one leg   C: connections   D: opening hours   E: laws and every case of random plans   F: dice
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.engines.eta.arrive import CELLS_MAX, Arrival, LegTimes, PlanTimes, arrive
from rookery.engines.eta.spread import LEVELS, MASS, Spread, empirical, point

NOW = point(0)


def spread(text: str) -> Spread:
    """`0:3 60:1` is 0 in three of four cases, else 60."""
    pairs = [[int(number) for number in part.split(":")] for part in text.split()]
    weights = np.array([weight for _, weight in pairs])
    return Spread(np.array([value for value, _ in pairs], np.int64), weights / weights.sum())


def leg(departs: list[int], ride_s: int, *, lead_s: int = 0, handling: Spread = NOW, delay: Spread = NOW) -> LegTimes:
    at = np.array(departs, np.int64)
    return LegTimes(at, at + ride_s, lead_s, handling, delay)


def told(arrival: Arrival) -> str:
    """Every step with its probability in hundredths, and what does not arrive."""
    mass = np.diff(arrival.reached, prepend=0.0)
    parts = [f"{arrival.first_s + i * arrival.step_s}: {100 * m:.0f}" for i, m in enumerate(mass) if m > 1e-9]
    made = " ".join(f"{100 * p:.0f}" for p in arrival.made)
    return f"{', '.join(parts)}; never {100 * arrival.missed:.0f}; made {made or '-'}"


# --- A: no leg


def test_a01_a_courier_alone_arrives_when_it_takes() -> None:
    assert told(arrive(PlanTimes(600, (), spread("60:1 180:3")))) == "660: 25, 780: 75; never 0; made -"


def test_a02_an_arrival_counts_at_the_end_of_its_step() -> None:
    arrival = arrive(PlanTimes(1, (), spread("59:1 60:1")))
    assert told(arrival) == "60: 50, 120: 50; never 0; made -"
    assert [arrival.by(at) for at in (59, 60, 119, 120, 9999)] == [0, 0.5, 0.5, 1, 1]
    assert [arrival.quantile(p) for p in (0.1, 0.5, 0.51, 1)] == [60, 60, 120, 120]


# --- B: one leg


def test_b01_a_delay_arrives_later_and_an_early_ride_never_before_it_departs() -> None:
    plan = PlanTimes(0, (leg([600], 300, delay=spread("-900:1 0:2 120:1")),), NOW)
    assert told(arrive(plan)) == "600: 25, 900: 50, 1020: 25; never 0; made 100"


def test_b02_what_is_not_ready_at_the_cut_off_takes_the_next_departure_with_its_own_times() -> None:
    late = LegTimes(np.array([600, 1200]), np.array([900, 1320]), 60, spread("540:3 541:1"), NOW)
    assert told(arrive(PlanTimes(0, (late,), NOW))) == "900: 75, 1320: 25; never 0; made 75"


def test_b03_after_the_last_departure_there_is_nothing() -> None:
    arrival = arrive(PlanTimes(0, (leg([600], 60, handling=spread("600:1 601:3")),), NOW))
    assert told(arrival) == "660: 25; never 75; made 25"
    assert arrival.quantile(0.25) == 660 and arrival.quantile(0.3) is None
    never = arrive(PlanTimes(700, (leg([600], 60),), NOW))
    assert (never.missed, never.by(10**9), never.quantile(0.01), never.made) == (1.0, 0.0, None, (0.0,))


@pytest.mark.parametrize(("departs", "arrives"), [([], []), ([1, 2], [3])])
def test_b04_a_leg_without_departures_is_the_callers_fault(departs: list[int], arrives: list[int]) -> None:
    wrong = LegTimes(np.array(departs, np.int64), np.array(arrives, np.int64), 0, NOW, NOW)
    with pytest.raises(ValueError, match="leg 1: wanted departures and as many arrivals"):
        arrive(PlanTimes(0, (wrong,), NOW))


# --- C: connections


def test_c01_a_delay_longer_than_the_slack_misses_the_next_leg() -> None:
    first = leg([0], 600, delay=spread("0:9 120:1"))
    second = leg([660, 1260], 300)
    assert told(arrive(PlanTimes(0, (first, second), NOW))) == "960: 90, 1560: 10; never 0; made 100 90"


def test_c02_who_missed_one_may_miss_the_next_too_and_delays_of_departures_are_their_own() -> None:
    first = leg([0, 600], 60, handling=spread("0:1 1:1"), delay=spread("0:1 600:1"))
    second = leg([60, 660, 1260], 60)
    assert told(arrive(PlanTimes(0, (first, second), NOW))) == "120: 25, 720: 50, 1320: 25; never 0; made 50 25"


# --- D: opening hours


def test_d01_the_last_mile_waits_until_it_may_begin() -> None:
    plan = PlanTimes(0, (leg([0], 60, delay=spread("0:1 60:1 600:1 1200:1")),), point(60), ((100, 200), (660, 700)))
    assert told(arrive(plan)) == "180: 50, 720: 25; never 25; made 100"


def test_d02_arrivals_far_apart_are_counted_in_longer_steps() -> None:
    far = arrive(PlanTimes(0, (), spread("0:1 31536000:1"), step_s=60))
    assert far.step_s % 60 == 0 and far.step_s > 60 and len(far.reached) <= CELLS_MAX + 1
    assert far.quantile(0.5) == 0 and 31536000 <= (far.quantile(1) or 0) < 31536000 + far.step_s


# --- E: laws and every case of random plans

small = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), min_size=1, max_size=3).map(
    lambda pairs: spread(" ".join(f"{60 * value}:{weight}" for value, weight in sorted(pairs)))
)
legs = st.builds(
    lambda first, gaps, ride, lead, handling, delay: leg(
        list(itertools.accumulate(gaps, initial=first)), ride, lead_s=lead, handling=handling, delay=delay.later(-600)
    ),
    st.integers(0, 5_000), st.lists(st.integers(1, 3_000), max_size=2), st.integers(0, 3_000), st.integers(0, 900),
    small, small,
)  # fmt: skip
windows = st.lists(st.integers(0, 12_000), max_size=4, unique=True).map(
    lambda ends: tuple(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)
plans = st.builds(PlanTimes, st.integers(0, 3_000), st.lists(legs, max_size=3).map(tuple), small, windows)


def cases(of: Spread) -> Iterator[tuple[int, float]]:
    return zip(of.values_s.tolist(), of.mass.tolist(), strict=True)


def every_case(plan: PlanTimes) -> tuple[dict[int, float], list[float]]:
    """Chance of each instant at the door, and of each planned departure, by going through all that may happen."""
    door: dict[int, float] = {}
    made = [0.0] * len(plan.legs)

    def go(number: int, at: int, chance: float) -> None:
        if number == len(plan.legs):
            begin = next((max(at, opens) for opens, closes in plan.open_s or ((at, at),) if closes >= at), None)
            for last, p in cases(plan.last) if begin is not None else ():
                door[begin + last] = door.get(begin + last, 0.0) + chance * p
            return
        one = plan.legs[number]
        for handling, p in cases(one.handling):
            caught = [k for k, departs in enumerate(one.departs_s.tolist()) if departs - one.lead_s >= at + handling]
            if caught:
                made[number] += chance * p * (caught[0] == 0)
                for delay, q in cases(one.delay):
                    due = int(one.arrives_s[caught[0]]) + delay
                    go(number + 1, max(due, int(one.departs_s[caught[0]])), chance * p * q)

    go(0, plan.start_s, 1.0)
    return door, made


@given(plans)
def test_law_an_arrival_is_every_case_with_its_chance_and_all_chances_are_one(plan: PlanTimes) -> None:
    arrival = arrive(plan)
    door, made = every_case(plan)
    assert arrival.made == pytest.approx(made, abs=1e-9)
    assert arrival.reached[-1] + arrival.missed == pytest.approx(1, abs=1e-12)
    assert arrival.missed == pytest.approx(1 - sum(door.values()), abs=1e-9)
    assert np.all(np.diff(arrival.reached) >= 0) and 0 <= arrival.reached[0] <= arrival.reached[-1] <= 1
    for at in {0, 20_000, *(-(-one // 60) * 60 for one in door)}:
        wanted = sum(chance for instant, chance in door.items() if instant <= at // 60 * 60)
        assert arrival.by(at) == pytest.approx(wanted, abs=1e-9), at


@given(plans, st.integers(0, 2), st.integers(0, 3_000))
def test_law_more_slack_never_lowers_the_chance_that_a_connection_is_made(plan: PlanTimes, which: int, s: int) -> None:
    if which < len(plan.legs):
        shifts = [s * (i >= which) for i in range(len(plan.legs))]
        looser = [
            LegTimes(one.departs_s + shift, one.arrives_s + shift, one.lead_s, one.handling, one.delay)
            for one, shift in zip(plan.legs, shifts, strict=True)
        ]
        before, after = arrive(plan), arrive(PlanTimes(plan.start_s, tuple(looser), plan.last, plan.open_s))
        assert after.made[which] >= before.made[which] - 1e-12


@given(plans, st.lists(st.floats(0.01, 1), min_size=2, max_size=5))
def test_law_quantiles_of_an_arrival_never_fall_and_the_same_plan_gives_the_same_bytes(
    plan: PlanTimes, levels: list[float]
) -> None:
    arrival = arrive(plan)
    found = [arrival.quantile(p) for p in sorted(levels)]
    there = [at for at in found if at is not None]
    assert there == sorted(there) and found[len(there) :] == [None] * (len(found) - len(there))
    assert all(arrival.by(at) >= p - 1e-9 for p, at in zip(sorted(levels), there, strict=False))
    assert arrive(plan).reached.tobytes() == arrival.reached.tobytes()


# --- F: dice


def test_f01_a_plan_of_five_legs_arrives_as_often_as_dice_say() -> None:
    rng = np.random.default_rng(11)
    skew = np.ceil(1800 * (np.exp(0.8 * np.interp(LEVELS, (0, 0.5, 1), (-2, 0, 3))) - 1)).astype(np.int64)
    delay, handling = Spread(skew, MASS), Spread(skew + 3600, MASS)
    planned = [leg([h * 3600 + n * 14_400 for n in range(6)], 7_200, lead_s=900, handling=handling, delay=delay)
               for h in (2, 7, 12, 17, 22)]  # fmt: skip
    arrival = arrive(PlanTimes(0, tuple(planned), handling))
    rolls = 40_000
    at = np.zeros(rolls, np.int64)
    there = np.ones(rolls, np.bool_)
    for one, chance in zip(planned, arrival.made, strict=True):
        ready = at + rng.choice(handling.values_s, rolls, p=MASS)
        caught = np.searchsorted(one.departs_s - one.lead_s, ready)
        there &= caught < 6
        assert abs(float(np.mean(there & (caught == 0))) - chance) < 0.012
        caught = np.minimum(caught, 5)
        at = np.maximum(one.arrives_s[caught] + rng.choice(skew, rolls, p=MASS), one.departs_s[caught])
    at += rng.choice(handling.values_s, rolls, p=MASS)
    assert abs(float(there.mean()) - (1 - arrival.missed)) < 0.012
    for level in (0.1, 0.5, 0.8, 0.9):
        t = arrival.quantile(level)
        assert t is not None and abs(float(np.mean(there & (at <= t))) - arrival.by(t)) < 0.012


def test_f02_values_of_any_size_are_exact() -> None:
    far = 4_000_000_000
    assert (
        told(arrive(PlanTimes(far, (leg([far], 60),), empirical(np.array([0])))))
        == "4000000080: 100; never 0; made 100"
    )
