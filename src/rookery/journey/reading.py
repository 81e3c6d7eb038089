"""Who may read what: nothing, unless one of four rules gives it.

    the owner of an object, and the network's operator      all fields
    the operator of a leg     of the shipment what it was told to carry; its own hop, the one before and the one after
    who has a grant           the fields of its profile, of objects of its kinds that it means
Grants add up. An object within another one is looked at by its own rule: see `show`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from rookery.journey.company import Company
from rookery.journey.connection import Connection, pair_name
from rookery.journey.departure import NETWORK
from rookery.journey.grant import Grant, Shown, shown_by, shown_of
from rookery.journey.hops import sight_of
from rookery.journey.itinerary import Itinerary
from rookery.journey.order import Asked, Order, OrderAsked, Spot
from rookery.journey.profiles import (
    CARRIED,
    ENDS,
    ENDS_OF,
    EVENT,
    FIELDS,
    GRANTED_AS,
    NEXT_EVENT,
    NEXT_HOP,
    PROFILES,
    TIMELINE,
    TOLD_EVENT,
    ObjectKind,
)
from rookery.journey.route import Leg
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Key, ViewRow
from rookery.journey.track import Scan

R = TypeVar("R", bound=ViewRow)
ListedKind = Literal["order", "shipment", "parcel"]
_PLACES: dict[ObjectKind, tuple[str, ...]] = {"leg": ("origin", "destination"), "parcel": ("last_place",)}


class Find(Protocol):
    """Where rows are read: the row of a view with a key, or None."""

    def __call__(self, row: type[R], key: Key, /) -> R | None:
        """The row, or None."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An object as the rules see it.

    country, product_id   where its order goes and as what; blank: the order has no plan any more
    operators   of the legs of its shipment, in order; of an order: none
    leg         which of them it is, from 0; -1: it is no leg
    origin, destination   of its order, as asked for; None: from stock
    """

    kind: ObjectKind
    owner: str
    order_id: bytes
    shipment_id: bytes = b""
    parcel_id: bytes = b""
    country: str = ""
    product_id: str = ""
    operators: tuple[str, ...] = ()
    leg: int = -1
    origin: Spot | None = None
    destination: Spot | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What one may read of an object.

    rules   owner, network, leg, or grant and its purpose
    fields  with dots
    ends    of its order whose postcode is told: `origin`, `destination`
    """

    rules: tuple[str, ...]
    fields: frozenset[str]
    ends: frozenset[str] = ENDS


@dataclass(frozen=True, slots=True)
class Card:
    """An object laid open, before anybody's rule: what it is made of, and the objects within it by name."""

    subject: Subject
    rows: tuple[msgspec.Struct, ...]
    inside: tuple[tuple[str, tuple["Card", ...]], ...] = ()


# --- the rules


def may_read(caller: str, subject: Subject, find: Find, now: int) -> Profile | None:
    """What a company may read of an object at an instant, or None.

    caller  a company, or `network`
    find    the rows as they are now: companies, connections, grants
    """
    if caller == NETWORK:
        return Profile(("network",), FIELDS[subject.kind])
    if _is_suspended(caller, find):
        return None
    if caller == subject.owner:
        return Profile(("owner",), FIELDS[subject.kind])
    rules: list[str] = []
    fields = _carried(caller, subject)
    ends = ENDS if fields and subject.leg >= 0 and subject.operators[subject.leg] == caller else frozenset()
    if fields:
        rules.append("leg")
    for grant in _grants(caller, subject, find, now):
        given = PROFILES[grant.profile].get(subject.kind)
        if given:
            rules.append(f"grant {grant.purpose}")
            fields |= given
            ends |= ENDS_OF[grant.profile]
    return Profile(tuple(dict.fromkeys(rules)), fields, ends) if fields else None


def may_read_events(profile: Profile) -> frozenset[str]:
    """What who may read a parcel by this profile may read of every event of it; empty: nothing."""
    if {"owner", "network"} & set(profile.rules):
        return EVENT
    return TOLD_EVENT if profile.fields >= TIMELINE else frozenset()


def may_read_hop(caller: str, legs: tuple[Leg, ...], scan: Scan) -> frozenset[str]:
    """What the operator of a leg may read of an event; empty: nothing.

    legs  of the parcel's shipment: see `find_legs`
    """
    sight = sight_of(caller, legs, scan.place, scan.by)
    if sight == "own":
        return EVENT if scan.by == caller else TOLD_EVENT | {"by"}
    return NEXT_EVENT if sight == "next" else frozenset()


