"""What became of space that is neither held nor used any more, for the company that had it."""

from collections.abc import Sequence
from typing import Any, Literal

from rookery.journey.booking import EXPIRED, HoldReleased, PlanGivenBack, PlanHeld, PlanRefused
from rookery.journey.space import ChangeSpace, ReleaseSpace, TakeSpace
from rookery.journey.state import Refusal
from rookery.journey.waits import PlanLeft, PlanQueued, PlanWaits
from rookery.units import instant_text

EndStatus = Literal["refused", "expired", "released"]
Dated = tuple[Any, int]  # a fact, and when it was heard
NAMING = (TakeSpace, ChangeSpace, ReleaseSpace)  # asks that name a space


def with_end(refusal: Refusal, facts: Sequence[Dated], sender: str) -> Refusal:
    """The refusal of an id that is nobody's any more, with what has ended it; of another's space it says no more.

    facts  all about that id, in order
    """
    brought = next((fact for fact, _ in facts if isinstance(fact, PlanHeld | PlanQueued | PlanRefused)), None)
    if refusal.code != "unknown" or brought is None or asked_by(brought) != sender:
        return refusal
    found = _ended([fact for fact, _ in facts], facts[-1][1])
    return Refusal("closed", "space", "one that is held or taken", found, "hold anew") if found else refusal


def asked_by(fact: PlanHeld | PlanQueued | PlanRefused) -> str:
    """The company that asked for the space without an order; blank: an order's, or a standby."""
    if isinstance(fact, PlanQueued):
        return fact.ask.by.company
    return "" if isinstance(fact, PlanHeld) and fact.standby_of else fact.by.company


def end_status(last: Any) -> EndStatus:
    """How space stands that is gone, by the last fact about it."""
    match last:
        case PlanRefused():
            return "refused"
        case HoldReleased(why=why) if why == EXPIRED:
            return "expired"
    return "released"


def _ended(facts: list[Any], at: int) -> str:
    """What the last of these says of the end; blank: nothing. `at`: when that was heard."""
    match facts[-1]:
        case HoldReleased(why=why) if why == EXPIRED:
            expires_at = [fact.expires_at for fact in facts if isinstance(fact, PlanHeld)][-1]
            return f"one that expired at {instant_text(expires_at)}"
        case HoldReleased(why=why) | PlanLeft(why=why):
            return f"one that is free since {instant_text(at)}: {why}"
        case PlanGivenBack():
            return f"one that was given back at {instant_text(at)}"
        case PlanRefused(refusal=why):
            closed_at = [fact.closes_at for fact in facts if isinstance(fact, PlanQueued | PlanWaits)][-1:]
            return f"one that was refused at {instant_text(*closed_at or (at,))}: {why.code}"
    return ""
