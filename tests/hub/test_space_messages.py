"""Space without an order as messages: who may touch what, what is told, a file of messages at the door."""

import json
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from door import WIDE
from rookery.hub import own_spaces
from rookery.hub.admission import Admission
from rookery.hub.look import Look
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.hub.replay import decide_again
from rookery.hub.send import read_sending, send
from rookery.hub.spine import Hub
from rookery.hub.tenants import Limits, tenants_of
from rookery.journey.booking import PlanRefused
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.waits import Queued
from talk import dump, folded, hear, stored
from worlds import at, places, ride, row, tiny_network

NIGHT = "departure:night/2026-11-23/1"


def network() -> Network:
    return tiny_network(
        places("A B"), ride("night", "A 20:00, B 22:00", carries="grams 10000"),
        row(Holder, holder="group"),
        row(Holder, holder="others", parent="group", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        row(Holder, holder="shops_std", parent="shops", company_id="shop", product_id="std"),
        row(Share, holder="group", resource="service:night", guarantee=90_000_000, release_min=480,
            lending="recallable", weight=3),
        row(Share, holder="group", resource="service:*", guarantee=0, weight=2),
        row(Share, holder="others", resource="service:*", weight=5),
    )  # fmt: skip


NETWORK = network()


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


def said(key: str, kind: str, sender: str = "shop", heard: str = "Mon 10:00", **body: Any) -> Message:
    return Message(sender, key, kind, json.dumps(body).encode(), at(heard))


def wish(grams: int = 1000, **fields: Any) -> dict[str, Any]:
    return {"uses": [{"resource": NIGHT, "amounts": {"grams": grams}}], **fields}


def one(hub: Hub, message: Message) -> Answer:
    (answer,) = hear(hub, message)
    return answer


def test_a_page_of_ones_own_spaces_looks_at_no_others(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_spaces, "LOOKED_MAX", 3)
    monkeypatch.setattr(own_spaces, "CHUNK", 2)
    for number in range(20):
        one(hub, said(f"{number}", "hold_space", "shop" if number % 5 == 0 else "other", **wish(10)))
    taken = sorted(row.hold_id for row in hub.ledger.list_rows("hold") if row.by.company == "shop")
    one(hub, said("take", "take_space", space=taken[1].hex()))
    look = Look(hub.ledger)
    first, last = own_spaces.list_own(look, "shop", 2, b"")
    assert [(found.space, found.status) for found in first] == [(taken[0], "held"), (taken[1], "taken")]
    assert [found.space for found in own_spaces.list_own(look, "shop", 2, last or b"")[0]] == taken[2:]
    assert own_spaces.list_own(look, "shop", 9, b"", "taken") == ([first[1]], taken[2]), "three were looked at"


def test_a_company_holds_takes_changes_and_gives_back_what_its_answer_names(hub: Hub) -> None:
    held = one(hub, said("1", "hold_space", **wish()))
    assert (held.outcome, held.expires_at, held.spaces[0].stands) == ("done", at("Mon 10:15"), "firm")
    space = held.about.hex()
    for key, kind, more in (("2", "take_space", {}), ("3", "change_space", wish(500)), ("4", "release_space", {})):
        theirs, none = (
            one(hub, said(f"{key}{id_}", kind, sender="other", space=id_, **more)) for id_ in (space, "00" * 16)
        )
        assert (theirs.outcome, theirs.refusals) == (none.outcome, none.refusals) != ("done", ())
        answer = one(hub, said(key, kind, space=space, **more))
        assert (answer.outcome, answer.about) == ("done", held.about)
    assert not list(hub.ledger.list_rows("booking")) and folded(hub.ledger) == stored(hub.ledger)


def test_a_quote_says_until_when_it_could_be_recalled_and_writes_no_account(hub: Hub) -> None:
    (told,) = one(hub, said("1", "quote_space", **wish(5000, borrows=True))).spaces
    assert (told.stands, told.until, told.lender) == ("borrowed", at("Mon 12:00"), "")
    (told,) = one(hub, said("2", "quote_space", sender="network", **wish(5000, borrows=True))).spaces
    assert told.lender == "group", "the operator of the network sees whose it is"
    assert not list(hub.ledger.list_rows("account"))


def test_what_was_lent_is_not_looked_at_before_something_of_it_is_released(hub: Hub) -> None:
    (told,) = one(hub, said("1", "hold_space", **wish(5000, borrows=True, hold_s=86_400))).spaces
    assert (told.stands, told.until) == ("borrowed", at("Mon 12:00"))
    assert not hub.is_due(at("Mon 11:59")) and hub.is_due(at("Mon 12:00"))


def test_what_is_kept_for_others_is_in_the_ledger_and_not_in_an_answer(hub: Hub) -> None:
    message = said("1", "hold_space", **wish(5000))
    answer = one(hub, message)
    assert answer.outcome == "refused" and answer.refusals[0].lack is not None
    assert answer.refusals[0].lack.kept == () and b"group" not in msgspec.json.encode(answer)
    again = one(hub, message)
    assert again.seen and again.refusals == answer.refusals, "the stored answer is the one that was given"
    (fact,) = [f.fact for f in hub.ledger.list_facts() if isinstance(f.fact, PlanRefused)]
    assert fact.refusal.lack is not None and [kept.holder for kept in fact.refusal.lack.kept] == ["group"]
    theirs = one(hub, said("1", "hold_space", sender="network", **wish(5000))).refusals[0].lack
    assert theirs is not None and theirs.kept


def test_an_answer_is_about_its_own_space_when_something_else_came_due_before_it(hub: Hub) -> None:
    first = one(hub, said("1", "hold_space", **wish(100)))
    second = one(hub, said("2", "hold_space", heard="Mon 11:00", **wish(100)))
    assert second.about not in (b"", first.about)
    late = one(hub, said("3", "take_space", heard="Mon 12:00", space=first.about.hex()))
    assert (late.outcome, late.about, late.refusals[0].code) == ("refused", b"", "closed")


def lines(tmp_path: Path, *messages: Message, bad: str = "") -> Path:
    rows = [
        {"sender": m.sender, "key": m.key, "kind": m.kind, "heard_at": m.heard_at, "body": json.loads(m.body)}
        for m in messages
    ]
    path = tmp_path / "messages.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + bad, encoding="utf-8")
    return path


def a_day() -> list[Message]:
    many = [said(f"s{n}", "hold_space", heard="Mon 10:00", **wish(40)) for n in range(30)]
    few = [said(f"o{n}", "hold_space", "other", heard="Mon 10:00", **wish(2000)) for n in range(5)]
    return [*many, *few, said("q", "quote_space", heard="Mon 09:00", **wish())]


def test_a_file_goes_through_the_door_by_time_and_by_turns(hub: Hub, tmp_path: Path) -> None:
    good, bad = read_sending(lines(tmp_path, *a_day(), bad="{\n"), NETWORK)
    assert [row.line for row in bad] == [37]
    sent = send(hub, Admission(tenants_of(NETWORK), WIDE), good)
    assert [one.line for one in sent.answers] == list(range(1, 37))
    heard = [message.sender for message in hub.ledger.list_messages()]
    assert heard[0] == "shop" and heard.index("other") <= 2, "the burst of one is not before the other"


def test_who_is_sent_away_comes_again_and_everything_is_done_once(tmp_path: Path) -> None:
    good, _ = read_sending(lines(tmp_path, *a_day()), NETWORK)
    for limits in (Limits(messages_max=3), Limits(burst_us=1, rate_us_per_s=100), Limits(all_messages_max=2)):
        hub = open_hub(NETWORK, tmp_path / f"{hash(limits)}.ledger")
        sent = send(hub, Admission(tenants_of(NETWORK), limits), good)
        assert len(sent.answers) == 36 and sent.busy["shop"] and not any(one.seen for one in sent.answers)
        keys = [message.key for message in hub.ledger.list_messages() if message.sender == "shop"]
        assert keys == ["q", *(f"s{n}" for n in range(30))], "a sender's own order is kept"
        before = dump(hub.ledger)
        again = send(hub, Admission(tenants_of(NETWORK), limits), good)
        assert all(one.seen for one in again.answers) and dump(hub.ledger) == before


def test_a_file_comes_out_alike_however_long_its_messages_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    much = [
        said(f"{n}", "hold_space", sender, "Mon 09:00", **wish(300 + n))
        for sender in ("shop", "other")
        for n in range(20)
    ]
    good, _ = read_sending(lines(tmp_path, *much), NETWORK)
    came = []
    for seed in range(3):
        ticks, clock = Random(seed), count()
        monkeypatch.setattr("time.perf_counter_ns", lambda t=ticks, c=clock: next(c) * 10**9 + t.randrange(10**9))
        hub = open_hub(NETWORK, tmp_path / f"{seed}.ledger")
        answers = send(hub, Admission(tenants_of(NETWORK)), good).answers
        came.append((dump(hub.ledger), [msgspec.json.encode(one) for one in answers]))
    assert {one.outcome for one in answers} == {"done", "refused"}, "who comes first decides"
    assert came[0] == came[1] == came[2]


def test_the_doors_tree_is_that_of_the_policy() -> None:
    tenants = tenants_of(NETWORK)
    weights = dict(zip(tenants.names, tenants.weights, strict=True))
    assert weights == {"*": 1, "group": 2, "shops": 1, "others": 5, "shops_std": 1}, "of the most general row"
    assert tenants.holder_of == {"network": "*", "other": "others", "shop": "shops"}


def test_what_was_decided_is_decided_again_to_the_byte(hub: Hub, tmp_path: Path) -> None:
    good, _ = read_sending(lines(tmp_path, *a_day()), NETWORK)
    send(hub, Admission(tenants_of(NETWORK), WIDE), good)
    assert decide_again(hub.ledger, NETWORK).difference == ""


def test_who_waits_for_a_round_is_told_until_when_and_may_leave(tmp_path: Path) -> None:
    rows = [*NETWORK.holders, *NETWORK.shares, row(Round, resource="service:night", round_s=600)]
    own = tiny_network(places("A B"), ride("night", "A 20:00, B 22:00", carries="grams 10000"), rows)
    hub = open_hub(own, tmp_path / "rounds.ledger")
    quoted, held = (one(hub, said(kind, kind, **wish())) for kind in ("quote_space", "hold_space"))
    for answer in (quoted, held):
        assert [(told.stands, told.until) for told in answer.spaces] == [("waits", at("Mon 10:10"))]
    space = held.about.hex()
    assert one(hub, said("t", "take_space", space=space)).refusals[0].code == "closed"
    assert one(hub, said("r", "release_space", "other", space=space)).refusals[0].code == "unknown"
    assert one(hub, said("s", "release_space", space=space)).outcome == "done" and not list(hub.state[Queued])
    served = one(hub, said("h", "hold_space", **wish())).about.hex()
    one(hub, Message("network", "clock", "clock", b"", at("Mon 10:10")))
    assert one(hub, said("u", "take_space", space=served)).outcome == "done"
    assert decide_again(hub.ledger, own).difference == ""


def test_space_that_is_asked_for_after_a_cut_off_is_refused_and_that_is_remembered(hub: Hub) -> None:
    answer = one(hub, said("1", "hold_space", heard="Mon 20:00", **wish()))
    assert [refusal.code for refusal in answer.refusals] == ["too_late"]
    (fact,) = [f.fact for f in hub.ledger.list_facts() if isinstance(f.fact, PlanRefused)]
    assert fact.refusal.lack is not None and fact.refusal.lack.limit == "too_late" and fact.by.company == "shop"
