"""Rounds of a resource: what is beyond a guarantee waits, and goes by weight, down the tree.

`night` A 20:00 to B 22:00, 100 g; red is guaranteed 20 of it, blue and green nothing; rounds of ten minutes.
"""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import FreeHold, HoldPlan, TakePlan
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRefused
from rookery.journey.chain import decide, settle
from rookery.journey.departure import CancelDeparture
from rookery.journey.desk import Desk
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.option import PlanOvertaken
from rookery.journey.order import CancelOrder, Measure, Order, Parties
from rookery.journey.share import Claimant
from rookery.journey.state import Refusal
from rookery.journey.tally import Loan
from rookery.journey.waits import Deficit, PlanQueued, PlanWaits, Queued, RoundClosed
from talk import Book, asked
from traces import blocks
from worlds import at, desk_of, empty_state, place, ride, row, tiny_network

NIGHT, LATE = "departure:night/2026-11-23/1", "departure:late/2026-11-23/1"
WEIGHTS = {"red": 1, "blue": 2, "green": 1}
BEGIN = at("Mon 10:00")


def network(*more: Any, round_s: int = 600, night: str = "grams 100", late: str = "grams 1000") -> Network:
    return tiny_network(
        place("A"), place("B"),
        ride("night", "A 20:00, B 22:00", price="1", carries=night),
        ride("late", "A 21:00, B 23:00", price="5", carries=late),
        [row(Holder, holder=name) for name in WEIGHTS],
        row(Share, holder="red", resource="service:night", guarantee=20_000_000, weight=WEIGHTS["red"]),
        row(Share, holder="blue", resource="service:night", guarantee=0, weight=WEIGHTS["blue"]),
        row(Share, holder="green", resource="service:night", guarantee=0, weight=WEIGHTS["green"]),
        row(Round, resource="service:night", round_s=round_s),
        more,
    )  # fmt: skip


class Day:
    """Holds that are asked for one after the other; `told`: what became of each, by its name."""

    def __init__(self, net: Network):
        self.state, self.world, self.now = empty_state(), desk_of(net, 0).world, BEGIN
        self.told: dict[str, str] = {}
        self.facts: list[Any] = []

    def hold(self, name: str, grams: int, *others: Use, wait_until: int = 0, borrows: bool = False) -> None:
        uses = (Use(NIGHT, {"grams": grams}), *others)
        by = Claimant(name.rstrip("0123456789"), 5, borrows)
        self.ask(HoldPlan(name.encode(), uses, self.now + 3600, by=by, wait_until=wait_until))

    def ask(self, ask: Any) -> Refusal | None:
        facts, refusal = decide(self.state, ask, Desk(self.world, self.now, lambda: b""))
        self.note(facts)
        return refusal

    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.note(settle(self.state, Desk(self.world, self.now, lambda: b"")))

    def note(self, facts: list[Any]) -> None:
        self.facts += facts
        for fact in facts:
            name = getattr(fact, "hold_id", b"").decode()
            if isinstance(fact, PlanHeld):
                self.told[name] = "held"
            elif isinstance(fact, PlanQueued | PlanWaits):
                self.told[name] = f"waits until {fact.closes_at - BEGIN}"
            elif isinstance(fact, PlanRefused):
                self.told[name] = fact.refusal.code


def test_a01_what_is_guaranteed_is_held_at_once_and_what_is_beyond_waits_for_the_round() -> None:
    day = Day(network())
    day.hold("red1", 20)
    day.hold("red2", 1)
    day.hold("blue1", 10)
    assert day.told == {"red1": "held", "red2": "waits until 600", "blue1": "waits until 600"}
    day.wait(599)
    assert not [fact for fact in day.facts if isinstance(fact, RoundClosed)]
    day.wait(1)
    assert set(day.told.values()) == {"held"} and not list(day.state[Queued])


def test_a02_what_is_left_over_goes_by_weight_and_who_loses_is_told_whose_limit_it_was() -> None:
    day = Day(network())
    for number in range(8):
        day.hold(f"green{number}", 10)
        day.hold(f"blue{number}", 10)
    day.wait(600)
    won = sorted(name for name, told in day.told.items() if told == "held")
    assert won == [*(f"blue{n}" for n in range(6)), "green0", "green1"], "80 g, two to one, blue first"
    lost = next(fact for fact in day.facts if isinstance(fact, PlanRefused) and fact.refusal.code == "round")
    assert lost.refusal.lack is not None
    lack = lost.refusal.lack
    assert (lack.limit, lack.at, lack.dimension, lack.asked, lack.most) == ("round", "*", "grams", 10, 0)
    assert (lack.claim, lack.ceiling) == (100, 100)
    assert str(lost.refusal) == (
        f"round: round of {NIGHT} at 2026-11-23T09:10Z: wanted its turn for 10 grams;"
        " found that of a request before it, which did not fit under the limit of * and for which it is not passed;"
        " 0 grams are free by claim; ask again"
    )


