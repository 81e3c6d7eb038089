"""The chip maker's files as they are, cleaned of blanks, dollar signs and thousands commas.

Shared by `convert.py` and `bounds.py` and nothing else: what the rows *mean* each of the two works out for itself,
so that one checks the other.
"""

import csv
import os
import sys
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("OrderList", "FreightRates", "PlantPorts", "ProductsPerPlant", "VmiCustomers", "WhCapacities", "WhCosts")


def find_data() -> Path | None:
    """The folder with the seven files, or None. `ROOKERY_SHARED` names another place than `../shared`."""
    shared = Path(os.environ.get("ROOKERY_SHARED") or ROOT.parent / "shared")
    folder = shared / "data" / "brunel"
    return folder if all((folder / f"{name}.csv").is_file() for name in FILES) else None


def get_data() -> Path:
    """The folder with the seven files; ends the program with what to do when it is not there."""
    folder = find_data()
    if folder is None:
        sys.exit(
            "The Brunel data is not here: wanted OrderList.csv and six more in ../shared/data/brunel beside the "
            "project. Put them there (figshare 7558679), or set ROOKERY_SHARED to the folder that holds data/brunel."
        )
    return folder


def read_table(folder: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row of one file, headers and cells stripped, blank tail lines left out."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            clean = {key.strip(): (cell or "").strip() for key, cell in row.items() if key}
            if any(clean.values()):
                yield rows.line_num, clean


def number(text: str) -> Decimal:
    """`" $1,234.50 "` is 1234.50."""
    return Decimal(text.strip().lstrip("$").replace(",", ""))


def half_up(value: Decimal) -> int:
    """The nearest integer; halves go up."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def grams(kg: str) -> int:
    """Kilograms as whole grams, half up."""
    return half_up(number(kg) * 1000)


def cents(usd: str) -> int:
    """Dollars as cents; every price in the data has two decimals or fewer."""
    value = number(usd) * 100
    assert value == int(value), f"{usd!r} has more than two decimals"
    return int(value)
