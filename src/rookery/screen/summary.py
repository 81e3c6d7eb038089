"""What the command line shows of a run: progress bars, and tables of what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from rookery.hub.summary import Summary, Used

TABLE_ROWS_MAX = 10
NAME_WIDTH = 60


@contextmanager
def progress_bar(what: str, total: int, *, quiet: bool) -> Iterator[Callable[[Any], None]]:
    """A progress bar on the error stream; yields the function that moves it, given a count or what has `done`."""
    if quiet:
        yield lambda done: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done if isinstance(done, int) else done.done)
        bar.update(task, completed=total)


def print_summary(summary: Summary) -> None:
    """The summary of a ledger as tables."""
    console = Console(soft_wrap=True)
    for title, rows in _blocks(summary):
        table = Table(title=title, show_header=False, title_justify="left", box=None, padding=(0, 2))
        for cells in rows:
            table.add_row(*cells)
        console.print(table)
    for title, used in (("Hubs", summary.hubs), ("Lanes", summary.lanes), ("Warehouses", summary.warehouses)):
        if used:
            console.print(_used_table(f"{title}: capacity used where anything was", used))


def _blocks(summary: Summary) -> list[tuple[str, list[tuple[str, str]]]]:
    orders = [("orders", f"{summary.orders:,}"), ("booked", f"{summary.booked:,}"), ("refused", f"{summary.refused:,}")]
    orders += [
        (name, f"{count:,}")
        for name, count in (("waiting", summary.waiting), ("cancelled", summary.cancelled), ("cases", summary.cases))
        if count
    ]
    blocks = [("Orders", orders)]
    if summary.reasons:
        blocks.append(("Refused because", [(code, f"{count:,}") for code, count in summary.reasons.items()]))
        blocks.append(
            ("What bound most often", [(_short(name), f"{count:,}") for name, count in summary.bindings.items()])
        )
    if summary.parcels:
        parcels = [("parcels", f"{summary.parcels:,}")]
        parcels += [(status, f"{count:,}") for status, count in sorted(summary.parcel_statuses.items())]
        if summary.delivered:
            parcels.append(("delivered late", f"{summary.late:,} ({100 * summary.late / summary.delivered:.1f} %)"))
        blocks.append(("Parcels", parcels))
    money = [("cost", f"{summary.cost} {summary.currency}"), ("sold for", f"{summary.sold} {summary.currency}")]
    if list(summary.prices) not in ([], [summary.currency]):
        money.append(("of that in", ", ".join(f"{amount} {currency}" for currency, amount in summary.prices.items())))
    blocks.append(("Money", money))
    return blocks


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


def _used_table(title: str, used: dict[str, Used]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
    for name, justify in (
        ("", "left"),
        ("dated", "right"),
        ("used", "right"),
        ("of", "right"),
        ("share", "right"),
        ("fullest", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    rows = sorted(used.items(), key=lambda item: (-item[1].share, item[0]))
    for name, one in rows[:TABLE_ROWS_MAX]:
        fullest = f"{one.fullest_ppm / 10_000:.1f} %"
        table.add_row(
            name,
            f"{one.resources:,}",
            f"{one.used:,}",
            f"{one.limit:,} {one.dimension}",
            f"{100 * one.share:.2f} %",
            fullest,
        )
    if len(rows) > TABLE_ROWS_MAX:
        table.add_row(f"and {len(rows) - TABLE_ROWS_MAX} more", "", "", "", "", "")
    return table
