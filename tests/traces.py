"""On how many random days a law of shared capacity is tried: ROOKERY_TRACES says, and `make laws` asks for 100,000."""

import os

BLOCKS = 20  # so that every core has something to do


def days(usual: int, *, part: int = 1) -> int:
    """So many, or as many as ROOKERY_TRACES says; `part` 10: a tenth of these, where each takes long."""
    asked = os.environ.get("ROOKERY_TRACES")
    return int(asked) // part if asked else usual


def blocks(usual: int, *, part: int = 1) -> list[range]:
    """Seeds of so many days, as in `days`, in blocks that are a test each."""
    count = days(usual, part=part)
    size = -(-count // BLOCKS)
    return [range(first, min(first + size, count)) for first in range(0, count, size)]
