"""Why loans have to make way for a request that is firm: which limit would not be kept, from when on, by how much.

Asked for people; decides nothing. Who goes `tally.find_recalled` says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rookery.engines.share.claims import ABOVE, FIRST, LAYER, LAYERS, Claims
from rookery.engines.share.decide import shift
from rookery.engines.share.holders import NONE, Longs
from rookery.journey.account import Account, Use
from rookery.journey.desk import Desk, World
from rookery.journey.share import Claimant, judge
from rookery.journey.state import State
from rookery.journey.tally import Loan, Tally, find_tally, lent


@dataclass(frozen=True, slots=True)
class Strain:
    """What a loan had to ease, with the request and with all loans that had not gone before it.

    holder   whose limit it is; `*`: the network, whose limit is the capacity
    from_at  from then on `claim` is what the holder would claim; 0: it is what would be used now, of the capacity
    parts    what those right below the holder would claim then, so far as they claim some
    used     what would be used now in all
    eased_by how many loans would ease some limit, this one among them
    """

    holder: str
    dimension: str
    from_at: int
    claim: int
    ceiling: int
    parts: tuple[tuple[str, int], ...]
    used: int
    eased_by: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A loan that has to make way on a resource, and why."""

    loan: Loan
    strain: Strain


def find_gone(state: State, use: Use, by: Claimant, desk: Desk) -> list[Gone]:
    """The loans that make way for a use that is asked for, in that order; none if it cannot be had, or is borrowed."""
    account = state[Account].find(use.resource)
    limits = desk.world.limits_of(use.resource) if account is None else account.limits
    verdict = judge(state, use, limits, by, desk)
    tally = find_tally(state, use.resource, account, limits, desk)
    if not verdict.recalled or tally is None:
        return []
    row = desk.world.sharing.rows.get(verdict.space.holder if verdict.space is not None else by.holder, 0)
    left, found = lent(state).on(use.resource), []
    for loan in verdict.recalled:
        claims, _ = tally.made(account, left, desk.world.sharing.rows, desk.now)
        shift(claims, row, tally.amounts(use.amounts), np.zeros(len(tally.terms.dimensions), np.int64))
        found.append(Gone(loan, _strain(tally, claims, loan, left, desk.world)))
        left = [one for one in left if one is not loan]
    return found


def _strain(tally: Tally, claims: Claims, loan: Loan, left: list[Loan], world: World) -> Strain:
    eased = {one.loan: next(_list_eased(tally, claims, one, world), None) for one in left}
    first = eased[loan.loan]
    assert first is not None, "a loan that would ease nothing stays"
    layer, n, d = first
    by_layer = np.maximum(claims.guarantee, claims.below)
    names, below = world.sharing.names, np.flatnonzero(claims.holders[:, ABOVE] == n).tolist()
    used = int(claims.used[0, d])
    return Strain(
        holder=names[n],
        dimension=tally.terms.dimensions[d],
        from_at=0 if layer == NONE else tally.begins(layer),
        claim=used if layer == NONE else int(by_layer[n, layer, d]),
        ceiling=int(claims.ceiling[n, d]),
        parts=tuple((names[m], int(by_layer[m, layer, d])) for m in below if layer != NONE and by_layer[m, layer, d]),
        used=used,
        eased_by=sum(one is not None for one in eased.values()),
    )


def _list_eased(tally: Tally, claims: Claims, loan: Loan, world: World) -> Iterator[tuple[int, int, int]]:
    """What would be eased without a loan, the first instant first: the layer, -1 of use; the holder; the dimension."""
    amounts, root = tally.row_of(loan.amounts), int(claims.accounts[0, FIRST])
    first, now = tally.layer(claims, loan.from_at), int(claims.accounts[0, LAYER])
    if first <= now:
        return  # firm, though not yet told so
    for d in np.flatnonzero((amounts > 0) & (claims.used[0] > claims.ceiling[root])).tolist():
        yield NONE, root, d
    for layer in range(first, int(claims.accounts[0, LAYERS])):
        yield from _list_over(claims, world.sharing.rows.get(loan.holder, 0), layer, amounts)


def _list_over(claims: Claims, n: int, layer: int, amounts: Longs) -> Iterator[tuple[int, int, int]]:
    """The claims above their ceilings that would be lower without so much at row n."""
    for d, less in enumerate(amounts.tolist()):
        at = n
        while less > 0 and at != NONE:
            below, guarantee = int(claims.below[at, layer, d]), int(claims.guarantee[at, layer, d])
            claim = max(guarantee, below)
            less = claim - max(guarantee, below - less)
            if less > 0 and claim > int(claims.ceiling[at, d]):
                yield layer, at, d
            at = int(claims.holders[at, ABOVE])
