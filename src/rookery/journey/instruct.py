"""What partners are told once a plan stands: which parcels to carry, from where, to where, on what departure.

When a plan changes they are told at what other times to carry, what not to carry, and what to carry instead.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from rookery.journey.disrupt import CarriageWithdrawn, Replanned, Retimed
from rookery.journey.option import Part, Sourced
from rookery.journey.price import Load
from rookery.journey.route import Leg
from rookery.journey.waits import OrderServed
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
    """What a company shall do, or not do, for the parcels of one shipment. `grams`, `cm3`: booked, of all of them."""

    to_company: str
    shipment_id: bytes
    parcels: tuple[str, ...]
    tasks: tuple[Task, ...]
    grams: int = 0
    cm3: int = 0


_Change = Retimed | Replanned | CarriageWithdrawn
Kind = Literal["carry", "retime", "withdraw"]


def instructions(facts: Iterable[Any]) -> list[tuple[Kind, Instruction]]:
    """One instruction for each company that by these facts carries a leg, at other times, or shall not after all."""
    out: list[tuple[Kind, Instruction]] = []
    decided: dict[bytes, Iterator[Part]] = {}
    for fact in facts:
        match fact:
            case Sourced() | OrderServed():
                decided[fact.order_id] = iter(fact.parts)
            case WaybillsIssued():
                part = next(decided[fact.order_id])
                out += _each("carry", fact, enumerate(part.plan.legs), len(part.plan.legs), part.load)
            case Replanned():
                legs = ((number, fact.plan.legs[number]) for number in fact.added)
                out += _each("carry", fact, legs, len(fact.plan.legs), fact)
            case Retimed():
                legs = ((number, fact.plan.legs[number]) for number in fact.moved)
                out += _each("retime", fact, legs, len(fact.plan.legs), fact)
            case CarriageWithdrawn():
                out += _each("withdraw", fact, fact.legs, fact.leg_count, fact)
    return out


def _each(
    kind: Kind,
    fact: WaybillsIssued | _Change,
    legs: Iterable[tuple[int, Leg]],
    leg_count: int,
    load: Load | _Change,
) -> list[tuple[Kind, Instruction]]:
    """One instruction for each company that these legs belong to, in the order of the legs."""
    tasks: dict[str, list[Task]] = {}
    for number, leg in legs:
        tasks.setdefault(leg.operator, []).append(_task(number, leg, leg_count))
    return [
        (kind, Instruction(company, fact.shipment_id, fact.numbers, tuple(of_company), load.grams, load.cm3))
        for company, of_company in tasks.items()
    ]


def _task(number: int, leg: Leg, leg_count: int) -> Task:
    return Task(
        service=leg.service_id,
        mode=leg.mode,
        origin=leg.origin,
        destination=leg.destination,
        departs_at=leg.departs_at,
        arrives_at=leg.arrives_at,
        ready_at=leg.ready_at,
        leg=number,
        leg_count=leg_count,
        departure=leg.departure,
    )
