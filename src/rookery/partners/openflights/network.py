"""The world's air routes as the rows of a network folder: places are real, times and holds are assumed and say so."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rookery.journey.network.line import Capacity, Cutoff, Service, Stop, Variant
from rookery.journey.network.place import Company, Facility, FacilityCode, Processing
from rookery.journey.network.rows import Clock, Degrees, Row
from rookery.journey.network.whole import About
from rookery.partners.assumed import ALWAYS, assumed_rows, word_ids
from rookery.partners.openflights.flights import CM3_PER_G, Flight, flight_of, great_circle_km
from rookery.partners.openflights.read import Airport, Route, read_lists
from rookery.units import MINUTE_S, local_instant, time_zone, zone_country

DAY_MIN = 1440
DAYS_MAX = 366
CHANGE_MIN = 180
ACCEPTANCE_MIN = 120
OPERATOR = "airports"  # assumed: runs the airports and sells the product
AIRPORTS, ROUTES = "OpenFlights airports.dat", "OpenFlights routes.dat"
FLIGHT = "assumed: hour by chance of its name, block time by distance"


@dataclass(frozen=True, slots=True)
class Season:
    """The days on which the flights run. In a season in which clocks change, arrivals go by the clocks of the first."""

    first: dt.date
    day_count: int

    def __post_init__(self) -> None:
        if not 1 <= self.day_count <= DAYS_MAX:
            raise ValueError(f"{self.day_count} days")

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.first + dt.timedelta(days=self.day_count - 1)


def read_openflights(folder: Path, season: Season) -> tuple[Mapping[str, Sequence[Row]], Counter[str]]:
    """The routes of a folder with airports.dat and routes.dat as a network's rows, and what was counted on the way.

    Raises  FileFaults: every fault of both files
    Cost    about 50 microseconds a route
    """
    airports, routes = read_lists(folder)
    counts: Counter[str] = Counter({"routes read": len(routes)})
    by_number = {airport.number: airport for airport in airports}
    kept = list({(r.airline, r.origin, r.destination): r for r in routes if _is_kept(r, by_number, counts)}.values())
    counts["routes kept"] = len(kept)
    flights = [
        flight_of(route.airline, by_number[route.origin], by_number[route.destination], "".join(route.aircraft[:1]))
        for route in kept
    ]
    used = {airport.number: airport for flight in flights for airport in (flight.origin, flight.destination)}
    zones = _zones(sorted(used.values(), key=lambda one: one.code), airports, counts)
    return _rows(flights, used.values(), zones, season), counts


def _is_kept(route: Route, by_number: Mapping[str, Airport], counts: Counter[str]) -> bool:
    """True for routes that an airline flies itself, without a stop, between two airports that are known."""
    why = ""
    if route.codeshare:
        why = "a codeshare: another airline flies it"
    elif not {route.origin, route.destination} <= by_number.keys():
        why = "an airport is not in the list"
    elif route.origin == route.destination:
        why = "it leads back to where it starts"
    elif route.stops:
        why = "it has stops that the list does not name"
    if why:
        counts[f"routes left out: {why}"] += 1
    return not why


def _zones(used: Sequence[Airport], airports: Sequence[Airport], counts: Counter[str]) -> dict[str, str]:
    """The time zone of each airport; of one without, that of the nearest airport of its country, else of all."""
    told = [airport for airport in airports if airport.zone]
    zones = {airport.number: airport.zone for airport in used}
    for airport in used:
        if not airport.zone:
            near = [one for one in told if one.country == airport.country] or told
            zones[airport.number] = min(near, key=lambda one: (great_circle_km(airport, one), one.code)).zone
            counts["airports whose time zone is that of the nearest airport"] += 1
    return zones


def _countries(airports: Iterable[Airport], zones: Mapping[str, str]) -> dict[str, str]:
    """ISO 3166 code by the name of a country: the standard's own name, else the country of most of its time zones."""
    lines = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8").splitlines()
    standard = {line.split("\t")[1]: line.split("\t")[0] for line in lines if not line.startswith("#")}
    by_zone: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for airport in airports:
        by_zone[airport.country][zone_country(zones[airport.number])] += 1
    return {
        name: standard.get(name) or max(sorted(found), key=lambda code: found[code]) for name, found in by_zone.items()
    }


def _rows(
    flights: Sequence[Flight], airports: Iterable[Airport], zones: Mapping[str, str], season: Season
) -> Mapping[str, Sequence[Row]]:
    airports = sorted(airports, key=lambda airport: airport.code)
    country = _countries(airports, zones)
    ids, airlines = _ids(airports), word_ids(flight.airline for flight in flights)
    assumed = assumed_rows(set(country.values()), OPERATOR)
    named = [
        (flight, f"{airlines[flight.airline]}-{ids[flight.origin.number]}-{ids[flight.destination.number]}")
        for flight in flights
    ]
    return {
        **assumed,
        "network": [_about(season)],
        "companies": _companies(flights, airlines, country),
        "facilities": [_facility(airport, ids, zones, country) for airport in airports],
        "facility_codes": [code for airport in airports for code in _codes(airport, ids)],
        "processing": [
            Processing(
                facility_id="*", way_in="air", way_out="air", minutes=0, connection_min=CHANGE_MIN, source="assumed"
            )
        ],
        "cutoffs": [Cutoff(service_id="*", kind="acceptance", minutes=ACCEPTANCE_MIN, source="assumed")],
        "services": [_service(flight, id_, airlines) for flight, id_ in named],
        "variants": [Variant(variant_id=id_, service_id=id_, calendar_id=ALWAYS, source=FLIGHT) for _, id_ in named],
        "stops": [stop for flight, id_ in named for stop in _stops(flight, id_, ids, zones, season)],
        "capacities": [row for flight, id_ in named for row in _capacities(flight, id_)],
    }


