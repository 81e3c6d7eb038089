"""The tables of a ledger. Those of the log stand here; a view's columns are its row's fields."""

from rookery.ledger.codec import Registry, RowCodec

FORMAT = "5"  # of the tables below; a ledger of another format is refused, never guessed at

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
CREATE INDEX fact_about ON fact (about) WHERE about <> x'';

-- What has to be told to others. Written with the facts that ask for it.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, message INTEGER NOT NULL, to_company TEXT NOT NULL, kind TEXT NOT NULL,
    heard_at INTEGER NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'new'
);

-- Messages that could not be read or that broke the program, with the reason; to be looked at and sent again.
CREATE TABLE dead_letter (
    seq INTEGER PRIMARY KEY, sender TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    heard_at INTEGER NOT NULL, body BLOB NOT NULL, why TEXT NOT NULL
);

-- Who was shown what of another company: a row for each request. Beside the ledger: not replayed, only added to.
CREATE TABLE read_log (
    seq INTEGER PRIMARY KEY, caller TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, filter TEXT NOT NULL,
    row_count INTEGER NOT NULL, read_at INTEGER NOT NULL
);
CREATE INDEX read_log_owner ON read_log (owner, seq);
"""


def create_text(registry: Registry) -> str:
    """The statements that make an empty ledger."""
    return LOG + "".join(_view_text(name, RowCodec(row)) for name, row in registry.views.items())


def _view_text(name: str, codec: RowCodec) -> str:
    columns = ", ".join(f"{column} {kind} NOT NULL" for column, kind in codec.columns.items())
    return f"\nCREATE TABLE {name} ({columns}, PRIMARY KEY ({codec.key})) WITHOUT ROWID;\n"


def upsert_text(name: str, codec: RowCodec) -> str:
    """The statement that writes a row of a view."""
    return f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * len(codec.columns))})"


def delete_text(name: str, codec: RowCodec) -> str:
    """The statement that deletes a row of a view."""
    return f"DELETE FROM {name} WHERE {codec.key} = ?"


def select_text(name: str, codec: RowCodec) -> str:
    """The statement that reads a row of a view."""
    return f"SELECT * FROM {name} WHERE {codec.key} = ?"
