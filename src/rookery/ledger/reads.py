"""The read log: who was shown what of another company. Beside the ledger: only added to, and not replayed.

It speaks of the world outside, as it was seen: no decision rests on it, and folding facts again does not make it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from rookery.ledger.beside import LedgerName, open_database

LIMIT_MAX = 1000  # rows of one list


@dataclass(frozen=True, slots=True)
class Read:
    """A request by which a company was shown something of another one.

    filter   what was asked for, as text: the query, or the id
    count    how many objects of this owner were shown
    read_at  seconds since the epoch
    """

    caller: str
    owner: str
    kind: str
    filter: str
    count: int
    read_at: int


class ReadLog:
    """The read log of a ledger, by a connection of its own: callers do not wait for decisions.

    One thread at a time. Law: a read that was written stays as it was written.
    """

    def __init__(self, ledger: LedgerName):
        self._db = open_database(ledger, durable=True)
        self.faults = self._db.faults

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    def write(self, reads: Iterable[Read]) -> None:
        """Add reads, all or none; on the disk when this returns. A read of one's own is no read across companies.

        Raises  one of `faults`: nothing was written
        """
        rows = [astuple(read) for read in reads if read.caller != read.owner]
        if not rows:
            return
        self._db.begin()
        try:
            for row in rows:
                self._db.execute(
                    "INSERT INTO read_log (caller, owner, kind, filter, row_count, read_at) VALUES (?, ?, ?, ?, ?, ?)",
                    row,
                )
            self._db.end(commit=True)
        except BaseException:
            self._db.end(commit=False)
            raise

    def list(self, owner: str, *, after: int = 0, limit: int = LIMIT_MAX) -> Iterator[tuple[int, Read]]:
        """Reads of what is an owner's, oldest first, each with its sequence number; `after`: one that was seen."""
        text = (
            "SELECT seq, caller, owner, kind, filter, row_count, read_at FROM read_log"
            " WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?"
        )
        for seq, *values in self._db.execute(text, (owner, after, min(limit, LIMIT_MAX))):
            yield seq, Read(*values)
