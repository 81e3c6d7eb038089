"""Plans through tiny networks, from simplest to hardest, compared as lines a planner can read.

A: one ride   B: local time   C: cut-offs   and in test_route_places.py
D: handling and stays   E: room   F: borders and goods   G: doors
"""

import datetime as dt

from rookery.journey.network.line import Cutoff, Variant
from rookery.journey.network.offer import Goods
from rookery.journey.network.place import Calendar, CalendarException, Processing
from rookery.journey.network.rows import Days
from rookery.journey.price import Load
from worlds import at, calls, hindrances, place, places, ride, row, tiny_network, ways

AB = ride("AB", "A 20:00, B 22:00")


def handling(at_facility: str, minutes: int, way_in: str = "*", way_out: str = "*", **fields: object) -> Processing:
    return row(Processing, facility_id=at_facility, way_in=way_in, way_out=way_out, minutes=minutes, **fields)


# --- A: one ride


def test_a01_goods_take_the_next_departure() -> None:
    assert (
        ways(tiny_network(places("AB"), AB), "A", "B", "Mon 10")
        == "AB A Mon 20:00 > B Mon 22:00; there Mon 22:00; 0.00"
    )


def test_a02_goods_ready_at_the_very_minute_still_go_and_a_minute_later_go_the_next_day() -> None:
    network = tiny_network(places("AB"), AB)
    assert ways(network, "A", "B", "Mon 20:00").startswith("AB A Mon 20:00")
    assert ways(network, "A", "B", "Mon 20:01").startswith("AB A Tue 20:00")


def test_a03_goods_that_are_there_already_need_no_service() -> None:
    assert ways(tiny_network(places("AB")), "A", "A", "Mon 10") == "there Mon 10:00; 0.00"


def test_a04_an_overnight_ride_arrives_the_next_day() -> None:
    network = tiny_network(places("AB"), ride("night", "A 23:30, B 05:15+1"))
    assert ways(network, "A", "B", "Mon 10") == "night A Mon 23:30 > B Tue 05:15; there Tue 05:15; 0.00"


def test_a05_a_train_of_many_days_leaves_only_on_its_days() -> None:
    weekly = row(Calendar, calendar_id="weekly", days=Days("0010000"))
    network = tiny_network(places("AB"), weekly, ride("train", "A 06:00, B 09:00+16", days="weekly"))
    assert ways(network, "A", "B", "Thu 10", days=40) == (
        "train A 2026-12-02 06:00 > B 2026-12-18 09:00; there 2026-12-18 09:00; 0.00"
    )


def test_a06_of_two_ways_the_later_and_dearer_is_left_out() -> None:
    network = tiny_network(
        places("AB"), ride("fast", "A 20:00, B 21:00", price="5"), ride("slow", "A 20:00, B 23:00", price="3"),
        ride("worst", "A 20:00, B 23:30", price="4"),
    )  # fmt: skip
    assert ways(network, "A", "B", "Mon 10") == (
        "fast A Mon 20:00 > B Mon 21:00; there Mon 21:00; 5.00\nslow A Mon 20:00 > B Mon 23:00; there Mon 23:00; 3.00"
    )


def test_a07_two_rides_meet_where_the_second_leaves_after_the_first_is_there() -> None:
    network = tiny_network(places("ABC"), AB, ride("BC", "B 06:00, C 07:00"), ride("early", "B 21:59, C 23:00"))
    assert ways(network, "A", "C", "Mon 10") == (
        "AB A Mon 20:00 > B Mon 22:00; BC B Tue 06:00 > C Tue 07:00; there Tue 07:00; 0.00"
    )


def test_a08_one_may_ride_past_a_stop_or_leave_there() -> None:
    network = tiny_network(places("ABC"), ride("ABC", "A 20:00, B 21:00/21:30, C 23:00"))
    assert ways(network, "A", "C", "Mon 10") == "ABC A Mon 20:00 > C Mon 23:00; there Mon 23:00; 0.00"
    assert ways(network, "A", "B", "Mon 10") == "ABC A Mon 20:00 > B Mon 21:00; there Mon 21:00; 0.00"
    assert ways(network, "B", "C", "Mon 10") == "ABC B Mon 21:30 > C Mon 23:00; there Mon 23:00; 0.00"


def test_a09_nothing_goes_the_other_way() -> None:
    (why,) = hindrances(tiny_network(places("AB"), AB), "B", "A", "Mon 10")
    assert why.startswith("unreachable: B to A: wanted services for std of general by 2027-01-22")


def test_a10_a_deadline_that_the_earliest_plan_misses_says_by_how_much() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00+2"))
    assert ways(network, "A", "B", "Mon 10", days=2) == ""
    assert hindrances(network, "A", "B", "Mon 10", days=2) == [
        "too_late: A to B: wanted arrival by 2026-11-25T09:00Z; found the earliest plan, leaving by AB at "
        "2026-11-23T19:00Z, is 12 h late; make the goods ready earlier, or choose a product that promises less"
    ]


