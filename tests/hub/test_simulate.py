"""The same messages under another policy: a policy beside itself is the same, also where plans wait for a round."""

from pathlib import Path

import msgspec
import pytest
from shared_days import DAYS, Day, network

from rookery.hub.look import Look
from rookery.hub.open import open_hub
from rookery.hub.simulate import simulate
from rookery.journey.network.sharing import Round
from rookery.journey.waits import Queued
from talk import facts_of
from traces import blocks
from worlds import row

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

NETWORK = network()
SLOW = msgspec.structs.replace(
    NETWORK, snapshot="slow", rounds=(row(Round, resource="service:BC", round_s=86_400),)
)  # fmt: skip
TOO_MUCH = {"grams": 20, "pieces": 1}  # more than the 36 grams of BC that nobody is guaranteed, twice


def waiting_day(path: Path) -> Day:
    """Two wishes of green for what is left over of BC, for half an hour: they wait for the round."""
    day = Day(open_hub(NETWORK, path), 0)
    for _ in range(2):
        day.now += 1
        day.ask_for("green", {"uses": day.uses(["BC"], DAYS[0], TOO_MUCH), "hold_s": 1800})
    assert sum(1 for _ in day.hub.state[Queued]) == 2
    return day


def test_plans_that_wait_are_decided_under_either_policy(tmp_path: Path) -> None:
    day = waiting_day(tmp_path / "day.ledger")
    before, done = facts_of(day.hub.ledger), []
    found = simulate(Look(day.hub.ledger), NETWORK, NETWORK, done.append)
    (green,) = (one for one in found.own.report.holders if one.holder == "green_")
    assert (green.asked.count, green.got.count, green.refused.count, green.waiting) == (2, 1, 1, 0)
    assert found.own == found.other and found.own.used == TOO_MUCH
    assert facts_of(day.hub.ledger) == before, "the ledger stays as it is"
    assert done == [1, 2, 3, 4] and found.messages == 2


@pytest.mark.parametrize("swapped", [False, True])
def test_two_policies_are_compared_as_of_one_instant(tmp_path: Path, *, swapped: bool) -> None:
    """Under one of them a hold of half an hour is over before the round of the other closes at all."""
    day = waiting_day(tmp_path / "day.ledger")
    policies = (SLOW, NETWORK) if swapped else (NETWORK, SLOW)
    found = simulate(Look(day.hub.ledger), *policies)
    slow, fast = (found.own, found.other) if swapped else (found.other, found.own)
    assert slow.used["grams"] == 40, "its guarantees are released when the round closes: both are served"
    assert fast.used == {}, "what was held for half an hour is free again a day later"


@pytest.mark.parametrize("seeds", blocks(8, part=50), ids=str)
def test_a_policy_beside_itself_is_the_same_on_any_day(seeds: range, tmp_path: Path) -> None:
    waited = 0
    for seed in seeds:
        day = Day(open_hub(NETWORK, tmp_path / f"{seed}.ledger"), seed)
        for _ in range(25):
            day.step()
        waited += sum(1 for _ in day.hub.state[Queued])
        found = simulate(Look(day.hub.ledger), NETWORK, NETWORK)
        assert found.own == found.other, seed
        assert found.set_aside == 0, seed
        day.hub.ledger.close()
    assert waited, "a day that ends with plans that wait"
