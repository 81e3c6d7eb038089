"""What an order came to with the message that brought it: by the facts of that message, so always the same."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from rookery.hub.spaces import refusals_told
from rookery.journey.order import OrderPlaced, OrderRefused
from rookery.journey.shipment import ShipmentMade
from rookery.journey.state import Refusal


class Came(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an order came to.

    reference  its owner's name for it
    comes_to   booked; refused, for the reasons in `refusals`, the binding one first; waits: for a round
    """

    reference: str
    comes_to: Literal["booked", "refused", "waits"] = "waits"
    refusals: tuple[Refusal, ...] = ()


def came_of(facts: Iterable[Any], order_id: bytes, sender: str) -> Came | None:
    """What an order came to by the facts of one message, as its sender may see it; None: that did not bring it."""
    came: Came | None = None
    for fact in facts:
        match fact:
            case OrderPlaced(order_id=id_, asked=asked) if id_ == order_id:
                came = Came(asked.reference)
            case ShipmentMade(order_id=id_) if came is not None and id_ == order_id:
                return Came(came.reference, "booked")
            case OrderRefused(order_id=id_, reasons=reasons) if came is not None and id_ == order_id:
                return Came(came.reference, "refused", refusals_told(reasons, sender))
    return came
