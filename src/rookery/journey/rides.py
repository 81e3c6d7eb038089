"""The dated rides that goods may take under a product, as the engine's graph of rides reads them.

All that the terms say is folded into three numbers of a ride, and nothing is approximated:

    way in     how goods came into a facility: its node
    way out    positions for which every way in is handled alike; `handling_s`: the least time from arrival to departure
    tender_s   the departure; for goods that begin at an origin, by when they have to be there

Goods that begin somewhere are handled otherwise than those that a ride brings. So each origin is a facility of its own
beside the network's, which no ride leads to, with copies of the rides that leave there.

A ride is one segment, and goods stay aboard to the next, where nothing depends on where they boarded. Where a border
time or a price does, or a country on the way is barred, there is a ride for each pair of stops.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rookery.engines.network.links import Rides
from rookery.engines.network.rules import BREAKS, CLEAR, KNOWN_S, POSITION, TENDER_S, Rules
from rookery.engines.network.snapshot import (
    CLOSED,
    FACILITY,
    LAST,
    LIMITED,
    LINE,
    NODE,
    PAIR,
    START,
    TRIPS,
    Bytes,
    Ints,
    Live,
    Longs,
    Snapshot,
)

Flags = npt.NDArray[np.bool_]
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a window is looked at, and for which goods. Instants in the window's seconds.

    rated      [lists, epochs] True where a price list has a price for the goods
    need       [dimensions] what they take of each segment
    barred     [facilities] 1: they may not alight there
    first_s    departures from then on; last_s: arrivals until then
    booked_s   when booking and papers are there; None: in time for everything
    """

    net: Snapshot
    live: Live
    rules: Rules
    rated: Flags
    need: Longs
    barred: Bytes
    first_s: int
    last_s: int
    booked_s: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """An origin: the node at which goods begin, and from when on."""

    node: int
    first_s: int


