"""Orders, shipments and parcels as each company may see them: its own, and what others have granted or let it carry."""

import datetime as dt
import hashlib
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import msgspec

from rookery.hub.callers import stored_rows
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.journey.order import Reference
from rookery.journey.profiles import EVENT
from rookery.journey.reading import (
    Card,
    event_place,
    find_legs,
    find_order,
    find_parcel,
    find_shipment,
    may_read,
    may_read_events,
    may_read_hop,
    show,
)
from rookery.journey.shipment import Parcel
from rookery.journey.track import Scanned
from rookery.journey.waybill import number_name
from rookery.ledger.log import StoredFact
from rookery.ledger.reads import Read
from rookery.units import UTC, read_id
from rookery.web.call import Call, Reply, reads_of
from rookery.web.paging import Page, Paged, check_page
from rookery.web.problems import Problem
from rookery.web.shapes import instant
from rookery.web.table import TABLE
from rookery.web.things import OrderOut, ParcelOut, ShipmentOut, told
from rookery.web.versions import HEADER

GROUP = "Orders"
_ENCODE = msgspec.json.Encoder().encode


class EventOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of a parcel. A carrier's own words are shown to the order's owner and to that carrier."""

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


class EventPage(Page[EventOut], frozen=True):
    """A page of a parcel's events, in the order in which they were heard."""


class EventQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which page."""


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
    """What was seen of it, to whoever is shown its status, its place and when it was seen.

    The operator of a leg is shown what is of its own hop, of the one before and of the one after.
    """
    check_page(call.query)
    return await call.show(lambda look: _list_events(look, call))


def _list_events(look: Look, call: Call) -> tuple[EventPage, list[Read]]:
    find, caller = stored_rows(look.ledger), call.caller.company
    card = _find_parcel(look, call.path["parcel"])
    profile = may_read(caller, card.subject, find, now()) if card is not None else None
    if card is None or profile is None:
        raise _missing(call.path["parcel"])
    subject = card.subject
    of_all = may_read_events(profile)
    legs = find_legs(subject, find) if caller in subject.operators else ()
    if not of_all and not legs:
        raise _missing(call.path["parcel"])
    (parcel,) = card.rows
    assert isinstance(parcel, Parcel), "of which the card is"
    numbers = look.scan_numbers(parcel)
    hop = partial(may_read_hop, caller, legs)
    if not of_all:
        numbers = [one.seq for one in look.ledger.get_facts(numbers) if hop(one.fact.scan)]
    asked: EventQuery = call.query
    left = [one for one in numbers if _place(one) > asked.cursor] if asked.cursor else numbers
    found, more = left[: asked.limit], len(left) > asked.limit
    cursor = _place(found[-1]) if more else ""
    shown = look.ledger.get_facts(found)
    page = [
        _event(
            one,
            of_all if of_all == EVENT else of_all | hop(one.fact.scan),
            event_place(caller, card, profile, legs, one.fact.scan),
        )
        for one in shown
    ]
    return EventPage(page, more, cursor), reads_of(call, "event", call.path["parcel"], [subject.owner] * len(page))


def _place(number: int) -> str:
    return f"{number:012d}"


def _event(stored: StoredFact, shown: frozenset[str], place: str) -> EventOut:
    fact: Scanned = stored.fact
    scan = fact.scan
    happened_at = dt.datetime.fromtimestamp(scan.happened_at, _zone(scan.offset_min))
    out = EventOut(
        scan.status, place, happened_at, instant(stored.heard_at), scan.reason_code, scan.by, scan.raw_code,
        scan.raw_description, scan.proof, fact.unit,
    )  # fmt: skip
    return out if shown == EVENT else msgspec.structs.replace(out, **dict.fromkeys(EVENT - shown, ""))


@cache
def _zone(offset_min: int) -> dt.tzinfo:
    return dt.timezone(dt.timedelta(minutes=offset_min)) if offset_min else UTC


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

    def look_up(look: Look) -> tuple[Any, list[Read]]:
        card = find(look)
        seen = show(call.caller.company, card, stored_rows(look.ledger), now()) if card is not None else None
        if card is None or seen is None:
            raise _missing(name)
        reads = reads_of(call, call.route.name.removeprefix("get_"), name, [card.subject.owner])
        return told(seen, kind, look.currency), reads

    body = await call.show(look_up)
    words = _ENCODE(call.serving.history.older_answer(call.route.name, call.version, body))
    tag = f'"{hashlib.sha256(words).hexdigest()[:32]}"'  # of what the caller gets: another version, another tag
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": HEADER}
    known = [one.strip().removeprefix("W/") for one in call.headers.get("if-none-match", "").split(",")]
    return Reply(None, 304, headers) if tag in known or "*" in known else Reply(body, 200, headers)


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
