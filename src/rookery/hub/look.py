"""Reading a ledger: results order by order, one parcel's story, why a decision was taken. Nothing is written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rookery.journey.disrupt import ReplanFailed, Replanned
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import Sourced
from rookery.journey.order import Decision, Order, OrderRefused, Reference, reference_name
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.track import scan_numbers
from rookery.journey.waybill import number_name
from rookery.ledger.log import Ledger, StoredFact
from rookery.units import amount_text, id_text, instant_text, micro_text, read_any_id, read_id

DecisionFact = Sourced | OrderRefused | Replanned | ReplanFailed


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one order: a row of the results, in the order of the columns. See docs/results.md."""

    order_reference: str
    owner: str
    status: str
    refusal_code: str
    refusal_detail: str
    binding: str
    product: str
    warehouse: str
    ships_on: str
    departs_at: str
    arrives_at: str
    promised_from: str
    promised_by: str
    confidence: str
    services: str
    pieces: int
    cost: str
    cost_currency: str
    price: str
    price_currency: str
    waybill: str
    parcel_status: str
    delivered_at: str
    delay_min: int
    order: str
    decision: str


class Look:
    """A ledger being read."""

    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self.meta = ledger.get_meta()
        self.currency = self.meta.get("currency", "USD")

    # --- finding

    def find_order(self, name: str) -> Order | None:
        """The order that an id, a waybill number or a reference means; owner:reference where several share one."""
        order_id = self._find_order_id(name)
        found: Order | None = self.ledger.find_row("orders", order_id) if order_id else None
        return found

    def _find_order_id(self, name: str) -> bytes | None:
        try:
            prefix, id_ = read_any_id(name)
        except ValueError:
            return self._order_of_name(name)
        if prefix in ("ord", "") and self.ledger.find_row("orders", id_) is not None:
            return id_
        view = {"dec": "decision", "shp": "shipment", "pcl": "parcel"}.get(prefix)
        row: Decision | Shipment | Parcel | None = self.ledger.find_row(view, id_) if view else None
        return row.order_id if row else self._order_of_name(name)

    def _order_of_name(self, name: str) -> bytes | None:
        waybill: Reference | None = self.ledger.find_row("reference", number_name(name))
        if waybill is not None:
            parcel: Parcel = self.ledger.find_row("parcel", waybill.id_)
            return parcel.order_id
        owner, _, reference = name.partition(":")
        exact: Reference | None = self.ledger.find_row("reference", reference_name(owner, reference))
        if exact is not None:
            return exact.id_
        named = list(self.ledger.list_rows("orders", reference=name))
        return named[0].order_id if len(named) == 1 else None

    def facts(self, order_id: bytes) -> list[StoredFact]:
        """Everything that was decided about an order, in order: all but what was seen of its parcels."""
        return list(self.ledger.list_facts(about=order_id))

    def whole_story(self, order_id: bytes) -> list[StoredFact]:
        """Everything that happened to an order, in order."""
        seen = [one for parcel in self.parcels(order_id) for one in self.scans(parcel)]
        return sorted([*self.facts(order_id), *seen], key=lambda one: one.seq)

    def scans(self, parcel: Parcel) -> list[StoredFact]:
        """What was seen of a parcel, in the order in which it was heard. Cost: that of the parcel's own facts."""
        return self.ledger.get_facts(self.scan_numbers(parcel))

    def scan_numbers(self, parcel: Parcel) -> list[int]:
        """The numbers of the facts of what was seen of a parcel, in the order in which it was heard."""
        earlier = self.ledger.find_row("earlier_scans", parcel.parcel_id) if parcel.earlier else None
        return scan_numbers(parcel, earlier)

    def parcels(self, order_id: bytes) -> list[Parcel]:
        """The parcels of an order."""
        shipments = [f.fact for f in self.facts(order_id) if f.kind == "shipment_made"]
        return [self.ledger.find_row("parcel", parcel_id) for made in shipments for parcel_id in made.parcels]

    def find_longest_story(self) -> str:
        """The waybill of the delivered parcel that was seen most often, the first of equals; blank if there is none."""
        seen: Counter[bytes] = Counter()
        for stored in self.ledger.list_facts(kind="scanned"):
            seen[stored.fact.parcel_id] += 1
        for parcel_id, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0])):
            parcel: Parcel = self.ledger.find_row("parcel", parcel_id)
            if parcel.delivered_at:
                return parcel.waybill
        return ""

    # --- results

    def results(self) -> Iterator[Result]:
        """One row per order, in the order in which they were placed."""
        for placed in self.ledger.list_facts(kind="order_placed"):
            facts: dict[str, Any] = {}
            for stored in self.facts(placed.about):
                facts.setdefault(stored.kind, stored.fact)
            yield self._result(self.ledger.find_row("orders", placed.about), facts)

    def _result(self, order: Order, facts: dict[str, Any]) -> Result:
        asked, promised = facts["order_placed"].asked, facts.get("promised")
        sourced: Sourced | None = facts.get("sourced") if order.status == "booked" else None
        made, issued = facts.get("shipment_made"), facts.get("waybills_issued")
        parcel: Parcel | None = self.ledger.find_row("parcel", made.parcels[0]) if made else None
        row: Itinerary | None = self.ledger.find_row("itinerary", order.order_id) if sourced else None
        parts = row.parts if row else ()
        legs = [leg for part in parts for leg in part.plan.legs]
        return Result(
            order_reference=order.reference,
            owner=order.owner,
            status=order.status,
            refusal_code=order.refusal_code,
            refusal_detail=order.refusal_detail,
            binding=order.binding,
            product=asked.product_id,
            warehouse=sourced.site if sourced and sourced.ships_on else "",
            ships_on=sourced.ships_on if sourced else "",
            departs_at=instant_text(legs[0].departs_at) if legs else "",
            arrives_at=instant_text(max(part.plan.arrives_at for part in parts)) if parts else "",
            promised_from=instant_text(promised.earliest) if promised else "",
            promised_by=instant_text(promised.latest) if promised else "",
            confidence=_share(promised.confidence_ppm) if promised else "",
            services=" ".join(leg.service_id for leg in legs),
            pieces=asked.pieces,
            cost=amount_text(row.cost_minor, self.currency) if row else "",
            cost_currency=self.currency if row else "",
            price=amount_text(promised.price_minor, promised.currency) if promised else "",
            price_currency=promised.currency if promised else "",
            waybill=issued.numbers[0] if issued else "",
            parcel_status=parcel.status if parcel else "",
            delivered_at=instant_text(parcel.delivered_at) if parcel and parcel.delivered_at else "",
            delay_min=parcel.delay_min if parcel else 0,
            order=id_text("ord", order.order_id),
            decision=id_text("dec", order.decision_id) if order.decision_id else "",
        )

    # --- decisions

    def decisions(self, name: str) -> list[tuple[StoredFact, DecisionFact]]:
        """The decisions behind a name: the one it names, or all about the order it means."""
        order = self.find_order(name)
        if order is None:
            return []
        found = [(f, f.fact) for f in self.facts(order.order_id) if isinstance(f.fact, DecisionFact)]
        if name.startswith("dec_"):
            _, decision_id = read_id(name)
            found = [(f, fact) for f, fact in found if fact.decision_id == decision_id]
        return found


def _share(ppm: int | None) -> str:
    """A probability as a decimal number from 0 to 1; blank where none was stated."""
    return "" if ppm is None else micro_text(ppm)
