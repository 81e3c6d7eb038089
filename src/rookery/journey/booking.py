"""Room that is held and room that is used: the rows, what happened to them, and how that is folded.

A plan that borrows may carry a standby: another plan, wholly firm, of which what the first one does not hold firmly
itself is held until no loan can be recalled.
"""

from collections.abc import Iterable

import msgspec

from rookery.journey.account import Account, Use, moved, negative, summed
from rookery.journey.departure import Seen
from rookery.journey.share import Claimant, Space, put_back, take_up
from rookery.journey.state import Refusal, State, ViewRow

EXPIRED = "expired"  # why a hold is free again: its time came


class Hold(ViewRow, frozen=True):
    """Room kept for somebody until `expires_at`. Gone once taken, released or expired.

    by, spaces   for whom, and where it stands otherwise than firm at that holder
    standby      the hold that it falls back to if a loan of it is recalled
    standby_of   it is the standby of this hold; `keeps`: resources of that one which it would go on using
    """

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()
    by: Claimant = Claimant()
    spaces: tuple[Space, ...] = ()
    standby: bytes = b""
    standby_of: bytes = b""
    keeps: tuple[str, ...] = ()


class Booking(ViewRow, frozen=True):
    """Room that a plan uses. Fields as in Hold."""

    hold_id: bytes
    uses: tuple[Use, ...]
    by: Claimant = Claimant()
    spaces: tuple[Space, ...] = ()
    standby: bytes = b""


class OwnSpace(ViewRow, frozen=True):
    """Space that a company waits for, holds or has taken without an order: by this row a company's are listed."""

    hold_id: bytes
    company: str


