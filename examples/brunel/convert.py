"""The Brunel data as a network folder and two order files.

    python examples/brunel/convert.py build/brunel

writes `network/`, `orders-one-day.csv` (every order must leave on its own day) and `orders.csv` (as many days as it
takes) into that folder. What each file of the data became is told in the README beside this program.
"""

import argparse
import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from raw import get_data, grams, half_up, number, read_table

from rookery.journey.network.line import Service, Stop, Variant
from rookery.journey.network.offer import Goods, Product, ProductLane, Rate, Tariff
from rookery.journey.network.place import Calendar, Company, Country, Facility, Processing
from rookery.journey.network.plant import BoundSite, Eligibility, Warehouse, WarehouseCapacity
from rookery.journey.network.rows import Clock, Days, Micro, Row
from rookery.journey.network.whole import About
from rookery.partners.folder.write import write_network

DAY = dt.date(2013, 5, 26)  # the only order date in OrderList.csv
LAST_DAY = dt.date(2013, 7, 31)  # room for seven shipping days and the slowest transit of 14 days
SHIPPER = "CHIPMAKER"
PORTS_COMPANY = "PORTS"
UNKNOWN_COUNTRY = "ZZ"  # a user-assigned ISO 3166 code: the publisher took the places out
CUSTOMER_FREIGHT = "CRF"
TRANSFER_LEAVES, TRANSFER_ARRIVES = Clock(17 * 60), Clock(18 * 60)
FREIGHT_LEAVES, FREIGHT_ARRIVES = Clock(20 * 60), Clock(21 * 60)
MODES = {"AIR": "air", "GROUND": "road"}
PRODUCT_NAMES = {"DTD": "Door to door", "DTP": "Door to port", CUSTOMER_FREIGHT: "Customer's own freight"}

Rows = dict[str, list[Row]]


def micro(value: Decimal) -> Micro:
    """A decimal in millionths, half up."""
    return Micro(half_up(value * 1_000_000))


def cite(file: str, line: int) -> str:
    """The source of a row: file and line of the publication."""
    return f"Brunel University, figshare 7558679, {file}.csv line {line}"


def inbound(port: str) -> str:
    """The receiving side of a port, so that a port may also send to itself."""
    return f"{port}-IN"


def list_network(folder: Path) -> Rows:
    """Every row of the network folder, by file."""
    return {
        **list_frame(),
        **list_places(folder),
        **list_offer(),
        **list_warehouses(folder),
        **join(list_transfers(folder), list_freight(folder)),
    }


def join(*parts: Rows) -> Rows:
    """The rows of several parts, file by file."""
    together = defaultdict(list)
    for part in parts:
        for name, rows in part.items():
            together[name] += rows
    return dict(together)


def list_frame() -> Rows:
    """The network itself, its one country and its one calendar."""
    return {
        "network": [
            About(
                network_id="brunel",
                name="A chip maker's outbound logistics",
                version="figshare 7558679",
                currency="USD",
                valid_from=DAY,
                valid_to=LAST_DAY,
                source="Brunel University, figshare 7558679, CC BY 4.0; last day assumed",
            )
        ],
        "countries": [
            Country(country=UNKNOWN_COUNTRY, customs_territory=UNKNOWN_COUNTRY, currency="USD", source="assumed")
        ],
        "calendars": [Calendar(calendar_id="daily", days=Days("1111111"), source="assumed")],
        "goods": [Goods(goods_class="general", name="Goods of any kind", source="assumed")],
        "processing": [Processing(facility_id="*", way_in="*", way_out="*", minutes=0, source="assumed")],
    }


def list_places(folder: Path) -> Rows:
    """Companies and facilities: warehouses, ports that send, ports that receive."""
    companies = {
        SHIPPER: ("The chip maker", ("shipper", "warehouse", "operator")),
        PORTS_COMPANY: ("Ports", ("operator",)),
    }
    sources = {SHIPPER: "assumed", PORTS_COMPANY: "assumed"}
    facilities = {}
    for line, row in read_table(folder, "FreightRates"):
        companies.setdefault(row["Carrier"], (f"Carrier {row['Carrier']}", ("carrier",)))
        sources.setdefault(row["Carrier"], cite("FreightRates", line))
        receiving = inbound(row["dest_port_cd"])
        facilities.setdefault(receiving, facility(receiving, "port", cite("FreightRates", line)))
    for line, row in read_table(folder, "PlantPorts"):
        plant, port, source = row["Plant Code"], row["Port"], cite("PlantPorts", line)
        facilities.setdefault(plant, facility(plant, "warehouse", source))
        facilities.setdefault(port, facility(port, "port", source))
    return {
        "companies": [
            Company(company_id=key, name=name, country=UNKNOWN_COUNTRY, roles=roles, source=sources[key])
            for key, (name, roles) in companies.items()
        ],
        "facilities": [facilities[key] for key in sorted(facilities)],
    }


