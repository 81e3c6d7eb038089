"""Maps as files: the page stands alone and is well formed, foreign words are harmless, nothing of others is lost."""

import re
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rookery.hub.explain import find_missing
from rookery.hub.journeys import Place, Quoted, facilities, quoted
from rookery.hub.network import open_network
from rookery.hub.quote import Wish, quote, read_spot
from rookery.journey.desk import Policy, World
from rookery.journey.network.place import Facility
from rookery.journey.network.rows import Degrees
from rookery.screen.chart import LABEL, Chart, _box, _meet, chart
from rookery.screen.globe import WIDTH
from rookery.screen.maps import MapFault, check_map, write_map
from rookery.screen.page import colour, dashes, page
from worlds import at, door, empty_state, place, ride, spot, tiny_network

VOID = {"meta", "input", "br", "rect", "circle", "path"}
EVIL = '<script>alert("x")</script>&\'$x$'


def located(name: str, lon: float, lat: float, **fields: Any) -> Facility:
    where = {"lat": Degrees(round(lat * 1e6)), "lon": Degrees(round(lon * 1e6))}
    return msgspec.structs.replace(place(name, **fields), **where)


MADRID, LIEGE = located("MAD", -3.6, 40.5), located("LGG", 5.4, 50.6)
TOKYO = located("NRT", 140.4, 35.8, country="JP", zone="Asia/Tokyo")
LOS_ANGELES = located("LAX", -118.4, 33.9, country="US", zone="America/Los_Angeles")


def drawn(*rows: object, origin: str, to: str) -> tuple[Quoted, Chart]:
    world = World(tiny_network(*rows), Policy())
    wish = Wish(spot(origin), spot(to), at("Mon 12:00"), 1000)
    offers, refusals = quote(wish, world, empty_state())
    shown = quoted(wish, offers, refusals, world, find_missing(wish, offers, world, empty_state()))
    return shown, chart(shown, facilities(world))


def to_spain(*rows: object) -> tuple[Quoted, Chart]:
    rides = (ride("fly", "LGG 20:00, MAD 22:00", price="9"), ride("truck", "LGG 18:00, MAD 20:00+1", price="4"))
    return drawn(MADRID, LIEGE, rides, *rows, origin="LGG", to="MAD")


@pytest.fixture(scope="module")
def backbone() -> tuple[Quoted, tuple[Place, ...]]:
    world = World(open_network("backbone"), Policy())
    wish = Wish(read_spot("CN 310000", world), read_spot("ES 28001", world), at("2026-11-23 02:00"), 800)
    offers, refusals = quote(wish, world, empty_state())
    return quoted(wish, offers, refusals, world), facilities(world)


# --- the page


