"""What is wrong with a network folder: every fault of every file, told at once."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

SUGGEST_MAX = 2_000  # names compared for a suggestion; more would be slow and seldom right


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


class NetworkFaults(ValueError):
    """A network folder that cannot be used, with all its faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


def closest(found: str, names: Collection[str]) -> str:
    """The name most like the one found; blank where none is like it, or where there are too many to compare."""
    if len(names) > SUGGEST_MAX:
        return ""
    by_lower = {name.lower(): name for name in sorted(names)}
    near = difflib.get_close_matches(found.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else ""


def rename_or(found: str, names: Collection[str], otherwise: str) -> str:
    """What to do about an unknown name: the closest one, or something else."""
    near = closest(found, names)
    return f"did you mean {near}? Else {otherwise}" if near else otherwise
