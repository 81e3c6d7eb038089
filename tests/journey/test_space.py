"""Space without an order: what a company may hold, take, change and give back, and what is refused, and how.

A 20:00 to B 22:00 to C by `cheap`, 10 kg, nine of them guaranteed to `others` until noon; `dear` as well, unshared.
"""

import random
from typing import Any

import msgspec
import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import HoldPlan
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.capacity import ChangeCapacity
from rookery.journey.departure import CancelDeparture, DelayDeparture
from rookery.journey.desk import Desk
from rookery.journey.network.line import Capacity
from rookery.journey.network.sharing import Allotment, FacilityCapacity, Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.space import ChangeSpace, HoldSpace, QuoteSpace, ReleaseSpace, SpaceQuoted, TakeSpace, Wish
from rookery.journey.tally import Loan
from talk import Book
from worlds import at, depot, places, ride, row, tiny_network

DAY = "2026-11-23"
CHEAP, ON, DEAR = f"departure:cheap/{DAY}/1", f"departure:cheap/{DAY}/2", f"departure:dear/{DAY}/1"
HOUR = f"sort:B/{DAY}T21"  # 22:00 in Belgium


def network(*more: Any) -> Network:
    return tiny_network(
        places("A B C"),
        ride("cheap", "A 20:00, B 22:00/22:30, C 23:00", carries="grams 10000, pieces 100"),
        ride("dear", "A 20:00, B 22:00", carries="grams 10000"),
        depot("A", per_day=10),
        row(Holder, holder="others", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:cheap", guarantee=90_000_000, release_min=480,
            lending="recallable"),
        more,
    )  # fmt: skip


def book(*more: Any) -> Book:
    return Book(network(*more))


def use(resource: str = CHEAP, **amounts: int) -> Use:
    return Use(resource, amounts or {"grams": 1000})


def hold(book: Book, *uses: Use, company: str = "shop", **fields: Any) -> bytes:
    """The id of a hold, taken or refused."""
    hold_id = book.desk.new_id()
    book.ask(HoldSpace(hold_id, company, Wish(uses or (use(),), **fields)))
    return hold_id


def refusal(book: Book) -> tuple[str, str]:
    return book.refusals[-1].code, book.refusals[-1].thing


def used(book: Book, resource: str, dimension: str = "grams") -> int:
    account = book.state[Account].find(resource)
    return 0 if account is None else account.held[dimension] + account.taken[dimension]


def cut(book: Book, grams: int, resource: str = CHEAP) -> None:
    assert book.ask(ChangeCapacity(resource, {"grams": grams}, "haul")) is None


# --- quote, hold, take, change, release


def test_a01_a_quote_holds_nothing_and_says_how_it_would_stand() -> None:
    told = book()
    assert told.ask(QuoteSpace("shop", Wish((use(grams=5000),), borrows=True))) is None
    (quoted,) = told.told(SpaceQuoted)
    assert [(space.from_at, space.lender) for space in quoted.spaces] == [(at("Mon 12:00"), "others")]
    assert not list(told.state[Hold]) and not list(told.state[Account])
    refused = told.ask(QuoteSpace("shop", Wish((use(grams=5000),))))
    assert refused is not None and refused.lack is not None and refused.lack.most == 1000
    assert not told.told(PlanRefused), "a question is no wish"


def test_a02_a_hold_is_all_or_nothing_and_has_one_expiry() -> None:
    told = book()
    hold_id = hold(told, use(DEAR), use(f"warehouse:A/{DAY}", orders=2), hold_s=60)
    (held,) = told.state[Hold]
    assert (held.hold_id, held.expires_at, held.by.company) == (hold_id, told.desk.now + 60, "shop")
    hold(told, use(DEAR), use(CHEAP, grams=5000))
    assert refusal(told) == ("short", CHEAP) and used(told, DEAR) == 1000
    assert [fact.by.company for fact in told.told(PlanRefused)] == ["shop"]


def test_a03_what_is_taken_can_be_changed_and_given_back() -> None:
    told = book()
    hold_id = hold(told, use(DEAR))
    assert told.ask(TakeSpace(hold_id, "shop")) is None
    assert told.ask(ChangeSpace(hold_id, "shop", (use(DEAR, grams=9000), use(CHEAP)))) is None
    assert (used(told, DEAR), used(told, CHEAP)) == (9000, 1000)
    assert told.ask(ReleaseSpace(hold_id, "shop")) is None
    assert (used(told, DEAR), used(told, CHEAP)) == (0, 0) and not list(told.state[Booking])


def test_a04_a_change_that_cannot_be_leaves_everything_as_it_was() -> None:
    told = book()
    hold_id = hold(told, use(DEAR), use(CHEAP))
    before = list(told.state[Hold]), list(told.state[Account])
    assert told.ask(ChangeSpace(hold_id, "shop", (use(CHEAP, grams=5000),))) is not None
    assert (list(told.state[Hold]), list(told.state[Account])) == before


