"""When plans arrive, from simplest to hardest, then laws, then a network whose truth is known.

A: what a leg takes   B: a missed connection   C: opening hours   D: what is promised   E: laws   F: dice
"""

import datetime as dt
from string import ascii_uppercase
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rookery.engines.eta.learn import Earlier, History, learn
from rookery.engines.eta.prior import MODES
from rookery.engines.eta.spread import Spread
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture
from rookery.journey.desk import Desk, Policy
from rookery.journey.forecast import Forecast, Outset, forecast, outlook
from rookery.journey.network.line import Cutoff, Ridden
from rookery.journey.network.place import Processing
from rookery.journey.network.whole import Network
from rookery.journey.past import Lane, past_of
from rookery.journey.room import Room
from rookery.journey.route import Plan, plans
from rookery.journey.state import State
from rookery.units import DAY_S
from worlds import at, desk_of, door, empty_state, minutes, place, places, ride, row, tiny_network, trip, when

HOUR_S = 3600


def past(
    what: str, count: int, planned_min: int, actual_min: int, *, ends: str = "", first: str = "2026-01-01"
) -> list[Any]:
    """As many equal legs, one a day."""
    origin, _, destination = ends.partition(" ")
    day = dt.date.fromisoformat(first)
    return [
        row(
            Ridden, what=what, origin=origin, destination=destination, date=day + dt.timedelta(days=n),
            began=minutes("08:00"), planned_min=planned_min, actual_min=actual_min,
        )
        for n in range(count)
    ]  # fmt: skip


def handled(name: str, takes_min: int) -> Any:
    return row(Processing, facility_id=name, way_in="*", way_out="*", goods_class="*", minutes=takes_min)


class Planned:
    """The first plan of a trip, and what is forecast of it."""

    def __init__(
        self, network: Network, origin: str, destination: str, ready: str,
        state: State | None = None, desk: Desk | None = None,
    ):  # fmt: skip
        self.network, self.state = network, state or empty_state()
        self.trip = trip(network, origin, destination, ready)
        self.desk: Desk = desk or desk_of(network, self.trip.known_at)
        self.outset = Outset(self.trip.ready_at, self.trip.way_in, self.trip.product.product_id, "general")
        self.plan: Plan = plans(self.trip, Room(self.state), self.desk)[0]

    def forecast(self) -> Forecast:
        return forecast(self.plan, self.outset, self.trip.deadline, self.state, self.desk)

    def prior(self, what: str, planned_s: int, ends: tuple[str, str] = ("", "")) -> Spread:
        return past_of(self.desk.world).delay(Lane(what, *ends), planned_s).spread


def told(network: Network, *changes: Any) -> State:
    state, desk = empty_state(), desk_of(network, at("Mon 08:00"))
    for change in changes:
        _, refusal = decide(state, change, desk)
        assert refusal is None, refusal
    return state


# --- A: what a leg takes


def test_a01_one_ride_without_history_is_the_prior_of_its_mode() -> None:
    planned = Planned(tiny_network(places("A B"), ride("AB", "A 20:00, B 06:00+1")), "A", "B", "Mon 12:00")
    found, delay = planned.forecast(), planned.prior("service:AB", 10 * HOUR_S, ("A", "B"))
    assert found.legs_known == 0 and found.arrival.made == (1.0,)
    for level in (0.05, 0.5, 0.95):
        wanted = at("Tue 06:00") + delay.quantile(level)
        assert 0 <= found.arrival.quantile(level) - wanted < 60, "rounded up to the minute"


def test_a02_a_stated_prior_by_hand() -> None:
    """Road, ten hours: a quarter of all rides take more than 1.15 of the plan, one in twenty more than 1.6."""
    found = Planned(tiny_network(places("A B"), ride("AB", "A 20:00, B 06:00+1")), "A", "B", "Mon 12:00").forecast()
    assert abs(found.arrival.by(at("Tue 07:30")) - 0.75) < 0.011
    assert abs(found.arrival.by(at("Tue 12:00")) - 0.95) < 0.011


def test_a03_a_lane_with_history_follows_it() -> None:
    rows = (places("A B"), ride("AB", "A 20:00, B 06:00+1"), past("service:AB", 60, 600, 720, ends="A B"))
    found = Planned(tiny_network(rows), "A", "B", "Mon 12:00").forecast()
    assert found.legs_known == 60
    assert abs(found.arrival.quantile(0.5) - at("Tue 08:00")) < 900, "twelve hours, as ever"


