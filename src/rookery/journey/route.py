"""How goods can get from one place to another: the useful plans, and what stands in the way of the others.

A plan is door to door: collection, handling, dated services, customs, handling, delivery. Every plan returned
fits on all its legs at once, meets every cut-off, and is beaten by no other in both arrival and cost.
"""

import datetime as dt
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import msgspec

from rookery.engines.network.search import Label, Limits, Onward, pareto, steps
from rookery.journey.account import Account, Amounts, Use, find_lack
from rookery.journey.account import room as room_of
from rookery.journey.desk import Desk, World
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Facility, Processing, Zone
from rookery.journey.order import Spot
from rookery.journey.price import Charge, Load
from rookery.journey.service import Lane, Lead, Timetable
from rookery.journey.state import Refusal, State
from rookery.units import DAY_S, MINUTE_S, instant_text, span_text

Node = tuple[str, str, str]  # facility, way in, service that brought the goods
DOOR: Node = ("", "door", "")
FIRST_WAYS = ("pickup", "drop_off", "stock")  # how goods come to the first facility; later ones are reached by a mode
GRAMS_PER_KG = 1000


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


@dataclass(frozen=True, slots=True)
class Trip:
    """What is to be carried, from where to where, from when to when, on which terms.

    ready_at     the goods are there
    known_at     the booking, the papers and the customs data are there
    way_in       how goods come to the first facility: pickup, drop_off or stock
    depart_by    latest departure of the first service; 0: any
    forbidden    countries that goods of this kind may not enter, not even in transit
    not_before   delivery at the door not before this instant; 0: any
    """

    origin: Spot
    destination: Spot
    load: Load
    product: Product
    ready_at: int
    known_at: int
    deadline: int
    way_in: str = "pickup"
    depart_by: int = 0
    not_before: int = 0
    forbidden: tuple[str, ...] = ()


class Room:
    """What is free on each resource: the state, less what a decision has already set aside."""

    def __init__(self, state: State):
        self._accounts = state[Account]
        self._aside: dict[str, Amounts] = {}
        self.limits: dict[str, Amounts] = {}  # of every resource asked for

    def find_lack(self, use: Use, limits: Amounts) -> Refusal | None:
        """Why a use does not fit, or None."""
        self.limits[use.resource] = limits
        aside = self._aside.get(use.resource)
        if aside is not None:
            use = Use(use.resource, {d: amount + aside.get(d, 0) for d, amount in use.amounts.items()})
        account = self._accounts.find(use.resource)
        return find_lack(account, limits if account is None else account.limits, use)

    def left(self, resource: str, dimension: str) -> int:
        """What is left of a resource that was asked for."""
        account = self._accounts.find(resource)
        free = self.limits[resource][dimension] if account is None else room_of(account, dimension)
        return free - self._aside.get(resource, {}).get(dimension, 0)

    def copy(self) -> "Room":
        """The same, to be changed on its own."""
        twin = copy(self)
        twin._aside = {resource: dict(amounts) for resource, amounts in self._aside.items()}
        twin.limits = dict(self.limits)
        return twin

    def set_aside(self, uses: tuple[Use, ...]) -> None:
        """Count these uses as gone."""
        for use in uses:
            aside = self._aside.setdefault(use.resource, {})
            for dimension, amount in use.amounts.items():
                aside[dimension] = aside.get(dimension, 0) + amount


def amounts_of(load: Load) -> Amounts:
    """What a load takes of a departure, dimension by dimension."""
    return {"grams": load.grams, "cm3": load.cm3, "pieces": load.pieces}


def uses_of(plan: Plan, load: Load, room: Room) -> tuple[Use, ...]:
    """What a plan takes of each limited resource on its legs."""
    amounts = amounts_of(load)
    return tuple(
        Use(resource, {dimension: amounts.get(dimension, 0) for dimension in room.limits[resource]})
        for leg in plan.legs
        for resource in leg.resources
    )


