"""Plans made anew: what rides a cancelled or late departure keeps its plan, gets another, or is a case.

what is left of it does not ride there                  PlanKept
the connections and the promise hold                    Retimed: the same plan at the times known now
another plan keeps the promise, or is earlier, or       PlanChanged, Replanned, CarriageWithdrawn
  is the only one, or its space was recalled or lost
the connections hold, and nothing is earlier            Retimed, later than promised
nothing leads there                                     ReplanFailed: a case for a person
"""

from collections import Counter
from dataclasses import dataclass
from dataclasses import replace as changed

import msgspec

from rookery.journey.account import Account, Amounts, Use, negative, summed
from rookery.journey.at_risk import broken_promises
from rookery.journey.book import ChangePlan, change
from rookery.journey.booking import Booking, PlanRecalled
from rookery.journey.desk import Desk
from rookery.journey.disrupt import (
    CarriageWithdrawn,
    Case,
    PlanKept,
    PlanStruck,
    ReplanFailed,
    Replanned,
    Retimed,
    Struck,
    active,
)
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import CANDIDATES_MAX, Candidate, Part, departures_of
from rookery.journey.order import Asked, Order, OrderAsked
from rookery.journey.product import country_of, transit_bans
from rookery.journey.room import Room, amounts_of
from rookery.journey.route import Leg, Plan, obstacles, plans, uses_of
from rookery.journey.shelves import day_name
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.source import claimant_of
from rookery.journey.state import Refusal, State
from rookery.journey.walk import Trip
from rookery.journey.whereabouts import (
    Whereabouts,
    find_whereabouts,
    is_cancelled,
    list_unbooked,
    origin_of,
    plan_as_known,
    rest_as_known,
)
from rookery.units import instant_text, local_day, time_zone

RULE_RECALLED = "its space was recalled: the standby that was held for it"
RULE_LOST = "its space was lost: the standby that was held for it"
RULE = "cheapest way on that keeps the promise, else the earliest"


class UseStandby(msgspec.Struct, frozen=True):
    """Ask: an order whose borrowed space was recalled travels as its standby says."""

    recalled: PlanRecalled


class Replan(msgspec.Struct, frozen=True):
    """Ask: look again at the plans of an order that was struck."""

    order_id: bytes


@dataclass(frozen=True, slots=True)
class Look:
    """One shipment, `plan` at the times known now; `latest`: as promised; `failed`: others that have no way on."""

    order_id: bytes
    shipment_id: bytes
    number: int
    part: Part
    plan: Plan
    row: Itinerary
    asked: Asked
    parcels: list[Parcel]
    departure: str
    latest: int
    failed: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class _Swap:
    """Another way on for a shipment: what it gives back, what it uses instead; `found`: every way, the best first."""

    look: Look
    at: Whereabouts
    reason: Refusal
    found: list[Plan]
    dropped: tuple[Use, ...]
    added: tuple[Use, ...]


Outcome = Retimed | ReplanFailed | _Swap


def queue(state: State, count_max: int) -> list[Replan]:
    """The next orders to look at again, the earliest promise first."""
    waiting = sorted(state[Struck], key=lambda row: (row.promised_by, row.order_id))
    return [Replan(row.order_id) for row in waiting[:count_max]]


def replan(state: State, ask: Replan, desk: Desk) -> list[msgspec.Struct]:
    """Look again at each shipment of an order; what it books anew is booked at once. Emits as in the table above."""
    struck = state[Struck].get(ask.order_id)
    row, order = state[Itinerary].find(ask.order_id), state[Order].get(ask.order_id)
    if row is None or order.status != "booked":
        return [PlanKept(ask.order_id, struck.departure, f"the order is {order.status}")]
    found = _outcomes(list_looks(row, struck.departure, state, desk), state, desk)
    facts = _book([one for one in found if isinstance(one, _Swap)], state, desk)
    facts += [one for one in found if isinstance(one, Retimed | ReplanFailed)]
    facts += broken_promises(facts, struck.departure, state, desk, recalled=struck.recalled)
    return facts or [PlanKept(ask.order_id, struck.departure, "what is left of it does not ride there")]


def list_looks(row: Itinerary, departure: str, state: State, desk: Desk) -> list[Look]:
    """Each shipment of a booked order, in the order of its parts. `departure`: because of which it is looked at."""
    asked = state[OrderAsked].get(row.order_id).asked
    parcels = [state[Parcel].get(parcel_id) for parcel_id in state[Order].get(row.order_id).parcels]
    looks = []
    for number, (part, shipment_id) in enumerate(zip(row.parts, row.shipments, strict=True)):
        own = active(parcel for parcel in parcels if parcel.shipment_id == shipment_id)
        known, latest = plan_as_known(part.plan, state, desk), state[Shipment].get(shipment_id).latest
        looks.append(Look(row.order_id, shipment_id, number, part, known, row, asked, own, departure, latest))
    return looks


