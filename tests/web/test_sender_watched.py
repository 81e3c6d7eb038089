"""The server's own sender as its operator sees it: at work, broken, begun again, and what waits meanwhile."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, served
from test_serve import network as trading
from test_serve import order
from test_webhooks_served import LOOPBACK, Receiver, wait

from worlds import places, ride, tiny_network


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


def figure(hub: Served, name: str) -> float:
    """A figure of the live hub."""
    text = hub.call("GET", "/metrics", company="").raw.decode()
    found = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    named = [one for one in found if one.startswith(name) and 'hub="live"' in one]
    assert len(named) == 1, f"wanted one {name}, found {named}"
    return float(found[named[0]])


# What no code of ours writes: a number of attempts that is none.
SPOILT = "CREATE TRIGGER spoilt AFTER INSERT ON delivery BEGIN UPDATE delivery SET tries = '?' WHERE id = new.id; END"


def sql(ledger: Path, text: str, *values: str) -> list[tuple[str, ...]]:
    db = sqlite3.connect(ledger, timeout=10)
    with db:
        rows = db.execute(text, values).fetchall()
    db.close()
    return rows


def test_a_sender_that_breaks_begins_again_by_itself_and_the_figures_say_so(tmp_path: Path, receiver: Receiver) -> None:
    ledger = tmp_path / "hub.ledger"
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    with served(network, ledger, ("shop",), guard=LOOPBACK) as hub:
        wait(lambda: figure(hub, "rookery_sender_running") == 1)
        path = f"/v1/webhooks/{hub.call('POST', '/v1/webhooks', {'url': receiver.url}, key='set').body['endpoint']}"
        sql(ledger, SPOILT)
        assert hub.call("POST", f"{path}/test", {}, key="test").status == 200
        wait(lambda: figure(hub, "rookery_sender_running") == 0)
        wait(lambda: figure(hub, "rookery_notices_waiting") + figure(hub, "rookery_deliveries_waiting") == 1)
        wait(lambda: figure(hub, "rookery_sender_begun_again") >= 1)
        assert not receiver.heard
        sql(ledger, "DROP TRIGGER spoilt")
        wait(lambda: len(receiver.heard) == 1)
        wait(lambda: figure(hub, "rookery_deliveries_waiting") == 0)
        assert figure(hub, "rookery_sender_running") == 1
        assert figure(hub, 'rookery_sender_attempts_total{hub="live",outcome="sent"}') == 1
        assert figure(hub, 'rookery_sender_attempts_total{hub="live",outcome="failed"}') == 0


def test_what_waits_for_its_next_try_is_tried_at_once_when_it_is_replayed(tmp_path: Path, receiver: Receiver) -> None:
    receiver.status = 500
    with served(trading(), tmp_path / "hub.ledger", ("shop",), guard=LOOPBACK) as hub:
        asked = {"url": receiver.url, "types": ["order.accepted"]}
        path = f"/v1/webhooks/{hub.call('POST', '/v1/webhooks', asked, key='set').body['endpoint']}"
        assert hub.call("POST", "/v1/orders", order("A"), key="a").status == 201
        wait(lambda: len(receiver.heard) == 2)  # the second try is after some five seconds, the third after minutes
        wait(lambda: hub.call("GET", f"{path}/deliveries").body["data"][0]["status"] == "due")
        receiver.status = 200
        assert hub.call("POST", f"{path}/replay", {}, key="mended").body["count"] == 1
        wait(lambda: hub.call("GET", f"{path}/deliveries").body["data"][0]["status"] == "sent")
        assert len(receiver.heard) == 3
        new, old = hub.call("GET", f"{path}/deliveries").body["data"]
        assert (new["tries"], old["tries"], old["status"]) == (1, 2, "given_up") and "replay" in old["why"]


def test_what_waits_is_told_where_no_sender_runs(tmp_path: Path, receiver: Receiver) -> None:
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    with served(network, tmp_path / "hub.ledger", ("shop",), guard=LOOPBACK, delivers=False) as hub:
        made = hub.call("POST", "/v1/webhooks", {"url": receiver.url}, key="set").body["endpoint"]
        hub.call("POST", f"/v1/webhooks/{made}/test", {}, key="test")
        wait(lambda: figure(hub, "rookery_notices_waiting") == 1)
        assert figure(hub, "rookery_sender_running") == 0


def test_a_sender_of_its_own_that_breaks_begins_again(tmp_path: Path, receiver: Receiver) -> None:
    ledger, told = tmp_path / "hub.ledger", tmp_path / "told"
    words = [sys.executable, "-m", "rookery.cli", "deliver", "--ledger", str(ledger), "--allow", "127.0.0.0/8"]
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    with served(network, ledger, ("shop",), guard=LOOPBACK, delivers=False) as hub, told.open("w") as out:
        made = hub.call("POST", "/v1/webhooks", {"url": receiver.url}, key="set").body["endpoint"]
        sql(ledger, SPOILT)
        assert hub.call("POST", f"/v1/webhooks/{made}/test", {}, key="test").status == 200
        sender = subprocess.Popen([*words, "--plain-http"], stderr=out)
        try:
            wait(lambda: "begun again" in told.read_text(), 60)
            assert not receiver.heard and sender.poll() is None
            sql(ledger, "DROP TRIGGER spoilt")
            wait(lambda: len(receiver.heard) == 1, 60)
        finally:
            sender.send_signal(signal.SIGTERM)
            assert sender.wait(60) == 0