def test_a04_a_lane_without_history_learns_from_its_operator() -> None:
    rows = (places("A B C"), ride("AB", "A 20:00, B 06:00+1"), ride("AC", "A 20:00, C 06:00+1"))
    network = tiny_network(rows, past("service:AC", 60, 600, 720, ends="A C"))
    found = Planned(network, "A", "B", "Mon 12:00").forecast()
    assert found.legs_known == 0 and found.arrival.quantile(0.5) > at("Tue 06:50")


def test_a05_couriers_at_both_ends() -> None:
    rows = (places("A B"), ride("AB", "A 20:00, B 06:00+1"), door("pickup", "A", "ES"), door("delivery", "B"))
    planned = Planned(tiny_network(rows), "ES 28001", "BE 4000", "Mon 08:00")
    planned.outset = planned.outset._replace(way_in="pickup")
    arrival = planned.forecast().arrival
    assert [leg.mode for leg in planned.plan.legs] == ["courier", "road", "courier"]
    assert arrival.made == (1.0,), "an hour's way and twelve hours for it: the ride is caught whatever happens"
    assert at("Tue 06:20") < arrival.quantile(0.5) < at("Tue 08:00")


# --- B: a missed connection

CHAIN = (places("A M B"), ride("AM", "A 20:00, M 06:00+1"), ride("MB", "M 06:00, B 08:00"))


def test_b01_a_missed_connection_takes_the_next_departure() -> None:
    found = Planned(tiny_network(CHAIN), "A", "B", "Mon 12:00").forecast()
    caught, days = found.arrival.made[1], [found.arrival.by(at(f"{day} 12:00")) for day in ("Tue", "Wed")]
    assert 0.4 < caught < 0.5, "no slack at all: what is late misses it"
    assert days[0] < caught + 0.01 and days[1] > 0.95 and found.arrival.missed < 1e-6


def test_b02_a_cancelled_next_departure_is_skipped() -> None:
    network = tiny_network(CHAIN)
    state = told(network, CancelDeparture("MB/2026-11-25", "haul", at("Mon 07:00")))
    before, after = (Planned(network, "A", "B", "Mon 12:00", s).forecast().arrival for s in (None, state))
    assert before.made == after.made
    assert before.by(at("Wed 12:00")) > 0.95 and after.by(at("Wed 12:00")) < 0.5 and after.by(at("Thu 12:00")) > 0.95


def test_b03_what_is_forecast_follows_a_change_and_its_undoing() -> None:
    network = tiny_network(CHAIN)
    planned = Planned(network, "A", "B", "Mon 12:00")
    before = planned.forecast().arrival.by(at("Wed 12:00"))
    for change in (DelayDeparture("MB/2026-11-25", "haul", at("Mon 07:00"), 36_000, 36_000),
                   DelayDeparture("MB/2026-11-25", "haul", at("Mon 07:30"), 0, 0)):  # fmt: skip
        _, refusal = decide(planned.state, change, desk_of(network, at("Mon 08:00")))
        assert refusal is None
        after = planned.forecast().arrival.by(at("Wed 12:00"))
        assert after < 0.5 if change.arrives_s else after == before


def test_b04_another_variant_of_the_service_may_be_the_next() -> None:
    rows = [*CHAIN[0], *CHAIN[1], *ride("MB", "M 06:00, B 08:00"), *ride("MB", "M 12:00, B 14:00", variant="noon")]
    arrival = Planned(tiny_network(rows), "A", "B", "Mon 12:00").forecast().arrival
    assert arrival.by(at("Tue 19:00")) > 0.9, "six hours later, not a day"


def test_b05_handling_takes_time_of_its_own() -> None:
    rows = (CHAIN[0], CHAIN[1], ride("MB", "M 08:00, B 10:00"))
    quick, slow = (Planned(tiny_network(rows, handled("M", n)), "A", "B", "Mon 12:00").forecast() for n in (0, 120))
    assert quick.arrival.made[1] > 0.75 and 0.3 < slow.arrival.made[1] < 0.55


