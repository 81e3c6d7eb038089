"""The only place that knows what time it is."""

import time


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def now() -> int:
    """Seconds since the epoch."""
    return int(time.time())
