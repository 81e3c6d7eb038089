"""An empty folder for each test, and one in which a day has been done."""

from pathlib import Path

import pytest
from typed import TOO_HEAVY, Folder, tea


@pytest.fixture
def here(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder in which two orders were delivered, one was refused and one reference is used twice."""
    folder = Folder(tmp_path_factory.mktemp("day"))
    nest = f"shared,nest,{tea('x').split(',', 2)[2]}"
    orders = folder.orders(tea("1"), TOO_HEAVY, tea("shared"), nest.replace("TEA-250", "KETTLE-1"))
    folder.run(orders, "--carry", "3", "--results", "results.csv")
    return folder
