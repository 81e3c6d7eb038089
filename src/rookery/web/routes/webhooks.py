"""Where a company wants to be told what, and what became of what it was told. See docs/webhooks.md."""

import datetime as dt
from functools import partial
from typing import Any

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.clock import now_ms
from rookery.hub.spine import Hub
from rookery.journey.endpoint import Endpoint, EndpointSet, not_called, not_enabled
from rookery.tell import journal
from rookery.tell.guard import Barred
from rookery.tell.store import NEVER_MS
from rookery.units import UTC
from rookery.web.call import Call, Reply, done, filter_of, reads_of
from rookery.web.paging import Page, Paged, check_page
from rookery.web.problems import Problem, bad_value, refused, time_at
from rookery.web.routes.trust import Reason, fields
from rookery.web.rows import AFTER, Listed, list_own
from rookery.web.shapes import Outcome, instant
from rookery.web.table import TABLE

GROUP = "Webhooks"
ENDPOINT = {"endpoint": "its id, whk_..."}


class EndpointIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to tell what.

    url      blank: nobody is called; GET .../notices fetches it
    types    of docs/webhooks.md; `*`: all
    version  of the API in whose words it is told; blank: that of this request, or of a change as it is
    """

    url: str
    types: tuple[str, ...] = ("*",)
    description: str = ""
    version: str = ""


class Overlap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long the secret before signs too."""

    overlap_s: int = 86_400


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to send again: from an instant on, or after a notice."""

    since: str = ""
    after_seq: int = 0


class EndpointTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """An endpoint that was set, or whose secret is another one. `secret` is told here and never again."""

    endpoint: str
    secret: str = ""
    replayed: bool = False


class EndpointOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An endpoint.

    url       blank: nothing is sent, it is fetched
    disabled  why it is told nothing
    version   of the API in whose words it is told
    """

    endpoint: str
    company: str
    url: str
    types: tuple[str, ...]
    enabled: bool
    description: str = ""
    disabled: str = ""
    old_secret_until: dt.datetime | None = None
    version: str = ""


class EndpointPage(Page[EndpointOut], frozen=True):
    """A page of endpoints."""


class DeliveryOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A delivery as it stands. `seq`: of its notice; `due_at`: when it is tried next."""

    delivery: int
    seq: int
    type: str
    subject: str
    sequence: int
    status: str
    tries: int
    made_at: dt.datetime
    due_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    why: str = ""


class DeliveryPage(Page[DeliveryOut], frozen=True):
    """A page of deliveries, the newest first."""


class AttemptOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attempt. `status` 0: no answer, and `error` says why; `response`: the beginning of the answer."""

    number: int
    began_at: dt.datetime
    took_ms: int
    status: int
    error: str = ""
    response: str = ""


class Attempts(msgspec.Struct, frozen=True):
    """All attempts of a delivery."""

    data: list[AttemptOut]


class Replayed(msgspec.Struct, frozen=True):
    """How many deliveries were made, up to which notice; `more`: go on after that, under another key.

    replayed  they were made before under the same key; nothing was done now
    """

    count: int
    seq: int
    more: bool
    replayed: bool = False


class DeliveryQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which page."""


@TABLE.add(
    "GET", "/v1/webhooks", title="Endpoints", scope="webhooks:read", answers={200: EndpointPage}, group=GROUP,
    query=Listed,
)  # fmt: skip
async def list_webhooks(call: Call) -> EndpointPage:
    """Where one's company is told what."""
    rows, more, cursor = await list_own(call, "endpoint", AFTER, "company")
    data = [
        EndpointOut(
            row.endpoint_id, row.company, row.url, row.types, row.enabled, row.description, row.disabled,
            instant(row.old_until), call.serving.history.spoken(row.api_version),
        )
        for row in rows
    ]  # fmt: skip
    return EndpointPage(data, more, cursor)


@TABLE.add(
    "POST", "/v1/webhooks", title="Set an endpoint", scope="webhooks:write",
    answers={201: EndpointTold, 200: EndpointTold}, group=GROUP, body=EndpointIn, needs_key=True,
    problems=("refused",),
)  # fmt: skip
async def set_webhook(call: Call) -> Reply:
    """What happens from now on is sent there. The secret by which it is signed is told once.

    Without an address nothing is sent, and there is no secret: it is fetched.
    """
    _check(call)
    key = f"{call.route.name}:{call.key}"
    asked = msgspec.structs.replace(call.body, version=call.body.version or call.version)
    answer = done(await call.tell("set_endpoint", msgspec.json.encode(asked), key=key), call.caller.company)
    company = call.caller.company
    endpoint = await call.ask("set_endpoint", partial(_find_set, company=company, key=key))
    is_sent = call.body.url and not answer.seen
    secret = await call.mode.deliveries.ask(lambda store: journal.show_secret(store, endpoint)) if is_sent else ""
    return Reply(
        EndpointTold(endpoint, secret, answer.seen), 200 if answer.seen else 201, {"cache-control": "no-store"}
    )