def _ids(airports: Sequence[Airport]) -> dict[str, str]:
    """Facility ids by number: the code; where airports share one, with the number behind it."""
    count = Counter(airport.code for airport in airports)
    told = {one.number: one.code if count[one.code] == 1 else f"{one.code}~{one.number}" for one in airports}
    words = word_ids(told.values())
    return {number: words[text] for number, text in told.items()}


def _about(season: Season) -> About:
    return About(
        network_id="openflights",
        name="Air routes of the world, from OpenFlights",
        version=f"{season.first}",
        currency="USD",
        valid_from=season.first,
        valid_to=season.last,
        source="assumed: the lists have no dates",
    )


def _companies(flights: Sequence[Flight], airlines: Mapping[str, str], country: Mapping[str, str]) -> list[Company]:
    """Airlines by their codes, and who runs the airports."""
    homes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for flight in flights:
        homes[flight.airline][country[flight.origin.country]] += 1
    told = f"{ROUTES}; country assumed: where most of its flights leave"
    companies = [
        Company(
            company_id=airlines[code],
            name=code,
            country=max(sorted(of), key=lambda c: of[c]),
            roles=("carrier",),
            source=told,
        )
        for code, of in sorted(homes.items())
    ]
    everywhere = sum(homes.values(), Counter[str]())
    home = max(sorted(everywhere), key=lambda c: everywhere[c])
    operator = Company(company_id=OPERATOR, name="Airports", country=home, roles=("operator",), source="assumed")
    return [operator, *companies]


def _facility(
    airport: Airport, ids: Mapping[str, str], zones: Mapping[str, str], country: Mapping[str, str]
) -> Facility:
    return Facility(
        facility_id=ids[airport.number],
        name=airport.name,
        kind="airport",
        company_id=OPERATOR,
        country=country[airport.country],
        city=airport.city,
        lat=Degrees(airport.lat),
        lon=Degrees(airport.lon),
        time_zone=zones[airport.number],
        calendar_id=ALWAYS,
        source=f"{AIRPORTS}; operator and hours assumed"
        + ("" if airport.zone else ", time zone of the nearest airport"),
    )


def _codes(airport: Airport, ids: Mapping[str, str]) -> list[FacilityCode]:
    """The codes that have the form of their lists."""
    found = []
    if len(airport.iata) == 3 and airport.iata.isascii() and airport.iata.isalpha() and airport.iata.isupper():
        found.append(FacilityCode(facility_id=ids[airport.number], scheme="iata", code=airport.iata, source=AIRPORTS))
    if len(airport.icao) == 4 and airport.icao.isascii() and airport.icao.isalnum() and airport.icao.isupper():
        found.append(FacilityCode(facility_id=ids[airport.number], scheme="icao", code=airport.icao, source=AIRPORTS))
    return found


def _service(flight: Flight, id_: str, airlines: Mapping[str, str]) -> Service:
    return Service(
        service_id=id_,
        company_id=airlines[flight.airline],
        mode="air",
        name=id_.replace("-", " "),
        aircraft="freighter" if flight.is_freighter else "passenger",
        source=ROUTES,
    )


def _stops(
    flight: Flight, id_: str, ids: Mapping[str, str], zones: Mapping[str, str], season: Season
) -> tuple[Stop, Stop]:
    """Both ends of a flight on the clocks of the first day; counted from the day before where it lands in yesterday."""
    origin, destination = flight.origin.number, flight.destination.number
    takes_off = local_instant(season.first, flight.departs_min, time_zone(zones[origin]))
    lands = dt.datetime.fromtimestamp(takes_off + flight.block_min * MINUTE_S, time_zone(zones[destination]))
    arrives = (lands.date() - season.first).days * DAY_MIN + lands.hour * 60 + lands.minute
    back = DAY_MIN if arrives < 0 else 0
    return (
        Stop(
            variant_id=id_, stop_seq=1, facility_id=ids[origin], departs=Clock(flight.departs_min + back), source=FLIGHT
        ),
        Stop(variant_id=id_, stop_seq=2, facility_id=ids[destination], arrives=Clock(arrives + back), source=FLIGHT),
    )


def _capacities(flight: Flight, id_: str) -> list[Capacity]:
    told = "assumed: by the kind of its aircraft"
    return [
        Capacity(service_id=id_, dimension="grams", amount=flight.hold_g, source=told),
        Capacity(service_id=id_, dimension="cm3", amount=flight.hold_g * CM3_PER_G, source=told),
    ]
