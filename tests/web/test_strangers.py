"""Nobody is shown or changes what is another company's: every route, keys that open nothing, grants on random days.

A 20:00 to B by `haul`, to C by `fly`.
"""

import base64
import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from served import Got, Served, served

from rookery.hub.callers import stored_rows
from rookery.hub.clock import now
from rookery.hub.open import open_ledger
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Allotment, Holder
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
        ride("one", "A 20:00, B 22:00", carries="grams 1000000"), ride("two", "B 23:00, C 01:00+1", company_id="fly"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=3),
        row(Holder, holder="shops", company_id="shop"), row(Holder, holder="others", company_id="other"),
        row(Allotment, allotment_id="lot", holder="shops", resource="service:*", per="week", dimension="grams",
            amount=10**6),
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
        self.endpoint = self.say("/v1/webhooks", {"url": "https://shops.own/x"}).body["endpoint"]
        self.names = {
            "endpoint": self.endpoint, "delivery": "1", "operation": self.begin(f"/v1/decisions/{self.order}"),
            "order": self.order, "shipment": self.shipment, "parcel": self.waybill, "key_id": self.key,
            "grant": self.grant, "request": self.request, "company": "shop", "facility": "A", "word": "revoke",
            "space": self.order.replace("ord", "hld"), "name": shown["decision"],
            "variant": "one", "date": time.strftime("%Y-%m-%d", time.gmtime(now() + 86400)),
        }  # fmt: skip

    def say(self, path: str, body: Any, company: str = "shop") -> Got:
        self.count += 1
        got = self.hub.call("POST", path, body, company=company, key=f"s{self.count}")
        assert got.status in (200, 201), got.raw
        return got

    def begin(self, path: str, company: str = "shop") -> str:
        """An operation, once it is done."""
        got = self.hub.call("GET", path, company=company)
        assert got.status == 202, got.raw
        end = time.monotonic() + 20
        while self.hub.call("GET", got.body["result"], company=company).body["status"] != "done":
            assert time.monotonic() < end
            time.sleep(0.02)
        operation: str = got.body["operation"]
        return operation

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
    "set_webhook": {"url": "https://evil.example/x"}, "change_webhook": {"url": "https://evil.example/x"},
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
        yield (
            route.name,
            shop.hub.call(route.method, path, body, company=company, key=f"{round_}" if route.needs_key else ""),
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
            if company == "haul" and name in ("get_shipment", "get_parcel", "list_shipments", "list_parcels"):
                continue  # it carries them: see the law below
            assert got.status < 500, (name, got.raw)
            text = got.raw.decode()
            hidden = SECRET_WORDS if got.status < 400 else SECRET_WORDS[-1:]  # a refusal may repeat what was asked
            assert not any(word in text for word in hidden), (name, text)
            assert not (got.status < 400 and ids & set(ID.findall(text))), (name, text)
    assert shop.ledger() == before
    assert shop.hub.call("GET", f"/v1/orders/{shop.order}").body["reference"] == "SHOPS-OWN-1"
    (key,) = [one for one in shop.hub.call("GET", "/v1/keys").body["data"] if one["key"] == shop.key]
    assert "revoked" not in key


# --- tokens


def test_a_token_is_had_for_a_key_and_opens_no_more(shop: Shop) -> None:
    made = shop.say("/v1/keys", {"scopes": ["orders:read", "quotes"]}).body
    got = token(shop.hub, made["key"], made["secret"], scope="orders:read")
    assert got.status == 200 and got.headers["cache-control"] == "no-store"
    assert (got.body["token_type"], got.body["expires_in"], got.body["scope"]) == ("Bearer", 3600, "orders:read")
    access = got.body["access_token"]
    assert shop.hub.call("GET", f"/v1/orders/{shop.order}", company=access).status == 200
    assert shop.hub.call("GET", "/v1/keys", company=access).status == 403
    for id_, secret, error in (
        (made["key"], made["secret"][:-1] + "~", "invalid_client"),
        ("x" * 16, made["secret"], "invalid_client"),
        (got.body["access_token"].split("_")[1], access, "invalid_client"),
    ):
        bad = token(shop.hub, id_, secret)
        assert (bad.status, bad.body["error"]) == (401, error) and "www-authenticate" in bad.headers
    wide = token(shop.hub, made["key"], made["secret"], scope="orders:write")
    assert (wide.status, wide.body["error"]) == (400, "invalid_scope")
    other = token(shop.hub, made["key"], made["secret"], grant_type="password")
    assert (other.status, other.body["error"]) == (400, "unsupported_grant_type")
    basic = base64.b64encode(f"{made['key']}:{made['secret']}".encode()).decode()
    head = {"content-type": FORM, "authorization": f"Basic {basic}"}
    got = shop.hub.call("POST", "/v1/oauth/token", b"grant_type=client_credentials", company="", **head)
    assert got.status == 200 and set(got.body["scope"].split()) == {"orders:read", "quotes"}


def test_a_token_that_is_asked_for_in_another_form_is_refused_in_the_standards_words(shop: Shop) -> None:
    for body, kind in (
        (b"{}", "application/json"), (b"grant_type=client_credentials", ""), (b"a=" + b"b" * 4_000_001, FORM),
        (b"a=1&a=2", FORM), (b"", FORM),
    ):  # fmt: skip
        got = shop.hub.call("POST", "/v1/oauth/token", body, company="", **{"content-type": kind})
        assert (got.status, got.body["error"]) == (400, "invalid_request"), got.raw
        assert set(got.body) == {"error", "error_description"} and got.headers["cache-control"] == "no-store"
    asked = {"content-type": FORM, "rookery-version": "1999-01-01"}
    assert shop.hub.call("POST", "/v1/oauth/token", b"a=1", company="", **asked).body["error"] == "invalid_request"


def test_nobody_makes_a_key_that_opens_more_than_his_own(shop: Shop) -> None:
    small = shop.say("/v1/keys", {"scopes": ["trust:write", "trust:read"]}).body["secret"]
    wide = shop.say("/v1/keys", {"scopes": ["orders:write"]}).body["key"]
    for path, body in (("/v1/keys", {"scopes": ["orders:read"]}),
                       (f"/v1/keys/{wide}/rotate", {"until": instant_text(now() + 60)})):  # fmt: skip
        got = shop.hub.call("POST", path, body, company=small, key="wide")
        assert (got.status, got.body["code"]) == (403, "forbidden")
    made = shop.hub.call("POST", "/v1/keys", {"scopes": ["trust:read"], "mode": "test"}, company=small, key="t")
    assert made.status == 201 and made.body["secret"].startswith("test_")
    assert shop.hub.call("GET", "/v1/keys", company=made.body["secret"]).status == 200
    assert all("hash" not in one and "hash_" not in one for one in shop.hub.call("GET", "/v1/keys").body["data"])


def test_what_has_not_changed_is_not_sent_again(shop: Shop) -> None:
    first = shop.hub.call("GET", f"/v1/orders/{shop.order}")
    again = shop.hub.call("GET", f"/v1/orders/{shop.order}", **{"if-none-match": first.headers["etag"]})
    assert (again.status, again.raw) == (304, b"")
    page = shop.hub.call("GET", "/v1/orders?limit=1").body
    assert page["data"][0]["order"] == shop.order


# --- grants


def say_something(shop: Shop, rng: random.Random) -> None:
    """A random word on connections and grants; many of them are refused."""
    company = rng.choice(("fly", "other", "haul"))
    number = rng.random()
    shop.count += 1
    call = lambda path, body, by="shop": shop.hub.call("POST", path, body, company=by, key=f"r{shop.count}")  # noqa: E731
    if number < 0.15:
        call("/v1/connections", {"company": company})
        call("/v1/connections/shop/accept", {}, company)
    elif number < 0.3:
        call(f"/v1/connections/{company}/{rng.choice(('suspend', 'resume', 'resume', 'revoke'))}", {})
    elif number < 0.4:
        for one in shop.hub.call("GET", "/v1/grants").body["data"][-1:]:
            call(f"/v1/grants/{one['grant']}/revoke", {})
    else:
        meant = {"query": {"country": rng.choice(("", "BE", "ES"))}}
        if rng.random() < 0.5:
            meant = {"object": rng.choice((shop.order, shop.shipment, shop.parcel))}
        kinds = rng.sample(("order", "shipment", "parcel", "itinerary"), rng.randint(1, 3))
        profile = rng.choice(("carrier", "customs", "merchant"))
        ends = instant_text(now() + 3600)
        call("/v1/grants", {"company": company, "kinds": kinds, "profile": profile, "purpose": "p", "expires_at": ends}
             | meant)  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_law_over_http_each_company_is_shown_what_the_rules_give_and_it_is_written_down(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    ledger = shop.hub.serving.modes["live"].ledger
    looks = (("orders", shop.order, find_order, OrderOut), ("shipments", shop.shipment, find_shipment, ShipmentOut),
             ("parcels", shop.parcel, find_parcel, ParcelOut))  # fmt: skip
    shown = 0
    log = ReadLog(ledger)
    before = len(list(log.list("shop")))
    for _ in range(12):
        say_something(shop, rng)
        for company in COMPANIES:
            for path, id_, find_card, kind in looks:
                got = shop.hub.call("GET", f"/v1/{path}/{id_}", company=company)
                one = open_ledger(ledger)
                find = stored_rows(one)
                card = find_card(read_id(id_)[1], find)
                assert card is not None
                seen = show(company, card, find, now())
                one.close()
                assert got.status == (404 if seen is None else 200), (company, path, seen)
                if seen is not None:
                    assert got.body == json.loads(msgspec.json.encode(told(seen, kind, "EUR")))
                    shown += company != "shop"
    reads = list(log.list("shop"))[before:]
    log.close()
    assert len(reads) == shown and all(one.count == 1 for _, one in reads)
    listed = shop.hub.call("GET", "/v1/reads?limit=500").body["data"]
    assert [one["company"] for one in listed][-len(reads) :] == [one.caller for _, one in reads]


def test_long_work_is_fetched_by_who_began_it(shop: Shop) -> None:
    for name in (shop.order, shop.parcel, shop.waybill, "SHOPS-OWN-1", shop.names["name"]):
        found = shop.hub.call("GET", f"/v1/operations/{shop.begin(f'/v1/decisions/{name}')}").body
        assert found["why"]["name"] == shop.order and any("rule:" in line for line in found["why"]["lines"])
    for path, kind in (("/v1/shares?resource=departure:", "shares"), ("/v1/shares/report?from=2026-01-01", "report"),
                       ("/v1/shares/conflicts?to=2099-01-01", "conflicts")):  # fmt: skip
        assert kind in shop.hub.call("GET", f"/v1/operations/{shop.begin(path, 'network')}", company="network").body
    assert shop.hub.call("GET", "/v1/shares/report?from=soon").status == 400
    assert shop.hub.call("GET", "/v1/shares/conflicts").status == 403
    assert shop.hub.call("GET", "/v1/decisions/SHOPS-OWN-1", company="other").status == 404


def test_a_grant_names_its_object_as_whoever_made_it_did(shop: Shop) -> None:
    (grant,) = (one for one in shop.hub.call("GET", "/v1/grants").body["data"] if one["grant"] == shop.grant)
    assert grant["object"] == shop.order


def test_an_allotment_is_shown_to_the_operator_and_to_whose_it_is(shop: Shop) -> None:
    shown = {}
    for company in ("network", "shop", "other"):
        done = shop.begin("/v1/shares?resource=allotment:", company)
        shown[company] = shop.hub.call("GET", f"/v1/operations/{done}", company=company).body["shares"]["data"]
    for row_ in (shown["network"][0], shown["shop"][0]):
        assert (row_["allotted_to"], row_["per"], row_["dimension"], row_["limit"]) == ("shops", "week", "grams", 10**6)
        assert row_["used"] == sum(part["firm"] for part in row_["parts"]) >= 1000
    assert shown["other"] == []
