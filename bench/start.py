"""How soon the command line answers, how long the backbone network takes to load, what a run holds in memory."""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import brunel
from bench.process import Finished, pinned_text, remove_ledger, rookery, run, sample
from bench.table import OUT, PYTHON, Row, check_equal, machine, report, spread

RUNS, RUNS_SLOW = 11, 5
LEDGERS = OUT / "ledgers"
MEGABYTE = 1_000_000
PLAN = ("plan", "CN 518000", "ES 28001", "--ready", "2026-11-23T09:00+08:00", "--weight", "1kg")
COLD = "no compiled bytecode of anything, as directly after a copy; the files themselves may be in memory"


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    rows = [*_help_rows(), *_check_rows(), *_load_rows(), _plan_row(), *_memory_rows()]
    report("start", about, rows, f"Start, load and memory, {pinned_text()}")


def _times(count: int, command: Callable[[], Finished]) -> list[float]:
    done = [command() for _ in range(count)]
    check_equal("what a command prints", [one.out for one in done])
    return [one.seconds for one in done]


def _help_rows() -> list[Row]:
    rookery("--help")
    took, bare = _times(RUNS, lambda: rookery("--help")), _times(RUNS, lambda: run((PYTHON, "-c", "pass")))
    peer = "s python -c pass"
    return [
        Row("rookery --help", statistics.median(took), "s", peer, statistics.median(bare), "< 0.3", spread(took)),
        Row("rookery --help, first time", _first("--help"), "s", note=COLD),
    ]


def _first(*words: str) -> float:
    """Seconds of a command that has to compile all it imports."""
    with tempfile.TemporaryDirectory(dir=OUT) as empty:
        return rookery(*words, PYTHONPYCACHEPREFIX=empty).seconds


def _check_rows() -> list[Row]:
    words = ("network", "check", "backbone")
    first = _first(*words)
    took = _times(RUNS, lambda: rookery(*words))
    said = rookery(*words).out.strip()
    return [
        Row("rookery network check backbone, first time", first, "s", note=COLD),
        Row("rookery network check backbone", statistics.median(took), "s", "", None, "< 1", f"{said}; {spread(took)}"),
    ]


def _load_rows() -> list[Row]:
    found = [sample("load") for _ in range(RUNS_SLOW)]
    check_equal("snapshot of the backbone", [one["snapshot"] for one in found])
    return [
        Row(name, 1000 * statistics.median(one[key] for one in found), "ms", target=target)
        for key, name, target in (
            ("first_s", "load and check backbone, in process", "< 1000"),
            ("again_s", "load and check backbone, again in that process", ""),
            ("world_s", "make timetable, prices and shelves of it", ""),
        )
    ]


def _plan_row() -> Row:
    took = _times(RUNS_SLOW, lambda: rookery(*PLAN))
    return Row("rookery plan on backbone", statistics.median(took), "s", note=f"{' '.join(PLAN)}; {spread(took)}")


def _memory_rows() -> list[Row]:
    name, target = "memory of the Brunel run", "< 500"
    if brunel.find_data() is None:
        return [Row(name, None, "MB", target=target, note="not measured: the Brunel data is not here")]
    brunel.make_ready()
    return [_memory(f"{name}, {rounds}", rounds, target) for rounds in ("each", "file")]


def _memory(name: str, rounds: str, target: str) -> Row:
    ledger: Path = remove_ledger(LEDGERS / "memory.ledger")
    words = ("--network", brunel.NETWORK, "--orders", brunel.MANY_DAYS, "--ledger", ledger, "--rounds", rounds)
    done = rookery("run", *words, "--json")
    return Row(name, done.peak_bytes / MEGABYTE, "MB", "", None, target, "peak resident memory of the whole command")


if __name__ == "__main__":
    main()
