"""Nobody is shown or changes what is another company's: every route, keys that open nothing, grants on random days.

A 20:00 to B by `haul`, to C by `fly`.
"""

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from served import Got, Served, served

from rookery.hub.callers import stored_rows
from rookery.hub.clock import now
from rookery.hub.open import open_ledger
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.reading import find_order, find_parcel, find_shipment, show
from rookery.ledger.reads import ReadLog
from rookery.units import instant_text, read_id
from rookery.web.every import load_routes
from rookery.web.table import FORM
from rookery.web.things import OrderOut, ParcelOut, ShipmentOut, told
from worlds import DAILY, place, ride, row, tiny_network

COMPANIES = ("shop", "haul", "fly", "other", "network")
SECRET_WORDS = ("SHOPS-OWN", "shops.own", "shops_note")  # stand in everything that is shop's
ID = re.compile(r"(?:ord|shp|pcl|dec|grt|req|hld|cnx|whk)_[0-9a-v]{26}")


def network() -> Any:
    return tiny_network(
        place("A"), place("B"), place("C"),
        [row(Company, company_id="fly", name="fly", country="BE", roles=("carrier",))],
        ride("one", "A 20:00, B 22:00"), ride("two", "B 23:00, C 01:00+1", company_id="fly"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=3),
    )  # fmt: skip


class Shop:
    """A hub in which `shop` has everything that a company can have. `names`: what its things are called in paths."""

    def __init__(self, hub: Served):
        self.hub, self.count = hub, 0
        self.order = self.say("/v1/orders", order("SHOPS-OWN-1")).body["id"]
        shown = hub.call("GET", f"/v1/orders/{self.order}").body
        self.shipment, self.parcel = shown["shipments"][0]["shipment"], shown["parcels"][0]["parcel"]
        self.waybill = shown["parcels"][0]["waybill"]
        self.key = self.say("/v1/keys", {"scopes": ["orders:read"], "note": "shops_note"}).body["key"]
        self.say("/v1/users", {"email": "mila@shops.own", "name": "Mila", "role": "viewer"})
        self.say("/v1/connections", {"company": "fly", "note": "shops_note"})
        self.say("/v1/connections/shop/accept", {}, company="fly")
        self.grant = self.say("/v1/grants", {
            "company": "fly", "kinds": ["order"], "profile": "carrier", "purpose": "care",
            "expires_at": instant_text(now() + 3600), "object": self.order,
        }).body["id"]  # fmt: skip
        self.request = self.say("/v1/requests", {
            "company": "fly", "kind": "help", "body": {"note": "shops_note"}, "expires_at": instant_text(now() + 3600),
        }).body["id"]  # fmt: skip
        self.names = {
            "order": self.order, "shipment": self.shipment, "parcel": self.waybill, "key": self.key,
            "grant": self.grant, "request": self.request, "company": "shop", "facility": "A", "word": "revoke",
            "space": self.order.replace("ord", "hld"), "name": shown["decision"],
        }  # fmt: skip

    def say(self, path: str, body: Any, company: str = "shop") -> Got:
        self.count += 1
        got = self.hub.call("POST", path, body, company=company, key=f"s{self.count}")
        assert got.status in (200, 201), got.raw
        return got

    def ledger(self) -> dict[str, int]:
        """How much has happened of each company."""
        out: dict[str, int] = {}
        one = open_ledger(self.hub.serving.modes["live"].ledger)
        for stored in one.list_facts():
            words = repr(stored.fact)
            out["shop"] = out.get("shop", 0) + ("shop" in words or self.key in words)
        one.close()
        return out


