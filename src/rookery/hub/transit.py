"""Transit times of a product: every pair of facilities where it is sold, for goods handed in at set times."""

import csv
import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from rookery.hub.quote import Wish, ask_of
from rookery.journey.dated import Hop
from rookery.journey.desk import Desk, World
from rookery.journey.network.offer import Product, ProductLane
from rookery.journey.order import Asked, Spot
from rookery.journey.price import Load
from rookery.journey.product import ANY, find_ban, find_lane, find_misfit, promised_by, transit_bans
from rookery.journey.room import Room
from rookery.journey.state import State
from rookery.journey.transit import NEVER_THERE, TransitAsk, Transits
from rookery.units import instant_text, local_instant, time_zone

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NOT_SOLD = -1
DAY_MIN, HOUR_MIN, HOUR_S = 1440, 60, 3600
DAYS_MAX, NAMES_MAX = 31, 20
ONE_DAY = dt.timedelta(days=1)
ANSWERS_MAX = 20_000_000  # 160 MB of arrivals


@dataclass(frozen=True, slots=True)
class TransitWish:
    """From where to where: facility ids, none for all; on which days; how often a day goods are handed in, local time.

    booked_at  when booking and papers are there; None: in time
    unsold     also where the product is not sold, as it would travel there
    """

    product_id: str
    day: dt.date
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    days: int = 1
    every_min: int = 60
    grams: int = 1000
    goods_class: str = "general"
    booked_at: int | None = None
    unsold: bool = False


class TransitTime(msgspec.Struct, frozen=True):
    """One number of a table: goods handed in at `drop_off` are there at `arrives`, each on the clock of its place."""

    origin: str
    destination: str
    product: str
    drop_off: str
    arrives: str
    hours: str


@dataclass(frozen=True, slots=True)
class TransitTimes:
    """A product's transit times.

    drop_offs  int64 (origins, times)
    arrives    int64 (origins, times, destinations), instants; NEVER_THERE where the promise is not kept, or nothing
               goes
    sold       bool (origins, destinations), where it is sold and goods may go
    zones      time zones of the facilities
    drawn      the rides behind it: (origins, destinations) that they are for, once for each set of forbidden countries
    """

    wish: TransitWish
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    drop_offs: Longs
    arrives: Longs
    sold: Flags
    zones: dict[str, str]

    drawn: tuple[tuple[Flags, Transits], ...]

    def pairs(self) -> list[tuple[int, int]]:
        """Origin and destination, by number, of every pair with an arrival."""
        return [(o, d) for o, d in np.argwhere((self.arrives != NEVER_THERE).any(axis=1)).tolist()]

    def find_way(self, origin: int, time: int, destination: int) -> tuple[Hop, ...]:
        """The rides behind a number of the table."""
        (drawn,) = (one for pairs, one in self.drawn if pairs[origin, destination])
        return drawn.find_way(origin, time, destination)

    def rows(self) -> Iterator[TransitTime]:
        """Every number, pair by pair, by drop-off time; none for drop-offs that never arrive."""
        text = cache(lambda at, zone: instant_text(at, time_zone(zone)))
        for o, d in self.pairs():
            ends, arrives = (self.origins[o], self.destinations[d]), self.arrives[o, :, d].tolist()
            for drop_off, there in zip(self.drop_offs[o].tolist(), arrives, strict=True):
                if there != NEVER_THERE:
                    clocks = text(drop_off, self.zones[ends[0]]), text(there, self.zones[ends[1]])
                    hours = f"{(there - drop_off) / HOUR_S:.2f}"
                    yield TransitTime(*ends, self.wish.product_id, *clocks, hours)


