"""Ids, local times, money and quantities: what their texts say and what they refuse."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.units import (
    DAY_S,
    MICRO,
    amount_text,
    exponent,
    id_text,
    instant_text,
    local_day,
    local_instant,
    local_minutes,
    make_id,
    mass_text,
    micro_text,
    minor_of_micro,
    money_text,
    read_id,
    read_instant,
    read_micro,
    read_minor,
    round_half_up,
    share_text,
    span_text,
    time_zone,
    tzdata_version,
)  # fmt: skip

# --- ids


@given(st.binary(min_size=16, max_size=16))
def test_an_id_comes_back_from_its_text(id_: bytes) -> None:
    text = id_text("ord", id_)
    assert read_id(text) == ("ord", id_) and len(text) == 30
    for last in set("0123456789abcdefghijklmnopqrstuv") - {text[-1]}:
        with contextlib.suppress(ValueError):
            assert read_id(text[:-1] + last) != ("ord", id_), "an id has one text"


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=2, max_size=8))
def test_texts_of_ids_sort_like_their_bytes(ids: list[bytes]) -> None:
    assert sorted(id_text("ord", id_) for id_ in ids) == [id_text("ord", id_) for id_ in sorted(ids)]


@given(st.integers(0, 2**37), st.integers(0, 2**37), st.binary(min_size=1, max_size=40), st.integers(0, 9))
def test_law_ids_rise_with_time_and_the_same_input_gives_the_same_bytes(
    early: int, later: int, message_id: bytes, ordinal: int
) -> None:
    first, second = (make_id(heard_at=at, message_id=message_id, ordinal=ordinal) for at in sorted((early, later)))
    assert (first < second) == (early != later)
    assert first == make_id(heard_at=min(early, later), message_id=message_id, ordinal=ordinal)


def test_things_of_one_message_have_ids_of_their_own() -> None:
    ids = {make_id(heard_at=1, message_id=m, ordinal=n) for m in (b"a" * 32, b"b" * 32) for n in range(100)}
    assert len(ids) == 200 and {len(id_) for id_ in ids} == {16}


@pytest.mark.parametrize("text", ["", "ord", "ord_", "ord_123", "ORD_" + "0" * 26, "ord_" + "w" * 26])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted a prefix such as ord_"):
        read_id(text)


# --- local times


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        ("UTC", "2026-11-23", "12:00", "2026-11-23T12:00Z"),
        ("Europe/Brussels", "2026-03-29", "01:59", "2026-03-29T00:59Z"),
        ("Europe/Brussels", "2026-03-29", "02:00", "2026-03-29T01:00Z"),  # does not exist: 03:00
        ("Europe/Brussels", "2026-03-29", "02:30", "2026-03-29T01:30Z"),  # does not exist: 03:30
        ("Europe/Brussels", "2026-03-29", "03:00", "2026-03-29T01:00Z"),
        ("Europe/Brussels", "2026-10-25", "02:00", "2026-10-25T00:00Z"),  # comes twice: the first
        ("Europe/Brussels", "2026-10-25", "02:59", "2026-10-25T00:59Z"),
        ("Europe/Brussels", "2026-10-25", "03:00", "2026-10-25T02:00Z"),
        ("Europe/Brussels", "2026-03-28", "26:30", "2026-03-29T01:30Z"),  # the next day's missing hour
        ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00Z"),  # midnight did not exist
        ("America/Sao_Paulo", "2018-11-04", "00:30", "2018-11-04T03:30Z"),
        ("America/Sao_Paulo", "2018-02-17", "23:30", "2018-02-18T01:30Z"),  # came twice
        ("America/Sao_Paulo", "2026-11-01", "00:00", "2026-11-01T03:00Z"),  # no summer time any more
        ("Asia/Kathmandu", "2026-11-23", "05:45", "2026-11-23T00:00Z"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45Z"),  # half an hour comes twice
        ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T22:00Z"),  # a day that was left out
    ],
)
def test_a_local_time_that_does_not_exist_moves_forward_and_a_doubled_one_is_the_first(
    zone: str, day: str, clock: str, utc: str
) -> None:
    hours, minutes = map(int, clock.split(":"))
    instant = local_instant(dt.date.fromisoformat(day), hours * 60 + minutes, time_zone(zone))
    assert instant_text(instant) == utc


ZONES = ("Europe/Brussels", "America/Sao_Paulo", "Asia/Kathmandu", "America/New_York", "Pacific/Auckland", "UTC")


@given(st.dates(dt.date(1990, 1, 1), dt.date(2037, 12, 31)), st.integers(0, 3 * 1440), st.sampled_from(ZONES))
def test_law_a_local_time_is_what_the_clock_shows_or_later_by_the_gap(day: dt.date, minutes: int, name: str) -> None:
    zone = time_zone(name)
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    instant = local_instant(day, minutes, zone)
    shown = dt.datetime.fromtimestamp(instant, zone).replace(tzinfo=None)
    earlier = dt.datetime.fromtimestamp(instant - 3600, zone).replace(tzinfo=None)
    assert shown == wall or (shown > wall and shown - wall <= dt.timedelta(hours=1))
    assert earlier != wall, "of a pair it is the first"


# A gap, an hour that comes twice, one that begins and one that ends at midnight, half an hour, a day left out.
@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Europe/Brussels", "2026-03-29"), ("Europe/Brussels", "2026-10-25"), ("America/Sao_Paulo", "2018-11-04"),
        ("America/Sao_Paulo", "2018-02-17"), ("Australia/Lord_Howe", "2026-04-05"), ("Pacific/Apia", "2011-12-30"),
        ("Africa/Monrovia", "1972-01-07"), ("UTC", "2026-03-29"),
    ],
)  # fmt: skip
def test_the_minutes_of_a_day_are_those_told_one_by_one(name: str, day: str) -> None:
    at, zone = dt.date.fromisoformat(day), time_zone(name)
    assert local_minutes(at, zone) == [local_instant(at, minute, zone) for minute in range(1440)]


@given(st.integers(0, 2**32), st.sampled_from(ZONES))
def test_a_local_day_begins_at_its_midnight(instant: int, name: str) -> None:
    zone = time_zone(name)
    day = local_day(instant, zone)
    assert local_instant(day, 0, zone) <= instant < local_instant(day, 1440, zone)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "/UTC", "Europe/Brussels/"])
def test_a_zone_that_is_not_packaged_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="wanted an IANA name"):
        time_zone(name)


def test_the_version_of_the_time_zone_data_is_told() -> None:
    iana, _, package = tzdata_version().partition(", tzdata ")
    assert iana[:4].isdigit() and package.startswith(iana[:4])


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-22T17:30+01:00", "2026-11-22T16:30Z"),
        ("2026-11-22T17:30:59.999Z", "2026-11-22T17:30:59Z"),
        ("2026-11-22T17:30:59.999+05:45", "2026-11-22T11:45:59Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
        ("20261122T1730-0330", "2026-11-22T21:00Z"),
    ],
)
def test_a_time_with_its_offset_is_read_and_fractions_are_cut(text: str, utc: str) -> None:
    assert instant_text(read_instant(text)) == utc


@pytest.mark.parametrize("text", ["", "now", "2026-11-22", "2026-11-22T17:30", "2026-02-30T10:00Z", "17:30Z"])
def test_a_time_without_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted a time with its offset"):
        read_instant(text)


def test_an_instant_is_told_to_the_minute_or_second_in_a_zone() -> None:
    assert instant_text(0) == "1970-01-01T00:00Z" and instant_text(61) == "1970-01-01T00:01:01Z"
    assert instant_text(0, time_zone("Asia/Kathmandu")) == "1970-01-01T05:30+05:30"
    assert instant_text(0, time_zone("UTC")) == "1970-01-01T00:00+00:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 min"), (59, "0 min"), (60, "1 min"), (3600, "1 h"), (3660, "1 h 1 min"), (DAY_S, "1 d"),
        (DAY_S + 59 * 60, "1 d"), (3 * DAY_S + 4 * 3600, "3 d 4 h"), (-5400, "-1 h 30 min"),
    ],
)  # fmt: skip
def test_a_span_is_told_as_people_say_it(seconds: int, text: str) -> None:
    assert span_text(seconds) == text


# --- money and quantities


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XXX", 2)])
def test_a_currency_has_its_own_decimals(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1230, "EUR", "12.30"), (5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (-1230, "EUR", "-12.30"), (500, "JPY", "500"),
        (-500, "JPY", "-500"), (1, "KWD", "0.001"), (0, "EUR", "0.00"), (12_345, "CLF", "1.2345"),
    ],
)  # fmt: skip
def test_an_amount_is_told_and_read_with_its_decimals(minor: int, currency: str, text: str) -> None:
    assert amount_text(minor, currency) == text and money_text(minor, currency) == f"{text} {currency}"
    assert read_minor(text, currency) == minor


@pytest.mark.parametrize(("text", "currency"), [("0.5", "JPY"), ("0.005", "EUR"), ("1.0005", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=f"decimals for {currency}"):
        read_minor(text, currency)


@pytest.mark.parametrize(
    ("numerator", "denominator", "wanted"),
    [(1, 2, 1), (-1, 2, 0), (3, 2, 2), (-3, 2, -1), (5, 10, 1), (4, 10, 0), (-5, 10, 0), (-6, 10, -1), (7, 7, 1)],
)  # fmt: skip
def test_halves_are_rounded_up(numerator: int, denominator: int, wanted: int) -> None:
    assert round_half_up(numerator, denominator) == wanted


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
def test_law_rounding_is_off_by_at_most_a_half(numerator: int, denominator: int) -> None:
    off = 2 * (round_half_up(numerator, denominator) * denominator - numerator)
    assert -denominator < off <= denominator


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_law_a_charge_is_its_micro_units_rounded_once(micro: int, currency: str) -> None:
    assert minor_of_micro(micro, currency) == round_half_up(micro, 10 ** (6 - exponent(currency)))


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_decimal_comes_back_from_its_text(micro: int) -> None:
    assert read_micro(micro_text(micro)) == micro


@pytest.mark.parametrize(
    ("text", "micro"),
    [(" 1.5 ", 1_500_000), ("-0.000001", -1), ("1.500000000", 1_500_000), ("1e-6", 1), ("+7", 7 * MICRO), ("-0", 0)],
)  # fmt: skip
def test_a_decimal_is_read(text: str, micro: int) -> None:
    assert read_micro(text) == micro


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "1,5", "1.0000001", "NaN", "sNaN", "Infinity", "-inf", "9223372036854.775808", "1e13", "1e999999",
        "1e-999999", "1." + "0" * 40 + "1", "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_decimal_or_too_fine_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted a decimal number"):
        read_micro(text)


@pytest.mark.parametrize(
    ("grams", "text"),
    [(0, "0 g"), (999, "999 g"), (1000, "1 kg"), (1250, "1.25 kg"), (999_999, "999.999 kg"), (12_400_000, "12.4 t")],
)  # fmt: skip
def test_a_mass_is_told_as_people_say_it(grams: int, text: str) -> None:
    assert mass_text(grams) == text


@pytest.mark.parametrize(
    ("ppm", "text"),
    [(0, "0 %"), (9_999, "0 %"), (979_999, "97 %"), (990_000, "99 %"), (999_999, "99.9 %"), (10**6, "100 %")],
)
def test_a_share_is_told_in_percent_and_never_rounded_up(ppm: int, text: str) -> None:
    assert share_text(ppm) == text
