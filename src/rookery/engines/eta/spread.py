"""A spread: how long something may take, as whole seconds with probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Cells of probability that every learned spread is cut into: hundredths, finer towards both ends, so that a
# quantile at 99.5 % still has a value of its own.
_END = (0.0, 0.001, 0.0025, 0.005)
EDGES: NDArray[np.float64] = np.array([*_END, *(n / 100 for n in range(1, 100)), *(1 - e for e in reversed(_END))])
MASS: NDArray[np.float64] = np.diff(EDGES)
LEVELS: NDArray[np.float64] = (EDGES[1:] + EDGES[:-1]) / 2  # each cell stands at its middle
EXACT = 1e-9  # probabilities nearer than this are the same


@dataclass(frozen=True, slots=True)
class Spread:
    """A discrete distribution of seconds.

    values_s  int64 (A,), rising, ties allowed; a delay may be negative
    mass      float64 (A,), probability of each, sum 1
    Raises    ValueError: no values, lengths differ, values fall, or the masses are no distribution
    """

    values_s: NDArray[np.int64]
    mass: NDArray[np.float64]

    def __post_init__(self) -> None:
        values, mass = self.values_s, self.mass
        if not len(values) or values.shape != mass.shape:
            raise ValueError(f"spread: wanted as many masses as values, found {values.shape} and {mass.shape}")
        if np.any(values[1:] < values[:-1]):
            raise ValueError("spread: wanted rising values; sort them together with their masses")
        if mass.min() < 0 or not abs(mass.sum() - 1) < EXACT:
            raise ValueError(f"spread: wanted masses of sum 1, none below 0, found a sum of {mass.sum()!r}")

    def quantile(self, p: float) -> int:
        """The least value v with P(value <= v) >= p. p in [0, 1]."""
        at = int(np.searchsorted(np.cumsum(self.mass), p - EXACT))
        return int(self.values_s[min(at, len(self.values_s) - 1)])

    def by(self, value_s: int) -> float:
        """P(value <= value_s)."""
        return min(1.0, float(self.mass[: np.searchsorted(self.values_s, value_s, side="right")].sum()))

    def later(self, by_s: int) -> "Spread":
        """The same spread, every value later by this; what a handling takes is its delay, later by what was planned."""
        return Spread(self.values_s + by_s, self.mass)


def point(value_s: int) -> Spread:
    """The spread of what always takes this long."""
    return Spread(np.array([value_s], np.int64), np.ones(1))


def empirical(values_s: NDArray[np.int64]) -> Spread:
    """The spread in which each of these values is as likely as any other. Raises ValueError: no values."""
    return Spread(np.sort(values_s), np.full(len(values_s), 1 / max(1, len(values_s))))


def blend(parent: NDArray[np.float64], values: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """A parent's levels after `values` were seen: their mixture, n : strength, read off at the levels again.

    parent   float64 (L,), rising, the value at each of LEVELS
    values   float64 (n,), what was seen, any order
    strength how many seen values the parent counts for, above 0
    Law      each level lies between the parent's and that of the values; no values give the parent
    """
    if not len(values):
        return parent
    both = np.concatenate([parent, values])
    mass = np.concatenate([MASS * strength, np.ones(len(values))])
    by_value = np.argsort(both, kind="stable")
    reached = np.cumsum(mass[by_value]) / (strength + len(values))
    at = np.searchsorted(reached, LEVELS - EXACT)
    return both[by_value][np.minimum(at, len(both) - 1)]
