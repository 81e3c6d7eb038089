"""How an order travels as things stand, part by part; and which orders ride a departure."""

from collections.abc import Iterator

import msgspec

from rookery.journey import order as order_step
from rookery.journey import source as source_step
from rookery.journey.involved import carry
from rookery.journey.option import Fallback, Part, Sourced
from rookery.journey.order import Order, OrderCancelled, OrderRefused
from rookery.journey.state import State, ViewRow

PAGE = 32  # orders in one row of riders: a row that is written at each booking has to stay small


class Itinerary(ViewRow, frozen=True):
    """The plans of a standing order. Gone when the order is refused or cancelled.

    parts      as they travel now; shipments: their ids, in the same order
    cost_minor what the whole costs now, in the network's currency
    ready_at, way_in   when the goods are ready at the site, and how they come to the first facility
    fallback   the plan it falls back to when space that it borrowed is recalled
    """

    order_id: bytes
    site: str
    parts: tuple[Part, ...]
    shipments: tuple[bytes, ...]
    cost_minor: int
    promised_by: int
    ready_at: int
    way_in: str
    fallback: Fallback | None = None


class Riders(ViewRow, frozen=True):
    """Orders whose plans have at some time ridden a departure, a page of them.

    page   `variant/date` for the last page, `variant/date#0` and on for the full ones, of which there are `full`
    """

    page: str
    full: int
    orders: tuple[bytes, ...]


def riders(state: State, departure: str) -> Iterator[bytes]:
    """Every order whose plan has at some time ridden a departure, each once."""
    last = state[Riders].find(departure)
    if last is not None:
        pages = (state[Riders].get(f"{departure}#{number}").orders for number in range(last.full))
        yield from dict.fromkeys(order_id for orders in (*pages, last.orders) for order_id in orders)


def board(state: State, order_id: bytes, parts: tuple[Part, ...], *, is_first: bool = False) -> None:
    """Note which departures an order rides by these parts, and who carries it. `is_first`: as `carry`."""
    carry(state, order_id, parts, is_first=is_first)
    for departure in dict.fromkeys(leg.departure for part in parts for leg in part.plan.legs if leg.departure):
        row = state[Riders].find(departure) or Riders(departure, 0, ())
        if order_id in row.orders:
            continue
        orders = (*row.orders, order_id)
        if len(orders) == PAGE:
            state[Riders].put(Riders(f"{departure}#{row.full}", 0, orders))
            state[Riders].put(Riders(departure, row.full + 1, ()))
        else:
            state[Riders].put(Riders(departure, row.full, orders))


# --- folding


def sourced(state: State, fact: Sourced) -> None:
    """Fold Sourced: the decision, and how the order travels by it."""
    is_first = not state[Order].get(fact.order_id).decision_id
    source_step.sourced(state, fact)
    write = state[Itinerary].new if is_first else state[Itinerary].put
    write(
        Itinerary(
            order_id=fact.order_id,
            site=fact.site,
            parts=fact.parts,
            shipments=(),
            cost_minor=fact.cost_minor,
            promised_by=fact.promised_by,
            ready_at=fact.ready_at,
            way_in=fact.way_in,
            fallback=fact.fallback,
        )
    )
    parts = (*fact.parts, *(fact.fallback.parts if fact.fallback else ()))
    board(state, fact.order_id, parts, is_first=is_first)


def refused(state: State, fact: OrderRefused) -> None:
    """Fold OrderRefused: a refused order has no plan."""
    order_step.refused(state, fact)
    _drop(state, fact.order_id)


def cancelled(state: State, fact: OrderCancelled) -> None:
    """Fold OrderCancelled: a withdrawn order has no plan."""
    order_step.cancelled(state, fact)
    _drop(state, fact.order_id)


def booked_as(state: State, order_id: bytes, shipment_id: bytes) -> None:
    """The next part of an itinerary is a shipment with this id."""
    row = state[Itinerary].get(order_id)
    state[Itinerary].put(msgspec.structs.replace(row, shipments=(*row.shipments, shipment_id)))


def _drop(state: State, order_id: bytes) -> None:
    if state[Itinerary].find(order_id) is not None:
        state[Itinerary].drop(order_id)
