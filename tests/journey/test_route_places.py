"""What happens to goods between rides: in tiny networks, compared as lines a planner can read.

D: handling and stays   E: room   F: borders and goods   G: doors
"""

import datetime as dt

import pytest

from rookery.engines.network.work import make_work
from rookery.journey import atlas, walk
from rookery.journey.network.line import Capacity
from rookery.journey.network.offer import Customs, Goods, Product
from rookery.journey.network.place import Calendar, Connection, OpeningHours, Processing
from rookery.journey.network.rows import Days, Micro
from rookery.journey.price import Load
from worlds import at, booked, door, hindrances, place, places, ride, row, tiny_network, ways

AB = ride("AB", "A 20:00, B 22:00")


def handling(at_facility: str, minutes: int, way_in: str = "*", way_out: str = "*", **fields: object) -> Processing:
    return row(Processing, facility_id=at_facility, way_in=way_in, way_out=way_out, minutes=minutes, **fields)


# --- D: handling and stays

VIA_B = [places("ABC"), AB, ride("BC", "B 23:00, C 23:30")]


def second_leg(*rows: object, **fields: object) -> str:
    """The day on which goods from A, in B since Monday 22:00, leave for C at 23:00."""
    return ways(tiny_network(VIA_B, *rows), "A", "C", "Mon 10", **fields).split("BC B ")[-1].split(" ")[0]


def test_d01_goods_go_on_once_they_are_handled() -> None:
    assert [second_leg(handling("B", minutes)) for minutes in (0, 60, 61)] == ["Mon", "Mon", "Tue"]


def test_d02_the_row_that_names_more_is_used_and_the_leftmost_name_among_equals() -> None:
    assert second_leg(handling("B", 600), handling("B", 30, "road")) == "Mon"
    assert second_leg(handling("B", 30), handling("B", 600, "road", "road")) == "Tue"
    assert second_leg(handling("B", 30), handling("*", 600, "road", "road")) == "Tue"
    assert second_leg(handling("B", 30, "road"), handling("B", 600, way_out="road")) == "Mon"
    assert second_leg(handling("B", 30), handling("*", 600, goods_class="general")) == "Mon"
    assert second_leg(handling("B", 30), handling("B", 600, "air"), handling("B", 600, way_out="delivery")) == "Mon"


def test_d03_a_connection_takes_at_least_its_time_if_that_is_longer_than_the_handling() -> None:
    assert second_leg(handling("B", 30, connection_min=60)) == "Mon"
    assert second_leg(handling("B", 30, connection_min=61)) == "Tue"
    assert second_leg(handling("B", 61, connection_min=10)) == "Tue"


def test_d04_the_first_service_is_no_connection() -> None:
    network = tiny_network(VIA_B, handling("A", 30, connection_min=600))
    assert ways(network, "A", "B", "Mon 19:30").startswith("AB A Mon")


def test_d05_a_named_connection_is_what_two_services_need_longer_or_shorter() -> None:
    named = row(Connection, facility_id="B", from_service="AB", to_service="BC", minutes=60)
    other = row(Connection, facility_id="B", from_service="XX", to_service="BC", minutes=600)
    assert second_leg(handling("B", 600), named, other) == "Mon"
    assert (
        second_leg(handling("B", 10), row(Connection, facility_id="B", from_service="AB", to_service="BC", minutes=61))
        == "Tue"
    )
    assert second_leg(handling("B", 10), other) == "Mon"


def test_d06_goods_may_not_wait_longer_than_a_facility_keeps_them() -> None:
    assert second_leg(handling("B", 0, dwell_min_max=60)) == "Mon"
    assert ways(tiny_network(VIA_B, handling("B", 0, dwell_min_max=59)), "A", "C", "Mon 10") == ""


