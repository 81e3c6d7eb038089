"""The last step: delivery with its proof, attempts that failed, and the way back after too many."""

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.order import Order
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import State
from rookery.journey.track import MILESTONES, Scanned

CLOSING = ("delivered", "delivery_failed")  # statuses of scans that mean something for it


class CloseScan(msgspec.Struct, frozen=True):
    """Ask: what a scan means for the delivery of its parcel."""

    scanned: Scanned


class Delivered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel is with its consignee. `late_min`: minutes after the promise; 0 on time."""

    order_id: bytes
    parcel_id: bytes
    shipment_id: bytes
    at: int
    late_min: int
    proof: str = ""


class AttemptFailed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel could not be handed over, for the how-manieth time, and why."""

    order_id: bytes
    parcel_id: bytes
    attempt: int
    reason_code: str = ""


class ReturnStarted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel goes back after its last attempt: to which facility, and what happens with it there."""

    order_id: bytes
    parcel_id: bytes
    facility_id: str = ""
    disposal: str = "return_to_sender"


def close(state: State, ask: CloseScan, desk: Desk) -> list[Delivered | AttemptFailed | ReturnStarted]:
    """Delivery, a failed attempt, or a failed last attempt and the way back; nothing for other scans.

    Of several delivery scans the earliest counts, so an earlier one that is heard later is told again.
    """
    scan, parcel = ask.scanned.scan, state[Parcel].get(ask.scanned.parcel_id)
    if scan.status == "delivered" and (not parcel.delivered_at or scan.happened_at < parcel.delivered_at):
        latest = state[Shipment].get(parcel.shipment_id).latest
        late = max(0, scan.happened_at - latest) // 60
        return [Delivered(parcel.order_id, parcel.parcel_id, parcel.shipment_id, scan.happened_at, late, scan.proof)]
    if scan.status != "delivery_failed" or parcel.delivered_at:
        return []
    attempt = parcel.attempts + 1
    facts: list[Delivered | AttemptFailed | ReturnStarted] = [
        AttemptFailed(parcel.order_id, parcel.parcel_id, attempt, scan.reason_code)
    ]
    if attempt == desk.world.policy.attempts_max and parcel.milestone < MILESTONES["returning"]:
        facts.append(_return(state, parcel, ask.scanned, desk))
    return facts


def _return(state: State, parcel: Parcel, scanned: Scanned, desk: Desk) -> ReturnStarted:
    """The way back by the lane's row; without one, to the sender."""
    table = desk.world.timetable
    place = table.facilities.get(scanned.scan.place)
    owner = table.companies.get(state[Order].get(parcel.order_id).owner)
    if place is None or owner is None:
        return ReturnStarted(parcel.order_id, parcel.parcel_id)
    row = table.find_return(owner.country, place.country)
    return (
        ReturnStarted(parcel.order_id, parcel.parcel_id, row.facility_id, row.disposal)
        if row
        else ReturnStarted(parcel.order_id, parcel.parcel_id)
    )


def delivered(state: State, fact: Delivered) -> None:
    """Fold Delivered."""
    row = state[Parcel].get(fact.parcel_id)
    state[Parcel].put(msgspec.structs.replace(row, delivered_at=fact.at, delay_min=fact.late_min))
    if not row.delivered_at:
        shipment = state[Shipment].get(fact.shipment_id)
        state[Shipment].put(msgspec.structs.replace(shipment, delivered=shipment.delivered + 1))


def attempt_failed(state: State, fact: AttemptFailed) -> None:
    """Fold AttemptFailed."""
    row = state[Parcel].get(fact.parcel_id)
    state[Parcel].put(msgspec.structs.replace(row, attempts=fact.attempt))


def return_started(state: State, fact: ReturnStarted) -> None:
    """Fold ReturnStarted."""
    row = state[Parcel].get(fact.parcel_id)
    state[Parcel].put(msgspec.structs.replace(row, status="returning", milestone=MILESTONES["returning"]))
