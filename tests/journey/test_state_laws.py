"""Tables of rows against a plain dictionary: what they hold, what they undo, what they tell the ledger to write."""

import random
from typing import Any

import pytest

from rookery.journey.state import Key, Refusal, State, Table, View, ViewRow


class Thing(ViewRow, frozen=True):
    name: str
    size: int


NAMES = "abcde"


class Store:
    """What a ledger would hold: rows that a table may load, and the changes that it is told to write."""

    def __init__(self, *, resident: bool):
        self.rows: dict[Key, Thing] = {}
        self.view = View("thing", Thing, resident=resident)
        self.state = State((self.view,), lambda view, key: self.rows.get(key))
        self.loads = 0

    def take(self, table: Table[Thing]) -> tuple[list[Thing], list[Key]]:
        rows, gone = table.changes()
        assert not {row.name for row in rows} & set(gone)
        return rows, gone

    def write(self, changes: tuple[list[Thing], list[Key]]) -> None:
        """What was taken, some time later: what happened since has nothing to do with it."""
        rows, gone = changes
        assert set(gone) <= set(self.rows), "only what is stored is deleted"
        for key in gone:
            del self.rows[key]
        self.rows.update((row.name, row) for row in rows)


def scribble(table: Table[Thing], rng: random.Random) -> None:
    """Some random changes, of which nothing is to be left."""
    for _ in range(rng.randrange(6)):
        key = rng.choice(NAMES)
        if table.find(key) is None:
            table.new(Thing(key, 9))
        elif rng.random() < 0.5:
            table.drop(key)
        else:
            table.put(Thing(key, 10))


@pytest.mark.parametrize("resident", [True, False])
def test_law_a_table_is_the_dictionary_of_what_was_put_and_undone(*, resident: bool) -> None:
    for seed in range(400):
        rng = random.Random(seed)
        store = Store(resident=resident)
        table = store.state[Thing]
        stored: dict[Key, Thing] = {}
        now, handed = dict(stored), list[Any]()
        for _ in range(60):
            key, size = rng.choice(NAMES), rng.randrange(9)
            step = rng.choice(("put", "put", "new", "drop", "find", "hand over", "store", "undo", "try"))
            if step == "put":
                table.put(Thing(key, size))
                now[key] = Thing(key, size)
            elif step == "new" and key not in now:
                table.new(Thing(key, size))
                now[key] = Thing(key, size)
            elif step == "drop" and key in now:
                table.drop(key)
                del now[key]
            elif step == "hand over" and not handed:
                handed = [store.take(table), dict(now)]
                store.state.hand_over()
            elif step == "store" and handed:
                store.write(handed[0])
                store.state.forget_changes(keep_rows=rng.choice((0, 3, 100)))
                stored, handed = handed[1], []
                assert store.rows == stored, f"seed {seed}"
            elif step == "undo":
                store.state.undo_changes()
                now, handed = dict(stored), []
            elif step == "try":
                with store.state.trial():
                    scribble(table, rng)
            assert {name: table.find(name) for name in NAMES} == {name: now.get(name) for name in NAMES}, f"seed {seed}"
            if resident:
                assert {row.name: row for row in table} == now, f"seed {seed}"


def test_a_row_that_must_be_there_is_asked_for_by_name() -> None:
    with pytest.raises(AssertionError, match="thing: no row 'a'"):
        Store(resident=True).state[Thing].get("a")


def test_a_new_row_must_be_new() -> None:
    table = Store(resident=True).state[Thing]
    table.new(Thing("a", 1))
    with pytest.raises(AssertionError, match="thing: row 'a' is there already"):
        table.new(Thing("a", 2))


def test_rows_that_came_and_went_between_two_commits_are_never_written() -> None:
    table = Store(resident=True).state[Thing]
    table.new(Thing("a", 1))
    table.drop("a")
    assert table.changes() == ([], [])


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (Refusal("closed", "door"), "closed: door"),
        (Refusal("closed", "door", wanted="open"), "closed: door: wanted open"),
        (Refusal("closed", "door", "open", "shut", "knock"), "closed: door: wanted open; found shut; knock"),
        (Refusal("closed", "door", todo="knock"), "closed: door: knock"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_was_wanted_what_was_found_and_what_to_do(refusal: Refusal, text: str) -> None:
    assert str(refusal) == text
