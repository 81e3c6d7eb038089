"""Dated departures: when they run as known now, and what of their capacity is whose."""

import datetime as dt
from typing import Any, Literal

import msgspec

from rookery.hub.clock import now
from rookery.hub.departures import (
    DeparturesAsked,
    LegSeen,
    Place,
    find_departures,
    find_word,
    legs_seen,
    state_seen,
    stops_seen,
)
from rookery.hub.look import Look
from rookery.hub.shares import HolderPart
from rookery.journey.departure import Departure
from rookery.journey.service import Dated
from rookery.ledger.reads import Read
from rookery.units import DAY_S
from rookery.web.call import Call, reads_of_parts
from rookery.web.paging import Page, Paged, check_page
from rookery.web.problems import Problem, bad_value, check_known, time_at
from rookery.web.shapes import instant
from rookery.web.table import TABLE

GROUP = "Network"
SPAN_DAYS_MAX = 92
_NAMED = {"variant": "a variant of a service", "date": "the local day of its first stop, such as 2026-11-28"}


class StopOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stop of a departure. `planned_...`: by the timetable; the others: as is known now.

    stop  its number, from 1: with the departure the name of the leg that begins here
    """

    stop: int
    facility: str
    planned_arrival: dt.datetime | None = None
    arrival: dt.datetime | None = None
    planned_departure: dt.datetime | None = None
    departure: dt.datetime | None = None


class PartOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a holder has of a leg in one dimension.

    guarantee  what it is guaranteed; unused: what of it is still kept for it and not used
    used       by right; borrowed: besides, until `until` recallable; without `until` as long as it stands
    """

    holder: str
    guarantee: int = 0
    unused: int = 0
    used: int = 0
    borrowed: int = 0
    until: dt.datetime | None = None


class DimensionOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The capacity of a leg in one dimension.

    limit    all there is
    used     held or taken, in all; told to the operator of the network and to that of the service
    free     to these two: all that is left; to a company: what is kept for it under its guarantee
    holders  to the operator of the network all; to a company its own
    """

    dimension: str
    limit: int
    free: int
    used: int | None = None
    holders: tuple[PartOut, ...] = ()


class LegOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A leg. `resource`: its name for holding space on it; `closed`: nothing more is held on it."""

    resource: str
    origin: str
    destination: str
    dimensions: tuple[DimensionOut, ...]
    closed: bool = False


class DepartureOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dated departure.

    status   runs, late or cancelled; `why` and `told_at`: the last word on it, and when that was so
    version  how often what is known of it has changed
    legs     their capacity, where one departure is asked for with a key that may read spaces
    """

    departure: str
    service: str
    operator: str
    mode: str
    status: Literal["runs", "late", "cancelled"]
    stops: tuple[StopOut, ...]
    version: int = 0
    why: str = ""
    told_at: dt.datetime | None = None
    legs: tuple[LegOut, ...] = ()


class DeparturePage(Page[DepartureOut], frozen=True):
    """A page of departures, by the local day of the first stop and by variant, without their legs."""


class DeparturesQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which departures.

    service      its id; blank: any
    origin       a facility where it stops
    destination  a facility where it stops after the origin
    on           the local day of the first stop
    from         when it leaves the origin or later, by the timetable: a time with its offset
    until        and before this
    """

    service: str = ""
    origin: str = ""
    destination: str = ""
    on: str = ""
    from_: str = msgspec.field(default="", name="from")
    until: str = ""


@TABLE.add(
    "GET", "/v1/departures", title="Departures", scope="network:read", answers={200: DeparturePage}, group=GROUP,
    query=DeparturesQuery,
)  # fmt: skip
async def list_departures(call: Call) -> DeparturePage:
    """What leaves, with its times as known now, cancelled or late.

    Those of a day, `on`, or those that by the timetable leave their origin (or first stop) at `from` or later and
    before `until`, at most 92 days; without either those of the next 24 hours. They stop at the destination after the
    origin. A page looks at 2,000 departures at most and may be short, even empty, where has_more is true.
    """
    check_page(call.query)
    asked, table = _asked(call.query), call.serving.world.timetable
    check_known("query/service", asked.service, (one.service_id for one in table.network.services))
    check_known("query/origin", asked.origin, table.facilities)
    check_known("query/destination", asked.destination, table.facilities)

    def look(into: Look) -> DeparturePage:
        found = find_departures(table, asked)
        data = [_departure(name, dated, find_word(into, name)) for name, dated in found.rows]
        return DeparturePage(data, found.after is not None, _name(found.after) if found.after is not None else "")

    return await call.read(look)