@dataclass(frozen=True, slots=True)
class RideTable:
    """Rides for the engine, and what each is.

    handling_s   int32 (facilities and starts, ways in, ways out)
    board, alight, trip   int32 (E,), positions of a line and the number of its trip
    """

    rides: Rides
    handling_s: Ints
    board: Ints
    alight: Ints
    trip: Ints


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways in by node, ways out by position (NOWHERE: goods may not board), and what lies between them."""

    way_in: Ints
    way_out: Ints
    known_s: Ints
    handling_s: Ints


# Columns of rides while they are put together.
_BOARD, _ALIGHT, _TRIP, _FROM, _TO, _WAY_OUT, _WAY_IN, _TENDER, _ARRIVE, _STAY = range(10)


def draw_rides(sight: Sight, starts: list[Start]) -> RideTable:
    """Every ride that has room and a price. Start n is facility `facility_count + n`.

    Cost    linear in the rides; a pass of Python for each pair of stops of lines that have to be told apart by them
    """
    ways = _ways(sight.rules, sight.net)
    plain = _plain_lines(sight, ways)
    segments = _segment_rides(sight, ways, plain)
    rows = np.concatenate([segments, *_pair_rides(sight, ways, plain)])
    rows = np.concatenate([rows, *_copies(sight, rows, starts)])
    extra = np.zeros((len(starts), *ways.handling_s.shape[1:]), np.int32)
    rides = rows.astype(np.int32).T.copy()
    return RideTable(
        Rides(*rides[[_FROM, _TO, _WAY_OUT, _WAY_IN, _TENDER, _ARRIVE, _ARRIVE, _STAY]]),
        np.concatenate([ways.handling_s, extra]), rides[_BOARD], rides[_ALIGHT], rides[_TRIP],
    )  # fmt: skip


def _ways(rules: Rules, net: Snapshot) -> _Ways:
    """Positions of a facility that are alike in time for every way in share a way out."""
    way_in, way_out = np.zeros(net.node_count, np.int32), np.full(len(net.positions), NOWHERE, np.int32)
    known_s, spans = np.zeros(len(net.positions), np.int32), dict[int, Ints]()
    way_out[rules.entries[:, POSITION]] = 0  # also where no ride leads to: goods may begin there
    known_s[rules.entries[:, POSITION]] = rules.entries[:, KNOWN_S]
    for facility, nodes in _nodes_by_facility(rules).items():
        way_in[nodes] = np.arange(len(nodes))
        entries = [rules.entries[rules.entry_ptr[n] : rules.entry_ptr[n + 1]] for n in nodes]  # of each the same rides
        if len(entries[0]):
            kinds, which = np.unique(np.stack([one[:, TENDER_S] for one in entries]), axis=1, return_inverse=True)
            way_out[entries[0][:, POSITION]] = which.reshape(-1)
            spans[facility] = kinds
    most = [max((kinds.shape[axis] for kinds in spans.values()), default=1) for axis in (0, 1)]
    handling_s = np.zeros((net.facility_count, max(most[0], int(way_in.max(initial=0)) + 1), most[1]), np.int32)
    for facility, kinds in spans.items():
        handling_s[facility, : kinds.shape[0], : kinds.shape[1]] = kinds
    return _Ways(way_in, way_out, known_s, handling_s)


def _nodes_by_facility(rules: Rules) -> dict[int, list[int]]:
    """The nodes that rides lead to."""
    found: dict[int, list[int]] = {}
    for node in np.flatnonzero(rules.first_way == 0).tolist():
        found.setdefault(int(rules.node_facility[node]), []).append(node)
    return found


# --- lines on which it does not matter where goods boarded


def _plain_lines(sight: Sight, ways: _Ways) -> Flags:
    """[lines] True where segments do: no borders, no prices, nobody barred, times in order, papers never late."""
    net, positions = sight.net, sight.net.positions
    ends = positions[:, LAST] == np.arange(len(positions))
    begins = np.ones(len(positions), np.bool_)
    begins[1:] = ends[:-1]
    bad = (positions[:, PAIR] >= 0) | ((ways.way_out < 0) & ~ends)
    bad |= (sight.barred[positions[:, FACILITY]] > 0) & (positions[:, NODE] >= 0)
    bad |= (positions[:, NODE] < 0) & ~begins
    if sight.booked_s is not None:
        bad |= ~ends & (sight.booked_s + ways.known_s > sight.first_s)
    board, trip = _board_and_trip(net)
    departs, arrives = sight.live.departs, sight.live.arrives
    after = _next_segment(net, board, trip)
    there = np.flatnonzero(after >= 0)
    odd = departs > arrives
    odd[there] |= arrives[there] > arrives[after[there]]
    bad[board[odd]] = True
    plain = np.ones(len(net.trip_ptr) - 1, np.bool_)
    plain[positions[bad, LINE]] = False
    return plain


def _board_and_trip(net: Snapshot) -> tuple[Longs, Longs]:
    """Position and number of the trip of each segment: they stand position by position."""
    runs = np.where(net.positions[:, LAST] > np.arange(len(net.positions)), net.positions[:, TRIPS], 0)
    board = np.repeat(np.arange(len(net.positions)), runs)
    return board, np.arange(len(board)) - net.positions[board, START]


def _next_segment(net: Snapshot, board: Longs, trip: Longs) -> Longs:
    """The next segment of the trip of each, NOWHERE after the last."""
    after = np.minimum(board + 1, len(net.positions) - 1)
    return np.where(net.positions[board, LAST] > board + 1, net.positions[after, START] + trip, NOWHERE)


def _segment_rides(sight: Sight, ways: _Ways, plain: Flags) -> Longs:
    """A ride for each segment of the plain lines; goods stay aboard."""
    net, positions = sight.net, sight.net.positions
    board, trip = _board_and_trip(net)
    live = sight.live
    taken = plain[positions[board, LINE]] & _fits(sight, board, np.arange(len(board)))
    taken &= (live.departs >= sight.first_s) & (live.arrives <= sight.last_s)
    number = np.full(len(board) + 1, NOWHERE, np.int64)  # its last row is that of no segment
    number[:-1][taken] = np.arange(int(taken.sum()))
    stay = number[_next_segment(net, board, trip)]
    board, trip = board[taken], trip[taken]
    to = positions[board + 1]
    return np.stack(
        [board, board + 1, trip, positions[board, FACILITY], to[:, FACILITY], ways.way_out[board],
         ways.way_in[to[:, NODE]], live.departs[taken], live.arrives[taken], stay[taken]], axis=1,
    ).astype(np.int64)  # fmt: skip


def _fits(sight: Sight, board: Longs, segment: Longs) -> Flags:
    """True where a segment runs and the goods have room on it."""
    free = sight.live.free[segment]
    fits: Flags = (sight.need <= free).all(axis=1) | (sight.net.positions[board, LIMITED] == 0)
    return fits & (free[:, 0] >= CLOSED // 2)


# --- lines on which it does


def _pair_rides(sight: Sight, ways: _Ways, plain: Flags) -> list[Longs]:
    """A ride for each pair of stops and each trip of the other lines."""
    positions, out = sight.net.positions, []
    for p in np.flatnonzero((ways.way_out >= 0) & ~plain[positions[:, LINE]]).tolist():
        trips = np.arange(positions[p, TRIPS])
        departs = sight.live.departs[positions[p, START] + trips]
        may = departs >= sight.first_s
        if sight.booked_s is not None:
            may &= departs >= sight.booked_s + int(ways.known_s[p])
        epoch = _epochs(sight, p)
        for q in range(p + 1, int(positions[p, LAST]) + 1):
            segment = positions[q - 1, START] + trips
            may = may & _fits(sight, np.full(len(trips), q - 1), segment)
            node, facility = positions[q, NODE], positions[q, FACILITY]
            if node < 0 or sight.barred[facility]:
                continue
            arrives, priced = _cleared(sight, p, q, epoch)
            arrives = arrives + sight.live.arrives[segment]
            k = trips[may & priced & (arrives <= sight.last_s)]
            same = (p, q, k, positions[p, FACILITY], facility, ways.way_out[p], ways.way_in[node])
            rows = np.empty((len(k), _STAY + 1), np.int64)
            for column, value in enumerate((*same, departs[k], arrives[k], NOWHERE)):
                rows[:, column] = value
            out.append(rows)
    return out


def _epochs(sight: Sight, position: int) -> Longs:
    """Epoch of each trip that calls at a position."""
    net, rules = sight.net, sight.rules
    line = net.positions[position, LINE]
    days = net.trip_day[net.trip_ptr[line] : net.trip_ptr[line + 1]] - rules.first_day
    epochs: Longs = rules.day_epoch[np.clip(days, 0, len(rules.day_epoch) - 1)].astype(np.int64)
    return epochs


def _cleared(sight: Sight, board: int, alight: int, epoch: Longs) -> tuple[Longs, Flags]:
    """Of a ride between two stops on each trip: how long the border takes, and whether it has a price."""
    pair = int(sight.net.positions[board, PAIR])
    if pair < 0:
        return np.zeros(len(epoch), np.int64), np.ones(len(epoch), np.bool_)
    row = sight.rules.pairs[pair + alight - board - 1]
    clear_s = sight.rules.clear_s[row[CLEAR], epoch] if row[CLEAR] >= 0 else np.zeros(len(epoch))
    priced = sight.rated[row[BREAKS], epoch]  # FREE and NO_RATE, below zero, are its last rows
    return clear_s.astype(np.int64), priced


def _copies(sight: Sight, rows: Longs, starts: list[Start]) -> list[Longs]:
    """The rides that leave where goods begin, tendered as their first handling and cut-off say."""
    rules = sight.rules
    rows = rows[np.argsort(rows[:, _FROM], kind="stable")]
    at = np.array([rules.node_facility[start.node] for start in starts], np.int64)
    begins, ends = (np.searchsorted(rows[:, _FROM], at, side=side) for side in ("left", "right"))
    out, lead_s = [], np.zeros(len(sight.net.positions), np.int64)
    for number, start in enumerate(starts):
        entries = rules.entries[rules.entry_ptr[start.node] : rules.entry_ptr[start.node + 1]]
        lead_s[entries[:, POSITION]] = entries[:, TENDER_S]
        copies = rows[begins[number] : ends[number]].copy()
        copies[:, _TENDER] -= lead_s[copies[:, _BOARD]]
        copies[:, _FROM], copies[:, _WAY_OUT] = sight.net.facility_count + number, 0
        out.append(copies[copies[:, _TENDER] >= start.first_s])
    return out


def list_hops(sight: Sight) -> Ints:
    """[2, hops] from and to of all that runs from a facility to the next, whatever it takes to board it."""
    board, _ = _board_and_trip(sight.net)
    board = np.unique(board[sight.live.departs >= sight.first_s])
    facility = sight.net.positions[:, FACILITY]
    return np.unique(np.stack([facility[board], facility[board + 1]]), axis=1)


def reaching(hops: Ints, *, count: int, facility: int) -> Flags:
    """[count] of all facilities those from which hops lead to one."""
    froms, tos = hops
    seen = np.zeros(count, np.bool_)
    seen[facility] = True
    while True:
        more = froms[seen[tos] & ~seen[froms]]
        if not len(more):
            return seen
        seen[more] = True
