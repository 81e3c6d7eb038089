"""Orders: placed, cancelled, one by one or many at once."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec

from rookery.hub.message import Answer
from rookery.hub.refusals import RefusalTold, refusal_told
from rookery.partners.orders.read import OrderText
from rookery.partners.port import FAULTS_MAX, UNREADABLE
from rookery.web.call import Call, Reply, done
from rookery.web.incoming import read_body
from rookery.web.magic import tell_order
from rookery.web.problems import Problem, bad_value
from rookery.web.shapes import Outcome, name
from rookery.web.table import TABLE

GROUP = "Orders"
BULK_MAX = 1_000
TOGETHER = 50  # orders of a batch that the hub is told before the first of them is answered
DETAILS_MAX = 20  # orders of which the detail of a problem tells
EXAMPLE = {
    "reference": "A-1001", "owner": "plaza", "ordered_at": "2026-11-28T09:00+01:00", "product": "express",
    "from_country": "CN", "from_postcode": "310000", "to_country": "ES", "to_postcode": "28001", "weight_g": 800,
}  # fmt: skip


class OrderBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Orders of one owner, up to 1,000."""

    orders: list[OrderText]


class _Rows(msgspec.Struct, forbid_unknown_fields=True):
    """A batch in which some order has another shape."""

    orders: list[msgspec.Raw]


class OrderOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an order came to when it was placed; GET tells how it stands now.

    status    booked; refused: it will not be carried; waiting: for a round that closes later
    replayed  it was placed before under the same key; nothing was done now
    refusal_code, refusal_detail  what binds, as the order has it; refusals: every reason, with the numbers
    """

    status: Literal["booked", "refused", "waiting"]
    id: str
    reference: str
    replayed: bool = False
    refusal_code: str = ""
    refusal_detail: str = ""
    refusals: tuple[RefusalTold, ...] = ()


class NotPlaced(msgspec.Struct, frozen=True):
    """An order of a batch that is not known to the network now, and why: the code and the detail of a problem."""

    index: int
    code: str
    detail: str


class BatchOutcome(msgspec.Struct, frozen=True):
    """What became of a batch: an outcome for each order that is known now, and each that was not taken."""

    accepted: tuple[OrderOutcome, ...]
    rejected: tuple[NotPlaced, ...]


class CancelWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which order is withdrawn: the owner's reference."""

    reference: str


@TABLE.add(
    "POST", "/v1/orders", title="Place an order", scope="orders:write", answers={201: OrderOutcome, 200: OrderOutcome},
    group=GROUP, body=OrderText, needs_key=True, decodes=False, problems=("refused",), example=EXAMPLE,
)  # fmt: skip
async def place_order(call: Call) -> Reply:
    """Route, space, promise and waybill are decided before the answer: look at its `status`.

    What cannot be carried is an order all the same, `refused`, and says why. A name that the network does not know and
    a reference that its owner has used before are problems, and no order. With a test key the reference
    `magic-delivered-1` has it delivered at once: docs/api.md lists the endings.
    """
    answer = done(await tell_order(call, call.raw), call.caller.company)
    return Reply(_outcome(answer), 200 if answer.seen else 201)


@TABLE.add(
    "POST", "/v1/orders/batch", title="Place many orders", scope="orders:write", answers={200: BatchOutcome},
    group=GROUP, body=OrderBatch, needs_key=True, decodes=False, example={"orders": [EXAMPLE]},
)  # fmt: skip
async def place_orders(call: Call) -> BatchOutcome:
    """Each by itself: what is wrong with one is no matter to the others. Under one key, also when sent again.

    `accepted` are orders now, `refused` ones among them: look at the `status` of each. A batch of which no order can be
    read is a problem.
    """
    batch = _orders(call.raw)
    if not 1 <= len(batch) <= BULK_MAX:
        raise bad_value("/orders", f"1 to {BULK_MAX} orders", str(len(batch)))
    placed: list[Answer] = []
    wrong: list[tuple[int, Problem]] = []
    for index, told in enumerate(await _tell_all(call, batch)):
        if isinstance(told, Problem):
            wrong.append((index, told))
        else:
            placed.append(told)
    if not placed and all(problem.code == "bad_request" for _, problem in wrong):
        raise _none_read(wrong)
    rejected = tuple(NotPlaced(index, problem.code, problem.detail) for index, problem in wrong)
    return BatchOutcome(tuple(map(_outcome, placed)), rejected)


