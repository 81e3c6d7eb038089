"""What the lists do not say about a flight, assumed in one way for all: when it leaves, how long it takes, its hold."""

import hashlib
import math
from dataclasses import dataclass

from rookery.partners.openflights.read import Airport
from rookery.units import MICRO

EARTH_KM = 6371.0088  # mean radius, IUGG
FIRST_MIN, LAST_MIN, STEP_MIN = 360, 1320, 5  # departures from 06:00 to 22:00, local
GROUND_MIN = 30  # taxi, climb and descent
SPEED_KM_PER_H = 840  # cruising speed of a jet
CM3_PER_G = 6  # the trade's volumetric divisor of 6,000 cm3 a kilogram

# What the hold takes beside bags, in grams, by kind of aircraft, and the codes (IATA) of each kind. Assumed.
HOLDS_G = {"wide": 15_000_000, "narrow": 2_000_000, "regional": 500_000, "freighter": 60_000_000}
KINDS = {
    "wide": {
        "310", "312", "313", "330", "332", "333", "340", "342", "343", "345", "346", "33X", "380", "388", "747", "744",
        "74E", "74H", "74L", "74M", "74R", "762", "763", "764", "767", "772", "773", "777", "77L", "77W", "787", "788",
        "AB3", "AB4", "AB6", "D10", "D1C", "IL9", "I14", "L10", "M11",
    },
    "freighter": {"33F", "73F", "74F", "74N", "74Y", "75F", "76F", "76X", "77X", "ABF", "D1F", "M1F"},
    "narrow": {
        "100", "141", "142", "143", "146", "318", "319", "320", "321", "32A", "32B", "32C", "32S", "717", "727", "731",
        "732", "733", "734", "735", "736", "737", "738", "739", "73C", "73G", "73H", "73J", "73M", "73N", "73Q", "73R",
        "73W", "752", "753", "757", "75T", "75W", "A81", "AR1", "AR8", "D93", "D9S", "DC9", "E90", "E95", "F70", "M80",
        "M81", "M82", "M83", "M87", "M88", "M90", "SU9", "TU3", "TU5", "YK2",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flight:
    """A daily flight of an airline: minutes after midnight at the origin, minutes on the way, grams in its hold."""

    airline: str
    origin: Airport
    destination: Airport
    departs_min: int
    block_min: int
    hold_g: int
    is_freighter: bool


def flight_of(airline: str, origin: Airport, destination: Airport, aircraft: str) -> Flight:
    """The flight that stands for a route.

    aircraft  IATA code of its first type; blank: not known, taken as a regional one
    Law       the same route always gives the same flight
    """
    draw = int.from_bytes(hashlib.sha256(f"{airline} {origin.code} {destination.code}".encode()).digest()[:8], "big")
    departs = FIRST_MIN + STEP_MIN * (draw % ((LAST_MIN - FIRST_MIN) // STEP_MIN + 1))
    block = block_minutes(great_circle_km(origin, destination))
    kind = next((kind for kind, codes in KINDS.items() if aircraft in codes), "regional")
    return Flight(airline, origin, destination, departs, block, HOLDS_G[kind], kind == "freighter")


def block_minutes(km: int) -> int:
    """Minutes from gate to gate, up to the next five."""
    minutes = GROUND_MIN - (-km * 60 // SPEED_KM_PER_H)
    return -(-minutes // STEP_MIN) * STEP_MIN


def great_circle_km(a: Airport, b: Airport) -> int:
    """Distance along the great circle, rounded up to whole kilometres."""
    lat_a, lat_b = math.radians(a.lat / MICRO), math.radians(b.lat / MICRO)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians((b.lon - a.lon) / MICRO) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return math.ceil(2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord))))
