"""How far two places on the globe are from each other."""

import math

RADIUS_M = 6_371_009  # mean radius of the earth, IUGG; a sphere is off by at most about 0.5 % of any distance


def great_circle_m(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Metres along the great circle from one place to another, rounded half up.

    one, other  latitude and longitude in millionths of a degree
    Law         the same both ways, 0 from a place to itself
    Source      the haversine formula, which stays exact for near places
    """
    (lat, lon), (lat_there, lon_there) = ([math.radians(micro / 1e6) for micro in place] for place in (one, other))
    half = (
        math.sin((lat_there - lat) / 2) ** 2
        + math.cos(lat) * math.cos(lat_there) * math.sin((lon_there - lon) / 2) ** 2
    )
    return math.floor(2 * RADIUS_M * math.asin(min(1.0, math.sqrt(half))) + 0.5)
