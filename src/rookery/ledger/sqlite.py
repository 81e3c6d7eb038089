"""A ledger in one SQLite file: one process writes at a time, by the lock of the write transaction; readers go on."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from operator import itemgetter
from pathlib import Path
from typing import Any

from rookery.ledger.checkpoints import END, END_MS, PAGES, PAGES_MOST, Checkpoints
from rookery.ledger.codec import Key, Registry
from rookery.ledger.fault import LedgerFault
from rookery.ledger.store import Columns, Rows
from rookery.ledger.tables import create_texts, delete_text, insert_text, upsert_text

# Pages of 8 KiB and a checkpoint each 4,000 of them: a fifth less time per commit than SQLite's own sizes.
PRAGMAS = ("page_size = 8192", "synchronous = FULL", f"wal_autocheckpoint = {PAGES}", "cache_size = -65536")
# Who reads loses its own pages with every commit of another: read where the system has them, a fifth less time.
MAPPED_BYTES = 1 << 30
WAL = "journal_mode = WAL"  # changes the file: only once it is known to be a ledger
BUSY_MS = 5000  # for whatever is no turn to write: another process that opens or closes the file
_KEY = itemgetter(0)
POLL_S, GIVE_WAY_S = 0.001, 0.003  # SQLite has no queue: who comes again leaves a gap in which who waits looks thrice


class SqliteStore:
    """An open SQLite file."""

    def __init__(self, path: Path, views: Columns, *, writable: bool):
        self.path = path
        if not writable and not is_file(path):
            found = "an empty file" if path.exists() else "no such file"
            raise LedgerFault(
                f"ledger {path}: wanted a ledger, found {found}; make one with `rookery run` or `rookery send`"
            )
        self._db = _connect(path, writable=writable)
        self._file = _identity(path)
        self._checkpoints: Checkpoints | None = None
        self.execute = self._db.execute
        self._upsert = {name: upsert_text(name, columns) for name, columns in views.items()}
        self._delete = {name: delete_text(name, columns) for name, columns in views.items()}

    @property
    def begun(self) -> bool:
        """As in Store."""
        return self._db.in_transaction

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """As in Store."""
        self.check()
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self.roll_back()

    def begin(self, *, wait_s: float, give_way: bool) -> None:
        """As in Store."""
        self.check()
        if give_way:
            time.sleep(GIVE_WAY_S)
        began, db = time.perf_counter(), self._db
        db.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    db.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as fault:
                    if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        raise
                if time.perf_counter() - began >= wait_s:
                    raise LedgerFault(
                        f"ledger {self.path}: wanted its turn to write within {wait_s:g} s, found others writing;"
                        " nothing of this was written; let them end, then run again"
                    )
                time.sleep(POLL_S)
        finally:
            db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def commit(self) -> None:
        """As in Store."""
        self._db.execute("COMMIT")

    def rest(self) -> None:
        """As in Store: pages are moved from the journal to the file, most of them by a thread."""
        if self._checkpoints is None:
            self._checkpoints = Checkpoints(self.path)
            self._db.execute(f"PRAGMA wal_autocheckpoint = {PAGES_MOST}")
        if self._checkpoints.is_due():
            self._db.execute(f"PRAGMA busy_timeout = {END_MS}")
            with suppress(sqlite3.Error):  # a full disk: the next commit says it
                self._db.execute(END).fetchall()
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._checkpoints.end()

    def roll_back(self) -> None:
        """As in Store."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def check(self) -> None:
        """As in Store: a file that was moved or removed can still be written, and nobody would find what is in it."""
        if _identity(self.path) != self._file:
            raise LedgerFault(f"ledger {self.path}: wanted the file that is open, found it gone; put it back")

    def list_tables(self) -> list[str]:
        """As in Store."""
        return [name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def create(self, registry: Registry, meta: dict[str, str]) -> None:
        """As in Store."""
        for text in create_texts(registry):
            self._db.execute(text)
        self.append("meta", ("name", "value"), meta.items())

    def end_opening(self) -> None:
        """The file is known to be a ledger, to be written."""
        self._db.execute(f"PRAGMA {WAL}")

    def stream(self, text: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """As in Store."""
        return self._db.execute(text, values)

    def append(self, table: str, columns: tuple[str, ...], rows: Rows) -> None:
        """As in Store."""
        self._db.executemany(insert_text(table, columns), rows)

    def write_view(self, view: str, rows: list[tuple[Any, ...]], gone: list[Key]) -> None:
        """As in Store."""
        self._db.executemany(self._delete[view], [(key,) for key in gone])
        # In the order of keys, those on one page come together: a third less time.
        self._db.executemany(self._upsert[view], sorted(rows, key=_KEY))

    def close(self) -> None:
        """Close the file. Who closes it last leaves no journal behind."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._db.close()


def is_file(path: Path) -> bool:
    """True if something is in the file. A process that was killed while it made a ledger has made none.

    Raises  LedgerFault: what it has left cannot be undone
    """
    if path.exists() and path.with_name(path.name + "-journal").exists():
        _connect(path, writable=True).close()  # who may only read is stopped by that journal
    return path.exists() and path.stat().st_size > 0


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a name means; None: none."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return about.st_dev, about.st_ino


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
            for pragma in (*PRAGMAS, f"busy_timeout = {BUSY_MS}"):
                db.execute(f"PRAGMA {pragma}")
        else:
            db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        db.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
        return db
    except (sqlite3.DatabaseError, OSError) as fault:
        if db is not None:
            db.close()
        raise LedgerFault(
            f"ledger {path}: wanted a SQLite file that can be opened, found: {fault}; check path and rights"
        ) from fault
