"""The raw floor: what the disk and SQLite alone need for the rows of a run.

A connection that writes down every statement with its rows makes the transcript of a run; played again into a fresh
file it is the same statements with the same rows in the same groups under the same settings, and nothing else: no
order is read, looked up, decided or encoded.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.table import Broken

Rows = list[tuple[Any, ...]]
_TABLE = re.compile(r"\b(?:INTO|FROM|UPDATE)\s+(\w+)", re.IGNORECASE)
_READS = ("SELECT", "WITH", "EXPLAIN")


@dataclass(slots=True)
class Transcript:
    """What was written: statements, each with its rows; None is a statement without any.

    opened  how many of them opened the file: settings, tables
    """

    statements: list[tuple[str, Rows | None]] = field(default_factory=list)
    opened: int = 0

    def note(self, text: str, rows: Rows | None = None) -> None:
        """Add a statement unless it only reads."""
        if not text.lstrip().upper().startswith(_READS):
            self.statements.append((text, rows))

    @property
    def groups(self) -> int:
        """Transactions after the file was opened."""
        return sum(text.upper().startswith("BEGIN") for text, _ in self.statements[self.opened :])

    def row_counts(self) -> Counter[str]:
        """Rows written, replaced or deleted, by table, after the file was opened."""
        counts: Counter[str] = Counter()
        for text, rows in self.statements[self.opened :]:
            table = _TABLE.search(text)
            if table and rows:
                counts[table[1]] += len(rows)
        return counts


@contextmanager
def recorded() -> Iterator[Transcript]:
    """Connections that are opened within write down what they write."""
    transcript = Transcript()
    connect = sqlite3.connect

    def connect_recording(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return connect(*args, **kwargs, factory=_connection_type(transcript))

    with patch("sqlite3.connect", connect_recording):
        yield transcript


def _connection_type(transcript: Transcript) -> type[sqlite3.Connection]:
    class RecordingCursor(sqlite3.Cursor):
        def execute(self, text: str, row: Any = ()) -> "RecordingCursor":
            transcript.note(text, [tuple(row)] if row else None)
            super().execute(text, row)
            return self

        def executemany(self, text: str, rows: Iterable[Any]) -> "RecordingCursor":
            kept = list(rows)
            transcript.note(text, kept)
            super().executemany(text, kept)
            return self

    class RecordingConnection(sqlite3.Connection):
        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(RecordingCursor)

        def execute(self, text: str, row: Any = ()) -> Any:
            return self.cursor().execute(text, row)

        def executemany(self, text: str, rows: Iterable[Any]) -> Any:
            return self.cursor().executemany(text, rows)

        def executescript(self, script: str) -> sqlite3.Cursor:
            transcript.note(script)
            return super().executescript(script)

        def __exit__(self, *fault: Any) -> Any:
            if self.in_transaction:
                transcript.note("ROLLBACK" if fault[0] else "COMMIT")
            return super().__exit__(*fault)

    return RecordingConnection


def play(transcript: Transcript, path: Path, clock: Callable[[], float]) -> float:
    """Play a transcript into a fresh file; returns the seconds from its first group to the end of its last commit."""
    db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    for text, rows in transcript.statements[: transcript.opened]:
        _play_opening(db, text, rows)
    began = clock()
    for text, rows in transcript.statements[transcript.opened :]:
        if rows is None:
            db.execute(text)
        else:
            db.executemany(text, rows)
    took = clock() - began
    db.close()
    return took


def _play_opening(db: sqlite3.Connection, text: str, rows: Rows | None) -> None:
    if rows is not None:
        db.executemany(text, rows)
    elif text.count(";") > 1:
        db.executescript(text)
    else:
        db.execute(text)


def check_same(first: Path, second: Path) -> None:
    """Raise Broken unless two ledgers have the same tables with the same rows."""
    one, other = (sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) for path in (first, second))
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for (name,) in one.execute(listed).fetchall():
        text = f"SELECT * FROM {name} ORDER BY 1"
        if one.execute(text).fetchall() != other.execute(text).fetchall():
            raise Broken(f"table {name}: wanted the same rows in {first} and {second}, found others")
    one.close()
    other.close()
