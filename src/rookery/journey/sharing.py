"""Who may use what: holders of orders, and for each limited thing its terms, allotments, round and bid prices.

departure:VARIANT/2026-11-24/STOP   warehouse:SITE/2026-11-24   stock:SITE/OWNER/SKU
sort:FACILITY/2026-11-24T05         what comes to be handled in that hour, UTC
delivery:FACILITY/2026-11-24        what couriers deliver from there on that local day
allotment:ID/2026-11-24             all departures of that day together; of a week: the day is its Monday
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from rookery.engines.share.holders import NEVER, Holders
from rookery.journey.account import Amounts
from rookery.journey.expand import Expansion, HolderTree, Stated, Statements, Thing, counted, expand, find_held
from rookery.journey.network.rows import ANY
from rookery.journey.network.sharing import Allotment, BidPrice, FacilityCapacity, Round, Selector, read_selector
from rookery.journey.network.whole import Network
from rookery.journey.service import Timetable
from rookery.journey.shelves import Shelves
from rookery.units import EPOCH, MINUTE_S, local_day, local_instant, time_zone

KEPT_MOST = 4096  # things whose terms are remembered
PRIORITY = 5  # of whoever has none of its own
ACTIVITIES = {"sort": "facility", "delivery": "station"}  # a resource's kind, and that of its selectors
HOUR = "%Y-%m-%dT%H"
HOUR_S = 3600

Limits = tuple[tuple[str, int], ...]
Picked = TypeVar("Picked", Allotment, BidPrice, Round)


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """On which terms a limited thing is shared.

    dimensions  the limits that are shared, in the order of the columns of the tree
    tree        row i is the holder `Sharing.names[i]`; its instants are those of this thing
    """

    dimensions: tuple[str, ...]
    tree: Holders


class _Subject(NamedTuple):
    """What a resource's name says. `part`: the stop where a leg begins; blank elsewhere."""

    thing: Thing
    day: dt.date
    part: str = ""


