"""Goods that were heavier than booked: each leg of which an order, or its standby, uses more since, from raw facts."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rookery.hub.look import Look
from rookery.hub.promises import Block
from rookery.journey.account import Use
from rookery.journey.booking import PlanChanged, PlanHeld, PlanRecalled
from rookery.journey.capacity import CapacityChanged
from rookery.journey.reweigh import Reweighed
from rookery.journey.shipment import ShipmentMade
from rookery.ledger.log import StoredFact
from rookery.units import id_text, instant_text


def heavier_blocks(look: Look, order_id: bytes) -> list[Block]:
    """Each time that the goods of an order weighed more than before, in order."""
    facts = look.facts(order_id)
    if not any(isinstance(one.fact, Reweighed) for one in facts):
        return []
    standbys = {one.fact.standby for one in facts if isinstance(one.fact, Reweighed | PlanRecalled | PlanHeld)} - {b""}
    of_standbys = [one for hold_id in standbys for one in look.ledger.list_facts(about=hold_id)]
    cuts = look.ledger.list_facts(kind="capacity_changed")
    moved = [one for one in cuts if {order_id, *standbys} & set(one.fact.moved)]
    plans, made, blocks = _Plans(), list[ShipmentMade](), list[Block]()
    for stored in sorted((*facts, *of_standbys, *moved), key=lambda one: one.seq):
        if isinstance(stored.fact, ShipmentMade):
            made.append(stored.fact)
        elif isinstance(stored.fact, Reweighed):
            blocks.append((stored.seq, list(_lines(stored, made, plans))))
        plans.note(stored.fact)
    return blocks


class _Plans:
    """How many grams plans use of each resource: an order, and what it falls back to."""

    def __init__(self) -> None:
        self.grams: dict[bytes, Counter[str]] = {}
        self._keeps: dict[bytes, tuple[str, ...]] = {}  # what a standby and its plan both use

    def note(self, fact: object) -> None:
        """What a fact changes of that."""
        match fact:
            case PlanHeld(hold_id=hold_id, uses=uses, keeps=keeps):
                self.grams[hold_id], self._keeps[hold_id] = _grams(uses), keeps
            case PlanChanged(hold_id=hold_id, dropped=dropped, added=added, less=less):
                self.grams[hold_id].subtract(_grams((*dropped, *less)))
                self.grams[hold_id].update(_grams(added))
            case CapacityChanged(resource=resource, moved=moved):
                for hold_id in moved:
                    self.grams.get(hold_id, Counter()).pop(resource, None)
            case PlanRecalled(hold_id=hold_id, resources=resources, standby=b""):
                for resource in resources:
                    self.grams[hold_id].pop(resource, None)
            case PlanRecalled(hold_id=hold_id, standby=standby):
                kept = {name: self.grams[hold_id][name] for name in self._keeps[standby]}
                self.grams[hold_id] = Counter(kept) + self.grams[standby]
            case Reweighed(order_id=order_id, grown=grown, standby=standby, stands_by=stands_by):
                self.grams[order_id].update(_grams(grown))
                if standby:
                    self.grams[standby].update(_grams(stands_by))


def _grams(uses: Iterable[Use]) -> Counter[str]:
    total = Counter[str]()
    for use in uses:
        total[use.resource] += use.amounts.get("grams", 0)
    return total


def _lines(stored: StoredFact, made: list[ShipmentMade], before: _Plans) -> Iterator[str]:
    fact: Reweighed = stored.fact
    yield f"weighed {instant_text(stored.heard_at)}  fact {stored.seq}"
    for one, weighed in zip(made, fact.grams, strict=True):
        if weighed > one.grams:
            name = id_text("shp", one.shipment_id)
            yield f"  {name}: booked {one.grams:,} grams, weighed {weighed:,}"
    if not fact.grown and not fact.stands_by:
        yield "  nothing that is limited by weight is still to come: its use stays as it was"
    if fact.grown:
        yield "  it uses more of what is still to come:"
        yield from _use_lines(fact.grown, before.grams[fact.order_id])
    if fact.stands_by:
        yield "  its standby does, too:"
        yield from _use_lines(fact.stands_by, before.grams[fact.standby])


def _use_lines(grown: Iterable[Use], before: Counter[str]) -> Iterator[str]:
    for use in grown:
        had, more = before[use.resource], use.amounts["grams"]
        yield f"    {use.resource}: {had:,} -> {had + more:,} grams"
