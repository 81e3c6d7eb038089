"""What a decision may look at beside the state: the timetable, the prices, the policy, the time, fresh ids."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rookery.journey.account import Amounts
from rookery.journey.network.whole import Network
from rookery.journey.price import Prices
from rookery.journey.service import Timetable
from rookery.journey.sharing import Sharing
from rookery.journey.shelves import Shelves
from rookery.units import DAY_S

ENGINE = "13"  # raised whenever the same input may lead to another decision


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator of a network may set. Recorded in the ledger, and with every decision by its version.

    horizon_s      how long after it is ready an order may still be under way
    hold_s         how long a plan stays held until it is taken
    attempts_max   delivery attempts before a parcel goes back
    legs_max       most services in a plan
    days_ahead     how many days ahead a warehouse may ship an order
    replans_max    orders whose plans are looked at again with one message
    early_ppm      share of goods that may arrive before the window that is promised
    late_ppm       share of goods that arrive by its end, where the product sets none
    scans_ahead_s  how far a carrier's clock may be ahead of the hub's
    """

    version: str = "1"
    horizon_s: int = 60 * DAY_S
    hold_s: int = 900
    attempts_max: int = 3
    legs_max: int = 8
    days_ahead: int = 60
    replans_max: int = 200
    early_ppm: int = 50_000
    late_ppm: int = 950_000
    scans_ahead_s: int = 3600


class World:
    """A network ready for decisions, shared by all of them.

    derived  what can be made again from the rest, by what it is
    """

    __slots__ = ("basis", "derived", "policy", "prices", "sharing", "shelves", "timetable")

    def __init__(self, network: Network, policy: Policy):
        self.timetable = Timetable(network)
        self.prices = Prices(network)
        self.shelves = Shelves(network)
        self.sharing = Sharing(network, self.timetable, self.shelves)
        self.policy = policy
        self.derived: dict[Any, Any] = {}
        self.basis = f"engine {ENGINE}, policy {policy.version}, snapshot {network.snapshot[:12]}"

    def limits_of(self, resource: str) -> Amounts:
        """Limits of a resource by its name, as the network states them."""
        kind, _, name = resource.partition(":")
        if kind == "departure":
            return self.timetable.limits_of(name)
        return (self.shelves if kind in ("warehouse", "stock") else self.sharing).limits_of(resource)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one message is decided. `see`: who wants to look at each fact just before it is folded; None: nobody."""

    world: World
    now: int
    new_id: Callable[[], bytes]
    see: Callable[[Any], None] | None = None
