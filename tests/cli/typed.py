"""What a user types and sees: the command started in a folder, and orders of the tiny network to try it on."""

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

TINY = str(Path(__file__).parents[1] / "networks" / "tiny")
COMMAND = (sys.executable, "-m", "rookery.cli")
HEADER = "reference,owner,buyer,ordered_at,product,to_country,to_postcode,weight_g,sku,quantity"


@cache
def forks() -> subprocess.Popen[str]:
    """The process that starts commands; it ends with this one. A new interpreter for each takes a second, most of it
    to import; tests of what a new one imports, and of signals, start their own by COMMAND."""
    words = (sys.executable, str(Path(__file__).with_name("forks.py")))
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Folder:
    """An empty folder, and the command started in it."""

    def __init__(self, path: Path):
        self.path = path

    def __call__(self, *words: str, status: int = 0) -> "Said":
        with tempfile.TemporaryDirectory() as streams:
            out, err = Path(streams, "out"), Path(streams, "err")
            pipes = forks()
            assert pipes.stdin and pipes.stdout
            print(json.dumps([str(self.path), str(out), str(err), *words]), file=pipes.stdin, flush=True)
            found = int(pipes.stdout.readline())
            said = Said(out.read_text("utf-8"), err.read_text("utf-8"))
        assert found == status, f"exit status {found}\n{said.out}\n{said.err}"
        assert "Traceback" not in said.err, said.err
        return said

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
