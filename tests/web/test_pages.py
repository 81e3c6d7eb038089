"""The pages over HTTP: who is let in, what is shown to whom, hostile names, forms of other sites."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served import Got, Served, served

from rookery.hub.clock import now
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Holder, Share
from rookery.units import instant_text
from rookery.web.every import load_routes
from rookery.web.pages import departures
from worlds import DAILY, place, places, ride, row, tiny_network

COMPANIES = ("shop", "haul", "network")
HOSTILE = "<script>alert(1)</script>\"'&"
PATHS = ("/", "/orders", "/departures", "/companies", "/messages")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPEN = urllib.request.build_opener(_Stay)


class Visitor:
    """Somebody with a browser that runs no script: a cookie, forms."""

    def __init__(self, hub: Served):
        self.hub, self.cookie = hub, ""

    def get(self, path: str) -> Got:
        return self._ask(urllib.request.Request(f"{self.hub.address}{path}"))

    def post(self, path: str, origin: str | None = None, **form: str) -> Got:
        request = urllib.request.Request(f"{self.hub.address}{path}", urllib.parse.urlencode(form).encode())
        if origin != "":
            request.add_header("origin", origin or self.hub.address)
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Got:
        if self.cookie:
            request.add_header("cookie", self.cookie)
        try:
            with _OPEN.open(request, timeout=30) as reply:
                return Got(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as fault:
            return Got(fault.code, dict(fault.headers), fault.read())

    def enter(self, company: str) -> "Visitor":
        got = self.post("/signin", key=self.hub.keys.get(company, company), next="/orders")
        assert (got.status, got.headers["location"]) == (303, "/orders"), got.raw.decode()
        said = got.headers["set-cookie"]
        assert "HttpOnly" in said and "SameSite=Strict" in said
        assert self.hub.keys.get(company, company) not in said
        self.cookie = said.partition(";")[0]
        return self

    def text(self, path: str, status: int = 200) -> str:
        got = self.get(path)
        assert got.status == status, got.raw.decode()
        return got.raw.decode()


def network() -> Any:
    return tiny_network(
        place("A"), place("B"),
        ride("night", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="shops", resource="service:night", guarantee=50_000_000),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=3),
    )  # fmt: skip


def place_order(hub: Served, reference: str) -> str:
    body = {
        "reference": reference, "owner": "shop", "ordered_at": instant_text(now()), "product": "std",
        "from_facility": "A", "to_facility": "B", "weight_g": 1000,
    }  # fmt: skip
    got = hub.call("POST", "/v1/orders", body, key=urllib.parse.quote(reference))
    assert got.status in (200, 201), got.body
    return str(got.body["id"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("pages") / "hub.ledger", COMPANIES) as one:
        yield one


@pytest.fixture(scope="module")
def order(hub: Served) -> str:
    return place_order(hub, HOSTILE)


def test_nobody_sees_a_page_without_a_key(hub: Served) -> None:
    stranger = Visitor(hub)
    assert "Key of your company" in stranger.text("/")
    for path in (*PATHS[1:], "/orders/x", "/parcels/x", "/why/x", "/departures/x/y", "/events"):
        assert "Key of your company" in stranger.text(path, 401)
    assert "no such key" in stranger.post("/signin", key="live_x_y").raw.decode()
    stranger.cookie = "rookery=live_0000000000000000_0000000000000000000000000000000000000000"
    assert "Key of your company" in stranger.text("/orders", 401)


@pytest.mark.parametrize("company", COMPANIES)
def test_every_page_opens_and_says_whose_it_is(hub: Served, company: str) -> None:
    visitor = Visitor(hub).enter(company)
    for path in PATHS:
        text = visitor.text(path)
        assert ("network operator" if company == "network" else company) in text and "LIVE" in text
        assert 'aria-current="page"' in text


def test_pages_run_nothing_that_is_not_ours(hub: Served) -> None:
    got = Visitor(hub).get("/")
    policy = got.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    text = got.raw.decode()
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?://", text)
    for path in re.findall(r'(?:href|src)="(/pages/[^"]+)"', text):
        assert Visitor(hub).get(path).status == 200


def test_hostile_names_are_text(hub: Served, order: str) -> None:
    shop = Visitor(hub).enter("shop")
    for path in ("/orders", f"/orders/{order}", f"/why/{order}", "/orders?q=" + urllib.parse.quote("<b>'\"")):
        text = shop.text(path)
        assert "<script>alert" not in text and "<b>" not in text
    assert "&lt;script&gt;alert(1)" in shop.text(f"/orders/{order}")


def test_a_number_leads_to_what_it_names(hub: Served, order: str) -> None:
    shop = Visitor(hub).enter("shop")
    got = shop.get("/orders?q=" + urllib.parse.quote(HOSTILE))
    assert (got.status, got.headers["location"]) == (303, f"/orders/{order}")
    parcel = re.findall(r"/parcels/pcl_\w+", shop.text(f"/orders/{order}"))[0]
    story = shop.text(parcel)
    assert "Promised between" in story and "night" in story and "/why/dec_" in story
    waybill = re.findall(r"<h1>Parcel (\S+)</h1>", story)[0]
    assert shop.get(f"/orders?q={waybill}").headers["location"] == parcel
    why = shop.text(re.findall(r"/why/dec_\w+", story)[0])
    assert "Rule:" in why and "chosen" in why


def test_what_happened_at_once_is_told_as_it_happened_the_last_first_and_promises_by_the_clock_there(
    hub: Served, order: str
) -> None:
    text = Visitor(hub).enter("shop").text(f"/orders/{order}")
    told = re.findall(r"</span> (\w+)</span>", text.partition("What happened")[2])
    assert told == ["promised", "planned", "ordered"]
    assert re.search(r"Promised between <strong>[0-9: -]+ UTC\+0[12]</strong>", text)
    assert re.search(r"promised</span> <span>[0-9:T-]+\+0[12]:00 to [0-9:T-]+\+0[12]:00", text)


def test_a_path_that_is_none_is_told_to_a_browser_by_a_page(hub: Served) -> None:
    for visitor, shown in ((Visitor(hub), "To the first page"), (Visitor(hub).enter("shop"), "Sign out")):
        cookie = {"cookie": visitor.cookie} if visitor.cookie else {}
        page = hub.call("GET", "/nowhere", company="", accept="text/html,*/*;q=0.8", **cookie)
        assert page.status == 404 and page.headers["content-type"].startswith("text/html")
        assert "GET /nowhere: see /v1/openapi.json" in page.raw.decode() and shown in page.raw.decode()
    found = hub.call("GET", "/nowhere", company="", accept="*/*")
    assert (found.status, found.body["code"]) == (404, "not_found"), "a program is told as ever"
    posted = hub.call("GET", "/signout", company="", accept="text/html")
    assert posted.status == 405 and posted.headers["allow"] == "POST"


def test_others_see_nothing_of_it(hub: Served, order: str) -> None:
    parcel = re.findall(r"/parcels/pcl_\w+", Visitor(hub).enter("shop").text(f"/orders/{order}"))[0]
    other = Visitor(hub).enter("haul")
    shown, none = other.text(f"/orders/{order}", 404), other.text("/orders/ord_" + "0" * 26, 404)
    assert "is not shown to this company" in shown and "is not shown to this company" in none
    assert other.get(f"/why/{order}").status == 404
    listed = other.text("/orders")
    assert "You have no orders of your own" in listed and parcel in listed.partition("What you carry")[2]
    assert "alert(1)" not in other.text("/orders") + shown
    operates = other.get(parcel)  # it carries a leg: its hop is shown, nothing of owner, promise and events
    if operates.status == 200:
        text = operates.raw.decode()
        assert "Promised between" not in text and "Events and decisions are shown to the owner" in text
    page = operates.raw.decode().partition("<main")[2].partition("</main>")[0]
    assert "shop" not in page and "alert(1)" not in page


def test_a_departure_lists_so_many_of_its_riders_and_says_so(
    hub: Served, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Visitor(hub).enter("shop")
    place_order(hub, "beside it")
    parcel = re.findall(r"/parcels/pcl_\w+", shop.text(f"/orders/{order}"))[0]
    departure = re.findall(r"/departures/[^\"?]+", shop.text(parcel))[0]
    riding = shop.text(departure).partition("What rides it")[2]
    assert riding.count("<li>") > 1 and "At most 100 shipments" in riding
    monkeypatch.setattr(departures, "RIDERS_MAX", 1)
    riding = shop.text(departure).partition("What rides it")[2]
    assert riding.count("<li>") == 1 and "At most 1 shipments" in riding


def test_load_is_told_by_holder_to_the_operator_and_of_its_own_to_a_company(hub: Served, order: str) -> None:
    shop = Visitor(hub).enter("shop")
    parcel = re.findall(r"/parcels/pcl_\w+", shop.text(f"/orders/{order}"))[0]
    departure = re.findall(r"/departures/[^\"?]+", shop.text(parcel))[0]
    assert "Your part of the load" in shop.text(departure) and "shops" in shop.text(departure)
    carrier = Visitor(hub).enter("haul").text(departure).partition("What rides it")[0]
    assert "shops" not in carrier
    assert re.search(r"[1-9],000 of 10,000 grams used", carrier), "who runs it sees how full it is"
    assert "of 10,000 grams" not in shop.text(departure)
    assert "Load by holder" in Visitor(hub).enter("network").text(departure)


def test_forms_of_other_sites_do_nothing(hub: Served) -> None:
    shop = Visitor(hub).enter("shop")
    for origin in ("https://evil.example", "null", ""):
        assert shop.post("/signout", origin).status == 403
        assert shop.post("/signin", origin, key=hub.keys["shop"]).status == 403
    assert shop.get("/orders").status == 200
    assert shop.post("/signin", key="x" * 5000).status == 413


def test_after_signing_out_the_cookie_opens_nothing(hub: Served) -> None:
    shop = Visitor(hub).enter("shop")
    assert shop.post("/signout").status == 303
    assert shop.get("/orders").status == 401


def test_what_a_person_has_open_ends_with_the_person(hub: Served) -> None:
    person = {"email": "mila@shop.example", "name": "Mila", "role": "member"}
    assert hub.call("POST", "/v1/users", person, key="add").status == 200
    made = hub.call("POST", "/v1/keys", {"scopes": ["orders:read"], "user": person["email"]}, key="hers").body
    mila = Visitor(hub).enter(made["secret"])
    assert hub.call("POST", "/v1/users/remove", {"email": person["email"]}, key="remove").status == 200
    assert hub.call("POST", "/v1/users", person, key="again").status == 200
    assert mila.get("/orders").status == 401
    assert hub.call("GET", "/v1/orders", company=made["secret"]).body["code"] == "unauthorized"
    (shown,) = [one for one in hub.call("GET", "/v1/keys").body["data"] if one["key"] == made["key"]]
    assert shown["revoked"] is True


def test_after_signing_in_one_stays_on_this_site(hub: Served) -> None:
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        got = Visitor(hub).post("/signin", key=hub.keys["shop"], next=path)
        assert (got.status, got.headers["location"]) == (303, "/")


@pytest.mark.parametrize("path", ["/orders?colour=red", "/orders?before=x", "/departures?on=soon"])
def test_what_cannot_be_read_is_told_by_a_page(hub: Served, path: str) -> None:
    assert "cannot be read" in Visitor(hub).enter("shop").text(path, 400)


def test_open_pages_hear_of_changes_and_not_how_many(hub: Served) -> None:
    shop = Visitor(hub).enter("shop")
    request = urllib.request.Request(f"{hub.address}/events", headers={"cookie": shop.cookie})
    with urllib.request.urlopen(request, timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert [stream.readline() for _ in range(4)][1] == b"event: ready\n"
        place_order(hub, "heard")
        told = [stream.readline() for _ in range(3)]
    assert told[0] == b"event: changed\n" and b"facts" not in told[2]


def test_pages_are_no_promise_to_programs(hub: Served) -> None:
    paths = hub.call("GET", "/v1/openapi.json", company="").body["paths"]
    assert not {"/", "/orders", "/signin"} & set(paths)


def test_the_api_is_described_to_whoever_asks(hub: Served) -> None:
    text = Visitor(hub).text("/api")
    for route in load_routes():
        assert f'id="{route.name}"' in text and f"<code>{route.path}</code>" in text
    assert 'href="/v1/openapi.json"' in text and "Needs a key that allows <code>orders:write</code>" in text
    assert "who asked for it" in text, "fields have what their structs say"
    assert 'href="/api"' in Visitor(hub).text("/")
    assert "(/api)" in hub.call("GET", "/v1/openapi.json").body["info"]["description"]


def test_fields_are_described_as_their_structs_say(hub: Served) -> None:
    shapes = hub.call("GET", "/v1/openapi.json").body["components"]["schemas"]
    assert shapes["SpaceOut"]["properties"]["company"]["description"] == "who asked for it"
    assert "id" in shapes["ConflictTold"]["properties"]
    assert not [name for shape in shapes.values() for name in shape.get("properties", {}) if name.endswith("_")]
    asked = hub.call("GET", "/v1/openapi.json").body["paths"]["/v1/departures"]["get"]["parameters"]
    texts = {one["name"]: one["schema"].get("description", "") for one in asked}
    assert texts["on"] == "the local day of the first stop" and texts["limit"].startswith("at most so many")
    stands = shapes["SpaceUse"]["properties"]["stands"]["description"]
    assert stands.startswith("firm: nobody recalls it;") and stands.endswith("closes then")


def test_a_departure_is_not_told_to_be_ridden_by_who_may_not_see_that_hop(tmp_path: Path) -> None:
    one_by_one = tiny_network(
        places("A B C D"),
        [row(Company, company_id=one, name=one, country="BE", roles=("carrier",)) for one in ("mid", "last", "depot")],
        ride("one", "A 08:00, B 10:00", company_id="haul"), ride("two", "B 12:00, C 14:00", company_id="mid"),
        ride("three", "C 16:00, D 18:00", company_id="last"),
    )  # fmt: skip
    with served(one_by_one, tmp_path / "hub.ledger", ("shop", "haul", "mid", "last", "depot")) as hub:
        body = {
            "reference": "A", "owner": "shop", "ordered_at": instant_text(now()), "product": "std",
            "from_facility": "A", "to_facility": "D", "weight_g": 1000,
        }  # fmt: skip
        placed = hub.call("POST", "/v1/orders", body, key="a").body
        for company, do in (("shop", "connections"), ("depot", "connections/shop/accept")):
            said = {"company": "depot"} if company == "shop" else {}
            assert hub.call("POST", f"/v1/{do}", said, company=company, key=f"c{company}").status in (200, 201)
        granted = {"company": "depot", "kinds": ["order", "shipment", "parcel"], "profile": "consignee",
                   "purpose": "x", "query": {}, "expires_at": instant_text(now() + 86_400)}  # fmt: skip
        assert hub.call("POST", "/v1/grants", granted, key="g").status == 201
        shipment = hub.call("GET", f"/v1/orders/{placed['id']}").body["shipments"][0]["shipment"]
        (way,) = hub.call("GET", f"/v1/shipments/{shipment}").body["itinerary"]
        ridden = [leg["departure"] for leg in way["legs"]]
        assert [name.partition("/")[0] for name in ridden] == ["one", "two", "three"]
        seen = {
            company: [name.partition("/")[0] for name in ridden
                      if "<li>" in visitor.text(f"/departures/{name}").partition("What rides it")[2]]
            for company in ("shop", "haul", "mid", "last", "depot") for visitor in [Visitor(hub).enter(company)]
        }  # fmt: skip
    assert seen == {
        "shop": ["one", "two", "three"], "haul": ["one", "two"], "mid": ["one", "two", "three"],
        "last": ["two", "three"], "depot": [],
    }  # fmt: skip
