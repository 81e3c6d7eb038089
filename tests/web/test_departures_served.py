"""Departures and own spaces over HTTP: what leaves when, as known now; what of capacity is told to whom.

`one` A 20:00 to B 22:00 to C 01:00 by `haul`, limited from A to B; `two` C 02:00 to A 05:00 by `fly`.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from served import Served, served
from test_pages import Visitor

from rookery.client.api import Client
from rookery.hub import clock
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Holder, Share
from rookery.units import instant_text, read_instant
from rookery.web.routes.departures import DeparturesQuery
from rookery.web.routes.spaces import SpaceQuery
from worlds import place, ride, row, tiny_network

COMPANIES = ("shop", "other", "haul", "fly", "network")
NOON = read_instant("2026-11-23T12:00+01:00")


def network() -> Any:
    return tiny_network(
        place("A"), place("B"), place("C"),
        [row(Company, company_id="fly", name="fly", country="BE", roles=("carrier",))],
        ride("one", "A 20:00, B 22:00/23:00, C 01:00+1", carries="grams 1000"),
        ride("two", "C 02:00, A 05:00", company_id="fly"),
        row(Holder, holder="shops", company_id="shop"), row(Holder, holder="others", company_id="other"),
        row(Share, holder="shops", resource="service:one", dimension="grams", guarantee_amount=300),
    )  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "time", SimpleNamespace(time=lambda: NOON, time_ns=lambda: NOON * 10**9))
        with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", COMPANIES) as one:
            yield one


def names(hub: Served, company: str = "other", **asked: str) -> list[str]:
    """What is on the list, one to a page."""
    found: list[str] = []
    cursor = ""
    while True:
        got = hub.call("GET", f"/v1/departures?{urlencode(asked | {'limit': '1', 'cursor': cursor})}", company=company)
        assert got.status == 200, got.raw
        found += [one["departure"] for one in got.body["data"]]
        if not got.body["has_more"]:
            return found
        cursor = got.body["next_cursor"]


def test_departures_are_found_by_day_by_time_by_service_and_by_ends(hub: Served) -> None:
    assert names(hub, on="2026-11-23") == ["one/2026-11-23", "two/2026-11-23"]
    assert names(hub) == ["one/2026-11-23", "two/2026-11-24"], "the next 24 hours"
    evening = {"from": "2026-11-23T20:00+01:00", "until": "2026-11-24T20:00+01:00"}
    assert names(hub, **evening) == ["one/2026-11-23", "two/2026-11-24"], "the end is not meant"
    assert names(hub, **evening, service="two") == ["two/2026-11-24"]
    assert names(hub, **evening, origin="B") == ["one/2026-11-23"]
    assert names(hub, **evening, origin="A", destination="C") == ["one/2026-11-23"]
    assert names(hub, **evening, origin="C", destination="B") == [], "not against its way"
    later = {"from": "2026-11-23T22:30+01:00", "until": "2026-11-23T23:30+01:00"}
    assert names(hub, **later) == [] and names(hub, **later, origin="B") == ["one/2026-11-23"]
    assert names(hub, on="2037-01-01") == [] and names(hub, on="0001-01-01") == []


def test_what_cannot_be_asked_is_told(hub: Served) -> None:
    for asked, wanted in (
        ({"on": "today"}, "query/on"), ({"on": "2026-11-23", "until": "2026-11-24T00:00Z"}, "query/on"),
        ({"from": "now"}, "query/from"), ({"from": "2026-11-23T00:00Z", "until": "2027-11-23T00:00Z"}, "query/until"),
        ({"cursor": "one"}, "query/cursor"), ({"limit": "501"}, "query/limit"),
    ):  # fmt: skip
        got = hub.call("GET", f"/v1/departures?{urlencode(asked)}")
        assert (got.status, got.body["errors"][0]["pointer"]) == (400, wanted)
    for path in ("one/2026-11-3", "one/2048-01-01", "none/2026-11-23"):
        assert hub.call("GET", f"/v1/departures/{path}").status == 404


def test_a_departure_tells_its_times_as_known_now(hub: Served) -> None:
    path = "/v1/departures/one/2026-11-25"
    got = hub.call("GET", path).body
    assert (got["status"], got["service"], got["operator"]) == ("runs", "one", "haul")
    assert [one["facility"] for one in got["stops"]] == ["A", "B", "C"]
    assert got["stops"][1] == {
        "stop": 2, "facility": "B", "planned_arrival": "2026-11-25T21:00:00Z", "arrival": "2026-11-25T21:00:00Z",
        "planned_departure": "2026-11-25T22:00:00Z", "departure": "2026-11-25T22:00:00Z",
    }  # fmt: skip
    word = {"departure": "one/2026-11-25", "at": instant_text(NOON), "why": "snow"}
    late = word | {"says": "delayed", "departs_late_s": 1800, "arrives_late_s": 1200}
    assert hub.call("POST", "/v1/departures/changes", late, company="haul", key="late").status == 200
    got = hub.call("GET", path).body
    assert (got["status"], got["why"], got["version"]) == ("late", "snow", 1)
    assert got["stops"][0]["departure"] == "2026-11-25T19:30:00Z"
    assert (got["stops"][1]["planned_arrival"], got["stops"][1]["arrival"]) == (
        "2026-11-25T21:00:00Z", "2026-11-25T21:20:00Z",
    )  # fmt: skip
    visitor = Visitor(hub).enter("shop")
    page = visitor.text(f"/departures/{got['departure']}")
    assert "20:30 UTC+01<" in page and "30 min late, planned 2026-11-25 20:00 UTC+01" in page
    assert "22:20 UTC+01<" in page and "20 min late, planned 2026-11-25 22:00 UTC+01" in page and "late</span>" in page
    row = visitor.text("/departures?on=2026-11-25&service=one")
    assert "20:30 UTC+01<" in row and "30 min late" in row
    assert "01:20 UTC+01<" in row and "20 min late, planned 2026-11-26 01:00 UTC+01" in row
    plain = visitor.text("/departures?on=2026-11-26&service=one")
    assert "20:00 UTC+01<" in plain and "late" not in plain.partition("<tbody>")[2]
    off = word | {"says": "cancelled"}
    assert hub.call("POST", "/v1/departures/changes", off, company="haul", key="off").status == 200
    got = hub.call("GET", path).body
    assert got["status"] == "cancelled" and all(leg["closed"] for leg in got["legs"])
    listed = hub.call("GET", "/v1/departures?on=2026-11-25&service=one").body["data"]
    assert [one["status"] for one in listed] == ["cancelled"] and "legs" not in listed[0]


def test_each_is_told_as_much_of_the_load_as_it_may_know(hub: Served) -> None:
    uses = [{"resource": "departure:one/2026-11-26/1", "amounts": {"grams": 200}}]
    assert hub.call("POST", "/v1/spaces", {"uses": uses}, key="h1").status == 201
    uses[0]["amounts"]["grams"] = 150
    assert hub.call("POST", "/v1/spaces", {"uses": uses}, key="h2", company="other").status == 201

    def grams(company: str, day: str = "2026-11-26") -> Any:
        leg = hub.call("GET", f"/v1/departures/one/{day}", company=company).body["legs"][0]
        assert (leg["origin"], leg["destination"]) == ("A", "B")
        (found,) = leg["dimensions"]
        return found

    own = {"holder": "shops", "guarantee": 300, "unused": 100, "used": 200}
    assert grams("shop") == {"dimension": "grams", "limit": 1000, "free": 100, "holders": [own]}
    others = {"holder": "others", "used": 150}
    assert grams("other") == {"dimension": "grams", "limit": 1000, "free": 0, "holders": [others]}
    assert grams("fly") == {"dimension": "grams", "limit": 1000, "free": 0}
    assert grams("haul") == {"dimension": "grams", "limit": 1000, "free": 650, "used": 350}, "it operates it"
    seen = grams("network")
    assert (seen["free"], seen["used"]) == (650, 350)
    assert [others, own] == [one for one in seen["holders"] if one["holder"] in ("shops", "others")]
    assert grams("shop", "2026-11-27")["free"] == 300, "what nobody has used yet has guarantees, too"
    narrow = hub.call("POST", "/v1/keys", {"scopes": ["network:read"]}, key="narrow").body["secret"]
    assert "legs" not in hub.call("GET", "/v1/departures/one/2026-11-26", company=narrow).body


def test_what_the_operator_is_told_of_holders_is_told_to_their_companies(hub: Served) -> None:
    def reads(company: str) -> list[tuple[str, str, str, int]]:
        rows = hub.call("GET", "/v1/reads?limit=500", company=company).body["data"]
        kinds = ("share", "report", "conflict")
        return [(one["company"], one["kind"], one["filter"], one["count"]) for one in rows if one["kind"] in kinds]

    before, told = reads("shop"), dict[str, Any]()
    uses = [{"resource": "departure:one/2026-12-02/1", "amounts": {"grams": 200}}]
    assert hub.call("POST", "/v1/spaces", {"uses": uses}, key="r1").status == 201
    looks = "/v1/shares?resource=departure:one/2026-12-02/", "/v1/shares/report?from=2026-11-01", "/v1/shares/conflicts"
    for company, paths in (("shop", looks[:2]), ("network", looks)):
        assert hub.call("GET", "/v1/departures/one/2026-12-02", company=company).status == 200
        for path in paths:
            link = hub.call("GET", path, company=company).body["result"]
            while (found := hub.call("GET", link, company=company).body)["status"] != "done":
                pass
            told |= found
    uses[0]["amounts"] = {"grams": 900}
    got = hub.call("POST", "/v1/spaces/quote", {"uses": uses}, key="r2", company="network")
    assert got.status == 422 and got.body["refusals"][0]["lack"]["kept"][0]["holder"] == "shops"
    assert told["report"]["from_at"] == "2026-11-01T00:00:00Z" and told["report"]["to_at"] is None
    parts = {one["holder"]: one for one in told["shares"]["data"][0]["parts"]}
    assert (parts["shops"]["firm"], parts["shops"]["until"]) == (200, None)
    assert reads("shop")[len(before) :] == [
        ("network", "share", "one/2026-12-02", 2), ("network", "share", "resource=departure:one/2026-12-02/", 1),
        ("network", "report", "from=2026-11-01", 1), ("network", "share", "all", 1),
    ]  # fmt: skip


def spaces(hub: Served, by: str = "shop", **asked: str) -> dict[str, str]:
    """How the spaces on the list stand, one to a page."""
    found: dict[str, str] = {}
    cursor = ""
    while True:
        words = urlencode(asked | {"limit": "1", "cursor": cursor})
        got = hub.call("GET", f"/v1/spaces?{words}", company=by)
        assert got.status == 200, got.raw
        found |= {one["space"]: one["status"] for one in got.body["data"]}
        if not got.body["has_more"]:
            return found
        cursor = got.body["next_cursor"]


def test_a_company_finds_its_own_spaces_and_what_became_of_them(hub: Served) -> None:
    uses = [{"resource": "departure:one/2026-11-29/1", "amounts": {"grams": 10}}]
    before = spaces(hub)
    ids = [hub.call("POST", "/v1/spaces", {"uses": uses}, key=f"s{n}").body["id"] for n in range(3)]
    assert hub.call("POST", f"/v1/spaces/{ids[1]}/take", {}, key="s-take").status == 200
    assert hub.call("POST", f"/v1/spaces/{ids[2]}/release", {"why": "not needed"}, key="s-back").status == 200
    assert spaces(hub) == before | {ids[0]: "held", ids[1]: "taken"}
    assert spaces(hub, status="taken") == {ids[1]: "taken"} and ids[0] in spaces(hub, status="held")
    assert not set(ids) & set(spaces(hub, "other")) and set(ids[:2]) <= set(spaces(hub, "network", company="shop"))
    assert hub.call("GET", "/v1/spaces?company=shop", company="other").status == 400
    assert hub.call("GET", "/v1/spaces?cursor=x").status == 400

    held = hub.call("GET", f"/v1/spaces/{ids[0]}").body
    assert held["uses"] == [uses[0] | {"stands": "firm"}] and held["expires_at"] > "2026-11-23T11:00:00Z"
    gone = hub.call("GET", f"/v1/spaces/{ids[2]}").body
    assert gone == {
        "space": ids[2], "company": "shop", "status": "released", "ended_at": "2026-11-23T11:00:00Z",
        "why": "not needed",
    }  # fmt: skip
    for one in ids:
        assert hub.call("GET", f"/v1/spaces/{one}", company="other").status == 404
        assert hub.call("GET", f"/v1/spaces/{one}", company="network").status == 200
    reads = hub.call("GET", "/v1/reads?limit=500").body["data"]
    assert ids[0] in [one["filter"] for one in reads if (one["company"], one["kind"]) == ("network", "space")]


def test_a_refused_hold_is_looked_up_by_the_id_in_the_problem(hub: Served) -> None:
    uses = [{"resource": "departure:one/2026-11-29/1", "amounts": {"grams": 1001}}]
    got = hub.call("POST", "/v1/spaces", {"uses": uses}, key="too-much")
    assert (got.status, got.body["code"]) == (422, "refused") and got.body["about"].startswith("hld_")
    again = hub.call("POST", "/v1/spaces", {"uses": uses}, key="too-much")
    assert again.body["about"] == got.body["about"]
    found = hub.call("GET", f"/v1/spaces/{got.body['about']}").body
    assert (found["status"], found["asked"], found["refusals"]) == ("refused", uses, got.body["refusals"])
    assert got.body["about"] not in spaces(hub)
    assert hub.call("GET", f"/v1/spaces/{got.body['about']}", company="other").status == 404


def test_the_client_lists_and_reads_departures_and_spaces(hub: Served) -> None:
    uses = [{"resource": "departure:one/2026-11-30/1", "amounts": {"grams": 10}}]
    assert hub.call("POST", "/v1/spaces", {"uses": uses}, key="client").status == 201
    with Client(hub.address, hub.keys["shop"]) as shop:
        page = shop.list_departures(DeparturesQuery(on="2026-11-28", origin="A"))
        assert [one.departure for one in page.data] == ["one/2026-11-28"]
        assert shop.get_departure("one", "2026-11-28").legs[0].dimensions[0].free == 300
        page = shop.list_spaces(SpaceQuery(status="held"))
        assert shop.get_space(page.data[0].space) == page.data[0]


def test_who_names_anothers_space_is_answered_as_if_there_were_none(hub: Served) -> None:
    wish = {"uses": [{"resource": "departure:one/2026-11-27/1", "amounts": {"grams": 10}}]}
    space = hub.call("POST", "/v1/spaces", wish, key="theirs").body["id"]
    body: dict[str, Any]
    for word, body in (("take", {}), ("release", {}), ("change", wish)):
        told = []
        for id_ in (space, f"hld_{'0' * 26}"):
            got = hub.call("POST", f"/v1/spaces/{id_}/{word}", body, company="other", key=f"{word}{id_}")
            told.append((got.status, got.body | {"request_id": ""}))
        assert told[0] == told[1] and told[0][1]["refusals"][0]["code"] == "unknown"
    assert hub.call("POST", f"/v1/spaces/{space}/take", {}, key="own").status == 200
