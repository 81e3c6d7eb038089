"""Test mode: an order whose reference names an ending has it when the answer comes; elsewhere it is a name like any."""

from collections.abc import Iterator
from typing import Any

import pytest
from served import Served, served
from test_serve import COMPANIES, network
from test_serve import order as heavy_order

from rookery.hub.clock import now
from rookery.hub.first_key import make_key
from rookery.sim.magic import ENDINGS
from rookery.units import read_instant

STATUSES = {name: name for name in ENDINGS} | {"silent": "registered", "delayed": "delivered"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    ledger = tmp_path_factory.mktemp("hub") / "hub.ledger"
    with served(network(), ledger, COMPANIES) as one:
        one.keys["test"] = make_key(network(), ledger, "shop", (), "test", "")
        yield one


def order(reference: str, **fields: Any) -> dict[str, Any]:
    """One of many that go with the same departure, whatever the time of day."""
    return heavy_order(reference, weight_g=100, **fields)


def parcel(hub: Served, id_: str, company: str = "test") -> Any:
    placed = hub.call("GET", f"/v1/orders/{id_}", company=company).body
    return hub.call("GET", f"/v1/parcels/{placed['parcels'][0]['parcel']}", company=company).body


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_order_comes_as_far_as_its_reference_says(hub: Served, ending: str) -> None:
    placed = hub.call("POST", "/v1/orders", order(f"magic-{ending}-1"), key=ending, company="test")
    assert placed.status == 201, placed.body
    found = parcel(hub, placed.body["id"])
    assert found["status"] == STATUSES[ending]
    assert (found.get("delay_min", 0) > 0) == (ending in ("delayed", "returning")), (
        "after several days it is late as well"
    )
    events = hub.call("GET", f"/v1/parcels/{found['waybill']}/events", company="test").body["data"]
    assert (ending == "silent") == (not events)
    assert all(one["by"] == "haul" for one in events), "those who carry it say so themselves"
    again = hub.call("POST", "/v1/orders", order(f"magic-{ending}-1"), key=ending, company="test")
    if again.status == 200:  # the same words within a second
        assert again.body["replayed"] and parcel(hub, placed.body["id"])["status"] == STATUSES[ending]
        assert hub.call("GET", f"/v1/parcels/{found['waybill']}/events", company="test").body["data"] == events


def test_what_comes_twice_is_carried_once(hub: Served) -> None:
    wanted = order("magic-returning")
    first, again = (hub.call("POST", "/v1/orders", wanted, key="twice", company="test") for _ in range(2))
    assert first.status == 201 and again.body == first.body | {"replayed": True}
    found = parcel(hub, first.body["id"])
    assert found["status"] == "returning" and found["attempts"] == 3


def test_in_a_batch_as_well_and_an_ending_that_is_none_is_told(hub: Served) -> None:
    batch = {"orders": [order("magic-delivered-b"), order("magic-delivrd")]}
    got = hub.call("POST", "/v1/orders/batch", batch, key="batch", company="test").body
    assert parcel(hub, got["accepted"][0]["id"])["status"] == "delivered"
    assert [one["index"] for one in got["rejected"]] == [1] and "out_for_delivery" in got["rejected"][0]["detail"]
    alone = hub.call("POST", "/v1/orders", order("magic-lost"), key="lost", company="test")
    assert alone.status == 400 and alone.body["errors"][0]["pointer"] == "/reference"


def test_what_nobody_carries_is_refused_and_stays_so(hub: Served) -> None:
    asked = order("magic-delivered-none", from_facility="B", to_facility="A")
    placed = hub.call("POST", "/v1/orders", asked, key="none", company="test").body
    assert hub.call("GET", f"/v1/orders/{placed['id']}", company="test").body["status"] == "refused"


def test_with_a_live_key_it_is_a_reference_like_any(hub: Served) -> None:
    placed = hub.call("POST", "/v1/orders", order("magic-delivered-1"), key="live").body
    assert parcel(hub, placed["id"], "shop")["status"] == "registered"
    assert hub.call("POST", "/v1/orders", order("magic-lost"), key="live-lost").status == 201


def test_times_are_those_of_the_plan(hub: Served) -> None:
    placed = hub.call("POST", "/v1/orders", order("magic-delivered-t"), key="times", company="test").body
    number = parcel(hub, placed["id"])["waybill"]
    events = hub.call("GET", f"/v1/parcels/{number}/events", company="test").body["data"]
    times = [read_instant(one["happened_at"]) for one in events]
    assert times == sorted(times) and times[0] > now()
