"""Orders, shipments and parcels as each company may see them: its own, and what others have granted or let it carry."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.callers import stored_rows
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.journey.order import Order, Reference, reference_name
from rookery.journey.reading import Card, find_order, find_parcel, find_shipment, may_read, show
from rookery.journey.shipment import Parcel
from rookery.journey.track import Scanned, scan_numbers
from rookery.journey.waybill import number_name
from rookery.ledger.log import StoredFact
from rookery.ledger.reads import Read
from rookery.units import UTC, id_text, read_id
from rookery.web.call import Call, Reply
from rookery.web.paging import check_page, page_of
from rookery.web.problems import Problem, bad_value
from rookery.web.rows import read_cursor
from rookery.web.shapes import instant
from rookery.web.table import TABLE
from rookery.web.things import OrderOut, ParcelOut, ShipmentOut, told

GROUP = "Orders"
_TIMELINE = frozenset({"status", "last_at", "last_place"})  # of a parcel: who sees these sees how they came about
_OWN = frozenset({"owner", "network"})
_ENCODE = msgspec.json.Encoder().encode


class OrderPage(msgspec.Struct, frozen=True):
    """A page of orders, by id: the oldest first."""

    data: list[OrderOut]
    has_more: bool
    next_cursor: str


class OrderQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders: with a reference, of an owner. Owner blank: one's own; for the network's operator all."""

    limit: int = 50
    cursor: str = ""
    reference: str = ""
    owner: str = ""


class EventOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of a parcel. The carrier's own words and name are shown to the order's owner alone."""

    status: str
    place: str
    happened_at: dt.datetime
    heard_at: dt.datetime | None = None
    reason_code: str = ""
    by: str = ""
    raw_code: str = ""
    raw_description: str = ""
    proof: str = ""
    unit: str = ""


class EventPage(msgspec.Struct, frozen=True):
    """A page of a parcel's events, in the order in which they were heard."""

    data: list[EventOut]
    has_more: bool
    next_cursor: str


class EventQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page."""

    limit: int = 50
    cursor: str = ""


# --- orders


@TABLE.add(
    "GET", "/v1/orders", title="Orders", scope="orders:read", answers={200: OrderPage}, group=GROUP, query=OrderQuery,
)  # fmt: skip
async def list_orders(call: Call) -> OrderPage:
    """One's own, without what is in them. What others have granted is read by id, or by their reference and owner."""
    check_page(call.query)
    orders, more = await call.read(lambda look: _list_orders(look, call))
    data = [order for _, order, _ in orders]
    await _note(call, "order", _filter(call), [owner for owner, _, _ in orders])
    return OrderPage(data, more, id_text("ord", orders[-1][2]) if more else "")


def _list_orders(look: Look, call: Call) -> tuple[list[tuple[str, OrderOut, bytes]], bool]:
    """Owner, order and id of those on a page, and whether there are more."""
    asked: OrderQuery = call.query
    own = "" if call.caller.company == NETWORK else call.caller.company
    owner, after = asked.owner or own, read_cursor(asked.cursor, "ord")
    rows: list[Order]
    if asked.reference:
        if not owner:
            raise bad_value("query/owner", "the owner whose reference it is", "none")
        named: Reference | None = look.ledger.find_row("reference", reference_name(owner, asked.reference))
        found = look.ledger.find_row("orders", named.id_) if named is not None else None
        rows = [found] if found is not None and found.order_id > after else []
    elif owner in (own, "") or not own:
        columns = {"owner": owner} if owner else {}
        rows = look.ledger.list_page("orders", after, asked.limit + 1, **columns)
    else:
        rows = []
    find, out = stored_rows(look.ledger), []
    for row in rows[: asked.limit]:
        card = find_order(row.order_id, find)
        seen = show(call.caller.company, replace(card, inside=()), find, now()) if card is not None else None
        if seen is not None:
            out.append((row.owner, told(seen, OrderOut, look.currency), row.order_id))
    return out, len(rows) > asked.limit and bool(out)


@TABLE.add(
    "GET", "/v1/orders/{order}", title="An order", scope="orders:read", answers={200: OrderOut, 304: None},
    group=GROUP, problems=("not_found",), about={"order": "its id, ord_..."},
)  # fmt: skip
async def get_order(call: Call) -> Reply:
    """With its lines, shipments and parcels, as far as the caller is shown them."""
    id_ = _id(call.path["order"], "ord")
    return await _reply(call, lambda look: find_order(id_, stored_rows(look.ledger)), OrderOut)


@TABLE.add(
    "GET", "/v1/shipments/{shipment}", title="A shipment", scope="orders:read",
    answers={200: ShipmentOut, 304: None}, group=GROUP, problems=("not_found",),
    about={"shipment": "its id, shp_..."},
)  # fmt: skip
async def get_shipment(call: Call) -> Reply:
    """With its parcels and its way, as far as the caller is shown them. The operator of a leg sees its own hop."""
    id_ = _id(call.path["shipment"], "shp")
    return await _reply(call, lambda look: find_shipment(id_, stored_rows(look.ledger)), ShipmentOut)


