"""A run's results against the rules and the bounds of the Brunel data.

    python examples/brunel/compare.py build/brunel/results-one-day.csv --one-day
    python examples/brunel/compare.py build/brunel/results.csv

Checks with code of its own, from the raw files, that no capacity is exceeded and every rule is met; then prints the
number served beside the bound and the cost beside the best cost for as many served. Exit status 1 if a rule is broken.
"""

import argparse
import csv
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bounds import NO_RATE_NEEDED, Order, Problem, fewest_days, least_cost, most_served, read_problem
from raw import get_data

DAY = dt.date(2013, 5, 26)
FAULTS_SHOWN = 20
COLUMNS = {
    "order_reference", "status", "refusal_code", "binding", "warehouse", "ships_on", "arrives_at", "services", "cost",
    "cost_currency",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booked:
    """One booked order of the results."""

    idx: int
    warehouse: str
    ships_on: dt.date
    arrives_on: dt.date | None
    services: tuple[str, ...]
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused order of the results."""

    idx: int
    code: str
    binding: str


@dataclass(frozen=True, slots=True)
class Results:
    """What became of each order, and what in the file itself is wrong."""

    booked: list[Booked]
    refused: list[Refused]
    faults: list[str]


def read_results(path: Path, problem: Problem) -> Results:
    """The results file, each order matched with the data once."""
    results = Results([], [], [])
    index = {order.order_id: idx for idx, order in enumerate(problem.orders)}
    left = dict(index)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = COLUMNS - set(rows.fieldnames or ())
        if missing:
            sys.exit(f"{path}: wanted the columns {', '.join(sorted(missing))} too; see docs/results.md")
        for row in rows:
            reference = row["order_reference"]
            if left.pop(reference, None) is None:
                what = "twice in the results" if reference in index else "not in the data"
                results.faults.append(f"order {reference}: {what}")
            elif row["status"] == "booked":
                results.booked.append(read_booked(row, index[reference]))
            elif row["status"] == "refused":
                results.refused.append(Refused(index[reference], row["refusal_code"], row["binding"]))
            else:
                results.faults.append(f"order {reference}: wanted booked or refused, found {row['status']!r}")
    results.faults.extend(f"order {reference}: no result" for reference in left)
    return results


def read_booked(row: dict[str, str], idx: int) -> Booked:
    """A booked row. Cost in another currency than USD ends the program: nothing could be compared."""
    if row["cost_currency"] != "USD":
        sys.exit(f"order {row['order_reference']}: wanted a cost in USD, found {row['cost_currency']!r}")
    arrives = row["arrives_at"]
    return Booked(
        idx=idx,
        warehouse=row["warehouse"],
        ships_on=dt.date.fromisoformat(row["ships_on"]),
        arrives_on=dt.datetime.fromisoformat(arrives.replace("Z", "+00:00")).date() if arrives else None,
        services=tuple(row["services"].split()),
        cost_cents=int(Decimal(row["cost"]) * 100),
    )


def list_faults(problem: Problem, results: Results, *, one_day: bool) -> list[str]:
    """Everything in the results that the rules do not allow."""
    return [
        *results.faults,
        *check_capacity(problem, results),
        *(fault for booked in results.booked for fault in check_booked(problem, booked, one_day=one_day)),
        *check_refused(problem, results, one_day=one_day),
    ]


def check_capacity(problem: Problem, results: Results) -> Iterator[str]:
    """Days on which a warehouse ships more than it can."""
    used = Counter((booked.warehouse, booked.ships_on) for booked in results.booked)
    for (warehouse, day), count in sorted(used.items()):
        most = problem.rules.capacity.get(warehouse, 0)
        if count > most:
            yield f"warehouse {warehouse} on {day}: ships {count} orders, its capacity is {most}"


def check_booked(problem: Problem, booked: Booked, *, one_day: bool) -> Iterator[str]:
    """Rules that one booked order breaks: day, warehouse, way, time, cost."""
    order = problem.orders[booked.idx]
    name = f"order {order.order_id}"
    if booked.ships_on < DAY or (one_day and booked.ships_on != DAY):
        yield f"{name}: ships on {booked.ships_on}"
    if booked.warehouse not in problem.choices[booked.idx]:
        yield f"{name}: {booked.warehouse} may not ship {order.product} of {order.customer} as {order.level}"
        return
    handling = problem.rules.unit_cents[booked.warehouse] * order.quantity
    if order.level == NO_RATE_NEEDED:
        if booked.services or booked.cost_cents != handling:
            yield f"{name}: needs no freight; found {booked.services}, {booked.cost_cents} cents instead of {handling}"
        return
    yield from (f"{name}: {fault}" for fault in check_freight(problem, booked, order, handling))


def check_freight(problem: Problem, booked: Booked, order: Order, handling: int) -> Iterator[str]:
    """Faults of the way to the destination: the link to a port of the warehouse, then one freight service."""
    if len(booked.services) != 2:
        yield f"wanted a link to a port and one freight service, found {booked.services}"
        return
    link, service = booked.services
    ports = [port for port in problem.rules.ports[booked.warehouse] if link == f"{booked.warehouse}-{port}"]
    price_list = service.partition("#")[0]
    charges = {
        band.charge(order.weight_g): band.days
        for port in ports
        for band in problem.rules.bands.get((port, order.level), ())
        if band.price_list == price_list and band.from_g <= order.weight_g < band.below_g
    }
    if not charges:
        yield f"{link} and {service} do not carry {order.weight_g} g as {order.level} from {booked.warehouse}"
        return
    if booked.cost_cents - handling not in charges:
        yield f"costs {booked.cost_cents} cents; handling is {handling}, {service} charges {sorted(charges)}"
    earliest = booked.ships_on + dt.timedelta(days=min(charges.values()))
    if booked.arrives_on is None or booked.arrives_on < earliest:
        yield f"arrives on {booked.arrives_on}, but {service} brings it on {earliest} at the earliest"


def check_refused(problem: Problem, results: Results, *, one_day: bool) -> Iterator[str]:
    """Refusals without a true reason: no code, a constraint that cannot bind, or a warehouse that still had room."""
    used = Counter(booked.warehouse for booked in results.booked if booked.ships_on == DAY)
    room = {name for name, most in problem.rules.capacity.items() if used[name] < most}
    for refused in results.refused:
        name, choice = f"order {problem.orders[refused.idx].order_id}", problem.choices[refused.idx]
        if not refused.code or not refused.binding:
            yield f"{name}: refused without code or binding constraint"
        elif choice and not any(warehouse in refused.binding for warehouse in choice):
            yield f"{name}: {refused.binding} does not bind; it may ship from {', '.join(choice)}"
        if choice and (not one_day or room & choice.keys()):
            yield f"{name}: refused, but {', '.join(sorted(room & choice.keys()) or choice)} can ship it"


def summarise(problem: Problem, results: Results) -> list[tuple[str, float, float, str]]:
    """Rows of name, reached, bound, unit."""
    served = len(results.booked)
    cost = sum(booked.cost_cents for booked in results.booked)
    days = (max((booked.ships_on for booked in results.booked), default=DAY) - DAY).days + 1
    rows = [
        (f"orders served in {days} day{'s' * (days > 1)}", served, most_served(problem, days=days), "orders"),
        (
            "cost in USD, least for as many in as many days",
            cost / 100,
            least_cost(problem, count=served, days=days) / 100,
            "USD",
        ),
    ]
    if served == sum(bool(choice) for choice in problem.choices):
        rows.append(("days until all are shipped", days, fewest_days(problem), "days"))
    return rows


def count_dearer(problem: Problem, results: Results) -> int:
    """Booked orders that could have left the same warehouse for less: no fault, but money lost."""
    return sum(booked.cost_cents > problem.choices[booked.idx].get(booked.warehouse, 0) for booked in results.booked)


def show(problem: Problem, results: Results, faults: list[str]) -> None:
    """Print results beside bounds, refusals by binding constraint, capacity used, faults."""
    print(f"{'':48} {'reached':>16} {'bound':>16} {'of bound':>9}")
    for name, reached, bound, unit in summarise(problem, results):
        form = ",.2f" if unit == "USD" else ",.0f"
        print(f"{name:48} {reached:>16{form}} {bound:>16{form}} {reached / bound if bound else 1:>9.2%}")
    print(f"booked orders with a cheaper rate from the same warehouse: {count_dearer(problem, results):,}")
    print("\nrefused, by what binds:")
    for (code, binding), count in Counter((r.code, r.binding) for r in results.refused).most_common():
        print(f"  {count:6,}  {code}  {binding}")
    print("\ncapacity used, busiest day of each warehouse:")
    used = Counter((booked.warehouse, booked.ships_on) for booked in results.booked)
    for name, most in sorted(problem.rules.capacity.items()):
        peak = max((count for (warehouse, _), count in used.items() if warehouse == name), default=0)
        print(f"  {name}  {peak:5,} of {most:5,}")
    print(f"\nrules broken: {len(faults):,}")
    for fault in faults[:FAULTS_SHOWN]:
        print(f"  {fault}")


def main() -> None:
    """Check and compare one results file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="CSV that `rookery run --results` wrote")
    parser.add_argument("--one-day", action="store_true", help="every order had to leave on the day of the orders")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    problem = read_problem(get_data())
    results = read_results(asked.results, problem)
    faults = list_faults(problem, results, one_day=asked.one_day)
    if asked.json:
        rows = [
            dict(zip(("name", "reached", "bound", "unit"), row, strict=True)) for row in summarise(problem, results)
        ]
        print(json.dumps({"rows": rows, "dearer": count_dearer(problem, results), "faults": faults}, indent=1))
    else:
        show(problem, results, faults)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