class Sharing:
    """The holders of a network and what they have of each limited thing. Immutable but for its own caches.

    names  every holder, each after the one above it and of one level by id; first the network itself, `*`
    rows   the place of each in `names`
    """

    def __init__(self, network: Network, timetable: Timetable, shelves: Shelves):
        self.statements = Statements(network)
        self.tree = HolderTree(network.holders)
        self.names, self.rows = self.tree.names, self.tree.rows
        self._table, self._shelves, self._first_day = timetable, shelves, network.about.valid_from
        self._holders = {
            (h.company_id, h.product_id): h.holder for h in network.holders if h.company_id or h.product_id
        }
        self._companies = {h.holder: h.company_id for h in network.holders}
        self._priorities = {h.holder: h.priority for h in network.holders}
        self._allotments = {row.allotment_id: row for row in network.allotments}
        self._allotted = _by_specific(sorted(network.allotments, key=lambda row: row.allotment_id))
        self._rounds, self._bids = _by_specific(network.rounds), _by_specific(network.bid_prices)
        self._facility: dict[Thing, list[FacilityCapacity]] = {}
        for row in network.facility_capacities:
            self._facility.setdefault(Thing(ACTIVITIES[row.activity], row.facility_id), []).append(row)
        self._subject = lru_cache(KEPT_MOST)(self._read)
        self._terms = lru_cache(KEPT_MOST)(self._make_terms)
        self._expansions = lru_cache(KEPT_MOST)(self._expand)
        self._booking_s = lru_cache(KEPT_MOST)(self._find_booking_s)
        self._cutoffs = lru_cache(KEPT_MOST)(self._find_cutoff_at)
        self._allotments_of = lru_cache(KEPT_MOST)(self._find_allotments)
        self._limits = lru_cache(KEPT_MOST)(self._find_limits)

    # --- holders

    def holder_of(self, company_id: str, product_id: str = "") -> str:
        """Who holds space for a company's orders of a product, the most specific; `*` where nobody does."""
        find = self._holders.get
        return find((company_id, product_id)) or find((company_id, "")) or find(("", product_id)) or ANY

    def priority_of(self, holder: str) -> int:
        """The order of a holder's requests; lower goes first."""
        return self._priorities.get(holder, PRIORITY)

    def company_of(self, holder: str) -> str:
        """The company that holds, or the nearest above that is one; `*`: the network's operator."""
        return next((c for name in (holder, *self.above(holder)) if (c := self._companies.get(name))), ANY)

    def above(self, holder: str) -> tuple[str, ...]:
        """The holders above one, up to the network itself, which has none."""
        found, row = [], self.tree.above[self.rows[holder]]
        while row >= 0:
            found.append(self.names[row])
            row = self.tree.above[row]
        return tuple(found)

    # --- terms

    @property
    def has_terms(self) -> bool:
        """True if anything is shared at all."""
        return not self.statements.is_empty

    @property
    def has_facilities(self) -> bool:
        """True if what a facility sorts or delivers is limited anywhere."""
        return bool(self._facility)

    @property
    def has_any(self) -> bool:
        """True if anything limits a plan that is not room on its rides."""
        return self.has_terms or self.has_facilities or bool(self._allotments)

    def is_shared(self, resource: str) -> bool:
        """True if a share or a block is about a thing on its day."""
        return self._stated(resource) is not None

    def find_terms(self, resource: str, limits: Amounts) -> ShareTerms | None:
        """The terms of a thing that has these limits, or None: whoever comes first has it."""
        return None if self.statements.is_empty else self._terms(resource, tuple(limits.items()))

    def _stated(self, resource: str) -> Stated | None:
        subject = None if self.statements.is_empty else self._subject(resource)
        return self.statements.on(subject.thing, subject.day) if subject else None

    def _make_terms(self, resource: str, limits: Limits) -> ShareTerms | None:
        stated = self._stated(resource)
        if stated is None or not counted(dict(limits)):
            return None
        found = self._expansions(stated, limits)
        cutoff_at = self.cutoff_at(resource) if any(found.release_min) else NEVER
        if cutoff_at == NEVER:
            return ShareTerms(found.dimensions, found.tree)
        released = [cutoff_at - minutes * MINUTE_S if minutes else NEVER for minutes in found.release_min]
        return ShareTerms(found.dimensions, found.tree._replace(release_at=np.array(released, np.int64)))

    def _expand(self, stated: Stated, limits: Limits) -> Expansion:
        amounts = dict(limits)
        return expand(self.tree, find_held(stated, counted(amounts)), amounts)

    def cutoff_at(self, resource: str) -> int:
        """The instant from which releases count back; NEVER for stock.

        A leg: its departure less the longest booking cut-off there. A warehouse's day: when orders for it have to be
        in. A sort hour, a day of deliveries: their beginning.
        """
        return self._cutoffs(resource)

    def _find_cutoff_at(self, resource: str) -> int:
        subject, (kind, _, name) = self._subject(resource), resource.partition(":")
        if subject is None or kind == "stock":
            return NEVER
        if kind == "departure":
            return self._leg_at(name.partition("/")[0], subject)
        if kind == "sort":
            return _hour_at(name.rpartition("/")[2])
        zone = time_zone(self._table.facilities[subject.thing.id].time_zone)
        minutes = self._shelves.warehouses[subject.thing.id].order_by if kind == "warehouse" else 0
        return local_instant(subject.day, minutes, zone)

    def leaves_at(self, departure: str) -> int:
        """The cut-off of the first leg of a departure `variant/date`: nothing on it can be booked later than that."""
        first = self._table.calls(departure.partition("/")[0])[0]
        return self.cutoff_at(f"departure:{departure}/{first.stop_seq}")

    def _leg_at(self, variant_id: str, subject: _Subject) -> int:
        stop = next(call for call in self._table.calls(variant_id) if call.stop_seq == int(subject.part))
        assert stop.departs is not None, f"{variant_id}: a leg begins at stop {stop.stop_seq}"
        zone = time_zone(self._table.facilities[stop.facility_id].time_zone)
        return local_instant(subject.day, stop.departs, zone) - self._booking_s(subject.thing.id, stop.facility_id)

    def _find_booking_s(self, service_id: str, facility_id: str) -> int:
        """The longest booking cut-off that any goods under any product have there."""
        table, service = self._table, self._table.service(service_id)
        pairs = [(goods, product) for goods in table.goods for product in table.products]
        return max((table.lead(service, facility_id, *pair).booking_s for pair in pairs), default=0)

    # --- rounds, bid prices, allotments

    @property
    def has_rounds(self) -> bool:
        """True if requests beyond guarantees are collected anywhere."""
        return bool(self._rounds)

    def round_s(self, resource: str) -> int:
        """For how long requests beyond guarantees are collected before they are decided; 0: not at all."""
        found = self._matching(self._rounds, resource)
        return found[0].round_s if found else 0

    def bids(self, resource: str) -> dict[str, int]:
        """What capacity beyond guarantees has to earn: by dimension, millionths per 1,000 units of it."""
        if not self._bids:
            return {}
        least_specific_first = reversed(self._matching(self._bids, resource))
        return {row.dimension: row.price for row in least_specific_first}

    def allotments(self, holder: str, resource: str) -> tuple[str, ...]:
        """Accounts on which a holder's use of a departure counts as well: its own allotments and those above it.

        Two legs of one departure count on the same account: whoever rides both is counted there once.
        """
        return self._allotments_of(holder, resource) if self._allotted else ()

    def _find_allotments(self, holder: str, resource: str) -> tuple[str, ...]:
        found = self._matching(self._allotted, resource)
        if not found:
            return ()
        subject, holders = self._subject(resource), (holder, *self.above(holder))
        assert subject is not None, f"{resource}: allotments are found of what is read"
        return tuple(allotment_name(row, subject.day) for name in holders for row in found if row.holder == name)

    def _matching(self, rows: dict[str, list[tuple[Selector, Picked]]], resource: str) -> list[Picked]:
        """The rows about a thing on its day, the most specific first."""
        subject = self._subject(resource) if rows else None
        if subject is None:
            return []
        thing, day = subject.thing, subject.day
        return [row for selector, row in rows.get(thing.kind, ()) if selector.matches(thing.id) and row.holds_on(day)]

    def find_allotment(self, allotment_id: str) -> Allotment | None:
        """The allotment of that id, or None."""
        return self._allotments.get(allotment_id)

    def allotted_to(self, resource: str) -> str:
        """The holder whose allotment a resource is; blank: it is none."""
        kind, _, name = resource.partition(":")
        return self._allotments[name.rpartition("/")[0]].holder if kind == "allotment" else ""

    # --- names

    def limits_of(self, resource: str) -> Amounts:
        """Limits of a sort hour, a day of deliveries or an allotment; empty: not limited."""
        return self._limits(resource)

    def _find_limits(self, resource: str) -> Amounts:
        kind, _, name = resource.partition(":")
        if kind == "allotment":
            row = self._allotments[name.rpartition("/")[0]]
            return {row.dimension: row.amount}
        subject = self._subject(resource) if self._facility else None
        return self.facility_limits(subject.thing, subject.day) if subject else {}

    def facility_limits(self, thing: Thing, day: dt.date) -> Amounts:
        """What a `facility` sorts in an hour, or a `station` delivers in a day; empty: not limited."""
        return dict(sorted((row.dimension, row.amount) for row in self._facility.get(thing, ()) if row.holds_on(day)))

    def service_of(self, resource: str) -> str:
        """What is alike from day to day: `service:LGG-MAD.road/1` with the leg, `warehouse:ES-GUA-WH`; an allotment."""
        subject = self._subject(resource)
        if subject is None or subject.thing.kind == "stock":
            return resource if subject else resource.rpartition("/")[0]
        return ":".join(subject.thing) + (f"/{subject.part}" if subject.part else "")

    def _read(self, resource: str) -> _Subject | None:
        """What the name of a resource says; None for an allotment, which is nobody else's."""
        kind, _, name = resource.partition(":")
        if kind == "allotment":
            return None
        if kind == "stock":
            return _Subject(Thing(kind, name.partition("/")[0]), self._first_day)
        if kind == "departure":
            variant_id, day, stop = name.split("/")
            return _Subject(Thing("service", self._table.service_of(variant_id)), dt.date.fromisoformat(day), stop)
        id_, _, when = name.rpartition("/")
        thing = Thing(ACTIVITIES.get(kind, kind), id_)
        if kind == "sort":
            zone = time_zone(self._table.facilities[id_].time_zone)
            return _Subject(thing, local_day(_hour_at(when), zone))
        return _Subject(thing, dt.date.fromisoformat(when))


