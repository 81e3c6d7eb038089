"""Writes docs/network-format.md anew: python tests/partners/folder/renew_page.py."""

from pathlib import Path

from rookery.partners.folder.describe import format_page

ROOT = Path(__file__).parents[3]

if __name__ == "__main__":
    page = format_page(ROOT / "tests" / "networks" / "tiny")
    (ROOT / "docs" / "network-format.md").write_text(page, encoding="utf-8")
