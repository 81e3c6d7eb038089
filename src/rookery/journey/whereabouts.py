"""Where the goods of a shipment are on their plan, and whether the rest of it still holds at the times known now.

last seen                       goods are                                    first leg still to come
never                           at the origin                                the first
where leg k begins, k has left  on leg k: at its end once it is there        k + 1
where leg k begins              there, also if k has left without them       k
at a stop on the way of leg k   on leg k                                     k + 1
at another facility             there, off their plan                        the first that leaves after that
where the last leg ends         through
"""

from collections.abc import Container
from dataclasses import dataclass

from msgspec.structs import replace

from rookery.journey.account import Account
from rookery.journey.departure import Departure, Seen, find_change, late_s
from rookery.journey.desk import Desk
from rookery.journey.order import Spot
from rookery.journey.route import Leg, Plan
from rookery.journey.service import Timetable
from rookery.journey.shipment import Parcel
from rookery.journey.state import Refusal, State
from rookery.journey.track import MILESTONES, TERMINAL
from rookery.units import instant_text


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where goods are: legs before `leg_idx` are behind them or under way; at `place` they are free from `free_at`.

    place   blank: at the origin of the plan, not picked up
    way_in  how they came there; blank: as they come to the first facility
    riding  they are on their way there, by the leg before
    """

    leg_idx: int
    place: str = ""
    free_at: int = 0
    way_in: str = ""
    riding: bool = False

    def __str__(self) -> str:
        return self.place or "the origin"


def plan_as_known(plan: Plan, state: State, desk: Desk) -> Plan:
    """The plan at the times and in the versions known now, each ride by itself; what is cancelled stays as it was."""
    return replace(plan, legs=tuple(_as_known(leg, state, desk.world.timetable) for leg in plan.legs))


def _as_known(leg: Leg, state: State, table: Timetable) -> Leg:
    row = state[Departure].find(leg.departure) if leg.departure else None
    dated = table.find_dated(leg.departure) if row is not None else None
    if row is None or dated is None or row.cancelled:
        return leg
    departs_s, arrives_s = late_s(row.late, *leg.stops)
    board, alight = leg.stops
    departs_at = next(departs for stop, _, departs in dated.calls if stop == board) + departs_s
    arrives_at = next(arrives for stop, arrives, _ in dated.calls if stop == alight) + arrives_s
    ready_at = arrives_at + leg.ready_at - leg.arrives_at
    return replace(leg, departs_at=departs_at, arrives_at=arrives_at, ready_at=ready_at, version=row.version)


def find_whereabouts(
    plan: Plan, parcels: list[Parcel], state: State, desk: Desk, left_without: frozenset[int] = frozenset()
) -> Whereabouts | Refusal | None:
    """Where the parcels of a shipment are, or None: all are through.

    plan     as known now; left_without: numbers of legs on which they have no space
    Refuses  apart: not all at one place; unknown: seen at a place that the network does not know
    """
    found: dict[Whereabouts, str] = {}
    for parcel in parcels:
        if parcel.status in TERMINAL or parcel.milestone >= MILESTONES["out_for_delivery"]:
            continue
        at = _of_parcel(plan, parcel, state, desk, left_without)
        if isinstance(at, Refusal):
            return at
        if at is not None:
            found.setdefault(at, parcel.waybill)
    if len(found) > 1:
        where = ", ".join(f"{number} at {at}" for at, number in found.items())
        return Refusal("apart", "parcels", "all at one place", where, "move them by hand, or wait until they meet")
    return next(iter(found), None)


def _of_parcel(
    plan: Plan, parcel: Parcel, state: State, desk: Desk, left_without: frozenset[int]
) -> Whereabouts | Refusal | None:
    legs, place = plan.legs, parcel.last_place
    if not parcel.last_at:
        return Whereabouts(0)
    begins = [number for number, leg in enumerate(legs) if leg.origin == place]
    if begins:
        number = begins[-1]
        leg = legs[number]
        if leg.departs_at <= desk.now and not is_cancelled(leg, state) and number not in left_without:
            return None if number + 1 == len(legs) else _after(leg, number + 1)
        return Whereabouts(number, place, parcel.last_at, _way_in(legs, number))
    if place == legs[-1].destination:
        return None
    if place in desk.world.timetable.facilities:
        return _elsewhere(legs, parcel, desk)
    if parcel.milestone == MILESTONES["picked_up"] and not legs[0].departure and len(legs) > 1:
        return _after(legs[0], 1)  # the courier who has it names the door in words of its own
    thing = f"parcel {parcel.waybill}"
    return Refusal("unknown", thing, "a facility of the network", f"seen at {place}", "scan it where it is")


def _elsewhere(legs: tuple[Leg, ...], parcel: Parcel, desk: Desk) -> Whereabouts | None:
    """A facility at which no leg begins or ends: on the way of the ride that left last, or off the plan."""
    number = sum(1 for leg in legs if leg.departs_at < parcel.last_at)
    if number == len(legs):
        return None
    dated = desk.world.timetable.find_dated(legs[number - 1].departure) if number else None
    if dated is not None and parcel.last_place in dated.places:
        return _after(legs[number - 1], number)
    return Whereabouts(number, parcel.last_place, parcel.last_at, _way_in(legs, number))


def _after(leg: Leg, number: int) -> Whereabouts:
    return Whereabouts(number, leg.destination, leg.ready_at, leg.mode if leg.departure else "", riding=True)


def _way_in(legs: tuple[Leg, ...], number: int) -> str:
    """How goods came to where a leg begins; blank: as to the first facility."""
    return legs[number - 1].mode if number and legs[number - 1].departure else ""


def list_unbooked(plan: Plan, booked: Container[str], state: State) -> frozenset[int]:
    """Numbers of the legs on whose rides nothing is booked any more: they leave without the shipment."""
    lost = set[int]()
    for number, leg in enumerate(plan.legs):
        rides = (name for name in leg.resources if name.startswith("departure:") and name not in booked)
        if any(state[Account].find(name) is not None for name in rides):
            lost.add(number)
    return frozenset(lost)


def is_cancelled(leg: Leg, state: State) -> bool:
    """True if a leg's departure does not run."""
    row = state[Departure].find(leg.departure) if leg.departure else None
    return row is not None and row.cancelled


