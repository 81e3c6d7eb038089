"""Things that may not change a plan: the order of rows, the window that a trip is asked in, how a search was compiled.

And what no plan may beat: the bounds of every stop on its way, for every weight.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
from drawn import Drawn, draw

from rookery.journey import dated
from rookery.journey.desk import Desk
from rookery.journey.network.whole import FILES, Network
from rookery.journey.room import Room
from rookery.journey.route import Plan, plans
from rookery.journey.walk import Trip, Walk
from worlds import desk_of, plan_text

NETWORKS = 200


def texts(found: list[Plan]) -> list[str]:
    return [plan_text(plan, "UTC") for plan in found]


def again(one: Drawn, network: Network) -> Desk:
    return desk_of(network, one.desk.now, one.desk.world.policy)


# --- ties


def test_law_plans_do_not_depend_on_the_order_of_rows() -> None:
    found = 0
    for seed in range(NETWORKS):
        one, rng = draw(seed), random.Random(seed)
        rows = {file.name: list(getattr(one.network, file.name)) for file in FILES}
        for of_file in rows.values():
            rng.shuffle(of_file)
        shuffled = Network(snapshot="0" * 64, **{name: tuple(of_file) for name, of_file in rows.items()})
        for trip in one.trips:
            lines = texts(plans(trip, one.room, one.desk))
            room = Room(one.room.state)
            room.state.derived.clear()
            assert lines == texts(plans(trip, one.room, again(one, shuffled))), f"seed {seed}"
            room.state.derived.clear()
            found += len(lines)
    assert found > NETWORKS


# --- windows


def test_law_a_trip_has_the_same_plans_in_every_window_that_holds_it() -> None:
    days = dated.SHORT_DAYS
    found = 0
    for seed in range(NETWORKS):
        one = draw(seed)
        about = one.network.network[0]
        long = msgspec.structs.replace(about, valid_from=about.valid_from.replace(year=2024))
        desks = [again(one, msgspec.structs.replace(one.network, network=(long,))) for _ in range(2)]
        for trip in one.trips:
            room = Room(one.room.state)
            room.state.derived.clear()
            lines = texts(plans(trip, one.room, desks[0]))
            later = replace(trip, deadline=trip.deadline + 40 * 86_400)
            room.state.derived.clear()
            kept = [plan for plan in plans(later, one.room, desks[1]) if plan.arrives_at <= trip.deadline]
            assert lines == texts(kept), f"seed {seed}"
            found += len(lines)
    assert days < 366 and found > NETWORKS


# --- bounds


def ends(one: Drawn, trip: Trip, weights: list[int]) -> Iterator[tuple[Walk, Plan]]:
    for grams in weights:
        of_weight = replace(trip, load=msgspec.structs.replace(trip.load, grams=grams))
        walk = Walk(of_weight, one.room, one.desk)
        for plan in plans(of_weight, one.room, one.desk):
            yield walk, plan


def test_law_no_plan_of_any_weight_is_faster_or_cheaper_than_its_bounds_at_any_stop() -> None:
    compared = 0
    for seed in range(NETWORKS):
        one, rng = draw(seed), random.Random(seed)
        for trip in one.trips:
            for walk, plan in ends(one, trip, [rng.randint(1, 3000) for _ in range(6)]):
                bounds = walk.atlas.bounds(walk.window, walk.follower, walk.terms, trip.destination, walk.trip.load)
                cost = plan.cost_minor
                for number, leg in enumerate(plan.legs):
                    cost -= sum(one.common_minor for one in (leg.charge, leg.storage) if one is not None)
                    if leg.destination in walk.atlas.lines.facility_ids:
                        at = walk.atlas.lines.facility_ids.index(leg.destination)
                        where = f"seed {seed}, {walk.trip.load.grams} g, at {leg.destination}"
                        begins = number == 0 and leg.mode == "courier"  # no bound where goods begin
                        assert begins or bounds.time_s[at] <= plan.arrives_at - leg.ready_at, where
                        assert bounds.cost[at] <= cost, where
                        compared += 1
    assert compared > 4 * NETWORKS


# --- the twin


def test_law_a_search_run_by_the_interpreter_gives_the_same_plans() -> None:
    seeds = range(26)
    compiled = [line for seed in seeds for line in _all(seed)]
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1]), *filter(None, sys.path)])
    told = f"from test_route_same import _all\nfor seed in range({len(seeds)}):\n    print(*_all(seed), sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", told], env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.split("\n")[:-1] == compiled


def _all(seed: int) -> list[str]:
    one = draw(seed)
    return [
        f"{seed} {n} {line}"
        for n, trip in enumerate(one.trips)
        for line in ["", *texts(plans(trip, one.room, one.desk))]
    ]
