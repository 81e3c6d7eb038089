"""Everything that searches over one network share and that can be made again: windows, terms, goals, bounds.

Nothing here is a decision: what is kept is only what would come out the same when worked out anew.
"""

import datetime as dt
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np

from rookery.engines.network.bounds import bound_cost, bound_time, bucket, price_edges
from rookery.engines.network.daily import Folded, bound_by_day, bound_late, fold
from rookery.engines.network.money import UNKNOWN
from rookery.engines.network.rules import NO_WINDOW, Bounds, Goal
from rookery.engines.network.snapshot import NEVER, Bytes, Ints, Live, Longs, go_live
from rookery.engines.network.work import Work, make_work
from rookery.journey.calendars import ONE_DAY
from rookery.journey.dated import Window, open_window, span
from rookery.journey.desk import World
from rookery.journey.lines import draw_lines
from rookery.journey.live import Followed
from rookery.journey.network.place import Facility, Zone
from rookery.journey.order import Spot
from rookery.journey.price import Load
from rookery.journey.service import FIRST_WAYS
from rookery.journey.terms import Terms, list_fares, list_terms
from rookery.units import EPOCH_ORDINAL, MINUTE_S

T = TypeVar("T")
NOWHERE = -1
LATE_MAX = 256  # rides off plan that bounds by time of day are worth: each costs half a microsecond a search
BOARDINGS_MAX = 1 << 17  # of a table by time of day; one of so many takes half a megabyte and some 7 ms to make


