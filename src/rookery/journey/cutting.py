"""Who loses space when there is less of a limited thing than is used, and who keeps it on space of others.

Of a shared thing `engines/share/cut.py` decides. Where nobody shares it, and in dimensions that nobody shares, all
bookings are equal: the latest go first, until what is used fits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from rookery.engines.share.claims import Claims
from rookery.engines.share.cut import Bookings, cut, explain_cut
from rookery.engines.share.loans import Loans, grow_loans
from rookery.engines.share.moves import Dimension, Movable, choose
from rookery.journey.account import Account, Amounts
from rookery.journey.booking import Booking, Hold
from rookery.journey.desk import Desk
from rookery.journey.itinerary import Itinerary
from rookery.journey.order import Order
from rookery.journey.state import State
from rookery.journey.tally import Tally, find_tally, lent
from rookery.journey.whereabouts import plan_as_known

Plan = Hold | Booking
NOBODY = -1  # above the root
LAST = -(2**31)  # a priority that comes before every other, and is moved last


@dataclass(frozen=True, slots=True)
class Losses:
    """What a cut leads to.

    guarantee  what each holder is guaranteed from now on, as in Account
    moved      holds of the plans that have lost their use, in the order in which they had to go
    lent       those that keep it, but can be recalled from now on, until an instant; 0: always
    """

    guarantee: dict[str, tuple[int, ...]] | None
    moved: tuple[bytes, ...]
    lent: tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class GuaranteePart:
    """A holder with a guarantee during a cut.

    used       by it and below it, just before a plan went
    guarantee  before the cut; left: after it; part: of what is left for all, in proportion to guarantees
    """

    holder: str
    used: int
    guarantee: int
    left: int
    part: int


@dataclass(frozen=True, slots=True)
class Going:
    """The numbers by which a plan had to go in a cut.

    step       1: it could be recalled; 2: above all guarantees on its way up; 3: within them, in proportion
    used       of the dimension that was short, in all, just before it went; limit: what there is
    way        holders from its own up; others: those beside them that use some
    """

    step: int
    dimension: str
    used: int
    limit: int
    way: tuple[GuaranteePart, ...]
    others: tuple[GuaranteePart, ...]


class _LaidOut(NamedTuple):
    """Claims, loans and bookings of an account, and whose each ticket is."""

    claims: Claims
    room: Loans
    bookings: Bookings
    ids: dict[int, bytes]


def list_plans(state: State, resource: str) -> list[Plan]:
    """Plans that hold or use a resource, the oldest first: ids rise with the time at which they were asked for.

    Cost: all bookings are gone through.
    """
    name = msgspec.json.encode(resource).decode()
    found: list[Plan] = [*state[Hold].naming("uses", name), *state[Booking].naming("uses", name)]
    own = (plan for plan in found if any(use.resource == resource for use in plan.uses))
    return sorted(own, key=lambda plan: plan.hold_id)


def has_left(state: State, plan: Plan, resource: str, desk: Desk) -> bool:
    """True if an order's goods have come upon a resource, or will, whatever is decided now: the ride there has left."""
    row = state[Itinerary].find(plan.hold_id)
    if row is None:
        return False
    if resource.startswith("warehouse:"):
        return state[Order].get(plan.hold_id).moving
    known = (leg for part in row.parts for leg in plan_as_known(part.plan, state, desk).legs)
    leaves = [leg.departs_at for leg in known if resource in leg.resources]
    return bool(leaves) and max(leaves) <= desk.now


def amounts_on(plan: Plan, resource: str) -> Amounts:
    """What a plan uses of a resource."""
    return next((use.amounts for use in plan.uses if use.resource == resource), {})


def must_move(state: State, account: Account, desk: Desk) -> bool:
    """True if more is used of an account than there is, or claimed than may be."""
    if any(account.held[d] + account.taken[d] > limit for d, limit in account.limits.items()):
        return True
    tally = find_tally(state, account.resource, account, account.limits, desk)
    return tally is not None and tally.is_strained()


def find_losses(state: State, account: Account, limits: Amounts, desk: Desk) -> Losses:
    """Who has to go so that what is used fits into limits, and who is lent its space from now on.

    Of what has left nothing is moved where nobody shares, and it comes last within its kind where somebody does.
    """
    resource = account.resource
    plans, left = _standing(state, resource, desk)
    tally = find_tally(state, resource, account, limits, desk)
    if tally is None:
        return Losses(None, _latest(plans, left, resource, limits, limits), ())
    guarantee, moved, lent_on = _cut(state, tally, account, limits, (plans, left), desk)
    stays = [plan for plan in plans if plan.hold_id not in moved]
    more = _latest(stays, left, resource, limits, (d for d in limits if d not in tally.terms.dimensions))
    return Losses(guarantee, (*moved, *more), tuple(one for one in lent_on if one[0] not in more))


