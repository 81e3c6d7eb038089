"""Whatever bytes come, a reader says what is wrong or what they ask for: in bounded time, in bounded words."""

import json
import random
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rookery.hub.callers import find_caller
from rookery.hub.readers import READERS
from rookery.partners.messages.file import read_message
from rookery.partners.port import BadMessage
from rookery.units import make_id

pytestmark = pytest.mark.sqlite
ENDPOINT, SPACE, COMPANY = "whk_" + "0" * 26, "0" * 32, "north"
UNTIL = "2026-12-31T23:59Z"
USES = [{"resource": "departure:AB/2026-11-24/1", "amounts": {"grams": 1000}}]
GOOD: dict[str, list[Any]] = {
    "order": [
        {"reference": "A-1", "owner": "shop", "ordered_at": "2026-11-23T10:00+01:00", "product": "std",
         "to_country": "BE", "to_postcode": "4000", "weight_g": 1000, "value": "12.50", "currency": "EUR", "pieces": 2},
        {"reference": "A-2", "owner": "shop", "ordered_at": "2026-11-23T10:00+01:00", "product": "std",
         "to_facility": "B", "lines": [{"sku": "x", "quantity": 2, "value": 3.5, "currency": "EUR"}]},
    ],
    "cancel_order": ["A-1"],
    "scans": [{"events": [
        {"number": "1", "code": "EMC", "at": "2026-11-23T10:00+01:00", "place": "A", "weight_g": 5}]}],
    "departure": [{"departure": "AB/2026-11-24", "says": "delayed", "at": "2026-11-23T10:00+01:00",
                   "departs_late_s": 60}],
    "capacity": [{"resource": "departure:AB/2026-11-24/1", "limits": {"grams": 5}, "why": "smaller"}],
    "packing": [{"unit": "bag1", "at": "2026-11-23T10:00+01:00", "kind": "bag", "contents": ["1", "2"]}],
    "hold_space": [{"uses": USES, "hold_s": 60, "wait_until": "2026-11-23T10:00+01:00"}],
    "take_space": [{"space": SPACE, "why": "x"}],
    "change_space": [{"space": SPACE, "uses": USES}],
    "company": [{"do": "add", "company": COMPANY, "name": "North", "country": "BE", "roles": ["carrier"]},
                {"do": "suspend", "company": COMPANY, "why": "x"}],
    "user": [{"do": "add", "email": "mila@shop.example", "name": "Mila", "role": "member"}],
    "key": [{"do": "make", "id": "0" * 16, "hash": "0" * 64, "scopes": ["orders:read"], "mode": "live",
             "version": "2026-11-28", "expires_at": UNTIL},
            {"do": "rotate", "id": "0" * 16, "new_id": "1" * 16, "hash": "0" * 64, "until": UNTIL}],
    "connection": [{"do": "invite", "company": COMPANY, "note": "x", "expires_at": UNTIL}],
    "grant": [{"do": "make", "company": COMPANY, "kinds": ["parcel"], "profile": "carrier", "purpose": "care",
               "expires_at": UNTIL, "query": {"country": "BE"}}, {"do": "revoke", "grant": SPACE}],
    "request": [{"do": "ask", "company": COMPANY, "kind": "storage", "body": {"on": [1]}, "expires_at": UNTIL},
                {"do": "accept", "request": SPACE, "answer": {"yes": True}}],
    "set_endpoint": [{"url": "https://shop.example/x", "types": ["*"], "description": "x", "endpoint": ENDPOINT}],
    "rotate_secret": [{"endpoint": ENDPOINT, "overlap_s": 60}],
    "disable_endpoint": [{"endpoint": ENDPOINT, "why": "x"}],
    "clock": [{}],
}  # fmt: skip
SAME = {
    "order_for_round": "order", "quote_space": "hold_space", "release_space": "take_space", "close_round": "clock",
    "enable_endpoint": "disable_endpoint", "test_endpoint": "disable_endpoint",
}  # fmt: skip
DEEP = 5_000
# JSON in place of a value, and what no JSON is.
WORDS = (
    "null", "true", "0", "-1", "-0.0", "0.5", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "9" * 400, "9" * 20_000,
    str(2**31), str(2**53 + 1), str(2**63 - 1), str(2**63), str(2**64), str(-(2**63) - 1), "1" + "0" * 12, '""', '" "',
    '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202e"', '"\u00e9"', '"1e999999999"', '"1e-999999999"', '"NaN"',
    '"sNaN"', '"Infinity"', '"-0"', '"' + "9" * 5_000 + '"', '"' + "x" * 300 + '"', '"' + "\u4e2d" * 100_000 + '"',
    '"0001-01-01T00:00+23:59"', '"9999-12-31T23:59-23:59"', '"2026-02-30T10:00Z"', '"2026-11-23T10:00+99:99"',
    '"2026-11-23"', '"2026-W48-1T10:00Z"', "[]", "{}", "[[]]", '[""]', '[null]', '{"":{}}', "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP, "[" * 1_000_000, '"' + "\\" * 9, "tru", "\x00", "\ufeff{}",
    "[" + "1," * 50_000 + "1]", "[" + "{}," * 20_000 + "{}]",
)  # fmt: skip
SECONDS = 2.0
LIBRARY = re.compile(r"Expected|Object (?:missing|contains)|malformed|Invalid|truncated|codec|got `|\$[.\[`]|recursion")
WORDS_MAX = 100_000  # letters of what is told to a sender


def ids() -> Callable[[], bytes]:
    count = 0

    def new_id() -> bytes:
        nonlocal count
        count += 1
        return make_id(heard_at=1, message_id=b"0" * 32, ordinal=count)

    return new_id


def read(kind: str, body: bytes, sender: str = "shop", seconds: float = SECONDS) -> list[Any] | None:
    """What is asked for; None: it cannot be read. Anything else that is raised is a fault of the reader."""
    began = time.thread_time()
    try:
        return READERS[kind](body, sender, ids())
    except BadMessage as bad:
        text = str(bad)
        assert bad.faults and len(text) <= WORDS_MAX, f"{len(text)} letters are told"
        assert all(fault.path.isprintable() for fault in bad.faults)
        assert not LIBRARY.search(text), f"{kind}: a library speaks in {text[:300]!r}"
        text.encode()
        return None
    finally:
        assert time.thread_time() - began < seconds, f"{kind}: {body[:200]!r}"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a value."""
    yield path
    if isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*path, name))


def with_word(value: Any, path: tuple[Any, ...], word: str) -> str:
    """A value as JSON, with this word in one place."""
    if not path:
        return word
    if isinstance(value, list):
        ones = (with_word(one, path[1:], word) if n == path[0] else json.dumps(one) for n, one in enumerate(value))
        return f"[{','.join(ones)}]"
    pairs = (
        f"{json.dumps(name)}:{with_word(one, path[1:], word) if name == path[0] else json.dumps(one)}"
        for name, one in value.items()
    )
    return "{" + ",".join(pairs) + "}"


def bodies(kind: str) -> list[Any]:
    return GOOD[SAME.get(kind, kind)]


def test_every_reader_is_tried() -> None:
    assert GOOD.keys() | SAME.keys() == READERS.keys()


@pytest.mark.parametrize("kind", READERS)
def test_good_bodies_are_read(kind: str) -> None:
    for body in bodies(kind):
        text = body if isinstance(body, str) else json.dumps(body)
        assert read(kind, text.encode()) is not None, f"{kind}: the words below begin with good ones"


@pytest.mark.parametrize("kind", READERS)
def test_any_word_in_any_place_is_read_or_told(kind: str) -> None:
    for body in bodies(kind):
        for path in places(body):
            for word in WORDS:
                read(kind, with_word(body, path, word).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("kind", READERS)
def test_broken_bytes_names_and_repetitions_are_read_or_told(kind: str) -> None:
    rng = random.Random(kind)
    for body in bodies(kind):
        good = json.dumps(body).encode()
        for _ in range(300):
            words = bytearray(good)
            for _ in range(rng.randint(1, 4)):
                at = rng.randint(0, len(words))
                words[at : at + rng.randint(0, 3)] = rng.choice(
                    (b"", bytes([rng.randrange(256)]), b"\xff\xfe", b"\xed\xa0\x80", b"\\u0000", b'"', b"{", b",", good)
                )
            read(kind, bytes(words))
        if isinstance(body, dict):
            for name in (*body, "", "x" * 100_000, "__class__", "\u0000", "\u202e\n"):
                read(kind, (good[:-1] + f", {json.dumps(name)}: 1".encode() + b"}") if body else good)
            many = {f"n{n}": n for n in range(50_000)}
            read(kind, json.dumps(body | many).encode())


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_told(kind: str, body: bytes) -> None:
    read(kind, body)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_any_values_in_the_fields_are_read_or_told(kind: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(bodies(kind)))
    if isinstance(body, dict):
        names = data.draw(st.lists(st.sampled_from(sorted(body) or [""]), max_size=3))
        body = body | {name: data.draw(ANY) for name in names}
    read(kind, json.dumps(body).encode())


def test_memory_is_bounded_by_the_size_of_a_body() -> None:
    event = {"number": 1, "code": 2, "at": 3, "place": 4, "x" * 300: []}
    for kind, body in (
        ("scans", json.dumps({"events": [event] * 9_000}).encode()),
        ("order", json.dumps({"lines": [{"y" * 50: 1}] * 40_000}).encode()),
        ("capacity", json.dumps({"resource": "x", "limits": {f"d{n}": -1 for n in range(200_000)}}).encode()),
        ("packing", json.dumps({"unit": "u", "at": "x", "contents": [""] * 500_000}).encode()),
    ):
        assert len(body) < 4_000_000
        read(kind, body)
        tracemalloc.start()
        read(kind, body, seconds=60)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 100_000_000, f"{kind}: {peak} bytes for a body of {len(body)}"


def test_lines_of_message_files_are_read_or_told() -> None:
    good = {"sender": "shop", "key": "k", "kind": "order", "heard_at": UNTIL, "body": {"a": [1]}}
    for path in places(good):
        for word in WORDS:
            line = read_message(1, with_word(good, path, word).encode("utf-8", "surrogatepass"))
            assert line.faults or re.fullmatch(r".{1,200}", line.sender, re.DOTALL)
            assert len(str(line.faults)) < WORDS_MAX


@given(words=st.text(max_size=60) | st.from_regex(r"(live|test)_[0-9A-Za-z]{16}_[0-9A-Za-z]{43}", fullmatch=True))
def test_any_key_is_unknown(words: str) -> None:
    assert find_caller(lambda row, key: None, words, 0) == "unknown"
