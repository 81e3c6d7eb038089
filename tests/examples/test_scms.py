"""The SCMS example: reading dirty text, fitting on the past, converting, comparing."""

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from rookery.partners.folder.read import read_network
from rookery.partners.orders.file import read_orders

Program = Callable[[str, str], ModuleType]

LINE = {
    "ID": "1", "Project Code": "100-CI-T01", "ASN/DN #": "ASN-1", "Country": "Nigeria", "Fulfill Via": "Direct Drop",
    "Vendor INCO Term": "EXW", "Shipment Mode": "Air", "PQ First Sent to Client Date": "Pre-PQ Process",
    "PO Sent to Vendor Date": "9/20/10", "Scheduled Delivery Date": "2-Nov-10", "Delivered to Client Date": "4-Nov-10",
    "Product Group": "ARV", "Vendor": "A maker", "Item Description": "Pills", "Line Item Quantity": "10",
    "Line Item Value": "100.50", "Manufacturing Site": "Somewhere, India", "Weight (Kilograms)": "12.5",
    "Freight Cost (USD)": "100.004",
}  # fmt: skip


def shipment_of(program: Program, *changes: dict[str, str]):
    """The shipment that these lines make, each the usual line with some cells changed."""
    return program("scms", "deliveries").read_shipment([(2 + i, LINE | change) for i, change in enumerate(changes)])


@pytest.fixture(scope="session")
def data(program: Program) -> Path:
    path = program("scms", "deliveries").find_data()
    if path is None:
        pytest.skip("the SCMS data is absent: ../shared/data/scms/deliveries.csv, or set ROOKERY_SHARED")
    return path


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2-Jun-06", dt.date(2006, 6, 2)),
        ("4/30/14", dt.date(2014, 4, 30)),
        ("2009-11-14", dt.date(2014, 9, 11)),
        ("Date Not Captured", None),
        ("Pre-PQ Process", None),
        ("N/A - From RDC", None),
    ],
)
def test_01_a_date_in_each_form_of_the_file(program: Program, text: str, day: dt.date | None):
    assert program("scms", "deliveries").find_date(text) == day


@pytest.mark.parametrize(
    ("site", "country"),
    [
        ("Aurobindo Unit III, India", "IN"),
        ("Hetero Unit III Hyderabad IN", "IN"),
        ("BUNDI INTERNATIONAL DIAGNOSTICS LTD", None),
        ("MSD Manati, Puerto Rico, (USA)", "PR"),
        ("Alere Medical Co., Ltd.", "JP"),
        ("Not Applicable", None),
    ],
)
def test_02_a_site_tells_its_country_or_not(program: Program, site: str, country: str | None):
    assert program("scms", "places").find_site_country(site) == country


def test_03_a_weight_shared_by_three_lines_counts_once(program: Program):
    pointing = {"Weight (Kilograms)": "See ASN-1 (ID#:1)", "Freight Cost (USD)": "See ASN-1 (ID#:1)"}
    shipment = shipment_of(program, {}, {"ID": "2", **pointing}, {"ID": "3", **pointing})
    assert (shipment.weight_g, shipment.freight_cents, shipment.line_count) == (12_500, 10_000, 3)


@pytest.mark.parametrize(
    "text", ["Weight Captured Separately", "See ASN-9 (ID#:99)", "Freight Included in Commodity Cost", "", "0"]
)
def test_04_text_in_place_of_a_figure_is_unknown_not_zero(program: Program, text: str):
    shipment = shipment_of(program, {"Weight (Kilograms)": text, "Freight Cost (USD)": text})
    assert (shipment.weight_g, shipment.freight_cents, shipment.is_costed) == (None, None, False)


@pytest.mark.parametrize(
    ("change", "origin"),
    [
        ({}, "SITES-IN"),
        ({"Shipment Mode": "Truck", "Country": "South Africa"}, "VENDOR-ZA"),
        ({"Fulfill Via": "From RDC"}, "RDC"),
        ({"Manufacturing Site": "Not Applicable"}, None),
    ],
)
def test_05_where_a_shipment_came_from(program: Program, change: dict[str, str], origin: str | None):
    assert shipment_of(program, change).origin == origin


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"Shipment Mode": "N/A"}, "mode not given (N/A)"),
        ({"PO Sent to Vendor Date": "Date Not Captured"}, "no date of the order to the vendor"),
        ({"Fulfill Via": "From RDC"}, "no date of the quote to the client"),
        ({"Manufacturing Site": "Not Applicable"}, "manufacturing site's country not known"),
        ({"PO Sent to Vendor Date": "11/20/10"}, "delivered before it was ordered"),
    ],
)
def test_06_why_a_shipment_is_left_out(program: Program, change: dict[str, str], reason: str | None):
    assert program("scms", "deliveries").find_fault(shipment_of(program, change)) == reason


def history(program: Program, *days: int, freight: str = "100", **change: str) -> list:
    """Shipments ordered on 20 September 2010 and delivered so many days later."""
    ordered, shipments = dt.date(2010, 9, 20), []
    for i, count in enumerate(days):
        delivered = f"{ordered + dt.timedelta(days=count):%d-%b-%y}"
        cells = {"ASN/DN #": f"ASN-{i}", "Delivered to Client Date": delivered, "Freight Cost (USD)": freight, **change}
        shipments.append(shipment_of(program, cells))
    return shipments