def transit_times(wish: TransitWish, world: World, state: State) -> TransitTimes:
    """Transit times of a product between all facilities that are wished for.

    Raises  ValueError: a name that the network does not know, goods that the product does not take, no time or too many
    """
    product = _check(wish, world)
    names = tuple(sorted(world.timetable.facilities))
    origins, destinations = wish.origins or names, wish.destinations or names
    drop_offs = _drop_offs(wish, origins, world)
    if drop_offs.size * len(destinations) > ANSWERS_MAX:
        raise ValueError(
            f"transit times: wanted at most {ANSWERS_MAX:,} answers, found {drop_offs.size * len(destinations):,};"
            " name fewer facilities, days or times"
        )
    sales = _Sales(wish, product, Desk(world, int(drop_offs.min()), lambda: b""))
    by, bans = sales.table(origins, destinations, drop_offs)
    load = Load(wish.grams, goods_class=wish.goods_class)
    horizon_s = int((by - drop_offs[:, :, None]).max(initial=0))
    arrives, drawn = np.full(by.shape, NEVER_THERE, np.int64), []
    for forbidden, pairs in bans.items():
        ask = TransitAsk(
            origins,
            destinations,
            drop_offs,
            load,
            product,
            horizon_s,
            wish.booked_at,
            forbidden=forbidden,
            pairs=pairs,
        )
        drawn.append((pairs, Transits(ask, Room(state), sales.desk)))
        found = drawn[-1][1].arrives
        arrives = np.where(pairs[:, None, :] & (found <= by), found, arrives)
    zones = {name: world.timetable.facilities[name].time_zone for name in {*origins, *destinations}}
    sold = (by != NOT_SOLD).any(axis=1)
    return TransitTimes(wish, origins, destinations, drop_offs, arrives, sold, zones, tuple(drawn))


def read_every(text: str) -> int:
    """Minutes between two drop-offs, from text such as 1h or 30min.

    Raises  ValueError: no such text
    """
    found = re.fullmatch(r"(\d{1,4}) ?(h|min)", text.strip())
    if found is None:
        raise ValueError(f"every: wanted hours or minutes such as 1h or 30min, found {text!r}")
    return int(found[1]) * (HOUR_MIN if found[2] == "h" else 1)


def read_day(text: str) -> dt.date:
    """A day, from text such as 2026-12-01.

    Raises  ValueError: no such day
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"day: wanted a day such as 2026-12-01, found {text!r}") from None


def write_csv(path: Path, times: TransitTimes) -> int:
    """Write every number as a row, over what was there; how many there are.

    Raises  ValueError: nothing can be written there
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as lines:
            out = csv.writer(lines, lineterminator="\n")
            out.writerow(TransitTime.__struct_fields__)
            rows = list(map(msgspec.structs.astuple, times.rows()))
            out.writerows(rows)
    except OSError as fault:
        raise ValueError(f"csv {path}: wanted to write the file, found: {fault.strerror}; name another place") from None
    return len(rows)


class _Sales:
    """Where a product is sold, until when it promises delivery, and through which countries goods may not pass."""

    def __init__(self, wish: TransitWish, product: Product, desk: Desk):
        self.wish, self.product, self.desk = wish, product, desk
        self._lanes: dict[tuple[str, str], tuple[ProductLane, tuple[str, ...]] | None] = {}
        self._promises: dict[tuple[str, str, int], Longs] = {}

    def table(
        self, origins: tuple[str, ...], destinations: tuple[str, ...], drop_offs: Longs
    ) -> tuple[Longs, dict[tuple[str, ...], Flags]]:
        """(origins, times, destinations) latest arrivals, NOT_SOLD where it is not; (origins, destinations) where
        certain countries are forbidden, by these countries."""
        by = np.full((*drop_offs.shape, len(destinations)), NOT_SOLD, np.int64)
        bans: dict[tuple[str, ...], Flags] = {}
        same = np.array(origins)[:, None] == np.array(destinations)[None, :]
        for at in self._alike(origins):
            for to in self._alike(destinations):
                origin, destination = origins[at[0]], destinations[to[0]]
                sale = self._sale(origin, destination)
                if sale is not None:
                    promise = self._promise(origin, destination, sale[0], drop_offs[at[0]])
                    by[np.ix_(at, range(by.shape[1]), to)] = promise[None, :, None]
                    bans.setdefault(sale[1], np.zeros(same.shape, np.bool_))[np.ix_(at, to)] = True
        by.transpose(0, 2, 1)[same] = NOT_SOLD
        return by, {forbidden: pairs & ~same for forbidden, pairs in bans.items()}

    def _alike(self, names: tuple[str, ...]) -> list[list[int]]:
        """Facilities of one country and on one clock, by number: the same is sold to them."""
        found: dict[tuple[str, str], list[int]] = {}
        for number, name in enumerate(names):
            facility = self.desk.world.timetable.facilities[name]
            found.setdefault((facility.country, facility.time_zone), []).append(number)
        return list(found.values())

    def _sale(self, origin: str, destination: str) -> tuple[ProductLane, tuple[str, ...]] | None:
        """The row under which it is sold from the one country to the other, and the countries that goods may not
        pass through."""
        facilities = self.desk.world.timetable.facilities
        ends = facilities[origin].country, facilities[destination].country
        if ends not in self._lanes:
            asked = self._asked(origin, destination)
            lane = find_lane(self.product, *ends, self.desk)
            if lane is None and self.wish.unsold:
                lane = ProductLane(product_id=self.product.product_id, from_country=ANY, to_country=ANY, source="")
            sold = lane is not None and find_ban(asked, *ends, self.desk) is None
            self._lanes[ends] = (lane, transit_bans(asked, self.desk, ends=ends)) if lane and sold else None
        return self._lanes[ends]

    def _promise(self, origin: str, destination: str, lane: ProductLane, drop_offs: Longs) -> Longs:
        """By when goods are promised, for each drop-off; the same for all facilities on the same clocks."""
        facilities = self.desk.world.timetable.facilities
        zones = facilities[origin].time_zone, facilities[destination].time_zone
        key = (*zones, lane.days_max)
        if key not in self._promises:
            asked = self._asked(origin, destination)
            by = [
                promised_by(self.product, lane, asked, ready_at=at, origin_zone=zones[0], desk=self.desk)
                for at in drop_offs.tolist()
            ]
            self._promises[key] = np.array(by, np.int64)
        return self._promises[key]

    def _asked(self, origin: str, destination: str) -> Asked:
        ends = Spot(facility_id=origin), Spot(facility_id=destination)
        wish = Wish(*ends, self.desk.now, self.wish.grams, goods_class=self.wish.goods_class)
        return ask_of(wish, self.product.product_id, self.desk.world)


