"""Who had what somebody else wanted of a shared resource: who uses it, for whom it is kept, whom a round served."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rookery.journey.account import Account, Amounts
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRefused, find_plan
from rookery.journey.capacity import CapacityChanged
from rookery.journey.cutting import amounts_on, holder_on, list_plans
from rookery.journey.desk import Desk, World
from rookery.journey.entry import list_contested
from rookery.journey.standing import list_rungs
from rookery.journey.state import KeptSpace, Lack, State
from rookery.journey.tally import amount_at, lent
from rookery.journey.waits import PlanWaits, Queued, Round

Uses = dict[tuple[str, str], Counter[str]]  # of an allotment's account and dimension, by holder

AMOUNTS = ("capacity", "claim", "ceiling", "allotment")  # limits of a lack of so much of a dimension


@dataclass(frozen=True, slots=True)
class Winner:
    """A holder that had some of what was wanted: so much used, firmly or not, so much kept for it and not used."""

    holder: str
    used: int
    kept: int = 0


def list_users(account: Account | None, dimension: str, kept: Iterable[KeptSpace], state: State) -> list[Winner]:
    """Who uses some of an account, and for whom some is kept; the most first."""
    keeps = {one.holder: one.amount for one in kept}
    return _ordered(_used(account, dimension, state), keeps)


def count_uses(plans: Iterable[Hold | Booking]) -> Uses:
    """How much of allotments plans use, by the holder whose they are."""
    found: Uses = {}
    for plan in plans:
        for use in plan.uses:
            for dimension, amount in use.amounts.items() if use.resource.startswith("allotment:") else ():
                if amount:
                    found.setdefault((use.resource, dimension), Counter())[plan.by.holder] += amount
    return found


def list_allotted(lack: Lack, state: State) -> list[Winner]:
    """Who uses some of the allotment that a plan lacked; the most first. Cost: all bookings are gone through."""
    uses = count_uses(list_plans(state, lack.resource))
    return _ordered(uses.get((lack.resource, lack.dimension), Counter()), {})


def short_dimension(cut: CapacityChanged, lost: Amounts, account: Account) -> str:
    """In which dimension a plan had to go, of those that it used: more was used than there is, or there is less."""
    over = (d for d in lost if account.held[d] + account.taken[d] > cut.limits[d])
    less = (d for d in lost if cut.limits[d] < account.limits[d])
    return next((d for of in (over, less, lost) for d in of), "")


def list_stayers(cut: CapacityChanged, dimension: str, state: State) -> list[Winner]:
    """Who uses some of a resource after a cut; the most first. The state is as before it."""
    used = _used(state[Account].find(cut.resource), dimension, state)
    for hold_id in cut.moved:
        plan = find_plan(state, hold_id)
        assert plan is not None, "what is moved is held or taken"
        used[holder_on(plan, cut.resource)] -= amounts_on(plan, cut.resource).get(dimension, 0)
    return _ordered(used, {})


def _used(account: Account | None, dimension: str, state: State) -> Counter[str]:
    used = Counter[str]()
    if account is not None and dimension in account.limits:
        column = list(account.limits).index(dimension)
        for holder, amounts in (account.firm or {}).items():
            used[holder] += amount_at(amounts, column)
        for loan in lent(state).on(account.resource):
            used[loan.holder] += loan.amounts[column]
    return used


def _ordered(used: dict[str, int], keeps: dict[str, int]) -> list[Winner]:
    all_ = (Winner(name, used.get(name, 0), keeps.get(name, 0)) for name in {**used, **keeps})
    return sorted((w for w in all_ if w.used or w.kept), key=lambda w: (-w.used - w.kept, w.holder))


@dataclass(frozen=True, slots=True)
class Turn:
    """A plan had no turn in a round: what it asked for in the dimension that was short, and who had theirs."""

    dimension: str
    asked: int
    winners: tuple[Winner, ...]


class Turns:
    """Who was served by rounds, and who was not, as their facts come: a round tells the former first."""

    def __init__(self, world: World):
        self._world = world
        self._served: dict[Round, list[tuple[str, Amounts]]] = {}
        self.lost: dict[bytes, Turn] = {}

    def note(self, fact: PlanHeld | PlanRefused | PlanWaits, state: State) -> None:
        """A plan was held, or not; the state is as before it. One that did not wait for a round is passed over."""
        row = state[Queued].find(fact.hold_id)
        if row is None:
            return
        if isinstance(fact, PlanHeld):
            borrowed = {space.resource for space in fact.spaces if space.from_at}
            amounts = next((use.amounts for use in fact.uses if use.resource == row.resource), {})
            if row.resource not in borrowed:
                self._served.setdefault((row.closes_at, row.resource), []).append((fact.by.holder, amounts))
        elif fact.refusal.lack is not None and fact.refusal.lack.limit == "round":
            self.lost[fact.hold_id] = self._turn(row, fact.refusal.lack.at, state)

    def _turn(self, row: Queued, at: str, state: State) -> Turn:
        """What was short is the dimension in which the plan would be above the limit that was reached; where it would
        not be, since somebody larger was stopped there, the one of which it asks the largest part."""
        use = next(use for use in list_contested(row.ask) if use.resource == row.resource)
        limits = self._world.limits_of(row.resource)
        asked = {d: amount for d, amount in use.amounts.items() if amount}
        rungs = list_rungs(state, use, row.ask.by.holder, Desk(self._world, row.closes_at, lambda: b""))
        short = [rung.stand.dimension for rung in rungs if rung.binds and rung.stand.holder == at]
        dimension = short[0] if short else max(asked, key=lambda d: asked[d] / max(1, limits[d]))
        used = Counter[str]()
        for holder, amounts in self._served.get((row.closes_at, row.resource), ()):
            used[holder] += amounts.get(dimension, 0)
        return Turn(dimension, asked[dimension], tuple(_ordered(used, {})))
