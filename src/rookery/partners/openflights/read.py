"""The OpenFlights lists of airports and routes: every row checked, every fault told at once.

Source  openflights.org/data: airports.dat has 14 columns, routes.dat 9, both without a header; a missing value is `\\N`
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rookery.partners.port import Fault, FileFaults
from rookery.units import MICRO, read_micro, time_zone

T = TypeVar("T")
MISSING = "\\N"
FILE_BYTES_MAX = 100_000_000  # forty times what is published
DEGREES_MAX = {"latitude": 90, "longitude": 180}


@dataclass(frozen=True, slots=True)
class Airport:
    """A row of airports.dat. Coordinates in micro-degrees; a blank zone is not known."""

    number: str
    name: str
    city: str
    country: str
    iata: str
    icao: str
    lat: int
    lon: int
    zone: str

    @property
    def code(self) -> str:
        """The code that the trade knows it by: IATA, else ICAO, else its number in the list."""
        return self.iata or self.icao or f"OF{self.number}"


@dataclass(frozen=True, slots=True)
class Route:
    """A row of routes.dat: an airline flies from an airport to another. `origin` and `destination` are numbers."""

    airline: str
    origin: str
    destination: str
    codeshare: bool
    stops: int
    aircraft: tuple[str, ...]


def read_lists(folder: Path) -> tuple[list[Airport], list[Route]]:
    """Both lists of a folder.

    Raises  FileFaults: every fault of both files
    """
    faults: list[Fault] = []
    airports = list(_rows(folder / "airports.dat", 14, _airport, faults))
    routes = list(_rows(folder / "routes.dat", 9, _route, faults))
    seen: set[str] = set()
    for airport in airports:
        if airport.number in seen:
            faults.append(Fault("airports.dat", 0, "id", "each once", airport.number, "keep one of the rows"))
        seen.add(airport.number)
    if faults:
        raise FileFaults(faults)
    return airports, routes


class _Bad(ValueError):
    """A cell that cannot be read."""

    def __init__(self, column: str, wanted: str, found: str):
        super().__init__(column)
        self.column, self.wanted, self.found = column, wanted, found


def _rows(path: Path, width: int, read: Callable[[Sequence[str]], T], faults: list[Fault]) -> Iterator[T]:
    """The good rows of a file."""
    text = _text(path, faults)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if len(cells) != width:
                found, todo = f"{len(cells)} columns", "correct the row"
                faults.append(Fault(path.name, reader.line_num, "", f"{width} columns", found, todo))
                continue
            try:
                yield read([("" if cell == MISSING else cell.strip()) for cell in cells])
            except _Bad as bad:
                told = (bad.column, bad.wanted, bad.found, "correct the cell")
                faults.append(Fault(path.name, reader.line_num, *told))
    except csv.Error as fault:
        faults.append(Fault(path.name, reader.line_num, "", "a CSV record", str(fault), "correct the quotes"))


def _text(path: Path, faults: list[Fault]) -> str:
    try:
        if path.stat().st_size <= FILE_BYTES_MAX:
            return path.read_text(encoding="utf-8")
        wanted, found = f"at most {FILE_BYTES_MAX} bytes", str(path.stat().st_size)
    except OSError as fault:
        wanted, found = "this file", str(fault.strerror)
    except UnicodeDecodeError as bad:
        wanted, found = "text in UTF-8", f"the byte 0x{bad.object[bad.start]:02X}"
    faults.append(Fault(path.name, 0, "", wanted, found, "fetch it from openflights.org/data"))
    return ""


def _airport(cells: Sequence[str]) -> Airport:
    number, name, city, country, iata, icao, lat, lon = cells[:8]
    if not number or not name:
        raise _Bad("id" if name else "name", "a value", "a blank cell")
    places = _degrees("latitude", lat), _degrees("longitude", lon)
    return Airport(number, name, city or name, country, iata, icao, *places, _zone(cells[11]))


def _degrees(column: str, text: str) -> int:
    try:
        micro = read_micro(f"{float(text):.6f}")
    except ValueError:
        micro = 1000 * MICRO
    if abs(micro) > DEGREES_MAX[column] * MICRO:
        raise _Bad(column, f"degrees from -{DEGREES_MAX[column]} to {DEGREES_MAX[column]}", repr(text))
    return micro


def _zone(name: str) -> str:
    """A time zone that the packaged data knows; blank for any other."""
    try:
        time_zone(name)
    except ValueError:
        return ""
    return name


def _route(cells: Sequence[str]) -> Route:
    airline, _, _, origin, _, destination, codeshare, stops, aircraft = cells
    if not airline:
        raise _Bad("airline", "a code", "a blank cell")
    if not (stops.isascii() and stops.isdigit()):
        raise _Bad("stops", "a whole number", repr(stops))
    if codeshare not in ("", "Y"):
        raise _Bad("codeshare", "Y or nothing", repr(codeshare))
    return Route(airline, origin, destination, codeshare == "Y", int(stops), tuple(aircraft.split()))
