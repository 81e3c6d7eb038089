"""Decisions: requests in order over many accounts, each firm, borrowed or refused with the numbers that say why.

A request within its holder's unused guarantee is always firm: it raises no claim. What has been lent on it is
recalled in the same decision.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import lean, part
from rookery.engines.share.claims import (
    ABOVE,
    CLOSED,
    END,
    FIRST,
    GIVES,
    LAYER,
    LAYERS,
    LENDING,
    NEXT_AT,
    Claims,
    add,
    find_binding,
    is_over,
    is_too_much,
    raise_claim,
    renew,
    take_off,
)  # fmt: skip
from rookery.engines.share.holders import FREE, NONE, Longs
from rookery.engines.share.loans import (
    AFTER,
    FROM_LAYER,
    OLDEST,
    TICKET,
    Loans,
    firm_up,
    give_up,
    has_room,
    lend,
    name_lender,
    recall,
    strike,
)  # fmt: skip

# Columns of `Requests.table`.
ACCOUNT, ROW, AT, BORROWS, PRIORITY, TICKET_OF = range(6)
SINCE, RANK, NUMBER = range(2, 5)  # columns of `Standing.table`, after ACCOUNT and ROW
# Columns of `Outcomes.table`.
CODE, FROM, BINDING, DIMENSION, OVER, LENDER = range(6)
# Codes: what became of a request. The last three are refusals.
FIRM, BORROWED, CLAIM, SHUT, FULL = range(5)


class Requests(NamedTuple):
    """Who wants how much of what, in the order in which it is decided.

    table    [requests, 6] ACCOUNT; ROW of the holder; AT: now, never less than before for the same account;
             BORROWS 1: borrowed space will do; PRIORITY: lower goes first; TICKET_OF: the caller's number
    amounts  [requests, dimensions] at least 0, at most AMOUNT_MAX
    """

    table: Longs
    amounts: Longs


class Standing(NamedTuple):
    """Bookings that stand, of any accounts, the oldest loan of each account first.

    table    [bookings, 5] ACCOUNT; ROW, as in `Booked`; SINCE: the layer from which it is firm, 0 if it is; RANK: its
             priority; NUMBER: the caller's ticket
    amounts  [bookings, dimensions]
    """

    table: Longs
    amounts: Longs


class Booked(NamedTuple):
    """A booking that is given back at an instant.

    row       of its holder, or of the LENDER where it is FIRM on somebody else's guarantee
    borrowed  1: it was, as far as the caller has been told
    """

    account: int
    row: int
    borrowed: int
    ticket: int
    at: int


class Outcomes(NamedTuple):
    """What became of requests.

    table  [requests, 6] CODE; FROM: the layer from which it is firm; BINDING: row of the holder whose ceiling (at a
           root: the capacity) stood against it, -1: none; DIMENSION in which, and OVER: by how much, for refusals and
           for what is not its holder's own; LENDER: row of the holder that lends, -1: none
    Codes  FIRM; BORROWED, until layer FROM begins; CLAIM: refused; SHUT: the account is closed; FULL: more is used than
           there is, since a cut
    """

    table: Longs


def make_outcomes(count: int) -> Outcomes:
    """Room for so many outcomes."""
    return Outcomes(np.zeros((count, 6), np.int64))


@lean
def decide(claims: Claims, loans: Loans, requests: Requests, outcomes: Outcomes, first: int) -> int:
    """Decide requests in order, from number `first` on. Returns the number of the first that was not decided.

    That is the count of all, or less where `loans` has no room: read the events, set their counter to 0, or make more
    room, and call again with what was returned.
    """
    for i in range(first, len(requests.table)):
        asked = requests.table[i]
        bring(claims, loans, asked[ACCOUNT], asked[AT])
        if not _decide_one(claims, loans, asked, requests.amounts[i], outcomes.table[i]):
            return i
    return len(requests.table)


@lean
def restore(claims: Claims, loans: Loans, standing: Standing) -> None:
    """Put what stands into accounts that were just opened, as it was known to stand: nothing is decided.

    Accounts that were cut have been given their guarantees and capacity by `restate`. There is room for the loans.
    """
    for i in range(len(standing.table)):
        row = standing.table[i]
        use(claims, row[ACCOUNT], row[ROW], row[SINCE], standing.amounts[i])
        if row[SINCE] > claims.accounts[row[ACCOUNT], LAYER]:
            lend(loans, row[ACCOUNT], row[ROW], row[SINCE], standing.amounts[i], row[RANK], row[NUMBER])


@lean
def give_back(claims: Claims, loans: Loans, booked: Booked, amounts: Longs) -> None:
    """What a booking used is free again; loans that fit by claim now become firm. `amounts` [dimensions]."""
    bring(claims, loans, booked.account, booked.at)
    layer = 0
    before, loan = NONE, loans.ends[booked.account, OLDEST] if booked.borrowed else NONE
    while loan != NONE:
        if loans.table[loan, TICKET] == booked.ticket:
            layer = loans.table[loan, FROM_LAYER]
            strike(loans, booked.account, loan, before)
            break
        before, loan = loan, loans.table[loan, AFTER]
    give_up(claims, booked.account, booked.row, layer, amounts)
    firm_up(claims, loans, booked.account)


@lean
def freshen(claims: Claims, loans: Loans, account: int, now: int) -> None:
    """Bring an account to an instant; loans that are firm by then, or fit by claim, become firm: see the events."""
    bring(claims, loans, account, now)
    firm_up(claims, loans, account)


@lean
def shift(claims: Claims, n: int, more: Longs, less: Longs) -> None:
    """So much more and so much less [dimensions] is firmly used at row n of the one account that there is."""
    add(claims, n, claims.accounts[0, LAYER], claims.accounts[0, LAYERS], more)
    take_off(claims, n, claims.accounts[0, LAYER], claims.accounts[0, LAYERS], less)
    for d in range(len(more)):
        claims.used[0, d] += more[d] - less[d]


@lean
def climb(claims: Claims, n: int, amounts: Longs, raised: Longs) -> None:
    """What so much more [dimensions] at row n of the one account takes of what is left over, into `raised`."""
    for d in range(len(amounts)):
        raised[d] = amounts[d]
    at = n
    while at > claims.accounts[0, FIRST]:
        raise_claim(claims, at, claims.accounts[0, LAYER], raised)
        at = claims.holders[at, ABOVE]


@part
def bring(claims: Claims, loans: Loans, account: int, now: int) -> None:
    """Bring an account to an instant, and its loans with it."""
    if now >= claims.accounts[account, NEXT_AT]:
        renew(claims, account, now)
        firm_up(claims, loans, account)


@lean
def test(claims: Claims, n: int, amounts: Longs, borrows: int, told: Longs) -> bool:
    """What would become of so much for row n of the one account that there is, up to now; nothing is booked.

    Returns True if a recall would have to make room. `told` [6]: a row of `Outcomes`
    """
    _judge(claims, 0, n, amounts, borrows, told)
    if told[CODE] != FIRM:
        return False
    row = n if told[LENDER] == NONE else told[LENDER]
    for k in range(claims.accounts[0, LAYER], claims.accounts[0, LAYERS]):
        if find_binding(claims, row, k, amounts)[0] != NONE:
            return True
    return is_too_much(claims, 0, amounts)


@part
def _decide_one(claims: Claims, loans: Loans, asked: Longs, amounts: Longs, told: Longs) -> bool:
    """Decide one request of an account that is up to now. False if a loan has no vacant row."""
    account, n = asked[ACCOUNT], asked[ROW]
    _judge(claims, account, n, amounts, asked[BORROWS], told)
    if told[CODE] == FIRM:
        book(claims, loans, account, n if told[LENDER] == NONE else told[LENDER], amounts, asked[TICKET_OF])
    elif told[CODE] == BORROWED:
        if not has_room(loans):
            return False
        use(claims, account, n, told[FROM], amounts)
        lend(loans, account, n, told[FROM], amounts, asked[PRIORITY], asked[TICKET_OF])
    return True


@part
def _judge(claims: Claims, account: int, n: int, amounts: Longs, borrows: int, told: Longs) -> None:
    """What becomes of one request of an account that is up to now."""
    now = claims.accounts[account, LAYER]
    told[FROM], told[LENDER] = now, NONE
    told[BINDING], told[DIMENSION], told[OVER] = NONE, NONE, 0
    if claims.accounts[account, CLOSED]:
        told[CODE] = SHUT
        return
    if is_over(claims, account):
        told[CODE], told[BINDING] = FULL, claims.accounts[account, FIRST]
        return
    told[CODE] = FIRM
    told[BINDING], told[DIMENSION], told[OVER] = find_binding(claims, n, now, amounts)
    if told[BINDING] == NONE:
        return
    if claims.accounts[account, GIVES]:
        told[LENDER] = find_giver(claims, account, amounts)
        if told[LENDER] != NONE:
            return
    told[CODE] = CLAIM
    if borrows:
        k = find_layer(claims, account, n, amounts)
        if k < claims.accounts[account, LAYERS]:
            told[CODE], told[FROM], told[LENDER] = BORROWED, k, name_lender(claims, account, n, k, amounts)


@part
def find_giver(claims: Claims, account: int, amounts: Longs) -> int:
    """The first holder that lends FREE and has so much unused in every dimension; -1 if there is none.

    What it gives is firm, and booked as its own: it raises no claim, so no ceiling stands against it.
    """
    now = claims.accounts[account, LAYER]
    for n in range(claims.accounts[account, FIRST], claims.accounts[account, END]):
        enough = claims.holders[n, LENDING] == FREE
        for d in range(len(amounts)):
            enough &= amounts[d] == 0 or claims.guarantee[n, now, d] - claims.below[n, now, d] >= amounts[d]
        if enough:
            return n
    return NONE


@part
def find_layer(claims: Claims, account: int, n: int, amounts: Longs) -> int:
    """The first layer from which on so much at row n fits in all; LAYERS if it does not fit in the last."""
    k = claims.accounts[account, LAYERS]
    if is_too_much(claims, account, amounts):
        return k
    while k > claims.accounts[account, LAYER] and find_binding(claims, n, k - 1, amounts)[0] == NONE:
        k -= 1
    return k


@part
def use(claims: Claims, account: int, n: int, k: int, amounts: Longs) -> bool:
    """Book so much at row n, firm from layer k on. True if a recall has to make room for it."""
    strained = add(claims, n, k, claims.accounts[account, LAYERS], amounts)
    for d in range(len(amounts)):
        claims.used[account, d] += amounts[d]
    return strained or is_over(claims, account)


@part
def book(claims: Claims, loans: Loans, account: int, n: int, amounts: Longs, ticket: int) -> None:
    """Book what fits by claim now, and recall the loans that stand in its way."""
    if use(claims, account, n, claims.accounts[account, LAYER], amounts):
        recall(claims, loans, account, ticket)
        firm_up(claims, loans, account)
