"""Refusals and conflicts over the wire: what the ledger and the reports have, with times for instants."""

import dataclasses

import msgspec
import pytest

from rookery.hub.conflicts import Conflict
from rookery.hub.refusals import KeptTold, LackTold, RefusalTold, refusal_told
from rookery.hub.shares import HolderPart, SharedOut
from rookery.journey.state import KeptSpace, Lack, Refusal
from rookery.web.routes.shares import ConflictTold, PartTold, SharedTold
from worlds import at

pytestmark = pytest.mark.sqlite  # nothing here is stored


def test_a_refusal_is_told_word_for_word_and_its_instants_are_times() -> None:
    kept = KeptSpace("red", 30), KeptSpace("blue", 5, at("Mon 12:00"))
    lack = Lack("departure:AB/2026-11-23/1", "claim", "grams", "green", "*", 40, 10, 55, 54, kept, at("Mon 14:00"))
    refusal = Refusal("short", "AB", "40 grams", "10", "ask for another day", "AB", lack)
    told = refusal_told(refusal)
    assert str(told) == str(refusal)
    assert msgspec.to_builtins(told) == msgspec.to_builtins(refusal) | {
        "lack": msgspec.to_builtins(lack) | {
            "firm_at": "2026-11-23T13:00:00Z",
            "kept": ({"holder": "red", "amount": 30},
                     {"holder": "blue", "amount": 5, "release_at": "2026-11-23T11:00:00Z"}),
        }
    }  # fmt: skip
    assert refusal_told(Refusal("closed", "AB", lack=Lack("AB", "closed"))).lack == LackTold("AB", "closed")


def test_what_is_told_has_every_field() -> None:
    for told, of in ((RefusalTold, Refusal), (LackTold, Lack), (KeptTold, KeptSpace)):
        assert told.__struct_fields__ == of.__struct_fields__
    for shown, row in ((ConflictTold, Conflict), (PartTold, HolderPart), (SharedTold, SharedOut)):
        assert list(shown.__struct_fields__) == [one.name for one in dataclasses.fields(row)]


def test_a_conflict_is_told_with_its_time() -> None:
    one = Conflict(3, at("Mon 12:00"), "AB", "grams", "claim", "green", "ord_1", "1", 5, (), "refused")
    told = msgspec.convert(one, ConflictTold, strict=False, from_attributes=True)
    wanted = dataclasses.asdict(one) | {"at": "2026-11-23T11:00:00Z"}
    assert msgspec.to_builtins(told) == wanted | {"id": wanted.pop("id_")}
