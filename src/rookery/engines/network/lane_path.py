"""The rides behind one number of a lane table, found again by scanning back over the few days that it spans.

Tables store no parents: between the ready time and the arrival lie some ten thousand rows, and settling them anew for
one destination takes less than a millisecond. The same scan answers alone, for exact seconds or for costs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rookery.engines.kernel import kernel
from rookery.engines.network.links import Flags, Ints, Links

Longs = NDArray[np.int64]

NONE = 2**62  # more than any sum of int32 costs


@dataclass(frozen=True, slots=True)
class Question:
    """From where, ready when, to where; `until_s` bounds the tender times that are looked at, such as a known arrival.

    Seconds as in the links.
    """

    origin: int
    destination: int
    ready_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class RidePlan:
    """The rides in their order, and what they come to: the arrival in seconds, or the sum of costs."""

    rides: tuple[int, ...]
    value: int


def find_earliest(links: Links, question: Question, *, usable: Flags | None = None) -> RidePlan | None:
    """The plan that arrives first; None where there is none. Ties: the ride tendered first, end before going on,
    staying aboard before changing, the lowest way out.

    usable  bool (E,), rides with room that run; None: all of them
    Cost    0.5 ms over 2 days of 30,000 rides each
    """
    return _find(links, question, np.zeros(1, np.int32), links.ready_s, usable)


def find_cheapest(
    links: Links, question: Question, ride_cost: Ints, end_cost: Ints, *, usable: Flags | None = None
) -> RidePlan | None:
    """The plan of least cost among those whose rides are all tendered until the limit; None where there is none.

    ride_cost, end_cost  int32 (R,), as for `lane_table.cost_block`
    """
    return _find(links, question, ride_cost, end_cost, usable)


def _find(links: Links, question: Question, ride_cost: Ints, end_cost: Ints, usable: Flags | None) -> RidePlan | None:
    """`ride_cost` of length 1 holds for all rows."""
    if question.origin == question.destination:
        raise ValueError(f"facility {question.origin}: wanted two places, found one")
    firsts = _first_rows(links, question)
    if not firsts:
        return None
    low = min(firsts)
    high = int(np.searchsorted(links.key_s, question.until_s, side="right"))
    if low >= high:
        return None
    open_to = np.ones(1, np.bool_) if usable is None else usable
    values = np.empty(high - low + 1, np.int64)
    ridden, then = np.empty(high - low, np.int32), np.empty(high - low, np.int32)
    _settle(
        links.next_row, links.onward, links.to_facility, links.ride, ride_cost, end_cost, open_to,
        question.destination, low, values, ridden, then,
    )  # fmt: skip
    best = min(firsts, key=lambda row: int(values[min(row, high) - low]))
    if best >= high or values[best - low] >= NONE:
        return None
    rides, row = [], best
    while row >= 0:
        row = int(ridden[row - low])
        if links.to_facility[row] >= 0:
            rides.append(int(links.ride[row]))
        row = int(then[row - low])
    return RidePlan(tuple(rides), int(values[best - low]))


def _first_rows(links: Links, question: Question) -> list[int]:
    """The first row of each chain of the origin that can be boarded."""
    rows = []
    for chain in links.chain_of[question.origin].tolist():
        if chain >= 0:
            low, high = int(links.chain_start[chain]), int(links.chain_start[chain + 1])
            place = low + int(np.searchsorted(links.chain_s[low:high], question.ready_s))
            if place < high:
                rows.append(int(links.chain_row[place]))
    return rows


# --- kernels


@kernel
def _settle(
    next_row: Ints, onward: Ints, to_facility: Ints, ride: Ints, ride_cost: Ints, end_cost: Ints, usable: Flags,
    destination: int, low: int, values: Longs, ridden: Ints, then: Ints,
) -> None:  # fmt: skip
    """Of each row in the window that begins at `low`: the value of riding or waiting, the row that is then ridden,
    and the row that goods go on with after it; -1: they have arrived."""
    count, costs, limited = len(ridden), len(ride_cost) > 1, len(usable) > 1
    values[count] = NONE
    for place in range(count - 1, -1, -1):
        row = place + low
        best, to = NONE, -1
        if not limited or usable[ride[row]]:
            if to_facility[row] == destination:
                best = int(end_cost[row])
            for k in range(onward.shape[1]):
                link = onward[row, k]
                value = values[min(link - low, count)]
                if value < best:
                    best, to = value, link
            if costs:
                best = min(best + int(ride_cost[row]), NONE)
        wait = min(next_row[row] - low, count)
        if values[wait] < best:
            values[place], ridden[place] = values[wait], ridden[wait]
        else:
            values[place], ridden[place] = best, row
        then[place] = to
