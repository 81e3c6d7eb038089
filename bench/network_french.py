"""Rows of French regional rail: from the feed to a snapshot, and earliest arrivals against scipy and a judge.

The judge is the connection scan of the feed's tests: it has read the feed by itself and knows nothing of this engine.
scipy has the time-expanded graph of the same window: change times, staying aboard.
"""

import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
from tests.partners.gtfs.oracle import Oracle

from bench import peers
from bench.network_case import DAY_S, NEVER_THERE, Size, kept_by_day
from bench.process import rookery
from bench.race import in_runs, race, times_as_fast, typical
from bench.table import ROOT, Row, spread
from rookery.engines.network.bounds import bound_time
from rookery.engines.network.earliest import earliest
from rookery.engines.network.links import Links, Rides, build_links
from rookery.engines.network.money import UNKNOWN
from rookery.engines.network.query import Query
from rookery.engines.network.rules import Bounds, Goal
from rookery.engines.network.snapshot import FACILITY, LAST, NEVER, START, TRIPS, Ints, Live, Snapshot, go_live
from rookery.engines.network.work import FULL, Job, Work, make_work
from rookery.journey.atlas import Atlas
from rookery.journey.dated import Window, open_window
from rookery.journey.desk import Policy, World
from rookery.journey.lines import DIMENSIONS, day_number
from rookery.journey.order import Spot
from rookery.journey.terms import Terms, list_fares, list_terms
from rookery.partners.folder.read import read_network

T = TypeVar("T")
FEED = Path(os.environ.get("ROOKERY_SHARED", ROOT.parent / "shared")) / "data" / "gtfs-sncf-ter" / "gtfs.zip"
CHANGE_MIN = 5
MONDAY, DAYS = dt.date(2025, 2, 3), 21
HORIZON_S = 10 * DAY_S
SEED = 13
GOODS, PRODUCT = "general", "parcel"

Ask = tuple[int, int, int]  # from, to, ready: facilities by number, seconds after the window's epoch


@dataclass
class Rail:
    """The network with a window of it, ready for searches; goals and bounds of time are kept."""

    atlas: Atlas
    window: Window
    live: Live
    terms: Terms
    work: Work
    keeps: bool = True
    by_day: bool = True
    _kept: dict[Hashable, object] = field(default_factory=dict)

    def earliest(self, ask: Ask) -> int:
        """The earliest arrival within the horizon; -1 for none."""
        origin, destination, ready_s = ask
        goal = self._get(("goal", destination), lambda: self._goal(destination))
        time_s = self._get(("time", destination), lambda: bound_time(self.terms.reach, self.terms.rules, goal))
        free = self._get("free", lambda: np.zeros(len(time_s), np.int64))
        node = self.atlas.first_node(self.atlas.lines.facility_ids[origin], "drop_off")
        job = Job(
            self.window.net, self.live, self.terms.rules, self.terms.money, goal,
            self._by_day(destination, goal, Bounds(time_s, free)), self._query(ready_s + HORIZON_S),
        )  # fmt: skip
        found = earliest(job, np.array([[node, ready_s, 0]], np.int64), self.work)
        assert not self.work.counters[FULL], "room to work in: too few labels"
        return NEVER_THERE if found == NEVER else found

    def _by_day(self, destination: int, goal: Goal, bounds: Bounds) -> Bounds:
        if not (self.keeps and self.by_day):
            return bounds
        return kept_by_day(self._get, self.window.net, self.terms.rules, destination, goal, bounds)

    def _goal(self, facility: int) -> Goal:
        return self.atlas.goal(self.window, Spot(facility_id=self.atlas.lines.facility_ids[facility]), GOODS)[0]

    def _query(self, deadline: int) -> Query:
        barred = np.zeros(len(self.atlas.lines.facility_ids), np.int8)
        memo = np.full((len(self.terms.money.breaks), len(self.window.epochs)), UNKNOWN, np.int64)
        return Query(
            need=np.array([1_000] + [0] * (len(DIMENSIONS) - 1), np.int64), known_at=-NEVER, depart_by=NEVER,
            deadline=deadline, not_before=-NEVER, grams=1_000, cm3=0, legs_max=64, with_room=1, with_rates=1,
            one_epoch=int(len(self.window.epochs) == 1), epoch=0, barred=barred, memo=memo,
        )  # fmt: skip

    def _get(self, key: Hashable, make: Callable[[], T]) -> T:
        found: T | None = self._kept.get(key)  # type: ignore[assignment]
        if found is None:
            found = make()
            if self.keeps:
                self._kept[key] = found
        return found


