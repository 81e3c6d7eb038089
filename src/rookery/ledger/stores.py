"""Opening the database that a ledger's name stands for."""

from importlib import import_module
from pathlib import Path

from rookery.ledger.sqlite import SqliteStore
from rookery.ledger.store import Columns, LedgerName, Store

TURN_WAIT_S = 30.0


def open_store(name: LedgerName, views: Columns, *, writable: bool, wait_s: float = TURN_WAIT_S) -> Store:
    """The database of a ledger, whose views have these columns.

    Raises  LedgerFault: there is none to read, or it cannot be opened
    """
    if isinstance(name, Path):
        return SqliteStore(name, views, writable=writable)
    # By its name: the driver takes 0.2 s to load, which whoever has a file shall not wait for.
    postgres = import_module("rookery.ledger.postgres")
    store: Store = postgres.PostgresStore(name, views, writable=writable, wait_s=wait_s)
    return store
