"""The served hub under load from another process: events in batches, quotes and orders beside them, a parcel's story.

The server is `rookery serve` as a user has it; the load comes from a process of its own over HTTP. The raw floor is the
same rows, put into a fresh store by hand-made SQL in groups of the same size, with the same settings; on PostgreSQL by
COPY. `--large` goes on to 5 million events; `--quick` shows that it can be done at all.
"""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stores import find_programs, running_server, url

from bench.hub_floor import copy_floor_s, sqlite_floor_s
from bench.hub_load import BATCH, CARRIER, CONNECTIONS, LOAD, OPERATOR, SHIPPER
from bench.process import remove_ledger
from bench.table import OUT, Broken, Row, machine, report
from rookery.hub.first_key import make_key
from rookery.hub.message import Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.run import order_messages
from rookery.ledger.url import read_url
from rookery.sim.demand import Demand, first_day, orders

NETWORK = "backbone"
LEDGERS = OUT / "ledgers"
ORDERS, PIECES = 1_650, 20  # that make the parcels, of which a carrier has six in ten
EVENTS, MORE_EVENTS, LOADS_EVENTS, SERVER_EVENTS = 1_000_000, 4_000_000, 200_000, 200_000
MIXED_S, STORIES = 20, 3_000
DURABLE = ("listen_addresses=", "shared_buffers=256MB", "max_connections=60")  # as it comes, but for its memory
_BUCKET = re.compile(r'rookery_request_seconds_bucket\{le="([^"]+)",route="list_parcel_events"\} (\S+)')


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    rows = hub_rows(quick="--quick" in sys.argv, large="--large" in sys.argv)
    report("hub", about, rows, "the served hub, load from a second process")


def hub_rows(*, quick: bool, large: bool) -> list[Row]:
    """Every measurement."""
    LEDGERS.mkdir(parents=True, exist_ok=True)
    ledger = LEDGERS / "hub.ledger"
    remove_ledger(ledger.with_name(f"{ledger.name}.test"))
    numbers = prepared(remove_ledger(ledger), 20 if quick else ORDERS)
    keys, shown = keys_for(ledger), {SHIPPER: _owned(ledger, numbers), OPERATOR: numbers}
    count, more = (4_000, 0) if quick else (EVENTS, MORE_EVENTS if large else 0)
    with served(ledger) as server:
        address = server.address
        rate = _events(address, keys, numbers, 0, count)
        more_rate = _events(address, keys, numbers, count, more) if more else 0.0
        later = count + more
        loads = _events(address, keys, numbers, later, min(count, LOADS_EVENTS), together=True)
        stories = {who: _stories(address, keys, who, of, 100 if quick else STORIES) for who, of in shown.items()}
        mixed = _load("mixed", address, keys, numbers, 2 if quick else MIXED_S)
    floor = count / sqlite_floor_s(ledger, LEDGERS / "hub-floor.ledger", count)
    note = f"batches of {BATCH} over {CONNECTIONS} connections, {len(numbers):,} parcels at random"
    rows = [
        Row(
            "events over HTTP, durable before the answer",
            rate,
            "events/s",
            "events/s raw floor",
            floor,
            ">= 20000",
            note,
        ),
        Row("their share of the raw floor", 100 * rate / floor, "%", target=">= 33.3"),
        Row(f"after them {min(count, LOADS_EVENTS):,} by consignments", loads, "events/s", target=">= 20000",
            note=f"each request has {BATCH // LOAD} consignments of {LOAD} parcels"),
    ]  # fmt: skip
    if more:
        rows.append(Row(f"the same, from {count:,} to {count + more:,}", more_rate, "events/s", note=note))
    rows += _story_rows(stories, count + more)
    for name, target in (("quote p50", "< 10"), ("quote p99", "< 40"), ("order p50", ""), ("order p99", "< 60")):
        rows.append(Row(name, mixed[name], "ms", target=target, note=mixed["note"]))
    return rows + _server_rows(4_000 if quick else SERVER_EVENTS, 20 if quick else ORDERS)


def _server_rows(count: int, order_count: int) -> list[Row]:
    """The same on a PostgreSQL server of its own, which is as durable as it comes."""
    programs = find_programs()
    if programs is None:
        return [Row("events on PostgreSQL", None, "events/s", target=">= 20000", note="no PostgreSQL here")]
    with running_server(programs, DURABLE) as server:
        name = read_url(url(server, "hub"))
        numbers = prepared(name, order_count)
        keys = keys_for(name)
        with served(url(server, "hub")) as hub:
            rate = _events(hub.address, keys, numbers, 0, count)
        copy = LEDGERS / "hub.ledger"  # the same events made the same rows there
        floor = count / copy_floor_s(copy, server, count)
    note = f"{count:,} events, a server of its own on the same machine and disk"
    return [
        Row("events on PostgreSQL", rate, "events/s", "events/s by COPY", floor, "", note),
        Row("their share of COPY", 100 * rate / floor, "%", target=">= 33.3"),
    ]


