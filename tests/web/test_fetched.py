"""Endpoints without an address: what they are told is fetched, waited for, and gone on with."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from served import Got, Served, served
from test_serve import COMPANIES, network, order
from test_webhooks_served import LOOPBACK, Receiver, receiver, wait

from rookery.client.api import Client
from rookery.ledger import lookup
from rookery.ledger.beside import LedgerName
from rookery.web import pulse
from rookery.web.routes.notices import NoticeQuery
from rookery.web.routes.webhooks import EndpointIn
from stores import ledger_for

__all__ = ["receiver"]


@pytest.fixture
def ledger(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> LedgerName:
    path = tmp_path / "hub.ledger"
    return ledger_for(request.getfixturevalue("server"), path) if database == "postgres" else path


@pytest.fixture
def hub(ledger: LedgerName) -> Iterator[Served]:
    with served(network(), ledger, COMPANIES, guard=LOOPBACK) as one:
        yield one


def said(hub: Served, path: str, body: Any, key: str, **who: Any) -> Any:
    got = hub.call("POST", path, body, key=key, **who)
    assert got.status in (200, 201), got.raw
    return got.body


def box(hub: Served, *types: str, key: str = "box", **who: Any) -> str:
    """The path of an endpoint without an address."""
    made = said(hub, "/v1/webhooks", {"url": "", "types": types or ("*",)}, key, **who)
    assert "secret" not in made
    return f"/v1/webhooks/{made['endpoint']}/notices"


def place(hub: Served, reference: str) -> str:
    id_: str = said(hub, "/v1/orders", order(reference), reference)["id"]
    return id_


def timed(call: Callable[[], Got]) -> tuple[Got, float]:
    began = time.monotonic()
    return call(), time.monotonic() - began


def test_what_is_fetched_is_what_is_sent_once_and_in_order(hub: Served, receiver: Receiver) -> None:
    path = box(hub)
    said(hub, "/v1/webhooks", {"url": receiver.url}, "sent")
    orders = [place(hub, f"F-{number}") for number in range(5)]
    wait(lambda: len(receiver.heard) == 10)
    got, after = [], ""
    for _ in range(20):
        page = hub.call("GET", f"{path}?limit=3&cursor={after}").body
        got, after = got + page["data"], page["next_cursor"]
        assert page["has_more"] == (len(got) < 10)
    assert [one["type"] for one in got] == ["shipment.promised", "order.accepted"] * 5
    assert [one["subject"] for one in got[1::2]] == orders, "in the order in which it happened, nothing twice"
    sent = {headers["webhook-id"]: body for headers, body in receiver.heard}
    assert {one["id"] for one in got} == set(sent)
    raw = hub.call("GET", f"{path}?limit=10").raw
    assert all(body in raw for body in sent.values()), "word for word"
    hub.call("POST", f"{path.removesuffix('/notices')}/test", {}, key="test")
    (test,) = hub.call("GET", f"{path}?cursor={after}").body["data"]
    assert test["type"] == "endpoint.test" and test["subject"] in path
    time.sleep(1.1)  # an endpoint is told what happens from the second on in which it is set
    with Client(hub.address, hub.keys["shop"]) as client:
        made = client.set_webhook(EndpointIn("", ("order.accepted",)))
        whole = client.list_notices(made.endpoint, NoticeQuery(since="2026-01-01T00:00Z"))
        assert [one.subject for one in whole.data] == orders, "also what was told before, of its types"
        assert client.list_notices(made.endpoint).data == [], "from then on, where nothing is said"


def test_who_waits_is_told_within_seconds_or_that_there_is_nothing(hub: Served) -> None:
    path = box(hub, "order.accepted")
    with ThreadPoolExecutor(1) as others:
        waits = others.submit(timed, lambda: hub.call("GET", f"{path}?wait_s=20"))
        time.sleep(0.5)
        begun = time.monotonic()
        made = place(hub, "AWAITED")
        got, _ = waits.result()
        assert time.monotonic() - begun < 5
        assert [one["subject"] for one in got.body["data"]] == [made]
        after = got.body["next_cursor"]
        waits = others.submit(timed, lambda: hub.call("GET", f"{path}?wait_s=2&cursor={after}"))
        said(hub, "/v1/users", {"email": "a@b.example", "name": "A", "role": "viewer"}, "tells-nothing")
        got, took = waits.result()
    assert got.body["data"] == [] and not got.body["has_more"] and 1.9 < took < 6
    assert hub.call("GET", f"{path}?cursor={got.body['next_cursor']}").body["data"] == []


def test_nobody_else_fetches_it_and_the_operator_is_written_down(hub: Served) -> None:
    path = box(hub)
    place(hub, "OWN")
    after = hub.call("GET", f"{path}?limit=1").body["next_cursor"]
    assert hub.call("GET", path, company="haul").status == 404
    theirs = box(hub, "order.accepted", company="haul")
    assert hub.call("GET", f"{theirs}?cursor={after}", company="haul").status == 400, "a cursor is its company's"
    assert hub.call("GET", theirs, company="haul").body["data"] == []
    seen = hub.call("GET", path, company="network").body["data"]
    assert len(seen) == 2
    (read,) = [one for one in hub.call("GET", "/v1/reads").body["data"] if one["kind"] == "notice"]
    assert (read["company"], read["count"]) == ("network", 2)


def test_a_key_that_ends_meanwhile_is_told_nothing_more(hub: Served) -> None:
    path = box(hub, "order.accepted")
    made = said(hub, "/v1/keys", {"scopes": ["webhooks:read"]}, "key")
    with ThreadPoolExecutor(1) as others:
        waits = others.submit(hub.call, "GET", f"{path}?wait_s=20", company=made["secret"])
        time.sleep(0.5)
        said(hub, f"/v1/keys/{made['key']}/revoke", {}, "revoke")
        place(hub, "TOO-LATE")
        assert waits.result().status == 401


def test_a_server_that_stops_lets_those_who_wait_go(ledger: LedgerName) -> None:
    with ThreadPoolExecutor(1) as others:
        with served(network(), ledger, COMPANIES) as hub:
            path = box(hub)
            waits = others.submit(timed, lambda: hub.call("GET", f"{path}?wait_s=30"))
            time.sleep(0.5)
        got, took = waits.result()
    assert got.status == 200 and got.body["data"] == [] and took < 15


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("wait_s=31", "query/wait_s"), ("wait_s=-1", "query/wait_s"), ("limit=0", "query/limit"),
     ("cursor=x", "query/cursor"), ("since=monday", "query/since"), ("types=x", "query/types")],
)  # fmt: skip
def test_what_cannot_be_read_is_told(hub: Served, query: str, pointer: str) -> None:
    got = hub.call("GET", f"{box(hub)}?{query}")
    assert got.status == 400 and got.body["errors"][0]["pointer"] == pointer


def test_too_many_of_one_company_may_not_wait(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SEATS_MAX", 2)
    path, theirs = box(hub), box(hub, company="haul")
    with ThreadPoolExecutor(3) as others:
        waits = [others.submit(hub.call, "GET", f"{path}?wait_s=5") for _ in range(2)]
        time.sleep(1.0)
        assert hub.call("GET", f"{path}?wait_s=5").status == 429
        assert hub.call("GET", path).status == 200, "who does not wait needs no place"
        assert hub.call("GET", f"{theirs}?wait_s=1", company="haul").status == 200
        assert [one.result().status for one in waits] == [200, 200]
    assert hub.call("GET", f"{path}?wait_s=1").status == 200, "the places are free again"


def test_who_has_left_keeps_nobody_from_waiting(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SEATS_MAX", 1)
    path = box(hub)
    host, _, port = hub.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        head = f"GET {path}?wait_s=30 HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {hub.keys['shop']}\r\n\r\n"
        line.sendall(head.encode())
        time.sleep(1.0)
        assert hub.call("GET", f"{path}?wait_s=1").status == 429
    wait(lambda: hub.call("GET", f"{path}?wait_s=1").status == 200)


def test_nothing_is_fetched_from_an_endpoint_that_is_disabled(hub: Served) -> None:
    path = box(hub)
    said(hub, f"{path.removesuffix('/notices')}/disable", {}, "off")
    got = hub.call("GET", path)
    assert got.status == 422 and got.body["refusals"][0]["code"] == "closed"


def test_what_others_are_told_is_gone_through_bit_by_bit(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "TOLD_MAX", 4)
    box(hub)
    mine = box(hub, company="haul")
    for number in range(4):
        place(hub, f"T-{number}")  # two notices for the shop, one leg to carry
    got, after, pages = [], "", 0
    while True:
        page = hub.call("GET", f"{mine}?cursor={after}", company="haul").body
        got, after, pages = got + page["data"], page["next_cursor"], pages + 1
        if not page["has_more"]:
            break
    assert [one["type"] for one in got] == ["leg.carry"] * 4 and pages == 3


def test_nothing_is_sent_signed_or_replayed_where_there_is_no_address(hub: Served, receiver: Receiver) -> None:
    path = box(hub).removesuffix("/notices")
    for way, body in (("rotate", {}), ("replay", {"after_seq": 0})):
        got = hub.call("POST", f"{path}/{way}", body, key=way)
        assert got.status == 422 and got.body["refusals"][0]["code"] == "closed", way
    receiver.status = 500
    said(hub, path, {"url": receiver.url}, "called")
    place(hub, "SENT")
    wait(lambda: bool(receiver.heard))
    said(hub, path, {"url": ""}, "fetched")
    place(hub, "FETCHED")

    def given_up() -> bool:
        rows = hub.call("GET", f"{path}/deliveries").body["data"]
        return {(one["status"], one.get("why")) for one in rows} == {
            ("given_up", "the endpoint has no address any more: it is fetched")
        }

    wait(given_up, 60)
    heard = len(receiver.heard)
    threading.Event().wait(1.5)
    assert len(receiver.heard) == heard
    assert len(hub.call("GET", f"{path}/notices").body["data"]) == 4
