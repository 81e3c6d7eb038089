"""A watch on the parts of the hub's work: each function's own time, without the watched functions inside it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from rookery.hub import run, spine
from rookery.hub.group import Group
from rookery.hub.readers import READERS
from rookery.ledger.codec import RowCodec
from rookery.ledger.log import Ledger

READ, SEEN, DECIDE, ENCODE, COMMIT = "read", "look up what was seen", "decide", "encode", "commit"
PARTS = (READ, SEEN, DECIDE, ENCODE, COMMIT)


class Phases:
    """Seconds by part. Law: a moment counts for the innermost watched function only."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._inside: list[float] = []  # seconds spent in watched functions, by depth

    def watch(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its own time counted for a part."""

        def watched_work(*arguments: Any, **named: Any) -> Any:
            self._inside.append(0.0)
            began = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                took = time.perf_counter() - began
                self.seconds[part] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return watched_work


@contextmanager
def watched(parts: Phases) -> Iterator[None]:
    """Watch reading, looking up, deciding, encoding and committing."""
    with ExitStack() as stack:
        for kind, read in READERS.items():
            stack.enter_context(patch.dict(READERS, {kind: parts.watch(READ, read)}))
        for part, owner, name in (
            (READ, run, "read_run"),
            (SEEN, spine.Hub, "_find_seen"),
            (DECIDE, spine, "decide_all"),
            (ENCODE, Group, "note"),
            (ENCODE, RowCodec, "write"),
            (COMMIT, Ledger, "commit"),
        ):
            stack.enter_context(patch.object(owner, name, parts.watch(part, getattr(owner, name))))
        yield