def test_b06_goods_that_are_handled_early_still_meet_the_cut_off() -> None:
    cutoff = row(Cutoff, service_id="MB", kind="acceptance", minutes=120)
    rows = (CHAIN[0], CHAIN[1], ride("MB", "M 08:00, B 10:00"), cutoff)
    bare, handling = (Planned(tiny_network(rows, handled("M", n)), "A", "B", "Mon 12:00").forecast() for n in (0, 15))
    assert handling.arrival.made[1] <= bare.arrival.made[1] < 0.5, "two hours before it leaves there is no slack"


# --- C: opening hours


def test_c01_goods_that_come_after_hours_go_out_the_next_morning() -> None:
    rows = (places("A"), place("B", hours="06:00 18:00"), ride("AB", "A 08:00, B 17:30"), door("delivery", "B"))
    arrival = Planned(tiny_network(rows), "A", "BE 4000", "Mon 07:00").forecast().arrival
    assert 0.5 < arrival.by(at("Mon 23:00")) < 0.7, "half an hour of slack"
    assert arrival.by(at("Tue 06:00")) - arrival.by(at("Mon 23:00")) < 0.005, "closed all night"


def test_c02_delivery_not_before_it_is_wanted() -> None:
    planned = Planned(tiny_network(places("A B"), ride("AB", "A 20:00, B 06:00+1")), "A", "B", "Mon 12:00")
    planned.outset = planned.outset._replace(not_before=at("Wed 09:00"))
    assert planned.forecast().arrival.quantile(0.01) == at("Wed 09:00")


# --- D: what is promised


def test_d01_a_limit_is_the_latest_and_the_confidence_is_the_chance_of_keeping_it() -> None:
    planned = Planned(tiny_network(CHAIN), "A", "B", "Mon 12:00")
    found = outlook((planned.plan,), planned.outset, at("Wed 24:00"), planned.state, planned.desk)
    assert found.latest == at("Wed 24:00") and 960_000 < found.confidence_ppm < 1_000_000
    assert when(found.earliest) == "Tue 07:41", "5 % come before: one in nine of those that catch it"


def test_d02_without_a_limit_the_latest_is_what_nineteen_of_twenty_keep() -> None:
    planned = Planned(tiny_network(CHAIN), "A", "B", "Mon 12:00")
    open_end = planned.trip.ready_at + Policy().horizon_s
    found = outlook((planned.plan,), planned.outset, open_end, planned.state, planned.desk)
    assert at("Tue 24:00") < found.latest < at("Thu 00:00") and 950_000 <= found.confidence_ppm < 960_000


def test_d03_goods_that_travel_apart_arrive_when_all_of_them_do() -> None:
    planned = Planned(tiny_network(CHAIN), "A", "B", "Mon 12:00")
    one, two = (
        outlook((planned.plan,) * n, planned.outset, at("Tue 12:00"), planned.state, planned.desk).confidence_ppm
        for n in (1, 2)
    )
    assert abs(two - one * one / 1e6) < 2


# --- E: laws


@settings(max_examples=25, deadline=None)
@given(slack=st.integers(0, 600), more=st.integers(0, 600), handling=st.sampled_from([0, 45]))
def test_law_more_slack_is_never_less_sure(slack: int, more: int, handling: int) -> None:
    made = []
    for minute in (slack, slack + more):
        clock = f"{(360 + handling + minute) // 60:02d}:{(360 + handling + minute) % 60:02d}"
        rows = (CHAIN[0], CHAIN[1], ride("MB", f"M {clock}, B 04:00+1"), handled("M", handling))
        made.append(Planned(tiny_network(rows), "A", "B", "Mon 12:00").forecast().arrival.made[1])
    assert made[0] <= made[1] + 1e-9


