"""What is told of what is wrong: what may be done, in words that say it once."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from served import Got, Served, served
from test_serve import network, order

from rookery.hub.clock import now
from rookery.units import instant_text
from rookery.web.call import unavailable
from rookery.web.every import load_routes


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", ("shop", "haul")) as one:
        yield one


def grant(hub: Served, key: str, **more: Any) -> Got:
    wanted = {"company": "haul", "kinds": ["order"], "profile": "merchant", "purpose": "care", "query": {}}
    return hub.call("POST", "/v1/grants", wanted | {"expires_at": instant_text(now() + 60)} | more, key=key)


def test_only_kinds_that_may_be_granted_are_told(hub: Served) -> None:
    got = grant(hub, "kind", kinds=["itinerary"])
    wanted = "/kinds: wanted some of order, shipment, parcel, which merchant shows, found 'itinerary'"
    assert (got.status, got.body["detail"]) == (400, wanted)


def test_of_what_has_ended_the_instant_is_told(hub: Served) -> None:
    hub.call("POST", "/v1/connections", {"company": "haul"}, key="invite")
    hub.call("POST", "/v1/connections/shop/accept", key="accept", company="haul")
    got = grant(hub, "past", expires_at="2020-12-01T00:00Z")
    assert "wanted an expiry after now; found 2020-12-01T00:00Z; set a later one" in got.body["detail"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v1/keys", {"scopes": []}, "each once, found none"),
        ("/v1/webhooks", {"url": "nonsense"}, "/url: wanted https://..., found 'nonsense'"),
        ("/v1/webhooks", {"url": "http://a.example"}, "/url: wanted https://..., found http"),
        ("/v1/orders", order("v") | {"value": "12,5", "currency": "EUR"},
         "/value: wanted a decimal number with at most 2 decimals, such as 12, found '12,5'"),
    ],
)  # fmt: skip
def test_what_was_wanted_is_told_once(hub: Served, path: str, body: Any, told: str) -> None:
    got = hub.call("POST", path, body, key=f"{path}{body}"[:60].replace(" ", ""))
    assert got.status == 400 and told in got.body["detail"] and got.body["detail"].count("wanted") == 1


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("from=soon", "query/from: wanted a day such as 2026-11-09, found 'soon'"),
        ("from=2026-11-09&to=2026-11-08", "query/to: wanted a day on or after 2026-11-09, found 2026-11-08"),
    ],
)
def test_days_that_are_none_are_told_by_the_parameter_that_is_wrong(hub: Served, days: str, told: str) -> None:
    assert hub.call("GET", f"/v1/shares/report?{days}").body["detail"] == told


def test_a_report_without_an_end_names_none(hub: Served) -> None:
    link = hub.call("GET", "/v1/shares/report").body["result"]
    end = time.monotonic() + 30
    while (got := hub.call("GET", link).body)["status"] != "done":
        assert time.monotonic() < end, got
        time.sleep(0.05)
    assert got["report"]["to_at"] is None


def test_what_can_be_done_about_an_order_is_what_can_be_done(hub: Served) -> None:
    hub.call("POST", "/v1/orders", order("used"), key="1")
    again = hub.call("POST", "/v1/orders", order("used"), key="2")
    assert again.body["refusals"][0]["todo"] == "give it another reference"
    assert hub.call("POST", "/v1/orders/cancel", {"reference": "used"}, key="3").status == 200
    twice = hub.call("POST", "/v1/orders/cancel", {"reference": "used"}, key="4")
    assert twice.status == 422 and "found cancelled; nothing of it is carried" in twice.body["detail"]


def test_who_only_asks_is_not_told_that_it_is_done_once() -> None:
    for route in load_routes():
        assert ("done once" in unavailable(route).detail) == route.needs_key, route.name
