"""What operators say about their departures, read: good words, and every bad field of the others."""

import json
from typing import Any

import pytest

from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.partners.departures.read import read_departure
from rookery.partners.port import BadMessage
from worlds import at

WORD = {"departure": "AB/2026-11-23", "says": "cancelled", "at": "2026-11-23T11:00+01:00"}
TOLD = at("Mon 11:00")


def read(**fields: Any) -> Any:
    return read_departure(json.dumps(WORD | fields).encode(), "haul")


def faults(body: bytes) -> list[str]:
    with pytest.raises(BadMessage) as bad:
        read_departure(body, "haul")
    return [fault.path for fault in bad.value.faults]


def test_each_word_becomes_its_ask_in_the_senders_name() -> None:
    assert read(why="fog") == CancelDeparture("AB/2026-11-23", "haul", TOLD, "fog")
    assert read(says="restored") == RestoreDeparture("AB/2026-11-23", "haul", TOLD)
    assert read(says="delayed", departs_late_s=60, from_stop=2) == DelayDeparture(
        "AB/2026-11-23", "haul", TOLD, departs_s=60, arrives_s=60, from_stop=2
    )


def test_a_departure_may_leave_on_time_and_arrive_late_or_make_it_good_on_the_way() -> None:
    assert read(says="delayed", arrives_late_s=60) == DelayDeparture("AB/2026-11-23", "haul", TOLD, 0, 60)
    assert read(says="delayed", departs_late_s=60, arrives_late_s=0) == DelayDeparture(
        "AB/2026-11-23", "haul", TOLD, 60, 0
    )


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"departure": ""}, ["departure"]),
        ({"at": "yesterday"}, ["at"]),
        ({"at": "2026-11-23T11:00"}, ["at"]),
        ({"at": "1950-11-23T11:00Z"}, ["at"]),
        ({"says": "delayed"}, ["departs_late_s"]),
        ({"departs_late_s": 60}, ["says"]),
        ({"from_stop": 1}, ["says"]),
        ({"says": "lost"}, ["says"]),
        ({"says": ["lost"]}, ["says"]),
        ({"says": "lost", "at": "", "gate": 5}, ["says", "gate", "at"]),
        ({"says": "delayed", "departs_late_s": "soon"}, ["departs_late_s"]),
        ({"says": "delayed", "departs_late_s": 0.5, "at": "?"}, ["departs_late_s", "at"]),
    ],
)
def test_every_bad_field_is_told_at_once(fields: dict[str, Any], bad: list[str]) -> None:
    assert faults(json.dumps(WORD | fields).encode()) == bad


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"null"])
def test_what_is_no_message_is_one_fault(body: bytes) -> None:
    assert faults(body) == ["message"]


def test_a_field_that_is_needed_and_not_there_is_told() -> None:
    assert faults(b'{"says": "cancelled"}') == ["departure", "at"]
