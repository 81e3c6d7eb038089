"""All legs of a plan, or none: hold with an expiry, then take; release or let it expire.

hold ----> take ----> change ----> give back (cancelled)
  |`-----> release
  `------> expire, at its instant, swept or not
A plan is held only if each of its departures still is what the plan was made with.
"""

from heapq import heapify, heappop, heappush

import msgspec

from rookery.journey.account import Account, AccountOpened, Use
from rookery.journey.booking import (
    EXPIRED,
    Booking,
    Hold,
    HoldReleased,
    PlanChanged,
    PlanGivenBack,
    PlanHeld,
    PlanRecalled,
    PlanTaken,
    changed,
    find_plan,
    find_standby,
    find_way_out,
)  # fmt: skip
from rookery.journey.departure import DepartureCancelled, Seen, departure_of, find_cancelled, find_change
from rookery.journey.desk import Desk
from rookery.journey.follower import Follower
from rookery.journey.network.rows import ANY
from rookery.journey.share import (
    Claimant,
    FirmUp,
    LoanFirmed,
    Space,
    Verdict,
    find_bid_lack,
    judge,
    lent_until,
    with_loans,
)
from rookery.journey.state import Refusal, State
from rookery.journey.tally import Loan

FREES = (LoanFirmed, HoldReleased, PlanGivenBack, PlanRecalled, PlanChanged)  # facts after which space may be free
Judged = list[tuple[str, Verdict]]
Held = AccountOpened | PlanRecalled | PlanHeld | PlanChanged


class Standby(msgspec.Struct, frozen=True):
    """Another plan for the same goods, wholly firm: what all of it uses and rides."""

    hold_id: bytes
    uses: tuple[Use, ...]
    departures: tuple[Seen, ...] = ()


class HoldPlan(msgspec.Struct, frozen=True):
    """Ask: hold every use, or none. `departures`: all that the plan rides, limited or not, as it saw them.

    wait_until  until then it waits for further rounds where one did not serve it
    """

    hold_id: bytes
    uses: tuple[Use, ...]
    expires_at: int
    departures: tuple[Seen, ...] = ()
    by: Claimant = Claimant()
    standby: Standby | None = None
    wait_until: int = 0


class TakePlan(msgspec.Struct, frozen=True):
    """Ask: what was held is now used."""

    hold_id: bytes


class FreeHold(msgspec.Struct, frozen=True):
    """Ask: what was held or used is free again. `by`: the holder who says so, `*` the network."""

    hold_id: bytes
    why: str
    by: str = ANY


class DropStandby(msgspec.Struct, frozen=True):
    """Ask: a standby is free again if its plan is gone, has lost what both use, or has nothing on loan any more."""

    standby: bytes


class RenewStandby(msgspec.Struct, frozen=True):
    """Ask: hold the standby of a plan for long enough; find an order another, if the one it had cannot be used."""

    hold_id: bytes


class Expire(msgspec.Struct, frozen=True):
    """Ask: whatever was held or lent until now is free, or firm."""


class ReleaseHolds(msgspec.Struct, frozen=True):
    """Ask: whatever is held for a ride on a cancelled departure is free again."""

    cancelled: DepartureCancelled


class ChangePlan(msgspec.Struct, frozen=True):
    """Ask: of what a plan uses, give some back and use other room instead; all of it, or nothing.

    less  by so much less is wanted of what it goes on using: what is left is not asked for again
    """

    hold_id: bytes
    dropped: tuple[Use, ...]
    added: tuple[Use, ...]
    departures: tuple[Seen, ...]
    less: tuple[Use, ...] = ()


