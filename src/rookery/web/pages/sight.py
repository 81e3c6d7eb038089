"""What a company sees of a ledger: its own, and what others' grants and carriage give. Rules: `journey/reading.py`."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from rookery.hub.access import NETWORK
from rookery.hub.callers import Caller, stored_rows
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.journey.grant import Grant
from rookery.journey.order import Order
from rookery.journey.reading import Card, find_order, find_parcel, find_shipment, show
from rookery.journey.shipment import Parcel, Shipment
from rookery.ledger.reads import Read, ReadLog

GRANTS_MAX = 100  # grants that one list of shown orders goes through
SHOWN_MAX = 25  # orders of others that one list has
LOOKED_MAX = 200  # orders of another company that are looked at for a grant by query

Told = dict[str, Any]


class Sight:
    """One caller's look into a ledger. What is another company's is noted, for `end` to log."""

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

    def order(self, order_id: bytes) -> Told | None:
        """An order as it may be seen, or None."""
        return self._seen(find_order(order_id, self.find))

    def shipment(self, shipment_id: bytes) -> Told | None:
        """A shipment with its legs as it may be seen, or None."""
        return self._seen(find_shipment(shipment_id, self.find))

    def parcel(self, parcel_id: bytes) -> Told | None:
        """A parcel as it may be seen, or None."""
        return self._seen(find_parcel(parcel_id, self.find))

    def _seen(self, card: Card | None) -> Told | None:
        told = None if card is None else show(self.company, card, self.find, self.at)
        if card is not None and told is not None and not self.owns(card.subject.owner):
            self._others[card.subject.owner, card.subject.kind] += 1
        return told

    def end(self, filter_: str) -> None:
        """Log what was read of other companies. `filter_`: what was asked for."""
        if self._others:
            log = ReadLog(self.look.ledger.path)
            try:
                log.write(
                    Read(self.company, owner, kind, filter_[:300], count, self.at)
                    for (owner, kind), count in self._others.items()
                )
            finally:
                log.close()

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


def seen_by(caller: Caller, filter_: str, ask: Callable[[Sight], Any]) -> Callable[[Look], Any]:
    """A question to a caller's sight, as readers take it; what is others' is logged before it is answered."""

    def look(into: Look) -> Any:
        sight = Sight(caller, into)
        found = ask(sight)
        sight.end(filter_)
        return found

    return look
