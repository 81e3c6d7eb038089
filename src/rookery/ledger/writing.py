"""What one transaction writes, in columns: the same whether it is written here or by a process beside."""

from typing import Any

import msgspec

from rookery.ledger.store import Store
from rookery.ledger.tables import COMMITS

COMMITS_KEPT = 256  # who has missed more reads everything again


class Overtaken(Exception):
    """Somebody else has committed since: nothing was written."""


class Writing(msgspec.Struct, array_like=True):
    """One transaction.

    number  of the commit: one more than that of the last one
    keys    what others have to read again; None: everything
    watched the same, of the views that others read along
    tables  (table, columns, rows) that are added to the log
    views   (view, rows to write, keys to delete)
    """

    number: int
    keys: bytes | None
    watched: bytes
    tables: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]
    views: list[tuple[str, list[tuple[Any, ...]], list[Any]]]

    def write(self, store: Store) -> None:
        """Write all of it, on the disk, in a turn that has begun, and end it.

        Raises  Overtaken, and what the store raises: the turn goes on, and has to be rolled back
        """
        last = store.execute("SELECT max(number) FROM commits").fetchone()[0] or 0
        if last != self.number - 1:
            raise Overtaken(f"commit {self.number}: wanted {self.number - 1} to be the last one, found {last}")
        for table, columns, rows in self.tables:
            store.append(table, columns, rows)
        for view, rows, gone in self.views:
            store.write_view(view, rows, gone)
        store.append("commits", COMMITS, [(self.number, self.keys, self.watched)])
        store.execute("DELETE FROM commits WHERE number <= ?", (self.number - COMMITS_KEPT,))
        store.commit()
