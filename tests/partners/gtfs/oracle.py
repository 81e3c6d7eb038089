"""A judge that knows nothing of Rookery: a feed's dated connections by its own reading, and earliest arrivals.

It follows docs/gtfs.md with other means: the clock's minutes that have a name are listed one by one, and queries scan
all connections in the order of their departures (Dibbelt et al., Connection Scan Algorithm, 2013).

    oracle = Oracle.of(path, change_min=5)
    oracle.earliest("StopArea:OCE87571240", "StopArea:OCE87571000", ready_at)   # seconds since 1970, or None
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numba
import numpy as np

Rows = list[dict[str, str]]
NEVER = np.iinfo(np.int64).max
NOON_LESS_TWELVE = 43_200
Stop = tuple[str, int, int]  # station, arrival and departure in seconds of the feed


def read_rows(path: Path, name: str) -> Rows:
    """Rows of a file of a zip, wherever in it the file lies; none where it is missing."""
    with zipfile.ZipFile(path) as archive:
        names = [one for one in archive.namelist() if one.split("/")[-1] == name]
        if not names:
            return []
        text = archive.read(names[0]).decode("utf-8-sig")
    return [{k.strip(): (v or "").strip() for k, v in row.items() if k} for row in csv.DictReader(io.StringIO(text))]


def service_days(path: Path) -> dict[str, set[dt.date]]:
    """Days of each service."""
    days: dict[str, set[dt.date]] = {}
    for row in read_rows(path, "calendar.txt"):
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        day, last = _day(row["start_date"]), _day(row["end_date"])
        found = days.setdefault(row["service_id"], set())
        while day <= last:
            if row[names[day.weekday()]] == "1":
                found.add(day)
            day += dt.timedelta(days=1)
    for row in read_rows(path, "calendar_dates.txt"):
        found = days.setdefault(row["service_id"], set())
        (found.add if row["exception_type"] == "1" else found.discard)(_day(row["date"]))
    return days


def _day(text: str) -> dt.date:
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _seconds(text: str) -> int | None:
    if not text:
        return None
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def calls_of_trips(path: Path, station: dict[str, str]) -> dict[str, list[Stop]]:
    """Stations and times of each trip; times that are missing are spread, stops that nobody may use are left out."""
    rows: dict[str, list[tuple[int, str, int | None, int | None, bool]]] = {}
    for row in read_rows(path, "stop_times.txt"):
        arrives, departs = _seconds(row.get("arrival_time", "")), _seconds(row.get("departure_time", ""))
        arrives, departs = (departs if arrives is None else arrives), (arrives if departs is None else departs)
        shut = row.get("pickup_type") == "1" and row.get("drop_off_type") == "1"
        call = (int(row["stop_sequence"]), station[row["stop_id"]], arrives, departs, shut)
        rows.setdefault(row["trip_id"], []).append(call)
    return {trip: _filled(sorted(of, key=lambda one: one[0])) for trip, of in rows.items()}


def _filled(rows: list[tuple[int, str, int | None, int | None, bool]]) -> list[Stop]:
    rows = [row for i, row in enumerate(rows) if not row[4] or i in (0, len(rows) - 1)]
    found: list[Stop] = []
    for i, (_, where, arrives, departs, _) in enumerate(rows):
        if arrives is None or departs is None:
            end_at = next(j for j in range(i, len(rows)) if rows[j][2] is not None)
            end, before = rows[end_at][2], found[-1][2]
            assert end is not None
            arrives = departs = before + (end - before) // (end_at - i + 1)
        found.append((where, arrives, departs))
    return found


@dataclass(frozen=True)
class Clock:
    """The minutes of a zone that have a name of their own: of an hour that comes twice, only the first."""

    named: np.ndarray

    @classmethod
    def of(cls, zone: str, first: int, last: int) -> "Clock":
        """Every minute from first to last that is the first of its name."""
        place = ZoneInfo(zone)
        minutes = range(first - first % 60, last + 60, 60)
        return cls(np.array([m for m in minutes if dt.datetime.fromtimestamp(m, place).fold == 0], dtype=np.int64))

    def down(self, instants: np.ndarray) -> np.ndarray:
        """The last named minute not after each instant."""
        return self.named[np.searchsorted(self.named, instants, side="right") - 1]

    def up(self, instants: np.ndarray) -> np.ndarray:
        """The first named minute not before each instant."""
        return self.named[np.searchsorted(self.named, instants, side="left")]


@dataclass
class Oracle:
    """A feed's dated connections, sorted by departure, then trip, then position in it.

    Arrays of one entry per connection: departs, arrives (seconds since 1970), start, end (station), run (dated trip),
    position (in its trip), route.
    """

    stations: list[str]
    routes: list[str]
    names: list[str]  # of each dated trip
    columns: dict[str, np.ndarray]
    change_s: dict[str, int]  # by station
    special_s: dict[tuple[str, str, str], int]  # by station, route that comes, route that goes on
    ordinary_s: int

    @classmethod
    def of(cls, path: Path, *, change_min: int = 5) -> "Oracle":
        """The oracle of a zip."""
        return _read(path, change_min)

    def segments(self) -> set[tuple[str, str, str, int, int]]:
        """Every dated ride from one stop to the next: trip, from, to, departs, arrives."""
        at = self.columns
        columns = (at["run"], at["start"], at["end"], at["departs"], at["arrives"])
        return {
            (self.names[r], self.stations[s], self.stations[e], d, a)
            for r, s, e, d, a in zip(*(column.tolist() for column in columns), strict=True)
        }

    def earliest(self, origin: str, destination: str, ready_at: int) -> int | None:
        """When goods that are ready at a station arrive at another at the earliest; None: never.

        They board at once where they start. A change takes the station's least time, or that of the two routes.
        Staying aboard takes none.
        """
        if origin == destination:
            return ready_at
        number, nodes, lists = self._number, self._nodes, self._lists
        at, (boarded, stamp, query) = self.columns, self._marks
        query[0] += 1
        best = np.full(nodes.count, NEVER, dtype=np.int64)
        first = int(np.searchsorted(at["departs"], ready_at, side="left"))
        found = _scan(
            at["departs"], at["arrives"], at["start"], at["run"], at["position"], lists.of_connection,
            nodes.of_connection, nodes.station, lists.starts, lists.node, lists.wait, boarded, stamp, best,
            query[0], first, number[origin], number[destination],
        )  # fmt: skip
        return None if found == NEVER else int(found)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {station: at for at, station in enumerate(self.stations)}

    @cached_property
    def _marks(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each dated trip: where goods boarded it, and in which query; the number of the last query."""
        return np.zeros(len(self.names), np.int32), np.zeros(len(self.names), np.int64), np.zeros(1, np.int64)

    @cached_property
    def _nodes(self) -> "_Nodes":
        """Where goods are: at a station, apart from those that came by a route with times of its own there."""
        own = {(self._number[s], self.routes.index(r)) for s, r, _ in self.special_s}
        node = {pair: len(self.stations) + at for at, pair in enumerate(sorted(own))}
        station = np.array([*range(len(self.stations)), *(s for s, _ in sorted(own))], dtype=np.int32)
        end = self.columns["end"].astype(np.int32)
        for (s, r), at in node.items():
            end[(self.columns["end"] == s) & (self.columns["route"] == r)] = at
        return _Nodes(len(station), station, end, node)

    @cached_property
    def _lists(self) -> "_Lists":
        """For each place and route from which goods leave: the nodes from which they may, and how long that takes."""
        waits = [[(at, self.change_s.get(name, self.ordinary_s))] for at, name in enumerate(self.stations)]
        of = self.columns["start"].astype(np.int32)
        by_place: dict[str, list[tuple[str, int]]] = {}
        for (station, came_by), at in self._nodes.node.items():
            by_place.setdefault(self.stations[station], []).append((self.routes[came_by], at))
        for name, came in by_place.items():
            s = self._number[name]
            for route in np.unique(self.columns["route"][self.columns["start"] == s]):
                ordinary = self.change_s.get(name, self.ordinary_s)
                more = [(at, self.special_s.get((name, r, self.routes[route]), ordinary)) for r, at in came]
                of[(self.columns["start"] == s) & (self.columns["route"] == route)] = len(waits)
                waits.append([(s, ordinary), *more])
        starts = np.cumsum([0, *map(len, waits)]).astype(np.int64)
        node = np.array([at for one in waits for at, _ in one], dtype=np.int32)
        wait = np.array([s for one in waits for _, s in one], dtype=np.int64)
        return _Lists(of, starts, node, wait)


