"""The search for useful plans, from simplest to hardest, then against every path there is.

A: one way   B: beaten and unbeaten   C: limits   D: ties   E: random graphs against the slow reference
"""

import random
from collections.abc import Callable, Iterable

import pytest

from rookery.engines.network.search import Label, Limits, Onward, pareto, steps

Departures = tuple[tuple[int, int, bool], ...]  # leaves, arrives, full
Edges = dict[str, list[tuple[str, str, int, Departures]]]  # from -> (to, name, cost, departures)


def daily(leaves: int, ride_s: int, *, full: str = "") -> Departures:
    """One departure every 100 s; `full` holds the numbers of those without room."""
    return tuple((leaves + 100 * n, leaves + 100 * n + ride_s, str(n) in full) for n in range(5))


def edges(*rows: tuple[str, str, int, Departures]) -> Edges:
    """Ways named by their ends and a letter: `AB`, `ABx`."""
    out: Edges = {}
    for name, node, cost, departures in rows:
        out.setdefault(name[0], []).append((node, name, cost, departures))
    return out


Beaten = Callable[[str, int], bool]


def onward(
    graph: Edges, *, spares_work: bool = False
) -> Callable[[Label[str, str], Beaten], Iterable[Onward[str, str]]]:
    """The first departure of each way that can be met and has room; if asked to, not of ways that lead nowhere."""

    def expand(label: Label[str, str], beaten: Beaten) -> Iterable[Onward[str, str]]:
        for node, name, cost, departures in graph.get(label.node, ()):
            if spares_work and beaten(node, label.cost):
                continue
            for leaves, arrives, full in departures:
                if leaves >= label.at_s and not full:
                    yield Onward(node, arrives, cost, f"{name}@{leaves}")
                    break

    return expand


def found(graph: Edges, *, start: str = "A", goal: str = "Z", at_s: int = 0, **limits: int) -> list[str]:
    """Useful plans as lines: steps, arrival, cost."""
    begin = [Onward(node, at_s, 0, None) for node in start]
    bounds = Limits(**({"deadline_s": 10_000} | limits))
    return [
        f"{' '.join(steps(label))}: {label.at_s} for {label.cost}"
        for label in pareto(begin, onward(graph), goal, bounds)
    ]


# --- A: one way


def test_a01_no_way_gives_no_plan() -> None:
    assert found({}) == []


def test_a02_the_start_may_be_the_target() -> None:
    assert found({}, goal="A", at_s=7) == [": 7 for 0"]


def test_a03_one_way_takes_its_first_departure() -> None:
    assert found(edges(("AZ", "Z", 5, daily(10, 30)))) == ["AZ@10: 40 for 5"]


def test_a04_a_departure_that_has_left_is_gone() -> None:
    assert found(edges(("AZ", "Z", 5, daily(10, 30))), at_s=11) == ["AZ@110: 140 for 5"]


def test_a05_a_full_departure_is_passed_over() -> None:
    assert found(edges(("AZ", "Z", 5, daily(10, 30, full="01")))) == ["AZ@210: 240 for 5"]


def test_a06_two_ways_in_a_row() -> None:
    graph = edges(("AB", "B", 5, daily(10, 30)), ("BZ", "Z", 2, daily(20, 5)))
    assert found(graph) == ["AB@10 BZ@120: 125 for 7"]


def test_a07_any_of_several_starts() -> None:
    graph = edges(("AZ", "Z", 9, daily(10, 30)), ("BZ", "Z", 2, daily(50, 5)))
    assert found(graph, start="AB") == ["AZ@10: 40 for 9", "BZ@50: 55 for 2"]


# --- B: beaten and unbeaten


def test_b01_the_dearer_and_later_is_left_out() -> None:
    assert found(edges(("AZx", "Z", 5, daily(10, 30)), ("AZy", "Z", 6, daily(10, 31)))) == ["AZx@10: 40 for 5"]


def test_b02_the_cheaper_and_later_is_kept() -> None:
    assert found(edges(("AZx", "Z", 5, daily(10, 30)), ("AZy", "Z", 4, daily(10, 31)))) == [
        "AZx@10: 40 for 5",
        "AZy@10: 41 for 4",
    ]


def test_b03_a_plan_may_be_useful_though_its_first_step_is_slower_and_dearer() -> None:
    graph = edges(
        ("AB", "B", 1, daily(10, 10)), ("BZ", "Z", 9, daily(20, 10)),
        ("AC", "C", 3, daily(10, 60)), ("CZ", "Z", 1, daily(70, 10)),
    )  # fmt: skip
    assert found(graph) == ["AB@10 BZ@20: 30 for 10", "AC@10 CZ@70: 80 for 4"]


def test_b04_a_cheaper_later_label_may_still_make_the_same_departure() -> None:
    graph = edges(
        ("ABx", "B", 9, daily(10, 10)), ("ABy", "B", 1, daily(10, 50)), ("BZ", "Z", 1, daily(80, 10)),
    )  # fmt: skip
    assert found(graph) == ["ABy@10 BZ@80: 90 for 2"]


