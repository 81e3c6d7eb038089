"""What a message decided of plans of others, as it is told with a file of messages.

A 20:00 to B 22:00 by `night`, 10 kg, most of it guaranteed to `others`; by `late` an hour later nobody shares.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shared_days

from door import WIDE
from rookery.hub.admission import Admission
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.hub.others import Other, list_others
from rookery.hub.send import Sent, send
from rookery.hub.spine import Hub
from rookery.hub.tenants import tenants_of
from rookery.journey.booking import PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.order import OrderPlaced, OrderRefused
from rookery.journey.shipment import ShipmentMade
from rookery.journey.waits import PlanWaits
from rookery.ledger.log import Ledger, StoredFact
from rookery.partners.messages.file import MessageLine
from rookery.screen.sent import sent_lines
from rookery.units import read_id
from talk import order_message
from worlds import DAILY, at, place, ride, row, tiny_network

NIGHT, LATE = "departure:night/2026-11-23/1", "departure:late/2026-11-23/1"


def network(*more: Any) -> Network:
    return tiny_network(
        place("A"), place("B"),
        ride("night", "A 20:00, B 22:00", price="1", carries="grams 10000"),
        ride("late", "A 21:00, B 23:00", price="5", carries="grams 10000"),
        row(Holder, holder="others", company_id="other"), row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:night", guarantee=80_000_000, release_min=480,
            lending="recallable"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1, space="recallable"),
        more,
    )  # fmt: skip


ROUNDS = row(Round, resource="service:night", round_s=900)


def said(key: str, kind: str, sender: str = "shop", heard: str = "Mon 10:00", **body: Any) -> Message:
    return Message(sender, key, kind, json.dumps(body).encode(), at(heard))


def hold(key: str, grams: int, sender: str = "shop", heard: str = "Mon 10:00", **fields: Any) -> Message:
    return said(key, "hold_space", sender, heard, uses=[{"resource": NIGHT, "amounts": {"grams": grams}}], **fields)


def clock(heard: str) -> Message:
    return Message("network", heard, "clock", b"", at(heard))


def cut(grams: int, heard: str = "Mon 10:30") -> Message:
    return said("cut", "capacity", "haul", heard, resource=NIGHT, limits={"grams": grams})


class Told:
    """A hub to which files of messages are sent."""

    def __init__(self, folder: Path, *more: Any):
        self.path, self.network = folder / "some.ledger", network(*more)
        self.hub: Hub = open_hub(self.network, self.path)

    def send(self, *messages: Message) -> Sent:
        lines = [MessageLine(n, m.sender, m.key, m.kind, m.heard_at, m.body) for n, m in enumerate(messages, 1)]
        return send(self.hub, Admission(tenants_of(self.network), WIDE), lines)

    def fates(self, *messages: Message) -> list[str]:
        """What the last of them decided of others: the keys of their messages, and what became of them."""
        return [f"{other.key}: {fates_of(other)}" for other in self.send(*messages).answers[-1].others]


def fates_of(other: Other) -> str:
    return " ".join(fate.what for fate in other.fates)


def test_a_round_is_told_with_the_message_that_closed_it(tmp_path: Path) -> None:
    before, waits = hold("0", 1500, hold_s=86400), hold("2", 2000, wait_until="2026-11-23T10:50+01:00")
    many = [before, hold("1", 1900), waits, hold("3", 1800)]
    told = Told(tmp_path, ROUNDS)
    sent = told.send(*many, clock("Mon 10:16"))
    (*_, closing) = sent.answers
    assert not any(one.others for one in sent.answers[:-1])
    assert [(one.key, one.sender, fates_of(one)) for one in closing.others] == [
        ("0", "shop", "held"), ("1", "shop", "refused"), ("2", "shop", "waits"), ("3", "shop", "refused"),
    ]  # fmt: skip
    assert {fate.at for one in closing.others for fate in one.fates} == {at("Mon 10:15")}
    assert dict(sent.outcomes) == {"done": 1, "held": 1, "refused": 2, "waiting": 1}, "as they stand after the file"
    assert [one.outcome for one in sent.answers] == ["done"] * 5, "while the answers are what was answered"
    later = told.send(clock("Mon 11:30")).answers[0].others
    assert [(fates_of(one), one.fates[0].rounds) for one in later] == [("waits refused", 1)]


def test_refusals_of_others_are_told_as_to_their_own_companies(tmp_path: Path) -> None:
    for sender, kept in (("shop", []), ("network", ["others"])):
        asked = (hold("0", 1500), hold("1", 1900, sender), clock("Mon 10:15"))
        *_, closing = Told(tmp_path / sender, ROUNDS).send(*asked).answers
        (refusal,) = next(one for one in closing.others if one.key == "1").fates[0].refusals
        assert refusal.lack is not None and [one.holder for one in refusal.lack.kept] == kept


def test_what_is_told_comes_out_again_after_a_start_and_with_a_message_once(tmp_path: Path) -> None:
    messages = (hold("1", 1500), hold("2", 1900), clock("Mon 10:16"), clock("Mon 10:16"))
    told = Told(tmp_path, ROUNDS)
    first = told.send(*messages)
    assert [len(one.others) for one in first.answers] == [0, 0, 2, 0]
    told.hub.ledger.close()
    told.hub = open_hub(told.network, told.path)
    again = told.send(*messages)
    assert [one.others for one in again.answers] == [one.others for one in first.answers]
    assert again.outcomes == first.outcomes and all(one.seen for one in again.answers)
    told.send(clock("Mon 12:00"), hold("3", 500, heard="Mon 12:01"))
    assert [len(one.others) for one in told.send(*messages).answers] == [0, 0, 2, 0], "with others after it"


def test_a_hold_that_is_won_and_expires_before_anybody_asks_is_told_so(tmp_path: Path) -> None:
    sent = Told(tmp_path, ROUNDS).send(hold("1", 1000, borrows=True), hold("2", 1900), clock("Mon 13:00"))
    ((waited, lost),) = [one.others for one in sent.answers if one.others]
    assert [(fate.what, fate.at, fate.until) for fate in waited.fates] == [
        ("held", at("Mon 10:15"), at("Mon 10:30")), ("expired", at("Mon 10:30"), 0),
    ]  # fmt: skip
    assert fates_of(lost) == "refused" and dict(sent.outcomes) == {"done": 1, "expired": 1, "refused": 1}
    lines = sent_lines(sent)
    assert "    held at 2026-11-23T09:15Z; expired at 2026-11-23T09:30Z before anybody asked" in lines
    assert max(map(len, lines[-5:-1])) <= 80


def test_a_plan_that_borrows_after_a_round_is_told_so(tmp_path: Path) -> None:
    many = [hold("0", 1500, hold_s=86400), hold("1", 1900, borrows=True, hold_s=86400), clock("Mon 10:15")]
    sent = Told(tmp_path, ROUNDS).send(*many)
    won, lent = sent.answers[-1].others
    assert [(fate.what, fate.spaces) for fate in won.fates] == [("held", ())], "it has won, and nobody can recall it"
    ((fate,),) = (lent.fates,)
    assert (fate.what, [(one.resource, one.stands, one.until) for one in fate.spaces]) == (
        "held", [(NIGHT, "borrowed", at("Mon 12:00"))],
    )  # fmt: skip
    assert sent_lines(sent)[-2] == f"    borrowed until 2026-11-23T11:00Z: {NIGHT}"


def test_an_order_is_answered_with_what_it_came_to_and_why(tmp_path: Path) -> None:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": "", "to_postcode": ""}
    booked, refused = (
        order_message(name, owner="shop", heard="Mon 10:00", weight_g=grams, **fields)
        for name, grams in (("1", 1000), ("2", 12_000))
    )
    sent = Told(tmp_path).send(booked, refused)
    assert [(one.outcome, one.comes_to, len(one.refusals)) for one in sent.answers] == [
        ("done", "booked", 0), ("done", "refused", 1),
    ]  # fmt: skip
    lines = sent_lines(sent)
    assert lines[0].startswith("line 1: order of shop: booked, ord_")
    assert lines[1].startswith("line 2: order of shop: refused, ord_") and lines[2].startswith("  short: departure:")


def test_an_order_that_waits_for_a_round_is_answered_so(tmp_path: Path) -> None:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": "", "to_postcode": ""}
    sent = Told(tmp_path, ROUNDS).send(order_message("1", owner="shop", heard="Mon 10:00", weight_g=1500, **fields))
    assert [one.comes_to for one in sent.answers] == ["waits"]


def test_a_cut_is_told_of_everybody_whom_it_strikes(tmp_path: Path) -> None:
    two = hold("mine", 1500, hold_s=7200), hold("theirs", 7000, "other", hold_s=7200)
    assert Told(tmp_path / "a").fates(*two, cut(7000)) == ["mine: cut case"]
    assert Told(tmp_path / "b").fates(*two, cut(8500)) == ["mine: lent"], "it stands on guarantees of others now"


def test_a_recall_is_told_with_what_recalled_it(tmp_path: Path) -> None:
    standby = [{"resource": LATE, "amounts": {"grams": 3000}}]
    mine = hold("mine", 3000, hold_s=7200, borrows=True, standby=standby)
    order = order_message("o", from_facility="A", to_facility="B", to_country="", weight_g=1500, heard="Mon 10:01")
    theirs = hold("theirs", 8000, "other", "Mon 10:02", hold_s=7200)
    assert Told(tmp_path).fates(mine, order, theirs) == ["mine: recalled fallback"]


def test_space_that_is_firm_or_free_by_somebody_elses_word_is_told(tmp_path: Path) -> None:
    told = Told(tmp_path)
    first = told.send(hold("a", 2000, hold_s=7200), hold("b", 1000, hold_s=7200, borrows=True)).answers[0]
    release = said("r", "release_space", heard="Mon 10:05", space=first.about)
    assert told.fates(release) == ["b: firm"], "and nothing of what it frees itself"
    gone = said("x", "departure", "haul", "Mon 10:06", departure="night/2026-11-23", says="cancelled",
                at="2026-11-23T10:06+01:00")  # fmt: skip
    assert told.fates(gone) == ["b: free"]


def test_orders_that_waited_for_their_round_are_told_by_their_reference(tmp_path: Path) -> None:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": ""}
    some = [order_message(str(n), weight_g=n * 9000, in_round=True, **fields) for n in (1, 2)]
    sent = Told(tmp_path).send(*some, Message("network", "r", "close_round", b"", at("Mon 11:00")))
    told = {one.reference: fates_of(one) for one in sent.answers[-1].others}
    assert told == {"1": "booked", "2": "refused"}
    assert dict(sent.outcomes) == {"booked": 1, "refused": 1, "done": 1}
    assert any(line.startswith("  order 1 of shop: booked") for line in sent_lines(sent))


def test_a_message_that_the_hub_hears_late_says_as_of_when_it_was_decided(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.send(clock("Mon 11:00"))
    late, fresh = told.send(clock("Mon 10:00"), clock("Mon 12:00")).answers
    assert (late.decided_at, fresh.decided_at, late.outcome) == (at("Mon 11:00"), 0, "done")
    assert any("decided as of 2026-11-23T11:00Z" in line for line in sent_lines(told.send(clock("Mon 10:30"))))


@pytest.mark.parametrize("seed", range(4))
def test_on_random_days_everybody_who_was_decided_by_another_message_is_told(tmp_path: Path, seed: int) -> None:
    hub = open_hub(shared_days.network(), tmp_path / "some.ledger")
    shared_days.Day(hub, seed).run(120)
    facts = list(hub.ledger.list_facts())
    born: dict[bytes, StoredFact] = {}
    for stored in facts:
        born.setdefault(stored.about, stored)
    wanted = {(s.message, id_) for s in facts for id_ in decided(s, born) if born[id_].message != s.message}
    told = {
        (message.seq, read_id(other.about)[1])
        for message in hub.ledger.list_messages()
        for other in list_others(hub.ledger, message.seq, about_of(hub.ledger, message.sender, message.key))
    }
    assert len(wanted) > 20 and wanted <= told
    assert not [one for one in told if born[one[1]].message == one[0]], "what it brought itself is in its answer"


def about_of(ledger: Ledger, sender: str, key: str) -> bytes:
    found = ledger.find_message(sender, key)
    assert found is not None
    return msgspec.json.decode(found[1], type=Answer).about


def decided(stored: StoredFact, born: dict[bytes, StoredFact]) -> list[bytes]:
    """Whose fate a fact decides, standbys aside; the slow way."""
    match stored.fact:
        case CapacityChanged(moved=moved):
            return [id_ for id_ in moved if not getattr(born[id_].fact, "standby_of", b"")]
        case PlanHeld(standby_of=b"", hold_id=id_) | PlanRefused(hold_id=id_):
            return [] if isinstance(born[id_].fact, OrderPlaced) else [id_]
        case PlanRecalled(hold_id=id_) | PlanWaits(hold_id=id_) | SpaceLost(hold_id=id_):
            return [id_]
        case OrderRefused(order_id=id_) | ShipmentMade(order_id=id_):
            return [id_]
    return []
