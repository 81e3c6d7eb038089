"""Connections, requests, grants and keys: random walks against models that say everything again from the history."""

import random
from dataclasses import replace
from typing import Any

import pytest

from rookery.journey.company import AddCompany, AddUser, ChangeUser, RemoveUser, RestoreCompany, SuspendCompany
from rookery.journey.connection import INVITED_S, ChangeConnection, Connection, Invite, pair_name
from rookery.journey.grant import GRANTS_MAX, Grant, MakeGrant, RevokeGrant, Shown, shown_by
from rookery.journey.key import TOKEN_S_MAX, ApiKey, MakeKey, MakeToken, RevokeKey, RotateKey
from rookery.journey.lapse import Lapse
from rookery.journey.request import AdvanceRequest, MakeRequest, Request, RewriteRequest
from talk import Book, folded_book
from worlds import at, tiny_network

COMPANIES = ("shop", "other", "haul")
WORDS = ("accept", "decline", "suspend", "resume", "revoke")
START = at("Mon 10:00")


def book() -> Book:
    return Book(tiny_network())


def later(book: Book, seconds: int) -> None:
    book.desk = replace(book.desk, now=book.desk.now + seconds)


def code(book: Book, ask: Any) -> str:
    """The code of the refusal of an ask; blank: it is done."""
    refusal = book.ask(ask)
    return refusal.code if refusal else ""


def connect(book: Book, one: str = "shop", other: str = "haul") -> None:
    assert not code(book, Invite(book.desk.new_id(), one, other))
    assert not code(book, ChangeConnection(other, one, "accept"))


# --- connections


class PlainConnection:
    """A connection of two companies, told from all that was ever said."""

    def __init__(self) -> None:
        self.said: list[tuple[int, str, str, int]] = []  # when, by whom, the word, when an invitation expires

    def state(self, now: int) -> str:
        return self._tell(now)[0]

    def _tell(self, now: int) -> tuple[str, str, set[str]]:
        state, asked, stopped, until = "none", "", set[str](), 0
        for when, by, word, expires_at in [*self.said, (now, "", "", 0)]:
            if state == "invited" and when >= until:
                state = "expired"
            if word == "invite":
                state, asked, until, stopped = "invited", by, expires_at, set()
            elif word == "accept":
                state = "active"
            elif word == "decline":
                state = "declined"
            elif word == "revoke":
                state = "revoked"
            elif word == "suspend":
                stopped.add(by)
                state = "suspended"
            elif word == "resume":
                stopped.discard(by)
                state = "suspended" if stopped else "active"
        return state, asked, stopped

    def may(self, by: str, word: str, now: int) -> bool:
        state, inviter, stopped = self._tell(now)
        if word == "invite":
            return state in ("none", "expired", "declined", "revoked")
        if word in ("accept", "decline"):
            return state == "invited" and by != inviter
        if word == "suspend":
            return state in ("active", "suspended") and by not in stopped
        if word == "resume":
            return state == "suspended" and by in stopped
        return state in ("invited", "active", "suspended")


@pytest.mark.parametrize("seed", range(20))
def test_law_a_connection_is_what_both_sides_have_said(seed: int) -> None:
    rng, one = random.Random(seed), book()
    models = {pair_name(a, b): PlainConnection() for a in COMPANIES for b in COMPANIES if a < b}
    reached = set()
    for _ in range(400):
        later(one, rng.choices((0, 1, 3600, INVITED_S), (8, 8, 2, 1))[0])
        now = one.desk.now
        by, company = rng.sample(COMPANIES, 2)
        model, word = models[pair_name(by, company)], rng.choices(("invite", *WORDS), (4, 4, 2, 4, 4, 1))[0]
        expires_at = rng.choice((0, now + 1, now + 7200))
        ask: Any = ChangeConnection(by, company, word)  # type: ignore[arg-type]
        if word == "invite":
            ask = Invite(one.desk.new_id(), by, company, expires_at)
        assert (not code(one, ask)) == model.may(by, word, now), f"seed {seed}: {by} {word} {company}"
        if model.may(by, word, now):
            model.said.append((now, by, word, expires_at or now + INVITED_S))
        one.ask(Lapse())
        rows = {row.pair: row.state for row in one.state[Connection]}
        told = {pair: model.state(now) for pair, model in models.items() if model.state(now) != "none"}
        assert rows == told, f"seed {seed}"
        reached |= set(told.values())
    assert reached == {"invited", "active", "suspended", "revoked", "declined", "expired"}
    assert folded_book(one)


