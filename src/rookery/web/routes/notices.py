"""What an endpoint is told, for programs that fetch it since nobody can call them. See docs/webhooks.md."""

import time
from functools import partial

import msgspec

from rookery.hub.look import Look
from rookery.journey.endpoint import Endpoint, not_enabled
from rookery.ledger.lookup import StoredNotice
from rookery.tell.envelope import SOURCE, CloudEvent, event_of
from rookery.tell.store import TEST
from rookery.web.call import Call
from rookery.web.door import find_caller
from rookery.web.paging import Paged, check_page
from rookery.web.problems import bad_value, refused, time_at
from rookery.web.pulse import LOOK_S
from rookery.web.routes.webhooks import ENDPOINT, GROUP, find_endpoint, note_deliveries
from rookery.web.sealed import seal, unseal
from rookery.web.table import TABLE

WAIT_S_MAX = 30
NUMBER_MAX = 1 << 60  # of notices


class Notices(msgspec.Struct, frozen=True):
    """Notices, the oldest first. `next_cursor`: where to go on, also when there is no more as yet."""

    data: list[CloudEvent]
    has_more: bool
    next_cursor: str


class NoticeQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which notices.

    cursor  the next_cursor of an answer; blank: from `since` on
    since   a time with its offset; blank: since the endpoint was set or enabled
    wait_s  how long to wait if there is none, up to 30
    """

    since: str = ""
    wait_s: int = 0


@TABLE.add(
    "GET", "/v1/webhooks/{endpoint}/notices", title="Notices", scope="webhooks:read", answers={200: Notices},
    group=GROUP, query=NoticeQuery, problems=("not_found", "refused"), about=ENDPOINT,
)  # fmt: skip
async def list_notices(call: Call) -> Notices:
    """What an endpoint is told, as it would be sent there, in order: an address is not needed.

    An answer may have fewer than `limit`, and none, though there are more. Not while it is disabled.
    """
    asked = call.query
    check_page(asked)
    if not 0 <= asked.wait_s <= WAIT_S_MAX:
        raise bad_value("query/wait_s", f"0 to {WAIT_S_MAX}", str(asked.wait_s))
    since = time_at("query/since", asked.since) if asked.since else None
    row = await find_endpoint(call)
    if not row.enabled:
        raise refused([not_enabled(row)], call.caller.company)
    found = await call.read(partial(_first, call, row, row.since_at if since is None else since))
    waits = asked.wait_s and not found[0].data and not found[0].has_more
    page = await _wait(call, row, found) if waits else found[0]
    await note_deliveries(call, len(page.data), row.company, "notice")
    return page


_Found = tuple[Notices, int, int]  # a page, the notice up to which it goes, the last fact as of it


async def _wait(call: Call, row: Endpoint, found: _Found) -> Notices:
    """A page with something on it, or an empty one after a while. Raises  Problem: too many wait; the key has ended"""
    pulse, ends = call.mode.pulse, time.monotonic() + call.query.wait_s
    page, end, seen = found
    pulse.check(call.caller.company)
    with pulse.seat(call.caller.company):
        while not page.data and not page.has_more and not pulse.is_ended and time.monotonic() < ends:
            await pulse.after(seen, min(LOOK_S, ends - time.monotonic()))
            if call.gone is not None and await call.gone():
                break  # the place is somebody else's
            page, end, seen = await call.read(partial(_page, call, row, end))
    await find_caller(call.serving, call.headers, call.route.scope)  # as it is now
    return page


def _first(call: Call, row: Endpoint, since: int, look: Look) -> _Found:
    cursor = call.query.cursor
    if not cursor:
        return _page(call, row, look.ledger.last_before(since, "outbox"), look)
    place = unseal(look, call.caller.company, cursor) or ""
    if not (place.isascii() and place.isdecimal() and int(place) < NUMBER_MAX):
        raise bad_value("query/cursor", "the next_cursor of an answer", "something else")
    return _page(call, row, int(place), look)


def _page(call: Call, row: Endpoint, after: int, look: Look) -> _Found:
    seen = look.ledger.last_fact()
    told, end, more = look.ledger.list_told(row.company, after, call.query.limit)
    data = [_notice(call, row, one) for one in told if _is_for(row, one)]
    return Notices(data, more, seal(look, call.caller.company, str(end))), end, seen


def _is_for(row: Endpoint, one: StoredNotice) -> bool:
    if one.kind == TEST:
        return one.subject == row.endpoint_id
    return row.takes(one.kind)


def _notice(call: Call, row: Endpoint, one: StoredNotice) -> CloudEvent:
    """A notice in the words that the endpoint is told in."""
    _, data = call.serving.history.older_notice(one.kind, row.api_version, one.body)
    return event_of(
        SOURCE, seq=one.seq, type_=one.kind, subject=one.subject, sequence=one.sequence, heard_at=one.heard_at,
        data=data,
    )  # fmt: skip
