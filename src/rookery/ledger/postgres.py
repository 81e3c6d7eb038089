"""A ledger in a schema of a PostgreSQL database: one hub writes at a time, by an advisory lock of the transaction.

The lock is a queue: who has waited longest is next. Whatever psycopg raises leaves as a LedgerFault, or as a ValueError
where a value cannot be stored; no text has the password.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from rookery.ledger.codec import Key, Registry, RowCodec
from rookery.ledger.fault import LedgerFault
from rookery.ledger.store import Answer, Rows
from rookery.ledger.tables import create_texts, quoted
from rookery.ledger.url import ServerLedger

CONNECT_S = 10
FETCHED = 2_000  # rows of a stream at a time
FAULT_CHARS = 400
# A hub that is stopped or cut off in its turn is thrown out, and its group undone, or all others would wait for it.
SESSION = {
    "idle_in_transaction_session_timeout": "300s", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}  # fmt: skip
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
# SQLite's words and PostgreSQL's. Texts are sorted by their bytes, as SQLite does.
WORDS = {
    "INTEGER": "BIGINT", "BLOB": "BYTEA", "TEXT": 'TEXT COLLATE "C"', " WITHOUT ROWID": "", "x''": "''::bytea",
    "?": "%b", "instr(": "strpos(",
}  # fmt: skip
_WORD = re.compile("|".join(map(re.escape, sorted(WORDS, key=len, reverse=True))))
_TYPES = {"BLOB": "bytea", "TEXT": "text", "INTEGER": "int8", "BOOLEAN": "bool"}
# Columns of the log that are no texts.
_LOG_TYPES = dict.fromkeys(("seq", "message", "heard_at", "number"), "int8")
_LOG_TYPES |= dict.fromkeys(("hash", "body", "answer", "about", "keys"), "bytea")
T = TypeVar("T")


@cache
def translated(text: str) -> str:
    """A statement in PostgreSQL's words."""
    return _WORD.sub(lambda found: WORDS[found[0]], text)


