"""The route engine on the generated network and on French regional rail: how fast, and how far from the floor.

    python -m bench.network            all of it, about ten minutes
    python -m bench.network --quick    a small network, a few seconds: it checks that all answers are the same

One core, one process, the call from Python included. Medians of five runs in which all ways take turns.
"""

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Iterator

from bench import network_search as search
from bench import network_table as table
from bench.generated import SEED, generate
from bench.network_case import ASK_SEED, FULL_SEED, QUICK, WEEKS, Size
from bench.network_floor import touched_rows
from bench.network_french import french_rows
from bench.process import ONE_CORE, pinned_text
from bench.table import Row, machine, machine_text, number_text, report, table_lines

LIBRARIES = ("numpy", "numba", "scipy", "rustworkx", "igraph", "networkx")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.network")
    parser.add_argument("--quick", action="store_true", help="a small network, nothing written")
    quick = parser.parse_args().quick
    about = machine() | {name: importlib.metadata.version(name) for name in LIBRARIES}
    about |= {"seeds": f"network {SEED}, room {FULL_SEED}, questions {ASK_SEED}"}
    if ONE_CORE:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = list(all_rows(QUICK if quick else Size()))
    about["load after"] = f"{os.getloadavg()[0]:.2f}"
    title = f"The route engine, {WEEKS} weeks of departures, {pinned_text()}"
    if quick:
        print(f"\n{title}, quick\n{machine_text(about)}\n")
        print("\n".join(table_lines(rows)))
    else:
        report("network", about, rows, title)


def all_rows(size: Size) -> Iterator[Row]:
    """Every row, told as it comes."""
    for row in _rows(size):
        print(f"{row.name}: {number_text(row.value)} {row.unit}", file=sys.stderr, flush=True)
        yield row


def _rows(size: Size) -> Iterator[Row]:
    small = None
    for density in size.densities:
        made = generate(size.facilities, density)
        yield from search.earliest_rows(made, density, size)
        rows = search.plan_rows(made, density, size)
        small = small or next(row for row in rows if row.unit == "ms")
        yield from rows
    assert small is not None
    made = generate(size.facilities)
    yield from touched_rows(made, size)
    yield from table.table_rows(made, size)
    yield from table.rebuild_rows(made, size)
    yield from search.four_rows(made, size)
    yield from search.large_rows(small, size)
    if size.whole:
        yield from french_rows(size)
        yield from table.start_rows(size)


if __name__ == "__main__":
    main()
