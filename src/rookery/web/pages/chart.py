"""The network on a map: its facilities and what runs between them, laid out as the maps of quotes are."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rookery.journey.network.place import Facility
from rookery.journey.network.whole import Network
from rookery.screen.globe import WIDTH, Point, Ring, frame, great_circle, land, near

LABEL, LABEL_SMALL = 15.0, 30.0  # size of names in units, on a wide and on a narrow screen, which shows less of it
LETTER = 0.68  # width of a letter, in parts of its size
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A facility as it is drawn. `anchor` blank: there is no room for its name; always: there is on a narrow screen."""

    facility: Facility
    x: float
    y: float
    services: int
    anchor: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """Where services of a mode run between two facilities, as an SVG path."""

    mode: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The whole map. `absent`: facilities whose coordinates are not known."""

    height: float
    coast: str
    ways: tuple[Way, ...]
    marks: tuple[Mark, ...]
    absent: tuple[Facility, ...]
    modes: tuple[tuple[str, int], ...]


def draw(network: Network) -> Drawn:
    """Lay the network out."""
    known = {one.facility_id: _point(one) for one in network.facilities if one.lat is not None and one.lon is not None}
    services = {one.service_id: one for one in network.services}
    of_variant = {one.variant_id: services[one.service_id] for one in network.variants}
    stops: dict[str, list[tuple[int, str]]] = {}
    for stop in network.stops:
        stops.setdefault(stop.variant_id, []).append((stop.stop_seq, stop.facility_id))
    between: dict[tuple[str, str, str], set[str]] = {}
    for variant, calls in stops.items():
        for (_, a), (_, b) in pairwise(sorted(calls)):
            if a in known and b in known:
                one, other = sorted((a, b))
                service = of_variant[variant]
                between.setdefault((service.mode, one, other), set()).add(service.service_id)
    shown = frame(list(known.values()))
    coast = "".join(
        f"M{_text(tuple(shown.at((lon + turn, lat)) for lon, lat in ring))}z"
        for ring in land() for turn in shown.shifts(ring)
    )  # fmt: skip
    ways = []
    for (mode, a, b), ids in sorted(between.items()):
        start, end = known[a], known[b]
        ring = great_circle(start, (near(end[0], start[0]), end[1]))
        path = f"M{_text(tuple(shown.at(point) for point in ring))}"
        ways.append(Way(mode, path, f"{mode}: {a} and {b}, {len(ids)} services: {', '.join(sorted(ids)[:6])}"))
    degree = Counter(place for (_, a, b), ids in between.items() for place in (a, b) for _ in ids)
    facilities = {one.facility_id: one for one in network.facilities}
    placed = [(facilities[id_], shown.at(point), degree[id_]) for id_, point in known.items()]
    counts = Counter(one.mode for one in network.services)
    return Drawn(
        shown.height, coast, tuple(ways), tuple(_labelled(placed)),
        tuple(one for one in network.facilities if one.facility_id not in known), tuple(sorted(counts.items())),
    )  # fmt: skip


def _labelled(placed: list[tuple[Facility, Point, int]]) -> list[Mark]:
    """Names where there is room, of the places with most services first; on a narrow screen, if there is room too."""
    order = sorted(placed, key=lambda one: (-one[2], one[0].facility_id))
    narrow = _anchors(order, LABEL_SMALL, {})
    wide = _anchors(order, LABEL, narrow)
    marks = []
    for facility, (x, y), services in order:
        id_ = facility.facility_id
        anchor = wide.get(id_, "")
        marks.append(Mark(facility, round(x, 1), round(y, 1), services, anchor, id_ in narrow))
    return marks


def _anchors(order: list[tuple[Facility, Point, int]], size: float, fixed: dict[str, str]) -> dict[str, str]:
    """On which side of its place each name stands that covers no other name and no other place. `fixed`: they do."""
    dots = [(x - 5, y - 5, x + 5, y + 5) for _, (x, y), _ in order]
    taken: list[Box] = []
    found: dict[str, str] = {}
    for facility, at, _ in sorted(order, key=lambda one: one[0].facility_id not in fixed):
        id_ = facility.facility_id
        for name in (fixed[id_],) if id_ in fixed else ("start", "end"):
            box = _box(name, at, size, len(id_))
            has_room = box[0] >= 0 and box[2] <= WIDTH and not any(_meet(box, other) for other in (*taken, *dots))
            if id_ in fixed or has_room:
                taken.append(box)
                found[id_] = name
                break
    return found


def _box(anchor: str, at: Point, size: float, letters: int) -> Box:
    wide = LETTER * size * letters + size / 2
    left = at[0] + 9 if anchor == "start" else at[0] - 9 - wide
    return left, at[1] - size / 2, left + wide, at[1] + size / 2


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _point(facility: Facility) -> Point:
    assert facility.lat is not None and facility.lon is not None, "asked of facilities that are somewhere"
    return facility.lon / 1_000_000, facility.lat / 1_000_000


def _text(ring: Ring) -> str:
    return "L".join(dict.fromkeys(f"{x:.0f} {y:.0f}" for x, y in ring))
