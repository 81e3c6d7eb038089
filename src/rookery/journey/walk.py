"""The ways on from each place of one search: first miles, rides on dated departures, last miles.

Goods at a facility may board a lane's first departure that meets every cut-off and has room on every leg.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rookery.engines.network.search import Label, Onward
from rookery.journey.departure import LATE_S_MAX, late_s
from rookery.journey.desk import World
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Processing, Zone
from rookery.journey.order import Spot
from rookery.journey.price import Charge, Load
from rookery.journey.room import Room, amounts_of
from rookery.journey.service import FIRST_WAYS, Boarding, Lane, Node
from rookery.units import DAY_S, MINUTE_S

DOOR: Node = ("", "door", "")
GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class Trip:
    """What is to be carried, from where to where, from when to when, on which terms.

    ready_at     the goods are there
    known_at     the booking, the papers and the customs data are there
    way_in       how goods come to the first facility: pickup, drop_off or stock
    depart_by    latest departure of the first service; 0: any
    forbidden    countries that goods of this kind may not pass through
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


class Catch(NamedTuple):
    """A departure of a lane as it is known to run, in the version of what is known."""

    departure_idx: int
    departs_at: int
    arrives_at: int
    version: int = 0


class Ride(NamedTuple):
    """A departure of a lane. `ready_at`: unloaded and cleared. Money as (minor units, currency), and in common."""

    boarding: Boarding
    catch: Catch
    ready_at: int
    minor: int
    currency: str
    common_minor: int
    storage: Charge | None

    @property
    def lane(self) -> Lane:
        """The lane that is ridden."""
        return self.boarding.lane


class Drive(NamedTuple):
    """A courier's way between door and facility. `tender_s`: handling before it leaves the facility."""

    zone: Zone
    origin: str
    destination: str
    departs_at: int
    arrives_at: int
    charge: Charge
    tender_s: int = 0


Step = Ride | Drive
At = Label[Node, Step]
On = Onward[Node, Step]


