"""Rules for shares: holders under holders, resources that exist, no more guaranteed than there is."""

from collections.abc import Iterator, Sequence
from datetime import date

from rookery.journey.network.plant import Share
from rookery.journey.network.rows import ANY
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault
from rookery.units import MICRO, micro_text

_FILES = {"service": "services", "facility": "facilities", "warehouse": "warehouses", "zone": "zones"}


def check_shares(draft: Draft) -> Iterator[Fault]:
    """Shares name resources that exist, holders up to the network, and guarantees that can be kept together."""
    for at, share in enumerate(draft.network.shares):
        if share.guarantee > share.ceiling and share.holder not in draft.spoilt["shares"]:
            wanted, found = f"at least the guarantee of {micro_text(share.guarantee)}", micro_text(share.ceiling)
            todo = "raise the ceiling or lower the guarantee"
            yield draft.fault("shares", at, "ceiling", wanted=wanted, found=found, todo=todo)
        yield from _resource_faults(draft, at, share)
    yield from _parent_faults(draft)
    yield from _sum_faults(draft)


def _resource_faults(draft: Draft, at: int, share: Share) -> Iterator[Fault]:
    kind, _, id_ = share.resource.partition(":")
    if share.holder in draft.spoilt["shares"] or not draft.whole(_FILES[kind]):
        return
    known = draft.keys(_FILES[kind])
    begin = id_.removesuffix(ANY)
    if id_ in known or (id_ != begin and (not begin or any(key.startswith(begin) for key in known))):
        return
    todo = rename_or(begin, known, f"add it to {_FILES[kind]}.csv")
    wanted = f"a key of {_FILES[kind]}.csv after {kind}:, or the beginning of one and *"
    yield draft.fault("shares", at, "resource", wanted=wanted, found=repr(id_), todo=todo)


def _parent_faults(draft: Draft) -> Iterator[Fault]:
    """Every holder but the network has a parent above it, and the way up ends at the network."""
    parents = {share.holder: share.parent for share in draft.network.shares}
    known = {ANY} | parents.keys() | draft.spoilt["shares"]
    for at, share in enumerate(draft.network.shares):
        found = repr(share.parent)
        if share.holder in draft.spoilt["shares"]:
            continue
        if share.holder == ANY and share.parent:
            wanted, todo = "a blank cell: nothing is above the network", "take the parent out"
            yield draft.fault("shares", at, "parent", wanted=wanted, found=found, todo=todo)
        elif share.holder != ANY and share.parent not in known:
            wanted, todo = "* or another holder of shares.csv", "write who stands above; * for the network itself"
            yield draft.fault("shares", at, "parent", wanted=wanted, found=found, todo=todo)
        elif _is_loop(parents, share.holder):
            wanted, todo = "a way up to the network", "put one of the holders in this circle under *"
            yield draft.fault("shares", at, "parent", wanted=wanted, found=found, todo=todo)


def _is_loop(parents: dict[str, str], holder: str) -> bool:
    above = parents[holder]
    for _ in parents:
        if above == holder:
            return True
        above = "" if above == ANY else parents.get(above, "")
    return False


def _sum_faults(draft: Draft) -> Iterator[Fault]:
    """Holders under one parent have at most 100 per cent guaranteed between them, on any day."""
    groups: dict[tuple[str, str, str], list[tuple[int, Share]]] = {}
    for at, share in enumerate(draft.network.shares):
        if share.guarantee and share.holder not in draft.spoilt["shares"]:
            groups.setdefault((share.parent, share.resource, share.dimension), []).append((at, share))
    for group in groups.values():
        yield from _sum_fault(draft, group)


def _sum_fault(draft: Draft, group: Sequence[tuple[int, Share]]) -> Iterator[Fault]:
    """The first day on which the group's guarantees pass 100 per cent, told at its last row."""
    for day in sorted({share.valid_from or date.min for _, share in group}):
        held = [(at, share.guarantee) for at, share in group if share.holds_on(day)]
        total = sum(guarantee for _, guarantee in held)
        if total > 100 * MICRO:
            wanted = "guarantees under one parent of at most 100 per cent together"
            todo = "lower one of the guarantees of this resource and dimension"
            yield draft.fault("shares", held[-1][0], "guarantee", wanted=wanted, found=micro_text(total), todo=todo)
            return
