"""What operators run, ready for questions: stops, cut-offs, capacity, handling, borders. See `dated` for its days."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rookery.journey.account import Amounts
from rookery.journey.calendars import Calendars
from rookery.journey.network.line import Capacity, Cutoff, Service, Stop
from rookery.journey.network.offer import Customs, Goods, ProductLane, Prohibition
from rookery.journey.network.place import Facility, Processing, ReturnLane, Zone
from rookery.journey.network.whole import Network
from rookery.units import MINUTE_S, local_instant, time_zone

T = TypeVar("T")
ANY = "*"
DATED_KEPT = 4096  # departures whose times are remembered
Node = tuple[str, str, str]  # facility, way in, service that brought the goods where that makes a difference
FIRST_WAYS = ("pickup", "drop_off", "stock")  # how goods come to the first facility; later ones are reached by a mode
Rank = tuple[int, tuple[bool, ...]]


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before a departure things must be, in seconds."""

    acceptance_s: int = 0
    load_build_s: int = 0
    booking_s: int = 0
    documents_s: int = 0
    customs_data_s: int = 0


@dataclass(frozen=True, slots=True)
class Dated:
    """A departure as the timetable has it.

    calls  (stop, arrives, departs) of each stop in order, as instants; 0: none. places: their facilities
    """

    service: Service
    calls: tuple[tuple[int, int, int], ...]
    places: tuple[str, ...]


