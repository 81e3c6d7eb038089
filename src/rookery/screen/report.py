"""What holders asked and got, for a person at 80 columns; and the same under two policies side by side."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from rookery.hub.report import END, FairRun, HolderReport, Report
from rookery.hub.simulate import Came, Compared
from rookery.screen.shares import holder_name
from rookery.units import instant_text, span_text

COUNTS = ("asked", "got", "refused", "waiting", "lent", "borrowed", "recalled", "moved")
AMOUNTS = ("asked", "got", "refused", "lent", "borrowed", "recalled")
COLUMNS, NAME_WIDTH, AMOUNT_WIDTH = 80, 18, 10
COUNT_WIDTHS = (7, 7, 8, 8, 7, 9, 9, 6)
WHOLE_MAX = 100_000  # a larger amount is told in thousands or millions; --json has it whole
RUNS_MAX = 10


def report_lines(report: Report) -> Iterator[str]:
    """The report: requests by holder, why some were refused, amounts by dimension, fairness."""
    yield f"shared capacity, {_when(report)}"
    yield ""
    yield _row("requests", [f"{title:>{width}}" for title, width in zip(COUNTS, COUNT_WIDTHS, strict=True)])
    for one in report.holders:
        cells = [f"{n:>{w},}" if n else " " * w for n, w in zip(_counts(one), COUNT_WIDTHS, strict=True)]
        yield _row(holder_name(one.holder), cells)
    yield from _reason_lines(report.holders)
    for dimension in _dimensions(report.holders):
        yield ""
        yield _row(dimension, [f"{title:>{AMOUNT_WIDTH}}" for title in AMOUNTS])
        for one in report.holders:
            amounts = [getattr(one, title).amounts.get(dimension, 0) for title in AMOUNTS]
            if any(amounts):
                cells = [f"{amount_short(n) if n else '':>{AMOUNT_WIDTH}}" for n in amounts]
                yield _row(holder_name(one.holder), cells)
    yield ""
    yield from _fairness_lines(report)


def amount_short(amount: int) -> str:
    """An amount in at most nine characters."""
    if amount < WHOLE_MAX:
        return f"{amount:,}"
    return f"{amount / 1_000:,.1f} k" if amount < 10_000_000 else f"{amount / 1_000_000:,.1f} M"


def _when(report: Report) -> str:
    if not report.from_at and report.to_at == END:
        return "all days of the ledger"
    begins = f"from {instant_text(report.from_at)} " if report.from_at else ""
    return f"{begins}until {instant_text(report.to_at)}" if report.to_at != END else f"{begins}on"


def _row(name: str, cells: Iterable[str]) -> str:
    shown = name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
    return f"{shown:{NAME_WIDTH}}{''.join(cells)}".rstrip()


def _counts(one: HolderReport) -> tuple[int, ...]:
    made = (one.asked, one.got, one.refused, one.waiting, one.lent, one.borrowed, one.recalled, one.moved)
    return tuple(total if isinstance(total, int) else total.count for total in made)


def _reason_lines(holders: Iterable[HolderReport]) -> Iterator[str]:
    told = [one for one in holders if one.refused_by or one.withdrawn or one.cases]
    if told:
        yield ""
        yield "refused because"
    for one in told:
        reasons = [f"{reason} {count:,}" for reason, count in sorted(one.refused_by.items())]
        reasons += [f"withdrawn while waiting {one.withdrawn:,}"] if one.withdrawn else []
        reasons += [f"later without a way on {one.cases:,}"] if one.cases else []
        yield from wrap(f"  {holder_name(one.holder)}: {', '.join(reasons)}", COLUMNS, subsequent_indent="    ")


def _dimensions(holders: Iterable[HolderReport]) -> list[str]:
    return list(dict.fromkeys(name for one in holders for title in AMOUNTS for name in getattr(one, title).amounts))


def _fairness_lines(report: Report) -> Iterator[str]:
    if not report.rounds:
        yield "fairness: no rounds"
        return
    if not report.runs:
        yield f"fairness: {report.rounds:,} rounds, in none of which two holders were backlogged together"
        return
    yield f"fairness over {report.rounds:,} rounds (Jain's index of the left-over by weight)"
    for run in report.runs[:RUNS_MAX]:
        yield from _run_lines(run)
    if len(report.runs) > RUNS_MAX:
        yield f"  and {len(report.runs) - RUNS_MAX:,} more runs of rounds"


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
    """Both policies side by side: orders, cost, utilisation, then holder by holder."""
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


def used_text(came: Came, dimension: str) -> str:
    """How much of the limits of what either policy used was used."""
    limit = came.limits[dimension]
    return f"{100 * came.used.get(dimension, 0) / limit:.3g} %" if limit else ""


def _holder_rows(title: str, own: Report, other: Report) -> Iterator[str]:
    place = COUNTS.index(title)
    ours, theirs = ({one.holder: _counts(one)[place] for one in made.holders} for made in (own, other))
    for holder in dict.fromkeys((*ours, *theirs)):
        if ours.get(holder) or theirs.get(holder):
            yield _number_row(f"  {holder_name(holder)}", ours.get(holder, 0), theirs.get(holder, 0))


def _number_row(name: str, own: int, other: int) -> str:
    return _compared_row(name, f"{own:,}", f"{other:,}", f"{other - own:+,}" if other != own else "")


def _compared_row(*cells: str) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:{first[1]}}{''.join(f'{cell:>{width}}' for cell, width in rest)}".rstrip()
