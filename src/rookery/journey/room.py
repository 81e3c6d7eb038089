"""What is free on each resource: the state, less what a decision has already set aside."""

from copy import copy

from rookery.journey.account import Account, Amounts, Use, find_lack
from rookery.journey.account import room as room_of
from rookery.journey.departure import Departure
from rookery.journey.price import Load
from rookery.journey.state import Refusal, State, View

VIEWS = (View("account", Account, followed=True), View("departure", Departure, resident=True, followed=True))


class Room:
    """What is free on each resource: the state, less what a decision has already set aside."""

    def __init__(self, state: State):
        self.state = state
        self._accounts = state[Account]
        self._departures = state[Departure]
        self.knows_changes = any(True for _ in self._departures)
        self._aside: dict[str, Amounts] = {}
        self.limits: dict[str, Amounts] = {}  # of every resource asked for

    def departure(self, name: str) -> Departure | None:
        """What is known of a departure beyond the timetable, or None: it runs as planned."""
        return self._departures.find(name) if self.knows_changes else None

    def find_lack(self, use: Use, limits: Amounts) -> Refusal | None:
        """Why a use does not fit, or None."""
        self.limits[use.resource] = limits
        account = self._accounts.find(use.resource)
        limits = limits if account is None else account.limits
        return find_lack(account, limits, use, self._aside.get(use.resource))

    def list_aside(self) -> list[tuple[str, Amounts]]:
        """What is set aside, resource by resource."""
        return list(self._aside.items())

    def left(self, resource: str, dimension: str) -> int:
        """What is left of a resource that was asked for."""
        account = self._accounts.find(resource)
        free = self.limits[resource][dimension] if account is None else room_of(account, dimension)
        return free - self._aside.get(resource, {}).get(dimension, 0)

    def copy(self) -> "Room":
        """The same, to be changed on its own."""
        twin = copy(self)
        twin._aside = {resource: dict(amounts) for resource, amounts in self._aside.items()}
        twin.limits = dict(self.limits)
        return twin

    def set_aside(self, uses: tuple[Use, ...]) -> None:
        """Count these uses as gone."""
        for use in uses:
            aside = self._aside.setdefault(use.resource, {})
            for dimension, amount in use.amounts.items():
                aside[dimension] = aside.get(dimension, 0) + amount


def amounts_of(load: Load) -> Amounts:
    """What a load takes of a departure, dimension by dimension."""
    return {"grams": load.grams, "cm3": load.cm3, "pieces": load.pieces}