def french_rows(size: Size) -> list[Row]:
    """All rows; one that says why there are none where the feed is missing."""
    if not FEED.is_file():
        return [
            Row("French rail", None, "us", note=f"not measured: no {FEED.name} of gtfs-sncf-ter in the shared data")
        ]
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "net"
        converted = rookery("network", "from-gtfs", FEED, network, "--change", str(CHANGE_MIN)).seconds
        rail, rows = _build(network, size)
    return [
        Row("French rail: from feed to folder, the command", converted, "s"), *rows, *_race_rows(rail, size)
    ]  # fmt: skip


def _build(folder: Path, size: Size) -> tuple[Rail, list[Row]]:
    """The network ready for searches, and how long each step takes: the first once, those of a rebuild by median."""
    began = time.perf_counter()
    network = read_network(folder)
    read_s, began = time.perf_counter() - began, time.perf_counter()
    atlas = Atlas(World(network, Policy()))
    drawn_s = time.perf_counter() - began
    first = day_number(MONDAY) - 1
    open_rail(atlas, first, first + DAYS)
    runs = [open_rail(atlas, first, first + DAYS) for _ in range(size.runs)]
    rail, took = runs[-1][0], [steps for _, steps in runs]
    whole = [sum(steps) for steps in took]
    told = ", ".join(
        f"{name} {1e3 * statistics.median(of):.1f}"
        for name, of in zip(("dating", "live copy", "terms", "room to work in"), zip(*took, strict=True), strict=True)
    )
    window = f"{rail.window.net.segment_count:,} dated segments, {DAYS + 1} days from {MONDAY - dt.timedelta(1)} on"
    return rail, [
        Row("French rail: reading the folder", read_s, "s", note="once"),
        Row("French rail: drawing the lines", drawn_s, "s", note=f"once; {len(atlas.lines.services):,} lines"),
        Row("French rail: rebuild", statistics.median(whole), "s", note=f"ms: {told}; {window}; {spread(whole)}"),
    ]


def open_rail(atlas: Atlas, first: int, last: int) -> tuple[Rail, list[float]]:
    """A window from a day to a day, ready for searches; seconds of dating, live copy, terms and room to work in."""
    laps = [time.perf_counter()]

    def lap(made: T) -> T:
        laps.append(time.perf_counter())
        return made

    window = lap(open_window(atlas.table, atlas.prices, atlas.lines, first, last))
    live = lap(go_live(window.net))
    fares = list_fares(atlas.table, atlas.prices, window, GOODS)
    terms = lap(
        list_terms(atlas.table, atlas.prices, window, live, ("bench", ""), fares, product_id=PRODUCT, modes=("*",))
    )
    work = lap(make_work(window.net, 1 << 17))
    return Rail(atlas, window, live, terms, work), [end - begin for begin, end in pairwise(laps)]


