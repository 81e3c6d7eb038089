"""Asking a hub, in whatever thread or process it decides: who waits for what, and whether it can be asked now."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.trace import Span, SpanKind, Tracer

from rookery.hub.admission import Busy
from rookery.hub.clock import now
from rookery.hub.message import Answer, Message
from rookery.spans import fail, note, span

STUCK_S = 10.0  # a store that has not answered for so long is not waited for by anybody more


class Unavailable(Exception):
    """The hub cannot write, or is stopping: the same words may be sent again, and are done once."""


@dataclass(slots=True, eq=False)
class Wanted:
    """A message or a question that somebody waits for.

    answer   where it is waited for; None: in another process, which knows it by its number
    came_at  by the counter of time, like those below it: when it was sent
    turn_at  when it was let through the door; 0: it was not
    decided_at, commits_at, told_at  when it was decided, when its group's commit began, when that was over
    """

    message: Message
    answer: "asyncio.Future[Any] | None" = None
    question: Callable[[Any], Any] | None = None
    number: int = 0
    came_at: float = field(default_factory=time.perf_counter)
    turn_at: float = 0.0
    decided_at: float = 0.0
    commits_at: float = 0.0
    told_at: float = 0.0


@dataclass(slots=True)
class Figures:
    """What a hub has done since it was begun, for its operator."""

    messages: int = 0
    questions: int = 0
    busy: int = 0
    reopened: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    busy_s: float = 0.0


class Asker(ABC):
    """A hub as those see it who ask it, in one loop. `tracer` None: nothing is traced."""

    def __init__(self, tracer: Tracer | None = None):
        self._tracer = tracer
        self.figures = Figures()
        self._can_write = self._stopping = False
        self._seen_at = 0.0  # by the counter of time: when the hub's thread last went on
        self._told_at = 0.0  # likewise: when somebody was last answered
        self._asked: dict[Wanted, None] = {}  # whoever waits, the longest first

    @abstractmethod
    def start(self) -> None:
        """Open the hub and begin. Raises  LedgerFault, ValueError: it cannot be opened at all"""

    @abstractmethod
    async def begin(self) -> None:
        """From now on this loop asks, and hears."""

    @abstractmethod
    async def end(self) -> None:
        """This loop asks no more."""

    @abstractmethod
    def stop(self) -> None:
        """Finish what was let in, then end. Later callers are told that it is unavailable."""

    @property
    @abstractmethod
    def waiting(self) -> int:
        """Messages that wait at the door."""

    @abstractmethod
    def put(self, wanted: Wanted) -> None:
        """Have it done; whoever waits is told."""

    @property
    def is_ready(self) -> bool:
        """True if it can write now, and neither its thread nor what it writes has stood still for long."""
        since = self._seen_at
        if self._asked:  # whoever waits behind many others sees that these are answered
            since = min(since, max(self._told_at, next(iter(self._asked)).came_at))
        return self._can_write and time.perf_counter() - since < STUCK_S

    async def send(self, message: Message) -> Answer | Busy:
        """Act on a message; the answer comes after its commit.

        Raises  Unavailable
        """
        answer: Answer | Busy = await self._ask(Wanted(message, asyncio.get_running_loop().create_future()))
        return answer

    async def ask(self, sender: str, kind: str, question: Callable[[Any], Any]) -> Any:
        """Ask the hub something where it decides, in the sender's turn; the hub is not changed by it.

        question  a function of a module, or a partial of one: it may have to go to another process
        Returns what the question returns, or Busy. Raises what it raises, Unavailable
        """
        wanted = Wanted(Message(sender, "", kind, b"", now()), asyncio.get_running_loop().create_future(), question)
        return await self._ask(wanted)

    async def _ask(self, wanted: Wanted) -> Any:
        if self._stopping or not self.is_ready:
            raise Unavailable
        assert wanted.answer is not None, "it is waited for here"
        verb = "decide" if wanted.question is None else "ask"
        with span(self._tracer, f"{verb} {wanted.message.kind}", SpanKind.INTERNAL) as trace:
            self._asked[wanted] = None
            try:
                self.put(wanted)
                answer = await wanted.answer
                self._told_at = time.perf_counter()
            finally:
                del self._asked[wanted]
            if trace.is_recording():
                _note(trace, wanted, answer)
            return answer


def resolve(wanted: Wanted, answer: Any) -> None:
    """Tell whoever waits, in the loop in which it does."""
    waits = wanted.answer
    if waits is None or waits.done():
        return  # nobody waits any more
    if isinstance(answer, BaseException):
        waits.set_exception(answer)
    else:
        waits.set_result(answer)


def _note(trace: Span, wanted: Wanted, answer: Any) -> None:
    """What came of it, and where the time went: at the door, in deciding, for others of its group, in the commit."""
    is_told = isinstance(answer, Answer)
    outcome = answer.outcome if is_told else "busy" if isinstance(answer, Busy) else "answered"
    note(trace, {"rookery.kind": wanted.message.kind, "rookery.outcome": outcome})
    if is_told and answer.refusals:
        trace.set_attribute("rookery.refusals", sorted({one.code for one in answer.refusals}))
    if outcome == "failed":
        fail(trace, outcome)
    if not wanted.turn_at:
        return
    note(trace, {"rookery.waited_ms": _ms(wanted.came_at, wanted.turn_at)})
    if wanted.question is not None:
        note(trace, {"rookery.decided_ms": _ms(wanted.turn_at, wanted.told_at)})
        return
    decided_at = min(wanted.decided_at or wanted.commits_at, wanted.commits_at)
    note(trace, {
        "rookery.decided_ms": _ms(wanted.turn_at, decided_at), "rookery.grouped_ms": _ms(decided_at, wanted.commits_at),
        "rookery.committed_ms": _ms(wanted.commits_at, wanted.told_at),
    })  # fmt: skip


def _ms(since: float, until: float) -> float:
    return round(max(0.0, until - since) * 1000, 3)
