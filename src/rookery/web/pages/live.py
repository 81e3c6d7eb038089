"""Telling open pages that something has changed, by server-sent events.

One look a second at where the facts end, however many pages are open, and none while there is no page. It sees what
any process has committed. A page is told at most every other second, and asks again for what it shows.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from rookery.hub.access import NETWORK
from rookery.hub.callers import Caller
from rookery.hub.look import Look
from rookery.hub.spine import STORE_FAULTS
from rookery.web.problems import Problem
from rookery.web.serving import Mode

LOOK_S = 1.0
APART_S = 2.0  # between two events of one page
BEAT_S = 15.0  # a line that says nothing, so that nobody between takes the connection for dead
STREAMS_MAX = 40  # of one company
ALL_MAX = 500


class Pulse:
    """What tells the pages of one mode."""

    def __init__(self, mode: Mode):
        self._mode = mode
        self._by_company: Counter[str] = Counter()
        self._waiting: set[asyncio.Event] = set()
        self._facts, self._ended = 0, False
        self._task: asyncio.Task[None] | None = None

    def end(self) -> None:
        """End every stream."""
        self._ended = True
        self._wake()

    def listen(self, caller: Caller) -> Callable[[], AsyncIterator[bytes]]:
        """What a page of a caller is told, as long as it listens. Raises  Problem: too many listen already"""
        if self._by_company[caller.company] >= STREAMS_MAX or len(self._waiting) >= ALL_MAX or self._ended:
            raise Problem("too_many", f"at most {STREAMS_MAX} pages of one company are told of changes; close some")
        return lambda: self._parts(caller)

    async def _parts(self, caller: Caller) -> AsyncIterator[bytes]:
        changed, count = asyncio.Event(), 0
        self._by_company[caller.company] += 1
        self._waiting.add(changed)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield b"retry: 5000\nevent: ready\ndata: {}\n\n"
            while not self._ended:
                try:
                    await asyncio.wait_for(changed.wait(), BEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                changed.clear()
                if self._ended:
                    return
                count += 1
                # How much happens is the operator's to know: others hear only that they may look again.
                facts = f', "facts": {self._facts}' if caller.company == NETWORK else ""
                yield f'event: changed\nid: {count}\ndata: {{"changes": {count}{facts}}}\n\n'.encode()
                await self._rest()
        finally:
            self._waiting.discard(changed)
            self._by_company[caller.company] -= 1

    async def _rest(self) -> None:
        for _ in range(int(APART_S / 0.25)):
            if self._ended:
                return
            await asyncio.sleep(0.25)

    async def _watch(self) -> None:
        """Look for new facts while anybody listens."""
        try:
            self._facts = await self._count()
            while self._waiting and not self._ended:
                await asyncio.sleep(LOOK_S)
                found = await self._count()
                if found != self._facts:
                    self._facts = found
                    self._wake()
        finally:
            self._task = None

    async def _count(self) -> int:
        with suppress(*STORE_FAULTS, OSError):
            return await self._mode.readers.read(_last_fact)
        return self._facts

    def _wake(self) -> None:
        for one in self._waiting:
            one.set()


def _last_fact(look: Look) -> int:
    return look.ledger.last_fact()
