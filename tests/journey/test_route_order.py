"""What comes before what: weeks and clocks, overtaking, stays, days with other prices, ties; as lines to read.

H: weeks and clocks   I: what is late, and what overtakes   J: stays   K: prices by day
L: where goods begin and end   M: ties
"""

import datetime as dt
from dataclasses import replace

from rookery.journey.account import Use
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture
from rookery.journey.network.offer import ExchangeRate, Surcharge
from rookery.journey.network.place import Connection, Processing
from rookery.journey.room import Room
from rookery.journey.route import plans
from worlds import (
    at,
    desk_of,
    door,
    empty_state,
    micro,
    place,
    places,
    plan_text,
    ride,
    row,
    tiny_network,
    trip,
    ways,
)

AB = ride("AB", "A 20:00, B 22:00")


def handling(at_facility: str, minutes: int, way_in: str = "*", way_out: str = "*", **fields: object) -> Processing:
    return row(Processing, facility_id=at_facility, way_in=way_in, way_out=way_out, minutes=minutes, **fields)


# --- I: what is late, and what overtakes


def told(*words: tuple[int, int], ready: str = "Mon 10", until: str = "Tue 10:00") -> list[str]:
    """Plans from A to B by the only departure there is, in one world, after each word on how late it is."""
    network = tiny_network(places("AB"), AB, first="2026-11-23", last="2026-11-23")
    desk, state, found = desk_of(network, at("Mon 09:00")), empty_state(), []
    wanted = replace(trip(network, "A", "B", ready), deadline=at(until))
    for late in words:
        decide(state, DelayDeparture("AB/2026-11-23", "haul", desk.now, *(60 * minutes for minutes in late)), desk)
        found.append("; ".join(plan_text(plan) for plan in plans(wanted, Room(state), desk)))
    return found


def test_i01_a_ride_that_was_late_and_is_on_time_again_is_found() -> None:
    assert told((0, 180), (0, 0), ready="Mon 19:30", until="Mon 22:30") == [
        "", "AB A Mon 20:00 > B Mon 22:00; there Mon 22:00; 0.00"
    ]  # fmt: skip


def test_i02_a_ride_that_leaves_late_and_makes_up_for_it_is_found_at_once() -> None:
    assert told((0, 0), (60, 0), ready="Mon 20:30", until="Mon 22:15") == [
        "", "AB A Mon 21:00 > B Mon 22:00; there Mon 22:00; 0.00"
    ]  # fmt: skip


def test_i03_what_is_given_back_on_a_cancelled_departure_does_not_open_it() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00", carries="grams 9000"), last="2026-11-23")
    desk, state = desk_of(network, at("Mon 09:00")), empty_state()
    decide(state, CancelDeparture("AB/2026-11-23", "haul", desk.now), desk)
    room = Room(state)
    room.set_aside((Use("departure:AB/2026-11-23/1", {"grams": -5000}),))
    wanted = trip(network, "A", "B", "Mon 10")
    assert plans(wanted, room, desk) == plans(wanted, room, desk, with_room=False) == []


# --- K: prices by day


def test_k01_a_ride_is_priced_on_the_day_its_departure_belongs_to_also_if_goods_board_the_day_after() -> None:
    fuel = row(Surcharge, tariff_id="*", kind="fuel", flat=micro("2"), valid_from=dt.date(2026, 11, 24))
    network = tiny_network(places("ABC"), ride("ABC", "A 22:00, B 03:00+1/04:00+1, C 05:00+1", price="1"), fuel)
    assert ways(network, "B", "C", "Tue 02:00", days=1) == "ABC B Tue 04:00 > C Tue 05:00; there Tue 05:00; 1.00"
    assert ways(network, "B", "C", "Tue 04:01", days=2).endswith("; 3.00")


# --- L: where goods begin and end


def test_l01_goods_that_a_mode_has_brought_are_handled_as_such_also_where_services_have_named_connections() -> None:
    named = row(Connection, facility_id="B", from_service="AB", to_service="XX", minutes=10)
    handled = handling("B", 240, "road"), handling("B", 30, "drop_off")
    network = tiny_network(places("ABC"), AB, ride("BC", "B 23:00, C 23:30"), named, handled)
    assert ways(network, "B", "C", "Mon 22:00", way_in="drop_off").startswith("BC B Mon")
    assert ways(network, "B", "C", "Mon 22:00", way_in="road").startswith("BC B Tue")


def test_l02_delivery_is_not_before_it_is_wanted_at_a_door_but_goods_that_are_fetched_are_there_when_they_are() -> None:
    network = tiny_network(places("AB"), AB, door("delivery", "B"))
    assert ways(network, "A", "BE 4000", "Mon 10", not_before=at("Wed 15:00")).endswith("there Wed 15:00; 1.00")
    assert ways(network, "A", "B", "Mon 10", not_before=at("Wed 15:00")).endswith("there Mon 22:00; 0.00")


def test_l03_a_courier_may_leave_after_the_last_day_of_the_timetable() -> None:
    network = tiny_network(
        places("A"), place("B", hours="07:00 19:00", days="weekdays"), AB, door("delivery", "B"),
        first="2026-11-23", last="2026-11-27",
    )  # fmt: skip
    assert ways(network, "A", "BE 4000", "Fri 10").endswith(
        "delivery.B B 2026-11-30 07:00 > BE 4000 2026-11-30 08:00; there 2026-11-30 08:00; 1.00"
    )


def test_l04_a_courier_after_the_last_day_of_the_timetable_is_paid_at_the_rate_of_that_day() -> None:
    worth = [
        row(ExchangeRate, date=dt.date(2026, 11, day), base="USD", quote="EUR", rate=micro(rate))
        for day, rate in ((1, "0.5"), (30, "0.8"))
    ]
    network = tiny_network(
        places("A"), place("B", hours="07:00 19:00", days="weekdays"), AB, door("delivery", "B", currency="USD"), worth,
        first="2026-11-23", last="2026-11-27",
    )  # fmt: skip
    assert ways(network, "A", "BE 4000", "Fri 10").endswith("there 2026-11-30 08:00; 0.80")
