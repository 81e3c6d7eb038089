"""A timetable for a window of days: dated departures as arrays, and the way back from an array's row to the trade.

resource   `departure:variant/date/stop`   the room of a dated leg, an account
segment    the same leg as a row of the arrays
"""

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np

from rookery.engines.network.snapshot import (
    FACILITY,
    LIMITED,
    LINE,
    MINUTES,
    NEVER,
    START,
    Days,
    Ints,
    Live,
    Longs,
    Snapshot,
    date,
)
from rookery.journey.calendars import DAYS_AHEAD_MAX, ONE_DAY
from rookery.journey.lines import Lines, calendar_names, day_number, zone_names
from rookery.journey.network.line import Service
from rookery.journey.price import Prices
from rookery.journey.service import Timetable
from rookery.units import DAY_S, EPOCH_ORDINAL, local_instant, local_minutes, time_zone

SHORT_DAYS = 183
HOPS_MAX = 65_536  # rides of a window that are kept as the trade knows them
WINDOW_DAYS = 28  # a window begins on a multiple of this, so that neighbours in time share it


@dataclass(frozen=True, slots=True)
class Hop:
    """A ride as the trade knows it: where from, where to, when; `resources`: its limited dated legs."""

    service: Service
    origin: str
    destination: str
    departs_at: int
    arrives_at: int
    day: dt.date
    resources: tuple[str, ...]
    departure: str
    stops: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """A departure in the arrays. `first`: its first position; `legs`: resource, segment, and the numbers of the stops
    where each begins and ends."""

    line: int
    first: int
    legs: list[tuple[str, int, int, int]]


