"""Writing rows and reading them again; values as text and back."""

import datetime as dt
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rookery.journey.network.offer import Rate
from rookery.journey.network.place import OpeningHours
from rookery.journey.network.rows import Micro
from rookery.journey.network.whole import FILES
from rookery.partners.folder.columns import columns_of
from rookery.partners.folder.parse import clock_text
from rookery.partners.folder.read import read_network
from rookery.partners.folder.sheet import read_sheet
from rookery.partners.folder.write import rows_of, write_network

TEXT = st.text(st.characters(exclude_categories=("Cs",))).map(str.strip)
WORD = st.text(string.ascii_letters + string.digits + "-_äß漢", min_size=1)
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)
VALUES = {
    "text": TEXT.filter(bool),
    "whole number": INT64,
    "decimal number": INT64,
    "degrees": INT64,
    "local time": st.integers(0, 999 * 1440 - 1),
    "date": st.dates(),
    "weekdays": st.text("01", min_size=7, max_size=7),
    "words": st.lists(WORD, min_size=1, unique=True).map(tuple) | st.just(("*",)),
    "yes or no": st.booleans(),
}


def cell(column):
    """Any value that the column can hold."""
    names = column.kind.wanted.removeprefix("one of ").split(", ")
    values = st.sampled_from(names) if column.kind.name.startswith("one of") else VALUES[column.kind.name]
    return values if column.mandatory else values | st.just(column.default)


def row_of(file):
    return st.fixed_dictionaries({column.name: cell(column) for column in columns_of(file.row)}).map(
        lambda cells: file.row(**cells)
    )


@settings(deadline=None)
@given(st.data(), st.sampled_from(FILES))
def test_any_row_of_any_file_reads_back_as_it_was(tmp_path_factory, data, file):
    rows = data.draw(st.lists(row_of(file), min_size=1, max_size=4))
    directory = tmp_path_factory.mktemp("net")
    write_network({file.name: rows}, directory)
    sheet, faults = read_sheet(file, (directory / f"{file.name}.csv").read_bytes())
    assert (faults, list(sheet.rows)) == ([], rows)


def test_a_network_written_and_read_is_the_same_but_for_its_snapshot(tiny, tmp_path):
    network = read_network(tiny)
    write_network(rows_of(network), tmp_path / "new" / "net")
    again = read_network(tmp_path / "new" / "net")
    assert msgspec.structs.replace(again, snapshot=network.snapshot) == network


def test_columns_that_are_all_default_and_files_without_rows_are_left_out(tiny, tmp_path):
    rows = rows_of(read_network(tiny)) | {"blocks": []}
    rows["rates"] = [Rate(tariff_id="a", source="assumed", per_kg=Micro(500_000))]
    write_network(rows, tmp_path)
    assert (tmp_path / "rates.csv").read_text() == "tariff_id,per_kg,source\na,0.5,assumed\n"
    assert not (tmp_path / "blocks.csv").exists()


def test_a_file_of_the_format_that_has_no_rows_any_more_is_deleted_and_others_stay(tiny, tmp_path):
    rows = rows_of(read_network(tiny))
    write_network(rows, tmp_path)
    (tmp_path / "README.md").write_text("notes")
    write_network(rows | {"blocks": []}, tmp_path)
    assert not (tmp_path / "blocks.csv").exists()
    assert (tmp_path / "README.md").exists()


def test_a_value_that_would_not_read_back_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"rates.csv, tariff_id: wanted text, found ''"):
        write_network({"rates": [Rate(tariff_id="", source="assumed")]}, tmp_path)
    with pytest.raises(ValueError, match=r"rates.csv, origin: wanted text, found ' X'"):
        write_network({"rates": [Rate(tariff_id="a", origin=" X", source="assumed")]}, tmp_path)
    with pytest.raises(ValueError, match=r"opening_hours.csv, days: wanted seven characters"):
        hours = OpeningHours(facility_id="a", days="1", opens=0, closes=1, source="assumed")
        write_network({"opening_hours": [hours]}, tmp_path)
    assert not any(tmp_path.iterdir())


def test_an_unknown_file_and_a_row_of_another_file_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"wanted names of the format, found \['rate'\]"):
        write_network({"rate": []}, tmp_path)
    with pytest.raises(ValueError, match="stops row 1: wanted a Stop, found a Rate"):
        write_network({"stops": [Rate(tariff_id="a", source="assumed")]}, tmp_path)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("00:00", 0),
        ("6:05", 365),
        ("24:00", 1440),
        ("30:00", 1800),
        ("06:00+1", 1800),
        ("23:59+40", 59 + 23 * 60 + 57600),
    ],
)
def test_a_time_counts_minutes_from_the_first_days_midnight(text, minutes):
    arrives = next(column for column in columns_of(OpeningHours) if column.name == "opens")
    assert arrives.read(text) == minutes
    assert arrives.read(clock_text(minutes)) == minutes


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (1440, "24:00"), (1441, "00:01+1"), (2880, "00:00+2")])
def test_a_time_is_written_with_the_days_it_reaches_into(minutes, text):
    assert clock_text(minutes) == text


def test_a_date_is_kept_as_a_date():
    column = next(column for column in columns_of(FILES[0].row) if column.name == "valid_from")
    assert column.read("2026-11-22") == dt.date(2026, 11, 22)
