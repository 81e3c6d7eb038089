"""Departures of a day, and how full each is: by holder for the network's operator, one's own part for a company."""

import datetime as dt
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from rookery.hub.clock import now
from rookery.hub.departures import state_seen, stops_seen
from rookery.hub.open import state_of
from rookery.hub.shares import SharedOut, shared_out
from rookery.hub.story import Clockface
from rookery.journey.account import Account
from rookery.journey.departure import Departure
from rookery.journey.desk import Desk, World
from rookery.journey.itinerary import Itinerary, Riders, riders
from rookery.journey.network.line import Variant
from rookery.journey.network.rows import ANY
from rookery.journey.service import Dated
from rookery.journey.state import State, View
from rookery.units import UTC, id_text
from rookery.web.call import Call, Reply
from rookery.web.pages.orders import not_there
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, Told, see
from rookery.web.problems import Problem
from rookery.web.table import HTML

PAGE = 40
RIDERS_MAX, LOOKED_MAX = 100, 2_000  # shipments on one departure that its page shows; orders that it looks at for them


class DepartureQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which departures: of a day, of a service, by facility; `after`: the page after that variant."""

    on: str = ""
    service: str = ""
    at: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What is used of a dated leg in one dimension."""

    dimension: str
    used: int
    limit: int
    percent: int


@PAGES.add(
    "GET", "/departures", title="Departures", scope="network:read", answers={200: HTML}, group="Pages",
    query=DepartureQuery,
)  # fmt: skip
async def list_departures(call: Call) -> Reply:
    """What leaves on a day, with its load."""
    asked: DepartureQuery = call.query
    day, world = _day(asked.on, call), call.serving.world
    variants = sorted(
        (one for one in call.serving.network.variants if asked.service in ("", one.service_id)),
        key=lambda one: one.variant_id,
    )
    found: list[tuple[Variant, Dated]] = []
    for one in variants:
        if one.variant_id > asked.after and len(found) <= PAGE:
            dated = world.timetable.find_dated(f"{one.variant_id}/{day}")
            if dated is not None and asked.at in ("", *dated.places):
                found.append((one, dated))
    more, found = len(found) > PAGE, found[:PAGE]
    rows = await see(call, "departures", lambda sight: _rows(sight, found, day, world))
    return paper(
        call, "departures.html", asked=asked, day=day, rows=rows, next_=found[-1][0].variant_id if more else "",
        earlier=day - dt.timedelta(1), later=day + dt.timedelta(1),
        services=sorted(one.service_id for one in call.serving.network.services),
    )  # fmt: skip


@PAGES.add(
    "GET", "/departures/{variant}/{date}", title="A departure", scope="network:read", answers={200: HTML},
    group="Pages", about={"variant": "a variant of a service", "date": "the local day of its first stop"},
)  # fmt: skip
async def show_departure(call: Call) -> Reply:
    """Its stops, the load of each leg by holder, and what rides it, as far as the caller may see it."""
    name, world = f"{call.path['variant']}/{call.path['date']}", call.serving.world
    dated = world.timetable.find_dated(name)
    if dated is None:
        raise not_there(f"departure {name}")

    def ask(sight: Sight) -> dict[str, Any]:
        word = sight.find(Departure, name)
        rides = _riding(sight, name) if "orders:read" in call.caller.scopes else ()
        return {
            "word": word, "state": state_seen(word), "stops": _stops(dated, word, Clockface(world)),
            "legs": _legs(sight, name, dated, world), "riding": list(islice(rides, RIDERS_MAX)),
            "sees_all": _sees_all(sight, dated), "most": RIDERS_MAX, "of": LOOKED_MAX,
        }  # fmt: skip

    found = await see(call, f"departure {name}", ask)
    sees = bool({"spaces:read", "admin"} & call.caller.scopes)
    return paper(call, "departure.html", name=name, dated=dated, sees_load=sees, **found)


def _day(text: str, call: Call) -> dt.date:
    about = call.serving.network.about
    if not text:
        return max(about.valid_from, min(about.valid_to, dt.datetime.fromtimestamp(now(), UTC).date()))
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Problem("bad_request", f"query/on: wanted a date such as 2026-11-28, found {text[:40]!r}") from None


# --- a day


def _rows(sight: Sight, found: list[tuple[Variant, Dated]], day: dt.date, world: World) -> list[dict[str, Any]]:
    clock = Clockface(world)
    rows = []
    for variant, dated in found:
        name = f"{variant.variant_id}/{day}"
        word = sight.find(Departure, name)
        stops = _stops(dated, word, clock)
        rows.append(
            {
                "name": name,
                "service": dated.service,
                "from": stops[0],
                "to": stops[-1],
                "places": dated.places,
                "state": state_seen(word),
                "load": _fullest(sight, name, dated, world),
                "sees_all": _sees_all(sight, dated),
            }
        )
    return rows


def _stops(dated: Dated, word: Departure | None, clock: Clockface) -> list[dict[str, Any]]:
    """Its stops with their times as known now; where these are late also the times of the timetable."""
    return [
        {
            "place": one.facility_id, "arrives": _call(one.facility_id, one.arrives, one.arrives_s, clock),
            "departs": _call(one.facility_id, one.departs, one.departs_s, clock),
        }
        for one in stops_seen(dated, word)
    ]  # fmt: skip


