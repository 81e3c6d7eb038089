"""A timetable as arrays: the dated departures of a window of days, immutable, and a live copy beside them.

    line       a stop pattern with its dated trips, sorted by the departure from the first stop
    position   a stop of a line; goods board at one position and alight at a later one
    segment    a trip's way from a position to the next: `start of the position + number of the trip`

All instants are seconds after the window's `epoch_s`, UTC, int32. Amounts are int64. Stay-aboard goods need no
label of their own: a search rides a trip on from where it boarded, segment by segment.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from rookery.engines.kernel import kernel, lean

Ints: TypeAlias = npt.NDArray[np.int32]
Longs: TypeAlias = npt.NDArray[np.int64]
Bytes: TypeAlias = npt.NDArray[np.int8]

# Columns of `Snapshot.positions`.
START, TRIPS, LINE, LAST, NODE, FACILITY, LIMITED, PAIR = range(8)
NEVER = 2**31 - 1
UNLIMITED = 2**62
CLOSED = -(2**61)  # free on a segment that does not run: so little that nothing which is given back opens it
MINUTES = 1440


class Patterns(NamedTuple):
    """The lines of a network before they are dated; made once, dated for each window.

    line_ptr       [lines + 1] first position of each line
    facility       [positions] where a position is
    zone           [positions] time zone of that facility, as an index of `Days.midnight`
    node           [positions] what goods that alight there become; -1: they do not alight
    pair           [positions] first of the pairs (this position, each later one); -1: free, and no border
    limits         [positions, dimensions] what the segment from a position carries; UNLIMITED where nothing is stated
    variant_ptr    [lines + 1] first variant of each line
    calendar       [variants] row of `Days.open`
    first, last    [variants] first and last day it may run, as day numbers
    call_ptr       [variants + 1] first call of each variant, one per position of its line
    arrives        [calls] minutes after the midnight that begins the trip's day, local
    departs        [calls] likewise
    """

    line_ptr: Ints
    facility: Ints
    zone: Ints
    node: Ints
    pair: Ints
    limits: Longs
    variant_ptr: Ints
    calendar: Ints
    first: Ints
    last: Ints
    call_ptr: Ints
    arrives: Ints
    departs: Ints
    facility_count: int
    node_count: int


class Days(NamedTuple):
    """The days of a window: midnights as instants, and which calendars are open.

    epoch_s     the instant that all int32 times count from
    first_day   day number of day 0 of the window
    midnight    [zones, days] seconds after the epoch of each local midnight; more days than trips begin on, for
                calls past midnight
    odd         [zones, days] row of `odd_minutes` for a day on which the clock changes, else -1
    odd_minutes [odd days, 1440] seconds after the epoch of each minute of such a day
    open        [calendars, days that trips begin on]
    """

    epoch_s: int
    first_day: int
    midnight: Ints
    odd: Ints
    odd_minutes: Ints
    open: Bytes


class Snapshot(NamedTuple):
    """Dated departures of a window.

    positions   [positions, 8] columns START, TRIPS, LINE, LAST, NODE, FACILITY, LIMITED, PAIR
    departs     [segments] departure from the segment's position
    arrives     [segments] arrival at the next position
    trip_ptr    [lines + 1] first trip of each line
    trip_variant, trip_day   [trips] which variant, and the day number of the local day that it belongs to
    limits      [segments' positions, dimensions] as in `Patterns`
    """

    epoch_s: int
    positions: Ints
    departs: Ints
    arrives: Ints
    trip_ptr: Ints
    trip_variant: Ints
    trip_day: Ints
    limits: Longs
    facility_count: int
    node_count: int

    @property
    def segment_count(self) -> int:
        """Number of dated segments."""
        return len(self.departs)


class Live(NamedTuple):
    """What changes while a snapshot stands: times, room. The single writer changes it; searches read it.

    search    [segments] the latest departure up to each trip of a position: rises, so that it can be searched
    departs, arrives   [segments] with all known delays
    free      [segments, dimensions] what is left; CLOSED in the first dimension where a trip does not run
    overtake  [lines] by how much at most a later trip gets ahead of an earlier one, in seconds
    """

    search: Ints
    departs: Ints
    arrives: Ints
    free: Longs
    overtake: Ints


def date(patterns: Patterns, days: Days) -> Snapshot:
    """The dated departures of a window. Cost: linear in the segments, but for sorting the trips of each line."""
    count = _count_trips(
        patterns.variant_ptr, patterns.calendar, patterns.first, patterns.last, days.first_day, days.open
    )
    trip_ptr = np.zeros(len(count) + 1, np.int32)
    np.cumsum(count, out=trip_ptr[1:])
    positions = np.full((len(patterns.facility), 8), -1, np.int32)
    stops = np.diff(patterns.line_ptr)
    line = np.repeat(np.arange(len(stops), dtype=np.int32), stops)
    positions[:, LINE] = line
    positions[:, TRIPS] = count[line]
    positions[:, LAST] = patterns.line_ptr[1:][line] - 1
    positions[:, NODE] = patterns.node
    positions[:, FACILITY] = patterns.facility
    positions[:, PAIR] = patterns.pair
    positions[:, LIMITED] = (patterns.limits < UNLIMITED).any(axis=1)
    is_last = positions[:, LAST] == np.arange(len(positions))
    sizes = np.where(is_last, 0, positions[:, TRIPS]).astype(np.int64)
    positions[:, START] = np.cumsum(sizes) - sizes
    segments = int(sizes.sum())
    departs, arrives = np.empty(segments, np.int32), np.empty(segments, np.int32)
    variant, day = np.empty(trip_ptr[-1], np.int32), np.empty(trip_ptr[-1], np.int32)
    _fill(
        positions, patterns.line_ptr, patterns.variant_ptr, patterns.calendar, patterns.first, patterns.last,
        patterns.call_ptr, patterns.arrives, patterns.departs, patterns.zone,
        days.first_day, days.midnight, days.odd, days.odd_minutes, days.open,
        trip_ptr, variant, day, departs, arrives,
    )  # fmt: skip
    return Snapshot(
        days.epoch_s, positions, departs, arrives, trip_ptr, variant, day, patterns.limits,
        patterns.facility_count, patterns.node_count,
    )  # fmt: skip


def go_live(snapshot: Snapshot) -> Live:
    """A live copy in which everything runs as planned and is empty."""
    free = np.repeat(snapshot.limits, _sizes(snapshot.positions), axis=0)
    search, overtake = snapshot.departs.copy(), np.zeros(len(snapshot.trip_ptr) - 1, np.int32)
    live = Live(search, snapshot.departs.copy(), snapshot.arrives.copy(), free, overtake)
    order_lines(snapshot.positions, live.departs, live.arrives, search, overtake)
    return live


def reorder_line(snapshot: Snapshot, live: Live, line: int) -> None:
    """Make `search` and `overtake` of a line right again after its times have changed."""
    order_line(snapshot.positions, live.departs, live.arrives, live.search, live.overtake, line)


def _sizes(positions: Ints) -> Longs:
    """Segments that begin at each position."""
    is_last = positions[:, LAST] == np.arange(len(positions))
    return np.where(is_last, 0, positions[:, TRIPS]).astype(np.int64)


# --- kernels


@kernel
def _count_trips(variant_ptr: Ints, calendar: Ints, first: Ints, last: Ints, first_day: int, is_open: Bytes) -> Ints:
    """[lines] how many trips each line has in the window."""
    lines = len(variant_ptr) - 1
    count = np.zeros(lines, np.int32)
    for line in range(lines):
        for v in range(variant_ptr[line], variant_ptr[line + 1]):
            low, high = max(0, first[v] - first_day), min(is_open.shape[1] - 1, last[v] - first_day)
            for day in range(low, high + 1):
                count[line] += is_open[calendar[v], day]
    return count


@lean
def _instant(midnight: Ints, odd: Ints, odd_minutes: Ints, zone: int, day: int, minute: int) -> int:
    """Seconds after the epoch of a local minute, counted from the midnight of a day of the window."""
    day += minute // MINUTES
    minute %= MINUTES
    row = odd[zone, day]
    if row >= 0:
        return odd_minutes[row, minute]
    return midnight[zone, day] + 60 * minute


@kernel
def _fill(
    positions: Ints, line_ptr: Ints, variant_ptr: Ints, calendar: Ints, first: Ints, last: Ints,
    call_ptr: Ints, arrives_min: Ints, departs_min: Ints, zone: Ints,
    first_day: int, midnight: Ints, odd: Ints, odd_minutes: Ints, is_open: Bytes,
    trip_ptr: Ints, variant: Ints, trip_day: Ints, departs: Ints, arrives: Ints,
) -> None:  # fmt: skip
    """Date every trip of every line; trips sorted by departure from the first stop, then by variant and day."""
    for line in range(len(line_ptr) - 1):
        begin, end = trip_ptr[line], trip_ptr[line + 1]
        if begin == end:
            continue
        p0, p1 = line_ptr[line], line_ptr[line + 1] - 1
        leaves = np.empty(end - begin, np.int64)
        whose, when = np.empty(end - begin, np.int32), np.empty(end - begin, np.int32)
        n = 0
        for v in range(variant_ptr[line], variant_ptr[line + 1]):
            low, high = max(0, first[v] - first_day), min(is_open.shape[1] - 1, last[v] - first_day)
            for day in range(low, high + 1):
                if is_open[calendar[v], day]:
                    call = call_ptr[v]
                    leaves[n] = _instant(midnight, odd, odd_minutes, zone[p0], day, departs_min[call])
                    whose[n], when[n] = v, day
                    n += 1
        order = np.argsort(leaves, kind="mergesort")
        for k in range(n):
            v, day = whose[order[k]], when[order[k]]
            variant[begin + k], trip_day[begin + k] = v, day + first_day
            for p in range(p0, p1):
                call = call_ptr[v] + p - p0
                segment = positions[p, START] + k
                departs[segment] = _instant(midnight, odd, odd_minutes, zone[p], day, departs_min[call])
                arrives[segment] = _instant(midnight, odd, odd_minutes, zone[p + 1], day, arrives_min[call + 1])


@lean
def order_line(positions: Ints, departs: Ints, arrives: Ints, search: Ints, overtake: Ints, line: int) -> None:
    """Rising search times of one line's positions, and by how much its trips overtake each other."""
    low, high = 0, len(positions)
    while low < high:
        middle = (low + high) // 2
        if positions[middle, LINE] < line:
            low = middle + 1
        else:
            high = middle
    _order_from(positions, departs, arrives, search, overtake, low)


@lean
def order_lines(positions: Ints, departs: Ints, arrives: Ints, search: Ints, overtake: Ints) -> None:
    """`order_line` for all lines."""
    p = 0
    while p < len(positions):
        _order_from(positions, departs, arrives, search, overtake, p)
        p = positions[p, LAST] + 1


@lean
def _order_from(positions: Ints, departs: Ints, arrives: Ints, search: Ints, overtake: Ints, first: int) -> None:
    line, most = positions[first, LINE], 0
    for p in range(first, positions[first, LAST]):
        start, leaves, comes = positions[p, START], -NEVER, -NEVER
        for segment in range(start, start + positions[p, TRIPS]):
            leaves, comes = max(leaves, departs[segment]), max(comes, arrives[segment])
            search[segment] = leaves
            most = max(most, leaves - departs[segment], comes - arrives[segment])
    overtake[line] = most
