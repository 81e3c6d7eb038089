"""Links, lane tables and the plans behind them, from simplest to hardest.

A: one ride   B: changing   C: staying aboard   D: rides of no minutes   E: tables   F: costs
"""

import numpy as np
import pytest
from timetables import END, Ride, asked, cheapest, costs_of, table_of, timetable, told

from rookery.engines.network import lane_table as tables
from rookery.engines.network.lane_table import arrivals, drop_off_table, find_latest, lane_table
from rookery.engines.network.links import Rides, build_links

# --- A: one ride


def test_a01_no_ride_no_way() -> None:
    assert asked(timetable(), "AB") == "no way"
    assert asked(timetable(Ride("AB", 10, 40)), "BA") == "no way"


def test_a02_a_ride_is_met_at_its_tender_time_and_not_after() -> None:
    one = timetable(Ride("AB", 10, 40))
    assert asked(one, "AB", 10) == "AB@10: 40"
    assert asked(one, "AB", 11) == "no way"


def test_a03_a_later_ride_may_overtake() -> None:
    assert asked(timetable(Ride("AB", 10, 40), Ride("AB", 20, 30)), "AB") == "AB@20: 30"


def test_a04_a_full_ride_is_passed_over() -> None:
    assert asked(timetable(Ride("AB", 10, 40, full=True), Ride("AB", 20, 60)), "AB") == "AB@20: 60"


def test_a05_of_equal_arrivals_the_ride_tendered_first() -> None:
    assert asked(timetable(Ride("AB", 10, 40), Ride("AB", 20, 40)), "AB") == "AB@10: 40"


def test_a06_where_goods_are_they_need_no_ride() -> None:
    here = np.array([0], np.int32)
    assert arrivals(table_of(timetable(Ride("AB", 10, 40))), here, here + 77, here).tolist() == [77]


# --- B: changing


def test_b01_a_change_needs_the_handling_of_its_place() -> None:
    rides = (Ride("AB", 10, 40), Ride("BC", 50, 60), Ride("BC", 70, 80))
    assert asked(timetable(*rides, B=10), "AC") == "AB@10 BC@50: 60"
    assert asked(timetable(*rides, B=11), "AC") == "AB@10 BC@70: 80"


def test_b02_handling_depends_on_way_in_and_way_out() -> None:
    rides = (Ride("ABa", 10, 40), Ride("BCa", 50, 90), Ride("BCb", 50, 60), Ride("BCb", 70, 80))
    assert asked(timetable(*rides, Baa=10, Bab=10), "AC") == "ABa@10 BCb@50: 60"
    assert asked(timetable(*rides, Baa=10, Bab=30), "AC") == "ABa@10 BCb@70: 80"
    assert asked(timetable(*rides, Baa=10, Bab=31), "AC") == "ABa@10 BCa@50: 90"


def test_b03_goods_wait_for_days_where_they_must() -> None:
    assert asked(timetable(Ride("AB", 10, 40), Ride("BC", 9_000, 9_001)), "AC") == "AB@10 BC@9000: 9001"


def test_b04_more_ways_out_than_links_are_read_at_once() -> None:
    rides = [Ride(f"BC{way}", 50, 100 - "abcd".index(way)) for way in "abcd"]
    assert asked(timetable(Ride("AB", 10, 40), *rides, ways=4), "AC") == "AB@10 BCd@50: 97"


# --- C: staying aboard


def test_c01_goods_aboard_need_no_handling_and_no_cut_off() -> None:
    one = timetable(Ride("AB", 10, 40, stay=1), Ride("BC", 35, 60), B=90)
    assert asked(one, "AC") == "AB@10 BC@35: 60"
    assert asked(one, "BC", 35) == "BC@35: 60"
    assert asked(one, "BC", 36) == "no way"


def test_c02_a_later_stop_may_close_before_an_earlier_one() -> None:
    one = timetable(Ride("AB", 30, 40, stay=1), Ride("BC", 5, 60, stay=2), Ride("CD", 55, 90), B=90)
    assert asked(one, "AD", 30) == "AB@30 BC@5 CD@55: 90"
    assert asked(one, "BD", 5) == "BC@5 CD@55: 90"
    assert asked(one, "CD", 55) == "CD@55: 90"


