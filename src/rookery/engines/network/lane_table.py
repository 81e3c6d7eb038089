"""Lane tables: when goods arrive, from everywhere, tendered at any time, at many destinations at once.

One pass over the rows of `links.py` from the last to the first. For one destination d, with A the arrival of goods
that ride a row and C that of goods that wait where it can be boarded:

    A[row] = min(ready time, if the row ends at d;  C[onward[row, k]] for each k)
    C[row] = min(A[row] if the row has room;  C[next_row[row]])

A pass settles WIDE destinations side by side, so that links are read once for all of them and a row's values stand
in a few cache lines. They are minutes in 16 bits, rounded up: a minimum of values rounded up is the minimum rounded
up, so nothing is lost but the seconds. No value is needed longer than a link is: a pass keeps them in a ring of
`reach + 1` rows that stays in the cache, and copies out those that were asked for.

*Source*  Connection Scan profiles (Dibbelt et al., JEA 2018) without their Pareto sets, which waiting along chains
          replaces. Measured on 630,000 rows: 16 bits are 1.4 times as fast as 32, the
          ring 1.4 times as fast as all rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rookery.engines.kernel import kernel
from rookery.engines.network.links import WIDTH, Flags, Ints, Links

Minutes = NDArray[np.uint16]

WIDE = 128  # destinations of one pass: four cache lines a row; 64 take half as long again, 256 too: the cache is full
NEVER = 65_535  # minutes: no arrival
DEAR = 2**30  # costs from here on count as none
END, KEEP, NEXT, ONWARD = range(4)  # columns of `Pass.rows`


@dataclass(frozen=True, slots=True)
class Pass:
    """The links as a pass reads them: places in the ring instead of rows, and no way on for rides without room.

    rows  int32 (R, 6 or 9 ...): END, the facility at which goods may be then, -1 for none; KEEP, where the values are
          copied to, -1 for nowhere; NEXT, the place of next_row; ONWARD and on, those of the onward links.
          `ring` itself is the place of "none"
    ring  places of the ring
    """

    rows: Ints
    ring: int


@dataclass(frozen=True, slots=True)
class LaneTable:
    """Arrivals from every ride tendered before a limit at D destinations.

    epoch_s  minute 0 in seconds: the last full minute before the first row
    until_s  it answers for goods that are ready by then
    column   int32 (F,), of each facility among the destinations, -1 for none
    slot     int32 (E,), beside `links.chain_row`: which kept row, -1 for none. Kept are the rides tendered before
             until_s and the one after them of each chain
    minutes  uint16 (blocks, kept rows, WIDE), NEVER for none; column c is [c // WIDE, slot, c % WIDE].
             2 bytes a row and destination: 860 MB for a week of 210,000 rides and 2,000 destinations
    """

    links: Links
    epoch_s: int
    until_s: int
    column: Ints
    slot: Ints
    minutes: Minutes


def lane_table(
    links: Links, destinations: Ints, *, until_s: int, usable: Flags | None = None, into: Minutes | None = None
) -> LaneTable:
    """Arrivals at each destination from every ride tendered before `until_s`: all origins, all times.

    destinations  int32 (D,), facilities, each once
    usable        bool (E,), rides with room that run; None: all of them
    into          uint16 (blocks, kept rows, WIDE), the minutes of an earlier table of the same shape, to be written
                  over: memory that was never touched before costs more than the scan
    Raises  ValueError: the window is longer than 16 bits of minutes (45 days)
    Cost    0.3 s for 2,000 destinations and 630,000 rides of three weeks of which one is kept, on one core
    """
    kept = _kept_places(links, until_s)
    common = prepare(links, links.chain_row[kept], usable)
    epoch_s, ready = in_minutes(links)
    minutes = np.empty((-(-len(destinations) // WIDE), len(kept), WIDE), np.uint16) if into is None else into
    ring = np.empty((common.ring + 1, WIDE), np.uint16)
    for block, values in enumerate(minutes):
        arrive_block(common, ready, members(links, destinations[block * WIDE : (block + 1) * WIDE]), ring, values)
    slot = common.rows[links.chain_row, KEEP]
    return LaneTable(links, epoch_s, until_s, members(links, destinations), slot, minutes)


def drop_off_table(
    links: Links, origins: Ints, destinations: Ints, drop_s: Ints, *, usable: Flags | None = None
) -> Minutes:
    """Arrivals by drop-off time: minutes after `in_minutes(links)[0]`, rounded up, NEVER for none.

    origins, destinations  int32 (O,) and (D,), each facility once
    drop_s                 int32 (T,), such as every hour of a week or the evening of each day
    Returns  uint16 (O, T, D): 2 bytes each; 2,000 x 7 x 2,000 is 56 MB, 2,000 x 168 x 2,000 is 1.3 GB
    Cost     0.3 s for 7 drop-off times, 2 s for 168, at 2,000 origins and destinations and 630,000 rides
    """
    rows = _first_rows(links, np.repeat(origins, len(drop_s)), np.tile(drop_s, len(origins)))
    wanted = np.unique(rows[rows < len(links.key_s)])
    common = prepare(links, wanted, usable)
    slots = np.append(common.rows[:, KEEP], np.int32(len(wanted)))[rows]  # the last kept row stays empty: none
    kept = np.full((len(wanted) + 1, WIDE), NEVER, np.uint16)
    epoch_s, ready = in_minutes(links)
    out = np.empty((len(origins) * len(drop_s), len(destinations)), np.uint16)
    ring = np.empty((common.ring + 1, WIDE), np.uint16)
    for first in range(0, len(destinations), WIDE):
        arrive_block(common, ready, members(links, destinations[first : first + WIDE]), ring, kept)
        _gather(kept, slots, out[:, first : first + WIDE])
    by_drop = out.reshape(len(origins), len(drop_s), len(destinations))
    at_once = np.clip(-((epoch_s - drop_s.astype(np.int64)) // 60), 0, NEVER).astype(np.uint16)
    for column, facility in enumerate(destinations):
        by_drop[origins == facility, :, column] = at_once
    return by_drop


# --- one pass


def prepare(links: Links, wanted: Ints, usable: Flags | None = None) -> Pass:
    """What all passes over the same links have in common.

    wanted  int32 (K,), rows whose values are kept, each once
    usable  bool (E,), rides with room that run; None: all of them
    Cost    10 ms for 630,000 rows
    """
    count, ring = len(links.key_s), links.reach + 1
    rows = np.full((count, ONWARD + links.onward.shape[1]), -1, np.int32)
    rows[wanted, KEEP] = np.arange(len(wanted), dtype=np.int32)
    open_to = np.ones(int(links.ride.max(initial=-1)) + 1, np.bool_) if usable is None else usable
    _fill_rows(links.next_row, links.onward, links.to_facility, links.ride, open_to, ring, rows)
    return Pass(rows, ring)


def members(links: Links, destinations: Ints) -> Ints:
    """int32 (F,), the column of each facility among some destinations, -1 for none."""
    column = np.full(len(links.chain_of), -1, np.int32)
    column[destinations] = np.arange(len(destinations), dtype=np.int32)
    return column


def in_minutes(links: Links) -> tuple[int, Minutes]:
    """The instant of minute 0, and the ready time of each row in minutes after it, rounded up.

    Raises  ValueError: a ready time lies more than 16 bits of minutes after the first row
    """
    if not len(links.key_s):
        return 0, np.empty(0, np.uint16)
    epoch_s = int(links.key_s[0]) // 60 * 60
    minutes = -((epoch_s - links.ready_s.astype(np.int64)) // 60)
    if minutes.max() >= NEVER:
        raise ValueError(f"ready_s: wanted less than {NEVER} minutes after the first row, found {int(minutes.max())}")
    return epoch_s, minutes.astype(np.uint16)


def arrive_block(common: Pass, ready: Minutes, column: Ints, ring: Minutes, kept: Minutes) -> None:
    """One pass for a few destinations; passes are independent and may run in threads, each with its own ring.

    ready   uint16 (R,), from `in_minutes`
    column  int32 (F,), from `members`
    ring    uint16 (common.ring + 1, columns), to work in
    kept    uint16 (K or more, columns), filled with the values of the wanted rows
    Cost    17 ms for 630,000 rows and 128 columns
    """
    ring[-1] = NEVER
    _arrive(common.rows, ready, column, ring, kept)


def cost_block(common: Pass, ride_cost: Ints, end_cost: Ints, column: Ints, ring: Ints, kept: Ints) -> None:
    """As `arrive_block`, with the least sum of costs instead of the earliest arrival.

    ride_cost  int32 (R,), of riding a row, 0 where it is only boarded (`row_costs`), in [0, DEAR)
    end_cost   int32 (R,), of ending there, such as the value of the time by then, in [0, DEAR)
    ring       int32 (common.ring + 1, columns), to work in
    kept       int32 (K or more, columns), filled; DEAR: no way, or none that costs less
    Cost       16 ms for 630,000 rows and 64 columns
    """
    ring[-1] = DEAR
    _weigh(common.rows, ride_cost, end_cost, column, ring, kept)


def row_costs(links: Links, cost: Ints) -> Ints:
    """The costs of rides by row: a row that is only boarded costs nothing, the row of its ride does."""
    return np.where(links.to_facility >= 0, cost[links.ride], np.int32(0)).astype(np.int32)


def _kept_places(links: Links, until_s: int) -> NDArray[np.int64]:
    """Places in the chains of the rides before a limit, and of the next one of each chain."""
    before = links.chain_s < until_s
    ahead = np.zeros(len(before), np.bool_)
    ahead[1:] = before[:-1]
    begins = links.chain_start[:-1]
    ahead[begins] = True  # of a chain that begins after the limit the first ride is the next one
    places = np.flatnonzero(before | ahead)
    return places[np.argsort(links.chain_row[places], kind="stable")]


def _first_rows(links: Links, origins: Ints, ready_s: Ints) -> Ints:
    """The first row of each chain that can be boarded: int32 (Q, ways out), R for none."""
    rows = np.empty((len(origins), links.chain_of.shape[1]), np.int32)
    places = np.empty_like(rows)
    _look(links.chain_of, links.chain_start, links.chain_s, origins, ready_s, places)
    none = len(links.key_s)
    return np.where(places < 0, none, np.append(links.chain_row, none)[places]).astype(np.int32)


# --- asking


def arrivals(table: LaneTable, origins: Ints, ready_s: Ints, destinations: Ints) -> NDArray[np.int64]:
    """When goods ready at each origin at that time are at each destination: seconds, rounded up to minutes; -1 never.

    origins, ready_s, destinations  int32 (Q,)
    Raises  ValueError: a destination that the table does not hold, a ready time after its limit
    Cost    0.1 us each, where there are many
    """
    column = table.column[destinations]
    if len(column) and column.min() < 0:
        raise ValueError(f"facility {int(destinations[np.argmin(column)])} is no destination of this table")
    if len(ready_s) and ready_s.max() > table.until_s:
        raise ValueError(f"ready_s: this table answers up to {table.until_s}, found {int(ready_s.max())}")
    links = table.links
    places = np.empty((len(origins), links.chain_of.shape[1]), np.int32)
    _look(links.chain_of, links.chain_start, links.chain_s, origins, ready_s, places)
    best = np.empty(len(origins), np.uint16)
    _pick(table.minutes, table.slot, places, column, best)
    out = np.where(best == NEVER, np.int64(-1), table.epoch_s + 60 * best.astype(np.int64))
    return np.where(origins == destinations, ready_s.astype(np.int64), out)


def find_latest(table: LaneTable, *, origin: int, destination: int, by_s: int) -> int | None:
    """The latest tender time before the table's limit with which goods are at a destination by then; None: no ride.

    Arrivals never fall along a chain, so the last ride that is early enough is found by halving. `by_s` is rounded
    down to a minute.
    """
    links, column = table.links, int(table.column[destination])
    if column < 0:
        raise ValueError(f"facility {destination} is no destination of this table")
    by = min(max((by_s - table.epoch_s) // 60, -1), NEVER - 1)
    latest: int | None = None
    for chain in links.chain_of[origin]:
        if chain >= 0 and by >= 0:
            here = slice(links.chain_start[chain], links.chain_start[chain + 1])
            tender_s = links.chain_s[here][links.chain_s[here] < table.until_s]
            values = table.minutes[column // WIDE, table.slot[here][: len(tender_s)], column % WIDE]
            last = int(np.searchsorted(values, by, side="right")) - 1
            if last >= 0 and (latest is None or tender_s[last] > latest):
                latest = int(tender_s[last])
    return latest


# --- kernels: a view that outlives its block is counted at every row, by instructions that cost as much as the row;
# so views serve the one hot loop, and all else is said with two indices


@kernel
def _fill_rows(
    next_row: Ints, onward: Ints, to_facility: Ints, ride: Ints, usable: Flags, ring: int, rows: Ints
) -> None:
    """Rows as places in the ring; a ride that is not usable leads nowhere but can be waited past."""
    count = len(next_row)
    for row in range(count):
        rows[row, NEXT] = next_row[row] % ring if next_row[row] < count else ring
        runs = usable[ride[row]]
        rows[row, END] = to_facility[row] if runs else -1
        for k in range(onward.shape[1]):
            to = onward[row, k]
            rows[row, ONWARD + k] = to % ring if runs and to < count else ring


@kernel
def _arrive(rows: Ints, ready: Minutes, column: Ints, ring: Minutes, kept: Minutes) -> None:
    """The recursion of this module's first page. Comparisons are written so that they become vector instructions."""
    places, wide = len(ring) - 1, ring.shape[1]
    at = len(rows) % places
    for row in range(len(rows) - 1, -1, -1):
        at = at - 1 if at else places - 1
        here, wait = ring[at], ring[rows[row, NEXT]]
        one, two, three = ring[rows[row, ONWARD]], ring[rows[row, ONWARD + 1]], ring[rows[row, ONWARD + 2]]
        for b in range(wide):
            v = wait[b]
            v = one[b] if one[b] < v else v
            v = two[b] if two[b] < v else v
            v = three[b] if three[b] < v else v
            here[b] = v
        for k in range(ONWARD + WIDTH, rows.shape[1]):
            more = rows[row, k]
            for b in range(wide):
                ring[at, b] = ring[more, b] if ring[more, b] < ring[at, b] else ring[at, b]
        if rows[row, END] >= 0:
            c = column[rows[row, END]]
            if c >= 0 and ready[row] < ring[at, c]:
                ring[at, c] = ready[row]
        if rows[row, KEEP] >= 0:
            slot = rows[row, KEEP]
            for b in range(wide):
                kept[slot, b] = ring[at, b]


@kernel
def _weigh(rows: Ints, ride_cost: Ints, end_cost: Ints, column: Ints, ring: Ints, kept: Ints) -> None:
    """As `_arrive` with sums. Nothing overflows: a value is at most DEAR, since every chain ends in "none"."""
    places, wide = len(ring) - 1, ring.shape[1]
    at = len(rows) % places
    for row in range(len(rows) - 1, -1, -1):
        at = at - 1 if at else places - 1
        cost = ride_cost[row]
        here, wait = ring[at], ring[rows[row, NEXT]]
        one, two, three = ring[rows[row, ONWARD]], ring[rows[row, ONWARD + 1]], ring[rows[row, ONWARD + 2]]
        for b in range(wide):
            v = one[b]
            v = two[b] if two[b] < v else v
            v = three[b] if three[b] < v else v
            v = np.int32(v + cost)  # Numba would widen the sum, and with it the whole vector
            here[b] = wait[b] if wait[b] < v else v
        for k in range(ONWARD + WIDTH, rows.shape[1]):
            more = rows[row, k]
            for b in range(wide):
                v = np.int32(ring[more, b] + cost)
                ring[at, b] = v if v < ring[at, b] else ring[at, b]
        if rows[row, END] >= 0:
            c = column[rows[row, END]]
            if c >= 0:
                ring[at, c] = min(ring[at, c], np.int32(cost + end_cost[row]))
        if rows[row, KEEP] >= 0:
            slot = rows[row, KEEP]
            for b in range(wide):
                kept[slot, b] = ring[at, b]


@kernel
def _look(chain_of: Ints, chain_start: Ints, chain_s: Ints, origins: Ints, ready_s: Ints, places: Ints) -> None:
    """Where in each chain of its origin each question begins; -1 for nowhere."""
    for q in range(len(origins)):
        for way in range(chain_of.shape[1]):
            c, places[q, way] = chain_of[origins[q], way], -1
            if c < 0:
                continue
            low, high = chain_start[c], chain_start[c + 1]
            while low < high:
                middle = (low + high) >> 1
                if chain_s[middle] < ready_s[q]:
                    low = middle + 1
                else:
                    high = middle
            if low < chain_start[c + 1]:
                places[q, way] = low


@kernel
def _pick(minutes: Minutes, slot: Ints, places: Ints, column: Ints, best: Minutes) -> None:
    """The least value of the chains of each question."""
    for q in range(len(places)):
        least = NEVER
        block, c = column[q] // WIDE, column[q] % WIDE
        for way in range(places.shape[1]):
            if places[q, way] >= 0:
                least = min(least, minutes[block, slot[places[q, way]], c])
        best[q] = least


@kernel
def _gather(kept: Minutes, slots: Ints, out: Minutes) -> None:
    """The least values of several kept rows, for the columns that `out` has."""
    for q in range(len(slots)):
        here, first = out[q], kept[slots[q, 0]]
        for b in range(len(here)):
            here[b] = first[b]
        for way in range(1, slots.shape[1]):
            other = kept[slots[q, way]]
            for b in range(len(here)):
                here[b] = other[b] if other[b] < here[b] else here[b]
