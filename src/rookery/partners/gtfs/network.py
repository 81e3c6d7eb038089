"""A feed as the rows of a network folder. What the feed does not say is assumed, and its rows say so."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rookery.journey.network.line import Mode, Service, Stop, Variant
from rookery.journey.network.place import Calendar, CalendarException, Company, Facility
from rookery.journey.network.rows import Clock, Degrees, Row
from rookery.journey.network.whole import About
from rookery.partners.assumed import ALWAYS, assumed_rows, word_ids
from rookery.partners.gtfs.archive import Limits, read_files
from rookery.partners.gtfs.changes import connection_rows, processing_rows, route_minutes, station_minutes
from rookery.partners.gtfs.clock import Run, runs_of
from rookery.partners.gtfs.dates import calendar_of
from rookery.partners.gtfs.feed import Call, Feed, Trip
from rookery.partners.gtfs.read import read_feed
from rookery.partners.port import Fault, FileFaults
from rookery.units import zone_country

CHANGE_MIN, CHANGE_MIN_MAX = 5, 1440
EARLY = "arrivals told up to 59 s early, because the departure is in the same minute"
IDLE = "trips left out that run on no day"
MADE_UP = "assumed: between the times that the feed has"

# GTFS route types and the extended ones, by their hundreds. Ropeways and the like run on rails of a kind.
_BASIC: dict[int, Mode] = {3: "road", 4: "sea", 11: "road"}
_EXTENDED: dict[int, Mode] = {2: "road", 7: "road", 8: "road", 10: "sea", 11: "air", 12: "sea", 15: "road", 17: "road"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feed does not say and the command was told.

    change_min  least minutes of a change where transfers.txt has no row; it holds for goods and is assumed
    currency    in which plans are compared; nothing is priced
    keep_going  leave trips with faults out
    rows_max    most rows of one file, and of what frequencies and changing clocks make of it
    """

    change_min: int = CHANGE_MIN
    currency: str = "EUR"
    keep_going: bool = False
    rows_max: int = 10_000_000

    def __post_init__(self) -> None:
        if not 0 <= self.change_min <= CHANGE_MIN_MAX or not re.fullmatch("[A-Z]{3}", self.currency):
            wanted = f"a change of 0 to {CHANGE_MIN_MAX} minutes and a currency such as EUR"
            raise ValueError(f"wanted {wanted}, found {self.change_min} and {self.currency!r}")


@dataclass(frozen=True, slots=True)
class Imported:
    """A network's rows by file, what was left out or made up, and the faults of trips that were left out."""

    rows: Mapping[str, Sequence[Row]]
    counts: Counter[str]
    faults: Sequence[Fault] = ()


def read_gtfs(path: Path, wanted: Wanted, limits: Limits = Limits()) -> Imported:  # noqa: B008  # frozen
    """A feed's timetable as the rows of a network folder.

    path  a zip, or the folder that holds its files

    Raises  FileFaults: every fault of every file; with `keep_going` only where nothing can be left out
    Cost    about 25 microseconds a stop time, 1.5 kB of memory each
    """
    feed = read_feed(read_files(path, limits), rows_max=wanted.rows_max)
    if feed.faults and not wanted.keep_going:
        raise FileFaults(feed.faults)
    return Imported(_Drawing(feed, wanted, path.stem).rows(), feed.counts, feed.faults)


