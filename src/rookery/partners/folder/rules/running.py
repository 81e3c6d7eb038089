"""Rules for what runs: the stops of a variant and their times, legs with capacity, where services call."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from rookery.journey.network.line import Capacity, Stop, Variant
from rookery.journey.network.place import Facility
from rookery.journey.network.rows import ANY
from rookery.partners.folder.draft import Draft
from rookery.partners.port import Fault
from rookery.units import local_instant, time_zone

Numbered = tuple[int, Stop]  # position in stops.csv, the stop


def check_variants(draft: Draft) -> Iterator[Fault]:
    """Each variant has stops 1, 2, 3 and so on, with the times that belong there, never going backwards."""
    if not draft.whole("stops", "variants"):
        return
    stops: dict[str, list[Numbered]] = {}
    for at, stop in enumerate(draft.network.stops):
        stops.setdefault(stop.variant_id, []).append((at, stop))
    facilities = {row.facility_id: row for row in draft.network.facilities}
    spoilt = draft.spoilt["stops"] | draft.spoilt["variants"]
    for at, variant in enumerate(draft.network.variants):
        if variant.variant_id in spoilt:
            continue
        own = stops.get(variant.variant_id, [])
        if len(own) < 2:
            wanted, found = "at least two stops in stops.csv", str(len(own))
            yield draft.fault("variants", at, "variant_id", wanted=wanted, found=found, todo="add its stops")
            continue
        faults = [*_order_faults(draft, own), *_blank_faults(draft, own)]
        yield from faults or _time_faults(draft, own, facilities, _sample_day(draft, variant))


def _order_faults(draft: Draft, stops: Sequence[Numbered]) -> Iterator[Fault]:
    for expected, (at, stop) in enumerate(stops, start=1):
        if stop.stop_seq != expected:
            wanted, found = f"{expected}, as the stops stand in the file", str(stop.stop_seq)
            todo = "number the variant's stops from 1 without gaps, in rising order"
            yield draft.fault("stops", at, "stop_seq", wanted=wanted, found=found, todo=todo)
            return


def _blank_faults(draft: Draft, stops: Sequence[Numbered]) -> Iterator[Fault]:
    first, last = stops[0][0], stops[-1][0]
    for at, stop in stops:
        for field, value, blank_at, end in (
            ("arrives", stop.arrives, first, "first"),
            ("departs", stop.departs, last, "last"),
        ):
            if at == blank_at and value is not None:
                wanted, todo = f"a blank cell at the {end} stop", "take the time out"
                yield draft.fault("stops", at, field, wanted=wanted, found="a time", todo=todo)
            if at != blank_at and value is None:
                wanted, todo = f"a time at every stop but the {end}", "write the local time"
                yield draft.fault("stops", at, field, wanted=wanted, found="a blank cell", todo=todo)


def _sample_day(draft: Draft, variant: Variant) -> date | None:
    """The first day of the timetable on which the variant may run; None where there is none."""
    if not draft.network.network or draft.spoilt["network"]:
        return None
    about = draft.network.about
    first = max(about.valid_from, variant.valid_from or about.valid_from)
    return first if first <= about.valid_to and variant.holds_on(first) else None


def _time_faults(
    draft: Draft, stops: Sequence[Numbered], facilities: dict[str, Facility], day: date | None
) -> Iterator[Fault]:
    """The first time of the variant that lies before the one before it, as instants."""
    before: int | None = None
    for at, stop in stops:
        facility = facilities.get(stop.facility_id)
        if day is None or facility is None or stop.facility_id in draft.spoilt["facilities"]:
            return
        for field, minutes in (("arrives", stop.arrives), ("departs", stop.departs)):
            if minutes is None:
                continue
            now = _instant(day, minutes, facility.time_zone)
            if before is not None and now < before:
                wanted, found = (
                    "a moment not before the one before it",
                    f"one {(before - now) // 60} min earlier in UTC",
                )
                todo = "correct the time, or add +1 for the next day; times are local to each facility"
                yield draft.fault("stops", at, field, wanted=wanted, found=found, todo=todo)
                return
            before = now


@lru_cache(maxsize=65_536)
def _instant(day: date, minutes: int, zone: str) -> int:
    return local_instant(day, minutes, time_zone(zone))


def check_capacities(draft: Draft) -> Iterator[Fault]:
    """Capacity names a variant of its service, and a leg that it has."""
    if not draft.whole("stops", "variants"):
        return
    service_of = {row.variant_id: row.service_id for row in draft.network.variants}
    legs = _legs(draft, service_of)
    spoilt = draft.spoilt["variants"] | draft.spoilt["stops"]
    for at, row in enumerate(draft.network.capacities):
        if row.service_id in draft.spoilt["capacities"] or row.variant_id in spoilt:
            continue
        if row.variant_id != ANY and service_of.get(row.variant_id) != row.service_id:
            wanted, found = f"a variant of {row.service_id}, or *", f"one of {service_of.get(row.variant_id)}"
            todo = "correct the service or the variant"
            yield draft.fault("capacities", at, "variant_id", wanted=wanted, found=found, todo=todo)
        elif row.leg_seq != ANY and not (row.variant_id == ANY and spoilt):
            yield from _leg_faults(draft, at, row, legs.get((row.service_id, row.variant_id), 0))


def _legs(draft: Draft, service_of: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Number of legs of each service and variant; beside * the most that any variant of the service has."""
    legs: dict[tuple[str, str], int] = {}
    for stop in draft.network.stops:
        service = service_of.get(stop.variant_id, "")
        for key in ((service, stop.variant_id), (service, ANY)):
            legs[key] = max(legs.get(key, 0), stop.stop_seq - 1)
    return legs


