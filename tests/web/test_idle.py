"""A served hub whom nobody asks for anything, and whose database goes and comes back meanwhile."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from served import Served, served, until_ready
from test_serve import network, order

from rookery.ledger.url import read_url
from rookery.web import asking
from rookery.web.worker import CHECK_S

pytestmark = pytest.mark.postgres


@pytest.fixture
def away(server: Path) -> Iterator[Callable[[str], None]]:
    """A database of its own: says `lose` (its connections end), `close` (and none is let in), `open`."""
    with psycopg.connect(host=str(server), dbname="postgres", user="rookery", autocommit=True) as db:
        db.execute("CREATE DATABASE away")

        def do(what: str) -> None:
            if what != "lose":
                db.execute(f"ALTER DATABASE away ALLOW_CONNECTIONS {what == 'open'}")  # type: ignore[arg-type]
            if what != "open":
                db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'away'")

        yield do
        db.execute("DROP DATABASE away WITH (FORCE)")


@pytest.fixture
def hub(server: Path, away: Callable[[str], None]) -> Iterator[Served]:
    with served(network(), read_url(f"postgresql://rookery@/away?host={server}"), ("shop", "haul")) as one:
        yield one


def test_a_database_that_is_away_is_found_out_though_nobody_writes(hub: Served, away: Callable[[str], None]) -> None:
    until_ready(hub, 200)
    away("close")
    until_ready(hub, 503)
    told = hub.call("POST", "/v1/orders", order("away"), key="away")
    assert told.status == 503
    assert "rookery_ready" in hub.call("GET", "/metrics", company="").raw.decode()
    away("open")
    until_ready(hub, 200)
    assert hub.call("POST", "/v1/orders", order("away"), key="away").status == 201


@pytest.mark.parametrize("asks", [True, False])
def test_a_database_that_hangs_is_told_as_one_that_is_away_until_it_answers(
    hub: Served, server: Path, monkeypatch: pytest.MonkeyPatch, *, asks: bool
) -> None:
    monkeypatch.setattr(asking, "STUCK_S", 1.0)
    until_ready(hub, 200)
    one = order("hangs")
    with ThreadPoolExecutor(1) as others, hung(server):
        waits = others.submit(hub.call, "POST", "/v1/orders", one, key="hangs") if asks else None
        until_ready(hub, 503)
        time.sleep(CHECK_S + 1.0)
        assert b"hubs that cannot write now: live, test" in hub.call("GET", "/ready", company="").raw
        assert hub.call("POST", "/v1/orders", order("away"), key="away").status == 503
        resume(server)
        assert waits is None or waits.result().status == 201
    until_ready(hub, 200)
    assert hub.call("POST", "/v1/orders", one, key="hangs").status == (200 if asks else 201), "done once"
    assert hub.serving.modes["live"].worker.figures.reopened == 0


@contextmanager
def hung(server: Path) -> Iterator[None]:
    """All that serves the database of the hub stands still, until it is resumed."""
    for pid in _list_backends(server):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        resume(server)


def resume(server: Path) -> None:
    for pid in _list_backends(server):
        os.kill(pid, signal.SIGCONT)


def _list_backends(server: Path) -> list[int]:
    with psycopg.connect(host=str(server), dbname="postgres", user="rookery", autocommit=True) as db:
        return [pid for (pid,) in db.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'away'")]


@pytest.mark.parametrize("idle_s", [0.0, 2.0])
def test_connections_that_were_lost_while_nobody_asked_are_made_again_and_nobody_hears_of_it(
    hub: Served, away: Callable[[str], None], idle_s: float
) -> None:
    made = hub.call("POST", "/v1/webhooks", {"url": "https://example.com/told"}, key="set").body["endpoint"]
    path = f"/v1/webhooks/{made}/deliveries"
    for count in range(3):
        assert hub.call("POST", "/v1/orders", order(f"{count}"), key=f"{count}").status == 201
        assert hub.call("GET", path).status == 200
        away("lose")
        time.sleep(idle_s)
        assert hub.call("POST", "/v1/orders", order(f"{count}+"), key=f"{count}+").status == 201
        away("lose")
        time.sleep(idle_s)
        assert hub.call("GET", path).status == 200
        assert hub.call("GET", "/v1/orders", company="network").status in (200, 401)
    assert hub.serving.modes["live"].worker.figures.reopened == 0
