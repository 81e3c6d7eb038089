"""Who quotes beside the hubs that write: as of the last commit, whoever made it, and nothing is written."""

import json
import random
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from shared_days import NAMES, Day, network
from test_together import keep_commits

from rookery.hub.message import Message
from rookery.hub.open import open_hub, open_replica
from rookery.hub.quote import Wish, quote
from rookery.hub.replica import Replica
from rookery.hub.spine import Hub
from rookery.journey.order import Spot
from rookery.journey.room import VIEWS
from rookery.ledger.fault import LedgerFault
from talk import dump, hear
from worlds import at

NETWORK = network()
STEPS = 60


def quoted(wish: Wish, hub: Hub | Replica) -> Any:
    return quote(wish, hub.world, hub.state)


def a_wish(rng: random.Random) -> Wish:
    origin, destination = rng.choice((("A", "D"), ("A", "B"), ("B", "D"), ("B", "C")))
    ready_at = rng.choice([at("Mon 08:00"), at("Mon 20:00"), at("Tue 11:00")])
    company = rng.choice(("", *NAMES))
    return Wish(
        Spot(facility_id=origin), Spot(facility_id=destination), ready_at, rng.randint(1, 30), company_id=company
    )


def resident(hub: Hub | Replica) -> dict[str, Any]:
    return {view.name: set(hub.state[view.row]) for view in VIEWS if view.resident}


def known(hub: Hub | Replica) -> dict[str, Any]:
    """All rows of what is held as a whole."""
    return {view.name: sorted(map(str, hub.state[view.row])) for view in VIEWS if view.resident}


@pytest.mark.parametrize("kept", [256, 3])
@pytest.mark.parametrize("seed", range(4))
def test_law_who_reads_along_quotes_as_the_hubs_do_that_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kept: int
) -> None:
    keep_commits(monkeypatch, kept)
    rng, path = random.Random(seed), tmp_path / "a.ledger"
    hub = open_hub(NETWORK, path)
    other, replica = open_hub(NETWORK, path), open_replica(NETWORK, path)
    days = Day(hub, seed), Day(other, seed + 100)
    days[1].count = 10_000  # keys of its own
    differ = set()
    for _ in range(STEPS):
        day = days[rng.random() < 0.3]
        day.now = max(one.now for one in days)
        day.step()
        if rng.random() < 0.3:
            continue  # some commits are missed
        wish = a_wish(rng)
        found = replica.ask(partial(quoted, wish))
        assert found == day.hub.ask(partial(quoted, wish)) == (hub, other)[day is days[0]].ask(partial(quoted, wish))
        assert resident(replica) == resident(day.hub)
        differ.add(str(found))
    assert len(differ) > STEPS // 4


def test_all_that_a_question_reads_anew_is_as_of_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_commits(monkeypatch, 3)
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    replica = open_replica(NETWORK, tmp_path / "a.ledger")
    leg, count = "departure:AB/2026-11-24/1", 0

    def hold(grams: int, **more: bool) -> bytes:
        nonlocal count
        count += 1
        said = {"uses": [{"resource": leg, "amounts": {"grams": grams, "pieces": 1}}], "hold_s": 86_400, **more}
        (answer,) = hear(hub, Message("green", f"{count}", "hold_space", json.dumps(said).encode(), at("Mon 08:00")))
        return answer.about

    def late(text: str, values: tuple[Any, ...] = ()) -> Any:
        if not streamed:
            said = json.dumps({"space": lent.hex(), "why": "x"}).encode()
            hear(hub, Message("green", "back", "release_space", said, at("Mon 08:00")))
        streamed.append(text)
        return stream(text, values)

    lent, streamed = hold(30, borrows=True), list[str]()
    for _ in range(6):  # more commits than are kept: it reads all
        hold(1)
    before, stream = known(hub), replica.ledger._db.stream
    monkeypatch.setattr(replica.ledger._db, "stream", late)
    assert replica.ask(known) == before and streamed and before["loan"]
    assert replica.ask(known) == known(hub) != before


def test_what_breaks_while_it_reads_along_is_told_as_the_store_s_so_that_it_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    replica = open_replica(NETWORK, tmp_path / "a.ledger")
    Day(hub, 1).run(5)

    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(type(replica.state), "refresh", broken)
    with pytest.raises(LedgerFault, match="wanted to read along"):
        replica.ask(partial(quoted, a_wish(random.Random(1))))


@pytest.mark.sqlite
def test_a_file_that_was_replaced_is_not_quoted_from(tmp_path: Path) -> None:
    path = tmp_path / "a.ledger"
    open_hub(NETWORK, path).ledger.close()
    replica = open_replica(NETWORK, path)
    replica.ask(partial(quoted, a_wish(random.Random(1))))
    path.rename(tmp_path / "old.ledger")
    open_hub(NETWORK, path).ledger.close()
    with pytest.raises(LedgerFault, match="found it gone"):
        replica.ask(partial(quoted, a_wish(random.Random(1))))


def test_it_reads_along_while_nobody_asks_and_writes_nothing(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    Day(hub, 1).run(20)
    replica = open_replica(NETWORK, tmp_path / "a.ledger")
    before = dump(hub.ledger)
    assert not replica.is_due(0)
    replica.ask(partial(quoted, a_wish(random.Random(1))))
    assert dump(hub.ledger) == before
    with pytest.raises(AssertionError, match="a hub decides"):
        replica.receive([Message("red", "m", "order", b"{}", 0)])


def test_there_has_to_be_a_ledger_of_this_network(tmp_path: Path) -> None:
    with pytest.raises(LedgerFault, match="no such"):
        open_replica(NETWORK, tmp_path / "a.ledger")
    open_hub(NETWORK, tmp_path / "a.ledger").ledger.close()
    with pytest.raises(LedgerFault, match="wanted one made with"):
        open_replica(msgspec.structs.replace(NETWORK, snapshot="1" * 64), tmp_path / "a.ledger")
