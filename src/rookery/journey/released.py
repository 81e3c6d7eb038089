"""Loans that fit once a guarantee is released: looked at when that comes, and not only when somebody asks."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from rookery.engines.share.claims import LAYERS
from rookery.journey.account import Account
from rookery.journey.desk import Desk
from rookery.journey.follower import Follower
from rookery.journey.state import State
from rookery.journey.tally import Loan, find_tally, lent

SOON = 0  # of what was lent before this was looked at: nobody knows what was released meanwhile


class _Releases:
    """Resources with loans by when a guarantee of them is released next, the earliest first."""

    def __init__(self, state: State):
        self._state, self._follower = state, Follower(state[Loan])
        self._heap: list[tuple[int, str]] = []
        self._waiting: set[str] = set()

    def has(self, now: int) -> bool:
        """True if something is to be looked at by now."""
        return bool(self._heap) and self._heap[0][0] <= now

    def take(self, now: int) -> list[str]:
        """Those that are to be looked at by now; each has to be noted again."""
        due = []
        while self.has(now):
            _, resource = heappop(self._heap)
            self._waiting.discard(resource)
            due.append(resource)
        return due

    def note(self, resources: Iterable[str], desk: Desk) -> None:
        """Those of them on which something is lent are to be looked at when a guarantee is released next."""
        for resource in resources:
            if resource not in self._waiting and resource in lent(self._state).loans:
                at = _next_release(self._state, resource, desk)
                if at:
                    self._waiting.add(resource)
                    heappush(self._heap, (at, resource))

    def follow(self) -> list[str]:
        """Resources whose loans have changed since this was asked; all are looked at soon where nobody knows which."""
        keys = self._follower.changed()
        if keys is not None:
            return [str(key).rpartition("#")[0] for key in keys]
        loans = lent(self._state).loans
        self._heap, self._waiting = [(SOON, resource) for resource in loans], set(loans)
        heapify(self._heap)
        return []


def _next_release(state: State, resource: str, desk: Desk) -> int:
    """When a guarantee is released next that is lent there; 0: none is."""
    tally = find_tally(state, resource, state[Account].find(resource), {}, desk)
    if tally is None:
        return 0
    begins = tally.claims.begins[0, : tally.claims.accounts[0, LAYERS]].tolist()
    return min((at for at in begins if at > desk.now), default=0)


def is_due(state: State, now: int) -> bool:
    """True if a guarantee of something that is lent was released by now."""
    return _releases(state).has(now)


def take_due(state: State, desk: Desk) -> list[str]:
    """Resources of which a guarantee was released by now while something was lent there."""
    releases = _releases(state)
    due = releases.take(desk.now)
    releases.note(due, desk)
    return due


def note(state: State, desk: Desk) -> None:
    """What was lent since this was asked is looked at in time. To be asked after each message."""
    releases = _releases(state)
    releases.note(releases.follow(), desk)


def _releases(state: State) -> _Releases:
    """Begun anew after an undone group: what that has looked at is to be looked at again."""

    def begin() -> _Releases:
        releases = _Releases(state)
        releases.follow()
        return releases

    return state.derive((_Releases, state.undone), begin)
