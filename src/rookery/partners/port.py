"""What every border shares: the faults of a message or of files that cannot be read, all of them at once.

BadMessage     a message that says something impossible: the sender has to correct it
FileFaults     files that cannot be used: whoever wrote them has to correct them
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what a decoder raises for a foreign body
AMOUNT_MAX = 10**12  # grams, cm3 and units: far above any shipment, far below 64 bits
INSTANT_MAX = 7_258_118_400  # 2200-01-01T00:00Z; earlier than 1970 or later than this is a slip of the pen


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
    """A message that cannot be read. `faults` holds every bad field."""

    def __init__(self, faults: list[FieldFault]):
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


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
    hints = get_type_hints(kind)
    convert: Callable[..., Any] = msgspec.convert
    for name, value in fields.items():
        if name not in hints:
            found = f"a name that no {what.rpartition(' ')[2]} has"
            faults.append(FieldFault(f"{path}{name}", f"a field of {what}", found, "see docs/orders.md"))
            continue
        try:
            good[name] = convert(value, hints[name], strict=False)
        except msgspec.ValidationError:
            wanted = {int: "a whole number", str: "text"}.get(hints[name], "text or a number")
            faults.append(FieldFault(f"{path}{name}", wanted, repr(value)))
    return good
