"""What each holder asked of shared capacity, and what it got, from the facts of a ledger in one pass.

asked = got + refused + withdrawn + waiting     by the number of requests, from the ledger's first day on

A request is an order, or space that was asked for without one. Amounts are those of shared resources, added up by
dimension: two legs count twice. Each thing counts when it happened: what a round decides when that closes.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rookery.hub.as_of import dated
from rookery.hub.fair_runs import FairRun, FairRuns
from rookery.hub.lending import Lending, list_lendings
from rookery.hub.look import Look
from rookery.journey.account import Account, Amounts, Use
from rookery.journey.booking import ChangeRefused, Hold, HoldReleased, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.departure import find_cancelled
from rookery.journey.desk import Desk, World
from rookery.journey.disrupt import PromiseAtRisk, ReplanFailed, Replanned
from rookery.journey.network.rows import ANY
from rookery.journey.option import Sourced
from rookery.journey.order import OrderCancelled, OrderPlaced, OrderRefused
from rookery.journey.share import Claimant
from rookery.journey.state import Refusal, State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanLeft, PlanQueued, RoundClosed
from rookery.partners.port import FieldFault
from rookery.units import DAY_S, EPOCH_ORDINAL

END = 2**62  # as an instant: after all that ever happened


@dataclass(slots=True)
class Total:
    """How many, and how much of each dimension."""

    count: int = 0
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, amounts: Amounts, count: int = 1) -> None:
        """Count so much more."""
        self.count += count
        for dimension, amount in amounts.items():
            if amount:
                self.amounts[dimension] = self.amounts.get(dimension, 0) + amount


@dataclass(slots=True)
class HolderReport:
    """What became of a holder's requests.

    refused_by  how many for which reason: what bound of space, or why there was no plan at all
    withdrawn   given up while they waited; waiting: not decided at the end
    lent        to others, for a time or for good: of what it is guaranteed, has unused and has not lent yet; of the
                network: what of all loans stands on the space of nobody in particular
    borrowed    from others, likewise: over all holders as much as is lent
    recalled    of what it had borrowed
    unchanged   how many changes of what it held or used were refused for which reason: no requests of their own
    moved       of those that had a plan, each once: it had to go another way
    moved_by    how many of them first for which reason: recalled, cut (capacity was lost, or goods were heavier than
                booked), departure (late or cancelled)
    cases       of the moved, each once, those for which there was no other way: a person has to help
    at_risk     of those that borrowed, each once: a recall would have made them later than promised
    broken      each once: later than promised, since what they had borrowed was recalled
    """

    holder: str
    asked: Total = field(default_factory=Total)
    got: Total = field(default_factory=Total)
    refused: Total = field(default_factory=Total)
    refused_by: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    waiting: int = 0
    lent: Total = field(default_factory=Total)
    borrowed: Total = field(default_factory=Total)
    recalled: Total = field(default_factory=Total)
    unchanged: dict[str, int] = field(default_factory=dict)
    moved: int = 0
    moved_by: dict[str, int] = field(default_factory=dict)
    cases: int = 0
    at_risk: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What all holders came to from an instant until before another. `rounds`: how many were closed.

    to_at  None: there is no end
    """

    from_at: int
    to_at: int | None
    holders: tuple[HolderReport, ...]
    rounds: int
    runs: tuple[FairRun, ...]


def report(look: Look, world: World, from_at: int = 0, to_at: int = END) -> Report:
    """The report of a ledger, each fact as of when it was decided. Cost: folding all facts up to the end."""
    book = _Book(world)
    for stored, state, at in dated(look.ledger, world, to_at):
        book.counts = at >= from_at
        if book.counts:
            book.lent(list_lendings(stored.fact, state, Desk(world, at, lambda: b"")))
        _NOTES.get(type(stored.fact), _Book.ignore)(book, stored.fact, state)
    return book.closed(from_at, to_at)


class BadDays(ValueError):
    """Days that are none, or the wrong way round. `fault`: what is wrong with which of the two."""

    def __init__(self, fault: FieldFault):
        super().__init__(str(fault))
        self.fault = fault


def read_days(from_day: str, to_day: str) -> tuple[int, int]:
    """From when until before when whole UTC days go, from texts such as 2026-11-09, the last included; blank: all.

    Raises  BadDays: no such day, or the last comes before the first
    """
    first, last = (_read_day(name, text) for name, text in (("from", from_day), ("to", to_day)))
    if first is not None and last is not None and last < first:
        raise BadDays(FieldFault("to", f"a day on or after {from_day}", to_day, "exchange the two"))
    return first or 0, END if last is None else last + DAY_S


