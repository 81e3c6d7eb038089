"""A quote as one HTML page: a map, a legend that says everything in words, and no request to anywhere.

Colour, dashes and a number tell the plans apart. Boxes in the legend show and hide them by style alone; there is no
script, and the page forbids itself everything but its own style. All names that come from a network are escaped.
"""

from collections.abc import Iterable
from html import escape
from importlib.resources import files

from rookery.hub.journeys import Hop, Journey, Place, Quoted, day_text, journey_line
from rookery.screen.chart import BADGE, Chart, Line, Mark
from rookery.screen.globe import WIDTH, Point, Ring
from rookery.screen.plans import NOTHING_MISSING, absent_text, declined_texts, head_lines, why_texts
from rookery.units import MINUTE_S, co2_text, share_text, span_text

MARKER = '<meta name="generator" content="Rookery map">'  # by which a file is known as ours
NOTE = "Lines are the shortest ways from stop to stop, not tracks. Land: Natural Earth, public domain."

# Okabe and Ito's palette, which most people tell apart, without its yellow and black; with as many dashes as make
# every pair of the first 35 plans different.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#b8860b", "#3a9bd9", "#7a4b00")
DASHES = ("", "11 5", "3 4", "15 4 3 4", "7 3")


def colour(number: int) -> str:
    """The colour of a plan."""
    return COLOURS[(number - 1) % len(COLOURS)]


def dashes(number: int) -> str:
    """The dashes of a plan, as SVG writes them; blank: an unbroken line."""
    return DASHES[(number - 1) % len(DASHES)]


def page(quoted: Quoted, chart: Chart) -> str:
    """The whole page."""
    head, below = head_lines(quoted)
    style = files("rookery.screen").joinpath("page.css").read_text(encoding="utf-8")
    hidden = "".join(f".page:has(#show-{n}:not(:checked)) .map .p{n}{{display:none}}" for n in _numbers(quoted))
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            MARKER,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(head)}</title>",
            f"<style>\n{style}{hidden}\n</style>",
            "</head>",
            '<body class="page">',
            f"<header><h1>{escape(quoted.origin.place)} to {escape(quoted.destination.place)}</h1>",
            f"<p>{escape(head.partition(': ')[2])}; {escape(below)}</p></header>",
            "<main>",
            *_map(quoted, chart),
            *_legend(quoted),
            *_beside(quoted, chart),
            "</main>",
            f"<footer><p>Network {escape(quoted.network)}, snapshot {quoted.snapshot}. {NOTE}</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _numbers(quoted: Quoted) -> list[int]:
    return [journey.number for journey in quoted.journeys]


# --- the map


def _map(quoted: Quoted, chart: Chart) -> Iterable[str]:
    label = f"Map of {len(quoted.journeys)} plans; the list of plans says the same in words"
    yield "<figure>"
    yield f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {chart.height:.0f}" role="img" aria-label="{label}">'
    yield f'<rect class="sea" width="{WIDTH:.0f}" height="{chart.height:.0f}"/>'
    yield f'<path class="land" d="{"".join(map(_closed, chart.land))}"/>'
    for at, place in chart.facilities:
        yield f'<circle class="dot" {_at(at)} r="2.5"><title>{escape(_place_text(place))}</title></circle>'
    for number in _numbers(quoted):
        yield f'<g class="p{number}" stroke="{colour(number)}" stroke-dasharray="{dashes(number)}">'
        yield from (_line(line) for line in chart.lines if line.number == number)
        yield "</g>"
    for mark in chart.marks:
        yield from _mark(mark)
    for number, at in chart.badges:
        yield f'<g class="badge p{number}" fill="{colour(number)}"><circle {_at(at)} r="{BADGE:.0f}"/>'
        yield f'<text x="{at[0]:.0f}" y="{at[1]:.0f}" dy=".36em" text-anchor="middle">{number}</text></g>'
    yield "</svg>"
    if not chart.lines and any(part.hops for journey in quoted.journeys for part in journey.stretches):
        yield "<figcaption>No leg of these plans lies between two places whose coordinates are known.</figcaption>"
    yield "</figure>"


def _at(point: Point) -> str:
    return f'cx="{point[0]:.0f}" cy="{point[1]:.0f}"'


def _closed(ring: Ring) -> str:
    return f"M{_points(ring)}z"


def _points(ring: Ring) -> str:
    """Points as a path has them, in whole units, without those that fall on the one before."""
    texts = dict.fromkeys(f"{x:.0f} {y:.0f}" for x, y in ring)
    return "L".join(texts)


def _line(line: Line) -> str:
    hop = line.hop
    told = f"{line.number}: {hop.mode} {hop.service} by {hop.operator}: {_hop_text(hop)}"
    return f'<path class="line" d="M{_points(line.points)}"><title>{escape(told)}</title></path>'


