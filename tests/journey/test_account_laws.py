"""Laws of accounts and bookings, on random traces against a slow reference that keeps a list and adds it up.

The reference knows every hold and booking by itself; at each step it counts what stands at that instant. A
failure names the seed of its trace.
"""

import random
from dataclasses import dataclass, field

import pytest

from rookery.journey import book
from rookery.journey.account import Account, Amounts, Use
from rookery.journey.book import HoldPlan, TakePlan, expire, give_back
from rookery.journey.booking import Booking, Hold, PlanRefused
from rookery.journey.chain import decide
from rookery.journey.desk import Desk, World
from rookery.journey.facts import evolve
from rookery.journey.state import Refusal, State
from worlds import at, depot, desk_of, empty_state, place, ride, tiny_network

TRACES, STEPS = 600, 50
NETWORK = tiny_network(
    place("A"), place("B"),
    ride("AB", "A 20:00, B 22:00", carries="grams 10, pieces 4"),
    depot("A", per_day=3, skus="x y", stock="shop/x 6, shop/y 0"),
)  # fmt: skip
WORLD = desk_of(NETWORK, 0).world
LIMITS: dict[str, Amounts] = {
    name: WORLD.limits_of(name)
    for name in (
        "departure:AB/2026-11-23/1", "departure:AB/2026-11-24/1", "warehouse:A/2026-11-23", "stock:A/shop/x",
        "stock:A/shop/y",
    )
}  # fmt: skip


@dataclass
class Reference:
    """Every hold and booking, and nothing else."""

    holds: dict[bytes, tuple[tuple[Use, ...], int]] = field(default_factory=dict)
    bookings: dict[bytes, tuple[Use, ...]] = field(default_factory=dict)

    def used(self, resource: str, dimension: str, now: int) -> int:
        alive = [uses for uses, expires_at in self.holds.values() if expires_at > now]
        return sum(
            use.amounts.get(dimension, 0)
            for uses in (*alive, *self.bookings.values())
            for use in uses
            if use.resource == resource
        )

    def fits(self, uses: tuple[Use, ...], now: int) -> bool:
        return all(
            self.used(use.resource, dimension, now) + amount <= LIMITS[use.resource][dimension]
            for use in uses
            for dimension, amount in use.amounts.items()
            if dimension in LIMITS[use.resource]
        )


