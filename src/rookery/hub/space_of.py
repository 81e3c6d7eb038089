"""Which facts tell what became of somebody's shared space."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rookery.hub.look import Look
from rookery.journey.account import Account, Use
from rookery.journey.booking import (
    ChangeRefused,
    HoldReleased,
    PlanChanged,
    PlanGivenBack,
    PlanHeld,
    PlanRecalled,
    PlanRefused,
    changed,
    find_plan,
)
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import OrderRefused
from rookery.journey.share import LoanFirmed
from rookery.journey.state import State
from rookery.journey.waits import PlanLeft, PlanQueued, PlanWaits
from rookery.ledger.log import StoredFact
from rookery.units import read_any_id

_TOLD = (
    PlanHeld, PlanQueued, PlanWaits, PlanRefused, PlanChanged, ChangeRefused, PlanRecalled, LoanFirmed, HoldReleased,
    PlanGivenBack, PlanLeft, PlanOvertaken, OrderRefused, Sourced, SpaceLost,
)  # fmt: skip


def find_subject(look: Look, name: str) -> bytes:
    """The order or hold that a name means; blank: none."""
    order = look.find_order(name)
    if order is not None:
        return order.order_id
    try:
        _, id_ = read_any_id(name)
    except ValueError:
        return b""
    return id_ if any(True for _ in look.ledger.list_facts(about=id_)) else b""


def list_grounds(look: Look, id_: bytes) -> list[StoredFact]:
    """The facts that an order's or a hold's space is told by: its own, and recalls that were for it; none where nothing
    of it is shared."""
    own = [stored for stored in look.ledger.list_facts(about=id_) if _is_told(stored.fact)]
    if not any(_is_shared(look, resource) for stored in own for resource in _resources(stored.fact)):
        return []
    for_it = [stored for stored in look.ledger.list_facts(kind="plan_recalled") if stored.fact.by == id_]
    cuts = [stored for stored in look.ledger.list_facts(kind="capacity_changed") if _is_cut(stored.fact, id_)]
    return sorted({stored.seq: stored for stored in (*own, *for_it, *cuts)}.values(), key=lambda stored: stored.seq)


@contextmanager
def as_changed(state: State, fact: Any, resource: str) -> Iterator[None]:
    """The state in which a change was decided: the plan has given back what it drops of a thing. Else as it is."""
    with state.trial():
        dropped: tuple[Use, ...] = fact.dropped if isinstance(fact, PlanChanged) else ()
        if isinstance(fact, ChangeRefused) and (plan := find_plan(state, fact.hold_id)) is not None:
            dropped = plan.uses
        if had := tuple(use for use in dropped if use.resource == resource):
            changed(state, PlanChanged(fact.hold_id, had, ()))
        yield


def _is_cut(fact: CapacityChanged, id_: bytes) -> bool:
    return id_ in fact.moved or any(hold_id == id_ for hold_id, _ in fact.lent)


def _resources(fact: Any) -> list[str]:
    """What a fact is about, as far as it may be shared."""
    match fact:
        case PlanHeld(uses=uses) | PlanChanged(added=uses):
            return [use.resource for use in uses]
        case PlanQueued(ask=ask):
            return [use.resource for use in ask.uses]
        case OrderRefused(reasons=reasons):
            return [reason.lack.resource for reason in reasons if reason.lack is not None]
        case PlanRefused(refusal=reason) | ChangeRefused(refusal=reason) | PlanOvertaken(reason=reason):
            return [reason.lack.resource] if reason.lack is not None else []
    return []


def _is_shared(look: Look, resource: str) -> bool:
    """True if holders share a resource, as far as its account knows: of one that was never used nobody can tell.

    An allotment is a holder's, whether departures are shared or not.
    """
    if resource.startswith("allotment:"):
        return True
    row: Account | None = look.ledger.find_row("account", resource)
    return row is None or row.firm is not None


def _is_told(fact: Any) -> bool:
    match fact:
        case Sourced(missed=missed):
            return bool(missed)
        case OrderRefused(reasons=reasons):
            return any(reason.lack is not None for reason in reasons)
    return isinstance(fact, _TOLD)
