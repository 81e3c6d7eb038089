"""What the operator of a leg is shown of what was seen of a parcel.

A to B by `haul`, to C by `fly`, to D by `van`, to E by `sea`, to the door by `haul` again.
"""

import random
from itertools import pairwise

import pytest

from rookery.journey.hops import find_hops, sight_of
from rookery.journey.route import Leg


def way(text: str) -> list[Leg]:
    """Legs, as `A haul B fly C`."""
    words = text.split()
    return [Leg("s", "road", words[n + 1], words[n], words[n + 2], 0, 0, 0) for n in range(0, len(words) - 2, 2)]


WAY = way("A haul B fly C van D sea E haul door")


@pytest.mark.parametrize(
    ("place", "by", "fly", "van", "haul"),
    [
        ("A", "haul", "next", None, "own"),
        ("B", "haul", "next", None, "own"),
        ("B", "fly", "own", "next", "next"),
        ("C", "fly", "own", "next", "next"),
        ("C", "van", "next", "own", None),
        ("D", "van", "next", "own", None),
        ("D", "sea", None, "next", "next"),
        ("E", "haul", None, None, "own"),
        ("B", "yard", "next", None, "next"),  # whose hop it is nobody can say: of haul's or of fly's
        ("D", "yard", None, "next", None),  # of van's or of sea's: fly must not see the latter, nor haul the former
        ("Main Street 1", "haul", None, None, "own"),  # at the sender or at the consignee: fly must not see the latter
        ("a rest area", "van", "next", "own", None),
        ("a rest area", "yard", None, None, None),
    ],
)
def test_each_operator_sees_its_own_hop_and_the_two_beside_it(
    place: str, by: str, fly: str | None, van: str | None, haul: str | None
) -> None:
    seen = [sight_of(caller, WAY, place, by) for caller in ("fly", "van", "haul")]
    assert seen == [fly, van, haul]


def test_who_runs_no_leg_sees_nothing() -> None:
    assert {sight_of("yard", WAY, place, by) for place in "ABCDEX" for by in ("haul", "yard", "fly")} == {None}
    assert sight_of("haul", [], "A", "haul") is None


def plainly(caller: str, legs: list[Leg], place: str, by: str) -> str | None:
    """The rule by looking at each hop: could the event be of it, and is it one that the caller sees?"""
    known = any(place in (leg.origin, leg.destination) for leg in legs)
    runs_there = any(leg.operator == by for leg in legs if place in (leg.origin, leg.destination))
    verdicts = []
    for at, leg in enumerate(legs):
        here = place in (leg.origin, leg.destination)
        theirs = leg.operator == by
        if here and (theirs or not runs_there) if known else theirs:
            beside = [legs[other].operator for other in (at - 1, at + 1) if 0 <= other < len(legs)]
            verdicts.append("own" if leg.operator == caller else "next" if caller in beside else "hidden")
    if not verdicts or "hidden" in verdicts:
        return None
    return "next" if "next" in verdicts else "own"


@pytest.mark.parametrize("seed", range(8))
def test_law_the_operator_of_a_leg_sees_no_event_that_may_be_of_a_hop_other_than_its_own_and_the_two_beside_it(
    seed: int,
) -> None:
    rng, seen = random.Random(f"hops {seed}"), dict.fromkeys(("own", "next", None), 0)
    operators, everywhere = ("haul", "fly", "van", "sea", "yard"), "ABCDEFGX"
    for _ in range(4000):
        places = rng.choices("ABCDEFG", k=rng.randint(2, 7)) if rng.random() < 0.3 else rng.sample("ABCDEFG", 7)
        legs = [Leg("s", "road", rng.choice(operators[:4]), a, b, 0, 0, 0) for a, b in pairwise(places)]
        caller, place, by = rng.choice(operators), rng.choice(everywhere), rng.choice(operators)
        sight = sight_of(caller, legs, place, by)
        assert sight == plainly(caller, legs, place, by), (legs, caller, place, by)
        seen[sight] += 1
        shown = {at for at, leg in enumerate(legs) if caller in {one.operator for one in legs[max(at - 1, 0) : at + 2]}}
        assert sight is None or find_hops(legs, place, by) <= shown
        hidden = [place in (leg.origin, leg.destination) for at, leg in enumerate(legs) if at not in shown]
        reached = [place in (leg.origin, leg.destination) for at, leg in enumerate(legs) if at in shown]
        assert sight is None or any(reached) or not any(hidden), "a place that only hidden hops have"
    assert min(seen.values()) > 100
