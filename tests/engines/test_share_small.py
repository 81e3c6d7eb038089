"""Every state that small resources can come into, breadth first: three tenants, plans of 1 to 3 on one or two of them.

ROOKERY_ACTIONS says how many actions, ROOKERY_STATES how many of the new states are gone on from after each of them:
all if there are not more, or as many from every part of them. `make laws` asks for ten and 2,000.
"""

import os

import numpy as np
import pytest
from share_traces import Day
from small_plans import Plans

from rookery.engines.share.holders import FREE, KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, find_faults

ACTIONS = int(os.environ.get("ROOKERY_ACTIONS", "3"))
STATES = int(os.environ.get("ROOKERY_STATES", "40"))
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
    "a little, lent": ([NONE, 0, 0, 0], [0, 1, 1, 0], [RECALLABLE] * 4, [NEVER, 2, 1, NEVER]),
}
ALONE = [([policy], [capacity]) for policy in POLICIES for capacity in (5, 6) if policy != "a little, lent"]
TOGETHER = [
    (["a little, lent"] * 2, [2, 2]),
    (["a little, lent"] * 2, [3, 3]),
    (["flat, lent"] * 2, [5, 6]),
    (["flat, lent", "flat, some kept"], [6, 5]),
    (["a group, one gives", "flat, lent"], [5, 6]),
    (["a group that states none", "flat, some kept"], [6, 6]),
]


@pytest.mark.parametrize(("policies", "capacity"), ALONE + TOGETHER, ids=str)
def test_law_no_sequence_of_actions_on_a_small_account_breaks_a_law(policies: list[str], capacity: list[int]) -> None:
    first = Plans([open_day(*pair) for pair in zip(policies, capacity, strict=True)], capacity)
    front, seen = [first], {first.state(): first.keeps()}
    for _ in range(ACTIONS):
        reached = []
        for plans in front:
            for after in plans.every_action():
                after.check()
                state, keeps = after.state(), after.keeps()
                if state not in seen:
                    reached.append(after)
                assert seen.setdefault(state, keeps) == keeps, "what is kept depends on what stands alone"
        front = follow(reached)
    assert len(seen) > 10 * ACTIONS


def open_day(policy: str, capacity: int) -> Day:
    above, guarantee, lending, release_at = POLICIES[policy]
    columns = (np.array(guarantee)[:, None], np.full((4, 1), UNLIMITED), np.ones(4, np.int64))
    tree = Holders(np.array(above), *columns, np.array(lending), np.array(release_at))
    assert not find_faults(tree, np.array([capacity]))
    return Day(tree, [capacity], 1, 16)


def follow(new: list[Plans]) -> list[Plans]:
    """All of them, or as many as asked for from every part of them."""
    return [new[i * len(new) // STATES] for i in range(STATES)] if len(new) > STATES else new
