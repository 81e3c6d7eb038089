"""Handling units that nest: parcel in bag, bag on pallet, pallet in ULD; what was in what, and when.

a unit is in at most one other at a time; nothing is ever inside itself
"""

from typing import Literal

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.handlers import handles
from rookery.journey.order import Reference
from rookery.journey.shipment import Parcel
from rookery.journey.state import Refusal, State, ViewRow
from rookery.journey.waybill import number_name

UnitKind = Literal["bag", "pallet", "uld", "container"]
DEPTH_MAX = 8  # parcel, bag, pallet, ULD and some


class Pack(msgspec.Struct, frozen=True):
    """Ask: put things, named by their numbers, into a unit; the unit is made if it is new."""

    unit: str
    kind: UnitKind
    contents: tuple[str, ...]
    happened_at: int
    by: str


class Unpack(msgspec.Struct, frozen=True):
    """Ask: empty a unit."""

    unit: str
    happened_at: int
    by: str


class Packed(msgspec.Struct, frozen=True):
    """Things are in a unit from `happened_at` on."""

    unit: str
    kind: UnitKind
    contents: tuple[str, ...]
    happened_at: int


class Unpacked(msgspec.Struct, frozen=True):
    """Things are out of a unit from `happened_at` on."""

    unit: str
    contents: tuple[str, ...]
    happened_at: int


Stay = tuple[str, int, int]  # a unit or a thing, from, to (not included); to 0: still inside


class Unit(ViewRow, frozen=True):
    """A handling unit and what has been in it, by number, in the order of packing."""

    unit: str
    kind: str
    stays: tuple[Stay, ...]


class Inside(ViewRow, frozen=True):
    """What a thing has been in, oldest first."""

    thing: str
    stays: tuple[Stay, ...]


def pack(state: State, ask: Pack, desk: Desk) -> list[Packed] | Refusal:
    """Put things into a unit, each once.

    Refuses  unknown: no such parcel or unit that the sender handles; closed: it is in another unit now, or the unit's
             number is a parcel's or another's; cycle: the unit is in the thing; too_deep: units in units in units,
             beyond DEPTH_MAX
    """
    if state[Reference].find(number_name(ask.unit)) is not None:
        return Refusal("closed", f"unit {ask.unit}", "a number of its own", "that of a parcel", "use another number")
    if state[Unit].find(ask.unit) is not None and not _is_handled(state, ask.unit, ask.by, desk):
        return Refusal("closed", f"unit {ask.unit}", "a number of its own", "that of another's", "use another number")
    contents, above = tuple(dict.fromkeys(ask.contents)), holders(state, ask.unit)
    for thing in contents:
        if not _is_handled(state, thing, ask.by, desk):
            return Refusal("unknown", f"unit {ask.unit}", "a parcel or unit that exists", thing, "scan it in first")
        now_in = holder(state, thing)
        if now_in:
            return Refusal("closed", thing, f"to go into {ask.unit}", f"it is in {now_in}", f"unpack {now_in} first")
        if thing == ask.unit or thing in above:
            return Refusal(
                "cycle", f"unit {ask.unit}", f"to hold {thing}", "it is inside that itself", "check the numbers"
            )
        depth = len(above) + 1 + _height(state, thing)
        if depth > DEPTH_MAX:
            return Refusal("too_deep", f"unit {ask.unit}", f"at most {DEPTH_MAX} units in one another", str(depth))
    return [Packed(ask.unit, ask.kind, contents, ask.happened_at)]


def _is_handled(state: State, thing: str, by: str, desk: Desk) -> bool:
    """True for a parcel that a company handles; for a unit with one in it, or with nothing in it."""
    numbers = _inside(state, thing)
    found = [state[Reference].find(number_name(number)) for number in numbers]
    parcels = [state[Parcel].get(one.id_) for one in found if one is not None]
    return not numbers or any(handles(state, by, parcel.order_id, desk) for parcel in parcels)


def _inside(state: State, thing: str) -> list[str]:
    """Numbers of all parcels that were put into a unit and not taken out; no unit: the thing."""
    row = state[Unit].find(thing)
    if row is None:
        return [thing]
    return [number for inner, _, to in row.stays if not to for number in _inside(state, inner)]


def _height(state: State, thing: str) -> int:
    """How many units are in one another in a thing, itself included; 0 for a parcel."""
    row = state[Unit].find(thing)
    if row is None:
        return 0
    return 1 + max((_height(state, inner) for inner, _, to in row.stays if not to), default=0)


def unpack(state: State, ask: Unpack, desk: Desk) -> list[Unpacked] | Refusal:
    """Empty a unit. Refuses  unknown: no such unit, or nothing in it."""
    row = state[Unit].find(ask.unit)
    contents = tuple(thing for thing, _, to in row.stays if not to) if row else ()
    if not contents or not _is_handled(state, ask.unit, ask.by, desk):
        return Refusal("unknown", f"unit {ask.unit}", "a unit with contents", "none", "check the number")
    return [Unpacked(ask.unit, contents, ask.happened_at)]


def holder(state: State, thing: str) -> str:
    """The unit that a thing is in now; blank for none."""
    row = state[Inside].find(thing)
    return row.stays[-1][0] if row and row.stays and not row.stays[-1][2] else ""


def holders(state: State, thing: str) -> list[str]:
    """The units that a thing is in now, innermost first."""
    out: list[str] = []
    at = holder(state, thing)
    while at and len(out) < DEPTH_MAX:
        out.append(at)
        at = holder(state, at)
    return out


def parcels_in(state: State, thing: str, at: int) -> list[str]:
    """Numbers of all parcels in a unit at an instant, however deep, in the order of packing; no unit: the thing."""
    row = state[Unit].find(thing)
    if row is None:
        return [thing]
    inside = [inner for inner, since, to in row.stays if since <= at and (not to or at < to)]
    return [parcel for inner in inside for parcel in parcels_in(state, inner, at)]


def packed(state: State, fact: Packed) -> None:
    """Fold Packed."""
    row = state[Unit].find(fact.unit)
    stays = tuple((thing, fact.happened_at, 0) for thing in fact.contents)
    state[Unit].put(Unit(fact.unit, fact.kind, (*row.stays, *stays) if row else stays))
    for thing in fact.contents:
        was = state[Inside].find(thing)
        state[Inside].put(Inside(thing, (*(was.stays if was else ()), (fact.unit, fact.happened_at, 0))))


def unpacked(state: State, fact: Unpacked) -> None:
    """Fold Unpacked."""
    row = state[Unit].get(fact.unit)
    ended = tuple((thing, since, to or fact.happened_at) for thing, since, to in row.stays)
    state[Unit].put(Unit(fact.unit, row.kind, ended))
    for thing in fact.contents:
        stays = state[Inside].get(thing).stays
        unit, since, _ = stays[-1]
        state[Inside].put(Inside(thing, (*stays[:-1], (unit, since, fact.happened_at))))
