"""Limited things by name, as somebody outside writes them: whether there is one, who runs it, and until when.

A leg of a dated departure, a local day of shipping or of deliveries, an hour of sorting, an allotment of a holder.
What a name means is read once for each name; how late a departure is, is asked each time.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rookery.journey.account import Amounts
from rookery.journey.departure import NETWORK, Departure, Late, late_s
from rookery.journey.desk import World
from rookery.journey.sharing import HOUR, HOUR_S
from rookery.journey.state import Refusal, State
from rookery.units import DAY_S, EPOCH, local_instant, time_zone

KEPT_MOST = 8192  # names that are remembered
DAY = "%Y-%m-%d"
PLACES = ("warehouse", "sort", "delivery")


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg of a dated departure: from which stop to which, where that is, and when it comes there by the timetable."""

    departure: str
    board: int
    alight: int
    place: str
    arrives_at: int


@dataclass(frozen=True, slots=True)
class Limited:
    """A limited thing. `company`: who runs it; `ends_at`: by the timetable it is over then, or has left."""

    kind: str
    limits: Amounts
    company: str
    ends_at: int
    leg: Leg | None = None


def find_limited(resource: str, world: World) -> Limited | Refusal:
    """What a name means. Refuses  unknown: there is no such thing, or not on that day."""
    known = world.derived.get(find_limited)
    if known is None:
        known = world.derived[find_limited] = lru_cache(KEPT_MOST)(lambda name: _read_name(name, world))
    found: Limited | Refusal = known(resource)
    return found


def ends_at(thing: Limited, state: State) -> int:
    """When a thing is over, as known now: a late departure leaves later."""
    if thing.leg is None:
        return thing.ends_at
    return thing.ends_at + late_s(_late(state, thing.leg), thing.leg.board, thing.leg.board)[0]


def arrives_at(leg: Leg, state: State) -> int:
    """When a leg comes to its end, as known now."""
    return leg.arrives_at + late_s(_late(state, leg), leg.board, leg.alight)[1]


def _late(state: State, leg: Leg) -> tuple[Late, ...]:
    row = state[Departure].find(leg.departure)
    return row.late if row is not None else ()


def may_begin(text: str, world: World) -> bool:
    """True if the name of a limited thing of the network may begin so."""
    kind, _, rest = text.partition(":")
    if kind == text:
        return any(one.startswith(kind) for one in ("departure", *PLACES, "allotment"))
    network = world.timetable.network
    ids: Iterable[str] = ()
    if kind == "departure":
        ids = (one.variant_id for one in network.variants)
    elif kind == "allotment":
        ids = (one.allotment_id for one in network.allotments)
    elif kind in PLACES:
        ids = world.shelves.warehouses if kind == "warehouse" else world.timetable.facilities
    return any(f"{one}/".startswith(rest) or rest.startswith(f"{one}/") for one in ids)


# --- names


def _read_name(resource: str, world: World) -> Limited | Refusal:
    kind, _, name = resource.partition(":")
    id_, _, when = name.rpartition("/")
    if kind == "departure":
        return _read_leg(resource, id_, when, world)
    if kind == "allotment":
        return _read_allotment(resource, id_, when, world)
    if kind not in PLACES:
        wanted = ", ".join(f"{one}:..." for one in ("departure", *PLACES, "allotment"))
        return _unknown(resource, f"a resource that begins with one of {wanted}", "another beginning")
    return _read_place(resource, kind, id_, when, world)


def _read_leg(resource: str, departure: str, stop: str, world: World) -> Limited | Refusal:
    dated = world.timetable.find_dated(departure)
    if dated is None:
        return _unknown(resource, "a departure of the timetable, variant/date/stop", "none that runs on that day")
    legs = zip(dated.calls, dated.calls[1:], dated.places[1:], strict=False)
    for (board, _, departs_at), (alight, there_at, _), place in legs:
        if str(board) == stop:
            leg = Leg(departure, board, alight, place, there_at)
            return Limited("departure", world.limits_of(resource), dated.service.company_id, departs_at, leg)
    stops = ", ".join(str(one) for one, _, _ in dated.calls[:-1])
    return _unknown(resource, f"a stop that it leaves from: {stops}", repr(stop), "name the leg by its first stop")


def _read_place(resource: str, kind: str, id_: str, when: str, world: World) -> Limited | Refusal:
    about, facility = world.timetable.network.about, world.timetable.facilities.get(id_)
    if facility is None or (kind == "warehouse" and id_ not in world.shelves.warehouses):
        return _unknown(resource, f"a {'warehouse' if kind == 'warehouse' else 'facility'} of the network", repr(id_))
    at = _read_moment(when, HOUR if kind == "sort" else DAY)
    if at is None:
        wanted = "an hour in UTC such as 2026-11-24T05" if kind == "sort" else "a day such as 2026-11-24"
        return _unknown(resource, wanted, repr(when))
    zone, begins_at = time_zone(facility.time_zone), int((at - EPOCH).total_seconds())
    day = dt.datetime.fromtimestamp(begins_at, zone).date() if kind == "sort" else at.date()
    if not about.valid_from <= day <= about.valid_to:
        return _unknown(resource, f"a day from {about.valid_from} to {about.valid_to}", when, "name another day")
    over_at = begins_at + HOUR_S if kind == "sort" else local_instant(day + dt.timedelta(days=1), 0, zone)
    return Limited(kind, world.limits_of(resource), world.timetable.operator(facility, day), over_at)


def _read_allotment(resource: str, allotment_id: str, when: str, world: World) -> Limited | Refusal:
    row, at = world.sharing.find_allotment(allotment_id), _read_moment(when, DAY)
    if row is None:
        return _unknown(resource, "an allotment of the network", repr(allotment_id))
    if at is None or (row.per == "week" and at.weekday()):
        return _unknown(resource, "the Monday of a week" if row.per == "week" else "a day", repr(when))
    days = 8 if row.per == "week" else 2  # one more than it covers: it is over everywhere on earth
    return Limited("allotment", world.limits_of(resource), NETWORK, int((at - EPOCH).total_seconds()) + days * DAY_S)


def _read_moment(text: str, form: str) -> dt.datetime | None:
    """A day or an hour as names have it, letter for letter."""
    try:
        at = dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return at if at.strftime(form) == text and at.year < dt.MAXYEAR else None


def _unknown(resource: str, wanted: str, found: str, todo: str = "correct the name") -> Refusal:
    return Refusal("unknown", resource, wanted, found, todo, resource)
