"""The ledger: remembers every message, every fact and what they come to, in a SQLite file or on a PostgreSQL server.

One writes at a time. A group of messages is one transaction: raw messages, facts, views, outbox and answers stand
together or not at all. An answer leaves only after the commit has reached the disk. Several hubs may take turns; each
learns at the beginning of its turn which rows others have changed since its last one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from rookery.ledger.codec import Key, Registry, RowCodec
from rookery.ledger.fault import LedgerFault
from rookery.ledger.lookup import Lookup, StoredFact, StoredMessage
from rookery.ledger.sqlite import SqliteStore
from rookery.ledger.store import LedgerName, Store
from rookery.ledger.tables import COMMITS, DEAD_LETTER, FACT, FORMAT, MESSAGE, OUTBOX
from rookery.ledger.url import ServerLedger, is_url, read_url

__all__ = [
    "Batch",
    "Ledger",
    "LedgerFault",
    "LedgerName",
    "Missed",
    "StoredFact",
    "StoredMessage",
    "is_there",
    "read_name",
]

TURN_WAIT_S = 30.0
COMMITS_KEPT = 256  # who has missed more reads everything again
_WRITE_KEYS = msgspec.msgpack.Encoder().encode
_READ_KEYS = msgspec.msgpack.Decoder().decode


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


@dataclass(frozen=True, slots=True)
class Missed:
    """What others have committed since the last turn. `keys`: of the rows that changed, by view; None: any."""

    keys: dict[str, list[Key]] | None


def read_name(name: Path | ServerLedger | str) -> LedgerName:
    """What a ledger is named by: a file, or a URL that begins with postgresql://.

    Raises  LedgerFault: a URL that cannot be read
    """
    if not isinstance(name, str):
        return name
    if not is_url(name):
        return Path(name)
    try:
        return read_url(name)
    except ValueError as fault:
        raise LedgerFault(f"ledger URL: {fault}") from None


def is_there(path: LedgerName | str) -> bool:
    """True unless the file is missing or empty, or the schema has no tables.

    Raises  LedgerFault: the server cannot be reached
    """
    name = read_name(path)
    if isinstance(name, Path):
        return name.exists() and name.stat().st_size > 0
    store = _open_server(name, {}, writable=True)
    tables = store.list_tables()
    store.close()
    return bool(tables)


def _open_server(name: ServerLedger, rows: dict[str, RowCodec], *, writable: bool) -> Store:
    # By its name: the driver takes 0.2 s to load, which whoever has a file shall not wait for.
    postgres = import_module("rookery.ledger.postgres")
    store: Store = postgres.PostgresStore(name, rows, writable=writable, wait_s=TURN_WAIT_S)
    return store


class Ledger(Lookup):
    """An open ledger. `writable`: this process may write.

    wait_s  how long it waits for its turn to write
    """

    def __init__(self, path: LedgerName | str, registry: Registry, *, writable: bool):
        super().__init__(registry)
        self.path, self.wait_s = read_name(path), TURN_WAIT_S
        if isinstance(self.path, Path):
            self._db = SqliteStore(self.path, self.rows, writable=writable)
        else:
            self._db = _open_server(self.path, self.rows, writable=writable)
        self._others_at = -COMMITS_KEPT  # the last commit of another that was seen
        try:
            if writable and not self._db.list_tables():
                self._create()
            self._check_format()
            if writable and isinstance(self._db, SqliteStore):
                self._db.end_opening()
            self._number = self._read_ends()
        except BaseException:
            self.close()
            raise

    # --- opening

    def _create(self) -> None:
        self._db.begin(wait_s=self.wait_s, give_way=False)
        try:
            if not self._db.list_tables():  # another may have been first
                self._db.create(self.registry, {"format": FORMAT})
            self._db.commit()
        finally:
            self._db.roll_back()

    def _check_format(self) -> None:
        found = self.get_meta().get("format", "") if "meta" in self._db.list_tables() else ""
        if found != FORMAT:
            raise LedgerFault(
                f"ledger {self.path}: wanted a Rookery ledger of format {FORMAT}, found {found or 'something else'};"
                " name another one, or use the version of Rookery that wrote it"
            )

    def _read_ends(self) -> int:
        """Where the tables of the log end; returns the last commit's number."""
        ends = [self._find_last(table) for table in ("message", "fact", "outbox", "dead_letter")]
        self.next_message, self.next_fact, self._next_outbox, self._next_dead_letter = (1 + end for end in ends)
        return self._find_last("commits", "number")

    def close(self) -> None:
        """Let go of the file or the server. The last one to close a file leaves no journal behind."""
        self._db.close()

    def set_meta(self, values: dict[str, str], *, keep: bool = False) -> None:
        """Set names and values, in one transaction. `keep`: a name that is there keeps its value."""
        self._db.begin(wait_s=self.wait_s, give_way=False)
        try:
            then = "NOTHING" if keep else "UPDATE SET value = excluded.value"
            for one in values.items():
                self._db.execute(f"INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO {then}", one)
            self._db.commit()
        finally:
            self._db.roll_back()

    # --- writing

    @property
    def begun(self) -> bool:
        """True while it is this ledger's turn to write."""
        return self._db.begun

    def begin(self, refresh: Callable[[Missed], None] = lambda missed: None) -> None:
        """Take the turn to write, until `commit` or `give_up`; others wait meanwhile.

        refresh  is told of what others have committed since the last turn, before anything else
        Raises   sqlite3.Error, LedgerFault: no turn within wait_s, or the store failed
        """
        self._db.begin(wait_s=self.wait_s, give_way=self._is_shared)
        try:
            number = self._find_last("commits", "number")
            if number != self._number:
                missed = self._find_missed(number)
                self._read_ends()
                refresh(missed)
                self._number = self._others_at = number
        except BaseException:
            self.give_up()
            raise

    def give_up(self) -> None:
        """End the turn with nothing written."""
        if self._db.begun:
            self._db.roll_back()

    @property
    def _is_shared(self) -> bool:
        return self._number - self._others_at < COMMITS_KEPT

    def _find_missed(self, number: int) -> Missed:
        found = self._db.execute(
            "SELECT keys FROM commits WHERE number > ? AND keys IS NOT NULL ORDER BY number", (self._number,)
        ).fetchall()
        if len(found) != number - self._number:
            return Missed(None)
        keys: dict[str, list[Key]] = {}
        for (words,) in found:
            for view, changed in _READ_KEYS(words).items():
                keys.setdefault(view, []).extend(changed)
        return Missed(keys)

    def commit(self, batch: Batch, changes: Iterable[tuple[str, list[Any], list[Key]]]) -> None:
        """Write a batch and the changed rows of each view: all of it, on the disk, or nothing. Ends the turn.

        changes  (view, rows to write, keys to delete)
        Raises   sqlite3.Error, LedgerFault: nothing was written, or the server was lost on the way back from writing
        """
        if not self._db.begun:
            self.begin()
        outbox = [(seq, *row) for seq, row in enumerate(batch.outbox, self._next_outbox)]
        dead_letters = [(seq, *row) for seq, row in enumerate(batch.dead_letters, self._next_dead_letter)]
        try:
            self._db.append("message", MESSAGE, batch.messages)
            self._db.append("fact", FACT, batch.facts)
            self._db.append("outbox", OUTBOX, outbox)
            self._db.append("dead_letter", DEAD_LETTER, dead_letters)
            keys: dict[str, list[Key]] = {}
            for view, rows, gone in changes:
                self._db.write_view(view, rows, gone)
                if self._is_shared:
                    keys[view] = [*gone, *map(attrgetter(self.rows[view].key), rows)]
            self._note_commit(keys)
            self._db.commit()
        except BaseException:
            self._db.roll_back()
            raise
        self._number += 1
        self.next_message += len(batch.messages)
        self.next_fact += len(batch.facts)
        self._next_outbox += len(outbox)
        self._next_dead_letter += len(dead_letters)

    def _note_commit(self, keys: dict[str, list[Key]]) -> None:
        """What others have to read again; whoever is alone does not write it down, and who comes reads everything."""
        number = self._number + 1
        self._db.append("commits", COMMITS, [(number, _WRITE_KEYS(keys) if self._is_shared else None)])
        self._db.execute("DELETE FROM commits WHERE number <= ?", (number - COMMITS_KEPT,))