class Timetable:
    """A network made ready for questions. Immutable but for its own caches."""

    def __init__(self, network: Network):
        self.network = network
        self.calendars = Calendars(network)
        self.facilities = {f.facility_id: f for f in network.facilities}
        self.goods = {g.goods_class: g for g in network.goods}
        self.companies = {c.company_id: c for c in network.companies}
        self.products = {p.product_id: p for p in network.products}
        self.territory = {c.country: c.customs_territory for c in network.countries}
        self._services = {s.service_id: s for s in network.services}
        self._named_connections = {c.facility_id for c in network.connections}
        by_name = tuple(sorted(network.zones, key=lambda z: z.zone_id))  # so that ties do not depend on the file
        self._zones = _grouped(by_name, lambda z: z.use + z.country)
        self._zone_answers: dict[tuple[str, str, str], list[Zone]] = {}
        self._lane_answers: dict[tuple[str, str, str, dt.date], ProductLane | None] = {}
        self._return_lanes = {(r.from_country, r.to_country): r for r in network.return_lanes}
        self._product_lanes = _grouped(network.product_lanes, lambda r: r.product_id)
        self.countries_that_ban = sorted({p.country for p in network.prohibitions if p.direction == "transit"})
        self._prohibitions = _grouped(network.prohibitions, lambda p: p.country)
        self._connections = {(c.facility_id, c.from_service, c.to_service): c for c in network.connections}
        self._operators = _grouped(network.facility_operators, lambda o: o.facility_id)
        self._capacities = _grouped(network.capacities, lambda c: c.service_id)
        self._processing = _grouped(network.processing, lambda p: p.facility_id)
        self._cutoffs = _grouped(network.cutoffs, lambda c: c.service_id)
        self._cutoff_answers: dict[str, list[Cutoff]] = {}
        self._variants = {v.variant_id: v for v in network.variants}
        self._stops = _grouped(network.stops, lambda s: s.variant_id)
        self._legs: dict[tuple[str, int], Amounts] = {}
        self._dated = lru_cache(DATED_KEPT)(self._find_dated)
        self._regimes: dict[tuple[str, str, str], list[Customs]] = {}
        self._handling: dict[tuple[str, str, str, str], Processing | None] = {}

    # --- services and their stops

    def service(self, service_id: str) -> Service:
        """The service of that id."""
        return self._services[service_id]

    def service_of(self, variant_id: str) -> str:
        """The id of the service that a variant belongs to."""
        return self._variants[variant_id].service_id

    def calls(self, variant_id: str) -> list[Stop]:
        """The stops of a variant in order."""
        return sorted(self._stops[variant_id], key=lambda stop: stop.stop_seq)

    def has_named_connections(self, facility_id: str) -> bool:
        """True if some pair of services has a connection time of its own there."""
        return facility_id in self._named_connections

    def crosses(self, facility_ids: Iterable[str]) -> bool:
        """True if facilities stand in more than one customs territory."""
        return len({self.territory[self.facilities[name].country] for name in facility_ids}) > 1

    def limits_of(self, name: str) -> Amounts:
        """Limits of a dated leg: `variant/date/stop`."""
        variant_id, _, seq = name.split("/")
        return self.leg_limits(variant_id, int(seq))

    def find_dated(self, departure: str) -> Dated | None:
        """The departure of that name, `variant/date`, or None: the timetable has none."""
        return self._dated(departure)

    def _find_dated(self, departure: str) -> Dated | None:
        variant_id, _, text = departure.partition("/")
        variant = self._variants.get(variant_id)
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            return None
        about = self.network.about
        if variant is None or not (about.valid_from <= day <= about.valid_to and variant.holds_on(day)):
            return None
        if day.isoformat() != text or not self.calendars.is_open(variant.calendar_id, day):
            return None
        stops = self.calls(variant_id)
        calls = tuple(self._call(stop, day) for stop in stops)
        return Dated(self._services[variant.service_id], calls, tuple(stop.facility_id for stop in stops))

    def _call(self, stop: Stop, day: dt.date) -> tuple[int, int, int]:
        zone = time_zone(self.facilities[stop.facility_id].time_zone)
        arrives, departs = (0 if at is None else local_instant(day, at, zone) for at in (stop.arrives, stop.departs))
        return stop.stop_seq, arrives, departs

    def facility_of(self, variant_id: str, seq: int) -> Facility:
        """The facility where a variant's leg begins."""
        call = next(stop for stop in self._stops[variant_id] if stop.stop_seq == seq)
        return self.facilities[call.facility_id]

    def leg_limits(self, variant_id: str, seq: int) -> Amounts:
        """Capacity of a leg: for each dimension the most specific row."""
        known = self._legs.get((variant_id, seq))
        if known is None:
            best: dict[str, tuple[Rank, Capacity]] = {}
            for row in self._capacities.get(self._variants[variant_id].service_id, ()):
                if row.variant_id in (ANY, variant_id) and row.leg_seq in (ANY, str(seq)):
                    rank = _rank(row.variant_id, row.leg_seq)
                    if row.dimension not in best or rank > best[row.dimension][0]:
                        best[row.dimension] = (rank, row)
            known = {dimension: row.amount for dimension, (_, row) in sorted(best.items())}
            self._legs[variant_id, seq] = known
        return known

    def lead(self, service: Service, facility_id: str, goods_class: str, product_id: str) -> Lead:
        """The cut-off chain of a service at a stop: of each kind the most specific row."""
        best: dict[str, int] = {}
        for row in self._ranked_cutoffs(service.service_id):
            if (
                row.facility_id in (ANY, facility_id)
                and row.goods_class in (ANY, goods_class)
                and row.product_id in (ANY, product_id)
            ):
                best.setdefault(f"{row.kind}_s", row.minutes * MINUTE_S)
        return Lead(**best)

    def _ranked_cutoffs(self, service_id: str) -> list[Cutoff]:
        """The cut-offs that a service may have, the most specific first, those of one rank as the file has them."""
        known = self._cutoff_answers.get(service_id)
        if known is None:
            rows = (*self._cutoffs.get(service_id, ()), *self._cutoffs.get(ANY, ()))
            rank = lambda row: _rank(row.service_id, row.facility_id, row.goods_class, row.product_id)  # noqa: E731
            known = self._cutoff_answers[service_id] = sorted(rows, key=rank, reverse=True)
        return known

    # --- handling and borders

    def find_processing(self, facility_id: str, way_in: str, way_out: str, goods_class: str) -> Processing | None:
        """The most specific processing row, or None: goods pass at once."""
        key = (facility_id, way_in, way_out, goods_class)
        if key not in self._handling:
            rows = (*self._processing.get(facility_id, ()), *self._processing.get(ANY, ()))
            fits = [
                row
                for row in rows
                if row.way_in in (ANY, way_in)
                and row.way_out in (ANY, way_out)
                and row.goods_class in (ANY, goods_class)
            ]
            rank = lambda row: _rank(row.facility_id, row.way_in, row.way_out, row.goods_class)  # noqa: E731
            self._handling[key] = max(fits, key=rank, default=None)
        return self._handling[key]

    def handling_s(
        self, facility_id: str, way_in: str, way_out: str, goods_class: str, *, between: tuple[str, str]
    ) -> int:
        """Seconds from being at a facility to being handled for a way out; `between`: the two services, if any."""
        named = self._connections.get((facility_id, *between))
        if named is not None:
            return named.minutes * MINUTE_S
        row = self.find_processing(facility_id, way_in, way_out, goods_class)
        if row is None:
            return 0
        return (row.minutes if way_in in FIRST_WAYS else max(row.minutes, row.connection_min)) * MINUTE_S

    def find_customs(self, origin: str, destination: str, goods_class: str, day: dt.date) -> Customs | None:
        """The regime between two customs territories, or None within one or where none is stated."""
        came, enters = self.territory[origin], self.territory[destination]
        if came == enters:
            return None
        key = (came, enters, goods_class)
        if key not in self._regimes:
            self._regimes[key] = [
                row
                for row in self.network.customs
                if row.from_territory in (ANY, came)
                and row.to_territory == enters
                and row.goods_class in (ANY, goods_class)
            ]
        fits = [row for row in self._regimes[key] if row.holds_on(day)]
        return max(fits, key=lambda row: _rank(row.from_territory, row.goods_class), default=None)

    def find_return(self, origin: str, destination: str) -> ReturnLane | None:
        """Where returned goods of a lane go, or None: to the sender."""
        return self._return_lanes.get((origin, destination)) or self._return_lanes.get((ANY, destination))

    def find_product_lane(self, product_id: str, origin: str, destination: str, day: dt.date) -> ProductLane | None:
        """The row under which a product is sold between two countries: the most specific one of a day."""
        key = (product_id, origin, destination, day)
        if key not in self._lane_answers:
            rows = self._product_lanes.get(product_id, [])
            fits = [
                row for row in rows
                if row.from_country in (ANY, origin) and row.to_country in (ANY, destination) and row.holds_on(day)
            ]  # fmt: skip
            if len(self._lane_answers) >= DATED_KEPT:
                self._lane_answers.clear()
            rank = lambda row: 2 * (row.from_country != ANY) + (row.to_country != ANY)  # noqa: E731
            self._lane_answers[key] = max(fits, key=rank, default=None)
        return self._lane_answers[key]

    def zones(self, use: str, *, country: str, postcode: str) -> list[Zone]:
        """Zones whose postcode range holds the postcode; named ranges before whole countries."""
        key = (use, country, postcode)
        known = self._zone_answers.get(key)
        if known is None:
            code = plain_postcode(postcode)
            fits = [zone for zone in self._zones.get(use + country, ()) if _holds(zone, code)]
            known = self._zone_answers[key] = [z for z in fits if z.postcode_from] or fits
        return known

    def find_prohibition(
        self, country: str, direction: str, *, goods_class: str, hs_codes: tuple[str, ...], day: dt.date
    ) -> Prohibition | None:
        """The first row that forbids a movement of such goods on a day, or None."""
        for row in self._prohibitions.get(country, ()):
            applies = row.direction == direction and row.holds_on(day) and row.goods_class in (ANY, goods_class)
            if applies and (not row.hs_prefix or any(code.startswith(row.hs_prefix) for code in hs_codes)):
                return row
        return None

    def operator(self, facility: Facility, day: dt.date) -> str:
        """Who operates a facility on a local day."""
        for row in self._operators.get(facility.facility_id, ()):
            if row.holds_on(day):
                return row.company_id
        return facility.company_id


