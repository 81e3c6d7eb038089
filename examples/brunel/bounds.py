"""What no planner can beat on the Brunel orders: most served in a day, least cost for as many, fewest days.

    python examples/brunel/bounds.py            a table
    python examples/brunel/bounds.py --json     the same for a machine

Works on the raw files and knows nothing of Rookery. The rules, in one place:

- an order takes one unit of its warehouse's daily capacity, whole, from one warehouse;
- a warehouse may ship an order if it lists the product, and, where it is in VmiCustomers, if it lists the customer;
- freight leaves from a port of the warehouse at a rate of the order's service level whose band holds the weight;
  a `CRF` order needs no rate, its customer fetches it;
- cost = cost per unit x quantity + max(minimum, rate x kg), the freight rounded half up to the cent.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from raw import cents, get_data, grams, read_table
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

NO_RATE_NEEDED = "CRF"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the list. `line` is its line in OrderList.csv."""

    order_id: str
    line: int
    customer: str
    product: str
    level: str
    quantity: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Band:
    """One freight rate with the weights it holds, lower end included, upper end not.

    price_list  carrier, port, service level, mode and days of transit: what a carrier sells under one name
    """

    price_list: str
    days: int
    from_g: int
    below_g: int
    minimum_cents: int
    cents_per_kg: int

    def charge(self, weight_g: int) -> int:
        """Cents for that weight, half up."""
        return max(self.minimum_cents, (2 * self.cents_per_kg * weight_g + 1000) // 2000)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything but the orders."""

    capacity: dict[str, int]
    unit_cents: dict[str, int]
    lists: dict[str, set[str]]
    bound: dict[str, set[str]]
    ports: dict[str, list[str]]
    bands: dict[tuple[str, str], list[Band]]

    def may_ship(self, warehouse: str, order: Order) -> bool:
        """True where the warehouse lists the product and serves the customer."""
        if order.product not in self.lists[warehouse]:
            return False
        return warehouse not in self.bound or order.customer in self.bound[warehouse]

    def find_freight(self, warehouse: str, order: Order) -> int | None:
        """Least freight in cents from any port of the warehouse; None where no band holds the order."""
        if order.level == NO_RATE_NEEDED:
            return 0
        return min(
            (
                band.charge(order.weight_g)
                for port in self.ports[warehouse]
                for band in self.bands.get((port, order.level), ())
                if band.from_g <= order.weight_g < band.below_g
            ),
            default=None,
        )

    def price(self, order: Order) -> dict[str, int]:
        """Each warehouse that may ship the order, with its least cost in cents."""
        priced = {}
        for warehouse in sorted(self.capacity):
            if self.may_ship(warehouse, order):
                freight = self.find_freight(warehouse, order)
                if freight is not None:
                    priced[warehouse] = self.unit_cents[warehouse] * order.quantity + freight
        return priced


@dataclass(frozen=True, slots=True)
class Problem:
    """The orders, and for each the warehouses that may ship it with their cost in cents."""

    rules: Rules
    orders: list[Order]
    choices: list[dict[str, int]]


def read_problem(folder: Path) -> Problem:
    """The seven files as one problem."""
    rules = read_rules(folder)
    orders = [
        Order(
            order_id=row["Order ID"],
            line=line,
            customer=row["Customer"],
            product=row["Product ID"],
            level=row["Service Level"],
            quantity=int(row["Unit quantity"]),
            weight_g=grams(row["Weight"]),
        )
        for line, row in read_table(folder, "OrderList")
    ]
    return Problem(rules=rules, orders=orders, choices=[rules.price(order) for order in orders])


def read_rules(folder: Path) -> Rules:
    """Capacities, costs, product lists, bound customers, ports and freight bands."""
    lists, bound, ports = defaultdict(set), defaultdict(set), defaultdict(list)
    for _, row in read_table(folder, "ProductsPerPlant"):
        lists[row["Plant Code"]].add(row["Product ID"])
    for _, row in read_table(folder, "VmiCustomers"):
        bound[row["Plant Code"]].add(row["Customers"])
    for _, row in read_table(folder, "PlantPorts"):
        ports[row["Plant Code"]].append(row["Port"])
    return Rules(
        capacity={row["Plant ID"]: int(row["Daily Capacity"]) for _, row in read_table(folder, "WhCapacities")},
        unit_cents={row["WH"]: cents(row["Cost/unit"]) for _, row in read_table(folder, "WhCosts")},
        lists=lists,
        bound=dict(bound),
        ports=ports,
        bands=read_bands(folder),
    )


def read_bands(folder: Path) -> dict[tuple[str, str], list[Band]]:
    """All freight bands by (port, service level). The weights a band holds follow from its own price list."""
    price_lists = defaultdict(list)
    for _, row in read_table(folder, "FreightRates"):
        days = row["tpt_day_cnt"]
        price_lists[row["Carrier"], row["orig_port_cd"], row["svc_cd"], row["mode_dsc"], days].append(row)
    bands = defaultdict(list)
    for (carrier, port, level, mode, days), rows in price_lists.items():
        starts = sorted({grams(row["minm_wgh_qty"]) for row in rows})
        for row in rows:
            from_g, to_g = grams(row["minm_wgh_qty"]), grams(row["max_wgh_qty"])
            bands[port, level].append(
                Band(
                    price_list=f"{carrier}-{port}-{level}-{mode}-{days}D",
                    days=int(days),
                    from_g=0 if from_g == starts[0] else from_g,
                    below_g=next((start for start in starts if start >= to_g), to_g + 1),
                    minimum_cents=cents(row["minimum cost"]),
                    cents_per_kg=cents(row["rate"]),
                )
            )
    return bands


def most_served(problem: Problem, *, days: int = 1) -> int:
    """The most orders that all warehouses together ship in so many days: a maximum flow."""
    warehouses = sorted(problem.rules.capacity)
    first_warehouse = len(problem.orders)
    source = first_warehouse + len(warehouses)
    sink = source + 1
    arcs = [(source, order, 1) for order in range(first_warehouse)]
    arcs += [(order, first_warehouse + warehouses.index(name), 1) for order, name, _ in list_choices(problem)]
    arcs += [(first_warehouse + i, sink, problem.rules.capacity[name] * days) for i, name in enumerate(warehouses)]
    tail, head, room = np.array(arcs, dtype=np.int32).T
    return int(maximum_flow(csr_array((room, (tail, head)), shape=(sink + 1, sink + 1)), source, sink).flow_value)


def fewest_days(problem: Problem) -> int:
    """The fewest days after which every order that any warehouse may ship has left."""
    shippable = sum(bool(choice) for choice in problem.choices)
    return next(days for days in range(1, 1000) if most_served(problem, days=days) == shippable)


def least_cost(problem: Problem, *, count: int, days: int = 1) -> int:
    """Least cents for exactly `count` orders in so many days.

    A flow of fixed size: the linear program's corners are whole, so its optimum is the true one. The answer is
    checked to be whole and its cost is summed again in integers.
    """
    warehouses = sorted(problem.rules.capacity)
    order_idx, names, cost = map(list, zip(*list_choices(problem), strict=True))
    var_count = len(cost)
    rows = [*order_idx, *(len(problem.orders) + warehouses.index(name) for name in names)]
    columns = [*range(var_count), *range(var_count)]
    limits = [1] * len(problem.orders) + [problem.rules.capacity[name] * days for name in warehouses]
    solved = linprog(
        cost,
        A_ub=coo_array((np.ones(2 * var_count), (rows, columns)), shape=(len(limits), var_count)),
        b_ub=limits,
        A_eq=np.ones((1, var_count)),
        b_eq=[count],
        bounds=(0, 1),
        method="highs-ds",
    )
    assert solved.success, solved.message
    chosen = np.rint(solved.x).astype(np.int64)
    assert np.abs(solved.x - chosen).max() < 1e-6 and chosen.sum() == count, "the optimum is not whole"
    total = int(chosen @ np.array(cost, dtype=np.int64))
    assert abs(total - solved.fun) < 0.5, (total, solved.fun)
    return total


def cheapest_first(problem: Problem) -> dict[int, str]:
    """What a plain planner does: order by order as listed, the cheapest warehouse that still has room today."""
    left = dict(problem.rules.capacity)
    taken = {}
    for idx, choice in enumerate(problem.choices):
        open_ones = [(cost, name) for name, cost in choice.items() if left[name] > 0]
        if open_ones:
            taken[idx] = min(open_ones)[1]
            left[taken[idx]] -= 1
    return taken


def list_choices(problem: Problem) -> Iterable[tuple[int, str, int]]:
    """(order, warehouse, cents) for every pair that the rules allow."""
    return ((idx, name, cost) for idx, choice in enumerate(problem.choices) for name, cost in choice.items())


def count_bottleneck(problem: Problem) -> tuple[str, int, int]:
    """The warehouse that most orders depend on alone: its name, how many need it, how many list no other."""
    alone = defaultdict(int)
    for choice in problem.choices:
        if len(choice) == 1:
            alone[next(iter(choice))] += 1
    name = max(alone, key=alone.__getitem__)
    rules = problem.rules
    listed = sum([w for w in rules.capacity if rules.may_ship(w, order)] == [name] for order in problem.orders)
    return name, alone[name], listed


def list_bounds(problem: Problem) -> list[dict[str, str | int]]:
    """Every bound as a row: name, value, unit."""
    most, days = most_served(problem), fewest_days(problem)
    plain = cheapest_first(problem)
    plain_cents = sum(problem.choices[idx][name] for idx, name in plain.items())
    everything = sum(bool(choice) for choice in problem.choices)
    name, alone, listed = count_bottleneck(problem)
    rows = [
        ("orders", len(problem.orders), "orders"),
        ("orders that some warehouse may ship", everything, "orders"),
        ("most served in one day", most, "orders"),
        (f"least cost for {most}", least_cost(problem, count=most), "cents"),
        ("cheapest first, served in one day", len(plain), "orders"),
        ("cheapest first, cost", plain_cents, "cents"),
        (f"least cost for {len(plain)}", least_cost(problem, count=len(plain)), "cents"),
        (f"orders that only {name} may ship", alone, "orders"),
        (f"orders that only {name} may ship, before freight", listed, "orders"),
        ("fewest days for all", days, "days"),
        (f"least cost for all in {days} days", least_cost(problem, count=everything, days=days), "cents"),
        ("least cost for all, days without end", sum(min(c.values()) for c in problem.choices if c), "cents"),
    ]
    return [{"name": row, "value": value, "unit": unit} for row, value, unit in rows]


def main() -> None:
    """Print the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    as_json = parser.parse_args().json
    rows = list_bounds(read_problem(get_data()))
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        value, unit = (
            (f"{row['value'] / 100:,.2f}", "USD") if row["unit"] == "cents" else (f"{row['value']:,}", row["unit"])
        )
        print(f"{row['name']:52} {value:>16} {unit}")


if __name__ == "__main__":
    main()
