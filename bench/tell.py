"""Webhooks under load: a thousand endpoints, five in a hundred dead, and how long the healthy ones wait.

One process has the hub, which decides and commits a test notice at a time, and a sender as a task beside it; then a
sender that is a process of its own. Receivers are a second process. Half of the dead hang, half refuse. Measured is
from the commit of a notice to the receiver having read it, on one machine's clock.
"""

import argparse
import asyncio
import ipaddress
import json
import multiprocessing as mp
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.process import remove_ledger
from bench.table import OUT, Broken
from rookery.hub.clock import now, now_ms
from rookery.hub.message import Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.hub.spine import Hub
from rookery.ledger.beside import open_database
from rookery.tell.guard import Guard
from rookery.tell.post import PostOptions
from rookery.tell.sender import SenderOptions, run_sender
from rookery.tell.store import Store

NETWORK = "backbone"
OF_COMPANY = 20
ENDPOINTS, DEAD_PERCENT = 1_000, 5
AIM_S = 2.0
GROUP_S = 0.05
SETTLE_S = 5.0  # after the last notice, for those under way
LEDGER = OUT / "ledgers" / "tell.ledger"
GUARD = Guard(allowed=(ipaddress.ip_network("127.0.0.0/8"),), plain=True)

Key = tuple[int, int]  # endpoint, sequence


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds from commit to receipt of the healthy ones' notices; how many came never, how many twice."""

    seconds: list[float]
    missing: int
    twice: int

    def text(self) -> str:
        cuts = statistics.quantiles(self.seconds, n=100)
        return (
            f"{len(self.seconds)} received, p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms,"
            f" max {max(self.seconds) * 1000:.0f} ms; {self.missing} missing, {self.twice} twice"
        )


def measure(rate: int, seconds: float, *, worker: bool, endpoints: int = ENDPOINTS) -> Waited:
    """Notices at a rate, to endpoints drawn at random."""
    spawn = mp.get_context("spawn")
    port, heard = spawn.SimpleQueue(), spawn.SimpleQueue()
    ready, stop = spawn.Event(), spawn.Event()
    receivers = spawn.Process(target=_receive, args=(port, heard, stop), daemon=True)
    receivers.start()
    hub = open_hub(open_network(NETWORK), remove_ledger(LEDGER))
    ids = _set_endpoints(hub, port.get(), endpoints)
    sender: Any = spawn.Process if worker else threading.Thread
    sending = sender(target=_send, args=(LEDGER, ready, stop), daemon=True)
    sending.start()
    ready.wait(60)
    committed = _say(hub, ids, rate, seconds)
    time.sleep(SETTLE_S)
    stop.set()
    received: dict[Key, list[float]] = heard.get()
    sending.join(30)
    receivers.join(30)
    hub.ledger.close()
    healthy = {key: at for key, at in committed.items() if not _is_dead(key[0])}
    came = [received[key][0] - at for key, at in healthy.items() if key in received]
    twice = sum(len(times) > 1 for times in received.values())
    return Waited(came, len(healthy) - len(came), twice)


def _is_dead(number: int) -> bool:
    return number % 100 < DEAD_PERCENT


def _set_endpoints(hub: Hub, port: int, count: int) -> list[tuple[str, str]]:
    """Company and id of each endpoint."""
    companies = [company.company_id for company in hub.world.timetable.network.companies]
    messages = []
    for number in range(count):
        url = f"http://127.0.0.1:{port}/{number}"
        if _is_dead(number):
            url = f"http://127.0.0.1:{port}/hang/{number}" if number % 2 else f"http://127.0.0.1:1/{number}"
        body = json.dumps({"url": url, "types": ["endpoint.test"]}).encode()
        messages.append(Message(companies[number // OF_COMPANY], f"e{number}", "set_endpoint", body, now()))
    for _, answer in hub.receive(messages):
        if answer.outcome != "done":
            raise Broken(f"endpoints: wanted all set, found {answer}")
    rows = {int(row.url.rpartition("/")[2]): row for row in hub.ledger.list_rows("endpoint")}
    return [(rows[number].company, rows[number].endpoint_id) for number in range(count)]


def _say(hub: Hub, ids: list[tuple[str, str]], rate: int, seconds: float) -> dict[Key, float]:
    """When each notice was committed, by endpoint and its sequence."""
    chance, committed = Random(1), {}
    counts = [0] * len(ids)
    began = time.monotonic()
    said = 0
    while (at := time.monotonic() - began) < seconds:
        keys, messages = [], []
        for said in range(said, int(at * rate)):  # noqa: B020 - goes on where it stopped
            number = chance.randrange(len(ids))
            counts[number] += 1
            keys.append((number, counts[number]))
            company, endpoint = ids[number]
            body = json.dumps({"endpoint": endpoint}).encode()
            messages.append(Message(company, f"t{said}", "test_endpoint", body, now()))
        said = int(at * rate)
        for key, (_, answer) in zip(keys, list(hub.receive(messages)), strict=True):
            if answer.outcome != "done":
                raise Broken(f"notices: wanted all done, found {answer}")
            committed[key] = time.time()
        time.sleep(GROUP_S)
    return committed


def _send(ledger: Path, ready: Any, stop: Any) -> None:
    """A sender, in a thread or a process."""

    async def run() -> None:
        store = Store(open_database(ledger), f"w{now_ms()}", Random(2))
        options = SenderOptions(PostOptions(guard=GUARD), flying_max=256)
        over = asyncio.Event()
        task = asyncio.create_task(run_sender(store, options, over))
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.1)
        over.set()
        await task
        store.close()

    asyncio.run(run())


def _receive(port: Any, heard: Any, stop: Any) -> None:
    """Receivers of all endpoints, in a process of their own."""
    received: dict[Key, list[float]] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                body = await reader.readexactly(length)
                path = head.split(b" ", 2)[1].decode()
                if path.startswith("/hang"):
                    await asyncio.sleep(3600)
                key = int(path[1:]), int(json.loads(body)["sequence"])
                received.setdefault(key, []).append(time.time())
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
        port.put(server.sockets[0].getsockname()[1])
        while not stop.is_set():
            await asyncio.sleep(0.1)
        heard.put(received)

    asyncio.run(run())


def lines(seconds: float) -> Iterator[str]:
    """The two cases that are aimed at."""
    for rate, worker in ((250, False), (500, True)):
        where = "a sender in its own process" if worker else "the sender beside the hub"
        found = measure(rate, seconds, worker=worker)
        good = max(found.seconds) <= AIM_S and not found.missing and not found.twice
        yield f"{rate} notices/s, {where}: {found.text()}; wanted within {AIM_S:g} s: {'yes' if good else 'NO'}"


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=30.0)
    for line in lines(given.parse_args().seconds):
        print(line, flush=True)
