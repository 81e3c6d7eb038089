"""Loans: bookings that fit, but not by claim. Who lends, who has to go when a lender wants its own, who becomes firm.

A loan is a booking of a layer that has not begun. It takes part in all claims from its layer on, in `Claims.used` from
its beginning, and in no claim before. A loan of the layer after the last, made by a cut, takes part in no claim.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import part
from rookery.engines.share.claims import (
    ABOVE,
    END,
    FIRST,
    LAYER,
    LAYERS,
    LENDING,
    RELEASE_AT,
    Claims,
    add,
    find_binding,
    is_over,
    take_off,
)  # fmt: skip
from rookery.engines.share.holders import KEPT, NONE, Longs

# Columns of `Loans.table`; a row that holds no loan has only AFTER: the next such row.
AT_ROW, FROM_LAYER, PRIORITY, TICKET, AFTER = range(5)
OLDEST, NEWEST = range(2)  # columns of `Loans.ends`
VACANT, EVENTS, STANDING = range(3)  # of `Loans.counters`
WHAT, WHOSE, BY = range(3)  # columns of `Loans.events`
FIRMED, RECALLED = range(2)


class Loans(NamedTuple):
    """The loans of all accounts, each account's from the oldest to the newest.

    table     [size, 5] AT_ROW, FROM_LAYER, PRIORITY (lower goes first), TICKET: the caller's number; AFTER
    amounts   [size, dimensions]
    ends      [accounts, 2] OLDEST and NEWEST row of each account; -1: none
    events    [2 * size, 3] WHAT became of a loan: FIRMED or RECALLED; WHOSE ticket; BY which request's ticket, or -1
    counters  [3] first VACANT row, -1: none left; how many EVENTS; how many loans are STANDING
    """

    table: Longs
    amounts: Longs
    ends: Longs
    events: Longs
    counters: Longs


def make_loans(claims: Claims, size: int) -> Loans:
    """Room for so many loans at a time, and for twice as many events, less the loans, between two readings."""
    table = np.zeros((size, 5), np.int64)
    table[:, AFTER] = np.append(np.arange(1, size), NONE)[:size]
    amounts = np.zeros((size, claims.used.shape[1]), np.int64)
    ends = np.full((len(claims.accounts), 2), NONE, np.int64)
    return Loans(
        table, amounts, ends, np.zeros((2 * size, 3), np.int64), np.array([0 if size else NONE, 0, 0], np.int64)
    )


def grow_loans(loans: Loans, more: int) -> Loans:
    """The same loans, with room for so many more; the events have been read and are gone."""
    known = len(loans.table)
    table = np.concatenate((loans.table, np.zeros((more, loans.table.shape[1]), np.int64)))
    table[known:, AFTER] = np.append(np.arange(known + 1, known + more), loans.counters[VACANT])
    amounts = np.concatenate((loans.amounts, np.zeros((more, loans.amounts.shape[1]), np.int64)))
    counters = np.array([known, 0, loans.counters[STANDING]], np.int64)
    return Loans(table, amounts, loans.ends.copy(), np.zeros((2 * (known + more), 3), np.int64), counters)


@part
def has_room(loans: Loans) -> bool:
    """True if one more loan may be made. Every loan that stands has room for the event that will be its end."""
    counters = loans.counters
    return counters[VACANT] != NONE and counters[EVENTS] + counters[STANDING] < len(loans.events)


@part
def lend(loans: Loans, account: int, n: int, k: int, amounts: Longs, priority: int, ticket: int) -> None:
    """Put a loan of layer k behind all others of its account. There is room."""
    new = loans.counters[VACANT]
    row = loans.table[new]
    loans.counters[VACANT] = row[AFTER]
    loans.counters[STANDING] += 1
    row[AT_ROW], row[FROM_LAYER], row[PRIORITY], row[TICKET], row[AFTER] = n, k, priority, ticket, NONE
    for d in range(len(amounts)):
        loans.amounts[new, d] = amounts[d]
    newest = loans.ends[account, NEWEST]
    if newest == NONE:
        loans.ends[account, OLDEST] = new
    else:
        loans.table[newest, AFTER] = new
    loans.ends[account, NEWEST] = new


@part
def strike(loans: Loans, account: int, loan: int, before: int) -> int:
    """Take a loan out, which stands after `before` (-1: it is the oldest). Returns the one after it."""
    after = loans.table[loan, AFTER]
    if before == NONE:
        loans.ends[account, OLDEST] = after
    else:
        loans.table[before, AFTER] = after
    if after == NONE:
        loans.ends[account, NEWEST] = before
    loans.table[loan, AFTER] = loans.counters[VACANT]
    loans.counters[VACANT] = loan
    loans.counters[STANDING] -= 1
    return after


@part
def tell(loans: Loans, what: int, whose: int, by: int) -> None:
    """Note what became of a loan; see `has_room`."""
    event = loans.events[loans.counters[EVENTS]]
    event[WHAT], event[WHOSE], event[BY] = what, whose, by
    loans.counters[EVENTS] += 1


@part
def firm_up(claims: Claims, loans: Loans, account: int) -> None:
    """Make loans firm: those whose layer has begun, and then, oldest first, those that fit by claim now."""
    now, before, loan = claims.accounts[account, LAYER], NONE, loans.ends[account, OLDEST]
    while loan != NONE:
        row = loans.table[loan]
        begun = row[FROM_LAYER] <= now
        if begun or _fits_by_claim(claims, account, row[AT_ROW], row[FROM_LAYER], loans.amounts[loan]):
            if not begun:
                add(claims, row[AT_ROW], now, row[FROM_LAYER], loans.amounts[loan])
            tell(loans, FIRMED, row[TICKET], NONE)
            loan = strike(loans, account, loan, before)
        else:
            before, loan = loan, row[AFTER]


@part
def _fits_by_claim(claims: Claims, account: int, n: int, end: int, amounts: Longs) -> bool:
    """True if so much at row n fits in every layer from that of now to `end`."""
    if is_over(claims, account):
        return False
    for k in range(claims.accounts[account, LAYER], end):  # noqa: SIM110 - a generator is nothing to compile
        if find_binding(claims, n, k, amounts)[0] != NONE:
            return False
    return True


@part
def give_up(claims: Claims, account: int, n: int, k: int, amounts: Longs) -> None:
    """A booking of layer k is used no more."""
    take_off(claims, n, max(k, claims.accounts[account, LAYER]), claims.accounts[account, LAYERS], amounts)
    for d in range(len(amounts)):
        claims.used[account, d] -= amounts[d]


@part
def recall(claims: Claims, loans: Loans, account: int, by: int) -> None:
    """Recall loans until nothing that a recall can ease is strained: lowest priority first, then latest.

    A loan that would ease nothing stays, whatever its priority.
    """
    layers = claims.accounts[account, LAYERS]
    while True:
        worst, worst_before, before, loan = NONE, NONE, NONE, loans.ends[account, OLDEST]
        while loan != NONE:
            row = loans.table[loan]
            # `>=`: of equal priority the later one. A loan whose layer has begun is firm, though not yet told so.
            if (
                row[FROM_LAYER] > claims.accounts[account, LAYER]
                and (worst == NONE or row[PRIORITY] >= loans.table[worst, PRIORITY])
                and eases(claims, account, row[AT_ROW], row[FROM_LAYER], layers, loans.amounts[loan])
            ):
                worst, worst_before = loan, before
            before, loan = loan, row[AFTER]
        if worst == NONE:
            return
        row = loans.table[worst]
        give_up(claims, account, row[AT_ROW], row[FROM_LAYER], loans.amounts[worst])
        tell(loans, RECALLED, row[TICKET], by)
        strike(loans, account, worst, worst_before)


@part
def eases(claims: Claims, account: int, n: int, first: int, end: int, amounts: Longs) -> bool:
    """True if less at row n lowers use above capacity, or in layers `first` to `end` a claim above its ceiling."""
    root = claims.accounts[account, FIRST]
    for d in range(len(amounts)):
        if amounts[d] > 0 and claims.used[account, d] > claims.ceiling[root, d]:
            return True
        for layer in range(first, end):
            less, at = amounts[d], n
            while less > 0 and at != NONE:
                below, guarantee = claims.below[at, layer, d], claims.guarantee[at, layer, d]
                claim = max(guarantee, below)
                less = claim - max(guarantee, below - less)
                if less > 0 and claim > claims.ceiling[at, d]:
                    return True
                at = claims.holders[at, ABOVE]
    return False


@part
def name_lender(claims: Claims, account: int, n: int, k: int, amounts: Longs) -> int:
    """Row of the holder on whose space a booking of layer k at row n would stand; -1 if of the layer after the last.

    Of the holders that release when layer k begins, below the limit that binds until then: the one that has most
    unused in the dimension that binds, the first of equals. It is asked before the booking is made. None of row n and
    the rows above it: what is unused there the booking has by right, and uses up before anything binds. Of those below
    row n it may be one: what is kept for a holder is kept from what is booked above it, too, so that this borrows it.
    """
    if k == claims.accounts[account, LAYERS]:
        return NONE
    binding, d, _ = find_binding(claims, n, k - 1, amounts)
    lender, most, own = NONE, 0, n
    for row in range(claims.accounts[account, END] - 1, claims.accounts[account, FIRST] - 1, -1):
        if row == own:
            own = claims.holders[row, ABOVE]
            continue
        if claims.holders[row, LENDING] == KEPT or claims.holders[row, RELEASE_AT] != claims.begins[account, k]:
            continue
        unused = claims.guarantee[row, k - 1, d] - claims.below[row, k - 1, d]
        at = row
        while at > binding:
            at = claims.holders[at, ABOVE]
        if unused >= max(most, 1) and at == binding:
            lender, most = row, unused
    return lender
