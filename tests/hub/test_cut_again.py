"""Why a plan had to go in a cut: the numbers that gave it its place, when its turn came."""

import json
from pathlib import Path

import pytest
from test_proof import random_cuts, random_messages
from told import Told, cut, cuts, hold_space, network, order

from rookery.hub.as_of import Dates
from rookery.hub.message import Message
from rookery.hub.retrace import retrace
from rookery.journey.account import Account
from rookery.journey.capacity import CapacityChanged
from rookery.journey.cutting import find_going
from rookery.journey.desk import Desk
from rookery.journey.network.sharing import Share
from rookery.units import id_text
from worlds import at, row

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

LEG = "departure:cheap/2026-11-23/1"


def why(told: Told, number: int, *, named: bool = True) -> list[str]:
    """What is told of the cut to the plan of that number, from 0."""
    held = [stored.about for stored in told.look.ledger.list_facts(kind="plan_held") if not stored.fact.standby_of]
    lines = told.why(id_text("hld", held[number]), named=named)
    begin = next(n for n, line in enumerate(lines) if "it has lost its space" in line)
    return lines[begin : next(n for n, line in enumerate(lines[begin:], begin) if "recomputed" in line) + 1]


def test_a01_what_can_be_recalled_goes_by_priority_and_age(tmp_path: Path) -> None:
    space = hold_space("shop", LEG, grams=3000, borrows=True)
    assert why(Told(tmp_path, network(), space, hold_space("other", LEG), *cuts(4000)), 0) == [
        "    it has lost its space, number 1 of 1",
        "      5,000 grams were used then, where there are 4,000;",
        "      3,000 of them by this",
        "      what can be recalled goes first; of that the lowest priority, then the latest",
        "      its priority is 5, asked for at 2026-11-23T09:00Z",
        "    recomputed from all facts before: the same",
    ]


def test_a02_what_is_above_all_guarantees_says_that_there_is_none(tmp_path: Path) -> None:
    space = hold_space("shop", LEG, grams=900)
    lines = why(Told(tmp_path, network(), hold_space("other", LEG), space, *cuts(2500)), 1)
    assert lines[1:-1] == [
        "      2,900 grams were used then, where there are 2,500;",
        "      900 of them by this",
        "      above all guarantees on its way up: the lowest priority goes first, then the latest",
        "      its priority is 5, asked for at 2026-11-23T09:00Z",
        "      shops is guaranteed nothing there",
    ]


def test_a03_within_guarantees_it_tells_use_guarantee_and_part_and_names_no_other_to_a_company(tmp_path: Path) -> None:
    more = row(Share, holder="shops", resource="service:cheap", guarantee=10_000_000, lending="recallable")
    told = Told(
        tmp_path, network("recallable", more), hold_space("shop", LEG, grams=500, heard="Mon 09:00"),
        hold_space("other", LEG, grams=4000, heard="Mon 09:01"),
        hold_space("other", LEG, grams=4000, heard="Mon 09:02"), *cuts(5000),
    )  # fmt: skip
    lines = why(told, 2)
    assert lines[:-1] == [
        "    it has lost its space, number 1 of 1",
        "      8,500 grams were used then, where there are 5,000;",
        "      4,000 of them by this",
        "      within guarantees: whoever is furthest above its part of what is left goes first",
        "      its priority is 5, asked for at 2026-11-23T08:02Z",
        "      others: used 8,000, guaranteed 9,000 -> 4,500",
        "        its part of what is left: 4,500",
        "      beside it shops: used 500, guaranteed 1,000 -> 500",
        "        its part of what is left: 500",
    ]
    assert why(told, 2, named=False) == [*lines[:-3], lines[-1]], "another company is not told what shops use"


def test_a04_what_nobody_shares_goes_by_age_alone(tmp_path: Path) -> None:
    leg = "departure:dear/2026-11-23/1"
    word = cut(1, 1000, at("Mon 10:30"))
    word = type(word)(word.sender, word.key, word.kind, word.body.replace(b"cheap", b"dear"), word.heard_at)
    told = Told(tmp_path, network(), hold_space("shop", LEG, leg, grams=600), hold_space("other", LEG, leg), word)
    assert why(told, 1)[1:-1] == [
        "      nobody shares what was short: all bookings are equal, the latest goes first",
        "      asked for at 2026-11-23T09:00Z",
    ]


def test_a05_what_is_above_the_shrunk_guarantee_is_on_loan_until_it_is_changed_to_that(tmp_path: Path) -> None:
    more = row(Share, holder="shops", resource="service:cheap", guarantee=10_000_000, lending="recallable")
    told = Told(tmp_path, network("recallable", more), hold_space("shop", LEG, grams=600), *cuts(5000))
    (held,) = (stored.about for stored in told.look.ledger.list_facts(kind="plan_held"))
    said = []
    for number, grams in enumerate((550, 500)):
        words = {"space": id_text("hld", held), "uses": [{"resource": LEG, "amounts": {"grams": grams}}]}
        body = json.dumps(words).encode()
        said.append(Message("shop", f"less{number}", "change_space", body, at("Mon 10:40") + number))
    said.append(hold_space("shop", LEG, grams=100, borrows=True, heard="Mon 10:45"))
    stands = [[(one.amounts["grams"], one.stands) for one in answer.spaces] for _, answer in told.hub.receive(said)]
    wanted = [[(550, "borrowed")], [(500, "firm")], [(100, "borrowed")]]
    assert stands == wanted, "guaranteed before 1,000, after the cut 500"


@pytest.mark.parametrize("seed", range(4))
def test_b01_the_steps_come_in_order_and_each_had_too_much_used(tmp_path: Path, seed: int) -> None:
    said = sorted([*random_messages(seed), *random_cuts(seed), order("last", "shop")], key=lambda one: one.heard_at)
    told = Told(tmp_path, network(), *said)
    dates, count = Dates(told.world), 0
    for stored, state in retrace(told.look.ledger):
        desk = Desk(told.world, dates.at(stored, state), lambda: b"")
        if isinstance(stored.fact, CapacityChanged):
            account, limits = state[Account].get(stored.fact.resource), stored.fact.limits
            goings = [find_going(state, account, limits, hold_id, desk) for hold_id in stored.fact.moved]
            assert all(one is not None and one.used > one.limit for one in goings)
            assert [one.step for one in goings if one] == sorted(one.step for one in goings if one)
            count += len(goings)
    assert count, "somebody had to go"
