"""Shares by their definition: a list of bookings, every claim added up anew for every question. Slow and obvious."""

from dataclasses import dataclass, field
from random import Random

import numpy as np

from rookery.engines.share.holders import FREE, KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, totals

FIRM_ALWAYS = -(2**62)  # firm since it was booked
CUT_OFF = 2**62 + 1  # firm never: stands on space that is not lent, since a cut


@dataclass
class Booking:
    """What somebody uses. A loan is firm from an instant that has not come."""

    ticket: int
    row: int
    amounts: list[int]
    firm_from: int
    priority: int
    told: bool = True  # that it is firm


@dataclass
class Account:
    """One limited thing."""

    tree: Holders
    capacity: list[int]
    now: int = FIRM_ALWAYS
    bookings: list[Booking] = field(default_factory=list)
    events: list[tuple[str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.above = self.tree.above.tolist()
        self.guarantee = [[max(g, 0) for g in row] for row in self.tree.guarantee.tolist()]
        self.guarantee[0] = [0] * len(self.capacity)
        self.ceiling = self.tree.ceiling.tolist()
        self.ceiling[0] = [min(pair) for pair in zip(self.ceiling[0], self.capacity, strict=True)]
        self.lending, self.release_at = self.tree.lending.tolist(), self.tree.release_at.tolist()

    def layers(self) -> list[int]:
        """Now, and each later instant at which something that may be lent is released."""
        lent = [n for n in range(1, len(self.above)) if self.lending[n] != KEPT and max(self.tree.guarantee[n]) > 0]
        return [self.now, *sorted({self.release_at[n] for n in lent if self.release_at[n] > self.now})]

    def in_effect(self, n: int, at: int) -> bool:
        """Whether the guarantee of a holder stands in the claims of an instant, as seen from now."""
        return (self.now if self.lending[n] == KEPT else at) < self.release_at[n]

    def claims(self, at: int, more: Booking | None = None) -> list[list[int]]:
        """[holder][dimension] the claims of an instant: of all that is firm by then, and of one more booking."""
        own = [[0] * len(self.capacity) for _ in self.above]
        for one in [*self.bookings, *([more] if more else [])]:
            if one.firm_from <= at:
                own[one.row] = [a + b for a, b in zip(own[one.row], one.amounts, strict=True)]
        for n in range(len(self.above) - 1, -1, -1):
            if self.in_effect(n, at):
                own[n] = [max(pair) for pair in zip(own[n], self.guarantee[n], strict=True)]
            if n:
                own[self.above[n]] = [a + b for a, b in zip(own[self.above[n]], own[n], strict=True)]
        return own

    def used(self) -> list[int]:
        return [sum(one.amounts[d] for one in self.bookings) for d in range(len(self.capacity))]

    def above_ceiling(self, at: int, more: Booking | None = None) -> list[tuple[int, int, int]]:
        """(-row, dimension, by how much) of all claims that are above their ceilings: lowest holder first."""
        found = [
            (-n, d, claim - self.ceiling[n][d])
            for n, row in enumerate(self.claims(at, more))
            for d, claim in enumerate(row)
            if claim > self.ceiling[n][d]
        ]
        return sorted(found)

    def is_over(self, more: Booking | None = None) -> bool:
        amounts = more.amounts if more else [0] * len(self.capacity)
        return any(u + a > c for u, a, c in zip(self.used(), amounts, self.ceiling[0], strict=True))

    # --- what is done

    def bring(self, now: int) -> None:
        """Time passes; loans become firm when their instant comes, others when they fit."""
        assert now >= self.now
        self.now = now
        self.firm_up()

    def firm_up(self) -> None:
        for one in self.bookings:
            if not one.told:
                firm = Booking(one.ticket, one.row, [0] * len(one.amounts), FIRM_ALWAYS, one.priority)
                asked, one.firm_from = one.firm_from, min(one.firm_from, FIRM_ALWAYS)
                fits = not self.is_over() and not any(self.above_ceiling(at, firm) for at in self.layers())
                if fits or asked <= self.now:
                    one.told = True
                    self.events.append(("firmed", one.ticket, NONE))
                else:
                    one.firm_from = asked

    def decide(self, ticket: int, row: int, amounts: list[int], priority: int, *, borrows: bool) -> tuple[object, ...]:
        """(code, firm from, binding row, dimension, over, lender)"""
        if self.is_over():
            return ("full", self.now, 0, NONE, 0, NONE)
        firm = Booking(ticket, row, amounts, FIRM_ALWAYS, priority)
        wrong = self.above_ceiling(self.now, firm)
        if not wrong:
            self.bookings.append(firm)
            self.recall(ticket)
            self.firm_up()
            return ("firm", self.now, NONE, NONE, 0, NONE)
        binding, d, over = -wrong[0][0], wrong[0][1], wrong[0][2]
        giver = self.giver(amounts)
        if giver != NONE:
            self.bookings.append(Booking(ticket, giver, amounts, FIRM_ALWAYS, priority))
            self.recall(ticket)
            self.firm_up()
            return ("firm", self.now, binding, d, over, giver)
        layers = self.layers()
        good = [k for k in range(len(layers)) if not any(self.above_ceiling(at, firm) for at in layers[k:])]
        if not borrows or not good or self.is_over(firm):
            return ("claim", self.now, binding, d, over, NONE)
        k = min(good)
        loan = Booking(ticket, row, amounts, layers[k], priority, False)
        lender = self.lender(firm, layers[k - 1], layers[k])
        self.bookings.append(loan)
        return ("borrowed", layers[k], binding, d, over, lender)

    def can_be_had(self, row: int, amounts: list[int], *, borrows: bool) -> bool:
        """Whether `decide` would refuse it; nothing is booked."""
        firm = Booking(NONE, row, amounts, FIRM_ALWAYS, 1)
        if self.is_over() or not self.above_ceiling(self.now, firm) or self.giver(amounts) != NONE:
            return not self.is_over()
        return borrows and not self.is_over(firm) and not self.above_ceiling(self.layers()[-1], firm)

    def giver(self, amounts: list[int]) -> int:
        claims, use = self.claims(self.now), self.claims_below(self.now)
        for n, lending in enumerate(self.lending):
            unused = [a - b for a, b in zip(claims[n], use[n], strict=True)]
            if lending == FREE and all(u >= more for u, more in zip(unused, amounts, strict=True)):
                return n
        return NONE

    def lender(self, firm: Booking, until: int, released: int) -> int:
        """Who leaves most unused of what is released then; nobody from itself or from those above it."""
        binding, d, _ = self.above_ceiling(until, firm)[0]
        claims, use = self.claims(until), self.claims_below(until)
        unused = [
            (claims[n][d] - use[n][d], -n)
            for n in range(len(self.above))
            if self.lending[n] != KEPT and self.release_at[n] == released and -binding in self.path(n)
            if n not in self.path(firm.row)
        ]
        most = max(unused, default=(0, 0))
        return -most[1] if most[0] > 0 else NONE

    def claims_below(self, at: int) -> list[list[int]]:
        """[holder][dimension] use at the holder itself and the claims of those below it."""
        use = [[0] * len(self.capacity) for _ in self.above]
        for one in self.bookings:
            if one.firm_from <= at:
                use[one.row] = [a + b for a, b in zip(use[one.row], one.amounts, strict=True)]
        for n, row in enumerate(self.claims(at)):
            if n:
                use[self.above[n]] = [a + b for a, b in zip(use[self.above[n]], row, strict=True)]
        return use

    def path(self, n: int) -> list[int]:
        return [n, *(self.path(self.above[n]) if n else [])]

    def recall(self, by: int) -> None:
        """Loans go, lowest priority first, then latest, as long as one eases what is strained."""
        while True:
            order = sorted(enumerate(self.bookings), key=lambda one: (-one[1].priority, -one[0]))
            for i, one in order:
                if not one.told and one.firm_from > self.now and self.eases(one):
                    del self.bookings[i]
                    self.events.append(("recalled", one.ticket, by))
                    break
            else:
                return

    def eases(self, one: Booking, layers: list[int] | None = None) -> bool:
        if any(u > c and a for u, c, a in zip(self.used(), self.ceiling[0], one.amounts, strict=True)):
            return True
        rest = Account(self.tree, self.capacity, self.now, [b for b in self.bookings if b is not one])
        rest.guarantee, rest.ceiling = self.guarantee, self.ceiling
        for at in layers or self.layers():
            after = rest.claims(at)
            if any(after[-n][d] < over + self.ceiling[-n][d] for n, d, over in self.above_ceiling(at)):
                return True
        return False

    def give_back(self, ticket: int) -> None:
        self.bookings = [one for one in self.bookings if one.ticket != ticket]
        self.firm_up()


def random_holders(
    chance: Random, *, dimensions: int, lending: tuple[int, ...] = (KEPT, RECALLABLE, RECALLABLE, FREE)
) -> Holders:
    """A tree of two to eight holders that sums up; `random_capacity` says of how much. Amounts are small, so that ties,
    full accounts and guarantees of nothing come often."""
    count = chance.randint(2, 8)
    above = [NONE] + [chance.randrange(n) for n in range(1, count)]
    budget = [[chance.randint(0, 20) for _ in range(dimensions)]]
    stated = [[0] * dimensions]
    for n in range(1, count):
        part = [chance.choice((0, chance.randint(0, most))) for most in budget[above[n]]]
        budget[above[n]] = [most - g for most, g in zip(budget[above[n]], part, strict=True)]
        budget.append(list(part))
        inner = n in above[n + 1 :]
        stated.append([UNSTATED if inner and chance.random() < 0.4 else g for g in part])
    tree = Holders(
        *(np.array(one, np.int64) for one in (
            above, stated, [[UNLIMITED] * dimensions] * count, [chance.randint(1, 4) for _ in above],
            [chance.choice(lending) for _ in above], [chance.choice((3, 6, 6, 9, NEVER)) for _ in above],
        ))
    )  # fmt: skip
    free = np.array([[chance.choice((0, 3, UNLIMITED)) for _ in range(dimensions)] for _ in above], np.int64)
    ceiling = np.minimum(totals(tree) + free, UNLIMITED)
    ceiling[0] = UNLIMITED
    return tree._replace(ceiling=ceiling)


def random_capacity(chance: Random, tree: Holders) -> list[int]:
    """What the top guarantees take together, and perhaps more."""
    top = totals(tree)[tree.above == 0].sum(axis=0)
    return [int(g) + chance.choice((0, 0, 2, 7)) for g in top]
