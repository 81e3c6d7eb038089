"""What of each kind of object a reader sees: fields by profile. Whatever is not named here is seen by nobody.

A field of a row within a row is named with a dot: `destination.country`.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from rookery.journey.itinerary import Itinerary
from rookery.journey.option import Part
from rookery.journey.order import Asked, Line, Order
from rookery.journey.route import Leg
from rookery.journey.shipment import Parcel, Shipment

ObjectKind = Literal["order", "line", "shipment", "parcel", "itinerary", "leg"]
GrantKind = Literal["order", "shipment", "parcel", "itinerary"]
ProfileName = Literal["carrier", "customs", "merchant", "consignee"]

# What an object is made of. An itinerary is that of one shipment.
ROWS: dict[ObjectKind, tuple[type[msgspec.Struct], ...]] = {
    "order": (Order, Asked),
    "line": (Line,),
    "shipment": (Shipment,),
    "parcel": (Parcel,),
    "itinerary": (Itinerary, Part),
    "leg": (Leg,),
}
# Objects within it, which are objects of their own, and what tells only of the machine.
_INSIDE: dict[ObjectKind, frozenset[str]] = {
    "order": frozenset({"parcels", "lines"}),
    "itinerary": frozenset({"parts", "shipments", "fallback", "plan"}),
    "parcel": frozenset({"scans", "earlier"}),
}
# A line is shown with its order, a leg with its itinerary: nobody grants one without the other.
GRANTED_AS: dict[ObjectKind, GrantKind] = {
    "order": "order", "line": "order", "shipment": "shipment", "parcel": "parcel", "itinerary": "itinerary",
    "leg": "itinerary",
}  # fmt: skip


def flat_names(row: type[msgspec.Struct]) -> Iterator[str]:
    """Names of a row's fields; those of a row within it follow its name and a dot."""
    for name, hint in get_type_hints(row).items():
        inner = _struct_in(hint)
        if inner is None:
            yield name
        else:
            yield from (f"{name}.{one}" for one in flat_names(inner))


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The struct that a field may be, or None."""
    options = get_args(hint) if get_origin(hint) in (types.UnionType, Union) else (hint,)
    return next((one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)


# All fields that an object of a kind has.
FIELDS: dict[ObjectKind, frozenset[str]] = {
    kind: frozenset(
        name for row in rows for name in flat_names(row) if name.partition(".")[0] not in _INSIDE.get(kind, ())
    )
    for kind, rows in ROWS.items()
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TIMES = "order_id shipment_id earliest latest expected_at"
_SEEN = "status tracking_state reason_code last_at last_place attempts"

# What a company is shown by a grant. Kinds that a profile does not name are not shown by it.
PROFILES: dict[ProfileName, Mapping[ObjectKind, frozenset[str]]] = {
    "carrier": {
        "order": _words(
            "order_id reference status product_id pieces goods_class together origin.facility_id origin.country"
            " origin.postcode origin.city destination.facility_id destination.country destination.postcode"
            " destination.city window.ready_at window.ship_by booked.grams booked.cm3 booked.length_mm"
            " booked.width_mm booked.height_mm"
        ),
        "shipment": _words(f"{_TIMES} pieces"),
        "parcel": _words(
            f"parcel_id order_id shipment_id waybill {_SEEN} delay_min grams_booked grams_measured cm3_measured"
        ),
        "itinerary": _words("order_id ready_at way_in pieces load.grams load.cm3 load.pieces load.goods_class"),
        "leg": _words("service_id mode operator origin destination departs_at arrives_at ready_at departure tender_s"),
    },
    "customs": {
        "order": _words(
            "order_id reference duties pieces goods_class parties.owner parties.seller parties.buyer parties.importer"
            " origin.country destination.country declared.grams declared.cm3"
        ),
        "line": _words("sku quantity hs_code origin value_minor currency"),
        "shipment": _words("order_id shipment_id pieces"),
        "parcel": _words("parcel_id order_id shipment_id waybill status grams_booked grams_measured"),
        "itinerary": _words("order_id pieces load.grams load.goods_class"),
        "leg": _words("mode operator origin destination departs_at arrives_at departure"),
    },
    "merchant": {
        "order": _words(
            "order_id reference status ordered_at refusal_code product_id pieces parties.seller parties.buyer"
            " destination.country destination.postcode destination.city window.ordered_at window.wanted_from"
            " window.wanted_to return_of"
        ),
        "line": _words("sku quantity value_minor currency"),
        "shipment": _words(f"{_TIMES} pieces delivered price_minor currency"),
        "parcel": _words(f"parcel_id order_id shipment_id waybill {_SEEN} delay_min delivered_at"),
    },
    "consignee": {
        "order": _words("order_id reference status pieces"),
        "line": _words("sku quantity"),
        "shipment": _words(f"{_TIMES} pieces delivered"),
        "parcel": _words(f"parcel_id order_id shipment_id waybill {_SEEN} delay_min delivered_at"),
    },
}

# The ends of an order of which a profile shows the postcode. Of the others it shows none in any other place either, be
# it the end of a leg or where a parcel was seen: see `reading.place_told`.
ENDS = frozenset({"origin", "destination"})
ENDS_OF: Mapping[ProfileName, frozenset[str]] = {
    name: frozenset(end for end in ENDS if f"{end}.postcode" in shown.get("order", ()))
    for name, shown in PROFILES.items()
}

# What the operator of a leg sees of what it carries: what it was told to carry, and no more of order or owner.
CARRIED: Mapping[ObjectKind, frozenset[str]] = {
    "shipment": _words("shipment_id pieces"),
    "parcel": _words("parcel_id shipment_id waybill grams_booked grams_measured cm3_measured"),
    "itinerary": _words("pieces load.grams load.cm3 load.pieces load.goods_class"),
}
# What was seen of a parcel. Who sees by its profile how a parcel stands is told how it came about: not who saw it, and
# not in a carrier's own words.
EVENT = _words("status place happened_at heard_at reason_code by raw_code raw_description proof unit")
TIMELINE = _words("status last_at last_place")
TOLD_EVENT = _words("status place happened_at heard_at reason_code")
NEXT_EVENT = _words("status place happened_at heard_at by")  # of the hop before or after: what, where, when and who
# Of the hop before its own and the one after: who hands over to it where and when, and to whom it hands over.
NEXT_HOP = _words("service_id mode operator origin destination departs_at arrives_at ready_at departure")
