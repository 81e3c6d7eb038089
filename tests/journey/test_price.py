"""Charges as tables: a load, a day, and what is charged."""

import datetime as dt
import random

import pytest

from rookery.journey.network.offer import ExchangeRate, Rate, Surcharge, Tariff
from rookery.journey.price import Load, Prices
from rookery.units import money_text
from worlds import micro, place, row, tiny_network

A, L = place("A"), place("L", "GB", "Europe/London")
TODAY = dt.date(2026, 11, 23)


def rate(weight_g_from: int = 0, *, tariff_id: str = "t", **fields: object) -> Rate:
    money = {name: micro(str(value)) for name, value in fields.items() if name in ("base", "per_kg", "minimum")}
    return row(Rate, tariff_id=tariff_id, weight_g_from=weight_g_from, **(fields | money))


def surcharge(kind: str, **fields: object) -> Surcharge:
    money = {name: micro(str(value)) for name, value in fields.items() if name in ("percent", "per_kg", "flat")}
    return row(Surcharge, tariff_id=fields.pop("tariff_id", "t"), kind=kind, **(fields | money))


def tariff(currency: str = "EUR", **fields: object) -> Tariff:
    return row(Tariff, tariff_id="t", company_id="haul", currency=currency, **fields)


def charge(*rows: object, load: Load = Load(1000), day: dt.date = TODAY, remote: bool = False) -> str:  # noqa: B008
    """What a network of these rows charges from A to L: `12.30 EUR`, or `none`."""
    tariffs = [one for one in rows if isinstance(one, Tariff)] or [tariff()]
    prices = Prices(tiny_network(A, L, tariffs, [one for one in rows if not isinstance(one, Tariff)]))
    breaks = prices.find_breaks("t", A, L)
    minor = None if breaks is None else breaks.find_minor(load, day, remote=remote)
    return "none" if minor is None else money_text(minor, tariffs[0].currency)


# --- weight breaks


BREAKS = (rate(0, base="10"), rate(1000, base="20"), rate(5000, base="30", weight_g_below=20_000))


@pytest.mark.parametrize(
    ("grams", "wanted"),
    [
        (0, "10.00 EUR"), (999, "10.00 EUR"), (1000, "20.00 EUR"), (4999, "20.00 EUR"), (5000, "30.00 EUR"),
        (19_999, "30.00 EUR"), (20_000, "none"), (10**12, "none"),
    ],
)  # fmt: skip
def test_a_band_reaches_to_the_next_ones_lower_end_and_the_last_to_its_own(grams: int, wanted: str) -> None:
    assert charge(*BREAKS, load=Load(grams)) == wanted


def test_below_the_first_break_there_is_no_rate() -> None:
    assert charge(rate(1000, base="20"), load=Load(999)) == "none"


def test_a_last_break_without_an_end_holds_any_weight() -> None:
    assert charge(rate(0, base="10"), load=Load(10**9)) == "10.00 EUR"


@pytest.mark.parametrize(
    ("grams", "wanted"),
    [(0, "12.00 EUR"), (500, "12.00 EUR"), (3500, "12.00 EUR"), (3501, "12.00 EUR"), (4000, "13.00 EUR")],
)  # fmt: skip
def test_base_and_weight_are_charged_but_never_less_than_the_minimum(grams: int, wanted: str) -> None:
    assert charge(rate(base="5", per_kg="2", minimum="12"), load=Load(grams)) == wanted


def test_a_charge_is_rounded_once_half_up() -> None:
    assert charge(rate(per_kg="0.005"), load=Load(1000)) == "0.01 EUR"
    assert charge(rate(per_kg="0.004999"), load=Load(1000)) == "0.00 EUR"
    assert charge(rate(per_kg="0.33"), load=Load(500)) == "0.17 EUR"
    assert charge(tariff("JPY"), rate(per_kg="0.5"), load=Load(1000)) == "1 JPY"
    assert charge(tariff("KWD"), rate(per_kg="0.0005"), load=Load(1000)) == "0.001 KWD"


# --- chargeable weight


