"""Which bookings a cut moves, in which order, until what is used fits.

    1  what is borrowed                                      lowest priority first, then latest
    2  what is above every guarantee on its way up           likewise
    3  within guarantees, in proportion to them              likewise within a holder

In the third, of the holders under the root the one that is furthest above its part goes first, of those below it again
the one that is, and so on; what leaves all of them at their part or above it before what does not.
A booking that frees nothing which is still short is passed over. What a shrunk guarantee covers is not touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

GUARANTEED = 1  # how full a holder is that uses just what it is guaranteed
Place: TypeAlias = tuple[int, int, tuple[Fraction, ...], tuple[int, int]]  # in the order: the least goes first


@dataclass(slots=True)
class Movable:
    """A booking during a cut. `row` counts from the account's root; `layer`: from which it is firm."""

    ticket: int
    row: int
    rank: tuple[int, int]  # least goes first: lowest priority, then latest
    amounts: list[int]
    layer: int
    borrowed: bool


@dataclass(frozen=True, slots=True)
class MovePart:
    """A holder with a guarantee when somebody had to go. `part`: what is left for it in proportion, rounded down."""

    row: int
    used: int
    old: int
    new: int
    part: int


@dataclass(frozen=True, slots=True)
class MoveReason:
    """The numbers by which a booking had to go when its turn came.

    step       1 to 3, as above; dimension: the one that was short and put it there
    used       in all, just before it went
    way        holders with a guarantee from its own up; others: all others that have one and use some
    """

    step: int
    dimension: int
    used: int
    way: tuple[MovePart, ...]
    others: tuple[MovePart, ...]


