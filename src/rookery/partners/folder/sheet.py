"""One file of a network folder: bytes to rows, with every fault of every cell."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rookery.journey.network.rows import File, Row
from rookery.partners.folder.columns import Column, columns_of
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault

Record = tuple[int, list[str]]  # line where it begins, its cells


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file that could be read.

    lines   line where each row begins, beside `rows`
    spoilt  first key cell of each row that could not be read, so that others may still refer to it
    whole   False where rows are missing that could not even be told apart
    """

    file: File
    rows: Sequence[Row] = ()
    lines: Sequence[int] = ()
    spoilt: frozenset[str] = frozenset()
    whole: bool = True

    @property
    def name(self) -> str:
        """The file's name as it stands in the folder."""
        return f"{self.file.name}.csv"


@dataclass(slots=True)
class _Reading:
    """A file half read: the records that are left and the faults so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True

    def fault(self, line: int, column: str, *, wanted: str, found: str, todo: str) -> None:
        self.faults.append(Fault(self.name, line, column, wanted, found, todo))


def read_sheet(file: File, raw: bytes) -> tuple[Sheet, list[Fault]]:
    """The rows of one file and all its faults.

    raw  UTF-8, with or without a byte order mark; RFC 4180 quotes; a header row
    """
    reading = _Reading(f"{file.name}.csv")
    records = list(_records(reading, _text(reading, raw)))
    if not records:
        if reading.whole:
            wanted = "a header row"
            reading.fault(0, "", wanted=wanted, found="an empty file", todo="write the columns' names, or delete it")
        return Sheet(file, whole=False), reading.faults
    header = [name.strip() for name in records[0][1]]
    columns = _columns(reading, file, header, records[0][0])
    sheet = _sheet(reading, file, header, columns, records[1:])
    return sheet, reading.faults


def _text(reading: _Reading, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        reading.whole = False
    for number, line in enumerate(raw.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as fault:
            found = f"the byte 0x{line[fault.start]:02X} at position {fault.start + 1} of the line"
            reading.fault(number, "", wanted="text in UTF-8", found=found, todo="save the file as UTF-8")
    return ""


def _records(reading: _Reading, text: str) -> Iterator[Record]:
    """Each record that is not blank, with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            reading.whole = False
            todo = 'close the quotes, and double each quote inside a quoted cell ("")'
            reading.fault(line, "", wanted="a CSV record", found=f"broken quoting ({fault})", todo=todo)
            return
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield line, cells
        line = reader.line_num + 1


def _columns(reading: _Reading, file: File, header: Sequence[str], line: int) -> list[Column]:
    """The declared columns that the header has; faults for the rest."""
    declared = {column.name: column for column in columns_of(file.row)}
    for name in sorted(set(header) - declared.keys()):
        todo = rename_or(name, declared.keys() - set(header), "delete the column")
        reading.fault(line, name, wanted=f"a column of {reading.name}", found=f"the column {name!r}", todo=todo)
    for name in sorted({name for name in header if name in declared and header.count(name) > 1}):
        reading.fault(line, name, wanted="each column once", found=f"{header.count(name)} of it", todo="keep one")
        reading.whole = False
    for column in declared.values():
        if column.mandatory and column.name not in header:
            todo = f"add it: {column.col.doc}"
            reading.fault(line, column.name, wanted="this column", found="a header without it", todo=todo)
            reading.whole = False
    return [declared[name] for name in dict.fromkeys(header) if name in declared]


def _sheet(
    reading: _Reading, file: File, header: Sequence[str], columns: Sequence[Column], records: Sequence[Record]
) -> Sheet:
    level, odd = _level(reading, header, records)
    lines = [line for line, _ in level]
    texts = dict(zip(header, zip(*(cells for _, cells in level), strict=True), strict=False))
    broken: set[int] = set()
    values = [_values(reading, column, texts.get(column.name, ()), lines, broken) for column in columns]
    first = file.key[0]
    spoilt = {texts[first][at].strip() for at in broken} if first in texts else set()
    if first in header:
        at = header.index(first)
        spoilt |= {cells[at].strip() for _, cells in odd if at < len(cells)}
    if not reading.whole:
        return Sheet(file, spoilt=frozenset(spoilt), whole=False)
    rows = _rows(file.row, [column.name for column in columns], values)
    kept = [at for at in range(len(rows)) if at not in broken]
    return Sheet(file, [rows[at] for at in kept], [lines[at] for at in kept], frozenset(spoilt))


def _level(reading: _Reading, header: Sequence[str], records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Records with as many cells as the header, and the others."""
    level = [record for record in records if len(record[1]) == len(header)]
    if len(level) == len(records):
        return level, []
    odd = [record for record in records if len(record[1]) != len(header)]
    for line, cells in odd:
        todo = "write one cell per column; put quotes around a cell that has a comma"
        reading.fault(line, "", wanted=f"{len(header)} cells", found=f"{len(cells)}", todo=todo)
    return level, odd


def _values(
    reading: _Reading, column: Column, texts: Sequence[str], lines: Sequence[int], broken: set[int]
) -> list[object]:
    """A column's values; each different text is read once."""
    memo: dict[str, object] = {}
    bad: set[str] = set()
    for text in set(texts):
        try:
            memo[text] = column.read(text.strip())
        except ValueError:
            memo[text] = None
            bad.add(text)
    if bad:
        at_fault = [at for at, text in enumerate(texts) if text in bad]
        broken.update(at_fault)
        reading.faults.extend(_cell_fault(reading.name, lines[at], column, texts[at].strip()) for at in at_fault)
    return [memo[text] for text in texts]


def _cell_fault(name: str, line: int, column: Column, text: str) -> Fault:
    if not text:
        return Fault(name, line, column.name, "a value", "a blank cell", f"fill in: {column.col.doc}")
    names = column.kind.names
    todo = rename_or(text, names, f"use one of these: {column.col.doc}" if names else f"write {column.col.doc}")
    return Fault(name, line, column.name, column.kind.wanted, repr(text), todo)


def _rows(row: type[Row], names: Sequence[str], values: Sequence[Sequence[object]]) -> list[Row]:
    """One row per line, also of lines with a fault: the caller drops those."""
    return [row(**dict(zip(names, cells, strict=True))) for cells in zip(*values, strict=True)]