def test_a11_to_leave_by_an_instant_binds_the_first_service_only() -> None:
    network = tiny_network(places("ABC"), AB, ride("BC", "B 06:00, C 07:00"))
    assert ways(network, "A", "C", "Mon 10", depart_by=at("Mon 20:00")).count("\n") == 0
    assert ways(network, "A", "C", "Mon 10", depart_by=at("Mon 19:59")) == ""
    (why,) = hindrances(network, "A", "C", "Mon 10", depart_by=at("Mon 19:59"))
    assert "wanted to leave by 2026-11-23T18:59Z; found the earliest plan, leaving by AB" in why


# --- B: local time


def test_b01_two_zones_are_read_each_by_its_own_clock() -> None:
    network = tiny_network(place("A"), place("K", "NP", "Asia/Kathmandu"), ride("fly", "A 10:00, K 23:45", mode="air"))
    assert ways(network, "A", "K", "Mon 09:00") == "fly A Mon 10:00 > K Mon 19:00; there Mon 19:00; 0.00"


def test_b02_in_spring_a_departure_in_the_missing_hour_leaves_an_hour_later_by_the_clock() -> None:
    network = tiny_network(places("AB"), ride("night", "A 02:30, B 05:00"))
    assert ways(network, "A", "B", "2026-03-28 12", shown="UTC") == (
        "night A 2026-03-29 01:30 > B 2026-03-29 03:00; there 2026-03-29 03:00; 0.00"
    ), "03:30 by the summer clock; the ride takes an hour less"


def test_b03_in_autumn_a_departure_in_the_doubled_hour_is_the_first_of_the_two() -> None:
    network = tiny_network(places("AB"), ride("night", "A 02:30, B 05:00"))
    assert ways(network, "A", "B", "2026-10-24 12", shown="UTC") == (
        "night A 2026-10-25 00:30 > B 2026-10-25 04:00; there 2026-10-25 04:00; 0.00"
    ), "02:30 by the summer clock; the ride takes an hour more"


def test_b04_a_day_is_the_day_of_the_first_stop() -> None:
    sundays = row(Calendar, calendar_id="sundays", days=Days("0000001"))
    network = tiny_network(places("ABC"), sundays, ride("ABC", "A 22:00, B 03:00+1/04:00+1, C 05:00+1", days="sundays"))
    assert ways(network, "B", "C", "Mon 03:30").startswith("ABC B Mon 04:00 > C Mon 05:00")


def test_b05_nothing_leaves_on_a_closed_day_or_a_holiday() -> None:
    shut = row(Calendar, calendar_id="be", days=Days("1111100"), holidays="BE")
    network = tiny_network(places("AB"), shut, ride("AB", "A 20:00, B 22:00", days="be"))
    assert ways(network, "A", "B", "Sat 10").startswith("AB A 2026-11-30 20:00"), "a weekend"
    assert ways(network, "A", "B", "2026-11-11 10").startswith("AB A 2026-11-12 20:00"), "Armistice Day"


def test_b06_an_exception_opens_a_closed_day_and_closes_an_open_one() -> None:
    shut = row(Calendar, calendar_id="be", days=Days("1111100"), holidays="BE")
    days = [("2026-11-28", True), ("2026-11-11", True), ("2026-11-23", False)]
    odd = [row(CalendarException, calendar_id="be", date=dt.date.fromisoformat(d), open=o) for d, o in days]
    network = tiny_network(places("AB"), shut, odd, ride("AB", "A 20:00, B 22:00", days="be"))
    assert ways(network, "A", "B", "Sat 10").startswith("AB A Sat 20:00")
    assert ways(network, "A", "B", "2026-11-11 10").startswith("AB A 2026-11-11 20:00")
    assert ways(network, "A", "B", "Mon 10").startswith("AB A Tue 20:00")


def test_b07_a_calendar_holds_from_its_first_to_its_last_day() -> None:
    summer = row(
        Calendar, calendar_id="short", days=Days("1111111"), valid_from=dt.date(2026, 11, 25),
        valid_to=dt.date(2026, 11, 26),
    )  # fmt: skip
    network = tiny_network(places("AB"), summer, ride("AB", "A 20:00, B 22:00", days="short"))
    assert ways(network, "A", "B", "Mon 10").startswith("AB A Wed 20:00")
    assert ways(network, "A", "B", "Thu 20:01") == ""


