"""What a caller is told when something is not done: problem documents (RFC 9457), every bad field at once."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from rookery.hub.refusals import RefusalTold, refusal_told
from rookery.hub.spaces import refusals_told
from rookery.journey.state import Refusal
from rookery.partners.port import FieldFault, meant
from rookery.units import read_instant

TYPES = "https://rookery.example/problems/"  # names, not pages
MEDIA = "application/problem+json"
KNOWN_TOLD = 60  # words that a problem lists

Source = Literal["client", "network", "partner"]

# code -> status, title, source, whether the same words may do later
CODES: dict[str, tuple[int, str, Source, bool]] = {
    "bad_request": (400, "The request cannot be read", "client", False),
    "unauthorized": (401, "The key is missing, unknown, expired or revoked", "client", False),
    "forbidden": (403, "The key may not do this", "client", False),
    "not_found": (404, "There is no such thing, or it is not shown to this company", "client", False),
    "method_not_allowed": (405, "The path has no such method", "client", False),
    "conflict": (409, "The idempotency key was used for other words", "client", False),
    "too_large": (413, "The body is too large", "client", False),
    "unsupported_media_type": (415, "The body has another type or encoding than is read here", "client", False),
    "refused": (422, "The network says no", "network", False),
    "too_many": (429, "Too many requests of this company wait", "client", True),
    "failed": (500, "A fault of the hub; it is kept for a person", "network", False),
    "unavailable": (503, "The hub cannot write or read its store at the moment", "network", True),
}

UNREAD = ("bad_request", "too_large", "unsupported_media_type")  # problems of a request that cannot be read


class FieldProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One bad field. `pointer`: a JSON pointer into the body, or `query/name`, `header/name`, `path/name`."""

    pointer: str
    code: str
    message: str
    suggestion: str = ""


class ProblemDoc(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document. `errors`: every bad field; `refusals`: what the network lacks, with the numbers.

    about  the id of what was refused, by which it can be looked up; blank: there is nothing to look up
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    source: Source
    retryable: bool
    request_id: str
    errors: tuple[FieldProblem, ...] = ()
    refusals: tuple[RefusalTold, ...] = ()
    about: str = ""


class Problem(Exception):
    """Raised by whoever handles a request: it becomes the answer."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Iterable[FieldProblem] = (),
        refusals: Iterable[RefusalTold] = (),
        headers: dict[str, str] | None = None,
        about: str = "",
    ):
        super().__init__(detail)
        self.code, self.detail = code, detail
        self.errors, self.refusals, self.headers = tuple(errors), tuple(refusals), headers or {}
        self.about = about

    @property
    def status(self) -> int:
        """The status of the answer."""
        return CODES[self.code][0]

    def doc(self, request_id: str) -> ProblemDoc:
        """The document, for one request."""
        status, title, source, retryable = CODES[self.code]
        return ProblemDoc(
            TYPES + self.code, title, status, self.code, self.detail, source, retryable, request_id, self.errors,
            self.refusals, self.about,
        )  # fmt: skip


def bad_fields(faults: Iterable[FieldFault]) -> Problem:
    """A body with bad fields."""
    return _bad((_pointer(one.path), one) for one in faults)


def bad_parameters(faults: Iterable[FieldFault]) -> Problem:
    """A URL with bad parameters."""
    return _bad((f"query/{one.path}", one) for one in faults)


def _bad(faults: Iterable[tuple[str, FieldFault]]) -> Problem:
    errors = [FieldProblem(pointer, "bad_field", f"wanted {one.wanted}, found {one.found}", one.todo)
              for pointer, one in faults]  # fmt: skip
    detail = "; ".join(f"{one.pointer or 'body'}: {one.message}" for one in errors[:20])
    return Problem("bad_request", detail, errors=errors)


def refused(refusals: Iterable[Refusal], company: str, about: str = "") -> Problem:
    """What the network cannot give, without what is kept for others. `about`: the id to look it up by."""
    told = refusals_told(refusals, company)
    return Problem("refused", "; ".join(map(str, told)), refusals=map(refusal_told, told), about=about)


def bad_value(pointer: str, wanted: str, found: Any, todo: str = "correct it and send it again") -> Problem:
    """One bad parameter."""
    text = f"wanted {wanted}, found {found}"
    return Problem("bad_request", f"{pointer}: {text}", errors=[FieldProblem(pointer, "bad_field", text, todo)])


def time_at(pointer: str, text: str) -> int:
    """An instant that a caller names. Raises  Problem: a text that is none"""
    try:
        return read_instant(text)
    except (ValueError, OverflowError):
        raise bad_value(pointer, "a time with its offset such as 2026-11-28T09:00+01:00", text[:40]) from None


def check_known(pointer: str, word: str, there: Iterable[str]) -> None:
    """Raises  Problem: a word, not blank, that none of what there is has"""
    known = sorted(set(there))
    if word and word not in known:
        more = f" and {len(known) - KNOWN_TOLD} more" if len(known) > KNOWN_TOLD else ""
        wanted = f"blank or one of {', '.join(known[:KNOWN_TOLD])}{more}"
        raise bad_value(pointer, wanted, repr(word[:40]), meant(word, known))


def _pointer(path: str) -> str:
    """`events[3].at` as a JSON pointer; a message as a whole is the root."""
    if path in ("", "message"):
        return ""
    return "/" + path.replace("[", "/").replace("]", "").replace(".", "/")
