"""Orders through a hub whose network gives out what is left over in rounds."""

import json
from pathlib import Path
from typing import Any

import pytest

from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.run import run_orders
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.waits import Queued, RoundClosed
from rookery.journey.waybill import WaybillsIssued
from rookery.partners.orders.file import read_orders
from talk import facts_of, folded, hear, order_message, stored
from worlds import at, place, ride, row, tiny_network


def network() -> Network:
    """Two shops that are guaranteed a fifth each; two departures a day for the rest, in rounds."""
    return tiny_network(
        row(Company, company_id="other", name="Other shop", country="ES", roles=("shipper",)),
        place("A"), place("B"),
        ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 20000"),
        ride("dear", "A 21:00, B 23:00", price="5", carries="grams 20000"),
        row(Holder, holder="shops", company_id="shop"), row(Holder, holder="others", company_id="other"),
        row(Share, holder="shops", resource="service:*", guarantee=20_000_000),
        row(Share, holder="others", resource="service:*", guarantee=20_000_000, weight=2),
        row(Round, resource="service:*", round_s=900),
    )  # fmt: skip


def order_file(folder: Path, count: int) -> Path:
    """Orders of both shops, one every two minutes from Monday at nine."""
    path = folder / "orders.ndjson"
    with path.open("w") as out:
        for number in range(count):
            ordered = f"2026-11-23T{9 + number // 30:02}:{number % 30 * 2:02}Z"
            order = {
                "reference": f"{number}", "owner": ("shop", "other")[number % 2], "ordered_at": ordered,
                "product": "std", "from_facility": "A", "to_facility": "B", "weight_g": 1000,
            }  # fmt: skip
            out.write(json.dumps(order) + "\n")
    return path


def test_a_run_goes_on_until_no_order_waits_and_its_ledger_proves_itself(tmp_path: Path) -> None:
    rows = list(read_orders(order_file(tmp_path, 120)))
    assert not [row.faults for row in rows if row.faults]
    hub = open_hub(network(), tmp_path / "run.ledger")
    run_orders(hub, rows, "each", lambda progress: None)
    assert not list(hub.state[Queued])
    statuses = {order.status for order in hub.ledger.list_rows("orders")}
    assert statuses <= {"booked", "refused"} and "booked" in statuses
    rounds = [fact for _, _, fact in facts_of(hub.ledger) if isinstance(fact, RoundClosed)]
    assert len(rounds) > 5 and list(hub.ledger.list_rows("deficit"))
    assert folded(hub.ledger) == stored(hub.ledger)
    assert fold_again(hub.ledger).differences == ()
    assert decide_again(hub.ledger, network()).difference == ""
    again = run_orders(hub, rows, "each", lambda progress: None)
    assert again.seen == again.done == 120, "and nothing is done twice"


def order(reference: str, owner: str, heard: str, grams: int = 9000) -> Message:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": "", "to_postcode": "", "weight_g": grams}
    return order_message(reference, owner=owner, heard=heard, **fields)


@pytest.mark.parametrize(
    "brought_by",
    [
        Message("network", "c", "clock", b"", at("Mon 09:15")),
        Message("network", "late", "clock", b"", at("Mon 13:00")),
        order("another", "shop", "Mon 09:20", grams=500),
        Message("shop", "u", "cancel_order", b"unknown", at("Mon 09:30")),
    ],
)
def test_what_a_round_books_is_the_same_whatever_message_brought_it_about(tmp_path: Path, brought_by: Message) -> None:
    wishes = [order(str(n), ("shop", "other")[n % 2], f"Mon 09:0{n}") for n in range(4)]
    facts = list[list[Any]]()
    for name, by in (("first", Message("network", "k", "clock", b"", at("Mon 09:16"))), ("second", brought_by)):
        hub = open_hub(network(), tmp_path / f"{name}.ledger")
        hear(hub, *wishes, by)
        all_ = [fact for _, _, fact in facts_of(hub.ledger)]
        last = max(n for n, fact in enumerate(all_) if isinstance(fact, WaybillsIssued))
        facts.append(all_)
        assert last > 0 and decide_again(hub.ledger, network()).difference == ""
    ends = next(n for n, fact in enumerate(facts[0]) if isinstance(fact, RoundClosed))
    issued = [fact for fact in facts[0] if isinstance(fact, WaybillsIssued)]
    assert len(issued) > 1 and issued == [fact for fact in facts[1] if isinstance(fact, WaybillsIssued)][: len(issued)]
    assert facts[0][: ends + 1] == facts[1][: ends + 1]
