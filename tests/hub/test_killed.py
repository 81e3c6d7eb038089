"""The hub killed at any point of a day and started again: nothing acknowledged is lost, nothing is done twice."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from days import little_network, messages
from rookery.hub.open import open_hub
from talk import dump, folded, hear, stored

HERE = Path(__file__).resolve().parent
NETWORK = little_network()
pytestmark = pytest.mark.sqlite  # killed at one statement after the other; for PostgreSQL see test_together.py


def killed_day(path: Path, seed: int, points: list[str]) -> list[str]:
    """Every answer given between the kills, and a line for each kill."""
    ways = os.pathsep.join((str(HERE), str(HERE.parent), str(HERE.parents[1] / "src")))
    done = subprocess.run(
        [sys.executable, str(HERE / "killed.py"), str(path), str(seed)],
        input="\n".join(points), capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ways}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"seed {seed}: {done.stdout[-300:]}{done.stderr[-3000:]}"
    return done.stdout.splitlines()


def points_of(seed: int) -> list[str]:
    """First the statements that make the file, then ever later ones of a day that gets further each time."""
    rng = random.Random(seed)
    first = [f"statement {n}" for n in range(1, 60, 2 if seed % 2 else 3)]
    later = [f"statement {rng.randint(10, 60) + 6 * n}" for n in range(40)]
    return [*first, *later, *(f"after {rng.randint(5, 60)}" for _ in range(10))]


@pytest.mark.parametrize("seed", range(4))
def test_law_a_hub_killed_at_any_point_and_started_again_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    steady = open_hub(NETWORK, tmp_path / "steady.ledger")
    wanted = {
        f"{message.sender} {message.key}": f"{answer.outcome} {answer.about.hex()}"
        for message, answer in zip(messages(seed), hear(steady, *messages(seed)), strict=True)
    }
    lines = killed_day(tmp_path / "killed.ledger", seed, points_of(seed))
    assert sum(line.endswith(": -9") for line in lines) > 40, "most kill points are reached"

    acknowledged: set[str] = set()
    for line in lines:
        if line.startswith("--"):
            continue
        sender, key, outcome, about, seen = line.split(" ")
        name = f"{sender} {key}"
        assert f"{outcome} {about}" == wanted[name], f"seed {seed}"
        if name in acknowledged and outcome != "rejected":
            assert seen == "1", f"seed {seed}: {name} was acknowledged, forgotten and done again"
        acknowledged.add(name)

    again = open_hub(NETWORK, tmp_path / "killed.ledger")
    rejected = {"dead letters": []}  # one for each time that a bad message was sent
    assert dump(again.ledger) | rejected == dump(steady.ledger) | rejected, f"seed {seed}"
    assert folded(again.ledger) == stored(again.ledger)
