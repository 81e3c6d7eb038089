"""What a carrier or a product charges: weight breaks, minimum, chargeable weight, dated surcharges, exchange.

    charge = max(minimum, base + per_kg * chargeable kg), then the surcharges of the day on top; never below 0
    chargeable weight = max(actual, volume / divisor), rounded up to a multiple of the tariff's step
Rounded once, half up, when the charge is made.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from math import gcd

import msgspec

from rookery.journey.network.offer import Rate, Surcharge, Tariff
from rookery.journey.network.place import Facility
from rookery.journey.network.whole import Network
from rookery.units import MICRO, exponent, minor_of_micro, round_half_up

ANY = "*"
FALLING_KEPT = 1_000  # days and classes of goods for which a tariff knows its surcharges
HUNDRED_PERCENT = 100 * MICRO


class Charge(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An amount owed to a company, in its currency and in the network's."""

    what: str
    company_id: str
    minor: int
    currency: str
    common_minor: int


class Load(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is to be carried: grams, cm3 and pieces in all, and the goods class."""

    grams: int
    cm3: int = 0
    pieces: int = 1
    goods_class: str = "general"


class Breaks:
    """The weight breaks of one tariff between two places, ready for look-up."""

    __slots__ = ("_falling", "below", "froms", "rates", "surcharges", "tariff")

    def __init__(self, tariff: Tariff, rates: list[Rate], surcharges: list[Surcharge]):
        self.tariff = tariff
        self.rates = sorted(rates, key=lambda rate: rate.weight_g_from)
        self.froms = [rate.weight_g_from for rate in self.rates]
        self.below = self.rates[-1].weight_g_below if self.rates else 0
        self.surcharges = surcharges
        self._falling: dict[tuple[str, dt.date, bool], list[Surcharge]] = {}

    def chargeable_g(self, load: Load) -> int:
        """Chargeable weight of a load."""
        grams, tariff = load.grams, self.tariff
        if tariff.divisor_cm3_per_kg:
            grams = max(grams, -(-load.cm3 * 1000 // tariff.divisor_cm3_per_kg))
        return -(-grams // tariff.step_g) * tariff.step_g

    def find_minor(self, load: Load, day: dt.date, *, remote: bool = False) -> int | None:
        """The charge in the tariff's minor units, or None: no break at that weight, or no tariff on that day."""
        parts = self._find_parts(load, day, remote=remote)
        return None if parts is None else self._minor(sum(amount for _, amount in parts))

    def list_parts(self, load: Load, day: dt.date, *, remote: bool = False) -> list[tuple[str, int]]:
        """What the charge is made of, in minor units that come to it: carriage, then each surcharge by its kind."""
        told, whole = list[tuple[str, int]](), 0
        for what, amount in self._find_parts(load, day, remote=remote) or ():
            before, whole = self._minor(whole), whole + amount
            told.append((what, self._minor(whole) - before))
        return told

    def _find_parts(self, load: Load, day: dt.date, *, remote: bool) -> list[tuple[str, int]] | None:
        """In thousandths of micro-units: exact per gram."""
        grams = self.chargeable_g(load)
        at = bisect_right(self.froms, grams) - 1
        if at < 0 or (self.below and grams >= self.below) or not self.tariff.holds_on(day):
            return None
        rate = self.rates[at]
        base = max(rate.minimum * 1000, rate.base * 1000 + rate.per_kg * grams)
        parts = [("carriage", base)]
        for row in self._falling_on(load, day, remote=remote):
            share = round_half_up(base * row.percent, HUNDRED_PERCENT)
            parts.append((row.kind, row.flat * 1000 + row.per_kg * grams + share))
        return parts

    def _falling_on(self, load: Load, day: dt.date, *, remote: bool) -> list[Surcharge]:
        """The surcharges that fall on goods of a load's class on a day."""
        key = (load.goods_class, day, remote)
        known = self._falling.get(key)
        if known is None:
            known = [row for row in self.surcharges if _falls_on(row, load, day, remote=remote)]
            if len(self._falling) >= FALLING_KEPT:
                self._falling.clear()
            self._falling[key] = known
        return known

    def _minor(self, amount: int) -> int:
        return max(0, round_half_up(amount, 10 ** (9 - exponent(self.tariff.currency))))


def _falls_on(row: Surcharge, load: Load, day: dt.date, *, remote: bool) -> bool:
    return (
        row.goods_class in (ANY, load.goods_class)
        and row.holds_on(day)
        and (row.kind != "remote" or remote)
        and (row.kind != "battery" or load.goods_class.startswith("lithium") or row.goods_class != ANY)
    )


class Prices:
    """Every tariff of a network, and its exchange rates."""

    def __init__(self, network: Network):
        self.currency = network.about.currency
        self._tariffs = {t.tariff_id: t for t in network.tariffs}
        self._rates: dict[str, dict[tuple[str, str], list[Rate]]] = {}
        for rate in network.rates:
            pairs = self._rates.setdefault(rate.tariff_id, {})
            pairs.setdefault((rate.origin, rate.destination), []).append(rate)
        self._surcharges = network.surcharges
        self._exchange: dict[tuple[str, str], list[tuple[dt.date, int]]] = {}
        for row in sorted(network.exchange_rates, key=lambda r: r.date):
            self._exchange.setdefault((row.base, row.quote), []).append((row.date, row.rate))
        self._breaks: dict[tuple[str, str, str], Breaks | None] = {}
        self._converted: dict[tuple[str, str, dt.date], tuple[int, int]] = {}

    def find_breaks(self, tariff_id: str, origin: Facility, destination: Facility) -> Breaks | None:
        """The tariff's breaks between two facilities: the most specific pair of facility, country or any."""
        key = (tariff_id, origin.facility_id, destination.facility_id)
        if key not in self._breaks:
            froms, tos = (
                _names(origin.facility_id, origin.country),
                _names(destination.facility_id, destination.country),
            )
            self._breaks[key] = self._most_specific(tariff_id, froms, tos)
        return self._breaks[key]

    def exchange_days(self) -> set[dt.date]:
        """Days from which an exchange rate holds."""
        return {day for rows in self._exchange.values() for day, _ in rows}

    def ratio(self, currency: str, day: dt.date) -> tuple[int, int]:
        """Numerator and denominator, in lowest terms, that turn minor units of a currency into common ones on a day."""
        numerator, denominator = (1, 1) if currency == self.currency else self._ratio(currency, day)
        shift = exponent(self.currency) - exponent(currency)
        numerator, denominator = numerator * 10 ** max(shift, 0), denominator * 10 ** max(-shift, 0)
        shared = gcd(numerator, denominator)
        return numerator // shared, denominator // shared

    def surcharges_on(self, tariff_id: str, load: Load, day: dt.date) -> list[Surcharge]:
        """The surcharges that fall on a ride of goods of a load's class under a tariff on a day."""
        rows = (row for row in self._surcharges if row.tariff_id in (ANY, tariff_id))
        return [row for row in rows if _falls_on(row, load, day, remote=False)]

    def find_country_breaks(self, tariff_id: str, origin: str, destination: str) -> Breaks | None:
        """The tariff's breaks between two countries."""
        key = (tariff_id, f"country {origin}", f"country {destination}")
        if key not in self._breaks:
            self._breaks[key] = self._most_specific(tariff_id, (origin, ANY), (destination, ANY))
        return self._breaks[key]

    def _most_specific(self, tariff_id: str, froms: Iterable[str], tos: tuple[str, ...]) -> Breaks | None:
        pairs, tariff = self._rates.get(tariff_id, {}), self._tariffs[tariff_id]
        surcharges = [s for s in self._surcharges if s.tariff_id in (ANY, tariff_id)]
        for origin in froms:
            for destination in tos:
                if (origin, destination) in pairs:
                    return Breaks(tariff, pairs[origin, destination], surcharges)
        return None

    def to_common(self, minor: int, currency: str, day: dt.date) -> int:
        """Minor units of a currency in minor units of the network's, at the day's rate, rounded half up.

        Raises  ValueError: no rate leads from one to the other (a checked network has one)
        """
        if currency == self.currency:
            return minor
        key = (currency, self.currency, day)
        known = self._converted.get(key)
        if known is None:
            known = self._converted[key] = self._ratio(currency, day)
        numerator, denominator = known
        shift = exponent(self.currency) - exponent(currency)
        if shift >= 0:
            return round_half_up(minor * numerator * 10**shift, denominator)
        return round_half_up(minor * numerator, denominator * 10**-shift)

    def _ratio(self, currency: str, day: dt.date) -> tuple[int, int]:
        step = self._find_step(currency, self.currency, day)
        if step is not None:
            return step
        for middle in sorted({code for pair in self._exchange for code in pair}):
            first, second = self._find_step(currency, middle, day), self._find_step(middle, self.currency, day)
            if first is not None and second is not None:
                return first[0] * second[0], first[1] * second[1]
        raise ValueError(f"exchange_rates: wanted a rate from {currency} to {self.currency}, found none; add a row")

    def _find_step(self, base: str, quote: str, day: dt.date) -> tuple[int, int] | None:
        if (base, quote) in self._exchange:
            return self._rate_on(self._exchange[base, quote], day), MICRO
        if (quote, base) in self._exchange:
            return MICRO, self._rate_on(self._exchange[quote, base], day)
        return None

    @staticmethod
    def _rate_on(rows: list[tuple[dt.date, int]], day: dt.date) -> int:
        """The rate of the last row that has begun; before the first row, the first."""
        return rows[max(0, bisect_right(rows, (day, 2**63)) - 1)][1]

    def charge(self, what: str, company_id: str, *, micro: int, currency: str, day: dt.date) -> Charge:
        """A charge from an amount in micro-units."""
        minor = minor_of_micro(micro, currency)
        return Charge(what, company_id, minor, currency, self.to_common(minor, currency, day))


def _names(facility_id: str, country: str) -> tuple[str, str, str]:
    return facility_id, country, ANY
