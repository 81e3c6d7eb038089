"""The route engine made ready ahead: compiled for all, and for a hub that serves with what it plans by today."""

from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import json

from rookery.hub.access import NETWORK
from rookery.hub.green import quote_green
from rookery.hub.message import Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.hub.quote import Offer, Wish, ask_of, nothing_used, quote, read_spot
from rookery.hub.replica import Replica
from rookery.hub.spine import Hub
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.network.whole import Network
from rookery.journey.order import Spot
from rookery.journey.room import Room
from rookery.journey.route import latest
from rookery.journey.source import begin_trip
from rookery.journey.state import Refusal
from rookery.units import DAY_S, EPOCH_ORDINAL

PAIRS_MAX = 60  # of facilities between which a plan is looked for, until there is one; a millisecond each
BUILT_IN, ORIGIN, DESTINATION = "backbone", "HKG", "ES-MAD-01"  # between which something is sold


def warm_hub(hub: Hub | Replica, now: int) -> None:
    """Ask for a plan, so that the first caller does not wait until the timetable of these days has been laid out."""
    about, names = hub.world.timetable.network.about, sorted(hub.world.timetable.facilities)
    if not about.valid_from.toordinal() <= EPOCH_ORDINAL + now // DAY_S <= about.valid_to.toordinal():
        return
    for origin, destination in islice(product(names, reversed(names)), PAIRS_MAX):
        offers, _ = quote(
            Wish(Spot(facility_id=origin), Spot(facility_id=destination), now, 1000), hub.world, hub.state
        )
        if offers:
            return


def warm(*, green: bool = False) -> None:
    """Plan once. What is compiled is kept for the next process. `green`: by four criteria instead.

    That there is a plan is asserted: where nothing is sold nothing would be compiled either.
    """
    network = open_network(BUILT_IN)
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
        _cut(network, offers[0], ready_at)


def _cut(network: Network, offer: Offer, now: int) -> None:
    """Space of an offer's departure is held twice and then halved: the first cut of a hub shall not wait either."""
    resources = (name for part in offer.option.parts for leg in part.plan.legs for name in leg.resources)
    resource = next(name for name in resources if name.startswith("departure:"))
    hold = {"uses": [{"resource": resource, "amounts": {"grams": 1000}}]}
    company = {product.product_id: product.company_id for product in network.products}[offer.product_id]
    said = [Message(company, str(n), "hold_space", json.encode(hold), now) for n in range(2)]
    word = {"resource": resource, "limits": {"grams": 1000}}
    with TemporaryDirectory() as folder:
        hub = open_hub(network, Path(folder) / "warm.ledger")
        for _, answer in hub.receive([*said, Message(NETWORK, "cut", "capacity", json.encode(word), now)]):
            assert answer.outcome == "done", f"{resource}: wanted space to cut, found {answer}"
        hub.ledger.close()
