"""What carriers and operators report: events, packing, changed departures and capacity."""

import msgspec

from rookery.partners.capacity.read import CapacityWord
from rookery.partners.departures.read import DepartureWord
from rookery.partners.scans.read import Events, Packing
from rookery.web.call import Call, say
from rookery.web.shapes import Outcome
from rookery.web.table import TABLE

GROUP = "Events"


class Rejected(msgspec.Struct, frozen=True):
    """An event that was not taken, and why."""

    number: str
    code: str
    detail: str


class _Count(msgspec.Struct):
    events: list[msgspec.Raw]


class EventsTaken(msgspec.Struct, frozen=True):
    """What became of a batch: how many events were accepted, known ones among them, and each that was not."""

    accepted: int
    rejected: tuple[Rejected, ...]
    replayed: bool


@TABLE.add(
    "POST", "/v1/events", title="Report events", scope="events:write", answers={200: EventsTaken}, group=GROUP,
    body=Events, needs_key=True, decodes=False,
)  # fmt: skip
async def send_events(call: Call) -> EventsTaken:
    """What was seen of parcels, bags, pallets and ULDs, up to 10,000 events at once, in any order.

    The same event again counts once. Events of unknown numbers are told; the others of the batch stand.
    """
    answer = await call.tell("scans")
    rejected = tuple(Rejected(one.thing.removeprefix("number "), one.code, str(one)) for one in answer.refusals)
    count = len(msgspec.json.decode(call.raw, type=_Count).events)
    return EventsTaken(count - len(rejected), rejected, answer.seen)


@TABLE.add(
    "POST", "/v1/packing", title="Report packing", scope="events:write", answers={200: Outcome}, group=GROUP,
    body=Packing, needs_key=True, decodes=False, problems=("refused",),
)  # fmt: skip
async def send_packing(call: Call) -> Outcome:
    """That things went into a bag, pallet, ULD or container, or that it was emptied."""
    return await say(call, "packing")


@TABLE.add(
    "POST", "/v1/departures/changes", title="Report a changed departure", scope="events:write",
    answers={200: Outcome}, group=GROUP, body=DepartureWord, needs_key=True, decodes=False, problems=("refused",),
)  # fmt: skip
async def change_departure(call: Call) -> Outcome:
    """That a departure is cancelled, late, or runs after all. Orders that ride it are planned anew."""
    return await say(call, "departure")


@TABLE.add(
    "POST", "/v1/capacity", title="Report capacity lost or added", scope="events:write", answers={200: Outcome},
    group=GROUP, body=CapacityWord, needs_key=True, decodes=False, problems=("refused",),
)  # fmt: skip
async def change_capacity(call: Call) -> Outcome:
    """How much there is of a limited thing from now on. What does not fit any more is moved: docs/sharing.md."""
    return await say(call, "capacity")
