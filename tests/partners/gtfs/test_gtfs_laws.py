"""Random little feeds: what Rookery's timetable says is what an independent reading of the feed says."""

import datetime as dt
import random
from pathlib import Path

import msgspec
import pytest
from tests.partners.gtfs.feeds import network_of, pack, segments
from tests.partners.gtfs.oracle import Oracle

from rookery.hub.quote import Wish, quote
from rookery.journey.desk import Policy, World
from rookery.journey.facts import VIEWS
from rookery.journey.order import Spot
from rookery.journey.state import State

ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Africa/Casablanca", "Australia/Lord_Howe")
STOPS = "ABCDEF"
# Around these days clocks go forward or back in some of the zones.
FIRST_DAYS = (
    dt.date(2025, 6, 2),
    dt.date(2025, 3, 28),
    dt.date(2025, 10, 24),
    dt.date(2025, 4, 4),
    dt.date(2025, 11, 1),
)


def little_feed(rng: random.Random) -> dict[str, str]:
    """A feed of up to six trips on up to six stops in three weeks, with everything that the format has."""
    first, zone = rng.choice(FIRST_DAYS), rng.choice(ZONES)
    seconds = rng.random() < 0.3
    trips = [f"T{n}" for n in range(rng.randint(1, 6))]
    return {
        "agency.txt": f"agency_name,agency_timezone\nOne,{zone}\n",
        "stops.txt": _stops(rng),
        "routes.txt": "route_id,route_type\nR0,2\nR1,2\nR2,3\n",
        "trips.txt": "route_id,service_id,trip_id\n" + "".join(
            f"R{rng.randrange(3)},S{rng.randrange(3)},{trip}\n" for trip in trips
        ),
        "stop_times.txt": _times(rng, trips, seconds=seconds),
        "calendar.txt": _calendar(rng, first),
        "calendar_dates.txt": _dates(rng, first),
        "frequencies.txt": _headways(rng, trips),
        "transfers.txt": _transfers(rng),
    }  # fmt: skip


def _stops(rng: random.Random) -> str:
    """Six stops, some of them platforms of one station, some on clocks of their own."""
    rows = ["S,Station,1,,"]
    for name in STOPS:
        parent = "S" if name in "EF" else ""
        zone = rng.choice(ZONES) if rng.random() < 0.2 and not parent else ""
        rows.append(f"{name},Stop {name},0,{parent},{zone}")
    rng.shuffle(rows)
    return "stop_id,stop_name,location_type,parent_station,stop_timezone\n" + "".join(f"{row}\n" for row in rows)


def _times(rng: random.Random, trips: list[str], *, seconds: bool) -> str:
    """Rows in any order; loops, zero minutes, times after midnight, gaps, stops that nobody may use."""
    rows = []
    for trip in trips:
        clock, count = rng.randrange(0, 26 * 60, 5) * 60, rng.randint(2, 6)
        seq = 0
        for at in range(count):
            stay = rng.choice((0, 0, 60, 300))
            told = f"{_clock(clock)},{_clock(clock + stay)}"
            if 0 < at < count - 1 and rng.random() < 0.1:
                told = ","
            bars = "1,1" if 0 < at < count - 1 and rng.random() < 0.1 else rng.choice((",", "0,0", "0,1"))
            seq += rng.randint(1, 9)
            rows.append(f"{trip},{told},{rng.choice(STOPS)},{seq},{bars}")
            clock += stay + rng.choice((0, 5, 10, 30, 90)) * 60 + (rng.randrange(60) if seconds else 0)
    rng.shuffle(rows)
    header = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
    return header + "".join(f"{row}\n" for row in rows)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _calendar(rng: random.Random, first: dt.date) -> str:
    rows = []
    for n in range(3):
        days = ",".join(str(rng.randrange(2)) for _ in range(7))
        last = first + dt.timedelta(days=rng.randrange(10))
        rows.append(f"S{n},{days},{first:%Y%m%d},{last:%Y%m%d}")
    return "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n" + "".join(
        f"{r}\n" for r in rows
    )


def _dates(rng: random.Random, first: dt.date) -> str:
    days = {(f"S{n}", first + dt.timedelta(days=d)) for n in range(3) for d in range(10) if rng.random() < 0.2}
    every = {("S0", first), *days}
    rows = [f"{s},{d:%Y%m%d},{1 if (s, d) == ('S0', first) else rng.choice((1, 1, 2))}" for s, d in sorted(every)]
    return "service_id,date,exception_type\n" + "".join(f"{row}\n" for row in rows)


def _headways(rng: random.Random, trips: list[str]) -> str:
    rows = []
    if rng.random() < 0.3:
        start = rng.randrange(0, 24 * 60, 10) * 60
        rows.append(f"{trips[-1]},{_clock(start)},{_clock(start + 3600)},{rng.choice((600, 1500))},{rng.randrange(2)}")
    return "trip_id,start_time,end_time,headway_secs,exact_times\n" + "".join(f"{row}\n" for row in rows)


def _transfers(rng: random.Random) -> str:
    rows = []
    for _ in range(rng.randrange(5)):
        stop = rng.choice((*STOPS, "S"))
        other = rng.choice(STOPS) if rng.random() < 0.3 else stop
        routes = rng.choice((",", ",", "R0,R1", "R2,", ",R0", "R1,R1"))
        kind, time = rng.choice(((0, ""), (1, ""), (2, "59"), (2, "600"), (3, "")))
        rows.append(f"{stop},{other},{kind},{time},{routes}")
    header = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id,to_route_id\n"
    return header + "".join(f"{row}\n" for row in rows)


def seeded(tmp: Path, seed: int) -> tuple[random.Random, Oracle, World] | None:
    """The same feed read twice; None where no trip of it runs."""
    rng = random.Random(seed)
    files = little_feed(rng)
    used = {line.split(",")[1] for line in files["trips.txt"].splitlines()[1:]}
    path = pack(tmp / f"{seed}.zip", files)
    oracle = Oracle.of(path, change_min=3) if used & {"S0"} else None
    if oracle is None:
        return None
    network = network_of(tmp / str(seed), files, change_min=3)
    return rng, oracle, World(msgspec.structs.replace(network, customs=()), Policy())  # the oracle knows no borders


@pytest.mark.parametrize("block", range(8))
def test_law_the_dated_rides_of_a_feed_are_those_of_its_network(tmp_path: Path, block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        (tmp_path / str(seed)).mkdir()
        found = seeded(tmp_path, seed)
        if found:
            _, oracle, world = found
            assert segments(world.timetable.network) == oracle.segments(), f"seed {seed}"


@pytest.mark.parametrize("block", range(4))
def test_law_the_earliest_plan_is_the_oracles(tmp_path: Path, block: int) -> None:
    compared = 0
    for seed in range(block * 30, block * 30 + 30):
        (tmp_path / str(seed)).mkdir()
        found = seeded(tmp_path, seed)
        if not found:
            continue
        rng, oracle, world = found
        first = int(oracle.columns["departs"][0])
        for _ in range(6):
            ready = first + rng.randrange(-60, 4 * 1440) * 60
            start, end = rng.sample(sorted(world.timetable.facilities), 2)
            offers, _ = quote(Wish(Spot(start), Spot(end), ready, 1000), world, State(VIEWS))
            planned = min((offer.option.arrives_at for offer in offers), default=None)
            assert planned == oracle.earliest(start, end, ready), f"seed {seed}: {start} to {end} from {ready}"
            compared += planned is not None
    assert compared > 10
