"""How long requests of each route took, counted in steps, for Prometheus."""

from bisect import bisect_left
from collections.abc import Iterator

STEPS_S = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Times:
    """Counts by route and step. One thread at a time: that of the loop."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def note(self, route: str, took_s: float) -> None:
        """A request of a route took so many seconds until its answer was ready."""
        counts = self._counts.get(route)
        if counts is None:
            counts, self._sums[route] = self._counts.setdefault(route, [0] * (len(STEPS_S) + 1)), 0.0
        counts[bisect_left(STEPS_S, took_s)] += 1
        self._sums[route] += took_s

    def rows(self) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
        """Route, how many took at most so long by step, and the sum of all in seconds."""
        for route, counts in sorted(self._counts.items()):
            total, steps = 0, []
            for step, count in zip((*map(str, STEPS_S), "+Inf"), counts, strict=True):
                total += count
                steps.append((step, float(total)))
            yield route, steps, self._sums[route]
