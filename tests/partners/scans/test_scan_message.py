"""What carriers and packers send: events with their own codes, packing, and everything that is wrong with them."""

import csv
import json
from importlib.resources import files
from typing import Any

import pytest

from rookery.journey.track import MILESTONES, Misread, Scan
from rookery.journey.unit import Pack, Unpack
from rookery.partners.port import BadMessage
from rookery.partners.scans.read import CODES, read_packing, read_scans
from rookery.units import read_instant

LEAST = {"number": "N1", "code": "EMC", "at": "2026-11-23T04:10+08:00", "place": "HKG"}
AT = read_instant("2026-11-22T20:10Z")


def scan(**fields: Any) -> Scan:
    (one,) = read_scans(json.dumps({"events": [LEAST | fields]}).encode(), "haul")
    assert isinstance(one, Scan)
    return one


def faults(body: Any, *, packing: bool = False) -> list[str]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(BadMessage) as raised:
        read_packing(text, "haul") if packing else read_scans(text, "haul")
    return [fault.path for fault in raised.value.faults]


def events(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"events": [LEAST | change for change in changes]}


# --- events


def test_the_least_that_an_event_says() -> None:
    assert scan() == Scan(
        number="N1", status="in_transit", raw_code="EMC", happened_at=AT, place="HKG", by="haul", offset_min=480,
        raw_description="Departure from outward office of exchange",
    )  # fmt: skip


def test_every_field_has_its_place() -> None:
    told = scan(code="EMH", reason="consignee_absent", note="nobody home", signed_by="Ann", weight_g=5, volume_cm3=6)
    assert told == Scan(
        number="N1", status="delivery_failed", raw_code="EMH", happened_at=AT, place="HKG", by="haul", offset_min=480,
        raw_description="nobody home", reason_code="consignee_absent", proof="Ann", grams=5, cm3=6,
    )  # fmt: skip


def test_the_carriers_words_come_before_those_of_the_map() -> None:
    assert (scan(code="EME").reason_code, scan(code="EME", reason="x").reason_code) == ("customs_hold", "x")


@pytest.mark.parametrize("code", ["XYZ", "emc", "EMC ", "0"])
def test_a_code_that_is_not_in_the_map_is_unknown_never_the_nearest(code: str) -> None:
    told = scan(code=code)
    assert (told.status, told.raw_code, told.raw_description) == ("unknown", code, "")


def test_the_map_of_codes_knows_only_statuses_that_there_are_and_each_code_once() -> None:
    text = files("rookery.partners.scans").joinpath("emsevt.csv").read_text(encoding="utf-8")
    codes = [row["raw_code"] for row in csv.DictReader(text.splitlines())]
    assert len(codes) == len(set(codes)) == len(CODES)
    assert {status for status, _, _ in CODES.values()} <= set(MILESTONES)
    parties = ("carrier_", "shipper_", "consignee_", "customs_", "weather_", "network_", "other_")
    assert all(reason.startswith(parties) for _, reason, _ in CODES.values() if reason)


@pytest.mark.parametrize(
    ("text", "utc", "offset_min"),
    [
        ("2026-11-23T04:10+08:00", "2026-11-22T20:10Z", 480),
        ("2026-11-23T04:10:30.5-03:30", "2026-11-23T07:40:30Z", -210),
        ("2026-11-23T04:10Z", "2026-11-23T04:10Z", 0),
        ("2026-11-23T04:10+00:00", "2026-11-23T04:10Z", 0),
        ("2026-11-23T04:10+0545", "2026-11-22T22:25Z", 345),
        ("2026-11-23T04:10-08", "2026-11-23T12:10Z", -480),
        ("20261123T041000+0800", "2026-11-22T20:10Z", 480),
    ],
)
def test_a_time_keeps_its_offset_however_it_is_written(text: str, utc: str, offset_min: int) -> None:
    told = scan(at=text)
    assert (told.happened_at, told.offset_min) == (read_instant(utc), offset_min)


def test_a_message_without_events_says_nothing() -> None:
    assert read_scans(b'{"events": []}', "haul") == []