def test_07_a_lane_with_few_shipments_is_drawn_to_its_mode(program: Program):
    busy = history(program, *[40] * 45)
    rare = history(program, *[100] * 5, Country="Haiti")
    fitted = program("scms", "fit").fit([*busy, *rare])
    assert fitted.days(("SITES-IN", "NG", "AIR"), from_rdc=False) == 40
    assert fitted.days(("SITES-IN", "HT", "AIR"), from_rdc=False) == 70, "5 of its own at 100, 5 of the mode at 40"
    assert fitted.days(("SITES-IN", "GH", "AIR"), from_rdc=False) == 40, "never used: the mode's"


def test_08_what_was_delivered_after_the_split_is_not_looked_at(program: Program):
    past = history(program, *[40] * 25)
    future = history(program, *[40 + 365 * 2] * 25, freight="9999")
    fit = program("scms", "fit").fit
    assert fit([*past, *future]) == fit(past)
    assert {shipment.part for shipment in future} == {"between"}


def test_09_a_heavier_shipment_never_costs_less(program: Program):
    shipments = []
    for i, kg in enumerate(range(5, 2005, 10)):
        cost = {"Weight (Kilograms)": str(kg), "ASN/DN #": f"ASN-{i}"}
        shipments += history(program, 40, freight=str(round(300 + kg**0.7 * 9, 2)), **cost)
    fit_module = program("scms", "fit")
    bands = fit_module.fit(shipments).bands_by_mode["AIR"]
    charges = [fit_module.charge(bands, grams) for grams in range(0, 3_000_000, 777)]
    assert len(bands) == 8
    assert charges == sorted(charges)


def results_of(shipment, cost: str, arrives: str = "2010-10-30T12:00:00Z", **change: str) -> dict[str, str]:
    row = {"order_reference": shipment.reference, "status": "booked", "refusal_code": "", "arrives_at": arrives}
    return {**row, "services": "SITES-IN-NG-AIR", "cost": cost, "cost_currency": "USD", **change}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"cost": "99.99"}, "ASN-0: wanted SITES-IN-NG-AIR, 40 days, 10000 cents; found"),
        ({"arrives_at": "2010-10-31T12:00:00Z"}, "ASN-0: wanted SITES-IN-NG-AIR, 40 days, 10000 cents; found"),
        ({"services": "A B"}, "ASN-0: wanted SITES-IN-NG-AIR, 40 days, 10000 cents; found"),
        ({"order_reference": "ASN-99"}, "ASN-99: twice, or not in the data"),
    ],
)
def test_10_a_booking_that_the_network_does_not_say_is_found(
    program: Program, tmp_path: Path, change: dict[str, str], fault: str | None
):
    compare = program("scms", "compare")
    shipments = history(program, *[40] * 25)
    rows = [results_of(shipment, "100.00") for shipment in shipments]
    rows[0] |= change
    with (tmp_path / "results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    planned, _, faults = compare.read_results(tmp_path / "results.csv", shipments)
    faults += compare.list_faults(planned, compare.fit(shipments))
    assert faults == [] if fault is None else any(text.startswith(fault) for text in faults)


@pytest.mark.shared
def test_11_every_line_of_the_file_is_placed_or_told_why_not(program: Program, data: Path):
    deliveries = program("scms", "deliveries")
    lines, shipments = Counter(), Counter()
    for shipment in deliveries.read_shipments(data):
        reason = deliveries.find_fault(shipment)
        shipments[reason] += 1
        lines[reason] += shipment.line_count
    assert (shipments.total(), lines.total()) == (7030, 10324)
    assert (shipments[None], lines[None]) == (5775, 8267)


@pytest.mark.shared
def test_12_the_damaged_dates_stand_exactly_where_the_day_is_12_or_less(program: Program, data: Path):
    with data.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [row[name] for row in rows for name in ("PQ First Sent to Client Date", "PO Sent to Vendor Date")]
    assert {int(cell.split("/")[1]) > 12 for cell in cells if cell.count("/") == 2} == {True}
    assert {2001 <= int(cell[:4]) <= 2012 for cell in cells if cell[:2] == "20"} == {True}


@pytest.mark.shared
def test_13_network_and_orders_can_be_read(program: Program, data: Path, tmp_path: Path):
    convert = program("scms", "convert")
    shipments = convert.read_shipments(data)
    placed = [shipment for shipment in shipments if convert.find_fault(shipment) is None]
    convert.write_network(convert.list_network(placed, convert.fit(shipments)), tmp_path / "network")
    network = read_network(tmp_path / "network")
    assert len(network.services) == len({shipment.lane for shipment in placed}) == 287
    text = "".join(json.dumps(order) + "\n" for order in convert.list_orders(placed))
    (tmp_path / "orders.ndjson").write_text(text, encoding="utf-8")
    orders = list(read_orders(tmp_path / "orders.ndjson"))
    assert len(orders) == 5775
    assert not [order.faults for order in orders if order.faults]


def test_14_absent_data_is_said_clearly(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROOKERY_SHARED", str(tmp_path))
    with pytest.raises(SystemExit, match="The SCMS data is not here"):
        program("scms", "deliveries").get_data()
