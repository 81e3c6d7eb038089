"""A recall, decided again from the facts before it: which limit could not be kept, and why this loan had to go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rookery.hub.lending import amounts_text, lender_of
from rookery.hub.look import Look
from rookery.journey.account import Account, Use
from rookery.journey.book import changes_as
from rookery.journey.booking import PlanChanged, PlanHeld, PlanRecalled, changed, find_plan
from rookery.journey.desk import Desk, World
from rookery.journey.order import Order
from rookery.journey.recalling import Strain, find_gone
from rookery.journey.share import Claimant, Verdict, judge
from rookery.journey.standing import Rung, list_rungs
from rookery.journey.state import State
from rookery.journey.tally import Loan, loan_name
from rookery.ledger.log import StoredFact
from rookery.units import instant_text

Name = Callable[[str], str]
Asked = list[tuple[Use, Claimant]]
Lost = tuple[bytes, tuple[str, ...]]  # a plan, and what of it was recalled
Judged = tuple[list[Rung], Verdict]  # the way up from a holder that asks for a use, and what becomes of that


@dataclass(frozen=True, slots=True)
class Recall:
    """All that one request recalled, decided again. `is_same`: plan by plan.

    asked    what it asked for of each resource
    judged   what became of that: all of it was decided before anything was recalled
    strains  what each loan had to ease, by its name
    """

    is_same: bool
    asked: dict[str, Use]
    judged: dict[str, Judged]
    strains: dict[str, Strain]


class RecallsAgain:
    """What requests recalled. To be asked of every fact, in order; `todo`: numbers of the facts that are told."""

    def __init__(self, look: Look, world: World, todo: set[int]):
        self._look, self._world, self._todo = look, world, todo
        self._seqs: set[int] = set()  # of the request: its recalls, and what it was given
        self._known: Recall | None = None

    def find(self, stored: StoredFact, state: State, now: int) -> Recall | None:
        """What the request recalled that a fact is about; None: it recalled nothing, or it is not to be told."""
        if stored.seq in self._seqs:
            return self._known
        if not isinstance(stored.fact, PlanRecalled) or not stored.fact.by:
            return None
        self._known = self._decide(stored, state, Desk(self._world, now, lambda: b""))  # nothing of it is folded
        return self._known

    def _decide(self, first: StoredFact, state: State, desk: Desk) -> Recall | None:
        """All that the request recalled, from the first fact of it on."""
        gone, asks = list[Lost](), list[Any]()
        self._seqs = seqs = set[int]()
        for stored in self._look.ledger.list_facts(after=first.seq - 1):
            match stored.fact:
                case PlanRecalled(hold_id=hold_id, resources=resources, by=by) if by == first.fact.by and not asks:
                    gone.append((hold_id, resources))
                case PlanHeld() | PlanChanged() if not asks or _is_standby(stored.fact, asks[0]):
                    asks.append(stored.fact)
                case _:
                    break
            seqs.add(stored.seq)
        if not seqs & self._todo:
            return None
        with state.trial():
            return _again(gone, [one for fact in asks for one in _asked(fact, state)], state, desk)


def _is_standby(fact: Any, held: Any) -> bool:
    """True of what is held besides, for a plan that was held just before."""
    return isinstance(fact, PlanHeld) and isinstance(held, PlanHeld) and held.standby == fact.hold_id


def _asked(fact: PlanHeld | PlanChanged, state: State) -> Asked:
    """What a fact gives a plan, as it was asked for; what a change gives back is free for it then."""
    if isinstance(fact, PlanHeld):
        return [(use, fact.by) for use in fact.uses]
    plan = find_plan(state, fact.hold_id)
    assert plan is not None, "what is changed is held or taken"
    changed(state, PlanChanged(fact.hold_id, fact.dropped, ()))
    return [(use, changes_as(plan.by)) for use in fact.added]


def _again(was: list[Lost], asked: Asked, state: State, desk: Desk) -> Recall:
    gone, strains = dict[bytes, list[str]](), dict[str, Strain]()
    for use, by in asked:
        for one in find_gone(state, use, by, desk):
            gone.setdefault(one.loan.hold_id, []).append(use.resource)
            strains[one.loan.loan] = one.strain
    is_same = was == [(hold_id, tuple(resources)) for hold_id, resources in gone.items()]
    judged = {use.resource: judge_again(state, use, by, desk) for use, by in asked}
    return Recall(is_same, {use.resource: use for use, _ in asked}, judged, strains)


def judge_again(state: State, use: Use, by: Claimant, desk: Desk) -> Judged:
    """What becomes of a use that is asked for, and the claims on the way up before it."""
    account = state[Account].find(use.resource)
    limits = desk.world.limits_of(use.resource) if account is None else account.limits
    return list_rungs(state, use, by.holder, desk), judge(state, use, limits, by, desk)


def recall_lines(
    gone: PlanRecalled, again: Recall | None, state: State, id_: bytes, name: Callable[[str, str], str], *, named: bool
) -> Iterator[str]:
    """A recall as it was about one plan: what it lost, or what was recalled for it. The state is as before it.

    name   a holder as it may be told to another one; named: other holders may be told at all
    """
    plan = find_plan(state, gone.hold_id)
    loser, is_loser = plan.by.holder if plan is not None else "", gone.hold_id == id_
    own = loser if is_loser else gone.holder
    yield "  recalled" if is_loser else "  for this was recalled"
    for resource in gone.resources:
        yield f"  {resource}"
        loan = state[Loan].find(loan_name(resource, gone.hold_id))
        if loan is not None:
            yield from _loan_lines(loan, state, own, name, is_whole=named or is_loser)
        use = again.asked.get(resource) if again is not None and (named or not is_loser) else None
        amounts = f": {amounts_text(use.amounts.items())}" if use is not None else ""
        yield f"    {name(gone.holder, own)} asks for what it may claim{amounts}"
        strain = again.strains.get(loan_name(resource, gone.hold_id)) if again is not None else None
        if strain is not None:
            yield from _strain_lines(strain, lambda holder: name(holder, own), named=named)
    if gone.standby:
        yield "    it falls back to its standby, which was held for it"
    else:
        is_order = state[Order].find(gone.hold_id) is not None
        yield f"    it has no standby: {'it is planned again' if is_order else 'the rest of it stays'}"
    if again is not None:
        yield f"    recomputed from all facts before: {'the same' if again.is_same else 'DIFFERS'}"


def _loan_lines(
    loan: Loan, state: State, own: str, name: Callable[[str, str], str], *, is_whole: bool
) -> Iterator[str]:
    """What was lent; how much one other holder had, and of which priority, is no company's to know."""
    lender = f"; the lender is {name(lender_of(loan), own)}" if loan.lender else ""
    amounts = amounts_text(zip(state[Account].get(loan.resource).limits, loan.amounts, strict=True))
    what = f"{amounts}, priority {loan.priority}" if is_whole else "some of it"
    yield f"    {name(loan.holder, own)} had borrowed {what}{lender}"
    until = f" until {instant_text(loan.from_at)}, and was to be firm from then on" if loan.from_at else ""
    yield f"    it could be recalled{until}"


def _strain_lines(strain: Strain, name: Name, *, named: bool) -> Iterator[str]:
    """The limit that could not be kept with this loan, and which loan goes."""
    dimension = strain.dimension
    if strain.from_at:
        begins, most = instant_text(strain.from_at), f"{strain.ceiling:,} {dimension}"
        yield f"    there is room now, {strain.used:,} {dimension} would be used; but from {begins} on"
        yield f"      {name(strain.holder)}'s claim would be {strain.claim:,} of at most {most},"
        yield "      with what is kept for others then"
        for holder, claim in strain.parts if named else ():
            yield f"        {name(holder)}: {claim:,}"
    else:
        yield f"    {strain.claim:,} {dimension} would be used, where there are {strain.ceiling:,}"
    if strain.eased_by == 1:
        yield "    no other loan there would ease that"
        return
    yield f"    {strain.eased_by:,} loans there would ease that: the lowest priority goes first, then the latest"
