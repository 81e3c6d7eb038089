"""Latest departures for a deadline, and all departures that are of use, against looking at every instant."""

import pytest
from test_route_laws import MIDNIGHT, NAMES, Little

from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.route import Plan, departures, earliest, latest, plans
from worlds import at, desk_of, door, empty_state, place, places, ride, tiny_network, trip, when

AB = ride("AB", "A 20:00, B 06:00+1", price="3")
FAST = ride("AB.fast", "A 22:00, B 05:00+1", price="9")


def said(ready_at: int, found: list[Plan]) -> str:
    return "; ".join([when(ready_at), *(f"there {when(plan.arrives_at)} for {plan.cost_minor}" for plan in found)])


def test_a01_the_last_departure_that_is_there_by_the_deadline() -> None:
    network = tiny_network(places("AB"), AB)
    wanted = trip(network, "A", "B", "Mon 09:00", deadline=at("Thu 06:00"))
    assert said(*latest(wanted, Room(empty_state()), desk_of(network, 0))) == "Wed 20:00; there Thu 06:00 for 300"
    late = trip(network, "A", "B", "Mon 21:00", deadline=at("Tue 05:59"))
    assert latest(late, Room(empty_state()), desk_of(network, 0)) == (0, [])


def test_a02_goods_at_a_door_are_collected_within_opening_hours() -> None:
    network = tiny_network(place("A", hours="08:00 18:00"), place("B"), AB, door("pickup", "A", takes_min=60))
    wanted = trip(network, "BE 4000", "B", "Mon 09:00", deadline=at("Thu 06:00"), way_in="pickup")
    ready_at, found = latest(wanted, Room(empty_state()), desk_of(network, 0))
    assert ready_at == at("Wed 16:59") + 59, "one second before the last hour of collection begins"
    assert [plan.legs[0].arrives_at for plan in found] == [at("Wed 17:59") + 59]


def test_b01_departures_of_a_day_that_are_of_use() -> None:
    network = tiny_network(places("AB"), AB, FAST)
    wanted = trip(network, "A", "B", "Mon 09:00")
    found = departures(wanted, Room(empty_state()), desk_of(network, 0), at("Tue 09:00"))
    assert [said(ready_at, [plan]) for ready_at, plan in found] == [
        "Tue 09:00; there Wed 05:00 for 900",
        "Tue 09:00; there Wed 06:00 for 300",
        "Mon 22:00; there Tue 05:00 for 900",
        "Mon 20:00; there Tue 06:00 for 300",
    ]


@pytest.mark.parametrize("dwell_min", [0, 120])
def test_law_earliest_latest_and_departures_are_what_trying_every_instant_finds(dwell_min: int) -> None:
    for seed in range(60):
        little = Little(seed)
        network = little.network(dwell_min)
        room, desk = Room(little.state(network)), desk_of(network, MIDNIGHT)
        instants = range(MIDNIGHT, MIDNIGHT + 2 * 86_400, 600)
        for goal in NAMES[1:3]:
            wanted = trip(network, "A", goal, "Mon 00:00", load=Load(1000, 0, 1), deadline=MIDNIGHT + 2 * 86_400)
            each = {}
            for ready_at in instants:
                found = plans(
                    trip(network, "A", goal, when(ready_at), load=Load(1000, 0, 1), deadline=wanted.deadline),
                    room,
                    desk,
                )
                each[ready_at] = [(plan.arrives_at, plan.cost_minor) for plan in found]
            first = earliest(wanted, room, desk)
            soonest = min((end[0] for end in each[MIDNIGHT]), default=0)
            assert (first.arrives_at if first else 0) == soonest, f"seed {seed}"
            best = max((ready_at for ready_at, ends in each.items() if ends), default=0)
            assert latest(wanted, room, desk)[0] == best, f"seed {seed} to {goal}"
            kept: list[tuple[int, int, int]] = []
            for ready_at in reversed(instants):
                kept += [
                    (ready_at, *end)
                    for end in each[ready_at]
                    if not any(k[1] <= end[0] and k[2] <= end[1] for k in kept)
                ]
            said_so = [
                (r, plan.arrives_at, plan.cost_minor) for r, plan in departures(wanted, room, desk, instants[-1])
            ]
            assert said_so == kept, f"seed {seed} to {goal}"
