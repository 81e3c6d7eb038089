"""The SCMS delivery history as a network folder and an order file.

    python examples/scms/convert.py build/scms

writes `network/` (lanes, days and prices fitted on deliveries before 2012) and `orders.ndjson` (every shipment with
usable dates, earliest first) into that folder, and says what was left out and why.
"""

import argparse
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from deliveries import MODES, RDC, SPLIT, Item, Shipment, find_fault, get_data, read_shipments
from fit import Fit, fit

from rookery.journey.network.line import Service, Stop, Variant
from rookery.journey.network.offer import Goods, Product, ProductLane, Rate, Tariff
from rookery.journey.network.place import Calendar, Company, Country, Facility, Processing
from rookery.journey.network.rows import Clock, Days, Micro, Row
from rookery.journey.network.whole import About
from rookery.partners.folder.write import write_network

OWNER, CARRIERS = "SCMS", "FREIGHT"
UNKNOWN_COUNTRY = "ZZ"  # a user-assigned ISO 3166 code: the data does not say which distribution centre
NOON = Clock(720)  # the data knows days only
DAY_MIN = 1440
MICRO_PER_CENT = 10_000
TRAVELS_BY = {"AIR": "air", "AIR_CHARTER": "air", "OCEAN": "sea", "TRUCK": "road"}
DATA = "USAID, SCMS Delivery History Dataset"
GOODS = {"medicines": "Medicines: antiretrovirals and malaria", "test_kits": "HIV and malaria test kits"}
DUTIES = {"DDP": "paid", "DDU": "unpaid"}

Rows = dict[str, list[Row]]