def test_d07_a_stay_beyond_its_free_time_is_paid_per_kg_and_day_begun() -> None:
    fee = {"free_min": 60, "storage_per_kg_day": Micro(250_000), "currency": "EUR"}
    sundays = row(Calendar, calendar_id="sundays", days=Days("0000001"))
    saturdays = row(Calendar, calendar_id="saturdays", days=Days("0000010"))
    weekly = ride("AB", "A 20:00, B 22:00", days="saturdays"), ride("BC", "B 23:00, C 23:30", days="sundays")
    late = tiny_network(places("ABC"), saturdays, sundays, weekly, handling("B", 0, **fee))
    assert ways(late, "A", "C", "Sat 10", load=Load(2000)) == (
        "AB A Sat 20:00 > B Sat 22:00; BC B Sun 23:00 > C Sun 23:30; there Sun 23:30; 0.50"
    ), "24 hours beyond the free one: one day of two kilograms"
    daily = tiny_network(places("ABC"), AB, sundays, weekly[1], handling("B", 0, **fee))
    assert ways(daily, "A", "C", "Sat 10", load=Load(2000)) == (
        "AB A Sun 20:00 > B Sun 22:00; BC B Sun 23:00 > C Sun 23:30; there Sun 23:30; 0.00"
    ), "it waits where waiting costs nothing"
    assert second_leg(handling("B", 0, **fee)) == "Mon"
    assert ways(tiny_network(VIA_B, handling("B", 0, **fee)), "A", "C", "Mon 10").endswith("; 0.00"), "an hour is free"
    cheap = handling("B", 0, **(fee | {"free_min": 59}))
    assert ways(tiny_network(VIA_B, cheap), "A", "C", "Mon 10").endswith("; 0.25"), "a minute begins a day"


# --- E: room


def test_e01_a_full_departure_lets_goods_wait_for_the_next() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00", carries="grams 1500"))
    used = booked(network, ("departure:AB/2026-11-23/1", {"grams": 501}), ("departure:AB/2026-11-24/1", {"grams": 500}))
    assert ways(network, "A", "B", "Mon 10", used=used) == "AB A Tue 20:00 > B Tue 22:00; there Tue 22:00; 0.00"


def test_e02_every_dimension_counts() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00", carries="grams 5000, cm3 6000, pieces 3"))
    assert ways(network, "A", "B", "Mon 10", load=Load(5000, 6000, 3)) != ""
    for load in (Load(5001, 0, 1), Load(1, 6001, 1), Load(1, 1, 4)):
        assert ways(network, "A", "B", "Mon 10", load=load) == ""


def test_e03_goods_that_fit_nowhere_are_told_which_resource_is_short() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00", carries="grams 999"))
    assert hindrances(network, "A", "B", "Mon 10") == [
        "short: departure:AB/2026-11-23/1: wanted 1000 grams; found 999 of 999 left; "
        "ask for less: this is all there ever is"
    ]


def test_e04_two_rides_of_one_service_share_the_leg_that_both_use() -> None:
    network = tiny_network(places("ABC"), ride("ABC", "A 20:00, B 21:00/21:30, C 23:00", carries="pieces 2"))
    first = ("departure:ABC/2026-11-23/1", {"pieces": 2})
    second = ("departure:ABC/2026-11-23/2", {"pieces": 1})
    assert ways(network, "A", "C", "Mon 10", used=booked(network, first)).startswith("ABC A Tue")
    assert ways(network, "B", "C", "Mon 10", used=booked(network, first)).startswith("ABC B Mon")
    assert ways(network, "A", "B", "Mon 10", used=booked(network, first)).startswith("ABC A Tue")
    assert ways(network, "A", "C", "Mon 10", used=booked(network, second), load=Load(1, 0, 2)).startswith("ABC A Tue")


def test_e05_the_row_that_names_more_says_what_a_leg_carries() -> None:
    rows = [
        row(Capacity, service_id="ABC", dimension="pieces", amount=9),
        row(Capacity, service_id="ABC", variant_id="ABC", dimension="pieces", amount=5),
        row(Capacity, service_id="ABC", leg_seq="2", dimension="grams", amount=700),
        row(Capacity, service_id="ABC", variant_id="ABC", leg_seq="2", dimension="pieces", amount=1),
    ]
    network = tiny_network(places("ABC"), ride("ABC", "A 20:00, B 21:00/21:30, C 23:00"), rows)
    assert ways(network, "A", "B", "Mon 10", load=Load(1000, 0, 5)) != ""
    assert ways(network, "A", "B", "Mon 10", load=Load(1000, 0, 6)) == ""
    assert ways(network, "B", "C", "Mon 10", load=Load(700, 0, 1)) != ""
    assert ways(network, "B", "C", "Mon 10", load=Load(701, 0, 1)) == ""
    assert ways(network, "A", "C", "Mon 10", load=Load(700, 0, 2)) == ""


