"""What of a ledger a quote looks at, read along as others commit it, beside the hub that decides. It never writes.

    hub:       decides, commits     commits          commits
    replica:                reads along, quotes  reads along, quotes

A quote is as of the last commit at its beginning: whoever was answered has it behind them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rookery.hub.message import Answer, Message
from rookery.hub.spine import STORE_FAULTS
from rookery.journey.account import Account
from rookery.journey.desk import Policy, World
from rookery.journey.network.whole import Network
from rookery.journey.room import VIEWS
from rookery.journey.state import State
from rookery.ledger.fault import LedgerFault
from rookery.ledger.log import Ledger, Missed

T = TypeVar("T")


class Replica:
    """A network, its ledger, and the state of what may be used of it. Asked as a hub is; it takes no messages."""

    is_settled = True
    commits_at = 0.0

    def __init__(self, network: Network, policy: Policy, ledger: Ledger):
        self.world = World(network, policy)
        self.ledger = ledger
        self.state = State(
            VIEWS, lambda view, key: ledger.find_row(view.name, key), lambda view: ledger.list_rows(view.name),
            load_many=lambda view, keys: ledger.find_rows(view.name, keys),
        )  # fmt: skip

    def ask(self, question: Callable[["Replica"], T]) -> T:
        """What a question finds, all of it as of one commit.

        Raises  sqlite3.Error, LedgerFault: it cannot be read along; what the question raises
        """
        with self.ledger.read_along(self._follow):
            return question(self)

    def _follow(self, missed: Missed) -> None:
        try:
            self._refresh(missed)
        except STORE_FAULTS:
            raise
        except Exception as fault:  # whatever it is: what was read by half is of no use
            raise LedgerFault(f"ledger {self.ledger.path}: wanted to read along, found {fault!r}") from fault

    def _refresh(self, missed: Missed) -> None:
        changed = None if missed.keys is None else set(missed.keys.get("account", ()))
        accounts = self.state[Account]
        held = [] if changed is None else [key for key in changed if key in accounts.rows]
        self.state.refresh(missed.keys, 0)
        accounts.fetch(held)  # at once: the next question looks at most of them
        self.state.forget_changes()  # there are none; what is of no use any more goes

    def is_due(self, _now: int) -> bool:
        """Never. What was committed meanwhile is read, so that the next question finds little to read."""
        self.ask(lambda _: None)
        return False

    def receive(self, messages: Iterable[Message], **_: object) -> Iterator[tuple[Message, Answer]]:
        """Nothing is decided here; whoever asks is answered while `messages` are looked for.

        Raises  AssertionError: there is one
        """
        for message in messages:
            raise AssertionError(f"message {message.key!r}: wanted questions, a hub decides")
        return iter(())
