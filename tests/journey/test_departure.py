"""What is known of a departure beyond the timetable: who may say it, what it closes, how plans see it."""

from typing import Any

import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import HoldPlan, TakePlan
from rookery.journey.booking import Hold, HoldReleased, PlanHeld
from rookery.journey.departure import (
    CancelDeparture,
    DelayDeparture,
    Departure,
    DepartureCancelled,
    DepartureDelayed,
    DepartureRestored,
    Late,
    RestoreDeparture,
    Seen,
)
from rookery.journey.option import PlanOvertaken, Sourced, departures_of
from rookery.journey.order import Order, OrderRefused
from rookery.journey.room import Room
from rookery.journey.source import RULE_ONE, Accept, Source, list_options, sourced_by
from talk import Book, asked, place_order
from worlds import at, hindrances, place, ride, tiny_network, ways, when

AB = "AB/2026-11-23"
NETWORK = tiny_network(
    place("A"), place("B"), place("C"),
    ride("AB", "A 20:00, B 22:00", carries="pieces 4", price="2"),
    ride("slow", "A 21:00, B 06:00+1", price="1"),
    ride("ABC", "A 12:00, B 14:00/15:00, C 18:00", price="3"),
    ride("BC", "B 23:00, C 23:30", price="1"),
)  # fmt: skip
USE = Use(f"departure:{AB}/1", {"pieces": 1})


def cancel(departure: str = AB, by: str = "haul", said: str = "Mon 11:00", why: str = "") -> CancelDeparture:
    return CancelDeparture(departure, by, at(said), why)


def late(departure: str, hours: float, arrives: float | None = None, **fields: Any) -> DelayDeparture:
    """A departure so many hours late, told on Monday at 11:00 by its operator unless told otherwise."""
    told = {"by": "haul", "happened_at": at(fields.pop("said", "Mon 11:00"))} | fields
    arrives_s = round((hours if arrives is None else arrives) * 3600)
    return DelayDeparture(departure, departs_s=round(hours * 3600), arrives_s=arrives_s, **told)


def book(*asks: Any, now: str = "Mon 11:00") -> Book:
    """A book in which these asks were decided."""
    one = Book(NETWORK, now)
    for ask in asks:
        one.ask(ask)
    return one


def refusals(*asks: Any, now: str = "Mon 11:00") -> list[str]:
    return [str(refusal) for refusal in book(*asks, now=now).refusals]


# --- who may say what


def test_an_operator_cancels_its_departure_and_the_row_says_who_when_and_why() -> None:
    (row,) = book(cancel(why="fog")).state[Departure]
    assert row == Departure(AB, 1, cancelled=True, late=(), by="haul", why="fog", told_at=at("Mon 11:00"))


def test_the_operator_of_the_network_may_say_it_too() -> None:
    assert book(cancel(by="network")).told(DepartureCancelled) != []


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (cancel(by="shop"), "barred: departure AB/2026-11-23: wanted a word of haul, its operator; found shop's"),
        (cancel("XY/2026-11-23"), "unknown: departure XY/2026-11-23"),
        (cancel("AB/2027-11-23"), "unknown: departure AB/2027-11-23"),
        (cancel("AB/2026-1-1"), "unknown: departure AB/2026-1-1"),
        (cancel("AB"), "unknown: departure AB"),
        (cancel(said="Mon 20:00"), "too_late: departure AB/2026-11-23: wanted one that has not left"),
        (cancel(said="Wed 11:00"), "absurd: departure AB/2026-11-23: wanted a word of now or before"),
        (late(AB, -1), "absurd: departure AB/2026-11-23: wanted a delay of 0 to 30 d; found -3600 s"),
        (late(AB, 24 * 31), "absurd: departure AB/2026-11-23: wanted a delay of 0 to 30 d; found 2678400 s"),
        (late(AB, 5, 1), "absurd: departure AB/2026-11-23: wanted times that rise from stop to stop"),
        (late("ABC/2026-11-23", 0, 2), "absurd: departure ABC/2026-11-23: wanted times that rise from stop to stop"),
        (late(AB, 1, from_stop=2), "unknown: departure AB/2026-11-23: wanted a stop that it leaves from: 1; found 2"),
        (late(AB, 1, said="Mon 22:00"), "too_late: departure AB/2026-11-23: wanted one not yet there"),
    ],
)  # fmt: skip
def test_a_word_that_may_not_be_said_or_makes_no_sense_is_refused(ask: Any, why: str) -> None:
    now = "Mon 22:00" if ask.happened_at <= at("Mon 22:00") else "Mon 11:00"
    (found,) = refusals(ask, now=now)
    assert found.startswith(why)


def test_the_newest_word_counts_whatever_is_heard_last() -> None:
    (found,) = refusals(late(AB, 2, said="Mon 10:59"), late(AB, 1, said="Mon 10:30"))
    assert found.startswith("too_late: departure AB/2026-11-23: wanted the newest word; found one of 2026-11-23T09:59Z")


