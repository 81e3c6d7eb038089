"""What rides burden besides time and money, as arrays for searches: CO2, and how risky the connections after them are.

A line's delay is what its service's past says (`past`), or the stated prior of its mode: that of its whole way, and of
each of its rides that the network has a history of. Lines that are late alike share a delay class, and the risk of a
class is at each slack that of its riskiest line: the chance that connections are made is never told too high.
Handling counts as planned.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from rookery.engines.eta.risk import made_ppm, risk_row
from rookery.engines.eta.spread import Spread
from rookery.engines.network.burdens import NO_CLASS, Burdens
from rookery.engines.network.snapshot import Ints, Longs
from rookery.journey.atlas import atlas_of
from rookery.journey.carbon import carbon_of
from rookery.journey.desk import World
from rookery.journey.lines import Lines
from rookery.journey.network.line import Stop
from rookery.journey.past import Lane, Past, past_of
from rookery.journey.route import Plan
from rookery.journey.service import Timetable
from rookery.units import DAY_S, MINUTE_S, local_instant, time_zone

BUCKET_S = 5 * MINUTE_S  # slacks are told apart by this
BUCKETS = 5 * DAY_S // BUCKET_S  # more slack than this counts as this: nobody plans to wait for longer
FAINT_MICRO = 5_013  # -ln 0.995: where a connection is as sure as this, more slack counts no more
ALIKE = 0.95  # lines are late alike if this quantile of their delays lies within one step: they go up by half octaves
STEPS_PER_OCTAVE = 2
LITTLE_S = 15 * MINUTE_S  # and whatever lies below this is one step
NAMES_MAX = 5  # of facilities in a message


def burdens_of(world: World) -> Burdens:
    """The burdens of a world's rides, worked out once; without bounds, which are a goal's.

    Raises  ValueError: the place of a stop is not known, so that nothing can be said of CO2
    """
    known: Burdens | None = world.derived.get(Burdens)
    if known is None:
        lines = atlas_of(world).lines
        classes, risk = _classes(lines, world)
        known = Burdens(*_co2(lines, world), classes, risk, BUCKET_S, np.zeros(0, np.int64))
        world.derived[Burdens] = known
    return known


def plan_risk(plan: Plan, world: World) -> int:
    """-ln of the chance that no connection of a plan is missed, in millionths; the first departure counts as made."""
    burdens, lines = burdens_of(world), atlas_of(world).lines
    came, ready_at, risk = NO_CLASS, 0, 0
    for leg in plan.legs:
        if leg.departure:
            slack_s = leg.departs_at - ready_at - leg.tender_s
            if came != NO_CLASS:
                risk += int(burdens.risk[came, min(slack_s // BUCKET_S, BUCKETS - 1)])
            line = lines.line_of[lines.variant_index[leg.departure.rpartition("/")[0]]]
            came, ready_at = int(burdens.delay_class[line]), leg.ready_at
    return risk


def made_ppm_of(plans: Iterable[Plan], world: World) -> int:
    """At least the chance that no connection of any of these plans is missed, parts per million, rounded down."""
    return made_ppm(sum(plan_risk(plan, world) for plan in plans))


# --- CO2


def _co2(lines: Lines, world: World) -> tuple[Ints, Longs]:
    """First ride of each position, and milligrams per kg of each ride from it to a later position of its line."""
    ptr = lines.patterns.line_ptr
    segments = _segments(lines, world)
    so_far = np.concatenate(([0], np.cumsum(segments)))[:-1]  # from the first position of all to each
    last = np.repeat(ptr[1:] - 1, np.diff(ptr))
    ahead = last - np.arange(len(last))
    first = np.cumsum(ahead) - ahead
    origin = np.repeat(np.arange(len(last)), ahead)
    destination = origin + 1 + np.arange(len(origin)) - first[origin]
    return first.astype(np.int32), so_far[destination] - so_far[origin]


def _segments(lines: Lines, world: World) -> Longs:
    """Milligrams per kg from each position to the next; 0 at the last of a line."""
    ptr, carbon, unknown = lines.patterns.line_ptr, carbon_of(world), set[str]()
    out = np.zeros(len(lines.patterns.facility), np.int64)
    for line, service in enumerate(lines.services):
        for p in range(ptr[line], ptr[line + 1] - 1):
            ends = [lines.facility_ids[facility] for facility in lines.patterns.facility[p : p + 2]]
            mg_kg = carbon.find_segment(service.mode, *ends)
            if mg_kg is None:
                places = (world.timetable.facilities[name] for name in ends)
                unknown |= {one.facility_id for one in places if one.lat is None or one.lon is None}
            out[p] = mg_kg or 0
    if unknown:
        more = f" and {len(unknown) - NAMES_MAX} more" if len(unknown) > NAMES_MAX else ""
        names = ", ".join(sorted(unknown)[:NAMES_MAX]) + more
        raise ValueError(
            f"facilities.csv: wanted lat and lon of every stop, so that CO2 can be compared, found none of {names};"
            " fill them in"
        )
    return out


# --- risk


def _classes(lines: Lines, world: World) -> tuple[Ints, Ints]:
    """Delay class of each line, and the risk of each class by slack."""
    slacks_s = np.arange(BUCKETS, dtype=np.int64) * BUCKET_S
    risks: dict[int, Longs] = {}
    steps, past, known = [], past_of(world), dict[tuple[Lane, int], tuple[int, Longs]]()
    pasts: dict[str, set[tuple[str, str]]] = {}
    for past_ride in world.timetable.network.history:
        pasts.setdefault(past_ride.what, set()).add((past_ride.origin, past_ride.destination))
    for line, service in enumerate(lines.services):
        told, what = [], f"service:{service.service_id}"
        for ride in _rides(lines, line, what, pasts.get(what, set()), world.timetable):
            if ride not in known:
                known[ride] = _risk(past, *ride, slacks_s)
            told.append(known[ride])
        step = max(step for step, _ in told)
        row = np.max([row for _, row in told], axis=0)
        risks[step] = np.maximum(risks.get(step, row), row)
        steps.append(step)
    rising = sorted(risks)
    rows = np.array([_faded(risks[step]) for step in rising], np.int32).reshape(-1, BUCKETS)
    return np.array([rising.index(step) for step in steps], np.int32), rows


def _risk(past: Past, lane: Lane, planned_s: int, slacks_s: Longs) -> tuple[int, Longs]:
    """How late something usually is, as a step on a logarithmic scale, and the risk of connections after it."""
    delay: Spread = past.delay(lane, planned_s).spread
    octaves = math.log2(max(delay.quantile(ALIKE), LITTLE_S) / LITTLE_S)
    return math.ceil(STEPS_PER_OCTAVE * octaves), risk_row(slacks_s, delay)


def _faded(row: Longs) -> Longs:
    """A row of risk that falls no more once it is faint."""
    faint = np.flatnonzero(row <= FAINT_MICRO)
    return np.maximum(row, row[faint[0]]) if len(faint) else row


def _rides(
    lines: Lines, line: int, what: str, pasts: set[tuple[str, str]], table: Timetable
) -> Iterator[tuple[Lane, int]]:
    """The rides that tell how late a line is, with how long they take at most: its whole way, and what has a past."""
    ptr = lines.patterns.variant_ptr
    calls = [table.calls(variant.variant_id) for variant in lines.variants[ptr[line] : ptr[line + 1]]]
    places = [call.facility_id for call in calls[0]]
    ends = {(0, len(places) - 1)}
    ends |= {(places.index(one), places.index(other)) for one, other in pasts if {one, other} <= set(places)}
    for board, alight in sorted(pair for pair in ends if pair[0] < pair[1]):
        planned_s = max(_planned_s(of_variant[board], of_variant[alight], table) for of_variant in calls)
        yield Lane(what, places[board], places[alight]), planned_s


def _planned_s(board: Stop, alight: Stop, table: Timetable) -> int:
    """How long a ride is planned to take on the timetable's first day."""
    day = table.network.about.valid_from
    leaves, comes = (
        local_instant(day, at or 0, time_zone(table.facilities[stop.facility_id].time_zone))
        for stop, at in ((board, board.departs), (alight, alight.arrives))
    )
    return comes - leaves
