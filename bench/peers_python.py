"""The same questions in plain Python, as good as it reasonably gets: lists, bisect, heapq.

    earliest   time-dependent Dijkstra over lanes; independent of the engine's links, so that it checks them
    useful     arrival and cost, BOA* (Hernandez et al., ICAPS 2020): dominance by one comparison, labels in order of
               arrival plus bound, live room of each departure, both lower bounds ready made for the destination
    bags       the textbook's multi-criteria search, a bag of labels at each node, for two to four criteria
    bags_by_slack   the same, and the risk of a connection depends on its slack: later departures count too

A node is (facility, way in): handling depends on both. Cost, CO2 and risk are those of the lane, so that of its
departures only the one that arrives first counts; departures of a lane overtake each other, and any may be full, so
that one is found by looking ahead until none that follows can be earlier.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.generated import Departures, Generated
from rookery.engines.network.links import Flags

NEVER = -1
FAR = 2**62
OUTSET = 3  # the way in of goods that begin at a facility: no handling
WAYS = 4


class Lane(NamedTuple):
    """One lane with its departures by tender time."""

    to_node: int
    to_facility: int
    mode: int
    shortest_s: int
    tender_s: list[int]
    arrive_s: list[int]
    ride: list[int]
    add: tuple[int, int, int]  # cost, CO2, risk
    delay_class: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes by the facility that they leave; handling by facility, way in, way out; which rides have room."""

    out: list[list[Lane]]
    handling_s: list[list[list[int]]]
    usable: list[bool]


class Bounds(NamedTuple):
    """By facility: the least time and the least cost that any plan to one destination still takes."""

    time_s: list[int]
    cost: list[int]


