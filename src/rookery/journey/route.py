"""How goods can get from one place to another: the useful plans, and what stands in the way where there is none.

A plan is door to door: collection, handling, dated services, customs, handling, delivery. Every plan returned
fits on all its legs at once, meets every cut-off, and is beaten by no other in both arrival and cost.
"""

from dataclasses import replace

import msgspec

from rookery.journey.account import Use
from rookery.journey.departure import departure_of
from rookery.journey.desk import Desk
from rookery.journey.price import Charge, Load
from rookery.journey.room import Room, amounts_of
from rookery.journey.sharing import delivery_name, sort_name
from rookery.journey.state import Refusal
from rookery.journey.walk import Drive, Lift, Ride, Step, Trip, Walk, Way
from rookery.units import instant_text, local_day, mass_text, span_text, time_zone

PROBED_MAX = 10_000_000  # departures that a search looked at, a sixth of a second; usual are some ten thousand
SEARCHES_MAX = 64  # searches of one trip: each blocks a ride at least that the one before still used


class Leg(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One part of a plan, by one operator.

    ready_at    the goods are handled and cleared, may go on or be collected
    departure   the dated departure, `variant/date`, in the `version` that was planned with; blank for couriers
    stops       where goods board and alight, as numbers of the variant's stops
    tender_s    how long before it leaves the goods must be there; stay_s_max: the longest they may wait, 0 any
    """

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
    departure: str = ""
    version: int = 0
    stops: tuple[int, int] = (0, 0)
    tender_s: int = 0
    stay_s_max: int = 0


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A way from door to door. `cost_minor` is in the network's currency."""

    legs: tuple[Leg, ...]
    arrives_at: int
    cost_minor: int


def plans(trip: Trip, room: Room, desk: Desk, *, with_room: bool = True, as_planned: bool = False) -> list[Plan]:
    """The useful plans for a trip, earliest arrival first; empty if there is none (see `obstacles`).

    with_room   False: as if every departure were empty, to find out what stands in the way
    as_planned  True: as if every departure were empty and ran as the timetable says
    """
    lift = Lift(room=not with_room or as_planned, changes=as_planned)
    found = [plan_of(way, trip, room, desk) for way in Walk(trip, room, desk, lift).find()]
    return _only_fitting(found, trip, room, desk) if desk.world.sharing.has_any and not lift.room else found


def _only_fitting(found: list[Plan], trip: Trip, room: Room, desk: Desk) -> list[Plan]:
    """Useful plans that fit also by claim, and with all that is limited beyond rides; `found`: those that fit so far.

    The search knows what is free on each ride. A ride on which a plan found lacks anything else is blocked for this
    trip, and the search is run again, until nothing is lacking: what is blocked could not have been used. Where so much
    is blocked that a search takes long, only the earliest way is looked for from then on.
    """
    blocked, known, long = room.copy(), dict[str, bool](), False
    for _ in range(SEARCHES_MAX):
        full = {resource for plan in found for resource in _rides_lacking(plan, trip, room, known, desk)}
        if not full:
            break
        room.turns_away = True
        for resource in full:
            blocked.block(resource)
        walk = Walk(trip, blocked, desk)
        ways = [walk.find_earliest()] if long else walk.find()
        long = long or walk.probed > PROBED_MAX
        found = [plan_of(way, trip, blocked, desk) for way in ways if way is not None]
        room.limits.update(blocked.limits)
    fitting = [plan for plan in found if not _lacks(plan, trip, room, known, desk)]
    room.turns_away |= len(fitting) < len(found)  # what lacks before any ride blocks none
    return fitting


def _rides_lacking(plan: Plan, trip: Trip, room: Room, known: dict[str, bool], desk: Desk) -> list[str]:
    """The last dated leg of each ride of a plan that lacks something; before a courier the ride that meets it."""
    full, ride = [], ""
    for leg in plan.legs:
        ride = next((name for name in reversed(leg.resources) if departure_of(name)), "" if leg.departure else ride)
        lacking = [name for name in leg.resources if _lacks_one(name, trip, room, known, desk)]
        own = [name for name in lacking if departure_of(name)]
        full += own or ([ride] if lacking and ride else [])
    return full


def _lacks(plan: Plan, trip: Trip, room: Room, known: dict[str, bool], desk: Desk) -> bool:
    return any(_lacks_one(name, trip, room, known, desk) for leg in plan.legs for name in leg.resources)


def _lacks_one(resource: str, trip: Trip, room: Room, known: dict[str, bool], desk: Desk) -> bool:
    """True if a trip's load does not fit; `known`: what has been asked before."""
    if resource not in known:
        limits = room.limits[resource]
        use = Use(resource, {d: amounts_of(trip.load).get(d, 0) for d in limits})
        known[resource] = room.judge(use, limits, trip.by, desk).refusal is not None
    return known[resource]


def earliest(trip: Trip, room: Room, desk: Desk) -> Plan | None:
    """The plan that arrives first, whatever it costs, or None."""
    way = Walk(trip, room, desk).find_earliest()
    return None if way is None else plan_of(way, trip, room, desk)


def latest(trip: Trip, room: Room, desk: Desk) -> tuple[int, list[Plan]]:
    """The latest instant at which the goods may be ready and still be there by the deadline, and the plans from then.

    `trip.ready_at` is the earliest that it may be. Returns (0, []) if they cannot be there by then at all
    """
    ready_at = Walk(trip, room, desk).find_latest()
    return (0, []) if ready_at is None else (ready_at, plans(replace(trip, ready_at=ready_at), room, desk))


def departures(trip: Trip, room: Room, desk: Desk, until: int) -> list[tuple[int, Plan]]:
    """All useful plans of goods that are ready at any time from `trip.ready_at` to `until`: (ready at, plan).

    None leaves later, arrives earlier and costs less than another. The deadline holds for all. Latest first. What can
    still be met after `until` is said to be for goods that are ready by then
    """
    kept: list[tuple[int, Plan]] = []
    for ready_at in Walk(trip, room, desk).list_instants(until):
        for plan in plans(replace(trip, ready_at=ready_at), room, desk):
            if not any(p.arrives_at <= plan.arrives_at and p.cost_minor <= plan.cost_minor for _, p in kept):
                kept.append((ready_at, plan))
    return kept


def uses_of(plan: Plan, load: Load, room: Room) -> tuple[Use, ...]:
    """What a plan takes of each limited resource on its legs."""
    amounts = amounts_of(load)
    return tuple(
        Use(resource, {dimension: amounts.get(dimension, 0) for dimension in room.limits[resource]})
        for leg in plan.legs
        for resource in leg.resources
    )


def plan_of(way: Way, trip: Trip, room: Room, desk: Desk) -> Plan:
    """A way as the trade keeps it, with all that it takes of what is limited."""
    legs = []
    for step in way.steps:
        leg = _leg(step)
        more = _counted_besides(step, leg, trip, desk)
        for resource in more:
            if resource not in room.limits:
                room.limits[resource] = desk.world.limits_of(resource)
        legs.append(msgspec.structs.replace(leg, resources=(*leg.resources, *more)) if more else leg)
    return Plan(legs=tuple(legs), arrives_at=way.at_s, cost_minor=way.cost)


def _counted_besides(step: Step, leg: Leg, trip: Trip, desk: Desk) -> list[str]:
    """What a leg takes besides room on its ride: of allotments, of the hour in which its end sorts what comes, of the
    day on which couriers deliver it."""
    sharing = desk.world.sharing
    names = list(sharing.allotments(trip.by.holder, leg.resources[-1])) if leg.resources else []
    if not sharing.has_facilities:
        return names
    if isinstance(step, Drive) and step.origin in desk.world.timetable.facilities:
        facility = desk.world.timetable.facilities[step.origin]
        name = delivery_name(step.origin, local_day(leg.departs_at, time_zone(facility.time_zone)))
    else:
        name = sort_name(leg.destination, leg.arrives_at)
    return [*names, name] if sharing.limits_of(name) else names


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
            tender_s=step.tender_s,
        )
    hop = step.hop
    return Leg(
        service_id=hop.service.service_id,
        mode=hop.service.mode,
        operator=hop.service.company_id,
        origin=hop.origin,
        destination=hop.destination,
        departs_at=hop.departs_at,
        arrives_at=hop.arrives_at,
        ready_at=step.ready_at,
        resources=hop.resources,
        charge=step.charge,
        storage=step.storage,
        departure=hop.departure,
        version=step.version,
        stops=hop.stops,
        tender_s=step.tender_s,
        stay_s_max=step.stay_s_max,
    )


