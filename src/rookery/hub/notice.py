"""What companies may be told: the types of notices, what each means, who is told, and what it carries."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from rookery.hub.refusals import RefusalTold
from rookery.hub.spaces import SpaceTold
from rookery.journey.account import Amounts
from rookery.journey.departure import Late
from rookery.journey.instruct import Instruction, Task
from rookery.units import id_text, read_id, read_instant, stamp_text


class ParcelTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parcel's status. `was`: the one before; `place`, `happened_at`: of the scan that says so, if one does."""

    parcel: str
    number: str
    order: str
    reference: str
    shipment: str
    status: str
    was: str
    reason_code: str = ""
    happened_at: str = ""
    place: str = ""
    delay_min: int = 0


class OrderTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an order. `reasons`: of a refusal, the binding one first."""

    order: str
    reference: str
    status: str
    shipments: tuple[str, ...] = ()
    reasons: tuple[RefusalTold, ...] = ()


class ShipmentTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shipment's promise and what is expected now.

    confidence_ppm  probability of delivery by `latest`, in parts per million
    late_s          how long after what was promised it is expected
    """

    shipment: str
    order: str
    reference: str
    numbers: tuple[str, ...]
    earliest: str
    latest: str
    expected_at: str
    price_minor: int = 0
    currency: str = ""
    confidence_ppm: int | None = None
    departure: str = ""
    late_s: int = 0


class ExceptionTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A case: a shipment without a way on, or space that was lost. `owner`: the company that has to look."""

    subject: str
    owner: str
    departure: str
    order: str = ""
    reference: str = ""
    at: str = ""
    reasons: tuple[RefusalTold, ...] = ()


class SpaceStands(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a use of a resource stands. Fields as in SpaceTold; `until`: a time, or blank."""

    resource: str
    amounts: Amounts
    stands: Literal["firm", "borrowed", "waits"]
    until: str = ""


class SpaceNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of space that was asked for. `lost`: resources that were recalled; `standby`: used instead."""

    space: str
    spaces: tuple[SpaceStands, ...] = ()
    expires_at: str = ""
    reasons: tuple[RefusalTold, ...] = ()
    lost: tuple[str, ...] = ()
    standby: bool = False
    why: str = ""


class DepartureTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a departure. `orders`: how many of the company's orders ride it, or did before."""

    departure: str
    by: str
    orders: int
    late: tuple[Late, ...] = ()
    why: str = ""


class CapacityTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """There is another amount of a limited thing. `moved`, `lent`: plans of the company that lost it, or borrow it."""

    resource: str
    by: str
    moved: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    why: str = ""


class LegTask(msgspec.Struct, frozen=True, omit_defaults=True):
    """A leg to carry, or not to. Fields as in Task, with times as text."""

    service: str
    mode: str
    origin: str
    destination: str
    departs_at: str
    arrives_at: str
    ready_at: str
    leg: int
    leg_count: int
    departure: str = ""


class LegTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a company shall do, or not do, for the parcels of a shipment. `grams`, `cm3`: booked, of all of them."""

    shipment: str
    parcels: tuple[str, ...]
    tasks: tuple[LegTask, ...]
    grams: int = 0
    cm3: int = 0


class EndpointTold(msgspec.Struct, frozen=True):
    """A test of an endpoint."""

    endpoint: str
    text: str = "a test notice of this endpoint: nothing has happened"


@dataclass(frozen=True, slots=True)
class NoticeType:
    """A type of notices: what it means, who is told, what it carries."""

    means: str
    told: str
    data: type[msgspec.Struct]


_RIDERS = "owners of orders that ride it, or did before"
TYPES: dict[str, NoticeType] = {
    "order.accepted": NoticeType("it is planned, booked and promised", "its owner", OrderTold),
    "order.refused": NoticeType("it will not be carried out, and why", "its owner", OrderTold),
    "order.cancelled": NoticeType("it was withdrawn", "its owner", OrderTold),
    "shipment.promised": NoticeType("its window, confidence and price", "the order's owner", ShipmentTold),
    "shipment.retimed": NoticeType("its plan holds, at other times", "the order's owner", ShipmentTold),
    "shipment.replanned": NoticeType("it goes another way", "the order's owner", ShipmentTold),
    "parcel.status_changed": NoticeType("its status is another one", "the order's owner", ParcelTold),
    "exception.opened": NoticeType(
        "a shipment has no way on, or space was lost", "who has to look; the order's owner", ExceptionTold
    ),
    "exception.closed": NoticeType("nobody has to look any more", "who had to look; the order's owner", ExceptionTold),
    "space.held": NoticeType("space without an order is held", "who asked", SpaceNotice),
    "space.refused": NoticeType("it is not, and why", "who asked", SpaceNotice),
    "space.expired": NoticeType("its time came before it was taken", "who held it", SpaceNotice),
    "share.recalled": NoticeType("borrowed space is gone", "whose plan it was", SpaceNotice),
    "capacity.changed": NoticeType(
        "there is more or less of a limited thing", "whose plans were moved, or borrow from now on", CapacityTold
    ),
    "departure.cancelled": NoticeType("it does not run", _RIDERS, DepartureTold),
    "departure.delayed": NoticeType("it is late, how much from which stop on", _RIDERS, DepartureTold),
    "departure.restored": NoticeType("it runs after all", _RIDERS, DepartureTold),
    "leg.carry": NoticeType("parcels to carry", "the leg's operator", LegTold),
    "leg.retime": NoticeType("at other times", "the leg's operator", Instruction),
    "leg.withdraw": NoticeType("not to carry after all", "the leg's operator", Instruction),
    "endpoint.test": NoticeType("a test that was asked for", "that endpoint alone", EndpointTold),
}


def space_stands(told: SpaceTold) -> SpaceStands:
    """How a use stands, as a notice tells it."""
    return SpaceStands(told.resource, told.amounts, told.stands, stamp_text(told.until) if told.until else "")


def leg_told(one: Instruction) -> LegTold:
    """An instruction as its notice tells it."""
    tasks = tuple(
        LegTask(task.service, task.mode, task.origin, task.destination, stamp_text(task.departs_at),
                stamp_text(task.arrives_at), stamp_text(task.ready_at), task.leg, task.leg_count, task.departure)
        for task in one.tasks
    )  # fmt: skip
    return LegTold(id_text("shp", one.shipment_id), one.parcels, tasks, one.grams, one.cm3)


def read_leg(company: str, data: bytes) -> Instruction:
    """The instruction that a company was told by a notice."""
    told = _READ_LEG.decode(data)
    tasks = tuple(
        Task(task.service, task.mode, task.origin, task.destination, read_instant(task.departs_at),
             read_instant(task.arrives_at), read_instant(task.ready_at), task.leg, task.leg_count, task.departure)
        for task in told.tasks
    )  # fmt: skip
    return Instruction(company, read_id(told.shipment)[1], told.parcels, tasks, told.grams, told.cm3)


_READ_LEG = msgspec.json.Decoder(LegTold)
