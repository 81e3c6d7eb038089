"""Every state that a small account can come into, breadth first: three tenants, amounts of 1 to 3, up to ten actions.

ROOKERY_ACTIONS says how many actions; `make laws` takes ten.
"""

import os
from collections.abc import Iterator
from copy import deepcopy

import numpy as np
import pytest
from share_traces import Day

from rookery.engines.share.claims import LAYER, LAYERS
from rookery.engines.share.decide import CODE, FIRM
from rookery.engines.share.holders import FREE, KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, find_faults

ACTIONS = int(os.environ.get("ROOKERY_ACTIONS", "3"))
LAST_INSTANT = 2
State = tuple[int, int, tuple[tuple[int, int, int], ...], tuple[tuple[int, int], ...]]
POLICIES = {
    "flat, lent": ([NONE, 0, 0, 0], [0, 2, 2, 1], [RECALLABLE] * 4, [NEVER, 1, 1, 2]),
    "flat, some kept": ([NONE, 0, 0, 0], [0, 2, 1, 2], [KEPT, KEPT, RECALLABLE, RECALLABLE], [NEVER, 1, 2, NEVER]),
    "a group, one gives": ([NONE, 0, 1, 0], [0, 3, 1, 2], [KEPT, RECALLABLE, RECALLABLE, FREE], [NEVER, 2, 1, 2]),
    "a group that states none": (
        [NONE, 0, 1, 1],
        [0, UNSTATED, 2, 2],
        [KEPT, KEPT, RECALLABLE, KEPT],
        [NEVER, 1, 1, 2],
    ),
}


@pytest.mark.parametrize("capacity", [5, 6])
@pytest.mark.parametrize("policy", POLICIES)
def test_law_no_sequence_of_actions_on_a_small_account_breaks_a_law(policy: str, capacity: int) -> None:
    above, guarantee, lending, release_at = POLICIES[policy]
    columns = (np.array(guarantee)[:, None], np.full((4, 1), UNLIMITED), np.ones(4, np.int64))
    tree = Holders(np.array(above), *columns, np.array(lending), np.array(release_at))
    assert not find_faults(tree, np.array([capacity]))
    front = [Day(tree, [capacity], 1, 16)]
    seen = {state_of(front[0])}
    for _ in range(ACTIONS):
        reached = []
        for day in front:
            for after in every_action(day):
                check(after)
                state = state_of(after)
                if state not in seen:
                    seen.add(state)
                    reached.append(after)
        front = reached
    assert len(seen) > 100


def every_action(day: Day) -> Iterator[Day]:
    """Everything that can be done next, each done to a copy."""
    for row in range(1, day.holders):
        for amount in (1, 2, 3):
            after = deepcopy(day)
            after.ask(0, row, [amount], priority=1 + row % 2)
            yield after
    for ticket in day.standing:
        after = deepcopy(day)
        after.give_back(ticket)
        yield after
    if day.at < LAST_INSTANT:
        after = deepcopy(day)
        after.at += 1
        after.ask(0, 0, [0])  # nothing is asked for: what has been released is seen
        yield after
    if day.claims.ceiling[0, 0] > 4:
        after = deepcopy(day)
        after.cut(0, [int(day.claims.ceiling[0, 0]) - 1])
        yield after


def state_of(day: Day) -> State:
    """What makes two days the same for all that can follow; of firm bookings it does not matter which was first."""
    stands = [one for one in day.standing.values() if any(one.amounts)]
    firm = sorted((one.row, one.amounts[0]) for one in stands if not one.borrowed)
    lent = [(one.row, one.amounts[0], one.until) for one in stands if one.borrowed]
    return day.at, int(day.claims.ceiling[0, 0]), tuple(lent), tuple(firm)


def check(day: Day) -> None:
    """Use within capacity, claims within ceilings, loans recallable yet, guarantees to be had."""
    capacity = int(day.claims.ceiling[0, 0])
    assert day.claims.used[0, 0] == day.used(0)[0] <= capacity
    now, layers = day.claims.accounts[0, [LAYER, LAYERS]].tolist()
    assert np.all(np.maximum(day.claims.guarantee, day.claims.below)[:, now:layers] <= day.claims.ceiling[:, None])
    assert all(day.at < one.until for one in day.standing.values() if one.borrowed)
    for row in range(1, day.holders):
        if row not in day.tree.above and day.tree.lending[row] != FREE:
            unused = day.guarantee(0, row)[0] - day.used(0, row, firm=True)[0]
            if unused > 0:
                assert deepcopy(day).ask(0, row, [unused], borrows=False)[CODE] == FIRM
