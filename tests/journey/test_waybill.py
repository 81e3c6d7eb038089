"""Waybill numbers: check digits against known numbers, pools that only count upwards and run out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.journey.network.place import Company
from rookery.journey.order import Reference
from rookery.journey.shipment import Parcel
from rookery.journey.waybill import (
    Pool,
    WaybillsIssued,
    gs1_check_digit,
    number_name,
    s10_check_digit,
    s10_number,
    sscc_number,
)  # fmt: skip
from talk import asked, place_order
from worlds import place, places, ride, row, tiny_network


@pytest.mark.parametrize(
    "number",
    [
        "RA473124829FI",  # Wikipedia, S10 (UPU standard)
        "RB123456785GB", "RB123456785US",  # tracking number data
    ],
)  # fmt: skip
def test_s10_numbers_of_the_world_have_their_check_digit(number: str) -> None:
    assert s10_check_digit(number[2:10]) == int(number[10])
    assert s10_number(number[:2], int(number[2:10]), number[11:]) == number


def test_s10_check_digits_of_ten_and_eleven_are_nought_and_five() -> None:
    assert {s10_check_digit(f"{serial:08}") for serial in range(200)} == set(range(10))
    assert s10_check_digit("00000000") == 5, "eleven"
    assert s10_check_digit("00000008") == 0, "7 * 8 leaves 1, and that gives ten"


@pytest.mark.parametrize(
    "number",
    [
        "106141412345678908",  # GS1, SSCC in EPC Tag Data Standard
        "106141411928374657",  # Infor WMS, sample check digit computations
        "095287654321012346",  # Barcode Writer in Pure PostScript
        "376104250021234569",  # GS1 Germany, NVE
    ],
)
def test_sscc_numbers_have_their_check_digit(number: str) -> None:
    assert gs1_check_digit(number[:-1]) == int(number[-1])


@pytest.mark.parametrize("number", ["4006381333931", "5901234123457", "00012345600012", "9501101530003"])
def test_the_check_digit_is_that_of_every_gs1_key(number: str) -> None:
    assert gs1_check_digit(number[:-1]) == int(number[-1])


def test_the_extension_digit_comes_first_and_counts_with_the_serial() -> None:
    assert sscc_number("0614141", 1_234_567_890) == "106141412345678908"
    assert sscc_number("5400001", 0) == "054000010000000002"
    assert [len(sscc_number("1" * n, 7)) for n in (4, 7, 12)] == [18] * 3
    assert sscc_number("540000112345", 99_999)[0] == "9", "a long prefix leaves five digits"


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_law_a_check_digit_finds_every_single_wrong_digit(serial: int, place_idx: int, wrong: int) -> None:
    digits = [int(digit) for digit in f"{serial:08}"]
    digits[place_idx] = (digits[place_idx] + wrong) % 10
    other = "".join(map(str, digits))
    assert gs1_check_digit(other) != gs1_check_digit(f"{serial:08}")
    pair = {s10_check_digit(other), s10_check_digit(f"{serial:08}")}
    assert len(pair) == 2 or pair == {5}, "a remainder of 6 and one of 0 both give 5: UPU's own weakness"


@given(st.integers(0, 99_999_990))
def test_law_numbers_of_a_pool_are_never_the_same(serial: int) -> None:
    near = range(serial, serial + 10)
    assert len({s10_number("LR", n, "BE") for n in near}) == len({sscc_number("5400001", n) for n in near}) == 10


# --- pools


def carrier(**fields: str) -> Company:
    return row(Company, company_id="haul", name="Haul", country="BE", roles=("operator",), **fields)


NETWORK = [
    places("AB"), place("L", "GB", "Europe/London"), ride("AB", "A 20:00, B 22:00"), ride("AL", "A 20:00, L 22:00"),
]  # fmt: skip


def numbers(*routes: str, pieces: int = 1, used: dict[str, int] | None = None, **fields: str) -> list[str]:
    """Numbers of orders from A to these places; `used`: where pools stand."""
    book = place_order(tiny_network(NETWORK, carrier(**fields)))
    for pool, serial in (used or {}).items():
        book.state[Pool].put(Pool(pool, serial))
    for number, to in enumerate(routes):
        book.place(asked(f"{number}", origin="A", to=to, pieces=pieces))
    issued = book.told(WaybillsIssued)
    for one in issued:
        for parcel_id, number in zip(one.parcels, one.numbers, strict=True):
            assert book.state[Parcel].get(parcel_id).waybill == number
            assert book.state[Reference].get(number_name(number)).id_ == parcel_id
    return [number for one in issued for number in one.numbers]


def test_parcels_that_cross_a_border_have_s10_numbers_and_the_others_ssccs() -> None:
    assert numbers("B", "L", "B", "L", s10_prefix="LR", gs1_prefix="5400001") == [
        "054000010000000002", "LR000000005BE", "054000010000000019", "LR000000014BE",
    ]  # fmt: skip


def test_a_company_without_the_one_pool_uses_the_other_and_without_both_its_parcels_ids() -> None:
    assert numbers("L", gs1_prefix="5400001") == ["054000010000000002"]
    assert numbers("B", s10_prefix="LR")[0].startswith("pcl_")
    assert numbers("B", "L")[1].startswith("pcl_")


def test_every_piece_has_its_number() -> None:
    assert numbers("L", "L", pieces=3, s10_prefix="LR") == [
        f"LR{n:08}{s10_check_digit(f'{n:08}')}BE" for n in range(6)
    ]  # fmt: skip


def test_an_empty_pool_gives_way_to_the_next_and_never_begins_again() -> None:
    full = {"s10:LRBE": 99_999_999}
    found = numbers("L", "L", "L", s10_prefix="LR", gs1_prefix="5400001", used=full)
    assert found == ["LR999999995BE", "054000010000000002", "054000010000000019"]
    last = numbers("L", "L", gs1_prefix="540000112345", used={"sscc:540000112345": 99_999})
    assert last[0].startswith("9540000112345") and last[1].startswith("pcl_")


def test_a_pool_with_too_few_numbers_for_a_shipment_is_passed_over() -> None:
    found = numbers("L", pieces=2, s10_prefix="LR", used={"s10:LRBE": 99_999_999})
    assert all(number.startswith("pcl_") for number in found)


def test_law_no_number_is_given_twice() -> None:
    routes = ["B", "L", "L", "B", "L"] * 20
    found = numbers(*routes, pieces=3, s10_prefix="LR", gs1_prefix="5400001", used={"s10:LRBE": 99_999_900})
    assert len(found) == len(set(found)) == 300


@pytest.mark.shared
def test_check_digits_agree_with_the_tracking_number_data(shared: Path) -> None:
    vectors = json.loads((shared / "standards/vectors/tracking-numbers.json").read_text())["s10"]
    for number in vectors["valid"]:
        assert s10_number(number[:2], int(number[2:10]), number[11:]) == number
    for number in vectors["invalid"]:
        assert s10_number(number[:2], int(number[2:10]), number[11:]) != number
