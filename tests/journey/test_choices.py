"""Plans by four criteria against a slow reference, on random little networks; what plans emit, and how risky they are.

ROOKERY_CHOICES sets how many networks of each family are drawn; `drawn.py` says what the families are about.
"""

import os
import random

import msgspec
import numpy as np
import pytest
from drawn import FAMILIES, LEGS_MAX, Drawn, draw
from reference_four import End, FourReference

from rookery.engines.eta.risk import risk_row
from rookery.engines.sphere import great_circle_m
from rookery.journey.atlas import atlas_of
from rookery.journey.burden import BUCKET_S, burdens_of, made_ppm_of, plan_risk
from rookery.journey.carbon import carbon_of, find_co2_mg
from rookery.journey.choices import TASTES, choices
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.network.line import Emission, Ridden
from rookery.journey.network.place import Facility
from rookery.journey.network.rows import Degrees, Micro
from rookery.journey.network.whole import Network
from rookery.journey.past import Lane, past_of
from rookery.journey.room import Room
from rookery.journey.route import Plan, plans
from rookery.units import local_instant, time_zone
from worlds import MONDAY, desk_of, door, empty_state, place, ride, row, tiny_network, trip

NETWORKS = int(os.environ.get("ROOKERY_CHOICES", "60"))


def located(network: Network, seed: int) -> Network:
    """The same network with places on the globe."""
    chance = random.Random(seed)
    where = [
        {"lat": Degrees(chance.randrange(40_000_000, 56_000_000)), "lon": Degrees(chance.randrange(20_000_000))}
        for _ in network.facilities
    ]
    facilities = (msgspec.structs.replace(one, **of) for one, of in zip(network.facilities, where, strict=True))
    return msgspec.structs.replace(network, facilities=tuple(facilities))


def drawn(seed: int) -> tuple[Drawn, Desk]:
    one = draw(seed)
    return one, desk_of(located(one.network, seed), one.desk.now, Policy(legs_max=LEGS_MAX))


def four(plan: Plan, world: World) -> End:
    mg_kg = carbon_of(world).find_plan(plan)
    assert mg_kg is not None
    return plan.arrives_at, plan.cost_minor, mg_kg, plan_risk(plan, world)


# --- all plans, and few that stand for them


@pytest.mark.parametrize("family", FAMILIES)
def test_law_choices_are_those_of_a_search_that_tries_every_departure(family: str) -> None:
    first, step = list(FAMILIES).index(family), len(FAMILIES)
    for seed in range(first, first + step * NETWORKS, step):
        one, desk = drawn(seed)
        for number, wanted in enumerate(one.trips):
            slow = FourReference(wanted, one.room, desk.world).all()
            exact = [four(plan, desk.world) for plan in choices(wanted, one.room, desk, exact=True)]
            assert sorted(exact) == slow, f"seed {seed}, trip {number}\nwanted\n{slow}\nfound\n{exact}"
            few = [four(plan, desk.world) for plan in choices(wanted, one.room, desk)]
            _check_few(few, slow, f"seed {seed}, trip {number}")


def test_what_is_drawn_has_plans_that_arrival_and_cost_alone_do_not_find() -> None:
    every = ((one, desk, wanted) for one, desk in map(drawn, range(200)) for wanted in one.trips)
    assert any(
        len(FourReference(wanted, one.room, desk.world).all()) > len(plans(wanted, one.room, desk))
        for one, desk, wanted in every
    )


def _check_few(few: list[End], slow: list[End], where: str) -> None:
    """Each of few is a plan, or worse than one by little; the earliest and the cheapest are there."""
    assert bool(few) == bool(slow), where
    if slow:
        assert min(one[0] for one in few) == min(one[0] for one in slow), where
        assert min(one[1] for one in few) == min(one[1] for one in slow), where
        for one in few:
            assert any(all(a <= b for a, b in zip(other, one, strict=True)) for other in slow), where


def test_the_same_trip_has_the_same_choices_and_the_relaxation_is_the_callers() -> None:
    every = ((one, desk, wanted) for one, desk in map(drawn, range(100)) for wanted in one.trips)
    one, desk, wanted, few = next(
        (*them, few) for them in every if len(few := choices(them[2], them[0].room, them[1])) > 2
    )
    assert choices(wanted, one.room, desk) == few == choices(wanted, one.room, desk, relaxation=TASTES)
    by_cost = TASTES._replace(tastes=((0.0, 0.0),))
    ends = {(plan.arrives_at, plan.cost_minor) for plan in plans(wanted, one.room, desk)}
    assert {(plan.arrives_at, plan.cost_minor) for plan in choices(wanted, one.room, desk, relaxation=by_cost)} <= ends


# --- what is emitted

LIEGE, MADRID, TOKYO = (50_637_400, 5_443_200), (40_471_926, -3_562_640), (35_764_700, 140_386_400)


def spotted(name: str, where: tuple[int, int] | None = None) -> Facility:
    lat, lon = (None, None) if where is None else map(Degrees, where)
    return msgspec.structs.replace(place(name), lat=lat, lon=lon)


