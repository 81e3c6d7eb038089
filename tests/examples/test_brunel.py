"""The Brunel example: conversion, bounds, comparison. The bounds first on problems small enough to try every way."""

import csv
import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from rookery.journey.price import Load, Prices
from rookery.partners.folder.read import read_network

Program = Callable[[str, str], ModuleType]

HEADERS = {
    "OrderList": "Order ID,Order Date,Service Level,Customer,Product ID,Destination Port,Unit quantity,Weight",
    "FreightRates": "Carrier,orig_port_cd,dest_port_cd,minm_wgh_qty,max_wgh_qty,svc_cd,minimum cost,rate,mode_dsc,"
    "tpt_day_cnt,Carrier type",
    "PlantPorts": "Plant Code,Port",
    "ProductsPerPlant": "Plant Code,Product ID",
    "VmiCustomers": "Plant Code,Customers",
    "WhCapacities": "Plant ID,Daily Capacity ",
    "WhCosts": "WH,Cost/unit",
}
SMALL = {
    "OrderList": [
        "1,5/26/13,DTD,ann,pen,P9,10,1.004",
        "2,5/26/13,DTD,bob,pen,P9,10,1.006",
        "3,5/26/13,CRF,bob,ink,P9,100,9999",
        "4,5/26/13,DTP,bob,pen,P9,10,1",
        "5,5/26/13,DTD,bob,pen,P9,1,0",
        "6,5/26/13,DTD,bob,pen,P9,1,7",
    ],
    "FreightRates": [
        "c,P1,P9,0.01,1,DTD, $2.00 , $1.50 ,AIR   ,2,x",
        "c,P1,P9,0.01,1,DTD, $1.00 , $3.00 ,AIR   ,2,x",
        'c,P1,P9,1.01,"1,000.00",DTD, $9.00 , $0.50 ,AIR   ,2,x',
        "d,P9,P9,0,5,DTD, $4.00 , $0.10 ,GROUND,0,x",
    ],
    "PlantPorts": ["A,P1", "B,P9"],
    "ProductsPerPlant": ["A,pen", "B,pen", "A,ink", "GHOST,pen"],
    "VmiCustomers": ["B,ann"],
    "WhCapacities": ["A,2", "B,1"],
    "WhCosts": ["A,0.50", "B,0.10", ","],
}


