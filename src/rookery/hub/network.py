"""A network by the path of its folder, or by the name of one that is built in."""

from pathlib import Path

import rookery
from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network

BUILT_IN = "backbone"


def network_path(name: str) -> Path:
    """The folder of a network: a path, or the name of a built-in network.

    Raises  FileNotFoundError: neither is there
    """
    path = Path(name)
    if path.is_dir():
        return path
    here = Path(rookery.__file__).parent
    for folder in (here / "networks" / name, here.parents[1] / "networks" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"network {name}: wanted a folder or the name {BUILT_IN!r}, found neither; check the path")


def open_network(name: str) -> Network:
    """A checked network by path or built-in name.

    Raises  FileNotFoundError, NetworkFaults
    """
    return read_network(network_path(name))
