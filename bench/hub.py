"""The served hub under load from another process: events in batches, quotes and orders beside them, a parcel's story.

The server is `rookery serve` as a user has it; the load comes from a process of its own over HTTP. The raw floor is the
same rows, put into a fresh file by hand-made SQL in groups of the same size, with the same settings.
"""

import base64
import itertools
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.hub_load import BATCH, CARRIER, CONNECTIONS, SHIPPER
from bench.process import remove_ledger
from bench.table import OUT, Broken, Row, machine, report
from rookery.hub.first_key import make_key
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.hub.run import order_messages
from rookery.hub.spine import Message
from rookery.ledger.sqlite import PRAGMAS
from rookery.sim.demand import Demand, first_day, orders

NETWORK = "backbone"
LEDGERS = OUT / "ledgers"
ORDERS, PIECES = 1_000, 20  # that make the parcels
EVENTS = 1_000_000
MIXED_S = 20
OF_MESSAGES = "SELECT * FROM fact WHERE message BETWEEN ? AND ? AND kind = 'scanned'"


def main() -> None:
    """Run, print, write."""
    quick = "--quick" in sys.argv
    about = machine(LEDGERS)
    report("hub", about, hub_rows(quick=quick), "the served hub, load from a second process")


def hub_rows(*, quick: bool) -> list[Row]:
    """Every measurement. `quick`: that it can be done at all."""
    LEDGERS.mkdir(parents=True, exist_ok=True)
    ledger = LEDGERS / "hub.ledger"
    numbers = _prepare(ledger, 20 if quick else ORDERS)
    keys = {company: make_key(open_network(NETWORK), ledger, company, (), "live", "") for company in (CARRIER, SHIPPER)}
    count = 4_000 if quick else EVENTS
    with _served(ledger) as address:
        seconds = _load("events", address, keys, numbers, count)["seconds"]
        mixed = _load("mixed", address, keys, numbers, 2 if quick else MIXED_S)
    floor_s = _floor(ledger, count)
    rate, floor = count / seconds, count / floor_s
    note = f"batches of {BATCH} over {CONNECTIONS} connections, {len(numbers):,} parcels at random"
    rows = [Row("events over HTTP, durable before the answer", rate, "events/s", "events/s raw floor", floor,
                ">= 20000", note)]  # fmt: skip
    for name, target in (("quote p50", "< 10"), ("quote p99", "< 40"), ("order p50", ""), ("order p99", "< 60")):
        rows.append(Row(name, mixed[name], "ms", target=target, note=mixed["note"]))
    return rows


def _prepare(ledger: Path, count: int) -> list[str]:
    """A ledger with orders of many pieces; the numbers of their parcels."""
    for path in (ledger, ledger.with_name(f"{ledger.name}.test")):
        remove_ledger(path)
    network = open_network(NETWORK)
    hub = open_hub(network, ledger)
    said = []
    for message in order_messages(orders(network, Demand(count, first_day(network), 1))):
        body = json.loads(message.body) | {"pieces": PIECES, "together": "may"}
        said.append(Message(message.sender, message.key, message.kind, json.dumps(body).encode(), message.heard_at))
    for _ in hub.receive(said, group_ms=250):
        pass
    numbers = [row.waybill for row in hub.ledger.list_rows("parcel")]
    hub.ledger.close()
    if not numbers:
        raise Broken("orders: wanted some that are booked, found none")
    return numbers


@contextmanager
def _served(ledger: Path) -> Iterator[str]:
    words = (sys.executable, "-m", "rookery.cli", "serve", "--network", NETWORK, "--ledger", ledger, "--port", "0")
    with (LEDGERS / "hub.log").open("wb") as log:
        server = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout is not None, "it is asked for"
        try:
            yield server.stdout.readline().split()[0]
        finally:
            server.terminate()
            if server.wait(60):
                raise Broken(f"rookery serve: wanted exit status 0, found {server.returncode}; see {log.name}")


def _load(what: str, address: str, keys: dict[str, str], numbers: list[str], amount: int) -> dict[str, Any]:
    """Run a load in a process of its own; what it says."""
    given = json.dumps([what, address, keys, numbers, amount])
    done = subprocess.run([sys.executable, "-m", "bench.hub_load"], input=given, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"load: {done.stderr[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _floor(ledger: Path, count: int) -> float:
    """Seconds to put the rows that those events made into a fresh file, by hand."""
    target = LEDGERS / "hub-floor.ledger"
    remove_ledger(target)
    with sqlite3.connect(target, isolation_level=None) as db, sqlite3.connect(ledger) as old:
        db.execute("PRAGMA journal_mode = WAL")
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        tables = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN ('message', 'fact', 'parcel')"
        for (text,) in old.execute(tables).fetchall():
            db.execute(text)
        parcels = {row[0]: row for row in old.execute("SELECT * FROM parcel")}
        marks = ", ".join("?" * len(next(iter(parcels.values()))))
        db.executemany(f"INSERT INTO parcel VALUES ({marks})", parcels.values())
        old.execute("CREATE INDEX fact_message ON fact (message)")  # to find them; it is not in the new file
        messages = old.execute("SELECT * FROM message WHERE kind = 'scans' ORDER BY seq LIMIT ?", (count // BATCH,))
        took, group = 0.0, list(itertools.islice(messages, CONNECTIONS))
        while group:
            facts = old.execute(OF_MESSAGES, (group[0][0], group[-1][0])).fetchall()
            changed = [parcels[base64.b64decode(json.loads(fact[-1])["parcel_id"])] for fact in facts]
            began = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", group)
            db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", facts)
            db.executemany(f"INSERT OR REPLACE INTO parcel VALUES ({marks})", changed)
            db.execute("COMMIT")
            took += time.perf_counter() - began
            group = list(itertools.islice(messages, CONNECTIONS))
    return took


if __name__ == "__main__":
    main()
