"""When a plan arrives, as a distribution: with every connection that may be missed, and the departure after a miss.

Goods that are ready take the first departure of the lane whose cut-off they make. A plan is then a chain of
departures: from each, the delay of the ride and the handling after it decide which departure of the next leg is
caught. Times are whole seconds and spreads are discrete, so nothing is rounded on the way; only the arrival at the
door is, up to the next step; and where goods are handled at the last place, when they are there and ready.

Assumed: delays of different legs, handlings and departures are independent, those of two departures of one lane too.
A delayed departure still leaves with what made its planned cut-off, and later goods never catch it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rookery.engines.eta.spread import EXACT, Spread
from rookery.engines.kernel import count_before, kernel
from rookery.units import MINUTE_S

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CELLS_MAX = 50_000  # a longer span of arrivals is counted in longer steps
FAINT = 1e-9  # a departure that is taken less often than this is not followed up: it counts as missed
NOTHING = Spread(np.zeros(1, np.int64), np.ones(1))  # what takes no time


@dataclass(frozen=True, slots=True)
class LegTimes:
    """One leg: the departures of its lane from the planned one on.

    departs_s, arrives_s  int64 (D,), planned instants, departures rising; D at least 1
    lead_s                goods are ready this long before a departure to be on it
    handling              from being at the place of departure to being ready; seconds, none below 0
    delay                 arrival against the planned one, of whichever departure; none arrives before it departs
    """

    departs_s: Ints
    arrives_s: Ints
    lead_s: int
    handling: Spread
    delay: Spread


@dataclass(frozen=True, slots=True)
class PlanTimes:
    """A plan from when goods are given to the door.

    start_s  instant at which goods are at the place of the first leg, or at the last place if there is no leg
    last     from the last place to the door; seconds, none below 0
    ready    from being at the last place to being ready for the last mile; seconds, none below 0
    open_s   when the last mile may begin: (from, to) instants, rising, no overlap; none: at any time
    step_s   arrivals are counted in steps of this length, or of a multiple of it where they spread very far
    """

    start_s: int
    legs: tuple[LegTimes, ...]
    last: Spread
    open_s: tuple[tuple[int, int], ...] = ()
    step_s: int = MINUTE_S
    ready: Spread = NOTHING


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a plan is at the door.

    first_s  instant of the first step, a multiple of step_s
    reached  float64 (cells,), P(arrival <= first_s + i * step_s), rising
    made     for each leg the probability that its planned departure is caught
    missed   probability that the departures given, or the opening hours, do not suffice
    Law      reached[-1] + missed is 1
    """

    first_s: int
    step_s: int
    reached: Floats
    made: tuple[float, ...]
    missed: float

    def by(self, at_s: int) -> float:
        """P(arrival <= at_s); arrivals count as at the end of their step, so it is never too high."""
        cell = (at_s - self.first_s) // self.step_s
        return 0.0 if cell < 0 else float(self.reached[min(cell, len(self.reached) - 1)])

    def quantile(self, p: float) -> int | None:
        """The first step t with P(arrival <= t) >= p; None: the departures given reach no such probability."""
        cell = int(np.searchsorted(self.reached, p - EXACT))
        return self.first_s + cell * self.step_s if cell < len(self.reached) else None


def arrive(plan: PlanTimes) -> Arrival:
    """The arrival of a plan at the door.

    Raises  ValueError: a leg has no departures, or not as many arrivals
    Cost    about 0.2 ms for five legs with six departures each and learned spreads
    """
    chance, due, leaves, delay = np.ones(1), np.array([plan.start_s]), np.array([plan.start_s]), NOTHING
    made = []
    for number, leg in enumerate(plan.legs, 1):
        if not len(leg.departs_s) or len(leg.departs_s) != len(leg.arrives_s):
            raise ValueError(
                f"leg {number}: wanted departures and as many arrivals,"
                f" found {len(leg.departs_s)} and {len(leg.arrives_s)}"
            )
        chance = _catch(
            chance, due, leaves, delay.values_s, delay.mass,
            leg.handling.values_s, leg.handling.mass, leg.departs_s - leg.lead_s,
        )  # fmt: skip
        made.append(float(chance[0]))
        due, leaves, delay = leg.arrives_s, leg.departs_s, leg.delay
    at, mass = _places(chance, due, leaves, delay.values_s, delay.mass)
    if len(plan.ready.values_s) == 1:
        at = at + plan.ready.values_s[0]
    elif len(at):
        at, mass = _in_steps(*_sum(at, mass, NOTHING, plan.step_s))
        at, mass = _in_steps(*_sum(at, mass, plan.ready, plan.step_s))
    return _at_door(plan, *_opened(at, mass, plan.open_s), tuple(made))


