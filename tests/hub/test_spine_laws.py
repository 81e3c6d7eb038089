"""Laws of the hub on random days: once, the same again, nothing half done, nothing but facts behind a view."""

import logging
import random
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from days import little_network, messages
from rookery.hub.look import Look
from rookery.hub.message import Answer
from rookery.hub.open import open_hub
from rookery.hub.spine import Hub
from rookery.journey import chain, promise
from rookery.journey.account import Account
from rookery.journey.order import Order, PlaceOrder
from rookery.journey.track import SCAN_BYTES, SCANS_KEPT, SCANS_MAX, Scan, Scanned
from rookery.journey.waybill import WaybillsIssued
from rookery.ledger.log import LedgerFault
from talk import Book, asked, dump, event, facts_of, folded, hear, order_message, scans_message, stored
from worlds import at, places, ride, tiny_network

NETWORK = little_network()
DAYS = range(8)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


@pytest.mark.parametrize("seed", DAYS)
def test_law_a_random_day_touches_every_kind_of_fact_and_leaves_views_that_its_facts_give(hub: Hub, seed: int) -> None:
    hear(hub, *messages(seed))
    assert folded(hub.ledger) == stored(hub.ledger)
    for account in hub.ledger.list_rows("account"):
        for dimension, limit in account.limits.items():
            assert 0 <= account.held[dimension] + account.taken[dimension] <= limit


@pytest.mark.parametrize("seed", DAYS)
def test_law_the_row_of_a_parcel_names_all_facts_of_what_was_seen_of_it_and_no_other(hub: Hub, seed: int) -> None:
    hear(hub, *messages(seed))
    seen: dict[bytes, list[Any]] = {row.parcel_id: [] for row in hub.ledger.list_rows("parcel")}
    for one in hub.ledger.list_facts(kind="scanned"):
        seen[one.fact.parcel_id].append(one)
    look = Look(hub.ledger)
    for parcel in hub.ledger.list_rows("parcel"):
        assert look.scans(parcel) == seen[parcel.parcel_id]
    for order in hub.ledger.list_rows("orders"):
        told = [one for one in hub.ledger.list_facts() if one.about == order.order_id]
        assert look.whole_story(order.order_id) == told


@pytest.mark.parametrize("seed", range(4))
def test_law_the_rows_of_a_parcel_that_is_seen_often_name_each_of_its_scans_once(tmp_path: Path, seed: int) -> None:
    chance, path = random.Random(seed), tmp_path / "a.ledger"
    network = tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00"))
    hub = open_hub(network, path)
    hear(hub, order_message("1", from_facility="A", to_facility="B", to_country="", pieces=2))
    numbers = [row.waybill for row in hub.ledger.list_rows("parcel")]
    told: set[tuple[str, int]] = set()
    for turn in range(40):
        seen = [(chance.choice(numbers), chance.randrange(118)) for _ in range(chance.choice((1, 5, 20)))]
        events = [event(number, "EMC", f"Mon {12 + minute // 60}:{minute % 60:02}") for number, minute in seen]
        hear(hub, scans_message(f"s{turn}", *events, heard="Mon 14:00"))
        told.update(seen)
        if chance.random() < 0.2:
            hub.ledger.close()
            hub = open_hub(network, path)
    look, facts = Look(hub.ledger), {one.seq: one for one in hub.ledger.list_facts(kind="scanned")}
    assert len(facts) == len(told) > 4 * SCANS_KEPT
    for parcel in hub.ledger.list_rows("parcel"):
        of_it = [seq for seq, one in facts.items() if one.fact.parcel_id == parcel.parcel_id]
        assert look.scan_numbers(parcel) == of_it
        assert len(parcel.scans) <= SCANS_KEPT * SCAN_BYTES
    assert folded(hub.ledger) == stored(hub.ledger)


