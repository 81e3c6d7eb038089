"""Transit times: when goods that are handed in at facilities at given times are at others, all at once.

Of every pair of facilities and every time the answer is that of `route.earliest`, one by one; where no stay is limited
the engine's lane table gives them all in one pass over the dated rides. The drives to and from doors are no part of it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rookery.engines.network import lane_table
from rookery.engines.network.lane_path import Question, find_cheapest
from rookery.engines.network.links import Ints, Links, build_links
from rookery.engines.network.rules import BREAKS, KNOWN_S
from rookery.engines.network.snapshot import FACILITY, LAST, LINE, PAIR
from rookery.journey.dated import Hop
from rookery.journey.desk import Desk
from rookery.journey.lines import DIMENSIONS
from rookery.journey.network.offer import Product
from rookery.journey.order import Spot
from rookery.journey.price import Load
from rookery.journey.rides import Flags, RideTable, Sight, Start, draw_rides, list_hops, reaching
from rookery.journey.room import Room, amounts_of
from rookery.journey.walk import Ride, Trip, Walk, Way
from rookery.units import DAY_S, MINUTE_S

Longs = npt.NDArray[np.int64]
NEVER_THERE = -1
ONE_BY_ONE_MAX = 100_000  # searches where stays are limited: a minute or so
TOO_DEAR = 2**29  # rides that are there too late, in rides
FIRST_S, LONGER = 5 * DAY_S, 3  # rides that are looked at first, and then so many times as long
AT_ONCE = 4 * lane_table.WIDE  # destinations of one table: a kilobyte for each ride that it keeps
ARRIVALS_MAX = lane_table.NEVER  # different ones that 16 bits tell apart


@dataclass(frozen=True, slots=True)
class TransitAsk:
    """From where to where, when, and for what goods.

    origins, destinations   facility ids, each once
    drop_offs   int64 (origins, times), instants at which goods are handed in
    horizon_s   arrivals later than that after the goods are handed in count as none
    booked_at   when booking, papers and customs data are there; None: in time for every cut-off
    forbidden   countries that goods of this kind may not pass through
    pairs       bool (origins, destinations), of which an answer is needed; None: of all
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    drop_offs: Longs
    load: Load
    product: Product
    horizon_s: int
    booked_at: int | None = None
    way_in: str = "drop_off"
    forbidden: tuple[str, ...] = ()
    pairs: Flags | None = None


