"""The live arrays of a window, in step with a state: room by segment, delays, what does not run.

The state decides; the arrays follow it, change by change, also those that no commit has made sure of yet, and back
again when a group is undone. Law: after `follow`, they equal arrays made anew from the same state.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from rookery.engines.network.snapshot import CLOSED, START, UNLIMITED, Ints, Live, go_live, reorder_line
from rookery.journey.account import Account, Amounts
from rookery.journey.dated import Window
from rookery.journey.departure import Departure, Late, departure_of, late_s
from rookery.journey.follower import Follower
from rookery.journey.lines import DIMENSIONS
from rookery.journey.state import Key, State
from rookery.journey.tally import lent, lent_amounts

_NONE = np.zeros((0, 2), np.int32)


class Followed:
    """The live arrays of one window for one state.

    faster     departures on which some ride is faster than planned, with their delays: bounds that do not know them
               may exclude them
    late_s     the longest delay of a departure that was ever heard of
    """

    def __init__(self, window: Window, state: State):
        self.window = window
        self.live: Live = go_live(window.net)
        self.late_s = 0
        self.faster: frozenset[tuple[Key, tuple[Late, ...]]] = frozenset()
        self._late: dict[Key, list[tuple[int, int]]] = {}
        self._accounts, self._departures = state[Account], state[Departure]
        self._account_changes, self._departure_changes = Follower(self._accounts), Follower(self._departures)
        self._lent = lent(state)
        self.follow()

    @property
    def departure_changes(self) -> int:
        """How often what is known of a departure has changed, also before the arrays follow."""
        return self._departure_changes.end

    def list_late(self, after: int) -> Ints:
        """[rides, 2] position and trip of what runs at other times than planned and leaves after an instant."""
        if not self._late:
            return _NONE
        rides = np.array([ride for late in self._late.values() for ride in late], np.int32).reshape(-1, 2)
        segments = self.window.net.positions[rides[:, 0], START] + rides[:, 1]
        leaves_later: npt.NDArray[np.bool_] = self.live.departs[segments] >= after
        return rides[leaves_later]

    def follow(self) -> Live:
        """The arrays as the state now is."""
        accounts, departures = self._account_changes.changed(), self._departure_changes.changed()
        if accounts is None or departures is None:
            self._begin()
            return self.live
        for key in accounts:
            self._note_account(key)
        for key in departures:
            self._note_departure(key)
        return self.live

    def _begin(self) -> None:
        """Everything anew, as the tables are now."""
        arrays: Iterable[tuple[Any, Any]] = zip(self.live, go_live(self.window.net), strict=True)
        for old, new in arrays:
            np.copyto(old, new)  # in place: searches hold on to the arrays
        self.faster = frozenset()
        self._late.clear()
        for account in self._accounts.every():
            self._note_account(account.resource)
        for departure in self._departures.every():
            self._note_departure(departure.departure)

    def _note_account(self, key: Key) -> None:
        segment = self.window.find_segment(str(key))
        if segment is not None:
            self._free(segment, str(key))

    def _free(self, segment: int, resource: str) -> None:
        account, departure = self._accounts.find(resource), self._departures.find(departure_of(resource))
        if account is None:
            self.live.free[segment] = self.window.limits_of(resource)
        else:
            loans = lent_amounts(self._lent.follow(), account)  # whoever has a right to it may recall it
            for d, dimension in enumerate(DIMENSIONS):
                limit = account.limits.get(dimension)
                used = 0 if limit is None else account.held[dimension] + account.taken[dimension] - loans[dimension]
                self.live.free[segment, d] = UNLIMITED if limit is None else limit - used
        if (account is not None and account.closed) or (departure is not None and departure.cancelled):
            self.live.free[segment, 0] = CLOSED

    def _note_departure(self, key: Key) -> None:
        """A departure's times and whether it runs, leg by leg."""
        found = self.window.find_departure(str(key))
        if found is None:
            return
        net, live, row = self.window.net, self.live, self._departures.find(key)
        late = row.late if row is not None else ()
        most_s, is_faster, rides = 0, False, list[tuple[int, int]]()
        for position, (resource, segment, board, alight) in enumerate(found.legs, found.first):
            departs_s, arrives_s = late_s(late, board, alight)
            most_s = max(most_s, departs_s)
            is_faster |= arrives_s < most_s
            if departs_s or arrives_s:
                rides.append((position, segment - int(net.positions[position, START])))
            live.departs[segment] = net.departs[segment] + departs_s
            live.arrives[segment] = net.arrives[segment] + arrives_s
            self._free(segment, resource)
        self.late_s = max(self.late_s, most_s)
        self._late.pop(key, None)
        if rides:
            self._late[key] = rides
        others = (one for one in self.faster if one[0] != key)
        self.faster = frozenset((*others, (key, late))) if is_faster else frozenset(others)
        reorder_line(net, live, found.line)

    @contextmanager
    def set_aside(self, aside: list[tuple[str, Amounts]]) -> Iterator[None]:
        """Room taken away for the time of a search, and given back."""
        rows = [(self.window.find_segment(resource), amounts) for resource, amounts in aside]
        taken = [
            (segment, np.array([amounts.get(dimension, 0) for dimension in DIMENSIONS], np.int64))
            for segment, amounts in rows
            if segment is not None
        ]
        for segment, amount in taken:
            self.live.free[segment] -= amount
        try:
            yield
        finally:
            for segment, amount in taken:
                self.live.free[segment] += amount


def followed(state: State, window: Window) -> Followed:
    """The live arrays of a window for a state, made once."""
    return state.derive(window.key, lambda: Followed(window, state))
