"""The snapshot of a network folder: equal snapshots give equal plans."""

import hashlib
from collections.abc import Mapping

from holidays.version import __version__ as holidays_version

from rookery import units

FORMAT = 2  # rises when the same files come to mean something else


def snapshot_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 in hex over the files' names and bytes, the format, the time zones and the holiday sets.

    files  bytes by file name; their order does not matter
    """
    digest = hashlib.sha256()
    digest.update(f"rookery network {FORMAT}\n{units.tzdata_version()}\nholidays {holidays_version}\n".encode())
    for name, raw in sorted(files.items()):
        digest.update(f"{name} {len(raw)}\n".encode())
        digest.update(raw)
    return digest.hexdigest()
