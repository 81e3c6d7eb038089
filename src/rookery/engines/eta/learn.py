"""What past legs say about coming ones: a spread for each lane, shrunk to its operator, its mode and a prior."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rookery.engines.eta.prior import PRIORS
from rookery.engines.eta.replay import Coded, Seen, Trust, forecast, replay
from rookery.engines.eta.spread import LEVELS, MASS, Spread, blend
from rookery.units import MINUTE_S

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LENGTHS_S = np.array([30, 60, 120, 240, 480, 960, 1920]) * MINUTE_S  # planned rides fall into bands between these
BANDS = len(LENGTHS_S) + 1
KNOWN = np.array([1, 3, 8, 20])  # left-overs are pooled by how many legs of the lane had been seen: 0, 1-2, ... 20-
POOLS = len(KNOWN) + 1

# What may be chosen, by band: the values tried, and the one that stands until there are LEGS_TO_CHOOSE legs.
TRIED = {
    "lane": (0.02, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 30.0),
    "operator": (1.0, 5.0, 20.0, 100.0),
    "follow": (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0),
}
UNTIL_CHOSEN = {"lane": 2.0, "operator": 5.0, "follow": 1.0}
LEGS_TO_CHOOSE = 50
LEGS_TO_POOL = 20.0  # left-overs of a band count if it has this many legs

# How many left-overs each wider pool counts for; assumed.
PRIOR_STRENGTH, MODE_STRENGTH, BAND_STRENGTH, OPERATOR_STRENGTH = 20.0, 15.0, 30.0, 15.0


@dataclass(frozen=True, slots=True)
class History:
    """Legs that have ended, N rows in any order; all int64 (N,).

    lane, operator  the caller's own indices from 0; a handling is a leg of mode `transfer`, its place the lane
    mode            index into prior.MODES
    began_at        instant
    planned_s       planned departure to planned arrival, above 0
    actual_s        planned departure to actual arrival, above 0
    """

    lane: Ints
    operator: Ints
    mode: Ints
    began_at: Ints
    planned_s: Ints
    actual_s: Ints


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of lanes from before the history, one row a lane; all int64 (M,).

    count                how many legs the figures are of, 1 or more
    planned_s, actual_s  their medians
    """

    lane: Ints
    operator: Ints
    mode: Ints
    count: Ints
    planned_s: Ints
    actual_s: Ints


@dataclass(frozen=True, slots=True)
class Coming:
    """Legs to be forecast, N rows; all int64 (N,). A lane or operator of -1, or never seen, stands for any."""

    lane: Ints
    operator: Ints
    mode: Ints
    planned_s: Ints


_NOTHING: Floats = np.empty(0)


@dataclass(frozen=True, slots=True)
class Learned:
    """All that was learned. Left-overs are logarithms of ratios about the forecast.

    of_band      float64 (modes * bands, pools, levels), left-overs at LEVELS
    of_operator  the same, (levels,), for each operator in a band and pool of which there is any
    of_lane      left-overs of each lane as they were, once enough was known of it
    """

    seen: Seen
    trust: Trust
    of_band: Floats
    of_operator: dict[int, Floats]
    of_lane: dict[int, Floats]
    lanes: int
    operators: int

    def spread(self, lane: int, operator: int, mode: int, planned_s: int) -> Spread:
        """The delay of a coming leg against its planned arrival, in seconds, rounded to later; never below -planned.

        Cost  about 30 us
        """
        one = (np.array([value], np.int64) for value in (lane, operator, mode, planned_s))
        return Spread(self.delays(Coming(*one))[0], MASS)

    def delays(self, rides: Coming) -> Ints:
        """As `spread`, for many legs at once: int64 (N, levels), the values at spread.LEVELS."""
        legs = _coded(rides, lanes=self.lanes, operators=self.operators)
        expected, known = forecast(legs, self.seen, self.trust)
        pool = np.searchsorted(KNOWN, known, side="right")
        fixed = _fixed_s(rides.mode)
        out = np.empty((len(expected), len(LEVELS)), np.int64)
        for i, lane in enumerate(legs.lane):
            of_band = self.of_band[legs.band[i], pool[i]]
            of_operator = self.of_operator.get(int(legs.operator[i] * POOLS + pool[i]), of_band)
            levels = blend(of_operator, self.of_lane.get(int(lane), _NOTHING), OPERATOR_STRENGTH)
            ride_s = np.exp(legs.planned[i] + expected[i] + levels) - fixed[i]
            out[i] = np.ceil(np.maximum(ride_s, 0.0)) - rides.planned_s[i]
        return out


