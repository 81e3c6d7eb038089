"""The laws of shared capacity, on random days. ROOKERY_TRACES says on how many; `make laws` asks for 100,000 each."""

from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from share_traces import Day, Stands, random_day, random_step
from test_share_rounds import SIDES, held

from rookery.engines.share.claims import LAYER, LAYERS, open_accounts
from rookery.engines.share.cut import shrink
from rookery.engines.share.decide import CLAIM, CODE, FIRM, FULL
from rookery.engines.share.holders import FREE, KEPT, MILLION, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders
from rookery.engines.share.loans import make_loans
from rookery.engines.share.reasons import find_limits
from rookery.engines.share.rounds import fairness_ppm, make_credits, make_floor
from slow_share import random_capacity, random_holders
from traces import days

STEPS = 30
CUT_EVERY = 20
traces = settings(max_examples=days(150))
seeds = st.integers(0, 2**32 - 1)


@traces
@given(seeds)
def test_law_use_is_never_above_capacity_and_nothing_is_accepted_while_it_is(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        random_step(chance, day)
        for account in range(day.accounts):
            assert day.claims.used[account].tolist() == day.used(account)
            capacity = day.claims.ceiling[account * day.holders].tolist()
            assert all(u <= c for u, c in zip(day.used(account), capacity, strict=True))
    for account in range(day.accounts):  # capacity is lost, and nothing has been moved yet
        used = day.used(account)
        if any(used):
            day.claims.ceiling[account * day.holders] = [max(0, u - 1) for u in used]
            assert all(day.ask(account, row, [0, 1])[CODE] == FULL for row in range(day.holders))
            assert day.used(account) == used


@traces
@given(seeds)
def test_law_a_request_within_its_holders_unused_guarantee_is_never_refused(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance, lending=(KEPT, RECALLABLE))
    for _ in range(STEPS):
        random_step(chance, day)
        account, row = chance.randrange(day.accounts), chance.randrange(1, day.holders)
        day.freshen(account)
        used = day.used(account, row, firm=True)
        free = [max(0, g - u) for g, u in zip(day.guarantee(account, row), used, strict=True)]
        if row not in day.tree.above and any(free):
            wanted = [chance.randint(0, most) for most in free]
            assert day.ask(account, row, wanted, borrows=False)[CODE] == FIRM


@traces
@given(seeds)
def test_law_a_holder_within_its_least_guarantee_sees_nothing_of_the_others(seed: int) -> None:
    chance = Random(seed)
    tree = random_holders(chance, dimensions=2)
    leaves = [n for n in range(1, len(tree.above)) if n not in tree.above and tree.lending[n] != FREE]
    holder = chance.choice(leaves or [0])
    capacity = [most + chance.choice((0, 3)) for most in random_capacity(chance, tree)]
    cuts = [[max(0, c - chance.choice((0, 2, 5))) for c in capacity], capacity]
    least = [int(min(g)) for g in zip(*_guarantees(tree, cuts, holder), strict=True)]
    alone, among = (
        _live(Random(seed + 1), Day(tree, capacity, 1), holder, least, cuts, others=others) for others in (False, True)
    )
    assert alone == among and all(code == FIRM for code, *_ in alone)


def _guarantees(tree: Holders, cuts: list[list[int]], holder: int) -> list[list[int]]:
    """The guarantee of a holder at the start and after each cut, nothing being released before."""
    now = np.where(tree.guarantee == UNSTATED, 0, tree.guarantee).T.tolist()
    found = [[row[holder] for row in now]]
    for capacity in cuts:
        now = [shrink(tree.above.tolist(), g, most) for g, most in zip(now, capacity, strict=True)]
        found.append([row[holder] for row in now])
    return found


def _live(
    chance: Random, day: Day, holder: int, least: list[int], cuts: list[list[int]], *, others: bool
) -> list[list[int]]:
    """Outcomes of a holder that stays within what it is guaranteed, with or without all others.

    Two cuts, then time passes, in which others' guarantees are released, but not this holder's.
    """
    told = []
    mine: dict[int, list[int]] = {}
    for step in range(3 * CUT_EVERY):
        day.at = max(0, min(step - 2 * CUT_EVERY, int(day.tree.release_at[holder]) - 1))
        noise = Random(chance.random())
        if others:
            for _ in range(3):
                row = noise.randrange(day.holders)
                if row != holder:
                    day.ask(0, row, [noise.choice((0, 1, 2, 3)) for _ in least], priority=noise.randint(1, 3))
            theirs = [ticket for ticket in day.standing if ticket not in mine]
            if theirs and noise.random() < 0.5:
                day.give_back(noise.choice(theirs))
        if step in (CUT_EVERY, 2 * CUT_EVERY):
            day.cut(0, cuts[step // CUT_EVERY - 1])
        wanted = [chance.randint(0, most) for most in least]
        drop, pick = chance.random() < 0.4, chance.random()
        used = [sum(column) for column in zip(*mine.values(), [0, 0], strict=True)]
        if drop and mine:
            ticket = sorted(mine)[int(pick * len(mine))]
            del mine[ticket]
            day.give_back(ticket)
        elif all(u + more <= g for u, more, g in zip(used, wanted, least, strict=True)):
            told.append(day.ask(0, holder, wanted, borrows=bool(step % 2)))
            mine[day.tickets - 1] = wanted
        assert all(ticket in day.standing and not day.standing[ticket].borrowed for ticket in mine)
    return told


@traces
@given(seeds)
def test_law_a_request_is_refused_only_where_a_limit_binds_and_the_limit_that_is_told_does(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        random_step(chance, day)
        account, row = chance.randrange(day.accounts), chance.randrange(day.holders)
        n, amounts = account * day.holders + row, [chance.randint(0, 3) for _ in day.capacity]
        day.ask(account, row, [0, 0])  # brings the account to now
        now = int(day.claims.accounts[account, LAYER])
        limits = find_limits(day.claims, n, now, np.array(amounts, np.int64))
        code, _, binding, d, over, lender = day.ask(account, row, amounts, borrows=False)
        assert (code == FIRM) == (not limits or lender != NONE)
        assert [(binding, d, over)] == [(one.row, one.dimension, one.over) for one in limits[:1]] or code == FIRM


@traces
@given(seeds)
def test_law_what_is_left_over_goes_by_weight_within_the_largest_request_of_each(seed: int) -> None:
    chance = Random(seed)
    tree = random_holders(chance, dimensions=1)
    if chance.random() < 0.5:  # nobody has a guarantee or a ceiling
        nothing = np.zeros_like(tree.guarantee)
        tree = tree._replace(guarantee=nothing, ceiling=nothing + UNLIMITED)
    rounds = 6
    capacity = [chance.randint(5, 40) + most for most in random_capacity(chance, tree)]
    claims = open_accounts([tree] * rounds, np.array([capacity] * rounds))
    loans, floor, credits = make_loans(claims, 1), make_floor(tree), make_credits(tree)
    got, waits, largest = [], [], []
    asking = [chance.randrange(len(tree.above)) for _ in range(4)]
    sizes = {row: chance.randint(1, 6) for row in asking}
    for account in range(rounds):
        rows = [chance.choice(asking) for _ in range(40)]
        wanted = [(row, [chance.randint(1, sizes[row])], chance.randint(1, 2)) for row in rows]
        held(claims, loans, account, wanted, floor, credits)
        got.append(floor.got.tolist())
        waits.append(floor.waits.tolist())
        largest.append(_largest(tree, wanted, capacity[0]))
    weights = [(1, int(w)) for w in tree.weight]
    for (i, a), (j, b) in _rivals(tree):
        for begin in range(rounds):
            for end in range(begin, rounds):
                if not (waits[end][i][a] and waits[end][j][b]):
                    break
                run = range(begin, end + 1)
                wi, wj = weights[i][a], weights[j][b]
                ahead = sum(got[r][i][a] for r in run) * wj - sum(got[r][j][b] for r in run) * wi
                known = range(end + 1)  # a credit may come from before the run
                bound = max(largest[r][i][a] for r in known) * wj + max(largest[r][j][b] for r in known) * wi
                assert abs(ahead) <= bound
                granted = [sum(got[r][n][side] for r in run) for n, side in ((i, a), (j, b))]
                limits = [20 * max(largest[r][n][side] for r in known) for n, side in ((i, a), (j, b))]
                if granted[0] >= limits[0] and granted[1] >= limits[1]:
                    assert fairness_ppm(np.array(granted), np.array([wi, wj])) >= 950_000


def _largest(tree: Holders, wanted: list[tuple[int, list[int], int]], capacity: int) -> list[list[int]]:
    """[holder][own, below] cost in millionths of the largest request that each side of a level sent."""
    found = [[0, 0] for _ in tree.above]
    for row, (amount,), _ in wanted:
        cost, n = min(MILLION, -(-amount * MILLION // capacity)), row
        found[row][0] = max(found[row][0], cost)
        while n != NONE:
            found[n][1] = max(found[n][1], cost)
            n = int(tree.above[n])
    return found


def _rivals(tree: Holders) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs of sides that compete at one level, as (holder, column of SIDES)."""
    assert SIDES == ("own", "below")
    levels = [[(n, 0), *((c, 1) for c in np.flatnonzero(tree.above == n).tolist())] for n in range(len(tree.above))]
    return [pair for level in levels for pair in combinations(level, 2)]


@traces
@given(seeds)
def test_law_a_loan_is_recalled_only_before_its_instant_and_for_a_request_that_is_accepted(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        known = len(day.recalled)
        told = random_step(chance, day)
        for _, one, by, at in day.recalled[known:]:
            assert at < one.until and one.borrowed
            assert told is not None and told[CODE] == FIRM and by == day.tickets - 1
        for account in range(day.accounts):  # whoever's instant has come is firm, and is told so with the next decision
            day.ask(account, 0, [0, 0])
        assert all(not one.borrowed or day.at < one.until for one in day.standing.values())


@traces
@given(seeds)
def test_law_a_cut_moves_only_what_it_must_and_nobody_within_a_shrunk_guarantee(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        random_step(chance, day)
    for account in range(day.accounts):
        before = dict(day.standing)
        capacity = [max(0, c - chance.randint(0, 6)) for c in day.claims.ceiling[account * day.holders].tolist()]
        found = day.cut(account, capacity)
        assert not set(found.moved) & {ticket for ticket, _ in found.lent} and set(before) - set(day.standing) == set(
            found.moved
        )
        assert all(u <= c for u, c in zip(day.used(account), capacity, strict=True))
        if found.moved:  # the last one had to go
            last = [u + more for u, more in zip(day.used(account), before[found.moved[-1]].amounts, strict=True)]
            assert any(u > c for u, c in zip(last, capacity, strict=True))
        _check_protected(day, account, before, found.moved)
        first, layers = day.claims.accounts[account, [LAYER, LAYERS]].tolist()
        rows = slice(account * day.holders, (account + 1) * day.holders)
        claimed = np.maximum(day.claims.guarantee, day.claims.below)[rows, first:layers]
        assert np.all(claimed <= day.claims.ceiling[rows, None])


@traces
@given(seeds)
def test_law_within_guarantees_holders_lose_in_proportion_each_within_one_booking(seed: int) -> None:
    chance = Random(seed)
    count = chance.randint(2, 6)
    guarantee = [0] + [chance.randint(1, 40) for _ in range(count)]
    ones, columns = np.ones(count + 1, np.int64), np.array(guarantee)[:, None]
    above = np.array([NONE] + [0] * count)
    tree = Holders(above, columns, np.full_like(columns, UNLIMITED), ones, ones * KEPT, ones * NEVER)
    day = Day(tree, [sum(guarantee)], 1)
    for _ in range(40):
        row, amount = chance.randint(1, count), chance.choice((1, 2, 5, 9))
        if day.used(0, row)[0] + amount <= guarantee[row]:
            day.ask(0, row, [amount], priority=chance.randint(1, 3))
    before, stood = [day.used(0, row)[0] for row in range(count + 1)], dict(day.standing)
    capacity = chance.randint(0, sum(before))
    found = day.cut(0, [capacity])
    level = min(_levels(before, guarantee, capacity))
    for row in range(1, count + 1):
        lost = [stood[ticket].amounts[0] for ticket in found.moved if stood[ticket].row == row]
        exact, left = min(Fraction(before[row]), level * guarantee[row]), day.used(0, row)[0]
        largest = max((one.amounts[0] for one in stood.values() if one.row == row), default=0)
        assert left == before[row] - sum(lost) and abs(left - exact) <= largest


def _levels(used: list[int], guarantee: list[int], capacity: int) -> list[Fraction]:
    """Levels up to which all may be full so that they fit together: one for each set of those who lose, all tried."""
    rows = range(1, len(used))
    found = []
    for some in (set(c) for k in rows for c in combinations(rows, k)):
        rest = sum(used[row] for row in rows if row not in some)
        level = Fraction(capacity - rest, sum(guarantee[row] for row in some))
        if level >= 0 and sum(min(Fraction(used[row]), level * guarantee[row]) for row in rows) == capacity:
            found.append(level)
    return found


def _check_protected(day: Day, account: int, before: dict[int, Stands], moved: tuple[int, ...]) -> None:
    """A holder that used no more than its shrunk guarantee, those below it included, has lost only what it borrowed."""
    for row in range(1, day.holders):
        mine = {t: one for t, one in before.items() if one.account == account and _is_under(day.tree, one.row, row)}
        used = [sum(column) for column in zip(*(one.amounts for one in mine.values()), [0, 0], strict=True)]
        if all(u <= g for u, g in zip(used, day.guarantee(account, row), strict=True)):
            assert all(before[ticket].borrowed for ticket in mine if ticket in moved)


def _is_under(tree: Holders, n: int, row: int) -> bool:
    while n > row:
        n = int(tree.above[n])
    return n == row


@traces
@given(seeds)
def test_law_what_is_given_back_leaves_the_account_as_it_was(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        random_step(chance, day)
        account, row = chance.randrange(day.accounts), chance.randrange(day.holders)
        day.ask(account, 0, [0, 0])
        del day.standing[day.tickets - 1]
        before, known = day.state(), len(day.recalled)
        code = day.ask(account, row, [chance.randint(0, 3) for _ in day.capacity], priority=chance.randint(1, 3))[CODE]
        if code not in (CLAIM, FULL):
            day.give_back(day.tickets - 1)
        if len(day.recalled) == known:
            assert day.state() == before


@example(51482)  # a loan that becomes firm just before a cut, which lends it again
@traces
@given(seeds)
def test_law_accounts_made_anew_from_what_stands_are_as_they_were_and_go_on_alike(seed: int) -> None:
    chance = Random(seed)
    day = random_day(chance)
    for _ in range(STEPS):
        random_step(chance, day)
    for account in range(day.accounts):
        day.ask(account, 0, [0, 0])  # brings the account to now
    again, onward = day.again(), chance.random()
    assert again.state() == day.state()
    told = [[random_step(Random(onward + step), one) for step in range(STEPS)] for one in (day, again)]
    assert told[0] == told[1] and again.state() == day.state()


@traces
@given(seeds)
def test_law_the_same_day_gives_the_same_bytes(seed: int) -> None:
    told = []
    for _ in range(2):
        chance = Random(seed)
        day = random_day(chance)
        outcomes = [random_step(chance, day) for _ in range(STEPS)]
        told.append((outcomes, [part.tobytes() for part in (*day.claims, *day.loans)], sorted(day.standing)))
    assert told[0] == told[1]


def test_law_a_peak_of_one_tenant_takes_nothing_from_the_guarantees_of_others() -> None:
    """A sales peak: one of twelve tenants asks for 20 times its usual within minutes."""
    chance = Random(1)
    above = [NONE, 0, 0, *([1] * 6), *([2] * 6)]
    guarantee = np.array([[UNSTATED] * 2] * 3 + [[1_000, 5_000]] * 12)
    ones, most = np.ones(15, np.int64), np.full((15, 2), UNLIMITED)
    tree = Holders(np.array(above), guarantee, most, ones, ones * RECALLABLE, ones * 600)
    usual = [(minute, row) for minute in range(300) for row in range(3, 15) if chance.random() < 0.2]
    peak = [(100 + minute, 3) for minute in range(10) for _ in range(20 * 60 // 5)]
    found = []
    for wanted in (usual, sorted(usual + peak)):
        day, told = Day(tree, [15_000, 75_000], 1, 2_048), []
        for minute, row in wanted:
            day.at = minute
            code = day.ask(0, row, [10, 50])[CODE]
            told += [(minute, row, code)] if row != 3 else []
        found.append(told)
    assert found[0] == found[1] and all(code == FIRM for *_, code in found[0])
    assert day.recalled and all(one.row == 3 for _, one, _, _ in day.recalled)