def _find_set(hub: Hub, company: str, key: str) -> str:
    """The endpoint that a message has set."""
    place = hub.ledger.find_place(company, key)
    assert place is not None, "it was just acted on"
    made = (one.fact.endpoint_id for one in hub.ledger.list_facts_of(place[0]) if isinstance(one.fact, EndpointSet))
    return next(made)


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}", title="Change an endpoint", scope="webhooks:write", answers={200: Outcome},
    group=GROUP, body=EndpointIn, needs_key=True, problems=("refused", "not_found"), about=ENDPOINT,
)  # fmt: skip
async def change_webhook(call: Call) -> Outcome:
    """Another address, other types, another description or version. One that was fetched is rotated for its secret."""
    _check(call)
    return await _say(call, "set_endpoint", fields(call.body))


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}/rotate", title="Rotate a secret", scope="webhooks:write",
    answers={200: EndpointTold}, group=GROUP, body=Overlap, needs_key=True, problems=("refused", "not_found"),
    about=ENDPOINT,
)  # fmt: skip
async def rotate_webhook(call: Call) -> Reply:
    """Notices are signed by a new secret, for a time by the old one too."""
    outcome = await _say(call, "rotate_secret", fields(call.body))
    endpoint = call.path["endpoint"]
    ask = call.mode.deliveries.ask
    secret = "" if outcome.replayed else await ask(lambda store: journal.show_secret(store, endpoint))
    return Reply(EndpointTold(endpoint, secret, outcome.replayed), 200, {"cache-control": "no-store"})


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}/disable", title="Disable an endpoint", scope="webhooks:write",
    answers={200: Outcome}, group=GROUP, body=Reason, needs_key=True, problems=("refused", "not_found"),
    about=ENDPOINT,
)  # fmt: skip
async def disable_webhook(call: Call) -> Outcome:
    """Nothing more is sent there; what is open is given up."""
    return await _say(call, "disable_endpoint", fields(call.body))


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}/enable", title="Enable an endpoint", scope="webhooks:write",
    answers={200: Outcome}, group=GROUP, body=Reason, needs_key=True, problems=("refused", "not_found"),
    about=ENDPOINT,
)  # fmt: skip
async def enable_webhook(call: Call) -> Outcome:
    """What happens from now on is sent there again."""
    return await _say(call, "enable_endpoint", {})


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}/test", title="Send a test", scope="webhooks:write", answers={200: Outcome},
    group=GROUP, body=Reason, needs_key=True, problems=("refused", "not_found"), about=ENDPOINT,
)  # fmt: skip
async def test_webhook(call: Call) -> Outcome:
    """A notice `endpoint.test` to this endpoint alone."""
    return await _say(call, "test_endpoint", {})


@TABLE.add(
    "GET", "/v1/webhooks/{endpoint}/deliveries", title="Deliveries", scope="webhooks:read",
    answers={200: DeliveryPage}, group=GROUP, query=DeliveryQuery, problems=("not_found",), about=ENDPOINT,
)  # fmt: skip
async def list_deliveries(call: Call) -> DeliveryPage:
    """What was sent to an endpoint, is under way, or was given up: the newest first, at most 200 on a page."""
    check_page(call.query)
    row = await find_endpoint(call)
    before = _number(call.query.cursor) if call.query.cursor else NEVER_MS
    limit = min(call.query.limit, journal.LIST_MAX - 1)
    found = await call.mode.deliveries.ask(
        lambda store: journal.list_deliveries(store, row.endpoint_id, before=before, limit=limit + 1)
    )
    page, more = found[:limit], len(found) > limit
    await note_deliveries(call, len(page), row.company)
    return DeliveryPage([_delivery(one) for one in page], more, str(page[-1].id) if more else "")


def _delivery(one: journal.Delivery) -> DeliveryOut:
    made = _moment(one.made_ms)
    assert made is not None, "every delivery was made at some time"
    return DeliveryOut(
        one.id, one.seq, one.type, one.subject, one.sequence, one.state, one.tries, made, _moment(one.due_ms),
        _moment(one.ended_ms), one.why,
    )  # fmt: skip


