"""transfers.txt as handling and connections: how long a change takes, at a station and between two routes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rookery.journey.network.place import Connection, Processing
from rookery.partners.gtfs.feed import Transfer
from rookery.units import DAY_S, MINUTE_S

Calls = Mapping[str, Collection[str]]  # routes by station
FORBIDDEN = 3
FORBIDDEN_MIN = DAY_S // MINUTE_S  # a change that the feed forbids: goods stay for a day, which is never wrong
WALKS = "transfers left out that lead from one station to another"
PLATFORMS = "transfers left out that forbid a change between two platforms of one station"
NO_CALL = "transfers left out between routes that do not both call there"


def change_minutes(transfer: Transfer, ordinary: int) -> int:
    """Least minutes of a change under a row of transfers.txt."""
    if transfer.type == FORBIDDEN:
        return FORBIDDEN_MIN
    return ordinary if transfer.minutes is None else transfer.minutes


def station_minutes(transfers: Sequence[Transfer], ordinary: int, counts: Counter[str]) -> dict[str, int]:
    """Minutes of a change at each station that has a row of its own; of several, for its platforms, the longest."""
    found: dict[str, int] = {}
    for one in transfers:
        if one.from_station != one.to_station:
            counts[WALKS] += 1
        elif one.type == FORBIDDEN and one.platforms and not (one.from_route or one.to_route):
            counts[PLATFORMS] += 1
        elif not one.from_route and not one.to_route:
            found[one.from_station] = max(found.get(one.from_station, 0), change_minutes(one, ordinary))
    return found


def route_minutes(
    transfers: Sequence[Transfer], comes: Calls, leaves: Calls, ordinary: int, counts: Counter[str]
) -> dict[tuple[str, str, str], int]:
    """Minutes by station, route that comes and route that goes on. A blank route stands for each that calls there.

    comes   routes that come to each station
    leaves  routes that leave from it
    counts  what cannot be said is counted here
    Law     a row that names both routes goes before one that names one; among equals the longest holds
    """
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in transfers:
        if one.from_station == one.to_station and (one.from_route or one.to_route):
            come, leave = comes.get(one.from_station, ()), leaves.get(one.from_station, ())
            pairs = [(a, b) for a in _named(one.from_route, come) for b in _named(one.to_route, leave)]
            counts[NO_CALL] += not pairs
            rank = (bool(one.from_route) + bool(one.to_route), change_minutes(one, ordinary))
            for pair in pairs:
                key = (one.from_station, *pair)
                found[key] = max(found.get(key, (0, 0)), rank)
    return {key: minutes for key, (_, minutes) in found.items()}


def _named(route: str, here: Collection[str]) -> list[str]:
    return sorted(here) if not route else [route] if route in here else []


def processing_rows(
    stations: Mapping[str, int], modes: Collection[str], ordinary: int, source: str
) -> list[Processing]:
    """Handling between any two services, everywhere and at stations with a time of their own, by facility id."""
    places = [
        ("*", ordinary, "assumed: a change takes as long as the command was told"),
        *((f, m, source) for f, m in stations.items()),
    ]
    return [
        Processing(facility_id=place, way_in=a, way_out=b, minutes=0, connection_min=minutes, source=told)
        for place, minutes, told in places
        for a in sorted(modes)
        for b in sorted(modes)
    ]


def connection_rows(minutes: Mapping[tuple[str, str, str], int], source: str) -> list[Connection]:
    """Rows of connections.csv, by facility and services."""
    return [
        Connection(facility_id=place, from_service=a, to_service=b, minutes=count, source=source)
        for (place, a, b), count in minutes.items()
    ]
