"""The ledger's database for what stands beside it: connections of their own, and SQL in words that both databases know.

Deliveries and the read log speak of the world outside: they are written here, and not replayed.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from rookery.ledger.checkpoints import PAGES_MOST
from rookery.ledger.url import ServerLedger

AGAIN = ("SELECT", "BEGIN")  # statements that may be sent twice
BUSY_MS = 10_000  # how long to wait while the hub commits

Row = tuple[Any, ...]
LedgerName = Path | ServerLedger


class Database(Protocol):
    """A connection. Its parameters are written `?`."""

    faults: tuple[type[Exception], ...]

    def execute(self, text: str, values: Sequence[Any] = (), /) -> list[Row]:
        """The rows of a statement; none if it gives none."""

    def make(self, texts: Sequence[str]) -> None:
        """Make tables where they are missing, and what they begin with; others may do the same at once."""

    def begin(self) -> None:
        """Begin a transaction that writes."""

    def end(self, *, commit: bool) -> None:
        """Commit a transaction, or undo it."""

    def close(self) -> None:
        """Let go of the connection."""


class SqliteDatabase:
    """A connection to a ledger's file. Used from several threads, by one at a time.

    What it commits is on the disk with the hub's next commit, or a checkpoint: a power cut before that brings back
    deliveries that were sent already, and never loses one. `durable`: all that it commits is on the disk at once.
    """

    faults: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path, *, durable: bool = False):
        self._db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {PAGES_MOST}")  # the hub's work, as long as there is one

    def execute(self, text: str, values: Sequence[Any] = (), /) -> list[Row]:
        """As in Database."""
        return self._db.execute(text, values).fetchall()

    def make(self, texts: Sequence[str]) -> None:
        """As in Database."""
        for text in texts:
            self._db.execute(text)

    def begin(self) -> None:
        """As in Database."""
        self._db.execute("BEGIN IMMEDIATE")

    def end(self, *, commit: bool) -> None:
        """As in Database."""
        if commit:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        """As in Database."""
        self._db.close()


class PostgresDatabase:
    """A connection to a ledger's schema on a server; made anew where it was lost between transactions.

    What only reads, or begins, is then asked again; whether anything else was done before the loss is not known.
    """

    def __init__(self, name: ServerLedger):
        self._driver = import_module("psycopg")  # 0.2 s, which whoever has a file shall not wait for
        self._name = name
        self.faults: tuple[type[Exception], ...] = (self._driver.Error,)
        self._begun = False
        self._db: Any = self._connect()

    def _connect(self) -> Any:
        db = self._driver.connect(**self._name.reach("rookery beside"), autocommit=True)
        db.execute("SELECT set_config('search_path', %s, false)", (self._name.schema,))
        return db

    def execute(self, text: str, values: Sequence[Any] = (), /) -> list[Row]:
        """As in Database."""
        if self._db.closed and not self._begun:
            self._db = self._connect()
        words = text.replace("?", "%s")
        try:
            cursor = self._db.execute(words, values)
        except self._driver.OperationalError:
            if self._begun or not self._db.closed or not text.startswith(AGAIN):
                raise
            self._db = self._connect()
            cursor = self._db.execute(words, values)
        return cursor.fetchall() if cursor.description else []

    def make(self, texts: Sequence[str]) -> None:
        """As in Database. One after the other: `IF NOT EXISTS` alone fails where two make a table at once."""
        lock = (f"rookery beside {self._name.schema}",)
        self.execute("SELECT pg_advisory_lock(hashtextextended(?, 0))", lock)
        try:
            for text in texts:
                self.execute(text)
        finally:
            with suppress(self._driver.Error):  # whose connection is lost holds no lock
                self._db.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)

    def begin(self) -> None:
        """As in Database."""
        self.execute("BEGIN")
        self._begun = True

    def end(self, *, commit: bool) -> None:
        """As in Database."""
        self._begun = False
        if commit:
            self._db.execute("COMMIT")
        else:
            with suppress(self._driver.Error):
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        """As in Database."""
        self._db.close()


def open_database(ledger: LedgerName, *, durable: bool = False) -> Database:
    """A connection to the database of a ledger. `durable`: all that it commits is on the disk at once."""
    return SqliteDatabase(ledger, durable=durable) if isinstance(ledger, Path) else PostgresDatabase(ledger)
