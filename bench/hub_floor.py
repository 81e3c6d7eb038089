"""The raw floor of `bench.hub`: the rows that events made, put into a fresh store by hand in equal groups."""

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from bench.hub_load import BATCH, CONNECTIONS
from bench.process import remove_ledger
from rookery.hub.spine import REGISTRY
from rookery.journey.track import SCAN_BYTES
from rookery.ledger.codec import RowCodec
from rookery.ledger.postgres import translated
from rookery.ledger.sqlite import PRAGMAS
from rookery.ledger.tables import create_texts

FACT_COLUMNS = "seq, message, kind, about, heard_at, body"
TABLES = ("message", "fact", "parcel")
Group = tuple[list[Any], list[Any], list[Any]]  # messages, facts, parcels as they are after them


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
        for messages, facts, changed in _groups(old, count):
            began = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", messages)
            db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", facts)
            db.executemany(f"INSERT OR REPLACE INTO parcel VALUES ({marks})", changed)
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
        columns = list(RowCodec(REGISTRY.views["parcel"]).columns)[1:]
        sets = ", ".join(f'"{name}" = changed."{name}"' for name in columns)
        took = 0.0
        for messages, facts, changed in _groups(old, count):
            began = time.perf_counter()
            with db.transaction():
                _copy(db, "message", messages)
                _copy(db, "fact", facts)
                _copy(db, "changed", changed)
                db.execute(f"UPDATE parcel SET {sets} FROM changed WHERE parcel.parcel_id = changed.parcel_id".encode())
                db.execute("TRUNCATE changed")
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

    A parcel's row is as long as it was then: it grows with each of its events.
    """
    old.execute("CREATE INDEX IF NOT EXISTS fact_message ON fact (message)")  # to find them; not in the new store
    named = {row[0]: row for row in old.execute("SELECT * FROM parcel")}
    messages = old.execute("SELECT * FROM message WHERE kind = 'scans' ORDER BY seq LIMIT ?", (count // BATCH,))
    find = f"SELECT {FACT_COLUMNS} FROM fact WHERE message BETWEEN ? AND ? AND kind = 'scanned'"
    read = msgspec.json.Decoder(REGISTRY.facts["scanned"]).decode
    seen: Counter[bytes] = Counter()
    while group := list(itertools.islice(messages, CONNECTIONS)):
        facts = old.execute(find, (group[0][0], group[-1][0])).fetchall()
        ids = [read(fact[-1]).parcel_id for fact in facts]
        seen.update(ids)
        yield group, facts, [(*named[id_][:-1], named[id_][-1][: SCAN_BYTES * seen[id_]]) for id_ in dict.fromkeys(ids)]
