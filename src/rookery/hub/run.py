"""A run: a file of orders through the hub, in one pass that can be stopped and started again.

Each order is a message under its own reference, so an order that is in the ledger already is not done again.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal

from rookery.hub.access import NETWORK, Access
from rookery.hub.message import Message
from rookery.hub.spine import Hub
from rookery.hub.steady import steady
from rookery.journey.network.whole import Network
from rookery.partners.orders.file import OrderLineRead, read_orders
from rookery.units import DAY_S, EPOCH_ORDINAL

Rounds = Literal["each", "day", "file"]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of an order file that is no order, or not a new one: its line, and why."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    done: int = 0
    seen: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)


GROUP_MS = 250.0  # a file has no one waiting for each answer: larger groups, fewer waits for the disk
Told = Callable[[Progress], None]


def read_run(path: Path, network: Network) -> tuple[list[OrderLineRead], list[BadRow]]:
    """The good orders of a file and the bad rows, both with their lines. An owner must be a company of the network.

    Raises  OrderFileFault: the file as a whole cannot be read
    """
    good: list[OrderLineRead] = []
    bad: list[BadRow] = []
    access = Access(network)
    latest = (network.about.valid_to.toordinal() - EPOCH_ORDINAL + 2) * DAY_S
    first: dict[tuple[str, str], int] = {}
    for row in read_orders(path):
        if row.asked is None:
            bad.append(BadRow(row.line, "; ".join(map(str, row.faults))))
            continue
        name = (row.asked.parties.owner, row.asked.reference)
        barred = access.find_refusal(name[0], "order")
        if barred:
            bad.append(BadRow(row.line, f"owner: {barred}"))
            continue
        if name in first:
            bad.append(BadRow(row.line, f"reference: wanted a new one, found {name[1]!r} of line {first[name]} again"))
            continue
        if row.asked.window.ordered_at >= latest:
            wanted = f"a time before the network's timetable ends on {network.about.valid_to}"
            bad.append(BadRow(row.line, f"ordered_at: wanted {wanted}, found a later one; correct it"))
            continue
        first[name] = row.line
        good.append(row)
    return good, bad


def run_orders(hub: Hub, orders: Iterable[OrderLineRead], rounds: Rounds, told: Told) -> Progress:
    """Send orders to the hub; `told` is called after each commit's answers.

    They are sent in the order of their ordered_at, whatever their order in the file: the hub's clock never goes back.

    rounds  each: decided one by one as they come; day: those of one UTC day together; file: all together
    """
    progress = Progress()
    lines: dict[str, int] = {}
    messages = chain(_messages(orders, rounds, lines), clock_messages(hub))
    with steady():
        for message, answer in hub.receive(messages, group_ms=GROUP_MS):
            progress.outcomes[answer.outcome] += 1
            progress.seen += answer.seen
            if message.kind.startswith("order"):
                progress.done += 1
                told(progress)
            if answer.outcome in ("rejected", "conflict", "failed") or (
                answer.outcome == "refused" and not answer.about
            ):
                why = answer.text or "; ".join(map(str, answer.refusals))
                if answer.outcome == "conflict":
                    reference = f"{message.key.partition(':')[2]!r} of {message.sender}"
                    why = f"reference: {reference} is in the ledger with other contents; give the order a new reference"
                progress.bad.append(BadRow(lines.get(message.key, 0), why))
    return progress


def run_messages(hub: Hub, messages: Iterable[Message], told: Told) -> Progress:
    """Send partners' messages to the hub; `told` is called after each commit's answers."""
    progress = Progress()
    for _, answer in hub.receive(messages, group_ms=GROUP_MS):
        progress.outcomes[answer.outcome] += 1
        progress.seen += answer.seen
        progress.done += 1
        told(progress)
    return progress


def order_messages(orders: Iterable[OrderLineRead]) -> Iterator[Message]:
    """Orders as messages, each decided by itself."""
    return _messages(orders, "each", {})


def _messages(orders: Iterable[OrderLineRead], rounds: Rounds, lines: dict[str, int]) -> Iterator[Message]:
    kind = "order" if rounds == "each" else "order_for_round"
    digest, day, heard_at, count = hashlib.sha256(), None, 0, 0
    for row in sorted(orders, key=_ordered_at):
        assert row.asked is not None, "only good rows are sent"
        ordered_at = row.asked.window.ordered_at
        if rounds == "day" and count and ordered_at // DAY_S != day:
            yield _close(digest, heard_at)
            digest, count = hashlib.sha256(), 0
        day, heard_at, count = ordered_at // DAY_S, max(heard_at, ordered_at), count + 1
        key = f"order:{row.asked.reference}"
        lines[key] = row.line
        digest.update(key.encode() + b"\0" + row.asked.parties.owner.encode() + b"\0")
        yield Message(row.asked.parties.owner, key, kind, row.body, heard_at)
    if rounds != "each" and count:
        yield _close(digest, heard_at)


def clock_messages(*hubs: Hub) -> Iterator[Message]:
    """Messages that let the rounds close for which something waits in any of the hubs: each may lead to another."""
    heard_at = 0
    while (closes_at := max(hub.last_round_at() for hub in hubs)) > heard_at:
        heard_at = closes_at
        yield Message(NETWORK, f"clock:{heard_at}", "clock", b"", heard_at)


def _ordered_at(row: OrderLineRead) -> int:
    return row.asked.window.ordered_at if row.asked else 0


def _close(digest: "hashlib._Hash", heard_at: int) -> Message:
    """The message that closes a round; its key says which orders the round was of."""
    return Message(NETWORK, f"round:{digest.hexdigest()[:32]}", "close_round", b"", heard_at)