def carries(service: Service, goods: Goods, product_id: str, modes: tuple[str, ...]) -> bool:
    """True if a service takes goods of a class under a product that may travel by `modes`."""
    return (
        (service.goods == (ANY,) or goods.goods_class in service.goods)
        and (service.products == (ANY,) or product_id in service.products)
        and (modes == (ANY,) or service.mode in modes or service.mode == "transfer")
        and (goods.modes == (ANY,) or service.mode in goods.modes or service.mode == "transfer")
        and not (goods.cargo_aircraft_only and service.aircraft == "passenger")
    )


def plain_postcode(text: str) -> str:
    """A postcode as ranges compare it: capital letters and digits only."""
    return "".join(c for c in text.upper() if c.isalnum())


def _holds(zone: Zone, code: str) -> bool:
    first, last = plain_postcode(zone.postcode_from), plain_postcode(zone.postcode_to or zone.postcode_from)
    return not first or (first <= code[: len(first)] and code[: len(last)] <= last)


def _rank(*fields: str) -> Rank:
    """How specific a row is: the more fields it names the more; among equals the leftmost named field wins."""
    named = tuple(value != ANY for value in fields)
    return sum(named), named


def _grouped(rows: tuple[T, ...], key: Callable[[T], str]) -> dict[str, list[T]]:
    out: dict[str, list[T]] = {}
    for row in rows:
        out.setdefault(key(row), []).append(row)
    return out
