"""What every test may ask for: the shared data, and property tests that draw the same examples each time."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from rookery.ledger.log import Ledger

settings.register_profile("rookery", derandomize=True, database=None, deadline=None, print_blob=True)
settings.load_profile("rookery")

BESIDE = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; ROOKERY_SHARED names another one.

    Without it a test is skipped, or fails where ROOKERY_REQUIRE asks for `shared`.
    """
    folder = Path(os.environ.get("ROOKERY_SHARED", BESIDE))
    if not folder.is_dir():
        why = f"no shared data: wanted the folder {folder}, found none; set ROOKERY_SHARED to where it is"
        if "shared" in os.environ.get("ROOKERY_REQUIRE", ""):
            pytest.fail(why)
        pytest.skip(why)
    return folder


@pytest.fixture(autouse=True)
def ledgers_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test opened is closed after it, as a program's end would."""
    opened: list[Ledger] = []
    begin = Ledger.__init__

    def remember(ledger: Ledger, *args: Any, **kwargs: Any) -> None:
        begin(ledger, *args, **kwargs)
        opened.append(ledger)

    monkeypatch.setattr(Ledger, "__init__", remember)
    yield
    for ledger in opened:
        ledger.close()
