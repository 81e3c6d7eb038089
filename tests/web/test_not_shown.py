"""What a company is not shown: pages do not lead to it, cursors do not name it, dead grants are not called active.

A 20:00 to B by `haul`, to C by `fly`, to D by `van`, to E by `sea`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, served
from test_lists_served import COMPANIES, Talk, network
from test_pages import Visitor

from rookery.hub.first_key import make_key


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    ledger = tmp_path / "hub.ledger"
    narrow = make_key(network(), ledger, "shop", ("orders:read",), "live", "")
    with served(network(), ledger, COMPANIES, delivers=False) as hub:
        hub.keys["narrow"] = narrow
        yield Talk(hub)


def ids(talk: Talk, order: str) -> tuple[str, str, str]:
    """Shipment, parcel and waybill of an order of shop."""
    found = talk.hub.call("GET", f"/v1/orders/{order}").body
    return found["shipments"][0]["shipment"], found["parcels"][0]["parcel"], found["parcels"][0]["waybill"]


def leads(hub: Served, company: str, number: str) -> str:
    got = Visitor(hub).enter(company).get(f"/orders?q={number}")
    return got.headers.get("location", "") if got.status == 303 else ""


def test_a_number_leads_to_what_it_names_if_that_is_shown_and_nowhere_else(talk: Talk) -> None:
    order = talk.place("one")
    shipment, parcel, waybill = ids(talk, order)
    talk.connect("shop", "other")
    talk.grant("shop", "other", "consignee", "order")
    of_order, of_parcel = f"/orders/{order}", f"/parcels/{parcel}"
    named = (order, "shop:one", shipment, parcel, waybill)
    pages = {
        "shop": (of_order, of_order, of_order, of_parcel, of_parcel),
        "other": (of_order, of_order, "", "", ""),
        "fly": ("", "", of_parcel, of_parcel, of_parcel),
    }
    for company, wanted in pages.items():
        assert tuple(leads(talk.hub, company, number) for number in named) == wanted, company
        status = talk.hub.call("GET", f"/v1/parcels/{waybill}", company=company).status
        assert bool(leads(talk.hub, company, waybill)) == (status == 200)


def test_a_page_of_an_order_has_the_fields_of_its_profile_and_says_what_is_not_shown(talk: Talk) -> None:
    order = talk.place("one")
    _, parcel, _ = ids(talk, order)
    talk.connect("shop", "other")
    talk.grant("shop", "other", "consignee", "order")
    other, owner = Visitor(talk.hub).enter("other"), Visitor(talk.hub).enter("shop")
    page, listed = other.text(f"/orders/{order}"), other.text("/orders").partition("Shown to you")[2]
    for text in (page, listed):
        assert "shop" not in text.partition("<main")[2] and "not shown" in text
    assert "Owner: shop" in owner.text(f"/orders/{order}")
    assert "of shop" not in Visitor(talk.hub).enter("fly").text(f"/parcels/{parcel}")
    talk.grant("shop", "other", "consignee", "parcel")
    assert f"/parcels/{parcel}" in other.text(f"/orders/{order}")


def test_events_stand_on_a_page_for_a_key_that_allows_them(talk: Talk) -> None:
    order = talk.place("one")
    _, parcel, waybill = ids(talk, order)
    seen = {"number": waybill, "code": "EMA", "place": "A", "at": "2026-11-23T10:00+01:00"}
    got = talk.hub.call("POST", "/v1/events", {"events": [seen]}, company="haul", key="e")
    assert got.body["accepted"] == 1, got.raw
    assert "A by haul" in Visitor(talk.hub).enter("shop").text(f"/parcels/{parcel}")
    few = Visitor(talk.hub).enter("narrow").text(f"/parcels/{parcel}")
    assert "A by haul" not in few and "promised" in few


def test_a_grant_is_called_what_its_connection_lets_it_be(talk: Talk) -> None:
    talk.place("one")
    talk.connect("shop", "other")
    talk.grant("shop", "other", "consignee", "order")

    def states() -> list[str]:
        listed = [talk.hub.call("GET", "/v1/grants", company=one).body["data"] for one in ("shop", "other")]
        assert listed[0] == listed[1]
        chips = Visitor(talk.hub).enter("shop").text("/companies").partition("What others show you")[0]
        assert all(f"</span> {one['status']}</span>" in chips for one in listed[0])
        return [one["status"] for one in listed[0]]

    assert states() == ["active"]
    talk.say("/v1/connections/other/suspend", {})
    assert states() == ["suspended"]
    talk.say("/v1/connections/other/resume", {})
    assert states() == ["active"]
    talk.say("/v1/connections/other/revoke", {})
    assert states() == ["revoked"]
    talk.connect("shop", "other")
    assert states() == ["revoked"] and talk.names("/v1/orders", "other") == []
    talk.grant("shop", "other", "consignee", "order")
    assert sorted(states()) == ["active", "revoked"] and talk.names("/v1/orders", "other") == ["one"]


def test_a_cursor_names_nothing_and_is_good_for_its_company_alone(talk: Talk) -> None:
    hidden = [talk.place(f"hidden {n}") for n in range(3)]
    shown = [talk.place(f"shown {n}") for n in range(2)]
    hidden += [talk.place("between")]
    shown += [talk.place("shown 2")]
    talk.connect("shop", "other")
    for order in shown:
        talk.grant("shop", "other", "consignee", "order", object=order, query=None)
    orders = sorted(talk.names("/v1/orders", "other"))
    assert orders == ["shown 0", "shown 1", "shown 2"]
    for path, company in (("/v1/orders", "other"), ("/v1/parcels", "fly"), ("/v1/orders", "shop")):
        cursor = talk.hub.call("GET", f"{path}?limit=1", company=company).body["next_cursor"]
        assert cursor and not any(one in cursor or one[4:] in cursor for one in hidden + shown)
        assert cursor == talk.hub.call("GET", f"{path}?limit=1", company=company).body["next_cursor"]
        assert talk.hub.call("GET", f"{path}?cursor={cursor}", company=company).status == 200
        for wrong in (cursor[:-2], cursor + "AAAA", hidden[0]):
            assert talk.hub.call("GET", f"{path}?cursor={wrong}", company=company).status == 400
        assert talk.hub.call("GET", f"{path}?cursor={cursor}", company="van").status == 400
