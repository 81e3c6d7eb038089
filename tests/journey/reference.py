"""Every way through a little network, found slowly: each departure of each variant on each day by itself.

What goods can do depends on where they are, how and by which service they came, and since when. From each such moment
every ride of every departure is tried, to every later stop, and every door; then the same from where that leads. Places
may be visited again, because a stay that is too long or too dear may be spent on the road; there is no limit of legs.
Times rise with every ride, so that this ends. No arrays, no first departure, no bounds.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from rookery.journey.account import Use
from rookery.journey.calendars import ONE_DAY
from rookery.journey.departure import Departure, late_s
from rookery.journey.desk import World
from rookery.journey.network.line import Service
from rookery.journey.room import Room, amounts_of
from rookery.journey.service import FIRST_WAYS, carries
from rookery.journey.walk import Trip, utc_day
from rookery.units import DAY_S, MINUTE_S

Ends = frozenset[tuple[int, int]]  # arrival, cost: what no other beats in both
Moment = tuple[str, str, str, int]  # facility, way in, service that brought the goods, since when


class Run(NamedTuple):
    """A departure as it runs, stop by stop; `fits`: whether the load has room on the leg that begins there."""

    variant_id: str
    service: Service
    day: dt.date
    places: tuple[str, ...]
    departs: list[int]
    arrives: list[int]
    fits: list[bool]


def useful(ends: Iterable[tuple[int, int]]) -> Ends:
    """Those that no other beats in both."""
    kept: list[tuple[int, int]] = []
    for end in sorted(ends):
        kept += [end] if not kept or end[1] < kept[-1][1] else []
    return frozenset(kept)


class Reference:
    """The useful (arrival, cost) of one trip."""

    def __init__(self, trip: Trip, room: Room, world: World):
        self.trip, self.room, self.table, self.prices = trip, room, world.timetable, world.prices
        takes = (self.table.goods[trip.load.goods_class], trip.product.product_id, trip.product.modes)
        self.runs = [run for run in self._runs() if carries(run.service, *takes)]
        self.lead, self.rest = cache(self.table.lead), cache(self._rest)

    def best(self) -> list[tuple[int, int]]:
        """Every useful end, earliest first."""
        return sorted(useful((at, cost + more) for moment, cost in self._starts() for at, more in self.rest(moment)))

    def _runs(self) -> Iterator[Run]:
        net, uses = self.table.network, amounts_of(self.trip.load)
        days = [net.about.valid_from + n * ONE_DAY for n in range((net.about.valid_to - net.about.valid_from).days + 1)]
        for name, day in ((f"{variant.variant_id}/{day}", day) for variant in net.variants for day in days):
            dated, known = self.table.find_dated(name), self.room.state[Departure].find(name)
            if dated is None or (known and known.cancelled):
                continue
            late = known.late if known else ()
            departs = [at + late_s(late, seq, seq)[0] for seq, _, at in dated.calls]
            arrives = [at + late_s(late, seq, seq)[1] for seq, at, _ in dated.calls]
            legs = [f"{name}/{seq}" for seq, _, _ in dated.calls[:-1]]
            lacks = [self.room.find_lack(Use(f"departure:{leg}", uses), self.table.limits_of(leg)) for leg in legs]
            yield Run(
                name.partition("/")[0],
                dated.service,
                day,
                dated.places,
                departs,
                arrives,
                [lack is None for lack in lacks],
            )

    def _starts(self) -> Iterator[tuple[Moment, int]]:
        trip, spot, calendars = self.trip, self.trip.origin, self.table.calendars
        if spot.facility_id:
            at = calendars.next_open(self.table.facilities[spot.facility_id], trip.ready_at)
            yield from [((spot.facility_id, trip.way_in, "", at), 0)] if at is not None else []
        for zone in self.table.zones("pickup", country=spot.country, postcode=spot.postcode):
            there = calendars.next_open(
                self.table.facilities[zone.facility_id], trip.ready_at + zone.minutes * MINUTE_S
            )
            if there is not None:
                cost = self._common(zone.price, zone.currency, utc_day(trip.ready_at))
                yield (zone.facility_id, "pickup", "", there), cost

    def _rest(self, moment: Moment) -> Ends:
        """Arrival, and cost from here on, of every useful way from a moment."""
        place, way_in, _, ready = moment
        ends = set(self._doors(place, way_in, ready))
        latest = self.trip.depart_by if self.trip.depart_by and way_in in FIRST_WAYS else self.trip.deadline
        for run in self.runs:
            for board in range(len(run.places) - 1):
                if run.places[board] == place and ready <= run.departs[board] <= latest:
                    fee = self._find_fee(run, board, moment)
                    for there, cost in self._rides(run, board) if fee is not None else ():
                        ends |= {(at, cost + fee + more) for at, more in self.rest(there)}
        return useful(ends)

    def _doors(self, place: str, way_in: str, ready: int) -> Iterator[tuple[int, int]]:
        trip, spot = self.trip, self.trip.destination
        yield from [(ready, 0)] if spot.facility_id == place and ready <= trip.deadline else []
        for zone in self.table.zones("delivery", country=spot.country, postcode=spot.postcode):
            if zone.facility_id == place and not spot.facility_id:
                row = self.table.find_processing(place, way_in, "delivery", trip.load.goods_class)
                drive_s = zone.minutes * MINUTE_S
                wanted = max(ready + (row.minutes * MINUTE_S if row else 0), trip.not_before - drive_s)
                leaves = self.table.calendars.next_open(self.table.facilities[place], wanted)
                if leaves is not None and leaves + drive_s <= trip.deadline:
                    yield leaves + drive_s, self._common(zone.price, zone.currency, utc_day(leaves))

    def _find_fee(self, run: Run, board: int, moment: Moment) -> int | None:
        """The fee for the stay before a departure, or None: goods may not board it."""
        trip, (place, way_in, _, ready), leaves = self.trip, moment, run.departs[board]
        row = self.table.find_processing(place, way_in, run.service.mode, trip.load.goods_class)
        lead = self.lead(run.service, place, trip.load.goods_class, trip.product.product_id)
        known = trip.known_at + max(lead.booking_s, lead.documents_s, lead.customs_data_s)
        if leaves < max(ready + self._tender_s(run, moment), known) or (
            row and row.dwell_min_max and leaves > ready + row.dwell_min_max * MINUTE_S
        ):
            return None
        paid_s = leaves - ready - row.free_min * MINUTE_S if row else 0
        if row is None or not row.storage_per_kg_day or paid_s <= 0:
            return 0
        micro = row.storage_per_kg_day * -(-paid_s // DAY_S) * trip.load.grams // 1000
        return self._common(micro, row.currency, run.day)

    def _tender_s(self, run: Run, moment: Moment) -> int:
        """How long before a departure goods have to be there, to be accepted and handled for it."""
        trip, (place, way_in, brought_by, _) = self.trip, moment
        row = self.table.find_processing(place, way_in, run.service.mode, trip.load.goods_class)
        lead = self.lead(run.service, place, trip.load.goods_class, trip.product.product_id)
        minutes = 0 if row is None else row.minutes if way_in in FIRST_WAYS else max(row.minutes, row.connection_min)
        for named in self.table.network.connections:
            if (named.facility_id, named.from_service, named.to_service) == (place, brought_by, run.service.service_id):
                minutes = named.minutes
        return max(lead.acceptance_s, minutes * MINUTE_S + lead.load_build_s)

    def _rides(self, run: Run, board: int) -> Iterator[tuple[Moment, int]]:
        """Every later stop of a departure that goods can alight at, and what the ride costs."""
        facilities, tariff, load = self.table.facilities, run.service.tariff_id, self.trip.load
        for alight in range(board + 1, len(run.places)):
            if not run.fits[alight - 1]:
                return
            ends = facilities[run.places[board]], facilities[run.places[alight]]
            breaks = self.prices.find_breaks(tariff, *ends) if tariff else None
            minor = breaks.find_minor(load, run.day) if breaks else None
            if ends[1].country in self.trip.forbidden or (tariff and minor is None):
                continue
            cost = self.prices.to_common(minor, breaks.tariff.currency, run.day) if breaks and minor else 0
            regime = self.table.find_customs(ends[0].country, ends[1].country, load.goods_class, run.day)
            ready = run.arrives[alight] + (regime.minutes * MINUTE_S if regime else 0)
            if run.arrives[alight] <= self.trip.deadline:
                yield (run.places[alight], run.service.mode, run.service.service_id, ready), cost

    def _common(self, micro: int, currency: str, day: dt.date) -> int:
        return self.prices.charge("", "", micro=micro, currency=currency, day=day).common_minor
