"""What companies say to each other: messages `connection`, `grant` and `request`. See docs/trust.md.

{"do": "invite", "company": "haul", "note": "from January on"}
{"do": "make", "company": "haul", "kinds": ["parcel"], "profile": "carrier", "purpose": "last_mile",
 "expires_at": "2027-01-01T00:00Z", "query": {"country": "ES"}}
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from rookery.journey.connection import ChangeConnection, Invite
from rookery.journey.grant import MakeGrant, Query, RevokeGrant
from rookery.journey.profiles import PROFILES, GrantKind, ProfileName
from rookery.journey.request import AdvanceRequest, MakeRequest, RewriteRequest
from rookery.partners.port import UNREADABLE
from rookery.partners.trust.shape import WORD, Fields, Said, read_said

REQUEST_BYTES_MAX = 65_536  # of what is asked, and of an answer
_WORD = "a word of small letters, digits, _ and dots"

NewId = Callable[[], bytes]


class InviteText(Said, frozen=True):
    """A company is invited."""

    company: str
    expires_at: str = ""
    note: str = ""


class ConnectionText(Said, frozen=True):
    """A word on the connection with a company."""

    company: str
    why: str = ""


class QueryText(Said, frozen=True):
    """Which objects are meant; blank: any."""

    country: str = ""
    product: str = ""


class GrantText(Said, frozen=True):
    """A company is shown something: one object, or what a query says."""

    company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    expires_at: str
    object: str = ""
    query: QueryText | None = None


class GrantNamed(Said, frozen=True):
    """A grant is revoked."""

    grant: str
    why: str = ""


class RequestText(Said, frozen=True):
    """A company is asked for something, or will be."""

    company: str
    kind: str
    body: Any
    expires_at: str


class RequestBody(Said, frozen=True):
    """A draft says something else."""

    request: str
    body: Any


class RequestNamed(Said, frozen=True):
    """A word on a request."""

    request: str
    answer: Any = None


class RequestCancelled(Said, frozen=True):
    """A wish to cancel a request, and until when it can be answered."""

    request: str
    answer: Any = None
    expires_at: str = ""


def read_connection(body: bytes, sender: str, new_id: NewId) -> list[Any]:
    """A word on a connection. Raises  BadMessage: with every bad field"""
    words = dict.fromkeys(("accept", "decline", "suspend", "resume", "revoke"), ConnectionText)
    do, text = read_said(body, {"invite": InviteText, **words})
    checks = Fields()
    checks.company("company", text.company)
    if do == "invite":
        checks.short(note=text.note)
        expires_at = checks.instant("expires_at", text.expires_at, needed=False)
        checks.end()
        return [Invite(new_id(), sender, text.company, expires_at, text.note)]
    checks.short(why=text.why)
    checks.end()
    return [ChangeConnection(sender, text.company, do, text.why)]  # type: ignore[arg-type]  # one of the words above


def read_grant(body: bytes, sender: str, new_id: NewId) -> list[Any]:
    """A word on a grant. Raises  BadMessage: with every bad field"""
    do, text = read_said(body, {"make": GrantText, "revoke": GrantNamed})
    checks = Fields()
    if do == "revoke":
        grant_id = checks.id_("grant", text.grant, "grt")
        checks.short(why=text.why)
        checks.end()
        return [RevokeGrant(sender, grant_id, text.why)]
    checks.company("company", text.company)
    checks.words("kinds", text.kinds, get_args(GrantKind))
    checks.match("purpose", text.purpose, WORD, _WORD)
    object_id = checks.id_("object", text.object, "ord", "shp", "pcl", needed=False)
    expires_at = checks.instant("expires_at", text.expires_at)
    if bool(text.object) == (text.query is not None):
        checks.fault("query", "either an object or a query", "both" if text.object else "neither")
    dull = [kind for kind in text.kinds if kind not in PROFILES[text.profile]]
    if dull:
        shown = ", ".join(kind for kind in get_args(GrantKind) if kind in PROFILES[text.profile])
        checks.fault("kinds", f"some of {shown}, which {text.profile} shows", ", ".join(dull))
    asked = text.query or QueryText()
    checks.short(country=asked.country, product=asked.product)
    checks.end()
    query = Query(asked.country, asked.product)
    return [
        MakeGrant(
            new_id(), sender, text.company, text.kinds, text.profile, text.purpose, expires_at, object_id, query
        )
    ]  # fmt: skip


def read_request(body: bytes, sender: str, new_id: NewId) -> list[Any]:
    """A word on a request. Raises  BadMessage: with every bad field"""
    words = dict.fromkeys(("send", "accept", "reject", "close"), RequestNamed)
    shapes: dict[str, type[Said]] = {
        "draft": RequestText,
        "ask": RequestText,
        "change": RequestBody,
        "cancel": RequestCancelled,
        **words,
    }
    do, text = read_said(body, shapes)
    checks = Fields()
    if do in ("draft", "ask"):
        checks.company("company", text.company)
        checks.match("kind", text.kind, WORD, _WORD)
        content, expires_at = _json("body", text.body, checks), checks.instant("expires_at", text.expires_at)
        checks.end()
        return [MakeRequest(new_id(), sender, text.company, text.kind, content, expires_at, do == "draft")]
    request_id = checks.id_("request", text.request, "req")
    if do == "change":
        content = _json("body", text.body, checks)
        checks.end()
        return [RewriteRequest(sender, request_id, content)]
    answer = "" if text.answer is None else _json("answer", text.answer, checks)
    expires_at = checks.instant("expires_at", text.expires_at, needed=False) if do == "cancel" else 0
    checks.end()
    return [AdvanceRequest(sender, request_id, do, answer, expires_at)]  # type: ignore[arg-type]  # one of the words


def _json(path: str, value: Any, checks: Fields) -> str:
    """The value as JSON text."""
    try:
        text = msgspec.json.encode(value)
    except (*UNREADABLE, OverflowError, ValueError) as fault:
        checks.fault(path, "JSON", str(fault))
        return ""
    if len(text) > REQUEST_BYTES_MAX:
        checks.fault(path, f"at most {REQUEST_BYTES_MAX:,} bytes of JSON", f"{len(text):,} bytes")
    return text.decode()
