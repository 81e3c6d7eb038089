"""Where a parcel is: scans as carriers send them, in any order, twice, for a parcel or for the bag it is in.

- The newest scan by the carriers' clocks sets the status, in whatever order scans are heard.
- The furthest milestone stays, whatever comes later; a code that nobody knows changes neither.
- The same scan again changes nothing.
"""

import hashlib

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.order import Order, Reference
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Refusal, State, ViewRow
from rookery.journey.unit import Unit, parcels_in
from rookery.journey.waybill import number_name
from rookery.units import MINUTE_S

# How far each status takes a parcel on its journey. 0: it says nothing about that.
MILESTONES = {
    "registered": 0, "unknown": 0, "on_hold": 0, "lost": 0, "cancelled": 0,
    "picked_up": 1, "in_transit": 2, "customs": 2,
    "out_for_delivery": 3, "ready_for_pickup": 3, "delivery_failed": 3,
    "returning": 4, "delivered": 5, "returned": 5,
}  # fmt: skip
TERMINAL = frozenset({"delivered", "returned", "lost", "cancelled"})


class Scan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ask: note what a carrier saw. `number`: a waybill number, or that of a bag, pallet or ULD.

    status      ours; raw_code and raw_description are the carrier's own words
    happened_at their clock; offset_min its offset from UTC
    """

    number: str
    status: str
    raw_code: str
    happened_at: int
    place: str
    by: str
    offset_min: int = 0
    raw_description: str = ""
    reason_code: str = ""
    proof: str = ""
    grams: int = 0
    cm3: int = 0


class Scanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel was seen. Fields as in Scan; `unit`: what it was in when that was scanned."""

    parcel_id: bytes
    order_id: bytes
    scan_id: bytes
    scan: Scan
    unit: str = ""


class SeenScan(ViewRow, frozen=True):
    """A scan that is known, so that it counts once."""

    scan_id: bytes
    parcel_id: bytes


def scan(state: State, ask: Scan, desk: Desk) -> list[Scanned] | Refusal:
    """Note a scan for every parcel that it is about, once.

    Refuses  unknown: no parcel or unit has this number
    Emits    Scanned for each parcel for which it is new; nothing if it is known
    """
    numbers = parcels_in(state, ask.number, ask.happened_at)
    is_unit = state[Unit].find(ask.number) is not None
    facts = []
    for number in numbers:
        reference = state[Reference].find(number_name(number))
        if reference is None:
            return Refusal("unknown", f"number {number}", "a parcel of this network", "none", "check the number")
        scan_id = _scan_id(reference.id_, ask)
        if state[SeenScan].find(scan_id) is None:
            order_id = state[Parcel].get(reference.id_).order_id
            facts.append(Scanned(reference.id_, order_id, scan_id, ask, ask.number if is_unit else ""))
    return facts


def _scan_id(parcel_id: bytes, scan: Scan) -> bytes:
    text = f"{scan.raw_code}|{scan.happened_at}|{scan.place}|{scan.by}".encode()
    return hashlib.sha256(parcel_id + text).digest()[:16]


def scanned(state: State, fact: Scanned) -> None:
    """Fold Scanned."""
    scan, row = fact.scan, state[Parcel].get(fact.parcel_id)
    state[SeenScan].new(SeenScan(fact.scan_id, fact.parcel_id))
    reached = MILESTONES[scan.status]
    order = state[Order].get(fact.order_id)
    if not order.moving:
        state[Order].put(msgspec.structs.replace(order, moving=True))
    newer = (scan.happened_at, scan.place) >= (row.last_at, row.last_place)
    told = (row.told_at, MILESTONES[row.status], row.status, row.reason_code)
    knows = scan.status != "unknown"
    tells = (scan.happened_at, reached, scan.status, scan.reason_code) >= told if knows else not row.told_at
    latest = state[Shipment].get(row.shipment_id).latest
    behind = max(0, scan.happened_at - latest) // MINUTE_S
    state[Parcel].put(
        msgspec.structs.replace(
            row,
            status=scan.status if tells else row.status,
            reason_code=scan.reason_code if tells else row.reason_code,
            told_at=scan.happened_at if tells and knows else row.told_at,
            tracking_state="stopped" if (scan.status if tells else row.status) in TERMINAL else "active",
            milestone=max(reached, row.milestone),
            last_at=max(scan.happened_at, row.last_at),
            last_place=scan.place if newer else row.last_place,
            delay_min=max(behind, row.delay_min),
            grams_measured=max(scan.grams, row.grams_measured),
            cm3_measured=max(scan.cm3, row.cm3_measured),
        )
    )
