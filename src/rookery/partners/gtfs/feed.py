"""A GTFS feed as Rookery reads it: the rows that a timetable needs, checked. GTFS's own words; seconds and days."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rookery.partners.port import Fault


@dataclass(frozen=True, slots=True)
class Agency:
    """Who runs trips; the times of its trips are in its time zone."""

    agency_id: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Station:
    """What is at the top of a stop's parents: a station, or a stop without one. Its platforms are one place."""

    stop_id: str
    name: str
    lat: int | None  # micro-degrees
    lon: int | None
    zone: str


@dataclass(frozen=True, slots=True)
class Route:
    """A group of trips that are known by one name."""

    route_id: str
    agency_id: str
    name: str
    route_type: int


class Call(NamedTuple):
    """A trip's stop at a station. `told`: the feed has its times; otherwise they are interpolated."""

    seq: int
    station: str
    arrives_s: int
    departs_s: int
    told: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """One run of a route on the days of a service, or many a headway apart.

    headways  first and last departure (before this one) and headway, in seconds; and whether they are exact
    """

    trip_id: str
    route_id: str
    service_id: str
    calls: Sequence[Call]
    headways: Sequence[tuple[int, int, int, bool]] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """What it takes to change between stations, or between two routes at them. Blank routes: any.

    minutes    least time, rounded up; None: the ordinary one
    platforms  the row is about two platforms of a station, not about the whole station
    """

    from_station: str
    to_station: str
    from_route: str
    to_route: str
    type: int
    minutes: int | None
    platforms: bool


@dataclass(slots=True)
class Feed:
    """The good rows of a feed, what is wrong with the others, and what was counted on the way.

    dates   days of each service that has any
    counts  what was left out or made up, by a sentence that says so
    """

    publisher: str = ""
    version: str = ""
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    trips: Sequence[Trip] = ()
    dates: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    transfers: Sequence[Transfer] = ()
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
