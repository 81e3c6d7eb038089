"""How fast the rest of a way can be from each time of day on: bounds that know how long goods wait.

The timetable is folded into one day, on which everything runs that runs on any day of the window, and which is
followed by itself. Whatever can be done in the window can be done there in the same time, so that no plan is faster
than the fastest one there; where most services run daily, hardly any is much slower. For each boarding - a node, a
time of day by which goods have to be there, a ride - a table holds the least time from then on to the goal:

    after[b] = min(tender + ride[b];  until the node's next boarding + after of that)
    ride[c]  = min over where goods may alight: on the way + min(door;  wait for a boarding + after of that)

Sweeps over the day, from its end to its begin, are repeated until nothing falls any more.
    Law  an instant and what is still needed from then on never fall together along a plan, nor as a node's instant
         rises. So labels still leave the heap in order of time at each node, where instants decide between equals

A ride that leaves later than planned is in no table, and can be caught by goods that would have missed it. Whoever
boards one is at the goal no sooner than the best of them that leaves later: that is known for each instant, too.

Source: Connection Scan profiles (Dibbelt et al., JEA 2018), here on a timetable with a period of one day.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import count_before, kernel, lean, least_of, part
from rookery.engines.network.money import DAY_S
from rookery.engines.network.rules import (
    CLEAR,
    DRIVE_S,
    HANDLING_S,
    NEXT,
    OUT_OF_REACH,
    POSITION,
    TENDER_S,
    Bounds,
    Dial,
    Goal,
    Rules,
)
from rookery.engines.network.snapshot import LAST, LINE, NEVER, NODE, PAIR, START, TRIPS, Ints, Live, Longs, Snapshot
from rookery.engines.network.work import NONE, least_late, soonest_by_day

TO_NODE, READY_S, BOARD, WAIT_S = range(4)  # columns of `Folded.alight`


class Folded(NamedTuple):
    """A timetable folded into one day. A call is a trip of that day at a position where goods may board it.

    dial       the boardings
    next       [boardings] the next one of the same node, around the clock
    call       [boardings] what is boarded
    tender_s   [boardings] from being there to the departure
    alight_ptr [calls + 1] first place to alight at of each call
    alight     [places, 4] TO_NODE; READY_S, from the departure on; BOARD, the node's next boarding from then on, or
               NONE; WAIT_S until then
    stay       [calls] the call at the next stop, for which goods may stay aboard, or NONE
    stay_s     [calls] from departure to departure
    order      [calls + boardings] in which a sweep settles them: a boarding, or -1 - a call
    """

    dial: Dial
    next: Ints
    call: Ints
    tender_s: Ints
    alight_ptr: Ints
    alight: Ints
    stay: Ints
    stay_s: Ints
    order: Ints


class _Calls(NamedTuple):
    """The calls of a folded timetable: those of position p are at[p] to at[p + 1].

    at         [positions + 1]
    position, trip, leaves   [calls] where; its trip among those of the line; an instant at which that departs
    """

    at: Ints
    position: Ints
    trip: Ints
    leaves: Ints


def fold(net: Snapshot, rules: Rules) -> Folded:
    """A timetable as it is planned, folded."""
    calls = _list_calls(net)
    dial, call, tender_s = _list_boardings(net, rules, calls)
    alight_ptr, alight = _list_alights(
        net.positions, net.arrives, rules.pairs, rules.clear_s, *calls, dial.node_ptr, dial.at_s
    )
    stay, stay_s = _list_stays(net, calls)
    times = np.concatenate((dial.at_s, calls.leaves % DAY_S))
    items = np.concatenate((np.arange(len(call)), -1 - np.arange(len(stay)))).astype(np.int32)
    # At one time of day calls first, which boardings ask for; then boardings from the last on: each asks its next.
    order = items[np.lexsort((np.where(items < 0, -len(items), -items), -times))]
    follows = np.arange(1, len(call) + 1, dtype=np.int32)
    ends = dial.node_ptr[1:][np.diff(dial.node_ptr) > 0]
    follows[ends - 1] = dial.node_ptr[:-1][np.diff(dial.node_ptr) > 0]
    return Folded(dial, follows, call, tender_s, alight_ptr, alight, stay, stay_s, order)


def _list_calls(net: Snapshot) -> _Calls:
    trip_ptr, trips = _distinct_trips(net.positions, net.departs, net.arrives, net.trip_ptr)
    line, is_last = net.positions[:, LINE], net.positions[:, LAST] == np.arange(len(net.positions))
    at = np.zeros(len(net.positions) + 1, np.int32)
    np.cumsum(np.where(is_last, 0, np.diff(trip_ptr)[line]), out=at[1:])
    position = np.repeat(np.arange(len(net.positions), dtype=np.int32), np.diff(at))
    trip = trips[trip_ptr[line[position]] + np.arange(len(position)) - at[position]]
    return _Calls(at, position, trip, net.departs[net.positions[position, START] + trip])


def _list_boardings(net: Snapshot, rules: Rules, calls: _Calls) -> tuple[Dial, Ints, Ints]:
    """The boardings of nodes that a ride leads to, by node and time of day; the call and the tender time of each."""
    led_to = np.zeros(net.node_count, np.bool_)
    led_to[net.positions[net.positions[:, NODE] >= 0, NODE]] = True
    node = np.repeat(np.arange(net.node_count), np.diff(rules.entry_ptr))
    kept = np.flatnonzero(led_to[node]).astype(np.int32)
    entries, node = rules.entries[kept], node[kept]
    first, count = calls.at[entries[:, POSITION]], np.diff(calls.at)[entries[:, POSITION]]
    of = np.repeat(np.arange(len(entries)), count)
    call = (first[of] + np.arange(len(of)) - (np.cumsum(count) - count)[of]).astype(np.int32)
    tender_s = entries[of, TENDER_S]
    at_s = (calls.leaves[call] - tender_s) % DAY_S
    order = np.argsort(node[of] * np.int64(DAY_S) + at_s, kind="stable")
    node_ptr = np.zeros(net.node_count + 1, np.int32)
    np.cumsum(np.bincount(node[of], minlength=net.node_count), out=node_ptr[1:])
    return Dial(node_ptr, at_s[order].astype(np.int32), kept[of][order]), call[order], tender_s[order]


def _list_stays(net: Snapshot, calls: _Calls) -> tuple[Ints, Ints]:
    """The call that goods of each call may stay aboard for, and when; where a ride has a price or border of its own
    for each pair of stops, its alights are listed instead."""
    p = calls.position
    stays = (net.positions[p, PAIR] < 0) & (p + 1 < net.positions[p, LAST])
    ahead = np.where(stays, calls.at[np.minimum(p + 1, len(calls.at) - 1)] + np.arange(len(p)) - calls.at[p], NONE)
    stay_s = np.where(stays, calls.leaves[ahead] - calls.leaves, 0)
    return ahead.astype(np.int32), stay_s.astype(np.int32)


def bound_late(net: Snapshot, live: Live, rules: Rules, goal: Goal, bounds: Bounds, rides: Ints) -> Longs:
    """`Bounds.late` of some rides that run at other times than planned.

    rides  [rides, 2] position and trip
    """
    leaves = live.departs[net.positions[rides[:, 0], START] + rides[:, 1]]
    order = np.argsort(leaves, kind="stable")
    out = np.full((len(rides), 2), NEVER, np.int64)
    out[:, 0] = leaves[order]
    _settle_late(net, live, rules, goal, bounds, rides[order], out)
    return out


# --- kernels


@kernel
def _distinct_trips(positions: Ints, departs: Ints, arrives: Ints, trip_ptr: Ints) -> tuple[Ints, Ints]:
    """[lines + 1] and [..]: of each line the trips that differ in more than the day."""
    found_ptr, found, n = np.zeros(len(trip_ptr), np.int32), np.empty(trip_ptr[-1], np.int32), 0
    p = 0
    while p < len(positions):
        first, last, line = p, positions[p, LAST], positions[p, LINE]
        for k in range(positions[p, TRIPS]):
            is_new = True
            for i in range(found_ptr[line], n):
                if _same_but_day(positions, departs, arrives, first, last, k, found[i]):
                    is_new = False
                    break
            if is_new:
                found[n] = k
                n += 1
        found_ptr[line + 1] = n
        p = last + 1
    return found_ptr, found[:n]


@lean
def _same_but_day(positions: Ints, departs: Ints, arrives: Ints, first: int, last: int, k: int, other: int) -> bool:
    shift = np.int64(departs[positions[first, START] + k]) - departs[positions[first, START] + other]
    if shift % DAY_S:
        return False
    for p in range(first, last):
        start = positions[p, START]
        if departs[start + k] - departs[start + other] != shift or arrives[start + k] - arrives[start + other] != shift:
            return False
    return True


@kernel
def _list_alights(
    positions: Ints, arrives: Ints, pairs: Ints, clear_s: Ints, calls_at: Ints, of_position: Ints, trips: Ints,
    leaves: Ints, node_ptr: Ints, at_s: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    """`Folded.alight_ptr` and `alight`: the next stop, or every later one where each pair of stops is priced."""
    ptr = np.zeros(len(leaves) + 1, np.int32)
    for c in range(len(leaves)):
        p = of_position[c]
        ptr[c + 1] = ptr[c] + (1 if positions[p, PAIR] < 0 else positions[p, LAST] - p)
    out = np.empty((ptr[-1], 4), np.int32)
    for c in range(len(leaves)):
        p, a = of_position[c], ptr[c]
        for q in range(p + 1, p + 1 + ptr[c + 1] - a):
            border, node = 0, positions[q, NODE]
            if positions[p, PAIR] >= 0 and pairs[positions[p, PAIR] + q - p - 1, CLEAR] >= 0:
                border = least_of(clear_s[pairs[positions[p, PAIR] + q - p - 1, CLEAR]])
            ready = arrives[positions[q - 1, START] + trips[c]] + border
            out[a, TO_NODE], out[a, READY_S], out[a, BOARD], out[a, WAIT_S] = node, ready - leaves[c], NONE, 0
            if node >= 0 and node_ptr[node] < node_ptr[node + 1]:
                begin, end, time = node_ptr[node], node_ptr[node + 1], ready % DAY_S
                b = begin + count_before(at_s[begin:end], time)
                out[a, BOARD] = b if b < end else begin
                out[a, WAIT_S] = (at_s[out[a, BOARD]] - time) % DAY_S
            a += 1
    return ptr, out


@kernel
def bound_by_day(folded: Folded, rules: Rules, goal: Goal) -> Ints:
    """[boardings] least time to the goal from the moment by which goods have to be there; OUT_OF_REACH: none.

    Cost: 3 ms for 96,000 boardings of 32,000 calls
    """
    door = np.full(len(goal.node_door), OUT_OF_REACH, np.int32)
    for node in range(len(door)):
        at = goal.node_door[node]
        while at >= 0:
            door[node] = min(door[node], goal.doors[at, HANDLING_S] + goal.doors[at, DRIVE_S])
            at = goal.doors[at, NEXT]
    ride, after = np.full(len(folded.stay), OUT_OF_REACH, np.int32), np.full(len(folded.call), OUT_OF_REACH, np.int32)
    while _sweep(folded, door, ride, after):
        pass
    return after


@lean
def _sweep(folded: Folded, door: Ints, ride: Ints, after: Ints) -> bool:
    """Settle every call and boarding once; True if anything fell."""
    at_s, alight, fell = folded.dial.at_s, folded.alight, False
    for item in folded.order:
        if item >= 0:
            ahead = folded.next[item]
            wait = at_s[ahead] - at_s[item] + (DAY_S if ahead <= item else 0)
            least = min(folded.tender_s[item] + ride[folded.call[item]], wait + after[ahead])
            if least < after[item]:
                after[item], fell = least, True
        else:
            c = -1 - item
            least = ride[c]
            for a in range(folded.alight_ptr[c], folded.alight_ptr[c + 1]):
                if alight[a, TO_NODE] >= 0:
                    on = door[alight[a, TO_NODE]]
                    if alight[a, BOARD] >= 0:
                        on = min(on, alight[a, WAIT_S] + after[alight[a, BOARD]])
                    least = min(least, alight[a, READY_S] + on)
            if folded.stay[c] >= 0:
                least = min(least, folded.stay_s[c] + ride[folded.stay[c]])
            if least < ride[c]:
                ride[c], fell = least, True
    return fell


@lean
def _settle_late(net: Snapshot, live: Live, rules: Rules, goal: Goal, bounds: Bounds, rides: Ints, late: Longs) -> None:
    """Fill the second column of `Bounds.late`, from the last ride to the first."""
    fell = True
    while fell:  # once more only where rides take no time
        fell, least = False, NEVER
        for i in range(len(rides) - 1, -1, -1):
            least = min(least, _soonest_aboard(net, live, rules, goal, bounds, rides[i, 0], rides[i, 1], late))
            if least < late[i, 1]:
                late[i, 1], fell = least, True


@part
def _soonest_aboard(
    net: Snapshot, live: Live, rules: Rules, goal: Goal, bounds: Bounds, p: int, k: int, late: Longs
) -> int:
    """The least instant at the goal for goods that board a trip at a position."""
    soonest = NEVER
    for q in range(p + 1, net.positions[p, LAST] + 1):
        node, ready = net.positions[q, NODE], int(live.arrives[net.positions[q - 1, START] + k])
        if net.positions[p, PAIR] >= 0 and rules.pairs[net.positions[p, PAIR] + q - p - 1, CLEAR] >= 0:
            ready += least_of(rules.clear_s[rules.pairs[net.positions[p, PAIR] + q - p - 1, CLEAR]])
        if node >= 0:
            by_day = soonest_by_day(goal, bounds.dial, bounds.after_s, node, ready)
            soonest = min(soonest, by_day, least_late(late, ready))
    return soonest
