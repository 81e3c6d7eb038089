"""Why a plan is in a set, and what stopped the one that is not: one lift after the other."""

import pytest

from rookery.hub.explain import find_missing, whys
from rookery.hub.journeys import quoted
from rookery.hub.quote import Wish, quote
from rookery.journey.departure import Departure
from rookery.journey.desk import Policy, World
from rookery.journey.network.offer import Goods, Product, ProductLane, Prohibition
from rookery.journey.network.rows import Row
from rookery.journey.state import State
from rookery.screen.plans import quoted_lines
from worlds import at, booked, door, empty_state, place, places, ride, row, spot, tiny_network

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is
FAST_AND_SLOW = (
    places("A B"),
    ride("fly", "A 20:00, B 22:00", price="9"),
    ride("truck", "A 18:00, B 09:00+1", price="4"),
)


def told(
    *rows: object,
    state: State | None = None,
    origin: str = "A",
    to: str = "B",
    ready: str = "Mon 12:00",
    goods: str = "",
) -> list[str]:
    """What is missing among the plans from one place to another, as lines."""
    world = World(tiny_network(*rows), Policy())
    wish = Wish(spot(origin), spot(to), at(ready), 1000, goods_class=goods or "general")
    offers, refusals = quote(wish, world, state or empty_state())
    missing = find_missing(wish, offers, world, state or empty_state())
    lines = quoted_lines(quoted(wish, offers, refusals, world, missing), width=200)
    at_line = next(n for n, line in enumerate(lines) if line.startswith(("Not there", "Nothing better")))
    return lines[at_line:]


def test_a_plan_is_told_against_its_neighbours() -> None:
    world = World(tiny_network(FAST_AND_SLOW, ride("jet", "A 14:00, B 15:00", price="30.50")), Policy())
    offers, _ = quote(Wish(spot("A"), spot("B"), at("Mon 12:00"), 1000), world, empty_state())
    assert list(whys([[offer] for offer in offers], "EUR").values()) == [
        "cheapest: 5.00 EUR less than 2, 11 h slower",
        "11 h faster than 1 for 5.00 EUR more",
        "fastest: 7 h faster than 2 for 21.50 EUR more",
    ]
    assert list(whys([[offers[0]]], "EUR").values()) == ["cheapest and fastest"]


def test_nothing_is_missing_where_the_best_is_offered() -> None:
    assert told(FAST_AND_SLOW) == [
        "Nothing better is missing: more room, other goods, longer opening hours or to be ready a few hours earlier"
        " would change nothing."
    ]


def test_a_full_departure() -> None:
    rows = (FAST_AND_SLOW, ride("fly", "A 20:00, B 22:00", price="9", carries="grams 5000"))
    full = booked(tiny_network(rows), ("departure:fly/2026-11-23/1", {"grams": 4500}))
    assert told(rows, state=full) == [
        "Not there, though one might expect it:",
        "-  std: would arrive Mon 23 Nov 22:00, 11 h earlier than the fastest, for 9.00 EUR",
        "   A 23 Nov 20:00 -> road fly -> B 22:00",
        "   short: departure:fly/2026-11-23/1: wanted 1000 grams; found 500 of 5000 left; ask for another day",
    ]


def test_a_departure_that_is_cancelled() -> None:
    state = empty_state()
    state[Departure].put(Departure("fly/2026-11-23", 1, cancelled=True, late=(), by="haul", why="fog", told_at=0))
    assert told(FAST_AND_SLOW, state=state) == [
        "Not there, though one might expect it:",
        "-  std: would arrive Mon 23 Nov 22:00, 11 h earlier than the fastest, for 9.00 EUR",
        "   A 23 Nov 20:00 -> road fly -> B 22:00",
        "   closed: departure fly/2026-11-23: wanted one that runs on time; found cancelled by haul: fog;"
        " choose another day",
    ]