def event_place(caller: str, card: Card, profile: Profile, legs: tuple[Leg, ...], scan: Scan) -> str:
    """Where an event was, as a company is told it. `legs`: as in `may_read_hop`; empty: it carries none of them"""
    is_own = bool(legs) and sight_of(caller, legs, scan.place, scan.by) == "own"
    return place_told(scan.place, card.subject, ENDS if is_own else profile.ends)


def place_told(place: str, subject: Subject, ends: frozenset[str]) -> str:
    """A place on an object's way as it is told: of a door only the country where its postcode is not.

    ends  of the order whose postcode is told
    """
    doors = {"origin": subject.origin, "destination": subject.destination}
    meant = {end: spot for end, spot in doors.items() if spot and not spot.facility_id and str(spot) == place}
    return next(iter(meant.values())).country if meant and not ends & meant.keys() else place


def shows_by_query(owner: str, caller: str, kind: ListedKind, find: Find, now: int) -> bool:
    """True if a company has a grant by query of another one now, for objects of a kind."""
    return any(kind in grant.kinds for grant in _standing(owner, caller, (shown_by(owner, caller),), find, now))


def _is_suspended(company: str, find: Find) -> bool:
    row = find(Company, company)
    return row is not None and row.suspended


def _carried(caller: str, subject: Subject) -> frozenset[str]:
    """What the operator of a leg sees of its shipment: nothing where it carries nothing of it."""
    if caller not in subject.operators:
        return frozenset()
    if subject.kind != "leg":
        return CARRIED.get(subject.kind, frozenset())
    own = {at for at, operator in enumerate(subject.operators) if operator == caller}
    if subject.leg in own:
        return FIELDS["leg"]
    return NEXT_HOP if own & {subject.leg - 1, subject.leg + 1} else frozenset()


def _grants(caller: str, subject: Subject, find: Find, now: int) -> Iterator[Grant]:
    """The grants by which a company reads an object now: those on it, on what it is in, and by query."""
    ids = filter(None, (subject.order_id, subject.shipment_id, subject.parcel_id))
    names = (shown_by(subject.owner, caller), *(shown_of(id_, caller) for id_ in ids))
    for grant in _standing(subject.owner, caller, names, find, now):
        if (
            GRANTED_AS[subject.kind] in grant.kinds
            and grant.query.country in ("", subject.country)
            and grant.query.product_id in ("", subject.product_id)
        ):
            yield grant


def _standing(owner: str, caller: str, names: tuple[str, ...], find: Find, now: int) -> Iterator[Grant]:
    """The grants under some names that open something now."""
    connection = find(Connection, pair_name(caller, owner))
    if connection is None or connection.state != "active" or _is_suspended(owner, find):
        return
    for name in names:
        shown = find(Shown, name)
        for grant_id in shown.grants if shown is not None else ():
            grant = find(Grant, grant_id)
            if (
                grant is not None
                and grant.state == "active"
                and grant.expires_at > now
                and grant.connection_id == connection.connection_id
            ):
                yield grant


# --- what is told


def show(caller: str, card: Card, find: Find, now: int) -> dict[str, Any] | None:
    """What a company may see of an object, as names and values; None: nothing.

    Each object within it is looked at by its own rule, and is not there where no rule gives it. Values are those of the
    rows; a row within a row is a dict of what may be seen of it.
    """
    profile = may_read(caller, card.subject, find, now)
    if profile is None:
        return None
    told: dict[str, Any] = {}
    for row in card.rows:
        told |= _trim(row, profile.fields)
    for name in _PLACES.get(card.subject.kind, ()):
        if name in told:
            told[name] = place_told(told[name], card.subject, profile.ends)
    for name, cards in card.inside:
        seen = [one for one in (show(caller, inner, find, now) for inner in cards) if one is not None]
        if seen:
            told[name] = seen
    return told


