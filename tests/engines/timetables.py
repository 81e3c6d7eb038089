"""Small timetables for lane tables, written as rides between places A to H, and the slow reference over them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from rookery.engines.network import lane_table as tables
from rookery.engines.network.lane_path import Question, RidePlan, find_cheapest, find_earliest
from rookery.engines.network.lane_table import LaneTable, arrivals, lane_table
from rookery.engines.network.links import Links, Rides, build_links

END = 10**6
PLACES = "ABCDEFGH"


@dataclass(frozen=True)
class Ride:
    """`AB` or `ABx`: from A to B by way x (a, b, c, d); tendered and there at these minutes; then the next stop."""

    name: str
    tender: int
    there: int
    stay: int = -1  # number of the next segment in the list
    full: bool = False


@dataclass(frozen=True)
class Timetable:
    rides: list[Ride]
    handling: dict[str, int]  # minutes, by place, then by way in and way out where they matter: "B", "Bab"
    ways: int = 2

    def handling_min(self, place: str, way_in: int, way_out: int) -> int:
        return self.handling.get(f"{place}{'abcd'[way_in]}{'abcd'[way_out]}", self.handling.get(place, 0))

    def arrays(self) -> tuple[Rides, np.ndarray]:
        def column(value: Callable[[Ride], int]) -> np.ndarray:
            return np.array([value(ride) for ride in self.rides], np.int32)

        way = column(way_of)
        there = column(lambda ride: 60 * ride.there)
        rides = Rides(
            column(lambda ride: PLACES.index(ride.name[0])), column(lambda ride: PLACES.index(ride.name[1])),
            way, way, column(lambda ride: 60 * ride.tender), there, there, column(lambda ride: ride.stay),
        )  # fmt: skip
        handling = [
            [[60 * self.handling_min(place, i, o) for o in range(self.ways)] for i in range(self.ways)]
            for place in PLACES
        ]
        return rides, np.array(handling, np.int32)

    def links(self) -> Links:
        return build_links(*self.arrays())

    def usable(self) -> np.ndarray:
        return np.array([not ride.full for ride in self.rides], np.bool_)


def way_of(ride: Ride) -> int:
    return "abcd".index(ride.name[2]) if len(ride.name) > 2 else 0


def timetable(*rides: Ride, ways: int = 2, **handling: int) -> Timetable:
    return Timetable(list(rides), handling, ways)


def table_of(one: Timetable, until_s: int = END) -> LaneTable:
    every = np.arange(len(PLACES), dtype=np.int32)
    return lane_table(one.links(), every, until_s=until_s, usable=one.usable())


def told(one: Timetable, plan: RidePlan | None) -> str:
    if plan is None:
        return "no way"
    return f"{' '.join(f'{one.rides[i].name}@{one.rides[i].tender}' for i in plan.rides)}: {plan.value // 60}"


def asked(one: Timetable, question: str, at: int = 0) -> str:
    """`AZ`: the plan, after the table has been seen to say the same."""
    origin, destination = (PLACES.index(place) for place in question)
    plan = find_earliest(one.links(), Question(origin, destination, 60 * at, END), usable=one.usable())
    question_s = [np.array([value], np.int32) for value in (origin, 60 * at, destination)]
    assert arrivals(table_of(one), *question_s).tolist() == [plan.value if plan else -1]
    return told(one, plan)


def cheapest(one: Timetable, cost: list[int], question: str = "AC", end: list[int] | None = None) -> RidePlan | None:
    """In hundreds of nothing: values are 60 times the costs, so that `told` shows them."""
    links = one.links()
    ride_cost = tables.row_costs(links, 60 * np.array(cost, np.int32))
    end_cost = 60 * np.array(end or [0] * len(cost), np.int32)[links.ride]
    origin, destination = (PLACES.index(place) for place in question)
    return find_cheapest(links, Question(origin, destination, 0, END), ride_cost, end_cost, usable=one.usable())


def costs_of(one: Timetable, cost: list[int], end: list[int], destination: int = 2) -> list[int]:
    """The least cost from every ride on, waiting for later ones allowed."""
    links = one.links()
    row_of = np.full(len(cost), -1, np.int32)
    row_of[links.ride[links.chain_row]] = links.chain_row
    column = np.full(len(PLACES), -1, np.int32)
    column[destination] = 3
    kept, common = np.empty((len(cost), 8), np.int32), tables.prepare(links, row_of, one.usable())
    ring = np.empty((common.ring + 1, 8), np.int32)
    tables.cost_block(
        common, tables.row_costs(links, np.array(cost, np.int32)),
        np.array(end, np.int32)[links.ride], column, ring, kept,
    )  # fmt: skip
    return kept[:, 3].tolist()


def random_timetable(chance: random.Random) -> Timetable:
    """Forty trips of up to three segments in a few hours, many of no minutes, many at the same instant."""
    rides: list[Ride] = []
    for _ in range(40):
        at, depart = chance.choice(PLACES), chance.randrange(0, 40, 3)
        stops = chance.choice((1, 1, 2, 3))
        for stop in range(stops):
            to = chance.choice([place for place in PLACES if place != at])
            there = depart + chance.choice((0, 0, 3, 5, 9))
            tender = depart - chance.choice((0, 0, 0, 1, 7))
            way = chance.choice("abcd")
            rides.append(
                Ride(f"{at}{to}{way}", tender, there, len(rides) + 1 if stop + 1 < stops else -1, chance.random() < 0.2)
            )
            at, depart = to, there + chance.choice((0, 1, 3))
    handling = {f"{p}{i}{o}": chance.choice((0, 0, 0, 4)) for p in PLACES for i in "abcd" for o in "abcd"}
    return Timetable(rides, handling, 4)


def slow_value(
    one: Timetable, destination: str, end: Callable[[int], int], cost: Callable[[int], int]
) -> Callable[[int], float]:
    """Riding a segment, by plain recursion: end there, stay aboard, or change to anything that can be met."""

    @cache
    def riding(i: int) -> float:
        ride = one.rides[i]
        if ride.full:
            return float("inf")
        ways = [end(i)] if ride.name[1] == destination else []
        ways += [riding(ride.stay)] if ride.stay >= 0 else []
        for j, other in enumerate(one.rides):
            met = ride.there + one.handling_min(ride.name[1], way_of(ride), way_of(other))
            if other.name[0] == ride.name[1] and other.tender >= met:
                ways.append(riding(j))
        return cost(i) + min(ways, default=float("inf"))

    return riding


def boarding(one: Timetable, riding: Callable[[int], float], origin: str, at: int) -> float:
    rides = [i for i, ride in enumerate(one.rides) if ride.name[0] == origin and ride.tender >= at]
    return min((riding(i) for i in rides), default=float("inf"))
