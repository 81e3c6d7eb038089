"""Messages in, answers and facts out: who may say what, what is answered, what is told to others."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from days import PREFIX, little_network
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.notice import read_leg
from rookery.hub.open import open_hub, open_ledger, read_state
from rookery.hub.quote import Wish, quote
from rookery.hub.replay import decide_again, fold_again
from rookery.hub.spine import BODY_BYTES_MAX, Hub
from rookery.hub.story import Clockface, story_lines, why_lines
from rookery.journey.desk import Policy, World
from rookery.journey.network.place import Company
from rookery.journey.order import Spot
from rookery.journey.waybill import sscc_number
from talk import event, facts_of, folded, hear, order_message, scans_message, stored
from worlds import at, door, place, ride, row, tiny_network

NETWORK = little_network()
FIRST, SECOND = sscc_number(PREFIX, 0), sscc_number(PREFIX, 1)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub(NETWORK, tmp_path / "a.ledger")


def from_a(reference: str = "1", **fields: object) -> Message:
    """An order from A to B."""
    return order_message(reference, **({"from_facility": "A", "to_facility": "B", "to_country": ""} | fields))


def test_a_door_goes_by_the_clock_of_the_facility_that_serves_it() -> None:
    clock = Clockface(World(tiny_network(place("B"), door("delivery", "B")), Policy()))
    noon = at("Mon 12:00")
    assert clock.at(noon, "B") == clock.at(noon, "BE 4000") == "2026-11-23T12:00+01:00"
    assert clock.at(noon, "GB 1") == clock.at(noon, "a yard") == clock.at(noon, "") == "2026-11-23T11:00Z"


# --- an order


def test_an_order_becomes_facts_a_waybill_and_an_instruction(hub: Hub) -> None:
    (answer,) = hear(hub, from_a())
    assert answer.outcome == "done"
    assert [kind for _, kind, _ in facts_of(hub.ledger)] == [
        "order_placed", "sourced", "account_opened", "plan_held", "shipment_made", "promised", "waybills_issued",
        "plan_taken",
    ]  # fmt: skip
    ((_, company, kind, heard_at, body),) = hub.ledger.list_outbox()
    told = read_leg(company, body)
    assert (company, kind, heard_at, told.parcels) == ("haul", "leg.carry", at("Mon 10:00"), (FIRST,))
    assert [(t.service, t.origin, t.destination, t.departs_at) for t in told.tasks] == [
        ("AB", "A", "B", at("Mon 20:00"))
    ]


def test_the_answer_names_the_order_and_its_facts_are_found_by_it(hub: Hub) -> None:
    _, answer = hear(hub, from_a("1"), from_a("2"))
    (order,) = [row for row in hub.ledger.list_rows("orders") if row.reference == "2"]
    assert answer.about == order.order_id
    kinds = [one.kind for one in hub.ledger.list_facts(about=answer.about)]
    assert kinds[0] == "order_placed" and "plan_taken" in kinds and len(kinds) == 7


def test_an_order_that_is_refused_is_kept_with_its_reasons(hub: Hub) -> None:
    (answer,) = hear(hub, from_a(pieces=99))
    assert (answer.outcome, answer.refusals) == ("done", ()), "the message was understood and the order decided"
    (order,) = hub.ledger.list_rows("orders")
    assert (order.status, order.refusal_code, order.binding) == ("refused", "short", "departure:ABC/2026-11-23/1")


def test_names_are_corrected_by_who_waits_but_what_was_taken_before_is_answered_as_it_was(hub: Hub) -> None:
    sent = from_a("1", to_facility="Z")
    awaited = replace(sent, awaited=True)
    first, took, again = hear(hub, awaited, sent, awaited)
    assert first.outcome == "rejected" and [fault.path for fault in first.faults] == ["to_facility"]
    assert took.came is not None and (took.outcome, took.came.comes_to) == ("done", "refused"), "a file has no way back"
    assert again.seen and again.came == took.came


def test_a_reference_used_again_under_another_key_is_refused(hub: Hub) -> None:
    again = Message("shop", "another key", "order", from_a().body, at("Mon 10:00"))
    _, answer = hear(hub, from_a(), again)
    assert answer.outcome == "refused" and answer.refusals[0].code == "duplicate"


def test_a_message_of_several_scans_does_what_it_can_and_says_what_it_could_not(hub: Hub) -> None:
    scans = scans_message("s", event(FIRST, "EMA", "Mon 12:00"), event("nobody", "EMA", "Mon 12:00"))
    _, answer = hear(hub, from_a(), scans)
    assert (answer.outcome, [refusal.thing for refusal in answer.refusals]) == ("refused", ["number nobody"])
    (parcel,) = hub.ledger.list_rows("parcel")
    assert parcel.status == "picked_up"


def test_a_day_from_order_to_door(hub: Hub) -> None:
    pack = {"unit": "bag", "at": "2026-11-23T19:00+01:00", "contents": [FIRST, SECOND]}
    empty = pack | {"at": "2026-11-23T22:00+01:00", "contents": []}
    last = event(SECOND, "EMI", "Mon 23:00", signed_by="Ann"), event("bag", "EMJ", "Mon 23:30")
    answers = hear(
        hub, from_a("1"), from_a("2"),
        scans_message("1", event(FIRST, "EMA", "Mon 12:00"), event(SECOND, "EMA", "Mon 12:01")),
        Message("haul", "2", "packing", json.dumps(pack).encode(), at("Mon 19:00")),
        scans_message("3", event("bag", "EMC", "Mon 20:00"), heard="Mon 20:05"),
        Message("haul", "4", "packing", json.dumps(empty).encode(), at("Mon 22:00")),
        scans_message("5", *last, heard="Mon 23:40"),
    )  # fmt: skip
    assert [answer.outcome for answer in answers] == ["done"] * 7
    parcels = {row.waybill: (row.status, row.milestone) for row in hub.ledger.list_rows("parcel")}
    assert parcels == {FIRST: ("in_transit", 2), SECOND: ("delivered", 5)}, "the bag was empty when it was seen last"
    assert folded(hub.ledger) == stored(hub.ledger)


# --- who may say what


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Message("nobody", "k", "order", b"{}", 0), "sender 'nobody': wanted a company of the network"),
        (Message("shop", "k", "gossip", b"", 0), "message kind 'gossip': wanted one of order, "),
        (Message("shop", "k", "scans", b"{}", 0), "sender 'shop': wanted the role"),
        (Message("network", "k", "clock", b'{"at": 3}', 0), "body: wanted nothing, found {"),
        (Message("network", "k", "close_round", b"now", 0), "body: wanted nothing, found now; leave it empty"),
        (Message("haul", "k", "close_round", b"", 0), "sender 'haul': wanted the role operator of the network"),
        (Message("other", "k", "order", order_message("1").body, 0), "owner: wanted the sender, other, found 'shop'"),
        (Message("shop", "k", "order", b"{", 0), "message: wanted a JSON object"),
        (Message("shop", "k", "order", b'{"reference": "\xff"}', 0), "message: wanted a JSON object"),
        (Message("shop", "k", "cancel_order", b"\xff", 0), "message: wanted a reference in UTF-8"),
        (Message("haul", "k", "scans", b"\xff", 0), "message: wanted a JSON object"),
        (Message("haul", "k", "packing", b"\xff", 0), "message: wanted a JSON object"),
        (Message("shop", "k", "order", b"x" * (BODY_BYTES_MAX + 1), 0), "message: wanted at most 4000000 bytes"),
    ],
)  # fmt: skip
def test_what_may_not_be_said_or_cannot_be_read_is_rejected_and_kept(hub: Hub, message: Message, why: str) -> None:
    (answer,) = hear(hub, message)
    assert answer.outcome == "rejected" and answer.text.startswith(why)
    assert list(hub.ledger.list_dead_letters()) == [(message.sender, "k", message.kind, answer.text)]
    assert hub.ledger.count("message") == hub.ledger.count("fact") == 0


def test_a_message_that_was_rejected_may_be_mended_and_sent_again_under_its_key(hub: Hub) -> None:
    bad, good = from_a(weight_g=-1), from_a()
    assert [answer.outcome for answer in hear(hub, bad, good, good)] == ["rejected", "done", "done"]


def test_an_order_for_a_round_waits_and_only_the_network_closes_it(hub: Hub) -> None:
    hear(hub, from_a("1", in_round=True), from_a("2", in_round=True))
    assert [row.status for row in hub.ledger.list_rows("orders")] == ["waiting"] * 2
    hear(hub, Message("network", "r", "close_round", b"", at("Mon 11:00")))
    assert [row.status for row in hub.ledger.list_rows("orders")] == ["booked"] * 2
    assert list(hub.ledger.list_rows("waiting")) == []


# --- the hub's clock


def test_law_the_hubs_clock_never_goes_back(hub: Hub) -> None:
    hear(hub, from_a("1", heard="Mon 10:00"), from_a("2", heard="Mon 09:00"), from_a("3", heard="Mon 11:00"))
    assert [message.heard_at for message in hub.ledger.list_messages()] == [
        at(t) for t in ("Mon 10:00", "Mon 10:00", "Mon 11:00")
    ]


@pytest.mark.parametrize("group_ms", [0.0, 1e9])
def test_law_what_is_rejected_does_not_move_the_clock_so_a_start_in_between_changes_nothing(
    tmp_path: Path, group_ms: float
) -> None:
    said = [
        from_a("1", heard="Mon 10:00"), from_a("2", heard="Mon 15:00", weight_g=-1), from_a("3", heard="Mon 11:00"),
    ]  # fmt: skip
    steady = open_hub(NETWORK, tmp_path / "steady.ledger")
    hear(steady, *said, group_ms=group_ms)
    first = open_hub(NETWORK, tmp_path / "again.ledger")
    hear(first, *said[:2])
    first.ledger.close()
    again = open_hub(NETWORK, tmp_path / "again.ledger")
    hear(again, *said[2:])
    assert list(again.ledger.list_messages()) == list(steady.ledger.list_messages())
    assert facts_of(again.ledger) == facts_of(steady.ledger)


# --- a departure


def word(key: str, says: str, sender: str = "haul", departure: str = "AB/2026-11-23", **fields: object) -> Message:
    body = {"departure": departure, "says": says, "at": "2026-11-23T10:00+01:00", **fields}
    return Message(sender, key, "departure", json.dumps(body).encode(), at("Mon 10:00"))


def test_a_word_on_a_departure_is_kept_and_the_next_order_goes_another_way(hub: Hub) -> None:
    told, ordered = hear(hub, word("1", "cancelled", why="fog"), from_a(ship_by="2026-11-23T21:00+01:00"))
    assert (told.outcome, ordered.outcome) == ("done", "done")
    assert "departure_cancelled" in [kind for _, kind, _ in facts_of(hub.ledger)]
    (leg,) = next(fact for _, kind, fact in facts_of(hub.ledger) if kind == "sourced").parts[0].plan.legs
    assert (leg.service_id, leg.departure) == ("ABC", "ABC/2026-11-23")
    assert folded(hub.ledger) == stored(hub.ledger)


def test_only_its_operator_speaks_for_a_departure(tmp_path: Path) -> None:
    rival = row(Company, company_id="rival", name="Rival", country="BE", roles=("operator",))
    hub = open_hub(tiny_network(place("A"), place("B"), ride("AB", "A 20:00, B 22:00"), rival), tmp_path / "a.ledger")
    shop, other, own, ours = hear(
        hub, word("1", "cancelled", "shop"), word("1", "cancelled", "rival"), word("1", "cancelled"),
        word("1", "restored", "network"),
    )  # fmt: skip
    assert (shop.outcome, other.outcome, own.outcome, ours.outcome) == ("rejected", "refused", "done", "done")
    assert [refusal.code for refusal in other.refusals] == ["barred"]
    assert [kind for _, kind, _ in facts_of(hub.ledger)] == ["departure_cancelled", "departure_restored"]


def test_what_is_known_of_a_departure_is_known_after_a_start(hub: Hub, tmp_path: Path) -> None:
    hear(hub, word("1", "delayed", departs_late_s=900))
    hub.ledger.close()
    again = open_hub(NETWORK, tmp_path / "a.ledger")
    hear(again, from_a())
    (leg,) = next(fact for _, kind, fact in facts_of(again.ledger) if kind == "sourced").parts[0].plan.legs
    assert (leg.departs_at, leg.version) == (at("Mon 20:15"), 1)


def test_a_cancelled_departure_is_a_story_a_decision_and_a_proof_that_can_be_taken_again(
    hub: Hub, tmp_path: Path
) -> None:
    early = {"ship_by": "2026-11-23T18:30+01:00"}
    hear(hub, from_a(**early), from_a("2", **early), word("1", "cancelled", departure="ABC/2026-11-23", why="fog"))
    look = Look(hub.ledger)
    number = next(row.waybill for row in hub.ledger.list_rows("parcel"))
    story = "\n".join(story_lines(look, number))
    for words in ("departure ABC/2026-11-23 has changed: closed:", "haul cancelled it: fog", "not carried after all",
                  "planned anew from the origin: cheapest way on that keeps the promise"):  # fmt: skip
        assert words in story, story
    why = "\n".join(why_lines(look, number))
    assert "departure ABC/2026-11-23 has changed: closed" in why and "from the origin: arrives" in why
    told = [(kind, read_leg(to, body)) for _, to, kind, _, body in hub.ledger.list_outbox()]
    assert [(kind, one.tasks[0].service) for kind, one in told][-2:] == [("leg.withdraw", "ABC"), ("leg.carry", "AB")]
    assert folded(hub.ledger) == stored(hub.ledger)
    assert {result.services for result in look.results()} == {"AB"}
    hub.ledger.close()
    ledger = open_ledger(tmp_path / "a.ledger")
    assert fold_again(ledger).differences == () and decide_again(ledger, NETWORK).difference == ""


def test_an_answer_is_about_its_own_order_whoever_else_is_looked_at_with_it(hub: Hub) -> None:
    hear(hub, from_a("1", ship_by="2026-11-23T18:30+01:00"))
    (answer,) = hear(hub, word("1", "cancelled", departure="ABC/2026-11-23"))
    assert answer.about == b""


def test_a_cancelled_order_leaves_word_with_its_carriers_that_it_is_not_carried(hub: Hub) -> None:
    hear(hub, from_a("1"), Message("shop", "c", "cancel_order", b"1", at("Mon 10:00")))
    assert [kind for _, _, kind, _, _ in hub.ledger.list_outbox()] == ["leg.carry", "leg.withdraw"]


def test_a_quote_knows_what_the_ledger_knows_of_departures(hub: Hub, tmp_path: Path) -> None:
    wish = Wish(Spot(facility_id="A"), Spot(facility_id="B"), at("Mon 10:00"), grams=1000, product_id="std")
    hear(hub, word("1", "cancelled", departure="ABC/2026-11-23"), word("2", "delayed", departs_late_s=900))
    offers, _ = quote(wish, hub.world, read_state(tmp_path / "a.ledger", NETWORK))
    legs = [(leg.departure, leg.departs_at, leg.version) for offer in offers for leg in offer.option.parts[0].plan.legs]
    assert legs == [("AB/2026-11-23", at("Mon 20:15"), 1)]
