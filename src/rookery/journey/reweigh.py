"""Goods that are heavier than booked use more of all that they are still to come upon; lighter ones change nothing."""

from collections import Counter

import msgspec

from rookery.journey.account import Account, Use, moved, summed
from rookery.journey.booking import Booking, Hold, find_standby
from rookery.journey.desk import Desk
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import Part
from rookery.journey.order import Order
from rookery.journey.share import raise_use
from rookery.journey.shipment import Parcel
from rookery.journey.state import State
from rookery.journey.whereabouts import plan_as_known


class Reweigh(msgspec.Struct, frozen=True):
    """Ask: let an order use what its goods weigh, if that is more than is booked."""

    order_id: bytes


class Reweighed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Goods are heavier than booked.

    grams    of each part by now
    grown    what the order uses more of what is to come
    standby  the hold that it falls back to, which has grown by `stands_by`; blank: none
    """

    order_id: bytes
    grams: tuple[int, ...]
    grown: tuple[Use, ...]
    standby: bytes = b""
    stands_by: tuple[Use, ...] = ()


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
    measured = [_measured([one for one in parcels if one.shipment_id == name]) for name in row.shipments]
    grams = tuple(max(part.load.grams, weight) for part, weight in zip(row.parts, measured, strict=True))
    more = [weight - part.load.grams for part, weight in zip(row.parts, grams, strict=True)]
    if not any(more):
        return []
    grown = _grown(row.parts, more, booking, state, desk)
    if any(state[Account].get(use.resource).closed for use in grown):
        return []
    standby = state[Hold].find(find_standby(state, ask.order_id))
    if standby is None or row.fallback is None:
        return [Reweighed(ask.order_id, grams, grown)]
    stands_by = _grown(row.fallback.parts, more, standby, state, desk)
    return [Reweighed(ask.order_id, grams, grown, standby.hold_id, stands_by)]


def _grown(parts: tuple[Part, ...], more: list[int], plan: Hold | Booking, state: State, desk: Desk) -> tuple[Use, ...]:
    """What heavier parts take more of that a plan has, on legs that have not left."""
    own = {use.resource for use in plan.uses if "grams" in use.amounts}
    total = Counter[str]()
    for part, grams in zip(parts, more, strict=True):
        for leg in plan_as_known(part.plan, state, desk).legs if grams else ():
            if leg.departs_at > desk.now:
                total.update({name: grams for name in leg.resources if name in own})
    return tuple(Use(name, {"grams": grams}) for name, grams in total.items())


def list_grown(fact: Reweighed) -> tuple[str, ...]:
    """The resources of which more is used, each once."""
    return tuple(dict.fromkeys(use.resource for use in (*fact.grown, *fact.stands_by)))


def _measured(parcels: list[Parcel]) -> int:
    """What the parcels of a shipment weigh in all; 0: none is heavier than booked."""
    if all(one.grams_measured <= one.grams_booked for one in parcels):
        return 0
    return sum(max(one.grams_booked, one.grams_measured) for one in parcels)


def reweighed(state: State, fact: Reweighed) -> None:
    """Fold Reweighed."""
    row = state[Itinerary].get(fact.order_id)
    state[Itinerary].put(msgspec.structs.replace(row, parts=_heavier(row.parts, fact.grams)))
    _grow(state, state[Booking].get(fact.order_id), fact.grown, taken=1)
    if fact.standby:
        _grow(state, state[Hold].get(fact.standby), fact.stands_by, held=1)


def _heavier(parts: tuple[Part, ...], grams: tuple[int, ...]) -> tuple[Part, ...]:
    return tuple(
        msgspec.structs.replace(part, load=msgspec.structs.replace(part.load, grams=weight))
        for part, weight in zip(parts, grams, strict=True)
    )


def _grow(state: State, plan: Hold | Booking, grown: tuple[Use, ...], *, held: int = 0, taken: int = 0) -> None:
    where = {space.resource: space for space in plan.spaces}
    for use in grown:
        account = moved(state[Account].get(use.resource), use.amounts, held=held, taken=taken)
        if account.firm is not None:
            account = raise_use(state, account, plan.hold_id, use, plan.by, where.get(use.resource))
        state[Account].put(account)
    state[type(plan)].put(msgspec.structs.replace(plan, uses=summed((*plan.uses, *grown))))
