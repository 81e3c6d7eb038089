"""Of which hop what was seen of a parcel may be, and what of it the operator of a leg is shown.

seen at                 by                         it may be of
a place of the plan     an operator of hops there  these hops
a place of the plan     anybody else               all hops that begin or end there
any other place         an operator of hops        all hops of that operator
any other place         anybody else               none
An operator is shown what is of its own hop, of the one before or of the one after, whichever hop it may be of.
"""

from collections.abc import Sequence
from typing import Literal

from rookery.journey.route import Leg

HopSight = Literal["own", "next"]


def find_hops(legs: Sequence[Leg], place: str, by: str) -> frozenset[int]:
    """The hops, from 0, of which an event may be that a company saw at a place."""
    there = {at for at, leg in enumerate(legs) if place in (leg.origin, leg.destination)}
    theirs = {at for at, leg in enumerate(legs) if leg.operator == by}
    return frozenset(there & theirs or there or theirs)


def sight_of(caller: str, legs: Sequence[Leg], place: str, by: str) -> HopSight | None:
    """How the operator of a leg sees an event that a company saw at a place.

    own   all of it: it can only be of a hop of its own
    next  who, where, when and what: it may be of the hop before or after
    None  not at all: it may be of another hop, or is of none
    """
    own = {at for at, leg in enumerate(legs) if leg.operator == caller}
    hops = find_hops(legs, place, by)
    if not hops:
        return None
    if hops <= own:
        return "own"
    return "next" if hops <= own | {at - 1 for at in own} | {at + 1 for at in own} else None
