"""What an order came to with the message that brought it: read from the facts of that message, so always the same."""

from dataclasses import dataclass
from typing import Literal

from rookery.hub.spaces import refusals_told
from rookery.journey.order import OrderPlaced, OrderRefused
from rookery.journey.shipment import ShipmentMade
from rookery.journey.state import Refusal
from rookery.ledger.log import Ledger


@dataclass(frozen=True, slots=True)
class Came:
    """What an order came to.

    reference  its owner's name for it
    comes_to   booked; refused, for the reasons in `refusals`, the binding one first; waits: for a round
    """

    reference: str = ""
    comes_to: Literal["booked", "refused", "waits"] = "waits"
    refusals: tuple[Refusal, ...] = ()


def came_of(ledger: Ledger, order_id: bytes, sender: str) -> Came:
    """What an order came to with the message that brought it, as its sender may see it."""
    reference, message = "", 0
    for stored in list(ledger.list_facts(about=order_id)):
        if message and stored.message != message:
            break
        match stored.fact:
            case OrderPlaced(asked=asked):
                reference, message = asked.reference, stored.message
            case ShipmentMade():
                return Came(reference, "booked")
            case OrderRefused(reasons=reasons):
                return Came(reference, "refused", refusals_told(reasons, sender))
    return Came(reference)
