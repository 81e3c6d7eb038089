"""A day that is killed again and again: started by test_killed.py, in a process of its own.

    python killed.py LEDGER SEED

Reads kill points from the standard input, one a line: `statement N` kills the hub as its N-th SQL statement begins,
`after MS` kills it so many milliseconds after it began to work. After each kill the hub starts again and hears the
whole day again; in the end once more, undisturbed. Each answer goes to the standard output the moment it is given.
"""

import os
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from days import little_network, messages
from rookery.hub.open import open_hub

NETWORK = little_network()
CONNECT = sqlite3.connect


def kill_at_statement(number: int) -> None:
    """From now on the N-th statement of any connection is the last thing this process does."""
    count = 0

    def traced(_: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        db = CONNECT(*args, **kwargs)
        db.set_trace_callback(traced)
        return db

    sqlite3.connect = connect  # type: ignore[assignment]


def work(path: Path, seed: int) -> None:
    hub = open_hub(NETWORK, path)
    for message, answer in hub.receive(messages(seed), group_ms=2.0):
        line = f"{message.sender} {message.key} {answer.outcome} {answer.about.hex()} {int(answer.seen)}\n"
        os.write(1, line.encode())


def start(path: Path, seed: int, point: str) -> int:
    """Work in a child process until the kill point; its exit status."""
    how, _, number = point.partition(" ")
    child = os.fork()
    if not child:
        if how == "statement":
            kill_at_statement(int(number))
        work(path, seed)
        os._exit(0)
    if how == "after":
        time.sleep(int(number) / 1000)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def warm_up(seed: int) -> None:
    """The day once, elsewhere: children have the machine code then, and are killed at work, not at loading it."""
    with tempfile.TemporaryDirectory() as folder:
        hub = open_hub(NETWORK, Path(folder, "first.ledger"))
        for _ in hub.receive(messages(seed)):
            pass
        hub.ledger.close()


def main() -> None:
    path, seed = Path(sys.argv[1]), int(sys.argv[2])
    warm_up(seed)
    for point in [*sys.stdin.read().splitlines(), ""]:
        status = start(path, seed, point)
        os.write(1, f"-- {point}: {status}\n".encode())
        if status not in (0, -signal.SIGKILL):
            sys.exit(1)


if __name__ == "__main__":
    main()
