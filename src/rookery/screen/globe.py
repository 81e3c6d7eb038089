"""The globe on a plane: great circles, longitudes that do not jump at the date line, a frame around what is shown.

Points are (longitude, latitude) in degrees; a longitude may pass 180, so that a line across the date line is one line.
In the frame they are (x, y) in units, y downwards. The projection is plain: degrees, with longitudes narrowed by the
cosine of the middle latitude.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import acos, asin, atan2, ceil, cos, degrees, radians, sin

Point = tuple[float, float]
Ring = tuple[Point, ...]

STEP_DEG = 1  # between two points of a great circle
WIDTH = 1000.0
RATIO_MIN, RATIO_MAX = 0.5, 0.75  # of height to width, so that it fits a screen beside or above its legend
LAT_SPAN_MIN = 10.0  # a single place is shown with its surroundings
LAT_MAX = 90.0
NARROW_MIN = 0.3  # cosine at the middle latitude, or near the poles everything would stand in one column
PAD = 0.09  # of the extent, on each side
WORLD = ((-180.0, -56.0), (180.0, 75.0))


@cache
def land() -> tuple[Ring, ...]:
    """The coasts of the world."""
    found = []
    rings = json.loads(files("rookery.screen").joinpath("land.json").read_text(encoding="utf-8"))["rings"]
    for flat in rings:
        x = y = 0
        ring = []
        for dx, dy in zip(flat[::2], flat[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x / 10, y / 10))
        found.append(tuple(ring))
    return tuple(found)


def near(lon: float, other: float) -> float:
    """The same longitude within 180 degrees of another."""
    return lon - 360 * round((lon - other) / 360)


def great_circle(a: Point, b: Point) -> Ring:
    """The shortest way from a to b. It begins at a; its longitudes go on from there without a jump."""
    (lon_a, lat_a), (lon_b, lat_b) = (tuple(map(radians, point)) for point in (a, b))
    cosine = sin(lat_a) * sin(lat_b) + cos(lat_a) * cos(lat_b) * cos(lon_b - lon_a)
    angle = acos(max(-1.0, min(1.0, cosine)))
    count = max(1, ceil(degrees(angle) / STEP_DEG - 1e-9))
    if sin(angle) < 1e-9:  # the same place, or the other side of the globe, to which every way is as short
        return a, (near(b[0], a[0]), b[1])
    points = [a]
    for n in range(1, count):
        from_a, from_b = (sin((1 - n / count) * angle) / sin(angle), sin(n / count * angle) / sin(angle))
        x = from_a * cos(lat_a) * cos(lon_a) + from_b * cos(lat_b) * cos(lon_b)
        y = from_a * cos(lat_a) * sin(lon_a) + from_b * cos(lat_b) * sin(lon_b)
        z = from_a * sin(lat_a) + from_b * sin(lat_b)
        points.append((near(degrees(atan2(y, x)), points[-1][0]), degrees(asin(max(-1.0, min(1.0, z))))))
    return (*points, (near(b[0], points[-1][0]), b[1]))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is shown: from the western and northern edge, so many units to a degree each way."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    height: float

    @property
    def east(self) -> float:
        """The eastern edge."""
        return self.west + WIDTH / self.per_lon

    @property
    def south(self) -> float:
        """The southern edge."""
        return self.north - self.height / self.per_lat

    def at(self, point: Point) -> Point:
        """Where a point is drawn."""
        return (point[0] - self.west) * self.per_lon, (self.north - point[1]) * self.per_lat

    def shifts(self, ring: Ring) -> list[float]:
        """By which turns of the globe a ring is in sight: 0, or -360 or 360 beyond the date line."""
        lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
        if max(lats) < self.south or min(lats) > self.north:
            return []
        return [
            turn
            for turn in (-720.0, -360.0, 0.0, 360.0, 720.0)
            if max(lons) + turn >= self.west and min(lons) + turn <= self.east
        ]


def frame(points: list[Point]) -> Frame:
    """A frame around points with some room on each side; the inhabited world where there are none."""
    points = points or list(WORLD)
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    middle_lon, middle_lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    narrow = max(NARROW_MIN, cos(radians(middle_lat)))
    wide = (max(lons) - min(lons)) * (1 + 2 * PAD) * narrow
    high = max((max(lats) - min(lats)) * (1 + 2 * PAD), LAT_SPAN_MIN)
    wide, high = max(wide, high / RATIO_MAX), max(high, wide * RATIO_MIN)
    high = min(high, 2 * LAT_MAX)
    north = min(LAT_MAX, max(middle_lat + high / 2, high - LAT_MAX))
    per_lat = WIDTH / wide
    return Frame(middle_lon - wide / narrow / 2, north, per_lat * narrow, per_lat, round(high * per_lat, 1))
