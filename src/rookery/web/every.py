"""The routes, by what they are about. Importing a module enters its routes into the table."""

from rookery.web.routes import (
    between,
    companies,
    departures,
    events,
    lists,
    network,
    notices,
    oauth,
    objects,
    orders,
    quotes,
    shares,
    spaces,
    system,
    trust,
    webhooks,
)
from rookery.web.table import TABLE, Route

__all__ = [
    "between", "companies", "departures", "events", "lists", "load_routes", "network", "notices", "oauth", "objects",
    "orders", "quotes", "shares", "spaces", "system", "trust", "webhooks",
]  # fmt: skip


def load_routes() -> list[Route]:
    """All routes of the server."""
    return TABLE.routes
