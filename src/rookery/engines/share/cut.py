"""Cuts: capacity is lost, guarantees shrink with it from the top down, and what does not fit any more is moved.

Cuts are rare and exact rather than fast: who goes is chosen in plain Python, so that products of two amounts cannot
overflow. What then becomes of each booking is compiled, as all that touches claims.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import lean, part
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
from rookery.engines.share.moves import Dimension, Movable, MoveReason, choose, find_reason

# Row of the holder, layer, whether it is borrowed, the ticket, priority: of one booking.
Place = tuple[int, int, int, int, int]


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
           it can be recalled; the layer after the last never begins. To be noted after the events of the loans: what
           became firm just before the cut may be lent again by it
    """

    moved: tuple[int, ...]
    lent: tuple[tuple[int, int], ...]


def shrink(above: list[int], guarantee: list[int], capacity: int) -> list[int]:
    """Guarantees in effect after a cut, one dimension: floor(guarantee * capacity / sum) wherever the sum exceeds.

    The parts that rounding leaves go to the largest remainders, ties to the holder whose row is first.
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

    what is borrowed; what is above all guarantees on its way up; then within guarantees, so that holders lose in
    proportion, each within one of its bookings of it (`moves.py`). Guarantees in effect shrink for good. What is not
    moved and then stands on guarantees of others can be recalled from now on.

    Raises  ValueError: `loans` has too little room for all of the bookings; nothing is cut then
    """
    _bring(claims, loans, account, now)
    _check_room(loans, len(bookings.table))
    standing, dimensions = _lay_out(claims, loans, account, capacity, bookings)
    moved = list(choose(standing, dimensions))
    for one in moved:
        _leave(claims, loans, account, *_placed(one))
    restate(claims, account, np.array([d.new for d in dimensions], np.int64).T, capacity, now)
    gone = {one.ticket for one in moved}
    stays = sorted((one for one in standing if one.ticket not in gone), key=lambda one: (not one.borrowed, one.rank))
    lent = [(one.ticket, _make_way(claims, loans, account, *_placed(one))) for one in stays]
    _firm_up(claims, loans, account)
    recallable = _list_tickets(loans, account)
    return Cut(
        tuple(one.ticket for one in moved), tuple(pair for pair in lent if pair[1] != NONE and pair[0] in recallable)
    )


def explain_cut(
    claims: Claims, loans: Loans, account: int, capacity: Longs, bookings: Bookings, now: int, ticket: int
) -> MoveReason | None:
    """Why a booking would go when it does, were its account cut; None: it would stay. Nothing is cut."""
    _bring(claims, loans, account, now)
    return find_reason(*_lay_out(claims, loans, account, capacity, bookings), ticket)


def _lay_out(
    claims: Claims, loans: Loans, account: int, capacity: Longs, bookings: Bookings
) -> tuple[list[Movable], list[Dimension]]:
    """The bookings, and each dimension with guarantees before the cut and after it."""
    row = claims.accounts[account]
    first, end, layer = int(row[FIRST]), int(row[END]), int(row[LAYER])
    above = [max(n - first, NONE) for n in claims.holders[first:end, ABOVE].tolist()]
    old = claims.guarantee[first:end, layer].T.tolist()
    new = [shrink(above, g, most) for g, most in zip(old, capacity.tolist(), strict=True)]
    dimensions = [Dimension(above, *terms) for terms in zip(old, new, capacity.tolist(), strict=True)]
    return _stand(claims, loans, account, bookings), dimensions


def _check_room(loans: Loans, count: int) -> None:
    standing, events = int(loans.counters[STANDING]), int(loans.counters[EVENTS])
    room = min(len(loans.table) - standing, len(loans.events) - standing - events)
    if room < count:
        raise ValueError(f"loans: wanted room for {count} more, found {room}; read the events, or make a larger table")