def test_a03_who_lost_waits_for_further_rounds_as_long_as_it_would() -> None:
    day = Day(network())
    day.hold("blue1", 80)
    day.hold("green1", 60, wait_until=BEGIN + 1800)
    day.wait(600)
    assert day.told == {"blue1": "held", "green1": "waits until 1200"}
    day.ask(FreeHold(b"blue1", "not needed"))
    day.wait(600)
    assert day.told["green1"] == "held"
    day.hold("blue2", 30, wait_until=BEGIN + 2400)
    day.wait(600)
    assert day.told["blue2"] == "waits until 2400"
    day.wait(600)
    assert day.told["blue2"] == "short", "nothing came free, and it would wait no longer"


def test_a04_a_round_is_decided_as_of_its_instant_however_late_the_next_message_comes() -> None:
    day = Day(network())
    day.hold("blue1", 30)
    day.wait(5 * 3600)
    held = day.state[Hold].find(b"blue1")
    assert held is None, "it was held from the close of the round on, and has expired since"
    kinds = [type(fact).__name__ for fact in day.facts]
    assert kinds == ["PlanQueued", "AccountOpened", "PlanHeld", "RoundClosed", "HoldReleased"]
    assert next(f for f in day.facts if isinstance(f, PlanHeld)).expires_at == BEGIN + 600 + 3600


def test_a05_nobody_waits_past_a_cut_off_or_for_what_can_never_be() -> None:
    day = Day(network())
    day.hold("blue1", 101)
    assert day.told == {"blue1": "short"}, "this is all there ever is"
    day = Day(network(round_s=86_400))
    day.hold("blue2", 10)
    assert day.told["blue2"] == "held", "the round would close when it has left"


def test_a06_a_plan_whose_other_leg_is_full_is_out_of_the_round_which_is_held_again_without_it() -> None:
    day = Day(network(late="grams 50"))
    day.ask(HoldPlan(b"before", (Use(LATE, {"grams": 45}),), BEGIN + 9999, by=Claimant("green")))
    day.hold("blue1", 50, Use(LATE, {"grams": 50}))
    day.hold("green2", 40)
    day.wait(600)
    (refused,) = [fact for fact in day.facts if isinstance(fact, PlanRefused)]
    assert refused.hold_id == b"blue1" and day.told["green2"] == "held"


def test_a07_credits_are_kept_from_one_departure_of_a_service_to_the_next() -> None:
    day = Day(network())
    day.hold("blue1", 70)
    day.hold("green1", 60)
    day.wait(600)
    assert (day.told["blue1"], day.told["green1"]) == ("held", "short")
    (deficit,) = day.state[Deficit]
    assert deficit.service == "service:night/1" and deficit.credits["green"][1] > 0
    tuesday = "departure:night/2026-11-24/1"
    for name, grams in (("blue2", 70), ("green2", 60)):
        by = Claimant(name[:-1])
        day.ask(HoldPlan(name.encode(), (Use(tuesday, {"grams": grams}),), day.now + 3600, by=by))
    day.wait(600)
    assert (day.told["blue2"], day.told["green2"]) == ("short", "held"), "its turn comes the next day"


def test_a08_lent_space_is_nothing_to_compete_for_and_is_asked_for_after_the_round() -> None:
    lends = row(Share, holder="red", resource="service:night", guarantee=20_000_000, lending="recallable",
                release_min=60)  # fmt: skip
    day = Day(network(lends))
    day.hold("blue1", 80)
    day.hold("blue2", 15, borrows=True)
    day.hold("blue3", 15)
    day.wait(600)
    assert day.told == {"blue1": "held", "blue2": "held", "blue3": "short"}
    (loan,) = day.state[Loan]
    assert (loan.hold_id, loan.lender) == (b"blue2", "red")
    day.hold("red1", 20)
    assert day.told["red1"] == "held" and not list(day.state[Loan]), "it is recalled by whom it belongs to"


def test_a12_what_could_not_be_firm_if_nobody_used_anything_competes_with_nobody() -> None:
    day = Day(network())
    day.hold("blue1", 81)
    assert day.told == {"blue1": "short"}, "20 of 100 are kept for red: there is nothing to wait for"
    released = row(Share, holder="red", resource="service:night", guarantee=20_000_000, release_min=540)
    day = Day(network(released))  # nine hours before it leaves, at 11:00
    day.hold("blue1", 81, wait_until=BEGIN + 3600)
    day.hold("green1", 20)
    day.wait(600)
    assert day.told == {"blue1": "waits until 1200", "green1": "held"}, "it shuts nobody out before it may fit itself"
    for _ in range(5):
        day.wait(600)
    assert day.told["blue1"] == "short"
    day = Day(network(released))
    day.hold("blue1", 81, wait_until=BEGIN + 3600)
    day.wait(3600)
    assert day.told["blue1"] == "held"
    day = Day(network(late="grams 50"))
    day.hold("blue2", 10, Use(LATE, {"grams": 51}))
    assert day.told == {"blue2": "short"}, "no round can give it so much of its other leg"


