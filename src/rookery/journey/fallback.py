"""Another plan to fall back to, for an order on lent space whose standby was lost."""

import msgspec

from rookery.journey.account import Use, negative, summed
from rookery.journey.book import Held, RenewStandby, Standby, hold_standby, is_on_loan
from rookery.journey.booking import Booking
from rookery.journey.desk import Desk
from rookery.journey.itinerary import Itinerary, board
from rookery.journey.option import Fallback, Part, departures_of
from rookery.journey.order import Order
from rookery.journey.replan import list_looks, trip_on, uses_left
from rookery.journey.room import Room
from rookery.journey.route import plans, uses_of
from rookery.journey.source import claimant_of
from rookery.journey.state import Refusal, State
from rookery.journey.whereabouts import Whereabouts


class StandbyRenewed(msgspec.Struct, frozen=True):
    """An order on lent space has another plan to fall back to, which is held."""

    order_id: bytes
    fallback: Fallback


def renew(state: State, ask: RenewStandby, desk: Desk) -> list[Held | StandbyRenewed]:
    """Hold another firm plan that keeps the promise, for an order of which something is lent. Emits StandbyRenewed.

    Nothing is done for goods that have been seen on their way, for space without an order, and where there is no such
    plan: if the loan is recalled the order is planned again.
    """
    booking, row = state[Booking].find(ask.hold_id), state[Itinerary].find(ask.hold_id)
    if booking is None or row is None or not is_on_loan(state, booking) or state[Order].get(ask.hold_id).moving:
        return []
    fallback = _find(state, row, {space.resource for space in booking.spaces if space.from_at}, desk)
    if fallback is None:
        return []
    standby = Standby(fallback.held, fallback.uses, departures_of(fallback.parts))
    held = hold_standby(state, booking, standby, desk)
    return [] if isinstance(held, Refusal) else [*held, StandbyRenewed(ask.hold_id, fallback)]


def _find(state: State, row: Itinerary, lent: set[str], desk: Desk) -> Fallback | None:
    """The cheapest firm plan of each part, on what is free or firmly its own; None: a part has none."""
    room, parts = Room(state), list[Part]()
    uses: tuple[Use, ...] = ()
    for look in list_looks(row, "", state, desk):
        by, own = claimant_of(look.asked, desk), uses_left(look, look.part.plan.legs, state)
        room.set_aside(negative(use for use in own if use.resource not in lent), by.holder)
        found = plans(trip_on(look, Whereabouts(0), desk), room, desk)
        if not found:
            return None
        plan = min(found, key=lambda plan: (plan.cost_minor, plan.arrives_at))
        taken = uses_of(plan, look.part.load, room)
        room.set_aside(taken, by.holder)
        parts.append(Part(look.part.pieces, look.part.load, plan))
        uses = (*uses, *taken)
    arrives_at = max(part.plan.arrives_at for part in parts)
    cost_minor = sum(part.plan.cost_minor for part in parts)
    return Fallback(tuple(parts), summed(uses), cost_minor, arrives_at, desk.new_id())


def renewed(state: State, fact: StandbyRenewed) -> None:
    """Fold StandbyRenewed."""
    booking, row = state[Booking].get(fact.order_id), state[Itinerary].get(fact.order_id)
    state[Booking].put(msgspec.structs.replace(booking, standby=fact.fallback.held))
    state[Itinerary].put(msgspec.structs.replace(row, fallback=fact.fallback))
    board(state, fact.order_id, fact.fallback.parts)
