"""Laws of plans made anew, on random traces of orders, scans, cancellations, delays and restorations.

After every step all is counted again from the rows alone. A failure names the seed of its trace.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest

from rookery.journey.account import Account
from rookery.journey.booking import Booking
from rookery.journey.departure import CancelDeparture, DelayDeparture, Departure, RestoreDeparture
from rookery.journey.desk import Policy
from rookery.journey.disrupt import Case, PlanKept, ReplanFailed, Replanned, Retimed, Struck
from rookery.journey.itinerary import Itinerary, riders
from rookery.journey.order import CancelOrder, Order
from rookery.journey.room import amounts_of
from rookery.journey.route import Leg
from rookery.journey.shipment import Parcel
from rookery.journey.track import Scan
from talk import Book, asked
from worlds import door, places, ride, tiny_network

TRACES, STEPS = 120, 50
NETWORK = tiny_network(
    places("A B C"), door("delivery", "C", postcode_from="4"), door("pickup", "A", postcode_from="1"),
    ride("early", "A 08:00, B 10:00", carries="pieces 3", price="1"), ride("noon", "A 12:00, B 14:00", price="2"),
    ride("through", "A 09:00, B 11:00/12:00, C 15:00", carries="pieces 4", price="3"),
    ride("BC", "B 15:00, C 17:00", carries="pieces 4", price="1"), ride("night", "B 22:00, C 02:00+1", price="1"),
    last="2026-11-24",
)  # fmt: skip
WORLD = Book(NETWORK, policy=Policy(replans_max=3)).desk.world
DAYS = ("23", "24")


class Trace:
    def __init__(self, seed: int):
        self.rng, self.book, self.count = random.Random(seed), Book(NETWORK, "Mon 06:00"), 0
        self.book.desk = replace(self.book.desk, world=WORLD)

    def run(self) -> "Trace":
        steps = (self.order, self.order, self.order, self.cancel, self.delay, self.delay, self.restore)
        for _ in range(STEPS):
            self.rng.choice((*steps, self.withdraw, self.scan, self.scan, self.wait, self.wait))()
            self.check()
        return self

    @property
    def now(self) -> int:
        return self.book.desk.now

    def order(self) -> None:
        self.count += 1
        self.book.place(
            asked(
                str(self.count), to=self.rng.choice(("BE 4000", "C", "B")),
                origin=self.rng.choice(("A", "A", "BE 1000")),
                pieces=self.rng.randint(1, 2), together=self.rng.choice(("must", "may")), ordered="Mon 06:00",
                wanted_to=self.now + self.rng.choice((12, 24, 48)) * 3600,
            )
        )  # fmt: skip

    def departure(self) -> str:
        """One that somebody rides, or any."""
        plans = [part.plan for row in self.book.state[Itinerary] for part in row.parts]
        ridden = [leg.departure for plan in plans for leg in plan.legs if leg.departure and leg.arrives_at > self.now]
        if ridden and self.rng.random() < 0.8:
            return self.rng.choice(ridden)
        return f"{self.rng.choice(('early', 'noon', 'through', 'BC', 'night'))}/2026-11-{self.rng.choice(DAYS)}"

    def cancel(self) -> None:
        self.book.ask(CancelDeparture(self.departure(), "haul", self.now))

    def restore(self) -> None:
        self.book.ask(RestoreDeparture(self.departure(), "haul", self.now))

    def delay(self) -> None:
        late_s = self.rng.choice((0, 600, 3600, 4 * 3600, 30 * 3600))
        stop = self.rng.choice((0, 0, 2))
        more_s = self.rng.choice((0, 900))
        self.book.ask(DelayDeparture(self.departure(), "haul", self.now, late_s, late_s + more_s, stop))

    def withdraw(self) -> None:
        self.book.ask(CancelOrder("shop", str(self.rng.randint(1, self.count + 1))))

    def scan(self) -> None:
        """All parcels of a shipment where they are by now, if it has left."""
        rows = [row for row in self.book.state[Itinerary] if row.shipments]
        if rows:
            row = self.rng.choice(rows)
            number = self.rng.randrange(len(row.parts))
            left = [leg for leg in row.parts[number].plan.legs if leg.departure and leg.departs_at <= self.now]
            for parcel in list(self.book.state[Parcel]) if left else ():
                if parcel.shipment_id == row.shipments[number]:
                    at, place = left[-1].departs_at, left[-1].origin
                    self.book.ask(Scan(parcel.waybill, "in_transit", "EDE", at, place, "haul"))

    def wait(self) -> None:
        self.book.desk = replace(self.book.desk, now=self.now + self.rng.choice((600, 3600, 3 * 3600)))

    # --- the laws

    def check(self) -> None:
        self.check_sums()
        open_orders = {case.order_id for case in self.book.state[Case]} | {
            row.order_id for row in self.book.state[Struck]
        }
        for row in self.book.state[Itinerary]:
            if row.order_id not in open_orders:
                for part in row.parts:
                    self.check_plan(part.plan.legs)

    def check_sums(self) -> None:
        state = self.book.state
        bookings = {booking.hold_id: booking for booking in state[Booking]}
        total: Counter[tuple[str, str]] = Counter()
        for row in state[Itinerary]:
            own: Counter[tuple[str, str]] = Counter()
            for part in row.parts:
                for resource in (resource for leg in part.plan.legs for resource in leg.resources):
                    limits = state[Account].get(resource).limits
                    own.update({(resource, d): amounts_of(part.load)[d] for d in limits})
            booked = {(use.resource, d): n for use in bookings[row.order_id].uses for d, n in use.amounts.items() if n}
            assert booked == own, "a booking is what its order's plans use"
            total += own
        for account in state[Account]:
            for dimension, limit in account.limits.items():
                taken = account.taken[dimension]
                assert taken == total[account.resource, dimension] <= limit and account.held[dimension] == 0

    def check_plan(self, legs: tuple[Leg, ...]) -> None:
        """What has not left yet runs, is in the version that is known, and is met."""
        for number, leg in enumerate(legs):
            if leg.departure and leg.departs_at > self.now:
                row = self.book.state[Departure].find(leg.departure)
                assert row is None or (not row.cancelled and row.version == leg.version)
                assert not number or legs[number - 1].ready_at + leg.tender_s <= leg.departs_at


@pytest.mark.parametrize("seed", range(0, TRACES, 10))
def test_law_no_order_rides_a_cancelled_departure_or_misses_a_connection_unless_it_is_a_case(seed: int) -> None:
    for one in range(seed, seed + 10):
        Trace(one).run()


def test_law_every_order_that_is_struck_is_looked_at_and_whoever_rides_is_found() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(TRACES // 3):
        trace = Trace(seed).run()
        while list(trace.book.state[Struck]):
            left = len(list(trace.book.state[Struck]))
            trace.book.ask(CancelOrder("shop", "nobody knows"))
            assert len(list(trace.book.state[Struck])) == max(0, left - 3)
        trace.check()
        kinds = (PlanKept, Retimed, Replanned, ReplanFailed)
        outcomes.update(type(fact).__name__ for fact in trace.book.facts if isinstance(fact, kinds))
        for row in trace.book.state[Itinerary]:
            for leg in (leg for part in row.parts for leg in part.plan.legs if leg.departure):
                assert row.order_id in list(riders(trace.book.state, leg.departure))
        booked = {order.order_id for order in trace.book.state[Order] if order.status == "booked"}
        assert {row.order_id for row in trace.book.state[Itinerary]} == booked
    assert min(outcomes[kind] for kind in ("PlanKept", "Retimed", "Replanned", "ReplanFailed")) >= 5, outcomes
