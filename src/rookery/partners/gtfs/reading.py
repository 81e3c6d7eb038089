"""A feed half read: its tables, the kinds of their cells, and which rows hang on a bad one."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from rookery.partners.gtfs.feed import Feed
from rookery.partners.gtfs.table import Kind, Table, seconds_of
from rookery.units import read_micro, time_zone


def text_of(text: str) -> str:
    """Any text."""
    return text


def whole(least: int, most: int) -> Kind[int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() else -1
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return Kind(read, f"a whole number from {least} to {most}")


def degrees(most: int) -> Kind[int | None]:
    """Micro-degrees of a decimal number of degrees, rounded to the sixth decimal."""

    def read(text: str) -> int | None:
        micro = read_micro(f"{float(text):.6f}")
        if abs(micro) > most * 1_000_000:
            raise ValueError(text)
        return micro

    return Kind(read, f"degrees from -{most} to {most}")


def _zone_of(text: str) -> str:
    time_zone(text)
    return text


def optional(kind: Kind[int]) -> Kind[int | None]:
    """The same kind in a column where a blank cell is None."""
    read: Callable[[str], int | None] = kind.read
    return Kind(read, kind.wanted)


def day_of(text: str) -> dt.date:
    """A day of a feed, such as 20250122.

    Raises  ValueError
    """
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    if not 1970 <= int(text[:4]) <= 2199:  # what a network may hold
        raise ValueError(text)
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


TEXT = Kind(text_of, "a value")
TIME = Kind(seconds_of, "a time such as 07:05:00, or 25:10:00 for the next day")
DAY = Kind(day_of, "a day such as 20250122")
ZONE = Kind(_zone_of, "an IANA time zone such as Europe/Paris")


@dataclass(slots=True)
class Reading:
    """A feed half read. `spoilt`: ids of rows with a fault, by file; what hangs on one is left out in silence."""

    tables: Mapping[str, Table]
    feed: Feed
    spoilt: dict[str, set[str]] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """A file's table; of a missing one, one without rows."""
        return self.tables.get(name) or Table(name)

    def known(self, table: Table, column: str, texts: list[str], rows: Collection[str], file: str) -> None:
        """Each text of a column names a row of a file; a row whose text names a spoilt one is spoilt too."""
        spoilt = self.spoilt.get(file, set())
        missing = set(texts) - set(rows)
        if missing:
            for at, text in enumerate(texts):
                if text in missing and at not in table.broken:
                    if text in spoilt:
                        table.broken.add(at)
                    else:
                        table.fault(at, column, wanted=f"a row of {file}", found=repr(text))

    def once(self, table: Table, column: str, ids: list[str], file: str) -> None:
        """No two rows have the same id."""
        seen: dict[str, int] = {}
        for at, id_ in enumerate(ids):
            first = seen.setdefault(id_, at)
            if first != at and at not in table.broken:
                table.fault(at, column, wanted="an id of its own", found=f"that of line {table.lines[first]}")

    def spoil(self, table: Table, column: str) -> None:
        """Remember the ids of broken rows."""
        self.spoilt.setdefault(table.name, set()).update(table.texts_of_broken(column))