def learn(history: History, earlier: Earlier | None = None) -> Learned:
    """What a history says.

    Law     the same rows give the same bytes; a leg has no part in the means of its lane and its operator from which
            its own left-over is taken (it has one in its band's, of 20 legs or more)
    Raises  ValueError: a planned or actual time is not above 0
    Cost    about 6 s for a million legs
    """
    for name, values in (("planned_s", history.planned_s), ("actual_s", history.actual_s)):
        if np.any(values <= 0):
            raise ValueError(f"history: wanted every {name} above 0, found {int(values.min())}")
    lanes, operators = (_count(getattr(history, key), getattr(earlier, key, None)) for key in ("lane", "operator"))
    legs = _coded(history, lanes=lanes, operators=operators)
    fixed = _fixed_s(history.mode)
    log_ratio = np.log(history.actual_s + fixed) - legs.planned
    outset = _outset(earlier, lanes=lanes, operators=operators)
    events = _events(history)
    trust = _choose(history, legs, log_ratio, events, outset)
    seen = outset.copy()
    replay(legs, log_ratio, events, seen, trust)
    # Left-overs are taken again about bands as they are known by now: at first they stood at their priors.
    warm = replace(outset.copy(), band_count=seen.band_count.copy(), band_sum=seen.band_sum.copy())
    expected, known = replay(legs, log_ratio, events, warm, trust)
    kept = np.flatnonzero(seen.band_count[legs.band] >= LEGS_TO_POOL)
    kept = kept[np.argsort(history.began_at[kept], kind="stable")]
    rest = _Left(legs.band[kept], legs.operator[kept], legs.lane[kept], known[kept], (log_ratio - expected)[kept])
    of_band = _by_band(rest)
    return Learned(seen, trust, of_band, _by_operator(rest, of_band), _by_lane(rest), lanes, operators)


def _count(indices: Ints, more: Ints | None) -> int:
    both = indices if more is None else np.concatenate([indices, more])
    return int(both.max()) + 1 if len(both) else 0


def _fixed_s(mode: Ints) -> Ints:
    return np.array([prior.fixed_s for prior in PRIORS], np.int64)[mode]


def _coded(rows: History | Earlier | Coming, *, lanes: int, operators: int) -> Coded:
    band = rows.mode * BANDS + np.searchsorted(LENGTHS_S, rows.planned_s, side="right")
    known = (rows.operator >= 0) & (rows.operator < operators)
    operator = np.where(known, rows.operator * (len(PRIORS) * BANDS) + band, -1)
    lane = np.where((rows.lane >= 0) & (rows.lane < lanes), rows.lane, -1)
    return Coded(band, operator, lane, np.log(rows.planned_s + _fixed_s(rows.mode)))


def _outset(earlier: Earlier | None, *, lanes: int, operators: int) -> Seen:
    """The sums before the history: a lane counts with all its earlier legs for itself, and once for its band."""
    bands = len(PRIORS) * BANDS
    seen = Seen(*(np.zeros(n) for n in (bands, bands, bands * operators, bands * operators, *(lanes,) * 3)))
    if earlier is not None:
        legs = _coded(earlier, lanes=lanes, operators=operators)
        ratio = np.log(earlier.actual_s + _fixed_s(earlier.mode)) - legs.planned
        np.add.at(seen.band_count, legs.band, 1.0)
        np.add.at(seen.band_sum, legs.band, ratio)
        np.add.at(seen.operator_count, legs.operator, 1.0)
        np.add.at(seen.operator_sum, legs.operator, ratio)
        np.add.at(seen.lane_count, legs.lane, earlier.count)
        np.add.at(seen.lane_sum, legs.lane, earlier.count * ratio)
        np.add.at(seen.lane_planned, legs.lane, earlier.count * legs.planned)
    return seen


