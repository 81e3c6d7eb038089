"""Corners of shared space in which a law once broke: instants that meet, loans without an end, rounds gone around.

`night` A 20:00 to B 22:00, 100 g, of which red has 60, recallable; `late` A 21:00 to B 23:00, 100 g, in rounds.
"""

from typing import Any

from rookery.journey.account import Account, Use
from rookery.journey.book import FreeHold, HoldPlan, Standby
from rookery.journey.booking import Hold
from rookery.journey.capacity import ChangeCapacity
from rookery.journey.chain import settle
from rookery.journey.desk import Desk
from rookery.journey.disrupt import Case
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.share import Claimant
from rookery.journey.space import ChangeSpace
from rookery.journey.tally import Loan
from rookery.journey.waits import PlanQueued, Queued
from talk import Book
from worlds import at, place, ride, row, tiny_network

NIGHT, LATE = "departure:night/2026-11-23/1", "departure:late/2026-11-23/1"
BEGIN = at("Mon 10:00")


def network(*more: Any, release_min: int = 60) -> Network:
    return tiny_network(
        place("A"), place("B"),
        ride("night", "A 20:00, B 22:00", carries="grams 100"), ride("late", "A 21:00, B 23:00", carries="grams 100"),
        [row(Holder, holder=name) for name in ("red", "blue", "green")],
        row(Share, holder="red", resource="service:night", guarantee=60_000_000, lending="recallable",
            release_min=release_min),
        row(Share, holder="red", resource="service:late", guarantee=0),
        row(Round, resource="service:late", round_s=600),
        more,
    )  # fmt: skip


def use(grams: int, resource: str = NIGHT) -> Use:
    return Use(resource, {"grams": grams})


def hold(book: Book, name: str, *uses: Use, seconds: int = 36_000, borrows: bool = False, standby: int = 0) -> str:
    """What becomes of a plan: held, waits, or the code of its refusal."""
    beside = Standby(b"beside " + name.encode(), (use(standby, LATE),)) if standby else None
    by = Claimant(name.rstrip("0123456789"), 5, borrows, 0, name.rstrip("0123456789"))
    before = len(book.told(PlanQueued))
    refusal = book.ask(HoldPlan(name.encode(), uses, book.desk.now + seconds, (), by, beside))
    return refusal.code if refusal else "waits" if len(book.told(PlanQueued)) > before else "held"


def wait(book: Book, until: int) -> None:
    book.desk = Desk(book.desk.world, until, book.desk.new_id)
    book.facts += settle(book.state, book.desk)


def test_a01_a_hold_that_expires_at_the_instant_of_its_loan_or_before_it_is_released_once() -> None:
    for seconds in (9 * 3600, 8 * 3600):  # at the instant; an hour before, and both in one silence
        book = Book(network())
        assert hold(book, "green", use(50), seconds=seconds, borrows=True) == "held"
        wait(book, BEGIN + 9 * 3600 + 60)
        assert not list(book.state[Hold]) and not list(book.state[Loan])
        assert book.state[Account].get(NIGHT).held == {"grams": 0}


def test_a02_a_loan_of_what_is_never_released_can_be_recalled_as_long_as_it_stands() -> None:
    book = Book(network(release_min=0))
    assert hold(book, "green", use(90), borrows=True, standby=0) == "held"
    (loan,) = book.state[Loan]
    assert loan.from_at == 0 and loan.amounts == (90,)
    assert hold(book, "red", use(60)) == "held"
    assert book.state[Account].get(NIGHT).held == {"grams": 60} and not list(book.state[Loan])


def test_a03_a_loan_that_fits_by_claim_since_a_release_is_firm_before_anybody_else_is_served() -> None:
    lends = row(Share, holder="blue", resource="service:night", guarantee=20_000_000, lending="recallable",
                release_min=300)  # fmt: skip
    book = Book(network(lends))
    hold(book, "green1", use(20))
    assert hold(book, "green2", use(40), borrows=True) == "held"
    book.ask(FreeHold(b"green1", "not needed"))
    wait(book, at("Mon 15:30"))  # what blue has is released; that of red is not
    assert hold(book, "green3", use(10)) == "short"
    assert [fact.hold_id for fact in book.facts if type(fact).__name__ == "LoanFirmed"] == [b"green2"]