def test_b08_a_new_timetable_takes_over_on_its_first_day() -> None:
    network = tiny_network(
        places("AB"),
        ride("AB", "A 20:00, B 22:00", variant="winter", valid_to=dt.date(2026, 11, 24)),
        row(Variant, variant_id="spring", service_id="AB", calendar_id="daily", valid_from=dt.date(2026, 11, 25)),
        calls("spring", "A 18:00, B 19:00"),
    )
    assert ways(network, "A", "B", "Tue 10") == "AB A Tue 20:00 > B Tue 22:00; there Tue 22:00; 0.00"
    assert ways(network, "A", "B", "Tue 20:01") == "AB A Wed 18:00 > B Wed 19:00; there Wed 19:00; 0.00"


def test_b09_nothing_leaves_after_the_last_day_of_the_network() -> None:
    assert ways(tiny_network(places("AB"), AB), "A", "B", "2026-12-31 21") == ""


# --- C: cut-offs


def cutoff(kind: str, minutes: int, **fields: str) -> Cutoff:
    return row(Cutoff, **({"service_id": "AB", "kind": kind, "minutes": minutes} | fields))


def leaves(ready: str, *rows: object, known: str = "", goods: str = "general", handled: int = 0) -> str:
    """The day on which goods leave A at 20:00, by these cut-offs."""
    extra = {"known_at": at(known)} if known else {}
    lithium = row(Goods, goods_class="lithium", name="batteries")
    network = tiny_network(places("AB"), AB, lithium, handling("A", handled), *rows)
    return ways(network, "A", "B", ready, load=Load(1000, goods_class=goods), **extra).split(" ")[2]


def test_c01_acceptance_counts_from_when_the_goods_are_at_the_facility() -> None:
    rows = (cutoff("acceptance", 120),)
    assert [leaves(ready, *rows) for ready in ("Mon 18:00", "Mon 18:01")] == ["Mon", "Tue"]


def test_c02_acceptance_does_not_wait_for_the_handling_but_the_departure_does() -> None:
    rows = (cutoff("acceptance", 120),)
    assert leaves("Mon 18:00", *rows, handled=120) == "Mon"
    assert leaves("Mon 18:00", *rows, handled=121) == "Tue"


def test_c03_load_build_counts_from_when_the_goods_are_handled() -> None:
    rows = (cutoff("load_build", 60),)
    assert [leaves(ready, *rows, handled=90) for ready in ("Mon 17:30", "Mon 17:31")] == ["Mon", "Tue"]


def test_c04_booking_papers_and_customs_data_count_from_when_they_are_known_and_the_longest_binds() -> None:
    for kinds in (("booking",), ("documents",), ("customs_data",), ("booking", "documents", "customs_data")):
        rows = [cutoff(kind, 240 - 30 * n) for n, kind in enumerate(kinds)]
        assert leaves("Mon 19:00", *rows, known="Mon 16:00") == "Mon", kinds
        assert leaves("Mon 19:00", *rows, known="Mon 16:01") == "Tue", kinds


def test_c05_all_kinds_that_match_must_be_met() -> None:
    rows = (cutoff("acceptance", 30), cutoff("load_build", 45), cutoff("documents", 180))
    assert leaves("Mon 19:15", *rows, known="Mon 17:00") == "Mon"
    assert leaves("Mon 19:16", *rows, known="Mon 17:00") == "Tue", "the load is being built"
    assert leaves("Mon 19:15", *rows, known="Mon 17:01") == "Tue", "the papers are late"


def test_c06_a_class_of_goods_has_its_own_cut_off_even_a_later_one() -> None:
    rows = (cutoff("acceptance", 120), cutoff("acceptance", 240, goods_class="lithium"))
    assert [leaves("Mon 17:00", *rows, goods=goods) for goods in ("general", "lithium")] == ["Mon", "Tue"]
    rows = (cutoff("acceptance", 120), cutoff("acceptance", 30, goods_class="lithium"))
    assert [leaves("Mon 19:00", *rows, goods=goods) for goods in ("general", "lithium")] == ["Tue", "Mon"]


def test_c07_of_a_kind_the_row_that_names_more_is_used() -> None:
    rows = (
        cutoff("acceptance", 600, service_id="*"), cutoff("acceptance", 240, product_id="std"),
        cutoff("acceptance", 60, facility_id="A", product_id="std"), cutoff("acceptance", 900, facility_id="B"),
    )  # fmt: skip
    assert [leaves(ready, *rows) for ready in ("Mon 19:00", "Mon 19:01")] == ["Mon", "Tue"]


def test_c08_a_cut_off_before_the_doubled_hour_is_counted_in_real_minutes() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 04:00, B 05:00"), cutoff("acceptance", 120))
    assert ways(network, "A", "B", "2026-10-25 02:59").startswith("AB A 2026-10-25 04:00"), "02:59 comes twice"
    assert ways(network, "A", "B", "2026-03-29 01:00").startswith("AB A 2026-03-29 04:00")
    assert ways(network, "A", "B", "2026-03-29 01:01").startswith("AB A 2026-03-30 04:00"), "there is no 02:00"