def hold(state: State, ask: HoldPlan, desk: Desk) -> list[Held] | Refusal:
    """Hold all uses of a plan or none; recall what others have borrowed of it.

    Refuses  short: the first resource without room; too_late: the hold would expire before it begins;
             closed, changed: a departure is cancelled, or is not in the version that was planned with;
             bid_price: it is worth less than what is left over has to earn
    """
    if ask.expires_at <= desk.now:
        return Refusal(
            code="too_late", thing="hold", wanted="an expiry after now", found=f"{ask.expires_at - desk.now} s"
        )
    verdicts = judge_all(state, ask.uses, ask.departures, ask.by, desk)
    if isinstance(verdicts, Refusal):
        return verdicts
    spaces = _spaces(verdicts)
    until = max((space.from_at for space in spaces), default=0)
    held = PlanHeld(ask.hold_id, ask.uses, ask.expires_at, ask.departures, ask.by, spaces)
    if not until or ask.standby is None:
        return [*_before(state, verdicts, ask.hold_id, ask.by.holder, desk), held]
    standby = _standby_held(held, ask.standby, until)
    others = _find_lent(standby.uses, spaces) or judge_all(state, standby.uses, standby.departures, standby.by, desk)
    if isinstance(others, Refusal):
        return others
    facts = _before(state, [*verdicts, *others], ask.hold_id, ask.by.holder, desk)
    held = msgspec.structs.replace(held, standby=standby.hold_id)
    return [*facts, held, msgspec.structs.replace(standby, spaces=_spaces(others))]


def hold_standby(state: State, plan: Hold | Booking, standby: Standby, desk: Desk) -> list[Held] | Refusal:
    """Hold a standby for a plan of which something is lent. Refuses as `hold`."""
    held = _standby_held(plan, standby, lent_until(state, plan.spaces, plan.hold_id))
    verdicts = _find_lent(held.uses, plan.spaces) or judge_all(state, held.uses, held.departures, held.by, desk)
    if isinstance(verdicts, Refusal):
        return verdicts
    facts = _before(state, verdicts, plan.hold_id, plan.by.holder, desk)
    return [*facts, msgspec.structs.replace(held, spaces=_spaces(verdicts))]


def _standby_held(plan: PlanHeld | Hold | Booking, standby: Standby, until: int) -> PlanHeld:
    """What of a standby the plan does not hold firmly itself, held until no loan of that can be recalled."""
    lent = {space.resource for space in plan.spaces if space.from_at}
    own = {use.resource for use in plan.uses if use.resource not in lent}
    keeps = tuple(use.resource for use in standby.uses if use.resource in own)
    more = tuple(use for use in standby.uses if use.resource not in own)
    by = msgspec.structs.replace(plan.by, borrows=False)
    return PlanHeld(standby.hold_id, more, until, standby.departures, by, standby_of=plan.hold_id, keeps=keeps)


def _find_lent(uses: tuple[Use, ...], spaces: tuple[Space, ...]) -> Refusal | None:
    """Why a standby cannot stand on these, or None: of what its plan borrows nothing is firm besides."""
    lent = {space.resource for space in spaces if space.from_at}
    for use in uses:
        if use.resource in lent:
            wanted, found = "a standby elsewhere", "what the plan itself borrows"
            return Refusal("short", use.resource, wanted, found, "name another standby", use.resource)
    return None


def judge_all(
    state: State,
    uses: tuple[Use, ...],
    departures: tuple[Seen, ...],
    by: Claimant,
    desk: Desk,
) -> Judged | Refusal:
    """What becomes of each use, if all can be had and every departure is as it was seen. Nothing is changed."""
    change = find_change(state, departures)
    if change is not None:
        return change
    verdicts: Judged = []
    assert len({use.resource for use in uses}) == len(uses), "a plan names each resource once"
    for use in uses:
        account = state[Account].find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        verdict = judge(state, use, limits, by, desk)
        lack = verdict.refusal or (find_cancelled(state, use) if account is None else None)
        if lack is not None:
            return lack
        verdicts.append((use.resource, verdict))
    return find_bid_lack(verdicts, by) or verdicts


def _before(state: State, verdicts: Judged, by: bytes, holder: str, desk: Desk) -> list[Held]:
    """The accounts that are used for the first time, and each plan that has to give back what it borrowed, once."""
    new = [resource for resource, _ in verdicts if state[Account].find(resource) is None]
    facts: list[Held] = [
        AccountOpened(resource, desk.world.limits_of(resource), desk.world.sharing.is_shared(resource))
        for resource in new
    ]
    gone: dict[bytes, list[str]] = {}
    for resource, verdict in verdicts:
        for loan in verdict.recalled:
            gone.setdefault(loan.hold_id, []).append(resource)
    facts += [
        PlanRecalled(hold_id, tuple(resources), by, holder, find_way_out(state, hold_id, resources))
        for hold_id, resources in gone.items()
    ]
    return facts


def _spaces(verdicts: Judged) -> tuple[Space, ...]:
    return tuple(verdict.space for _, verdict in verdicts if verdict.space is not None)