class Reader(HTMLParser):
    """Checks that every element that opens closes, and keeps all elements and the text."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def read(shown: tuple[Quoted, Chart]) -> Reader:
    return Reader(page(*shown))


def test_the_page_is_well_formed_and_stands_alone(backbone: tuple[Quoted, tuple[Place, ...]]) -> None:
    text = page(backbone[0], chart(*backbone))
    found = Reader(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in found.elements}
    assert not [
        attrs for _, attrs in found.elements if {"src", "href", "xlink:href", "onclick", "style"} & attrs.keys()
    ]
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    (policy,) = [meta for meta in found.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in found.of("meta")
    assert len(text.encode()) < 80_000


def test_each_plan_can_be_hidden_by_its_box_and_is_told_in_words() -> None:
    shown = to_spain()
    found, text = read(shown), page(*shown)
    assert [box["id"] for box in found.of("input")] == ["show-1", "show-2"]
    assert [label["for"] for label in found.of("label")] == ["show-1", "show-2"]
    for number in (1, 2):
        assert f".page:has(#show-{number}:not(:checked)) .map .p{number}{{display:none}}" in text
        assert len([group for group in found.of("g") if f"p{number}" in (group.get("class") or "").split()]) == 2
    assert "arrives Tue 24 Nov 20:00, after 1 d 8 h, costs 4.00 EUR" in found.text
    assert "std: fastest: 22 h faster than 1 for 5.00 EUR more" in found.text
    assert "LGG 23 Nov 20:00 -> road fly -> MAD 22:00; 10 h, 9.00 EUR" in found.text
    assert "2: road fly by haul: LGG Mon 23 Nov 20:00 to MAD Mon 23 Nov 22:00" in found.text, "on hovering"
    assert "Nothing better is missing" in found.text


def test_names_of_a_network_are_text_and_nothing_else() -> None:
    hostile = msgspec.structs.replace(located("EVIL", 0.0, 45.0), name=EVIL)
    nowhere = msgspec.structs.replace(place("LOST"), name=EVIL)
    shown = drawn(MADRID, hostile, nowhere, ride(EVIL, "EVIL 20:00, MAD 22:00"), origin="EVIL", to="MAD")
    found = read(shown)
    assert not found.of("script") and found.text.count('alert("x")') >= 4
    assert f"EVIL 23 Nov 20:00 -> road {EVIL} -> MAD 22:00" in found.text


def test_every_pair_of_colour_and_dashes_is_another() -> None:
    looks = [(colour(number), dashes(number)) for number in range(1, 36)]
    assert len(set(looks)) == 35 and all(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(looks))


def test_no_plan_is_a_page_that_says_so() -> None:
    found = read(drawn(MADRID, LIEGE, origin="MAD", to="LGG"))
    assert "No plan." in found.text and "unreachable: MAD to LGG" in found.text and not found.of("input")


def test_a_plan_without_a_leg_is_a_mark() -> None:
    shown = drawn(MADRID, origin="MAD", to="MAD")
    assert [mark.label for mark in shown[1].marks] == ["MAD"] and not shown[1].lines
    assert "handed over on the spot" in read(shown).text


# --- the layout


def test_a_line_across_the_date_line_is_one_line() -> None:
    shown, laid = drawn(TOKYO, LOS_ANGELES, ride("NH6", "NRT 17:00, LAX 10:00", mode="air"), origin="NRT", to="LAX")
    (line,) = laid.lines
    assert [b[0] > a[0] for a, b in pairwise(line.points)] == [True] * (len(line.points) - 1)
    assert all(0 < x < WIDTH and 0 < y < laid.height for x, y in line.points)
    assert [mark.label for mark in laid.marks] == ["NRT", "LAX"] and len(laid.facilities) == 2
    assert len(shown.journeys) == len(laid.badges) == 1


def test_lines_on_the_same_leg_run_side_by_side_between_the_same_ends() -> None:
    _, laid = to_spain()
    first, second = (line.points for line in laid.lines)
    assert first[0] == second[0] and first[-1] == second[-1]
    assert all(2 < abs(a[0] - b[0]) + abs(a[1] - b[1]) < 10 for a, b in zip(first[1:-1], second[1:-1], strict=True))


def test_a_place_without_coordinates_is_listed_and_not_drawn() -> None:
    rows = (place("LOST"), ride("on", "MAD 23:00, LOST 23:30"), ride("fly", "LGG 20:00, MAD 22:00"))
    shown = drawn(MADRID, LIEGE, rows, door("delivery", "LOST", "ES"), origin="LGG", to="ES 28001")
    assert [one.place for one in shown[1].not_drawn] == ["LOST", "ES 28001"]
    assert [line.hop.service for line in shown[1].lines] == ["fly"]
    assert "LOST: LOST, sort centre" in read(shown).text


def test_stops_that_stand_together_share_a_mark_and_no_label_covers_another(
    backbone: tuple[Quoted, tuple[Place, ...]],
) -> None:
    laid = chart(*backbone)
    assert "LGG, LGG-RAIL" in [mark.label for mark in laid.marks]
    boxes = [_box(mark.label_at, mark.anchor, mark.label, LABEL) for mark in laid.marks if mark.anchor]
    assert len(boxes) >= 3 and not any(_meet(a, b) for n, a in enumerate(boxes) for b in boxes[:n])


# --- files


def test_a_map_is_written_again_and_never_over_something_else(tmp_path: Path) -> None:
    shown, _ = to_spain()
    path, letter = tmp_path / "out.html", tmp_path / "letter.html"
    for _ in range(2):
        write_map(path, shown, ())
    assert path.read_text("utf-8").startswith("<!doctype html>") and list(tmp_path.iterdir()) == [path]
    letter.write_text("<p>Dear all</p>", "utf-8")
    with pytest.raises(MapFault, match=r"wanted a new file or an earlier map, found something else"):
        write_map(letter, shown, ())
    assert letter.read_text("utf-8") == "<p>Dear all</p>"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("out.svg", "wanted a file ending in .html or .png"),
        ("out", "wanted a file ending in .html or .png"),
        ("none/out.html", "wanted a folder to write it to, found none"),
        ("folder.html", "wanted a new file or an earlier map, found something else"),
    ],
)
def test_a_map_that_cannot_be_written(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(MapFault, match=re.escape(text)):
        check_map(tmp_path / name)


def test_a_picture(tmp_path: Path) -> None:
    shown, _ = to_spain(msgspec.structs.replace(located("EVIL", 0.0, 45.0), name=EVIL))
    path = tmp_path / "out.png"
    for _ in range(2):
        write_map(path, shown, ())
    head = path.read_bytes()[:26]
    assert head.startswith(b"\x89PNG\r\n\x1a\n") and int.from_bytes(head[16:20]) == 1320


def test_a_picture_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MapFault, match=r"wanted the extra `png`, found it not installed; .*rookery\[png\]"):
        check_map(tmp_path / "out.png")
