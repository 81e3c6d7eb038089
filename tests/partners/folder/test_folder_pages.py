"""The page about the format, and a network on one screen."""

import re
from pathlib import Path

from rookery.journey.network.whole import FILES
from rookery.partners.folder.describe import format_page
from rookery.partners.folder.read import read_network
from rookery.partners.folder.summary import summary_lines

PAGE = Path(__file__).parents[3] / "docs" / "network-format.md"


def test_the_page_is_what_the_declarations_say(tiny):
    """To renew it: python tests/partners/folder/renew_page.py."""
    assert PAGE.read_text(encoding="utf-8") == format_page(tiny)


def test_every_file_has_a_section_with_an_example_and_every_link_leads_to_one(tiny):
    page = format_page(tiny)
    sections = re.findall(r"^### (\w+)\.csv$", page, re.MULTILINE)
    assert sections == [file.name for file in FILES]
    assert page.count("```csv") == len(FILES)
    assert set(re.findall(r"\(#(\w+)csv\)", page)) <= set(sections)


def test_the_tiny_network_on_one_screen(tiny):
    network = read_network(tiny)
    lines = summary_lines(network)
    text = "\n".join(lines)
    assert lines[0] == "Tiny network (tiny), version 2026-11-01, compared in EUR"
    assert "validity              2026-11-01 to 2027-03-27 (147 days)" in lines
    assert "  road                    1  6 departures in the week of 2026-11-02" in lines
    assert "  HKG-W               1280 units on hand, 4000 orders a day" in lines
    assert "of these assumed      108 (100 per cent)" in lines
    assert network.snapshot in text
    assert len(lines) <= 45
