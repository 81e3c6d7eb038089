"""As of when a fact was decided, which may be before the message was heard with which it was found out."""

from rookery.hub.look import Look
from rookery.journey.booking import EXPIRED, Hold, HoldReleased, PlanHeld, PlanRecalled
from rookery.journey.desk import World
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderRefused
from rookery.journey.share import LoanFirmed
from rookery.journey.state import State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanQueued, Queued
from rookery.ledger.log import StoredFact
from rookery.units import instant_text


def as_of(stored: StoredFact, state: State, world: World, round_at: int) -> int:
    """When a fact was decided: of a round and what follows of it when it closes, of an expiry when that comes.

    state     as it was before the fact
    round_at  when the round closes that the same message closed for the plan before; 0: none
    """
    fact = stored.fact
    waits = state[Queued].find(fact.by if isinstance(fact, PlanRecalled) else stored.about)
    at = waits.closes_at if waits is not None else 0
    match fact:
        case HoldReleased(hold_id=hold_id, why=why) if why == EXPIRED:
            at = state[Hold].get(hold_id).expires_at
        case LoanFirmed(hold_id=hold_id, resource=resource):
            loan = state[Loan].find(loan_name(resource, hold_id))
            at = loan.from_at if loan is not None else 0
        case PlanHeld(hold_id=hold_id) if not at and state[Order].find(hold_id) is not None:
            at = fact.expires_at - world.policy.hold_s
        case PlanQueued() | Sourced() | OrderRefused() | PlanOvertaken():
            at = round_at
    return at if 0 < at < stored.heard_at else stored.heard_at


def heard_line(look: Look, stored: StoredFact, *, named: bool) -> str:
    """The message with which a fact was found out; whose it is if that may be named."""
    by = look.ledger.get_message(stored.message)
    what = f"{by.kind} {by.key} of {by.sender}" if named else "a message"
    return f"{what}, heard at {instant_text(by.heard_at)}"
