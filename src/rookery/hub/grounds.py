"""Why somebody has shared space, or has not: the rule, the numbers at that moment, who held what, what was lacking.

Everything that happened to a plan's space is told with the numbers at its holder and above, as they were before it:
all earlier facts are folded, the same test is asked again, and whether it comes to what was decided is said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from rookery.hub.as_of import Dates, heard_line
from rookery.hub.cut_again import cut_lines
from rookery.hub.lending import Lending, amounts_text, lender_of, less_lines, list_lendings
from rookery.hub.look import Look
from rookery.hub.recall_again import Judged, Recall, RecallsAgain, judge_again, recall_lines
from rookery.hub.refused_again import again_lines
from rookery.hub.retrace import retrace
from rookery.hub.round_again import RoundsAgain, round_lines
from rookery.hub.shares import shared_out
from rookery.hub.space_of import as_changed, list_grounds
from rookery.hub.winners import AMOUNTS, list_allotted
from rookery.journey.account import Account, Use
from rookery.journey.book import changes_as
from rookery.journey.booking import (
    EXPIRED,
    ChangeRefused,
    HoldReleased,
    PlanChanged,
    PlanGivenBack,
    PlanHeld,
    PlanRecalled,
    PlanRefused,
    find_plan,
)
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.desk import Desk, World
from rookery.journey.network.rows import ANY
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderRefused, Waiting
from rookery.journey.share import FOREVER, Claimant, LoanFirmed, Space, Verdict, judge
from rookery.journey.standing import Rung
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanLeft, PlanQueued, PlanWaits, Queued
from rookery.ledger.log import StoredFact
from rookery.units import instant_text, money_text, span_text

FIRM = "accepted: with it no claim on the way up is above its ceiling; nobody can recall it"
LENT = "borrowed: there is room, but not by claim; it can be recalled"
GIVEN = "accepted: it stands on what another holder gives for good"
BY_LIMIT = {
    "capacity": "what is used leaves too little room",
    "claim": "the claims of all would be above the capacity: what is not used is kept for others",
    "ceiling": "a claim would be above the most that its holder may claim",
    "allotment": "what its holder may use of these departures together leaves too little room",
    "bid_price": "it is worth less than what is left over has to earn",
    "round": "a request whose turn was before did not fit, and nobody is served in its place",
    "closed": "nothing more is accepted there",
}


def ground_lines(look: Look, id_: bytes, world: World, *, named: bool = True) -> list[str]:
    """What happened to the space of an order or hold, and why; nothing where none of it is shared.

    named  other holders by name, as the network's operator sees them; else they are others
    Cost   folding all facts up to the last one told
    """
    todo = {stored.seq: stored for stored in list_grounds(look, id_)}
    lines, rounds, dates = list[str](), RoundsAgain(look, world, id_), Dates(world)
    recalls = RecallsAgain(look, world, set(todo))
    last = max((seq for seq, stored in todo.items() if _ends_round(stored, id_)), default=0)
    for stored, state in retrace(look.ledger) if todo else ():
        again, at = rounds.find(stored, state), dates.at(stored, state)
        recall = recalls.find(stored, state, at)
        if stored.seq in todo:
            if again is not None and stored.seq < last and isinstance(stored.fact, PlanWaits) and stored.about == id_:
                lines += rounds.earlier_lines(again, stored, named=named)
                continue
            lines += _At(stored, state, world, look, named, id_, at, recall).lines()
            if again is not None and stored.about == id_:
                lines += round_lines(again, world, named=named)
            if stored.seq == max(todo):
                break
    return lines


def _ends_round(stored: StoredFact, id_: bytes) -> bool:
    """True of what a round came to for a plan."""
    return stored.about == id_ and isinstance(stored.fact, PlanWaits | PlanHeld | PlanRefused)


@dataclass(frozen=True, slots=True)
class _At:
    """A fact at its moment: the state as it was before it.

    now     when it was decided, however late that is heard
    recall  all that its request recalled, decided again; None: nothing
    """

    stored: StoredFact
    state: State
    world: World
    look: Look
    named: bool
    id_: bytes
    now: int
    recall: Recall | None

    def lines(self) -> list[str]:
        """The fact as a person reads it."""
        body = list(self._body(self.stored.fact))
        if not body:
            return []
        lines = [f"space {instant_text(self.now)}  fact {self.stored.seq}"]
        if self.now < self.stored.heard_at:
            what = "closed" if self.state[Queued].find(self.id_) is not None else "found out"
            lines.append(f"  {what} by {heard_line(self.look, self.stored, named=self.named)}")
        return [*lines, *body]

    @property
    def desk(self) -> Desk:
        """Where it was decided."""
        return Desk(self.world, self.now, lambda: b"")

    def _body(self, fact: Any) -> Iterator[str]:
        match fact:
            case PlanHeld(uses=uses, by=by, spaces=spaces):
                yield from self._accepted(uses, by, spaces, "standby: " if fact.standby_of else "")
            case PlanChanged(added=added, spaces=spaces):
                plan = find_plan(self.state, fact.hold_id)
                yield from less_lines(fact, self.state)
                yield from self._accepted(added, changes_as(plan.by) if plan else Claimant(), spaces, "moved: ")
            case ChangeRefused() as no:
                yield "  a change was refused: the space stays as it was"
                yield from self._refused(no.refusal, no.by, no.uses, check=True)
            case PlanQueued() as waits:
                yield f"  waits for the round of {waits.resource}"
                yield f"    that closes at {instant_text(waits.closes_at)}, as it asks for more there than"
                yield f"    {self._name(waits.ask.by.holder, waits.ask.by.holder)} is guaranteed"
            case PlanWaits(refusal=refusal, closes_at=closes_at):
                yield f"  not served; waits for the round that closes at {instant_text(closes_at)}"
                yield from self._refused(refusal, check=False)
            case PlanRefused(refusal=refusal, by=by, uses=uses):
                waited = self.state[Queued].find(fact.hold_id)
                yield f"  not served by the round of {waited.resource}" if waited is not None else "  refused"
                if self.state[Order].find(fact.hold_id) is None:  # else what comes of the order says it next
                    yield from self._refused(refusal, by, uses, check=waited is None)
            case PlanOvertaken(reason=reason):
                yield "  the plan that was chosen could not be held; planned again"
                yield from self._refused(reason, check=False)
            case OrderRefused(reasons=reasons):
                yield "  refused"
                earlier = self._told_before()
                for reason in reasons:
                    if reason in earlier:
                        yield f"  {reason.thing}"
                        yield f"    {reason.code}, as was told when that plan was lost"
                    elif reason.lack is not None:
                        yield from self._refused(reason, check=not self._in_round)
            case Sourced() as taken:
                yield from self._missed(taken)
            case _:
                yield from self._lost(fact)

    def _told_before(self) -> list[Refusal]:
        """Why earlier plans were not held: numbers of those moments."""
        facts = [one.fact for one in self.look.ledger.list_facts(about=self.id_) if one.seq < self.stored.seq]
        return [fact.reason for fact in facts if isinstance(fact, PlanOvertaken)]

    @property
    def _in_round(self) -> bool:
        """True if it was decided with others, in a round of orders or of a resource: not by what was held alone."""
        return self.state[Waiting].find(self.id_) is not None or self._came_now(PlanRefused)

    def _came_now(self, kind: type[Any]) -> bool:
        """True if the same message led to such a fact about it."""
        facts = self.look.ledger.list_facts(about=self.id_)
        return any(isinstance(one.fact, kind) and one.message == self.stored.message for one in facts)

    def _lost(self, fact: Any) -> Iterator[str]:
        match fact:
            case PlanRecalled(by=b""):
                yield "  it falls back to its standby, since capacity was lost"
            case PlanRecalled() as gone:
                yield from recall_lines(gone, self.recall, self.state, self.id_, self._name, named=self.named)
            case LoanFirmed(resource=resource):
                loan = self.state[Loan].find(loan_name(resource, fact.hold_id))
                due = loan is not None and loan.from_at and loan.from_at <= self.now
                why = "its instant has come" if due else "it fits by claim, since something became free"
                yield f"  firm: {resource}"
                yield f"    nobody can recall it any more: {why}"
            case HoldReleased(why=why):
                unseen = why == EXPIRED and self._came_now(PlanHeld)
                yield f"  free again: {why}{' before anybody asked' if unseen else ''}"
            case PlanGivenBack():
                yield "  free again: given back"
            case PlanLeft(why=why):
                yield f"  waits no more: {why}"
            case CapacityChanged() as cut:
                yield from self._cut(cut)
            case SpaceLost(owner=owner, resource=resource):
                yield f"  lost: {resource}"
                yield f"    there is nothing to fall back to: a case for {owner}"

    # --- accepted

    def _accepted(
        self,
        uses: Iterable[Use],
        by: Claimant,
        spaces: tuple[Space, ...],
        what: str,
    ) -> Iterator[str]:
        where = {space.resource: space for space in spaces}
        lent = {one.resource: one for one in list_lendings(self.stored.fact, self.state, self.desk)}
        for use in uses:
            if not self.world.sharing.is_shared(use.resource):
                continue
            space = where.get(use.resource)
            yield f"  {what}{use.resource}"
            yield f"    {amounts_text(use.amounts.items())} for {self._name(by.holder, by.holder)}"
            for line in (*self._rule(space, by), *self._lender_lines(lent.get(use.resource), by)):
                yield f"    {line}"
            rungs, verdict = self._judged(use, by)
            yield from self._rung_lines(rungs, by.holder)
            yield f"    {self._agrees(verdict, by, space)}"

    def _rule(self, space: Space | None, by: Claimant) -> tuple[str, ...]:
        if space is None:
            return (FIRM,)
        if not space.from_at:
            return (f"{GIVEN}: {self._name(space.holder, by.holder)}",)
        lender = f"; the lender is {self._name(lender_of(space), by.holder)}" if space.lender else ""
        when = f"until {instant_text(space.from_at)}, then firm" if space.from_at < FOREVER else "at any time"
        return LENT, f"  {when}{lender}"

    def _lender_lines(self, lending: Lending | None, by: Claimant) -> Iterator[str]:
        """What of a loan its lender has to lend, where that is not all: told to the operator only."""
        if self.named and lending is not None and lending.of_nobody and lending.lender != ANY:
            own = amounts_text(lending.of_lender.items()) or "nothing"
            yield f"  {self._name(lending.lender, by.holder)} has {own} left to lend;"
            yield f"  nobody in particular lends {amounts_text(lending.of_nobody.items())}"

    def _rung_lines(self, rungs: list[Rung], holder: str) -> Iterator[str]:
        """The way up in the dimension that is nearest to its limit."""
        tightest = max(rungs, key=_tightness, default=None)
        for rung in rungs:
            if tightest is not None and rung.stand.dimension == tightest.stand.dimension:
                yield f"      {self._name(rung.stand.holder, holder)}: {_claim_text(rung)}"
                if rung.stand.kept:
                    left = max(0, rung.stand.kept - rung.stand.used - rung.more)
                    yield f"        {left:,} of its guarantee of {rung.stand.kept:,} left"

    def _judged(self, use: Use, by: Claimant) -> Judged:
        """As it was decided: before what it recalled itself, and without what it gave back."""
        if self.recall is not None:
            return self.recall.judged[use.resource]
        with as_changed(self.state, self.stored.fact, use.resource):
            return judge_again(self.state, use, by, self.desk)

    def _agrees(self, verdict: Verdict, by: Claimant, space: Space | None) -> str:
        if verdict.refusal is not None:
            return f"recomputed from all facts before: DIFFERS, {verdict.refusal}"
        if verdict.space != space:
            return f"recomputed from all facts before: DIFFERS, {' '.join(self._rule(verdict.space, by))}"
        return "recomputed from all facts before: the same"

    # --- refused

    def _refused(
        self, refusal: Refusal, by: Claimant | None = None, uses: tuple[Use, ...] = (), *, check: bool
    ) -> Iterator[str]:
        lack = refusal.lack
        if lack is None:
            yield f"    {refusal}"
            yield from again_lines(self.stored, refusal, self.state, self.desk, self.look) if check else ()
            return
        yield f"  {lack.resource}"
        yield f"    {BY_LIMIT.get(lack.limit, lack.limit)}"
        yield from self._lack_lines(lack)
        yield from self._holding(lack)
        if check and lack.limit in (*AMOUNTS, "closed"):
            yield f"    {self._same_lack(lack, by, uses)}"
        elif check:
            yield from again_lines(self.stored, refusal, self.state, self.desk, self.look)

    def _lack_lines(self, lack: Lack) -> Iterator[str]:
        at = self._name(lack.at or ANY, lack.by)
        if lack.limit == "round" and lack.dimension:
            yield f"    asked {lack.asked:,} {lack.dimension}; {lack.most:,} were free by claim after the round"
            yield f"      {at}: claim {lack.claim:,} of at most {lack.ceiling:,} {lack.dimension}"
        if lack.limit in AMOUNTS:
            yield f"    asked {lack.asked:,} {lack.dimension}; {lack.most:,} would have been had"
            whose = "claim" if lack.limit in ("claim", "ceiling") else "use"
            yield f"      {at}: {whose} would be {lack.claim:,} of at most {lack.ceiling:,} {lack.dimension}"
            yield f"    what it lacked: {lack.asked - lack.most:,} {lack.dimension}"
        elif lack.limit == "bid_price":
            currency = self.look.currency
            worth, price = money_text(lack.asked, currency), money_text(lack.ceiling, currency)
            yield f"    worth {worth}, where what is left over has to earn {price}"
            yield f"    what it lacked: {money_text(lack.ceiling - lack.asked, currency)}"
        elif lack.limit == "round":
            yield f"    the limit that was reached is that of {at}"
        if lack.firm_at:
            yield f"    it would be free for all from {instant_text(lack.firm_at)} on"
        for one in lack.kept if self.named else ():
            until = f", released {instant_text(one.release_at)}" if one.release_at else ""
            yield f"      kept for {self._name(one.holder, lack.by)}: {one.amount:,} {lack.dimension}{until}"
        if lack.kept and not self.named:
            yield f"      kept for others: {sum(one.amount for one in lack.kept):,} {lack.dimension}"

    def _holding(self, lack: Lack) -> Iterator[str]:
        """Who used what of it at that moment."""
        account = self.state[Account].find(lack.resource)
        shared = account is not None and account.firm is not None
        for winner in list_allotted(lack, self.state) if lack.limit == "allotment" else ():
            if self.named or winner.holder == lack.by:
                yield f"      used by {self._name(winner.holder, lack.by)}: {winner.used:,} {lack.dimension}"
        for one in shared_out(account, self.state, self.desk) if account is not None and shared else ():
            if one.dimension == (lack.dimension or one.dimension):
                for part in one.parts:
                    if part.firm + part.borrowed and (self.named or part.holder == lack.by):
                        lent = f", {part.borrowed:,} of it borrowed" if part.borrowed else ""
                        total = part.firm + part.borrowed
                        yield f"      used by {self._name(part.holder, lack.by)}: {total:,} {one.dimension}{lent}"
                break

    def _same_lack(self, lack: Lack, by: Claimant | None, uses: tuple[Use, ...]) -> str:
        asked = {lack.dimension: lack.asked} if lack.dimension else {}
        own = next((use for use in uses if use.resource == lack.resource), None)
        use = own or Use(lack.resource, asked)
        if by is not None and own is None:  # of a standby, which borrows nothing
            by = msgspec.structs.replace(by, borrows=False)
        account = self.state[Account].find(lack.resource)
        limits = self.world.limits_of(lack.resource) if account is None else account.limits
        with as_changed(self.state, self.stored.fact, use.resource):
            found = judge(self.state, use, limits, by or Claimant(lack.by or ANY), self.desk).refusal
        again = found.lack if found is not None else None
        if again is None:
            return "recomputed from all facts before: DIFFERS, it could be had"
        pairs = ((one.limit, one.at, one.dimension, one.claim, one.ceiling, one.most) for one in (lack, again))
        return f"recomputed from all facts before: {'the same' if len(set(pairs)) == 1 else f'DIFFERS, {found}'}"

    # --- moved

    def _cut(self, cut: CapacityChanged) -> Iterator[str]:
        """Capacity was lost: this had to go, or keeps its space on that of others."""
        plan = find_plan(self.state, self.id_)
        own = plan.by.holder if plan is not None else ANY
        yield from cut_lines(
            cut, self.state, self.id_, self.desk, lambda holder: self._name(holder, own), named=self.named
        )

    def _missed(self, taken: Sourced) -> Iterator[str]:
        cost = sum(part.plan.cost_minor for part in taken.parts)
        arrives_at = max((part.plan.arrives_at for part in taken.parts), default=0)
        for one in taken.missed:
            more = money_text(cost - one.cost_minor, self.look.currency)
            later = arrives_at - one.arrives_at
            when = f"{span_text(later)} later" if later > 0 else f"{span_text(-later)} earlier" if later else "as early"
            yield f"  missed: a plan for {more} less; the one that was taken arrives {when}"
            yield from self._refused(one.reason, check=False)

    # --- names

    def _name(self, holder: str, own: str) -> str:
        if holder == ANY:
            return "the network"
        if self.named or holder == own or (own in self.world.sharing.rows and holder in self.world.sharing.above(own)):
            return holder
        return "another holder"


def _tightness(rung: Rung) -> float:
    return rung.raised / rung.stand.ceiling if rung.stand.ceiling else 0.0


def _claim_text(rung: Rung) -> str:
    stand = rung.stand
    claim = f"stays {stand.claim:,}" if rung.raised == stand.claim else f"{stand.claim:,} -> {rung.raised:,}"
    most = f", at most {stand.ceiling:,}" if stand.ceiling is not None else ""
    return f"claim {claim} {stand.dimension}{most}{': ABOVE IT' if rung.binds else ''}"
