"""Small feeds by hand, written as zips; and what a network says, as lines that a planner can read."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from rookery.journey.calendars import Calendars
from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network
from rookery.partners.folder.write import write_new_network
from rookery.partners.gtfs.network import Imported, Wanted, read_gtfs
from worlds import dated_rides

Files = Mapping[str, str]
Segment = tuple[str, str, str, int, int]  # variant, from, to, departs, arrives

# One train a day from A by B to C, Monday to Friday of one week.
PLAIN: dict[str, str] = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nsnail,Snail Rail,https://example.org,Europe/Paris\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Aalst,50.9,4.0\nB,Brest,48.4,-4.5\nC,Calais,50.95,1.85\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nR,snail,1,Coast,2\n",
    "trips.txt": "route_id,service_id,trip_id\nR,week,T1\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T1,08:00:00,08:00:00,A,1\nT1,08:30:00,08:35:00,B,2\nT1,09:00:00,09:00:00,C,3\n"
    ),
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20250602,20250608\n"
    ),
}


def feed(**changes: str) -> dict[str, str]:
    """The plain feed with other files: `stop_times="..."` replaces stop_times.txt."""
    return PLAIN | {f"{name}.txt": text for name, text in changes.items()}


def times(*rows: str) -> str:
    """stop_times.txt of rows such as `T1,08:00:00,08:00:00,A,1`."""
    return "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "".join(f"{row}\n" for row in rows)


def pack(path: Path, files: Files, *, folder: str = "", encoding: str = "utf-8") -> Path:
    """A zip of the files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(folder + name, text.encode(encoding))
    return path


def read(tmp: Path, files: Files, *, change_min: int = 5, keep_going: bool = False) -> Imported:
    """The feed as rows."""
    return read_gtfs(pack(tmp / "feed.zip", files), Wanted(change_min=change_min, keep_going=keep_going))


def network_of(tmp: Path, files: Files, *, change_min: int = 5, keep_going: bool = False) -> Network:
    """The feed as a network that was written, read and checked."""
    folder = tmp / "net"
    write_new_network(read(tmp, files, change_min=change_min, keep_going=keep_going).rows, folder)
    return read_network(folder)


def lines(network: Network) -> list[str]:
    """The stops of every variant: `T1 A 08:00 | B 08:30 08:35 | C 09:00`."""
    calls: dict[str, list[str]] = {}
    for stop in network.stops:
        told = [_clock(minutes) for minutes in (stop.arrives, stop.departs) if minutes is not None]
        calls.setdefault(stop.variant_id, []).append(" ".join([stop.facility_id, *told]))
    return [f"{variant} {' | '.join(of)}" for variant, of in calls.items()]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def days(network: Network) -> dict[str, list[str]]:
    """The days on which each variant leaves its first stop, such as 06-02."""
    calendars, about = Calendars(network), network.about
    return {
        v.variant_id: [f"{d:%m-%d}" for d in calendars.open_days(v.calendar_id, about.valid_from, about.valid_to)]
        for v in network.variants
    }


def segments(network: Network) -> set[Segment]:
    """Every dated ride from one stop to the next; a variant for the night of a change of the clock is its trip."""
    return {(name.partition("~")[0], *rest) for name, *rest in dated_rides(network)}
