"""Transit times as a user sees them: a table, a file, and words that mean nothing."""

import csv
import json

import pytest
from typed import TINY, Folder

ASKED = {"--from": "HKG", "--to": "DE-BRE-SC,ES-MAD-01", "--day": "2026-12-01"}


def words(**changes: str) -> list[str]:
    """The question that these tests ask, with changes."""
    asked = ASKED | {f"--{name}": text for name, text in changes.items()}
    return ["transit", *(word for pair in asked.items() for word in pair)]


def test_transit_times_as_a_table_and_as_a_file(here: Folder) -> None:
    out = here(*words(), "--csv", "times.csv").out.splitlines()
    assert out[0] == "express, general, 1 kg, handed in on Tue 1 Dec 2026, every 1 h; each time is local"
    assert out[2].split() == ["from", "to", "hand", "in", "by", "there", "takes", "by"]
    assert "HKG   ES-MAD-01  Tue 1 Dec 20:00  Fri 4 Dec 05:50  2 d 16 h  HKG-RUH-LGG.air > LGG-MAD.road > " in out[-5]
    assert out[-2:] == ["2 pairs with an arrival, of 2 on which express is sold", "48 rows in times.csv"]
    with (here.path / "times.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows == json.loads(here(*words(), "--json").out)
    assert {(row["origin"], row["destination"], row["product"]) for row in rows} == {
        ("HKG", "DE-BRE-SC", "express"), ("HKG", "ES-MAD-01", "express"),
    }  # fmt: skip
    assert [row["drop_off"] for row in rows[:2]] == ["2026-12-01T00:00+08:00", "2026-12-01T01:00+08:00"]
    assert all(row["arrives"].endswith("+01:00") and float(row["hours"]) > 0 for row in rows)


def test_more_days_are_more_rows(here: Folder) -> None:
    few = json.loads(here(*words(every="12h"), "--json").out)
    more = json.loads(here(*words(every="720min", days="2"), "--json").out)
    assert len(few) == 4 and len(more) == 8 and [row for row in more if row in few] == few


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"to": "HKH,ES-MAD-1"}, "facility 'HKH': wanted one of HKG"),
        ({"product": "fast"}, "product 'fast': wanted one of collect_here, domestic, "),
        ({"product": "collect_here"}, "product collect_here: wanted one that travels, "),
        ({"goods": "gold"}, "goods class 'gold': wanted one of general, "),
        ({"every": "often"}, "every: wanted hours or minutes such as 1h or 30min, found 'often'"),
        ({"every": "0h"}, "minutes between times: wanted 1 to 1440, found 0"),
        ({"days": "40"}, "days: wanted 1 to 31, found 40"),
        ({"day": "2026-13-01"}, "day: wanted a day such as 2026-12-01, found '2026-13-01'"),
        ({"day": "2027-12-01"}, "day 2027-12-01: wanted days from 2026-11-01 to 2027-02-28"),
        ({"weight": "40kg"}, "too_big: product express: wanted at most 30000 g a piece; found 40000"),
        ({"booked": "today"}, "wanted a time with its offset such as "),
        ({"csv": "none/times.csv"}, "csv none/times.csv: wanted to write the file, found: No such file"),
    ],
)
def test_bad_words_are_told_with_what_would_do(here: Folder, change: dict[str, str], wanted: str) -> None:
    said = here(*words(**change), status=2)
    assert said.err.startswith(wanted) and not said.out


def test_all_that_is_wrong_with_names_is_told_at_once(here: Folder) -> None:
    said = here(*words(to="HKH,ES-MAD-1", product="fast"), status=2)
    assert [line.partition(":")[0] for line in said.err.splitlines()] == [
        "product 'fast'", "facility 'HKH'", "facility 'ES-MAD-1'",
    ]  # fmt: skip


def test_pairs_on_which_nothing_is_sold_are_told_and_can_be_looked_at(here: Folder) -> None:
    said = here(*words(to="LGG", every="6h"), status=1)
    assert said.out.splitlines()[-2:] == [
        "0 pairs with an arrival, of 0 on which express is sold",
        "none from HKG to LGG: not sold, or not allowed",
    ]
    said = here(*words(to="LGG", every="6h"), "--unsold")
    assert "HKG   LGG  Tue 1 Dec 18:00  Wed 2 Dec 13:15  1 d 2 h  HKG-RUH-LGG.air" in said.out


def test_room_and_papers_count(here: Folder, day: Folder) -> None:
    tiny = ("transit", "--network", TINY, "--day", "2026-11-02")
    assert here(*tiny, "--ledger", str(day.path / "rookery.ledger")).out == here(*tiny).out, "there is room enough"
    assert "Fri 4 Dec 05:50" in here(*words(every="24h")).out
    assert "Fri 4 Dec 05:50" not in here(*words(every="24h", booked="2026-12-02T20:00Z")).out


def test_all_pairs_of_a_network(here: Folder) -> None:
    said = here("transit", "--network", TINY, "--day", "2026-12-01", "--every", "6h")
    assert "HKG-W" in said.out and said.out.splitlines()[-1].endswith("on which express is sold")