def _check(wish: TransitWish, world: World) -> Product:
    """The product that is wished for, or every way in which the wish means nothing, one a line."""
    table, faults = world.timetable, []
    for kind, known, names in (
        ("product", table.products, (wish.product_id,)),
        ("goods class", table.goods, (wish.goods_class,)),
        ("facility", table.facilities, (*wish.origins, *wish.destinations)),
    ):
        for name in dict.fromkeys(names):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3) if len(known) > NAMES_MAX else sorted(known)
                hint = f"one of {', '.join(near)}" if near else "one of the network; see `rookery network show`"
                faults.append(f"{kind} {name!r}: wanted {hint}")
    for what, found, most in (("days", wish.days, DAYS_MAX), ("minutes between times", wish.every_min, DAY_MIN)):
        if not 1 <= found <= most:
            faults.append(f"{what}: wanted 1 to {most}, found {found}")
    if not faults:
        faults += _find_unfit(wish, world)
    if faults:
        raise ValueError("\n".join(faults))
    return table.products[wish.product_id]


def _find_unfit(wish: TransitWish, world: World) -> list[str]:
    """Why the product takes no such goods, or travels on no timetable."""
    product, days = world.timetable.products[wish.product_id], world.timetable.network.about
    if not product.needs_route:
        return [f"product {wish.product_id}: wanted one that travels, found one that is handed over where it lies"]
    if not days.valid_from <= wish.day <= days.valid_to - (wish.days - 1) * ONE_DAY:
        return [f"day {wish.day}: wanted days from {days.valid_from} to {days.valid_to}, on which the network holds"]
    anywhere = Spot(facility_id=min(world.timetable.facilities))
    asked = ask_of(Wish(anywhere, anywhere, 0, wish.grams, goods_class=wish.goods_class), wish.product_id, world)
    misfit = find_misfit(asked, Desk(world, 0, lambda: b""))
    return [] if misfit is None else [str(misfit)]


def _drop_offs(wish: TransitWish, origins: tuple[str, ...], world: World) -> Longs:
    """int64 (origins, times): every so often from each local midnight on."""
    of_zone: dict[str, list[int]] = {}
    days = [wish.day + n * ONE_DAY for n in range(wish.days)]
    for zone in {world.timetable.facilities[name].time_zone for name in origins}:
        clock = time_zone(zone)
        of_zone[zone] = [local_instant(day, at, clock) for day in days for at in range(0, DAY_MIN, wish.every_min)]
    return np.array([of_zone[world.timetable.facilities[name].time_zone] for name in origins], np.int64)
