"""Rounds of shared resources: plans that ask for more than their holders are guaranteed, served by weight.

A plan of several legs competes on one of them: on the one with rounds of which it would take the largest part of what
is left over. Its other legs have to be free when the round closes; if they are not, the round is held without it.
Rounds begin at whole multiples of `round_s` since the epoch, and one that would close after a cut-off is not waited
for: then a plan is decided as it comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from rookery.engines.share.claims import LAYER
from rookery.engines.share.decide import BINDING, CODE, FIRM, Outcomes, Requests, make_outcomes
from rookery.engines.share.holders import MILLION, UNLIMITED, Longs
from rookery.engines.share.rounds import LOST, hold_round, make_credits, make_floor
from rookery.journey.account import Account, find_lack
from rookery.journey.book import Held, HoldPlan, hold
from rookery.journey.booking import PlanRefused
from rookery.journey.departure import departure_of
from rookery.journey.desk import Desk
from rookery.journey.facts import evolve
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.tally import Tally, find_tally, lent
from rookery.journey.waits import Deficit, OrderServed, PlanQueued, PlanWaits, Queued, RoundClosed, RoundPart, lineups
from rookery.units import instant_text

WAITABLE = ("short", "round")  # of a refusal: what a later round may bring

Served = Held | OrderServed | PlanRefused | PlanWaits | RoundClosed


class CloseSpaceRound(msgspec.Struct, frozen=True):
    """Ask: decide all plans that wait for the round of a resource that closes now."""

    resource: str
    closes_at: int


# --- waiting


def hold_or_wait(state: State, ask: HoldPlan, desk: Desk) -> list[Held] | list[PlanQueued] | Refusal:
    """Hold a plan that is within its holder's guarantees now; let it wait for a round where it is not.

    Emits    as `book.hold`, or PlanQueued
    Refuses  as `book.hold`; what can never be had, and what no round can decide in time, at once
    """
    home = _find_home(state, ask, desk) if desk.world.sharing.has_rounds else ""
    closes_at = _closes_at(home, ask, desk) if home else 0
    if not closes_at or ask.expires_at <= desk.now:
        return hold(state, ask, desk)
    others = lineups(state).of(closes_at, home)
    number = 1 + max((row.number for row in others if row.asked_at == desk.now), default=0)
    return [PlanQueued(ask.hold_id, home, closes_at, desk.now, number, ask)]


def _find_home(state: State, ask: HoldPlan, desk: Desk) -> str:
    """The resource on which a plan competes; blank: on none, it raises no claim where rounds are held."""
    home, most = "", 0
    for use in ask.uses:
        if not desk.world.sharing.round_s(use.resource):
            continue
        account = state[Account].find(use.resource)
        limits = desk.world.limits_of(use.resource) if account is None else account.limits
        tally = find_tally(state, use.resource, account, limits, desk)
        if tally is None or find_lack(None, limits, use) is not None or (account is not None and account.closed):
            continue  # nobody competes there, or nobody will ever have so much of it
        n = desk.world.sharing.rows.get(ask.by.holder, 0)
        cost = _left_over_ppm(tally, n, tally.amounts(use.amounts))
        if cost > most:
            home, most = use.resource, cost
    return home


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


def _closes_at(home: str, ask: HoldPlan, desk: Desk) -> int:
    """When the round closes that a plan would wait for; 0: a cut-off of the plan comes first."""
    sharing = desk.world.sharing
    round_s = sharing.round_s(home)
    closes_at = (desk.now // round_s + 1) * round_s
    limited = {departure_of(use.resource) for use in ask.uses}
    cutoffs = [sharing.cutoff_at(use.resource) for use in ask.uses]
    cutoffs += [sharing.leaves_at(seen.departure) for seen in ask.departures if seen.departure not in limited]
    return closes_at if closes_at <= min(cutoffs) else 0


# --- closing


@dataclass(frozen=True, slots=True)
class _Contest:
    """What a round came to as far as its own resource goes.

    won, stopped   the plans; those that were stopped with the holder whose limit shut their level, blank: none did
    closed         what is left to each holder
    """

    won: list[Queued]
    stopped: list[tuple[Queued, str]]
    closed: RoundClosed


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
    told = [_unserved(row, failed[row.hold_id], desk) for row in waiting if row.hold_id in failed]
    return [*facts, *told, msgspec.structs.replace(contest.closed, asked=len(waiting))]


def _contest(state: State, ask: CloseSpaceRound, rows: list[Queued], desk: Desk) -> _Contest:
    """Hold the round of one resource on a copy of its claims."""
    resource, sharing = ask.resource, desk.world.sharing
    account = state[Account].find(resource)
    tally = find_tally(state, resource, account, desk.world.limits_of(resource), desk)
    assert tally is not None, f"{resource}: plans wait only for what is shared"
    claims, loans = tally.made(account, lent(state).on(resource), sharing.rows, desk.now)
    table = [[0, sharing.rows.get(r.ask.by.holder, 0), desk.now, 0, r.ask.by.priority, n] for n, r in enumerate(rows)]
    uses = [next(use for use in row.ask.uses if use.resource == resource) for row in rows]
    amounts = [tally.amounts(use.amounts) for use in uses]
    shape = (len(rows), len(tally.terms.dimensions))
    requests = Requests(np.array(table, np.int64).reshape(-1, 6), np.array(amounts, np.int64).reshape(shape))
    outcomes, floor = make_outcomes(len(rows)), make_floor(tally.terms.tree)
    service = sharing.service_of(resource)
    credits = _credits(state, service, tally, sharing.rows)
    hold_round(claims, loans, requests, outcomes, floor, credits)
    names, touched = sharing.names, np.flatnonzero((floor.got + floor.waits + credits).any(axis=1)).tolist()
    parts = tuple(RoundPart(names[n], *map(_pair, (floor.got[n], floor.waits[n], credits[n]))) for n in touched)
    closed = RoundClosed(resource, service, ask.closes_at, len(rows), parts)
    return _Contest(*_sorted_out(rows, outcomes, names), closed)


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
) -> tuple[list[Queued], list[tuple[Queued, str]]]:
    won: list[Queued] = []
    stopped: list[tuple[Queued, str]] = []
    for row, told in zip(rows, outcomes.table.tolist(), strict=True):
        if told[CODE] == FIRM:
            won.append(row)
        else:
            stopped.append((row, names[told[BINDING]] if told[CODE] == LOST else ""))
    return won, stopped


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
    for row, cause in contest.stopped:
        answer = _lost(contest.closed, row, cause) if cause else hold(state, _from_now(row, desk), desk)
        if isinstance(answer, Refusal):
            facts += _folded(state, [_unserved(row, answer, desk)])
        else:
            facts += [*_served_order(row), *_folded(state, answer)]
    return facts


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
    next_at = _closes_at(row.resource, row.ask, desk)
    if why.code in WAITABLE and next_at and next_at <= row.ask.wait_until:
        return PlanWaits(row.hold_id, next_at, why)
    return PlanRefused(row.hold_id, row.ask.by, row.ask.uses, why)


def _lost(closed: RoundClosed, row: Queued, cause: str) -> Refusal:
    when = instant_text(closed.closes_at)
    wanted, found = "its turn while there was space", f"the limit of {cause} reached by others, whose turn was before"
    lack = Lack(closed.resource, "round", by=row.ask.by.holder, at=cause)
    return Refusal("round", f"round of {closed.resource} at {when}", wanted, found, "ask again", closed.resource, lack)
