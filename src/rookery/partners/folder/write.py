"""Rows as a network folder: reading it gives the same rows."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from rookery.journey.network.rows import File, Row
from rookery.journey.network.whole import FILES, Network
from rookery.partners.folder.columns import Column, columns_of

_QUOTED = re.compile('[,"\r\n]')


def write_network(network_rows: Mapping[str, Sequence[Row]], directory: Path) -> None:
    """Writes one CSV file per name that has rows; the folder then holds these rows and no others.

    network_rows  rows by file name, such as `{"stops": [...]}`; a Network's by `rows_of`
    Columns in which every cell is the default are left out. Files of the format that have no
    rows are deleted, required ones get a header only; other files of the folder stay as they are.

    Raises  ValueError: an unknown file name, a row of another file, or a value that would not read back
    """
    unknown = network_rows.keys() - {file.name for file in FILES}
    if unknown:
        raise ValueError(f"network files: wanted names of the format, found {sorted(unknown)}; see whole.FILES")
    tables = {file.name: _table(file, network_rows.get(file.name, ())) for file in FILES}
    directory.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        path = directory / f"{file.name}.csv"
        if len(tables[file.name]) > 1 or file.required:
            with path.open("w", encoding="utf-8", newline="") as out:
                out.writelines(",".join(map(_quoted, cells)) + "\n" for cells in tables[file.name])
        else:
            path.unlink(missing_ok=True)


def write_new_network(network_rows: Mapping[str, Sequence[Row]], directory: Path) -> None:
    """Writes a network where nothing is yet: whole, or not at all.

    Raises  FileExistsError: something is there; OSError: it cannot be written; ValueError: as `write_network`
    """
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir())):
        raise FileExistsError(f"folder {directory}: wanted none yet, or an empty one; name another, or move it away")
    beside = directory.absolute().with_name(f".{directory.absolute().name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        write_network(network_rows, beside)
        if directory.is_dir():
            directory.rmdir()
        beside.rename(directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def rows_of(network: Network) -> dict[str, Sequence[Row]]:
    """A network's rows by file name, as `write_network` takes them."""
    return {file.name: getattr(network, file.name) for file in FILES}


def _table(file: File, rows: Sequence[Row]) -> list[Sequence[str]]:
    """Header and cells of a file."""
    for at, row in enumerate(rows):
        if type(row) is not file.row:
            raise ValueError(f"{file.name} row {at + 1}: wanted a {file.row.__name__}, found a {type(row).__name__}")
    columns = [column for column in columns_of(file.row) if column.mandatory or _is_used(column, rows)]
    cells = [_cells(file, column, rows) for column in columns]
    return [[column.name for column in columns], *zip(*cells, strict=True)]


def _is_used(column: Column, rows: Sequence[Row]) -> bool:
    return any(getattr(row, column.name) != column.default for row in rows)


def _cells(file: File, column: Column, rows: Sequence[Row]) -> list[str]:
    """A column's cells; each different value is written once, and read back to be sure."""
    values = [getattr(row, column.name) for row in rows]
    memo = {value: _cell(file, column, value) for value in set(values)}
    return [memo[value] for value in values]


def _cell(file: File, column: Column, value: object) -> str:
    text = column.text(value)
    try:
        same = column.read(text.strip()) == value and text == text.strip()
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"{file.name}.csv, {column.name}: wanted {column.kind.wanted}, found {value!r}")
    return text


def _quoted(text: str) -> str:
    """A cell, in quotes where RFC 4180 wants them. `csv.writer` leaves a lone carriage return bare."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
