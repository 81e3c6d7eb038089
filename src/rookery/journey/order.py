"""An order: what an owner wants sent, to whom, on which terms. The first step of the journey."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from rookery.journey.company import find_absent
from rookery.journey.desk import Desk, World
from rookery.journey.state import Refusal, State, ViewRow

Status = Literal["waiting", "booked", "refused", "cancelled"]


class Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of an order. `value_minor` is the value of the whole line in minor units of `currency`."""

    sku: str = ""
    quantity: int = 1
    hs_code: str = ""
    origin: str = ""
    value_minor: int = 0
    currency: str = ""


class Spot(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where something starts or ends: a facility of the network, or a country and postcode."""

    facility_id: str = ""
    country: str = ""
    postcode: str = ""
    city: str = ""

    def __str__(self) -> str:
        return self.facility_id or f"{self.country} {self.postcode}".strip()


class Parties(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who is who. The owner's system placed the order; a blank party is the owner."""

    owner: str
    seller: str = ""
    buyer: str = ""
    payer: str = ""
    importer: str = ""


class Measure(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Weight and size of all pieces together; the sides are the largest piece's. 0: not told."""

    grams: int = 0
    cm3: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


class Window(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The times an order knows of. 0: not told."""

    ordered_at: int
    ready_at: int = 0
    ship_by: int = 0
    wanted_from: int = 0
    wanted_to: int = 0


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An order as its owner gave it.

    origin    where it starts; None: from stock, and the warehouse is ours to choose
    booked, declared   weight and size as the owner ordered the service, and as declared to customs;
              what the network measures stands with the parcel
    together  whether the pieces must travel together, or may go apart
    """

    reference: str
    parties: Parties
    window: Window
    product_id: str
    destination: Spot
    origin: Spot | None = None
    duties: Literal["", "paid", "unpaid"] = ""
    pieces: int = 1
    together: Literal["must", "may"] = "must"
    booked: Measure = Measure()
    declared: Measure = Measure()
    goods_class: str = "general"
    lines: tuple[Line, ...] = ()
    return_of: str = ""


class PlaceOrder(msgspec.Struct, frozen=True):
    """Ask: take this order. `in_round`: it waits and is decided together with others."""

    order_id: bytes
    asked: Asked
    in_round: bool = False


class CancelOrder(msgspec.Struct, frozen=True):
    """Ask: do not carry out this order."""

    owner: str
    reference: str


class OrderPlaced(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order is known. Nothing is decided yet."""

    order_id: bytes
    asked: Asked
    in_round: bool = False


class OrderRefused(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order will not be carried out, and why: one reason per way that was tried, the binding one first."""

    order_id: bytes
    decision_id: bytes
    basis: str
    reasons: tuple[Refusal, ...]


class OrderCancelled(msgspec.Struct, frozen=True):
    """An order was withdrawn by its owner."""

    order_id: bytes


class Order(ViewRow, frozen=True):
    """An order's state.

    binding  the constraints that stopped it, by name
    moving   a parcel of it was scanned
    changed  number of the last fact that changed this row: see `keep`
    """

    order_id: bytes
    owner: str
    reference: str
    status: Status
    ordered_at: int
    decision_id: bytes = b""
    refusal_code: str = ""
    refusal_detail: str = ""
    binding: str = ""
    moving: bool = False
    parcels: tuple[bytes, ...] = ()
    changed: int = 0


class Waiting(ViewRow, frozen=True):
    """An order that waits for its round."""

    order_id: bytes
    asked: Asked


class OrderAsked(ViewRow, frozen=True):
    """What an order asks for, word for word: so that it can be planned again, and shown whatever becomes of it."""

    order_id: bytes
    asked: Asked


class Reference(ViewRow, frozen=True):
    """A name by which a thing is known outside: kind, company and reference in one text."""

    name: str
    id_: bytes


class Decision(ViewRow, frozen=True):
    """Which order a decision was about; its fact stands among the order's facts."""

    decision_id: bytes
    order_id: bytes


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name in an order that means nothing. `path`: of the field of `Asked`; `known`: such names as there are."""

    path: str
    kind: str
    name: str
    known: Collection[str] = ()


def reference_name(owner: str, reference: str) -> str:
    """The name under which an order's reference is kept: unique per owner."""
    return f"order:{owner}:{reference}"


def place(state: State, ask: PlaceOrder, desk: Desk) -> list[OrderPlaced | OrderRefused] | Refusal:
    """Take an order into the book.

    Refuses  duplicate: the owner has used the reference
    Emits    OrderPlaced; and OrderRefused, unknown: a product, place, goods class, party or origin order that the
             network does not know
    """
    asked = ask.asked
    if state[Reference].find(reference_name(asked.parties.owner, asked.reference)) is not None:
        return Refusal(
            code="duplicate",
            thing=f"order {asked.reference}",
            wanted="a new reference",
            found=f"one that {asked.parties.owner} has used",
            todo="give it another reference",
        )
    unknown = next(unknown_names(state, desk.world, asked), None)
    if unknown is None:
        return [OrderPlaced(order_id=ask.order_id, asked=asked, in_round=ask.in_round)]
    return [
        OrderPlaced(order_id=ask.order_id, asked=asked, in_round=True),
        OrderRefused(ask.order_id, desk.new_id(), desk.world.basis, (_unknown(asked, unknown),)),
    ]


def unknown_names(state: State, world: World, asked: Asked) -> Iterator[UnknownName]:
    """Each name in an order that the network does not know."""
    timetable, owner = world.timetable, asked.parties.owner
    if find_absent(state, world, owner) is not None:
        yield UnknownName("owner", "company", owner, timetable.companies)
    for path, kind, name, known in (
        ("product_id", "product", asked.product_id, timetable.products),
        ("goods_class", "goods class", asked.goods_class, timetable.goods),
    ):
        if name not in known:
            yield UnknownName(path, kind, name, known)
    for path, spot in (("origin", asked.origin), ("destination", asked.destination)):
        if spot is None:
            continue
        if spot.facility_id and spot.facility_id not in timetable.facilities:
            yield UnknownName(f"{path}.facility_id", "facility", spot.facility_id, timetable.facilities)
        if not spot.facility_id and spot.country not in timetable.territory:
            yield UnknownName(f"{path}.country", "country", spot.country, timetable.territory)
    if asked.return_of and state[Reference].find(reference_name(owner, asked.return_of)) is None:
        yield UnknownName("return_of", "order to return", asked.return_of)


def _unknown(asked: Asked, unknown: UnknownName) -> Refusal:
    kind = unknown.kind
    return Refusal(
        code="unknown",
        thing=f"order {asked.reference}",
        wanted=f"a {kind} of the network",
        found=repr(unknown.name),
        todo=f"correct the {kind}, or add it to the network",
        binding=f"{kind} {unknown.name}",
    )


# --- folding


def placed(state: State, fact: OrderPlaced) -> None:
    """Fold OrderPlaced."""
    asked = fact.asked
    row = Order(fact.order_id, asked.parties.owner, asked.reference, "waiting", asked.window.ordered_at)
    state[Order].new(msgspec.structs.replace(row, changed=state.fact_count))
    state[OrderAsked].new(OrderAsked(fact.order_id, asked))
    state[Reference].new(Reference(reference_name(asked.parties.owner, asked.reference), fact.order_id))
    if fact.in_round:
        state[Waiting].new(Waiting(fact.order_id, asked))


def refused(state: State, fact: OrderRefused) -> None:
    """Fold OrderRefused."""
    order, why = state[Order].get(fact.order_id), fact.reasons[0]
    row = Order(
        order_id=order.order_id,
        owner=order.owner,
        reference=order.reference,
        status="refused",
        ordered_at=order.ordered_at,
        decision_id=fact.decision_id,
        refusal_code=why.code,
        refusal_detail=str(why),
        binding="; ".join(dict.fromkeys(r.binding for r in fact.reasons if r.code == why.code)),
    )
    keep(state, row)
    state[Decision].new(Decision(fact.decision_id, fact.order_id))
    stop_waiting(state, fact.order_id)


def cancelled(state: State, fact: OrderCancelled) -> None:
    """Fold OrderCancelled."""
    keep(state, msgspec.structs.replace(state[Order].get(fact.order_id), status="cancelled"))
    stop_waiting(state, fact.order_id)


def keep(state: State, row: Order) -> None:
    """Put an order's changed row, and note which fact changed it: orders are listed by that."""
    state[Order].put(msgspec.structs.replace(row, changed=state.fact_count))


def stop_waiting(state: State, order_id: bytes) -> None:
    """The order is decided: it leaves its round."""
    if state[Waiting].find(order_id) is not None:
        state[Waiting].drop(order_id)
