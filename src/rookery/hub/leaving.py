"""When to have goods ready: all departures that are of use in a span of time, or the last one for a deadline."""

import datetime as dt
from dataclasses import replace

from rookery.hub.quote import Wish, ask_of, check_wish
from rookery.journey.desk import Desk, World
from rookery.journey.product import zone_name
from rookery.journey.room import Room
from rookery.journey.route import Plan, departures, latest
from rookery.journey.source import begin_trip
from rookery.journey.state import Refusal, State
from rookery.units import instant_text, money_text, span_text, time_zone

Ready = tuple[int, Plan]


def list_ready(wish: Wish, world: World, state: State, *, until: int = 0, arrive_by: int = 0) -> list[Ready] | Refusal:
    """When goods have to be ready, and the plan that this makes possible, latest first; or why they are never taken.

    until      every useful departure of goods that are ready by then
    arrive_by  instead, the last one that is there by then
    Raises     ValueError: as `check_wish`, and where a time is before the goods are ready
    """
    check_wish(wish, world)
    last = arrive_by or until
    if last < wish.ready_at:
        ready = instant_text(wish.ready_at)
        raise ValueError(f"time: wanted one after {ready}, when the goods are ready, found {instant_text(last)}")
    desk, room = Desk(world, wish.ready_at, lambda: b""), Room(state)
    trip = begin_trip(ask_of(wish, wish.product_id, world), desk)
    if isinstance(trip, Refusal):
        return trip
    if arrive_by:
        ready_at, found = latest(replace(trip, deadline=arrive_by), room, desk)
        return [(ready_at, plan) for plan in found]
    return departures(replace(trip, deadline=trip.deadline + until - trip.ready_at), room, desk, until)


def ready_lines(wish: Wish, found: list[Ready], world: World) -> list[str]:
    """One line per departure: ready by, there at, how long it takes, what it costs, by which services."""
    table = world.timetable
    zones = zone_name(wish.origin, table, "pickup"), zone_name(wish.destination, table, "delivery")
    lines = [f"ready by in {zones[0]}, there at in {zones[1]}"]
    for ready_at, plan in found:
        clocks = (_clock(ready_at, zones[0]), _clock(plan.arrives_at, zones[1]))
        cost = money_text(plan.cost_minor, table.network.about.currency)
        services = " > ".join(leg.service_id for leg in plan.legs)
        lines.append(f"{clocks[0]}  {clocks[1]}  {span_text(plan.arrives_at - ready_at):>9}  {cost:>12}  {services}")
    return lines


def _clock(instant: int, zone: str) -> str:
    moment = dt.datetime.fromtimestamp(instant, time_zone(zone))
    return f"{moment:%a %Y-%m-%d %H:%M}"