def sort_name(facility_id: str, instant: int) -> str:
    """Name of the resource that the hour of an instant is, in which a facility handles what comes."""
    return f"sort:{facility_id}/{_hour_text(instant // HOUR_S)}"


@lru_cache(KEPT_MOST)
def _hour_text(hour: int) -> str:
    return dt.datetime.fromtimestamp(hour * HOUR_S, dt.UTC).strftime(HOUR)


def delivery_name(facility_id: str, day: dt.date) -> str:
    """Name of the resource that a local day of deliveries from a facility is."""
    return f"delivery:{facility_id}/{day}"


def allotment_name(row: Allotment, day: dt.date) -> str:
    """Name of the account of an allotment that departures of a day count on."""
    first = day - dt.timedelta(days=day.weekday()) if row.per == "week" else day
    return f"allotment:{row.allotment_id}/{first}"


def _hour_at(text: str) -> int:
    moment = dt.datetime.strptime(text, HOUR).replace(tzinfo=dt.UTC)
    return int((moment - EPOCH).total_seconds())


def _by_specific(rows: Iterable[Picked]) -> dict[str, list[tuple[Selector, Picked]]]:
    """Rows with their selectors by the kind of these, the most specific first, equal ones in the order given."""
    found: dict[str, list[tuple[Selector, Picked]]] = {}
    for row in rows:
        selector = read_selector(row.resource)
        found.setdefault(selector.kind, []).append((selector, row))
    for of_kind in found.values():
        of_kind.sort(key=lambda pair: pair[0].rank, reverse=True)
    return found
