"""What goods of one class under one product may board, and what that takes: the arrays that a search reads.

A node is a way of being at a facility: how goods came there decides how long they are handled and what they may
board. Handling, cut-offs and border times are folded into one span per (node, lane): whatever the goods' class.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.network.money import FREE
from rookery.engines.network.snapshot import (
    FACILITY,
    LAST,
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

# Columns of `Rules.entries`.
POSITION, TENDER_S, KNOWN_S, DWELL_S, FEE, ONLY, RIDE_S, THERE, LIST, BEGINS, ENDS = range(11)
BREAKS, CLEAR = range(2)  # columns of `Rules.pairs`
HANDLING_S, DRIVE_S, WINDOW, WINDOWS, NEXT = range(5)  # columns of `Goal.doors`
FEES, DWELLS = 1, 2  # why time matters at a node
NO_WINDOW = -1
OUT_OF_REACH = 2**30  # of `Bounds.after_s`


class Rules(NamedTuple):
    """Goods of a class under a product.

    node_facility  [nodes]
    entry_ptr      [nodes + 1] first entry of each node
    entries        [entries, 11] POSITION to board at, TENDER_S (from arrival to departure at the least), KNOWN_S
                   (before departure, when papers must be there), DWELL_S (longest stay, 0: any), FEE (row of
                   `money.fees`, or -1); then as `look_ahead` says
    first_way      [nodes] 1: goods begin there, so that a latest departure applies
    clocked        [nodes] FEES, DWELLS: an earlier arrival is not always better there; 0: it is
    node_fee       [nodes] the dearest fee, a row of `money.fees`; -1: none
    pairs          [pairs, 2] BREAKS (row of `money.breaks`; FREE; NO_RATE) and CLEAR (row of `clear_s`, or -1) of a
                   ride from a position to a later one of its line
    clear_s        [rows, epochs] time at the border
    day_epoch      [days] epoch of each day from `first_day` on
    limits_stay    1: some node has a longest stay
    """

    node_facility: Ints
    entry_ptr: Ints
    entries: Ints
    first_way: Bytes
    clocked: Bytes
    node_fee: Ints
    pairs: Ints
    clear_s: Ints
    day_epoch: Ints
    first_day: int
    limits_stay: int


def look_ahead(net: Snapshot, live: Live, pairs: Ints, position: Ints) -> Ints:
    """[entries, 6] what lies ahead of entries at these positions, so that a search need not look it up.

    ONLY    the node that the ride leads to; -1 where there are several stops, and where goods do not alight
    RIDE_S  the least time to the next stop
    THERE   the facility of the next stop
    LIST    what prices the ride there: a row of `money.breaks`, FREE or NO_RATE
    BEGINS, ENDS   the first and the last departure that is planned; 0 without any
    """
    after = np.minimum(position + 1, len(net.positions) - 1)
    out = np.zeros((len(position), 6), np.int32)
    out[:, 0] = np.where(net.positions[position, LAST] == position + 1, net.positions[after, NODE], -1)
    least = np.zeros(len(net.positions), np.int32)
    runs = np.flatnonzero((net.positions[:, TRIPS] > 0) & (net.positions[:, LAST] != np.arange(len(net.positions))))
    if len(runs):
        rides = np.minimum(live.arrives - live.departs, net.arrives - net.departs)
        least[runs] = np.minimum.reduceat(rides, net.positions[runs, START])
    out[:, 1] = np.maximum(least[position], 0)
    out[:, 2] = net.positions[after, FACILITY]
    pair = net.positions[position, PAIR]
    out[:, 3] = np.where(pair < 0, FREE, pairs[np.maximum(pair, 0), BREAKS]) if len(pairs) else FREE
    starts, trips = net.positions[position, START], net.positions[position, TRIPS]
    runs = np.flatnonzero((trips > 0) & (net.positions[position, LAST] != position))
    out[runs, 4], out[runs, 5] = net.departs[starts[runs]], net.departs[starts[runs] + trips[runs] - 1]
    return out


class Goal(NamedTuple):
    """Where goods are wanted: doors, reached from nodes; or a facility, a door at no distance.

    node_door  [nodes] first door that can be reached from a node; -1: none
    doors      [doors, 5] HANDLING_S, DRIVE_S, WINDOW (first opening, or NO_WINDOW: always open), WINDOWS (how many),
               NEXT (door of the same node, or -1)
    price      [doors, epochs] of the drive, in common minor units
    windows    [openings, 2] from and to, rising
    """

    node_door: Ints
    doors: Ints
    price: Longs
    windows: Ints


class Dial(NamedTuple):
    """When goods have to be at each node to board something, around the clock.

    node_ptr  [nodes + 1] first boarding of each node
    at_s      [boardings] time of day, in the day of the window's epoch; rising within a node
    entry     [boardings] what is boarded
    """

    node_ptr: Ints
    at_s: Ints
    entry: Ints


NO_DIAL = Dial(*(np.zeros(0, np.int32) for _ in range(3)))


class Bounds(NamedTuple):
    """The least time (s) and the least cost that the rest of a way to a goal takes.

    time_s   [facilities] NEVER where the goal is out of reach
    cost     [facilities] UNLIMITED where it is out of reach
    dial     the boardings that `after_s` speaks of
    after_s  [boardings] time from each boarding to the goal as planned, or OUT_OF_REACH; empty: `time_s` has to do
    late     [rides, 2] of those at other times than planned: an instant at which one leaves, rising; the least instant
             at the goal by any that leaves then or later

    `daily.py` makes the last three.

    Law: no plan for any load of the class and weights that they were made for is faster or cheaper.
    """

    time_s: Ints
    cost: Longs
    dial: Dial = NO_DIAL
    after_s: Ints = NO_DIAL.at_s
    late: Longs = np.zeros((0, 2), np.int64)
