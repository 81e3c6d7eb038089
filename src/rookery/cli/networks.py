"""Networks: check and show a folder; make one from somebody else's timetable."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from rookery.cli.edge import app, fail, faults_text, open_network

if TYPE_CHECKING:
    from collections import Counter

    from rookery.journey.network.rows import Row

network_app = App(name="network", help="Check, show and make network folders.")
app.command(network_app)


@network_app.command
def check(folder: str) -> None:
    """Check a network folder and report every fault at once; and warn of guarantees that may not be had.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    from rookery.partners.folder.rules.shares import list_warnings

    network = open_network(folder)
    about = network.about
    rows = sum(len(getattr(network, name)) for name in network.__struct_fields__ if name != "snapshot")
    print(f"{about.network_id} {about.version}: {rows} rows, no faults, snapshot {network.snapshot[:12]}")
    for warning in list_warnings(network):
        print(f"warning: {warning}")


@network_app.command
def show(folder: str) -> None:
    """Print a summary of a network folder.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    from rookery.partners.folder.summary import summary_lines

    print("\n".join(summary_lines(open_network(folder))))


@network_app.command
def from_gtfs(feed: Path, folder: Path, *, keep_going: bool = False, change: int = 5, currency: str = "EUR") -> None:
    """Make a network folder from a GTFS feed: its stations, routes, trips and days.

    Args:
        feed: The feed: a zip, or a folder with its files.
        folder: Where the network goes; nothing may be there yet.
        keep_going: Leave trips with faults out and count them; otherwise one fault stops everything.
        change: Least minutes of a change where the feed states none.
        currency: Currency in which plans are compared; nothing is priced.
    """
    from rookery.partners.gtfs.network import Wanted, read_gtfs
    from rookery.partners.port import FileFaults

    try:
        made = read_gtfs(feed, Wanted(change_min=change, currency=currency, keep_going=keep_going))
    except FileFaults as faults:
        fail(faults_text(faults, "nothing was written"))
    except ValueError as wrong:
        fail(wrong)
    for fault in made.faults:
        print(fault, file=sys.stderr)
    _write(made.rows, made.counts, folder)
    if made.faults:
        sys.exit(1)


@network_app.command
def from_openflights(lists: Path, folder: Path, *, first: str = "2026-11-30", days: int = 28) -> None:
    """Make a network folder from the OpenFlights lists of airports and routes; times and holds are assumed.

    Args:
        lists: The folder with airports.dat and routes.dat.
        folder: Where the network goes; nothing may be there yet.
        first: First day of the timetable.
        days: How many days it holds.
    """
    import datetime as dt

    from rookery.partners.openflights.network import Season, read_openflights
    from rookery.partners.port import FileFaults

    try:
        rows, counts = read_openflights(lists, Season(dt.date.fromisoformat(first), days))
    except FileFaults as faults:
        fail(faults_text(faults, "nothing was written"))
    except ValueError as fault:
        fail(f"first {first!r}, days {days}: wanted a day such as 2026-11-30 and 1 to 366 days, found: {fault}")
    _write(rows, counts, folder)


def _write(rows: "Mapping[str, Sequence[Row]]", counts: "Counter[str]", folder: Path) -> None:
    """Write the network and say what is in it and what is not."""
    from rookery.partners.folder.write import write_new_network

    try:
        write_new_network(rows, folder)
    except (OSError, ValueError) as fault:
        fail(fault)
    told = ("facilities", "companies", "services", "variants", "stops", "calendars")
    print(f"{folder}: " + ", ".join(f"{len(rows[name])} {name}" for name in told))
    for what, count in sorted(counts.items()):
        if count:
            print(f"  {count} {what}")