def _leg_faults(draft: Draft, at: int, row: Capacity, count: int) -> Iterator[Fault]:
    if int(row.leg_seq) > count:
        wanted = f"a number from 1 to {count}, or *" if count else "a service with stops"
        todo = "write the number of the stop where the leg begins"
        yield draft.fault("capacities", at, "leg_seq", wanted=wanted, found=row.leg_seq, todo=todo)


def check_calls(draft: Draft) -> Iterator[Fault]:
    """Cut-offs and connections are at facilities where their services call."""
    if not draft.whole("stops", "variants") or draft.spoilt["variants"] | draft.spoilt["stops"]:
        return
    comes, leaves = _calls(draft)
    for at, cutoff in enumerate(draft.network.cutoffs):
        pair = (cutoff.service_id, cutoff.facility_id)
        if ANY not in pair and pair not in leaves and cutoff.service_id not in draft.spoilt["cutoffs"]:
            yield _no_call(draft, "cutoffs", at, "facility_id", f"{pair[0]} does not leave from {pair[1]}")
    for at, row in enumerate(draft.network.connections):
        if row.facility_id in draft.spoilt["connections"]:
            continue
        if (row.from_service, row.facility_id) not in comes:
            told = f"{row.from_service} does not arrive at {row.facility_id}"
            yield _no_call(draft, "connections", at, "from_service", told)
        if (row.to_service, row.facility_id) not in leaves:
            told = f"{row.to_service} does not leave from {row.facility_id}"
            yield _no_call(draft, "connections", at, "to_service", told)


def _calls(draft: Draft) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Services and facilities: where they arrive, and where they leave. Every stop but the first, or the last."""
    service_of = {row.variant_id: row.service_id for row in draft.network.variants}
    legs = _legs(draft, service_of)
    comes, leaves = set(), set()
    for stop in draft.network.stops:
        service = service_of[stop.variant_id]
        if stop.stop_seq > 1:
            comes.add((service, stop.facility_id))
        if stop.stop_seq <= legs[service, stop.variant_id]:
            leaves.add((service, stop.facility_id))
    return comes, leaves


def _no_call(draft: Draft, file: str, at: int, field: str, found: str) -> Fault:
    todo = "correct the facility or the service, or delete the row"
    return draft.fault(file, at, field, wanted="a stop of the service", found=found, todo=todo)
