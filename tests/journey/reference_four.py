"""The same slow search for four criteria: also what each ride emits, and the risk of each connection.

What a stretch emits and how risky a connection is, by delay class and slack, are taken as given here; other tests hold
them against the past and the globe.
"""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from reference import Moment, Reference

from rookery.journey.atlas import atlas_of
from rookery.journey.burden import BUCKET_S, BUCKETS, burdens_of
from rookery.journey.carbon import carbon_of
from rookery.journey.desk import World
from rookery.journey.room import Room
from rookery.journey.service import FIRST_WAYS
from rookery.journey.walk import Trip

End = tuple[int, int, int, int]  # arrival, cost, CO2 (mg per kg), risk
NO_RIDE = ""


def unbeaten(ends: Iterable[End]) -> list[End]:
    """Those that no other is as good as in everything."""
    kept: list[End] = []
    for end in sorted(set(ends)):
        if not any(all(a <= b for a, b in zip(one, end, strict=True)) for one in kept):
            kept.append(end)
    return kept


class FourReference(Reference):
    """The ends of one trip that no other beats in four criteria."""

    def __init__(self, trip: Trip, room: Room, world: World):
        super().__init__(trip, room, world)
        self.carbon, self.burdens, self.lines = carbon_of(world), burdens_of(world), atlas_of(world).lines
        self.on = cache(self._on)

    def all(self) -> list[End]:
        """Every end, earliest first."""
        return unbeaten(
            (at, cost + more, co2, risk)
            for moment, cost in self._starts()
            for at, more, co2, risk in self.on(moment, NO_RIDE)
        )

    def _on(self, moment: Moment, came_by: str) -> list[End]:
        """The ends from a moment on, for goods that a departure of a variant has brought."""
        place, way_in, _, ready = moment
        ends: set[End] = {(at, cost, 0, 0) for at, cost in self._doors(place, way_in, ready)}
        latest = self.trip.depart_by if self.trip.depart_by and way_in in FIRST_WAYS else self.trip.deadline
        for run in self.runs:
            for board in range(len(run.places) - 1):
                if run.places[board] == place and ready <= run.departs[board] <= latest:
                    fee = self._find_fee(run, board, moment)
                    if fee is None:
                        continue
                    missed = self._risk(came_by, run.departs[board] - ready - self._tender_s(run, moment))
                    for there, cost in self._rides(run, board):
                        emitted = self._emitted(run.service.mode, run.places[board : run.places.index(there[0]) + 1])
                        ends |= {
                            (at, cost + fee + more, co2 + emitted, risk + missed)
                            for at, more, co2, risk in self.on(there, run.variant_id)
                        }
        return unbeaten(ends)

    def _emitted(self, mode: str, places: tuple[str, ...]) -> int:
        parts = [self.carbon.find_segment(mode, *ends) for ends in pairwise(places)]
        return sum(part for part in parts if part is not None)

    def _risk(self, came_by: str, slack_s: int) -> int:
        if came_by == NO_RIDE:
            return 0
        line = self.lines.line_of[self.lines.variant_index[came_by]]
        return int(self.burdens.risk[self.burdens.delay_class[line], min(slack_s // BUCKET_S, BUCKETS - 1)])
