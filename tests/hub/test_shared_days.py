"""The laws of shared capacity, through messages and the ledger, on random days: see `shared_days.py`."""

from pathlib import Path
from typing import Any

import pytest
from shared_days import BEGIN, DAYS, Day, network

from rookery.hub.message import Answer
from rookery.hub.open import open_hub
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.spine import Hub
from rookery.journey.account import Account
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRefused, find_plan
from rookery.journey.disrupt import Case
from rookery.journey.itinerary import Itinerary
from rookery.journey.state import State
from rookery.journey.waits import Queued
from talk import dump, facts_of, hear
from traces import blocks
from worlds import at

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

NETWORK = network()
STEPS = 60
ABOVE = {"red_": "pair", "blue_": "pair", "pair": "*", "green_": "*", "black_": "*", "*": ""}
RELEASED = {f"departure:{leg}/{day}/1": at(f"{day} {hour}:00") - 720 * 60 for day in DAYS
            for leg, hour in (("AB", "08"), ("BC", "12"))}  # fmt: skip
PARTS = {"pair": 50, "red_": 30, "blue_": 20}  # per cent of the whole


def guarantee(account: Account, holder: str, now: int) -> dict[str, int]:
    """What a holder is guaranteed now, by the words of the policy."""
    dimensions = list(account.limits)
    leg = account.resource.split(":")[1].split("/")[0]
    recallable = holder in PARTS and now >= RELEASED.get(account.resource, 0)
    if recallable or not (holder in PARTS or (holder == "black_" and leg == "AB")):
        return dict.fromkeys(dimensions, 0)
    if account.guarantee is not None:
        return dict(zip(dimensions, account.guarantee.get(holder, (0,) * len(dimensions)), strict=True))
    whole = {"grams": 60, "pieces": 40}
    if holder == "black_":
        return {d: whole[d] // 10 for d in dimensions}
    above = {d: whole[d] // 2 for d in dimensions}
    part = {"pair": 100, "red_": 60, "blue_": 40}[holder]
    return {d: above[d] * part // 100 for d in dimensions}


def claim(state: State, account: Account, holder: str, now: int, more: dict[str, dict[str, int]]) -> dict[str, int]:
    """R = max(g, u + sum of R below), by its definition; a loan counts nowhere."""
    used = dict(zip(account.limits, (account.firm or {}).get(holder, (0,) * len(account.limits)), strict=True))
    below = [claim(state, account, child, now, more) for child, above in ABOVE.items() if above == holder]
    kept, extra = guarantee(account, holder, now), more.get(holder, {})
    return {d: max(kept[d], used[d] + extra.get(d, 0) + sum(one[d] for one in below)) for d in account.limits}


def is_firm(state: State, account: Account, holder: str, now: int, amounts: dict[str, int]) -> bool:
    """Whether a request is accepted by claim."""
    more, at_ = {holder: amounts}, holder
    if any(account.held[d] + account.taken[d] > limit for d, limit in account.limits.items()):
        return False  # more is used than there is
    while at_:
        claims = claim(state, account, at_, now, more)
        for d, limit in account.limits.items():
            most = limit if at_ == "*" else {"grams": 54, "pieces": 36}[d] if at_ == "green_" else 2**62
            if claims[d] > most and amounts.get(d, 0):
                return False
        at_ = ABOVE[at_]
    return True


class Checked(Day):
    """A day on which each step is held against the laws."""

    def __init__(self, hub: Hub, seed: int):
        super().__init__(hub, seed)
        self.most: dict[tuple[str, str], int] = {}  # use at the last cut

    def say(self, sender: str, kind: str, body: Any) -> Answer:
        if kind in ("hold_space", "change_space"):
            super().say("network", "clock", b"")  # what is due is done, so that the state is that of this instant
        gives_back = kind == "change_space" and self.gives_back(sender, body)
        expected = self.expected(sender, body) if kind == "hold_space" else None
        seen = len(facts_of(self.hub.ledger)) if kind == "hold_space" else 0
        answer = super().say(sender, kind, body)
        if expected is not None:
            held = [fact for _, _, fact in facts_of(self.hub.ledger)[seen:] if isinstance(fact, PlanHeld)]
            firm = answer.outcome == "done" and bool(held) and not held[0].spaces
            assert firm == expected, f"{sender} {body}: wanted {'firm' if expected else 'not firm'}, found {answer}"
        assert not gives_back or answer.outcome == "done", f"{sender} {body}: some is given back, found {answer}"
        self.check(cut=kind == "capacity")
        return answer

    def gives_back(self, sender: str, body: dict[str, Any]) -> bool:
        """True if a company has as much of all that it wants to keep."""
        plan = find_plan(self.hub.state, bytes.fromhex(body["space"]))
        if plan is None or plan.by.company != sender or (isinstance(plan, Hold) and plan.standby_of):
            return False
        has = {use.resource: use.amounts for use in plan.uses}
        wants = [(has.get(use["resource"], {}).get(d, 0), a) for use in body["uses"] for d, a in use["amounts"].items()]
        return all(amount <= had for had, amount in wants)

    def expected(self, sender: str, body: dict[str, Any]) -> bool | None:
        """Whether a request for AB alone is firm by the rule; None: it is about more than that."""
        uses = body["uses"]
        if len(uses) != 1 or not uses[0]["resource"].startswith("departure:AB/") or body.get("standby"):
            return None
        account = self.hub.state[Account].find(uses[0]["resource"])
        hour = [row for row in self.hub.state[Account] if row.resource.startswith("sort:")]
        if account is None or account.closed or any(row.held["pieces"] + row.taken["pieces"] > 50 for row in hour):
            return None
        if self.now >= RELEASED[account.resource] + 720 * 60:
            return None
        return is_firm(self.hub.state, account, f"{sender}_", self.now, uses[0]["amounts"])

    def check(self, *, cut: bool) -> None:
        state = self.hub.state
        plans = [*state[Hold], *self.hub.ledger.list_rows("booking")]
        for account in state[Account].every():
            for d, limit in account.limits.items():
                used = account.held[d] + account.taken[d]
                assert used == sum(u.amounts.get(d, 0) for p in plans for u in p.uses if u.resource == account.resource)
                if cut:
                    self.most[account.resource, d] = used
                assert 0 <= used <= max(limit, self.most.get((account.resource, d), 0)), f"{account.resource} {d}"
        for hold in state[Hold]:
            assert hold.expires_at > self.now - 1, "what has expired is gone with the next message"
        held = [plan for plan in plans if not getattr(plan, "standby_of", b"")]
        spaces = [*((plan.hold_id, plan.by) for plan in held), *((row.hold_id, row.ask.by) for row in state[Queued])]
        own = {(row.hold_id, row.company) for row in self.hub.ledger.list_rows("own_space")}
        assert own == {(id_, by.company) for id_, by in spaces if by.company}, "what is listed is what there is"
        self.check_orders()

    def check_orders(self) -> None:
        """Whoever has lost space is held elsewhere, or is a case with an owner."""
        state = self.hub.state
        cases = {row.order_id for row in state[Case].every()}
        assert all(row.owner for row in state[Case].every()), "a case has an owner"
        waiting = {row.hold_id for row in state[Queued]}
        for row in state[Itinerary].every():
            booking = state[Booking].find(row.order_id)
            if booking is None:
                assert row.order_id in waiting, "an order with a plan has its space, or waits for it"
                continue
            has = {use.resource for use in booking.uses}
            needs = {name for part in row.parts for leg in part.plan.legs for name in leg.resources}
            lost = {name for name in needs if name not in has and state[Account].find(name) is not None}
            assert not lost or row.order_id in cases, f"{lost} is lost, and nobody looks after it"


@pytest.mark.parametrize("seeds", blocks(20, part=50), ids=str)
def test_law_every_step_of_a_random_day_keeps_the_laws_of_shared_capacity(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        hub = open_hub(NETWORK, tmp_path / f"{seed}.ledger")
        day = Checked(hub, seed)
        day.run(STEPS)
        assert fold_again(hub.ledger).differences == (), seed
        assert decide_again(hub.ledger, NETWORK).difference == "", seed
        hub.ledger.close()


@pytest.mark.parametrize("seed", [112])  # a loan that a cut made longer, and a standby held for the old time
def test_days_that_once_broke_a_law_keep_it(seed: int, tmp_path: Path) -> None:
    test_law_every_step_of_a_random_day_keeps_the_laws_of_shared_capacity(range(seed, seed + 1), tmp_path)


@pytest.mark.parametrize("seeds", blocks(6, part=50), ids=str)
def test_law_a_shared_day_gives_the_same_bytes_however_it_is_grouped_and_stopped(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        day = Day(open_hub(NETWORK, tmp_path / f"{seed}.ledger"), seed).run(STEPS)
        wanted = dump(day.hub.ledger)
        whole = open_hub(NETWORK, tmp_path / f"{seed}w.ledger")
        hear(whole, *day.said)
        assert dump(whole.ledger) == wanted, seed
        for first in range(0, len(day.said), 7):
            stopped = open_hub(NETWORK, tmp_path / f"{seed}s.ledger")
            hear(stopped, *day.said[max(0, first - 3) : first + 7])  # some are said again
            stopped.ledger.close()
        assert dump(open_hub(NETWORK, tmp_path / f"{seed}s.ledger").ledger) == wanted, seed


@pytest.mark.parametrize("seeds", blocks(6, part=50), ids=str)
def test_law_a_peak_of_one_company_takes_nothing_from_what_others_are_guaranteed(seeds: range, tmp_path: Path) -> None:
    """Twenty times as many wishes of green as of all others, within minutes; red stays within what it has for sure."""
    for seed in seeds:
        outcomes = []
        for crowded in (False, True):
            hub = open_hub(network(sorts=10_000), tmp_path / f"{seed}{crowded}.ledger")
            day = Checked(hub, seed)
            told = []
            for number in range(6):
                if crowded:
                    day.burst(20)
                day.now = BEGIN + 900 * (number + 1)
                uses = [*day.uses(["AB", "BC"], DAYS[0], {"grams": 3, "pieces": 2})]
                answer = day.ask_for("red", {"uses": uses, "hold_s": 86_400})
                told.append((answer.outcome, tuple((space.stands, space.until) for space in answer.spaces)))
            outcomes.append(told)
            hub.ledger.close()
        assert outcomes[0] == outcomes[1] and {one[0] for one in outcomes[0]} == {"done"}, seed


def test_the_random_days_see_all_that_can_become_of_shared_space(tmp_path: Path) -> None:
    kinds: set[str] = set()
    limits: set[str] = set()
    for seed in range(12):
        hub = open_hub(NETWORK, tmp_path / f"{seed}.ledger")
        Day(hub, seed).run(STEPS)
        told = facts_of(hub.ledger)
        kinds |= {kind for _, kind, _ in told}
        limits |= {f.refusal.lack.limit for _, _, f in told if isinstance(f, PlanRefused) and f.refusal.lack}
        hub.ledger.close()
    wanted = {"plan_recalled", "loan_firmed", "plan_queued", "round_closed", "plan_waits", "plan_left", "order_served",
              "capacity_changed", "space_quoted", "plan_changed", "hold_released", "plan_given_back",
              "change_refused"}  # fmt: skip
    assert wanted <= kinds, wanted - kinds
    assert {"claim", "capacity"} <= limits
