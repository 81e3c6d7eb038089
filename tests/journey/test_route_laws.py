"""Plans through random little networks, against a reference that tries every way on every departure.

The reference knows services as plain numbers, looks at each departure by itself, and keeps what no other way beats.
A failure names the seed of its network.
"""

import random
from dataclasses import dataclass, field

import pytest

from rookery.journey.network.line import Cutoff
from rookery.journey.network.place import Processing
from rookery.journey.network.whole import Network
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.route import Plan, obstacles, plans
from rookery.journey.state import State
from worlds import at, booked, desk_of, place, plan_text, ride, row, tiny_network, trip

NAMES = "ABCD"
DAYS = 3
MIDNIGHT = at("Mon 00:00")


@dataclass
class Line:
    """A service: stops as (facility, arrival, departure) in minutes after midnight; `pieces`: what each leg takes."""

    name: str
    stops: list[tuple[str, int, int]]
    price: int
    pieces: int
    accepts_min: int


@dataclass
class Little:
    """A random network as numbers."""

    seed: int
    rng: random.Random = field(init=False)
    lines: list[Line] = field(init=False)
    handling: dict[str, int] = field(init=False)
    taken: dict[tuple[str, int, int], int] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.lines = [self._line(f"s{n}") for n in range(self.rng.randint(2, 8))]
        self.handling = {name: self.rng.choice((0, 30, 90)) for name in NAMES}
        self.taken = {
            (line.name, day, leg): self.rng.randint(0, line.pieces)
            for line in self.lines
            for day in range(DAYS)
            for leg in range(1, len(line.stops))
            if self.rng.random() < 0.6
        }

    def _line(self, name: str) -> Line:
        rng, clock, stops = self.rng, self.rng.randrange(0, 1200, 10), []
        for facility in rng.sample(NAMES, rng.randint(2, 3)):
            arrives = clock
            clock += rng.randrange(0, 60, 10)
            stops.append((facility, arrives, clock))
            clock += rng.randrange(10, 600, 10)
        return Line(name, stops, rng.randint(0, 9), rng.randint(1, 3), rng.choice((0, 0, 60)))

    def network(self, dwell_min: int = 0) -> Network:
        rows = [
            [
                ride(line.name, self._calls(line.stops), price=str(line.price), carries=f"pieces {line.pieces}"),
                row(Cutoff, service_id=line.name, kind="acceptance", minutes=line.accepts_min),
            ]
            for line in self.lines
        ]
        handled = [
            row(Processing, facility_id=name, way_in="*", way_out="*", minutes=minutes, dwell_min_max=dwell_min)
            for name, minutes in self.handling.items()
        ]
        return tiny_network([place(name) for name in NAMES], rows, handled, first="2026-11-23", last="2026-11-25")

    @staticmethod
    def _calls(stops: list[tuple[str, int, int]]) -> str:
        clock = lambda minutes: f"{minutes % 1440 // 60:02}:{minutes % 60:02}+{minutes // 1440}"  # noqa: E731
        first, *middle, last = stops
        through = [f"{name} {clock(arrives)}/{clock(departs)}" for name, arrives, departs in middle]
        return ", ".join([f"{first[0]} {clock(first[2])}", *through, f"{last[0]} {clock(last[1])}"])

    def state(self, network: Network) -> State:
        uses = [
            (f"departure:{name}/2026-11-{23 + day}/{leg}", {"pieces": pieces})
            for (name, day, leg), pieces in self.taken.items()
        ]
        return booked(network, *uses)

    def best(self, origin: str, goal: str, ready: int, pieces: int) -> list[tuple[int, int]]:
        """Arrival and cost of every way that no other beats."""
        ends: set[tuple[int, int]] = set()

        def go_on(here: str, minute: int, cost: int, seen: str) -> None:
            if here == goal:
                ends.add((minute, cost))
                return
            for line in self.lines:
                for i, (facility, _, departs) in enumerate(line.stops[:-1]):
                    for j in range(i + 1, len(line.stops)):
                        if facility != here or line.stops[j][0] in seen:
                            continue
                        for day in range(DAYS):
                            leaves = departs + 1440 * day
                            need = max(minute + self.handling[here], minute + line.accepts_min)
                            if leaves >= need and self._fits(line, day, range(i + 1, j + 1), pieces):
                                arrives = line.stops[j][1] + 1440 * day
                                go_on(line.stops[j][0], arrives, cost + line.price * 100, seen + line.stops[j][0])

        go_on(origin, ready, 0, origin)
        return sorted(end for end in ends if not any(o != end and o[0] <= end[0] and o[1] <= end[1] for o in ends))

    def _fits(self, line: Line, day: int, legs: range, pieces: int) -> bool:
        return all(self.taken.get((line.name, day, leg), 0) + pieces <= line.pieces for leg in legs)


def _numbers(found: list[Plan]) -> list[tuple[int, int]]:
    return [((plan.arrives_at - MIDNIGHT) // 60, plan.cost_minor) for plan in found]


@pytest.mark.parametrize("first", range(0, 1200, 200))
def test_law_plans_are_all_that_no_other_beats_and_each_fits_as_it_is(first: int) -> None:
    for seed in range(first, first + 200):
        little = Little(seed)
        network = little.network()
        state, desk = little.state(network), desk_of(network, MIDNIGHT)
        ready, pieces = little.rng.randrange(0, 900, 10), little.rng.randint(1, 2)
        clock = f"Mon {ready // 60:02}:{ready % 60:02}"
        for goal in NAMES[1:]:
            wanted = trip(network, "A", goal, clock, load=Load(1000, 0, pieces), days=9)
            found = plans(wanted, Room(state), desk)
            lines = [plan_text(plan) for plan in found]
            assert _numbers(found) == little.best("A", goal, ready, pieces), f"seed {seed} to {goal}: {lines}"


def test_law_what_turned_nothing_away_finds_the_same_without_regard_to_room() -> None:
    turned: list[bool] = []
    for seed in range(400):
        little = Little(seed)
        network = little.network(little.rng.choice((0, 120)))
        state, desk = little.state(network), desk_of(network, MIDNIGHT)
        for goal in NAMES[1:]:
            wanted, room = trip(network, "A", goal, "Mon 06:00", load=Load(1000, 0, 1), days=9), Room(state)
            found = plans(wanted, room, desk)
            turned.append(room.turns_away)
            if not room.turns_away:
                assert plans(wanted, Room(state), desk, with_room=False) == found, f"seed {seed} to {goal}"
    assert 100 < sum(turned) < len(turned) - 100, "both happen"


@pytest.mark.parametrize("dwell_min", [0, 30, 120, 600])
def test_law_where_there_is_no_plan_there_is_a_reason(dwell_min: int) -> None:
    for seed in range(150):
        little = Little(seed)
        network = little.network(dwell_min)
        state, desk = little.state(network), desk_of(network, MIDNIGHT)
        for goal in NAMES[1:]:
            for days in (1, 9):
                wanted = trip(network, "A", goal, "Mon 06:00", load=Load(1000, 0, 2), days=days)
                if not plans(wanted, Room(state), desk):
                    why = obstacles(wanted, Room(state), desk)
                    assert why, f"seed {seed} to {goal}"
                    codes = {one.code for one in why}
                    assert codes in ({"short"}, {"too_late"}, {"unreachable"}), f"seed {seed} to {goal}"
