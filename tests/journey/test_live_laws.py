"""Arrays that follow a state are those made anew from it, whatever came before; and so are plans."""

import random
from typing import Any

import numpy as np
from drawn import Drawn, draw

from rookery.journey.account import Account
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.journey.live import Followed
from rookery.journey.room import Room
from rookery.journey.route import plans
from rookery.journey.walk import Walk
from worlds import desk_of, empty_state

NETWORKS, STEPS = 120, 12
FAMILY = 12  # networks in which everything occurs


class Trace:
    """What happens to a state, step by step."""

    def __init__(self, one: Drawn, rng: random.Random):
        self.one, self.rng, self.state = one, rng, empty_state()
        table, about = one.desk.world.timetable, one.network.about
        days = [str(about.valid_from), str(about.valid_to)]
        names = [f"{variant.variant_id}/{day}" for variant in one.network.variants for day in days]
        self.dated = {name: dated for name in names if (dated := table.find_dated(name)) is not None}

    def step(self) -> None:
        name = self.rng.choice(sorted(self.dated))
        stop = self.rng.choice(self.dated[name].calls[:-1])[0]
        self.rng.choice((self._delay, self._delay, self._delay, self._cancel, self._use, self._use, self._settle))(
            name, stop
        )

    def _delay(self, name: str, stop: int) -> None:
        departs_s, faster_s = self.rng.randrange(0, 30_000, 1800), self.rng.choice((0, 0, 1800, 3600, -3600))
        self._ask(DelayDeparture(name, "haul", self.one.desk.now, departs_s, max(0, departs_s - faster_s), stop))

    def _cancel(self, name: str, stop: int) -> None:
        self._ask(self.rng.choice((CancelDeparture, RestoreDeparture))(name, "haul", self.one.desk.now))

    def _ask(self, ask: Any) -> None:
        decide(self.state, ask, self.one.desk)

    def _use(self, name: str, stop: int) -> None:
        limits, resource = self.one.desk.world.timetable.limits_of(f"{name}/{stop}"), f"departure:{name}/{stop}"
        held, taken = ({d: self.rng.randint(0, most // 2) for d, most in limits.items()} for _ in range(2))
        known = self.state[Account].find(resource)
        if known is None or not known.closed:
            self.state[Account].put(Account(resource, limits, held, taken))

    def _settle(self, name: str, stop: int) -> None:
        if self.rng.random() < 0.5:
            self.state.undo_changes()
        else:
            self.state.hand_over()
            kept = self.rng.choice((3, 1000))
            self.state.forget_changes(keep_rows=kept, keep_trail=kept)


def traces() -> list[tuple[int, Drawn, Trace]]:
    """A trace for each seed whose network has departures."""
    drawn = [(seed, draw(13 * seed + FAMILY)) for seed in range(NETWORKS)]
    made = [(seed, one, Trace(one, random.Random(seed))) for seed, one in drawn]
    return [(seed, one, trace) for seed, one, trace in made if trace.dated]


def test_law_live_arrays_are_those_made_anew_whatever_happened_to_the_state() -> None:
    compared = 0
    for seed, one, trace in traces():
        follower = Walk(one.trips[0], Room(trace.state), one.desk).follower
        for number in range(STEPS):
            trace.step()
            if trace.rng.random() < 0.6:
                _assert_same(follower, Followed(follower.window, trace.state), f"seed {seed}, step {number}")
                compared += 1
    assert compared > 5 * NETWORKS


def _assert_same(follower: Followed, anew: Followed, where: str) -> None:
    for name, one, other in zip(anew.live._fields, follower.follow(), anew.live, strict=True):
        assert np.array_equal(one, other), f"{where}: {name}"


def test_law_plans_do_not_depend_on_what_was_asked_or_known_before() -> None:
    found = 0
    for seed, one, trace in traces():
        trip = one.trips[0]
        for number in range(STEPS):
            trace.step()
            here = plans(trip, Room(trace.state), one.desk)
            assert here == plans(trip, Room(trace.state), desk_of(one.network, one.desk.now, one.desk.world.policy)), (
                f"seed {seed}, step {number}"
            )
            found += bool(here)
    assert found > NETWORKS
