"""Lane tables of random timetables, full of rides of no minutes, full ones and long trips, against plain recursion."""

import random
from itertools import pairwise

import numpy as np
import pytest
from timetables import (
    END,
    PLACES,
    Timetable,
    boarding,
    costs_of,
    random_timetable,
    slow_value,
    table_of,
    way_of,
)

from rookery.engines.kernel import plain
from rookery.engines.network import lane_path, links
from rookery.engines.network import lane_table as tables
from rookery.engines.network.lane_path import Question, RidePlan, find_cheapest, find_earliest
from rookery.engines.network.lane_table import arrivals, drop_off_table, find_latest


def solvable() -> list[Timetable]:
    """Seeded timetables without circles in no time, and how often there was one."""
    made, refused = [], 0
    for seed in range(120):
        one = random_timetable(random.Random(seed))
        try:
            one.links()
        except ValueError as error:
            assert "circle in no time" in str(error)
            refused += 1
        else:
            made.append(one)
    assert len(made) >= 60 and refused
    return made


def test_g01_every_arrival_is_that_of_plain_recursion_and_every_plan_can_be_ridden() -> None:
    for one in solvable():
        table = table_of(one)
        for d, destination in enumerate(PLACES):
            riding = slow_value(one, destination, lambda i, one=one: one.rides[i].there, lambda i: 0)
            for o, origin in enumerate(PLACES):
                for at in (-7, 0, 11, 25) if o != d else ():
                    slow = boarding(one, riding, origin, at)
                    question = (np.array([value], np.int32) for value in (o, 60 * at, d))
                    fast = int(arrivals(table, *question)[0])
                    assert fast == (60 * slow if slow < float("inf") else -1)
                    plan = find_earliest(table.links, Question(o, d, 60 * at, END), usable=one.usable())
                    assert (plan.value if plan else -1) == fast
                    if plan:
                        _check_ridden(one, plan, origin + destination, at)


def _check_ridden(one: Timetable, plan: RidePlan, question: str, at: int) -> None:
    rides = [one.rides[i] for i in plan.rides]
    assert rides[0].name[0] == question[0] and rides[0].tender >= at
    assert rides[-1].name[1] == question[1] and 60 * rides[-1].there == plan.value
    assert not any(ride.full for ride in rides)
    for ride, after in pairwise(rides):
        met = ride.there + one.handling_min(ride.name[1], way_of(ride), way_of(after))
        assert after.name[0] == ride.name[1]
        assert after.tender >= met or (ride.stay >= 0 and one.rides[ride.stay] is after)


def test_g02_every_least_cost_is_that_of_plain_recursion() -> None:
    for seed, one in enumerate(solvable()):
        chance = random.Random(seed)
        cost, end = ([chance.randrange(100) for _ in one.rides] for _ in range(2))
        graph = one.links()
        for d, destination in enumerate(PLACES[:3]):
            riding = slow_value(one, destination, end.__getitem__, cost.__getitem__)
            table = costs_of(one, cost, end, d)
            for origin in PLACES[3:]:
                slow = boarding(one, riding, origin, 0)
                plan = find_cheapest(
                    graph, Question(PLACES.index(origin), d, 0, END), tables.row_costs(graph, np.array(cost, np.int32)),
                    np.array(end, np.int32)[graph.ride], usable=one.usable(),
                )  # fmt: skip
                assert (plan.value if plan else float("inf")) == slow
                firsts = [i for i, r in enumerate(one.rides) if r.name[0] == origin and r.tender >= 0]
                assert min((table[i] for i in firsts), default=2**30) == min(slow, 2**30)


def test_g03_the_compiled_kernels_do_what_their_words_say(monkeypatch: pytest.MonkeyPatch) -> None:
    one = random_timetable(random.Random(1))
    compiled = _everything(one)
    kernels = [(m, name) for m in (links, tables, lane_path) for name in vars(m) if hasattr(vars(m)[name], "py_func")]
    assert len(kernels) == 9
    for module, name in kernels:
        monkeypatch.setattr(module, name, plain(getattr(module, name)))
    assert _everything(one) == compiled


def _everything(one: Timetable) -> list[object]:
    """What every kernel has a part in: a table, its questions, drop-offs, costs, plans."""
    every = np.arange(len(PLACES), dtype=np.int32)
    table, drops = table_of(one), np.array([0, 600, 1_200], np.int32)
    origin, to, ready_s = (grid.ravel().astype(np.int32) for grid in np.meshgrid(every, every, drops))
    costs = [costs_of(one, list(range(len(one.rides))), [7] * len(one.rides), d) for d in range(len(PLACES))]
    plans = [find_earliest(table.links, Question(0, d, 0, END), usable=one.usable()) for d in range(1, len(PLACES))]
    by_drop = drop_off_table(table.links, every, every, drops, usable=one.usable())
    return [table.minutes.tolist(), arrivals(table, origin, ready_s, to).tolist(), by_drop.tolist(), costs, plans]


def test_g04_drop_offs_and_latest_rides_are_those_of_the_table() -> None:
    every, drops = np.arange(len(PLACES), dtype=np.int32), np.array([0, 600, 660, 1_500], np.int32)
    for one in solvable()[:20]:
        table = table_of(one)
        by_drop = drop_off_table(table.links, every, every, drops, usable=one.usable())
        epoch_s, _ = tables.in_minutes(table.links)
        for o, d in ((o, d) for o in every for d in every if o != d):
            question = (np.full(len(drops), o, np.int32), drops, np.full(len(drops), d, np.int32))
            there_s = arrivals(table, *question)
            told = np.where(by_drop[o, :, d] == tables.NEVER, -1, epoch_s + 60 * by_drop[o, :, d].astype(np.int64))
            assert there_s.tolist() == told.tolist()
            latest = find_latest(table, origin=int(o), destination=int(d), by_s=1_500)
            tenders = sorted({60 * ride.tender for ride in one.rides if ride.name[0] == PLACES[o]})
            asked = np.array(tenders, np.int32)
            found = arrivals(table, np.full_like(asked, o), asked, np.full_like(asked, d))
            early = [tender for tender, at in zip(tenders, found, strict=True) if 0 <= at <= 1_500]
            assert latest == max(early, default=None)
