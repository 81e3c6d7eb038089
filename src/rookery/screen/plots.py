"""Reports on shared capacity as one picture each. Needs the extra `png`, which draws SVG too."""

import os
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from rookery.hub.conflicts import Conflict
from rookery.hub.report import HolderReport, Report
from rookery.hub.simulate import Compared
from rookery.screen.conflicts import losers_and_winners
from rookery.screen.page import COLOURS
from rookery.screen.shares import holder_name

ENDINGS = (".png", ".svg")
SOFTWARE = "Rookery plot"  # by which a file is known as ours
HEAD_BYTES = 2000
DPI = 120
WIDTH, ROW, EDGE = 11.0, 0.42, 2.0  # inches: of the picture, of a holder, of titles and axes
GREY, GREEN, AMBER = "#c9ced3", COLOURS[2], COLOURS[4]

POLICIES = (("this policy: the network's own", COLOURS[0]), ("other policy: the folder that was given", COLOURS[1]))
USED = "per cent of the capacity of all that is used under either policy"
LABELS = 1.25  # room for numbers beside the longest bar, in parts of it

Plotted = Callable[[Any], None]  # draws on a figure
Bars = tuple[tuple[str, str, list[Any]], ...]  # label, colour, a number for each name


class PlotFault(Exception):
    """The plot cannot be drawn there; the text says why and what to do."""


def check_plot(path: Path) -> None:
    """Raise PlotFault unless a plot can be written there: a known ending, and no file that is not a plot of ours."""
    if path.suffix not in ENDINGS:
        raise PlotFault(f"plot {path}: wanted a file ending in {' or '.join(ENDINGS)}; name it so")
    try:
        import_module("matplotlib")
    except ImportError:
        todo = "install it with: pip install 'rookery[png]', or read the numbers with --json"
        raise PlotFault(f"plot {path}: wanted the extra `png`, found it not installed; {todo}") from None
    if not path.parent.is_dir():
        raise PlotFault(f"plot {path}: wanted a folder to write it to, found none; make it, or name another place")
    if path.exists() and not (path.is_file() and SOFTWARE.encode() in path.read_bytes()[:HEAD_BYTES]):
        raise PlotFault(f"plot {path}: wanted a new file or an earlier plot, found something else; name another")


def write_plot(path: Path, plotted: Plotted) -> None:
    """Draw a plot. The file is there whole, or as it was before. Raises  PlotFault."""
    check_plot(path)
    figure = import_module("matplotlib.figure").Figure(figsize=(WIDTH, EDGE), dpi=DPI, layout="constrained")
    plotted(figure)
    out, kind = BytesIO(), path.suffix.removeprefix(".")
    mark = {"Software": SOFTWARE} if kind == "png" else {"Creator": SOFTWARE, "Date": None}
    with import_module("matplotlib").rc_context({"svg.hashsalt": SOFTWARE}):  # the same numbers give the same bytes
        figure.savefig(out, format=kind, metadata=mark)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(out.getvalue())
        os.replace(part, path)
    except OSError as fault:
        raise PlotFault(f"plot {path}: wanted to write it, found: {fault.strerror}; name another place") from None


def _sized(figure: Any, rows: int) -> None:
    figure.set_size_inches(WIDTH, EDGE + ROW * rows)


def _whole(*axes: Any) -> None:
    """Let axes count by whole numbers, from 0 to 1 at least."""
    for axis in axes:
        axis.set_major_locator(import_module("matplotlib.ticker").MaxNLocator(nbins=6, integer=True, min_n_ticks=1))


# --- report


def report_plot(report: Report) -> Plotted:
    """Requests of each holder by what became of them; beside it how often it lent, borrowed and lost again."""

    def draw(figure: Any) -> None:
        holders = report.holders[::-1]
        _sized(figure, len(holders))
        left, right = figure.subplots(1, 2, sharey=True)
        names = [holder_name(one.holder) for one in holders]
        parts = (
            ("got", GREEN, [one.got.count for one in holders]),
            ("refused", COLOURS[1], [one.refused.count for one in holders]),
            ("withdrawn or waiting", GREY, [one.withdrawn + one.waiting for one in holders]),
        )
        _stack(left, names, parts)
        left.set(title="what became of requests", xlabel="number of requests", ylabel="holder")
        lent = (
            ("lent", COLOURS[0], [one.lent.count for one in holders]),
            ("borrowed", AMBER, [one.borrowed.count for one in holders]),
            ("recalled", COLOURS[1], [one.recalled.count for one in holders]),
            ("moved", COLOURS[3], [one.moved for one in holders]),
        )
        if any(any(counts) for _, _, counts in lent):
            _beside(right, names, lent)
            _legend(right, len(lent))
        else:
            _nothing(right, "nothing was lent, and no plan was moved")
        right.set(title="what was lent and moved", xlabel="how many times")
        _whole(left.xaxis, right.xaxis)

    return draw


