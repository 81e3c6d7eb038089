"""The pages as they are asked for: who comes by the cookie, what they may see, what is wrong as a page.

    key ----> POST /signin ----> a token of it, an hour long, in a cookie that no script reads ----> pages
A form is taken only from a page of ours: the cookie is not sent with others' (SameSite=Strict), and Origin is checked.
"""

import json
import logging
import secrets
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as At

from rookery.hub.callers import Caller, make_secret
from rookery.hub.clock import now
from rookery.journey.key import TOKEN_S_MAX
from rookery.units import stamp_text
from rookery.web.access import access
from rookery.web.app import NOBODY, path_part
from rookery.web.call import Call, Reply, Stream, done
from rookery.web.door import find_caller
from rookery.web.incoming import read_query
from rookery.web.pages import api, companies, departures, home, messages, orders, parcel, why
from rookery.web.pages.live import changes
from rookery.web.pages.paper import PAGES, SCRIPT, STYLE, asset, paper
from rookery.web.problems import Problem
from rookery.web.serving import Serving
from rookery.web.table import EVENTS, HTML, Route

COOKIE = "rookery"
FORM_BYTES = 4_000
_MEDIA = {STYLE: "text/css; charset=utf-8", SCRIPT: "text/javascript; charset=utf-8"}
_GUARDS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_LOG = logging.getLogger(__name__)


class Pages:
    """All pages of a server."""

    def __init__(self, serving: Serving):
        self._serving = serving

    def routes(self) -> list[At]:
        """The pages, as Starlette takes them."""
        own = [At(route.path, _Endpoint(self, route), methods=[route.method]) for route in PAGES.routes]
        files = [At(f"/pages/{name}", _File(name), methods=["GET"]) for name in _MEDIA]
        return [*own, *files]

    async def tell(self, request: Request, problem: Problem) -> Response:
        """A problem of a path that is none, as a page."""
        serving = self.serving
        caller = await _find_visitor(serving, request, "") or NOBODY
        newest, id_ = serving.history.newest, secrets.token_hex(8)
        call = Call(serving, _NO_PAGE, caller, id_, {}, None, None, b"", "", request.headers, newest)
        reply = await _told(call, request, problem)
        return _respond(replace(reply, headers=problem.headers), call)

    @property
    def serving(self) -> Serving:
        """What the pages are about."""
        return self._serving


class _File:
    """A file that pages ask for."""

    def __init__(self, name: str):
        headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
        self._response = Response(asset(name), headers=headers, media_type=_MEDIA[name])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._response(scope, receive, send)


class _Endpoint:
    """One page as Starlette calls it."""

    def __init__(self, pages: Pages, route: Route):
        self._pages, self._route = pages, route

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        access().route = self._route.path
        serving, headers = self._pages.serving, request.headers
        newest = serving.history.newest
        bare = Call(serving, self._route, NOBODY, secrets.token_hex(8), {}, None, None, b"", "", headers, newest)
        call = bare
        try:
            call = await self._known(bare, request)
            call = await self._filled(call, request)
            response = _respond(await self._answer(call, request), call)
        except Problem as problem:
            response = _respond(await _told(call, request, problem), call)
        except ClientDisconnect:
            return
        except Exception:  # noqa: BLE001 - any bug is this page's alone
            _LOG.exception("request %s: %s broke", bare.request_id, self._route.path)
            text = f"a fault of the hub; name {bare.request_id} to its operator"
            response = _respond(await _told(call, request, Problem("failed", text)), call)
        await response(scope, receive, send)

    async def _known(self, call: Call, request: Request) -> Call:
        """The call with its caller, if the cookie says who. Raises  Problem: the page needs one that may see it"""
        caller = await _find_visitor(call.serving, request, "")
        known = replace(call, caller=caller or NOBODY)
        if self._route.scope and caller is None:
            raise Problem("unauthorized", "sign in to see this page")
        if self._route.scope and not {self._route.scope, "admin"} & known.caller.scopes:
            raise Problem("forbidden", f"this key does not allow {self._route.scope}; sign in with one that does")
        return known

    async def _filled(self, call: Call, request: Request) -> Call:
        """The call with what was asked. Raises  Problem: it cannot be read, or comes from another site"""
        path = {name: path_part(name, str(found)) for name, found in request.path_params.items()}
        raw = b""
        if self._route.method == "POST":
            _check_origin(request)
            raw = await _read_form(request)
        query = read_query(self._route, request.url.query)
        return replace(call, path=path, query=query, raw=raw)

    async def _answer(self, call: Call, request: Request) -> Any:
        if self._route.name == "live":
            if not call.caller.company:
                raise Problem("unauthorized", "sign in to hear of changes")
            call.mode.pulse.check(call.caller.company)
            return Stream(partial(changes, call.mode.pulse, call.caller), EVENTS)
        return await self._route.handler(call)


