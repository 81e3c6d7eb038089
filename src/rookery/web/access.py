"""A line in the log for each request: who asked for which route, what came of it, how long it took.

No line has a path, a query, a header, a body or a secret; of a key that was refused it has the id.
"""

import datetime as dt
import logging
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rookery.hub.clock import now_ms
from rookery.journey.key import SECRET

LOG = logging.getLogger("rookery.access")
LEFT = 499  # the status of a request whose caller has left before the answer
_ID = b"request-id"
_ENCODE = msgspec.json.Encoder().encode


class Line(msgspec.Struct, omit_defaults=True):
    """A line. ms: from the coming of a request until its answer began; what is blank is left out."""

    event: str
    level: str
    logger: str
    timestamp: dt.datetime
    method: str
    status: int
    ms: float
    request_id: str = ""
    route: str = ""
    code: str = ""
    company: str = ""
    mode: str = ""
    key: str = ""


@dataclass(slots=True)
class Access:
    """What is known of a request so far. code: of its problem; key: the id of the key that came with it."""

    route: str = ""
    code: str = ""
    company: str = ""
    mode: str = ""
    key: str = ""

    def present(self, secret: str) -> None:
        """A secret came with it, whether it opens anything or not."""
        shape = SECRET.fullmatch(secret)
        self.company, self.mode, self.key = "", shape[1] if shape else "", shape[2] if shape else ""


_CURRENT: ContextVar[Access] = ContextVar("access")


def access() -> Access:
    """Of the request that is being answered; one that nobody reads where none is, or no lines are written."""
    return _CURRENT.get(None) or Access()


class Accesses:
    """An application whose requests are written down."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not LOG.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        began, one, is_told = time.perf_counter(), Access(), False
        _CURRENT.set(one)

        async def told(message: Message) -> None:
            nonlocal is_told
            if message["type"] == "http.response.start":
                is_told = True
                _write(one, scope["method"], message, time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, told)
        if not is_told:
            _write(one, scope["method"], {"status": LEFT}, time.perf_counter() - began)


def _write(one: Access, method: str, message: Any, took_s: float) -> None:
    status = message["status"]
    request_id = next((value.decode() for name, value in message.get("headers", ()) if name == _ID), "")
    at = dt.datetime.fromtimestamp(now_ms() / 1000, dt.UTC)
    line = Line(
        "request", "error" if status >= 500 else "info", LOG.name, at, method, status,
        round(took_s * 1000, 3), request_id, one.route, one.code, one.company, one.mode, one.key,
    )  # fmt: skip
    LOG.info("%s", _ENCODE(line).decode())
