"""Who may use what: from rows of a network to the tree of holders of one limited thing on one day."""

import datetime as dt

import pytest
from sharers import HONG_KONG, block, holders, network, share, sharing

from rookery.engines.share.holders import AMOUNT_MAX as ENGINE_AMOUNT_MAX
from rookery.engines.share.holders import KEPT, NEVER, RECALLABLE, UNLIMITED, UNSTATED
from rookery.journey.account import Amounts
from rookery.journey.desk import Policy, World
from rookery.journey.network.line import Cutoff
from rookery.journey.network.offer import Product
from rookery.journey.network.rows import Micro
from rookery.journey.network.sharing import (
    AMOUNT_MAX,
    Allotment,
    BidPrice,
    FacilityCapacity,
    Holder,
    Round,
    Selector,
    read_selector,
)
from rookery.journey.sharing import ShareTerms, Sharing, delivery_name, sort_name
from worlds import DAILY, at, depot, ride, row

NIGHT = "departure:night/2026-11-24/1"
TONNE = {"grams": 1_000_000}


def terms(found: Sharing, resource: str = NIGHT, limits: Amounts | None = None) -> ShareTerms:
    shared = found.find_terms(resource, limits or TONNE)
    assert shared is not None
    return shared


def grams(found: Sharing, resource: str = NIGHT, limits: Amounts | None = None) -> dict[str, int]:
    """What each holder is guaranteed of a thing's first dimension; UNSTATED is left out."""
    column = terms(found, resource, limits).tree.guarantee[:, 0].tolist()
    return {name: amount for name, amount in zip(found.names, column, strict=True) if amount != UNSTATED}


# --- A: selectors and holders


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        ("service:CX38", "CX38", "CX3 CX380"),
        ("service:CX*", "CX38 CX", "C X38"),
        ("service:*", "CX38 A", ""),
    ],
)
def test_a01_a_selector_names_one_id_or_the_beginning_of_many(text, matching, others):
    selector = read_selector(text)
    assert all(selector.matches(id_) for id_ in matching.split())
    assert not any(selector.matches(id_) for id_ in others.split())


def test_a02_an_exact_id_is_more_specific_than_a_long_beginning_and_that_than_a_short_one():
    texts = ["service:*", "service:CX38*", "service:CX38", "service:C*"]
    assert sorted(texts, key=lambda text: read_selector(text).rank) == [texts[0], texts[3], texts[1], texts[2]]
    assert read_selector("stock:W") == Selector("stock", "W", exact=True)


def test_a03_holders_stand_level_by_level_and_else_by_id_however_the_file_has_them():
    lines = ["low of mid", "top", "mid of top", "last", "early of top"]
    found = sharing(holders(*lines))
    assert found.names == ("*", "last", "top", "early", "mid", "low")
    assert sharing(holders(*reversed(lines))).names == found.names
    assert found.rows == {name: n for n, name in enumerate(found.names)}
    assert found.above("low") == ("mid", "top", "*") and found.above("*") == ()


def test_a04_an_order_belongs_to_the_most_specific_holder():
    rows = holders("group", "shop of group: shop", "fast of shop: shop fast", "cheap: - cheap", "std: - std")
    found = sharing(rows, row(Product, product_id="fast", name="", company_id="haul", calendar_id=DAILY, duties="paid"))
    assert found.holder_of("shop", "fast") == "fast"
    assert found.holder_of("shop", "cheap") == found.holder_of("shop") == "shop", "its company before its product"
    assert found.holder_of("other", "cheap") == "cheap"
    assert found.holder_of("other", "fast") == found.holder_of("other") == found.holder_of("") == "*"


def test_a05_priorities_are_those_of_the_holders():
    found = sharing(row(Holder, holder="shop", company_id="shop", priority=3))
    assert (found.priority_of("shop"), found.priority_of("*")) == (3, 5)


# --- B: the tree of a thing


def test_b01_what_nobody_states_anything_about_is_not_shared():
    found = sharing(holders("shop: shop"), share("shop", guarantee=10))
    assert found.find_terms("departure:noon/2026-11-24/1", TONNE) is None
    assert not found.is_shared("departure:noon/2026-11-24/1") and found.is_shared(NIGHT)
    assert sharing().find_terms(NIGHT, TONNE) is None and not sharing().is_shared(NIGHT)


def test_b02_per_cent_are_of_what_the_holder_above_has_rounded_down():
    rows = [share("top", guarantee=33.3), share("mid", guarantee=50), share("low", guarantee=10)]
    found = sharing(holders("top", "mid of top", "low of mid"), rows)
    assert grams(found, limits={"grams": 1001}) == {"top": 333, "mid": 166, "low": 16}


