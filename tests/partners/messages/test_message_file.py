"""A file of messages, read line by line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.partners.messages.file import MessageFileFault, read_message, read_messages
from worlds import at

GOOD = {"sender": "shop", "key": "1", "kind": "order", "heard_at": "2026-11-23T11:00+01:00", "body": {"a": 1}}


def line(**fields: Any) -> Any:
    return read_message(1, json.dumps(GOOD | fields).encode())


def test_a_body_is_kept_word_for_word_and_text_is_what_it_says() -> None:
    one = read_message(3, b'{"sender":"s","key":"k","kind":"x","heard_at":7,"body":{"b" : 1,  "a":2}}')
    assert (one.line, one.body, one.heard_at) == (3, b'{"b" : 1,  "a":2}', 7)
    assert line(body="A-17").body == b"A-17"
    assert line().heard_at == at("Mon 11:00")


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"sender": "", "key": 5, "kind": "x" * 300}, ["sender", "key", "kind"]),
        ({"heard_at": "yesterday"}, ["heard_at"]),
        ({"heard_at": True}, ["heard_at"]),
        ({"heard_at": -1}, ["heard_at"]),
        ({"heard_at": 1.5}, ["heard_at"]),
        ({"colour": "red"}, ["colour"]),
    ],
)
def test_every_bad_field_is_told_at_once(fields: dict[str, Any], bad: list[str]) -> None:
    assert [fault.path for fault in line(**fields).faults] == bad


def test_what_is_missing_is_told() -> None:
    assert [fault.path for fault in read_message(1, b"{}").faults] == ["sender", "key", "kind", "heard_at", "body"]


@given(st.binary(max_size=60))
def test_whatever_a_line_holds_is_read_or_told(row: bytes) -> None:
    one = read_message(1, row)
    assert one.faults or one.sender


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MessageFileFault, match="No such file"):
        list(read_messages(tmp_path / "none.ndjson"))
