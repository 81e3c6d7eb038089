"""One delivery over HTTP: signed, to an address that was checked, within a time, no redirects, a bounded answer."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind, Tracer

from rookery.hub.clock import now_ms
from rookery.spans import fail, note, span, traceparent
from rookery.tell.envelope import CONTENT_TYPE, SOURCE, event_of, write_event
from rookery.tell.guard import Barred, Guard
from rookery.tell.schedule import retry_after_ms
from rookery.tell.sign import headers
from rookery.tell.store import Claimed, Outcome
from rookery.tell.wire import Reply, Unspeakable, Wire

ANSWER_BYTES_MAX = 65_536  # more than this is not read, and the connection is closed
SHOWN_BYTES = 1_000  # of an answer, kept in the log
AGENT = b"Rookery-Webhooks/1.0"


@dataclass(frozen=True, slots=True)
class PostOptions:
    """How deliveries go out.

    source        of the events: names this hub and its ledger
    timeout_s     for all of an attempt: name, connection, answer
    tracer        of attempts, which then carry `traceparent`; None: nothing is traced
    word          from a type, the version that an endpoint is pinned to and `data`: the version that is spoken, and the
                  data in it; None: as it stands
    """

    source: str = SOURCE
    timeout_s: float = 10.0
    guard: Guard = field(default_factory=Guard)
    tracer: Tracer | None = None
    word: Callable[[str, str, bytes], tuple[str, bytes]] | None = None


class Unsigned(Exception):
    """There is no key to sign a delivery with."""


class Post:
    """What sends deliveries, one attempt at a time."""

    def __init__(self, options: PostOptions, context: ssl.SSLContext | None = None):
        self.options = options
        self._wire = Wire(options.guard, context)

    async def send(self, claimed: Claimed) -> Outcome:
        """Try a delivery once. Never raises but when it is cancelled."""
        with span(self.options.tracer, "POST webhook", SpanKind.CLIENT) as trace:
            outcome = await self._try(claimed)
            if trace.is_recording():
                _note(trace, outcome)
        return outcome

    async def _try(self, claimed: Claimed) -> Outcome:
        began = now_ms()
        reply, error = Reply(0), ""
        try:
            if not claimed.keys:
                raise Unsigned("the secret of the endpoint cannot be read, so that nothing can be signed; rotate it")
            async with asyncio.timeout(self.options.timeout_s):
                reply = await self._send(claimed, began // 1000)
        except TimeoutError:
            error = f"no answer within {self.options.timeout_s:g} s"
        except (Barred, Unsigned) as barred:
            error = str(barred)
        except (OSError, EOFError, Unspeakable) as fault:
            error = f"{type(fault).__name__}: {fault}"[:SHOWN_BYTES]
        ended = now_ms()
        status, retry_after = reply.status, reply.headers.get(b"retry-after", b"").decode("latin-1")
        return Outcome(
            claimed=claimed,
            began_ms=began,
            took_ms=max(0, ended - began),
            status=status,
            error=error or _word(status),
            response=reply.body[:SHOWN_BYTES].decode("utf-8", "replace"),
            retry_after_ms=retry_after_ms(retry_after, ended) if status in (429, 503) else 0,
        )

    async def _send(self, claimed: Claimed, sent_at: int) -> Reply:
        version, data = "", claimed.data
        if self.options.word is not None:
            version, data = self.options.word(claimed.type_, claimed.api_version, data)
        event = event_of(
            self.options.source, seq=claimed.seq, type_=claimed.type_, subject=claimed.subject,
            sequence=claimed.sequence, heard_at=claimed.heard_at, data=data,
        )  # fmt: skip
        body = write_event(event)
        fields = [
            (b"content-type", CONTENT_TYPE),
            (b"user-agent", AGENT),
            *headers(claimed.keys, notice_id=event.id, sent_at=sent_at, body=body),
        ]
        if version:
            fields.append((b"rookery-version", version.encode()))
        parent = traceparent() if self.options.tracer is not None else ""
        if parent:
            fields.append((b"traceparent", parent.encode()))
        return await self._wire.post(claimed.url, fields, body, limit=ANSWER_BYTES_MAX)

    def close(self) -> None:
        """Close connections that are kept."""
        self._wire.close()


def _note(trace: Span, outcome: Outcome) -> None:
    """Of an address only the name: its path and query are the receiver's, and may be a secret."""
    claimed, status = outcome.claimed, outcome.status
    note(trace, {
        "http.request.method": "POST", "server.address": urlsplit(claimed.url).hostname or "",
        "http.response.status_code": status or "", "rookery.company": claimed.company,
        "rookery.endpoint": claimed.endpoint, "rookery.type": claimed.type_, "rookery.attempt": claimed.number,
    })  # fmt: skip
    if not 200 <= status < 300:
        fail(trace, str(status) if status else "no_answer")


def _word(status: int) -> str:
    return "" if 200 <= status < 300 else "a redirect is not followed" if 300 <= status < 400 else f"status {status}"
