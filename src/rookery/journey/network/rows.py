"""How a file of a network folder is declared: one struct is one row, one field is one column.

The declaration is the only place that knows the format. The reader checks by it, the
documentation is generated from it, and the rest of the program uses the struct itself.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, NewType

import msgspec

ANY = "*"

# What a column's text means once read. All numbers are integers.
Clock = NewType("Clock", int)  # minutes after local midnight of the first day; 30:00 and 06:00+1 are both 1800
Micro = NewType("Micro", int)  # a decimal number times 1,000,000: money per unit, percentages, rates
Degrees = NewType("Degrees", int)  # a decimal number of degrees times 1,000,000
Days = NewType("Days", str)  # seven characters 1 or 0, Monday first
Words = tuple[str, ...]  # words separated by spaces; a lone * is any


@dataclass(frozen=True, slots=True)
class Col:
    """What a column says, its unit, and the file whose key it must name."""

    doc: str
    ref: str = ""
    unit: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):  # a row holds no rows, so that there is no circle
    """A row of a network file. Every row says where it comes from."""

    source: Annotated[str, Col("where the fact comes from, with its date, or the word `assumed`")]


class Valid(Row, frozen=True, kw_only=True):
    """A row that holds from one local day to another, both included."""

    valid_from: Annotated[dt.date | None, Col("first local day on which the row holds; blank: always did")] = None
    valid_to: Annotated[dt.date | None, Col("last local day on which the row holds; blank: no end known")] = None

    def holds_on(self, day: dt.date) -> bool:
        """True on every local day from `valid_from` to `valid_to`, both included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a network folder: its name, its row, the columns that make a row unique."""

    name: str
    row: type[Row]
    key: tuple[str, ...]
    required: bool = False
    doc: str = ""
