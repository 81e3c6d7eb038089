"""Lists of the orders, shipments and parcels that a company may see, by whatever rule."""

import re
from dataclasses import replace
from typing import Literal, TypeVar

from rookery.hub.access import NETWORK
from rookery.hub.clock import now
from rookery.hub.lists import ListAsked, ListPage, PageEnd, list_seen
from rookery.hub.look import Look
from rookery.ledger.reads import Read
from rookery.units import id_text, read_id
from rookery.web.call import Call, filter_of, reads_of
from rookery.web.paging import Page, Paged, check_page
from rookery.web.problems import bad_value, check_known, time_at
from rookery.web.sealed import seal, unseal
from rookery.web.table import TABLE
from rookery.web.things import OrderOut, ParcelOut, ShipmentOut, told

GROUP = "Orders"
T = TypeVar("T")
_CURSOR = re.compile(r"(ord_[0-9a-v]{26})(?:\.([1-9][0-9]{0,5}))?(?:~([1-9][0-9]{0,14}))?", re.ASCII)

OrderStatus = Literal["", "waiting", "booked", "refused", "cancelled"]
ParcelStatus = Literal[
    "", "registered", "picked_up", "in_transit", "customs", "out_for_delivery", "ready_for_pickup", "delivered",
    "delivery_failed", "on_hold", "returning", "returned", "lost", "cancelled", "unknown",
]  # fmt: skip


class OrderPage(Page[OrderOut], frozen=True):
    """A page of orders, by id: the oldest first; with `updated_after` by their last change."""


class OrderQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which orders. `owner` blank: all that one is shown. `updated_after`: a time with its offset."""

    reference: str = ""
    owner: str = ""
    status: OrderStatus = ""
    updated_after: str = ""


class ShipmentPage(Page[ShipmentOut], frozen=True):
    """A page of shipments, order by order, the oldest order first."""


class ShipmentQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which shipments. `delivered`: all pieces of it, or not yet."""

    owner: str = ""
    delivered: bool | None = None


class ParcelPage(Page[ParcelOut], frozen=True):
    """A page of parcels, order by order, the oldest order first."""


class ParcelQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which parcels."""

    owner: str = ""
    status: ParcelStatus = ""


@TABLE.add(
    "GET", "/v1/orders", title="Orders", scope="orders:read", answers={200: OrderPage}, group=GROUP, query=OrderQuery,
)  # fmt: skip
async def list_orders(call: Call) -> OrderPage:
    """One's own and those that others have granted, with their lines; for the network's operator all.

    With `updated_after` one's own that changed in that second or later: placed, decided, seen for the first time,
    withdrawn. One that changes meanwhile comes again. With `reference` that one of its owner, or of each that shows it.
    """
    asked: OrderQuery = call.query
    if asked.reference and not asked.owner and call.caller.company == NETWORK:
        raise bad_value("query/owner", "the owner whose reference it is", "none")
    wanted = ListAsked(
        "order",
        asked.limit,
        owner=asked.owner,
        reference=asked.reference,
        status=asked.status,
        since=time_at("query/updated_after", asked.updated_after) if asked.updated_after else None,
    )
    return OrderPage(*await _page(call, wanted, OrderOut))


@TABLE.add(
    "GET", "/v1/shipments", title="Shipments", scope="orders:read", answers={200: ShipmentPage}, group=GROUP,
    query=ShipmentQuery,
)  # fmt: skip
async def list_shipments(call: Call) -> ShipmentPage:
    """One's own, granted and carried ones, without what is in them; for the network's operator all."""
    asked: ShipmentQuery = call.query
    wanted = ListAsked("shipment", asked.limit, owner=asked.owner, delivered=asked.delivered)
    return ShipmentPage(*await _page(call, wanted, ShipmentOut))


@TABLE.add(
    "GET", "/v1/parcels", title="Parcels", scope="orders:read", answers={200: ParcelPage}, group=GROUP,
    query=ParcelQuery,
)  # fmt: skip
async def list_parcels(call: Call) -> ParcelPage:
    """One's own, granted and carried ones, as far as one is shown them; for the network's operator all."""
    asked: ParcelQuery = call.query
    wanted = ListAsked("parcel", asked.limit, owner=asked.owner, status=asked.status)
    return ParcelPage(*await _page(call, wanted, ParcelOut))


# --- what all have


async def _page(call: Call, wanted: ListAsked, kind: type[T]) -> tuple[list[T], bool, str]:
    """What is on a page, whether there is more, and the cursor; what is of others is written down before."""
    check_page(call.query)
    company = call.caller.company

    def read(look: Look) -> tuple[tuple[ListPage, str, str], list[Read]]:
        _check_owner(call, look)
        page = list_seen(look.ledger, company, replace(wanted, after=_place(call, look)), now())
        cursor = seal(look, company, _text(page.after)) if page.after is not None else ""
        reads = reads_of(call, wanted.kind, filter_of(call), [owner for owner, _ in page.seen])
        return (page, look.currency, cursor), reads

    page, currency, cursor = await call.show(read)
    data = [told(seen, kind, currency) for _, seen in page.seen]
    return data, page.after is not None, cursor


def _check_owner(call: Call, look: Look) -> None:
    """Raises  Problem: the owner that is asked for is no company"""
    owner, known = call.query.owner, call.serving.world.timetable.companies
    if owner and owner not in known and owner != call.caller.company:
        added = (one.company_id for one in look.ledger.list_rows("company") if one.added)
        check_known("query/owner", owner, (*known, *added))


def _text(place: PageEnd) -> str:
    passed = f".{place.passed}" if place.passed else ""
    return id_text("ord", place.order_id) + passed + (f"~{place.changed}" if place.changed else "")


def _place(call: Call, look: Look) -> PageEnd:
    """Where a page begins. Raises  Problem: the cursor is not one of this list"""
    if not call.query.cursor:
        return PageEnd()
    found = _CURSOR.fullmatch(unseal(look, call.caller.company, call.query.cursor) or "")
    by_change = bool(getattr(call.query, "updated_after", ""))
    if found is None or by_change != bool(found[3]) or (found[2] and call.route.name == "list_orders"):
        raise bad_value("query/cursor", "the next_cursor of an answer to the same question", "something else")
    return PageEnd(read_id(found[1])[1], int(found[2] or 0), int(found[3] or 0))
