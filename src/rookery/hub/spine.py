"""From a message to what follows of it: receive, read, decide, append, fold, instruct.

Messages are handled one after the other and committed in groups, by a budget of time: those of a group see each
other's effects, and an answer leaves only after the commit that holds it. A message that breaks the program rolls
its group back; the group then runs again one by one, and the culprit goes to the dead letters.

    seen before, same words      -> the same answer, nothing done
    seen before, other words     -> a conflict, nothing done
    cannot be read, may not      -> rejected with every reason, kept in the dead letters

Several hubs may share a ledger: each group begins by taking the turn to write and reading what others have changed.
"""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from rookery.hub.access import Access
from rookery.hub.ended import NAMING, with_end
from rookery.hub.readers import READERS
from rookery.hub.spaces import SpaceTold, refusals_told, spaces_told
from rookery.hub.teller import Notice, Teller
from rookery.journey.capacity import ChangeCapacity
from rookery.journey.chain import decide_all, is_due, look_again, settle
from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.facts import FACTS, NAMES, VIEWS, about
from rookery.journey.network.whole import Network
from rookery.journey.state import Refusal, State, View
from rookery.journey.track import Scan
from rookery.journey.waits import lineups
from rookery.ledger.codec import Key, Registry
from rookery.ledger.log import Batch, Ledger, LedgerFault, Missed
from rookery.partners.port import BadMessage, FieldFault
from rookery.units import make_id

REGISTRY = Registry(
    facts={name: kind for name, (kind, _) in FACTS.items()},
    names=NAMES,
    views={view.name: view.row for view in VIEWS},
    about=about,
    indexes={view.name: view.indexes for view in VIEWS if view.indexes},
    remembered=("scanned",),
)
_ABOUT_NOBODY = (ChangeCapacity, CancelDeparture, DelayDeparture, RestoreDeparture)
GROUP_MS = 50.0
BODY_BYTES_MAX = 4_000_000
STORE_FAULTS = (sqlite3.Error, LedgerFault)  # no message's fault: the run stops, nothing half written
NOT_KEPT = ("key",)  # kinds whose bad messages are not set aside word for word: a secret may have slipped in
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What a partner says. `key` is the sender's own name for it: the same key means the same message.

    heard_at  seconds since the epoch, by the hub's clock
    """

    sender: str
    key: str
    kind: str
    body: bytes
    heard_at: int


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sender gets back.

    outcome  done; refused: the business said no; rejected: the message is bad; conflict: the key was used for
             another message; failed: a fault of ours, kept for a person
    seen     True: it was acted on before, and nothing was done now
    spaces   how the space stands that was asked for, and until when it is held; 0: it does not expire
    faults   of what was rejected, every bad field; barred: the sender may not say it
    """

    outcome: Literal["done", "refused", "rejected", "conflict", "failed"]
    text: str = ""
    about: bytes = b""
    refusals: tuple[Refusal, ...] = ()
    seen: bool = False
    spaces: tuple[SpaceTold, ...] = ()
    expires_at: int = 0
    faults: tuple[FieldFault, ...] = ()
    barred: bool = False


_READ_ANSWER = msgspec.json.Decoder(Answer)
_WRITE_ANSWER = msgspec.json.Encoder()


