"""Capacity that is cut or added, and goods that are heavier than booked: who moves where, and who has to look.

A 20:00 to B 22:00 by `cheap` for 1 EUR, 10 kg; by `dear` for 5, 3 kg. Orders are of 1 kg unless told otherwise.
"""

from typing import Any

import msgspec
import pytest

from rookery.journey.account import Account, Use
from rookery.journey.book import FreeHold, HoldPlan, TakePlan
from rookery.journey.booking import Booking, Hold, PlanRecalled, StandbyProlonged
from rookery.journey.capacity import CapacityChanged, ChangeCapacity
from rookery.journey.departure import CancelDeparture, RestoreDeparture
from rookery.journey.disrupt import Case, Replanned
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import Allotment, FacilityCapacity, Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import Measure, Parties
from rookery.journey.share import Claimant, LoanFirmed
from rookery.journey.shipment import Parcel
from rookery.journey.space import HoldSpace, TakeSpace, Wish
from rookery.journey.tally import Loan
from rookery.journey.track import Scan
from talk import Book, asked
from worlds import DAILY, at, depot, place, ride, row, tiny_network

CHEAP, DEAR = "departure:cheap/2026-11-23/1", "departure:dear/2026-11-23/1"
SHOP, OTHER = Parties("shop"), Parties("other")


def network(*more: Any, dear: int = 3000) -> Network:
    """One day of rides, so that what finds no room on it has none."""
    return tiny_network(
        place("A"), place("B"),
        ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        ride("dear", "A 20:00, B 22:00", price="5", carries=f"grams {dear}") if dear else [],
        row(Holder, holder="others", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        more, last="2026-11-23",
    )  # fmt: skip


def shared(guarantee: int = 60, lending: str = "recallable", *, space: str = "firm", dear: int = 3000) -> Network:
    """So much of `cheap` is guaranteed to `others`, until noon."""
    product = row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
                  space=space)  # fmt: skip
    terms = row(Share, holder="others", resource="service:cheap", guarantee=guarantee * 1_000_000, release_min=480,
                lending=lending)  # fmt: skip
    return network(product, terms, dear=dear)


def place_orders(book: Book, *wanted: tuple[str, Parties, int]) -> None:
    for reference, parties, grams in wanted:
        book.place(asked(reference, origin="A", to="B", parties=parties, booked=Measure(grams=grams)))


def cut(book: Book, grams: int, resource: str = CHEAP, by: str = "haul") -> list[bytes]:
    """Who is moved."""
    before = len(book.told(CapacityChanged))
    assert book.ask(ChangeCapacity(resource, {"grams": grams}, by)) is None
    return [hold_id for fact in book.told(CapacityChanged)[before:] for hold_id in fact.moved]


def rides(book: Book) -> list[str]:
    """How each order travels now, and what it uses."""
    ways = {
        row.order_id: [leg.service_id for part in row.parts for leg in part.plan.legs] for row in book.state[Itinerary]
    }
    used = {row.hold_id: [use.resource.split(":")[1].split("/")[0] for use in row.uses] for row in book.state[Booking]}
    return [" ".join(way) if way == used[key] else f"{way} on {used[key]}" for key, way in ways.items()]


def cases(book: Book) -> list[tuple[str, str]]:
    """Who has to look, and because of what."""
    return [(case.owner, case.departure) for case in book.state[Case]]


# --- nobody shares


def test_a01_the_latest_go_until_the_rest_fits_and_go_on_by_another_ride() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000), ("2", OTHER, 4000), ("3", SHOP, 2000))
    third = [row.order_id for row in book.state[Itinerary]][2]
    assert cut(book, 9000) == [third]
    assert rides(book) == ["cheap", "cheap", "dear"] and not cases(book)


def test_a02_who_finds_no_other_way_is_a_case_of_the_company_that_sold_it() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000), ("2", SHOP, 6000))
    cut(book, 5000)
    assert rides(book) == ["cheap", "['cheap'] on []"]
    assert cases(book) == [("haul", CHEAP)]
    assert book.state[Account].get(CHEAP).taken == {"grams": 4000}


def test_a03_added_capacity_gives_a_case_its_way_on_again() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000), ("2", SHOP, 6000))
    cut(book, 5000)
    assert cut(book, 12_000) == []
    assert rides(book) == ["cheap", "cheap"] and not cases(book)
    assert book.state[Account].get(CHEAP).taken == {"grams": 10_000}


def test_a04_what_was_never_used_is_opened_and_then_cut() -> None:
    book = Book(network())
    cut(book, 500)
    place_orders(book, ("1", SHOP, 1000))
    assert rides(book) == ["dear"]
    assert book.state[Account].get(CHEAP).limits == {"grams": 500}


