"""The reference network with seeded orders: what one core decides, and what the next engine has to beat."""

import statistics
from typing import Any

from bench.process import pinned_text, sample
from bench.table import OUT, Row, check_equal, machine, report, spread

RUNS = 3
ORDERS = 1_000
LEDGERS = OUT / "ledgers"
TO_BEAT = "the plain search of engines/network/search.py: what the next engine has to beat"

LENGTHS = (("median", 0.5), ("99 of 100 at most", 0.99), ("longest", 1.0))


def main() -> None:
    """Run, print, write."""
    about = machine(LEDGERS)
    days, searched = [], []
    for _ in range(RUNS):
        days.append(sample("backbone", count=ORDERS, ledger=LEDGERS / "backbone.ledger"))
        searched.append(sample("searches", count=ORDERS, ledger=LEDGERS / "searches.ledger"))
    check_equal("a seeded day", [(day["messages"], day["answers"]) for day in days])
    check_equal("searches of a seeded day", [(one["found"], one["answers"]) for one in searched])
    rows = [*_day_rows(days), *_search_rows(searched)]
    report("backbone", about, rows, f"{ORDERS:,} seeded orders on the backbone, {pinned_text()}, median of {RUNS}")


def _day_rows(days: list[dict[str, Any]]) -> list[Row]:
    messages, answers = days[0]["messages"], days[0]["answers"]
    orders = [ORDERS / day["orders_s"] for day in days]
    carried = [messages / day["messages_s"] for day in days]
    both = [(ORDERS + messages) / (day["orders_s"] + day["messages_s"]) for day in days]
    booked = f"one by one, committed; {answers['booked']} booked, {answers['refused']} refused"
    return [
        Row("orders", statistics.median(orders), "orders/s", note=f"{booked}; {spread(orders)}"),
        Row("messages of carriers", statistics.median(carried), "messages/s", note=_carried_note(messages, carried)),
        Row("orders and messages of carriers", statistics.median(both), "messages/s", note=spread(both)),
    ]


def _carried_note(messages: int, carried: list[float]) -> str:
    return f"{messages:,} messages of scans and bags after those orders; {spread(carried)}"


def _search_rows(searched: list[dict[str, Any]]) -> list[Row]:
    rates = [len(one["took"]) / sum(one["took"]) for one in searched]
    plans = [sum(one["found"]) / sum(one["took"]) for one in searched]
    sorted_runs = [sorted(one["took"]) for one in searched]
    found = searched[0]["found"]
    note = f"{len(found):,} searches within those orders, {sum(found) / len(found):.1f} plans each, {TO_BEAT}"
    return [
        Row("searches", statistics.median(rates), "searches/s", note=f"{note}; {spread(rates)}"),
        Row("plans found", statistics.median(plans), "plans/s", note=note),
        *(_length_row(name, share, sorted_runs, note) for name, share in LENGTHS),
    ]


def _length_row(name: str, share: float, sorted_runs: list[list[float]], note: str) -> Row:
    """How long that share of the searches takes at most."""
    at_most = statistics.median(took[int(share * (len(took) - 1))] for took in sorted_runs)
    return Row(f"a search, {name}", 1000 * at_most, "ms", note=note)


if __name__ == "__main__":
    main()
