"""From the facts of a message: which company is told what. Nothing is written for nobody.

Most notices follow from a fact and how things stand after the message. Those of a change, of a parcel's status or of
a case, need what was before: `see` looks at each fact just before it is folded.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from rookery.hub.notice import (
    CapacityTold,
    DepartureTold,
    EndpointTold,
    ExceptionTold,
    OrderTold,
    ParcelTold,
    ShipmentTold,
    SpaceNotice,
    leg_told,
    space_stands,
)
from rookery.hub.refusals import RefusalTold, refusal_told
from rookery.hub.spaces import list_told, refusals_told
from rookery.journey.booking import (
    Hold,
    HoldReleased,
    PlanChanged,
    PlanGivenBack,
    PlanHeld,
    PlanRecalled,
    PlanRefused,
    PlanTaken,
    find_plan,
)
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.deliver import Delivered, ReturnStarted
from rookery.journey.departure import NETWORK, DepartureCancelled, DepartureDelayed, DepartureRestored
from rookery.journey.desk import World
from rookery.journey.disrupt import Case, PromiseAtRisk, ReplanFailed, Replanned, Retimed
from rookery.journey.endpoint import EndpointTried, Wants, wants
from rookery.journey.instruct import instructions
from rookery.journey.itinerary import Itinerary, riders
from rookery.journey.network.rows import ANY
from rookery.journey.order import Order, OrderCancelled, OrderRefused
from rookery.journey.promise import Promised
from rookery.journey.shipment import Parcel, ParcelsCancelled, Shipment
from rookery.journey.state import Refusal, State
from rookery.journey.track import Scanned
from rookery.units import id_text, stamp_text

_WRITE = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a company is told. `subject`: the thing that it is about; `data`: JSON."""

    company: str
    type_: str
    subject: str
    data: bytes


