"""Whether a plan is held at once, or waits for a round of a shared resource.

A plan of several legs competes on one of them: of those with rounds, and where so much might fit by then, on the one
of which it would take the largest part of what is left over. Rounds begin at whole multiples of `round_s` since the
epoch, and one that would close after a cut-off is not waited for: then a plan is decided as it comes.
"""

import numpy as np

from rookery.engines.share.claims import LAYER
from rookery.engines.share.decide import Requests
from rookery.engines.share.holders import MILLION, UNLIMITED, Longs
from rookery.journey.account import Account, Use, find_lack
from rookery.journey.book import Held, HoldPlan, hold, judge_all
from rookery.journey.departure import departure_of
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State
from rookery.journey.tally import Tally, find_tally
from rookery.journey.waits import PlanQueued, lineups


def hold_or_wait(state: State, ask: HoldPlan, desk: Desk) -> list[Held] | list[PlanQueued] | Refusal:
    """Hold a plan that is within its holder's guarantees now; let it wait for a round where it is not.

    Emits    as `book.hold`, or PlanQueued
    Refuses  as `book.hold`; what can never be had, and what no round can decide in time, at once
    """
    home, closes_at = find_round(state, ask, desk)
    if not closes_at or ask.expires_at <= desk.now:
        return hold(state, ask, desk)
    number = lineups(state).next_number(closes_at, home, desk.now)
    return [PlanQueued(ask.hold_id, home, closes_at, desk.now, number, ask)]


def find_round(state: State, ask: HoldPlan, desk: Desk) -> tuple[str, int]:
    """The resource for whose round a plan would have to wait, and when that closes; 0: it is decided at once."""
    home = _find_home(state, ask, desk) if desk.world.sharing.has_rounds else ""
    return home, closes_at_next(home, ask, desk) if home else 0


def _find_home(state: State, ask: HoldPlan, desk: Desk) -> str:
    """The resource on which a plan competes; blank: on none, it raises no claim where rounds are held."""
    sharing = desk.world.sharing
    uses = list_contested(ask) if _needs_standby(state, ask, desk) else ask.uses
    home, most = "", 0
    for use in uses:
        account = state[Account].find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        if find_lack(None, limits, use) is not None or (account is not None and account.closed):
            return ""  # no round will bring it
        tally = find_tally(state, use.resource, account, limits, desk)
        if tally is None:
            continue
        n, amounts = sharing.rows.get(ask.by.holder, 0), tally.amounts(use.amounts)
        if not sharing.round_s(use.resource):
            if not ask.by.borrows and not _may_fit(tally, account, n, amounts, max(ask.wait_until, desk.now), desk):
                return ""
            continue
        cost = _left_over_ppm(tally, n, amounts)
        until = max(ask.wait_until, _closes_at(use.resource, desk))
        may_fit = not cost or _may_fit(tally, account, n, amounts, until, desk)
        if not may_fit and not ask.by.borrows:
            return ""
        if cost > most and may_fit:
            home, most = use.resource, cost
    return home


def may_fit_elsewhere(state: State, ask: HoldPlan, home: str, desk: Desk) -> bool:
    """True if all that a plan takes besides the resource on which it competes may fit now, nothing being used.

    What it may borrow it need not have by claim.
    """
    for use in () if ask.by.borrows else ask.uses:
        account = state[Account].find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        tally = find_tally(state, use.resource, account, limits, desk) if use.resource != home else None
        n = desk.world.sharing.rows.get(ask.by.holder, 0)
        if tally is not None and not _may_fit(tally, account, n, tally.amounts(use.amounts), desk.now, desk):
            return False
    return True


def list_contested(ask: HoldPlan) -> tuple[Use, ...]:
    """All that a plan and its standby take, each resource once."""
    own = {use.resource for use in ask.uses}
    return (*ask.uses, *(use for use in (ask.standby.uses if ask.standby else ()) if use.resource not in own))


def _needs_standby(state: State, ask: HoldPlan, desk: Desk) -> bool:
    """True if a plan would borrow, were it held now: then its standby takes space as well."""
    if ask.standby is None:
        return False
    verdicts = judge_all(state, ask.uses, ask.departures, ask.by, desk)
    return not isinstance(verdicts, Refusal) and any(one.space is not None and one.space.from_at for _, one in verdicts)


def _left_over_ppm(tally: Tally, n: int, amounts: Longs) -> int:
    """By how much a holder's own claim would rise: the largest part of the capacity in any dimension."""
    claims, most = tally.claims, 0
    now = claims.accounts[0, LAYER]
    below, guarantee = claims.below[n, now].tolist(), claims.guarantee[n, now].tolist()
    for d, (amount, capacity) in enumerate(zip(amounts.tolist(), claims.ceiling[0].tolist(), strict=True)):
        raised = max(guarantee[d], below[d] + amount) - max(guarantee[d], below[d])
        if raised and capacity != UNLIMITED:
            most = max(most, -(-raised * MILLION // capacity) if capacity else MILLION)
    return most


def _may_fit(tally: Tally, account: Account | None, n: int, amounts: Longs, until: int, desk: Desk) -> bool:
    """True if so much may fit by claim up to an instant: with the guarantees then in effect, and nothing used."""
    asked = Requests(np.array([[0, n, until, 0, 0, 0]], np.int64), amounts[None])
    return bool(tally.fits_alone(account, asked, desk.world.sharing.rows, until)[0])


def _closes_at(resource: str, desk: Desk) -> int:
    round_s = desk.world.sharing.round_s(resource)
    return (desk.now // round_s + 1) * round_s


def closes_at_next(home: str, ask: HoldPlan, desk: Desk) -> int:
    """When the round closes that a plan would wait for; 0: a cut-off of the plan comes first."""
    sharing = desk.world.sharing
    closes_at = _closes_at(home, desk)
    limited = {departure_of(use.resource) for use in ask.uses}
    cutoffs = [sharing.cutoff_at(home), *(sharing.cutoff_at(use.resource) for use in ask.uses)]
    cutoffs += [sharing.leaves_at(seen.departure) for seen in ask.departures if seen.departure not in limited]
    return closes_at if closes_at <= min(cutoffs) else 0
