"""What is said about trust, read: good words, every bad field of the others, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.hub.readers import READERS
from rookery.journey.company import AddCompany, AddUser, ChangeUser, RemoveUser, RestoreCompany, SuspendCompany
from rookery.journey.connection import ChangeConnection, Invite
from rookery.journey.grant import MakeGrant, Query, RevokeGrant
from rookery.journey.key import MakeKey, MakeToken, RevokeKey, RotateKey
from rookery.journey.request import AdvanceRequest, MakeRequest, RewriteRequest
from rookery.partners.port import BadMessage
from rookery.partners.trust.between import REQUEST_BYTES_MAX
from rookery.units import id_text
from worlds import at

ID, KEY, HASH, NOON, WHEN = bytes(range(16)), "a1B2" * 4, "0f" * 32, "2026-11-23T12:00+01:00", at("Mon 12:00")
KINDS = ("company", "user", "key", "connection", "grant", "request")

KEY_BODY = {"id": KEY, "hash": HASH, "scopes": ["quotes"], "mode": "live", "version": "2026-11-28"}
GRANT_BODY = {"company": "haul", "kinds": ["parcel"], "profile": "carrier", "purpose": "last_mile", "expires_at": NOON}
MILA = ("Mila@shop.example", "Mila", "admin")
NAMED = {"request": ID.hex()}

GOOD: list[tuple[str, dict[str, Any], Any]] = [
    ("company", {"do": "add", "company": "n", "name": "N", "country": "BE", "roles": ["station"]},
     AddCompany("n", "N", "BE", ("station",))),
    ("company", {"do": "suspend", "company": "n", "why": "unpaid"}, SuspendCompany("n", "unpaid")),
    ("company", {"do": "restore", "company": "n"}, RestoreCompany("n")),
    ("user", {"do": "add", "email": MILA[0], "name": "Mila", "role": "admin"}, AddUser("shop", "shop", *MILA)),
    ("user", {"do": "change", "email": MILA[0], "name": "Mila", "role": "admin", "company": "haul"},
     ChangeUser("shop", "haul", *MILA)),
    ("user", {"do": "remove", "email": MILA[0]}, RemoveUser("shop", "shop", MILA[0])),
    ("key", {"do": "make", **KEY_BODY, "user": MILA[0], "expires_at": NOON, "note": "till"},
     MakeKey("shop", KEY, HASH, "shop", ("quotes",), "live", "2026-11-28", MILA[0], WHEN, "till")),
    ("key", {"do": "rotate", "id": KEY, "new_id": KEY[::-1], "hash": HASH, "until": NOON},
     RotateKey("shop", KEY, KEY[::-1], HASH, WHEN)),
    ("key", {"do": "revoke", "id": KEY, "why": "lost"}, RevokeKey("shop", KEY, "lost")),
    ("key", {"do": "token", "key": KEY, "id": KEY[::-1], "hash": HASH, "expires_at": NOON},
     MakeToken("shop", KEY[::-1], HASH, KEY, WHEN)),
    ("connection", {"do": "invite", "company": "haul", "note": "hi"}, Invite(ID, "shop", "haul", 0, "hi")),
    ("connection", {"do": "suspend", "company": "haul", "why": "late"},
     ChangeConnection("shop", "haul", "suspend", "late")),
    ("grant", {"do": "make", **GRANT_BODY, "query": {"country": "ES"}},
     MakeGrant(ID, "shop", "haul", ("parcel",), "carrier", "last_mile", WHEN, b"", Query("ES"))),
    ("grant", {"do": "make", **GRANT_BODY, "object": ID.hex()},
     MakeGrant(ID, "shop", "haul", ("parcel",), "carrier", "last_mile", WHEN, ID)),
    ("grant", {"do": "revoke", "grant": ID.hex()}, RevokeGrant("shop", ID)),
    ("grant", {"do": "revoke", "grant": id_text("grt", ID)}, RevokeGrant("shop", ID)),
    ("request", {"do": "draft", "company": "haul", "kind": "storage", "body": {"m2": 5}, "expires_at": NOON},
     MakeRequest(ID, "shop", "haul", "storage", '{"m2":5}', WHEN, draft=True)),
    ("request", {"do": "change", **NAMED, "body": [1]}, RewriteRequest("shop", ID, "[1]")),
    ("request", {"do": "accept", **NAMED, "answer": {"at": "A"}}, AdvanceRequest("shop", ID, "accept", '{"at":"A"}')),
    ("request", {"do": "cancel", **NAMED, "expires_at": NOON}, AdvanceRequest("shop", ID, "cancel", "", WHEN)),
]  # fmt: skip


def read(kind: str, body: bytes) -> list[Any]:
    return READERS[kind](body, "shop", lambda: ID)


def faults(kind: str, body: bytes | dict[str, Any]) -> list[str]:
    with pytest.raises(BadMessage) as bad:
        read(kind, body if isinstance(body, bytes) else json.dumps(body).encode())
    return [fault.path for fault in bad.value.faults]


@pytest.mark.parametrize(("kind", "body", "ask"), GOOD, ids=[f"{kind} {body['do']}" for kind, body, _ in GOOD])
def test_each_body_becomes_its_ask_in_the_senders_name(kind: str, body: dict[str, Any], ask: Any) -> None:
    assert read(kind, json.dumps(body).encode()) == [ask]


@pytest.mark.parametrize(
    ("kind", "body", "paths"),
    [
        ("company", {"do": "add", "company": "a b", "name": "n" * 201, "country": "be", "roles": ["king"]},
         ["company", "country", "name", "roles"]),
        ("company", {"do": "add"}, ["company", "name", "country", "roles"]),
        ("company", {"do": "burn", "company": "a"}, ["do"]),
        ("company", {"company": "a"}, ["do"]),
        ("company", {"do": ["add"]}, ["do"]),
        ("user", {"do": "add", "email": "mila", "name": "", "role": "king"}, ["role"]),
        ("user", {"do": "add", "email": "mi/la@x", "name": "", "role": "admin"}, ["email"]),
        ("user", {"do": "remove", "email": "a@b", "age": 3}, ["age"]),
        ("key", {"do": "make", **KEY_BODY, "hash": "live_secret", "id": "x", "scopes": [], "version": "1"},
         ["id", "hash", "scopes", "version"]),
        ("key", {"do": "make", **KEY_BODY, "scopes": ["quotes", "quotes"], "expires_at": "soon"},
         ["scopes", "expires_at"]),
        ("key", {"do": "rotate", "id": KEY, "new_id": "?", "hash": HASH, "until": ""}, ["new_id", "until"]),
        ("connection", {"do": "invite", "company": "", "expires_at": "2026-11-23"}, ["company", "expires_at"]),
        ("grant", {"do": "make", **GRANT_BODY}, ["query"]),
        ("grant", {"do": "make", **GRANT_BODY, "query": {}, "object": ID.hex()}, ["query"]),
        ("grant", {"do": "make", **GRANT_BODY, "query": {"city": "x"}}, ["query.city"]),
        ("grant", {"do": "make", **GRANT_BODY, "profile": "merchant", "kinds": ["itinerary"], "object": "7"},
         ["object", "kinds"]),
        ("grant", {"do": "make", **GRANT_BODY, "purpose": "Last Mile", "kinds": [], "query": {}},
         ["kinds", "purpose"]),
        ("grant", {"do": "revoke", "grant": ""}, ["grant"]),
        ("request", {"do": "ask", "company": "h", "kind": "", "body": "x" * REQUEST_BYTES_MAX, "expires_at": NOON},
         ["kind", "body"]),
        ("request", {"do": "accept", "request": ID.hex(), "expires_at": NOON}, ["expires_at"]),
        ("request", {"do": "accept", "request": id_text("grt", ID)}, ["request"]),
    ],
)  # fmt: skip
def test_every_bad_field_is_told(kind: str, body: dict[str, Any], paths: list[str]) -> None:
    assert sorted(faults(kind, body)) == sorted(paths)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"null", b"[" * 100_000, b'{"do":' + b"[" * 100_000])
def test_what_is_no_message_is_one_fault(body: bytes) -> None:
    for kind in KINDS:
        assert faults(kind, body) == ["message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def bent(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good body in which some fields are something else."""
    kind, body, _ = draw(st.sampled_from(GOOD))
    names = draw(st.sets(st.sampled_from([*body, "more"]), max_size=3))
    return kind, json.dumps(body | {name: draw(JSON) for name in names}).encode()


@given(bent() | st.tuples(st.sampled_from(KINDS), st.binary(max_size=50)))
def test_whatever_comes_is_read_or_told_field_by_field(said: tuple[str, bytes]) -> None:
    try:
        read(*said)
    except BadMessage as bad:
        assert bad.faults and all(fault.path and fault.wanted for fault in bad.faults)


@pytest.mark.parametrize("depth", range(150, 1100, 7))
def test_however_deep_a_body_is_it_is_read_or_told(depth: int) -> None:
    value = b"[" * depth + b"]" * depth
    body = b'{"do":"ask","company":"h","kind":"k","expires_at":"%b","body":%b}' % (NOON.encode(), value)
    try:
        read("request", body)
    except BadMessage as bad:
        assert bad.faults
