"""Who may use how much of one limited thing: from the rows of shares and blocks to the engine's tree of holders.

For each holder and dimension one row holds, the most specific: an exact id before a longer beginning before a shorter
one, then a named dimension before any. So a row for one flight takes the place of that holder's general row, and of no
other holder's.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rookery.engines.share.holders import FREE, KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders
from rookery.journey.network.rows import ANY, Valid
from rookery.journey.network.sharing import AMOUNT_MAX, COUNTED, Block, Holder, Selector, Share, read_selector
from rookery.journey.network.whole import Network
from rookery.units import MICRO

WHOLE = 100 * MICRO  # all of it, in per cent
LENDING = {"never": KEPT, "recallable": RECALLABLE, "free": FREE}
ONE_DAY = dt.timedelta(days=1)
Cell = tuple[str, str]  # holder, dimension


class Thing(NamedTuple):
    """A limited thing as selectors see it, such as `service` and its id."""

    kind: str
    id: str


class HolderTree:
    """The holders of a network, level by level and else by id, so that every tie goes by id; first the network, `*`.

    above  row of the holder above each; NONE at the network
    """

    def __init__(self, holders: Iterable[Holder]):
        self.rows = {ANY: 0}
        self.above = [NONE]
        waiting = sorted(holders, key=lambda one: one.holder)
        while ready := [one for one in waiting if (one.parent or ANY) in self.rows]:
            waiting = [one for one in waiting if (one.parent or ANY) not in self.rows]
            for one in ready:
                self.above.append(self.rows[one.parent or ANY])
                self.rows[one.holder] = len(self.rows)
        # who still waits is in a circle or under nobody: the reader of a folder tells

    @property
    def names(self) -> tuple[str, ...]:
        """Every holder in the order of its row."""
        return tuple(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """The rows about a thing from one day to another, the most specific first. Equal only to itself."""

    shares: tuple[Share, ...]
    blocks: tuple[Block, ...]


class Statements:
    """What a network states about limited things, day by day."""

    def __init__(self, network: Network):
        self._shares: dict[str, list[tuple[Selector, Share]]] = {}
        for share in network.shares:
            if share.dimension in (ANY, *COUNTED):
                selector = read_selector(share.resource)
                self._shares.setdefault(selector.kind, []).append((selector, share))
        for of_kind in self._shares.values():
            of_kind.sort(key=lambda pair: pair[1].dimension)  # of equally specific rows the first by dimension
            of_kind.sort(key=lambda pair: (pair[0].rank, pair[1].dimension != ANY), reverse=True)
        self._blocks: dict[str, list[Block]] = {}
        for block in sorted(network.blocks, key=lambda block: block.block_id):
            if block.dimension in COUNTED:
                self._blocks.setdefault(block.service_id, []).append(block)
        self._about: dict[Thing, tuple[list[dt.date], list[Stated | None]]] = {}
        self._known: dict[tuple[int, ...], Stated] = {}
        self.is_empty = not (self._shares or self._blocks)

    def on(self, thing: Thing, day: dt.date) -> Stated | None:
        """What is stated about a thing on a day, or None: nothing. The same rows are the same object."""
        days, stated = self._of(thing)
        return stated[bisect_right(days, day) - 1]

    def days(self, thing: Thing) -> list[dt.date]:
        """The days from each of which on something else is stated about a thing, beginning with the first of all."""
        return self._of(thing)[0]

    def _of(self, thing: Thing) -> tuple[list[dt.date], list[Stated | None]]:
        if thing not in self._about:
            shares = [share for selector, share in self._shares.get(thing.kind, ()) if selector.matches(thing.id)]
            blocks = self._blocks.get(thing.id, []) if thing.kind == "service" else []
            days = change_days((*shares, *blocks))
            self._about[thing] = days, [self._stated(shares, blocks, day) for day in days]
        return self._about[thing]

    def _stated(self, shares: Sequence[Share], blocks: Sequence[Block], day: dt.date) -> Stated | None:
        held = tuple(share for share in shares if share.holds_on(day))
        bought = tuple(block for block in blocks if block.holds_on(day))
        if not held and not bought:
            return None
        return self._known.setdefault(tuple(map(id, (*held, *bought))), Stated(held, bought))


def change_days(rows: Iterable[Valid]) -> list[dt.date]:
    """The days on which a row begins to hold, or holds no more, in order; the first of all days before them."""
    days = {dt.date.min}
    for row in rows:
        days.add(row.valid_from or dt.date.min)
        if row.valid_to is not None and row.valid_to < dt.date.max:
            days.add(row.valid_to + ONE_DAY)
    return sorted(days)


@dataclass(frozen=True, slots=True)
class Held:
    """Which rows hold for whom.

    shares  of each holder and dimension, where there is one
    blocks  likewise; several blocks of one holder add up
    terms   the row that says weight, and release and lending where there is no block, of each holder
    """

    shares: dict[Cell, Share]
    blocks: dict[Cell, list[Block]]
    terms: dict[str, Share]


def find_held(stated: Stated, dimensions: Sequence[str]) -> Held:
    """The row that holds for each holder and dimension, the most specific."""
    held = Held({}, {}, {})
    for share in stated.shares:
        for dimension in dimensions if share.dimension == ANY else (share.dimension,):
            if dimension in dimensions:
                held.shares.setdefault((share.holder, dimension), share)
                held.terms.setdefault(share.holder, share)
    for block in stated.blocks:
        if block.dimension in dimensions:
            held.blocks.setdefault((block.holder, block.dimension), []).append(block)
    return held


@dataclass(frozen=True, slots=True)
class Expansion:
    """A tree of holders, before it is known when things have to be decided.

    tree         row i is the holder of that row of the HolderTree; nothing is ever released yet
    release_min  minutes before the cut-off at which each holder's guarantee is released; 0: never
    """

    dimensions: tuple[str, ...]
    tree: Holders
    release_min: tuple[int, ...]


def counted(limits: Mapping[str, int]) -> tuple[str, ...]:
    """The dimensions of limits that orders take, in the order of the limits."""
    return tuple(dimension for dimension in limits if dimension in COUNTED)


def expand(holders: HolderTree, held: Held, limits: Mapping[str, int]) -> Expansion:
    """The tree of holders of a thing with these limits; amounts are rounded down."""
    dimensions = counted(limits)
    names, columns = holders.names, [_guarantees(holders, held, d, limits[d]) for d in dimensions]
    most = [[_ceiling(held.shares.get((name, d)), limits[d]) for d in dimensions] for name in names]
    first = {name: blocks[0] for (name, _), blocks in reversed(held.blocks.items())}
    rows = [first.get(name) or held.terms.get(name) for name in names]
    tree = Holders(
        above=np.array(holders.above, np.int64),
        guarantee=np.array(columns, np.int64).reshape(len(dimensions), len(names)).T.copy(),
        ceiling=np.array(most, np.int64).reshape(len(names), len(dimensions)),
        weight=np.array([held.terms[name].weight if name in held.terms else 1 for name in names], np.int64),
        lending=np.array([KEPT if row is None else LENDING[row.lending] for row in rows], np.int64),
        release_at=np.full(len(names), NEVER, np.int64),
    )
    return Expansion(dimensions, tree, tuple(0 if row is None else row.release_min for row in rows))


def _guarantees(holders: HolderTree, held: Held, dimension: str, capacity: int) -> list[int]:
    """What each holder is guaranteed of a dimension, or UNSTATED; those below then share what is above it."""
    stated, had = [UNSTATED], [capacity]
    for name, above in zip(holders.names[1:], holders.above[1:], strict=True):
        amount = _guarantee(held, (name, dimension), had[above])
        stated.append(UNSTATED if amount is None else amount)
        had.append(had[above] if amount is None else amount)
    return stated


def _guarantee(held: Held, cell: Cell, above: int) -> int | None:
    share, blocks = held.shares.get(cell), held.blocks.get(cell)
    if blocks:
        return min(sum(block.amount for block in blocks), AMOUNT_MAX)
    if share is None or share.guarantee_amount is not None:
        return None if share is None else share.guarantee_amount
    return None if share.guarantee is None else above * share.guarantee // WHOLE


def _ceiling(share: Share | None, capacity: int) -> int:
    """The most that may be claimed. All of the capacity is no limit of one's own: who is above has it too."""
    if share is None:
        return UNLIMITED
    if share.ceiling_amount is not None:
        return share.ceiling_amount
    return UNLIMITED if share.ceiling == WHOLE else capacity * share.ceiling // WHOLE
