"""A GTFS feed from its files: every row checked; what hangs on a bad row is passed by, so that it is told once."""

from collections.abc import Collection, Mapping

from rookery.partners.gtfs.calls import read_calls
from rookery.partners.gtfs.dates import WEEKDAYS, read_dates
from rookery.partners.gtfs.feed import Agency, Feed, Route, Station, Transfer, Trip
from rookery.partners.gtfs.reading import TEXT, TIME, ZONE, Reading, degrees, optional, whole
from rookery.partners.gtfs.table import read_table
from rookery.partners.port import FileFaults
from rookery.units import MINUTE_S

TRIPS_TOLD = "trips left out because of faults"
ROUTE_TYPE_MAX = 1799  # the extended route types end with 1702
COLUMNS = {
    "agency.txt": ("agency_name", "agency_timezone"),
    "stops.txt": ("stop_id",),
    "routes.txt": ("route_id", "route_type"),
    "trips.txt": ("route_id", "service_id", "trip_id"),
    "stop_times.txt": ("trip_id", "stop_id", "stop_sequence"),
    "calendar.txt": ("service_id", "start_date", "end_date", *WEEKDAYS),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
    "transfers.txt": (),
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
    "feed_info.txt": (),
}
PARENTS_MAX = 3  # boarding area, platform, station


def read_feed(files: Mapping[str, bytes], *, rows_max: int) -> Feed:
    """The feed that the files hold: its good rows, and every fault of the others.

    Raises  FileFaults: a file cannot be used at all, or no trip is left
    """
    tables = {name: read_table(name, raw, COLUMNS[name], rows_max) for name, raw in files.items()}
    if not all(table.whole for table in tables.values()):
        raise FileFaults([fault for table in tables.values() for fault in table.faults])
    reading = Reading(tables, Feed())
    feed = reading.feed
    feed.version = _version(reading)
    feed.agencies = _agencies(reading)
    parents = _stations(reading)
    feed.routes = _routes(reading)
    feed.dates = read_dates(reading)
    trips = _trips(reading)
    calls = read_calls(reading, trips, parents)
    headways = _headways(reading, trips)
    bad = reading.spoilt["trips.txt"]
    feed.trips = [
        Trip(trip_id, route_id, service_id, calls[trip_id], headways.get(trip_id, ()))
        for trip_id, (route_id, service_id) in trips.items()
        if trip_id not in bad
    ]
    feed.transfers = _transfers(reading, parents)
    _finish(reading, len(reading.table("trips.txt").lines))
    return feed


def _finish(reading: Reading, trip_count: int) -> None:
    """All faults, file by file."""
    feed = reading.feed
    for table in reading.tables.values():
        feed.faults += sorted(table.faults, key=lambda fault: (fault.line, fault.field))
    if feed.faults:
        feed.counts[TRIPS_TOLD] = trip_count - len(feed.trips)
    if not feed.trips:
        table = reading.table("trips.txt")
        table.fault_of_file("", wanted="at least one trip without a fault", found="none")
        raise FileFaults([*feed.faults, table.faults[-1]])


def _version(reading: Reading) -> str:
    """The feed's version, blank where it tells none; who publishes it goes into the feed."""
    table = reading.table("feed_info.txt")
    names, versions = (table.maybe(column, TEXT, "") for column in ("feed_publisher_name", "feed_version"))
    reading.feed.publisher = next(filter(None, names), "")
    return " ".join(next(filter(None, versions), "").split())


def _agencies(reading: Reading) -> dict[str, Agency]:
    table = reading.table("agency.txt")
    ids, names = table.maybe("agency_id", TEXT, ""), table.needed("agency_name", TEXT)
    zones = table.needed("agency_timezone", ZONE)
    reading.once(table, "agency_id", ids, "agency.txt")
    reading.spoil(table, "agency_id")
    return {ids[at]: Agency(ids[at], names[at], zones[at]) for at in table.good()}


def _stations(reading: Reading) -> dict[str, str]:
    """Reads stops.txt into the feed's stations; returns the station of each stop."""
    table = reading.table("stops.txt")
    ids, parents = table.needed("stop_id", TEXT), table.maybe("parent_station", TEXT, "")
    names, zones = table.maybe("stop_name", TEXT, ""), table.maybe("stop_timezone", ZONE, "")
    lats, lons = table.maybe("stop_lat", degrees(90), None), table.maybe("stop_lon", degrees(180), None)
    reading.once(table, "stop_id", ids, "stops.txt")
    reading.spoil(table, "stop_id")
    above = dict(zip(ids, parents, strict=True))
    reading.known(table, "parent_station", parents, {*ids, ""}, "stops.txt")
    for at in table.good():
        if not _top(ids[at], above):
            table.fault(at, "parent_station", wanted="a station above", found="a circle of parents, or too many")
    reading.spoil(table, "stop_id")
    good = table.good()
    default = next((agency.zone for agency in reading.feed.agencies.values()), "UTC")
    stations = {
        ids[at]: Station(ids[at], names[at] or ids[at], lats[at], lons[at], zones[at] or default)
        for at in good
        if not parents[at]
    }
    reading.feed.stations = stations
    found = {ids[at]: _top(ids[at], above) for at in good}
    reading.spoilt["stops.txt"] |= {stop for stop, station in found.items() if station not in stations}
    return {stop: station for stop, station in found.items() if station in stations}


