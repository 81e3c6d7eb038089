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
    Card,
    Find,
    ListedKind,
    R,
    is_listed,
    list_cards,
    may_read,
    show,
    shows_by_query,
)
from rookery.journey.state import Key
from rookery.ledger.log import Ledger

LOOKED_MAX = 2_000  # orders and objects that one page looks at: some 50 ms
CHUNK = 100  # orders that are read at once


@dataclass(frozen=True, slots=True)
class Place:
    """After which object of a list a page ends.

    passed   so many objects of the order were looked at; 0: all
    changed  where orders come by their last change: its number
    """

    order_id: bytes = b""
    passed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which objects.

    owner      whose; blank: all that the company is shown
    reference  of the one order of that owner, by whatever rule it is shown
    status     of orders or parcels; delivered: of shipments, all of it, or not yet
    since      orders that changed at this instant or later, by their last change
    """

    kind: ListedKind
    limit: int
    after: Place = Place()
    owner: str = ""
    reference: str = ""
    status: str = ""
    delivered: bool | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Owners and what may be seen of objects of theirs; `after`: where the next page begins, None: there is no more."""

    seen: list[tuple[str, dict[str, Any]]]
    after: Place | None


def list_seen(ledger: Ledger, caller: str, wanted: Wanted, now: int) -> Page:
    """A page of what a company may see.

    A page that has looked at LOOKED_MAX objects ends, though it may have fewer than its limit, or none.

    Cost  that of the page and of what it passed over, and a look at each connection of the company
    """
    find, seen, looked, at = _remembered(stored_rows(ledger)), list[tuple[str, dict[str, Any]]](), 0, wanted.after
    for order in _orders(ledger, caller, wanted, find, now):
        passed = wanted.after.passed if order.order_id == wanted.after.order_id else 0
        changed, looked = (order.changed if wanted.since is not None else 0), looked + 1
        if looked >= LOOKED_MAX:
            return Page(seen, at)
        for number, card in enumerate(list_cards(wanted.kind, order, find, passed), passed + 1):
            told = _told(caller, card, wanted, find, now)
            if (told is not None and len(seen) == wanted.limit) or looked >= LOOKED_MAX:
                return Page(seen, at)
            if told is not None:
                seen.append((order.owner, told))
            at, looked = Place(order.order_id, number if wanted.kind != "order" else 0, changed), looked + 1
        at = Place(order.order_id, 0, changed)
    return Page(seen, None)


def _told(caller: str, card: Card, wanted: Wanted, find: Find, now: int) -> dict[str, Any] | None:
    """What may be seen of an object that is wanted, or None."""
    if not wanted.reference and not is_listed(caller, card.subject, find, now):
        return None
    profile = may_read(caller, card.subject, find, now)
    if profile is None or not _needs(wanted) <= profile.fields or not _passes(card.rows[0], wanted):
        return None
    return show(caller, card, find, now)


def _needs(wanted: Wanted) -> frozenset[str]:
    """The fields that a filter looks at."""
    named = (
        ("status", bool(wanted.status)), ("changed", wanted.since is not None),
        ("delivered", wanted.delivered is not None), ("pieces", wanted.delivered is not None),
    )  # fmt: skip
    return frozenset(name for name, is_used in named if is_used)


def _passes(row: Any, wanted: Wanted) -> bool:
    if wanted.delivered is not None and (row.delivered == row.pieces) != wanted.delivered:
        return False
    return not wanted.status or row.status == wanted.status


# --- orders


def _orders(ledger: Ledger, caller: str, wanted: Wanted, find: Find, now: int) -> Iterator[Order]:
    """The orders to look at, in the order of the list, from where the page begins."""
    if wanted.reference:
        yield from _named(wanted, find)
        return
    owners = list(_owners(ledger, caller, wanted, find, now))
    begun = find(Order, wanted.after.order_id) if wanted.after.passed else None
    if begun is not None and (begun.owner in owners or "" in owners):
        yield begun
    streams = (_stream(ledger, wanted, {"owner": owner} if owner else {}) for owner in owners)
    yield from heapq.merge(*streams, key=lambda order: _rank(order, wanted))


def _named(wanted: Wanted, find: Find) -> Iterator[Order]:
    named = find(Reference, reference_name(wanted.owner, wanted.reference))
    order = find(Order, named.id_) if named is not None else None
    if order is not None and order.order_id > wanted.after.order_id:
        yield order


def _owners(ledger: Ledger, caller: str, wanted: Wanted, find: Find, now: int) -> Iterator[str]:
    """Whose orders are looked at; blank: everybody's."""
    if caller == NETWORK:
        yield wanted.owner
        return
    others = [wanted.owner] if wanted.owner else [caller, *_partners(ledger, caller)]
    shown = wanted.since is None  # no profile shows when an order changed
    for one in others:
        if one == caller or (shown and shows_by_query(one, caller, wanted.kind, find, now)):
            yield one


def _partners(ledger: Ledger, caller: str) -> Iterator[str]:
    """Companies with an active connection to this one."""
    for column, other in (("invited_by", "company"), ("company", "invited_by")):
        rows: Iterator[Connection] = ledger.list_rows("connection", **{column: caller})
        yield from (getattr(row, other) for row in rows if row.state == "active")


def _rank(order: Order, wanted: Wanted) -> tuple[int, bytes]:
    return (order.changed if wanted.since is not None else 0), order.order_id


def _stream(ledger: Ledger, wanted: Wanted, columns: dict[str, Key]) -> Iterator[Order]:
    """The orders with these values in their columns, in the order of the list, after a place."""
    after, count = (wanted.after.changed, wanted.after.order_id), min(wanted.limit + 1, CHUNK)
    if wanted.since is not None:
        after = max(after, (ledger.last_before(wanted.since) + 1, b""))
    elif wanted.kind == "order" and wanted.status:
        columns = {**columns, "status": wanted.status}
    while True:
        rows: list[Order]
        if wanted.since is not None:
            rows = ledger.list_since("orders", "changed", after, count, **columns)
        else:
            rows = ledger.list_page("orders", after[1], count, **columns)
        yield from rows
        if len(rows) < count:
            return
        after = _rank(rows[-1], wanted)


def _remembered(find: Find) -> Find:
    """Rows as they were at their first look, so that a page looks once at each connection and grant."""
    known: dict[tuple[type[Any], Key], Any] = {}

    def look(row: type[R], key: Key) -> R | None:
        if (row, key) not in known:
            known[row, key] = find(row, key)
        found: R | None = known[row, key]
        return found

    return look
