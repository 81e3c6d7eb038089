"""Why a loan was recalled: the limit that could not be kept, from when on, and which loan has to go.

And refusals that no limit of an amount explains, decided again.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from told import Told, hold_space, network, order

from rookery.hub.message import Message
from rookery.journey.network.offer import ProductLane, Rate, Tariff
from rookery.journey.network.rows import Micro
from rookery.journey.network.sharing import BidPrice, Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.units import id_text
from worlds import at, place, ride, row, tiny_network

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

LEG = "departure:cheap/2026-11-23/1"


def two_releases(*more: Any) -> Network:
    """10 kg: `others` are guaranteed 6 until noon, `late` 3 until an hour before it leaves."""
    return tiny_network(
        place("A"), place("B"), ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        row(Holder, holder="others", company_id="other"), row(Holder, holder="late", company_id="haul"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:cheap", guarantee=60_000_000, release_min=480,
            lending="recallable"),
        row(Share, holder="late", resource="service:cheap", guarantee=30_000_000, release_min=60,
            lending="recallable"),
        more,
    )  # fmt: skip


def why(told: Told, number: int, *, named: bool = True) -> list[str]:
    held = [stored.about for stored in told.look.ledger.list_facts(kind="plan_held")]
    lines = told.why(id_text("hld", held[number]), named=named)
    begin = next(n for n, line in enumerate(lines) if line in ("  recalled", "  for this was recalled"))
    return lines[begin : next(n for n, line in enumerate(lines[begin:], begin) if "recomputed" in line) + 1]


def test_a01_a_loan_that_was_promised_firm_goes_though_there_is_room_now(tmp_path: Path) -> None:
    loan = hold_space("shop", LEG, grams=4000, borrows=True, heard="Mon 09:00")
    told = Told(tmp_path, two_releases(), loan, hold_space("other", LEG, grams=6000, heard="Mon 09:01"))
    lines = why(told, 0)
    assert lines == [
        "  recalled",
        f"  {LEG}",
        "    shops had borrowed 4,000 grams, priority 5; the lender is others",
        "    it could be recalled until 2026-11-23T11:00Z, and was to be firm from then on",
        "    others asks for what it may claim: 6,000 grams",
        "    there is room now, 10,000 grams would be used; but from 2026-11-23T11:00Z on",
        "      the network's claim would be 13,000 of at most 10,000 grams,",
        "      with what is kept for others then",
        "        late: 3,000",
        "        others: 6,000",
        "        shops: 4,000",
        "    no other loan there would ease that",
        "    it has no standby: the rest of it stays",
        "    recomputed from all facts before: the same",
    ]
    assert why(told, 1) == ["  for this was recalled", *lines[1:]]
    told_company = [line for line in lines if not line.startswith("        ")]
    told_company[2] = told_company[2].replace("others", "another holder")
    told_company[4] = "    another holder asks for what it may claim"
    assert why(told, 0, named=False) == told_company, "a company is not told who else claims how much"
    assert why(told, 1, named=False)[2] == "    another holder had borrowed some of it; the lender is others"


def test_a02_a_holders_own_ceiling_is_told_as_its_limit(tmp_path: Path) -> None:
    group = [
        row(Holder, holder="group"), row(Holder, holder="one", company_id="shop", parent="group"),
        row(Holder, holder="two", company_id="other", parent="group"),
        row(Share, holder="group", resource="service:cheap", guarantee=60_000_000, ceiling=60_000_000,
            release_min=480, lending="recallable"),
        row(Share, holder="two", resource="service:cheap", guarantee=90_000_000, release_min=480,
            lending="recallable"),
    ]  # fmt: skip
    net = tiny_network(
        place("A"), place("B"), ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000"), group
    )
    loan = hold_space("shop", LEG, grams=4000, borrows=True, heard="Mon 09:00")
    told = Told(tmp_path, net, loan, hold_space("other", LEG, grams=5000, heard="Mon 09:01"))
    assert "      group's claim would be 9,000 of at most 6,000 grams," in why(told, 0)
    assert "      group's claim would be 9,000 of at most 6,000 grams," in why(told, 0, named=False), "it is above both"


def test_a03_of_several_loans_the_one_that_goes_is_told_by_its_rule(tmp_path: Path) -> None:
    loans = [hold_space("shop", LEG, grams=2000, borrows=True, heard=f"Mon 09:0{n}") for n in range(3)]
    told = Told(tmp_path, network(), *loans, hold_space("other", LEG, grams=8000, heard="Mon 09:10"))
    assert why(told, 2)[5:7] == [
        "    14,000 grams would be used, where there are 10,000",
        "    3 loans there would ease that: the lowest priority goes first, then the latest",
    ]
    assert why(told, 1)[5:7] == [
        "    12,000 grams would be used, where there are 10,000",
        "    2 loans there would ease that: the lowest priority goes first, then the latest",
    ]
    assert why(told, 2)[-1] == why(told, 1)[-1] == "    recomputed from all facts before: the same"


def test_b01_what_is_worth_too_little_is_judged_again(tmp_path: Path) -> None:
    price = row(BidPrice, resource="service:cheap", dimension="grams", price=Micro(2_000_000))
    told = Told(tmp_path, network("recallable", price), hold_space("shop", LEG, grams=900, value_minor=1))
    (refused,) = told.look.ledger.list_facts(kind="plan_refused")
    assert refused.fact.refusal.code == "bid_price"
    assert told.why(id_text("hld", refused.about))[-1] == "    recomputed from all facts before: the same"


def test_b02_a_change_that_rounds_would_give_out_is_judged_again(tmp_path: Path) -> None:
    net = network("recallable", row(Round, resource="service:cheap", round_s=3600))
    told = Told(tmp_path, net, hold_space("other", LEG, grams=900))
    (held,) = told.look.ledger.list_facts(kind="plan_held")
    words = {"space": id_text("hld", held.about), "uses": [{"resource": LEG, "amounts": {"grams": 9500}}]}
    word = Message("other", "more", "change_space", json.dumps(words).encode(), at("Mon 10:05"))
    ((_, answer),) = told.hub.receive([word])
    assert [refusal.code for refusal in answer.refusals] == ["round"]
    lines = told.why(id_text("hld", held.about))
    assert lines[-1] == "    recomputed from all facts before: the same"
    assert "a change was refused" in lines[-3] and lines[-2].startswith("    round: ")


PRICED = [
    row(ProductLane, product_id="std", from_country="*", to_country="*", tariff_id="list"),
    row(Tariff, tariff_id="list", company_id="haul", currency="EUR"),
    row(Rate, tariff_id="list", base=Micro(1_000_000)),
    row(BidPrice, resource="service:cheap", dimension="grams", price=Micro(2_000_000)),
]  # fmt: skip


def test_b03_an_order_that_is_worth_too_little_is_judged_again_as_it_was_to_be_held(tmp_path: Path) -> None:
    told = Told(tmp_path, network("firm", PRICED, dear=False), order("1", grams=900))
    assert told.why("1")[1:] == [
        "  refused",
        f"  {LEG}",
        "    it is worth less than what is left over has to earn",
        "    worth 1.00 EUR, where what is left over has to earn 1.80 EUR",
        "    what it lacked: 0.80 EUR",
        "    recomputed from all facts before: the same",
    ]
    beside = Told(tmp_path / "b", network("recallable", PRICED), order("1", grams=1500))
    assert beside.why("1")[-1] == "    recomputed from all facts before: the same", "of an order that would borrow"
    assert "worth 1.00 EUR, where what is left over has to earn 3.00 EUR" in beside.why("1")[-3]


def test_b04_a_standby_that_is_worth_too_little_is_judged_again_with_what_each_resource_asks(tmp_path: Path) -> None:
    shared = [row(Share, holder="others", resource=f"service:{one}", guarantee=10_000_000) for one in ("dear", "on")]
    bids = [
        row(BidPrice, resource=f"service:{one}", dimension="grams", price=Micro(price * 1_000_000))
        for one, price in (("dear", 1), ("on", 3))
    ]
    net = network("recallable", shared, bids, ride("on", "B 23:00, A 23:30", price="1", carries="grams 10000"))
    dear, on = "departure:dear/2026-11-23/1", "departure:on/2026-11-23/1"
    standby = [{"resource": one, "amounts": {"grams": 2000}} for one in (dear, on)]
    said = hold_space("shop", LEG, grams=2000, borrows=True, standby=standby, value_minor=700)
    told = Told(tmp_path, net, said)
    (refused,) = told.look.ledger.list_facts(kind="plan_refused")
    assert told.why(id_text("hld", refused.about))[2:] == [
        f"  {on}",
        "    it is worth less than what is left over has to earn",
        "    worth 7.00 EUR, where what is left over has to earn 8.00 EUR",
        "    what it lacked: 1.00 EUR",
        f"      2.00 EUR of it on {dear}",
        f"      6.00 EUR of it on {on}",
        "    recomputed from all facts before: the same",
    ]


def test_c01_what_a_plan_is_held_by_is_told_as_it_was_decided_before_its_own_recall(tmp_path: Path) -> None:
    """`shops` leave both rides as `others` recall one of them; on the other these borrow as long as they are there."""
    kept = row(Share, holder="late", resource="service:dear", guarantee=30_000_000, lending="recallable")
    aside = ride("aside", "A 20:00, B 22:00", price="9", carries="grams 10000")
    net = network("recallable", aside, row(Holder, holder="late", company_id="haul"), kept)
    also, third = "departure:dear/2026-11-23/1", "departure:aside/2026-11-23/1"
    standby = [{"resource": third, "amounts": {"grams": 2000}}]
    body = {"uses": [{"resource": LEG, "amounts": {"grams": 2000}}, {"resource": also, "amounts": {"grams": 6000}}]}
    loan = {**body, "hold_s": 86_400, "borrows": True, "standby": standby}
    body["uses"] = [{"resource": LEG, "amounts": {"grams": 9000}}, {"resource": also, "amounts": {"grams": 4000}}]
    firm = {**body, "hold_s": 86_400, "borrows": True}
    said = [
        Message(company, "1", "hold_space", json.dumps(words).encode(), at("Mon 09:00"))
        for company, words in (("shop", loan), ("other", firm))
    ]
    told = Told(tmp_path, net, *said)
    held = [stored.about for stored in told.look.ledger.list_facts(kind="plan_held")]
    lines = told.why(id_text("hld", held[-1]))
    assert "    borrowed: there is room, but not by claim; it can be recalled" in lines
    assert "      the network: claim 9,000 -> 13,000 grams, at most 10,000: ABOVE IT" in lines
    checks = [line for line in lines if "recomputed" in line]
    assert len(checks) == 3 and set(checks) == {"    recomputed from all facts before: the same"}
    assert lines[-1].startswith("    nobody can recall it any more: it fits by claim"), "since they are gone"