def _top(stop_id: str, above: Mapping[str, str]) -> str:
    """The last of a stop's parents; blank where they never end."""
    for _ in range(PARENTS_MAX):
        parent = above.get(stop_id, "")
        if not parent:
            return stop_id
        stop_id = parent
    return ""


def _routes(reading: Reading) -> dict[str, Route]:
    table = reading.table("routes.txt")
    ids, agencies = table.needed("route_id", TEXT), table.maybe("agency_id", TEXT, "")
    types = table.needed("route_type", whole(0, ROUTE_TYPE_MAX))
    short, long = table.maybe("route_short_name", TEXT, ""), table.maybe("route_long_name", TEXT, "")
    known = reading.feed.agencies
    only = next(iter(known), "")
    if len(known) == 1:  # GTFS: the column may then be blank
        agencies = [agency or only for agency in agencies]
    reading.once(table, "route_id", ids, "routes.txt")
    reading.known(table, "agency_id", agencies, known.keys(), "agency.txt")
    reading.spoil(table, "route_id")
    name = {at: f"{short[at]} {long[at]}".strip() or ids[at] for at in table.good()}
    return {ids[at]: Route(ids[at], agencies[at], name[at], types[at]) for at in table.good()}


def _trips(reading: Reading) -> dict[str, tuple[str, str]]:
    """Route and service of each good trip."""
    table = reading.table("trips.txt")
    ids = table.needed("trip_id", TEXT)
    routes, services = table.needed("route_id", TEXT), table.needed("service_id", TEXT)
    reading.once(table, "trip_id", ids, "trips.txt")
    reading.known(table, "route_id", routes, reading.feed.routes.keys(), "routes.txt")
    reading.known(table, "service_id", services, reading.feed.dates.keys(), "calendar.txt or calendar_dates.txt")
    reading.spoil(table, "trip_id")
    return {ids[at]: (routes[at], services[at]) for at in table.good()}


def _headways(reading: Reading, trips: Collection[str]) -> dict[str, list[tuple[int, int, int, bool]]]:
    """Rows of frequencies.txt by trip."""
    table = reading.table("frequencies.txt")
    if not table.lines:
        return {}
    ids = table.needed("trip_id", TEXT)
    starts, ends = table.needed("start_time", TIME), table.needed("end_time", TIME)
    headways, exact = table.needed("headway_secs", whole(1, 86_400)), table.maybe("exact_times", whole(0, 1), 0)
    reading.known(table, "trip_id", ids, trips, "trips.txt")
    for at in table.good():
        if ends[at] <= starts[at]:
            table.fault(at, "end_time", wanted="a time after start_time", found="one that is not")
    reading.spoilt["trips.txt"] |= table.texts_of_broken("trip_id")
    found: dict[str, list[tuple[int, int, int, bool]]] = {}
    for at in table.good():
        found.setdefault(ids[at], []).append((starts[at], ends[at], headways[at], exact[at] == 1))
    return found


def _transfers(reading: Reading, parents: Mapping[str, str]) -> list[Transfer]:
    """Rows of transfers.txt between stops and routes; those about trips are counted and left out."""
    table, counts = reading.table("transfers.txt"), reading.feed.counts
    columns = ("from_stop_id", "to_stop_id", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id")
    come, go, by, on, by_trip, on_trip = (table.maybe(column, TEXT, "") for column in columns)
    types = table.maybe("transfer_type", whole(0, 5), 0)
    times: list[int | None] = table.maybe("min_transfer_time", optional(whole(0, 86_400)), None)
    for column, texts, rows, file in (
        ("from_stop_id", come, {*parents, ""}, "stops.txt"),
        ("to_stop_id", go, {*parents, ""}, "stops.txt"),
        ("from_route_id", by, {*reading.feed.routes, ""}, "routes.txt"),
        ("to_route_id", on, {*reading.feed.routes, ""}, "routes.txt"),
    ):
        reading.known(table, column, texts, rows, file)
    found = []
    for at in table.good():
        if by_trip[at] or on_trip[at] or types[at] > 3:
            counts["transfers left out that are about single trips"] += 1
        elif not come[at] or not go[at]:
            wanted = "a stop" if types[at] in (1, 2, 3) else "a stop, or trips"
            table.fault(at, "to_stop_id" if come[at] else "from_stop_id", wanted=wanted, found="a blank cell")
        elif types[at] == 2 and times[at] is None:
            table.fault(at, "min_transfer_time", wanted="seconds, since the type is 2", found="a blank cell")
        else:
            seconds = {0: times[at], 1: 0, 2: times[at]}.get(types[at])
            minutes = None if seconds is None else -(-seconds // MINUTE_S)
            places = parents[come[at]], parents[go[at]]
            found.append(Transfer(*places, by[at], on[at], types[at], minutes, places != (come[at], go[at])))
    return found
