"""Capacity that is lost or added: who has to move, who keeps its space on loan, and whom a person has to help.

more than before    guarantees stay as they are; loans may become firm, open cases are looked at again
less than before    guarantees shrink for good; what does not fit any more is moved:
    an order        falls back to its standby, or is planned again, or is a case
    other space     falls back to its standby, or is a case
"""

import datetime as dt
from typing import NamedTuple

import msgspec

from rookery.journey.account import Account, AccountOpened, Amounts, Use
from rookery.journey.booking import Hold, HoldReleased, PlanRecalled, find_plan, find_standby, find_way_out, without
from rookery.journey.cutting import Plan, amounts_on, find_losses, holder_on, must_move
from rookery.journey.departure import NETWORK, Departure, find_cancelled, late_s
from rookery.journey.desk import Desk, World
from rookery.journey.disrupt import Case, PlanStruck, Struck
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.rows import ANY
from rookery.journey.share import Space, put_back
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.tally import Loan, lent, loan_name
from rookery.units import DAY_S, EPOCH, instant_text, local_instant, time_zone

HOUR_S, HOUR = 3600, "%Y-%m-%dT%H"
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


class _Limited(NamedTuple):
    """A limited thing that a network knows. `company`: who runs it; `ends_at`: later it is of no use; 0: never."""

    limits: Amounts
    company: str
    ends_at: int


Changed = AccountOpened | CapacityChanged | PlanRecalled | HoldReleased | SpaceLost | PlanStruck


def change_capacity(state: State, ask: ChangeCapacity, desk: Desk) -> list[Changed] | Refusal:
    """Cut a limited thing, or add to it; nothing if it has these limits.

    Refuses  unknown: no such thing, or not limited in that dimension; barred: only who runs it may say so;
             closed: it is cancelled; too_late: it has left, or is over
    """
    thing = _find_limited(ask.resource, desk.world, state)
    if thing is None:
        return _refused(ask, "unknown", "a limited thing of the network", "none", "check kind, id and date")
    if ask.by not in (thing.company, NETWORK):
        return _refused(ask, "barred", f"a word of {thing.company}, who runs it", f"{ask.by}'s", "ask it")
    account = state[Account].find(ask.resource)
    if (account is not None and account.closed) or find_cancelled(state, Use(ask.resource, {})) is not None:
        return _refused(ask, "closed", "an open one", "closed", "restore it first")
    if thing.ends_at and desk.now >= thing.ends_at:
        return _refused(ask, "too_late", "one to come", f"over at {instant_text(thing.ends_at)}", "nothing")
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
    losses = find_losses(state, account, limits, desk)
    resource, moved = account.resource, set(losses.moved)
    fact = CapacityChanged(resource, limits, by, why, losses.guarantee, losses.moved, losses.lent)
    facts: list[Changed] = [fact]
    for hold_id in losses.moved:
        plan = find_plan(state, hold_id)
        assert plan is not None, "what is moved is held or taken"
        if isinstance(plan, Hold) and plan.standby_of:
            facts.append(HoldReleased(hold_id, f"capacity of {resource} was lost"))
            continue
        standby = find_standby(state, hold_id)
        if standby and standby not in moved and find_way_out(state, hold_id, (resource,)):
            facts.append(PlanRecalled(hold_id, (resource,), b"", ANY, standby))
            continue
        if standby and standby not in moved:
            facts.append(HoldReleased(standby, "its plan has lost what both use"))
        if state[Itinerary].find(hold_id) is None:
            facts.append(_lost(plan, account, limits, desk))
    return facts


def _lost(plan: Plan, account: Account, limits: Amounts, desk: Desk) -> SpaceLost:
    amounts = amounts_on(plan, account.resource)
    dimension = next((d for d, amount in amounts.items() if amount), "")
    asked, limit = amounts.get(dimension, 0), limits.get(dimension, 0)
    lack = Lack(account.resource, "capacity", dimension, by=plan.by.holder, asked=asked, ceiling=limit)
    wanted, found = f"{asked} {dimension} that were held", f"a capacity of {limit}: it was lost"
    reason = Refusal("short", account.resource, wanted, found, "change it, or release it", account.resource, lack)
    return SpaceLost(plan.hold_id, account.resource, desk.world.sharing.company_of(plan.by.holder), reason)


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


# --- limited things by name


def _find_limited(resource: str, world: World, state: State) -> _Limited | None:
    """What a name means: a leg, a day of shipping or of deliveries, an hour of sorting, an allotment; None: nothing."""
    kind, _, name = resource.partition(":")
    id_, _, when = name.rpartition("/")
    if kind == "departure":
        return _find_leg(resource, id_, when, world, state)
    if kind == "allotment":
        return _find_allotment(resource, id_, when, world)
    facility = world.timetable.facilities.get(id_)
    at = _read(when, HOUR if kind == "sort" else "%Y-%m-%d")
    if facility is None or at is None or kind not in ("sort", "delivery", "warehouse"):
        return None
    if kind == "warehouse" and id_ not in world.shelves.warehouses:
        return None
    zone = time_zone(facility.time_zone)
    begins_at = int((at.replace(tzinfo=dt.UTC) - EPOCH).total_seconds())
    day = at.date() if kind != "sort" else dt.datetime.fromtimestamp(begins_at, zone).date()
    about = world.timetable.network.about
    if not about.valid_from <= day <= about.valid_to:
        return None
    ends_at = begins_at + HOUR_S if kind == "sort" else local_instant(day + dt.timedelta(days=1), 0, zone)
    return _Limited(world.limits_of(resource), world.timetable.operator(facility, day), ends_at)


def _find_leg(resource: str, departure: str, stop: str, world: World, state: State) -> _Limited | None:
    dated, row = world.timetable.find_dated(departure), state[Departure].find(departure)
    for seq, _, departs_at in dated.calls[:-1] if dated is not None else ():
        if str(seq) == stop:
            assert dated is not None
            left_at = departs_at + late_s(row.late if row is not None else (), seq, seq)[0]
            return _Limited(world.limits_of(resource), dated.service.company_id, left_at)
    return None


def _find_allotment(resource: str, allotment_id: str, when: str, world: World) -> _Limited | None:
    row, day = world.sharing.find_allotment(allotment_id), _read(when, "%Y-%m-%d")
    if row is None or day is None or (row.per == "week" and day.weekday()):
        return None
    ends_at = int((day.replace(tzinfo=dt.UTC) - EPOCH).total_seconds()) + DAY_S * (8 if row.per == "week" else 2)
    return _Limited(world.limits_of(resource), NETWORK, ends_at)


def _read(text: str, form: str) -> dt.datetime | None:
    """A day or an hour as names have it, letter for letter."""
    try:
        at = dt.datetime.strptime(text, form)
    except ValueError:
        return None
    return at if at.strftime(form) == text else None


# --- folding


def changed(state: State, fact: CapacityChanged) -> None:
    """Fold CapacityChanged: who was moved loses its use and, of an order, is looked at again."""
    for hold_id in fact.moved:
        plan = find_plan(state, hold_id)
        assert plan is not None, "what is moved is held or taken"
        state[type(plan)].put(without(state, plan, (fact.resource,)))
        row = state[Itinerary].find(hold_id)
        if row is not None:
            state[Struck].put(Struck(hold_id, row.promised_by, fact.resource))
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
