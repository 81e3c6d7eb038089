"""Rules for one cell: codes, ranges, vocabularies. Each different value is tested once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import get_args

import holidays
from holidays.registry import EntityLoader

from rookery import units
from rookery.journey.company import ROLES
from rookery.journey.network.line import Mode
from rookery.journey.network.rows import ANY
from rookery.journey.network.sharing import AMOUNT_MAX, COUNTED
from rookery.journey.network.whole import FILES
from rookery.partners.folder.columns import Column, columns_of
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault
from rookery.units import DAY_S, MICRO

MODES = get_args(Mode)
WAYS_IN = ("pickup", "drop_off", "stock", *MODES, ANY)
WAYS_OUT = ("delivery", "collect", "stock", *MODES, ANY)
DAY_DIMENSIONS = ("orders", "pieces", "grams")
RELEASE_MIN_MAX = 366 * 1440
ROUND_S_MAX = 7 * DAY_S  # as long as space may be held: the first of them would be gone before the last has asked
PRICE_MAX = 10**9  # for a kg, a litre, a thousand pieces, in any currency
PRIORITY_MAX = 1_000
WEIGHT_MAX = 1_000_000
LOAD_DIMENSIONS = ("cm3", "grams", "pieces")
SELECTED = {
    "service": "CX38",
    "facility": "LGG",
    "station": "ES-MAD-01",
    "warehouse": "ES-GUA-WH",
    "stock": "ES-GUA-WH",
}
QUANTITIES = ("whole number", "decimal number")  # kinds of columns that may not be negative


@dataclass(frozen=True, slots=True)
class CellRule:
    """What a value must be, what a message asks for, and what to do. `told`: the column's own words say it already.

    names  the values there are, where they are few: the one most like what was found is told
    """

    holds: Callable[..., bool]
    wanted: str
    todo: str
    told: bool = False
    names: tuple[str, ...] = ()


def check_cells(draft: Draft) -> Iterator[Fault]:
    """Numbers are not negative, and codes, ranges and words are as the columns below say."""
    for file in FILES:
        for column in columns_of(file.row):
            rule = rule_of(file.name, column)
            if rule:
                yield from _column_faults(draft, file.name, column, rule)


def _column_faults(draft: Draft, file: str, column: Column, rule: CellRule) -> Iterator[Fault]:
    values = [getattr(row, column.name) for row in draft.rows(file)]
    bad = {value for value in set(values) if not (_is_blank(column, value) or rule.holds(value))}
    for at, value in enumerate(values):
        if bad and value in bad:
            found = column.text(value)
            below = column.kind.name in QUANTITIES and isinstance(value, int) and value < 0
            todo = NOT_NEGATIVE.todo if below else rename_or(found, rule.names, rule.todo)
            yield draft.own_fault(file, at, column.name, wanted=rule.wanted, found=repr(found), todo=todo)


def _is_blank(column: Column, value: object) -> bool:
    return value is None or (value == "" and not column.mandatory)


def rule_of(file: str, column: Column) -> CellRule | None:
    """The rule of a column: its own, or that of all quantities."""
    if column.name == "currency":
        return _CURRENCY
    return _RULES.get((file, column.name)) or (NOT_NEGATIVE if column.kind.name in QUANTITIES else None)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _within(least: int, most: int, value: int) -> bool:
    return least <= value <= most


def _among(names: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return set(words) <= set(names)


def _is_time_zone(name: str) -> bool:
    try:
        units.time_zone(name)
    except ValueError:
        return False
    return True


@cache
def _holiday_countries() -> frozenset[str]:
    return frozenset(code for code in EntityLoader.get_country_codes() if len(code) == 2)


def _is_holiday_set(name: str) -> bool:
    """True for sets that the holidays library has; a country is looked up only where a region is asked for."""
    country, dash, region = name.partition("-")
    if country not in _holiday_countries():
        return False
    try:
        if dash:
            holidays.country_holidays(country, subdiv=region)
    except NotImplementedError:
        return False
    return bool(region) or not dash


def _percent(least: int, most: int) -> CellRule:
    in_range = partial(_within, least * MICRO, most * MICRO)
    return CellRule(in_range, f"{least} to {most} per cent", f"write a number from {least} to {most}, such as 25")


def _list(names: tuple[str, ...]) -> CellRule:
    return CellRule(
        lambda text: text in names, f"one of {', '.join(names)}", "use one of these", told=True, names=names
    )


def _word_list(names: tuple[str, ...]) -> CellRule:
    return CellRule(partial(_among, names), f"words among {', '.join(names)}", "use these words only", told=True)


def _selector(*kinds: str) -> CellRule:
    named = [f"{kind}:" for kind in kinds]
    listed = " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    example = f"{kinds[0]}:{SELECTED[kinds[0]]}"
    return CellRule(
        _matches(rf"({'|'.join(kinds)}):[^\s*/]*\*?"),
        f"{listed} and an id, or the id's beginning and *",
        f"write such as {example} or {kinds[0]}:*",
        told=True,
    )


def _from_to(least: int, most: int, todo: str, *, unit: str = "") -> CellRule:
    return CellRule(partial(_within, least, most), f"{least} to {most}{unit}", todo)


def _at_least_one(todo: str) -> CellRule:
    return CellRule(lambda value: value >= 1, "more than 0", todo)


NOT_NEGATIVE = CellRule(lambda value: value >= 0, "0 or more", "take the minus sign away or correct it", told=True)
_AMOUNT = CellRule(
    partial(_within, 0, AMOUNT_MAX), f"0 to {AMOUNT_MAX}", "write less: nothing carries so much", told=True
)
_RELEASE = CellRule(
    partial(_within, 0, RELEASE_MIN_MAX), f"0 to {RELEASE_MIN_MAX}, a year", "write less, or another lending", told=True
)
_PRICE = CellRule(partial(_within, 0, PRICE_MAX * MICRO), f"0 to {PRICE_MAX}", "check the unit: it is for 1,000")
_CURRENCY = CellRule(_matches("[A-Z]{3}"), "three capital letters", "write the ISO 4217 code, such as EUR")
_LATITUDE = CellRule(
    partial(_within, -90 * MICRO, 90 * MICRO), "-90 to 90 degrees", "check that it is not the longitude"
)
_LONGITUDE = CellRule(partial(_within, -180 * MICRO, 180 * MICRO), "-180 to 180 degrees", "correct the longitude")
_HOLIDAYS = CellRule(
    _is_holiday_set,
    "a holiday set such as BE or ES-MD",
    "use an ISO 3166 code that the holidays library has, leave it blank, or list the days in calendar_exceptions.csv",
    told=True,
)
ANY_SIGN = CellRule(lambda _: True, "below 0 for a rebate", "")

_TIMETABLE_DAY = CellRule(lambda day: 1970 <= day.year <= 2199, "a day from 1970 to 2199", "correct the year")

_RULES: dict[tuple[str, str], CellRule] = {
    ("network", "valid_from"): _TIMETABLE_DAY,
    ("network", "valid_to"): _TIMETABLE_DAY,
    ("countries", "country"): CellRule(_matches("[A-Z]{2}"), "two capital letters", "write the ISO 3166-1 code, as BE"),
    ("countries", "holidays"): _HOLIDAYS,
    ("companies", "roles"): _word_list(ROLES),
    ("companies", "gs1_prefix"): CellRule(
        _matches("[0-9]{4,12}"), "4 to 12 digits", "write digits only, or nothing", told=True
    ),
    ("companies", "s10_prefix"): CellRule(_matches("[A-Z]{2}"), "two capital letters", "write such as LR, or nothing"),
    ("calendars", "holidays"): _HOLIDAYS,
    ("facilities", "lat"): _LATITUDE,
    ("facilities", "lon"): _LONGITUDE,
    ("facilities", "time_zone"): CellRule(
        _is_time_zone,
        "an IANA time zone such as Europe/Brussels",
        "write the Region/City name of the IANA list",
        told=True,
    ),
    ("goods", "un_number"): CellRule(_matches("UN[0-9]{4}"), "UN and four digits", "write such as UN3481, or nothing"),
    ("goods", "modes"): _word_list((*MODES, ANY)),
    ("products", "modes"): _word_list((*MODES, ANY)),
    ("processing", "way_in"): _list(WAYS_IN),
    ("processing", "way_out"): _list(WAYS_OUT),
    ("tariffs", "step_g"): _at_least_one("write the step in grams, such as 500; 1 for no rounding"),
    ("surcharges", "percent"): ANY_SIGN,
    ("surcharges", "per_kg"): ANY_SIGN,
    ("surcharges", "flat"): ANY_SIGN,
    ("exchange_rates", "base"): _CURRENCY,
    ("exchange_rates", "quote"): _CURRENCY,
    ("exchange_rates", "rate"): _at_least_one("write how many units of the quote one of the base is worth"),
    ("stops", "stop_seq"): _at_least_one("number the stops of a variant from 1"),
    ("capacities", "leg_seq"): CellRule(
        _matches(r"\*|[1-9][0-9]{0,3}"),
        "a stop number or *",
        "write the number of the stop where the leg begins",
        told=True,
    ),
    ("history", "what"): CellRule(
        _matches(r"(service|zone|facility):[^\s*]+"),
        "service:, zone: or facility: and an id",
        "write such as service:CX38",
        told=True,
    ),
    ("history", "planned_min"): _at_least_one("write how many minutes it was planned to take"),
    ("history", "actual_min"): _at_least_one("write how many minutes it took"),
    ("history", "legs"): _at_least_one("write 1 for a leg by itself"),
    ("emissions", "detour"): CellRule(
        lambda micro: MICRO <= micro <= 10 * MICRO, "1 to 10", "write the way over the great circle, such as 1.25"
    ),
    ("prohibitions", "hs_prefix"): CellRule(_matches("[0-9]{1,10}"), "up to 10 digits", "write digits, without points"),
    ("warehouse_capacities", "dimension"): _list(DAY_DIMENSIONS),
    **dict.fromkeys((("capacities", "amount"), ("warehouse_capacities", "amount"), ("stock", "quantity")), _AMOUNT),
    ("shares", "resource"): _selector(*SELECTED),
    ("shares", "dimension"): _list((*COUNTED, ANY)),
    ("shares", "guarantee"): _percent(0, 100),
    ("shares", "guarantee_amount"): _AMOUNT,
    ("shares", "ceiling"): _percent(0, 100),
    ("shares", "ceiling_amount"): _AMOUNT,
    ("holders", "priority"): _from_to(0, PRIORITY_MAX, "write a small number, such as 5"),
    ("shares", "weight"): _from_to(1, WEIGHT_MAX, "write 1 for an equal part"),
    ("shares", "release_min"): _RELEASE,
    ("blocks", "amount"): _from_to(1, AMOUNT_MAX, "write how much was bought ahead, or delete the row"),
    ("blocks", "release_min"): _RELEASE,
    ("blocks", "per_kg"): _PRICE,
    ("allotments", "resource"): _selector("service"),
    ("allotments", "dimension"): _list(LOAD_DIMENSIONS),
    ("allotments", "amount"): _AMOUNT,
    ("facility_capacities", "dimension"): _list(LOAD_DIMENSIONS),
    ("facility_capacities", "amount"): _AMOUNT,
    ("rounds", "resource"): _selector(*SELECTED),
    ("rounds", "round_s"): _from_to(
        0,
        ROUND_S_MAX,
        "write such as 900, a quarter of an hour: who waits longer has missed what it waits for",
        unit=", a week",
    ),
    ("bid_prices", "resource"): _selector(*SELECTED),
    ("bid_prices", "dimension"): _list(COUNTED),
    ("bid_prices", "price"): _PRICE,
}
