"""Where a parcel is: scans as carriers send them, in any order, twice, for a parcel or for the bag it is in.

- The newest scan by the carriers' clocks sets the status, in whatever order scans are heard.
- The furthest milestone stays, whatever comes later; a code that nobody knows changes neither.
- The same scan again changes nothing.
"""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from rookery.journey.departure import NETWORK
from rookery.journey.desk import Desk
from rookery.journey.handlers import handles
from rookery.journey.involved import Involved, involved_name
from rookery.journey.order import Order, Reference, keep
from rookery.journey.shipment import EarlierScans, Parcel, Shipment
from rookery.journey.state import Refusal, State
from rookery.journey.unit import Unit, parcels_in
from rookery.journey.waybill import number_name
from rookery.units import DAY_S, MINUTE_S, id_instant, instant_text

# How far each status takes a parcel on its journey. 0: it says nothing about that.
MILESTONES = {
    "registered": 0, "unknown": 0, "on_hold": 0, "lost": 0, "cancelled": 0,
    "picked_up": 1, "in_transit": 2, "customs": 2,
    "out_for_delivery": 3, "ready_for_pickup": 3, "delivery_failed": 3,
    "returning": 4, "delivered": 5, "returned": 5,
}  # fmt: skip
SCANS_MAX = 1_000  # of one parcel
BEFORE_S_MAX = 366 * DAY_S  # a parcel had no label so long before it was ordered: what was seen then is misread
# What a parcel's row remembers of each scan: an id, and the number of the fact. Of 10^13 full parcels one has two scans
# of the same id by chance.
SCAN_ID_BYTES, NUMBER_BYTES = 8, 6
SCAN_BYTES = SCAN_ID_BYTES + NUMBER_BYTES
SCANS_KEPT = 32  # in the row of a parcel itself: few have more
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


class Misread(msgspec.Struct, frozen=True):
    """Ask: tell the sender what is wrong with an event that cannot be read; the others of its message go on.

    path  of a bad field, such as `events[3].at`; wanted, found, todo: what is wrong there
    """

    path: str
    wanted: str
    found: str
    todo: str


class Scanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel was seen. Fields as in Scan; `unit`: what it was in when that was scanned."""

    parcel_id: bytes
    order_id: bytes
    scan_id: bytes
    scan: Scan
    unit: str = ""


def fetch(state: State, asks: Iterable[Scan]) -> None:
    """Read at once what some scans are about, as far as it is not held."""
    asks = list(asks)
    references = state[Reference].fetch(number_name(ask.number) for ask in asks)
    parcels = state[Parcel].fetch(one.id_ for one in references)
    for by in {ask.by for ask in asks}:
        state[Involved].fetch({involved_name(by, "carries", one.order_id): None for one in parcels})
    state[Shipment].fetch({one.shipment_id: None for one in parcels})
    state[EarlierScans].fetch({one.parcel_id: None for one in parcels if one.earlier})
    state[Order].fetch({one.order_id: None for one in parcels if not one.scans})


def scan(state: State, ask: Scan, desk: Desk) -> list[Scanned] | Refusal:
    """Note a scan for every parcel that it is about, once.

    Refuses  unknown: no parcel or unit that its sender handles has this number; too_many: a parcel was seen SCANS_MAX
             times; absurd: it happens later than the policy's `scans_ahead_s` from now, or BEFORE_S_MAX before the
             order
    Emits    Scanned for each parcel for which it is new; nothing if it is known
    """
    latest = desk.now + desk.world.policy.scans_ahead_s
    if ask.happened_at > latest:
        return _misdated(ask, f"a time up to {instant_text(latest)}")
    own = state[Reference].find(number_name(ask.number))  # no unit has the number of a parcel
    numbers = [ask.number] if own is not None else parcels_in(state, ask.number, ask.happened_at)
    unit = ask.number if own is None and state[Unit].find(ask.number) is not None else ""
    facts = []
    for number in numbers:
        reference = own or state[Reference].find(number_name(number))
        parcel = state[Parcel].get(reference.id_) if reference is not None else None
        if parcel is None or not handles(state, ask.by, parcel.order_id, desk):
            if unit:
                continue  # what else is in the bag is another's
            wanted = "a parcel of this network" if ask.by == NETWORK else f"a parcel that {ask.by} carries or keeps"
            return Refusal("unknown", f"number {number}", wanted, "none", "check the number")
        first = id_instant(parcel.parcel_id) - BEFORE_S_MAX
        if ask.happened_at < first:
            return _misdated(ask, f"a time from {instant_text(first)} on")
        scan_id = _scan_id(parcel.parcel_id, ask)
        if _is_seen(state, parcel, scan_id):
            continue
        if parcel.earlier + len(parcel.scans) // SCAN_BYTES >= SCANS_MAX:
            todo = "look at what its scanner sends"
            return Refusal("too_many", f"number {number}", f"at most {SCANS_MAX} scans of a parcel", "more", todo)
        facts.append(Scanned(parcel.parcel_id, parcel.order_id, scan_id, ask, unit))
    return facts


def _misdated(ask: Scan, wanted: str) -> Refusal:
    found = instant_text(ask.happened_at)
    return Refusal("absurd", f"event of {ask.number}", wanted, found, "look at the clock of the scanner")


def misread(ask: Misread) -> Refusal:
    """Refuses  unreadable: as it is told"""
    return Refusal("unreadable", ask.path, ask.wanted, ask.found, ask.todo)


def _scan_id(parcel_id: bytes, scan: Scan) -> bytes:
    text = f"{scan.raw_code}|{scan.happened_at}|{scan.place}|{scan.by}".encode()
    return blake2b(parcel_id + text, digest_size=SCAN_ID_BYTES).digest()


def _is_seen(state: State, parcel: Parcel, scan_id: bytes) -> bool:
    return _is_in(parcel.scans, scan_id) or (
        parcel.earlier > 0 and _is_in(state[EarlierScans].get(parcel.parcel_id).scans, scan_id)
    )


def _is_in(scans: bytes, scan_id: bytes) -> bool:
    at = scans.find(scan_id)
    while at > 0 and at % SCAN_BYTES:
        at = scans.find(scan_id, at + 1)
    return at >= 0


def scan_numbers(parcel: Parcel, earlier: EarlierScans | None) -> list[int]:
    """The numbers of the facts of a parcel's scans, in the order in which they were heard.

    earlier  the row of this parcel, as it was when the parcel's was read, or later
    """
    before = b"" if earlier is None else earlier.scans[: parcel.earlier * SCAN_BYTES]
    scans = before + parcel.scans
    ends = range(SCAN_BYTES, len(scans) + 1, SCAN_BYTES)
    return [int.from_bytes(scans[end - NUMBER_BYTES : end], "big") for end in ends]


def scanned(state: State, fact: Scanned) -> None:
    """Fold Scanned."""
    scan, row = fact.scan, state[Parcel].get(fact.parcel_id)
    reached = MILESTONES[scan.status]
    if not row.scans and not (order := state[Order].get(fact.order_id)).moving:
        keep(state, msgspec.structs.replace(order, moving=True))
    newer = (scan.happened_at, scan.place) >= (row.last_at, row.last_place)
    told = (row.told_at, MILESTONES[row.status], row.status, row.reason_code)
    knows = scan.status != "unknown"
    tells = (scan.happened_at, reached, scan.status, scan.reason_code) >= told if knows else not row.told_at
    if len(row.scans) >= SCANS_KEPT * SCAN_BYTES:
        row = _put_away(state, row)
    latest = state[Shipment].get(row.shipment_id).latest
    behind = max(0, scan.happened_at - latest) // MINUTE_S
    state[Parcel].put(
        msgspec.structs.replace(
            row,
            scans=row.scans + fact.scan_id + state.fact_count.to_bytes(NUMBER_BYTES, "big"),
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


def _put_away(state: State, row: Parcel) -> Parcel:
    """A parcel's row without its scans, which are with its earlier ones."""
    table = state[EarlierScans]
    if row.earlier:
        table.put(EarlierScans(row.parcel_id, table.get(row.parcel_id).scans + row.scans))
    else:
        table.new(EarlierScans(row.parcel_id, row.scans))
    return msgspec.structs.replace(row, scans=b"", earlier=row.earlier + len(row.scans) // SCAN_BYTES)
