"""A quote laid out on a plane: what the page and the picture draw, in the same units.

Each journey is a line of great circles from stop to stop. Where several journeys ride the same leg their lines run side
by side; stops that would cover each other share a mark; a name is written where there is room for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import dist, hypot

from rookery.hub.journeys import Hop, Journey, Place, Quoted
from rookery.screen.globe import WIDTH, Frame, Point, Ring, frame, great_circle, land, near

APART = 4.5  # units between lines that run side by side
BESIDE_MAX = 22.0  # units that all of them may take together
SAME_MARK = 10.0  # units within which stops share a mark
LABEL, LABEL_SMALL = 14.0, 30.0  # text size in units on a wide and on a narrow screen, which shows a third of the size
BADGE = 11.0


@dataclass(frozen=True, slots=True)
class Line:
    """One hop of a journey as it is drawn."""

    number: int
    hop: Hop
    points: Ring


@dataclass(frozen=True, slots=True)
class Mark:
    """Stops at one point.

    is_end  a journey begins or ends here, as far as it can be drawn
    anchor  how the label stands at `label_at`; empty: there is no room for it
    always  there is room for it on a narrow screen too
    """

    at: Point
    stops: tuple[Place, ...]
    label: str
    is_end: bool
    label_at: Point = (0.0, 0.0)
    anchor: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn, in units of a plane `WIDTH` wide, y downwards."""

    height: float
    land: tuple[Ring, ...]
    facilities: tuple[tuple[Point, Place], ...]
    lines: tuple[Line, ...]
    badges: tuple[tuple[int, Point], ...]
    marks: tuple[Mark, ...]
    not_drawn: tuple[Place, ...]


def chart(quoted: Quoted, facilities: Iterable[Place]) -> Chart:
    """The layout of a quote among the facilities of its network."""
    known = {place.place: place for place in (*facilities, *quoted.stops)}
    ways = _ways(quoted, known)
    stops = [(known[name], point) for way in ways for name, point in (*way.stops[:1], *way.stops[:0:-1])]
    ends = {way.stops[at][0] for way in ways if way.stops for at in (0, -1)}
    asked = [(place, _point(place)) for place in (quoted.origin, quoted.destination) if place.lat is not None]
    everywhere = [_point(place) for place in known.values() if place.lat is not None]
    shown = frame(
        [point for way in ways for _, ring in way.rings for point in ring] or [p for _, p in asked] or everywhere
    )
    lines = _lines(ways, shown)
    badges = tuple(_badges(lines))
    marks = _marks(stops or asked, ends or {place.place for place, _ in asked}, shown)
    return Chart(
        height=shown.height,
        land=tuple(_moved(ring, turn, shown) for ring in land() for turn in shown.shifts(ring)),
        facilities=tuple(_dots(known.values(), shown)),
        lines=tuple(lines),
        badges=badges,
        marks=tuple(_labelled(marks, [point for _, point in badges], shown)),
        not_drawn=tuple(place for place in known.values() if place.lat is None or place.lon is None),
    )


# --- lines


@dataclass(frozen=True, slots=True)
class _Way:
    """A journey on the globe: its hops that can be drawn, and where it stops."""

    number: int
    rings: tuple[tuple[Hop, Ring], ...]
    stops: tuple[tuple[str, Point], ...]


def _ways(quoted: Quoted, known: dict[str, Place]) -> list[_Way]:
    ways: list[_Way] = []
    base: float | None = None
    for journey in quoted.journeys:
        way = _way(journey, known, base)
        if base is None and way.stops:
            base = way.stops[0][1][0]
        ways.append(way)
    return ways


def _way(journey: Journey, known: dict[str, Place], base: float | None) -> _Way:
    """`base`: the longitude near which a journey begins, so that all begin on the same side of the date line."""
    rings: list[tuple[Hop, Ring]] = []
    stops: dict[str, Point] = {}
    for stretch in journey.stretches:
        at = base
        for hop in stretch.hops:
            ends = [_point(known[name]) for name in (hop.origin, hop.destination) if known[name].lat is not None]
            for name in (hop.origin, hop.destination):
                if known[name].lat is not None:
                    lon, lat = _point(known[name])
                    at = lon if at is None else near(lon, at)
                    stops.setdefault(name, (at, lat))
            if len(ends) == 2:
                (lon, lat), there = ends
                ring = great_circle((near(lon, stops[hop.origin][0]), lat), there)
                stops[hop.destination], at = ring[-1], ring[-1][0]
                rings.append((hop, ring))
    return _Way(journey.number, tuple(rings), tuple(stops.items()))


def _point(place: Place) -> Point:
    return place.lon or 0.0, place.lat or 0.0


def _moved(ring: Ring, turn: float, shown: Frame) -> Ring:
    return tuple(shown.at((lon + turn, lat)) for lon, lat in ring)


def _lines(ways: list[_Way], shown: Frame) -> list[Line]:
    """Every hop of every journey; those between the same two places side by side."""
    riders: dict[tuple[str, ...], list[int]] = {}
    for way in ways:
        for hop, _ in way.rings:
            of = riders.setdefault(_pair(hop), [])
            if way.number not in of:
                of.append(way.number)
    lines = []
    for way in ways:
        for hop, ring in way.rings:
            numbers = riders[_pair(hop)]
            apart = min(APART, BESIDE_MAX / len(numbers))
            aside = (numbers.index(way.number) - (len(numbers) - 1) / 2) * apart
            turned = aside if hop.origin <= hop.destination else -aside
            lines.append(Line(way.number, hop, _aside(_moved(ring, 0, shown), turned)))
    return lines


