"""The command line as a user meets it: stories, decisions, proof, the demonstration."""

import re
import shutil
import sqlite3

import pytest
from typed import TINY, Folder

# --- looking


def test_a_story_is_told_under_every_name(day: Folder) -> None:
    first = day.results()[0]
    story = day("track", "1").out
    assert story.startswith(f"order 1 of teahouse  {first['order']}  booked\n")
    for part in ("ordered: express from stock to DE 50667", "planned from HKG-W", "promised: ", "EMI Final delivery"):
        assert part in story
    assert re.search(r"promised: from \S+Z to \S+Z, \d+(\.\d)? % sure \(learned from 26 past legs\)", story)
    assert "% sure (learned from 26 past legs)" in day("why", "1").out
    assert f"parcel {first['waybill']}: delivered" in story
    for name in (first["waybill"], first["order"], first["decision"], "teahouse:1", story.split()[-1]):
        assert day("track", name).out == story
    assert "+08:00 -> " in day("track", "1", "--network", TINY).out, "local times where the network is named"


def test_a_decision_is_explained_with_rule_candidates_and_uses(day: Folder) -> None:
    first = day.results()[0]
    told = day("why", "1").out
    assert told.startswith(f"decision {first['decision']}  2026-11-02T01:00Z")
    for part in (
        "based on engine ",
        "policy 1, snapshot ",
        "rule: ",
        "chosen: HKG-W for ",
        ": chosen",
        "stock:HKG-W/teahouse/TEA-250: 1 units",
    ):
        assert part in told
    assert day("why", first["decision"]).out == told == day("why", first["waybill"]).out


def test_a_refusal_is_explained_with_what_binds(day: Folder) -> None:
    told = day("why", "heavy").out
    assert "refused, because of every way that was tried:" in told
    assert "too_big: product express: wanted at most 30000 g a piece; found 31000" in told and "[binding: " in told


@pytest.mark.parametrize("command", ["track", "why"])
@pytest.mark.parametrize("name", ["LN000000000BE", "ord_" + "0" * 26, "dec_" + "0" * 26, "shared", "wren:1", ""])
def test_a_name_that_nobody_knows_or_that_several_share(day: Folder, command: str, name: str) -> None:
    said = day(command, name, status=1)
    assert said.err.startswith(f"{name}: wanted something that rookery.ledger knows, found nothing; ") and not said.out


def test_a_shared_reference_is_found_with_its_owner(day: Folder) -> None:
    assert day("track", "teahouse:shared").out.startswith("order shared of teahouse ")
    assert day("track", "nest:shared").out.startswith("order shared of nest ")


# --- proof


def test_a_ledger_is_rebuilt_and_decided_again(day: Folder) -> None:
    said = day("replay", "rookery.ledger", "--network", TINY)
    views, decisions = said.out.splitlines()
    assert views.startswith("views: ") and views.endswith(" 0 differ")
    assert decisions.startswith("decisions: ") and decisions.endswith(" none differs")


def test_a_ledger_that_was_changed_by_hand_is_found_out(day: Folder, here: Folder) -> None:
    shutil.copy(day.path / "rookery.ledger", here.path)
    db = sqlite3.connect(here.path / "rookery.ledger")
    db.execute("UPDATE parcel SET status = 'lost' WHERE waybill = (SELECT min(waybill) FROM parcel)")
    db.commit()
    assert " 1 differ" in (told := here("replay", "rookery.ledger", status=1).out) and "status='lost'" in told
    db.execute("UPDATE parcel SET status = 'delivered'")
    db.execute("UPDATE fact SET body = replace(body, '\"rule\":\"', '\"rule\":\"not ') WHERE kind = 'sourced'")
    db.commit()
    db.close()
    said = here("replay", "rookery.ledger", "--network", TINY, status=1)
    assert " 0 differ" in said.out and "decisions: " in said.out and "sourced: wanted " in said.out


# --- the demonstration


def test_a_small_demonstration_from_file_to_door(here: Folder) -> None:
    said = here("demo", "--orders", "40", "--seed", "5", "--ledger", "a.ledger")
    assert said.out.startswith("Backbone reference network: 40 orders of 2026-11-09, seed 5; ledger a.ledger\n")
    for part in (
        "orders     40",
        "booked",
        "Parcels",
        "delivered",
        "Money",
        "Hubs: capacity used",
        "Lanes: ",
        "One parcel's story",
    ):
        assert part in said.out
    assert "EMI Final delivery" in said.out
    again = here("demo", "--orders", "40", "--seed", "5", "--ledger", "a.ledger")
    assert again.out == said.out, "the same seed gives the same day"
    assert here("demo", "--orders", "40", "--seed", "6", "--ledger", "b.ledger").out != said.out
    assert "0 differ" in here("replay", "a.ledger", "--network", "backbone").out


def test_a_demonstration_on_another_network(here: Folder) -> None:
    assert here("demo", "--orders", "20", "--network", TINY).out.startswith("Tiny network: 20 orders of ")
    assert (here.path / "build" / "demo.ledger").exists()