def _opened(at: Ints, mass: Floats, open_s: tuple[tuple[int, int], ...]) -> tuple[Ints, Floats]:
    """The same, each as soon as it is open; what comes after the last opening is left out."""
    if not open_s:
        return at, mass
    windows = np.array(open_s, np.int64)
    window = np.searchsorted(windows[:, 1], at)
    kept = window < len(windows)
    return np.maximum(at[kept], windows[window[kept], 0]), mass[kept]


def _at_door(plan: PlanTimes, at: Ints, mass: Floats, made: tuple[float, ...]) -> Arrival:
    """The last mile added, and counted in steps."""
    if not len(at):
        return Arrival(0, plan.step_s, np.zeros(1), made, 1.0)
    begin, step_s, cells = _sum(at, mass, plan.last, plan.step_s)
    reached = np.minimum(np.cumsum(cells), 1.0)
    return Arrival(begin * step_s, step_s, reached, made, float(1.0 - reached[-1]))


def _sum(at: Ints, mass: Floats, spread: Spread, step_s: int) -> tuple[int, int, Floats]:
    """Instants and a spread added: the first step, how long a step is, and the mass that falls into each."""
    first, latest = int(at.min() + spread.values_s[0]), int(at.max() + spread.values_s[-1])
    step_s *= 1 + (latest - first) // (step_s * CELLS_MAX)
    begin = -(-first // step_s)
    cells = np.zeros(-(-latest // step_s) - begin + 1)
    values, value_mass = spread.values_s, spread.mass
    if len(at) > 1 and not np.any(at % step_s):  # then as good in whole steps, and fewer
        values, which = np.unique(-(-values // step_s), return_inverse=True)
        _shift(at // step_s - begin, mass, values, np.bincount(which, value_mass).astype(np.float64), cells)
    else:
        _count(at, mass, values, value_mass, begin, step_s, cells)
    return begin, step_s, cells


def _in_steps(begin: int, step_s: int, cells: Floats) -> tuple[Ints, Floats]:
    """Steps as instants, those that have any mass."""
    kept = np.flatnonzero(cells)
    return (begin + kept) * step_s, cells[kept]


@kernel
def _catch(
    chance: Floats, due: Ints, leaves: Ints, delay: Ints, delay_mass: Floats,
    handling: Ints, handling_mass: Floats, cutoff: Ints,
) -> Floats:  # fmt: skip
    """The chance that each departure is the first whose cut-off is made, from the chances of those before.

    For each pair of departures one walk over both spreads: the later the ride, the less time for handling.
    """
    ready_by = np.zeros(len(cutoff))
    for k in range(len(chance)):
        if chance[k] > FAINT:
            soonest = max(due[k] + delay[0], leaves[k]) + handling[0]
            latest = max(due[k] + delay[-1], leaves[k]) + handling[-1]
            first = count_before(cutoff, soonest)
            sure = count_before(cutoff, latest)
            for j in range(first, sure):
                b = len(handling)
                below = 1.0  # sum of handling_mass[:b]
                total = 0.0
                for a in range(len(delay)):
                    spare = cutoff[j] - max(due[k] + delay[a], leaves[k])
                    while b > 0 and handling[b - 1] > spare:
                        b -= 1
                        below -= handling_mass[b]
                    if b == 0:
                        break
                    total += delay_mass[a] * below
                ready_by[j] += chance[k] * total
            ready_by[sure:] += chance[k]
    for j in range(len(cutoff) - 1, 0, -1):
        ready_by[j] = max(0.0, ready_by[j] - ready_by[j - 1])
    return ready_by


@kernel
def _places(chance: Floats, due: Ints, leaves: Ints, delay: Ints, delay_mass: Floats) -> tuple[Ints, Floats]:
    """Instants at the last place, and their masses: after each departure and delay."""
    at = np.empty(len(chance) * len(delay), np.int64)
    mass = np.empty(len(at))
    count = 0
    for k in range(len(chance)):
        if chance[k] > FAINT:
            for a in range(len(delay)):
                at[count] = max(due[k] + delay[a], leaves[k])
                mass[count] = chance[k] * delay_mass[a]
                count += 1
    return at[:count], mass[:count]


@kernel
def _count(at: Ints, mass: Floats, last: Ints, last_mass: Floats, begin: int, step_s: int, cells: Floats) -> None:
    """Add every instant with every value to its cell, rounded up."""
    for i in range(len(at)):
        for j in range(len(last)):
            cells[-(-(at[i] + last[j]) // step_s) - begin] += mass[i] * last_mass[j]


@kernel
def _shift(at: Ints, mass: Floats, later: Ints, later_mass: Floats, cells: Floats) -> None:
    """Add every cell, shifted by every number of cells."""
    for i in range(len(at)):
        for j in range(len(later)):
            cells[at[i] + later[j]] += mass[i] * later_mass[j]
