"""The command line. Each command opens what it needs, asks the hub, and prints; the work is done elsewhere.

Imports stand inside the commands: `rookery --help` should not wait for solvers and calendars.
Exit status: 0 done, 1 nothing found or an answer of no, 2 bad input, 130 interrupted (run it again to go on).
"""

import gc
import sqlite3
import sys

from rookery.cli import looks, networks, plans, runs, sending, serving, shares
from rookery.cli.edge import app, fail
from rookery.ledger.fault import LedgerFault

GARBAGE_MIN = 200_000  # a plan makes fewer things; looking through them each 700 took a tenth of its time

__all__ = [
    "app",
    "looks",
    "main",
    "networks",
    "plans",
    "runs",
    "sending",
    "serving",
    "shares",
]  # importing a room makes its commands known


def main() -> None:
    """Entry point of the `rookery` command."""
    gc.set_threshold(GARBAGE_MIN)
    try:
        app()
    except KeyboardInterrupt:
        fail("interrupted: what was committed stands; run the same command again to go on", status=130)
    except LedgerFault as fault:
        fail(fault)
    except sqlite3.DatabaseError as fault:
        fail(f"ledger: wanted a whole SQLite file, found: {fault}; go back to a copy of it")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        gc.freeze()  # a process that ends gives all back by itself; looking for garbage first takes longer than a plan
