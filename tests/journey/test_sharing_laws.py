"""Who may use what, against slow and obvious readings of the same rows."""

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sharers import block, holders, network, share, sharing

from rookery.engines.share.holders import UNSTATED, find_faults
from rookery.journey.desk import Policy, World
from rookery.journey.expand import Thing
from rookery.journey.network.sharing import Block, Share
from rookery.journey.unkept import find_unkept

Rows = list[Share | Block]
NAMES = ("a", "b", "c", "d")
SERVICES = ("night", "noon", "fly")
LEGS = ("night/{}/1", "night/{}/2", "noon/{}/1", "fly/{}/1")
TREE = holders("b of a", "a", "c of b", "d")
PARENTS = {"a": "*", "b": "a", "c": "b", "d": "*"}
DAYS = tuple(dt.date(2026, 11, day) for day in (22, 23, 24, 25))
TRIED = tuple(dt.date(2026, 11, day) for day in range(21, 27))  # a day before and one after all changes
RESOURCES = ("service:*", "service:n*", "service:no*", "service:night", "service:fly", "warehouse:*")


@st.composite
def some_rows(draw: st.DrawFn) -> Rows:
    """Shares and blocks, some of which cannot be kept."""
    keys = st.tuples(st.sampled_from(NAMES), st.sampled_from(RESOURCES), st.sampled_from(("*", "grams", "cm3")))
    rows: Rows = []
    for holder, resource, dimension in draw(st.lists(keys, max_size=10, unique=True)):
        amount = draw(st.sampled_from((None, None, None, 5_000, 90_000))) if dimension != "*" else None
        guarantee = draw(st.sampled_from((None, 0, 10, 33.3, 60))) if amount is None else None
        told = {"dimension": dimension, "guarantee_amount": amount, "ceiling": draw(st.sampled_from((100, 100, 70)))}
        rows.append(share(holder, resource, guarantee, **told, **span(draw)))
    bought = st.tuples(st.sampled_from(NAMES), st.sampled_from(SERVICES), st.integers(0, 400_000))
    for holder, service, grams in draw(st.lists(bought, max_size=2)):
        rows.append(block(holder, grams, service_id=service, block_id=str(len(rows)), **span(draw)))
    return rows


def span(draw: st.DrawFn) -> dict[str, dt.date]:
    """The first and the last day of a row, or neither."""
    first, last = draw(st.sampled_from((None, *DAYS))), draw(st.sampled_from((None, None, *DAYS)))
    return {name: day for name, day in (("valid_from", first), ("valid_to", last)) if day}


def slow_guarantee(rows: Rows, holder: str, service: str, dimension: str, capacity: int) -> int:
    """What rows of one day guarantee a holder: blocks, else the exact id, the longest beginning, the dimension."""
    own = [one for one in rows if one.holder == holder]
    blocks = [one for one in own if isinstance(one, Block) and (one.service_id, one.dimension) == (service, dimension)]
    if blocks:
        return sum(one.amount for one in blocks)
    shares = {(one.resource, one.dimension): one for one in own if isinstance(one, Share)}
    for end in range(len(service), -1, -1):
        for pattern in ([service] if end == len(service) else []) + [f"{service[:end]}*"]:
            for named in (dimension, "*"):
                if one := shares.get((f"service:{pattern}", named)):
                    return slow_amount(rows, one, service, dimension, capacity)
    return UNSTATED


def slow_amount(rows: Rows, one: Share, service: str, dimension: str, capacity: int) -> int:
    """The amount that a row guarantees."""
    if one.guarantee_amount is not None:
        return one.guarantee_amount
    if one.guarantee is None:
        return UNSTATED
    above = PARENTS[one.holder]
    while above != "*" and slow_guarantee(rows, above, service, dimension, capacity) == UNSTATED:
        above = PARENTS[above]
    has = capacity if above == "*" else slow_guarantee(rows, above, service, dimension, capacity)
    return has * one.guarantee // 100_000_000


def holding(rows: Rows, day: dt.date) -> Rows:
    """The rows that hold on a day."""
    return [one for one in rows if one.holds_on(day)]


@given(some_rows(), st.sampled_from(SERVICES), st.sampled_from(DAYS))
def test_law_of_each_holders_rows_the_most_specific_holds(rows, service, day):
    found, limits = sharing(TREE, rows), {"grams": 123_456, "cm3": 999_999}
    shared = found.find_terms(f"departure:{service}/{day}/1", limits)
    for name in NAMES:
        for d, (dimension, capacity) in enumerate(limits.items()):
            slow = slow_guarantee(holding(rows, day), name, service, dimension, capacity)
            assert slow == (UNSTATED if shared is None else shared.tree.guarantee[found.rows[name], d])


@given(some_rows())
def test_law_what_a_checked_network_guarantees_can_be_kept_on_every_leg_and_day(rows):
    """And where something cannot be kept, the check says so: neither more nor less than trying every day."""
    made = network(TREE, rows)
    world, wrong = World(made, Policy()), set()
    legs = [f"departure:{leg.format(day)}" for day in TRIED for leg in LEGS]
    for name in [*legs, *(f"warehouse:A/{day}" for day in TRIED)]:
        limits = world.limits_of(name)
        shared = world.sharing.find_terms(name, limits)
        if shared and find_faults(shared.tree, np.array([limits[dimension] for dimension in shared.dimensions])):
            wrong.add(name.partition("/")[0])
    told = find_unkept(made)
    assert bool(told) == bool(wrong)
    for one in told:
        assert any(one.row is row for row in rows)
        assert one.thing in {Thing("service", id_) for id_ in SERVICES} | {Thing("warehouse", "A")}