@dataclass
class _Nodes:
    count: int
    station: np.ndarray
    of_connection: np.ndarray
    node: dict[tuple[int, int], int]


@dataclass
class _Lists:
    of_connection: np.ndarray
    starts: np.ndarray
    node: np.ndarray
    wait: np.ndarray


@numba.njit(cache=True)
def _scan(
    departs, arrives, start, run, position, list_of, node_of, station_of, starts, nodes, waits, boarded, stamp, best,
    query, first, origin, destination,
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Earliest arrival, scanning from the first connection that leaves when goods are ready.

    Connections of one instant are scanned until nothing changes: rides that take no time may follow each other in any
    order. `boarded` is the position at which goods board a run; before it they are not aboard.
    """
    found, i, count = NEVER, first, len(departs)
    while i < count and departs[i] < found:
        now, j = departs[i], i
        while j < count and departs[j] == now:
            j += 1
        again = True
        while again:
            again = False
            for c in range(i, j):
                r = run[c]
                aboard = stamp[r] == query and boarded[r] <= position[c]
                if not aboard:
                    boards = start[c] == origin
                    for k in range(starts[list_of[c]], starts[list_of[c] + 1]):
                        came = best[nodes[k]]
                        boards = boards or (came != NEVER and came + waits[k] <= now)
                    if boards:
                        stamp[r], boarded[r], aboard = query, position[c], True
                node = node_of[c]
                if aboard and arrives[c] < best[node]:
                    best[node] = arrives[c]
                    again = again or arrives[c] == now
                    if station_of[node] == destination:
                        found = min(found, arrives[c])
        i = j
    return found


# --- reading


def _read(path: Path, change_min: int) -> Oracle:
    zone_of = {row.get("agency_id", ""): row["agency_timezone"] for row in read_rows(path, "agency.txt")}
    default = next(iter(zone_of.values()))
    stops = {row["stop_id"]: row for row in read_rows(path, "stops.txt")}
    top = {stop: _top(stop, stops) for stop in stops}
    route_zone = {
        row["route_id"]: zone_of.get(row.get("agency_id", ""), default) for row in read_rows(path, "routes.txt")
    }
    station_zone = {stop: stops[stop].get("stop_timezone") or default for stop in stops}
    days, calls = service_days(path), calls_of_trips(path, top)
    headways: dict[str, Rows] = {}
    for row in read_rows(path, "frequencies.txt"):
        headways.setdefault(row["trip_id"], []).append(row)
    trips = [row for row in read_rows(path, "trips.txt") if days.get(row["service_id"])]
    stations, routes = sorted({s for one in calls.values() for s, _, _ in one}), sorted(route_zone)
    made = _Making(stations, routes, station_zone, _clocks({*route_zone.values(), *station_zone.values()}, days, calls))
    for row in trips:
        own = sorted(days[row["service_id"]])
        for name, shift in _shifts(row["trip_id"], calls[row["trip_id"]][0][2], headways):
            shifted = [(s, a + shift, d + shift) for s, a, d in calls[row["trip_id"]]]
            made.add(name, row["route_id"], route_zone[row["route_id"]], own, shifted)
    change_s, special_s = _transfers(path, top, made.come(), made.leave(), change_min)
    return Oracle(stations, routes, made.names, made.columns(), change_s, special_s, change_min * 60)


def _top(stop: str, stops: dict[str, dict[str, str]]) -> str:
    while stops[stop].get("parent_station"):
        stop = stops[stop]["parent_station"]
    return stop


def _shifts(trip: str, departs: int, headways: dict[str, Rows]) -> Iterator[tuple[str, int]]:
    """Each run of a trip in a day: its name, and how many seconds after the trip's own times."""
    if trip not in headways:
        yield trip, 0
    for row in headways.get(trip, ()):
        at, end = _seconds(row["start_time"]), _seconds(row["end_time"])
        assert at is not None and end is not None
        while at < end:
            yield f"{trip}@{at // 3600:02d}{at // 60 % 60:02d}{at % 60:02d}", at - departs
            at += int(row["headway_secs"])


def _clocks(zones: set[str], days: dict[str, set[dt.date]], calls: dict[str, list[Stop]]) -> dict[str, Clock]:
    every = [day for of in days.values() for day in of]
    first = int(dt.datetime.combine(min(every), dt.time(), dt.UTC).timestamp()) - 2 * 86_400
    last = int(dt.datetime.combine(max(every), dt.time(), dt.UTC).timestamp()) + 4 * 86_400
    return {zone: Clock.of(zone, first, last + max(of[-1][2] for of in calls.values())) for zone in zones}


class _Making:
    """Connections as they are found."""

    def __init__(self, stations: list[str], routes: list[str], zones: dict[str, str], clocks: dict[str, Clock]):
        self.stations, self.routes = stations, routes
        self.number = {name: at for at, name in enumerate(stations)}
        self.route_number = {name: at for at, name in enumerate(routes)}
        self.zones, self.clocks = zones, clocks
        self.names: list[str] = []
        self.parts: list[tuple[np.ndarray, ...]] = []
        self._noons: dict[tuple[dt.date, str], int] = {}

    def add(self, name: str, route: str, zone: str, days: list[dt.date], calls: list[Stop]) -> None:
        """A trip on all its days."""
        zero = np.array([self._noon(day, zone) - NOON_LESS_TWELVE for day in days], dtype=np.int64)
        arrives, departs, before = [], [], np.full(len(days), zero.min() - 86_400)
        for i, (station, a, d) in enumerate(calls):
            clock = self.clocks[self.zones[station]]
            left = clock.down(zero + d)
            departs.append(np.where(left < before, clock.up(np.maximum(zero + d, before)), left))
            arrives.append(clock.up(np.maximum(zero + a, before)))
            before = departs[-1]
            if i < len(calls) - 1:
                arrives[-1] = np.minimum(arrives[-1], departs[-1])
        legs = len(calls) - 1
        runs = np.arange(len(self.names), len(self.names) + len(days))
        self.names += [name] * len(days)
        places = np.array([self.number[station] for station, _, _ in calls])
        self.parts.append((
            np.concatenate(departs[:-1]), np.concatenate(arrives[1:]),
            np.repeat(places[:-1], len(days)), np.repeat(places[1:], len(days)),
            np.tile(runs, legs), np.repeat(np.arange(legs), len(days)),
            np.full(legs * len(days), self.route_number[route]),
        ))  # fmt: skip

    def _noon(self, day: dt.date, zone: str) -> int:
        if (day, zone) not in self._noons:
            noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone))
            self._noons[day, zone] = int(noon.timestamp())
        return self._noons[day, zone]

    def columns(self) -> dict[str, np.ndarray]:
        """All connections in their order."""
        names = ("departs", "arrives", "start", "end", "run", "position", "route")
        found = [np.concatenate(part) for part in zip(*self.parts, strict=True)]
        order = np.lexsort((found[5], found[4], found[0]))
        kinds = (np.int64, np.int64, *[np.int32] * 5)
        return {name: one[order].astype(kind) for name, one, kind in zip(names, found, kinds, strict=True)}

    def come(self) -> set[tuple[str, str]]:
        """Stations and the routes that come there."""
        return {(self.stations[e], self.routes[p[6][0]]) for p in self.parts for e in np.unique(p[3])}

    def leave(self) -> set[tuple[str, str]]:
        """Stations and the routes that leave from there."""
        return {(self.stations[s], self.routes[p[6][0]]) for p in self.parts for s in np.unique(p[2])}