def _stand(claims: Claims, loans: Loans, account: int, bookings: Bookings) -> list[Movable]:
    first, layer = int(claims.accounts[account, FIRST]), int(claims.accounts[account, LAYER])
    layers = _list_tickets(loans, account)
    rows = zip(bookings.table.tolist(), bookings.amounts.tolist(), strict=True)
    return [
        Movable(ticket, n - first, (-priority, -at), amounts, layers.get(ticket, layer), ticket in layers)
        for at, ((n, priority, ticket), amounts) in enumerate(rows)
    ]


def _placed(one: Movable) -> tuple[Place, Longs]:
    return (one.row, one.layer, int(one.borrowed), one.ticket, -one.rank[0]), np.array(one.amounts, np.int64)


def _list_tickets(loans: Loans, account: int) -> dict[int, int]:
    """The tickets of an account's loans, the oldest first, and the layer from which each takes part in claims."""
    layers, loan = {}, int(loans.ends[account, OLDEST])
    while loan != NONE:
        layers[int(loans.table[loan, TICKET])] = int(loans.table[loan, FROM_LAYER])
        loan = int(loans.table[loan, AFTER])
    return layers


# --- one booking at a time, compiled: each of these is an engine's step that a cut takes by itself


@lean
def _bring(claims: Claims, loans: Loans, account: int, now: int) -> None:
    bring(claims, loans, account, now)


@lean
def _firm_up(claims: Claims, loans: Loans, account: int) -> None:
    firm_up(claims, loans, account)


@lean
def _leave(claims: Claims, loans: Loans, account: int, place: Place, amounts: Longs) -> None:
    """A booking loses its space."""
    row, layer, borrowed, ticket, _ = place
    if borrowed:
        before, loan = _find_loan(loans, account, ticket)
        strike(loans, account, loan, before)
    give_up(claims, account, claims.accounts[account, FIRST] + row, layer, amounts)


@part
def _find_loan(loans: Loans, account: int, ticket: int) -> tuple[int, int]:
    """The loan before it, -1 if it is the oldest, and the loan of a ticket."""
    before, loan = NONE, loans.ends[account, OLDEST]
    while loans.table[loan, TICKET] != ticket:
        before, loan = loan, loans.table[loan, AFTER]
    return before, loan


@lean
def _make_way(claims: Claims, loans: Loans, account: int, place: Place, amounts: Longs) -> int:
    """Let a booking stand on space of others, from the first layer on from which it fits, if that eases claims.

    Returns that layer; -1: it stays as it was

    Loans yield first, in every layer; a firm one only to claims of now: firm bookings alone strain no later layer.
    It takes part in no claim where it fits in none: it stands on space that is not lent, until that is asked for.
    Who was firm is the first to be so again.
    """
    row, layer, borrowed, ticket, priority = place
    n, layers = claims.accounts[account, FIRST] + row, claims.accounts[account, LAYERS]
    if not eases(claims, account, n, layer, layers if borrowed else layer + 1, amounts):
        return NONE
    take_off(claims, n, layer, layers, amounts)
    k = layers
    while find_binding(claims, n, k - 1, amounts)[0] == NONE:
        k -= 1
    add(claims, n, k, layers, amounts)
    if borrowed:
        _, loan = _find_loan(loans, account, ticket)
        loans.table[loan, FROM_LAYER] = k
    else:
        lend(loans, account, n, k, amounts, priority, ticket)
        _put_first(loans, account)
    return k


@part
def _put_first(loans: Loans, account: int) -> None:
    """Make the newest loan of an account its oldest."""
    newest, oldest = loans.ends[account, NEWEST], loans.ends[account, OLDEST]
    if newest != oldest:
        before, _ = _find_loan(loans, account, loans.table[newest, TICKET])
        loans.table[before, AFTER], loans.table[newest, AFTER] = NONE, oldest
        loans.ends[account, OLDEST], loans.ends[account, NEWEST] = newest, before
