"""What a search is asked, and the few questions that every search puts to the arrays."""

from typing import NamedTuple

from rookery.engines.kernel import part
from rookery.engines.network.money import FREE, FREE_S, NO_RATE, UNKNOWN, Money, chargeable_g, ride_price, stay_fee
from rookery.engines.network.rules import (
    BEGINS,
    DRIVE_S,
    DWELLS,
    ENDS,
    HANDLING_S,
    NO_WINDOW,
    WINDOW,
    WINDOWS,
    Goal,
    Rules,
)
from rookery.engines.network.snapshot import CLOSED, LIMITED, LINE, NEVER, UNLIMITED, Bytes, Ints, Live, Longs, Snapshot


class Query(NamedTuple):
    """What is asked for. Instants in seconds after the snapshot's epoch.

    need        [dimensions] what the load takes of each segment
    known_at    when booking, papers and customs data are there
    depart_by   latest departure of the first ride; NEVER: any
    deadline    latest arrival
    not_before  delivery not before
    legs_max    rides in a plan at most
    with_room   0: as if every departure that runs were empty
    with_rates  0: as if what has no rate cost nothing
    one_epoch   1: no price changes before the deadline
    epoch       the epoch in which goods are ready
    barred      [facilities] 1: goods may not alight there
    memo        [lists, epochs] prices of this load known so far; UNKNOWN, NO_RATE or minor units
    """

    need: Longs
    known_at: int
    depart_by: int
    deadline: int
    not_before: int
    grams: int
    cm3: int
    legs_max: int
    with_room: int
    with_rates: int
    one_epoch: int
    epoch: int
    barred: Bytes
    memo: Longs


@part
def first_from(search: Ints, entry: Ints, start: int, count: int, instant: int) -> int:
    """The first trip of a position whose search time is at or after an instant; `count` if there is none.

    Departures are spread over a window about evenly: guess where the trip stands between the first and the last that
    is planned, and go from there in doubling steps.
    """
    begins, ends, low, high, step = entry[BEGINS], entry[ENDS], -1, count, 1  # search[low] < instant <= search[high]
    if begins < instant < ends:
        guess = (count - 1) * (instant - begins) // (ends - begins)
    else:
        guess = 0 if instant <= begins else count - 1
    if count == 0:
        return 0
    if search[start + guess] < instant:
        low = guess
        while low + step < high and search[start + low + step] < instant:
            low, step = low + step, 2 * step
        high = min(high, low + step)
    else:
        high = guess
        while high - step > low and search[start + high - step] >= instant:
            high, step = high - step, 2 * step
        low = max(low, high - step)
    while high - low > 1:
        middle = (low + high) >> 1
        if search[start + middle] < instant:
            low = middle
        else:
            high = middle
    return high


@part
def fits(net: Snapshot, live: Live, query: Query, position: int, segment: int) -> bool:
    """True if the query's load has room on a segment in every dimension, and the segment runs."""
    if live.free[segment, 0] < CLOSED // 2:
        return False
    if query.with_room and net.positions[position, LIMITED]:
        for d in range(len(query.need)):
            if query.need[d] > live.free[segment, d]:
                return False
    return True


@part
def leaves_at(goal: Goal, door: int, ready: int, not_before: int) -> int:
    """When a drive to a door begins: within opening hours, not before it is wanted; NEVER if never."""
    ready = max(ready + goal.doors[door, HANDLING_S], not_before - int(goal.doors[door, DRIVE_S]))
    window = goal.doors[door, WINDOW]
    if window == NO_WINDOW:
        return ready
    low, high = window, window + goal.doors[door, WINDOWS]
    end = high
    while low < high:
        middle = (low + high) >> 1
        if goal.windows[middle, 1] <= ready:
            low = middle + 1
        else:
            high = middle
    return NEVER if low == end else max(ready, goal.windows[low, 0])


@part
def price_of(money: Money, query: Query, row: int, epoch: int) -> int:
    """Price of the query's load under a list, worked out once."""
    if row < 0:
        return 0 if row == FREE else NO_RATE
    known = query.memo[row, epoch]
    if known == UNKNOWN:
        grams = chargeable_g(money.breaks, row, query.grams, query.cm3)
        known = ride_price(
            money.breaks, money.rate_ptr, money.rates, money.in_force, money.surcharge_ptr, money.surcharges,
            money.exchange, row, epoch, grams,
        )  # fmt: skip
        query.memo[row, epoch] = known
    return known


@part
def epoch_at(rules: Rules, day: int) -> int:
    """Epoch of a day number; days outside the window have its first or last."""
    return rules.day_epoch[min(max(day - rules.first_day, 0), len(rules.day_epoch) - 1)]


@part
def epoch_of_trip(net: Snapshot, rules: Rules, query: Query, position: int, trip: int) -> int:
    """Epoch of the day that a trip of a position's line belongs to."""
    if query.one_epoch:
        return query.epoch
    return epoch_at(rules, net.trip_day[net.trip_ptr[net.positions[position, LINE]] + trip])


@part
def lead_fee(rules: Rules, money: Money, query: Query, node: int, lead: int) -> int:
    """At most what goods that came earlier pay more for their stay at a clocked node, whatever comes after."""
    if lead <= 0:
        return 0
    if rules.clocked[node] & DWELLS:
        return UNLIMITED // 2
    row, fee = rules.node_fee[node], 0
    for epoch in range(money.exchange.shape[1]):  # by so many days begun; two roundings may differ
        stay = lead + money.fees[row, FREE_S]
        fee = max(fee, 1 + stay_fee(money.fees, money.exchange, row, stay, query.grams, epoch))
    return fee
