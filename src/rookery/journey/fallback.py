"""The plan to fall back to of an order on lent space: looked at again when it was lost, runs at other times, or the
space can be recalled for longer; of other space only that.

in time as known now                                        it stays, at the times known now, and is held for as long
else another firm plan that arrives by what was promised    that is held instead
else whichever of both is there first                       that is held, and the order is a case
"""

from dataclasses import replace

import msgspec

from rookery.journey.account import Use, negative, summed
from rookery.journey.at_risk import risk, safe
from rookery.journey.book import Held, RenewStandby, Standby, hold_standby
from rookery.journey.booking import Booking, Hold, HoldReleased, StandbyProlonged, find_plan, released
from rookery.journey.departure import departure_of
from rookery.journey.desk import Desk
from rookery.journey.disrupt import PromiseAtRisk
from rookery.journey.itinerary import Itinerary, board, riders
from rookery.journey.option import Fallback, Part, departures_of
from rookery.journey.order import Order
from rookery.journey.replan import Look, list_looks, trip_on, uses_left
from rookery.journey.room import Room
from rookery.journey.route import Plan, plans, uses_of
from rookery.journey.share import lent_until
from rookery.journey.source import claimant_of
from rookery.journey.state import Refusal, State
from rookery.journey.whereabouts import Whereabouts, plan_as_known, rest_as_known

RELEASED = "it would be late, or does not run"


class StandbyRenewed(msgspec.Struct, frozen=True):
    """An order on lent space has another plan to fall back to, or the same at other times, which is held."""

    order_id: bytes
    fallback: Fallback


Renewed = Held | HoldReleased | StandbyProlonged | StandbyRenewed | PromiseAtRisk


def list_cut(state: State, resource: str, lent: tuple[tuple[bytes, int], ...], desk: Desk) -> tuple[RenewStandby, ...]:
    """What to ask when there is more or less of a resource, as `list_late`; and of each plan that is lent since."""
    return *(RenewStandby(hold_id) for hold_id, _ in lent), *list_late(state, departure_of(resource), desk)


def list_late(state: State, departure: str, desk: Desk) -> tuple[RenewStandby, ...]:
    """What to ask when a departure has other times or limits: of each order whose standby rides it; or once rode it,
    and that is at risk since."""
    asks = list[RenewStandby]()
    for order_id in riders(state, departure):
        row = state[Itinerary].find(order_id)
        back = row.fallback if row is not None else None
        rides = back and any(leg.departure == departure for part in back.parts for leg in part.plan.legs)
        if rides or (row is not None and safe(order_id, row.shipments, state, desk)):
            asks.append(RenewStandby(order_id))
    return tuple(asks)


def renew(state: State, ask: RenewStandby, desk: Desk) -> list[Renewed]:
    """Look again at what a plan on lent space falls back to, as in the table above. Emits StandbyProlonged,
    StandbyRenewed and what holds it, PromiseAtRisk.

    Nothing is done for goods that have been seen on their way, and for what was sold as `standby`: if its loan is
    recalled it is planned again.
    """
    booking, row = state[Booking].find(ask.hold_id), state[Itinerary].find(ask.hold_id)
    if booking is None or row is None:
        return [*_prolong(state, find_plan(state, ask.hold_id))]
    if not lent_until(state, booking.spaces, booking.hold_id):
        return [*safe(row.order_id, row.shipments, state, desk)]
    looks = list_looks(row, "", state, desk)
    product = desk.world.timetable.products[looks[0].asked.product_id]
    if state[Order].get(ask.hold_id).moving or product.space == "standby":
        return []
    held = state[Hold].find(booking.standby)
    back = _as_known(row.fallback, looks, state, desk) if held is not None and row.fallback is not None else None
    if back is not None and not _late(back, looks):
        facts = _keep(booking, back, row, state)
    else:
        facts, back = _better(booking, held, back, row, looks, state, desk)
    lent = next(space.resource for space in booking.spaces if space.from_at)
    for number, look in enumerate(looks):
        arrives_at = back.parts[number].plan.arrives_at if back is not None else None
        facts += risk(look.order_id, look.shipment_id, lent, arrives_at, state, desk)
    return facts