def _stack(plane: Any, names: list[str], parts: Bars) -> None:
    begin = [0] * len(names)
    for label, colour, counts in parts:
        plane.barh(names, counts, left=begin, color=colour, label=label)
        begin = [at + count for at, count in zip(begin, counts, strict=True)]
    _legend(plane, len(parts))


def _beside(plane: Any, names: list[str], parts: Bars) -> list[Any]:
    """Bars of each part, and what was drawn of it."""
    height, drawn = 0.8 / len(parts), []
    for n, (label, colour, counts) in enumerate(parts):
        places = [at + 0.4 - (n + 0.5) * height for at in range(len(names))]
        drawn.append(plane.barh(places, counts, height, color=colour, label=label))
    plane.set_yticks(range(len(names)), names)
    return drawn


def _legend(plane: Any, columns: int) -> None:
    plane.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=columns, frameon=False, fontsize=8)


def _nothing(plane: Any, text: str) -> None:
    plane.text(0.5, 0.5, text, ha="center", va="center", transform=plane.transAxes, color="#555555")
    plane.set_xticks([])


# --- conflicts


def conflicts_plot(found: list[Conflict]) -> Plotted:
    """Who stood in whose way how often; a row for each loser, a column for each winner."""

    def draw(figure: Any) -> None:
        losers, winners, counts = losers_and_winners(found)
        _sized(figure, len(losers) + 1)
        plane = figure.subplots()
        shades = plane.imshow(counts, cmap="Oranges", aspect="auto", vmin=0)
        most = max(map(max, counts))
        for row, of_one in enumerate(counts):
            for column, count in enumerate(of_one):
                if count:
                    ink = "white" if count > 0.6 * most else "black"
                    plane.text(column, row, f"{count:,}", ha="center", va="center", color=ink, fontsize=9)
        plane.set_xticks(range(len(winners)), map(holder_name, winners), rotation=30, ha="right")
        plane.set_yticks(range(len(losers)), map(holder_name, losers))
        plane.set(
            title="conflicts over shared capacity", xlabel="who had it, or for whom it is kept", ylabel="who lost"
        )
        _whole(figure.colorbar(shades, label="conflicts").ax.yaxis)

    return draw


# --- two policies


def compared_plot(compared: Compared) -> Plotted:
    """What each holder got of what it asked for, and how much was used, under either policy."""

    def draw(figure: Any) -> None:
        both = (compared.own, compared.other)
        asked = [{one.holder: one for one in came.report.holders if one.asked.count} for came in both]
        holders = list(dict.fromkeys((*asked[0], *asked[1])))[::-1]
        dimensions = sorted({*compared.own.used, *compared.other.used}, reverse=True)
        _sized(figure, max(len(holders), len(dimensions)) + 1)
        left, right = figure.subplots(1, 2)
        counts = [[_served(of.get(holder)) for holder in holders] for of in asked]
        _per_cent(left, list(map(holder_name, holders)), counts, "{:,} of {:,}")
        left.set(title="requests served", xlabel="per cent of the requests of each holder", ylabel="holder")
        used = [[(came.used.get(name, 0), came.limits[name]) for name in dimensions] for came in both]
        _per_cent(right, dimensions, used, "")
        right.set(title="shared capacity used", xlabel=USED, ylabel="counted in")
        figure.suptitle(f"{compared.messages:,} messages under two policies", fontsize=10)
        names, bars = left.get_legend_handles_labels()[::-1]
        figure.legend(bars, names, loc="outside lower center", ncols=2, frameon=False, fontsize=9)

    return draw


def _served(one: HolderReport | None) -> tuple[int, int]:
    """How many requests were served, of how many."""
    return (one.got.count, one.asked.count) if one is not None else (0, 0)


def _per_cent(plane: Any, names: list[str], pairs: list[list[tuple[int, int]]], told: str) -> None:
    """Bars of a part in a whole from 0 to 100 per cent, each with its numbers; `told` blank: with its per cent."""
    parts = [[100 * part / (whole or 1) for part, whole in of_one] for of_one in pairs]
    bars = tuple((*title, of_one) for title, of_one in zip(POLICIES, parts, strict=True))
    for drawn, numbers, of_one in zip(_beside(plane, names, bars), pairs, parts, strict=True):
        texts = (told.format(*two) if told else f"{part:.3g} %" for two, part in zip(numbers, of_one, strict=True))
        plane.bar_label(drawn, list(texts), padding=3, fontsize=8)
    most = max([100, *(part for of_one in parts for part in of_one)])  # above 100 after a cut
    plane.set(xlim=(0, most * LABELS), xticks=range(0, int(most) + 1, 20 * -(-int(most) // 100)))
