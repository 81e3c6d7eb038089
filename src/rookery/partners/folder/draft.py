"""A network that is read but not yet checked, with the line of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rookery.journey.network.rows import Row
from rookery.journey.network.whole import FILES, Network
from rookery.partners.folder.sheet import Sheet
from rookery.partners.port import Fault


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows that could be read, and where they stand.

    spoilt  per file, first key cell of rows with a fault of their own: rules over several rows pass them by,
            so that one fault is told once
    """

    network: Network
    sheets: Mapping[str, Sheet]
    spoilt: Mapping[str, set[str]]

    @classmethod
    def of(cls, sheets: Mapping[str, Sheet], snapshot: str) -> "Draft":
        """The draft of all files."""
        rows = {file.name: tuple(sheets[file.name].rows) for file in FILES}
        network = Network(snapshot=snapshot, **rows)  # type: ignore[arg-type]  # each file has its own row type
        return cls(network, sheets, {name: set(sheet.spoilt) for name, sheet in sheets.items()})

    def rows(self, file: str) -> Sequence[Row]:
        """The rows of a file."""
        return self.sheets[file].rows

    def fault(self, file: str, at: int, field: str, *, wanted: str, found: str, todo: str) -> Fault:
        """A fault of the row at a position of a file."""
        sheet = self.sheets[file]
        return Fault(sheet.name, sheet.lines[at], field, wanted, found, todo)

    def own_fault(self, file: str, at: int, field: str, *, wanted: str, found: str, todo: str) -> Fault:
        """A fault of the row by itself: rules over several rows then pass it by."""
        sheet = self.sheets[file]
        self.spoilt[file].add(str(getattr(sheet.rows[at], sheet.file.key[0])))
        return self.fault(file, at, field, wanted=wanted, found=found, todo=todo)

    def whole(self, *files: str) -> bool:
        """True where all rows of the files could be told apart."""
        return all(self.sheets[file].whole for file in files)

    def keys(self, file: str) -> set[str]:
        """What others may refer to in a file: the first key column of its rows, also of those with a fault."""
        first = self.sheets[file].file.key[0]
        return {getattr(row, first) for row in self.rows(file)} | self.sheets[file].spoilt
