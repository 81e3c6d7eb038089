"""Orders on shared space: what a holder may have, lent space with a plan to fall back to, and a recall.

A 20:00 to B 22:00 by `cheap` for 1 EUR, 10 kg, all but one of them guaranteed to `other` until noon; by `dear` for 5.
"""

from typing import Any

import pytest

from rookery.journey import route
from rookery.journey.account import Account
from rookery.journey.booking import Booking, Hold, PlanRecalled
from rookery.journey.departure import CancelDeparture, DelayDeparture
from rookery.journey.disrupt import CarriageWithdrawn, Case, Replanned, Retimed
from rookery.journey.fallback import StandbyRenewed
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.line import Capacity
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import FacilityCapacity, Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.option import Sourced
from rookery.journey.order import CancelOrder, Measure, Order, OrderRefused, Parties
from rookery.journey.source import RULE_ONE
from rookery.journey.tally import Loan
from talk import Book, asked
from worlds import DAILY, depot, door, place, places, ride, row, tiny_network, when

SHOP, OTHER = Parties("shop"), Parties("other")


def network(space: str = "firm", *more: Any) -> Network:
    return tiny_network(
        place("A"), place("B"),
        ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        ride("dear", "A 20:00, B 22:00", price="5", carries="grams 10000"),
        row(Holder, holder="others", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:cheap", guarantee=90_000_000, release_min=480,
            lending="recallable"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1, space=space),
        more,
    )  # fmt: skip


def order(reference: str, parties: Parties, grams: int = 1000) -> Any:
    return asked(reference, origin="A", to="B", parties=parties, booked=Measure(grams=grams))


def rides(book: Book) -> list[str]:
    """How each order travels now."""
    return [leg.service_id for row in book.state[Itinerary] for part in row.parts for leg in part.plan.legs]


def test_a01_a_holder_gets_what_is_not_kept_for_others_and_then_the_next_best() -> None:
    book = Book(network())
    for number in range(3):
        book.place(order(str(number), SHOP))
    assert rides(book) == ["cheap", "cheap", "dear"], "today, tomorrow, and at another price"
    missed = [one for fact in book.told(Sourced) for one in fact.missed]
    assert [(m.reason.lack.limit, m.cost_minor) for m in missed if m.reason.lack] == [("claim", 100), ("claim", 100)]
    book.place(order("all of it", OTHER, 9000))
    assert rides(book)[-1] == "cheap", "a guarantee is there whoever came first"


def test_a02_where_nothing_else_goes_the_refusal_says_what_binds() -> None:
    net = network()
    book = Book(tiny_network(*(r for r in _rows(net) if getattr(r, "service_id", "") != "dear")))
    book.place(order("1", SHOP, 2000))
    (refused,) = book.told(OrderRefused)
    lack = refused.reasons[0].lack
    assert lack is not None and (lack.limit, lack.most, lack.ceiling) == ("claim", 1000, 10_000)
    assert [(one.holder, one.amount) for one in lack.kept] == [("others", 9000)]


def test_a03_where_searches_take_too_long_the_earliest_way_that_fits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "PROBED_MAX", -1)
    asked, find_earliest = [], route.Walk.find_earliest
    monkeypatch.setattr(route.Walk, "find_earliest", lambda walk: asked.append(1) or find_earliest(walk))
    book = Book(network())
    for number in range(4):
        book.place(order(str(number), SHOP))
    assert rides(book) == ["cheap", "cheap", "dear", "dear"] and asked


def test_a04_a_cheaper_way_that_lacks_something_before_any_ride_is_missed() -> None:
    slow, fast = ride("slow", "A 20:00, B 22:00+1", price="1"), ride("fast", "E 20:00, B 22:00", price="9")
    sorts = row(FacilityCapacity, facility_id="A", activity="sort", dimension="pieces", amount=1)
    terms = row(Share, holder="others", resource="service:fast", ceiling=90_000_000)
    carries = row(Capacity, service_id="fast", dimension="grams", amount=10_000)
    doors = [door("pickup", name) for name in "AE"]
    book = Book(tiny_network(places("A B E"), slow, fast, carries, doors, sorts, row(Holder, holder="others"), terms))
    book.place(asked("1", origin="BE 4000", to="B", parties=SHOP, pieces=2))
    assert rides(book) == ["pickup.E", "fast"]
    missed = [one.reason.thing for fact in book.told(Sourced) for one in fact.missed]
    assert [name.split("/")[0] for name in missed] == ["sort:A"], "its collection would come to a full hour"


def _rows(net: Network) -> list[Any]:
    return [one for name in net.__struct_fields__ if name != "snapshot" for one in getattr(net, name)]


def test_a05_goods_without_a_weight_use_nothing_of_a_holder_and_can_be_cancelled() -> None:
    book = Book(network())
    for reference, grams in (("weightless", 0), ("heavy", 500)):
        book.place(order(reference, SHOP, grams))
    before = list(book.state[Account])
    for reference in ("heavy", "weightless"):
        assert book.ask(CancelOrder("shop", reference)) is None
    assert not list(book.state[Booking]) and [one.firm for one in before] == [{"shops": (500,)}]
    assert [(one.firm, one.taken) for one in book.state[Account]] == [({}, {"grams": 0})]


