"""A process that writes what it is handed, while whoever hands it over goes on; one transaction at a time.

    hub: decides group 2, 3 ...  --group 1-->  writer: its turn, rows, the disk
                                 <--written--

It ends with whoever started it: nothing else has the other end of its pipe. Signals that stop a whole session are for
whoever started it too: what was handed over is written first.
"""

import os
import queue
import select
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal

import msgspec

from rookery.ledger.fault import LedgerFault
from rookery.ledger.process import HEAD_BYTES, frame, start_process
from rookery.ledger.store import Columns, LedgerName, Store
from rookery.ledger.stores import open_store
from rookery.ledger.url import ServerLedger
from rookery.ledger.writing import Overtaken, Writing

_SLACK_S = 10.0  # beyond the wait for its turn: for the rows and the disk
_ENCODE = msgspec.msgpack.Encoder().encode


class _Opening(msgspec.Struct, array_like=True):
    """What a writer has to know. `path` empty: `options` and `schema` name a ledger on a server."""

    path: str
    options: tuple[tuple[str, str], ...]
    schema: str
    views: dict[str, dict[str, str]]
    wait_s: float


class Written(msgspec.Struct, array_like=True):
    """What came of a transaction.

    outcome  written; overtaken: others were first; failed: the store cannot; spoiled: its rows cannot be written
    """

    outcome: Literal["written", "overtaken", "failed", "spoiled"]
    why: str = ""


class Writer:
    """The process as whoever hands over sees it: begun with the first transaction, and one transaction at a time."""

    def __init__(self, name: LedgerName, views: Columns, wait_s: float, told: Callable[[], None]):
        path, server = (name, ServerLedger(())) if isinstance(name, Path) else (None, name)
        place = "" if path is None else str(path.resolve())
        self._opening = _Opening(place, server.options, server.schema, {**views}, wait_s)
        self._told, self._most_s = told, wait_s + _SLACK_S
        self._results: queue.SimpleQueue[Written] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None

    def send(self, writing: Writing) -> None:
        """Hand a transaction over. Its result has to be taken before the next one is handed over.

        Raises  LedgerFault: the process cannot be started, or has ended
        """
        words = _ENCODE(writing)
        try:
            if self._process is None:
                self._start()
            self._put(words)
        except OSError as fault:
            raise LedgerFault(f"the process that writes: wanted it to run, found: {fault}") from None

    def _start(self) -> None:
        self._process = start_process(__name__, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None, "a pipe was asked for"
        self._pipe = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self._put(_ENCODE(self._opening))

    def _put(self, words: bytes) -> None:
        """As `_put`, but a process that does not read is ended."""
        pipe, rest = self._pipe.fileno(), memoryview(frame(words))
        ready = select.poll()
        ready.register(pipe, select.POLLOUT)
        while rest:
            if not ready.poll(self._most_s * 1000):
                assert self._process is not None, "it was started"
                self._process.kill()
                raise OSError("it does not read what it is handed")
            rest = rest[os.write(pipe, rest) :]

    def _listen(self, pipe: IO[bytes]) -> None:
        read = msgspec.msgpack.Decoder(Written).decode
        for words in _frames(pipe):
            self._results.put(read(words))
            self._told()
        self._results.put(Written("failed", "the process that writes has ended"))
        self._told()

    def take(self, *, wait: bool) -> Written | None:
        """What came of the transaction that was handed over; None: it is not known yet.

        Whoever waits does so until others must have let it have its turn; a process that says nothing then is ended.
        """
        try:
            return self._results.get(block=wait, timeout=self._most_s if wait else None)
        except queue.Empty:
            if not wait:
                return None
        assert self._process is not None, "something was handed over"
        self._process.kill()
        return self._results.get()  # that it has ended, unless it was just done

    def close(self) -> None:
        """End the process; what it was handed is written first, if that can be done in time."""
        if self._process is None:
            return
        with suppress(OSError):  # it may have ended by itself
            self._pipe.close()
        try:
            self._process.wait(self._most_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._listener is not None, "it was started with the process"
        self._listener.join()
        assert self._process.stdout is not None, "a pipe was asked for"
        self._process.stdout.close()
        self._process = None


def _put(pipe: IO[bytes], words: bytes) -> None:
    pipe.write(frame(words))
    pipe.flush()


def _frames(pipe: IO[bytes]) -> Iterator[bytes]:
    """What was put into a pipe; half a frame is what somebody who was killed has left."""
    while len(head := pipe.read(HEAD_BYTES)) == HEAD_BYTES:
        size = int.from_bytes(head, "little")
        words = pipe.read(size)
        if len(words) < size:
            return
        yield words


# --- in the process


def _write(store: Store, writing: Writing, wait_s: float) -> Written:
    try:
        store.begin(wait_s=wait_s, give_way=False)
        writing.write(store)
    except Overtaken as fault:
        result = Written("overtaken", str(fault))
    except (sqlite3.Error, LedgerFault) as fault:
        result = Written("failed", str(fault))
    except Exception as fault:  # noqa: BLE001 - whoever handed it over finds the row that spoils it
        result = Written("spoiled", f"{type(fault).__name__}: {fault}")
    else:
        return Written("written")
    with suppress(sqlite3.Error, LedgerFault):
        store.roll_back()
    return result


def main() -> None:
    """Write what comes through the pipe until it is closed."""
    frames = _frames(sys.stdin.buffer)
    words = next(frames, None)
    if words is None:
        return
    opening = msgspec.msgpack.Decoder(_Opening).decode(words)
    name = Path(opening.path) if opening.path else ServerLedger(opening.options, opening.schema)
    read = msgspec.msgpack.Decoder(Writing).decode
    store: Store | None = None
    for words in frames:
        try:
            store = store or open_store(name, opening.views, writable=True, wait_s=opening.wait_s)
        except LedgerFault as fault:
            result = Written("failed", str(fault))
        else:
            result = _write(store, read(words), opening.wait_s)
        _put(sys.stdout.buffer, _ENCODE(result))
        if store is not None:
            store.rest()
    if store is not None:
        store.close()


if __name__ == "__main__":
    main()
