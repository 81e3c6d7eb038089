"""Which reader understands which kind of message. A new partner format adds its line here."""

from collections.abc import Callable
from typing import Any

from rookery.hub.notice import TYPES
from rookery.journey.order import CancelOrder, PlaceOrder
from rookery.journey.steps import CloseRound
from rookery.partners.capacity.read import read_capacity
from rookery.partners.departures.read import read_departure
from rookery.partners.endpoints.read import read_disable, read_enable, read_endpoint, read_rotate, read_try
from rookery.partners.orders.read import read_order
from rookery.partners.port import LETTERS_MAX, BadMessage, FieldFault
from rookery.partners.scans.read import read_packing, read_scans
from rookery.partners.space.read import read_change, read_hold, read_quote, read_release, read_take
from rookery.partners.trust.between import read_connection, read_grant, read_request
from rookery.partners.trust.members import read_company, read_key, read_user

FOUND_MAX = 100  # bytes of a body that are told
Read = Callable[[bytes, str, Callable[[], bytes]], list[Any]]


def _order(body: bytes, sender: str, new_id: Callable[[], bytes], *, in_round: bool) -> list[Any]:
    asked = read_order(body)
    if asked.parties.owner != sender:
        raise BadMessage([FieldFault("owner", f"the sender, {sender}", repr(asked.parties.owner))])
    return [PlaceOrder(new_id(), asked, in_round)]


def _cancel(body: bytes, sender: str) -> list[Any]:
    try:
        reference = body.decode()
    except UnicodeDecodeError:
        raise BadMessage([FieldFault("message", "a reference in UTF-8", "other bytes")]) from None
    if len(reference) > LETTERS_MAX:
        raise BadMessage([FieldFault("message", f"a reference of at most {LETTERS_MAX} letters", str(len(reference)))])
    return [CancelOrder(sender, reference)]


def _bare(body: bytes, asks: list[Any]) -> list[Any]:
    """A message that says all by its kind and its instant. An empty object is no body, too."""
    if b"".join(body.split()) not in (b"", b"{}"):
        found = body[:FOUND_MAX].decode(errors="replace")
        todo = "leave it empty: the message means the instant at which it is heard"
        raise BadMessage([FieldFault("body", "nothing", found, todo)])
    return asks


READERS: dict[str, Read] = {
    "order": lambda body, sender, new_id: _order(body, sender, new_id, in_round=False),
    "order_for_round": lambda body, sender, new_id: _order(body, sender, new_id, in_round=True),
    "close_round": lambda body, sender, new_id: _bare(body, [CloseRound()]),
    "clock": lambda body, sender, new_id: _bare(body, []),  # what is due by now is done before any message
    "cancel_order": lambda body, sender, new_id: _cancel(body, sender),
    "scans": lambda body, sender, new_id: read_scans(body, sender),
    "departure": lambda body, sender, new_id: [read_departure(body, sender)],
    "capacity": lambda body, sender, new_id: [read_capacity(body, sender)],
    "packing": lambda body, sender, new_id: [read_packing(body, sender)],
    "quote_space": lambda body, sender, new_id: [read_quote(body, sender)],
    "hold_space": lambda body, sender, new_id: [read_hold(body, sender, new_id())],
    "take_space": lambda body, sender, new_id: [read_take(body, sender)],
    "change_space": lambda body, sender, new_id: [read_change(body, sender)],
    "release_space": lambda body, sender, new_id: [read_release(body, sender)],
    "company": lambda body, sender, new_id: read_company(body, sender),
    "user": lambda body, sender, new_id: read_user(body, sender),
    "key": lambda body, sender, new_id: read_key(body, sender),
    "connection": read_connection,
    "grant": read_grant,
    "request": read_request,
    "set_endpoint": lambda body, sender, new_id: [read_endpoint(body, sender, TYPES)],
    "rotate_secret": lambda body, sender, new_id: [read_rotate(body, sender)],
    "disable_endpoint": lambda body, sender, new_id: [read_disable(body, sender)],
    "enable_endpoint": lambda body, sender, new_id: [read_enable(body, sender)],
    "test_endpoint": lambda body, sender, new_id: [read_try(body, sender)],
}
