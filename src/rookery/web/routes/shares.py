"""Who has what of shared capacity; reports and conflicts, and why something was decided, as operations."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.clock import now
from rookery.hub.conflicts import Conflict, list_conflicts
from rookery.hub.grounds import ground_lines
from rookery.hub.look import Look
from rookery.hub.report import BadDays, Report, read_days, report
from rookery.hub.shares import SharedOut, list_shared
from rookery.hub.story import story_lines, why_lines
from rookery.journey.book import HoldPlan
from rookery.journey.booking import PlanHeld, PlanRefused
from rookery.journey.limited import may_begin
from rookery.journey.order import Order, Reference, reference_name
from rookery.journey.shipment import Parcel
from rookery.journey.waits import PlanQueued
from rookery.journey.waybill import number_name
from rookery.units import id_text, read_id
from rookery.web.call import Call, Reply, reads_of, reads_of_parts
from rookery.web.problems import Problem, bad_parameters, bad_value
from rookery.web.shapes import instant
from rookery.web.table import TABLE

GROUP = "Shares"
_KINDS = {"shares": "share", "conflicts": "conflict"}  # as the read log has them
ROWS_MAX = 10_000


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole days of UTC, the last included; blank: from the first, to the last."""

    from_: str = msgspec.field(default="", name="from")
    to: str = ""


class SharesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Resources whose names begin so, such as `departure:LH8400/`."""

    resource: str = ""


class Begun(msgspec.Struct, frozen=True):
    """Long work. `result`: where to fetch it; waiting, running, done or failed."""

    operation: str
    kind: str
    status: str
    began_at: dt.datetime | None
    result: str


class Shares(msgspec.Struct, frozen=True):
    """Resources dimension by dimension; a company sees its own holders' parts."""

    data: list[SharedOut]


class Conflicts(msgspec.Struct, frozen=True):
    """Who did not get what others used. `more`: there are more than are told; ask for fewer days."""

    data: list[Conflict]
    more: bool


class Explained(msgspec.Struct, frozen=True):
    """What was decided of an order or a space, and why. `story`: what happened; `lines`: the decisions, for people."""

    name: str
    story: list[str]
    lines: list[str]


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation and, once it is done, what it has found, in the field of its kind."""

    operation: str
    kind: str
    status: str
    began_at: dt.datetime | None = None
    shares: Shares | None = None
    report: Report | None = None
    conflicts: Conflicts | None = None
    why: Explained | None = None


@TABLE.add(
    "GET", "/v1/shares", title="Who has what", scope="spaces:read", answers={202: Begun}, group=GROUP,
    query=SharesQuery, problems=("too_many",),
)  # fmt: skip
async def list_shares(call: Call) -> Reply:
    """Of shared capacity, as an operation. The network's operator sees all holders, a company its own."""
    own, world, begins = _own(call), call.serving.world, call.query.resource
    if not may_begin(begins, world):
        wanted = "how the name of a limited thing of the network begins, such as departure: or departure:VARIANT/"
        raise bad_value("query/resource", wanted, repr(begins[:40]))

    def work(look: Look) -> Shares:
        rows = (one for one in list_shared(look, world, begins))
        return Shares([one for row in rows if (one := _trim(row, own)).parts][:ROWS_MAX])

    return _begin(call, "shares", work)


def _trim(row: SharedOut, own: frozenset[str] | None) -> SharedOut:
    """What a company sees: the parts of its own holders; of others not even what is used in all."""
    if own is None:
        return row
    parts = tuple(part for part in row.parts if part.holder in own)
    return replace(row, used=sum(part.firm + part.borrowed for part in parts), parts=parts)


def _own(call: Call) -> frozenset[str] | None:
    """The holders of the caller's company; None: all, for the network's operator."""
    if call.caller.company == NETWORK:
        return None
    return frozenset(one.holder for one in call.serving.network.holders if one.company_id == call.caller.company)


@TABLE.add(
    "GET", "/v1/shares/report", title="What holders asked for and got", scope="spaces:read", answers={202: Begun},
    group=GROUP, query=Days, problems=("too_many",),
)  # fmt: skip
async def report_shares(call: Call) -> Reply:
    """Over some days, as an operation. A company sees the rows of its own holders, and no rounds."""
    own, world, (from_at, to_at) = _own(call), call.serving.world, _days(call)

    def work(look: Look) -> Report:
        full = report(look, world, from_at, to_at)
        if own is None:
            return full
        return Report(full.from_at, full.to_at, tuple(one for one in full.holders if one.holder in own), 0, ())

    return _begin(call, "report", work)


@TABLE.add(
    "GET", "/v1/shares/conflicts", title="Who did not get what others used", scope="admin", answers={202: Begun},
    group=GROUP, query=Days, problems=("too_many",),
)  # fmt: skip
async def list_share_conflicts(call: Call) -> Reply:
    """Over some days, as an operation; for the network's operator."""
    world, (from_at, to_at) = call.serving.world, _days(call)

    def work(look: Look) -> Conflicts:
        found = list_conflicts(look, world, from_at, to_at)
        return Conflicts(found[:ROWS_MAX], len(found) > ROWS_MAX)

    return _begin(call, "conflicts", work)


