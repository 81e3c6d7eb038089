"""What carriers and operators report: events, packing, changed departures and capacity."""

import re
from collections.abc import Iterator
from itertools import groupby, repeat
from operator import itemgetter

import msgspec

from rookery.hub.message import Answer
from rookery.journey.state import Refusal
from rookery.partners.capacity.read import CapacityWord
from rookery.partners.departures.read import DepartureWord
from rookery.partners.port import LETTERS_MAX, UNREADABLE
from rookery.partners.scans.read import Events, Packing
from rookery.web.call import Call, say
from rookery.web.shapes import Outcome
from rookery.web.table import TABLE

GROUP = "Events"
_EVENT = re.compile(r"events\[(\d+)\]", re.ASCII)


class Rejected(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event that was not taken, and why.

    number  as it was sent; blank: it has none that can be read
    index   where it stands in the batch, from 0
    """

    number: str
    code: str
    detail: str
    index: int | None = None


class _Rows(msgspec.Struct):
    events: list[msgspec.Raw]


class _Numbered(msgspec.Struct):
    number: str = ""


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

    The same event again counts once. Events of unknown numbers and those that cannot be read are told; the others of
    the batch stand. A batch of which nothing can be read is a problem.
    """
    answer = await call.tell("scans")
    rows = msgspec.json.decode(call.raw, type=_Rows).events
    rejected = tuple(_rejected(answer, rows))
    return EventsTaken(len(rows) - len(rejected), rejected, answer.seen)


def _rejected(answer: Answer, rows: list[msgspec.Raw]) -> Iterator[Rejected]:
    """Each event that was not taken, in the order of the batch; of one that cannot be read all that is wrong."""
    for index, told in groupby(_placed(answer, len(rows)), itemgetter(0)):
        refusals = [one for _, one in told]
        if index is None:  # answered before it was kept which event a refusal is of
            yield from (Rejected(one.thing.removeprefix("number "), one.code, str(one)) for one in refusals)
        else:
            yield Rejected(_number(rows[index]), refusals[0].code, "; ".join(map(str, refusals)), index)


def _placed(answer: Answer, count: int) -> Iterator[tuple[int | None, Refusal]]:
    """Each refusal with the index of its event. An event that cannot be read is an ask for each of its faults."""
    more = 0  # asks than events, so far
    asks = answer.refused or ((0,) if count == 1 else repeat(None))
    for refusal, ask in zip(answer.refusals, asks, strict=False):
        found = _EVENT.match(refusal.thing) if refusal.code == "unreadable" else None
        if found is not None:
            index = int(found[1])
            more = ask - index if ask is not None else 0
            yield index, refusal
        else:
            yield (None if ask is None else ask - more), refusal


def _number(row: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(row, type=_Numbered).number[:LETTERS_MAX]
    except UNREADABLE:
        return ""


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
