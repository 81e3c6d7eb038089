"""Who loses space when there is less of a limited thing than is used, and who keeps it on space of others.

Of a shared thing `engines/share/cut.py` decides. Where nobody shares it, and in dimensions that nobody shares, all
bookings are equal: the latest go first, until what is used fits.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np

from rookery.engines.share.cut import Bookings, cut
from rookery.engines.share.loans import grow_loans
from rookery.engines.share.moves import Dimension, Movable, choose
from rookery.journey.account import Account, Amounts
from rookery.journey.booking import Booking, Hold
from rookery.journey.desk import Desk
from rookery.journey.state import State
from rookery.journey.tally import Tally, find_tally, lent

Plan = Hold | Booking
NOBODY = -1  # above the root


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


def list_plans(state: State, resource: str) -> list[Plan]:
    """Plans that hold or use a resource, the oldest first: ids rise with the time at which they were asked for.

    Cost: all bookings are gone through.
    """
    name = msgspec.json.encode(resource).decode()
    found: list[Plan] = [*state[Hold].naming("uses", name), *state[Booking].naming("uses", name)]
    own = (plan for plan in found if any(use.resource == resource for use in plan.uses))
    return sorted(own, key=lambda plan: plan.hold_id)


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
    """Who has to go so that what is used fits into limits, and who is lent its space from now on."""
    plans = list_plans(state, account.resource)
    tally = find_tally(state, account.resource, account, limits, desk)
    if tally is None:
        return Losses(None, _latest(plans, account.resource, limits, limits), ())
    guarantee, moved, lent_on = _cut(state, tally, account, limits, plans, desk)
    left = [plan for plan in plans if plan.hold_id not in moved]
    more = _latest(left, account.resource, limits, (d for d in limits if d not in tally.terms.dimensions))
    return Losses(guarantee, (*moved, *more), tuple(one for one in lent_on if one[0] not in more))


def _latest(plans: list[Plan], resource: str, limits: Amounts, dimensions: Iterable[str]) -> tuple[bytes, ...]:
    counted = tuple(dimensions)
    rows = []
    for at, plan in enumerate(plans):
        amounts = amounts_on(plan, resource)
        rows.append(Movable(at, 0, (0, -at), [amounts.get(d, 0) for d in counted], 0, borrowed=False))
    roots = [Dimension([NOBODY], [0], [0], limits[d]) for d in counted]
    return tuple(plans[one.ticket].hold_id for one in choose(rows, roots))


def _cut(
    state: State, tally: Tally, account: Account, limits: Amounts, plans: list[Plan], desk: Desk
) -> tuple[dict[str, tuple[int, ...]], tuple[bytes, ...], tuple[tuple[bytes, int], ...]]:
    """The engine's cut. A loan's ticket is its place among the loans, that of what is firm comes after those."""
    sharing, resource = desk.world.sharing, account.resource
    loans = lent(state).on(resource)
    numbers = {loan.hold_id: n for n, loan in enumerate(loans)}
    claims, room = tally.made(account, loans, sharing.rows, desk.now)
    table, amounts, ids = [], [], dict[int, bytes]()
    for at, plan in enumerate(plans):
        ticket = numbers.get(plan.hold_id, len(loans) + at)
        ids[ticket] = plan.hold_id
        table.append((sharing.rows.get(holder_on(plan, resource), 0), plan.by.priority, ticket))
        amounts.append(tally.amounts(amounts_on(plan, resource)))
    bookings = Bookings(
        np.array(table, np.int64).reshape(-1, 3),
        np.array(amounts, np.int64).reshape(-1, len(tally.terms.dimensions)),
    )
    found = cut(claims, grow_loans(room, len(plans)), 0, tally.most(limits), bookings, desk.now)
    return (
        tally.stated(claims, sharing.names, len(limits)),
        tuple(ids[ticket] for ticket in found.moved),
        tuple((ids[ticket], tally.begins(layer)) for ticket, layer in found.lent),
    )


def holder_on(plan: Plan, resource: str) -> str:
    """The holder at which a plan's use of a resource counts."""
    return next((space.holder for space in plan.spaces if space.resource == resource), plan.by.holder)
