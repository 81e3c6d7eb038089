"""Where an order is filled from and how it travels, chosen together. `rounds.py` does it for many orders at once.

order -> sites (its own origin, or the warehouses that may ship it) -> options -> the cheapest, then earliest
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from rookery.journey.account import summed
from rookery.journey.desk import Desk
from rookery.journey.network.offer import ProductLane
from rookery.journey.option import (
    CANDIDATES_MAX,
    Candidate,
    Fallback,
    Missed,
    Option,
    Part,
    PlanOvertaken,
    Sourced,
)  # fmt: skip
from rookery.journey.order import Asked, Decision, Order, OrderRefused, Spot, keep, stop_waiting
from rookery.journey.price import Charge, Load
from rookery.journey.product import (
    country_of,
    find_ban,
    find_lane,
    find_misfit,
    find_price,
    not_sold,
    promised_by,
    transit_bans,
    zone_name,
)
from rookery.journey.room import Room
from rookery.journey.route import Plan, find_full, obstacles, plans, uses_of
from rookery.journey.share import Claimant
from rookery.journey.state import Refusal, State
from rookery.journey.stock import Slot, find_slot, sites
from rookery.journey.walk import Trip

RULE_LENT = "cheapest plan that keeps the promise, on space that others lend, with a firm plan to fall back to"
RULE_ONE = "cheapest plan that keeps the promise, then earliest, then site"
VALUE_MAX = 2**52  # of an order that pays whatever it costs
_NEARNESS = {code: near for near, code in enumerate(("short", "too_late", "no_rate", "unreachable", "not_sold"))}
Find = Callable[[Trip, Room, Desk], list[Plan]]  # how plans of a trip are looked for


class Source(msgspec.Struct, frozen=True):
    """Ask: choose how to fill an order."""

    order_id: bytes
    asked: Asked


class Accept(msgspec.Struct, frozen=True):
    """Ask: fill an order as was planned for it earlier, in a quote for one."""

    sourced: Sourced


@dataclass(frozen=True, slots=True)
class Leniency:
    """borrows: space that others lend will do, too. patient: by the policy's horizon will do."""

    borrows: bool = False
    patient: bool = False


STRICT = Leniency()


class OnLoan(NamedTuple):
    """An option on space that others lend, the firm one that it falls back to, and the latest instant promised."""

    best: Option
    back: Option
    promised_by: int


@dataclass(frozen=True, slots=True)
class _From:
    """One place an order may start from, checked against the product."""

    site: str
    trip: Trip
    lane: ProductLane
    slot: Slot | None
    countries: tuple[str, str]


def source(state: State, ask: Source, desk: Desk) -> list[Sourced | OrderRefused]:
    """Choose for one order. Emits Sourced or OrderRefused, with every candidate."""
    room = Room(state)
    options, refusals = list_options(ask.asked, room, desk)
    lent = find_lent(ask.asked, options, room, desk)
    if lent is not None:
        return [_on_lent_space(ask, lent, [*(options or [lent.back]), lent.best], refusals, room, desk)]
    if not options:
        return [refused_by(ask, refusals, desk)]
    best = min(options, key=lambda option: option.rank)
    return [_with_missed(sourced_by(ask, best, options, refusals, RULE_ONE, desk), best, room, desk)]


def find_lent(asked: Asked, firm: list[Option], room: Room, desk: Desk) -> OnLoan | None:
    """The best option on space that others lend, where the product may and that is better than the firm ones; with the
    firm one that it falls back to. Cost: a search, for products that may.

    Under a product `recallable` that one keeps the promise; under `standby` it is the promise, whenever it arrives.
    """
    space = desk.world.timetable.products[asked.product_id].space
    if space == "firm":
        return None
    sure = min((option.rank for option in firm), default=None)
    if not firm and space == "standby":
        firm, _ = list_options(asked, room, desk, Leniency(patient=True))
    lenient, _ = list_options(asked, room, desk, Leniency(borrows=True)) if firm else ([], [])
    for best in sorted(lenient, key=lambda option: option.rank):
        if sure is not None and best.rank >= sure:
            return None
        for back in sorted(firm, key=lambda option: option.rank):
            if back.site == best.site and len(back.parts) == len(best.parts) and best.rank < back.rank:
                horizon = best.trip.ready_at + desk.world.policy.horizon_s
                return OnLoan(best, back, max(best.trip.deadline, min(back.trip.deadline, horizon)))
    return None