def test_distances_are_those_of_great_circles() -> None:
    assert [great_circle_m(LIEGE, other) // 1000 for other in (LIEGE, MADRID, TOKYO)] == [0, 1327, 9444]
    assert great_circle_m(MADRID, LIEGE) == great_circle_m(LIEGE, MADRID)
    assert great_circle_m((0, 0), (0, 180_000_000)) == round(np.pi * 6_371_009)


def test_a_plan_emits_by_mode_way_and_weight_and_drives_count_nothing() -> None:
    rows = [spotted("A", LIEGE), spotted("B", MADRID), spotted("C", TOKYO)]
    rides = ride("truck", "A 08:00, B 20:00"), ride("plane", "B 22:00, C 14:00+1", mode="air")
    network = tiny_network(rows, rides, door("delivery", "C"))
    wanted = trip(network, "A", "BE 4000", "Mon 06:00")
    desk = desk_of(network, wanted.ready_at)
    (plan,) = plans(wanted, Room(empty_state()), desk)
    km = great_circle_m(LIEGE, MADRID) / 1000, great_circle_m(MADRID, TOKYO) / 1000
    mg_kg = km[0] * 1.25 * 120 + km[1] * 1.05 * 600  # grams per tonne are milligrams per kilogram
    assert abs(carbon_of(desk.world).find_plan(plan) - mg_kg) <= 1  # type: ignore[operator]
    assert abs(find_co2_mg(plan, 2_500, desk.world) - 2.5 * mg_kg) <= 3  # type: ignore[operator]


def test_a_network_states_its_own_factors_and_a_blank_detour_is_the_assumed_one() -> None:
    rows = [spotted("A", LIEGE), spotted("B", MADRID), ride("truck", "A 08:00, B 20:00")]
    own = row(Emission, mode="road", g_per_tkm=Micro(60_500_000))
    found = []
    for stated in ([], [own], [msgspec.structs.replace(own, detour=Micro(1_000_000))]):
        network = tiny_network(rows, stated)
        found.append(carbon_of(desk_of(network, 0).world).find_segment("road", "A", "B"))
    m = great_circle_m(LIEGE, MADRID)
    assert found == [round(m * 1.25 * 120 / 1000), round(m * 1.25 * 60.5 / 1000), round(m * 60.5 / 1000)]


def test_where_a_stop_lies_has_to_be_known_to_compare_plans() -> None:
    network = tiny_network(spotted("A", LIEGE), spotted("B"), ride("truck", "A 08:00, B 20:00"))
    wanted = trip(network, "A", "B", "Mon 06:00")
    desk, room = desk_of(network, wanted.ready_at), Room(empty_state())
    (plan,) = plans(wanted, room, desk)
    assert find_co2_mg(plan, 1000, desk.world) is None
    with pytest.raises(ValueError, match=r"wanted lat and lon of every stop, .* found none of B; fill them in"):
        choices(wanted, room, desk)


# --- how risky connections are


def test_of_two_connections_the_one_with_more_slack_is_a_choice_of_its_own() -> None:
    rows = [spotted("A", LIEGE), spotted("B", MADRID), spotted("C", TOKYO)]
    rides = ride("in", "A 08:00, B 20:00"), ride("on", "B 20:30, C 14:00+1"), ride("late", "B 23:30, C 17:00+1")
    wanted = trip(tiny_network(rows, rides), "A", "C", "Mon 06:00", days=2)
    desk = desk_of(tiny_network(rows, rides), wanted.ready_at)
    found = choices(wanted, Room(empty_state()), desk)
    assert [[leg.service_id for leg in plan.legs] for plan in found] == [["in", "on"], ["in", "late"]]
    tight, wide = (made_ppm_of([plan], desk.world) for plan in found)
    assert 400_000 < tight < 700_000 < wide < 950_000
    assert abs(made_ppm_of(found, desk.world) - tight * wide / 1e6) < 10


def test_a_line_is_as_late_as_its_history_says() -> None:
    rows = [spotted("A", LIEGE), spotted("B", MADRID), spotted("C", TOKYO)]
    rides = ride("in", "A 08:00, B 14:00/14:30, C 20:00"), ride("on", "B 15:30, C 22:00")
    past = [
        row(Ridden, what="service:in", origin="A", destination="B", date=MONDAY.replace(day=1 + n), began=480,
            planned_min=360, actual_min=460 + n)
        for n in range(20)
    ]  # fmt: skip
    risks = []
    for history in ([], past):  # every leg to B was 100 minutes late and more
        burdens = burdens_of(World(tiny_network(rows, rides, history), Policy()))
        risks.append(int(burdens.risk[burdens.delay_class[0], 90 * 60 // BUCKET_S]))
    assert risks[0] < 500_000 and risks[1] > 1_000_000


def test_law_the_risk_of_a_delay_class_never_rises_with_slack_and_is_never_below_that_of_its_lines() -> None:
    for seed in range(40):
        _, desk = drawn(seed)
        burdens = burdens_of(desk.world)
        assert burdens.risk.min() >= 0 and np.all(np.diff(burdens.risk, axis=1) <= 0)
        assert set(burdens.delay_class.tolist()) == set(range(len(burdens.risk)))
        lines, past = atlas_of(desk.world).lines, past_of(desk.world)
        slacks_s = np.arange(burdens.risk.shape[1]) * BUCKET_S
        for line, service in enumerate(lines.services):
            calls = desk.world.timetable.calls(lines.variants[int(lines.patterns.variant_ptr[line])].variant_id)
            ends, day = (calls[0], calls[-1]), desk.world.timetable.network.about.valid_from
            zones = [time_zone(desk.world.timetable.facilities[call.facility_id].time_zone) for call in ends]
            planned_s = local_instant(day, ends[1].arrives, zones[1]) - local_instant(day, ends[0].departs, zones[0])
            lane = Lane(f"service:{service.service_id}", *(call.facility_id for call in ends))
            own = risk_row(slacks_s, past.delay(lane, planned_s).spread)
            assert np.all(burdens.risk[burdens.delay_class[line]] >= own), f"seed {seed}, line {line}"