@TABLE.add(
    "GET", "/v1/decisions/{name}", title="Why?", scope="orders:read", answers={202: Begun}, group=GROUP,
    problems=("not_found", "too_many"),
    about={"name": "dec_, ord_, shp_, pcl_ or hld_, a waybill number, or one's own reference of an order"},
)  # fmt: skip
async def explain_decision(call: Call) -> Reply:
    """Of one's own order or space, as an operation. The network's operator sees other holders by name."""
    name, world, is_operator = call.path["name"], call.serving.world, call.caller.company == NETWORK
    owner, id_ = await call.read(lambda look: _find_own(look, call.caller.company, name))
    await call.note_reads(*reads_of(call, "decision", name, [owner]))

    def work(look: Look) -> Explained:
        order: Order | None = look.ledger.find_row("orders", id_)
        told = id_text("ord", id_) if order is not None else id_text("hld", id_)
        story = story_lines(look, told, world) if order is not None else []
        lines = why_lines(look, name if name.startswith("dec_") else told) if order is not None else []
        return Explained(told, story, lines + ground_lines(look, id_, world, named=is_operator))

    return _begin(call, "why", work)


def _find_own(look: Look, company: str, name: str) -> tuple[str, bytes]:
    """Whose order or space a name means, and its id. Raises  Problem: not_found: there is none, or it is another's"""
    id_ = _find_id(look, company, name)
    order: Order | None = look.ledger.find_row("orders", id_) if id_ else None
    owner = order.owner if order is not None else _owner_of_space(look, id_) if id_ else ""
    if not owner or company not in (owner, NETWORK):
        raise Problem("not_found", f"{name[:80]}: there is no such thing, or it is not shown to this company")
    return owner, id_


def _find_id(look: Look, company: str, name: str) -> bytes:
    try:
        prefix, id_ = read_id(name)
    except ValueError:
        number: Reference | None = look.ledger.find_row("reference", number_name(name))
        if number is not None:
            parcel: Parcel | None = look.ledger.find_row("parcel", number.id_)
            return parcel.order_id if parcel is not None else b""
        named: Reference | None = look.ledger.find_row("reference", reference_name(company, name))
        return named.id_ if named is not None else b""
    view = {"dec": "decision", "shp": "shipment", "pcl": "parcel"}.get(prefix)
    if view is None:
        return id_
    row = look.ledger.find_row(view, id_)
    return row.order_id if row is not None else b""


def _owner_of_space(look: Look, id_: bytes) -> str:
    """The company that asked for a space; blank: there is none such."""
    for stored in look.ledger.list_facts(about=id_):
        match stored.fact:
            case PlanHeld(by=by) | PlanRefused(by=by) | PlanQueued(ask=HoldPlan(by=by)):
                return by.company
    return ""


@TABLE.add(
    "GET", "/v1/operations/{operation}", title="An operation", scope="network:read", answers={200: Result},
    group="System", problems=("not_found",), about={"operation": "its id, op_..."},
)  # fmt: skip
async def get_operation(call: Call) -> Result:
    """How it stands, and what it has found. Kept for a while, until the server stops at the latest."""
    one = call.mode.operations.find(call.caller.company, call.path["operation"])
    if one is None or one.scope not in call.caller.scopes | _ruled(call):
        raise Problem("not_found", f"operation {call.path['operation'][:40]}: there is none, or it is forgotten")
    if one.status == "failed":
        raise Problem("failed", f"operation {one.id_}: a fault of the hub; name it to its operator")
    found: dict[str, Any] = {one.kind: one.result} if one.status == "done" else {}
    return Result(one.id_, one.kind, one.status, instant(one.began_at), **found)


def _ruled(call: Call) -> frozenset[str]:
    return frozenset({"orders:read", "spaces:read", "admin"}) if "admin" in call.caller.scopes else frozenset()


def _begin(call: Call, kind: str, work: Callable[[Look], Any]) -> Reply:
    def noted(look: Look) -> Any:
        found = work(look)
        reads = reads_of_parts(call, _KINDS.get(kind, kind), _holders(found))
        if across := [one for one in reads if one.owner != one.caller]:
            assert call.mode.reads.write(across).result(), "what is not in the read log is not shown"
        return found

    one = call.mode.operations.begin(call.caller.company, kind, call.route.scope, now(), noted)
    if one is None:
        raise Problem("too_many", "long work: too much of it waits; come again", headers={"retry-after": "5"})
    link = f"/v1/operations/{one.id_}"
    return Reply(Begun(one.id_, kind, one.status, instant(one.began_at), link), 202, {"location": link})


def _holders(found: Any) -> Iterator[str]:
    """Of whom something is told by what was found."""
    match found:
        case Shares(data=rows):
            yield from (part.holder for row in rows for part in row.parts)
        case Report(holders=told):
            yield from (one.holder for one in told)
        case Conflicts(data=lost):
            yield from (holder for one in lost for holder in {one.loser, *(other.holder for other in one.winners)})


def _days(call: Call) -> tuple[int, int]:
    try:
        return read_days(call.query.from_, call.query.to)
    except BadDays as bad:
        raise bad_parameters([bad.fault]) from None
