"""What is told to whoever asks for space: how each use stands, and no more of others than concerns it."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from rookery.hub.access import NETWORK
from rookery.journey.account import Amounts, Use
from rookery.journey.booking import PlanChanged, PlanHeld, find_plan
from rookery.journey.share import FOREVER, Space
from rookery.journey.space import ChangeSpace, HoldSpace, QuoteSpace, SpaceQuoted
from rookery.journey.state import Refusal, State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanQueued


class SpaceTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a use stands.

    stands  firm: nobody recalls it; borrowed: it can be recalled until `until`, and is firm from then on; waits: for a
            round that closes at `until`
    until   seconds since the epoch; 0: firm, or borrowed without an end
    lender  whose unused guarantee it stands on; told to the network's operator only
    """

    resource: str
    amounts: Amounts
    stands: Literal["firm", "borrowed", "waits"]
    until: int = 0
    lender: str = ""


def spaces_told(asks: list[Any], facts: list[Any], state: State, sender: str) -> tuple[tuple[SpaceTold, ...], int]:
    """How the uses stand that a quote, a hold or a change is about, and when the hold expires; 0: it does not.

    state  after these facts
    """
    for ask in (one for one in asks if isinstance(one, QuoteSpace | HoldSpace | ChangeSpace)):
        for fact in facts:
            if isinstance(ask, QuoteSpace) and isinstance(fact, SpaceQuoted):
                return list_told(fact.uses, fact.spaces, sender, fact.closes_at), 0
            if isinstance(ask, HoldSpace) and isinstance(fact, PlanQueued) and fact.hold_id == ask.hold_id:
                return list_told(fact.ask.uses, (), sender, fact.closes_at), 0
            if isinstance(ask, HoldSpace) and isinstance(fact, PlanHeld) and fact.hold_id == ask.hold_id:
                return list_told(fact.uses, fact.spaces, sender), fact.expires_at
            if isinstance(ask, ChangeSpace) and isinstance(fact, PlanChanged) and fact.hold_id == ask.hold_id:
                return (*list_told(fact.added, fact.spaces, sender), *_list_less(fact, state, sender)), 0
    return (), 0


def _list_less(fact: PlanChanged, state: State, sender: str) -> tuple[SpaceTold, ...]:
    """How what is left of uses stands of which some was given back."""
    plan, names = find_plan(state, fact.hold_id), {use.resource for use in fact.less}
    left = tuple(use for use in plan.uses if use.resource in names) if plan is not None else ()
    return stands_now(left, fact.hold_id, state, sender)


def stands_now(uses: tuple[Use, ...], hold_id: bytes, state: State, sender: str) -> tuple[SpaceTold, ...]:
    """How uses of what is held or taken stand in a state, as a sender may see it."""
    loans = [loan for use in uses if (loan := state[Loan].find(loan_name(use.resource, hold_id))) is not None]
    spaces = tuple(Space(one.resource, one.holder, one.from_at or FOREVER, one.lender) for one in loans)
    return list_told(uses, spaces, sender)


def until(loan: Space) -> int:
    """Until when a loan can be recalled; 0: as long as it stands."""
    return loan.from_at if loan.from_at < FOREVER else 0


def list_told(
    uses: tuple[Use, ...], spaces: tuple[Space, ...], sender: str = "", closes_at: int = 0
) -> tuple[SpaceTold, ...]:
    """How uses stand, as a sender may see it; closes_at: they wait for a round."""
    if closes_at:
        return tuple(SpaceTold(use.resource, use.amounts, "waits", closes_at) for use in uses)
    lent = {space.resource: space for space in spaces if space.from_at}
    told = []
    for use in uses:
        loan = lent.get(use.resource)
        lender = loan.lender if loan is not None and sender == NETWORK else ""
        told.append(
            SpaceTold(use.resource, use.amounts, "borrowed" if loan else "firm", until(loan) if loan else 0, lender)
        )
    return tuple(told)


def refusals_told(refusals: Iterable[Refusal], sender: str) -> tuple[Refusal, ...]:
    """Refusals as a sender may see them: what is kept for other holders is told to the network's operator only."""
    return tuple(one if sender == NETWORK else _without_others(one) for one in refusals)


def _without_others(refusal: Refusal) -> Refusal:
    lack = refusal.lack
    if lack is None or not lack.kept:
        return refusal
    return msgspec.structs.replace(refusal, lack=msgspec.structs.replace(lack, kept=()))
