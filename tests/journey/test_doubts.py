"""Guarantees on services that may not be had for what they count on besides."""

from typing import Any

import pytest

from rookery.journey.doubts import find_doubts
from rookery.journey.network.sharing import Allotment, FacilityCapacity, Holder, Share
from rookery.journey.network.whole import Network
from worlds import place, ride, row, tiny_network

SORTS = row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=50)


def network(*rows: Any) -> Network:
    """Two rides that come to B in the same hour, and one later; red has a part of each."""
    return tiny_network(
        place("A"), place("B"),
        *(ride(name, times, carries="grams 100, pieces 100") for name, times in
          (("AB", "A 08:00, B 10:00"), ("AC", "A 08:10, B 10:10"), ("late", "A 09:00, B 12:00"))),
        row(Holder, holder="group"),
        row(Holder, holder="red", parent="group", company_id="shop"),
        row(Holder, holder="blue", parent="group", company_id="other"),
        row(Share, holder="red", resource="service:*", guarantee_amount=20),
        row(Share, holder="blue", resource="service:AB", guarantee_amount=10),
        rows,
    )  # fmt: skip


def told(*rows: Any) -> list[tuple[str, str, int, int]]:
    return [(one.account, one.holder, one.wanted, one.found) for one in find_doubts(network(*rows))]


def shared(holder: str, amount: int, resource: str = "facility:B") -> Any:
    return row(Share, holder=holder, resource=resource, guarantee_amount=amount)


def test_without_anything_besides_there_is_no_doubt() -> None:
    assert told() == []


def test_a_sort_hour_that_is_not_shared_is_nobodys() -> None:
    hour = "sort:B/2026-01-05T09"
    assert told(SORTS) == [(hour, "blue", 10, 0), (hour, "red", 40, 0)]
    (_, red) = find_doubts(network(SORTS))
    assert str(red) == (
        "facility_capacities.csv, facility:B: wanted a guarantee of 40 pieces for red, as on what comes there in"
        " sort:B/2026-01-05T09, found 0 of 50; guarantee it as much on facility:B in shares.csv, raise the capacity if"
        " there is too little, or lower what it is guaranteed on the way"
    )


def test_who_is_guaranteed_as_much_there_is_sure_of_it() -> None:
    assert told(SORTS, shared("red", 40), shared("blue", 10)) == []
    assert told(SORTS, shared("red", 39), shared("blue", 10)) == [("sort:B/2026-01-05T09", "red", 40, 39)]


def test_what_is_delivered_counts_by_the_day() -> None:
    delivers = row(FacilityCapacity, facility_id="B", activity="delivery", dimension="pieces", amount=500)
    assert told(delivers, shared("red", 60, "station:B"))[:1] == [("delivery:B/2026-01-05", "blue", 10, 0)]
    assert told(delivers, shared("red", 60, "station:B"), shared("blue", 10, "station:B")) == []


@pytest.mark.parametrize(("amount", "found"), [(70, []), (69, [("allotment:lane/2026-01-05", "group", 70, 69)])])
def test_an_allotment_of_a_group_is_at_least_what_those_below_it_are_guaranteed(amount: int, found: list[Any]) -> None:
    many = {"resource": "service:*", "per": "day", "dimension": "grams"}
    lane = row(Allotment, allotment_id="lane", holder="group", amount=amount, **many)
    assert told(lane) == found
    if found:
        assert str(find_doubts(network(lane))[0]) == (
            "allotments.csv, lane: wanted at least 70 grams, which those below group are guaranteed on the departures"
            " of allotment:lane/2026-01-05, found 69; raise it, or lower these guarantees"
        )


def test_an_allotment_of_ones_own_is_ones_own_matter() -> None:
    own = row(Allotment, allotment_id="own", holder="red", resource="service:*", per="day", dimension="grams", amount=1)
    assert told(own) == []
