"""Long work: begun by a request, done one after the other in a thread of its own, fetched by id. Bounded, in memory.

An operation belongs to the company that began it. It is gone when the server stops, and may be begun again.
"""

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from rookery.hub.look import Look
from rookery.ledger.log import Ledger

KEPT_MAX = 100  # operations that are done and not forgotten
WAITING_MAX = 8  # that are not done: of all companies
WAITING_EACH = 2  # of one
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Operation:
    """Work that takes its time. `result`: once it is done; `scope`: that its result needs."""

    id_: str
    company: str
    kind: str
    scope: str
    began_at: int
    status: Literal["waiting", "running", "done", "failed"] = "waiting"
    result: Any = None


class Operations:
    """The operations of a hub. Each has a ledger opened for it."""

    def __init__(self, open_ledger: Callable[[], Ledger]):
        self._open, self._lock = open_ledger, threading.Lock()
        self._all: OrderedDict[str, Operation] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="operations")

    def begin(self, company: str, kind: str, scope: str, at: int, work: Callable[[Look], Any]) -> Operation | None:
        """Begin work; None: too much waits."""
        with self._lock:
            open_ = [one for one in self._all.values() if one.status in ("waiting", "running")]
            if len(open_) >= WAITING_MAX or sum(one.company == company for one in open_) >= WAITING_EACH:
                return None
            operation = Operation(f"op_{secrets.token_hex(16)}", company, kind, scope, at)
            done = [one.id_ for one in self._all.values() if one.status in ("done", "failed")]
            for id_ in done[: max(0, len(done) + 1 - KEPT_MAX)]:
                del self._all[id_]
            self._all[operation.id_] = operation
        self._pool.submit(self._run, operation, work)
        return operation

    def _run(self, operation: Operation, work: Callable[[Look], Any]) -> None:
        operation.status = "running"
        try:
            ledger = self._open()
            try:
                operation.result = work(Look(ledger))
            finally:
                ledger.close()
            operation.status = "done"
        except Exception:  # noqa: BLE001 - whoever asks for it is told
            _LOG.exception("operation %s: %s broke", operation.id_, operation.kind)
            operation.status = "failed"

    def find(self, company: str, id_: str) -> Operation | None:
        """An operation of a company."""
        found = self._all.get(id_)
        return found if found is not None and found.company == company else None

    def close(self) -> None:
        """What has not begun is dropped; what runs is finished."""
        self._pool.shutdown(cancel_futures=True)
