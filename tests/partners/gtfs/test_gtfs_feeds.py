"""Feeds from the simplest to the ugliest, and the networks that they become."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from tests.partners.gtfs.feeds import PLAIN, days, feed, lines, network_of, pack, read, segments, times

from rookery.partners.folder.read import read_network
from rookery.partners.folder.summary import summary_lines
from rookery.partners.folder.write import write_new_network
from rookery.partners.gtfs.network import Wanted, mode_of, read_gtfs
from rookery.units import instant_text

GOLDEN = Path(__file__).parent / "golden"


def dated(segment: tuple[str, str, str, int, int]) -> str:
    trip, start, end, departs, arrives = segment
    return f"{trip} {start} {instant_text(departs)} {end} {instant_text(arrives)}"


def dates_of(*rows: str) -> str:
    return "service_id,date,exception_type\n" + "".join(f"{row}\n" for row in rows)


# --- A: trips and days


def test_a01_one_train_on_five_days(tmp_path: Path) -> None:
    network = network_of(tmp_path, PLAIN)
    assert lines(network) == ["T1 A 08:00 | B 08:30 08:35 | C 09:00"]
    assert days(network) == {"T1": ["06-02", "06-03", "06-04", "06-05", "06-06"]}
    assert (network.about.valid_from, network.about.valid_to) == (dt.date(2025, 6, 2), dt.date(2025, 6, 6))
    assert sorted(map(dated, segments(network)))[:2] == [
        "T1 A 2025-06-02T06:00Z B 2025-06-02T06:30Z",
        "T1 A 2025-06-03T06:00Z B 2025-06-03T06:30Z",
    ]


def test_a02_who_runs_it_where_and_what_may_be_sent(tmp_path: Path) -> None:
    network = network_of(tmp_path, PLAIN)
    (company,), (service,), (product,) = network.companies, network.services, network.products
    assert (company.company_id, company.name, company.country) == ("snail", "Snail Rail", "FR")
    assert (service.service_id, service.company_id, service.mode, service.name) == ("R", "snail", "rail", "1 Coast")
    assert [(f.facility_id, f.name, f.lat, f.time_zone) for f in network.facilities][1] == (
        "B", "Brest", 48_400_000, "Europe/Paris",
    )  # fmt: skip
    assert product.source.startswith("assumed") and service.source == "GTFS routes.txt feed"
    assert any("of these assumed" in line for line in summary_lines(network))


def test_a03_days_by_exception_only(tmp_path: Path) -> None:
    files = feed(calendar_dates=dates_of("week,20250603,1", "week,20250610,1"))
    del files["calendar.txt"]
    assert days(network_of(tmp_path, files)) == {"T1": ["06-03", "06-10"]}


def test_a04_a_week_less_a_holiday_and_one_sunday_more(tmp_path: Path) -> None:
    network = network_of(tmp_path, feed(calendar_dates=dates_of("week,20250604,2", "week,20250608,1")))
    assert days(network) == {"T1": ["06-02", "06-03", "06-05", "06-06", "06-08"]}


def test_a05_trips_on_the_same_days_share_a_calendar_and_a_trip_that_never_runs_is_counted(tmp_path: Path) -> None:
    trips = "route_id,service_id,trip_id\nR,week,T1\nR,also,T2\nR,never,T3\n"
    also = PLAIN["calendar.txt"] + "also,1,1,1,1,1,0,0,20250602,20250606\nnever,0,0,0,0,0,0,0,20250602,20250606\n"
    rows = [
        f"{trip},{at},{at},{stop},{n}"
        for trip in ("T1", "T2", "T3")
        for at, stop, n in (("08:00:00", "A", 1), ("09:00:00", "B", 2))
    ]
    files = feed(trips=trips, calendar=also, stop_times=times(*rows))
    made = read(tmp_path, files)
    assert made.counts["trips left out that run on no day"] == 1
    assert [variant.variant_id for variant in made.rows["variants"]] == ["T1", "T2"]  # type: ignore[attr-defined]
    assert [calendar.calendar_id for calendar in made.rows["calendars"]] == ["always", "week"]  # type: ignore[attr-defined]


def test_a06_rows_in_any_order_quotes_a_byte_order_mark_spaces_and_windows_lines(tmp_path: Path) -> None:
    rows = PLAIN["stop_times.txt"].splitlines()
    files = feed(
        stop_times="\r\n".join([rows[0], rows[3], "", rows[1].replace("A", '" A "'), rows[2]]) + "\r\n",
        stops=PLAIN["stops.txt"].replace("Brest", '"Brest, ""le port"""'),
    )
    path = pack(tmp_path / "feed.zip", files, folder="inner/", encoding="utf-8-sig")
    write_new_network(read_gtfs(path, Wanted()).rows, tmp_path / "net")
    network = read_network(tmp_path / "net")
    assert lines(network) == ["T1 A 08:00 | B 08:30 08:35 | C 09:00"]
    assert network.facilities[1].name == 'Brest, "le port"'


