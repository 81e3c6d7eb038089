"""What the hub knows while it decides: tables of rows, folded from facts, and nothing else.

A row is a frozen struct; its first field is its key. A table reads a row that it does not hold from wherever `load`
finds it, and remembers what a row was: that undoes a group that failed, and tells the ledger what to write else.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from rookery.journey.trail import Trail

Key = bytes | str
ROWS_KEPT = 20_000  # of a view that is read row by row: of all that has ever been, what is of use now
TRAIL_KEPT = 200_000  # changes of a followed view: who has not looked for longer begins anew


class ViewRow(msgspec.Struct, frozen=True, gc=False):
    """A row of a checked view. The first field is the key."""


_MISSING: Any = object()
R = TypeVar("R", bound=ViewRow)
D = TypeVar("D")


class KeptSpace(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Space that is kept for a holder and not used by it, until it is released; 0: it never is."""

    holder: str
    amount: int
    release_at: int = 0


class Lack(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers of a refusal of space.

    limit    what binds: capacity (it is used), claim (it is kept for others), ceiling (of a holder), allotment (of a
             holder, over several departures), bid_price, round (others went first), closed, too_late
    by, at   the holder who asked; the holder whose limit binds, also when all loans are gone that it could recall
    asked    so much; most: as much could have been had, and no more, with as much of the rest as could be had with it
    claim    what this would raise the claim at `at` to, or what is used; ceiling: the most that it may be
    kept     for which others under that limit, the largest first
    firm_at  from when it would be firm if nothing else happens; 0: never
    """

    resource: str
    limit: str
    dimension: str = ""
    by: str = ""
    at: str = ""
    asked: int = 0
    most: int = 0
    claim: int = 0
    ceiling: int = 0
    kept: tuple[KeptSpace, ...] = ()
    firm_at: int = 0


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """The business says no: a stored value, never raised.

    code     what is lacking, one word: short, closed, too_late, not_stocked ...
    thing    what it is about
    wanted, found, todo   what was asked for, what there is, what would help
    binding  the constraint that binds, by name: a resource, a rule, a row
    lack     of space: the numbers
    """

    code: str
    thing: str
    wanted: str = ""
    found: str = ""
    todo: str = ""
    binding: str = ""
    lack: Lack | None = None

    def __str__(self) -> str:
        parts = [f"wanted {self.wanted}" if self.wanted else "", f"found {self.found}" if self.found else "", self.todo]
        return f"{self.code}: {self.thing}" + "".join(
            f"{'; ' if i else ': '}{p}" for i, p in enumerate(filter(None, parts))
        )


@dataclass(frozen=True, slots=True)
class View:
    """A checked view: its name, its row; whether it is small enough to be held whole, and whether arrays follow it.

    indexes  fields by which rows are listed page by page; several with a blank between. wide: rows of some 2 kB
    """

    name: str
    row: type[ViewRow]
    resident: bool = False
    followed: bool = False
    indexes: tuple[str, ...] = ()
    wide: bool = False

    @property
    def key(self) -> str:
        """Name of the key's field."""
        return self.row.__struct_fields__[0]


class Table(Generic[R]):
    """The rows of one view. Law: after `forget_changes`, every row equals the stored one.

    before  of each row that changed since `hand_over`, what it was; handed: the same of those that are being stored
    tried   while something is only tried: of each change the key, the row and what `before` said of it
    """

    __slots__ = (
        "_find_stored", "_key", "_list", "_load", "_load_many", "_search", "before", "handed", "rows", "trail",
        "tried", "view",
    )  # fmt: skip

    def __init__(
        self,
        view: View,
        load: Callable[[Key], R | None] | None = None,
        list_stored: Callable[[], Iterable[R]] | None = None,
        search: Callable[[str, str], Iterable[R]] | None = None,
        load_many: Callable[[Sequence[Key]], Iterable[R]] | None = None,
    ):
        self.view = view
        self._search = search
        self._load_many = None if view.resident else load_many
        self.trail: Trail | None = Trail() if view.followed else None
        self._list = list_stored
        self.rows: dict[Key, R | None] = {}
        self.before: dict[Key, R | None] = {}
        self.handed: dict[Key, R | None] = {}
        self.tried: list[tuple[Key, Any, Any]] | None = None
        self._find_stored = load
        self._load = None if view.resident else load
        self._key = view.key

    def find(self, key: Key) -> R | None:
        """The row with this key, or None."""
        if key in self.rows:
            return self.rows[key]
        if self._load is None:
            return None
        row = self.rows[key] = self._load(key)
        return row

    def fill(self) -> None:
        """Read all stored rows, if all are held."""
        if self.view.resident and self._list is not None:
            self.rows.update((getattr(row, self._key), row) for row in self._list())

    def fetch(self, keys: Iterable[Key]) -> list[R]:
        """The rows with these keys, those that there are; what is not held is read at once."""
        rows, keys = self.rows, list(keys)
        if missing := [key for key in keys if key not in rows]:
            if self._load_many is None:
                return [row for row in map(self.find, keys) if row is not None]
            rows.update(dict.fromkeys(missing))
            rows.update((getattr(row, self._key), row) for row in self._load_many(list(dict.fromkeys(missing))))
        return [row for key in keys if (row := rows[key]) is not None]

    def get(self, key: Key) -> R:
        """The row with this key, which must exist."""
        row = self.find(key)
        assert row is not None, f"{self.view.name}: no row {key!r}"
        return row

    def put(self, row: R) -> None:
        """Insert or replace a row."""
        key: Key = getattr(row, self._key)
        if self.tried is not None:
            self._try(key)
        if key not in self.before:
            self.before[key] = self.find(key)
        self.rows[key] = row
        if self.trail is not None:
            self.trail.keys.append(key)

    def new(self, row: R) -> None:
        """Insert a row whose key is known to be new, without a look-up."""
        key: Key = getattr(row, self._key)
        assert self.rows.get(key) is None, f"{self.view.name}: row {key!r} is there already"
        if self.tried is not None:
            self._try(key)
        self.before.setdefault(key, None)
        self.rows[key] = row
        if self.trail is not None:
            self.trail.keys.append(key)

    def drop(self, key: Key) -> None:
        """Delete a row that must exist. One that came after the last change that was handed over leaves no trace."""
        if self.trail is not None:
            self.trail.keys.append(key)
        if self.tried is not None:
            self._try(key)
        if key not in self.before:
            self.before[key] = self.get(key)
        if self.before[key] is None and key not in self.handed:  # else the stored row would be read again
            del self.rows[key]
        else:
            self.rows[key] = None
        if self.before[key] is None:
            del self.before[key]

    def _try(self, key: Key) -> None:
        assert self.tried is not None, "asked only while something is tried"
        self.tried.append((key, self.rows.get(key, _MISSING), self.before.get(key, _MISSING)))

    def end_trial(self) -> None:
        """What changed since the trial began is again as it was."""
        for key, row, was in reversed(self.tried or ()):
            for known, value in ((self.rows, row), (self.before, was)):
                if value is _MISSING:
                    known.pop(key, None)
                else:
                    known[key] = value
            if self.trail is not None:
                self.trail.keys.append(key)
        self.tried = None

    def __iter__(self) -> Iterator[R]:
        """All rows held, in the order in which they came; whole only for a resident view."""
        return (row for row in self.rows.values() if row is not None)

    def every(self) -> Iterator[R]:
        """All rows, stored or held, each once."""
        if self._list is not None and not self.view.resident:
            yield from (row for row in self._list() if getattr(row, self._key) not in self.rows)
        yield from self

    def naming(self, column: str, text: str) -> Iterator[R]:
        """All rows held, and the stored ones in whose column a text stands somewhere, each once: a scan, for what is
        asked rarely."""
        if self._search is None or self.view.resident:
            yield from self.every()
            return
        yield from (row for row in self._search(column, text) if getattr(row, self._key) not in self.rows)
        yield from self

    def changes(self) -> tuple[list[R], list[Key]]:
        """Rows to write and keys to delete since the last `hand_over`."""
        rows, gone = [], []
        for key, was in self.before.items():
            row = self.rows[key]
            if row is not None:
                rows.append(row)
            elif was is not None:
                gone.append(key)
        return rows, gone

    def hand_over(self) -> None:
        """What changed is being stored; what changes from now on comes after it."""
        assert not self.handed, f"{self.view.name}: what was handed over before is not stored yet"
        self.before, self.handed = self.handed, self.before

    def forget_changes(self, *, keep_rows: int, keep_trail: int) -> None:
        """What was handed over is now stored. Rows that can be read again go, a few at a time, beyond `keep_rows`."""
        rows, before = self.rows, self.before
        if self.trail is not None:
            self.trail.cut(keep_trail)
        if self.view.resident:
            for key in self.handed:
                if rows[key] is None and key not in before:
                    del rows[key]
        elif len(rows) > keep_rows and self._load is not None:
            for key in list(islice(rows, len(rows) - keep_rows + keep_rows // 16)):  # those that came first
                if key not in before:
                    del rows[key]
        self.handed = {}

    def undo_changes(self) -> None:
        """Every row is again what is stored: what changed since, and what was handed over, is undone."""
        for changed in (self.before, self.handed):
            if self.trail is not None:
                self.trail.keys.extend(changed)
            for key, was in changed.items():
                if was is None:
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = was
        self.before, self.handed = {}, {}

    def refresh(self, keys: Iterable[Key] | None) -> None:
        """Others have stored rows with these keys; None: any rows. To be asked while nothing has changed here."""
        assert not self.before and not self.handed, f"{self.view.name}: others are heard before anything is decided"
        if keys is None:
            self.rows.clear()
            self.fill()
            if self.trail is not None:
                self.trail.restart()
            return
        for key in keys:
            row = self._find_stored(key) if self.view.resident and self._find_stored is not None else None
            if row is None:
                self.rows.pop(key, None)  # read again when it is asked for, unless it is held whole
            else:
                self.rows[key] = row
            if self.trail is not None:
                self.trail.keys.append(key)


class State:
    """All tables: `state[Order]` is the table of orders.

    load         finds a stored row; load_many: those with some keys; list_stored: all stored rows of a view
    search       the stored rows of a view in whose column a text stands; without it all are gone through
    fact_count   how many facts were folded since the first one of all: the number of the last one in the ledger
    undone       how often changes were undone
    derived      arrays that follow the tables, by what they were made for; nothing there is not in the tables too
    """

    __slots__ = ("derived", "fact_count", "handed_fact_count", "stored_fact_count", "tables", "undone")

    def __init__(
        self,
        views: tuple[View, ...],
        load: Callable[[View, Key], Any] | None = None,
        list_stored: Callable[[View], Iterable[Any]] | None = None,
        search: Callable[[View, str, str], Iterable[Any]] | None = None,
        load_many: Callable[[View, Sequence[Key]], Iterable[Any]] | None = None,
        fact_count: int = 0,
    ):
        self.fact_count = self.handed_fact_count = self.stored_fact_count = fact_count
        self.undone = 0
        self.tables: dict[type[ViewRow], Table[Any]] = {
            view.row: Table(
                view,
                None if load is None else _loader(load, view),
                None if list_stored is None else partial(list_stored, view),
                None if search is None else partial(search, view),
                None if load_many is None else partial(load_many, view),
            )
            for view in views
        }
        self.derived: dict[Any, Any] = {}
        self.fill()

    def fill(self) -> None:
        """Read what is held whole."""
        for table in self.tables.values():
            table.fill()

    def __getitem__(self, row: type[R]) -> Table[R]:
        return self.tables[row]

    def derive(self, key: Hashable, make: Callable[[], D]) -> D:
        """What is kept beside the tables under a key, made once."""
        known: D | None = self.derived.get(key)
        if known is None:
            known = self.derived[key] = make()
        return known

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Whatever is folded inside is undone at its end: to see what would come of it. Trials do not nest."""
        fact_count = self.fact_count
        for table in self.tables.values():
            assert table.tried is None, "a trial does not hold another"
            table.tried = []
        try:
            yield
        finally:
            self.fact_count = fact_count
            for table in self.tables.values():
                table.end_trial()

    def undo_changes(self) -> None:
        """Every table is again as it was when changes were last forgotten."""
        self.fact_count = self.handed_fact_count = self.stored_fact_count
        self.undone += 1
        for table in self.tables.values():
            table.undo_changes()

    def refresh(self, changed: Mapping[str, Iterable[Key]] | None, fact_count: int) -> None:
        """Others have stored rows with these keys, by view; None: anything. There are so many facts now."""
        self.fact_count = self.handed_fact_count = self.stored_fact_count = fact_count
        for table in self.tables.values():
            if changed is None or table.view.name in changed:
                table.refresh(None if changed is None else changed[table.view.name])

    def hand_over(self) -> None:
        """What changed is being stored, to be forgotten or undone; what changes from now on comes after it."""
        self.handed_fact_count = self.fact_count
        for table in self.tables.values():
            table.hand_over()

    def forget_changes(self, *, keep_rows: int = ROWS_KEPT, keep_trail: int = TRAIL_KEPT) -> None:
        """What was handed over is now stored."""
        self.stored_fact_count = self.handed_fact_count
        for table in self.tables.values():
            table.forget_changes(keep_rows=keep_rows, keep_trail=keep_trail)


def _loader(load: Callable[[View, Key], Any], view: View) -> Callable[[Key], Any]:
    return lambda key: load(view, key)
