"""A file of messages: NDJSON, one message a line, as a hub hears them. See docs/space.md.

{"sender": "lumen_gadgets", "key": "h1", "kind": "hold_space", "heard_at": "2026-11-20T08:00Z", "body": {...}}
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rookery.partners.port import INSTANT_MAX, UNREADABLE, BadMessage, FieldFault, described, not_json
from rookery.units import read_instant

FILE_BYTES_MAX = 2_000_000_000
TEXT_MAX = 200  # letters of a sender, a key, a kind
NAMES = ("sender", "key", "kind")
FIELDS = (*NAMES, "heard_at", "body")


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message of a file, its body word for word; or why it cannot be read. `line`: from 1."""

    line: int
    sender: str = ""
    key: str = ""
    kind: str = ""
    heard_at: int = 0
    body: bytes = b""
    faults: tuple[FieldFault, ...] = ()


class MessageFileFault(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


def read_messages(path: Path) -> Iterator[MessageLine]:
    """Every message of a file, in order.

    Raises  MessageFileFault: no such file, or too large
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            raise MessageFileFault(
                f"messages {path}: wanted at most {FILE_BYTES_MAX} bytes, found {size}; split the file"
            )
        words = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as fault:
        raise MessageFileFault(f"messages {path}: wanted a file that can be read, found: {fault.strerror}") from None
    for line, row in enumerate(words.split(b"\n"), 1):
        if row.strip():
            yield read_message(line, row)


def read_message(line: int, row: bytes) -> MessageLine:
    """One line of a file: a message, or every fault of it."""
    try:
        return _read(line, row)
    except BadMessage as bad:
        return MessageLine(line, faults=tuple(bad.faults))


def _read(line: int, row: bytes) -> MessageLine:
    try:
        fields = msgspec.json.decode(row, type=dict[str, msgspec.Raw])
        msgspec.json.decode(row)  # what is raw is looked at, too
    except UNREADABLE as fault:
        raise BadMessage([FieldFault("line", "a JSON object", _no_object(row, fault))]) from None
    faults = [FieldFault(name, "a value", "nothing") for name in FIELDS if name not in fields]
    wanted = f"one of the fields {', '.join(FIELDS)}"
    faults += [FieldFault(name[:TEXT_MAX], wanted, "another name") for name in fields if name not in FIELDS]
    texts = {name: _text(name, fields[name], faults) for name in NAMES if name in fields}
    heard_at = _heard_at(msgspec.json.decode(fields["heard_at"]), faults) if "heard_at" in fields else 0
    if faults:
        raise BadMessage(faults)
    sender, key, kind = (texts[name] for name in NAMES)
    return MessageLine(line, sender, key, kind, heard_at, _body(fields["body"]))


def _no_object(row: bytes, fault: Exception) -> str:
    """What a line is that is no JSON object."""
    try:
        return described(msgspec.json.decode(row))
    except UNREADABLE:
        return not_json(row, fault)


def _text(name: str, raw: msgspec.Raw, faults: list[FieldFault]) -> str:
    value = msgspec.json.decode(raw)
    if isinstance(value, str) and 1 <= len(value) <= TEXT_MAX:
        return value
    found = f"{len(value)} letters" if isinstance(value, str) else described(value)
    faults.append(FieldFault(name, f"text of 1 to {TEXT_MAX} letters", found))
    return ""


def _heard_at(value: object, faults: list[FieldFault]) -> int:
    try:
        instant = read_instant(value) if isinstance(value, str) else value
    except ValueError:
        instant = None
    if isinstance(instant, int) and not isinstance(instant, bool) and 0 <= instant < INSTANT_MAX:
        return instant
    wanted = "a time with its offset such as 2026-11-22T17:30+01:00, or seconds since 1970, up to 2199"
    faults.append(FieldFault("heard_at", wanted, repr(value)[:TEXT_MAX]))
    return 0


def _body(raw: msgspec.Raw) -> bytes:
    """The words of a body: text is what it says, anything else stands for itself."""
    value = msgspec.json.decode(raw)
    return value.encode() if isinstance(value, str) else bytes(raw)
