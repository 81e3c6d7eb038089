"""What is promised: a window, how sure it is, and what the buyer pays."""

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.forecast import Outset, outlook
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import Sourced
from rookery.journey.order import OrderAsked
from rookery.journey.shipment import Shipment, ShipmentMade
from rookery.journey.state import State

NO_HISTORY = "no history of these services yet: from the timetable to the product's limit"


class Promise(msgspec.Struct, frozen=True):
    """Ask: state the promise of a shipment."""

    sourced: Sourced
    shipment: ShipmentMade


class Promised(msgspec.Struct, frozen=True, omit_defaults=True):
    """Delivery between `earliest` and `latest`.

    confidence_ppm  probability of delivery by `latest`, in parts per million; None: see `reason`
    legs_known      past legs of the plan's lanes that this was learned from; 0: what is assumed of each mode
    price_minor     what the buyer pays for the shipment, in minor units of `currency`
    """

    order_id: bytes
    shipment_id: bytes
    earliest: int
    latest: int
    price_minor: int
    currency: str
    confidence_ppm: int | None = None
    reason: str = NO_HISTORY
    legs_known: int = 0


def promise(state: State, ask: Promise, desk: Desk) -> list[Promised]:
    """The promise of a shipment. An order's price stands with its first shipment. Emits Promised."""
    asked, sourced = state[OrderAsked].get(ask.shipment.order_id).asked, ask.sourced
    outset = Outset(sourced.ready_at, sourced.way_in, asked.product_id, asked.goods_class, asked.window.wanted_from)
    part, price = ask.sourced.parts[ask.shipment.part], ask.sourced.price
    first = ask.shipment.part == 0
    currency = price.currency if price else desk.world.prices.currency
    minor = 0 if not first else price.minor if price else ask.sourced.cost_minor
    back = (sourced.fallback.parts[ask.shipment.part].plan,) if sourced.fallback is not None else ()
    ahead = outlook((part.plan,), outset, sourced.promised_by, state, desk, back)
    return [
        Promised(
            order_id=ask.shipment.order_id,
            shipment_id=ask.shipment.shipment_id,
            earliest=ahead.earliest,
            latest=ahead.latest,
            price_minor=minor,
            currency=currency,
            confidence_ppm=ahead.confidence_ppm,
            reason="",
            legs_known=ahead.legs_known,
        )
    ]


def promised(state: State, fact: Promised) -> None:
    """Fold Promised. Expected is what the plan says, until a departure changes."""
    row = state[Shipment].get(fact.shipment_id)
    plan = state[Itinerary].get(row.order_id).parts[row.part].plan
    state[Shipment].put(
        Shipment(
            shipment_id=row.shipment_id,
            order_id=row.order_id,
            part=row.part,
            pieces=row.pieces,
            earliest=fact.earliest,
            latest=fact.latest,
            price_minor=fact.price_minor,
            currency=fact.currency,
            delivered=row.delivered,
            expected_at=plan.arrives_at,
        )
    )