def _call(place: str, planned: int, late: int, clock: Clockface) -> dict[str, Any] | None:
    """A time at a stop, or None; `late` in seconds."""
    return (
        {"at": clock.at(planned + late, place), "planned": clock.at(planned, place), "late": late} if planned else None
    )


def _fullest(sight: Sight, name: str, dated: Dated, world: World) -> Load | None:
    """The fullest leg of a departure: all that is used for who runs it, what a company uses itself for others."""
    if not {"spaces:read", "admin"} & sight.caller.scopes:
        return None
    loads = []
    for seq, _, departs in dated.calls:
        account: Account | None = sight.look.ledger.find_row("account", f"departure:{name}/{seq}") if departs else None
        for column, (dimension, limit) in enumerate(account.limits.items() if account is not None else ()):
            assert account is not None, "it has limits"
            used = account.held[dimension] + account.taken[dimension]
            if not _sees_all(sight, dated):
                own = [amounts for holder, amounts in (account.firm or {}).items() if _is_own(sight, holder, world)]
                used = sum(amounts[column] for amounts in own if column < len(amounts))
                if not used:
                    continue  # that others use it is not told
            loads.append(Load(dimension, used, limit, _percent(used, limit)))
    return max(loads, key=lambda one: one.percent, default=None)


def _sees_all(sight: Sight, dated: Dated) -> bool:
    """What is used in all is told to the network's operator and to the service's, who sees no names."""
    return sight.is_operator or dated.service.company_id == sight.company


def _is_own(sight: Sight, holder: str, world: World) -> bool:
    return sight.is_operator or world.sharing.company_of(holder) == sight.company


def _percent(used: int, limit: int) -> int:
    return min(100, -(-100 * used // limit)) if limit else 0


# --- one departure


def _legs(sight: Sight, name: str, dated: Dated, world: World) -> list[dict[str, Any]]:
    """Each leg, with the parts of its holders that the caller may see."""
    if not {"spaces:read", "admin"} & sight.caller.scopes:
        return []
    state, desk = state_of(sight.look.ledger), Desk(world, sight.at, lambda: b"")
    legs = []
    for (seq, _, departs), place, to in zip(dated.calls, dated.places, [*dated.places[1:], ""], strict=True):
        if not departs or not to:
            continue
        account: Account | None = sight.look.ledger.find_row("account", f"departure:{name}/{seq}")
        shared = account is not None and account.firm is not None
        found = list(shared_out(account, state, desk)) if account is not None and shared else []
        whole = _sees_all(sight, dated)
        plain = _unshared(account) if account is not None and not shared and whole else []
        parts = [_own_part(sight, one, world, whole=whole) for one in found]
        legs.append(
            {
                "from": place,
                "to": to,
                "closed": account is not None and account.closed,
                "plain": plain,
                "shared": parts if whole or any(one["parts"] for one in parts) else [],  # else others' use would show
            }
        )
    return legs


def _unshared(account: Account) -> list[Load]:
    used = {name: account.held[name] + account.taken[name] for name in account.limits}
    return [Load(name, used[name], limit, _percent(used[name], limit)) for name, limit in account.limits.items()]


def _own_part(sight: Sight, one: SharedOut, world: World, *, whole: bool) -> dict[str, Any]:
    """A dimension of a leg: to the operator with all parts, to a company with its own. `whole`: and with their sum."""
    parts = [part for part in one.parts if _is_own(sight, part.holder, world)]
    for company in (world.sharing.company_of(part.holder) for part in parts):
        if company != ANY:
            sight.note(company, "share")
    return {
        "dimension": one.dimension, "parts": parts, "limit": one.limit if whole else None,
        "used": one.used if whole else None, "percent": _percent(one.used, one.limit),
        "shares": {part.holder: _percent(part.firm + part.borrowed, one.limit) for part in parts},
    }  # fmt: skip


def _riding(sight: Sight, name: str) -> Any:
    """Shipments that ride a departure as things stand, of which the caller may see that they do."""

    def rides_it(told: Told) -> bool:
        legs = (leg for way in told.get("itinerary", ()) for leg in way.get("legs", ()))
        return any(leg.get("departure") == name for leg in legs)

    for order_id in islice(riders(_reading(sight), name), LOOKED_MAX):
        itinerary = sight.find(Itinerary, order_id)
        if itinerary is None:
            continue
        for shipment_id, part in zip(itinerary.shipments, itinerary.parts, strict=False):
            if any(leg.departure == name for leg in part.plan.legs):
                told = sight.shipment(shipment_id, rides_it)
                if told is not None:
                    yield _rider(told, shipment_id)


def _reading(sight: Sight) -> State:
    """The rows that tell who rides, read as they are asked for."""
    ledger = sight.look.ledger
    return State((View("riders", Riders),), lambda view, key: ledger.find_row(view.name, key))


def _rider(told: Told, shipment_id: bytes) -> dict[str, Any]:
    parcels = [
        {"path": f"/parcels/{id_text('pcl', one['parcel_id'])}", "name": one.get("waybill") or "a parcel", **one}
        for one in told.get("parcels", ())
        if "parcel_id" in one
    ]
    return {"name": id_text("shp", shipment_id), "parcels": parcels}
