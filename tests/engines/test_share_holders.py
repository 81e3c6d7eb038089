"""Terms that can be kept, and those that cannot, told with their numbers."""

from random import Random

import numpy as np
import pytest
from slow_cut import slow_shrink

from rookery.engines.share.claims import open_accounts
from rookery.engines.share.cut import shrink
from rookery.engines.share.holders import (
    AMOUNT_MAX,
    CAPACITY,
    CEILING,
    CHILDREN,
    LENDING,
    MULTIPLE,
    MULTIPLE_MAX,
    NEVER,
    NONE,
    ORDER,
    RANGE,
    RECALLABLE,
    UNLIMITED,
    UNSTATED,
    WEIGHT,
    Holders,
    TermsFault,
    find_faults,
    guarantees_of,
)  # fmt: skip
from slow_share import Account, random_capacity, random_holders


def holders(above: list[int], guarantee: list[int], **other: list[int]) -> Holders:
    """One dimension; no ceilings, weights of 1, all may be lent and nothing is released, unless said otherwise."""
    count = len(above)
    terms = {"ceiling": [UNLIMITED] * count, "weight": [1] * count} | other
    lending, release_at = terms.get("lending", [RECALLABLE] * count), [NEVER] * count
    return Holders(
        np.array(above), np.array(guarantee)[:, None], np.array(terms["ceiling"])[:, None], np.array(terms["weight"]),
        np.array(lending), np.array(release_at),
    )  # fmt: skip


TOP = [NONE, 0, 0]


@pytest.mark.parametrize(
    ("tree", "capacity", "fault"),
    [
        (holders([NONE, 2, 0], [0, 1, 1]), 9, TermsFault(ORDER, 1, NONE, 0, 2)),
        (holders([NONE, NONE], [0, 1]), 9, TermsFault(ORDER, 1, NONE, 0, NONE)),
        (holders(TOP, [0, 1, 1], lending=[1, 3, 1]), 9, TermsFault(LENDING, 1, NONE, RECALLABLE, 3)),
        (holders(TOP, [0, -2, 1]), 9, TermsFault(RANGE, 1, 0, AMOUNT_MAX, -2)),
        (holders(TOP, [0, 1, 1]), AMOUNT_MAX + 1, TermsFault(RANGE, 0, 0, AMOUNT_MAX, AMOUNT_MAX + 1)),
        (holders(TOP, [0, 5, 5]), 9, TermsFault(CAPACITY, 0, 0, 9, 10)),
        (holders([NONE, 0, 1, 1], [0, 5, 3, 3]), 9, TermsFault(CHILDREN, 1, 0, 5, 6)),
        (holders([NONE, 0, 1, 1], [0, UNSTATED, 5, 5]), 9, TermsFault(CAPACITY, 0, 0, 9, 10)),
        (holders(TOP, [0, 4, 5], ceiling=[9, 4, 4]), 9, TermsFault(CEILING, 2, 0, 5, 4)),
        (holders([NONE, 0, 1], [0, UNSTATED, 4], ceiling=[9, 3, 9]), 9, TermsFault(CEILING, 1, 0, 4, 3)),
        (holders(TOP, [0, 4, 5], weight=[1, 0, 1]), 9, TermsFault(WEIGHT, 1, NONE, 1, 0)),
        (
            holders(TOP, [0, 4, 5], weight=[1, 10**6, 10**6 + 1]), 9,
            TermsFault(MULTIPLE, 0, NONE, MULTIPLE_MAX, 10**6 * (10**6 + 1)),
        ),
    ],
)  # fmt: skip
def test_a01_terms_that_cannot_be_kept_are_told(tree: Holders, capacity: int, fault: TermsFault) -> None:
    assert find_faults(tree, np.array([capacity])) == [fault]


def test_a02_all_faults_are_told_at_once() -> None:
    tree = holders([NONE, 0, 0, 1], [0, 7, 5, 8], ceiling=[UNLIMITED, 6, 5, 8], weight=[1, 1, -1, 1])
    rules = [fault.rule for fault in find_faults(tree, np.array([9]))]
    assert rules == [CAPACITY, CHILDREN, CEILING, WEIGHT]
    assert not find_faults(holders([NONE, 0, 0, 1], [0, 4, 5, 4]), np.array([9]))


def test_a03_shares_are_of_what_the_holder_above_has_and_never_sum_to_more() -> None:
    chance = Random(3)
    for _ in range(500):
        above = np.array([NONE] + [chance.randrange(n) for n in range(1, 8)])
        left, share = [1_000_000] * 8, [UNSTATED]
        for n in range(1, 8):
            share.append(chance.choice((UNSTATED, 0, chance.randint(0, left[above[n]]), left[above[n]])))
            left[above[n]] -= max(share[n], 0)
        capacity = np.array([chance.choice((7, 1_000, AMOUNT_MAX))])
        amounts = guarantees_of(above, np.array(share)[:, None], capacity)
        for n in range(1, 8):
            whole = n
            while whole and share[above[whole]] == UNSTATED:
                whole = above[whole]
            had = int(capacity[0]) if above[whole] <= 0 else int(amounts[above[whole], 0])
            assert amounts[n, 0] == (UNSTATED if share[n] == UNSTATED else had * share[n] // 1_000_000)


def test_b01_guarantees_shrink_from_the_top_down_by_largest_remainder() -> None:
    assert shrink([NONE, 0, 0, 0], [0, 5, 5, 5], 10) == [0, 4, 3, 3]
    assert shrink([NONE, 0, 0, 0], [0, 5, 5, 5], 15) == [0, 5, 5, 5]
    assert shrink([NONE, 0, 0, 1, 1], [0, 6, 2, 3, 3], 4) == [0, 3, 1, 2, 1]
    assert shrink([NONE, 0, 0, 1, 1], [0, 0, 2, 3, 3], 4) == [0, 0, 1, 2, 1]
    assert shrink([NONE, 0, 0], [0, 1, 2], 0) == [0, 0, 0]
    assert shrink([NONE, 0, 0], [0, AMOUNT_MAX, AMOUNT_MAX], AMOUNT_MAX) == [0, AMOUNT_MAX // 2, AMOUNT_MAX // 2]


def test_b02_guarantees_shrink_as_fractions_say_on_random_trees() -> None:
    for seed in range(500):
        chance = Random(seed)
        tree = random_holders(chance, dimensions=1)
        account = Account(tree, random_capacity(chance, tree), chance.choice((0, 4)))
        capacity = chance.randint(0, 20)
        now = [g[0] if account.in_effect(n, account.now) else 0 for n, g in enumerate(account.guarantee)]
        assert shrink(account.above, now, capacity) == [row[0] for row in slow_shrink(account, [capacity])]


def test_c01_amounts_in_other_dimensions_than_the_capacity_are_not_taken() -> None:
    with pytest.raises(ValueError, match=r"wanted \(3, 2\) amounts each, found \(3, 1\) and \(3, 1\)"):
        open_accounts([holders(TOP, [0, 1, 1])], np.array([[9, 9]]))
