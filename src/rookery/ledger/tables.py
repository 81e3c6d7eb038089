"""The tables of a ledger. Those of the log stand here; a view's columns are its row's fields."""

import re
from functools import cache

from rookery.ledger.codec import Registry, RowCodec

FORMAT = "12"  # of the tables below; a ledger of another format is refused, never guessed at

LOG = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Every message that was acted on, word for word, and what it was answered. First word counts: see (sender, key).
CREATE TABLE message (
    seq INTEGER PRIMARY KEY, sender TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    heard_at INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, answer BLOB NOT NULL
);
CREATE UNIQUE INDEX message_key ON message (sender, key);

-- What happened, in the order in which it was decided. Never changed, never deleted.
CREATE TABLE fact (
    seq INTEGER PRIMARY KEY, message INTEGER NOT NULL, kind TEXT NOT NULL, about BLOB NOT NULL,
    heard_at INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX fact_about ON fact (about) WHERE {indexed};

-- What others have to be told, written with the facts that say so. `sequence`: of a company's notices of a subject.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, message INTEGER NOT NULL, to_company TEXT NOT NULL, kind TEXT NOT NULL,
    heard_at INTEGER NOT NULL, body BLOB NOT NULL, subject TEXT NOT NULL, sequence INTEGER NOT NULL
);
CREATE UNIQUE INDEX outbox_subject ON outbox (to_company, subject, sequence);

-- Messages that could not be read or that broke the program, with the reason; to be looked at and sent again.
CREATE TABLE dead_letter (
    seq INTEGER PRIMARY KEY, sender TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    heard_at INTEGER NOT NULL, body BLOB NOT NULL, why TEXT NOT NULL
);

-- Who was shown what of another company: a row for each request. Beside the ledger: not replayed, only added to.
CREATE TABLE read_log (
    seq INTEGER PRIMARY KEY /* counts */, caller TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
    filter TEXT NOT NULL, row_count INTEGER NOT NULL, read_at INTEGER NOT NULL
);
CREATE INDEX read_log_owner ON read_log (owner, seq);

-- The last commits, and the rows of views that each has changed: what another hub of this ledger has to read again.
-- NULL: everything, since that hub was alone. `watched`: those of the views that others read along, always.
CREATE TABLE commits (number INTEGER PRIMARY KEY, keys BLOB, watched BLOB NOT NULL);
"""

MESSAGE = ("seq", "sender", "key", "kind", "heard_at", "hash", "body", "answer")
FACT = ("seq", "message", "kind", "about", "heard_at", "body")
OUTBOX = ("seq", "message", "to_company", "kind", "heard_at", "body", "subject", "sequence")
DEAD_LETTER = ("seq", "sender", "key", "kind", "heard_at", "body", "why")
COMMITS = ("number", "keys", "watched")


def create_texts(registry: Registry) -> list[str]:
    """The statements that make an empty ledger, one by one."""
    words = LOG.replace("{indexed}", indexed_text(registry))
    log = re.sub(r"^--.*$", "", words, flags=re.MULTILINE).split(";")
    views = [_view_text(name, RowCodec(row), wide=name in registry.wide) for name, row in registry.views.items()]
    indexes = [
        _index_text(name, columns.split(), RowCodec(registry.views[name]).key)
        for name, indexes in registry.indexes.items()
        for columns in indexes
    ]
    return [text.strip() for text in log if text.strip()] + views + indexes


def indexed_text(registry: Registry) -> str:
    """Which facts are found by what they are about; a question has to say it in the same words."""
    return " AND ".join(["about <> x''", *(f"kind <> '{kind}'" for kind in registry.remembered)])


def quoted(column: str) -> str:
    """A column of a view in a statement: `full` and others are words of SQL too."""
    return f'"{column}"'


def _view_text(name: str, codec: RowCodec, *, wide: bool) -> str:
    """A table in the order of its keys; of wide rows by numbers, since SQLite puts what is longer than a quarter of a
    page into a page of its own where rows are in the order of keys."""
    columns = ", ".join(f"{quoted(column)} {kind} NOT NULL" for column, kind in codec.columns.items())
    return f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({quoted(codec.key)})){'' if wide else ' WITHOUT ROWID'}"


def _index_text(name: str, columns: list[str], key: str) -> str:
    """Rows with values in columns, by key: a page of them costs a page."""
    fields = ", ".join(quoted(column) for column in (*columns, key))
    return f"CREATE INDEX {name}_by_{'_'.join(columns)} ON {name} ({fields})"


@cache
def insert_text(table: str, columns: tuple[str, ...]) -> str:
    """The statement that adds a row to a table of the log."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def upsert_text(name: str, columns: dict[str, str]) -> str:
    """The statement that writes a row of a view."""
    return f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * len(columns))})"


def delete_text(name: str, columns: dict[str, str]) -> str:
    """The statement that deletes a row of a view. Its first column is the key."""
    return f"DELETE FROM {name} WHERE {quoted(next(iter(columns)))} = ?"


def select_text(name: str, codec: RowCodec) -> str:
    """The statement that reads a row of a view."""
    return f"SELECT * FROM {name} WHERE {quoted(codec.key)} = ?"


@cache
def select_many_text(table: str, key: str, count: int, columns: str = "*") -> str:
    """The statement that reads the rows with so many keys."""
    return f"SELECT {columns} FROM {table} WHERE {quoted(key)} IN ({', '.join('?' * count)})"


@cache
def last_sequences_text(count: int) -> str:
    """The statement that reads the last number of so many companies' notices of a subject each."""
    asked = ", ".join(["(?, ?)"] * count)
    last = "SELECT max(sequence) FROM outbox WHERE to_company = asked.company AND subject = asked.about"
    return f"WITH asked(company, about) AS (VALUES {asked}) SELECT company, about, ({last}) FROM asked"