def _trim(row: msgspec.Struct, fields: frozenset[str], path: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if isinstance(value, msgspec.Struct):
            inner = _trim(value, fields, f"{path}{name}.")
            if inner:
                told[name] = inner
        elif f"{path}{name}" in fields:
            told[name] = value
    return told


# --- objects


def list_ids(kind: ListedKind, order: Order, find: Find) -> tuple[bytes, ...]:
    """The ids of an order's objects of a kind, in their order."""
    if kind == "shipment":
        return _shipments(order, find)
    return order.parcels if kind == "parcel" else (order.order_id,)


def find_bare(kind: ListedKind, id_: bytes, find: Find) -> Card | None:
    """An object without the objects within it, but an order with its lines; or None."""
    if kind == "parcel":
        return find_parcel(id_, find)
    if kind == "shipment":
        card = _find_shipment(id_, find)
        return replace(card, inside=()) if card is not None else None
    order = find(Order, id_)
    return _order_card(order, find) if order is not None else None


def _shipments(order: Order, find: Find) -> tuple[bytes, ...]:
    itinerary = find(Itinerary, order.order_id)
    if itinerary is not None:
        return itinerary.shipments
    parcels = (find(Parcel, one) for one in order.parcels)
    return tuple(dict.fromkeys(parcel.shipment_id for parcel in parcels if parcel is not None))


def find_order(order_id: bytes, find: Find) -> Card | None:
    """An order with its lines, its shipments with their itineraries, and its parcels; or None.

    Parcels stand beside shipments, since one may be shown them and not the shipments.
    """
    order = find(Order, order_id)
    if order is None:
        return None
    cards = [card for one in order.parcels if (card := find_parcel(one, find)) is not None]
    ids = dict.fromkeys(card.subject.shipment_id for card in cards)
    shipments = tuple(card for one in ids if (card := _find_shipment(one, find)) is not None)
    card = _order_card(order, find)
    return replace(card, inside=(*card.inside, ("shipments", shipments), ("parcels", tuple(cards))))


def _order_card(order: Order, find: Find) -> Card:
    """An order with its lines."""
    asked = _asked(order, find)
    lines = tuple(Card(_subject("line", order, asked), (line,)) for line in asked.lines)
    return Card(_subject("order", order, asked), (order, asked), (("lines", lines),))


def _asked(order: Order, find: Find) -> Asked:
    row = find(OrderAsked, order.order_id)
    assert row is not None, f"order {order.reference}: what it asks for is kept with it"
    return row.asked


def find_shipment(shipment_id: bytes, find: Find) -> Card | None:
    """A shipment with its parcels and its itinerary leg by leg, or None."""
    card = _find_shipment(shipment_id, find)
    order = find(Order, card.subject.order_id) if card is not None else None
    if card is None or order is None:
        return None
    parcels = tuple(one for id_ in order.parcels if (one := find_parcel(id_, find)) is not None)
    own = tuple(one for one in parcels if one.subject.shipment_id == shipment_id)
    return replace(card, inside=(("parcels", own), *card.inside))


def _find_shipment(shipment_id: bytes, find: Find) -> Card | None:
    shipment = find(Shipment, shipment_id)
    order = find(Order, shipment.order_id) if shipment is not None else None
    if shipment is None or order is None:
        return None
    asked, itinerary = _asked(order, find), find(Itinerary, order.order_id)
    operators = _operators(itinerary, shipment_id)
    inside: tuple[tuple[str, tuple[Card, ...]], ...] = ()
    if itinerary is not None and shipment_id in itinerary.shipments:
        part = itinerary.parts[itinerary.shipments.index(shipment_id)]
        legs = tuple(
            Card(_subject("leg", order, asked, shipment_id, operators, leg=at), (leg,))
            for at, leg in enumerate(part.plan.legs)
        )
        way = _subject("itinerary", order, asked, shipment_id, operators)
        inside = (("itinerary", (Card(way, (itinerary, part), (("legs", legs),)),)),)
    return Card(_subject("shipment", order, asked, shipment_id, operators), (shipment,), inside)


def find_parcel(parcel_id: bytes, find: Find) -> Card | None:
    """A parcel, or None."""
    parcel = find(Parcel, parcel_id)
    order = find(Order, parcel.order_id) if parcel is not None else None
    if parcel is None or order is None:
        return None
    asked, itinerary = _asked(order, find), find(Itinerary, order.order_id)
    operators = _operators(itinerary, parcel.shipment_id)
    subject = _subject("parcel", order, asked, parcel.shipment_id, operators, parcel_id=parcel_id)
    return Card(subject, (parcel,))


def find_legs(subject: Subject, find: Find) -> tuple[Leg, ...]:
    """The legs by which the shipment that an object is in travels as things stand; none without a plan."""
    return _legs(find(Itinerary, subject.order_id), subject.shipment_id)


def _legs(itinerary: Itinerary | None, shipment_id: bytes) -> tuple[Leg, ...]:
    if itinerary is None or shipment_id not in itinerary.shipments:
        return ()
    return itinerary.parts[itinerary.shipments.index(shipment_id)].plan.legs


def _operators(itinerary: Itinerary | None, shipment_id: bytes) -> tuple[str, ...]:
    return tuple(leg.operator for leg in _legs(itinerary, shipment_id))


def _subject(
    kind: ObjectKind,
    order: Order,
    asked: Asked,
    shipment_id: bytes = b"",
    operators: tuple[str, ...] = (),
    *,
    parcel_id: bytes = b"",
    leg: int = -1,
) -> Subject:
    return Subject(
        kind, order.owner, order.order_id, shipment_id, parcel_id, asked.destination.country, asked.product_id,
        operators, leg, asked.origin, asked.destination,
    )  # fmt: skip
