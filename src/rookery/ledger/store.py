"""What the ledger asks of a database. SQL is written in SQLite's words; a store that speaks others translates them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from rookery.ledger.codec import Key, Registry
from rookery.ledger.url import ServerLedger

LedgerName = Path | ServerLedger
Rows = Iterable[tuple[Any, ...]]
Columns = Mapping[str, dict[str, str]]  # of each view, name and type; the first one is the key


class Answer(Protocol):
    """Rows that were asked for, few enough to be held."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows."""


class Store(Protocol):
    """An open database."""

    @property
    def begun(self) -> bool:
        """True while it is this process's turn to write: from `begin` until `commit` or `roll_back`."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything that is read inside is as one commit has left it. For who never writes."""

    def begin(self, *, wait_s: float, give_way: bool) -> None:
        """Take the turn to write. `give_way`: let others who wait for it go first.

        Raises  LedgerFault: others have kept it for longer than wait_s
        """

    def commit(self) -> None:
        """Make what was written stand, on the disk, and end the turn."""

    def rest(self) -> None:
        """Between two turns of one who does nothing but write, while nobody waits: work that a commit need not do."""

    def roll_back(self) -> None:
        """Undo what was written, if anything, and end the turn."""

    def check(self) -> None:
        """Raises  LedgerFault: what is open is not what its name means any more"""

    def list_tables(self) -> list[str]:
        """Names of the tables that are there."""

    def create(self, registry: Registry, meta: dict[str, str]) -> None:
        """Make the tables of an empty ledger, in the turn to write."""

    def execute(self, text: str, values: tuple[Any, ...] = (), /) -> Answer:
        """A statement; what it answers is held whole."""

    def stream(self, text: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement as they are asked for, all as they were when it began."""

    def append(self, table: str, columns: tuple[str, ...], rows: Rows) -> None:
        """Add rows to a table of the log."""

    def write_view(self, view: str, rows: list[tuple[Any, ...]], gone: list[Key]) -> None:
        """Insert or replace rows of a view, and delete those with the keys that are gone."""

    def close(self) -> None:
        """Let go of the database."""
