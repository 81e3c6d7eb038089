"""Shared capacity: who has what, what came of it, who stood in whose way, what another policy would have given."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from rookery.cli.edge import DEFAULT_LEDGER, LedgerPath, app, fail, faults_text, open_bound, open_filled, ready_engine

if TYPE_CHECKING:
    from rookery.screen.plots import Plotted

shares_app = App(name="shares", help="Look at capacity that several holders share.")
app.command(shares_app)

FromDay = Annotated[str, Parameter(name="--from", help="The first day, UTC, such as 2026-11-09.")]
ToDay = Annotated[str, Parameter(name="--to", help="The last day, UTC.")]
Every = Annotated[bool, Parameter(name="--all", negative="", help="Leave nothing out.")]
PlotPath = Annotated[Path | None, Parameter(name="--plot", help="Draw it: .png or .svg, with the extra.")]


@shares_app.command
def show(
    begins: str = "", *, network: str = "backbone", ledger: LedgerPath = DEFAULT_LEDGER, json: bool = False
) -> None:
    """Show who is guaranteed and who uses what of each shared resource.

    Args:
        begins: How the names of the resources begin, such as departure:LGG-MAD; blank: all of which some was used.
        network: The network folder that the ledger was made with.
        json: Print JSON, one line for each resource and dimension.
    """
    import msgspec

    from rookery.hub.shares import list_shared
    from rookery.journey.desk import Policy, World
    from rookery.screen.folded import screen_text
    from rookery.screen.shares import shared_lines

    look = open_filled(ledger)
    found = list(list_shared(look, World(open_bound(network, ledger), Policy()), begins))
    if not found:
        todo = "book something first, name another beginning, or share it in shares.csv"
        which = f"that begins with {begins!r}" if begins else "of which anything was used"
        fail(f"shares: wanted a shared resource {which}, found none in {ledger}; {todo}", status=1)
    rows = (msgspec.json.encode(one).decode() for one in found)
    print("\n".join(rows) if json else screen_text(shared_lines(found)).rstrip())


@shares_app.command
def report(
    *,
    from_day: FromDay = "",
    to_day: ToDay = "",
    network: str = "backbone",
    ledger: LedgerPath = DEFAULT_LEDGER,
    plot: PlotPath = None,
    every: Every = False,
    json: bool = False,
) -> None:
    """Report what each holder asked of shared capacity and got, was refused, lent, borrowed and lost again.

    Args:
        network: The network folder that the ledger was made with.
        json: Print JSON.
    """
    import msgspec

    from rookery.hub.report import read_days
    from rookery.hub.report import report as made
    from rookery.journey.desk import Policy, World
    from rookery.screen.folded import screen_text
    from rookery.screen.plots import report_plot
    from rookery.screen.report import report_lines

    _check_plot(plot)
    look, world = open_filled(ledger), World(open_bound(network, ledger), Policy())
    try:
        found = made(look, world, *read_days(from_day, to_day))
    except ValueError as fault:
        fail(fault)
    if not found.holders:
        todo = "name other days" if from_day or to_day else "book orders, or hold space"
        fail(f"shares: wanted requests{_days(from_day, to_day)}, found none in {ledger}; {todo}", status=1)
    _draw(plot, report_plot(found))
    print(msgspec.json.encode(found).decode() if json else screen_text(report_lines(found, every=every)))
    _say_drawn(plot, json=json)


@shares_app.command
def conflicts(
    *,
    from_day: FromDay = "",
    to_day: ToDay = "",
    network: str = "backbone",
    ledger: LedgerPath = DEFAULT_LEDGER,
    plot: PlotPath = None,
    every: Every = False,
    json: bool = False,
) -> None:
    """List who wanted the same shared capacity, who won, and what it cost the loser.

    Args:
        network: The network folder that the ledger was made with.
        json: Print JSON, one line for each conflict.
    """
    import msgspec

    from rookery.hub.conflicts import list_conflicts
    from rookery.hub.report import read_days
    from rookery.journey.desk import Policy, World
    from rookery.screen.conflicts import conflict_lines
    from rookery.screen.folded import screen_text
    from rookery.screen.plots import conflicts_plot

    _check_plot(plot)
    look, world = open_filled(ledger), World(open_bound(network, ledger), Policy())
    try:
        found = list_conflicts(look, world, *read_days(from_day, to_day))
    except ValueError as fault:
        fail(fault)
    if not found:
        fail(f"shares: no conflicts in {ledger}{_days(from_day, to_day)}: nobody stood in another's way", status=1)
    _draw(plot, conflicts_plot(found))
    rows = (msgspec.json.encode(one).decode() for one in found)
    print("\n".join(rows) if json else screen_text(conflict_lines(found, every=every)).rstrip())
    _say_drawn(plot, json=json)


@shares_app.command
def simulate(
    *,
    policy: Path,
    network: str = "backbone",
    ledger: LedgerPath = DEFAULT_LEDGER,
    plot: PlotPath = None,
    json: bool = False,
) -> None:
    """Give the same messages to a hub with another policy, and show both side by side. Nothing is kept of it.

    Args:
        policy: A folder with some of holders.csv, shares.csv, blocks.csv, allotments.csv, facility_capacities.csv,
            rounds.csv, bid_prices.csv, products.csv; the others are those of the network.
        network: The network folder that the ledger was made with.
        json: Print JSON.
    """
    import msgspec

    from rookery.hub import simulate as hub
    from rookery.hub.network import network_path
    from rookery.partners.folder.faults import NetworkFaults
    from rookery.screen.plots import compared_plot
    from rookery.screen.report import compared_lines
    from rookery.screen.summary import progress_bar

    _check_plot(plot)
    look, bound = open_filled(ledger), open_bound(network, ledger)
    try:
        other = hub.read_other(network_path(network), policy)
    except NetworkFaults as faults:
        fail(faults_text(faults, "nothing was simulated"))
    except ValueError as fault:
        fail(fault)
    ready_engine()
    with progress_bar("messages", 2 * look.ledger.count("message"), quiet=json) as told:
        found = hub.simulate(look, bound, other, told)
    _draw(plot, compared_plot(found))
    print(msgspec.json.encode(found).decode() if json else "\n".join(compared_lines(found)))
    _say_drawn(plot, json=json)


def _days(from_day: str, to_day: str) -> str:
    return " of those days" if from_day or to_day else ""


# --- plots


def _check_plot(path: Path | None) -> None:
    """End now if nothing could be drawn there later."""
    from rookery.screen.plots import PlotFault, check_plot

    try:
        if path is not None:
            check_plot(path)
    except PlotFault as fault:
        fail(fault)


def _draw(path: Path | None, plotted: "Plotted") -> None:
    """Before anything is printed: who closes our output still gets the file."""
    from rookery.screen.plots import PlotFault, write_plot

    try:
        if path is not None:
            write_plot(path, plotted)
    except PlotFault as fault:
        fail(fault)


def _say_drawn(path: Path | None, *, json: bool) -> None:
    if path is not None and not json:
        print(f"\nplot in {path}")
