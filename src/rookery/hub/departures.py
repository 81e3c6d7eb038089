"""Dated departures of a timetable, and what of their legs' capacity a company may know. Nothing is written."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from rookery.hub.access import NETWORK
from rookery.hub.look import Look
from rookery.hub.open import state_of
from rookery.hub.shares import HolderPart, SharedOut, shared_out
from rookery.journey.account import Account
from rookery.journey.departure import Departure, late_s
from rookery.journey.desk import Desk, World
from rookery.journey.network.line import Stop
from rookery.journey.service import Dated, Timetable
from rookery.units import UTC

LOOKED_MAX = 2_000  # departures that one page looks at
_DAY_MIN = 24 * 60
_FAR = 2**33  # an instant after every timetable; dates end soon after
Place = tuple[str, str]  # the day of a departure's first stop, its variant: the order of the list


@dataclass(frozen=True, slots=True)
class DeparturesAsked:
    """Which departures.

    days                  first and last local day of the first stop; None: any
    span                  from when on, and before when, they leave the origin, by the timetable; None: any
    service, origin, destination   blank: any. They stop at the destination after the origin
    after                 after which the page begins
    Law  there are days or a span
    """

    limit: int
    days: tuple[dt.date, dt.date] | None = None
    span: tuple[int, int] | None = None
    service: str = ""
    origin: str = ""
    destination: str = ""
    after: Place = ("", "")


@dataclass(frozen=True, slots=True)
class DeparturesFound:
    """Names and departures in the order of the list; `after`: where the next page begins, None: there is no more."""

    rows: list[tuple[str, Dated]] = field(default_factory=list)
    after: Place | None = None


def find_departures(table: Timetable, asked: DeparturesAsked) -> DeparturesFound:
    """A page of departures, day by day. A page that has looked at LOOKED_MAX of them ends, though it may be short."""
    found, at = DeparturesFound(), asked.after
    for looked, (place, leaves) in enumerate(islice(_candidates(table, asked), LOOKED_MAX + 1)):
        name = f"{place[1]}/{place[0]}"
        dated = table.find_dated(name)
        fits = dated is not None and _is_within(dated, leaves, asked)
        if looked == LOOKED_MAX or (fits and len(found.rows) == asked.limit):
            return DeparturesFound(found.rows, at)
        if fits and dated is not None:
            found.rows.append((name, dated))
        at = place
    return found


def _candidates(table: Timetable, asked: DeparturesAsked) -> Iterator[tuple[Place, Stop]]:
    """What may leave in time, after a place, with the stop where it leaves the origin."""
    ways = list(_ways(table, asked))
    if not ways:
        return
    first, last = _days(asked)
    about = table.network.about
    reach = dt.timedelta(max(days for _, _, days in ways) if asked.span else 0)
    day = max(about.valid_from, first - reach, dt.date.fromisoformat(asked.after[0] or "0001-01-01"))
    while day <= min(last, about.valid_to):
        for variant_id, stop, days in ways:
            place = (day.isoformat(), variant_id)
            leaves_in_time = not asked.span or day + dt.timedelta(days) >= first
            if place > asked.after and leaves_in_time:
                yield place, stop
        day += dt.timedelta(1)


def _days(asked: DeparturesAsked) -> tuple[dt.date, dt.date]:
    """The first and the last local day on which something that is asked for may leave."""
    if asked.days is not None:
        return asked.days
    assert asked.span is not None, "there are days or a span"
    first, last = (dt.datetime.fromtimestamp(max(0, min(at, _FAR)), UTC).date() for at in asked.span)
    return first - dt.timedelta(1), last + dt.timedelta(1)  # local days are up to 14 hours off those of UTC


def _ways(table: Timetable, asked: DeparturesAsked) -> Iterator[tuple[str, Stop, int]]:
    """Variants by id, the stop where each leaves the origin, and how many days after its first day that is."""
    variants = (one for one in table.network.variants if asked.service in ("", one.service_id))
    for variant_id in sorted(one.variant_id for one in variants):
        calls = table.calls(variant_id)
        start = next((n for n, one in enumerate(calls[:-1]) if asked.origin in ("", one.facility_id)), None)
        if start is None:
            continue
        if not asked.destination or any(one.facility_id == asked.destination for one in calls[start + 1 :]):
            yield variant_id, calls[start], (calls[start].departs or 0) // _DAY_MIN


def _is_within(dated: Dated, leaves: Stop, asked: DeparturesAsked) -> bool:
    if asked.span is None:
        return True
    departs = next(departs for seq, _, departs in dated.calls if seq == leaves.stop_seq)
    return asked.span[0] <= departs < asked.span[1]


# --- when it runs


@dataclass(frozen=True, slots=True)
class StopSeen:
    """A stop of a departure, by the timetable and how late as known now, in seconds. An instant of 0: there is none."""

    stop_seq: int
    facility_id: str
    arrives: int
    arrives_s: int
    departs: int
    departs_s: int


def stops_seen(dated: Dated, word: Departure | None) -> list[StopSeen]:
    """The stops of a departure; `word`: what is known of it beyond the timetable."""
    late, seen = word.late if word is not None else (), []
    for (seq, arrives, departs), place in zip(dated.calls, dated.places, strict=True):
        departs_s, arrives_s = late_s(late, seq, seq)
        seen.append(StopSeen(seq, place, arrives, arrives_s if arrives else 0, departs, departs_s if departs else 0))
    return seen


def state_seen(word: Departure | None) -> Literal["runs", "late", "cancelled"]:
    """How a departure stands: late if any of its times is."""
    if word is not None and word.cancelled:
        return "cancelled"
    is_late = word is not None and any(one.departs_s or one.arrives_s for one in word.late)
    return "late" if is_late else "runs"


# --- what is used of a departure


@dataclass(frozen=True, slots=True)
class DimensionSeen:
    """A leg in one dimension, as a company may know it.

    used    in all, held or taken; None: it is not told
    free    of what is left: to the operators all; to a company what is kept for it
    parts   of holders: of the network's operator all, of a company its own
    """

    dimension: str
    limit: int
    used: int | None
    free: int
    parts: tuple[HolderPart, ...]


@dataclass(frozen=True, slots=True)
class LegSeen:
    """A leg of a departure, from a stop to the next. `closed`: nothing more is held on it."""

    resource: str
    origin: str
    destination: str
    closed: bool
    dimensions: tuple[DimensionSeen, ...]


def find_word(look: Look, name: str) -> Departure | None:
    """What is known of a departure beyond the timetable, or None."""
    found: Departure | None = look.ledger.find_row("departure", name)
    return found


def legs_seen(look: Look, name: str, dated: Dated, world: World, company: str, now: int) -> list[LegSeen]:
    """The legs of a departure: what is free to a company at an instant, and as much of the rest as it may know."""
    state, desk, legs = state_of(look.ledger), Desk(world, now, lambda: b""), []
    word = find_word(look, name)
    tells_all = company in (NETWORK, dated.service.company_id)
    for (seq, _, _), origin, destination in zip(dated.calls, dated.places, dated.places[1:], strict=False):
        resource = f"departure:{name}/{seq}"
        known: Account | None = look.ledger.find_row("account", resource)
        limits = world.limits_of(resource) if known is None else known.limits
        zeros = dict.fromkeys(limits, 0)
        account = known or Account(resource, limits, zeros, zeros, firm={})
        shared = {} if account.firm is None else {one.dimension: one for one in shared_out(account, state, desk)}
        closed = account.closed or (word is not None and word.cancelled)
        dimensions = []
        for dimension, limit in limits.items():
            used = account.held[dimension] + account.taken[dimension]
            parts = _parts(shared.get(dimension), world, company)
            free = 0 if closed else max(limit - used, 0) if tells_all else sum(one.unused for one in parts)
            dimensions.append(DimensionSeen(dimension, limit, used if tells_all else None, free, parts))
        legs.append(LegSeen(resource, origin, destination, closed, tuple(dimensions)))
    return legs


def _parts(shared: SharedOut | None, world: World, company: str) -> tuple[HolderPart, ...]:
    if shared is None:
        return ()
    return tuple(one for one in shared.parts if company in (NETWORK, world.sharing.company_of(one.holder)))
