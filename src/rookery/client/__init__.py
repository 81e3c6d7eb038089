"""A typed client of a hub's API."""
