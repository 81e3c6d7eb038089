"""What a plan emits: CO2e by way of moving, weight and distance.

A ride emits, per kilogram, the factor of its mode times its way: from stop to stop the great circle, times a detour.
Factors are a network's own (`emissions.csv`), or assumed. Drives between a door and a facility are not counted: how
far they go is not known.
"""

from itertools import pairwise
from typing import NamedTuple

from rookery.engines.sphere import great_circle_m
from rookery.journey.desk import World
from rookery.journey.network.place import Facility
from rookery.journey.network.whole import Network
from rookery.journey.route import Plan
from rookery.journey.service import Timetable
from rookery.units import MICRO, round_half_up

GRAMS_PER_KG = 1000
M_PER_KM = 1000


class Factor(NamedTuple):
    """What a mode emits.

    g_per_tkm  millionths of a gram of CO2e per tonne and km
    detour     way over the great circle, in millionths
    """

    mode: str
    g_per_tkm: int
    detour: int
    source: str


# Orders of magnitude, well to wheel, two digits at most; docs/emissions.md says what they rest on.
ASSUMED = (
    Factor("air", 600 * MICRO, 1_050_000, "assumed"),
    Factor("sea", 10 * MICRO, 1_500_000, "assumed"),
    Factor("rail", 25 * MICRO, 1_300_000, "assumed"),
    Factor("road", 120 * MICRO, 1_250_000, "assumed"),
    Factor("courier", 600 * MICRO, 1_300_000, "assumed"),
    Factor("transfer", 120 * MICRO, 1_300_000, "assumed"),
)


def list_factors(network: Network) -> dict[str, Factor]:
    """The factor of every mode: the network's own, else the one that is assumed."""
    factors = {one.mode: one for one in ASSUMED}
    for row in network.emissions:
        detour = factors[row.mode].detour if row.detour is None else row.detour
        factors[row.mode] = Factor(row.mode, row.g_per_tkm, detour, row.source)
    return factors


class Carbon:
    """What rides of a network emit. Immutable but for its own cache."""

    def __init__(self, table: Timetable):
        self.table = table
        self.factors = list_factors(table.network)
        self._known: dict[tuple[str, str, str], int | None] = {}
        self._modes = {one.variant_id: table.service(one.service_id).mode for one in table.network.variants}

    def find_segment(self, mode: str, origin: str, destination: str) -> int | None:
        """Milligrams of CO2e per kg from a stop to the next, rounded half up; None: where they lie is not known."""
        key = (mode, origin, destination)
        if key not in self._known:
            ends = [_place(self.table.facilities[name]) for name in (origin, destination)]
            self._known[key] = None if None in ends else self._segment(mode, *ends)  # type: ignore[arg-type]
        return self._known[key]

    def _segment(self, mode: str, origin: tuple[int, int], destination: tuple[int, int]) -> int:
        """A gram per tonne is a milligram per kilogram."""
        factor = self.factors[mode]
        micro_m = great_circle_m(origin, destination) * factor.detour
        return round_half_up(micro_m * factor.g_per_tkm, M_PER_KM * MICRO * MICRO)

    def find_ride(self, departure: str, stops: tuple[int, int]) -> int | None:
        """Milligrams per kg of a ride on a departure, `variant/date`, between two of its stops; None: not known."""
        variant_id = departure.rpartition("/")[0]
        calls = [stop.facility_id for stop in self.table.calls(variant_id)][stops[0] - 1 : stops[1]]
        parts = [self.find_segment(self._modes[variant_id], *ends) for ends in pairwise(calls)]
        return None if None in parts else sum(part for part in parts if part is not None)

    def find_plan(self, plan: Plan) -> int | None:
        """Milligrams per kg of all rides of a plan; None: not known."""
        rides = [self.find_ride(leg.departure, leg.stops) for leg in plan.legs if leg.departure]
        return None if None in rides else sum(ride for ride in rides if ride is not None)


def _place(facility: Facility) -> tuple[int, int] | None:
    return None if facility.lat is None or facility.lon is None else (facility.lat, facility.lon)


def find_co2_mg(plan: Plan, grams: int, world: World) -> int | None:
    """Milligrams of CO2e that a load emits on a plan, rounded once, half up; None: where a stop lies is not known."""
    mg_kg = carbon_of(world).find_plan(plan)
    return None if mg_kg is None else round_half_up(mg_kg * grams, GRAMS_PER_KG)


def carbon_of(world: World) -> Carbon:
    """The carbon of a world, made once."""
    known: Carbon | None = world.derived.get(Carbon)
    if known is None:
        known = world.derived[Carbon] = Carbon(world.timetable)
    return known
