"""Commands and measuring programs, each in a fresh process on one core, with wall clock and memory.

The parent stays small on purpose: the peak memory that the system tells of a child begins with its parent's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.table import ROOT, Broken

ONE_CORE = hasattr(os, "sched_setaffinity")
TEXT_SHOWN = 2_000  # characters of a failed command's last words


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended: wall clock from start to exit, peak resident memory, what it printed."""

    seconds: float
    peak_bytes: int
    out: str


def run(command: Sequence[str | Path], **environment: str) -> Finished:
    """Run a command on one core, where the system can hold it there.

    Raises  Broken: it ended with another status than 0
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.sync()  # what the run before left to write is not this one's
        began = time.perf_counter()
        child = subprocess.Popen(
            words, stdout=out, stderr=err, cwd=ROOT, env=os.environ | environment, preexec_fn=_one_core()
        )
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            last_words = (err.read() or out.read()).decode(errors="replace")[-TEXT_SHOWN:]
            raise Broken(f"{' '.join(words)}: wanted exit status 0, found {child.returncode}\n{last_words}")
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Finished(seconds, peak, out.read().decode())


def _one_core() -> Callable[[], None] | None:
    if not ONE_CORE:
        return None
    core = max(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {core})


def rookery(*words: str | Path, **environment: str) -> Finished:
    """Run the command line as a user has it."""
    script = Path(sys.executable).with_name("rookery")
    if not script.is_file():
        raise Broken(f"{script}: wanted the command beside this Python, found none; install the project into it")
    return run((script, *words), **environment)


def sample(what: str, **arguments: str | Path | int) -> dict[str, Any]:
    """Measure something once in a fresh process; see `bench/sample.py` for what there is."""
    given = json.dumps(arguments, default=str)
    found: dict[str, Any] = json.loads(run((sys.executable, "-m", "bench.sample", what, given)).out)
    return found


def pinned_text() -> str:
    """How processes are held, for a note."""
    return "on one core" if ONE_CORE else "not held to one core: this system cannot"


def remove_ledger(path: Path) -> Path:
    """Make sure that a ledger begins empty; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    return path


def processes_of(pid: int) -> list[int]:
    """A process and all that it has started, and these."""
    threads = Path("/proc", str(pid), "task").glob("*/children")
    own = [int(one) for thread in threads for one in thread.read_text(encoding="ascii").split()]
    return [pid, *(one for child in own for one in processes_of(child))]


def memory_of(pid: int) -> int:
    """Bytes of a process that are in memory."""
    words = Path(f"/proc/{pid}/status").read_text(encoding="ascii").split()
    return int(words[words.index("VmRSS:") + 1]) * 1024
