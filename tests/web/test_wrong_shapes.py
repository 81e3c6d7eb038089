"""Bodies and queries of another shape: all that is wrong is told at once, and what is right of a batch goes on."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from served import Got, Served, served
from test_serve import COMPANIES, network, order

AT = "2026-11-23T10:00+01:00"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", COMPANIES) as one:
        yield one


def said(got: Got) -> dict[str, str]:
    """What is told of each field."""
    assert (got.status, got.body["code"]) == (400, "bad_request"), got.body
    assert got.headers["content-type"] == "application/problem+json"
    assert all(one["code"] == "bad_field" and one["suggestion"] for one in got.body["errors"])
    return {one["pointer"]: one["message"] for one in got.body["errors"]}


# --- bodies


def test_every_field_of_another_shape_is_told_at_once(hub: Served) -> None:
    wish = {"origin": "A", "weight_g": "heavy", "pieces": None, "explain": "yes", "goods_clas": "general"}
    got = hub.call("POST", "/v1/quotes", wish)
    assert said(got) == {
        "/goods_clas": "wanted one of the fields origin, destination, weight_g, volume_cm3, pieces, ready_at, "
        "goods_class, product, explain, found another name",
        "/destination": "wanted a value, found nothing",
        "/weight_g": "wanted a whole number, found the text 'heavy'",
        "/pieces": "wanted a whole number, found null",
        "/explain": "wanted true or false, found the text 'yes'",
    }
    assert got.body["errors"][0]["suggestion"].startswith("did you mean goods_class? Else ")
    assert "/weight_g: wanted a whole number, found the text 'heavy'" in got.body["detail"]


@pytest.mark.parametrize(
    ("path", "body", "pointer", "message"),
    [
        ("keys", {"scopes": "all", "mode": "live"}, "/scopes", "wanted a list, found the text 'all'"),
        ("keys", {"scopes": ["quotes"], "mode": "prod"}, "/mode",
         "wanted blank or one of live, test, found the text 'prod'"),
        ("keys", {"scopes": ["quotes", 5]}, "/scopes/1", "wanted text, found the number 5"),
        ("users", {"email": "a@b.example", "name": "A", "role": "boss"}, "/role", "wanted one of "),
        ("companies", {"company": 5, "name": "x", "country": "BE", "roles": []}, "/company",
         "wanted text, found the number 5"),
        ("grants", {"company": "haul", "kinds": ["order"], "profile": "carrier", "purpose": "care",
                    "expires_at": AT, "query": {"country": 5}}, "/query/country", "wanted text, found the number 5"),
        ("webhooks", {"url": 5}, "/url", "wanted text, found the number 5"),
        ("orders/cancel", {}, "/reference", "wanted a value, found nothing"),
    ],
)  # fmt: skip
def test_what_a_route_reads_itself_is_told_in_the_same_words(
    hub: Served, path: str, body: Any, pointer: str, message: str
) -> None:
    told = said(hub.call("POST", f"/v1/{path}", body, key="shape", company="network"))
    assert list(told) == [pointer] and told[pointer].startswith(message), told


@pytest.mark.parametrize("path", ["quotes", "orders", "orders/batch", "events", "keys"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a": 1, "b": tru}', "text that is no JSON from byte "), (b"[1]", "a list of 1"),
        (b'{"a": ', "text that is no JSON, or stops too early"), (b"\xff", "bytes that are no UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_json_says_where_it_stops(hub: Served, path: str, body: bytes, found: str) -> None:
    told = said(hub.call("POST", f"/v1/{path}", body, key="json", company="network" if path == "keys" else "haul"))
    assert list(told) == [""] and told[""].startswith(f"wanted a JSON object, found {found}"), told


# --- queries


def test_every_bad_parameter_is_told_at_once(hub: Served) -> None:
    got = hub.call("GET", "/v1/orders?limit=ten&status=boked&onwer=shop&cursor=a&cursor=b")
    assert said(got) == {
        "query/onwer": "wanted limit, cursor, reference, owner, status, updated_after, found another name",
        "query/cursor": "wanted it once, found it twice",
        "query/limit": "wanted a whole number, found the text 'ten'",
        "query/status": "wanted blank or one of booked, cancelled, refused, waiting, found the text 'boked'",
    }
    assert got.body["errors"][0]["suggestion"].startswith("did you mean owner? Else ")
    told = said(hub.call("GET", "/v1/shipments?delivered=perhaps"))
    assert told == {"query/delivered": "wanted true or false or null, found the text 'perhaps'"}
    assert len(said(hub.call("GET", "/v1/orders?" + "&".join(f"x{n}=1" for n in range(900))))) == 101


@pytest.mark.parametrize("kind", ["orders", "shipments", "parcels"])
def test_a_list_of_a_company_that_there_is_not_is_told_who_there_is(hub: Served, kind: str) -> None:
    told = said(hub.call("GET", f"/v1/{kind}?owner=nosuch"))
    assert re.fullmatch("wanted blank or one of haul,( newcomer,)? other, shop, found 'nosuch'", told["query/owner"])
    assert hub.call("GET", f"/v1/{kind}?owner=haul").body["data"] == []


def test_a_company_that_was_added_is_one(hub: Served) -> None:
    added = {"company": "newcomer", "name": "Newcomer", "country": "BE", "roles": ["customer"]}
    assert hub.call("POST", "/v1/companies", added, key="added", company="network").status == 200
    assert hub.call("GET", "/v1/orders?owner=newcomer").status == 200


# --- quotes


def test_a_quote_names_each_field_that_the_network_does_not_know(hub: Served) -> None:
    wish = {"origin": "NOWHERE", "destination": "XX 1", "weight_g": -1, "pieces": 0, "goods_class": "generl",
            "product": "st", "ready_at": "soon"}  # fmt: skip
    got = hub.call("POST", "/v1/quotes", wish)
    told = said(got)
    assert set(told) == {f"/{name}" for name in wish}
    assert told["/product"] == "wanted one of std, found 'st'"
    assert told["/origin"].startswith("wanted a facility of the network, or a country and postcode")
    todo = {one["pointer"]: one["suggestion"] for one in got.body["errors"]}
    assert todo["/goods_class"].startswith("did you mean general?") and todo["/product"].startswith("did you mean std?")
    late = said(
        hub.call(
            "POST", "/v1/quotes", {"origin": "A", "destination": "B", "weight_g": 1, "ready_at": "1990-01-01T00:00Z"}
        )
    )
    assert list(late) == ["/ready_at"]


# --- batches


def test_a_badly_shaped_order_of_a_batch_is_told_and_the_others_are_placed(hub: Served) -> None:
    orders = [order("b-0"), order("b-1", weight_g="heavy", pieces=0, colour="red"), 7, order("b-3")]
    got = hub.call("POST", "/v1/orders/batch", {"orders": orders}, key="mixed")
    assert got.status == 200
    assert [(one["reference"], one.get("replayed", False)) for one in got.body["accepted"]] == [
        ("b-0", False), ("b-3", False),
    ]  # fmt: skip
    assert [(one["index"], one["code"]) for one in got.body["rejected"]] == [(1, "bad_request"), (2, "bad_request")]
    first = got.body["rejected"][0]["detail"]
    for field in ("/weight_g: wanted a whole number, found the text 'heavy'", "/pieces: ", "/colour: "):
        assert field in first
    orders[1] = order("b-1")
    corrected = hub.call("POST", "/v1/orders/batch", {"orders": [*orders[:2], order("b-2"), orders[3]]}, key="mixed")
    assert [one.get("replayed", False) for one in corrected.body["accepted"]] == [True, False, False, True]
    assert corrected.body["rejected"] == []


def test_a_batch_of_which_no_order_can_be_read_is_a_problem(hub: Served) -> None:
    orders = [order("c-0", weight_g="heavy"), 7, order("c-2", pieces=0)]
    told = said(hub.call("POST", "/v1/orders/batch", {"orders": orders}, key="unread"))
    assert {"/orders/0/weight_g", "/orders/1", "/orders/2/pieces"} == set(told)
    assert told["/orders/0/weight_g"] == "wanted a whole number, found the text 'heavy'"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"orders": {}}, "/orders"), ({"order": []}, "/order"), ({}, "/orders"), ({"orders": []}, "/orders"),
     ({"orders": [7] * 1001}, "/orders"), ({"orders": [], "more": 1}, "/more")],
)  # fmt: skip
def test_what_is_no_batch_is_told(hub: Served, body: Any, pointer: str) -> None:
    assert pointer in said(hub.call("POST", "/v1/orders/batch", body, key="none"))


def test_a_badly_shaped_event_of_a_batch_is_told_and_the_others_stand(hub: Served) -> None:
    placed = hub.call("POST", "/v1/orders", order("seen"), key="seen").body["id"]
    number = hub.call("GET", f"/v1/orders/{placed}").body["parcels"][0]["waybill"]
    event = {"number": number, "code": "EMC", "at": AT, "place": "A"}
    events = [
        event,
        {**event, "at": "noon", "weight_g": "x"},
        {**event, "number": "nobody"},
        7,
        {**event, "code": "EMD"},
        {**event, "at": "2199-01-01T00:00Z"},
        {**event, "number": "nobody"},
    ]
    got = hub.call("POST", "/v1/events", {"events": events}, key="mixed", company="haul")
    assert got.status == 200 and got.body["accepted"] == 2
    first, unknown, last, ahead, twice = got.body["rejected"]
    assert (first["index"], first["number"], first["code"]) == (1, number, "unreadable")
    assert "events[1].weight_g: wanted a whole number" in first["detail"] and "events[1].at: " in first["detail"]
    assert (unknown["number"], unknown["code"], unknown["index"]) == ("nobody", "unknown", 2)
    assert (last["index"], last["number"], last["code"]) == (3, "", "unreadable")
    assert (ahead["index"], ahead["number"], ahead["code"]) == (5, number, "absurd")
    assert (twice["index"], twice["number"], twice["code"]) == (6, "nobody", "unknown")
    (alone,) = hub.call("POST", "/v1/events", {"events": [events[2]]}, key="alone", company="haul").body["rejected"]
    assert alone["index"] == 0
    again = hub.call("POST", "/v1/events", {"events": events}, key="mixed", company="haul").body
    assert again == got.body | {"replayed": True}
    seen = hub.call("GET", f"/v1/parcels/{number}/events", company="haul").body["data"]
    assert len(seen) == 2


def test_events_of_which_none_can_be_read_are_a_problem(hub: Served) -> None:
    told = said(hub.call("POST", "/v1/events", {"events": [{"number": 5}, 7]}, key="bad", company="haul"))
    assert set(told) == {"/events/0/number", "/events/0/code", "/events/0/at", "/events/0/place", "/events/1"}
