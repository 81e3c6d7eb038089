"""Cuts: capacity is lost, guarantees shrink with it from the top down, and what does not fit any more is moved.

Cuts are rare and exact rather than fast: plain Python, so that products of two amounts cannot overflow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from rookery.engines.share.claims import ABOVE, END, FIRST, LAYER, LAYERS, Claims, add, find_binding, restate, take_off
from rookery.engines.share.decide import bring
from rookery.engines.share.holders import NONE, Longs
from rookery.engines.share.loans import (
    AFTER,
    EVENTS,
    FROM_LAYER,
    NEWEST,
    OLDEST,
    STANDING,
    TICKET,
    Loans,
    eases,
    firm_up,
    give_up,
    lend,
    strike,
)  # fmt: skip

_BeforeAfter: TypeAlias = tuple[list[list[int]], list[list[int]]]  # guarantees [dimension][holder]
GUARANTEED = 1  # how full a holder is that uses just what it is guaranteed


class Bookings(NamedTuple):
    """All bookings of an account, the oldest first.

    table    [bookings, 3] row of the holder, priority (lower goes first, and stays), the caller's ticket
    amounts  [bookings, dimensions]
    """

    table: Longs
    amounts: Longs


@dataclass(frozen=True, slots=True)
class Cut:
    """What a cut leads to, by ticket and in the order in which it was found.

    moved  have lost their space; the journey finds them other space, or opens a case
    lent   keep it, but stand from now on on space that others are guaranteed: each with the layer until whose beginning
           it can be recalled; the layer after the last never begins
    """

    moved: tuple[int, ...]
    lent: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Standing:
    """A booking during a cut. `row` counts from the account's root; `layer`: from which it is firm."""

    ticket: int
    row: int
    rank: tuple[int, int]  # least is moved first: lowest priority, then latest
    amounts: list[int]
    layer: int
    borrowed: bool


def shrink(above: list[int], guarantee: list[int], capacity: int) -> list[int]:
    """Guarantees in effect after a cut, one dimension: floor(guarantee * capacity / sum) wherever the sum exceeds.

    The parts that rounding leaves go to the largest remainders, ties to the holder that stands first.
    guarantee  [holders] in effect before; 0 also where none is stated: such a holder passes on what it is given
    Law        the sum below each holder is at most what is left for that holder, the sum below the root the capacity
    """
    total = list(guarantee)
    below: list[list[int]] = [[] for _ in above]
    for n in range(len(above) - 1, 0, -1):
        below[above[n]].append(n)
        if guarantee[above[n]] == 0:
            total[above[n]] += total[n]
    left = list(total)
    left[0] = capacity
    for n, children in enumerate(below):
        wanted = sum(total[c] for c in children)
        if wanted <= left[n]:
            continue
        parts = {c: divmod(total[c] * left[n], wanted) for c in children}
        spare = left[n] - sum(whole for whole, _ in parts.values())
        first = sorted(parts, key=lambda c: (-parts[c][1], c))[:spare]
        for c, (whole, _) in parts.items():
            left[c] = whole + (c in first)
    return [0, *(min(g, most) for g, most in zip(guarantee[1:], left[1:], strict=True))]


def cut(claims: Claims, loans: Loans, account: int, capacity: Longs, bookings: Bookings, now: int) -> Cut:
    """Give an account another capacity [dimensions], and move the fewest that have to go, in this order:

    what is borrowed, lowest priority first, then latest; what is above all guarantees on its way up, likewise; within
    guarantees always from the holder that uses the largest part of its own, so that holders lose in proportion, each
    within one of its bookings of it. A booking that frees nothing which is still short is passed over, and no holder
    loses what its shrunk guarantee covers. Guarantees in effect shrink for good.

    Raises  ValueError: `loans` has too little room for all of the bookings; nothing is cut then
    """
    bring(claims, loans, account, now)
    row = claims.accounts[account]
    first, end, layer = int(row[FIRST]), int(row[END]), int(row[LAYER])
    above = [max(n - first, NONE) for n in claims.holders[first:end, ABOVE].tolist()]
    old = claims.guarantee[first:end, layer].T.tolist()
    new = [shrink(above, g, most) for g, most in zip(old, capacity.tolist(), strict=True)]
    _check_room(loans, len(bookings.table))
    standing = _stand(claims, loans, account, bookings)
    moved = list(_move(standing, above, (old, new), capacity.tolist()))
    for one in moved:
        _leave(claims, loans, account, one)
    restate(claims, account, np.array(new, np.int64).T, capacity, now)
    gone = {one.ticket for one in moved}
    stays = sorted((one for one in standing if one.ticket not in gone), key=lambda one: (not one.borrowed, one.rank))
    lent = [(one.ticket, _make_way(claims, loans, account, one)) for one in stays]
    firm_up(claims, loans, account)
    return Cut(tuple(one.ticket for one in moved), tuple(pair for pair in lent if pair[1] != NONE))


def _check_room(loans: Loans, count: int) -> None:
    standing, events = int(loans.counters[STANDING]), int(loans.counters[EVENTS])
    room = min(len(loans.table) - standing, len(loans.events) - standing - events)
    if room < count:
        raise ValueError(f"loans: wanted room for {count} more, found {room}; read the events, or make a larger table")


