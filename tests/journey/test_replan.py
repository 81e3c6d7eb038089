"""What becomes of booked orders when a departure is cancelled or late, from wherever their goods are."""

from dataclasses import replace
from typing import Any

from rookery.journey.account import Account
from rookery.journey.booking import Booking, PlanChanged
from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.journey.desk import Policy
from rookery.journey.disrupt import CarriageWithdrawn, Case, PlanKept, ReplanFailed, Replanned, Retimed, Struck
from rookery.journey.instruct import instructions
from rookery.journey.itinerary import Itinerary
from rookery.journey.order import CancelOrder, Order
from rookery.journey.route import Plan
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.track import Scan
from talk import Book, asked, place_order
from worlds import at, door, places, ride, tiny_network, when

NETWORK = tiny_network(
    places("A B C D E"), door("delivery", "D", postcode_from="4", takes_min=60),
    ride("AB", "A 08:00, B 10:00", carries="pieces 9", price="1"),
    ride("air", "B 12:00, C 14:00", carries="pieces 9", price="4"),
    ride("air2", "B 13:00, C 15:00", carries="pieces 1", price="9"),
    ride("CD", "C 16:00, D 18:00", carries="pieces 9", price="1"),
)  # fmt: skip
AIR, CD = "air/2026-11-23", "CD/2026-11-23"


def orders(*references: str, policy: Policy | None = None, **fields: Any) -> Book:
    """A book of orders from A to the door, placed on Monday at 07:00: AB, air, CD, and there at 19:00."""
    told = {"to": "BE 4000", "origin": "A", "ordered": "Mon 07:00", "wanted_to": at("Mon 21:00")} | fields
    return place_order(NETWORK, *(asked(one, **told) for one in references), now="Mon 07:00", policy=policy)


def later(book: Book, now: str, *asks: Any) -> Book:
    """The book after these asks, at a later time."""
    book.desk = replace(book.desk, now=at(now))
    for ask in asks:
        book.ask(ask)
    return book


def cancel(departure: str = AIR, said: str = "Mon 07:00") -> CancelDeparture:
    return CancelDeparture(departure, "haul", at(said), "fog")


def late(departure: str, departs: float, arrives: float | None = None, said: str = "Mon 07:00") -> DelayDeparture:
    """A departure that is so many hours late."""
    arrives_s = round((departs if arrives is None else arrives) * 3600)
    return DelayDeparture(departure, "haul", at(said), round(departs * 3600), arrives_s)


def scan(book: Book, place: str, moment: str, status: str = "in_transit", which: int = 0) -> Scan:
    parcel = list(book.state[Parcel])[which]
    return Scan(parcel.waybill, status, "EDD", at(moment), place, "haul")


def way(plan: Plan) -> str:
    """A plan on one line: each leg with when it leaves, and the end."""
    return " ".join(f"{leg.service_id} {when(leg.departs_at)}" for leg in plan.legs) + f" > {when(plan.arrives_at)}"


def ways(book: Book) -> list[str]:
    """How each order travels now."""
    return [way(part.plan) for row in book.state[Itinerary] for part in row.parts]


def told(book: Book) -> list[str]:
    """What companies were told since the orders were placed, leg by leg."""
    facts = [fact for fact in book.facts if isinstance(fact, Replanned | Retimed | CarriageWithdrawn)]
    tasks = [(kind, task) for kind, one in instructions(facts) for task in one.tasks]
    return [f"{kind} {task.leg} {task.service} {when(task.departs_at)}" for kind, task in tasks]


def check_sums(book: Book) -> None:
    """Every account is the sum of the bookings on it."""
    used: dict[tuple[str, str], int] = {}
    for booking in book.state[Booking]:
        for use in booking.uses:
            for dimension, amount in use.amounts.items():
                used[use.resource, dimension] = used.get((use.resource, dimension), 0) + amount
    for account in book.state[Account]:
        assert account.taken == {d: used.get((account.resource, d), 0) for d in account.limits}
        assert not any(account.held.values())


PLANNED = "AB Mon 08:00 air Mon 12:00 CD Mon 16:00 delivery.D Mon 18:00 > Mon 19:00"
BY_AIR2 = "AB Mon 08:00 air2 Mon 13:00 CD Mon 16:00 delivery.D Mon 18:00 > Mon 19:00"


# --- cancelled


def test_before_anything_was_picked_up_only_what_differs_is_booked_and_told_anew() -> None:
    book = orders("1")
    assert ways(book) == [PLANNED]
    book.ask(cancel())
    assert ways(book) == [BY_AIR2]
    (swap,) = book.told(PlanChanged)
    assert [use.resource for use in swap.added if use not in swap.dropped] == ["departure:air2/2026-11-23/1"]
    assert told(book) == ["withdraw 1 air Mon 12:00", "carry 1 air2 Mon 13:00"]
    assert not any(book.state[Account].get(f"departure:{AIR}/1").taken.values())
    check_sums(book)


