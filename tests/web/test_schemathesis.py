"""Schemathesis against the served hub: what the description says is what is answered, whatever is asked.

All its phases: examples, what lies at the limits, what is made by chance, routes one after the other. What lies at the
limits is the same for everybody, and asked with the operator's key; with a company's, too, where there is time. With
ROOKERY_SCHEMATHESIS=2000 that many examples for each route are made by chance, with another seed each time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import served
from test_serve import network

EXAMPLES = int(os.environ.get("ROOKERY_SCHEMATHESIS", "0"))
NOT_SAID = "positive_data_acceptance"  # that words have the right shape does not mean that the network knows them


@pytest.mark.sqlite
@pytest.mark.parametrize("company", ["network", "shop"])  # its operator, and who may do less
def test_the_hub_answers_as_it_is_described(tmp_path: Path, company: str) -> None:
    pytest.importorskip("schemathesis")
    limits = "coverage," if EXAMPLES or company == "network" else ""
    with served(network(), tmp_path / "hub.ledger", (company,)) as hub:
        words = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{hub.address}/v1/openapi.json",
            "-H", f"Authorization: Bearer {hub.keys[company]}",
            "--checks", "all", "--exclude-checks", NOT_SAID, "--phases", f"examples,{limits}fuzzing,stateful",
            "--max-examples", str(EXAMPLES or 8), "--continue-on-failure", "--no-color",
            "--request-timeout", "20",
            *(("--generation-database", "none") if EXAMPLES else ("--generation-deterministic",)),
        ]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True, timeout=3600, cwd=tmp_path)
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2_000:]}"
