"""Transit times in one pass, against asking for each pair of facilities and each time by itself."""

import os
from dataclasses import replace

import numpy as np
import pytest
from drawn import FAMILIES, HOUR_S, Drawn, draw
from reference import Reference

from rookery.hub.network import open_network
from rookery.hub.quote import nothing_used
from rookery.journey import transit
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.route import earliest
from rookery.journey.transit import NEVER_THERE, TransitAsk, Transits
from rookery.journey.walk import Trip
from rookery.units import DAY_S, MINUTE_S
from worlds import at, desk_of, empty_state, place, places, ride, spot, tiny_network, when

NETWORKS = int(os.environ.get("ROOKERY_NETWORKS", "250")) // 10
EARLY_S = 400 * MINUTE_S  # before all cut-offs of a drawn network


def ask_of(one: Drawn) -> TransitAsk:
    """All pairs of a drawn network, for goods like those of its first trip, handed in three times."""
    like = one.trips[0]
    names = tuple(one.desk.world.timetable.facilities)
    drop_offs = np.array([[like.ready_at + n * 7 * HOUR_S for n in range(3)]] * len(names), np.int64)
    drop_offs[1:] += HOUR_S  # each place has its own times
    booked_at = (None, like.known_at)[one.seed % 2]
    horizon_s = like.deadline - like.ready_at
    return TransitAsk(
        names, names, drop_offs, like.load, like.product, horizon_s, booked_at,
        way_in="stock" if like.way_in == "stock" else "drop_off", forbidden=like.forbidden,
    )  # fmt: skip


def trip_of(ask: TransitAsk, origin: int, time: int, destination: int) -> Trip:
    """One number of a table as a trip of its own."""
    at = int(ask.drop_offs[origin, time])
    return Trip(
        spot(ask.origins[origin]), spot(ask.destinations[destination]), ask.load, ask.product, ready_at=at,
        known_at=at - EARLY_S if ask.booked_at is None else ask.booked_at, deadline=at + ask.horizon_s,
        way_in=ask.way_in, forbidden=ask.forbidden,
    )  # fmt: skip


def check_ridable(drawn: Transits, trip: Trip, cell: tuple[int, int, int], there: int) -> None:
    """The way behind a number can be ridden, says a search that knows no arrays, and comes to that number."""
    slow = Reference(trip, drawn.room, drawn.desk.world)
    moments = {moment for moment, _ in slow._starts()}
    for hop in drawn.find_way(*cell):
        assert {place for place, _, _, _ in moments} == {hop.origin}
        variant_id, _, day = hop.departure.partition("/")
        (run,) = (one for one in slow.runs if one.variant_id == variant_id and str(one.day) == day)
        board = run.places.index(hop.origin)
        assert run.departs[board] == hop.departs_at
        assert any(slow._find_fee(run, board, moment) is not None for moment in moments), f"{hop} cannot be boarded"
        moments = {moment for moment, _ in slow._rides(run, board) if moment[0] == hop.destination}
    assert {(place, ready) for place, _, _, ready in moments} == {(trip.destination.facility_id, there)}


@pytest.mark.parametrize("family", FAMILIES)
def test_law_transit_times_are_those_of_asking_one_by_one_and_can_be_ridden(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "FIRST_S", 12 * HOUR_S)  # so that some need more than the first rides
    first, step = list(FAMILIES).index(family), len(FAMILIES)
    tables = count = 0
    for seed in range(first, first + step * NETWORKS, step):
        one = draw(seed)
        ask = ask_of(one)
        drawn = Transits(ask, one.room, one.desk)
        found = drawn.arrives
        tables += not drawn.one_by_one
        for cell, there in np.ndenumerate(found):
            trip = trip_of(ask, *cell)
            plan = earliest(trip, one.room, one.desk)
            wanted = NEVER_THERE if plan is None else plan.arrives_at
            assert there == wanted, f"seed {seed}, {trip.origin} to {trip.destination} at {when(trip.ready_at)}"
            count += plan is not None and ask.origins[cell[0]] != ask.destinations[cell[2]]
            if plan is not None:
                check_ridable(drawn, trip, cell, int(there))
    assert count >= NETWORKS, "a comparison of nothing with nothing says nothing"
    assert tables or family in ("dwell", "stays"), "most networks limit no stay"


