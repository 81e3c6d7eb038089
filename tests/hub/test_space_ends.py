"""Space that is not as its company thinks: a change that was refused leaves a trace, an end is told as what it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_space_messages import NETWORK, one, said, wish
from told import Told, cut, hold_space
from told import network as lending_network

from rookery.hub.conflicts import list_conflicts
from rookery.hub.grounds import ground_lines
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.report import report
from rookery.hub.spine import Hub
from rookery.journey.booking import ChangeRefused
from rookery.journey.network.sharing import FacilityCapacity, Holder, Round, Share
from rookery.screen.report import report_lines
from rookery.units import id_text
from talk import hear
from worlds import at, places, ride, row, tiny_network

CLOCK = Message("network", "clock", "clock", b"", at("Mon 11:00"))


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


def held(hub: Hub, key: str = "1", **fields: Any) -> str:
    return one(hub, said(key, "hold_space", **wish(**fields))).about.hex()


def test_a_refused_change_is_in_why_the_report_and_the_conflicts(hub: Hub) -> None:
    space = held(hub, grams=800, hold_s=86_400)
    answer = one(hub, said("c", "change_space", space=space, **wish(5000)))
    assert (answer.outcome, answer.about.hex(), answer.refusals[0].code) == ("refused", space, "short")
    assert one(hub, said("t", "take_space", space=space)).outcome == "done", "it stays as it was"
    look = Look(hub.ledger)
    told = "\n".join(ground_lines(look, bytes.fromhex(space), hub.world))
    for words in (
        "a change was refused: the space stays as it was", "asked 5,000 grams; 1,000 would have been had",
        "recomputed from all facts before: the same", "kept for group: 9,000 grams",
    ):  # fmt: skip
        assert words in told, words
    assert "DIFFERS" not in told
    made = report(look, hub.world)
    (shops,) = (row for row in made.holders if row.holder == "shops")
    assert (shops.asked.count, shops.got.count, shops.refused.count, shops.unchanged) == (1, 1, 0, {"claim": 1})
    assert "changes refused because" in (lines := list(report_lines(made))) and "  shops: claim 1" in lines
    (conflict,) = list_conflicts(look, hub.world)
    assert (conflict.loser, conflict.outcome, conflict.asked) == ("shops", "refused", 5000)
    assert fold_again(hub.ledger).differences == () and decide_again(hub.ledger, NETWORK).difference == ""


def test_a_change_of_what_is_no_space_or_anothers_leaves_no_trace(hub: Hub) -> None:
    space = held(hub)
    one(hub, said("a", "change_space", "other", space=space, **wish(5000)))
    one(
        hub,
        said("b", "change_space", space=space, uses=[{"resource": "departure:no/2026-11-23/1", "amounts": {"g": 1}}]),
    )
    one(hub, said("c", "change_space", space="00" * 16, **wish(5000)))
    assert not [stored for stored in hub.ledger.list_facts() if isinstance(stored.fact, ChangeRefused)]


def test_a_change_of_space_that_has_a_standby_is_remembered(tmp_path: Path) -> None:
    own = lending_network()
    hub = open_hub(own, tmp_path / "b.ledger")
    uses, standby = (
        [{"resource": f"departure:{name}/2026-11-23/1", "amounts": {"grams": 3000}}] for name in ("cheap", "dear")
    )
    space = one(hub, said("1", "hold_space", heard="Mon 07:00", uses=uses, borrows=True, standby=standby)).about.hex()
    answer = one(hub, said("2", "change_space", heard="Mon 07:01", space=space, uses=standby))
    assert answer.refusals[0].code == "closed" and answer.about.hex() == space
    told = "\n".join(ground_lines(Look(hub.ledger), bytes.fromhex(space), hub.world))
    assert "a change was refused" in told and "release it and hold it anew" in told


def refusal(hub: Hub, space: str, kind: str = "take_space", sender: str = "shop", **more: Any) -> str:
    told = one(
        hub, said(f"{kind} {hub.ledger.next_message}", kind, sender, heard="Mon 12:00", space=space, **more)
    ).refusals
    return str(told[0])


def test_what_is_taken_is_not_to_be_held_again(hub: Hub) -> None:
    space = held(hub)
    one(hub, said("2", "take_space", space=space))
    assert refusal(hub, space) == (
        "closed: space: wanted one that is held; found one that is taken already; "
        "there is nothing left to do: it is yours until you release it"
    )


@pytest.mark.parametrize("kind", ["take_space", "release_space", "change_space"])
def test_what_has_expired_says_when_also_if_this_message_finds_it_out(hub: Hub, kind: str) -> None:
    space, more = held(hub), wish() if kind == "change_space" else {}
    said_of_it = (
        "closed: space: wanted one that is held or taken; found one that expired at 2026-11-23T09:15Z; hold anew"
    )
    assert refusal(hub, space, kind, **more) == said_of_it
    assert refusal(hub, held(hub, "2"), "take_space", "other").startswith("unknown: space"), "it is another's"
    hear(hub, CLOCK)
    assert refusal(hub, space, kind, "other", **more).startswith("unknown: space"), "nobody else's to know"


def test_what_was_released_given_back_or_refused_says_so(hub: Hub) -> None:
    released, taken = held(hub, "1", grams=10), held(hub, "2", grams=10)
    one(hub, said("3", "release_space", space=released, why="too dear"))
    one(hub, said("4", "take_space", space=taken))
    one(hub, said("5", "release_space", space=taken))
    assert "one that is free since 2026-11-23T09:00Z: too dear; hold anew" in refusal(hub, released)
    assert "one that was given back at 2026-11-23T09:00Z" in refusal(hub, taken, "release_space")
    refused = held(hub, "6", grams=99_999)
    assert "one that was refused at 2026-11-23T11:00Z: short" in refusal(hub, refused, "change_space", **wish())
    assert refusal(hub, "00" * 16, "release_space", "other").startswith("unknown: space: wanted an id of space")


def test_an_end_is_told_the_same_in_one_commit_and_in_many(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "one.ledger")
    space = held(hub)
    messages = [
        said("r", "release_space", space=space), said("t", "take_space", space=space),
        said("u", "release_space", space=space),
    ]  # fmt: skip
    whole = hear(hub, *messages)
    other = open_hub(NETWORK, tmp_path / "many.ledger")
    assert held(other) == space
    assert [one(other, message) for message in messages] == whole
    assert [answer.outcome for answer in whole] == ["done", "refused", "refused"]
    assert {answer.refusals[0].code for answer in whole[1:]} == {"closed"}


def test_space_that_goes_with_a_cancelled_departure_is_moved_and_what_is_given_back_is_not(tmp_path: Path) -> None:
    kept, back = (
        hold_space("other", f"departure:cheap/2026-11-{day}/1", heard=f"Mon 10:0{day - 23}") for day in (23, 24)
    )
    told = Told(tmp_path, lending_network(), kept, back)
    (_, held) = (stored.fact.hold_id for stored in told.look.ledger.list_facts(kind="plan_held"))
    why = "departure cheap/2026-11-24 is cancelled"  # in a company's own words that says nothing
    body = json.dumps({"space": id_text("hld", held), "why": why}).encode()
    word = {"departure": "cheap/2026-11-23", "says": "cancelled", "at": "2026-11-23T10:30+01:00"}
    said = [
        Message("other", "back", "release_space", body, at("Mon 10:20")),
        Message("haul", "word", "departure", json.dumps(word).encode(), at("Mon 10:40")),
    ]
    assert [answer.outcome for _, answer in told.hub.receive(said)] == ["done", "done"]
    (others,) = (one for one in told.report().holders if one.holder == "others")
    assert (others.got.count, others.moved_by, others.cases) == (2, {"departure": 1}, 0)


CHEAP, HOUR = "departure:cheap/2026-11-23/1", "sort:B/2026-11-23T21"


@pytest.mark.parametrize(
    ("had", "uses", "outcome", "words"),
    [
        ({"grams": 900}, {CHEAP: 1000}, "done", "the network: claim 9,000 -> 10,000 grams, at most 10,000"),
        ({"grams": 3000, "borrows": True}, {CHEAP: 3500}, "done", "shops: claim 0 -> 3,500 grams"),
        ({"grams": 800}, {CHEAP: 950, HOUR: 2}, "refused", "asked 950 grams; 900 would have been had"),
    ],
)
def test_what_is_told_of_a_change_is_as_it_was_decided_without_what_the_space_had(
    had: dict[str, Any], uses: dict[str, int], outcome: str, words: str, tmp_path: Path
) -> None:
    """Of an hour that is named and needed the larger amount was asked for."""
    sorts = row(FacilityCapacity, facility_id="B", activity="sort", dimension="grams", amount=1000)
    kept = row(Share, holder="others", resource="facility:B", guarantee=10_000_000, release_min=60,
               lending="recallable")  # fmt: skip
    own = lending_network("recallable", *([sorts, kept] if HOUR in uses else []))
    told = Told(tmp_path, own, hold_space("shop", CHEAP, **had))
    space = next(s.about for s in told.hub.ledger.list_facts() if s.kind == "plan_held")
    wanted = [{"resource": name, "amounts": {"grams": grams}} for name, grams in uses.items()]
    assert one(told.hub, said("c", "change_space", space=space.hex(), uses=wanted)).outcome == outcome
    lines = "\n".join(told.why(space.hex()))
    assert words in lines and "DIFFERS" not in lines


def test_what_is_told_of_a_standby_that_could_not_be_had_is_as_it_was_decided(tmp_path: Path) -> None:
    kept = row(Share, holder="others", resource="service:dear", guarantee=90_000_000, release_min=60,
               lending="recallable")  # fmt: skip
    standby = [{"resource": "departure:dear/2026-11-23/1", "amounts": {"grams": 3000}}]
    asked = hold_space("shop", CHEAP, grams=3000, borrows=True, standby=standby)
    told = Told(tmp_path, lending_network("recallable", kept), asked)
    (space,) = (s.about for s in told.hub.ledger.list_facts() if s.kind == "plan_refused")
    lines = "\n".join(told.why(space.hex()))
    assert "asked 3,000 grams; 1,000 would have been had" in lines and "before: the same" in lines


def test_space_that_lost_its_round_was_refused_when_that_closed_however_late_it_is_heard(tmp_path: Path) -> None:
    rounds = tiny_network(
        places("A B"), ride("night", "A 20:00, B 22:00", carries="grams 10000"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="shops", resource="service:*", guarantee=0),
        row(Round, resource="service:*", round_s=900),
    )  # fmt: skip
    for name, clocks in (("late", []), ("soon", [Message("network", "k", "clock", b"", at("Mon 10:20"))])):
        hub = open_hub(rounds, tmp_path / name)
        first, second = (one(hub, said(key, "hold_space", **wish(6000))).about.hex() for key in "12")
        hear(hub, *clocks)
        assert one(hub, said("t", "take_space", heard="Mon 12:00", space=first)).refusals, "it has expired meanwhile"
        assert "one that was refused at 2026-11-23T09:15Z: " in refusal(hub, second), "10:15 in Brussels"


def test_what_is_given_back_is_accepted_and_told_with_how_the_rest_stands(tmp_path: Path) -> None:
    """The space does not borrow: a cut has put it on loan, where less of it would not be had anew."""
    told = Told(tmp_path, lending_network(), hold_space("shop", CHEAP, grams=900), cut(1, 9500, at("Mon 10:10")))
    space = next(s.about for s in told.hub.ledger.list_facts() if s.kind == "plan_held")
    uses = [{"resource": CHEAP, "amounts": {"grams": 800}}]
    answer = one(told.hub, said("c", "change_space", space=space.hex(), uses=uses))
    assert answer.outcome == "done"
    assert [(left.stands, left.amounts, left.until) for left in answer.spaces] == [
        ("borrowed", {"grams": 800}, at("Mon 12:00"))
    ]
    lines = told.why(space.hex())
    assert lines[-3:] == [
        f"  given back of {CHEAP}",
        "    100 grams: so much is accepted always",
        "    800 grams stay as they stood: on loan, to be recalled until 2026-11-23T11:00Z",
    ]
    uses[0]["amounts"] = {"grams": 500}
    answer = one(told.hub, said("d", "change_space", space=space.hex(), uses=uses))
    assert [(left.stands, left.amounts) for left in answer.spaces] == [("firm", {"grams": 500})]
    assert "it fits by claim, since something became free" in told.why(space.hex())[-1]