def test_a07_a_feed_in_a_folder_is_the_same_as_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    for name, text in PLAIN.items():
        (tmp_path / "feed" / name).write_text(text, encoding="utf-8")
    assert read_gtfs(tmp_path / "feed", Wanted()).rows == read(tmp_path, PLAIN).rows


def test_a08_ids_become_one_word_and_stay_apart(tmp_path: Path) -> None:
    stops = "stop_id,stop_name\nA B,one\nA_B,two\nFR,three\n"
    files = feed(
        stops=stops,
        stop_times=times("T1,08:00:00,08:00:00,A B,1", "T1,09:00:00,09:00:00,A_B,2", "T1,10:00:00,10:00:00,FR,3"),
    )
    assert lines(network_of(tmp_path, files)) == ["T1 A_B 08:00 | A_B~2 09:00 09:00 | FR~2 10:00"]


@pytest.mark.parametrize(
    ("route_type", "mode"),
    [(0, "rail"), (2, "rail"), (3, "road"), (4, "sea"), (11, "road"), (106, "rail"), (202, "road"), (401, "rail"),
     (715, "road"), (1000, "sea"), (1102, "air"), (1501, "road")],
)  # fmt: skip
def test_a09_how_a_route_moves(route_type: int, mode: str) -> None:
    assert mode_of(route_type) == mode


# --- B: stations and loops


STATION = "stop_id,stop_name,location_type,parent_station\n" + (
    "S,Central,1,\nS1,Platform 1,0,S\nS2,Platform 2,0,S\nS2a,Door a,4,S2\nB,Brest,0,\n"
)


def test_b01_platforms_of_a_station_are_one_facility(tmp_path: Path) -> None:
    rows = times("T1,08:00:00,08:00:00,S1,1", "T1,08:30:00,08:35:00,B,2", "T1,09:00:00,09:00:00,S2a,3")
    network = network_of(tmp_path, feed(stops=STATION, stop_times=rows))
    assert lines(network) == ["T1 S 08:00 | B 08:30 08:35 | S 09:00"]
    assert [facility.name for facility in network.facilities] == ["Central", "Brest"]


def test_b02_a_loop_calls_twice_at_one_stop(tmp_path: Path) -> None:
    rows = times(
        "T1,08:00:00,08:00:00,A,5", "T1,08:30:00,08:30:00,B,7", "T1,09:00:00,09:00:00,A,70", "T1,09:30:00,09:30:00,C,71"
    )
    network = network_of(tmp_path, feed(stop_times=rows))
    assert lines(network) == ["T1 A 08:00 | B 08:30 08:30 | A 09:00 09:00 | C 09:30"]
    assert len(segments(network)) == 15


def test_b03_stops_that_nobody_may_use_are_left_out_and_one_way_bars_are_counted(tmp_path: Path) -> None:
    header = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
    rows = (
        header
        + "T1,08:00:00,08:00:00,A,1,0,1\nT1,08:30:00,08:30:00,B,2,1,1\n"
        + "T1,08:40:00,08:40:00,A,3,0,1\nT1,09:00:00,09:00:00,C,4,1,0\n"
    )
    made = read(tmp_path, feed(stop_times=rows))
    assert made.counts["stops left out that are passed without boarding or alighting"] == 1
    assert made.counts["stops where the feed bars boarding or alighting, which the network format cannot say"] == 1
    assert lines(network_of(tmp_path, feed(stop_times=rows))) == ["T1 A 08:00 | A 08:40 08:40 | C 09:00"]


# --- C: times


def test_c01_hours_beyond_midnight(tmp_path: Path) -> None:
    network = network_of(tmp_path, feed(stop_times=times("T1,23:50:00,23:50:00,A,1", "T1,26:10:00,26:10:00,C,2")))
    assert dated(min(segments(network))) == "T1 A 2025-06-02T21:50Z C 2025-06-03T00:10Z"


def test_c02_a_departure_is_never_later_and_an_arrival_never_earlier(tmp_path: Path) -> None:
    rows = times("T1,08:00:20,08:00:40,A,1", "T1,08:29:10,08:35:59,B,2", "T1,08:59:01,09:00:00,C,3")
    assert lines(network_of(tmp_path, feed(stop_times=rows))) == ["T1 A 08:00 | B 08:30 08:35 | C 09:00"]


