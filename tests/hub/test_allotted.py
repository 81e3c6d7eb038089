"""Allotments for people: who has what of them, and a refusal by one, which is no lack of capacity."""

from pathlib import Path

import pytest
from told import Told, hold_space, network

from rookery.hub.report import HolderReport
from rookery.hub.shares import HolderPart, SharedOut, list_shared
from rookery.hub.winners import Winner
from rookery.journey.network.sharing import Allotment, Holder
from rookery.screen.conflicts import conflict_lines
from rookery.screen.shares import shared_lines
from worlds import row

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

LOT = "allotment:lot/2026-11-23"


def said(folder: Path, per: str = "day") -> Told:
    """3 kg a day for `shops`; of these it holds 2 kg itself, `small` half of one, and what comes last is too much."""
    lot = row(Allotment, allotment_id="lot", holder="shops", resource="service:*", per=per, dimension="grams",
              amount=3000)  # fmt: skip
    small = row(Holder, holder="small", parent="shops", company_id="shop", product_id="std")
    leg = "departure:dear/2026-11-23/1"
    return Told(
        folder, network("recallable", lot, small),
        hold_space("shop", leg, grams=2000, heard="Mon 09:01"),
        hold_space("shop", leg, grams=500, heard="Mon 09:02", product="std"),
        hold_space("shop", leg, grams=800, heard="Mon 09:03"),
        hold_space("other", leg, grams=4000, heard="Mon 09:04"),
    )  # fmt: skip


def test_an_allotment_has_a_row_with_whose_it_is_and_who_uses_it(tmp_path: Path) -> None:
    told = said(tmp_path)
    rows = [one for one in list_shared(told.look, told.world) if one.allotted_to]
    parts = (HolderPart("shops", 0, 3000, 0, 2000, 0), HolderPart("small", 0, None, 0, 500, 0))
    assert rows == [SharedOut(LOT, "grams", 3000, 2500, parts, "shops", "day")]
    account = told.look.ledger.find_row("account", LOT)
    assert account.held["grams"] + account.taken["grams"] == rows[0].used, "what plans use is what it counts"
    assert list(list_shared(told.look, told.world, "departure:dear")) == [], "nobody shares it"
    lines = list(shared_lines(rows))
    assert lines[:3] == [
        LOT,
        "  2,500 of 3,000 grams used, 83.3 %",
        "  allotted to shops: all departures of the day together",
    ]
    assert [line.split() for line in lines[4:6]] == [["shops", "3,000", "2,000"], ["small", "none", "500"]]


def test_of_a_week_it_says_so(tmp_path: Path) -> None:
    (one,) = (one for one in list_shared(said(tmp_path, "week").look, said(tmp_path / "b", "week").world) if one.per)
    assert one.per == "week" and one.resource == LOT, "2026-11-23 is a Monday"


def test_a_refusal_by_it_has_its_own_word_in_reports_and_conflicts(tmp_path: Path) -> None:
    told = said(tmp_path)
    shops = next((one for one in told.report().holders if one.holder == "shops"), HolderReport(""))
    assert shops.refused_by == {"allotment": 1}
    (one,) = told.conflicts()
    assert (one.limit, one.loser, one.resource, one.asked, one.outcome) == ("allotment", "shops", LOT, 800, "refused")
    assert one.winners == (Winner("small", 500),), "who runs into its own has no conflict with itself"
    assert any(line.endswith("shops wanted 800 grams: allotment") for line in conflict_lines([one]))
    assert told.why(one.id_)[1:] == [
        "  refused",
        f"  {LOT}",
        "    what its holder may use of these departures together leaves too little room",
        "    asked 800 grams; 500 would have been had",
        "      shops: use would be 3,300 of at most 3,000 grams",
        "    what it lacked: 300 grams",
        "      used by shops: 2,000 grams",
        "      used by small: 500 grams",
        "    recomputed from all facts before: the same",
    ]
    assert "      used by small: 500 grams" not in told.why(one.id_, named=False)
