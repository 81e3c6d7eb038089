"""Starts commands for tests, each in a process of its own that has nothing left to import or compile.

    python forks.py

Reads a line for each command: a JSON list of the folder to start in, the files for what it says on its two streams,
and its words. Answers with the exit status.
"""

import contextlib
import io
import json
import os
import sys
import tempfile

from rookery import cli

TRIP = ("plan", "CN 310000", "ES 28001", "--ready", "2026-11-23T09:00+08:00")
WARM_UPS = (
    TRIP, (*TRIP, "--green"), ("demo", "--orders", "20"),
    ("transit", "--from", "HKG", "--to", "ES-MAD-01", "--day", "2026-12-01"),
)  # fmt: skip


def main() -> None:
    said = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        os.chdir(folder)
        for words in WARM_UPS:
            with contextlib.suppress(SystemExit):
                act(*words)
        os.chdir("/")
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            start(*json.loads(line))
            return
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def start(folder: str, out: str, err: str, *words: str) -> None:
    """A command as if it had just been typed."""
    os.chdir(folder)
    for stream, name, how in ((0, os.devnull, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY)):
        os.dup2(os.open(name, how | os.O_CREAT), stream)
    act(*words)


def act(*words: str) -> None:
    sys.argv = ["rookery", *words]
    cli.main()


if __name__ == "__main__":
    main()
