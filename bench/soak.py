"""A served hub for a quarter of an hour at half of the load that is wanted of it: memory and waiting stay as they are.

Half of the load: 2,500 events, 100 quotes and 100 orders a second, by a process of its own. The ledger grows by some
two gigabytes and is removed at the end. `--minutes N` for another length.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.hub import LEDGERS, keys_for, prepared, served
from bench.process import memory_of, processes_of, remove_ledger
from bench.table import Broken, Row, machine, report

ORDERS = 500
MINUTES = 15
WARM = 3  # minutes that are not compared: caches fill
MEGABYTE = 1 << 20
WHAT = ("quote", "order", "batch of events")


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    minutes = int(sys.argv[sys.argv.index("--minutes") + 1]) if "--minutes" in sys.argv else MINUTES
    if minutes < 2 * WARM + 1:
        sys.exit(f"--minutes: wanted at least {2 * WARM + 1}, found {minutes}")
    report("soak", about, soak_rows(minutes), "the served hub at half load, minute by minute")


def soak_rows(minutes: int) -> list[Row]:
    """Memory, disk and p99 of the last third against the first minutes after the warm-up."""
    ledger = LEDGERS / "soak.ledger"
    remove_ledger(ledger.with_name(f"{ledger.name}.test"))
    numbers = prepared(remove_ledger(ledger), ORDERS)
    samples: list[dict[str, float]] = []
    over = threading.Event()
    with served(ledger) as server:
        watch = threading.Thread(target=_watch, args=(server.pid, ledger, samples, over))
        watch.start()
        try:
            seen = _load(server.address, keys_for(ledger), numbers, minutes)
        finally:
            over.set()
            watch.join()
    remove_ledger(ledger)
    _print_minutes(samples, seen)
    return _rows(samples, seen, minutes)


def _load(address: str, keys: dict[str, str], numbers: list[str], minutes: int) -> list[dict[str, float]]:
    """Run the load; by minute the p99 of each kind of call, in milliseconds."""
    given = json.dumps(["soak", address, keys, numbers, minutes])
    done = subprocess.run([sys.executable, "-m", "bench.hub_load"], input=given, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"load: {done.stderr[-1000:]}")
    found: list[dict[str, float]] = json.loads(done.stdout)["minutes"]
    return found


def _watch(pid: int, ledger: Path, samples: list[dict[str, float]], over: threading.Event) -> None:
    """Memory of all processes and disk, once in 10 s."""
    while not over.wait(10):
        journal = ledger.with_name(f"{ledger.name}-wal")
        samples.append({
            "at": time.monotonic(), "rss": sum(map(memory_of, processes_of(pid))),
            "file": ledger.stat().st_size, "wal": journal.stat().st_size if journal.exists() else 0,
        })  # fmt: skip


def _print_minutes(samples: list[dict[str, float]], seen: list[dict[str, float]]) -> None:
    """What there was in each minute: where it begins to differ says more than that it does."""
    print("minute   memory  journal   " + "   ".join(f"p99 {what}" for what in WHAT))
    per_minute = max(1, len(samples) // len(seen))
    for minute, p99s in enumerate(seen):
        own = samples[minute * per_minute : (minute + 1) * per_minute] or samples[-1:]
        rss, wal = (max(one[name] for one in own) / MEGABYTE for name in ("rss", "wal"))
        told = "".join(f"{p99s[what]:{len(what) + 4}.0f} ms" for what in WHAT)
        print(f"{minute + 1:6} {rss:5.0f} MB {wal:5.0f} MB {told}")


def _rows(samples: list[dict[str, float]], seen: list[dict[str, float]], minutes: int) -> list[Row]:
    per_minute = len(samples) // minutes
    warm, last = WARM * per_minute, len(samples) - max(1, minutes // 3) * per_minute
    note = f"mean of the last {minutes // 3} of {minutes} minutes against minutes {WARM + 1} to {2 * WARM}"
    rows = [_row("memory", [one["rss"] / MEGABYTE for one in samples], (warm, 2 * warm, last), "MB", note)]
    cuts = WARM, 2 * WARM, minutes - max(1, minutes // 3)
    rows += [_row(f"p99 of a {what}", [one[what] for one in seen], cuts, "ms", note) for what in WHAT]
    grown = (samples[-1]["file"] - samples[0]["file"]) / MEGABYTE
    rows.append(Row("the file has grown by", grown, "MB"))
    rows.append(Row("its journal at most", max(one["wal"] for one in samples) / MEGABYTE, "MB", target="<= 256"))
    return rows


def _row(name: str, values: list[float], cuts: tuple[int, int, int], unit: str, note: str) -> Row:
    begin, end, last = cuts
    first = _mean(values[begin:end] or values)
    return Row(name, _mean(values[last:]), unit, f"{unit} at first", first, f"<= {1.25 * first:.1f}", note)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
