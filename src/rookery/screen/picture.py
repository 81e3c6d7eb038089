"""A quote as one PNG picture: the same map as on the page, and below it the plans as text. Needs the extra `png`."""

import warnings
from importlib import import_module
from io import BytesIO
from typing import Any

from rookery.hub.journeys import Quoted
from rookery.screen.chart import Chart
from rookery.screen.globe import WIDTH
from rookery.screen.page import NOTE, colour, dashes
from rookery.screen.plans import quoted_lines

SOFTWARE = "Rookery map"  # by which a file is known as ours
DPI, INCHES = 120, 11.0
LINE_INCHES = 0.165
LINES_MAX = 150  # more plans than that are told by the page
CHARS = 120


def picture(quoted: Quoted, chart: Chart) -> bytes:
    """The picture as PNG."""
    lines = quoted_lines(quoted, width=CHARS)
    left_out = len(lines) - LINES_MAX
    lines = [*lines[:LINES_MAX], *([f"... and {left_out} more lines"] if left_out > 0 else []), "", NOTE]
    drawn = INCHES * chart.height / WIDTH
    below = LINE_INCHES * (len(lines) + 1)
    figure = import_module("matplotlib.figure").Figure(figsize=(INCHES, drawn + below), dpi=DPI)
    plane = figure.add_axes((0, below / (drawn + below), 1, drawn / (drawn + below)))
    plane.set(xlim=(0, WIDTH), ylim=(chart.height, 0), xticks=[], yticks=[], facecolor="#e9f1f7")
    _draw(plane, chart)
    style = {"family": "monospace", "size": 8, "va": "top", "linespacing": 1.3, "parse_math": False}
    figure.text(0.015, (below - 0.08) / (drawn + below), "\n".join(lines), **style)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that the font has not are drawn as boxes
        out = BytesIO()
        figure.savefig(out, format="png", metadata={"Software": SOFTWARE})
    return out.getvalue()


def _draw(plane: Any, chart: Chart) -> None:
    """What the chart says, from the ground up."""
    for ring in chart.land:
        plane.fill(*zip(*ring, strict=True), facecolor="#d6dacd", edgecolor="#d6dacd", linewidth=0.4)
    if chart.facilities:
        xs, ys = zip(*(at for at, _ in chart.facilities), strict=True)
        plane.plot(xs, ys, ".", color="#565d66", alpha=0.45, markersize=3)
    for line in chart.lines:
        gaps = [float(part) / 2.2 for part in dashes(line.number).split()]
        style = (0, tuple(gaps)) if gaps else "-"
        plane.plot(*zip(*line.points, strict=True), color=colour(line.number), linewidth=1.9, linestyle=style)
    for mark in chart.marks:
        plane.plot(
            *mark.at,
            "o",
            markersize=6,
            markerfacecolor="#1a1d21" if mark.is_end else "white",
            markeredgecolor="#1a1d21",
        )
        if mark.anchor:
            place = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
            plane.text(*mark.label_at, mark.label, ha=place, size=8.5, weight="bold", parse_math=False)
    for number, at in chart.badges:
        plane.plot(*at, "o", markersize=14, color=colour(number), markeredgecolor="white")
        plane.text(*at, str(number), ha="center", va="center", color="white", weight="bold", size=8.5)