def _mark(mark: Mark) -> Iterable[str]:
    title = escape("; ".join(map(_place_text, mark.stops)))
    size = 'end" r="8' if mark.is_end else 'stop" r="5.5'
    yield f'<circle class="{size}" {_at(mark.at)}><title>{title}</title></circle>'
    if mark.anchor:
        (x, y), kind = mark.label_at, "always" if mark.always else "wide"
        place = f'x="{x:.0f}" y="{y:.0f}" text-anchor="{mark.anchor}"'
        yield f'<text class="{kind}" {place}>{escape(mark.label)}</text>'


def _place_text(place: Place) -> str:
    return f"{place.place}: {place.name}, {place.kind.replace('_', ' ')}"


def _hop_text(hop: Hop) -> str:
    departs = day_text(hop.departs, year=hop.departs.year)
    arrives = day_text(hop.arrives, year=hop.departs.year)
    return f"{hop.origin} {departs} to {hop.destination} {arrives}"


# --- the legend


def _legend(quoted: Quoted) -> Iterable[str]:
    yield '<section aria-label="Plans"><h2>Plans</h2>'
    if quoted.journeys:
        yield '<p class="hint">Times are local to each place. A box hides its plan on the map.</p>'
        yield '<ol class="plans">'
        for journey in quoted.journeys:
            yield from _entry(journey, quoted)
        yield "</ol>"
    else:
        yield "<p>No plan.</p>"
    yield "</section>"


def _entry(journey: Journey, quoted: Quoted) -> Iterable[str]:
    n = journey.number
    arrives = day_text(journey.arrives, year=quoted.ready.year)
    takes = span_text(journey.takes_min * MINUTE_S)
    yield f'<li><label for="show-{n}"><input type="checkbox" id="show-{n}" checked>'
    yield f'<svg class="key" viewBox="0 0 60 22" aria-hidden="true"><g stroke="{colour(n)}" fill="{colour(n)}">'
    yield f'<path class="line" stroke-dasharray="{dashes(n)}" d="M0 11H60"/></g>'
    yield f'<g class="badge" fill="{colour(n)}"><circle cx="30" cy="11" r="10"/>'
    yield f'<text x="30" y="11" dy=".36em" text-anchor="middle">{n}</text></g></svg>'
    burden = "" if journey.co2e_mg is None else f", emits {co2_text(journey.co2e_mg)} kg CO2e"
    burden += "" if journey.made_ppm is None else f", all connections {share_text(journey.made_ppm)}"
    told = f"after {takes}, costs {escape(str(journey.costs))}{escape(burden)}"
    yield f"<span><b>arrives {escape(arrives)}</b>, {told}</span></label>"
    sold = ", ".join(f"{sale.product} {sale.price or 'at cost'}" for sale in journey.sales)
    yield f"<p>sold as {escape(sold)}</p>"
    yield from (f'<p class="why">{escape(text)}</p>' for text in why_texts(journey))
    yield f"<details><summary>{escape(_legs_text(journey))}</summary>"
    for stretch in journey.stretches:
        yield "<ol>"
        for hop in stretch.hops:
            how = escape(f"{hop.mode} {hop.service} by {hop.operator}")
            yield f"<li><b>{how}</b><br>{escape(_hop_text(hop))}</li>"
        yield "</ol>"
    yield f'<p class="line-text">{escape(journey_line(journey))}</p></details></li>'


def _legs_text(journey: Journey) -> str:
    count = sum(len(stretch.hops) for stretch in journey.stretches)
    modes = dict.fromkeys(hop.mode for stretch in journey.stretches for hop in stretch.hops)
    return f"{count} leg{'s' * (count != 1)}: {', '.join(modes)}" if count else "handed over on the spot"


# --- what is not on the map


def _beside(quoted: Quoted, chart: Chart) -> Iterable[str]:
    if quoted.explained and quoted.journeys:
        yield '<section aria-label="What is missing"><h2>Not there, though one might expect it</h2>'
        texts = [
            [absent_text(one, quoted), *(_hop_text(hop) for hop in one.hops), *map(str, one.why)]
            for one in quoted.missing
        ]
        yield from (f"<p>{'<br>'.join(map(escape, text))}</p>" for text in texts or [[NOTHING_MISSING]])
        yield "</section>"
    if quoted.declined:
        yield '<section aria-label="Products without a plan"><h2>Products without a plan</h2><ul>'
        yield from (f"<li>{escape(text)}</li>" for text in declined_texts(quoted.declined))
        yield "</ul></section>"
    if chart.not_drawn:
        yield "<section><details><summary>Places without known coordinates, which are not drawn</summary><ul>"
        yield from (f"<li>{escape(_place_text(place))}</li>" for place in chart.not_drawn)
        yield "</ul></details></section>"
