"""What ends by itself at an instant if nothing is said before: invitations, requests, grants, access tokens."""

from heapq import heapify, heappop, heappush

from rookery.journey.follower import Follower
from rookery.journey.state import Key, State, ViewRow


class Deadline(ViewRow, frozen=True):
    """Something that ends at an instant. `name`: what it is, a colon, and its key; ids in hexadecimal digits."""

    name: str
    due_at: int


class _Heap:
    """Deadlines, the earliest first, in step with their table."""

    def __init__(self, state: State):
        self._follower = Follower(state[Deadline])
        self._heap: list[tuple[int, str]] = []

    def has(self, now: int) -> bool:
        """True if something comes up by now, due or passed over."""
        self._follow()
        return bool(self._heap) and self._heap[0][0] <= now

    def list(self, now: int) -> list[str]:
        """Names of what is due, by instant and name. It stays in the heap while in its table."""
        self._follow()
        due: dict[str, tuple[int, str]] = {}
        while self._heap and self._heap[0][0] <= now:
            entry = heappop(self._heap)
            row = self._follower.table.find(entry[1])
            if row is not None and row.due_at == entry[0]:
                due[entry[1]] = entry
        for entry in due.values():
            heappush(self._heap, entry)
        return list(due)

    def _follow(self) -> None:
        keys, table = self._follower.changed(), self._follower.table
        if keys is None:
            self._heap = [(row.due_at, row.name) for row in table]
            heapify(self._heap)
            return
        for key in keys:
            row = table.find(key)
            if row is not None:
                heappush(self._heap, (row.due_at, row.name))


def is_due(state: State, now: int) -> bool:
    """True if something may have come to its end."""
    return state.derive(_Heap, lambda: _Heap(state)).has(now)


def list_due(state: State, now: int) -> list[str]:
    """Names of what comes to its end by now, by instant and name."""
    return state.derive(_Heap, lambda: _Heap(state)).list(now)


# --- folding


def set_deadline(state: State, name: str, due_at: int) -> None:
    """It ends then; 0: it does not end by itself."""
    if due_at:
        state[Deadline].put(Deadline(name, due_at))
    else:
        drop_deadline(state, name)


def drop_deadline(state: State, name: str) -> None:
    """It does not end by itself any more."""
    if find_deadline(state, name) is not None:
        state[Deadline].drop(name)


def find_deadline(state: State, name: Key) -> Deadline | None:
    """When a thing ends, or None."""
    return state[Deadline].find(name)