def test_a05_a_hold_changes_as_a_booking_does_and_loans_go_with_it() -> None:
    told = book()
    hold_id = hold(told, use(grams=5000), borrows=True)
    for grams in (6000, 900, 8000):
        assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=grams),))) is None
        assert used(told, CHEAP) == grams
        assert [loan.amounts[0] for loan in told.state[Loan]] == ([grams] if grams > 1000 else [])
    assert told.ask(ChangeSpace(hold_id, "shop", (use(DEAR),))) is None
    assert [one.departure for held in told.state[Hold] for one in held.departures] == [f"dear/{DAY}"]
    assert not list(told.state[Loan]) and told.ask(TakeSpace(hold_id, "shop")) is None


def test_a06_a_recall_moves_a_company_to_its_standby_which_nobody_touches_by_itself() -> None:
    told = book()
    hold_id = hold(told, use(grams=5000), borrows=True, standby=(use(DEAR, grams=5000),))
    told.ask(TakeSpace(hold_id, "shop"))
    (standby,) = told.state[Hold]
    for ask in (TakeSpace, ReleaseSpace):
        assert told.ask(ask(standby.hold_id, "shop")).code == "barred"  # type: ignore[union-attr]
    assert told.ask(ChangeSpace(hold_id, "shop", (use(DEAR),))).code == "closed"  # type: ignore[union-attr]
    hold(told, use(grams=9000), company="other")
    assert [fact.hold_id for fact in told.told(PlanRecalled)] == [hold_id]
    assert (used(told, CHEAP), used(told, DEAR)) == (9000, 5000)


def test_a07_a_standby_takes_no_more_than_the_plan_of_what_both_use() -> None:
    told = book()
    hold(told, use(DEAR), use(CHEAP, grams=5000), borrows=True, standby=(use(DEAR, grams=2000),))
    assert refusal(told) == ("absurd", f"standby {DEAR}")


def test_a08_a_standby_does_not_stand_on_what_the_plan_borrows() -> None:
    told = book()
    hold(told, use(grams=5000), borrows=True, standby=(use(grams=500),))
    assert refusal(told) == ("short", CHEAP) and not list(told.state[Hold])


# --- whose it is


def test_b01_only_the_company_that_holds_may_touch_it() -> None:
    told = book()
    hold_id = hold(told, use(DEAR))
    for ask in (TakeSpace(hold_id, "other"), ReleaseSpace(hold_id, "other"), ChangeSpace(hold_id, "other", (use(),))):
        assert told.ask(ask) == told.ask(msgspec.structs.replace(ask, hold_id=b"nothing")) is not None
        assert refusal(told)[0] == "unknown", "no other words than of what there never was"
    for ask in (TakeSpace(hold_id, "network"), ReleaseSpace(hold_id, "network")):
        assert told.ask(ask) is not None and refusal(told)[0] == "barred", "who sees it is told whose it is not"


def test_b02_a_booking_of_an_order_is_nobodys_here() -> None:
    told = book()
    told.ask(HoldPlan(b"order", (use(DEAR),), told.desk.now + 60))
    assert told.ask(ReleaseSpace(b"order", "shop")) is not None and refusal(told)[0] == "unknown"


def test_b03_the_product_finds_the_holder() -> None:
    told = book(row(Holder, holder="shop_std", parent="shops", company_id="shop", product_id="std"))
    hold(told, product_id="std")
    assert [held.by.holder for held in told.state[Hold]] == ["shop_std"]
    hold(told, product_id="nothing")
    assert refusal(told) == ("unknown", "product nothing")


# --- what is known of departures, and what counts besides


def test_c01_a_cancelled_departure_releases_the_hold_and_is_refused() -> None:
    told = book()
    hold(told)
    told.ask(CancelDeparture(f"cheap/{DAY}", "haul", told.desk.now))
    assert not list(told.state[Hold])
    hold(told)
    assert refusal(told) == ("closed", f"departure cheap/{DAY}")


def test_c02_a_hold_of_a_late_departure_knows_that_it_is_late() -> None:
    told = book()
    told.ask(DelayDeparture(f"cheap/{DAY}", "haul", told.desk.now, 3600, 3600))
    hold_id = hold(told)
    assert told.ask(TakeSpace(hold_id, "shop")) is None


