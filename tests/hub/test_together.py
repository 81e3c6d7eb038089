"""Several hubs on one ledger, of one process and of others: each decides as if it were alone, turn after turn."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import shared_days
from together import ORDER_COUNT

from days import little_network, messages
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.spine import Hub
from rookery.journey.order import Waiting
from rookery.ledger import log, writing
from rookery.ledger.log import LedgerFault
from talk import dump, folded, hear, order_message, stored

HERE = Path(__file__).resolve().parent
NETWORK = little_network()


def keep_commits(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Hubs remember fewer commits: who has missed more reads everything, and takes others for gone sooner."""
    for module in (log, writing):
        monkeypatch.setattr(module, "COMMITS_KEPT", count)


def split(hubs: list[Hub], said: list[Message], rng: random.Random) -> list[tuple[Message, Answer]]:
    """Messages in groups of one to six, each group heard by one of the hubs."""
    told, at = [], 0
    while at < len(said):
        group = said[at : at + rng.randint(1, 6)]
        told += list(rng.choice(hubs).receive(group, group_ms=rng.choice((0.0, 1e9))))
        at += len(group)
    return told


def check_alone(path: Path, alone: Path, network: Any, told: list[tuple[Message, Answer]]) -> None:
    """One hub that hears the same messages in the order of their commits says and writes the same."""
    one = open_hub(network, alone)
    assert hear(one, *(message for message, _ in told)) == [answer for _, answer in told]
    ledger = open_ledger(path)
    assert dump(ledger) == dump(one.ledger)
    assert folded(ledger) == stored(ledger)
    for account in ledger.list_rows("account"):
        for dimension, limit in account.limits.items():
            assert 0 <= account.held[dimension] + account.taken[dimension] <= limit


@pytest.mark.parametrize("seed", range(8))
def test_law_several_hubs_on_one_ledger_decide_as_one_that_hears_their_messages_in_the_order_of_their_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    keep_commits(monkeypatch, rng.choice((3, 256)))
    hubs = [open_hub(NETWORK, tmp_path / "shared.ledger") for _ in range(2 + seed % 2)]
    said = [message for message in messages(seed) for _ in range(rng.choice((1, 1, 1, 2)))]
    told = split(hubs, said, rng)
    check_alone(tmp_path / "shared.ledger", tmp_path / "alone.ledger", NETWORK, told)
    orders = [(order.owner, order.reference) for order in hubs[0].ledger.list_rows("orders")]
    assert len(orders) == len(set(orders)), "no message is done twice"


@pytest.mark.parametrize("seed", range(3))
def test_law_several_hubs_share_space_as_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng, network = random.Random(seed), shared_days.network()
    keep_commits(monkeypatch, rng.choice((3, 256)))
    day = shared_days.Day(open_hub(network, tmp_path / "day.ledger"), seed).run(60)
    hubs = [open_hub(network, tmp_path / "shared.ledger") for _ in range(3)]
    told = split(hubs, list(day.said), rng)
    one = open_hub(network, tmp_path / "alone.ledger")
    assert hear(one, *(message for message, _ in told)) == [answer for _, answer in told]
    assert dump(hubs[0].ledger) == dump(one.ledger)
    assert folded(one.ledger) == stored(hubs[1].ledger)


def test_a_hub_that_catches_up_knows_what_others_have_committed(tmp_path: Path) -> None:
    first, second = (open_hub(NETWORK, tmp_path / "a.ledger") for _ in range(2))
    for number in range(3):
        (answer,) = hear(first, order_message(f"{number}", from_facility="A", in_round=True))
        second.catch_up()
        assert {row.order_id for row in second.state[Waiting]} >= {answer.about}
        assert not second.ledger.begun


def test_whoever_does_not_get_a_turn_in_time_says_so_and_has_done_nothing(tmp_path: Path) -> None:
    first, second = (open_hub(NETWORK, tmp_path / "a.ledger") for _ in range(2))
    first.ledger.begin()
    second.ledger.wait_s = 0.05
    with pytest.raises(LedgerFault, match=r"wanted its turn to write within 0.05 s, found others writing"):
        hear(second, order_message("1", from_facility="A"))
    first.ledger.give_up()
    assert [answer.seen for answer in hear(second, order_message("1", from_facility="A"))] == [False]
    assert hear(first, order_message("1", from_facility="A"))[0].seen


# --- processes


def start(path: str, seed: int, name: str) -> subprocess.Popen[str]:
    """A process with a hub that hears a day of its own again and again; each answer is a line of its output."""
    ways = os.pathsep.join((str(HERE), str(HERE.parent), str(HERE.parents[1] / "src")))
    return subprocess.Popen(
        [sys.executable, str(HERE / "together.py"), path, str(seed), name], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": ways},
    )  # fmt: skip


def test_law_processes_on_one_ledger_lose_nothing_that_they_answered_also_when_one_is_killed(tmp_path: Path) -> None:
    open_hub(NETWORK, tmp_path / "a.ledger").ledger.close()
    path = _url(log.read_name(tmp_path / "a.ledger"))
    workers = [start(path, seed, name) for seed, name in enumerate(("red", "blue"))]
    answered: list[list[str]] = [[], []]
    killed = workers[1]
    assert killed.stdout is not None
    answered[1] += [killed.stdout.readline().strip() for _ in range(20)]
    os.kill(killed.pid, signal.SIGKILL)  # at once: whoever waits for the other one first may find it done
    for lines, worker in zip(answered, workers, strict=True):
        out, _ = worker.communicate(timeout=60)
        lines += out.split("\n")[:-1]
    assert [worker.returncode for worker in workers] == [0, -signal.SIGKILL]

    ledger = open_ledger(path)
    said = [f"{message.sender} {message.key}" for message in ledger.list_messages()]
    assert len(said) == len(set(said)), "nothing is done twice"
    assert set(answered[0]) | set(answered[1]) <= set(said), "what was answered is there"
    assert len(answered[0]) == ORDER_COUNT > len(answered[1])
    assert folded(ledger) == stored(ledger)
    again = open_hub(NETWORK, tmp_path / "again.ledger")
    for message in ledger.list_messages():
        hear(again, Message(message.sender, message.key, message.kind, message.body, message.heard_at))
    assert [(f.kind, f.fact) for f in again.ledger.list_facts()] == [(f.kind, f.fact) for f in ledger.list_facts()]


def _url(name: log.LedgerName) -> str:
    if isinstance(name, Path):
        return str(name)
    of = dict(name.options)
    return f"postgresql://{of['user']}@/{of['dbname']}?host={of['host']}&schema={name.schema}"
