"""A shipment: the parcels of an order that travel together to one consignee under one promise."""

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.itinerary import booked_as
from rookery.journey.option import Sourced
from rookery.journey.order import Order, keep
from rookery.journey.state import State, ViewRow


class MakeShipments(msgspec.Struct, frozen=True):
    """Ask: make a shipment of each part of a sourced order."""

    sourced: Sourced


class ShipmentMade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of an order is a shipment with its parcels. `grams`, `cm3`: booked, of all its parcels."""

    order_id: bytes
    shipment_id: bytes
    part: int
    parcels: tuple[bytes, ...]
    grams: int
    cm3: int


class ParcelsCancelled(msgspec.Struct, frozen=True):
    """The parcels of a withdrawn order will not travel."""

    order_id: bytes
    parcels: tuple[bytes, ...]


class Shipment(ViewRow, frozen=True):
    """A shipment's state. Promise, price and cost are set when it is promised; 0 and blank before.

    expected_at   when it should arrive as things stand now
    """

    shipment_id: bytes
    order_id: bytes
    part: int
    pieces: int
    earliest: int = 0
    latest: int = 0
    price_minor: int = 0
    currency: str = ""
    delivered: int = 0
    expected_at: int = 0


class Parcel(ViewRow, frozen=True):
    """A parcel's state: what the last word on it is, and what we know of it.

    milestone   the furthest step reached; nothing takes it back
    told_at     when the scan that set the status happened; last_at, last_place: the newest scan of all
    grams_booked, grams_measured   0: not told, not weighed; the heaviest measurement counts
    delay_min   minutes behind its promise, as known; never a status
    scans       of each known scan, one after the other, its id, so that it counts once, and the number of its fact
    earlier     how many scans are in `EarlierScans`, before those
    """

    parcel_id: bytes
    order_id: bytes
    shipment_id: bytes
    waybill: str = ""
    status: str = "registered"
    tracking_state: str = "pending"
    reason_code: str = ""
    milestone: int = 0
    told_at: int = 0
    last_at: int = 0
    last_place: str = ""
    attempts: int = 0
    delay_min: int = 0
    delivered_at: int = 0
    grams_booked: int = 0
    grams_measured: int = 0
    cm3_measured: int = 0
    scans: bytes = b""
    earlier: int = 0


class EarlierScans(ViewRow, frozen=True):
    """The first scans of a parcel that is seen often, as its row has the last ones: so that is not written whole with
    each of them."""

    parcel_id: bytes
    scans: bytes


def make(state: State, ask: MakeShipments, desk: Desk) -> list[ShipmentMade]:
    """One shipment for each part, one parcel for each piece. Emits ShipmentMade."""
    return [
        ShipmentMade(
            order_id=ask.sourced.order_id,
            shipment_id=desk.new_id(),
            part=index,
            parcels=tuple(desk.new_id() for _ in range(part.pieces)),
            grams=part.load.grams,
            cm3=part.load.cm3,
        )
        for index, part in enumerate(ask.sourced.parts)
    ]


def made(state: State, fact: ShipmentMade) -> None:
    """Fold ShipmentMade."""
    count = len(fact.parcels)
    state[Shipment].new(Shipment(fact.shipment_id, fact.order_id, fact.part, count))
    share = -(-fact.grams // count)
    for parcel_id in fact.parcels:
        state[Parcel].new(
            Parcel(parcel_id=parcel_id, order_id=fact.order_id, shipment_id=fact.shipment_id, grams_booked=share)
        )
    booked_as(state, fact.order_id, fact.shipment_id)
    order = state[Order].get(fact.order_id)
    keep(state, msgspec.structs.replace(order, status="booked", parcels=(*order.parcels, *fact.parcels)))


def parcels_cancelled(state: State, fact: ParcelsCancelled) -> None:
    """Fold ParcelsCancelled."""
    for parcel_id in fact.parcels:
        row = state[Parcel].get(parcel_id)
        state[Parcel].put(msgspec.structs.replace(row, status="cancelled", tracking_state="stopped"))