def test_a05_the_same_limits_again_change_nothing() -> None:
    book = Book(network())
    cut(book, 10_000)
    assert not book.facts


def test_a08_a_ride_that_has_left_without_an_order_has_not_carried_its_goods() -> None:
    """Seen where it lost its space, it is still there when it is looked at again, and not where the ride went."""
    rides_ = ride("on", "B 23:00, C 24:00", price="1", carries="grams 10000")
    book = Book(network(place("C"), rides_, dear=0))
    book.place(asked("1", origin="A", to="C", parties=SHOP, booked=Measure(grams=4000)))
    weigh(book, 0, 4000)
    cut(book, 0)
    assert cases(book) == [("haul", CHEAP)]
    book.desk = _later(book, "Mon 22:30")
    book.ask(CancelDeparture("on/2026-11-23", "haul", book.desk.now))
    book.ask(RestoreDeparture("on/2026-11-23", "haul", book.desk.now))
    assert cases(book) != [], "it stands in A, and nothing goes from there any more"


@pytest.mark.parametrize(
    ("resource", "dimension", "by", "now", "wanted"),
    [
        ("departure:cheap/2026-11-23/2", "grams", "haul", "Mon 10:00", "unknown: departure:cheap/2026-11-23/2"),
        ("departure:cheap/2026-11-24/1", "grams", "haul", "Mon 10:00", "unknown"),
        ("departure:ship/2026-11-23/1", "grams", "haul", "Mon 10:00", "unknown"),
        ("departure:cheap", "grams", "haul", "Mon 10:00", "unknown"),
        ("stock:A/shop/x", "units", "haul", "Mon 10:00", "unknown"),
        ("warehouse:A/2026-11-23", "orders", "haul", "Mon 10:00", "unknown"),
        ("sort:A/2026-11-23", "pieces", "haul", "Mon 10:00", "unknown"),
        ("sort:A/2026-11-23T10", "pieces", "haul", "Mon 10:00", "unknown: sort:A/2026-11-23T10: wanted nothing: it is"),
        ("delivery:A/2026-11-3", "pieces", "haul", "Mon 10:00", "unknown"),
        ("allotment:none/2026-11-23", "grams", "haul", "Mon 10:00", "unknown"),
        ("", "grams", "haul", "Mon 10:00", "unknown"),
        (CHEAP, "teu", "haul", "Mon 10:00", f"unknown: {CHEAP}: wanted limits in grams; found teu"),
        (CHEAP, "grams", "shop", "Mon 10:00", f"barred: {CHEAP}: wanted a word of haul, who runs it; found shop's"),
        (CHEAP, "grams", "haul", "Mon 20:00", f"too_late: {CHEAP}: wanted one to come; found over at 2026-11-23T19"),
    ],
)  # fmt: skip
def test_a06_what_makes_no_sense_is_refused(resource: str, dimension: str, by: str, now: str, wanted: str) -> None:
    book = Book(network(), now)
    refusal = book.ask(ChangeCapacity(resource, {dimension: 1}, by))
    assert str(refusal).startswith(wanted) and not book.facts


def test_a07_a_cancelled_departure_is_closed() -> None:
    book = Book(network())
    book.ask(CancelDeparture("cheap/2026-11-23", "haul", book.desk.now))
    refusal = book.ask(ChangeCapacity(CHEAP, {"grams": 1}, "network"))
    assert refusal is not None and refusal.code == "closed"


# --- among holders


def test_b01_what_is_above_guarantees_goes_first_whoever_came_first() -> None:
    book = Book(shared())
    place_orders(book, ("1", SHOP, 3000), ("2", OTHER, 6000))
    first = next(iter(book.state[Itinerary])).order_id
    assert cut(book, 8000) == [first]
    assert rides(book) == ["dear", "cheap"]
    assert book.state[Account].get(CHEAP).guarantee == {"others": (6000,)}


def test_b02_guarantees_shrink_for_good() -> None:
    book = Book(shared())
    cut(book, 3000)
    assert book.state[Account].get(CHEAP).guarantee == {"others": (3000,)}
    cut(book, 10_000)
    assert book.state[Account].get(CHEAP).guarantee == {"others": (3000,)}
    place_orders(book, ("1", SHOP, 7000), ("2", OTHER, 3000))
    assert rides(book) == ["cheap", "cheap"]


