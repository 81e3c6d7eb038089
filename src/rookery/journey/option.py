"""How an order may be filled and travel: an option, and the fact that one was chosen."""

from dataclasses import dataclass

import msgspec

from rookery.journey.account import Use
from rookery.journey.departure import Seen
from rookery.journey.price import Charge, Load
from rookery.journey.route import Plan
from rookery.journey.share import Claimant
from rookery.journey.state import Refusal
from rookery.journey.stock import Slot
from rookery.journey.walk import Trip

CANDIDATES_MAX = 12  # candidates kept with a decision


class Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The pieces of an order that travel together, and how."""

    pieces: int
    load: Load
    plan: Plan


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An option that was looked at: what it was, and why it was taken or not."""

    site: str
    verdict: str
    ships_on: str = ""
    services: tuple[str, ...] = ()
    arrives_at: int = 0
    cost_minor: int = 0


class Missed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A plan that would have been better, had there been space: what it lacked, what it cost, when it was there."""

    reason: Refusal
    cost_minor: int
    arrives_at: int


class Fallback(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The firm plan that a plan on lent space falls back to. `held`: its space is held meanwhile, under an id."""

    parts: tuple[Part, ...]
    uses: tuple[Use, ...]
    cost_minor: int
    arrives_at: int
    held: bytes = b""


class Sourced(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an order is filled: decided, not yet held.

    promised_by   the latest instant that the product promises
    ready_at      when the goods are ready at the site; way_in: how they come to the first facility
    seller        the company that sells the product, and numbers the parcels
    price         what the buyer pays; None: what it costs
    by            on whose terms space is asked for
    missed        better plans for which there was no space, and why
    fallback      another plan, wholly firm, for one that stands on lent space
    """

    order_id: bytes
    decision_id: bytes
    basis: str
    rule: str
    site: str
    parts: tuple[Part, ...]
    uses: tuple[Use, ...]
    cost_minor: int
    promised_by: int
    candidates: tuple[Candidate, ...]
    seller: str
    crosses_border: bool = False
    ships_on: str = ""
    handling: Charge | None = None
    price: Charge | None = None
    ready_at: int = 0
    way_in: str = "pickup"
    by: Claimant = Claimant()
    missed: tuple[Missed, ...] = ()
    fallback: Fallback | None = None


class PlanOvertaken(msgspec.Struct, frozen=True):
    """A plan that was chosen could not be held, and why; the order is planned again."""

    order_id: bytes
    decision_id: bytes
    reason: Refusal


@dataclass(frozen=True, slots=True)
class Option:
    """One way to fill an order. `trip`: what a way was looked for."""

    site: str
    slot: Slot | None
    trip: Trip
    parts: tuple[Part, ...]
    uses: tuple[Use, ...]
    cost_minor: int
    arrives_at: int
    price: Charge | None
    crosses_border: bool

    @property
    def rank(self) -> tuple[int, int, str]:
        """Cheapest first, then earliest, then by site."""
        return self.cost_minor, self.arrives_at, self.site

    def candidate(self, verdict: str) -> Candidate:
        """The option as a decision keeps it."""
        services = tuple(leg.service_id for part in self.parts for leg in part.plan.legs)
        day = self.slot.day.isoformat() if self.slot else ""
        return Candidate(self.site, verdict, day, services, self.arrives_at, self.cost_minor)


def departures_of(parts: tuple[Part, ...]) -> tuple[Seen, ...]:
    """Every departure that these parts ride, once, in the version that they were planned with."""
    seen = {leg.departure: leg.version for part in parts for leg in part.plan.legs if leg.departure}
    return tuple(Seen(departure, version) for departure, version in seen.items())
