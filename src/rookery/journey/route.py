"""How goods can get from one place to another: the useful plans, and what stands in the way where there is none.

A plan is door to door: collection, handling, dated services, customs, handling, delivery. Every plan returned
fits on all its legs at once, meets every cut-off, and is beaten by no other in both arrival and cost.
"""

from dataclasses import replace

import msgspec

from rookery.engines.network.search import Limits, pareto, steps
from rookery.journey.account import Use
from rookery.journey.desk import Desk
from rookery.journey.price import Charge, Load
from rookery.journey.room import Room, amounts_of
from rookery.journey.state import Refusal
from rookery.journey.walk import DOOR, At, Drive, Ride, Step, Trip, Walk
from rookery.units import instant_text, mass_text, span_text


class Leg(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One part of a plan, by one operator. `ready_at`: the goods are handled and cleared, may go on or be collected."""

    service_id: str
    mode: str
    operator: str
    origin: str
    destination: str
    departs_at: int
    arrives_at: int
    ready_at: int
    resources: tuple[str, ...] = ()
    charge: Charge | None = None
    storage: Charge | None = None


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A way from door to door. `cost_minor` is in the network's currency."""

    legs: tuple[Leg, ...]
    arrives_at: int
    cost_minor: int


def plans(trip: Trip, room: Room, desk: Desk, *, with_room: bool = True) -> list[Plan]:
    """The useful plans for a trip, earliest arrival first; empty if there is none (see `obstacles`).

    with_room  False: as if every departure were empty, to find out what stands in the way
    """
    return [_plan(label) for label in _search(Walk(trip, room, desk.world, with_room=with_room), desk)]


def uses_of(plan: Plan, load: Load, room: Room) -> tuple[Use, ...]:
    """What a plan takes of each limited resource on its legs."""
    amounts = amounts_of(load)
    return tuple(
        Use(resource, {dimension: amounts.get(dimension, 0) for dimension in room.limits[resource]})
        for leg in plan.legs
        for resource in leg.resources
    )


def _search(walk: Walk, desk: Desk) -> list[At]:
    limits = Limits(deadline_s=walk.trip.deadline, steps_max=desk.world.policy.legs_max + 2)
    return pareto(walk.start(), walk.onward, DOOR, limits)


def _plan(label: At) -> Plan:
    return Plan(legs=tuple(map(_leg, steps(label))), arrives_at=label.at_s, cost_minor=label.cost)


def _leg(step: Step) -> Leg:
    if isinstance(step, Drive):
        return Leg(
            service_id=step.zone.zone_id,
            mode="courier",
            operator=step.zone.company_id,
            origin=step.origin,
            destination=step.destination,
            departs_at=step.departs_at,
            arrives_at=step.arrives_at,
            ready_at=step.arrives_at,
            charge=step.charge,
        )
    lane, service = step.lane, step.lane.service
    money = (step.minor, step.currency, step.common_minor)
    return Leg(
        service_id=service.service_id,
        mode=service.mode,
        operator=service.company_id,
        origin=lane.origin,
        destination=lane.destination,
        departs_at=lane.departs[step.departure_idx],
        arrives_at=lane.arrives[step.departure_idx],
        ready_at=step.ready_at,
        resources=tuple(resource for resource, _ in lane.resources(step.departure_idx)),
        charge=Charge(service.service_id, service.company_id, *money) if step.minor else None,
        storage=step.storage,
    )


# --- why there is no plan


def obstacles(trip: Trip, room: Room, desk: Desk) -> list[Refusal]:
    """Why a trip has no plan: the constraint without which it would have one. Never empty.

    Room is lifted first, then time, then both; what remains is a price that is missing, or no way at all.
    Refuses  short: each full leg of the best plan there would be; too_late; no_rate; unreachable
    """
    crowded = _search(Walk(trip, room, desk.world, with_room=False), desk)
    full = _full_legs(crowded[0], trip, room) if crowded else []
    if full:
        return full
    patient = replace(trip, deadline=trip.ready_at + desk.world.policy.horizon_s, depart_by=0)
    walk = Walk(patient, room, desk.world, with_room=False)
    late = _search(walk, desk)
    if late:
        return [_too_late(trip, late[0])]
    if walk.no_rate:
        return [_no_rate(trip, service_id, tariff_id) for service_id, tariff_id in walk.no_rate.items()]
    return [_unserved(trip, walk) or _unreachable(trip, patient.deadline)]


def _full_legs(label: At, trip: Trip, room: Room) -> list[Refusal]:
    """What is lacking on the legs of a plan that would do but for room."""
    amounts = amounts_of(trip.load)
    lacks = [
        room.find_lack(Use(resource, {d: amounts.get(d, 0) for d in limits}), limits)
        for step in steps(label)
        if isinstance(step, Ride)
        for resource, limits in step.lane.resources(step.departure_idx)
    ]
    return [lack for lack in lacks if lack is not None]


def _too_late(trip: Trip, label: At) -> Refusal:
    legs = [_leg(step) for step in steps(label)]
    leaves = legs[0].departs_at if legs else trip.ready_at
    how = f", leaving by {legs[0].service_id} at {instant_text(leaves)}," if legs else ", without any leg,"
    if trip.depart_by and leaves > trip.depart_by and label.at_s <= trip.deadline:
        late, wanted = leaves - trip.depart_by, f"to leave by {instant_text(trip.depart_by)}"
    else:
        late, wanted = label.at_s - trip.deadline, f"arrival by {instant_text(trip.deadline)}"
    return Refusal(
        code="too_late",
        thing=f"{trip.origin} to {trip.destination}",
        wanted=wanted,
        found=f"the earliest plan{how} is {span_text(late)} late",
        todo="make the goods ready earlier, or choose a product that promises less",
        binding=f"timetable {trip.origin} to {trip.destination}",
    )


def _no_rate(trip: Trip, service_id: str, tariff_id: str) -> Refusal:
    wanted = f"a rate for {mass_text(trip.load.grams)}"
    return Refusal("no_rate", service_id, wanted, f"none in {tariff_id}", "add a weight break", f"tariff {tariff_id}")


def _unserved(trip: Trip, walk: Walk) -> Refusal | None:
    """That no zone collects or delivers there, if that is so."""
    for use, spot in (("pickup", trip.origin), ("delivery", trip.destination)):
        if not spot.facility_id and not walk.near(use, spot):
            todo = f"add a {use} zone in zones.csv, or correct the postcode"
            return Refusal("unreachable", str(spot), f"a {use} zone that holds it", "none", todo, f"zones {use} {spot}")
    return None


def _unreachable(trip: Trip, deadline: int) -> Refusal:
    return Refusal(
        code="unreachable",
        thing=f"{trip.origin} to {trip.destination}",
        wanted=f"services for {trip.product.product_id} of {trip.load.goods_class} by {instant_text(deadline)}",
        found=f"none from {instant_text(trip.ready_at)} on",
        todo="add a service or a zone to the network, or choose another product",
        binding=f"network {trip.origin} to {trip.destination}",
    )
