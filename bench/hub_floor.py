"""The raw floor of `bench.hub`: the rows that events made, put into a fresh store by hand in equal groups."""

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from bench.hub_load import BATCH, CONNECTIONS
from bench.process import remove_ledger
from rookery.hub.spine import REGISTRY
from rookery.journey.track import SCAN_BYTES, SCANS_KEPT
from rookery.ledger.codec import RowCodec
from rookery.ledger.postgres import translated
from rookery.ledger.sqlite import PRAGMAS
from rookery.ledger.tables import create_texts

FACT_COLUMNS = "seq, message, kind, about, heard_at, body"
MERGE = "INSERT INTO earlier_scans SELECT * FROM put_away ON CONFLICT (parcel_id) DO UPDATE SET scans = excluded.scans"
SCANS = REGISTRY.views["parcel"].__struct_fields__.index("scans")  # the last column but one, before `earlier`
TABLES = ("message", "fact", "parcel", "earlier_scans")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a transaction. `parcels`, `earlier`: as they are after it."""

    messages: list[Any]
    facts: list[Any]
    parcels: list[Any]
    earlier: list[Any]


def sqlite_floor_s(ledger: Path, target: Path, count: int) -> float:
    """Seconds to put the rows of so many events into a fresh file, with the same settings."""
    remove_ledger(target)
    with sqlite3.connect(target, isolation_level=None) as db, sqlite3.connect(ledger) as old:
        db.execute("PRAGMA journal_mode = WAL")
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        for text in _tables():
            db.execute(text)
        parcels = old.execute("SELECT * FROM parcel").fetchall()
        marks = ", ".join("?" * len(parcels[0]))
        db.executemany(f"INSERT INTO parcel VALUES ({marks})", parcels)
        took = 0.0
        for group in _groups(old, count):
            began = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", group.messages)
            db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", group.facts)
            db.executemany(f"INSERT OR REPLACE INTO parcel VALUES ({marks})", group.parcels)
            db.executemany("INSERT OR REPLACE INTO earlier_scans VALUES (?, ?)", group.earlier)
            db.execute("COMMIT")
            took += time.perf_counter() - began
    return took


def copy_floor_s(ledger: Path, server: Path, count: int) -> float:
    """Seconds to put them into fresh tables on a server by COPY; parcels by way of a table beside."""
    where = f"host={server} user=rookery dbname=postgres"
    with psycopg.connect(where, autocommit=True) as db, sqlite3.connect(ledger) as old:
        db.execute("CREATE SCHEMA floor")
        db.execute("SET search_path = floor")
        for text in _tables():
            db.execute(translated(text).encode())
        _copy(db, "parcel", old.execute("SELECT * FROM parcel"))
        db.execute("CREATE TEMPORARY TABLE changed (LIKE parcel)")
        db.execute("CREATE TEMPORARY TABLE put_away (LIKE earlier_scans)")
        columns = list(RowCodec(REGISTRY.views["parcel"]).columns)[1:]
        sets = ", ".join(f'"{name}" = changed."{name}"' for name in columns)
        took = 0.0
        for group in _groups(old, count):
            began = time.perf_counter()
            with db.transaction():
                _copy(db, "message", group.messages)
                _copy(db, "fact", group.facts)
                _copy(db, "changed", group.parcels)
                _copy(db, "put_away", group.earlier)
                db.execute(f"UPDATE parcel SET {sets} FROM changed WHERE parcel.parcel_id = changed.parcel_id".encode())
                db.execute(MERGE)
                db.execute("TRUNCATE changed, put_away")
            took += time.perf_counter() - began
    return took


def _copy(db: psycopg.Connection[Any], table: str, rows: Any) -> None:
    with db.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _tables() -> Iterator[str]:
    """The statements that make the tables that events are written to, and their indexes."""
    for text in create_texts(REGISTRY):
        if any(f" {table} (" in text for table in TABLES):
            yield text


def _groups(old: sqlite3.Connection, count: int) -> Iterator[Group]:
    """The rows of the first events, message after message, as many together as there are connections.

    A parcel's row is as long as it was then, and its earlier scans are written when there are more of them.
    """
    old.execute("CREATE INDEX IF NOT EXISTS fact_message ON fact (message)")  # to find them; not in the new store
    named = {row[0]: row for row in old.execute("SELECT * FROM parcel")}
    earlier = dict(old.execute("SELECT * FROM earlier_scans"))
    scans = {id_: earlier.get(id_, b"") + row[SCANS] for id_, row in named.items()}
    messages = old.execute("SELECT * FROM message WHERE kind = 'scans' ORDER BY seq LIMIT ?", (count // BATCH,))
    find = f"SELECT {FACT_COLUMNS} FROM fact WHERE message BETWEEN ? AND ? AND kind = 'scanned'"
    read = msgspec.json.Decoder(REGISTRY.facts["scanned"]).decode
    seen: Counter[bytes] = Counter()
    while group := list(itertools.islice(messages, CONNECTIONS)):
        facts = old.execute(find, (group[0][0], group[-1][0])).fetchall()
        before, ids = seen.copy(), [read(fact[-1]).parcel_id for fact in facts]
        seen.update(ids)
        changed = list(dict.fromkeys(ids))
        parts = {id_: _parts(scans[id_], seen[id_]) for id_ in changed}
        parcels = [(*named[id_][:SCANS], parts[id_][1], len(parts[id_][0]) // SCAN_BYTES) for id_ in changed]
        put_away = [(id_, parts[id_][0]) for id_ in changed if parts[id_][0] != _parts(scans[id_], before[id_])[0]]
        yield Group(group, facts, parcels, put_away)


def _parts(scans: bytes, count: int) -> tuple[bytes, bytes]:
    """The first scans of a parcel that was seen so often: the earlier ones, and those in its own row."""
    cut = max(0, count - 1) // SCANS_KEPT * SCANS_KEPT * SCAN_BYTES
    return scans[:cut], scans[cut : count * SCAN_BYTES]