def list_network(shipments: list[Shipment], fitted: Fit) -> Rows:
    """Every row of the network folder, by file. Takes the shipments that can be placed, and what was fitted on all."""
    lanes: dict[tuple[str, str, str], list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        lanes[shipment.lane].append(shipment)
    return {
        **list_frame(shipments, last_day=last_arrival(lanes, fitted)),
        **list_places(lanes),
        **list_offer(days_max=longest_by_mode(lanes, fitted)),
        **join(list_lane(users, fitted) for _, users in sorted(lanes.items())),
    }


def join(parts: Iterable[Rows]) -> Rows:
    """The rows of several parts, file by file."""
    together = defaultdict(list)
    for part in parts:
        for name, rows in part.items():
            together[name] += rows
    return dict(together)


def planned_days(users: list[Shipment], fitted: Fit) -> int:
    """Days of the lane that these shipments share."""
    return fitted.days(users[0].lane, from_rdc=users[0].from_rdc)


def last_arrival(lanes: dict[tuple[str, str, str], list[Shipment]], fitted: Fit) -> dt.date:
    """The last day on which a planned shipment arrives."""
    return max(
        max(s.ordered_on for s in users) + dt.timedelta(days=planned_days(users, fitted)) for users in lanes.values()
    )


def longest_by_mode(lanes: dict[tuple[str, str, str], list[Shipment]], fitted: Fit) -> dict[str, int]:
    """Days of the slowest lane of each mode."""
    longest: Counter[str] = Counter()
    for lane, users in lanes.items():
        longest[lane[2]] = max(longest[lane[2]], planned_days(users, fitted))
    return dict(longest)


def list_frame(shipments: list[Shipment], *, last_day: dt.date) -> Rows:
    """The network itself, its calendar, its goods."""
    return {
        "network": [
            About(
                network_id="scms",
                name="Health supplies across borders",
                version=f"fitted on deliveries before {SPLIT}",
                currency="USD",
                valid_from=min(s.ordered_on for s in shipments),
                valid_to=last_day,
                source=f"{DATA}; first order and last planned arrival",
            )
        ],
        "calendars": [Calendar(calendar_id="daily", days=Days("1111111"), source="assumed")],
        "goods": [Goods(goods_class=key, name=name, source=f"{DATA}, Product Group") for key, name in GOODS.items()],
        "processing": [Processing(facility_id="*", way_in="*", way_out="*", minutes=0, source="assumed")],
    }


def list_places(lanes: Iterable[tuple[str, str, str]]) -> Rows:
    """Countries, companies, origins and destinations of the lanes."""
    facilities = {}
    for origin, country, _ in sorted(lanes):
        facilities.setdefault(origin, origin_facility(origin))
        to = destination_id(country)
        facilities.setdefault(to, facility(to, f"Clients in {country}", "gateway", country, source=DATA))
    countries = sorted({row.country for row in facilities.values()})
    return {
        "countries": [
            Country(country=code, customs_territory=code, currency="USD", source=f"{DATA}; all its money is in USD")
            for code in countries
        ],
        "companies": [
            Company(company_id=OWNER, name="SCMS", country="US", roles=("shipper", "platform"), source=DATA),
            Company(
                company_id=CARRIERS, name="Carriers, not named", country="US", roles=("carrier",), source="assumed"
            ),
        ],
        "facilities": list(facilities.values()),
    }


def origin_facility(origin: str) -> Facility:
    """Makers in a country, vendors' stock inside a country, or the distribution centres."""
    if origin == RDC:
        return facility(RDC, "Regional distribution centres", "warehouse", UNKNOWN_COUNTRY, source=DATA)
    kind, _, country = origin.partition("-")
    name = f"{'Makers' if kind == 'SITES' else 'Stock of vendors'} in {country}"
    return facility(origin, name, "warehouse", country, source=f"{DATA}; some makers placed at their seat: assumed")


def facility(facility_id: str, name: str, kind: str, country: str, *, source: str) -> Facility:
    """A place that stands for all of its kind in a country."""
    return Facility(
        facility_id=facility_id,
        name=name,
        kind=kind,
        company_id=OWNER,
        country=country,
        city="not in the data",
        time_zone="Etc/UTC",
        calendar_id="daily",
        source=source,
    )


def destination_id(country: str) -> str:
    """Facility that stands for all clients of a country."""
    return f"TO-{country}"


def list_offer(days_max: dict[str, int]) -> Rows:
    """Each shipment mode as a product; it promises what its slowest lane needs."""
    names = {product: mode for mode, product in MODES.items()}
    return {
        "products": [
            Product(
                product_id=product,
                name=names[product],
                company_id=OWNER,
                days_max=days_max[product] + 1,
                calendar_id="daily",
                duties="either",
                modes=(TRAVELS_BY[product],),
                source=f"{DATA}, Shipment Mode; promise: the slowest lane fitted, and a day",
            )
            for product in sorted(days_max)
        ],
        "product_lanes": [
            ProductLane(product_id=product, from_country="*", to_country="*", source="assumed")
            for product in sorted(days_max)
        ],
    }


def list_lane(users: list[Shipment], fitted: Fit) -> Rows:
    """One lane: a daily service from its first to its last order, with the days and prices fitted for it."""
    lane = users[0].lane
    origin, country, product = lane
    name = f"{origin}-{country}-{product}"
    days = planned_days(users, fitted)
    source = cite(*fitted.counts(lane))
    ordered = [user.ordered_on for user in users]
    return {
        "services": [
            Service(
                service_id=name,
                company_id=CARRIERS,
                mode=TRAVELS_BY[product],
                tariff_id=name,
                products=(product,),
                source=source,
            )
        ],
        "variants": [
            Variant(
                variant_id=name,
                service_id=name,
                calendar_id="daily",
                valid_from=min(ordered),
                valid_to=max(ordered),
                source=f"{DATA}: first and last order of the lane",
            )
        ],
        "stops": [
            Stop(variant_id=name, stop_seq=1, facility_id=origin, departs=NOON, source="assumed"),
            Stop(
                variant_id=name,
                stop_seq=2,
                facility_id=destination_id(country),
                arrives=Clock(NOON + days * DAY_MIN),
                source=source,
            ),
        ],
        "tariffs": [Tariff(tariff_id=name, company_id=CARRIERS, currency="USD", source=source)],
        "rates": list_rates(name, lane, fitted, source=source),
    }


def cite(timed: int, costed: int) -> str:
    """The source of a fitted figure, with the number of shipments of the lane that it rests on."""
    if not timed and not costed:
        return f"assumed: the mode's medians; {DATA} has none of this lane before {SPLIT}"
    return f"{DATA}, fitted on deliveries before {SPLIT}: {timed} of this lane for days, {costed} for price"


def list_rates(tariff_id: str, lane: tuple[str, str, str], fitted: Fit, *, source: str) -> list[Row]:
    """The weight bands of the mode at the lane's level of prices."""
    return [
        Rate(
            tariff_id=tariff_id,
            origin=lane[0],
            destination=destination_id(lane[1]),
            weight_g_from=from_g,
            per_kg=Micro(per_kg * MICRO_PER_CENT),
            minimum=Micro(minimum * MICRO_PER_CENT),
            source=source,
        )
        for from_g, per_kg, minimum in fitted.list_cents(lane)
    ]


def list_orders(shipments: list[Shipment]) -> list[dict[str, object]]:
    """One order per shipment, in the order in which they were placed.

    The scheduled date is left out: it was revised until delivery, and the plan is to be compared with it.
    """
    return [
        {
            "reference": shipment.reference,
            "owner": OWNER,
            "seller": shipment.vendor,
            "buyer": shipment.project,
            "ordered_at": f"{shipment.ordered_on}T00:00:00+00:00",
            "product": shipment.mode,
            **({"duties": DUTIES[shipment.terms]} if shipment.terms in DUTIES else {}),
            "from_facility": shipment.origin,
            "to_facility": destination_id(shipment.country),
            "weight_g": shipment.weight_g or 0,
            "goods_class": shipment.goods_class,
            "lines": [order_line(item) for item in shipment.items],
        }
        for shipment in sorted(shipments, key=lambda s: (s.ordered_on, s.line))
    ]


def order_line(item: Item) -> dict[str, str | int]:
    """One line of an order."""
    line = {"sku": item.name, "quantity": item.quantity, "origin": item.origin}
    return {**line, "value": str(Decimal(item.value_cents) / 100), "currency": "USD"}


def report(shipments: list[Shipment]) -> None:
    """Print what was left out and why, in shipments and in lines of the file."""
    left_out, lines = Counter(), Counter()
    for shipment in shipments:
        reason = find_fault(shipment) or "placed as orders"
        left_out[reason] += 1
        lines[reason] += shipment.line_count
    print(f"{'':48}{'shipments':>10}{'lines':>8}")
    for reason, count in sorted(left_out.items(), key=lambda pair: -pair[1]):
        print(f"{reason:48}{count:>10,}{lines[reason]:>8,}")
    print(f"{'all':48}{len(shipments):>10,}{sum(lines.values()):>8,}")


def main() -> None:
    """Write the network and the orders; report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("build/scms"), help="folder to write into")
    out = parser.parse_args().out
    shipments = read_shipments(get_data())
    placed = [shipment for shipment in shipments if find_fault(shipment) is None]
    fitted = fit(shipments)
    rows = list_network(placed, fitted)
    write_network(rows, out / "network")
    with (out / "orders.ndjson").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(order, ensure_ascii=False) + "\n" for order in list_orders(placed))
    report(shipments)
    unseen = sum(fitted.counts(lane) == (0, 0) for lane in {s.lane for s in placed})
    print(f"{out / 'network'}: {len(rows['services'])} lanes, of them {unseen} never used before {SPLIT}")
    print(f"{out / 'orders.ndjson'}: {len(placed):,} orders")


if __name__ == "__main__":
    main()
