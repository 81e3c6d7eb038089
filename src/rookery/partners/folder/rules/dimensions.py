"""Rules for what is counted: who shares, blocks or prices something does so in a dimension in which it is limited."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from rookery.journey.network.rows import ANY, Row
from rookery.journey.network.sharing import COUNTED, BidPrice, Share, read_selector
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import closest, rename_or
from rookery.partners.folder.rules.cells import LOAD_DIMENSIONS
from rookery.partners.port import Fault

Limits = Mapping[str, Set[str]]  # the dimensions in which each id is limited, on whatever day and leg
_FILES = {
    "service": "capacities", "warehouse": "warehouse_capacities", "stock": "stock",
    "facility": "facility_capacities", "station": "facility_capacities",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Thing:
    """What a row is about. `file`: where its limits stand; `has`: in which dimensions some of it is limited."""

    name: str
    file: str
    has: frozenset[str]


def check_dimensions(draft: Draft) -> Iterator[Fault]:
    """What is shared, bought ahead, given out in rounds or priced has a limit in that dimension."""
    limits = _limits(draft)
    for file in ("shares", "rounds", "bid_prices", "allotments"):
        for at, row in enumerate(draft.rows(file)):
            if _first(draft, file, at) not in draft.spoilt[file]:
                thing = _find(draft, limits, str(getattr(row, "resource")))  # noqa: B009  # of several files
                yield from _faults(draft, file, at, thing, _dimension(row))
    for at, block in enumerate(draft.network.blocks):
        if block.block_id not in draft.spoilt["blocks"]:
            thing = _find(draft, limits, f"service:{block.service_id}")
            yield from _faults(draft, "blocks", at, thing, block.dimension)


def check_spelling(draft: Draft) -> Iterator[Fault]:
    """A capacity that is counted in nearly the name of what orders take is a slip of the pen: it would never bind."""
    for at, row in enumerate(draft.network.capacities):
        near = "" if row.dimension in LOAD_DIMENSIONS else closest(row.dimension, LOAD_DIMENSIONS)
        if near and row.service_id not in draft.spoilt["capacities"]:
            wanted = f"{', '.join(LOAD_DIMENSIONS)}, or a name that is like none of them"
            found, todo = repr(row.dimension), f"did you mean {near}? Else write another name"
            yield draft.own_fault("capacities", at, "dimension", wanted=wanted, found=found, todo=todo)


def _dimension(row: Row) -> str | None:
    """What a row is counted in; None: in whatever its thing is. What counts on an allotment has a limit of its own."""
    if isinstance(row, Share | BidPrice):
        return None if row.dimension == ANY else row.dimension
    return None


def _first(draft: Draft, file: str, at: int) -> str:
    return str(getattr(draft.rows(file)[at], draft.sheets[file].file.key[0]))


def _limits(draft: Draft) -> dict[str, Limits]:
    """In which dimensions each thing of a kind is limited; no kind of which rows could not be read."""
    network = draft.network
    rows = {
        "service": [(row.service_id, row.dimension) for row in network.capacities],
        "warehouse": [(row.facility_id, row.dimension) for row in network.warehouse_capacities],
        "stock": [(row.facility_id, "units") for row in network.stock],
        "facility": [(row.facility_id, row.dimension) for row in network.facility_capacities if row.activity == "sort"],
        "station": [
            (row.facility_id, row.dimension) for row in network.facility_capacities if row.activity == "delivery"
        ],
    }
    out: dict[str, Limits] = {}
    for kind, pairs in rows.items():
        if draft.whole(_FILES[kind]) and not draft.spoilt[_FILES[kind]]:
            of_kind: dict[str, set[str]] = {}
            for id_, dimension in pairs:
                of_kind.setdefault(id_, set()).add(dimension)
            out[kind] = of_kind
    return out


def _find(draft: Draft, limits: Mapping[str, Limits], resource: str) -> _Thing | None:
    """What a selector means; None where that cannot be told."""
    selector = read_selector(resource)
    of_kind = limits.get(selector.kind)
    if of_kind is None:
        return None
    has = [dimensions for id_, dimensions in of_kind.items() if selector.matches(id_)]
    return _Thing(resource, f"{_FILES[selector.kind]}.csv", frozenset().union(*has))


def _faults(draft: Draft, file: str, at: int, thing: _Thing | None, dimension: str | None) -> Iterator[Fault]:
    if thing is None:
        return
    counted = sorted(thing.has.intersection(COUNTED))
    if dimension is None and not counted:
        wanted, found = f"something of which {thing.file} states how much there is", f"no limit of {thing.name}"
        todo = f"add its limit to {thing.file}, or delete this row: without one there is enough for all"
        field = "resource"
    elif dimension is not None and dimension not in thing.has:
        known = sorted(thing.has)
        wanted = f"a dimension in which {thing.file} limits {thing.name}: {', '.join(known) or 'there is none'}"
        found, field = repr(dimension), "dimension"
        otherwise = f"add its limit to {thing.file}, or delete this row"
        todo = rename_or(dimension, known, f"write one of these, {otherwise}" if known else otherwise)
    else:
        return
    yield draft.own_fault(file, at, field, wanted=wanted, found=found, todo=todo)
