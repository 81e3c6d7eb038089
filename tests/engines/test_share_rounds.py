"""Rounds against their definition, and that nobody gets more than its weight says."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from slow_rounds import Side, SlowRound, Wanted

from rookery.engines.share.claims import Claims, open_accounts
from rookery.engines.share.decide import BINDING, CLAIM, CODE, FIRM, Requests, make_outcomes
from rookery.engines.share.holders import KEPT, NEVER, NONE, UNLIMITED, Holders, Longs
from rookery.engines.share.loans import EVENTS, Loans, make_loans
from rookery.engines.share.rounds import LOST, Floor, hold_round, make_credits, make_floor
from slow_share import Account, random_capacity, random_holders
from traces import days

DAYS = days(200, part=10)
WORDS = {FIRM: "firm", CLAIM: "claim", LOST: "lost"}
SIDES = ("own", "below")


def held(
    claims: Claims, loans: Loans, account: int, wanted: list[Wanted], floor: Floor, credits: Longs
) -> list[tuple[str, int]]:
    root = int(claims.accounts[account, 0])
    table = np.array([[account, root + row, 0, 0, p, 1_000 + r] for r, (row, _, p) in enumerate(wanted)], np.int64)
    out = make_outcomes(len(wanted))
    hold_round(claims, loans, Requests(table, np.array([a for _, a, _ in wanted], np.int64)), out, floor, credits)
    loans.counters[EVENTS] = 0
    return [(WORDS[code], n - root if n >= 0 else n) for code, n in out.table[:, [CODE, BINDING]].tolist()]


def random_wanted(chance: Random, tree: Holders, count: int, dimensions: int) -> list[Wanted]:
    rows = [chance.randrange(len(tree.above)) for _ in range(4)]
    return [
        (chance.choice(rows), [chance.choice((0, 1, 1, 2, 3, 5)) for _ in range(dimensions)], chance.randint(1, 2))
        for _ in range(count)
    ]


@pytest.mark.parametrize("dimensions", [1, 2])
def test_a01_rounds_are_those_of_the_definition_on_random_trees(dimensions: int) -> None:
    found: list[str] = []
    for seed in range(DAYS):
        chance = Random(seed)
        tree = random_holders(chance, dimensions=dimensions)
        rounds = 3
        capacity = [c + chance.choice((0, 3, 6)) for c in random_capacity(chance, tree)]
        claims = open_accounts([tree] * rounds, np.array([capacity] * rounds, np.int64))
        loans, floor, credits = make_loans(claims, 32), make_floor(tree), make_credits(tree)
        slow_credits: dict[Side, Fraction] = {}
        for account in range(rounds):
            wanted = random_wanted(chance, tree, chance.randint(0, 14), dimensions)
            slow = SlowRound(Account(tree, capacity, 0), wanted, slow_credits)
            if not wanted:
                slow_credits.clear()
                credits[:] = 0
                continue
            assert held(claims, loans, account, wanted, floor, credits) == slow.hold(), seed
            assert {(SIDES[c], n) for n, c in np.argwhere(floor.waits).tolist()} == slow.waits
            got = {(SIDES[c], n): int(floor.got[n, c]) for n, c in np.argwhere(floor.got).tolist()}
            assert got == {side: cost for side, cost in slow.got.items() if cost}
            for (word, n), credit in slow_credits.items():
                common = int(floor.units[n if word == "own" else tree.above[n], 0])
                assert credits[n, SIDES.index(word)] == credit * common
            found += [code for code, _ in slow.told.values()]
    assert min(found.count(word) for word in WORDS.values()) > DAYS // 4


@pytest.mark.parametrize("ceiling", [UNLIMITED, 100])
def test_who_competes_with_nobody_gets_all_that_fits(ceiling: int) -> None:
    """Requests of 60, 50 and 30 under a limit of 100, of all or of one's own: the second stands in nobody's way."""
    own = ceiling < UNLIMITED
    tree = Holders(*(np.array(one, np.int64) for one in (
        [NONE, 0, 0], [[0]] * 3, [[UNLIMITED], [ceiling], [UNLIMITED]], [1] * 3, [KEPT] * 3, [NEVER] * 3,
    )))  # fmt: skip
    claims = open_accounts([tree] * 2, np.array([[600 if own else 100]] * 2, np.int64))
    loans, floor, credits = make_loans(claims, 1), make_floor(tree), make_credits(tree)
    mine: list[Wanted] = [(1, [60], 1), (1, [50], 1), (1, [30], 1)]
    alone = held(claims, loans, 0, mine, floor, credits)
    assert alone == [("firm", NONE), ("claim", 1 if own else 0), ("firm", NONE)]
    credits[:] = 0
    beside = held(claims, loans, 1, [*mine, (2, [90], 1)], floor, credits)
    if own:
        assert beside == [*alone, ("firm", NONE)], "the limit of one is no matter of the other"
    else:
        assert beside == [("firm", NONE), ("lost", 0), ("lost", 0), ("claim", 0)], "nobody passes what others wait for"
