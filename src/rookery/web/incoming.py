"""Bodies and parameters as the structs of a route, with every place of another shape told at once."""

from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from rookery.partners.port import (
    FAULTS_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    meant,
    read_object,
    shape_faults,
)
from rookery.web.problems import bad_fields, bad_parameters, bad_value
from rookery.web.table import Nothing, Route

QUERY_BYTES = 8_000
T = TypeVar("T")


def read_body(raw: bytes, kind: type[T]) -> T:
    """A body as a struct; as msgspec.Raw: only that it is JSON. Raises  Problem: with every field of another shape"""
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNREADABLE:
        pass
    try:
        value = read_object(raw)
        faults = [] if kind is msgspec.Raw else shape_faults(value, kind)
        raise BadMessage(faults or [FieldFault("message", "a JSON object", "something that cannot be read")])
    except BadMessage as bad:
        raise bad_fields(bad.faults) from None


def read_query(route: Route, text: str) -> Any:
    """The parameters of a URL as the route's struct. Raises  Problem: with every name and value that is wrong"""
    if len(text) > QUERY_BYTES:
        raise bad_value("query", f"at most {QUERY_BYTES} bytes", str(len(text)))
    if route.query is Nothing and not text:
        return Nothing()
    known, found, faults = route.query.__struct_encode_fields__, dict[str, str](), list[FieldFault]()
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in found:
            faults.append(FieldFault(name, "it once", "it twice"))
        elif name in known:
            found[name] = value
        elif len(faults) <= FAULTS_MAX:
            faults.append(FieldFault(name, ", ".join(known) or "no parameters", "another name", meant(name, known)))
    try:
        asked = msgspec.convert(found, route.query, strict=False)
    except UNREADABLE:
        asked, faults = None, [*faults, *_wrong_values(found, route.query)]
    if faults:
        raise bad_parameters(BadMessage(faults).faults)
    return asked


def _wrong_values(found: dict[str, str], kind: type[msgspec.Struct]) -> Iterator[FieldFault]:
    for field in msgspec.structs.fields(kind):
        if field.encode_name in found:
            yield from shape_faults(found[field.encode_name], field.type, field.encode_name, strict=False)
