"""What a plan burdens besides time and money: CO2, and the risk that a connection is missed.

CO2 is compared per kilogram: the load is the same on every ride, so that a plan's CO2 is that times the load, rounded
once. The risk of a connection is -ln P(made), so that risks of independent connections add up; it depends on the
slack, and on how the ride that led there is usually late: its line's delay class.
"""

from typing import NamedTuple

import numpy as np

from rookery.engines.kernel import kernel, part
from rookery.engines.network.bounds import Reach
from rookery.engines.network.rules import POSITION, Rules
from rookery.engines.network.snapshot import FACILITY, LAST, NODE, UNLIMITED, Ints, Longs, Snapshot

NO_CLASS = -1  # of goods that no ride has carried yet: their first departure is not missed


class Burdens(NamedTuple):
    """CO2 and risk of the rides of a snapshot, and the least CO2 to a goal.

    co2_ptr      [positions] first row of `co2_mg_kg` of the rides (this position, each later one of its line)
    co2_mg_kg    [rides] of one kilogram, milligrams, >= 0
    delay_class  [lines] row of `risk`
    risk         [classes, buckets] millionths of -ln P(connection made), by slack: bucket i holds slacks from
                 `i * bucket_s` on, the last one all that are longer
    bucket_s     seconds
    least_co2    [facilities] least CO2 to the goal, mg per kg; UNLIMITED where it is out of reach
    Law          more slack never has more risk: no row of `risk` rises
    """

    co2_ptr: Ints
    co2_mg_kg: Longs
    delay_class: Ints
    risk: Ints
    bucket_s: int
    least_co2: Longs


@part
def risk_of(burdens: Burdens, delay_class: int, slack_s: int) -> int:
    """Risk of a connection; 0 for a first ride."""
    if delay_class == NO_CLASS:
        return 0
    return burdens.risk[delay_class, min(slack_s // burdens.bucket_s, burdens.risk.shape[1] - 1)]


@part
def least_risk(burdens: Burdens, delay_class: int) -> int:
    """Risk of a connection with all the time in the world."""
    return 0 if delay_class == NO_CLASS else burdens.risk[delay_class, burdens.risk.shape[1] - 1]


@kernel
def weigh_edges(net: Snapshot, rules: Rules, reach: Reach, co2_ptr: Ints, co2_mg_kg: Longs) -> Longs:
    """[edges] the least CO2 of any ride along each edge of a reach, mg per kg."""
    positions, out = net.positions, np.full(len(reach.tail), UNLIMITED, np.int64)
    boarded = np.zeros(len(positions), np.bool_)
    for entry in range(len(rules.entries)):
        boarded[rules.entries[entry, POSITION]] = True
    for p in range(len(positions)):
        for q in range(p + 1, positions[p, LAST] + 1 if boarded[p] else 0):
            head, tail = positions[q, FACILITY], positions[p, FACILITY]
            low, high = reach.into_ptr[head], reach.into_ptr[head + 1]
            end = high
            while low < high:  # tails rise within a head
                middle = (low + high) >> 1
                if reach.tail[middle] < tail:
                    low = middle + 1
                else:
                    high = middle
            if low < end and reach.tail[low] == tail and positions[q, NODE] >= 0:
                out[low] = min(out[low], co2_mg_kg[co2_ptr[p] + q - p - 1])
    return out