@dataclass(slots=True)
class Window:
    """The dated departures of some days.

    epochs     first day of each epoch: a run of days on which no price, regime or exchange rate begins or ends
    day_epoch  [days] epoch of each day from `first_day` on, to that of the last courier
    reach      days from the day that a trip belongs to until it surely is over
    """

    lines: Lines
    net: Snapshot
    first_day: int
    last_day: int
    epochs: list[dt.date]
    day_epoch: Ints
    reach: int
    _segments: dict[str, int | None] = field(default_factory=dict)
    _hops: dict[tuple[int, int, int], Hop] = field(default_factory=dict)

    def relative(self, instant: int) -> int:
        """An instant in seconds after the window's epoch; what lies beyond int32 is never."""
        return max(-NEVER, min(instant - self.net.epoch_s, NEVER - 1))

    def epoch_of(self, instant: int) -> int:
        """Epoch of the UTC day of an instant."""
        return int(self.day_epoch[min(max(instant // DAY_S - self.first_day, 0), len(self.day_epoch) - 1)])

    def is_one_epoch(self, first: int, last: int, late_s: int) -> bool:
        """True if all trips that run between two instants, at most so late, belong to days of one epoch."""
        return self.epoch_of(first - late_s - self.reach * DAY_S) == self.epoch_of(last + DAY_S)

    def find_segment(self, resource: str) -> int | None:
        """Row of a resource's dated leg, or None: no departure, or not in this window."""
        if resource not in self._segments:
            self._segments[resource] = self._find_segment(resource)
        return self._segments[resource]

    def _find_segment(self, resource: str) -> int | None:
        kind, _, name = resource.partition(":")
        variant_id, _, rest = name.partition("/")
        day, _, seq = rest.partition("/")
        index = self.lines.variant_index.get(variant_id)
        if kind != "departure" or index is None:
            return None
        trip = self.find_trip(index, day_number(dt.date.fromisoformat(day)))
        if trip is None:
            return None
        position = int(self.lines.patterns.line_ptr[self.lines.line_of[index]]) + self.lines.seqs[index].index(int(seq))
        return int(self.net.positions[position, START]) + trip

    def find_trip(self, variant: int, day: int) -> int | None:
        """Number in its line of the trip of a variant on a day, or None."""
        line = self.lines.line_of[variant]
        trips = slice(self.net.trip_ptr[line], self.net.trip_ptr[line + 1])
        found = np.flatnonzero((self.net.trip_variant[trips] == variant) & (self.net.trip_day[trips] == day))
        return int(found[0]) if len(found) else None

    @property
    def key(self) -> tuple[int, int]:
        """What tells windows of one network apart."""
        return self.first_day, self.last_day

    def limits_of(self, resource: str) -> Longs:
        """What a dated leg carries, dimension by dimension."""
        segment = self.find_segment(resource)
        assert segment is not None, f"{resource}: not in this window"
        runs = self.net.positions[:, START]
        return self.net.limits[int(np.searchsorted(runs, segment, side="right")) - 1]

    def find_departure(self, name: str) -> Run | None:
        """A departure, `variant/date`, or None: not in this window."""
        variant_id, _, text = name.partition("/")
        index = self.lines.variant_index.get(variant_id)
        trip = None if index is None else self.find_trip(index, day_number(dt.date.fromisoformat(text)))
        if index is None or trip is None:
            return None
        line, seqs = int(self.lines.line_of[index]), self.lines.seqs[index]
        first = int(self.lines.patterns.line_ptr[line])
        starts = self.net.positions[first : first + len(seqs) - 1, START]
        return Run(
            line,
            first,
            [
                (f"departure:{name}/{seqs[n]}", int(start) + trip, seqs[n], seqs[n + 1])
                for n, start in enumerate(starts)
            ],
        )

    def hop(self, live: Live, board: int, alight: int, trip: int) -> Hop:
        """The ride from a position to a later one of its line on a trip."""
        net, known = self.net, self._hops.get((board, alight, trip))
        departs_at = net.epoch_s + int(live.departs[net.positions[board, START] + trip])
        arrives_at = net.epoch_s + int(live.arrives[net.positions[alight - 1, START] + trip])
        if known is None:
            if len(self._hops) >= HOPS_MAX:
                self._hops.clear()
            known = self._hops[board, alight, trip] = self._planned(board, alight, trip)
        if (known.departs_at, known.arrives_at) == (departs_at, arrives_at):
            return known
        return replace(known, departs_at=departs_at, arrives_at=arrives_at)

    def _planned(self, board: int, alight: int, trip: int) -> Hop:
        """The same as the timetable says."""
        positions = self.net.positions
        line = int(positions[board, LINE])
        row = int(self.net.trip_ptr[line]) + trip
        variant = int(self.net.trip_variant[row])
        day = dt.date.fromordinal(int(self.net.trip_day[row]) + EPOCH_ORDINAL)
        first, seqs = int(self.lines.patterns.line_ptr[line]), self.lines.seqs[variant]
        departure = f"{self.lines.variants[variant].variant_id}/{day}"
        limited = (p for p in range(board, alight) if positions[p, LIMITED])
        return Hop(
            service=self.lines.services[line],
            origin=self.lines.facility_ids[positions[board, FACILITY]],
            destination=self.lines.facility_ids[positions[alight, FACILITY]],
            departs_at=self.net.epoch_s + int(self.net.departs[positions[board, START] + trip]),
            arrives_at=self.net.epoch_s + int(self.net.arrives[positions[alight - 1, START] + trip]),
            day=day,
            resources=tuple(f"departure:{departure}/{seqs[p - first]}" for p in limited),
            departure=departure,
            stops=(seqs[board - first], seqs[alight - first]),
        )


def span(table: Timetable, lines: Lines, *, first: int, last: int) -> tuple[int, int]:
    """First and last day of the window in which goods that are ready at `first` travel until `last`, both instants.

    Neighbouring spans share a window; a network that is valid for less than half a year has one.
    """
    valid = day_number(table.network.about.valid_from), day_number(table.network.about.valid_to)
    if valid[1] - valid[0] < SHORT_DAYS:
        return valid
    begin, end = first // DAY_S - _reach(lines), last // DAY_S + 1
    return begin - begin % WINDOW_DAYS, end - end % WINDOW_DAYS + WINDOW_DAYS - 1


def _reach(lines: Lines) -> int:
    """Days from the day that a trip belongs to until it surely is over."""
    return int(max(lines.patterns.arrives.max(initial=0), lines.patterns.departs.max(initial=0))) // MINUTES + 2


def open_window(table: Timetable, prices: Prices, lines: Lines, begin: int, end: int) -> Window:
    """The dated departures from a day to a day."""
    reach = _reach(lines)
    until = end + reach + DAYS_AHEAD_MAX  # goods of the last trip may wait so long until a door opens
    starts = epochs(table, prices, begin, until)
    bounds = np.array([day_number(day) for day in starts])
    day_epoch = (np.searchsorted(bounds, np.arange(begin, until + 1), side="right") - 1).astype(np.int32)
    net = date(lines.patterns, _days(table, begin, end, reach))
    return Window(lines, net, begin, end, starts, day_epoch, reach)


def _days(table: Timetable, first: int, last: int, reach: int) -> Days:
    """Midnights of every zone, and the days on which each calendar is open."""
    epoch_s = first * DAY_S
    days = [dt.date.fromordinal(first + n + EPOCH_ORDINAL) for n in range(last - first + 1)]
    later = [days[-1] + n * ONE_DAY for n in range(1, reach + 2)]
    zones = zone_names(table)
    midnight = np.empty((len(zones), len(days) + len(later)), np.int32)
    odd, odd_minutes = np.full(midnight.shape, -1, np.int32), list[list[int]]()
    for row, name in enumerate(zones):
        zone = time_zone(name)
        instants = [local_instant(day, 0, zone) - epoch_s for day in (*days, *later, later[-1] + ONE_DAY)]
        midnight[row] = instants[:-1]
        for n in np.flatnonzero(np.diff(instants) != DAY_S):
            odd[row, n] = len(odd_minutes)
            odd_minutes.append([at - epoch_s for at in local_minutes((*days, *later)[n], zone)])
    is_open = [[table.calendars.is_open(name, day) for day in days] for name in calendar_names(table)]
    changes = np.array(odd_minutes, np.int32).reshape(-1, MINUTES)
    return Days(epoch_s, first, midnight, odd, changes, np.array(is_open, np.int8).reshape(-1, len(days)))


def epochs(table: Timetable, prices: Prices, first: int, last: int) -> list[dt.date]:
    """First days of the runs of days on which nothing that makes a price or a border time changes."""
    network = table.network
    rows = (*network.tariffs, *network.surcharges, *network.customs)
    changes = {day_number(row.valid_from) for row in rows if row.valid_from}
    changes |= {day_number(row.valid_to) + 1 for row in rows if row.valid_to}
    changes |= {day_number(day) for day in prices.exchange_days()}
    inside = sorted(day for day in changes if first < day <= last)
    return [dt.date.fromordinal(day + EPOCH_ORDINAL) for day in (first, *inside)]
