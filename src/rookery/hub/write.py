"""Results as a file: CSV or NDJSON, and Parquet where the extra is installed. The ending says which."""

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from rookery.hub.look import Result

COLUMNS = tuple(field.name for field in fields(Result))
ENDINGS = (".csv", ".ndjson", ".jsonl", ".parquet")


class ResultsFault(Exception):
    """The results cannot be written there; the text says why and what to do."""


def check_place(path: Path, *, kept: Iterable[Path] = ()) -> None:
    """Raise ResultsFault unless results can be written there. Call it before the work, not after.

    kept  files that must not be written over: the orders, the ledger
    """
    _check_ending(path)
    if path.resolve() in [other.resolve() for other in kept]:
        raise ResultsFault(f"results {path}: wanted a file of its own, found one that this run reads; name another")
    part = _part_of(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "a folder")
        part.touch()
        part.unlink()
    except OSError as fault:
        raise _unwritable(path, fault) from None


def _unwritable(path: Path, fault: OSError) -> ResultsFault:
    return ResultsFault(f"results {path}: wanted to write the file, found: {fault.strerror}; name another place")


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _check_ending(path: Path) -> None:
    if path.suffix not in ENDINGS:
        raise ResultsFault(f"results {path}: wanted a file ending in {', '.join(ENDINGS)}; name it so")
    if path.suffix == ".parquet":
        _parquet()


def write_results(results: Iterable[Result], path: Path) -> int:
    """Write all results and return their number. The file is there whole, or as it was before.

    Raises  ResultsFault
    """
    _check_ending(path)
    part = _part_of(path)
    try:
        count = _WRITERS[path.suffix](results, part)
        os.replace(part, path)
    except OSError as fault:
        raise _unwritable(path, fault) from None
    return count


def _write_csv(results: Iterable[Result], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for count, result in enumerate(results, 1):  # noqa: B007 - the last count is what is returned
            writer.writerow(asdict(result).values())
    return count


def _write_ndjson(results: Iterable[Result], path: Path) -> int:
    count = 0
    with path.open("wb") as out:
        for count, result in enumerate(results, 1):  # noqa: B007 - the last count is what is returned
            out.write(msgspec.json.encode(result) + b"\n")
    return count


def _write_parquet(results: Iterable[Result], path: Path) -> int:
    pa, pq = _parquet()
    rows = [asdict(result) for result in results]
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in COLUMNS}), path)
    return len(rows)


def _parquet() -> tuple[Any, Any]:
    """The Parquet library, an extra."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        todo = "install it with: pip install 'rookery[parquet]', or write CSV"
        raise ResultsFault(f"results: wanted the extra `parquet`, found it not installed; {todo}") from None


_WRITERS: dict[str, Callable[[Iterable[Result], Path], int]] = {
    ".csv": _write_csv,
    ".ndjson": _write_ndjson,
    ".jsonl": _write_ndjson,
    ".parquet": _write_parquet,
}