def facility(facility_id: str, kind: str, source: str) -> Facility:
    """A place of the data; where it is was taken out by the publisher."""
    return Facility(
        facility_id=facility_id,
        name=facility_id,
        kind=kind,
        company_id=SHIPPER if kind == "warehouse" else PORTS_COMPANY,
        country=UNKNOWN_COUNTRY,
        city="not disclosed",
        time_zone="Etc/UTC",
        calendar_id="daily",
        source=f"{source}; place and hours assumed",
    )


def list_offer() -> Rows:
    """The three service levels as products. `CRF` needs no route: the customer fetches the goods."""
    return {
        "products": [
            Product(
                product_id=level,
                name=name,
                company_id=SHIPPER,
                calendar_id="daily",
                duties="either",
                needs_route=level != CUSTOMER_FREIGHT,
                source="Brunel University, figshare 7558679, OrderList.csv, Service Level; names assumed",
            )
            for level, name in PRODUCT_NAMES.items()
        ],
        "product_lanes": [
            ProductLane(product_id=level, from_country="*", to_country="*", source="assumed") for level in PRODUCT_NAMES
        ],
    }


def list_warehouses(folder: Path) -> Rows:
    """What each warehouse costs, ships in a day, lists, and whom it serves.

    One row of ProductsPerPlant names a plant that no other file knows, without cost or capacity: it is left out.
    """
    known = {row["WH"] for _, row in read_table(folder, "WhCosts")}
    return {
        "warehouses": [
            Warehouse(
                facility_id=row["WH"],
                per_unit=micro(number(row["Cost/unit"])),
                currency="USD",
                source=cite("WhCosts", line),
            )
            for line, row in read_table(folder, "WhCosts")
        ],
        "warehouse_capacities": [
            WarehouseCapacity(
                facility_id=row["Plant ID"],
                dimension="orders",
                amount=int(row["Daily Capacity"]),
                source=cite("WhCapacities", line),
            )
            for line, row in read_table(folder, "WhCapacities")
        ],
        "eligibility": [
            Eligibility(facility_id=row["Plant Code"], sku=row["Product ID"], source=cite("ProductsPerPlant", line))
            for line, row in read_table(folder, "ProductsPerPlant")
            if row["Plant Code"] in known
        ],
        "bound_sites": [
            BoundSite(facility_id=row["Plant Code"], customer_id=row["Customers"], source=cite("VmiCustomers", line))
            for line, row in read_table(folder, "VmiCustomers")
        ],
    }


def list_transfers(folder: Path) -> Rows:
    """A daily move without price from each warehouse to each of its ports."""
    parts = []
    for line, row in read_table(folder, "PlantPorts"):
        plant, port, source = row["Plant Code"], row["Port"], cite("PlantPorts", line)
        name = f"{plant}-{port}"
        service = Service(service_id=name, company_id=SHIPPER, mode="transfer", name="To port", source=source)
        ends = (plant, TRANSFER_LEAVES), (port, TRANSFER_ARRIVES)
        parts.append(timetable(service, *ends, source=f"{source}; hours assumed"))
    return join(*parts)


def timetable(service: Service, start: tuple[str, Clock], end: tuple[str, Clock], *, source: str) -> Rows:
    """A service that runs every day between two places, with its one variant and two stops."""
    name = service.service_id
    return {
        "services": [service],
        "variants": [Variant(variant_id=name, service_id=name, calendar_id="daily", source=source)],
        "stops": [
            Stop(variant_id=name, stop_seq=1, facility_id=start[0], departs=start[1], source=source),
            Stop(variant_id=name, stop_seq=2, facility_id=end[0], arrives=end[1], source=source),
        ],
    }


