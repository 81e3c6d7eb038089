"""What a change of a departure does to the plans that ride it: who is struck, what came of it, what is left open.

An order that is struck waits in a queue, the earliest promise first, until its plans are looked at again.
"""

from collections.abc import Iterable

import msgspec

from rookery.journey import booking as booking_step
from rookery.journey import deliver as deliver_step
from rookery.journey import departure as departure_step
from rookery.journey import itinerary as itinerary_step
from rookery.journey.booking import HoldReleased, PlanChanged, PlanGivenBack, PlanRecalled
from rookery.journey.deliver import Delivered
from rookery.journey.departure import DepartureCancelled, DepartureDelayed, DepartureRestored
from rookery.journey.itinerary import Itinerary, board, riders
from rookery.journey.network.rows import ANY
from rookery.journey.option import Candidate, Part
from rookery.journey.order import Decision, Order, OrderCancelled
from rookery.journey.route import Leg, Plan
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Refusal, State, ViewRow
from rookery.journey.track import TERMINAL
from rookery.journey.waits import is_waiting


class PlanKept(msgspec.Struct, frozen=True):
    """An order was struck, and nothing had to be done, and why."""

    order_id: bytes
    departure: str
    why: str


class PlanStruck(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order has to be looked at again; `departure`: because of this, or another resource, which was `recalled`."""

    order_id: bytes
    departure: str
    recalled: bool = False


class Retimed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The plan of a shipment holds, at the times known now.

    moved    which of its legs have other times than they had
    late_s   how long after what was promised
    """

    order_id: bytes
    shipment_id: bytes
    part: int
    departure: str
    plan: Plan
    moved: tuple[int, ...]
    numbers: tuple[str, ...]
    grams: int
    cm3: int
    late_s: int = 0


class Replanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shipment goes another way from where it is.

    departure, reason   what struck it, and why its plan does not do
    at, leg_idx         where the goods are, and from which leg on the plan is new
    plan, added         the whole of it, also what is behind; which of its legs were not in the old one
    late_s              how long after what was promised
    """

    order_id: bytes
    shipment_id: bytes
    decision_id: bytes
    basis: str
    rule: str
    part: int
    departure: str
    reason: Refusal
    at: str
    leg_idx: int
    plan: Plan
    added: tuple[int, ...]
    numbers: tuple[str, ...]
    grams: int
    cm3: int
    cost_was_minor: int
    candidates: tuple[Candidate, ...]
    late_s: int = 0


class ReplanFailed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shipment has no way on, and why: a person has to look. What it has booked stays booked.

    owner  the company that has to look: who sold what it travels as; `*`: the network's operator
    """

    order_id: bytes
    shipment_id: bytes
    decision_id: bytes
    basis: str
    part: int
    departure: str
    at: str
    reasons: tuple[Refusal, ...]
    owner: str = ANY


class PromiseAtRisk(msgspec.Struct, frozen=True):
    """What was promised of a shipment would be broken if the space it borrows were recalled, or is, since it was: a
    case for a person, though it has a way on. Without reasons: it is not any more.

    resource  what it borrows, or has lost; owner: as in ReplanFailed
    """

    order_id: bytes
    shipment_id: bytes
    resource: str
    reasons: tuple[Refusal, ...]
    owner: str


class CarriageWithdrawn(msgspec.Struct, frozen=True, omit_defaults=True):
    """Companies that were told to carry these legs of a shipment shall not. `legs`: number and leg, of how many."""

    order_id: bytes
    shipment_id: bytes
    numbers: tuple[str, ...]
    legs: tuple[tuple[int, Leg], ...]
    leg_count: int
    grams: int
    cm3: int


class Struck(ViewRow, frozen=True):
    """An order whose plans have to be looked at again, because a departure that they ride has changed.

    recalled  space that it borrowed was recalled, whatever has struck it since
    """

    order_id: bytes
    promised_by: int
    departure: str
    recalled: bool = False


class Case(ViewRow, frozen=True):
    """A shipment that has no way on, where it is, and why. Gone once it has one, is delivered, or cancelled.

    It may have one, but later than promised since its space was recalled, or to be so if it is: see PromiseAtRisk.

    shipment_id  or the hold of space without an order that was lost: gone once that is changed or given back
    owner        the company that has to look; `*`: the network's operator
    """

    shipment_id: bytes
    order_id: bytes
    departure: str
    at: str
    reasons: tuple[Refusal, ...]
    owner: str


def active(parcels: Iterable[Parcel]) -> list[Parcel]:
    """The parcels that are still on their journey."""
    return [parcel for parcel in parcels if parcel.status not in TERMINAL]


def withdraw_all(state: State, order_id: bytes) -> list[CarriageWithdrawn]:
    """What companies were told to carry of an order, and shall not: nothing while its plan waits for a round."""
    row = state[Itinerary].find(order_id)
    parts = zip(row.parts, row.shipments, strict=True) if row is not None and not is_waiting(state, order_id) else ()
    out = []
    for part, shipment_id in parts:
        if part.plan.legs:
            numbers = tuple(parcel.waybill for parcel in _parcels(state, order_id, shipment_id))
            legs, load = tuple(enumerate(part.plan.legs)), part.load
            out.append(CarriageWithdrawn(order_id, shipment_id, numbers, legs, len(legs), load.grams, load.cm3))
    return out


def _parcels(state: State, order_id: bytes, shipment_id: bytes) -> list[Parcel]:
    parcels = (state[Parcel].get(parcel_id) for parcel_id in state[Order].get(order_id).parcels)
    return [parcel for parcel in parcels if parcel.shipment_id == shipment_id]


# --- folding


def plan_recalled(state: State, fact: PlanRecalled) -> None:
    """Fold PlanRecalled: room it had borrowed is gone; without a standby its order has to be looked at again."""
    booking_step.recalled(state, fact)
    row = state[Itinerary].find(fact.hold_id)
    if row is not None and not fact.standby:
        strike(state, row, fact.resources[0], recalled=True)


def hold_released(state: State, fact: HoldReleased) -> None:
    """Fold HoldReleased: space that is gone is no case."""
    booking_step.released(state, fact)
    _close(state, fact.hold_id)


def plan_given_back(state: State, fact: PlanGivenBack) -> None:
    """Fold PlanGivenBack: space that is gone is no case."""
    booking_step.given_back(state, fact)
    _close(state, fact.hold_id)


def plan_changed(state: State, fact: PlanChanged) -> None:
    """Fold PlanChanged: space without an order that was lost in part, and was changed since, is no case."""
    booking_step.changed(state, fact)
    if fact.added or fact.less:
        _close(state, fact.hold_id)


def departure_cancelled(state: State, fact: DepartureCancelled) -> None:
    """Fold DepartureCancelled: what is known of it, and who is struck."""
    departure_step.cancelled(state, fact)
    _strike(state, fact.departure)


def departure_delayed(state: State, fact: DepartureDelayed) -> None:
    """Fold DepartureDelayed: what is known of it, and who is struck."""
    departure_step.delayed(state, fact)
    _strike(state, fact.departure)


def departure_restored(state: State, fact: DepartureRestored) -> None:
    """Fold DepartureRestored: what is known of it, and who is struck: a case may have its way on again."""
    departure_step.restored(state, fact)
    _strike(state, fact.departure)


def _strike(state: State, departure: str) -> None:
    """Every order whose plan rides a departure has to be looked at again; one that waits is when its round closes."""
    for order_id in riders(state, departure):
        row = state[Itinerary].find(order_id)
        if row is None or is_waiting(state, order_id):
            continue
        if any(leg.departure == departure for part in row.parts for leg in part.plan.legs):
            strike(state, row, departure)


def strike(state: State, row: Itinerary, departure: str, *, recalled: bool = False) -> None:
    """An order has to be looked at again: folding."""
    known = state[Struck].find(row.order_id)
    recalled = recalled or (known is not None and known.recalled)
    state[Struck].put(Struck(row.order_id, row.promised_by, departure, recalled))


def plan_kept(state: State, fact: PlanKept) -> None:
    """Fold PlanKept."""
    _looked_at(state, fact.order_id)


def plan_struck(state: State, fact: PlanStruck) -> None:
    """Fold PlanStruck."""
    strike(state, state[Itinerary].get(fact.order_id), fact.departure, recalled=fact.recalled)


def retimed(state: State, fact: Retimed) -> None:
    """Fold Retimed."""
    _set_plan(state, fact)


def replanned(state: State, fact: Replanned) -> None:
    """Fold Replanned."""
    _set_plan(state, fact)
    state[Decision].new(Decision(fact.decision_id, fact.order_id))


def replan_failed(state: State, fact: ReplanFailed) -> None:
    """Fold ReplanFailed: a case is open."""
    _looked_at(state, fact.order_id)
    state[Decision].new(Decision(fact.decision_id, fact.order_id))
    state[Case].put(Case(fact.shipment_id, fact.order_id, fact.departure, fact.at, fact.reasons, fact.owner))


def promise_at_risk(state: State, fact: PromiseAtRisk) -> None:
    """Fold PromiseAtRisk: a case is open, or is not any more."""
    if fact.reasons:
        state[Case].put(Case(fact.shipment_id, fact.order_id, fact.resource, "", fact.reasons, fact.owner))
    else:
        _close(state, fact.shipment_id)


def carriage_withdrawn(state: State, fact: CarriageWithdrawn) -> None:
    """Fold CarriageWithdrawn: companies are told, and nothing else changes."""


def delivered(state: State, fact: Delivered) -> None:
    """Fold Delivered: when all of a shipment is with its consignee, it is no case."""
    deliver_step.delivered(state, fact)
    row = state[Shipment].get(fact.shipment_id)
    if row.delivered >= row.pieces:
        _close(state, fact.shipment_id)


def order_cancelled(state: State, fact: OrderCancelled) -> None:
    """Fold OrderCancelled: it has no plan, is not looked at again, and none of its shipments is a case."""
    row = state[Itinerary].find(fact.order_id)
    for shipment_id in row.shipments if row is not None else ():
        _close(state, shipment_id)
    _looked_at(state, fact.order_id)
    itinerary_step.cancelled(state, fact)


def _set_plan(state: State, fact: Retimed | Replanned) -> None:
    row, shipment = state[Itinerary].get(fact.order_id), state[Shipment].get(fact.shipment_id)
    was = row.parts[fact.part]
    part = Part(was.pieces, was.load, fact.plan)
    parts = (*row.parts[: fact.part], part, *row.parts[fact.part + 1 :])
    cost = row.cost_minor + fact.plan.cost_minor - was.plan.cost_minor
    state[Itinerary].put(msgspec.structs.replace(row, parts=parts, cost_minor=cost))
    state[Shipment].put(msgspec.structs.replace(shipment, expected_at=fact.plan.arrives_at))
    board(state, fact.order_id, (part,))
    _looked_at(state, fact.order_id)
    _close(state, fact.shipment_id)


def _looked_at(state: State, order_id: bytes) -> None:
    if state[Struck].find(order_id) is not None:
        state[Struck].drop(order_id)


def _close(state: State, shipment_id: bytes) -> None:
    if state[Case].find(shipment_id) is not None:
        state[Case].drop(shipment_id)
