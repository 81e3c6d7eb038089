"""Rows of what is made ahead or anew: arrivals from everywhere at any time, a snapshot, a first command."""

import statistics
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from bench import machine
from bench.generated import Generated
from bench.network_case import WEEKS, Ask, Case, Engine, Size, draw_asks, take_room
from bench.network_search import FULL, WEEK_S
from bench.process import rookery
from bench.race import race, seconds_of, typical
from bench.routed import Routed, days_of, money_of, patterns_of, rules_of
from bench.start import PLAN
from bench.table import OUT, Broken, Row, check_equal, spread
from rookery.engines.network.bounds import draw_reach
from rookery.engines.network.lane_path import Question, find_earliest
from rookery.engines.network.lane_table import WIDE, LaneTable, arrivals, lane_table
from rookery.engines.network.links import Links
from rookery.engines.network.snapshot import date, go_live
from rookery.engines.network.work import make_work

T = TypeVar("T")
READ_OR_WRITTEN = 5  # ring rows of a row: the one that waits, three onward, its own


# --- all pairs, all times


def table_rows(made: Generated, size: Size) -> list[Row]:
    """Arrivals at every facility from every ride of a week, against as many single questions; paths behind them."""
    case = Case.of(made, full=FULL)
    links, link_s = _repeated(case.links, size.runs)
    goals = np.arange(len(made.level), dtype=np.int32)
    table = lane_table(links, goals, until_s=WEEK_S, usable=case.usable)
    new_s, over_s = [], []
    for _ in range(size.runs):
        new_s.append(seconds_of(lambda: lane_table(links, goals, until_s=WEEK_S, usable=case.usable))[1])
        over_s.append(
            seconds_of(lambda: lane_table(links, goals, until_s=WEEK_S, usable=case.usable, into=table.minutes))[1]
        )
    engine, asks = Engine(case.routed, keeps=True), draw_asks(made, size.asked)
    took = race({"engine": engine.earliest, "table": _look_up(table)}, asks, size.runs)
    single_s = statistics.median(map(statistics.mean, took["engine"]))
    rides = int((links.chain_s < WEEK_S).sum())
    asked = f"{rides:,} rides tendered in a week times {len(goals):,} destinations"
    memory = f"{table.minutes.nbytes / 1e6:,.0f} MB of memory"
    over = statistics.median(over_s)
    label = "all pairs, all times"
    return [
        Row(f"{label}: links of the window", statistics.median(link_s), "s"),
        Row(f"{label}: table", over, "s", target="< 1",
            note=f"reach for 0.3; {asked}, written over {memory} that was in use; {spread(over_s)}"),
        Row(f"{label}: table in new memory", statistics.median(new_s), "s",
            note=f"{memory} touched for the first time; {spread(new_s)}"),
        Row(f"{label}: table against single questions", rides * len(goals) * single_s / over, "x",
            note=f"extrapolated from {1e6 * single_s:.1f} us, the mean of {len(asks):,}; equal answers: all of those"),
        _floor_row(label, links, len(goals), over),
        *_path_rows(case, links, table, asks, size),
    ]  # fmt: skip


def _look_up(table: LaneTable) -> Callable[[Ask], int]:
    one = lambda value: np.array([value], np.int32)  # noqa: E731
    return lambda ask: int(arrivals(table, one(ask.origin), one(ask.ready_s), one(ask.destination))[0])


