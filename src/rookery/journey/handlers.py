"""Who may say where goods are: who carries or has carried them, runs a place on their way, or was granted them.

Others hear of a number of theirs what they hear of one that does not exist.
"""

from rookery.journey.departure import NETWORK
from rookery.journey.desk import Desk
from rookery.journey.involved import Involved, involved_name
from rookery.journey.itinerary import Itinerary
from rookery.journey.state import State
from rookery.units import local_day, time_zone


def handles(state: State, company: str, order_id: bytes, desk: Desk) -> bool:
    """Whether a company has the goods of an order in its hands at some time. Their names: parcels, bags, pallets."""
    if company == NETWORK:
        return True
    known = state[Involved]
    if known.find(involved_name(company, "carries", order_id)) is not None:
        return True
    if known.find(involved_name(company, "granted", order_id)) is not None:
        return True
    return company in _keepers(state, order_id, desk)


def _keepers(state: State, order_id: bytes, desk: Desk) -> set[str]:
    """Who runs the places on the way of an order today."""
    row, table = state[Itinerary].find(order_id), desk.world.timetable
    if row is None:
        return set()
    legs = [leg for part in row.parts for leg in part.plan.legs]
    places = {row.site, *(leg.origin for leg in legs), *(leg.destination for leg in legs)}
    facilities = [table.facilities[place] for place in places if place in table.facilities]
    return {table.operator(one, local_day(desk.now, time_zone(one.time_zone))) for one in facilities}
