"""Orders: placed, cancelled, one by one or many at once."""

import msgspec

from rookery.partners.orders.read import OrderText
from rookery.web.call import Call, Reply, done
from rookery.web.magic import tell_order
from rookery.web.problems import Problem, bad_value
from rookery.web.shapes import Outcome, name
from rookery.web.table import TABLE

GROUP = "Orders"
BULK_MAX = 1_000


class OrderBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Orders of one owner, up to 1,000."""

    orders: list[OrderText]


class NotPlaced(msgspec.Struct, frozen=True):
    """An order of a batch that is not known to the network now, and why."""

    index: int
    code: str
    detail: str


class BatchOutcome(msgspec.Struct, frozen=True):
    """What became of a batch: an outcome for each order that is known now, and each that could not be read."""

    accepted: tuple[Outcome, ...]
    rejected: tuple[NotPlaced, ...]


class CancelWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which order is withdrawn: the owner's reference."""

    reference: str


@TABLE.add(
    "POST", "/v1/orders", title="Place an order", scope="orders:write", answers={201: Outcome, 200: Outcome},
    group=GROUP, body=OrderText, needs_key=True, decodes=False,
)  # fmt: skip
async def place_order(call: Call) -> Reply:
    """Route, space, promise and waybill are decided before the answer. What cannot be carried is an order, refused.

    With a test key the reference `magic-delivered-1` has it delivered at once: docs/api.md lists the endings.
    """
    answer = await tell_order(call, call.raw)
    body = Outcome(answer.outcome, name("ord", answer.about), answer.seen, answer.refusals)
    return Reply(body, 200 if answer.seen else 201)


@TABLE.add(
    "POST", "/v1/orders/batch", title="Place many orders", scope="orders:write", answers={200: BatchOutcome},
    group=GROUP, body=OrderBatch, needs_key=True,
)  # fmt: skip
async def place_orders(call: Call) -> BatchOutcome:
    """Each by itself: what is wrong with one is no matter to the others. Under one key, also when sent again."""
    batch: OrderBatch = call.body
    if not 1 <= len(batch.orders) <= BULK_MAX:
        raise bad_value("/orders", f"1 to {BULK_MAX} orders", str(len(batch.orders)))
    accepted: list[Outcome] = []
    rejected: list[NotPlaced] = []
    for index, order in enumerate(batch.orders):
        try:
            answer = await tell_order(call, msgspec.json.encode(order), f"place_orders:{call.key}:{index}")
        except Problem as problem:
            if problem.code not in ("bad_request", "conflict", "forbidden"):
                raise
            rejected.append(NotPlaced(index, problem.code, problem.detail))
        else:
            accepted.append(Outcome(answer.outcome, name("ord", answer.about), answer.seen, answer.refusals))
    return BatchOutcome(tuple(accepted), tuple(rejected))


@TABLE.add(
    "POST", "/v1/orders/cancel", title="Withdraw an order", scope="orders:write", answers={200: Outcome}, group=GROUP,
    body=CancelWish, needs_key=True, problems=("refused",),
)  # fmt: skip
async def cancel_order(call: Call) -> Outcome:
    """As long as none of its parcels is on its way."""
    answer = done(await call.tell("cancel_order", call.body.reference.encode()), call.caller.company)
    return Outcome(answer.outcome, name("ord", answer.about), answer.seen)
