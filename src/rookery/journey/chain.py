"""The whole trade on one screen: which step answers which ask, and which ask comes after which fact.

    OrderPlaced -> Source -> Sourced -> HoldPlan, MakeShipments, TakePlan
    ShipmentMade -> Promise, IssueWaybills        Scanned -> CloseScan
    DepartureCancelled -> ReleaseHolds            after each message: Replan of orders that were struck
An order that waits for its round goes on when the round closes. A plan that cannot be held is made again, a few times;
then it refuses its order.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from rookery.journey import (
    book,
    booking,
    deliver,
    departure,
    disrupt,
    order,
    promise,
    replan,
    rounds,
    share,
    shipment,
    source,
    space,
    track,
    unit,
    waybill,
)
from rookery.journey.desk import Desk
from rookery.journey.facts import evolve
from rookery.journey.option import PlanOvertaken, Sourced, departures_of
from rookery.journey.state import Refusal, State

PLANS_MAX = 3  # times that an order is planned because what was planned could not be held
OVERTAKEN = ("short", "closed", "changed")  # what a hold lacks when the plan is not true any more
STEPS_MAX = 10_000_000  # asks that one message may lead to; more is a loop


class CloseRound(msgspec.Struct, frozen=True):
    """Ask: decide all waiting orders now."""


Answer = list[Any] | Refusal | msgspec.Struct  # facts, or no, or the ask that it comes to

_STEPS: dict[type, Callable[[State, Any, Desk], Answer]] = {
    order.PlaceOrder: order.place,
    order.CancelOrder: lambda state, ask, desk: _cancel(state, ask),
    source.Source: source.source,
    source.Accept: source.accept,
    rounds.SourceRound: rounds.source_round,
    CloseRound: lambda state, ask, desk: rounds.source_round(state, _waiting(state), desk),
    book.Expire: lambda state, _, desk: book.expire(state, desk.now),
    book.HoldPlan: book.hold,
    book.TakePlan: book.take,
    book.FreeHold: book.free,
    book.DropStandby: book.drop_standby,
    book.ChangePlan: book.change,
    space.QuoteSpace: space.quote_space,
    space.HoldSpace: space.hold_space,
    space.TakeSpace: space.take_space,
    space.ChangeSpace: space.change_space,
    space.ReleaseSpace: space.release_space,
    share.FirmUp: share.firm_up,
    book.ReleaseHolds: book.release,
    departure.CancelDeparture: departure.cancel,
    departure.DelayDeparture: departure.delay,
    departure.RestoreDeparture: departure.restore,
    shipment.MakeShipments: shipment.make,
    promise.Promise: promise.promise,
    waybill.IssueWaybills: waybill.issue,
    unit.Pack: unit.pack,
    unit.Unpack: unit.unpack,
    track.Scan: track.scan,
    deliver.CloseScan: deliver.close,
    replan.Replan: replan.replan,
    replan.UseStandby: replan.use_standby,
}


def _after_sourced(fact: Sourced, _: Any, desk: Desk) -> tuple[msgspec.Struct, ...]:
    expires_at = desk.now + desk.world.policy.hold_s
    back = fact.fallback
    standby = book.Standby(back.held, back.uses, departures_of(back.parts)) if back is not None and back.held else None
    hold = book.HoldPlan(fact.order_id, fact.uses, expires_at, departures_of(fact.parts), fact.by, standby)
    return hold, shipment.MakeShipments(fact), book.TakePlan(fact.order_id)


def _after_shipment(fact: shipment.ShipmentMade, sourced: Sourced, _: Desk) -> tuple[msgspec.Struct, ...]:
    return promise.Promise(sourced, fact), waybill.IssueWaybills(fact, sourced.seller, sourced.crosses_border)


# After which fact comes which ask: (fact, the decision that it follows from, desk) -> asks
_AFTER: dict[type, Callable[[Any, Any, Desk], tuple[msgspec.Struct, ...]]] = {
    order.OrderPlaced: lambda fact, _, __: () if fact.in_round else (source.Source(fact.order_id, fact.asked),),
    Sourced: _after_sourced,
    shipment.ShipmentMade: _after_shipment,
    departure.DepartureCancelled: lambda fact, _, __: (book.ReleaseHolds(fact),),
    booking.PlanRecalled: lambda fact, _, __: (replan.UseStandby(fact),),
    track.Scanned: lambda fact, _, __: (deliver.CloseScan(fact),),
}


def decide(state: State, ask: msgspec.Struct, desk: Desk) -> tuple[list[msgspec.Struct], Refusal | None]:
    """All facts that an ask leads to, already folded into the state; and the refusal of the ask itself, if any.

    Expired holds go first, whatever is asked. A refusal further down the chain ends in a fact.
    """
    facts: list[msgspec.Struct] = []
    todo: deque[tuple[msgspec.Struct, Sourced | None]] = deque([(book.Expire(), None), (ask, None)])
    lacks: dict[bytes, list[Refusal]] = {}  # of each order, why its plans could not be held
    for _ in range(STEPS_MAX):
        if not todo:
            return facts, None
        step, cause = todo.popleft()
        answer = _STEPS[type(step)](state, step, desk)
        if isinstance(answer, Refusal):
            if cause is None:
                return [*facts, *_refused(step, answer)], answer
            todo = deque(one for one in todo if one[1] is not cause)
            lacks.setdefault(cause.order_id, []).insert(0, answer)
            if _may_plan_again(step, lacks[cause.order_id]):
                answer = [PlanOvertaken(cause.order_id, cause.decision_id, answer)]
                todo.appendleft((source.Source(cause.order_id, _asked(state, cause.order_id)), None))
            else:
                answer = [source.overtaken(cause, tuple(lacks[cause.order_id]), desk)]
        if not isinstance(answer, list):
            todo.appendleft((answer, cause))
            continue
        following = []
        for fact in answer:
            following += [(ask_after, cause) for ask_after in book.asks_after(state, fact)]
            evolve(state, fact)
            facts.append(fact)
            sourced = fact if isinstance(fact, Sourced) else cause
            after = _AFTER.get(type(fact))
            if after is not None:
                following += [(ask_after, sourced) for ask_after in after(fact, sourced, desk)]
        todo.extendleft(reversed(following))
    raise AssertionError(f"{type(ask).__name__}: more than {STEPS_MAX} steps")


def look_again(state: State, desk: Desk) -> list[msgspec.Struct]:
    """The facts of looking again at orders that were struck: those with the earliest promise, as many as policy lets.

    Comes after the asks of each message, whatever it was about; those that are left wait for the next message.
    """
    facts: list[msgspec.Struct] = []
    for ask in replan.queue(state, desk.world.policy.replans_max):
        facts += decide(state, ask, desk)[0]
    return facts


def _refused(step: msgspec.Struct, why: Refusal) -> list[msgspec.Struct]:
    """What the ledger remembers of an ask that was refused: what of shared capacity was wanted, and not had."""
    return [booking.PlanRefused(step.hold_id, step.by, step.uses, why)] if isinstance(step, book.HoldPlan) else []


def _may_plan_again(step: msgspec.Struct, lacks: list[Refusal]) -> bool:
    return isinstance(step, book.HoldPlan) and lacks[0].code in OVERTAKEN and len(lacks) < PLANS_MAX


def _asked(state: State, order_id: bytes) -> order.Asked:
    return state[order.OrderAsked].get(order_id).asked


def _waiting(state: State) -> rounds.SourceRound:
    """Everything that waits, by id: the same order in a hub that has started again as in one that has not."""
    waiting = sorted(state[order.Waiting], key=lambda row: row.order_id)
    return rounds.SourceRound(tuple(source.Source(row.order_id, row.asked) for row in waiting))


def _cancel(state: State, ask: order.CancelOrder) -> Answer:
    """Withdraw an order whose parcels have not been picked up. Refuses  unknown, closed."""
    reference = state[order.Reference].find(order.reference_name(ask.owner, ask.reference))
    if reference is None:
        return Refusal("unknown", f"order {ask.reference}", f"an order of {ask.owner}", "none", "check the reference")
    row = state[order.Order].get(reference.id_)
    if row.status not in ("waiting", "booked") or row.moving:
        found = "its parcels are on their way" if row.moving else row.status
        return Refusal("closed", f"order {ask.reference}", "one not yet under way", found, "return it instead")
    parcels = [shipment.ParcelsCancelled(row.order_id, row.parcels)] if row.parcels else []
    withdrawn = disrupt.withdraw_all(state, row.order_id)
    return [*book.give_back(state, row.order_id), *parcels, *withdrawn, order.OrderCancelled(row.order_id)]