def test_c03_allotments_bind_a_hold_as_they_bind_an_order() -> None:
    told = book(row(Allotment, allotment_id="lot", holder="shops", resource="service:*", per="day", dimension="grams",
                    amount=3000))  # fmt: skip
    hold(told, use(DEAR, grams=2000))
    assert used(told, f"allotment:lot/{DAY}") == 2000
    hold(told, use(DEAR, grams=2000))
    assert refusal(told) == ("short", f"allotment:lot/{DAY}")
    assert told.refusals[-1].lack.at == "shops", "it is told whose allotment it is"
    hold(told, use(CHEAP, grams=900), use(ON, grams=800))
    assert used(told, f"allotment:lot/{DAY}") == 2900, "two legs of one departure count once, by the larger"


def test_c04_the_hour_in_which_goods_are_sorted_counts_where_they_leave_the_departure() -> None:
    told = book(row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=3))
    hold(told, use(CHEAP, grams=100, pieces=2))
    hold(told, use(CHEAP, grams=100, pieces=5), use(ON, grams=100, pieces=5))
    assert used(told, HOUR, "pieces") == 2, "what rides on is not sorted"
    hold(told, use(CHEAP, grams=100, pieces=2))
    assert refusal(told) == ("short", HOUR)
    hold(told, use(CHEAP, grams=100, pieces=1), use(HOUR, pieces=1))
    assert used(told, HOUR, "pieces") == 3, "an hour that is named too is the same hour"


def test_c05_a_dimension_that_is_limited_and_not_shared_is_limited() -> None:
    told = book(row(Capacity, service_id="cheap", dimension="uld_positions", amount=2))
    hold(told, use(CHEAP, uld_positions=2))
    hold(told, use(CHEAP, uld_positions=1))
    assert refusal(told) == ("short", CHEAP) and used(told, CHEAP, "uld_positions") == 2


# --- giving some back, which is always accepted


def test_e01_less_of_what_a_cut_has_put_on_loan_stays_on_loan_and_the_guaranteed_part_is_firm() -> None:
    told = book(row(Share, holder="shops", resource="service:cheap", guarantee=5_000_000, lending="recallable"))
    hold_id = hold(told, use(grams=900))
    cut(told, 9500)
    (loan,) = told.state[Loan]
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=800),))) is None, "it does not borrow, and has it already"
    assert told.state[Loan].get(loan.loan) == msgspec.structs.replace(loan, amounts=(800, 0)), "with its place"
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=500),))) is None
    assert used(told, CHEAP) == 500 and not list(told.state[Loan]), "as much as it is guaranteed"
    assert told.ask(ReleaseSpace(hold_id, "shop")) is None and used(told, CHEAP) == 0


def test_e02_what_was_given_for_good_stays_given_though_there_is_no_more_to_give() -> None:
    gives = row(Share, holder="others", resource="service:dear", guarantee=60_000_000, lending="free")
    told = book(gives)
    hold_id = hold(told, use(DEAR, grams=5000))
    hold(told, use(DEAR, grams=5000), company="other")
    assert told.ask(ChangeSpace(hold_id, "shop", (use(DEAR, grams=4000),))) is None
    assert told.state[Account].get(DEAR).firm == {"others": (9000,)}
    assert told.ask(ReleaseSpace(hold_id, "shop")) is None and used(told, DEAR) == 5000


def test_e03_after_the_cut_off_some_may_be_given_back_and_no_more_is_had() -> None:
    told = book()
    hold_id = hold(told, use(grams=900), use(DEAR))
    told.ask(TakeSpace(hold_id, "shop"))
    told.desk = Desk(told.desk.world, at("Mon 21:00"), told.desk.new_id)
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=950), use(DEAR)))).code == "too_late"  # type: ignore[union-attr]
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=900),))) is None
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=700),))) is None
    assert (used(told, CHEAP), used(told, DEAR)) == (700, 0)


def test_e04_goods_that_are_late_keep_the_hour_that_was_booked_when_they_become_less() -> None:
    told = book(row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=3))
    hold_id, later = hold(told, use(grams=100, pieces=3)), f"sort:B/{DAY}T22"
    hold(told, use(later, pieces=3))
    told.ask(DelayDeparture(f"cheap/{DAY}", "haul", told.desk.now, 3600, 3600))
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=100, pieces=2),))) is None
    assert (used(told, HOUR, "pieces"), used(told, later, "pieces")) == (2, 3)
    told.ask(ChangeCapacity(HOUR, {"pieces": 1}, "haul"))
    assert used(told, HOUR, "pieces") == 0, "it has lost its hour"
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=100, pieces=1),))) is None
    assert used(told, CHEAP, "pieces") == 1 and used(told, HOUR, "pieces") == 0


def test_e05_who_rides_on_no_more_needs_an_hour_in_which_it_is_sorted() -> None:
    told = book(row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=3))
    hold_id = hold(told, use(grams=100, pieces=5), use(ON, grams=100, pieces=5))
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=100, pieces=5),))).thing == HOUR  # type: ignore[union-attr]
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=100, pieces=3),))) is None