# --- why there is no plan


def obstacles(trip: Trip, room: Room, desk: Desk) -> list[Refusal]:
    """Why a trip has no plan: the constraint without which it would have one. Never empty.

    Room is lifted first, then what is known beyond the timetable, then time; what remains is a price that is missing,
    or no way at all.
    Refuses  short: each full leg of the best plan there would be; closed, changed: each departure of it that is
             cancelled or late; too_late; no_rate; unreachable
    """
    crowded = Walk(trip, room, desk, Lift(room=True)).find()
    full = find_full(plan_of(crowded[0], trip, room, desk), trip, room, desk) if crowded else []
    if full:
        return full
    planned = plans(trip, room, desk, as_planned=True) if room.knows_changes and not crowded else []
    changed = find_changed(planned[0], room) if planned else []
    if changed:
        return changed
    patient = replace(trip, deadline=trip.ready_at + desk.world.policy.horizon_s, depart_by=0)
    late = Walk(patient, room, desk, Lift(room=True)).find_earliest()
    if late is not None:
        return [_too_late(trip, late)]
    unpriced = Walk(patient, room, desk, Lift(room=True, rates=True)).find_earliest()
    if unpriced is not None:
        return _no_rates(trip, unpriced)
    return [_unserved(trip, desk) or _unreachable(trip, patient.deadline)]


