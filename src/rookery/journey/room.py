"""What is free on each resource: the state, less what a decision has already set aside."""

from copy import copy

from rookery.journey.account import Account, Amounts, Use, find_lack
from rookery.journey.account import room as room_of
from rookery.journey.departure import Departure
from rookery.journey.desk import Desk
from rookery.journey.lines import DIMENSIONS
from rookery.journey.network.rows import ANY
from rookery.journey.price import Load
from rookery.journey.share import Claimant, Verdict
from rookery.journey.share import judge as judge_use
from rookery.journey.state import Refusal, State, View
from rookery.journey.tally import Loan

ALL = 2**61  # more than there is of anything
VIEWS = (
    View("account", Account, followed=True),
    View("loan", Loan, resident=True, followed=True),
    View("departure", Departure, resident=True, followed=True),
)


class Room:
    """What is free on each resource: the state, less what a decision has already set aside.

    turns_away  something that a search for useful plans came upon had no room, or was closed
    """

    def __init__(self, state: State):
        self.state = state
        self._accounts = state[Account]
        self._departures = state[Departure]
        self.knows_changes = any(True for _ in self._departures)
        self._aside: dict[str, Amounts] = {}
        self._own: dict[tuple[str, str], Amounts] = {}  # of what is set aside, by holder
        self.limits: dict[str, Amounts] = {}  # of every resource asked for
        self.turns_away = False

    def departure(self, name: str) -> Departure | None:
        """What is known of a departure beyond the timetable, or None: it runs as planned."""
        return self._departures.find(name) if self.knows_changes else None

    def find_lack(self, use: Use, limits: Amounts) -> Refusal | None:
        """Why a use does not fit, or None."""
        self.limits[use.resource] = limits
        account = self._accounts.find(use.resource)
        limits = limits if account is None else account.limits
        return find_lack(account, limits, use, self._aside.get(use.resource))

    def judge(self, use: Use, limits: Amounts, by: Claimant, desk: Desk) -> Verdict:
        """What would become of a use for a claimant: it has to fit, and by the claims of all who share the resource."""
        lack = self.find_lack(use, limits)
        if lack is not None and lack.code == "closed":
            return Verdict(lack)
        verdict = judge_use(self.state, use, limits, by, desk, self._own.get((use.resource, by.holder)))
        return verdict if verdict.refusal is not None or verdict.recalled else Verdict(lack, verdict.space)

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
        twin._own = {key: dict(amounts) for key, amounts in self._own.items()}
        twin.limits = dict(self.limits)
        return twin

    def set_aside(self, uses: tuple[Use, ...], holder: str = ANY) -> None:
        """Count these uses of a holder as gone; what is given back is below 0."""
        for use in uses:
            for aside in (self._aside.setdefault(use.resource, {}), self._own.setdefault((use.resource, holder), {})):
                for dimension, amount in use.amounts.items():
                    aside[dimension] = aside.get(dimension, 0) + amount

    def block(self, resource: str) -> None:
        """Let nothing more come upon a resource."""
        self._aside[resource] = dict.fromkeys(DIMENSIONS, ALL)


def amounts_of(load: Load) -> Amounts:
    """What a load takes of a departure, dimension by dimension."""
    return {"grams": load.grams, "cm3": load.cm3, "pieces": load.pieces}
