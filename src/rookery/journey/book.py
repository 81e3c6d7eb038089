"""All legs of a plan, or none: hold with an expiry, then take; release or let it expire.

hold ----> take ----> give back (cancelled)
  |`-----> release
  `------> expire, at its instant, swept or not
"""

import msgspec

from rookery.journey.account import Account, AccountOpened, Use, find_lack, moved
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State, ViewRow


class Hold(ViewRow, frozen=True):
    """Room kept for somebody until `expires_at`. Gone once taken, released or expired."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int


class Booking(ViewRow, frozen=True):
    """Room that a plan uses."""

    hold_id: bytes
    uses: tuple[Use, ...]


class HoldPlan(msgspec.Struct, frozen=True):
    """Ask: hold every use, or none."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int


class PlanHeld(msgspec.Struct, frozen=True):
    """Every use of the plan is held until `expires_at`."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int


class TakePlan(msgspec.Struct, frozen=True):
    """Ask: what was held is now used."""

    hold_id: bytes


class PlanTaken(msgspec.Struct, frozen=True):
    """What was held is used."""

    hold_id: bytes


class HoldReleased(msgspec.Struct, frozen=True):
    """What was held is free again, because its holder said so or its time came."""

    hold_id: bytes
    why: str


class PlanGivenBack(msgspec.Struct, frozen=True):
    """What was used is free again: the shipment was cancelled before it left."""

    hold_id: bytes


def hold(state: State, ask: HoldPlan, desk: Desk) -> list[AccountOpened | PlanHeld] | Refusal:
    """Hold all uses of a plan or none.

    Refuses  short: the first resource without room; too_late: the hold would expire before it begins
    """
    if ask.expires_at <= desk.now:
        return Refusal(
            code="too_late", thing="hold", wanted="an expiry after now", found=f"{ask.expires_at - desk.now} s"
        )
    facts: list[AccountOpened | PlanHeld] = []
    accounts = state[Account]
    assert len({use.resource for use in ask.uses}) == len(ask.uses), "a plan names each resource once"
    for use in ask.uses:
        account = accounts.find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        lack = find_lack(account, limits, use)
        if lack is not None:
            return lack
        if account is None:
            facts.append(AccountOpened(resource=use.resource, limits=limits))
    facts.append(PlanHeld(hold_id=ask.hold_id, uses=ask.uses, expires_at=ask.expires_at))
    return facts


def take(state: State, ask: TakePlan, desk: Desk) -> list[PlanTaken] | Refusal:
    """Use what was held.

    Refuses  closed: the hold is not there any more
    """
    found = state[Hold].find(ask.hold_id)
    if found is None or found.expires_at <= desk.now:
        return Refusal(code="closed", thing="hold", wanted="an open hold", found="none", todo="hold the plan again")
    return [PlanTaken(hold_id=ask.hold_id)]


def expire(state: State, now: int) -> list[HoldReleased]:
    """Release every hold whose time has come, oldest first. The spine asks before each message."""
    due = sorted((h.expires_at, h.hold_id) for h in state[Hold] if h.expires_at <= now)
    return [HoldReleased(hold_id=hold_id, why="expired") for _, hold_id in due]


# --- folding


def held(state: State, fact: PlanHeld) -> None:
    """Fold PlanHeld."""
    _move(state, fact.uses, held=1, taken=0)
    state[Hold].new(Hold(hold_id=fact.hold_id, uses=fact.uses, expires_at=fact.expires_at))


def taken(state: State, fact: PlanTaken) -> None:
    """Fold PlanTaken."""
    hold = state[Hold].get(fact.hold_id)
    _move(state, hold.uses, held=-1, taken=1)
    state[Hold].drop(fact.hold_id)
    state[Booking].new(Booking(hold_id=fact.hold_id, uses=hold.uses))


def released(state: State, fact: HoldReleased) -> None:
    """Fold HoldReleased."""
    _move(state, state[Hold].get(fact.hold_id).uses, held=-1, taken=0)
    state[Hold].drop(fact.hold_id)


def given_back(state: State, fact: PlanGivenBack) -> None:
    """Fold PlanGivenBack."""
    _move(state, state[Booking].get(fact.hold_id).uses, held=0, taken=-1)
    state[Booking].drop(fact.hold_id)


def _move(state: State, uses: tuple[Use, ...], *, held: int, taken: int) -> None:
    accounts = state[Account]
    for use in uses:
        accounts.put(moved(accounts.get(use.resource), use.amounts, held=held, taken=taken))


def give_back(state: State, hold_id: bytes) -> list[PlanGivenBack | HoldReleased]:
    """Free what an order holds or uses; nothing if it has neither."""
    if state[Booking].find(hold_id) is not None:
        return [PlanGivenBack(hold_id)]
    return [HoldReleased(hold_id, "cancelled")] if state[Hold].find(hold_id) is not None else []