def test_the_decision_says_what_struck_what_was_looked_at_and_what_it_cost() -> None:
    (new,) = later(orders("1"), "Mon 07:00", cancel()).told(Replanned)
    assert (new.departure, new.reason.code, new.at, new.late_s) == (AIR, "closed", "the origin", 0)
    assert (new.cost_was_minor, new.plan.cost_minor) == (700, 1200)
    assert [(one.verdict, one.cost_minor) for one in new.candidates] == [("chosen", 1200)]


def test_goods_on_their_way_go_on_from_where_they_were_last_seen() -> None:
    book = orders("1")
    later(book, "Mon 10:30", scan(book, "B", "Mon 10:05"), cancel())
    (new,) = book.told(Replanned)
    assert (new.at, new.leg_idx, way(new.plan)) == ("B", 1, BY_AIR2)
    check_sums(book)


def test_goods_that_are_on_a_ride_go_on_from_where_it_ends() -> None:
    book = orders("1")
    later(book, "Mon 09:00", scan(book, "A", "Mon 08:01"), cancel())
    (new,) = book.told(Replanned)
    assert (new.at, new.leg_idx, way(new.plan)) == ("B", 1, BY_AIR2)


def test_goods_that_are_through_it_are_left_alone() -> None:
    book = orders("1")
    later(book, "Mon 14:30", scan(book, "C", "Mon 14:05"), late(AIR, 0, 0.4, said="Mon 13:59"))
    assert ways(book) == [PLANNED] and told(book) == []
    assert [fact.why for fact in book.told(PlanKept)] == ["what is left of it does not ride there"]
    assert list(book.state[Struck]) == []


def test_orders_that_do_not_ride_it_are_not_looked_at() -> None:
    book = orders("1")
    book.ask(cancel("air2/2026-11-23"))
    assert [type(fact).__name__ for fact in book.facts[-1:]] == ["DepartureCancelled"]


def test_where_nothing_keeps_the_promise_the_earliest_way_is_taken_and_says_how_late_it_is() -> None:
    book = orders("1", "2")
    later(book, "Mon 07:00", cancel("CD/2026-11-23"))
    assert {fact.late_s for fact in book.told(Replanned)} == {22 * 3600}
    assert ways(book) == ["AB Mon 08:00 air Mon 12:00 CD Tue 16:00 delivery.D Tue 18:00 > Tue 19:00"] * 2
    assert [when(row.expected_at) for row in book.state[Shipment]] == ["Tue 19:00"] * 2
    check_sums(book)


def test_the_earliest_promise_goes_first_when_there_is_not_enough_for_all() -> None:
    book = orders("1", wanted_to=at("Mon 23:00"))
    book.place(asked("2", to="BE 4000", origin="A", ordered="Mon 07:00", wanted_to=at("Mon 20:00")))
    book.ask(cancel())
    first, second = book.told(Replanned)
    assert (way(first.plan), first.late_s) == (BY_AIR2, 0)
    assert when(second.plan.arrives_at) == "Tue 19:00"
    by_order = {row.order_id: row.reference for row in book.state[Order]}
    assert [by_order[fact.order_id] for fact in (first, second)] == ["2", "1"]
    check_sums(book)


# --- late


def test_a_delay_that_makes_its_connections_changes_nothing_but_the_times() -> None:
    book = orders("1")
    book.ask(late(AIR, 1))
    assert ways(book) == ["AB Mon 08:00 air Mon 13:00 CD Mon 16:00 delivery.D Mon 18:00 > Mon 19:00"]
    assert told(book) == ["retime 1 air Mon 13:00"] and book.told(PlanChanged) == []
    (leg,) = [leg for row in book.state[Itinerary] for leg in row.parts[0].plan.legs if leg.service_id == "air"]
    assert leg.version == 1


def test_a_delay_of_the_last_ride_is_one_of_the_door_and_of_what_is_expected() -> None:
    book = orders("1")
    book.ask(late(CD, 1.5))
    assert ways(book) == ["AB Mon 08:00 air Mon 12:00 CD Mon 17:30 delivery.D Mon 19:30 > Mon 20:30"]
    assert [(fact.late_s, fact.moved) for fact in book.told(Retimed)] == [(0, (2, 3))]
    book.ask(late(CD, 4))
    assert [fact.late_s for fact in book.told(Retimed)] == [0, 2 * 3600], "nothing else is there earlier"
    assert [when(row.expected_at) for row in book.state[Shipment]] == ["Mon 23:00"]


def test_a_delay_that_breaks_a_connection_is_planned_anew() -> None:
    book = orders("1")
    book.ask(late(AIR, 3))
    assert ways(book) == [BY_AIR2]
    assert [fact.reason.code for fact in book.told(Replanned)] == ["missed"]


def test_goods_on_a_late_ride_take_the_next_one_from_its_end() -> None:
    book = orders("1")
    later(book, "Mon 13:00", scan(book, "B", "Mon 12:01"), late(AIR, 0, 3, said="Mon 12:30"))
    (new,) = book.told(Replanned)
    assert (new.at, new.leg_idx) == ("C", 2)
    assert ways(book) == ["AB Mon 08:00 air Mon 12:00 CD Tue 16:00 delivery.D Tue 18:00 > Tue 19:00"]


# --- a case


