"""An order's message, field by field: what it becomes, and everything that is wrong with it at once."""

import json
from typing import Any

import msgspec
import pytest

from rookery.journey.order import Asked, Line, Measure, Parties, Spot, Window
from rookery.partners.orders.read import OrderText, read_order
from rookery.partners.port import BadMessage
from rookery.units import read_instant

LEAST = {
    "reference": "1", "owner": "shop", "ordered_at": "2026-11-23T10:00+01:00", "product": "std", "to_country": "BE",
}  # fmt: skip
FULL = {
    "reference": "A-1", "owner": "shop", "ordered_at": "2026-11-23T10:00+01:00", "product": "std",
    "seller": "sally", "buyer": "bob", "payer": "pat", "importer": "ida",
    "ready_at": "2026-11-23T11:00+01:00", "ship_by": "2026-11-23T12:00+01:00",
    "wanted_from": "2026-11-24T08:00+01:00", "wanted_to": "2026-11-24T18:00+01:00", "duties": "paid",
    "from_facility": "A", "from_country": "BE", "from_postcode": "1000", "from_city": "Brussels",
    "to_facility": "B", "to_country": "ES", "to_postcode": "28001", "to_city": "Madrid",
    "pieces": 3, "together": "may", "weight_g": 1, "declared_weight_g": 2, "volume_cm3": 3, "declared_volume_cm3": 4,
    "length_mm": 5, "width_mm": 6, "height_mm": 7, "goods_class": "cells", "return_of": "A-0",
    "sku": "x", "quantity": 2, "hs_code": "850760", "origin": "CN", "value": "12.30", "currency": "EUR",
}  # fmt: skip
NINE = read_instant("2026-11-23T09:00Z")


def order(**fields: Any) -> Asked:
    return read_order(json.dumps(LEAST | fields).encode())


def faults(body: bytes | dict[str, Any]) -> list[str]:
    """The path of every fault, in order."""
    return [fault.path for fault in _bad(body).faults]


def words(**fields: Any) -> str:
    return str(_bad(LEAST | fields))


def _bad(body: bytes | dict[str, Any]) -> BadMessage:
    with pytest.raises(BadMessage) as raised:
        read_order(body if isinstance(body, bytes) else json.dumps(body).encode())
    return raised.value


# --- what it becomes


def test_the_least_that_an_order_says() -> None:
    assert order() == Asked("1", Parties("shop"), Window(NINE), "std", Spot(country="BE"))


def test_every_field_has_its_place() -> None:
    assert order(**FULL) == Asked(
        reference="A-1",
        parties=Parties("shop", "sally", "bob", "pat", "ida"),
        window=Window(NINE, NINE + 3600, NINE + 7200, NINE + 22 * 3600, NINE + 32 * 3600),
        product_id="std",
        destination=Spot("B", "ES", "28001", "Madrid"),
        origin=Spot("A", "BE", "1000", "Brussels"),
        duties="paid",
        pieces=3,
        together="may",
        booked=Measure(1, 3, 5, 6, 7),
        declared=Measure(2, 4),
        goods_class="cells",
        lines=(Line("x", 2, "850760", "CN", 1230, "EUR"),),
        return_of="A-0",
    )
    assert set(FULL) | {"lines"} == set(OrderText.__struct_fields__), "this test knows every field"


def test_lines_are_read_one_by_one_each_with_its_own_currency() -> None:
    lines = [
        {"sku": "x"},
        {"sku": "y", "quantity": 3, "value": 500, "currency": "JPY"},
        {"hs_code": "85", "value": 1.5, "currency": "KWD"},
    ]
    assert [one.hs_code for one in order(lines=[{"hs_code": "6404.11.010"}, {"hs_code": "640411010"}]).lines] == [
        "6404.11.010", "640411010",
    ]  # fmt: skip
    assert order(lines=lines).lines == (Line("x"), Line("y", 3, "", "", 500, "JPY"), Line("", 1, "85", "", 1500, "KWD"))


def test_numbers_may_stand_as_text_and_amounts_of_money_as_numbers() -> None:
    told = order(pieces="3", weight_g="1200", sku="x", quantity="2", value=12.3, currency="EUR")
    assert (told.pieces, told.booked.grams, told.lines) == (3, 1200, (Line("x", 2, "", "", 1230, "EUR"),))


def test_a_blank_field_is_a_field_left_out() -> None:
    blanks = {name: "" for name, value in FULL.items() if isinstance(value, str) and name not in LEAST}
    assert order(**(blanks | {"together": "must", "goods_class": "general"})) == order()


def test_an_order_with_a_postcode_but_no_country_of_origin_comes_from_stock() -> None:
    assert order(from_postcode="1000").origin is None


