"""What every border shares: the faults of a message or of files that cannot be read, all of them at once.

BadMessage     a message that says something impossible: the sender has to correct it
FileFaults     files that cannot be used: whoever wrote them has to correct them
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, get_type_hints

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what a decoder raises for a foreign body
AMOUNT_MAX = 10**12  # grams, cm3 and units: far above any shipment, far below 64 bits
LETTERS_MAX = 200  # of a name or a number
NOTE_LETTERS_MAX = 2_000  # of what is told to people
FAULTS_MAX = 100  # that are told of one message
INSTANT_MAX = 7_258_118_400  # 2200-01-01T00:00Z; earlier than 1970 or later than this is a slip of the pen

Short = Annotated[str, msgspec.Meta(max_length=LETTERS_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_LETTERS_MAX)]


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One bad field: its path, what was wanted, what was found, what to do."""

    path: str
    wanted: str
    found: str
    todo: str = "correct it and send it again"

    def __str__(self) -> str:
        return f"{self.path}: wanted {self.wanted}, found {self.found}; {self.todo}"


class BadMessage(Exception):
    """A message that cannot be read. `faults` holds every bad field, of very many the first; what is told is short."""

    def __init__(self, faults: list[FieldFault]):
        told = [_short(fault) for fault in faults[:FAULTS_MAX]]
        if len(faults) > FAULTS_MAX:
            told.append(FieldFault("message", f"at most {FAULTS_MAX} bad fields", "more", "correct these first"))
        super().__init__("; ".join(map(str, told)))
        self.faults = told


def _short(fault: FieldFault) -> FieldFault:
    """A fault as it is told: what came from outside is short and printable."""
    path, found = fault.path, fault.found
    if len(path) <= LETTERS_MAX and len(found) <= LETTERS_MAX and path.isprintable() and found.isprintable():
        return fault
    path, found = (_printable(text[:LETTERS_MAX])[:LETTERS_MAX] for text in (path, found))
    return replace(fault, path=path, found=found)


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what was wanted, what was found, what to do.

    line   line of the file where the record begins, from 1; 0: the file as a whole
    field  the column; blank where the fault is not in one
    """

    file: str
    line: int
    field: str
    wanted: str
    found: str
    todo: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line else self.file
        if self.field:
            where += f", {self.field}"
        return f"{where}: wanted {self.wanted}, found {self.found}; {self.todo}"


class FileFaults(ValueError):
    """Files that cannot be used, with all that is wrong with them. `hides`: what could not be read may have more."""

    def __init__(self, faults: Sequence[Fault], *, hides: bool = False) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults, self.hides = list(faults), hides


def good_fields(
    fields: dict[str, Any], kind: type[msgspec.Struct], faults: list[FieldFault], *, what: str, path: str = ""
) -> dict[str, Any]:
    """The fields that a struct has, of its types; a fault for each other. `what`: an order, a line."""
    good: dict[str, Any] = {}
    hints = _hints(kind)
    convert: Callable[..., Any] = msgspec.convert
    for name, value in fields.items():
        if name not in hints:
            found = f"a name that no {what.rpartition(' ')[2]} has"
            faults.append(FieldFault(f"{path}{name}", f"a field of {what}", found, "see docs/orders.md"))
            continue
        try:
            good[name] = convert(value, hints[name], strict=False)
        except msgspec.ValidationError:
            wanted = {int: "a whole number", Short: "text", Note: "text"}.get(hints[name], "text or a number")
            faults.append(FieldFault(f"{path}{name}", *_wanted(wanted, value, hints[name])))
    return good


def _wanted(wanted: str, value: Any, hint: Any) -> tuple[str, str]:
    """What was wanted of a field, and what was found."""
    if wanted == "text" and isinstance(value, str):
        return f"at most {LETTERS_MAX if hint is Short else NOTE_LETTERS_MAX} letters", f"{len(value)} letters"
    return wanted, repr(value)[: LETTERS_MAX + 1]


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