@dataclass(slots=True)
class _Drawing:
    """A network half drawn."""

    feed: Feed
    wanted: Wanted
    stem: str
    calendars: list[Calendar] = field(default_factory=list)
    exceptions: list[CalendarException] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    calendar_ids: dict[frozenset[dt.date], str] = field(default_factory=dict)
    names: set[str] = field(default_factory=lambda: {ALWAYS})  # of calendars
    comes: dict[str, set[str]] = field(default_factory=dict)  # routes by station
    leaves: dict[str, set[str]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    facilities: dict[str, str] = field(default_factory=dict)

    def source(self, file: str) -> str:
        """Where a row of the feed comes from."""
        return f"GTFS {file} {self.feed.version or self.stem}"

    def rows(self) -> dict[str, Sequence[Row]]:
        feed = self.feed
        countries = {zone_country(station.zone) for station in feed.stations.values()}
        countries |= {zone_country(agency.zone) for agency in feed.agencies.values()}
        companies = word_ids(feed.agencies)
        self.services, self.facilities = word_ids(feed.routes), word_ids(feed.stations, countries)
        self._run()
        stations = {id_ for ids in (self.comes, self.leaves) for id_ in ids}
        assumed = assumed_rows(countries, next(iter(companies.values())))
        services = self._services(companies)
        return {
            **assumed,
            "network": [self._about()],
            "companies": self._companies(companies),
            "calendars": [*assumed["calendars"], *self.calendars],
            "calendar_exceptions": self.exceptions,
            "facilities": self._facilities(stations, next(iter(companies.values()))),
            "services": services,
            "variants": self.variants,
            "stops": self.stops,
            **self._changes(stations, {service.mode for service in services}),
        }

    # --- what runs

    def _run(self) -> None:
        """Variants and stops of every trip, and the calendars that they need."""
        feed = self.feed
        variants = word_ids(trip.trip_id for trip in feed.trips)
        used = set(variants.values())
        for trip in feed.trips:
            days = feed.dates[trip.service_id]
            if not days:
                feed.counts[IDLE] += 1
                continue
            zone = feed.agencies[feed.routes[trip.route_id].agency_id].zone
            for suffix, calls, headway in _departures(trip):
                moments = [(c.arrives_s, c.departs_s, feed.stations[c.station].zone) for c in calls]
                for nth, run in enumerate(runs_of(days, zone, moments)):
                    id_ = variants[trip.trip_id] + suffix + (f"~{nth + 1}" if nth else "")
                    while (suffix or nth) and id_ in used:
                        id_ += "~"
                    used.add(id_)
                    feed.counts[EARLY] += run.early
                    self._add(trip, id_, calls, run, headway)
                    if len(self.stops) > self.wanted.rows_max:
                        self._too_many()

    def _add(self, trip: Trip, id_: str, calls: Sequence[Call], run: Run, headway: str) -> None:
        """One variant with its stops."""
        calendar_id, service_id = self._calendar(trip.service_id, run.days), self.services[trip.route_id]
        told = self.source("trips.txt")
        self.variants.append(
            Variant(
                variant_id=id_,
                service_id=service_id,
                calendar_id=calendar_id,
                valid_from=min(run.days),  # the day by which a network's check tells whether times go backwards
                source=told,
            )
        )
        told, last = headway or self.source("stop_times.txt"), len(calls)
        for seq, (call, (arrives, departs)) in enumerate(zip(calls, run.minutes, strict=True), start=1):
            self.stops.append(
                Stop(
                    variant_id=id_,
                    stop_seq=seq,
                    facility_id=self.facilities[call.station],
                    arrives=Clock(arrives) if seq > 1 else None,
                    departs=Clock(departs) if seq < last else None,
                    source=told if call.told else MADE_UP,
                )
            )
            if seq > 1:
                self.comes.setdefault(call.station, set()).add(trip.route_id)
            if seq < last:
                self.leaves.setdefault(call.station, set()).add(trip.route_id)

    def _calendar(self, service_id: str, days: frozenset[dt.date]) -> str:
        """The calendar of exactly these days; trips with the same days share one."""
        known = self.calendar_ids.get(days)
        if known is None:
            known = self.calendar_ids[days] = word_ids([service_id], self.names)[service_id]
            self.names.add(known)
            calendar, exceptions = calendar_of(known, days, self.source("calendar.txt, calendar_dates.txt"))
            self.calendars.append(calendar)
            self.exceptions += exceptions
        return known

    def _too_many(self) -> None:
        wanted, found = f"a timetable of at most {self.wanted.rows_max} stops", "more, from frequencies and calendars"
        raise FileFaults([Fault("frequencies.txt", 0, "", wanted, found, "cut the feed to the trips that you need")])

    # --- who and where

    def _about(self) -> About:
        if not self.calendar_ids:
            todo = "take a feed that has days in calendar.txt or calendar_dates.txt"
            raise FileFaults([Fault("trips.txt", 0, "", "a trip that runs on some day", "none", todo)])
        name = self.feed.publisher or next(agency.name for agency in self.feed.agencies.values())
        return About(
            network_id=word_ids([self.stem])[self.stem],
            name=f"{name}, from GTFS",
            version=self.feed.version or "unknown",
            currency=self.wanted.currency,
            valid_from=min(map(min, self.calendar_ids)),
            valid_to=max(map(max, self.calendar_ids)),
            source=self.source("feed_info.txt"),
        )

    def _companies(self, ids: Mapping[str, str]) -> list[Company]:
        told = f"{self.source('agency.txt')}; country by its time zone"
        return [
            Company(
                company_id=ids[agency.agency_id],
                name=agency.name,
                country=zone_country(agency.zone),
                roles=("operator", "carrier"),
                source=told,
            )
            for agency in self.feed.agencies.values()
        ]

    def _facilities(self, stations: set[str], company_id: str) -> list[Facility]:
        told = f"{self.source('stops.txt')}; country by its time zone, operator, city and hours assumed"
        used = [station for station in self.feed.stations.values() if station.stop_id in stations]
        return [
            Facility(
                facility_id=self.facilities[station.stop_id],
                name=station.name,
                kind="station",
                company_id=company_id,
                country=zone_country(station.zone),
                city=station.name,
                lat=None if station.lat is None else Degrees(station.lat),
                lon=None if station.lon is None else Degrees(station.lon),
                time_zone=station.zone,
                calendar_id=ALWAYS,
                source=told,
            )
            for station in used
        ]

    def _services(self, companies: Mapping[str, str]) -> list[Service]:
        """Routes on which a trip runs."""
        used, told = {variant.service_id for variant in self.variants}, self.source("routes.txt")
        return [
            Service(
                service_id=self.services[route.route_id],
                company_id=companies[route.agency_id],
                mode=mode_of(route.route_type),
                name=route.name,
                source=told,
            )
            for route in self.feed.routes.values()
            if self.services[route.route_id] in used
        ]

    def _changes(self, stations: set[str], modes: set[Mode]) -> dict[str, Sequence[Row]]:
        """Handling and connections from transfers.txt, at stations where something calls."""
        ordinary, told = self.wanted.change_min, self.source("transfers.txt")
        transfers = [one for one in self.feed.transfers if {one.from_station, one.to_station} <= stations]
        named = route_minutes(transfers, self.comes, self.leaves, ordinary, self.feed.counts)
        own = station_minutes(transfers, ordinary, self.feed.counts)
        places = {self.facilities[station]: minutes for station, minutes in own.items()}
        pairs = {
            (self.facilities[station], self.services[a], self.services[b]): minutes
            for (station, a, b), minutes in named.items()
        }
        return {
            "processing": processing_rows(places, modes, ordinary, told),
            "connections": connection_rows(pairs, told),
        }


def mode_of(route_type: int) -> Mode:
    """The mode of a route type, basic or extended; rail where the type says nothing else."""
    if route_type < 100:
        return _BASIC.get(route_type, "rail")
    return _EXTENDED.get(route_type // 100, "rail")


def _departures(trip: Trip) -> Iterator[tuple[str, Sequence[Call], str]]:
    """A trip, or each departure that its headways make, with a suffix for its id and where the times come from."""
    if not trip.headways:
        yield "", trip.calls, ""
        return
    first = trip.calls[0].departs_s
    for start, end, headway, exact in trip.headways:
        told = "GTFS frequencies.txt" if exact else "assumed: headways of GTFS frequencies.txt as if they were exact"
        for departs in range(start, end, headway):
            shift = departs - first
            calls = [c._replace(arrives_s=c.arrives_s + shift, departs_s=c.departs_s + shift) for c in trip.calls]
            yield f"@{departs // 3600:02d}{departs // 60 % 60:02d}{departs % 60:02d}", calls, told