def test_e06_a_full_way_makes_another_the_best() -> None:
    network = tiny_network(
        places("AB"), ride("cheap", "A 20:00, B 22:00", price="1", carries="pieces 1"),
        ride("dear", "A 20:00, B 22:30", price="9"),
    )  # fmt: skip
    full = booked(network, ("departure:cheap/2026-11-23/1", {"pieces": 1}))
    assert ways(network, "A", "B", "Mon 10", used=full) == (
        "dear A Mon 20:00 > B Mon 22:30; there Mon 22:30; 9.00\ncheap A Tue 20:00 > B Tue 22:00; there Tue 22:00; 1.00"
    )


def test_e07_what_is_short_is_told_of_every_full_leg_of_the_plan_there_would_be() -> None:
    network = tiny_network(
        places("ABC"), ride("AB", "A 20:00, B 22:00", carries="pieces 0"),
        ride("BC", "B 06:00, C 07:00", carries="pieces 0"),
    )  # fmt: skip
    assert [why.split(": ")[1] for why in hindrances(network, "A", "C", "Mon 10")] == [
        "departure:AB/2026-11-23/1", "departure:BC/2026-11-24/1",
    ]  # fmt: skip


# --- F: borders and goods

OVERSEAS = [place("A"), place("L", "GB", "Europe/London"), place("M", "GB", "Europe/London")]


def customs(minutes: int, **fields: object) -> Customs:
    told = {"from_territory": "EU", "to_territory": "GB", "regime": "formal", "minutes": minutes}
    return row(Customs, **(told | fields))


def to_m(*rows: object, goods: str = "general") -> str:
    network = tiny_network(
        OVERSEAS, row(Goods, goods_class="lithium", name="batteries"),
        ride("AL", "A 10:00, L 12:00"), ride("LM", "L 16:00, M 17:00"), rows,
    )  # fmt: skip
    return ways(network, "A", "M", "Mon 10", load=Load(1000, goods_class=goods)).split("there ")[-1].split(";")[0]


def test_f01_goods_go_on_once_they_are_cleared() -> None:
    assert [to_m(), to_m(customs(240)), to_m(customs(241))] == ["Mon 18:00", "Mon 18:00", "Tue 18:00"]


def test_f02_clearance_comes_before_the_handling_that_follows() -> None:
    assert to_m(customs(180), handling("L", 60)) == "Mon 18:00"
    assert to_m(customs(181), handling("L", 60)) == "Tue 18:00"


def test_f03_the_regime_of_the_goods_and_territory_is_used() -> None:
    rows = (customs(600, from_territory="*"), customs(60), customs(999, goods_class="lithium"))
    assert [to_m(*rows), to_m(*rows, goods="lithium")] == ["Mon 18:00", "Tue 18:00"]
    assert to_m(customs(999, valid_to=dt.date(2026, 11, 22))) == "Mon 18:00"


def test_f04_inside_a_customs_territory_nothing_is_cleared() -> None:
    network = tiny_network(
        place("A"), place("S", "ES", "Europe/Madrid"), ride("AS", "A 10:00, S 12:00"), ride("ST", "S 12:00, T 13:00"),
        place("T", "ES", "Europe/Madrid"), customs(999, from_territory="*", to_territory="EU"),
    )  # fmt: skip
    assert ways(network, "A", "T", "Mon 10").endswith("there Mon 13:00; 0.00")


def test_f05_goods_do_not_pass_through_a_country_that_forbids_it() -> None:
    network = tiny_network(
        OVERSEAS, place("S", "ES", "Europe/Madrid"), ride("AL", "A 10:00, L 11:00"), ride("LS", "L 12:00, S 15:00"),
        ride("AS", "A 10:00, S 20:00"),
    )  # fmt: skip
    assert ways(network, "A", "S", "Mon 10").startswith("AL A")
    assert ways(network, "A", "S", "Mon 10", forbidden=("GB",)) == "AS A Mon 10:00 > S Mon 20:00; there Mon 20:00; 0.00"