@pytest.mark.parametrize(
    ("load", "wanted"),
    [
        (Load(1000, 0), "1.00 EUR"),
        (Load(1000, 6000), "1.00 EUR"),  # exactly as heavy as it is bulky
        (Load(1000, 6001), "1.00 EUR"),  # 1000.17 g, and that is 1001: too little for a cent
        (Load(1000, 12_000), "2.00 EUR"),
        (Load(0, 60), "0.01 EUR"),
    ],
)
def test_bulky_goods_are_charged_by_volume(load: Load, wanted: str) -> None:
    assert charge(tariff(divisor_cm3_per_kg=6000), rate(per_kg="1"), load=load) == wanted


@pytest.mark.parametrize(("grams", "wanted"), [(1, "0.50 EUR"), (500, "0.50 EUR"), (501, "1.00 EUR"), (0, "0.00 EUR")])
def test_chargeable_weight_goes_up_in_steps(grams: int, wanted: str) -> None:
    assert charge(tariff(step_g=500), rate(per_kg="1"), load=Load(grams)) == wanted


def test_the_step_may_lift_a_load_into_the_next_band() -> None:
    assert charge(tariff(step_g=500), rate(0, base="10"), rate(1000, base="20"), load=Load(501)) == "20.00 EUR"


# --- the most specific pair of places


def test_a_facility_comes_before_its_country_and_both_before_any() -> None:
    rows = [
        rate(base="1"), rate(base="2", origin="BE"), rate(base="3", destination="GB"),
        rate(base="4", origin="BE", destination="GB"), rate(base="5", origin="A"),
        rate(base="6", origin="A", destination="L"),
    ]  # fmt: skip
    assert [charge(*rows[:n]) for n in range(1, 7)] == [f"{n}.00 EUR" for n in (1, 2, 2, 4, 5, 6)]


def test_without_a_row_for_the_pair_there_is_no_rate() -> None:
    assert charge(rate(base="1", origin="ES")) == "none"


# --- days


def test_a_tariff_holds_from_its_first_to_its_last_day() -> None:
    told = tariff(valid_from=TODAY, valid_to=dt.date(2026, 11, 24))
    days = [dt.date(2026, 11, day) for day in (22, 23, 24, 25)]
    assert [charge(told, rate(base="1"), day=day) for day in days] == ["none", "1.00 EUR", "1.00 EUR", "none"]


def test_a_surcharge_falls_on_its_days() -> None:
    fuel = surcharge("fuel", percent="20", valid_from=TODAY, valid_to=dt.date(2026, 11, 24))
    days = [dt.date(2026, 11, day) for day in (22, 23, 24, 25)]
    assert [charge(rate(base="10"), fuel, day=day) for day in days] == [f"{n}.00 EUR" for n in (10, 12, 12, 10)]


def test_a_surcharge_may_be_per_cent_per_kg_and_flat_and_several_add_up() -> None:
    rows = [surcharge("fuel", percent="10"), surcharge("peak", per_kg="0.5"), surcharge("security", flat="3")]
    assert charge(rate(base="10"), rows, load=Load(4000)) == "16.00 EUR"
    assert charge(rate(base="1", minimum="10"), rows[0]) == "11.00 EUR", "per cent of the charge, the minimum too"


def test_a_surcharge_of_any_tariff_falls_on_all_and_another_tariffs_on_none() -> None:
    assert charge(rate(base="10"), surcharge("fuel", tariff_id="*", flat="1")) == "11.00 EUR"
    other = row(Tariff, tariff_id="u", company_id="haul", currency="EUR")
    assert charge(tariff(), other, rate(base="10"), surcharge("fuel", tariff_id="u", flat="1")) == "10.00 EUR"


def test_remote_surcharges_fall_on_remote_places_only() -> None:
    rows = (rate(base="10"), surcharge("remote", flat="7"))
    assert [charge(*rows), charge(*rows, remote=True)] == ["10.00 EUR", "17.00 EUR"]