def test_b03_what_stands_on_a_guarantee_of_others_after_a_cut_is_lent_and_firm_when_there_is_more() -> None:
    book = Book(shared())
    place_orders(book, ("1", SHOP, 3000))
    assert cut(book, 8000) == []
    (loan,) = book.state[Loan]
    assert (loan.holder, loan.amounts, loan.from_at) == ("shops", (3000,), at("Mon 12:00"))
    assert cut(book, 9000) == [] and not list(book.state[Loan])
    assert len(book.told(LoanFirmed)) == 1


def test_b04_what_a_cut_has_lent_is_recalled_by_whom_it_belongs_to() -> None:
    book = Book(shared())
    place_orders(book, ("1", SHOP, 3000))
    cut(book, 8000)
    place_orders(book, ("2", OTHER, 6000))
    assert rides(book) == ["dear", "cheap"] and len(book.told(PlanRecalled)) == 1


def test_b05_a_borrower_falls_back_to_its_standby_and_goods_on_a_lost_standby_have_none() -> None:
    book = Book(shared(90, space="recallable"))
    place_orders(book, ("1", SHOP, 3000))
    assert len(list(book.state[Hold])) == 1
    cut(book, 0, DEAR)
    assert rides(book) == ["cheap"] and not list(book.state[Hold])
    book = Book(shared(90, space="recallable"))
    place_orders(book, ("1", SHOP, 3000))
    cut(book, 1000)
    assert rides(book) == ["dear"] and not list(book.state[Hold])
    (told,) = book.told(Replanned)
    assert told.rule == "its space was lost: the standby that was held for it"


def test_b06_what_the_network_keeps_back_it_keeps_back_of_what_is_left() -> None:
    keeps = row(Share, holder="*", resource="service:cheap", ceiling=90_000_000)
    book = Book(network(keeps, dear=0))
    place_orders(book, ("1", SHOP, 8000))
    assert len(cut(book, 8500)) == 1
    assert cut(book, 9000) == []
    assert rides(book) == ["cheap"], "a kilogram is kept back, as before"


def two_releases(*more: Any) -> Network:
    """40 of a hundred of `cheap` for `early` until noon, 40 for `late` until 19:00."""
    words = {"resource": "service:cheap", "guarantee": 40_000_000, "lending": "recallable"}
    early, late = (row(Share, holder=name, release_min=m, **words) for name, m in (("early", 480), ("late", 60)))
    return network(row(Holder, holder="early"), row(Holder, holder="late"), early, late, more)


def test_b07_a_standby_is_held_for_longer_when_a_cut_makes_the_loan_longer() -> None:
    product = row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
                  space="recallable")  # fmt: skip
    book = Book(two_releases(product))
    place_orders(book, ("1", SHOP, 3000))
    (standby,) = book.state[Hold]
    assert standby.expires_at == at("Mon 12:00")
    assert cut(book, 5000) == []
    assert list(book.state[Hold]) == [msgspec.structs.replace(standby, expires_at=at("Mon 19:00"))]
    assert book.told(StandbyProlonged) == [StandbyProlonged(standby.hold_id, at("Mon 19:00"))]


# --- space without an order


def hold(book: Book, number: int, grams: int, holder: str = "shops", expires: str = "Mon 18:00") -> bytes:
    hold_id = number.to_bytes(16, "big")
    ask = HoldPlan(hold_id, (Use(CHEAP, {"grams": grams}), Use(DEAR, {"grams": 1})), at(expires), (), Claimant(holder))
    assert book.ask(ask) is None
    return hold_id


def test_c01_space_without_an_order_is_a_case_of_who_holds_it_and_its_other_legs_stay() -> None:
    book = Book(shared())
    taken, held = hold(book, 1, 2000), hold(book, 2, 1000)
    book.ask(TakePlan(taken))
    assert cut(book, 1500) == [held, taken]
    assert [(c.shipment_id, c.owner, c.departure) for c in book.state[Case]] == [
        (held, "shop", CHEAP),
        (taken, "shop", CHEAP),
    ]
    assert [use.resource for use in book.state[Booking].get(taken).uses] == [DEAR]
    assert str(next(iter(book.state[Case])).reasons[0]).startswith(f"short: {CHEAP}: wanted 1000 grams that were held")


def test_c02_its_case_is_gone_when_it_is_given_back_or_expires() -> None:
    book = Book(network())
    one, _ = hold(book, 1, 2000, "*"), hold(book, 2, 1000, "*")
    cut(book, 0)
    assert [owner for owner, _ in cases(book)] == ["*", "*"]
    book.ask(FreeHold(one, "not wanted"))
    assert len(cases(book)) == 1
    book.desk = Book(network(), "Mon 18:00").desk
    cut(book, 10)
    assert not cases(book)