def test_f06_goods_for_freighters_only_fly_on_no_passenger_aircraft() -> None:
    cao = row(Goods, goods_class="cao", name="loose batteries", cargo_aircraft_only=True, modes=("air",))
    network = tiny_network(
        places("AB"), cao, ride("belly", "A 10:00, B 11:00", mode="air", aircraft="passenger"),
        ride("freighter", "A 12:00, B 13:00", mode="air", aircraft="freighter"), ride("truck", "A 10:00, B 10:30"),
    )  # fmt: skip
    assert ways(network, "A", "B", "Mon 10", load=Load(1000, goods_class="cao")).startswith("freighter A Mon 12:00")


def test_f07_a_service_carries_the_goods_and_products_it_names() -> None:
    lithium = row(Goods, goods_class="lithium", name="batteries")
    network = tiny_network(
        places("AB"), lithium, ride("picky", "A 10:00, B 11:00", goods=("general",)),
        ride("other", "A 10:00, B 12:00", products=("express",)), ride("any", "A 10:00, B 13:00"),
    )  # fmt: skip
    assert ways(network, "A", "B", "Mon 10").startswith("picky")
    assert ways(network, "A", "B", "Mon 10", load=Load(1000, goods_class="lithium")).startswith("any")


def test_f08_a_product_travels_by_its_modes_and_by_transfers_between_them() -> None:
    product = row(
        Product, product_id="std", name="Surface", company_id="haul", calendar_id="daily", duties="either",
        modes=("sea",),
    )  # fmt: skip
    network = tiny_network(
        places("ABC"), product, ride("fly", "A 10:00, C 11:00", mode="air"),
        ride("shuttle", "A 10:00, B 10:30", mode="transfer"), ride("ship", "B 12:00, C 20:00", mode="sea"),
    )  # fmt: skip
    assert ways(network, "A", "C", "Mon 10") == (
        "shuttle A Mon 10:00 > B Mon 10:30; ship B Mon 12:00 > C Mon 20:00; there Mon 20:00; 0.00"
    )


# --- G: doors


def test_g01_goods_are_collected_carried_and_delivered() -> None:
    network = tiny_network(places("AB"), AB, door("pickup", "A"), door("delivery", "B"))
    assert ways(network, "BE 1000", "BE 4000", "Mon 10") == (
        "pickup.A BE 1000 Mon 10:00 > A Mon 11:00; AB A Mon 20:00 > B Mon 22:00; "
        "delivery.B B Mon 22:00 > BE 4000 Mon 23:00; there Mon 23:00; 2.00"
    )


def test_g02_a_courier_comes_in_and_leaves_within_opening_hours() -> None:
    network = tiny_network(
        place("A", hours="08:00 18:00"), place("B", hours="07:00 19:00", days="weekdays"), AB,
        door("pickup", "A"), door("delivery", "B"),
    )  # fmt: skip
    assert ways(network, "BE 1000", "BE 4000", "Thu 17:30") == (
        "pickup.A BE 1000 Thu 17:30 > A Fri 08:00; AB A Fri 20:00 > B Fri 22:00; "
        "delivery.B B 2026-11-30 07:00 > BE 4000 2026-11-30 08:00; there 2026-11-30 08:00; 2.00"
    )


def test_g03_some_weekdays_have_other_hours() -> None:
    late = row(OpeningHours, facility_id="B", days=Days("0100000"), opens=13 * 60, closes=14 * 60)
    network = tiny_network(places("A"), place("B", hours="07:00 19:00"), late, AB, door("delivery", "B"))
    assert ways(network, "A", "BE 4000", "Mon 10").endswith(
        "delivery.B B Tue 13:00 > BE 4000 Tue 14:00; there Tue 14:00; 1.00"
    )


