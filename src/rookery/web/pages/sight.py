"""What a company sees of a ledger: its own, and what others' grants and carriage give. Rules: `journey/reading.py`."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

from rookery.hub.access import NETWORK
from rookery.hub.callers import Caller, stored_rows
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.journey.grant import Grant
from rookery.journey.order import Order
from rookery.journey.reading import Card, find_order, find_parcel, find_shipment, list_ids, show
from rookery.journey.shipment import Parcel, Shipment
from rookery.ledger.reads import Read
from rookery.web.call import Call

GRANTS_MAX = 100  # grants that one list of shown orders goes through
SHOWN_MAX = 25  # orders of others that one list has
CARRIED_MAX = 25  # orders that one carries, and parcels of them, that one list has
LOOKED_MAX = 200  # orders of another company that are looked at for a grant by query

Told = dict[str, Any]
T = TypeVar("T")


class Sight:
    """One caller's look into a ledger. What is another company's is noted, also for the network's operator."""

    def __init__(self, caller: Caller, look: Look):
        self.caller, self.company, self.look = caller, caller.company, look
        self.find, self.at = stored_rows(look.ledger), now()
        self._others: Counter[tuple[str, str]] = Counter()

    @property
    def is_operator(self) -> bool:
        """True for the operator of the network, who sees all."""
        return self.company == NETWORK

    def owns(self, owner: str) -> bool:
        """True if facts and decisions about what is an owner's are this caller's to read."""
        return self.is_operator or owner == self.company

    def order(self, order_id: bytes, passes: Callable[[Told], bool] = lambda _: True) -> Told | None:
        """An order as it may be seen, or None; one that does not pass a filter is not shown, and not noted."""
        return self._seen(find_order(order_id, self.find), passes)

    def shipment(self, shipment_id: bytes, passes: Callable[[Told], bool] = lambda _: True) -> Told | None:
        """A shipment with its legs as it may be seen, or None; a filter as for orders."""
        return self._seen(find_shipment(shipment_id, self.find), passes)

    def parcel(self, parcel_id: bytes) -> Told | None:
        """A parcel as it may be seen, or None."""
        return self._seen(find_parcel(parcel_id, self.find))

    def _seen(self, card: Card | None, passes: Callable[[Told], bool] = lambda _: True) -> Told | None:
        told = None if card is None else show(self.company, card, self.find, self.at)
        if card is None or told is None or not passes(told):
            return None
        self.note(card.subject.owner, card.subject.kind)
        return told

    def note(self, owner: str, kind: str, count: int = 1) -> None:
        """So many things of an owner are shown."""
        if count and owner != self.company:
            self._others[owner, kind] += count

    def note_between(self, kind: str, *companies: str) -> None:
        """A thing is shown that these companies have a part in: it is a read of each, unless it is the caller's too."""
        if self.company not in companies:
            for company in companies:
                self.note(company, kind)

    def reads(self, filter_: str) -> list[Read]:
        """What was noted. `filter_`: what was asked for."""
        return [
            Read(self.company, owner, kind, filter_[:300], count, self.at)
            for (owner, kind), count in self._others.items()
        ]

    # --- lists

    def own_orders(self, before: bytes | None, count: int, **columns: str) -> list[Order]:
        """Orders of one's own, of the operator all, the newest first."""
        own = {} if self.is_operator else {"owner": self.company}
        return self.look.ledger.list_newest("orders", count, before, **columns, **own)

    def shown_orders(self) -> Iterator[Told]:
        """Orders of others as grants show them, each once."""
        seen: set[bytes] = set()
        for order_id in self._granted():
            if order_id not in seen and len(seen) < SHOWN_MAX:
                told = self.order(order_id)
                if told is not None:
                    seen.add(order_id)
                    yield told

    def carried_parcels(self) -> Iterator[Told]:
        """Parcels of the newest orders of others that this company carries, as far as it is shown them."""
        rows = self.look.ledger.list_newest("involved", CARRIED_MAX, company=self.company, how="carries")
        found = (self.find(Order, row.order_id) for row in rows)
        orders = (order for order in found if order is not None and order.owner != self.company)
        ids = (id_ for order in orders for id_ in list_ids("parcel", order, self.find))
        parcels = (self.parcel(id_) for id_ in islice(ids, CARRIED_MAX))
        yield from (told for told in parcels if told is not None)

    def _granted(self) -> Iterator[bytes]:
        grants: list[Grant] = self.look.ledger.list_newest(
            "grants", GRANTS_MAX, to_company=self.company, state="active"
        )
        for grant in grants:
            if grant.object_id:
                row = self.find(Shipment, grant.object_id) or self.find(Parcel, grant.object_id)
                yield row.order_id if row is not None else grant.object_id
            else:
                orders: list[Order] = self.look.ledger.list_newest("orders", LOOKED_MAX, owner=grant.owner)
                yield from (order.order_id for order in orders)


async def see(call: Call, filter_: str, ask: Callable[[Sight], T]) -> T:
    """What a caller's sight finds; what is others' of it is in the read log before it is answered.

    Raises  Problem: unavailable, since that could not be written; what the question raises
    """

    def look(into: Look) -> tuple[T, list[Read]]:
        sight = Sight(call.caller, into)
        found = ask(sight)
        return found, sight.reads(filter_)

    return await call.show(look)
