"""What the answer to an order or a hold says that it came to: booked, refused and why, waiting; the same each time.

A 20:00 to B 22:00 by `night`, 10 kg; to C 23:00 by `late`, most of it guaranteed to `others`, the rest in rounds.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from served import Got, Served, served
from test_serve import order

from rookery.client.api import Client
from rookery.hub.clock import now
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.ledger.beside import LedgerName
from rookery.partners.orders.read import OrderText
from rookery.units import DAY_S, instant_text
from rookery.web.routes.orders import OrderBatch
from stores import ledger_for
from worlds import DAILY, door, place, ride, row, tiny_network

COMPANIES = ("shop", "other")


def network() -> Any:
    return tiny_network(
        row(Company, company_id="other", name="Other shop", country="ES", roles=("shipper",)),
        place("A"), place("B"), place("C"), door("delivery", "B", "BE", postcode_from="1", postcode_to="9"),
        door("pickup", "A", "ES"),
        ride("night", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        ride("late", "A 20:00, C 23:00", price="1", carries="grams 10000"),
        row(Holder, holder="others", company_id="other"), row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:late", guarantee=80_000_000),
        row(Round, resource="service:late", round_s=900),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1),
    )  # fmt: skip


@pytest.fixture
def hub(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    path: LedgerName = tmp_path / "hub.ledger"
    ledger = ledger_for(request.getfixturevalue("server"), tmp_path / "hub.ledger") if database == "postgres" else path
    with served(network(), ledger, COMPANIES) as one:
        yield one


def place_one(hub: Served, reference: str, key: str = "", **fields: Any) -> Got:
    return hub.call("POST", "/v1/orders", order(reference, **fields), key=key or reference)


def test_an_order_is_answered_with_what_it_came_to_and_again_the_same(hub: Served) -> None:
    asked = {name: order(name, **more) for name, more in {
        "booked": {}, "refused": {"weight_g": 11_000}, "waiting": {"to_facility": "C"},
    }.items()}  # fmt: skip
    first = {name: hub.call("POST", "/v1/orders", one, key=name) for name, one in asked.items()}
    assert all(one.status == 201 and one.body["reference"] == name for name, one in first.items())
    found = {name: one.body["status"] for name, one in first.items()}
    assert found == {"booked": "booked", "refused": "refused", "waiting": "waiting"}
    body = first["refused"].body
    stored = hub.call("GET", f"/v1/orders/{body['id']}").body
    assert [body[field] for field in ("status", "refusal_code", "refusal_detail")] == [
        stored[field] for field in ("status", "refusal_code", "refusal_detail")
    ]  # fmt: skip
    assert body["refusals"][0]["code"] == body["refusal_code"] and "wanted" in body["refusal_detail"]
    assert stored["destination"]["facility"] == asked["refused"]["to_facility"] and stored["product"] == "std"
    assert not {"refusals", "refusal_code", "replayed"} & first["booked"].body.keys()
    hub.call("POST", "/v1/orders/cancel", {"reference": "booked"}, key="cancel")
    stored = hub.call("GET", f"/v1/orders/{first['booked'].body['id']}").body
    assert (stored["status"], stored["booked"]["grams"]) == ("cancelled", asked["booked"]["weight_g"])
    for name, one in asked.items():
        again = hub.call("POST", "/v1/orders", one, key=name)
        assert again.status == 200 and again.body == first[name].body | {"replayed": True}, "whatever it is by now"


def test_names_that_the_network_does_not_know_are_the_callers_to_correct(hub: Served) -> None:
    wrong = order("A-1", product="sdt", goods_class="gold", from_facility="", from_country="ESS", to_facility="Z",
                  return_of="A-0")  # fmt: skip
    told = hub.call("POST", "/v1/orders", wrong, key="A-1")
    assert (told.status, told.body["code"]) == (400, "bad_request")
    assert [(one["pointer"], one["message"]) for one in told.body["errors"]] == [
        ("/product", "wanted one of std, found 'sdt'"),
        ("/goods_class", "wanted one of general, found 'gold'"),
        ("/from_country", "wanted one of BE, BR, ES, GB, JP, KW, NP, US, found 'ESS'"),
        ("/to_facility", "wanted one of A, B, C, found 'Z'"),
        ("/return_of", "wanted a reference that the owner has used, found 'A-0'"),
    ]
    assert told.body["errors"][0]["suggestion"].startswith("did you mean std?")
    assert hub.call("GET", "/v1/orders?reference=A-1").body["data"] == []
    assert place_one(hub, "A-1").body["status"] == "booked", "its reference and its key are free"


def test_an_address_without_its_postcode_and_a_time_after_the_last_day_are_the_callers_to_correct(hub: Served) -> None:
    last = hub.serving.network.about.valid_to
    wrong = order("A-2", from_facility="", from_country="ES", to_facility="", to_country="BE",
                  ready_at=f"{last.year + 1}-01-02T00:00Z")  # fmt: skip
    told = hub.call("POST", "/v1/orders", wrong, key="A-2")
    assert told.status == 400
    assert [(one["pointer"], one["message"]) for one in told.body["errors"]] == [
        ("/to_postcode", "wanted a postcode: BE is served by it, found nothing"),
        ("/ready_at", f"wanted a time up to {last}, the last day of the timetable, found {last.year + 1}-01-02T00:00Z"),
    ], "of Spain a whole country is fetched from"
    unserved = place_one(hub, "A-3", to_facility="", to_country="JP")
    assert (unserved.status, unserved.body["status"]) == (201, "refused"), "no postcode would help"
    assert place_one(hub, "A-2").body["status"] == "booked"


def test_a_batch_tells_unknown_names_by_order_and_takes_them_corrected_under_the_same_key(hub: Served) -> None:
    good, wrong = order("1"), order("2", to_facility="Z")
    told = [hub.call("POST", "/v1/orders/batch", {"orders": [good, one]}, key="b").body
            for one in (wrong, order("2"))]  # fmt: skip
    assert [one["reference"] for one in told[0]["accepted"]] == ["1"]
    assert [(one["index"], one["code"]) for one in told[0]["rejected"]] == [(1, "bad_request")]
    assert "to_facility" in told[0]["rejected"][0]["detail"]
    assert [one["reference"] for one in told[1]["accepted"]] == ["1", "2"] and not told[1]["rejected"]
    none = hub.call("POST", "/v1/orders/batch", {"orders": [order("3", product="sdt")]}, key="c")
    assert none.status == 400 and none.body["errors"][0]["pointer"] == "/orders/0/product"


@pytest.mark.parametrize("explain", [False, True])
def test_a_quote_names_nobody_for_whom_space_is_kept(tmp_path: Path, *, explain: bool) -> None:
    net = tiny_network(
        place("A"), place("B"),
        ride("kept", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        ride("dear", "A 20:00, B 22:00", price="5", carries="grams 6000"),
        row(Holder, holder="rivals", company_id="other"), row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="rivals", resource="service:kept", guarantee=80_000_000),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1),
    )  # fmt: skip
    with served(net, tmp_path / "hub.ledger", ("shop", "network")) as hub:
        for company in ("shop", "network"):
            for grams, where in ((9000, "declined"), (5000, "missing")):
                wish = {"origin": "A", "destination": "B", "weight_g": grams, "explain": explain}
                got = hub.call("POST", "/v1/quotes", wish, company=company)
                assert got.status == 200 and b"rivals" not in got.raw and b'"kept":[' not in got.raw
                if where == "declined" or explain:
                    assert b"kept for other holders" in got.raw, (company, where)


def test_a_reference_that_was_used_is_a_problem_and_no_order(hub: Served) -> None:
    assert place_one(hub, "A-1").status == 201
    for _ in range(2):
        got = place_one(hub, "A-1", "another", ordered_at=instant_text(now() // DAY_S * DAY_S))
        assert (got.status, got.body["code"]) == (422, "refused") and got.body["refusals"][0]["code"] == "duplicate"


def test_of_a_batch_each_is_told_by_itself(hub: Served) -> None:
    ordered_at = instant_text(now())
    plain = OrderText("1", "shop", ordered_at, "std", from_facility="A", to_facility="B", weight_g=1000)
    batch = OrderBatch([
        plain, msgspec.structs.replace(plain, reference="2", weight_g=11_000), plain,
        msgspec.structs.replace(plain, reference="3", pieces=0),
        msgspec.structs.replace(plain, reference="4", to_facility="C"),
    ])  # fmt: skip
    with Client(hub.address, hub.keys["shop"]) as shop:
        first, again = (shop.place_orders(batch, key="b") for _ in range(2))
    assert [(one.reference, one.status, one.refusal_code) for one in first.accepted] == [
        ("1", "booked", ""), ("2", "refused", "short"), ("4", "waiting", ""),
    ]  # fmt: skip
    assert [(one.index, one.code) for one in first.rejected] == [(2, "refused"), (3, "bad_request")]
    assert "duplicate" in first.rejected[0].detail and again.rejected == first.rejected
    assert again.accepted == tuple(msgspec.structs.replace(one, replayed=True) for one in first.accepted)


def test_a_hold_is_held_or_waits_and_is_a_problem_where_it_is_refused(hub: Served) -> None:
    day = instant_text(now() + 2 * DAY_S)[:10]

    def hold(service: str, grams: int) -> Got:
        uses = [{"resource": f"departure:{service}/{day}/1", "amounts": {"grams": grams}}]
        return hub.call("POST", "/v1/spaces", {"uses": uses}, key=f"{service}{grams}")

    held, waits, refused = hold("night", 1000), hold("late", 1000), hold("night", 10_000)
    assert (held.status, held.body["status"]) == (201, "held") and held.body["expires_at"]
    assert (waits.status, waits.body["status"]) == (201, "waiting") and waits.body["uses"][0]["stands"] == "waits"
    assert (refused.status, refused.body["code"]) == (422, "refused")
    assert hold("late", 1000).body == waits.body | {"replayed": True}
