"""Rows of how many bytes a search looks at, and how fast this machine could read as many: the distance to its limit.

A row that is looked at twice counts twice. Halving steps through the departures of a lane are not counted.

    popped    its label, its node, its place in the heap
    scanned   its entry and position, the node, pair, price and both bounds of where it leads
    probed    search time, departure, arrival and room of a departure
    made      a label, its node, its place in the heap
"""

from collections.abc import Callable

import numpy as np

from bench import machine
from bench.generated import Generated
from bench.network_case import Ask, Case, Engine, Size, draw_asks
from bench.network_search import FULL
from bench.race import race, typical
from bench.table import Row
from rookery.engines.network.work import LABELS, POPPED, PROBED, SCANNED

COUNTED = {POPPED: "labels popped", SCANNED: "entries scanned", PROBED: "departures probed", LABELS: "labels made"}


def touched_rows(made: Generated, size: Size) -> list[Row]:
    """Of both searches over a network of which a part is full."""
    case = Case.of(made, full=FULL)
    engine, asks = Engine(case.routed, keeps=True), draw_asks(made, size.asked)
    rates = {"last cache": machine.read_gb_per_s(4), "memory": machine.read_gb_per_s(256)}
    rows = []
    for name, way in (("earliest arrival", engine.earliest), ("(arrival, cost)", engine.plans)):
        query_s = typical(race({"engine": way}, asks, size.runs)["engine"])
        rows += _rows(f"{name}, normal, bounds kept", query_s, _counts(engine, way, asks), case, rates)
    latency = machine.load_ns(16)
    return [*rows, Row("one load that depends on the one before", latency, "ns", note="at random within 16 MB")]


def _rows(label: str, query_s: float, counts: np.ndarray, case: Case, rates: dict[str, float]) -> list[Row]:
    touched = float(np.median(counts @ _sizes(case)))
    told = ", ".join(f"{n:,.0f} {what}" for n, what in zip(np.median(counts, axis=0), COUNTED.values(), strict=True))
    scanned = float(np.median(counts[:, list(COUNTED).index(SCANNED)]))
    return [
        Row(f"{label}: bytes touched", touched / 1e3, "kB", note=f"medians: {told}"),
        Row(f"{label}: time by entry scanned", 1e9 * query_s / scanned, "ns"),
        *(Row(f"{label}: time over the floor of the {what}", 1e6 * query_s, "us", "us floor", touched / rate / 1e3,
              note=f"{rate:.1f} GB/s read in order")
          for what, rate in rates.items()),
    ]  # fmt: skip


def _sizes(case: Case) -> np.ndarray:
    """Bytes of a popped label, a scanned entry, a probed departure, a label made."""
    routed = case.routed
    work, rules, net, live = routed.work, routed.rules, routed.net, routed.live
    label, node, place = (rows[0].nbytes for rows in (work.labels, work.nodes, work.heap))
    price, bounds = 8, 4 + 8  # of the query's memo; of time and of cost
    entry = rules.entries[0].nbytes + net.positions[0].nbytes + rules.pairs[0].nbytes + node + price + bounds
    departure = sum(times.itemsize for times in (live.search, live.departs, live.arrives)) + live.free[0].nbytes
    return np.array([label + node + place, entry, departure, label + node + place])


def _counts(engine: Engine, way: Callable[[Ask], object], asks: list[Ask]) -> np.ndarray:
    """[asks, 4] what the search has counted."""
    rows = []
    for ask in asks:
        way(ask)
        rows.append(engine.routed.work.counters[list(COUNTED)].copy())
    return np.array(rows)
