"""The whole trade on one screen: which step answers which ask, and which ask comes after which fact.

    OrderPlaced -> Source -> Sourced -> HoldPlan -> PlanHeld -> MakeShipments, TakePlan
                                        HoldPlan -> PlanQueued ... CloseSpaceRound -> PlanHeld | PlanRefused -> LosePlan
    ShipmentMade -> Promise, IssueWaybills        Scanned -> CloseScan, Reweigh -> Reweighed -> Fit -> CapacityChanged
    DepartureCancelled -> ReleaseHolds            after each message: Replan of orders that were struck
An order that waits for its round goes on when the round closes; a plan that waits for space, when that of its resource
does. A plan that cannot be held is made again, a few times; then it refuses its order.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from rookery.journey import (
    book,
    booking,
    capacity,
    company,
    connection,
    deliver,
    departure,
    disrupt,
    endpoint,
    entry,
    fair_round,
    fallback,
    grant,
    key,
    lapse,
    order,
    promise,
    replan,
    request,
    reweigh,
    rounds,
    share,
    shipment,
    source,
    space,
    track,
    unit,
    waits,
    waybill,
)
from rookery.journey.desk import Desk
from rookery.journey.option import PlanOvertaken, Sourced, departures_of
from rookery.journey.state import Refusal, State

PLANS_MAX = 3  # times that an order is planned because what was planned could not be held
OVERTAKEN = ("short", "closed", "changed", "round")  # what a hold lacks when the plan is not true any more


class CloseRound(msgspec.Struct, frozen=True):
    """Ask: decide all waiting orders now."""


class LosePlan(msgspec.Struct, frozen=True):
    """Ask: an order could not have the plan that was made for it: plan it again where that may help, or refuse it.

    lacks  why, the last plan first; held: it was held before it was lost
    """

    sourced: Sourced
    lacks: tuple[Refusal, ...]
    held: bool = False


Answer = list[Any] | Refusal | msgspec.Struct  # facts, or no, or the ask that it comes to
Asks = tuple[msgspec.Struct, ...]

STEPS: dict[type, Callable[[State, Any, Desk], Answer]] = {
    order.PlaceOrder: order.place,
    order.CancelOrder: lambda state, ask, desk: _cancel(state, ask),
    source.Source: source.source,
    source.Accept: source.accept,
    rounds.SourceRound: rounds.source_round,
    CloseRound: lambda state, ask, desk: rounds.source_round(state, _waiting(state), desk),
    book.Expire: lambda state, _, desk: book.expire(state, desk.now),
    book.HoldPlan: entry.hold_or_wait,
    fair_round.CloseSpaceRound: fair_round.close,
    LosePlan: lambda state, ask, desk: [_lost(ask, desk)],
    book.TakePlan: book.take,
    book.FreeHold: book.free,
    book.DropStandby: book.drop_standby,
    book.RenewStandby: fallback.renew,
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
    track.Misread: lambda state, ask, desk: track.misread(ask),
    deliver.CloseScan: deliver.close,
    replan.Replan: replan.replan,
    replan.UseStandby: replan.use_standby,
    capacity.ChangeCapacity: capacity.change_capacity,
    capacity.Fit: capacity.fit,
    capacity.LoseSpace: capacity.lose_space,
    reweigh.Reweigh: reweigh.reweigh,
    lapse.Lapse: lapse.lapse,
    company.AddCompany: company.add,
    company.SuspendCompany: company.suspend,
    company.RestoreCompany: company.restore,
    company.AddUser: company.add_user,
    company.ChangeUser: company.change_user,
    company.RemoveUser: company.remove_user,
    key.MakeKey: key.make,
    key.RotateKey: key.rotate,
    key.RevokeKey: key.revoke,
    key.RevokeKeysOf: key.revoke_of,
    key.MakeToken: key.make_token,
    connection.Invite: connection.invite,
    connection.ChangeConnection: connection.change,
    grant.MakeGrant: grant.make,
    grant.RevokeGrant: grant.revoke,
    request.MakeRequest: request.make,
    request.RewriteRequest: request.rewrite,
    request.AdvanceRequest: request.advance,
    endpoint.SetEndpoint: endpoint.set_endpoint,
    endpoint.RotateSecret: endpoint.rotate,
    endpoint.DisableEndpoint: lambda state, ask, desk: endpoint.disable(state, ask),
    endpoint.EnableEndpoint: endpoint.enable,
    endpoint.TryEndpoint: lambda state, ask, desk: endpoint.try_endpoint(state, ask),
}


def plan_of(fact: Sourced, desk: Desk) -> book.HoldPlan:
    """What is held of an order's decision."""
    expires_at = desk.now + desk.world.policy.hold_s
    back = fact.fallback
    standby = book.Standby(back.held, back.uses, departures_of(back.parts)) if back is not None and back.held else None
    return book.HoldPlan(fact.order_id, fact.uses, expires_at, departures_of(fact.parts), fact.by, standby)


