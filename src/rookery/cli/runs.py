"""Runs: a file of orders, or a seeded day, from order to booking and to the door."""

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rookery.cli.edge import (
    DEFAULT_LEDGER,
    LedgerPath,
    NetworkName,
    app,
    fail,
    open_bound,
    open_look,
    open_network,
    ready_engine,
)

if TYPE_CHECKING:
    from rookery.hub.run import BadRow, Rounds
    from rookery.hub.spine import Hub
    from rookery.journey.network.whole import Network
    from rookery.partners.orders.file import OrderLineRead


@app.command
def run(
    *,
    network: NetworkName = "backbone",
    orders: Path,
    ledger: LedgerPath = DEFAULT_LEDGER,
    rounds: Literal["each", "day", "file"] = "each",
    results: Path | None = None,
    keep_going: bool = False,
    carry: int | None = None,
    json: bool = False,
) -> None:
    """Take a file of orders from order to booking, and say where everything ended. Started again, it goes on.

    Args:
        orders: CSV or NDJSON, see docs/orders.md.
        rounds: Decide each order as it comes, those of a day together, or the whole file together.
        results: Write one row per order here; .csv, .ndjson or .parquet.
        keep_going: Leave bad rows out and go on; otherwise one bad row stops everything before it begins.
        carry: Play seeded carriers from this number until every journey ends.
        json: Print the summary as JSON.
    """
    from rookery.hub.open import open_hub
    from rookery.hub.run import read_run
    from rookery.hub.write import ResultsFault, check_place
    from rookery.ledger.log import LedgerFault
    from rookery.partners.orders.file import OrderFileFault

    loaded = open_bound(network, ledger)
    ready_engine()
    try:
        if results is not None:
            check_place(results, kept=[orders, *([ledger] if isinstance(ledger, Path) else [])])
        good, bad = read_run(orders, loaded)
        for row in bad:
            print(f"{orders} {row}", file=sys.stderr)
        if bad and not keep_going:
            fail(f"{len(bad)} bad rows, nothing was done; correct them, or leave them out with --keep-going")
        hub = open_hub(loaded, ledger)
    except (OrderFileFault, LedgerFault, ResultsFault) as fault:
        fail(fault)
    failed = _run(hub, good, rounds, carry, network=loaded, quiet=json)
    for row in failed:
        print(f"{orders} {row}", file=sys.stderr)
    _finish(hub, results, json=json)
    if bad or failed:
        sys.exit(1)


def _run(
    hub: "Hub", orders: "list[OrderLineRead]", rounds: "Rounds", carry: int | None, *, network: "Network", quiet: bool
) -> "list[BadRow]":
    """Send orders, then play carriers if asked; returns what was not taken."""
    from rookery.hub.run import run_messages, run_orders
    from rookery.ledger.log import LedgerFault
    from rookery.screen.summary import progress_bar
    from rookery.sim.carriers import Carriers

    try:
        with progress_bar("orders", len(orders), quiet=quiet) as told:
            done = run_orders(hub, orders, rounds, told)
        if carry is not None:
            messages = Carriers(network, carry).messages(hub.ledger.list_outbox())
            with progress_bar("messages of carriers", len(messages), quiet=quiet) as told:
                run_messages(hub, messages, told)
    except LedgerFault as fault:
        fail(fault)
    except sqlite3.Error as fault:
        fail(f"ledger {hub.ledger.path}: wanted to write, found: {fault}; what was committed stands, run again")
    return done.bad


def _finish(hub: "Hub", results: Path | None, *, json: bool) -> None:
    import msgspec

    from rookery.hub.look import Look
    from rookery.hub.summary import summarise
    from rookery.hub.write import ResultsFault, write_results
    from rookery.screen.summary import print_summary

    look = Look(hub.ledger)
    summary = summarise(look, hub.world)
    count = 0
    if results is not None:  # before anything is printed: who closes our output still gets the file
        try:
            count = write_results(look.results(), results)
        except ResultsFault as fault:
            fail(f"{fault}; the orders are done, run the same command again to write their results")
    hub.ledger.close()
    if json:
        print(msgspec.json.encode(summary).decode())
        return
    print_summary(summary)
    if results is not None:
        print(f"{count} results in {results}")


@app.command
def demo(
    *, orders: int = 1000, seed: int = 1, ledger: Path = Path("build/demo.ledger"), network: str = "backbone"
) -> None:
    """A seeded day of orders on the built-in network, from file to door.

    Args:
        orders: How many orders.
        seed: The chance it is drawn from; the same seed gives the same day.
        ledger: Where the ledger goes; that of an earlier demonstration is replaced.
    """
    from rookery.hub.look import Look
    from rookery.hub.open import open_demo_hub
    from rookery.hub.story import story_lines
    from rookery.ledger.log import LedgerFault
    from rookery.sim.demand import Demand, first_day
    from rookery.sim.demand import orders as seeded_orders

    loaded = open_network(network)
    ready_engine()
    try:
        hub = open_demo_hub(loaded, ledger)
    except LedgerFault as fault:
        fail(fault)
    day = first_day(loaded)
    print(f"{loaded.about.name}: {orders} orders of {day}, seed {seed}; ledger {ledger}")
    _run(hub, seeded_orders(loaded, Demand(orders, day, seed)), "each", seed, network=loaded, quiet=False)
    look = Look(hub.ledger)
    story = look.find_longest_story()
    _finish(hub, None, json=False)
    if story:
        print(f"\nOne parcel's story (rookery track {story} --ledger {ledger} --network {network})\n")
        print("\n".join(story_lines(open_look(ledger), story, hub.world)))
