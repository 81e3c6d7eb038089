"""Which order takes which option, against a slow reference that tries every assignment there is.

A: by hand   B: random cases
"""

import itertools
import random

import numpy as np
import pytest

from rookery.engines.stock.sourcing import Choice, Options, choose

Option = tuple[int, int, dict[int, int]]  # order, cost, amount by resource


def solve(options: list[Option], limits: list[int], order_count: int) -> Choice:
    uses = [(n, r, amount) for n, (_, _, takes) in enumerate(options) for r, amount in takes.items()]
    array = lambda numbers: np.array(list(numbers), np.int64)  # noqa: E731
    return choose(
        Options(
            order=array(order for order, _, _ in options), cost=array(cost for _, cost, _ in options),
            use_option=array(u[0] for u in uses), use_resource=array(u[1] for u in uses),
            use_amount=array(u[2] for u in uses), limit=array(limits), order_count=order_count,
        )
    )  # fmt: skip


def told(choice: Choice) -> str:
    return f"{choice.option.tolist()} serves {choice.served} for {choice.cost}"


# --- A: by hand


def test_a01_no_orders_need_nothing() -> None:
    assert told(solve([], [], 0)) == "[] serves 0 for 0"


def test_a02_orders_without_options_are_not_served() -> None:
    assert told(solve([], [5], 2)) == "[-1, -1] serves 0 for 0"


def test_a03_an_order_takes_its_cheapest_option() -> None:
    assert told(solve([(0, 7, {0: 1}), (0, 5, {1: 1})], [1, 1], 1)) == "[1] serves 1 for 5"


def test_a04_what_nothing_fits_serves_nobody() -> None:
    assert told(solve([(0, 7, {0: 2}), (1, 5, {0: 1})], [0], 2)) == "[-1, -1] serves 0 for 0"


def test_a05_one_gives_way_so_that_both_are_served() -> None:
    options: list[Option] = [(0, 1, {0: 1}), (0, 9, {1: 1}), (1, 1, {0: 1})]
    assert told(solve(options, [1, 1], 2)) == "[1, 2] serves 2 for 10"


def test_a06_of_two_that_cannot_both_go_the_cheaper_goes() -> None:
    assert told(solve([(0, 8, {0: 1}), (1, 3, {0: 1})], [1], 2)) == "[-1, 1] serves 1 for 3"


def test_a07_more_served_comes_before_cheaper() -> None:
    options: list[Option] = [(0, 1, {0: 2}), (1, 50, {0: 1}), (2, 50, {0: 1})]
    assert told(solve(options, [2], 3)) == "[-1, 1, 2] serves 2 for 100"


def test_a08_half_an_option_is_none() -> None:
    """A linear program would serve one and a half of these three."""
    options: list[Option] = [(0, 1, {0: 1, 1: 1}), (1, 1, {1: 1, 2: 1}), (2, 1, {2: 1, 0: 1})]
    assert told(solve(options, [1, 1, 1], 3)) in (
        "[0, -1, -1] serves 1 for 1",
        "[-1, 1, -1] serves 1 for 1",
        "[-1, -1, 2] serves 1 for 1",
    )


def test_a09_an_option_that_takes_nothing_is_never_in_the_way() -> None:
    assert told(solve([(0, 4, {}), (1, 4, {})], [0], 2)) == "[0, 1] serves 2 for 8"


def test_a10_the_same_case_has_the_same_answer() -> None:
    rng = random.Random(1)
    options: list[Option] = [(order, 5, {rng.randrange(4): 1}) for order in range(30) for _ in range(3)]
    assert len({told(solve(options, [4, 4, 4, 4], 30)) for _ in range(3)}) == 1


# --- B: random cases against every assignment


def best(options: list[Option], limits: list[int], order_count: int) -> tuple[int, int]:
    """Most served, and the least cost at that, over every assignment."""
    by_order = [[-1, *(n for n, option in enumerate(options) if option[0] == order)] for order in range(order_count)]
    result = (0, 0)
    for picks in itertools.product(*by_order):
        taken = [options[n] for n in picks if n >= 0]
        used = [sum(takes.get(r, 0) for _, _, takes in taken) for r in range(len(limits))]
        if all(amount <= limit for amount, limit in zip(used, limits, strict=True)):
            result = min(result, (-len(taken), sum(cost for _, cost, _ in taken)))
    return -result[0], result[1]


def random_case(rng: random.Random, *, dimensions: int, amount_max: int) -> tuple[list[Option], list[int], int]:
    """Up to six orders of up to three options. Resources come in groups of `dimensions` that are used together."""
    orders, groups = rng.randint(1, 6), rng.randint(1, 3)
    options: list[Option] = []
    for order in range(orders):
        for _ in range(rng.randint(0, 3)):
            chosen = rng.sample(range(groups), rng.randint(1, min(2, groups) if dimensions > 1 else 1))
            takes = {group * dimensions + d: rng.randint(1, amount_max) for group in chosen for d in range(dimensions)}
            options.append((order, rng.randint(0, 20), takes))
    return options, [rng.randint(0, 2 * amount_max) for _ in range(groups * dimensions)], orders


@pytest.mark.parametrize(
    ("dimensions", "amount_max", "cases"), [(1, 1, 250), (1, 5, 250), (2, 1, 150), (2, 4, 250), (3, 9, 250)]
)
def test_b01_most_are_served_then_at_least_cost(dimensions: int, amount_max: int, cases: int) -> None:
    for seed in range(cases):
        rng = random.Random(f"{dimensions} {amount_max} {seed}")
        options, limits, orders = random_case(rng, dimensions=dimensions, amount_max=amount_max)
        choice = solve(options, limits, orders)
        assert choice.exact, f"seed {seed}"
        assert (choice.served, choice.cost) == best(options, limits, orders), f"seed {seed}"
        picked = [(order, n) for order, n in enumerate(choice.option.tolist()) if n >= 0]
        assert all(options[n][0] == order for order, n in picked), f"seed {seed}: an order takes its own option"
        assert len(picked) == choice.served and sum(options[n][1] for _, n in picked) == choice.cost, f"seed {seed}"


def test_b02_large_costs_and_amounts_stay_exact() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        options, limits, orders = random_case(rng, dimensions=2, amount_max=4)
        options = [(o, c * 1_000_003 + rng.randint(0, 9), {r: a * 12_345 for r, a in t.items()}) for o, c, t in options]
        limits = [limit * 12_345 + 12_344 for limit in limits]
        choice = solve(options, limits, orders)
        assert (choice.served, choice.cost) == best(options, limits, orders), f"seed {seed}"


@pytest.mark.parametrize("scale", [10**6, 10**9])
def test_b03_limits_hold_to_the_unit_even_beyond_the_solvers_tolerance(scale: int) -> None:
    """A tonne and one gram does not fit into a tonne, whatever a floating point solver thinks."""
    for seed in range(100):
        rng = random.Random(seed)
        options, limits, orders = random_case(rng, dimensions=2, amount_max=4)
        options = [(o, c, {r: a * scale + rng.randint(-2, 2) for r, a in takes.items()}) for o, c, takes in options]
        limits = [max(0, limit * scale - rng.randint(0, 1)) for limit in limits]
        choice = solve(options, limits, orders)
        taken = [options[n] for n in choice.option.tolist() if n >= 0]
        used = [sum(takes.get(r, 0) for _, _, takes in taken) for r in range(len(limits))]
        assert all(amount <= limit for amount, limit in zip(used, limits, strict=True)), f"seed {seed}"
        if choice.exact:
            assert (choice.served, choice.cost) == best(options, limits, orders), f"seed {seed}"