def test_a14_who_has_to_wait_for_a_larger_request_is_told_how_much_is_free() -> None:
    day = Day(network())
    day.hold("green1", 20)
    day.hold("blue1", 50)
    day.hold("blue2", 20)
    day.hold("blue3", 5)
    day.hold("green2", 30)
    day.wait(600)
    lost = {"blue2": "short", "blue3": "round", "green2": "round"}
    assert day.told == {"green1": "held", "blue1": "held"} | lost
    (lack,) = [f.refusal.lack for f in day.facts if isinstance(f, PlanRefused) and f.hold_id == b"blue3"]
    assert lack is not None and (lack.asked, lack.most, lack.claim, lack.ceiling) == (5, 5, 90, 100)


def test_a16_where_nobody_else_waits_a_request_that_does_not_fit_stands_in_no_way() -> None:
    day = Day(network())
    for name, grams in (("green1", 20), ("blue1", 50), ("blue2", 20), ("blue3", 5)):
        day.hold(name, grams)
    day.wait(600)
    assert day.told == {"green1": "held", "blue1": "held", "blue2": "short", "blue3": "held"}


def test_a15_what_can_never_fit_on_another_leg_shuts_nobody_out() -> None:
    kept = row(Share, holder="red", resource="service:late", guarantee=50_000_000)
    day = Day(network(kept, late="grams 100"))
    day.hold("blue1", 80, Use(LATE, {"grams": 60}), wait_until=BEGIN + 7200)
    day.hold("green1", 10)
    assert day.told == {"blue1": "short", "green1": "waits until 600"}


def test_a13_who_has_lost_its_turn_may_borrow_unless_it_would_fit_by_claim() -> None:
    lends = row(Share, holder="red", resource="service:night", guarantee=20_000_000, lending="recallable",
                release_min=60)  # fmt: skip
    day = Day(network(lends))
    day.hold("green1", 20)
    day.hold("blue1", 60)
    day.hold("green2", 15)
    day.hold("blue2", 20, borrows=True)
    day.wait(600)
    assert day.told == {"green1": "held", "blue1": "held", "green2": "short", "blue2": "held"}
    assert [loan.hold_id for loan in day.state[Loan]] == [b"blue2"]
    day = Day(network(lends))
    day.hold("green1", 20)
    day.hold("blue1", 50)
    day.hold("blue2", 20)
    day.hold("blue3", 5, borrows=True)
    day.hold("green2", 30)
    day.wait(600)
    lost = {"blue2": "short", "blue3": "round", "green2": "round"}
    assert day.told == {"green1": "held", "blue1": "held"} | lost
    assert not list(day.state[Loan]), "10 are left, and it was the turn of blue2"


# --- orders


def order(reference: str, company: str, grams: int) -> Any:
    return asked(reference, origin="A", to="B", parties=Parties(company), booked=Measure(grams=grams))


def company_network(**fields: Any) -> Network:
    return network(
        row(Holder, holder="blue", company_id="shop"), row(Holder, holder="green", company_id="other"), **fields
    )


def moved(book: Book, seconds: int) -> None:
    book.desk = Desk(book.desk.world, book.desk.now + seconds, book.desk.new_id)
    book.facts += settle(book.state, book.desk)


def status(book: Book) -> dict[str, str]:
    return {row.reference: row.status for row in book.state[Order]}


def test_b01_an_order_waits_for_the_round_is_booked_when_it_closes_or_planned_again() -> None:
    book = Book(company_network(night="grams 1000"))
    book.place(order("1", "shop", 500))
    book.place(order("2", "other", 500))
    assert status(book) == {"1": "waiting", "2": "waiting"} and not book.state[Booking].rows
    moved(book, 600)
    assert status(book) == {"1": "booked", "2": "waiting"}
    (overtaken,), (queued,) = book.told(PlanOvertaken), book.state[Queued]
    assert overtaken.reason.code == "short" and overtaken.order_id == queued.hold_id
    assert queued.resource == "departure:night/2026-11-24/1", "the cheapest that is left; it waits for its round"
    moved(book, 600)
    assert status(book) == {"1": "booked", "2": "booked"} and len(book.state[Booking].rows) == 2


def test_b02_an_order_may_be_cancelled_while_it_waits() -> None:
    book = Book(company_network())
    book.place(order("1", "shop", 50))
    assert book.ask(CancelOrder("shop", "1")) is None
    assert status(book) == {"1": "cancelled"} and not list(book.state[Queued])
    moved(book, 600)
    assert not book.told(RoundClosed) and not list(book.state[Account])