def test_a04_the_standby_of_what_is_firm_by_now_is_in_nobodys_way_be_they_served_or_not() -> None:
    lends = row(Share, holder="blue", resource="service:night", guarantee=20_000_000, lending="recallable",
                release_min=300)  # fmt: skip
    for wanted, outcome in (((use(70),), "short"), ((use(10), use(80, LATE)), "held")):
        book = Book(network(lends, row(Round, resource="service:late", round_s=0)))
        hold(book, "green1", use(20))
        assert hold(book, "green2", use(30), borrows=True, standby=30) == "held"
        book.ask(FreeHold(b"green1", "not needed"))
        wait(book, at("Mon 15:30"))  # by now the 30 fit by claim beside what red is guaranteed
        assert hold(book, "blue", *wanted) == outcome
        assert not list(book.state[Loan]) and not [row for row in book.state[Hold] if row.standby_of]


def test_a06_what_fits_since_a_guarantee_was_released_is_firm_though_nobody_asks_for_it() -> None:
    lends = row(Share, holder="blue", resource="service:night", guarantee=20_000_000, lending="recallable",
                release_min=300)  # fmt: skip
    book = Book(network(lends, row(Round, resource="service:late", round_s=0)))
    hold(book, "green1", use(20))
    assert hold(book, "green2", use(30), borrows=True, standby=30) == "held"
    book.ask(FreeHold(b"green1", "not needed"))
    wait(book, at("Mon 14:30"))
    assert list(book.state[Loan]), "blue is guaranteed 20 until 15:00"
    wait(book, at("Mon 15:30"))
    assert not list(book.state[Loan]) and not [row for row in book.state[Hold] if row.standby_of]


def test_a05_what_is_borrowed_is_firm_at_once_where_its_own_recall_has_made_room_for_it() -> None:
    """Green leaves both rides as red recalls one of them; red borrowed on the other as long as green was there."""
    aside = ride("aside", "A 20:00, B 22:00", carries="grams 100")
    keeps = row(Share, holder="blue", resource="service:late", guarantee=30_000_000, lending="recallable")
    book = Book(network(keeps, aside, row(Round, resource="service:late", round_s=0)))
    standby = Standby(b"beside", (use(50, "departure:aside/2026-11-23/1"),))
    by = Claimant("green", 5, True, 0, "green")
    assert book.ask(HoldPlan(b"green", (use(50), use(60, LATE)), BEGIN + 36_000, (), by, standby)) is None
    assert hold(book, "red", use(60), use(40, LATE), borrows=True) == "held"
    assert [one.resource for one in book.state[Hold].get(b"green").uses] == ["departure:aside/2026-11-23/1"]
    assert not list(book.state[Loan]), "with blue's 30 it claims 70 of 100"


def test_b01_who_failed_on_another_leg_is_held_after_all_where_that_is_free_when_the_round_is_over() -> None:
    book = Book(network())
    hold(book, "green", use(55, LATE), use(20))
    hold(book, "red", use(45, LATE), use(95))
    hold(book, "blue", use(45, LATE), use(20))
    assert len(list(book.state[Queued])) == 3
    wait(book, BEGIN + 600)
    assert {row.hold_id for row in book.state[Hold]} == {b"green", b"blue"}


def test_b02_a_change_does_not_go_around_a_round() -> None:
    book = Book(network())
    hold(book, "green", use(10))
    refusal = book.ask(ChangeSpace(b"green", "green", (use(10), use(30, LATE))))
    assert refusal is not None and (refusal.code, refusal.thing) == ("round", LATE)
    assert book.ask(ChangeSpace(b"green", "green", (use(5),))) is None, "less is nobody's loss"


def test_b03_a_standby_does_not_go_around_a_round() -> None:
    book = Book(network())
    assert hold(book, "blue", use(60, LATE)) == "waits"
    assert hold(book, "green1", use(90), borrows=True, standby=90) == "waits", "its standby would take what is left"
    assert hold(book, "red", use(5), borrows=True, standby=5) == "held", "who borrows nothing needs no standby"


def test_c01_space_whose_standby_was_lost_before_it_is_recalled_is_a_case_and_nothing_is_taken_of_it() -> None:
    book = Book(network(row(Round, resource="service:late", round_s=0)))
    assert hold(book, "green", use(90), borrows=True, standby=90) == "held"
    assert book.ask(ChangeCapacity(LATE, {"grams": 0}, "haul")) is None
    assert hold(book, "red", use(60)) == "held"
    assert [(case.owner, case.departure) for case in book.state[Case]] == [("*", NIGHT)]
    assert book.state[Hold].get(b"green").uses == ()
