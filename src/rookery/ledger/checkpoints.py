"""The journal of a SQLite file, moved into the file beside whoever writes, who does it only where nobody does.

    writer:  commit  commit  commit  commit  [rest]  commit     the journal begins anew
    thread:             [----- most of it -----]

A commit that moves thousands of pages lets its group, and the one behind it, wait for ten times as long. A thread alone
would never come to the end of a journal that others go on writing, which then grows without end.
"""

import os
import sqlite3
import threading
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path

PAGES = 4_000  # in a journal that is moved: what changes again meanwhile is moved once
# By whoever commits when so many are in it: nobody moves them beside, or readers have kept them for long.
PAGES_MOST = 4 * PAGES
MOVE = "PRAGMA wal_checkpoint(PASSIVE)"  # waits for nobody
# Waits for whoever reads in the journal now: else it would not begin anew while somebody always does. Who comes
# meanwhile reads in the file.
END, END_MS = "PRAGMA wal_checkpoint(RESTART)", 50
# The journal (https://www.sqlite.org/fileformat2.html#walformat): a head, then pages with a head each; those that were
# written since it last began anew have the salt of the journal's head, and come first.
_HEAD_BYTES, _PAGE_HEAD_BYTES = 32, 24
_SIZE, _SALT, _PAGE_SALT = slice(8, 12), slice(16, 24), slice(8, 16)


class Checkpoints:
    """Of one file. Everything but the thread is asked of by the one who writes, between two transactions."""

    def __init__(self, path: Path):
        self._path, self._journal = path, path.with_name(f"{path.name}-wal")
        self._begin, self._moved = threading.Event(), threading.Event()
        self._is_moving = self._is_closing = False
        self._known = 0  # pages that were there when the journal was last moved
        self._thread: threading.Thread | None = None

    def is_due(self) -> bool:
        """Look at the journal. True: the thread has moved most of it, and what is left has to be moved now."""
        if self._is_moving:
            return self._moved.is_set()
        count = self._count()
        self._known = min(self._known, count)  # fewer: it has begun anew
        if count - self._known >= PAGES:
            self._is_moving = True
            self._begin.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        return False

    def end(self) -> None:
        """What was left has been moved, as far as readers let it."""
        self._is_moving, self._known = False, self._count()
        self._moved.clear()

    def close(self) -> None:
        """End the thread, once it has done what it does."""
        self._is_closing = True
        self._begin.set()
        if self._thread is not None:
            self._thread.join()

    def _count(self) -> int:
        """Pages in the journal; 0 where it cannot be read: then whoever commits moves them.

        SQLite's own count is in a file that it locks, and whoever closes that file, having only read it, unlocks it.
        """
        try:
            with self._journal.open("rb", buffering=0) as journal:
                return count_pages(journal.fileno())
        except OSError:
            return 0

    def _run(self) -> None:
        while self._begin.wait() and not self._is_closing:
            self._begin.clear()
            with suppress(sqlite3.Error):  # then the one who writes finds the same
                self._move()
            self._moved.set()

    def _move(self) -> None:
        db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
        try:
            db.execute(MOVE).fetchall()
        finally:
            db.close()


def count_pages(journal: int) -> int:
    """How many pages of an open journal were written since it last began anew."""
    head = os.pread(journal, _HEAD_BYTES, 0)
    if len(head) < _HEAD_BYTES:
        return 0
    step = _PAGE_HEAD_BYTES + int.from_bytes(head[_SIZE], "big")

    def is_old(number: int) -> bool:
        return os.pread(journal, _PAGE_HEAD_BYTES, _HEAD_BYTES + number * step)[_PAGE_SALT] != head[_SALT]

    return bisect_left(range((os.fstat(journal).st_size - _HEAD_BYTES) // step), True, key=is_old)
