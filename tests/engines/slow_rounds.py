"""A round by its definition: fractions for credits, every pick found anew. Slow and obvious."""

from fractions import Fraction

from rookery.engines.share.holders import MILLION, NONE, UNLIMITED
from slow_share import Account, Booking

Side = tuple[str, int]  # ("own", n) competes at the level of n; ("below", n) at the level of the holder above n
Wanted = tuple[int, list[int], int]  # row, amounts, priority


class SlowRound:
    """One round of an account. `credits`: by side, in millionths per unit of weight."""

    def __init__(self, account: Account, wanted: list[Wanted], credits: dict[Side, Fraction]):
        self.account, self.wanted, self.credits = account, wanted, credits
        self.told: dict[int, tuple[str, int]] = {}
        self.cause: dict[int, int] = {}  # of levels that are shut
        self.waits: set[Side] = set()
        self.got: dict[Side, int] = {}

    def weight(self, side: Side) -> int:
        return 1 if side[0] == "own" else int(self.account.tree.weight[side[1]])

    def cost(self, raises: list[int]) -> int:
        found = [0]
        for more, capacity in zip(raises, self.account.ceiling[0], strict=True):
            if more and capacity < UNLIMITED:
                found.append(MILLION if more >= capacity else -(-more * MILLION // capacity))
        return max(found)

    def levels(self, r: int) -> list[tuple[int, Side, int]]:
        """(level, side, cost) of a request from its holder up, as far as it costs anything."""
        row, amounts, priority = self.wanted[r]
        before = self.account.claims(self.account.now)
        after = self.account.claims(self.account.now, Booking(-r, row, amounts, -(2**62), priority))
        found, side, raises = [], ("own", row), amounts
        for n in self.account.path(row):
            found.append((n, side, self.cost(raises)))
            side, raises = ("below", n), [b - a for a, b in zip(before[n], after[n], strict=True)]
        return found

    def queue(self, n: int) -> list[int]:
        mine = [r for r, one in enumerate(self.wanted) if one[0] == n and r not in self.told]
        return sorted(mine, key=lambda r: (self.wanted[r][2], r))

    def pick(self, n: int) -> int | None:
        """The request that the tree under a holder would send next: that whose credit is soonest enough."""
        sides = self.sides(n)
        return min(sides, key=lambda one: one[:3])[3] if sides else None

    def sides(self, n: int) -> list[tuple[Fraction, bool, int, int, Side]]:
        """Those who compete at a level: what they lack, children after the holder's own, row, their pick."""
        found: list[tuple[Fraction, bool, int, int, Side]] = []
        below = [("below", c) for c, above in enumerate(self.account.above) if above == n]
        for side in [("own", n), *below]:
            first = self.queue(n)[:1] if side[0] == "own" else [p for p in [self.pick(side[1])] if p is not None]
            for r in first:
                cost = next(cost for _, at, cost in self.levels(r) if at == side)
                lacks = Fraction(cost, self.weight(side)) - self.credits.get(side, Fraction(0))
                found.append((lacks, side[0] == "below", side[1], r, side))
        return found

    def hold(self) -> list[tuple[str, int]]:
        """(what became of it, whose limit stopped it) of every request."""
        while (r := self.pick(0)) is not None:
            row, amounts, priority = self.wanted[r]
            firm = Booking(1_000 + r, row, amounts, -(2**62), priority)
            wrong = self.account.above_ceiling(self.account.now, firm)
            charged = [one for one in self.levels(r) if one[2] > 0]
            shut = [self.cause[n] for n, _, _ in charged if n in self.cause]
            if shut or wrong:
                stopped = shut[0] if shut else -wrong[0][0]
                charged = [one for one in charged if one[0] >= stopped]
                rivals = any(other != side for n, side, _ in charged for *_, other in self.sides(n))
                for n, side, _ in charged:
                    if shut or rivals:
                        self.cause.setdefault(n, stopped)
                    self.waits.add(side)
                self.told[r] = ("lost" if shut else "claim", stopped)
                continue
            for n, side, cost in self.levels(r):
                grown = Fraction(cost, self.weight(side)) - self.credits.get(side, Fraction(0))
                for *_, other in self.sides(n):
                    self.credits[other] = self.credits.get(other, Fraction(0)) + max(grown, Fraction(0))
                self.credits[side] -= Fraction(cost, self.weight(side))
                self.got[side] = self.got.get(side, 0) + cost
            self.told[r] = ("firm", NONE)
            self.account.bookings.append(firm)
            self.account.recall(firm.ticket)
            self.account.firm_up()
        for side in list(self.credits):
            if side not in self.waits:
                del self.credits[side]
        return [self.told[r] for r in range(len(self.wanted))]
