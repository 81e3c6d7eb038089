"""The command line. Each command opens what it needs, asks the hub, and prints; the work is done elsewhere.

Imports stand inside the commands: `rookery --help` should not wait for solvers and calendars.
Exit status: 0 done, 1 nothing found or an answer of no, 2 bad input, 130 interrupted (run it again to go on).
"""

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

from cyclopts import App, Parameter

import rookery

if TYPE_CHECKING:
    from rookery.hub.look import Look
    from rookery.hub.run import BadRow, Rounds
    from rookery.hub.spine import Hub
    from rookery.journey.network.whole import Network
    from rookery.partners.orders.file import OrderLineRead

app = App(
    name="rookery",
    version=rookery.__version__,
    help="An open logistics network in one program.",
    suppress_keyboard_interrupt=False,  # `main` says what an interruption leaves
)
network_app = App(name="network", help="Check and show a network folder.")
app.command(network_app)

NetworkName = Annotated[str, Parameter(name=["--network", "-n"], help="Network folder, or a built-in network.")]
LedgerPath = Annotated[Path, Parameter(name=["--ledger", "-l"], help="Ledger file.")]
DEFAULT_LEDGER = Path("rookery.ledger")


def main() -> None:
    """Entry point of the `rookery` command."""
    try:
        app()
    except KeyboardInterrupt:
        _fail("interrupted: what was committed stands; run the same command again to go on", status=130)
    except sqlite3.DatabaseError as fault:
        _fail(f"ledger: wanted a whole SQLite file, found: {fault}; go back to a copy of it")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _fail(text: object, *, status: int = 2) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(status)


# --- networks


@network_app.command
def check(folder: str) -> None:
    """Check a network folder and report every fault at once.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    network = _open_network(folder)
    about = network.about
    rows = sum(len(getattr(network, name)) for name in network.__struct_fields__ if name != "snapshot")
    print(f"{about.network_id} {about.version}: {rows} rows, no faults, snapshot {network.snapshot[:12]}")


@network_app.command
def show(folder: str) -> None:
    """Print a summary of a network folder.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    from rookery.partners.folder.summary import summary_lines

    print("\n".join(summary_lines(_open_network(folder))))


def _open_network(name: str) -> "Network":
    from rookery.hub.open import open_network
    from rookery.partners.folder.faults import NetworkFaults

    try:
        return open_network(name)
    except FileNotFoundError as fault:
        _fail(fault)
    except NetworkFaults as faults:
        _fail(f"{faults}\n{len(faults.faults)} faults; nothing was loaded")


def _open_bound(name: str, ledger: Path) -> "Network":
    """A network, once the ledger is known to be bound to it or not to be there yet."""
    from rookery.hub.open import check_bound
    from rookery.ledger.log import LedgerFault

    network = _open_network(name)
    try:
        check_bound(ledger, network)
    except LedgerFault as fault:
        _fail(fault)
    return network


# --- plans


@app.command
def plan(
    origin: str,
    destination: str,
    *,
    network: NetworkName = "backbone",
    ready: str = "",
    weight: str = "1kg",
    volume: int = 0,
    pieces: int = 1,
    goods: str = "general",
    product: str = "",
    ledger: Path | None = None,
    explain: bool = False,
    map_to: Annotated[Path | None, Parameter(name="--map")] = None,
    json: bool = False,
) -> None:
    """Show the useful plans from one place to another: a table, the way each goes, and on request why and a map.

    Args:
        origin: A facility id, or a country and postcode such as "ES 28001".
        destination: Likewise.
        ready: When the goods are ready, such as 2026-11-23T09:00+08:00; now if left out.
        weight: Weight in all, such as 350g or 1.2kg.
        volume: Volume in all, in cm3.
        pieces: Number of pieces.
        goods: Goods class.
        product: Only this product.
        ledger: Take the capacity used in this ledger into account.
        explain: Tell why each plan is there, and what stopped the one that might be expected.
        map_to: Draw the plans on a map: .html, or .png with the extra.
        json: Print the plans as JSON.
    """
    from rookery.hub.clock import now
    from rookery.hub.explain import find_missing
    from rookery.hub.journeys import facilities, quoted
    from rookery.hub.open import read_state
    from rookery.hub.quote import Wish, quote, read_spot
    from rookery.journey.desk import Policy, World
    from rookery.ledger.log import LedgerFault
    from rookery.screen.maps import MapFault, write_map
    from rookery.screen.plans import print_quoted
    from rookery.units import read_instant, read_mass

    loaded = _open_network(network)
    world = World(loaded, Policy())
    try:
        wish = Wish(
            origin=read_spot(origin, world),
            destination=read_spot(destination, world),
            ready_at=read_instant(ready) if ready else now(),
            grams=read_mass(weight),
            cm3=volume,
            pieces=pieces,
            goods_class=goods,
            product_id=product,
        )
        state = read_state(ledger, loaded)
        offers, refusals = quote(wish, world, state)
        missing = find_missing(wish, offers, world, state) if explain else None
        shown = quoted(wish, offers, refusals, world, missing)
        if map_to is not None:  # before anything is printed: who closes our output still gets the file
            write_map(map_to, shown, facilities(world))
    except (ValueError, LedgerFault, MapFault) as fault:
        _fail(fault)
    print_quoted(shown, json=json)
    if map_to is not None and not json:
        print(f"\nmap in {map_to}")
    if not offers:
        sys.exit(1)


