"""Rounds: requests beyond guarantees served by deficit round robin, by weight, down the tree of holders.

At every holder the holders below it compete, and what it asks for itself competes as one more of weight 1. What a
competitor is charged at a level is what its claim rises there, as the dominant share of the capacity in millionths,
rounded up; a request that raises no claim at a level costs nothing there. Each has a credit that grows with its
weight, and the request whose credit is soonest enough is next; the quantum of this round robin is thus as small as can
be, and a credit stays between nothing and the cost of one request. Credits are counted per unit of weight, in parts of
the least common multiple of all weights of a level, so that nothing is rounded.

A request that does not fit shuts the levels between it and the limit that stopped it: nobody there may be granted more
in its place. What is left unused under a limit by this is less than that one request (decision 0014). Where nobody else
waits at these levels, nobody is passed: they stay open for what else its holder asks for.
"""

import math
from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import lean, part
from rookery.engines.share.claims import ABOVE, CLOSED, END, FIRST, LAYER, Claims, find_binding, is_over, raise_claim
from rookery.engines.share.decide import (
    ACCOUNT,
    AT,
    BINDING,
    CLAIM,
    CODE,
    DIMENSION,
    FIRM,
    FROM,
    FULL,
    LENDER,
    OVER,
    PRIORITY,
    ROW,
    SHUT,
    TICKET_OF,
    Outcomes,
    Requests,
    book,
    bring,
)  # fmt: skip
from rookery.engines.share.holders import MILLION, NONE, UNLIMITED, Holders, Longs, multiples
from rookery.engines.share.loans import Loans

LOST = 5  # a code of `Outcomes`: it was not its holder's turn before the level was shut
OWN, BELOW = range(2)  # columns of credits, units, waits, got: what a holder asks itself; itself under the one above
HEAD, TAIL, PICK, CAUSE = range(4)  # columns of `Floor.queues`


class Floor(NamedTuple):
    """Where rounds of one tree are held: its terms, room to work in, and what came of the last round.

    units   [holders, 2] parts in which a millionth is counted at its level: the common multiple over the weight
    queues  [holders, 4] HEAD and TAIL of its requests; PICK: whom its tree would send next, -1: nobody; CAUSE: the
            holder whose limit has shut its level, -1: it is open
    raises  [holders, dimensions] by how much the claim of each would rise with its pick
    due     [holders] parts that its pick still lacks at its level
    waits   [holders, 2] 1: it was backlogged in the last round: something was stopped at its level or above
    got     [holders, 2] millionths of the capacity that it was charged for in the last round
    """

    units: Longs
    queues: Longs
    raises: Longs
    due: Longs
    waits: Longs
    got: Longs


