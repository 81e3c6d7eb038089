"""Endpoints over HTTP: set, told, tested, rotated, gone; what was sent, and sent again."""

import ipaddress
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served import Served, served

from rookery.hub.network import open_network
from rookery.tell.guard import Guard
from rookery.tell.sign import key_of, signature
from rookery.web.versions import FIRST, Change, History
from worlds import places, ride, tiny_network

LOOPBACK = Guard(allowed=(ipaddress.ip_network("127.0.0.0/8"),), plain=True)


class Receiver:
    """What came, and what is answered from now on."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    with served(network, tmp_path_factory.mktemp("hub") / "hub.ledger", ("shop", "haul"), guard=LOOPBACK) as one:
        yield one


def wait(until: Callable[[], bool], most_s: int = 20) -> None:
    end = time.monotonic() + most_s
    while not until():
        assert time.monotonic() < end, f"it did not come about in {most_s} s"
        time.sleep(0.05)


def test_what_is_set_is_told_signed_logged_and_told_again(hub: Served, receiver: Receiver) -> None:
    asked = {"url": receiver.url, "types": ["endpoint.test"]}
    made = hub.call("POST", "/v1/webhooks", asked, key="set")
    assert made.status == 201 and made.body["secret"].startswith("whsec_")
    again = hub.call("POST", "/v1/webhooks", asked, key="set")
    assert again.status == 200 and again.body == {"endpoint": made.body["endpoint"], "replayed": True}
    path = f"/v1/webhooks/{made.body['endpoint']}"
    assert hub.call("POST", f"{path}/test", key="test").status == 200, "nothing has to be said"
    wait(lambda: len(receiver.heard) == 1)
    ((headers, body),) = receiver.heard
    signed = signature(
        key_of(made.body["secret"]), notice_id=headers["webhook-id"], sent_at=int(headers["webhook-timestamp"]),
        body=body,
    )  # fmt: skip
    assert headers["webhook-signature"] == signed
    wait(lambda: hub.call("GET", f"{path}/deliveries").body["data"][0]["status"] == "sent")
    (delivery,) = hub.call("GET", f"{path}/deliveries").body["data"]
    (attempt,) = hub.call("GET", f"{path}/deliveries/{delivery['delivery']}").body["data"]
    assert attempt["status"] == 200
    turned = hub.call("POST", f"{path}/rotate", {"overlap_s": 60}, key="turn").body
    assert turned["secret"].startswith("whsec_") and turned["secret"] != made.body["secret"]
    nothing = {"count": 0, "seq": 1, "more": False, "replayed": False}  # tests are not replayed
    assert hub.call("POST", f"{path}/replay", {}, key="again").body == nothing
    assert hub.call("POST", f"{path}/replay", {}, key="again").body == nothing | {"replayed": True}
    assert hub.call("POST", f"{path}/replay", {"after_seq": 1}, key="again").status == 409
    assert hub.call("POST", f"{path}/replay", b"", key="again").body == nothing | {"replayed": True}
    keyless = hub.call("POST", f"{path}/replay", {})
    assert keyless.status == 400 and keyless.body["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert hub.call("GET", f"{path}/deliveries", company="haul").status == 404
    assert hub.call("GET", f"{path}/deliveries/{delivery['delivery'] + 1}").status == 404


def test_an_endpoint_that_is_gone_is_disabled(hub: Served, receiver: Receiver) -> None:
    receiver.status = 410
    path = f"/v1/webhooks/{hub.call('POST', '/v1/webhooks', {'url': receiver.url}, key='gone').body['endpoint']}"
    hub.call("POST", f"{path}/test", {}, key="gone")
    named = path.rpartition("/")[2]

    def one() -> Any:
        (found,) = (row for row in hub.call("GET", "/v1/webhooks").body["data"] if row["endpoint"] == named)
        return found

    wait(lambda: not one()["enabled"])
    assert "410" in one()["disabled"]
    receiver.status = 200
    assert hub.call("POST", f"{path}/enable", {}, key="back").status == 200 and one()["enabled"]
    assert hub.call("POST", f"{path}/disable", {"why": "x"}, key="off").status == 200 and one()["disabled"] == "x"
    for word in ("test", "replay"):
        got = hub.call("POST", f"{path}/{word}", {}, key=f"{word}-off")
        assert (got.status, got.body["refusals"][0]["code"]) == (422, "closed")
        assert "wanted an enabled one; found a disabled one: x; enable it first" in got.body["detail"]


def test_a_sender_of_its_own_disables_an_endpoint_that_is_gone(tmp_path: Path, receiver: Receiver) -> None:
    receiver.status = 410
    path = tmp_path / "hub.ledger"
    with served(open_network("backbone"), path, ("plaza",), guard=LOOPBACK, delivers=False) as hub:
        made = hub.call("POST", "/v1/webhooks", {"url": receiver.url}, company="plaza", key="set").body["endpoint"]
        words = [sys.executable, "-m", "rookery.cli", "deliver", "--ledger", str(path), "--allow", "127.0.0.0/8"]
        sender = subprocess.Popen([*words, "--plain-http"], stderr=subprocess.PIPE, text=True)
        try:
            hub.call("POST", f"/v1/webhooks/{made}/test", {}, company="plaza", key="test")
            wait(lambda: not hub.call("GET", "/v1/webhooks", company="plaza").body["data"][0]["enabled"], 60)
        finally:
            sender.send_signal(signal.SIGTERM)
            _, told = sender.communicate(timeout=60)
        (row,) = hub.call("GET", "/v1/webhooks", company="plaza").body["data"]
    assert "410" in row["disabled"] and sender.returncode == 0, told


def test_an_endpoint_is_told_in_the_words_of_its_version(tmp_path: Path, receiver: Receiver) -> None:
    def before(data: Any) -> Any:
        return {"words" if name == "text" else name: value for name, value in data.items()}

    later = History(FIRST, (Change("2027-03-01", "`text` was `words`.", notices={"endpoint.test": before}),))
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    with served(network, tmp_path / "hub.ledger", ("shop",), guard=LOOPBACK, history=later) as hub:

        def told(path: str, key: str) -> tuple[str, set[str]]:
            count = len(receiver.heard)
            assert hub.call("POST", f"{path}/test", {}, key=key).status == 200
            wait(lambda: len(receiver.heard) > count)
            headers, body = receiver.heard[-1]
            return headers["rookery-version"], set(json.loads(body)["data"])

        asked = {"url": receiver.url, "types": ["endpoint.test"]}
        old = f"/v1/webhooks/{hub.call('POST', '/v1/webhooks', asked, key='old').body['endpoint']}"
        new = hub.call("POST", "/v1/webhooks", asked | {"version": "2027-03-01"}, key="new").body["endpoint"]
        spoken = {one["endpoint"]: one["version"] for one in hub.call("GET", "/v1/webhooks").body["data"]}
        assert spoken == {old.rpartition("/")[2]: FIRST, new: "2027-03-01"}, (
            "that of the request that set it, or its own"
        )
        assert told(old, "1") == (FIRST, {"endpoint", "words"})
        assert told(f"/v1/webhooks/{new}", "2") == ("2027-03-01", {"endpoint", "text"})
        assert hub.call("POST", old, asked | {"description": "mine"}, key="same").status == 200
        assert told(old, "3") == (FIRST, {"endpoint", "words"}), "changed otherwise it stays where it was"
        assert hub.call("POST", old, asked | {"version": "2027-03-01"}, key="up").status == 200
        assert told(old, "4") == ("2027-03-01", {"endpoint", "text"})
        bad = hub.call("POST", "/v1/webhooks", asked | {"version": "2031-01-01"}, key="bad")
        assert bad.status == 400 and bad.body["errors"][0]["pointer"] == "/version"


@pytest.mark.parametrize("url", ["http://10.0.0.1/x", "ftp://a.example/x", "https://[::1/x", "https://192.168.1.1/x"])
def test_addresses_that_may_not_be_called_are_not_taken(hub: Served, url: str) -> None:
    got = hub.call("POST", "/v1/webhooks", {"url": url}, key=f"bad{url}")
    assert got.status == 400 and got.body["errors"][0]["pointer"] == "/url", got.raw
