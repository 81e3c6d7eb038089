"""Quotes: what could be sent, what it costs, when it comes. Nothing is held."""

import datetime as dt
from typing import Any

import msgspec

from rookery.hub.clock import now
from rookery.hub.explain import find_missing
from rookery.hub.journeys import Quoted, quoted
from rookery.hub.quote import Wish, quote, read_spot
from rookery.hub.spine import Hub
from rookery.units import UTC, read_instant
from rookery.web.call import Call
from rookery.web.problems import Problem, bad_value
from rookery.web.table import TABLE


class QuoteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody would send. Two places and a weight are enough.

    origin, destination  a facility id, or a country and postcode such as "ES 28001"
    weight_g     of all pieces; volume_cm3: likewise
    ready_at     with its offset; blank: now
    product      blank: any product
    explain      tell as well what stopped journeys that one would expect
    """

    origin: str
    destination: str
    weight_g: int
    volume_cm3: int = 0
    pieces: int = 1
    ready_at: str = ""
    goods_class: str = "general"
    product: str = ""
    explain: bool = False


@TABLE.add(
    "POST", "/v1/quotes", title="What could be sent, and for how much", scope="quotes", answers={200: Quoted},
    group="Quotes", body=QuoteWish, example={"origin": "CN 310000", "destination": "ES 28001", "weight_g": 800},
)  # fmt: skip
async def make_quote(call: Call) -> Quoted:
    """Every useful plan for each product, with prices, promised window and how sure it is, on the caller's space.

    Products without a plan are told with the reason for each.
    """
    asked: QuoteWish = call.body
    world = call.serving.world
    try:
        ready_at = read_instant(asked.ready_at) if asked.ready_at else now()
        ends = read_spot(asked.origin, world), read_spot(asked.destination, world)
    except ValueError as fault:
        raise Problem("bad_request", str(fault)) from None
    about = world.timetable.network.about
    if not about.valid_from <= dt.datetime.fromtimestamp(ready_at, UTC).date() <= about.valid_to:
        raise bad_value("/ready_at", f"a time from {about.valid_from} to {about.valid_to}", asked.ready_at or "now")
    company = call.caller.company if call.caller.company in world.timetable.companies else ""
    wish = Wish(
        *ends, ready_at, asked.weight_g, asked.volume_cm3, asked.pieces, asked.goods_class, asked.product, company
    )
    try:
        return await call.ask("quote", lambda hub: _quote(hub, wish, explain=asked.explain))
    except ValueError as fault:
        raise Problem("bad_request", str(fault)) from None


def _quote(hub: Hub, wish: Wish, *, explain: bool) -> Any:
    offers, refusals = quote(wish, hub.world, hub.state)
    missing = find_missing(wish, offers, hub.world, hub.state) if explain else None
    return quoted(wish, offers, refusals, hub.world, missing)
