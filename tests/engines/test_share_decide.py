"""Decisions about shared capacity against their definition, on random trees of holders and random histories."""

from random import Random

import numpy as np
import pytest
from slow_cut import slow_cut

from rookery.engines.share.claims import CLOSED, LAYER, LAYERS, Claims, open_accounts
from rookery.engines.share.cut import Bookings, cut
from rookery.engines.share.decide import (
    BORROWED,
    CLAIM,
    CODE,
    FIRM,
    FULL,
    SHUT,
    Booked,
    Requests,
    decide,
    give_back,
    make_outcomes,
)  # fmt: skip
from rookery.engines.share.holders import NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, find_faults
from rookery.engines.share.loans import EVENTS, FIRMED, RECALLED, Loans, grow_loans, make_loans
from slow_share import CUT_OFF, Account, random_capacity, random_holders
from traces import days

DAYS = days(300, part=10)
WORDS = {FIRM: "firm", BORROWED: "borrowed", CLAIM: "claim", FULL: "full"}
TOLD = {FIRMED: "firmed", RECALLED: "recalled"}


class Both:
    """One account twice: in arrays, and by its definition. Whatever is done is compared."""

    def __init__(self, tree: Holders, capacity: list[int]):
        assert not find_faults(tree, np.array(capacity))
        self.claims: Claims = open_accounts([tree], np.array([capacity], np.int64))
        self.loans: Loans = make_loans(self.claims, 64)
        self.slow = Account(tree, capacity)
        self.booked: dict[int, tuple[int, int, list[int]]] = {}
        self.tickets = 0

    def decide(self, at: int, row: int, amounts: list[int], priority: int, borrows: int) -> str:
        ticket = self.tickets
        self.tickets += 1
        table = np.array([[0, row, at, borrows, priority, ticket]], np.int64)
        out = make_outcomes(1)
        assert decide(self.claims, self.loans, Requests(table, np.array([amounts], np.int64)), out, 0) == 1
        code, k, *rest = out.table[0].tolist()
        self.slow.bring(at)
        wanted = self.slow.decide(ticket, row, amounts, priority, borrows=bool(borrows))
        begins = at if k == self.claims.accounts[0, LAYER] else self.claims.begins[0, k]
        assert (WORDS[code], begins, *rest) == wanted
        if code in (FIRM, BORROWED):
            at_row = rest[3] if code == FIRM and rest[3] >= 0 else row
            self.booked[ticket] = (at_row, int(code == BORROWED), amounts)
        self.compare()
        return WORDS[code]

    def give_back(self, at: int, ticket: int) -> None:
        row, borrowed, amounts = self.booked.pop(ticket)
        give_back(self.claims, self.loans, Booked(0, row, borrowed, ticket, at), np.array(amounts, np.int64))
        self.slow.bring(at)
        self.slow.give_back(ticket)
        self.compare()

    def cut(self, at: int, capacity: list[int]) -> tuple[int, int]:
        self.slow.bring(at)
        rows = [[one.row, one.priority, one.ticket] for one in self.slow.bookings]
        amounts = [one.amounts for one in self.slow.bookings]
        shape = (-1, len(capacity))
        bookings = Bookings(np.array(rows, np.int64).reshape(-1, 3), np.array(amounts, np.int64).reshape(shape))
        found = cut(self.claims, self.loans, 0, np.array(capacity), bookings, at)
        wanted = slow_cut(self.slow, capacity, at)
        until = [*self.claims.begins[0, : self.claims.accounts[0, LAYERS]].tolist(), CUT_OFF]
        assert (list(found.moved), [(ticket, until[k]) for ticket, k in found.lent]) == wanted
        for ticket in found.moved:
            del self.booked[ticket]
        self.compare()
        for ticket, _ in found.lent:
            self.booked[ticket] = (self.booked[ticket][0], 1, self.booked[ticket][2])
        assert not any(self.slow.above_ceiling(one) for one in self.slow.layers())
        return len(found.moved), len(found.lent)

    def compare(self) -> None:
        """Events, claims in every layer from now on, and all that is used."""
        events = self.loans.events[: self.loans.counters[EVENTS]].tolist()
        assert [(TOLD[what], whose, by) for what, whose, by in events] == self.slow.events
        self.loans.counters[EVENTS] = 0
        for what, ticket, _ in self.slow.events:
            if ticket in self.booked:
                row, _, amounts = self.booked.pop(ticket)
                if what == "firmed":
                    self.booked[ticket] = (row, 0, amounts)
        self.slow.events.clear()
        first, end = self.claims.accounts[0, [LAYER, LAYERS]].tolist()
        for k, at in zip(range(first, end), self.slow.layers(), strict=True):
            wanted = self.slow.claims(at)
            assert np.maximum(self.claims.guarantee, self.claims.below)[:, k].tolist() == wanted
        assert self.claims.used[0].tolist() == self.slow.used()


