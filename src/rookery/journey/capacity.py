"""Capacity that is lost or added: who has to move, who keeps its space on loan, and whom a person has to help.

more than before    guarantees stay as they are; loans may become firm, open cases are looked at again
less than before    guarantees shrink for good; what does not fit any more is moved:
    an order        falls back to its standby, or is planned again, or is a case
    other space     falls back to its standby, or is a case
"""

import msgspec

from rookery.journey.account import Account, AccountOpened, Amounts, Use
from rookery.journey.booking import Hold, HoldReleased, PlanRecalled, find_plan, find_standby, find_way_out, without
from rookery.journey.cutting import amounts_on, find_losses, holder_on, must_move
from rookery.journey.departure import NETWORK, find_cancelled
from rookery.journey.desk import Desk
from rookery.journey.disrupt import Case, PlanStruck, strike
from rookery.journey.itinerary import Itinerary
from rookery.journey.limited import ends_at, find_limited
from rookery.journey.network.rows import ANY
from rookery.journey.share import Space, put_back
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.tally import Loan, lent, loan_name
from rookery.units import instant_text

REWEIGHED = "goods were heavier than booked"


class ChangeCapacity(msgspec.Struct, frozen=True):
    """Ask: of a limited thing there is another amount from now on. `limits`: those that change; `by`: who says so."""

    resource: str
    limits: Amounts
    by: str
    why: str = ""


class Fit(msgspec.Struct, frozen=True):
    """Ask: what is used of a resource has to fit into what there is, since something on it has grown."""

    resource: str


class LoseSpace(msgspec.Struct, frozen=True):
    """Ask: space without an order was recalled, and the standby that it had is lost: somebody has to look."""

    recalled: PlanRecalled


