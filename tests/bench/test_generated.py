"""The generated network: the same bytes from the same seed, and what its page of parameters promises."""

import dataclasses
import hashlib

import numpy as np
import pytest
from bench.generated import WEEK_S, Generated, generate, marked

SMALL = generate(300)


def digest(network: Generated) -> str:
    parts = [getattr(network, field.name) for field in dataclasses.fields(network)]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()[:16]


def test_the_same_seed_gives_the_same_bytes_on_every_machine() -> None:
    assert digest(SMALL) == digest(generate(300)) == "aefcef04b065d550"
    assert digest(generate(300, seed=2)) != digest(SMALL)


def test_the_network_of_the_benchmark_has_the_size_it_is_quoted_with() -> None:
    network = generate()
    assert (len(network.level), len(network.lane_from), len(network.start_min)) == (2_000, 13_564, 210_613)
    assert np.bincount(network.level).tolist() == [20, 180, 1_800]


def test_denser_networks_have_more_lanes_between_hubs_and_regions() -> None:
    counts = [len(generate(300, density).lane_from) for density in ("sparse", "normal", "dense")]
    assert counts == sorted(set(counts))


def test_types_are_whole_numbers_and_no_lane_stands_twice() -> None:
    for field in dataclasses.fields(SMALL):
        assert getattr(SMALL, field.name).dtype in (np.int32, np.int64), field.name
    ends = np.stack([SMALL.lane_from, SMALL.lane_to, SMALL.lane_mode], axis=1)
    assert len(np.unique(ends, axis=0)) == len(ends)
    assert np.all(SMALL.lane_from != SMALL.lane_to)


def test_every_weekly_departure_is_tendered_once_in_each_week() -> None:
    dated = SMALL.weeks(2)
    assert np.all(np.diff(dated.tender_s) >= 0)
    assert dated.tender_s[0] >= 0 and dated.tender_s[-1] < 2 * WEEK_S
    assert np.all(np.bincount(dated.weekly) == 2)
    assert np.all(dated.depart_s % WEEK_S == 60 * SMALL.start_min[dated.weekly])
    assert np.all(dated.depart_s - dated.tender_s == SMALL.lane_cutoff_s[dated.lane])
    assert np.all(dated.arrive_s - dated.depart_s == 60 * SMALL.ride_min[dated.weekly])


def test_a_charge_is_at_least_the_minimum_and_rises_with_weight() -> None:
    light, heavy = SMALL.charge_minor(1), SMALL.charge_minor(250_000)
    assert np.all(light >= SMALL.lane_minimum_minor) and np.all(heavy > light)


def test_a_marked_share_is_about_that_share() -> None:
    assert marked(100_000, 0.3, 7).mean() == pytest.approx(0.3, abs=0.01)
