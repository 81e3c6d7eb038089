"""Orders and their parcels: found by any number, filtered in the URL, page by page."""

from functools import partial
from typing import Any

import msgspec

from rookery.journey.order import Order, Reference
from rookery.journey.waybill import number_name
from rookery.units import id_text, read_any_id, read_id
from rookery.web.call import Call, Reply
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, Told, see
from rookery.web.problems import Problem
from rookery.web.table import HTML

PAGE = 25
LOOKED_MAX = 1_000  # orders that one page looks at for its filters; it says so when it stops there
STATUSES = ("booked", "waiting", "refused", "cancelled")
PARCELS = (
    "registered", "picked_up", "in_transit", "customs", "out_for_delivery", "ready_for_pickup", "delivered",
    "delivery_failed", "on_hold", "returning", "returned", "lost", "cancelled", "unknown",
)  # fmt: skip


class OrderQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders: by a number, by status, by a parcel's status, late ones; `before`: the page after that order."""

    q: str = ""
    status: str = ""
    parcel: str = ""
    late: str = ""
    before: str = ""


@PAGES.add(
    "GET", "/orders", title="Orders", scope="orders:read", answers={200: HTML, 303: HTML}, group="Pages",
    query=OrderQuery,
)  # fmt: skip
async def list_orders(call: Call) -> Reply:
    """A number that is known leads to what it names; else the newest orders, what others show, what one carries."""
    asked: OrderQuery = call.query
    number = asked.q.strip()
    if number:
        found = await see(call, f"number {number}", lambda sight: _named(sight, number))
        if found:
            return Reply(b"", 303, {"location": found})
    before = _before(asked.before)

    def ask(sight: Sight) -> tuple[Any, ...]:
        rows, last, more = _page(sight, asked, before)
        first = not (sight.is_operator or before or asked.status or asked.parcel or asked.late)
        shown, carried = (list(sight.shown_orders()), list(sight.carried_parcels())) if first else ([], [])
        return rows, last, more, shown, carried

    rows, last, more, shown, carried = ([], b"", False, [], []) if number else await see(call, "orders", ask)
    return paper(
        call, "orders.html", asked=asked, number=number, rows=rows, shown=shown, carried=carried,
        statuses=STATUSES, parcels=PARCELS, next_=id_text("ord", last) if more else "",
    )  # fmt: skip


def _named(sight: Sight, number: str) -> str:
    """The page of what a number means to this caller; blank: it means nothing, or nothing that is shown."""
    own = number if ":" in number or sight.is_operator else f"{sight.company}:{number}"
    order = sight.look.find_order(own) or sight.look.find_order(number)
    if order is None:
        return ""
    prefix, id_ = _read_named(sight, number)
    page = f"/orders/{id_text('ord', order.order_id)}"
    if prefix == "pcl":
        return f"/parcels/{id_text('pcl', id_)}" if sight.parcel(id_) is not None else ""
    if prefix == "dec" and not sight.owns(order.owner):
        return ""
    if prefix != "shp":
        return page if sight.order(order.order_id) is not None else ""
    told = sight.shipment(id_)
    if told is None or sight.order(order.order_id) is not None:
        return page if told is not None else ""
    inside = (one["parcel_id"] for one in told.get("parcels", ()) if "parcel_id" in one)
    return next((f"/parcels/{id_text('pcl', one)}" for one in inside), "")


def _read_named(sight: Sight, number: str) -> tuple[str, bytes]:
    """What a number that means an order is the id of; a waybill is that of its parcel, a reference that of none."""
    waybill = sight.find(Reference, number_name(number))
    if waybill is not None:
        return "pcl", waybill.id_
    try:
        return read_any_id(number)
    except ValueError:
        return "", b""


def _page(sight: Sight, asked: OrderQuery, before: bytes | None) -> tuple[list[Told], bytes, bool]:
    """Orders that pass the filters, the last one that was looked at, and whether there may be more."""
    columns = {"status": asked.status} if asked.status else {}
    rows: list[Told] = []
    last, looked = before, 0
    while looked < LOOKED_MAX:
        found = sight.own_orders(last, PAGE + 1, **columns)
        for order in found[:PAGE]:
            last, looked = order.order_id, looked + 1
            told = sight.order(order.order_id, partial(_passes, asked))
            if told is not None:
                rows.append(told)
            if len(rows) == PAGE:
                return rows, last, order is not found[-1]
        if len(found) <= PAGE:
            return rows, last or b"", False
    return rows, last or b"", True


def _passes(asked: OrderQuery, told: Told) -> bool:
    parcels = told.get("parcels", ())
    return (not asked.parcel or any(one["status"] == asked.parcel for one in parcels)) and (
        not asked.late or any(one["delay_min"] > 0 for one in parcels)
    )


def _before(text: str) -> bytes | None:
    if not text:
        return None
    try:
        return read_id(text)[1]
    except ValueError:
        raise Problem("bad_request", f"query/before: wanted the id of an order, found {text[:40]!r}") from None


def find_named(sight: Sight, name: str, prefix: str) -> bytes:
    """The id in a path. Raises  Problem: it is none of this kind"""
    try:
        kind, id_ = read_id(name)
    except ValueError:
        kind, id_ = "", b""
    if kind != prefix:
        raise not_there(name)
    return id_


def not_there(name: str) -> Problem:
    """Nothing, or nothing that is shown: the same words."""
    return Problem("not_found", f"{name}: there is no such thing, or it is not shown to this company")


__all__ = ["Order", "find_named", "list_orders", "not_there"]
