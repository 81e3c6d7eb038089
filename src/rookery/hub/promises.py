"""What was promised of an order on lent space: since when a recall would break it, or has; by what; when that is over.

    at risk   what it borrows may be recalled, and its standby would be late, or there is none
    broken    that was recalled, and it arrives later than promised
    no more   nothing is on loan, a standby or its plan is in time; it is delivered, cancelled, or has no way on

Told from the facts about the order alone, and from cuts that took its space or put it on loan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rookery.hub.look import Look
from rookery.hub.spaces import until
from rookery.journey.booking import PlanChanged, PlanHeld, PlanRecalled
from rookery.journey.capacity import CapacityChanged
from rookery.journey.deliver import Delivered
from rookery.journey.disrupt import PromiseAtRisk, ReplanFailed, Replanned, Retimed
from rookery.journey.fallback import StandbyRenewed
from rookery.journey.option import Fallback, Sourced
from rookery.journey.order import OrderCancelled
from rookery.journey.promise import Promised
from rookery.journey.route import Plan
from rookery.journey.share import LoanFirmed
from rookery.journey.shipment import ShipmentMade
from rookery.journey.state import Refusal
from rookery.ledger.log import StoredFact
from rookery.units import id_text, instant_text, span_text

Block = tuple[int, list[str]]  # the number of a fact, and what is told of it


def promise_blocks(look: Look, order_id: bytes) -> list[Block]:
    """What became of an order's promises because of what it borrowed, in order; nothing where that was never a case."""
    facts = look.facts(order_id)
    if not any(isinstance(one.fact, PromiseAtRisk) for one in facts):
        return []
    cuts = look.ledger.list_facts(kind="capacity_changed")
    own = [one for one in cuts if order_id in (*one.fact.moved, *dict(one.fact.lent))]
    order = _Order(look, order_id)
    for stored in sorted((*facts, *own), key=lambda one: one.seq):
        order.note(stored)
    return [(told.seq, told.lines) for told in order.told]


