"""An ask and all that follows from it, and what is due by now: the facts, folded as they come.

What answers an ask, and what is asked after a fact, stands in `steps.py`.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from rookery.journey import (
    book,
    booking,
    deadline,
    disrupt,
    fair_round,
    lapse,
    released,
    replan,
    share,
    space,
    track,
    waits,
)
from rookery.journey.desk import Desk
from rookery.journey.facts import evolve
from rookery.journey.option import Sourced
from rookery.journey.state import Refusal, State
from rookery.journey.steps import AFTER, STEPS, LosePlan, after_scan

STEPS_MAX = 10_000_000  # asks that one message may lead to; more is a loop
_TAKES = (book.HoldPlan, book.ChangePlan, fair_round.CloseSpaceRound)  # asks by which space is taken


def decide(state: State, ask: msgspec.Struct, desk: Desk) -> tuple[list[msgspec.Struct], Refusal | None]:
    """All facts that an ask leads to, already folded into the state; and the refusal of the ask itself, if any.

    What is due by now goes first, whatever is asked. A refusal further down the chain ends in a fact.
    """
    due = settle(state, desk)
    facts, refusals = decide_all(state, [ask], desk)
    return due + facts, refusals.get(0)


def decide_all(state: State, asks: Iterable[Any], desk: Desk) -> tuple[list[msgspec.Struct], dict[int, Refusal]]:
    """The facts that some asks lead to, and of those that were refused why, by index. What is due is settled before."""
    chain, asks = _Chain(state, desk), list(asks)
    track.fetch(state, [ask for ask in asks if isinstance(ask, track.Scan)])
    refusals = {idx: refusal for idx, ask in enumerate(asks) if (refusal := chain.run(ask)) is not None}
    return chain.facts, refusals


def settle(state: State, desk: Desk) -> list[msgspec.Struct]:
    """The facts of what is due by now: rounds that close; holds, loans, grants and their like whose time has come.

    What follows of a round is decided as of the instant at which it closes, however late the next message comes.
    """
    facts: list[msgspec.Struct] = []
    for closes_at, resource in waits.due(state, desk.now):
        chain = _Chain(state, fair_round.desk_of(closes_at, resource, desk))
        chain.run(book.Expire())
        chain.run(fair_round.CloseSpaceRound(resource, closes_at))
        facts += chain.facts
    if book.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(book.Expire())
        facts += chain.facts
    if released.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(share.FirmUp(tuple(released.take_due(state, desk))))
        facts += chain.facts
    if deadline.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(lapse.Lapse())
        facts += chain.facts
    return facts


def is_due(state: State, now: int) -> bool:
    """True if something may be due by now."""
    rounds_due = any(True for _ in waits.due(state, now))
    return rounds_due or any(one.is_due(state, now) for one in (book, released, deadline))


class _Chain:
    """An ask and all that follows from it.

    facts  what it led to, folded
    todo   what is asked next, each with the decision that it follows from
    lacks  of each order, why its plans could not be held, the last one first
    """

    def __init__(self, state: State, desk: Desk):
        self.state, self.desk = state, desk
        self.facts: list[msgspec.Struct] = []
        self.todo: deque[tuple[msgspec.Struct, Sourced | None]] = deque()
        self.lacks: dict[bytes, tuple[Refusal, ...]] = {}

    def run(self, ask: msgspec.Struct) -> Refusal | None:
        """Ask, and go on until nothing follows any more. Returns the refusal of the ask itself."""
        if isinstance(ask, track.Scan):
            return self._scan(ask)
        self.todo.append((ask, None))
        return self._go_on(ask)

    def _scan(self, ask: track.Scan) -> Refusal | None:
        """As any ask, by a short way: most of what is heard are scans, and nothing follows of most of them."""
        facts = track.scan(self.state, ask, self.desk)
        if isinstance(facts, Refusal):
            return facts
        see = self.desk.see
        for fact in facts:
            if see is not None:
                see(fact)
            evolve(self.state, fact)
            self.todo.extend((following, None) for following in after_scan(fact))
        self.facts += facts
        return self._go_on(ask) if self.todo else None

    def _go_on(self, ask: msgspec.Struct) -> Refusal | None:
        for _ in range(STEPS_MAX):
            if not self.todo:
                return None
            step, cause = self.todo.popleft()
            if type(step) in _TAKES and (first := self._firm_first(step)):
                self.todo.extendleft(reversed([*first, (step, cause)]))
                continue
            answer = STEPS[type(step)](self.state, step, self.desk)
            if isinstance(answer, list):
                if following := [one for fact in answer for one in self._fold(fact, cause)]:
                    self.todo.extendleft(reversed(following))
            elif not isinstance(answer, Refusal):
                self.todo.appendleft((answer, cause))
            elif cause is not None:
                self.todo = deque(one for one in self.todo if one[1] is not cause)
                held = not isinstance(step, book.HoldPlan)
                self.todo.appendleft((self._lose(cause, answer, self.lacks.get(cause.order_id, ()), held=held), None))
            else:
                self._note(ask, step, answer)
                return answer
        raise AssertionError(f"{type(ask).__name__}: more than {STEPS_MAX} steps")

    def _note(self, ask: msgspec.Struct, step: msgspec.Struct, refusal: Refusal) -> None:
        """Keep what space was refused; what is no name is no wish."""
        if isinstance(step, book.HoldPlan):
            standby = step.standby.uses if step.standby is not None else ()
            self._fold(booking.PlanRefused(step.hold_id, step.by, step.uses, refusal, standby), None)
        elif isinstance(step, space.HoldSpace) and refusal.lack is not None:
            by = space.claimant(step.company, step.wish, self.desk)
            self._fold(booking.PlanRefused(step.hold_id, by, step.wish.uses, refusal), None)
        elif isinstance(ask, space.ChangeSpace) and refusal.code not in ("unknown", "barred"):
            plan = booking.find_plan(self.state, ask.hold_id)
            if plan is not None:
                added = step.added if isinstance(step, book.ChangePlan) else ()  # with what it counts on besides
                wanted = {use.resource: use for use in (*ask.uses, *added)}
                self._fold(booking.ChangeRefused(ask.hold_id, plan.by, tuple(wanted.values()), refusal), None)

    def _firm_first(self, step: msgspec.Struct) -> list[tuple[msgspec.Struct, Sourced | None]]:
        """Loans that fit by claim by now, since something was released, are firm before anybody else is served.

        Returns what to ask before that: it may be refused, and standbys that nobody needs are in nobody's way.
        """
        uses = step.uses if isinstance(step, book.HoldPlan) else step.added if isinstance(step, book.ChangePlan) else ()
        names = [step.resource] if isinstance(step, fair_round.CloseSpaceRound) else [use.resource for use in uses]
        resources = share.with_loans(self.state, names)
        firmed = share.firm_up(self.state, share.FirmUp(resources), self.desk) if resources else []
        return [ask for fact in firmed for ask in self._fold(fact, None)]

    def _lose(self, sourced: Sourced, why: Refusal, before: tuple[Refusal, ...], *, held: bool) -> LosePlan:
        lacks = self.lacks[sourced.order_id] = (why, *before)
        return LosePlan(sourced, lacks, held)

    def _fold(self, fact: msgspec.Struct, cause: Sourced | None) -> list[tuple[msgspec.Struct, Sourced | None]]:
        """Fold a fact. Returns what to ask after it."""
        state = self.state
        asks = [(ask, cause) for ask in book.asks_after(state, fact)] if type(fact) in book.FREES else []
        sourced = fact if isinstance(fact, Sourced) else cause
        if isinstance(fact, waits.PlanQueued) and cause is not None:
            fact = msgspec.structs.replace(fact, sourced=cause, lacks=self.lacks.get(cause.order_id, ()))
        elif isinstance(fact, booking.PlanHeld | booking.PlanRefused):
            waited = state[waits.Queued].find(fact.hold_id)
            sourced = waited.sourced if waited is not None else cause
            if waited is not None and sourced is not None and isinstance(fact, booking.PlanRefused):
                asks.append((self._lose(sourced, fact.refusal, waited.lacks, held=False), None))
        if self.desk.see is not None:
            self.desk.see(fact)
        evolve(state, fact)
        self.facts.append(fact)
        after = AFTER.get(type(fact))
        return asks if after is None else [*asks, *((ask, sourced) for ask in after(state, fact, sourced, self.desk))]


def look_again(state: State, desk: Desk) -> list[msgspec.Struct]:
    """The facts of looking again at orders that were struck: those with the earliest promise, as many as policy lets.

    Comes after the asks of each message, whatever it was about; those that are left wait for the next message. A new
    plan may recall what others had on loan: those are struck by it, or have fallen back and are struck no more.
    """
    facts: list[msgspec.Struct] = []
    left = desk.world.policy.replans_max
    while left and (asks := replan.queue(state, left)):
        for ask in asks:
            if state[disrupt.Struck].find(ask.order_id) is not None:
                facts += decide(state, ask, desk)[0]
        left -= len(asks)
    released.note(state, desk)
    return facts