def _standing(state: State, resource: str, desk: Desk) -> tuple[list[Plan], set[bytes]]:
    """The plans on a resource, the oldest first, those before the others that have left; and which have."""
    plans = list_plans(state, resource)
    left = {plan.hold_id for plan in plans if has_left(state, plan, resource, desk)}
    return sorted(plans, key=lambda plan: plan.hold_id not in left), left


def find_going(state: State, account: Account, limits: Amounts, hold_id: bytes, desk: Desk) -> Going | None:
    """Why a plan goes when it does in a cut. None: it stays, or what it goes by nobody shares: there the latest go."""
    tally = find_tally(state, account.resource, account, limits, desk)
    if tally is None:
        return None
    laid = _lay_out(state, tally, account, _standing(state, account.resource, desk), desk)
    ticket = next(ticket for ticket, id_ in laid.ids.items() if id_ == hold_id)
    found = explain_cut(laid.claims, laid.room, 0, tally.most(limits), laid.bookings, desk.now, ticket)
    if found is None:
        return None
    dimension, names = tally.terms.dimensions[found.dimension], desk.world.sharing.names
    way, others = (
        tuple(GuaranteePart(names[one.row], one.used, one.old, one.new, one.part) for one in parts)
        for parts in (found.way, found.others)
    )
    return Going(found.step, dimension, found.used, limits[dimension], way, others)


def _latest(
    plans: list[Plan], left: set[bytes], resource: str, limits: Amounts, dimensions: Iterable[str]
) -> tuple[bytes, ...]:
    """The latest plans that have to go; `left`: those that cannot."""
    counted, rows = tuple(dimensions), []
    spare = [limits[d] for d in counted]
    for at, plan in enumerate(plans):
        amounts = [amounts_on(plan, resource).get(d, 0) for d in counted]
        if plan.hold_id in left:
            spare = [max(0, most - amount) for most, amount in zip(spare, amounts, strict=True)]
        else:
            rows.append(Movable(at, 0, (0, -at), amounts, 0, borrowed=False))
    roots = [Dimension([NOBODY], [0], [0], most) for most in spare]
    return tuple(plans[one.ticket].hold_id for one in choose(rows, roots))


def _cut(
    state: State, tally: Tally, account: Account, limits: Amounts, plans: tuple[list[Plan], set[bytes]], desk: Desk
) -> tuple[dict[str, tuple[int, ...]], tuple[bytes, ...], tuple[tuple[bytes, int], ...]]:
    laid = _lay_out(state, tally, account, plans, desk)
    claims, ids = laid.claims, laid.ids
    found = cut(claims, laid.room, 0, tally.most(limits), laid.bookings, desk.now)
    return (
        tally.stated(claims, desk.world.sharing.names, len(limits)),
        tuple(ids[ticket] for ticket in found.moved),
        tuple((ids[ticket], tally.begins(layer)) for ticket, layer in found.lent),
    )


def _lay_out(
    state: State, tally: Tally, account: Account, plans: tuple[list[Plan], set[bytes]], desk: Desk
) -> _LaidOut:
    """What the engine cuts. A loan's ticket is its place among the loans, that of what is firm comes after those.

    plans  the oldest first, those before the others that have left
    """
    sharing, resource = desk.world.sharing, account.resource
    loans = lent(state).on(resource)
    numbers = {loan.hold_id: n for n, loan in enumerate(loans)}
    claims, room = tally.made(account, loans, sharing.rows, desk.now)
    table, amounts, ids = [], [], dict[int, bytes]()
    for at, plan in enumerate(plans[0]):
        ticket = numbers.get(plan.hold_id, len(loans) + at)
        ids[ticket] = plan.hold_id
        priority = LAST if plan.hold_id in plans[1] else plan.by.priority
        table.append((sharing.rows.get(holder_on(plan, resource), 0), priority, ticket))
        amounts.append(tally.amounts(amounts_on(plan, resource)))
    bookings = Bookings(
        np.array(table, np.int64).reshape(-1, 3),
        np.array(amounts, np.int64).reshape(-1, len(tally.terms.dimensions)),
    )
    return _LaidOut(claims, grow_loans(room, len(table)), bookings, ids)


def holder_on(plan: Plan, resource: str) -> str:
    """The holder at which a plan's use of a resource counts."""
    return next((space.holder for space in plan.spaces if space.resource == resource), plan.by.holder)
