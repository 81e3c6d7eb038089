"""The route engine made ready ahead: compiled for all, and for a hub that serves with what it plans by today."""

from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import json, structs

from rookery.hub.access import NETWORK
from rookery.hub.green import quote_green
from rookery.hub.message import Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.hub.quote import Offer, Wish, ask_of, nothing_used, quote, read_spot
from rookery.hub.replica import Replica
from rookery.hub.spine import Hub
from rookery.journey.departure import departure_of
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.limited import find_limited
from rookery.journey.network.rows import Micro
from rookery.journey.network.sharing import BidPrice, Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import Spot
from rookery.journey.room import Room
from rookery.journey.route import latest
from rookery.journey.source import begin_trip
from rookery.journey.state import Refusal
from rookery.units import DAY_S, EPOCH_ORDINAL, instant_text

PAIRS_MAX = 60  # of facilities between which a plan is looked for, until there is one; a millisecond each
BUILT_IN, ORIGIN, DESTINATION = "backbone", "HKG", "ES-MAD-01"  # between which something is sold
DOOR = "ES 28001"
GUARANTEED, OTHER = "plaza", "kiteworks_toys"  # companies that share


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
    """Plan once, and share once. What is compiled is kept for the next process. `green`: by four criteria instead.

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
        _share(world, offers[0], wish)


def _share(world: World, offer: Offer, wish: Wish) -> None:
    """All that can become of a departure's space does, so that no hub's first loan, round or cut waits either."""
    resources = (name for part in offer.option.parts for leg in part.plan.legs for name in leg.resources)
    resource = next(name for name in resources if name.startswith("departure:"))
    limited = find_limited(resource, world)
    assert not isinstance(limited, Refusal), f"{resource}: an offer's plan has it"
    short = _Short(resource, limited.limits["grams"], wish.ready_at)
    shared = _shared_by_two(world.timetable.network)
    late = {"says": "delayed", "departs_late_s": 600, "at": instant_text(wish.ready_at)}
    _hear(shared, wish, [
        short.hold(GUARANTEED, 10), short.hold(OTHER, 50, borrows=True), short.hold(OTHER, 90),
        short.hold(GUARANTEED, 60), short.hold(OTHER, 20, borrows=True),
        short.say(NETWORK, "capacity", {"resource": resource, "limits": {"grams": short.grams * 4 // 5}}),
        short.say(NETWORK, "departure", {"departure": departure_of(resource), **late}),
    ])  # fmt: skip
    rounds = (Round(source="", resource="service:*", round_s=60),)
    prices = (BidPrice(source="", resource="service:*", dimension="grams", price=Micro(1)),)
    _hear(structs.replace(shared, rounds=rounds, bid_prices=prices), wish, [
        short.hold(OTHER, 5), short.hold(OTHER, 90), Message(NETWORK, "over", "clock", b"", wish.ready_at + 60),
    ])  # fmt: skip


@dataclass
class _Short:
    """What is said about a departure of which there is too little."""

    resource: str
    grams: int
    at: int
    count: int = 0

    def hold(self, company: str, percent: int, **more: bool) -> Message:
        use = {"resource": self.resource, "amounts": {"grams": self.grams * percent // 100}}
        return self.say(company, "hold_space", {"uses": [use], "hold_s": DAY_S, **more})

    def say(self, company: str, kind: str, body: dict[str, Any]) -> Message:
        self.count += 1
        return Message(company, str(self.count), kind, json.encode(body), self.at)


def _shared_by_two(network: Network) -> Network:
    """The network with two holders, one of which has most of everything and lends it."""
    holders = [Holder(source="", holder=one, parent="", company_id=one, product_id="", priority=5, name=one)
               for one in (GUARANTEED, OTHER)]  # fmt: skip
    most = Share(source="", holder=GUARANTEED, resource="service:*", guarantee=Micro(80_000_000), release_min=60,
                 lending="recallable")  # fmt: skip
    return structs.replace(network, holders=tuple(holders), shares=(most,), blocks=(), allotments=())


def _hear(network: Network, wish: Wish, said: list[Message]) -> None:
    """A hub hears this, and is asked for a plan then, to a door."""
    with TemporaryDirectory() as folder:
        hub = open_hub(network, Path(folder) / "warm.ledger")
        for message, answer in hub.receive(said):
            assert answer.outcome in ("done", "refused"), f"{message}: wanted it to be understood, found {answer}"
        door = read_spot(DOOR, hub.world)
        quote(replace(wish, destination=door), hub.world, hub.state)
        hub.ledger.close()
