"""What partners are told once a plan stands: which parcels to carry, from where, to where, on what departure."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rookery.journey.source import Part, Sourced
from rookery.journey.waybill import WaybillsIssued


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """One leg of one shipment, as its operator is told it."""

    service: str
    mode: str
    origin: str
    destination: str
    departs_at: int
    arrives_at: int
    ready_at: int
    leg: int
    leg_count: int
    departure: str = ""


class Instruction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a company shall do for the parcels of one shipment. `grams`, `cm3`: booked, of all of them."""

    to_company: str
    shipment_id: bytes
    parcels: tuple[str, ...]
    tasks: tuple[Task, ...]
    grams: int = 0
    cm3: int = 0


def instructions(facts: Iterable[Any]) -> list[Instruction]:
    """One instruction for each company that carries a leg of a shipment made by these facts."""
    out: list[Instruction] = []
    decided: dict[bytes, Iterator[Part]] = {}
    for fact in facts:
        if isinstance(fact, Sourced):
            decided[fact.order_id] = iter(fact.parts)
        elif isinstance(fact, WaybillsIssued):
            out += _of_shipment(next(decided[fact.order_id]), fact)
    return out


def _of_shipment(part: Part, issued: WaybillsIssued) -> list[Instruction]:
    legs = part.plan.legs
    tasks: dict[str, list[Task]] = {}
    for number, leg in enumerate(legs):
        task = Task(
            service=leg.service_id,
            mode=leg.mode,
            origin=leg.origin,
            destination=leg.destination,
            departs_at=leg.departs_at,
            arrives_at=leg.arrives_at,
            ready_at=leg.ready_at,
            leg=number,
            leg_count=len(legs),
            departure=leg.resources[0] if leg.resources else "",
        )
        tasks.setdefault(leg.operator, []).append(task)
    return [
        Instruction(company, issued.shipment_id, issued.numbers, tuple(of_company), part.load.grams, part.load.cm3)
        for company, of_company in tasks.items()
    ]
