"""Reading files: encodings, quotes, headers, missing and unknown files."""

import datetime as dt

import pytest

from rookery.journey.network.whole import FILES
from rookery.partners.folder.faults import NetworkFaults
from rookery.partners.folder.read import read_network


def test_the_tiny_network_loads_with_a_row_in_every_file(tiny):
    network = read_network(tiny)
    assert all(getattr(network, file.name) for file in FILES)
    assert network.about.valid_from == dt.date(2026, 11, 1)
    assert network.stops[3].arrives == 5 * 60 + 40 + 1440
    assert network.rates[1].per_kg == 36_500_000
    assert network.services[2].goods == ("general", "lithium_in_equipment")
    assert network.facilities[0].lat == 22_350_000
    assert network.zones[2].remote is True
    assert network.warehouse_capacities[0].date is None


def test_a_folder_that_is_not_there_is_one_fault(tmp_path):
    with pytest.raises(NetworkFaults, match="wanted a network folder, found none; give the folder"):
        read_network(tmp_path / "none")


def test_a_missing_file_that_is_not_required_is_empty(folder):
    (folder.path / "blocks.csv").unlink()
    assert read_network(folder.path).blocks == ()


def test_a_missing_required_file_is_one_fault_however_many_rows_refer_to_it(folder):
    (folder.path / "facilities.csv").unlink()
    assert folder.faults() == [("facilities.csv", 0, "")]


def test_an_unknown_csv_file_is_a_fault_with_a_suggestion(folder):
    (folder.path / "blocks.csv").rename(folder.path / "block.csv")
    assert folder.faults() == [("block.csv", 0, "")]
    assert "did you mean blocks.csv?" in folder.messages()


def test_other_files_and_folders_are_left_alone(folder):
    (folder.path / "README.md").write_text("notes")
    (folder.path / "old.csv").mkdir()
    assert folder.faults() == []


def test_an_empty_file_is_a_fault(folder):
    (folder.path / "blocks.csv").write_text("")
    assert folder.faults() == [("blocks.csv", 0, "")]


def test_columns_stand_in_any_order_and_spaces_do_not_count(folder, tiny):
    (folder.path / "stock.csv").write_text(
        "source, quantity ,company_id,sku,facility_id\n assumed ,1200,teahouse,TEA-250,HKG-W\n"
        "assumed,80, teahouse,KETTLE-1,HKG-W \n"
    )
    assert read_network(folder.path).stock == read_network(tiny).stock


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_do_not_count(folder, tiny):
    raw = (folder.path / "stops.csv").read_bytes().replace(b"\n", b"\r\n")
    (folder.path / "stops.csv").write_bytes(b"\xef\xbb\xbf" + raw + b"\r\n,,,,,\r\n  \r\n")
    assert read_network(folder.path).stops == read_network(tiny).stops


def test_a_quoted_cell_may_hold_commas_quotes_and_line_ends_and_the_record_is_where_it_begins(folder):
    folder.replace("goods.csv", "General goods", '"General, ""all""\nother goods"')
    assert read_network(folder.path).goods[0].name == 'General, "all"\nother goods'
    folder.replace("goods.csv", "UN3481", "3481")
    assert folder.faults() == [("goods.csv", 4, "un_number")]


def test_a_byte_that_is_not_utf_8_is_a_fault_with_its_line(folder):
    raw = (folder.path / "facilities.csv").read_bytes().replace(b"Liege gateway", b"Li\xe8ge gateway")
    (folder.path / "facilities.csv").write_bytes(raw)
    assert folder.faults() == [("facilities.csv", 4, "")]
    assert "the byte 0xE8 at position 9" in folder.messages()


@pytest.mark.parametrize("broken", ['"Wren" Parcels', '"Wren Parcels'])
def test_broken_quotes_are_a_fault_where_the_record_begins(folder, broken):
    folder.replace("companies.csv", "Wren Parcels", broken)
    assert folder.faults() == [("companies.csv", 4, "")]


def test_an_unknown_column_is_a_fault_with_the_closest_name(folder):
    folder.replace("zones.csv", "postcode_from", "postcode_form")
    assert ("zones.csv", 1, "postcode_form") in folder.faults()
    assert "did you mean postcode_from?" in folder.messages()


def test_a_missing_mandatory_column_is_one_fault(folder):
    folder.replace("stops.csv", "stop_seq", "source ")
    assert folder.faults() == [("stops.csv", 1, "source"), ("stops.csv", 1, "stop_seq")]


def test_a_missing_column_with_a_default_is_filled(folder):
    (folder.path / "rates.csv").write_text(
        "tariff_id,source\nair_hkg_lgg,assumed\nroad_de,assumed\nexpress_eu,assumed\n"
    )
    rate = read_network(folder.path).rates[0]
    assert (rate.origin, rate.destination, rate.base, rate.weight_g_below) == ("*", "*", 0, 0)


@pytest.mark.parametrize(("old", "new"), [("SK801,HKG-A,documents,", "SK801,documents,"), ("documents,", "a,b,c,d,")])
def test_too_few_and_too_many_cells_are_faults(folder, old, new):
    folder.replace("cutoffs.csv", old, new)
    assert folder.faults() == [("cutoffs.csv", 4, "")]


def test_a_row_that_cannot_be_read_can_still_be_referred_to(folder):
    folder.replace("facilities.csv", "LGG-G,Liege gateway,gateway,", "LGG-G,gateway,")
    assert folder.faults() == [("facilities.csv", 4, "")]


def test_all_faults_of_all_files_are_told_at_once_in_the_order_of_the_files(folder):
    folder.set("network.csv", 2, "currency", "euro")
    folder.set("facilities.csv", 2, "opens", "8 am")
    folder.set("facilities.csv", 2, "lat", "122,3")
    folder.set("facilities.csv", 6, "country", "D")
    folder.set("stops.csv", 4, "departs", "")
    folder.set("shares.csv", 3, "guarantee", "101")
    (folder.path / "extra.csv").write_text("a\n")
    assert folder.faults() == [
        ("network.csv", 2, "currency"),
        ("facilities.csv", 2, "lat"),
        ("facilities.csv", 2, "opens"),
        ("facilities.csv", 6, "country"),
        ("stops.csv", 4, "departs"),
        ("shares.csv", 3, "guarantee"),
        ("extra.csv", 0, ""),
    ]
    assert len(folder.messages().splitlines()) == 7


def test_a_message_says_which_thing_what_was_wanted_what_was_found_and_what_to_do(folder):
    folder.set("stops.csv", 4, "facility_id", "HKG-B")
    assert folder.messages() == (
        "stops.csv line 4, facility_id: wanted a key of facilities.csv, found 'HKG-B'; "
        "did you mean HKG-W? Else add a row to facilities.csv"
    )


def test_the_snapshot_changes_with_any_byte_and_with_nothing_else(folder, tiny):
    before = read_network(tiny).snapshot
    assert read_network(folder.path).snapshot == before
    (folder.path / "README.md").write_text("notes")
    assert read_network(folder.path).snapshot == before
    (folder.path / "stock.csv").open("a").close()
    folder.replace("stock.csv", "1200", "1201")
    assert read_network(folder.path).snapshot != before
    assert len(before) == 64