def test_battery_surcharges_fall_on_batteries_only() -> None:
    rows = (rate(base="10"), surcharge("battery", flat="2"))
    loads = [Load(1000, goods_class=name) for name in ("general", "lithium_in_equipment")]
    assert [charge(*rows, load=load) for load in loads] == ["10.00 EUR", "12.00 EUR"]
    named = (rate(base="10"), surcharge("battery", flat="2", goods_class="cells"))
    loads = [Load(1000, goods_class=name) for name in ("lithium_in_equipment", "cells")]
    assert [charge(*named, load=load) for load in loads] == ["10.00 EUR", "12.00 EUR"]


# --- exchange


def common(minor: int, currency: str, *rows: object, home: str = "EUR", day: dt.date = TODAY) -> int:
    return Prices(tiny_network(*rows, currency=home)).to_common(minor, currency, day)


def worth(base: str, quote: str, amount: str, since: dt.date = dt.date(2026, 1, 1)) -> ExchangeRate:
    return row(ExchangeRate, date=since, base=base, quote=quote, rate=micro(amount))


def test_an_amount_is_exchanged_directly_inversely_or_through_a_middle_currency() -> None:
    assert common(1000, "EUR") == 1000
    assert common(1000, "USD", worth("USD", "EUR", "0.9")) == 900
    assert common(900, "USD", worth("EUR", "USD", "0.9")) == 1000
    assert common(1000, "GBP", worth("GBP", "USD", "1.25"), worth("EUR", "USD", "1.1")) == 1136, "12.50 / 1.1"


def test_a_direct_rate_comes_before_a_detour() -> None:
    assert common(1000, "GBP", worth("GBP", "EUR", "2"), worth("GBP", "USD", "9"), worth("USD", "EUR", "9")) == 2000


def test_currencies_keep_their_own_decimals() -> None:
    assert common(1000, "JPY", worth("JPY", "EUR", "0.006")) == 600, "1000 yen are 6.00 euro"
    assert common(600, "EUR", worth("JPY", "EUR", "0.006"), home="JPY") == 1000
    assert common(1234, "KWD", worth("KWD", "EUR", "3")) == 370, "1.234 dinar are 3.702 euro"
    assert common(1, "EUR", worth("KWD", "EUR", "3"), home="KWD") == 3, "0.01 euro are 3.33 fils"


def test_exchange_rounds_half_up() -> None:
    assert [common(minor, "USD", worth("USD", "EUR", "0.5")) for minor in (1, 3, -1, -3)] == [1, 2, 0, -1]


def test_the_days_rate_is_the_last_that_has_begun_and_before_all_the_first() -> None:
    rows = [worth("USD", "EUR", f"0.{n}", dt.date(2026, n, 1)) for n in (3, 5, 7)]
    days = [dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 4, 30), dt.date(2026, 5, 1), dt.date(2030, 1, 1)]
    assert [common(1000, "USD", *rows, day=day) for day in days] == [300, 300, 300, 500, 700]


def test_a_rate_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="wanted a rate from GBP to EUR, found none"):
        common(1, "GBP", worth("USD", "EUR", "0.9"))


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_law_the_parts_of_a_charge_come_to_it(currency: str) -> None:
    rng, kinds = random.Random(currency), ("fuel", "remote", "battery", "peak", "other")
    for _ in range(200):
        money = lambda most: f"{rng.randint(0, most)}.{rng.randint(0, 999_999):06}"  # noqa: E731
        more = [
            surcharge(kind, percent=f"{rng.choice(('', '-'))}{money(70)}", per_kg=money(2), flat=money(2))
            for kind in rng.sample(kinds, rng.randint(0, 4))
        ]
        rates = rate(0, base=money(9), per_kg=money(9), minimum=money(20))
        (breaks,) = [Prices(tiny_network(A, L, [tariff(currency)], [rates, *more])).find_breaks("t", A, L)]
        load, remote = Load(rng.randint(1, 9_000)), rng.random() < 0.5
        assert breaks is not None
        parts = breaks.list_parts(load, TODAY, remote=remote)
        assert sum(minor for _, minor in parts) == breaks.find_minor(load, TODAY, remote=remote)
        on = [one.kind for one in more if one.kind not in ("remote", "battery") or (one.kind == "remote" and remote)]
        assert [what for what, _ in parts] == ["carriage", *on]
