"""What every benchmark prints and writes: rows of value, peer and target, under the machine they were taken on."""

import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "bench"
IN_MEMORY = ("tmpfs", "ramfs")
PYTHON = sys.executable
SYNCS = 50  # writes of one page that the speed of the disk is taken from
PAGE = b"\0" * 4096


class Broken(SystemExit):
    """The benchmark cannot be run or its answers are wrong; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `ratio` is value / peer value; `holds` is None where nothing was wanted.

    value   None: it could not be measured, the note says why, and no target holds
    target  "", or an operator and a number such as ">= 2500"
    """

    name: str
    value: float | None
    unit: str
    peer: str = ""
    peer_value: float | None = None
    target: str = ""
    note: str = ""
    ratio: float | None = field(init=False)
    holds: bool | None = field(init=False)

    def __post_init__(self) -> None:
        ratio = self.value / self.peer_value if self.peer_value and self.value is not None else None
        object.__setattr__(self, "ratio", ratio)
        object.__setattr__(self, "holds", _holds(self.value, self.target) if self.target else None)


def _holds(value: float | None, target: str) -> bool:
    if value is None:
        return False
    operator, _, number = target.partition(" ")
    limit = float(number)
    return {"<": value < limit, "<=": value <= limit, ">=": value >= limit, "=": value == limit}[operator]


def check_equal(what: str, answers: Iterable[object]) -> None:
    """Raise Broken unless all answers are the same."""
    first, *others = answers
    for other in others:
        if other != first:
            raise Broken(f"{what}: wanted the same answer each time, found {first} and {other}")


# --- the machine


def machine(folder: Path = OUT) -> dict[str, str]:
    """What the numbers were taken on; `folder` is where the ledgers are.

    Raises  Broken: the folder is in memory, where a sync costs nothing
    """
    folder.mkdir(parents=True, exist_ok=True)
    kind = filesystem(folder)
    if kind in IN_MEMORY:
        raise Broken(f"{folder}: wanted a folder on a disk, found {kind}; put the checkout on a disk")
    return {
        "cpu": cpu_model(),
        "cores": str(os.cpu_count()),
        "one core": f"{speed():.1f} million steps of Python/s",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "filesystem": f"{kind}, {1000 * sync_s(folder):.2f} ms a synced page",
        "system": f"{platform.system()} {platform.release()}",
    }


def speed() -> float:
    """Million steps a second of a plain loop, as of now: where others share the machine, half of that an hour later."""
    took = []
    for _ in range(5):
        begin, total = time.perf_counter(), 0
        for step in range(200_000):
            total += step
        took.append(time.perf_counter() - begin)
    return 0.2 / statistics.median(took)


def cpu_model() -> str:
    """The name of the processor as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def filesystem(folder: Path) -> str:
    """The kind of filesystem that a folder is on; "unknown" where the system does not say."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    path = str(folder.resolve())
    above = [(point, kind) for point, kind in mounts if f"{path}/".startswith(f"{point.rstrip('/')}/")]
    return max(enumerate(above), key=lambda one: (len(one[1][0]), one[0]))[1][1] if above else "unknown"


def sync_s(folder: Path) -> float:
    """Median seconds to write one page and have it on the disk."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(PAGE)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


# --- printing and writing


def report(name: str, about: dict[str, str], rows: list[Row], title: str) -> None:
    """Print the rows as one table and write them to build/bench/NAME.json."""
    command = f"python -m bench.{name}"
    print(f"\n{title}\n{machine_text(about)}\ncommand: {command}\n")
    print("\n".join(table_lines(rows)), flush=True)
    path = OUT / f"{name}.json"
    shown = {"bench": name, "title": title, "command": command, "machine": about, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


def machine_text(about: dict[str, str]) -> str:
    """The machine in one line."""
    return "; ".join(f"{name} {value}" for name, value in about.items())


def read_rows(name: str) -> list[Row]:
    """The rows that a benchmark wrote."""
    shown = json.loads((OUT / f"{name}.json").read_text(encoding="utf-8"))
    return [Row(**{key: value for key, value in row.items() if key not in ("ratio", "holds")}) for row in shown["rows"]]


def table_lines(rows: list[Row]) -> list[str]:
    """The rows aligned, notes below by number."""
    head = ("", "value", "unit", "peer", "ratio", "target", "holds", "note")
    notes: dict[str, int] = {}
    cells = [head]
    for row in rows:
        mark = f"[{notes.setdefault(row.note, len(notes) + 1)}]" if row.note else ""
        peer = "" if row.peer_value is None else f"{number_text(row.peer_value)} {row.peer}"
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        holds = {True: "yes", False: "NO", None: ""}[row.holds]
        cells.append((row.name, number_text(row.value), row.unit, peer, ratio, row.target, holds, mark))
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row_cells in cells:
        columns = enumerate(zip(row_cells, widths, strict=True))
        lines.append("  ".join(t.rjust(w) if i in (1, 4) else t.ljust(w) for i, (t, w) in columns).rstrip())
    return lines + [""] * bool(notes) + [f"[{number}] {note}" for note, number in notes.items()]


def number_text(value: float | None) -> str:
    """A number as a reader wants it: whole if it is, else with three digits or more that count."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    size = abs(value)
    return f"{value:,.2f}" if size >= 10_000 or 1 <= size < 100 else f"{value:,.1f}" if size >= 100 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    """From the least to the most of several runs, as text for a note."""
    return f"{number_text(min(values))} to {number_text(max(values))} in {len(values)} runs"
