"""All legs of a plan, or none: hold with an expiry, then take; release or let it expire.

hold ----> take ----> change ----> give back (cancelled)
  |`-----> release
  `------> expire, at its instant, swept or not
A plan is held only if each of its departures still is what the plan was made with.
"""

import msgspec

from rookery.journey.account import Account, AccountOpened, Amounts, Use, find_lack, moved
from rookery.journey.departure import DepartureCancelled, Seen, departure_of, find_cancelled, find_change
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State, ViewRow


class Hold(ViewRow, frozen=True):
    """Room kept for somebody until `expires_at`. Gone once taken, released or expired."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()


class Booking(ViewRow, frozen=True):
    """Room that a plan uses."""

    hold_id: bytes
    uses: tuple[Use, ...]


class HoldPlan(msgspec.Struct, frozen=True):
    """Ask: hold every use, or none. `departures`: all that the plan rides, limited or not, as it saw them."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()


class PlanHeld(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every use of the plan is held until `expires_at`."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()


class TakePlan(msgspec.Struct, frozen=True):
    """Ask: what was held is now used."""

    hold_id: bytes


class ReleaseHolds(msgspec.Struct, frozen=True):
    """Ask: whatever is held for a ride on a cancelled departure is free again."""

    cancelled: DepartureCancelled


class ChangePlan(msgspec.Struct, frozen=True):
    """Ask: of what a plan uses, give some back and use other room instead; all of it, or nothing."""

    hold_id: bytes
    dropped: tuple[Use, ...]
    added: tuple[Use, ...]
    departures: tuple[Seen, ...]


class PlanTaken(msgspec.Struct, frozen=True):
    """What was held is used."""

    hold_id: bytes


class PlanChanged(msgspec.Struct, frozen=True):
    """Of what a plan used, some is free again, and other room is used instead."""

    hold_id: bytes
    dropped: tuple[Use, ...]
    added: tuple[Use, ...]


class HoldReleased(msgspec.Struct, frozen=True):
    """What was held is free again, because its holder said so or its time came."""

    hold_id: bytes
    why: str


class PlanGivenBack(msgspec.Struct, frozen=True):
    """What was used is free again: the shipment was cancelled before it left."""

    hold_id: bytes


def hold(state: State, ask: HoldPlan, desk: Desk) -> list[AccountOpened | PlanHeld] | Refusal:
    """Hold all uses of a plan or none.

    Refuses  short: the first resource without room; too_late: the hold would expire before it begins;
             closed, changed: a departure is cancelled, or is not in the version that was planned with
    """
    if ask.expires_at <= desk.now:
        return Refusal(
            code="too_late", thing="hold", wanted="an expiry after now", found=f"{ask.expires_at - desk.now} s"
        )
    opened = _open(state, ask.uses, ask.departures, desk)
    if isinstance(opened, Refusal):
        return opened
    return [*opened, PlanHeld(ask.hold_id, ask.uses, ask.expires_at, ask.departures)]


def _open(
    state: State, uses: tuple[Use, ...], departures: tuple[Seen, ...], desk: Desk, free: tuple[Use, ...] = ()
) -> list[AccountOpened] | Refusal:
    """The accounts that these uses open, if all fit and every departure is as it was seen. `free`: given back first."""
    change = find_change(state, departures)
    if change is not None:
        return change
    facts: list[AccountOpened] = []
    accounts = state[Account]
    back = {use.resource: {dimension: -amount for dimension, amount in use.amounts.items()} for use in free}
    assert len({use.resource for use in uses}) == len(uses), "a plan names each resource once"
    for use in uses:
        account = accounts.find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        lack = find_lack(account, limits, use, back.get(use.resource)) or (
            find_cancelled(state, use) if account is None else None
        )
        if lack is not None:
            return lack
        if account is None:
            facts.append(AccountOpened(resource=use.resource, limits=limits))
    return facts


def take(state: State, ask: TakePlan, desk: Desk) -> list[PlanTaken] | Refusal:
    """Use what was held.

    Refuses  closed: the hold is not there any more; changed: a departure has other times since it was held
    """
    found = state[Hold].find(ask.hold_id)
    if found is None or found.expires_at <= desk.now:
        return Refusal(code="closed", thing="hold", wanted="an open hold", found="none", todo="hold the plan again")
    change = find_change(state, found.departures)
    return [PlanTaken(hold_id=ask.hold_id)] if change is None else change


def change(state: State, ask: ChangePlan, desk: Desk) -> list[AccountOpened | PlanChanged] | Refusal:
    """Use other room instead of some that a plan uses. Refuses as `hold`, and nothing has changed then."""
    opened = _open(state, ask.added, ask.departures, desk, ask.dropped)
    if isinstance(opened, Refusal):
        return opened
    return [*opened, PlanChanged(ask.hold_id, ask.dropped, ask.added)]


def release(state: State, ask: ReleaseHolds, desk: Desk) -> list[HoldReleased]:
    """Release every hold that rides a cancelled departure, oldest first. Emits HoldReleased."""
    name = ask.cancelled.departure
    struck = sorted((h.expires_at, h.hold_id) for h in state[Hold] if _rides(h, name))
    return [HoldReleased(hold_id, f"departure {name} is cancelled") for _, hold_id in struck]


def _rides(hold: Hold, departure: str) -> bool:
    return any(seen.departure == departure for seen in hold.departures) or any(
        departure_of(use.resource) == departure for use in hold.uses
    )


def expire(state: State, now: int) -> list[HoldReleased]:
    """Release every hold whose time has come, oldest first. The spine asks before each message."""
    due = sorted((h.expires_at, h.hold_id) for h in state[Hold] if h.expires_at <= now)
    return [HoldReleased(hold_id=hold_id, why="expired") for _, hold_id in due]


# --- folding


def held(state: State, fact: PlanHeld) -> None:
    """Fold PlanHeld."""
    _move(state, fact.uses, held=1, taken=0)
    state[Hold].new(Hold(hold_id=fact.hold_id, uses=fact.uses, expires_at=fact.expires_at, departures=fact.departures))


def taken(state: State, fact: PlanTaken) -> None:
    """Fold PlanTaken."""
    hold = state[Hold].get(fact.hold_id)
    _move(state, hold.uses, held=-1, taken=1)
    state[Hold].drop(fact.hold_id)
    state[Booking].new(Booking(hold_id=fact.hold_id, uses=hold.uses))


def changed(state: State, fact: PlanChanged) -> None:
    """Fold PlanChanged."""
    _move(state, fact.dropped, held=0, taken=-1)
    _move(state, fact.added, held=0, taken=1)
    booking = state[Booking].get(fact.hold_id)
    left: dict[str, Amounts] = {use.resource: dict(use.amounts) for use in booking.uses}
    for uses, sign in ((fact.dropped, -1), (fact.added, 1)):
        for use in uses:
            amounts = left.setdefault(use.resource, {})
            for dimension, amount in use.amounts.items():
                amounts[dimension] = amounts.get(dimension, 0) + sign * amount
    uses = tuple(Use(resource, amounts) for resource, amounts in left.items() if any(amounts.values()))
    state[Booking].put(Booking(hold_id=fact.hold_id, uses=uses))


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
