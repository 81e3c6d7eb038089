"""On how many random days a law of shared capacity is tried: ROOKERY_TRACES says, and `make laws` asks for 100,000."""

import os

BLOCKS = 20  # so that every core has something to do


def blocks(usual: int) -> list[range]:
    """Seeds of so many days, or of as many as ROOKERY_TRACES says, in blocks that are a test each."""
    count = int(os.environ.get("ROOKERY_TRACES", usual))
    size = -(-count // BLOCKS)
    return [range(first, min(first + size, count)) for first in range(0, count, size)]