class Trace:
    """One random history, checked after every step."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.state, self.reference, self.now, self.count = empty_state(), Reference(), at("Mon 08:00"), 0

    def run(self) -> None:
        steps = (self.hold, self.hold, self.hold, self.take, self.free, self.wait, self.sweep)
        for _ in range(STEPS):
            self.rng.choice(steps)()
            self.check()

    def desk(self) -> Desk:
        return Desk(WORLD, self.now, lambda: b"")

    def hold(self) -> None:
        self.count += 1
        hold_id = self.count.to_bytes(16, "big")
        names = self.rng.sample(sorted(LIMITS), self.rng.randint(1, 3))
        uses = tuple(Use(name, {d: self.rng.randint(0, 4) for d in (*LIMITS[name], "unheard_of")}) for name in names)
        ask = HoldPlan(hold_id, uses, self.now + self.rng.randint(0, 30))
        _, refusal = decide(self.state, ask, self.desk())
        wanted = "too_late" if ask.expires_at <= self.now else "" if self.reference.fits(uses, self.now) else "short"
        assert (refusal.code if refusal else "") == wanted
        if not wanted:
            self.reference.holds[hold_id] = uses, ask.expires_at

    def take(self) -> None:
        if not self.reference.holds:
            return
        hold_id = self.rng.choice(sorted(self.reference.holds))
        uses, expires_at = self.reference.holds[hold_id]
        _, refusal = decide(self.state, TakePlan(hold_id), self.desk())
        assert (refusal is None) == (expires_at > self.now)
        del self.reference.holds[hold_id]
        if refusal is None:
            self.reference.bookings[hold_id] = uses

    def free(self) -> None:
        known = [*self.reference.holds, *self.reference.bookings]
        if known:
            hold_id = self.rng.choice(known)
            for fact in give_back(self.state, hold_id):
                evolve(self.state, fact)
            self.reference.holds.pop(hold_id, None)
            self.reference.bookings.pop(hold_id, None)

    def wait(self) -> None:
        self.now += self.rng.randint(0, 20)

    def sweep(self) -> None:
        for fact in expire(self.state, self.now):
            evolve(self.state, fact)

    def check(self) -> None:
        holds = {hold.hold_id: hold.uses for hold in self.state[Hold]}
        bookings = {booking.hold_id: booking.uses for booking in self.state[Booking]}
        assert bookings == self.reference.bookings
        assert {h: uses for h, (uses, expires_at) in self.reference.holds.items() if expires_at > self.now}.items() <= (
            holds.items()
        )
        for account in self.state[Account]:
            assert account.held == _sums(account, holds.values())
            assert account.taken == _sums(account, bookings.values())
            for dimension, limit in account.limits.items():
                assert account.held[dimension] + account.taken[dimension] <= limit


def _sums(account: Account, plans: object) -> Amounts:
    sums = dict.fromkeys(account.limits, 0)
    for uses in plans:  # type: ignore[attr-defined]
        for use in uses:
            if use.resource == account.resource:
                for dimension in sums:
                    sums[dimension] += use.amounts.get(dimension, 0)
    return sums


@pytest.mark.parametrize("first", range(0, TRACES, 100))
def test_law_an_account_is_never_above_its_limit_nor_below_zero_and_refuses_only_what_does_not_fit(first: int) -> None:
    for seed in range(first, first + 100):
        try:
            Trace(seed).run()
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}") from fault


# --- the same laws, one at a time


def hold(state: State, uses: dict[str, Amounts], now: str, expires: str, hold_id: bytes = b"h") -> Refusal | None:
    ask = HoldPlan(hold_id, tuple(Use(name, amounts) for name, amounts in uses.items()), at(expires))
    return decide(state, ask, desk_of(NETWORK, at(now)))[1]


def left(state: State, name: str, dimension: str) -> int:
    account = state[Account].find(name)
    if account is None:
        return LIMITS[name][dimension]
    return account.limits[dimension] - account.held[dimension] - account.taken[dimension]


RIDE, SHELF, DAY = "departure:AB/2026-11-23/1", "stock:A/shop/x", "warehouse:A/2026-11-23"


def test_law_a_hold_is_all_legs_or_none() -> None:
    state = empty_state()
    refusal = hold(state, {RIDE: {"grams": 3}, SHELF: {"units": 2}, "stock:A/shop/y": {"units": 1}}, "Mon 8", "Mon 9")
    assert (
        str(refusal)
        == "short: stock:A/shop/y: wanted 1 units; found 0 of 0 left; ask for less: this is all there ever is"
    )
    assert refusal is not None and refusal.binding == "stock:A/shop/y"
    assert list(state[Hold]) == [] and list(state[Account]) == []


@pytest.mark.parametrize("swept", [True, False])
def test_law_an_expired_hold_returns_everything_at_its_instant_swept_or_not(*, swept: bool) -> None:
    state = empty_state()
    everything = {RIDE: {"grams": 10, "pieces": 4}, SHELF: {"units": 6}}
    assert hold(state, everything, "Mon 8", "Mon 9", b"first") is None
    early = hold(state, everything, "Mon 08:59", "Mon 12", b"second")
    assert early is not None and early.code == "short"
    if swept:
        for fact in expire(state, at("Mon 9")):
            evolve(state, fact)
        assert left(state, RIDE, "grams") == 10
    assert hold(state, everything, "Mon 9", "Mon 12", b"third") is None
    assert [row.hold_id for row in state[Hold]] == [b"third"]


@pytest.mark.parametrize("swept", [True, False])
def test_law_taking_an_expired_hold_refuses(*, swept: bool) -> None:
    state = empty_state()
    hold(state, {SHELF: {"units": 6}}, "Mon 8", "Mon 9")
    if swept:
        for fact in expire(state, at("Mon 9")):
            evolve(state, fact)
    alone = book.take(state, TakePlan(b"h"), desk_of(NETWORK, at("Mon 9")))
    _, refusal = decide(state, TakePlan(b"h"), desk_of(NETWORK, at("Mon 9")))
    assert refusal is not None and refusal.code == "closed" and alone == refusal, "the step itself knows, unswept"
    assert left(state, SHELF, "units") == 6 and list(state[Booking]) == []


def test_law_taking_changes_what_is_held_into_what_is_taken() -> None:
    state = empty_state()
    hold(state, {SHELF: {"units": 4}, DAY: {"orders": 1}}, "Mon 8", "Mon 9")
    assert decide(state, TakePlan(b"h"), desk_of(NETWORK, at("Mon 08:59")))[1] is None
    account = state[Account].get(SHELF)
    assert (account.held, account.taken) == ({"units": 0}, {"units": 4})
    assert expire(state, at("Tue 9")) == [], "what is taken expires no more"


@pytest.mark.parametrize("taken", [True, False])
def test_law_giving_back_returns_everything(*, taken: bool) -> None:
    state = empty_state()
    hold(state, {SHELF: {"units": 4}, RIDE: {"grams": 10, "pieces": 1}}, "Mon 8", "Mon 9")
    if taken:
        decide(state, TakePlan(b"h"), desk_of(NETWORK, at("Mon 8")))
    for fact in give_back(state, b"h"):
        evolve(state, fact)
    assert [left(state, SHELF, "units"), left(state, RIDE, "grams"), left(state, RIDE, "pieces")] == [6, 10, 4]
    assert give_back(state, b"h") == [], "and only once"


def test_law_what_is_not_limited_is_not_counted() -> None:
    state = empty_state()
    assert hold(state, {SHELF: {"units": 1, "cm3": 10**15}}, "Mon 8", "Mon 9") is None
    assert state[Account].get(SHELF).held == {"units": 1}


def test_a_hold_that_ends_before_it_begins_is_refused() -> None:
    refusal = hold(empty_state(), {SHELF: {"units": 1}}, "Mon 9", "Mon 9")
    assert str(refusal) == "too_late: hold: wanted an expiry after now; found 0 s"


def test_limits_stand_in_the_ledger_from_the_first_use_on() -> None:
    state = empty_state()
    hold(state, {SHELF: {"units": 6}}, "Mon 8", "Mon 9", b"h")
    richer = World(tiny_network(place("A"), depot("A", skus="x", stock="shop/x 600")), WORLD.policy)
    facts, refusal = decide(
        state, HoldPlan(b"i", (Use(SHELF, {"units": 1}),), at("Mon 9")), Desk(richer, at("Mon 8"), lambda: b"")
    )
    assert [type(fact) for fact in facts] == [PlanRefused]
    assert refusal is not None and refusal.found == "0 of 6 left"
