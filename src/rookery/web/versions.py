"""Dated versions of the API: what changed when, and bodies and answers as older callers know them.

Handlers know the newest version alone. A body of an older one is made newer change by change before it is read; an
answer is made older, the newest change first, before it is sent. What the hub hears and keeps is the newer body: a
request that is sent again after a change has come between is a conflict, and not done twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rookery.partners.port import UNREADABLE
from rookery.web.problems import Problem, bad_value

HEADER = "Rookery-Version"
FIRST = "2026-11-28"
Made = Callable[[Any], Any]  # of JSON as Python has it: the same in another version


@dataclass(frozen=True, slots=True)
class Change:
    """What became different for callers with a version.

    text     for people, one sentence
    bodies   by name of a route: from a body before the change, an object, one after it. What has not the shape that is
             wanted passes through: its reader says so
    answers  by name of a route: from an answer after the change, one before it
    notices  by type of notices: from `data` after the change, such before it
    """

    version: str
    text: str
    bodies: Mapping[str, Made] = field(default_factory=dict)
    answers: Mapping[str, Made] = field(default_factory=dict)
    notices: Mapping[str, Made] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """The versions that are spoken. `changes`: oldest first."""

    first: str
    changes: tuple[Change, ...] = ()

    @property
    def versions(self) -> list[str]:
        """All of them, oldest first."""
        return list(dict.fromkeys([self.first, *(one.version for one in self.changes)]))

    @property
    def newest(self) -> str:
        """What keys that are made now are pinned to."""
        return self.versions[-1]

    def choose(self, pinned: str, asked: str | None) -> str:
        """The version of a request: that of its header, or else what its key is pinned to, or else the newest.

        A key pinned to a day speaks the newest version of that day. Raises  Problem: there is no such version
        """
        known = self.versions
        if asked is not None and asked not in known:
            raise bad_value(
                f"header/{HEADER}", f"one of {', '.join(known)}", repr(asked[:40]), "leave it out or name one"
            )
        if asked is not None:
            return asked
        if pinned > known[-1]:
            text = (
                f"the key is pinned to {pinned}, wanted a version up to {known[-1]}; send {HEADER}, or make another key"
            )
            raise Problem("bad_request", text)
        return self.spoken(pinned)

    def spoken(self, pinned: str) -> str:
        """The version that is spoken to whoever is pinned to a day: the newest by then; blank: the newest of all."""
        known = self.versions
        return max((one for one in known if one <= pinned), default=known[0] if pinned else known[-1])

    def newer_body(self, route: str, version: str, raw: bytes) -> bytes:
        """A body of a version as the newest has it. What is no object stays as it is: its reader says so."""
        steps = [one.bodies[route] for one in self.changes if one.version > version and route in one.bodies]
        if not steps:
            return raw
        try:
            body = msgspec.json.decode(raw)
        except UNREADABLE:
            return raw
        return msgspec.json.encode(_through(steps, body)) if isinstance(body, dict) else raw

    def older_answer(self, route: str, version: str, answer: Any) -> Any:
        """An answer of the newest version as another has it."""
        steps = [one.answers[route] for one in reversed(self.changes) if one.version > version and route in one.answers]
        if not steps:
            return answer
        is_written = isinstance(answer, msgspec.Raw)
        return _through(steps, msgspec.json.decode(answer) if is_written else msgspec.to_builtins(answer))

    def older_notice(self, type_: str, pinned: str, data: bytes) -> tuple[str, bytes]:
        """The version that is spoken to an endpoint, and what a notice says in it."""
        version = self.spoken(pinned)
        steps = [one.notices[type_] for one in reversed(self.changes) if one.version > version and type_ in one.notices]
        return version, msgspec.json.encode(_through(steps, msgspec.json.decode(data))) if steps else data


def _through(steps: list[Made], value: Any) -> Any:
    for step in steps:
        value = step(value)
    return value


HISTORY = History(FIRST)
