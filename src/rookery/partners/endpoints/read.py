"""What companies say about where they want to be told. See docs/webhooks.md.

{"url": "https://shop.example/rookery", "types": ["parcel.status_changed", "order.refused"]}
{"endpoint": "whk_...", "overlap_s": 3600}
"""

import re
from collections.abc import Collection
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from rookery.journey.endpoint import (
    EVERY,
    OVERLAP_S,
    DisableEndpoint,
    EnableEndpoint,
    RotateSecret,
    SetEndpoint,
    TryEndpoint,
)
from rookery.partners.port import UNREADABLE, BadMessage, FieldFault, meant, range_fault, read_object, shape_faults
from rookery.units import DAY_S

SEE = "see docs/webhooks.md"
URL_CHARS_MAX = 2_000
TEXT_MAX = 200  # letters of a description or a reason
OVERLAP_S_MAX = 30 * DAY_S
_ENDPOINT = re.compile(r"whk_[0-9a-v]{26}")
VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_URL = re.compile(r"[\x21-\x7e]+")  # what is to go out in a request line is plain ASCII

Text = TypeVar("Text", bound=msgspec.Struct)


class EndpointText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to tell what: the body of `set_endpoint`.

    url       blank: nobody is called, and it is fetched
    endpoint  blank: a new one
    version   of the API
    """

    url: str
    types: tuple[str, ...] = (EVERY,)
    description: str = ""
    endpoint: str = ""
    version: str = ""


class RotateText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose secret to change, as it is sent: the body of `rotate_secret`."""

    endpoint: str
    overlap_s: int = OVERLAP_S


class EndpointNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which endpoint is meant, as it is sent: the body of `disable_endpoint`, `enable_endpoint`, `test_endpoint`."""

    endpoint: str
    why: str = ""


def read_endpoint(body: bytes, sender: str, types: Collection[str]) -> SetEndpoint:
    """Where a company wants to be told. `types`: those there are. Raises  BadMessage: with every bad field"""
    text = _decode(body, EndpointText)
    faults = _url_faults(text.url) if text.url else []
    wrong = [one for one in text.types if one != EVERY and one not in types]
    if wrong or not text.types:
        wanted = f"some of {', '.join(sorted(types))}; or *"
        todo = meant(wrong[0], types) if wrong else "leave it out for all"
        faults.append(FieldFault("types", wanted, ", ".join(wrong)[:TEXT_MAX] or "none", todo))
    if len(text.description) > TEXT_MAX:
        faults.append(FieldFault("description", f"at most {TEXT_MAX} letters", str(len(text.description))))
    if text.version and not VERSION.fullmatch(text.version):
        faults.append(FieldFault("version", "a date such as 2026-11-28", repr(text.version[:TEXT_MAX])))
    faults += _id_faults(text.endpoint) if text.endpoint else []
    if faults:
        raise BadMessage(faults)
    return SetEndpoint(sender, text.endpoint, text.url, tuple(sorted(set(text.types))), text.description, text.version)


def read_rotate(body: bytes, sender: str) -> RotateSecret:
    """Whose secret to change. Raises  BadMessage: with every bad field"""
    text = _decode(body, RotateText)
    faults = _id_faults(text.endpoint)
    faults += range_fault("overlap_s", text.overlap_s, 0, OVERLAP_S_MAX)
    if faults:
        raise BadMessage(faults)
    return RotateSecret(sender, text.endpoint, text.overlap_s)


def read_disable(body: bytes, sender: str) -> DisableEndpoint:
    """Where to tell nothing any more. Raises  BadMessage: with every bad field"""
    named = _named(body)
    return DisableEndpoint(sender, named.endpoint, named.why)


def read_enable(body: bytes, sender: str) -> EnableEndpoint:
    """Where to tell again. Raises  BadMessage: with every bad field"""
    return EnableEndpoint(sender, _named(body).endpoint)


def read_try(body: bytes, sender: str) -> TryEndpoint:
    """Where to send a test. Raises  BadMessage: with every bad field"""
    return TryEndpoint(sender, _named(body).endpoint)


def _named(body: bytes) -> EndpointNamed:
    named = _decode(body, EndpointNamed)
    faults = _id_faults(named.endpoint)
    if len(named.why) > TEXT_MAX:
        faults.append(FieldFault("why", f"at most {TEXT_MAX} letters", str(len(named.why))))
    if faults:
        raise BadMessage(faults)
    return named


def _decode(body: bytes, kind: type[Text]) -> Text:
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE:
        wrong = shape_faults(read_object(body, SEE), kind, todo=SEE)
        raise BadMessage(wrong or [FieldFault("message", "an endpoint", "something else", SEE)]) from None


def _id_faults(endpoint: str) -> list[FieldFault]:
    if _ENDPOINT.fullmatch(endpoint):
        return []
    return [FieldFault("endpoint", "an endpoint's id such as whk_...", repr(endpoint[:TEXT_MAX]))]


def _url_faults(url: str) -> list[FieldFault]:
    """What is wrong with an address. Whether it may be called is seen when it is."""
    shown = repr(url[:TEXT_MAX])
    if len(url) > URL_CHARS_MAX or not _URL.fullmatch(url):
        return [FieldFault("url", f"plain ASCII of at most {URL_CHARS_MAX} letters", shown)]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [FieldFault("url", "an address such as https://shop.example/rookery", shown)]
    faults = []
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        faults.append(FieldFault("url", "an address such as https://shop.example/rookery", shown))
    if "@" in parts.netloc:
        faults.append(FieldFault("url", "no name and password in it", shown, "check the signature instead"))
    if "#" in url:
        faults.append(FieldFault("url", "no part after #", shown))
    return faults
