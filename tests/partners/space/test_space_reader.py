"""What companies say about space, read: good words, every bad field of the others, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.journey.account import Use
from rookery.journey.space import ChangeSpace, HoldSpace, ReleaseSpace, TakeSpace, Wish
from rookery.partners.port import BadMessage
from rookery.partners.space.read import USES_MAX, read_change, read_hold, read_quote, read_release, read_take
from rookery.units import id_text
from worlds import at

ID = bytes(range(16))
USES = [{"resource": "sort:A/2026-11-24T05", "amounts": {"pieces": 3, "cm3": 0}}]
READ = (Use("sort:A/2026-11-24T05", {"pieces": 3}),)


def faults(read: Any, body: bytes) -> list[str]:
    with pytest.raises(BadMessage) as bad:
        read(body)
    return [fault.path for fault in bad.value.faults]


def hold(body: bytes) -> HoldSpace:
    return read_hold(body, "shop", ID)


def change(body: bytes) -> ChangeSpace:
    return read_change(body, "shop")


def test_each_body_becomes_its_ask_in_the_senders_name() -> None:
    fields = {"uses": USES, "product": "std", "hold_s": 60, "borrows": True, "standby": USES, "value_minor": 5}
    said = json.dumps(fields | {"wait_until": "2026-11-23T11:00+01:00"}).encode()
    assert hold(said) == HoldSpace(ID, "shop", Wish(READ, "std", 60, 5, True, READ, at("Mon 11:00")))
    assert read_quote(said, "shop").wish == hold(said).wish
    named = json.dumps({"space": ID.hex()}).encode()
    assert read_take(named, "shop") == TakeSpace(ID, "shop")
    assert read_release(named, "shop") == ReleaseSpace(ID, "shop")
    assert change(json.dumps({"space": ID.hex(), "uses": USES}).encode()) == ChangeSpace(ID, "shop", READ)


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"uses": []}, ["uses"]),
        ({"uses": USES * 2}, ["uses[1].resource"]),
        ({"uses": USES * (USES_MAX + 1)}, ["uses"]),
        ({"uses": [{"resource": "", "amounts": {}}]}, ["uses[0].resource", "uses[0].amounts"]),
        ({"uses": [{"resource": "x", "amounts": {"grams": -1}}]}, ["uses[0].amounts.grams"]),
        ({"uses": [{"resource": "x", "amounts": {"grams": 10**13}}]}, ["uses[0].amounts.grams"]),
        ({"uses": [{"resource": "x", "amounts": {"grams": 10**30}}]}, ["uses[0].amounts.grams"]),
        ({"uses": [{"resource": "x", "amounts": {"grams": "1"}}]}, ["uses[0].amounts.grams"]),
        ({"uses": [{"resource": "x", "amounts": {"grams": 1.5}}]}, ["uses[0].amounts.grams"]),
        ({"uses": [{"resource": "x" * 201, "amounts": {"grams": 1}}]}, ["uses[0].resource"]),
        ({"uses": 7, "colour": 1, "borrows": "yes"}, ["colour", "uses", "borrows"]),
        ({"standby": USES}, ["standby"]),
        ({"hold_s": -1, "value_minor": -1, "wait_until": "soon"}, ["hold_s", "value_minor", "wait_until"]),
        ({"hold_s": 8 * 86_400}, ["hold_s"]),
        ({"wait_until": "1950-01-01T00:00Z"}, ["wait_until"]),
    ],
)
def test_every_bad_field_is_told_at_once(fields: dict[str, Any], bad: list[str]) -> None:
    assert faults(hold, json.dumps({"uses": USES} | fields).encode()) == bad


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_message_is_one_fault(body: bytes) -> None:
    assert faults(hold, body) == faults(change, body) == ["message"]


def test_an_id_has_its_prefix_and_hexadecimal_digits_are_read_as_well() -> None:
    for text in (id_text("hld", ID), ID.hex()):
        assert read_take(json.dumps({"space": text}).encode(), "shop") == TakeSpace(ID, "shop")
    for text in ("", "zz", "00", ID.hex() + "00", id_text("ord", ID), id_text("hld", ID)[:-1]):
        assert faults(change, json.dumps({"space": text, "uses": USES}).encode()) == ["space"]
    assert faults(change, b"{}") == ["space", "uses"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["uses", "space", "why", "product", "hold_s", "borrows", "standby", "wait_until", "value_minor"]
)
USE = st.fixed_dictionaries(
    {"resource": st.text(max_size=4) | JSON, "amounts": st.dictionaries(st.text(max_size=4), st.integers()) | JSON}
)
BODIES = st.binary(max_size=50) | st.dictionaries(NAMES, st.lists(USE, max_size=3) | JSON).map(
    lambda one: json.dumps(one).encode()
)


@given(BODIES)
def test_whatever_comes_is_read_or_told_field_by_field(body: bytes) -> None:
    for read in (hold, change, lambda one: read_take(one, "shop"), lambda one: read_release(one, "shop")):
        try:
            read(body)
        except BadMessage as bad:
            assert bad.faults and all(fault.path and fault.wanted for fault in bad.faults)
