"""Quotes: what could be sent, what it costs, when it comes. Nothing is held."""

import datetime as dt
from dataclasses import replace
from functools import partial

import msgspec

from rookery.hub.clock import now
from rookery.hub.explain import find_missing
from rookery.hub.journeys import Quoted, quoted
from rookery.hub.quote import PLACE, Wish, quote, read_spot, wish_faults
from rookery.hub.replica import Replica
from rookery.hub.spaces import refusals_told
from rookery.hub.spine import Hub
from rookery.journey.desk import World
from rookery.journey.order import Spot
from rookery.partners.port import FieldFault
from rookery.units import UTC, read_instant
from rookery.web.call import Call, Reply
from rookery.web.problems import bad_fields
from rookery.web.table import TABLE

FOUND_MAX = 40  # letters of what was found


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
async def make_quote(call: Call) -> Reply:
    """Every useful plan for each product, with prices, promised window and how sure it is, on the caller's space.

    Products without a plan are told with the reason for each.
    """
    asked: QuoteWish = call.body
    world = call.serving.world
    company = call.caller.company if call.caller.company in world.timetable.companies else ""
    faults: list[FieldFault] = []
    wish = Wish(
        _spot("origin", asked.origin, world, faults), _spot("destination", asked.destination, world, faults),
        _ready_at(asked.ready_at, world, faults), asked.weight_g, asked.volume_cm3, asked.pieces, asked.goods_class,
        asked.product, company,
    )  # fmt: skip
    if faults := faults + wish_faults(wish, world):
        raise bad_fields(faults)
    return Reply(await call.quote(partial(_quote, wish=wish, explain=asked.explain)))


def _spot(field: str, text: str, world: World, faults: list[FieldFault]) -> Spot:
    try:
        return read_spot(text, world)
    except ValueError:
        faults.append(FieldFault(field, PLACE, repr(text[:FOUND_MAX]), "see GET /v1/facilities"))
        return Spot()


def _ready_at(text: str, world: World, faults: list[FieldFault]) -> int:
    """When goods are ready: within the timetable."""
    try:
        ready_at = read_instant(text) if text else now()
        day = dt.datetime.fromtimestamp(ready_at, UTC).date()
    except (ValueError, OverflowError):
        wanted = "a time with its offset such as 2026-11-28T09:00+01:00"
        faults.append(FieldFault("ready_at", wanted, repr(text[:FOUND_MAX])))
        return 0
    about = world.timetable.network.about
    if not about.valid_from <= day <= about.valid_to:
        faults.append(FieldFault("ready_at", f"a time from {about.valid_from} to {about.valid_to}", text or "now"))
    return ready_at


def _quote(hub: Hub | Replica, wish: Wish, *, explain: bool) -> msgspec.Raw:
    """A quote, written, that names nobody for whom space is kept, whoever asks: nothing is read of others."""
    offers, refusals = quote(wish, hub.world, hub.state)
    missing = find_missing(wish, offers, hub.world, hub.state) if explain else None
    told = [(product, one) for product, why in refusals for one in refusals_told((why,), "")]
    absent = None if missing is None else [replace(one, why=refusals_told(one.why, "")) for one in missing]
    return msgspec.Raw(msgspec.json.encode(quoted(wish, offers, told, hub.world, absent)))
