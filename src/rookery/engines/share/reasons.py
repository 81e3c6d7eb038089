"""Why a request does not fit: every limit that binds, by how much, and what would make room. Numbers; words come later.

Asked before or instead of a decision, with the account as it stands: nothing is changed.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from rookery.engines.share.claims import ABOVE, END, FIRST, LAYER, LAYERS, NEXT_AT, RELEASE_AT, Claims, renew
from rookery.engines.share.holders import NEVER, NONE, Longs


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

    limits   all that bind, the lowest first, then by dimension; none: it is firm
    tightest the one that leaves the least part of what is asked, of equals the lowest; None: it is firm
    most     [dimensions] how much of each would be firm, the others being nothing
    unused   guarantees under the tightest limit in its dimension, the largest first
    firm_at  from when on it would be firm if nothing else happens: now, an instant of release, or NEVER
    """

    limits: tuple[Limit, ...]
    tightest: Limit | None
    most: tuple[int, ...]
    unused: tuple[Unused, ...]
    firm_at: int


def explain(claims: Claims, account: int, row: int, amounts: Longs, now: int) -> Reasons:
    """Why so much [dimensions] does not fit at a row, or that it does. Cost: a copy of the account."""
    one = copy_account(claims, account)
    n = row - int(claims.accounts[account, FIRST])
    if now >= one.accounts[0, NEXT_AT]:
        renew(one, 0, now)
    layer = int(one.accounts[0, LAYER])
    limits = find_limits(one, n, layer, amounts)
    tightest = min(limits, key=lambda one: -Fraction(one.over, int(amounts[one.dimension])), default=None)
    unused = _unused(one, tightest, layer) if tightest is not None else []
    first = int(claims.accounts[account, FIRST])
    return Reasons(
        tuple(limit._replace(row=limit.row + first) for limit in limits),
        tightest._replace(row=tightest.row + first) if tightest is not None else None,
        find_most(limits, amounts),
        tuple(space._replace(row=space.row + first) for space in unused),
        _firm_at(one, n, amounts, now),
    )


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
    """[dimensions] how much of so much would be firm under the limits that bind, as in Reasons."""
    most = amounts.tolist()
    for limit in limits:
        most[limit.dimension] = min(most[limit.dimension], int(amounts[limit.dimension]) - limit.over)
    return tuple(most)


def _unused(claims: Claims, limit: Limit, layer: int) -> list[Unused]:
    under, d = [limit.row], limit.dimension
    for n in range(limit.row + 1, len(claims.holders)):
        if claims.holders[n, ABOVE] in under:
            under.append(n)
    gap = claims.guarantee[:, layer, d] - claims.below[:, layer, d]
    found = [Unused(n, d, int(gap[n]), int(claims.holders[n, RELEASE_AT])) for n in under[1:] if gap[n] > 0]
    return sorted(found, key=lambda space: (-space.amount, space.row))


def _firm_at(claims: Claims, n: int, amounts: Longs, now: int) -> int:
    """The first instant of release, or now, from which on nothing binds in any layer."""
    at = now
    while at < NEVER:
        layers = range(int(claims.accounts[0, LAYER]), int(claims.accounts[0, LAYERS]))
        full = (claims.used[0] + amounts > claims.ceiling[0]).any()
        if not full and not any(find_limits(claims, n, k, amounts) for k in layers):
            return at
        at = int(claims.accounts[0, NEXT_AT])
        if at < NEVER:
            renew(claims, 0, at)
    return NEVER