def test_many_events_are_read_in_order() -> None:
    told = read_scans(json.dumps(events(*({"number": f"N{n}"} for n in range(10_000)))).encode(), "haul")
    assert [one.number for one in told if isinstance(one, Scan)] == [f"N{n}" for n in range(10_000)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"number": ""}, "events[0].number"), ({"code": ""}, "events[0].code"), ({"place": ""}, "events[0].place"),
        ({"at": ""}, "events[0].at"), ({"at": "2026-11-23T04:10"}, "events[0].at"), ({"at": "noon"}, "events[0].at"),
        ({"at": "9999-12-31T00:00Z"}, "events[0].at"), ({"weight_g": -1}, "events[0].weight_g"),
        ({"volume_cm3": 10**13}, "events[0].volume_cm3"), ({"weight_g": 10**30}, "events[0].weight_g"),
        ({"weight_g": "heavy"}, "events[0].weight_g"), ({"number": 5}, "events[0].number"),
        ({"shiny": 1}, "events[0].shiny"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(change: dict[str, Any], path: str) -> None:
    assert faults(events(change)) == [path]


def test_every_bad_event_is_told_at_once() -> None:
    bad = events({"at": "noon"}, {"number": "", "place": ""}, {"weight_g": -1})
    assert faults(bad) == ["events[0].at", "events[1].number", "events[1].place", "events[2].weight_g"]


def test_a_bad_event_is_told_with_all_that_is_wrong_with_it_and_the_others_go_on() -> None:
    mixed: list[Any] = [LEAST, LEAST | {"at": "noon", "nmber": 1, "weight_g": "x"}, 7, LEAST | {"number": "N2"}]
    told = read_scans(json.dumps({"events": mixed}).encode(), "haul")
    assert [one.number for one in told if isinstance(one, Scan)] == ["N1", "N2"]
    assert [type(one) for one in told] == [Scan, Misread, Misread, Misread, Misread, Scan]
    said = [(one.path, one.wanted, one.found, one.todo) for one in told if isinstance(one, Misread)]
    again = "correct it and send it again"
    assert said == [
        ("events[1].nmber", "a field of an event", "a name that no event has",
         "did you mean number? Else see docs/orders.md"),
        ("events[1].weight_g", "a whole number", "the text 'x'", again),
        ("events[1].at", "a time with its offset such as 2026-11-22T17:30+01:00", "'noon'", again),
        ("events[2]", "an event", "the number 7", again),
    ]  # fmt: skip


def test_of_very_many_bad_events_each_is_told_and_the_first_in_full() -> None:
    bad = [LEAST | {"place": 5, "weight_g": "x"}] * 200
    told = read_scans(json.dumps({"events": [LEAST, *bad]}).encode(), "haul")
    paths = [one.path for one in told if isinstance(one, Misread)]
    assert paths[:2] == ["events[1].place", "events[1].weight_g"] and paths[-1] == "events[200]"
    assert len(paths) == 250


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"events": {}}', b'{"events": [1]}', b"\xff", b'{"events": "\xff"}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_message_of_events_is_refused(body: bytes) -> None:
    assert len(faults(body)) == 1


def test_too_many_events_are_sent_in_several_messages() -> None:
    assert faults(events(*[{}] * 10_001)) == ["events"]


# --- packing


def packing(**fields: Any) -> Pack | Unpack:
    return read_packing(json.dumps({"unit": "bag", "at": LEAST["at"]} | fields).encode(), "haul")


def test_things_go_in_and_a_unit_is_emptied() -> None:
    assert packing(contents=["a", "b"]) == Pack("bag", "bag", ("a", "b"), AT, "haul")
    assert packing(contents=["a"], kind="uld") == Pack("bag", "uld", ("a",), AT, "haul")
    assert packing() == packing(contents=[]) == Unpack("bag", AT, "haul")


@pytest.mark.parametrize(
    "change",
    [
        {"unit": ""}, {"unit": 5}, {"at": "noon"}, {"at": "2026-11-23T04:10"}, {"kind": "box"}, {"contents": "a"},
        {"contents": [""]}, {"shiny": 1}, {"at": "9999-12-31T00:00Z"},
    ],
)  # fmt: skip
def test_bad_packing_is_refused(change: dict[str, Any]) -> None:
    assert faults({"unit": "bag", "at": LEAST["at"], "contents": ["a"]} | change, packing=True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"unit": "\xff"}', b"[" * 100_000])
def test_what_is_no_packing_is_refused(body: bytes) -> None:
    assert faults(body, packing=True) == ["message"]
