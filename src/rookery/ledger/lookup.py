"""What a ledger is asked: messages, facts, rows of views, what others were told. Nothing here writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from rookery.ledger.codec import FactCodec, Key, Registry, RowCodec
from rookery.ledger.store import Store
from rookery.ledger.tables import indexed_text, last_sequences_text, quoted, select_many_text, select_text

ASKED_MAX = 512  # keys of one statement
TOLD_MAX = 20_000  # notices of whomever that are gone through for a page of one company's
_FACT = "seq, message, kind, about, heard_at, body"


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


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice. `sequence`: of those of its company about its subject, from 1 on."""

    seq: int
    kind: str
    subject: str
    sequence: int
    heard_at: int
    body: bytes


class Lookup:
    """What an open ledger answers. `next_fact`: the number that its next fact will have."""

    _db: Store
    next_fact: int

    def __init__(self, registry: Registry):
        self.registry = registry
        self.facts = FactCodec(registry)
        self.rows = {name: RowCodec(row) for name, row in registry.views.items()}
        self._indexed = indexed_text(registry)
        self._select = {name: select_text(name, codec) for name, codec in self.rows.items()}

    def _find_last(self, table: str, column: str = "seq") -> int:
        return self._db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] or 0

    # --- what the ledger is about

    def get_meta(self) -> dict[str, str]:
        """Names and values: format, network, snapshot, policy."""
        return dict(self._db.execute("SELECT name, value FROM meta").fetchall())

    # --- messages, rows, facts

    def find_message(self, sender: str, key: str) -> tuple[bytes, bytes] | None:
        """Hash and answer of a message that was acted on, or None."""
        found = self._db.execute("SELECT hash, answer FROM message WHERE sender = ? AND key = ?", (sender, key))
        return found.fetchone()  # type: ignore[no-any-return]

    def find_place(self, sender: str, key: str) -> tuple[int, int] | None:
        """Number of a message that was acted on, and what time it was then by the hub's clock; or None."""
        text = "SELECT seq, heard_at FROM message WHERE sender = ? AND key = ?"
        return self._db.execute(text, (sender, key)).fetchone()  # type: ignore[no-any-return]

    def find_row(self, view: str, key: Key) -> Any:
        """A row of a view, or None."""
        values = self._db.execute(self._select[view], (key,)).fetchone()
        return None if values is None else self.rows[view].read(values)

    def find_rows(self, view: str, keys: Sequence[Key]) -> Iterator[Any]:
        """Those of the rows with these keys that there are, in no order. Cost: less than one by one by half."""
        codec = self.rows[view]
        for asked in _shares(keys):
            text = select_many_text(view, codec.key, len(asked))
            yield from map(codec.read, self._db.execute(text, asked).fetchall())

    def list_rows(self, view: str, **columns: Key) -> Iterator[Any]:
        """The rows of a view by key: all, or those whose named columns have the given values."""
        codec = self.rows[view]
        assert columns.keys() <= codec.columns.keys(), f"{view} has no column of {', '.join(columns)}"
        where = " AND ".join(f"{quoted(name)} = ?" for name in columns) or "TRUE"
        text = f"SELECT * FROM {view} WHERE {where} ORDER BY {quoted(codec.key)}"
        for found in self._db.stream(text, tuple(columns.values())):
            yield codec.read(found)

    def list_page(self, view: str, after: Key, limit: int, **columns: Key) -> list[Any]:
        """At most so many rows of a view by key, after a key, whose named columns have the given values.

        Cost  that of the page, where the view has an index of the column
        """
        codec = self.rows[view]
        assert columns.keys() <= codec.columns.keys(), f"{view} has no column of {', '.join(columns)}"
        where = " AND ".join(f"{quoted(name)} = ?" for name in columns) + (" AND " if columns else "")
        text = f"SELECT * FROM {view} WHERE {where}{quoted(codec.key)} > ? ORDER BY {quoted(codec.key)} LIMIT ?"
        return [codec.read(found) for found in self._db.execute(text, (*columns.values(), after, limit)).fetchall()]

    def list_since(self, view: str, column: str, after: tuple[int, Key], limit: int, **columns: Key) -> list[Any]:
        """At most so many rows by a column and then by key, after a value and a key, whose columns have these values.

        Cost  that of the page, where the view has an index of the named columns and this one
        """
        codec = self.rows[view]
        assert {column, *columns} <= codec.columns.keys(), f"{view} has no column of {column}, {', '.join(columns)}"
        by = f"{quoted(column)}, {quoted(codec.key)}"
        where = "".join(f"{quoted(name)} = ? AND " for name in columns)
        text = f"SELECT * FROM {view} WHERE {where}({by}) > (?, ?) ORDER BY {by} LIMIT ?"
        return [codec.read(found) for found in self._db.execute(text, (*columns.values(), *after, limit)).fetchall()]

    def list_newest(self, view: str, limit: int, before: Key | None = None, **columns: Key) -> list[Any]:
        """Rows of a view whose named columns have the given values, by key downwards from before a key, so many."""
        codec = self.rows[view]
        assert columns.keys() <= codec.columns.keys(), f"{view} has no column of {', '.join(columns)}"
        tests = [f"{quoted(name)} = ?" for name in columns] + [f"{quoted(codec.key)} < ?"] * (before is not None)
        where, values = " AND ".join(tests) or "TRUE", [*columns.values(), *([] if before is None else [before])]
        text = f"SELECT * FROM {view} WHERE {where} ORDER BY {quoted(codec.key)} DESC LIMIT ?"
        return [codec.read(found) for found in self._db.execute(text, (*values, limit)).fetchall()]

    def list_rows_naming(self, view: str, column: str, text: str) -> Iterator[Any]:
        """The rows of a view by key in whose column a text stands somewhere. Cost: the whole view is gone through."""
        codec = self.rows[view]
        assert column in codec.columns, f"{view} has no column {column}"
        words = f"SELECT * FROM {view} WHERE instr({quoted(column)}, ?) > 0 ORDER BY {quoted(codec.key)}"
        for found in self._db.stream(words, (text,)):
            yield codec.read(found)

    def list_facts(self, *, about: bytes | None = None, kind: str = "", after: int = 0) -> Iterator[StoredFact]:
        """Facts in order: all after a sequence number, those about one order, those of one kind.

        Facts about an order are those that the index has: what rows remember is got by its numbers.
        """
        text = f"SELECT {_FACT} FROM fact WHERE seq > ?"
        values: list[Any] = [after]
        if about is not None:
            assert kind not in self.registry.remembered, f"{kind}: the rows of views know their numbers"
            text += f" AND about = ? AND {self._indexed}"
            values.append(about)
        if kind:
            text += " AND kind = ?"
            values.append(kind)
        yield from map(self._read_fact, self._db.stream(text + " ORDER BY seq", tuple(values)))

    def get_facts(self, numbers: Sequence[int]) -> list[StoredFact]:
        """The facts with these numbers, in the order of the numbers that are given."""
        found: dict[int, StoredFact] = {}
        for asked in _shares(numbers):
            rows = self._db.execute(select_many_text("fact", "seq", len(asked), _FACT), asked).fetchall()
            found.update((row[0], self._read_fact(row)) for row in rows)
        return [found[number] for number in numbers]

    def _read_fact(self, row: tuple[Any, ...]) -> StoredFact:
        seq, message, name, subject, heard_at, body = row
        return StoredFact(seq, message, name, subject, heard_at, self.facts.read(name, body))

    def list_facts_of(self, message: int) -> Iterator[StoredFact]:
        """The facts that a message led to, in order. Cost: a search by halves, since messages and facts go together."""
        low, high = 1, self.last_fact() + 1
        while low < high:
            middle = (low + high) // 2
            (of,) = self._db.execute("SELECT message FROM fact WHERE seq = ?", (middle,)).fetchone()
            low, high = (middle + 1, high) if of < message else (low, middle)
        for stored in self.list_facts(after=low - 1):
            if stored.message != message:
                return
            yield stored

    def last_before(self, instant: int, table: Literal["fact", "outbox"] = "fact") -> int:
        """Number of the last fact, or notice, that was heard before an instant; 0 if there is none.

        Cost: a search by halves, since times never go back along either.
        """
        low, high = 0, self._find_last(table)
        while low < high:
            middle = (low + high + 1) // 2
            (heard_at,) = self._db.execute(f"SELECT heard_at FROM {table} WHERE seq = ?", (middle,)).fetchone()
            low, high = (middle, high) if heard_at < instant else (low, middle - 1)
        return low

    def get_message(self, seq: int) -> StoredMessage:
        """The message of that number."""
        return next(self.list_messages(after=seq - 1))

    def list_messages(self, *, after: int = 0) -> Iterator[StoredMessage]:
        """Messages in the order in which they were heard."""
        text = "SELECT seq, sender, key, kind, heard_at, hash, body, answer FROM message WHERE seq > ? ORDER BY seq"
        for values in self._db.stream(text, (after,)):
            yield StoredMessage(*values)

    def list_outbox(self, *, after: int = 0) -> Iterator[tuple[int, str, str, int, bytes]]:
        """What others were told, in order: sequence, company, kind, when, body."""
        text = "SELECT seq, to_company, kind, heard_at, body FROM outbox WHERE seq > ? ORDER BY seq"
        yield from self._db.stream(text, (after,))

    def list_told(self, company: str, after: int, limit: int) -> tuple[list[StoredNotice], int, bool]:
        """What a company was told after a notice, how far that was looked for, and whether there may be more.

        At most `limit` notices, and TOLD_MAX of whomever are gone through.
        """
        last = self._find_last("outbox")
        end = min(last, after + TOLD_MAX)
        text = (
            "SELECT seq, kind, subject, sequence, heard_at, body FROM outbox"
            " WHERE seq > ? AND seq <= ? AND to_company = ? ORDER BY seq LIMIT ?"
        )
        found = [StoredNotice(*row) for row in self._db.execute(text, (after, end, company, limit)).fetchall()]
        if len(found) == limit:
            end = found[-1].seq
        return found, end, end < last

    def last_sequences(self, of: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many notices each of these companies was told about the subject beside it."""
        found = dict.fromkeys(of, 0)
        for asked in _shares(of):
            text = last_sequences_text(len(asked))
            rows = self._db.execute(text, tuple(chain.from_iterable(asked))).fetchall()
            found.update(((company, subject), last or 0) for company, subject, last in rows)
        return found

    def list_dead_letters(self) -> Iterator[tuple[str, str, str, str]]:
        """Messages that could not be acted on: sender, key, kind, why."""
        yield from self._db.stream("SELECT sender, key, kind, why FROM dead_letter ORDER BY seq")

    def last_heard_at(self) -> int:
        """When the last message was heard; 0 for an empty ledger."""
        found = self._db.execute("SELECT heard_at FROM message ORDER BY seq DESC LIMIT 1").fetchone()
        return found[0] if found else 0

    def last_fact(self) -> int:
        """Number of the last fact that is committed; 0 for an empty ledger."""
        return self._find_last("fact")

    @property
    def last_number(self) -> int:
        """Number of the last fact as this process knows it: as of its last turn to write, or of opening it."""
        return self.next_fact - 1

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        return self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[no-any-return]


def _shares(keys: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Keys in parts, each filled up with its last one to a power of two: so few statements have to be known."""
    for first in range(0, len(keys), ASKED_MAX):
        part = tuple(keys[first : first + ASKED_MAX])
        yield part + part[-1:] * ((1 << (len(part) - 1).bit_length()) - len(part))
