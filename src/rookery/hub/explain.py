"""Why a plan is among those offered, in numbers against its neighbours; and what stopped the one that is not there.

A missing plan is found by lifting one thing at a time and asking again: room, what is cancelled or late, a ban, the
goods class, closing hours, the time at which the goods are ready. What then beats all that is offered is the plan
somebody would expect.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import msgspec

from rookery.hub.criteria import why_of_four
from rookery.hub.quote import REASON_LENT, Offer, Wish, ask_of
from rookery.journey.desk import Desk, World
from rookery.journey.network.place import Calendar
from rookery.journey.network.rows import Clock, Days
from rookery.journey.option import Option
from rookery.journey.room import Room
from rookery.journey.route import Leg, Plan, find_changed, find_full, plans
from rookery.journey.service import carries
from rookery.journey.source import begin_trip
from rookery.journey.state import Refusal, State
from rookery.journey.walk import Trip, utc_day
from rookery.units import MINUTE_S, instant_text, money_text, span_text, time_zone

MISSED_S_MAX = 6 * 3600  # a departure that left longer ago was not missed: it is yesterday's
CLOSED_GAIN_S_MIN = 6 * 3600  # less is no news: most goods wait a little for a door to open
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Missing:
    """A plan that one would expect among those offered under some products, and what stopped it.

    gain  what it would be better by
    why   short, prohibited, not_allowed, closed or too_late: each thing that stood in its way
    """

    products: tuple[str, ...]
    plan: Plan
    gain: str
    why: tuple[Refusal, ...]


# --- why a plan is there


def whys(ways: list[list[Offer]], currency: str) -> dict[tuple[int, str], str]:
    """Why each offer is in the set, by (number of its way from 1, product).

    ways  the offers of each way; of firm ones under one product no plan beats another in what was asked for
    """
    told = {}
    of_product: dict[str, list[tuple[int, Offer]]] = {}
    for number, offers in enumerate(ways, 1):
        for offer in offers:
            if offer.back is None:
                of_product.setdefault(offer.product_id, []).append((number, offer))
            else:
                told[number, offer.product_id] = _why_lent(offer.option, offer.back, currency)
    for product_id, numbered in of_product.items():
        numbered.sort(key=lambda one: one[1].option.rank)
        options = [(number, offer.option) for number, offer in numbered]
        for place, (number, offer) in enumerate(numbered):
            by_four = offer.made_ppm is not None
            told[number, product_id] = (
                why_of_four(numbered, place, currency) if by_four else _why(options, place, currency)
            )
    return told


def _why_lent(option: Option, back: Option, currency: str) -> str:
    way = " > ".join(leg.service_id for part in back.parts for leg in part.plan.legs)
    less = money_text(back.cost_minor - option.cost_minor, currency)
    return f"{REASON_LENT}: {less} less than {way}, by which it goes if that is recalled"


def _why(options: list[tuple[int, Option]], place: int, currency: str) -> str:
    """An option against its neighbours, which are sorted from the cheapest to the fastest."""
    own = options[place][1]
    if len(options) == 1:
        return "cheapest and fastest"
    if place == 0:
        number, other = options[1]
        less = money_text(other.cost_minor - own.cost_minor, currency)
        return f"cheapest: {less} less than {number}, {span_text(own.arrives_at - other.arrives_at)} slower"
    number, other = options[place - 1]
    more = money_text(own.cost_minor - other.cost_minor, currency)
    fastest = "fastest: " if place == len(options) - 1 else ""
    return f"{fastest}{span_text(other.arrives_at - own.arrives_at)} faster than {number} for {more} more"


# --- what is not there


@dataclass(frozen=True, slots=True)
class _Search:
    """What was asked under one product, and the plans that it has."""

    trip: Trip
    room: Room
    desk: Desk
    found: list[Plan]
    open_desk: Desk

    @property
    def fastest(self) -> Plan:
        return min(self.found, key=lambda plan: (plan.arrives_at, plan.cost_minor))

    def again(self, **changes: object) -> list[Plan]:
        """The plans there would be if the trip were another."""
        return plans(replace(self.trip, **changes), self.room, self.desk)  # type: ignore[arg-type]

    def at(self, instant: int, facility_id: str) -> str:
        """An instant as the clock at a facility shows it."""
        return instant_text(instant, time_zone(self.desk.world.timetable.facilities[facility_id].time_zone))


def find_missing(wish: Wish, offers: list[Offer], world: World, state: State) -> list[Missing]:
    """The plans that one would expect beside these offers, each once, with what stopped them.

    Cost  a search for each lift and product, eleven more where something was missed
    """
    desk = Desk(world, wish.ready_at, lambda: b"")
    open_desk = replace(desk, world=_never_closed(world)) if offers else desk
    found: dict[tuple[Plan, tuple[Refusal, ...]], tuple[str, list[str]]] = {}
    for product_id in dict.fromkeys(offer.product_id for offer in offers):
        of = [part.plan for one in offers if one.product_id == product_id for part in one.option.parts]
        trip = begin_trip(ask_of(wish, product_id, world), desk)
        if not isinstance(trip, Refusal) and of and of[0].legs:
            search = _Search(trip, Room(state), desk, of, open_desk)
            for plan, gain, why in _missing_of(search):
                found.setdefault((plan, why), (gain, []))[1].append(product_id)
    return [Missing(tuple(products), plan, gain, why) for (plan, why), (gain, products) in found.items()]


def _missing_of(search: _Search) -> Iterable[tuple[Plan, str, tuple[Refusal, ...]]]:
    """Each plan that a lift brings, with the first lift that does: room before bans, doors before time."""
    told = set()
    for lifted, stops in _LIFTS:
        for plan in _better(lifted(search), search.found):
            why = tuple(stops(search, plan)) if plan not in told else ()
            if why:
                told.add(plan)
                yield plan, _gain(plan, search), why


def _better(lifted: list[Plan], found: list[Plan]) -> list[Plan]:
    """The fastest of the lifted plans if it is faster than all that were found, the cheapest if it is cheaper."""
    fastest = min(lifted, key=lambda plan: (plan.arrives_at, plan.cost_minor), default=None)
    cheapest = min(lifted, key=lambda plan: (plan.cost_minor, plan.arrives_at), default=None)
    better = []
    if fastest is not None and fastest.arrives_at < min(plan.arrives_at for plan in found):
        better.append(fastest)
    if cheapest is not None and cheapest.cost_minor < min(plan.cost_minor for plan in found):
        better.append(cheapest)
    return list(dict.fromkeys(better))


def _gain(plan: Plan, search: _Search) -> str:
    """What a plan would be better by than the fastest, or the cheapest, that was found."""
    sooner = search.fastest.arrives_at - plan.arrives_at
    if sooner > 0:
        return f"{span_text(sooner)} earlier than the fastest"
    currency = search.desk.world.prices.currency
    less = min(one.cost_minor for one in search.found) - plan.cost_minor
    return f"{money_text(less, currency)} less than the cheapest"


# --- full


def _with_room(search: _Search) -> list[Plan]:
    return plans(search.trip, search.room, search.desk, with_room=False)


def _full(search: _Search, plan: Plan) -> Iterable[Refusal]:
    return find_full(plan, search.trip, search.room, search.desk)


# --- cancelled or late


def _as_planned(search: _Search) -> list[Plan]:
    changed = search.room.knows_changes
    return plans(search.trip, search.room, search.desk, as_planned=True) if changed else []


def _changed(search: _Search, plan: Plan) -> Iterable[Refusal]:
    return find_changed(plan, search.room)


# --- not allowed


def _through_all(search: _Search) -> list[Plan]:
    return search.again(forbidden=()) if search.trip.forbidden else []


def _banned(search: _Search, plan: Plan) -> Iterable[Refusal]:
    table, goods = search.desk.world.timetable, search.trip.load.goods_class
    for leg in plan.legs[:-1]:
        facility = table.facilities.get(leg.destination)
        if facility is not None and facility.country in search.trip.forbidden:
            day = utc_day(search.desk.now)
            row = table.find_prohibition(facility.country, "transit", goods_class=goods, hs_codes=(), day=day)
            yield Refusal(
                "prohibited",
                f"transit of {goods} {facility.country}",
                "goods that may pass",
                row.reason if row else "a ban",
                "do not send them",
                f"prohibitions {facility.country} transit {goods}",
            )


def _as_general(search: _Search) -> list[Plan]:
    """As if the goods were of no special class; a dangerous class takes other lanes, or none."""
    known = GENERAL in search.desk.world.timetable.goods
    return search.again(load=msgspec.structs.replace(search.trip.load, goods_class=GENERAL)) if known else []


def _not_taken(search: _Search, plan: Plan) -> Iterable[Refusal]:
    network, product = search.desk.world.timetable.network, search.trip.product
    goods = search.desk.world.timetable.goods[search.trip.load.goods_class]
    services = {service.service_id: service for service in network.services}
    for leg in plan.legs:
        service = services.get(leg.service_id)
        if service is not None and not carries(service, goods, product.product_id, product.modes):
            aircraft = f" on {service.aircraft} aircraft" if goods.cargo_aircraft_only and service.aircraft else ""
            yield Refusal(
                "not_allowed",
                f"{leg.service_id} from {leg.origin} to {leg.destination}",
                goods.goods_class,
                f"a service that takes {' '.join(service.goods)}{aircraft}",
                "send it as other goods if it is",
                f"service {leg.service_id} goods",
            )


# --- closed


def _never_closed(world: World) -> World:
    """The same world with facilities that never close."""
    network, always = world.timetable.network, "\0always"
    calendar = Calendar(calendar_id=always, days=Days("1111111"), source="")
    open_ = {"calendar_id": always, "opens": Clock(0), "closes": Clock(1440)}
    return World(
        msgspec.structs.replace(
            network,
            facilities=tuple(msgspec.structs.replace(one, **open_) for one in network.facilities),
            calendars=(*network.calendars, calendar),
            opening_hours=(),
        ),
        world.policy,
    )


def _always_open(search: _Search) -> list[Plan]:
    found = plans(search.trip, search.room, search.open_desk)
    latest = search.fastest.arrives_at - CLOSED_GAIN_S_MIN
    return [plan for plan in found if plan.arrives_at <= latest]


def _closed(search: _Search, plan: Plan) -> Iterable[Refusal]:
    """The doors that were closed when the goods came: at the first facility, or at the last."""
    table, first, last = search.desk.world.timetable, plan.legs[0], plan.legs[-1]
    ends = [(first.destination, first.arrives_at) if first.mode == "courier" else (first.origin, search.trip.ready_at)]
    if last.mode == "courier":
        ends.append((last.origin, last.departs_at))
    for facility_id, at in ends:
        opens = table.calendars.next_open(table.facilities[facility_id], at)
        if opens != at:
            until = f"closed until {search.at(opens, facility_id)}" if opens else "closed for good"
            wanted = f"an open door at {search.at(at, facility_id)}"
            todo = "come in its opening hours"
            yield Refusal("closed", facility_id, wanted, until, todo, f"opening hours {facility_id}")


# --- missed


def _ready_earlier(search: _Search) -> list[Plan]:
    """The plan of goods that were ready just early enough, if it gains more time than that."""
    late_min = _missed_min(search)
    found = _earlier(search, late_min) if late_min else []
    gained = search.fastest.arrives_at - late_min * MINUTE_S
    return [plan for plan in found if plan.arrives_at < gained]


def _missed_min(search: _Search) -> int:
    """The fewest minutes by which goods would have to be ready earlier to arrive earlier; 0: none help."""
    low, high, arrives_at = 0, MISSED_S_MAX // MINUTE_S, search.fastest.arrives_at
    if not _arrives_before(_earlier(search, high), arrives_at):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        if _arrives_before(_earlier(search, middle), arrives_at):
            high = middle
        else:
            low = middle
    return high


def _earlier(search: _Search, minutes: int) -> list[Plan]:
    trip = search.trip
    return search.again(ready_at=trip.ready_at - minutes * MINUTE_S, known_at=trip.known_at - minutes * MINUTE_S)


def _arrives_before(found: list[Plan], instant: int) -> bool:
    return any(plan.arrives_at < instant for plan in found)


def _missed(search: _Search, plan: Plan) -> Iterable[Refusal]:
    late = span_text(_missed_min(search) * MINUTE_S)
    leg = _missed_leg(plan, search.fastest)
    if leg is not None:
        yield Refusal(
            "too_late",
            f"{leg.service_id} from {leg.origin} at {search.at(leg.departs_at, leg.origin)}",
            "the goods in time for it",
            f"missed by {late}",
            f"make the goods ready {late} earlier",
            f"timetable {leg.service_id} {leg.origin}",
        )


def _missed_leg(plan: Plan, fastest: Plan) -> Leg | None:
    """The first dated leg of a plan that the fastest one does not take."""
    taken = {(leg.service_id, leg.origin, leg.departs_at) for leg in fastest.legs}
    dated = (leg for leg in plan.legs if leg.mode != "courier")
    return next((leg for leg in dated if (leg.service_id, leg.origin, leg.departs_at) not in taken), None)


# What is lifted, and what then is told to have stood in the way.
_LIFTS: tuple[
    tuple[Callable[[_Search], list[Plan]], Callable[[_Search, Plan], Iterable[Refusal]]], ...
] = (
    (_with_room, _full),
    (_as_planned, _changed),
    (_through_all, _banned),
    (_as_general, _not_taken),
    (_always_open, _closed),
    (_ready_earlier, _missed),
)  # fmt: skip
