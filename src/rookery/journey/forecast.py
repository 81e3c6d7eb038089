"""When a plan arrives, as a distribution, and the window that may be promised from it.

A plan's legs take what their lanes have taken (see `past`); a connection that is missed takes the next departure of the
same service between the same two places that runs, at the times known now. Whether that has room is not asked, nor
how long goods may stay: nobody can know yet.
"""

import math
from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from rookery.engines.eta.arrive import NOTHING, Arrival, LegTimes, PlanTimes, arrive
from rookery.engines.eta.spread import EXACT, Spread
from rookery.engines.network.snapshot import CLOSED, FACILITY, LAST, LINE, START, TRIPS, Longs
from rookery.journey.atlas import Atlas, Kept, atlas_of
from rookery.journey.dated import Window
from rookery.journey.desk import Desk
from rookery.journey.live import Followed, followed
from rookery.journey.past import Lane, Past, past_of
from rookery.journey.route import Leg, Plan
from rookery.journey.state import State
from rookery.units import MINUTE_S

PPM = 1_000_000
DEPARTURES_MAX = 400  # departures of a leg that are looked at; what makes none of them counts as never there
READY_STEP_S = 5 * MINUTE_S  # goods that may miss their first departure count as ready at the next of these
NEVER_S = 2**33  # later than any instant of a window


class Outset(NamedTuple):
    """How goods set out on a plan.

    ready_at    they are there, at the door or the first facility
    way_in      how they come to the first facility
    not_before  delivery not before this instant; 0: any
    """

    ready_at: int
    way_in: str
    product_id: str
    goods_class: str
    not_before: int = 0


class Forecast(NamedTuple):
    """The arrival of a plan, and how many past legs of its lanes that was learned from.

    early_at, late_at  before and by which few and most goods are there (policy `early_ppm`, `late_ppm`); None: what
                       departures are known do not suffice
    """

    arrival: Arrival
    legs_known: int
    early_at: int | None
    late_at: int | None


class Outlook(NamedTuple):
    """Delivery between two instants: `earliest` is too early in few cases (policy `early_ppm`), `latest` is kept with
    `confidence_ppm`, parts per million, rounded down."""

    earliest: int
    latest: int
    confidence_ppm: int
    legs_known: int


def outlook(
    plans: tuple[Plan, ...],
    outset: Outset,
    promised_by: int,
    state: State,
    desk: Desk,
    fallback: tuple[Plan, ...] = (),
) -> Outlook:
    """What may be promised of goods that travel by these plans, all of them: they arrive with the last.

    promised_by  the latest instant that the product promises; where it promises none, the policy's horizon, and
                 `latest` is then the instant that is kept in most cases (policy `late_ppm`)
    fallback     what they travel by instead if space that these plans borrow is recalled: it is promised what is kept
                 by either way, and no less than this one as it is planned
    """
    policy = desk.world.policy
    ways = [[forecast(plan, outset, promised_by, state, desk) for plan in way] for way in (plans, fallback) if way]
    latest = promised_by
    if promised_by == outset.ready_at + policy.horizon_s:
        late = (promised_by if one.late_at is None else one.late_at for way in ways for one in way)
        latest = max(min(promised_by, max(late)), *(plan.arrives_at for plan in fallback), 0)
    earliest = min(max(latest if one.early_at is None else one.early_at for one in way) for way in ways)
    kept = min(math.prod(one.arrival.by(latest) for one in way) for way in ways)
    legs_known = min(sum(one.legs_known for one in way) for way in ways)
    return Outlook(min(latest, earliest), latest, min(PPM, math.floor((kept + EXACT) * PPM)), legs_known)


def forecast(plan: Plan, outset: Outset, until: int, state: State, desk: Desk) -> Forecast:
    """When a plan arrives, as things are known now.

    until  departures are looked at that goods may take to be there at this instant
    Law    the same plan, outset, network and departures give the same forecast; goods that are ready earlier are
           never less sure
    Cost   10 us for a plan that is known already, 0.5 to 2 ms for another
    """
    window = atlas_of(desk.world).window(outset.ready_at, until)
    key = ("forecasts", window.key)
    known: _Forecasts | None = state.derived.get(key)
    if known is None:
        known = state.derived[key] = _Forecasts(window, followed(state, window), desk)
    return known.of(plan, outset)