def test_texts_keep_their_letters() -> None:
    assert order(reference="Łódź 7/日本 \u2028\"'", to_city="São Paulo").reference == "Łódź 7/日本 \u2028\"'"


# --- what is wrong with it


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"sku": "x", "hs_code": "hello"}, "hs_code"), ({"sku": "x", "origin": "Narnia"}, "origin"),
        ({"lines": [{"value": 1, "currency": "euro"}]}, "lines[0].currency"),
        ({"reference": ""}, "reference"), ({"owner": ""}, "owner"), ({"product": ""}, "product"),
        ({"ordered_at": ""}, "ordered_at"), ({"ordered_at": "yesterday"}, "ordered_at"),
        ({"ready_at": "2026-11-23"}, "ready_at"), ({"ship_by": "2026-11-23T10:00"}, "ship_by"),
        ({"to_country": ""}, "to_country"), ({"duties": "maybe"}, "duties"), ({"together": "no"}, "together"),
        ({"pieces": 0}, "pieces"), ({"pieces": 10_001}, "pieces"), ({"pieces": "many"}, "pieces"),
        ({"pieces": 1.5}, "pieces"), ({"pieces": None}, "pieces"), ({"weight_g": -1}, "weight_g"),
        ({"weight_g": 10**12 + 1}, "weight_g"), ({"weight_g": 10**40}, "weight_g"), ({"length_mm": -5}, "length_mm"),
        ({"quantity": 0, "sku": "x"}, "quantity"), ({"value": "1"}, "currency"),
        ({"value": "1.005", "currency": "EUR"}, "value"), ({"value": "one", "currency": "EUR"}, "value"),
        ({"value": "-1", "currency": "EUR"}, "value"), ({"value": "1e999999", "currency": "EUR"}, "value"),
        ({"sku": "x", "lines": [{"sku": "y"}]}, "lines"), ({"lines": "x"}, "lines"), ({"lines": [{}] * 1001}, "lines"),
        ({"lines": [{"sku": "x"}, {"quantity": 0}]}, "lines[1].quantity"),
        ({"lines": [{"value": "1"}]}, "lines[0].currency"), ({"shiny": 1}, "shiny"), ({"": "x"}, ""),
        ({"wanted_from": "2026-11-24T09:00Z", "wanted_to": "2026-11-24T08:00Z"}, "wanted_to"),
        ({"ordered_at": "0001-01-01T00:00Z"}, "ordered_at"), ({"ready_at": "9999-12-31T23:00Z"}, "ready_at"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(fields: dict[str, Any], path: str) -> None:
    assert faults(LEAST | fields) == [path]


def test_every_bad_field_is_told_at_once() -> None:
    bad = {
        "pieces": 0,
        "duties": "maybe",
        "ready_at": "now",
        "weight_g": -1,
        "to_country": "",
        "sku": "x",
        "quantity": 0,
    }
    assert sorted(faults(LEAST | bad)) == ["duties", "pieces", "quantity", "ready_at", "to_country", "weight_g"]


def test_bad_shapes_missing_and_unknown_fields_and_bad_meanings_are_told_together() -> None:
    bad = {"owner": "shop", "ordered_at": "now", "shiny": 1, "pieces": "many", "weight_g": -1, "duties": "maybe"}
    assert sorted(faults(bad)) == [
        "duties", "ordered_at", "pieces", "product", "reference", "shiny", "to_country", "weight_g",
    ]  # fmt: skip


def test_every_bad_line_is_told_by_its_number() -> None:
    lines = [{"sku": "x"}, {"sku": 5, "quantity": "many"}, {"shiny": 1}, "z", {"quantity": 0}]
    assert faults(LEAST | {"lines": lines}) == [
        "lines[1].sku", "lines[1].quantity", "lines[2].shiny", "lines[3]", "lines[4].quantity",
    ]  # fmt: skip


def test_a_fault_says_what_was_wanted_what_was_found_and_what_to_do() -> None:
    assert words(pieces="many") == "pieces: wanted a whole number, found the text 'many'; correct it and send it again"
    assert words(weight_g=-1) == "weight_g: wanted at least 0, found -1; correct it and send it again"
    none = "wanted a field of an order, found a name that no order has"
    assert words(xyz=1) == f"xyz: {none}; see docs/orders.md"
    assert words(wieght_g=1) == f"wieght_g: {none}; did you mean weight_g? Else see docs/orders.md"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b'{"reference": "\xff"}', b'{"a": 1}}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_order_is_refused_as_a_whole(body: bytes) -> None:
    assert faults(body) == ["message"]


def test_a_name_that_comes_twice_means_its_last_value() -> None:
    assert read_order(json.dumps(LEAST).encode()[:-1] + b', "pieces": 7}').pieces == 7


def test_what_is_read_is_a_whole_order_that_can_be_stored() -> None:
    told = order(**FULL)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Asked) == told