def plans(trip: Trip, room: Room, desk: Desk) -> list[Plan]:
    """The useful plans for a trip, earliest arrival first; empty if there is none (see `obstacles`)."""
    walk = _Walk(trip, room, desk.world)
    limits = Limits(deadline_s=trip.deadline, steps_max=desk.world.policy.legs_max + 2)
    return [_plan(label) for label in pareto(walk.start(), walk.onward, DOOR, limits)]


def obstacles(trip: Trip, room: Room, desk: Desk) -> list[Refusal]:
    """Why there is no plan: what stopped the search, most frequent kind last tried first; never empty."""
    walk = _Walk(trip, room, desk.world, explain=True)
    limits = Limits(deadline_s=trip.deadline, steps_max=desk.world.policy.legs_max + 2)
    pareto(walk.start(), walk.onward, DOOR, limits)
    if walk.stopped:
        order = {"short": 0, "too_late": 1, "not_allowed": 2, "no_rate": 3}
        return sorted(walk.stopped.values(), key=lambda r: (order.get(r.code, 9), r.thing))
    return [_unreachable(trip)]


def _unreachable(trip: Trip) -> Refusal:
    return Refusal(
        code="unreachable",
        thing=f"{trip.origin} to {trip.destination}",
        wanted=f"services that arrive by {instant_text(trip.deadline)}",
        found=f"none from {instant_text(trip.ready_at)} on",
        todo="allow more time, or add a service or a zone to the network",
        binding=f"network {trip.origin}-{trip.destination}",
    )


def _plan(label: Label[Node, Leg]) -> Plan:
    return Plan(legs=tuple(steps(label)), arrives_at=label.at_s, cost_minor=label.cost)


