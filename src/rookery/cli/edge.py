"""What every command shares: the command itself, the options that several have, opening things, and how to fail."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import App, Parameter

import rookery
from rookery.ledger.url import ServerLedger, is_url, read_url
from rookery.units import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import Token

    from rookery.hub.look import Look
    from rookery.journey.network.whole import Network
    from rookery.journey.state import State
    from rookery.partners.port import FileFaults

LedgerName = Path | ServerLedger

app = App(
    name="rookery",
    version=rookery.__version__,
    help="An open logistics network in one program.",
    suppress_keyboard_interrupt=False,  # `main` says what an interruption leaves
)

NetworkName = Annotated[str, Parameter(name=["--network", "-n"], help="Network folder, or a built-in network.")]


def _read_ledger(_: object, tokens: "Sequence[Token]") -> LedgerName:
    """A file, or a ledger on a server by its URL. From here on nobody sees the password in it."""
    text = tokens[0].value
    if not is_url(text):
        return Path(text)
    try:
        return read_url(text)
    except ValueError as fault:
        fail(f"ledger URL: {fault}")


LedgerGiven = Annotated[LedgerName, Parameter(converter=_read_ledger, accepts_keys=False)]
LedgerUsed = Annotated[LedgerName | None, Parameter(converter=_read_ledger, accepts_keys=False)]
LedgerPath = Annotated[
    LedgerName,
    Parameter(
        name=["--ledger", "-l"], converter=_read_ledger, accepts_keys=False, help="Ledger file, or postgresql:// URL."
    ),
]
HubLedger = Annotated[
    LedgerName,
    Parameter(
        name=["--ledger", "-l", "--database"], converter=_read_ledger, accepts_keys=False,
        help="Ledger file, or postgresql:// URL.",
    ),
]  # fmt: skip
DEFAULT_LEDGER = Path("rookery.ledger")


def fail(text: object, *, status: int = 2) -> NoReturn:
    """Say on the error stream what is wrong, and end."""
    print(text, file=sys.stderr)
    sys.exit(status)


def check_folder(ledger: LedgerName) -> None:
    """Fail if a ledger would be made in a folder that is not there: more likely a slip than wanted of a hub."""
    if isinstance(ledger, Path) and not ledger.parent.is_dir():
        todo = "make it, or name another --ledger"
        fail(f"ledger {ledger}: wanted its folder {ledger.parent}, found no such folder; {todo}")


def faults_text(faults: "FileFaults", undone: str) -> str:
    """All faults of files, how many there are, and what was not done."""
    lines = [str(faults)]
    if faults.hides:
        lines.append("what cannot be read was not compared with the rest: check again once it can")
    return "\n".join([*lines, f"{counted(len(faults.faults), 'fault')}; {undone}"])


def open_network(name: str) -> "Network":
    """A checked network by path or built-in name; else every fault is told."""
    from rookery.hub import network
    from rookery.partners.folder.faults import NetworkFaults

    try:
        return network.open_network(name)
    except FileNotFoundError as fault:
        fail(fault)
    except NetworkFaults as faults:
        fail(faults_text(faults, "nothing was loaded"))


def ready_engine(*, green: bool = False) -> None:
    """Compile the route engine if this machine has not done so, and say what is going on.

    green  the search by four criteria
    """
    from rookery.engines.kernel import GREEN, WARM, is_warm, keep_warm

    mark = GREEN if green else WARM
    if is_warm(mark):
        return
    from rookery.hub.warm import warm

    print("compiling the route engine for this machine, once; this takes about a minute ...", file=sys.stderr)
    warm(green=green)
    keep_warm(mark)


def open_bound(name: str, ledger: LedgerName) -> "Network":
    """A network, once the ledger is known to be bound to it or not to be there yet."""
    from rookery.hub.open import check_bound
    from rookery.ledger.log import LedgerFault

    network = open_network(name)
    try:
        check_bound(ledger, network)
    except LedgerFault as fault:
        fail(fault)
    return network


def find_bound(name: str, ledger: LedgerName) -> "Network | None":
    """The network that a ledger is bound to: by its name, or without one the built-in network if it is that."""
    from rookery.hub.network import BUILT_IN
    from rookery.hub.open import check_bound
    from rookery.ledger.log import LedgerFault

    if name:
        return open_bound(name, ledger)
    if open_look(ledger).meta.get("network") != BUILT_IN:
        return None
    network = open_network(BUILT_IN)
    try:
        check_bound(ledger, network)
    except LedgerFault:
        return None  # another version of it: what it says is not what was decided by
    return network


def open_state(ledger: LedgerName | None, network: "Network") -> "State":
    """What is used of a network according to a ledger, or nothing without one, which needs no ledger's code either."""
    if ledger is None:
        from rookery.hub.quote import nothing_used

        return nothing_used()
    from rookery.hub.open import read_state
    from rookery.ledger.log import LedgerFault

    try:
        return read_state(ledger, network)
    except LedgerFault as fault:
        fail(fault)


def open_look(ledger: LedgerName) -> "Look":
    """A ledger to look at."""
    from rookery.hub.look import Look
    from rookery.hub.open import open_ledger
    from rookery.ledger.log import LedgerFault

    try:
        return Look(open_ledger(ledger))
    except LedgerFault as fault:
        fail(fault)


def open_filled(ledger: LedgerName) -> "Look":
    """A ledger to look at in which there is something to see."""
    look = open_look(ledger)
    if not look.ledger.count("message"):
        todo = "book orders into it with `rookery run`, or send it messages with `rookery send`"
        fail(f"ledger {ledger}: wanted one with messages, found none in it; {todo}", status=1)
    return look
