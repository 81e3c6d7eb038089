"""The command line as a user meets it: somebody else's timetable becomes a network."""

from pathlib import Path

from typed import Folder

GOLDEN = str(Path(__file__).parents[1] / "partners" / "gtfs" / "golden" / "feed")


def test_a_feed_becomes_a_network_that_is_sound_and_on_which_goods_travel(here: Folder) -> None:
    said = here("network", "from-gtfs", GOLDEN, "ferries", "--change", "7")
    assert said.out.splitlines() == [
        "ferries: 4 facilities, 2 companies, 3 services, 6 variants, 14 stops, 5 calendars",
        "  1 stops whose times are interpolated",
    ]
    assert "no faults" in here("network", "check", "ferries").out
    assert here("network", "show", "ferries").out.startswith("Gull Ferries, from GTFS (feed), version winter 7")
    words = ("plan", "ATH", "HER", "--network", "ferries", "--ready", "2025-10-20T06:30+03:00")
    assert "ATH ~ bus 10-20 04:00 10-20 04:30 ~ PIR ~ sea_1 10-20 18:00 10-21 03:30 ~ HER" in here(*words).out


def test_faults_are_told_at_once_and_nothing_is_written(here: Folder) -> None:
    (here.path / "feed").mkdir()
    for path in Path(GOLDEN).iterdir():
        text = path.read_text("utf-8").replace("21:00:00", "9 pm").replace("sea/2,weekend", "sea/9,weekend")
        (here.path / "feed" / path.name).write_text(text, "utf-8")
    said = here("network", "from-gtfs", "feed", "net", status=2)
    assert "trips.txt line 3, route_id: wanted a row of routes.txt, found 'sea/9'" in said.err
    assert "stop_times.txt line 4, arrival_time: wanted a time such as 07:05:00" in said.err
    assert said.err.endswith("2 faults; nothing was written\n") and not (here.path / "net").exists()
    said = here("network", "from-gtfs", "feed", "net", "--keep-going", status=1)
    assert "2 trips left out because of faults" in said.out and "route_id" in said.err
    assert "no faults" in here("network", "check", "net").out


def test_a_network_is_never_written_over(here: Folder) -> None:
    here("network", "from-gtfs", GOLDEN, "ferries")
    said = here("network", "from-gtfs", GOLDEN, "ferries", status=2)
    assert said.err.startswith("folder ferries: wanted none yet, or an empty one")
    for words in (("--currency", "euro"), ("--change", "-1")):
        said = here("network", "from-gtfs", GOLDEN, "other", *words, status=2)
        assert said.err.startswith("wanted a change of 0 to 1440 minutes and a currency such as EUR, found ")
    assert "wanted a GTFS feed" in here("network", "from-gtfs", "nothing.zip", "net", status=2).err


def test_air_routes_become_a_network(here: Folder) -> None:
    (here.path / "lists").mkdir()
    here.write(
        "lists/airports.dat",
        '1,"Oslo","Oslo","Norway","OSL","ENGM",60.19,11.1,1,1,"E","Europe/Oslo","airport","x"\n'
        '2,"Bergen","Bergen","Norway","BGO","ENBR",60.29,5.2,1,1,"E","Europe/Oslo","airport","x"\n',
    )
    here.write("lists/routes.dat", "SK,1,OSL,1,BGO,2,,0,738\nDY,1,OSL,1,BGO,2,Y,0,738\n")
    said = here("network", "from-openflights", "lists", "net", "--first", "2027-01-04", "--days", "7")
    assert said.out.splitlines() == [
        "net: 2 facilities, 2 companies, 1 services, 1 variants, 2 stops, 1 calendars",
        "  1 routes kept",
        "  1 routes left out: a codeshare: another airline flies it",
        "  2 routes read",
    ]
    assert "no faults" in here("network", "check", "net").out
    assert "arrives 2027-01-04T" in here("plan", "OSL", "BGO", "--network", "net", "--ready", "2027-01-04T00:00Z").out
    for words in (("--first", "soon"), ("--days", "0")):
        assert "wanted a day such as" in here("network", "from-openflights", "lists", "no", *words, status=2).err
    assert "2 faults; nothing was written" in here("network", "from-openflights", ".", "no", status=2).err
