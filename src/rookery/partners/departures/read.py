"""What operators say about their departures: cancelled, delayed from a stop on, restored. See docs/orders.md.

{"departure": "HGH-KUL.mon-fri/2026-11-24", "says": "delayed", "at": "2026-11-24T09:00+08:00", "departs_late_s": 5400}
"""

from typing import Any, Literal, get_args

import msgspec

from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.partners.port import (
    INSTANT_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    Note,
    Short,
    described,
    good_fields,
    read_object,
)
from rookery.units import read_instant

SEE = "see docs/orders.md"
Says = Literal["cancelled", "delayed", "restored"]


class DepartureWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An operator's word on a departure, as it is sent. `arrives_late_s` None: as late as it departs."""

    departure: Short
    says: Says
    at: Short
    from_stop: int = 0
    departs_late_s: int | None = None
    arrives_late_s: int | None = None
    why: Note = ""


_DECODER = msgspec.json.Decoder(DepartureWord)
_NEEDED: dict[str, Any] = {"departure": "", "says": "cancelled", "at": ""}


def read_departure(body: bytes, sender: str) -> CancelDeparture | DelayDeparture | RestoreDeparture:
    """An operator's word on a departure.

    Raises  BadMessage: with every bad field
    """
    shape: list[FieldFault] = []
    try:
        word = _DECODER.decode(body)
    except UNREADABLE:
        word = _readable(body, shape)
    told = {fault.path for fault in shape}
    meaning: list[FieldFault] = []
    at = _check(word, meaning)
    faults = shape + [fault for fault in meaning if fault.path not in told]
    if faults:
        raise BadMessage(faults)
    if word.says == "cancelled":
        return CancelDeparture(word.departure, sender, at, word.why)
    if word.says == "restored":
        return RestoreDeparture(word.departure, sender, at, word.why)
    departs_s = word.departs_late_s or 0
    arrives_s = departs_s if word.arrives_late_s is None else word.arrives_late_s
    return DelayDeparture(word.departure, sender, at, departs_s, arrives_s, word.from_stop, word.why)


def _check(word: DepartureWord, faults: list[FieldFault]) -> int:
    """The instant at which it was said; a fault for every field that says nothing or something impossible."""
    if not word.departure:
        faults.append(FieldFault("departure", "variant/date", "nothing"))
    delays = (word.departs_late_s, word.arrives_late_s)
    if word.says == "delayed" and delays == (None, None):
        faults.append(FieldFault("departs_late_s", "the delay in seconds; 0: on time again", "nothing"))
    if word.says != "delayed" and (word.from_stop or delays != (None, None)):
        faults.append(FieldFault("says", "delayed, where a stop or a delay is told", word.says))
    try:
        at = read_instant(word.at)
    except ValueError:
        faults.append(FieldFault("at", "a time with its offset such as 2026-11-22T17:30+01:00", repr(word.at)))
        return 0
    if not 0 <= at < INSTANT_MAX:
        faults.append(FieldFault("at", "a time from 1970 to 2199", repr(word.at)))
    return at


def _readable(body: bytes, faults: list[FieldFault]) -> DepartureWord:
    """What can be read of a message in which some field has the wrong shape, with a fault for each that cannot."""
    fields = read_object(body, SEE)
    says = fields.get("says", "")
    if says not in get_args(Says):
        faults.append(FieldFault("says", " or ".join(get_args(Says)), described(says)))
    good = good_fields(fields | {"says": "cancelled"}, DepartureWord, faults, what="a departure")
    if says in get_args(Says):
        good["says"] = says
        if not faults:
            faults += [FieldFault(name, "a value", "nothing") for name in _NEEDED if name not in fields]
    return DepartureWord(**(_NEEDED | good))