def _on_lent_space(
    ask: Source, lent: OnLoan, options: list[Option], refusals: list[Refusal], room: Room, desk: Desk
) -> Sourced:
    """The order on space that others lend. What it falls back to is held meanwhile, but not under `standby`."""
    best, back = lent.best, lent.back
    is_held = desk.world.timetable.products[ask.asked.product_id].space == "recallable"
    fallback = Fallback(back.parts, back.uses, back.cost_minor, back.arrives_at, desk.new_id() if is_held else b"")
    chosen = _with_missed(sourced_by(ask, best, options, refusals, RULE_LENT, desk), best, room, desk)
    return msgspec.structs.replace(chosen, fallback=fallback, promised_by=lent.promised_by)


def accept(state: State, ask: Accept, desk: Desk) -> list[Sourced] | Refusal:
    """Fill a waiting order as was planned; whether that still holds is found out when it is held.

    Refuses  unknown: no such order; closed: it is decided already
    """
    row = state[Order].find(ask.sourced.order_id)
    if row is None:
        return Refusal("unknown", "order", "one that was placed", "none", "place the order first")
    if row.status != "waiting" or row.decision_id:
        return Refusal("closed", f"order {row.reference}", "one that waits", row.status, "place another order")
    return [ask.sourced]


def list_options(
    asked: Asked, room: Room, desk: Desk, leniency: Leniency = STRICT, find: Find | None = None
) -> tuple[list[Option], list[Refusal]]:
    """Every option of an order, and why other ways are none. Without an option there is at least one refusal.

    find  which plans are options; None: those of `plans`, by arrival and cost
    """
    misfit = find_misfit(asked, desk)
    if misfit is not None:
        return [], [misfit]
    options: list[Option] = []
    starts, refusals = _starts(asked, room, desk, leniency)
    for start in starts:
        found = _options_from(start, asked, room, desk, find or plans)
        if isinstance(found, Refusal):
            refusals.append(found)
        elif start.slot is not None and start.slot.lack is not None:
            refusals.append(start.slot.lack)  # it would have gone, but for this
        else:
            options.extend(found)
    return options, refusals


def _starts(asked: Asked, room: Room, desk: Desk, leniency: Leniency) -> tuple[list[_From], list[Refusal]]:
    """The order's own origin, or each warehouse that may ship it, on its first day with room."""
    starts: list[_From] = []
    if asked.origin is not None:
        begun = _start(asked, desk, leniency, site=str(asked.origin), slot=None)
        return ([begun], []) if isinstance(begun, _From) else ([], [begun])
    warehouses, refusals = sites(asked, desk)
    for warehouse in warehouses:
        slot = find_slot(warehouse, asked, claimant_of(asked, desk, borrows=leniency.borrows), room, desk)
        begun = slot if isinstance(slot, Refusal) else _start(asked, desk, leniency, site=slot.site, slot=slot)
        if isinstance(begun, _From):
            starts.append(begun)
        elif isinstance(slot, Slot):
            refusals.append(msgspec.structs.replace(begun, thing=f"{begun.thing} from {slot.site}"))
        else:
            refusals.append(begun)
    return starts, refusals


def _start(asked: Asked, desk: Desk, leniency: Leniency, *, site: str, slot: Slot | None) -> _From | Refusal:
    table = desk.world.timetable
    product = table.products[asked.product_id]
    origin = asked.origin if asked.origin is not None else Spot(facility_id=site)
    countries = (country_of(origin, table), country_of(asked.destination, table))
    lane = find_lane(product, *countries, desk)
    if lane is None:
        return not_sold(product, *countries)
    ban = find_ban(asked, *countries, desk)
    if ban is not None:
        return ban
    window = asked.window
    ready_at = slot.ready_at if slot else max(window.ready_at, window.ordered_at, desk.now)
    zone = zone_name(origin, table, "pickup")
    by = promised_by(product, lane, asked, ready_at=ready_at, origin_zone=zone, desk=desk)
    trip = Trip(
        origin=origin,
        destination=asked.destination,
        load=load_of(asked, asked.pieces),
        product=product,
        ready_at=ready_at,
        known_at=desk.now,
        deadline=ready_at + desk.world.policy.horizon_s if leniency.patient else by,
        way_in="stock" if slot else "drop_off" if origin.facility_id else "pickup",
        depart_by=window.ship_by,
        not_before=window.wanted_from,
        forbidden=transit_bans(asked, desk, ends=countries),
        by=claimant_of(asked, desk, borrows=leniency.borrows),
    )
    return _From(site, trip, lane, slot, countries)


