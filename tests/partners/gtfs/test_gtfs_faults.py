"""What is wrong with a feed is told at once, with file, line, column, what was wanted and what was found."""

import struct
import zipfile
from pathlib import Path

import pytest
from tests.partners.gtfs.feeds import PLAIN, feed, pack, read, times

from rookery.partners.gtfs.archive import Limits
from rookery.partners.gtfs.network import Wanted, read_gtfs
from rookery.partners.port import FileFaults


def told(tmp: Path, files: dict[str, str], **limits: int) -> list[str]:
    """Faults as `file line, column: wanted W, found F`, without what to do."""
    path = pack(tmp / "feed.zip", files)
    with pytest.raises(FileFaults) as raised:
        read_gtfs(path, Wanted(), Limits(**limits))
    return [str(fault).partition(";")[0] for fault in raised.value.faults]


TIME = "a time such as 07:05:00, or 25:10:00 for the next day"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "wanted", "found"),
    [
        ("agency", "Europe/Paris", "Paris", 2,
         "agency_timezone", "an IANA time zone such as Europe/Paris", "'Paris'"),
        ("stops", "stop_lon\nA,", "stop_lon\nA,x,1,1\nA,", 3, "stop_id", "an id of its own", "that of line 2"),
        ("stops", "50.9,", "509,", 2, "stop_lat", "degrees from -90 to 90", "'509'"),
        ("stops", "50.9,", "north,", 2, "stop_lat", "degrees from -90 to 90", "'north'"),
        ("stops", "50.9,", "nan,", 2, "stop_lat", "degrees from -90 to 90", "'nan'"),
        ("routes", "Coast,2", "Coast,-2", 2, "route_type", "a whole number from 0 to 1799", "'-2'"),
        ("routes", "R,snail", "R,slug", 2, "agency_id", "a row of agency.txt", "'slug'"),
        ("trips", "R,week", "Q,week", 2, "route_id", "a row of routes.txt", "'Q'"),
        ("trips", "R,week", "R,weak", 2, "service_id", "a row of calendar.txt or calendar_dates.txt", "'weak'"),
        ("trips", "R,week,T1", "R,week,T1\nR,week,", 3, "trip_id", "a value", "a blank cell"),
        ("stop_times", "08:30:00", "8h30", 3, "arrival_time", TIME, "'8h30'"),
        ("stop_times", "08:30:00", "08:60:00", 3, "arrival_time", TIME, "'08:60:00'"),
        ("stop_times", "08:30:00", "07:30:00", 3,
         "arrival_time", "a time not before the one before it", "one 1800 s earlier"),
        ("stop_times", "08:35:00", "08:29:00", 3,
         "departure_time", "a time not before the one before it", "one 60 s earlier"),
        ("stop_times", "09:00:00,09:00:00", ",", 4,
         "departure_time", "a time at both ends of a trip", "a blank cell"),
        ("stop_times", "B,2", "B,1", 3, "stop_sequence", "each number once in a trip", "1 again"),
        ("stop_times", "B,2", "Z,2", 3, "stop_id", "a row of stops.txt", "'Z'"),
        ("calendar", "20250602", "20250231", 2, "start_date", "a day such as 20250122", "'20250231'"),
        ("calendar", "20250608", "20250601", 2, "end_date", "a day from 2025-06-02 on", "2025-06-01"),
        ("calendar", "week,1,1", "week,1,yes", 2, "tuesday", "a whole number from 0 to 1", "'yes'"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_told_once(
    tmp_path: Path, file: str, old: str, new: str, line: int, column: str, wanted: str, found: str
) -> None:
    text = PLAIN[f"{file}.txt"]
    assert old in text
    faults = told(tmp_path, feed(**{file: text.replace(old, new, 1)}))
    assert faults[0] == f"{file}.txt line {line}, {column}: wanted {wanted}, found {found}"
    assert faults[1:] in ([], ["trips.txt: wanted at least one trip without a fault, found none"])


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    files = feed(
        stops=PLAIN["stops.txt"].replace("48.4", "x"),
        trips="route_id,service_id,trip_id\nR,week,T1\nR,week,T2\nR,none,T3\n",
        stop_times=times(
            "T1,8,08:00:00,A,1", "T1,09:00:00,09:00:00,B,2", "T2,08:00:00,08:00:00,A,1", "T9,08:00:00,08:00:00,A,1",
        ),
        transfers="from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA,A,2,\nA,X,0,\n,A,1,\n",
        frequencies="trip_id,start_time,end_time,headway_secs\nT2,06:00:00,05:00:00,0\n",
        calendar_dates="service_id,date,exception_type\nweek,20250604,1\nweek,20250604,2\nweek,20250605,3\n",
    )  # fmt: skip
    assert [fault.partition(":")[0] for fault in told(tmp_path, files)] == [
        "stops.txt line 3, stop_lat", "trips.txt line 4, service_id",
        "stop_times.txt line 2, arrival_time", "stop_times.txt line 5, trip_id",
        "calendar_dates.txt line 3, date", "calendar_dates.txt line 4, exception_type",
        "transfers.txt line 2, min_transfer_time", "transfers.txt line 3, to_stop_id",
        "transfers.txt line 4, from_stop_id",
        "frequencies.txt line 2, headway_secs", "trips.txt",
    ]  # fmt: skip


def test_a_trip_with_one_call_goes_nowhere(tmp_path: Path) -> None:
    (fault, _) = told(tmp_path, feed(stop_times=times("T1,08:00:00,08:00:00,A,1")))
    assert fault == "trips.txt line 2, trip_id: wanted at least two rows in stop_times.txt, found 1"


def test_stations_in_a_circle(tmp_path: Path) -> None:
    stops = "stop_id,stop_name,parent_station\nA,a,B\nB,b,A\nC,c,\n"
    faults = told(tmp_path, feed(stops=stops))
    assert (
        faults[0] == "stops.txt line 2, parent_station: wanted a station above, found a circle of parents, or too many"
    )


def test_trips_that_hang_on_a_bad_row_are_left_out_if_asked(tmp_path: Path) -> None:
    files = feed(
        trips="route_id,service_id,trip_id\nR,week,T1\nR,week,T2\nR,week,T3\nX,week,T4\n",
        stop_times=times(
            "T1,08:00:00,08:00:00,A,1", "T1,09:00:00,09:00:00,B,2", "T2,late,08:00:00,A,1", "T2,09:00:00,09:00:00,B,2",
            "T3,08:00:00,08:00:00,A,1", "T4,08:00:00,08:00:00,A,1",
        ),
    )  # fmt: skip
    assert len(told(tmp_path, files)) == 3
    made = read(tmp_path, files, keep_going=True)
    assert [row.variant_id for row in made.rows["variants"]] == ["T1"]  # type: ignore[attr-defined]
    assert made.counts["trips left out because of faults"] == 3
    assert [fault.file for fault in made.faults] == ["trips.txt", "trips.txt", "stop_times.txt"]


def test_files_that_are_missing(tmp_path: Path) -> None:
    files = {name: text for name, text in PLAIN.items() if name not in ("stops.txt", "calendar.txt")}
    assert told(tmp_path, files) == [
        "stops.txt: wanted this file, found a feed without it",
        "calendar.txt or calendar_dates.txt: wanted this file, found a feed without it",
    ]


def test_files_that_cannot_be_told_apart_into_rows(tmp_path: Path) -> None:
    files = feed(
        agency="", stops="stop_id,stop_id,stop_name\nA,A,a\n", routes="route_id\nR\n",
        trips='route_id,service_id,trip_id\nR,"we"ek,T1\n',
        stop_times=times("T1,08:00:00,08:00:00,A,1,0", "T1,09:00:00"),
    )  # fmt: skip
    assert told(tmp_path, files) == [
        "agency.txt: wanted a header row, found an empty file",
        "stops.txt, stop_id: wanted each column once, found 2 of it",
        "routes.txt, route_type: wanted this column, found a header without it",
        "trips.txt line 2: wanted a CSV record, found broken quoting (',' expected after '\"')",
        "stop_times.txt line 2: wanted 5 cells, found 6",
        "stop_times.txt line 3: wanted 5 cells, found 2",
    ]


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    path = pack(tmp_path / "feed.zip", feed(stops=PLAIN["stops.txt"].replace("Brest", "Besançon")), encoding="latin-1")
    with pytest.raises(FileFaults, match=r"stops.txt line 3: wanted text in UTF-8, found the byte 0xE7"):
        read_gtfs(path, Wanted())


# --- zips


def test_a_path_that_is_no_feed(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match="wanted a GTFS feed, found no such file"):
        read_gtfs(tmp_path / "none.zip", Wanted())
    (tmp_path / "text.zip").write_text("not a zip", encoding="utf-8")
    with pytest.raises(FileFaults, match="wanted a whole zip without a password, found File is not a zip file"):
        read_gtfs(tmp_path / "text.zip", Wanted())
    with pytest.raises(FileFaults, match=r"agency.txt: wanted this file"):
        read_gtfs(tmp_path, Wanted())


@pytest.mark.parametrize("folders", [(), ("a/", "b/")])
def test_a_zip_with_no_feed_or_with_two(tmp_path: Path, folders: tuple[str, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
        for folder in folders:
            archive.writestr(f"{folder}stop_times.txt", PLAIN["stop_times.txt"])
    with pytest.raises(FileFaults, match=r"wanted one folder with stop_times.txt, found (none|a, b)"):
        read_gtfs(tmp_path / "feed.zip", Wanted())


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = feed(stops=PLAIN["stops.txt"] + "\n" * 3_000_000)
    (fault,) = told(tmp_path, bomb)
    assert fault.startswith("stops.txt: wanted a file at most 200 times its packed size, found 3000")
    assert told(tmp_path, PLAIN, file_bytes=100)[0].startswith(
        "stop_times.txt: wanted at most 100 bytes unpacked, found "
    )
    assert told(tmp_path, PLAIN, feed_bytes=300)[0].startswith("the feed: wanted at most 300 bytes unpacked")


def test_a_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = pack(tmp_path / "feed.zip", feed(stops=PLAIN["stops.txt"] + "\n" * 100_000))
    raw = path.read_bytes()
    size = struct.pack("<I", len(PLAIN["stops.txt"]) + 100_000)
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, struct.pack("<I", 1_000)))
    with pytest.raises(FileFaults, match="wanted a whole zip without a password, found Bad CRC-32"):
        read_gtfs(path, Wanted())


def test_more_rows_than_allowed_from_the_file_or_from_headways(tmp_path: Path) -> None:
    path = pack(tmp_path / "feed.zip", PLAIN)
    with pytest.raises(FileFaults, match=r"stop_times.txt: wanted at most 2 rows, found more"):
        read_gtfs(path, Wanted(rows_max=2))
    every_second = "trip_id,start_time,end_time,headway_secs\nT1,00:00:00,200:00:00,1\n"
    path = pack(tmp_path / "feed.zip", feed(frequencies=every_second))
    with pytest.raises(FileFaults, match=r"frequencies.txt: wanted a timetable of at most 1000 stops"):
        read_gtfs(path, Wanted(rows_max=1000))