def test_goods_stay_aboard_where_it_does_not_matter_where_they_boarded() -> None:
    line = ride("line", "A 08:00, B 10:00/10:30, C 12:00", carries="pieces 1")
    network = tiny_network(places("ABC"), line, ride("on", "C 13:00, D 15:00"), place("D", "GB"))
    ask = TransitAsk(
        ("A", "B"), ("B", "C", "D"), np.array([[at("Mon 08:00")], [at("Mon 10:31")]]), Load(1000),
        network.products[0], 3 * DAY_S,
    )  # fmt: skip
    drawn = Transits(ask, Room(empty_state()), desk_of(network, 0))
    found = drawn.arrives
    assert [when(one) for one in found[0, 0].tolist()] == ["Mon 10:00", "Mon 12:00", "Mon 15:00"]
    assert [when(one) for one in found[1, 0, 1:].tolist()] == ["Tue 12:00", "Tue 15:00"]
    assert [(hop.service.service_id, hop.origin, hop.destination, hop.stops) for hop in drawn.find_way(0, 0, 2)] == [
        ("line", "A", "C", (1, 3)),
        ("on", "C", "D", (1, 2)),
    ]


def test_a_network_on_which_nothing_runs_has_no_transit_times() -> None:
    network = tiny_network(places("AB"), ride("AB", "A 08:00, B 10:00"), first="2026-11-23", last="2026-11-24")
    ask = TransitAsk(("A",), ("A", "B"), np.array([[at("Wed 08:00")]]), Load(1000), network.products[0], DAY_S)
    found = Transits(ask, Room(empty_state()), desk_of(network, 0)).arrives
    assert found.tolist() == [[[at("Wed 08:00"), NEVER_THERE]]]


def test_more_than_a_table_holds_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    network = tiny_network(places("AB"), ride("AB", "A 08:00, B 10:00"))
    ask = TransitAsk(("A",), ("B",), np.array([[at("Mon 08:00")]]), Load(1000), network.products[0], 9 * DAY_S)
    monkeypatch.setattr(transit, "ARRIVALS_MAX", 4)
    with pytest.raises(ValueError, match="wanted less than 4 different arrivals, found 5"):
        Transits(ask, Room(empty_state()), desk_of(network, 0))
    monkeypatch.setattr(transit, "ONE_BY_ONE_MAX", 0)
    assert Transits(replace(ask, horizon_s=DAY_S), Room(empty_state()), desk_of(network, 0)).arrives.size == 1


@pytest.mark.parametrize(("product", "days"), [("express", 10), ("economy", 60)])
def test_transit_times_of_the_built_in_network_are_those_of_asking_one_by_one(product: str, days: int) -> None:
    network = open_network("backbone")
    world, room = World(network, Policy(legs_max=60)), Room(nothing_used())
    start = at("2026-12-01 00:00")
    names = ("HKG", "HGH", "KUL", "LGG", "ES-MAD-01", "BR-SAO-01", "US-LA-WH", "CN-HUI-WH")
    drop_offs = np.array([[start + n * 5 * HOUR_S for n in range(4)]] * len(names), np.int64)
    ask = TransitAsk(
        names, names, drop_offs, Load(800), world.timetable.products[product], days * DAY_S,
        start + 9 * HOUR_S if product == "express" else None,
    )  # fmt: skip
    desk = Desk(world, start, lambda: b"")
    found = Transits(ask, room, desk).arrives
    for (o, t, d), there in np.ndenumerate(found):
        trip = replace(trip_of(ask, o, t, d))
        trip = trip if ask.booked_at is not None else replace(trip, known_at=trip.ready_at - 6 * DAY_S)
        plan = earliest(trip, room, desk)
        assert there == (NEVER_THERE if plan is None else plan.arrives_at), f"{trip.origin} to {trip.destination}"
    assert (found != NEVER_THERE).mean() > 0.3
