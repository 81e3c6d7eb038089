"""The chance that a connection is missed, and as a risk that may be added up along a way."""

import math

import numpy as np
from numpy.typing import NDArray

from rookery.engines.eta.spread import Spread
from rookery.units import MICRO

PPM = 1_000_000
RISK_MAX = 13_815_511  # of a miss that is surer than one in a million: -ln(1e-6), in millionths, rounded up


def connection_risk(slack_s: int, delay: Spread) -> int:
    """P(miss) in parts per million, rounded up: the delay is longer than the slack.

    slack_s  planned seconds between being ready for a departure and its cut-off; below 0: missed as planned
    Law      more slack never has more risk
    """
    return min(PPM, math.ceil((1.0 - delay.by(slack_s)) * PPM - 1e-6))


def risk_micro(miss_ppm: int) -> int:
    """-ln(1 - p) in millionths, rounded up: risks of independent connections add up. At most RISK_MAX.

    miss_ppm  probability of a miss, 0 to 1,000,000
    """
    made = PPM - miss_ppm
    return min(RISK_MAX, math.ceil(-math.log(made / PPM) * MICRO)) if made > 0 else RISK_MAX


def risk_row(slacks_s: NDArray[np.int64], delay: Spread) -> NDArray[np.int64]:
    """The risk of connections with these slacks after one delay, each as by the two functions above.

    Cost  about 0.1 ms for a learned spread
    """
    missed = [
        1.0 - reached for reached in (0.0, *np.cumsum(delay.mass).tolist())
    ]  # at a delay of no value, of one, ...
    levels = [risk_micro(max(0, min(PPM, math.ceil(miss * PPM - 1e-6)))) for miss in missed]
    return np.array(levels, np.int64)[np.searchsorted(delay.values_s, slacks_s, side="right")]


def made_ppm(risk: int) -> int:
    """The probability that no connection is missed, from the sum of their risks; rounded down."""
    return math.floor(math.exp(-risk / MICRO) * PPM)
