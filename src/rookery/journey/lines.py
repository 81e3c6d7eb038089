"""The stop patterns of a network as arrays, before they are dated: lines, positions, nodes, and what each means.

A line is a service's stop pattern; its variants run on it. Variants that overtake each other are put on different
lines as far as their clocks tell, so that the first departure of a line is the first to arrive.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rookery.engines.network.snapshot import UNLIMITED, Ints, Patterns
from rookery.journey.network.line import Service, Stop, Variant
from rookery.journey.service import FIRST_WAYS, Node, Timetable
from rookery.units import EPOCH_ORDINAL

DIMENSIONS = ("grams", "cm3", "pieces")  # what a load is known by, and a departure's room is counted in
MIDNIGHT = 1440
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Lines:
    """A network's lines.

    patterns      the arrays
    services      [lines] whose line it is
    variants      [variants] in the order of the arrays
    seqs          [variants] the stops' numbers, from the first to the last
    nodes         [nodes] what each node stands for; those of `FIRST_WAYS` of a facility come first
    node_index    the same, to be looked up
    facility_ids  [facilities]
    line_of       [variants] line that a variant runs on
    variant_index by id
    """

    patterns: Patterns
    services: list[Service]
    variants: list[Variant]
    seqs: list[tuple[int, ...]]
    nodes: list[Node]
    node_index: dict[Node, int]
    facility_ids: list[str]
    line_of: Ints
    variant_index: dict[str, int]


@dataclass(slots=True)
class _Draft:
    """A line while it is put together."""

    service: Service
    facilities: tuple[str, ...]
    limits: tuple[tuple[int, ...], ...]
    variants: list[tuple[Variant, list[Stop]]]
    clocks: list[list[int]]


def draw_lines(table: Timetable) -> Lines:
    """The lines of a network, each on its facilities, with its nodes."""
    drafts = _drafts(table)
    facility_ids = sorted(table.facilities)
    facility_index = {name: n for n, name in enumerate(facility_ids)}
    nodes = [(name, way, "") for name in facility_ids for way in FIRST_WAYS]
    node_index = {node: n for n, node in enumerate(nodes)}
    facility, zone, node_of, pair, limits, line_ptr = [], [], [], [], [], [0]
    zone_index = {name: n for n, name in enumerate(zone_names(table))}
    pair_count = 0
    for draft in drafts:
        stops = len(draft.facilities)
        priced = bool(draft.service.tariff_id) or table.crosses(draft.facilities)
        for position, name in enumerate(draft.facilities):
            facility.append(facility_index[name])
            zone.append(zone_index[table.facilities[name].time_zone])
            node_of.append(_node(table, draft.service, name, nodes, node_index) if position else NOBODY)
            ahead = stops - 1 - position
            pair.append(pair_count if priced and ahead else NOBODY)
            pair_count += ahead if priced else 0
            limits.append(draft.limits[position] if ahead else (UNLIMITED,) * len(DIMENSIONS))
        line_ptr.append(len(facility))
    runs = [(variant, calls) for draft in drafts for variant, calls in draft.variants]
    counts = [len(draft.variants) for draft in drafts]
    patterns = _patterns(
        table,
        runs,
        counts,
        Patterns(
            line_ptr=_ints(line_ptr),
            facility=_ints(facility),
            zone=_ints(zone),
            node=_ints(node_of),
            pair=_ints(pair),
            limits=np.array(limits, np.int64).reshape(len(facility), len(DIMENSIONS)),
            facility_count=len(facility_ids),
            node_count=len(nodes),
            **dict.fromkeys(("variant_ptr", "calendar", "first", "last", "call_ptr", "arrives", "departs"), _ints([])),
        ),
    )
    return Lines(
        patterns=patterns,
        services=[draft.service for draft in drafts],
        variants=[variant for variant, _ in runs],
        seqs=[tuple(call.stop_seq for call in calls) for _, calls in runs],
        nodes=nodes,
        node_index=node_index,
        facility_ids=facility_ids,
        line_of=np.repeat(np.arange(len(drafts), dtype=np.int32), counts),
        variant_index={variant.variant_id: n for n, (variant, _) in enumerate(runs)},
    )


def zone_names(table: Timetable) -> list[str]:
    """The time zones of a network's facilities."""
    return sorted({facility.time_zone for facility in table.facilities.values()})


def calendar_names(table: Timetable) -> list[str]:
    """The calendars of a network."""
    return sorted(calendar.calendar_id for calendar in table.network.calendars)


def day_number(day: dt.date) -> int:
    """Days from 1970-01-01 to a day."""
    return day.toordinal() - EPOCH_ORDINAL


def _drafts(table: Timetable) -> list[_Draft]:
    """Variants by service, stops and limits; those that overtake each other apart."""
    groups: dict[tuple[str, tuple[str, ...], tuple[tuple[int, ...], ...]], list[_Draft]] = {}
    for variant in table.network.variants:
        calls, service = table.calls(variant.variant_id), table.service(variant.service_id)
        facilities = tuple(call.facility_id for call in calls)
        limits = tuple(
            tuple(table.leg_limits(variant.variant_id, call.stop_seq).get(d, UNLIMITED) for d in DIMENSIONS)
            for call in calls[:-1]
        )
        clocks = [int(clock) for call in calls for clock in (call.arrives, call.departs) if clock is not None]
        of_pattern = groups.setdefault((service.service_id, facilities, limits), [])
        line = next(
            (draft for draft in of_pattern if not any(overtakes(clocks, other) for other in draft.clocks)), None
        )
        if line is None:
            line = _Draft(service, facilities, limits, [], [])
            of_pattern.append(line)
        line.variants.append((variant, calls))
        line.clocks.append(clocks)
    return [draft for of_pattern in groups.values() for draft in of_pattern]


def overtakes(one: list[int], other: list[int]) -> bool:
    """True if on some pair of days a trip with these clock times is ahead at one stop and behind at another."""
    ahead = [a - b for a, b in zip(one, other, strict=True)]
    least, most = min(ahead), max(ahead)
    return (least // MIDNIGHT + 1) * MIDNIGHT < most


def _node(table: Timetable, service: Service, name: str, nodes: list[Node], index: dict[Node, int]) -> int:
    named = table.has_named_connections(name)
    for by in ("", service.service_id) if named else ("",):  # goods may also begin where a mode has brought them
        node = (name, service.mode, by)
        if node not in index:
            index[node] = len(nodes)
            nodes.append(node)
    return index[node]


def _patterns(
    table: Timetable, runs: list[tuple[Variant, list[Stop]]], counts: list[int], patterns: Patterns
) -> Patterns:
    """The patterns with their variants."""
    calendars = {name: n for n, name in enumerate(calendar_names(table))}
    about = table.network.about
    return patterns._replace(
        variant_ptr=_ints([0, *np.cumsum(counts)]),
        calendar=_ints(calendars[variant.calendar_id] for variant, _ in runs),
        first=_ints(day_number(max(about.valid_from, variant.valid_from or about.valid_from)) for variant, _ in runs),
        last=_ints(day_number(min(about.valid_to, variant.valid_to or about.valid_to)) for variant, _ in runs),
        call_ptr=_ints([0, *np.cumsum([len(calls) for _, calls in runs])]),
        arrives=_ints(call.arrives or 0 for _, calls in runs for call in calls),
        departs=_ints(call.departs or 0 for _, calls in runs for call in calls),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int32)
