"""From a trip to the engine's arrays and back: what is asked for, and the rides and drives of what was found."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from rookery.engines.network.earliest import boardings, earliest, latest
from rookery.engines.network.pareto import pareto
from rookery.engines.network.query import Query
from rookery.engines.network.rules import DWELL_S, HANDLING_S, TENDER_S
from rookery.engines.network.snapshot import NEVER, Longs
from rookery.engines.network.work import AT, COST, ENTRY, FROM, FULL, OLDER, PARENT, PROBED, TO, TRIP, TURNED, Job, Work
from rookery.engines.network.work import DOOR as BY_DOOR
from rookery.journey.atlas import Atlas, atlas_of
from rookery.journey.dated import Hop, Window
from rookery.journey.desk import Desk
from rookery.journey.lines import DIMENSIONS
from rookery.journey.live import Followed, followed
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Zone
from rookery.journey.order import Spot
from rookery.journey.price import Charge, Load
from rookery.journey.room import Room, amounts_of
from rookery.journey.service import FIRST_WAYS
from rookery.journey.share import OWN, Claimant
from rookery.journey.terms import Terms
from rookery.units import DAY_S, MINUTE_S

T = TypeVar("T")
GRAMS_PER_KG = 1000
LABELS_MAX = 1 << 22  # labels of one search, 0.5 GB: more than any network here has needed by far


@dataclass(frozen=True, slots=True)
class Trip:
    """What is to be carried, from where to where, from when to when, on which terms.

    ready_at     the goods are there
    known_at     the booking, the papers and the customs data are there
    way_in       how goods come to the first facility: pickup, drop_off, stock, or the mode that brought them
    depart_by    latest departure of the first service; 0: any
    forbidden    countries that goods of this kind may not pass through
    not_before   delivery at the door not before this instant; 0: any
    by           for whom space is asked
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
    by: Claimant = OWN


@dataclass(frozen=True, slots=True)
class Lift:
    """Constraints that a search does as if they were not there, to find out which one binds."""

    room: bool = False
    rates: bool = False
    changes: bool = False


class Ride(NamedTuple):
    """A ride that was found. `ready_at`: unloaded and cleared. `charge`: None where the service costs nothing,
    or has no rate (`unpriced`) and the search went on as if it cost nothing."""

    hop: Hop
    ready_at: int
    charge: Charge | None
    storage: Charge | None
    version: int
    tender_s: int
    stay_s_max: int
    unpriced: bool


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


class Way(NamedTuple):
    """A way from the trip's origin to its destination: when it is there, what it costs in common minor units."""

    at_s: int
    cost: int
    steps: tuple[Step, ...]


