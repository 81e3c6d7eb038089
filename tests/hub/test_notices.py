"""What companies are told of what messages bring: to whom, of what, and how often."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from program_text import ROOT
from rookery.hub.message import Message
from rookery.hub.notice import TYPES, read_leg
from rookery.hub.open import open_hub
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.spine import Hub
from rookery.journey.network.whole import Network
from rookery.units import id_text
from talk import dump, event, hear, order_message, scans_message
from worlds import at, places, ride, tiny_network

CODES = ("EMA", "EMC", "EDH", "EMH", "EMD", "EMI", "EMZ")
CUT = {"resource": "departure:AB/2026-11-23/1", "limits": {"grams": 1500}, "why": "a smaller lorry"}


@pytest.fixture(scope="module")
def network() -> Network:
    return tiny_network(places("AB"), ride("AB", "A 20:00, B 23:00", carries="grams 3000"))


@pytest.fixture
def hub(tmp_path: Path, network: Network) -> Iterator[Hub]:
    hub = open_hub(network, tmp_path / "hub.ledger")
    yield hub
    hub.ledger.close()


def message(sender: str, key: str, kind: str, heard: str = "Mon 09:00", **body: Any) -> Message:
    return Message(sender, key, kind, json.dumps(body).encode(), at(heard))


def endpoint(*types: str, sender: str = "shop", key: str = "e") -> Message:
    return message(sender, key, "set_endpoint", url="https://shop.example/", types=types or ("*",))


def from_a(reference: str, heard: str = "Mon 10:00", **fields: Any) -> Message:
    return order_message(
        reference, heard=heard, **{"from_facility": "A", "to_facility": "B", "to_country": ""} | fields
    )


def told(hub: Hub, company: str = "shop") -> list[tuple[str, str, int]]:
    """Type, subject and sequence of all that a company is told, legs aside."""
    rows = hub.ledger._db.execute("SELECT to_company, kind, subject, sequence FROM outbox ORDER BY seq")
    return [(kind, subject, number) for to, kind, subject, number in rows if to == company and kind[:4] != "leg."]


def types(hub: Hub, company: str = "shop") -> list[str]:
    return [kind for kind, *_ in told(hub, company)]


def data(hub: Hub) -> list[Any]:
    return [json.loads(body) for _, _, kind, _, body in hub.ledger.list_outbox() if not kind.startswith("leg.")]


def number_of(hub: Hub, reference: str) -> str:
    (order,) = [row for row in hub.ledger.list_rows("orders") if row.reference == reference]
    return hub.ledger.find_row("parcel", order.parcels[0]).waybill  # type: ignore[no-any-return]


def test_nothing_is_written_for_nobody(hub: Hub) -> None:
    hear(hub, from_a("1"), endpoint("order.refused"), endpoint(sender="other", key="o"), from_a("2"))
    assert [kind for _, _, kind, _, _ in hub.ledger.list_outbox()] == ["leg.carry", "leg.carry"]


def test_an_owner_is_told_what_becomes_of_its_order(hub: Hub) -> None:
    hear(hub, endpoint(), from_a("1"), from_a("2", product="none"))
    (answer,) = hear(hub, Message("shop", "c1", "cancel_order", b"1", at("Mon 11:00")))
    assert answer.outcome == "done"
    assert types(hub) == [
        "shipment.promised", "order.accepted", "order.refused", "order.cancelled", "parcel.status_changed",
    ]  # fmt: skip
    promised, accepted, refused, cancelled, parcel = data(hub)
    assert promised["numbers"] == [number_of(hub, "1")] and promised["latest"] > promised["earliest"]
    assert accepted["shipments"] == [promised["shipment"]] and accepted["status"] == "booked"
    assert refused["reasons"][0]["code"] == "unknown" and cancelled["status"] == "cancelled"
    assert (parcel["was"], parcel["status"]) == ("registered", "cancelled")


def test_each_change_of_a_status_is_told_once_and_nothing_else(hub: Hub) -> None:
    hear(hub, endpoint("parcel.status_changed"), from_a("1"))
    number = number_of(hub, "1")
    one = event(number, "EMA", "Mon 20:00")
    hear(hub, scans_message("1", one, heard="Mon 20:00"), scans_message("2", one, heard="Mon 20:01"))
    both = event(number, "EMC", "Mon 21:00"), event(number, "EMH", "Tue 08:00"), event(number, "EMC", "Mon 20:30")
    hear(hub, scans_message("3", *both, heard="Tue 09:00"))
    assert [(one["was"], one["status"]) for one in data(hub)] == [
        ("registered", "picked_up"), ("picked_up", "in_transit"), ("in_transit", "delivery_failed"),
    ]  # fmt: skip
    assert [number for _, _, number in told(hub)] == [1, 2, 3]


def test_space_is_told_to_who_asked_for_it(hub: Hub) -> None:
    wish = {"uses": [{"resource": CUT["resource"], "amounts": {"grams": 2_000}}], "hold_s": 600}
    hear(
        hub,
        endpoint(sender="other"),
        message("other", "h", "hold_space", **wish),
        message("other", "i", "hold_space", **wish),
    )
    hear(hub, message("network", "t", "clock", heard="Mon 12:00"))
    assert types(hub, "other") == ["space.held", "space.refused", "space.expired"]
    held, refused, expired = data(hub)
    assert held["spaces"][0]["stands"] == "firm" and refused["reasons"][0]["code"] == "short"
    assert held["space"] == expired["space"] != refused["space"]


def test_who_carries_a_leg_is_told_ids_and_times_as_programs_read_them(hub: Hub) -> None:
    hear(hub, from_a("1"))
    ((_, company, kind, _, body),) = hub.ledger.list_outbox()
    (row,) = hub.ledger.list_rows("shipment")
    told = json.loads(body)
    assert (company, kind, told["shipment"]) == ("haul", "leg.carry", id_text("shp", row.shipment_id))
    assert told["parcels"] == [number_of(hub, "1")] and "to_company" not in told and "shipment_id" not in told
    (task,) = told["tasks"]
    assert (task["departs_at"], task["arrives_at"]) == ("2026-11-23T19:00:00Z", "2026-11-23T22:00:00Z")
    assert task["ready_at"] >= task["arrives_at"] and task["ready_at"].endswith("Z")
    assert read_leg(company, body).tasks[0].departs_at == at("Mon 20:00")


def test_a_cut_and_what_comes_of_it_is_told_to_who_it_strikes(hub: Hub) -> None:
    hear(
        hub,
        endpoint(),
        endpoint(sender="haul", key="h"),
        from_a("1"),
        from_a("2", heard="Mon 10:01", ship_by="2026-11-23T22:00+01:00"),
    )
    before = len(told(hub))
    hear(hub, message("haul", "cut", "capacity", heard="Mon 12:00", **CUT))
    assert "capacity.changed" in types(hub)[before:]
    after = set(types(hub)[before:])
    assert after & {"shipment.replanned", "exception.opened"} and "capacity.changed" not in types(hub, "haul")


def test_a_departure_is_told_to_owners_of_orders_that_ride_it_and_a_case_is_closed_once_it_has_a_way(
    tmp_path: Path,
) -> None:
    last = tiny_network(places("AB"), ride("AB", "A 20:00, B 23:00"), last="2026-11-23")
    hub = open_hub(last, tmp_path / "last.ledger")
    hear(hub, endpoint(), endpoint(sender="other", key="o"), from_a("1"))
    for hour, says in ((12, "cancelled"), (13, "restored")):
        word = {"departure": "AB/2026-11-23", "says": says, "at": f"2026-11-23T{hour}:00+01:00"}
        (answer,) = hear(hub, message("haul", says, "departure", heard=f"Mon {hour}:00", **word))
        assert answer.outcome == "done", answer
    assert types(hub)[2:] == ["departure.cancelled", "exception.opened", "departure.restored", *types(hub)[5:]]
    assert types(hub)[-1] == "exception.closed" and types(hub, "other") == []
    cancelled, opened = data(hub)[2:4]
    assert cancelled["orders"] == 1 and opened["reference"] == "1" and opened["reasons"]
    hub.ledger.close()


def test_a_test_goes_to_the_endpoint_that_it_is_about(hub: Hub) -> None:
    hear(hub, endpoint("order.refused"))
    (row,) = hub.ledger.list_rows("endpoint")
    hear(hub, message("shop", "t", "test_endpoint", endpoint=row.endpoint_id))
    assert told(hub) == [("endpoint.test", row.endpoint_id, 1)]


def test_every_type_of_notice_is_documented_with_its_meaning_and_who_is_told() -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text("utf-8").partition("## Endpoints")[0]
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(name, one.means, one.told) for name, one in TYPES.items()]


def random_day(seed: int) -> list[Message]:
    """Orders, scans in any order and twice, cancellations and a cut, with endpoints that come and go."""
    chance = random.Random(seed)
    out = [endpoint(*chance.choice([(), ("parcel.status_changed",), ("order.accepted", "exception.opened")]))]
    out += [from_a(str(n), heard=f"Mon 10:{n:02}") for n in range(8)]
    numbers = [id_text("pcl", b"0" * 16)]
    for hour in range(12):
        scans = [
            event(chance.choice(numbers), chance.choice(CODES), f"Mon {chance.randrange(11, 23)}:00") for _ in range(3)
        ]
        out.append(scans_message(f"s{hour}", *scans, heard=f"Mon {11 + hour}:30"))
    out.append(message("haul", "cut", "capacity", heard="Mon 12:00", **CUT))
    out.append(Message("shop", "c", "cancel_order", b"3", at("Mon 13:00")))
    out.append(endpoint(sender="haul", key="late"))
    return [out[0], *sorted(out[1:], key=lambda one: one.heard_at)]


@pytest.mark.parametrize("seed", range(6))
def test_law_notices_are_the_same_however_messages_are_grouped_and_each_subject_is_counted(
    seed: int, tmp_path: Path, network: Network
) -> None:
    dumps = []
    for name, group_ms in (("one", 1e9), ("each", 0.0)):
        hub = open_hub(network, tmp_path / name)
        for said in random_day(seed):
            if said.kind == "scans":
                parcels = [row.waybill for row in hub.ledger.list_rows("parcel") if row.waybill] or [""]
                said = Message(said.sender, said.key, said.kind, _renumbered(said.body, parcels, seed), said.heard_at)
            hear(hub, said, group_ms=group_ms)
        rows = hub.ledger._db.execute("SELECT to_company, subject, sequence FROM outbox ORDER BY seq").fetchall()
        counts: dict[tuple[str, str], int] = {}
        for company, subject, sequence in rows:
            counts[company, subject] = counts.get((company, subject), 0) + 1
            assert sequence == counts[company, subject]
        assert {kind for _, _, kind, _, _ in hub.ledger.list_outbox()} <= set(TYPES)
        _check_statuses(hub)
        assert not fold_again(hub.ledger).difference_count and not decide_again(hub.ledger, network).difference
        dumps.append(dump(hub.ledger))
        hub.ledger.close()
    assert dumps[0] == dumps[1]


def _renumbered(body: bytes, parcels: list[str], seed: int) -> bytes:
    chance, words = random.Random(seed), json.loads(body)
    return json.dumps({"events": [one | {"number": chance.choice(parcels)} for one in words["events"]]}).encode()


def _check_statuses(hub: Hub) -> None:
    """Told one after the other, statuses lead from registered to what the parcel's row says."""
    at_: dict[str, str] = {}
    for kind, one in ((kind, json.loads(body)) for _, to, kind, _, body in hub.ledger.list_outbox() if to == "shop"):
        if kind == "parcel.status_changed":
            assert one["was"] == at_.get(one["parcel"], "registered") != one["status"]
            at_[one["parcel"]] = one["status"]
    rows = {id_text("pcl", row.parcel_id): row.status for row in hub.ledger.list_rows("parcel")}
    wants = [row.types for row in hub.ledger.list_rows("endpoint") if row.company == "shop"]
    if {"*", "parcel.status_changed"} & set(wants[0]):
        assert {parcel: at_.get(parcel, "registered") for parcel in rows} == rows
