"""Dated rides as a graph without circles: what goods on each ride, or waiting for it, can do next.

    chain   all rides that leave a facility by one way out, by tender time; waiting means moving on along it
    row     a ride that can be boarded, or a ride of goods that stayed aboard; rows stand in order of time
    link    from a row to a later one: to the next ride of its chain (wait), to the first ride of a chain that can
            still be met at the facility it leads to (change), to the next segment of its trip (stay aboard)

The order. Every link leads to a later row, so that one pass from the last row to the first settles every row before
it is asked for. Why such an order exists, and why it loses nothing:

1.  A row's key is an instant: the tender time of a ride that is boarded. A segment that goods reach aboard gets a
    second row, in no chain, whose key is the greatest tender time of its trip so far; the row that is boarded links
    to it. Without it a late cut-off at an early stop and an early one at a later stop could not both be in order.
2.  Tender <= arrival on each segment, and arrival <= arrival on the next: so a trip's greatest tender time so far is
    at most the arrival at the segment's end. Keys never fall along stay links (a running maximum), nor along change
    links (key <= arrival <= arrival + handling <= the tender time met), nor along a chain (sorted).
3.  Where keys are equal, rows are ranked by the longest row of links among equals: a ride of no minutes into a
    facility without handling stands before every ride tendered there at that very instant. Only rides that go round
    in a circle in no time at all have no such rank; they are refused, since no timetable holds them.
4.  Within a chain equal tender times stand in the order of rows, and a change meets the first of them: the rest
    follow by waiting. Hence every plan there is, is a path of links, and every path of links is a plan.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rookery.engines.kernel import kernel

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

WIDTH = 3  # onward links are padded to a multiple of it: a scan takes them three at a time


@dataclass(frozen=True, slots=True)
class Rides:
    """E dated segments between F facilities. Seconds from any instant, int32; ways are small numbers from 0.

    from_facility, to_facility   int32 (E,), in [0, F)
    way_out, way_in              int32 (E,), by which way goods leave the one facility and come into the other
    tender_s   int32 (E,), goods have to be at from_facility by then
    arrive_s   int32 (E,), from when handling at to_facility counts; not before tender_s
    ready_s    int32 (E,), when goods for to_facility are there; not before tender_s
    stay       int32 (E,), the next segment of the same trip, -1 for none
    """

    from_facility: Ints
    to_facility: Ints
    way_out: Ints
    way_in: Ints
    tender_s: Ints
    arrive_s: Ints
    ready_s: Ints
    stay: Ints


@dataclass(frozen=True, slots=True)
class Links:
    """R rows in order of time; R itself stands for "none" as the end of a link.

    key_s        int32 (R,), never falls
    ride         int32 (R,), which of the E rides
    to_facility  int32 (R,), where it ends; -1 for a row that is only boarded and goes on as the row of its ride
    ready_s      int32 (R,), as of the ride
    next_row     int32 (R,), the next ride of the chain: waiting
    onward       int32 (R, 3 or 6 ...), staying or changing, "none" in the unused places
    chain_of     int32 (F, ways out), the chain of each, -1 for none
    chain_start  int32 (C + 1,), the rows of chain c are chain_row[chain_start[c]:chain_start[c + 1]]
    chain_row    int32 (E,), rising within a chain
    chain_s      int32 (E,), the tender times of those rows
    reach        how many rows a link leads on at most
    """

    key_s: Ints
    ride: Ints
    to_facility: Ints
    ready_s: Ints
    next_row: Ints
    onward: Ints
    chain_of: Ints
    chain_start: Ints
    chain_row: Ints
    chain_s: Ints
    reach: int


class _Chains(NamedTuple):
    """Rides by chain: `of` int32 (F, ways out); those of chain c are ride[start[c]:start[c + 1]], by tender time."""

    of: Ints
    start: Ints
    ride: Ints


class _Draft(NamedTuple):
    """Rows before they are in order: one for each ride, then one for each that goods reach aboard.

    ride, key_s  int32 (R,)
    aboard       int32 (E,), the second row of a ride, -1 for none
    stays_on     int32 (E,), the row that goods on a ride stay on for, -1 for none
    """

    ride: Ints
    key_s: Ints
    aboard: Ints
    stays_on: Ints


def build_links(rides: Rides, handling_s: Ints) -> Links:
    """The graph of a window of rides.

    handling_s  int32 (F, ways in, ways out), not negative: from arrival until goods may be tendered for a way out
    Raises  ValueError: a ride that ends before it is tendered, a stay that is none, a circle of rides in no time
    Cost    0.2 s for 630,000 rides on one core
    """
    _check(rides, handling_s)
    chains, draft = _chains(rides, *handling_s.shape[::2]), _draft(rides)
    order = _order(rides, handling_s, chains, draft)
    row_of = np.empty(len(order), np.int32)
    row_of[order] = np.arange(len(order), dtype=np.int32)
    ride, chain_row = draft.ride[order], row_of[chains.ride]
    _sort_within(chains.start, chain_row)
    chain_s = rides.tender_s[ride[chain_row]]
    boards_only = (order < len(draft.aboard)) & (draft.aboard[ride] >= 0)
    stays = np.where(boards_only, draft.aboard[ride], draft.stays_on[ride])
    stays = np.where(stays >= 0, row_of[stays], np.int32(-1))
    to_facility = np.where(boards_only, np.int32(-1), rides.to_facility[ride])
    places = WIDTH * -(-(handling_s.shape[2] + bool((stays >= 0).any())) // WIDTH)
    onward = np.full((len(order), places), len(order), np.int32)
    _fill_onward(
        ride, to_facility, stays, rides.arrive_s, rides.way_in, handling_s, chains.of, chains.start, chain_row, chain_s,
        onward,
    )  # fmt: skip
    next_row = _next_rows(chains.start, chain_row, len(order))
    return Links(
        draft.key_s[order], ride, to_facility, rides.ready_s[ride], next_row, onward,
        chains.of, chains.start, chain_row, chain_s, _reach(next_row, onward),
    )  # fmt: skip


def _next_rows(starts: Ints, chain_row: Ints, count: int) -> Ints:
    """The row after each in its chain; `count` after the last and for rows in no chain."""
    next_row = np.full(count, count, np.int32)
    goes_on = np.ones(len(chain_row), np.bool_)
    goes_on[starts[1:] - 1] = False
    at = np.flatnonzero(goes_on)
    next_row[chain_row[at]] = chain_row[at + 1]
    return next_row


def _reach(next_row: Ints, onward: Ints) -> int:
    """How far a link leads at most; every link leads to a later row."""
    count = len(next_row)
    rows, reach = np.arange(count, dtype=np.int32), 0
    for to in (next_row, *onward.T):
        far = (to - rows)[to < count]
        if len(far):
            assert far.min() > 0, "every link leads to a later row"
            reach = max(reach, int(far.max()))
    return reach


def _check(rides: Rides, handling_s: Ints) -> None:
    """Raise ValueError that names the first ride which breaks what the order of rows rests on."""
    stays = np.flatnonzero(rides.stay >= 0)
    after = rides.stay[stays]
    wrong = {
        "ends before it is tendered": np.minimum(rides.arrive_s, rides.ready_s) < rides.tender_s,
        "goes on as a segment from elsewhere": _at(
            stays, rides.to_facility[stays] != rides.from_facility[after], rides
        ),
        "goes on as a segment that ends before it": _at(stays, rides.arrive_s[stays] > rides.arrive_s[after], rides),
    }
    for what, which in wrong.items():
        if which.any():
            raise ValueError(f"ride {int(np.argmax(which))} {what}")
    if handling_s.size and handling_s.min() < 0:
        raise ValueError(f"handling_s: wanted no negative time, found {int(handling_s.min())}")


def _at(where: NDArray[np.int64], which: Flags, rides: Rides) -> Flags:
    out = np.zeros(len(rides.stay), np.bool_)
    out[where] = which
    return out


def _chains(rides: Rides, facilities: int, ways: int) -> _Chains:
    code = rides.from_facility.astype(np.int64) * ways + rides.way_out
    exists = np.bincount(code, minlength=facilities * ways) > 0
    of = np.where(exists, np.cumsum(exists) - 1, -1).astype(np.int32)
    chain = of[code]
    start = np.append(0, np.cumsum(np.bincount(chain, minlength=int(exists.sum())))).astype(np.int32)
    return _Chains(of.reshape(facilities, ways), start, np.lexsort((rides.tender_s, chain)).astype(np.int32))


def _draft(rides: Rides) -> _Draft:
    count = len(rides.stay)
    stayed = np.unique(rides.stay[rides.stay >= 0]).astype(np.int32)
    aboard = np.full(count, -1, np.int32)
    aboard[stayed] = count + np.arange(len(stayed), dtype=np.int32)
    stays_on = np.where(rides.stay >= 0, aboard[rides.stay], np.int32(-1)) if count else aboard
    ride = np.concatenate([np.arange(count, dtype=np.int32), stayed])
    return _Draft(ride, np.concatenate([rides.tender_s, _aboard_keys(rides)[stayed]]), aboard, stays_on)


def _aboard_keys(rides: Rides) -> Ints:
    """The greatest tender time of each segment's trip so far."""
    stays = np.flatnonzero(rides.stay >= 0)
    after, key_s = rides.stay[stays], rides.tender_s.copy()
    while len(stays) and np.any(key_s[stays] > key_s[after]):  # as often as a trip has segments; keys only rise
        np.maximum.at(key_s, after, key_s[stays])
    return key_s


