"""Conflicts over shared space: who wanted the same thing, who had it, and what came of whoever lost."""

from pathlib import Path

import shared_days
from told import Told, cuts, hold_space, network, order

from rookery.hub.winners import Winner


def test_c01_what_an_order_missed_says_who_had_it_and_what_that_cost(tmp_path: Path) -> None:
    told = Told(tmp_path, network("firm"), *[order(str(n)) for n in range(3)])
    missed = [one for one in told.conflicts() if one.outcome == "worse"]
    assert [(one.loser, one.limit, one.extra_minor, one.later_s) for one in missed][-1] == ("shops", "claim", 400, 0)
    assert [(one.holder, one.used, one.kept) for one in missed[-1].winners] == [("others", 0, 9000)]


def test_c02_a_recall_costs_what_the_standby_costs_more(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000), order("2", "other", 8000))
    (one,) = (one for one in told.conflicts() if one.limit == "recalled")
    assert (one.loser, one.asked, one.outcome, one.extra_minor) == ("shops", 3000, "moved", 400)
    assert [winner.holder for winner in one.winners] == ["others"]


def test_c03_a_refusal_is_a_conflict_only_with_others(tmp_path: Path) -> None:
    told = Told(tmp_path, network("firm", dear=False), order("1", grams=2000), order("2", grams=20_000))
    found = [(one.reference, one.outcome, one.asked) for one in told.conflicts()]
    assert found == [("1", "refused", 2000)], "more than all there ever is nobody else has"


def test_c04_of_a_round_only_those_have_won_whom_it_served_in_what_was_short(tmp_path: Path) -> None:
    leg = "departure:BC/2026-11-24/1"
    told = Told(
        tmp_path,
        shared_days.network(),
        hold_space("red", leg, amounts={"grams": 10}, heard="Mon 09:01"),
        hold_space("green", leg, amounts={"pieces": 15}, heard="Mon 09:01"),
        hold_space("black", leg, amounts={"pieces": 10}, heard="Mon 09:02"),
        hold_space("black", leg, amounts={"pieces": 3}, heard="Mon 09:03"),
        hold_space("green", leg, amounts={"pieces": 14}, heard="Mon 09:03"),
    )
    (one,) = (one for one in told.conflicts() if (one.limit, one.loser) == ("round", "black_"))
    assert (one.loser, one.outcome, one.asked, one.dimension) == ("black_", "refused", 3, "pieces")
    assert one.winners == (Winner("green_", 15),), "red uses only grams, and by right"


def test_c05_a_cut_is_a_conflict_with_those_who_stay(tmp_path: Path) -> None:
    space = hold_space("shop", "departure:cheap/2026-11-23/1", grams=900, heard="Mon 09:00")
    said = [space, order("1", "shop", 3000), order("2", "other", 2000), *cuts(2500)]
    found = {one.reference: one for one in Told(tmp_path, network(), *said).conflicts() if one.limit == "cut"}
    assert set(found) == {"", "1"}, "space without an order has no reference"
    assert {one.by for one in found.values()} == {"haul"} and {one.left for one in found.values()} == {2500}
    assert [(one.loser, one.asked, one.outcome, one.owner) for one in found.values()] == [
        ("shops", 3000, "moved", ""),
        ("shops", 900, "no way on", "shop"),
    ]
    assert found["1"].extra_minor == 400 and found["1"].winners == (Winner("others", 2000),)
    assert {one.why for one in found.values()} == {"a smaller lorry"}


def test_c06_all_may_have_to_go(tmp_path: Path) -> None:
    (one,) = Told(tmp_path, network(), order("2", "other", 2000), *cuts(0)).conflicts()
    assert (one.limit, one.loser, one.outcome, one.winners) == ("cut", "others", "moved", ())


def test_c07_a_recall_names_the_lender_that_the_loan_names(tmp_path: Path) -> None:
    leg = "departure:AB/2026-11-24/1"
    told = Told(
        tmp_path,
        shared_days.network(),
        hold_space("green", leg, amounts={"grams": 50}, heard="Mon 09:01", borrows=True),
        hold_space("black", leg, amounts={"grams": 6}, heard="Mon 09:02"),
        hold_space("blue", leg, amounts={"grams": 12}, heard="Mon 09:03"),
    )
    (one,) = told.conflicts()
    assert (one.limit, one.loser, one.outcome) == ("recalled", "green_", "lost")
    assert (one.lender, [winner.holder for winner in one.winners]) == ("red_", ["blue_"])
    lines = told.why(one.id_)
    assert [line for line in lines if "the lender is red_" in line] == [
        "      until 2026-11-23T19:00Z, then firm; the lender is red_",
        "    green_ had borrowed 50 grams, priority 5; the lender is red_",
    ]
    (green,) = (one for one in told.report().holders if one.holder == "green_")
    assert (green.recalled.amounts, green.moved_by, green.cases) == ({"grams": 50}, {"recalled": 1}, 0)
