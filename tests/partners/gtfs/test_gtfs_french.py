"""French regional rail as a network: nothing is lost and nothing is added, counted with `csv` and `Counter` alone."""

import datetime as dt
import random
from collections import Counter
from itertools import pairwise

import pytest
from tests.partners.gtfs.conftest import French
from tests.partners.gtfs.oracle import Oracle, read_rows

from rookery.journey.calendars import Calendars
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.facts import VIEWS
from rookery.journey.order import Spot
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.route import earliest
from rookery.journey.state import State
from rookery.journey.walk import Trip
from rookery.units import DAY_S, EPOCH_ORDINAL

pytestmark = pytest.mark.xdist_group("french")  # the feed is read once, by one worker


@pytest.mark.shared
def test_everything_of_the_feed_is_in_the_network(french: French) -> None:
    stop_times, network = read_rows(french.path, "stop_times.txt"), french.network
    station = {row["stop_id"]: row["parent_station"] or row["stop_id"] for row in read_rows(french.path, "stops.txt")}
    dates: dict[str, list[str]] = {}
    for row in read_rows(french.path, "calendar_dates.txt"):
        assert row["exception_type"] == "1"
        dates.setdefault(row["service_id"], []).append(row["date"])
    days = {row["trip_id"]: dates[row["service_id"]] for row in read_rows(french.path, "trips.txt")}

    own = {variant.variant_id for variant in network.variants if "~" not in variant.variant_id}
    assert own == set(days) and len(own) == 33_280
    assert sum(stop.variant_id in own for stop in network.stops) == len(stop_times) == 299_983
    assert {facility.facility_id for facility in network.facilities} == {station[row["stop_id"]] for row in stop_times}

    wanted_days, wanted_rides = _rides_of_feed(stop_times, station, days)
    found_days, found_rides = _rides_of_network(french)
    assert found_days.total() == wanted_days.total() == 7_091_392
    # Where clocks change, noon less twelve hours lies in the evening before, and so do trips right after midnight.
    assert {day for day in wanted_days if found_days[day] != wanted_days[day]} == {"20250329", "20250330"}
    assert found_rides == wanted_rides

    apart = [
        variant for variant in network.variants if variant.variant_id not in own
    ]  # in the night when clocks change
    assert {variant.valid_from for variant in apart} == {dt.date(2025, 3, 29), dt.date(2025, 3, 30)}
    assert len(apart) == 22
    bars = "stops where the feed bars boarding or alighting, which the network format cannot say"
    assert +french.counts == {bars: 390}


def _rides_of_feed(
    stop_times: list[dict[str, str]], station: dict[str, str], days: dict[str, list[str]]
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Dated rides from one stop to the next, by day and by pair of stations."""
    calls: dict[str, list[tuple[int, str]]] = {}
    for row in stop_times:
        calls.setdefault(row["trip_id"], []).append((int(row["stop_sequence"]), station[row["stop_id"]]))
    by_day: Counter[str] = Counter()
    by_pair: Counter[tuple[str, str]] = Counter()
    for trip, of in calls.items():
        names = [name for _, name in sorted(of)]
        for day in days[trip]:
            by_day[day] += len(names) - 1
        for pair in pairwise(names):
            by_pair[pair] += len(days[trip])
    return by_day, by_pair


def _rides_of_network(french: French) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Likewise, from the network's variants, stops and calendars."""
    network, about, calendars = french.network, french.network.about, Calendars(french.network)
    calls: dict[str, list[str]] = {}
    for stop in network.stops:
        calls.setdefault(stop.variant_id, []).append(stop.facility_id)
    days: dict[str, list[dt.date]] = {}
    by_day: Counter[str] = Counter()
    by_pair: Counter[tuple[str, str]] = Counter()
    for variant in network.variants:
        names, own = calls[variant.variant_id], variant.calendar_id
        if own not in days:
            days[own] = calendars.open_days(own, about.valid_from, about.valid_to)
        open_days = [day for day in days[own] if variant.holds_on(day)]
        for day in open_days:
            by_day[f"{day:%Y%m%d}"] += len(names) - 1
        for pair in pairwise(names):
            by_pair[pair] += len(open_days)
    return by_day, by_pair


@pytest.mark.shared
def test_a_thousand_earliest_arrivals_are_the_oracles(french: French) -> None:
    """Over the feed's whole validity, against a connection scan of the feed's own files."""
    oracle = Oracle.of(french.path, change_min=5)
    world, rng, wrong = World(french.network, Policy(legs_max=100)), random.Random(20250122), []
    desk, room, about = Desk(world, 0, lambda: b""), Room(State(VIEWS)), french.network.about
    first, last = (day.toordinal() - EPOCH_ORDINAL for day in (about.valid_from, about.valid_to))
    reached, product = 0, french.network.products[0]
    for _ in range(1000):
        origin, destination = rng.sample(oracle.stations, 2)
        ready_at = rng.randrange(first * DAY_S, (last - 2) * DAY_S, 60)
        wanted = Trip(
            Spot(origin), Spot(destination), Load(1000), product, ready_at, ready_at, ready_at + 2 * DAY_S, "drop_off"
        )  # fmt: skip
        plan, there = earliest(wanted, room, desk), oracle.earliest(origin, destination, ready_at)
        found, there = plan.arrives_at if plan else None, there if there and there <= wanted.deadline else None
        reached += there is not None
        if found != there:
            wrong.append((origin, destination, ready_at, found, there))
    assert not wrong, f"{len(wrong)} differ: {wrong[:3]}"
    assert reached > 500