def _order(rides: Rides, handling_s: Ints, chains: _Chains, draft: _Draft) -> Ints:
    """Rows by key, then by rank among equals, then as they came."""
    rank = _ranks(*_equal_links(rides, handling_s, chains, draft), draft.key_s)
    if rank is None:
        return np.argsort(draft.key_s, kind="stable").astype(np.int32)
    return np.lexsort((rank, draft.key_s)).astype(np.int32)


def _equal_links(rides: Rides, handling_s: Ints, chains: _Chains, draft: _Draft) -> tuple[Ints, Ints]:
    """Links between rows of equal key, as two arrays from and to, before the rows are ordered."""
    boards, stays = np.flatnonzero(draft.aboard >= 0), np.flatnonzero(draft.stays_on >= 0)
    rider = np.where(draft.aboard >= 0, draft.aboard, np.arange(len(draft.aboard)))  # the row that rides, of each ride
    froms, tos = [boards, rider[stays]], [draft.aboard[boards], draft.stays_on[stays]]
    for way in range(handling_s.shape[2]):
        chain = chains.of[rides.to_facility, way]
        met_s = rides.arrive_s + handling_s[rides.to_facility, rides.way_in, way]
        for one in np.flatnonzero((met_s == draft.key_s[rider]) & (chain >= 0)):
            rows = chains.ride[chains.start[chain[one]] : chains.start[chain[one] + 1]]
            low, high = np.searchsorted(rides.tender_s[rows], [met_s[one], met_s[one] + 1])
            froms.append(np.full(high - low, rider[one]))
            tos.append(rows[low:high])
    source, target = np.concatenate(froms).astype(np.int32), np.concatenate(tos).astype(np.int32)
    equal = draft.key_s[source] == draft.key_s[target]
    return source[equal], target[equal]


