"""Who wanted the same shared thing, who won, and what it cost the loser: from the facts of a ledger in one pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rookery.hub.as_of import dated
from rookery.hub.lending import lender_of
from rookery.hub.look import Look
from rookery.hub.report import END
from rookery.hub.winners import AMOUNTS, Turns, Winner, list_allotted, list_stayers, list_users, short_dimension
from rookery.journey.account import Account
from rookery.journey.booking import ChangeRefused, Hold, PlanHeld, PlanRecalled, PlanRefused, find_plan
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.cutting import amounts_on
from rookery.journey.desk import World
from rookery.journey.disrupt import PromiseAtRisk, ReplanFailed, Replanned, Retimed
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderAsked, OrderRefused
from rookery.journey.shipment import Shipment
from rookery.journey.state import Lack, State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanWaits, Queued
from rookery.ledger.log import StoredFact
from rookery.units import id_text

Outcome = Literal["worse", "planned again", "waits", "refused", "moved", "no way on", "lost"]


@dataclass(slots=True)
class Conflict:
    """Somebody did not get shared capacity that others used, or that was kept for them.

    fact         its place in the ledger; at: as of when it was decided, such as when its round closes
    limit        what bound: capacity, claim, ceiling, allotment, bid_price, round, closed; recalled: the loser had
                 borrowed it; cut: capacity was lost, or goods were heavier than booked
    loser        the holder; id_: its order or hold; reference: of the order
    asked        so much of the dimension; 0: not told
    winners      the most first; of a recall the holder that it was for, of a round who was served in it, of a cut who
                 stays: there may be nobody
    outcome      worse: another plan was taken; moved: it had a plan, and has another; waits: for another round;
                 planned again: nothing has come of it so far; no way on: a case; lost: gone from what it has
    extra_minor, later_s   what it pays more, and how much later it arrives, than by the plan it lost; below 0: less
    broken_s     how long after what was promised it arrives since; 0: the promise is kept
    currency     of extra_minor
    lender       of a recall: who is named as the lender; `*`: nobody in particular
    owner        of a case, also as its promise was broken: the company that has to look; `*`: the network's operator
    by, why, left   of a cut: who said so, and why, and how much there is from then on
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
    broken_s: int = 0
    currency: str = ""
    lender: str = ""
    owner: str = ""
    by: str = ""
    why: str = ""
    left: int = 0


