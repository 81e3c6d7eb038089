"""Orders, shipments and parcels as the API shows them: of what a reader may see, each field by its name over the wire.

What is blank, zero or not shown is left out.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from rookery.units import UTC, amount_text, id_text

T = TypeVar("T")


class MoneyOut(msgspec.Struct, frozen=True):
    """An amount, as a decimal number in text."""

    amount: str
    currency: str


class SpotOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place outside the network, or a facility of it."""

    country: str = ""
    postcode: str = ""
    city: str = ""
    facility: str = ""


class MeasureOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Weight and size."""

    grams: int = 0
    cm3: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


class PartiesOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who takes part in an order."""

    owner: str = ""
    seller: str = ""
    buyer: str = ""
    payer: str = ""
    importer: str = ""


class WindowOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """When an order was placed, when it may leave, when it is wanted."""

    ordered_at: dt.datetime | None = None
    ready_at: dt.datetime | None = None
    ship_by: dt.datetime | None = None
    wanted_from: dt.datetime | None = None
    wanted_to: dt.datetime | None = None


class LineOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of an order."""

    sku: str = ""
    quantity: int = 0
    hs_code: str = ""
    origin: str = ""
    value: MoneyOut | None = None


class LoadOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is carried."""

    grams: int = 0
    cm3: int = 0
    pieces: int = 0
    goods_class: str = ""


class LegOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hop. `resources`: what space it uses; `charge`, `storage`: what its operator asks for it."""

    service: str = ""
    mode: str = ""
    operator: str = ""
    origin: str = ""
    destination: str = ""
    departure: str = ""
    departs_at: dt.datetime | None = None
    arrives_at: dt.datetime | None = None
    ready_at: dt.datetime | None = None
    tender_s: int = 0
    resources: tuple[str, ...] = ()
    charge: MoneyOut | None = None
    storage: MoneyOut | None = None


class ItineraryOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a shipment travels. `cost`: of the order's whole way; `way_in`: how goods come to the first facility."""

    order: str = ""
    site: str = ""
    pieces: int = 0
    load: LoadOut | None = None
    cost: MoneyOut | None = None
    promised_by: dt.datetime | None = None
    ready_at: dt.datetime | None = None
    way_in: str = ""
    legs: tuple[LegOut, ...] = ()


class ParcelOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel. `delay_min`: minutes behind its promise; `tracking_state`: of what is known, not of the parcel."""

    parcel: str = ""
    order: str = ""
    shipment: str = ""
    waybill: str = ""
    status: str = ""
    tracking_state: str = ""
    reason_code: str = ""
    told_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    last_place: str = ""
    attempts: int = 0
    delay_min: int = 0
    delivered_at: dt.datetime | None = None
    grams_booked: int = 0
    grams_measured: int = 0
    cm3_measured: int = 0


class ShipmentOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shipment: what was promised for it, when it is expected now, how many of its pieces are delivered."""

    shipment: str = ""
    order: str = ""
    pieces: int = 0
    delivered: int = 0
    earliest: dt.datetime | None = None
    latest: dt.datetime | None = None
    expected_at: dt.datetime | None = None
    price: MoneyOut | None = None
    itinerary: tuple[ItineraryOut, ...] = ()
    parcels: tuple[ParcelOut, ...] = ()


class OrderOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order. `decision`: see /v1/decisions/{name}; `moving`: a parcel of it was scanned."""

    order: str = ""
    owner: str = ""
    reference: str = ""
    status: str = ""
    product: str = ""
    ordered_at: dt.datetime | None = None
    origin: SpotOut | None = None
    destination: SpotOut | None = None
    duties: str = ""
    pieces: int = 0
    together: str = ""
    booked: MeasureOut | None = None
    declared: MeasureOut | None = None
    goods_class: str = ""
    return_of: str = ""
    parties: PartiesOut | None = None
    window: WindowOut | None = None
    refusal_code: str = ""
    refusal_detail: str = ""
    binding: str = ""
    moving: bool = False
    decision: str = ""
    lines: tuple[LineOut, ...] = ()
    shipments: tuple[ShipmentOut, ...] = ()
    parcels: tuple[ParcelOut, ...] = ()


_PREFIX = {"order_id": "ord", "shipment_id": "shp", "parcel_id": "pcl", "decision_id": "dec"}
_INSTANTS = frozenset({
    "ordered_at", "ready_at", "ship_by", "wanted_from", "wanted_to", "earliest", "latest", "expected_at", "told_at",
    "last_at", "delivered_at", "promised_by", "departs_at", "arrives_at",
})  # fmt: skip


def told(shown: Mapping[str, Any], kind: type[T], currency: str) -> T:
    """What may be seen of an object, as the API shows it. `currency`: the network's."""
    return msgspec.convert(_words(shown, currency), kind)


def _words(shown: Mapping[str, Any], currency: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in shown.items():
        if name in _PREFIX:
            if value:
                out[name.removesuffix("_id")] = id_text(_PREFIX[name], value)
        elif name in _INSTANTS:
            if value:
                out[name] = dt.datetime.fromtimestamp(value, UTC)
        elif name in ("charge", "storage"):
            if {"minor", "currency"} <= value.keys():
                out[name] = MoneyOut(amount_text(value["minor"], value["currency"]), value["currency"])
        elif name.endswith("_minor"):
            in_ = currency if name == "cost_minor" else shown.get("currency")
            if in_:
                out[name.removesuffix("_minor")] = MoneyOut(amount_text(value, in_), in_)
        elif isinstance(value, Mapping):
            out[name] = _words(value, currency)
        elif isinstance(value, list):
            out[name] = [_words(one, currency) for one in value]
        elif value is not None:
            out[name.removesuffix("_id")] = value
    return out
