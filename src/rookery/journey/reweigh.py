"""Goods that are heavier than booked use more of all that they are still to come upon; lighter ones change nothing."""

from collections import Counter

import msgspec

from rookery.journey.account import Account, Use, moved, summed
from rookery.journey.booking import Booking
from rookery.journey.desk import Desk
from rookery.journey.itinerary import Itinerary
from rookery.journey.order import Order
from rookery.journey.share import raise_use
from rookery.journey.shipment import Parcel
from rookery.journey.state import State
from rookery.journey.whereabouts import plan_as_known


class Reweigh(msgspec.Struct, frozen=True):
    """Ask: let an order use what its goods weigh, if that is more than is booked."""

    order_id: bytes


class Reweighed(msgspec.Struct, frozen=True):
    """Goods are heavier than booked. `grams`: of each part by now; `grown`: so much more is used of what is to come."""

    order_id: bytes
    grams: tuple[int, ...]
    grown: tuple[Use, ...]


def reweigh(state: State, ask: Reweigh, desk: Desk) -> list[Reweighed]:
    """Raise the weight of an order's parts to what was measured, and with it what they use of coming legs.

    A parcel that was not weighed counts as booked. Nothing is done while a coming leg is closed: the order is looked
    at again then, and this with it.
    """
    row, booking = state[Itinerary].find(ask.order_id), state[Booking].find(ask.order_id)
    order = state[Order].get(ask.order_id)
    if row is None or booking is None or order.status != "booked":
        return []
    parcels = [state[Parcel].get(parcel_id) for parcel_id in order.parcels]
    grams = tuple(
        max(part.load.grams, _measured([one for one in parcels if one.shipment_id == shipment_id]))
        for part, shipment_id in zip(row.parts, row.shipments, strict=True)
    )
    coming, wanted = set[str](), Counter[str]()
    for part, weight in zip(row.parts, grams, strict=True):
        for leg in plan_as_known(part.plan, state, desk).legs:
            wanted.update(dict.fromkeys(leg.resources, weight))
            coming.update(leg.resources if leg.departs_at > desk.now else ())
    booked = {use.resource: use.amounts["grams"] for use in booking.uses if "grams" in use.amounts}
    if any(state[Account].get(name).closed for name in booked if name in coming):
        return []
    more = {name: wanted[name] - was for name, was in booked.items() if name in coming and wanted[name] > was}
    if not more and grams == tuple(part.load.grams for part in row.parts):
        return []
    return [Reweighed(ask.order_id, grams, tuple(Use(name, {"grams": excess}) for name, excess in more.items()))]


def _measured(parcels: list[Parcel]) -> int:
    """What the parcels of a shipment weigh in all; 0: none is heavier than booked."""
    if all(one.grams_measured <= one.grams_booked for one in parcels):
        return 0
    return sum(max(one.grams_booked, one.grams_measured) for one in parcels)


def reweighed(state: State, fact: Reweighed) -> None:
    """Fold Reweighed."""
    row, booking = state[Itinerary].get(fact.order_id), state[Booking].get(fact.order_id)
    parts = tuple(
        msgspec.structs.replace(part, load=msgspec.structs.replace(part.load, grams=grams))
        for part, grams in zip(row.parts, fact.grams, strict=True)
    )
    state[Itinerary].put(msgspec.structs.replace(row, parts=parts))
    where = {space.resource: space for space in booking.spaces}
    for use in fact.grown:
        account = moved(state[Account].get(use.resource), use.amounts, held=0, taken=1)
        if account.firm is not None:
            account = raise_use(state, account, fact.order_id, use, booking.by, where.get(use.resource))
        state[Account].put(account)
    state[Booking].put(msgspec.structs.replace(booking, uses=summed((*booking.uses, *fact.grown))))
