"""What has another shape than it should have is told in the same words at every border."""

from typing import Any, Literal

import msgspec
import pytest

from rookery.partners.capacity.read import read_capacity
from rookery.partners.departures.read import read_departure
from rookery.partners.endpoints.read import read_rotate
from rookery.partners.messages.file import read_message
from rookery.partners.orders.read import read_order
from rookery.partners.port import AMOUNT_MAX, FAULTS_MAX, BadMessage, Short, range_fault, read_object, shape_faults
from rookery.partners.scans.read import read_packing, read_scans
from rookery.partners.space.read import read_change, read_hold
from rookery.partners.trust.members import read_company, read_key

ID = b"\1" * 16


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: Short
    amounts: dict[str, int] = {}


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    parts: tuple[Part, ...]
    kind: Literal["bag", "box"] = "bag"
    late: bool = False
    more: Part | None = None
    worth: Short | int | float = ""
    free: Any = None
    turn: Literal["", "left", "right"] = ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, ["parts: wanted a value, found nothing"]),
        ([],
         ["message: wanted an object with the fields parts, kind, late, more, worth, free, turn, found a list of 0"]),
        ({"parts": {}}, ["parts: wanted a list, found an object"]),
        ({"parts": [7]}, ["parts[0]: wanted an object with the fields name, amounts, found the number 7"]),
        ({"parts": [{"name": "a"}, {"name": None}]}, ["parts[1].name: wanted text of at most 200 letters, found null"]),
        ({"parts": [{"name": "x" * 201}]}, ["parts[0].name: wanted text of at most 200 letters, found 201 letters"]),
        ({"parts": [{"name": "a", "amounts": {"grams": "5"}}]},
         ["parts[0].amounts.grams: wanted a whole number, found the text '5'"]),
        ({"parts": [{"name": "a", "amounts": {"grams": 2.5, "cm3": True}}]},
         ["parts[0].amounts.grams: wanted a whole number, found the number 2.5",
          "parts[0].amounts.cm3: wanted a whole number, found true"]),
        ({"parts": [{"name": "a", "amounts": []}]},
         ['parts[0].amounts: wanted an object of whole numbers, such as {"grams": 5000}, found a list of 0']),
        ({"parts": [], "kind": "bagg", "late": "no"},
         ["kind: wanted one of bag, box, found the text 'bagg'", "late: wanted true or false, found the text 'no'"]),
        ({"parts": [{"name": "a"}] * 500 + [{"name": 7}]},
         ["parts[500].name: wanted text of at most 200 letters, found the number 7"]),
        ({"parts": [], "turn": "lft"}, ["turn: wanted blank or one of left, right, found the text 'lft'"]),
        ({"parts": [], "more": 3},
         ["more: wanted an object with the fields name, amounts or null, found the number 3"]),
        ({"parts": [], "more": {"nam": "x"}},
         ["more.nam: wanted one of the fields name, amounts, found another name; did you mean name? Else see docs",
          "more.name: wanted a value, found nothing"]),
        ({"parts": [], "worth": []},
         ["worth: wanted text of at most 200 letters or a whole number or a number, found a list of 0"]),
    ],
)  # fmt: skip
def test_every_place_of_another_shape_is_told(value: Any, said: list[str]) -> None:
    found = [str(fault) for fault in shape_faults(value, Whole, todo="see docs")]
    assert len(found) == len(said) and all(one.startswith(words) for one, words in zip(found, said, strict=True)), found
    assert all(one.endswith("see docs") for one in found)


def test_a_number_may_be_text_where_that_is_said() -> None:
    assert shape_faults("5", int, "limit", strict=False) == []
    (told,) = shape_faults("five", int, "limit", strict=False)
    assert str(told).startswith("limit: wanted a whole number, found the text 'five'")


def test_of_very_many_faults_the_first_are_told() -> None:
    assert len(shape_faults({"parts": [7] * 100_000}, Whole)) == FAULTS_MAX + 1  # from which a message says that


def test_what_has_its_shape_has_no_fault() -> None:
    whole = {"parts": [{"name": "a", "amounts": {"grams": 5}}], "more": None, "worth": 2.5, "free": [1], "late": True}
    assert shape_faults(whole, Whole) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "nothing"), (b"[1]", "a list of 1"), (b"null", "null"), (b'"a"', "the text 'a'"), (b"4", "the number 4"),
        (b"\xff", "bytes that are no UTF-8"), (b'{"a": tru}', "text that is no JSON from byte 10 on"),
        (b'{"a": ', "text that is no JSON, or stops too early"),
        (b"[" * 100_000, "objects or lists in each other, too deep to be read"),
    ],
)  # fmt: skip
def test_what_is_no_object_says_what_it_is(body: bytes, found: str) -> None:
    with pytest.raises(BadMessage) as bad:
        read_object(body)
    assert str(bad.value) == f"message: wanted a JSON object, found {found}; correct it and send it again"