def test_c03_a_full_segment_stops_those_aboard_too() -> None:
    one = timetable(Ride("AB", 10, 40, stay=1), Ride("BC", 35, 60, full=True), Ride("BC", 50, 99), B=5)
    assert asked(one, "AC") == "AB@10 BC@50: 99"


def test_c04_alighting_for_something_faster() -> None:
    one = timetable(Ride("AB", 10, 40, stay=1), Ride("BC", 35, 99), Ride("BCb", 45, 60), B=5)
    assert asked(one, "AC") == "AB@10 BCb@45: 60"


def test_c05_a_trip_is_joined_by_another() -> None:
    one = timetable(Ride("AC", 10, 40, stay=2), Ride("BC", 20, 45, stay=2), Ride("CD", 30, 60), C=90)
    assert asked(one, "AD") == "AC@10 CD@30: 60"
    assert asked(one, "BD") == "BC@20 CD@30: 60"


@pytest.mark.parametrize(
    ("rides", "why"),
    [
        ((Ride("AB", 10, 9),), "ride 0 ends before it is tendered"),
        ((Ride("AB", 10, 20, stay=1), Ride("CD", 20, 30)), "ride 0 goes on as a segment from elsewhere"),
        ((Ride("AB", 10, 40, stay=1), Ride("BC", 20, 30)), "ride 0 goes on as a segment that ends before it"),
    ],
)
def test_c06_what_no_timetable_holds_is_refused(rides: tuple[Ride, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        timetable(*rides).links()


# --- D: rides of no minutes


def test_d01_a_ride_of_no_minutes_meets_what_is_tendered_at_that_instant() -> None:
    for rides in ((Ride("BC", 10, 20), Ride("AB", 10, 10)), (Ride("AB", 10, 10), Ride("BC", 10, 20))):
        assert asked(timetable(*rides), "AC") == "AB@10 BC@10: 20"


def test_d02_a_whole_plan_in_no_time() -> None:
    one = timetable(Ride("CD", 10, 10), Ride("BC", 10, 10), Ride("AB", 10, 10), Ride("DE", 10, 10))
    assert asked(one, "AE", 10) == "AB@10 BC@10 CD@10 DE@10: 10"


def test_d03_a_circle_in_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="circle in no time at second 600"):
        timetable(Ride("AB", 10, 10), Ride("BC", 10, 10), Ride("CA", 10, 10)).links()


def test_d04_staying_aboard_for_no_minutes() -> None:
    one = timetable(Ride("BC", 10, 10), Ride("AB", 10, 10, stay=0), Ride("CD", 10, 15), B=90)
    assert asked(one, "AD") == "AB@10 BC@10 CD@10: 15"


# --- E: tables

WEEKLY = timetable(
    Ride("AB", 10, 40), Ride("AB", 100, 140), Ride("AB", 200, 230), Ride("ABb", 60, 100, full=True),
    Ride("BC", 50, 70), Ride("BC", 150, 170), B=10,
)  # fmt: skip


def test_e01_a_table_answers_up_to_its_limit_also_where_the_next_ride_comes_after_it() -> None:
    table = table_of(WEEKLY, until_s=60 * 150)
    origin, destination = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    assert arrivals(table, origin, np.array([60 * 150] * 2, np.int32), destination).tolist() == [60 * 230, -1]
    with pytest.raises(ValueError, match="answers up to 9000"):
        arrivals(table, origin, np.array([0, 9001], np.int32), destination)


def test_e02_a_table_is_asked_only_for_its_destinations() -> None:
    table = lane_table(WEEKLY.links(), np.array([2], np.int32), until_s=END)
    one = np.array([0], np.int32)
    assert arrivals(table, one, one, one + 2).tolist() == [60 * 70]
    with pytest.raises(ValueError, match="facility 1 is no destination"):
        arrivals(table, one, one, one + 1)


def test_e03_the_latest_tender_time_that_is_early_enough() -> None:
    table = table_of(WEEKLY)

    def latest(by: int) -> int | None:
        found = find_latest(table, origin=0, destination=2, by_s=60 * by)
        return None if found is None else found // 60

    assert [latest(by) for by in (-5, 69, 70, 169, 170, 9_999)] == [None, None, 10, 10, 100, 100]


def test_e04_arrivals_by_drop_off_time() -> None:
    places = np.arange(3, dtype=np.int32)
    drops = np.array([0, 60 * 11, 60 * 300], np.int32)
    minutes = drop_off_table(WEEKLY.links(), places, places, drops, usable=WEEKLY.usable())
    epoch = 10  # minutes: the first ride's tender time
    shown = [["-" if v == tables.NEVER else str(v + epoch) for v in row] for row in minutes[:, :, 2].tolist()]
    assert shown == [["70", "170", "-"], ["70", "70", "-"], ["10", "11", "300"]]


def test_e05_seconds_are_rounded_up_to_minutes() -> None:
    rides, handling = timetable(Ride("AB", 10, 40)).arrays()
    late = build_links(
        Rides(*(getattr(rides, n) for n in Rides.__slots__[:6]), rides.ready_s + 1, rides.stay), handling
    )
    table = lane_table(late, np.array([1], np.int32), until_s=END)
    one = np.array([0], np.int32)
    assert arrivals(table, one, one, one + 1).tolist() == [60 * 41]


def test_e06_a_window_of_more_than_45_days_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted less than 65535 minutes"):
        table_of(timetable(Ride("AB", 0, 65_535)))


def test_e07_more_destinations_than_one_pass_takes() -> None:
    count = 2 * tables.WIDE + 3
    hub, spoke = np.zeros(count - 1, np.int32), np.arange(1, count, dtype=np.int32)
    first, second = np.zeros(count - 1, np.int32), np.full(count - 1, 6_000, np.int32)
    rides = Rides(
        np.append(spoke, hub), np.append(hub, spoke), np.append(first, first), np.append(first, first),
        np.append(first, second), np.append(first + 600, second + 60 * spoke),
        np.append(first + 600, second + 60 * spoke), np.full(2 * count - 2, -1, np.int32),
    )  # fmt: skip
    links = build_links(rides, np.zeros((count, 1, 1), np.int32))
    table = lane_table(links, np.arange(count, dtype=np.int32), until_s=END)
    origin, to = (grid.ravel().astype(np.int32) for grid in np.meshgrid(spoke, spoke))
    expected = np.where(origin == to, 0, 6_000 + 60 * to)
    assert np.array_equal(arrivals(table, origin, np.zeros_like(origin), to), expected)
    before = table.minutes.copy()
    again = lane_table(links, np.arange(count, dtype=np.int32), until_s=END, into=np.zeros_like(table.minutes))
    assert np.array_equal(again.minutes, before)


# --- F: costs


def test_f01_the_cheapest_plan_may_be_the_slowest() -> None:
    one = timetable(Ride("AC", 10, 40), Ride("AB", 20, 50), Ride("BC", 60, 90))
    assert told(one, cheapest(one, [9, 3, 4])) == "AB@20 BC@60: 7"
    assert told(one, cheapest(one, [9, 3, 7])) == "AC@10: 9"


def test_f02_time_has_a_price_at_the_end() -> None:
    one = timetable(Ride("AC", 10, 40), Ride("AB", 20, 50), Ride("BC", 60, 90))
    assert told(one, cheapest(one, [9, 3, 4], end=[0, 99, 3])) == "AC@10: 9"


def test_f03_one_who_stays_aboard_pays_each_segment_once() -> None:
    one = timetable(Ride("AB", 10, 40, stay=1), Ride("BC", 35, 60))
    assert told(one, cheapest(one, [2, 3])) == "AB@10 BC@35: 5"
    assert told(one, cheapest(one, [2, 3], "BC")) == "BC@35: 3"


def test_f04_what_costs_too_much_to_count_is_no_way() -> None:
    one = timetable(Ride("AB", 10, 40), Ride("BC", 50, 60))
    assert costs_of(one, [2**30 - 1, 1], [0, 0])[0] == 2**30
    assert costs_of(one, [2**30 - 2, 1], [0, 0])[0] == 2**30 - 1