def _read_day(name: str, text: str) -> int | None:
    try:
        return (dt.date.fromisoformat(text).toordinal() - EPOCH_ORDINAL) * DAY_S if text else None
    except ValueError:
        raise BadDays(FieldFault(name, "a day such as 2026-11-09", repr(text), "correct it")) from None


def reason_of(refusal: Refusal) -> str:
    """Why, in one word: the limit of space that bound, or the code."""
    return refusal.lack.limit if refusal.lack is not None else refusal.code


@dataclass(slots=True)
class _Request:
    """Somebody's wish. `amounts`: of its first plan, once there is one; `is_order`: it is more than space."""

    holder: str
    is_order: bool
    amounts: Amounts | None = None
    is_open: bool = True


class _Book:
    """What was counted so far. `counts`: the fact that comes is within the time that is told."""

    def __init__(self, world: World):
        self.sharing, self.world = world.sharing, world
        self.counts = True
        self.rows: dict[str, HolderReport] = {}
        self.requests: dict[bytes, _Request] = {}
        self.moves: set[bytes] = set()
        self.cases: set[bytes] = set()
        self.promises: set[tuple[bytes, str]] = set()
        self.runs = FairRuns(world)

    def ignore(self, fact: Any, state: State) -> None:
        """Nothing to count."""

    def row(self, holder: str) -> HolderReport:
        """What is counted of a holder."""
        return self.rows.setdefault(holder, HolderReport(holder))

    def shared(self, uses: Iterable[Use]) -> Amounts:
        """What of uses is shared, by dimension."""
        total = Total()
        for use in uses:
            if self.sharing.is_shared(use.resource):
                total.add(use.amounts)
        return total.amounts

    # --- requests

    def placed(self, fact: OrderPlaced, _: State) -> None:
        """An order is a request."""
        holder = self.sharing.holder_of(fact.asked.parties.owner, fact.asked.product_id)
        self._ask(fact.order_id, holder, is_order=True)

    def sourced(self, fact: Sourced, _: State) -> None:
        """What an order asks for is known."""
        self._wish(fact.order_id, fact.uses)

    def queued(self, fact: PlanQueued, _: State) -> None:
        """A plan waits."""
        self._space(fact.hold_id, fact.ask.by, fact.ask.uses)

    def _space(self, id_: bytes, by: Claimant, uses: tuple[Use, ...]) -> _Request:
        if id_ not in self.requests:
            self._ask(id_, by.holder, is_order=False)
        return self._wish(id_, uses)

    def _ask(self, id_: bytes, holder: str, *, is_order: bool) -> None:
        self.requests[id_] = _Request(holder, is_order)
        self.row(holder).asked.count += self.counts

    def _wish(self, id_: bytes, uses: Iterable[Use]) -> _Request:
        one = self.requests[id_]
        if one.amounts is None:
            one.amounts = self.shared(uses)
            if self.counts:
                self.row(one.holder).asked.add(one.amounts, count=0)
        return one

    def held(self, fact: PlanHeld, _: State) -> None:
        """A request is served, once; a standby is none."""
        if fact.standby_of:
            return
        one = self._space(fact.hold_id, fact.by, fact.uses)
        if one.is_open:
            one.is_open = False
            if self.counts:
                self.row(one.holder).got.add(self.shared(fact.uses))

    def lent(self, lendings: Iterable[Lending]) -> None:
        """Who borrows, and of whom: what no lender has to lend is lent by the network."""
        for one in lendings:
            count = not one.is_more
            self.row(one.borrower).borrowed.add(one.amounts, count)
            if one.of_lender:
                self.row(one.lender).lent.add(one.of_lender, count)
            if one.of_nobody:
                self.row(ANY).lent.add(one.of_nobody, count and not one.of_lender)

    def refused(self, fact: PlanRefused, _: State) -> None:
        """Space is refused; an order may have another plan."""
        one = self._space(fact.hold_id, fact.by, fact.uses)
        if not one.is_order:
            self._refuse(one, fact.refusal)

    def not_changed(self, fact: ChangeRefused, _: State) -> None:
        """What was held or used stays as it was."""
        if self.counts:
            unchanged, reason = self.row(fact.by.holder).unchanged, reason_of(fact.refusal)
            unchanged[reason] = unchanged.get(reason, 0) + 1

    def order_refused(self, fact: OrderRefused, _: State) -> None:
        """An order is refused. Of one for which there never was a plan what it lacked is what it asked for."""
        lack = fact.reasons[0].lack
        missing = (Use(lack.resource, {lack.dimension: lack.asked}),) if lack is not None and lack.dimension else ()
        self._refuse(self._wish(fact.order_id, missing), fact.reasons[0])

    def _refuse(self, one: _Request, why: Refusal) -> None:
        if self.counts and one.is_open:
            row, reason = self.row(one.holder), reason_of(why)
            row.refused.add(one.amounts or {})
            row.refused_by[reason] = row.refused_by.get(reason, 0) + 1
        one.is_open = False

    def cancelled(self, fact: OrderCancelled, _: State) -> None:
        """An order that waits is withdrawn."""
        self._withdraw(fact.order_id)

    def left(self, fact: PlanLeft, _: State) -> None:
        """Space is not wanted any more."""
        if not self.requests[fact.hold_id].is_order:
            self._withdraw(fact.hold_id)

    def _withdraw(self, id_: bytes) -> None:
        one = self.requests[id_]
        self.row(one.holder).withdrawn += self.counts and one.is_open
        one.is_open = False

    # --- afterwards

    def recalled(self, fact: PlanRecalled, state: State) -> None:
        """A holder loses what it had borrowed, unless capacity was lost: then a cut has moved it already."""
        one = self.requests.get(fact.hold_id)
        if one is None or not fact.by:
            return
        for resource in fact.resources if self.counts else ():
            loan, limits = state[Loan].get(loan_name(resource, fact.hold_id)), state[Account].get(resource).limits
            self.row(one.holder).recalled.add(dict(zip(limits, loan.amounts, strict=True)))
        self._move(fact.hold_id, "recalled")

    def cut(self, fact: CapacityChanged, _: State) -> None:
        """Plans have lost what they used; a standby is no request."""
        for hold_id in fact.moved:
            if hold_id in self.requests:
                self._move(hold_id, "cut")

    def freed(self, fact: HoldReleased, state: State) -> None:
        """Space that is held goes with a departure that is cancelled; else it was given back, or its time came."""
        if fact.hold_id in self.requests:
            uses = state[Hold].get(fact.hold_id).uses
            if any(find_cancelled(state, use) is not None for use in uses):
                self._move(fact.hold_id, "departure")

    def moved(self, fact: Replanned, _: State) -> None:
        """A plan goes another way."""
        self._move(fact.order_id, "departure")

    def stuck(self, fact: ReplanFailed | SpaceLost, _: State) -> None:
        """There is no other way."""
        id_ = fact.order_id if isinstance(fact, ReplanFailed) else fact.hold_id
        self._move(id_, "departure" if isinstance(fact, ReplanFailed) else "recalled")
        if self.counts and id_ not in self.cases:
            self.cases.add(id_)
            self.row(self.requests[id_].holder).cases += 1

    def promised(self, fact: PromiseAtRisk, _: State) -> None:
        """A promise would be broken by a recall, or was; without reasons it is kept."""
        for code in {reason.code for reason in fact.reasons} if self.counts else ():
            if (fact.order_id, code) not in self.promises:
                self.promises.add((fact.order_id, code))
                row = self.row(self.requests[fact.order_id].holder)
                row.at_risk += code == "at_risk"
                row.broken += code == "recalled"

    def _move(self, id_: bytes, why: str) -> None:
        """A plan has to go another way, the first time for this reason."""
        if self.counts and id_ not in self.moves:
            self.moves.add(id_)
            row = self.row(self.requests[id_].holder)
            row.moved += 1
            row.moved_by[why] = row.moved_by.get(why, 0) + 1

    # --- rounds

    def round_closed(self, fact: RoundClosed, _: State) -> None:
        """A round goes on with the runs of its service, or ends them."""
        if self.counts:
            self.runs.note(fact)

    def closed(self, from_at: int, to_at: int) -> Report:
        """All that was counted."""
        waiting = Counter(one.holder for one in self.requests.values() if one.is_open)
        for holder, count in waiting.items():
            self.row(holder).waiting = count
        rows = (self.rows[name] for name in self.sharing.names if name in self.rows)
        known = [row for row in rows if row != HolderReport(row.holder)]
        end = to_at if to_at < END else None
        return Report(from_at, end, tuple(known), self.runs.rounds, self.runs.closed())


_NOTES: dict[type, Any] = {
    OrderPlaced: _Book.placed,
    Sourced: _Book.sourced,
    PlanQueued: _Book.queued,
    PlanHeld: _Book.held,
    PlanRefused: _Book.refused,
    ChangeRefused: _Book.not_changed,
    OrderRefused: _Book.order_refused,
    OrderCancelled: _Book.cancelled,
    PlanLeft: _Book.left,
    PlanRecalled: _Book.recalled,
    CapacityChanged: _Book.cut,
    HoldReleased: _Book.freed,
    Replanned: _Book.moved,
    ReplanFailed: _Book.stuck,
    SpaceLost: _Book.stuck,
    PromiseAtRisk: _Book.promised,
    RoundClosed: _Book.round_closed,
}