# --- runs


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

    loaded = _open_bound(network, ledger)
    try:
        if results is not None:
            check_place(results, kept=(orders, ledger))
        good, bad = read_run(orders, loaded)
        for row in bad:
            print(f"{orders} {row}", file=sys.stderr)
        if bad and not keep_going:
            _fail(f"{len(bad)} bad rows, nothing was done; correct them, or leave them out with --keep-going")
        hub = open_hub(loaded, ledger)
    except (OrderFileFault, LedgerFault, ResultsFault) as fault:
        _fail(fault)
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
        _fail(fault)
    except sqlite3.Error as fault:
        _fail(f"ledger {hub.ledger.path}: wanted to write, found: {fault}; what was committed stands, run again")
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
            _fail(f"{fault}; the orders are done, run the same command again to write their results")
    hub.ledger.close()
    if json:
        print(msgspec.json.encode(summary).decode())
        return
    print_summary(summary)
    if results is not None:
        print(f"{count} results in {results}")


# --- looking


@app.command
def track(name: str, *, ledger: LedgerPath = DEFAULT_LEDGER, network: str = "") -> None:
    """Tell the story behind a waybill number, an order reference or an id.

    Args:
        name: Waybill number, order reference (owner:reference where several share one), or an id such as ord_...
        network: The network folder, for local times.
    """
    from rookery.hub.story import story_lines
    from rookery.journey.desk import Policy, World

    look = _open_look(ledger)
    world = World(_open_bound(network, ledger), Policy()) if network else None
    _print_or_fail(story_lines(look, name, world), name, ledger)


@app.command
def why(name: str, *, ledger: LedgerPath = DEFAULT_LEDGER) -> None:
    """Explain a decision: the rule, the candidates with their numbers, what it was based on.

    Args:
        name: An id such as dec_..., a waybill number or an order reference.
    """
    from rookery.hub.story import why_lines

    _print_or_fail(why_lines(_open_look(ledger), name), name, ledger)


def _open_look(ledger: Path) -> "Look":
    from rookery.hub.look import Look
    from rookery.hub.open import open_ledger
    from rookery.ledger.log import LedgerFault

    try:
        return Look(open_ledger(ledger))
    except LedgerFault as fault:
        _fail(fault)


def _print_or_fail(lines: list[str], name: str, ledger: Path) -> None:
    if not lines:
        todo = "check the number; where several owners use one reference, write owner:reference"
        _fail(f"{name}: wanted something that {ledger} knows, found nothing; {todo}", status=1)
    print("\n".join(lines))


@app.command
def replay(ledger: Path, *, network: str = "") -> None:
    """Rebuild a ledger's views from its facts and compare; with --network also its facts from its messages.

    Args:
        ledger: The ledger file.
        network: The network it was made with: then every decision is taken again and compared byte for byte.
    """
    from rookery.hub.replay import decide_again, fold_again
    from rookery.screen.summary import progress_bar

    look = _open_look(ledger)
    with progress_bar("facts", look.ledger.count("fact"), quiet=False) as told:
        found = fold_again(look.ledger, told)
    print(f"views: {found.rows} rows rebuilt from {look.ledger.count('fact')} facts, {found.difference_count} differ")
    for difference in found.differences:
        print(f"  {difference}")
    wrong = bool(found.difference_count)
    if network:
        again = decide_again(look.ledger, _open_bound(network, ledger))
        print(f"decisions: {again.facts} facts decided again, {again.difference or 'none differs'}")
        wrong = wrong or bool(again.difference)
    if wrong:
        sys.exit(1)


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

    loaded = _open_network(network)
    try:
        hub = open_demo_hub(loaded, ledger)
    except LedgerFault as fault:
        _fail(fault)
    day = first_day(loaded)
    print(f"{loaded.about.name}: {orders} orders of {day}, seed {seed}; ledger {ledger}")
    _run(hub, seeded_orders(loaded, Demand(orders, day, seed)), "each", seed, network=loaded, quiet=False)
    look = Look(hub.ledger)
    story = look.find_longest_story()
    _finish(hub, None, json=False)
    if story:
        print(f"\nOne parcel's story (rookery track {story} --ledger {ledger} --network {network})\n")
        print("\n".join(story_lines(_open_look(ledger), story, hub.world)))


if __name__ == "__main__":
    main()
