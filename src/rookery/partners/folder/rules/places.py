"""Rules for the network itself and its places: countries, codes, opening hours, zones, customs territories."""

import re
from collections.abc import Iterator

from rookery.journey.network.place import Zone
from rookery.journey.network.rows import ANY
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault

_CODES = {
    "iata": (re.compile("[A-Z]{3}"), "three capital letters"),
    "icao": (re.compile("[A-Z0-9]{4}"), "four capital letters"),
    "unlocode": (re.compile("[A-Z]{2}[A-Z2-9]{3}"), "a country's two letters and three more, such as BELGG"),
    "gln": (re.compile("[0-9]{13}"), "13 digits"),
    "impc": (re.compile("[A-Z0-9]{6}"), "six capital letters or digits, such as BELGGA"),
}
_HIGH = "\uffff"  # above every letter: a postcode's beginning reaches as far as all that start with it


def check_about(draft: Draft) -> Iterator[Fault]:
    """network.csv has exactly one row."""
    sheet = draft.sheets["network"]
    for at in range(1, len(sheet.rows)):
        found = f"row {at + 1}"
        yield draft.fault("network", at, "", wanted="exactly one row", found=found, todo="delete all rows but one")
    if sheet.whole and not sheet.rows and not sheet.spoilt:
        yield Fault(sheet.name, 0, "", "exactly one row", "none", "write the network's id, name, version and span")


def check_countries(draft: Draft) -> Iterator[Fault]:
    """No facility has the code of a country: prices name either in the same column."""
    countries = draft.keys("countries")
    for at, facility in enumerate(draft.network.facilities):
        if facility.facility_id in countries:
            wanted, found = "an id that is no country code", repr(facility.facility_id)
            todo = "give the facility a longer id"
            yield draft.fault("facilities", at, "facility_id", wanted=wanted, found=found, todo=todo)


def check_codes(draft: Draft) -> Iterator[Fault]:
    """A code has the form of its list."""
    for at, row in enumerate(draft.network.facility_codes):
        pattern, wanted = _CODES.get(row.scheme, (None, ""))
        if pattern and not pattern.fullmatch(row.code):
            todo = f"correct the {row.scheme} code, or call the scheme own"
            yield draft.fault("facility_codes", at, "code", wanted=wanted, found=repr(row.code), todo=todo)


def check_hours(draft: Draft) -> Iterator[Fault]:
    """Places open before they close, and each weekday has one set of hours."""
    todo = "write closing times after midnight as 02:00+1"
    for at, place in enumerate(draft.network.facilities):
        if place.opens >= place.closes:
            wanted = "a time after opening"
            yield draft.fault("facilities", at, "closes", wanted=wanted, found="one before it, or the same", todo=todo)
    seen: dict[tuple[str, int], int] = {}
    for at, hours in enumerate(draft.network.opening_hours):
        if hours.opens >= hours.closes:
            wanted, found = "a time after opening", "one before it, or the same"
            yield draft.fault("opening_hours", at, "closes", wanted=wanted, found=found, todo=todo)
        earlier = [seen.setdefault((hours.facility_id, day), at) for day in range(7) if hours.days[day] == "1"]
        if any(other != at for other in earlier) and not _same_days(draft, at, min(earlier)):
            found = f"one that line {draft.sheets['opening_hours'].lines[min(earlier)]} has too"
            delete = "leave each weekday in one row only"
            wanted = "weekdays without other hours"
            yield draft.fault("opening_hours", at, "days", wanted=wanted, found=found, todo=delete)


def _same_days(draft: Draft, at: int, other: int) -> bool:
    """True for duplicates, which are told elsewhere."""
    rows = draft.network.opening_hours
    return rows[at].days == rows[other].days


def check_zones(draft: Draft) -> Iterator[Fault]:
    """Ranges of postcodes are whole, rising, and apart where one facility serves them for the same use."""
    groups: dict[tuple[str, str, str], list[tuple[str, str, int]]] = {}
    for at, zone in enumerate(draft.network.zones):
        fault = _range_fault(draft, at, zone)
        if fault:
            yield fault
        else:
            span = (zone.postcode_from, zone.postcode_to + _HIGH, at)
            groups.setdefault((zone.use, zone.country, zone.facility_id), []).append(span)
    for spans in groups.values():
        yield from _zone_overlaps(draft, sorted(spans))


def _range_fault(draft: Draft, at: int, zone: Zone) -> Fault | None:
    if bool(zone.postcode_from) != bool(zone.postcode_to):
        wanted, found = "both ends of the range or neither", "only one"
        todo = "fill in both; for a single postcode write it twice; leave both blank for the whole country"
        field = "postcode_from" if zone.postcode_to else "postcode_to"
        return draft.fault("zones", at, field, wanted=wanted, found=found, todo=todo)
    if zone.postcode_from > zone.postcode_to + _HIGH:
        wanted, found = f"a postcode from {zone.postcode_from!r} on", repr(zone.postcode_to)
        return draft.fault("zones", at, "postcode_to", wanted=wanted, found=found, todo="swap the two ends")
    return None


def _zone_overlaps(draft: Draft, spans: list[tuple[str, str, int]]) -> Iterator[Fault]:
    _, high, before = spans[0]
    for low, end, at in spans[1:]:
        if low <= high:
            found = f"postcodes that line {draft.sheets['zones'].lines[before]} has too"
            wanted = "postcodes that the facility serves once for this use"
            todo = "part the ranges, or delete one of the two zones"
            yield draft.fault("zones", at, "postcode_from", wanted=wanted, found=found, todo=todo)
        if end > high:
            high, before = end, at


def check_territories(draft: Draft) -> Iterator[Fault]:
    """Customs rules name territories that countries belong to."""
    if not draft.whole("countries") or draft.spoilt["countries"]:
        return
    known = {country.customs_territory for country in draft.network.countries}
    for at, row in enumerate(draft.network.customs):
        for field, name, allowed in (
            ("from_territory", row.from_territory, known | {ANY}),
            ("to_territory", row.to_territory, known),
        ):
            if name not in allowed:
                todo = rename_or(name, known, "give a country of countries.csv that territory")
                wanted = "a customs territory of countries.csv" + (" or *" if ANY in allowed else "")
                yield draft.fault("customs", at, field, wanted=wanted, found=repr(name), todo=todo)