def write_data(folder: Path, tables: dict[str, list[str]]) -> Path:
    """The seven files with these lines under their headers."""
    for name, header in HEADERS.items():
        (folder / f"{name}.csv").write_text("\r\n".join([header, *tables[name]]), encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_data(tmp_path, SMALL)


@pytest.fixture(scope="session")
def data(program: Program) -> Path:
    folder = program("brunel", "raw").find_data()
    if folder is None:
        pytest.skip("the Brunel data is absent: ../shared/data/brunel, or set ROOKERY_SHARED")
    return folder


def test_01_each_order_knows_its_warehouses_and_their_cost(program: Program, small: Path):
    problem = program("brunel", "bounds").read_problem(small)
    assert problem.choices == [
        {"A": 500 + 200, "B": 100 + 400},  # 1.004 kg is inside the band up to 1.01; the cheaper of two rates
        {"A": 500 + 200},  # B serves ann only
        {"A": 5000},  # fetched by the customer, whatever it weighs
        {},  # nobody quotes DTP
        {"A": 50 + 100},  # 0 kg pays the minimum
        {"A": 50 + 900},
    ]


def test_02_bounds_of_a_small_problem(program: Program, small: Path):
    bounds = program("brunel", "bounds")
    problem = bounds.read_problem(small)
    assert bounds.most_served(problem) == 3
    assert bounds.least_cost(problem, count=3) == 500 + 150 + 700
    assert bounds.fewest_days(problem) == 2
    assert bounds.cheapest_first(problem) == {0: "B", 1: "A", 2: "A"}


def list_ways(choices: list[dict[str, int]], room: dict[str, int]) -> Iterator[tuple[int, int]]:
    """(orders served, cost) of every way to serve the orders: the slow obvious reference."""
    for way in itertools.product(*([None, *choice] for choice in choices)):
        if all(way.count(name) <= most for name, most in room.items()):
            served = [choice[name] for choice, name in zip(choices, way, strict=True) if name]
            yield len(served), sum(served)


@pytest.mark.parametrize("seed", range(20))
def test_03_bounds_equal_trying_every_way(program: Program, small: Path, seed: int):
    bounds, rng = program("brunel", "bounds"), random.Random(seed)
    rules = bounds.read_problem(small).rules
    room = {"A": rng.randint(0, 2), "B": rng.randint(1, 2), "C": rng.randint(0, 2)}
    choices = [{name: rng.randint(1, 99) for name in rng.sample("ABC", rng.randint(0, 3))} for _ in range(5)]
    choices.append({"B": 7})
    problem = bounds.Problem(
        rules=bounds.Rules(room, rules.unit_cents, rules.lists, rules.bound, rules.ports, rules.bands),
        orders=[None] * len(choices),
        choices=choices,
    )
    best = max((count, -cost) for count, cost in list_ways(choices, room))
    most = bounds.most_served(problem)
    assert (most, -bounds.least_cost(problem, count=most)) == best


def test_04_the_small_network_has_no_faults(program: Program, small: Path, tmp_path: Path):
    convert = program("brunel", "convert")
    convert.write_network(convert.list_network(small), tmp_path / "network")
    network = read_network(tmp_path / "network")
    assert [s.service_id for s in network.services if s.tariff_id] == [
        "c-P1-DTD-AIR-2D", "c-P1-DTD-AIR-2D#2", "d-P9-DTD-GROUND-0D",
    ]  # fmt: skip
    rates = [(r.tariff_id[15:], r.weight_g_from, r.weight_g_below, r.minimum) for r in network.rates]
    assert rates == [
        ("", 0, 0, 2_000_000),
        ("", 1010, 1_000_001, 9_000_000),
        ("#2", 0, 1010, 1_000_000),
        ("-0D", 0, 5001, 4_000_000)
    ]  # fmt: skip
    assert [p.product_id for p in network.products if not p.needs_route] == ["CRF"]
    assert {row.facility_id for row in network.eligibility} == {"A", "B"}, "GHOST has no cost and no capacity"


@pytest.mark.shared
def test_05_the_bounds_of_the_real_day(program: Program, data: Path):
    bounds = program("brunel", "bounds")
    rows = {row["name"]: row["value"] for row in bounds.list_bounds(bounds.read_problem(data))}
    assert rows == {
        "orders": 9215,
        "orders that some warehouse may ship": 9215,
        "most served in one day": 2444,
        "least cost for 2444": 124_709_356,
        "cheapest first, served in one day": 2430,
        "cheapest first, cost": 319_112_695,
        "least cost for 2430": 111_531_608,
        "orders that only PLANT03 may ship": 7043,
        "orders that only PLANT03 may ship, before freight": 6868,
        "fewest days for all": 7,
        "least cost for all in 7 days": 1_565_044_416,
        "least cost for all, days without end": 1_564_872_308,
    }


@pytest.mark.shared
def test_06_the_converted_network_charges_what_the_raw_rates_say(program: Program, data: Path, tmp_path: Path):
    """Two readings of the rates, by code that shares none of it: equal at every weight, the edges included."""
    problem = program("brunel", "bounds").read_problem(data)
    convert = program("brunel", "convert")
    convert.write_network(convert.list_network(data), tmp_path)
    network = read_network(tmp_path)
    prices, facilities = Prices(network), {f.facility_id: f for f in network.facilities}
    edges = {
        edge for bands in problem.rules.bands.values() for b in bands for edge in (b.from_g, b.below_g - 1, b.below_g)
    }
    for (port, level), bands in problem.rules.bands.items():
        found = [
            prices.find_breaks(service.tariff_id, facilities[port], facilities["PORT09-IN"])
            for service in network.services
            if service.tariff_id and level in service.products
        ]
        for grams in sorted(edges | {order.weight_g for order in problem.orders[::25]}):
            charges = [b.find_minor(Load(grams), convert.DAY) for b in found if b]
            ours = min((c for c in charges if c is not None), default=None)
            raw = min((b.charge(grams) for b in bands if b.from_g <= grams < b.below_g), default=None)
            assert ours == raw, (port, level, grams)


@pytest.mark.shared
def test_07_both_order_files_hold_every_order(program: Program, data: Path, tmp_path: Path):
    convert = program("brunel", "convert")
    orders = convert.list_orders(data)
    convert.write_orders(orders, tmp_path / "orders.csv")
    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["reference"] for row in rows}) == 9215
    assert sum(int(row["weight_g"]) == 0 for row in rows) == 2
    assert rows[0] == {
        "reference": "1447296447", "owner": "CHIPMAKER", "buyer": "V55555_53",
        "ordered_at": "2013-05-26T00:00:00+00:00", "product": "CRF", "to_facility": "PORT09-IN",
        "weight_g": "14300", "sku": "1700106", "quantity": "808",
    }  # fmt: skip


