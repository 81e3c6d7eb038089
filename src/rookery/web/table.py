"""The table of routes: what is asked where, what it may be asked with, what is answered.

The check of what comes in, OpenAPI, the client and the tests that walk all routes come from here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = Callable[[Any], Awaitable[Any]]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
EVENTS = "text/event-stream"
HTML = "text/html"


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, or no body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    path      with {name} for parts that vary; `about` says what they are
    scope     what the key must allow; blank: anybody may ask
    query     parameters in the URL; every one has a default
    body      what is read; None: nothing. `decodes`: here; False: by the hub, which says what is wrong
    reads     the media type of the body; what is not JSON the handler reads itself
    tells     what is answered to a request that cannot be read, where a standard has words for it; None: a problem
    example   a body that can be sent, as docs/api.md has it; None: none is told
    needs_key  an Idempotency-Key has to come with it
    answers   what is answered when it is done, by status; a struct, or a media type
    problems  codes of problems beside those that every route has
    """

    method: Method
    path: str
    name: str
    title: str
    scope: str
    handler: Handler
    answers: dict[int, Any]
    group: str
    query: type[msgspec.Struct] = Nothing
    body: Any = None
    needs_key: bool = False
    decodes: bool = True
    problems: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    text: str = ""
    reads: str = JSON
    example: Mapping[str, Any] | None = None
    tells: Callable[[str], Any] | None = None

    @property
    def may_lack_body(self) -> bool:
        """True if a body may be left out, since all of its fields may."""
        if self.reads != JSON or self.body is None:
            return False
        return not any(one.required for one in msgspec.structs.fields(self.body))


class Table:
    """Routes in the order in which they are written down; each name and each method of a path once."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def add(
        self,
        method: Method,
        path: str,
        *,
        title: str,
        scope: str,
        answers: dict[int, Any],
        group: str,
        query: type[msgspec.Struct] = Nothing,
        body: Any = None,
        needs_key: bool = False,
        decodes: bool = True,
        problems: tuple[str, ...] = (),
        about: dict[str, str] | None = None,
        reads: str = JSON,
        example: Mapping[str, Any] | None = None,
        tells: Callable[[str], Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Enter the handler below as a route; its name and its text are the function's."""

        def enter(handler: Handler) -> Handler:
            name = handler.__name__
            assert all((one.method, one.path) != (method, path) and one.name != name for one in self.routes), name
            self.routes.append(
                Route(
                    method, path, name, title, scope, handler, answers, group, query, body, needs_key, decodes,
                    problems, about or {}, (handler.__doc__ or "").strip(), reads, example, tells,
                )
            )  # fmt: skip
            return handler

        return enter


TABLE = Table()
