"""Dated versions of the API: pinned with a key, overridden by a header, told in each answer, translated both ways."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from served import Served, served
from test_serve import network, order

from rookery.client.api import Client
from rookery.hub.callers import make_secret
from rookery.hub.clock import now
from rookery.hub.first_key import API_VERSION
from rookery.hub.message import Message
from rookery.hub.notice import TYPES
from rookery.web.every import load_routes
from rookery.web.versions import FIRST, HEADER, HISTORY, Change, History

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def renamed(old: str, new: str) -> Any:
    """A function that gives a field of an object its other name."""
    return lambda value: {new if name == old else name: one for name, one in value.items()}


def each(change: Any) -> Any:
    return lambda page: page | {"data": [change(one) for one in page["data"]]}


MADE_UP = History(
    FIRST,
    (
        Change(
            "2027-03-01", "What was `land` of a facility is `country`.",
            answers={"facility": renamed("country", "land"), "facilities": each(renamed("country", "land"))},
        ),
        Change(
            "2027-06-01", "What was `grams` of an order or a quote is `weight_g`; `name` of a facility was `title`.",
            bodies={"place_order": renamed("grams", "weight_g"), "make_quote": renamed("grams", "weight_g")},
            answers={"facility": renamed("name", "title"), "get_order": renamed("status", "state")},
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub of the year after: the keys are of today."""
    ledger = tmp_path_factory.mktemp("hub") / "hub.ledger"
    with served(network(), ledger, ("shop", "network"), history=MADE_UP) as one:
        yield one


def test_keys_of_the_operator_and_of_the_api_are_pinned_to_the_newest() -> None:
    assert HISTORY.newest == API_VERSION


def test_every_change_is_newer_than_the_one_before_and_about_routes_and_on_the_page() -> None:
    names = {route.name for route in load_routes()}
    for history in (HISTORY, MADE_UP):
        assert history.versions == sorted(history.versions)
        assert all(one.notices.keys() <= TYPES.keys() for one in history.changes)
        assert all({*one.bodies, *one.answers} <= names for one in history.changes)
    for version in HISTORY.versions:
        assert f"| `{version}` |" in PAGE
    assert all(one.text in PAGE for one in HISTORY.changes)


def test_an_older_key_is_answered_as_it_knows_and_a_header_overrides_it(hub: Served) -> None:
    first = hub.call("GET", "/v1/facilities/A")
    assert first.headers[HEADER.lower()] == FIRST
    assert first.body["land"] == "BE" and "title" in first.body and not {"country", "name"} & first.body.keys()
    middle = hub.call("GET", "/v1/facilities/A", rookery_version="2027-03-01")
    assert middle.headers[HEADER.lower()] == "2027-03-01" and {"country", "title"} <= middle.body.keys()
    newest = hub.call("GET", "/v1/facilities/A", rookery_version="2027-06-01")
    assert {"country", "name"} <= newest.body.keys() and "land" not in newest.body
    assert all("land" in one for one in hub.call("GET", "/v1/facilities").body["data"])


def test_an_older_body_is_read_and_is_the_same_message(hub: Served) -> None:
    old = order("V-1")
    old["grams"] = old.pop("weight_g")
    first = hub.call("POST", "/v1/orders", old, key="v1")
    again = hub.call("POST", "/v1/orders", old, key="v1")
    assert first.status == 201 and again.status == 200 and again.body == first.body | {"replayed": True}
    quoted = hub.call("POST", "/v1/quotes", {"origin": "A", "destination": "B", "grams": 5})
    assert quoted.status == 200 and quoted.body["grams"] == 5
    strange = hub.call("POST", "/v1/orders", old, key="v2", rookery_version="2027-06-01")
    assert strange.status == 400 and strange.headers[HEADER.lower()] == "2027-06-01"
    for bad in (b"{", b"[1]", b'"x"', b"[" * 100_000):
        assert hub.call("POST", "/v1/orders", bad, key="bad").status == 400


