"""What holders asked and got, for a person at 80 columns; and the same under two policies side by side."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from rookery.hub.fair_runs import FairRun
from rookery.hub.report import HolderReport, Report
from rookery.hub.simulate import Came, Compared
from rookery.screen.shares import holder_name
from rookery.units import instant_text, span_text

COUNTS = ("asked", "got", "refused", "waiting", "lent", "borrowed", "recalled", "moved")
AMOUNTS = ("asked", "got", "refused", "lent", "borrowed", "recalled")
COLUMNS, NAME_WIDTH, AMOUNT_WIDTH = 80, 18, 10
COUNT_WIDTHS = (7, 7, 8, 8, 7, 9, 9, 6)
UNITS = ((1, ""), (1_000, "thousand "), (1_000_000, "million "))  # --json has all amounts whole
FITS = 1_000_000  # so many units are told in nine characters
RUNS_MAX = 10


def report_lines(report: Report, *, every: bool = False) -> Iterator[str]:
    """The report: requests by holder, why some were refused or moved, amounts by dimension, fairness.

    every  all runs of rounds, however many
    """
    yield f"shared capacity, {_when(report)}"
    yield ""
    yield _row("requests", [f"{title:>{width}}" for title, width in zip(COUNTS, COUNT_WIDTHS, strict=True)])
    for one in report.holders:
        cells = [f"{n:>{w},}" if n else " " * w for n, w in zip(_counts(one), COUNT_WIDTHS, strict=True)]
        if any(_counts(one)):
            yield _row(holder_name(one.holder), cells)
    yield from _reason_lines(report.holders)
    for dimension in _dimensions(report.holders):
        yield ""
        yield from _amount_lines(dimension, report.holders)
    yield ""
    yield from _fairness_lines(report, every=every)


def _amount_lines(dimension: str, holders: Iterable[HolderReport]) -> Iterator[str]:
    """Amounts of one dimension, all in the same unit: the smallest in which the largest of them fits."""
    rows = {one.holder: [getattr(one, title).amounts.get(dimension, 0) for title in AMOUNTS] for one in holders}
    largest = max(map(max, rows.values()))
    unit, called = next((one for one in UNITS if largest < FITS * one[0]), UNITS[-1])
    yield _row(f"{called}{dimension}", [f"{title:>{AMOUNT_WIDTH}}" for title in AMOUNTS])
    for holder, amounts in rows.items():
        if any(amounts):
            yield _row(holder_name(holder), [f"{amount_text(n, unit) if n else '':>{AMOUNT_WIDTH}}" for n in amounts])


def amount_text(amount: int, unit: int) -> str:
    """A number of units: whole, or to one decimal; what is less than that is not told as nothing."""
    tenths = (10 * amount + unit // 2) // unit
    return f"{amount:,}" if unit == 1 else f"{tenths / 10:,.1f}" if tenths else "< 0.1"


def _when(report: Report) -> str:
    if not report.from_at and report.to_at is None:
        return "all days of the ledger"
    begins = f"from {instant_text(report.from_at)} " if report.from_at else ""
    return f"{begins}until {instant_text(report.to_at)}" if report.to_at is not None else f"{begins}on"


def _row(name: str, cells: Iterable[str]) -> str:
    shown = name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
    return f"{shown:{NAME_WIDTH}}{''.join(cells)}".rstrip()


def _counts(one: HolderReport) -> tuple[int, ...]:
    made = (one.asked, one.got, one.refused, one.waiting, one.lent, one.borrowed, one.recalled, one.moved)
    return tuple(total if isinstance(total, int) else total.count for total in made)


def _reason_lines(holders: Sequence[HolderReport]) -> Iterator[str]:
    refused = {one.holder: _told(one.refused_by, ("withdrawn while waiting", one.withdrawn)) for one in holders}
    yield from _block("refused because", refused)
    yield from _block("changes refused because", {one.holder: _told(one.unchanged, ("", 0)) for one in holders})
    moved = {one.holder: _told(one.moved_by, ("of them without a way on", one.cases)) for one in holders}
    yield from _block("moved because", moved)
    yield from _block("promises on lent space", {one.holder: _promises(one) for one in holders})


def _told(reasons: dict[str, int], more: tuple[str, int]) -> list[str]:
    return [f"{reason} {count:,}" for reason, count in (*sorted(reasons.items()), more) if count]


def _promises(one: HolderReport) -> list[str]:
    told = (("at risk if that is recalled", one.at_risk), ("broken by a recall", one.broken))
    return [f"{what} {count:,}" for what, count in told if count]


def _block(title: str, told: dict[str, list[str]]) -> Iterator[str]:
    if any(told.values()):
        yield ""
        yield title
    for holder, reasons in told.items():
        if reasons:
            yield from wrap(f"  {holder_name(holder)}: {', '.join(reasons)}", COLUMNS, subsequent_indent="    ")


def _dimensions(holders: Iterable[HolderReport]) -> list[str]:
    return list(dict.fromkeys(name for one in holders for title in AMOUNTS for name in getattr(one, title).amounts))


def _fairness_lines(report: Report, *, every: bool) -> Iterator[str]:
    if not report.rounds:
        yield "fairness: no rounds"
        return
    if not report.runs:
        yield f"fairness: {report.rounds:,} rounds, in none of which two holders were backlogged together"
        return
    yield f"fairness over {report.rounds:,} rounds (Jain's index of the left-over by weight)"
    for run in report.runs[: None if every else RUNS_MAX]:
        yield from _run_lines(run)
    if not every and len(report.runs) > RUNS_MAX:
        yield f"  and {len(report.runs) - RUNS_MAX:,} more runs of rounds; --all shows them"


def _run_lines(run: FairRun) -> Iterator[str]:
    level = holder_name(run.level)
    index = f"{run.fairness_ppm / 1_000_000:.3f}" if any(run.got) else "    -"  # nobody got any
    yield f"  {index}  {run.service}, {run.rounds:,} in a row, under {level}"
    for side, got, weight in zip(run.sides, run.got, run.weights, strict=True):
        name = "its own" if side == run.level else side
        yield f"         {name}: {got / 10_000:.4f} % of the capacity, weight {weight}"


# --- two policies

TITLES = ("", "this policy", "other policy", "change")
WIDTHS = (30, 16, 16, 16)


def compared_lines(compared: Compared) -> Iterator[str]:
    """Both policies side by side: orders, cost, utilisation, then holder by holder, requests and what they got."""
    own, other = compared.own, compared.other
    yield f"{compared.messages:,} messages; {compared.set_aside:,} that the other policy does not take"
    yield ""
    yield _compared_row(*TITLES)
    for name in ("orders", "booked", "refused", "waiting", "cancelled", "late"):
        yield _number_row(name, getattr(own, name), getattr(other, name))
    yield _compared_row("ordered to arrived, mean", span_text(own.takes_s), span_text(other.takes_s), "")
    yield _compared_row(f"cost, {own.currency}", own.cost, other.cost, "")
    yield _compared_row("cost of a booked order, mean", own.cost_each, other.cost_each, "")
    for dimension in sorted({*own.used, *other.used}):
        yield _compared_row(f"used, {dimension}", used_text(own, dimension), used_text(other, dimension), "")
    for title in COUNTS:
        rows = list(_holder_rows(title, own.report, other.report))
        if rows:
            yield ""
            yield title
            yield from rows
    for dimension in _dimensions((*own.report.holders, *other.report.holders)):
        rows = list(_got_rows(dimension, own.report, other.report))
        if rows:
            yield ""
            yield f"got, {dimension}"
            yield from rows


def used_text(came: Came, dimension: str) -> str:
    """How much of the limits of what either policy used was used."""
    limit = came.limits[dimension]
    return f"{100 * came.used.get(dimension, 0) / limit:.3g} %" if limit else ""


def _holder_rows(title: str, own: Report, other: Report) -> Iterator[str]:
    place = COUNTS.index(title)
    ours, theirs = ({one.holder: _counts(one)[place] for one in made.holders} for made in (own, other))
    yield from _side_by_side(ours, theirs)


def _got_rows(dimension: str, own: Report, other: Report) -> Iterator[str]:
    """What each holder's requests got of a dimension; two legs count twice, as in the report."""
    ours, theirs = ({one.holder: one.got.amounts.get(dimension, 0) for one in made.holders} for made in (own, other))
    yield from _side_by_side(ours, theirs)


def _side_by_side(ours: dict[str, int], theirs: dict[str, int]) -> Iterator[str]:
    for holder in dict.fromkeys((*ours, *theirs)):
        if ours.get(holder) or theirs.get(holder):
            yield _number_row(f"  {holder_name(holder)}", ours.get(holder, 0), theirs.get(holder, 0))


def _number_row(name: str, own: int, other: int) -> str:
    change = _number(other - own, "+") if other != own else ""
    return _compared_row(name, _number(own), _number(other), change)


def _number(number: int, sign: str = "") -> str:
    """A number that leaves a gap to the one before it; --json has it whole."""
    whole = f"{number:{sign},}"
    return whole if len(whole) < min(WIDTHS) else f"{number / 1_000_000:{sign},.1f} M"


def _compared_row(*cells: str) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:{first[1]}}{''.join(f'{cell:>{width}}' for cell, width in rest)}".rstrip()