def _transfers(
    path: Path, top: dict[str, str], come: set[tuple[str, str]], leave: set[tuple[str, str]], change_min: int
) -> tuple[dict[str, int], dict[tuple[str, str, str], int]]:
    """Seconds of a change by station, and by station and two routes."""
    stations: dict[str, int] = {}
    ranked: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in read_rows(path, "transfers.txt"):
        a, b, kind = row.get("from_stop_id", ""), row.get("to_stop_id", ""), row.get("transfer_type") or "0"
        by, on = row.get("from_route_id", ""), row.get("to_route_id", "")
        about_trips = row.get("from_trip_id") or row.get("to_trip_id") or kind in "45"
        if about_trips or top[a] != top[b]:
            continue
        told = row.get("min_transfer_time", "")
        stated = -(-int(told) // 60) * 60 if told else change_min * 60
        seconds = {"1": 0, "3": 86_400}.get(kind, stated)
        if not by and not on:
            if kind != "3" or (a, b) == (top[a], top[b]):
                stations[top[a]] = max(stations.get(top[a], 0), seconds)
            continue
        for s, r in come:
            for t, q in leave:
                if s == t == top[a] and by in ("", r) and on in ("", q):
                    rank = (bool(by) + bool(on), seconds)
                    ranked[s, r, q] = max(ranked.get((s, r, q), (0, 0)), rank)
    return stations, {key: seconds for key, (_, seconds) in ranked.items()}