def make_floor(tree: Holders) -> Floor:
    """A floor for rounds among the holders of a tree."""
    count, dimensions = tree.guarantee.shape
    common = np.array(multiples(tree.above, tree.weight), np.int64)
    units = np.stack((common, np.append(1, common[tree.above[1:]] // tree.weight[1:])), axis=1)
    sizes = ((count, 4), (count, dimensions), (count,), (count, 2), (count, 2))
    return Floor(units, *(np.zeros(size, np.int64) for size in sizes))


def make_credits(tree: Holders) -> Longs:
    """[holders, 2] credits of a service before its first round."""
    return np.zeros((len(tree.above), 2), np.int64)


def hold_round(
    claims: Claims, loans: Loans, requests: Requests, outcomes: Outcomes, floor: Floor, credits: Longs
) -> None:
    """Decide the requests of one round, all for one account and at one instant, in order of arrival.

    credits  [holders, 2] of the service; changed, to be handed to its next round on whatever date
    Codes    FIRM; CLAIM, with the numbers; LOST, BINDING: the holder whose limit shut the level; SHUT; FULL. Borrowed
             space is nothing to compete for: what is not firm may ask for it afterwards
    Order    within a holder's own requests by priority, then by arrival
    Cost     the holders of the tree times the requests
    """
    table = requests.table
    order = np.lexsort((np.arange(len(table)), table[:, PRIORITY], table[:, ROW]))
    _hold(claims, loans, requests, order, outcomes, floor, credits)


def fairness_ppm(got: Longs, weight: Longs) -> int:
    """Jain's index of what was granted per unit of weight, in millionths; a million where none got any.

    got, weight  [holders] of those who were backlogged together
    Source       Jain, Chiu, Hawe 1984, (sum x)^2 / (n sum x^2), rounded down
    """
    common = math.lcm(*weight.tolist())
    parts = [share * (common // w) for share, w in zip(got.tolist(), weight.tolist(), strict=True)]
    squares = len(parts) * sum(part * part for part in parts)
    return MILLION * sum(parts) ** 2 // squares if squares else MILLION


@lean
def _hold(
    claims: Claims, loans: Loans, requests: Requests, order: Longs, outcomes: Outcomes, floor: Floor, credits: Longs
) -> None:
    floor.waits[:], floor.got[:] = 0, 0
    if len(order) == 0:
        credits[:] = 0
        return
    account = requests.table[0, ACCOUNT]
    bring(claims, loans, account, requests.table[0, AT])
    root, now = claims.accounts[account, FIRST], claims.accounts[account, LAYER]
    for told in outcomes.table:
        told[FROM], told[LENDER], told[BINDING], told[DIMENSION], told[OVER] = now, NONE, NONE, NONE, 0
        told[CODE] = SHUT if claims.accounts[account, CLOSED] else FULL
    if claims.accounts[account, CLOSED] or is_over(claims, account):
        return
    _line_up(floor, requests, order, root)
    while True:
        _pick(claims, account, requests, order, floor, credits)
        if floor.queues[0, PICK] == NONE:
            break
        r = floor.queues[0, PICK]
        told, n = outcomes.table[r], requests.table[r, ROW]
        told[BINDING] = _find_cause(claims, root, now, n, requests.amounts[r], floor)
        told[CODE] = LOST
        if told[BINDING] == NONE:
            told[BINDING], told[DIMENSION], told[OVER] = find_binding(claims, n, now, requests.amounts[r])
            told[CODE] = CLAIM
        if told[BINDING] == NONE:
            told[CODE] = FIRM
            _charge(claims, account, n, requests.amounts[r], floor, credits)
            book(claims, loans, account, n, requests.amounts[r], requests.table[r, TICKET_OF])
        else:
            shut_by = told[BINDING]
            if told[CODE] == CLAIM and not _has_rival(claims, account, n, shut_by, requests.amounts[r], floor):
                shut_by = NONE
            _stop(claims, root, now, n, told[BINDING], requests.amounts[r], floor, shut_by)
        floor.queues[n - root, HEAD] += 1
    for i in range(len(credits)):
        for column in (OWN, BELOW):
            credits[i, column] *= floor.waits[i, column]


@part
def _line_up(floor: Floor, requests: Requests, order: Longs, root: int) -> None:
    """Every holder's queue, as a part of `order`; every level open."""
    for i in range(len(floor.queues)):
        queue = floor.queues[i]
        queue[HEAD], queue[TAIL], queue[PICK], queue[CAUSE] = 0, 0, NONE, NONE
    for at in range(len(order)):
        queue = floor.queues[requests.table[order[at], ROW] - root]
        if queue[TAIL] == 0:
            queue[HEAD] = at
        queue[TAIL] = at + 1


@part
def _cost(claims: Claims, root: int, raises: Longs) -> int:
    """The largest part of the capacity that this is in any dimension, in millionths, rounded up; at most a million."""
    most = 0
    for d in range(len(raises)):
        capacity = claims.ceiling[root, d]
        if raises[d] >= capacity:
            most = MILLION if raises[d] > 0 else most
        elif capacity != UNLIMITED:
            most = max(most, -(-raises[d] * MILLION // capacity))
    return most


@part
def _pick(claims: Claims, account: int, requests: Requests, order: Longs, floor: Floor, credits: Longs) -> None:
    """Of every holder the request that its tree would send next: the one whose credit is soonest enough.

    Ties: a holder's own request, then the holder whose row is first
    """
    root, now = claims.accounts[account, FIRST], claims.accounts[account, LAYER]
    floor.queues[:, PICK] = NONE
    for i in range(len(floor.queues) - 1, -1, -1):
        queue, raises = floor.queues[i], floor.raises[i]
        if queue[HEAD] < queue[TAIL]:
            r = order[queue[HEAD]]
            due = _cost(claims, root, requests.amounts[r]) * floor.units[i, OWN] - credits[i, OWN]
            if queue[PICK] == NONE or due <= floor.due[i]:
                queue[PICK], floor.due[i] = r, due
                _copy(raises, requests.amounts[r])
        if queue[PICK] == NONE or i == 0:
            continue
        raise_claim(claims, root + i, now, raises)
        above = claims.holders[root + i, ABOVE] - root
        due = _cost(claims, root, raises) * floor.units[i, BELOW] - credits[i, BELOW]
        if floor.queues[above, PICK] == NONE or due <= floor.due[above]:
            floor.queues[above, PICK], floor.due[above] = queue[PICK], due
            _copy(floor.raises[above], raises)


@part
def _copy(into: Longs, amounts: Longs) -> None:
    for d in range(len(amounts)):
        into[d] = amounts[d]


@part
def _find_cause(claims: Claims, root: int, now: int, n: int, amounts: Longs, floor: Floor) -> int:
    """The holder whose limit has shut the lowest level at which this request is charged; -1 if all are open."""
    raises = floor.raises[n - root]
    _copy(raises, amounts)
    while n != NONE and _cost(claims, root, raises) > 0:
        if floor.queues[n - root, CAUSE] != NONE:
            return floor.queues[n - root, CAUSE]
        raise_claim(claims, n, now, raises)
        n = claims.holders[n, ABOVE]
    return NONE


@part
def _has_rival(claims: Claims, account: int, n: int, cause: int, amounts: Longs, floor: Floor) -> bool:
    """Whether another side waits at a level at which this request is charged, up to the holder whose limit stops it."""
    root, now = claims.accounts[account, FIRST], claims.accounts[account, LAYER]
    raises, side = floor.raises[n - root], NONE
    _copy(raises, amounts)
    while n >= cause and _cost(claims, root, raises) > 0:
        queue = floor.queues[n - root]
        if side != NONE and queue[HEAD] < queue[TAIL]:
            return True
        for other in range(n + 1, claims.accounts[account, END]):
            if other != side and claims.holders[other, ABOVE] == n and floor.queues[other - root, PICK] != NONE:
                return True
        raise_claim(claims, n, now, raises)
        side, n = n, claims.holders[n, ABOVE]
    return False


@part
def _stop(claims: Claims, root: int, now: int, n: int, cause: int, amounts: Longs, floor: Floor, shut_by: int) -> None:
    """Who asked waits at the levels at which this request is charged, up to the holder whose limit stopped it.

    shut_by  that holder: these levels are shut; NONE: they stay open
    """
    raises, column, i = floor.raises[n - root], OWN, n - root
    _copy(raises, amounts)
    while n >= cause and _cost(claims, root, raises) > 0:
        if floor.queues[n - root, CAUSE] == NONE:
            floor.queues[n - root, CAUSE] = shut_by
        floor.waits[i, column] = 1
        raise_claim(claims, n, now, raises)
        column, i, n = BELOW, n - root, claims.holders[n, ABOVE]


@part
def _charge(claims: Claims, account: int, n: int, amounts: Longs, floor: Floor, credits: Longs) -> None:
    """At every level of a request: credits grow until that of its side is enough, which then pays."""
    root, now = claims.accounts[account, FIRST], claims.accounts[account, LAYER]
    raises, column, i = floor.raises[n - root], OWN, n - root
    _copy(raises, amounts)
    while n != NONE:
        cost = _cost(claims, root, raises)
        grown = cost * floor.units[i, column] - credits[i, column]
        if grown > 0:
            queue = floor.queues[n - root]
            credits[n - root, OWN] += grown if queue[HEAD] < queue[TAIL] else 0
            for other in range(n + 1, claims.accounts[account, END]):
                if claims.holders[other, ABOVE] == n and floor.queues[other - root, PICK] != NONE:
                    credits[other - root, BELOW] += grown
        credits[i, column] -= cost * floor.units[i, column]
        floor.got[i, column] += cost
        raise_claim(claims, n, now, raises)
        column, i, n = BELOW, n - root, claims.holders[n, ABOVE]