def _race_rows(rail: Rail, size: Size) -> list[Row]:
    asks = draw(rail, size.asked)
    few = asks[: size.raced // 2]  # scipy takes half a second for each
    judge = Oracle.of(FEED, change_min=CHANGE_MIN)
    scipy = peers.Scipy.of(peers.expand(links_of(rail)))
    cold = Rail(rail.atlas, rail.window, rail.live, rail.terms, rail.work, keeps=False)
    plainer = Rail(rail.atlas, rail.window, rail.live, rail.terms, rail.work, by_day=False)
    many = race({"engine": rail.earliest, "judge": judged(rail, judge)}, asks, size.runs)
    told = {ask: rail.earliest(ask) for ask in few}
    by_scipy: dict[str, Callable[[Ask], object]] = {
        "bounds kept": rail.earliest,
        "bounds kept, by facility alone": plainer.earliest,
        "bounds anew": cold.earliest,
        "scipy": lambda ask: within(scipy.earliest(*ask), ask),
        "scipy, told": lambda ask: within(
            scipy.earliest_by_oracle(*ask, told[ask] if told[ask] >= 0 else ask[2] + HORIZON_S), ask
        ),
    }
    took = race(by_scipy, few, size.runs)
    label = "French rail, earliest arrival"
    found = sum(rail.earliest(ask) >= 0 for ask in asks)
    equal = f"equal answers: {len(asks):,} to the judge, {found:,} of them an arrival; {len(few)} to scipy"
    return [
        *(Row(f"{label}: {way}", 1e6 * typical(times), "us", note=spread(in_runs(times)))
          for way, times in took.items()),
        Row(f"{label}: the judge", 1e6 * typical(many["judge"]), "us", note="a connection scan without bounds"),
        times_as_fast(f"{label}, bounds kept, against the judge", many["engine"], many["judge"]),
        times_as_fast(f"{label}, bounds kept, against scipy", took["bounds kept"], took["scipy"], 50, note=equal),
        times_as_fast(f"{label}, bounds kept, against scipy told the answer", took["bounds kept"], took["scipy, told"]),
        Row(f"{label}, bounds kept, half within", 1e6 * typical(many["engine"]), "us"),
        Row(f"{label}, bounds kept, 99 of 100 within", 1e6 * typical(many["engine"], 0.99), "us"),
    ]  # fmt: skip


def draw(rail: Rail, count: int) -> list[Ask]:
    """Questions between stations where something calls in the window, ready in its first week."""
    net = rail.window.net
    called = np.unique(net.positions[net.positions[:, TRIPS] > 0, FACILITY])
    raw = np.random.PCG64(SEED).random_raw(3 * count).reshape(count, 3) >> np.uint64(11)
    asks = []
    for origin, further, minute in raw.tolist():
        a = origin % len(called)
        b = (a + 1 + further % (len(called) - 1)) % len(called)
        asks.append((int(called[a]), int(called[b]), DAY_S + 60 * (minute % (7 * 1_440))))
    return asks


def judged(rail: Rail, judge: Oracle) -> Callable[[Ask], int]:
    names, epoch_s = rail.atlas.lines.facility_ids, rail.window.net.epoch_s

    def earliest_by_judge(ask: Ask) -> int:
        origin, destination, ready_s = ask
        found = judge.earliest(names[origin], names[destination], epoch_s + ready_s)
        return NEVER_THERE if found is None else within(found - epoch_s, ask)

    return earliest_by_judge


def within(arrival_s: int, ask: Ask) -> int:
    """What the engine says of an arrival after the horizon: none."""
    return arrival_s if 0 <= arrival_s <= ask[2] + HORIZON_S else NEVER_THERE


# --- the window as a graph


def links_of(rail: Rail) -> Links:
    """The window's segments as rides, with the change times of stations: they are the same between all modes."""
    net, names = rail.window.net, rail.atlas.lines.facility_ids
    minutes = [rail.atlas.table.find_processing(name, "rail", "rail", GOODS) for name in names]
    handling_s = np.array([60 * max(row.minutes, row.connection_min) if row else 0 for row in minutes], np.int32)
    return build_links(rides_of(net), handling_s.reshape(-1, 1, 1))


def rides_of(net: Snapshot) -> Rides:
    """Every dated segment; goods stay aboard from each to the next of its trip."""
    p = np.repeat(np.arange(len(net.positions)), _runs(net))
    k = np.arange(len(p)) - net.positions[p, START]
    goes_on = net.positions[p, LAST] > p + 1
    after = np.minimum(p + 1, len(net.positions) - 1)
    stay = np.where(goes_on, net.positions[after, START] + k, -1).astype(np.int32)
    way = np.zeros(len(p), np.int32)
    ends = (np.ascontiguousarray(net.positions[one, FACILITY]) for one in (p, after))
    return Rides(*ends, way, way, net.departs, net.arrives, net.arrives, stay)


def _runs(net: Snapshot) -> Ints:
    """How many segments begin at each position."""
    return np.where(net.positions[:, LAST] > np.arange(len(net.positions)), net.positions[:, TRIPS], 0)
