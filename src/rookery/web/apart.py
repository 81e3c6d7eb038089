"""A hub in a process of its own, as its server sees it: neither waits for the other's turn of one interpreter."""

import asyncio
import logging
import pickle
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from typing import cast

from opentelemetry.trace import Tracer

from rookery.ledger.fault import LedgerFault
from rookery.ledger.process import frame, start_process
from rookery.web.asking import Asker, Unavailable, Wanted, resolve
from rookery.web.pipe import READ_BYTES, Frames, News, Opening, asked_frame, read_news, told_value

OPEN_S = 30.0  # within which a replica opens; a hub may have much to look through
AGAIN_S = 1.0  # between tries to start a process
LOOK_S = 1.0  # between looks whether a process hangs
HANG_S = 120.0  # after which a hub is ended that has not gone on: no message is decided for so long
END_S = 20.0  # how long what was let in may take
MODULE = "rookery.web.hub_process"
_LOG = logging.getLogger(__name__)


class Apart(Asker):
    """A hub in a process, which is begun again if it ends by itself."""

    def __init__(self, opening: Opening, tracer: Tracer | None = None):
        super().__init__(tracer)
        self._opening = opening
        self._by_number: dict[int, Wanted] = {}
        self._frames, self._is_open, self._hangs = Frames(), False, False
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
        """Open the hub and begin. A replica that cannot be opened is tried again later.

        Raises  LedgerFault, ValueError: the hub cannot be opened at all
        """
        try:
            self._start(self._opening)
        except (LedgerFault, ValueError) as fault:
            if not self._opening.is_replica:
                raise
            _LOG.error("%s cannot be started: %s", self._opening.what, fault)

    def _start(self, opening: Opening) -> None:
        """Start the process, and wait until its hub is open."""
        self._line, theirs = socket.socketpair()
        self._frames, self._is_open, self._hangs = Frames(), False, False
        with theirs:
            name = "replica" if opening.is_replica else "hub"  # for `ps`
            self._process = start_process(MODULE, str(theirs.fileno()), name, pass_fds=(theirs.fileno(),))
        try:
            self._line.settimeout(OPEN_S if opening.is_replica else None)
            self._line.sendall(frame(pickle.dumps(opening)))
            while not self._is_open:
                if not (data := self._line.recv(READ_BYTES)):
                    raise LedgerFault(f"{opening.what}: wanted it to open, found it ended")
                self.hear(data)
        except OSError as fault:
            if opening.is_replica:
                self._process.kill()  # it may hang, and has nothing to lose
            self._end_process()
            raise LedgerFault(f"{opening.what}: wanted it to open, found: {fault}") from None
        except BaseException:
            self._end_process()
            raise

    async def begin(self) -> None:
        """From now on this loop asks, and hears."""
        loop = asyncio.get_running_loop()
        if self._line is None:
            self._begin_again()
            return
        self._transport, _ = await loop.create_connection(lambda: _Line(self), sock=self._line)
        loop.call_later(LOOK_S, self._look, self._transport)

    def _look(self, transport: asyncio.WriteTransport) -> None:
        """Whoever waits for a process that hangs may ask again; it is ended, if it does not go on."""
        if transport is not self._transport:
            return  # it has ended, and its successor is looked after by itself
        hung, self._hangs = self._hangs, self._can_write and not self.is_ready
        if hung and self._hangs:  # twice: this process itself may have stood still, and not have heard
            self._let_go()
            if time.perf_counter() - self._seen_at >= self._hang_s and self._process is not None:
                _LOG.error("%s hangs; ending it", self._opening.what)
                self._process.kill()
                return
        asyncio.get_running_loop().call_later(LOOK_S, self._look, transport)

    def _let_go(self) -> None:
        """Who waits may ask again, or another."""
        for wanted in self._by_number.values():
            resolve(wanted, Unavailable())

    @property
    def _hang_s(self) -> float:
        """After which a process that hangs is ended: a replica at once, which has nothing to lose."""
        return 0.0 if self._opening.is_replica else HANG_S

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
            if self._can_write and not news.stands.can_write:
                self._let_go()
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
        self._let_go()
        self._by_number = {}
        if not self._stopping:
            _LOG.error("%s has ended; starting it again", self._opening.what)
            self._begin_again()

    def _begin_again(self) -> None:
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
