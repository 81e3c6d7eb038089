"""What a user types and sees: the command started in a folder, and orders of the tiny network to try it on."""

import csv
import sqlite3
import subprocess
import sys
from pathlib import Path

TINY = str(Path(__file__).parents[1] / "networks" / "tiny")
COMMAND = (sys.executable, "-m", "rookery.cli")
HEADER = "reference,owner,buyer,ordered_at,product,to_country,to_postcode,weight_g,sku,quantity"


class Folder:
    """An empty folder, and the command started in it."""

    def __init__(self, path: Path):
        self.path = path

    def __call__(self, *words: str, status: int = 0) -> "Said":
        done = subprocess.run([*COMMAND, *words], cwd=self.path, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.stdout, done.stderr)

    def run(self, orders: str, *words: str, status: int = 0) -> "Said":
        return self("run", "--network", TINY, "--orders", orders, *words, status=status)

    def write(self, name: str, text: str) -> str:
        (self.path / name).write_text(text, encoding="utf-8")
        return name

    def orders(self, *rows: str, name: str = "orders.csv") -> str:
        return self.write(name, "\n".join([HEADER, *rows, ""]))

    def results(self, name: str = "results.csv") -> list[dict[str, str]]:
        with (self.path / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def facts(self, name: str = "rookery.ledger") -> list[tuple[object, ...]]:
        db = sqlite3.connect(self.path / name)
        rows = db.execute("SELECT seq, message, kind, about, heard_at, body FROM fact ORDER BY seq").fetchall()
        db.close()
        return rows


class Said:
    """What a command printed."""

    def __init__(self, out: str, err: str):
        self.out, self.err = out, err


def tea(reference: str, *, postcode: str = "50667", grams: int = 800, quantity: int = 1, day: int = 2) -> str:
    """An order of tea from the warehouse in Hong Kong to Germany."""
    ordered = f"2026-11-{day:02}T09:00+08:00"
    return f"{reference},teahouse,cologne_shop,{ordered},express,DE,{postcode},{grams},TEA-250,{quantity}"


TOO_HEAVY = tea("heavy", grams=31_000)