def _events(history: History) -> Ints:
    """Beginnings and ends in order of time, ends first where they meet; ties by row."""
    count = np.arange(len(history.lane))
    at = np.concatenate([history.began_at + history.actual_s, history.began_at])
    return np.concatenate([-1 - count, count])[np.argsort(at, kind="stable")]


def _choose(history: History, legs: Coded, log_ratio: Floats, events: Ints, outset: Seen) -> Trust:
    """By band, one setting after the other, what would have forecast the history with the least error in seconds."""
    bands = len(PRIORS) * BANDS
    middle = np.repeat([prior.levels()[len(LEVELS) // 2] for prior in PRIORS], BANDS)
    lane, operator, follow = (np.full(bands, value) for value in UNTIL_CHOSEN.values())
    trust = Trust(lane, operator, follow, middle)
    enough = np.bincount(legs.band, minlength=bands) >= LEGS_TO_CHOOSE
    if not enough.any():
        return trust
    for name, values in TRIED.items():
        errors = []
        for value in values:
            tried = replace(trust, **{name: np.where(enough, value, getattr(trust, name))})
            expected, _ = replay(legs, log_ratio, events, outset.copy(), tried)
            error_s = np.abs(np.exp(legs.planned + expected) - history.actual_s - _fixed_s(history.mode))
            errors.append(np.bincount(legs.band, error_s, bands))
        best = np.array(values)[np.argmin(errors, axis=0)]
        trust = replace(trust, **{name: np.where(enough, best, getattr(trust, name))})
    return trust


@dataclass(frozen=True, slots=True)
class _Left:
    """Left-overs in order of time, with what each is of; `known` counts the legs of its lane before it."""

    band: Ints
    operator: Ints
    lane: Ints
    known: Floats
    left: Floats

    def pool(self) -> Ints:
        return np.searchsorted(KNOWN, self.known, side="right")


def _by_band(rest: _Left) -> Floats:
    """At LEVELS by band and pool: the prior, shrunk to by the mode's, shrunk to by the band's."""
    out = np.empty((len(PRIORS) * BANDS, POOLS, len(LEVELS)))
    pool = rest.pool()
    for mode, prior in enumerate(PRIORS):
        stated = prior.levels() - prior.levels()[len(LEVELS) // 2]
        for k in range(POOLS):
            mine = (rest.band // BANDS == mode) & (pool == k)
            of_mode = blend(stated, rest.left[mine], PRIOR_STRENGTH)
            for band in range(mode * BANDS, (mode + 1) * BANDS):
                out[band, k] = blend(of_mode, rest.left[mine & (rest.band == band)], MODE_STRENGTH)
    return out


def _by_operator(rest: _Left, of_band: Floats) -> dict[int, Floats]:
    """At LEVELS by operator within a band, and pool: key operator * POOLS + pool."""
    key = np.where(rest.operator >= 0, rest.operator * POOLS + rest.pool(), -1)
    bands = len(PRIORS) * BANDS
    parts = _grouped(key, rest.left)
    return {
        one: blend(of_band[one // POOLS % bands, one % POOLS], left, BAND_STRENGTH)
        for one, left in parts.items()
        if one >= 0
    }


def _by_lane(rest: _Left) -> dict[int, Floats]:
    """Those of a lane once enough legs of it were known: before, they tell of its mean, which is counted already."""
    late = rest.known >= KNOWN[-2]
    return _grouped(rest.lane[late], rest.left[late])


def _grouped(key: Ints, values: Floats) -> dict[int, Floats]:
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    return dict(zip(keys.tolist(), np.split(values[order], first)[1:], strict=True))