def prepared(ledger: Any, count: int) -> list[str]:
    """A ledger with orders of many pieces; the numbers of the parcels that the carrier carries."""
    network = open_network(NETWORK)
    hub = open_hub(network, ledger)
    said = []
    for message in order_messages(orders(network, Demand(count, first_day(network), 1))):
        body = json.loads(message.body) | {"pieces": PIECES, "together": "may"}
        said.append(Message(message.sender, message.key, message.kind, json.dumps(body).encode(), message.heard_at))
    for _ in hub.receive(said, group_ms=250):
        pass
    carried = {row.order_id for row in hub.ledger.list_rows("involved", company=CARRIER, how="carries")}
    numbers = [row.waybill for row in hub.ledger.list_rows("parcel") if row.order_id in carried]
    hub.ledger.close()
    if not numbers:
        raise Broken("orders: wanted some that are booked, found none")
    return numbers


def keys_for(ledger: Any) -> dict[str, str]:
    """A key of each company that the load speaks for."""
    network = open_network(NETWORK)
    return {company: make_key(network, ledger, company, (), "live", "") for company in (CARRIER, SHIPPER, OPERATOR)}


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    address: str
    pid: int


@contextmanager
def served(ledger: Path | str) -> Iterator[Served]:
    """`rookery serve` on a ledger, as long as this."""
    words = (sys.executable, "-m", "rookery.cli", "serve", "--network", NETWORK, "--ledger", ledger, "--port", "0")
    with (LEDGERS / "hub.log").open("wb") as log:
        server = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout is not None, "it is asked for"
        try:
            yield Served(server.stdout.readline().split()[0], server.pid)
        finally:
            server.terminate()
            if server.wait(60):
                raise Broken(f"rookery serve: wanted exit status 0, found {server.returncode}; see {log.name}")


def _load(what: str, address: str, keys: dict[str, str], numbers: list[str], *amounts: int | str) -> dict[str, Any]:
    """Run a load in a process of its own; what it says."""
    given = json.dumps([what, address, keys, numbers, *amounts])
    done = subprocess.run([sys.executable, "-m", "bench.hub_load"], input=given, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"load: {done.stderr[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _events(
    address: str, keys: dict[str, str], numbers: list[str], first: int, count: int, *, together: bool = False
) -> float:
    return count / float(
        _load("events", address, keys, numbers, first, count, "together" if together else "apart")["seconds"]
    )


def _owned(ledger: Path, numbers: list[str]) -> list[str]:
    """Those of parcels that are of the shipper's orders."""
    opened, of = open_ledger(ledger), set(numbers)
    own = {row.order_id for row in opened.list_rows("orders") if row.owner == SHIPPER}
    found = [row.waybill for row in opened.list_rows("parcel") if row.order_id in own and row.waybill in of]
    opened.close()
    return found


def _stories(address: str, keys: dict[str, str], who: str, numbers: list[str], count: int) -> dict[str, Any]:
    """How long stories took for who asks, and the first step of the server's own figures below which 99 % are."""
    before = _buckets(address)
    found = _load("timelines", address, keys, numbers, who, count)
    seen = {step: count - before.get(step, 0.0) for step, count in _buckets(address).items()}
    return found | {"step": next(step * 1000 for step in sorted(seen) if seen[step] >= 0.99 * count)}


def _buckets(address: str) -> dict[float, float]:
    with urllib.request.urlopen(f"{address}/metrics") as reply:
        return {float(step): float(seen) for step, seen in _BUCKET.findall(reply.read().decode())}


def _story_rows(stories: dict[str, dict[str, Any]], events: int) -> list[Row]:
    of = f"the first 50 events of a parcel at random, {events:,} events in the ledger, one caller"
    callers = {SHIPPER: f"{of}, who owns it", OPERATOR: f"{of}, the operator: what it reads is written down before"}
    rows = []
    for who, took in stories.items():
        rows.append(Row(f"a parcel's events, p99 for {who}", took["p99"], "ms", note=callers[who]))
        rows.append(Row("of that in the server, 99 % take", took["step"], "ms", target="<= 3", note=callers[who]))
    return rows


if __name__ == "__main__":
    main()