def test_b03_a_departure_that_is_cancelled_while_an_order_waits_is_found_out_when_the_round_closes() -> None:
    book = Book(company_network())
    book.place(order("1", "shop", 50))
    book.ask(CancelDeparture("night/2026-11-23", "haul", book.desk.now))
    moved(book, 600)
    assert [one.reason.code for one in book.told(PlanOvertaken)] == ["closed"]
    assert [queued.resource for queued in book.state[Queued]] == ["departure:night/2026-11-24/1"]
    moved(book, 600)
    assert status(book) == {"1": "booked"}


# --- laws


@pytest.mark.parametrize("seeds", blocks(60), ids=str)
def test_law_a_round_serves_by_weight_and_a_guarantee_never_waits(seeds: range) -> None:
    """Blue and green ask for more than there is, round after round, day after day; red now and then for its own."""
    for seed in seeds:
        run_rounds(seed)


def run_rounds(seed: int) -> None:
    rng, day = Random(seed), Day(network(night=f"grams {60 + seed % 60}"))
    got, largest, asked_for = dict.fromkeys(WEIGHTS, 0), dict.fromkeys(WEIGHTS, 0), 0
    for number in range(12):
        resource = f"departure:night/2026-11-{23 + number // 3}/1"
        for name in ("blue", "green"):
            for part in range(rng.randint(4, 9)):
                grams = rng.randint(5, 15)
                largest[name] = max(largest[name], grams)
                use = Use(resource, {"grams": grams})
                hold_id = f"{name} {number} {part} {grams}".encode()
                day.ask(HoldPlan(hold_id, (use,), day.now + 10**6, by=Claimant(name)))
                asked_for += 1
        if rng.random() < 0.3:
            use = Use(resource, {"grams": 4})
            day.ask(HoldPlan(f"red {number}".encode(), (use,), day.now + 10**6, by=Claimant("red")))
            assert day.told[f"red {number}"] == "held"
        if number % 3 == 2:  # what is held is taken, and a new day begins with the next round
            day.now = at("Mon 10:00") + (number // 3 + 1) * 86_400
        else:
            day.wait(600)
    day.wait(600)
    assert not list(day.state[Queued])
    for name, told in day.told.items():
        if told == "held" and not name.startswith("red"):
            got[name.split()[0]] += int(name.split()[3])
    rounds = [fact for fact in day.facts if isinstance(fact, RoundClosed)]
    both = [
        fact for fact in rounds if sum(part.waits[1] for part in fact.parts if part.holder in ("blue", "green")) == 2
    ]
    assert sum(fact.asked for fact in rounds) == asked_for
    if len(both) == len(rounds):  # both were backlogged all the time: the bound holds over all of it
        apart = abs(Fraction(got["blue"], 2) - got["green"])
        assert apart <= Fraction(largest["blue"], 2) + largest["green"]
    for name in (*WEIGHTS, "*"):
        assert day.state[Account].find("departure:night/2026-11-23/1") is not None, name


@pytest.mark.parametrize("seeds", blocks(40), ids=str)
def test_law_taking_waiting_and_leaving_in_any_order_loses_nobody(seeds: range) -> None:
    """Every plan that was asked for ends as held, refused or waiting; what is held is what the account says."""
    for seed in seeds:
        take_wait_and_leave(seed)


def take_wait_and_leave(seed: int) -> None:
    rng, day, names = Random(seed), Day(network()), []
    for number in range(60):
        name = f"{rng.choice(list(WEIGHTS))}{number}"
        others = (Use(LATE, {"grams": rng.randint(1, 200)}),) if rng.random() < 0.4 else ()
        day.hold(name, rng.randint(1, 30), *others, wait_until=day.now + rng.choice((0, 0, 1200)))
        names.append(name)
        if rng.random() < 0.3:
            day.wait(rng.choice((1, 300, 600, 1500)))
        held = sorted(hold.hold_id for hold in day.state[Hold])
        if held and rng.random() < 0.3:
            day.ask(rng.choice((TakePlan, lambda one: FreeHold(one, "freed")))(rng.choice(held)))
        if day.now > at("Mon 19:00"):
            break
        waiting = {queued.hold_id.decode() for queued in day.state[Queued]}
        assert {one for one in names if day.told[one].startswith("waits")} == waiting, seed
        account = day.state[Account].find(NIGHT)
        plans = [*day.state[Hold], *day.state[Booking]]
        used = sum(use.amounts["grams"] for plan in plans for use in plan.uses if use.resource == NIGHT)
        assert used == (account.held["grams"] + account.taken["grams"] if account is not None else 0) <= 100