class Transits:
    """The transit times of one ask, as the network stands when they are drawn.

    arrives     int64 (origins, times, destinations): when goods are there, to the second; NEVER_THERE for never
    one_by_one  stays are limited somewhere: each was looked for by itself
    """

    def __init__(self, ask: TransitAsk, room: Room, desk: Desk):
        """Raises ValueError: more answers, or more different arrivals, than can be had at once."""
        self.ask, self.room, self.desk = ask, room, desk
        first, last = int(ask.drop_offs.min()), int(ask.drop_offs.max())
        known_at = first if ask.booked_at is None else ask.booked_at
        trip = self._trip(0, 0, first)
        self._walk = Walk(replace(trip, known_at=known_at, deadline=last + ask.horizon_s), room, desk)
        self._there = self._handed_in()
        self._prices = self._rated()
        self.one_by_one = bool(self._walk.terms.rules.limits_stay)
        found = self._each() if self.one_by_one else self._all()
        in_time = found - ask.drop_offs[:, :, None] <= ask.horizon_s
        self.arrives: Longs = np.where(in_time, found, np.int64(NEVER_THERE))

    def find_way(self, origin: int, time: int, destination: int) -> tuple[Hop, ...]:
        """The rides behind one number, given by its place in `arrives`: as few as are there by then."""
        ask, arrives_at = self.ask, int(self.arrives[origin, time, destination])
        if ask.origins[origin] == ask.destinations[destination] or arrives_at == NEVER_THERE:
            return ()
        if self.one_by_one:
            way = self._ask_one(origin, time, destination)
            return tuple(step.hop for step in way.steps if isinstance(step, Ride)) if way else ()
        window, table = self._walk.window, self._table
        to = int(self._indices(ask.destinations)[destination])
        begins = len(window.lines.facility_ids) + origin
        ready_s = window.relative(int(self._there[origin, time]))
        by_s = window.relative(arrives_at)
        late = np.where(self._links.ready_s > by_s, TOO_DEAR, 0).astype(np.int32)
        one_each = lane_table.row_costs(self._links, np.ones_like(table.board))
        plan = find_cheapest(self._links, Question(begins, to, ready_s, by_s), one_each, late)
        assert plan is not None and plan.value < TOO_DEAR, "a scan back finds what the table says"
        return tuple(
            window.hop(self._walk.live, int(table.board[first]), int(table.alight[last]), int(table.trip[first]))
            for first, last in _boarded(plan.rides, table)
        )

    # --- the network as rides

    def _draw(self, horizon_s: int) -> None:
        """The graph of all rides that are over by so long after the last drop-off."""
        with self._walk.follower.set_aside(self.room.list_aside()):
            self._table: RideTable = draw_rides(self._sight(horizon_s), self._starts())
        self._links: Links = build_links(self._table.rides, self._table.handling_s)

    def _sight(self, horizon_s: int) -> Sight:
        walk, ask = self._walk, self.ask
        window, amounts = walk.window, amounts_of(ask.load)
        handed_in = self._there[self._there != NEVER_THERE]
        return Sight(
            net=window.net,
            live=walk.live,
            rules=walk.terms.rules,
            rated=self._prices,
            need=np.array([amounts[dimension] for dimension in DIMENSIONS], np.int64),
            barred=walk.atlas.barred(ask.forbidden),
            first_s=window.relative(int(handed_in.min(initial=int(ask.drop_offs.max())))),
            last_s=window.relative(int(ask.drop_offs.max()) + horizon_s),
            booked_s=None if ask.booked_at is None else window.relative(ask.booked_at),
        )

    def _starts(self) -> list[Start]:
        window, atlas, starts = self._walk.window, self._walk.atlas, []
        for name, times in zip(self.ask.origins, self._there, strict=True):
            handed_in = times[times != NEVER_THERE]
            first = int(handed_in.min()) if len(handed_in) else int(self.ask.drop_offs.max()) + self.ask.horizon_s
            starts.append(Start(atlas.first_node(name, self.ask.way_in), window.relative(first)))
        return starts

    def _handed_in(self) -> Longs:
        """int64 (origins, times): when the origin is open from the drop-off on; NEVER_THERE if it is no more."""
        table, out = self.desk.world.timetable, np.empty_like(self.ask.drop_offs)
        for n, name in enumerate(self.ask.origins):
            for k, at in enumerate(self.ask.drop_offs[n].tolist()):
                there = table.calendars.next_open(table.facilities[name], at)
                out[n, k] = NEVER_THERE if there is None else there
        return out

    def _rated(self) -> Flags:
        """[lists, epochs] which price lists have a price for the load; FREE and NO_RATE are its last rows."""
        window, terms, world = self._walk.window, self._walk.terms, self.desk.world
        rated = np.zeros((len(terms.money.breaks) + 2, len(window.epochs)), np.bool_)
        rated[-2] = True
        known = set[int]()
        for p in np.flatnonzero(window.net.positions[:, PAIR] >= 0).tolist():
            begin = int(window.net.positions[p, PAIR])
            tariff_id = window.lines.services[window.net.positions[p, LINE]].tariff_id
            for q in range(p + 1, int(window.net.positions[p, LAST]) + 1):
                row = int(terms.rules.pairs[begin + q - p - 1, BREAKS])
                if row < 0 or row in known:
                    continue
                known.add(row)
                ends = (window.lines.facility_ids[window.net.positions[at, FACILITY]] for at in (p, q))
                breaks = world.prices.find_breaks(tariff_id, *(world.timetable.facilities[name] for name in ends))
                assert breaks is not None, "what has a row has a price list"
                rated[row] = [breaks.find_minor(self.ask.load, day) is not None for day in window.epochs]
        return rated

    def _indices(self, names: tuple[str, ...]) -> Ints:
        index = {name: n for n, name in enumerate(self._walk.window.lines.facility_ids)}
        return np.array([index[name] for name in names], np.int32)

    # --- by a table

    def _all(self) -> Longs:
        """By a few days of rides, then by more for what is missing and can be reached: what is found stays."""
        ask, horizon_s = self.ask, min(FIRST_S, self.ask.horizon_s)
        found = np.full((*ask.drop_offs.shape, len(ask.destinations)), NEVER_THERE, np.int64)
        columns = np.arange(len(ask.destinations))
        while len(columns):
            self._draw(horizon_s)
            found[:, :, columns] = self._by_table(columns)
            for n, name in enumerate(ask.origins):
                if name in ask.destinations:
                    found[n, :, ask.destinations.index(name)] = self._there[n]
            columns = columns[self._missing(found)[columns]] if horizon_s < ask.horizon_s else columns[:0]
            horizon_s = min(LONGER * horizon_s, ask.horizon_s)
        return found

    def _missing(self, found: Longs) -> Flags:
        """(destinations) to which more rides may lead where none was found."""
        open_ = (found == NEVER_THERE) & (self._there != NEVER_THERE)[:, :, None]
        missing = open_.any(axis=1) if self.ask.pairs is None else open_.any(axis=1) & self.ask.pairs
        hops, count = list_hops(self._sight(self.ask.horizon_s)), self._walk.window.net.facility_count
        begins, to = self._indices(self.ask.origins), self._indices(self.ask.destinations)
        for column in np.flatnonzero(missing.any(axis=0)).tolist():
            missing[:, column] &= reaching(hops, count=count, facility=int(to[column]))[begins]
        out: Flags = missing.any(axis=0)
        return out

    def _by_table(self, columns: Longs) -> Longs:
        """(origins, times, columns) by the rides that are drawn."""
        ask, window = self.ask, self._walk.window
        to = self._indices(ask.destinations)[columns]
        ranked, arrivals_s = _rank_arrivals(self._links, to)
        begins = len(window.lines.facility_ids) + np.arange(len(ask.origins), dtype=np.int32)
        ready_s = np.array([window.relative(at) for at in self._there.ravel().tolist()], np.int32)
        never = self._there == NEVER_THERE
        ready_s[never.ravel()] = 0
        begins, out = np.repeat(begins, ask.drop_offs.shape[1]), np.empty((len(ready_s), len(to)), np.int64)
        for first in range(0, len(to), AT_ONCE):
            few = to[first : first + AT_ONCE]
            table = lane_table.lane_table(ranked, few, until_s=int(ready_s.max(initial=0)) + 1)
            asked = (np.repeat(begins, len(few)), np.repeat(ready_s, len(few)), np.tile(few, len(ready_s)))
            rank = lane_table.arrivals(table, *asked).reshape(-1, len(few)) // MINUTE_S
            out[:, first : first + AT_ONCE] = np.where(rank < 0, NEVER_THERE, window.net.epoch_s + arrivals_s[rank])
        out = out.reshape(*ask.drop_offs.shape, len(to))
        out[never] = NEVER_THERE
        return out

    # --- one by one

    def _each(self) -> Longs:
        found = np.full((*self.ask.drop_offs.shape, len(self.ask.destinations)), NEVER_THERE, np.int64)
        pairs = np.ones((len(found), found.shape[2]), np.bool_) if self.ask.pairs is None else self.ask.pairs
        count = int(pairs.sum()) * found.shape[1]
        if count > ONE_BY_ONE_MAX:
            raise ValueError(
                f"transit times: wanted at most {ONE_BY_ONE_MAX:,} answers, since stays here are limited and each is"
                f" looked for by itself, found {count:,}; name fewer facilities or times"
            )
        for origin, destination in np.argwhere(pairs).tolist():
            for time in range(found.shape[1]):
                way = self._ask_one(origin, time, destination)
                found[origin, time, destination] = NEVER_THERE if way is None else way.at_s
        return found

    def _ask_one(self, origin: int, time: int, destination: int) -> Way | None:
        at, known_at = int(self.ask.drop_offs[origin, time]), self.ask.booked_at
        trip = self._trip(origin, destination, at)
        if known_at is None:  # early enough for whatever leaves from then on
            known_at = at - int(self._walk.terms.rules.entries[:, KNOWN_S].max(initial=0))
        return Walk(replace(trip, known_at=known_at), self.room, self.desk).find_earliest()

    def _trip(self, origin: int, destination: int, at: int) -> Trip:
        ask = self.ask
        return Trip(
            origin=Spot(facility_id=ask.origins[origin]), destination=Spot(facility_id=ask.destinations[destination]),
            load=ask.load, product=ask.product, ready_at=at, known_at=at, deadline=at + ask.horizon_s,
            way_in=ask.way_in, forbidden=ask.forbidden,
        )  # fmt: skip


