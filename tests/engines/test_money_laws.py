"""Prices as a search works them out, against the price list's own arithmetic; and their least, for every weight."""

import datetime as dt
import random
from collections.abc import Callable

import numpy as np
import pytest

from rookery.engines.kernel import plain
from rookery.engines.network.bounds import bucket
from rookery.engines.network.money import NO_RATE, chargeable_g, least_price, ride_price, stay_fee, times_ratio
from rookery.journey.atlas import Atlas
from rookery.journey.network.offer import ExchangeRate, Rate, Surcharge, Tariff
from rookery.journey.network.place import Processing
from rookery.journey.network.rows import Micro
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.terms import Terms
from rookery.journey.walk import Walk
from rookery.units import DAY_S, round_half_up
from worlds import MONDAY, desk_of, empty_state, places, ride, row, tiny_network, trip

NETWORKS, LOADS = 120, 25
CURRENCIES = ("EUR", "JPY", "KWD", "GBP", "USD")


def draw(seed: int) -> tuple[Atlas, Terms, list[dt.date], random.Random]:
    """A ride under a random tariff, as a search reads it, and the first days of its epochs."""
    rng = random.Random(seed)
    amount = lambda most: Micro(rng.choice((0, rng.randint(0, most), rng.randrange(0, most, 1000))))  # noqa: E731
    day = lambda: MONDAY + dt.timedelta(days=rng.randint(0, 4))  # noqa: E731
    tariff = row(
        Tariff, tariff_id="t", company_id="haul", currency=rng.choice(CURRENCIES),
        divisor_cm3_per_kg=rng.choice((0, 5000, 6000)), step_g=rng.choice((1, 7, 500, 1000)),
        valid_from=rng.choice((None, MONDAY + dt.timedelta(days=1))),
    )  # fmt: skip
    below = rng.choice((0, 0, 60_000))
    froms = sorted({rng.choice((0, 1, 500, 2000, 30_000)) for _ in range(4)})
    rates = [
        row(Rate, tariff_id="t", weight_g_from=start, weight_g_below=below, base=amount(30_000_000),
            per_kg=amount(9_000_000), minimum=amount(60_000_000))
        for start in froms
    ]  # fmt: skip
    extra = [
        row(Surcharge, tariff_id=rng.choice(("t", "*")), kind=kind, percent=Micro(rng.randint(-60, 40) * 123_457),
            flat=Micro(rng.choice((0, rng.randint(-9_000_000, 9_000_000)))),
            per_kg=Micro(rng.choice((0, rng.randint(-2_000_000, 2_000_000)))), valid_from=rng.choice((None, day())))
        for kind in rng.sample(("fuel", "peak", "security"), rng.randint(0, 3))
    ]  # fmt: skip
    worth = [
        row(ExchangeRate, date=when, base=base, quote="USD", rate=Micro(rng.randint(1, 200_000_000)))
        for base in ("EUR", "JPY", "KWD", "GBP") for when in (dt.date(2026, 1, 1), day())
    ]  # fmt: skip
    fee = row(
        Processing, facility_id="A", way_in="*", way_out="*", minutes=0, free_min=rng.choice((0, 90)),
        storage_per_kg_day=Micro(rng.randint(1, 5_000_000)), currency=rng.choice(CURRENCIES),
    )  # fmt: skip
    network = tiny_network(
        places("AB"), ride("AB", "A 20:00, B 22:00", tariff_id="t"), tariff, rates, extra, worth, fee,
        first="2026-11-23", last="2026-11-29", currency=rng.choice(("EUR", "JPY", "KWD")),
    )  # fmt: skip
    desk = desk_of(network, 0)
    walk = Walk(trip(network, "A", "B", "Mon 10"), Room(empty_state()), desk)
    return walk.atlas, walk.terms, walk.window.epochs, rng


def price(terms: Terms, epoch: int, grams: int) -> int:
    return int(ride_price(*_lists(terms), 0, epoch, grams))


def _lists(terms: Terms) -> tuple[np.ndarray, ...]:
    money = terms.money
    return (money.breaks, money.rate_ptr, money.rates, money.in_force, money.surcharge_ptr, money.surcharges,
            money.exchange)  # fmt: skip


def _load(rng: random.Random) -> Load:
    grams = rng.choice((0, 1, 499, 500, 501, 2000, rng.randrange(0, 5000), rng.randrange(0, 90_000), 10**7))
    return Load(grams, rng.choice((0, 0, rng.randrange(0, 600_000))))


def test_law_a_search_prices_rides_and_stays_as_the_price_list_does() -> None:
    priced = 0
    for seed in range(NETWORKS):
        atlas, terms, epochs, rng = draw(seed)
        breaks = atlas.prices.find_breaks("t", atlas.table.facilities["A"], atlas.table.facilities["B"])
        assert breaks is not None
        fee = atlas.table.network.processing[0]
        for epoch, day in enumerate(epochs):
            for load in (_load(rng) for _ in range(LOADS)):
                minor = breaks.find_minor(load, day)
                wanted = NO_RATE if minor is None else atlas.prices.to_common(minor, breaks.tariff.currency, day)
                grams = int(chargeable_g(terms.money.breaks, 0, load.grams, load.cm3))
                assert grams == breaks.chargeable_g(load)
                assert price(terms, epoch, grams) == wanted, f"seed {seed}, {day}, {load}"
                stay_s = rng.choice((0, 5400, 5401, DAY_S, DAY_S + 1, rng.randrange(10 * DAY_S)))
                days = -(-max(0, stay_s - 60 * fee.free_min) // DAY_S)
                micro = fee.storage_per_kg_day * days * load.grams // 1000
                charge = atlas.prices.charge("", "", micro=micro, currency=fee.currency, day=day)
                found = stay_fee(terms.money.fees, terms.money.exchange, 0, stay_s, load.grams, epoch)
                assert found == charge.common_minor, f"seed {seed}, {day}, {stay_s} s"
                priced += minor is not None and minor > 0
    assert priced > NETWORKS * LOADS // 2


def test_law_the_least_price_of_a_bucket_is_at_most_the_price_of_every_weight_in_it() -> None:
    for seed in range(NETWORKS):
        _, terms, epochs, rng = draw(seed)
        for _ in range(4):
            low, high = bucket(rng.choice((rng.randrange(1, 3000), rng.randrange(1, 90_000))))
            ends = (int(chargeable_g(terms.money.breaks, 0, grams, 0)) for grams in (low, high))
            least = int(least_price(*_lists(terms), 0, *ends))
            weights = range(low, high + 1) if high - low < 60 else rng.sample(range(low, high + 1), 60)
            for grams in (int(chargeable_g(terms.money.breaks, 0, one, 0)) for one in weights):
                found = [price(terms, epoch, grams) for epoch in range(len(epochs))]
                rates = [one for one in found if one != NO_RATE]
                assert not rates or (least != NO_RATE and least <= min(rates)), f"seed {seed}, {grams} g, {least}"


@pytest.mark.parametrize("ratio", [times_ratio, plain(times_ratio)])
def test_law_a_ratio_of_large_numbers_is_rounded_once_half_up(ratio: Callable[[int, int, int], int]) -> None:
    rng = random.Random(1)
    for _ in range(5000):
        numerator, denominator = rng.randint(1, 10 ** rng.randint(1, 16)), rng.randint(1, 10 ** rng.randint(1, 18))
        amount = rng.randint(0, min(2**60, (2**61 - 1) * denominator // numerator))
        wanted = round_half_up(amount * numerator, denominator)
        assert ratio(amount, numerator, denominator) == wanted, f"{amount} * {numerator} / {denominator}"
