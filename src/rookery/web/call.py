"""A request as its handler sees it, and what it answers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from rookery.hub.admission import Busy
from rookery.hub.callers import Caller
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.hub.message import Answer, Message
from rookery.journey.network.rows import ANY
from rookery.ledger.reads import Read
from rookery.web.asking import Asker, Unavailable
from rookery.web.problems import Problem, bad_fields, refused
from rookery.web.serving import Mode, Serving
from rookery.web.shapes import Outcome, name
from rookery.web.table import Route

FILTER_MAX = 300  # letters of a filter that the read log keeps
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `body`: a struct of the route's answers, text or bytes of its media type, or None."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on until the caller leaves."""

    parts: Callable[[], Any]
    media: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked against its route.

    query, body  structs of the route; raw: the body word for word
    key          the Idempotency-Key; blank where none is needed
    version      of the API, in which it is answered
    gone         says whether the caller has left; None: it cannot be known
    """

    serving: Serving
    route: Route
    caller: Caller
    request_id: str
    path: dict[str, str]
    query: Any
    body: Any
    raw: bytes
    key: str
    headers: Any
    version: str
    gone: Callable[[], Awaitable[bool]] | None = None

    @property
    def mode(self) -> Mode:
        """The hub that the request is about: live or test."""
        return self.serving.mode_of(self.caller)

    async def tell(self, kind: str, body: bytes | None = None, *, key: str = "") -> Answer:
        """Send the hub a message of the caller; only what was done or refused comes back.

        Raises  Problem: it cannot be read, may not be said, was said with other words; the hub is full
                Unavailable: the hub cannot write
        """
        key, words = key or f"{self.route.name}:{self.key}", self.raw if body is None else body
        message = Message(self.caller.company, key, kind, words, now(), awaited=True)
        answer = checked(await self.mode.worker.send(message))
        if named := {one for one in _list_named(answer) if one}:
            await self.note_reads(*reads_of_parts(self, "share", sorted(named)))
        return answer

    async def ask(self, kind: str, question: Callable[[Any], T]) -> T:
        """Ask the hub itself, in the caller's turn. Raises  Problem; Unavailable; what the question raises"""
        return await self._ask(self.mode.worker, kind, question)

    async def quote(self, question: Callable[[Any], T]) -> T:
        """Ask who quotes: the hub itself where nobody else does, or cannot now. Raises  as `ask`"""
        with suppress(Unavailable):
            return await self._ask(self.mode.quotes, "quote", question)
        return await self._ask(self.mode.worker, "quote", question)

    async def _ask(self, asker: Asker, kind: str, question: Callable[[Any], T]) -> T:
        found = await asker.ask(self.caller.company, kind, question)
        if isinstance(found, Busy):
            raise busy(found)
        return found  # type: ignore[no-any-return]

    async def read(self, look: Callable[[Look], T]) -> T:
        """Look into the ledger, in a thread of its own."""
        return await self.mode.readers.read(look)

    async def show(self, look: Callable[[Look], tuple[T, Iterable[Read]]]) -> T:
        """As `read`, of what is to be shown: who has read what of others is on the disk before.

        look    returns what it finds, and what is read by showing it
        Raises  Problem: unavailable; then it is not to be shown
        """

        def shown(ledger: Look) -> tuple[T, Future[bool] | None]:
            found, reads = look(ledger)
            across = [one for one in reads if one.caller != one.owner]
            return found, self.mode.reads.write(across) if across else None  # begun here: a way to the loop less

        found, written = await self.read(shown)
        if written is not None and not await asyncio.wrap_future(written):
            raise unavailable(self.route)
        return found

    async def note_reads(self, *reads: Read) -> None:
        """Write down what is about to be shown of others. Raises  Problem: unavailable; then it is not shown"""
        if any(one.caller != one.owner for one in reads):
            await self.show(lambda _: (None, reads))


def _list_named(answer: Answer) -> Iterator[str]:
    """The holders that an answer names besides the caller's own: in the operator's only, who has no orders."""
    yield from (one.lender for one in answer.spaces)
    yield from (kept.holder for one in answer.refusals if one.lack is not None for kept in one.lack.kept)


def reads_of(call: Call, kind: str, filter_: str, owners: Iterable[str]) -> list[Read]:
    """What is read by showing objects of a kind: of each owner, how many."""
    return [Read(call.caller.company, owner, kind, filter_, n, now()) for owner, n in Counter(owners).items()]


def reads_between(call: Call, kind: str, sides: Iterable[Collection[str]]) -> list[Read]:
    """What is read by showing objects that several companies have a part in: of each, unless it is the caller's too."""
    others = (own for own in sides if call.caller.company not in own)
    return reads_of(call, kind, filter_of(call), (company for own in others for company in own))


def reads_of_parts(call: Call, kind: str, holders: Iterable[str]) -> list[Read]:
    """What is read by showing what these holders have of shared space; nobody's is what the network itself has."""
    companies = map(call.serving.world.sharing.company_of, holders)
    return reads_of(call, kind, filter_of(call), (one for one in companies if one != ANY))


def filter_of(call: Call) -> str:
    """What was asked for, as the read log keeps it: the names in the path, or what a list is narrowed by."""
    if call.path:
        return "/".join(call.path.values())[:FILTER_MAX]
    fields = zip(call.query.__struct_encode_fields__, msgspec.structs.astuple(call.query), strict=True)
    words = [f"{name}={value}" for name, value in fields if name != "limit" and value not in ("", None)]
    return " ".join(words)[:FILTER_MAX] or "all"


def checked(answer: Answer | Busy) -> Answer:
    """An answer that was done or refused. Raises  Problem: everything else"""
    if isinstance(answer, Busy):
        raise busy(answer)
    if answer.outcome == "rejected":
        if answer.faults:
            raise bad_fields(answer.faults)
        raise Problem("forbidden" if answer.barred else "bad_request", answer.text)
    if answer.outcome == "conflict":
        raise Problem("conflict", answer.text)
    if answer.outcome == "failed":
        raise Problem("failed", "a fault of the hub; the message is kept for a person")
    return answer


def done(answer: Answer, company: str, prefix: str = "") -> Answer:
    """An answer that was done. Raises  Problem: it was refused

    prefix  of the id by which what was refused can be looked up; blank: it cannot
    """
    if answer.outcome == "refused":
        raise refused(answer.refusals, company, name(prefix, answer.about) if prefix else "")
    return answer


def busy(found: Busy) -> Problem:
    """Too much of this caller waits."""
    return Problem("too_many", str(found), headers={"retry-after": str(found.retry_after_s)})


def unavailable(route: Route) -> Problem:
    """The hub cannot write or read, or is stopping."""
    writes = "the hub cannot write now; send the same again under the same key, it is done once"
    text = writes if route.needs_key else "the hub cannot write or read its store now; ask again"
    return Problem("unavailable", text, headers={"retry-after": "2"})


async def say(call: Call, kind: str, said: dict[str, Any] | None = None, prefix: str = "") -> Outcome:
    """Tell the hub, and answer what came of it.

    said    None: the body of the request, word for word
    prefix  of the id of what it is about; blank: it has none
    Raises  Problem: refused, and what `tell` raises
    """
    answer = done(await call.tell(kind, None if said is None else msgspec.json.encode(said)), call.caller.company)
    return Outcome("done", name(prefix, answer.about) if prefix else "", answer.seen)
