"""Shared capacity for a person: each resource, and who has what of it."""

from collections.abc import Iterable, Iterator

from rookery.hub.shares import HolderPart, SharedOut
from rookery.units import instant_text

TITLES = ("guaranteed", "unused", "ceiling", "firm", "borrowed")
NETWORK = "the network"
NAME_WIDTH, AMOUNT_WIDTH = 18, 12


def holder_name(holder: str) -> str:
    """A holder as a person reads it."""
    return NETWORK if holder == "*" else holder


def shared_lines(found: Iterable[SharedOut]) -> Iterator[str]:
    """A block of lines for each resource and dimension."""
    for one in found:
        percent = f"{100 * one.used / one.limit:.1f} %" if one.limit else "nothing to have"
        yield one.resource
        yield f"  {one.used:,} of {one.limit:,} {one.dimension} used, {percent}"
        yield f"  {'':{NAME_WIDTH}}{''.join(f'{title:>{AMOUNT_WIDTH}}' for title in TITLES)}"
        for part in one.parts:
            yield from _part_lines(part)
        yield ""


def _part_lines(part: HolderPart) -> Iterator[str]:
    name = holder_name(part.holder)
    if len(name) > NAME_WIDTH:
        yield f"  {name}"
        name = ""
    amounts = (part.guarantee, part.unused, part.ceiling, part.firm, part.borrowed)
    cells = "".join(f"{amount:>{AMOUNT_WIDTH},}" if amount else " " * AMOUNT_WIDTH for amount in amounts)
    yield f"  {name:{NAME_WIDTH}}{cells}".rstrip()
    if part.borrowed:
        until = "never firm by itself" if part.forever else f"firm from {instant_text(part.until)} on"
        yield f"    borrowed: can be recalled, {until}"
