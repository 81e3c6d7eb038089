"""The generated network of the benchmarks: hubs, regions and stations on a plane, lanes between them, a week of runs.

The same parameters give the same bytes on every machine: chance is the raw output of PCG64, whose stream NumPy
promises to keep, and floats go only through the operations that IEEE 754 rounds exactly.

Places. Of 100 facilities 1 is a hub, 9 are regions and 90 are stations. Hubs lie anywhere on a plane of 4,000 by
3,000 km, regions around their hub, stations around their region.

Lanes, both ways:          mode            services a day
    station, own region         truck           2
    station, next region        truck           1 to 3
    station, next station       truck           1 to 2
    region, own hub             truck           5 to 9
    region, other hubs          truck or rail   2 to 4    how many hubs: density
    region, other regions       truck           2 to 5    how many regions: density
    hub, hub                    flight          3 to 8    20 nearest and 20 far ones: all, up to 21 hubs
    hub, hub                    rail, truck     2 to 4    how many hubs: density

Services. One departs at one time of the day with one ride time: of ten, seven run daily, two not on Sunday, one not
at weekends. Ride times are distance over the mode's speed, up to a quarter longer by service, so that departures of
one lane overtake each other. Goods are tendered by a cut-off before departure; handling at a facility depends on the
way in and the way out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

DAY_MIN, WEEK_MIN = 1_440, 10_080
WEEK_S = 60 * WEEK_MIN
SEED = 20261122

HUB, REGION, STATION = 0, 1, 2
TRUCK, RAIL, FLIGHT = 0, 1, 2
MODES = ("truck", "rail", "flight")

# By mode: assumed figures of the right size, not any company's.
SPEED_KMH = np.array([65, 75, 720])
FIXED_MIN = np.array([10, 60, 45])  # added to every ride: yard, shunting, taxi
CUTOFF_MIN = np.array([45, 120, 120])
CO2_MG_KG_KM = np.array([90, 22, 800])
RATE_MICRO_KG_KM = np.array([30_000, 18_000, 160_000])  # micro minor units per kg and km
LOAD_KG = np.array([[4_000, 20_000], [60_000, 400_000], [6_000, 60_000]])
KG_PER_M3 = np.array([250, 300, 167])
DETOUR = np.array([1.25, 1.35, 1.0])  # way over straight line

# Delay class = 2 * mode + (longer than 500 km); micro -ln(P(on time)).
LONG_KM = 500
RISK_MICRO = np.array([5_013, 20_203, 30_459, 51_293, 15_114, 30_459])  # 99.5, 98, 97, 95, 98.5, 97 %

# Weight breaks of every tariff: from (g), and the part of the full rate that is charged.
BREAK_G = np.array([0, 1_000, 5_000, 30_000, 100_000])
BREAK_RATE = np.array([1.0, 0.8, 0.65, 0.55, 0.45])
BREAK_BASE = np.array([90, 150, 420, 1_300, 3_200])  # minor units, so that a charge seldom falls at a break

# How many other hubs a region serves, other regions it serves, hubs that a hub serves by rail and by truck.
DENSITY = {"sparse": (1, 1, 2, 1), "normal": (3, 5, 6, 4), "dense": (8, 8, 12, 10)}


@dataclass(frozen=True, slots=True)
class Departures:
    """Dated departures of n weeks, by rising tender time. Seconds from the first Monday 00:00.

    weekly     int32 (E,), which weekly departure of the network
    lane, from_facility, to_facility   int32 (E,)
    mode       int32 (E,), the way out of the one facility and into the other
    tender_s   int32 (E,), in [0, n weeks): goods have to be there by then
    depart_s, arrive_s                 int32 (E,)
    """

    weekly: Ints
    lane: Ints
    from_facility: Ints
    to_facility: Ints
    mode: Ints
    tender_s: Ints
    depart_s: Ints
    arrive_s: Ints


@dataclass(frozen=True, slots=True)
class Generated:
    """F facilities, L lanes, D departures a week.

    level, x_km, y_km   int32 (F,)
    handling_s          int32 (F, 3, 3), by way in and way out (mode): 30 to 90 minutes
    lane_from, lane_to, lane_mode, lane_km, lane_cutoff_s   int32 (L,)
    lane_co2_mg_kg      int64 (L,), of one kilogram over the lane
    lane_delay_class    int32 (L,)
    lane_minimum_minor  int64 (L,), least charge
    lane_rate_micro     int64 (L, 5), micro minor units per kg, by weight break
    lane_start          int32 (L + 1,), lane i departs by [lane_start[i], lane_start[i + 1]) of:
    start_min, ride_min int32 (D,), minute of the week, rising within a lane
    load_g, cube_cm3    int64 (D,), room of each run
    """

    level: Ints
    x_km: Ints
    y_km: Ints
    handling_s: Ints
    lane_from: Ints
    lane_to: Ints
    lane_mode: Ints
    lane_km: Ints
    lane_cutoff_s: Ints
    lane_co2_mg_kg: Longs
    lane_delay_class: Ints
    lane_minimum_minor: Longs
    lane_rate_micro: Longs
    lane_start: Ints
    start_min: Ints
    ride_min: Ints
    load_g: Longs
    cube_cm3: Longs

    def weeks(self, count: int) -> Departures:
        """All departures tendered in `count` weeks. One on Monday at 00:30 may be tendered on the Sunday before it,
        so that the first Monday's belongs to the week before, and the last week holds one of the Monday after."""
        lane = np.repeat(np.arange(len(self.lane_from), dtype=np.int32), np.diff(self.lane_start))
        cutoff_s = self.lane_cutoff_s[lane]
        tender_s = (60 * self.start_min - cutoff_s) % WEEK_S
        order = np.argsort(tender_s, kind="stable").astype(np.int32)
        tender_s, lane, cutoff_s = tender_s[order], lane[order], cutoff_s[order]
        ride_s = 60 * self.ride_min[order]
        shift = np.repeat(WEEK_S * np.arange(count, dtype=np.int32), len(order))
        tender_s = np.tile(tender_s, count) + shift
        depart_s = tender_s + np.tile(cutoff_s, count)
        lane = np.tile(lane, count)
        return Departures(
            np.tile(order, count), lane, self.lane_from[lane], self.lane_to[lane], self.lane_mode[lane],
            tender_s, depart_s, depart_s + np.tile(ride_s, count),
        )  # fmt: skip

    def charge_minor(self, load_g: int) -> Longs:
        """What each lane charges for one parcel: int64 (L,), rounded half up once."""
        at = int(np.searchsorted(BREAK_G, load_g, side="right")) - 1
        by_weight = (self.lane_rate_micro[:, at] * load_g + 500_000_000) // 1_000_000_000
        return np.maximum(self.lane_minimum_minor, int(BREAK_BASE[at]) + by_weight)

    def risk_micro(self) -> Longs:
        """Minus the logarithm of each lane's chance to be on time, in millionths: int64 (L,)."""
        return RISK_MICRO[self.lane_delay_class]


