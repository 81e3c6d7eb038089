"""The benchmark of the route engine, small: every way gives the same answers, or the benchmark breaks."""

from pathlib import Path

import numpy as np
import pytest
from bench.generated import STATION, generate
from bench.network_case import Case, Engine, draw_asks, segments_of
from bench.race import race, typical
from bench.table import Broken
from tests.partners.gtfs.test_gtfs_laws import seeded

from bench import network, peers
from bench import network_french as french
from rookery.engines.network.snapshot import START
from rookery.journey.atlas import Atlas
from rookery.journey.lines import day_number


@pytest.fixture(scope="module")
def case() -> Case:
    return Case.of(generate(200), full=0.3)


def test_all_ways_of_the_small_benchmark_agree() -> None:
    rows = list(network.all_rows(network.QUICK))
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.value is None or row.value > 0 for row in rows)


def test_ways_that_differ_break_the_benchmark() -> None:
    assert typical(race({"one": abs, "two": lambda n: max(n, -n)}, [1, -2], 2)["two"]) > 0
    with pytest.raises(Broken, match=r"two, -2: wanted 2 as the others say, found -2"):
        race({"one": abs, "two": int}, [1, -2], 2)


def test_a_dated_departure_is_the_segment_of_the_same_lane_and_times(case: Case) -> None:
    net, dated = case.routed.net, case.dated
    segment = segments_of(net, dated)
    inside = segment >= 0
    assert np.all(dated.depart_s[~inside] >= 604_800 * 3)
    assert np.all(net.departs[segment[inside]] == dated.depart_s[inside])
    assert np.all(net.arrives[segment[inside]] == dated.arrive_s[inside])
    starts = net.positions[::2, START]
    assert np.all(np.searchsorted(starts, segment[inside], side="right") - 1 == dated.lane[inside])


def test_a_full_departure_has_no_room_and_no_other(case: Case) -> None:
    segment = segments_of(case.routed.net, case.dated)
    known = segment[segment >= 0]
    full = case.routed.live.free[known, 0] == 0
    assert np.all(full == ~case.usable[segment >= 0]) and 0.28 < full.mean() < 0.32


def test_questions_go_between_stations_and_are_the_same_each_time(case: Case) -> None:
    asks = draw_asks(case.made, 50)
    assert asks == draw_asks(case.made, 50)
    assert all(ask.origin != ask.destination for ask in asks)
    assert np.all(case.made.level[[place for ask in asks for place in ask[:2]]] == STATION)
    assert min(ask.grams for ask in asks) >= 128 and max(ask.grams for ask in asks) < 262_144


def test_bounds_made_anew_and_bounds_kept_give_the_same_plans(case: Case) -> None:
    kept, anew = Engine(case.routed, keeps=True), Engine(case.routed, keeps=False)
    asks = draw_asks(case.made, 20)
    assert [kept.plans(ask) for ask in asks] == [anew.plans(ask) for ask in asks]
    assert kept.kept_mb() > 0 == anew.kept_mb()


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 8, 9, 12])
def test_engine_scipy_and_judge_agree_on_little_feeds(tmp_path: Path, seed: int) -> None:
    """Feeds in which no two routes have a change time of their own: the graph knows none."""
    (tmp_path / str(seed)).mkdir()
    found = seeded(tmp_path, seed)
    assert found is not None and not found[2].timetable.network.connections
    rng, oracle, world = found
    atlas, about = Atlas(world), world.timetable.network.about
    rail, _ = french.open_rail(atlas, day_number(about.valid_from) - 1, day_number(about.valid_to) + 1)
    scipy = peers.Scipy.of(peers.expand(french.links_of(rail)))
    judge = french.judged(rail, oracle)
    for _ in range(20):
        a, b = rng.sample(range(len(atlas.lines.facility_ids)), 2)
        ask = (a, b, 60 * rng.randrange(5 * 1440))
        assert rail.earliest(ask) == judge(ask) == french.within(scipy.earliest(*ask), ask)