def order(reference: str, **more: Any) -> dict[str, Any]:
    return {
        "reference": reference, "owner": "shop", "ordered_at": instant_text(now()), "product": "std",
        "from_facility": "A", "to_facility": "C", "weight_g": 1000,
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", COMPANIES) as hub:
        yield Shop(hub)


BODIES: dict[str, Any] = {
    "place_order": order("SHOPS-OWN-2"), "place_orders": {"orders": [order("SHOPS-OWN-3")]},
    "cancel_order": {"reference": "SHOPS-OWN-1"},
    "add_user": {"email": "evil@shops.own", "name": "x", "role": "admin", "company": "shop"},
    "change_user": {"email": "mila@shops.own", "name": "x", "role": "admin", "company": "shop"},
    "remove_user": {"email": "mila@shops.own", "company": "shop"},
    "make_key": {"scopes": ["orders:read"], "company": "shop"},
    "rotate_key": {"until": "2099-01-01T00:00Z"},
    "change_request": {"do": "accept"},
    "make_grant": {"company": "other", "kinds": ["order"], "profile": "carrier", "purpose": "x",
                   "expires_at": "2099-01-01T00:00Z"},
}  # fmt: skip


def walk(shop: Shop, company: str, round_: int) -> Iterator[tuple[str, Got]]:
    """Every route that needs a key, asked about what is shop's."""
    for route in load_routes():
        if not route.scope:
            continue
        path = re.sub(r"\{(\w+)\}", lambda found: shop.names[found[1]], route.path)
        body = BODIES.get(route.name, {}) if route.body is not None else None
        if route.name == "make_grant":
            body = {**body, "object": shop.order}
        if "stream" in route.name:
            continue
        yield route.name, shop.hub.call(
            route.method, path, body, company=company, key=f"{round_}" if route.needs_key else ""
        )
        for name in {"company", "owner", "reference"} & set(route.query.__struct_fields__):
            asked = {name: "SHOPS-OWN-1" if name == "reference" else "shop"}
            if name == "reference":
                asked["owner"] = "shop"
            yield route.name, shop.hub.call("GET", f"{path}?{urlencode(asked)}", company=company)


def test_every_route_has_a_scope_or_is_for_all() -> None:
    open_ = {route.name for route in load_routes() if not route.scope}
    assert open_ == {"health", "ready", "metrics", "openapi", "issue_token", "authorization_server"}


@pytest.mark.parametrize("kind", ["revoked", "expired", "unknown", "token_of_revoked", "no_scope"])
def test_a_key_that_opens_nothing_opens_no_route(shop: Shop, kind: str) -> None:
    secret = dead_key(shop, kind)
    before = shop.ledger()
    for name, got in walk(shop, secret, 1):
        assert got.status == (403 if kind == "no_scope" else 401), (name, got.raw)
    assert shop.ledger() == before


def dead_key(shop: Shop, kind: str) -> str:
    if kind == "unknown":
        return shop.hub.keys["shop"][:-4] + "0000"
    scopes = ["quotes"] if kind == "no_scope" else ["orders:read", "trust:read"]
    ends = instant_text(now() + 2) if kind == "expired" else ""
    asked = {"scopes": scopes, "expires_at": ends}
    if kind == "expired":
        asked["expires_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now() + 2))
    made = shop.say("/v1/keys", asked).body
    secret: str = made["secret"]
    if kind == "token_of_revoked":
        secret = token(shop.hub, made["key"], secret).body["access_token"]
    if kind in ("revoked", "token_of_revoked"):
        assert shop.hub.call("GET", "/v1/orders", company=secret).status == 200
        shop.say(f"/v1/keys/{made['key']}/revoke", {})
    if kind == "expired":
        time.sleep(2.1)
    if kind == "no_scope":
        return narrow(shop)
    return secret


def narrow(shop: Shop) -> str:
    """A key of shop that opens nothing at all: a person's, whose role opens none of its scopes."""
    shop.say("/v1/users", {"email": f"n{shop.count}@x.y", "name": "N", "role": "admin"})
    email = f"n{shop.count - 1}@x.y"
    made = shop.say("/v1/keys", {"scopes": ["webhooks:write"], "user": email}).body
    shop.say("/v1/users/change", {"email": email, "name": "N", "role": "viewer"})
    secret: str = made["secret"]
    return secret


def token(hub: Served, id_: str, secret: str, **more: str) -> Got:
    asked = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret} | more
    return hub.call("POST", "/v1/oauth/token", urlencode(asked).encode(), company="", **{"content-type": FORM})


def test_a_stranger_is_shown_nothing_and_changes_nothing(shop: Shop) -> None:
    before = shop.ledger()
    ids = {*shop.names.values(), shop.parcel} - {"shop", "A", "revoke"}
    for round_, company in enumerate(("other", "haul")):
        for name, got in walk(shop, company, round_):
            if company == "haul" and name in ("get_shipment", "get_parcel"):
                continue  # it carries them: see the law below
            assert got.status < 500, (name, got.raw)
            text = got.raw.decode()
            data = text if got.status < 400 else json.dumps(got.body.get("refusals", ""))
            assert not any(word in data for word in SECRET_WORDS), (name, text)
            assert not (got.status < 400 and ids & set(ID.findall(text))), (name, text)
    assert shop.ledger() == before
    assert shop.hub.call("GET", f"/v1/orders/{shop.order}").body["reference"] == "SHOPS-OWN-1"
    (key,) = [one for one in shop.hub.call("GET", "/v1/keys").body["data"] if one["key"] == shop.key]
    assert "revoked" not in key
