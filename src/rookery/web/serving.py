"""What a server has in hand: a network, and for live and for test a hub that decides beside ledgers that are read."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from opentelemetry.trace import Tracer

from rookery.hub.callers import Caller
from rookery.hub.look import Look
from rookery.hub.spine import STORE_FAULTS
from rookery.journey.desk import World
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.ledger.log import Ledger
from rookery.ledger.reads import Read, ReadLog
from rookery.tell.guard import Guard
from rookery.web.asking import Asker, Unavailable
from rookery.web.operations import Operations
from rookery.web.pulse import Pulse
from rookery.web.telling import Deliveries
from rookery.web.times import Times
from rookery.web.versions import HISTORY, History

T = TypeVar("T")
READERS = 4  # threads that read
_LOG = logging.getLogger(__name__)


class Readers:
    """Threads that read a ledger, each by a connection of its own. What they see is committed.

    is_near  the ledger is a file: a few rows are there sooner than another thread has its turn
    """

    def __init__(self, open_ledger: Callable[[], Ledger], *, is_near: bool, count: int = READERS):
        self._open, self._own, self._is_near = open_ledger, threading.local(), is_near
        self._pool, self._count = ThreadPoolExecutor(count, thread_name_prefix="reader"), count

    async def read(self, look: Callable[[Look], T]) -> T:
        """What a function finds in the ledger. Raises  Unavailable: the store cannot be read now"""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._look, look)

    async def glance(self, look: Callable[[Look], T]) -> T:
        """As `read`, for what takes no longer than a few rows by their keys: in this thread, if the ledger is near."""
        return self._look(look) if self._is_near else await self.read(look)

    def _look(self, look: Callable[[Look], T]) -> T:
        """Once more by another connection if the one that was there is lost."""
        was_open = hasattr(self._own, "look")
        try:
            return look(self._opened())
        except STORE_FAULTS as fault:
            self.let_go()
            if not was_open:
                _LOG.error("the store cannot be read: %s", fault)
                raise Unavailable from None
        return self._look(look)

    def _opened(self) -> Look:
        if not hasattr(self._own, "look"):
            self._own.look = Look(self._open())
        found: Look = self._own.look
        return found

    def let_go(self) -> None:
        """Close what this thread reads by; the next look opens it again."""
        found = self._own.__dict__.pop("look", None)
        if found is not None:
            with contextlib.suppress(*STORE_FAULTS):
                found.ledger.close()

    def close(self) -> None:
        """End the threads and their connections; each is closed by the thread that opened it, this one's too."""
        self.let_go()
        meet = threading.Barrier(self._count)
        for _ in range(self._count):
            self._pool.submit(self._close_own, meet)
        self._pool.shutdown()

    def _close_own(self, meet: threading.Barrier) -> None:
        meet.wait()  # so that every thread comes
        self.let_go()


class Reads:
    """The read log of a ledger, in a thread of its own: it waits for the disk, and for whoever else writes."""

    def __init__(self, open_log: Callable[[], ReadLog]):
        self._open = open_log
        self._log: ReadLog | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reads")

    def write(self, reads: list[Read]) -> Future[bool]:
        """Add reads, from any thread; True once they are on the disk."""
        return self._pool.submit(self._write, reads)

    async def list_of(self, owner: str, after: int, limit: int) -> list[tuple[int, Read]]:
        """Reads of what is an owner's, oldest first, after a sequence number."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: list(self._opened().list(owner, after=after, limit=limit))
        )

    def _opened(self) -> ReadLog:
        if self._log is None:
            self._log = self._open()
        return self._log

    def _write(self, reads: list[Read]) -> bool:
        log = self._opened()
        try:
            log.write(reads)
        except log.faults as fault:
            _LOG.error("the read log cannot be written: %s", fault)
            return False
        return True

    def close(self) -> None:
        """End the thread and its connection, which is closed by the thread that opened it."""
        if self._log is not None:
            self._pool.submit(self._log.close)
        self._pool.shutdown()


@dataclass(frozen=True, slots=True)
class Mode:
    """A hub, its readers, who has read what, what was sent, long work.

    quotes  who quotes: a process beside the hub, or the hub itself
    ledger  where it keeps what it knows
    pulse   tells who waits for something new there
    """

    name: str
    worker: Asker
    quotes: Asker
    readers: Readers
    reads: Reads
    deliveries: Deliveries
    operations: Operations
    ledger: LedgerName
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class Serving:
    """All of it.

    world  the network made ready for questions about the timetable alone
    guard  which addresses may be called
    times  how long requests took
    tracer of requests and what they lead to; None: nothing is traced
    history  of the API
    """

    network: Network
    world: World
    modes: dict[str, Mode]
    guard: Guard = field(default_factory=Guard)
    times: Times = field(default_factory=Times)
    tracer: Tracer | None = None
    history: History = HISTORY

    def askers(self) -> dict[str, Asker]:
        """All that decide or quote, by name."""
        apart = {f"{name} quotes": one.quotes for name, one in self.modes.items() if one.quotes is not one.worker}
        return {name: one.worker for name, one in self.modes.items()} | apart

    def mode_of(self, caller: Caller) -> Mode:
        """The hub that a caller speaks to."""
        return self.modes[caller.mode]
