"""The server as its callers see it: what is asked, answered, refused, repeated, and what is wrong."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from served import Served, served

from rookery.hub.clock import now
from rookery.hub.open import open_hub, open_ledger
from rookery.journey.limited import may_begin
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import Holder, Share
from rookery.units import instant_text
from rookery.web import app
from rookery.web.serving import Readers
from worlds import DAILY, place, ride, row, tiny_network

COMPANIES = ("shop", "haul", "network")


def network() -> Any:
    return tiny_network(
        place("A"), place("B"),
        ride("night", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="shops", resource="service:night", guarantee=50_000_000),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1),
    )  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", COMPANIES) as one:
        yield one


def order(reference: str, **fields: Any) -> dict[str, Any]:
    return {
        "reference": reference, "owner": "shop", "ordered_at": instant_text(now()), "product": "std",
        "from_facility": "A", "to_facility": "B", "weight_g": 1000,
    } | fields  # fmt: skip


def test_it_is_alive_and_ready_and_described_without_a_key(hub: Served) -> None:
    assert hub.call("GET", "/health", company="").body["status"] == "ok"
    assert hub.call("GET", "/ready", company="").body["hubs"] == {"live": True, "test": True}
    text = hub.call("GET", "/metrics", company="").raw.decode()
    assert "rookery_ready" in text
    counts = [line.split() for line in text.splitlines() if line.startswith("rookery_request_seconds_bucket{le=")]
    of_ready = [float(count) for name, count in counts if 'route="ready"' in name]
    assert of_ready == sorted(of_ready) and of_ready[-1] >= 1 and len(of_ready) == 16, "each step counts all below it"
    described = hub.call("GET", "/v1/openapi.json", company="").body
    assert described["openapi"] == "3.1.0" and "/v1/orders" in described["paths"]


def test_nobody_is_let_in_without_a_key_that_allows_it(hub: Served) -> None:
    for headers in ({}, {"authorization": "Bearer live_x_y"}, {"authorization": "Basic abc"},
                    {"authorization": "Bearer " + "x" * 10_000}):  # fmt: skip
        got = hub.call("GET", "/v1/network", company="", **headers)
        assert (got.status, got.body["code"]) == (401, "unauthorized") and "Bearer" in got.headers["www-authenticate"]
    test_key = "test" + hub.keys["shop"][4:]
    assert hub.call("GET", "/v1/network", company=test_key).status == 401


def test_a_message_is_done_once_and_its_answer_told_again(hub: Served) -> None:
    wanted = {"uses": [{"resource": "departure:night/2026-11-23/1", "amounts": {"grams": 1000}}]}
    first = hub.call("POST", "/v1/spaces/quote", wanted, key="q1")
    again = hub.call("POST", "/v1/spaces/quote", wanted, key="q1")
    assert first.status == again.status and again.body.get("replayed", first.status == 422)
    other = hub.call("POST", "/v1/spaces/quote", {**wanted, "hold_s": 60}, key="q1")
    assert (other.status, other.body["code"]) == (409, "conflict")
    assert hub.call("POST", "/v1/spaces/quote", wanted, key="q1", company="haul").body.get("code") != "conflict"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"body": b"{", "key": "k"}, 400, "bad_request"),
        ({"body": b"\xff", "key": "k"}, 400, "bad_request"),
        ({"body": b"[" * 100_000, "key": "k"}, 400, "bad_request"),
        ({"body": b" " * 4_000_001, "key": "k"}, 413, "too_large"),
        ({"body": b"{}", "key": "k", "content-type": "text/plain"}, 415, "unsupported_media_type"),
        ({"body": b"{}", "key": "k", "content-encoding": "gzip"}, 415, "unsupported_media_type"),
        ({"body": b"{}", "key": "k", "content-encoding": "identity"}, 400, "bad_request"),
        ({"key": "k"}, 400, "bad_request"),
        ({"key": "k", "content-type": "text/plain"}, 400, "bad_request"),
        ({"body": b"{}"}, 400, "bad_request"),
        ({"body": b"{}", "key": "x" * 201}, 400, "bad_request"),
    ],
)
def test_what_cannot_be_read_is_told(hub: Served, said: dict[str, Any], status: int, code: str) -> None:
    got = hub.call("POST", "/v1/orders", **said)
    assert (got.status, got.body["code"]) == (status, code)
    assert got.headers["content-type"] == "application/problem+json"
    assert got.body["request_id"] == got.headers["request-id"]


def test_a_body_that_does_not_come_is_wanted_with_its_fields(hub: Served) -> None:
    told = {
        path: hub.call("POST", f"/v1/{path}", key="none").body["detail"]
        for path in ("quotes", "orders", "orders/batch")
    }
    assert told == {
        "quotes": "body: wanted a body of application/json with origin, destination, weight_g, found nothing",
        "orders": "body: wanted a body of application/json with reference, owner, ordered_at, product, found nothing",
        "orders/batch": "body: wanted a body of application/json with orders, found nothing",
    }
    by_oauth = hub.call("POST", "/v1/oauth/token", company="")
    assert (by_oauth.status, by_oauth.body["error"]) == (400, "invalid_request"), "in the words of RFC 6749"


def test_a_body_of_another_kind_is_told_as_such(hub: Served) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    got = hub.call("POST", "/v1/orders", b"reference=A", key="k", **form)
    assert got.status == 415 and got.body["title"] == "The body has another type or encoding than is read here"
    assert got.body["detail"] == "content-type: wanted application/json, found application/x-www-form-urlencoded"
    got = hub.call("POST", "/v1/orders", b"\x1f\x8b", key="k", content_encoding="gzip")
    assert got.body["detail"] == "content-encoding: wanted a body as it is, found 'gzip'; send it without that"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"\x00\x01\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nX: " + b"a" * 3_000_000, 400),
        (b"GET /health HTTP/1.1\r\n" + b"X: a\r\n" * 500_000, 400),
        (b"GET /v1/facilities/\xff HTTP/1.1\r\n\r\n", 400),
        (b"POST /v1/orders HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        (b"POST /v1/orders HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n{}", 400),
        (b"GET /v1/facilities?country=%FF%00%ED%A0%80 HTTP/1.1\r\nConnection: close\r\n\r\n", 401),
        (b"GET /v1/network HTTP/1.1\r\nAuthorization: Bearer live_\xff\r\nConnection: close\r\n\r\n", 401),
        (b"GET /health HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\nConnection: close\r\n\r\n", 200),
    ],
)
def test_what_is_no_request_is_told_and_the_connection_ends(hub: Served, words: bytes, status: int) -> None:
    host, port = hub.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.settimeout(20)
        with suppress(ConnectionError):  # it ends while the rest is on its way
            connection.sendall(words)
        heard = b""
        with suppress(ConnectionError):
            while part := connection.recv(65_536):
                heard += part
    assert heard.startswith(f"HTTP/1.1 {status} ".encode()) or (len(words) > 1_000_000 and not heard)


def test_every_bad_field_is_told_at_once(hub: Served) -> None:
    got = hub.call("POST", "/v1/orders", order("bad", weight_g=-1, pieces=0, ordered_at="soon"), key="bad")
    assert got.status == 400
    assert {one["pointer"] for one in got.body["errors"]} == {"/weight_g", "/pieces", "/ordered_at"}
    assert all("wanted" in one["message"] and one["suggestion"] for one in got.body["errors"])


def test_a_body_that_does_not_come_is_not_waited_for(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BODY_S", 0.2)
    host, port = hub.address.removeprefix("http://").split(":")
    head = f"POST /v1/orders HTTP/1.1\r\nAuthorization: Bearer {hub.keys['shop']}\r\nIdempotency-Key: slow\r\n"
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{".encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


def test_paths_and_parameters_that_are_not_there_are_told(hub: Served) -> None:
    assert hub.call("GET", "/v1/nothing").body["code"] == "not_found"
    assert hub.call("DELETE", "/v1/orders").status == 405
    assert hub.call("GET", "/v1/facilities?colour=red").body["errors"][0]["pointer"] == "query/colour"
    assert hub.call("GET", "/v1/facilities?limit=0").status == hub.call("GET", "/v1/facilities?limit=x").status == 400
    assert hub.call("GET", "/v1/facilities/NOWHERE").status == 404


def test_lists_come_in_pages(hub: Served) -> None:
    first = hub.call("GET", "/v1/facilities?limit=1").body
    assert [one["facility"] for one in first["data"]] == ["A"] and first["has_more"]
    second = hub.call("GET", f"/v1/facilities?limit=1&cursor={first['next_cursor']}").body
    assert [one["facility"] for one in second["data"]] == ["B"] and not second["has_more"]


def test_only_the_sender_may_say_what_is_his(hub: Served) -> None:
    got = hub.call("POST", "/v1/orders", order("other"), key="o", company="haul")
    assert got.status == 400 and got.body["errors"][0]["pointer"] == "/owner"
    got = hub.call("POST", "/v1/events", {"events": []}, key="e", company="shop")
    assert (got.status, got.body["code"]) == (403, "forbidden")


def test_events_of_numbers_that_nobody_knows_are_told_and_the_others_stand(hub: Served) -> None:
    event = {"number": "nobody", "code": "EMC", "at": "2026-11-23T10:00+01:00", "place": "A"}
    got = hub.call("POST", "/v1/events", {"events": [event, {**event, "number": "none"}]}, key="e1", company="haul")
    assert got.status == 200 and got.body["accepted"] == 0
    assert [one["number"] for one in got.body["rejected"]] == ["nobody", "none"]


def test_a_server_that_is_opened_again_answers_as_before(tmp_path: Path) -> None:
    ledger, asked = tmp_path / "hub.ledger", order("twice")
    with served(network(), ledger, ("shop",)) as one:
        first = one.call("POST", "/v1/orders", asked, key="k")
        keys = one.keys
    with served(network(), ledger, ()) as two:
        again = two.call("POST", "/v1/orders", asked, key="k", company=keys["shop"])
    assert first.status == 201 and again.status == 200
    assert again.body == first.body | {"replayed": True}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"country": "ESP"}, "/query/country: wanted blank or one of BE, BR, ES, GB, JP, KW, NP, US, found 'ESP'"),
        ({"country": "XX"}, "/query/country: wanted blank or one of BE, BR, ES, GB, JP, KW, NP, US, found 'XX'"),
        ({"product": "nope"}, "/query/product: wanted blank or one of std, found 'nope'"),
    ],
)
def test_a_grant_of_what_there_cannot_be_is_told_so(hub: Served, query: dict[str, str], told: str) -> None:
    wanted = {"company": "haul", "kinds": ["order"], "profile": "carrier", "purpose": "care",
              "expires_at": instant_text(now() + 60), "query": query}  # fmt: skip
    got = hub.call("POST", "/v1/grants", wanted, key="nothing")
    assert (got.status, got.body["detail"]) == (400, told)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("facilities?country=ESP", "query/country: wanted blank or one of BE, found 'ESP'"),
        ("facilities?kind=airprt", "query/kind: wanted blank or one of sort_centre, found 'airprt'"),
        ("services?mode=ar", "query/mode: wanted blank or one of road, found 'ar'"),
        ("services?operator=nosuch", "query/operator: wanted blank or one of haul, other, shop, found 'nosuch'"),
        ("departures?origin=Q", "query/origin: wanted blank or one of A, B, found 'Q'"),
        ("departures?destination=Q", "query/destination: wanted blank or one of A, B, found 'Q'"),
        ("departures?service=nigth", "query/service: wanted blank or one of night, found 'nigth'"),
        ("companies?country=XX", "query/country: wanted blank or one of BE, ES, found 'XX'"),
        ("orders?owner=nobody", "query/owner: wanted blank or one of haul, other, shop, found 'nobody'"),
    ],
)
def test_a_filter_that_nothing_can_pass_is_told_with_what_there_is(hub: Served, path: str, told: str) -> None:
    got = hub.call("GET", f"/v1/{path}")
    assert (got.status, got.body["detail"]) == (400, told)
    assert got.body["errors"][0]["pointer"] == told.partition(":")[0]


def test_a_filter_is_told_what_may_be_meant(hub: Served) -> None:
    (error,) = hub.call("GET", "/v1/departures?service=nigth").body["errors"]
    assert error["suggestion"] == "did you mean night? Else correct it and send it again"


def test_shares_are_asked_for_by_how_the_name_of_something_begins(hub: Served) -> None:
    for begins in ("", "dep", "departure:", "departure:night/2026-11-2", "sort:A/", "delivery:B"):
        assert may_begin(begins, hub.serving.world), begins
    assert hub.call("GET", "/v1/shares?resource=departure:night/").status == 202
    for begins in ("nonsense", "departure:nigth/", "sort:Q", "warehouse:A", "allotment:lot", "departures:"):
        got = hub.call("GET", f"/v1/shares?resource={begins}")
        assert got.status == 400 and got.body["errors"][0]["pointer"] == "query/resource", begins


@pytest.mark.sqlite  # a ledger that is a file
def test_who_closes_readers_leaves_no_journal_of_what_it_has_looked_at_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.ledger"
    hub = open_hub(network(), path)
    readers = Readers(partial(open_ledger, path), is_near=True)
    with ThreadPoolExecutor(1) as loops, closing(hub.ledger):  # in a thread in which nobody else's loop runs
        assert loops.submit(lambda: asyncio.run(readers.glance(lambda look: look.currency))).result() == "EUR"
        loops.submit(readers.close).result()
    assert [one.name for one in tmp_path.iterdir()] == ["a.ledger"]
