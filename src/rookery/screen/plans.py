"""A quote on 80 columns: a table, the journeys as lines below it, and why each is there.

A further column is a line beside `COLUMNS`, or in `SALE_COLUMNS`.
"""

from collections.abc import Callable, Iterable
from textwrap import wrap

import msgspec
from rich.console import Console
from rich.text import Text

from rookery.hub.journeys import Absent, Declined, Journey, Quoted, Sale, day_text, journey_steps, stretch_steps
from rookery.screen.folded import WIDTH, WIDTH_MAX
from rookery.units import MINUTE_S, co2_text, mass_text, share_text, span_text

NOTHING_MISSING = (
    "Nothing better is missing: more room, other goods, longer opening hours or to be ready a few hours earlier"
    " would change nothing."
)
PPM_OF_PERCENT = 10_000
ASSUMED = "assumed"
_GAP, _INDENT = "  ", "   "


class Column(msgspec.Struct, frozen=True):
    """A column of the table: its title, what it shows of a journey in a quote, and whether it is a number."""

    title: str
    cell: Callable[[Journey, Quoted], str]
    right: bool = False


class SaleColumn(msgspec.Struct, frozen=True):
    """A column with a line for each product that is sold on a journey."""

    title: str
    cell: Callable[[Sale], str]
    right: bool = False


COLUMNS = (
    Column("#", lambda one, _: str(one.number), right=True),
    Column("arrives", lambda one, of: day_text(one.arrives, year=of.ready.year)),
    Column("takes", lambda one, _: span_text(one.takes_min * MINUTE_S), right=True),
    Column("costs", lambda one, _: str(one.costs), right=True),
    Column("CO2e", lambda one, _: "?" if one.co2e_mg is None else co2_text(one.co2e_mg), right=True),
)
MADE = Column("made", lambda one, _: f"{(one.made_ppm or 0) // PPM_OF_PERCENT}%", right=True)
GREEN_COLUMNS = (*(column for column in COLUMNS if column.title != "takes"), MADE)  # all would be too wide
SALE_COLUMNS = (
    SaleColumn("sold as", lambda sale: sale.product),
    SaleColumn("sure", lambda sale: f"{sale.confidence_ppm // PPM_OF_PERCENT}%", right=True),
    SaleColumn("price", lambda sale: str(sale.price or "at cost"), right=True),
)


def print_quoted(quoted: Quoted, *, json: bool) -> None:
    """A quote for a person, as wide as the terminal is; or for a program."""
    if json:
        Console(soft_wrap=True, highlight=False, markup=False).print(msgspec.json.encode(quoted).decode(), end="\n")
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = min(console.width, WIDTH_MAX) if console.is_terminal else WIDTH
    titles = _table(quoted)[:1] if quoted.journeys else []
    for line in quoted_lines(quoted, width=width):
        console.print(Text(line, style="bold" if line in titles else ""))


def quoted_lines(quoted: Quoted, *, width: int = WIDTH) -> list[str]:
    """Everything about a quote as lines of text."""
    lines = [*head_lines(quoted), *(wrap(co2_line(quoted), width) if quoted.journeys else ()), ""]
    if quoted.journeys:
        lines += [*_table(quoted), ""]
        for journey in quoted.journeys:
            lines += _journey_lines(journey, quoted, width)
    else:
        lines.append("no plan")
    if quoted.explained and quoted.journeys:
        lines += ["", *_missing_lines(quoted, width)]
    if quoted.declined:
        lines += ["", *(line for text in declined_texts(quoted.declined) for line in _wrapped("-  ", text, width))]
    return lines


def head_lines(quoted: Quoted) -> list[str]:
    """What was asked, and whose clock shows the times."""
    size = [mass_text(quoted.grams)] + [f"{quoted.cm3:,} cm3"] * bool(quoted.cm3)
    size += [f"{quoted.pieces} piece{'s' * (quoted.pieces > 1)}", quoted.goods_class]
    ready = day_text(quoted.ready)
    return [
        f"{quoted.origin.place} to {quoted.destination.place}: {', '.join(size)}",
        f"ready {ready} {quoted.origin.time_zone}; arrivals in {quoted.destination.time_zone}",
    ]


