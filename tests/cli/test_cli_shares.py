"""The command that shows who has what of shared capacity."""

import json

from typed import TINY, Folder, tea


def test_who_has_what_is_told_holder_by_holder(here: Folder) -> None:
    here.run(here.orders(*[tea(str(n), grams=29_000) for n in range(3)]))
    lines = here("shares", "show", "departure:shuttle", "--network", TINY).out.splitlines()
    assert lines[0].startswith("departure:shuttle")
    assert lines[1] == "  87,000 of 3,500,000 grams used, 2.5 %"
    assert [line.split() for line in lines[3:5]] == [["traders", "1,050,000"], ["teahouse_express", "87,000"]]
    assert max(map(len, lines)) <= 80


def test_the_same_as_json(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    rows = [json.loads(line) for line in here("shares", "show", "--network", TINY, "--json").out.splitlines()]
    assert {row["dimension"] for row in rows} <= {"grams", "cm3", "pieces", "orders", "units"}
    for row in rows:
        assert row["used"] == sum(part["firm"] + part["borrowed"] for part in row["parts"])


def test_nothing_shared_says_why_and_what_to_do(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    said = here("shares", "show", "departure:nowhere", "--network", TINY, status=1).err
    assert "wanted a shared resource that begins with 'departure:nowhere', found none" in said
