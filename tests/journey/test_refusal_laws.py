"""Laws of refusals and loans, ask by ask: on random trees of holders, whatever companies and orders ask for of a ride.

Before every ask what stands is written down again from the plans alone, as `slow_share` has it, and decided by that:
what is refused cannot be had; the limit that is told binds when all loans are gone that it could recall; as much as is
told can be had, and no more; what is lent or recalled, and by whom, is what the definition says. A failure names its
seed.
"""

import random
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from rookery.engines.share.holders import FREE, KEPT, NEVER, RECALLABLE, UNLIMITED, UNSTATED
from rookery.journey.account import Account, Amounts, Use
from rookery.journey.booking import Booking, Hold, PlanChanged, PlanHeld, PlanRecalled, find_plan
from rookery.journey.capacity import ChangeCapacity
from rookery.journey.chain import decide, look_again, settle
from rookery.journey.desk import Desk
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import Measure, Parties, PlaceOrder
from rookery.journey.space import ChangeSpace, HoldSpace, QuoteSpace, ReleaseSpace, TakeSpace, Wish
from rookery.journey.state import Lack, Refusal
from rookery.journey.tally import Loan, loan_name
from slow_share import CUT_OFF, FIRM_ALWAYS, random_capacity, random_holders
from slow_share import Account as Slow
from slow_share import Booking as SlowBooking
from talk import asked
from traces import blocks
from worlds import at, counting_ids, desk_of, empty_state, place, ride, row, tiny_network

STEPS = 30
RIDE, OTHER = "departure:AB/2026-11-24/1", "departure:CD/2026-11-24/1"
DIMENSIONS = ("grams", "pieces")
LENDING = {KEPT: "never", RECALLABLE: "recallable", FREE: "free"}
HOURS = {3: 9, 6: 6, 9: 3, NEVER: 0}  # before AB leaves, when guarantees are released
EVENTS = ("firm", "given", "borrowed", "claim", "ceiling", "capacity", "recalled", "eased", "changed", "order")


def network(chance: random.Random) -> Network:
    """AB is shared by a random tree, a company for each holder and one beside them; CD is nobody's."""
    tree = random_holders(chance, dimensions=2)
    limits = [max(1, most + chance.choice((0, 3))) for most in random_capacity(chance, tree)]
    rows: list[Any] = [row(Company, company_id="c0", name="c0", country="BE", roles=("shipper",))]
    for n, above in enumerate(tree.above.tolist()):
        if not n:
            continue
        rows.append(row(Company, company_id=f"c{n}", name=f"c{n}", country="BE", roles=("shipper",)))
        parent, priority = f"h{above}" if above else "", chance.randint(1, 3)
        rows.append(row(Holder, holder=f"h{n}", parent=parent, company_id=f"c{n}", priority=priority))
        for d, dimension in enumerate(DIMENSIONS):
            kept, most = int(tree.guarantee[n, d]), int(tree.ceiling[n, d])
            rows.append(
                row(Share, holder=f"h{n}", resource="service:AB", dimension=dimension,
                    guarantee_amount=None if kept == UNSTATED else kept,
                    ceiling_amount=None if most == UNLIMITED else most,
                    release_min=60 * HOURS[int(tree.release_at[n])], lending=LENDING[int(tree.lending[n])])
            )  # fmt: skip
    carries = ", ".join(f"{dimension} {limit}" for dimension, limit in zip(DIMENSIONS, limits, strict=True))
    return tiny_network(
        place("A"), place("B"), place("C"), place("D"),
        ride("AB", "A 20:00, B 22:00", price="1", carries=carries),
        ride("CD", "C 20:00, D 22:00", carries="grams 99999"),
        rows,
    )  # fmt: skip


