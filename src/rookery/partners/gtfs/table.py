"""One file of a feed: bytes to columns, with every fault of every cell.

A column is read once for each different text, so that 300,000 stop times cost as little as their 1,440 minutes.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from rookery.partners.port import Fault

T = TypeVar("T")
ADVICE = "correct it in the feed, or leave what hangs on it out with --keep-going"
CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
HOURS_MAX = 240  # a trip of ten days; more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A type of cell: how a text that is not blank is read (ValueError where it cannot be), and what is wanted."""

    read: Callable[[str], T]
    wanted: str


@dataclass(slots=True)
class Table:
    """The columns of one file, and what is wrong with them.

    lines   line where each row begins
    broken  positions of rows with a fault of their own, or that hang on one
    whole   False where rows could not be told apart: nothing of the feed can then be used
    """

    name: str
    columns: dict[str, Sequence[str]] = field(default_factory=dict)
    lines: Sequence[int] = ()
    faults: list[Fault] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    whole: bool = True

    def needed(self, name: str, kind: Kind[T]) -> list[T]:
        """A column in which every row has a value; None beside a fault."""
        return self._values(name, kind, blank=cast(T, None), bad={""})

    def maybe(self, name: str, kind: Kind[T], blank: T) -> list[T]:
        """A column that may be missing, and in which a cell may be blank."""
        if name not in self.columns:
            return [blank] * len(self.lines)
        return self._values(name, kind, blank=blank, bad=set())

    def good(self) -> list[int]:
        """Positions of the rows without a fault."""
        return [at for at in range(len(self.lines)) if at not in self.broken]

    def texts_of_broken(self, name: str) -> set[str]:
        """What a column says in rows with a fault, so that others may still refer to them."""
        return {self.columns[name][at] for at in self.broken} if name in self.columns else set()

    def fault(self, at: int, name: str, *, wanted: str, found: str, todo: str = ADVICE) -> None:
        """A fault of a row: it is broken from now on."""
        self.broken.add(at)
        self.faults.append(Fault(self.name, self.lines[at], name, wanted, found, todo))

    def fault_of_file(self, name: str, *, wanted: str, found: str, line: int = 0) -> None:
        """A fault of the file as a whole: it cannot be used."""
        self.whole = False
        self.faults.append(Fault(self.name, line, name, wanted, found, "correct the file; nothing can be left out"))

    def _values(self, name: str, kind: Kind[T], *, blank: T, bad: set[str]) -> list[T]:
        texts = self.columns[name]
        memo = {"": blank}
        for text in set(texts) - {""}:
            try:
                memo[text] = kind.read(text)
            except ValueError:
                memo[text] = blank
                bad.add(text)
        if not bad.isdisjoint(texts):
            for at, text in enumerate(texts):
                if text in bad:
                    self.fault(at, name, wanted=kind.wanted, found=repr(text) if text else "a blank cell")
        return [memo[text] for text in texts]


def read_table(name: str, raw: bytes, needs: Sequence[str], rows_max: int) -> Table:
    """The columns of a file, each cell without spaces around it.

    raw    UTF-8, with or without a byte order mark; RFC 4180 quotes; a header row; rows without text are passed by
    needs  columns that it must have
    """
    table = Table(name)
    records = _records(table, raw, rows_max)
    if table.whole and not records:
        table.fault_of_file("", wanted="a header row", found="an empty file")
    if not table.whole:
        return table
    header = [cell.strip() for cell in records[0][1]]
    for column in sorted({one for one in header if one and header.count(one) > 1}):
        table.fault_of_file(column, wanted="each column once", found=f"{header.count(column)} of it")
    for column in (one for one in needs if one not in header):
        table.fault_of_file(column, wanted="this column", found="a header without it")
    level = [record for record in records[1:] if len(record[1]) == len(header)]
    if len(level) < len(records) - 1:
        _tell_odd(table, records[1:], len(header))
    table.lines = [line for line, _ in level]
    cells = zip(*(cells for _, cells in level), strict=True) if level else [()] * len(header)
    table.columns = {column: _stripped(texts) for column, texts in zip(header, cells, strict=True)}
    return table


def _records(table: Table, raw: bytes, rows_max: int) -> list[tuple[int, list[str]]]:
    """Each record that is not blank, with the line where it begins."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        table.fault_of_file("", wanted="text in UTF-8", found=f"the byte 0x{raw[fault.start]:02X}", line=line)
        return []
    reader, records, line = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        for cells in reader:
            if any(cells):
                records.append((line, cells))
            line = reader.line_num + 1
            if len(records) > rows_max + 1:
                table.fault_of_file("", wanted=f"at most {rows_max} rows", found="more")
                return []
    except csv.Error as fault:
        table.fault_of_file("", wanted="a CSV record", found=f"broken quoting ({fault})", line=line)
        return []
    return records


def _tell_odd(table: Table, records: Sequence[tuple[int, list[str]]], width: int) -> None:
    """Rows with too few or too many cells: nobody knows which cell is which, so that no trip is safe."""
    for line, cells in records:
        if len(cells) != width:
            table.fault_of_file("", wanted=f"{width} cells", found=str(len(cells)), line=line)


def _stripped(texts: Sequence[str]) -> list[str]:
    memo = {text: text.strip() for text in set(texts)}
    return [memo[text] for text in texts]


def seconds_of(text: str) -> int:
    """Seconds of a GTFS time such as 25:10:00: since noon less twelve hours of the day of service.

    Raises  ValueError
    """
    found = CLOCK.fullmatch(text)
    if not found or int(found[1]) > HOURS_MAX:
        raise ValueError(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
