"""What carriers saw, as they send it: events with the carrier's own codes, local times with offset.

{"events": [{"number": "...", "code": "EMC", "at": "2026-11-23T04:10+08:00", "place": "HKG", ...}]}
Codes are those of UPU's EMS events; the map from code to status is `emsevt.csv` beside this file. A code that is
not in it is `unknown`, never the nearest one.
"""

import csv
from importlib.resources import files
from typing import Any, Literal

import msgspec

from rookery.journey.track import Misread, Scan
from rookery.journey.unit import Pack, Unpack
from rookery.partners.port import (
    AMOUNT_MAX,
    FAULTS_MAX,
    INSTANT_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    Note,
    Short,
    described,
    good_fields,
    not_json,
    range_fault,
    read_object,
    shape_faults,
)
from rookery.units import read_clock

SEE = "see docs/orders.md"
EVENTS_MAX = 10_000
CONTENTS_MAX = 10_000


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One event as it is sent. `reason`: the carrier's reason code; `weight_g`, `volume_cm3`: as measured."""

    number: Short
    code: Short
    at: Short
    place: Short
    reason: Short = ""
    note: Note = ""
    signed_by: Short = ""
    weight_g: int = 0
    volume_cm3: int = 0


class Events(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message of events."""

    events: tuple[Event, ...]


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message of what may be events."""

    events: tuple[Any, ...]


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Likewise, each as it stands."""

    events: tuple[msgspec.Raw, ...]


def _read_codes() -> dict[str, tuple[str, str, str]]:
    text = files("rookery.partners.scans").joinpath("emsevt.csv").read_text(encoding="utf-8")
    return {
        row["raw_code"]: (row["status"], row["reason_code"], row["description"])
        for row in csv.DictReader(text.splitlines())
    }


CODES = _read_codes()
_UNKNOWN = ("unknown", "", "")
_NEEDED = ("number", "code", "at", "place")
_DECODER = msgspec.json.Decoder(Events)
_EVENT = msgspec.json.Decoder(Event)
_ROWS = msgspec.json.Decoder(_Rows)


def read_scans(body: bytes, sender: str) -> list[Scan | Misread]:
    """Scans from a carrier's message. An event that cannot be read is told with its faults, and the others go on.

    Raises  BadMessage: it is no message of events, or none of them can be read: with their bad fields
    """
    try:
        events = _DECODER.decode(body).events
    except UNREADABLE:
        return _one_by_one(body, sender)
    _check_count(len(events))
    faults: list[FieldFault] = []
    scans: list[Scan | Misread] = [_scan(event, sender, n, faults) for n, event in enumerate(events)]
    return _one_by_one(body, sender) if faults else scans


def _check_count(count: int) -> None:
    if count > EVENTS_MAX:
        raise BadMessage([FieldFault("events", f"at most {EVENTS_MAX}", str(count), "send several messages")])


def _one_by_one(body: bytes, sender: str) -> list[Scan | Misread]:
    """What can be read of a message in which something is wrong, and what is wrong with the rest."""
    try:
        rows = _ROWS.decode(body).events
    except UNREADABLE:
        raise BadMessage(shape_faults(read_object(body, SEE), _Listed, todo=SEE)) from None
    _check_count(len(rows))
    asks: list[Scan | Misread] = []
    faults: list[FieldFault] = []
    for n, row in enumerate(rows):
        wrong: list[FieldFault] = []
        event = _event(row, n, wrong, briefly=len(faults) >= FAULTS_MAX)
        scan = _scan(event, sender, n, wrong) if event is not None else None
        if scan is not None and not wrong:
            asks.append(scan)
            continue
        told = BadMessage(_first_of_each(wrong)[: max(1, FAULTS_MAX - len(faults))]).faults
        faults += told
        asks += [Misread(one.path, one.wanted, one.found, one.todo) for one in told]
    if all(isinstance(ask, Misread) for ask in asks):
        raise BadMessage(faults)
    return asks


def _first_of_each(faults: list[FieldFault]) -> list[FieldFault]:
    """Faults without those of a field that has one already, by itself or as a part: its shape goes before its sense."""
    told: dict[str, FieldFault] = {}
    for fault in faults:
        if fault.path.partition(".")[0] not in told:
            told.setdefault(fault.path, fault)
    return list(told.values())


def _event(row: msgspec.Raw, n: int, faults: list[FieldFault], *, briefly: bool) -> Event | None:
    """An event; what can be read of it where some field has the wrong shape; None: it is no event.

    briefly  many faults are told already: only that it cannot be read
    """
    try:
        return _EVENT.decode(row)
    except UNREADABLE:
        pass
    found = "one that cannot be read" if briefly else ""
    try:
        fields = {} if briefly else msgspec.json.decode(row)
    except UNREADABLE as fault:
        fields, found = {}, not_json(bytes(row), fault)
    if found or not isinstance(fields, dict):
        faults.append(FieldFault(f"events[{n}]", "an event", found or described(fields)))
        return None
    good = good_fields(fields, Event, faults, what="an event", path=f"events[{n}].")
    return Event(**(dict.fromkeys(_NEEDED, "") | good))


def _scan(event: Event, sender: str, n: int, faults: list[FieldFault]) -> Scan:
    status, reason, description = CODES.get(event.code, _UNKNOWN)
    if not (event.number and event.code and event.at and event.place):
        faults += [
            FieldFault(f"events[{n}].{name}", "a value", "nothing") for name in _NEEDED if not getattr(event, name)
        ]
    if event.weight_g or event.volume_cm3:
        for name in ("weight_g", "volume_cm3"):
            faults += range_fault(f"events[{n}].{name}", getattr(event, name), 0, AMOUNT_MAX)
    at, offset_min = _time(event.at, f"events[{n}].at", faults) if event.at else (0, 0)
    return Scan(
        number=event.number,
        status=status,
        raw_code=event.code,
        happened_at=at,
        place=event.place,
        by=sender,
        offset_min=offset_min,
        raw_description=event.note or description,
        reason_code=event.reason or reason,
        proof=event.signed_by,
        grams=event.weight_g,
        cm3=event.volume_cm3,
    )


def _time(text: str, path: str, faults: list[FieldFault]) -> tuple[int, int]:
    """An instant and its offset in minutes."""
    try:
        at, offset_min = read_clock(text)
    except ValueError:
        faults.append(FieldFault(path, "a time with its offset such as 2026-11-22T17:30+01:00", repr(text)))
        return 0, 0
    if not 0 <= at < INSTANT_MAX:
        faults.append(FieldFault(path, "a time from 1970 to 2199", repr(text)))
    return at, offset_min


class Packing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A message that things went into a unit, or that a unit was emptied (`contents` blank)."""

    unit: Short
    at: Short
    kind: Literal["bag", "pallet", "uld", "container"] = "bag"
    contents: tuple[Short, ...] = ()


_PACKING = msgspec.json.Decoder(Packing)


def read_packing(body: bytes, by: str) -> Pack | Unpack:
    """Packing or emptying of a unit, from a partner's message. `by`: the partner.

    Raises  BadMessage: not such a message, or with every bad field
    """
    try:
        packing = _PACKING.decode(body)
    except UNREADABLE:
        wrong = shape_faults(read_object(body, SEE), Packing, todo=SEE)
        raise BadMessage(wrong or [FieldFault("message", "unit, at, kind, contents", "something else", SEE)]) from None
    faults: list[FieldFault] = []
    if len(packing.contents) > CONTENTS_MAX:
        found = str(len(packing.contents))
        raise BadMessage([FieldFault("contents", f"at most {CONTENTS_MAX}", found, "send several messages")])
    at, _ = _time(packing.at, "at", faults)
    if not packing.unit:
        faults.append(FieldFault("unit", "a number", "nothing"))
    faults += [FieldFault(f"contents[{n}]", "a number", "nothing") for n, one in enumerate(packing.contents) if not one]
    if faults:
        raise BadMessage(faults)
    if packing.contents:
        return Pack(packing.unit, packing.kind, packing.contents, at, by)
    return Unpack(packing.unit, at, by)