class Teller:
    """What the facts of one message tell."""

    def __init__(self, state: State, world: World):
        self.state, self.world = state, world
        self.wants: Wants = wants(state)
        self._statuses: dict[bytes, tuple[str, Scanned | None]] = {}
        self._changes: list[tuple[bytes, str, str, Scanned | None]] = []
        self._cases: dict[bytes, Case | None] = {}
        self._holds: dict[bytes, str] = {}

    # --- before a fact is folded

    @property
    def sees(self) -> Callable[[Any], None] | None:
        """`see`, if there is anybody to tell what it finds."""
        return self.see if self.wants.any() else None

    def see(self, fact: Any) -> None:
        """Note what is about to change."""
        look = _BEFORE.get(type(fact))
        if look is not None:
            look(self, fact)

    def _see_parcel(self, parcel_id: bytes, by: Scanned | None) -> None:
        status = self.state[Parcel].get(parcel_id).status
        self._note_change(parcel_id, status)
        self._statuses[parcel_id] = (status, by)

    def _note_change(self, parcel_id: bytes, status: str) -> None:
        was = self._statuses.get(parcel_id)
        if was is not None and was[0] != status:
            self._changes.append((parcel_id, was[0], status, was[1]))

    def _see_cases(self, *ids: bytes) -> None:
        for id_ in ids:
            self._cases.setdefault(id_, self.state[Case].find(id_))

    def _see_cancelled(self, fact: OrderCancelled) -> None:
        row = self.state[Itinerary].find(fact.order_id)
        self._see_cases(*(row.shipments if row is not None else ()))

    def _see_release(self, fact: HoldReleased) -> None:
        hold = self.state[Hold].get(fact.hold_id)
        if fact.why == "expired" and hold.by.company and not hold.standby_of:
            self._holds[fact.hold_id] = hold.by.company
        self._see_cases(fact.hold_id)

    # --- after all of them

    def tell(self, facts: Iterable[Any]) -> list[Notice]:
        """What companies are told, in order; facts are all folded."""
        facts = list(facts)
        out = [
            _notice(one.to_company, f"leg.{kind}", id_text("shp", one.shipment_id), leg_told(one))
            for kind, one in instructions(facts)
        ]
        if not self.wants.any():
            return out
        for fact in facts:
            say = _AFTER.get(type(fact))
            out += say(self, fact) if say is not None else ()
        for parcel_id in list(self._statuses):
            self._note_change(parcel_id, self.state[Parcel].get(parcel_id).status)
        out += self._tell_parcels()
        out += self._tell_cases()
        return out

    def _to(self, company: str, type_: str, subject: str, data: msgspec.Struct) -> Iterator[Notice]:
        company = NETWORK if company == ANY else company
        if self.wants.wants(company, type_):
            yield _notice(company, type_, subject, data)

    def _tell_parcels(self) -> Iterator[Notice]:
        for parcel_id, was, status, by in self._changes:
            row = self.state[Parcel].get(parcel_id)
            order = self.state[Order].get(row.order_id)
            if not self.wants.wants(order.owner, "parcel.status_changed"):
                continue
            told = ParcelTold(
                parcel=id_text("pcl", parcel_id),
                number=row.waybill,
                order=id_text("ord", row.order_id),
                reference=order.reference,
                shipment=id_text("shp", row.shipment_id),
                status=status,
                was=was,
                reason_code=by.scan.reason_code if by else row.reason_code,
                happened_at=stamp_text(by.scan.happened_at) if by else "",
                place=by.scan.place if by else "",
                delay_min=row.delay_min,
            )
            yield _notice(order.owner, "parcel.status_changed", told.parcel, told)

    def _tell_cases(self) -> Iterator[Notice]:
        for id_, before in self._cases.items():
            now = self.state[Case].find(id_)
            case = now or before
            if case is None or (now is None) == (before is None):
                continue
            order = self.state[Order].find(case.order_id) if case.order_id else None
            told = ExceptionTold(
                subject=id_text("shp" if order else "hld", id_),
                owner=NETWORK if case.owner == ANY else case.owner,
                departure=case.departure,
                order=id_text("ord", case.order_id) if order else "",
                reference=order.reference if order else "",
                at=case.at,
                reasons=_told(case.reasons),
            )
            for company in dict.fromkeys((told.owner, *((order.owner,) if order else ()))):
                yield from self._to(company, f"exception.{'opened' if now else 'closed'}", told.subject, told)

    # --- orders and shipments

    def _order(self, order_id: bytes, type_: str, reasons: tuple[Any, ...] = ()) -> Iterator[Notice]:
        order = self.state[Order].get(order_id)
        if self.wants.wants(order.owner, type_):
            row, subject = self.state[Itinerary].find(order_id), id_text("ord", order_id)
            shipments = tuple(id_text("shp", one) for one in row.shipments) if row is not None else ()
            told = OrderTold(subject, order.reference, order.status, shipments, _told(reasons))
            yield _notice(order.owner, type_, subject, told)

    def _taken(self, fact: PlanTaken) -> Iterator[Notice]:
        if self.state[Order].find(fact.hold_id) is not None:
            yield from self._order(fact.hold_id, "order.accepted")

    def _shipment(self, type_: str, fact: Promised | Retimed | Replanned) -> Iterator[Notice]:
        order = self.state[Order].get(fact.order_id)
        if not self.wants.wants(order.owner, type_):
            return
        row = self.state[Shipment].get(fact.shipment_id)
        parcels = (self.state[Parcel].get(parcel_id) for parcel_id in order.parcels)
        told = ShipmentTold(
            shipment=id_text("shp", fact.shipment_id),
            order=id_text("ord", fact.order_id),
            reference=order.reference,
            numbers=tuple(parcel.waybill for parcel in parcels if parcel.shipment_id == fact.shipment_id),
            earliest=stamp_text(row.earliest),
            latest=stamp_text(row.latest),
            expected_at=stamp_text(row.expected_at),
            price_minor=row.price_minor,
            currency=row.currency,
            confidence_ppm=fact.confidence_ppm if isinstance(fact, Promised) else None,
            departure="" if isinstance(fact, Promised) else fact.departure,
            late_s=0 if isinstance(fact, Promised) else fact.late_s,
        )
        yield _notice(order.owner, type_, told.shipment, told)

    # --- space

    def _whose(self, hold_id: bytes, company: str) -> str:
        """The company that asked for space, or that an order is of."""
        order = self.state[Order].find(hold_id) if not company else None
        return order.owner if order is not None else company

    def _held(self, fact: PlanHeld) -> Iterator[Notice]:
        if fact.by.company and not fact.standby_of:
            spaces = tuple(map(space_stands, list_told(fact.uses, fact.spaces)))
            told = SpaceNotice(id_text("hld", fact.hold_id), spaces, stamp_text(fact.expires_at))
            yield from self._to(fact.by.company, "space.held", told.space, told)

    def _space_refused(self, fact: PlanRefused) -> Iterator[Notice]:
        if fact.by.company:
            told = SpaceNotice(id_text("hld", fact.hold_id), reasons=_told((fact.refusal,)))
            yield from self._to(fact.by.company, "space.refused", told.space, told)

    def _released(self, fact: HoldReleased) -> Iterator[Notice]:
        if fact.hold_id in self._holds:
            told = SpaceNotice(id_text("hld", fact.hold_id), why=fact.why)
            yield from self._to(self._holds[fact.hold_id], "space.expired", told.space, told)

    def _recalled(self, fact: PlanRecalled) -> Iterator[Notice]:
        plan = find_plan(self.state, fact.hold_id)
        company = self._whose(fact.hold_id, plan.by.company if plan is not None else "")
        told = SpaceNotice(id_text("hld", fact.hold_id), lost=fact.resources, standby=bool(fact.standby))
        yield from self._to(company, "share.recalled", told.space, told)

    def _capacity(self, fact: CapacityChanged) -> Iterator[Notice]:
        touched: dict[str, tuple[list[str], list[str]]] = {}
        for which, ids in ((0, fact.moved), (1, (hold_id for hold_id, _ in fact.lent))):
            for hold_id in ids:
                plan = find_plan(self.state, hold_id)
                company = self._whose(hold_id, plan.by.company if plan is not None else "")
                touched.setdefault(company, ([], []))[which].append(id_text("hld", hold_id))
        for company, (moved, lent) in touched.items():
            told = CapacityTold(fact.resource, fact.by, tuple(moved), tuple(lent), fact.why)
            yield from self._to(company, "capacity.changed", fact.resource, told)

    # --- departures and endpoints

    def _departure(
        self, type_: str, fact: DepartureCancelled | DepartureDelayed | DepartureRestored
    ) -> Iterator[Notice]:
        if next(self.wants.companies(type_), None) is None:
            return
        counts: dict[str, int] = {}
        for order_id in riders(self.state, fact.departure):
            owner = self.state[Order].get(order_id).owner
            counts[owner] = counts.get(owner, 0) + 1
        late = fact.late if isinstance(fact, DepartureDelayed) else ()
        for company, count in counts.items():
            told = DepartureTold(fact.departure, fact.by, count, late, fact.why)
            yield from self._to(company, type_, fact.departure, told)

    def _tried(self, fact: EndpointTried) -> Iterator[Notice]:
        yield _notice(fact.company, "endpoint.test", fact.endpoint_id, EndpointTold(fact.endpoint_id))


