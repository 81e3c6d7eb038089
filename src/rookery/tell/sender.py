"""The sender: makes deliveries of notices and sends them, many at once, none delayed by another's endpoint.

It runs in the server as a task, or as a process of its own; several share a store.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rookery.hub.clock import now_ms
from rookery.tell.journal import forget, list_gone
from rookery.tell.post import Post, PostOptions
from rookery.tell.store import Claimed, Outcome, Store

TICK_S, IDLE_S = 0.05, 0.4  # how often a sender looks for notices; at last, while there are none
OUTAGE_S = 1.0  # how long it waits after the database has failed
CARE_S = 5.0  # how often it looks for endpoints that are gone, and for what may be forgotten
GONE = 410
_LOG = logging.getLogger(__name__)

Gone = Callable[[str, str], Awaitable[None]]  # of a company, an endpoint: the hub is to disable it


@dataclass(slots=True)
class SenderFigures:
    """What a sender has done since its process began, for its operator.

    is_running    it is at work, and the database has answered it
    sent, failed  attempts that a receiver has taken, and others; given_up: deliveries
    begun_again   times that it has broken and was begun again
    """

    is_running: bool = False
    sent: int = 0
    failed: int = 0
    given_up: int = 0
    begun_again: int = 0


@dataclass(frozen=True, slots=True)
class SenderOptions:
    """How a sender works.

    flying_max  deliveries under way at once, over all endpoints
    gone        told of endpoints that answer 410; None: another sender, which has a hub, tells it
    """

    post: PostOptions = field(default_factory=PostOptions)
    flying_max: int = 256
    gone: Gone | None = None
    figures: SenderFigures = field(default_factory=SenderFigures)


async def run_sender(store: Store, options: SenderOptions, stop: asyncio.Event) -> None:
    """Send until told to stop; then what is under way is finished and noted. The store is used by nobody else."""
    assert options.post.timeout_s < store.terms.lease_s, "a lease holds longer than an attempt may take"
    post = Post(options.post)
    try:
        await _Sender(store, options, post, stop).run()
    finally:
        options.figures.is_running = False
        post.close()


class _Sender:
    """Attempts under way, and those that are done and not noted yet."""

    def __init__(self, store: Store, options: SenderOptions, post: Post, stop: asyncio.Event):
        self.store, self.options, self.post, self.stop = store, options, post, stop
        self.flying: set[asyncio.Task[None]] = set()
        self.done: list[Outcome] = []
        self.changed = asyncio.Event()
        self.cared_ms, self.tick_s = 0, TICK_S

    async def run(self) -> None:
        while not self.stop.is_set():
            if await self._turn(self.options.flying_max):
                await self._care()
                await self._pause()
            else:
                await asyncio.sleep(OUTAGE_S)
        while self.flying:
            await asyncio.wait(self.flying)
        while self.done and not await self._turn(0):
            await asyncio.sleep(OUTAGE_S)

    async def _turn(self, flying_max: int) -> bool:
        """Note what is done, make deliveries of notices, claim and begin some. False: the database has failed."""
        done, self.done = self.done, []
        self.changed.clear()
        try:
            claimed = await asyncio.to_thread(self._work, done, flying_max - len(self.flying))
        except self.store.db.faults:
            _LOG.exception("the database has failed; what is under way is noted later")
            self.options.figures.is_running = False
            self.done = done + self.done
            return False
        self.options.figures.is_running = True
        self.tick_s = TICK_S if claimed or done or self.flying else min(2 * self.tick_s, IDLE_S)
        for one in claimed:
            task = asyncio.create_task(self._send(one))
            self.flying.add(task)
            task.add_done_callback(self.flying.discard)
        return True

    def _work(self, done: list[Outcome], free: int) -> list[Claimed]:
        store, now = self.store, now_ms()
        if not done and not (free > 0 and store.has_work(now)):
            return []
        with store.turn():
            given_up = store.settle(done, now)
            if free <= 0:
                claimed = []
            else:
                store.fan_out(now)
                claimed = store.claim(now, free)
        self.options.figures.given_up += len(given_up)
        for text in given_up:
            _LOG.warning("%s", text)
        return claimed

    async def _send(self, claimed: Claimed) -> None:
        outcome = await self.post.send(claimed)
        if outcome.is_good:
            self.options.figures.sent += 1
        else:
            self.options.figures.failed += 1
        self.done.append(outcome)  # to the list that is there now
        if outcome.status == GONE:
            self.cared_ms = 0
        self.changed.set()

    async def _pause(self) -> None:
        """Until something is done or a tick is over, and a moment more so that others join it."""
        for event, seconds in ((self.changed, self.tick_s), (self.stop, TICK_S / 5)):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await event.wait()

    async def _care(self) -> None:
        """Now and then: tell the hub of endpoints that are gone, and forget what is long done."""
        if now_ms() - self.cared_ms < CARE_S * 1000:
            return
        self.cared_ms = now_ms()
        try:
            if self.options.gone is not None:
                for company, endpoint in await asyncio.to_thread(list_gone, self.store):
                    await self.options.gone(company, endpoint)
            await asyncio.to_thread(forget, self.store, now_ms())
        except self.store.db.faults:
            _LOG.exception("the database has failed; it is looked after later")
