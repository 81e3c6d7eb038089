"""Cursors that name nothing: where a page ends may be an object that its reader is not shown, or an id that it is not.

A cursor is sealed with the ledger's secret, for one company: the same place is the same text, in every process.
"""

import base64
import hashlib
import hmac

from rookery.hub.look import Look
from rookery.hub.open import SEAL

TAG_BYTES = 8


def seal(look: Look, company: str, place: str) -> str:
    """A place in a list, as a cursor; blank for none."""
    if not place:
        return ""
    key, words = _key(look, company), place.encode()
    tag = _draw(key + b"tag" + words, TAG_BYTES)
    return base64.urlsafe_b64encode(tag + _mixed(key, tag, words)).decode().rstrip("=")


def unseal(look: Look, company: str, cursor: str) -> str | None:
    """The place that a cursor of this company means; None: it is no cursor of it."""
    try:
        sealed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
    except ValueError:
        return None
    key, tag = _key(look, company), sealed[:TAG_BYTES]
    words = _mixed(key, tag, sealed[TAG_BYTES:])
    if not cursor.isascii() or not hmac.compare_digest(tag, _draw(key + b"tag" + words, TAG_BYTES)):
        return None
    return words.decode()


def _key(look: Look, company: str) -> bytes:
    return _draw(look.meta[SEAL].encode() + company.encode(), 32)


def _mixed(key: bytes, tag: bytes, words: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(words, _draw(key + b"mix" + tag, len(words)), strict=True))


def _draw(seed: bytes, count: int) -> bytes:
    return hashlib.shake_256(seed).digest(count)