def take(state: State, ask: TakePlan, desk: Desk) -> list[PlanTaken] | Refusal:
    """Use what was held.

    Refuses  closed: the hold is not there any more; changed: a departure has other times since it was held
    """
    found = state[Hold].find(ask.hold_id)
    if found is None or found.expires_at <= desk.now or (found.by.company and not found.uses):
        return Refusal(code="closed", thing="hold", wanted="an open hold", found="none", todo="hold the plan again")
    change = find_change(state, found.departures)
    return [PlanTaken(hold_id=ask.hold_id)] if change is None else change


def change(state: State, ask: ChangePlan, desk: Desk) -> list[Held] | Refusal:
    """Use other room instead of some that a plan holds or uses. Refuses as `hold`, and nothing has changed then."""
    plan = find_plan(state, ask.hold_id)
    assert plan is not None, "what is changed is held or taken"
    by = changes_as(plan.by)
    with state.trial():  # what it gives back is free for it, and for nobody else yet
        changed(state, PlanChanged(ask.hold_id, ask.dropped, ()))
        verdicts = judge_all(state, ask.added, ask.departures, by, desk)
    if isinstance(verdicts, Refusal):
        return verdicts
    for resource, verdict in verdicts:
        if any(loan.hold_id == ask.hold_id for loan in verdict.recalled):
            wanted, found = "space beside what the plan borrows there", "only what it would have to recall of itself"
            return Refusal("short", resource, wanted, found, "ask for another day", resource)
    facts = _before(state, verdicts, ask.hold_id, by.holder, desk)
    seen = _seen_after(plan, ask) if isinstance(plan, Hold) else ()
    return [*facts, PlanChanged(ask.hold_id, ask.dropped, ask.added, _spaces(verdicts), seen, ask.less)]


def changes_as(by: Claimant) -> Claimant:
    """On whose terms other room comes to a plan: an order borrows none for want of a standby."""
    return by if by.company else msgspec.structs.replace(by, borrows=False)


def _seen_after(hold: Hold, ask: ChangePlan) -> tuple[Seen, ...]:
    """The departures that a hold rides after a change, those that it rode before as it saw them then."""
    come, gone = {seen.departure for seen in ask.departures}, {use.resource for use in ask.dropped}
    stays = {departure_of(use.resource) for use in hold.uses if use.resource not in gone}
    return (*(seen for seen in hold.departures if seen.departure in stays - come), *ask.departures)


def release(state: State, ask: ReleaseHolds, desk: Desk) -> list[HoldReleased]:
    """Release every hold that rides a cancelled departure, oldest first. Emits HoldReleased."""
    name = ask.cancelled.departure
    struck = sorted((h.expires_at, h.hold_id) for h in state[Hold] if _rides(h, name))
    return [HoldReleased(hold_id, f"departure {name} is cancelled") for _, hold_id in struck]


def _rides(hold: Hold, departure: str) -> bool:
    return any(seen.departure == departure for seen in hold.departures) or any(
        departure_of(use.resource) == departure for use in hold.uses
    )


class _Due:
    """What comes due, the earliest first: holds that expire, loans whose instant comes."""

    def __init__(self, state: State):
        self._holds, self._loans = Follower(state[Hold]), Follower(state[Loan])
        self._heap: list[tuple[int, bytes, str]] = []

    def follow(self) -> None:
        """As the tables now are. What has changed since stays in the heap, and is passed over when it comes up."""
        holds, loans = self._holds.changed(), self._loans.changed()
        if holds is None or loans is None:
            self._heap = [(one.expires_at, one.hold_id, "") for one in self._holds.table]
            self._heap += [(one.from_at, one.hold_id, one.loan) for one in self._loans.table if one.from_at]
            heapify(self._heap)
            return
        for key in holds:
            hold = self._holds.table.find(key)
            if hold is not None:
                heappush(self._heap, (hold.expires_at, hold.hold_id, ""))
        for key in loans:
            loan = self._loans.table.find(key)
            if loan is not None and loan.from_at:
                heappush(self._heap, (loan.from_at, loan.hold_id, loan.loan))

    def has(self, now: int) -> bool:
        """True if something comes up by now, due or passed over."""
        self.follow()
        return bool(self._heap) and self._heap[0][0] <= now

    def list(self, now: int) -> list[HoldReleased | LoanFirmed]:
        """What is due, by its instant and id; what is released has no loan. It stays in the heap while in its table."""
        self.follow()
        due: dict[tuple[bytes, str], HoldReleased | LoanFirmed] = {}
        passed = []
        while self._heap and self._heap[0][0] <= now:
            at, hold_id, name = entry = heappop(self._heap)
            hold, loan = self._holds.table.find(hold_id), self._loans.table.find(name) if name else None
            if name and loan is not None and loan.from_at == at:
                passed.append(entry)
                if (hold_id, "") in due:
                    continue
                due[hold_id, name] = LoanFirmed(hold_id, loan.resource)
            elif not name and hold is not None and hold.expires_at == at:
                due[hold_id, name] = HoldReleased(hold_id, EXPIRED)
                passed.append(entry)
        for entry in passed:
            heappush(self._heap, entry)
        return list(due.values())


