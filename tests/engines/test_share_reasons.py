"""Why a request does not fit, against trying it."""

from collections import Counter
from copy import deepcopy
from fractions import Fraction
from random import Random

import numpy as np

from rookery.engines.share.claims import Claims, open_accounts
from rookery.engines.share.decide import Requests, decide, make_outcomes
from rookery.engines.share.holders import NEVER, NONE
from rookery.engines.share.loans import Loans, make_loans
from rookery.engines.share.reasons import Limit, explain, find_firm_at
from slow_share import FIRM_ALWAYS, Account, Booking, random_capacity, random_holders
from traces import days

DAYS = days(1_000)
Asked = tuple[int, list[int], bool]  # row, amounts, whether borrowed space will do


def filled(chance: Random, dimensions: int) -> tuple[Claims, Loans, Account]:
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
    return claims, loans, slow


def test_a01_limits_what_would_fit_and_when_are_what_trying_finds() -> None:
    seen = Counter[str]()
    for seed in range(DAYS):
        chance = Random(seed)
        dimensions = chance.randint(1, 2)
        claims, loans, slow = filled(chance, dimensions)
        row, amounts = chance.randrange(len(slow.above)), [chance.choice((0, 1, 2, 4, 9)) for _ in range(dimensions)]
        asked, before = (row, amounts, chance.random() < 0.4), [part.tolist() for part in claims]
        found = explain(claims, 1, row + len(slow.above), np.array(amounts, np.int64), 0, borrows=asked[2])
        assert [part.tolist() for part in claims] == before
        most = list(found.most)
        assert slow.can_be_had(row, most, borrows=asked[2]), "so much can be had at once"
        for d in range(dimensions):
            more = [much + (e == d) for e, much in enumerate(most)]
            assert most[d] == amounts[d] or not slow.can_be_had(row, more, borrows=asked[2]), "and more of none"
        assert (found.tightest is None) == (most == amounts) == (not found.limits)
        firm_at = find_firm_at(claims, loans, 1, row + len(slow.above), np.array(amounts, np.int64), 0)
        assert [part.tolist() for part in claims] == before
        instants = [0, *sorted({at for at in slow.release_at if at < NEVER})]
        assert firm_at == next((at for at in instants if _is_firm_at(slow, row, amounts, at)), NEVER)
        seen["later"] += 0 < firm_at < NEVER
        if found.tightest is not None:
            limit = found.tightest._replace(row=found.tightest.row - len(slow.above))
            seen[_checked(slow, asked, limit, most)] += 1
            told = {one.row - len(slow.above): one.amount for one in found.unused}
            kinds = [kind for kind in ("now", "last", "used") if told == _kept(slow, asked, limit, kind)]
            assert kinds, "what is kept for others, what is used and what is asked are the claim that is told"
            seen["kept"] += bool(told)
            seen["between"] += found.tightest != found.limits[0]
            seen["recalls"] += slow.is_over(Booking(99, row, most, FIRM_ALWAYS, 1))
    words = ("later", "between", "recalls", "claim", "given", "lent", "kept")
    assert min(seen[word] for word in words) > DAYS // 250, seen


def _checked(slow: Account, asked: Asked, limit: Limit, most: list[int]) -> str:
    """The tightest limit: it is there, and as much is left under it as is told, unless somebody gives it."""
    row, amounts, borrows = asked
    firm = Booking(99, row, amounts, FIRM_ALWAYS, 1)
    d, told = limit.dimension, (-limit.row, limit.dimension, limit.over)
    assert limit.over > 0 and most[d] < amounts[d]
    if told in slow.above_ceiling(slow.now, firm) and amounts[d] - limit.over <= most[d]:
        parts = {e: Fraction(much, amounts[e]) for e, much in enumerate(most) if amounts[e]}
        given = slow.giver(most) != NONE and bool(slow.above_ceiling(slow.now, Booking(99, row, most, FIRM_ALWAYS, 1)))
        assert given or (most[d] == amounts[d] - limit.over and parts[d] == min(parts.values()))
        return "given" if given else "claim"
    assert borrows and most[d] == amounts[d] - limit.over, "what could be lent is less for this limit"
    if told in slow.above_ceiling(slow.layers()[-1], firm):
        return "lent"
    assert limit.row == 0 and limit.over == slow.used()[d] + amounts[d] - slow.ceiling[0][d]
    return "full"


def _kept(slow: Account, asked: Asked, limit: Limit, kind: str) -> dict[int, int] | None:
    """What is kept for others under a limit, now or in the last layer; None: that and what is used is not the claim."""
    row, amounts, _ = asked
    d, firm = limit.dimension, Booking(99, row, amounts, FIRM_ALWAYS, 1)
    if kind == "used":
        return {} if limit.raised == slow.used()[d] + amounts[d] else None
    at = slow.now if kind == "now" else slow.layers()[-1]
    slow.bookings.append(firm)
    claims, below = slow.claims(at), slow.claims_below(at)
    slow.bookings.pop()
    under = [n for n in range(len(slow.above)) if limit.row in slow.path(n)]
    gaps = {n: claims[n][d] - below[n][d] for n in under if claims[n][d] > below[n][d]}
    used = sum(one.amounts[d] for one in [*slow.bookings, firm] if one.firm_from <= at and one.row in under)
    return gaps if used + sum(gaps.values()) == limit.raised else None


def _is_firm_at(slow: Account, row: int, amounts: list[int], at: int) -> bool:
    later = deepcopy(slow)
    later.bring(at)
    return later.can_be_had(row, amounts, borrows=False)
