"""Shared capacity for a person: each resource, and who has what of it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rookery.hub.shares import HolderPart, SharedOut
from rookery.units import instant_text

TITLES = ("guaranteed", "unused", "ceiling", "firm", "borrowed")
NETWORK = "the network"
NAME_WIDTH, AMOUNT_WIDTH = 18, 12


def holder_name(holder: str) -> str:
    """A holder as a person reads it."""
    return NETWORK if holder == "*" else holder


def shared_lines(found: Iterable[SharedOut]) -> Iterator[str]:
    """A block of lines for each resource and each dimension of it that somebody uses or is guaranteed."""
    for resource, of_one in groupby(found, key=lambda one: one.resource):
        told = [one for one in of_one if one.parts]
        for one in told:
            yield from _lines(one)
        if not told:
            yield from (resource, "  nobody uses any of it by now, or is guaranteed any", "")


def _lines(one: SharedOut) -> Iterator[str]:
    percent = f"{100 * one.used / one.limit:.1f} %" if one.limit else "nothing to have"
    yield one.resource
    yield f"  {one.used:,} of {one.limit:,} {one.dimension} used, {percent}"
    if one.allotted_to:
        yield f"  allotted to {holder_name(one.allotted_to)}: all departures of the {one.per} together"
    yield f"  {'':{NAME_WIDTH}}{''.join(f'{title:>{AMOUNT_WIDTH}}' for title in TITLES)}"
    for part in one.parts:
        yield from _part_lines(part)
    yield ""


def _part_lines(part: HolderPart) -> Iterator[str]:
    name = holder_name(part.holder)
    if len(name) > NAME_WIDTH:
        yield f"  {name}"
        name = ""
    unused = _amount(part.unused) if part.guarantee else ""
    ceiling = "none" if part.ceiling is None else _amount(part.ceiling)
    guarantee, firm, borrowed = (_amount(n) if n else "" for n in (part.guarantee, part.firm, part.borrowed))
    cells = "".join(f"{cell:>{AMOUNT_WIDTH}}" for cell in (guarantee, unused, ceiling, firm, borrowed))
    yield f"  {name:{NAME_WIDTH}}{cells}".rstrip()
    if part.borrowed:
        until = "at any time" if part.forever else f"until {instant_text(part.until)}, then firm"
        yield f"    borrowed: can be recalled {until}"
    if part.released:
        yield f"    released: {part.released:,} of what it is guaranteed is anybody's by now"


def _amount(amount: int) -> str:
    """An amount that leaves a gap to the one before it; --json has it whole."""
    whole = f"{amount:,}"
    return whole if len(whole) < AMOUNT_WIDTH else f"{amount / 1_000_000:,.1f} M"
