"""Who lends what of shared space: told of each loan, and at every moment no more than the lender leaves unused."""

import json
from collections import Counter
from pathlib import Path

import pytest
import shared_days
from told import Told, hold_space, network, order

from rookery.hub.as_of import Dates
from rookery.hub.lending import Lending, list_lendings
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.retrace import retrace
from rookery.journey.booking import PlanHeld
from rookery.journey.desk import Desk, World
from rookery.journey.standing import list_stands
from rookery.journey.state import State
from rookery.journey.tally import Loan, loan_name
from talk import event, hear, scans_message
from worlds import at

LEG = "departure:AB/2026-11-24/1"


def lendings(told: Told) -> list[Lending]:
    found = []
    for stored, state in retrace(told.look.ledger):
        found += list_lendings(stored.fact, state, Desk(told.world, stored.heard_at, lambda: b""))
    return found


def test_01_a_loan_stands_on_its_lender_as_far_as_that_has_it_unused(tmp_path: Path) -> None:
    space = hold_space("green", LEG, amounts={"grams": 50}, heard="Mon 09:01", borrows=True)
    (one,) = lendings(Told(tmp_path, shared_days.network(), space))
    assert (one.borrower, one.lender, one.amounts) == ("green_", "red_", {"grams": 50})
    assert (one.of_lender, one.of_nobody) == ({"grams": 18}, {"grams": 32}), "red has 60 per cent of the pair's 30"


def test_02_what_is_lent_already_is_not_lent_again(tmp_path: Path) -> None:
    said = [
        hold_space(company, LEG, amounts={"grams": grams}, heard=heard, borrows=True)
        for company, grams, heard in (("black", 35, "Mon 09:01"), ("green", 25, "Mon 09:02"))
    ]
    found = lendings(Told(tmp_path, shared_days.network(), *said))
    assert [(one.lender, one.of_lender, one.of_nobody) for one in found] == [
        ("red_", {"grams": 18}, {"grams": 17}),
        ("red_", {}, {"grams": 25}),
    ]


def test_03_what_stays_on_others_space_after_a_cut_is_borrowed_once_and_of_nobody(tmp_path: Path) -> None:
    words = [{"resource": LEG, "limits": {"grams": grams}} for grams in (40, 39)]
    cuts = [
        Message("haul", str(n), "capacity", json.dumps(w).encode(), at("Mon 09:02") + n) for n, w in enumerate(words)
    ]
    found = lendings(
        Told(tmp_path, shared_days.network(), hold_space("green", LEG, amounts={"grams": 24}, heard="Mon 09:01"), *cuts)
    )
    assert [(one.borrower, one.lender, one.amounts, one.of_lender) for one in found] == [
        ("green_", "*", {"grams": 24}, {})
    ]


def test_04_a_loan_that_grows_is_one_loan_of_more(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000))
    (parcel,) = told.look.ledger.list_rows("parcel")
    (answer,) = hear(
        told.hub, scans_message("s", event(parcel.waybill, "EMC", "Mon 10:10", weight_g=3500), heard="Mon 10:11")
    )
    assert answer.outcome == "done"
    assert [(one.lender, one.of_lender, one.is_more) for one in lendings(told)] == [
        ("others", {"grams": 3000}, False),
        ("others", {"grams": 500}, True),
    ]
    (shops,) = (one for one in told.report().holders if one.holder == "shops")
    assert (shops.borrowed.count, shops.borrowed.amounts) == (1, {"grams": 3500})


def test_05_what_a_change_borrows_does_not_stand_in_its_own_way(tmp_path: Path) -> None:
    told = Told(tmp_path, shared_days.network())
    (held,) = hear(told.hub, hold_space("green", LEG, amounts={"grams": 30}, heard="Mon 09:01", borrows=True))
    uses = [{"resource": LEG, "amounts": {"grams": 40}}]
    body = json.dumps({"space": held.about.hex(), "uses": uses}).encode()
    hear(told.hub, Message("green", "more", "change_space", body, at("Mon 09:02")))
    assert [(one.amounts, one.of_lender) for one in lendings(told)] == [
        ({"grams": 30}, {"grams": 18}),
        ({"grams": 40}, {"grams": 18}),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_law_nobody_lends_more_than_it_leaves_unused(tmp_path: Path, seed: int) -> None:
    hub = open_hub(shared_days.network(), tmp_path / "some.ledger")
    shared_days.Day(hub, seed).run(150)
    stands_on: dict[str, Lending] = {}
    dates = Dates(hub.world)
    for stored, state in retrace(Look(hub.ledger).ledger):
        desk = Desk(hub.world, dates.at(stored, state), lambda: b"")
        for one in list_lendings(stored.fact, state, desk):
            known = {name: lent for name, lent in stands_on.items() if state[Loan].find(name) is not None}
            check(one, known, state, hub.world, desk.now)
            if isinstance(stored.fact, PlanHeld):
                stands_on[loan_name(one.resource, stored.fact.hold_id)] = one


def check(one: Lending, known: dict[str, Lending], state: State, world: World, now: int) -> None:
    """What a lender lends now fits, with all that it has lent and that still stands, into what it leaves unused."""
    out = Counter(one.of_lender)
    for lent in known.values():
        if (lent.resource, lent.lender) == (one.resource, one.lender):
            out.update(lent.of_lender)
    stands = list_stands(state, one.resource, Desk(world, now, lambda: b""))
    unused = {stand.dimension: stand.unused for stand in stands if stand.holder == one.lender}
    for dimension, amount in one.of_lender.items():
        assert 0 < amount <= one.amounts[dimension] and out[dimension] <= unused[dimension]
