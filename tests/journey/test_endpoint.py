"""Where companies want to be told: asks, facts and rows."""

import json
from typing import Any

import pytest

from rookery.journey.endpoint import (
    ENDPOINTS_MAX,
    DisableEndpoint,
    EnableEndpoint,
    Endpoint,
    RotateSecret,
    SetEndpoint,
    TryEndpoint,
    wants,
)
from rookery.partners.endpoints.read import read_disable, read_endpoint, read_rotate
from rookery.partners.port import BadMessage
from talk import Book
from worlds import places, ride, tiny_network

URL = "https://shop.example/hooks"
TYPES = ("order.accepted", "order.refused")


@pytest.fixture
def book() -> Book:
    return Book(tiny_network(places("AB"), ride("AB", "A 20:00, B 23:00")))


def set_new(book: Book, url: str = URL, types: tuple[str, ...] = ("order.accepted",)) -> Endpoint:
    assert book.ask(SetEndpoint("shop", "", url, types)) is None
    return next(row for row in book.state[Endpoint] if row.url == url)


def codes(book: Book, *asks: Any) -> list[str]:
    """What each ask is refused for; blank: it is not."""
    return [refusal.code if (refusal := book.ask(ask)) else "" for ask in asks]


def test_an_endpoint_is_told_what_it_wants_while_it_is_enabled(book: Book) -> None:
    row = set_new(book)
    assert wants(book.state).wants("shop", "order.accepted") and not wants(book.state).wants("shop", "order.refused")
    assert not wants(book.state).wants("other", "order.accepted")
    assert codes(book, DisableEndpoint("shop", row.endpoint_id)) == [""]
    assert not wants(book.state).wants("shop", "order.accepted")
    assert codes(book, TryEndpoint("shop", row.endpoint_id), EnableEndpoint("shop", row.endpoint_id)) == ["closed", ""]
    assert codes(book, SetEndpoint("shop", row.endpoint_id, URL, ("*",)), TryEndpoint("shop", row.endpoint_id)) == [
        "",
        "",
    ]
    assert wants(book.state).wants("shop", "order.refused")
    assert (book.state[Endpoint].get(row.endpoint_id).version, row.version) == (4, 1)


def test_the_same_again_changes_nothing(book: Book) -> None:
    row = set_new(book)
    count = len(book.facts)
    assert codes(
        book, SetEndpoint("shop", row.endpoint_id, URL, row.types), EnableEndpoint("shop", row.endpoint_id)
    ) == ["", ""]
    assert len(book.facts) == count


def test_a_rotation_counts_versions_and_says_until_when_the_old_secret_signs(book: Book) -> None:
    row = set_new(book)
    assert codes(book, RotateSecret("shop", row.endpoint_id, 60), RotateSecret("shop", row.endpoint_id, 0)) == ["", ""]
    now = book.state[Endpoint].get(row.endpoint_id)
    assert (now.secret_version, now.old_until) == (3, book.desk.now)


def test_only_its_company_and_the_operator_of_the_network_speak_for_an_endpoint(book: Book) -> None:
    id_ = set_new(book).endpoint_id
    strangers = [
        SetEndpoint("other", id_, URL, ("*",)), RotateSecret("other", id_), DisableEndpoint("other", id_),
        EnableEndpoint("other", id_), TryEndpoint("other", id_), TryEndpoint("shop", "whk_" + "0" * 26),
    ]  # fmt: skip
    assert codes(book, *strangers) == ["unknown"] * 6
    assert codes(book, DisableEndpoint("network", id_, "it is gone")) == [""]


def test_a_company_has_a_limited_number_of_endpoints(book: Book) -> None:
    for number in range(ENDPOINTS_MAX):
        set_new(book, f"{URL}/{number}")
    assert codes(book, SetEndpoint("shop", "", URL, ("*",)), SetEndpoint("other", "", URL, ("*",))) == ["too_many", ""]


# --- as they are sent


def faults(read: Any, **body: Any) -> list[str]:
    try:
        read(json.dumps(body).encode())
    except BadMessage as bad:
        return [fault.path for fault in bad.faults]
    return []


def read_set(body: bytes) -> SetEndpoint:
    return read_endpoint(body, "shop", TYPES)


@pytest.mark.parametrize(
    "url",
    [
        " ", "shop.example", "ftp://shop.example/", "https://", "https://me:word@shop.example/", "https://shop.example/#x",
        "https://shop.example:0/", "https://shop.example:99999/", "https://shop.example/\r\nhost: x", "https://[::1/",
        "https://sh\u00f6p.example/", "https://shop.example/" + "x" * 2000, "//shop.example/", "javascript:x",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_called_is_a_fault(url: str) -> None:
    assert set(faults(read_set, url=url)) == {"url"}


def test_every_bad_field_is_told_at_once() -> None:
    body = {"url": "x", "types": ["order.accepted", "nothing"], "description": "x" * 201, "endpoint": "whk_1"}
    assert faults(read_set, **body) == ["url", "types", "description", "endpoint"]
    assert faults(read_set, url=URL, types=[]) == ["types"]
    assert faults(lambda body: read_rotate(body, "shop"), endpoint="x", overlap_s=-1) == ["endpoint", "overlap_s"]
    assert faults(lambda body: read_disable(body, "shop"), endpoint="whk_" + "0" * 26, why="x" * 201) == ["why"]


@pytest.mark.parametrize(
    ("body", "path"),
    [(body, "message") for body in (b"", b"{", b"[]", b"7", b"\xff", b"null")]
    + [(b'{"url": 7}', "url"), (b'{"url": "x", "more": 1}', "more")],
)
def test_what_is_no_endpoint_is_one_fault(body: bytes, path: str) -> None:
    with pytest.raises(BadMessage) as bad:
        read_set(body)
    assert [fault.path for fault in bad.value.faults] == [path]


def test_types_are_kept_in_order_and_once() -> None:
    body = json.dumps({"url": URL, "types": ["order.refused", "order.accepted", "order.refused"]}).encode()
    assert read_set(body).types == TYPES and read_set(json.dumps({"url": URL}).encode()).types == ("*",)
