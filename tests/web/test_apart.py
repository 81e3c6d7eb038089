"""A hub in a process of its own behind its server: the same answers, and what becomes of it when it ends or hangs."""

import os
import pickle
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from faulty import wait_until
from hypothesis import given
from hypothesis import strategies as st
from served import Served, served, until_ready
from test_keys_again import MADE
from test_serve import COMPANIES, network, order

from rookery.hub.clock import now
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.ledger.fault import LedgerFault
from rookery.ledger.process import HEAD_BYTES, frame
from rookery.units import instant_text
from rookery.web import apart, asking, pipe
from rookery.web.apart import Apart
from rookery.web.asking import Wanted
from rookery.web.serve import Options, open_serving

WISH = {"origin": "A", "destination": "B", "weight_g": 900}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    with served(network(), tmp_path / "hub.ledger", COMPANIES, apart=True) as one:
        yield one


def process_of(hub: Served) -> int:
    found: int = hub.serving.modes["live"].worker._process.pid
    return found


def quotes_of(hub: Served) -> int:
    """The process that quotes beside it."""
    found: int = hub.serving.modes["live"].quotes._process.pid
    return found


def said(hub: Served) -> list[tuple[int, Any]]:
    """What is answered to the same calls, without what differs from hub to hub."""
    ready = instant_text(now() // 86_400 * 86_400 + 2 * 86_400)
    made = {"scopes": ["orders:read"], "note": "desk"}
    calls: list[tuple[str, Any, str]] = [
        ("/v1/orders", order("A", ready_at=ready), "a"),
        ("/v1/orders", order("B", weight_g=11_000, ready_at=ready), "b"),
        ("/v1/orders", order("A", ready_at=ready), "a"), ("/v1/orders", order("C", product="sdt"), "c"),
        ("/v1/orders", {"reference": 5}, "d"), ("/v1/events", {"events": [{"number": "x"}]}, "e"),
        ("/v1/quotes", {"origin": "A", "destination": "B", "weight_g": 900, "ready_at": ready}, ""),
        ("/v1/quotes", {"origin": "A", "destination": "B", "weight_g": 11_000, "explain": True, "ready_at": ready}, ""),
        ("/v1/spaces", {"uses": [{"resource": "departure:night/2026-12-24/1", "amounts": {"grams": 10**9}}]}, "s"),
        ("/v1/webhooks", {"url": "https://example.com/a"}, "w"),
        ("/v1/webhooks", {"url": "https://example.com/b"}, "w"),
        ("/v1/keys", made, "k"), ("/v1/keys", made, "k"), ("/v1/keys", made | {"note": "other"}, "k"),
    ]  # fmt: skip
    found = []
    for path, body, key in calls:
        got = hub.call("POST", path, body, key=key)
        shown = got.body
        for name in ("id", "request_id", "endpoint", "secret", "key", "about"):
            shown.pop(name, None)
        found.append((got.status, shown))
    return found


def test_it_answers_as_a_hub_in_the_server_does(hub: Served, tmp_path: Path) -> None:
    with served(network(), tmp_path / "other.ledger", COMPANIES) as other:
        assert said(hub) == said(other)
    end, text = time.monotonic() + 20, ""
    while not re.search(
        r'questions_total\{hub="live"\} 3\.0\n(.*\n)*.*questions_total\{hub="live quotes"\} 2\.0', text
    ):  # it says twice a second how it stands
        assert time.monotonic() < end, text
        text = hub.call("GET", "/metrics", company="").raw.decode()
    assert 'rookery_messages_total{hub="live",outcome="done"}' in text


def test_a_process_that_ends_is_begun_again_and_whoever_waited_is_told_to_come_again(hub: Served) -> None:
    first = order("A")
    assert hub.call("POST", "/v1/orders", first, key="a").status == 201
    was = process_of(hub)
    os.kill(was, signal.SIGKILL)
    until_ready(hub, 503)
    assert hub.call("POST", "/v1/orders", order("B"), key="b").status == 503
    assert hub.call("GET", "/v1/orders").status == 200, "what is read needs no hub"
    until_ready(hub, 200)
    assert process_of(hub) != was and hub.serving.modes["live"].worker.figures.reopened == 1
    assert hub.call("POST", "/v1/orders", order("B"), key="b").status == 201
    assert hub.call("POST", "/v1/orders", first, key="a").body["replayed"]


def test_a_process_that_hangs_is_told_until_it_goes_on(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "STUCK_S", 1.5)
    until_ready(hub, 200)
    os.kill(process_of(hub), signal.SIGSTOP)
    until_ready(hub, 503)
    assert hub.call("POST", "/v1/orders", order("A"), key="a").status == 503
    os.kill(process_of(hub), signal.SIGCONT)
    until_ready(hub, 200)
    assert hub.call("POST", "/v1/orders", order("A"), key="a").status == 201


def test_who_waits_for_a_process_that_hangs_is_told_and_it_is_ended_if_it_does_not_go_on(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, was = hub.serving.modes["live"].worker, process_of(hub)
    monkeypatch.setattr(asking, "STUCK_S", 1.5)
    monkeypatch.setattr(apart, "HANG_S", 4.0)
    os.kill(was, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as callers:
        waits = callers.submit(hub.call, "POST", "/v1/orders", order("A"), key="a")
        wait_until(lambda: len(live._asked) == 1, 60)
        assert waits.result().status == 503 and process_of(hub) == was
    wait_until(lambda: live.is_ready and process_of(hub) != was, 60)
    got = hub.call("POST", "/v1/orders", order("A"), key="a")
    assert got.status == 201, got.raw


def test_quotes_go_on_while_the_hub_hangs(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "STUCK_S", 1.5)
    assert hub.call("POST", "/v1/quotes", WISH).status == 200
    os.kill(process_of(hub), signal.SIGSTOP)
    until_ready(hub, 503)
    assert hub.call("POST", "/v1/quotes", WISH).body["journeys"]
    os.kill(process_of(hub), signal.SIGCONT)
    until_ready(hub, 200)


def test_the_hub_quotes_while_who_quotes_beside_it_is_begun_again(hub: Served) -> None:
    was, by_hub = quotes_of(hub), hub.serving.modes["live"].worker.figures.questions
    os.kill(was, signal.SIGKILL)
    wait_until(lambda: not hub.serving.modes["live"].quotes.is_ready, 60)
    assert hub.call("GET", "/ready", company="").status == 200
    assert hub.call("POST", "/v1/quotes", WISH).body["journeys"]
    wait_until(lambda: hub.serving.modes["live"].quotes.is_ready, 60)
    assert quotes_of(hub) != was
    assert hub.call("POST", "/v1/quotes", WISH).body["journeys"]
    wait_until(
        lambda: hub.serving.modes["live"].worker.figures.questions != by_hub
    )  # it says twice a second how it stands


@pytest.mark.parametrize("how", ["ends", "hangs"])
def test_who_waits_for_a_process_that_quotes_is_answered_by_the_hub_if_it_ends_or_hangs(
    hub: Served, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotes, was = hub.serving.modes["live"].quotes, quotes_of(hub)
    with monkeypatch.context() as sooner, ThreadPoolExecutor(4) as callers:
        sooner.setattr(asking, "STUCK_S", asking.STUCK_S if how == "ends" else 1.5)
        os.kill(was, signal.SIGSTOP)
        said = [callers.submit(hub.call, "POST", "/v1/quotes", WISH) for _ in range(4)]
        if how == "ends":
            wait_until(lambda: len(quotes._asked) == 4, 60)
            os.kill(was, signal.SIGKILL)
        assert [one.result().status for one in said] == [200] * 4
    wait_until(lambda: quotes.is_ready and quotes_of(hub) != was, 60)
    assert hub.call("POST", "/v1/quotes", WISH).status == 200


def test_a_process_that_is_open_is_asked_only_once_the_loop_speaks_to_it(hub: Served) -> None:
    opening = hub.serving.modes["live"].quotes._opening  # type: ignore[attr-defined]
    other = Apart(opening)
    other.start()
    try:
        assert not other.is_ready
    finally:
        other.stop()


def test_a_quote_knows_of_all_that_was_answered_before_it(hub: Served) -> None:
    for n in range(20):
        ready = instant_text((now() // 86_400 + 2 + n) * 86_400)
        wish = {"origin": "A", "destination": "B", "weight_g": 9_000, "ready_at": ready}
        before = hub.call("POST", "/v1/quotes", wish).body["journeys"]
        hub.call("POST", "/v1/orders", order(f"{n}", weight_g=9_000, ready_at=ready), key=f"{n}")
        after = hub.call("POST", "/v1/quotes", wish).body["journeys"]
        assert before and before != after, "what the order has taken is not offered again"


def test_a_server_serves_though_its_replica_cannot_be_started_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, tried = Apart._start, list[bool]()

    def fails_once(one: Apart, opening: pipe.Opening) -> None:
        tried.append(opening.is_replica)
        if tried.count(True) == 1 and opening.is_replica:
            raise LedgerFault("it was killed")
        start(one, opening)

    monkeypatch.setattr(Apart, "_start", fails_once)
    with served(network(), tmp_path / "hub.ledger", COMPANIES, apart=True) as hub:
        assert hub.call("POST", "/v1/quotes", WISH).body["journeys"]
        wait_until(lambda: hub.serving.modes["live"].quotes.is_ready, 60)
        assert tried.count(True) == 2 and hub.call("POST", "/v1/quotes", WISH).body["journeys"]


def test_whoever_comes_while_the_store_is_gone_is_told_at_once(hub: Served, tmp_path: Path) -> None:
    path, took = tmp_path / "hub.ledger", list[float]()
    until_ready(hub, 200)
    path.rename(tmp_path / "away")
    end = time.monotonic() + 8
    with ThreadPoolExecutor(4) as callers:
        while time.monotonic() < end:
            began = time.monotonic()
            said = [callers.submit(hub.call, "POST", "/v1/orders", order(f"{began}-{n}"), key=f"{began}-{n}")
                    for n in range(4)]  # fmt: skip
            assert {one.result().status for one in said} <= {201, 503}
            took.append(time.monotonic() - began)
    assert max(took) < 5
    (tmp_path / "away").rename(path)
    until_ready(hub, 200)


def test_a_hub_that_cannot_be_begun_again_is_tried_until_it_can(hub: Served, tmp_path: Path) -> None:
    path, away = tmp_path / "hub.ledger", tmp_path / "away"
    assert hub.call("POST", "/v1/orders", order("A"), key="a").status == 201
    os.kill(process_of(hub), signal.SIGKILL)
    path.rename(away)
    path.write_bytes(b"no ledger" * 1000)
    until_ready(hub, 503)
    time.sleep(4)
    away.rename(path)
    until_ready(hub, 200)
    assert hub.call("POST", "/v1/orders", order("B"), key="b").status == 201


def test_a_server_stops_though_its_hub_hangs_while_it_is_begun_again(tmp_path: Path) -> None:
    began = 0.0
    with served(network(), tmp_path / "hub.ledger", COMPANIES, apart=True) as hub:
        was = process_of(hub)
        os.kill(was, signal.SIGKILL)
        end = time.monotonic() + 20
        while (now_ := hub.serving.modes["live"].worker._process) is None or now_.pid == was:
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(now_.pid, signal.SIGSTOP)
        began = time.monotonic()
    assert time.monotonic() - began < 20 and not Path("/proc", str(now_.pid)).exists()


def test_an_answer_that_cannot_be_written_takes_no_other_with_it() -> None:
    one, other = socket.socketpair()
    with one, other:
        wanted = [Wanted(Message("shop", "", "order", b"", 0), number=n) for n in (1, 2)]
        pipe.Pipe(one).tell([(wanted[0], Answer("done", expires_at=2**70)), (wanted[1], Answer("done"))])
        told = [each for words in pipe.Frames().feed(other.recv(65_536)) for each in pipe.read_news(words).told]
    assert isinstance(pipe.told_value(told[0]), RuntimeError) and pipe.told_value(told[1]) == Answer("done")


def test_when_the_server_stops_the_process_ends_and_the_file_alone_is_the_ledger(tmp_path: Path) -> None:
    with served(network(), tmp_path / "hub.ledger", COMPANIES, apart=True) as hub:
        assert hub.call("POST", "/v1/orders", order("A"), key="a").status == 201
        process = process_of(hub)
    assert not Path("/proc", str(process)).exists() and not list(tmp_path.glob("*-wal"))


def test_a_hub_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    path = tmp_path / "hub.ledger"
    other = msgspec.structs.replace(network(), snapshot="other")
    open_hub(other, path).ledger.close()
    with pytest.raises(LedgerFault, match="wanted one made with"):
        open_serving(network(), Options(path, apart=True))


def test_a_key_that_is_asked_for_again_is_found_from_the_other_process(hub: Served) -> None:
    first, again = (hub.call("POST", "/v1/keys", MADE, key="k") for _ in range(2))
    assert again.body == {"key": first.body["key"], "replayed": True}


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 40))
def test_law_frames_come_out_as_they_went_in_however_the_bytes_are_cut(words: list[bytes], size: int) -> None:
    whole = b"".join(map(frame, words))
    frames = pipe.Frames()
    found = [one for at in range(0, len(whole), size) for one in frames.feed(whole[at : at + size])]
    assert found == words and not frames._rest


def test_what_cannot_go_through_the_socket_is_a_fault_with_its_words() -> None:
    class Odd(Exception):
        """Of no module, so that it cannot be found on the other side."""

    wanted = Wanted(Message("shop", "", "quote", b"", 0), number=7)
    told = pipe._told(wanted, Odd("seven"))
    value = pipe.told_value(told)
    assert told.number == 7 and isinstance(value, RuntimeError) and "seven" in str(value)
    assert isinstance(pipe.told_value(pipe._told(wanted, ValueError("x"))), ValueError)
    assert pipe.read_asked(pipe.asked_frame(wanted)[HEAD_BYTES:]).message == wanted.message
    assert pickle.loads(pickle.dumps(LedgerFault("gone"))).args == ("gone",)