class CapacityChanged(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a limited thing there is another amount from now on, or what stands on it has grown beyond that.

    limits      all of them; guarantee: what each holder is guaranteed from now on, as in Account
    moved       holds of the plans that have lost their use of it, in the order in which they had to go
    lent        plans that keep it on space of others, and until when it can be recalled; 0: always
    """

    resource: str
    limits: Amounts
    by: str
    why: str = ""
    guarantee: dict[str, tuple[int, ...]] | None = None
    moved: tuple[bytes, ...] = ()
    lent: tuple[tuple[bytes, int], ...] = ()


class SpaceLost(msgspec.Struct, frozen=True):
    """Space that was asked for without an order is lost, and there is nothing to fall back to: a case for its owner."""

    hold_id: bytes
    resource: str
    owner: str
    reason: Refusal


Changed = AccountOpened | CapacityChanged | PlanRecalled | HoldReleased | SpaceLost | PlanStruck


def change_capacity(state: State, ask: ChangeCapacity, desk: Desk) -> list[Changed] | Refusal:
    """Cut a limited thing, or add to it; nothing if it has these limits.

    Refuses  unknown: no such thing, or not limited in that dimension; barred: only who runs it may say so;
             closed: it is cancelled; too_late: it has left, or is over
    """
    thing = find_limited(ask.resource, desk.world)
    if isinstance(thing, Refusal):
        return thing
    if ask.by not in (thing.company, NETWORK):
        return _refused(ask, "barred", f"a word of {thing.company}, who runs it", f"{ask.by}'s", "ask it")
    account = state[Account].find(ask.resource)
    if (account is not None and account.closed) or find_cancelled(state, Use(ask.resource, {})) is not None:
        return _refused(ask, "closed", "an open one", "closed", "restore it first")
    over_at = ends_at(thing, state)
    if desk.now >= over_at:
        return _refused(ask, "too_late", "one to come", f"over at {instant_text(over_at)}", "nothing")
    limits = thing.limits if account is None else account.limits
    unknown = [dimension for dimension in ask.limits if dimension not in limits]
    if unknown:
        wanted = f"limits in {', '.join(limits)}" if limits else "nothing: it is not limited"
        return _refused(ask, "unknown", wanted, ", ".join(unknown), "correct the dimension")
    if all(limits[dimension] == limit for dimension, limit in ask.limits.items()):
        return []
    opened = [] if account else [AccountOpened(ask.resource, limits, desk.world.sharing.is_shared(ask.resource))]
    facts = _change(state, account or _new(opened[0]), limits | ask.limits, desk, by=ask.by, why=ask.why)
    is_more = any(limit > limits[dimension] for dimension, limit in ask.limits.items())
    return [*opened, *facts, *(_struck(state, ask.resource) if is_more else ())]


def fit(state: State, ask: Fit, desk: Desk) -> list[Changed]:
    """Move what does not fit any more, as a cut to the same capacity would; nothing if all fits."""
    account = state[Account].get(ask.resource)
    if not must_move(state, account, desk):
        return []
    return _change(state, account, account.limits, desk, by=NETWORK, why=REWEIGHED)


def _new(opened: AccountOpened) -> Account:
    zeros = dict.fromkeys(opened.limits, 0)
    return Account(opened.resource, opened.limits, zeros, zeros, firm={} if opened.shared else None)


def _change(state: State, account: Account, limits: Amounts, desk: Desk, *, by: str, why: str) -> list[Changed]:
    losses, resource = find_losses(state, account, limits, desk), account.resource
    fact = CapacityChanged(resource, limits, by, why, losses.guarantee, losses.moved, losses.lent)
    touched = (*losses.moved, *(hold_id for hold_id, _ in losses.lent))
    gone = [hold_id for hold_id in touched if _is_standby(state, hold_id)]
    facts: list[Changed] = [fact, *(HoldReleased(hold_id, f"capacity of {resource} was lost") for hold_id in gone)]
    for hold_id in losses.moved:
        if hold_id in gone:
            continue
        standby = find_standby(state, hold_id)
        if standby and standby not in gone:
            if find_way_out(state, hold_id, (resource,)):
                facts.append(PlanRecalled(hold_id, (resource,), b"", ANY, standby))
                continue
            facts.append(HoldReleased(standby, "its plan has lost what both use"))
        if state[Itinerary].find(hold_id) is None:
            facts.append(_lost(state, hold_id, account, limits, desk))
    return facts


def _is_standby(state: State, hold_id: bytes) -> bool:
    """True of a standby: it has to be firm, or it is none."""
    hold = state[Hold].find(hold_id)
    return hold is not None and bool(hold.standby_of)


def _lost(state: State, hold_id: bytes, account: Account, limits: Amounts, desk: Desk) -> SpaceLost:
    plan = find_plan(state, hold_id)
    assert plan is not None, "what is moved is held or taken"
    amounts = amounts_on(plan, account.resource)
    dimension = next((d for d, amount in amounts.items() if amount), "")
    asked, limit = amounts.get(dimension, 0), limits.get(dimension, 0)
    lack = Lack(account.resource, "capacity", dimension, by=plan.by.holder, asked=asked, ceiling=limit)
    wanted, found = f"{asked} {dimension} that were held", f"a capacity of {limit}: it was lost"
    reason = Refusal("short", account.resource, wanted, found, "change it, or release it", account.resource, lack)
    owner = plan.by.company or desk.world.sharing.company_of(plan.by.holder)
    return SpaceLost(hold_id, account.resource, owner, reason)


def lose_space(state: State, ask: LoseSpace, desk: Desk) -> list[SpaceLost]:
    """Open a case for space that had a standby and has lost it before the recall, or was put on loan by a cut.

    Space of an order is planned anew; who has borrowed without a standby was sold no more.
    """
    recalled, plan = ask.recalled, find_plan(state, ask.recalled.hold_id)
    if recalled.standby or plan is None or state[Itinerary].find(plan.hold_id) is not None:
        return []
    if not plan.standby and plan.by.borrows:
        return []
    resource = recalled.resources[0]
    before = "its standby was lost before" if plan.standby else "it stood on space of others since a cut"
    found = f"none: it was recalled, and {before}"
    reason = Refusal("recalled", resource, "the space it was lent", found, "change it, or release it", resource)
    return [SpaceLost(plan.hold_id, resource, desk.world.sharing.company_of(plan.by.holder), reason)]


def _struck(state: State, resource: str) -> list[PlanStruck]:
    """Orders with a case because of a resource of which there is more now: they may have their way on again."""
    about = {
        case.order_id: None
        for case in sorted(state[Case], key=lambda case: case.shipment_id)
        if case.order_id and resource in (case.departure, *(reason.binding for reason in case.reasons))
    }
    return [PlanStruck(order_id, resource) for order_id in about if state[Itinerary].find(order_id) is not None]


def _refused(ask: ChangeCapacity, code: str, wanted: str, found: str, todo: str) -> Refusal:
    return Refusal(code, ask.resource, wanted, found, todo, ask.resource)


# --- folding


def changed(state: State, fact: CapacityChanged) -> None:
    """Fold CapacityChanged: who was moved loses its use and, of an order, is looked at again."""
    for hold_id in fact.moved:
        plan = find_plan(state, hold_id)
        assert plan is not None, "what is moved is held or taken"
        state[type(plan)].put(without(state, plan, (fact.resource,)))
        row = state[Itinerary].find(hold_id)
        if row is not None:
            strike(state, row, fact.resource)
    for hold_id, from_at in fact.lent:
        _lend(state, fact.resource, hold_id, from_at)
    account = state[Account].get(fact.resource)
    state[Account].put(msgspec.structs.replace(account, limits=fact.limits, guarantee=fact.guarantee))


def _lend(state: State, resource: str, hold_id: bytes, from_at: int) -> None:
    """A plan keeps its use as a loan: of all loans the first to become firm, if it was firm before."""
    known = state[Loan].find(loan_name(resource, hold_id))
    if known is not None:
        state[Loan].put(msgspec.structs.replace(known, from_at=from_at))
        return
    plan, account = find_plan(state, hold_id), state[Account].get(resource)
    assert plan is not None, "what is lent is held or taken"
    use, holder = Use(resource, amounts_on(plan, resource)), holder_on(plan, resource)
    age = min((loan.age for loan in lent(state).on(resource)), default=0) - 1
    state[Account].put(put_back(state, account, hold_id, use, plan.by, Space(resource, holder)))
    amounts = tuple(use.amounts.get(dimension, 0) for dimension in account.limits)
    name = loan_name(resource, hold_id)
    state[Loan].new(Loan(name, resource, hold_id, holder, amounts, from_at, plan.by.priority, "", age))


def space_lost(state: State, fact: SpaceLost) -> None:
    """Fold SpaceLost: a case is open, with all that was lost since."""
    known = state[Case].find(fact.hold_id)
    reasons = (*(known.reasons if known is not None else ()), fact.reason)
    state[Case].put(Case(fact.hold_id, b"", fact.resource, "", reasons, fact.owner))
