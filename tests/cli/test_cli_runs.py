"""The command line as a user meets it: runs of order files, again and interrupted, and ledgers that do not fit."""

import json
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from typed import COMMAND, TINY, TOO_HEAVY, Folder, tea

from rookery.hub.summary import Summary
from rookery.hub.write import COLUMNS

# --- runs


def test_a_run_from_orders_to_results(here: Folder) -> None:
    orders = here.orders(tea("1"), TOO_HEAVY, tea("3", postcode="99999"))
    said = here.run(orders, "--results", "results.csv")
    assert "booked     1" in said.out and "refused    2" in said.out and "3 results in results.csv" in said.out
    assert "orders" in said.err, "the progress bar goes to the error stream"
    booked, heavy, far = here.results()
    assert (booked["order_reference"], booked["status"], booked["warehouse"]) == ("1", "booked", "HKG-W")
    assert booked["waybill"].startswith("LN") and booked["waybill"].endswith("BE")
    assert (
        booked["parcel_status"] == "registered" and booked["promised_by"] > booked["arrives_at"] > booked["departs_at"]
    )
    assert 0.5 < float(booked["confidence"]) <= 1 and not heavy["confidence"]
    assert (heavy["refusal_code"], far["refusal_code"]) == ("too_big", "unreachable")
    assert "wanted at most 30000 g a piece; found 31000" in heavy["refusal_detail"]


@pytest.mark.parametrize("ending", ["csv", "ndjson", "jsonl", "parquet"])
def test_results_in_every_format_say_the_same(here: Folder, ending: str) -> None:
    orders = here.orders(tea("1"), TOO_HEAVY)
    here.run(orders, "--results", "results.csv")
    here.run(orders, "--results", f"again.{ending}")
    if ending == "csv":
        rows = here.results("again.csv")
    elif ending == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        rows = parquet.read_table(here.path / "again.parquet").to_pylist()
    else:
        rows = [json.loads(line) for line in (here.path / f"again.{ending}").read_text("utf-8").splitlines()]
    assert [tuple(row) for row in rows] == [COLUMNS] * 2
    assert [{name: str(value) for name, value in row.items()} for row in rows] == here.results()


def test_results_that_cannot_be_written_stop_the_run_before_it_begins(here: Folder) -> None:
    orders = here.orders(tea("1"))
    said = here.run(orders, "--results", "results.xlsx", status=2)
    assert "results results.xlsx: wanted a file ending in .csv, .ndjson, .jsonl, .parquet" in said.err
    assert not (here.path / "rookery.ledger").exists()


def test_the_summary_for_a_machine(here: Folder) -> None:
    said = here.run(here.orders(tea("1"), TOO_HEAVY), "--json", "--carry", "1")
    summary = json.loads(said.out)
    assert set(summary) == set(Summary.__dataclass_fields__)
    assert (summary["orders"], summary["booked"], summary["delivered"]) == (2, 1, 1)
    assert summary["reasons"] == {"too_big": 1} and not said.err


def test_bad_rows_are_told_with_their_lines_and_nothing_is_done(here: Folder) -> None:
    bad = here.orders(
        tea("1"),
        "2,teahouse,cologne_shop,yesterday,express,DE,50667,-5,TEA-250,1",
        "3,teahouse,cologne_shop,2026-11-02T09:00+08:00,express",
        tea("1"),
        "5,nobody,cologne_shop,2026-11-02T09:00+08:00,express,DE,50667,800,TEA-250,1",
        tea("6"),
    )
    said = here.run(bad, "--results", "results.csv", status=2)
    lines = said.err.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [f"orders.csv line {n}" for n in (3, 4, 5, 6)]
    assert "ordered_at: wanted a time with its offset" in lines[0] and "weight_g: wanted at least 0" in lines[0]
    assert "wanted 10 cells as in the header, found 5" in lines[1]
    assert "reference: wanted a new one, found '1' of line 2 again" in lines[2]
    assert "owner: sender 'nobody': wanted a company of the network" in lines[3]
    assert lines[-1].startswith("4 bad rows, nothing was done")
    assert not (here.path / "rookery.ledger").exists() and not (here.path / "results.csv").exists()


def test_bad_rows_are_left_out_and_the_good_ones_go_on(here: Folder) -> None:
    orders = here.orders(tea("1"), "2,teahouse,cologne_shop,yesterday,express,DE,50667,800,TEA-250,1", tea("3"))
    said = here.run(orders, "--keep-going", "--results", "results.csv", status=1)
    assert "orders.csv line 3: ordered_at" in said.err
    assert [(row["order_reference"], row["status"]) for row in here.results()] == [("1", "booked"), ("3", "booked")]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("orders.xlsx", "x", "wanted a file ending in .csv or .ndjson"),
        ("orders.csv", "", "wanted a header line with column names, found none"),
        (
            "orders.csv",
            "reference,colour\n1,red\n",
            "wanted columns of docs/orders.md, found 'colour'",
        ),
        ("orders.ndjson", '{"reference": "1"\n', "orders.ndjson line 1: message: wanted a JSON object"),
        ("orders.ndjson", "[]\n", "orders.ndjson line 1: message: wanted a JSON object, found a list of 0"),
    ],
)
def test_a_file_that_holds_no_orders(here: Folder, name: str, text: str, told: str) -> None:
    assert told in here.run(here.write(name, text), status=2).err
    assert not (here.path / "rookery.ledger").exists()


def test_a_file_that_cannot_be_read(here: Folder) -> None:
    assert "orders none.csv: wanted a file that can be read" in here.run("none.csv", status=2).err
    (here.path / "latin.csv").write_bytes(b"reference,owner\n1,M\xfcller\n")
    assert "orders latin.csv line 2: wanted UTF-8, found other bytes" in here.run("latin.csv", status=2).err


