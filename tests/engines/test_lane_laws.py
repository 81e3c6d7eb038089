"""Lane tables of random timetables, full of rides of no minutes, full ones and long trips, against plain recursion."""

import random
from itertools import pairwise

import numpy as np
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
from rookery.engines.network import lane_table as tables
from rookery.engines.network.lane_path import Question, RidePlan, find_cheapest, find_earliest
from rookery.engines.network.lane_table import arrivals


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
        table, links = table_of(one), one.links()
        for d, destination in enumerate(PLACES):
            riding = slow_value(one, destination, lambda i, one=one: one.rides[i].there, lambda i: 0)
            for o, origin in enumerate(PLACES):
                for at in (-7, 0, 11, 25) if o != d else ():
                    slow = boarding(one, riding, origin, at)
                    question = (np.array([value], np.int32) for value in (o, 60 * at, d))
                    fast = int(arrivals(table, *question)[0])
                    assert fast == (60 * slow if slow < float("inf") else -1)
                    plan = find_earliest(links, Question(o, d, 60 * at, END), usable=one.usable())
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
        links = one.links()
        for d, destination in enumerate(PLACES[:3]):
            riding = slow_value(one, destination, end.__getitem__, cost.__getitem__)
            table = costs_of(one, cost, end, d)
            for origin in PLACES[3:]:
                slow = boarding(one, riding, origin, 0)
                plan = find_cheapest(
                    links, Question(PLACES.index(origin), d, 0, END), tables.row_costs(links, np.array(cost, np.int32)),
                    np.array(end, np.int32)[links.ride], usable=one.usable(),
                )  # fmt: skip
                assert (plan.value if plan else float("inf")) == slow
                firsts = [i for i, r in enumerate(one.rides) if r.name[0] == origin and r.tender >= 0]
                assert min((table[i] for i in firsts), default=2**30) == min(slow, 2**30)


def test_g03_the_compiled_kernels_do_what_their_words_say() -> None:
    one = random_timetable(random.Random(1))
    links = one.links()
    common = tables.prepare(links, links.chain_row, one.usable())
    _, ready = tables.in_minutes(links)
    column = np.arange(len(PLACES), dtype=np.int32)
    for kernel, more, dtype, none in (
        (tables._arrive, (ready,), np.uint16, tables.NEVER),
        (tables._weigh, (links.ready_s, links.ready_s), np.int32, tables.DEAR),
    ):
        out = []
        for made in (kernel, plain(kernel)):
            values = np.full((common.ring + 1, len(PLACES)), none, dtype)
            kept = np.zeros((len(links.chain_row), len(PLACES)), dtype)
            made(common.rows, *more, column, values, kept)
            out.append(kept)
        assert np.array_equal(*out)
        assert len(np.unique(out[0])) > 20