def test_b03_who_states_no_guarantee_passes_on_what_is_above():
    found = sharing(holders("top", "mid of top", "low of mid"), share("top", guarantee=40), share("low", guarantee=50))
    assert grams(found) == {"top": 400_000, "low": 200_000}


def test_b04_an_amount_takes_the_place_of_per_cent_and_those_below_share_it():
    rows = [share("top", dimension="grams", guarantee_amount=300_000), share("low", guarantee=50)]
    assert grams(sharing(holders("top", "low of top"), rows)) == {"top": 300_000, "low": 150_000}


def test_b05_blocks_take_the_place_of_a_share_in_their_dimension_only_and_add_up():
    rows = [share("shop", guarantee=10), block("shop", 70_000), block("shop", 30_001)]
    found = terms(sharing(holders("shop: shop"), rows), limits={"cm3": 6_000, "grams": 1_000_000})
    assert found.dimensions == ("cm3", "grams")
    assert found.tree.guarantee.tolist() == [[UNSTATED, UNSTATED], [600, 100_001]]


def test_b06_a_block_is_for_its_service_and_its_days():
    found = sharing(holders("shop: shop"), block("shop", 70_000, valid_to=dt.date(2026, 11, 24)))
    assert grams(found) == {"shop": 70_000}
    assert not found.is_shared("departure:night/2026-11-25/1") and not found.is_shared("departure:noon/2026-11-24/1")


def test_b07_dimensions_that_orders_do_not_take_are_not_shared():
    found = sharing(holders("shop: shop"), block("shop", 2, service_id="fly", dimension="uld_positions"))
    assert not found.is_shared("departure:fly/2026-11-24/1")
    found = sharing(holders("shop: shop"), share("shop", "service:*", guarantee=10))
    assert terms(found, limits={"uld_positions": 3, "grams": 10}).dimensions == ("grams",)
    assert found.find_terms(NIGHT, {"uld_positions": 3}) is None


def test_b08_ceilings_are_of_the_capacity_and_all_of_it_is_no_limit():
    rows = [share("top", ceiling=80), share("low", ceiling_amount=7, dimension="grams"), share("*", ceiling=90)]
    found = terms(sharing(holders("top", "low of top", "free"), rows), limits={"grams": 1001})
    assert found.tree.ceiling.tolist() == [[900], [UNLIMITED], [800], [7]], "of *, free, top, low"


def test_b09_a_row_for_one_service_overrides_the_general_one_holder_by_holder():
    rows = [
        share("a", "service:*", 40),
        share("b", "service:*", 30),
        share("a", "service:n*", 20),
        share("a", "service:night", 10),
    ]
    found = sharing(holders("a", "b"), rows)
    assert grams(found) == {"a": 100_000, "b": 300_000}
    assert grams(found, "departure:noon/2026-11-24/1") == {"a": 200_000, "b": 300_000}
    assert grams(found, "departure:fly/2026-11-24/1") == {"a": 400_000, "b": 300_000}


def test_b10_the_id_counts_more_than_the_dimension():
    rows = [
        share("a", "service:*", 40, dimension="grams"),
        share("a", "service:night", 10),
        share("b", "service:night", 5),
    ]
    rows += [share("b", "service:night", 6, dimension="grams")]
    assert grams(sharing(holders("a", "b"), rows)) == {"a": 100_000, "b": 60_000}


def test_b11_rows_hold_on_the_day_of_the_departure():
    rows = [share("a", "service:*", 40), share("a", guarantee=10, valid_from=dt.date(2026, 11, 25))]
    found = sharing(holders("a"), rows)
    assert grams(found) == {"a": 400_000}
    assert grams(found, "departure:night/2026-11-25/2") == {"a": 100_000}


def test_b12_weight_and_lending_are_those_of_the_most_specific_row_and_of_the_block():
    rows = [
        share("a", "service:*", weight=2, lending="free"), share("a", weight=3, lending="recallable"),
        share("b", weight=4, lending="free"), block("b", 5),
    ]  # fmt: skip
    tree = terms(sharing(holders("a", "b", "c"), rows)).tree
    assert tree.weight.tolist() == [1, 3, 4, 1]
    assert tree.lending.tolist() == [KEPT, RECALLABLE, KEPT, KEPT]