def random_history(seed: int, *, dimensions: int = 2, steps: int = 25) -> dict[str, int]:
    """Requests and returns as time passes; how often each outcome came."""
    chance = Random(seed)
    tree = random_holders(chance, dimensions=dimensions)
    both, at, found = Both(tree, random_capacity(chance, tree)), 0, dict.fromkeys(WORDS.values(), 0)
    for _ in range(steps):
        at += chance.choice((0, 0, 0, 0, 0, 0, 1))
        if both.booked and chance.random() < 0.25:
            both.give_back(at, chance.choice(sorted(both.booked)))
        else:
            amounts = [chance.choice((0, 1, 1, 2, 2, 3)) for _ in range(dimensions)]
            row = chance.randrange(len(tree.above))
            found[both.decide(at, row, amounts, chance.randint(1, 3), int(chance.random() < 0.7))] += 1
    return found


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_a01_decisions_are_those_of_the_definition_on_random_trees(dimensions: int) -> None:
    found = [random_history(seed, dimensions=dimensions) for seed in range(DAYS)]
    assert min(sum(one[word] for one in found) for word in ("firm", "borrowed", "claim")) > DAYS // 4


@pytest.mark.parametrize("dimensions", [1, 2])
def test_b01_cuts_are_those_of_the_definition_and_leave_nothing_strained(dimensions: int) -> None:
    moved = lent = 0
    for seed in range(DAYS):
        chance = Random(seed)
        tree = random_holders(chance, dimensions=dimensions)
        both, at = Both(tree, [most + 4 for most in random_capacity(chance, tree)]), 0
        for _ in range(3):
            for _ in range(12):
                row = chance.randrange(len(tree.above))
                amounts = [chance.choice((0, 1, 1, 2, 3)) for _ in range(dimensions)]
                both.decide(at, row, amounts, chance.randint(1, 3), chance.randint(0, 1))
            at += chance.choice((0, 0, 1))
            capacity = [max(0, most - chance.choice((0, 1, 3, 5, -2))) for most in both.slow.ceiling[0]]
            counts = both.cut(at, capacity)
            moved, lent = moved + counts[0], lent + counts[1]
    assert moved > DAYS // 2 and lent > DAYS // 8


def test_c01_a_closed_account_accepts_nothing_and_takes_back_what_stands() -> None:
    both = Both(flat((3, 3)), [10])
    both.decide(0, 1, [2], 1, 0)
    before = [part.tolist() for part in both.claims]
    both.claims.accounts[0, CLOSED] = 1
    out = make_outcomes(1)
    table = np.array([[0, 1, 0, 1, 1, 7]], np.int64)
    decide(both.claims, both.loans, Requests(table, np.array([[1]], np.int64)), out, 0)
    assert out.table[0, CODE] == SHUT and both.claims.used.tolist() == before[2]
    give_back(both.claims, both.loans, Booked(0, 1, 0, 0, 0), np.array([2], np.int64))
    assert both.claims.used.tolist() == [[0]]


def test_c02_where_there_is_no_room_for_a_loan_deciding_stops_and_goes_on_with_more() -> None:
    claims = open_accounts([flat((5, 5))], np.array([[10]], np.int64))
    table = np.array([[0, 2, 0, 1, 1, t] for t in range(5)], np.int64)
    requests, out = Requests(table, np.full((5, 1), 2, np.int64)), make_outcomes(5)
    loans = make_loans(claims, 2)
    assert decide(claims, loans, requests, out, 0) == 4
    assert out.table[:4, CODE].tolist() == [FIRM, FIRM, BORROWED, BORROWED]
    more = grow_loans(loans, 2)
    assert decide(claims, more, requests, out, 4) == 5 and out.table[4, CODE] == BORROWED
    assert more.counters.tolist() == [3, 0, 3]  # one row is vacant


def flat(guarantees: tuple[int, ...]) -> Holders:
    """Holders under the root that lend what they do not use until instant 9."""
    count = len(guarantees) + 1
    amounts = np.array([UNSTATED, *guarantees], np.int64).reshape(-1, 1)
    ones = np.ones(count, np.int64)
    above = np.append(NONE, np.zeros(count - 1, np.int64))
    return Holders(above, amounts, np.full((count, 1), UNLIMITED), ones, ones * RECALLABLE, ones * 9)
