"""Why a request does not fit, against trying it."""

from fractions import Fraction
from random import Random

import numpy as np
from slow_share import FIRM_ALWAYS, Account, Booking, random_capacity, random_holders

from rookery.engines.share.claims import Claims, open_accounts
from rookery.engines.share.decide import Requests, decide, make_outcomes
from rookery.engines.share.holders import NEVER
from rookery.engines.share.loans import make_loans
from rookery.engines.share.reasons import explain


def filled(chance: Random, dimensions: int) -> tuple[Claims, Account]:
    """Two accounts that were asked for a while, the second of which is looked at; and the second by its definition."""
    tree = random_holders(chance, dimensions=dimensions)
    capacity = random_capacity(chance, tree)
    claims = open_accounts([tree, tree], np.array([capacity] * 2, np.int64))
    loans, count, slow = make_loans(claims, 16), len(tree.above), Account(tree, capacity)
    for ticket in range(9):
        row, amounts = chance.randrange(count), [chance.choice((0, 1, 2)) for _ in range(dimensions)]
        for account in (0, 1):
            table = np.array([[account, row + account * count, 0, 1, 1, ticket]], np.int64)
            decide(claims, loans, Requests(table, np.array([amounts], np.int64)), make_outcomes(1), 0)
        slow.bring(0)
        slow.decide(ticket, row, amounts, 1, borrows=True)
    return claims, slow


def test_a01_limits_what_would_fit_and_when_are_what_trying_finds() -> None:
    later = between = 0
    for seed in range(1_000):
        chance = Random(seed)
        dimensions = chance.randint(1, 2)
        claims, slow = filled(chance, dimensions)
        row, amounts = chance.randrange(len(slow.above)), [chance.choice((0, 1, 2, 4)) for _ in range(dimensions)]
        before = [part.tolist() for part in claims]
        found = explain(claims, 1, row + len(slow.above), np.array(amounts, np.int64), 0)
        assert [part.tolist() for part in claims] == before
        firm = Booking(99, row, amounts, FIRM_ALWAYS, 1)
        limits = [(-(one.row - len(slow.above)), one.dimension, one.over) for one in found.limits]
        assert limits == slow.above_ceiling(0, firm)
        assert list(found.most) == [_most(slow, row, amounts, d) for d in range(dimensions)]
        assert (found.tightest is None) == (not limits)
        if found.tightest is not None:
            d, under = found.tightest.dimension, found.tightest.row - len(slow.above)
            parts = {e: Fraction(found.most[e], asked) for e, asked in enumerate(amounts) if asked}
            assert parts[d] == min(parts.values())
            assert found.tightest.over == amounts[d] - found.most[d], "what is told as left is left under this limit"
            claimed, below = slow.claims(0), slow.claims_below(0)
            gaps = {n: claimed[n][d] - below[n][d] for n in range(len(slow.above)) if under in slow.path(n)[1:]}
            told = {one.row - len(slow.above): one.amount for one in found.unused}
            assert told == {n: gap for n, gap in gaps.items() if gap}
            between += found.tightest != found.limits[0]
        instants = [0, *sorted({at for at in slow.release_at if at < NEVER})]
        assert found.firm_at == next((at for at in instants if _is_free(slow, firm, at)), NEVER)
        later += 0 < found.firm_at < NEVER
    assert later > 40 and between > 20


def _most(slow: Account, row: int, amounts: list[int], d: int) -> int:
    """The most of one dimension that would be firm by itself, up to what was asked."""
    alone = [[more if e == d else 0 for e in range(len(amounts))] for more in range(amounts[d] + 1)]
    return max(one[d] for one in alone if not slow.above_ceiling(0, Booking(99, row, one, FIRM_ALWAYS, 1)))


def _is_free(slow: Account, firm: Booking, at: int) -> bool:
    later = Account(slow.tree, slow.capacity, at, slow.bookings)
    return not later.is_over(firm) and not any(later.above_ceiling(one, firm) for one in later.layers())