def test_c03_a_recall_after_a_cut_finds_the_standby_that_was_held_for_longer() -> None:
    book = Book(two_releases())
    hold_id = book.desk.new_id()
    wish = Wish((Use(CHEAP, {"grams": 3000}),), borrows=True, standby=(Use(DEAR, {"grams": 3000}),))
    book.ask(HoldSpace(hold_id, "shop", wish))
    book.ask(TakeSpace(hold_id, "shop"))
    assert cut(book, 5000) == []
    book.desk = _later(book, "Mon 13:00")
    want = HoldPlan((2).to_bytes(16, "big"), (Use(CHEAP, {"grams": 2500}),), at("Mon 18:00"), (), Claimant("late"))
    assert book.ask(want) is None
    assert [use.resource for use in book.state[Booking].get(hold_id).uses] == [DEAR] and not cases(book)


# --- other limited things


def test_d01_an_hour_of_sorting_and_an_allotment_are_cut_too() -> None:
    sorts = row(FacilityCapacity, facility_id="B", activity="sort", dimension="grams", amount=9000)
    most = row(Allotment, allotment_id="day", holder="shops", resource="service:cheap", per="day", dimension="grams",
               amount=9000)  # fmt: skip
    book = Book(network(sorts, most))
    place_orders(book, ("1", SHOP, 2000), ("2", SHOP, 2000))
    assert len(cut(book, 3000, "allotment:day/2026-11-23", by="network")) == 1
    legs = [[leg.service_id for part in row.parts for leg in part.plan.legs] for row in book.state[Itinerary]]
    assert legs == [["cheap"], ["dear"]] and not cases(book)
    assert len(cut(book, 2000, "sort:B/2026-11-23T21")) == 1
    assert cases(book) == [("haul", "sort:B/2026-11-23T21")]


def test_d02_an_order_that_loses_its_day_in_a_warehouse_is_a_case() -> None:
    book = Book(network(depot("A", per_day=3, skus="x", stock="shop/x 40")))
    for number in range(3):
        book.place(asked(str(number), sku="x", to="B"))
    assert book.ask(ChangeCapacity("warehouse:A/2026-11-23", {"orders": 2}, "haul")) is None
    assert cases(book) == [("haul", "warehouse:A/2026-11-23")]


# --- heavier than booked


def weigh(book: Book, number: int, grams: int, now: str = "Mon 11:00") -> None:
    parcel = list(book.state[Parcel])[number]
    book.desk = _later(book, now)
    book.ask(Scan(parcel.waybill, "in_transit", "EMC", at(now), "A", "haul", grams=grams))


def _later(book: Book, now: str) -> Any:
    return type(book.desk)(book.desk.world, at(now), book.desk.new_id)


def test_e01_goods_that_are_heavier_than_booked_use_more_and_lighter_ones_change_nothing() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000), ("2", SHOP, 5000))
    weigh(book, 0, 3000)
    assert book.state[Account].get(CHEAP).taken == {"grams": 9000}
    weigh(book, 0, 5000, "Mon 11:30")
    assert book.state[Account].get(CHEAP).taken == {"grams": 10_000}
    weigh(book, 0, 4500, "Mon 12:00")
    assert book.state[Account].get(CHEAP).taken == {"grams": 10_000}, "the heaviest measurement counts"


def test_e02_what_then_fits_no_more_is_moved_as_in_a_cut() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000), ("2", SHOP, 5000), ("3", SHOP, 1000))
    weigh(book, 0, 4800)
    assert rides(book) == ["cheap", "cheap", "dear"]
    assert book.told(CapacityChanged)[0].why == "goods were heavier than booked"
    assert book.state[Account].get(CHEAP).taken == {"grams": 9800}


def test_e03_who_grows_onto_a_guarantee_of_others_is_lent_it() -> None:
    book = Book(shared())
    place_orders(book, ("1", SHOP, 4000))
    weigh(book, 0, 5000)
    (loan,) = book.state[Loan]
    assert (loan.holder, loan.amounts) == ("shops", (5000,))
    place_orders(book, ("2", OTHER, 6000))
    assert cases(book) == [("haul", CHEAP)], "5 kg fit nowhere else"


def test_e04_a_ride_that_has_left_is_not_touched() -> None:
    book = Book(network())
    place_orders(book, ("1", SHOP, 4000))
    weigh(book, 0, 9000, "Mon 21:00")
    assert book.state[Account].get(CHEAP).taken == {"grams": 4000}