def make_lanes(network: Generated, dated: Departures, load_g: int, usable: Flags | None = None) -> Lanes:
    """The lanes of a network with prices for one weight."""
    order = np.lexsort((dated.tender_s, dated.lane))
    cuts = np.searchsorted(dated.lane[order], np.arange(len(network.lane_from) + 1))
    charge, risk = network.charge_minor(load_g).tolist(), network.risk_micro().tolist()
    co2 = (network.lane_co2_mg_kg * load_g // 1_000).tolist()
    out: list[list[Lane]] = [[] for _ in network.level]
    for i, (start, to, mode) in enumerate(zip(network.lane_from, network.lane_to, network.lane_mode, strict=True)):
        here = order[cuts[i] : cuts[i + 1]]
        tender_s, arrive_s = dated.tender_s[here], dated.arrive_s[here]
        shortest = int((arrive_s - tender_s).min())
        lane = Lane(
            WAYS * int(to) + int(mode), int(to), int(mode), shortest, tender_s.tolist(), arrive_s.tolist(),
            here.tolist(), (charge[i], co2[i], risk[i]), int(network.lane_delay_class[i]),
        )  # fmt: skip
        out[start].append(lane)
    handling_s = [[*ways, [0, 0, 0]] for ways in network.handling_s.tolist()]
    return Lanes(out, handling_s, [True] * len(order) if usable is None else usable.tolist())


def make_bounds(lanes: Lanes, destination: int) -> Bounds:
    """Both bounds of a destination, by Dijkstra over the lanes backwards."""
    back: list[list[tuple[int, int, int]]] = [[] for _ in lanes.out]
    for start, leaving in enumerate(lanes.out):
        least_s = [min(ways[mode] for ways in lanes.handling_s[start][:OUTSET]) for mode in range(OUTSET)]
        for lane in leaving:
            back[lane.to_facility].append((start, least_s[lane.mode] + lane.shortest_s, lane.add[0]))
    return Bounds(_least(back, destination, 1), _least(back, destination, 2))


def _least(back: list[list[tuple[int, int, int]]], destination: int, which: int) -> list[int]:
    best = [FAR] * len(back)
    best[destination] = 0
    heap = [(0, destination)]
    while heap:
        value, at = heapq.heappop(heap)
        if value == best[at]:
            for edge in back[at]:
                new = value + edge[which]
                if new < best[edge[0]]:
                    best[edge[0]] = new
                    heapq.heappush(heap, (new, edge[0]))
    return best


def _first(lane: Lane, from_s: int, best_s: int, usable: list[bool]) -> tuple[int, int]:
    """The departure that arrives first of those that can be met and have room, if before `best_s`: arrival, ride."""
    found = NEVER
    tender_s, arrive_s, shortest_s = lane.tender_s, lane.arrive_s, lane.shortest_s
    for at in range(bisect_left(tender_s, from_s), len(tender_s)):
        if tender_s[at] + shortest_s >= best_s:
            break
        if arrive_s[at] < best_s and usable[lane.ride[at]]:
            best_s, found = arrive_s[at], lane.ride[at]
    return best_s, found


def earliest(lanes: Lanes, origin: int, destination: int, ready_s: int) -> int:
    """The earliest arrival, NEVER for none."""
    best: dict[int, int] = {}
    heap, goal_s, usable = [(ready_s, WAYS * origin + OUTSET)], FAR, lanes.usable
    while heap:
        at_s, node = heapq.heappop(heap)
        if at_s >= goal_s:
            break
        facility, way_in = divmod(node, WAYS)
        if at_s > best.get(node, FAR):
            continue
        handling = lanes.handling_s[facility][way_in]
        for lane in lanes.out[facility]:
            to = lane.to_node
            known_s = best.get(to, FAR)
            there_s, ride = _first(lane, at_s + handling[lane.mode], min(known_s, goal_s), usable)
            if ride >= 0:
                best[to] = there_s
                heapq.heappush(heap, (there_s, to))
                if lane.to_facility == destination:
                    goal_s = there_s
    return NEVER if goal_s == FAR else goal_s


def useful(lanes: Lanes, bounds: Bounds, origin: int, destination: int, ready_s: int) -> list[tuple[int, int]]:
    """All (arrival, cost) that no other plan beats in both, by arrival."""
    time_s, cost_on = bounds
    least: dict[int, int] = {}
    goal_cost, found, usable = FAR, [], lanes.usable
    heap = [(ready_s + time_s[origin], cost_on[origin], ready_s, WAYS * origin + OUTSET)]
    while heap:
        _, bound, at_s, node = heapq.heappop(heap)
        facility, way_in = divmod(node, WAYS)
        cost = bound - cost_on[facility]
        if bound >= goal_cost or cost >= least.get(node, FAR):
            continue
        least[node] = cost
        if facility == destination:
            goal_cost = cost
            found.append((at_s, cost))
            continue
        handling = lanes.handling_s[facility][way_in]
        for lane in lanes.out[facility]:
            to = lane.to_facility
            new = cost + lane.add[0]
            if new + cost_on[to] < goal_cost and new < least.get(lane.to_node, FAR):
                there_s, ride = _first(lane, at_s + handling[lane.mode], FAR, usable)
                if ride >= 0:
                    heapq.heappush(heap, (there_s + time_s[to], new + cost_on[to], there_s, lane.to_node))
    return found


Criteria = tuple[int, ...]  # arrival, cost, CO2, risk: as many of them as asked for


def bags(
    lanes: Lanes, origin: int, destination: int, ready_s: int, *, criteria: int = 4, horizon_s: int = FAR
) -> list[Criteria]:
    """All labels at the destination that no other beats in every criterion, sorted.

    horizon_s  latest arrival after the ready time: without one, four criteria take minutes
    """
    begin = (ready_s, 0, 0, 0)[:criteria]
    bag: dict[int, list[Criteria]] = {WAYS * origin + OUTSET: [begin]}
    goal: list[Criteria] = []
    heap, usable, last_s = [(begin, WAYS * origin + OUTSET)], lanes.usable, min(FAR, ready_s + horizon_s) + 1
    while heap:
        label, node = heapq.heappop(heap)
        facility, way_in = divmod(node, WAYS)
        if facility == destination or label not in bag[node] or _beaten(label, goal):
            continue
        handling = lanes.handling_s[facility][way_in]
        for lane in lanes.out[facility]:
            there_s, ride = _first(lane, label[0] + handling[lane.mode], last_s, usable)
            if ride >= 0:
                new = (there_s, *(one + more for one, more in zip(label[1:], lane.add, strict=False)))
                here = goal if lane.to_facility == destination else bag.setdefault(lane.to_node, [])
                if not _beaten(new, goal) and not _beaten(new, here):
                    here[:] = [one for one in here if not _beats(new, one)]
                    here.append(new)
                    heapq.heappush(heap, (new, lane.to_node))
    return sorted(goal)


class Slacks(NamedTuple):
    """Risk of a connection by delay class of the lane before it and by slack; the last one holds for all longer."""

    rows: list[list[int]]
    bucket_s: int


def repriced(lanes: Lanes, network: Generated, price: list[int]) -> Lanes:
    """The same lanes with other prices, and with the CO2 of one kilogram."""
    of_lane = iter(zip(price, network.lane_co2_mg_kg.tolist(), strict=True))
    out: list[list[Lane]] = [[] for _ in lanes.out]
    for start in network.lane_from.tolist():
        lane = lanes.out[start][len(out[start])]
        out[start].append(lane._replace(add=(*next(of_lane), 0)))
    return Lanes(out, lanes.handling_s, lanes.usable)


def bags_by_slack(lanes: Lanes, slacks: Slacks, ask: tuple[int, int, int], last_s: int) -> list[Criteria]:
    """All labels at the destination, there by `last_s`, that no other beats in every criterion, sorted.

    ask  origin, destination, ready_s
    Labels compare within (node, delay class); of departures of one lane at the same risk the first to arrive counts.
    """
    origin, destination, ready_s = ask
    begin, start = (ready_s, 0, 0, 0), (WAYS * origin + OUTSET, NEVER)
    bag: dict[tuple[int, int], list[Criteria]] = {start: [begin]}
    goal: list[Criteria] = []
    heap = [(begin, start)]
    while heap:
        label, place = heapq.heappop(heap)
        facility, way_in = divmod(place[0], WAYS)
        if facility == destination or label not in bag[place] or _beaten(label, goal):
            continue
        handling, row = lanes.handling_s[facility][way_in], slacks.rows[place[1]] if place[1] != NEVER else [0]
        for lane in lanes.out[facility]:
            for there_s, risk in _departures(lane, label[0] + handling[lane.mode], row, slacks, last_s, lanes.usable):
                new = (there_s, label[1] + lane.add[0], label[2] + lane.add[1], label[3] + risk)
                to = (lane.to_node, lane.delay_class)
                here = goal if lane.to_facility == destination else bag.setdefault(to, [])
                if not _beaten(new, goal) and not _beaten(new, here):
                    here[:] = [one for one in here if not _beats(new, one)]
                    here.append(new)
                    heapq.heappush(heap, (new, to))
    return sorted(goal)


def _departures(
    lane: Lane, from_s: int, row: list[int], slacks: Slacks, last_s: int, usable: list[bool]
) -> Iterator[tuple[int, int]]:
    """Arrival and risk of the departures of a lane that may be of use: lower risk, or the same and there earlier."""
    tender_s, arrive_s, level, best_s = lane.tender_s, lane.arrive_s, -1, FAR
    for at in range(bisect_left(tender_s, from_s), len(tender_s)):
        soonest = tender_s[at] + lane.shortest_s
        if soonest > last_s or (level == row[-1] and soonest >= best_s):
            return
        risk = row[min((tender_s[at] - from_s) // slacks.bucket_s, len(row) - 1)]
        if arrive_s[at] <= last_s and usable[lane.ride[at]] and (risk != level or arrive_s[at] < best_s):
            level, best_s = risk, arrive_s[at]
            yield best_s, risk


def _beats(one: Criteria, other: Criteria) -> bool:
    """At most equal in each criterion. Written out: a loop over the criteria takes three times as long."""
    if len(one) == 2:
        return one[0] <= other[0] and one[1] <= other[1]
    if len(one) == 4:
        return one[0] <= other[0] and one[1] <= other[1] and one[2] <= other[2] and one[3] <= other[3]
    return all(a <= b for a, b in zip(one, other, strict=True))


def _beaten(label: Criteria, labels: list[Criteria]) -> bool:
    for one in labels:  # noqa: SIM110 a generator costs more than what it yields
        if _beats(one, label):
            return True
    return False
