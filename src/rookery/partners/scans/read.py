"""What carriers saw, as they send it: events with the carrier's own codes, local times with offset.

{"events": [{"number": "...", "code": "EMC", "at": "2026-11-23T04:10+08:00", "place": "HKG", ...}]}
Codes are those of UPU's EMS events; the map from code to status is `emsevt.csv` beside this file. A code that is
not in it is `unknown`, never the nearest one.
"""

import csv
from importlib.resources import files
from typing import Literal

import msgspec

from rookery.journey.track import Scan
from rookery.journey.unit import Pack, Unpack
from rookery.partners.port import BadMessage, FieldFault
from rookery.units import read_instant

EVENTS_MAX = 10_000


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One event as it is sent. `reason`: the carrier's reason code; `weight_g`, `volume_cm3`: as measured."""

    number: str
    code: str
    at: str
    place: str
    reason: str = ""
    note: str = ""
    signed_by: str = ""
    weight_g: int = 0
    volume_cm3: int = 0


class Events(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message of events."""

    events: tuple[Event, ...]


def _read_codes() -> dict[str, tuple[str, str, str]]:
    text = files("rookery.partners.scans").joinpath("emsevt.csv").read_text(encoding="utf-8")
    return {
        row["raw_code"]: (row["status"], row["reason_code"], row["description"])
        for row in csv.DictReader(text.splitlines())
    }


CODES = _read_codes()
_DECODER = msgspec.json.Decoder(Events)


def read_scans(body: bytes, sender: str) -> list[Scan]:
    """Scans from a carrier's message.

    Raises  BadMessage: with every bad event
    """
    try:
        events = _DECODER.decode(body).events
    except msgspec.MsgspecError as fault:
        raise BadMessage([FieldFault("message", "events as in docs/orders.md", str(fault))]) from None
    if len(events) > EVENTS_MAX:
        raise BadMessage([FieldFault("events", f"at most {EVENTS_MAX}", str(len(events)), "send several messages")])
    faults: list[FieldFault] = []
    scans = [_scan(event, sender, f"events[{n}]", faults) for n, event in enumerate(events)]
    if faults:
        raise BadMessage(faults)
    return scans


def _scan(event: Event, sender: str, path: str, faults: list[FieldFault]) -> Scan:
    status, reason, description = CODES.get(event.code, ("unknown", "", ""))
    at = offset = 0
    try:
        at = read_instant(event.at)
        offset = _offset_min(event.at)
    except ValueError as fault:
        faults.append(FieldFault(f"{path}.at", "a time with its offset", str(fault)))
    for name in ("number", "code", "place"):
        if not getattr(event, name):
            faults.append(FieldFault(f"{path}.{name}", "a value", "nothing"))
    return Scan(
        number=event.number,
        status=status,
        raw_code=event.code,
        happened_at=at,
        place=event.place,
        by=sender,
        offset_min=offset,
        raw_description=event.note or description,
        reason_code=event.reason or reason,
        proof=event.signed_by,
        grams=event.weight_g,
        cm3=event.volume_cm3,
    )


def _offset_min(text: str) -> int:
    if text.endswith("Z"):
        return 0
    sign, hours, minutes = text[-6], text[-5:-3], text[-2:]
    return (-1 if sign == "-" else 1) * (int(hours) * 60 + int(minutes))


class Packing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A message that things went into a unit, or that a unit was emptied (`contents` blank)."""

    unit: str
    at: str
    kind: Literal["bag", "pallet", "uld", "container"] = "bag"
    contents: tuple[str, ...] = ()


_PACKING = msgspec.json.Decoder(Packing)


def read_packing(body: bytes) -> Pack | Unpack:
    """Packing or emptying of a unit, from a partner's message.

    Raises  BadMessage: not such a message, or a time without offset
    """
    try:
        packing = _PACKING.decode(body)
        at = read_instant(packing.at)
    except ValueError as fault:  # msgspec's own errors are ValueErrors too
        raise BadMessage([FieldFault("message", "unit, at, kind, contents", str(fault))]) from None
    if packing.contents:
        return Pack(packing.unit, packing.kind, packing.contents, at)
    return Unpack(packing.unit, at)
