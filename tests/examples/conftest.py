"""The examples are programs, not a package: each is loaded from its own folder, as if it had been started there."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def load(example: str, name: str) -> ModuleType:
    """A program of an example as a module. Its neighbours are loaded anew, so two examples never mix."""
    folder = EXAMPLES / example
    for neighbour in {path.stem for path in EXAMPLES.glob("*/*.py")}:
        sys.modules.pop(neighbour, None)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], ModuleType]:
    """`program("brunel", "bounds")` is examples/brunel/bounds.py."""
    return load
