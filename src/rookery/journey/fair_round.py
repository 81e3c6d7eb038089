"""Rounds of shared resources: plans that ask for more than their holders are guaranteed, served by weight.

The other legs of a plan have to be free when the round closes; if they are not, the round is held without the plan.
What would not fit by claim even if nobody used anything competes with nobody. It may be lent or given after the
round, and so may what has lost its turn and does not fit any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec
import numpy as np

from rookery.engines.share.claims import LAYER
from rookery.engines.share.decide import BINDING, CLAIM, CODE, FIRM, Outcomes, Requests, make_outcomes
from rookery.engines.share.holders import Longs
from rookery.engines.share.reasons import find_limits, find_most
from rookery.engines.share.rounds import LOST, hold_round, make_credits, make_floor
from rookery.journey.account import Account
from rookery.journey.book import Held, HoldPlan, hold
from rookery.journey.booking import PlanHeld, PlanRefused
from rookery.journey.desk import Desk
from rookery.journey.entry import closes_at_next, list_contested, may_fit_elsewhere
from rookery.journey.facts import evolve
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.tally import Tally, find_tally, lent
from rookery.journey.waits import Deficit, OrderServed, PlanWaits, Queued, RoundClosed, RoundPart, lineups
from rookery.units import FreshIds, instant_text

WAITABLE = ("short", "round")  # of a refusal: what a later round may bring

Served = Held | OrderServed | PlanRefused | PlanWaits | RoundClosed


class CloseSpaceRound(msgspec.Struct, frozen=True):
    """Ask: decide all plans that wait for the round of a resource that closes now."""

    resource: str
    closes_at: int


@dataclass(frozen=True, slots=True)
class _Contest:
    """What a round came to as far as its own resource goes.

    won      the plans that fit, in the order in which they came, as all of these
    stopped  those that do not
    lost     those whose turn had not come, with the holder whose limit shut their level
    closed   what is left to each holder
    """

    won: list[Queued]
    stopped: list[Queued]
    lost: list[tuple[Queued, str]]
    closed: RoundClosed


def desk_of(closes_at: int, resource: str, desk: Desk) -> Desk:
    """Where a round is decided, with all that follows of it: as of when it closes, and whatever message came then.

    Its ids are of the round: no message has a cause with two NULs.
    """
    return replace(desk, now=closes_at, new_id=FreshIds(heard_at=closes_at, cause=f"\0{resource}\0{closes_at}"))


def close(state: State, ask: CloseSpaceRound, desk: Desk) -> list[Served]:
    """Decide a round. Emits PlanHeld with what comes before it, PlanWaits or PlanRefused for each plan; RoundClosed.

    Who cannot be held though it won, since another leg is full or a departure has changed, is out of the round, which
    is then held again without it.
    """
    waiting = lineups(state).of(ask.closes_at, ask.resource)
    failed: dict[bytes, Refusal] = {}
    facts: list[Served] | None = None
    while facts is None:
        contest = _contest(state, ask, [row for row in waiting if row.hold_id not in failed], desk)
        with state.trial():
            facts = _serve(state, contest, failed, desk)
            if facts is not None:  # what those who are served leave over may be enough for who failed
                facts += _retry(state, [row for row in waiting if row.hold_id in failed], desk)
                facts += [
                    fact for row, cause in contest.lost for fact in _lost(state, contest.closed, row, cause, desk)
                ]
    return [*facts, msgspec.structs.replace(contest.closed, asked=len(waiting))]


def _contest(state: State, ask: CloseSpaceRound, rows: list[Queued], desk: Desk) -> _Contest:
    """Hold the round of one resource on a copy of its claims."""
    resource, sharing = ask.resource, desk.world.sharing
    account = state[Account].find(resource)
    tally = find_tally(state, resource, account, desk.world.limits_of(resource), desk)
    assert tally is not None, f"{resource}: plans wait only for what is shared"
    claims, loans = tally.made(account, lent(state).on(resource), sharing.rows, desk.now)
    service, names = sharing.service_of(resource), sharing.names
    requests = _requests(tally, resource, rows, desk)
    outcomes, floor = make_outcomes(len(rows)), make_floor(tally.terms.tree)
    fits = tally.fits_alone(account, requests, sharing.rows, desk.now)
    elsewhere = np.array([may_fit_elsewhere(state, row.ask, resource, desk) for row in rows], np.bool_)
    compete = np.flatnonzero(fits & elsewhere)
    credits = _credits(state, service, tally, sharing.rows)
    told = make_outcomes(len(compete))
    hold_round(claims, loans, Requests(*(part[compete] for part in requests)), told, floor, credits)
    outcomes.table[:, CODE], outcomes.table[compete] = CLAIM, told.table
    touched = np.flatnonzero((floor.got + floor.waits + credits).any(axis=1)).tolist()
    parts = tuple(RoundPart(names[n], *map(_pair, (floor.got[n], floor.waits[n], credits[n]))) for n in touched)
    closed = RoundClosed(resource, service, ask.closes_at, len(rows), parts)
    return _Contest(*_sorted_out(rows, outcomes, names), closed)


def _requests(tally: Tally, resource: str, rows: list[Queued], desk: Desk) -> Requests:
    """What plans want of a resource. A ticket is a place among them."""
    known = desk.world.sharing.rows
    table = [[0, known.get(row.ask.by.holder, 0), desk.now, 0, row.ask.by.priority, n] for n, row in enumerate(rows)]
    uses = [next(use for use in list_contested(row.ask) if use.resource == resource) for row in rows]
    amounts = [tally.amounts(use.amounts) for use in uses]
    shape = (len(rows), len(tally.terms.dimensions))
    return Requests(np.array(table, np.int64).reshape(-1, 6), np.array(amounts, np.int64).reshape(shape))


def _pair(numbers: Longs) -> tuple[int, int]:
    return int(numbers[0]), int(numbers[1])


def _credits(state: State, service: str, tally: Tally, rows: dict[str, int]) -> Longs:
    credits, known = make_credits(tally.terms.tree), state[Deficit].find(service)
    for holder, left in known.credits.items() if known is not None else ():
        if holder in rows:
            credits[rows[holder]] = left
    return credits


def _sorted_out(
    rows: list[Queued], outcomes: Outcomes, names: tuple[str, ...]
) -> tuple[list[Queued], list[Queued], list[tuple[Queued, str]]]:
    won: list[Queued] = []
    stopped: list[Queued] = []
    lost: list[tuple[Queued, str]] = []
    for row, told in zip(rows, outcomes.table.tolist(), strict=True):
        if told[CODE] == LOST:
            lost.append((row, names[told[BINDING]]))
        else:
            (won if told[CODE] == FIRM else stopped).append(row)
    return won, stopped, lost


def _serve(state: State, contest: _Contest, failed: dict[bytes, Refusal], desk: Desk) -> list[Served] | None:
    """Hold what has won, in the state of a trial; None: one of them cannot be held and is now among the `failed`.

    Who did not win for want of space may still have what others lend or give.
    """
    facts: list[Served] = []
    for row in contest.won:
        held = hold(state, _from_now(row, desk), desk)
        if isinstance(held, Refusal):
            failed[row.hold_id] = held
            return None
        facts += [*_served_order(row), *_folded(state, held)]
    return facts + _retry(state, contest.stopped, desk)


def _retry(state: State, rows: list[Queued], desk: Desk) -> list[Served]:
    """Hold plans for which there is no turn to wait any more, each if it can be had now."""
    facts: list[Served] = []
    for row in rows:
        answer = hold(state, _from_now(row, desk), desk)
        if isinstance(answer, Refusal):
            facts += _folded(state, [_unserved(row, answer, desk)])
        else:
            facts += [*_served_order(row), *_folded(state, answer)]
    return facts


def _lost(state: State, closed: RoundClosed, row: Queued, cause: str, desk: Desk) -> Sequence[Served]:
    """A plan was not served, since the limit of a holder was reached before its turn.

    It may borrow. What would fit by claim is left for those whose turn it was.
    """
    held = hold(state, _from_now(row, desk), desk) if row.ask.by.borrows else None
    if isinstance(held, list) and _borrows(held, row.hold_id, closed.resource):
        return [*_served_order(row), *_folded(state, held)]
    lack = _turn_lack(state, closed.resource, row, cause, desk)
    thing = f"round of {closed.resource} at {instant_text(closed.closes_at)}"
    wanted = f"its turn for {lack.asked} {lack.dimension}"
    found = (
        f"that of a request before it, which did not fit under the limit of {cause} and for which it is not passed;"
        f" {lack.most} {lack.dimension} are free by claim"
    )
    why = Refusal("round", thing, wanted, found, "ask again", closed.resource, lack)
    return _folded(state, [_unserved(row, why, desk)])


def _turn_lack(state: State, resource: str, row: Queued, cause: str, desk: Desk) -> Lack:
    """The numbers of a turn that had not come, in the dimension of which least can be had of what was asked.

    most           as much would be firm now, were it its turn
    claim, ceiling what the claim of the holder whose limit shut the level is after the round, and may be
    """
    account, rows = state[Account].find(resource), desk.world.sharing.rows
    tally = find_tally(state, resource, account, desk.world.limits_of(resource), desk)
    assert tally is not None, f"{resource}: plans wait only for what is shared"
    use = next(use for use in list_contested(row.ask) if use.resource == resource)
    amounts, claims = tally.amounts(use.amounts), tally.claims
    at, layer = rows.get(cause, 0), int(claims.accounts[0, LAYER])
    most = find_most(find_limits(claims, rows.get(row.ask.by.holder, 0), layer, amounts), amounts)
    asked: list[int] = amounts.tolist()
    wanted = [d for d, amount in enumerate(asked) if amount]
    d = min(wanted, key=lambda d: (Fraction(max(0, most[d]), asked[d]), -asked[d]))
    claim = max(int(claims.guarantee[at, layer, d]), int(claims.below[at, layer, d]))
    return Lack(
        resource=resource,
        limit="round",
        dimension=tally.terms.dimensions[d],
        by=row.ask.by.holder,
        at=cause,
        asked=asked[d],
        most=max(0, most[d]),
        claim=claim,
        ceiling=int(claims.ceiling[at, d]),
    )


def _borrows(held: list[Held], hold_id: bytes, resource: str) -> bool:
    """True if a plan would have a resource on loan."""
    plan = next(fact for fact in held if isinstance(fact, PlanHeld) and fact.hold_id == hold_id)
    return any(space.resource == resource and space.from_at for space in plan.spaces)


def _folded(state: State, facts: Sequence[Served]) -> Sequence[Served]:
    for fact in facts:
        evolve(state, fact)
    return facts


def _served_order(row: Queued) -> list[OrderServed]:
    of = row.sourced
    return [OrderServed(of.order_id, of.decision_id, of.parts)] if of is not None else []


def _from_now(row: Queued, desk: Desk) -> HoldPlan:
    """The plan that was asked for, held for as long as was asked, from now on."""
    return msgspec.structs.replace(row.ask, expires_at=row.ask.expires_at - row.asked_at + desk.now)


def _unserved(row: Queued, why: Refusal, desk: Desk) -> PlanWaits | PlanRefused:
    """A plan waits for the next round if it would, and may; else it is refused."""
    next_at = closes_at_next(row.resource, row.ask, desk)
    if why.code in WAITABLE and next_at and next_at <= row.ask.wait_until:
        return PlanWaits(row.hold_id, next_at, why)
    standby = row.ask.standby.uses if row.ask.standby is not None else ()
    return PlanRefused(row.hold_id, row.ask.by, row.ask.uses, why, standby)