@pytest.mark.parametrize("early_s", [60, 301, 7 * HOUR_S, DAY_S // 3])
def test_law_goods_that_are_ready_earlier_are_never_less_sure(early_s: int) -> None:
    planned = Planned(tiny_network(CHAIN, handled("A", 90)), "A", "B", "Mon 18:30")
    late = planned.forecast().arrival
    planned.outset = planned.outset._replace(ready_at=planned.outset.ready_at - early_s)
    early = planned.forecast().arrival
    for level in np.linspace(0.01, 0.99, 30):
        assert early.quantile(level) <= late.quantile(level)


# --- F: dice


def test_law_promises_in_a_network_are_kept_as_often_as_they_say() -> None:
    """Lanes with a truth of their own; their past is the network's history. Whole plans, found by the search."""
    rng = np.random.default_rng(7)
    names, legs, truth = ascii_uppercase[:24], [], {}
    rows: list[Any] = [places(" ".join(names)), handled("*", 60)]
    for n, (one, two) in enumerate((a, b) for a in range(24) for b in (a + 1, a + 2) if b < 24):
        begin, hours = int(rng.integers(0, 24)), int(rng.integers(2, 12))
        clock = f"{(begin + hours) % 24:02d}:00+{(begin + hours) // 24}"
        rows.append(ride(f"s{n}", f"{names[one]} {begin:02d}:00, {names[two]} {clock}"))
        truth[f"s{n}"] = float(rng.normal(0.03, 0.05))
        legs.append((f"s{n}", names[one], names[two], 60 * hours))

    def takes_min(mean: float, planned: int) -> int:
        return max(
            1, round(planned * float(np.exp(mean + rng.normal(0, 0.12) + (rng.random() < 0.08) * rng.exponential(0.5))))
        )

    for service, origin, destination, planned in legs:
        rows += [
            past_leg(f"service:{service}", origin, destination, n, planned, takes_min(truth[service], planned))
            for n in range(40)
        ]
    for name in names:
        rows += [past_leg(f"facility:{name}", "", "", n, 60, takes_min(0.05, 60)) for n in range(40)]
    network = tiny_network(rows)
    desk = desk_of(network, at("Mon 12:00"))
    said = kept = 0.0
    count = 0
    for start in range(18):
        for length in (2, 4):
            planned = Planned(network, names[start], names[start + length], "Mon 12:00", empty_state(), desk)
            arrival = planned.forecast().arrival
            for level in (0.5, 0.8, 0.95):
                by = arrival.quantile(level)
                assert by is not None
                real = [_ridden(planned.plan, truth, takes_min) <= by for _ in range(40)]
                said, kept, count = said + 40 * arrival.by(by), kept + sum(real), count + 40
    assert abs(kept - said) / count < 0.02, f"said {said / count:.3f}, kept {kept / count:.3f}"


def past_leg(what: str, origin: str, destination: str, n: int, planned: int, actual: int) -> Any:
    return row(
        Ridden, what=what, origin=origin, destination=destination, date=dt.date(2026, 1, 1) + dt.timedelta(days=n),
        began=minutes("08:00"), planned_min=planned, actual_min=actual,
    )  # fmt: skip


def _ridden(plan: Plan, truth: dict[str, float], takes_min: Any) -> int:
    """One journey: every service runs daily, so what is missed goes a day later."""
    there = at("Mon 12:00")
    for leg in plan.legs:
        ready = there + 60 * takes_min(0.05, 60)
        days = max(0, -(-(ready - leg.departs_at) // DAY_S))
        there = (
            leg.departs_at
            + days * DAY_S
            + 60 * takes_min(truth[leg.service_id], (leg.arrives_at - leg.departs_at) // 60)
        )
    return there


def test_the_past_of_a_network_is_what_the_engine_learns_from_it() -> None:
    """Single legs are history and medians are earlier: the same as when handed to the engine itself."""
    rows = [*places("A B"), *ride("AB", "A 20:00, B 06:00+1"), *past("service:AB", 5, 600, 660, ends="A B")]
    rows += [
        msgspec.structs.replace(one, legs=7) for one in past("service:AB", 1, 600, 630, ends="A B", first="2025-12-01")
    ]
    world = desk_of(tiny_network(rows), at("Mon 08:00")).world
    assert past_of(world) is past_of(world)
    one, five = np.ones(1, np.int64), np.zeros(5, np.int64)
    began_at = np.array([at(f"2026-01-0{n} 08:00") for n in range(1, 6)])
    history = History(five, five, five + MODES.index("road"), began_at, five + 36_000, five + 39_600)
    earlier = Earlier(one - 1, one - 1, one * MODES.index("road"), 7 * one, one * 36_000, one * 37_800)
    wanted = learn(history, earlier).spread(0, 0, MODES.index("road"), 36_000)
    found = past_of(world).delay(Lane("service:AB", "A", "B"), 36_000)
    assert found.legs_known == 12 and found.spread.values_s.tolist() == wanted.values_s.tolist()