def test_b13_warehouses_stock_sorting_and_deliveries_are_shared_too():
    rows = [
        share("a", "warehouse:A", 10), share("a", "stock:A", 50),
        share("a", "facility:B", 20), share("a", "station:C", 30),
    ]  # fmt: skip
    found = sharing(holders("a"), rows)
    assert grams(found, "warehouse:A/2026-11-24", {"orders": 100}) == {"a": 10}
    assert grams(found, "stock:A/shop/x/1", {"units": 40}) == {"a": 20}
    assert grams(found, "sort:B/2026-11-24T05", {"pieces": 100}) == {"a": 20}
    assert grams(found, "delivery:C/2026-11-24", {"pieces": 100}) == {"a": 30}
    assert not found.is_shared("allotment:x/2026-11-24")


def test_b14_terms_that_are_asked_for_again_are_the_same():
    found = sharing(holders("a"), share("a", guarantee=10, release_min=60))
    assert terms(found) is terms(found)
    assert terms(found).tree.guarantee is terms(found, "departure:night/2026-11-25/1").tree.guarantee


def test_b15_the_rows_know_how_much_the_engine_counts():
    assert AMOUNT_MAX == ENGINE_AMOUNT_MAX


def test_b16_of_equally_specific_rows_the_first_by_dimension_gives_the_weight_and_of_blocks_the_first_by_id():
    rows = [share("shop", "service:*", dimension=d, guarantee=1, weight=w) for d, w in (("grams", 3), ("cm3", 2))]
    bought = [
        block("shop", 5, block_id=id_, lending=lending, release_min=60)
        for id_, lending in (("b", "free"), ("a", "never"))
    ]
    for turn in (1, -1):
        tree = terms(sharing(holders("shop: shop"), rows[::turn], bought[::turn]), limits={"grams": 9, "cm3": 9}).tree
        assert (tree.weight.tolist(), tree.lending.tolist()) == ([1, 2], [KEPT, KEPT])


# --- C: when what is not used is released


def release_at(resource: str, *rows: object, **terms_of_share: object) -> int:
    """When the guarantee of `a` is released."""
    resources = ("service:*", "warehouse:*", "stock:*", "facility:*", "station:*")
    shares = [share("a", one, 10, lending="recallable", **terms_of_share) for one in resources]
    limits = {"grams": 1000, "orders": 100, "pieces": 100, "units": 40}
    return int(terms(sharing(holders("a"), shares, rows), resource, limits).tree.release_at[1])


def cutoff(service: str, minutes: int, **fields: str) -> Cutoff:
    return row(Cutoff, **({"kind": "booking"} | fields), service_id=service, minutes=minutes)


def test_c01_a_leg_releases_before_its_own_departure_in_local_time():
    assert release_at(NIGHT, release_min=60) == at("Tue 21:00")
    assert release_at("departure:night/2026-11-24/2", release_min=60) == at("Wed 02:00")
    assert release_at("departure:fly/2026-11-24/1", release_min=30) == at("Tue 23:00", HONG_KONG)


def test_c02_from_before_the_longest_booking_cut_off_there():
    cutoffs = [
        cutoff("*", 600), cutoff("night", 30), cutoff("night", 90, facility_id="A", product_id="std"),
        cutoff("night", 500, kind="documents"), cutoff("night", 240, facility_id="B"),
    ]  # fmt: skip
    assert release_at(NIGHT, cutoffs, release_min=60) == at("Tue 19:30")
    assert release_at("departure:night/2026-11-24/2", cutoffs, release_min=60) == at("Tue 22:00")
    assert release_at("departure:noon/2026-11-24/1", cutoffs, release_min=60) == at("Tue 01:00")


def test_c03_a_warehouse_before_orders_have_to_be_in_and_places_before_the_hour_or_day_begins():
    assert release_at("warehouse:A/2026-11-24", depot("A", order_by=900), release_min=60) == at("Tue 14:00")
    assert release_at("sort:A/2026-11-24T05", release_min=60) == at("Tue 05:00")
    assert release_at("delivery:HKG/2026-11-24", release_min=60) == at("Mon 23:00", HONG_KONG)


def test_c04_never_where_none_is_stated_and_stock_never():
    assert release_at(NIGHT) == NEVER
    assert release_at("stock:A/shop/x", release_min=60) == NEVER


def test_c05_a_night_without_an_hour_moves_the_release_with_the_departure():
    late = ride("early", "A 02:30, B 06:00", carries="grams 1000")
    assert release_at("departure:early/2026-03-29/1", late, release_min=60) == at("2026-03-29 03:30") - 3600


