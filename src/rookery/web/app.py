"""The server's application: every route of the table, checked, answered, with the problems of each as documents."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from opentelemetry.trace import Span, SpanKind
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as At

from rookery.hub.callers import Caller
from rookery.hub.group import BODY_BYTES_MAX
from rookery.partners.port import FieldFault
from rookery.spans import fail, note, span
from rookery.web.access import access
from rookery.web.asking import Unavailable
from rookery.web.call import Call, Reply, Stream, unavailable
from rookery.web.door import find_caller
from rookery.web.incoming import read_body, read_query
from rookery.web.openapi import KEY_LETTERS
from rookery.web.problems import MEDIA, UNREAD, Problem, ProblemDoc, bad_fields, bad_value
from rookery.web.serving import Serving
from rookery.web.table import HTML, JSON, Route
from rookery.web.versions import HEADER

VERSION = HEADER.lower()
PATH_LETTERS = 300  # of a part of a path
DRAINED_MAX = 4 * BODY_BYTES_MAX  # of a body that is too large, so that its sender hears the answer
BODY_S = 60  # within which a body has to come
NOBODY = Caller("", "", frozenset(), "live", "", "")
_KEY = re.compile(rf"[!-~]{{1,{KEY_LETTERS}}}")
PageOf = Callable[[Request, Problem], Awaitable[Response]]
_LOG = logging.getLogger(__name__)
_ENCODER = msgspec.json.Encoder()


def make_app(
    serving: Serving, routes: list[Route], pages: Sequence[At] = (), page_of: PageOf | None = None
) -> Starlette:
    """The application of these routes, and of pages. `page_of`: tells browsers of a path that is not there."""
    paths: dict[str, dict[str, _Endpoint]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = _Endpoint(serving, route)
    named = sorted(paths, key=lambda path: "{" in path)  # what is written out goes before what varies
    at = [At(path, _Path(paths[path]), methods=list(paths[path])) for path in named]
    app = Starlette(routes=[*at, *pages], exception_handlers={HTTPException: partial(_no_route, page_of)})
    app.router.redirect_slashes = False
    return app


class _Path:
    """All routes of a path: a method that it has not is told those that it has."""

    def __init__(self, endpoints: "dict[str, _Endpoint]"):
        self._endpoints = endpoints

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._endpoints[method](scope, receive, send)


class _Endpoint:
    """One route as Starlette calls it."""

    def __init__(self, serving: Serving, route: Route):
        self._serving, self._route = serving, route
        self._may_lack_body = route.may_lack_body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        access().route = self._route.path
        began, told = time.perf_counter(), {"request-id": secrets.token_hex(8), VERSION: self._serving.history.newest}
        name = f"{self._route.method} {self._route.path}"
        with span(self._serving.tracer, name, SpanKind.SERVER, request.headers) as trace:
            response = await self._answer(request, told, trace)
            if trace.is_recording():
                self._note(trace, told["request-id"], 499 if response is None else response.status_code)
        if response is None:
            return
        self._serving.times.note(self._route.name, time.perf_counter() - began)
        await response(scope, receive, send)

    async def _answer(self, request: Request, told: dict[str, str], trace: Span) -> Response | None:
        """What is answered; None: the caller has left. `told`: headers of the answer."""
        try:
            reply = await self._route.handler(await self._call(request, told, trace))
            return self._respond(reply, told)
        except Problem as problem:
            tells = self._route.tells if problem.code in UNREAD else None
            return _problem(problem, told) if tells is None else self._respond(tells(problem.detail), told)
        except Unavailable:
            return _problem(unavailable(self._route), told)
        except ClientDisconnect:
            return None
        except Exception:  # noqa: BLE001 - any bug is this request's alone
            named = told["request-id"]
            _LOG.exception("request %s: %s %s broke", named, self._route.method, self._route.path)
            return _problem(Problem("failed", "a fault of the hub; name the request_id to its operator"), told)

    def _note(self, trace: Span, request_id: str, status: int) -> None:
        note(trace, {
            "http.request.method": self._route.method, "http.route": self._route.path,
            "http.response.status_code": status, "rookery.request_id": request_id,
        })  # fmt: skip
        if status >= 500:
            fail(trace, str(status))

    def _respond(self, reply: Any, told: dict[str, str]) -> Response:
        route = self._route
        if isinstance(reply, Stream):
            return StreamingResponse(reply.parts(), media_type=reply.media, headers={"cache-control": "no-store"})
        if not isinstance(reply, Reply):
            reply = Reply(reply, next(iter(route.answers)))
        kind, headers = route.answers[reply.status], told | reply.headers
        if kind is None:
            return Response(status_code=reply.status, headers=headers)
        if isinstance(kind, str):
            return Response(reply.body, reply.status, headers, media_type=kind)
        body = self._serving.history.older_answer(route.name, told[VERSION], reply.body)
        return Response(_ENCODER.encode(body), reply.status, headers, media_type=JSON)

    async def _call(self, request: Request, told: dict[str, str], trace: Span) -> Call:
        route, serving = self._route, self._serving
        caller = await find_caller(serving, request.headers, route.scope) if route.scope else NOBODY
        if trace.is_recording() and caller is not NOBODY:
            note(trace, {"rookery.company": caller.company, "rookery.hub": caller.mode})
        told[VERSION] = version = serving.history.choose(caller.version, request.headers.get(VERSION))
        path = {name: path_part(name, str(value)) for name, value in request.path_params.items()}
        query = read_query(route, request.url.query)
        key = _read_key(request) if route.needs_key else ""
        raw, body = b"", None
        if route.body is not None:
            lacks = not _has_body(request)
            if lacks and route.reads == JSON and not self._may_lack_body:
                raise _no_body(route)
            if not lacks:
                raw = await _timely(request, route.reads)
            if self._may_lack_body:
                raw = raw or b"{}"
            raw = serving.history.newer_body(route.name, version, raw) if route.reads == JSON else raw
            if route.reads == JSON:
                body = read_body(raw, route.body if route.decodes else msgspec.Raw)
        return Call(
            serving, route, caller, told["request-id"], path, query, body, raw, key, request.headers, version,
            request.is_disconnected,
        )  # fmt: skip


# --- what comes in


def path_part(name: str, value: str) -> str:
    """A part of a path. Raises  Problem: it is none that anything could be called"""
    if not value or len(value) > PATH_LETTERS or not value.isprintable():
        raise bad_value(f"path/{name}", f"1 to {PATH_LETTERS} printable letters", repr(value[:40]))
    return value


def _read_key(request: Request) -> str:
    keys = request.headers.getlist("idempotency-key")
    if len(keys) != 1 or not _KEY.fullmatch(keys[0]):
        found = "none" if not keys else "several" if len(keys) > 1 else repr(keys[0][:40])
        raise bad_value("header/Idempotency-Key", f"one, of 1 to {KEY_LETTERS} visible ASCII letters", found)
    return keys[0]


async def _timely(request: Request, wanted: str) -> bytes:
    """A body, unless its sender takes too long."""
    try:
        async with asyncio.timeout(BODY_S):
            return await _read_body(request, wanted)
    except TimeoutError:
        found = Problem("bad_request", f"body: wanted all of it within {BODY_S} s", headers={"connection": "close"})
        raise found from None


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _no_body(route: Route) -> Problem:
    """That a body is wanted, and what has to be in it."""
    needed = ", ".join(one.encode_name for one in msgspec.structs.fields(route.body) if one.required)
    wanted = f"a body of {route.reads} with {needed}"
    return bad_fields([FieldFault("message", wanted, "nothing", "send one; /v1/openapi.json has its fields")])


async def _read_body(request: Request, wanted: str) -> bytes:
    packed = request.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity"):
        found = f"content-encoding: wanted a body as it is, found {packed[:40]!r}; send it without that"
        raise Problem("unsupported_media_type", found)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted:
        raise Problem("unsupported_media_type", f"content-type: wanted {wanted}, found {kind or 'none'}")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= BODY_BYTES_MAX:
            parts.append(part)
        elif size > DRAINED_MAX:
            break
    if size > BODY_BYTES_MAX:
        raise Problem("too_large", f"body: wanted at most {BODY_BYTES_MAX} bytes; send several requests")
    return b"".join(parts)


# --- what goes out


def _problem(problem: Problem, told: dict[str, str]) -> Response:
    access().code = problem.code
    body = _ENCODER.encode(problem.doc(told["request-id"]))
    return Response(body, problem.status, told | problem.headers, media_type=MEDIA)


async def _no_route(page_of: PageOf | None, request: Request, fault: Exception) -> Response:
    """A path that is not there, or has no such method: to a browser, which asks for HTML, as a page."""
    assert isinstance(fault, HTTPException), "it is registered for these"
    code = "method_not_allowed" if fault.status_code == 405 else "not_found"
    detail = f"{request.method} {request.url.path[:200]}: see /v1/openapi.json"
    problem = Problem(code, detail, headers=dict(fault.headers or {}))
    if page_of is not None and HTML in request.headers.get("accept", ""):
        return await page_of(request, problem)
    return _problem(problem, {"request-id": secrets.token_hex(8)})


__all__ = ["ProblemDoc", "make_app"]
