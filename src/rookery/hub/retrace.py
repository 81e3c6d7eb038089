"""The facts of a ledger from the first on, each with the state as it was before it: how things stood at that moment."""

from collections.abc import Iterator

from rookery.journey.facts import VIEWS, evolve
from rookery.journey.state import State
from rookery.ledger.log import Ledger, StoredFact


def retrace(ledger: Ledger) -> Iterator[tuple[StoredFact, State]]:
    """Every fact with the state before it, which goes on once the next one is asked for. Cost: folding all facts."""
    state = State(VIEWS)
    for stored in ledger.list_facts():
        yield stored, state
        evolve(state, stored.fact)
