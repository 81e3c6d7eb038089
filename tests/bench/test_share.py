"""The benchmark of shared capacity, small: engine and plain Python accept the same, or the benchmark breaks."""

import numpy as np

from bench import share


def test_all_ways_of_the_small_benchmark_agree() -> None:
    rows = share.all_rows(share.QUICK)
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.value is not None and row.value > 0 for row in rows)


def test_requests_are_the_same_each_time_and_ask_for_the_load() -> None:
    once, again = share.draw(10, 10_000, 1.5), share.draw(10, 10_000, 1.5)
    assert once.table.tobytes() == again.table.tobytes() and once.amounts.tobytes() == again.amounts.tobytes()
    asked = once.amounts.sum(axis=0) / (10 * share.CAPACITY)
    assert np.all(abs(asked - 1.5) < 0.05)
    assert np.all(np.diff(once.table[:, 2]) >= 0)
