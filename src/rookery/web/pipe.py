"""What goes between a server and a hub in a process of its own: frames of one length and MessagePack.

    server --Asked, Asked ...--> hub
           <--News: answers, how the hub stands, that it is open--

Both ends are this program, joined by a pair of sockets that nobody else has: values that have no shape of their own go
pickled.
"""

import logging
import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from rookery.hub.message import Answer, Message
from rookery.hub.tenants import Limits
from rookery.journey.desk import Policy
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.ledger.process import HEAD_BYTES, frame
from rookery.web.asking import Figures, Wanted

_LOG = logging.getLogger(__name__)
READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Opening:
    """What a hub's process has to know.

    again       the ledger was open before, and is not made anew
    is_replica  it only reads along, and quotes
    """

    network: Network
    ledger: LedgerName
    limits: Limits
    policy: Policy
    again: bool = False
    is_replica: bool = False

    @property
    def what(self) -> str:
        """What it is, for people."""
        return f"the process {'that quotes by' if self.is_replica else 'of the hub'} {self.ledger}"


class Asked(msgspec.Struct, array_like=True):
    """A message, or a question of this sender and kind, pickled. `number`: by which it is told."""

    number: int
    message: Message
    question: bytes = b""


class Told(msgspec.Struct, array_like=True):
    """What came of it: an answer, or else a value or an exception, pickled. Times as in `Wanted`."""

    number: int
    answer: Answer | None
    value: bytes
    turn_at: float
    decided_at: float
    commits_at: float
    told_at: float


class Stands(msgspec.Struct, array_like=True):
    """How a hub stands. `seen_at`: when its thread last went on, by the counter of time, which all processes share."""

    can_write: bool
    seen_at: float
    waiting: int
    figures: Figures


class News(msgspec.Struct, array_like=True):
    """What a hub says. `fault`: why it cannot be opened, pickled."""

    told: list[Told] = []
    stands: Stands | None = None
    fault: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
read_asked = msgspec.msgpack.Decoder(Asked).decode
read_news = msgspec.msgpack.Decoder(News).decode


def asked_frame(wanted: Wanted) -> bytes:
    """What is asked, as it is sent."""
    question = b"" if wanted.question is None else pickle.dumps(wanted.question)
    return frame(_encode(Asked(wanted.number, wanted.message, question)))


def told_value(told: Told) -> Any:
    """What came of it."""
    return pickle.loads(told.value) if told.answer is None else told.answer


class Frames:
    """Frames out of bytes as they come."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are whole now."""
        rest, at = self._rest, 0
        rest += data
        while len(rest) >= at + HEAD_BYTES:
            end = at + HEAD_BYTES + int.from_bytes(rest[at : at + HEAD_BYTES], "little")
            if len(rest) < end:
                break
            yield bytes(rest[at + HEAD_BYTES : end])
            at = end
        del rest[:at]


def frames(line: socket.socket) -> Iterator[bytes]:
    """Frames of a socket until it is closed; half a frame is what somebody who was killed has left."""
    found = Frames()
    with suppress(OSError):
        while data := line.recv(READ_BYTES):
            yield from found.feed(data)


class Pipe:
    """A hub's end, for several threads. Who has left hears nothing."""

    def __init__(self, line: socket.socket):
        self._line, self._lock = line, threading.Lock()

    def send(self, news: News) -> None:
        """Say something."""
        words = frame(_encode(news))
        with self._lock, suppress(OSError):
            self._line.sendall(words)

    def tell(self, settled: list[tuple[Wanted, Any]]) -> None:
        """Tell those who wait, all at once."""
        if settled:
            done, settled[:] = list(settled), []
            told = [_told(wanted, answer) for wanted, answer in done]
            try:
                self.send(News(told))
            except (OverflowError, TypeError, ValueError) as fault:  # one of them cannot be written: each by itself
                _LOG.error("an answer cannot be told: %s", fault)
                for one in told:
                    self.send(News([_written(one)]))


def _told(wanted: Wanted, answer: Any) -> Told:
    is_answer = isinstance(answer, Answer)
    return Told(
        wanted.number, answer if is_answer else None, b"" if is_answer else _pickled(answer), wanted.turn_at,
        wanted.decided_at, wanted.commits_at, wanted.told_at,
    )  # fmt: skip


def _written(told: Told) -> Told:
    """The same, if it can be written; else that it cannot."""
    try:
        _encode(told)
    except (OverflowError, TypeError, ValueError) as fault:
        return Told(told.number, None, _pickled(RuntimeError(f"an answer that cannot be told: {fault}")), 0, 0, 0, 0)
    return told


def _pickled(value: Any) -> bytes:
    """A value as it goes; an exception that does not come out again goes as its words."""
    try:
        words = pickle.dumps(value)
        if isinstance(value, BaseException):
            pickle.loads(words)
    except Exception as fault:  # noqa: BLE001 - whatever keeps it from coming out
        return pickle.dumps(RuntimeError(f"{value!r} ({fault})"))
    return words
