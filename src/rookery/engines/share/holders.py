"""Who may use one limited thing and on which terms: a tree of holders, and what makes such a tree one to be kept.

Row 0 is the root: the network itself. Each holder stands after the one above it, so that going through the rows
backwards meets children before their parent.
"""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Longs: TypeAlias = npt.NDArray[np.int64]

NONE = -1
UNSTATED = -1  # as a guarantee: what the holders below it have together
NEVER = 2**62  # as an instant
UNLIMITED = 2**62  # as a ceiling or a capacity
AMOUNT_MAX = 2**42  # so that a millionfold still fits into an int64; 4.4 million tonnes
MILLION = 1_000_000
MULTIPLE_MAX = 10**12  # of weights of one parent: times a cost of a million it still fits into an int64

# What becomes of a guarantee that is not used, until it is released.
KEPT, RECALLABLE, FREE = range(3)


class Holders(NamedTuple):
    """A tree of holders of one limited thing.

    above       [holders] row of the holder above; -1 at the root alone
    guarantee   [holders, dimensions] what is kept for it; UNSTATED: the sum of what its children have
    ceiling     [holders, dimensions] most that it may claim; UNLIMITED: no more is said than by those above
    weight      [holders] of what is left over, among the children of one holder; at least 1
    lending     [holders] KEPT, RECALLABLE or FREE
    release_at  [holders] instant from which its unused guarantee is anybody's; NEVER
    """

    above: Longs
    guarantee: Longs
    ceiling: Longs
    weight: Longs
    lending: Longs
    release_at: Longs


class TermsFault(NamedTuple):
    """A term that cannot be kept. `dimension` is -1 where the rule knows of none."""

    rule: str
    holder: int
    dimension: int
    wanted: int
    found: int


ORDER = "a holder stands after the one above it, and the first is the root"
RANGE = "an amount is at least 0 and at most AMOUNT_MAX"
CHILDREN = "guarantees of the holders below sum to at most its own"
CAPACITY = "guarantees of the holders below the root sum to at most the capacity"
CEILING = "a ceiling is at least the guarantee"
WEIGHT = "a weight is at least 1"
MULTIPLE = "the least common multiple of the weights of the holders below is at most MULTIPLE_MAX"
LENDING = "lending is KEPT, RECALLABLE or FREE"


def find_faults(holders: Holders, capacity: Longs) -> list[TermsFault]:
    """Everything that is wrong with a tree of holders of so much [dimensions]; in the order of the rules, then of rows.

    What is told after a fault of ORDER or RANGE would be guessed: those are told alone.
    """
    faults = [*_order_faults(holders), *_range_faults(holders, capacity)]
    if not faults:
        faults = [*_sum_faults(holders, capacity), *_weight_faults(holders)]
    return faults


def _order_faults(holders: Holders) -> list[TermsFault]:
    wrong = [
        TermsFault(ORDER, row, NONE, max(row - 1, NONE), above)
        for row, above in enumerate(holders.above.tolist())
        if not (above == NONE if row == 0 else 0 <= above < row)
    ]
    odd = [row for row, lending in enumerate(holders.lending.tolist()) if lending not in (KEPT, RECALLABLE, FREE)]
    return wrong + [TermsFault(LENDING, row, NONE, RECALLABLE, int(holders.lending[row])) for row in odd]


def _range_faults(holders: Holders, capacity: Longs) -> list[TermsFault]:
    faults = []
    for amounts, free in ((holders.guarantee, UNSTATED), (holders.ceiling, UNLIMITED), (capacity[None], UNLIMITED)):
        wrong = ((amounts < 0) | (amounts > AMOUNT_MAX)) & (amounts != free)
        faults += [
            TermsFault(RANGE, int(row), int(d), AMOUNT_MAX, int(amounts[row, d])) for row, d in np.argwhere(wrong)
        ]
    return faults


def _sum_faults(holders: Holders, capacity: Longs) -> list[TermsFault]:
    faults = []
    total = totals(holders)
    below = np.zeros_like(total)
    np.add.at(below, holders.above[1:], total[1:])
    for row in range(len(total)):
        for d in range(total.shape[1]):
            most = int(capacity[d] if row == 0 else holders.guarantee[row, d])
            if most not in (UNLIMITED, UNSTATED) and below[row, d] > most:
                faults.append(TermsFault(CHILDREN if row else CAPACITY, row, d, most, int(below[row, d])))
            if holders.ceiling[row, d] < total[row, d]:
                faults.append(TermsFault(CEILING, row, d, int(total[row, d]), int(holders.ceiling[row, d])))
    return faults


def _weight_faults(holders: Holders) -> list[TermsFault]:
    faults = [TermsFault(WEIGHT, row, NONE, 1, w) for row, w in enumerate(holders.weight.tolist()) if w < 1]
    if faults:
        return faults
    return [
        TermsFault(MULTIPLE, row, NONE, MULTIPLE_MAX, found)
        for row, found in enumerate(multiples(holders.above, holders.weight))
        if found > MULTIPLE_MAX
    ]


def totals(holders: Holders) -> Longs:
    """[holders, dimensions] the guarantee of each holder; where it states none, what its children have together."""
    total = np.where(holders.guarantee == UNSTATED, 0, holders.guarantee)
    for row in range(len(total) - 1, 0, -1):
        above = holders.above[row]
        total[above] += np.where(holders.guarantee[above] == UNSTATED, total[row], 0)
    return total


def multiples(above: Longs, weight: Longs) -> list[int]:
    """The least common multiple of the weights of each holder's children; 1 where it has none."""
    found = [1] * len(above)
    for row in range(1, len(above)):
        found[above[row]] = math.lcm(found[above[row]], int(weight[row]))
    return found


def guarantees_of(above: Longs, share_ppm: Longs, capacity: Longs) -> Longs:
    """[holders, dimensions] guarantees as amounts, from shares of what the holder above has, rounded down.

    share_ppm  [holders, dimensions] millionths; UNSTATED stays so, and the holders below share what is above it
    Law        where shares of one parent sum to at most a million, amounts sum to at most the parent's
    """
    amounts, whole = np.empty_like(share_ppm), np.empty_like(share_ppm)
    for row in range(len(above)):
        had = capacity if row == 0 else whole[above[row]]
        part = had // MILLION * share_ppm[row] + had % MILLION * share_ppm[row] // MILLION
        amounts[row] = np.where(share_ppm[row] == UNSTATED, UNSTATED, part)
        whole[row] = np.where(share_ppm[row] == UNSTATED, had, part)
    return amounts
