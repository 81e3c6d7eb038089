"""Laws of shared space as the journey keeps it: holds, bookings, loans, recalls and standbys on random days.

Three companies share one departure and one warehouse's day. A plain reference keeps every plan by itself and adds up;
what the policy guarantees is worked out by hand. A failure names the seed of its trace; ROOKERY_TRACES says how many.
"""

import random

import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import FreeHold, HoldPlan, Standby, TakePlan
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRecalled
from rookery.journey.chain import decide
from rookery.journey.desk import Desk
from rookery.journey.network.sharing import Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.share import Claimant
from rookery.journey.state import Refusal, State
from rookery.journey.tally import Loan, Tally
from rookery.units import DAY_S
from traces import blocks
from worlds import at, desk_of, empty_state, place, ride, row, tiny_network

STEPS = 40
RIDE, OTHER = "departure:AB/2026-11-24/1", "departure:CD/2026-11-24/1"
LIMIT = {"grams": 60, "pieces": 40}
NAMES = ("red", "blue", "green")
PART = {"red": 30, "blue": 20, "green": 0}  # per cent of the ride that is guaranteed, recallable until released
RELEASED = at("Tue 20:00") - 12 * 3600


def network() -> Network:
    """Red and blue under one group with half of the ride, green beside it; the other ride is left to whoever comes."""
    shares = [
        row(Share, holder="pair", resource="service:AB", guarantee=50_000_000, release_min=720, lending="recallable"),
        row(Share, holder="red", resource="service:AB", guarantee=60_000_000, release_min=720, lending="recallable"),
        row(Share, holder="blue", resource="service:AB", guarantee=40_000_000, release_min=720, lending="recallable"),
        row(Share, holder="green", resource="service:AB", ceiling=90_000_000),
    ]
    holders = [
        row(Holder, holder="pair"),
        row(Holder, holder="red", parent="pair"),
        row(Holder, holder="blue", parent="pair"),
        row(Holder, holder="green"),
    ]
    return tiny_network(
        place("A"), place("B"),
        ride("AB", "A 20:00, B 22:00", carries="grams 60, pieces 40"),
        ride("CD", "A 21:00, B 23:00", carries="grams 200, pieces 100"),
        holders, shares,
    )  # fmt: skip


WORLD = desk_of(network(), 0).world


