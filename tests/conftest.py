"""What every test may ask for: the shared data, and property tests that draw the same examples each time."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from rookery.ledger import log
from rookery.ledger.log import Ledger
from stores import find_programs, ledger_for, running_server

settings.register_profile("rookery", derandomize=True, database=None, deadline=None, print_blob=True)
settings.load_profile("rookery")

SEEDS = 2  # random days that are tried on PostgreSQL too
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


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The socket's folder of a PostgreSQL server; one for each process that tests.

    Without PostgreSQL a test is skipped, or fails where ROOKERY_REQUIRE asks for `postgres`.
    """
    programs = find_programs()
    if programs is None:
        why = "no PostgreSQL: wanted its initdb and pg_ctl, found none; install it (Debian: postgresql)"
        if "postgres" in os.environ.get("ROOKERY_REQUIRE", ""):
            pytest.fail(why)
        pytest.skip(why)
    with running_server(programs) as folder:
        yield folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright, whose loop runs until the module is over: no other may run meanwhile.

    Without either a test is skipped, or fails where ROOKERY_REQUIRE asks for `browser`.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = find_spec("playwright")
    if program is None or driver is None:
        lacks = "Chromium (Debian: chromium)" if program is None else "Playwright (pip install playwright)"
        why = f"no browser: wanted Chromium and Playwright, found no {lacks}; install it"
        if "browser" in os.environ.get("ROOKERY_REQUIRE", ""):
            pytest.fail(why)
        pytest.skip(why)
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        # As root, as build machines are, Chromium runs only without its sandbox; it opens our own pages alone.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database runs on both, unless it is marked `sqlite`."""
    if "database" in metafunc.fixturenames:
        postgres = pytest.param("postgres", marks=pytest.mark.postgres)
        only_one = metafunc.definition.get_closest_marker("sqlite")
        metafunc.parametrize("database", ["sqlite"] if only_one else ["sqlite", postgres], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL random days are the first few of those on SQLite: they are about the same code above the store."""
    named = [(item, getattr(item, "callspec", None)) for item in items]
    on_postgres = [(item, of) for item, of in named if of and of.params.get("database") == "postgres"]
    left_out = {item for item, of in on_postgres if of.params.get("seed", 0) >= SEEDS}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which database ledgers are on; `postgres`: on the server where a test names a file."""
    if request.param == "postgres":
        server, read_name = request.getfixturevalue("server"), log.read_name

        def on_the_server(name: Any) -> log.LedgerName:
            found = read_name(name)
            return ledger_for(server, found) if isinstance(found, Path) else found

        monkeypatch.setattr(log, "read_name", on_the_server)
    return str(request.param)


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
        with suppress(sqlite3.ProgrammingError):  # those of other threads are closed by them
            ledger.close()