def test_g04_hours_may_reach_past_midnight() -> None:
    network = tiny_network(
        places("A"), place("B", hours="20:00 02:00+1", days="weekdays"), ride("AB", "A 20:00, B 01:00+1"),
        door("delivery", "B"),
    )  # fmt: skip
    assert "delivery.B B Sat 01:00" in ways(network, "A", "BE 4000", "Fri 10"), "still Friday's hours"
    assert "delivery.B B 2026-11-30 20:00" in ways(network, "A", "BE 4000", "Sat 10")


def test_g05_delivery_waits_for_the_window_that_is_wanted() -> None:
    network = tiny_network(places("A"), place("B", hours="07:00 19:00"), AB, door("delivery", "B"))
    assert "B Wed 14:00 > BE 4000 Wed 15:00" in ways(network, "A", "BE 4000", "Mon 10", not_before=at("Wed 15:00"))
    assert "B Thu 07:00 > BE 4000 Thu 08:00" in ways(network, "A", "BE 4000", "Mon 10", not_before=at("Wed 21:00"))


def test_g06_the_last_handling_is_that_of_delivery() -> None:
    network = tiny_network(
        places("AB"), AB, door("delivery", "B"), handling("B", 30, way_out="delivery"), handling("B", 600),
    )  # fmt: skip
    assert "delivery.B B Mon 22:30" in ways(network, "A", "BE 4000", "Mon 10")


def test_g07_a_named_range_of_postcodes_comes_before_the_whole_country() -> None:
    zones = [
        door("delivery", "A", price="9"), door("delivery", "B", postcode_from="4", price="3", zone_id="liege"),
        door("delivery", "C", postcode_from="4600", postcode_to="4699", price="2", zone_id="north"),
    ]  # fmt: skip
    network = tiny_network(places("ABC"), ride("ABC", "A 12:00, B 13:00/14:00, C 15:00"), zones)
    assert ways(network, "A", "BE 1000", "Mon 10").startswith("delivery.A A Mon 10:00")
    assert ways(network, "A", "BE 4000", "Mon 10").endswith("; 3.00") and "liege" in ways(
        network, "A", "BE 4000", "Mon 10"
    )
    both = ways(network, "A", "BE 46 50", "Mon 10").split("\n")
    assert [line.split("; ")[1].split(" ")[0] for line in both] == ["liege", "north"], "two serve it, neither is worse"


def test_g08_goods_fetched_at_a_facility_need_no_courier() -> None:
    network = tiny_network(places("AB"), AB, door("pickup", "A"), door("delivery", "B"))
    assert ways(network, "BE 1000", "B", "Mon 10").endswith("AB A Mon 20:00 > B Mon 22:00; there Mon 22:00; 1.00")


def test_g09_where_nobody_delivers_nothing_can_be_sent() -> None:
    network = tiny_network(places("AB"), AB, door("delivery", "B", postcode_from="5"))
    (why,) = hindrances(network, "A", "BE 4000", "Mon 10")
    assert why == (
        "unreachable: BE 4000: wanted a delivery zone that holds it; found none; "
        "add a delivery zone in zones.csv, or correct the postcode"
    )


def test_g10_a_plan_has_no_more_services_than_the_policy_allows() -> None:
    chain = [
        ride(f"{a}{b}", f"{a} 0{n}:00, {b} 0{n}:30")
        for n, (a, b) in enumerate(zip("ABCDEFGHI", "BCDEFGHIJ", strict=True))
    ]
    network = tiny_network(places("ABCDEFGHIJ"), chain)
    assert ways(network, "A", "I", "Mon 00:00").count(" > ") == 8


def test_d14_a_search_to_where_nothing_leads_ends_with_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing leads to the goal nothing bounds the search, and every way to everywhere would be kept."""
    between = [
        ride(f"{a}{b}{n}", f"{a} {n}:00, {b} {n + 1}:00", price=str(30 - n))
        for a, b in ("AB", "BC", "CA") for n in range(8, 20)
    ]  # fmt: skip
    network = tiny_network(places("ABCD"), between, ride("CD", "C 20:00, D 22:00", carries="grams 10"))
    monkeypatch.setattr(atlas, "make_work", lambda net, labels: make_work(net, min(labels, 16)))
    monkeypatch.setattr(walk, "LABELS_MAX", 16)
    assert ways(network, "A", "D", "Mon 10", days=30) == ""