def rest_as_known(plan: Plan, at: Whereabouts, *, not_before: int, state: State, desk: Desk) -> Plan | Refusal:
    """The plan from where the goods are, each leg after the other at the times known now.

    plan     as known now; not_before: delivery not before this instant, 0 any
    Refuses  closed: a ride is cancelled; missed: goods come too late for a ride, or would wait too long for it
    """
    legs, following = list(plan.legs[: at.leg_idx]), plan.legs[at.leg_idx]
    if at.place and following.origin != at.place:
        return Refusal("missed", "plan", f"goods at {following.origin}", f"at {at.place}", "plan again")
    for number, leg in enumerate(plan.legs[at.leg_idx :], at.leg_idx):
        change = find_change(state, (Seen(leg.departure, leg.version),)) if leg.departure else None
        if change is not None:
            return change
        free_at = legs[-1].ready_at if legs else 0
        if not leg.departure and number:
            known = _courier(leg, free_at, not_before, desk)
            if known is None:
                return _missed(leg, free_at, "closed from then on")
            leg = known
        elif legs and free_at + leg.tender_s > leg.departs_at:
            return _missed(leg, free_at + leg.tender_s, "too late to board")
        elif legs and leg.stay_s_max and leg.departs_at - free_at > leg.stay_s_max:
            return _missed(leg, free_at, "too long a stay")
        legs.append(leg)
    return replace(plan, legs=tuple(legs), arrives_at=legs[-1].ready_at)


def _courier(leg: Leg, free_at: int, not_before: int, desk: Desk) -> Leg | None:
    """A last mile, once the goods are handled, within opening hours, and not before it is wanted."""
    table, takes_s = desk.world.timetable, leg.arrives_at - leg.departs_at
    wanted = max(free_at + leg.tender_s, not_before - takes_s)
    leaves = table.calendars.next_open(table.facilities[leg.origin], wanted)
    if leaves is None:
        return None
    return replace(leg, departs_at=leaves, arrives_at=leaves + takes_s, ready_at=leaves + takes_s)


def _missed(leg: Leg, there_at: int, why: str) -> Refusal:
    name = f"departure {leg.departure}" if leg.departure else f"service {leg.service_id}"
    wanted = f"goods at {leg.origin} by {instant_text(leg.departs_at)}"
    return Refusal("missed", name, wanted, f"{instant_text(there_at)}, {why}", "plan again", name)


def origin_of(at: Whereabouts, origin: Spot | None, site: str) -> Spot:
    """Where the goods start from now: where they are, or where their order starts."""
    return Spot(facility_id=at.place) if at.place else origin or Spot(facility_id=site)