class Kept:
    """Things worked out once, by what they were worked out for; the oldest go first."""

    def __init__(self, most: int):
        self._known: dict[Hashable, Any] = {}
        self._most = most

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of that key, made if it is not there."""
        found: T | None = self._known.get(key)
        return self.put(key, make()) if found is None else found

    def put(self, key: Hashable, thing: T) -> T:
        """Keep a thing from now on, instead of another of that key."""
        while len(self._known) >= self._most and key not in self._known:
            del self._known[next(iter(self._known))]
        self._known[key] = thing
        return thing


class Atlas:
    """What searches over one network share."""

    def __init__(self, world: World):
        self.table, self.prices = world.timetable, world.prices
        self.lines = draw_lines(self.table)
        self._windows, self._works, self._fares, self._terms = Kept(8), Kept(8), Kept(64), Kept(256)
        self._goals, self._openings, self._barred = Kept(4096), Kept(4096), Kept(256)
        self._times, self._costs, self._edges, self._memos = Kept(4096), Kept(4096), Kept(512), Kept(64)
        self._folded, self._by_day = Kept(32), Kept(512)
        self.choices = Kept(2048)  # what `choices` alone has use for

    def window(self, first: int, last: int) -> Window:
        """The window for a trip from one instant to another."""
        days = span(self.table, self.lines, first=first, last=last)
        return self._windows.get(days, lambda: open_window(self.table, self.prices, self.lines, *days))

    def as_planned(self, window: Window) -> Live:
        """Live arrays in which everything runs as planned and is empty."""
        return self._works.get(("planned", window.key), lambda: go_live(window.net))

    def work(self, window: Window, *, anew: int = 0) -> Work:
        """Room for a search; `anew`: with so many labels."""
        if anew:
            self._works = Kept(8)
        return self._works.get(window.key, lambda: make_work(window.net, anew or 1 << 13))

    def terms(
        self, window: Window, follower: Followed, *, product_id: str, goods_class: str, modes: tuple[str, ...]
    ) -> Terms:
        """The terms of a product for goods of a class in a window, as followed."""
        key = ((window.key, product_id, goods_class, modes), follower.faster)
        fares = lambda: list_fares(self.table, self.prices, window, goods_class)  # noqa: E731
        make = lambda: list_terms(  # noqa: E731
            self.table, self.prices, window, follower.live, key, self._fares.get((window.key, goods_class), fares),
            product_id=product_id, modes=modes,
        )  # fmt: skip
        return self._terms.get(key, make)

    def barred(self, countries: tuple[str, ...]) -> Bytes:
        """[facilities] 1 where a facility stands in one of these countries."""
        facilities = self.table.facilities
        names = self.lines.facility_ids
        return self._barred.get(
            countries, lambda: np.array([facilities[name].country in countries for name in names], np.int8)
        )

    def memo(self, terms: Terms, load: Load) -> Longs:
        """Prices of a load that are known so far, under these terms."""
        shape = (len(terms.money.breaks), terms.money.in_force.shape[1])
        return self._memos.get((terms.key, load.grams, load.cm3), lambda: np.full(shape, UNKNOWN, np.int64))

    # --- goals and bounds

    def goal(self, window: Window, spot: Spot, goods_class: str) -> tuple[Goal, list[Zone]]:
        """A spot as a goal, and the zones that its doors stand for; none for a facility."""
        return self._goals.get((window.key, spot, goods_class), lambda: self._make_goal(window, spot, goods_class))

    def bounds(
        self, window: Window, follower: Followed, terms: Terms, spot: Spot, load: Load, after: int = -NEVER
    ) -> Bounds:
        """How fast and how cheap the rest of the way to a spot is at the best for goods ready after an instant.

        Which bounds there are may decide which of two equal plans is found, so that they depend on the network and the
        state alone, and not on what was asked before.
        """
        goal, _ = self.goal(window, spot, load.goods_class)
        key, grams, cm3 = (terms.key, spot), bucket(load.grams), bucket(load.cm3)
        time_s = self._times.get(key, lambda: bound_time(terms.reach, terms.rules, goal))
        edges = self.edges(terms, load)
        cost = self._costs.get((*key, grams, cm3), lambda: bound_cost(terms.reach, terms.rules, goal, edges))
        folded: Folded = self._folded.get(terms.key[0], lambda: fold(window.net, terms.rules))
        late = follower.list_late(after)
        if len(folded.call) > BOARDINGS_MAX or len(late) > LATE_MAX:
            return Bounds(time_s, cost)
        after_s = self._by_day.get((terms.key[0], spot), lambda: bound_by_day(folded, terms.rules, goal))
        bounds = Bounds(time_s, cost, folded.dial, after_s)
        if len(late):
            bounds = bounds._replace(late=bound_late(window.net, follower.live, terms.rules, goal, bounds, late))
        return bounds

    def edges(self, terms: Terms, load: Load) -> Longs:
        """The least price along each edge of a reach, for the loads of a bucket."""
        key = (terms.key, bucket(load.grams), bucket(load.cm3))
        return self._edges.get(key, lambda: price_edges(terms.reach, terms.money, key[1], key[2]))

    def _make_goal(self, window: Window, spot: Spot, goods_class: str) -> tuple[Goal, list[Zone]]:
        node_door = np.full(len(self.lines.nodes), NOWHERE, np.int32)
        windows = np.zeros((0, 2), np.int32)
        if spot.facility_id:
            for node, (facility_id, _, _) in enumerate(self.lines.nodes):
                if facility_id == spot.facility_id:
                    node_door[node] = 0
            free = np.zeros((1, len(window.epochs)), np.int64)
            return Goal(node_door, np.array([[0, 0, NO_WINDOW, 0, NOWHERE]], np.int32), free, windows), []
        zones = self.table.zones("delivery", country=spot.country, postcode=spot.postcode)
        doors, prices, of_door, openings = [], [], [], [windows]
        for zone in reversed(zones):  # the last door of a node is looked at first
            hours = self.hours(window, self.table.facilities[zone.facility_id])
            first = sum(map(len, openings))
            openings.append(hours)
            price = [self._zone_price(zone, day) for day in window.epochs]
            for node, (facility_id, way_in, _) in enumerate(self.lines.nodes):
                if facility_id == zone.facility_id:
                    row = self.table.find_processing(facility_id, way_in, "delivery", goods_class)
                    handling = row.minutes * MINUTE_S if row else 0
                    doors.append((handling, zone.minutes * MINUTE_S, first, len(hours), node_door[node]))
                    node_door[node] = len(doors) - 1
                    prices.append(price)
                    of_door.append(zone)
        goal = Goal(
            node_door, np.array(doors, np.int32).reshape(-1, 5),
            np.array(prices, np.int64).reshape(-1, len(window.epochs)), np.concatenate(openings),
        )  # fmt: skip
        return goal, of_door

    def _zone_price(self, zone: Zone, day: dt.date) -> int:
        return self.prices.charge("", "", micro=zone.price, currency=zone.currency, day=day).common_minor

    def hours(self, window: Window, facility: Facility) -> Ints:
        """[openings, 2] when a facility opens and closes, in the window's seconds."""
        return self._openings.get((window.key, facility.facility_id), lambda: self._make_hours(window, facility))

    def _make_hours(self, window: Window, facility: Facility) -> Ints:
        first = dt.date.fromordinal(window.first_day + EPOCH_ORDINAL)
        days = (first + n * ONE_DAY for n in range(-1, len(window.day_epoch)))
        hours = [found for found in (self.table.calendars.find_hours(facility, day) for day in days) if found]
        return (np.array(hours, np.int64).reshape(-1, 2) - window.net.epoch_s).astype(np.int32)

    def first_node(self, facility_id: str, way_in: str) -> int:
        """The node of goods that begin their journey at a facility, to which they came in one way."""
        known = self.lines.node_index.get((facility_id, way_in, ""))
        return self.lines.node_index[facility_id, FIRST_WAYS[1], ""] if known is None else known


def atlas_of(world: World) -> Atlas:
    """The atlas of a world, drawn once."""
    known: Atlas | None = world.derived.get(Atlas)
    if known is None:
        known = world.derived[Atlas] = Atlas(world)
    return known