@dataclass(slots=True)
class Dimension:
    """One dimension during a cut.

    above    [holders] the holder above
    old      [holders] guarantee in effect before the cut; 0: none
    new      [holders] after it
    used     [2 * holders] used at and below each holder; then of that, under no other guarantee further down
    targets  [2 * holders] what would be left of that if bookings could be divided; made when the third step begins
    """

    above: list[int]
    old: list[int]
    new: list[int]
    capacity: int
    used: list[int] = field(default_factory=list)
    targets: list[Fraction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.used = [0] * (2 * len(self.above))

    def way(self, row: int) -> list[int]:
        """The holders with a guarantee from a row up; then the root."""
        found = []
        while row > 0:
            if self.old[row]:
                found.append(row)
            row = self.above[row]
        return [*found, 0]

    def count(self, row: int, amount: int) -> None:
        """So much more is used at a row."""
        way = self.way(row)
        for n in (*way, way[0] + len(self.above)):
            self.used[n] += amount

    def place(self, row: int, amount: int, rank: tuple[int, int]) -> Place | None:
        """Where a booking stands in steps 2 and 3; None: what is short here spares it."""
        way = self.way(row)[:-1]
        if amount == 0 or any(self.used[n] <= self.new[n] for n in way):
            return None
        if all(self.used[n] > self.old[n] for n in way):
            return (2, 0, (), rank)
        if not self.targets:
            return (3, 0, (), rank)
        parts = [*reversed(way), way[0] + len(self.above)]
        under = tuple((self.targets[n] - self.used[n]) / self.old[n % len(self.above)] for n in parts)
        whole = all(self.used[n] - amount >= self.targets[n] for n in parts)
        return (3, 0 if whole else 1 if max(under) < 0 else 2, under, rank)

    def aim(self) -> None:
        """Set the targets: from the root down, what has no other guarantee gives way first, then all in proportion."""
        self.targets = [Fraction(used) for used in self.used]
        under: list[list[int]] = [[] for _ in self.above]
        for n in range(1, len(self.above)):
            if self.old[n]:
                under[self.way(n)[1]].append(n)
        self.targets[0] = Fraction(min(self.used[0], self.capacity))
        for n, parts in enumerate(under):
            if n and not self.old[n]:
                continue
            inside = sum(self.used[part] for part in parts)
            self.targets[n + len(self.above)] = max(Fraction(0), self.targets[n] - inside)
            level = _level([(self.used[part], self.old[part]) for part in parts], self.targets[n])
            for part in parts:
                self.targets[part] = min(Fraction(self.used[part]), level * self.old[part])


def _level(parts: list[tuple[int, int]], space: Fraction) -> Fraction:
    """The most full that holders may be, (used, guarantee) each, to fit into a space together."""
    fuller, below = sum(guarantee for _, guarantee in parts), Fraction(0)
    for used, guarantee in sorted(parts, key=lambda part: Fraction(*part)):
        if below + Fraction(used, guarantee) * fuller > space:
            return (space - below) / fuller
        below, fuller = below + used, fuller - guarantee
    return max((Fraction(*part) for part in parts), default=Fraction(0))


def choose(bookings: list[Movable], dimensions: list[Dimension]) -> Iterator[Movable]:
    """Those that have to go, in order. Cost: the holders times the dimensions for each."""
    for one in bookings:
        for d, amount in zip(dimensions, one.amounts, strict=True):
            d.count(one.row, amount)
    queues: dict[int, list[Movable]] = {}
    for one in sorted(bookings, key=lambda one: one.rank):
        queues.setdefault(one.row, []).append(one)
    borrowed = [one for one in sorted(bookings, key=lambda one: one.rank) if one.borrowed]
    while short := [i for i, d in enumerate(dimensions) if d.used[0] > d.capacity]:
        loans = [one for one in borrowed if any(one.amounts[i] for i in short)]
        one = loans[0] if loans else _next(queues, dimensions, short)
        if loans:
            borrowed.remove(one)
        queues[one.row].remove(one)
        for d, amount in zip(dimensions, one.amounts, strict=True):
            d.count(one.row, -amount)
        yield one


def find_reason(bookings: list[Movable], dimensions: list[Dimension], ticket: int) -> MoveReason | None:
    """Why a booking goes when it does; None: it stays. Cost: as `choose`."""
    for one in choose(bookings, dimensions):
        if one.ticket == ticket:
            return _reason(one, dimensions)
    return None


def _reason(one: Movable, dimensions: list[Dimension]) -> MoveReason:
    """Of one that has gone just now: counted again it stands as before."""
    for d, amount in zip(dimensions, one.amounts, strict=True):
        d.count(one.row, amount)
    short = [i for i, d in enumerate(dimensions) if d.used[0] > d.capacity and one.amounts[i]]
    places = [(d.place(one.row, one.amounts[i], one.rank), i) for i in short for d in (dimensions[i],)]
    place, at = min(((place, i) for place, i in places if place), default=(None, short[0]))
    d = dimensions[at]
    step, way = 1 if one.borrowed or place is None else place[0], d.way(one.row)[:-1]
    parts = [
        MovePart(n, d.used[n], d.old[n], d.new[n], int(d.targets[n]) if d.targets else d.new[n])
        for n in range(1, len(d.above)) if d.old[n] and (n in way or d.used[n])
    ]  # fmt: skip
    own = sorted((part for part in parts if part.row in way), key=lambda part: way.index(part.row))
    return MoveReason(step, at, d.used[0], tuple(own), tuple(part for part in parts if part.row not in way))


def _next(queues: dict[int, list[Movable]], dimensions: list[Dimension], short: list[int]) -> Movable:
    place, one = min(_places(queues, dimensions, short), key=lambda pair: pair[0])
    if place[0] == 3 and not all(dimensions[i].targets for i in short):
        for i in short:
            dimensions[i].aim()
        _, one = min(_places(queues, dimensions, short), key=lambda pair: pair[0])
    return one


def _places(
    queues: dict[int, list[Movable]], dimensions: list[Dimension], short: list[int]
) -> Iterator[tuple[Place, Movable]]:
    """Of each holder and dimension that is short the first that might go, with its place."""
    for i in short:
        for row, queue in queues.items():
            one = next((one for one in queue if one.amounts[i]), None)
            place = dimensions[i].place(row, one.amounts[i], one.rank) if one else None
            if one and place:
                yield place, one
