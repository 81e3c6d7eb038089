"""The ledger's file: what it keeps comes back, what it cannot serve it says, and it has one writer."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from days import little_network, messages
from rookery.hub.open import open_demo_hub, open_hub
from rookery.hub.spine import REGISTRY
from rookery.ledger.codec import FactCodec, Registry, RowCodec
from rookery.ledger.fold import compare
from rookery.ledger.log import Batch, Ledger, LedgerFault
from talk import dump, hear, order_message, stored

NETWORK = little_network()
REFUSED = (sqlite3.Error, OverflowError, LedgerFault, ValueError)  # by one database or the other


class Row(msgspec.Struct, frozen=True):
    key: bytes
    text: str
    number: int
    flag: bool
    kind: Literal["a", "b"]
    amounts: dict[str, int]
    stays: tuple[tuple[str, int], ...]
    maybe: int | None


class Happened(msgspec.Struct, frozen=True, omit_defaults=True):
    key: bytes
    row: Row
    note: str = ""


LITTLE = Registry(facts={"happened": Happened}, names={Happened: "happened"}, views={"row": Row}, about=lambda f: f.key)
TEXTS = st.text(max_size=20)
BIG = st.integers(-(2**63), 2**63 - 1)
ROWS = st.builds(
    Row, key=st.binary(min_size=1, max_size=16), text=TEXTS, number=BIG, flag=st.booleans(),
    kind=st.sampled_from(["a", "b"]), amounts=st.dictionaries(TEXTS, BIG, max_size=3),
    stays=st.lists(st.tuples(TEXTS, BIG), max_size=3).map(tuple), maybe=st.none() | BIG,
)  # fmt: skip


def message(seq: int, key: str) -> tuple[Any, ...]:
    return seq, "shop", key, "order", 7, b"hash", b"body", b"answer"


# --- what it keeps


@given(ROWS)
def test_a_row_comes_back_from_its_columns(row: Row) -> None:
    codec = RowCodec(Row)
    assert codec.read(codec.write(row)) == row


@given(ROWS, TEXTS)
def test_a_fact_comes_back_from_its_words(row: Row, note: str) -> None:
    codec, fact = FactCodec(LITTLE), Happened(row.key, row, note)
    assert codec.read("happened", codec.write(fact)) == fact


def test_rows_come_back_from_the_file_and_by_their_columns(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "a.ledger", LITTLE, writable=True)
    rows = [Row(b"%d" % n, f"{n % 2}", n - 2**62, n % 3 == 0, "a", {"g": n}, (("x", n),), n or None) for n in range(9)]
    ledger.commit(Batch(), [("row", rows, [])])
    assert list(ledger.list_rows("row")) == rows
    assert [row.key for row in ledger.list_rows("row", text="1")] == [b"1", b"3", b"5", b"7"]
    ledger.commit(Batch(), [("row", [msgspec.structs.replace(rows[1], text="new")], [b"0"])])
    assert ledger.find_row("row", b"0") is None and ledger.find_row("row", b"1").text == "new"


def test_facts_are_listed_in_order_by_what_they_are_about_and_after_a_number(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "a.ledger", LITTLE, writable=True)
    write = ledger.facts.write
    row = Row(b"k", "", 0, False, "a", {}, (), None)
    facts = [(n, 1, "happened", b"odd" if n % 2 else b"", 7, write(Happened(b"%d" % n, row))) for n in range(1, 6)]
    ledger.commit(Batch(messages=[message(1, "k")], facts=facts), [])
    assert [one.seq for one in ledger.list_facts()] == [1, 2, 3, 4, 5]
    assert [one.seq for one in ledger.list_facts(after=3)] == [4, 5]
    assert [one.seq for one in ledger.list_facts(about=b"odd")] == [1, 3, 5]
    assert [one.seq for one in ledger.list_facts(about=b"")] == [], "what is about nothing is not found by it"


# --- all or nothing


@pytest.mark.parametrize(
    "spoil",
    [
        {"messages": [message(1, "k"), message(2, "k")]},  # the same key twice
        {"messages": [message(1, "k"), message(1, "l")]},
        {"facts": [(1, 1, "happened", b"", 7, b"{}"), (1, 1, "happened", b"", 7, b"{}")]},
        {"outbox": [(1, "haul", "leg.carry", 7, None, "shp_1", 1)]},
        {"dead_letters": [("shop", "k", "order", 2**63, b"", "why")]},
    ],
)
def test_law_a_batch_is_written_whole_or_not_at_all(tmp_path: Path, spoil: dict[str, Any]) -> None:
    ledger = Ledger(tmp_path / "a.ledger", LITTLE, writable=True)
    row = Row(b"k", "", 0, False, "a", {}, (), None)
    good = {"messages": [message(1, "good")], "outbox": [(1, "haul", "leg.carry", 7, b"", "shp_1", 1)]}
    with pytest.raises(REFUSED):
        ledger.commit(Batch(**(good | spoil)), [("row", [row], [])])
    counts = [ledger.count(table) for table in ("message", "fact", "outbox", "dead_letter", "row")]
    assert counts == [0] * 5
    ledger.commit(Batch(**good), [("row", [row], [])])
    assert [ledger.count(table) for table in ("message", "outbox", "row")] == [1, 1, 1]


def test_law_a_row_that_cannot_be_stored_takes_its_batch_with_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "a.ledger", LITTLE, writable=True)
    rows = [Row(b"%d" % n, "", number, False, "a", {}, (), None) for n, number in enumerate((1, 2**63))]
    with pytest.raises(REFUSED):
        ledger.commit(Batch(messages=[message(1, "k")]), [("row", rows, [])])
    assert ledger.count("row") == ledger.count("message") == 0


# --- one writer, many readers


def test_a_reader_sees_what_is_committed_while_the_writer_goes_on(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    said = messages(1)
    hear(hub, *said[:10])
    reader = Ledger(tmp_path / "a.ledger", REGISTRY, writable=False)
    assert stored(reader) == stored(hub.ledger)
    hear(hub, *said[10:])
    assert dump(reader) == dump(hub.ledger)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Ledger(tmp_path / "a.ledger", LITTLE, writable=True).close()
    with pytest.raises((sqlite3.OperationalError, LedgerFault), match=r"read-?only"):
        Ledger(tmp_path / "a.ledger", LITTLE, writable=False).commit(Batch(messages=[message(1, "k")]), [])


@pytest.mark.sqlite
def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "a.ledger", LITTLE, writable=True)
    pragma = lambda name: ledger._db.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", 2), "2 is FULL"


@pytest.mark.sqlite
def test_a_closed_ledger_leaves_one_file(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    hear(hub, order_message("1", from_facility="A"))
    hub.ledger.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.ledger"]


# --- what it cannot serve


@pytest.mark.sqlite
def test_a_ledger_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LedgerFault, match="found no such file; make one with `rookery run`"):
        Ledger(tmp_path / "none.ledger", REGISTRY, writable=False)
    assert list(tmp_path.iterdir()) == [], "and is not made by looking"


@pytest.mark.sqlite
@pytest.mark.parametrize("writable", [True, False])
def test_what_is_no_ledger_is_refused_and_left_as_it_was(tmp_path: Path, *, writable: bool) -> None:
    text, other = tmp_path / "text.ledger", tmp_path / "other.ledger"
    text.write_bytes(b"Dear diary, " * 1000)
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE diary (entry TEXT)")
    db.commit()
    db.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(LedgerFault, match="wanted a"):
            Ledger(path, REGISTRY, writable=writable)
        assert path.read_bytes() == before


def test_a_ledger_of_another_format_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path / "a.ledger", REGISTRY, writable=True).set_meta({"format": "99"})
    with pytest.raises(LedgerFault, match="found 99"):
        Ledger(tmp_path / "a.ledger", REGISTRY, writable=True)


def test_a_ledger_belongs_to_its_network(tmp_path: Path) -> None:
    open_hub(NETWORK, tmp_path / "a.ledger").ledger.close()
    with pytest.raises(LedgerFault, match="wanted one made with snapshot"):
        open_hub(msgspec.structs.replace(NETWORK, snapshot="1" * 64), tmp_path / "a.ledger")


@pytest.mark.sqlite
def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "a.ledger").touch()
    assert Ledger(tmp_path / "a.ledger", REGISTRY, writable=True).get_meta()["format"]


@pytest.mark.sqlite
def test_what_was_killed_while_it_made_a_ledger_has_made_none(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        _kill_a_creation(tmp_path, name)
    with pytest.raises(LedgerFault, match="found an empty file; make one"):
        Ledger(tmp_path / "a.ledger", REGISTRY, writable=False)
    open_hub(NETWORK, tmp_path / "b.ledger").ledger.close()
    assert Ledger(tmp_path / "b.ledger", REGISTRY, writable=False).get_meta()["snapshot"] == NETWORK.snapshot
    open_demo_hub(NETWORK, tmp_path / "c.ledger").ledger.close()
    assert not list(tmp_path.glob("*-journal"))


def _kill_a_creation(where: Path, name: str) -> None:
    """The files of a ledger of which a part has reached the disk: as a kill within its first commit leaves them."""
    db = sqlite3.connect(where / "begun", isolation_level=None)
    for text in ("PRAGMA cache_size = 2", "BEGIN", "CREATE TABLE meta (name TEXT, value TEXT)"):
        db.execute(text)
    db.executemany("INSERT INTO meta VALUES (?, ?)", (("x" * 100, "y" * 100) for _ in range(1000)))
    for tail in ("", "-journal"):
        shutil.copy(where / f"begun{tail}", where / f"{name}.ledger{tail}")
    db.close()
    (where / "begun").unlink()


# --- the proof of the views


def test_a_view_that_was_tampered_with_is_found_out(tmp_path: Path) -> None:
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    hear(hub, *(order_message(f"{n}", from_facility="A") for n in range(3)))
    rows = {name: list(of_view.values()) for name, of_view in stored(hub.ledger).items()}
    assert compare(hub.ledger, rows).difference_count == 0
    hub.ledger._db.execute("UPDATE orders SET status = 'refused' WHERE reference = '1'")
    hub.ledger._db.execute("DELETE FROM parcel")
    found = compare(hub.ledger, rows)
    assert found.difference_count == 4 and "status='refused'" in found.differences[0]
