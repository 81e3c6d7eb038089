"""Who has what of shared capacity; reports and conflicts, and why something was decided, as operations."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.clock import now
from rookery.hub.conflicts import Outcome, list_conflicts
from rookery.hub.fair_runs import FairRun
from rookery.hub.grounds import ground_lines
from rookery.hub.look import Look
from rookery.hub.report import BadDays, HolderReport, read_days, report
from rookery.hub.shares import SharedOut, list_shared
from rookery.hub.story import story_lines, why_lines
from rookery.hub.winners import Winner
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


class PartTold(msgspec.Struct, frozen=True):
    """What a holder has of a resource in one dimension.

    guarantee  what it is guaranteed, released or not; what those below it have is theirs
    ceiling    the most that it may claim, with those below it; null: it has no limit of its own
    unused     what is kept for it now, and is not used firmly by it or those below it
    firm       what it uses by right; borrowed: what it uses besides
    until      when the last of its loans is firm, at the latest; null: nothing borrowed, or `forever`
    forever    a loan of it can be recalled at any time: it is not firm by itself at any instant
    released   of the guarantee, what is kept for it no more and is anybody's

    Of an allotment each uses what it uses firmly, and only the holder whose it is has a ceiling: all of it.
    """

    holder: str
    guarantee: int
    ceiling: int | None
    unused: int
    firm: int
    borrowed: int
    until: dt.datetime | None
    forever: bool
    released: int


class SharedTold(msgspec.Struct, frozen=True):
    """A resource in one dimension, and what holders have of it.

    used            borrowed or not
    allotted_to     of an allotment: the holder whose it is, with all below it; `*`: the network
    per             of an allotment: all departures of a day or a week, the one of which the name has the first day
    """

    resource: str
    dimension: str
    limit: int
    used: int
    parts: tuple[PartTold, ...]
    allotted_to: str
    per: Literal["", "day", "week"]


class Shares(msgspec.Struct, frozen=True):
    """Resources dimension by dimension; a company sees its own holders' parts."""

    data: list[SharedTold]


class ReportTold(msgspec.Struct, frozen=True):
    """What holders came to from an instant until before another; null: from the first, without an end.

    rounds  how many were closed
    """

    from_at: dt.datetime | None
    to_at: dt.datetime | None
    holders: tuple[HolderReport, ...]
    rounds: int
    runs: tuple[FairRun, ...]


class ConflictTold(msgspec.Struct, frozen=True, rename={"id_": "id"}):
    """Somebody did not get shared capacity that others used, or that was kept for them.

    fact         its place in the ledger; at: as of when it was decided, such as when its round closes
    limit        what bound: capacity, claim, ceiling, allotment, bid_price, round, closed; recalled: the loser had
                 borrowed it; cut: capacity was lost, or goods were heavier than booked
    loser        the holder; id: its order or hold; reference: of the order
    asked        so much of the dimension; 0: not told
    winners      the most first; of a recall the holder that it was for, of a round who was served in it, of a cut who
                 stays: there may be nobody
    outcome      worse: another plan was taken; moved: it had a plan, and has another; waits: for another round;
                 planned again: nothing has come of it so far; no way on: a case; lost: gone from what it has
    extra_minor, later_s   what it pays more, and how much later it arrives, than by the plan it lost; below 0: less
    broken_s     how long after what was promised it arrives since; 0: the promise is kept
    currency     of extra_minor
    lender       of a recall: who is named as the lender; `*`: nobody in particular
    owner        of a case, also as its promise was broken: the company that has to look; `*`: the network's operator
    by, why, left   of a cut: who said so, and why, and how much there is from then on
    """

    fact: int
    at: dt.datetime
    resource: str
    dimension: str
    limit: str
    loser: str
    id_: str
    reference: str
    asked: int
    winners: tuple[Winner, ...]
    outcome: Outcome
    extra_minor: int
    later_s: int
    broken_s: int
    currency: str
    lender: str
    owner: str
    by: str
    why: str
    left: int


class Conflicts(msgspec.Struct, frozen=True):
    """Who did not get what others used. `more`: there are more than are told; ask for fewer days."""

    data: list[ConflictTold]
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
    report: ReportTold | None = None
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
        rows = (_trim(row, own) for row in list_shared(look, world, begins))
        return Shares([_shared(row) for row in islice((row for row in rows if row.parts), ROWS_MAX)])

    return _begin(call, "shares", work)


def _trim(row: SharedOut, own: frozenset[str] | None) -> SharedOut:
    """What a company sees: the parts of its own holders; of others not even what is used in all."""
    if own is None:
        return row
    parts = tuple(part for part in row.parts if part.holder in own)
    return replace(row, used=sum(part.firm + part.borrowed for part in parts), parts=parts)


def _shared(row: SharedOut) -> SharedTold:
    parts = tuple(
        PartTold(
            one.holder, one.guarantee, one.ceiling, one.unused, one.firm, one.borrowed, instant(one.until), one.forever,
            one.released,
        )
        for one in row.parts
    )  # fmt: skip
    return SharedTold(row.resource, row.dimension, row.limit, row.used, parts, row.allotted_to, row.per)


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

    def work(look: Look) -> ReportTold:
        full = report(look, world, from_at, to_at)
        span = instant(full.from_at), instant(full.to_at or 0)
        if own is None:
            return ReportTold(*span, full.holders, full.rounds, full.runs)
        return ReportTold(*span, tuple(one for one in full.holders if one.holder in own), 0, ())

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
        told = [
            msgspec.convert(one, ConflictTold, strict=False, from_attributes=True)  # a time of `at`, the rest as it is
            for one in found[:ROWS_MAX]
        ]
        return Conflicts(told, len(found) > ROWS_MAX)

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
        across = [one for one in reads if one.owner != one.caller]
        if across and not call.mode.reads.write(across).result():
            raise RuntimeError("the read log cannot be written: what is not in it is not shown")
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
        case ReportTold(holders=told):
            yield from (one.holder for one in told)
        case Conflicts(data=lost):
            yield from (holder for one in lost for holder in {one.loser, *(other.holder for other in one.winners)})


def _days(call: Call) -> tuple[int, int]:
    try:
        return read_days(call.query.from_, call.query.to)
    except BadDays as bad:
        raise bad_parameters([bad.fault]) from None
