"""A hub whose groups a process writes while it decides the next ones: it says and writes what one that waits does."""

import logging
import os
import random
import signal
from pathlib import Path

import msgspec
import pytest
from test_spine_laws import NETWORK, Break, spoil
from test_together import check_alone, keep_commits

from days import messages
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.spine import Hub
from rookery.journey.order import Order
from rookery.ledger.log import LedgerFault
from talk import dump, folded, hear, order_message, stored

DAYS = range(4)


def told() -> None:
    """Nobody waits: whoever asks again finds it."""


def handing(path: Path) -> Hub:
    return open_hub(NETWORK, path, told=told)


def in_parts(hub: Hub, said: list[Message], rng: random.Random) -> list[tuple[Message, Answer]]:
    """Messages a few at a time; what is being written meanwhile comes back with later ones, and all at the end."""
    answered, at = [], 0
    while at < len(said):
        part = said[at : at + rng.randint(1, 6)]
        answered += list(hub.receive(part, group_ms=rng.choice((0.0, 1.0, 1e9)), wait=rng.random() < 0.2))
        at += len(part)
    return answered + list(hub.receive([]))


def writer_of(hub: Hub) -> int:
    """The process that writes for a hub."""
    writer = hub.ledger._writer
    assert writer is not None and writer._process is not None
    return writer._process.pid


@pytest.mark.parametrize("seed", DAYS)
def test_law_a_hub_that_hands_over_says_and_writes_what_one_that_waits_does(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    said = [message for message in messages(seed) for _ in range(rng.choice((1, 1, 1, 2)))]
    steady, hub = open_hub(NETWORK, tmp_path / "steady.ledger"), handing(tmp_path / "a.ledger")
    answers = in_parts(hub, said, rng)
    assert [message for message, _ in answers] == said
    assert [answer for _, answer in answers] == hear(steady, *said)
    assert hub.is_settled and dump(hub.ledger) == dump(steady.ledger)
    assert folded(hub.ledger) == stored(hub.ledger)


def test_an_answer_comes_only_once_its_group_is_written(tmp_path: Path) -> None:
    hub = handing(tmp_path / "a.ledger")
    said = [order_message(f"{n}", from_facility="A") for n in range(40)]
    reader = open_ledger(hub.ledger.path)
    waited = 0
    for message in said:
        for one, _ in hub.receive([message], group_ms=0.0, wait=False):
            assert reader.find_message(one.sender, one.key) is not None
        waited += not hub.is_settled
    assert waited, "it went on while a group was written"
    list(hub.receive([]))
    assert reader.count("message") == len(said)


@pytest.mark.parametrize("seed", DAYS)
def test_law_a_bug_undoes_no_more_than_its_group_where_groups_are_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    said, rng = messages(seed), random.Random(seed)
    orders = [m for m in said if m.kind.startswith("order") and b"caviar" not in m.body and b": -1" not in m.body]
    culprit = rng.choice(orders)
    without = open_hub(NETWORK, tmp_path / "without.ledger")
    wanted = hear(without, *(message for message in said if message != culprit))
    Break(monkeypatch, culprit.key[1:])
    hub = handing(tmp_path / "with.ledger")
    with caplog.at_level(logging.CRITICAL, logger="rookery"):
        answers = [answer for message, answer in in_parts(hub, said, rng) if message != culprit]
    assert answers == wanted
    assert dump(hub.ledger) == dump(without.ledger) | {"dead letters": list(hub.ledger.list_dead_letters())}
    assert folded(hub.ledger) == stored(hub.ledger)


@pytest.mark.parametrize("parts", [[1, 1, 1], [2, 1], [1, 2], [3]])
def test_law_a_message_whose_rows_cannot_be_written_is_set_aside_with_all_that_came_after_it_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, parts: list[int]
) -> None:
    said = iter([order_message(f"{n}", from_facility="A", to_facility="B", to_country="") for n in range(3)])
    spoil(monkeypatch, "1")
    hub = handing(tmp_path / "a.ledger")
    with caplog.at_level(logging.CRITICAL, logger="rookery"):
        answers = []
        for count in parts:
            some = [next(said) for _ in range(count)]
            answers += [answer for _, answer in hub.receive(some, group_ms=1e9, wait=False)]
        answers += [answer for _, answer in hub.receive([])]
    assert [answer.outcome for answer in answers] == ["done", "failed", "done"]
    assert [order.reference for order in hub.ledger.list_rows("orders")] == ["0", "2"]
    assert [why for _, _, _, why in hub.ledger.list_dead_letters()] == [answers[1].text]
    assert folded(hub.ledger) == stored(hub.ledger)


@pytest.mark.parametrize("seed", DAYS)
def test_law_hubs_that_hand_over_and_meet_on_one_ledger_decide_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    keep_commits(monkeypatch, 3)  # so that they take each other for gone again and again
    hubs = [handing(tmp_path / "shared.ledger"), handing(tmp_path / "shared.ledger")]
    hubs += [open_hub(NETWORK, tmp_path / "shared.ledger")] * (seed % 2)
    said = [message for message in messages(seed) for _ in range(rng.choice((1, 1, 1, 2)))]
    answered, at, turned = [], 0, 0
    while at < len(said):
        hub = rng.choice(hubs)
        for _ in range(rng.randint(1, 6)):
            part = said[at : at + rng.randint(1, 4)]
            answered += list(hub.receive(part, group_ms=rng.choice((0.0, 1e9)), wait=False))
            at += len(part)
        turned += not hub.is_settled
        answered += list(hub.receive([]))
    assert turned, "something was handed over"
    check_alone(tmp_path / "shared.ledger", tmp_path / "alone.ledger", NETWORK, answered)