def test_saying_it_again_changes_nothing() -> None:
    one = book(cancel(), cancel(said="Mon 10:59"), cancel())
    assert [row.version for row in one.state[Departure]] == [1] and len(one.told(DepartureCancelled)) == 1
    one = book(late(AB, 1), late(AB, 1), RestoreDeparture(AB, "haul", at("Mon 11:00")))
    assert len(one.facts) == 1 and isinstance(one.facts[0], DepartureDelayed)


def test_a_cancelled_departure_has_no_delay_until_it_is_restored_and_keeps_what_it_had() -> None:
    asks = (late(AB, 1), cancel(), late(AB, 2), RestoreDeparture(AB, "haul", at("Mon 11:00")))
    one = book(*asks)
    assert [refusal.code for refusal in one.refusals] == ["closed"]
    (row,) = one.state[Departure]
    assert (row.version, row.cancelled, row.late) == (3, False, (Late(1, 3600, 3600),))
    assert len(one.told(DepartureRestored)) == 1


def test_a_late_departure_can_still_be_cancelled_until_it_leaves() -> None:
    assert refusals(late(AB, 3), cancel(said="Mon 22:59"), now="Mon 23:00") == []
    assert len(refusals(late(AB, 3), cancel(said="Mon 23:00"), now="Mon 23:00")) == 1


def test_a_delay_from_a_stop_on_leaves_the_stops_before_as_they_are() -> None:
    one = book(late("ABC/2026-11-23", 0.5), late("ABC/2026-11-23", 2, 4, from_stop=2))
    (row,) = one.state[Departure]
    assert row.late == (Late(1, 1800, 1800), Late(2, 7200, 14400))
    one.ask(late("ABC/2026-11-23", 0))
    (row,) = one.state[Departure]
    assert row.late == (Late(1, 0, 0),), "what is said of a stop counts for all after it"


# --- what it closes


def test_cancelling_closes_the_accounts_and_restoring_opens_them() -> None:
    one = place_order(NETWORK, asked("1", origin="A", to="B", ship_by=at("Mon 20:30")))
    account = f"departure:{AB}/1"
    assert not one.state[Account].get(account).closed
    one.ask(cancel(said="Mon 10:00"))
    assert one.told(DepartureCancelled)[0].accounts == (account,)
    assert one.state[Account].get(account).closed
    one.ask(RestoreDeparture(AB, "haul", at("Mon 10:00")))
    assert not one.state[Account].get(account).closed


@pytest.mark.parametrize("before", [(), (HoldPlan(b"1", (USE,), at("Mon 12:00")),)])
def test_nothing_can_be_held_on_a_cancelled_departure_whether_its_account_was_open_or_not(before: Any) -> None:
    one = book(*before, cancel())
    refusal = one.ask(HoldPlan(b"2", (USE,), at("Mon 12:00")))
    assert refusal is not None and refusal.code == "closed"


def test_what_was_held_on_a_cancelled_departure_is_free_again_and_cannot_be_taken() -> None:
    limited = HoldPlan(b"1", (USE,), at("Mon 12:00"))
    unlimited = HoldPlan(b"2", (), at("Mon 12:00"), (Seen(AB, 0),))
    other = HoldPlan(b"3", (), at("Mon 12:00"), (Seen("AB/2026-11-24", 0),))
    one = book(limited, unlimited, other, cancel(why="fog"))
    assert [(fact.hold_id, fact.why) for fact in one.told(HoldReleased)] == [
        (b"1", "departure AB/2026-11-23 is cancelled"), (b"2", "departure AB/2026-11-23 is cancelled"),
    ]  # fmt: skip
    assert [hold.hold_id for hold in one.state[Hold]] == [b"3"]
    refusal = one.ask(TakePlan(b"1"))
    assert refusal is not None and refusal.code == "closed"


def test_what_was_held_on_a_departure_that_is_late_since_cannot_be_taken_as_it_was() -> None:
    one = book(HoldPlan(b"1", (), at("Mon 12:00"), (Seen(AB, 0),)), late(AB, 1))
    refusal = one.ask(TakePlan(b"1"))
    assert refusal is not None and refusal.code == "changed"


# --- a plan and the versions it was made with


@pytest.mark.parametrize("unlimited", ["slow", "AB"])
def test_a_plan_is_held_only_if_each_departure_still_is_what_it_was_planned_with(unlimited: str) -> None:
    name = f"{unlimited}/2026-11-23"
    plan = HoldPlan(b"1", (), at("Mon 12:00"), (Seen(name, 0),))
    assert [fact.hold_id for fact in book(plan).told(PlanHeld)] == [b"1"]
    assert refusals(late(name, 1, why="fog"), plan) == [
        f"changed: departure {name}: wanted version 0, which was planned with; found 1; plan again"
    ]
    assert refusals(cancel(name, why="fog"), plan) == [
        f"closed: departure {name}: wanted one that runs; found haul cancelled it: fog; choose another departure"
    ]
    newer = HoldPlan(b"1", (), at("Mon 12:00"), (Seen(name, 1),))
    assert refusals(late(name, 1), newer) == []