def _rank_arrivals(links: Links, destinations: Ints) -> tuple[Links, Longs]:
    """The same rides with the rank of each arrival in place of its time, and the times by rank.

    A table keeps 16 bits of minutes, 45 days; ranks are exact to the second, over any span. It reads keys for nothing
    but the first minute.
    """
    ends = np.isin(links.to_facility, destinations)
    times, rank = np.unique(links.ready_s[ends], return_inverse=True)
    if len(times) >= ARRIVALS_MAX:
        raise ValueError(
            f"transit times: wanted less than {ARRIVALS_MAX:,} different arrivals, found {len(times):,}; name fewer"
            " destinations, or a shorter time"
        )
    ready_s = np.zeros_like(links.ready_s)
    ready_s[ends] = MINUTE_S * rank
    return replace(links, key_s=np.zeros_like(links.key_s), ready_s=ready_s), np.append(times, 0).astype(np.int64)


def _boarded(rides: tuple[int, ...], table: RideTable) -> list[tuple[int, int]]:
    """Rides that goods stay aboard for, from the first to the last, as pairs."""
    found: list[tuple[int, int]] = []
    for ride in rides:
        if found and table.rides.stay[found[-1][1]] == ride:
            found[-1] = found[-1][0], ride
        else:
            found.append((ride, ride))
    return found
