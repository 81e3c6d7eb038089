"""When a delivery that has failed is tried again: over three days, each wait up to a fifth longer or shorter."""

import datetime as dt
from email.utils import parsedate_to_datetime
from random import Random

WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)  # after each attempt; then it is given up
JITTER = 0.2
AGE_S_MAX = 4 * 86_400  # one that has waited behind others so long is given up with fewer attempts
PROBES_S = (5, 10, 20, 40, 80, 160, 300)  # how long an endpoint that has failed so many times in a row is left alone
RETRY_AFTER_S_MAX = 86_400


def wait_ms(attempt: int, chance: Random, waits_s: tuple[int, ...] = WAITS_S) -> int | None:
    """How long to wait after an attempt, from 1, has failed; None: it was the last."""
    if attempt > len(waits_s):
        return None
    return _spread(waits_s[attempt - 1], chance)


def probe_ms(failures: int, chance: Random, probes_s: tuple[int, ...] = PROBES_S) -> int:
    """How long an endpoint is left alone after so many failures in a row, from 1."""
    return _spread(probes_s[min(failures, len(probes_s)) - 1], chance)


def _spread(wait_s: int, chance: Random) -> int:
    return round(wait_s * 1000 * chance.uniform(1 - JITTER, 1 + JITTER))


def retry_after_ms(text: str, now_ms: int) -> int:
    """The wait that a receiver asks for, in seconds or until a date; at most a day. 0: none, or not readable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), RETRY_AFTER_S_MAX) * 1000
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return min(max(0, round(until.timestamp() * 1000) - now_ms), RETRY_AFTER_S_MAX * 1000)
