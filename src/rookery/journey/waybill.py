"""Waybill numbers: UPU S10 for parcels that cross a border, GS1 SSCC for the others, both with check digits.

A number comes from a pool that only counts upwards, so none is given twice. A seller without a pool of either
kind, or with an empty one, uses the parcel's own id.
"""

import msgspec

from rookery.journey.desk import Desk
from rookery.journey.network.place import Company
from rookery.journey.order import Reference
from rookery.journey.shipment import Parcel, ShipmentMade
from rookery.journey.state import State, ViewRow
from rookery.units import id_text

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)  # UPU S10-12, 3.1.3
S10_SERIALS = 100_000_000
SSCC_DIGITS = 17  # before the check digit; GS1 General Specifications, 2.2.1


class IssueWaybills(msgspec.Struct, frozen=True):
    """Ask: number the parcels of a shipment."""

    shipment: ShipmentMade
    seller: str
    crosses_border: bool


class WaybillsIssued(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parcels of a shipment have their numbers, in order. `next_serial`: where the pool goes on."""

    order_id: bytes
    shipment_id: bytes
    parcels: tuple[bytes, ...]
    numbers: tuple[str, ...]
    pool: str = ""
    next_serial: int = 0


class Pool(ViewRow, frozen=True):
    """A range of waybill numbers and the serial that comes next."""

    pool: str
    next_serial: int


def s10_check_digit(serial: str) -> int:
    """Check digit of eight digits. Source: UPU S10-12: 11 - (weighted sum mod 11), 10 gives 0 and 11 gives 5."""
    left = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(left, left)


def s10_number(prefix: str, serial: int, country: str) -> str:
    """A 13-character S10 identifier such as RA473124829FI."""
    digits = f"{serial:08d}"
    return f"{prefix}{digits}{s10_check_digit(digits)}{country}"


def gs1_check_digit(digits: str) -> int:
    """Check digit of a GS1 key. Source: GS1 General Specifications, 7.9: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def sscc_number(gs1_prefix: str, serial: int) -> str:
    """An 18-digit SSCC. The serial fills what the company prefix leaves, from the extension digit down."""
    width = SSCC_DIGITS - len(gs1_prefix)
    digits = f"{serial:0{width}d}"
    body = digits[0] + gs1_prefix + digits[1:]
    return f"{body}{gs1_check_digit(body)}"


def number_name(number: str) -> str:
    """The name under which a waybill number is kept."""
    return f"waybill:{number}"


def issue(state: State, ask: IssueWaybills, desk: Desk) -> list[WaybillsIssued]:
    """Number the parcels of a shipment. Emits WaybillsIssued."""
    made, company = ask.shipment, desk.world.timetable.companies[ask.seller]
    count = len(made.parcels)
    for pool, size in _pools(company, crosses_border=ask.crosses_border):
        row = state[Pool].find(pool)
        serial = row.next_serial if row else 0
        if serial + count <= size:
            numbers = tuple(_number(company, pool, serial + n) for n in range(count))
            return [WaybillsIssued(made.order_id, made.shipment_id, made.parcels, numbers, pool, serial + count)]
    own = tuple(id_text("pcl", parcel_id) for parcel_id in made.parcels)
    return [WaybillsIssued(made.order_id, made.shipment_id, made.parcels, own)]


def _pools(company: Company, *, crosses_border: bool) -> list[tuple[str, int]]:
    """Pools a company may number from, best first, with their sizes."""
    pools = []
    if company.s10_prefix and crosses_border:
        pools.append((f"s10:{company.s10_prefix}{company.country}", S10_SERIALS))
    if company.gs1_prefix:
        pools.append((f"sscc:{company.gs1_prefix}", 10 ** (SSCC_DIGITS - len(company.gs1_prefix))))
    return pools


def _number(company: Company, pool: str, serial: int) -> str:
    if pool.startswith("s10:"):
        return s10_number(company.s10_prefix, serial, company.country)
    return sscc_number(company.gs1_prefix, serial)


def issued(state: State, fact: WaybillsIssued) -> None:
    """Fold WaybillsIssued."""
    for parcel_id, number in zip(fact.parcels, fact.numbers, strict=True):
        state[Parcel].put(msgspec.structs.replace(state[Parcel].get(parcel_id), waybill=number))
        state[Reference].new(Reference(number_name(number), parcel_id))
    if fact.pool:
        state[Pool].put(Pool(fact.pool, fact.next_serial))