def test_b05_a_circle_is_never_useful() -> None:
    graph = edges(("AB", "B", 0, daily(10, 10)), ("BA", "A", 0, daily(20, 10)), ("BZ", "Z", 1, daily(90, 1)))
    assert found(graph) == ["AB@10 BZ@90: 91 for 1"]


# --- C: limits


def test_c01_the_deadline_itself_is_in_time() -> None:
    graph = edges(("AZ", "Z", 5, daily(10, 30)))
    assert found(graph, deadline_s=40) == ["AZ@10: 40 for 5"]
    assert found(graph, deadline_s=39) == []


def test_c02_a_plan_has_at_most_so_many_steps() -> None:
    graph = edges(("AB", "B", 1, daily(10, 10)), ("BC", "C", 1, daily(30, 10)), ("CZ", "Z", 1, daily(50, 10)))
    assert found(graph, steps_max=3) == ["AB@10 BC@30 CZ@50: 60 for 3"]
    assert found(graph, steps_max=2) == []


def test_c03_the_search_stops_after_so_many_labels() -> None:
    graph = edges(("AB", "B", 1, daily(10, 10)), ("BZ", "Z", 1, daily(30, 10)))
    assert found(graph, labels_max=3) == ["AB@10 BZ@30: 40 for 2"]
    assert found(graph, labels_max=2) == []


# --- D: ties


def test_d01_of_two_equal_ways_the_one_offered_first_is_taken() -> None:
    rows = [(f"AZ{letter}", "Z", 5, daily(10, 30)) for letter in "xyz"]
    assert found(edges(*rows)) == ["AZx@10: 40 for 5"]
    assert found(edges(*rows[::-1])) == ["AZz@10: 40 for 5"]


def test_d02_of_two_equally_early_plans_the_cheaper_is_taken() -> None:
    graph = edges(("AZx", "Z", 5, daily(10, 30)), ("AZy", "Z", 4, daily(20, 20)))
    assert found(graph) == ["AZy@20: 40 for 4"]


def test_d03_of_two_equally_cheap_plans_the_earlier_is_taken() -> None:
    graph = edges(("AZx", "Z", 5, daily(10, 30)), ("AZy", "Z", 5, daily(10, 20)))
    assert found(graph) == ["AZy@10: 30 for 5"]


# --- E: random graphs against every path there is


def random_graph(rng: random.Random) -> Edges:
    """Up to six nodes and fourteen ways; none overtakes itself; many departures are full."""
    nodes = "ABCDE"[: rng.randint(2, 5)] + "Z"
    rows: list[tuple[str, str, int, Departures]] = []
    for number in range(rng.randint(4, 14)):
        origin, node = rng.sample(nodes, 2)
        ride_s, leaves = rng.randint(0, 60), sorted(rng.sample(range(400), rng.randint(2, 7)))
        departures = tuple((at_s, at_s + ride_s, rng.random() < 0.4) for at_s in leaves)
        rows.append((f"{origin}{node}{number}", node, rng.randint(0, 12), departures))
    return edges(*rows)


def every_end(graph: Edges, goal: str, deadline_s: int) -> set[tuple[int, int]]:
    """Arrival and cost of every path on every departure with room, in time."""
    ends: set[tuple[int, int]] = set()

    def walk(node: str, at_s: int, cost: int, been: str) -> None:
        if node == goal:
            ends.add((at_s, cost))
            return
        for other, _, price, departures in graph.get(node, ()):
            if other not in been:
                for leaves, arrives, full in departures:
                    if leaves >= at_s and not full and arrives <= deadline_s:
                        walk(other, arrives, cost + price, been + other)

    walk("A", 0, 0, "A")
    return ends


def unbeaten(ends: set[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(end for end in ends if not any(o != end and o[0] <= end[0] and o[1] <= end[1] for o in ends))


@pytest.mark.parametrize("first", range(0, 6000, 1000))
def test_e01_the_plans_found_are_the_unbeaten_ends_of_every_path(first: int) -> None:
    for seed in range(first, first + 1000):
        rng = random.Random(seed)
        graph, deadline_s = random_graph(rng), rng.choice((150, 300, 500))
        labels = pareto(
            [Onward("A", 0, 0, None)], onward(graph, spares_work=bool(seed % 2)), "Z", Limits(deadline_s=deadline_s)
        )
        ends = [(label.at_s, label.cost) for label in labels]
        assert ends == unbeaten(every_end(graph, "Z", deadline_s)), f"seed {seed}"
        for label in labels:
            assert replayed(graph, steps(label)) == (label.at_s, label.cost), f"seed {seed}"


def replayed(graph: Edges, tokens: list[str]) -> tuple[int, int]:
    """Arrival and cost of a plan, step by step, if each departure can be met and has room."""
    ways = {name: (cost, departures) for of_node in graph.values() for _, name, cost, departures in of_node}
    at_s = total = 0
    for token in tokens:
        name, _, leaves = token.partition("@")
        cost, departures = ways[name]
        (arrives,) = {to_s for from_s, to_s, full in departures if from_s == int(leaves) and not full}
        assert int(leaves) >= at_s
        at_s, total = arrives, total + cost
    return at_s, total
