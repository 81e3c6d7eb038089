"""Calls to a hub over HTTP: sent, sent again while the hub says later, and read.

Sent again is what was not answered, or answered with 429 or 503, under the same Idempotency-Key: nothing is done twice.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from rookery.web.problems import ProblemDoc
from rookery.web.table import JSON
from rookery.web.versions import HEADER, HISTORY

LATER = (429, 503)  # nothing was done, and the same words may be sent again
PATIENCE_S = 60.0
PAUSE_S, PAUSE_S_MAX = 0.2, 10.0  # between tries where the hub names no time; doubled each time
T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()


class HubFault(Exception):
    """The hub did not answer, or with something that is no answer of a hub."""


class HubProblem(HubFault):
    """The hub said no. `doc`: the problem document; `refusals` and `errors` in it say why."""

    def __init__(self, doc: ProblemDoc):
        super().__init__(f"{doc.status} {doc.code}: {doc.detail}")
        self.doc = doc


@dataclass(frozen=True, slots=True)
class Sent(Generic[T]):
    """A request of a route. `kind`: what comes back when it is done; `key`: blank where none is needed."""

    method: str
    path: str
    kind: type[T]
    query: msgspec.Struct | None = None
    body: msgspec.Struct | None = None
    key: str = ""


class Calls:
    """A connection to a hub.

    key         of a company, as the hub's operator made it; blank: only what anybody may ask
    patience_s  how long a request is sent again while the hub cannot be reached or says later
    http        httpx's client, where it is to be another than a plain one
    """

    def __init__(
        self,
        address: str,
        key: str = "",
        *,
        patience_s: float = PATIENCE_S,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._address, self._patience_s, self._sleep = address.rstrip("/"), patience_s, sleep
        self._http = http or httpx.Client(timeout=60.0)
        self._headers = {HEADER: HISTORY.newest} | ({"authorization": f"Bearer {key}"} if key else {})

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def _send(self, sent: Sent[T]) -> T:
        """What the hub answers.

        Raises  HubProblem: it said no; HubFault: it could not be reached, or is no hub
        """
        request = self._request(sent)
        until, pause_s = time.perf_counter() + self._patience_s, PAUSE_S
        while True:
            wait_s = pause_s
            try:
                reply = self._http.send(request)
            except httpx.TransportError as fault:
                problem: HubFault = HubFault(f"{self._address}: {type(fault).__name__}: {fault}")
                may_again = sent.method == "GET" or bool(sent.key) or isinstance(fault, httpx.ConnectError)
            else:
                if reply.is_success:
                    return _read(sent, reply)
                problem, may_again = _problem(reply), reply.status_code in LATER
                wait_s = _retry_after_s(reply, pause_s)
            if not may_again or time.perf_counter() + wait_s > until:
                raise problem
            self._sleep(wait_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    def _request(self, sent: Sent[T]) -> httpx.Request:
        headers = dict(self._headers)
        if sent.key:
            headers["idempotency-key"] = sent.key
        content = None
        if sent.body is not None:
            headers["content-type"], content = JSON, _ENCODER.encode(sent.body)
        query = {} if sent.query is None else msgspec.to_builtins(sent.query)
        params = {name: _text(value) for name, value in query.items() if value not in ("", None)}
        return self._http.build_request(
            sent.method, self._address + sent.path, params=params, headers=headers, content=content
        )


def new_key() -> str:
    """An Idempotency-Key that nobody has used."""
    return secrets.token_hex(16)


def part(text: str) -> str:
    """A text as a part of a path."""
    return quote(text, safe="")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(sent: Sent[T], reply: httpx.Response) -> T:
    if sent.kind is NoneType:
        return None  # type: ignore[return-value]
    if sent.kind is str:
        return reply.text  # type: ignore[return-value]
    try:
        return msgspec.json.decode(reply.content, type=sent.kind)
    except msgspec.MsgspecError as fault:
        raise HubFault(
            f"{sent.method} {sent.path}: wanted {sent.kind.__name__}, found another answer: {fault}"
        ) from None


def _problem(reply: httpx.Response) -> HubFault:
    try:
        return HubProblem(msgspec.json.decode(reply.content, type=ProblemDoc))
    except msgspec.MsgspecError:
        return HubFault(
            f"{reply.request.url}: wanted an answer of a hub, found {reply.status_code} {reply.text[:200]!r}"
        )


def _retry_after_s(reply: httpx.Response, otherwise: float) -> float:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 9 else otherwise