def test_who_may_not_say_a_word_is_told_so() -> None:
    one = book()
    assert code(one, Invite(b"1" * 16, "shop", "shop")) == "absurd"
    assert code(one, Invite(b"1" * 16, "shop", "nobody")) == "unknown"
    assert code(one, ChangeConnection("shop", "haul", "accept")) == "unknown"
    assert code(one, Invite(b"1" * 16, "shop", "haul", one.desk.now)) == "too_late"
    assert not code(one, Invite(b"1" * 16, "shop", "haul"))
    assert code(one, Invite(b"2" * 16, "haul", "shop")) == "duplicate"
    assert code(one, ChangeConnection("shop", "haul", "accept")) == "barred"
    assert not code(one, ChangeConnection("haul", "shop", "accept"))
    assert not code(one, ChangeConnection("haul", "shop", "suspend"))
    assert code(one, ChangeConnection("shop", "haul", "resume")) == "barred"
    assert code(one, ChangeConnection("haul", "shop", "suspend")) == "closed"


# --- requests


class PlainRequest:
    """A request as the page about it says, word by word."""

    def __init__(self, *, draft: bool, until: int):
        self.state, self.until = ("draft" if draft else "requested"), until

    def at(self, now: int) -> str:
        if self.until and now >= self.until:
            self.state = "cancel_rejected" if self.state == "cancel_requested" else "closed"
            self.until = 0
        return self.state

    def say(self, *, asker: bool, word: str, connected: bool, until: int, now: int) -> bool:
        """True if the word counts, and it has changed the request."""
        state, after = self.at(now), ""
        if asker and state == "draft":
            after = {"send": "requested" if connected else "", "cancel": "cancelled"}.get(word, "")
        elif asker and state == "requested":
            after = "cancelled" if word == "cancel" else ""
        elif state == "requested":
            after = {"accept": "accepted" if connected else "", "reject": "rejected"}.get(word, "")
        elif state in ("accepted", "cancel_rejected"):
            after = "closed" if word == "close" else "cancel_requested" if word == "cancel" and asker else ""
        elif state == "cancel_requested" and not asker:
            after = {"accept": "cancelled", "reject": "cancel_rejected"}.get(word, "")
        if not after:
            return False
        self.until = self.until if after == "requested" else until if after == "cancel_requested" else 0
        self.state = after
        return True


@pytest.mark.parametrize("seed", range(20))
def test_law_a_request_goes_only_where_the_side_that_speaks_may_take_it(seed: int) -> None:
    rng, one = random.Random(seed), book()
    connect(one)
    connected, models = True, dict[bytes, PlainRequest]()
    for _ in range(200):
        later(one, rng.choice((0, 0, 1, 600)))
        now = one.desk.now
        if rng.random() < 0.1:
            word: Any = "suspend" if connected else "resume"
            assert not code(one, ChangeConnection("haul", "shop", word))
            connected = not connected
        until = now + rng.choice((1, 500, 5000))
        if not models or rng.random() < 0.2:
            request_id, draft = one.desk.new_id(), rng.random() < 0.5
            made = code(one, MakeRequest(request_id, "shop", "haul", "storage", "{}", until, draft))
            assert made == ("" if connected else "unconnected")
            if connected:
                models[request_id] = PlainRequest(draft=draft, until=until)
        if models:
            request_id, by = rng.choice(list(models)), rng.choice(COMPANIES)
            word, until = rng.choice(("send", "accept", "reject", "cancel", "close")), rng.choice((0, until))
            asker, model = by == "shop", models[request_id]
            counts = by != "other" and model.say(
                asker=asker, word=word, connected=connected, until=until, now=now
            )  # fmt: skip
            found = code(one, AdvanceRequest(by, request_id, word, '"x"', until))  # type: ignore[arg-type]
            assert (not found) == counts, f"seed {seed}: {by} {word}: {found}"
        one.ask(Lapse())
        assert {row.request_id: row.state for row in one.state[Request]} == {
            request_id: model.at(now) for request_id, model in models.items()
        }, f"seed {seed}"
    assert folded_book(one)


