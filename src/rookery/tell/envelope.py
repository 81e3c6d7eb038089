"""A notice as it is sent: a CloudEvents 1.0 event in JSON, with the extension `sequence`.

Source  https://github.com/cloudevents/spec, 1.0.2, structured mode
"""

import msgspec

from rookery.units import id_text, make_id, stamp_text

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


def notice_id(source: str, seq: int, heard_at: int) -> str:
    """The id of a notice, the same each time it is sent: its place in the outbox of this source."""
    return id_text("msg", make_id(heard_at=heard_at, message_id=source.encode(), ordinal=seq))


def write_event(
    source: str, *, seq: int, type_: str, subject: str, sequence: int, heard_at: int, data: bytes
) -> tuple[str, bytes]:
    """Id and body of a notice."""
    id_ = notice_id(source, seq, heard_at)
    event = CloudEvent(id_, source, type_, subject, stamp_text(heard_at), str(sequence), msgspec.Raw(data))
    return id_, _WRITE.encode(event)
