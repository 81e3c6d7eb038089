"""Postcodes in places: a profile that does not show those of the order shows them nowhere."""

from dataclasses import replace

import msgspec
from test_reading import START, book, connect, grant, the_order, told

from rookery.hub.callers import rows_of_state
from rookery.journey.grant import Query
from rookery.journey.order import Order
from rookery.journey.reading import event_place, find_legs, find_parcel, find_shipment, may_read
from rookery.journey.shipment import Shipment
from rookery.journey.track import Scan


def test_a_postcode_that_is_not_shown_with_the_order_stands_in_no_leg_no_parcel_and_no_event() -> None:
    one = book("1")
    find = rows_of_state(one.state)
    for company, profile in (("other", "customs"), ("idle", "consignee")):
        connect(one, company, "shop")
        grant(one, company, profile, "order", "shipment", "parcel", "itinerary", query=Query())  # type: ignore[arg-type]
    parcel = find_parcel(one.state[Order].get(the_order(one).subject.order_id).parcels[0], find)
    (shipment,) = one.state[Shipment]
    card = find_shipment(shipment.shipment_id, find)
    assert parcel is not None and card is not None
    legs = find_legs(card.subject, find)
    brought = replace(parcel, rows=(msgspec.structs.replace(parcel.rows[0], last_place="ES 28001"),))  # type: ignore[type-var]

    def last_leg(company: str) -> str:
        seen = told(one, company, card)
        assert seen is not None
        return str(seen["itinerary"][0]["legs"][-1]["destination"])

    def event(company: str, place: str = "ES 28001") -> str:
        profile = may_read(company, brought.subject, find, START)
        assert profile is not None
        own = legs if company in brought.subject.operators else ()
        return event_place(company, brought, profile, own, Scan("", "delivered", "", START, place, "haul"))

    assert [last_leg(company) for company in ("shop", "network", "haul")] == ["ES 28001"] * 3
    assert [last_leg(company) for company in ("other", "van")] == ["ES", "ES"], "no more than the country"
    assert [event(company) for company in ("shop", "network", "haul")] == ["ES 28001"] * 3
    assert [event(company) for company in ("idle", "van")] == ["ES", "ES"] and event("idle", "D") == "D"
    seen = told(one, "idle", brought)
    assert seen is not None and seen["last_place"] == "ES"
    for company in ("other", "idle", "van"):
        assert "28001" not in str([told(one, company), told(one, company, card), told(one, company, brought)])
    grant(one, "other", "carrier", "itinerary", query=Query())
    grant(one, "idle", "merchant", "parcel", query=Query())
    assert last_leg("other") == "ES 28001" and event("idle") == "ES 28001", "grants add up"
