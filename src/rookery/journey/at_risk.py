"""Whether what was promised of an order on lent space is kept though that is recalled: else it is a case."""

from collections.abc import Iterable

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.disrupt import Case, PromiseAtRisk, Replanned, Retimed
from rookery.journey.order import OrderAsked
from rookery.journey.shipment import Shipment
from rookery.journey.state import Refusal, State
from rookery.units import instant_text


def broken_promises(
    facts: Iterable[msgspec.Struct], struck: str, state: State, desk: Desk, *, recalled: bool
) -> list[PromiseAtRisk]:
    """The cases that shipments are after these facts: later than promised since their space was recalled.

    struck  the resource because of which they were looked at; recalled: as it was
    """
    found = []
    for fact in facts:
        if not isinstance(fact, Replanned | Retimed) or not fact.late_s:
            continue
        case = state[Case].find(fact.shipment_id)
        known = case.reasons[:1] if case is not None and case.reasons[0].code == "recalled" else ()
        if recalled or known:
            resource = case.departure if case is not None and known else struck
            latest = state[Shipment].get(fact.shipment_id).latest
            wanted = f"arrival by {instant_text(latest)}, as promised"
            there = f"{instant_text(fact.plan.arrives_at)}: the space it was lent was recalled"
            todo = "find it another way, or tell who waits for it"
            reason = Refusal("recalled", resource, wanted, there, todo, resource)
            found.append(_case(fact.order_id, fact.shipment_id, resource, (reason,), state, desk))
    return found


def risk(
    order_id: bytes,
    shipment_id: bytes,
    resource: str,
    arrives_at: int | None,
    state: State,
    desk: Desk,
) -> list[PromiseAtRisk]:
    """The case that a shipment is, as its standby would be late, or there is none; or that it is none any more.

    arrives_at  by the standby; None: there is none
    """
    case, latest = state[Case].find(shipment_id), state[Shipment].get(shipment_id).latest
    if case is not None and case.reasons[0].code != "at_risk":
        return []
    if arrives_at is not None and arrives_at <= latest:
        return [] if case is None else [_case(order_id, shipment_id, resource, (), state, desk)]
    reason = Refusal(
        "at_risk", resource, f"arrival by {instant_text(latest)}, as promised, also if this is recalled",
        "no plan to fall back to" if arrives_at is None else f"{instant_text(arrives_at)} by its standby",
        "find it space of its own, or tell who waits for it", resource,
    )  # fmt: skip
    if case is not None and case.reasons[0] == reason:
        return []
    return [_case(order_id, shipment_id, resource, (reason,), state, desk)]


def safe(order_id: bytes, shipment_ids: Iterable[bytes], state: State, desk: Desk) -> list[PromiseAtRisk]:
    """Shipments of which nothing is lent any more are at no risk."""
    cases = (state[Case].find(shipment_id) for shipment_id in shipment_ids)
    return [
        _case(order_id, case.shipment_id, case.departure, (), state, desk)
        for case in cases
        if case is not None and case.reasons[0].code == "at_risk"
    ]


def _case(
    order_id: bytes, shipment_id: bytes, resource: str, reasons: tuple[Refusal, ...], state: State, desk: Desk
) -> PromiseAtRisk:
    product = desk.world.timetable.products[state[OrderAsked].get(order_id).asked.product_id]
    return PromiseAtRisk(order_id, shipment_id, resource, reasons, product.company_id)
