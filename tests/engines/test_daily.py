"""Bounds by time of day: against plain words on small timetables, and the laws that searches rest on."""

import random
from collections.abc import Iterator

import numpy as np
from bag_worlds import BEGIN, DAY, WAYS, World, late_rides, random_world

from rookery.engines.network.daily import Folded, bound_by_day, bound_late, fold
from rookery.engines.network.rules import CLEAR, POSITION, TENDER_S, Bounds
from rookery.engines.network.snapshot import LAST, NEVER, NODE, PAIR, START, TRIPS, go_live
from rookery.engines.network.work import Job, soonest_at_goal

WORLDS = 150
FAR = 10**9
Ride = tuple[int, int]  # a position and a trip


def by_day(world: World) -> tuple[Job, Folded]:
    """A job with bounds by time of day, and nothing late."""
    job = world.job._replace(live=go_live(world.job.net))
    folded = fold(job.net, job.rules)
    after_s = bound_by_day(folded, job.rules, job.goal)
    return job._replace(bounds=Bounds(job.bounds.time_s, job.bounds.cost, folded.dial, after_s)), folded


def alights(job: Job, p: int, k: int) -> Iterator[tuple[int, int]]:
    """Node and instant of being ready, wherever a trip leads to."""
    net = job.net
    for q in range(p + 1, net.positions[p, LAST] + 1):
        clear, pair = -1, net.positions[p, PAIR]
        if pair >= 0:
            clear = job.rules.pairs[pair + q - p - 1, CLEAR]
        border = int(job.rules.clear_s[clear].min()) if clear >= 0 else 0
        yield int(net.positions[q, NODE]), int(job.live.arrives[net.positions[q - 1, START] + k]) + border


def leaves(job: Job, p: int, k: int) -> int:
    return int(job.live.departs[job.net.positions[p, START] + k])


def rides_from(job: Job, node: int) -> Iterator[tuple[int, int, int]]:
    """Every ride from a node: when goods have to be there, to which node it leads, when they are ready there."""
    rules = job.rules
    for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
        p = int(rules.entries[entry, POSITION])
        for k in range(job.net.positions[p, TRIPS]):
            at = leaves(job, p, k) - int(rules.entries[entry, TENDER_S])
            for to, ready in alights(job, p, k):
                yield at, to, ready


class Slow:
    """Least times on a day that is followed by itself, by trying everything until nothing falls any more."""

    def __init__(self, job: Job):
        self.job = job
        positions = job.net.positions.tolist()
        rides = [(p, k) for p, row in enumerate(positions) if p < row[LAST] for k in range(row[TRIPS])]
        self.ride: dict[Ride, int] = dict.fromkeys(rides, FAR)
        fell = True
        while fell:
            fell = False
            for p, k in rides:
                least = min(ready - leaves(job, p, k) + self.after(node, ready) for node, ready in alights(job, p, k))
                fell |= least < self.ride[p, k]
                self.ride[p, k] = min(least, self.ride[p, k])

    def after(self, node: int, at: int) -> int:
        rules = self.job.rules
        least = 1_800 if self.job.goal.node_door[node] >= 0 else FAR  # handling and drive
        for entry in range(rules.entry_ptr[node], rules.entry_ptr[node + 1]):
            p, tender_s = int(rules.entries[entry, POSITION]), int(rules.entries[entry, TENDER_S])
            for k in range(self.job.net.positions[p, TRIPS]):
                wait = (leaves(self.job, p, k) - tender_s - at) % DAY
                least = min(least, wait + tender_s + self.ride[p, k])
        return least


def nodes_led_to(job: Job) -> list[int]:
    return sorted({node for node in job.net.positions[:, NODE].tolist() if node >= 0 and node % WAYS != BEGIN})