def test_each_version_of_an_answer_has_a_tag_of_its_own(hub: Served) -> None:
    placed = hub.call("POST", "/v1/orders", order("V-tag"), key="tag", rookery_version="2027-06-01")
    path = f"/v1/orders/{placed.body['id']}"
    tags = {}
    for version in MADE_UP.versions:
        got = hub.call("GET", path, rookery_version=version)
        assert ("state" in got.body) == (version != "2027-06-01") and got.headers["vary"] == HEADER
        tags[version] = got.headers["etag"]
        assert hub.call("GET", path, rookery_version=version, if_none_match=tags[version]).status == 304
    assert tags[FIRST] == tags["2027-03-01"] != tags["2027-06-01"], "the same words have the same one"
    crossed = hub.call("GET", path, rookery_version="2027-06-01", if_none_match=tags[FIRST])
    assert crossed.status == 200 and "status" in crossed.body


@pytest.mark.parametrize("asked", ["2027-03-02", "2031-01-01", "newest", "", "x" * 500])
def test_a_version_that_is_none_is_told_with_those_that_are(hub: Served, asked: str) -> None:
    got = hub.call("GET", "/v1/facilities/A", rookery_version=asked)
    assert got.status == 400 and got.body["errors"][0]["pointer"] == f"header/{HEADER}"
    assert all(one in got.body["detail"] for one in MADE_UP.versions)


def test_a_key_is_made_for_a_version(hub: Served) -> None:
    words = {"scopes": ["network:read"]}
    newest = hub.call("POST", "/v1/keys", words, key="n").body["secret"]
    older = hub.call("POST", "/v1/keys", words | {"version": "2027-03-01"}, key="o").body["secret"]
    assert hub.call("GET", "/v1/facilities/A", company=newest).headers[HEADER.lower()] == "2027-06-01"
    assert hub.call("GET", "/v1/facilities/A", company=older).headers[HEADER.lower()] == "2027-03-01"
    bad = hub.call("POST", "/v1/keys", words | {"version": "2031-01-01"}, key="b")
    assert bad.status == 400 and bad.body["errors"][0]["pointer"] == "/version"
    listed = {one["version"] for one in hub.call("GET", "/v1/keys").body["data"]}
    assert listed >= {FIRST, "2027-03-01", "2027-06-01"}


def test_a_key_pinned_to_a_day_speaks_the_newest_of_that_day() -> None:
    chosen = [MADE_UP.choose(pin, None) for pin in ("", "2026-01-01", FIRST, "2027-02-28", "2027-03-01", "2027-05-31")]
    assert chosen == ["2027-06-01", FIRST, FIRST, FIRST, "2027-03-01", "2027-03-01"]


def test_a_key_pinned_to_a_day_to_come_is_told_so(hub: Served) -> None:
    secret = make_secret("live")
    said = {
        "do": "make", "id": secret.key_id, "hash": secret.hash_, "company": "shop", "scopes": ["network:read"],
        "mode": "live", "version": "2099-01-01",
    }  # fmt: skip
    worker = hub.serving.modes["live"].worker

    async def send() -> None:
        await worker.send(Message("network", "ahead", "key", msgspec.json.encode(said), now()))

    with ThreadPoolExecutor(1) as apart:  # a browser's tests leave a loop running in this thread
        apart.submit(asyncio.run, send()).result()
    got = hub.call("GET", "/v1/facilities/A", company=secret.text)
    assert got.status == 400 and "2099-01-01" in got.body["detail"]
    assert hub.call("GET", "/v1/facilities/A", company=secret.text, rookery_version=FIRST).status == 200


def test_the_description_has_the_versions_and_the_header(hub: Served) -> None:
    described = hub.call("GET", "/v1/openapi.json", company="").body
    told = described["info"]["x-versions"]
    assert [one["version"] for one in told] == MADE_UP.versions and told[1]["changes"] == [MADE_UP.changes[0].text]
    for path in described["paths"].values():
        for operation in path.values():
            (header,) = [one for one in operation["parameters"] if one["name"] == HEADER]
            assert header["schema"]["enum"] == MADE_UP.versions and not header["required"]
            assert all(HEADER in one["headers"] for one in operation["responses"].values())


def test_the_client_asks_in_the_version_that_its_structs_are_of(hub: Served) -> None:
    with Client(hub.address, hub.keys["shop"]) as client:
        assert client._headers[HEADER] == HISTORY.newest
