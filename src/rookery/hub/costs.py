"""What a message is expected to cost, in microseconds of the hub's time: stated by kind and size, then learned."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

MILLION = 1_000_000
LEARN_SHIFT = 3  # each message that was done counts for an eighth of the estimate
FACTOR_PPM_MIN, FACTOR_PPM_MAX = 10_000, 100 * MILLION  # an estimate stays within a hundredth and a hundredfold


@dataclass(frozen=True, slots=True)
class KindCost:
    """What messages of a kind cost before any was done.

    us     microseconds for each, at least 1
    kb_us  microseconds for each 1,024 bytes of its body, at least 0
    """

    us: int
    kb_us: int

    def __post_init__(self) -> None:
        if self.us < 1 or self.kb_us < 0:
            raise ValueError(
                f"cost of a kind: wanted us of at least 1 and kb_us of at least 0, found {self}; correct it"
            )


OTHER = ""  # stands for every kind that is not stated: such messages are rejected, which costs little

# First guesses, to the order of magnitude; what messages really take corrects them within some ten of a kind.
COSTS: Mapping[str, KindCost] = {
    "order": KindCost(4_000, 500),
    "order_for_round": KindCost(500, 500),
    "cancel_order": KindCost(500, 0),
    "close_round": KindCost(100_000, 0),
    "clock": KindCost(10_000, 0),
    "scans": KindCost(300, 1_500),  # an event is some 200 bytes
    "departure": KindCost(2_000, 0),
    "capacity": KindCost(50_000, 0),  # all bookings are gone through
    "packing": KindCost(300, 500),
    "quote_space": KindCost(300, 500),
    "hold_space": KindCost(400, 500),
    "take_space": KindCost(200, 0),
    "change_space": KindCost(400, 500),
    "release_space": KindCost(200, 0),
    "company": KindCost(200, 0),
    "user": KindCost(200, 0),
    "key": KindCost(200, 0),
    "connection": KindCost(200, 0),
    "grant": KindCost(200, 0),
    "request": KindCost(200, 200),
    "set_endpoint": KindCost(200, 0),
    "rotate_secret": KindCost(200, 0),
    "disable_endpoint": KindCost(200, 0),
    "enable_endpoint": KindCost(200, 0),
    "test_endpoint": KindCost(200, 0),
    OTHER: KindCost(100, 20),
}


class Costs:
    """Estimates by kind: what is stated for it, times one factor that is learned."""

    def __init__(self, stated: Mapping[str, KindCost] = COSTS):
        self._of = {kind: _Estimate(cost) for kind, cost in ({OTHER: COSTS[OTHER]} | dict(stated)).items()}
        self._other = self._of[OTHER]

    def estimate_us(self, kind: str, size: int) -> int:
        """Microseconds that a message of so many bytes is expected to take; at least 1."""
        now = self._of.get(kind, self._other)
        return now.us + (now.kb_us * size >> 10)

    def learn(self, kind: str, size: int, took_us: int) -> None:
        """A message of this kind and size took so long."""
        self._of.get(kind, self._other).learn(size, took_us)


class _Estimate:
    __slots__ = ("factor_ppm", "kb_us", "stated", "us")

    def __init__(self, stated: KindCost):
        self.stated = stated
        self.factor_ppm = MILLION
        self.us, self.kb_us = stated.us, stated.kb_us

    def learn(self, size: int, took_us: int) -> None:
        stated_us = self.stated.us + (self.stated.kb_us * size >> 10)
        seen_ppm = min(max(took_us * MILLION // stated_us, FACTOR_PPM_MIN), FACTOR_PPM_MAX)
        self.factor_ppm += (seen_ppm - self.factor_ppm) >> LEARN_SHIFT
        self.us = max(1, self.stated.us * self.factor_ppm // MILLION)
        self.kb_us = self.stated.kb_us * self.factor_ppm // MILLION


def measured_us() -> int:
    """Microseconds of a clock that only measures."""
    return time.perf_counter_ns() // 1000