def _ranks(source: Ints, target: Ints, key_s: Ints) -> Ints | None:
    """The longest row of links that leads to each row; None where there are no links.

    Raises  ValueError: links in a circle
    """
    if not len(source):
        return None
    rank = np.zeros(len(key_s), np.int32)
    for _ in range(len(np.unique(source)) + 1):
        before = rank.copy()
        np.maximum.at(rank, target, rank[source] + 1)
        if np.array_equal(before, rank):
            return rank
    first = int(key_s[source[np.argmax(rank[source])]])
    raise ValueError(f"rides go round in a circle in no time at second {first}; give one of them a length")


# --- kernels


@kernel
def _sort_within(starts: Ints, chain_row: Ints) -> None:
    """Sort the rows of each chain; they are nearly sorted, since both orders go by tender time."""
    for c in range(len(starts) - 1):
        for i in range(starts[c] + 1, starts[c + 1]):
            row, j = chain_row[i], i
            while j > starts[c] and chain_row[j - 1] > row:
                chain_row[j] = chain_row[j - 1]
                j -= 1
            chain_row[j] = row


@kernel
def _fill_onward(
    ride: Ints, to_facility: Ints, stay_row: Ints, arrive_s: Ints, way_in: Ints, handling_s: Ints,
    chain_of: Ints, starts: Ints, chain_row: Ints, chain_s: Ints, onward: Ints,
) -> None:  # fmt: skip
    """Staying aboard first, then the first ride that can be met of each chain, by way out."""
    for row in range(len(ride)):
        k = 0
        if stay_row[row] >= 0:
            onward[row, k] = stay_row[row]
            k += 1
        at = to_facility[row]
        if at < 0:
            continue
        for way in range(chain_of.shape[1]):
            c = chain_of[at, way]
            if c < 0:
                continue
            met_s = arrive_s[ride[row]] + handling_s[at, way_in[ride[row]], way]
            low, high = starts[c], starts[c + 1]
            while low < high:
                middle = (low + high) >> 1
                if chain_s[middle] < met_s:
                    low = middle + 1
                else:
                    high = middle
            if low < starts[c + 1]:
                onward[row, k] = chain_row[low]
                k += 1
