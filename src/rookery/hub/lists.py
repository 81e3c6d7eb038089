"""Pages of the orders, shipments and parcels that a company may see, by whatever rule.

Objects come order by order, the oldest order first; orders may come by their last change instead, the latest last.
A filter looks only at what the company is shown: where it may not see a field, nothing matches.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from rookery.hub.access import NETWORK
from rookery.hub.callers import VIEW_OF
from rookery.journey.connection import Connection
from rookery.journey.involved import How, Involved, involved_name
from rookery.journey.itinerary import Itinerary
from rookery.journey.order import Order, OrderAsked, Reference, reference_name
from rookery.journey.reading import Find, ListedKind, R, find_bare, list_ids, may_read, show, shows_by_query
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Key, ViewRow
from rookery.ledger.log import Ledger

T = TypeVar("T")
LOOKED_MAX = 2_000  # objects, and orders that have none, that one page looks at
CHUNK = 100  # rows that are read at once
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
    reference  of the one order of each owner that has it
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


@dataclass(frozen=True, slots=True)
class _Object:
    """An object to look at: its order, its id, and where a page ends after it. `id_` empty: the order has none."""

    order: Order
    id_: bytes
    end: PageEnd


def list_seen(ledger: Ledger, caller: str, asked: ListAsked, now: int) -> ListPage:
    """A page of what a company may see.

    A page that has looked at LOOKED_MAX objects ends, though it may have fewer than its limit, or none.

    Cost  that of the page and of what it passed over, and a look at each connection of the company
    """
    rows, seen, looked, at = _Rows(ledger), list[tuple[str, dict[str, Any]]](), 0, asked.after
    for block in _blocks(_objects(ledger, caller, asked, rows, now), asked):
        passing = _pass(block, asked, rows)
        for one in block:
            told = _told(caller, one.id_, asked, rows.find, now) if one.id_ in passing else None
            if looked >= LOOKED_MAX or (told is not None and len(seen) == asked.limit):
                return ListPage(seen, at)
            if told is not None:
                seen.append((one.order.owner, told))
            at, looked = one.end, looked + 1
    return ListPage(seen, None)


def _pass(block: list[_Object], asked: ListAsked, rows: "_Rows") -> set[bytes]:
    """The objects that pass the filter: with one most end here, before anything else of them is read."""
    kind = _ROWS[asked.kind]
    rows.fetch(kind, [one.id_ for one in block if one.id_])
    passing = [one for one in block if _passes(rows.find(kind, one.id_), asked)]
    orders = list(dict.fromkeys(one.order.order_id for one in passing))
    rows.fetch(OrderAsked, orders)
    if asked.kind != "order":
        rows.fetch(Itinerary, orders)
    return {one.id_ for one in passing}


def _told(caller: str, id_: bytes, asked: ListAsked, find: Find, now: int) -> dict[str, Any] | None:
    """What may be seen of an object that passes the filter, or None."""
    card = find_bare(asked.kind, id_, find)
    profile = may_read(caller, card.subject, find, now) if card is not None else None
    if card is None or profile is None or not _needs(asked) <= profile.fields:
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
    if row is None or (asked.delivered is not None and (row.delivered == row.pieces) != asked.delivered):
        return False
    return not asked.status or row.status == asked.status


def _blocks(all_: Iterable[T], asked: ListAsked) -> Iterator[list[T]]:
    """So many at once as a page may need, as long as there are some; a filter needs more than the page."""
    one_by_one, size = iter(all_), CHUNK if _needs(asked) else min(asked.limit + 1, CHUNK)
    while block := list(islice(one_by_one, size)):
        yield block


# --- orders and what is in them


def _objects(ledger: Ledger, caller: str, asked: ListAsked, rows: "_Rows", now: int) -> Iterator[_Object]:
    """The objects to look at, in the order of the list, from where the page begins."""
    for orders in _blocks(_orders(ledger, caller, asked, rows.find, now), asked):
        rows.keep(Order, orders)
        if asked.kind == "shipment":
            rows.fetch(Itinerary, [order.order_id for order in orders])
        for order in orders:
            passed = asked.after.passed if order.order_id == asked.after.order_id else 0
            end = PageEnd(order.order_id, 0, order.changed if asked.since is not None else 0)
            ids = list_ids(asked.kind, order, rows.find) if asked.owner in ("", order.owner) else ()
            for number, id_ in enumerate(ids[passed:], passed + 1):
                yield _Object(order, id_, end if number == len(ids) else PageEnd(order.order_id, number, end.changed))
            if len(ids) <= passed:
                yield _Object(order, b"", end)


def _orders(ledger: Ledger, caller: str, asked: ListAsked, find: Find, now: int) -> Iterator[Order]:
    """The orders to look at, each once, in the order of the list, from where the page begins."""
    if asked.reference:
        yield from _named(ledger, caller, asked, find)
        return
    begun = find(Order, asked.after.order_id) if asked.after.passed else None
    if begun is not None:
        yield begun
    owners = _owners(ledger, caller, asked, find, now)
    streams = [_stream(ledger, asked, {"owner": owner} if owner else {}) for owner in owners]
    if caller != NETWORK and asked.since is None:  # no rule but the owner's shows when an order changed
        ways: tuple[How, ...] = ("granted",) if asked.kind == "order" else ("carries", "granted")
        streams += [_involved(ledger, asked, caller, how) for how in ways]  # who carries sees nothing of the order
    last = None
    for order in heapq.merge(*streams, key=lambda order: _rank(order, asked)):
        if order.order_id != last:
            yield order
        last = order.order_id


def _involved(ledger: Ledger, asked: ListAsked, caller: str, how: How) -> Iterator[Order]:
    """The orders of others that a company has to do with in one way, by id, after a place."""
    after, count = asked.after.order_id, min(asked.limit + 1, CHUNK)
    while True:
        rows: list[Involved] = ledger.list_page(
            "involved", involved_name(caller, how, after), count, company=caller, how=how
        )
        found: Iterator[Order] = ledger.find_rows("orders", [row.order_id for row in rows])
        yield from sorted(found, key=lambda order: order.order_id)
        if len(rows) < count:
            return
        after = rows[-1].order_id


def _named(ledger: Ledger, caller: str, asked: ListAsked, find: Find) -> list[Order]:
    """The orders with this reference, by id, after a place: of its own, and of whom it may be shown some by."""
    owners = [asked.owner] if asked.owner else [caller, *_partners(ledger, caller)]
    named = [find(Reference, reference_name(owner, asked.reference)) for owner in owners]
    orders = [find(Order, one.id_) for one in named if one is not None]
    after = asked.after.order_id
    return sorted((one for one in orders if one and one.order_id > after), key=lambda one: one.order_id)


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


class _Rows:
    """Rows as they were at their first look: a page looks at each once, and at many at once where it knows which."""

    def __init__(self, ledger: Ledger):
        self._ledger = ledger
        self._known: dict[tuple[type[ViewRow], Key], Any] = {}

    def find(self, row: type[R], key: Key) -> R | None:
        """The row of a view with a key, or None."""
        if (row, key) not in self._known:
            self._known[row, key] = self._ledger.find_row(VIEW_OF[row], key)
        found: R | None = self._known[row, key]
        return found

    def fetch(self, row: type[ViewRow], keys: list[bytes]) -> None:
        """Look at many at once."""
        missing = [key for key in keys if (row, key) not in self._known]
        if missing:
            self._known.update(((row, key), None) for key in missing)
            self.keep(row, self._ledger.find_rows(VIEW_OF[row], missing))

    def keep(self, row: type[ViewRow], found: Iterable[ViewRow]) -> None:
        """Rows that were looked at already."""
        key = self._ledger.rows[VIEW_OF[row]].key
        self._known.update(((row, getattr(one, key)), one) for one in found)
