"""What this machine's memory can do: the floor under every scan, printed beside the benchmarks that are near it."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rookery.engines.kernel import kernel

Longs = NDArray[np.int64]

MEGABYTE = 1_000_000
RUNS = 7


def read_gb_per_s(megabytes: float = 256) -> float:
    """Gigabytes a second that one core reads in order: the best of seven runs. 256 MB come from memory, 4 MB from
    the last cache, 0.5 MB from the core's own."""
    data = np.ones(int(megabytes * MEGABYTE) // 8, np.int64)
    rounds = max(1, int(256 / megabytes))
    _sum(data, 1)
    return _best(lambda: _sum(data, rounds), data.nbytes * rounds)


def copy_gb_per_s(megabytes: float = 256) -> float:
    """Gigabytes a second that one core copies in order, read and written counted once each: the best of seven runs."""
    data = np.ones(int(megabytes * MEGABYTE) // 8, np.int64)
    out = np.zeros_like(data)
    return _best(lambda: np.copyto(out, data), 2 * data.nbytes)


def first_touch_gb_per_s(megabytes: float = 256) -> float:
    """Gigabytes a second of memory that the system hands out for the first time: one run, since it is new only once."""
    begin = time.perf_counter()
    data = np.empty(int(megabytes * MEGABYTE) // 8, np.int64)
    data[::512] = 1
    return data.nbytes / (time.perf_counter() - begin) / 1e9


def load_ns(megabytes: float = 64) -> float:
    """Nanoseconds of one load whose address depends on the load before, at random within so much memory."""
    count = int(megabytes * MEGABYTE) // 8
    order = np.random.default_rng(1).permutation(count)
    after = np.empty(count, np.int64)
    after[order] = np.roll(order, -1)
    steps = min(count, 1_000_000)
    _chase(after, steps)
    return 1 / _best(lambda: _chase(after, steps), steps)


def _best(run: Callable[[], object], amount: float) -> float:
    """The most per nanosecond that any of the runs reached."""
    took = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        run()
        took.append(time.perf_counter() - begin)
    return amount / min(took) / 1e9


@kernel
def _sum(data: Longs, rounds: int) -> int:
    total = 0
    for _ in range(rounds):
        for i in range(len(data)):
            total += data[i]
        data[0] += 1  # so that no round can be left out
    return total


@kernel
def _chase(after: Longs, steps: int) -> int:
    at = 0
    for _ in range(steps):
        at = after[at]
    return at
