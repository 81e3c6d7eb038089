"""What stands on space of others, and how much of it on the unused guarantee of the lender that is named with it.

    the named lender   has lent what it leaves unused, less what earlier loans that name it take of that
    the network        has lent the rest: what several others leave, or nobody is guaranteed

Claims tie no loan to a lender (decision 0014): this is what is told of a loan, by `rookery why` and in the report.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rookery.journey.account import Account, Amounts, Use
from rookery.journey.booking import Booking, Hold, PlanChanged, PlanHeld, changed, find_plan
from rookery.journey.capacity import CapacityChanged
from rookery.journey.cutting import amounts_on
from rookery.journey.desk import Desk
from rookery.journey.network.rows import ANY
from rookery.journey.reweigh import Reweighed
from rookery.journey.share import Space
from rookery.journey.standing import list_stands
from rookery.journey.state import State
from rookery.journey.tally import Loan, lent, loan_name
from rookery.units import instant_text


@dataclass(frozen=True, slots=True)
class Lending:
    """A use that stands on space of others from now on, lent or given for good.

    borrower  the holder whose plan it is; lender: the one that is named with it; `*`: nobody in particular
    amounts   all of it; of_lender: what of that the lender has to lend, the rest is nobody's in particular
    is_more   a loan that stood before has grown by this
    """

    borrower: str
    resource: str
    lender: str
    amounts: Amounts
    of_lender: Amounts
    is_more: bool = False

    @property
    def of_nobody(self) -> Amounts:
        """What stands on the space of nobody in particular."""
        left = {d: amount - self.of_lender.get(d, 0) for d, amount in self.amounts.items()}
        return {d: amount for d, amount in left.items() if amount}


def list_lendings(fact: Any, state: State, desk: Desk) -> Iterator[Lending]:
    """What of others' space a fact gives somebody; the state is as before it. A standby borrows nothing."""
    match fact:
        case PlanHeld(uses=uses, by=by, spaces=spaces) if not fact.standby_of:
            yield from _of_spaces(by.holder, uses, spaces, state, desk)
        case PlanChanged(added=added, spaces=spaces) if spaces:
            plan = _plan(state, fact.hold_id)
            with state.trial():  # what it gives back was free for it
                changed(state, PlanChanged(fact.hold_id, fact.dropped, ()))
                found = list(_of_spaces(plan.by.holder, added, spaces, state, desk))
            yield from found
        case CapacityChanged():
            yield from _kept(fact, state)
        case Reweighed():
            yield from _grown(fact, state, desk)


def lender_of(loan: Loan | Space) -> str:
    """The holder that is named with a loan as the one that lends; `*`: nobody in particular."""
    return loan.lender or ANY


def _of_spaces(
    borrower: str, uses: Iterable[Use], spaces: Iterable[Space], state: State, desk: Desk
) -> Iterator[Lending]:
    amounts = {use.resource: {d: a for d, a in use.amounts.items() if a} for use in uses}
    for space in spaces:
        name, lender = space.resource, lender_of(space) if space.from_at else space.holder
        own = _of_lender(state, Use(name, amounts[name]), lender, desk, gives=not space.from_at)
        yield Lending(borrower, name, lender, amounts[name], own)


def _kept(cut: CapacityChanged, state: State) -> Iterator[Lending]:
    """Who keeps space on that of others after a cut has borrowed it, unless it had before; a standby is let go."""
    for hold_id, _ in cut.lent:
        plan = _plan(state, hold_id)
        had = state[Loan].find(loan_name(cut.resource, hold_id)) is not None or _space(plan, cut.resource) is not None
        if not had and not (isinstance(plan, Hold) and plan.standby_of):
            amounts = {d: a for d, a in amounts_on(plan, cut.resource).items() if a}
            yield Lending(plan.by.holder, cut.resource, ANY, amounts, {})


def _grown(fact: Reweighed, state: State, desk: Desk) -> Iterator[Lending]:
    plan = _plan(state, fact.order_id)
    for use in fact.grown:
        loan, given = state[Loan].find(loan_name(use.resource, fact.order_id)), _space(plan, use.resource)
        if loan is not None or given is not None:
            lender = lender_of(loan) if loan is not None else given.holder if given is not None else ANY
            own = _of_lender(state, use, lender, desk, gives=loan is None)
            yield Lending(plan.by.holder, use.resource, lender, use.amounts, own, is_more=True)


def _plan(state: State, hold_id: bytes) -> Hold | Booking:
    plan = find_plan(state, hold_id)
    assert plan is not None, "what is changed or lent is held or taken"
    return plan


def _space(plan: Hold | Booking, resource: str) -> Space | None:
    """What of a plan's use of a resource was given for good."""
    return next((one for one in plan.spaces if one.resource == resource and not one.from_at), None)


def _of_lender(state: State, use: Use, lender: str, desk: Desk, *, gives: bool) -> Amounts:
    """What of a use the lender has unused, and has not lent. What it gives for good it has, whatever it has lent."""
    account = state[Account].find(use.resource)
    columns = list(account.limits) if account is not None else []
    named = [] if gives else [loan for loan in lent(state).on(use.resource) if loan.lender == lender]
    stands = list_stands(state, use.resource, desk) if lender != ANY else []
    unused = {stand.dimension: stand.unused for stand in stands if stand.holder == lender}
    own = {}
    for dimension, amount in use.amounts.items():
        most = unused.get(dimension, 0)
        before = sum(loan.amounts[columns.index(dimension)] for loan in named)
        more = min(most, before + amount) - min(most, before)
        if more:
            own[dimension] = more
    return own


def less_lines(change: PlanChanged, state: State) -> Iterator[str]:
    """What a change gives back of what it goes on using, where it is shared; the state is as before it."""
    plan = _plan(state, change.hold_id)
    for use in change.less:
        if state[Account].get(use.resource).firm is None:
            continue
        had = amounts_on(plan, use.resource)
        left = amounts_text((d, amount - use.amounts.get(d, 0)) for d, amount in had.items())
        loan = state[Loan].find(loan_name(use.resource, change.hold_id))
        until = f" until {instant_text(loan.from_at)}" if loan is not None and loan.from_at else ""
        yield f"  given back of {use.resource}"
        yield f"    {amounts_text(use.amounts.items())}: so much is accepted always"
        yield f"    {left} stay as they stood: {f'on loan, to be recalled{until}' if loan is not None else 'firm'}"


def amounts_text(amounts: Iterable[tuple[str, int]]) -> str:
    """Amounts by dimension in words; blank: none."""
    return ", ".join(f"{amount:,} {dimension}" for dimension, amount in amounts if amount)
