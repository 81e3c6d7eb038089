"""Plans: what could be sent from one place to another."""

import sys
from pathlib import Path

from rookery.cli.edge import NetworkName, app, fail, open_network


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
) -> None:
    """Show the useful plans from one place to another, one line per choice, with reasons.

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
    """
    from rookery.hub.clock import now
    from rookery.hub.open import read_state
    from rookery.hub.quote import Wish, quote, read_spot
    from rookery.hub.story import offer_lines
    from rookery.journey.desk import Policy, World
    from rookery.ledger.log import LedgerFault
    from rookery.units import read_instant, read_mass

    loaded = open_network(network)
    world = World(loaded, Policy())
    try:
        ready_at = read_instant(ready) if ready else now()
        wish = Wish(
            origin=read_spot(origin, world),
            destination=read_spot(destination, world),
            ready_at=ready_at,
            grams=read_mass(weight),
            cm3=volume,
            pieces=pieces,
            goods_class=goods,
            product_id=product,
        )
        offers, refusals = quote(wish, world, read_state(ledger, loaded))
    except (ValueError, LedgerFault) as fault:
        fail(fault)
    print("\n".join(offer_lines(offers, refusals, loaded.about.currency, ready_at)))
    if not offers:
        sys.exit(1)
