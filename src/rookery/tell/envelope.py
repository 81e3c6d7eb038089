"""A notice as it is sent: a CloudEvents 1.0 event in JSON, with the extension `sequence`.

Source  https://github.com/cloudevents/spec, 1.0.2, structured mode
"""

import msgspec

from rookery.units import id_text, make_id, stamp_text

SOURCE = "rookery"  # names this hub and its ledger, unless it is told otherwise
CONTENT_TYPE = b"application/cloudevents+json; charset=utf-8"


class CloudEvent(msgspec.Struct, frozen=True):
    """An event. `sequence`: of this company's notices of this subject, from 1 on, as text."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: str
    data: msgspec.Raw
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


_WRITE = msgspec.json.Encoder()


def event_of(
    source: str, *, seq: int, type_: str, subject: str, sequence: int, heard_at: int, data: bytes
) -> CloudEvent:
    """A notice of the outbox of this source. Its id is the same each time: its place there."""
    id_ = id_text("msg", make_id(heard_at=heard_at, message_id=source.encode(), ordinal=seq))
    return CloudEvent(id_, source, type_, subject, stamp_text(heard_at), str(sequence), msgspec.Raw(data))


def write_event(event: CloudEvent) -> bytes:
    """The body of a notice."""
    return _WRITE.encode(event)