class _Walk:
    """The ways on from each label of one search.

    A node is (facility, way in, service): the service that brought the goods is named only where a row of
    connections.csv makes a difference of it.
    """

    def __init__(self, trip: Trip, room: Room, world: World, *, explain: bool = False):
        self.trip, self.room, self.world, self.explain = trip, room, world, explain
        self.table, self.prices = world.timetable, world.prices
        self.amounts = amounts_of(trip.load)
        self.stopped: dict[tuple[str, str], Refusal] = {}
        self.forbidden = frozenset(trip.forbidden)
        self.goal = trip.destination.facility_id
        self.zones = {} if self.goal else _grouped(_zones(self.table, "delivery", trip.destination))

    def start(self) -> Iterator[Onward[Node, Leg]]:
        """Goods at the first facility: collected by each zone that may, or already there."""
        trip, spot = self.trip, self.trip.origin
        if spot.facility_id:
            yield Onward((spot.facility_id, trip.way_in, ""), trip.ready_at, 0, None)
            return
        for zone in _zones(self.table, "pickup", spot):
            facility = self.table.facilities[zone.facility_id]
            there = self.table.calendars.next_open(facility, trip.ready_at + zone.minutes * MINUTE_S)
            if there is None:
                continue
            charge = self._zone_charge("collection", zone, trip.ready_at)
            leg = Leg(
                zone.zone_id,
                "courier",
                zone.company_id,
                str(spot),
                zone.facility_id,
                trip.ready_at,
                there,
                there,
                charge=charge,
            )
            yield Onward((zone.facility_id, "pickup", ""), there, charge.common_minor, leg)

    def onward(self, label: Label[Node, Leg]) -> Iterator[Onward[Node, Leg]]:
        """Every lane that can be boarded, each by its first departure with room, and the door if it is near."""
        facility_id, way_in, by_service = label.node
        if facility_id == self.goal:
            yield Onward(DOOR, label.at_s, 0, None)
            return
        for zone in self.zones.get(facility_id, ()):
            yield from self._deliver(label, zone, way_in)
        trip = self.trip
        lanes = self.table.lanes_from(
            facility_id, product_id=trip.product.product_id, goods_class=trip.load.goods_class, modes=trip.product.modes
        )
        for lane, lead in lanes:
            step = self._ride(label, lane, lead, way_in, by_service)
            if step is not None:
                yield step

    def _deliver(self, label: Label[Node, Leg], zone: Zone, way_in: str) -> Iterator[Onward[Node, Leg]]:
        facility = self.table.facilities[zone.facility_id]
        ready = label.at_s + self._handling_s(zone.facility_id, way_in, "delivery")
        ready = max(ready, self.trip.not_before - zone.minutes * MINUTE_S)
        leaves = self.table.calendars.next_open(facility, ready)
        if leaves is None:
            return
        charge = self._zone_charge("delivery", zone, leaves)
        arrives = leaves + zone.minutes * MINUTE_S
        door = str(self.trip.destination)
        leg = Leg(
            zone.zone_id, "courier", zone.company_id, zone.facility_id, door, leaves, arrives, arrives, charge=charge
        )
        yield Onward(DOOR, arrives, charge.common_minor, leg)

    def _ride(
        self, label: Label[Node, Leg], lane: Lane, lead: Lead, way_in: str, by_service: str
    ) -> Onward[Node, Leg] | None:
        """The lane's first departure that can be met and has room on every leg."""
        trip, here = self.trip, lane.origin
        processing = self.table.find_processing(here, way_in, lane.service.mode, trip.load.goods_class)
        arrived = way_in not in FIRST_WAYS
        ready_at = label.at_s
        if processing is not None:
            ready_at += MINUTE_S * (
                max(processing.minutes, processing.connection_min) if arrived else processing.minutes
            )
        if by_service:
            own = self.table.find_connection(here, by_service, lane.service.service_id)
            ready_at = ready_at if own is None else label.at_s + own
        need = max(
            ready_at + lead.load_build_s,
            label.at_s + lead.acceptance_s,
            trip.known_at + max(lead.booking_s, lead.documents_s, lead.customs_data_s),
        )
        latest = self._latest(label, processing.dwell_min_max if processing else 0, arrived=arrived)
        index = self._first_with_room(lane, need, latest)
        if index is None:
            return None
        return self._step(label, lane, index, storage=self._storage(label, lane, index, processing))

    def _latest(self, label: Label[Node, Leg], dwell_min: int, *, arrived: bool) -> int:
        latest = self.trip.deadline
        if dwell_min:
            latest = min(latest, label.at_s + dwell_min * MINUTE_S)
        if self.trip.depart_by and not arrived:
            latest = min(latest, self.trip.depart_by)
        return latest

    def _first_with_room(self, lane: Lane, need: int, latest: int) -> int | None:
        index = lane.first_from(need)
        while index < len(lane.departs) and lane.departs[index] <= latest:
            if not any(lane.limits):
                return index
            lack = self._find_lack(lane, index)
            if lack is None:
                return index
            self._note(lack.thing, lack)
            index += 1
        if self.explain:
            self._note_missed(lane, need, latest)
        return None

    def _find_lack(self, lane: Lane, index: int) -> Refusal | None:
        for resource, limits in lane.resources(index):
            lack = self.room.find_lack(Use(resource, {d: self.amounts.get(d, 0) for d in limits}), limits)
            if lack is not None:
                return lack
        return None

    def _step(
        self, label: Label[Node, Leg], lane: Lane, index: int, *, storage: Charge | None
    ) -> Onward[Node, Leg] | None:
        day = lane.days[index]
        origin, destination = self.table.facilities[lane.origin], self.table.facilities[lane.destination]
        charge = self._tariff_charge(lane, origin, destination, day)
        if charge is None:
            return None
        departs, arrives = lane.departs[index], lane.arrives[index]
        cleared = arrives + self._clearance_s(origin, destination, day)
        named = lane.resources(index)
        leg = Leg(
            service_id=lane.service.service_id,
            mode=lane.service.mode,
            operator=lane.service.company_id,
            origin=lane.origin,
            destination=lane.destination,
            departs_at=departs,
            arrives_at=arrives,
            ready_at=cleared,
            resources=tuple(r for r, _ in named),
            charge=charge if charge.minor else None,
            storage=storage,
        )
        cost = charge.common_minor + (storage.common_minor if storage else 0)
        if destination.country in self.forbidden:
            return None
        by_service = lane.service.service_id if lane.destination in self.table.named_connections else ""
        return Onward((lane.destination, lane.service.mode, by_service), cleared, cost, leg)

    # --- money

    def _tariff_charge(self, lane: Lane, origin: Facility, destination: Facility, day: dt.date) -> Charge | None:
        service = lane.service
        if not service.tariff_id:
            return Charge(service.service_id, service.company_id, 0, self.prices.currency, 0)
        breaks = self.prices.find_breaks(service.tariff_id, origin, destination)
        minor = None if breaks is None else breaks.find_minor(self.trip.load, day)
        if breaks is None or minor is None:
            self._note_no_rate(lane)
            return None
        currency = breaks.tariff.currency
        return Charge(
            service.service_id, service.company_id, minor, currency, self.prices.to_common(minor, currency, day)
        )

    def _zone_charge(self, what: str, zone: Zone, at: int) -> Charge:
        return self.prices.charge(what, zone.company_id, micro=zone.price, currency=zone.currency, day=_utc_day(at))

    def _storage(self, label: Label[Node, Leg], lane: Lane, index: int, processing: Processing | None) -> Charge | None:
        if processing is None or not processing.storage_per_kg_day:
            return None
        stay = lane.departs[index] - label.at_s - processing.free_min * MINUTE_S
        if stay <= 0:
            return None
        days = -(-stay // DAY_S)
        micro = processing.storage_per_kg_day * days * self.trip.load.grams // GRAMS_PER_KG
        facility = self.table.facilities[lane.origin]
        operator = self.table.operator(facility, lane.days[index])
        return self.prices.charge("storage", operator, micro=micro, currency=processing.currency, day=lane.days[index])

    # --- time

    def _handling_s(self, facility_id: str, way_in: str, way_out: str) -> int:
        processing = self.table.find_processing(facility_id, way_in, way_out, self.trip.load.goods_class)
        return processing.minutes * MINUTE_S if processing else 0

    def _clearance_s(self, origin: Facility, destination: Facility, day: dt.date) -> int:
        regime = self.table.find_customs(origin.country, destination.country, self.trip.load.goods_class, day)
        return regime.minutes * MINUTE_S if regime else 0

    # --- what stopped it

    def _note(self, thing: str, refusal: Refusal) -> None:
        self.stopped.setdefault((refusal.code, thing), refusal)

    def _note_no_rate(self, lane: Lane) -> None:
        if self.explain:
            grams = self.trip.load.grams
            found = f"none in tariff {lane.service.tariff_id}"
            refusal = Refusal("no_rate", lane.service.service_id, f"a rate for {grams} g", found, "add a weight break")
            self._note(lane.service.service_id, refusal)

    def _note_missed(self, lane: Lane, need: int, latest: int) -> None:
        after = lane.first_from(need)
        if after == len(lane.departs):
            found = "no departure after that in the timetable"
        elif lane.departs[after] > latest:
            found = f"the next one leaves {span_text(lane.departs[after] - latest)} after the latest useful time"
        else:
            return
        wanted = f"a departure from {instant_text(need)} to {instant_text(latest)}"
        thing = f"{lane.service.service_id} {lane.origin}-{lane.destination}"
        self._note(
            thing, Refusal("too_late", thing, wanted, found, "make the goods ready earlier", f"timetable {thing}")
        )


def _zones(table: Timetable, use: str, spot: Spot) -> list[Zone]:
    return table.zones(use, country=spot.country, postcode=spot.postcode)


def _grouped(zones: list[Zone]) -> dict[str, list[Zone]]:
    out: dict[str, list[Zone]] = {}
    for zone in zones:
        out.setdefault(zone.facility_id, []).append(zone)
    return out


def _utc_day(instant: int) -> dt.date:
    return dt.date.fromordinal(719_163 + instant // DAY_S)