def test_a_departure_that_was_missed_by_minutes() -> None:
    assert told(FAST_AND_SLOW, ready="Mon 20:25") == [
        "Not there, though one might expect it:",
        "-  std: would arrive Mon 23 Nov 22:00, 1 d earlier than the fastest, for 9.00 EUR",
        "   A 23 Nov 20:00 -> road fly -> B 22:00",
        "   too_late: fly from A at 2026-11-23T20:00+01:00: wanted the goods in time for it; found missed by 25 min;"
        " make the goods ready 25 min earlier",
    ]


def test_a_departure_that_left_long_ago_was_not_missed() -> None:
    assert told(places("A B"), ride("fly", "A 20:00, B 22:00"), ready="Mon 09:00")[0].startswith("Nothing better")


def test_a_country_that_lets_nothing_through() -> None:
    rows = [
        *places("A B"), place("L", country="GB"), *ride("ferry", "A 13:00, L 14:00", price="1"),
        *ride("tunnel", "L 15:00, B 16:00", price="1"), *ride("truck", "A 18:00, B 09:00+1", price="4"),
        row(Prohibition, country="GB", direction="transit", goods_class="general", reason="no goods pass"),
    ]  # fmt: skip
    assert told(rows)[1:] == [
        "-  std: would arrive Mon 23 Nov 16:00, 17 h earlier than the fastest, for 2.00 EUR",
        "   A 23 Nov 13:00 -> road ferry -> L 14:00 / 15:00 -> road tunnel -> B 16:00",
        "   prohibited: transit of general GB: wanted goods that may pass; found no goods pass; do not send them",
    ]


def test_a_service_that_does_not_take_such_goods() -> None:
    rows: list[Row] = [
        row(Goods, goods_class="magnets", name="magnets"), *places("A B"),
        *ride("fly", "A 20:00, B 22:00", price="9", mode="air", goods=("general",)),
        *ride("truck", "A 18:00, B 09:00+1", price="4"),
    ]  # fmt: skip
    assert told(rows, goods="magnets")[1:] == [
        "-  std: would arrive Mon 23 Nov 22:00, 11 h earlier than the fastest, for 9.00 EUR",
        "   A 23 Nov 20:00 -> air fly -> B 22:00",
        "   not_allowed: fly from A to B: wanted magnets; found a service that takes general; send it as other goods"
        " if it is",
    ]


def test_a_door_that_is_closed_at_night() -> None:
    zone = door("delivery", "B")
    rows = (places("A"), place("B", hours="08:00 18:00"), ride("fly", "A 20:00, B 22:00", price="9"), zone)
    assert told(rows, to="BE 4000")[1:] == [
        "-  std: would arrive Mon 23 Nov 23:00, 10 h earlier than the fastest, for 10.00 EUR",
        "   A 23 Nov 20:00 -> road fly -> B 22:00 / 22:00 -> courier delivery.B -> BE 4000 23:00",
        "   closed: B: wanted an open door at 2026-11-23T22:00+01:00; found closed until 2026-11-24T08:00+01:00;"
        " come in its opening hours",
    ]


def test_goods_that_are_brought_to_a_closed_door() -> None:
    rows = (place("A", hours="08:00 18:00"), places("B"), ride("fly", "A 20:00, B 22:00", price="9"))
    assert told(rows, ready="Mon 19:00")[1:] == [
        "-  std: would arrive Mon 23 Nov 22:00, 1 d earlier than the fastest, for 9.00 EUR",
        "   A 23 Nov 20:00 -> road fly -> B 22:00",
        "   closed: A: wanted an open door at 2026-11-23T19:00+01:00; found closed until 2026-11-24T08:00+01:00;"
        " come in its opening hours",
    ]


def test_products_that_miss_the_same_plan_are_told_together() -> None:
    rows = (
        FAST_AND_SLOW,
        row(Product, product_id="two", name="Two", company_id="haul", calendar_id="daily", duties="paid"),
    )
    said = told(rows, row(ProductLane, product_id="two", from_country="*", to_country="*"), ready="Mon 20:25")
    assert said[1].startswith("-  std, two: would arrive Mon 23 Nov 22:00") and len(said) == 4
