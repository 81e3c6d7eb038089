"""Planned against real: days and freight cost of the SCMS shipments.

    python examples/scms/compare.py build/scms/results.csv

Planned is what `rookery run` booked on the fitted network. Two others stand beside it: the median of the mode, which
is the least a fitted lane has to beat, and the scheduled delivery date of the data. Shipments delivered before 2012
made the network; those ordered from 2012 on test it. Exit status 1 if a booking is not what the network says.
"""

import argparse
import csv
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import mean, median

from deliveries import Shipment, find_fault, get_data, read_shipments
from fit import Fit, fit, kg, usd

FAULTS_SHOWN = 20
COLUMNS = {"order_reference", "status", "refusal_code", "arrives_at", "services", "cost", "cost_currency"}
PARTS = {
    "held_out": "ordered from 2012 on: the test",
    "fitted": "delivered before 2012: the network was fitted on them",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A shipment as it was booked."""

    shipment: Shipment
    arrives_on: dt.date
    services: tuple[str, ...]
    cost_cents: int

    @property
    def days(self) -> int:
        """Planned days from the order to the delivery."""
        assert self.shipment.ordered_on is not None
        return (self.arrives_on - self.shipment.ordered_on).days


@dataclass(frozen=True, slots=True)
class Score:
    """How far a set of figures is from the real ones. A negative bias is a plan too early or too cheap.

    mean_abs, bias         days; or USD
    median_abs, near, far  days and shares within 7 and 30 days; or shares of the real cost, within 25 % and 50 %
    """

    count: int
    mean_abs: float
    median_abs: float
    bias: float
    near: float
    far: float


def read_results(path: Path, shipments: list[Shipment]) -> tuple[list[Planned], Counter[str], list[str]]:
    """Booked shipments, refusals by code, and faults of the file."""
    left = {shipment.reference: shipment for shipment in shipments}
    planned, refused, faults = [], Counter(), []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = COLUMNS - set(rows.fieldnames or ())
        if missing:
            sys.exit(f"{path}: wanted the columns {', '.join(sorted(missing))} too; see docs/results.md")
        for row in rows:
            shipment = left.pop(row["order_reference"], None)
            if shipment is None:
                faults.append(f"{row['order_reference']}: twice, or not in the data")
            elif row["status"] == "booked":
                planned.append(read_booked(row, shipment))
            else:
                refused[row["refusal_code"]] += 1
    faults += [f"{reference}: no result" for reference in left]
    return planned, refused, faults


def read_booked(row: dict[str, str], shipment: Shipment) -> Planned:
    """A booked row. Cost in another currency than USD ends the program: nothing could be compared."""
    if row["cost_currency"] != "USD":
        sys.exit(f"{shipment.reference}: wanted a cost in USD, found {row['cost_currency']!r}")
    return Planned(
        shipment=shipment,
        arrives_on=dt.datetime.fromisoformat(row["arrives_at"].replace("Z", "+00:00")).date(),
        services=tuple(row["services"].split()),
        cost_cents=int(Decimal(row["cost"]) * 100),
    )


def list_faults(planned: list[Planned], fitted: Fit) -> list[str]:
    """Bookings that are not what the network says: lane, days, cost."""
    faults = []
    for booked in planned:
        shipment = booked.shipment
        service = "-".join(shipment.lane)
        days = fitted.days(shipment.lane, from_rdc=shipment.from_rdc)
        cents = fitted.cents(shipment.lane, shipment.weight_g or 0)
        if (booked.services, booked.days, booked.cost_cents) != ((service,), days, cents):
            found = f"{' '.join(booked.services)}, {booked.days} days, {booked.cost_cents} cents"
            faults.append(f"{shipment.reference}: wanted {service}, {days} days, {cents} cents; found {found}")
    return faults


def score(errors: list[float], distances: list[float], *, near: float, far: float) -> Score:
    """Errors as one line. `distances` is what is compared with near and far: the errors' size, or their share."""
    return Score(
        count=len(errors),
        mean_abs=mean(map(abs, errors)),
        bias=mean(errors),
        median_abs=median(distances),
        near=mean(distance <= near for distance in distances),
        far=mean(distance <= far for distance in distances),
    )


def score_days(group: list[Planned], fitted: Fit) -> dict[str, Score]:
    """Planned, the mode's median and the schedule, each against the real day of delivery."""
    guesses: dict[str, Callable[[Planned], float]] = {
        "planned": lambda p: p.days,
        "mode's median": lambda p: fitted.mode_days(p.shipment.lane[2], from_rdc=p.shipment.from_rdc),
        "schedule": lambda p: (p.shipment.scheduled_on - p.shipment.ordered_on).days,
    }
    scores = {}
    for name, guess in guesses.items():
        errors = [guess(p) - p.shipment.days for p in group]
        scores[name] = score(errors, list(map(abs, errors)), near=7, far=30)
    return scores


def score_cost(group: list[Planned], fitted: Fit) -> dict[str, Score]:
    """Planned and the mode's median price per kg against the real freight."""
    guesses: dict[str, Callable[[Planned], float]] = {
        "planned": lambda p: p.cost_cents / 100,
        "mode's $/kg": lambda p: fitted.per_kg_by_mode[p.shipment.lane[2]] * kg(p.shipment),
    }
    scores = {}
    for name, guess in guesses.items():
        errors = [guess(p) - usd(p.shipment) for p in group]
        shares = [abs(error) / usd(p.shipment) for error, p in zip(errors, group, strict=True)]
        scores[name] = score(errors, shares, near=0.25, far=0.5)
    return scores


def list_groups(planned: list[Planned], part: str) -> list[tuple[str, list[Planned]]]:
    """The shipments of a part by clock and mode, and all together."""
    of_part = [p for p in planned if p.shipment.part == part]
    named: dict[str, list[Planned]] = {}
    for booked in of_part:
        origin = "distribution centre" if booked.shipment.from_rdc else "direct drop"
        named.setdefault(f"{origin} {booked.shipment.mode}", []).append(booked)
    return [*sorted(named.items()), ("all", of_part)] if of_part else []


def compare(planned: list[Planned], fitted: Fit) -> list[dict[str, object]]:
    """Every score as a row: part, measure, group, guess, and the numbers."""
    rows = []
    for part in PARTS:
        for measure, score_group in (("days", score_days), ("cost", score_cost)):
            usable = planned if measure == "days" else [p for p in planned if p.shipment.is_costed]
            for name, group in list_groups(usable, part):
                for guess, found in score_group(group, fitted).items():
                    figures = {key: getattr(found, key) for key in Score.__slots__}
                    rows.append({"part": part, "measure": measure, "group": name, "guess": guess, **figures})
    return rows


def list_totals(planned: list[Planned]) -> list[tuple[str, int, int, int]]:
    """Freight of each part in all: name, shipments, planned cents, real cents."""
    totals = []
    for part in PARTS:
        group = [p for p in planned if p.shipment.part == part and p.shipment.is_costed]
        real = sum(p.shipment.freight_cents for p in group)
        totals.append((part, len(group), sum(p.cost_cents for p in group), real))
    return totals


def show(rows: list[dict[str, object]], totals: list[tuple[str, int, int, int]]) -> None:
    """Print the scores, one table per part and measure."""
    for part, told in PARTS.items():
        for measure, unit, near, far in (("days", "days", "7 days", "30 days"), ("cost", "USD", "25 %", "50 %")):
            print(f"\n{measure}, {told}")
            head = (f"mean abs {unit}", f"bias {unit}", "median abs", f"in {near}", f"in {far}")
            print(f"{'':32}{'':15}{'count':>6}" + "".join(f"{name:>14}" for name in head))
            for row in rows:
                if row["part"] == part and row["measure"] == measure:
                    print(row_text(row))
    for part, count, planned, real in totals:
        share = f"{planned / real - 1:+.1%}" if real else "none"
        amounts = f"planned {planned / 100:,.0f} USD, real {real / 100:,.0f} USD, {share}"
        print(f"\nfreight in all, {PARTS[part]}: {count:,} shipments, {amounts}")


def row_text(row: dict[str, object]) -> str:
    """One line of scores."""
    whole, part = (",.1f", ",.1f") if row["measure"] == "days" else (",.0f", ".0%")
    cells = (
        f"{row['mean_abs']:{whole}}",
        f"{row['bias']:+{whole}}",
        f"{row['median_abs']:{part}}",
        f"{row['near']:.0%}",
        f"{row['far']:.0%}",
    )
    return f"{row['group']:32}{row['guess']:15}{row['count']:>6,}" + "".join(f"{cell:>14}" for cell in cells)


def main() -> None:
    """Compare one results file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="CSV that `rookery run --results` wrote")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    shipments = read_shipments(get_data())
    placed = [shipment for shipment in shipments if find_fault(shipment) is None]
    fitted = fit(shipments)
    planned, refused, faults = read_results(asked.results, placed)
    faults += list_faults(planned, fitted)
    rows, totals = compare(planned, fitted), list_totals(planned)
    if asked.json:
        print(json.dumps({"rows": rows, "totals": totals, "refused": refused, "faults": faults}, indent=1))
    else:
        print(f"{len(planned):,} booked, {refused.total():,} refused {dict(refused) or ''}")
        show(rows, totals)
        print(f"\nbookings that are not what the network says: {len(faults):,}")
        for fault in faults[:FAULTS_SHOWN]:
            print(f"  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
