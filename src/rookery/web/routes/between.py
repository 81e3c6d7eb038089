"""What is between companies: connections, grants, requests, and who has read what. See docs/trust.md."""

import datetime as dt
from typing import Any, Literal

import msgspec

from rookery.hub.clock import now
from rookery.hub.ids import told_id
from rookery.journey.connection import Connection, pair_name
from rookery.journey.grant import Grant, Standing, stands
from rookery.journey.profiles import GrantKind, ProfileName
from rookery.journey.request import Request
from rookery.ledger.log import Ledger
from rookery.units import id_text, read_id
from rookery.web.call import Call, filter_of, reads_of, say
from rookery.web.paging import Page, check_page
from rookery.web.problems import Problem, bad_value, check_known
from rookery.web.routes.trust import Reason
from rookery.web.rows import AFTER, Listed, list_own, whose
from rookery.web.shapes import Outcome, instant
from rookery.web.table import TABLE

GROUP = "Companies among themselves"


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite. `expires_at` blank: two weeks from now."""

    company: str
    expires_at: str = ""
    note: str = ""


class ConnectionOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one stands with another company."""

    connection: str
    company: str
    status: str
    invited_by: str
    expires_at: dt.datetime | None = None
    suspended_by: tuple[str, ...] = ()
    note: str = ""
    why: str = ""


class ConnectionPage(Page[ConnectionOut], frozen=True):
    """A page of connections."""


class GrantQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders a grant means, now and later: where they go, as what. Blank: any."""

    country: str = ""
    product: str = ""


class NewGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to show whom. `object`: ord_, shp_ or pcl_; or a `query`."""

    company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    expires_at: str
    object: str = ""
    query: GrantQuery | None = None


class GrantOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A grant. `status`: revoked also where its connection is; suspended: as long as that is."""

    grant: str
    owner: str
    company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    status: Standing
    expires_at: dt.datetime | None = None
    object: str = ""
    query: GrantQuery | None = None


class GrantPage(Page[GrantOut], frozen=True):
    """A page of grants."""


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked of another company, until when. What `kind` and `body` mean is between the two."""

    company: str
    kind: str
    body: Any
    expires_at: str
    draft: bool = False


class RequestWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word on a request. `body`: of change; `answer`, `expires_at`: as docs/trust.md says."""

    do: Literal["change", "send", "accept", "reject", "cancel", "close"]
    body: Any = None
    answer: Any = None
    expires_at: str = ""


class RequestOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request between companies."""

    request: str
    from_company: str
    to_company: str
    kind: str
    status: str
    body: Any
    answer: Any = None
    expires_at: dt.datetime | None = None


class RequestPage(Page[RequestOut], frozen=True):
    """A page of requests."""


class ReadOut(msgspec.Struct, frozen=True):
    """A request by which another company was shown something of one's own. `filter`: what it asked for."""

    company: str
    kind: str
    filter: str
    count: int
    read_at: dt.datetime


class ReadPage(Page[ReadOut], frozen=True):
    """A page of reads."""


# --- connections


@TABLE.add(
    "GET", "/v1/connections", title="Connections", scope="trust:read", answers={200: ConnectionPage}, group=GROUP,
    query=Listed,
)  # fmt: skip
async def list_connections(call: Call) -> ConnectionPage:
    """Those of one's company, with whoever has invited."""
    rows, more, cursor = await list_own(call, "connection", AFTER, "invited_by", "company")
    own = whose(call)
    return ConnectionPage([connection_out(row, own) for row in rows], more, cursor)


def connection_out(row: Connection, own: str) -> ConnectionOut:
    """A connection as one of its companies sees it."""
    other = row.company if row.invited_by == own else row.invited_by
    return ConnectionOut(
        id_text("cnx", row.connection_id), other, row.state, row.invited_by, instant(row.expires_at),
        row.suspended_by, row.note, row.why,
    )  # fmt: skip


@TABLE.add(
    "POST", "/v1/connections", title="Invite a company", scope="trust:write", answers={201: Outcome}, group=GROUP,
    body=Invitation, needs_key=True, problems=("refused",),
)  # fmt: skip
async def invite_company(call: Call) -> Outcome:
    """The connection is active once the other company accepts."""
    asked: Invitation = call.body
    said = {"do": "invite", "company": asked.company, "expires_at": asked.expires_at, "note": asked.note}
    return await say(call, "connection", said, "cnx")


_OTHER = {"company": "the other company", "word": "accept, decline, suspend, resume or revoke"}


@TABLE.add(
    "POST", "/v1/connections/{company}/{word}", title="A word on a connection", scope="trust:write",
    answers={200: Outcome}, group=GROUP, body=Reason, needs_key=True, problems=("refused", "not_found"), about=_OTHER,
)  # fmt: skip
async def change_connection(call: Call) -> Outcome:
    """Accept or decline an invitation; suspend, resume or revoke a connection. It holds from the commit on."""
    word = call.path["word"]
    if word not in ("accept", "decline", "suspend", "resume", "revoke"):
        raise Problem("not_found", f"{word[:40]}: wanted {_OTHER['word']}")
    return await say(
        call, "connection", {"do": word, "company": call.path["company"], "why": call.body.why}, "cnx"
    )  # fmt: skip


# --- grants


@TABLE.add(
    "GET", "/v1/grants", title="Grants", scope="trust:read", answers={200: GrantPage}, group=GROUP, query=Listed,
)  # fmt: skip
async def list_grants(call: Call) -> GrantPage:
    """What one's company shows others, and what others show it."""
    rows, more, cursor = await list_own(call, "grants", "grt", "owner", "to_company")
    data = await call.read(lambda look: [grant_out(row, look.ledger, now()) for row in rows])
    return GrantPage(data, more, cursor)


