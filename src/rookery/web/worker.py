"""The thread that owns a hub: callers' messages through the front door, in groups; quotes between them.

    callers -> incoming -> door (turns by weight) -> Hub.receive (groups, one commit each) -> answers, after the commit

A process beside it writes a group while the next one is decided; when it has, the thread looks again.

When the store fails nothing that was not answered was done: those callers are told to come again, and the hub is
opened anew until it can write.
"""

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from opentelemetry.trace import Tracer

from rookery.hub.access import NETWORK
from rookery.hub.admission import Admission
from rookery.hub.clock import now
from rookery.hub.message import Answer, Message
from rookery.hub.replica import Replica
from rookery.hub.spine import STORE_FAULTS, Hub
from rookery.hub.warm import warm_hub
from rookery.web.asking import Asker, Unavailable, Wanted, resolve

GROUP_MS = 20.0  # of a server: a quote waits for the group before it
REOPEN_S = 1.0
IDLE_S = 0.25  # between looks for what is due
CHECK_S = 1.0  # between looks whether the store still answers, while nobody comes
_LOG = logging.getLogger(__name__)


Settled = list[tuple[Wanted, Any]]  # what was asked, and what came of it: an answer, a value, an exception


class Worker(Asker):
    """A hub in a thread of its own.

    open_hub  opens it; is given `told`, to be called when something is written, and whether it is opened `again`
    tell      tells those who wait, and empties the list; None: in their loop
    changed   called when it can write, and when it cannot any more
    """

    def __init__(
        self,
        open_hub: Callable[..., Hub | Replica],
        make_door: Callable[[Hub | Replica], Admission],
        tracer: Tracer | None = None,
        tell: Callable[[Settled], None] | None = None,
        changed: Callable[[], None] | None = None,
    ):
        super().__init__(tracer)
        self._open, self._make_door, self._tell = open_hub, make_door, tell or _tell
        self._changed = changed
        self._incoming: SimpleQueue[Wanted | None] = SimpleQueue()  # None: look again
        self._by_message: dict[int, Wanted] = {}
        self._door: Admission | None = None
        self._checked_at = 0.0
        self._opened = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> None:
        """Open the hub and begin. Raises  LedgerFault, ValueError: it cannot be opened at all"""
        self._thread.start()
        self._opened.wait()
        if self._fault is not None:
            raise self._fault

    async def begin(self) -> None:
        """From now on this loop asks, and hears: its thread finds the loop of whoever waits."""

    async def end(self) -> None:
        """This loop asks no more."""
        self._stopping = True

    def stop(self) -> None:
        """Finish what was let in, then end. Later callers are told that it is unavailable."""
        self._stopping = True
        self._look_again()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def waiting(self) -> int:
        """Messages that wait at the door."""
        return self._door.messages_waiting if self._door is not None else 0

    def put(self, wanted: Wanted) -> None:
        """Have it done, from any thread."""
        self._incoming.put(wanted)

    def stands(self) -> tuple[bool, float]:
        """Whether it can write, and when its thread last went on, by the counter of time."""
        return self._can_write, self._seen_at

    def _look_again(self) -> None:
        self._incoming.put(None)

    # --- the thread

    def _run(self) -> None:
        """The store is opened here: its connection belongs to this thread."""
        try:
            self._hub = self._open(told=self._look_again)
            self._door = self._make_door(self._hub)
            warm_hub(self._hub, now())
        except BaseException as fault:  # noqa: BLE001 - whoever started the thread gets it
            self._fault = fault
            self._opened.set()
            return
        self._go_on(can_write=True)
        self._opened.set()
        while True:
            try:
                self._serve()
                break
            except STORE_FAULTS as fault:
                _LOG.error("the store failed: %s; opening it again", fault)
            except Exception:  # noqa: BLE001 - any bug: a thread that ends would leave everybody waiting for good
                _LOG.exception("the hub broke; opening it again")
            self._give_up()
            self._reopen()
        self._give_up()
        self._hub.ledger.close()

    def _go_on(self, *, can_write: bool) -> None:
        before, self._seen_at, self._can_write = self._can_write, time.perf_counter(), can_write
        if before != can_write and self._changed is not None:
            self._changed()

    def _serve(self) -> None:
        while not self._is_over():
            self._seen_at = time.perf_counter()
            try:
                first = self._incoming.get(timeout=IDLE_S)
            except Empty:
                self._tick()
                continue
            began = time.perf_counter()
            self._let_in(first)
            self._act(self._turns())
            self.figures.busy_s += time.perf_counter() - began

    def _act(self, messages: Iterable[Message]) -> None:
        """Act on messages. What was committed is told also when the store fails after it."""
        settled: Settled = []
        try:
            for message, answer in self._hub.receive(messages, group_ms=GROUP_MS, wait=False):
                wanted = self._by_message.pop(id(message), None)
                self._count(answer)
                if wanted is not None:
                    wanted.commits_at, wanted.told_at = self._hub.commits_at, time.perf_counter()
                    settled.append((wanted, answer))
                if len(settled) >= 64:
                    self._tell(settled)
        finally:
            self._tell(settled)

    def _is_over(self) -> bool:
        waiting = self._door is not None and self._door.messages_waiting
        return self._stopping and self._incoming.empty() and not waiting and self._hub.is_settled

    def _next(self) -> Wanted | None:
        try:
            return self._incoming.get_nowait()
        except Empty:
            return None

    def _let_in(self, wanted: Wanted | None) -> None:
        """Offer whoever has come to the door; who is not let in is told at once."""
        away: Settled = []
        while wanted is not None:
            assert self._door is not None, "the door is there since the start"
            busy = self._door.offer(wanted.message, wanted.message.heard_at)
            if busy is None:
                self._by_message[id(wanted.message)] = wanted
            else:
                self.figures.busy += 1
                away.append((wanted, busy))
            wanted = self._next()
        self._tell(away)

    def _turns(self) -> Iterator[Message]:
        """Messages as their turns come; questions are answered when theirs comes. Who comes meanwhile is let in."""
        assert self._door is not None, "the door is there since the start"
        for message in self._door.drain():
            wanted = self._by_message.get(id(message))
            self._seen_at = time.perf_counter()
            if wanted is not None:
                wanted.turn_at = self._seen_at
            if wanted is not None and wanted.question is not None:
                self.figures.questions += 1
                answer = _try(wanted.question, self._hub)
                wanted.told_at = time.perf_counter()
                del self._by_message[id(message)]
                self._tell([(wanted, answer)])
            else:
                yield message
                if wanted is not None:  # the hub comes back for the next one; after the last of a group it does not
                    wanted.decided_at = time.perf_counter()
            if not self._incoming.empty():
                self._let_in(self._next())

    def _tick(self) -> None:
        """Nobody has come for a while: what is due by now is done, as after a message `clock` of the operator.

        A store that is lost meanwhile is found out here, before the next caller finds it.
        """
        at = now()
        if time.monotonic() - self._checked_at >= CHECK_S:
            self._hub.ledger.check()
            self._checked_at = time.monotonic()
        if not self._stopping and self._hub.is_due(at):
            self._act([Message(NETWORK, f"clock:{at}", "clock", b"{}", at)])

    def _count(self, answer: Answer) -> None:
        self.figures.messages += 1
        self.figures.outcomes[answer.outcome] = self.figures.outcomes.get(answer.outcome, 0) + 1

    # --- when the store has failed

    def _give_up(self) -> None:
        """Everybody who waits is told to come again."""
        self._go_on(can_write=False)
        while not self._incoming.empty():
            wanted = self._next()
            if wanted is not None:
                self._by_message[id(wanted.message)] = wanted
        self._tell([(wanted, Unavailable()) for wanted in self._by_message.values()])
        self._by_message.clear()

    def _reopen(self) -> None:
        while not self._stopping:
            time.sleep(REOPEN_S)
            try:
                self._hub.ledger.close()
                self._hub = self._open(told=self._look_again, again=True)
            except (*STORE_FAULTS, OSError, ValueError) as fault:
                _LOG.error("the store cannot be opened: %s", fault)
                self._give_up()  # whoever has come meanwhile
                continue
            gc.collect()  # what the old hub knew
            self._door = self._make_door(self._hub)
            self.figures.reopened += 1
            self._go_on(can_write=True)
            return


def _try(question: Callable[[Any], Any], hub: Hub | Replica) -> Any:
    try:
        return hub.ask(question)
    except STORE_FAULTS:
        raise
    except Exception as fault:  # noqa: BLE001 - whoever asked gets it
        if isinstance(hub, Replica):
            _LOG.exception("a question broke a replica; the hub is asked")
            return Unavailable()
        return fault


def _tell(settled: Settled) -> None:
    """Hand answers to those who wait, in their loops; one call for all of a loop."""
    if not settled:
        return
    done, settled[:] = list(settled), []
    waits = done[0][0].answer
    assert waits is not None, "it is waited for in this process"
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever waited
        waits.get_loop().call_soon_threadsafe(_resolve, done)


def _resolve(done: Settled) -> None:
    for wanted, answer in done:
        resolve(wanted, answer)