def _floor_row(label: str, links: Links, goals: int, took_s: float) -> Row:
    rows, ring_mb = len(links.key_s), 2 * WIDE * (links.reach + 1) / 1e6
    moved = rows * -(-goals // WIDE) * READ_OR_WRITTEN * 2 * WIDE
    rate = machine.read_gb_per_s(ring_mb)
    note = f"{moved / 1e9:.1f} GB in a ring of {ring_mb:.2f} MB, where this core reads {rate:.0f} GB/s in order"
    return Row(f"{label}: table over the floor", took_s, "s", "s floor", moved / rate / 1e9, note=note)


def _path_rows(case: Case, links: Links, table: LaneTable, asks: list[Ask], size: Size) -> list[Row]:
    """The rides behind single numbers of the table, by a scan from the ready time to the arrival."""
    look = _look_up(table)
    there = {ask: look(ask) for ask in asks}
    asks = [ask for ask in asks if there[ask] >= 0]

    def path(ask: Ask) -> int:
        question = Question(ask.origin, ask.destination, ask.ready_s, there[ask])
        found = find_earliest(links, question, usable=case.usable)
        if found is None:
            raise Broken(f"{ask}: wanted rides that arrive at {there[ask]}, found none")
        check_rides(case, ask, found.rides)
        return found.value

    def bare(ask: Ask) -> int:
        found = find_earliest(links, Question(ask.origin, ask.destination, ask.ready_s, there[ask]), usable=case.usable)
        return -1 if found is None else found.value

    race({"table": there.__getitem__, "rides": path}, asks, 1)
    took = race({"table": there.__getitem__, "rides": bare}, asks, size.runs)["rides"]
    note = f"{len(asks):,} paths; checked: places, change times and room of every ride"
    return [
        Row("all pairs, all times: a path by re-scan, half within", 1e3 * typical(took), "ms", target="< 1", note=note),
        Row("all pairs, all times: a path by re-scan, 99 of 100 within", 1e3 * typical(took, 0.99), "ms"),
    ]


def check_rides(case: Case, ask: Ask, rides: tuple[int, ...]) -> None:
    """Raise Broken unless goods can ride these one after the other."""
    dated, at, ready_s, way_in = case.dated, ask.origin, ask.ready_s, -1
    for ride in rides:
        way_out = int(dated.mode[ride])
        handling_s = int(case.made.handling_s[at, way_in, way_out]) if way_in >= 0 else 0
        if dated.from_facility[ride] != at or dated.tender_s[ride] < ready_s + handling_s or not case.usable[ride]:
            raise Broken(f"{ask}: ride {ride} cannot be met at facility {at} by goods that are there at {ready_s}")
        at, ready_s, way_in = int(dated.to_facility[ride]), int(dated.arrive_s[ride]), way_out
    if at != ask.destination:
        raise Broken(f"{ask}: wanted rides to {ask.destination}, found some to {at}")


# --- a snapshot made anew


def rebuild_rows(made: Generated, size: Size) -> list[Row]:
    """A window dated anew while another answers, with the room that is taken, and put in its place."""
    case = Case.of(made, full=FULL)
    asks = draw_asks(made, size.raced)
    before, patterns, money = Engine(case.routed, keeps=True), patterns_of(made), money_of(made)
    wanted = [before.plans(ask) for ask in asks]
    parts: dict[str, list[float]] = {}
    whole_s = []
    for _ in range(size.runs + 1):
        began = time.perf_counter()
        put = lambda name, run: _noted(parts, name, run)  # noqa: E731
        net = put("dating", lambda: date(patterns, days_of(WEEKS)))
        live = put("live copy", lambda: go_live(net))  # noqa: B023 called at once
        put("room", lambda: take_room(net, live, case.dated, ~case.usable))  # noqa: B023
        rules = put("rules", lambda: rules_of(made, net, live, 7 * WEEKS))  # noqa: B023
        reach = put("reach", lambda: draw_reach(net, live, rules))  # noqa: B023
        work = put("room to work in", lambda: make_work(net, len(case.routed.work.labels)))  # noqa: B023
        after = Engine(Routed(made, net, live, rules, money, reach, work), keeps=True)  # the swap: another name
        whole_s.append(time.perf_counter() - began)
        check_equal("plans of a snapshot made anew", [wanted, [after.plans(ask) for ask in asks]])
    told = ", ".join(f"{name} {1e3 * statistics.median(took[1:]):.1f}" for name, took in parts.items())
    segments, full = case.routed.net.segment_count, int((~case.usable).sum())
    note = f"reach for 0.3; ms: {told}; {full:,} of the departures full; {spread(whole_s[1:])}"
    name = f"snapshot of {segments:,} dated departures: rebuild and swap"
    first = statistics.median(seconds_of(lambda: Engine(case.routed, keeps=True).plans(asks[0]))[1] for _ in range(5))
    return [
        Row(name, statistics.median(whole_s[1:]), "s", target="< 1", note=note),
        Row("snapshot: first question after the swap", 1e3 * first, "ms", note="with bounds that are made for it"),
    ]


def _noted(parts: dict[str, list[float]], name: str, run: Callable[[], T]) -> T:
    out, seconds = seconds_of(run)
    parts.setdefault(name, []).append(seconds)
    return out


def _repeated(run: Callable[[], T], runs: int) -> tuple[T, list[float]]:
    """What a run gives, and the seconds of several after one that compiles."""
    out = run()
    return out, [seconds_of(run)[1] for _ in range(runs)]


# --- the first command


def start_rows(size: Size) -> list[Row]:
    """`rookery plan` on the backbone as a command, with machine code that was kept and without."""
    said = rookery(*PLAN).out
    warm = [rookery(*PLAN) for _ in range(size.runs)]
    with tempfile.TemporaryDirectory(dir=OUT) as empty:
        cold = rookery(*PLAN, ROOKERY_CACHE=empty)
    check_equal("what rookery plan prints", [said, cold.out, *(one.out for one in warm)])
    seconds = [one.seconds for one in warm]
    return [
        Row("rookery plan on backbone, kernels kept", statistics.median(seconds), "s", target="< 1",
            note=f"reach for 0.5; {spread(seconds)}"),
        Row("rookery plan on backbone, kernels compiled anew", cold.seconds, "s", note="once, an empty ROOKERY_CACHE"),
    ]  # fmt: skip