def _outcomes(looks: list[Look], state: State, desk: Desk) -> list[Outcome | None]:
    """What becomes of each shipment. Of those with no way on, one may have what another lacks."""
    room = Room(state)
    found = [_outcome(look, room, state, desk) for look in looks]
    for n, look in enumerate(looks):
        failed = [one.shipment_id for m, one in enumerate(found) if m != n and isinstance(one, ReplanFailed)]
        if failed and isinstance(found[n], ReplanFailed):
            found[n] = _outcome(changed(look, failed=frozenset(failed)), room, state, desk)
    return found


def _outcome(look: Look, room: Room, state: State, desk: Desk) -> Outcome | None:
    """What becomes of one shipment; None: nothing that is left of its plan has changed."""
    day = _find_lost_day(look, state, desk)
    if day is not None:
        return _failed(look, "", [day], desk)
    if not look.plan.legs:
        return None
    missed = list_unbooked(look.plan, _booked(look.order_id, state), state)
    at = find_whereabouts(look.plan, look.parcels, state, desk, missed)
    if at is None:
        return None
    lost, at = (at, Whereabouts(0)) if isinstance(at, Refusal) else (None, at)
    begun = at.leg_idx - at.riding  # the leg that is under way may be late too
    struck = look.plan.legs[begun:] != look.part.plan.legs[begun:] or state[Case].find(look.shipment_id) is not None
    gone = _find_lost(look, look.plan.legs[at.leg_idx :], state)
    if not struck and gone is None and not any(is_cancelled(leg, state) for leg in look.plan.legs[at.leg_idx :]):
        return None
    rest = gone or rest_as_known(look.plan, at, not_before=look.asked.window.wanted_from, state=state, desk=desk)
    if isinstance(rest, Plan) and (rest.arrives_at <= look.latest or lost is not None):
        return _retimed(look, rest)
    if lost is not None:
        return _failed(look, "", [lost, *([rest] if isinstance(rest, Refusal) else [])], desk)
    swap = _another(look, at, rest, room, state, desk)
    if isinstance(swap, _Swap):
        return swap
    return _retimed(look, rest) if isinstance(rest, Plan) else _failed(look, str(at), [rest, *swap], desk)


def _find_lost(look: Look, legs: tuple[Leg, ...], state: State) -> Refusal | None:
    """The first of these legs on which the shipment has no space any more: it was recalled, or capacity was lost."""
    booked, others, own = _booked(look.order_id, state), _of_others(look, state), _wanted(look.part, legs)
    for resource in dict.fromkeys(name for leg in legs for name in leg.resources):
        account, amounts = state[Account].find(resource), booked.get(resource, {})
        if account is not None and any(
            amounts.get(d, 0) < own[resource, d] + others[resource, d] for d in account.limits if own[resource, d]
        ):
            found = "none: it was recalled, or capacity was lost"
            return Refusal("short", resource, "space that was booked", found, "plan again", resource)
    return None


def _of_others(look: Look, state: State) -> Counter[tuple[str, str]]:
    """What of an order's bookings is that of its other parts: those that are a case come last."""
    total = Counter[tuple[str, str]]()
    for part, shipment_id in zip(look.row.parts, look.row.shipments, strict=True):
        if shipment_id not in {look.shipment_id, *look.failed} and state[Case].find(shipment_id) is None:
            total.update(_wanted(part, part.plan.legs))
    return total


def _wanted(part: Part, legs: tuple[Leg, ...]) -> Counter[tuple[str, str]]:
    """What these legs of a part take, by resource and dimension."""
    amounts, total = amounts_of(part.load), Counter[tuple[str, str]]()
    for leg in legs:
        for resource in leg.resources:
            total.update({(resource, dimension): amount for dimension, amount in amounts.items()})
    return total


def _find_lost_day(look: Look, state: State, desk: Desk) -> Refusal | None:
    """Why a warehouse cannot ship what is still there: it has lost that day's capacity; None: it can."""
    if look.asked.origin is not None or any(parcel.last_at for parcel in look.parcels):
        return None
    zone = time_zone(desk.world.timetable.facilities[look.row.site].time_zone)
    day = day_name(look.row.site, local_day(look.row.ready_at, zone))
    if day in _booked(look.order_id, state) or state[Account].find(day) is None:
        return None
    return Refusal("short", day, "capacity that was booked", "none: it was lost", "ship it on another day", day)


def _booked(order_id: bytes, state: State) -> dict[str, Amounts]:
    booking = state[Booking].find(order_id)
    return {use.resource: use.amounts for use in booking.uses} if booking is not None else {}