# --- compare: a perfect planner's results have no faults, and each planted fault is found

RESULT = {"refusal_code": "", "binding": "", "cost_currency": "USD"}


def list_results(problem) -> list[dict[str, str]]:
    """Results of a planner that keeps the rules on the small problem: 1 from B, 5 and 6 from A, the others refused."""
    ways = {
        "1": ("B", "26", "B-P9 d-P9-DTD-GROUND-0D", "5.00"),
        "5": ("A", "28", "A-P1 c-P1-DTD-AIR-2D#2", "1.50"),
        "6": ("A", "28", "A-P1 c-P1-DTD-AIR-2D", "9.50"),
    }
    refused = {**RESULT, "status": "refused", "refusal_code": "short", "binding": "warehouse A orders 2013-05-26"}
    blank = {"warehouse": "", "ships_on": "", "arrives_at": "", "services": "", "cost": ""}
    rows = []
    for order in problem.orders:
        row = {"order_reference": order.order_id, **blank, **refused}
        if order.order_id in ways:
            warehouse, day, services, cost = ways[order.order_id]
            row |= {**RESULT, "status": "booked", "ships_on": "2013-05-26", "warehouse": warehouse, "cost": cost}
            row |= {"services": services, "arrives_at": f"2013-05-{day}T21:00:00+00:00"}
        rows.append(row)
    return rows


def list_found(program: Program, folder: Path, *changes: tuple[int, str, str]) -> list[str]:
    """Faults that compare.py finds in those results after some cells have been changed."""
    compare = program("brunel", "compare")
    problem = compare.read_problem(folder)
    rows = list_results(problem)
    for at, column, text in changes:
        rows[at][column] = text
    with (folder / "results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return compare.list_faults(problem, compare.read_results(folder / "results.csv", problem), one_day=True)


def test_08_results_that_keep_the_rules_have_no_faults(program: Program, small: Path):
    assert list_found(program, small) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([(0, "order_reference", "99")], "order 99: not in the data"),
        ([(0, "order_reference", "5")], "order 5: twice in the results"),
        ([(0, "status", "lost")], "order 1: wanted booked or refused, found 'lost'"),
        ([(4, "warehouse", "B")], "warehouse B on 2013-05-26: ships 2 orders, its capacity is 1"),
        ([(4, "warehouse", "B")], "order 5: B may not ship pen of bob as DTD"),
        ([(4, "ships_on", "2013-05-27")], "order 5: ships on 2013-05-27"),
        ([(4, "services", "")], "order 5: wanted a link to a port and one freight service, found ()"),
        ([(4, "services", "A-P9 d-P9-DTD-GROUND-0D")],
         "order 5: A-P9 and d-P9-DTD-GROUND-0D do not carry 0 g as DTD from A"),
        ([(5, "cost", "9.49")], "order 6: costs 949 cents; handling is 50, c-P1-DTD-AIR-2D charges [900]"),
        ([(5, "arrives_at", "2013-05-27T21:00:00Z")],
         "order 6: arrives on 2013-05-27, but c-P1-DTD-AIR-2D brings it on 2013-05-28 at the earliest"),
        ([(1, "refusal_code", "")], "order 2: refused without code or binding constraint"),
        ([(1, "binding", "warehouse B orders 2013-05-26")],
         "order 2: warehouse B orders 2013-05-26 does not bind; it may ship from A"),
        ([(4, "status", "refused"), (4, "refusal_code", "short"), (4, "binding", "A")],
         "order 2: refused, but A can ship it"),
    ],
)  # fmt: skip
def test_09_a_broken_rule_is_found(program: Program, small: Path, changes: list[tuple[int, str, str]], fault: str):
    assert fault in list_found(program, small, *changes)


def test_10_absent_data_is_said_clearly(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROOKERY_SHARED", str(tmp_path))
    with pytest.raises(SystemExit, match="The Brunel data is not here"):
        program("brunel", "raw").get_data()


def test_11_the_day_is_the_day_of_the_orders(program: Program):
    assert program("brunel", "compare").DAY == program("brunel", "convert").DAY == dt.date(2013, 5, 26)