class Trace:
    """One random history; every ask is decided by the definition as well."""

    def __init__(self, seed: int):
        self.seed, self.chance, self.seen = seed, random.Random(seed), Counter[str]()
        self.world = desk_of(network(self.chance), 0).world
        self.state, self.now, self.new_id = empty_state(), at("Tue 08:00"), counting_ids()
        self.names, self.ids = self.world.sharing.names, list[bytes]()
        terms = self.world.sharing.find_terms(RIDE, self.world.limits_of(RIDE))
        assert terms is not None and terms.dimensions == DIMENSIONS
        self.tree = terms.tree

    def run(self) -> Counter[str]:
        kinds = (self.hold, self.hold, self.hold, self.hold, self.change, self.order, self.take, self.free, self.wait)
        for _ in range(STEPS):
            self.chance.choice(kinds)()
            if self.chance.random() < 0.03:
                self.cut()
        return self.seen

    def desk(self) -> Desk:
        return Desk(self.world, self.now, self.new_id)

    def ask(self, ask: Any) -> tuple[list[Any], Refusal | None]:
        facts, refusal = decide(self.state, ask, self.desk())
        look_again(self.state, self.desk())
        return list(facts), refusal

    def slow(self) -> Slow:
        """What stands of the ride, plan by plan, the oldest loan first."""
        limits = self.world.limits_of(RIDE)
        slow, account = Slow(self.tree, [limits[d] for d in DIMENSIONS], self.now), self.state[Account].find(RIDE)
        if account is None:
            return slow
        kept = [limits[d] - most for d, most in zip(DIMENSIONS, slow.ceiling[0], strict=True)]
        slow.ceiling[0] = [max(0, account.limits[d] - less) for d, less in zip(DIMENSIONS, kept, strict=True)]
        if account.guarantee is not None:
            slow.guarantee = [list(account.guarantee.get(name, (0, 0))) for name in self.names]
        lent = []
        for plan in [*self.state[Hold], *self.state[Booking]]:
            for use in plan.uses:
                if use.resource == RIDE:
                    amounts = [use.amounts.get(d, 0) for d in DIMENSIONS]
                    loan = self.state[Loan].find(loan_name(RIDE, plan.hold_id))
                    given = [space.holder for space in plan.spaces if space.resource == RIDE and not space.from_at]
                    n, ticket = self.names.index((given or [plan.by.holder])[0]), int.from_bytes(plan.hold_id, "big")
                    if loan is None:
                        slow.bookings.append(SlowBooking(ticket, n, amounts, FIRM_ALWAYS, 0))
                    else:
                        one = SlowBooking(ticket, n, amounts, loan.from_at or CUT_OFF, loan.priority, told=False)
                        lent.append((loan.age, loan.loan, one))
        slow.bookings += [one for *_, one in sorted(lent, key=lambda one: one[:2])]
        return slow

    # --- asks

    def amounts(self) -> Amounts:
        return {d: self.chance.choice((0, 1, 1, 2, 3, 5, 9)) for d in DIMENSIONS}

    def hold(self) -> None:
        company, amounts = f"c{self.chance.randrange(len(self.names))}", self.amounts()
        borrows = self.chance.random() < 0.5
        standby = (Use(OTHER, {"grams": 1}),) if borrows and self.chance.random() < 0.3 else ()
        hold_id, slow = self.new_id(), self.slow()
        self.ids.append(hold_id)
        wish = Wish((Use(RIDE, amounts),), borrows=borrows, standby=standby, hold_s=self.chance.choice((3600, 10**5)))
        quoted = self.ask(QuoteSpace(company, wish))
        facts, refusal = self.ask(HoldSpace(hold_id, company, wish))
        assert (quoted[1] is None) == (refusal is None)
        held = [fact for fact in facts if isinstance(fact, PlanHeld) and not fact.standby_of]
        self.check(slow, company, (amounts, borrows), hold_id, facts, refusal, [one.spaces for one in held])

    def change(self) -> None:
        plans = [plan for one in self.ids if (plan := find_plan(self.state, one)) is not None and not plan.standby]
        if not plans:
            return
        plan, amounts = self.chance.choice(plans), self.amounts()
        had: Amounts = next((use.amounts for use in plan.uses if use.resource == RIDE), {})
        slow, more = self.slow(), any(amount > had.get(d, 0) for d, amount in amounts.items())
        slow.bookings = [one for one in slow.bookings if one.ticket != int.from_bytes(plan.hold_id, "big")]
        facts, refusal = self.ask(ChangeSpace(plan.hold_id, plan.by.company, (Use(RIDE, amounts),)))
        if not more:
            assert refusal is None, "giving some back is never refused"
            return
        changed = [fact for fact in facts if isinstance(fact, PlanChanged)]
        self.seen["changed"] += 1
        self.check(slow, plan.by.company, (amounts, plan.by.borrows), plan.hold_id, facts, refusal,
                   [one.spaces for one in changed], again=plan.hold_id)  # fmt: skip

    def order(self) -> None:
        company, slow = f"c{self.chance.randrange(len(self.names))}", self.slow()
        amounts = {"grams": self.chance.choice((1, 3, 6)), "pieces": self.chance.choice((1, 2))}
        wanted = asked(self.new_id().hex(), to="B", origin="A", ordered="Mon 10:00", pieces=amounts["pieces"],
                       parties=Parties(company), booked=Measure(grams=amounts["grams"]))  # fmt: skip
        facts, _ = self.ask(PlaceOrder(self.new_id(), wanted, False))
        for reason in [one for fact in facts for one in getattr(fact, "reasons", ())]:
            if reason.lack is not None and reason.lack.resource == RIDE:
                self.seen["order"] += 1
                self.check_lack(slow, company, (amounts, False), reason.lack)

    def take(self) -> None:
        for plan in [one for one in self.state[Hold] if not one.standby_of and one.by.company][:1]:
            self.ask(TakeSpace(plan.hold_id, plan.by.company))

    def free(self) -> None:
        plans = [plan for one in self.ids if (plan := find_plan(self.state, one)) is not None]
        if plans:
            plan = self.chance.choice(plans)
            assert self.ask(ReleaseSpace(plan.hold_id, plan.by.company))[1] is None

    def wait(self) -> None:
        self.now += self.chance.choice((60, 60, 3600, 2 * 3600))
        self.now = min(self.now, at("Tue 19:30"))
        settle(self.state, self.desk())

    def cut(self) -> None:
        limits = {
            d: max(0, amount - self.chance.choice((-2, 0, 2))) for d, amount in self.world.limits_of(RIDE).items()
        }
        self.ask(ChangeCapacity(RIDE, limits, "haul"))

    # --- checks

    def check(
        self, slow: Slow, company: str, wanted: tuple[Amounts, bool], hold_id: bytes, facts: list[Any],
        refusal: Refusal | None, spaces: list[Any], again: bytes = b"",
    ) -> None:  # fmt: skip
        """An ask came to what the definition says, and a refusal of it is exact."""
        (amounts, borrows), by = wanted, self.world.sharing.holder_of(company, "")
        asked_for, before = [amounts[d] for d in DIMENSIONS], len(slow.bookings)
        n, priority = self.names.index(by), self.world.sharing.priority_of(by)
        if refusal is not None:
            assert refusal.code == "short" and refusal.lack is not None, f"{self.seed}: {refusal}"
            self.check_lack(slow, company, wanted, refusal.lack, again)
            return
        code, from_at, *_, lender = slow.decide(-1, n, asked_for, priority, borrows=borrows)
        assert code in ("firm", "borrowed"), f"{self.seed}: {amounts} of {company} cannot be had, and was held"
        (found,) = spaces
        own = [space for space in found if space.resource == RIDE]
        gone = [fact.hold_id for fact in facts if isinstance(fact, PlanRecalled)]
        assert gone == [t.to_bytes(16, "big") for what, t, _ in slow.events if what == "recalled"], f"{self.seed}"
        self.seen.update({"recalled": len(gone), "given" if code == "firm" and own else str(code): 1})
        name = self.names[lender] if isinstance(lender, int) and lender >= 0 else ""  # type: ignore[redundant-expr]
        if code == "borrowed":
            assert [(one.holder, one.from_at, one.lender) for one in own] == [(by, from_at, name)], f"{self.seed}"
            assert name != by and name not in self.world.sharing.above(by), "nobody lends to itself"
        else:
            assert [one.holder for one in own] == ([name] if name else []), f"{self.seed}"
        assert before or not gone

    def check_lack(
        self, slow: Slow, company: str, wanted: tuple[Amounts, bool], lack: Lack, again: bytes = b""
    ) -> None:
        """A refusal names a limit that binds, with its numbers, and as much as can be had."""
        (amounts, borrows), by = wanted, self.world.sharing.holder_of(company, "")
        n, asked_for, d = self.names.index(by), [amounts[d] for d in DIMENSIONS], DIMENSIONS.index(lack.dimension)
        where = f"{self.seed}: {amounts} of {company}, {lack}"
        assert not slow.can_be_had(n, asked_for, borrows=borrows), where
        assert (lack.by, lack.asked) == (by, asked_for[d]), where
        over = (-self.names.index(lack.at) if lack.at else 0, d, lack.claim - lack.ceiling)
        self.seen[lack.limit] += 1
        eased = Slow(slow.tree, slow.capacity, slow.now, [one for one in slow.bookings if one.told])
        eased.ceiling, eased.guarantee = slow.ceiling, slow.guarantee
        firm = SlowBooking(-1, n, asked_for, FIRM_ALWAYS, 1)
        if not borrows:
            assert over in eased.above_ceiling(slow.now, firm), where
            self.check_sum(eased, slow.now, firm, lack, where)
        elif over not in slow.above_ceiling(slow.now, firm) + slow.above_ceiling(slow.layers()[-1], firm):
            assert lack.claim == slow.used()[d] + lack.asked > lack.ceiling == slow.ceiling[0][d], where
        self.check_most(slow, company, wanted, lack, again, where)
        instants = [slow.now, *sorted(at for at in {*self.tree.release_at.tolist()} if slow.now < at < NEVER)]
        firm_at = [at for at in instants if self.later(slow, at).can_be_had(n, asked_for, borrows=False)]
        assert lack.firm_at == (firm_at[0] if firm_at else 0), where

    @staticmethod
    def later(slow: Slow, at: int) -> Slow:
        """What stands if nothing else happens until then."""
        later = deepcopy(slow)
        later.bring(at)
        return later

    def check_sum(self, slow: Slow, at: int, firm: SlowBooking, lack: Lack, where: str) -> None:
        """The claim is what is used under the limit, what is asked, and what is kept for others there."""
        top, d = self.names.index(lack.at), DIMENSIONS.index(lack.dimension)
        slow.bookings.append(firm)
        claims, below = slow.claims(at), slow.claims_below(at)
        under = [n for n in range(len(self.names)) if top in slow.path(n)]
        gaps = {self.names[n]: claims[n][d] - below[n][d] for n in under if claims[n][d] > below[n][d]}
        used = sum(one.amounts[d] for one in slow.bookings if one.row in under)
        slow.bookings.pop()
        assert {one.holder: one.amount for one in lack.kept} == gaps, where
        assert lack.claim == used + sum(gaps.values()), where
        assert (lack.limit == "ceiling") == bool(top) and (lack.limit == "capacity") == (not top and not gaps), where

    def check_most(
        self, slow: Slow, company: str, wanted: tuple[Amounts, bool], lack: Lack, again: bytes, where: str
    ) -> None:
        """So much can be had, and one more cannot, with as much of the other dimension as can be had with it."""
        (amounts, borrows), by = wanted, self.world.sharing.holder_of(company, "")
        n, d, other = self.names.index(by), lack.dimension, DIMENSIONS[1 - DIMENSIONS.index(lack.dimension)]
        assert 0 <= lack.most < lack.asked, where
        have = [
            much for much in range(amounts[other], -1, -1)
            if slow.can_be_had(n, [{d: lack.most, other: much}[one] for one in DIMENSIONS], borrows=borrows)
        ]  # fmt: skip
        assert have, f"{where}: so much cannot be had"
        for more, refused in ((0, False), (1, True)):
            asked_for = {d: lack.most + more, other: have[0]}
            vector = [asked_for[one] for one in DIMENSIONS]
            assert slow.can_be_had(n, vector, borrows=borrows) != refused, where
            if not again and any(vector):
                _, refusal = self.ask(QuoteSpace(company, Wish((Use(RIDE, asked_for),), borrows=borrows)))
                assert (refusal is not None) == refused, f"{where}: {asked_for} quoted"
        loans = [one for one in slow.bookings if not one.told]
        self.seen["eased"] += (
            bool(loans) and slow.used()[DIMENSIONS.index(d)] + lack.most > slow.ceiling[0][DIMENSIONS.index(d)]
        )


@pytest.mark.parametrize("seeds", blocks(150, part=10), ids=str)
def test_law_a_refusal_is_exact_and_loans_and_recalls_are_those_of_the_definition(seeds: range) -> None:
    for seed in seeds:
        Trace(seed).run()


def test_random_traces_come_upon_all_there_is() -> None:
    seen = Counter[str]()
    for seed in range(50):
        seen += Trace(seed).run()
    assert not [word for word in EVENTS if not seen[word]], seen
