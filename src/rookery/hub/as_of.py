"""As of when a fact was decided, which may be before the message was heard with which it was found out."""

from collections.abc import Iterator

from rookery.hub.look import Look
from rookery.hub.retrace import retrace
from rookery.journey.booking import EXPIRED, Hold, HoldReleased, PlanHeld, PlanRecalled
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.desk import World
from rookery.journey.disrupt import ReplanFailed, Replanned, Struck
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderRefused
from rookery.journey.share import LoanFirmed
from rookery.journey.state import State
from rookery.journey.tally import Loan, loan_name
from rookery.journey.waits import PlanQueued, Queued, RoundClosed
from rookery.ledger.log import Ledger, StoredFact
from rookery.units import instant_text


class Dates:
    """As of when facts were decided: of a round and what follows of it when it closes, of an expiry when that comes.

    To be asked of every fact, in order: what a round did to a plan tells of when what follows for that plan is.
    """

    def __init__(self, world: World):
        self._hold_s = world.policy.hold_s
        self._message = 0
        self._rounds: dict[bytes, int] = {}  # of the message: plans that waited for a round, and when it closes
        self._recalled: dict[bytes, int] = {}  # of the message: plans that were recalled, and as of when

    def at(self, stored: StoredFact, state: State) -> int:
        """When a fact was decided; the state is as it was before it."""
        if stored.message != self._message:
            self._message = stored.message
            self._rounds.clear()
            self._recalled.clear()
        fact = stored.fact
        by = fact.by if isinstance(fact, PlanRecalled) else stored.about
        waits = state[Queued].find(by) if by else None
        if waits is not None and waits.closes_at < stored.heard_at:
            self._rounds[by] = waits.closes_at
        at = self._decided_at(stored, state, waits, self._rounds.get(by, 0))
        at = at if 0 < at < stored.heard_at else stored.heard_at
        if isinstance(fact, PlanRecalled):
            self._recalled[stored.about] = at
        elif isinstance(fact, CapacityChanged):
            self._recalled.update(dict.fromkeys(fact.moved, at))
        return at

    def _decided_at(self, stored: StoredFact, state: State, waits: Queued | None, round_at: int) -> int:
        """The instant, which may be later than the message; 0: that of the message."""
        match stored.fact:
            case HoldReleased(hold_id=hold_id, why=why) if why == EXPIRED:
                return state[Hold].get(hold_id).expires_at
            case LoanFirmed(hold_id=hold_id, resource=resource):
                loan = state[Loan].find(loan_name(resource, hold_id))
                return loan.from_at if loan is not None else 0
            case RoundClosed(closes_at=closes_at):
                return closes_at
            case PlanHeld(hold_id=hold_id) if waits is None and state[Order].find(hold_id) is not None:
                return stored.fact.expires_at - self._hold_s
            case PlanRecalled() | PlanQueued() | Sourced() | OrderRefused() | PlanOvertaken():
                return round_at
            case SpaceLost():
                return self._recalled.get(stored.about, 0)
            case Replanned() | ReplanFailed() if state[Struck].find(stored.about) is None:
                return self._recalled.get(stored.about, 0)
        return waits.closes_at if waits is not None else 0


def dated(ledger: Ledger, world: World, to_at: int) -> Iterator[tuple[StoredFact, State, int]]:
    """The facts that were decided before an instant, each with the state before it and as of when that was.

    A message that is heard later may tell some, but only the first one: with it all is decided that is due by then.
    """
    dates, last = Dates(world), 0
    for stored, state in retrace(ledger):
        if stored.heard_at >= to_at and last not in (0, stored.message):
            return
        last = stored.message if stored.heard_at >= to_at else 0
        at = dates.at(stored, state)
        if at < to_at:
            yield stored, state, at


def heard_line(look: Look, stored: StoredFact, *, named: bool) -> str:
    """The message with which a fact was found out; whose it is if that may be named."""
    by = look.ledger.get_message(stored.message)
    what = f"{by.kind} {by.key} of {by.sender}" if named else "a message"
    return f"{what}, heard at {instant_text(by.heard_at)}"
