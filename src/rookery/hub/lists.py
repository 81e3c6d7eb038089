"""Pages of the orders, shipments and parcels that a company may see: its own, and those that others show it by a query.

Objects come order by order, the oldest order first; orders may come by their last change instead, the latest last.
A filter looks only at what the company is shown: where it may not see a field, nothing matches.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rookery.hub.access import NETWORK
from rookery.hub.callers import stored_rows
from rookery.journey.connection import Connection
from rookery.journey.order import Order, Reference, reference_name
from rookery.journey.reading import (
    Find,
    ListedKind,
    R,
    find_bare,
    is_listed,
    list_ids,
    may_read,
    show,
    shows_by_query,
)
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Key, ViewRow
from rookery.ledger.log import Ledger

LOOKED_MAX = 2_000  # orders and objects that one page looks at
CHUNK = 100  # orders that are read at once
_ROWS: dict[ListedKind, type[ViewRow]] = {"order": Order, "shipment": Shipment, "parcel": Parcel}


@dataclass(frozen=True, slots=True)
class PageEnd:
    """After which object of a list a page ends.

    passed   so many objects of the order were looked at; 0: all
    changed  where orders come by their last change: its number
    """

    order_id: bytes = b""
    passed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class ListAsked:
    """Which objects.

    owner      whose; blank: all that the company is shown
    reference  of the one order of that owner, by whatever rule it is shown
    status     of orders or parcels; delivered: of shipments, all of it, or not yet
    since      orders that changed at this instant or later, by their last change
    """

    kind: ListedKind
    limit: int
    after: PageEnd = PageEnd()
    owner: str = ""
    reference: str = ""
    status: str = ""
    delivered: bool | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Owners and what may be seen of objects of theirs; `after`: where the next page begins, None: there is no more."""

    seen: list[tuple[str, dict[str, Any]]]
    after: PageEnd | None


def list_seen(ledger: Ledger, caller: str, asked: ListAsked, now: int) -> ListPage:
    """A page of what a company may see.

    A page that has looked at LOOKED_MAX objects ends, though it may have fewer than its limit, or none.

    Cost  that of the page and of what it passed over, and a look at each connection of the company
    """
    find, seen, looked, at = _remembered(stored_rows(ledger)), list[tuple[str, dict[str, Any]]](), 0, asked.after
    for order in _orders(ledger, caller, asked, find, now):
        passed = asked.after.passed if order.order_id == asked.after.order_id else 0
        changed, looked = (order.changed if asked.since is not None else 0), looked + 1
        if looked >= LOOKED_MAX:
            return ListPage(seen, at)
        for number, id_ in enumerate(list_ids(asked.kind, order, find)[passed:], passed + 1):
            told = _told(caller, id_, asked, find, now)
            if (told is not None and len(seen) == asked.limit) or looked >= LOOKED_MAX:
                return ListPage(seen, at)
            if told is not None:
                seen.append((order.owner, told))
            at, looked = PageEnd(order.order_id, number if asked.kind != "order" else 0, changed), looked + 1
        at = PageEnd(order.order_id, 0, changed)
    return ListPage(seen, None)


def _told(caller: str, id_: bytes, asked: ListAsked, find: Find, now: int) -> dict[str, Any] | None:
    """What may be seen of an object that is asked for, or None."""
    if not _passes(find(_ROWS[asked.kind], id_), asked):
        return None  # before anything else of it is read: with a filter most objects end here
    card = find_bare(asked.kind, id_, find)
    if card is None or not (asked.reference or is_listed(caller, card.subject, find, now)):
        return None
    profile = may_read(caller, card.subject, find, now)
    if profile is None or not _needs(asked) <= profile.fields:
        return None
    return show(caller, card, find, now)


def _needs(asked: ListAsked) -> frozenset[str]:
    """The fields that a filter looks at."""
    named = (
        ("status", bool(asked.status)), ("changed", asked.since is not None),
        ("delivered", asked.delivered is not None), ("pieces", asked.delivered is not None),
    )  # fmt: skip
    return frozenset(name for name, is_used in named if is_used)


def _passes(row: Any, asked: ListAsked) -> bool:
    if asked.delivered is not None and (row.delivered == row.pieces) != asked.delivered:
        return False
    return not asked.status or row.status == asked.status


# --- orders


def _orders(ledger: Ledger, caller: str, asked: ListAsked, find: Find, now: int) -> Iterator[Order]:
    """The orders to look at, in the order of the list, from where the page begins."""
    if asked.reference:
        yield from _named(asked, find)
        return
    owners = list(_owners(ledger, caller, asked, find, now))
    begun = find(Order, asked.after.order_id) if asked.after.passed else None
    if begun is not None and (begun.owner in owners or "" in owners):
        yield begun
    streams = (_stream(ledger, asked, {"owner": owner} if owner else {}) for owner in owners)
    yield from heapq.merge(*streams, key=lambda order: _rank(order, asked))


def _named(asked: ListAsked, find: Find) -> Iterator[Order]:
    named = find(Reference, reference_name(asked.owner, asked.reference))
    order = find(Order, named.id_) if named is not None else None
    if order is not None and order.order_id > asked.after.order_id:
        yield order


def _owners(ledger: Ledger, caller: str, asked: ListAsked, find: Find, now: int) -> Iterator[str]:
    """Whose orders are looked at; blank: everybody's."""
    if caller == NETWORK:
        yield asked.owner
        return
    others = [asked.owner] if asked.owner else [caller, *_partners(ledger, caller)]
    shown = asked.since is None  # no profile shows when an order changed
    for one in others:
        if one == caller or (shown and shows_by_query(one, caller, asked.kind, find, now)):
            yield one


def _partners(ledger: Ledger, caller: str) -> Iterator[str]:
    """Companies with an active connection to this one."""
    for column, other in (("invited_by", "company"), ("company", "invited_by")):
        rows: Iterator[Connection] = ledger.list_rows("connection", **{column: caller})
        yield from (getattr(row, other) for row in rows if row.state == "active")


def _rank(order: Order, asked: ListAsked) -> tuple[int, bytes]:
    return (order.changed if asked.since is not None else 0), order.order_id


def _stream(ledger: Ledger, asked: ListAsked, columns: dict[str, Key]) -> Iterator[Order]:
    """The orders with these values in their columns, in the order of the list, after a place."""
    after, count = (asked.after.changed, asked.after.order_id), min(asked.limit + 1, CHUNK)
    if asked.since is not None:
        after = max(after, (ledger.last_before(asked.since) + 1, b""))
    elif asked.kind == "order" and asked.status:
        columns = {**columns, "status": asked.status}
    while True:
        rows: list[Order]
        if asked.since is not None:
            rows = ledger.list_since("orders", "changed", after, count, **columns)
        else:
            rows = ledger.list_page("orders", after[1], count, **columns)
        yield from rows
        if len(rows) < count:
            return
        after = _rank(rows[-1], asked)


def _remembered(find: Find) -> Find:
    """Rows as they were at their first look, so that a page looks once at each connection and grant."""
    known: dict[tuple[type[Any], Key], Any] = {}

    def look(row: type[R], key: Key) -> R | None:
        if (row, key) not in known:
            known[row, key] = find(row, key)
        found: R | None = known[row, key]
        return found

    return look
