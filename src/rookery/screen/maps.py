"""A quote on a map, as a file: a page that needs nothing else, or with the extra `png` a picture."""

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from rookery.hub.journeys import Place, Quoted
from rookery.screen.chart import chart
from rookery.screen.page import MARKER, page
from rookery.screen.picture import SOFTWARE, picture

ENDINGS = (".html", ".png")
HEAD_BYTES = 2000  # in which every map says that it is one


class MapFault(Exception):
    """The map cannot be written there; the text says why and what to do."""


def check_map(path: Path) -> None:
    """Raise MapFault unless a map can be written there: a known ending, and no file that is not a map of ours."""
    if path.suffix not in ENDINGS:
        raise MapFault(f"map {path}: wanted a file ending in {' or '.join(ENDINGS)}; name it so")
    if path.suffix == ".png":
        _check_extra(path)
    if not path.parent.is_dir():
        raise MapFault(f"map {path}: wanted a folder to write it to, found none; make it, or name another place")
    if path.exists() and not _is_ours(path):
        raise MapFault(f"map {path}: wanted a new file or an earlier map, found something else; name another")


def write_map(path: Path, quoted: Quoted, facilities: Iterable[Place]) -> None:
    """Draw a quote. The file is there whole, or as it was before.

    Raises  MapFault
    """
    check_map(path)
    drawn = chart(quoted, facilities)
    content = page(quoted, drawn).encode() if path.suffix == ".html" else picture(quoted, drawn)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as fault:
        raise MapFault(f"map {path}: wanted to write it, found: {fault.strerror}; name another place") from None


def _check_extra(path: Path) -> None:
    try:
        import_module("matplotlib")
    except ImportError:
        todo = "install it with: pip install 'rookery[png]', or name a file that ends in .html"
        raise MapFault(f"map {path}: wanted the extra `png`, found it not installed; {todo}") from None


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return any(marker.encode() in head for marker in (MARKER, SOFTWARE))