_PARCEL = {"parcel": "its id, pcl_..., or its waybill number"}


@TABLE.add(
    "GET", "/v1/parcels/{parcel}", title="A parcel", scope="orders:read", answers={200: ParcelOut, 304: None},
    group=GROUP, problems=("not_found",), about=_PARCEL,
)  # fmt: skip
async def get_parcel(call: Call) -> Reply:
    """How it stands."""
    return await _reply(call, lambda look: _find_parcel(look, call.path["parcel"]), ParcelOut)


@TABLE.add(
    "GET", "/v1/parcels/{parcel}/events", title="A parcel's events", scope="events:read", answers={200: EventPage},
    group=GROUP, query=EventQuery, problems=("not_found",), about=_PARCEL,
)  # fmt: skip
async def list_parcel_events(call: Call) -> EventPage:
    """What was seen of it. Shown to whoever is shown its status, its place and when it was seen."""
    check_page(call.query)
    owner, page, more, cursor = await call.read(lambda look: _list_events(look, call))
    await _note(call, "event", call.path["parcel"], [owner] * len(page))
    return EventPage(page, more, cursor)


def _list_events(look: Look, call: Call) -> tuple[str, list[EventOut], bool, str]:
    card = _find_parcel(look, call.path["parcel"])
    profile = may_read(call.caller.company, card.subject, stored_rows(look.ledger), now()) if card is not None else None
    if card is None or profile is None or not profile.fields >= _TIMELINE:
        raise _missing(call.path["parcel"])
    subject, all_ = card.subject, bool(_OWN & set(profile.rules))
    parcel: Parcel = look.ledger.find_row("parcel", subject.parcel_id)
    numbers = scan_numbers(parcel.scans)
    found, more, cursor = page_of(numbers, lambda number: f"{number:012d}", lambda number: number, call.query)
    page = [_event(one, all_=all_) for one in look.ledger.get_facts(found)]
    return subject.owner, page, more, cursor


def _event(stored: StoredFact, *, all_: bool) -> EventOut:
    fact: Scanned = stored.fact
    scan = fact.scan
    zone = dt.timezone(dt.timedelta(minutes=scan.offset_min)) if scan.offset_min else UTC
    happened_at = dt.datetime.fromtimestamp(scan.happened_at, zone)
    out = EventOut(scan.status, scan.place, happened_at, instant(stored.heard_at), scan.reason_code)
    if not all_:
        return out
    return msgspec.structs.replace(
        out, by=scan.by, raw_code=scan.raw_code, raw_description=scan.raw_description, proof=scan.proof, unit=fact.unit
    )


# --- what all have


def _find_parcel(look: Look, name: str) -> Card | None:
    find = stored_rows(look.ledger)
    try:
        prefix, id_ = read_id(name)
    except ValueError:
        prefix = ""
    if prefix != "pcl":
        number = find(Reference, number_name(name))
        id_ = number.id_ if number is not None else b""
    return find_parcel(id_, find) if id_ else None


async def _reply(call: Call, find: Callable[[Look], Card | None], kind: type[Any]) -> Reply:
    """An object as the caller sees it, or that it has not changed since. Raises  Problem: not_found"""
    (name,) = call.path.values()

    def look_up(look: Look) -> tuple[str, Any]:
        card = find(look)
        seen = show(call.caller.company, card, stored_rows(look.ledger), now()) if card is not None else None
        if card is None or seen is None:
            raise _missing(name)
        return card.subject.owner, told(seen, kind, look.currency)

    owner, body = await call.read(look_up)
    await _note(call, call.route.name.removeprefix("get_"), name, [owner])
    tag = f'"{hashlib.sha256(_ENCODE(body)).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = [one.strip().removeprefix("W/") for one in call.headers.get("if-none-match", "").split(",")]
    return Reply(None, 304, headers) if tag in known or "*" in known else Reply(body, 200, headers)


async def _note(call: Call, kind: str, filter_: str, owners: list[str]) -> None:
    """Write down who was shown what of another company, before it is told."""
    counts: Mapping[str, int] = {owner: owners.count(owner) for owner in dict.fromkeys(owners)}
    await call.note_reads(
        Read(call.caller.company, owner, kind, filter_, count, now()) for owner, count in counts.items()
    )


def _filter(call: Call) -> str:
    asked: OrderQuery = call.query
    words = {"owner": asked.owner, "reference": asked.reference, "cursor": asked.cursor}
    return " ".join(f"{name}={value}" for name, value in words.items() if value) or "all"


def _id(text: str, prefix: str) -> bytes:
    try:
        found, id_ = read_id(text)
    except ValueError:
        found, id_ = "", b""
    if found != prefix:
        raise _missing(text)
    return id_


def _missing(name: str) -> Problem:
    return Problem("not_found", f"{name[:80]}: there is no such thing, or it is not shown to this company")