def find_full(plan: Plan, trip: Trip, room: Room, desk: Desk) -> list[Refusal]:
    """What is lacking on the legs of a plan that would do but for room."""
    uses = uses_of(plan, trip.load, room)
    lacks = [room.judge(use, room.limits[use.resource], trip.by, desk).refusal for use in uses]
    return [lack for lack in lacks if lack is not None]


def find_changed(plan: Plan, room: Room) -> list[Refusal]:
    """The departures of a plan that are cancelled or late."""
    out = []
    for leg in plan.legs:
        row = room.departure(leg.departure) if leg.departure else None
        if row is not None:
            why = f": {row.why}" if row.why else ""
            code, found = ("closed", "cancelled") if row.cancelled else ("changed", "late")
            thing = f"departure {leg.departure}"
            todo = "choose another day"
            out.append(Refusal(code, thing, "one that runs on time", f"{found} by {row.by}{why}", todo, thing))
    return out


def _too_late(trip: Trip, way: Way) -> Refusal:
    legs = [_leg(step) for step in way.steps]
    leaves = legs[0].departs_at if legs else trip.ready_at
    how = f", leaving by {legs[0].service_id} at {instant_text(leaves)}," if legs else ", without any leg,"
    if trip.depart_by and leaves > trip.depart_by and way.at_s <= trip.deadline:
        late, wanted = leaves - trip.depart_by, f"to leave by {instant_text(trip.depart_by)}"
    else:
        late, wanted = way.at_s - trip.deadline, f"arrival by {instant_text(trip.deadline)}"
    return Refusal(
        code="too_late",
        thing=f"{trip.origin} to {trip.destination}",
        wanted=wanted,
        found=f"the earliest plan{how} is {span_text(late)} late",
        todo="make the goods ready earlier, or choose a product that promises less",
        binding=f"timetable {trip.origin} to {trip.destination}",
    )


def _no_rates(trip: Trip, way: Way) -> list[Refusal]:
    """The services of a way that would do if each had a rate for this load."""
    wanted = f"a rate for {mass_text(trip.load.grams)}"
    hops = [step.hop for step in way.steps if isinstance(step, Ride) and step.unpriced]
    return [
        Refusal("no_rate", hop.service.service_id, wanted, f"none in {tariff} from {hop.origin} to {hop.destination}",
                "add a weight break", f"tariff {tariff}")
        for hop in hops
        for tariff in (hop.service.tariff_id,)
    ]  # fmt: skip


def _unserved(trip: Trip, desk: Desk) -> Refusal | None:
    """That no zone collects or delivers there, if that is so."""
    for use, spot in (("pickup", trip.origin), ("delivery", trip.destination)):
        near = desk.world.timetable.zones(use, country=spot.country, postcode=spot.postcode)
        if not spot.facility_id and not near:
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
