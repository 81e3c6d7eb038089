"""The ledger: one SQLite file that remembers every message, every fact and what they come to.

One writer. A group of messages is one transaction: raw messages, facts, views, outbox and answers stand together
or not at all. An answer leaves only after the commit has reached the disk.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rookery.ledger.codec import FactCodec, Key, Registry, RowCodec
from rookery.ledger.tables import FORMAT, create_text, delete_text, select_text, upsert_text

# Pages of 8 KiB and a checkpoint each 4,000 of them: a fifth less time per commit than SQLite's own sizes.
PRAGMAS = (
    "page_size = 8192", "synchronous = FULL", "wal_autocheckpoint = 4000", "busy_timeout = 5000", "cache_size = -65536",
)  # fmt: skip
WAL = "journal_mode = WAL"  # changes the file: only once it is known to be a ledger


class LedgerFault(Exception):
    """The file cannot serve as this ledger; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it was heard."""

    seq: int
    sender: str
    key: str
    kind: str
    heard_at: int
    hash_: bytes
    body: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact with its place in the ledger."""

    seq: int
    message: int
    kind: str
    about: bytes
    heard_at: int
    fact: Any


@dataclass(slots=True)
class Batch:
    """Rows of one transaction, column by column as the tables have them."""

    messages: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[tuple[Any, ...]] = field(default_factory=list)
    outbox: list[tuple[Any, ...]] = field(default_factory=list)
    dead_letters: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Rows that the log takes for this batch, views aside."""
        return len(self.messages) + len(self.facts) + len(self.outbox) + len(self.dead_letters)


class Ledger:
    """An open ledger. `writable`: this process is its writer."""

    def __init__(self, path: Path, registry: Registry, *, writable: bool):
        self.path, self.registry = path, registry
        is_new = not path.exists()
        if is_new and not writable:
            raise LedgerFault(
                f"ledger {path}: wanted a ledger, found no such file; make one with `rookery run` or `rookery send`"
            )
        self._db = _connect(path, writable=writable)
        self.facts = FactCodec(registry)
        self.rows = {name: RowCodec(row) for name, row in registry.views.items()}
        self._upsert = {name: upsert_text(name, codec) for name, codec in self.rows.items()}
        self._delete = {name: delete_text(name, codec) for name, codec in self.rows.items()}
        self._select = {name: select_text(name, codec) for name, codec in self.rows.items()}
        try:
            if writable and (is_new or not self._list_tables()):
                self._create()
            self._check_format()
            if writable:
                self._db.execute(f"PRAGMA {WAL}")
            self.next_message = self._next("message")
            self.next_fact = self._next("fact")
        except BaseException:
            self.close()
            raise

    # --- opening

    def _create(self) -> None:
        made = f"INSERT INTO meta VALUES ('format', '{FORMAT}');"  # with the tables, or a kill between leaves neither
        self._db.executescript(f"BEGIN IMMEDIATE; {create_text(self.registry)} {made} COMMIT;")

    def _list_tables(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def _check_format(self) -> None:
        found = self.get_meta().get("format", "") if "meta" in self._list_tables() else ""
        if found != FORMAT:
            raise LedgerFault(
                f"ledger {self.path}: wanted a Rookery ledger of format {FORMAT}, found {found or 'something else'};"
                " name another file, or use the version of Rookery that wrote it"
            )

    def _next(self, table: str) -> int:
        return 1 + (self._db.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] or 0)

    def close(self) -> None:
        """Close the file. A writer leaves no journal behind."""
        self._db.close()

    # --- what the ledger is about

    def get_meta(self) -> dict[str, str]:
        """Names and values: format, network, snapshot, policy."""
        return dict(self._db.execute("SELECT name, value FROM meta"))

    def set_meta(self, values: dict[str, str]) -> None:
        """Set names and values, in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # --- writing

    def commit(self, batch: Batch, changes: Iterable[tuple[str, list[Any], list[Key]]]) -> None:
        """Write a batch and the changed rows of each view: all of it, on the disk, or nothing.

        changes  (view, rows to write, keys to delete)
        Raises   sqlite3.Error, LedgerFault (another process writes too): nothing was written
        """
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            self._check_only_writer()
            db.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch.messages)
            db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", batch.facts)
            db.executemany(
                "INSERT INTO outbox (message, to_company, kind, heard_at, body) VALUES (?, ?, ?, ?, ?)", batch.outbox
            )
            db.executemany(
                "INSERT INTO dead_letter (sender, key, kind, heard_at, body, why) VALUES (?, ?, ?, ?, ?, ?)",
                batch.dead_letters,
            )
            for view, rows, gone in changes:
                db.executemany(self._delete[view], [(key,) for key in gone])
                db.executemany(self._upsert[view], map(self.rows[view].write, rows))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self.next_message += len(batch.messages)
        self.next_fact += len(batch.facts)

    def _check_only_writer(self) -> None:
        found = self._next("fact"), self._next("message")
        if found != (self.next_fact, self.next_message):
            raise LedgerFault(
                f"ledger {self.path}: wanted to be its only writer, found {found[0] - self.next_fact} facts of another;"
                " nothing of this was written; let the other one end, then run again"
            )

    # --- reading

    def find_message(self, sender: str, key: str) -> tuple[bytes, bytes] | None:
        """Hash and answer of a message that was acted on, or None."""
        found = self._db.execute("SELECT hash, answer FROM message WHERE sender = ? AND key = ?", (sender, key))
        return found.fetchone()  # type: ignore[no-any-return]

    def find_row(self, view: str, key: Key) -> Any:
        """A row of a view, or None."""
        values = self._db.execute(self._select[view], (key,)).fetchone()
        return None if values is None else self.rows[view].read(values)

    def list_rows(self, view: str, **columns: Key) -> Iterator[Any]:
        """The rows of a view by key: all, or those whose named columns have the given values."""
        codec = self.rows[view]
        assert columns.keys() <= codec.columns.keys(), f"{view} has no column of {', '.join(columns)}"
        where = " AND ".join(f"{name} = ?" for name in columns) or "1"
        text = f"SELECT * FROM {view} WHERE {where} ORDER BY {codec.key}"
        for found in self._db.execute(text, tuple(columns.values())):
            yield codec.read(found)

    def list_rows_naming(self, view: str, column: str, text: str) -> Iterator[Any]:
        """The rows of a view by key in whose column a text stands somewhere. Cost: the whole view is gone through."""
        codec = self.rows[view]
        assert column in codec.columns, f"{view} has no column {column}"
        words = f"SELECT * FROM {view} WHERE instr({column}, ?) ORDER BY {codec.key}"
        for found in self._db.execute(words, (text,)):
            yield codec.read(found)

    def list_facts(self, *, about: bytes | None = None, kind: str = "", after: int = 0) -> Iterator[StoredFact]:
        """Facts in order: all after a sequence number, those about one order, those of one kind."""
        text = "SELECT seq, message, kind, about, heard_at, body FROM fact WHERE seq > ?"
        values: list[Any] = [after]
        if about is not None:
            text += " AND about = ? AND about <> x''"
            values.append(about)
        if kind:
            text += " AND kind = ?"
            values.append(kind)
        for seq, message, name, subject, heard_at, body in self._db.execute(text + " ORDER BY seq", values):
            yield StoredFact(seq, message, name, subject, heard_at, self.facts.read(name, body))

    def list_messages(self, *, after: int = 0) -> Iterator[StoredMessage]:
        """Messages in the order in which they were heard."""
        text = "SELECT seq, sender, key, kind, heard_at, hash, body, answer FROM message WHERE seq > ? ORDER BY seq"
        for values in self._db.execute(text, (after,)):
            yield StoredMessage(*values)

    def list_outbox(self, *, after: int = 0) -> Iterator[tuple[int, str, str, int, bytes]]:
        """What others were told, in order: sequence, company, kind, when, body."""
        text = "SELECT seq, to_company, kind, heard_at, body FROM outbox WHERE seq > ? ORDER BY seq"
        yield from self._db.execute(text, (after,))

    def list_dead_letters(self) -> Iterator[tuple[str, str, str, str]]:
        """Messages that could not be acted on: sender, key, kind, why."""
        yield from self._db.execute("SELECT sender, key, kind, why FROM dead_letter ORDER BY seq")

    def last_heard_at(self) -> int:
        """When the last message was heard; 0 for an empty ledger."""
        found = self._db.execute("SELECT heard_at FROM message ORDER BY seq DESC LIMIT 1").fetchone()
        return found[0] if found else 0

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        return self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[no-any-return]


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
            for pragma in PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
        else:
            db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
        return db
    except (sqlite3.DatabaseError, OSError) as fault:
        if db is not None:
            db.close()
        raise LedgerFault(
            f"ledger {path}: wanted a SQLite file that can be opened, found: {fault}; check path and rights"
        ) from fault
