"""Write src/rookery/screen/land.json anew: python tests/screen/renew_land.py land-110m.json

The input is TopoJSON of Natural Earth's land at 1:110 million, as the package world-atlas 2.0.2 carries it.
"""

import json
import sys
from itertools import accumulate, pairwise
from pathlib import Path

LAND = Path(__file__).resolve().parents[2] / "src" / "rookery" / "screen" / "land.json"
ABOUT = {
    "source": "Natural Earth 4.1, land, 1:110m, by way of world-atlas 2.0.2; simplified and rounded to 0.1 degrees",
    "licence": "public domain",
    "about": "rings hold longitude and latitude by turns, in tenths of a degree: a point, then steps to the next",
}
TOLERANCE = 1.0  # tenths of a degree by which a simplified coast may be off
POLE = -900  # the only land around a pole is in the south
POINTS_MIN = 4  # a smaller ring is an islet that nobody would see

Point = tuple[int, int]


def main(path: str) -> None:
    topology = json.loads(Path(path).read_text(encoding="utf-8"))
    rings = [ring for ring in map(shape, rings_of(topology)) if len(ring) >= POINTS_MIN]
    steps = [[n for step in stepwise(ring) for n in step] for ring in rings]
    lines = ",\n".join(json.dumps(ring, separators=(",", ":")) for ring in steps)
    head = ",\n".join(f"{json.dumps(name)}: {json.dumps(text)}" for name, text in ABOUT.items())
    LAND.write_text(f'{{\n{head},\n"rings": [\n{lines}\n]\n}}\n', encoding="utf-8")


def rings_of(topology: dict) -> list[list[tuple[float, float]]]:
    """Every ring of the land, in degrees; arcs are joined end to end."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        points = accumulate(arc, lambda a, b: (a[0] + b[0], a[1] + b[1]))
        arcs.append([(x * scale_x + shift_x, y * scale_y + shift_y) for x, y in points])
    out = []
    for polygon in topology["objects"]["land"]["geometries"][0]["arcs"]:
        for indexes in polygon:
            ring: list[tuple[float, float]] = []
            for index in indexes:
                arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                ring += arc[1:] if ring else arc
            out.append(ring)
    return out


def shape(ring: list[tuple[float, float]]) -> list[Point]:
    """A ring in tenths of a degree, without its closing point and the points that make no difference.

    Longitudes go on beyond 180 where the ring crosses the date line; one around a pole is closed along the pole.
    """
    points: list[Point] = []
    for x, y in ring:
        at = x if not points else x - 360 * round((x - points[-1][0] / 10) / 360)
        if not points or (round(at * 10), round(y * 10)) != points[-1]:
            points.append((round(at * 10), round(y * 10)))
    if points[-1][0] != points[0][0]:
        points += [(points[-1][0], POLE), (points[0][0], POLE), points[0]]
    turns = round((min(points)[0] + max(points)[0]) / 2 / 3600)
    points = [(x - 3600 * turns, y) for x, y in points]
    middle = max(range(len(points)), key=lambda n: dist2(points[0], points[n]))
    return simplified(points[: middle + 1])[:-1] + simplified(points[middle:])[:-1]


def simplified(points: list[Point]) -> list[Point]:
    """Douglas and Peucker's simplification of an open line."""
    if len(points) < 3:
        return points
    far, at = max((off(points[0], points[-1], point), n) for n, point in enumerate(points[1:-1], 1))
    if far <= TOLERANCE:
        return [points[0], points[-1]]
    return simplified(points[: at + 1])[:-1] + simplified(points[at:])


def dist2(a: Point, b: Point) -> int:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def off(a: Point, b: Point, point: Point) -> float:
    """How far a point lies from the line from a to b."""
    if a == b:
        return dist2(a, point) ** 0.5
    t = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / dist2(a, b)
    t = min(1.0, max(0.0, t))
    return ((a[0] + t * (b[0] - a[0]) - point[0]) ** 2 + (a[1] + t * (b[1] - a[1]) - point[1]) ** 2) ** 0.5


def stepwise(ring: list[Point]) -> list[Point]:
    return [ring[0], *((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring))]


if __name__ == "__main__":
    main(sys.argv[1])
