"""Magic orders of test mode: placed like any other, then carried at once as their reference says."""

import msgspec

from rookery.hub.admission import Busy
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.hub.message import Answer, Message
from rookery.partners.port import UNREADABLE
from rookery.sim.magic import find_ending, magic_messages
from rookery.web.call import Call, busy
from rookery.web.problems import bad_value


class _Named(msgspec.Struct):
    reference: str


async def tell_order(call: Call, body: bytes, key: str = "") -> Answer:
    """Place an order. A magic one has its ending when this returns.

    Raises  Problem: no such ending, and what `Call.tell` raises
    """
    ending = _ending(body) if call.caller.mode == "test" else ""
    answer = await call.tell("order", body, key=key)
    if ending and answer.about:
        for message in await call.read(lambda look: _messages(look, call, ending, answer.about)):
            if isinstance(told := await call.mode.worker.send(message), Busy):
                raise busy(told)  # sent again, the order is the same and the carriers go on
    return answer


def _ending(body: bytes) -> str:
    try:
        named = msgspec.json.decode(body, type=_Named)
    except UNREADABLE:
        return ""  # the hub says what is wrong
    try:
        return find_ending(named.reference)
    except ValueError as wanted:
        raise bad_value("/reference", str(wanted), repr(named.reference[:40])) from None


def _messages(look: Look, call: Call, ending: str, order_id: bytes) -> list[Message]:
    """What the carriers say; nothing of an order that is not booked."""
    way = look.ledger.find_row("itinerary", order_id)
    if way is None:
        return []
    parcels = look.parcels(order_id)
    latest = {one: look.ledger.find_row("shipment", one).latest for one in way.shipments}
    attempts, network = call.serving.world.policy.attempts_max, call.serving.network
    numbers = [(one.shipment_id, one.waybill) for one in parcels]
    return magic_messages(ending, network, way, numbers, latest, attempts, now())
