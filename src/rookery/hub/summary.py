"""What a ledger comes to: how many orders went which way, why others did not, money, capacity by hub and lane."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rookery.hub.look import Look
from rookery.journey.account import Account
from rookery.journey.desk import World
from rookery.journey.itinerary import Itinerary
from rookery.journey.option import Sourced
from rookery.journey.order import Order
from rookery.journey.shipment import Parcel
from rookery.units import amount_text

SHARE_OF = ("grams", "orders", "pieces", "units", "cm3", "uld_positions")  # the dimension shown, first that is there


@dataclass(slots=True)
class Used:
    """How much of a kind of resource was used, over those of which anything was."""

    resources: int = 0
    dimension: str = ""
    used: int = 0
    limit: int = 0
    fullest_ppm: int = 0

    @property
    def share(self) -> float:
        """Used part of the limit, 0 to 1."""
        return self.used / self.limit if self.limit else 0.0


@dataclass(slots=True)
class Summary:
    """The state of a ledger in numbers. Money in the network's currency, as decimal text."""

    orders: int = 0
    booked: int = 0
    refused: int = 0
    waiting: int = 0
    cancelled: int = 0
    cases: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    bindings: dict[str, int] = field(default_factory=dict)
    parcels: int = 0
    parcel_statuses: dict[str, int] = field(default_factory=dict)
    delivered: int = 0
    late: int = 0
    currency: str = ""
    cost: str = "0"
    sold: str = "0"
    prices: dict[str, str] = field(default_factory=dict)
    messages: int = 0
    facts: int = 0
    dead_letters: int = 0
    hubs: dict[str, Used] = field(default_factory=dict)
    lanes: dict[str, Used] = field(default_factory=dict)
    warehouses: dict[str, Used] = field(default_factory=dict)


def summarise(look: Look, world: World | None = None) -> Summary:
    """Add up a ledger. `world`: the network, for capacity by hub; without it lanes are told by their ids."""
    ledger = look.ledger
    out = Summary(currency=look.currency)
    _orders(out, ledger.list_rows("orders"))
    for parcel in ledger.list_rows("parcel"):
        _parcel(out, parcel)
    out.cases = sum(1 for _ in ledger.list_rows("open_case"))
    prices: Counter[str] = Counter()
    for shipment in ledger.list_rows("shipment"):
        if shipment.currency:
            prices[shipment.currency] += shipment.price_minor
    out.prices = {currency: amount_text(minor, currency) for currency, minor in sorted(prices.items())}
    cost = sold = 0
    for stored in ledger.list_facts(kind="sourced"):
        sourced: Sourced = stored.fact
        order: Order = ledger.find_row("orders", sourced.order_id)
        if order.status != "booked":
            continue
        itinerary: Itinerary = ledger.find_row("itinerary", sourced.order_id)
        cost += itinerary.cost_minor
        sold += sourced.price.common_minor if sourced.price else sourced.cost_minor
    out.cost, out.sold = amount_text(cost, look.currency), amount_text(sold, look.currency)
    out.messages, out.facts = ledger.count("message"), ledger.count("fact")
    out.dead_letters = ledger.count("dead_letter")
    for account in ledger.list_rows("account"):
        _account(out, account, world)
    return out


def _orders(out: Summary, orders: Iterable[Order]) -> None:
    reasons: Counter[str] = Counter()
    bindings: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for order in orders:
        statuses[order.status] += 1
        if order.status == "refused":
            reasons[order.refusal_code] += 1
            bindings[order.binding] += 1
    out.orders = statuses.total()
    out.booked, out.refused = statuses["booked"], statuses["refused"]
    out.waiting, out.cancelled = statuses["waiting"], statuses["cancelled"]
    out.reasons, out.bindings = dict(reasons.most_common()), dict(bindings.most_common(10))


def _parcel(out: Summary, parcel: Parcel) -> None:
    out.parcels += 1
    out.parcel_statuses[parcel.status] = out.parcel_statuses.get(parcel.status, 0) + 1
    out.delivered += bool(parcel.delivered_at)
    out.late += bool(parcel.delivered_at and parcel.delay_min)


def _account(out: Summary, account: Account, world: World | None) -> None:
    kind, _, name = account.resource.partition(":")
    if kind == "warehouse":
        _add(out.warehouses.setdefault(name.rpartition("/")[0], Used()), account)
    if kind != "departure":
        return
    variant_id, _, seq = name.split("/")
    _add(out.lanes.setdefault(variant_id, Used()), account)
    if world is not None:
        hub = world.timetable.facility_of(variant_id, int(seq))
        if hub.kind == "gateway":
            _add(out.hubs.setdefault(hub.facility_id, Used()), account)


def _add(used: Used, account: Account) -> None:
    dimension = next((d for d in SHARE_OF if d in account.limits), "")
    if not dimension:
        return
    taken, limit = account.taken[dimension] + account.held[dimension], account.limits[dimension]
    used.resources += 1
    used.dimension = dimension
    used.used += taken
    used.limit += limit
    used.fullest_ppm = max(used.fullest_ppm, taken * 1_000_000 // limit if limit else 0)
