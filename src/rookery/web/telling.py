"""Deliveries of a ledger's notices: the sender that runs in the server or by itself, and its log for whoever asks."""

import asyncio
import ipaddress
import json
import logging
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from random import SystemRandom
from typing import Any, TypeVar

from opentelemetry.trace import Tracer

from rookery.hub.clock import now
from rookery.hub.message import Message
from rookery.hub.open import open_ledger
from rookery.hub.say_once import say_once
from rookery.hub.spine import STORE_FAULTS
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName, open_database
from rookery.tell.guard import Guard
from rookery.tell.journal import Backlog, backlog
from rookery.tell.post import PostOptions
from rookery.tell.sender import SenderFigures, SenderOptions, run_sender
from rookery.tell.store import Store
from rookery.web.asking import Unavailable
from rookery.web.versions import HISTORY

T = TypeVar("T")
Tell = Callable[[Message], Awaitable[Any]]
AGAIN_S_MAX = 60.0  # a sender that has broken is begun again after 1 s, 2 s, 4 s ... at most so long
BACKLOG_S = 1.0  # how old the backlog may be that is told
_LOG = logging.getLogger(__name__)


def make_guard(networks: Iterable[str] = (), *, plain: bool = False) -> Guard:
    """Which addresses may be called beside public ones.

    Raises  ValueError: a network that cannot be read
    """
    found = []
    for one in networks:
        try:
            found.append(ipaddress.ip_network(one))
        except ValueError as fault:
            raise ValueError(f"--allow: wanted networks such as 10.0.0.0/8, found {fault}; correct it") from None
    return Guard(tuple(found), plain)


class Deliveries:
    """The log of deliveries and the secrets of endpoints, in a thread of its own. `figures`: of the server's sender."""

    def __init__(self, ledger: LedgerName):
        self._ledger, self.figures = ledger, SenderFigures()
        self._store: Store | None = None
        self._backlog: Backlog | None = None
        self._looked_at = 0.0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="deliveries")

    async def ask(self, question: Callable[[Store], T]) -> T:
        """What a function finds or does there; what it commits is on the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: question(self._opened()))

    async def backlog(self) -> Backlog | None:
        """How far senders are behind; None: the database cannot be read now."""
        if time.monotonic() - self._looked_at > BACKLOG_S:
            self._looked_at = time.monotonic()
            try:
                self._backlog = await self.ask(backlog)
            except Exception as fault:  # noqa: BLE001 - the other figures are told all the same
                _LOG.error("the backlog cannot be read: %s", fault)
                self._backlog = None
        return self._backlog

    def _opened(self) -> Store:
        if self._store is None:
            self._store = _open_store(self._ledger, durable=True)
        return self._store

    def close(self) -> None:
        """End the thread and its connection."""
        if self._store is not None:
            self._pool.submit(self._store.close)
        self._pool.shutdown()


def _open_store(ledger: LedgerName, *, durable: bool = False) -> Store:
    name = f"{os.getpid()}.{secrets.token_hex(4)}"
    return Store(open_database(ledger, durable=durable), name, SystemRandom())


async def keep_on(
    begin: Callable[[], Coroutine[None, None, None]], stop: asyncio.Event, figures: SenderFigures, name: str
) -> None:
    """A sender that breaks is begun again, after a while: until it is told to stop."""
    wait_s = 1.0
    while not stop.is_set():
        began = time.monotonic()
        try:
            await begin()
        except Exception:  # noqa: BLE001 - whatever it is: the hub goes on, and nobody else would begin it again
            if time.monotonic() - began > AGAIN_S_MAX:
                wait_s = 1.0
            _LOG.exception("the sender of %s broke; it is begun again in %g s", name, wait_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
            wait_s = min(2 * wait_s, AGAIN_S_MAX)
            figures.begun_again += 1


async def deliver(
    ledger: LedgerName,
    post: PostOptions,
    stop: asyncio.Event,
    tell: Tell | None = None,
    figures: SenderFigures | None = None,
) -> None:
    """Send a ledger's notices until told to stop. `tell`: its hub, which hears of endpoints that are gone."""
    store = await asyncio.to_thread(_open_store, ledger)

    async def gone(company: str, endpoint: str) -> None:
        assert tell is not None, "only who has a hub is asked"
        body = json.dumps({"endpoint": endpoint, "why": "it answered 410"}).encode()
        try:
            await tell(Message(company, f"gone:{endpoint}:{now()}", "disable_endpoint", body, now()))
        except (Unavailable, *STORE_FAULTS) as fault:
            _LOG.warning("endpoint %s is gone and not disabled yet: %s", endpoint, fault)  # it is found again later

    options = SenderOptions(
        post=post, gone=gone if tell is not None else None, figures=figures or SenderFigures()
    )  # fmt: skip
    try:
        await run_sender(store, options, stop)
    finally:
        store.close()


def deliver_until_told(ledger: LedgerName, guard: Guard, tracer: Tracer | None, network: Network | None) -> None:
    """Send a ledger's notices until SIGINT or SIGTERM; what is under way is finished.

    What breaks meanwhile, such as the database, is begun again.

    network  that of the ledger: a hub of it is opened whenever an endpoint is gone. None: a server has to disable it
    Raises  LedgerFault: there is none, or it cannot be opened
    """
    open_ledger(ledger).close()

    async def tell(message: Message) -> None:
        assert network is not None, "without it nobody is told"
        await asyncio.to_thread(say_once, network, ledger, message)

    async def run() -> None:
        stop, figures = asyncio.Event(), SenderFigures()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        post = PostOptions(guard=guard, tracer=tracer, word=HISTORY.older_notice)
        begin = partial(deliver, ledger, post, stop, tell if network else None, figures)
        await keep_on(begin, stop, figures, str(ledger))

    asyncio.run(run())
