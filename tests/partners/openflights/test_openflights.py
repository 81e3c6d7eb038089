"""The lists of airports and routes as a network: real places, assumed times, and what is left out is counted."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network
from rookery.partners.folder.write import write_new_network
from rookery.partners.openflights.flights import block_minutes, flight_of, great_circle_km
from rookery.partners.openflights.network import Season, read_openflights
from rookery.partners.openflights.read import Airport
from rookery.partners.port import FileFaults
from worlds import dated_rides

SEASON = Season(dt.date(2026, 11, 30), 7)
AIRPORTS = (
    '1,"Auckland","Auckland","New Zealand","AKL","NZAA",-37.0081,174.792,23,12,"Z","Pacific/Auckland","airport","x"',
    '2,"Honolulu","Honolulu","United States","HNL","PHNL",21.3187,-157.922,13,-10,"N","Pacific/Honolulu","airport","x"',
    '3,"Paris CDG","Paris","France","CDG","LFPG",49.0128,2.55,392,1,"E","Europe/Paris","airport","x"',
    '4,"Small, and new","Lyon","France",\\N,"LFXX",45.7,5.0,1,1,"E",\\N,"airport","x"',
)
ROUTES = ("NZ,1,AKL,1,HNL,2,,0,763", "AF,2,CDG,3,LFXX,4,,0,AT7 320", "AF,2,LFXX,4,CDG,3,,0,")


def lists(tmp: Path, airports: tuple[str, ...] = AIRPORTS, routes: tuple[str, ...] = ROUTES) -> Path:
    (tmp / "airports.dat").write_text("\n".join(airports) + "\n", "utf-8")
    (tmp / "routes.dat").write_text("\n".join(routes) + "\n", "utf-8")
    return tmp


def network_of(tmp: Path, **rows: tuple[str, ...]) -> tuple[Network, Counter[str]]:
    made, counts = read_openflights(lists(tmp, **rows), SEASON)
    write_new_network(made, tmp / "net")
    return read_network(tmp / "net"), counts


def airport(code: str, lat: float, lon: float) -> Airport:
    return Airport(code, code, code, "", code, "", int(lat * 1e6), int(lon * 1e6), "UTC")


def test_a_route_becomes_a_daily_flight_between_real_places(tmp_path: Path) -> None:
    network, counts = network_of(tmp_path)
    assert [service.service_id for service in network.services] == ["NZ-AKL-HNL", "AF-CDG-LFXX", "AF-LFXX-CDG"]
    assert counts["routes kept"] == counts["routes read"] == 3
    akl = next(facility for facility in network.facilities if facility.facility_id == "AKL")
    assert (akl.country, akl.lat, akl.time_zone) == ("NZ", -37_008_100, "Pacific/Auckland")
    assert {row.source.split(",")[0].split(":")[0] for row in (*network.stops, *network.capacities)} == {"assumed"}
    assert {c.amount for c in network.capacities if c.service_id == "NZ-AKL-HNL"} == {15_000_000, 90_000_000}
    assert {c.amount for c in network.capacities if c.service_id == "AF-CDG-LFXX"} == {500_000, 3_000_000}


def test_a_flight_that_lands_in_yesterday_takes_its_block_time(tmp_path: Path) -> None:
    network, _ = network_of(tmp_path)
    rides = [ride for ride in dated_rides(network) if ride[1] == "AKL"]
    km = great_circle_km(airport("AKL", -37.0081, 174.792), airport("HNL", 21.3187, -157.922))
    assert 7_060 < km < 7_100
    assert {(arrives - departs) // 60 for *_, departs, arrives in rides} == {block_minutes(km)} and len(rides) == 7


def test_an_airport_without_a_zone_has_that_of_the_nearest_of_its_country(tmp_path: Path) -> None:
    network, counts = network_of(tmp_path)
    lyon = next(facility for facility in network.facilities if facility.facility_id == "LFXX")
    assert lyon.time_zone == "Europe/Paris" and lyon.source.endswith("time zone of the nearest airport")
    assert counts["airports whose time zone is that of the nearest airport"] == 1


def test_the_same_route_always_gives_the_same_flight() -> None:
    paris, oslo = airport("CDG", 49, 2.5), airport("OSL", 60.2, 11.1)
    one = flight_of("AF", paris, oslo, "320")
    assert one == flight_of("AF", paris, oslo, "320") and 360 <= one.departs_min <= 1320 and one.departs_min % 5 == 0
    assert len({flight_of(f"A{n}", paris, oslo, "").departs_min for n in range(100)}) > 50
    assert [block_minutes(km) for km in (0, 1, 840, 841)] == [30, 35, 90, 95]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    more = (
        "NZ,1,AKL,1,CDG,3,Y,0,763",
        "NZ,1,AKL,1,XXX,\\N,,0,763",
        "NZ,1,AKL,1,AKL,1,,0,763",
        "NZ,1,AKL,1,CDG,3,,1,763",
    )
    network, counts = network_of(tmp_path, routes=(*ROUTES, *more))
    assert len(network.services) == 3
    assert {what: count for what, count in counts.items() if what.startswith("routes left out")} == {
        "routes left out: a codeshare: another airline flies it": 1,
        "routes left out: an airport is not in the list": 1,
        "routes left out: it leads back to where it starts": 1,
        "routes left out: it has stops that the list does not name": 1,
    }


def test_every_fault_of_both_lists_is_told_at_once(tmp_path: Path) -> None:
    airports = (*AIRPORTS, AIRPORTS[0].replace("-37.0081", "south"), "5,too,few", AIRPORTS[1])
    routes = (*ROUTES, ",1,AKL,1,HNL,2,,0,763", "NZ,1,AKL,1,HNL,2,,none,763", "NZ,1,AKL,1,HNL,2,N,0,763")
    with pytest.raises(FileFaults) as raised:
        read_openflights(lists(tmp_path, airports, routes), SEASON)
    assert [str(fault).partition(";")[0] for fault in raised.value.faults] == [
        "airports.dat line 5, latitude: wanted degrees from -90 to 90, found 'south'",
        "airports.dat line 6: wanted 14 columns, found 3 columns",
        "routes.dat line 4, airline: wanted a code, found a blank cell",
        "routes.dat line 5, stops: wanted a whole number, found 'none'",
        "routes.dat line 6, codeshare: wanted Y or nothing, found 'N'",
        "airports.dat, id: wanted each once, found 2",
    ]
    with pytest.raises(FileFaults, match=r"airports.dat: wanted this file, found No such file"):
        read_openflights(tmp_path / "none", SEASON)


@pytest.mark.shared
def test_the_world_is_a_sound_network(shared: Path, tmp_path: Path) -> None:
    made, counts = read_openflights(shared / "data" / "openflights", SEASON)
    write_new_network(made, tmp_path / "net")
    network = read_network(tmp_path / "net")
    assert counts["routes read"] == 67_663 and counts["routes kept"] == len(network.services) == 52_285
    assert sum(count for what, count in counts.items() if what.startswith("routes left out")) == 67_663 - 52_285
    assert len(network.facilities) == 2_988 and len(network.countries) == 223
    where = {facility.facility_id: (facility.country, facility.time_zone) for facility in network.facilities}
    assert where["LHR"] == ("GB", "Europe/London") and where["RGN"][0] == "MM" and where["PPT"][0] == "PF"