def is_due(state: State, now: int) -> bool:
    """True if something that was held or lent may be due."""
    return state.derive(_Due, lambda: _Due(state)).has(now)


def expire(state: State, now: int) -> list[HoldReleased | LoanFirmed]:
    """Release holds whose time has come, make loans firm at theirs, oldest first. Asked before each message."""
    return state.derive(_Due, lambda: _Due(state)).list(now)


def free(state: State, ask: FreeHold, desk: Desk) -> list[PlanGivenBack | HoldReleased] | Refusal:
    """Free what was held or is used.

    Refuses  unknown: there is no such hold any more; barred: it is another holder's
    """
    plan = find_plan(state, ask.hold_id)
    if plan is None:
        return Refusal("unknown", "hold", "one that is held or taken", "none", "nothing is left to be freed")
    if ask.by not in (ANY, plan.by.holder):
        return Refusal("barred", "hold", f"one of {ask.by}", "another holder's", "free your own")
    return give_back(state, ask.hold_id, ask.why)


def drop_standby(state: State, ask: DropStandby, desk: Desk) -> list[HoldReleased]:
    """Release a standby that is not needed any more. Emits HoldReleased."""
    standby = state[Hold].find(ask.standby)
    if standby is None:
        return []
    plan = find_plan(state, standby.standby_of)
    if plan is None or plan.standby != ask.standby:
        return [HoldReleased(ask.standby, "its plan is gone")]
    if not set(standby.keeps) <= {use.resource for use in plan.uses}:
        return [HoldReleased(ask.standby, "its plan has lost what both use")]
    return [] if lent_until(state, plan.spaces, plan.hold_id) else [HoldReleased(ask.standby, "its plan is firm")]


def give_back(state: State, hold_id: bytes, why: str = "cancelled") -> list[PlanGivenBack | HoldReleased]:
    """Free what an order holds or uses; nothing if it has neither."""
    if state[Booking].find(hold_id) is not None:
        return [PlanGivenBack(hold_id)]
    return [HoldReleased(hold_id, why)] if state[Hold].find(hold_id) is not None else []


def asks_after(state: State, fact: msgspec.Struct) -> list[msgspec.Struct]:
    """What to ask once a fact of FREES is folded; the state is as before it.

    Loans may be firm where something is free; a standby is not needed when its plan is gone or firm; a plan whose
    standby is gone may want another.
    """
    if isinstance(fact, LoanFirmed):
        standby = find_standby(state, fact.hold_id)
        return [DropStandby(standby)] if standby else []
    assert isinstance(fact, HoldReleased | PlanGivenBack | PlanRecalled | PlanChanged), "of FREES"
    plan = find_plan(state, fact.hold_id)
    assert plan is not None, "what is freed is held or taken"
    uses = (*fact.dropped, *fact.less) if isinstance(fact, PlanChanged) else plan.uses
    resources = tuple(use.resource for use in uses)
    if not isinstance(fact, PlanRecalled):  # else whom it makes way for may have its loan with the next fact
        resources = with_loans(state, resources)
    asks: list[msgspec.Struct] = [FirmUp(resources)] if resources else []
    if plan.standby and not (isinstance(fact, PlanRecalled) and fact.standby):
        asks.append(DropStandby(plan.standby))
    if isinstance(fact, HoldReleased) and isinstance(plan, Hold) and plan.standby_of:
        asks.append(RenewStandby(plan.standby_of))
    return asks
