"""The served hub when something breaks during load: what was acknowledged is there, once, and it goes on by itself."""

import os
import random
import resource
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from faulty import check_all_there, load, order, running, wait_until
from served import served
from test_serve import network

from rookery.client.api import Client
from rookery.hub import clock
from rookery.hub.open import open_ledger
from rookery.ledger.url import read_url
from stores import url


def test_law_a_server_that_is_killed_and_started_again_loses_no_acknowledged_message_and_does_none_twice(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)
    with running(tmp_path) as hub:
        with load(hub.address, hub.key) as one:
            for _ in range(3):
                count = len(one.done) + rng.randint(20, 60)
                wait_until(lambda count=count: len(one.done) >= count)
                hub.kill()
                hub.start()
            wait_until(lambda: len(one.done) >= count + 20)
        hub.kill()
        check_all_there(hub.ledger, hub.network, one)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells a process's children")
def test_law_processes_that_decide_and_write_and_are_killed_during_load_lose_nothing_and_the_hub_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as hub:
        with load(hub.address, hub.key) as one:
            for _ in range(3):
                count = len(one.done) + 15
                wait_until(lambda count=count: len(one.done) >= count)
                killed = _children(hub.process.pid)
                for process in killed:
                    with suppress(ProcessLookupError):  # it ends with the one before
                        os.kill(process, signal.SIGKILL)
            wait_until(lambda: len(one.done) >= count + 20)
            assert killed and not set(killed) & set(_children(hub.process.pid))
        assert hub.process.poll() is None
        hub.kill()
        check_all_there(hub.ledger, hub.network, one)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux bounds the files of a process that runs")
def test_a_full_disk_is_told_as_unavailable_and_the_hub_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with running(tmp_path) as hub:
        with load(hub.address, hub.key) as one:
            wait_until(lambda: len(one.done) >= 20)
            _bound_files(hub.process.pid, 100_000)
            probe, told = _until_unavailable(hub.address, hub.key, one.done)
            assert told.headers["retry-after"].isdecimal() and told.json()["retryable"]
            time.sleep(2)  # it tries to write meanwhile, and cannot
            assert hub.process.poll() is None
            count = len(one.done)
            _bound_files(hub.process.pid, resource.RLIM_INFINITY)
            wait_until(lambda: len(one.done) >= count + 20)
            assert _place(hub.address, hub.key, probe).status_code == 201, "nothing of it was done before"
            one.done[probe] = None
        hub.kill()
        check_all_there(hub.ledger, hub.network, one)


def _bound_files(server: int, most_bytes: int) -> None:
    """How large a file may become for a server and the processes that write for it."""
    for process in (server, *_children(server)):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))


def _children(server: int) -> list[int]:
    """The processes that decide and write for a server; where there is no /proc, none."""
    threads = Path("/proc", str(server), "task").glob("*/children")
    own = [int(one) for thread in threads for one in thread.read_text().split()]
    return own + [one for child in own for one in _children(child)]


def _until_unavailable(address: str, key: str, done: dict[str, Any]) -> tuple[str, httpx.Response]:
    """The first order that is not done for want of room, and its answer."""
    for count in range(1000):
        reply = _place(address, key, f"probe-{count}")
        if reply.status_code == 503:
            return f"probe-{count}", reply
        done[f"probe-{count}"] = None
    raise AssertionError("there is always room")


def _place(address: str, key: str, reference: str) -> httpx.Response:
    """An order in a connection of its own, once."""
    headers = {
        "authorization": f"Bearer {key}", "content-type": "application/json", "idempotency-key": reference,
        "connection": "close",
    }  # fmt: skip
    body = msgspec.json.encode(order(reference))
    return httpx.post(f"{address}/v1/orders", content=body, headers=headers, timeout=30)


def test_sigterm_during_load_answers_or_refuses_every_request_and_exits_well(tmp_path: Path) -> None:
    with running(tmp_path) as hub:
        done: dict[str, int] = {}
        broken: list[str] = []

        def work(name: str) -> None:
            for count in range(100_000):
                reference = f"{name}-{count}"
                try:
                    reply = _place(hub.address, hub.key, reference)
                except httpx.ConnectError:
                    return
                except httpx.TransportError as fault:
                    broken.append(f"{reference}: {fault!r}")
                    return
                if reply.status_code == 201:
                    done[reference] = reply.status_code
                elif reply.status_code != 503:
                    broken.append(f"{reference}: {reply.status_code} {reply.text}")

        threads = [threading.Thread(target=work, args=(f"c{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(done) >= 40)
        os.kill(hub.process.pid, signal.SIGTERM)
        assert hub.wait() == 0
        for thread in threads:
            thread.join()
        assert not list(tmp_path.glob("*-wal")), "the file alone is the ledger"
        ledger = open_ledger(hub.ledger)
        placed = {stored.fact.asked.reference for stored in ledger.list_facts(kind="order_placed")}
        ledger.close()
        unanswered = {text.partition(":")[0] for text in broken}
        assert set(done) <= placed <= set(done) | unanswered and not placed & unanswered
        cut_off = "ReadError", "disconnected without sending"  # by a reset, or by an end, before it was taken
        assert not [text for text in broken if not any(one in text for one in cut_off)]


@pytest.mark.postgres
def test_law_a_database_connection_that_is_killed_during_load_loses_nothing_and_does_nothing_twice(
    server: Path,
) -> None:
    whole, name = network(), read_url(url(server, "cut_off"))
    with served(whole, name, ("shop",)) as hub:
        other = psycopg.connect(host=str(server), dbname="postgres", user="rookery", autocommit=True)
        with load(hub.address, hub.keys["shop"]) as one, other as db:
            for _ in range(4):
                count = len(one.done) + 15
                wait_until(lambda count=count: len(one.done) >= count)
                cut_off = db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'rookery' AND pid <> pg_backend_pid()"
                ).fetchall()
                assert cut_off and all(was_there for (was_there,) in cut_off)
            wait_until(lambda: len(one.done) >= count + 20)
    check_all_there(name, whole, one)


def test_a_clock_that_jumps_back_stops_nobody_and_the_ledger_goes_on_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_s = [0]
    jumping = SimpleNamespace(time=lambda: time.time() + late_s[0], time_ns=lambda: time.time_ns() + late_s[0] * 10**9)
    whole, ledger = network(), tmp_path / "hub.ledger"
    with served(whole, ledger, ("shop",)) as hub:
        monkeypatch.setattr(clock, "time", jumping)
        with load(hub.address, hub.keys["shop"]) as one:
            for late_s[0] in (-7200, -60, 3600, -86_400, 0):
                count = len(one.done) + 20
                wait_until(lambda count=count: len(one.done) >= count)
        with Client(hub.address, hub.keys["shop"]) as shop:
            assert shop.ready().status == "ok"
    check_all_there(ledger, whole, one)
    found = open_ledger(ledger)
    heard = [message.heard_at for message in found.list_messages()]
    found.close()
    assert heard == sorted(heard), "what is decided goes by an instant that never goes back"