class Walk:
    """One trip's search."""

    def __init__(self, trip: Trip, room: Room, desk: Desk, lift: Lift | None = None):
        self.trip, self.room, self.desk, self.lift = trip, room, desk, lift or Lift()
        self.atlas: Atlas = atlas_of(desk.world)
        self.window: Window = self.atlas.window(min(trip.ready_at, trip.known_at), trip.deadline)
        self.follower: Followed = followed(room.state, self.window)
        live = self.follower.follow()  # before the terms: what is faster by now belongs to them
        self.live = self.atlas.as_planned(self.window) if self.lift.changes else live
        product = trip.product
        self.terms: Terms = self.atlas.terms(
            self.window, self.follower, product_id=product.product_id, goods_class=trip.load.goods_class,
            modes=product.modes,
        )  # fmt: skip

    def find(self) -> list[Way]:
        """Every way that no other beats in arrival and cost, earliest first."""
        starts, drives = self._starts()
        if not starts:
            return []
        with self.follower.set_aside(self.room.list_aside()):
            return [self._way(labels, drives) for labels in self._search(self._job(), np.array(starts, np.int64))]

    @property
    def probed(self) -> int:
        """Departures that the last search looked at."""
        return int(self.atlas.work(self.window).counters[PROBED])

    def find_earliest(self) -> Way | None:
        """The way that arrives first, whatever it costs; a fraction of the time that `find` takes."""
        starts, drives = self._starts()
        if not starts:
            return None
        rows = np.array(starts, np.int64)
        with self.follower.set_aside(self.room.list_aside()):
            found = self._with_work(partial(earliest, self._job(), rows))
        if found == NEVER:
            return None
        work = self.atlas.work(self.window)
        return self._way(chain(work.labels, work.found[0]), drives, priced=False)

    def find_latest(self) -> int | None:
        """The latest instant at which the goods may be ready and still arrive by the deadline; None: none is left."""
        starts, drives = self._starts()
        job = self._job()
        with self.follower.set_aside(self.room.list_aside()):
            at = [self._with_work(partial(latest, job, node)) for node, _, _ in starts]
        found = [self._ready_by(one, n, drives) for n, one in enumerate(at)]
        return max((at for at in found if at is not None and at >= self.trip.ready_at), default=None)

    def list_instants(self, until: int) -> list[int]:
        """An instant, and those before at which goods that are ready just meet some first departure; latest first."""
        starts, drives = self._starts()
        job = self._job()
        # Goods that are ready at the last are at the first facility later: after the drive, when it opens.
        last = max((at for _, at, _ in self._starts(until)[0]), default=self.window.relative(until))
        found: set[int | None] = {until} if starts else set()
        found |= {
            self._ready_by(int(at), n, drives)
            for n, (node, soonest, _) in enumerate(starts)
            for at in boardings(job, node, soonest, last)
        }
        return sorted((at for at in found if at is not None and self.trip.ready_at <= at <= until), reverse=True)

    def _ready_by(self, at: int, start: int, drives: list[Drive]) -> int | None:
        """When goods have to be ready at the origin to be at the first facility at an instant of the window."""
        table, origin = self.desk.world.timetable, self.trip.origin.facility_id
        if at == -NEVER:
            return None
        zone = drives[start].zone if drives else None
        facility = table.facilities[zone.facility_id if zone else origin]
        there = table.calendars.last_open(facility, self.window.net.epoch_s + at)
        return None if there is None else there - (zone.minutes * MINUTE_S if zone else 0)

    def _with_work(self, ask: Callable[[Work], T]) -> T:
        """The answer to a question that needs room to work in, which grows until it is enough."""
        work = self.atlas.work(self.window)
        answer = ask(work)
        while work.counters[FULL]:
            size = 8 * len(work.labels)
            assert size <= LABELS_MAX, f"a search from {self.trip.origin} to {self.trip.destination} has no end"
            work = self.atlas.work(self.window, anew=size)
            answer = ask(work)
        return answer

    def _search(self, job: Job, starts: Longs) -> list[Longs]:
        """The labels of each way, first to last.

        A goal that nothing leads to bounds nothing: every way to everywhere would be kept. So a search that needs much
        room is gone on with only if there is an end to it.
        """
        work = self.atlas.work(self.window)
        count = pareto(job, starts, work)
        if work.counters[FULL]:
            if self._with_work(partial(earliest, job, starts)) == NEVER:
                return []
            count = self._with_work(partial(pareto, job, starts))
            work = self.atlas.work(self.window)
        self.room.turns_away |= bool(work.counters[TURNED])
        return [chain(work.labels, last) for last in work.found[:count]]

    def _job(self) -> Job:
        trip, window, terms = self.trip, self.window, self.terms
        amounts, epoch = amounts_of(trip.load), window.epoch_of(trip.ready_at)
        waits = trip.not_before and not trip.destination.facility_id  # a facility has no door to be at
        query = Query(
            need=np.array([amounts[dimension] for dimension in DIMENSIONS], np.int64),
            known_at=window.relative(trip.known_at),
            depart_by=window.relative(trip.depart_by) if trip.depart_by else NEVER,
            deadline=window.relative(trip.deadline),
            not_before=window.relative(trip.not_before) if waits else -NEVER,
            grams=trip.load.grams,
            cm3=trip.load.cm3,
            legs_max=self.desk.world.policy.legs_max,
            with_room=int(not self.lift.room),
            with_rates=int(not self.lift.rates),
            one_epoch=int(window.is_one_epoch(trip.ready_at, trip.deadline, self.follower.late_s)),
            epoch=epoch,
            barred=self.atlas.barred(trip.forbidden),
            memo=self.atlas.memo(terms, trip.load),
        )
        goal, _ = self.atlas.goal(window, trip.destination, trip.load.goods_class)
        bounds = self.atlas.bounds(
            window, self.follower, terms, trip.destination, trip.load, window.relative(trip.ready_at)
        )
        return Job(window.net, self.live, terms.rules, terms.money, goal, bounds, query)

    # --- the ends

    def near(self, use: str, spot: Spot) -> list[Zone]:
        """The zones that collect from or deliver to a spot."""
        return self.desk.world.timetable.zones(use, country=spot.country, postcode=spot.postcode)

    def _starts(self, ready: int | None = None) -> tuple[list[tuple[int, int, int]], list[Drive]]:
        """Goods at the first facility, as (node, instant, cost): there already, or collected by each zone that may."""
        trip, spot, table = self.trip, self.trip.origin, self.desk.world.timetable
        ready_at = trip.ready_at if ready is None else ready
        if spot.facility_id:
            there = table.calendars.next_open(table.facilities[spot.facility_id], ready_at)
            node = self.atlas.first_node(spot.facility_id, trip.way_in)
            return ([(node, self.window.relative(there), 0)], []) if there is not None else ([], [])
        starts, drives = [], []
        for zone in self.near("pickup", spot):
            facility = table.facilities[zone.facility_id]
            there = table.calendars.next_open(facility, ready_at + zone.minutes * MINUTE_S)
            if there is not None:
                charge = self._drive_charge("collection", zone, ready_at)
                drives.append(Drive(zone, str(spot), zone.facility_id, ready_at, there, charge))
                node = self.atlas.first_node(zone.facility_id, FIRST_WAYS[0])
                starts.append((node, self.window.relative(there), charge.common_minor))
        return starts, drives

    def _drive_charge(self, what: str, zone: Zone, at: int) -> Charge:
        prices, day = self.desk.world.prices, utc_day(at)
        return prices.charge(what, zone.company_id, micro=zone.price, currency=zone.currency, day=day)

    # --- back to the trade

    def _way(self, labels: Longs, drives: list[Drive], *, priced: bool = True) -> Way:
        """A way from its labels; `priced`: the search has worked out what it costs, and that has to agree."""
        steps: list[Step] = [drives[labels[0, OLDER]]] if drives else []
        cost = drives[labels[0, OLDER]].charge.common_minor if drives else 0
        for before, label in pairwise(labels):
            if label[FROM] >= 0:
                ride = self._ride(before, label)
                steps.append(ride)
                cost += sum(charge.common_minor for charge in (ride.charge, ride.storage) if charge is not None)
            elif self.trip.destination.facility_id == "":
                drive = self._drive(before, label)
                steps.append(drive)
                cost += drive.charge.common_minor
        last = labels[-1]
        assert cost == last[COST] or self.lift.rates or not priced, (
            f"engine and price list differ: {last[COST]} and {cost} minor units"
        )
        return Way(self.window.net.epoch_s + int(last[AT]), cost, tuple(steps))

    def _ride(self, before: Longs, label: Longs) -> Ride:
        hop = self.window.hop(self.live, int(label[FROM]), int(label[TO]), int(label[TRIP]))
        world, limits = self.desk.world, self.room.limits
        for resource in hop.resources:
            if resource not in limits:
                limits[resource] = world.limits_of(resource)
        known = None if self.lift.changes else self.room.departure(hop.departure)
        charge, unpriced = self._charge(hop)
        entry = self.terms.rules.entries[label[ENTRY]]
        arrived_at = self.window.net.epoch_s + int(before[AT])
        return Ride(
            hop=hop,
            ready_at=self.window.net.epoch_s + int(label[AT]),
            charge=charge,
            unpriced=unpriced,
            storage=self._storage(hop, arrived_at, self.atlas.lines.nodes[before[0]][1]),
            version=known.version if known is not None else 0,
            tender_s=int(entry[TENDER_S]),
            stay_s_max=int(entry[DWELL_S]),
        )

    def _charge(self, hop: Hop) -> tuple[Charge | None, bool]:
        """What a service charges, None: nothing; and whether it has no rate."""
        service, prices, table = hop.service, self.desk.world.prices, self.desk.world.timetable
        if not service.tariff_id:
            return None, False
        ends = table.facilities[hop.origin], table.facilities[hop.destination]
        breaks = prices.find_breaks(service.tariff_id, *ends)
        minor = None if breaks is None else breaks.find_minor(self.trip.load, hop.day)
        if breaks is None or not minor:
            return None, minor is None
        currency = breaks.tariff.currency
        common = prices.to_common(minor, currency, hop.day)
        return Charge(service.service_id, service.company_id, minor, currency, common), False

    def _storage(self, hop: Hop, arrived_at: int, way_in: str) -> Charge | None:
        """The fee for a stay beyond the free time, per kg and day begun."""
        table, load = self.desk.world.timetable, self.trip.load
        row = table.find_processing(hop.origin, way_in, hop.service.mode, load.goods_class)
        if row is None or not row.storage_per_kg_day:
            return None
        stay = hop.departs_at - arrived_at - row.free_min * MINUTE_S
        if stay <= 0:
            return None
        micro = row.storage_per_kg_day * -(-stay // DAY_S) * load.grams // GRAMS_PER_KG
        operator = table.operator(table.facilities[hop.origin], hop.day)
        return self.desk.world.prices.charge("storage", operator, micro=micro, currency=row.currency, day=hop.day)

    def _drive(self, before: Longs, label: Longs) -> Drive:
        goal, zones = self.atlas.goal(self.window, self.trip.destination, self.trip.load.goods_class)
        zone = zones[label[BY_DOOR]]
        arrives_at = self.window.net.epoch_s + int(label[AT])
        leaves_at = arrives_at - zone.minutes * MINUTE_S
        charge = self._drive_charge("delivery", zone, leaves_at)
        handling = int(goal.doors[label[BY_DOOR], HANDLING_S])
        return Drive(zone, zone.facility_id, str(self.trip.destination), leaves_at, arrives_at, charge, handling)


def chain(labels: Longs, last: int) -> Longs:
    """The labels of a way, first to last; the first says in OLDER which start it is."""
    back = [last]
    while labels[back[-1], PARENT] >= 0:
        back.append(labels[back[-1], PARENT])
    rows = labels[back[::-1]]
    rows[0, OLDER] = back[-1]
    return rows


def utc_day(instant: int) -> dt.date:
    """The UTC day of an instant."""
    return dt.datetime.fromtimestamp(instant, dt.UTC).date()
