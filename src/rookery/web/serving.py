"""What a server has in hand: a network, and for live and for test a hub that decides beside ledgers that are read."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from rookery.hub.callers import Caller
from rookery.hub.look import Look
from rookery.hub.spine import STORE_FAULTS
from rookery.journey.desk import World
from rookery.journey.network.whole import Network
from rookery.ledger.log import Ledger
from rookery.web.worker import Unavailable, Worker

T = TypeVar("T")
READERS = 4  # threads that read
_LOG = logging.getLogger(__name__)


class Readers:
    """Threads that read a ledger, each by a connection of its own. What they see is committed."""

    def __init__(self, open_ledger: Callable[[], Ledger], count: int = READERS):
        self._open, self._own = open_ledger, threading.local()
        self._pool, self._count = ThreadPoolExecutor(count, thread_name_prefix="reader"), count

    async def read(self, look: Callable[[Look], T]) -> T:
        """What a function finds in the ledger. Raises  Unavailable: the store cannot be read now"""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._look, look)

    def _look(self, look: Callable[[Look], T]) -> T:
        """Once more by another connection if the one that was there is lost."""
        was_open = hasattr(self._own, "look")
        try:
            return look(self._opened())
        except STORE_FAULTS as fault:
            self._let_go()
            if not was_open:
                _LOG.error("the store cannot be read: %s", fault)
                raise Unavailable from None
        return self._look(look)

    def _opened(self) -> Look:
        if not hasattr(self._own, "look"):
            self._own.look = Look(self._open())
        found: Look = self._own.look
        return found

    def _let_go(self) -> None:
        """Close what this thread reads by; the next look opens it again."""
        found = self._own.__dict__.pop("look", None)
        if found is not None:
            with contextlib.suppress(*STORE_FAULTS):
                found.ledger.close()

    def close(self) -> None:
        """End the threads and their connections; each is closed by the thread that opened it."""
        meet = threading.Barrier(self._count)
        for _ in range(self._count):
            self._pool.submit(self._close_own, meet)
        self._pool.shutdown()

    def _close_own(self, meet: threading.Barrier) -> None:
        meet.wait()  # so that every thread comes
        self._let_go()


@dataclass(frozen=True, slots=True)
class Mode:
    """A hub and its readers."""

    name: str
    worker: Worker
    readers: Readers


@dataclass(frozen=True, slots=True)
class Serving:
    """All of it. `world`: the network made ready for questions about the timetable alone."""

    network: Network
    world: World
    modes: dict[str, Mode]

    def mode_of(self, caller: Caller) -> Mode:
        """The hub that a caller speaks to."""
        return self.modes[caller.mode]
