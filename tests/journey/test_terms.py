"""What an order may be: what products, borders, promises and prices say to it."""

import datetime as dt

import pytest

from rookery.journey.network.offer import Goods, Product, ProductLane, Prohibition, Rate, Surcharge, Tariff
from rookery.journey.network.rows import Micro
from rookery.journey.network.whole import Network
from rookery.journey.option import Sourced
from rookery.journey.order import Asked, Line, Measure
from rookery.journey.promise import Promised
from rookery.units import instant_text
from talk import asked, place_order
from worlds import at, depot, door, place, places, ride, row, tiny_network

NEAR = [places("AB"), door("delivery", "A"), door("delivery", "B", price="3", zone_id="dear")]


def placed(network: Network, *orders: Asked, now: str = "Mon 10:00") -> list[str]:
    return place_order(network, *orders, now=now).outcomes()


# --- what a product covers

PRODUCT = {
    "product_id": "std", "name": "Standard", "company_id": "haul", "calendar_id": "daily", "duties": "unpaid",
    "weight_g_max": 2000, "length_mm_max": 500, "sides_mm_max": 900, "goods": ("general",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ({"booked": Measure(grams=4000), "pieces": 2}, "booked"),
        (
            {"booked": Measure(grams=4001), "pieces": 2},
            "too_big: product std: wanted at most 2000 g a piece; found 2001",
        ),
        ({"booked": Measure(length_mm=500, width_mm=200, height_mm=200)}, "booked"),
        (
            {"booked": Measure(length_mm=200, width_mm=501)},
            "too_big: product std: wanted at most 500 mm long; found 501",
        ),
        (
            {"booked": Measure(length_mm=301, width_mm=300, height_mm=300)},
            "too_big: product std: wanted at most 900 mm length + width + height; found 901",
        ),
        ({"goods_class": "cells"}, "not_allowed: product std: wanted goods of general; found cells"),
        ({"duties": "unpaid"}, "booked"),
        ({"duties": "paid"}, "not_allowed: product std: wanted duties unpaid; found paid"),
        ({"to": "GB 4000"}, "not_sold: product std: wanted BE to GB; found no lane in product_lanes"),
        ({"to": "ES 4000"}, "unreachable: ES 4000"),
    ],
)
def test_a_product_covers_an_order_or_says_what_is_in_the_way(order: dict[str, object], wanted: str) -> None:
    cells = row(Goods, goods_class="cells", name="cells")
    network = tiny_network(
        NEAR, cells, row(Product, **PRODUCT),
        row(ProductLane, product_id="std", from_country="*", to_country="GB", valid_to=dt.date(2026, 1, 1)),
        row(ProductLane, product_id="std", from_country="*", to_country="*", valid_to=dt.date(2026, 1, 2)),
        row(ProductLane, product_id="std", from_country="BE", to_country="BE"),
        row(ProductLane, product_id="std", from_country="BE", to_country="ES"),
    )  # fmt: skip
    (line,) = placed(network, asked("1", origin="A", **order))
    assert line.startswith("1 from A" if wanted == "booked" else f"1 refused {wanted}")


def test_goods_of_a_class_have_a_greatest_weight_a_piece() -> None:
    cells = row(Goods, goods_class="cells", name="cells", piece_g_max=500)
    (line,) = placed(tiny_network(NEAR, cells), asked("1", origin="A", goods_class="cells"))
    assert line.startswith("1 refused too_big: product std: wanted at most 500 g of cells a piece; found 1000")


def test_a_product_handed_over_at_the_warehouse_needs_no_way() -> None:
    product = row(Product, **(PRODUCT | {"needs_route": False}))
    network = tiny_network(NEAR, product, depot("A", skus="x"))
    assert placed(network, asked("1", sku="x", to="GB 1")) == ["1 from A on 2026-11-23: 1 by hand Mon 10:00; 0.00"]
    assert placed(network, asked("2", origin="A"))[0].startswith("2 refused not_sold")


# --- borders


def forbid(country: str, direction: str, **fields: object) -> Prohibition:
    return row(Prohibition, country=country, direction=direction, reason="no batteries", **fields)