class Hub:
    """A network, its ledger, and the state between them."""

    def __init__(self, network: Network, policy: Policy, ledger: Ledger):
        self.world = World(network, policy)
        self.ledger = ledger
        self.state = State(
            VIEWS, self._load, lambda view: ledger.list_rows(view.name),
            lambda view, column, text: ledger.list_rows_naming(view.name, column, text),
            lambda view, keys: ledger.find_rows(view.name, keys), ledger.last_number,
        )  # fmt: skip
        self.access = Access(network, self.state)
        self._heard_at = self._stored_at = ledger.last_heard_at()
        self._batch = Batch()
        self.commits_at = 0.0  # by the counter of time: when the last commit began
        self._pending: dict[tuple[str, str], tuple[bytes, Answer]] = {}
        self._told: dict[
            tuple[str, str], int
        ] = {}  # last number of a company's notices of a subject, of the open group

    def last_round_at(self) -> int:
        """When the last round closes for which something waits; 0: nothing does."""
        return lineups(self.state).last_at()

    def is_due(self, now: int) -> bool:
        """True if a message `clock` would do something by now."""
        return is_due(self.state, now)

    def _load(self, view: View, key: Key) -> Any:
        return self.ledger.find_row(view.name, key)

    def catch_up(self) -> None:
        """Read what other hubs have committed: before something is asked that nothing is decided by."""
        self._begin()
        self.ledger.give_up()

    # --- groups

    def _begin(self) -> None:
        """Take the turn to write, unless it is this hub's already."""
        if not self.ledger.begun:
            self.ledger.begin(self._refresh)

    def _refresh(self, missed: Missed) -> None:
        self.state.refresh(missed.keys, self.ledger.last_number)
        self._heard_at = self._stored_at = self.ledger.last_heard_at()

    def receive(self, messages: Iterable[Message], *, group_ms: float = GROUP_MS) -> Iterator[tuple[Message, Answer]]:
        """Act on messages; each comes back with its answer once it is committed.

        Raises  sqlite3.Error, LedgerFault: the store failed; what was answered before stands, the rest was not done
        """
        group: list[tuple[Message, Answer]] = []
        began = time.perf_counter()
        try:
            for message in messages:
                group.append((message, self._act(message, group)))
                if (time.perf_counter() - began) * 1000 >= group_ms:
                    yield from self._close(group)
                    group, began = [], time.perf_counter()
            yield from self._close(group)
        except BaseException:
            self._undo()  # what was not answered was not done
            raise

    def _act(self, message: Message, group: list[tuple[Message, Answer]]) -> Answer:
        try:
            return self._handle(message)
        except STORE_FAULTS:
            raise
        except Exception:  # noqa: BLE001 - any bug: the group is undone and done again, the culprit set aside
            self._redo(group)
            return self._act_alone(message)

    def _close(self, group: list[tuple[Message, Answer]]) -> list[tuple[Message, Answer]]:
        try:
            self._commit()
        except STORE_FAULTS:
            raise
        except Exception:  # noqa: BLE001 - a bug that shows only when its rows are written
            self._redo(group)
        return group

    def _redo(self, group: list[tuple[Message, Answer]]) -> None:
        """Undo a group and do its messages again, each with a commit of its own."""
        self._undo()
        group[:] = [(message, self._act_alone(message)) for message, _ in group]

    def _act_alone(self, message: Message) -> Answer:
        try:
            answer = self._handle(message)
            self._commit()
        except STORE_FAULTS:
            raise
        except Exception as bug:  # noqa: BLE001 - the culprit is set aside, the others go on
            _LOG.exception("message %s of %s broke the program and is set aside", message.key, message.sender)
            self._undo()
            self._begin()
            answer = Answer("failed", f"{type(bug).__name__}: {bug}")
            self._set_aside(message, answer.text)
            self._commit()
        return answer

    def _commit(self) -> None:
        self.commits_at = time.perf_counter()
        changes = []
        for view in VIEWS:
            table = self.state.tables[view.row]
            if table.before:
                changes.append((view.name, *table.changes()))
        batch, self._batch = self._batch, Batch()
        if batch.row_count or changes:
            try:
                self.ledger.commit(batch, changes)
            except BaseException:
                self._undo()
                raise
        else:
            self.ledger.give_up()
        self._stored_at = self._heard_at
        self.state.forget_changes()
        self._pending.clear()
        self._told.clear()

    def _undo(self) -> None:
        self.state.undo_changes()
        self._batch = Batch()
        self._pending.clear()
        self._heard_at = self._stored_at
        self.ledger.give_up()
        self._told.clear()

    # --- one message

    def _handle(self, message: Message) -> Answer:
        self._begin()
        if _has_nul(message):
            return self._reject(
                message, Answer("rejected", "message: wanted texts without NUL, found one; leave it out")
            )
        digest = hashlib.sha256(message.body).digest()
        seen = self._find_seen(message)
        if seen is not None:
            was, answer = seen
            if was == digest:
                return msgspec.structs.replace(answer, seen=True)
            text = f"key {message.key!r}: wanted the words it was first used with, found others; use another key"
            return Answer("conflict", text)
        barred = self.access.find_refusal(message.sender, message.kind)
        if barred or len(message.body) > BODY_BYTES_MAX:
            why = barred or f"message: wanted at most {BODY_BYTES_MAX} bytes"
            return self._reject(message, Answer("rejected", why, barred=bool(barred)))
        now = max(self._heard_at, message.heard_at)
        new_id = _ids(now, message)
        try:
            asks = READERS[message.kind](message.body, message.sender, new_id)
        except BadMessage as bad:
            return self._reject(message, Answer("rejected", str(bad), faults=tuple(bad.faults)))
        self._heard_at = now  # only of messages that are kept: a hub that starts again goes on from the same instant
        teller = Teller(self.state, self.world)
        facts, answer = self._decide(asks, Desk(self.world, now, new_id, teller.sees), message.sender)
        self._note(message, digest, facts, answer)
        self._tell(teller.tell(facts))
        return answer

    def _find_seen(self, message: Message) -> tuple[bytes, Answer] | None:
        pending = self._pending.get((message.sender, message.key))
        if pending is not None:
            return pending
        stored = self.ledger.find_message(message.sender, message.key)
        return None if stored is None else (stored[0], _READ_ANSWER.decode(stored[1]))

    def _decide(self, asks: list[Any], desk: Desk, sender: str) -> tuple[list[Any], Answer]:
        due: list[Any] = settle(self.state, desk)
        facts, refusals = decide_all(self.state, asks, desk)
        refusals = [self._with_end(asks[0], one, [*due, *facts], desk.now, sender) for one in refusals]
        subject = _subject(asks, facts)
        spaces, expires_at = spaces_told(asks, facts, self.state, sender)
        told = refusals_told(refusals, sender)
        outcome: Literal["refused", "done"] = "refused" if refusals else "done"
        facts = [*due, *facts, *look_again(self.state, desk)]
        return facts, Answer(outcome, about=subject, refusals=told, spaces=spaces, expires_at=expires_at)

    def _with_end(self, ask: Any, refusal: Refusal, facts: list[Any], now: int, sender: str) -> Refusal:
        """The refusal of space that has ended says what ended it, be it this message or one of the same commit."""
        if not isinstance(ask, NAMING) or refusal.code != "unknown":
            return refusal
        dated = [(one.fact, one.heard_at) for one in self.ledger.list_facts(about=ask.hold_id)]
        read, rows = self.ledger.facts.read, self._batch.facts
        dated += [(read(name, words), at) for _, _, name, subject, at, words in rows if subject == ask.hold_id]
        dated += [(fact, now) for fact in facts if about(fact) == ask.hold_id]
        return with_end(refusal, dated, sender)

    def _note(self, message: Message, digest: bytes, facts: list[Any], answer: Answer) -> None:
        """Put everything into the batch that the next commit writes."""
        batch, now = self._batch, self._heard_at
        seq = self.ledger.next_message + len(batch.messages)
        fact_seq = self.ledger.next_fact + len(batch.facts)
        words = _WRITE_ANSWER.encode(answer)
        batch.messages.append((seq, message.sender, message.key, message.kind, now, digest, message.body, words))
        assert fact_seq + len(facts) == self.state.fact_count + 1, "facts are noted in the order in which they fold"
        write = self.ledger.facts.write
        for number, fact in enumerate(facts, fact_seq):
            batch.facts.append((number, seq, NAMES[type(fact)], about(fact), now, write(fact)))
        self._pending[message.sender, message.key] = (digest, answer)

    def _tell(self, notices: list[Notice]) -> None:
        """Put what companies are told by the message that was noted last into the batch, numbered by subject."""
        batch, told = self._batch, self._told
        for one in notices:
            of = one.company, one.subject
            told[of] = sequence = 1 + (told[of] if of in told else self.ledger.last_sequence(*of))
            row = (batch.messages[-1][0], one.company, one.type_, self._heard_at, one.data, one.subject, sequence)
            batch.outbox.append(row)

    def _reject(self, message: Message, answer: Answer) -> Answer:
        self._set_aside(message, answer.text)
        return answer

    def _set_aside(self, message: Message, why: str) -> None:
        body = b"" if message.kind in NOT_KEPT else message.body[:BODY_BYTES_MAX]
        texts = (message.sender, message.key, message.kind, why)
        sender, key, kind, told = (text.replace("\0", "\ufffd") for text in texts)  # PostgreSQL cannot store NUL
        self._batch.dead_letters.append((sender, key, kind, message.heard_at, body, told))


