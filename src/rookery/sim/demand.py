"""A seeded day of orders on any network: parcels from door to door and orders from stock, some of them hopeless.

The mix is invented and says so; what it exercises is the whole journey. The same seed gives the same bytes.
"""

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from rookery.journey.network.offer import ProductLane
from rookery.journey.network.place import Zone
from rookery.journey.network.rows import ANY
from rookery.journey.network.whole import Network
from rookery.partners.orders.file import OrderLineRead
from rookery.partners.orders.read import read_order

FROM_STOCK = 0.35
HOPELESS = 0.03  # share of orders that no network should take
BATTERIES = 0.12
MULTI_PIECE = 0.08
GRAMS_MEDIAN, GRAMS_SIGMA, GRAMS_MAX = 600, 1.0, 30_000
BULK, BULK_PIECES, BULK_PIECE_GRAMS = 0.015, (20, 80), 12_000  # consignments of a marketplace among the parcels
POSTCODE_DIGITS = {"AU": 4, "BE": 4, "CL": 7, "CN": 6, "CZ": 5, "HU": 4, "JP": 7, "PT": 7, "SG": 6}  # else 5
CM3_PER_GRAM = 4  # loosely packed parcels


@dataclass(frozen=True, slots=True)
class Demand:
    """How many orders, on which local day (UTC), by which chance."""

    count: int
    day: dt.date
    seed: int


def orders(network: Network, demand: Demand) -> list[OrderLineRead]:
    """A day of orders, in the order in which they are placed."""
    rng = Random(f"{demand.seed}|demand")
    maker = _Maker(network, rng)
    seconds = sorted(rng.randrange(86_400) for _ in range(demand.count))
    midnight = dt.datetime.combine(demand.day, dt.time(), tzinfo=dt.UTC)
    out = []
    for number, second in enumerate(seconds, 1):
        fields = maker.order(f"D{demand.seed}-{number:06d}", midnight + dt.timedelta(seconds=second))
        body = msgspec.json.encode(fields)
        out.append(OrderLineRead(number, body, read_order(body)))
    return out


def first_day(network: Network) -> dt.date:
    """The day of a demonstration: the second Monday of the network's validity, or its first day."""
    first = network.about.valid_from
    monday = first + dt.timedelta(days=7 + -first.weekday() % 7)
    return monday if monday <= network.about.valid_to else first


