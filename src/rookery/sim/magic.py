"""Test mode's carriers: an order with the reference `magic-delivered-1` gets that far at once, by their own scans.

The ending stands after `magic-`. Carriers tell what they would if all ran as planned, with the planned times, up to
there. The same order gets the same messages.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.message import Message
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.whole import Network
from rookery.journey.route import Leg, Plan
from rookery.partners.scans.read import Event
from rookery.units import DAY_S, id_text, instant_text

MAGIC = re.compile(r"magic-([a-z_]+)(?:-.*)?", re.DOTALL)
_DOOR = ("EMG", "EDG")
# ending -> how far goods ride, and codes of UPU's EMS events at the end of the ride. No code: the carrier says nothing.
ENDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "silent": ("not", ()),
    "picked_up": ("not", ("EMA",)),
    "cancelled": ("not", ("EMA", "EXX")),
    "unknown": ("not", ("ZZZ",)),
    "in_transit": ("leg", ()),
    "customs": ("all", ("EDB",)),
    "on_hold": ("all", ("EDB", "EME")),
    "out_for_delivery": ("all", _DOOR),
    "ready_for_pickup": ("all", ("EMG", "EDH")),
    "delivery_failed": ("all", (*_DOOR, "EMH")),
    "returning": ("all", (*_DOOR, "EMH")),
    "delivered": ("all", (*_DOOR, "EMI")),
    "delayed": ("all", (*_DOOR, "EMI")),
}
LATE_S = DAY_S  # by which `delayed` comes after what was promised
Seen = tuple[str, int, str, str]  # code, when, where, by whom
_WRITE = msgspec.json.Encoder()


def find_ending(reference: str) -> str:
    """The ending that a reference names; blank: it is no magic one. Raises  ValueError: there is no such ending"""
    found = MAGIC.fullmatch(reference)
    if found is None:
        return ""
    if found[1] not in ENDINGS:
        raise ValueError(f"magic- and one of {', '.join(ENDINGS)}")
    return found[1]


def magic_messages(
    ending: str, network: Network, way: Itinerary, parcels: Iterable[tuple[bytes, str]], latest: dict[bytes, int],
    attempts: int, heard_at: int,
) -> list[Message]:  # fmt: skip
    """What the carriers of an order say, in the order in which it happens.

    parcels   shipment and waybill number of each
    latest    of each shipment: by when it was promised
    attempts  after how many that fail goods go back
    """
    plans = {shipment: part.plan for shipment, part in zip(way.shipments, way.parts, strict=True)}
    facilities = {one.facility_id for one in network.facilities}
    out: list[Message] = []
    for shipment, number in parcels:
        seen = list(_seen(ending, plans[shipment], facilities, latest[shipment], attempts))
        for company, some in groupby(seen, key=lambda one: one[3]):
            key = f"magic:{id_text('ord', way.order_id)}:{number}:{len(out)}"
            events = [Event(number, code, instant_text(at), place) for code, at, place, _ in some]
            out.append(Message(company or NETWORK, key, "scans", _WRITE.encode({"events": events}), heard_at))
    return out


def _seen(ending: str, plan: Plan, facilities: set[str], latest: int, attempts: int) -> Iterator[Seen]:
    """What is seen of a parcel on its plan up to an ending."""
    rides, codes = ENDINGS[ending]
    legs = [leg for leg in plan.legs if {leg.origin, leg.destination} <= facilities]
    first, last = plan.legs[0], plan.legs[-1]
    if rides == "not":
        place = first.origin if first.origin in facilities else first.destination
        yield from ((code, first.departs_at + n * 60, place, first.operator) for n, code in enumerate(codes))
        return
    yield "EMA", first.departs_at, first.origin if first.origin in facilities else first.destination, first.operator
    yield from chain.from_iterable(map(_ride, legs[: 1 if rides == "leg" else None]))
    if not codes:
        return
    begins = last.departs_at if last not in legs else last.ready_at
    ends = max(plan.arrives_at, begins + 60 * len(codes))
    place = last.origin if last not in legs else last.destination
    late = latest + LATE_S - ends if ending == "delayed" else 0
    for again in range(attempts if ending == "returning" else 1):
        shift = late + again * DAY_S
        for code, at in zip(codes, _spread(begins, ends, len(codes)), strict=True):
            yield code, at + shift, place, last.operator


def _ride(leg: Leg) -> tuple[Seen, Seen]:
    return ("EMC", leg.departs_at, leg.origin, leg.operator), ("EMD", leg.arrives_at, leg.destination, leg.operator)


def _spread(begins: int, ends: int, count: int) -> Sequence[int]:
    """Instants from one to another; a single one is the last."""
    return [ends - (ends - begins) * (count - 1 - n) // max(1, count - 1) for n in range(count)]
