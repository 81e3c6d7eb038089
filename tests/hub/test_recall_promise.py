"""After a recall the borrower's parcel holds a plan no later than the `latest` that it was promised."""

import json
from pathlib import Path
from typing import Any

import pytest

from rookery.hub.explain import whys
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.quote import Wish, quote
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.spine import Hub
from rookery.hub.story import story_lines
from rookery.journey.disrupt import Case
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.offer import Product, ProductLane
from rookery.journey.network.sharing import Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import Spot
from talk import event, facts_of, hear, order_message, scans_message
from worlds import DAILY, at, place, ride, row, tiny_network

pytestmark = pytest.mark.sqlite


def network(standby_arrives: str, space: str = "recallable", *more: Any) -> Network:
    return tiny_network(
        place("A"), place("B"),
        ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 100"),
        ride("dear", f"A 21:00, B {standby_arrives}", price="9", carries="grams 100"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            space=space),
        row(Holder, holder="lender", company_id="other"), row(Holder, holder="borrower", company_id="shop"),
        row(Share, holder="lender", resource="service:cheap", guarantee_amount=60, lending="recallable",
            release_min=60),
        *more,
    )  # fmt: skip


WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "cut": ("capacity", {"resource": "departure:dear/2026-11-23/1", "limits": {"grams": 0}}),
    "cancel": (
        "departure", {"departure": "dear/2026-11-23", "says": "cancelled", "at": "2026-11-23T10:01+01:00"},
    ),
    "delay": (
        "departure",
        {"departure": "dear/2026-11-23", "says": "delayed", "at": "2026-11-23T10:01+01:00", "departs_late_s": 18_000},
    ),
}  # fmt: skip
FROM_A = {"to_country": "", "to_postcode": "", "from_facility": "A", "to_facility": "B", "weight_g": 70}
MIDNIGHT = {"wanted_to": "2026-11-24T00:00+01:00"}
THIRD = ride("third", "A 21:10, B 23:10", price="12", carries="grams 100")
WISH = {"uses": [{"resource": "departure:cheap/2026-11-23/1", "amounts": {"grams": 60}}]}
RECALL = Message("other", "h", "hold_space", json.dumps(WISH).encode(), at("Mon 10:02"))
CLOCK = Message("network", "k", "clock", b"", at("Mon 19:30"))


def told(word: str, key: str = "w", **more: Any) -> list[Message]:
    """What is said of the ride of the standby."""
    if word == "nothing":
        return []
    kind, body = WORDS[word]
    return [Message("haul", key, kind, json.dumps(body | more).encode(), at("Mon 10:01"))]


def heard(folder: Path, net: Network, *messages: Message) -> Hub:
    hub = open_hub(net, folder / "l.ledger")
    assert {answer.outcome for answer in hear(hub, *messages)} == {"done"}
    return hub


def cases(hub: Hub) -> list[tuple[str, str]]:
    return [(case.reasons[0].code, case.owner) for case in hub.state[Case]]


def ends(hub: Hub) -> tuple[int, int]:
    """When it arrives after a recall, and by when that was promised; and the ledger proves itself."""
    facts = facts_of(hub.ledger)
    assert [fact for _, kind, fact in facts if kind == "plan_recalled"]
    (latest,) = (fact.latest for _, kind, fact in facts if kind == "promised")
    assert fold_again(hub.ledger).differences == ()
    (row,) = hub.state[Itinerary]
    return row.parts[0].plan.arrives_at, latest


@pytest.mark.parametrize(
    ("arrives", "word", "window"),
    [("23:00+2", "nothing", {}), ("23:00", "cut", {}), ("23:00", "delay", {}), ("23:00", "delay", MIDNIGHT),
     ("23:00", "cancel", {}), ("23:00", "cancel", MIDNIGHT)],
)  # fmt: skip
def test_after_a_recall_the_plan_is_no_later_than_the_latest_that_was_promised_or_a_case(
    tmp_path: Path, arrives: str, word: str, window: dict[str, str]
) -> None:
    order = order_message("1", **FROM_A, **window)
    hub = heard(tmp_path, network(arrives), order, *told(word))
    assert cases(hub) == ([] if word == "nothing" else [("at_risk", "haul")]), "it is told before it happens"
    hear(hub, RECALL)
    arrives_at, latest = ends(hub)
    assert (arrives_at <= latest) == (word == "nothing")
    assert cases(hub) == ([] if word == "nothing" else [("recalled", "haul")])
    assert decide_again(hub.ledger, network(arrives)).difference == ""


@pytest.mark.parametrize("word", ["cut", "delay", "cancel"])
def test_a_standby_that_is_lost_or_late_is_replaced_by_one_in_time(tmp_path: Path, word: str) -> None:
    net = network("23:00", "recallable", THIRD)
    hub = heard(tmp_path, net, order_message("1", **FROM_A), *told(word))
    assert cases(hub) == []
    hear(hub, RECALL)
    arrives_at, latest = ends(hub)
    assert arrives_at == at("Mon 23:10") <= latest and cases(hub) == []
    assert decide_again(hub.ledger, net).difference == ""


