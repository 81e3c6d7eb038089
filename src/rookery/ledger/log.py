"""The ledger: remembers every message, every fact and what they come to, in a SQLite file or on a PostgreSQL server.

One writes at a time. A group of messages is one transaction: raw messages, facts, views, outbox and answers stand
together or not at all. An answer leaves only after the commit has reached the disk. Several hubs may take turns; each
learns at the beginning of its turn which rows others have changed since its last one.

Who has been alone for a while may hand its transactions to a process that writes them, and go on: that others have
come is found out when one is written, and then it was not.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import msgspec

from rookery.ledger.codec import Key, Registry
from rookery.ledger.fault import LedgerFault
from rookery.ledger.lookup import Lookup, StoredFact, StoredMessage
from rookery.ledger.sqlite import SqliteStore, is_file
from rookery.ledger.store import LedgerName
from rookery.ledger.stores import TURN_WAIT_S, open_store
from rookery.ledger.tables import DEAD_LETTER, FACT, FORMAT, MESSAGE, OUTBOX
from rookery.ledger.url import ServerLedger, is_url, read_url
from rookery.ledger.writer import Writer
from rookery.ledger.writing import COMMITS_KEPT, Writing

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

Changes = Iterable[tuple[str, list[Any], list[Key]]]  # of each view its name, rows to write, keys to delete
_KEY = itemgetter(0)
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
    def row_counts(self) -> tuple[int, int, int, int]:
        """Rows of each table."""
        return len(self.messages), len(self.facts), len(self.outbox), len(self.dead_letters)


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

    Raises  LedgerFault: the server cannot be reached; what a killed process has left of a new file cannot be undone
    """
    name = read_name(path)
    if isinstance(name, Path):
        return is_file(name)
    store = open_store(name, {}, writable=True)
    tables = store.list_tables()
    store.close()
    return bool(tables)


class Ledger(Lookup):
    """An open ledger. `writable`: this process may write.

    told    called in another thread when what was handed over may be settled; None: nothing is handed over
    wait_s  how long it waits for its turn to write
    """

    def __init__(
        self, path: LedgerName | str, registry: Registry, *, writable: bool, told: Callable[[], None] | None = None
    ):
        super().__init__(registry)
        self.path, self.wait_s = read_name(path), TURN_WAIT_S
        views = {name: codec.columns for name, codec in self.rows.items()}
        self._writer = None if told is None else Writer(self.path, views, self.wait_s, told)
        self._handed: Batch | None = None
        self._db = open_store(self.path, views, writable=writable)
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
        if self._writer is not None:
            self._writer.close()
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

    @contextmanager
    def read_along(self, refresh: Callable[[Missed], None]) -> Iterator[None]:
        """All that is read inside is as the last commit has left it, for who never writes.

        refresh  is told what of the watched views was changed since the last time, before anything else
        """
        with self._db.snapshot():
            number = self._find_last("commits", "number")
            if number != self._number:
                refresh(self._find_missed(number, "watched"))
                self._number = number
            yield

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

    def _find_missed(self, number: int, column: str = "keys") -> Missed:
        found = self._db.execute(
            f"SELECT {column} FROM commits WHERE number > ? AND {column} IS NOT NULL ORDER BY number", (self._number,)
        ).fetchall()
        if len(found) != number - self._number:
            return Missed(None)
        keys: dict[str, list[Key]] = {}
        for (words,) in found:
            for view, changed in _READ_KEYS(words).items():
                keys.setdefault(view, []).extend(changed)
        return Missed(keys)

    def _writing(self, batch: Batch, changes: Changes) -> Writing:
        outbox = [(seq, *row) for seq, row in enumerate(batch.outbox, self._next_outbox)]
        dead_letters = [(seq, *row) for seq, row in enumerate(batch.dead_letters, self._next_dead_letter)]
        tables = [
            ("message", MESSAGE, batch.messages), ("fact", FACT, batch.facts), ("outbox", OUTBOX, outbox),
            ("dead_letter", DEAD_LETTER, dead_letters),
        ]  # fmt: skip
        views = [(view, [*map(self.rows[view].write, rows)], gone) for view, rows, gone in changes]
        keys = None  # whoever is alone does not write them down, and who comes reads everything
        if self._is_shared:
            keys = _WRITE_KEYS({view: [*gone, *map(_KEY, rows)] for view, rows, gone in views})
        watched = {view: [*gone, *map(_KEY, rows)] for view, rows, gone in views if view in self.registry.watched}
        return Writing(self._number + 1, keys, _WRITE_KEYS(watched), tables, views)

    def commit(self, batch: Batch, changes: Changes) -> None:
        """Write a batch and the changed rows of each view: all of it, on the disk, or nothing. Ends the turn.

        Raises   sqlite3.Error, LedgerFault: nothing was written, or the server was lost on the way back from writing
        """
        if not self._db.begun:
            self.begin()
        try:
            self._writing(batch, changes).write(self._db)
        except BaseException:
            self._db.roll_back()
            raise
        self._number += 1
        self._go_on(batch, 1)

    def _go_on(self, batch: Batch, ways: int) -> None:
        """The tables of the log have these rows; `ways` -1: they have not."""
        messages, facts, outbox, dead_letters = (ways * count for count in batch.row_counts)
        self.next_message += messages
        self.next_fact += facts
        self._next_outbox += outbox
        self._next_dead_letter += dead_letters

    # --- handing over

    @property
    def hands_over(self) -> bool:
        """True while this ledger needs no turn: others are not expected, and would be noticed."""
        return self._writer is not None and not self._is_shared and not self._db.begun

    @property
    def is_writing(self) -> bool:
        """True while something is handed over and not settled."""
        return self._handed is not None

    def is_overtaken(self) -> bool:
        """True if others have committed since; to be asked while nothing is handed over."""
        return self._find_last("commits", "number") != self._number

    def check(self) -> None:
        """Ask the store something. Raises  sqlite3.Error, LedgerFault: it does not answer, or is gone"""
        self._db.check()
        self._find_last("commits", "number")

    def hand_over(self, batch: Batch, changes: Changes) -> None:
        """Have a batch and the changed rows of each view written meanwhile: all of it, or nothing; then `settle`.

        Raises  LedgerFault: nothing was written
        """
        assert self._writer is not None, "only who was given a writer hands over"
        assert self._handed is None, "one transaction at a time"
        self._writer.send(self._writing(batch, changes))
        self._handed = batch
        self._go_on(batch, 1)

    def settle(self, *, wait: bool) -> Literal["waiting", "written", "overtaken", "spoiled"]:
        """What came of what was handed over. Unless it is written, nothing of it was.

        overtaken  others have written since; spoiled: its rows cannot be written
        Raises     LedgerFault: the store failed; where the process that writes was lost, it may have been written
        """
        assert self._writer is not None, "only who was given a writer hands over"
        assert self._handed is not None, "something was handed over"
        result = self._writer.take(wait=wait)
        if result is None:
            return "waiting"
        batch, self._handed = self._handed, None
        if result.outcome == "written":
            self._number += 1
            return "written"
        self._go_on(batch, -1)
        if result.outcome == "failed":
            raise LedgerFault(result.why)
        return result.outcome