def test_a_draft_is_nobodys_but_its_writers_and_can_be_rewritten_until_it_is_sent() -> None:
    one, until = book(), START + 100
    connect(one)
    id_ = b"r" * 16
    assert not code(one, MakeRequest(id_, "shop", "haul", "storage", "1", until, draft=True))
    assert code(one, AdvanceRequest("haul", id_, "accept")) == "unknown"
    assert code(one, RewriteRequest("haul", id_, "2")) == "unknown"
    assert not code(one, RewriteRequest("shop", id_, "2"))
    assert code(one, AdvanceRequest("shop", id_, "accept")) == "closed"
    assert not code(one, AdvanceRequest("shop", id_, "send"))
    assert code(one, RewriteRequest("shop", id_, "3")) == "closed"
    assert code(one, AdvanceRequest("shop", id_, "accept")) == "barred"
    assert not code(one, AdvanceRequest("haul", id_, "accept", '{"at":"A"}'))
    row = one.state[Request].get(id_)
    assert (row.body, row.answer, row.state, row.expires_at) == ("2", '{"at":"A"}', "accepted", 0)
    assert not code(one, MakeRequest(b"s" * 16, "shop", "haul", "storage", "1", until, draft=True))
    assert not code(one, AdvanceRequest("shop", b"s" * 16, "cancel"))
    assert code(one, AdvanceRequest("haul", b"s" * 16, "close")) == "unknown", "it was never sent"


# --- grants


def grant(
    book: Book, by: str = "shop", company: str = "haul", *, until: int = START + 1000, **fields: Any
) -> MakeGrant:
    plain: dict[str, Any] = {"kinds": ("parcel",), "profile": "carrier", "purpose": "last_mile"}
    return MakeGrant(book.desk.new_id(), by, company, expires_at=until, **(plain | fields))


def test_a_grant_needs_a_connection_an_end_and_an_object_of_ones_own() -> None:
    one = book()
    assert code(one, grant(one)) == "unconnected"
    assert code(one, grant(one, company="nobody")) == "unknown"
    connect(one)
    assert code(one, grant(one, until=START)) == "too_late"
    assert code(one, grant(one, object_id=b"x" * 16)) == "unknown"
    made = grant(one)
    assert not code(one, made)
    assert code(one, RevokeGrant("haul", made.grant_id)) == "unknown"
    assert not code(one, RevokeGrant("shop", made.grant_id))
    assert code(one, RevokeGrant("shop", made.grant_id)) == "closed"
    assert [row.state for row in one.state[Grant]] == ["revoked"] and not list(one.state[Shown])


@pytest.mark.parametrize("seed", range(10))
def test_law_open_grants_are_those_made_and_neither_revoked_nor_expired(seed: int) -> None:
    rng, one = random.Random(seed), book()
    connect(one)
    made: dict[bytes, tuple[int, bool]] = {}  # when it ends, and whether it was revoked
    for _ in range(80):
        later(one, rng.choice((0, 1, 40)))
        ask = grant(one, until=one.desk.now + rng.choice((1, 30, 900)))
        assert not code(one, ask)
        made[ask.grant_id] = (ask.expires_at, False)
        id_ = rng.choice(list(made))
        ends, gone = made[id_]
        closed = gone or ends <= one.desk.now
        assert code(one, RevokeGrant("shop", id_)) == ("closed" if closed else ""), f"seed {seed}"
        made[id_] = (ends, gone or not closed)
        open_ = {id_ for id_, (ends, gone) in made.items() if not gone and ends > one.desk.now}
        shown = one.state[Shown].find(shown_by("shop", "haul"))
        assert set(shown.grants if shown else ()) == open_, f"seed {seed}"
    assert folded_book(one)


def test_grants_of_one_company_to_another_are_limited_and_those_of_an_old_connection_do_not_count() -> None:
    one = book()
    connect(one)
    for _ in range(GRANTS_MAX):
        assert not code(one, grant(one))
    assert code(one, grant(one)) == "too_many"
    assert not code(one, ChangeConnection("shop", "haul", "revoke"))
    connect(one)
    last = grant(one)
    assert not code(one, last)
    assert one.state[Shown].get(shown_by("shop", "haul")).grants == (last.grant_id,)
    later(one, 2000)
    one.ask(Lapse())
    assert {row.state for row in one.state[Grant]} == {"expired"} and not list(one.state[Shown])


# --- companies and people


def test_only_what_is_new_is_added_and_only_who_takes_part_is_suspended() -> None:
    one = book()
    north = AddCompany("north", "North Post", "BE", ("carrier", "station"))
    assert code(one, AddCompany("shop", "Shop", "BE", ())) == "duplicate"
    assert code(one, AddCompany("network", "Net", "BE", ())) == "duplicate"
    assert code(one, AddCompany("north", "North Post", "XX", ())) == "unknown"
    assert not code(one, north)
    assert code(one, north) == "duplicate"
    assert code(one, RestoreCompany("north")) == "closed"
    assert code(one, SuspendCompany("nobody")) == "unknown"
    for company in ("north", "shop"):
        assert not code(one, SuspendCompany(company, "unpaid"))
        assert code(one, SuspendCompany(company)) == "suspended"
        assert code(one, Invite(b"1" * 16, "haul", company)) == "suspended"
        assert not code(one, RestoreCompany(company))
    assert code(one, RestoreCompany("nobody")) == "unknown"
    assert folded_book(one)


