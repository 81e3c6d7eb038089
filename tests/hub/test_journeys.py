"""Journeys as one line of text: local times, days where they change, what they take and cost."""

import pytest

from rookery.hub.journeys import Quoted, journey_line, quoted
from rookery.hub.quote import Wish, quote
from rookery.journey.desk import Policy, World
from worlds import at, door, empty_state, place, places, ride, spot, tiny_network

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is


def seen(*rows: object, to: str = "B", ready: str = "Mon 12:00", origin: str = "A", days: str = "") -> Quoted:
    world = World(tiny_network(*rows, last="2027-12-31"), Policy())
    wish = Wish(spot(origin), spot(to), at(ready), 1000)
    offers, refusals = quote(wish, world, empty_state())
    return quoted(wish, offers, refusals, world)


def lines(*rows: object, **fields: str) -> list[str]:
    return [journey_line(journey) for journey in seen(*rows, **fields).journeys]


def test_one_ride_within_a_day() -> None:
    assert lines(places("A B"), ride("R12", "A 13:00, B 15:30", price="4.20")) == [
        "A 23 Nov 13:00 -> road R12 -> B 15:30; 3 h 30 min, 4.20 EUR"
    ]


def test_a_night_between_two_rides_and_a_courier_to_the_door() -> None:
    rows = (places("A M B"), ride("R1", "A 20:00, M 03:10+1"), ride("F2", "M 09:00, B 11:00", mode="air", price="5"))
    assert lines(rows, door("delivery", "B"), to="BE 4000") == [
        "A 23 Nov 20:00 -> road R1 -> M 24 Nov 03:10 / 09:00 -> air F2 -> B 11:00 / 11:00"
        " -> courier delivery.B -> BE 4000 12:00; 1 d, 6.00 EUR"
    ]


def test_each_place_has_its_own_clock_across_the_date_line() -> None:
    rows = (place("NRT", "JP", "Asia/Tokyo"), place("LAX", "US", "America/Los_Angeles"))
    assert lines(rows, ride("NH6", "NRT 17:00, LAX 10:00", mode="air"), origin="NRT", to="LAX") == [
        "NRT 24 Nov 17:00 -> air NH6 -> LAX 10:00; 1 d 7 h, 0.00 EUR"
    ]


def test_a_new_year_is_told() -> None:
    rows = (places("A B"), ride("ship", "A 18:00, B 06:00+3", mode="sea"))
    assert lines(rows, ready="2026-12-30 12:00") == [
        "A 30 Dec 18:00 -> sea ship -> B 2 Jan 2027 06:00; 2 d 18 h, 0.00 EUR"
    ]


def test_no_leg_at_all() -> None:
    (journey,) = seen(places("A"), origin="A", to="A").journeys
    assert journey_line(journey) == "handed over on the spot; 0 min, 0.00 EUR"


def test_every_stop_stands_in_the_quote_once() -> None:
    rows = (places("A M B"), ride("R1", "A 13:00, M 14:00"), ride("R2", "M 15:00, B 16:00"))
    assert [stop.place for stop in seen(rows).stops] == ["A", "M", "B"]