def _at_most(uses: tuple[Use, ...], booked: dict[str, Amounts]) -> tuple[Use, ...]:
    """What of these is booked: goods that were weighed heavier are not so on rides that they have missed."""
    of = ((use, booked[use.resource]) for use in uses if use.resource in booked)
    return tuple(Use(use.resource, {d: min(a, most[d]) for d, a in use.amounts.items()}) for use, most in of)


def _retimed(look: Look, plan: Plan) -> Retimed:
    """The same plan at other times, with the legs whose times are others than they were."""
    was = [(leg.departs_at, leg.arrives_at) for leg in look.part.plan.legs]
    return Retimed(
        order_id=look.order_id,
        shipment_id=look.shipment_id,
        part=look.number,
        departure=look.departure,
        plan=plan,
        moved=tuple(n for n, leg in enumerate(plan.legs) if (leg.departs_at, leg.arrives_at) != was[n]),
        numbers=tuple(parcel.waybill for parcel in look.parcels),
        grams=look.part.load.grams,
        cm3=look.part.load.cm3,
        late_s=max(0, plan.arrives_at - look.latest),
    )


def _failed(look: Look, at: str, reasons: list[Refusal], desk: Desk) -> ReplanFailed:
    return ReplanFailed(
        order_id=look.order_id, shipment_id=look.shipment_id, decision_id=desk.new_id(), basis=desk.world.basis,
        part=look.number, departure=look.departure, at=at, reasons=tuple(reasons[:CANDIDATES_MAX]),
        owner=desk.world.timetable.products[look.asked.product_id].company_id,
    )  # fmt: skip


# --- another way on


def _another(
    look: Look, at: Whereabouts, rest: Plan | Refusal, room: Room, state: State, desk: Desk
) -> _Swap | list[Refusal]:
    """The best other way on, or why there is none. `rest`: the old one if it still leads there, though late."""
    dropped = uses_left(look, look.plan.legs[at.leg_idx :], state)
    freed, by = room.copy(), claimant_of(look.asked, desk)
    freed.set_aside(negative(dropped), by.holder)
    trip = trip_on(look, at, desk)
    found = sorted(plans(trip, freed, desk), key=lambda plan: (plan.cost_minor, plan.arrives_at))
    if not found:
        latest = rest.arrives_at - 1 if isinstance(rest, Plan) else trip.ready_at + desk.world.policy.horizon_s
        trip = changed(trip, deadline=latest)
        found = plans(trip, freed, desk)
    if not found:
        return obstacles(trip, freed, desk) if isinstance(rest, Refusal) else []
    added = summed(uses_of(found[0], look.part.load, freed))
    room.set_aside((*negative(dropped), *added), by.holder)
    return _Swap(look, at, rest if isinstance(rest, Refusal) else _too_late(look, rest), found, dropped, added)


def trip_on(look: Look, at: Whereabouts, desk: Desk) -> Trip:
    """From where the goods are, from now on, to where they are wanted, by the promise."""
    table, asked, row = desk.world.timetable, look.asked, look.row
    ends = (country_of(origin_of(Whereabouts(0), asked.origin, row.site), table), country_of(asked.destination, table))
    return Trip(
        origin=origin_of(at, asked.origin, row.site),
        destination=asked.destination,
        load=look.part.load,
        product=table.products[asked.product_id],
        ready_at=max(desk.now, at.free_at if at.place else row.ready_at),
        known_at=desk.now,
        deadline=look.latest,
        way_in=at.way_in or row.way_in,
        not_before=asked.window.wanted_from,
        forbidden=transit_bans(asked, desk, ends=ends),
        by=claimant_of(asked, desk),
    )


def _too_late(look: Look, rest: Plan) -> Refusal:
    thing = f"departure {look.departure}"
    wanted, found = (instant_text(at) for at in (look.latest, rest.arrives_at))
    return Refusal("too_late", thing, f"arrival by {wanted}, as promised", found, "plan again", thing)


def uses_left(look: Look, legs: tuple[Leg, ...], state: State) -> tuple[Use, ...]:
    """What these legs of a booked plan still use of each limited resource."""
    booked, others = _booked(look.order_id, state), _of_others(look, state)
    wanted, uses = _wanted(look.part, legs), list[Use]()
    for resource in dict.fromkeys(name for name, _ in wanted if name in booked):
        own = {d: max(0, amount - others[resource, d]) for d, amount in booked[resource].items()}
        uses.append(Use(resource, {d: min(wanted[resource, d], amount) for d, amount in own.items()}))
    return tuple(uses)


# --- falling back


