"""Plans: what could be sent from one place to another."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rookery.cli.edge import LedgerUsed, NetworkName, app, fail, open_network, open_state, ready_engine

if TYPE_CHECKING:
    from rookery.hub.journeys import Quoted
    from rookery.hub.quote import Quoting
    from rookery.journey.desk import World


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
    company: Annotated[str, Parameter(name="--for")] = "",
    ledger: LedgerUsed = None,
    green: bool = False,
    exact: bool = False,
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
        company: On the space of this company; left out: of whoever sells the product.
        ledger: Take the capacity used in this ledger into account.
        green: Choose by CO2 and by the chance that connections are made as well: few plans that stand for all.
        exact: With four criteria every plan that no other beats, which may be many.
        explain: Tell why each plan is there, and what stopped the one that might be expected.
        map_to: Draw the plans on a map: .html, or .png with the extra.
        json: Print the plans as JSON.
    """
    from rookery.hub.clock import now
    from rookery.hub.explain import find_missing
    from rookery.hub.journeys import quoted
    from rookery.hub.quote import Wish, read_spot
    from rookery.journey.desk import Policy, World
    from rookery.screen.plans import print_quoted
    from rookery.units import read_instant, read_mass

    loaded = open_network(network)
    ready_engine(green=green or exact)
    world = World(loaded, Policy())
    try:
        ends = read_spot(origin, world), read_spot(destination, world)
        ready_at = read_instant(ready) if ready else now()
        wish = Wish(*ends, ready_at, read_mass(weight), volume, pieces, goods, product, company)
        state = open_state(ledger, loaded)
        offers, refusals = _quoting(green=green, exact=exact)(wish, world, state)
        missing = find_missing(wish, offers, world, state) if explain else None
        shown = quoted(wish, offers, refusals, world, missing)
    except ValueError as fault:
        fail(fault)
    if map_to is not None:  # before anything is printed: who closes our output still gets the file
        _draw(map_to, shown, world)
    print_quoted(shown, json=json)
    if map_to is not None and not json:
        print(f"\nmap in {map_to}")
    if not offers:
        sys.exit(1)


def _draw(path: Path, shown: "Quoted", world: "World") -> None:
    """Draw a quote on a map."""
    from rookery.hub.journeys import facilities
    from rookery.screen.maps import MapFault, write_map

    try:
        write_map(path, shown, facilities(world))
    except (ValueError, MapFault) as fault:
        fail(fault)


def _quoting(*, green: bool, exact: bool) -> "Quoting":
    """How plans are looked for: by two criteria, or by four."""
    if green or exact:
        from rookery.hub.green import quote_green

        return partial(quote_green, exact=exact)
    from rookery.hub.quote import quote

    return quote


@app.command
def leaving(
    origin: str,
    destination: str,
    *,
    network: NetworkName = "backbone",
    product: str = "express",
    ready: str = "",
    until: str = "",
    arrive_by: str = "",
    weight: str = "1kg",
    goods: str = "general",
    ledger: LedgerUsed = None,
) -> None:
    """List when goods have to be ready: every departure that is of use until a time, or the last for a deadline.

    Args:
        origin: A facility id, or a country and postcode such as "ES 28001".
        destination: Likewise.
        product: The product they travel under.
        ready: When the goods can be ready at the earliest; now if left out.
        until: List the departures of goods that are ready by then; a day from the earliest if left out.
        arrive_by: Instead of all, the last that is there by then.
        weight: Weight in all, such as 350g or 1.2kg.
        goods: Goods class.
        ledger: Take the capacity used in this ledger into account.
    """
    from rookery.hub.clock import now
    from rookery.hub.leaving import list_ready, ready_lines
    from rookery.hub.quote import Wish, read_spot
    from rookery.journey.desk import Policy, World
    from rookery.journey.state import Refusal
    from rookery.units import DAY_S, read_instant, read_mass

    loaded = open_network(network)
    ready_engine()
    world = World(loaded, Policy())
    try:
        first = read_instant(ready) if ready else now()
        last, by = read_instant(until) if until else first + DAY_S, read_instant(arrive_by) if arrive_by else 0
        ends = read_spot(origin, world), read_spot(destination, world)
        wish = Wish(*ends, first, read_mass(weight), goods_class=goods, product_id=product)
        found = list_ready(wish, world, open_state(ledger, loaded), until=last, arrive_by=by)
    except ValueError as fault:
        fail(fault)
    if isinstance(found, Refusal):
        fail(f"{product}: {found}", status=1)
    if not found:
        fail(f"{origin} to {destination}: no departure of {product} is of use then; see `rookery plan`", status=1)
    print("\n".join(ready_lines(wish, found, world)))


@app.command
def transit(
    *,
    origins: Annotated[str, Parameter(name="--from")] = "",
    destinations: Annotated[str, Parameter(name="--to")] = "",
    network: NetworkName = "backbone",
    product: str = "express",
    day: str = "",
    days: int = 1,
    every: str = "1h",
    weight: str = "1kg",
    goods: str = "general",
    booked: str = "",
    unsold: bool = False,
    ledger: LedgerUsed = None,
    csv: Path | None = None,
    json: bool = False,
) -> None:
    """Print the transit times of a product between facilities, for goods handed in at every so often of a day.

    Args:
        origins: Facility ids, with commas between them; all if left out.
        destinations: Likewise.
        product: The product they travel under.
        day: The first day on which goods are handed in, such as 2026-12-01; today if left out.
        days: How many days.
        every: How often goods are handed in, from midnight on, local time, such as 1h or 30min.
        weight: Weight of a parcel, such as 350g or 1.2kg.
        goods: Goods class.
        booked: When booking and papers are there, such as 2026-11-23T09:00+08:00; in time if left out.
        unsold: Also where the product is not sold, as it would travel there.
        ledger: Take the capacity used in this ledger into account.
        csv: Write every number here, a row each.
        json: Print every number as JSON.
    """
    from rookery.hub.clock import now
    from rookery.hub.transit import TransitWish, read_day, read_every, transit_times, write_csv
    from rookery.journey.desk import Policy, World
    from rookery.screen.transit import transit_json, transit_lines
    from rookery.units import local_day, read_instant, read_mass, time_zone

    loaded = open_network(network)
    ready_engine()
    try:
        first = read_day(day) if day else local_day(now(), time_zone("UTC"))
        wish = TransitWish(
            product, first, _names(origins), _names(destinations), days, read_every(every), read_mass(weight), goods,
            read_instant(booked) if booked else None, unsold,
        )  # fmt: skip
        times = transit_times(wish, World(loaded, Policy()), open_state(ledger, loaded))
        count = write_csv(csv, times) if csv is not None else 0
    except ValueError as fault:
        fail(fault)
    print(transit_json(times) if json else "\n".join(transit_lines(times)))
    if csv is not None and not json:
        print(f"{count:,} rows in {csv}")
    if not times.pairs():
        sys.exit(1)


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


@app.command
def warm() -> None:
    """Compile the route engine ahead, so that the first plan on this machine does not wait for it."""
    ready_engine()
    ready_engine(green=True)
    print("the route engine is compiled")
