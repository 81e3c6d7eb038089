"""What a ride or a stay costs, in integers: breaks, minimum, chargeable weight, surcharges, exchange.

The same words as the price list's own arithmetic (see the property test that compares the two), for kernels that
price a departure at the moment at which they look at it. A price holds within an epoch: a run of days on which no
tariff, surcharge or exchange rate begins or ends.
"""

from typing import NamedTuple

from rookery.engines.kernel import part
from rookery.engines.network.snapshot import Bytes, Ints, Longs

# Columns of `Money.breaks`, `Money.rates`, `Money.surcharges` and `Money.fees`.
DIVISOR, STEP, CURRENCY, BELOW, SCALE, TARIFF = range(6)
FROM, BASE, PER_KG, MINIMUM = range(4)
FLAT, EXTRA_PER_KG, PERCENT = range(3)
FEE, FREE_S, FEE_CURRENCY, FEE_SCALE = range(4)
NO_RATE, UNKNOWN = -1, -2
FREE = -2  # in place of a row of `breaks`
HUNDRED_PERCENT = 100_000_000
DAY_S = 86_400
SAFE = 2**62


class Money(NamedTuple):
    """Price lists for one goods class, epoch by epoch.

    breaks      [lists, 6] DIVISOR (cm3 per kg, 0: none), STEP (g), CURRENCY, BELOW (g, 0: no end), SCALE (thousandths
                of micro-units in a minor unit), TARIFF
    rate_ptr    [lists + 1], rates [rates, 4] FROM (g, rising), BASE, PER_KG, MINIMUM in micro-units
    in_force    [tariffs, epochs] 1: the tariff holds
    surcharge_ptr [tariffs * epochs + 1], surcharges [.., 3] FLAT, PER_KG, PERCENT in micro-units
    exchange    [currencies, epochs, 2] numerator and denominator: minor units to minor units of the common currency
    fees        [fees, 4] FEE (micro-units per kg and day begun), FREE_S, CURRENCY, SCALE (micro-units in a minor unit)
    """

    breaks: Longs
    rate_ptr: Ints
    rates: Longs
    in_force: Bytes
    surcharge_ptr: Ints
    surcharges: Longs
    exchange: Longs
    fees: Longs


@part
def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves up; both >= 0 and below 2**61."""
    return (2 * numerator + denominator) // (2 * denominator)


@part
def times_ratio(amount: int, numerator: int, denominator: int) -> int:
    """amount * numerator / denominator, rounded half up, without overflow as long as the result fits."""
    whole, rest = amount // denominator, amount % denominator
    if rest < SAFE // (4 * numerator + 1):
        return whole * numerator + half_up(rest * numerator, denominator)
    quotient, over = 0, 0  # long multiplication and division, bit by bit: rest < denominator < 2**61
    for bit in range(62, -1, -1):
        quotient, over = 2 * quotient, 2 * over
        if (numerator >> bit) & 1:
            over += rest
        while over >= denominator:
            over -= denominator
            quotient += 1
    return whole * numerator + quotient + (1 if 2 * over >= denominator else 0)


@part
def chargeable_g(breaks: Longs, row: int, grams: int, cm3: int) -> int:
    """Chargeable weight: the greater of actual and volume weight, rounded up to the tariff's step."""
    divisor, step = breaks[row, DIVISOR], breaks[row, STEP]
    if divisor:
        grams = max(grams, -(-cm3 * 1000 // divisor))
    return -(-grams // step) * step


@part
def ride_price(
    breaks: Longs, rate_ptr: Ints, rates: Longs, in_force: Bytes, surcharge_ptr: Ints, surcharges: Longs,
    exchange: Longs, row: int, epoch: int, grams: int,
) -> int:  # fmt: skip
    """Price of a chargeable weight under a list, in the common currency's minor units; NO_RATE where there is none."""
    tariff, at = breaks[row, TARIFF], rate_ptr[row + 1] - 1
    while at >= rate_ptr[row] and rates[at, FROM] > grams:
        at -= 1
    below = breaks[row, BELOW]
    if at < rate_ptr[row] or (below and grams >= below) or not in_force[tariff, epoch]:
        return NO_RATE
    milli = max(rates[at, MINIMUM] * 1000, rates[at, BASE] * 1000 + rates[at, PER_KG] * grams)
    extra, key = 0, tariff * in_force.shape[1] + epoch
    for s in range(surcharge_ptr[key], surcharge_ptr[key + 1]):
        percent = surcharges[s, PERCENT]
        extra += surcharges[s, FLAT] * 1000 + surcharges[s, EXTRA_PER_KG] * grams
        extra += milli // HUNDRED_PERCENT * percent + half_up(milli % HUNDRED_PERCENT * percent, HUNDRED_PERCENT)
    minor = max(0, half_up(milli + extra, breaks[row, SCALE]))
    currency = breaks[row, CURRENCY]
    return times_ratio(minor, exchange[currency, epoch, 0], exchange[currency, epoch, 1])


@part
def stay_fee(fees: Longs, exchange: Longs, row: int, stay_s: int, grams: int, epoch: int) -> int:
    """Fee of a stay, in the common currency's minor units; 0 within the free time."""
    paid = stay_s - fees[row, FREE_S]
    if paid <= 0:
        return 0
    micro = fees[row, FEE] * -(-paid // DAY_S) * grams // 1000
    currency = fees[row, FEE_CURRENCY]
    minor = half_up(micro, fees[row, FEE_SCALE])
    return times_ratio(minor, exchange[currency, epoch, 0], exchange[currency, epoch, 1])


@part
def least_price(
    breaks: Longs, rate_ptr: Ints, rates: Longs, in_force: Bytes, surcharge_ptr: Ints, surcharges: Longs,
    exchange: Longs, row: int, low: int, high: int,
) -> int:  # fmt: skip
    """At most the price of any chargeable weight from `low` to `high` grams in any epoch; NO_RATE if none has one.

    Within a break a charge is convex in the weight, even with rebates: its least stands at an end, or where the
    minimum gives way. One minor unit less covers the roundings of rebates.
    """
    best = NO_RATE
    for epoch in range(in_force.shape[1]):
        for at in range(rate_ptr[row], rate_ptr[row + 1]):
            begin, end = max(low, rates[at, FROM]), high
            if at + 1 < rate_ptr[row + 1]:
                end = min(end, rates[at + 1, FROM] - 1)
            kink = begin
            if rates[at, PER_KG]:
                kink = max(0, rates[at, MINIMUM] - rates[at, BASE]) * 1000 // rates[at, PER_KG]
            for grams in (begin, end, kink, kink + 1):
                if begin <= grams <= end:
                    price = ride_price(
                        breaks, rate_ptr, rates, in_force, surcharge_ptr, surcharges, exchange, row, epoch, grams
                    )  # fmt: skip
                    if price != NO_RATE and (best == NO_RATE or price < best):
                        best = price
    return max(best - 1, 0) if best > 0 else best