class _Forecasts:
    """The forecasts of one window for one state, each worked out once until a departure changes."""

    def __init__(self, window: Window, follower: Followed, desk: Desk):
        self.window, self.follower = window, follower
        self.atlas: Atlas = atlas_of(desk.world)
        self.past: Past = past_of(desk.world)
        self.policy = desk.world.policy
        self.table = desk.world.timetable
        self.zones = {zone.zone_id: zone for zone in self.table.network.zones}
        self.changes = -1
        self._tenders, self._hops, self._clocks = Kept(4096), Kept(1024), Kept(4096)
        self._forget()

    def _forget(self) -> None:
        self._forecasts, self._departures = Kept(4096), Kept(4096)

    def of(self, plan: Plan, outset: Outset) -> Forecast:
        """The forecast of a plan."""
        if self.changes != self.follower.departure_changes:
            self.follower.follow()
            self.changes = self.follower.departure_changes
            self._forget()
        if not plan.legs:
            times = PlanTimes(plan.arrives_at, (), NOTHING)
            return self._forecasts.get(plan.arrives_at, lambda: self._told(times, 0))
        legs, first, last = plan.legs, None, None
        if legs and not legs[0].departure and legs[0].destination in self.table.facilities:
            first, legs = legs[0], legs[1:]
        if legs and not legs[-1].departure:
            last, legs = legs[-1], legs[:-1]
        start_at, sure = self._start(legs, first, last, outset)
        key = (
            0 if sure else start_at, "" if first is None else first.service_id, "" if last is None else last.service_id,
            outset[1:], *((leg.departure, leg.stops) for leg in legs),
        )  # fmt: skip
        return self._forecasts.get(key, lambda: self._make(legs, None if sure else first, last, start_at, outset))

    def _make(
        self, legs: tuple[Leg, ...], first: Leg | None, last: Leg | None, start_at: int, outset: Outset
    ) -> Forecast:
        parts, known = [], 0
        if first is not None:
            at, delay, count = self._collected(first, start_at)
            parts.append(LegTimes(np.array([start_at]), np.array([at]), 0, NOTHING, delay))
            known += count
        for number, leg in enumerate(legs):
            before = legs[number - 1] if number else None
            handling, count = self._tender(before, leg, outset)
            lane = Lane(f"service:{leg.service_id}", leg.origin, leg.destination)
            ride, legs_known = self.past.delay(lane, leg.arrives_at - leg.departs_at)
            parts.append(LegTimes(*self._next(leg), 0, handling, ride))
            known += count + legs_known
        before = legs[-1] if legs else None
        clear_s = before.ready_at - before.arrives_at if before is not None else 0
        if last is None:
            place = before.destination if before is not None else ""
            ready, count = self._handled(place, clear_s)
            opens = ((outset.not_before, outset.ready_at + NEVER_S),) if outset.not_before else ()
            return self._told(PlanTimes(start_at, tuple(parts), NOTHING, opens, ready=ready), known + count)
        drive_s = last.arrives_at - last.departs_at
        ready, count = self._handled(last.origin, clear_s + last.tender_s)
        drive, legs_known = self.past.delay(Lane(f"zone:{last.service_id}"), drive_s)
        times = PlanTimes(
            start_at, tuple(parts), drive.later(drive_s),
            self._openings(last.origin, max(outset.ready_at, outset.not_before - drive_s)), ready=ready,
        )  # fmt: skip
        return self._told(times, known + count + legs_known)

    def _told(self, times: PlanTimes, legs_known: int) -> Forecast:
        arrival = arrive(times)
        early_at, late_at = (arrival.quantile(ppm / PPM) for ppm in (self.policy.early_ppm, self.policy.late_ppm))
        return Forecast(arrival, legs_known, early_at, late_at)

    # --- the beginning

    def _start(self, legs: tuple[Leg, ...], first: Leg | None, last: Leg | None, outset: Outset) -> tuple[int, bool]:
        """When goods set out, and whether they catch their first departure whatever happens before it: then as late
        as they still do, so that all such goods have one forecast."""
        if first is None:
            place = legs[0].origin if legs else last.origin if last is not None else ""
            there = self._open_from(place, outset.ready_at)
        else:
            there = self._last_collected(first, outset.ready_at)
        if legs:
            slowest_s = int(self._tender(None, legs[0], outset)[0].values_s[-1])
            if there + slowest_s <= legs[0].departs_at:
                return legs[0].departs_at - slowest_s, True
        begun = outset.ready_at if first is not None else there
        return -(-begun // READY_STEP_S) * READY_STEP_S, False

    def _last_collected(self, leg: Leg, start_at: int) -> int:
        """When goods of a first mile are there at the latest: the last instant of `_collected`."""
        drive_s = self.zones[leg.service_id].minutes * MINUTE_S
        delay = self.past.delay(Lane(f"zone:{leg.service_id}"), drive_s)[0] if drive_s else NOTHING
        return self._open_from(leg.destination, start_at + drive_s + int(delay.values_s[-1]))

    def _collected(self, leg: Leg, start_at: int) -> tuple[int, Spread, int]:
        """A first mile: when it should be there, its delay until the facility is open, and what is known of it."""
        drive_s = self.zones[leg.service_id].minutes * MINUTE_S
        at = start_at + drive_s
        if not drive_s:
            return at, Spread(self._opened(leg.destination, np.array([at])) - at, NOTHING.mass), 0
        spread, known = self.past.delay(Lane(f"zone:{leg.service_id}"), drive_s)
        return at, Spread(self._opened(leg.destination, at + spread.values_s) - at, spread.mass), known

    # --- handling

    def _tender(self, before: Leg | None, leg: Leg, outset: Outset) -> tuple[Spread, int]:
        """From being at the place where a ride begins to being ready for its departure: clearance, handling, cut-offs.

        Goods have to be cleared by the acceptance cut-off, and handled by the end of loading.
        """
        way_in = outset.way_in if before is None else before.mode
        clear_s = 0 if before is None else before.ready_at - before.arrives_at
        by = "" if before is None else before.service_id
        key = (leg.origin, way_in, by, leg.service_id, clear_s, outset.product_id, outset.goods_class)
        return self._tenders.get(key, lambda: self._make_tender(key, leg, clear_s))

    def _make_tender(self, key: tuple[str, str, str, str, int, str, str], leg: Leg, clear_s: int) -> tuple[Spread, int]:
        place, way_in, by, service_id, _, product_id, goods_class = key
        lead = self.table.lead(self.table.service(service_id), place, goods_class, product_id)
        handling_s = self.table.handling_s(place, way_in, leg.mode, goods_class, between=(by, service_id))
        taken, known = self._handled(place, clear_s + handling_s)
        at_least = clear_s + lead.acceptance_s
        return Spread(np.maximum(taken.values_s + lead.load_build_s, at_least), taken.mass), known

    def _handled(self, place: str, planned_s: int) -> tuple[Spread, int]:
        """How long handling takes that is planned to take so long."""
        if not planned_s:
            return NOTHING, 0
        delay, known = self.past.delay(Lane(f"facility:{place}"), planned_s)
        return delay.later(planned_s), known

    # --- departures and opening hours

    def _next(self, leg: Leg) -> tuple[Longs, Longs]:
        """When the departures of a leg's service from its own on leave and arrive, as known now."""
        key = (leg.service_id, leg.origin, leg.destination, leg.departs_at)
        return self._departures.get(key, lambda: self._list_next(leg))

    def _list_next(self, leg: Leg) -> tuple[Longs, Longs]:
        net, live = self.window.net, self.follower.live
        departs_at, leaves, arrives = leg.departs_at - net.epoch_s, [], []
        for p, q in self._hops_of(leg):
            trips = np.arange(net.positions[p, TRIPS])
            runs = np.ones(len(trips), bool)
            for at in range(p, q):
                runs &= live.free[net.positions[at, START] + trips, 0] != CLOSED
            runs &= live.departs[net.positions[p, START] + trips] >= departs_at
            leaves.append(live.departs[net.positions[p, START] + trips[runs]])
            arrives.append(live.arrives[net.positions[q - 1, START] + trips[runs]])
        all_leave, all_arrive = np.concatenate(leaves).astype(np.int64), np.concatenate(arrives).astype(np.int64)
        order = np.lexsort((all_arrive, all_leave))[:DEPARTURES_MAX]
        return all_leave[order] + net.epoch_s, all_arrive[order] + net.epoch_s

    def _hops_of(self, leg: Leg) -> list[tuple[int, int]]:
        """Positions between which a leg's service goes from its origin to its destination."""
        key = (leg.service_id, leg.origin, leg.destination)
        return self._hops.get(key, lambda: self._list_hops(*key))

    def _list_hops(self, service_id: str, origin: str, destination: str) -> list[tuple[int, int]]:
        lines, positions = self.window.lines, self.window.net.positions
        places = [lines.facility_ids.index(name) for name in (origin, destination)]
        rows = np.flatnonzero(np.isin(positions[:, FACILITY], places))
        mine = [int(row) for row in rows if lines.services[positions[row, LINE]].service_id == service_id]
        board, alight = ([row for row in mine if positions[row, FACILITY] == place] for place in places)
        return [
            (p, next(q for q in alight if q > p)) for p in board if any(p < q <= positions[p, LAST] for q in alight)
        ]

    def _open_from(self, place: str, at: int) -> int:
        """As `_opened`, of one instant."""
        opens, closes = self._clocks.get(place, lambda: self._hours(place).T.tolist())
        number = bisect_right(closes, at)
        return max(at, int(opens[number])) if number < len(closes) else at + NEVER_S

    def _hours(self, place: str) -> Longs:
        hours = self.atlas.hours(self.window, self.table.facilities[place])
        return hours.astype(np.int64) + self.window.net.epoch_s

    def _opened(self, place: str, at: Longs) -> Longs:
        """These instants, each put off until a place is open; NEVER_S later where it opens no more."""
        hours = self._hours(place)
        number = np.searchsorted(hours[:, 1], at, side="right")
        opens = np.append(hours[:, 0], 0)[number]
        return np.where(number < len(hours), np.maximum(at, opens), at + NEVER_S)

    def _openings(self, place: str, not_before: int) -> tuple[tuple[int, int], ...]:
        """When a place is open from an instant on, both ends included."""
        hours = self._hours(place)
        kept = hours[hours[:, 1] > not_before]
        return tuple((max(int(opens), not_before), int(closes) - 1) for opens, closes in kept)
