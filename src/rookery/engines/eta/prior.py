"""What is assumed of each way of moving before there is any history.

A ride is measured as a ratio: (actual + fixed) / (planned + fixed). The fixed part keeps what has nothing to do
with the length of a ride, such as waiting for a slot, from being counted as a share of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rookery.engines.eta.spread import LEVELS
from rookery.units import DAY_S, MINUTE_S

HOUR_S = 60 * MINUTE_S
KNOTS = (0.0005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.9995)  # levels at which a prior is stated


@dataclass(frozen=True, slots=True)
class Prior:
    """The stated spread of one mode.

    fixed_s  seconds added to planned and actual before they are compared
    ratio    the ratio at each of KNOTS; in between, straight lines over its logarithm
    source   where the figures come from, or "assumed"
    """

    mode: str
    fixed_s: int
    ratio: tuple[float, float, float, float, float, float, float, float, float]
    source: str

    def levels(self) -> NDArray[np.float64]:
        """Logarithm of the ratio at each of LEVELS."""
        return np.interp(LEVELS, KNOTS, np.log(self.ratio))


PRIORS = (
    Prior(
        "air", 4 * HOUR_S, (0.85, 0.94, 0.96, 0.98, 1.0, 1.03, 1.17, 1.65, 6.0),
        "about four of five European flights of 2016 within 15 minutes of schedule (Eurocontrol CODA); tails assumed",
    ),
    Prior(
        "sea", 10 * DAY_S, (0.9, 0.95, 0.975, 1.0, 1.01, 1.07, 1.22, 1.4, 1.8),
        "65 % of container ships within a day of schedule, late ones 4.8 days late (Sea-Intelligence, August 2025);"
        " tails assumed",
    ),
    Prior("rail", 2 * HOUR_S, (0.7, 0.85, 0.92, 0.98, 1.02, 1.12, 1.6, 2.5, 6.0), "assumed"),
    Prior("road", 0, (0.4, 0.65, 0.8, 0.93, 1.02, 1.15, 1.6, 2.5, 8.0), "assumed"),
    Prior("courier", HOUR_S // 2, (0.4, 0.55, 0.65, 0.85, 1.0, 1.2, 1.7, 2.5, 6.0), "assumed"),
    Prior("transfer", HOUR_S // 2, (0.3, 0.5, 0.65, 0.85, 1.0, 1.25, 2.0, 3.5, 10.0), "assumed"),
)  # fmt: skip
MODES = tuple(prior.mode for prior in PRIORS)  # a mode's index is its place here