def quoted(one: Book, reference: str) -> Sourced:
    """An order that waits, and the plan that it would get now: nothing is held."""
    order = asked(reference, origin="A", to="B", ship_by=at("Mon 20:30"))
    one.place(order, in_round=True)
    (row,) = [row for row in one.state[Order] if row.reference == reference]
    options, _ = list_options(order, Room(one.state), one.desk)
    best = min(options, key=lambda option: option.rank)
    return sourced_by(Source(row.order_id, order), best, options, [], RULE_ONE, one.desk)


def test_a_quote_that_still_holds_is_accepted_as_it_was() -> None:
    one = book()
    offer = quoted(one, "1")
    assert departures_of(offer.parts) == (Seen(AB, 0),)
    assert one.ask(Accept(offer)) is None
    assert one.told(Sourced) == [offer] and one.told(PlanOvertaken) == []
    assert one.outcomes() == ["1 from A: 1 by AB Mon 22:00; 2.00"]
    refusal = one.ask(Accept(offer))
    assert refusal is not None and refusal.code == "closed", "an order is filled once"


def test_a_cancellation_between_planning_and_booking_is_caught_and_the_order_is_planned_again() -> None:
    """ABC at 12:00 is dearer than AB at 20:00, which was planned and is cancelled before it is held."""
    one = book()
    offer = quoted(one, "1")
    one.ask(cancel())
    assert one.ask(Accept(offer)) is None
    (overtaken,) = one.told(PlanOvertaken)
    assert (overtaken.decision_id, overtaken.reason.code) == (offer.decision_id, "closed")
    stale, fresh = one.told(Sourced)
    assert stale == offer and departures_of(fresh.parts) == (Seen("ABC/2026-11-23", 0),)
    assert all(use.resource != f"departure:{AB}/1" for held in one.told(PlanHeld) for use in held.uses)


def test_a_delay_between_planning_and_booking_is_caught_and_the_plan_has_the_new_times() -> None:
    one = book()
    offer = quoted(one, "1")
    one.ask(late(AB, 0.25))
    one.ask(Accept(offer))
    assert [fact.reason.code for fact in one.told(PlanOvertaken)] == ["changed"]
    (leg,) = one.told(Sourced)[-1].parts[0].plan.legs
    assert (when(leg.departs_at), when(leg.arrives_at), leg.version) == ("Mon 20:15", "Mon 22:15", 1)


def test_an_order_whose_only_departure_was_cancelled_before_it_was_held_is_refused_with_the_reason() -> None:
    one = book()
    offer = quoted(one, "1")
    one.ask(cancel())
    one.ask(cancel("ABC/2026-11-23", why="strike"))
    one.ask(Accept(offer))
    assert [fact.reason.code for fact in one.told(PlanOvertaken)] == ["closed"]
    (refused,) = one.told(OrderRefused)
    assert [str(reason) for reason in refused.reasons] == [
        "closed: departure ABC/2026-11-23: wanted one that runs on time; found cancelled by haul: strike;"
        " choose another day"
    ]


# --- how a search sees it


def test_plans_pass_by_cancelled_departures_and_know_the_times_of_late_ones() -> None:
    assert ways(NETWORK, "A", "C", "Mon 16:00").splitlines() == [
        "AB A Mon 20:00 > B Mon 22:00; BC B Mon 23:00 > C Mon 23:30; there Mon 23:30; 3.00",
        "slow A Mon 21:00 > B Tue 06:00; BC B Tue 23:00 > C Tue 23:30; there Tue 23:30; 2.00",
    ]
    later = book(late(AB, 0.5)).state
    assert ways(NETWORK, "A", "C", "Mon 16:00", used=later).startswith("AB A Mon 20:30 > B Mon 22:30; BC B Mon 23:00")
    missed = book(late(AB, 1.5)).state
    assert ways(NETWORK, "A", "C", "Mon 16:00", used=missed).startswith("ABC A Tue 12:00 > C Tue 18:00")
    gone = book(cancel()).state
    assert ways(NETWORK, "A", "C", "Mon 16:00", used=gone).startswith("ABC A Tue 12:00 > C Tue 18:00")


def test_a_late_departure_can_be_caught_by_goods_that_would_have_missed_it() -> None:
    used = book(late(AB, 1)).state
    first, *_ = ways(NETWORK, "A", "B", "Mon 20:30", used=used).splitlines()
    assert first == "AB A Mon 21:00 > B Mon 23:00; there Mon 23:00; 2.00"


def test_a_departure_so_late_that_the_next_one_overtakes_it_is_passed_by() -> None:
    used = book(late(AB, 40)).state
    first = ways(NETWORK, "A", "B", "Mon 19:00", used=used).splitlines()
    assert [line for line in first if line.startswith("AB")] == []
    assert ways(NETWORK, "A", "B", "Tue 19:00", used=used).startswith("AB A Tue 20:00 > B Tue 22:00")


def test_where_only_a_cancelled_departure_would_do_the_refusal_names_it() -> None:
    used = book(cancel(), cancel("slow/2026-11-23", why="strike")).state
    assert hindrances(NETWORK, "A", "B", "Mon 19:00", used=used, days=1, depart_by=at("Mon 22:00")) == [
        "closed: departure AB/2026-11-23: wanted one that runs on time; found cancelled by haul; choose another day"
    ]