def test_a_hub_whose_group_was_overtaken_does_it_again_with_what_came_after(tmp_path: Path) -> None:
    first, second = handing(tmp_path / "a.ledger"), open_hub(NETWORK, tmp_path / "a.ledger")
    (one,) = hear(second, order_message("1", from_facility="A"))
    assert first.ledger.hands_over, "it has not heard of the other one"
    said = [order_message(name, from_facility="A") for name in "12"]
    answers = [answer for message in said for _, answer in first.receive([message], group_ms=0.0, wait=False)]
    answers += [answer for _, answer in first.receive([])]
    assert [answer.seen for answer in answers] == [True, False]
    assert answers[0] == msgspec.structs.replace(one, seen=True) and not first.ledger.hands_over
    assert folded(first.ledger) == stored(first.ledger) and first.ledger.count("message") == 2


def test_a_hub_that_hands_over_catches_up_with_another_when_it_is_asked(tmp_path: Path) -> None:
    first, second = handing(tmp_path / "a.ledger"), open_hub(NETWORK, tmp_path / "a.ledger")
    for number in range(3):
        (answer,) = hear(second, order_message(f"{number}", from_facility="A"))
        first.catch_up()
        assert first.state[Order].find(answer.about) is not None and not first.ledger.begun


def test_law_a_process_that_writes_and_is_killed_takes_nothing_with_it_that_was_answered(tmp_path: Path) -> None:
    said = [order_message(f"{n}", from_facility="A") for n in range(120)]
    rng, answered = random.Random(3), 0
    for _ in range(5):
        hub, until = handing(tmp_path / "a.ledger"), rng.randint(5, 15)
        writer = hub.ledger._writer
        assert writer is not None
        with pytest.raises(LedgerFault, match="the process that writes"):
            for count, message in enumerate(said[answered:]):
                answered += len(list(hub.receive([message], group_ms=0.0, wait=False)))
                if count >= until and writer._process is not None:  # of what was written before nothing is handed over
                    until = len(said)
                    os.kill(writer_of(hub), signal.SIGKILL)
        assert hub.is_settled, "what was not written is undone"
        reader = open_ledger(hub.ledger.path)
        kept = [message.key for message in reader.list_messages()]
        assert len(kept) >= answered and kept == [message.key for message in said[: len(kept)]]
        hub.ledger.close()
    hub = handing(tmp_path / "a.ledger")
    hear(hub, *said)
    steady = open_hub(NETWORK, tmp_path / "steady.ledger")
    hear(steady, *said)
    assert dump(hub.ledger) == dump(steady.ledger)


@pytest.mark.sqlite
def test_law_a_store_that_fails_while_it_is_written_undoes_all_that_was_not_answered(tmp_path: Path) -> None:
    said = [order_message(f"{n}", from_facility="A") for n in range(12)]
    hub = handing(tmp_path / "a.ledger")
    hear(hub, *said[:3])
    before = dump(hub.ledger)
    writer = hub.ledger._writer
    assert writer is not None
    hub.ledger._db.execute("ALTER TABLE fact RENAME TO gone")
    with pytest.raises(LedgerFault, match="no such table: fact"):
        hear(hub, *said[3:], group_ms=0.0)
    hub.ledger._db.execute("ALTER TABLE gone RENAME TO fact")
    assert hub.is_settled and dump(hub.ledger) == before
    hear(hub, *said)
    assert hub.ledger.hands_over and folded(hub.ledger) == stored(hub.ledger)


def test_a_hub_that_is_closed_has_ended_its_process(tmp_path: Path) -> None:
    hub = handing(tmp_path / "a.ledger")
    hub.ledger.close()
    hub = handing(tmp_path / "a.ledger")
    hear(hub, order_message("1", from_facility="A"))
    process = hub.ledger._writer._process  # type: ignore[union-attr]
    hub.ledger.close()
    assert process is not None and process.returncode == 0


def hanging(path: Path) -> Hub:
    """A hub with an order, whose process stands still and has a fifth of a second."""
    hub = handing(path)
    hear(hub, order_message("1", from_facility="A"))
    writer = hub.ledger._writer
    assert writer is not None
    writer._most_s = 0.2
    os.kill(writer_of(hub), signal.SIGSTOP)
    return hub


def test_a_process_that_says_nothing_is_ended_in_time_and_its_group_undone(tmp_path: Path) -> None:
    hub = hanging(tmp_path / "a.ledger")
    with pytest.raises(LedgerFault, match="the process that writes has ended"):
        hear(hub, order_message("2", from_facility="A"))
    assert hub.is_settled and [one.key for one in hub.ledger.list_messages()] == ["o1"]
    hub.ledger.close()


def test_a_process_that_reads_nothing_is_ended_in_time(tmp_path: Path) -> None:
    hub = hanging(tmp_path / "a.ledger")
    with pytest.raises(LedgerFault, match="the process that writes: wanted it to run, found: it does not read"):
        hear(hub, *(order_message(f"{n}", from_facility="A") for n in range(2, 400)))
    assert hub.is_settled and hub.ledger.count("message") == 1


def test_what_stands_in_the_folder_is_nothing_to_the_process_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('of the folder')")
    monkeypatch.chdir(tmp_path)
    (answer,) = hear(handing(tmp_path / "a.ledger"), order_message("1", from_facility="A"))
    assert answer.outcome == "done"


def test_signals_of_the_session_are_not_for_the_process_that_writes(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        hub = handing(tmp_path / f"{number}.ledger")
        answers = list(hub.receive([order_message("1", from_facility="A")], wait=False))
        os.kill(writer_of(hub), number)  # while it starts
        answers += hub.receive([])
        assert [answer.outcome for _, answer in answers] == ["done"]