def grant_out(row: Grant, ledger: Ledger, at: int) -> GrantOut:
    """A grant as it is shown. `at`: as it stands then."""
    status = stands(row, ledger.find_row("connection", pair_name(row.owner, row.to_company)), at)
    query = None if row.object_id else GrantQuery(row.query.country, row.query.product_id)
    return GrantOut(
        id_text("grt", row.grant_id), row.owner, row.to_company, row.kinds, row.profile, row.purpose, status,
        instant(row.expires_at), told_id(ledger, row.object_id), query,
    )  # fmt: skip


@TABLE.add(
    "POST", "/v1/grants", title="Show another company something", scope="trust:write", answers={201: Outcome},
    group=GROUP, body=NewGrant, needs_key=True, problems=("refused",),
)  # fmt: skip
async def make_grant(call: Call) -> Outcome:
    """Over an active connection, until an instant; only while that connection is active."""
    asked: NewGrant = call.body
    if asked.query is not None:
        check_known("/query/country", asked.query.country, call.serving.world.timetable.territory)
        check_known("/query/product", asked.query.product, (one.product_id for one in call.serving.network.products))
    said = {"do": "make"} | {name: getattr(asked, name) for name in asked.__struct_fields__}
    said["object"] = _bare(asked.object, "/object") if asked.object else ""
    return await say(call, "grant", said, "grt")


@TABLE.add(
    "POST", "/v1/grants/{grant}/revoke", title="Revoke a grant", scope="trust:write", answers={200: Outcome},
    group=GROUP, body=Reason, needs_key=True, problems=("refused",), about={"grant": "its id, grt_..."},
)  # fmt: skip
async def revoke_grant(call: Call) -> Outcome:
    """It shows nothing from the commit on."""
    said = {"do": "revoke", "grant": _bare(call.path["grant"], "path/grant"), "why": call.body.why}
    return await say(call, "grant", said, "grt")


# --- requests


@TABLE.add(
    "GET", "/v1/requests", title="Requests", scope="requests:read", answers={200: RequestPage}, group=GROUP,
    query=Listed,
)  # fmt: skip
async def list_requests(call: Call) -> RequestPage:
    """What one's company has asked of others, and what others have asked of it. Drafts are their writer's alone."""
    own = whose(call)
    rows, more, cursor = await list_own(
        call, "request", "req", "from_company", "to_company", keep=lambda row: row.sent or row.from_company == own
    )
    return RequestPage([request_out(row) for row in rows], more, cursor)


def request_out(row: Request) -> RequestOut:
    """A request as it is shown."""
    answer = msgspec.Raw(row.answer.encode()) if row.answer else None
    return RequestOut(
        id_text("req", row.request_id), row.from_company, row.to_company, row.kind, row.state,
        msgspec.Raw(row.body.encode()), answer, instant(row.expires_at),
    )  # fmt: skip


@TABLE.add(
    "POST", "/v1/requests", title="Ask something of a company", scope="requests:write", answers={201: Outcome},
    group=GROUP, body=NewRequest, needs_key=True, problems=("refused",),
)  # fmt: skip
async def make_request(call: Call) -> Outcome:
    """Over an active connection, with an instant at which it expires."""
    asked: NewRequest = call.body
    said = {
        "do": "draft" if asked.draft else "ask", "company": asked.company, "kind": asked.kind, "body": asked.body,
        "expires_at": asked.expires_at,
    }  # fmt: skip
    return await say(call, "request", said, "req")


@TABLE.add(
    "POST", "/v1/requests/{request}", title="A word on a request", scope="requests:write", answers={200: Outcome},
    group=GROUP, body=RequestWord, needs_key=True, problems=("refused",), about={"request": "its id, req_..."},
)  # fmt: skip
async def change_request(call: Call) -> Outcome:
    """Who asks changes, sends and cancels; who is asked accepts and rejects; either closes."""
    word: RequestWord = call.body
    said: dict[str, Any] = {"do": word.do, "request": _bare(call.path["request"], "path/request")}
    if word.do == "change":
        said["body"] = word.body
    elif word.answer is not None:
        said["answer"] = word.answer
    if word.do == "cancel" and word.expires_at:
        said["expires_at"] = word.expires_at
    return await say(call, "request", said, "req")


# --- who has read what


@TABLE.add(
    "GET", "/v1/reads", title="Who has read what", scope="trust:read", answers={200: ReadPage}, group=GROUP,
    query=Listed,
)  # fmt: skip
async def list_reads(call: Call) -> ReadPage:
    """Reads of what is one's own by other companies and by the network's operator, oldest first."""
    check_page(call.query)
    asked: Listed = call.query
    if asked.cursor and not (asked.cursor.isdecimal() and asked.cursor.isascii() and len(asked.cursor) < 19):
        raise bad_value("query/cursor", "the next_cursor of an answer", "something else")
    company, after = whose(call), int(asked.cursor or 0)
    rows = await call.mode.reads.list_of(company, after, asked.limit + 1)
    page, more = rows[: asked.limit], len(rows) > asked.limit
    data = [
        ReadOut(one.caller, one.kind, one.filter, one.count, instant(one.read_at) or dt.datetime.min)
        for _, one in page
    ]  # fmt: skip
    await call.note_reads(*reads_of(call, "read", filter_of(call), [company] * len(page)))
    return ReadPage(data, more, str(page[-1][0]) if more else "")


def _bare(text: str, pointer: str) -> str:
    """The id as messages name it. Raises  Problem: it is none"""
    try:
        return read_id(text)[1].hex()
    except ValueError as fault:
        raise bad_value(pointer, "an id", str(fault)) from None