async def _find_visitor(serving: Serving, request: Request, secret: str) -> Caller | None:
    secret = secret or request.cookies.get(COOKIE, "")
    if not secret:
        return None
    try:
        return await find_caller(serving, {"authorization": f"Bearer {secret}"}, "")
    except Problem:
        return None


def _check_origin(request: Request) -> None:
    """Raises  Problem: the form was not on a page of ours"""
    origin = request.headers.get("origin", "")
    if not origin or urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem("forbidden", "origin: wanted a form of this site; open the page again and send it from there")


async def _read_form(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > FORM_BYTES:
            raise Problem("too_large", f"form: wanted at most {FORM_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


# --- what goes out


def _respond(reply: Any, call: Call) -> Response:
    headers = {"request-id": call.request_id, **_GUARDS}
    if isinstance(reply, Stream):
        return StreamingResponse(reply.parts(), media_type=reply.media, headers=headers | {"x-accel-buffering": "no"})
    assert isinstance(reply, Reply), "pages answer with replies"
    return Response(reply.body, reply.status, headers | reply.headers, media_type=HTML)


async def _told(call: Call, request: Request, problem: Problem) -> Reply:
    """A problem as a page; who is not known may sign in there."""
    access().code = problem.code
    if problem.code == "unauthorized":
        next_ = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return paper(call, "signin.html", status=401, next=_path_of_ours(next_), fault="")
    doc = problem.doc(call.request_id)
    return paper(call, "problem.html", status=problem.status, doc=doc)


def _path_of_ours(text: str) -> str:
    """A path of this site; everything else is its beginning."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_ours else "/"


# --- coming and going


@PAGES.add("POST", "/signin", title="Sign in", scope="", answers={303: HTML}, group="Pages")
async def sign_in(call: Call) -> Reply:
    """A token of the key goes into a cookie; the key itself is kept nowhere."""
    form = dict(parse_qsl(call.raw.decode("utf-8", "replace")))
    key, next_ = form.get("key", "").strip(), _path_of_ours(form.get("next", "/"))
    try:
        caller = await find_caller(call.serving, {"authorization": f"Bearer {key}"}, "")
        known, secret = replace(call, caller=caller), make_secret(caller.mode)
        at = max(now(), await known.read(lambda look: look.ledger.last_heard_at()))  # a demonstration's may be ahead
        said = {
            "do": "token", "key": caller.key_id, "id": secret.key_id, "hash": secret.hash_,
            "expires_at": stamp_text(at + TOKEN_S_MAX),
        }  # fmt: skip
        done(await known.tell("key", json.dumps(said).encode(), key=f"signin:{secret.key_id}"), caller.company)
    except Problem as problem:
        access().code = problem.code
        fault = problem.detail.removeprefix("authorization: ")
        return paper(call, "signin.html", status=problem.status, next=next_, fault=fault)
    return Reply(b"", 303, {"location": next_, "set-cookie": _cookie(call, secret.text, TOKEN_S_MAX)})


@PAGES.add("POST", "/signout", title="Sign out", scope="", answers={303: HTML}, group="Pages")
async def sign_out(call: Call) -> Reply:
    """The token opens nothing any more."""
    if call.caller.company:
        said = {"do": "revoke", "id": call.caller.key_id, "why": "signed out"}
        await call.tell("key", json.dumps(said).encode(), key=f"signout:{call.caller.key_id}")
    return Reply(b"", 303, {"location": "/", "set-cookie": _cookie(call, "", 0)})


async def _no_page(call: Call) -> Reply:
    raise AssertionError("there is no such page")


_NO_PAGE = Route("GET", "", "no_page", "No such page", "", _no_page, {404: HTML}, "Pages")


@PAGES.add("GET", "/events", title="Changes", scope="", answers={200: EVENTS}, group="Pages")
async def live(call: Call) -> Reply:
    """Tells an open page that something has changed, as server-sent events."""
    raise AssertionError("the pulse answers instead")


def _cookie(call: Call, text: str, seconds: int) -> str:
    safe = "; Secure" if call.headers.get("x-forwarded-proto") == "https" else ""
    return f"{COOKIE}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{safe}"


__all__ = ["Pages", "api", "companies", "departures", "home", "messages", "orders", "parcel", "why"]
