"""What the past says of how long things take: spreads of delays by lane, learned from a network's history.

lane        service, from, to; a courier's zone; the handling at a facility
no history  the stated prior of its mode
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rookery.engines.eta.learn import Earlier, History, Learned, learn
from rookery.engines.eta.prior import MODES
from rookery.engines.eta.spread import Spread
from rookery.journey.desk import World
from rookery.journey.network.line import Ridden
from rookery.journey.service import Timetable
from rookery.units import MINUTE_S, local_instant, time_zone


class Lane(NamedTuple):
    """What is ridden or handled: `service:ID` with both ends, `zone:ID` or `facility:ID` without."""

    what: str
    origin: str = ""
    destination: str = ""


class Delay(NamedTuple):
    """How much later than planned something may end, and of how many past legs of its lane that was learned."""

    spread: Spread
    legs_known: int


class Past:
    """What was learned from a network's history. Immutable but for its own cache."""

    def __init__(self, table: Timetable):
        network = table.network
        self._kinds = {f"service:{one.service_id}": (one.company_id, one.mode) for one in network.services}
        self._kinds |= {f"zone:{one.zone_id}": (one.company_id, "courier") for one in network.zones}
        self._kinds |= {f"facility:{one.facility_id}": (one.company_id, "transfer") for one in network.facilities}
        lanes = dict.fromkeys(Lane(row.what, row.origin, row.destination) for row in network.history)
        self._lanes = {lane: n for n, lane in enumerate(lanes)}
        companies = dict.fromkeys(self._kinds[lane.what][0] for lane in lanes)
        self._operators = {company: n for n, company in enumerate(companies)}
        self._learned = self._learn(table)
        self._known: dict[tuple[Lane, int], Delay] = {}

    def delay(self, lane: Lane, planned_s: int) -> Delay:
        """The delay of something that is planned to take so long; less than a minute counts as one."""
        planned_s = max(planned_s, MINUTE_S)
        key = (lane, planned_s)
        known = self._known.get(key)
        if known is None:
            company, mode = self._kinds[lane.what]
            index = self._lanes.get(lane, -1)
            spread = self._learned.spread(index, self._operators.get(company, -1), MODES.index(mode), planned_s)
            count = 0 if index < 0 else int(self._learned.seen.lane_count[index])
            known = self._known[key] = Delay(spread, count)
        return known

    def _learn(self, table: Timetable) -> Learned:
        rows = table.network.history
        single, many = ([row for row in rows if (row.legs > 1) is kind] for kind in (False, True))
        began_at = [self._began_at(row, table) for row in single]
        lane, operator, mode, planned_s, actual_s = self._columns(single)
        history = History(lane, operator, mode, np.array(began_at, np.int64), planned_s, actual_s)
        lane, operator, mode, planned_s, actual_s = self._columns(many)
        count = np.array([row.legs for row in many], np.int64)
        return learn(history, Earlier(lane, operator, mode, count, planned_s, actual_s) if many else None)

    def _columns(self, rows: Sequence[Ridden]) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
        """int64 (5, rows): lane, operator, mode, planned and actual seconds."""
        cells = []
        for row in rows:
            company, mode = self._kinds[row.what]
            lane = self._lanes[Lane(row.what, row.origin, row.destination)]
            times = (row.planned_min * MINUTE_S, row.actual_min * MINUTE_S)
            cells.append((lane, self._operators[company], MODES.index(mode), *times))
        return np.array(cells, np.int64).reshape(-1, 5).T.copy()

    @staticmethod
    def _began_at(row: Ridden, table: Timetable) -> int:
        kind, _, id_ = row.what.partition(":")
        place = row.origin if kind == "service" else id_ if kind == "facility" else ""
        zone = table.facilities[place].time_zone if place else "UTC"
        return local_instant(row.date, row.began, time_zone(zone))


def past_of(world: World) -> Past:
    """The past of a world, learned once."""
    known: Past | None = world.derived.get(Past)
    if known is None:
        known = world.derived[Past] = Past(world.timetable)
    return known
