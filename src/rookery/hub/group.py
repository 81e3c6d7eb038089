"""Messages that are committed together: their answers, and the rows that are written for them."""

import time
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rookery.hub.message import Answer, Message
from rookery.hub.teller import Notice
from rookery.journey.facts import NAMES, about
from rookery.ledger.log import Batch, Ledger

NOT_KEPT = ("key",)  # kinds whose bad messages are not set aside word for word: a secret may have slipped in
BODY_BYTES_MAX = 4_000_000
_WRITE_ANSWER = msgspec.json.Encoder()


@dataclass(slots=True)
class Group:
    """A transaction in the making.

    heard_at   of the last message that is kept: the hub's time
    answers    of all messages, in their order
    seen       digest and answer of the messages that are kept, by sender and key
    sequences  last number of a company's notices of a subject
    began_at, commits_at  by the counter of time
    """

    heard_at: int
    answers: list[tuple[Message, Answer]] = field(default_factory=list)
    batch: Batch = field(default_factory=Batch)
    seen: dict[tuple[str, str], tuple[bytes, Answer]] = field(default_factory=dict)
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    began_at: float = field(default_factory=time.perf_counter)
    commits_at: float = 0.0

    def age_ms(self) -> float:
        """How long ago its first message came."""
        return (time.perf_counter() - self.began_at) * 1000

    def note(self, message: Message, digest: bytes, facts: list[Any], answer: Answer, ledger: Ledger) -> None:
        """Put a message, its facts and its answer into the batch."""
        batch = self.batch
        seq = ledger.next_message + len(batch.messages)
        words = _WRITE_ANSWER.encode(answer)
        row = (seq, message.sender, message.key, message.kind, self.heard_at, digest, message.body, words)
        batch.messages.append(row)
        write = ledger.facts.write
        for number, fact in enumerate(facts, ledger.next_fact + len(batch.facts)):
            batch.facts.append((number, seq, NAMES[type(fact)], about(fact), self.heard_at, write(fact)))
        self.seen[message.sender, message.key] = (digest, answer)

    def tell(self, one: Notice, sequence: int) -> None:
        """Put what a company is told by the message that was noted last into the batch."""
        self.sequences[one.company, one.subject] = sequence
        number = self.batch.messages[-1][0]
        self.batch.outbox.append(
            (number, one.company, one.type_, self.heard_at, one.data, one.subject, sequence)
        )  # fmt: skip

    def set_aside(self, message: Message, why: str) -> None:
        """Put a message that is not acted on among the dead letters."""
        body = b"" if message.kind in NOT_KEPT else message.body[:BODY_BYTES_MAX]
        texts = (message.sender, message.key, message.kind, why)
        sender, key, kind, told = (text.replace("\0", "\ufffd") for text in texts)  # PostgreSQL cannot store NUL
        self.batch.dead_letters.append((sender, key, kind, message.heard_at, body, told))