@TABLE.add(
    "GET", "/v1/departures/{variant}/{date}", title="A departure", scope="network:read", answers={200: DepartureOut},
    group=GROUP, problems=("not_found",), about=_NAMED,
)  # fmt: skip
async def get_departure(call: Call) -> DepartureOut:
    """Its stops; and to a key that may read spaces the capacity of its legs, as far as the company may know it.

    The operator of the network sees what each holder has, the operator of the service what is used in all, a company
    its own guarantee and what it uses. Who wants to know whether more is to be had quotes the space.
    """
    name, world, caller = f"{call.path['variant']}/{call.path['date']}", call.serving.world, call.caller
    dated = world.timetable.find_dated(name)
    if dated is None:
        raise Problem("not_found", f"departure {name[:80]}: wanted one of the timetable, found none")
    sees_legs = bool({"spaces:read", "admin"} & caller.scopes)

    def look(into: Look) -> tuple[DepartureOut, list[Read]]:
        seen = legs_seen(into, name, dated, world, caller.company, now()) if sees_legs else []
        out = _departure(name, dated, find_word(into, name))
        parts = (part.holder for leg in seen for one in leg.dimensions for part in one.parts)
        reads = reads_of_parts(call, "share", parts)
        return msgspec.structs.replace(out, legs=tuple(_leg(one) for one in seen)), reads

    return await call.show(look)


# --- as it is shown


def _departure(name: str, dated: Dated, word: Departure | None) -> DepartureOut:
    told: dict[str, Any] = (
        {} if word is None else {"version": word.version, "why": word.why, "told_at": instant(word.told_at)}
    )
    stops = tuple(
        StopOut(
            one.stop_seq, one.facility_id, instant(one.arrives), instant(one.arrives + one.arrives_s),
            instant(one.departs), instant(one.departs + one.departs_s),
        )
        for one in stops_seen(dated, word)
    )  # fmt: skip
    service = dated.service
    return DepartureOut(
        name, service.service_id, service.company_id, service.mode, state_seen(word), stops, **told
    )  # fmt: skip


def _leg(seen: LegSeen) -> LegOut:
    dimensions = tuple(
        DimensionOut(one.dimension, one.limit, one.free, one.used, tuple(_part(part) for part in one.parts))
        for one in seen.dimensions
    )
    return LegOut(seen.resource, seen.origin, seen.destination, dimensions, seen.closed)


def _part(part: HolderPart) -> PartOut:
    return PartOut(part.holder, part.guarantee, part.unused, part.firm, part.borrowed, instant(part.until))


# --- what is asked


def _asked(query: DeparturesQuery) -> DeparturesAsked:
    """Raises  Problem: a day, a time or a cursor that is none; more than one way to say when"""
    days = span = None
    if query.on:
        if query.from_ or query.until:
            raise bad_value("query/on", "a day, or from and until", "both")
        days = (_day(query.on, "query/on"),) * 2
    else:
        begin = time_at("query/from", query.from_) if query.from_ else now()
        end = time_at("query/until", query.until) if query.until else begin + DAY_S
        if not begin < end <= begin + SPAN_DAYS_MAX * DAY_S:
            raise bad_value("query/until", f"a time after `from`, at most {SPAN_DAYS_MAX} days", query.until or "none")
        span = begin, end
    return DeparturesAsked(
        query.limit, days, span, query.service, query.origin, query.destination, _place(query.cursor)
    )  # fmt: skip


def _day(text: str, pointer: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise bad_value(pointer, "a day such as 2026-11-28", text[:40]) from None


def _name(place: Place) -> str:
    return f"{place[1]}/{place[0]}"


def _place(cursor: str) -> Place:
    if not cursor:
        return "", ""
    variant, _, day = cursor.rpartition("/")
    try:
        if variant and dt.date.fromisoformat(day).isoformat() == day:
            return day, variant
    except ValueError:
        pass
    raise bad_value("query/cursor", "the next_cursor of an answer", "something else")
