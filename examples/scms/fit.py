"""Days and prices of each lane, fitted on earlier shipments by medians.

A lane that has carried much is believed; one that has carried little is drawn towards its mode:

    days of a lane   = (n * median of the lane + 5 * median of the mode) / (n + 5)
    price of a lane  = price of the mode at that weight * (median ratio of the lane) ** (n / (n + 5))

The price of a mode is a list of weight bands with about as many shipments in each: the lightest costs the same
whatever it weighs, each other has its median price per kg and costs no less than the band below at its end.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from deliveries import Shipment, find_fault

PRIOR_COUNT = 5  # shipments that the mode's figure counts for; chosen beforehand, not tuned
BAND_COUNT_MAX = 8
BAND_SHIPMENTS_MIN = 20

Lane = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Band:
    """A weight band of a mode; prices in USD, plain numbers because they are estimates."""

    from_g: int
    per_kg: float
    minimum: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What earlier shipments tell of each lane and mode, and how many of them there were."""

    days_by_mode: dict[tuple[bool, str], float]
    days_by_lane: dict[Lane, tuple[int, float]]
    bands_by_mode: dict[str, list[Band]]
    ratio_by_lane: dict[Lane, tuple[int, float]]
    per_kg_by_mode: dict[str, float]

    def days(self, lane: Lane, *, from_rdc: bool) -> int:
        """Whole days from order to delivery, halves up."""
        mode = self.mode_days(lane[2], from_rdc=from_rdc)
        count, own = self.days_by_lane.get(lane, (0, 0.0))
        return math.floor((count * own + PRIOR_COUNT * mode) / (count + PRIOR_COUNT) + 0.5)

    def mode_days(self, mode: str, *, from_rdc: bool) -> float:
        """Median days of a mode, apart for direct drops and distribution centres where both are known."""
        other = self.days_by_mode.get((not from_rdc, mode))
        return self.days_by_mode.get((from_rdc, mode), other if other is not None else 0.0)

    def ratio(self, lane: Lane) -> float:
        """How dear a lane is beside its mode."""
        count, own = self.ratio_by_lane.get(lane, (0, 0.0))
        return math.exp(own * count / (count + PRIOR_COUNT))

    def counts(self, lane: Lane) -> tuple[int, int]:
        """Shipments that a lane's days and its price rest on."""
        return self.days_by_lane.get(lane, (0, 0.0))[0], self.ratio_by_lane.get(lane, (0, 0.0))[0]

    def list_cents(self, lane: Lane) -> list[tuple[int, int, int]]:
        """The lane's price list: grams from which a band holds, cents per kg, least cents."""
        ratio = self.ratio(lane)
        return [
            (band.from_g, round(100 * band.per_kg * ratio), round(100 * band.minimum * ratio))
            for band in self.bands_by_mode[lane[2]]
        ]

    def cents(self, lane: Lane, weight_g: int) -> int:
        """What the lane's price list asks for a weight, half up."""
        _, per_kg, minimum = next(band for band in reversed(self.list_cents(lane)) if band[0] <= weight_g)
        return max(minimum, (2 * per_kg * weight_g + 1000) // 2000)


def fit(shipments: Iterable[Shipment]) -> Fit:
    """Fit on the shipments that were delivered before the split. The others are not looked at."""
    known = [shipment for shipment in shipments if shipment.part == "fitted" and shipment.mode and shipment.origin]
    timed = [shipment for shipment in known if find_fault(shipment) is None]
    costed = [shipment for shipment in known if shipment.is_costed]
    bands = {mode: fit_bands(group) for mode, group in grouped(costed, lambda s: s.mode).items()}
    return Fit(
        days_by_mode={
            key: median(s.days for s in group)
            for key, group in grouped(timed, lambda s: (s.from_rdc, s.mode)).items()
            if len(group) >= BAND_SHIPMENTS_MIN
        },
        days_by_lane={
            lane: (len(group), median(s.days for s in group))
            for lane, group in grouped(timed, lambda s: s.lane).items()
        },
        bands_by_mode=bands,
        ratio_by_lane={
            lane: (len(group), median(math.log(usd(s) / charge(bands[lane[2]], s.weight_g)) for s in group))
            for lane, group in grouped(costed, lambda s: s.lane).items()
        },
        per_kg_by_mode={
            mode: median(usd(s) / kg(s) for s in group) for mode, group in grouped(costed, lambda s: s.mode).items()
        },
    )


def fit_bands(shipments: list[Shipment]) -> list[Band]:
    """The weight bands of one mode, lightest first."""
    by_weight = sorted(shipments, key=kg)
    count = max(1, min(BAND_COUNT_MAX, len(by_weight) // BAND_SHIPMENTS_MIN))
    cuts = [len(by_weight) * i // count for i in range(count + 1)]
    bands: list[Band] = []
    for start, end in pairwise(cuts):
        group = by_weight[start:end]
        if not bands:
            bands.append(Band(0, 0, median(map(usd, group))))
            continue
        from_g = round_down(group[0].weight_g)
        bands.append(Band(from_g, median(usd(s) / kg(s) for s in group), charge(bands, from_g)))
    return bands


def charge(bands: list[Band], weight_g: int) -> float:
    """What the bands ask for a weight, in USD."""
    band = next(band for band in reversed(bands) if band.from_g <= weight_g)
    return max(band.minimum, band.per_kg * weight_g / 1000)


def round_down(weight_g: int) -> int:
    """The weight with two digits, for a price list that people read."""
    step = 10 ** max(0, len(str(weight_g)) - 2)
    return weight_g // step * step


def kg(shipment: Shipment) -> float:
    """Weight in kg."""
    assert shipment.weight_g is not None
    return shipment.weight_g / 1000


def usd(shipment: Shipment) -> float:
    """Freight in USD."""
    assert shipment.freight_cents is not None
    return shipment.freight_cents / 100


def grouped(shipments: Iterable[Shipment], key: Callable[[Shipment], object]) -> dict:
    """Shipments by key."""
    groups = defaultdict(list)
    for shipment in shipments:
        groups[key(shipment)].append(shipment)
    return dict(groups)
