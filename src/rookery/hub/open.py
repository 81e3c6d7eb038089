"""Opening things: a ledger that belongs to a network, a hub between them."""

import secrets
from collections.abc import Callable
from pathlib import Path

import rookery
from rookery.hub.replica import Replica
from rookery.hub.spine import REGISTRY, Hub
from rookery.journey.desk import Policy
from rookery.journey.facts import VIEWS
from rookery.journey.network.whole import Network
from rookery.journey.state import R, State, Table, ViewRow
from rookery.ledger.log import Ledger, LedgerFault, LedgerName, is_there

SEAL = "seal"  # names the secret by which the cursors of lists are sealed
DEMO = "demo"  # the mark of a ledger that may be replaced by the next demonstration


def open_ledger(path: LedgerName | str) -> Ledger:
    """A ledger to read: a file, or by its URL a schema on a PostgreSQL server.

    Raises  LedgerFault: there is none, it is of another format, or the server cannot be reached
    """
    return Ledger(path, REGISTRY, writable=False)


def open_hub(
    network: Network,
    path: LedgerName | str,
    policy: Policy | None = None,
    *,
    told: Callable[[], None] | None = None,
    again: bool = False,
) -> Hub:
    """A hub that writes a ledger. A new ledger is bound to the network; an old one must be bound to this one.

    Other hubs may write it at the same time, of this process or of others.

    told    a process writes while this hub decides; called in another thread when something is written
    again   it was open before: one that is gone is not made anew
    Raises  LedgerFault: the ledger is bound to another network or another version of it, or is gone
    """
    if again and not is_there(path):
        raise LedgerFault(f"ledger {path}: wanted the one that was open, found none; put it back, or start again")
    rules = policy or Policy()
    check_bound(path, network, rules)
    ledger = Ledger(path, REGISTRY, writable=True, told=told)
    if "snapshot" not in ledger.get_meta():
        ledger.set_meta(_about(network, rules) | {"rookery": rookery.__version__}, keep=True)
        _check_about(ledger, network, rules)  # another may have been first
    if SEAL not in ledger.get_meta():
        ledger.set_meta({SEAL: secrets.token_hex(32)}, keep=True)
    return Hub(network, rules, ledger)


def open_replica(
    network: Network,
    path: LedgerName | str,
    policy: Policy | None = None,
    *,
    told: Callable[[], None] | None = None,
    again: bool = False,
) -> Replica:
    """Who quotes by a network's ledger beside the hubs that write it. `told`, `again`: as a hub's, and of no use here.

    Raises  LedgerFault: there is none, or it is bound to another network
    """
    rules = policy or Policy()
    check_bound(path, network, rules)
    return Replica(network, rules, open_ledger(path))


def _about(network: Network, policy: Policy) -> dict[str, str]:
    """What a ledger is bound to."""
    return {
        "network": network.about.network_id,
        "snapshot": network.snapshot,
        "currency": network.about.currency,
        "policy": policy.version,
    }


def check_bound(path: LedgerName | str, network: Network, policy: Policy | None = None) -> None:
    """Raise LedgerFault if there is a ledger and it is not bound to this network in this version."""
    if is_there(path):
        ledger = open_ledger(path)
        try:
            _check_about(ledger, network, policy or Policy())
        finally:
            ledger.close()


def _check_about(ledger: Ledger, network: Network, policy: Policy) -> None:
    meta = ledger.get_meta()
    for name, wanted in _about(network, policy).items():
        found = meta.get(name, wanted)
        if found != wanted:
            raise LedgerFault(
                f"ledger {ledger.path}: wanted one made with {name} {wanted[:16]}, found {found[:16]};"
                " name the network it was made with by --network, or another ledger"
            )


def open_demo_hub(network: Network, path: LedgerName) -> Hub:
    """A hub with a fresh ledger for a demonstration. An earlier demonstration's ledger is replaced, nothing else.

    Raises  LedgerFault: the file is there and no demonstration made it, or it cannot be written
    """
    if not isinstance(path, Path):
        raise LedgerFault(f"ledger {path}: wanted a file, which the next demonstration may replace; name one")
    if is_there(path):
        earlier = open_ledger(path)
        meta = earlier.get_meta()
        earlier.close()
        if DEMO not in meta and "snapshot" in meta:  # one that is bound to nothing was never whole: nothing is in it
            raise LedgerFault(f"ledger {path}: wanted one that a demonstration made, found another; name another file")
    try:
        for tail in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerFault(f"ledger {path}: wanted to write there, found: {fault.strerror}; name another") from None
    ledger = Ledger(path, REGISTRY, writable=True)
    ledger.set_meta({DEMO: "yes"})  # before it is bound: what a kill leaves is replaced by the next demonstration
    ledger.close()
    return open_hub(network, path)


def read_state(path: LedgerName | str, network: Network) -> State:
    """The state of a network's ledger, read and never written.

    Raises  LedgerFault: there is none, or it is bound to another network
    """
    ledger = open_ledger(path)
    check_bound(path, network)
    return state_of(ledger)


class _Read(State):
    """A state that is only read: what others hold whole is read when it is first asked for."""

    def fill(self) -> None:
        """Nothing yet."""
        self._filled: set[type[ViewRow]] = set()

    def __getitem__(self, row: type[R]) -> Table[R]:
        table = self.tables[row]
        if row not in self._filled:
            table.fill()
            self._filled.add(row)
        return table


def state_of(ledger: Ledger) -> State:
    """The state that a ledger has, read as it is asked for."""
    return _Read(
        VIEWS, lambda view, key: ledger.find_row(view.name, key), lambda view: ledger.list_rows(view.name),
        fact_count=ledger.last_number,
    )  # fmt: skip