def _table(quoted: Quoted) -> list[str]:
    first = GREEN_COLUMNS if _is_green(quoted) else COLUMNS
    columns: tuple[Column | SaleColumn, ...] = (*first, *SALE_COLUMNS)
    rows = [[column.title for column in columns]]
    for journey in quoted.journeys:
        cells = [column.cell(journey, quoted) for column in first]
        for sale in journey.sales:
            rows.append([*cells, *(column.cell(sale) for column in SALE_COLUMNS)])
            cells = [""] * len(first)
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    shaped = list(zip(widths, [column.right for column in columns], strict=True))
    return [
        _GAP.join(
            cell.rjust(width) if right else cell.ljust(width) for cell, (width, right) in zip(row, shaped, strict=True)
        ).rstrip()
        for row in rows
    ]


def _is_green(quoted: Quoted) -> bool:
    return any(journey.made_ppm is not None for journey in quoted.journeys)


def co2_line(quoted: Quoted) -> str:
    """In what CO2e is counted, and by whose factors; and whose chance `made` is."""
    modes = [one.mode if one.source == ASSUMED else f"{one.mode} ({one.source})" for one in quoted.emitted]
    assumed = "assumed " if all(one.source == ASSUMED for one in quoted.emitted) else ""
    made = "; made: chance of all connections" if _is_green(quoted) else ""
    return f"CO2e in kg, by {assumed}factors for {', '.join(modes) or 'no mode'}{made}"


def _journey_lines(journey: Journey, quoted: Quoted, width: int) -> list[str]:
    mark, lines = f"{journey.number:<3}", []
    for steps in stretch_steps(journey):
        lines += _filled(mark, steps, width)
        mark = _INDENT
    if quoted.explained:
        for text in why_texts(journey):
            lines += _wrapped(_INDENT, text, width)
    return lines


def why_texts(journey: Journey) -> list[str]:
    """Why a journey is there, products with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for sale in journey.sales:
        earliest, latest = (day_text(at, year=journey.arrives.year) for at in (sale.earliest, sale.latest))
        promise = f"promised from {earliest} to {latest}, {share_text(sale.confidence_ppm)} sure"
        reasons.setdefault(f"{sale.why}; {promise}", []).append(sale.product)
    return [f"{', '.join(products)}: {why}" for why, products in reasons.items()]


def _missing_lines(quoted: Quoted, width: int) -> list[str]:
    if not quoted.missing:
        return wrap(NOTHING_MISSING, width)
    lines = ["Not there, though one might expect it:"]
    for one in quoted.missing:
        lines += _wrapped("-  ", absent_text(one, quoted), width)
        lines += _filled(_INDENT, list(journey_steps(one.hops)), width)
        for why in one.why:
            lines += _wrapped(_INDENT, str(why), width)
    return lines


def absent_text(one: Absent, quoted: Quoted) -> str:
    """What a missing journey would have been."""
    arrives = day_text(one.arrives, year=quoted.ready.year)
    return f"{', '.join(one.products)}: would arrive {arrives}, {one.gain}, for {one.costs}"


def declined_texts(declined: Iterable[Declined]) -> list[str]:
    """Why products have no journey; those that are not sold there together."""
    texts: list[str] = []
    not_sold: dict[str, list[str]] = {}
    for one in declined:
        if one.why.code == "not_sold":
            not_sold.setdefault(one.why.wanted, []).append(one.product)
        else:
            texts.append(f"{one.product}: {one.why}")
    return texts + [f"not sold from {lane}: {', '.join(products)}" for lane, products in not_sold.items()]


def _filled(mark: str, steps: list[str], width: int) -> list[str]:
    """Steps of a journey on as few lines as hold them; a step is never broken."""
    lines, line = [], mark
    for step in steps:
        if len(line) > len(_INDENT) and len(line) + 1 + len(step) > width:
            lines.append(line)
            line = _INDENT + step
        else:
            line += step if len(line) <= len(_INDENT) else f" {step}"
    return [*lines, line]


def _wrapped(mark: str, text: str, width: int) -> list[str]:
    return wrap(
        text, width, initial_indent=mark, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
    )