def short_network(last: str = "2026-11-23") -> Any:
    return tiny_network(
        places("A B"), ride("AB", "A 08:00, B 10:00", carries="pieces 9"), door("delivery", "B"), last=last
    )  # fmt: skip


def stuck() -> Book:
    book = place_order(short_network(), asked("1", to="BE 4000", origin="A", ordered="Mon 07:00"), now="Mon 07:00")
    book.ask(CancelDeparture("AB/2026-11-23", "haul", at("Mon 07:00"), "fog"))
    return book


def test_without_a_way_on_it_is_a_case_with_reasons_and_what_is_booked_stays() -> None:
    book = stuck()
    (failed,) = book.told(ReplanFailed)
    (case,) = book.state[Case]
    assert case.reasons == failed.reasons and case.at == "the origin"
    assert str(case.reasons[0]) == (
        "closed: departure AB/2026-11-23: wanted one that runs; found haul cancelled it: fog; choose another departure"
    )
    assert len(list(book.state[Booking])) == 1 and book.told(CarriageWithdrawn) == []
    assert [parcel.status for parcel in book.state[Parcel]] == ["registered"], "it stays in sight"
    check_sums(book)


def test_a_case_is_closed_when_its_departure_runs_after_all() -> None:
    book = stuck()
    book.ask(RestoreDeparture("AB/2026-11-23", "haul", at("Mon 07:30")))
    assert list(book.state[Case]) == []
    assert [fact.late_s for fact in book.told(Retimed)] == [0]


def test_a_case_is_closed_when_its_order_is_cancelled() -> None:
    book = stuck()
    book.ask(CancelOrder("shop", "1"))
    assert list(book.state[Case]) == [] and list(book.state[Itinerary]) == []
    check_sums(book)


def test_parcels_that_are_not_all_at_one_place_are_a_case() -> None:
    book = orders("1", pieces=2)
    later(book, "Mon 10:30", scan(book, "B", "Mon 10:05"), cancel())
    (case,) = book.state[Case]
    assert [reason.code for reason in case.reasons] == ["apart", "closed"]


def test_a_parcel_seen_at_a_place_that_nobody_knows_is_a_case() -> None:
    book = orders("1")
    later(book, "Mon 10:30", scan(book, "the moon", "Mon 10:05"), cancel())
    (case,) = book.state[Case]
    assert [reason.code for reason in case.reasons] == ["unknown", "closed"]


def test_a_parcel_off_its_way_goes_on_from_the_facility_where_it_was_seen() -> None:
    network = tiny_network(
        places("A B C X"), ride("AB", "A 08:00, B 10:00"), ride("BC", "B 12:00, C 14:00"),
        ride("XC", "X 15:00, C 17:00"),
    )  # fmt: skip
    book = place_order(network, asked("1", to="C", origin="A", ordered="Mon 07:00"), now="Mon 07:00")
    later(book, "Mon 11:00", scan(book, "X", "Mon 10:30"), late("BC/2026-11-23", 1))
    assert ways(book) == ["AB Mon 08:00 XC Mon 15:00 > Mon 17:00"]
    assert [fact.reason.code for fact in book.told(Replanned)] == ["missed"]


# --- bounds, and orders that are gone


def test_a_message_looks_again_at_a_limited_number_of_orders_and_the_next_ones_at_the_rest() -> None:
    book = orders("1", "2", "3", policy=Policy(replans_max=2))
    book.ask(cancel("CD/2026-11-23"))
    assert (len(book.told(Replanned)), len(list(book.state[Struck]))) == (2, 1)
    book.ask(CancelOrder("shop", "nobody knows"))
    assert (len(book.told(Replanned)), len(list(book.state[Struck]))) == (3, 0)
    check_sums(book)


def test_a_cancelled_order_tells_its_carriers_not_to_carry_it() -> None:
    book = orders("1")
    book.ask(CancelOrder("shop", "1"))
    assert told(book) == [
        "withdraw 0 AB Mon 08:00", "withdraw 1 air Mon 12:00", "withdraw 2 CD Mon 16:00",
        "withdraw 3 delivery.D Mon 18:00",
    ]  # fmt: skip
    book.ask(cancel())
    assert book.told(Replanned) == [] and list(book.state[Struck]) == []
    check_sums(book)


def test_parts_that_travel_apart_are_looked_at_one_by_one_and_booked_together() -> None:
    network = tiny_network(
        places("A B"), ride("one", "A 08:00, B 10:00", carries="pieces 1"),
        ride("two", "A 09:00, B 11:00", carries="pieces 1"), ride("three", "A 12:00, B 14:00", carries="pieces 1"),
    )  # fmt: skip
    book = place_order(
        network, asked("1", to="B", origin="A", pieces=2, together="may", ordered="Mon 07:00"), now="Mon 07:00"
    )
    before = ways(book)
    assert sorted(before) == ["one Mon 08:00 > Mon 10:00", "two Mon 09:00 > Mon 11:00"]
    book.ask(CancelDeparture("two/2026-11-23", "haul", at("Mon 07:00")))
    assert sorted(ways(book)) == ["one Mon 08:00 > Mon 10:00", "three Mon 12:00 > Mon 14:00"]
    check_sums(book)
