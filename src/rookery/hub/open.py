"""Opening things: a network folder, a ledger that belongs to it, a hub between them."""

from pathlib import Path

import rookery
from rookery.hub.spine import REGISTRY, Hub
from rookery.journey.desk import Policy
from rookery.journey.facts import VIEWS
from rookery.journey.network.whole import Network
from rookery.journey.state import State
from rookery.ledger.log import Ledger, LedgerFault
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


def open_ledger(path: Path) -> Ledger:
    """A ledger to read.

    Raises  LedgerFault: there is none, or it is of another format
    """
    return Ledger(path, REGISTRY, writable=False)


def open_hub(network: Network, path: Path, policy: Policy | None = None) -> Hub:
    """A hub that writes a ledger. A new ledger is bound to the network; an old one must be bound to this one.

    Raises  LedgerFault: the ledger is bound to another network or another version of it
    """
    rules = policy or Policy()
    ledger = Ledger(path, REGISTRY, writable=True)
    about = {
        "network": network.about.network_id,
        "snapshot": network.snapshot,
        "currency": network.about.currency,
        "policy": rules.version,
    }
    meta = ledger.get_meta()
    if "snapshot" not in meta:
        ledger.set_meta(about | {"rookery": rookery.__version__})
    for name, wanted in about.items():
        found = meta.get(name, wanted)
        if found != wanted:
            ledger.close()
            raise LedgerFault(
                f"ledger {path}: wanted one made with {name} {wanted[:16]}, found {found[:16]};"
                " use the network it was made with, or another ledger"
            )
    return Hub(network, rules, ledger)


def read_state(path: Path | None) -> State:
    """The state of a ledger, read and never written; of none, an empty state.

    Raises  LedgerFault
    """
    if path is None:
        return State(VIEWS)
    ledger = open_ledger(path)
    return State(VIEWS, lambda view, key: ledger.find_row(view.name, key))
