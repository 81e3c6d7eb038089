"""A hub that is really served, on a free port of this machine, and calls to it."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from rookery.hub.first_key import make_key
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.web.serve import Options, close_serving, make_server, open_serving

COME_S = 15


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Served:
    """A server; `keys`: a secret for each company."""

    def __init__(self, address: str, keys: dict[str, str], serving: Any):
        self.address, self.keys, self.serving = address, keys, serving

    def call(
        self, method: str, path: str, body: Any = None, *, company: str = "shop", key: str = "", **headers: str
    ) -> Got:
        """`body`: bytes as they are, or JSON. company blank: no key. Names of headers with _ for -."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None and "content-type" not in named:
            named["content-type"] = "application/json"
        if key:
            named["idempotency-key"] = key
        if company and "authorization" not in named:
            named["authorization"] = f"Bearer {self.keys.get(company, company)}"
        request = urllib.request.Request(f"{self.address}{path}", data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return Got(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as fault:
            return Got(fault.code, dict(fault.headers), fault.read())


def until_ready(hub: Served, status: int) -> None:
    """Wait until `/ready` is answered so."""
    end = time.monotonic() + COME_S
    while hub.call("GET", "/ready", company="").status != status:
        assert time.monotonic() < end, f"it is not {status} within {COME_S} s"
        time.sleep(0.05)


@contextmanager
def served(network: Network, ledger: LedgerName, companies: tuple[str, ...], **options: Any) -> Iterator[Served]:
    about = network.about  # the hub goes by the clock of this machine: its timetable shall not end meanwhile
    later = replace(about, valid_to=about.valid_to.replace(year=about.valid_to.year + 10))
    network = replace(network, network=(later,))
    keys = {company: make_key(network, ledger, company, (), "live", "") for company in companies}
    serving = open_serving(network, Options(ledger, port=0, **options))
    begun, address = threading.Event(), []

    def told(at: str) -> None:
        address.append(at)
        begun.set()

    server = make_server(serving, Options(ledger, port=0, **options), told)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert begun.wait(30)
        yield Served(address[0], keys, serving)
    finally:
        server.should_exit = True
        thread.join(30)
        close_serving(serving)