class Walk:
    """The ways on from each label of one search.

    with_room  False: as if every departure were empty, to find out what stands in the way
    """

    def __init__(self, trip: Trip, room: Room, world: World, *, with_room: bool = True):
        self.trip, self.room, self.with_room = trip, room, with_room
        self.table, self.prices = world.timetable, world.prices
        self.amounts = amounts_of(trip.load)
        self.no_rate: dict[str, str] = {}  # services without a rate for this load, and their tariffs
        self._goal = trip.destination.facility_id
        self._zones: dict[str, list[Zone]] = {}
        if not self._goal:
            for zone in self.near("delivery", trip.destination):
                self._zones.setdefault(zone.facility_id, []).append(zone)

    def near(self, use: str, spot: Spot) -> list[Zone]:
        """The zones that collect from or deliver to a spot."""
        return self.table.zones(use, country=spot.country, postcode=spot.postcode)

    def start(self) -> Iterator[On]:
        """Goods at the first facility: there already, or collected by each zone that may."""
        trip, spot = self.trip, self.trip.origin
        if spot.facility_id:
            facility = self.table.facilities[spot.facility_id]
            there = self.table.calendars.next_open(facility, trip.ready_at)
            if there is not None:
                yield Onward((spot.facility_id, trip.way_in, ""), there, 0, None)
            return
        for zone in self.near("pickup", spot):
            facility = self.table.facilities[zone.facility_id]
            there = self.table.calendars.next_open(facility, trip.ready_at + zone.minutes * MINUTE_S)
            if there is not None:
                charge = self._drive_charge("collection", zone, trip.ready_at)
                drive = Drive(zone, str(spot), zone.facility_id, trip.ready_at, there, charge)
                yield Onward((zone.facility_id, "pickup", ""), there, charge.common_minor, drive)

    def onward(self, label: At, beaten: Callable[[Node, int], bool]) -> Iterator[On]:
        """Every lane that can be boarded, each by one departure, and the door if it is near."""
        facility_id, way_in, _ = label.node
        if facility_id == self._goal:
            yield Onward(DOOR, label.at_s, 0, None)
            return
        for zone in self._zones.get(facility_id, ()):
            yield from self._deliver(label, zone, way_in)
        trip = self.trip
        latest = trip.depart_by if trip.depart_by and way_in in FIRST_WAYS else trip.deadline
        boardings = self.table.boardings(
            label.node, product_id=trip.product.product_id, goods_class=trip.load.goods_class, modes=trip.product.modes
        )
        for boarding in boardings:
            if not beaten(boarding.leads_to, label.cost):
                step = self._ride(label, boarding, latest)
                if step is not None:
                    yield step

    def _deliver(self, label: At, zone: Zone, way_in: str) -> Iterator[On]:
        """The last mile: handled, within opening hours, not before it is wanted."""
        trip, facility = self.trip, self.table.facilities[zone.facility_id]
        processing = self.table.find_processing(zone.facility_id, way_in, "delivery", trip.load.goods_class)
        tender_s = processing.minutes * MINUTE_S if processing else 0
        ready = label.at_s + tender_s
        leaves = self.table.calendars.next_open(facility, max(ready, trip.not_before - zone.minutes * MINUTE_S))
        if leaves is not None:
            charge = self._drive_charge("delivery", zone, leaves)
            arrives = leaves + zone.minutes * MINUTE_S
            drive = Drive(zone, zone.facility_id, str(trip.destination), leaves, arrives, charge, tender_s)
            yield Onward(DOOR, arrives, charge.common_minor, drive)

    # --- one ride

    def _ride(self, label: At, boarding: Boarding, latest: int) -> On | None:
        """The lane's first departure that can be met and has room on every leg, if it leads anywhere in time."""
        trip, lane = self.trip, boarding.lane
        need = max(label.at_s + boarding.tender_s, trip.known_at + boarding.known_s)
        if boarding.dwell_s_max:
            latest = min(latest, label.at_s + boarding.dwell_s_max)
        catch = self._first_with_room(lane, need, latest)
        if catch is None or catch.arrives_at > trip.deadline or lane.destination_facility.country in trip.forbidden:
            return None
        day = lane.days[catch.departure_idx]
        money = self._charge(lane, day)
        if money is None:
            return None
        storage = self._storage(label, lane, catch, boarding.fee) if boarding.fee else None
        ready_at = catch.arrives_at + (self._clearance_s(lane, day) if lane.crosses else 0)
        cost = money[2] + (storage.common_minor if storage else 0)
        return Onward(boarding.leads_to, ready_at, cost, Ride(boarding, catch, ready_at, *money, storage))

    def _first_with_room(self, lane: Lane, need: int, latest: int) -> Catch | None:
        if self.room.knows_changes:
            return self._first_as_known(lane, need, latest)
        departs = lane.departs
        for index in range(lane.first_from(need), len(departs)):
            if departs[index] > latest:
                return None
            if not lane.limited or not self.with_room or self._has_room(lane, index):
                return Catch(index, departs[index], lane.arrives[index])
        return None

    def _first_as_known(self, lane: Lane, need: int, latest: int) -> Catch | None:
        """The departure that is there first of those that run, late ones at their own times."""
        best: Catch | None = None
        for index in range(lane.first_from(need - LATE_S_MAX), len(lane.departs)):
            departs_at, arrives_at, version = lane.departs[index], lane.arrives[index], 0
            if departs_at > latest or (best is not None and arrives_at >= best.arrives_at):
                break  # none is ever early
            row = self.room.departure(lane.departure(index))
            if row is not None:
                departs_s, arrives_s = late_s(row.late, lane.board.stop_seq, lane.alight.stop_seq)
                departs_at, arrives_at, version = departs_at + departs_s, arrives_at + arrives_s, row.version
            runs = row is None or not row.cancelled
            is_first = best is None or arrives_at < best.arrives_at
            fits = runs and is_first and need <= departs_at <= latest
            if fits and (not lane.limited or not self.with_room or self._has_room(lane, index)):
                best = Catch(index, departs_at, arrives_at, version)
        return best

    def _has_room(self, lane: Lane, index: int) -> bool:
        has_room, amounts = self.room.has_room, self.amounts
        return all(has_room(resource, amounts, limits) for resource, limits in lane.resources(index))

    def _clearance_s(self, lane: Lane, day: dt.date) -> int:
        origin, destination = lane.origin_facility.country, lane.destination_facility.country
        regime = self.table.find_customs(origin, destination, self.trip.load.goods_class, day)
        return regime.minutes * MINUTE_S if regime else 0

    # --- money

    def _charge(self, lane: Lane, day: dt.date) -> tuple[int, str, int] | None:
        """What a service charges: minor units, currency, and minor units of the network's currency."""
        service, prices = lane.service, self.prices
        if not service.tariff_id:
            return 0, prices.currency, 0
        breaks = prices.find_breaks(service.tariff_id, lane.origin_facility, lane.destination_facility)
        minor = None if breaks is None else breaks.find_minor(self.trip.load, day)
        if breaks is None or minor is None:
            self.no_rate.setdefault(service.service_id, service.tariff_id)
            return None
        return minor, breaks.tariff.currency, prices.to_common(minor, breaks.tariff.currency, day)

    def _drive_charge(self, what: str, zone: Zone, at: int) -> Charge:
        return self.prices.charge(what, zone.company_id, micro=zone.price, currency=zone.currency, day=utc_day(at))

    def _storage(self, label: At, lane: Lane, catch: Catch, processing: Processing) -> Charge | None:
        """The fee for a stay beyond the free time, per kg and day begun."""
        day = lane.days[catch.departure_idx]
        stay = catch.departs_at - label.at_s - processing.free_min * MINUTE_S
        if stay <= 0 or not processing.storage_per_kg_day:
            return None
        micro = processing.storage_per_kg_day * -(-stay // DAY_S) * self.trip.load.grams // GRAMS_PER_KG
        operator = self.table.operator(lane.origin_facility, day)
        return self.prices.charge("storage", operator, micro=micro, currency=processing.currency, day=day)


def utc_day(instant: int) -> dt.date:
    """The UTC day of an instant."""
    return dt.datetime.fromtimestamp(instant, dt.UTC).date()
