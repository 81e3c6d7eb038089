"""A hub served by a process of its own, that can be killed and started again, and companies that keep asking it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from test_serve import network

from rookery.client.api import Client
from rookery.hub.clock import now
from rookery.hub.first_key import make_key
from rookery.hub.network import open_network
from rookery.hub.open import open_ledger
from rookery.hub.replay import decide_again, fold_again
from rookery.journey.network.whole import Network
from rookery.partners.folder.write import rows_of, write_new_network
from rookery.partners.orders.read import OrderText
from rookery.units import instant_text

SOURCE = Path(__file__).resolve().parents[2] / "src"


class Hub:
    """`rookery serve` in a process."""

    def __init__(self, folder: Path):
        self.network_folder, self.ledger = folder / "network", folder / "hub.ledger"
        write_new_network(rows_of(network()), self.network_folder)
        self.network: Network = open_network(str(self.network_folder))
        self.key = make_key(self.network, self.ledger, "shop", (), "live", "")
        self._port, self.address = "0", ""
        self.process: subprocess.Popen[str]

    def start(self) -> None:
        """Start it; from the second time on the same port."""
        words = ["serve", "--network", str(self.network_folder), "--ledger", str(self.ledger), "--port", self._port]
        command = [sys.executable, "-c", "from rookery.cli import main; main()", *words]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("http://"), f"wanted an address, found {line!r}"
        self.address = line.split()[0]
        self._port = self.address.rpartition(":")[2]

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        assert self.process.stdout is not None
        status = self.process.wait(60)
        self.process.stdout.close()
        return status


@contextmanager
def running(folder: Path) -> Iterator[Hub]:
    hub = Hub(folder)
    hub.start()
    try:
        yield hub
    finally:
        if hub.process.poll() is None:
            hub.kill()


def order(reference: str) -> OrderText:
    return OrderText(reference, "shop", instant_text(now()), "std", from_facility="A", to_facility="B", weight_g=1000)


@dataclass
class Load:
    """Companies that place orders until they are told to stop. `done`: reference -> what was answered."""

    address: str
    key: str
    done: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self, name: str) -> None:
        with Client(self.address, self.key) as shop:
            count = 0
            while not self.ended.is_set():
                count += 1
                reference = f"{name}-{count}"
                try:
                    self.done[reference] = shop.place_order(order(reference), key=reference)
                except Exception as fault:  # noqa: BLE001 - whatever it is, the test tells it
                    self.broken.append(f"{reference}: {fault}")


@contextmanager
def load(address: str, key: str, clients: int = 4) -> Iterator[Load]:
    """Several clients at work meanwhile; afterwards each has its last answer."""
    one = Load(address, key)
    threads = [threading.Thread(target=one.work, args=(f"c{n}",)) for n in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield one
    finally:
        one.ended.set()
        for thread in threads:
            thread.join()


def wait_until(is_so: Callable[[], bool], within_s: float = 30) -> None:
    until = time.perf_counter() + within_s
    while not is_so():
        assert time.perf_counter() < until, "it has not come about in time"
        time.sleep(0.02)


def check_all_there(ledger: Any, whole: Network, one: Load) -> None:
    """What was acknowledged is in the ledger, once; the views are what the facts say, these what the messages say."""
    assert not one.broken, one.broken[:5]
    found = open_ledger(ledger)
    try:
        placed = [stored.fact.asked.reference for stored in found.list_facts(kind="order_placed")]
        assert sorted(placed) == sorted(one.done), "every order that was acknowledged, and each once"
        rows = {row.reference: row.status for row in found.list_rows("orders")}
        assert all(rows[reference] in ("booked", "refused") for reference in one.done)
        assert fold_again(found).difference_count == 0
        assert not decide_again(found, whole).difference
    finally:
        found.close()
