"""How fast and how cheap the rest of a way can be at the best: what lets a search leave most of the network alone.

A reach has an edge wherever some ride leads from one facility to another, with the least time it ever takes and the
lists that price it. Bounds to a goal are two searches backwards over the reach. They hold for every weight of a
bucket: loads that share their leading bits share their bounds.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import kernel, lean, least_of
from rookery.engines.network.heap import heap_pop, heap_push
from rookery.engines.network.money import FREE, NO_RATE, Money, chargeable_g, least_price
from rookery.engines.network.rules import BREAKS, CLEAR, DRIVE_S, HANDLING_S, POSITION, TENDER_S, Goal, Rules
from rookery.engines.network.snapshot import (
    FACILITY,
    LAST,
    NEVER,
    NODE,
    PAIR,
    START,
    TRIPS,
    UNLIMITED,
    Ints,
    Live,
    Longs,
    Snapshot,
)  # fmt: skip

BUCKET_BITS = 3  # leading bits after the first that loads of one bucket share: an eighth of an octave wide


class Reach(NamedTuple):
    """Which facility can be reached from which, backwards.

    into_ptr  [facilities + 1] first edge into each facility
    tail      [edges] facility where an edge begins
    time_s    [edges] least time from being there to being ready at its end
    list_ptr  [edges + 1] first list of each edge, lists [..] rows of `Money.breaks`, or FREE
    """

    into_ptr: Ints
    tail: Ints
    time_s: Ints
    list_ptr: Ints
    lists: Ints


def draw_reach(net: Snapshot, live: Live, rules: Rules) -> Reach:
    """The reach of what a rules may board: rides as they are planned, and as they are now where that is faster."""
    of_rules = (_tenders(net, rules), rules.pairs, rules.clear_s)
    ends, times, lists = _list_rides(net.positions, net.departs, net.arrives, *of_rules)
    if (live.departs != net.departs).any() or (live.arrives != net.arrives).any():
        times = np.minimum(times, _list_rides(net.positions, live.departs, live.arrives, *of_rules)[1])
    key = ends[:, 1].astype(np.int64) * net.facility_count + ends[:, 0]
    order = np.lexsort((lists, key))
    key, times, lists = key[order], times[order], lists[order]
    new_edge = np.ones(len(key), bool)
    new_edge[1:] = key[1:] != key[:-1]
    new_list = new_edge.copy()
    new_list[1:] |= lists[1:] != lists[:-1]
    firsts = np.flatnonzero(new_edge)
    edge_of = np.cumsum(new_edge) - 1
    list_ptr = np.zeros(len(firsts) + 1, np.int32)
    np.cumsum(np.bincount(edge_of[new_list], minlength=len(firsts)), out=list_ptr[1:])
    time_s = np.minimum.reduceat(times, firsts) if len(firsts) else times
    head, tail = np.divmod(key[firsts], max(net.facility_count, 1))
    into_ptr = np.searchsorted(head, np.arange(net.facility_count + 1)).astype(np.int32)
    return Reach(into_ptr, tail.astype(np.int32), time_s.astype(np.int32), list_ptr, lists[new_list].astype(np.int32))


def _tenders(net: Snapshot, rules: Rules) -> Ints:
    """[positions] least time from being there to the departure; NEVER where nothing boards.

    Goods that begin somewhere may board sooner than goods that a ride has brought. Their time counts only where no
    ride leads: searches do not apply bounds to where they start, and those of the others are tighter for it.
    """
    begins = np.repeat(rules.first_way, np.diff(rules.entry_ptr)) == 1
    least = np.full((2, len(net.positions)), NEVER, np.int32)
    for row, chosen in enumerate((rules.entries[~begins], rules.entries[begins])):
        np.minimum.at(least[row], chosen[:, POSITION], chosen[:, TENDER_S])
    return np.where(least[0] < NEVER, least[0], least[1])


@kernel
def _list_rides(
    positions: Ints, departs: Ints, arrives: Ints, tender: Ints, pairs: Ints, clear_s: Ints
) -> tuple[Ints, Ints, Ints]:
    """Every pair of stops that can be ridden: its facilities [n, 2], least time [n], list [n]."""
    count = 0
    for p in range(len(positions)):
        count += positions[p, LAST] - p if tender[p] < NEVER else 0
    ends, times, lists = np.empty((count, 2), np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    n = 0
    for p in range(len(positions)):
        if tender[p] == NEVER:
            continue
        for q in range(p + 1, positions[p, LAST] + 1):
            row, border = FREE, 0
            if positions[p, PAIR] >= 0:
                pair = positions[p, PAIR] + q - p - 1
                row = pairs[pair, BREAKS]
                if pairs[pair, CLEAR] >= 0:
                    border = least_of(clear_s[pairs[pair, CLEAR]])
            if positions[q, NODE] < 0 or row == NO_RATE or not positions[p, TRIPS]:
                continue
            least, leave, come = NEVER, positions[p, START], positions[q - 1, START]
            for k in range(positions[p, TRIPS]):
                least = min(least, arrives[come + k] - departs[leave + k])
            ends[n, 0], ends[n, 1] = positions[p, FACILITY], positions[q, FACILITY]
            times[n], lists[n] = tender[p] + max(least, 0) + border, row
            n += 1
    return ends[:n], times[:n], lists[:n]


def bucket(amount: int) -> tuple[int, int]:
    """The least and the greatest amount that share the leading bits of one."""
    shift = max(0, amount.bit_length() - 1 - BUCKET_BITS)
    low = amount >> shift << shift
    return low, low + (1 << shift) - 1


@kernel
def price_edges(reach: Reach, money: Money, grams: tuple[int, int], cm3: tuple[int, int]) -> Longs:
    """[edges] the least price of any load of a bucket; UNLIMITED where there is no rate."""
    out = np.full(len(reach.tail), UNLIMITED, np.int64)
    known = np.full(len(money.breaks), -2, np.int64)
    for edge in range(len(out)):
        for i in range(reach.list_ptr[edge], reach.list_ptr[edge + 1]):
            row, least = reach.lists[i], 0
            if row != FREE:
                if known[row] == -2:
                    low = chargeable_g(money.breaks, row, grams[0], cm3[0])
                    high = chargeable_g(money.breaks, row, grams[1], cm3[1])
                    known[row] = least_price(
                        money.breaks, money.rate_ptr, money.rates, money.in_force, money.surcharge_ptr,
                        money.surcharges, money.exchange, row, low, high,
                    )  # fmt: skip
                least = known[row]
            if least != NO_RATE:
                out[edge] = min(out[edge], least)
    return out


@kernel
def bound_time(reach: Reach, rules: Rules, goal: Goal) -> Ints:
    """[facilities] least time to the goal; NEVER where it cannot be reached."""
    ends = np.full(len(reach.into_ptr) - 1, UNLIMITED, np.int64)
    for node in range(len(goal.node_door)):
        if goal.node_door[node] >= 0 and not rules.first_way[node]:
            door = goal.doors[goal.node_door[node]]
            facility = rules.node_facility[node]
            ends[facility] = min(ends[facility], door[HANDLING_S] + door[DRIVE_S])
    out = np.empty(len(ends), np.int32)
    for facility, time_s in enumerate(_backwards(reach, reach.time_s.astype(np.int64), ends)):
        out[facility] = min(time_s, NEVER)
    return out


@kernel
def bound_cost(reach: Reach, rules: Rules, goal: Goal, edge_price: Longs) -> Longs:
    """[facilities] least cost to the goal; UNLIMITED where it cannot be reached."""
    ends = np.full(len(reach.into_ptr) - 1, UNLIMITED, np.int64)
    for node in range(len(goal.node_door)):
        if goal.node_door[node] >= 0:
            facility = rules.node_facility[node]
            ends[facility] = min(ends[facility], least_of(goal.price[goal.node_door[node]]))
    return _backwards(reach, edge_price, ends)


@kernel
def bound_weight(reach: Reach, rules: Rules, goal: Goal, edge_weight: Longs) -> Longs:
    """[facilities] least sum of any weights along edges to the goal; UNLIMITED where it cannot be reached."""
    ends = np.full(len(reach.into_ptr) - 1, UNLIMITED, np.int64)
    for node in range(len(goal.node_door)):
        if goal.node_door[node] >= 0:
            ends[rules.node_facility[node]] = 0
    return _backwards(reach, edge_weight, ends)


@kernel
def _backwards(reach: Reach, weight: Longs, ends: Longs) -> Longs:
    """[facilities] least sum of weights to an end, each end at what it costs itself."""
    out = ends.copy()
    _dijkstra(reach.into_ptr, reach.tail, weight, ends, out, np.empty((len(weight) + len(ends) + 1, 3), np.int64))
    return out


@lean
def _dijkstra(into_ptr: Ints, tails: Ints, weight: Longs, ends: Longs, out: Longs, heap: Longs) -> None:
    size = 0
    for facility in range(len(ends)):
        if ends[facility] < UNLIMITED:
            heap_push(heap, size, ends[facility], 0, facility)
            size += 1
    while size:
        so_far, facility = heap[0, 0], heap[0, 2]
        heap_pop(heap, size)
        size -= 1
        if so_far > out[facility]:
            continue
        for edge in range(into_ptr[facility], into_ptr[facility + 1]):
            tail, total = tails[edge], so_far + weight[edge]
            if total < out[tail]:
                out[tail] = total
                heap_push(heap, size, total, 0, tail)
                size += 1