class PostgresStore:
    """A connection to a server, and where it is asked for a second one: for rows that are read one after the other."""

    def __init__(self, name: ServerLedger, rows: dict[str, RowCodec], *, writable: bool, wait_s: float):
        self.name, self._rows, self._writable, self._wait_s = name, rows, writable, wait_s
        self._upsert = {view: _upsert(view, codec) for view, codec in rows.items()}
        self._delete = {view: f"DELETE FROM {view} WHERE {quoted(one.key)} = ANY(%b)" for view, one in rows.items()}
        digest = hashlib.sha256(f"rookery {name.schema}".encode()).digest()
        self._lock = int.from_bytes(digest[:8], "big", signed=True)
        self._streams: psycopg.Connection[Any] | None = None
        self._open_streams = self._stream_count = 0
        self.begun = False
        self._db = self._connect()
        self._cursor = self._db.cursor(binary=True)
        if not writable and not self.list_tables():
            self.close()
            raise LedgerFault(f"ledger {name}: wanted a ledger, found no such schema; make one with `rookery run`")

    # --- connections

    def _connect(self) -> psycopg.Connection[Any]:
        options = {"connect_timeout": str(CONNECT_S), "application_name": "rookery"} | dict(self.name.options)
        try:
            db = psycopg.connect(**options, autocommit=True)  # type: ignore[arg-type]
        except psycopg.Error as fault:
            raise LedgerFault(
                f"ledger {self.name}: wanted a connection to the server, found: {self._words(fault)}; check that it"
                " runs, and address, user and password (PGPASSWORD or a password file keeps it out of the URL)"
            ) from None
        with self._told("to open it"):
            settings = SESSION | {"search_path": self.name.schema, "lock_timeout": f"{max(1, self._wait_s * 1000):.0f}"}
            if not self._writable:
                settings["default_transaction_read_only"] = "on"
            for setting, value in settings.items():
                db.execute("SELECT set_config(%s, %s, false)", (setting, value))
            db.execute(DURABLE)
        return db

    def _again(self) -> None:
        """Another connection in place of one that was lost while nothing was under way."""
        if self._db.closed and not self.begun:
            self._db = self._connect()
            self._cursor = self._db.cursor(binary=True)

    def _words(self, fault: BaseException) -> str:
        text = " ".join(str(fault).split())
        password = dict(self.name.options).get("password")
        return (text.replace(password, "***") if password else text)[:FAULT_CHARS]

    @contextmanager
    def _told(self, wanted: str) -> Iterator[None]:
        """What goes wrong inside is told as this ledger's."""
        try:
            yield
        except psycopg.errors.LockNotAvailable:
            raise LedgerFault(
                f"ledger {self.name}: wanted its turn to write within {self._wait_s:g} s, found others writing;"
                " nothing of this was written; let them end, then run again"
            ) from None
        except psycopg.DataError as fault:  # the fault of a value: the message that brings it is set aside
            raise ValueError(f"wanted values that PostgreSQL can store, found: {self._words(fault)}") from None
        except psycopg.Error as fault:
            raise LedgerFault(
                f"ledger {self.name}: wanted {wanted}, found: {self._words(fault)};"
                " what was committed stands; see to the server, then run again"
            ) from None

    # --- the turn to write

    def begin(self, *, wait_s: float, give_way: bool) -> None:
        """As in Store."""
        self._again()
        with self._told("its turn to write"):
            if wait_s != self._wait_s:
                self._wait_s = wait_s
                self._db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{max(1, wait_s * 1000):.0f}",))
            try:
                self._db.execute(f"BEGIN; SELECT pg_advisory_xact_lock({self._lock})")  # one way there and back
            except psycopg.Error:
                self.roll_back()
                raise
        self.begun = True

    def commit(self) -> None:
        """As in Store."""
        with self._told("to commit"):
            self._db.execute("COMMIT")
        self.begun = False

    def roll_back(self) -> None:
        """As in Store. A server that cannot be reached has rolled back by itself."""
        self.begun = False
        with suppress(psycopg.Error):
            self._db.execute("ROLLBACK")

    # --- tables

    def list_tables(self) -> list[str]:
        """As in Store."""
        found = self.execute("SELECT tablename FROM pg_tables WHERE schemaname = ?", (self.name.schema,))
        return [name for (name,) in found.fetchall()]

    def create(self, registry: Registry, meta: dict[str, str]) -> None:
        """As in Store."""
        with self._told("to make its tables"):
            self._db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.name.schema)))
            for text in create_texts(registry):
                self._db.execute(translated(text).encode())
        self.append("meta", ("name", "value"), meta.items())

    # --- statements

    def execute(self, text: str, values: tuple[Any, ...] = (), /) -> Answer:
        """As in Store."""
        self._again()
        try:
            return self._cursor.execute(translated(text).encode(), values)
        except psycopg.Error:
            with self._told("to read"):
                raise

    def stream(self, text: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """As in Store. Its rows are what is committed."""
        if self._streams is None or self._streams.closed:
            self._streams, self._open_streams = self._connect(), 0
        if not self._open_streams:
            self._streams.execute("BEGIN READ ONLY")
        self._open_streams += 1
        self._stream_count += 1
        try:
            with self._told("to read"), self._streams.cursor(f"rows_{self._stream_count}", binary=True) as cursor:
                cursor.itersize = FETCHED
                yield from cursor.execute(translated(text).encode(), values)
        finally:
            self._open_streams -= 1
            if not self._open_streams and not self._streams.closed:
                self._streams.execute("ROLLBACK")

    def append(self, table: str, columns: tuple[str, ...], rows: Rows) -> None:
        """As in Store."""
        rows = list(rows)
        if not rows:
            return
        with self._told("to write"), self._cursor.copy(_copy_text(table, columns)) as copy:
            copy.set_types([_LOG_TYPES.get(column, "text") for column in columns])
            for row in rows:
                copy.write_row(row)

    def write_view(self, view: str, rows: list[Any], gone: list[Key]) -> None:
        """As in Store."""
        with self._told("to write"):
            if gone:
                self._cursor.execute(self._delete[view].encode(), (gone,))
            if rows:
                columns = map(list, zip(*map(self._rows[view].write, rows), strict=True))
                self._cursor.execute(self._upsert[view].encode(), tuple(columns))

    def close(self) -> None:
        """As in Store."""
        for db in (self._db, self._streams):
            if db is not None:
                db.close()


@cache
def _copy_text(table: str, columns: tuple[str, ...]) -> bytes:
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)".encode()


def _upsert(view: str, codec: RowCodec) -> str:
    """Rows of a view, column by column, inserted or replaced: for few rows faster than COPY into a table beside it."""
    arrays = ", ".join(f"%b::{_TYPES[kind]}[]" for kind in codec.columns.values())
    others = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in codec.columns if name != codec.key)
    then = f"UPDATE SET {others}" if others else "NOTHING"
    return f"INSERT INTO {view} SELECT * FROM unnest({arrays}) ON CONFLICT ({quoted(codec.key)}) DO {then}"
