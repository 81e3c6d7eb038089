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

NETWORK = "backbone"


def warm(*, green: bool = False) -> None:
    """Plan once. What is compiled is kept for the next process. `green`: by four criteria instead."""
    network = open_network(NETWORK)
    world, state = World(network, Policy()), nothing_used()
    ready_at = (network.about.valid_from.toordinal() - EPOCH_ORDINAL + 7) * DAY_S
    origin, destination = network.facilities[0].facility_id, network.facilities[-1].facility_id
    wish = Wish(read_spot(origin, world), read_spot(destination, world), ready_at, 1000)
    if green:
        quote_green(wish, world, state, exact=False)
        return
    quote(wish, world, state)
    asked = ask_of(wish, network.products[0].product_id, world)
    room, desk = Room(state), Desk(world, ready_at, lambda: b"")
    trip = begin_trip(asked, desk)
    if not isinstance(trip, Refusal):
        latest(trip, room, desk)