def test_c03_within_one_minute_the_departure_goes_first_and_the_arrival_is_counted(tmp_path: Path) -> None:
    rows = times("T1,08:00:00,08:00:00,A,1", "T1,08:30:10,08:30:50,B,2", "T1,09:00:00,09:00:00,C,3")
    made = read(tmp_path, feed(stop_times=rows))
    assert made.counts["arrivals told up to 59 s early, because the departure is in the same minute"] == 5
    assert lines(network_of(tmp_path, feed(stop_times=rows))) == ["T1 A 08:00 | B 08:30 08:30 | C 09:00"]


def test_c04_times_that_are_missing_are_spread_and_say_that_they_are_assumed(tmp_path: Path) -> None:
    rows = times("T1,08:00:00,08:00:00,A,1", "T1,,,B,2", "T1,,,C,3", "T1,08:59:00,09:00:00,A,4", "T1,10:00:00,,B,5")
    network = network_of(tmp_path, feed(stop_times=rows))
    assert lines(network) == ["T1 A 08:00 | B 08:19 08:19 | C 08:39 08:39 | A 08:59 09:00 | B 10:00"]
    assert [stop.source.startswith("assumed") for stop in network.stops] == [False, True, True, False, False]


def test_c05_headways_are_departures(tmp_path: Path) -> None:
    frequencies = "trip_id,start_time,end_time,headway_secs,exact_times\n"
    frequencies += "T1,06:00:00,07:00:00,1800,1\nT1,23:50:00,24:10:00,600,0\n"
    network = network_of(tmp_path, feed(frequencies=frequencies))
    assert [line.split(" | ")[0] for line in lines(network)] == [
        "T1@060000 A 06:00", "T1@063000 A 06:30", "T1@235000 A 23:50", "T1@240000 A 24:00",
    ]  # fmt: skip
    assert lines(network)[0] == "T1@060000 A 06:00 | B 06:30 06:35 | C 07:00"
    assert [stop.source[:7] for stop in network.stops[::3]] == ["GTFS fr", "GTFS fr", "assumed", "assumed"]


# --- D: clocks


def night(day: str) -> dict[str, str]:
    """A train that runs through the night on three days around one, and another through the day."""
    first = dt.date.fromisoformat(day) - dt.timedelta(days=1)
    rows = (f"{first + dt.timedelta(days=n):week,%Y%m%d,1}" for n in range(3))
    trips = "route_id,service_id,trip_id\nR,week,night\nR,week,day\n"
    calls = times(
        "night,01:00:00,01:00:00,A,1", "night,02:30:00,02:30:00,B,2", "night,04:00:00,04:00:00,C,3",
        "day,08:00:00,08:00:00,A,1", "day,09:00:00,09:00:00,B,2",
    )  # fmt: skip
    files = feed(trips=trips, stop_times=calls, calendar_dates=dates_of(*rows))
    del files["calendar.txt"]
    return files


def test_d01_the_night_in_which_clocks_go_forward(tmp_path: Path) -> None:
    network = network_of(tmp_path, night("2025-03-30"))
    assert lines(network) == [
        "night A 01:00 | B 02:30 02:30 | C 04:00",
        "night~2 A 00:00 | B 01:30 01:30 | C 04:00",  # noon less twelve hours is eleven in the evening before
        "day A 08:00 | B 09:00",
    ]
    assert days(network) == {"night": ["03-29", "03-31"], "night~2": ["03-30"], "day": ["03-29", "03-30", "03-31"]}
    told = {dated(one) for one in segments(network)}
    assert {"night A 2025-03-29T23:00Z B 2025-03-30T00:30Z", "night B 2025-03-30T00:30Z C 2025-03-30T02:00Z"} <= told


def test_d02_the_hour_that_comes_twice_has_one_name(tmp_path: Path) -> None:
    network = network_of(tmp_path, night("2025-10-26"))
    # Noon less twelve is one o'clock in summer time: the feed means 02:00 summer time, 02:30 winter time, 04:00.
    assert "night~2 A 02:00 | B 02:59 02:59 | C 04:00" in lines(network)
    told = {dated(one) for one in segments(network)}
    assert "night A 2025-10-26T00:00Z B 2025-10-26T00:59Z" in told, "departs by 01:30Z"
    assert "night B 2025-10-26T00:59Z C 2025-10-26T03:00Z" in told


