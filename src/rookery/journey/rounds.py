"""A round: many orders that want the same few things, decided together.

First the options of all orders at once: as many served as possible, then cheapest in all. If that leaves orders over
and none is bound to a day, days are pooled, if that serves more: each order gets the warehouse that serves all in the
fewest days, then at least cost, and its first day with room there. What is left over then is decided by itself.
"""

from collections import Counter

import msgspec
import numpy as np

from rookery.engines.stock.sourcing import Choice, Options, choose
from rookery.journey.desk import Desk
from rookery.journey.option import Option, Sourced
from rookery.journey.order import OrderRefused
from rookery.journey.room import Room
from rookery.journey.source import Source, list_options, refused_by, sourced_by
from rookery.journey.state import Refusal, State

RULE = "round: most orders served, then least cost in all"
RULE_POOLED = "round: fewest days for all, then least cost in all"
RULE_LEFT = "left over by its round: cheapest of what remains"


class SourceRound(msgspec.Struct, frozen=True):
    """Ask: choose for all these orders together."""

    orders: tuple[Source, ...]


Found = tuple[Source, list[Option], list[Refusal]]


def source_round(state: State, ask: SourceRound, desk: Desk) -> list[Sourced | OrderRefused]:
    """Choose for many orders at once, in the order in which they came. Emits one fact per order."""
    room = Room(state)
    found = [(one, *list_options(one.asked, room, desk)) for one in ask.orders]
    taken = _assign([options for _, options, _ in found], room)
    is_short = any(option is None and options for option, (_, options, _) in zip(taken, found, strict=True))
    pooled: list[Sourced | OrderRefused] = []
    if is_short and not any(one.asked.window.ship_by or one.asked.window.wanted_to for one in ask.orders):
        pooled = _pooled(found, room.copy(), desk)
        if _served(pooled) == sum(1 for _, options, _ in found if options):
            return pooled
    facts: dict[bytes, Sourced | OrderRefused] = {}
    for (one, options, refusals), option in zip(found, taken, strict=True):
        if option is not None:
            room.set_aside(option.uses, option.trip.by.holder)
            facts[one.order_id] = sourced_by(one, option, options, refusals, RULE, desk)
    for one, _, _ in found:
        if one.order_id not in facts:
            facts[one.order_id] = _by_itself(one, "", RULE_LEFT, room, desk)
    chosen = [facts[one.order_id] for one in ask.orders]
    return pooled if _served(pooled) > _served(chosen) else chosen


def _served(facts: list[Sourced | OrderRefused]) -> int:
    return sum(isinstance(fact, Sourced) for fact in facts)


def _by_itself(one: Source, site: str, rule: str, room: Room, desk: Desk) -> Sourced | OrderRefused:
    """The cheapest option that is left, at the given site if it has one there."""
    options, refusals = list_options(one.asked, room, desk)
    if not options:
        return refused_by(one, refusals, desk)
    there = [option for option in options if option.site == site]
    best = min(there or options, key=lambda option: option.rank)
    room.set_aside(best.uses, best.trip.by.holder)
    return sourced_by(one, best, options, refusals, rule, desk)


def _assign(options: list[list[Option]], room: Room) -> list[Option | None]:
    """At most one option per order, within what is left of every resource on its day."""
    flat = [option for of_order in options for option in of_order]
    names: dict[tuple[str, str], int] = {}
    limits: list[int] = []
    uses: list[tuple[int, int, int]] = []
    for index, option in enumerate(flat):
        for use in option.uses:
            for dimension, amount in use.amounts.items():
                row = names.setdefault((use.resource, dimension), len(names))
                if row == len(limits):
                    limits.append(room.left(use.resource, dimension))
                if amount:
                    uses.append((index, row, amount))
    choice = choose(_arrays(options, uses, limits))
    return [flat[index] if index >= 0 else None for index in choice.option.tolist()]


def _arrays(options: list[list[Option]], uses: list[tuple[int, int, int]], limits: list[int]) -> Options:
    orders = [order for order, of_order in enumerate(options) for _ in of_order]
    columns = np.array(uses, np.int64).reshape(-1, 3)
    return Options(
        order=np.array(orders, np.int64),
        cost=np.array([option.cost_minor for of_order in options for option in of_order], np.int64),
        use_option=columns[:, 0],
        use_resource=columns[:, 1],
        use_amount=columns[:, 2],
        limit=np.array(limits, np.int64),
        order_count=len(options),
    )


# --- pooled days


def _pooled(found: list[Found], room: Room, desk: Desk) -> list[Sourced | OrderRefused]:
    """Choose warehouses over as few days as serve all, then give each order its first day with room there."""
    options = [_cheapest_by_site(of_order) for _, of_order, _ in found]
    wanted = sum(1 for of_order in options if of_order)
    days = _days_at_least(options, room)
    while True:
        choice = _assign_days(options, days, room)
        if choice.served == wanted or days >= desk.world.policy.days_ahead:
            break
        days += 1
    flat = [option for of_order in options for option in of_order]
    sites = [flat[index].site if index >= 0 else "" for index in choice.option.tolist()]
    return [_by_itself(one, site, RULE_POOLED, room, desk) for (one, _, _), site in zip(found, sites, strict=True)]


def _cheapest_by_site(options: list[Option]) -> list[Option]:
    best: dict[str, Option] = {}
    for option in sorted(options, key=lambda option: option.rank):
        best.setdefault(option.site, option)
    return list(best.values())


def _days_at_least(options: list[list[Option]], room: Room) -> int:
    """Days that the orders with one possible site need there: no round can do with fewer."""
    captive: Counter[tuple[str, int]] = Counter()
    for of_order in options:
        if len(of_order) == 1:
            captive.update((name, left) for name, left, amount in _day_uses(of_order[0], room) for _ in range(amount))
    return max((-(-amount // left) for (_, left), amount in captive.items() if left), default=1)


def _day_uses(option: Option, room: Room) -> list[tuple[str, int, int]]:
    """What an option takes of its warehouse's day: (site and dimension, what a day has, what it takes)."""
    return [
        (f"{option.site} {dimension}", room.limits[use.resource][dimension], amount)
        for use in option.uses
        if use.resource.startswith("warehouse:")
        for dimension, amount in use.amounts.items()
    ]


def _assign_days(options: list[list[Option]], days: int, room: Room) -> Choice:
    """The choice of sites if each had the room of `days` days like the first one with room."""
    names: dict[str, int] = {}
    limits: list[int] = []
    uses: list[tuple[int, int, int]] = []
    flat = [option for of_order in options for option in of_order]
    for index, option in enumerate(flat):
        for name, limit, amount in _day_uses(option, room):
            row = names.setdefault(name, len(names))
            if row == len(limits):
                limits.append(limit * days)
            uses.append((index, row, amount))
    return choose(_arrays(options, uses, limits))
