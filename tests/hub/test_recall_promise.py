"""After a recall the borrower's parcel holds a plan no later than the `latest` that it was promised."""

import json
from pathlib import Path
from typing import Any

import pytest

from rookery.hub.explain import whys
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.quote import Wish, quote
from rookery.journey.network.offer import Product, ProductLane
from rookery.journey.network.sharing import Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import Spot
from talk import facts_of, hear, order_message
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


WORDS = {
    "nothing": None,
    "cut": ("capacity", {"resource": "departure:dear/2026-11-23/1", "limits": {"grams": 0}}),
    "delay": (
        "departure",
        {"departure": "dear/2026-11-23", "says": "delayed", "at": "2026-11-23T10:01+01:00", "departs_late_s": 18_000},
    ),
}


FROM_A = {"to_country": "", "to_postcode": "", "from_facility": "A", "to_facility": "B", "weight_g": 70}
MIDNIGHT = {"wanted_to": "2026-11-24T00:00+01:00"}


@pytest.mark.parametrize(
    ("arrives", "word", "window"),
    [("23:00+2", "nothing", {}), ("23:00", "cut", {}), ("23:00", "delay", {}), ("23:00", "delay", MIDNIGHT)],
)
def test_after_a_recall_the_plan_is_no_later_than_the_latest_that_was_promised(
    tmp_path: Path, arrives: str, word: str, window: dict[str, str]
) -> None:
    hub = open_hub(network(arrives), tmp_path / "l.ledger")
    order = order_message("1", **FROM_A, **window)
    said = [order]
    if WORDS[word]:
        kind, body = WORDS[word]
        said.append(Message("haul", "w", kind, json.dumps(body).encode(), at("Mon 10:01")))
    wish = {"uses": [{"resource": "departure:cheap/2026-11-23/1", "amounts": {"grams": 60}}]}
    said.append(Message("other", "h", "hold_space", json.dumps(wish).encode(), at("Mon 10:02")))
    assert {answer.outcome for answer in hear(hub, *said)} == {"done"}
    facts = facts_of(hub.ledger)
    assert [fact for _, kind, fact in facts if kind == "plan_recalled"]
    latest = [fact.latest for _, kind, fact in facts if kind == "promised"][0]
    moved = [fact for _, kind, fact in facts if kind in ("replanned", "retimed")][-1]
    assert moved.plan.arrives_at <= latest


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
