"""Laws of departures, on random traces against a slow reference: what is held, what changed, what was seen when."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import HoldPlan, TakePlan
from rookery.journey.booking import Booking, Hold
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture, Departure, RestoreDeparture, Seen
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal
from worlds import at, desk_of, empty_state, place, ride, tiny_network

TRACES, STEPS = 150, 60
NOW = at("Mon 08:00")
WORLD = desk_of(
    tiny_network(
        place("A"), place("B"), place("C"),
        ride("ABC", "A 12:00, B 14:00/15:00, C 18:00", carries="pieces 1000"), ride("free", "A 20:00, B 22:00"),
    ),
    NOW,
).world  # fmt: skip
RIDES = {f"ABC/2026-11-{day}": ("1", "2") for day in (23, 24)} | {f"free/2026-11-{day}": () for day in (23, 24)}


@dataclass
class Reference:
    """Every change by itself, and every hold with what it rides."""

    changes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RIDES, 0))
    cancelled: set[str] = field(default_factory=set)
    holds: dict[bytes, tuple[Seen, ...]] = field(default_factory=dict)


class Trace:
    def __init__(self, seed: int):
        self.rng, self.state, self.reference, self.count = random.Random(seed), empty_state(), Reference(), 0

    def run(self) -> "Trace":
        for _ in range(STEPS):
            self.rng.choice((self.hold, self.hold, self.take, self.cancel, self.restore, self.delay))()
            self.check()
        return self

    def ask(self, ask: Any) -> Refusal | None:
        return decide(self.state, ask, Desk(WORLD, NOW, lambda: b""))[1]

    def hold(self) -> None:
        """A plan over some departures, seen as they are now or as they once were."""
        self.count += 1
        names = self.rng.sample(sorted(RIDES), self.rng.randint(1, 3))
        changes = self.reference.changes
        seen = tuple(Seen(name, max(0, changes[name] - self.rng.choice((0, 0, 0, 1)))) for name in names)
        uses = tuple(Use(f"departure:{name}/{stop}", {"pieces": 1}) for name in names for stop in RIDES[name])
        hold_id = self.count.to_bytes(16, "big")
        refusal = self.ask(HoldPlan(hold_id, uses, NOW + 900, seen))
        struck = [one for one in seen if one.departure in self.reference.cancelled]
        stale = [one for one in seen if one.version != changes[one.departure]]
        assert (refusal is None) == (not struck and not stale)
        if refusal is None:
            self.reference.holds[hold_id] = seen
        else:
            first = next(one for one in seen if one in struck or one in stale)
            assert refusal.code == ("closed" if first in struck else "changed")

    def take(self) -> None:
        if self.reference.holds:
            hold_id = self.rng.choice(sorted(self.reference.holds))
            seen = self.reference.holds[hold_id]
            refusal = self.ask(TakePlan(hold_id))
            assert (refusal is None) == all(self.reference.changes[one.departure] == one.version for one in seen)
            if refusal is None:
                del self.reference.holds[hold_id]

    def cancel(self) -> None:
        name = self.rng.choice(sorted(RIDES))
        assert self.ask(CancelDeparture(name, "haul", NOW)) is None
        if name not in self.reference.cancelled:
            self.reference.cancelled.add(name)
            self.reference.changes[name] += 1
        for hold_id, seen in list(self.reference.holds.items()):
            if any(one.departure == name for one in seen):
                del self.reference.holds[hold_id]

    def restore(self) -> None:
        name = self.rng.choice(sorted(RIDES))
        assert self.ask(RestoreDeparture(name, "haul", NOW)) is None
        if name in self.reference.cancelled:
            self.reference.cancelled.discard(name)
            self.reference.changes[name] += 1

    def delay(self) -> None:
        name, late_s = self.rng.choice(sorted(RIDES)), self.rng.randint(1, 10**6)
        refusal = self.ask(DelayDeparture(name, "haul", NOW, late_s, late_s))
        assert (refusal is None) == (name not in self.reference.cancelled)
        if refusal is None:
            self.reference.changes[name] += 1

    def check(self) -> None:
        assert {hold.hold_id for hold in self.state[Hold]} == set(self.reference.holds)
        for name, stops in RIDES.items():
            row = self.state[Departure].find(name)
            assert (row.version if row else 0) == self.reference.changes[name]
            assert (row is not None and row.cancelled) == (name in self.reference.cancelled)
            for stop in stops:
                account = self.state[Account].find(f"departure:{name}/{stop}")
                assert account is None or account.closed == (name in self.reference.cancelled)


@pytest.mark.parametrize("seed", range(0, TRACES, 10))
def test_law_a_plan_is_held_only_if_nothing_it_rides_has_changed_since(seed: int) -> None:
    for one in range(seed, seed + 10):
        Trace(one).run()


def test_law_nothing_is_held_on_a_cancelled_departure() -> None:
    for seed in range(TRACES):
        trace = Trace(seed).run()
        for account in trace.state[Account]:
            if account.closed:
                booked = sum(
                    use.amounts["pieces"]
                    for booking in trace.state[Booking]
                    for use in booking.uses
                    if use.resource == account.resource
                )
                assert account.held == {"pieces": 0} and account.taken == {"pieces": booked}
