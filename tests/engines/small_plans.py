"""Plans over one or two small resources, told to the engine alone: what can be done, and the laws that hold then."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from itertools import permutations, product

import numpy as np
from share_traces import Day, Stands

from rookery.engines.share.claims import LAYER, LAYERS
from rookery.engines.share.decide import BORROWED, CODE, FIRM, test
from rookery.engines.share.holders import FREE, NONE, Longs
from rookery.engines.share.loans import TICKET
from slow_share import CUT_OFF, FIRM_ALWAYS, Account, Booking

LAST_INSTANT = 2
EXPIRES = 1  # what this holder has is held until the next instant; what the others have is taken
Leg = tuple[int, int]  # row where it stands, layer from which it is firm, 0 if it is; NO_LEG where it uses nothing
NO_LEG: Leg = (NONE, NONE)
About = tuple[int, tuple[int, ...], tuple[Leg, ...]]  # row, amount of each resource, legs
State = tuple[object, ...]


@dataclass
class Plans:
    """One day for each resource, and plans that use some of all or none of them. A plan has one ticket everywhere."""

    days: list[Day]
    capacity: list[int]
    wanted: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    made: int = 0

    def twin(self) -> "Plans":
        twin = copy(self)
        twin.days, twin.wanted = [day.twin() for day in self.days], dict(self.wanted)
        return twin

    # --- what is done

    def hold(self, row: int, amounts: tuple[int, ...]) -> bool:
        """Asked on every leg, then booked on every leg; False if it was refused on one, and nothing is held."""
        legs = [(day, amount) for day, amount in zip(self.days, amounts, strict=True) if amount]
        tests = [self._test(day, row, amount) for day, amount in legs]
        held = all(told[CODE] in (FIRM, BORROWED) for told, _ in tests)
        within = all(amount <= unused(day, row) for day, amount in legs)
        assert not within or all(told[CODE] == FIRM for told, _ in tests), "within a guarantee all is firm"
        for (day, amount), (told, _) in zip(legs, tests, strict=True):
            check_reason(day, row, amount, told)
        if not held:
            return False
        ticket, self.made = self.made, self.made + 1
        self.wanted[ticket] = (row, amounts)
        for (day, amount), (told, recalls) in zip(legs, tests, strict=True):
            day.tickets, known = ticket, len(day.recalled)
            assert day.ask(0, row, [amount], priority=row) == told, "what is tested is what is decided"
            gone = day.recalled[known:]
            assert bool(gone) == recalls and all(by == ticket and day.at < one.until for _, one, by, _ in gone)
        self._sweep()
        return True

    def _test(self, day: Day, row: int, amount: int) -> tuple[list[int], bool]:
        told = np.zeros(6, np.int64)
        recalls = test(day.claims, row, np.array([amount]), 1, told)
        return told.tolist(), recalls

    def release(self, ticket: int) -> None:
        del self.wanted[ticket]
        for day in self.days:
            if ticket in day.standing:
                day.give_back(ticket)

    def _sweep(self) -> None:
        """A plan that has lost a leg has none."""
        for ticket, (_, amounts) in list(self.wanted.items()):
            if any(ticket not in day.standing for day, a in zip(self.days, amounts, strict=True) if a):
                self.release(ticket)

    def wait(self) -> None:
        """The next instant; what has expired then counts as nothing."""
        for day in self.days:
            day.at += 1
        for ticket, (row, _) in list(self.wanted.items()):
            if row == EXPIRES:
                self.release(ticket)
        for day in self.days:
            day.tickets = -1
            day.ask(0, 0, [0])  # nothing is asked for: what has been released is seen
            del day.standing[-1]

    def cut(self, i: int, capacity: int, order: tuple[int, ...]) -> None:
        day = self.days[i]
        day.standing = {ticket: day.standing[ticket] for ticket in order}
        day.cut(0, [capacity])
        self._sweep()

    # --- what can be done next

    def every_action(self) -> Iterator["Plans"]:
        """Everything that can be done next, each done to a twin. What is refused leads nowhere, and changes nothing."""
        before = self.keeps()
        for row in range(1, self.days[0].holders):
            for amounts in product(range(4), repeat=len(self.days)):
                after = self.twin()
                if any(amounts) and after.hold(row, amounts):
                    yield after
                else:
                    assert after.keeps() == before, "a plan that was refused has changed something"
        for ticket in self.wanted:
            after = self.twin()
            after.release(ticket)
            yield after
        if self.days[0].at < LAST_INSTANT:
            after = self.twin()
            after.wait()
            yield after
        for i, most in enumerate(self.capacity):
            now = int(self.days[i].claims.ceiling[0, 0])
            for order in self._orders(i):
                after = self.twin()
                after.cut(i, most - 1 if now == most else most, order)
                yield after

    def _orders(self, i: int) -> Iterator[tuple[int, ...]]:
        """Every order in which a holder's bookings of a resource may have been made; `state` does not say which."""
        mine: dict[int, list[int]] = {}
        for ticket in self.days[i].standing:
            mine.setdefault(self.wanted[ticket][0], []).append(ticket)
        about, seen = {ticket: self.about(ticket) for ticket in self.wanted}, set()
        for parts in product(*(permutations(tickets) for tickets in mine.values())):
            order = tuple(ticket for part in parts for ticket in part)
            told = tuple(about[ticket] for ticket in order)
            if told not in seen:
                seen.add(told)
                yield order

    # --- what is so

    def about(self, ticket: int) -> About:
        row, amounts = self.wanted[ticket]
        stands = [day.standing.get(ticket) for day in self.days]
        return row, amounts, tuple((one.row, one.layer if one.borrowed else 0) if one else NO_LEG for one in stands)

    def state(self) -> State:
        """What makes two histories the same for all that can follow.

        Firm plans are a bag: nothing but a cut asks which was first, and a cut is tried in every order (priorities
        differ from holder to holder). Loans of each resource are a sequence, of plans numbered as they first appear.
        """
        loans = [[int(day.loans.table[loan, TICKET]) for loan in day.list_loans(0)] for day in self.days]
        lent = list(dict.fromkeys(ticket for one in loans for ticket in one))
        firm = sorted(self.about(ticket) for ticket in self.wanted if ticket not in lent)
        numbers = tuple(tuple(lent.index(ticket) for ticket in one) for one in loans)
        terms = tuple(
            (int(d.claims.ceiling[0, 0]), *(d.guarantee(0, n)[0] for n in range(d.holders))) for d in self.days
        )
        return self.days[0].at, terms, tuple(firm), tuple(self.about(ticket) for ticket in lent), numbers

    def keeps(self) -> list[list[bytes]]:
        """What the engine has in its arrays, in layers that still matter."""
        found = []
        for day in self.days:
            now, end = day.claims.accounts[0, [LAYER, LAYERS]].tolist()
            parts: tuple[Longs, ...] = (day.claims.guarantee, day.claims.below)
            found.append([day.claims.used.tobytes(), *(part[:, now:end].tobytes() for part in parts)])
        return found

    def check(self) -> None:
        """Use within capacity, claims within ceilings, loans recallable yet, plans whole."""
        for i, day in enumerate(self.days):
            assert day.claims.used[0, 0] == day.used(0)[0] <= day.claims.ceiling[0, 0]
            now, end = day.claims.accounts[0, [LAYER, LAYERS]].tolist()
            claims = np.maximum(day.claims.guarantee, day.claims.below)[:, now:end]
            assert (claims <= day.claims.ceiling[:, None]).all()
            assert all(day.at < one.until for one in day.standing.values() if one.borrowed)
            check_loans(day)
            legs = {ticket: amounts[i] for ticket, (_, amounts) in self.wanted.items() if amounts[i]}
            assert {ticket: one.amounts[0] for ticket, one in day.standing.items()} == legs


