"""What comes before what: weeks and clocks, overtaking, stays, days with other prices, ties; as lines to read.

H: weeks and clocks   I: what is late, and what overtakes   J: stays   K: prices by day
L: where goods begin and end   M: ties
"""

import datetime as dt
from dataclasses import replace

from rookery.journey.account import Use
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture
from rookery.journey.network.line import Cutoff, Variant
from rookery.journey.network.offer import ExchangeRate, Goods, Surcharge
from rookery.journey.network.place import Calendar, Connection, Processing
from rookery.journey.network.rows import Days
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.route import plans
from worlds import (
    at,
    booked,
    calls,
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


def again(service: str, stops: str, days: str = "daily") -> list[object]:
    """Another variant of a service."""
    name = f"{service}.{stops}"
    return [row(Variant, variant_id=name, service_id=service, calendar_id=days), *calls(name, stops)]


# --- H: weeks and clocks


def test_h01_a_weekly_ride_that_has_left_leaves_again_a_week_later_over_the_end_of_the_year() -> None:
    thursdays = row(Calendar, calendar_id="thu", days=Days("0001000"))
    network = tiny_network(places("AB"), thursdays, ride("AB", "A 20:00, B 04:00+1", days="thu"), last="2027-06-30")
    assert ways(network, "A", "B", "2026-12-31 20:00") == (
        "AB A 2026-12-31 20:00 > B 2027-01-01 04:00; there 2027-01-01 04:00; 0.00"
    )
    assert ways(network, "A", "B", "2026-12-31 20:01") == (
        "AB A 2027-01-07 20:00 > B 2027-01-08 04:00; there 2027-01-08 04:00; 0.00"
    )


def test_h02_overnight_rides_meet_in_the_middle_of_the_night() -> None:
    night = ride("AB", "A 22:00, B 01:30+1"), ride("BC", "B 26:00, C 30:00")
    assert ways(tiny_network(places("ABC"), night), "A", "C", "Mon 10") == (
        "AB A Mon 22:00 > B Tue 01:30; BC B Tue 02:00 > C Tue 06:00; there Tue 06:00; 0.00"
    )


def over(day: str, *, shown: str = "UTC") -> str:
    """Plans over the night on which Europe's clocks change, by way of Lisbon, to where they never do."""
    far = place("A"), place("L", "ES", "Europe/Lisbon"), place("T", "JP", "Asia/Tokyo")
    rides = ride("AL", "A 22:00, L 02:30+1", mode="air"), ride("LT", "L 04:00, T 05:00+1", mode="air")
    return ways(tiny_network(*far, rides), "A", "T", f"{day} 12", shown=shown)


def test_h03_in_spring_and_autumn_each_stop_keeps_its_own_clock() -> None:
    assert over("2026-03-27").startswith("AL A 2026-03-27 21:00 > L 2026-03-28 02:30; LT L 2026-03-28 04:00")
    assert over("2026-03-28") == (
        "AL A 2026-03-28 21:00 > L 2026-03-29 01:30; LT L 2026-03-29 03:00 > T 2026-03-29 20:00; "
        "there 2026-03-29 20:00; 0.00"
    ), "Lisbon has gone over to summer time at 01:00 UTC; Tokyo keeps its clock"
    assert over("2026-10-24") == (
        "AL A 2026-10-24 20:00 > L 2026-10-25 02:30; LT L 2026-10-25 04:00 > T 2026-10-25 20:00; "
        "there 2026-10-25 20:00; 0.00"
    )


def test_h04_the_longest_stay_is_counted_in_real_hours_when_clocks_go_back() -> None:
    rides = ride("AB", "A 20:00, B 22:00"), ride("BC", "B 07:00, C 08:00")
    network = tiny_network(places("ABC"), rides, handling("B", 0, dwell_min_max=9 * 60))
    assert ways(network, "A", "C", "2026-10-23 12", days=1).endswith("there 2026-10-24 08:00; 0.00")
    assert ways(network, "A", "C", "2026-10-24 12", days=1) == "", "that night has an hour more"


def test_h05_a_cut_off_chain_is_that_of_the_goods_class() -> None:
    rows = [
        row(Cutoff, service_id="AB", kind=kind, minutes=minutes, goods_class=goods)
        for kind, minutes, goods in (("acceptance", 60, "*"), ("load_build", 30, "*"), ("acceptance", 300, "lithium"),
                                     ("documents", 600, "lithium"))
    ]  # fmt: skip
    network = tiny_network(places("AB"), AB, rows, row(Goods, goods_class="lithium", name="cells"), handling("A", 60))
    leaves = lambda ready, goods, known: ways(  # noqa: E731
        network, "A", "B", ready, load=Load(1000, goods_class=goods), known_at=at(known)
    ).split(" ")[2]
    assert [leaves(ready, "general", "Mon 19:00") for ready in ("Mon 18:30", "Mon 18:31")] == ["Mon", "Tue"]
    assert [leaves(ready, "lithium", "Mon 10:00") for ready in ("Mon 15:00", "Mon 15:01")] == ["Mon", "Tue"]
    assert leaves("Mon 15:00", "lithium", "Mon 10:01") == "Tue", "the papers are late"


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


def test_i04_a_fast_train_of_the_same_stops_overtakes_a_slow_one() -> None:
    network = tiny_network(
        places("ABC"), ride("AC", "A 10:00, B 14:00/14:10, C 18:00"), again("AC", "A 11:00, B 12:00/12:10, C 13:00")
    )
    assert ways(network, "A", "C", "Mon 09") == "AC A Mon 11:00 > C Mon 13:00; there Mon 13:00; 0.00"
    assert ways(network, "B", "C", "Mon 12:11") == "AC B Mon 14:10 > C Mon 18:00; there Mon 18:00; 0.00"


def test_i05_a_late_departure_is_overtaken_by_the_next() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 10:00, B 12:00"), again("AB", "A 11:00, B 13:00"))
    desk, state = desk_of(network, at("Mon 09:00")), empty_state()
    decide(state, DelayDeparture("AB/2026-11-23", "haul", desk.now, 7200, 7200), desk)
    lines = [
        "; ".join(plan_text(plan) for plan in plans(trip(network, "A", "B", ready), Room(state), desk))
        for ready in ("Mon 10:00", "Mon 11:01")
    ]
    assert lines == [
        "AB A Mon 11:00 > B Mon 13:00; there Mon 13:00; 0.00", "AB A Mon 12:00 > B Mon 14:00; there Mon 14:00; 0.00"
    ]  # fmt: skip


def test_i06_room_on_a_later_leg_only_lets_goods_go_as_far_as_there_is_room() -> None:
    through = ride("AC", "A 10:00, B 12:00/12:30, C 14:00", carries="pieces 1")
    network = tiny_network(places("ABC"), through, ride("BC", "B 20:00, C 21:00", price="2"))
    full = booked(network, ("departure:AC/2026-11-23/2", {"pieces": 1}))
    assert ways(network, "A", "C", "Mon 09", used=full) == (
        "AC A Mon 10:00 > B Mon 12:00; BC B Mon 20:00 > C Mon 21:00; there Mon 21:00; 2.00\n"
        "AC A Tue 10:00 > C Tue 14:00; there Tue 14:00; 0.00"
    )


# --- J: stays


def test_j01_goods_come_later_where_they_may_not_wait_also_if_another_ride_was_there_as_early_and_cheaper() -> None:
    often = ride("often", "A 08:30, X 10:00", price="2"), again("often", "A 10:30, X 12:00")
    onward = ride("XY", "X 11:00, Y 12:00"), again("XY", "X 13:30, Y 14:30"), ride("YZ", "Y 15:00, Z 16:00")
    limits = handling("X", 0, dwell_min_max=120), handling("Y", 0, dwell_min_max=60)
    network = tiny_network(places("AXYZ"), ride("cheap", "A 08:00, X 10:00", price="1"), often, onward, limits)
    assert ways(network, "A", "Z", "Mon 06", days=3) == (
        "often A Mon 10:30 > X Mon 12:00; XY X Mon 13:30 > Y Mon 14:30; YZ Y Mon 15:00 > Z Mon 16:00; "
        "there Mon 16:00; 2.00"
    )


def test_j02_a_later_departure_shortens_the_stay() -> None:
    rides = ride("AB", "A 08:00, B 09:00"), again("AB", "A 12:00, B 13:00"), ride("BC", "B 14:00, C 15:00")
    limited = tiny_network(places("ABC"), *rides, handling("B", 0, dwell_min_max=120))
    assert ways(limited, "A", "C", "Mon 06", days=1) == (
        "AB A Mon 12:00 > B Mon 13:00; BC B Mon 14:00 > C Mon 15:00; there Mon 15:00; 0.00"
    )


def test_j03_a_fee_is_avoided_by_waiting_before_it_begins() -> None:
    rides = ride("AB", "A 08:00, B 09:00"), again("AB", "A 12:00, B 13:00"), ride("BC", "B 14:00, C 15:00")
    fee = {"free_min": 120, "storage_per_kg_day": micro("1"), "currency": "EUR"}
    assert ways(tiny_network(places("ABC"), *rides, handling("B", 0, **fee)), "A", "C", "Mon 06", days=1) == (
        "AB A Mon 12:00 > B Mon 13:00; BC B Mon 14:00 > C Mon 15:00; there Mon 15:00; 0.00"
    )


# --- K: prices by day


def test_k01_a_ride_is_priced_on_the_day_its_departure_belongs_to_also_if_goods_board_the_day_after() -> None:
    fuel = row(Surcharge, tariff_id="*", kind="fuel", flat=micro("2"), valid_from=dt.date(2026, 11, 24))
    network = tiny_network(places("ABC"), ride("ABC", "A 22:00, B 03:00+1/04:00+1, C 05:00+1", price="1"), fuel)
    assert ways(network, "B", "C", "Tue 02:00", days=1) == "ABC B Tue 04:00 > C Tue 05:00; there Tue 05:00; 1.00"
    assert ways(network, "B", "C", "Tue 04:01", days=2).endswith("; 3.00")


def test_k02_a_later_departure_is_useful_where_a_surcharge_has_ended() -> None:
    peak = row(Surcharge, tariff_id="*", kind="peak", percent=micro("50"), valid_to=dt.date(2026, 11, 24))
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00", price="10"), peak)
    assert ways(network, "A", "B", "Mon 10") == (
        "AB A Mon 20:00 > B Mon 22:00; there Mon 22:00; 15.00\nAB A Wed 20:00 > B Wed 22:00; there Wed 22:00; 10.00"
    )


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


# --- M: ties


def tie(*rides: object, way: str = "AC") -> set[str]:
    """The plans from one place to another, with the rows in this order and in the other."""
    orders = rides, rides[::-1]
    return {ways(tiny_network(places("ABC"), *rows), way[0], way[1], "Mon 10") for rows in orders}


def test_m01_of_two_services_at_the_same_times_and_price_one_is_always_chosen_whatever_the_order_of_rows() -> None:
    assert tie(ride("two", "A 20:00, C 22:00"), ride("one", "A 20:00, C 22:00")) == {
        "one A Mon 20:00 > C Mon 22:00; there Mon 22:00; 0.00"
    }


def test_m02_of_two_variants_of_one_service_too() -> None:
    rows = ride("AC", "A 20:00, C 22:00", variant="y"), again("AC", "A 20:00, C 22:00")
    assert len(tie(*rows)) == 1


def test_m03_of_ways_as_early_and_as_cheap_a_direct_ride_stands() -> None:
    rows = ride("AB", "A 11:00, B 12:00"), ride("BC", "B 13:00, C 22:00"), ride("z", "A 20:00, C 22:00")
    assert tie(*rows) == {"z A Mon 20:00 > C Mon 22:00; there Mon 22:00; 0.00"}


def test_m04_of_two_zones_at_the_same_time_and_price_the_first_by_name() -> None:
    doors = [door("delivery", "B", zone_id=name) for name in ("south", "north")]
    found = {ways(tiny_network(places("AB"), AB, order), "A", "BE 4000", "Mon 10") for order in (doors, doors[::-1])}
    assert len(found) == 1 and "north" in found.pop()
