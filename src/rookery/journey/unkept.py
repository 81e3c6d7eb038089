"""What of a network's shares and blocks cannot be kept: for every limited thing, on every day on which that changes."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from rookery.engines.share.holders import CAPACITY, CEILING, CHILDREN, MULTIPLE, TermsFault, find_faults
from rookery.journey.account import Amounts
from rookery.journey.expand import ONE_DAY, Held, HolderTree, Stated, Thing, change_days, counted, expand, find_held
from rookery.journey.network.rows import ANY
from rookery.journey.network.sharing import Block, Share, read_selector
from rookery.journey.network.whole import Network
from rookery.journey.service import Timetable
from rookery.journey.sharing import ACTIVITIES, Sharing
from rookery.journey.shelves import Shelves

Law = Literal["parent", "capacity", "ceiling", "weights"]
LAWS: dict[str, Law] = {CHILDREN: "parent", CAPACITY: "capacity", CEILING: "ceiling", MULTIPLE: "weights"}
Spot = tuple[Thing, dt.date, Amounts]


@dataclass(frozen=True, slots=True)
class Unkept:
    """Terms that cannot be kept, where they show first.

    law        parent: guarantees below a holder are more than it has; capacity: more than there is; ceiling: one is
               less than the guarantee under it; weights: of holders under one, they have no small common multiple
    row        the row to be changed, in its column `field`
    holder     under whom, or whose ceiling
    dimension  blank for weights
    """

    law: Law
    row: Share | Block
    field: str
    thing: Thing
    day: dt.date
    holder: str
    dimension: str
    wanted: int
    found: int


class _Case(NamedTuple):
    """What is stated about a thing, expanded."""

    tree: HolderTree
    held: Held
    dimensions: tuple[str, ...]


def find_unkept(network: Network) -> list[Unkept]:
    """Everything that cannot be kept; of one row and law the first thing, day and dimension.

    network  every row refers to rows that are there, holders stand in no circle
    Cost     about 100 microseconds for each different set of rows and capacity
    """
    if not network.shares and not network.blocks:
        return []
    table, shelves = Timetable(network), Shelves(network)
    sharing = Sharing(network, table, shelves)
    tried: set[tuple[Stated, tuple[tuple[str, int], ...]]] = set()
    found: dict[tuple[Law, int, str], Unkept] = {}
    for thing, day, limits in _spots(network, table, shelves, sharing):
        stated = sharing.statements.on(thing, day)
        key = stated and (stated, tuple(limits.items()))
        if stated and key and key not in tried and counted(limits):
            tried.add(key)
            for one in _faults(sharing.tree, stated, (thing, day, limits)):
                found.setdefault((one.law, id(one.row), one.field), one)
    return list(found.values())


# --- what there is


def _spots(network: Network, table: Timetable, shelves: Shelves, sharing: Sharing) -> Iterator[Spot]:
    """Each limited thing on each day on which something else holds for it, with its limits then."""
    days = _Days(sharing, network.about.valid_from, network.about.valid_to)
    for thing, legs in _legs(network, table).items():
        for day in days.of(thing):
            yield from ((thing, day, limits) for limits in legs)
    for site in shelves.warehouses:
        thing = Thing("warehouse", site)
        for day in days.of(thing, *_dated(network, site)):
            yield thing, day, shelves.capacity(site, day)
    for row in network.facility_capacities:
        thing = Thing(ACTIVITIES[row.activity], row.facility_id)
        for day in days.of(thing, *change_days([row])):
            yield thing, day, sharing.facility_limits(thing, day)
    for pool in network.stock:
        yield Thing("stock", pool.facility_id), network.about.valid_from, {"units": pool.quantity}


def _dated(network: Network, site: str) -> Iterator[dt.date]:
    """The days for which a warehouse has a capacity of their own, and the days after them."""
    for row in network.warehouse_capacities:
        if row.facility_id == site and row.date is not None:
            yield row.date
            if row.date < dt.date.max:
                yield row.date + ONE_DAY


def _legs(network: Network, table: Timetable) -> dict[Thing, list[Amounts]]:
    """The different limits that legs of each service have."""
    services = {variant.variant_id: variant.service_id for variant in network.variants}
    legs: dict[Thing, list[Amounts]] = {}
    for stop in network.stops:
        if stop.departs is not None and stop.variant_id in services:
            limits = table.leg_limits(stop.variant_id, stop.stop_seq)
            of_service = legs.setdefault(Thing("service", services[stop.variant_id]), [])
            if limits not in of_service:
                of_service.append(limits)
    return legs


class _Days(NamedTuple):
    sharing: Sharing
    first: dt.date
    last: dt.date

    def of(self, thing: Thing, *more: dt.date) -> list[dt.date]:
        """The first day of the timetable and those after it on which something changes; departures end."""
        changes = {*self.sharing.statements.days(thing), *more}
        last = self.last if thing.kind == "service" else dt.date.max  # what leaves on the last day arrives later
        return sorted({self.first, *(day for day in changes if self.first <= day <= last)})


# --- what is wrong with it


def _faults(tree: HolderTree, stated: Stated, spot: Spot) -> Iterator[Unkept]:
    thing, day, limits = spot
    case = _Case(tree, find_held(stated, counted(limits)), counted(limits))
    holders = expand(tree, case.held, limits).tree
    faults = find_faults(holders, np.array([limits[dimension] for dimension in case.dimensions], np.int64))
    over = {(fault.holder, fault.dimension) for fault in faults if fault.rule == CAPACITY}
    for fault in faults:
        if fault.rule == CEILING and (fault.holder, fault.dimension) in over:
            continue  # more than there is, so more than a part of it
        assert fault.rule in LAWS, f"{thing}: {fault}; cells are checked before"
        law, holder = LAWS[fault.rule], tree.names[fault.holder]
        dimension = case.dimensions[fault.dimension] if fault.dimension >= 0 else ""
        row, field = _blame(case, law, fault, dimension)
        yield Unkept(law, row, field, thing, day, holder, dimension, fault.wanted, fault.found)


def _blame(case: _Case, law: Law, fault: TermsFault, dimension: str) -> tuple[Share | Block, str]:
    """The row to be changed: of several the one that was written for this thing rather than for many."""
    name = case.tree.names[fault.holder]
    below = [one for one, above in zip(case.tree.names, case.tree.above, strict=True) if above == fault.holder]
    if law == "weights":
        shares = [case.held.terms[one] for one in below if one in case.held.terms]
        return max(reversed(shares), key=_particular), "weight"
    blocks = case.held.blocks.get((name, dimension))
    if law == "ceiling" and not blocks:
        share = case.held.shares[name, dimension]
        return share, "ceiling" if share.ceiling_amount is None else "ceiling_amount"
    if law == "ceiling" and blocks:
        return blocks[-1], "amount"
    return max(reversed([*_sources(case, below, dimension)]), key=lambda source: _particular(source[0]))


def _sources(case: _Case, below: list[str], dimension: str) -> Iterator[tuple[Share | Block, str]]:
    """The rows that guarantee these holders something; where none is stated, those of the holders below."""
    for name in below:
        share, blocks = case.held.shares.get((name, dimension)), case.held.blocks.get((name, dimension))
        if blocks:
            yield blocks[-1], "amount"
        elif share is not None and share.guarantee_amount is not None:
            yield share, "guarantee_amount"
        elif share is not None and share.guarantee is not None:
            yield share, "guarantee"
        else:
            row = case.tree.rows[name]
            under = [one for one, above in zip(case.tree.names, case.tree.above, strict=True) if above == row]
            yield from _sources(case, under, dimension)


def _particular(row: Share | Block) -> tuple[bool, bool, tuple[bool, int], bool]:
    """How much a row is about one thing: blocks and amounts first, then what names it most exactly; nothing last."""
    if isinstance(row, Block):
        return True, True, (True, 0), True
    return bool(row.guarantee_amount), bool(row.guarantee), read_selector(row.resource).rank, row.dimension != ANY
