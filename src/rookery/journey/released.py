"""Loans that fit once a guarantee is released: looked at when that comes, and not only when somebody asks."""

from heapq import heapify, heappop, heappush

from rookery.engines.share.claims import LAYERS
from rookery.journey.account import Account
from rookery.journey.desk import Desk
from rookery.journey.state import Follower, State
from rookery.journey.tally import Loan, find_tally, lent

SOON = 0  # of what was lent since this was looked at last


class _Releases:
    """Resources with loans by when a guarantee of them is released next, the earliest first."""

    def __init__(self, state: State):
        self._state, self._follower = state, Follower(state[Loan])
        self._heap: list[tuple[int, str]] = []
        self._waiting: set[str] = set()

    def has(self, now: int) -> bool:
        """True if something is to be looked at by now."""
        self._follow()
        return bool(self._heap) and self._heap[0][0] <= now

    def take(self, now: int) -> list[str]:
        """Those that are to be looked at by now; each has to be put back."""
        due = []
        while self.has(now):
            _, resource = heappop(self._heap)
            self._waiting.discard(resource)
            if resource in lent(self._state).loans:
                due.append(resource)
        return due

    def put(self, resource: str, at: int) -> None:
        """It is to be looked at again at an instant."""
        if resource not in self._waiting:
            self._waiting.add(resource)
            heappush(self._heap, (at, resource))

    def _follow(self) -> None:
        keys = self._follower.changed()
        if keys is None:
            loans = lent(self._state).loans
            self._heap, self._waiting = [(SOON, resource) for resource in loans], set(loans)
            heapify(self._heap)
            return
        for key in keys:
            self.put(str(key).rpartition("#")[0], SOON)


def is_due(state: State, now: int) -> bool:
    """True if a guarantee of something that is lent may have been released."""
    return state.derive(_Releases, lambda: _Releases(state)).has(now)


def take_due(state: State, desk: Desk) -> list[str]:
    """Resources with loans of which a guarantee was released by now, or that were lent since this was asked."""
    releases = state.derive(_Releases, lambda: _Releases(state))
    due = releases.take(desk.now)
    for resource in due:
        tally = find_tally(state, resource, state[Account].find(resource), {}, desk)
        if tally is not None:
            begins = tally.claims.begins[0, : tally.claims.accounts[0, LAYERS]].tolist()
            later = [at for at in begins if at > desk.now]
            if later:
                releases.put(resource, min(later))
    return due
