"""A cell's text as a value and back, by the column's type. All numbers become integers."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args, get_origin

from rookery import units
from rookery.journey.network.rows import ANY, Clock, Days, Degrees, Micro, Words

_INT = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?:\+([0-9]{1,3}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"[01]{7}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of cell.

    name    as the documentation calls it
    read    text, stripped and not blank, to value; raises ValueError
    text    value to text
    wanted  what a message asks for
    names   the values there are, where they are few
    """

    name: str
    read: Callable[[str], object]
    text: Callable[..., str]
    wanted: str
    names: tuple[str, ...] = ()


def kind_of(type_: object) -> Kind:
    """The kind of a column's declared type, without its None.

    Raises  TypeError: a type that no column may have
    """
    if get_origin(type_) is Literal:
        return _choice(get_args(type_))
    for known, kind in _KINDS:
        if type_ == known:
            return kind
    raise TypeError(f"column of type {type_}: wanted one of {[known for known, _ in _KINDS]}")


def clock_text(minutes: int) -> str:
    """Minutes after the first day's midnight as a local time: `06:30`, `24:00`, `06:30+1`."""
    if minutes <= units.DAY_S // units.MINUTE_S:
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    days, minute = divmod(minutes, 1440)
    return f"{minute // 60:02d}:{minute % 60:02d}+{days}"


def _read_text(text: str) -> str:
    return text


def _read_int(text: str) -> int:
    if not _INT.fullmatch(text) or abs(int(text)) >= 2**63:
        raise ValueError(text)
    return int(text)


def _read_decimal(text: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return units.read_micro(text)


def _read_clock(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    if not match or (match[3] and int(match[1]) > 24):
        raise ValueError(text)
    return int(match[1]) * 60 + int(match[2]) + int(match[3] or 0) * 1440


def _read_date(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _read_days(text: str) -> str:
    if not _DAYS.fullmatch(text):
        raise ValueError(text)
    return text


def _read_words(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if len(set(words)) < len(words) or (ANY in words and len(words) > 1):
        raise ValueError(text)
    return words


def _read_choice(text: str, *, choices: dict[str, object]) -> object:
    if text not in choices:
        raise ValueError(text)
    return choices[text]


def _choice(names: tuple[str, ...]) -> Kind:
    listed = ", ".join(name for name in names if name)
    read = partial(_read_choice, choices={name: name for name in names})
    return Kind(f"one of {listed}", read, str, f"one of {listed}", names)


def _yes_text(value: object) -> str:
    return "yes" if value else "no"


_DECIMAL_WANTED = "a decimal number with a point and at most six decimals"
_KINDS: tuple[tuple[object, Kind], ...] = (
    (str, Kind("text", _read_text, str, "text")),
    (int, Kind("whole number", _read_int, str, "a whole number")),
    (bool, Kind("yes or no", partial(_read_choice, choices={"yes": True, "no": False}), _yes_text, "yes or no")),
    (dt.date, Kind("date", _read_date, str, "a date such as 2026-11-22")),
    (Clock, Kind("local time", _read_clock, clock_text, "a local time such as 06:30, or 06:30+1 for the next day")),
    (Micro, Kind("decimal number", _read_decimal, units.micro_text, _DECIMAL_WANTED)),
    (Degrees, Kind("degrees", _read_decimal, units.micro_text, _DECIMAL_WANTED)),
    (Days, Kind("weekdays", _read_days, str, "seven characters 1 or 0, Monday first, such as 1111100")),
    (Words, Kind("words", _read_words, " ".join, "different words separated by spaces, or a lone *")),
)