def _after_held(fact: booking.PlanHeld, sourced: Sourced | None) -> Asks:
    if sourced is None or fact.hold_id != sourced.order_id:  # space without an order, or a standby
        return ()
    return shipment.MakeShipments(sourced), book.TakePlan(fact.hold_id)


def _after_shipment(fact: shipment.ShipmentMade, sourced: Sourced) -> Asks:
    return promise.Promise(sourced, fact), waybill.IssueWaybills(fact, sourced.seller, sourced.crosses_border)


def after_scan(fact: track.Scanned) -> Asks:
    """What to ask after a scan: most often nothing."""
    scan = fact.scan
    if not scan.grams and scan.status not in deliver.CLOSING:
        return ()
    closing = (deliver.CloseScan(fact),) if scan.status in deliver.CLOSING else ()
    return (*closing, reweigh.Reweigh(fact.order_id)) if scan.grams else closing


# After which fact comes which ask: (state, the fact, the decision that it follows from, desk) -> asks
AFTER: dict[type, Callable[[State, Any, Any, Desk], Asks]] = {
    order.OrderPlaced: lambda _, fact, __, ___: () if fact.in_round else (source.Source(fact.order_id, fact.asked),),
    Sourced: lambda _, fact, __, desk: (plan_of(fact, desk),),
    PlanOvertaken: lambda state, fact, _, __: (source.Source(fact.order_id, _asked(state, fact.order_id)),),
    booking.PlanHeld: lambda _, fact, sourced, __: _after_held(fact, sourced),
    shipment.ShipmentMade: lambda _, fact, sourced, __: _after_shipment(fact, sourced),
    departure.DepartureCancelled: lambda _, fact, __, ___: (book.ReleaseHolds(fact),),
    booking.PlanRecalled: lambda _, fact, __, ___: (replan.UseStandby(fact), capacity.LoseSpace(fact)),
    capacity.CapacityChanged: lambda state, fact, _, desk: (
        share.FirmUp((fact.resource,)),
        *fallback.list_cut(state, fact.resource, fact.lent, desk),
    ),
    share.LoanFirmed: lambda _, fact, __, ___: (book.RenewStandby(fact.hold_id),),
    departure.DepartureDelayed: lambda state, fact, _, desk: fallback.list_late(state, fact.departure, desk),
    departure.DepartureRestored: lambda state, fact, _, desk: fallback.list_late(state, fact.departure, desk),
    reweigh.Reweighed: lambda _, fact, __, ___: tuple(capacity.Fit(name) for name in reweigh.list_grown(fact)),
    disrupt.Retimed: lambda _, fact, __, ___: (reweigh.Reweigh(fact.order_id), book.RenewStandby(fact.order_id)),
    disrupt.Replanned: lambda _, fact, __, ___: (reweigh.Reweigh(fact.order_id), book.RenewStandby(fact.order_id)),
    track.Scanned: lambda _, fact, __, ___: after_scan(fact),
    company.UserRemoved: lambda _, fact, __, ___: (key.RevokeKeysOf(fact.company, fact.email),),
}


def _lost(ask: LosePlan, desk: Desk) -> PlanOvertaken | order.OrderRefused:
    if not ask.held and ask.lacks[0].code in OVERTAKEN and len(ask.lacks) < PLANS_MAX:
        return PlanOvertaken(ask.sourced.order_id, ask.sourced.decision_id, ask.lacks[0])
    return source.overtaken(ask.sourced, ask.lacks, desk)


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
        todo = "return it instead" if row.moving else "nothing of it is carried"
        return Refusal("closed", f"order {ask.reference}", "one not yet under way", found, todo)
    parcels = [shipment.ParcelsCancelled(row.order_id, row.parcels)] if row.parcels else []
    withdrawn = disrupt.withdraw_all(state, row.order_id)
    given = [*book.give_back(state, row.order_id), *waits.leave(state, row.order_id, "cancelled")]
    return [*given, *parcels, *withdrawn, order.OrderCancelled(row.order_id)]
