"""Whose capacity is whose: holders, their shares, blocks and allotments. docs/sharing.md explains them together."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rookery.journey.network.rows import ANY, Col, Micro, Row, Valid

AMOUNT_MAX = 2**42  # of what is shared: the engine counts in millionths of it, docs/decisions/0014
COUNTED = ("cm3", "grams", "orders", "pieces", "units")  # dimensions that orders take; in others nothing can be shared

Lending = Literal["never", "recallable", "free"]
Kind = Literal["service", "facility", "station", "warehouse", "stock"]
Activity = Literal["sort", "delivery"]


@dataclass(frozen=True, slots=True)
class Selector:
    """Which limited things a row is about: those of a kind with exactly this id, or with an id that begins so."""

    kind: str
    begin: str
    exact: bool

    def matches(self, id_: str) -> bool:
        """True for ids of its kind that it means."""
        return id_ == self.begin if self.exact else id_.startswith(self.begin)

    @property
    def rank(self) -> tuple[bool, int]:
        """How specific it is: an exact id before a longer beginning before a shorter one."""
        return self.exact, len(self.begin)


def read_selector(text: str) -> Selector:
    """The selector that a cell holds, such as `service:HKG-*`."""
    kind, _, id_ = text.partition(":")
    return Selector(kind, id_.removesuffix(ANY), exact=not id_.endswith(ANY))


_RESOURCE = (
    "service:ID, facility:ID (its sort hours), station:ID (its deliveries), warehouse:ID (what it ships in a day),"
)
_RESOURCE += " stock:ID (its stock); an ID may end in * for any that begin so"


class Holder(Row, frozen=True, kw_only=True):
    """Somebody who holds capacity: a company, a product, a company's product, or a group. The network itself is `*`."""

    holder: Annotated[str, Col("id of the holder")]
    parent: Annotated[str, Col("the holder above it; blank: the network itself", ref="holders")] = ""
    company_id: Annotated[str, Col("whose orders it is for; blank: a product's, or a group", ref="companies")] = ""
    product_id: Annotated[str, Col("for orders of this product only; blank: of any", ref="products")] = ""
    priority: Annotated[int, Col("lower goes first, within what it may use; higher is moved first in a shortage")] = 5
    name: Annotated[str, Col("its name")] = ""


class Share(Valid, frozen=True, kw_only=True):
    """What a holder is guaranteed of things, and on which terms. Of several rows the most specific one holds."""

    holder: Annotated[str, Col("the holder, or * for the network itself", ref="holders")]
    resource: Annotated[str, Col(_RESOURCE)]
    dimension: Annotated[str, Col("what is counted, or *")] = ANY
    guarantee: Annotated[
        Micro | None, Col("per cent of what the holder above has; blank: what those below it have together")
    ] = None
    guarantee_amount: Annotated[int | None, Col("so much instead, in the dimension's unit")] = None
    ceiling: Annotated[Micro, Col("per cent of the capacity at most")] = Micro(100_000_000)
    ceiling_amount: Annotated[int | None, Col("so much at most instead, in the dimension's unit")] = None
    weight: Annotated[int, Col("its part of what is left over, beside the others under the same holder")] = 1
    release_min: Annotated[int, Col("before cut-off, when the unused guarantee is anybody's; 0: never", unit="min")] = 0
    lending: Annotated[Lending, Col("what may be done with the unused guarantee until then")] = "never"


class Block(Valid, frozen=True, kw_only=True):
    """A block-space agreement: a guarantee as an amount, in place of that of the holder's share in that dimension."""

    block_id: Annotated[str, Col("id of the agreement")]
    holder: Annotated[str, Col("who holds it", ref="holders")]
    service_id: Annotated[str, Col("the service", ref="services")]
    dimension: Annotated[str, Col("such as grams; one that orders do not take, as uld_positions, guarantees nothing")]
    amount: Annotated[int, Col("per dated departure")]
    kind: Annotated[Literal["hard", "soft"], Col("hard: paid whether used or not; soft: free until released")]
    release_min: Annotated[int, Col("before cut-off, when an unused soft block is anybody's; 0: never", unit="min")] = 0
    lending: Annotated[Lending, Col("what may be done with the unused block until then")] = "never"
    per_kg: Annotated[Micro, Col("price per kg")] = Micro(0)
    currency: Annotated[str, Col("its currency")]


class Allotment(Valid, frozen=True, kw_only=True):
    """The most that a holder and all below it may use of several departures together, as 2 t a day on a lane."""

    allotment_id: Annotated[str, Col("id of the allotment")]
    holder: Annotated[str, Col("the holder, or * for the network itself", ref="holders")]
    resource: Annotated[str, Col("service:ID; the ID may end in * for any that begin so")]
    per: Annotated[Literal["day", "week"], Col("all departures of one local day, or of a week from Monday on")]
    dimension: Annotated[str, Col("what is counted")]
    amount: Annotated[int, Col("most of it in that time")]


class FacilityCapacity(Valid, frozen=True, kw_only=True):
    """What a facility can handle of what comes to be sorted, or of what is delivered from it."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    activity: Annotated[
        Activity, Col("sort: what arrives in an hour (UTC); delivery: what couriers take in a local day")
    ]
    dimension: Annotated[str, Col("what is counted")]
    amount: Annotated[int, Col("most of it in that hour or day")]


class Round(Valid, frozen=True, kw_only=True):
    """Requests beyond guarantees that are decided together, so that what is left over goes by weight."""

    resource: Annotated[str, Col(_RESOURCE)]
    round_s: Annotated[int, Col("how long they are collected; 0: each is decided as it comes", unit="s")]


class BidPrice(Valid, frozen=True, kw_only=True):
    """What capacity beyond guarantees has to earn at least."""

    resource: Annotated[str, Col(_RESOURCE)]
    dimension: Annotated[str, Col("what is counted")]
    price: Annotated[Micro, Col("per 1,000 of it (a kg, a litre, a thousand pieces), in the network's currency")]
