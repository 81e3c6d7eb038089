"""Lists and events over HTTP: what stands on them, page by page, for whom, and what is written down of it.

A 20:00 to B by `haul`, to C by `fly`, to D by `van`, to E by `sea`.
"""

from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

import pytest
from served import Got, Served, served

from rookery.client.api import Client
from rookery.client.calls import HubProblem
from rookery.hub.clock import now
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.profiles import EVENT, NEXT_EVENT, TOLD_EVENT
from rookery.journey.track import MILESTONES
from rookery.ledger.beside import LedgerName
from rookery.units import instant_text
from rookery.web.routes.lists import OrderQuery, ParcelQuery, ParcelStatus, ShipmentQuery
from rookery.web.routes.objects import EventOut
from rookery.web.table import FORM
from stores import ledger_for
from worlds import DAILY, door, places, ride, row, tiny_network

COMPANIES = ("shop", "other", "haul", "fly", "van", "sea", "network")


@pytest.fixture
def ledger(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> LedgerName:
    path = tmp_path / "hub.ledger"
    return ledger_for(request.getfixturevalue("server"), path) if database == "postgres" else path


def network() -> Any:
    return tiny_network(
        [row(Company, company_id=name, name=name, country="BE", roles=("carrier",)) for name in ("fly", "van", "sea")],
        places("A B C D E"), door("delivery", "B"),
        ride("one", "A 20:00, B 22:00"), ride("two", "B 23:00, C 01:00+1", company_id="fly"),
        ride("three", "C 02:00, D 04:00", company_id="van"), ride("four", "D 05:00, E 07:00", company_id="sea"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=9),
    )  # fmt: skip


class Talk:
    """Calls that have to be done, each under a key of its own."""

    def __init__(self, hub: Served):
        self.hub, self.count = hub, 0

    def say(self, path: str, body: Any, company: str = "shop") -> Got:
        self.count += 1
        got = self.hub.call("POST", path, body, company=company, key=f"k{self.count}")
        assert got.status in (200, 201), got.raw
        return got

    def place(self, reference: str, owner: str = "shop", **more: Any) -> str:
        order = {
            "reference": reference, "owner": owner, "ordered_at": instant_text(now()), "product": "std",
            "from_facility": "A", "to_facility": "E", "weight_g": 1000,
        }  # fmt: skip
        id_: str = self.say("/v1/orders", order | more, owner).body["id"]
        return id_

    def connect(self, one: str, other: str) -> None:
        self.say("/v1/connections", {"company": other}, one)
        self.say(f"/v1/connections/{one}/accept", {}, other)

    def grant(self, by: str, company: str, profile: str, *kinds: str, **more: Any) -> str:
        made = {"company": company, "kinds": kinds, "profile": profile, "purpose": "care", "query": {}}
        id_: str = self.say("/v1/grants", made | {"expires_at": instant_text(now() + 3600)} | more, by).body["id"]
        return id_

    def names(self, path: str, company: str, field: str = "reference") -> list[str]:
        """A field of everything on a list, three to a page."""
        found: list[str] = []
        cursor = ""
        while True:
            got = self.hub.call("GET", f"{path}{'&' if '?' in path else '?'}limit=3&cursor={cursor}", company=company)
            assert got.status == 200, got.raw
            assert len(got.body["data"]) <= 3
            found += [one.get(field, "") for one in got.body["data"]]
            if not got.body["has_more"]:
                return found
            cursor = got.body["next_cursor"]


def test_lists_have_filters_and_show_ones_own_and_what_a_query_grants(ledger: LedgerName) -> None:
    with served(network(), ledger, COMPANIES) as hub:
        talk = Talk(hub)
        for number in range(5):
            talk.place(f"S-{number}", pieces=2)
        talk.place("S-no", from_facility="E", to_facility="A")
        talk.say("/v1/orders/cancel", {"reference": "S-1"})
        talk.place("O-0", "other")
        own = {*(f"S-{number}" for number in range(5)), "S-no"}
        assert set(talk.names("/v1/orders", "shop")) == own and len(talk.names("/v1/orders", "shop")) == 6
        assert set(talk.names("/v1/orders?status=booked", "shop")) == own - {"S-1", "S-no"}
        assert talk.names("/v1/orders?status=cancelled", "shop") == ["S-1"]
        assert talk.names("/v1/orders?status=refused", "shop") == ["S-no"]
        assert set(talk.names("/v1/orders", "network")) == own | {"O-0"}
        assert talk.names("/v1/orders?owner=other&status=booked", "network") == ["O-0"]
        assert talk.names("/v1/orders?owner=shop", "other") == []
        parcels = talk.names("/v1/parcels", "shop", "parcel")
        assert len(parcels) == len(set(parcels)) == 10 and len(talk.names("/v1/parcels", "network", "parcel")) == 11
        assert len(talk.names("/v1/parcels?status=cancelled", "shop", "parcel")) == 2
        assert len(talk.names("/v1/shipments", "shop", "shipment")) == 5
        assert talk.names("/v1/shipments?delivered=true", "shop", "shipment") == []
        assert talk.names("/v1/parcels", "other", "status") == ["registered"]

        talk.connect("shop", "other")
        grant = talk.grant("shop", "other", "consignee", "order", "parcel")
        talk.grant("shop", "other", "customs", "shipment")
        assert set(talk.names("/v1/orders", "other")) == own | {"O-0"}
        assert talk.names("/v1/orders?owner=shop&status=cancelled", "other") == ["S-1"]
        talk.place("S-2", "other")
        assert talk.names("/v1/orders?reference=S-1", "other") == ["S-1"], "whose it is need not be named"
        assert talk.names("/v1/orders?reference=S-2", "other") == ["S-2", "S-2"], "one's own, and that which is shown"
        assert talk.names("/v1/orders?reference=S-2", "shop") == ["S-2"]
        assert talk.names("/v1/parcels?owner=shop", "other", "parcel") == parcels
        assert len(talk.names("/v1/shipments?owner=shop", "other", "shipment")) == 5
        assert talk.names("/v1/shipments?owner=shop&delivered=false", "other") == [], (
            "customs sees not what is delivered"
        )
        assert talk.names("/v1/orders?owner=shop&updated_after=2026-01-01T00:00Z", "other") == []
        reads = hub.call("GET", "/v1/reads?limit=500").body["data"]
        wanted = [one for one in reads if one["company"] == "other" and one["kind"] == "parcel"]
        assert sum(one["count"] for one in wanted) == 10 and all("owner=shop" in one["filter"] for one in wanted)
        talk.say(f"/v1/grants/{grant}/revoke", {})
        assert talk.names("/v1/orders?owner=shop", "other") == talk.names("/v1/parcels?owner=shop", "other") == []


def test_what_one_carries_is_listed_and_what_is_granted_by_object(ledger: LedgerName) -> None:
    with served(network(), ledger, COMPANIES) as hub:
        talk = Talk(hub)
        orders = [talk.place(f"S-{number}", pieces=2) for number in range(4)]
        near = talk.place("S-near", to_facility="B")
        talk.place("O-0", "other")
        for company, count in (("haul", 10), ("fly", 9), ("van", 9), ("sea", 9)):
            found = talk.names("/v1/parcels", company, "parcel")
            assert len(found) == len(set(found)) == count, company
            assert len(talk.names("/v1/shipments", company, "shipment")) == (6 if company == "haul" else 5)
            assert talk.names("/v1/orders", company) == [], "of the order its carriers see nothing"
        assert len(talk.names("/v1/parcels?owner=other", "fly", "parcel")) == 1
        assert talk.names("/v1/parcels?status=registered", "fly", "parcel") == [], "they do not see its status"
        first = hub.call("GET", "/v1/parcels?limit=1", company="fly").body["data"][0]
        assert first == hub.call("GET", f"/v1/parcels/{first['parcel']}", company="fly").body
        reads = hub.call("GET", "/v1/reads?limit=500").body["data"]
        assert {one["company"] for one in reads if one["kind"] == "parcel"} == {"haul", "fly", "van", "sea"}
        talk.say("/v1/orders/cancel", {"reference": "S-0"})
        assert len(talk.names("/v1/parcels", "fly", "parcel")) == 7, "who carries it no more sees it no more"

        talk.connect("shop", "other")
        (parcel, *_) = hub.call("GET", f"/v1/orders/{orders[2]}").body["parcels"]
        grants = [
            talk.grant("shop", "other", "merchant", "order", "parcel", object=near, query=None),
            talk.grant("shop", "other", "merchant", "parcel", object=parcel["parcel"], query=None),
        ]  # fmt: skip
        assert sorted(talk.names("/v1/orders", "other")) == ["O-0", "S-near"]
        for path in ("/v1/parcels?owner=shop", "/v1/parcels?owner=shop&status=registered"):
            assert sorted(talk.names(path, "other", "order")) == sorted([orders[2], near])
        for grant in grants:
            talk.say(f"/v1/grants/{grant}/revoke", {})
        assert talk.names("/v1/orders", "other") == ["O-0"] and len(talk.names("/v1/parcels", "other", "order")) == 1


def test_what_changed_is_listed_from_an_instant_on(ledger: LedgerName) -> None:
    with served(network(), ledger, COMPANIES) as hub:
        talk = Talk(hub)
        began = now()
        for number in range(4):
            talk.place(f"S-{number}")
        talk.place("O-0", "other")
        since = f"/v1/orders?updated_after={instant_text(began)[:16]}:00Z".replace("+", "%2B")
        assert talk.names(since, "shop") == ["S-0", "S-1", "S-2", "S-3"]
        talk.say("/v1/orders/cancel", {"reference": "S-1"})
        assert talk.names(since, "shop") == ["S-0", "S-2", "S-3", "S-1"], "the last to change comes last"
        assert talk.names(f"{since}&status=booked", "shop") == ["S-0", "S-2", "S-3"]
        assert talk.names(since, "network")[-2:] == ["O-0", "S-1"]
        assert talk.names("/v1/orders?updated_after=2099-01-01T00:00Z", "shop") == []
        first = hub.call("GET", f"{since}&limit=1").body["next_cursor"]
        for bad in ("/v1/orders?updated_after=soon", "/v1/orders?status=lost", f"/v1/orders?cursor={first}",
                    f"{since}&cursor=ord_{'0' * 26}", f"/v1/parcels?cursor={first}", "/v1/parcels?cursor=pcl_1",
                    "/v1/orders?cursor=ord_00000000000000000000000000.2", "/v1/shipments?delivered=soon",
                    "/v1/parcels?status=booked", "/v1/parcels?limit=0"):  # fmt: skip
            got = hub.call("GET", bad)
            assert (got.status, got.body["code"]) == (400, "bad_request"), (bad, got.raw)


def event(number: str, place: str, code: str, minute: int) -> dict[str, Any]:
    return {"number": number, "code": code, "at": f"2026-11-23T10:{minute:02}+01:00", "place": place, "note": "words"}


def test_the_operator_of_a_leg_is_shown_the_events_of_its_hop_and_the_two_beside_it(ledger: LedgerName) -> None:
    with served(network(), ledger, COMPANIES) as hub:
        talk = Talk(hub)
        order = hub.call("GET", f"/v1/orders/{talk.place('S-1')}").body
        (parcel,) = order["parcels"]
        number = parcel["waybill"]
        seen = [("haul", "A"), ("haul", "B"), ("fly", "B"), ("fly", "C"), ("van", "C"), ("van", "D"), ("sea", "D"),
                ("sea", "E"), ("sea", "on the road")]  # fmt: skip
        for minute, (by, where) in enumerate(seen):
            talk.say("/v1/events", {"events": [event(number, where, "EMC", minute)]}, by)
        path = f"/v1/parcels/{number}/events"
        assert list(zip(talk.names(path, "shop", "by"), talk.names(path, "shop", "place"), strict=True)) == seen
        shown = {"haul": seen[:4], "fly": seen[:6], "van": seen[2:], "sea": seen[4:]}
        for company, events in shown.items():
            found = hub.call("GET", path, company=company).body["data"]
            assert [(one["by"], one["place"]) for one in found] == events
            assert len(talk.names(path, company)) == len(events), "page by page"
            for one in found:
                assert ("raw_description" in one) == (one["by"] == company)
        assert hub.call("GET", path, company="other").status == 404
        reads = hub.call("GET", "/v1/reads?limit=500").body["data"]
        fly = [one for one in reads if (one["company"], one["kind"]) == ("fly", "event")]
        assert fly[0]["count"] == 6 and fly[0]["filter"] == number
        talk.connect("shop", "fly")
        talk.grant("shop", "fly", "merchant", "parcel")
        all_ = hub.call("GET", path, company="fly").body["data"]
        assert [one["place"] for one in all_] == [place for _, place in seen]
        assert [one.get("by", "") for one in all_] == [by for by, _ in seen[:6]] + [""] * 3, "grants add up"


def test_lists_are_methods_of_the_client(ledger: LedgerName) -> None:
    assert set(get_args(ParcelStatus)) - {""} == set(MILESTONES)
    with served(network(), ledger, ("shop",)) as hub:
        Talk(hub).place("S-1", pieces=3)
        with Client(hub.address, hub.keys["shop"]) as shop:
            assert [one.reference for one in shop.list_orders(OrderQuery(status="booked")).data] == ["S-1"]
            page = shop.list_parcels(ParcelQuery(limit=2, status="registered"))
            rest = shop.list_parcels(ParcelQuery(limit=2, cursor=page.next_cursor))
            assert (len(page.data), page.has_more, len(rest.data), rest.has_more) == (2, True, 1, False)
            (one,) = shop.list_shipments(ShipmentQuery(delivered=False)).data
            assert one.pieces == 3 and not one.parcels and shop.list_parcels().data[0].shipment == one.shipment
            with pytest.raises(HubProblem, match="cursor"):
                shop.list_shipments(ShipmentQuery(cursor="x"))


def test_pages_are_full_whatever_else_stands_between_their_rows(ledger: LedgerName) -> None:
    with served(network(), ledger, COMPANIES) as hub:
        talk = Talk(hub)
        for _ in range(3):
            made = talk.say("/v1/keys", {"scopes": ["orders:read"]}).body
            for _ in range(8):
                asked = {"grant_type": "client_credentials", "client_id": made["key"], "client_secret": made["secret"]}
                got = hub.call(
                    "POST", "/v1/oauth/token", urlencode(asked).encode(), company="", **{"content-type": FORM}
                )
                assert got.status == 200
        talk.connect("shop", "fly")
        for number in range(6):
            talk.say("/v1/requests", {"company": "fly", "kind": "k", "body": number, "draft": number % 3 > 0,
                                      "expires_at": instant_text(now() + 3600)})  # fmt: skip
        for path, company, sizes in (("/v1/keys", "shop", [2, 2]), ("/v1/requests", "fly", [2]),
                                     ("/v1/requests", "shop", [2, 2, 2])):  # fmt: skip
            found, cursor = [], ""
            while cursor or not found:
                page = hub.call("GET", f"{path}?limit=2&cursor={cursor}", company=company).body
                assert page["has_more"] == bool(page["next_cursor"])
                found.append(len(page["data"]))
                cursor = page["next_cursor"]
            assert found == sizes, path


def test_what_may_be_read_of_an_event_is_what_the_api_shows_of_it() -> None:
    assert set(EventOut.__struct_fields__) == EVENT > NEXT_EVENT | TOLD_EVENT
