"""Claims: how much of limited things is spoken for, used or kept, at every holder of their trees.

    claim of a holder = max(its guarantee in effect, what is used at itself + the claims of the holders below it)

A request is firm exactly when with it no claim on its way up is above the ceiling there; the root's is the capacity.
What is used is counted once per *layer*. Layer k holds the guarantees that are still in effect from its instant on,
and every booking that is firm from then on at the latest. The layer of now says what is firm; a booking that fits only
from a later layer on is borrowed, can be recalled until that layer begins, and nothing more has to be done when it
does. Guarantees that are not lent count in every layer, until they are released. Decision 0014 has the proofs.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import lean, part
from rookery.engines.share.holders import FREE, KEPT, NEVER, NONE, UNSTATED, Holders, Longs

# Columns of `Claims.accounts`.
FIRST, END, LAYERS, LAYER, NEXT_AT, CLOSED, GIVES = range(7)
# Columns of `Claims.holders`.
ABOVE, LENDING, RELEASE_AT = range(3)
ALWAYS = -(2**62)  # the instant at which layer 0 begins


class Claims(NamedTuple):
    """Limited things, each with its tree of holders; all in one. Time never goes back.

    accounts   [accounts, 7] FIRST and END of its holders' rows; how many LAYERS it has; the LAYER of now; NEXT_AT,
               when a guarantee is released next; CLOSED 1: nothing more is accepted; GIVES 1: a holder lends FREE
    begins     [accounts, layers] instant at which each layer begins; NEVER for a last layer that does not
    used       [accounts, dimensions] all that is used, borrowed or not
    holders    [rows, 3] ABOVE: row, -1 at a root; LENDING; RELEASE_AT
    stated     [rows, dimensions] guarantee, released or not; 0 at roots and where none is stated
    ceiling    [rows, dimensions] most that may be claimed; at a root the capacity; UNLIMITED
    guarantee  [rows, layers, dimensions] in effect
    below      [rows, layers, dimensions] used at the holder itself + claims of the holders below it
    """

    accounts: Longs
    begins: Longs
    used: Longs
    holders: Longs
    stated: Longs
    ceiling: Longs
    guarantee: Longs
    below: Longs


def open_accounts(trees: list[Holders], capacities: Longs) -> Claims:
    """Accounts of which nothing is used yet, at no time yet; `capacities` [accounts, dimensions].

    The trees have passed `find_faults`. A root has no guarantee of its own: what it may claim is the capacity.

    Raises  ValueError: amounts of a tree have other dimensions than the capacities
    """
    for tree in trees:
        if not tree.guarantee.shape == tree.ceiling.shape == (len(tree.above), capacities.shape[1]):
            wanted, found = (len(tree.above), capacities.shape[1]), (tree.guarantee.shape, tree.ceiling.shape)
            raise ValueError(f"guarantee and ceiling: wanted {wanted} amounts each, found {found[0]} and {found[1]}")
    ends = np.cumsum([len(tree.above) for tree in trees])
    instants = [_instants(tree) for tree in trees]
    layers = max(len(one) for one in instants)
    begins = np.array([one + [NEVER] * (layers - len(one)) for one in instants], np.int64)
    starts = ends - [len(tree.above) for tree in trees]
    counts = [len(one) for one in instants]
    fixed = np.zeros(len(trees), np.int64)
    gives = [int((tree.lending == FREE).any()) for tree in trees]
    accounts = np.stack((starts, ends, counts, fixed, fixed + ALWAYS, fixed, gives), axis=1).astype(np.int64)
    above = np.concatenate([np.where(t.above == NONE, NONE, t.above + s) for t, s in zip(trees, starts, strict=True)])
    terms = np.stack((above, *(np.concatenate([t[i] for t in trees]) for i in (4, 5))), axis=1).astype(np.int64)
    guarantee = np.concatenate([tree.guarantee for tree in trees])
    ceiling = np.concatenate([tree.ceiling for tree in trees]).astype(np.int64)
    stated = np.where(guarantee == UNSTATED, 0, guarantee).astype(np.int64)
    stated[starts] = 0
    ceiling[starts] = np.minimum(ceiling[starts], capacities)
    shape = (len(above), layers, guarantee.shape[1])
    claims = Claims(
        accounts, begins, np.zeros_like(capacities), terms, stated, ceiling, np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
    )  # fmt: skip
    for account in range(len(trees)):
        renew(claims, account, ALWAYS)
    return claims


def _instants(tree: Holders) -> list[int]:
    """When the layers of a tree begin: at first, and whenever a guarantee that may be lent is released."""
    lends = (tree.lending != KEPT) & (tree.guarantee > 0).any(axis=1) & (tree.above != NONE)
    return [ALWAYS, *sorted(set(tree.release_at[lends].tolist()))]


@lean
def renew(claims: Claims, account: int, now: int) -> None:
    """Bring an account to an instant: which layer is that of now, which guarantees are in effect, what is claimed.

    NEXT_AT becomes the next instant at which this has to be done again.
    """
    row = claims.accounts[account]
    first, end, layers = row[FIRST], row[END], row[LAYERS]
    _unfold(claims, first, end, layers)
    row[NEXT_AT] = NEVER
    while row[LAYER] + 1 < layers and claims.begins[account, row[LAYER] + 1] <= now:
        row[LAYER] += 1
    if row[LAYER] + 1 < layers:
        row[NEXT_AT] = claims.begins[account, row[LAYER] + 1]
    for n in range(first, end):
        kept, release_at = claims.holders[n, LENDING] == KEPT, claims.holders[n, RELEASE_AT]
        if kept and now < release_at:
            row[NEXT_AT] = min(row[NEXT_AT], release_at)
        for k in range(layers):
            in_effect = now < release_at if kept else claims.begins[account, k] < release_at
            for d in range(claims.stated.shape[1]):
                claims.guarantee[n, k, d] = claims.stated[n, d] if in_effect else 0
    _fold(claims, first, end, layers)


def restate(claims: Claims, account: int, guarantee: Longs, capacity: Longs, now: int) -> None:
    """Give an account other guarantees [its holders, dimensions] and another capacity [dimensions], from now on.

    Whoever calls sees to it that every claim is within its ceiling, as a cut does.
    """
    first, end = claims.accounts[account, [FIRST, END]]
    claims.stated[first:end] = guarantee
    claims.ceiling[first] = capacity
    renew(claims, account, now)


@part
def _unfold(claims: Claims, first: int, end: int, layers: int) -> None:
    """Take the claims of the holders below out of `below`: what is used at each holder is left."""
    for n in range(first + 1, end):
        for k in range(layers):
            for d in range(claims.stated.shape[1]):
                claims.below[claims.holders[n, ABOVE], k, d] -= max(claims.guarantee[n, k, d], claims.below[n, k, d])


@part
def _fold(claims: Claims, first: int, end: int, layers: int) -> None:
    for n in range(end - 1, first, -1):
        for k in range(layers):
            for d in range(claims.stated.shape[1]):
                claims.below[claims.holders[n, ABOVE], k, d] += max(claims.guarantee[n, k, d], claims.below[n, k, d])


@part
def find_binding(claims: Claims, n: int, k: int, amounts: Longs) -> tuple[int, int, int]:
    """The lowest holder whose claim in layer k would be above its ceiling with so much more used at row n.

    Returns its row, the first dimension in which it is, and by how much; (-1, -1, 0) if there is none. Above a claim
    that does not rise nothing is looked at: at rest no claim is above its ceiling.
    """
    row, dimension, over = NONE, NONE, 0
    for d in range(len(amounts)):
        more, at = amounts[d], n
        while more > 0 and at > row:  # below a holder that binds in another dimension
            below, guarantee = claims.below[at, k, d], claims.guarantee[at, k, d]
            claim = max(guarantee, below + more)
            if claim > claims.ceiling[at, d]:
                row, dimension, over = at, d, claim - claims.ceiling[at, d]
                break
            more = claim - max(guarantee, below)
            at = claims.holders[at, ABOVE]
    return row, dimension, over


@part
def add(claims: Claims, n: int, first: int, end: int, amounts: Longs) -> bool:
    """Use so much more at row n in layers `first` to `end`. True if a claim is above its ceiling now."""
    over = False
    for k in range(first, end):
        for d in range(len(amounts)):
            more, at = amounts[d], n
            while more > 0 and at != NONE:
                below, guarantee = claims.below[at, k, d], claims.guarantee[at, k, d]
                claims.below[at, k, d] = below + more
                claim = max(guarantee, below + more)
                over |= claim > claims.ceiling[at, d]
                more = claim - max(guarantee, below)
                at = claims.holders[at, ABOVE]
    return over


@part
def take_off(claims: Claims, n: int, first: int, end: int, amounts: Longs) -> None:
    """Use so much less at row n in layers `first` to `end`."""
    for k in range(first, end):
        for d in range(len(amounts)):
            less, at = amounts[d], n
            while less > 0 and at != NONE:
                below, guarantee = claims.below[at, k, d], claims.guarantee[at, k, d]
                claims.below[at, k, d] = below - less
                less = max(guarantee, below) - max(guarantee, below - less)
                at = claims.holders[at, ABOVE]


@part
def raise_claim(claims: Claims, n: int, now: int, raises: Longs) -> None:
    """Make of what is used more below row n, or at it, what the claim of row n rises by."""
    for d in range(len(raises)):
        below, guarantee = claims.below[n, now, d], claims.guarantee[n, now, d]
        raises[d] = max(guarantee, below + raises[d]) - max(guarantee, below)


@part
def is_over(claims: Claims, account: int) -> bool:
    """True if more is used of a thing than there is of it."""
    root = claims.accounts[account, FIRST]
    for d in range(claims.used.shape[1]):  # noqa: SIM110 - a generator is nothing to compile
        if claims.used[account, d] > claims.ceiling[root, d]:
            return True
    return False


@part
def is_too_much(claims: Claims, account: int, amounts: Longs) -> bool:
    """True if so much more would be more than there is, whoever uses it."""
    root = claims.accounts[account, FIRST]
    for d in range(len(amounts)):  # noqa: SIM110 - a generator is nothing to compile
        if claims.used[account, d] + amounts[d] > claims.ceiling[root, d]:
            return True
    return False
