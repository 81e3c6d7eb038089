"""Whoever keeps something in step with a table looks at what has changed in it since, and at nothing else."""

from typing import Generic, TypeVar

from rookery.journey.state import Key, Table, ViewRow

R = TypeVar("R", bound=ViewRow)


class Follower(Generic[R]):
    """What somebody who keeps something in step with a followed table has not looked at yet."""

    __slots__ = ("_at", "_trail", "table")

    def __init__(self, table: Table[R]):
        assert table.trail is not None, f"{table.view.name}: who follows it needs its trail"
        self.table, self._trail, self._at = table, table.trail, -1

    @property
    def end(self) -> int:
        """How often a row of the table has changed, looked at or not."""
        return self._trail.base + len(self._trail.keys)

    def changed(self) -> list[Key] | None:
        """The keys that changed since this was asked before, each once; None: begin anew, with all rows."""
        at, self._at = self._at, self.end
        if at == self._at:
            return []
        return None if at < self._trail.base else list(dict.fromkeys(self._trail.keys[at - self._trail.base :]))