def _stand(claims: Claims, loans: Loans, account: int, bookings: Bookings) -> list[_Standing]:
    first, layer = int(claims.accounts[account, FIRST]), int(claims.accounts[account, LAYER])
    layers, loan = {}, int(loans.ends[account, OLDEST])
    while loan != NONE:
        layers[int(loans.table[loan, TICKET])] = int(loans.table[loan, FROM_LAYER])
        loan = int(loans.table[loan, AFTER])
    rows = zip(bookings.table.tolist(), bookings.amounts.tolist(), strict=True)
    return [
        _Standing(ticket, n - first, (-priority, -at), amounts, layers.get(ticket, layer), ticket in layers)
        for at, ((n, priority, ticket), amounts) in enumerate(rows)
    ]


def _move(
    standing: list[_Standing],
    above: list[int],
    guarantees: tuple[list[list[int]], list[list[int]]],
    capacity: list[int],
) -> Iterator[_Standing]:
    """Those that have to go, in order."""
    used = [[0] * len(above) for _ in capacity]
    for one in standing:
        _count(used, above, one, 1)
    queues: list[list[_Standing]] = [[] for _ in above]
    for one in sorted(standing, key=lambda one: one.rank):
        queues[one.row].append(one)
    borrowed = sorted((one for one in standing if one.borrowed), key=lambda one: one.rank)
    while short := [d for d, most in enumerate(capacity) if used[d][0] > most]:
        loans = [one for one in borrowed if any(one.amounts[d] for d in short)]
        if loans:
            one = loans[0]
            borrowed.remove(one)
        else:
            one = min(_candidates(queues, used, above, guarantees, short), key=lambda pair: pair[0])[1]
        queues[one.row].remove(one)
        _count(used, above, one, -1)
        yield one


def _candidates(
    queues: list[list[_Standing]],
    used: list[list[int]],
    above: list[int],
    guarantees: _BeforeAfter,
    short: list[int],
) -> Iterator[tuple[tuple[bool, Fraction, tuple[int, int]], _Standing]]:
    """Of each holder and dimension the first that might go, with its place in the order."""
    old, new = guarantees
    for d in short:
        for n, queue in enumerate(queues):
            full = _fullness(used[d], old[d], new[d], above, n) if queue else None
            one = next((one for one in queue if one.amounts[d]), None)
            if full is not None and one is not None:
                within = full <= GUARANTEED
                yield (within, -full if within else Fraction(0), one.rank), one


def _fullness(used: list[int], old: list[int], new: list[int], above: list[int], n: int) -> Fraction | None:
    """How much of a guarantee is used, the least of all on the way up; None if a shrunk one covers it.

    More than GUARANTEED where there is none.
    """
    least = Fraction(GUARANTEED + 1)
    while n != 0:
        if old[n]:
            if used[n] <= new[n]:
                return None
            least = min(least, Fraction(used[n], old[n]))
        n = above[n]
    return least


def _count(used: list[list[int]], above: list[int], one: _Standing, sign: int) -> None:
    n = one.row
    while n != NONE:
        for of, amount in zip(used, one.amounts, strict=True):
            of[n] += sign * amount
        n = above[n]


def _leave(claims: Claims, loans: Loans, account: int, one: _Standing) -> None:
    """A booking loses its space."""
    if one.borrowed:
        before, loan = _find_loan(loans, account, one.ticket)
        strike(loans, account, loan, before)
    give_up(claims, account, int(claims.accounts[account, FIRST]) + one.row, one.layer, np.array(one.amounts, np.int64))


def _find_loan(loans: Loans, account: int, ticket: int) -> tuple[int, int]:
    """The loan before it, -1 if it is the oldest, and the loan of a ticket."""
    before, loan = NONE, int(loans.ends[account, OLDEST])
    while loans.table[loan, TICKET] != ticket:
        before, loan = loan, int(loans.table[loan, AFTER])
    return before, loan


def _make_way(claims: Claims, loans: Loans, account: int, one: _Standing) -> int:
    """Let a booking stand on space of others, from the first layer on from which it fits, if that eases claims.

    Returns that layer; -1: it stays as it was

    Loans yield first, in every layer; a firm one only to claims of now: firm bookings alone strain no later layer.
    It takes part in no claim where it fits in none: it stands on space that is not lent, until that is asked for.
    Who was firm is the first to be so again.
    """
    first, layers = int(claims.accounts[account, FIRST]), int(claims.accounts[account, LAYERS])
    n, amounts = first + one.row, np.array(one.amounts, np.int64)
    if not eases(claims, account, n, one.layer, layers if one.borrowed else one.layer + 1, amounts):
        return NONE
    take_off(claims, n, one.layer, layers, amounts)
    k = layers
    while find_binding(claims, n, k - 1, amounts)[0] == NONE:
        k -= 1
    add(claims, n, k, layers, amounts)
    if one.borrowed:
        loans.table[_find_loan(loans, account, one.ticket)[1], FROM_LAYER] = k
    else:
        lend(loans, account, n, k, amounts, -one.rank[0], one.ticket)
        _put_first(loans, account)
    return k


def _put_first(loans: Loans, account: int) -> None:
    """Make the newest loan of an account its oldest."""
    newest, oldest = loans.ends[account, NEWEST], loans.ends[account, OLDEST]
    if newest != oldest:
        before, _ = _find_loan(loans, account, int(loans.table[newest, TICKET]))
        loans.table[before, AFTER], loans.table[newest, AFTER] = NONE, oldest
        loans.ends[account] = newest, before