def test_a_company_names_its_own_people() -> None:
    one = book()
    assert code(one, AddUser("haul", "shop", "Mila@shop.example", "Mila", "admin")) == "barred"
    assert not code(one, AddUser("shop", "shop", "Mila@shop.example", "Mila", "admin"))
    assert code(one, AddUser("shop", "shop", "mila@shop.example", "Mila", "admin")) == "duplicate"
    assert not code(one, AddUser("network", "other", "mila@shop.example", "Mila", "viewer"))
    assert not code(one, ChangeUser("shop", "shop", "mila@shop.example", "Mila V.", "viewer"))
    assert not code(one, RemoveUser("shop", "shop", "mila@SHOP.example"))
    assert code(one, RemoveUser("shop", "shop", "mila@shop.example")) == "unknown"
    assert folded_book(one)


# --- keys


def key(name: str, by: str = "shop", company: str = "shop", **fields: Any) -> MakeKey:
    plain: dict[str, Any] = {"scopes": ("orders:read",), "mode": "live", "version": "2026-11-28"}
    return MakeKey(by, name, name * 4, company, **(plain | fields))


def test_a_key_is_ones_own_and_no_wider_than_its_user() -> None:
    one = book()
    assert code(one, key("a", by="haul")) == "barred"
    assert code(one, key("a", user="mila@shop.example")) == "unknown"
    assert code(one, key("a", scopes=("admin",))) == "too_wide"
    assert not code(one, key("n", by="network", company="network", scopes=("admin",)))
    assert not code(one, AddUser("shop", "shop", "mila@shop.example", "Mila", "viewer"))
    assert code(one, key("a", user="mila@shop.example", scopes=("orders:write",))) == "too_wide"
    assert code(one, key("a", expires_at=START)) == "too_late"
    assert not code(one, key("a", user="mila@shop.example", expires_at=START + 100))
    assert code(one, key("a")) == "duplicate"
    assert code(one, RevokeKey("haul", "a")) == "unknown"
    later(one, 100)
    assert code(one, RevokeKey("shop", "a")) == "closed", "it has ended"


def test_a_rotated_key_holds_beside_its_successor_for_a_while_and_never_longer_than_it_did() -> None:
    one = book()
    assert not code(one, key("a", expires_at=START + 500, note="till"))
    assert code(one, RotateKey("haul", "a", "b", "h", START + 100)) == "unknown"
    assert code(one, RotateKey("shop", "a", "a", "h", START + 100)) == "duplicate"
    assert [code(one, RotateKey("shop", "a", "b", "h", at)) for at in (START - 60, 0)] == ["too_late"] * 2
    assert not code(one, RotateKey("shop", "a", "b", "h", START + 9000))
    old, new = (one.state[ApiKey].get(name) for name in "ab")
    assert (old.expires_at, old.successor, new.expires_at, new.note) == (START + 500, "b", START + 500, "till")
    assert code(one, RotateKey("shop", "a", "c", "h", START + 100)) == "closed"
    assert not code(one, RotateKey("shop", "b", "c", "h", START + 100))
    assert one.state[ApiKey].get("b").expires_at == START + 100


def test_a_token_is_short_no_wider_than_its_key_and_gone_when_its_time_has_come() -> None:
    one = book()
    assert not code(one, key("a", scopes=("orders:read", "quotes")))
    token = MakeToken("shop", "t", "h", "a", START + 600)
    assert code(one, MakeToken("haul", "t", "h", "a", START + 600)) == "unknown"
    assert code(one, MakeToken("network", "t", "h", "a", START + 600)) == "barred", "a token stands in no list"
    assert code(one, MakeToken("shop", "t", "h", "a", START + TOKEN_S_MAX + 1)) == "absurd"
    assert code(one, MakeToken("shop", "t", "h", "a", START)) == "too_late"
    assert code(one, MakeToken("shop", "t", "h", "a", START + 600, ("admin",))) == "too_wide"
    assert not code(one, token)
    assert one.state[ApiKey].get("t").scopes == ("orders:read", "quotes")
    assert code(one, MakeToken("shop", "u", "h", "t", START + 600)) == "closed"
    assert code(one, RotateKey("shop", "t", "u", "h", START + 600)) == "closed"
    later(one, 600)
    one.ask(Lapse())
    assert one.state[ApiKey].find("t") is None and folded_book(one)
