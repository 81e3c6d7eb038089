"""How holders stand at a shared resource: claims, ceilings, what is unused. Asked for people; decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rookery.engines.share.claims import ABOVE, LAYER
from rookery.engines.share.holders import NONE, UNLIMITED
from rookery.engines.share.rounds import fairness_ppm
from rookery.journey.account import Account, Use
from rookery.journey.desk import Desk, World
from rookery.journey.state import State
from rookery.journey.tally import Tally, find_tally
from rookery.journey.waits import RoundClosed


@dataclass(frozen=True, slots=True)
class Stand:
    """A holder at a shared resource in one dimension, at an instant.

    guarantee  stated, released or not; kept: what of it is in effect
    used       firmly, by it and claimed below it
    ceiling    the most that it may claim; None: no limit of its own. Of the network: the capacity
    """

    holder: str
    dimension: str
    guarantee: int
    kept: int
    used: int
    ceiling: int | None

    @property
    def claim(self) -> int:
        """What it claims."""
        return max(self.kept, self.used)

    @property
    def unused(self) -> int:
        """What is kept for it, and nobody uses firmly."""
        return max(0, self.kept - self.used)


@dataclass(frozen=True, slots=True)
class Rung:
    """A holder on the way up from one that asks. `more`: so much more is used by it, or claimed below it."""

    stand: Stand
    more: int

    @property
    def raised(self) -> int:
        """Its claim with what is asked."""
        return max(self.stand.kept, self.stand.used + self.more)

    @property
    def binds(self) -> bool:
        """True if what is asked brings its claim above its ceiling."""
        return self.stand.ceiling is not None and self.raised > max(self.stand.ceiling, self.stand.claim)


def list_stands(state: State, resource: str, desk: Desk) -> list[Stand]:
    """Every holder in every dimension of a resource, the network first; nothing of what nobody shares."""
    tally = _tally(state, resource, desk)
    if tally is None:
        return []
    rows = range(len(tally.claims.holders))
    return [_stand(tally, n, d, desk.world) for d in range(len(tally.terms.dimensions)) for n in rows]


def list_rungs(state: State, use: Use, holder: str, desk: Desk) -> list[Rung]:
    """The way up from a holder that asks for a use, the holder first, in each dimension of which it asks some."""
    tally = _tally(state, use.resource, desk)
    return [] if tally is None else list(_rungs(tally, use, holder, desk.world))


def _rungs(tally: Tally, use: Use, holder: str, world: World) -> Iterator[Rung]:
    for d, more in enumerate(tally.amounts(use.amounts).tolist()):
        at = world.sharing.rows.get(holder, 0) if more else NONE
        while at != NONE:
            stand = _stand(tally, at, d, world)
            rung = Rung(stand, more)
            yield rung
            more, at = rung.raised - stand.claim, int(tally.claims.holders[at, ABOVE])


def _tally(state: State, resource: str, desk: Desk) -> Tally | None:
    account = state[Account].find(resource)
    limits = desk.world.limits_of(resource) if account is None else account.limits
    return find_tally(state, resource, account, limits, desk)


def _stand(tally: Tally, n: int, d: int, world: World) -> Stand:
    claims = tally.claims
    now, ceiling = int(claims.accounts[0, LAYER]), int(claims.ceiling[n, d])
    return Stand(
        holder=world.sharing.names[n],
        dimension=tally.terms.dimensions[d],
        guarantee=int(claims.stated[n, d]),
        kept=int(claims.guarantee[n, now, d]),
        used=int(claims.below[n, now, d]),
        ceiling=None if ceiling == UNLIMITED else ceiling,
    )


# --- rounds


@dataclass(frozen=True, slots=True)
class Side:
    """One that competes at a level of a round: a holder, or the holder of the level with its own requests.

    got    millionths of the capacity that it was charged for there; waits: something of it was not served
    """

    holder: str
    weight: int
    got: int
    waits: bool


def list_levels(closed: RoundClosed, world: World) -> dict[str, list[Side]]:
    """The sides of each level at which a round was held, by the holder of the level; only those that it touched."""
    terms = world.sharing.find_terms(closed.resource, world.limits_of(closed.resource))
    levels: dict[str, list[Side]] = {}
    for part in closed.parts if terms is not None else ():
        assert terms is not None
        row = world.sharing.rows[part.holder]
        above = world.sharing.above(part.holder)
        sides = [(part.holder, 1, 0), *((level, int(terms.tree.weight[row]), 1) for level in above[:1])]
        for level, weight, column in sides:
            if part.got[column] or part.waits[column]:
                side = Side(part.holder, weight, part.got[column], bool(part.waits[column]))
                levels.setdefault(level, []).append(side)
    return levels


def jain_ppm(got: list[int], weights: list[int]) -> int:
    """Jain's index of what sides got per unit of weight, in millionths."""
    return fairness_ppm(np.array(got, np.int64), np.array(weights, np.int64))
