"""The route engine compiled ahead: a plan, one by four criteria and a latest departure call every kernel."""

from rookery.hub.green import quote_green
from rookery.hub.network import open_network
from rookery.hub.quote import Wish, ask_of, nothing_used, quote, read_spot
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.room import Room
from rookery.journey.route import latest
from rookery.journey.source import begin_trip
from rookery.journey.state import Refusal
from rookery.units import DAY_S, EPOCH_ORDINAL

NETWORK, ORIGIN, DESTINATION = "backbone", "HKG", "ES-MAD-01"  # between which something is sold


def warm(*, green: bool = False) -> None:
    """Plan once. What is compiled is kept for the next process. `green`: by four criteria instead.

    That there is a plan is asserted: where nothing is sold nothing would be compiled either.
    """
    network = open_network(NETWORK)
    world, state = World(network, Policy()), nothing_used()
    ready_at = (network.about.valid_from.toordinal() - EPOCH_ORDINAL + 7) * DAY_S
    wish = Wish(read_spot(ORIGIN, world), read_spot(DESTINATION, world), ready_at, 1000)
    offers, _ = quote_green(wish, world, state, exact=False) if green else quote(wish, world, state)
    assert offers, f"{ORIGIN} to {DESTINATION}: wanted a plan, found none; choose another pair to warm up on"
    if not green:
        desk = Desk(world, ready_at, lambda: b"")
        trip = begin_trip(ask_of(wish, offers[0].product_id, world), desk)
        assert not isinstance(trip, Refusal)
        latest(trip, Room(state), desk)