def test_d03_times_are_the_agencys_and_facilities_have_their_own_clock(tmp_path: Path) -> None:
    stops = "stop_id,stop_name,stop_timezone\nA,Lyon,\nB,London,Europe/London\nC,New York,America/New_York\n"
    rows = times("T1,00:05:00,00:05:00,A,1", "T1,00:50:00,00:55:00,B,2", "T1,08:00:00,08:00:00,C,3")
    network = network_of(tmp_path, feed(stops=stops, stop_times=rows))
    # Counted from the Sunday before, since it is still Sunday in London.
    assert lines(network) == ["T1 A 24:05 | B 23:50 23:55 | C 26:00"]
    assert days(network) == {"T1": ["06-01", "06-02", "06-03", "06-04", "06-05"]}
    assert dated(min(segments(network))) == "T1 A 2025-06-01T22:05Z B 2025-06-01T22:50Z"
    assert {country.country for country in network.countries} == {"FR", "GB", "US"}
    assert len(network.customs) == 3


# --- E: changes


def changes(tmp: Path, *rows: str) -> list[str]:
    """Handling and connections that transfers make, on two routes that meet in B."""
    files = feed(
        stops=STATION.replace("B,Brest", "A,Aalst,0,\nB,Brest"),
        routes="route_id,route_type\nR,2\nQ,3\n",
        trips="route_id,service_id,trip_id\nR,week,T1\nQ,week,T2\n",
        stop_times=times(
            "T1,08:00:00,08:00:00,A,1", "T1,08:30:00,08:30:00,S1,2", "T1,08:40:00,08:40:00,B,3",
            "T2,08:50:00,08:50:00,B,1", "T2,09:00:00,09:00:00,S2,2",
        ),
        transfers="from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id,to_route_id\n"
        + "".join(f"{row}\n" for row in rows),
    )  # fmt: skip
    network = network_of(tmp, files, change_min=7)
    handling = [f"{p.facility_id} {p.way_in} {p.way_out} {p.connection_min}" for p in network.processing]
    return handling[3:] + [f"{c.facility_id} {c.from_service} {c.to_service} {c.minutes}" for c in network.connections]


def test_e01_a_change_takes_what_the_command_was_told(tmp_path: Path) -> None:
    assert changes(tmp_path) == ["* road road 7"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (("S1,S2,2,121,,",), ["S rail rail 3", "S rail road 3", "S road rail 3", "S road road 3"]),
        (("S1,S2,2,60,,", "S2,S1,2,300,,"), ["S rail rail 5", "S rail road 5", "S road rail 5", "S road road 5"]),
        (("S,S,1,,,",), ["S rail rail 0", "S rail road 0", "S road rail 0", "S road road 0"]),
        (("S,S,3,,,",), ["S rail rail 1440", "S rail road 1440", "S road rail 1440", "S road road 1440"]),
        (("B,B,2,600,R,Q",), ["B R Q 10"]),
        (("B,B,2,600,R,", "B,B,1,,R,Q"), ["B R Q 0"]),
        (("B,B,3,,R,Q",), ["B R Q 1440"]),
        (("B,B,2,600,Q,R", "A,B,2,60,,", "S1,S2,3,,,"), []),
    ],
)
def test_e02_transfers(tmp_path: Path, rows: tuple[str, ...], told: list[str]) -> None:
    assert changes(tmp_path, *rows) == ["* road road 7", *told]


# --- F: the pair that stands beside this file


def test_f01_the_golden_feed_becomes_the_golden_network(tmp_path: Path) -> None:
    write_new_network(read_gtfs(GOLDEN / "feed", Wanted()).rows, tmp_path / "net")
    made = {path.name: path.read_text("utf-8") for path in (tmp_path / "net").iterdir()}
    assert made == {path.name: path.read_text("utf-8") for path in (GOLDEN / "network").iterdir()}
    assert read_network(GOLDEN / "network").about.name == "Gull Ferries, from GTFS"


def test_f02_a_network_is_never_written_over(tmp_path: Path) -> None:
    rows = read(tmp_path, PLAIN).rows
    write_new_network(rows, tmp_path / "net")
    with pytest.raises(FileExistsError, match="wanted none yet, or an empty one"):
        write_new_network(rows, tmp_path / "net")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.zip", "net"]


def test_f03_what_packers_leave_beside_a_feed_is_passed_by(tmp_path: Path) -> None:
    path = pack(tmp_path / "feed.zip", PLAIN, folder="feed/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/feed/stop_times.txt", "x")
        archive.writestr("feed/shapes.txt", "\xff not read")
    assert lines_of(path) == 3


def lines_of(path: Path) -> int:
    return len(read_gtfs(path, Wanted()).rows["stops"])
