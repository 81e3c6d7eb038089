"""Refusals as they go over the wire: their instants are times, which in the ledger are seconds."""

import datetime as dt

import msgspec

from rookery.journey.state import Refusal


class KeptTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Space that is kept for a holder and not used by it, until it is released; without `release_at` it never is."""

    holder: str
    amount: int
    release_at: dt.datetime | None = None


class LackTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers of a refusal of space.

    limit    what binds: capacity (it is used), claim (it is kept for others), ceiling (of a holder), allotment (of a
             holder, over several departures), bid_price, round (others went first), closed, too_late
    by, at   the holder who asked; the holder whose limit binds, also when all loans are gone that it could recall
    asked    so much; most: as much could have been had, and no more, with as much of the rest as could be had with it
    claim    what this would raise the claim at `at` to, or what is used; ceiling: the most that it may be
    kept     for which others under that limit, the largest first; told to the network's operator only
    firm_at  from when it would be firm if nothing else happens; without it never
    """

    resource: str
    limit: str
    dimension: str = ""
    by: str = ""
    at: str = ""
    asked: int = 0
    most: int = 0
    claim: int = 0
    ceiling: int = 0
    kept: tuple[KeptTold, ...] = ()
    firm_at: dt.datetime | None = None


class RefusalTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """The business says no.

    code     what is lacking, one word: short, closed, too_late, not_stocked ...
    thing    what it is about
    wanted, found, todo   what was asked for, what there is, what would help
    binding  the constraint that binds, by name: a resource, a rule, a row
    lack     of space: the numbers
    """

    code: str
    thing: str
    wanted: str = ""
    found: str = ""
    todo: str = ""
    binding: str = ""
    lack: LackTold | None = None

    def __str__(self) -> str:
        return str(Refusal(self.code, self.thing, self.wanted, self.found, self.todo))


def refusal_told(refusal: Refusal) -> RefusalTold:
    """A refusal as it goes over the wire: field by field the same, instants as times in UTC."""
    return msgspec.convert(msgspec.to_builtins(refusal), RefusalTold, strict=False)