def list_conflicts(look: Look, world: World, from_at: int = 0, to_at: int = END) -> list[Conflict]:
    """All conflicts from an instant until before another, in the order in which they came. Cost: folding all facts.

    What somebody loses of one resource for one reason, and again while it is planned again, is one conflict.
    """
    book = _Book(world)
    for stored, state, at in dated(look.ledger, world, to_at):
        book.note(stored, state, at, counts=at >= from_at)
    return book.found


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a plan costs, and when it arrives."""

    cost_minor: int
    arrives_at: int


class _Broken(NamedTuple):
    """The conflict that tells how late an order is after what was promised, and how late each of its shipments is."""

    conflict: Conflict
    late_s: dict[bytes, int]


class _Book:
    """The conflicts so far.

    open_   those whose loser may yet have another plan; plans: of orders, the last one
    broken  of orders that arrive later than promised since they lost space
    """

    def __init__(self, world: World):
        self.world = world
        self.found: list[Conflict] = []
        self.open_: dict[tuple[str, str, str], Conflict] = {}
        self.plans: dict[bytes, _Plan] = {}
        self.broken: dict[bytes, _Broken] = {}
        self.turns = Turns(world)

    def note(self, stored: StoredFact, state: State, at: int, *, counts: bool) -> None:
        """What a fact says of conflicts, also of earlier ones."""
        fact = stored.fact
        if isinstance(fact, Sourced):
            self._planned(fact)
        elif isinstance(fact, Replanned | ReplanFailed):
            self._moved(fact, state)
        elif isinstance(fact, Retimed):
            self._late(fact)
        elif isinstance(fact, PromiseAtRisk):
            self._case(fact, state)
        elif isinstance(fact, PlanHeld | PlanRefused | PlanWaits):
            self.turns.note(fact, state)
        elif isinstance(fact, SpaceLost):
            self._stuck(fact.hold_id, fact.owner, state)
        elif isinstance(fact, PlanRecalled) and not fact.by and state[Order].find(fact.hold_id) is None:
            self._stands_by(fact.hold_id, state)
        for one in _conflicts(_At(stored, state, at, self.world, self.turns)) if counts else ():
            key = (one.id_, one.resource, one.limit)
            known = self.open_.get(key)
            if known is None:
                self.found.append(one)
                known = one
            known.outcome = one.outcome
            if one.outcome in ("planned again", "waits") or one.limit in ("recalled", "cut"):
                self.open_[key] = known
            else:
                self.open_.pop(key, None)

    def _planned(self, fact: Sourced) -> None:
        """An order has a plan; what it was to travel by before, and lost, may have been better."""
        plan = _Plan(sum(part.plan.cost_minor for part in fact.parts), max(part.plan.arrives_at for part in fact.parts))
        was = self.plans.get(fact.order_id)
        for one in self._open_of(id_text("ord", fact.order_id)) if was is not None else ():
            assert was is not None
            one.outcome = "worse"
            one.extra_minor, one.later_s = plan.cost_minor - was.cost_minor, plan.arrives_at - was.arrives_at
        self.plans[fact.order_id] = plan

    def _moved(self, fact: Replanned | ReplanFailed, state: State) -> None:
        """What a recall or a cut came to; one of an order's conflicts carries what the new plan costs more, and how
        much later it is."""
        if isinstance(fact, ReplanFailed):
            self._stuck(fact.order_id, fact.owner, state)
            return
        was = state[Itinerary].get(fact.order_id).parts[fact.part].plan
        known = [one for one in self._taken_from(fact.order_id, state) if _is_about(one, fact)]
        for one in known:
            one.outcome, one.owner = "moved", ""
        for one in sorted(known, key=lambda one: one.resource != fact.departure)[:1]:
            one.extra_minor += fact.plan.cost_minor - was.cost_minor
            one.later_s = max(one.later_s, fact.plan.arrives_at - was.arrives_at)
            self._carry(fact.order_id, one)
        self._late(fact, is_cause=bool(known))

    def _carry(self, order_id: bytes, one: Conflict) -> None:
        """This conflict tells from now on how late an order is after what was promised, and none that came before."""
        told = self.broken.get(order_id)
        if told is not None and told.conflict is not one:
            _mend(told.conflict)
        self.broken[order_id] = _Broken(one, told.late_s if told is not None else {})

    def _late(self, fact: Replanned | Retimed, *, is_cause: bool = False) -> None:
        """An order that has lost space is later than was promised, still is, or is in time after all."""
        told = self.broken.get(fact.order_id)
        if told is None or not (is_cause or told.conflict.broken_s):
            return
        told.late_s[fact.shipment_id] = fact.late_s
        told.conflict.broken_s = max(told.late_s.values())
        if not told.conflict.broken_s:
            _mend(told.conflict)

    def _case(self, fact: PromiseAtRisk, state: State) -> None:
        """A promise that a recall has broken is a case for somebody."""
        if not fact.reasons or fact.reasons[0].code != "recalled":
            return
        known = [one for one in self._taken_from(fact.order_id, state) if one.limit == "recalled"]
        if fact.order_id not in self.broken and known:
            self._carry(fact.order_id, known[0])
        told, row = self.broken.get(fact.order_id), state[Shipment].get(fact.shipment_id)
        if told is not None:
            told.late_s[fact.shipment_id] = row.expected_at - row.latest
            told.conflict.broken_s, told.conflict.owner = max(told.late_s.values()), fact.owner

    def _stuck(self, id_: bytes, owner: str, state: State) -> None:
        """There is no other way: a case for somebody."""
        for one in self._taken_from(id_, state):
            one.outcome, one.owner = "no way on", owner

    def _stands_by(self, hold_id: bytes, state: State) -> None:
        """Space without an order is its standby from now on, since capacity was lost."""
        for one in self._taken_from(hold_id, state):
            one.outcome = "moved"

    def _taken_from(self, id_: bytes, state: State) -> list[Conflict]:
        """Conflicts in which a plan has lost what it had."""
        return [one for one in self._open_of(_id_text(id_, state)) if one.limit in ("recalled", "cut")]

    def _open_of(self, name: str) -> list[Conflict]:
        return [one for key, one in self.open_.items() if key[0] == name]


def _mend(one: Conflict) -> None:
    """What was promised is kept, as far as this conflict tells."""
    one.broken_s = 0
    if one.outcome == "moved":
        one.owner = ""


def _is_about(one: Conflict, fact: Replanned) -> bool:
    """True if a new plan is the end of a conflict, or of another part of its order; later moves have other reasons."""
    return one.outcome != "moved" or one.resource == fact.departure


class _Loser(NamedTuple):
    """Whose order or hold it was."""

    id_: bytes
    holder: str


def _conflicts(at: "_At") -> Iterator[Conflict]:
    state, world = at.state, at.world
    match at.stored.fact:
        case Sourced(missed=missed) as taken:
            cost = sum(part.plan.cost_minor for part in taken.parts)
            arrives_at = max(part.plan.arrives_at for part in taken.parts)
            for one in missed:
                for told in at.lost(one.reason.lack, _Loser(taken.order_id, taken.by.holder), "worse"):
                    told.extra_minor, told.later_s = cost - one.cost_minor, arrives_at - one.arrives_at
                    yield told
        case PlanOvertaken(order_id=id_, reason=reason):
            yield from at.lost(reason.lack, _order(id_, state, world), "planned again")
        case OrderRefused(order_id=id_, reasons=reasons):
            for lack in {one.lack.resource: one.lack for one in reversed(reasons) if one.lack is not None}.values():
                yield from at.lost(lack, _order(id_, state, world), "refused")
        case PlanRefused(hold_id=id_, by=by, refusal=refusal) if state[Order].find(id_) is None:
            yield from at.lost(refusal.lack, _Loser(id_, by.holder), "refused")
        case ChangeRefused(hold_id=id_, by=by, refusal=refusal):
            yield from at.lost(refusal.lack, _Loser(id_, by.holder), "refused")
        case PlanWaits(hold_id=id_, refusal=refusal):
            yield from at.lost(refusal.lack, _Loser(id_, state[Queued].get(id_).ask.by.holder), "waits")
        case PlanRecalled() as gone if gone.by:  # else a cut has told it already
            yield from at.recalled(gone)
        case CapacityChanged() as cut:
            yield from at.cut(cut)


class _At(NamedTuple):
    """A fact at its moment: the state as it was before it, as of when it was decided, and the rounds until then."""

    stored: StoredFact
    state: State
    now: int
    world: World
    turns: Turns

    def lost(self, lack: Lack | None, who: _Loser, outcome: Outcome) -> Iterator[Conflict]:
        """The conflict that a lack is; none where nothing shared was lacking, or nobody else had it, as of more than
        there is of it at all."""
        account = self.state[Account].find(lack.resource) if lack is not None else None
        is_allotted = lack is not None and lack.limit == "allotment"
        if lack is None or not (lack.kept or is_allotted or (account is not None and account.firm is not None)):
            return
        if lack.limit in AMOUNTS and lack.asked > lack.ceiling:
            return
        turn = self.turns.lost.get(who.id_) if lack.limit == "round" else None
        if turn is not None:
            dimension, asked, winners = turn.dimension, turn.asked, list(turn.winners)
        elif is_allotted:
            dimension, asked, winners = lack.dimension, lack.asked, list_allotted(lack, self.state)
        else:
            dimension = lack.dimension or next(iter(account.limits if account is not None else ()), "")
            asked, winners = lack.asked if lack.dimension else 0, list_users(account, dimension, lack.kept, self.state)
        winners = [one for one in winners if one.holder != who.holder]
        if lack.limit in ("ceiling", "round") and lack.at:
            above = self.world.sharing.above
            winners = [one for one in winners if lack.at in (one.holder, *above(one.holder))]
        if winners or turn is not None:  # nobody has it where it is free for a request before
            yield self._made(lack.resource, lack.limit, who, (dimension, asked), winners, outcome)

    def recalled(self, gone: PlanRecalled) -> Iterator[Conflict]:
        """A plan has lost what it had borrowed. Space without an order has its standby, or nothing, at once."""
        plan = find_plan(self.state, gone.hold_id)
        assert plan is not None, "what is recalled is held or taken"
        outcome: Outcome = "planned again"
        if self.state[Order].find(gone.hold_id) is None:
            outcome = "moved" if gone.standby else "lost"
        for resource in gone.resources:
            loan = self.state[Loan].get(loan_name(resource, gone.hold_id))
            pairs = zip(self.state[Account].get(resource).limits, loan.amounts, strict=True)
            most = next(((d, a) for d, a in pairs if a), ("", 0))
            who, winners = _Loser(gone.hold_id, plan.by.holder), [Winner(gone.holder, 0)]
            told = self._made(resource, "recalled", who, most, winners, outcome)
            told.lender = lender_of(loan)
            yield told

    def cut(self, cut: CapacityChanged) -> Iterator[Conflict]:
        """Plans have lost what they used of a shared resource, as there is less of it; a standby is let go."""
        account = self.state[Account].get(cut.resource)
        for hold_id in cut.moved if account.firm is not None else ():
            plan = find_plan(self.state, hold_id)
            assert plan is not None, "what is moved is held or taken"
            if isinstance(plan, Hold) and plan.standby_of:
                continue
            amounts = {d: a for d, a in amounts_on(plan, cut.resource).items() if a}
            dimension = short_dimension(cut, amounts, account)
            stay = [one for one in list_stayers(cut, dimension, self.state) if one.holder != plan.by.holder]
            who, asked = _Loser(hold_id, plan.by.holder), amounts.get(dimension, 0)
            told = self._made(cut.resource, "cut", who, (dimension, asked), stay, "planned again")
            told.by, told.why, told.left = cut.by, cut.why, cut.limits.get(dimension, 0)
            yield told

    def _made(
        self,
        resource: str,
        limit: str,
        who: _Loser,
        asked: tuple[str, int],
        winners: Iterable[Winner],
        outcome: Outcome,
    ) -> Conflict:
        return Conflict(
            fact=self.stored.seq,
            at=self.now,
            resource=resource,
            dimension=asked[0],
            limit=limit,
            loser=who.holder,
            id_=_id_text(who.id_, self.state),
            reference=_reference(who.id_, self.state),
            asked=asked[1],
            winners=tuple(winners),
            outcome=outcome,
            currency=self.world.prices.currency,
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