def test_a_case_of_risk_is_closed_when_the_loan_is_firm(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"))
    assert cases(hub) == [("at_risk", "haul")]
    hear(hub, CLOCK)
    assert cases(hub) == []


@pytest.mark.parametrize(("word", "more"), [("cut", {"limits": {"grams": 100}}), ("delay", {"departs_late_s": 0})])
def test_a_case_of_risk_is_closed_when_its_standby_is_in_time_after_all(
    tmp_path: Path, word: str, more: dict[str, Any]
) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told(word))
    assert cases(hub) == [("at_risk", "haul")]
    hear(hub, *told(word, "again", **more))
    assert cases(hub) == []
    hear(hub, RECALL)
    arrives_at, latest = ends(hub)
    assert arrives_at == at("Mon 23:00") <= latest and cases(hub) == []


def test_a_standby_that_is_later_but_in_time_stays_and_is_known_at_its_new_times(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("delay", departs_late_s=600), RECALL)
    arrives_at, latest = ends(hub)
    assert arrives_at == at("Mon 23:10") <= latest and cases(hub) == []


def test_what_is_sold_as_standby_is_promised_as_its_fallback(tmp_path: Path) -> None:
    hub = open_hub(network("23:00+2", "standby"), tmp_path / "l.ledger")
    assert hear(hub, order_message("1", **FROM_A))[0].outcome == "done"
    facts = facts_of(hub.ledger)
    (sourced,) = [fact for _, kind, fact in facts if kind == "sourced"]
    (promised,) = [fact for _, kind, fact in facts if kind == "promised"]
    assert sourced.fallback is not None
    assert promised.latest >= sourced.fallback.arrives_at


@pytest.mark.parametrize("order", [("am", "za"), ("za", "am")])
def test_what_rounding_leaves_in_a_cut_goes_to_the_first_by_holder_id(tmp_path: Path, order: tuple[str, str]) -> None:
    net = tiny_network(
        place("A"), place("B"), ride("AB", "A 08:00, B 10:00", price="1", carries="grams 10"),
        [row(Holder, holder=name, company_id=of) for name, of in zip(order, ("shop", "other"), strict=True)],
        [row(Share, holder=name, resource="service:AB", guarantee_amount=5) for name in order],
    )  # fmt: skip
    hub = open_hub(net, tmp_path / "l.ledger")
    cut = {"resource": "departure:AB/2026-11-24/1", "limits": {"grams": 9}}
    hear(hub, Message("haul", "c", "capacity", json.dumps(cut).encode(), at("Mon 08:00")))
    (changed,) = [fact for _, kind, fact in facts_of(hub.ledger) if kind == "capacity_changed"]
    assert changed.guarantee == {"am": (5,), "za": (4,)}


@pytest.mark.parametrize("space", ["recallable", "standby"])
def test_what_is_quoted_on_lent_space_is_what_an_order_is_promised(tmp_path: Path, space: str) -> None:
    hub = open_hub(network("23:00+2", space), tmp_path / "l.ledger")
    wish = Wish(Spot(facility_id="A"), Spot(facility_id="B"), at("Mon 10:00"), 70, product_id="std", company_id="shop")
    offers, _ = quote(wish, hub.world, hub.state)
    (lent,) = [offer for offer in offers if offer.back is not None]
    assert [leg.service_id for leg in lent.option.parts[0].plan.legs] == ["cheap"]
    (why,) = [text for (number, _), text in whys([[offer] for offer in offers], "EUR").items() if number == 1]
    assert why == "on space that others lend: 8.00 EUR less than dear, by which it goes if that is recalled"
    hear(hub, order_message("1", **FROM_A))
    (promised,) = [fact for _, kind, fact in facts_of(hub.ledger) if kind == "promised"]
    ahead = lent.outlook
    assert (ahead.earliest, ahead.latest, ahead.confidence_ppm) == (
        promised.earliest, promised.latest, promised.confidence_ppm,
    )  # fmt: skip
    firm = next(offer for offer in offers if offer.back is None).outlook
    assert ahead.latest == firm.latest and ahead.earliest < firm.earliest


def test_standby_that_is_later_than_the_limit_is_quoted_and_promised_as_it_is(tmp_path: Path) -> None:
    limited = row(ProductLane, product_id="std", from_country="*", to_country="*", days_max=1)
    hub = open_hub(network("23:00+2", "standby", limited), tmp_path / "l.ledger")
    wish = Wish(Spot(facility_id="A"), Spot(facility_id="B"), at("Mon 10:00"), 70, product_id="std", company_id="shop")
    ((lent,), refusals) = quote(wish, hub.world, hub.state)
    assert refusals == [] and lent.back is not None and lent.outlook.latest >= lent.back.arrives_at
    hear(hub, order_message("1", **FROM_A))
    (promised,) = [fact for _, kind, fact in facts_of(hub.ledger) if kind == "promised"]
    assert promised.latest == lent.outlook.latest


def test_a_case_of_a_broken_promise_is_told_in_the_story_and_closed_when_it_is_delivered(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"), RECALL)
    assert cases(hub) == [("recalled", "haul")]
    (parcel,) = hub.ledger.list_rows("parcel")
    lines = story_lines(Look(hub.ledger), parcel.waybill)
    assert sum("what was promised is at risk: a case for haul" in line for line in lines) == 2
    assert any("the space it was lent was recalled" in line for line in lines)
    hear(hub, scans_message("d", event(parcel.waybill, "EMI", "Wed 10:00", "B"), heard="Wed 10:30"))
    assert cases(hub) == []