def test_a_parcel_that_is_seen_ever_again_is_refused_in_the_end_and_what_was_seen_of_it_stays() -> None:
    book = Book(tiny_network(places("AB"), ride("AB", "A 20:00, B 22:00")))
    book.place(asked("1", origin="A", to="B"))
    (number,) = (number for one in book.told(WaybillsIssued) for number in one.numbers)
    book.desk = replace(book.desk, now=at("Mon 14:00"))
    seen = [Scan(number, "in_transit", "EMC", at("Mon 12:00") + n, "A", "haul") for n in range(SCANS_MAX + 1)]
    refused = [book.ask(one) for one in (*seen, *seen)]  # what is known is no news
    assert [n for n, one in enumerate(refused) if one is not None] == [SCANS_MAX, 2 * SCANS_MAX + 1]
    assert {one.code for one in refused if one is not None} == {"too_many"}
    assert len(book.told(Scanned)) == SCANS_MAX


def test_the_random_days_together_touch_every_kind_of_fact(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for seed in DAYS:
        hub = open_hub(NETWORK, tmp_path / f"{seed}.ledger")
        outcomes.update(answer.outcome for answer in hear(hub, *messages(seed)))
        kinds.update(kind for _, kind, _ in facts_of(hub.ledger))
    assert set(hub.ledger.registry.facts) - set(kinds) == {
        "endpoint_set",
        "secret_rotated",
        "endpoint_disabled",
        "endpoint_enabled",
        "endpoint_tried",
        "hold_released",
        "plan_overtaken",
        "plan_recalled",
        "loan_firmed",
        "plan_struck",
        "plan_refused",
        "change_refused",
        "plan_queued",
        "plan_waits",
        "plan_left",
        "order_served",
        "promise_at_risk",
        "standby_prolonged",
        "standby_renewed",
        "round_closed",
        "space_lost",
        "space_quoted",
    }, "a plan is taken in the breath that makes and holds it"
    assert set(outcomes) == {"done", "refused", "rejected"}


@pytest.mark.parametrize("seed", DAYS)
def test_law_the_same_messages_give_the_same_bytes_however_they_are_grouped(tmp_path: Path, seed: int) -> None:
    said = messages(seed)
    ledgers = []
    for group_ms in (0.0, 3.0, 1e9):
        hub = open_hub(NETWORK, tmp_path / f"{group_ms}.ledger")
        answers = hear(hub, *said, group_ms=group_ms)
        ledgers.append((answers, dump(hub.ledger)))
    assert ledgers[0] == ledgers[1] == ledgers[2]


@pytest.mark.parametrize("seed", DAYS)
def test_law_stopping_between_any_two_messages_changes_nothing(tmp_path: Path, seed: int) -> None:
    said, rng = messages(seed), random.Random(seed)
    steady = open_hub(NETWORK, tmp_path / "steady.ledger")
    answers = hear(steady, *said)
    again: list[Answer] = []
    while len(again) < len(said):
        hub = open_hub(NETWORK, tmp_path / "stopping.ledger")
        again += hear(hub, *said[len(again) : len(again) + rng.randint(1, 6)])
        hub.ledger.close()
    hub = open_hub(NETWORK, tmp_path / "stopping.ledger")
    assert again == answers
    assert dump(hub.ledger) == dump(steady.ledger)


@pytest.mark.parametrize("seed", DAYS)
def test_law_a_message_is_acted_on_once_in_whatever_order_and_however_often_it_comes(hub: Hub, seed: int) -> None:
    rng = random.Random(seed)
    said = [message for message in messages(seed) for _ in range(rng.randint(1, 3))]
    rng.shuffle(said)
    first: dict[tuple[str, str], Answer] = {}
    for message, answer in hub.receive(said, group_ms=rng.choice((0.0, 2.0, 1e9))):
        was = first.setdefault((message.sender, message.key), answer)
        if was is answer:
            assert not answer.seen
        elif answer.outcome == "rejected":
            assert answer == was
        else:
            assert answer == _seen(was)
    acted_on = [key for key, answer in first.items() if answer.outcome in ("done", "refused")]
    assert sorted(acted_on) == sorted((m.sender, m.key) for m in hub.ledger.list_messages())
    assert folded(hub.ledger) == stored(hub.ledger)
    orders = [(order.owner, order.reference) for order in hub.ledger.list_rows("orders")]
    assert len(orders) == len(set(orders))


def _seen(answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, seen=True)


@pytest.mark.parametrize("together", [True, False])
def test_law_the_same_key_with_other_words_is_a_conflict_and_does_nothing(hub: Hub, *, together: bool) -> None:
    first, other = order_message("1", from_facility="A"), order_message("1", from_facility="A", pieces=2)
    answers = hear(hub, first, other, first, group_ms=1e9 if together else 0.0)
    assert [answer.outcome for answer in answers] == ["done", "conflict", "done"]
    assert [answer.seen for answer in answers] == [False, False, True]
    assert hub.ledger.count("message") == hub.ledger.count("orders") == 1


def test_law_two_senders_may_use_the_same_key(hub: Hub) -> None:
    answers = hear(hub, order_message("1", from_facility="A"), order_message("1", from_facility="A", owner="other"))
    assert [(answer.outcome, answer.seen) for answer in answers] == [("done", False)] * 2


def test_a_hub_that_starts_again_remembers_what_it_said(tmp_path: Path) -> None:
    first = open_hub(NETWORK, tmp_path / "a.ledger")
    message = order_message("1", from_facility="A", to_country="ES", to_postcode="")
    (answer,) = hear(first, message)
    first.ledger.close()
    again = open_hub(NETWORK, tmp_path / "a.ledger")
    assert hear(again, message) == [_seen(answer)]


# --- a message that breaks the program


class Break:
    """A step of the journey that breaks on one order, after it has done half its work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reference: str):
        steps = dict(chain.STEPS)
        place = steps[PlaceOrder]

        def breaking(state: Any, ask: Any, desk: Any) -> Any:
            if ask.asked.reference == reference:
                for account in list(state[Account]):
                    state[Account].put(
                        Account(account.resource, account.limits, account.held, dict.fromkeys(account.taken, 99))
                    )
                raise ZeroDivisionError("half done")
            return place(state, ask, desk)

        monkeypatch.setattr(chain, "STEPS", steps | {PlaceOrder: breaking})


def spoil(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """A step of the journey gives one order a price that no store can hold."""
    promise_step = chain.STEPS[promise.Promise]

    def too_much(state: Any, ask: Any, desk: Any) -> Any:
        (fact,) = promise_step(state, ask, desk)
        is_culprit = state[Order].get(fact.order_id).reference == reference
        return [msgspec.structs.replace(fact, price_minor=2**63) if is_culprit else fact]

    monkeypatch.setattr(chain, "STEPS", chain.STEPS | {promise.Promise: too_much})


@pytest.mark.parametrize("group_ms", [0.0, 1e9])
def test_law_a_bug_undoes_its_group_and_sets_only_the_culprit_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, group_ms: float
) -> None:
    said = [order_message(f"{n}", from_facility="A", sku="x", heard=f"Mon 10:{n:02}") for n in range(7)]
    without = open_hub(NETWORK, tmp_path / "without.ledger")
    hear(without, *said[:4], *said[5:])
    Break(monkeypatch, "4")
    hub = open_hub(NETWORK, tmp_path / "with.ledger")
    with caplog.at_level(logging.CRITICAL, logger="rookery"):
        answers = hear(hub, *said, said[2], group_ms=group_ms)
    assert [answer.outcome for answer in answers] == ["done"] * 4 + ["failed"] + ["done"] * 3
    assert answers[4].text == "ZeroDivisionError: half done" and answers[7].seen
    assert list(hub.ledger.list_dead_letters()) == [("shop", "o4", "order", "ZeroDivisionError: half done")]
    assert dump(hub.ledger) == dump(without.ledger) | {"dead letters": list(hub.ledger.list_dead_letters())}


@pytest.mark.parametrize("seed", DAYS)
def test_law_a_bug_on_a_random_day_changes_nothing_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    said = messages(seed)
    orders = [m for m in said if m.kind.startswith("order") and b"caviar" not in m.body and b": -1" not in m.body]
    culprit = random.Random(seed).choice(orders)
    without = open_hub(NETWORK, tmp_path / "without.ledger")
    wanted = hear(without, *(message for message in said if message != culprit))
    Break(monkeypatch, culprit.key[1:])
    hub = open_hub(NETWORK, tmp_path / "with.ledger")
    with caplog.at_level(logging.CRITICAL, logger="rookery"):
        answers = [a for m, a in hub.receive(said, group_ms=1e9) if m != culprit]
    assert answers == wanted
    assert dump(hub.ledger)["facts"] == dump(without.ledger)["facts"]
    assert dump(hub.ledger)["views"] == dump(without.ledger)["views"]
    assert folded(hub.ledger) == stored(hub.ledger)


def test_a_message_set_aside_may_be_sent_again_once_the_program_is_mended(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message = order_message("4", from_facility="A")
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL, logger="rookery"):
        Break(broken, "4")
        assert [answer.outcome for answer in hear(hub, message)] == ["failed"]
    assert [answer.outcome for answer in hear(hub, message)] == ["done"]


# --- a store that fails


@pytest.mark.sqlite
def test_law_a_full_disk_gives_an_error_and_writes_nothing_of_the_group(tmp_path: Path) -> None:
    said = [order_message(f"{n}", from_facility="A", to_facility="B") for n in range(60)]
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    hear(hub, *said[:3])
    pages = hub.ledger._db.execute("PRAGMA page_count").fetchone()[0]
    hub.ledger._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    before = dump(hub.ledger)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        hear(hub, *said[3:])
    assert dump(hub.ledger) == before
    hub.ledger._db.execute("PRAGMA max_page_count = 100000")
    hear(hub, *said)
    steady = open_hub(NETWORK, tmp_path / "steady.ledger")
    hear(steady, *said)
    assert dump(hub.ledger) == dump(steady.ledger), "once there is room the same hub goes on as if nothing had been"


@pytest.mark.sqlite
def test_law_a_locked_file_gives_an_error_and_writes_nothing(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    hub.ledger.wait_s = 0.05
    other = sqlite3.connect(tmp_path / "a.ledger", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerFault, match=r"its turn to write within 0.05 s, found others writing"):
        hear(hub, order_message("1", from_facility="A"))
    other.execute("ROLLBACK")
    other.close()
    assert hub.ledger.count("message") == 0
    (answer,) = hear(hub, order_message("1", from_facility="A"))
    assert (answer.outcome, answer.seen) == ("done", False)
    assert folded(hub.ledger) == stored(hub.ledger)


def test_law_messages_that_stop_coming_in_the_middle_of_a_group_leave_nothing_behind(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")

    def torn() -> Any:
        yield order_message("1", from_facility="A")
        raise ConnectionResetError("the line is dead")

    with pytest.raises(ConnectionResetError):
        list(hub.receive(torn(), group_ms=1e9))
    (answer,) = hear(hub, order_message("2", from_facility="A"))
    assert answer.outcome == "done"
    assert [message.key for message in hub.ledger.list_messages()] == ["o2"], "what was not answered was not done"
    assert hub.state[Order].find(b"") is None and folded(hub.ledger) == stored(hub.ledger)


def test_law_a_message_that_cannot_be_stored_is_set_aside_and_the_others_go_on(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = [order_message(f"{n}", from_facility="A", to_facility="B", to_country="") for n in range(3)]
    spoil(monkeypatch, "1")
    with caplog.at_level(logging.CRITICAL, logger="rookery"):
        answers = hear(hub, *said)
    assert [answer.outcome for answer in answers] == ["done", "failed", "done"]
    assert [order.reference for order in hub.ledger.list_rows("orders")] == ["0", "2"]
    assert [why for _, _, _, why in hub.ledger.list_dead_letters()] == [answers[1].text]
    assert folded(hub.ledger) == stored(hub.ledger)
