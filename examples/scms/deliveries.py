"""The SCMS delivery history as shipments: dirty text resolved, dates read, one weight and one freight cost each.

A line of the file is one item of a delivery; all lines with the same ASN or DN number travelled together, and only
one of them carries the weight and the freight cost of all ("See ASN-93 (ID#:1281)" on the others).
"""

import csv
import datetime as dt
import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal

from places import DESTINATIONS, find_site_country

ROOT = Path(__file__).resolve().parents[2]
SPLIT = dt.date(2012, 1, 1)  # delivered before: the network is fitted on it; ordered from then on: it is tested on it
RDC = "RDC"
MODES = {"Air": "AIR", "Air Charter": "AIR_CHARTER", "Ocean": "OCEAN", "Truck": "TRUCK"}
TEST_KITS = ("HRDT", "MRDT")

Part = Literal["fitted", "between", "held_out"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a shipment. `origin` is the country of the manufacturing site, blank where it is not known."""

    name: str
    quantity: int
    value_cents: int
    origin: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """The lines of one ASN or DN. None: the data does not say, or says something else than a figure.

    origin      facility it came from: SITES-IN for makers in India, VENDOR-ZA for vendors inside South Africa, RDC
    ordered_on  order to the vendor (direct drop), or quote to the client (from a distribution centre)
    """

    reference: str
    line: int
    line_count: int
    from_rdc: bool
    mode: str | None
    origin: str | None
    country: str
    terms: str
    vendor: str
    project: str
    goods_class: str
    ordered_on: dt.date | None
    scheduled_on: dt.date
    delivered_on: dt.date
    weight_g: int | None
    freight_cents: int | None
    items: tuple[Item, ...]

    @property
    def days(self) -> int:
        """Days from the order to the delivery. Only of a shipment with an order date."""
        assert self.ordered_on is not None
        return (self.delivered_on - self.ordered_on).days

    @property
    def lane(self) -> tuple[str, str, str]:
        """Origin, destination country, mode. Only of a shipment that has them."""
        assert self.origin is not None and self.mode is not None
        return self.origin, self.country, self.mode

    @property
    def part(self) -> Part:
        """Whether the network may know of it, or is tested on it, or neither: under way on the day of the split."""
        if self.delivered_on < SPLIT:
            return "fitted"
        return "held_out" if self.ordered_on is not None and self.ordered_on >= SPLIT else "between"

    @property
    def is_costed(self) -> bool:
        """True where both the weight and the freight cost are figures above 0."""
        return bool(self.weight_g and self.freight_cents)


def find_data() -> Path | None:
    """The file, or None. `ROOKERY_SHARED` names another place than `../shared`."""
    path = Path(os.environ.get("ROOKERY_SHARED") or ROOT.parent / "shared") / "data" / "scms" / "deliveries.csv"
    return path if path.is_file() else None


def get_data() -> Path:
    """The file; ends the program with what to do when it is not there."""
    path = find_data()
    if path is None:
        sys.exit(
            "The SCMS data is not here: wanted ../shared/data/scms/deliveries.csv beside the project. Put it there "
            "(USAID, SCMS Delivery History Dataset), or set ROOKERY_SHARED to the folder that holds data/scms."
        )
    return path


def read_shipments(path: Path) -> list[Shipment]:
    """Every shipment of the file, in the order of its first line."""
    groups: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            groups[row["ASN/DN #"]].append((rows.line_num, row))
    return [read_shipment(group) for group in groups.values()]


def read_shipment(group: list[tuple[int, dict[str, str]]]) -> Shipment:
    """The lines of one ASN or DN as one shipment; what they share is taken from the first."""
    line, first = group[0]
    rows = [row for _, row in group]
    mode = MODES.get(first["Shipment Mode"])
    from_rdc = first["Fulfill Via"] == "From RDC"
    items = tuple(read_item(row) for row in rows)
    weight_kg, freight = find_own_figure(rows, "Weight (Kilograms)"), find_own_figure(rows, "Freight Cost (USD)")
    started = first["PQ First Sent to Client Date" if from_rdc else "PO Sent to Vendor Date"]
    return Shipment(
        reference=first["ASN/DN #"],
        line=line,
        line_count=len(rows),
        from_rdc=from_rdc,
        mode=mode,
        origin=find_origin(items, DESTINATIONS[first["Country"]], mode=mode, from_rdc=from_rdc),
        country=DESTINATIONS[first["Country"]],
        terms=first["Vendor INCO Term"],
        vendor=first["Vendor"],
        project=first["Project Code"],
        goods_class="test_kits" if first["Product Group"] in TEST_KITS else "medicines",
        ordered_on=find_date(started),
        scheduled_on=max(get_date(row["Scheduled Delivery Date"]) for row in rows),
        delivered_on=get_date(first["Delivered to Client Date"]),
        weight_g=None if weight_kg is None else half_up(weight_kg * 1000) or None,
        freight_cents=None if freight is None else half_up(freight * 100) or None,
        items=items,
    )


def read_item(row: dict[str, str]) -> Item:
    """One line's goods."""
    return Item(
        name=row["Item Description"],
        quantity=int(row["Line Item Quantity"]),
        value_cents=half_up(Decimal(row["Line Item Value"]) * 100),
        origin=find_site_country(row["Manufacturing Site"]) or "",
    )


def find_own_figure(rows: list[dict[str, str]], column: str) -> Decimal | None:
    """The figure that the lines of a shipment share, counted once; None where there is text instead.

    A line that points to another line of the same shipment adds nothing; one that points elsewhere, or to a line
    with text, leaves the figure unknown.
    """
    by_id = {row["ID"]: row[column] for row in rows}
    total = Decimal(0)
    for row in rows:
        text = row[column].strip()
        see = re.fullmatch(r"See (?:ASN|DN)-[\d.]+ \(ID#:(\d+)\)", text)
        if see:
            text = by_id.get(see[1], "").strip()
        if not re.fullmatch(r"\d+(\.\d*)?", text):
            return None
        total += 0 if see else Decimal(text)
    return total


def find_origin(items: tuple[Item, ...], country: str, *, mode: str | None, from_rdc: bool) -> str | None:
    """Where a shipment came from, as near as the data tells.

    From a distribution centre: which one is not in the data. By truck from a vendor: from the vendor's stock in the
    country itself, because its makers are mostly overseas. Otherwise the country of the maker of most of the value.
    """
    if from_rdc:
        return RDC
    if mode == "TRUCK":
        return f"VENDOR-{country}"
    worth: dict[str, int] = defaultdict(int)
    for item in items:
        worth[item.origin] += item.value_cents
    origin = max(worth, key=worth.__getitem__)
    return f"SITES-{origin}" if origin else None


def find_date(text: str) -> dt.date | None:
    """A day in one of the three forms of the file, or None for words such as "Date Not Captured".

        2-Jun-06     2 June 2006
        4/30/14      30 April 2014
        2009-11-14   11 September 2014: month, day and year of `9/11/14` misread as year, month and day
    The last form stands exactly where the day is 12 or less; read so, orders come before their deliveries.
    """
    if slashed := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d\d)", text):
        month, day, year = map(int, slashed.groups())
        return dt.date(2000 + year, month, day)
    if misread := re.fullmatch(r"20(\d\d)-(\d\d)-(\d\d)", text):
        month, day, year = map(int, misread.groups())
        return dt.date(2000 + year, month, day)
    try:
        return dt.datetime.strptime(text, "%d-%b-%y").date()
    except ValueError:
        return None


def get_date(text: str) -> dt.date:
    """A day that has to be there."""
    day = find_date(text)
    assert day is not None, f"wanted a date, found {text!r}"
    return day


def half_up(value: Decimal) -> int:
    """The nearest integer; halves go up."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def find_fault(shipment: Shipment) -> str | None:
    """Why a shipment cannot be placed as an order, or None."""
    if shipment.mode is None:
        return "mode not given (N/A)"
    if shipment.origin is None:
        return "manufacturing site's country not known"
    if shipment.ordered_on is None:
        clock = "quote to the client" if shipment.from_rdc else "order to the vendor"
        return f"no date of the {clock}"
    if shipment.days < 0:
        return "delivered before it was ordered"
    return None
