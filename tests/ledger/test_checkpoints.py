"""The journal of a file that is written without a pause: it is moved meanwhile, and comes to an end."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rookery.hub.spine import REGISTRY
from rookery.ledger import checkpoints
from rookery.ledger.checkpoints import count_pages
from rookery.ledger.codec import RowCodec
from rookery.ledger.sqlite import SqliteStore

pytestmark = pytest.mark.sqlite
VIEWS = {name: RowCodec(row).columns for name, row in REGISTRY.views.items()}
PAGES, ROWS, TURNS = 40, 20, 400


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    monkeypatch.setattr(checkpoints, "PAGES", PAGES)
    opened = SqliteStore(tmp_path / "a.ledger", VIEWS, writable=True)
    opened.begin(wait_s=1, give_way=False)
    opened.create(REGISTRY, {})
    opened.commit()
    opened.end_opening()
    yield opened
    opened.close()


def write(store: SqliteStore, turn: int) -> None:
    """A turn of `ROWS` rows, and whatever a writer does after it."""
    store.begin(wait_s=1, give_way=False)
    store.append("meta", ("name", "value"), [(f"{turn}:{n}", "x" * 400) for n in range(ROWS)])
    store.commit()
    store.rest()


def pages(store: SqliteStore) -> int:
    with store.path.with_name("a.ledger-wal").open("rb") as journal:
        return count_pages(journal.fileno())


def test_a_journal_has_as_many_pages_as_the_database_says(store: SqliteStore) -> None:
    seen = set()
    for turn in range(60):
        store.begin(wait_s=1, give_way=False)
        store.append("meta", ("name", "value"), [(f"{turn}", "x" * 3000)])
        store.commit()
        found = pages(store)
        if turn % 7 == 0:  # all of it is in the file then, and it begins anew
            _, in_journal, moved = store.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            assert found == in_journal == moved
            seen.add(found)
    assert len(seen) > 3


def test_a_journal_of_which_nothing_can_be_read_counts_as_empty(tmp_path: Path) -> None:
    for words in (b"", b"short", bytes(32)):
        (tmp_path / "journal").write_bytes(words)
        with (tmp_path / "journal").open("rb") as journal:
            assert count_pages(journal.fileno()) == 0


def test_a_journal_does_not_grow_while_it_is_written_without_a_pause(store: SqliteStore) -> None:
    most = 0
    for turn in range(TURNS):
        write(store, turn)
        most = max(most, pages(store))
    assert PAGES <= most < 12 * PAGES, "some turns come while the thread moves what was there"
    assert store.execute("SELECT count(*) FROM meta").fetchone() == (TURNS * ROWS,)
    threads = threading.active_count()
    store.close()
    assert threading.active_count() == threads - 1
    assert not store.path.with_name("a.ledger-wal").exists()


def test_a_journal_comes_to_an_end_though_somebody_reads_most_of_the_time(store: SqliteStore) -> None:
    over = threading.Event()

    def read() -> None:
        reader = sqlite3.connect(store.path, isolation_level=None)
        while not over.is_set():
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM meta").fetchone()
            over.wait(0.003)
            reader.execute("COMMIT")
            over.wait(0.001)
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    most = 0
    for turn in range(3 * TURNS):
        write(store, turn)
        most = max(most, pages(store))
    over.set()
    thread.join()
    assert most < 20 * PAGES


def test_a_reader_that_stays_keeps_the_journal_and_lets_go_of_it_in_the_end(store: SqliteStore) -> None:
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    for turn in range(60):
        write(store, turn)
    kept = pages(store)
    assert kept > 3 * PAGES
    assert reader.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    reader.execute("COMMIT")
    for turn in range(60, 120):
        write(store, turn)
    assert pages(store) < kept
    assert reader.execute("SELECT count(*) FROM meta").fetchone() == (120 * ROWS,)
    reader.close()