class _Maker:
    """Draws one order after the other."""

    def __init__(self, network: Network, rng: Random):
        self.rng = rng
        self.zones = {
            use: _by_country([zone for zone in network.zones if zone.use == use]) for use in ("pickup", "delivery")
        }
        self.owners = sorted(c.company_id for c in network.companies if {"shipper", "platform"} & set(c.roles))
        self.products = {p.product_id: p for p in network.products}
        self.lanes = [lane for lane in network.product_lanes if self._can_travel(lane)]
        self.goods = sorted(g.goods_class for g in network.goods)
        self.stock_lanes = self._stock_lanes(network)

    def _stock_lanes(self, network: Network) -> dict[tuple[str, str], list[ProductLane]]:
        """For each owner's SKU the lanes out of the countries where it is in stock; without a lane it is left out."""
        country = {f.facility_id: f.country for f in network.facilities}
        held: dict[tuple[str, str], set[str]] = {}
        for pool in network.stock:
            held.setdefault((pool.company_id, pool.sku), set()).add(country[pool.facility_id])
        lanes = [lane for lane in network.product_lanes if lane.to_country in (ANY, *self.zones["delivery"])]
        sold = {key: [lane for lane in lanes if lane.from_country in of_key] for key, of_key in held.items()}
        return {key: of_key for key, of_key in sold.items() if of_key}

    def _can_travel(self, lane: ProductLane) -> bool:
        return lane.from_country in self.zones["pickup"] and (
            lane.to_country in self.zones["delivery"] or lane.to_country == ANY
        )

    def order(self, reference: str, at: dt.datetime) -> dict[str, Any]:
        """The fields of one order."""
        from_stock = bool(self.stock_lanes) and self.rng.random() < FROM_STOCK
        fields = self._from_stock() if from_stock else self._door_to_door()
        grams = min(GRAMS_MAX, max(50, int(self.rng.lognormvariate(0, GRAMS_SIGMA) * GRAMS_MEDIAN)))
        fields |= {"reference": reference, "ordered_at": at.isoformat(timespec="seconds"), "weight_g": grams}
        fields |= {"volume_cm3": grams * CM3_PER_GRAM, "buyer": f"buyer-{self.rng.randrange(10_000):04d}"}
        if self.rng.random() < MULTI_PIECE:
            fields |= {"pieces": self.rng.randint(2, 4), "together": self.rng.choice(["must", "may"])}
        if self.rng.random() < BULK:
            count = self.rng.randint(*BULK_PIECES)
            weight = count * BULK_PIECE_GRAMS
            fields |= {"pieces": count, "together": "may", "weight_g": weight, "volume_cm3": weight * CM3_PER_GRAM}
        if self.rng.random() < HOPELESS:
            fields |= self.rng.choice(
                [{"weight_g": 900_000}, {"to_country": "AQ", "to_postcode": "1"}, {"product": "none"}]
            )
        return fields

    def _door_to_door(self) -> dict[str, Any]:
        lane = self.rng.choice(self.lanes)
        country = self._country_to(lane)
        product = self.products[lane.product_id]
        pickup, drop = self._zone("pickup", lane.from_country), self._zone("delivery", country)
        allowed = self.goods if product.goods == (ANY,) else product.goods
        batteries = [name for name in allowed if name.startswith("lithium")]
        goods = self.rng.choice(batteries) if batteries and self.rng.random() < BATTERIES else "general"
        return {
            "owner": self.rng.choice(self.owners),
            "product": lane.product_id,
            "from_country": lane.from_country,
            "from_postcode": self._postcode(pickup),
            "to_country": country,
            "to_postcode": self._postcode(drop),
            "goods_class": goods if goods in allowed else allowed[0],
            "value": f"{self.rng.randint(500, 20_000) / 100:.2f}",
            "currency": "USD",
            "hs_code": self.rng.choice(["610910", "850760", "950300", "420222", "851830"]),
        }

    def _from_stock(self) -> dict[str, Any]:
        owner, sku = self.rng.choice(sorted(self.stock_lanes))
        lane = self.rng.choice(self.stock_lanes[owner, sku])
        country = self._country_to(lane)
        return {
            "owner": owner,
            "product": lane.product_id,
            "to_country": country,
            "to_postcode": self._postcode(self._zone("delivery", country)),
            "sku": sku,
            "quantity": self.rng.randint(1, 3),
        }

    def _country_to(self, lane: ProductLane) -> str:
        return lane.to_country if lane.to_country != ANY else self.rng.choice(sorted(self.zones["delivery"]))

    def _zone(self, use: str, country: str) -> Zone:
        return self.rng.choice(self.zones[use][country])

    def _postcode(self, zone: Zone) -> str:
        """A postcode of a zone: a number between its ends, filled up to the country's usual length."""
        first, last = zone.postcode_from, zone.postcode_to or zone.postcode_from
        digits = POSTCODE_DIGITS.get(zone.country, 5)
        if not first:
            return "1" * digits
        if not (first.isdigit() and last.isdigit() and len(first) == len(last)):
            return first
        start = f"{self.rng.randint(int(first), int(last)):0{len(first)}d}"
        return start + "".join(str(self.rng.randrange(10)) for _ in range(digits - len(start)))


def _by_country(zones: list[Zone]) -> dict[str, list[Zone]]:
    out: dict[str, list[Zone]] = {}
    for zone in zones:
        out.setdefault(zone.country, []).append(zone)
    return out
