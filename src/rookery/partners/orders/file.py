"""A file of orders: CSV with a header, or NDJSON, one order a line, by the file's ending.

Each order becomes a message of its own, word for word: a line of NDJSON as it stands, a row of CSV as a JSON
object of its non-blank cells.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import msgspec

from rookery.journey.order import Asked
from rookery.partners.orders.read import OrderText, read_order
from rookery.partners.port import BadMessage, FieldFault

ORDER_FIELDS = tuple(name for name in OrderText.__struct_fields__ if name != "lines")
ENDINGS = (".csv", ".ndjson", ".jsonl")
FILE_BYTES_MAX = 2_000_000_000


@dataclass(frozen=True, slots=True)
class OrderLineRead:
    """One order of a file: its first line number, its message, and the order or why it cannot be read."""

    line: int
    body: bytes
    asked: Asked | None
    faults: tuple[FieldFault, ...] = ()


class OrderFileFault(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


def read_orders(path: Path) -> Iterator[OrderLineRead]:
    """Every order of a file, in order.

    Raises  OrderFileFault: no such file, an ending that is not known, not UTF-8, or a CSV without a header
    """
    if path.suffix not in ENDINGS:
        raise OrderFileFault(f"orders {path}: wanted a file ending in {' or '.join(ENDINGS)}; rename or convert it")
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise OrderFileFault(f"orders {path}: wanted a file that can be read, found: {fault.strerror}") from None
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise OrderFileFault(f"orders {path} line {line}: wanted UTF-8, found other bytes; convert the file") from None
    if size > FILE_BYTES_MAX:
        raise OrderFileFault(f"orders {path}: wanted at most {FILE_BYTES_MAX} bytes, found {size}; split the file")
    yield from _csv_orders(path, text) if path.suffix == ".csv" else _json_orders(text)


def _json_orders(text: str) -> Iterator[OrderLineRead]:
    for line, row in enumerate(text.split("\n"), 1):  # a JSON text may hold the other line ends of Unicode
        if row.strip():
            yield _read(line, row.strip().encode())


def _csv_orders(path: Path, text: str) -> Iterator[OrderLineRead]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if not any(header):
        raise OrderFileFault(f"orders {path}: wanted a header line with column names, found none; see docs/orders.md")
    if len(header) == 1 and ";" in header[0]:
        raise OrderFileFault(
            f"orders {path}: wanted columns separated by commas, found semicolons; save it with commas"
        )
    strange = [name for name in header if name not in ORDER_FIELDS]
    if strange:
        told = ", ".join(f"{name!r}{_meant(name)}" for name in strange)
        raise OrderFileFault(f"orders {path}: wanted columns of docs/orders.md, found {told}; correct the header")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise OrderFileFault(f"orders {path}: wanted each column once, found {', '.join(map(repr, twice))} again")
    begins = reader.line_num + 1
    encode = msgspec.json.Encoder().encode
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            yield OrderLineRead(begins, b"", None, (FieldFault("row", "a row of CSV", str(fault)),))
            begins = reader.line_num + 1
            continue
        if cells is None:
            return
        line, begins = begins, reader.line_num + 1
        if not any(cells):
            continue
        if len(cells) != len(header):
            wanted = f"{len(header)} cells as in the header"
            yield OrderLineRead(line, b"", None, (FieldFault("row", wanted, str(len(cells)), "quote commas"),))
            continue
        yield _read(line, encode({name: c for name, cell in zip(header, cells, strict=True) if (c := cell.strip())}))


def _meant(name: str) -> str:
    near = get_close_matches(name, ORDER_FIELDS, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _read(line: int, body: bytes) -> OrderLineRead:
    try:
        return OrderLineRead(line, body, read_order(body))
    except BadMessage as bad:
        return OrderLineRead(line, body, None, tuple(bad.faults))