def generate(
    facility_count: int = 2_000, density: str = "normal", *, frequency: float = 1.0, seed: int = SEED
) -> Generated:
    """A network of about 6.9 lanes and 105 departures a week per facility at normal density.

    frequency  factor on the services a day of every lane, one remains; 0.6 at 20,000 facilities: 1.2 million a week
    Raises  ValueError: fewer than 200 facilities; KeyError: no such density
    Cost    0.03 s at 2,000 facilities, 2 s at 20,000
    """
    if facility_count < 200:
        raise ValueError(f"facility_count: wanted at least 200, so that there are two hubs, found {facility_count}")
    chance = _Chance(seed)
    level, parent, x_km, y_km = _places(facility_count, chance)
    handling_s = 60 * chance.whole(facility_count * 9, 30, 90).reshape(facility_count, 3, 3)
    ends = _lanes(level, parent, x_km, y_km, density)
    lane_from, lane_to, lane_mode, few, many = (np.ascontiguousarray(part) for part in ends.T)
    straight = np.sqrt((x_km[lane_from] - x_km[lane_to]) ** 2 + (y_km[lane_from] - y_km[lane_to]) ** 2)
    km = np.maximum(1, np.ceil(straight * DETOUR[lane_mode])).astype(np.int32)
    carrier = (0.8 + 0.45 * chance.unit(len(km)))[:, None]
    rate = np.floor(RATE_MICRO_KG_KM[lane_mode, None] * km[:, None] * BREAK_RATE * carrier).astype(np.int64)
    lane_start, start_min, ride_min, lane = _departures(lane_mode, km, _services(few, many, frequency, chance), chance)
    low, high = LOAD_KG[lane_mode[lane]].T
    load_kg = (low + np.floor((high - low) * chance.unit(len(lane)))).astype(np.int64)
    return Generated(
        level, x_km, y_km, handling_s, lane_from, lane_to, lane_mode, km,
        (60 * CUTOFF_MIN[lane_mode]).astype(np.int32), CO2_MG_KG_KM[lane_mode] * km.astype(np.int64),
        (2 * lane_mode + (km > LONG_KM)).astype(np.int32), 60 + km.astype(np.int64) // 4, rate,
        lane_start, start_min, ride_min, 1_000 * load_kg, load_kg * 1_000_000 // KG_PER_M3[lane_mode[lane]],
    )  # fmt: skip


def marked(count: int, share: float, seed: int) -> NDArray[np.bool_]:
    """A share of `count` departures, drawn one by one: those without room, say."""
    return _Chance(seed).unit(count) < share