class Trace:
    """One random history, checked after every step."""

    def __init__(self, seed: int):
        self.seed, self.rng = seed, random.Random(seed)
        self.state, self.now, self.count = empty_state(), at("Mon 08:00"), 0
        self.owned: list[bytes] = []

    def __repr__(self) -> str:
        return f"Trace({self.seed})"

    def run(self) -> "Trace":
        for _ in range(STEPS):
            self.rng.choice((self.hold, self.hold, self.hold, self.hold, self.take, self.free, self.wait))()
            self.check()
        return self

    def desk(self) -> Desk:
        return Desk(WORLD, self.now, lambda: b"")

    def ask(self, ask: object) -> tuple[list[object], Refusal | None]:
        facts, refusal = decide(self.state, ask, self.desk())  # type: ignore[arg-type]
        return list(facts), refusal

    def hold(self) -> None:
        self.count += 1
        hold_id, holder = self.count.to_bytes(16, "big"), self.rng.choice(NAMES)
        amounts = {"grams": self.rng.randint(1, 14), "pieces": self.rng.randint(1, 8)}
        borrows, stands_by = self.rng.random() < 0.5, self.rng.random() < 0.6
        by = Claimant(holder, self.rng.randint(1, 9), borrows)
        standby = Standby(b"s" + hold_id[1:], (Use(OTHER, amounts),)) if borrows and stands_by else None
        ask = HoldPlan(hold_id, (Use(RIDE, amounts),), self.now + DAY_S, (), by, standby)
        within = self.is_guaranteed(holder, amounts)
        facts, refusal = self.ask(ask)
        assert refusal is None or not within, f"{holder} within its guarantee was refused: {refusal}"
        self.check_recalls(facts, hold_id)
        if refusal is None:
            self.owned.append(hold_id)
            held = next(fact for fact in facts if isinstance(fact, PlanHeld) and fact.hold_id == hold_id)
            assert not within or not held.spaces, f"{holder} within its guarantee has no firm space"

    def is_guaranteed(self, holder: str, amounts: dict[str, int]) -> bool:
        """What stands of a holder, with this, is within its own guarantee, before that is released."""
        if self.now >= RELEASED or not PART[holder]:
            return False
        used = self.used(holder)
        return all(used[d] + amounts[d] <= LIMIT[d] * PART[holder] // 100 for d in LIMIT)

    def used(self, holder: str = "") -> dict[str, int]:
        """What a holder, or all, have of the ride, plan by plan."""
        plans = [*self.state[Hold], *self.state[Booking]]
        uses = [u for p in plans if holder in ("", p.by.holder) for u in p.uses if u.resource == RIDE]
        return {d: sum(use.amounts[d] for use in uses) for d in LIMIT}

    def check_recalls(self, facts: list[object], by: bytes) -> None:
        for fact in facts:
            if isinstance(fact, PlanRecalled):
                assert fact.by == by and self.now < RELEASED, "a loan is recalled for a plan that is held, in time"
                plan = self.state[Booking].find(fact.hold_id) or self.state[Hold].find(fact.hold_id)
                assert plan is not None and RIDE not in {use.resource for use in plan.uses}
                assert bool(fact.standby) == (OTHER in {use.resource for use in plan.uses})

    def take(self) -> None:
        holds = [one for one in self.owned if self.state[Hold].find(one) is not None]
        if holds:
            _, refusal = self.ask(TakePlan(self.rng.choice(holds)))
            assert refusal is None or refusal.code == "closed"

    def free(self) -> None:
        standing = [one for one in self.owned if self.state[Hold].find(one) or self.state[Booking].find(one)]
        if standing:
            self.ask(FreeHold(self.rng.choice(standing), "freed"))

    def wait(self) -> None:
        self.now += self.rng.choice((60, 3600, 6 * 3600))

    def check(self) -> None:
        account = self.state[Account].find(RIDE)
        if account is None:
            return
        used = self.used()
        for n, d in enumerate(LIMIT):
            assert account.held[d] + account.taken[d] == used[d] <= LIMIT[d]
            lent = sum(loan.amounts[n] for loan in self.state[Loan] if loan.resource == RIDE)
            assert account.firm is not None
            assert lent + sum(amounts[n] for amounts in account.firm.values()) == used[d]
        held = {hold.hold_id for hold in self.state[Hold]}
        for hold in self.state[Hold]:
            plan = self.state[Booking].find(hold.standby_of) or self.state[Hold].find(hold.standby_of)
            assert not hold.standby_of or (plan is not None and plan.standby == hold.hold_id), "a standby has its plan"
        assert len(held) == len(list(self.state[Hold]))


@pytest.mark.parametrize("seeds", blocks(150), ids=str)
def test_law_shared_space_is_what_plans_use_and_a_guarantee_is_never_refused(seeds: range) -> None:
    for seed in seeds:
        Trace(seed).run()


@pytest.mark.parametrize("seeds", blocks(40), ids=str)
def test_law_claims_that_follow_are_those_made_anew(seeds: range) -> None:
    for seed in seeds:
        follow_and_make_anew(Trace(seed).run())


def follow_and_make_anew(trace: Trace) -> None:
    for hold in ("red", "blue", "green"):
        ask = HoldPlan(b"x" * 16, (Use(RIDE, {"grams": 5, "pieces": 2}),), trace.now + 60, (), Claimant(hold, 5, True))
        followed = decide_twin(trace.state, ask, trace.desk())
        trace.state.derived.pop(Tally, None)
        assert decide_twin(trace.state, ask, trace.desk()) == followed


def decide_twin(state: State, ask: HoldPlan, desk: Desk) -> tuple[list[object], Refusal | None]:
    """What an ask leads to; the state is as before."""
    before = {kind: (dict(table.rows), dict(table.before)) for kind, table in state.tables.items()}
    facts, refusal = decide(state, ask, desk)
    for kind, (rows, was) in before.items():
        table = state.tables[kind]
        if table.trail is not None:
            table.trail.keys.extend(key for key in {**rows, **table.rows})
        table.rows, table.before = rows, was
    return list(facts), refusal


@pytest.mark.parametrize("seeds", blocks(40), ids=str)
def test_law_a_holder_within_its_guarantee_has_the_same_outcomes_with_and_without_the_others(seeds: range) -> None:
    """Blue asks for little at a time, and gives nothing back: all of it is held, whatever the others do."""
    for seed in seeds:
        live_with_and_without_others(seed)


def live_with_and_without_others(seed: int) -> None:
    rng = random.Random(seed)
    script = [(rng.choice(NAMES), rng.randint(1, 12), rng.randint(1, 6), rng.random() < 0.5) for _ in range(60)]

    def outcomes(*, alone: bool) -> list[str]:
        state, told, left = empty_state(), [], {"grams": 12, "pieces": 8}
        for number, (holder, grams, pieces, borrows) in enumerate(script):
            amounts = {"grams": grams, "pieces": pieces}
            if holder == "blue":
                amounts = {d: min(amount, left[d]) for d, amount in amounts.items()}
                left = {d: left[d] - amounts[d] for d in left}
            elif alone:
                continue
            by = Claimant(holder, 5, borrows and holder != "blue")
            ask = HoldPlan(number.to_bytes(16, "big"), (Use(RIDE, amounts),), at("Wed 00:00"), (), by)
            _, refusal = decide(state, ask, Desk(WORLD, at("Mon 08:00") + number * 60, lambda: b""))
            if holder == "blue":
                told.append(f"{number} {amounts} {refusal.code if refusal else 'held'}")
        return told

    assert outcomes(alone=False) == outcomes(alone=True)
    assert all(line.endswith("held") for line in outcomes(alone=True))


def test_a_refusal_of_space_says_what_binds_and_names_nobody_else() -> None:
    state, desk = empty_state(), Desk(WORLD, at("Mon 08:00"), lambda: b"")
    ask = HoldPlan(b"1" * 16, (Use(RIDE, {"grams": 40, "pieces": 1}),), at("Wed 00:00"), (), Claimant("green"))
    _, refusal = decide(state, ask, desk)
    assert refusal is not None and refusal.lack is not None
    lack = refusal.lack
    assert (lack.limit, lack.dimension, lack.asked, lack.most, lack.firm_at) == ("claim", "grams", 40, 30, RELEASED)
    assert "red" not in str(refusal) and "blue" not in str(refusal)
    assert {one.holder for one in lack.kept} == {"red", "blue"}
