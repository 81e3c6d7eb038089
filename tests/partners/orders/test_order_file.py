"""A file of orders, clean and ugly: CSV and NDJSON, with the line where each order stands."""

from pathlib import Path

import pytest

from rookery.partners.orders.file import OrderFileFault, read_orders

HEADER = "reference,owner,ordered_at,product,to_country,weight_g,to_city\n"
ROW = "{},shop,2026-11-23T10:00+01:00,std,BE,1000,{}\n"
JSON = (
    '{{"reference": "{}", "owner": "shop", "ordered_at": "2026-11-23T10:00+01:00", "product": "std", '
    '"to_country": "BE", "to_city": "{}"}}\n'
)


def lines(tmp_path: Path, content: str | bytes, name: str = "orders.csv") -> list[str]:
    """`3 A-1 Liège` for each order that can be read, `4 weight_g row` for one with faults in those."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [
        f"{one.line} {one.asked.reference} {one.asked.destination.city}".strip()
        if one.asked
        else f"{one.line} {' '.join(fault.path for fault in one.faults)}"
        for one in read_orders(path)
    ]


def fault(tmp_path: Path, content: str | bytes, name: str = "orders.csv") -> str:
    with pytest.raises(OrderFileFault) as raised:
        lines(tmp_path, content, name)
    return str(raised.value)


# --- CSV


def test_rows_are_told_by_their_lines(tmp_path: Path) -> None:
    assert lines(tmp_path, HEADER + ROW.format("1", "Liège") + ROW.format("2", "")) == ["2 1 Liège", "3 2"]


def test_a_byte_order_mark_blank_lines_and_spaces_do_no_harm(tmp_path: Path) -> None:
    text = (
        "\ufeff" + HEADER.replace(",", " , ") + "\n" + ROW.format(" 1 ", " Gent ") + "\n\n" + ROW.format("2", "") + "\n"
    )
    assert lines(tmp_path, text) == ["3 1 Gent", "6 2"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, newline: str) -> None:
    text = (HEADER + ROW.format("1", "") + ROW.format("2", "")).replace("\n", newline)
    assert lines(tmp_path, text) == ["2 1", "3 2"]


def test_a_quoted_cell_may_hold_commas_quotes_and_new_lines(tmp_path: Path) -> None:
    text = HEADER + ROW.format("1", '"Gent, ""Zuid""\nPoort 3"') + ROW.format("2", "")
    assert lines(tmp_path, text) == ['2 1 Gent, "Zuid"\nPoort 3', "4 2"]


def test_a_row_with_too_many_or_too_few_cells_is_a_fault_and_the_others_are_read(tmp_path: Path) -> None:
    text = HEADER + ROW.format("1", "Gent, Zuid") + "2,shop\n" + ROW.format("3", "")
    assert lines(tmp_path, text) == ["2 row", "3 row", "4 3"]


def test_every_bad_cell_of_a_row_is_told(tmp_path: Path) -> None:
    text = HEADER + "1,shop,now,std,,heavy,\n"
    assert lines(tmp_path, text) == ["2 weight_g to_country ordered_at"]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (HEADER.replace("to_city", "colour"), "found 'colour'; correct the header"),
        (HEADER.replace("to_city", "to_citty"), "found 'to_citty' (did you mean to_city?); correct the header"),
        (HEADER.replace("to_city", "lines"), "found 'lines'"),
        (HEADER.replace(",", ";"), "found semicolons; save it with commas"),
    ],
)
def test_a_column_that_no_order_has_is_told_once(tmp_path: Path, header: str, found: str) -> None:
    assert found in fault(tmp_path, header + ROW.format("1", "red"))


def test_a_column_that_comes_twice_is_refused(tmp_path: Path) -> None:
    assert "to_city" in fault(tmp_path, HEADER.replace("weight_g", "to_city") + ROW.format("1", ""))


def test_huge_numbers_are_faults_of_their_cell(tmp_path: Path) -> None:
    text = HEADER + ROW.format("1", "").replace("1000", "9" * 30)
    assert lines(tmp_path, text) == ["2 weight_g"]


def test_a_quote_in_the_middle_of_a_cell_spoils_its_row_only(tmp_path: Path) -> None:
    text = HEADER + ROW.format("1", '"Gent" Zuid') + ROW.format("2", "")
    assert lines(tmp_path, text) == ["2 row", "3 2"]


def test_a_quote_that_never_ends_is_told_where_it_begins(tmp_path: Path) -> None:
    text = HEADER + ROW.format("1", "") + ROW.format("2", '"Gent') + ROW.format("3", "")
    assert lines(tmp_path, text) == ["2 1", "3 row"]


def test_a_file_without_header_or_orders(tmp_path: Path) -> None:
    assert lines(tmp_path, HEADER) == []
    assert fault(tmp_path, "").endswith("wanted a header line with column names, found none; see docs/orders.md")
    assert "wanted a header line" in fault(tmp_path, ",,\n")


# --- NDJSON


@pytest.mark.parametrize("name", ["orders.ndjson", "orders.jsonl"])
def test_each_line_of_json_is_an_order(tmp_path: Path, name: str) -> None:
    assert lines(tmp_path, "\ufeff" + JSON.format("1", "Liège") + "\n  \n" + JSON.format("2", ""), name) == [
        "1 1 Liège",
        "4 2",
    ]


def test_a_bad_line_spoils_itself_only(tmp_path: Path) -> None:
    text = JSON.format("1", "") + "{\n[]\n" + JSON.format("2", "")
    assert lines(tmp_path, text, "orders.ndjson") == ["1 1", "2 message", "3 message", "4 2"]


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_a_new_line_ends_a_line_of_json(tmp_path: Path, letter: str) -> None:
    text = JSON.format("1", f"Gent{letter if letter > ' ' else ''}Zuid") + JSON.format("2", "")
    assert lines(tmp_path, text, "orders.ndjson") == [f"1 1 Gent{letter if letter > ' ' else ''}Zuid", "2 2"]


def test_the_message_is_the_line_word_for_word(tmp_path: Path) -> None:
    line = JSON.format("1", "").replace(", ", " ,\t")
    (tmp_path / "o.ndjson").write_text(line)
    assert [one.body for one in read_orders(tmp_path / "o.ndjson")] == [line.strip().encode()]


def test_the_same_row_makes_the_same_message_wherever_it_stands(tmp_path: Path) -> None:
    for name, text in (
        ("a.csv", HEADER + ROW.format("1", "")),
        ("b.csv", HEADER + ROW.format("0", "") + ROW.format("1", "")),
    ):
        (tmp_path / name).write_text(text)
    assert list(read_orders(tmp_path / "a.csv"))[-1].body == list(read_orders(tmp_path / "b.csv"))[-1].body


# --- the file as a whole


def test_other_bytes_than_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    latin = (HEADER + ROW.format("1", "") + ROW.format("2", "Liège")).encode("latin-1")
    assert fault(tmp_path, latin).endswith("line 3: wanted UTF-8, found other bytes; convert the file")
    assert "line 3" in fault(tmp_path, b"\xef\xbb\xbf" + latin)
    assert "wanted UTF-8" in fault(tmp_path, HEADER.encode("utf-16"))


def test_a_file_that_is_not_there_or_of_another_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(OrderFileFault, match="wanted a file that can be read, found: No such file"):
        list(read_orders(tmp_path / "none.csv"))
    with pytest.raises(OrderFileFault, match=r"wanted a file ending in \.csv"):
        list(read_orders(tmp_path / "orders.xlsx"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OrderFileFault, match="found: Is a directory"):
        list(read_orders(tmp_path / "folder.csv"))
