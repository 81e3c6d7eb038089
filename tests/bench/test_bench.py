"""The harness of the benchmarks on next to nothing: its arithmetic, its transcript, its hold on the hub's parts."""

import json
import time
from pathlib import Path

import pytest
from bench.floor import check_same, play, recorded
from bench.phases import Phases, watched
from bench.table import Broken, Row

from bench import sample, table
from rookery.hub.network import open_network
from rookery.sim.demand import Demand, first_day, orders

ORDERS = 12


@pytest.fixture
def order_file(tmp_path: Path) -> Path:
    network = open_network("backbone")
    path = tmp_path / "orders.ndjson"
    path.write_bytes(b"\n".join(row.body for row in orders(network, Demand(ORDERS, first_day(network), 1))))
    return path


def test_a_row_knows_its_ratio_and_whether_its_target_holds() -> None:
    fast, slow = Row("a", 3000, "orders/s", "floor", 12_000, ">= 2500"), Row("b", 2499.9, "orders/s", target=">= 2500")
    assert (fast.ratio, fast.holds) == (0.25, True)
    assert (slow.ratio, slow.holds) == (None, False)
    assert Row("c", 1, "s").holds is None
    assert Row("d", None, "MB", target="< 500").holds is False


def test_what_does_not_hold_is_marked_in_the_table() -> None:
    lines = table.table_lines([Row("whole command", 2000, "orders/s", target=">= 2500", note="slow"), Row("b", 1, "s")])
    assert "NO" in lines[1] and lines[1].endswith("[1]")
    assert lines[-1] == "[1] slow"


def test_a_report_is_read_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "OUT", tmp_path)
    rows = [Row("a", 1.5, "s", "s before", 3.0, "< 2", "note"), Row("b", None, "MB", target="< 500")]
    table.report("some", {"cpu": "any"}, rows, "A title")
    assert table.read_rows("some") == rows
    assert json.loads((tmp_path / "some.json").read_text())["rows"][0]["ratio"] == 0.5


def test_different_answers_break_a_benchmark() -> None:
    table.check_equal("same", [1, 1])
    with pytest.raises(Broken, match="wanted the same answer"):
        table.check_equal("served", [1, 2])


def test_a_transcript_played_again_makes_the_same_ledger(tmp_path: Path, order_file: Path) -> None:
    first, second = tmp_path / "first.ledger", tmp_path / "second.ledger"
    with recorded() as written:
        opened, loaded = sample._open("backbone", str(first))
        written.opened = len(written.statements)
        sample._take(opened, loaded, order_file, "each")
        opened.ledger.close()
    assert written.groups >= 1 and written.row_counts()["message"] == ORDERS
    play(written, second, time.perf_counter)
    check_same(first, second)
    opened, loaded = sample._open("backbone", str(second))
    opened.ledger.close()
    with pytest.raises(Broken, match="wanted the same rows"):
        check_same(first, second)


def test_the_watch_sees_every_part_of_the_hub(tmp_path: Path, order_file: Path) -> None:
    found = sample.phases("backbone", str(order_file), "each", str(tmp_path / "watched.ledger"))
    assert all(seconds > 0 for seconds in found["parts"].values()), found["parts"]
    assert sum(found["parts"].values()) <= found["seconds"]


def test_a_moment_counts_for_the_innermost_watched_function_only() -> None:
    parts = Phases()
    inner = parts.watch("encode", lambda: time.sleep(0.02))
    parts.watch("commit", inner)()
    assert parts.seconds["encode"] >= 0.02 > parts.seconds["commit"]
    with watched(parts):
        pass


def test_a_seeded_day_is_measured_with_and_without_carriers(tmp_path: Path) -> None:
    day = sample.backbone(ORDERS, str(tmp_path / "day.ledger"))
    searched = sample.searches(ORDERS, str(tmp_path / "searched.ledger"))
    assert day["answers"]["orders"] == searched["answers"]["orders"] == ORDERS
    assert day["messages"] and len(searched["took"]) == len(searched["found"]) > 0
