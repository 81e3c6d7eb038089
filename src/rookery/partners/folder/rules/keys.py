"""Rules for keys: each row once, each reference to a row that is there, spans of one key apart."""

from collections.abc import Iterator
from datetime import date
from operator import attrgetter

from rookery.journey.network.rows import ANY, File, Valid
from rookery.journey.network.whole import FILES
from rookery.partners.folder.columns import Column, columns_of
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault


def check_ids(draft: Draft) -> Iterator[Fault]:
    """Ids are one word without * and /: they stand in lists, beside *, and in names of resources."""
    for file in FILES:
        column = columns_of(file.row)[0]
        if len(file.key) > 1 or column.col.ref:
            continue
        for at, row in enumerate(draft.rows(file.name)):
            id_ = str(getattr(row, file.key[0]))
            if (ANY in id_ or "/" in id_ or len(id_.split()) > 1) and id_ not in draft.spoilt[file.name]:
                wanted, todo = "one word without * and /", "take them out, here and where it is referred to"
                yield draft.own_fault(file.name, at, file.key[0], wanted=wanted, found=repr(id_), todo=todo)


def check_duplicates(draft: Draft) -> Iterator[Fault]:
    """No two rows of a file have the same key."""
    for file in FILES:
        seen: dict[object, int] = {}
        key_of = attrgetter(*file.key)
        for at, row in enumerate(draft.rows(file.name)):
            first = seen.setdefault(key_of(row), at)
            if first != at:
                found = f"the same as in line {draft.sheets[file.name].lines[first]}"
                wanted = "a key that no other row has"
                todo = "delete one of the two rows, or correct it"
                yield draft.own_fault(file.name, at, ", ".join(file.key), wanted=wanted, found=found, todo=todo)


def check_references(draft: Draft) -> Iterator[Fault]:
    """Every id names a row of the file that it refers to."""
    known = {file.name: draft.keys(file.name) for file in FILES}
    for file in FILES:
        for column in columns_of(file.row):
            if column.col.ref and draft.whole(column.col.ref):
                yield from _reference_faults(draft, file.name, column, known[column.col.ref])


def _reference_faults(draft: Draft, file: str, column: Column, known: set[str]) -> Iterator[Fault]:
    allowed = set(known)
    if column.takes_any:
        allowed.add(ANY)
    if column.default == "":
        allowed.add("")
    ref = column.col.ref
    for at, row in enumerate(draft.rows(file)):
        value = getattr(row, column.name)
        for id_ in value if isinstance(value, tuple) else (value,):
            if id_ not in allowed:
                todo = rename_or(id_, known, f"add a row to {ref}.csv")
                wanted = f"a key of {ref}.csv" + (" or *" if column.takes_any else "")
                yield draft.own_fault(file, at, column.name, wanted=wanted, found=repr(id_), todo=todo)


def check_spans(draft: Draft) -> Iterator[Fault]:
    """A span does not end before it begins, and rows that differ only in their span do not overlap."""
    for file in FILES:
        if "valid_from" in file.row.__struct_fields__:
            yield from _backward_spans(draft, file)
        if issubclass(file.row, Valid) and file.key[-1] == "valid_from":
            yield from _overlaps(draft, file)


def _backward_spans(draft: Draft, file: File) -> Iterator[Fault]:
    for at, row in enumerate(draft.rows(file.name)):
        first, last = attrgetter("valid_from", "valid_to")(row)
        if first and last and last < first:
            wanted, todo = f"a day from {first} on", "correct the first or the last day"
            yield draft.own_fault(file.name, at, "valid_to", wanted=wanted, found=str(last), todo=todo)


def _overlaps(draft: Draft, file: File) -> Iterator[Fault]:
    spans: dict[object, list[tuple[date, date, int]]] = {}
    key_of = attrgetter(*file.key[:-1])
    for at, row in enumerate(draft.rows(file.name)):
        assert isinstance(row, Valid)
        span = (row.valid_from or date.min, row.valid_to or date.max, at)
        if span[0] <= span[1]:
            spans.setdefault(key_of(row), []).append(span)
    for of_key in spans.values():
        yield from _overlaps_of_key(draft, file.name, sorted(of_key))


def _overlaps_of_key(draft: Draft, file: str, spans: list[tuple[date, date, int]]) -> Iterator[Fault]:
    before, last, line_at = spans[0]
    for start, end, at in spans[1:]:
        if before < start <= last:  # equal first days are duplicates
            wanted = f"a first day after {last}" if last < date.max else "no earlier row without an end"
            found = f"{start}, within the span of line {draft.sheets[file].lines[line_at]}"
            todo = "end the earlier row the day before, or delete one"
            yield draft.fault(file, at, "valid_from", wanted=wanted, found=found, todo=todo)
        if end > last:
            before, last, line_at = start, end, at
