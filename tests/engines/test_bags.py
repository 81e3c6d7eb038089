"""Four criteria on random small timetables, against plain recursion; the relaxed form against the exact one."""

import numpy as np
import pytest
from bag_worlds import Plan, World, best, random_world, slow

from rookery.engines.kernel import plain
from rookery.engines.network import bags, bounds, burdens, dominance, heap, money, query, thin
from rookery.engines.network.bags import exact, relaxed
from rookery.engines.network.dominance import CO2, FULL, RISK, Weighings, Work, make_work
from rookery.engines.network.weighing import Relaxation, make_weighings
from rookery.engines.network.work import AT, COST, DEPTH, FROM, PARENT, TO, TRIP

SEEDS = range(500)
RELAXATION = Relaxation(tastes=((0, 0), (1, 0), (0, 5), (0.5, 1)), share=10, late_s=1_800, worse=5)


def plans(work: Work, count: int) -> list[Plan]:
    return [tuple(row) for row in work.labels[work.found[:count]][:, [AT, COST, CO2, RISK]].tolist()]


def found(world: World) -> list[Plan]:
    work = make_work(world.job.net, 2)
    every = plans(work, exact(world.job, world.burdens, world.starts, work))
    assert [one[0] for one in every] == sorted(one[0] for one in every) and not work.counters[FULL]
    return sorted(every)


def few(world: World, relaxation: Relaxation) -> tuple[Weighings, list[Plan], list[int]]:
    """What stands for the rest, and of how many rides."""
    weighings = make_weighings(*world.reached, relaxation)
    work = make_work(world.job.net, 2)
    count = relaxed(world.job, world.burdens, weighings, world.starts, work)
    return weighings, plans(work, count), work.labels[work.found[:count]][:, DEPTH].tolist()


def told(world: World) -> list[str]:
    """Each plan as a line: the stops that it rides between, then the four criteria."""
    work, lines = make_work(world.job.net, 2), []
    for label in work.found[: exact(world.job, world.burdens, world.starts, work)].tolist():
        row, rides = work.labels[label].tolist(), []
        end = row
        while row[PARENT] >= 0:
            row = row if row[FROM] < 0 else rides.append(f"{row[FROM]}-{row[TO]}@{row[TRIP]}") or row
            row = work.labels[row[PARENT]].tolist()
        lines.append(f"{' '.join(reversed(rides))}: {end[AT]} {end[COST]} {end[CO2]} {end[RISK]}")
    return lines


def test_a01_without_stays_and_epochs_all_plans_are_those_of_plain_recursion() -> None:
    assert sum(_compare(random_world(seed, stays=False)) for seed in SEEDS) > 1_000


def test_a02_with_fees_and_limits_of_stay() -> None:
    assert sum(_compare(random_world(seed)) for seed in SEEDS) > 1_000


def test_a03_with_prices_and_border_times_that_change_with_the_day() -> None:
    assert sum(_compare(random_world(seed, stays=False, epochs=2)) for seed in SEEDS) > 1_000


def test_a04_with_all_of_it() -> None:
    assert sum(_compare(random_world(seed, epochs=2)) for seed in SEEDS) > 1_000


def _compare(world: World) -> int:
    assert found(world) == slow(world)
    return len(slow(world))


def test_b01_a_later_departure_is_a_plan_of_its_own_where_it_has_less_risk() -> None:
    worlds = [slow(random_world(seed, stays=False)) for seed in SEEDS]
    waits = [(a, b) for every in worlds for a in every for b in every if a[0] < b[0] and a[1:3] == b[1:3]]
    assert waits and all(later[3] < sooner[3] for sooner, later in waits)


def test_b02_the_same_question_has_the_same_answer_and_work_is_used_again() -> None:
    world = random_world(11)
    work = make_work(world.job.net, 2)
    first = plans(work, exact(world.job, world.burdens, world.starts, work))
    weighings = make_weighings(*world.reached, RELAXATION)
    relaxed(world.job, world.burdens, weighings, world.starts, work)
    assert plans(work, exact(world.job, world.burdens, world.starts, work)) == first == plans_of(told(world))


def plans_of(lines: list[str]) -> list[Plan]:
    return [tuple(int(word) for word in line.split(": ")[1].split()) for line in lines]


def test_b03_too_little_room_is_said() -> None:
    world = random_world(11)
    work = make_work(world.job.net, 2, labels=2)
    exact(world.job, world.burdens, world.starts, work)
    assert work.counters[FULL] == 1


def test_c01_relaxed_by_nothing_each_front_is_exact() -> None:
    relaxation = RELAXATION._replace(share=0, late_s=0, worse=0, horizon_percent=0)
    for seed in SEEDS:
        world = random_world(seed, epochs=1 + seed % 2)
        weighings, stand, _ = few(world, relaxation)
        for one in slow(world):
            for by in weighings.by:
                assert any(it[0] <= one[0] and _weight(by, it) <= _weight(by, one) for it in stand)


def _weight(by: np.ndarray, plan: Plan) -> int:
    return int(np.dot(by, plan[1:]))


def test_c02_relaxed_plans_stand_for_all_within_the_horizon_as_the_law_says() -> None:
    fewer = 0
    for seed in SEEDS:
        world = random_world(seed, epochs=1 + seed % 2)
        weighings, stand, _ = few(world, RELAXATION)
        every = slow(world)
        assert bool(stand) == bool(every)
        last = max((2.5 * one[0] + 86_400 for one in every[:1]), default=0)
        within = [one for one in every if one[0] <= last]
        fewer += len(within) - len(stand)
        for one in within:
            rides = _rides(world, one)
            for j, by in enumerate(weighings.by):
                most = _weight(by, one) * (1 + 1 / 5) * (1 if j == 0 else (1 + 1 / 10) ** (2 * rides + 2))
                assert any(it[0] <= one[0] + 1_800 and _weight(by, it) <= most + 1e-6 for it in stand)
        if every:
            assert min(one[0] for one in every) == stand[0][0]
            assert min(one[1] for one in within) == min(one[1] for one in stand)
            assert sorted(stand) == best(set(stand))
    assert fewer > 300


def _rides(world: World, plan: Plan) -> int:
    work = make_work(world.job.net, 2)
    count = exact(world.job, world.burdens, world.starts, work)
    return int(work.labels[work.found[plans(work, count).index(plan)], DEPTH])


def test_c03_tastes_begin_with_cost_alone() -> None:
    with pytest.raises(ValueError, match="wanted \\(0, 0\\) first"):
        few(random_world(1), Relaxation(tastes=((1.0, 0.0),)))


def test_d01_the_compiled_search_does_what_its_words_say(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds = [random_world(seed, epochs=1 + seed % 2) for seed in range(20)]
    compiled = [(found(world), few(world, RELAXATION)[1:]) for world in worlds]
    for module in (bags, burdens, dominance, thin, heap, money, query, bounds):
        for name, thing in list(vars(module).items()):
            if hasattr(thing, "py_func"):
                monkeypatch.setattr(module, name, plain(thing))
    assert [(found(world), few(world, RELAXATION)[1:]) for world in worlds] == compiled