@TABLE.add(
    "GET", "/v1/webhooks/{endpoint}/deliveries/{delivery}", title="Attempts of a delivery", scope="webhooks:read",
    answers={200: Attempts}, group=GROUP, problems=("not_found",),
    about={**ENDPOINT, "delivery": "its number"},
)  # fmt: skip
async def list_attempts(call: Call) -> Attempts:
    """How often it was tried, and what came back."""
    row, number = await find_endpoint(call), _number(call.path["delivery"])

    def look(store: Any) -> list[journal.Attempt] | None:
        (one,) = journal.list_deliveries(store, row.endpoint_id, before=number + 1, limit=1) or (None,)
        return journal.list_attempts(store, number) if one is not None and one.id == number else None

    found = await call.mode.deliveries.ask(look)
    if found is None:
        raise Problem("not_found", f"delivery {number}: the endpoint has none such")
    await note_deliveries(call, 1, row.company)
    return Attempts([
        AttemptOut(one.number, dt.datetime.fromtimestamp(one.began_ms / 1000, UTC), one.took_ms, one.status, one.error,
                   one.response)
        for one in found
    ])  # fmt: skip


@TABLE.add(
    "POST", "/v1/webhooks/{endpoint}/replay", title="Send again", scope="webhooks:write", answers={200: Replayed},
    group=GROUP, body=Span, needs_key=True, problems=("refused", "not_found"), about=ENDPOINT,
)  # fmt: skip
async def replay_webhook(call: Call) -> Replayed:
    """What the company was told, from an instant or after a notice. What is still to be delivered is not doubled.

    Not to an endpoint that is disabled.
    """
    row, span = await find_endpoint(call), call.body
    if not row.url:
        raise refused([not_called(row)], call.caller.company)
    since = time_at("/since", span.since) if span.since else 0
    if not 0 <= span.after_seq < NEVER_MS or not 0 <= since < NEVER_MS:
        raise bad_value("/after_seq", "the number of a notice, and a time since 1970", "another number")
    asked = journal.ReplayAsked(call.caller.company, call.key, row.endpoint_id, since, span.after_seq)
    found = await call.mode.deliveries.ask(lambda store: journal.replay(store, asked, now_ms()))
    if found == "conflict":
        text = f"key {call.key!r}: wanted the words it was first used with, found others; use another key"
        raise Problem("conflict", text)
    if found == "closed":
        raise refused([not_enabled(row)], call.caller.company)
    return Replayed(found.count, found.seq, found.more, found.seen)


# --- what all have


async def find_endpoint(call: Call) -> Endpoint:
    """An endpoint of the caller's company. Raises  Problem: not_found"""
    row: Endpoint | None = await call.read(lambda look: look.ledger.find_row("endpoint", call.path["endpoint"]))
    if row is None or call.caller.company not in (row.company, NETWORK):
        raise Problem("not_found", f"endpoint {call.path['endpoint'][:40]}: this company has none such")
    return row


async def note_deliveries(call: Call, count: int, company: str, kind: str = "delivery") -> None:
    """What a company was told is about to be shown. Raises  Problem: unavailable; then it is not"""
    await call.note_reads(*reads_of(call, kind, filter_of(call), [company] * count))


async def _say(call: Call, kind: str, said: dict[str, Any]) -> Outcome:
    row = await find_endpoint(call)
    answer = done(
        await call.tell(kind, msgspec.json.encode({"endpoint": row.endpoint_id, **said})), call.caller.company
    )
    return Outcome("done", row.endpoint_id, answer.seen)


def _check(call: Call) -> None:
    """Raises  Problem: a version that is none, an address that is not called from here"""
    version, known = call.body.version, call.serving.history.versions
    if version and version not in known:
        raise bad_value("/version", f"blank or one of {', '.join(known)}", repr(version[:40]))
    if not call.body.url:
        return
    try:
        call.serving.guard.check_url(call.body.url)
    except Barred as barred:
        raise bad_value("/url", barred.wanted, barred.found, barred.todo) from None
    except ValueError as fault:
        raise bad_value("/url", "an address such as https://shop.example/told", str(fault)[:200]) from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Problem("not_found", f"{text[:40]}: wanted a number")
    return int(text)


def _moment(ms: int) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(ms / 1000, UTC) if ms else None
