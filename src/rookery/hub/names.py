"""What in an order means nothing to the network, as bad fields: for who can correct the order and send it again.

Names that it does not know, an address without the postcode by which it is served, times after its last day.
"""

from collections.abc import Iterator
from typing import Any

from rookery.journey.desk import World
from rookery.journey.order import Asked, PlaceOrder, UnknownName, unknown_names
from rookery.journey.state import State
from rookery.partners.port import BadMessage, FieldFault, meant
from rookery.units import DAY_S, EPOCH_ORDINAL, instant_text

LISTED_MAX = 60  # names that a fault lists; of more it says what they are
FIELDS = {
    "owner": "owner", "product_id": "product", "goods_class": "goods_class", "return_of": "return_of",
    "origin.facility_id": "from_facility", "origin.country": "from_country",
    "destination.facility_id": "to_facility", "destination.country": "to_country",
}  # fmt: skip


def check_names(asks: list[Any], state: State, world: World) -> None:
    """Raises  BadMessage: with all of orders that means nothing to the network"""
    placed = [ask.asked for ask in asks if isinstance(ask, PlaceOrder)]
    faults = [_fault(one) for asked in placed for one in unknown_names(state, world, asked)]
    faults += [fault for asked in placed for fault in (*_no_postcode(asked, world), *_too_late(asked, world))]
    if faults:
        raise BadMessage(faults)


def _no_postcode(asked: Asked, world: World) -> Iterator[FieldFault]:
    """Where goods are fetched or brought by postcode, and there is none."""
    for end, use, spot in (("from", "pickup", asked.origin), ("to", "delivery", asked.destination)):
        if spot is None or spot.facility_id or spot.postcode:
            continue
        served = any((zone.use, zone.country) == (use, spot.country) for zone in world.timetable.network.zones)
        if served and not world.timetable.zones(use, country=spot.country, postcode=""):
            yield FieldFault(f"{end}_postcode", f"a postcode: {spot.country} is served by it", "nothing")


def _too_late(asked: Asked, world: World) -> Iterator[FieldFault]:
    """A time at which no service of the network runs any more, by whatever clock."""
    last = world.timetable.network.about.valid_to
    for name in ("ordered_at", "ready_at"):
        instant = getattr(asked.window, name)
        if instant // DAY_S > last.toordinal() - EPOCH_ORDINAL + 1:
            yield FieldFault(name, f"a time up to {last}, the last day of the timetable", instant_text(instant))


def _fault(unknown: UnknownName) -> FieldFault:
    known = sorted(unknown.known)
    wanted = f"a {unknown.kind} of the network" if known else "a reference that the owner has used"
    if 0 < len(known) <= LISTED_MAX:
        wanted = f"one of {', '.join(known)}"
    return FieldFault(FIELDS[unknown.path], wanted, repr(unknown.name), meant(unknown.name, known))
