"""Random days of requests for shared capacity, told to the engine alone: what stands where, and what became of it."""

from copy import copy
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from rookery.engines.share.claims import LAYER, LAYERS, Claims, open_accounts, restate
from rookery.engines.share.cut import Bookings, Cut, cut
from rookery.engines.share.decide import (
    BORROWED,
    CODE,
    FIRM,
    FROM,
    LENDER,
    Booked,
    Requests,
    Standing,
    decide,
    freshen,
    give_back,
    make_outcomes,
    restore,
)  # fmt: skip
from rookery.engines.share.holders import NEVER, NONE, Holders
from rookery.engines.share.loans import AFTER, EVENTS, FIRMED, OLDEST, TICKET, Loans, make_loans
from slow_share import random_capacity, random_holders


@dataclass(frozen=True)
class Stands:
    """A booking as the one who made it knows it. `row`: where it is booked; `until`: recallable, if borrowed."""

    account: int
    row: int
    amounts: list[int]
    priority: int
    borrowed: bool
    until: int
    layer: int


@dataclass
class Day:
    """Some accounts of one tree of holders, from instant 0."""

    tree: Holders
    capacity: list[int]
    accounts: int = 2
    room: int = 256  # for loans
    at: int = 0
    tickets: int = 0
    standing: dict[int, Stands] = field(default_factory=dict)
    recalled: list[tuple[int, Stands, int, int]] = field(default_factory=list)  # ticket, as it stood, by whom, when

    def __post_init__(self) -> None:
        self.claims: Claims = open_accounts([self.tree] * self.accounts, np.array([self.capacity] * self.accounts))
        self.loans: Loans = make_loans(self.claims, self.room)

    @property
    def holders(self) -> int:
        return len(self.tree.above)

    def ask(self, account: int, row: int, amounts: list[int], *, priority: int = 1, borrows: bool = True) -> list[int]:
        """The outcome of one request, as `Outcomes.table` has it."""
        ticket, self.tickets = self.tickets, self.tickets + 1
        table = np.array([[account, account * self.holders + row, self.at, borrows, priority, ticket]], np.int64)
        out = make_outcomes(1)
        assert decide(self.claims, self.loans, Requests(table, np.array([amounts], np.int64)), out, 0) == 1
        told: list[int] = out.table[0].tolist()
        self._hear()
        if told[CODE] in (FIRM, BORROWED):
            at = told[LENDER] - account * self.holders if told[CODE] == FIRM and told[LENDER] != NONE else row
            until = int(self.claims.begins[account, told[FROM]]) if told[CODE] == BORROWED else NEVER
            self.standing[ticket] = Stands(account, at, amounts, priority, told[CODE] == BORROWED, until, told[FROM])
        return told

    def freshen(self, account: int) -> None:
        """Hear of the loans that are firm by now, since their instant has come or something was released."""
        freshen(self.claims, self.loans, account, self.at)
        self._hear()

    def give_back(self, ticket: int) -> None:
        one = self.standing.pop(ticket)
        row = one.account * self.holders + one.row
        booked = Booked(one.account, row, int(one.borrowed), ticket, self.at)
        give_back(self.claims, self.loans, booked, np.array(one.amounts, np.int64))
        self._hear()

    def cut(self, account: int, capacity: list[int]) -> Cut:
        mine = {ticket: one for ticket, one in self.standing.items() if one.account == account}
        table = [[account * self.holders + one.row, one.priority, ticket] for ticket, one in mine.items()]
        amounts = np.array([one.amounts for one in mine.values()], np.int64).reshape(-1, len(capacity))
        bookings = Bookings(np.array(table, np.int64).reshape(-1, 3), amounts)
        found = cut(self.claims, self.loans, account, np.array(capacity, np.int64), bookings, self.at)
        for ticket in found.moved:
            del self.standing[ticket]
        self._hear()  # before what is lent: a loan may have become firm just before the cut that lends it again
        begins = [*self.claims.begins[account, : self.claims.accounts[account, LAYERS]].tolist(), NEVER]
        for ticket, k in found.lent:
            self.standing[ticket] = replace(self.standing[ticket], borrowed=True, until=begins[k], layer=k)
        return found

    def _hear(self) -> None:
        """Loans that were recalled are gone, those that became firm are so."""
        for what, ticket, by in self.loans.events[: self.loans.counters[EVENTS]].tolist():
            if what == FIRMED:
                one = self.standing.get(ticket)
                if one:
                    self.standing[ticket] = replace(one, borrowed=False)
            else:
                self.recalled.append((ticket, self.standing.pop(ticket), by, self.at))
        self.loans.counters[EVENTS] = 0

    def used(self, account: int, row: int | None = None, *, firm: bool = False) -> list[int]:
        """What stands on an account, or at one holder of it; `firm`: without what can be recalled."""
        rows = [
            one.amounts for one in self.standing.values()
            if one.account == account and row in (None, one.row) and not (firm and one.borrowed)
        ]  # fmt: skip
        return [sum(column) for column in zip(*rows, [0] * len(self.capacity), strict=True)]

    def guarantee(self, account: int, row: int) -> list[int]:
        """What a holder's guarantee is now, by its terms and the cuts so far."""
        if self.at >= self.tree.release_at[row] or row == 0:
            return [0] * len(self.capacity)
        stated: list[int] = self.claims.stated[account * self.holders + row].tolist()
        return stated

    def twin(self) -> "Day":
        """A copy that goes its own way."""
        twin = copy(self)
        twin.claims = Claims(*(part.copy() for part in self.claims))
        twin.loans = Loans(*(part.copy() for part in self.loans))
        twin.standing, twin.recalled = dict(self.standing), list(self.recalled)
        return twin

    def again(self) -> "Day":
        """The same day, made anew from what is known to stand."""
        day = Day(self.tree, self.capacity, self.accounts, self.room, self.at, self.tickets, dict(self.standing))
        for account in range(self.accounts):
            rows = slice(account * self.holders, (account + 1) * self.holders)
            capacity = self.claims.ceiling[account * self.holders]
            restate(day.claims, account, self.claims.stated[rows], capacity, self.at)
        oldest = [
            int(self.loans.table[loan, TICKET]) for account in range(self.accounts) for loan in self.list_loans(account)
        ]
        order = [t for t, one in self.standing.items() if not one.borrowed] + oldest
        stands = [(t, self.standing[t]) for t in order]
        table = [
            [one.account, one.account * self.holders + one.row, one.layer * one.borrowed, one.priority, ticket]
            for ticket, one in stands
        ]
        amounts = np.array([one.amounts for _, one in stands], np.int64).reshape(-1, len(self.capacity))
        restore(day.claims, day.loans, Standing(np.array(table, np.int64).reshape(-1, 5), amounts))
        return day

    def list_loans(self, account: int) -> list[int]:
        """Rows of an account's loans, the oldest first."""
        found, loan = [], int(self.loans.ends[account, OLDEST])
        while loan != NONE:
            found.append(loan)
            loan = int(self.loans.table[loan, AFTER])
        return found

    def state(self) -> list[object]:
        """Everything the engine keeps, in layers that still matter."""
        now = int(self.claims.accounts[:, LAYER].max())
        loans = [self.loans.table[loan, :AFTER].tolist() for a in range(self.accounts) for loan in self.list_loans(a)]
        return [self.claims.used.tolist(), self.claims.below[:, now:].tolist(), self.claims.guarantee.tolist(), loans]


def random_day(chance: Random, *, dimensions: int = 2, **more: object) -> Day:
    """A day of a random tree, with a little room above its guarantees."""
    tree = random_holders(chance, dimensions=dimensions, **more)  # type: ignore[arg-type]
    return Day(tree, [most + chance.choice((0, 2, 6)) for most in random_capacity(chance, tree)])


def random_step(chance: Random, day: Day) -> list[int] | None:
    """Time passes, or somebody asks, gives back, or capacity is lost. The outcome, if somebody asked."""
    account, what = chance.randrange(day.accounts), chance.random()
    if what < 0.12:
        day.at += 1
    elif what < 0.3 and day.standing:
        day.give_back(chance.choice(sorted(day.standing)))
    elif what < 0.34:
        root = account * day.holders
        day.cut(account, [max(0, c - chance.choice((0, 1, 4, -1))) for c in day.claims.ceiling[root].tolist()])
    else:
        amounts = [chance.choice((0, 1, 1, 2, 3)) for _ in day.capacity]
        row, priority = chance.randrange(day.holders), chance.randint(1, 3)
        return day.ask(account, row, amounts, priority=priority, borrows=chance.random() < 0.7)
    return None