def test_b01_lent_space_comes_with_a_plan_that_is_held_to_fall_back_to() -> None:
    book = Book(network("recallable"))
    book.place(order("1", SHOP, 3000))
    assert rides(book) == ["cheap"]
    (loan,), (standby,) = book.state[Loan], book.state[Hold]
    assert (loan.holder, loan.lender, loan.amounts) == ("shops", "others", (3000,))
    assert [use.resource for use in standby.uses] == ["departure:dear/2026-11-23/1"]
    assert standby.expires_at == loan.from_at


def test_b08_what_is_firm_and_as_good_is_not_on_loan_though_a_dearer_way_is_firm_too() -> None:
    later = ride("later", "A 20:00, B 23:00", price="0.5", carries="grams 10000")
    book = Book(network("recallable", later))
    book.place(order("1", SHOP, 500))
    (sourced,) = book.told(Sourced)
    assert (sourced.rule, sourced.fallback) == (RULE_ONE, None) and rides(book) == ["later"]


def test_b07_lent_space_at_one_warehouse_is_not_taken_where_another_one_has_a_cheaper_way() -> None:
    sites = [depot(name, per_day=9, skus="x", stock="shop/x 9") for name in "AE"]
    book = Book(network("recallable", place("E"), ride("best", "E 20:00, B 22:00", price="0.5"), sites))
    book.place(asked("1", sku="x", to="B", parties=SHOP, booked=Measure(grams=3000)))
    (sourced,) = book.told(Sourced)
    assert (sourced.site, sourced.rule) == ("E", RULE_ONE) and not list(book.state[Loan])


def test_b02_a_recall_moves_the_borrower_to_its_standby_in_the_lenders_own_breath() -> None:
    book = Book(network("recallable"))
    book.place(order("1", SHOP, 3000))
    book.place(order("2", OTHER, 8000))
    assert rides(book) == ["dear", "cheap"]
    assert [fact.holder for fact in book.told(PlanRecalled)] == ["others"]
    assert len(book.told(Replanned)) == len(book.told(CarriageWithdrawn)) == 1
    assert not list(book.state[Loan]) and not list(book.state[Hold])
    uses = [[use.resource for use in row.uses] for row in book.state[Booking]]
    assert uses == [["departure:dear/2026-11-23/1"], ["departure:cheap/2026-11-23/1"]]


def test_b03_without_a_firm_plan_to_fall_back_to_nothing_is_borrowed() -> None:
    net = network("recallable")
    book = Book(tiny_network(*(r for r in _rows(net) if getattr(r, "service_id", "") != "dear")))
    book.place(order("1", SHOP, 2000))
    assert [one.status for one in book.state[Order]] == ["refused"] and not list(book.state[Loan])


def test_b05_a_standby_whose_departure_is_cancelled_is_replaced_by_another() -> None:
    later = ride("later", "A 20:30, B 22:30", price="5", carries="grams 10000")
    book = Book(network("recallable", later))
    book.place(order("1", SHOP, 3000))
    book.ask(CancelDeparture("dear/2026-11-23", "haul", book.desk.now))
    (standby,), (renewed,) = book.state[Hold], book.told(StandbyRenewed)
    assert [use.resource for use in standby.uses] == ["departure:later/2026-11-23/1"]
    assert standby.hold_id == renewed.fallback.held == next(iter(book.state[Booking])).standby
    book.place(order("2", OTHER, 8000))
    assert rides(book) == ["later", "cheap"] and not list(book.state[Hold]) and not list(book.state[Case])


def test_b06_a_standby_that_runs_late_is_looked_at_before_it_is_needed() -> None:
    book = Book(network("recallable"))
    book.place(order("1", SHOP, 3000))
    book.ask(DelayDeparture("dear/2026-11-23", "haul", book.desk.now, 1, 30 * 60))
    book.place(order("2", OTHER, 8000))
    (plan,) = [row.parts[0].plan for row in book.state[Itinerary] if row.parts[0].plan.legs[0].service_id == "dear"]
    assert when(plan.arrives_at) == "Mon 22:30"
    assert len(book.told(StandbyRenewed)) == 1 and not book.told(Retimed), "its new times are known before it is needed"


def test_b04_under_a_standby_product_the_fallback_is_the_promise_and_is_not_held() -> None:
    book = Book(network("standby"))
    book.place(order("1", SHOP, 3000))
    assert rides(book) == ["cheap"] and not list(book.state[Hold])
    book.place(order("2", OTHER, 8000))
    assert rides(book) == ["dear", "cheap"], "looked at again at once, with room on the other ride"


@pytest.mark.parametrize(("pieces", "wanted"), [(1, "Mon"), (3, "Tue")])
def test_c01_the_hour_in_which_a_facility_sorts_is_limited_too(pieces: int, wanted: str) -> None:
    capacity = row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=2)
    net = network("firm", capacity)
    book = Book(net)
    book.place(asked("1", origin="A", to="B", parties=OTHER, pieces=pieces, booked=Measure(grams=100)))
    (told,) = book.state[Order]
    assert told.status == ("booked" if wanted == "Mon" else "refused")