def test_e06_what_has_a_standby_may_become_less_and_the_standby_stays() -> None:
    told = book()
    hold_id = hold(told, use(grams=5000), borrows=True, standby=(use(DEAR, grams=5000),))
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=6000),))).code == "closed"  # type: ignore[union-attr]
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=3000),))) is None
    assert (used(told, CHEAP), used(told, DEAR)) == (3000, 5000)
    assert told.ask(ChangeSpace(hold_id, "shop", (use(grams=1000),))) is None
    assert (used(told, CHEAP), used(told, DEAR)) == (1000, 0), "firm, it needs none"


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("", "unknown"), ("ship:x", "unknown"), ("departure:", "unknown"), ("departure:cheap", "unknown"),
        (f"departure:cheap/{DAY}/3", "unknown"), (f"departure:cheap/{DAY}/01", "unknown"),
        (f"departure:cheap/{DAY}/1/1", "unknown"), ("departure:cheap/2026-13-01/1", "unknown"),
        ("departure:cheap/2027-01-01/1", "unknown"), ("departure:cheap/2026-11-22/1", "too_late"),
        (f"warehouse:B/{DAY}", "unknown"), ("warehouse:A/2027-01-01", "unknown"), ("warehouse:A/", "unknown"),
        ("warehouse:A/2026-11-22", "too_late"), (f"sort:A/{DAY}T09", "unknown"), (f"sort:A/{DAY}", "unknown"),
        (f"sort:A/{DAY}T08", "too_late"), (f"sort:A/{DAY}T9", "unknown"), (f"delivery:nowhere/{DAY}", "unknown"),
        (f"allotment:lot/{DAY}", "unknown"), ("stock:A/shop/x", "unknown"),
    ],
)  # fmt: skip
def test_d01_what_is_not_there_or_is_over_is_refused(resource: str, code: str) -> None:
    told = book()
    hold(told, use(resource))
    assert refusal(told) == (code, resource)
    assert [type(fact) for fact in told.facts] == [PlanRefused] * (code == "too_late")


def test_d04_where_more_is_used_than_there_is_that_is_what_binds_whatever_is_asked_for() -> None:
    told = book()
    hold(told, use(CHEAP, grams=5000, pieces=5), company="other")
    account = told.state[Account].get(CHEAP)
    told.state[Account].put(msgspec.structs.replace(account, limits={"grams": 4000, "pieces": 100}, guarantee={}))
    for amounts in ({"pieces": 1}, {"pieces": 1, "grams": 7}):
        told.ask(QuoteSpace("shop", Wish((use(CHEAP, **amounts),))))
        lack = told.refusals[-1].lack
        assert lack is not None and (lack.limit, lack.dimension, lack.most) == ("capacity", "grams", 0)
        assert (lack.asked, lack.claim, lack.ceiling) == (amounts.get("grams", 0), 5000 + lack.asked, 4000)


def test_d02_a_dimension_that_a_resource_has_not_is_refused() -> None:
    told = book()
    hold(told, use(CHEAP, orders=1))
    assert "one of its limits: grams, pieces" in told.refusals[-1].wanted


def test_d03_whatever_is_asked_is_answered_and_room_is_never_lost() -> None:
    rng = random.Random(1)
    names = {CHEAP: "grams", ON: "pieces", DEAR: "grams", f"warehouse:A/{DAY}": "orders", HOUR: "pieces", "sort:": "?"}
    capacity = row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=30)
    held_count = 0
    for _ in range(40):
        told, ids = book(capacity), [b"none"]
        for _ in range(40):
            uses, other = (
                tuple(Use(n, {names[n]: rng.randint(1, 20 if names[n] == "pieces" else 4000)})
                      for n in rng.sample([*names], rng.choice((1, 1, 2))))
                for _ in range(2)
            )  # fmt: skip
            company, space = rng.choice(("shop", "other", "haul", "network")), rng.choice(ids[-6:])
            wish = Wish(uses, borrows=True, standby=other if rng.random() < 0.5 else (), hold_s=rng.choice((0, 600)))
            ids.append(told.desk.new_id())
            asks = (
                HoldSpace(ids[-1], company, wish), QuoteSpace(company, wish), TakeSpace(space, company),
                ChangeSpace(space, company, uses), ReleaseSpace(space, company),
            )  # fmt: skip
            told.ask(rng.choice(asks))
        for held in [*told.state[Hold], *told.state[Booking]]:
            told.ask(ReleaseSpace(held.hold_id, held.by.company))
        assert not list(told.state[Hold]) and not list(told.state[Booking]) and not list(told.state[Loan])
        for account in told.state[Account]:
            assert not any((*account.held.values(), *account.taken.values())) and not account.firm
        held_count += len(told.told(PlanHeld))
    assert held_count > 100
