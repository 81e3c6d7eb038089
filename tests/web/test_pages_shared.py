"""What grants show on pages, and that the owner can see who has read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from served import Served, served
from test_pages import Visitor, network, place_order

from rookery.hub.clock import now
from rookery.hub.first_key import make_key
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.ledger.beside import open_database
from rookery.tell.store import Store
from rookery.units import DAY_S, stamp_text


def say(ledger: Path, *said: tuple[str, str, dict[str, Any]]) -> None:
    """Messages of companies, before the hub is served."""
    hub = open_hub(network(), ledger)
    messages = [
        Message(sender, f"m{at}", kind, json.dumps(body).encode(), now())
        for at, (sender, kind, body) in enumerate(said)
    ]
    answers = [answer for _, answer in hub.receive(messages)]
    hub.ledger.close()
    assert [answer.outcome for answer in answers] == ["done"] * len(said), answers


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "hub.ledger"


@pytest.fixture(scope="module")
def hub(ledger: Path) -> Iterator[Served]:
    grant = {
        "do": "make", "company": "depot", "kinds": ["order", "parcel"], "profile": "consignee", "purpose": "desk",
        "expires_at": stamp_text(now() + DAY_S), "query": {},
    }  # fmt: skip
    say(
        ledger,
        ("network", "company", {"do": "add", "company": "depot", "name": "<i>Depot", "country": "BE",
                                "roles": ["station"]}),
        ("network", "company", {"do": "add", "company": "bystander", "name": "Other", "country": "BE",
                                "roles": ["station"]}),
        ("shop", "connection", {"do": "invite", "company": "depot"}),
        ("depot", "connection", {"do": "accept", "company": "shop"}),
        ("shop", "grant", grant),
        ("shop", "set_endpoint", {"url": "https://shop.example/<b>hook", "types": ["*"]}),
    )  # fmt: skip
    narrow = make_key(network(), ledger, "shop", ("orders:read",), "live", "")
    with served(network(), ledger, ("shop", "depot", "bystander", "network"), delivers=False) as one:
        one.keys["narrow"] = narrow
        place_order(one, "shown-by-a-grant")
        yield one


def test_a_company_sees_what_it_is_granted_and_no_field_more(hub: Served) -> None:
    depot = Visitor(hub).enter("depot")
    text = depot.text("/orders")
    assert "Shown to you by others" in text and "shown-by-a-grant" in text
    path = text.partition("Shown to you")[2].partition('href="/orders/')[2].partition('"')[0]
    story = depot.text(f"/orders/{path}")
    assert "Events and decisions are shown to the owner" in story and "Promised between" not in story
    assert depot.get(f"/why/{path}").status == 404
    other = Visitor(hub).enter("bystander")
    assert "shown-by-a-grant" not in other.text("/orders") and other.get(f"/orders/{path}").status == 404


def test_who_reads_is_told_to_the_owner(hub: Served) -> None:
    Visitor(hub).enter("depot").text("/orders")
    text = Visitor(hub).enter("shop").text("/companies").partition("Who has read yours")[2]
    assert "depot" in text.partition("<h2>")[0]


def test_what_the_operator_looks_at_is_told_to_the_owner(hub: Served) -> None:
    network = Visitor(hub).enter("network")
    order = network.text("/orders").partition('href="/orders/')[2].partition('"')[0]
    parcel = network.text(f"/orders/{order}").partition('href="/parcels/')[2].partition('"')[0]
    leg = hub.call("GET", f"/v1/shipments/{_shipment(hub, order)}").body["itinerary"][0]["legs"][0]
    paths = {
        "/orders?status=booked": {"order"}, "/orders?status=cancelled": set(), "/orders?late=1": set(),
        f"/orders/{order}": {"order", "shipment", "decision"}, f"/why/{order}": {"order", "decision"},
        f"/parcels/{parcel}": {"order", "parcel", "shipment", "decision"},
        f"/departures/{leg['departure']}": {"shipment", "share"}, "/messages": {"endpoint"},
        "/companies": {"connection", "grant"},
    }  # fmt: skip
    for path, kinds in paths.items():
        before = len(_read_by_network(hub))
        assert network.get(path).status == 200
        assert {kind for kind in _read_by_network(hub)[before:] if kind != "delivery"} == kinds, path
    before = len(_read_by_network(hub))
    Visitor(hub).enter("shop").text(f"/orders/{order}")
    assert len(_read_by_network(hub)) == before, "one's own is no read across companies"


def _shipment(hub: Served, order: str) -> str:
    return str(hub.call("GET", f"/v1/orders/{order}").body["shipments"][0]["shipment"])


def _read_by_network(hub: Served) -> list[str]:
    listed = hub.call("GET", "/v1/reads?limit=500").body["data"]
    return [one["kind"] for one in listed if one["company"] == "network"]


def test_companies_and_grants_are_seen_by_their_sides_alone(hub: Served) -> None:
    texts = {who: Visitor(hub).enter(who).text("/companies") for who in ("shop", "depot", "bystander", "network")}
    assert all("&lt;i&gt;Depot" in text and "<i>" not in text for text in texts.values())
    assert "desk" in texts["shop"] and "desk" in texts["depot"] and "desk" in texts["network"]
    assert "desk" not in texts["bystander"] and "There is no connection" in texts["bystander"]
    assert "POST /v1/connections" in texts["bystander"] and "POST /v1/grants" in texts["bystander"]


def test_a_grant_of_one_object_names_it(hub: Served) -> None:
    orders = hub.call("GET", "/v1/orders").body["data"]
    made = {
        "company": "depot",
        "kinds": ["order"],
        "profile": "consignee",
        "purpose": "one",
        "object": orders[0]["order"],
    }
    grant = hub.call("POST", "/v1/grants", made | {"expires_at": stamp_text(now() + DAY_S)}, key="one")
    assert grant.status == 201, grant.raw
    for who in ("shop", "depot", "network"):
        text = Visitor(hub).enter(who).text("/companies")
        assert f'of <a href="/orders?q={made["object"]}">{made["object"]}</a>' in text


def test_a_page_says_what_its_key_does_not_allow(hub: Served) -> None:
    few = Visitor(hub).enter("narrow")
    assert few.get("/orders").status == 200 and few.get("/companies").status == few.get("/").status == 403
    assert 'href="/companies"' not in few.text("/orders")


def test_messages_out_are_told_with_their_deliveries(hub: Served, ledger: Path) -> None:
    shop = Visitor(hub).enter("shop")
    assert "shop.example/&lt;b&gt;hook" in shop.text("/messages") and "Nothing was sent here yet" in shop.text(
        "/messages"
    )
    db = open_database(ledger)
    assert Store(db, "sender", Random(1)).fan_out(now() * 1000) > 0
    db.close()
    text = shop.text("/messages")
    assert "order." in text and "due" in text and "none yet" in text
    assert "shop.example" not in Visitor(hub).enter("depot").text("/messages")
    assert "of shop" in Visitor(hub).enter("network").text("/messages")
