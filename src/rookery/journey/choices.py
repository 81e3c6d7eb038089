"""What a person chooses from: plans by arrival, cost, CO2 and the chance that all connections are made.

`choices` gives few plans that stand for all that no other beats in the four; or, if asked, every one of these. Room,
borders, cut-offs and fees are those of `plans`, and so is what a plan costs. CO2 and risk are those of `carbon` and
`burden`. Nothing here is decided on: orders are filled by arrival and cost.
"""

from functools import partial

import numpy as np

from rookery.engines.network.bags import bags
from rookery.engines.network.bounds import bound_weight, bucket
from rookery.engines.network.burdens import Burdens, weigh_edges
from rookery.engines.network.dominance import CO2, FULL, RISK, UNWEIGHED, Quest, Weighings, Work, make_work
from rookery.engines.network.snapshot import Longs
from rookery.engines.network.weighing import Relaxation, make_weighings
from rookery.engines.network.work import Job
from rookery.journey.burden import burdens_of, plan_risk
from rookery.journey.carbon import carbon_of
from rookery.journey.desk import Desk
from rookery.journey.room import Room
from rookery.journey.route import Plan, plan_of
from rookery.journey.walk import LABELS_MAX, Trip, Walk, Way, chain

LABELS = 1 << 16  # of a search at first
# Cost alone; all three; CO2 far above the others; risk far above them. Up to the deadline: what is greenest is slow.
TASTES = Relaxation(tastes=((0.0, 0.0), (1.0, 0.1), (20.0, 0.1), (0.2, 3.0)), horizon_percent=0)


def choices(trip: Trip, room: Room, desk: Desk, *, exact: bool = False, relaxation: Relaxation = TASTES) -> list[Plan]:
    """Few plans that stand for all that no other beats in arrival, cost, CO2 and risk; earliest first.

    exact       every plan that no other beats, instead: dozens to hundreds
    relaxation  by how much the few may be worse than those that they stand for, and what counts how much
    Law         see `engines.network.bags`; the earliest and the cheapest plan are always there
    Raises      ValueError: a stop without coordinates, or more plans than can be looked through
    """
    out = []
    for way, mg_kg, risk in _Survey(trip, room, desk).find_choices(None if exact else relaxation):
        plan = plan_of(way, trip, room, desk)
        told = (carbon_of(desk.world).find_plan(plan), plan_risk(plan, desk.world))
        assert told == (mg_kg, risk), f"engine and trade differ: CO2 and risk {(mg_kg, risk)} and {told}"
        out.append(plan)
    return out


class _Survey(Walk):
    """One trip's search by four criteria."""

    def find_choices(self, relaxation: Relaxation | None) -> list[tuple[Way, int, int]]:
        """Ways with their CO2 (mg per kg) and risk, earliest first; without a relaxation all of them."""
        starts, drives = self._starts()
        late = [self.window.relative(self.trip.deadline) < at for _, at, _ in starts]
        starts = [one for one, is_late in zip(starts, late, strict=True) if not is_late]  # else they get no label
        drives = [one for one, is_late in zip(drives, late, strict=False) if not is_late]
        if not starts:
            return []
        with self.follower.set_aside(self.room.list_aside()):
            work, count = self._search_choices(self._quest(relaxation), np.array(starts, np.int64))
        found = [chain(work.labels, last) for last in work.found[:count]]
        return [(self._way(labels, drives), int(labels[-1, CO2]), int(labels[-1, RISK])) for labels in found]

    def _search_choices(self, quest: Quest, starts: Longs) -> tuple[Work, int]:
        """The work that a search has filled, which grows until it is enough, and how many plans there are."""
        kept, key, classes = self.atlas.choices, "work", len(quest.burdens.risk)  # all windows have the same lines
        work = kept.get(key, lambda: make_work(self.window.net, classes, LABELS))
        count = bags(quest, starts, work)
        while work.counters[FULL]:
            size = 8 * len(work.labels)
            if size > LABELS_MAX:
                raise ValueError(
                    f"{self.trip.origin} to {self.trip.destination}: wanted plans that can be looked through, found"
                    f" more than {len(work.labels):,} ways; ask for few plans, or for a product with a limit"
                )
            work = kept.put(key, make_work(self.window.net, classes, size))
            count = bags(quest, starts, work)
        return work, count

    def _quest(self, relaxation: Relaxation | None) -> Quest:
        job = self._job()
        burdens = burdens_of(self.desk.world)
        edge_co2 = self._edge_co2(job, burdens)
        if relaxation is not None:
            return Quest(job, burdens, self._weighings(job, edge_co2, relaxation))
        key = ("least", self.terms.key, self.trip.destination)
        least = self.atlas.choices.get(
            key, lambda: bound_weight(self.terms.reach, self.terms.rules, job.goal, edge_co2)
        )
        return Quest(job, burdens._replace(least_co2=least), UNWEIGHED)

    def _edge_co2(self, job: Job, burdens: Burdens) -> Longs:
        make = partial(weigh_edges, job.net, self.terms.rules, self.terms.reach, burdens.co2_ptr, burdens.co2_mg_kg)
        return self.atlas.choices.get(("edges", self.terms.key), make)

    def _weighings(self, job: Job, edge_co2: Longs, relaxation: Relaxation) -> Weighings:
        """Weighings with their bounds, kept for all loads of a bucket."""
        prices, load = self.atlas.edges(self.terms, self.trip.load), self.trip.load
        key = (self.terms.key, self.trip.destination, bucket(load.grams), bucket(load.cm3), relaxation)
        make = partial(make_weighings, self.terms.reach, self.terms.rules, job.goal, prices, edge_co2, relaxation)
        return self.atlas.choices.get(key, make)