def claimant_of(asked: Asked, desk: Desk, *, borrows: bool = False) -> Claimant:
    """On whose terms an order asks for space."""
    holder = desk.world.sharing.holder_of(asked.parties.owner, asked.product_id)
    return Claimant(holder, desk.world.sharing.priority_of(holder), borrows)


def begin_trip(asked: Asked, desk: Desk) -> Trip | Refusal:
    """The trip of an order that has its own origin, or why the product does not take it whenever it leaves."""
    start = find_misfit(asked, desk) or _start(asked, desk, STRICT, site=str(asked.origin), slot=None)
    if isinstance(start, Refusal):
        return start
    if not start.trip.product.needs_route:
        return not_sold(start.trip.product, *start.countries)
    price = find_price(start.lane, start.trip, start.countries, desk)
    return price if isinstance(price, Refusal) else start.trip


def load_of(asked: Asked, pieces: int) -> Load:
    """The share of `pieces` in an order's booked weight and volume, rounded up."""
    size = asked.booked
    return Load(
        -(-size.grams * pieces // asked.pieces), -(-size.cm3 * pieces // asked.pieces), pieces, asked.goods_class
    )


def _options_from(start: _From, asked: Asked, room: Room, desk: Desk, find: Find) -> list[Option] | Refusal:
    """The useful options from one place: all pieces together, or apart where they may."""
    price = find_price(start.lane, start.trip, start.countries, desk)
    if isinstance(price, Refusal):
        return price
    start = _with_value(start, price)
    if not start.trip.product.needs_route:
        if start.slot is None:
            return not_sold(start.trip.product, *start.countries)  # handed over at a warehouse: from stock only
        handed_over = Part(asked.pieces, start.trip.load, Plan((), start.trip.ready_at, 0))
        return [_option(start, (handed_over,), room, price)]
    found = find(start.trip, room, desk)
    if found:
        return [_option(start, (Part(asked.pieces, start.trip.load, plan),), room, price) for plan in found]
    if asked.together == "may" and asked.pieces > 1:
        parts = _parts_apart(start, asked, room, desk)
        if parts is not None:
            return [_option(start, parts, room, price)]
    return obstacles(start.trip, room, desk)[0]


def _with_value(start: _From, price: Charge | None) -> _From:
    """Space is worth what the buyer pays; where that is what it costs, bid prices are paid as they are."""
    value = price.common_minor if price is not None else VALUE_MAX
    return replace(start, trip=replace(start.trip, by=msgspec.structs.replace(start.trip.by, value_minor=value)))


def _with_missed(fact: Sourced, taken: Option, room: Room, desk: Desk) -> Sourced:
    """The fact with the cheapest plan that there would be with space for all, if it is better than the option that is
    taken; once for each lack. Pieces that go apart are not looked at.

    Cost  a search, if anything was in the way of those before: else it would find what they found
    """
    if not (room.turns_away and desk.world.sharing.has_terms) or len(taken.parts) > 1 or not taken.parts[0].plan.legs:
        return fact
    found = taken.parts[0].plan
    crowded = plans(taken.trip, room, desk, with_room=False)
    best = min(crowded, key=lambda plan: (plan.cost_minor, plan.arrives_at), default=None)
    if best is None or (best.cost_minor, best.arrives_at) >= (found.cost_minor, found.arrives_at):
        return fact
    lacks = find_full(best, taken.trip, room, desk)
    missed = tuple(Missed(lack, best.cost_minor, best.arrives_at) for lack in lacks)
    return msgspec.structs.replace(fact, missed=missed)


def _parts_apart(start: _From, asked: Asked, room: Room, desk: Desk) -> tuple[Part, ...] | None:
    """All pieces in as few groups as a greedy halving finds, each on its cheapest plan; None if one does not fit."""
    apart, parts, left, group = room.copy(), [], asked.pieces, asked.pieces // 2
    while left and group:
        load = load_of(asked, group)
        found = plans(replace(start.trip, load=load), apart, desk) if group <= left else []
        if not found:
            group //= 2
            continue
        plan = min(found, key=lambda plan: (plan.cost_minor, plan.arrives_at))
        apart.set_aside(uses_of(plan, load, apart), start.trip.by.holder)
        parts.append(Part(group, load, plan))
        left -= group
    room.limits.update(apart.limits)
    return None if left else tuple(parts)


def _option(start: _From, parts: tuple[Part, ...], room: Room, price: Charge | None) -> Option:
    uses = start.slot.uses if start.slot else ()
    for part in parts:
        uses = (*uses, *uses_of(part.plan, part.load, room))
    handling = start.slot.charge.common_minor if start.slot and start.slot.charge else 0
    cost = handling + sum(part.plan.cost_minor for part in parts)
    arrives = max(part.plan.arrives_at for part in parts)
    return Option(
        site=start.site,
        slot=start.slot,
        parts=parts,
        uses=summed(uses),
        cost_minor=cost,
        arrives_at=arrives,
        trip=start.trip,
        price=price,
        crosses_border=start.countries[0] != start.countries[1],
    )


# --- facts


def sourced_by(
    ask: Source, best: Option, options: list[Option], refusals: list[Refusal], rule: str, desk: Desk
) -> Sourced:
    """The fact that an order takes an option, with the options it did not take and the ways that were none."""
    others = sorted((o for o in options if o is not best), key=lambda option: option.rank)
    looked_at = [best.candidate("chosen"), *(o.candidate(_verdict(o, best)) for o in others)]
    looked_at += [Candidate(refusal.thing, str(refusal)) for refusal in refusals]
    return Sourced(
        order_id=ask.order_id,
        decision_id=desk.new_id(),
        basis=desk.world.basis,
        rule=rule,
        site=best.site,
        parts=best.parts,
        uses=best.uses,
        cost_minor=best.cost_minor,
        promised_by=best.trip.deadline,
        candidates=tuple(looked_at[:CANDIDATES_MAX]),
        seller=best.trip.product.company_id,
        crosses_border=best.crosses_border,
        ships_on=best.slot.day.isoformat() if best.slot else "",
        handling=best.slot.charge if best.slot else None,
        price=best.price,
        ready_at=best.trip.ready_at,
        way_in=best.trip.way_in,
        by=best.trip.by,
    )


def _verdict(option: Option, best: Option) -> str:
    if option.cost_minor > best.cost_minor:
        return "dearer"
    return "later" if option.cost_minor == best.cost_minor else "cheaper, but the round serves more without it"


def refused_by(ask: Source, refusals: list[Refusal], desk: Desk) -> OrderRefused:
    """The order's refusal: the constraints nearest to letting it through come first."""
    refusals = sorted(refusals, key=lambda refusal: _NEARNESS.get(refusal.code, len(_NEARNESS)))
    return OrderRefused(
        order_id=ask.order_id,
        decision_id=desk.new_id(),
        basis=desk.world.basis,
        reasons=tuple(refusals[:CANDIDATES_MAX]),
    )


def overtaken(fact: Sourced, reasons: tuple[Refusal, ...], desk: Desk) -> OrderRefused:
    """The refusal of an order whose chosen plans could not be held or carried out after all, the last one first."""
    return OrderRefused(fact.order_id, desk.new_id(), desk.world.basis, reasons)


def plan_overtaken(state: State, fact: PlanOvertaken) -> None:
    """Fold PlanOvertaken: nothing has changed; the next decision follows."""


def sourced(state: State, fact: Sourced) -> None:
    """Fold Sourced."""
    order = state[Order].get(fact.order_id)
    keep(state, msgspec.structs.replace(order, decision_id=fact.decision_id))
    state[Decision].new(Decision(fact.decision_id, fact.order_id))
    stop_waiting(state, fact.order_id)