def unused(day: Day, row: int) -> int:
    """What a holder has left of its guarantee; -1 where the law does not speak of it."""
    if row in day.tree.above or day.tree.lending[row] == FREE:
        return NONE
    return max(NONE, day.guarantee(0, row)[0] - day.used(0, row, firm=True)[0])


def check_reason(day: Day, row: int, amount: int, told: list[int]) -> None:
    """Firm where by definition nothing binds now, or somebody gives; refused where a limit binds to the end."""
    account, more = _defined(day), Booking(1, row, [amount], FIRM_ALWAYS, 0)
    giver = account.giver([amount]) if account.above_ceiling(day.at, more) else day.holders
    assert (told[CODE] == FIRM) == (giver != NONE)
    if told[CODE] != FIRM:
        last = account.layers()[-1]
        assert (told[CODE] == BORROWED) == (not account.is_over(more) and not account.above_ceiling(last, more))


def check_loans(day: Day) -> None:
    """A limit binds for each loan, in some layer before its own: otherwise it would be firm."""
    for ticket, one in day.standing.items():
        if one.borrowed:
            account, firm = _defined(day, but=ticket), Booking(1, one.row, one.amounts, FIRM_ALWAYS, 0)
            assert any(account.above_ceiling(at, firm) for at in account.layers()), "a loan that fits is firm"


def _defined(day: Day, *, but: int = NONE) -> Account:
    """What stands on a day, or all but one of it, as the definition has it."""
    account = Account(day.tree, [0], day.at)
    account.guarantee, account.ceiling = day.claims.stated.tolist(), day.claims.ceiling.tolist()
    stands = [one for ticket, one in day.standing.items() if ticket != but]
    account.bookings = [Booking(0, one.row, one.amounts, _firm_from(day, one), 0) for one in stands]
    return account


def _firm_from(day: Day, one: Stands) -> int:
    if not one.borrowed:
        return FIRM_ALWAYS
    return one.until if one.layer < day.claims.accounts[0, LAYERS] else CUT_OFF