class _Chance:
    """Numbers by chance that stay the same under every version of NumPy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def unit(self, count: int) -> NDArray[np.float64]:
        """In [0, 1)."""
        return (self._bits.random_raw(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def whole(self, count: int, low: int, high: int) -> Ints:
        """From low to high, both among them."""
        return (low + np.floor((high - low + 1) * self.unit(count))).astype(np.int32)


def _places(count: int, chance: _Chance) -> tuple[Ints, Ints, Ints, Ints]:
    """Level, parent (a hub's is itself) and place of each facility: hubs first, then regions, then stations."""
    hubs = count // 100
    regions = 9 * hubs
    level = np.repeat([HUB, REGION, STATION], [hubs, regions, count - hubs - regions]).astype(np.int32)
    parent = np.arange(count, dtype=np.int32)
    parent[hubs : hubs + regions] %= hubs
    parent[hubs + regions :] = hubs + parent[hubs + regions :] % regions
    x_km, y_km = np.floor(4_000 * chance.unit(count)), np.floor(3_000 * chance.unit(count))
    for rank, reach_km in ((REGION, 260), (STATION, 70)):
        which = level == rank
        for axis, length in ((x_km, 4_000), (y_km, 3_000)):
            offset = (axis[which] / length - 0.5) * 2 * reach_km
            axis[which] = np.floor(axis[parent[which]] + offset)
    return level, parent, x_km.astype(np.int32), y_km.astype(np.int32)


def _lanes(level: Ints, parent: Ints, x_km: Ints, y_km: Ints, density: str) -> Ints:
    """Rows (from, to, mode, fewest services, most services) by (from, to, mode), both ways, none twice."""
    hub, region, station = (np.flatnonzero(level == rank) for rank in (HUB, REGION, STATION))
    other_hubs, other_regions, by_rail, by_truck = DENSITY[density]

    def near(these: Longs, those: Longs, skip: int, count: int) -> list[Longs]:
        """For each of these, the nearest of those: the first `skip` left out, then `count`; as two columns."""
        squares = (x_km[these, None] - x_km[those]) ** 2 + (y_km[these, None] - y_km[those]) ** 2
        last = min(skip + count, len(those))
        best = np.argsort(squares * np.int64(len(those)) + np.arange(len(those)), axis=1)[:, skip:last]
        return [np.repeat(these, best.shape[1]), those[best.ravel()]]

    step = len(region)  # stations of one region stand so far apart
    to_next = station + step
    to_next[to_next >= len(level)] = station[to_next[to_next >= len(level)] % step]
    around = [near(hub, hub, 1, 20)]
    if len(hub) > 21:
        around += [[hub, hub[(np.arange(len(hub)) + len(hub) * turn // 21) % len(hub)]] for turn in range(1, 21)]
    rows = [
        _both(station, parent[station], TRUCK, 2, 2),
        _both(*near(station, region, 1, 1), TRUCK, 1, 3),
        _both(station, to_next, TRUCK, 1, 2),
        _both(region, parent[region], TRUCK, 5, 9),
        _both(*near(region, hub, 1, other_hubs), TRUCK, 2, 4),
        _both(*near(region, hub, 1, other_hubs // 2), RAIL, 2, 4),
        _both(*near(region, region, 1, other_regions), TRUCK, 2, 5),
        *(_both(*one, FLIGHT, 3, 8) for one in around),
        _both(*near(hub, hub, 1, by_rail), RAIL, 2, 4),
        _both(*near(hub, hub, 1, by_truck), TRUCK, 2, 4),
    ]
    every = np.concatenate(rows)
    every = every[every[:, 0] != every[:, 1]]
    code = (every[:, 0].astype(np.int64) * len(level) + every[:, 1]) * 3 + every[:, 2]
    return every[np.unique(code, return_index=True)[1]]


def _both(one: Longs | Ints, other: Longs | Ints, mode: int, few: int, many: int) -> Ints:
    """Rows of lanes from one to other and back."""
    ends = np.concatenate([np.stack([one, other], axis=1), np.stack([other, one], axis=1)])
    return np.concatenate([ends, np.broadcast_to([mode, few, many], (len(ends), 3))], axis=1).astype(np.int32)


def _services(few: Ints, many: Ints, frequency: float, chance: _Chance) -> Ints:
    """How many services a day each lane has."""
    count = few + np.floor((many - few + 1) * chance.unit(len(few)))
    return np.maximum(1, np.floor(frequency * count)).astype(np.int32)


def _departures(mode: Ints, km: Ints, count: Ints, chance: _Chance) -> tuple[Ints, Ints, Ints, Ints]:
    """Start of each lane's departures, and of each departure its minute of the week, its ride, its lane."""
    lane = np.repeat(np.arange(len(mode), dtype=np.int32), count)
    minute = 5 * chance.whole(len(lane), 0, DAY_MIN // 5 - 1)
    days = np.array([7, 7, 7, 7, 7, 7, 7, 6, 6, 5])[chance.whole(len(lane), 0, 9)]
    slower = 1 + 0.25 * chance.unit(len(lane))
    ride = np.ceil((FIXED_MIN[mode[lane]] + km[lane] * 60 / SPEED_KMH[mode[lane]]) * slower).astype(np.int32)
    runs = np.arange(7) < days[:, None]
    service, day = np.nonzero(runs)
    start = (minute[service] + DAY_MIN * day).astype(np.int32)
    order = np.argsort(lane[service].astype(np.int64) * WEEK_MIN + start, kind="stable")
    service = service[order]
    ends = np.cumsum(np.bincount(lane[service], minlength=len(mode)))
    return np.append(0, ends).astype(np.int32), start[order], ride[service], lane[service]
