"""Receivers of webhooks on this machine, and a hub whose companies want to be told."""

import asyncio
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.ledger.beside import open_database
from rookery.tell.guard import Guard
from rookery.tell.journal import Delivery, list_deliveries
from rookery.tell.post import PostOptions
from rookery.tell.sender import SenderOptions, run_sender
from rookery.tell.store import Store, Terms
from talk import hear
from worlds import at, places, ride, tiny_network

LOOPBACK = Guard(allowed=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")), plain=True)
QUICK = Terms(waits_s=(0, 0, 0), probes_s=(0,))


@dataclass
class Heard:
    """A request as it came: its path, its headers in lower case, its body, and when."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]


Reply = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]


def says(status: int, body: bytes = b"", *, extra: str = "") -> Reply:
    """A receiver that always answers so."""

    async def answer(_: Heard, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def hangs(_: Heard, __: asyncio.StreamWriter) -> None:
    """A receiver that never answers."""
    await asyncio.sleep(3600)


class Receiver:
    """A server on loopback; `answers` by path, 200 where there is none. `heard`: all requests in order."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, Reply] = {}
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                first, *lines = head.strip().split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                heard = Heard(first.split()[1], headers, body)
                self.heard.append(heard)
                await self.answers.get(heard.path, says(200))(heard, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


class World:
    """A hub of a tiny network whose companies want to be told; `watch`: a store to look at what became of it."""

    def __init__(self, folder: Path):
        network = tiny_network(places("AB"), ride("AB", "A 20:00, B 23:00"))
        self.hub = open_hub(network, folder / "hub.ledger")
        self._stores: list[Store] = []
        self.watch = self.store("watch")
        self._said = 0

    def store(self, worker: str = "w", terms: Terms = QUICK) -> Store:
        store = Store(open_database(self.hub.ledger.path), worker, Random(1), terms)
        self._stores.append(store)
        return store

    def close(self) -> None:
        for store in self._stores:
            store.close()
        self.hub.ledger.close()

    def at(self, moment: str) -> int:
        return at(moment)

    def say(
        self, kind: str, key: str = "", *, sender: str = "shop", heard: str | int = "Mon 09:00", **body: Any
    ) -> Answer:
        """The answer to a message with this body."""
        self._said += 1
        words = json.dumps(body).encode()
        (answer,) = hear(
            self.hub,
            Message(sender, f"{kind} {key or self._said}", kind, words, heard if isinstance(heard, int) else at(heard)),
        )
        return answer

    def set_endpoint(self, url: str, *types: str, sender: str = "shop", heard: str | int = "Mon 09:00") -> str:
        """A new endpoint; its id."""
        answer = self.say("set_endpoint", sender=sender, heard=heard, url=url, types=types or ("*",))
        assert answer.outcome == "done", answer
        return [row.endpoint_id for row in self.hub.ledger.list_rows("endpoint") if row.url == url][-1]

    def try_often(self, endpoint: str, count: int, key: str = "") -> None:
        """So many test notices for an endpoint, which are all of one subject."""
        for number in range(count):
            answer = self.say("test_endpoint", f"{endpoint} {key} {number}", endpoint=endpoint)
            assert answer.outcome == "done", answer

    def number_of(self, reference: str) -> str:
        """The number of the first parcel of an order."""
        (order,) = [row for row in self.hub.ledger.list_rows("orders") if row.reference == reference]
        return self.hub.ledger.find_row("parcel", order.parcels[0]).waybill  # type: ignore[no-any-return]

    def deliveries(self, endpoint: str) -> list[Delivery]:
        return list_deliveries(self.watch, endpoint)

    def states(self, endpoint: str) -> list[str]:
        """Of its deliveries, the newest first."""
        return [one.state for one in self.deliveries(endpoint)]


def options(**fields: Any) -> SenderOptions:
    """Of a sender that may call this machine."""
    post = {name: fields.pop(name) for name in ("timeout_s", "guard") if name in fields}
    return SenderOptions(post=PostOptions(**({"guard": LOOPBACK, "timeout_s": 2.0} | post)), **fields)


@asynccontextmanager
async def sending(store: Store, chosen: SenderOptions | None = None) -> AsyncIterator[None]:
    """A sender at work; told to stop at the end, and waited for."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_sender(store, chosen or options(), stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)
