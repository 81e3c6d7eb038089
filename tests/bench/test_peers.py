"""The peers of the route engine give the engine's answers on a small network, with room and without."""

import numpy as np
import pytest
from bench.generated import WEEK_S, Generated, generate, marked

from bench import peers, peers_python
from rookery.engines.network.lane_table import arrivals, lane_table
from rookery.engines.network.links import Links, Rides, build_links

QUESTIONS = 60


@pytest.fixture(scope="module")
def network() -> Generated:
    return generate(200, "sparse")


@pytest.fixture(scope="module")
def links(network: Generated) -> Links:
    dated = network.weeks(2)
    none = np.full(len(dated.lane), -1, np.int32)
    ways = (dated.from_facility, dated.to_facility, dated.mode, dated.mode)
    return build_links(Rides(*ways, dated.tender_s, dated.arrive_s, dated.arrive_s, none), network.handling_s)


@pytest.fixture(scope="module")
def questions(network: Generated) -> list[tuple[int, int, int]]:
    chance = np.random.default_rng(5)
    ends = [chance.choice(len(network.level), 2, replace=False).tolist() for _ in range(QUESTIONS)]
    return [(a, b, int(ready)) for (a, b), ready in zip(ends, chance.integers(0, WEEK_S, QUESTIONS), strict=True)]


@pytest.mark.parametrize("full", [0.0, 0.4])
def test_all_find_the_same_earliest_arrivals(
    network: Generated, links: Links, questions: list[tuple[int, int, int]], full: float
) -> None:
    dated = network.weeks(2)
    usable = ~marked(len(dated.lane), full, 3)
    table = lane_table(links, np.arange(200, dtype=np.int32), until_s=WEEK_S, usable=usable)
    a, b, ready = (np.array(column, np.int32) for column in zip(*questions, strict=True))
    answers = arrivals(table, a, ready, b).tolist()
    assert min(answers) > 0
    expanded = peers.expand(links, usable)
    for kind in (peers.Rustworkx, peers.Igraph, peers.Scipy, peers.Networkx):
        peer = kind.of(expanded)
        assert [peer.earliest(*one) for one in questions] == answers, kind
    scipy = peers.Scipy.of(expanded)
    told = zip(questions, answers, strict=True)
    assert [scipy.earliest_by_oracle(*one, arrival) for one, arrival in told] == answers
    lanes = peers_python.make_lanes(network, dated, 1_000, usable)
    assert [peers_python.earliest(lanes, *one) for one in questions] == answers


def test_two_criteria_by_bounds_and_by_bags_are_the_same_and_four_hold_them(
    network: Generated, questions: list[tuple[int, int, int]]
) -> None:
    dated = network.weeks(2)
    lanes = peers_python.make_lanes(network, dated, 2_500, ~marked(len(dated.lane), 0.3, 3))
    sizes = []
    for origin, destination, ready_s in questions[:12]:
        bounds = peers_python.make_bounds(lanes, destination)
        pairs = peers_python.useful(lanes, bounds, origin, destination, ready_s)
        assert pairs == peers_python.bags(lanes, origin, destination, ready_s, criteria=2)
        assert pairs[0][0] == peers_python.earliest(lanes, origin, destination, ready_s)
        horizon_s = pairs[0][0] - ready_s + WEEK_S // 7
        four = peers_python.bags(lanes, origin, destination, ready_s, horizon_s=horizon_s)
        within = [pair for pair in pairs if pair[0] <= ready_s + horizon_s]
        assert _unbeaten({label[:2] for label in four}) == within
        assert all(not peers_python._beats(one, other) for one in four for other in four if one != other)
        sizes.append((len(pairs), len(four)))
    assert sum(two for two, _ in sizes) > len(sizes)


def _unbeaten(pairs: set[tuple[int, ...]]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for pair in sorted(pairs):
        if not found or pair[1] < found[-1][1]:
            found.append(pair)
    return found


def test_a_question_without_an_answer(links: Links) -> None:
    expanded = peers.expand(links, np.zeros(len(links.ride), np.bool_))
    for kind in (peers.Rustworkx, peers.Igraph, peers.Scipy, peers.Networkx):
        assert kind.of(expanded).earliest(30, 40, 0) == peers.NEVER
