"""Orders, scans and messages for tests; the book they are written in, and what a ledger says of them."""

import datetime as dt
import json
from typing import Any

from rookery.hub.message import Answer, Message
from rookery.hub.spine import Hub
from rookery.journey.chain import decide, look_again
from rookery.journey.desk import Policy
from rookery.journey.facts import VIEWS, evolve
from rookery.journey.network.whole import Network
from rookery.journey.option import Sourced
from rookery.journey.order import Asked, Line, Measure, Order, Parties, PlaceOrder, Window
from rookery.journey.state import Refusal, State
from rookery.ledger.log import Ledger
from rookery.units import amount_text, time_zone
from worlds import HOME, at, desk_of, empty_state, spot, when

# --- orders


def asked(reference: str = "1", to: str = "BE 4000", origin: str = "", sku: str = "", **fields: Any) -> Asked:
    """An order of the shop, placed Monday at 10:00, of one piece of 1 kg."""
    window = {name: fields.pop(name) for name in ("ready_at", "ship_by", "wanted_from", "wanted_to") if name in fields}
    ordered = fields.pop("ordered", "Mon 10:00")
    plain = {
        "parties": Parties("shop", buyer=fields.pop("buyer", "")), "product_id": "std", "booked": Measure(grams=1000),
        "lines": (Line(sku, fields.pop("quantity", 1)),) if sku else (),
    }  # fmt: skip
    return Asked(
        reference=reference, window=Window(at(ordered), **window), destination=spot(to),
        origin=spot(origin) if origin else None, **(plain | fields),
    )  # fmt: skip


def place_order(network: Network, *orders: Asked, now: str = "Mon 10:00", policy: Policy | None = None) -> "Book":
    """A book in which these orders were placed one after the other."""
    book = Book(network, now, policy)
    for one in orders:
        book.place(one)
    return book


class Book:
    """A state and the facts that made it, told in short lines."""

    def __init__(self, network: Network, now: str = "Mon 10:00", policy: Policy | None = None):
        self.state, self.desk, self.facts = empty_state(), desk_of(network, at(now), policy), []
        self.refusals: list[Refusal] = []

    def ask(self, ask: Any) -> Refusal | None:
        """The refusal of an ask, if any; its facts join the others."""
        facts, refusal = decide(self.state, ask, self.desk)
        self.facts += facts + look_again(self.state, self.desk)
        self.refusals += [refusal] if refusal else []
        return refusal

    def place(self, asked: Asked, *, in_round: bool = False) -> Refusal | None:
        return self.ask(PlaceOrder(self.desk.new_id(), asked, in_round))

    def told(self, kind: type[Any]) -> list[Any]:
        """All facts of a kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def outcomes(self) -> list[str]:
        """One line per order: where from, when shipped, how, what it costs; or why not."""
        return [self.outcome(order) for order in self.state[Order]]

    def outcome(self, order: Order) -> str:
        if order.status != "booked":
            return f"{order.reference} {order.status} {order.refusal_detail}".strip()
        (found,) = [fact for fact in self.told(Sourced) if fact.order_id == order.order_id]
        by = [" ".join(leg.service_id for leg in part.plan.legs) or "hand" for part in found.parts]
        there = [when(part.plan.arrives_at) for part in found.parts]
        parts = [f"{part.pieces} by {way} {at_}" for part, way, at_ in zip(found.parts, by, there, strict=True)]
        day = f" on {found.ships_on}" if found.ships_on else ""
        return f"{order.reference} from {found.site}{day}: {', '.join(parts)}; {amount_text(found.cost_minor, 'EUR')}"


# --- messages


def order_message(reference: str, *, heard: str = "Mon 10:00", owner: str = "shop", **fields: Any) -> Message:
    """An order as a message. `in_round` True: it waits for its round."""
    kind = "order_for_round" if fields.pop("in_round", False) else "order"
    body = {
        "reference": reference, "owner": owner, "ordered_at": "2026-11-23T10:00+01:00", "product": "std",
        "to_country": "BE", "to_postcode": "4000", "weight_g": 1000, **fields,
    }  # fmt: skip
    return Message(owner, f"o{reference}", kind, json.dumps(body).encode(), at(heard))


def scans_message(key: str, *events: dict[str, Any], heard: str = "Mon 12:00", sender: str = "haul") -> Message:
    return Message(sender, key, "scans", json.dumps({"events": events}).encode(), at(heard))


def event(number: str, code: str, moment: str, place: str = "A", **fields: Any) -> dict[str, Any]:
    """An event as carriers send it; `moment` is local at home."""
    text = dt.datetime.fromtimestamp(at(moment), time_zone(HOME)).isoformat()
    return {"number": number, "code": code, "at": text, "place": place, **fields}


def hear(hub: Hub, *messages: Message, group_ms: float = 1e9) -> list[Answer]:
    """The answers to messages, in one group unless told otherwise."""
    return [answer for _, answer in hub.receive(messages, group_ms=group_ms)]


# --- what a ledger holds


def facts_of(ledger: Ledger) -> list[tuple[int, str, Any]]:
    """Message, name and fact, in order."""
    return [(stored.message, stored.kind, stored.fact) for stored in ledger.list_facts()]


def folded(ledger: Ledger) -> dict[str, dict[Any, Any]]:
    """Every view, folded anew from the facts alone."""
    state = empty_state()
    for stored in ledger.list_facts():
        evolve(state, stored.fact)
    return rows_of(state)


def folded_book(book: Book) -> bool:
    """True if the facts of a book, folded anew, give the same rows."""
    state = empty_state()
    for fact in book.facts:
        evolve(state, fact)
    return rows_of(state) == rows_of(book.state)


def rows_of(state: State) -> dict[str, dict[Any, Any]]:
    """Every view of a state that holds all its rows."""
    return {
        view.name: {key: row for key, row in state.tables[view.row].rows.items() if row is not None} for view in VIEWS
    }


def stored(ledger: Ledger) -> dict[str, dict[Any, Any]]:
    """Every view as it is stored."""
    return {
        view.name: {getattr(row, view.key): row for row in ledger.list_rows(view.name)} for view in VIEWS
    }  # fmt: skip


def dump(ledger: Ledger) -> dict[str, Any]:
    """All that a ledger says, to compare two of them word for word."""
    return {
        "messages": list(ledger.list_messages()),
        "facts": [(s.seq, s.message, s.kind, s.about, s.heard_at, s.fact) for s in ledger.list_facts()],
        "outbox": list(ledger.list_outbox()),
        "dead letters": list(ledger.list_dead_letters()),
        "views": stored(ledger),
    }
