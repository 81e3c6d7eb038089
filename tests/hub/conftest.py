"""Every test here runs on SQLite and on PostgreSQL, unless it is marked `sqlite`."""

import pytest


@pytest.fixture(autouse=True)
def on_either_database(database: str) -> None:
    """Ask for it."""
