"""Companies and trust as messages: who may say what, who calls, what is read and noted, and what no ledger holds."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from door import WIDE
from rookery.hub.admission import Admission
from rookery.hub.callers import Caller, Secret, find_caller, hash_secret, make_secret, stored_rows
from rookery.hub.message import Answer, Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.send import read_sending, send
from rookery.hub.spine import Hub
from rookery.hub.tenants import tenants_of
from rookery.journey.connection import INVITED_S
from rookery.journey.key import SCOPES, SCOPES_OF
from rookery.journey.profiles import CARRIED, NEXT_HOP, PROFILES
from rookery.journey.reading import find_order, show
from rookery.ledger.reads import LIMIT_MAX, Read, ReadLog
from talk import dump, folded, hear, order_message, stored
from worlds import at, places, ride, tiny_network

NETWORK = tiny_network(places("A B"), ride("AB", "A 20:00, B 22:00"))
NOW = at("Mon 10:00")
PAGE = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")
LATER = "2026-11-23T12:00+01:00"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


class Talk:
    """Messages one after the other, each under a key of its own."""

    def __init__(self, hub: Hub):
        self.hub, self.count = hub, 0

    def say(self, sender: str, about: str, do: str, /, heard: str = "Mon 10:00", **body: Any) -> Answer:
        self.count += 1
        words = json.dumps({"do": do, **body}).encode()
        (answer,) = hear(self.hub, Message(sender, f"k{self.count}", about, words, at(heard)))
        return answer

    def make_key(self, sender: str = "shop", **fields: Any) -> Secret:
        secret = make_secret("live")
        answer = self.say(sender, "key", "make", **key_body(secret, **fields))
        assert answer.outcome == "done", answer
        return secret

    def caller(self, secret: Secret | str, now: int = NOW) -> Caller | str:
        text = secret if isinstance(secret, str) else secret.text
        return find_caller(stored_rows(self.hub.ledger), text, now)


def key_body(secret: Secret, **fields: Any) -> dict[str, Any]:
    plain = {"scopes": ["orders:read", "orders:write"], "mode": "live", "version": "2026-11-28"}
    return {"id": secret.key_id, "hash": secret.hash_, **plain, **fields}


@pytest.fixture
def talk(hub: Hub) -> Talk:
    return Talk(hub)


# --- companies


NORTH = {"company": "north", "name": "North Post", "country": "BE", "roles": ["shipper", "carrier"]}


def test_an_added_company_sends_and_a_suspended_one_does_not(talk: Talk) -> None:
    order = order_message("1", owner="north", from_facility="A", to_facility="B", to_country="")
    (answer,) = hear(talk.hub, order)
    assert answer.outcome == "rejected" and "by a `company` message" in answer.text
    assert talk.say("network", "company", "add", **NORTH).outcome == "done"
    (answer,) = hear(talk.hub, order)
    assert answer.outcome == "done"
    assert [row.status for row in talk.hub.ledger.list_rows("orders")] == ["booked"]
    for company in ("north", "shop"):
        assert talk.say("network", "company", "suspend", company=company).outcome == "done"
        answer = talk.say(company, "connection", "invite", company="haul")
        assert answer.outcome == "rejected" and "a suspended one" in answer.text
        assert talk.say("network", "company", "restore", company=company).outcome == "done"
        assert talk.say(company, "connection", "invite", company="haul").outcome == "done"


def test_only_the_operator_of_the_network_speaks_of_companies_and_a_company_has_the_roles_it_was_given(
    talk: Talk,
) -> None:
    answer = talk.say("haul", "company", "add", **NORTH)
    assert answer.outcome == "rejected" and "operator of the network" in answer.text
    assert talk.say("network", "company", "add", **NORTH | {"roles": ["shipper"]}).outcome == "done"
    (answer,) = hear(talk.hub, Message("north", "p", "packing", b"{}", NOW))
    assert "wanted the role carrier or operator or warehouse, found shipper" in answer.text


# --- callers


def test_a_secret_opens_what_its_scopes_say_in_the_version_it_was_made_with(talk: Talk) -> None:
    secret = talk.make_key()
    assert talk.caller(secret) == Caller(
        "shop", "", frozenset({"orders:read", "orders:write"}), "live", secret.key_id, "2026-11-28"
    )
    assert secret.hash_ == hash_secret(secret.text) and secret.text.startswith(f"live_{secret.key_id}_")


def test_nothing_else_opens_anything(talk: Talk) -> None:
    secret, other = talk.make_key(), make_secret("live")
    changed = secret.text[:-1] + ("a" if secret.text[-1] != "a" else "b")
    wrong = ["", "live", other.text, changed, secret.text + "a", "test" + secret.text[4:], secret.hash_, secret.key_id]
    wrong += [f"{secret.text}\n", f" {secret.text}", "\ud800", f"live_{secret.key_id}_{'é' * 40}", "x" * 100_000]
    assert {talk.caller(text) for text in wrong} == {"unknown"}


def test_a_key_is_refused_as_soon_as_it_ends_is_revoked_or_its_company_is_suspended(talk: Talk) -> None:
    first, second, third = (talk.make_key(expires_at=until) for until in (LATER, "", ""))
    noon = at("Mon 12:00")
    assert isinstance(talk.caller(first, noon - 1), Caller) and talk.caller(first, noon) == "expired"
    assert talk.say("shop", "key", "revoke", id=second.key_id).outcome == "done"
    assert talk.caller(second) == "revoked"
    assert talk.say("network", "company", "suspend", company="shop").outcome == "done"
    assert talk.caller(third) == "suspended"
    assert talk.say("network", "key", "revoke", id=third.key_id).outcome == "done", "also of a suspended company"
    assert talk.caller(third) == "revoked"


def test_old_and_new_secret_hold_together_while_a_key_is_rotated(talk: Talk) -> None:
    old, new = talk.make_key(), make_secret("live")
    said = {"id": old.key_id, "new_id": new.key_id, "hash": new.hash_, "until": LATER}
    assert talk.say("shop", "key", "rotate", **said).outcome == "done"
    for secret in (old, new):
        assert isinstance(talk.caller(secret, at("Mon 11:59")), Caller)
    assert talk.caller(old, at("Mon 12:00")) == "expired"
    assert isinstance(talk.caller(new, at("Tue 12:00")), Caller)


def test_a_users_key_opens_no_more_than_the_users_role_does_now(talk: Talk) -> None:
    mila = {"email": "mila@shop.example", "name": "Mila"}
    assert talk.say("shop", "user", "add", **mila, role="member").outcome == "done"
    secret = talk.make_key(user=mila["email"])
    caller = talk.caller(secret)
    assert isinstance(caller, Caller) and caller.user == mila["email"] and "orders:write" in caller.scopes
    assert talk.say("shop", "user", "change", **mila, role="viewer").outcome == "done"
    caller = talk.caller(secret)
    assert isinstance(caller, Caller) and caller.scopes == {"orders:read"} <= SCOPES_OF["viewer"]
    assert talk.say("shop", "user", "remove", email=mila["email"]).outcome == "done"
    assert talk.caller(secret) == "revoked"


def test_law_what_a_removed_person_had_opens_nothing_again(talk: Talk) -> None:
    mila = {"email": "Mila@shop.example", "name": "Mila", "role": "admin"}
    other = {"email": "mila@shop.example.org", "name": "Mia", "role": "admin"}
    for person in (mila, other):
        assert talk.say("shop", "user", "add", **person).outcome == "done"
    assert talk.say("network", "user", "add", company="haul", **mila).outcome == "done"
    hers, gone = (talk.make_key(user=mila["email"], expires_at=until) for until in ("", LATER))
    kept = [talk.make_key(), talk.make_key(user=other["email"]), talk.make_key("haul", user=mila["email"])]
    token, ended = make_secret("live"), {"key": hers.key_id, "expires_at": "2026-11-23T13:30+01:00"}
    said = {"id": token.key_id, "hash": token.hash_, "scopes": [], **ended}
    assert talk.say("shop", "key", "token", "Mon 12:40", **said).outcome == "done"
    for _ in range(2):
        assert talk.say("shop", "user", "remove", "Mon 12:41", email=mila["email"]).outcome == "done"
        assert {talk.caller(one) for one in (hers, gone, token)} == {"revoked"}
        assert talk.say("shop", "user", "add", "Mon 12:42", **mila).outcome == "done"
        assert [talk.caller(one, at("Mon 12:42")) for one in (hers, gone, token)] == ["revoked", "expired", "revoked"]
    assert all(isinstance(talk.caller(one), Caller) for one in kept)
    revoked = [one.fact.key_id for one in talk.hub.ledger.list_facts(kind="key_revoked")]
    assert revoked == sorted([hers.key_id, token.key_id]), "each once, and none that had ended"
    assert talk.say("shop", "key", "revoke", id=hers.key_id).refusals[0].code == "closed"


def test_an_access_token_stands_in_for_its_key_and_falls_with_it(talk: Talk) -> None:
    key, token, other = talk.make_key(), make_secret("live"), make_secret("live")
    said = {"key": key.key_id, "expires_at": "2026-11-23T10:30+01:00"}
    for one, scopes in ((token, ["orders:read"]), (other, [])):
        answer = talk.say("shop", "key", "token", id=one.key_id, hash=one.hash_, scopes=scopes, **said)
        assert answer.outcome == "done"
    caller = talk.caller(token)
    assert isinstance(caller, Caller) and caller.scopes == {"orders:read"}
    assert talk.caller(token, at("Mon 10:30")) == "expired"
    assert talk.say("shop", "key", "revoke", id=key.key_id).outcome == "done"
    assert talk.caller(token) == talk.caller(other) == "revoked"
    hear(talk.hub, Message("network", "later", "clock", b"", at("Mon 10:30")))
    assert talk.caller(token) == "unknown", "nothing is kept of a token that has had its time"


def test_law_no_secret_stands_in_a_ledger(talk: Talk, tmp_path: Path) -> None:
    made = [talk.make_key() for _ in range(3)]
    token, new = make_secret("live"), make_secret("test")
    said = {"key": made[0].key_id, "expires_at": "2026-11-23T10:30+01:00"}
    talk.say("shop", "key", "token", id=token.key_id, hash=token.hash_, **said)
    talk.say("shop", "key", "rotate", id=made[1].key_id, new_id=new.key_id, hash=new.hash_, until=LATER)
    leaked = make_secret("live")
    tail = leaked.text.rpartition("_")[2]
    for slip in ({"hash": leaked.text}, {"note": leaked.text}, {"hash": tail}, {"id": tail}, {"user": tail}):
        answer = talk.say("shop", "key", "make", **key_body(leaked) | slip)
        assert answer.outcome == "rejected" and tail not in answer.text
    ledger = talk.hub.ledger
    rows = [*ledger.list_messages(), *ledger.list_facts(), *ledger.list_dead_letters(), *ledger.list_rows("api_key")]
    written = repr(rows).encode()
    ledger.close()
    written += b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    for secret in (*made, token, new, leaked):
        assert secret.text.rpartition("_")[2].encode() not in written
        assert secret.hash_.encode() in written or secret is leaked


# --- between companies


def test_a_connection_a_grant_and_a_request_by_messages_and_each_answer_names_its_own(talk: Talk) -> None:
    invited = talk.say("shop", "connection", "invite", company="other")
    assert invited.about and talk.say("other", "connection", "accept", company="shop").about == invited.about
    hear(talk.hub, order_message("1", from_facility="A", to_facility="B", to_country=""))
    (order,) = talk.hub.ledger.list_rows("orders")
    find = stored_rows(talk.hub.ledger)
    card = find_order(order.order_id, find)
    assert card is not None and show("other", card, find, NOW) is None
    body = {"company": "other", "kinds": ["order"], "profile": "consignee", "purpose": "care", "expires_at": LATER}
    made = talk.say("shop", "grant", "make", **body, object=order.order_id.hex())
    seen = show("other", card, find, NOW)
    assert seen is not None and seen["reference"] == "1" and "owner" not in seen
    assert show("other", card, find, at("Mon 12:00")) is None
    assert talk.say("shop", "grant", "revoke", grant=made.about.hex()).about == made.about
    assert show("other", card, find, NOW) is None
    asked = {"company": "other", "kind": "storage", "body": {"pallets": 3}, "expires_at": LATER}
    request = talk.say("shop", "request", "ask", **asked)
    assert len({invited.about, made.about, request.about}) == 3
    answered = talk.say("other", "request", "accept", request=request.about.hex(), answer={"at": "A"})
    assert answered.about == request.about
    (row,) = talk.hub.ledger.list_rows("request")
    assert (row.state, row.body, row.answer) == ("accepted", '{"pallets":3}', '{"at":"A"}')


def test_what_has_had_its_time_is_over_before_a_later_message_is_heard(talk: Talk) -> None:
    assert talk.say("shop", "connection", "invite", company="other", expires_at=LATER).outcome == "done"
    late = talk.say("other", "connection", "accept", heard="Mon 12:00", company="shop")
    assert late.refusals[0].code == "closed" and late.refusals[0].found == "expired"
    (row,) = talk.hub.ledger.list_rows("connection")
    assert row.state == "expired"
    assert late.about == b"" or late.outcome == "refused"


def test_a_ledger_of_trust_proves_itself_and_says_the_same_when_it_is_begun_again(talk: Talk, tmp_path: Path) -> None:
    talk.say("network", "company", "add", **NORTH)
    talk.say("shop", "connection", "invite", company="north")
    talk.say("north", "connection", "accept", company="shop")
    secret = talk.make_key()
    body = {"company": "north", "kinds": ["parcel"], "profile": "carrier", "purpose": "care", "expires_at": LATER}
    talk.say("shop", "grant", "make", **body, query={})
    asked = {"company": "north", "kind": "storage", "body": 1, "expires_at": LATER}
    talk.say("shop", "request", "ask", **asked)
    ledger = talk.hub.ledger
    assert folded(ledger) == stored(ledger) and not fold_again(ledger).difference_count
    assert decide_again(ledger, NETWORK).difference == ""
    before = dump(ledger)
    ledger.close()
    again = Talk(open_hub(NETWORK, tmp_path / "a.ledger"))
    again.count = talk.count
    assert dump(again.hub.ledger) == before and isinstance(again.caller(secret), Caller)
    hear(again.hub, Message("network", "later", "clock", b"", NOW + INVITED_S))
    assert [row.state for row in again.hub.ledger.list_rows("request")] == ["closed"]
    assert [row.state for row in again.hub.ledger.list_rows("grants")] == ["expired"]
    assert not list(again.hub.ledger.list_rows("deadline"))


def test_the_page_lists_every_scope_and_every_field_of_every_profile() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    scopes = {cells[0].strip("|` "): cells[2].strip(" |") for cells in rows if cells[0].strip("|` ") in SCOPES}
    assert scopes == {
        scope: ", ".join(role for role, most in SCOPES_OF.items() if scope in most) for scope in SCOPES
    }  # fmt: skip
    told = {
        (cells[0].strip("| "), cells[1]): cells[2].strip(" |") for cells in rows if cells[0].strip("| ") in PROFILES
    }
    assert told == {
        (name, kind): ", ".join(f"`{field}`" for field in sorted(fields))
        for name, profile in PROFILES.items()
        for kind, fields in profile.items()
    }
    carried = {cells[0].strip("| "): cells[1].strip(" |") for cells in rows if len(cells) == 2}
    for kind, fields in (*CARRIED.items(), ("leg", NEXT_HOP)):
        assert carried[kind] == ", ".join(f"`{field}`" for field in sorted(fields))


def test_the_messages_of_the_page_can_be_sent_as_a_file(tmp_path: Path) -> None:
    text = PAGE.partition("## A file of messages")[2]
    (tmp_path / "m.ndjson").write_text(text.partition("```json\n")[2].partition("```")[0], encoding="utf-8")
    shipped = open_network("backbone")
    lines, bad = read_sending(tmp_path / "m.ndjson", shipped)
    assert not bad and len(lines) >= 8
    sent = send(open_hub(shipped, tmp_path / "a.ledger"), Admission(tenants_of(shipped), replace(WIDE)), lines)
    assert sent.outcomes == {"done": len(lines)}, [one for one in sent.answers if one.outcome != "done"]


# --- the read log


def test_reads_across_companies_are_listed_for_the_owner_in_order(hub: Hub) -> None:
    log = ReadLog(hub.ledger.path)
    first, own = Read("haul", "shop", "parcels", "country=ES", 3, NOW), Read("shop", "shop", "parcels", "", 9, NOW)
    log.write([first, own, Read("haul", "other", "orders", "", 1, NOW)])
    log.write([])
    log.write([replace(first, count=0, read_at=NOW + 1)])
    assert [read for _, read in log.list("shop")] == [first, replace(first, count=0, read_at=NOW + 1)]
    ((seen, _),) = log.list("shop", limit=1)
    assert [read.count for _, read in log.list("shop", after=seen)] == [0]
    assert not list(log.list("haul"))
    log.close()


def test_the_read_log_is_written_while_the_hub_writes_and_is_no_part_of_what_is_replayed(talk: Talk) -> None:
    log = ReadLog(talk.hub.ledger.path)
    for n in range(5):
        log.write([Read("haul", "shop", "parcels", str(n), n, NOW)] * 2)
        assert talk.say("shop", "connection", "invite", company=("haul", "other")[n % 2]).outcome in ("done", "refused")
    assert len(list(log.list("shop", limit=LIMIT_MAX * 9))) == 10
    assert not fold_again(talk.hub.ledger).difference_count and decide_again(talk.hub.ledger, NETWORK).difference == ""
    log.close()


def test_a_read_that_cannot_be_noted_is_an_error(hub: Hub) -> None:
    hub.ledger.close()
    log = ReadLog(hub.ledger.path)
    with pytest.raises(log.faults):
        log.write([Read("haul", "shop", "parcels", "", None, NOW)])  # type: ignore[arg-type]
    assert not list(log.list("shop"))
    log.close()
    assert open_ledger(hub.ledger.path).count("read_log") == 0