def test_c06_a_soft_block_releases_its_holder_on_that_service_and_a_hard_one_never():
    general = share("a", "service:*", 10, release_min=60)
    soft = block("a", 5, kind="soft", release_min=120, lending="recallable")
    found = terms(sharing(holders("a"), general, soft))
    assert (found.tree.release_at[1], found.tree.lending[1]) == (at("Tue 20:00"), RECALLABLE)
    assert terms(sharing(holders("a"), general, block("a", 5))).tree.release_at[1] == NEVER


# --- D: rounds, bid prices, allotments, limits, names


def test_d01_the_most_specific_round_and_bid_price_of_each_dimension_hold():
    rows = [
        row(Round, resource="service:*", round_s=60), row(Round, resource="service:night", round_s=900),
        row(BidPrice, resource="service:*", dimension="grams", price=Micro(2)),
        row(BidPrice, resource="service:n*", dimension="grams", price=Micro(3)),
        row(BidPrice, resource="service:*", dimension="cm3", price=Micro(4), valid_to=dt.date(2026, 11, 24)),
    ]  # fmt: skip
    found = sharing(rows)
    assert (found.round_s(NIGHT), found.round_s("departure:fly/2026-11-24/1")) == (900, 60)
    assert found.round_s("warehouse:A/2026-11-24") == 0 == sharing().round_s(NIGHT)
    assert found.bids(NIGHT) == {"grams": 3, "cm3": 4}
    assert found.bids("departure:fly/2026-11-25/1") == {"grams": 2}
    assert sharing().bids(NIGHT) == {}


def test_d02_a_departure_counts_on_the_allotments_of_its_holder_and_of_those_above():
    def allotment(name: str, holder: str, resource: str, per: str = "day") -> Allotment:
        return row(Allotment, allotment_id=name, holder=holder, resource=resource, per=per, dimension="grams", amount=9)

    rows = [
        allotment("lane", "low", "service:n*"), allotment("all", "*", "service:*", "week"),
        allotment("group", "top", "service:night"), allotment("another", "other", "service:*"),
    ]  # fmt: skip
    found = sharing(holders("top", "low of top", "other"), rows)
    assert found.allotments("low", NIGHT) == (
        "allotment:lane/2026-11-24", "allotment:group/2026-11-24", "allotment:all/2026-11-23",
    )  # fmt: skip
    assert found.allotments("*", "departure:fly/2026-11-29/1") == ("allotment:all/2026-11-23",)
    assert found.allotments("low", "warehouse:A/2026-11-24") == ()
    assert found.limits_of("allotment:group/2026-11-24") == {"grams": 9}


def test_d03_a_place_has_limits_by_the_hour_and_by_the_local_day():
    def limit(activity: str, dimension: str, amount: int, **days: dt.date) -> FacilityCapacity:
        return row(FacilityCapacity, facility_id="HKG", activity=activity, dimension=dimension, amount=amount, **days)

    rows = [
        limit("sort", "pieces", 50), limit("sort", "grams", 70, valid_from=dt.date(2026, 11, 25)),
        limit("delivery", "pieces", 9),
    ]  # fmt: skip
    world = World(network(rows), Policy())
    assert world.limits_of("sort:HKG/2026-11-24T15") == {"pieces": 50}, "23:00 in Hong Kong"
    assert world.limits_of("sort:HKG/2026-11-24T16") == {"pieces": 50, "grams": 70}
    assert world.limits_of("delivery:HKG/2026-11-24") == {"pieces": 9}
    assert world.limits_of("sort:A/2026-11-24T15") == {}
    assert world.limits_of("warehouse:A/2026-11-24") == {"orders": 100}
    assert world.limits_of("stock:A/shop/x") == {"units": 40}
    assert World(network(), Policy()).limits_of("sort:A/2026-11-24T15") == {}


def test_d04_names_of_hours_and_days():
    assert sort_name("HKG", at("Tue 06:59")) == "sort:HKG/2026-11-24T05"
    assert delivery_name("HKG", dt.date(2026, 11, 24)) == "delivery:HKG/2026-11-24"


@pytest.mark.parametrize(
    ("resource", "alike"),
    [
        ("departure:night/2026-11-24/2", "service:night/2"),
        ("warehouse:A/2026-11-24", "warehouse:A"),
        ("stock:A/shop/x", "stock:A/shop/x"),
        ("sort:B/2026-11-24T05", "facility:B"),
        ("delivery:C/2026-11-24", "station:C"),
        ("allotment:lane/2026-11-23", "allotment:lane"),
    ],
)
def test_d05_what_is_alike_from_day_to_day_has_one_name(resource, alike):
    assert sharing().service_of(resource) == alike
