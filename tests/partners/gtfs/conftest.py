"""The French feed as a network, converted once for all tests of a run."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network
from rookery.partners.folder.write import write_new_network
from rookery.partners.gtfs.network import Wanted, read_gtfs


@dataclass(frozen=True)
class French:
    """The feed's zip, the network that it became, and what was counted on the way."""

    path: Path
    network: Network
    counts: Counter[str]


@pytest.fixture(scope="session")
def french(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> French:
    path = shared / "data" / "gtfs-sncf-ter" / "gtfs.zip"
    folder = tmp_path_factory.mktemp("french") / "net"
    made = read_gtfs(path, Wanted())
    write_new_network(made.rows, folder)
    return French(path, read_network(folder), made.counts)
