"""A copy of the tiny network, in which tests plant faults."""

import csv
import shutil
from pathlib import Path

import pytest

from rookery.partners.folder.faults import NetworkFaults
from rookery.partners.folder.read import read_network

TINY = Path(__file__).parents[2] / "networks" / "tiny"


class Planted:
    """A network folder that can be spoilt cell by cell. Lines count from 1, the header is line 1."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, file: str, line: int, column: str, text: str) -> None:
        rows = self._rows(file)
        rows[line - 1][rows[0].index(column)] = text
        self._write(file, rows)

    def add(self, file: str, like: int, **cells: str) -> None:
        """Adds a row at the end: a copy of a line with other cells; new columns are added."""
        rows = self._rows(file)
        rows[0] += [name for name in cells if name not in rows[0]]
        rows = [row + [""] * (len(rows[0]) - len(row)) for row in rows]
        row = dict(zip(rows[0], rows[like - 1], strict=True)) | cells
        self._write(file, [*rows, list(row.values())])

    def drop(self, file: str, line: int) -> None:
        rows = self._rows(file)
        del rows[line - 1]
        self._write(file, rows)

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    def faults(self) -> list[tuple[str, int, str]]:
        """File, line and field of every fault; none for a sound network."""
        try:
            read_network(self.path)
        except NetworkFaults as faults:
            return [(fault.file, fault.line, fault.field) for fault in faults.faults]
        return []

    def messages(self) -> str:
        with pytest.raises(NetworkFaults) as raised:
            read_network(self.path)
        return str(raised.value)

    def _rows(self, file: str) -> list[list[str]]:
        with (self.path / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines))

    def _write(self, file: str, rows: list[list[str]]) -> None:
        with (self.path / file).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)


@pytest.fixture(scope="session")
def tiny() -> Path:
    return TINY


@pytest.fixture
def folder(tmp_path: Path) -> Planted:
    shutil.copytree(TINY, tmp_path / "net")
    return Planted(tmp_path / "net")