ABROAD = [
    place("A"), place("L", "GB", "Europe/London"), place("M", "GB", "Europe/London"), place("S", "ES", "Europe/Madrid"),
    ride("AL", "A 11:00, L 12:00"), ride("LM", "L 13:00, M 14:00"), ride("LS", "L 13:00, S 16:00"),
    ride("AS", "A 11:00, S 23:00", price="9"), row(Goods, goods_class="cells", name="cells"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ban", "to", "wanted"),
    [
        (forbid("GB", "import"), "L", "1 refused prohibited: import of cells GB: wanted goods that may pass; found no"),
        (forbid("BE", "export"), "L", "1 refused prohibited: export of cells BE"),
        (forbid("BE", "export"), "A", "1 from A"),
        (forbid("GB", "export"), "L", "1 from A"),
        (forbid("GB", "import", goods_class="cells"), "L", "1 refused prohibited"),
        (forbid("GB", "import", goods_class="general"), "L", "1 from A"),
        (forbid("GB", "import", hs_prefix="8507"), "L", "1 refused prohibited"),
        (forbid("GB", "import", hs_prefix="8508"), "L", "1 from A"),
        (forbid("GB", "import", valid_to=dt.date(2026, 11, 22)), "L", "1 from A"),
        (forbid("GB", "transit"), "S", "1 from A: 1 by AS"),
        (forbid("GB", "import"), "S", "1 from A: 1 by AL LS"),
    ],
)  # fmt: skip
def test_a_country_forbids_goods_in_out_or_through(ban: Prohibition, to: str, wanted: str) -> None:
    order = asked("1", origin="A", to=to, goods_class="cells", lines=(Line("x", 1, hs_code="850760"),))
    assert placed(tiny_network(ABROAD, ban), order)[0].startswith(wanted)


def test_a_transit_ban_is_none_for_goods_that_begin_or_end_there() -> None:
    network = tiny_network(ABROAD, forbid("GB", "transit"))
    assert placed(network, asked("1", origin="A", to="M", goods_class="cells"))[0].startswith("1 from A: 1 by AL LM")
    assert placed(network, asked("1", origin="L", to="M", goods_class="cells"))[0].startswith("1 from L: 1 by LM")


# --- promise and price


def test_a_promise_counts_working_days_to_the_end_of_the_last_one() -> None:
    product = row(Product, **(PRODUCT | {"calendar_id": "weekdays", "days_max": 2}))
    network = tiny_network(place("A"), door("delivery", "A"), product)
    book = place_order(network, asked("1", origin="A", ordered="Thu 10:00"), now="Thu 10:00")
    (promised,) = book.told(Promised)
    assert instant_text(promised.earliest) == "2026-11-26T09:28Z", "an hour's drive, and few need less than 28 minutes"
    assert instant_text(promised.latest) == "2026-11-30T23:00Z", "Friday, Monday, and that day's midnight at home"


def test_the_lane_may_promise_other_days_and_the_order_may_want_less() -> None:
    product = row(Product, **(PRODUCT | {"days_max": 2}))
    lane = row(ProductLane, product_id="std", from_country="BE", to_country="*", days_max=5)
    network = tiny_network(place("A"), door("delivery", "A"), product, lane)
    book = place_order(network, asked("1", origin="A"), asked("2", origin="A", wanted_to=at("Tue 12:00")))
    assert [instant_text(one.latest) for one in book.told(Promised)] == ["2026-11-28T23:00Z", "2026-11-24T11:00Z"]


def test_a_promise_that_no_plan_keeps_refuses_the_order() -> None:
    product = row(Product, **(PRODUCT | {"days_max": 1}))
    network = tiny_network(NEAR[0], ride("AB", "A 20:00, B 09:00+2"), door("delivery", "B"), product)
    (line,) = placed(network, asked("1", origin="A"))
    assert line.startswith(
        "1 refused too_late: A to BE 4000: wanted arrival by 2026-11-24T23:00Z; found the earliest plan"
    )


PRICED = [
    row(ProductLane, product_id="std", from_country="*", to_country="*", tariff_id="list"),
    row(Tariff, tariff_id="list", company_id="haul", currency="EUR"),
    row(Rate, tariff_id="list", origin="BE", destination="BE", base=Micro(20_000_000), weight_g_below=2000),
    row(Surcharge, tariff_id="list", kind="remote", flat=Micro(7_000_000)),
]


def test_the_buyer_pays_the_price_list_and_the_cost_is_what_carriers_charge() -> None:
    book = place_order(tiny_network(NEAR, PRICED), asked("1", origin="A"))
    assert [(one.price_minor, one.currency) for one in book.told(Promised)] == [(2000, "EUR")]
    assert book.told(Sourced)[0].cost_minor == 100


def test_without_a_price_list_the_buyer_pays_the_cost() -> None:
    assert [one.price_minor for one in place_order(tiny_network(NEAR), asked("1", origin="A")).told(Promised)] == [100]


def test_a_load_that_the_price_list_does_not_know_is_refused() -> None:
    (line,) = placed(tiny_network(NEAR, PRICED), asked("1", origin="A", booked=Measure(grams=2000)))
    assert (
        line == "1 refused no_rate: tariff list: wanted a price from BE to BE for 2 kg; found none; add a weight break"
    )


@pytest.mark.parametrize(("postcode", "price"), [("4000", 2000), ("4900", 2700)])
def test_the_remote_surcharge_falls_on_remote_doors(postcode: str, price: int) -> None:
    far = door("delivery", "A", postcode_from="49", zone_id="far", remote=True)
    book = place_order(tiny_network(NEAR, PRICED, far), asked("1", origin="A", to=f"BE {postcode}"))
    assert [one.price_minor for one in book.told(Promised)] == [price]