class PlanHeld(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every use of the plan is held until `expires_at`. Fields as in Hold."""

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()
    by: Claimant = Claimant()
    spaces: tuple[Space, ...] = ()
    standby: bytes = b""
    standby_of: bytes = b""
    keeps: tuple[str, ...] = ()


class PlanTaken(msgspec.Struct, frozen=True):
    """What was held is used."""

    hold_id: bytes


class PlanChanged(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of what a plan held or used, some is free again, other room is held or used instead.

    spaces      of that, as in Hold
    departures  what a hold rides from now on
    less        by so much less is used of what it goes on using: the rest stands as it stood
    """

    hold_id: bytes
    dropped: tuple[Use, ...]
    added: tuple[Use, ...]
    spaces: tuple[Space, ...] = ()
    departures: tuple[Seen, ...] = ()
    less: tuple[Use, ...] = ()


class PlanRecalled(msgspec.Struct, frozen=True, omit_defaults=True):
    """Space that a plan had borrowed is wanted by whom it belongs to, or capacity was lost: the plan has lost it.

    resources   what was recalled
    by, holder  the hold that it is recalled for, and the holder that it is of; blank and `*`: capacity was lost
    standby     the hold that the plan falls back to: it uses that, and keeps what both plans use. Blank: it has none
    """

    hold_id: bytes
    resources: tuple[str, ...]
    by: bytes
    holder: str
    standby: bytes = b""


class StandbyProlonged(msgspec.Struct, frozen=True):
    """A standby is held until later, since its plan can be recalled for longer: a cut has done that."""

    hold_id: bytes
    expires_at: int


class PlanRefused(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked for without an order was not held, and why. `standby`: all that its standby would have used."""

    hold_id: bytes
    by: Claimant
    uses: tuple[Use, ...]
    refusal: Refusal
    standby: tuple[Use, ...] = ()


class ChangeRefused(msgspec.Struct, frozen=True):
    """What is held or used was not changed to these uses, and why: it stays as it was."""

    hold_id: bytes
    by: Claimant
    uses: tuple[Use, ...]
    refusal: Refusal


class HoldReleased(msgspec.Struct, frozen=True):
    """What was held is free again, because its holder said so or its time came."""

    hold_id: bytes
    why: str


class PlanGivenBack(msgspec.Struct, frozen=True):
    """What was used is free again: the shipment was cancelled before it left."""

    hold_id: bytes


def find_plan(state: State, hold_id: bytes) -> Hold | Booking | None:
    """What is held or used under an id, or None."""
    return state[Hold].find(hold_id) or state[Booking].find(hold_id)  # holds are all in memory


def find_standby(state: State, hold_id: bytes) -> bytes:
    """The standby that a plan still has; blank: none."""
    plan = find_plan(state, hold_id)
    return plan.standby if plan is not None and plan.standby and state[Hold].find(plan.standby) is not None else b""


def find_way_out(state: State, hold_id: bytes, lost: Iterable[str]) -> bytes:
    """The standby that a plan still has, if it does without what is lost; blank: none."""
    standby = state[Hold].find(find_standby(state, hold_id))
    return standby.hold_id if standby is not None and not set(lost) & set(standby.keeps) else b""


# --- folding


def held(state: State, fact: PlanHeld) -> None:
    """Fold PlanHeld."""
    state[Hold].new(
        Hold(
            hold_id=fact.hold_id,
            uses=fact.uses,
            expires_at=fact.expires_at,
            departures=fact.departures,
            by=fact.by,
            spaces=fact.spaces,
            standby=fact.standby,
            standby_of=fact.standby_of,
            keeps=fact.keeps,
        )
    )
    _move(state, fact.hold_id, fact.uses, fact.by, fact.spaces, held=1)
    if not fact.standby_of:
        owned(state, fact.hold_id, fact.by)


def owned(state: State, hold_id: bytes, by: Claimant) -> None:
    """Note whose a space without an order is: folding. What an order uses is nobody's."""
    if by.company:
        state[OwnSpace].put(OwnSpace(hold_id, by.company))


def disowned(state: State, hold_id: bytes, by: Claimant) -> None:
    """A space without an order is gone: folding."""
    if by.company:
        state[OwnSpace].drop(hold_id)


def taken(state: State, fact: PlanTaken) -> None:
    """Fold PlanTaken. What is taken counts among holders as it did while it was held."""
    hold = state[Hold].get(fact.hold_id)
    _take(state, hold.uses)
    state[Hold].drop(fact.hold_id)
    state[Booking].new(Booking(fact.hold_id, hold.uses, hold.by, hold.spaces, hold.standby))


def _take(state: State, uses: tuple[Use, ...]) -> None:
    """What was held is taken."""
    for use in uses:
        state[Account].put(moved(state[Account].get(use.resource), use.amounts, held=-1, taken=1))


def changed(state: State, fact: PlanChanged) -> None:
    """Fold PlanChanged."""
    plan = find_plan(state, fact.hold_id)
    assert plan is not None, "what is changed is held or taken"
    gone, taken = {use.resource for use in fact.dropped}, int(isinstance(plan, Booking))
    free = (*fact.dropped, *fact.less)
    _move(state, fact.hold_id, free, plan.by, plan.spaces, held=taken - 1, taken=-taken)
    _move(state, fact.hold_id, fact.added, plan.by, fact.spaces, held=1 - taken, taken=taken)
    spaces = (*(one for one in plan.spaces if one.resource not in gone), *fact.spaces)
    uses = summed((*plan.uses, *negative(free), *fact.added))
    left = tuple(use for use in uses if any(use.amounts.values()))
    if isinstance(plan, Hold):
        plan = msgspec.structs.replace(plan, departures=fact.departures)
    state[type(plan)].put(msgspec.structs.replace(plan, uses=left, spaces=spaces))


def not_changed(state: State, fact: ChangeRefused) -> None:
    """Fold ChangeRefused: nothing has changed."""


def recalled(state: State, fact: PlanRecalled) -> None:
    """Fold PlanRecalled: the plan uses its standby, or has lost what was recalled."""
    plan = find_plan(state, fact.hold_id)
    assert plan is not None, "a plan that is recalled is held or taken"
    if not fact.standby:
        state[type(plan)].put(without(state, plan, fact.resources))
        return
    standby = state[Hold].get(fact.standby)
    gone = tuple(use.resource for use in plan.uses if use.resource not in standby.keeps)
    left = without(state, plan, gone)
    uses, spaces = (*left.uses, *standby.uses), (*left.spaces, *standby.spaces)
    if isinstance(plan, Booking):
        _take(state, standby.uses)
        state[Booking].put(Booking(plan.hold_id, uses, plan.by, spaces))
    else:
        state[Hold].put(Hold(plan.hold_id, uses, plan.expires_at, standby.departures, plan.by, spaces))
    state[Hold].drop(standby.hold_id)


def without(state: State, plan: Hold | Booking, resources: tuple[str, ...]) -> Hold | Booking:
    """The plan without its use of these, which is free again: folding."""
    gone = tuple(use for use in plan.uses if use.resource in resources)
    if isinstance(plan, Booking):
        _move(state, plan.hold_id, gone, plan.by, plan.spaces, taken=-1)
    else:
        _move(state, plan.hold_id, gone, plan.by, plan.spaces, held=-1)
    uses = tuple(use for use in plan.uses if use.resource not in resources)
    spaces = tuple(space for space in plan.spaces if space.resource not in resources)
    return msgspec.structs.replace(plan, uses=uses, spaces=spaces)


def released(state: State, fact: HoldReleased) -> None:
    """Fold HoldReleased."""
    hold = state[Hold].get(fact.hold_id)
    _move(state, fact.hold_id, hold.uses, hold.by, hold.spaces, held=-1)
    state[Hold].drop(fact.hold_id)
    if not hold.standby_of:
        disowned(state, fact.hold_id, hold.by)


def prolonged(state: State, fact: StandbyProlonged) -> None:
    """Fold StandbyProlonged: what is firm and held stays so."""
    state[Hold].put(msgspec.structs.replace(state[Hold].get(fact.hold_id), expires_at=fact.expires_at))


def given_back(state: State, fact: PlanGivenBack) -> None:
    """Fold PlanGivenBack."""
    booking = state[Booking].get(fact.hold_id)
    _move(state, fact.hold_id, booking.uses, booking.by, booking.spaces, taken=-1)
    state[Booking].drop(fact.hold_id)
    disowned(state, fact.hold_id, booking.by)


def _move(
    state: State,
    hold_id: bytes,
    uses: tuple[Use, ...],
    by: Claimant,
    spaces: tuple[Space, ...],
    *,
    held: int = 0,
    taken: int = 0,
) -> None:
    """What comes upon accounts, or leaves them: in all, and among those who share them."""
    accounts = state[Account]
    where = {space.resource: space for space in spaces}
    turn = take_up if held + taken > 0 else put_back
    for use in uses:
        account = moved(accounts.get(use.resource), use.amounts, held=held, taken=taken)
        if account.firm is not None:
            account = turn(state, account, hold_id, use, by, where.get(use.resource))
        accounts.put(account)
