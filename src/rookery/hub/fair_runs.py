"""How even rounds were, one after the other: what each side got of what was left over, by its weight."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from rookery.journey.desk import World
from rookery.journey.standing import Side, jain_ppm, list_levels
from rookery.journey.waits import RoundClosed


@dataclass(frozen=True, slots=True)
class FairRun:
    """Rounds of a service one after the other in which the same sides of a level were backlogged, two or more.

    got      by side, millionths of the capacity from the left-over; weights in the same order
    """

    service: str
    level: str
    rounds: int
    sides: tuple[str, ...]
    got: tuple[int, ...]
    weights: tuple[int, ...]
    fairness_ppm: int


class FairRuns:
    """The rounds that were counted, and their runs. `rounds`: how many were closed."""

    def __init__(self, world: World):
        self.rounds = 0
        self._world = world
        self._runs: list[_Run] = []
        self._open: dict[tuple[str, str], _Run] = {}

    def note(self, fact: RoundClosed) -> None:
        """A round goes on with the runs of its service, or ends them."""
        self.rounds += 1
        levels = list_levels(fact, self._world)
        ended = [key for key in self._open if key[0] == fact.service and key[1] not in levels]
        for key in ended:
            del self._open[key]
        for level, sides in levels.items():
            backlogged = tuple(side for side in sides if side.waits)
            run = self._open.get((fact.service, level))
            if run is None or run.names != _names(backlogged):
                run = self._open[fact.service, level] = _Run(fact.service, level, _names(backlogged))
                if len(backlogged) > 1:
                    self._runs.append(run)
            run.add(backlogged)

    def closed(self) -> tuple[FairRun, ...]:
        """All runs, in the order in which they began."""
        return tuple(run.closed() for run in self._runs)


def _names(sides: Iterable[Side]) -> tuple[str, ...]:
    return tuple(side.holder for side in sides)


class _Run:
    """A run of rounds that goes on."""

    def __init__(self, service: str, level: str, names: tuple[str, ...]):
        self.service, self.level, self.names = service, level, names
        self.rounds = 0
        self.got = [0] * len(names)
        self.weights = [1] * len(names)

    def add(self, sides: tuple[Side, ...]) -> None:
        """One more round, in which these sides were backlogged."""
        self.rounds += 1
        for n, side in enumerate(sides):
            self.got[n] += side.got
            self.weights[n] = side.weight

    def closed(self) -> FairRun:
        """The run with its index."""
        made = partial(FairRun, self.service, self.level, self.rounds, self.names)
        return made(tuple(self.got), tuple(self.weights), jain_ppm(self.got, self.weights))
