"""Signatures of what is sent, by Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in base64.

Source  https://www.standardwebhooks.com, symmetric signatures `v1`
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32  # the standard wants 24 to 64


def make_secret() -> str:
    """A fresh secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for.

    Raises  ValueError: it is empty, or not base64; the text does not show it
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("secret: wanted whsec_ and base64, found something else")
    return key


def signature(key: bytes, *, notice_id: str, sent_at: int, body: bytes) -> str:
    """One signature, `v1,` and base64. `sent_at`: seconds since the epoch."""
    signed = f"{notice_id}.{sent_at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(keys: Sequence[bytes], *, notice_id: str, sent_at: int, body: bytes) -> list[tuple[bytes, bytes]]:
    """The three headers of a delivery. While a secret rotates there are two keys, and a signature by each."""
    signed = " ".join(signature(key, notice_id=notice_id, sent_at=sent_at, body=body) for key in keys)
    return [
        (b"webhook-id", notice_id.encode()),
        (b"webhook-timestamp", str(sent_at).encode()),
        (b"webhook-signature", signed.encode()),
    ]
