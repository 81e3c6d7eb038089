"""The route engine against a slow reference, on random little networks that mix everything a plan depends on.

ROOKERY_NETWORKS sets how many networks of each family are drawn; `drawn.py` says what the families are about.
"""

import os
from collections.abc import Iterable

import pytest
from drawn import FAMILIES, draw
from reference import Reference

from rookery.journey.route import plans
from rookery.units import amount_text, instant_text

NETWORKS = int(os.environ.get("ROOKERY_NETWORKS", "250"))
LESS = 0.1  # of the trips at least have a plan: a comparison of nothing with nothing says nothing


@pytest.mark.parametrize("family", FAMILIES)
def test_law_plans_are_those_of_a_search_that_tries_every_departure(family: str) -> None:
    first, step = list(FAMILIES).index(family), len(FAMILIES)
    count = found = 0
    for seed in range(first, first + step * NETWORKS, step):
        one = draw(seed)
        for number, trip in enumerate(one.trips):
            slow = Reference(trip, one.room, one.desk.world).best()
            fast = [(plan.arrives_at, plan.cost_minor) for plan in plans(trip, one.room, one.desk)]
            assert fast == slow, f"seed {seed}, trip {number}\nwanted\n{_lines(slow)}\nfound\n{_lines(fast)}"
            count, found = count + 1, found + bool(fast)
    assert found >= LESS * count


def _lines(ends: Iterable[tuple[int, int]]) -> str:
    return "\n".join(f"there {instant_text(at)}; {amount_text(cost, 'EUR')}" for at, cost in ends) or "nothing"