@dataclass(slots=True)
class _Shipment:
    """A shipment as it stood. `case`: why it is one; None: it is none. `out`: its parcels that are not delivered."""

    part: int
    out: set[bytes]
    latest: int = 0
    case: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a fact. `ends`: of whose case it is the end, unless the same message opens it again."""

    seq: int
    message: int
    lines: list[str]
    ends: bytes = b""


@dataclass(slots=True)
class _Order:
    """An order, fact by fact. `lent`: what it has on loan, and until when each can be recalled; 0: at any time."""

    look: Look
    order_id: bytes
    told: list[_Told] = field(default_factory=list)
    shipments: dict[bytes, _Shipment] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)
    back: Fallback | None = None
    lent: dict[str, int] = field(default_factory=dict)

    def note(self, stored: StoredFact) -> None:
        """What a fact says of it."""
        match stored.fact:
            case Sourced(parts=parts, fallback=back):
                self.plans, self.back = {n: part.plan for n, part in enumerate(parts)}, back
            case StandbyRenewed(fallback=back):
                self.back = back
            case ShipmentMade(shipment_id=id_, part=part, parcels=parcels):
                self.shipments[id_] = _Shipment(part, set(parcels))
            case Promised(shipment_id=id_, latest=latest):
                self.shipments[id_].latest = latest
            case Retimed() | Replanned() as new:
                self.plans[new.part] = new.plan
                self._end(stored, new.shipment_id, f"by its plan it arrives {self._arrival(new.plan, new.shipment_id)}")
            case ReplanFailed(shipment_id=id_):
                self._end(stored, id_, "there is no way on, which is a case of its own")
            case Delivered(shipment_id=id_, parcel_id=parcel_id, late_min=late_min):
                self.shipments[id_].out.discard(parcel_id)
                if not self.shipments[id_].out:
                    late = f"{span_text(late_min * 60)} after what was promised" if late_min else "in time"
                    self._end(stored, id_, f"it is delivered, {late}")
            case OrderCancelled():
                for id_ in self.shipments:
                    self._end(stored, id_, "the order is cancelled")
            case PromiseAtRisk(shipment_id=id_, reasons=()):
                self._end(stored, id_, self._why_safe(id_))
            case PromiseAtRisk() as risk:
                self._begin(stored, risk)
            case _:
                self._lend(stored)

    def _lend(self, stored: StoredFact) -> None:
        """What it has on loan from now on."""
        match stored.fact:
            case PlanHeld(spaces=spaces):
                self.lent = {space.resource: until(space) for space in spaces if space.from_at}
            case PlanChanged(dropped=dropped, spaces=spaces):
                for use in dropped:
                    self.lent.pop(use.resource, None)
                self.lent |= {space.resource: until(space) for space in spaces if space.from_at}
            case PlanRecalled(resources=resources, standby=standby):
                gone = list(self.lent) if standby else resources
                for resource in gone:
                    self.lent.pop(resource, None)
            case LoanFirmed(resource=resource):
                self.lent.pop(resource, None)
            case CapacityChanged(resource=resource, lent=lent):
                self.lent.pop(resource, None)
                if self.order_id in (until_of := dict(lent)):
                    self.lent[resource] = until_of[self.order_id]

    # --- a case

    def _begin(self, stored: StoredFact, risk: PromiseAtRisk) -> None:
        """It is at risk or broken from now on, or still is, for another reason."""
        self.told = [
            one for one in self.told if (one.ends, one.message) != (risk.shipment_id, stored.message)
        ]  # it was no other in between
        shipment = self.shipments[risk.shipment_id]
        shipment.case = risk.reasons[0]
        body = self._at_risk(risk, shipment) if risk.reasons[0].code == "at_risk" else self._broken(risk, shipment)
        self._tell(stored, risk.shipment_id, [*body, f"    a case for {risk.owner}"])

    def _at_risk(self, risk: PromiseAtRisk, shipment: _Shipment) -> Iterator[str]:
        firm_at = self.lent.get(risk.resource, 0)
        yield f"  at risk: {risk.resource}"
        yield f"    it is on loan, and can be recalled{f' until {instant_text(firm_at)}' if firm_at else ''}"
        yield f"    promised: arrival by {instant_text(shipment.latest)}"
        yield f"    by its plan it arrives {self._arrival(self.plans[shipment.part], risk.shipment_id)}"
        yield f"    if that is recalled: {self._by_standby(risk, shipment)}"
        yield "    safe if the loan is firm, or if a standby arrives in time"
        yield f"    to do: {risk.reasons[0].todo}"

    def _broken(self, risk: PromiseAtRisk, shipment: _Shipment) -> Iterator[str]:
        yield f"  broken: {risk.resource}"
        yield "    it was on loan, and was recalled"
        yield f"    promised: arrival by {instant_text(shipment.latest)}"
        yield f"    by its plan it arrives {self._arrival(self.plans[shipment.part], risk.shipment_id)}"
        yield "    mended if another way is in time after all"
        yield f"    to do: {risk.reasons[0].todo}"

    def _end(self, stored: StoredFact, shipment_id: bytes, why: str) -> None:
        """It is no case any more, if it was one."""
        shipment = self.shipments[shipment_id]
        if shipment.case is not None:
            what = "at risk" if shipment.case.code == "at_risk" else "broken"
            shipment.case = None
            self._tell(stored, shipment_id, [f"  {what}, but no case any more: {why}"], ends=shipment_id)

    def _tell(self, stored: StoredFact, shipment_id: bytes, lines: Iterable[str], ends: bytes = b"") -> None:
        head = f"promise {instant_text(stored.heard_at)}  fact {stored.seq}  {id_text('shp', shipment_id)}"
        word = f"  found out by a message `{self.look.ledger.get_message(stored.message).kind}`"
        self.told.append(_Told(stored.seq, stored.message, [head, word, *lines], ends))

    # --- when it would arrive

    def _by_standby(self, risk: PromiseAtRisk, shipment: _Shipment) -> str:
        """What it falls back to; a plan that was lost is known still, so the reason says whether there is one."""
        back = self.back.parts[shipment.part].plan if self.back is not None else None
        if back is None or instant_text(back.arrives_at) not in risk.reasons[0].found:
            return risk.reasons[0].found
        return f"its standby arrives {self._arrival(back, risk.shipment_id)}"

    def _why_safe(self, shipment_id: bytes) -> str:
        if not self.lent or self.back is None:
            return "nothing of it can be recalled any more"
        back = self.back.parts[self.shipments[shipment_id].part].plan
        return f"its standby arrives {self._arrival(back, shipment_id)}"

    def _arrival(self, plan: Plan, shipment_id: bytes) -> str:
        late_s = plan.arrives_at - self.shipments[shipment_id].latest
        when = f"{span_text(late_s)} after what was promised" if late_s > 0 else "in time"
        way = " > ".join(leg.service_id for leg in plan.legs)
        return f"{instant_text(plan.arrives_at)}, {when}{f', by {way}' if way else ''}"
