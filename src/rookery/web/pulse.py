"""When something was committed, by any process: for pages and programs that wait for it.

One look a second at where the facts end, however many wait, and none while nobody does.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from rookery.web.asking import Unavailable
from rookery.web.problems import Problem

LOOK_S = 1.0
SEATS_MAX = 40  # of one company
ALL_MAX = 500


class Pulse:
    """What tells those who wait on one ledger. `count`: the number of its last fact."""

    def __init__(self, count: Callable[[], Awaitable[int]]):
        self._count = count
        self._seats: Counter[str] = Counter()
        self._waiting, self._facts = 0, -1  # the last fact that was seen
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.is_ended = False

    def end(self) -> None:
        """Let nobody wait any more."""
        self.is_ended = True
        self._moved.set()

    def check(self, company: str) -> None:
        """Raises  Problem: too many of the company wait already"""
        if self._seats[company] >= SEATS_MAX or self._seats.total() >= ALL_MAX or self.is_ended:
            text = f"at most {SEATS_MAX} pages and requests of one company wait for changes; end some"
            raise Problem("too_many", text)

    @contextmanager
    def seat(self, company: str) -> Iterator[None]:
        """A place to wait in, which was checked."""
        self._seats[company] += 1
        try:
            yield
        finally:
            self._seats[company] -= 1

    async def last(self) -> int:
        """The number of the last fact; the last that was seen, while the store cannot be read."""
        with suppress(Unavailable):
            self._tell(await self._count())
        return self._facts

    async def after(self, seen: int, within_s: float) -> int:
        """The number of the last fact, once there is one after `seen`, or after so long, or at the end."""
        self._waiting += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    while self._facts <= seen and not self.is_ended:
                        await self._moved.wait()
        finally:
            self._waiting -= 1
        return max(self._facts, seen)

    async def _watch(self) -> None:
        """Look for new facts while anybody waits."""
        try:
            while self._waiting and not self.is_ended:
                await self.last()
                await asyncio.sleep(LOOK_S)
        finally:
            self._task = None

    def _tell(self, facts: int) -> None:
        if facts > self._facts:
            self._facts = facts
            self._moved.set()
            self._moved = asyncio.Event()
