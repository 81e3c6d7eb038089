"""`rookery run` on a real order book: orders a second from file to commit, against the raw floor of the same rows."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import brunel
from bench.process import pinned_text, remove_ledger, rookery, sample
from bench.table import OUT, Row, check_equal, machine, report, spread

RUNS = 5
LEDGERS = OUT / "ledgers"
WANTED = ">= 2500"
AIM = ">= 0.3333"
LOG_TABLES = ("message", "fact", "outbox", "dead_letter")
PEER = "orders/s raw floor"
WHOLE_COMMAND = "wall clock from start to exit, with start-up, loading and summary"
HUB_PART = "in process: read the file, decide, commit; network and ledger open beforehand"
FLOOR = "the same statements, rows, groups and settings, played into a fresh file; no look-ups, nothing read or decided"


@dataclass(slots=True)
class Case:
    """One way to run an order file, how many orders it must book, and what its runs took."""

    orders: Path
    rounds: str
    booked: int
    target: str = ""
    command_s: list[float] = field(default_factory=list)
    hub_s: list[float] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The order file and how it is decided."""
        return f"{self.orders.name} {'one by one' if self.rounds == 'each' else '--rounds file'}"


CASES = (
    Case(brunel.MANY_DAYS, "each", brunel.ORDER_COUNT, WANTED),
    Case(brunel.ONE_DAY, "each", 2_430),
    Case(brunel.MANY_DAYS, "file", brunel.ORDER_COUNT),
    Case(brunel.ONE_DAY, "file", 2_444),
)


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    brunel.make_ready()
    main_case = CASES[0]
    made = _capture(main_case)
    floor_s: list[float] = []
    for _ in range(RUNS):
        for case in CASES:
            _command(case)
            _hub(case)
        floor_s.append(_floor())
    for case in CASES:
        check_equal(case.name, case.answers)
        check_equal(f"{case.name}: booked", [case.booked, case.answers[0]["booked"]])
    check_equal(f"{main_case.name}, written down", [main_case.answers[0], made["answers"]])
    rows = [row for case in CASES for row in _speed_rows(case, floor_s)]
    rows += _floor_rows(main_case, floor_s, made) + _phase_rows(main_case) + _size_rows(made)
    title = f"rookery run on {brunel.ORDER_COUNT:,} orders of one day, {pinned_text()}, median of {RUNS} in turn"
    report("run", about, rows, title)


# --- runs


def _arguments(case: Case) -> dict[str, str | Path]:
    ledger = LEDGERS / f"run-{case.orders.stem}-{case.rounds}.ledger"
    return {"network": brunel.NETWORK, "orders": case.orders, "rounds": case.rounds, "ledger": ledger}


def _command(case: Case) -> None:
    given = _arguments(case)
    remove_ledger(Path(given["ledger"]))
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    done = rookery("run", *words, "--json")
    case.command_s.append(done.seconds)
    told = json.loads(done.out)
    case.answers.append({name: told[name] for name in ("orders", "booked", "refused", "cost", "facts")})


def _hub(case: Case) -> None:
    found = sample("hub", **_arguments(case))
    case.hub_s.append(found["seconds"])
    case.answers.append(found["answers"])


def _capture(case: Case) -> dict[str, Any]:
    given = _arguments(case) | {"ledger": LEDGERS / "captured.ledger"}
    return sample("capture", **given, transcript=LEDGERS / "captured.pickle")


def _floor() -> float:
    like, transcript = LEDGERS / "captured.ledger", LEDGERS / "captured.pickle"
    seconds: float = sample("floor", transcript=transcript, ledger=LEDGERS / "floor.ledger", like=like)["seconds"]
    return seconds


# --- rows


def _rate(seconds: list[float]) -> float:
    return brunel.ORDER_COUNT / statistics.median(seconds)


def _rates(seconds: list[float]) -> str:
    return spread([brunel.ORDER_COUNT / one for one in seconds])


def _speed_rows(case: Case, floor_s: list[float]) -> list[Row]:
    """The whole command and the hub part of a case; the floor beside them is that of the first case."""
    floor = _rate(floor_s) if case is CASES[0] else None
    command_note = f"booked {case.booked:,} of {brunel.ORDER_COUNT:,}; {WHOLE_COMMAND}; {_rates(case.command_s)}"
    hub_note = f"{HUB_PART}; {_rates(case.hub_s)}"
    return [
        Row(f"{case.name}, whole command", _rate(case.command_s), "orders/s", PEER, floor, case.target, command_note),
        Row(f"{case.name}, hub part", _rate(case.hub_s), "orders/s", PEER, floor, note=hub_note),
    ]


def _floor_rows(case: Case, floor_s: list[float], made: dict[str, Any]) -> list[Row]:
    floor = _rate(floor_s)
    counted = made["row_counts"].values()
    per_order = sum(counted) / brunel.ORDER_COUNT
    note = f"{FLOOR}; {made['groups']} commits, {per_order:.1f} row operations an order; {_rates(floor_s)}"
    aim = "an aim, not a promise: one third of the raw floor"
    return [
        Row("raw floor", floor, "orders/s", note=note),
        Row("raw floor", floor * per_order, "rows/s", note=note),
        Row("aim: hub part of the raw floor", _rate(case.hub_s) / floor, "share", target=AIM, note=aim),
        Row("aim: whole command of the raw floor", _rate(case.command_s) / floor, "share", target=AIM, note=aim),
    ]


def _phase_rows(case: Case) -> list[Row]:
    given = _arguments(case) | {"ledger": LEDGERS / "phases.ledger"}
    found = sample("phases", **given)
    total = found["seconds"]
    parts = found["parts"] | {"the rest: messages, ids, groups, answers": total - sum(found["parts"].values())}
    note = f"hub part of {case.name}, from a run with a watch on each part, {total:.2f} s in all, not counted above"
    return [Row(f"time: {part}", 100 * seconds / total, "%", note=note) for part, seconds in parts.items()]


def _size_rows(made: dict[str, Any]) -> list[Row]:
    count = brunel.ORDER_COUNT
    log = sum(made["row_counts"].get(table, 0) for table in LOG_TABLES)
    total = sum(made["row_counts"].values())
    note = "rows written an order, inserted, replaced or deleted, as the transcript of the run has them"
    rows = [
        Row("rows: all", total / count, "rows/order", note=note),
        Row("rows: log", log / count, "rows/order", note=note),
        Row("rows: views", (total - log) / count, "rows/order", note=note),
    ]
    rows += [Row(f"rows: {table}", rows_ / count, "rows/order") for table, rows_ in made["row_counts"].items()]
    size_note = "the file after closing it, indexes and page ends included"
    rows.append(Row("bytes: ledger", made["ledger_bytes"] / count, "bytes/order", note=size_note))
    sizes = sorted(made["row_bytes"].items(), key=lambda one: -one[1])
    rows += [Row(f"bytes: {table}", size / count, "bytes/order") for table, size in sizes if size > count]
    return rows


if __name__ == "__main__":
    main()
