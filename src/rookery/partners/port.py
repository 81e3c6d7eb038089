"""What every border shares: the fault of a message that cannot be read, with all its bad fields at once.

BadMessage     a message that says something impossible: the sender has to correct it
"""

from dataclasses import dataclass


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
