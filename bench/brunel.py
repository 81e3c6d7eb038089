"""The Brunel orders made ready for a benchmark, and the programs of their example."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from bench.process import run
from bench.table import OUT, ROOT

EXAMPLE = ROOT / "examples" / "brunel"
FOLDER = OUT / "brunel"
NETWORK = FOLDER / "network"
MANY_DAYS, ONE_DAY = FOLDER / "orders.csv", FOLDER / "orders-one-day.csv"
ORDER_COUNT = 9_215


def make_ready() -> None:
    """Convert the raw files anew.

    Raises  SystemExit: the raw files are not there; the text says where they are looked for
    """
    program("raw").get_data()
    run((sys.executable, EXAMPLE / "convert.py", FOLDER))


def find_data() -> Path | None:
    """The folder of the raw files, or None."""
    found: Path | None = program("raw").find_data()
    return found


def program(name: str) -> ModuleType:
    """A program of the example as a module, loaded as if it had been started there."""
    sys.path.insert(0, str(EXAMPLE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(EXAMPLE))
