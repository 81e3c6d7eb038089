"""One measurement in a process of its own: `python -m bench.sample NAME '{"argument": ...}'` prints JSON.

The benchmarks call it through `process.sample`, so that no run warms, fills or slows another.
"""

import json
import pickle
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.floor import check_same, play, recorded
from bench.phases import Phases, watched
from bench.process import remove_ledger
from rookery.hub import run
from rookery.hub.look import Look
from rookery.hub.network import network_path, open_network
from rookery.hub.open import open_hub
from rookery.hub.spine import Hub
from rookery.hub.summary import summarise
from rookery.journey import source
from rookery.journey.desk import Policy, World
from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network
from rookery.sim.carriers import Carriers
from rookery.sim.demand import Demand, first_day
from rookery.sim.demand import orders as seeded_orders

Found = dict[str, Any]
SEED = 1


def hub(network: str, orders: str, rounds: Any, ledger: str) -> Found:
    """From a file of orders to the last commit, network and ledger open beforehand."""
    opened, loaded = _open(network, ledger)
    seconds = _take(opened, loaded, Path(orders), rounds)
    return {"seconds": seconds, **_answers(opened)}


def phases(network: str, orders: str, rounds: Any, ledger: str) -> Found:
    """The same with a watch on each part of the work."""
    opened, loaded = _open(network, ledger)
    parts = Phases()
    with watched(parts):
        seconds = _take(opened, loaded, Path(orders), rounds)
    return {"seconds": seconds, "parts": parts.seconds, **_answers(opened)}


def capture(network: str, orders: str, rounds: Any, ledger: str, transcript: str) -> Found:
    """The same, writing down every statement; keeps the transcript and tells what the ledger is made of."""
    with recorded() as written:
        opened, loaded = _open(network, ledger)
        written.opened = len(written.statements)
        _take(opened, loaded, Path(orders), rounds)
    Path(transcript).write_bytes(pickle.dumps(written, pickle.HIGHEST_PROTOCOL))
    answers = _answers(opened)
    opened.ledger.close()
    return {
        "groups": written.groups,
        "row_counts": written.row_counts(),
        "ledger_bytes": Path(ledger).stat().st_size,
        "row_bytes": _row_bytes(Path(ledger)),
        **answers,
    }


def floor(transcript: str, ledger: str, like: str) -> Found:
    """A transcript played into a fresh file, and its seconds; the file must then equal the one it is `like`."""
    written = pickle.loads(Path(transcript).read_bytes())
    seconds = play(written, remove_ledger(Path(ledger)), time.perf_counter)
    check_same(Path(ledger), Path(like))
    return {"seconds": seconds}


def load() -> Found:
    """The backbone network: read and checked for the first time in a process, again, and made ready for decisions."""
    path = network_path("backbone")
    first_s, _ = _timed(lambda: read_network(path))
    again_s, network = _timed(lambda: read_network(path))
    world_s, _ = _timed(lambda: World(network, Policy()))
    return {"first_s": first_s, "again_s": again_s, "world_s": world_s, "snapshot": network.snapshot}


def backbone(count: int, ledger: str) -> Found:
    """A seeded day on the backbone: the orders one by one, then everything that carriers say about them."""
    opened, loaded = _open("backbone", ledger)
    rows = seeded_orders(loaded, Demand(count, first_day(loaded), SEED))
    orders_s, _ = _timed(lambda: run.run_orders(opened, rows, "each", lambda progress: None))
    messages = Carriers(loaded, SEED).messages(opened.ledger.list_outbox())
    messages_s, _ = _timed(lambda: run.run_messages(opened, messages, lambda progress: None))
    return {"orders_s": orders_s, "messages_s": messages_s, "messages": len(messages), **_answers(opened)}


def searches(count: int, ledger: str) -> Found:
    """The seconds of each search for plans within such a day, and how many plans it found."""
    opened, loaded = _open("backbone", ledger)
    rows = seeded_orders(loaded, Demand(count, first_day(loaded), SEED))
    took: list[float] = []
    found: list[int] = []
    search = vars(source)["plans"]

    def timed_plans(*arguments: Any, **named: Any) -> Any:
        seconds, plans = _timed(lambda: search(*arguments, **named))
        took.append(seconds)
        found.append(len(plans))
        return plans

    with patch.object(source, "plans", timed_plans):
        run.run_orders(opened, rows, "each", lambda progress: None)
    return {"took": took, "found": found, **_answers(opened)}


# --- parts of them


def _open(network: str, ledger: str) -> tuple[Hub, Network]:
    loaded = open_network(network)
    return open_hub(loaded, remove_ledger(Path(ledger))), loaded


def _take(opened: Hub, loaded: Network, orders: Path, rounds: Any) -> float:
    began = time.perf_counter()
    good, bad = run.read_run(orders, loaded)
    progress = run.run_orders(opened, good, rounds, lambda progress: None)
    seconds = time.perf_counter() - began
    assert not bad and not progress.bad, f"{orders}: bad rows {bad[:3]} {progress.bad[:3]}"
    return seconds


def _answers(opened: Hub) -> Found:
    """What a run came to: the same fields that `rookery run --json` prints."""
    told = summarise(Look(opened.ledger), opened.world)
    return {"answers": {name: getattr(told, name) for name in ("orders", "booked", "refused", "cost", "facts")}}


def _row_bytes(ledger: Path) -> dict[str, int]:
    """Bytes of the values in each table."""
    db = sqlite3.connect(ledger)
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    sizes = {}
    for (table,) in tables:
        columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
        size = " + ".join(f"length(CAST({name} AS BLOB))" for name in columns)
        sizes[table] = db.execute(f"SELECT coalesce(sum({size}), 0) FROM {table}").fetchone()[0]
    db.close()
    return sizes


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


SAMPLES = {one.__name__: one for one in (hub, phases, capture, floor, load, backbone, searches)}

if __name__ == "__main__":
    print(json.dumps(SAMPLES[sys.argv[1]](**json.loads(sys.argv[2]))))