def test_y01_the_table_is_what_trying_everything_finds() -> None:
    compared = reached = 0
    for seed in range(WORLDS):
        job, _ = by_day(random_world(seed, epochs=1 + seed % 2))
        slow, chance = Slow(job), random.Random(seed)
        for node in nodes_led_to(job):
            for at in [chance.randrange(-DAY, 3 * DAY) for _ in range(8)]:
                wanted, found = slow.after(node, at), soonest_at_goal(job, node, at)
                assert found == at + wanted if wanted < FAR // 2 else found == NEVER, f"seed {seed}, {node} at {at}"
                compared, reached = compared + 1, reached + (wanted < FAR // 2)
    assert compared > 20 * WORLDS
    assert compared > reached > compared // 2


def test_law_bounds_by_day_fall_neither_with_the_instant_nor_along_a_ride() -> None:
    rides = 0
    for seed in range(WORLDS):
        job, _ = by_day(random_world(seed))
        chance = random.Random(seed)
        for node in nodes_led_to(job):
            instants = sorted(chance.randrange(2 * DAY) for _ in range(6))
            soonest = [soonest_at_goal(job, node, at) for at in instants]
            assert soonest == sorted(soonest), f"seed {seed}, node {node}"
            for at, to, ready in rides_from(job, node):
                assert soonest_at_goal(job, node, at) <= soonest_at_goal(job, to, ready), f"seed {seed}"
                rides += 1
    assert rides > 10 * WORLDS


def test_law_bounds_by_day_are_never_below_those_by_facility_alone() -> None:
    tighter = 0
    for seed in range(WORLDS):
        job, _ = by_day(random_world(seed))
        plain = job._replace(bounds=Bounds(job.bounds.time_s, job.bounds.cost))
        for node in nodes_led_to(job):
            one, other = soonest_at_goal(job, node, 3_600), soonest_at_goal(plain, node, 3_600)
            assert one >= min(other, NEVER), f"seed {seed}, node {node}"
            tighter += NEVER > one > other
    assert tighter > WORLDS


def test_law_bounds_by_day_hold_for_what_is_late_too() -> None:
    rides = lower = 0
    for seed in range(WORLDS):
        planned, _ = by_day(random_world(seed))
        job = planned._replace(live=random_world(seed).job.live)
        moved = late_rides(job.net, job.live)
        late = bound_late(job.net, job.live, job.rules, job.goal, job.bounds, moved)
        job = job._replace(bounds=job.bounds._replace(late=late))
        for node in nodes_led_to(job):
            soonest = [soonest_at_goal(job, node, at) for at in range(0, 2 * DAY, 3_600)]
            assert soonest == sorted(soonest), f"seed {seed}, node {node}"
            lower += soonest != [soonest_at_goal(planned, node, at) for at in range(0, 2 * DAY, 3_600)]
            for at, to, ready in rides_from(job, node):
                assert soonest_at_goal(job, node, at) <= soonest_at_goal(job, to, ready), f"seed {seed}"
                rides += 1
    assert rides > 10 * WORLDS
    assert lower > WORLDS // 3


def test_y02_trips_that_differ_in_the_day_alone_are_one() -> None:
    for seed in range(20):
        job, folded = by_day(random_world(seed))
        assert len(folded.alight_ptr) == len(folded.stay) + 1
        times = {
            (p, leaves(job, p, k) % DAY, *((q, ready - leaves(job, p, k)) for q, ready in alights(job, p, k)))
            for p, row in enumerate(job.net.positions.tolist())
            if p < row[LAST]
            for k in range(row[TRIPS])
        }
        assert (
            len(times)
            <= len(folded.stay)
            <= sum(row[TRIPS] for p, row in enumerate(job.net.positions.tolist()) if p < row[LAST])
        )


def test_y03_a_network_without_departures_has_an_empty_table() -> None:
    job = random_world(1).job
    empty = job.net._replace(
        positions=np.zeros((0, 8), np.int32), departs=np.zeros(0, np.int32), arrives=np.zeros(0, np.int32),
        trip_ptr=np.zeros(1, np.int32),
    )  # fmt: skip
    rules = job.rules._replace(entries=job.rules.entries[:0], entry_ptr=np.zeros_like(job.rules.entry_ptr))
    folded = fold(empty, rules)
    assert len(bound_by_day(folded, rules, job.goal)) == 0