def use_standby(state: State, ask: UseStandby, desk: Desk) -> list[msgspec.Struct]:
    """Let an order travel by its standby, whose space it has by now. Emits Replanned, CarriageWithdrawn.

    It is looked at again if its goods have been seen on the way, since they may have gone where the standby does not;
    and if the standby runs at other times by now.
    """
    recalled, row = ask.recalled, state[Itinerary].find(ask.recalled.hold_id)
    if row is None or row.fallback is None or not recalled.standby:
        return []
    thing = recalled.resources[0]
    reason = Refusal("recalled", thing, "the space it was lent", "it is wanted by whom it belongs to", "", thing)
    if not recalled.by:
        reason = Refusal("short", thing, "space that was booked", "none: capacity was lost", "", thing)
    facts: list[msgspec.Struct] = []
    for look, part in zip(list_looks(row, thing, state, desk), row.fallback.parts, strict=True):
        swap = _Swap(look, Whereabouts(0), reason, [part.plan], (), ())
        facts += _replanned(swap, RULE_RECALLED if recalled.by else RULE_LOST, desk)
    facts += broken_promises(facts, thing, state, desk, recalled=bool(recalled.by))
    moved = any(plan_as_known(part.plan, state, desk) != part.plan for part in row.fallback.parts)
    again = moved or state[Order].get(recalled.hold_id).moving
    return [*facts, PlanStruck(recalled.hold_id, thing, bool(recalled.by))] if again else facts


# --- booking it


def _book(swaps: list[_Swap], state: State, desk: Desk) -> list[msgspec.Struct]:
    """All new legs of an order, or none; what could not be booked after all is a case."""
    if not swaps:
        return []
    order_id = swaps[0].look.order_id
    dropped = _at_most(summed(tuple(use for swap in swaps for use in swap.dropped)), _booked(order_id, state))
    added = summed(tuple(use for swap in swaps for use in swap.added))
    parts = tuple(Part(swap.look.part.pieces, swap.look.part.load, swap.found[0]) for swap in swaps)
    booked = change(state, ChangePlan(order_id, dropped, added, departures_of(parts)), desk)
    if isinstance(booked, Refusal):
        return [_failed(swap.look, str(swap.at), [swap.reason, booked], desk) for swap in swaps]
    return [*booked, *(fact for swap in swaps for fact in _replanned(swap, RULE, desk))]


def _replanned(swap: _Swap, rule: str, desk: Desk) -> list[Replanned | CarriageWithdrawn]:
    """The fact, and what companies shall not carry after all."""
    look, at, best = swap.look, swap.at, swap.found[0]
    old, load = look.part.plan.legs, look.part.load
    legs = (*look.plan.legs[: at.leg_idx], *best.legs)
    kept = {_told(leg) for leg in old[at.leg_idx :]} & {_told(leg) for leg in best.legs}
    numbers = tuple(parcel.waybill for parcel in look.parcels)
    gone = tuple((n, leg) for n, leg in enumerate(old) if n >= at.leg_idx and _told(leg) not in kept)
    fact = Replanned(
        order_id=look.order_id,
        shipment_id=look.shipment_id,
        decision_id=desk.new_id(),
        basis=desk.world.basis,
        rule=rule,
        part=look.number,
        departure=look.departure,
        reason=swap.reason,
        at=str(at),
        leg_idx=at.leg_idx,
        plan=Plan(legs, best.arrives_at, sum(map(_cost, old[: at.leg_idx])) + best.cost_minor),
        added=tuple(n for n, leg in enumerate(legs) if n >= at.leg_idx and _told(leg) not in kept),
        numbers=numbers,
        grams=load.grams,
        cm3=load.cm3,
        cost_was_minor=look.part.plan.cost_minor,
        candidates=tuple(_candidate(plan, best, str(at)) for plan in swap.found[:CANDIDATES_MAX]),
        late_s=max(0, best.arrives_at - look.latest),
    )
    if not gone:
        return [fact]
    withdrawn = CarriageWithdrawn(look.order_id, look.shipment_id, numbers, gone, len(old), load.grams, load.cm3)
    return [withdrawn, fact]


def _told(leg: Leg) -> tuple[str, str, str, str, int, int]:
    """What makes a leg the same for its company: a ride whenever it runs, a courier's way at its times."""
    times = (0, 0) if leg.departure else (leg.departs_at, leg.arrives_at)
    return leg.service_id, leg.departure, leg.origin, leg.destination, *times


def _cost(leg: Leg) -> int:
    return sum(charge.common_minor for charge in (leg.charge, leg.storage) if charge is not None)


def _candidate(plan: Plan, best: Plan, at: str) -> Candidate:
    services, dearer = tuple(leg.service_id for leg in plan.legs), plan.cost_minor > best.cost_minor
    verdict = "chosen" if plan is best else "dearer" if dearer else "later"
    return Candidate(f"from {at}", verdict, "", services, plan.arrives_at, plan.cost_minor)