def _pair(hop: Hop) -> tuple[str, ...]:
    return tuple(sorted((hop.origin, hop.destination)))


def _aside(points: Ring, units: float) -> Ring:
    """A line moved to its left or right, square to the way from its first to its last point, which stay."""
    dx, dy = points[-1][0] - points[0][0], points[-1][1] - points[0][1]
    length = hypot(dx, dy)
    if not length or not units:
        return points
    moved = [(x - dy / length * units, y + dx / length * units) for x, y in points]
    return (points[0], *(moved[1:-1] or moved), points[-1])


def _badges(lines: list[Line]) -> Iterable[tuple[int, Point]]:
    """The number of each journey on its longest hop, farther along where other numbers stand near."""
    taken: list[Point] = []
    for number in dict.fromkeys(line.number for line in lines):
        own = sorted((line for line in lines if line.number == number), key=_length, reverse=True)
        spots = [_along(line.points, part) for line in own for part in (0.5, 0.35, 0.65, 0.2, 0.8)]
        free = [at for at in spots if all(dist(at, other) > 3 * BADGE for other in taken)]
        taken.append((free or spots)[0])
        yield number, taken[-1]


def _length(line: Line) -> float:
    return sum(dist(a, b) for a, b in pairwise(line.points))


def _along(points: Ring, part: float) -> Point:
    """The point at a part of a line's length."""
    left = part * sum(dist(a, b) for a, b in pairwise(points))
    for a, b in pairwise(points):
        step = dist(a, b)
        if step >= left and step:
            return a[0] + (b[0] - a[0]) * left / step, a[1] + (b[1] - a[1]) * left / step
        left -= step
    return points[-1]


# --- places


def _dots(places: Iterable[Place], shown: Frame) -> Iterable[tuple[Point, Place]]:
    for place in places:
        if place.lat is not None and place.lon is not None:
            for turn in shown.shifts((_point(place),)):
                yield shown.at((place.lon + turn, place.lat)), place


def _marks(stops: list[tuple[Place, Point]], ends: set[str], shown: Frame) -> list[Mark]:
    """One mark for stops that stand together; those at the ends of journeys come first."""
    groups: list[tuple[Point, list[Place]]] = []
    for place, point in stops:
        at = shown.at(point)
        near_by = next((places for other, places in groups if dist(at, other) < SAME_MARK), None)
        if near_by is None:
            groups.append((at, [place]))
        elif place not in near_by:
            near_by.append(place)
    marks = [Mark(at, tuple(of), _label(of), any(one.place in ends for one in of)) for at, of in groups]
    return sorted(marks, key=lambda mark: not mark.is_end)


def _label(places: list[Place]) -> str:
    if len(places) <= 2:
        return ", ".join(place.place for place in places)
    return f"{places[0].place} +{len(places) - 1}"


# --- labels

Box = tuple[float, float, float, float]


def _labelled(marks: list[Mark], badges: list[Point], shown: Frame) -> Iterable[Mark]:
    """Each mark with its label where it covers no other: first as a narrow screen shows it, then as a wide one does."""
    round_ = [(at, SAME_MARK) for at in (mark.at for mark in marks)] + [(at, BADGE) for at in badges]
    narrow = [_around(at, 2 * size) for at, size in round_]
    wide = [_around(at, size) for at, size in round_]
    placed: dict[int, Mark] = {}
    for always, size, taken in ((True, LABEL_SMALL, narrow), (False, LABEL, wide)):
        for n, mark in enumerate(marks):
            if n in placed:
                continue
            for at, anchor in _spots(mark, size):
                box = _box(at, anchor, mark.label, size)
                if _inside(box, shown) and not any(_meet(box, other) for other in taken if other != _own(mark, always)):
                    placed[n] = replace(mark, label_at=at, anchor=anchor, always=always)
                    taken.append(box)
                    if always:
                        wide.append(_box(at, anchor, mark.label, LABEL))
                    break
    return [placed.get(n, mark) for n, mark in enumerate(marks)]


def _own(mark: Mark, narrow: object) -> Box:
    return _around(mark.at, 2 * SAME_MARK if narrow else SAME_MARK)


def _around(at: Point, size: float) -> Box:
    return at[0] - size, at[1] - size, at[0] + size, at[1] + size


def _spots(mark: Mark, size: float) -> Iterable[tuple[Point, str]]:
    """Where a label may stand: right, left, above, below."""
    x, y = mark.at
    yield (x + SAME_MARK, y + size / 3), "start"
    yield (x - SAME_MARK, y + size / 3), "end"
    yield (x, y - SAME_MARK), "middle"
    yield (x, y + SAME_MARK + 0.7 * size), "middle"


def _box(at: Point, anchor: str, text: str, size: float) -> Box:
    width = 0.62 * size * len(text)
    left = at[0] - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, at[1] - 0.8 * size, left + width, at[1] + 0.25 * size


def _inside(box: Box, shown: Frame) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= shown.height


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
