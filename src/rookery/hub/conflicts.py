"""Who wanted the same shared thing, who won, and what it cost the loser: from the facts of a ledger in one pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rookery.hub.look import Look
from rookery.hub.report import END
from rookery.hub.retrace import retrace
from rookery.journey.account import Account
from rookery.journey.booking import PlanRecalled, PlanRefused, find_plan
from rookery.journey.desk import World
from rookery.journey.disrupt import ReplanFailed, Replanned
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderAsked, OrderRefused
from rookery.journey.state import KeptSpace, Lack, State
from rookery.journey.tally import Loan, amount_at, lent, loan_name
from rookery.journey.waits import PlanWaits, Queued
from rookery.ledger.log import StoredFact
from rookery.units import id_text

Outcome = Literal["worse", "planned again", "waits", "refused", "moved", "no way on"]


@dataclass(frozen=True, slots=True)
class Winner:
    """A holder that had some of what was wanted: so much used, firmly or not, so much kept for it and not used."""

    holder: str
    used: int
    kept: int = 0


@dataclass(slots=True)
class Conflict:
    """Somebody did not get shared capacity that others used, or that was kept for them.

    fact         its place in the ledger; at: when it was heard
    limit        what bound: capacity, claim, ceiling, bid_price, round, closed; recalled: the loser had borrowed it
    loser        the holder; id_: its order or hold; reference: of the order
    asked        so much of the dimension; 0: not told
    winners      the most first; of a recall the holder that it was for
    outcome      worse: another plan was taken; moved: it had a plan, and travels by another; waits: for another round;
                 planned again: nothing has come of it so far; no way on: a case
    extra_minor, later_s   what it pays more, and how much later it arrives, than by the plan it lost; below 0: less
    """

    fact: int
    at: int
    resource: str
    dimension: str
    limit: str
    loser: str
    id_: str
    reference: str
    asked: int
    winners: tuple[Winner, ...]
    outcome: Outcome
    extra_minor: int = 0
    later_s: int = 0


def list_conflicts(look: Look, world: World, from_at: int = 0, to_at: int = END) -> list[Conflict]:
    """All conflicts from an instant until before another, in the order in which they came. Cost: folding all facts.

    What somebody loses of one resource for one reason, and again while it is planned again, is one conflict.
    """
    book = _Book(world)
    for stored, state in retrace(look.ledger):
        if stored.heard_at >= to_at:
            break
        book.note(stored, state, counts=stored.heard_at >= from_at)
    return book.found


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a plan costs, and when it arrives."""

    cost_minor: int
    arrives_at: int


class _Book:
    """The conflicts so far. `open_`: those whose loser may yet have another plan; `plans`: of orders, the last one."""

    def __init__(self, world: World):
        self.world = world
        self.found: list[Conflict] = []
        self.open_: dict[tuple[str, str, str], Conflict] = {}
        self.plans: dict[bytes, _Plan] = {}

    def note(self, stored: StoredFact, state: State, *, counts: bool) -> None:
        """What a fact says of conflicts, also of earlier ones."""
        fact = stored.fact
        if isinstance(fact, Sourced):
            self._planned(fact)
        elif isinstance(fact, Replanned | ReplanFailed):
            self._moved(fact, state)
        for one in _conflicts(stored, state, self.world) if counts else ():
            key = (one.id_, one.resource, one.limit)
            known = self.open_.get(key)
            if known is None:
                self.found.append(one)
                known = one
            known.outcome = one.outcome
            if one.outcome in ("planned again", "waits"):
                self.open_[key] = known
            else:
                self.open_.pop(key, None)

    def _planned(self, fact: Sourced) -> None:
        """An order has a plan; what it was to travel by before, and lost, may have been better."""
        plan = _Plan(sum(part.plan.cost_minor for part in fact.parts), max(part.plan.arrives_at for part in fact.parts))
        was = self.plans.get(fact.order_id)
        for one in self._open_of(fact.order_id) if was is not None else ():
            assert was is not None
            one.outcome = "worse"
            one.extra_minor, one.later_s = plan.cost_minor - was.cost_minor, plan.arrives_at - was.arrives_at
        self.plans[fact.order_id] = plan

    def _moved(self, fact: Replanned | ReplanFailed, state: State) -> None:
        """What a recall came to: one of its conflicts carries what the new plan costs more, and how much later."""
        one = next((one for one in self._open_of(fact.order_id) if one.resource == fact.departure), None)
        if one is None or one.limit != "recalled":
            return
        if isinstance(fact, ReplanFailed):
            one.outcome = "no way on"
            return
        was = state[Itinerary].get(fact.order_id).parts[fact.part].plan
        one.outcome = "moved"
        one.extra_minor += fact.plan.cost_minor - was.cost_minor
        one.later_s = max(one.later_s, fact.plan.arrives_at - was.arrives_at)

    def _open_of(self, order_id: bytes) -> list[Conflict]:
        name = id_text("ord", order_id)
        return [one for key, one in self.open_.items() if key[0] == name]


