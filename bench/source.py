"""Which orders are served and at what cost, against what no planner can beat on the Brunel orders.

The bounds are computed in the same run by `examples/brunel/bounds.py`, the results checked by `compare.py` there:
both read the raw files and share no code with Rookery.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import brunel
from bench.process import pinned_text, remove_ledger, rookery
from bench.table import OUT, Broken, Row, check_equal, machine, report

LEDGERS = OUT / "ledgers"
FAULTS_SHOWN = 5
PUBLISHED = {  # what the example's page says of these files; cents
    "most served in one day": 2_444,
    "least cost for 2444": 124_709_356,
    "cheapest first, served in one day": 2_430,
    "fewest days for all": 7,
}
COST_NOTE = "least cost of a linear program for as many orders in as many days"


@dataclass(frozen=True, slots=True)
class Reached:
    """What a run came to, checked against the rules; money in cents."""

    served: int
    days: int
    cents: int
    seconds: float


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    brunel.make_ready()
    bounds, compare = brunel.program("bounds"), brunel.program("compare")
    problem = bounds.read_problem(brunel.find_data())
    began = time.perf_counter()
    listed = {row["name"]: row["value"] for row in bounds.list_bounds(problem)}
    solved_s = time.perf_counter() - began
    check_equal("bounds", [PUBLISHED, {name: listed[name] for name in PUBLISHED}])
    rows = [*_one_day(problem, bounds, compare, listed), *_many_days(problem, bounds, compare, listed)]
    rows.append(Row("all bounds, computed", solved_s, "s", note="maximum flows and linear programs, SciPy and HiGHS"))
    report("source", about, rows, f"Sourcing {brunel.ORDER_COUNT:,} orders, {pinned_text()}; answers checked")


def _one_day(problem: Any, bounds: Any, compare: Any, listed: dict[str, int]) -> list[Row]:
    together = _run(problem, compare, brunel.ONE_DAY, "file")
    alone = _run(problem, compare, brunel.ONE_DAY, "each")
    most, greedy = listed["most served in one day"], listed["cheapest first, served in one day"]
    least = bounds.least_cost(problem, count=together.served)
    least_alone = bounds.least_cost(problem, count=alone.served)
    return [
        Row("one day, --rounds file: served", together.served, "orders", "orders at most", most, f">= {most}"),
        _cost("one day, --rounds file: cost", together, least, wanted=True),
        _seconds("one day, --rounds file", together),
        Row("one day, one by one: served", alone.served, "orders", "orders cheapest first", greedy, f">= {greedy}"),
        Row(
            "one day, one by one: cost", alone.cents / 100, "USD", "USD cheapest first",
            listed["cheapest first, cost"] / 100,
            note=f"as the orders come; with hindsight {least_alone / 100:,.2f} for as many",
        ),
        _seconds("one day, one by one", alone),
    ]  # fmt: skip


def _many_days(problem: Any, bounds: Any, compare: Any, listed: dict[str, int]) -> list[Row]:
    together = _run(problem, compare, brunel.MANY_DAYS, "file")
    alone = _run(problem, compare, brunel.MANY_DAYS, "each")
    most, fewest = listed["orders that some warehouse may ship"], listed["fewest days for all"]
    least = bounds.least_cost(problem, count=most, days=fewest)
    return [
        Row("many days, --rounds file: served", together.served, "orders", "orders at most", most, f">= {most}"),
        Row("many days, --rounds file: days", together.days, "days", "days at least", fewest, f"<= {fewest}"),
        _cost("many days, --rounds file: cost", together, least, wanted=True),
        _seconds("many days, --rounds file", together),
        Row("many days, one by one: days", alone.days, "days", "days at least", fewest),
        _cost("many days, one by one: cost", alone, least, wanted=False),
        _seconds("many days, one by one", alone),
    ]


def _cost(name: str, reached: Reached, least: int, *, wanted: bool) -> Row:
    target = f"<= {least / 100}" if wanted else ""
    return Row(name, reached.cents / 100, "USD", "USD at least", least / 100, target, COST_NOTE)


def _seconds(name: str, reached: Reached) -> Row:
    return Row(f"{name}: whole command", reached.seconds, "s")


def _run(problem: Any, compare: Any, orders: Path, rounds: str) -> Reached:
    """Run the command line and check its results row by row.

    Raises  Broken: a capacity is exceeded, a rule is broken, or a refusal has no true reason
    """
    name = f"source-{orders.stem}-{rounds}"
    ledger, path = remove_ledger(LEDGERS / f"{name}.ledger"), OUT / f"{name}.csv"
    files = ("--network", brunel.NETWORK, "--orders", orders, "--ledger", ledger, "--results", path)
    done = rookery("run", *files, "--rounds", rounds, "--json")
    results = compare.read_results(path, problem)
    faults = compare.list_faults(problem, results, one_day=orders == brunel.ONE_DAY)
    if faults:
        shown = "\n".join(faults[:FAULTS_SHOWN])
        raise Broken(f"{path}: wanted results that keep every rule, found {len(faults)} faults:\n{shown}")
    last = max(booked.ships_on for booked in results.booked)
    cents = sum(booked.cost_cents for booked in results.booked)
    return Reached(len(results.booked), (last - compare.DAY).days + 1, cents, done.seconds)


if __name__ == "__main__":
    main()
