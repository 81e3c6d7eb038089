"""What is compiled ahead, so that nobody waits for it."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import rookery.engines
from rookery.hub.warm import warm

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

# Not called by themselves: they are in the machine code of the kernels that call them.
WITHIN = {
    "eta.replay._clipped", "network.bounds._backwards", "network.bounds._dijkstra", "network.daily._same_but_day",
    "network.daily._sweep", "network.snapshot._instant", "network.snapshot._order_from",
}  # fmt: skip
# Asked for by commands alone, which compile them at their first use.
COMMANDS = {
    "network.bags.bags", "network.bounds.bound_weight", "network.burdens.weigh_edges", "network.lane_path._settle",
    "network.lane_table._arrive", "network.lane_table._fill_rows", "network.lane_table._gather",
    "network.lane_table._look", "network.lane_table._pick", "network.lane_table._weigh",
    "network.links._fill_onward", "network.links._sort_within",
}  # fmt: skip
# Of accounts that no journey keeps: `shift` and `restore` do it there.
ENGINE = {"share.decide.give_back"}


def kernels_left() -> set[str]:
    """Kernels that nothing has called, so far, in this process."""
    found = set()
    for module in pkgutil.walk_packages(rookery.engines.__path__, "rookery.engines."):
        for name, one in vars(importlib.import_module(module.name)).items():
            own = getattr(getattr(one, "py_func", None), "__module__", "") == module.name
            if own and not one.signatures and not one.targetoptions.get("forceinline"):
                found.add(f"{module.name.removeprefix('rookery.engines.')}.{name}")
    return found


def test_warming_up_makes_plans_so_that_there_is_something_to_compile() -> None:
    warm()
    warm(green=True)


def test_a_hub_is_left_nothing_to_compile_while_others_wait_for_it() -> None:
    asked = "from test_warm import kernels_left, warm; warm(); print(*sorted(kernels_left()))"
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=here)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == WITHIN | COMMANDS | ENGINE