def _prolong(state: State, plan: Hold | Booking | None) -> list[StandbyProlonged]:
    """The standby of a plan is held for as long as something of that can be recalled."""
    held = state[Hold].find(plan.standby) if plan is not None else None
    if plan is None or held is None:
        return []
    until = lent_until(state, plan.spaces, plan.hold_id)
    return [StandbyProlonged(held.hold_id, until)] if held.expires_at < until else []


def _keep(booking: Booking, back: Fallback, row: Itinerary, state: State) -> list[Renewed]:
    """It falls back to what is held for it, at the times known now."""
    told = [StandbyRenewed(row.order_id, back)] if back != row.fallback else []
    return [*_prolong(state, booking), *told]


def _late(back: Fallback, looks: list[Look]) -> bool:
    return any(part.plan.arrives_at > look.latest for part, look in zip(back.parts, looks, strict=True))


def _as_known(back: Fallback, looks: list[Look], state: State, desk: Desk) -> Fallback | None:
    """A standby at the times known now; None: it cannot be travelled by any more."""
    parts = list[Part]()
    for part, look in zip(back.parts, looks, strict=True):
        plan: Plan | Refusal = plan_as_known(part.plan, state, desk)
        if isinstance(plan, Plan) and plan.legs and plan != part.plan:
            not_before = look.asked.window.wanted_from
            plan = rest_as_known(plan, Whereabouts(0), not_before=not_before, state=state, desk=desk)
        if isinstance(plan, Refusal):
            return None
        parts.append(Part(part.pieces, part.load, plan))
    arrives_at = max(part.plan.arrives_at for part in parts)
    return msgspec.structs.replace(back, parts=tuple(parts), arrives_at=arrives_at)


def _better(
    booking: Booking,
    held: Hold | None,
    back: Fallback | None,
    row: Itinerary,
    looks: list[Look],
    state: State,
    desk: Desk,
) -> tuple[list[Renewed], Fallback | None]:
    """Another standby instead of one that is late or lost, if it is there sooner; and what there is then.

    held, back  the one that is held, and what it is now; None: there is none, or it cannot be travelled by
    """
    gone = [HoldReleased(held.hold_id, RELEASED)] if held is not None else []
    with state.trial():  # what is held for the old one may be used by the new one
        for fact in gone:
            released(state, fact)
        found = _find(looks, {space.resource for space in booking.spaces if space.from_at}, state, desk)
        facts: list[Held] | Refusal | None = None
        if found is not None and (back is None or found.arrives_at < back.arrives_at or not _late(found, looks)):
            standby = Standby(found.held, found.uses, departures_of(found.parts))
            facts = hold_standby(state, booking, standby, desk)
    if found is not None and isinstance(facts, list):
        return [*gone, *facts, StandbyRenewed(row.order_id, found)], found
    if back is None:
        return [*gone], None
    return _keep(booking, back, row, state), back


def _find(looks: list[Look], lent: set[str], state: State, desk: Desk) -> Fallback | None:
    """The cheapest firm plan of each part in time, else the earliest, on what is free or firmly its own.

    None: a part has none
    """
    room, parts = Room(state), list[Part]()
    uses: tuple[Use, ...] = ()
    for look in looks:
        by, own = claimant_of(look.asked, desk), uses_left(look, look.part.plan.legs, state)
        room.set_aside(negative(use for use in own if use.resource not in lent), by.holder)
        trip = trip_on(look, Whereabouts(0), desk)
        plan = min(plans(trip, room, desk), key=lambda plan: (plan.cost_minor, plan.arrives_at), default=None)
        if plan is None:
            late = replace(trip, deadline=trip.ready_at + desk.world.policy.horizon_s)
            plan = min(plans(late, room, desk), key=lambda plan: (plan.arrives_at, plan.cost_minor), default=None)
        if plan is None:
            return None
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
