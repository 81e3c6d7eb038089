"""Names in an order that the network does not know, as bad fields: for who can correct the order and send it again."""

from typing import Any

from rookery.journey.desk import World
from rookery.journey.order import PlaceOrder, UnknownName, unknown_names
from rookery.journey.state import State
from rookery.partners.port import BadMessage, FieldFault, meant

LISTED_MAX = 60  # names that a fault lists; of more it says what they are
FIELDS = {
    "owner": "owner", "product_id": "product", "goods_class": "goods_class", "return_of": "return_of",
    "origin.facility_id": "from_facility", "origin.country": "from_country",
    "destination.facility_id": "to_facility", "destination.country": "to_country",
}  # fmt: skip


def check_names(asks: list[Any], state: State, world: World) -> None:
    """Raises  BadMessage: with each name in orders that nothing of the network has"""
    placed = [ask for ask in asks if isinstance(ask, PlaceOrder)]
    if faults := [_fault(one) for ask in placed for one in unknown_names(state, world, ask.asked)]:
        raise BadMessage(faults)


def _fault(unknown: UnknownName) -> FieldFault:
    known = sorted(unknown.known)
    wanted = f"a {unknown.kind} of the network" if known else "a reference that the owner has used"
    if 0 < len(known) <= LISTED_MAX:
        wanted = f"one of {', '.join(known)}"
    return FieldFault(FIELDS[unknown.path], wanted, repr(unknown.name), meant(unknown.name, known))
