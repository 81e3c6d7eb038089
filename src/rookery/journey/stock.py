"""Goods in warehouses: which may ship an order, from what stock, on which day."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from rookery.journey.account import Amounts, Use
from rookery.journey.calendars import ONE_DAY
from rookery.journey.desk import Desk, World
from rookery.journey.network.plant import Warehouse
from rookery.journey.order import Asked
from rookery.journey.price import Charge
from rookery.journey.room import Room
from rookery.journey.share import Claimant
from rookery.journey.shelves import day_name, stock_name
from rookery.journey.state import Refusal
from rookery.units import instant_text, local_day, local_instant, time_zone


@dataclass(frozen=True, slots=True)
class Slot:
    """A day on which a warehouse ships an order, from when, and what that takes.

    lack  why it cannot after all: the slot is then the one it would have had with more room
    """

    site: str
    day: dt.date
    ready_at: int
    uses: tuple[Use, ...]
    charge: Charge | None
    lack: Refusal | None = None


def sites(asked: Asked, desk: Desk) -> tuple[list[Warehouse], list[Refusal]]:
    """Warehouses that may ship every line of an order to this buyer, by id; and why others may not."""
    shelves, skus = desk.world.shelves, tuple(line.sku for line in asked.lines)
    listing = shelves.listing(skus)
    if not listing:
        named = ", ".join(skus) or "none named"
        todo = "list it in eligibility.csv, or split the order"
        return [], [
            Refusal("not_stocked", f"sku {named}", "a warehouse that lists it", "none", todo, f"eligibility {named}")
        ]
    buyer = asked.parties.buyer or asked.parties.owner
    fits = [one for one in listing if shelves.serves(one.facility_id, buyer)]
    return fits, [_bound(one.facility_id, asked) for one in listing if one not in fits]


def _bound(site: str, asked: Asked) -> Refusal:
    return Refusal(
        code="bound",
        thing=f"warehouse {site}",
        wanted="a buyer that it is bound to",
        found=asked.parties.buyer or asked.parties.owner,
        todo="another warehouse must list the goods",
        binding=f"bound_sites {site}",
    )


def find_slot(warehouse: Warehouse, asked: Asked, by: Claimant, room: Room, desk: Desk) -> Slot | Refusal:
    """The first local day on which a warehouse can ship an order; with `lack` set, the first it could have.

    Refuses  too_late: no open day is early enough
    """
    world, site = desk.world, warehouse.facility_id
    stock, stock_lack = _stock_uses(site, asked, by, room, desk)
    first: Slot | None = None
    for day, ready_at in _open_days(warehouse, asked, desk):
        use, limits = day_use(site, day, asked, desk)
        lack = stock_lack or (room.judge(use, limits, by, desk).refusal if limits else None)
        if first is None or lack is None:
            uses = (*stock, use) if limits else stock
            slot = Slot(site, day, ready_at, uses, _handling(warehouse, asked, day, world), lack)
            if lack is None:
                return slot
            first = slot
        if stock_lack is not None:
            break
    return first or _no_day(site, asked)


def _open_days(warehouse: Warehouse, asked: Asked, desk: Desk) -> Iterator[tuple[dt.date, int]]:
    """Days on which a warehouse might ship an order, and from when on each, earliest first."""
    world, window = desk.world, asked.window
    facility = world.timetable.facilities[warehouse.facility_id]
    zone = time_zone(facility.time_zone)
    from_at = max(window.ready_at, window.ordered_at, desk.now)
    day = local_day(from_at, zone)
    is_late = from_at > local_instant(day, warehouse.order_by, zone)
    for ahead in range(world.policy.days_ahead):
        hours = world.timetable.calendars.find_hours(facility, day)
        if hours is not None and from_at < hours[1] and not (is_late and not ahead):
            if window.ship_by and hours[0] > window.ship_by:
                return
            yield day, max(hours[0], from_at)
        day += ONE_DAY


def day_use(site: str, day: dt.date, asked: Asked, desk: Desk) -> tuple[Use, Amounts]:
    """What an order takes of a warehouse's day, and what the day has."""
    limits = desk.world.shelves.capacity(site, day)
    takes = {"orders": 1, "pieces": asked.pieces, "grams": asked.booked.grams, "units": _units(asked)}
    return Use(day_name(site, day), {d: takes.get(d, 0) for d in limits}), limits


def _no_day(site: str, asked: Asked) -> Refusal:
    by = f" by {instant_text(asked.window.ship_by)}" if asked.window.ship_by else ""
    return Refusal("too_late", f"warehouse {site}", f"an open day{by}", "none", "allow more time", f"calendar {site}")


def _units(asked: Asked) -> int:
    return sum(line.quantity for line in asked.lines)


def _stock_uses(
    site: str, asked: Asked, by: Claimant, room: Room, desk: Desk
) -> tuple[tuple[Use, ...], Refusal | None]:
    """What an order takes of the warehouse's stock, and the first SKU of which there is not enough."""
    wanted: dict[str, int] = {}
    for line in asked.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    uses: list[Use] = []
    lack: Refusal | None = None
    for sku, units in wanted.items():
        limits = desk.world.shelves.stock_limit(site, asked.parties.owner, sku)
        if limits is not None:
            use = Use(stock_name(site, asked.parties.owner, sku), {"units": units})
            lack = lack or room.judge(use, limits, by, desk).refusal
            uses.append(use)
    return tuple(uses), lack


def _handling(warehouse: Warehouse, asked: Asked, day: dt.date, world: World) -> Charge | None:
    micro = warehouse.per_order + warehouse.per_unit * _units(asked)
    if not micro:
        return None
    operator = world.timetable.operator(world.timetable.facilities[warehouse.facility_id], day)
    return world.prices.charge("handling", operator, micro=micro, currency=warehouse.currency, day=day)