def _subject(asks: list[Any], facts: list[Any]) -> bytes:
    """What an answer is about: what its message brings or names; else the first thing that a fact is about.

    Facts of whatever came due before it are about others; a word on capacity or on a departure strikes many, and is
    about none of them.
    """
    if any(isinstance(ask, _ABOUT_NOBODY) for ask in asks):
        return b""
    subjects = filter(None, map(about, facts))
    bring = [ask for ask in asks if not isinstance(ask, Scan)]
    own = [getattr(ask, name, b"") for ask in bring for name in ("order_id", "hold_id")]
    if any(own):
        known = set(subjects)
        return next((one for one in own if one in known), b"")
    return next(subjects, b"")


def _has_nul(message: Message) -> bool:
    """True if NUL stands in the texts of a message: PostgreSQL cannot store it, and ledgers shall not differ."""
    return b"\\u0000" in message.body or any("\0" in text for text in (message.sender, message.key, message.kind))


def _ids(heard_at: int, message: Message) -> Callable[[], bytes]:
    """Fresh ids for what a message brings, the same each time it is handled."""
    message_id = hashlib.sha256(f"{message.sender}\0{message.key}".encode()).digest()
    ordinal = 0

    def new_id() -> bytes:
        nonlocal ordinal
        ordinal += 1
        return make_id(heard_at=heard_at, message_id=message_id, ordinal=ordinal)

    return new_id
