"""The proofs that a ledger carries: its views come from its facts alone, its facts from its messages alone."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rookery.hub.message import Message
from rookery.hub.open import check_bound, open_hub
from rookery.journey.facts import VIEWS, evolve
from rookery.journey.network.whole import Network
from rookery.journey.state import State
from rookery.ledger.fold import Comparison, compare
from rookery.ledger.log import Ledger

TOLD_EVERY = 5_000


def fold_again(ledger: Ledger, told: Callable[[int], None] = lambda done: None) -> Comparison:
    """Check every message against its hash, fold every fact anew and compare with the stored views, row by row."""
    for message in ledger.list_messages():
        if hashlib.sha256(message.body).digest() != message.hash_:
            return Comparison(0, 1, (f"message {message.seq}: wanted the words it was heard with, found others",))
    state = State(VIEWS)
    for done, stored in enumerate(ledger.list_facts(), 1):
        evolve(state, stored.fact)
        if done % TOLD_EVERY == 0:
            told(done)
    return compare(ledger, {view.name: state.tables[view.row] for view in VIEWS})


@dataclass(frozen=True, slots=True)
class Decided:
    """Facts compared byte for byte, and the first that came out otherwise."""

    facts: int
    difference: str


def decide_again(ledger: Ledger, network: Network) -> Decided:
    """Give every message again to an empty hub and compare the facts byte for byte.

    Raises  LedgerFault: the network is not the one that the ledger was made with
    """
    check_bound(ledger.path, network)
    with TemporaryDirectory() as folder:
        hub = open_hub(network, Path(folder) / "again.ledger")
        messages = (Message(m.sender, m.key, m.kind, m.body, m.heard_at) for m in ledger.list_messages())
        for _ in hub.receive(messages):
            pass
        count = 0
        pairs = zip(ledger.list_facts(), hub.ledger.list_facts(), strict=False)
        for count, (was, now) in enumerate(pairs, 1):
            if was != now:
                return Decided(count, f"fact {was.seq} {was.kind}: wanted {was.fact}, found {now.kind} {now.fact}")
        stored, made = ledger.count("fact"), hub.ledger.count("fact")
        hub.ledger.close()
        return Decided(count, "" if stored == made else f"wanted {stored} facts, found {made}")