class _Loser(NamedTuple):
    """Whose order or hold it was."""

    id_: bytes
    holder: str


def _conflicts(stored: StoredFact, state: State, world: World) -> Iterator[Conflict]:
    match stored.fact:
        case Sourced(missed=missed) as taken:
            cost = sum(part.plan.cost_minor for part in taken.parts)
            arrives_at = max(part.plan.arrives_at for part in taken.parts)
            for one in missed:
                who = _Loser(taken.order_id, taken.by.holder)
                for told in _lost(stored, one.reason.lack, who, "worse", state, world):
                    told.extra_minor, told.later_s = cost - one.cost_minor, arrives_at - one.arrives_at
                    yield told
        case PlanOvertaken(order_id=id_, reason=reason):
            yield from _lost(stored, reason.lack, _order(id_, state, world), "planned again", state, world)
        case OrderRefused(order_id=id_, reasons=reasons):
            for lack in {one.lack.resource: one.lack for one in reversed(reasons) if one.lack is not None}.values():
                yield from _lost(stored, lack, _order(id_, state, world), "refused", state, world)
        case PlanRefused(hold_id=id_, by=by, refusal=refusal) if state[Order].find(id_) is None:
            yield from _lost(stored, refusal.lack, _Loser(id_, by.holder), "refused", state, world)
        case PlanWaits(hold_id=id_, refusal=refusal):
            who = _Loser(id_, state[Queued].get(id_).ask.by.holder)
            yield from _lost(stored, refusal.lack, who, "waits", state, world)
        case PlanRecalled() as gone if gone.by:  # else capacity was lost: nobody has won
            yield from _recalled(stored, gone, state)


def _lost(
    stored: StoredFact, lack: Lack | None, who: _Loser, outcome: Outcome, state: State, world: World
) -> Iterator[Conflict]:
    """The conflict that a lack is; none where nothing shared was lacking, or nobody else had it."""
    account = state[Account].find(lack.resource) if lack is not None else None
    if lack is None or not (lack.kept or (account is not None and account.firm is not None)):
        return
    loser, id_ = who.holder, who.id_
    dimension = lack.dimension or next(iter(account.limits if account is not None else ()), "")
    winners = [one for one in _winners(account, dimension, lack.kept, state) if one.holder != loser]
    if lack.limit in ("ceiling", "round") and lack.at:
        winners = [one for one in winners if lack.at in (one.holder, *world.sharing.above(one.holder))]
    if winners:
        yield Conflict(
            fact=stored.seq,
            at=stored.heard_at,
            resource=lack.resource,
            dimension=dimension,
            limit=lack.limit,
            loser=loser,
            id_=_id_text(id_, state),
            reference=_reference(id_, state),
            asked=lack.asked if lack.dimension else 0,
            winners=tuple(winners),
            outcome=outcome,
        )


def _winners(account: Account | None, dimension: str, kept: Iterable[KeptSpace], state: State) -> list[Winner]:
    """Who uses some of an account, and for whom some is kept; the most first."""
    used: dict[str, int] = {}
    if account is not None and dimension in account.limits:
        column = list(account.limits).index(dimension)
        for holder, amounts in (account.firm or {}).items():
            used[holder] = amount_at(amounts, column)
        for loan in lent(state).on(account.resource):
            used[loan.holder] = used.get(loan.holder, 0) + loan.amounts[column]
    keeps = {one.holder: one.amount for one in kept}
    all_ = (Winner(name, used.get(name, 0), keeps.get(name, 0)) for name in {**used, **keeps})
    return sorted((w for w in all_ if w.used or w.kept), key=lambda w: (-w.used - w.kept, w.holder))


def _recalled(stored: StoredFact, gone: PlanRecalled, state: State) -> Iterator[Conflict]:
    plan = find_plan(state, gone.hold_id)
    assert plan is not None, "what is recalled is held or taken"
    for resource in gone.resources:
        loan, limits = state[Loan].get(loan_name(resource, gone.hold_id)), state[Account].get(resource).limits
        pairs = zip(limits, loan.amounts, strict=True)
        dimension, amount = next(((d, a) for d, a in pairs if a), ("", 0))
        yield Conflict(
            fact=stored.seq,
            at=stored.heard_at,
            resource=resource,
            dimension=dimension,
            limit="recalled",
            loser=plan.by.holder,
            id_=_id_text(gone.hold_id, state),
            reference=_reference(gone.hold_id, state),
            asked=amount,
            winners=(Winner(gone.holder, 0),),
            outcome="planned again",
        )


# --- names


def _order(order_id: bytes, state: State, world: World) -> _Loser:
    asked = state[OrderAsked].get(order_id).asked
    return _Loser(order_id, world.sharing.holder_of(asked.parties.owner, asked.product_id))


def _id_text(id_: bytes, state: State) -> str:
    return id_text("hld" if state[Order].find(id_) is None else "ord", id_)


def _reference(id_: bytes, state: State) -> str:
    order = state[Order].find(id_)
    return order.reference if order is not None else ""