def _notice(company: str, type_: str, subject: str, data: msgspec.Struct) -> Notice:
    return Notice(company, type_, subject, _WRITE.encode(data))


def _told(reasons: Iterable[Refusal]) -> tuple[RefusalTold, ...]:
    """Reasons as companies are told them: without what is kept for others."""
    return tuple(map(refusal_told, refusals_told(reasons, "")))


def _see_hold(teller: Teller, fact: PlanChanged | PlanGivenBack | SpaceLost) -> None:
    teller._see_cases(fact.hold_id)


def _see_shipment(teller: Teller, fact: Delivered | PromiseAtRisk | ReplanFailed | Replanned | Retimed) -> None:
    teller._see_cases(fact.shipment_id)


def _see_parcels(teller: Teller, fact: ParcelsCancelled) -> None:
    for parcel_id in fact.parcels:
        teller._see_parcel(parcel_id, None)


# What is looked at before a fact is folded, and what is told of it afterwards.
_BEFORE: dict[type, Callable[[Teller, Any], None]] = {
    Scanned: lambda teller, fact: teller._see_parcel(fact.parcel_id, fact),
    ReturnStarted: lambda teller, fact: teller._see_parcel(fact.parcel_id, None),
    ParcelsCancelled: _see_parcels,
    Delivered: _see_shipment,
    PromiseAtRisk: _see_shipment,
    ReplanFailed: _see_shipment,
    Replanned: _see_shipment,
    Retimed: _see_shipment,
    SpaceLost: _see_hold,
    PlanChanged: _see_hold,
    PlanGivenBack: _see_hold,
    HoldReleased: Teller._see_release,
    OrderCancelled: Teller._see_cancelled,
}
_AFTER: dict[type, Callable[[Teller, Any], Iterator[Notice]]] = {
    PlanTaken: Teller._taken,
    OrderRefused: lambda teller, fact: teller._order(fact.order_id, "order.refused", fact.reasons),
    OrderCancelled: lambda teller, fact: teller._order(fact.order_id, "order.cancelled"),
    Promised: lambda teller, fact: teller._shipment("shipment.promised", fact),
    Retimed: lambda teller, fact: teller._shipment("shipment.retimed", fact),
    Replanned: lambda teller, fact: teller._shipment("shipment.replanned", fact),
    PlanHeld: Teller._held,
    PlanRefused: Teller._space_refused,
    HoldReleased: Teller._released,
    PlanRecalled: Teller._recalled,
    CapacityChanged: Teller._capacity,
    DepartureCancelled: lambda teller, fact: teller._departure("departure.cancelled", fact),
    DepartureDelayed: lambda teller, fact: teller._departure("departure.delayed", fact),
    DepartureRestored: lambda teller, fact: teller._departure("departure.restored", fact),
    EndpointTried: Teller._tried,
}
