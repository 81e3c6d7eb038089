"""The whole trade on one screen: which step answers which ask, and which ask comes after which fact.

    OrderPlaced -> Source -> Sourced -> HoldPlan -> PlanHeld -> MakeShipments, TakePlan
                                        HoldPlan -> PlanQueued ... CloseSpaceRound -> PlanHeld | PlanRefused -> LosePlan
    ShipmentMade -> Promise, IssueWaybills        Scanned -> CloseScan, Reweigh -> Reweighed -> Fit -> CapacityChanged
    DepartureCancelled -> ReleaseHolds            after each message: Replan of orders that were struck
An order that waits for its round goes on when the round closes; a plan that waits for space, when that of its resource
does. A plan that cannot be held is made again, a few times; then it refuses its order.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from rookery.journey import (
    book,
    booking,
    capacity,
    company,
    connection,
    deadline,
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
    released,
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
from rookery.journey.facts import evolve
from rookery.journey.option import PlanOvertaken, Sourced, departures_of
from rookery.journey.state import Refusal, State

PLANS_MAX = 3  # times that an order is planned because what was planned could not be held
OVERTAKEN = ("short", "closed", "changed", "round")  # what a hold lacks when the plan is not true any more
STEPS_MAX = 10_000_000  # asks that one message may lead to; more is a loop


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

_STEPS: dict[type, Callable[[State, Any, Desk], Answer]] = {
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


def _after_scan(fact: track.Scanned) -> Asks:
    scan = fact.scan
    if not scan.grams and scan.status not in deliver.CLOSING:
        return ()
    closing = (deliver.CloseScan(fact),) if scan.status in deliver.CLOSING else ()
    return (*closing, reweigh.Reweigh(fact.order_id)) if scan.grams else closing


# After which fact comes which ask: (state, the fact, the decision that it follows from, desk) -> asks
_AFTER: dict[type, Callable[[State, Any, Any, Desk], Asks]] = {
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
    track.Scanned: lambda _, fact, __, ___: _after_scan(fact),
    company.UserRemoved: lambda _, fact, __, ___: (key.RevokeKeysOf(fact.company, fact.email),),
}

_TAKES = (book.HoldPlan, book.ChangePlan, fair_round.CloseSpaceRound)  # asks by which space is taken


def decide(state: State, ask: msgspec.Struct, desk: Desk) -> tuple[list[msgspec.Struct], Refusal | None]:
    """All facts that an ask leads to, already folded into the state; and the refusal of the ask itself, if any.

    What is due by now goes first, whatever is asked. A refusal further down the chain ends in a fact.
    """
    due = settle(state, desk)
    facts, refusals = decide_all(state, [ask], desk)
    return due + facts, refusals.get(0)


def decide_all(state: State, asks: Iterable[Any], desk: Desk) -> tuple[list[msgspec.Struct], dict[int, Refusal]]:
    """The facts that some asks lead to, and of those that were refused why, by index. What is due is settled before."""
    chain, asks = _Chain(state, desk), list(asks)
    track.fetch(state, [ask for ask in asks if isinstance(ask, track.Scan)])
    refusals = {idx: refusal for idx, ask in enumerate(asks) if (refusal := chain.run(ask)) is not None}
    return chain.facts, refusals


def settle(state: State, desk: Desk) -> list[msgspec.Struct]:
    """The facts of what is due by now: rounds that close; holds, loans, grants and their like whose time has come.

    What follows of a round is decided as of the instant at which it closes, however late the next message comes.
    """
    facts: list[msgspec.Struct] = []
    for closes_at, resource in waits.due(state, desk.now):
        chain = _Chain(state, fair_round.desk_of(closes_at, resource, desk))
        chain.run(book.Expire())
        chain.run(fair_round.CloseSpaceRound(resource, closes_at))
        facts += chain.facts
    if book.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(book.Expire())
        facts += chain.facts
    if released.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(share.FirmUp(tuple(released.take_due(state, desk))))
        facts += chain.facts
    if deadline.is_due(state, desk.now):
        chain = _Chain(state, desk)
        chain.run(lapse.Lapse())
        facts += chain.facts
    return facts


def is_due(state: State, now: int) -> bool:
    """True if something may be due by now."""
    rounds_due = any(True for _ in waits.due(state, now))
    return rounds_due or any(one.is_due(state, now) for one in (book, released, deadline))


class _Chain:
    """An ask and all that follows from it.

    facts  what it led to, folded
    todo   what is asked next, each with the decision that it follows from
    lacks  of each order, why its plans could not be held, the last one first
    """

    def __init__(self, state: State, desk: Desk):
        self.state, self.desk = state, desk
        self.facts: list[msgspec.Struct] = []
        self.todo: deque[tuple[msgspec.Struct, Sourced | None]] = deque()
        self.lacks: dict[bytes, tuple[Refusal, ...]] = {}

    def run(self, ask: msgspec.Struct) -> Refusal | None:
        """Ask, and go on until nothing follows any more. Returns the refusal of the ask itself."""
        if isinstance(ask, track.Scan):
            return self._scan(ask)
        self.todo.append((ask, None))
        return self._go_on(ask)

    def _scan(self, ask: track.Scan) -> Refusal | None:
        """As any ask, by a short way: most of what is heard are scans, and nothing follows of most of them."""
        facts = track.scan(self.state, ask, self.desk)
        if isinstance(facts, Refusal):
            return facts
        see = self.desk.see
        for fact in facts:
            if see is not None:
                see(fact)
            evolve(self.state, fact)
            self.todo.extend((following, None) for following in _after_scan(fact))
        self.facts += facts
        return self._go_on(ask) if self.todo else None

    def _go_on(self, ask: msgspec.Struct) -> Refusal | None:
        for _ in range(STEPS_MAX):
            if not self.todo:
                return None
            step, cause = self.todo.popleft()
            if type(step) in _TAKES and (first := self._firm_first(step)):
                self.todo.extendleft(reversed([*first, (step, cause)]))
                continue
            answer = _STEPS[type(step)](self.state, step, self.desk)
            if isinstance(answer, list):
                if following := [one for fact in answer for one in self._fold(fact, cause)]:
                    self.todo.extendleft(reversed(following))
            elif not isinstance(answer, Refusal):
                self.todo.appendleft((answer, cause))
            elif cause is not None:
                self.todo = deque(one for one in self.todo if one[1] is not cause)
                held = not isinstance(step, book.HoldPlan)
                self.todo.appendleft((self._lose(cause, answer, self.lacks.get(cause.order_id, ()), held=held), None))
            else:
                self._note(ask, step, answer)
                return answer
        raise AssertionError(f"{type(ask).__name__}: more than {STEPS_MAX} steps")

    def _note(self, ask: msgspec.Struct, step: msgspec.Struct, refusal: Refusal) -> None:
        """Keep what space was refused; what is no name is no wish."""
        if isinstance(step, book.HoldPlan):
            standby = step.standby.uses if step.standby is not None else ()
            self._fold(booking.PlanRefused(step.hold_id, step.by, step.uses, refusal, standby), None)
        elif isinstance(step, space.HoldSpace) and refusal.lack is not None:
            by = space.claimant(step.company, step.wish, self.desk)
            self._fold(booking.PlanRefused(step.hold_id, by, step.wish.uses, refusal), None)
        elif isinstance(ask, space.ChangeSpace) and refusal.code not in ("unknown", "barred"):
            plan = booking.find_plan(self.state, ask.hold_id)
            if plan is not None:
                added = step.added if isinstance(step, book.ChangePlan) else ()  # with what it counts on besides
                wanted = {use.resource: use for use in (*ask.uses, *added)}
                self._fold(booking.ChangeRefused(ask.hold_id, plan.by, tuple(wanted.values()), refusal), None)

    def _firm_first(self, step: msgspec.Struct) -> list[tuple[msgspec.Struct, Sourced | None]]:
        """Loans that fit by claim by now, since something was released, are firm before anybody else is served.

        Returns what to ask before that: it may be refused, and standbys that nobody needs are in nobody's way.
        """
        uses = step.uses if isinstance(step, book.HoldPlan) else step.added if isinstance(step, book.ChangePlan) else ()
        names = [step.resource] if isinstance(step, fair_round.CloseSpaceRound) else [use.resource for use in uses]
        resources = share.with_loans(self.state, names)
        firmed = share.firm_up(self.state, share.FirmUp(resources), self.desk) if resources else []
        return [ask for fact in firmed for ask in self._fold(fact, None)]

    def _lose(self, sourced: Sourced, why: Refusal, before: tuple[Refusal, ...], *, held: bool) -> LosePlan:
        lacks = self.lacks[sourced.order_id] = (why, *before)
        return LosePlan(sourced, lacks, held)

    def _fold(self, fact: msgspec.Struct, cause: Sourced | None) -> list[tuple[msgspec.Struct, Sourced | None]]:
        """Fold a fact. Returns what to ask after it."""
        state = self.state
        asks = [(ask, cause) for ask in book.asks_after(state, fact)] if type(fact) in book.FREES else []
        sourced = fact if isinstance(fact, Sourced) else cause
        if isinstance(fact, waits.PlanQueued) and cause is not None:
            fact = msgspec.structs.replace(fact, sourced=cause, lacks=self.lacks.get(cause.order_id, ()))
        elif isinstance(fact, booking.PlanHeld | booking.PlanRefused):
            waited = state[waits.Queued].find(fact.hold_id)
            sourced = waited.sourced if waited is not None else cause
            if waited is not None and sourced is not None and isinstance(fact, booking.PlanRefused):
                asks.append((self._lose(sourced, fact.refusal, waited.lacks, held=False), None))
        if self.desk.see is not None:
            self.desk.see(fact)
        evolve(state, fact)
        self.facts.append(fact)
        after = _AFTER.get(type(fact))
        return asks if after is None else [*asks, *((ask, sourced) for ask in after(state, fact, sourced, self.desk))]


def look_again(state: State, desk: Desk) -> list[msgspec.Struct]:
    """The facts of looking again at orders that were struck: those with the earliest promise, as many as policy lets.

    Comes after the asks of each message, whatever it was about; those that are left wait for the next message. A new
    plan may recall what others had on loan: those are struck by it, or have fallen back and are struck no more.
    """
    facts: list[msgspec.Struct] = []
    left = desk.world.policy.replans_max
    while left and (asks := replan.queue(state, left)):
        for ask in asks:
            if state[disrupt.Struck].find(ask.order_id) is not None:
                facts += decide(state, ask, desk)[0]
        left -= len(asks)
    released.note(state, desk)
    return facts


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
