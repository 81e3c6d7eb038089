"""A hub in a process of its own, as its server sees it: neither waits for the other's turn of one interpreter."""

import asyncio
import logging
import pickle
import socket
import subprocess
from contextlib import suppress
from dataclasses import replace
from typing import cast

from opentelemetry.trace import Tracer

from rookery.ledger.fault import LedgerFault
from rookery.ledger.process import frame, start_process
from rookery.web.asking import Asker, Unavailable, Wanted, resolve
from rookery.web.pipe import READ_BYTES, Frames, News, Opening, asked_frame, read_news, told_value

AGAIN_S = 1.0  # between tries to start a process
LOOK_S = 1.0  # between looks whether a replica hangs
END_S = 20.0  # how long what was let in may take
MODULE = "rookery.web.hub_process"
_LOG = logging.getLogger(__name__)


class Apart(Asker):
    """A hub in a process, which is begun again if it ends by itself."""

    def __init__(self, opening: Opening, tracer: Tracer | None = None):
        super().__init__(tracer)
        self._opening = opening
        self._by_number: dict[int, Wanted] = {}
        self._frames, self._is_open = Frames(), False
        self._number = self._waiting = 0
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_ready(self) -> bool:
        """As any hub's; and this loop speaks to its process."""
        return self._transport is not None and super().is_ready

    @property
    def waiting(self) -> int:
        """Messages that wait at the door, as of its last word."""
        return self._waiting

    def start(self) -> None:
        """Open the hub and begin. Raises  LedgerFault, ValueError: it cannot be opened at all"""
        self._start(self._opening)

    def _start(self, opening: Opening) -> None:
        """Start the process, and wait until its hub is open."""
        self._line, theirs = socket.socketpair()
        self._frames, self._is_open = Frames(), False
        with theirs:
            self._process = start_process(MODULE, str(theirs.fileno()), pass_fds=(theirs.fileno(),))
        try:
            self._line.sendall(frame(pickle.dumps(opening)))
            while not self._is_open:
                if not (data := self._line.recv(READ_BYTES)):
                    raise LedgerFault(f"{opening.what}: wanted it to open, found it ended")
                self.hear(data)
        except OSError as fault:
            self._end_process()
            raise LedgerFault(f"{opening.what}: wanted it to open, found: {fault}") from None
        except BaseException:
            self._end_process()
            raise

    async def begin(self) -> None:
        """From now on this loop asks, and hears."""
        assert self._line is not None, "it was started"
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: _Line(self), sock=self._line)
        if self._opening.is_replica:
            loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        """End a replica that hangs: it has nothing to lose, and whoever waits for it can be told by the hub."""
        if self._transport is None:
            return
        if self._can_write and not self.is_ready and self._process is not None:
            _LOG.error("%s hangs; ending it", self._opening.what)
            self._process.kill()
            return
        asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def put(self, wanted: Wanted) -> None:
        """Have it done."""
        if self._transport is None:
            raise Unavailable
        self._number += 1
        wanted.number = self._number
        words = asked_frame(wanted)
        self._by_number[wanted.number] = wanted
        self._transport.write(words)

    # --- what the process says

    def hear(self, data: bytes) -> None:
        """Some bytes have come."""
        for words in self._frames.feed(data):
            self._hear(read_news(words))

    def _hear(self, news: News) -> None:
        if news.fault:
            raise cast(Exception, pickle.loads(news.fault))
        if news.stands is not None:
            self._is_open = True
            self._can_write, self._seen_at = news.stands.can_write, news.stands.seen_at
            self._waiting, reopened = news.stands.waiting, self.figures.reopened
            self.figures = news.stands.figures
            self.figures.reopened = max(reopened, self.figures.reopened)
        for told in news.told:
            wanted = self._by_number.pop(told.number)
            wanted.turn_at, wanted.decided_at = told.turn_at, told.decided_at
            wanted.commits_at, wanted.told_at = told.commits_at, told.told_at
            resolve(wanted, told_value(told))

    def lost(self) -> None:
        """The process has ended: what was not answered may be sent again."""
        self._can_write, self._transport = False, None
        waits, self._by_number = self._by_number, {}
        for wanted in waits.values():
            resolve(wanted, Unavailable())
        if not self._stopping:
            _LOG.error("%s has ended; starting it again", self._opening.what)
            task = asyncio.get_running_loop().create_task(self._again())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _again(self) -> None:
        opening = replace(self._opening, again=True)
        while not self._stopping:
            await asyncio.to_thread(self._end_process)
            try:
                await asyncio.to_thread(self._start, opening)
                await self.begin()
            except Exception as fault:  # noqa: BLE001 - whatever it is: nobody else would start it
                _LOG.error("%s cannot be started again: %s", opening.what, fault)
                await asyncio.sleep(AGAIN_S)
                continue
            self.figures.reopened += 1
            return

    # --- the end

    async def end(self) -> None:
        """This loop asks no more."""
        self._stopping = True
        if self._transport is not None:
            self._transport.close()
        elif self._process is not None:
            self._process.kill()  # it is just being opened again, which may take for ever: nothing was let in

    def stop(self) -> None:
        """Finish what was let in, then end. Later callers are told that it is unavailable."""
        self._stopping = True
        self._end_process()

    def _end_process(self) -> None:
        """Let the process end: it does when nobody speaks to it any more."""
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                self._line.settimeout(END_S)
                while self._line.recv(READ_BYTES):  # what it still says, so that it does not wait to say it
                    pass
            self._line.close()
        if self._process is not None:
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._line = self._process = None


class _Line(asyncio.Protocol):
    """The socket in a loop."""

    def __init__(self, of: Apart):
        self._of = of

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        self._of.hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._of.lost()
