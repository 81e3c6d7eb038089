"""Shared capacity for a person: each resource, and who has what of it."""

from collections.abc import Iterable, Iterator

from rookery.hub.shares import HolderPart, SharedOut
from rookery.units import instant_text

TITLES = ("guaranteed", "firm", "borrowed", "until")
NETWORK = "the network"


def shared_lines(found: Iterable[SharedOut]) -> Iterator[str]:
    """A block of lines for each resource and dimension."""
    for one in found:
        percent = f"{100 * one.used / one.limit:.1f} %" if one.limit else "nothing to have"
        yield one.resource
        yield f"  {one.used:,} of {one.limit:,} {one.dimension} used, {percent}"
        yield f"  {'':20}{TITLES[0]:>14}{TITLES[1]:>14}{TITLES[2]:>14}  {TITLES[3]}".rstrip()
        yield from map(_part_line, one.parts)
        yield ""


def _part_line(part: HolderPart) -> str:
    name = NETWORK if part.holder == "*" else part.holder
    amounts = "".join(
        f"{amount:>14,}" if amount else f"{'':>14}" for amount in (part.guarantee, part.firm, part.borrowed)
    )
    until = instant_text(part.until) if part.until else ""
    return f"  {name:20}{amounts}  {until}".rstrip()