def test_a_file_without_orders_is_a_run_without_orders(here: Folder) -> None:
    assert json.loads(here.run(here.orders(), "--json").out)["orders"] == 0


# --- again


def test_the_same_run_again_does_nothing_twice(here: Folder) -> None:
    orders = here.orders(tea("1"), tea("2"), TOO_HEAVY)
    here.run(orders, "--results", "first.csv", "--carry", "7")
    facts = here.facts()
    here.run(orders, "--results", "second.csv", "--carry", "7")
    assert here.facts() == facts and here.results("first.csv") == here.results("second.csv")


def test_a_file_that_has_grown_goes_on_where_it_was(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    facts = here.facts()
    here.run(here.orders(tea("1"), tea("2")), "--results", "results.csv")
    assert here.facts()[: len(facts)] == facts and [row["status"] for row in here.results()] == ["booked"] * 2


def test_other_words_under_a_used_reference_are_a_bad_row(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    facts = here.facts()
    said = here.run(here.orders(tea("1", grams=900)), status=1)
    assert "orders.csv line 2: reference: '1' of teahouse is in the ledger with other contents" in said.err
    assert here.facts() == facts


@pytest.mark.parametrize("rounds", ["each", "day", "file"])
def test_rounds_serve_all_for_whom_there_is_stock_and_run_again_do_nothing(here: Folder, rounds: str) -> None:
    rows = [tea(f"{day}-{n}", quantity=100, day=day) for day in (2, 3) for n in range(7)]
    here.run(here.orders(*rows), "--rounds", rounds, "--results", "first.csv")
    told = Counter((row["status"], row["refusal_code"], row["binding"]) for row in here.results("first.csv"))
    assert told == {("booked", "", ""): 12, ("refused", "short", "stock:HKG-W/teahouse/TEA-250"): 2}
    facts = here.facts()
    here.run(here.orders(*rows), "--rounds", rounds, "--results", "second.csv")
    assert here.facts() == facts and here.results("first.csv") == here.results("second.csv")
    assert "0 differ" in here("replay", "rookery.ledger").out


# Who is started in the background by a shell does not hear of an interrupt, nor does what it starts.
HEARS = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


def test_an_interrupted_run_says_so_and_goes_on_to_the_same_end(here: Folder) -> None:
    orders = here.orders(*[tea(str(n), grams=200 + n % 50) for n in range(1_500)])
    words = ("run", "--network", TINY, "--orders", orders)
    first = [COMMAND[0], "-c", HEARS, *COMMAND, *words, "--results", "results.csv"]
    cut = subprocess.Popen(first, cwd=here.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _wait_for_messages(here.path / "rookery.ledger", 100)
    cut.send_signal(signal.SIGINT)
    _, err = cut.communicate(timeout=60)
    assert cut.returncode == 130, err
    assert err.splitlines()[-1] == "interrupted: what was committed stands; run the same command again to go on"
    some = here.facts()
    assert some and not (here.path / "results.csv").exists()
    here(*words, "--results", "results.csv")
    assert here.facts()[: len(some)] == some and len(here.facts()) > len(some)
    here(*words, "--ledger", "steady.ledger", "--results", "steady.csv")
    assert here.facts() == here.facts("steady.ledger")
    assert (here.path / "results.csv").read_bytes() == (here.path / "steady.csv").read_bytes()


def _wait_for_messages(ledger: Path, count: int) -> None:
    """Until a run has committed so many messages."""
    for _ in range(3_000):
        if ledger.exists():
            db = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=0.05)  # the run is over in seconds
            try:
                if db.execute("SELECT count(*) FROM message").fetchone()[0] >= count:
                    return
            except sqlite3.OperationalError:
                pass  # not made yet
            finally:
                db.close()
        time.sleep(0.01)
    raise AssertionError("the run committed nothing in 30 s")


# --- ledgers


def test_a_file_that_is_no_ledger(here: Folder) -> None:
    orders = here.orders(tea("1"))
    here.write("text.ledger", "this is not a database, and long enough for one to be expected " * 20)
    sqlite3.connect(here.path / "other.ledger").execute("CREATE TABLE things (name TEXT)").connection.close()
    for name, told in (
        ("text.ledger", "file is not a database"),
        ("other.ledger", "wanted a Rookery ledger of format"),
    ):
        before = (here.path / name).read_bytes()
        assert told in here.run(orders, "--ledger", name, status=2).err
        assert told in here("track", "1", "--ledger", name, status=2).err
        assert told in here("why", "1", "--ledger", name, status=2).err
        assert told in here("replay", name, status=2).err
        assert (here.path / name).read_bytes() == before


def test_a_ledger_of_another_network_is_left_alone(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    facts = here.facts()
    said = here("run", "--network", "backbone", "--orders", here.orders(name="none.csv"), status=2)
    assert "ledger rookery.ledger: wanted one made with network backbone, found tiny" in said.err
    said = here("replay", "rookery.ledger", "--network", "backbone", status=2)
    assert "name the network it was made with" in said.err
    assert here.facts() == facts


@pytest.mark.parametrize("words", [("track", "1"), ("why", "1"), ("replay", "rookery.ledger")])
def test_a_ledger_that_is_not_there(here: Folder, words: tuple[str, ...]) -> None:
    said = here(*words, status=2)
    assert said.err == (
        "ledger rookery.ledger: wanted a ledger, found no such file; make one with `rookery run` or `rookery send`\n"
    ) and not list(here.path.iterdir())
