"""The routes, by what they are about. Importing a module enters its routes into the table."""

from rookery.web.routes import events, network, orders, quotes, spaces, system
from rookery.web.table import TABLE, Route

__all__ = ["events", "load_routes", "network", "orders", "quotes", "spaces", "system"]


def load_routes() -> list[Route]:
    """All routes of the server."""
    return TABLE.routes
