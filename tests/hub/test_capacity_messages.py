"""Words on capacity as messages: what is done, what is answered, what a person reads of it."""

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from days import PREFIX, little_network
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.spine import Hub
from rookery.hub.story import story_lines, why_lines
from rookery.journey.waybill import sscc_number
from talk import event, hear, order_message, scans_message
from worlds import at

NETWORK = little_network()
AB = "departure:AB/2026-11-23/1"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


def word(key: str, sender: str = "haul", heard: str = "Mon 11:00", **fields: object) -> Message:
    body = {"resource": AB, "limits": {"pieces": 2}, "why": "a smaller lorry", **fields}
    return Message(sender, key, "capacity", json.dumps(body).encode(), at(heard))


def order(reference: str, **fields: object) -> Message:
    return order_message(reference, from_facility="A", to_facility="B", to_country="", **fields)


def test_a_cut_moves_the_latest_and_says_why(hub: Hub, tmp_path: Path) -> None:
    orders = [order(str(number), heard=f"Mon 10:0{number}") for number in range(3)]
    answers = hear(hub, *orders, word("cut"))
    assert [answer.outcome for answer in answers] == ["done"] * 4
    (fact,) = hub.ledger.list_facts(kind="capacity_changed")
    assert fact.fact.moved == (answers[2].about,) and fact.fact.limits == {"pieces": 2, "grams": 9000}
    hub.ledger.close()
    look = Look(open_ledger(tmp_path / "a.ledger"))
    why = why_lines(look, "2")
    assert "  haul cut departure:AB/2026-11-23/1 to 9000 grams, 2 pieces (a smaller lorry): this order had to go" in why
    assert any("rule: cheapest way on that keeps the promise" in line for line in why)
    look.ledger.close()


def test_a_case_names_who_has_to_look(tmp_path: Path) -> None:
    one_day = msgspec.structs.replace(NETWORK.about, valid_to=dt.date(2026, 11, 23))
    hub = open_hub(msgspec.structs.replace(NETWORK, network=(one_day,)), tmp_path / "a.ledger")
    rest = word("rest", resource="departure:ABC/2026-11-23/1", limits={"pieces": 0})
    hear(hub, order("1", pieces=2), rest, word("cut", limits={"pieces": 1}))
    (case,) = hub.ledger.list_rows("open_case")
    assert (case.owner, case.departure) == ("haul", AB)
    hub.ledger.close()
    look = Look(open_ledger(tmp_path / "a.ledger"))
    assert any("a case for haul" in line for line in story_lines(look, "1"))
    assert any("a case for haul" in line for line in why_lines(look, "1"))
    look.ledger.close()


def test_a_weight_beyond_what_was_booked_moves_what_fits_no_more(hub: Hub) -> None:
    first, second = order("1", weight_g=4000), order("2", weight_g=5000)
    hear(hub, first, second, scans_message("s", event(sscc_number(PREFIX, 0), "EMC", "Mon 12:00", weight_g=4500)))
    (fact,) = hub.ledger.list_facts(kind="capacity_changed")
    assert fact.fact.why == "goods were heavier than booked" and len(fact.fact.moved) == 1


def test_it_folds_and_is_decided_again_alike_also_from_a_hub_that_starts_again(hub: Hub, tmp_path: Path) -> None:
    orders = [order(str(number), heard=f"Mon 10:{number:02}") for number in range(4)]
    hear(hub, *orders)
    hub.ledger.close()
    hub = open_hub(NETWORK, tmp_path / "a.ledger")
    hear(hub, word("cut", limits={"pieces": 1}), word("more", limits={"pieces": 3}, heard="Mon 11:30"), group_ms=0)
    moved = [stored.fact.moved for stored in hub.ledger.list_facts(kind="capacity_changed")]
    assert [len(one) for one in moved] == [3, 0], "who is stored and not in memory is found too"
    assert fold_again(hub.ledger).differences == ()
    hub.ledger.close()
    ledger = open_ledger(tmp_path / "a.ledger")
    assert decide_again(ledger, NETWORK).difference == ""
    ledger.close()


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (word("k", sender="shop"), "rejected sender 'shop': wanted the role carrier or operator or warehouse"),
        (word("k", limits={"pieces": -1}), "rejected limits.pieces: wanted at least 0, found -1"),
        (word("k", limits={"pieces": 10**13}), "rejected limits.pieces: wanted at most 1000000000000"),
        (word("k", limits={}), "rejected limits: wanted what there is of it by dimension, found nothing"),
        (word("k", limits={"pieces": "many"}), "rejected limits.pieces: wanted a whole number, found the text 'many'"),
        (word("k", limits=3, resource=""), "rejected limits: wanted an object of whole numbers, such as"),
        (word("k", resource=7), "rejected resource: wanted text, found the number 7"),
        (word("k", until="never"), "rejected until: wanted a field of a capacity"),
        (Message("haul", "k", "capacity", b"[]", 0), "rejected message: wanted a JSON object, found a list of 0"),
        (Message("haul", "k", "capacity", b"\xff", 0), "rejected message: wanted a JSON object, found bytes that"),
        (word("k", resource="departure:AB/2026-11-23/2"), "refused unknown: departure:AB/2026-11-23/2: wanted"),
        (word("k", limits={"boxes": 1}), f"refused unknown: {AB}: wanted limits in grams, pieces; found boxes"),
        (word("k", heard="Mon 21:00"), f"refused too_late: {AB}: wanted one to come"),
    ],
)  # fmt: skip
def test_a_bad_word_is_told_what_is_wrong(hub: Hub, message: Message, wanted: str) -> None:
    (answer,) = hear(hub, message)
    text = answer.text or "; ".join(map(str, answer.refusals))
    assert f"{answer.outcome} {text}".startswith(wanted)