def test_a_number_out_of_its_range_says_in_which_direction_it_has_to_go() -> None:
    assert [str(fault) for n in (-1, 0, 9, 10) for fault in range_fault("n", n, 0, 9)] == [
        "n: wanted at least 0, found -1; correct it and send it again",
        "n: wanted at most 9, found 10; correct it and send it again",
    ]


READ: dict[str, Any] = {
    "hold": lambda body: read_hold(body, "shop", ID), "change": lambda body: read_change(body, "shop"),
    "capacity": lambda body: read_capacity(body, "haul"), "departure": lambda body: read_departure(body, "haul"),
    "scans": lambda body: read_scans(body, "haul"), "packing": lambda body: read_packing(body, "haul"),
    "order": read_order,
    "rotate": lambda body: read_rotate(body, "shop"), "company": lambda body: read_company(body, "network"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("hold", {"uses": [{"resource": 5, "amounts": {"grams": "5"}}]},
         "uses[0].resource: wanted text, found the number 5; see docs/space.md; uses[0].amounts.grams: wanted a whole "
         "number, found the text '5'; see docs/space.md"),
        ("hold", {"uses": [], "hold_s": -5}, "hold_s: wanted at least 0, found -5"),
        ("hold", {"use": []}, "use: wanted one of the fields uses, product, hold_s, value_minor, borrows, standby, "
         "wait_until, found another name; did you mean uses? Else see docs/space.md"),
        ("change", {"space": 7, "uses": []}, "space: wanted text, found the number 7; see docs/space.md"),
        ("capacity", {"resource": "x", "limits": {"grams": -1}}, "limits.grams: wanted at least 0, found -1"),
        ("capacity", {"resource": "x", "limits": {"grams": None}}, "limits.grams: wanted a whole number, found null"),
        ("departure", {"departure": 5, "says": "delay", "at": "x"},
         "says: wanted cancelled or delayed or restored, found the text 'delay'"),
        ("scans", {"event": []}, "event: wanted one of the fields events, found another name; did you mean events?"),
        ("scans", {"events": [{"number": "1", "code": "EMC", "at": "2026-11-23T10:00Z", "place": "A", "weight_g": -1}]},
         "events[0].weight_g: wanted at least 0, found -1"),
        ("packing", {"unit": 5, "at": "x", "kind": "bagg"},
         "unit: wanted text of at most 200 letters, found the number 5"),
        ("order", {"pieces": 0}, "pieces: wanted at least 1, found 0"),
        ("order", {"weight_g": 10**13}, f"weight_g: wanted at most {AMOUNT_MAX}, found {10**13}"),
        ("rotate", {"endpoint": 5}, "endpoint: wanted text, found the number 5; see docs/webhooks.md"),
        ("company", {"do": "add", "company": 5, "name": "x", "country": "BE", "roles": "carrier"},
         "company: wanted text, found the number 5; see docs/trust.md; roles: wanted a list, found the text 'carrier'"),
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_told_in_the_same_words(kind: str, body: Any, said: str) -> None:
    with pytest.raises(BadMessage) as bad:
        READ[kind](msgspec.json.encode(body))
    assert said in str(bad.value)


def test_nothing_of_a_message_about_keys_is_repeated() -> None:
    body = {"do": "revoke", "id": 12345, "why": ["secret-word"]}
    with pytest.raises(BadMessage) as bad:
        read_key(msgspec.json.encode(body), "shop")
    assert "12345" not in str(bad.value) and "secret-word" not in str(bad.value)
    assert "id: wanted text, found something else" in str(bad.value)


def test_a_line_that_is_no_message_says_what_it_is() -> None:
    said = {row: str(read_message(1, row).faults[0]) for row in (b"[1]", b'{"a":', b"7", b'{"sender": 5}')}
    assert said[b"[1]"].startswith("line: wanted a JSON object, found a list of 1")
    assert said[b'{"a":'].startswith("line: wanted a JSON object, found text that is no JSON")
    assert said[b"7"].startswith("line: wanted a JSON object, found the number 7")
