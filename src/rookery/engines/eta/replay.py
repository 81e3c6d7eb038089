"""History played again: each leg is forecast from what had ended before it began, then remembered.

The forecast of a leg is the logarithm of a ratio (see prior.py). Three running means make it, each shrunk towards
the one before: of its band (mode and length of ride), of its operator within that band, of its lane. What is left
over is honest: no leg had a part in its own forecast.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rookery.engines.kernel import kernel

CLIP = 0.7  # a single leg counts as at most twice, or half, what its mean was: log(2)
BAND_STRENGTH = 10.0  # legs that a mode's prior counts for; assumed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """Running sums of log ratios by band, by operator and band, and by lane; of log planned by lane."""

    band_count: Floats
    band_sum: Floats
    operator_count: Floats
    operator_sum: Floats
    lane_count: Floats
    lane_sum: Floats
    lane_planned: Floats

    def copy(self) -> "Seen":
        """The same sums, to be added to."""
        return Seen(*(getattr(self, name).copy() for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Coded:
    """Legs as numbers, N rows.

    band, operator, lane  int64 (N,), indices into the sums of Seen; -1 for an operator or lane never seen
    planned                float64 (N,), logarithm of planned seconds with the fixed part
    """

    band: Ints
    operator: Ints
    lane: Ints
    planned: Floats


@dataclass(frozen=True, slots=True)
class Trust:
    """How far to trust what, float64 (bands,): chosen by what would have forecast best.

    lane      legs that the operator's mean counts for against the lane's own
    operator  legs that the band's mean counts for against the operator's own
    follow    share of a change in the planned time, against the lane's usual one, that the ride follows
    prior     logarithm of the ratio at the middle of the mode's prior
    """

    lane: Floats
    operator: Floats
    follow: Floats
    prior: Floats


def replay(legs: Coded, log_ratio: Floats, events: Ints, seen: Seen, trust: Trust) -> tuple[Floats, Floats]:
    """The forecast of every leg at its beginning, and how many legs of its lane had ended by then.

    events  int64 (2N,), rising in time: leg i begins as i, ends as -1 - i; a leg begins before it ends
    seen    the sums at the outset; they are added to, and hold everything at the end
    Cost    about 50 ns a leg
    """
    return _replay(
        events, legs.band, legs.operator, legs.lane, legs.planned, log_ratio,
        seen.band_count, seen.band_sum, seen.operator_count, seen.operator_sum,
        seen.lane_count, seen.lane_sum, seen.lane_planned,
        trust.lane, trust.operator, trust.follow, trust.prior,
    )  # fmt: skip


def forecast(legs: Coded, seen: Seen, trust: Trust) -> tuple[Floats, Floats]:
    """The log ratio expected of each leg, and how many legs of its lane are known."""
    return replay(legs, np.zeros(len(legs.lane)), np.arange(len(legs.lane)), seen, trust)


@kernel
def _clipped(value: float, middle: float) -> float:
    return min(max(value, middle - CLIP), middle + CLIP)


@kernel
def _replay(
    events: Ints, band: Ints, operator: Ints, lane: Ints, planned: Floats, log_ratio: Floats,
    band_count: Floats, band_sum: Floats, operator_count: Floats, operator_sum: Floats,
    lane_count: Floats, lane_sum: Floats, lane_planned: Floats,
    by_lane: Floats, by_operator: Floats, follow: Floats, prior: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    expected = np.zeros(len(lane))
    known = np.zeros(len(lane))
    for event in events:
        i = event if event >= 0 else -1 - event
        c, o, l = band[i], operator[i], lane[i]  # noqa: E741
        of_band = (BAND_STRENGTH * prior[c] + band_sum[c]) / (BAND_STRENGTH + band_count[c])
        of_operator = of_band
        if o >= 0:
            of_operator = (by_operator[c] * of_band + operator_sum[o]) / (by_operator[c] + operator_count[o])
        mean, bend = of_operator, 0.0
        if l >= 0 and lane_count[l] > 0:
            weight = by_lane[c] + lane_count[l]
            mean = (by_lane[c] * of_operator + lane_sum[l]) / weight
            usual = lane_planned[l] / lane_count[l]
            bend = (1 - follow[c]) * (planned[i] - usual) * lane_count[l] / weight
        if event >= 0:
            expected[i] = mean - bend
            known[i] = lane_count[l] if l >= 0 else 0.0
        else:
            value = log_ratio[i]
            band_count[c] += 1
            band_sum[c] += _clipped(value, of_band)
            if o >= 0:
                operator_count[o] += 1
                operator_sum[o] += _clipped(value, of_operator)
            if l >= 0:
                lane_count[l] += 1
                lane_sum[l] += _clipped(value, mean)
                lane_planned[l] += planned[i]
    return expected, known
