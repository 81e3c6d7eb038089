"""Great circles, the date line, and a frame around what is shown."""

import json
from itertools import pairwise
from math import cos, dist, radians
from pathlib import Path

import pytest

from rookery.screen.globe import WIDTH, frame, great_circle, land, near

LAND = Path(__file__).resolve().parents[2] / "src" / "rookery" / "screen" / "land.json"
TOKYO, LOS_ANGELES = (140.4, 35.8), (-118.4, 33.9)


@pytest.mark.parametrize(
    ("lon", "other", "found"), [(170, -170, -190), (-170, 170, 190), (10, 20, 10), (-118, 500, 602), (0, -540, -360)]
)
def test_a_longitude_near_another(lon: float, other: float, found: float) -> None:
    assert near(lon, other) in (found, found - 360 if abs(found - other) == 180 else found)


def test_a_great_circle_over_the_pacific_goes_on_past_the_date_line() -> None:
    ring = great_circle(TOKYO, LOS_ANGELES)
    lons = [lon for lon, _ in ring]
    assert ring[0] == TOKYO and ring[-1] == (pytest.approx(241.6), 33.9)
    assert lons == sorted(lons) and max(b - a for a, b in pairwise(lons)) < 2
    assert max(lat for _, lat in ring) == pytest.approx(47.7, abs=0.5), "north of both ends"


def test_a_great_circle_along_the_equator_and_along_a_meridian() -> None:
    assert great_circle((0, 0), (3, 0)) == tuple((pytest.approx(lon), pytest.approx(0)) for lon in range(4))
    assert great_circle((5, 0), (5, 2)) == tuple((pytest.approx(5), pytest.approx(lat)) for lat in range(3))


def test_the_same_place_and_the_other_side_of_the_globe() -> None:
    assert great_circle((5, 5), (5, 5)) == ((5, 5), (5, 5))
    assert great_circle((0, 0), (180, 0)) == ((0, 0), (180, 0))


def test_a_frame_holds_its_points_with_room_around_them() -> None:
    points = [(-9.0, 36.0), (30.0, 60.0), (140.0, 35.0)]
    shown = frame(points)
    for x, y in map(shown.at, points):
        assert 0.05 * WIDTH <= x <= 0.95 * WIDTH and 0.05 * shown.height <= y <= 0.95 * shown.height
    assert 0.5 * WIDTH <= shown.height <= 0.75 * WIDTH
    assert shown.per_lon / shown.per_lat == pytest.approx(cos(radians(47.5)), abs=0.01)


@pytest.mark.parametrize("points", [[(5.4, 50.6)], [], [(0.0, 89.0)], [(-500.0, -80.0), (400.0, 80.0)]])
def test_a_frame_around_one_place_no_place_a_pole_or_more_than_the_globe(points: list[tuple[float, float]]) -> None:
    shown = frame(points)
    assert shown.east > shown.west and 90 >= shown.north > shown.south > -90.1 and shown.height > 0


def test_the_land_beyond_the_date_line_is_in_sight() -> None:
    shown = frame([TOKYO, (241.6, 33.9)])
    turns = {turn for ring in land() for turn in shown.shifts(ring)}
    assert turns == {0.0, 360.0}


def test_no_coast_jumps_across_the_map() -> None:
    for ring in land():
        assert max(dist(a, b) for a, b in pairwise(ring)) < 60 or min(lat for _, lat in ring) == -90


def test_the_land_is_small_and_says_where_it_is_from() -> None:
    found = json.loads(LAND.read_text(encoding="utf-8"))
    assert LAND.stat().st_size < 60_000 and "Natural Earth" in found["source"] and found["licence"] == "public domain"
    assert sum(len(ring) for ring in land()) > 2_000
