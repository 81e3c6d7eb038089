"""Why a request does not fit: every limit that binds, by how much, and what would make room. Numbers; words come later.

Asked before or instead of a decision, with the account as it stands: nothing is changed. There are up to three ways in,
and each of them lets in all that is at most so much in every dimension:

    by claim   what raises no claim of now above its ceiling. Loans are in no claim before they are firm: whoever has a
               right to their space recalls them, so that they are nothing that stands against it
    given      what a holder that lends FREE has unused
    on loan    what is not used, be it on loan, and raises no claim of the last layer above its ceiling; for whom
               borrowed space will do
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from rookery.engines.share.claims import (
    ABOVE,
    END,
    FIRST,
    LAYER,
    LAYERS,
    LENDING,
    NEXT_AT,
    RELEASE_AT,
    Claims,
    renew,
)  # fmt: skip
from rookery.engines.share.decide import CODE, FIRM, Requests, decide, make_outcomes
from rookery.engines.share.holders import FREE, NEVER, NONE, Longs
from rookery.engines.share.loans import Loans


class Limit(NamedTuple):
    """A holder above whose ceiling a request would bring its claim; at the root the ceiling is the capacity."""

    row: int
    dimension: int
    claim: int
    raised: int
    ceiling: int

    @property
    def over(self) -> int:
        """By how much the claim would be above the ceiling."""
        return self.raised - self.ceiling


class Unused(NamedTuple):
    """Space that is kept for a holder, and not used by it, under a limit that binds."""

    row: int
    dimension: int
    amount: int
    release_at: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """What stands against a request, and what would free it.

    limits   all that bind on the way that lets in most, the lowest first, then by dimension; none: it can be had
    tightest the one that leaves the least part of what is asked, of equals the lowest; None: it can be had
    most     [dimensions] so much of each can be had at once, and more of none
    unused   guarantees of others under the tightest limit in its dimension, the largest first; none: what is claimed
             there is used
    """

    limits: tuple[Limit, ...]
    tightest: Limit | None
    most: tuple[int, ...]
    unused: tuple[Unused, ...]


class _Way(NamedTuple):
    """A way in: what binds there, in which layer (-1: what is used by now), and how much it lets in."""

    limits: list[tuple[Limit, int]]
    most: tuple[int, ...]


def explain(claims: Claims, account: int, row: int, amounts: Longs, now: int, *, borrows: bool = False) -> Reasons:
    """Why so much [dimensions] does not fit at a row, or that it does. Cost: a copy of the account.

    borrows  borrowed space will do
    """
    one, first = copy_account(claims, account), int(claims.accounts[account, FIRST])
    n = row - first
    if now >= one.accounts[0, NEXT_AT]:
        renew(one, 0, now)
    way = _widest(one, n, amounts, borrows=borrows)
    lacks = [(limit, k) for limit, k in way.limits if way.most[limit.dimension] < amounts[limit.dimension]]
    tightest, layer = min(lacks, key=lambda one: -_part_over(one[0], amounts), default=(None, NONE))
    unused = _unused(one, tightest, n, layer) if tightest is not None and layer != NONE else []
    return Reasons(
        tuple(limit._replace(row=limit.row + first) for limit, _ in lacks),
        tightest._replace(row=tightest.row + first) if tightest is not None else None,
        way.most,
        tuple(space._replace(row=space.row + first) for space in unused),
    )


def _part_over(limit: Limit, amounts: Longs) -> Fraction:
    return Fraction(limit.over, int(amounts[limit.dimension]))


def _widest(claims: Claims, n: int, amounts: Longs, *, borrows: bool) -> _Way:
    """The way by claim, or one that lets in no less of anything and more of something."""
    way = _by_claim(claims, n, amounts, int(claims.accounts[0, LAYER]))
    others = [_Way(way.limits, given) for given in _list_given(claims, amounts)]
    for other in [*others, *([_on_loan(claims, n, amounts)] if borrows else [])]:
        if other.most != way.most and all(a >= b for a, b in zip(other.most, way.most, strict=True)):
            way = other
    return way


def _by_claim(claims: Claims, n: int, amounts: Longs, layer: int) -> _Way:
    limits = find_limits(claims, n, layer, amounts)
    return _Way([(limit, layer) for limit in limits], find_most(limits, amounts))


def _list_given(claims: Claims, amounts: Longs) -> list[tuple[int, ...]]:
    """How much each holder that lends FREE would give."""
    layer, free = int(claims.accounts[0, LAYER]), claims.holders[:, LENDING] == FREE
    unused = (claims.guarantee[free, layer] - claims.below[free, layer]).clip(min=0)
    return [tuple(most) for most in np.minimum(unused, amounts).tolist()]


def _on_loan(claims: Claims, n: int, amounts: Longs) -> _Way:
    """What could be lent: it has to fit beside all that is used, and in the last layer."""
    last = _by_claim(claims, n, amounts, int(claims.accounts[0, LAYERS]) - 1)
    used, ceiling = claims.used[0].tolist(), claims.ceiling[0].tolist()
    full = [
        Limit(0, d, used[d], used[d] + asked, ceiling[d])
        for d, asked in enumerate(amounts.tolist())
        if asked and used[d] + asked > ceiling[d]
    ]
    most = find_most([*(limit for limit, _ in last.limits), *full], amounts)
    return _Way([*last.limits, *((limit, NONE) for limit in full)], most)


def find_firm_at(claims: Claims, loans: Loans, account: int, row: int, amounts: Longs, now: int) -> int:
    """From when on so much [dimensions] would be firm if nothing else happens: now, an instant of release, or NEVER.

    What is lent beyond then makes way; loans that are firm by then, or fit by claim then, do not.
    Cost  a copy of the accounts for each instant of release
    """
    at, told = now, make_outcomes(1)
    while at < NEVER:
        then, lent = Claims(*(part.copy() for part in claims)), Loans(*(part.copy() for part in loans))
        asked = Requests(np.array([[account, row, at, 0, 0, NONE]], np.int64), amounts[None])
        decide(then, lent, asked, told, 0)
        if told.table[0, CODE] == FIRM:
            return at
        at = int(then.accounts[account, NEXT_AT])
    return NEVER


def copy_account(claims: Claims, account: int) -> Claims:
    """An account by itself: its root is row 0."""
    first, end = claims.accounts[account, [FIRST, END]].tolist()
    rows, own = slice(first, end), slice(account, account + 1)
    parts = [part[own].copy() for part in claims[:3]] + [part[rows].copy() for part in claims[3:]]
    one = Claims(*parts)
    one.accounts[0, [FIRST, END]] -= first
    one.holders[1:, ABOVE] -= first
    return one


def find_limits(claims: Claims, n: int, layer: int, amounts: Longs) -> list[Limit]:
    """All limits that bind on the way up from row n in a layer, the lowest first."""
    found, more, at = [], amounts.copy(), n
    while at != NONE:
        claim = np.maximum(claims.guarantee[at, layer], claims.below[at, layer])
        raised = np.maximum(claims.guarantee[at, layer], claims.below[at, layer] + more)
        for d in np.flatnonzero((raised > claims.ceiling[at]) & (raised > claim)).tolist():
            found.append(Limit(at, d, int(claim[d]), int(raised[d]), int(claims.ceiling[at, d])))
        more, at = raised - claim, int(claims.holders[at, ABOVE])
    return found


def find_most(limits: list[Limit], amounts: Longs) -> tuple[int, ...]:
    """[dimensions] how much of so much would fit under the limits that bind, the others being nothing."""
    most = amounts.tolist()
    for limit in limits:
        most[limit.dimension] = min(most[limit.dimension], int(amounts[limit.dimension]) - limit.over)
    return tuple(max(0, amount) for amount in most)


def _unused(claims: Claims, limit: Limit, n: int, layer: int) -> list[Unused]:
    """What is kept for others under a limit. On the way up to it nothing is: the request has used all of that."""
    under, d, way_up = [limit.row], limit.dimension, [n]
    while way_up[-1] > limit.row:
        way_up.append(int(claims.holders[way_up[-1], ABOVE]))
    for m in range(limit.row + 1, len(claims.holders)):
        if claims.holders[m, ABOVE] in under:
            under.append(m)
    gap = claims.guarantee[:, layer, d] - claims.below[:, layer, d]
    found = [
        Unused(m, d, int(gap[m]), int(claims.holders[m, RELEASE_AT])) for m in under if gap[m] > 0 and m not in way_up
    ]
    return sorted(found, key=lambda space: (-space.amount, space.row))