async def _tell_all(call: Call, batch: Sequence[OrderText | msgspec.Raw]) -> list[Answer | Problem]:
    """What the hub says of each. Some are on their way together, in their order: so that one commit is for many.

    Raises  Problem, Unavailable: it cannot say so now; the orders that it was not told yet are not told
    """

    async def tell(index: int, order: OrderText | msgspec.Raw) -> Answer | Problem:
        try:
            return done(await tell_order(call, _words(order), f"place_orders:{call.key}:{index}"), call.caller.company)
        except Problem as problem:
            if problem.code not in ("bad_request", "conflict", "forbidden", "refused"):
                raise
            return problem

    came: list[Answer | Problem] = []
    for first in range(0, len(batch), TOGETHER):
        part = enumerate(batch[first : first + TOGETHER], first)
        came += await asyncio.gather(*(tell(index, order) for index, order in part))
    return came


def _none_read(wrong: list[tuple[int, Problem]]) -> Problem:
    """A batch of which no order can be read."""
    errors = [msgspec.structs.replace(one, pointer=f"/orders/{index}{one.pointer}")
              for index, problem in wrong for one in problem.errors]  # fmt: skip
    detail = "; ".join(f"/orders/{index}: {problem.detail}" for index, problem in wrong[:DETAILS_MAX])
    return Problem("bad_request", detail, errors=errors[:FAULTS_MAX])


def _orders(raw: bytes) -> Sequence[OrderText | msgspec.Raw]:
    """The orders of a batch; as they stand where one has another shape. Raises  Problem: it is no batch"""
    try:
        return msgspec.json.decode(raw, type=OrderBatch).orders
    except UNREADABLE:
        pass
    try:
        return msgspec.json.decode(raw, type=_Rows).orders
    except UNREADABLE:
        return read_body(raw, OrderBatch).orders


def _words(order: OrderText | msgspec.Raw) -> bytes:
    """An order as the hub is told it: the same for the same order, whatever shape others of its batch have."""
    if not isinstance(order, msgspec.Raw):
        return msgspec.json.encode(order)
    try:
        return msgspec.json.encode(msgspec.json.decode(order, type=OrderText))
    except UNREADABLE:
        return bytes(order)  # the hub reads what can be read of it, and says what cannot


def _outcome(answer: Answer) -> OrderOutcome:
    came = answer.came
    if came is None:
        raise Problem("conflict", "the key was used for another kind of message with these words; use another key")
    status: Literal["booked", "refused", "waiting"] = "waiting" if came.comes_to == "waits" else came.comes_to
    binding = came.refusals[:1]
    return OrderOutcome(
        status, name("ord", answer.about), came.reference, answer.seen, "".join(one.code for one in binding),
        "".join(map(str, binding)), tuple(map(refusal_told, came.refusals)),
    )  # fmt: skip


@TABLE.add(
    "POST", "/v1/orders/cancel", title="Withdraw an order", scope="orders:write", answers={200: Outcome}, group=GROUP,
    body=CancelWish, needs_key=True, problems=("refused",),
)  # fmt: skip
async def cancel_order(call: Call) -> Outcome:
    """As long as none of its parcels is on its way."""
    answer = done(await call.tell("cancel_order", call.body.reference.encode()), call.caller.company)
    return Outcome("done", name("ord", answer.about), answer.seen)