def list_freight(folder: Path) -> Rows:
    """One service and tariff per price list: carrier, port, service level, mode and days of transit.

    Where the data has several rates for the same weight, the lists lie beside each other as `#2`, `#3`, ...: a
    shipper may take the cheaper one.
    """
    price_lists = defaultdict(list)
    for line, row in read_table(folder, "FreightRates"):
        mode, days = row["mode_dsc"], int(row["tpt_day_cnt"])
        key = row["Carrier"], row["orig_port_cd"], row["dest_port_cd"], row["svc_cd"], mode, days
        price_lists[key].append((line, row))
    parts = []
    for key, rates in price_lists.items():
        for copy, chain in enumerate(lay_out(rates), start=1):
            parts.append(freight_service(key, copy, chain))
    return join(*parts)


Band = tuple[int, int, int, dict[str, str]]  # grams from, grams below, line, row


def lay_out(rates: list[tuple[int, dict[str, str]]]) -> list[list[Band]]:
    """The bands of a price list as chains without gap or overlap; each reaches to the next one's lower end.

    The next band is the one with the least lower end that is not inside this one. The lightest band begins at 0,
    though some carriers write 0.01 kg. The last one ends with its own upper end.
    """
    starts = sorted({grams(row["minm_wgh_qty"]) for _, row in rates})
    bands = []
    for line, row in rates:
        start, end = grams(row["minm_wgh_qty"]), grams(row["max_wgh_qty"])
        below = min((later for later in starts if later >= end), default=end + 1)
        bands.append((0 if start == starts[0] else start, below, line, row))
    chains: list[list[Band]] = []
    for band in sorted(bands, key=lambda band: (band[0], band[2])):
        chain = next((chain for chain in chains if chain[-1][1] == band[0]), None)
        if chain is None:
            chains.append([band])
        else:
            chain.append(band)
    return chains


def freight_service(key: tuple[str, str, str, str, str, int], copy: int, chain: list[Band]) -> Rows:
    """One chain of bands as a daily service with its own tariff."""
    carrier, port, destination, level, mode, days = key
    name = f"{carrier}-{port}-{level}-{mode}-{days}D" + (f"#{copy}" if copy > 1 else "")
    source = cite("FreightRates", chain[0][2])
    service = Service(
        service_id=name, company_id=carrier, mode=MODES[mode], tariff_id=name, products=(level,), source=source
    )
    ends = (port, FREIGHT_LEAVES), (inbound(destination), Clock(FREIGHT_ARRIVES + days * 1440))
    return {
        "tariffs": [Tariff(tariff_id=name, company_id=carrier, currency="USD", source=source)],
        "rates": [
            Rate(
                tariff_id=name,
                origin=port,
                destination=inbound(destination),
                weight_g_from=start,
                weight_g_below=below if start == chain[-1][0] else 0,
                per_kg=micro(number(row["rate"])),
                minimum=micro(number(row["minimum cost"])),
                source=cite("FreightRates", line),
            )
            for start, below, line, row in chain
        ],
        **timetable(service, *ends, source=f"{source}; hours assumed"),
    }


def list_orders(folder: Path) -> list[dict[str, str | int]]:
    """The order list as Rookery reads one, without a latest day."""
    return [
        {
            "reference": row["Order ID"],
            "owner": SHIPPER,
            "buyer": row["Customer"],
            "ordered_at": f"{DAY}T00:00:00+00:00",
            "product": row["Service Level"],
            "to_facility": inbound(row["Destination Port"]),
            "weight_g": grams(row["Weight"]),
            "sku": row["Product ID"],
            "quantity": int(row["Unit quantity"]),
        }
        for _, row in read_table(folder, "OrderList")
    ]


def write_orders(orders: list[dict[str, str | int]], path: Path) -> None:
    """One line per order, columns as in the first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(orders[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(orders)


def main() -> None:
    """Write the network and both order files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("build/brunel"), help="folder to write into")
    out = parser.parse_args().out
    folder = get_data()
    rows = list_network(folder)
    write_network(rows, out / "network")
    orders = list_orders(folder)
    write_orders(orders, out / "orders.csv")
    write_orders([{**order, "ship_by": f"{DAY}T23:59:59+00:00"} for order in orders], out / "orders-one-day.csv")
    counts = ", ".join(f"{len(rows[name]):,} {name}" for name in ("facilities", "services", "rates", "eligibility"))
    print(f"{out / 'network'}: {counts}")
    print(f"{out / 'orders-one-day.csv'}, {out / 'orders.csv'}: {len(orders):,} orders each")


if __name__ == "__main__":
    main()
