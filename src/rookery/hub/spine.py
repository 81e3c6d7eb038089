"""From a message to what follows of it: receive, read, decide, append, fold, instruct.

Messages are handled one after the other and committed in groups, by a budget of time: those of a group see each
other's effects, and an answer leaves only after the commit that holds it. A message that breaks the program rolls
its group back; the group then runs again one by one, and the culprit goes to the dead letters.

    open group: being decided  ->  handed over: being written  ->  answered

A group is decided while the one before it is written, where the ledger hands over; one that could not be written is
undone together with what came after it.

    seen before, same words      -> the same answer, nothing done
    seen before, other words     -> a conflict, nothing done
    cannot be read, may not      -> rejected with every reason, kept in the dead letters

Several hubs may share a ledger: each group begins by taking the turn to write and reading what others have changed. Who
has been alone for a while takes no turn; if others were first after all, what was decided meanwhile is done again.
"""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Literal, TypeVar

import msgspec

from rookery.hub.access import Access
from rookery.hub.comes_to import came_of
from rookery.hub.ended import NAMING, with_end
from rookery.hub.group import BODY_BYTES_MAX, Group
from rookery.hub.message import Answer, Message
from rookery.hub.names import check_names
from rookery.hub.readers import READERS
from rookery.hub.spaces import refusals_told, spaces_told
from rookery.hub.teller import Notice, Teller
from rookery.journey.capacity import ChangeCapacity
from rookery.journey.chain import decide_all, is_due, look_again, settle
from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.facts import FACTS, NAMES, VIEWS, about
from rookery.journey.network.whole import Network
from rookery.journey.room import VIEWS as ROOM
from rookery.journey.state import Refusal, State, View
from rookery.journey.track import Scan
from rookery.journey.waits import lineups
from rookery.ledger.codec import Key, Registry
from rookery.ledger.log import Ledger, LedgerFault, Missed
from rookery.partners.port import BadMessage
from rookery.units import FreshIds, read_id

T = TypeVar("T")
REGISTRY = Registry(
    facts={name: kind for name, (kind, _) in FACTS.items()},
    names=NAMES,
    views={view.name: view.row for view in VIEWS},
    about=about,
    indexes={view.name: view.indexes for view in VIEWS if view.indexes},
    remembered=("scanned",),
    wide=frozenset(view.name for view in VIEWS if view.wide),
    watched=frozenset(view.name for view in ROOM),
)
_ABOUT_NOBODY = (ChangeCapacity, CancelDeparture, DelayDeparture, RestoreDeparture)
GROUP_MS = 50.0
HELD_MS = 100.0  # how old a group grows while the one before it is written
STORE_FAULTS = (sqlite3.Error, LedgerFault)  # no message's fault: the run stops, nothing half written
_LOG = logging.getLogger(__name__)


_READ_ANSWER = msgspec.json.Decoder(Answer)


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
        self._stored_at = ledger.last_heard_at()
        self._open = Group(self._stored_at)
        self._handed: Group | None = None
        self._done: list[tuple[Message, Answer]] = []  # committed, to be answered
        self.commits_at = 0.0  # by the counter of time: when the commit of what was answered last began

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
        is_sole = self.ledger.hands_over and (not self.is_settled or not self.ledger.is_overtaken())
        if not self.ledger.begun and not is_sole:
            self._begin(turn=True)
            self.ledger.give_up()

    def ask(self, question: Callable[["Hub"], T]) -> T:
        """What a question finds, which changes nothing."""
        self.catch_up()
        return question(self)

    # --- groups

    @property
    def is_settled(self) -> bool:
        """True if nothing that was received waits for its commit."""
        return self._handed is None and not self._open.answers

    def _begin(self, *, turn: bool = False) -> None:
        """Take the turn to write, unless it is this hub's already, or it needs none. `turn`: it needs one."""
        if not self.ledger.begun and (turn or not self.ledger.hands_over):
            self.ledger.begin(self._refresh)

    def _refresh(self, missed: Missed) -> None:
        self.state.refresh(missed.keys, self.ledger.last_number)
        self._stored_at = self._open.heard_at = self.ledger.last_heard_at()

    def receive(
        self, messages: Iterable[Message], *, group_ms: float = GROUP_MS, wait: bool = True
    ) -> Iterator[tuple[Message, Answer]]:
        """Act on messages; each comes back with its answer once it is committed.

        wait    False: what is still being written at the end comes back from a later call
        Raises  sqlite3.Error, LedgerFault: the store failed; what was answered before stands, the rest was not done
        """
        try:
            for message in messages:
                self._act(message)
                self._push(group_ms, wait=self._open.age_ms() >= HELD_MS)
                yield from self._answered()
            self._push(0, wait=wait)
            if wait:
                self._settle(wait=True)
                self._push(0, wait=True)
            yield from self._answered()
        except STORE_FAULTS:
            self._undo()  # what was not answered was not done
            yield from self._answered()
            raise
        except BaseException:
            self._undo()
            raise

    def _answered(self) -> list[tuple[Message, Answer]]:
        done, self._done = self._done, []
        return done

    def _act(self, message: Message) -> None:
        if not self._open.answers:
            self._open.began_at = time.perf_counter()
        try:
            answer = self._handle(message)
        except STORE_FAULTS:
            raise
        except Exception:  # noqa: BLE001 - any bug: the group is undone and done again, the culprit set aside
            self._settle(wait=True)  # what was handed over is not the culprit's group
            self._redo([*(said for said, _ in self._open.answers), message])
        else:
            self._open.answers.append((message, answer))

    def _push(self, group_ms: float, *, wait: bool) -> None:
        """Settle what is written; commit the open group, or hand it over, if it is old enough and nothing is before it.

        wait  until what is before it is written
        """
        self._settle(wait=wait)
        group = self._open
        if self._handed is not None or not group.answers or group.age_ms() < group_ms:
            return
        try:
            self._commit()
        except STORE_FAULTS:
            raise
        except Exception:  # noqa: BLE001 - a bug that shows only when its rows are written
            self._redo([message for message, _ in group.answers])

    def _settle(self, *, wait: bool) -> None:
        """Learn what came of what was handed over; what could not be written is done again with all that came after."""
        if self._handed is None:
            return
        came = self.ledger.settle(wait=wait)
        if came == "waiting":
            return
        if came == "written":
            self._stored()
            return
        messages = [message for group in (self._handed, self._open) for message, _ in group.answers]
        if came == "spoiled":
            self._redo(messages)
            return
        self._undo()
        self._begin(turn=True)
        for message in messages:
            self._act(message)

    def _redo(self, messages: list[Message]) -> None:
        """Undo what is not stored, and do these messages one by one, each with a commit of its own."""
        self._undo()
        for message in messages:
            self._act_alone(message)

    def _act_alone(self, message: Message) -> None:
        self._begin(turn=True)
        try:
            self._open.answers.append((message, self._handle(message)))
            self._commit()
        except STORE_FAULTS:
            raise
        except Exception as bug:  # noqa: BLE001 - the culprit is set aside, the others go on
            _LOG.exception("message %s of %s broke the program and is set aside", message.key, message.sender)
            self._undo()
            self._begin(turn=True)
            answer = Answer("failed", f"{type(bug).__name__}: {bug}")
            self._open.answers.append((message, self._reject(message, answer)))
            self._commit()

    def _commit(self) -> None:
        """Commit the open group, or hand it over where no turn was taken for it; the next one is open."""
        group = self._open
        group.commits_at = time.perf_counter()
        tables = [(view.name, self.state.tables[view.row]) for view in VIEWS]
        changes = [(name, *table.changes()) for name, table in tables if table.before]
        self.state.hand_over()
        self._handed, self._open = group, Group(group.heard_at)
        if not changes and not any(group.batch.row_counts):
            self.ledger.give_up()
        elif self.ledger.hands_over:
            self.ledger.hand_over(group.batch, changes)
            return
        else:
            self.ledger.commit(group.batch, changes)
        self._stored()

    def _stored(self) -> None:
        """The group that was handed over stands, and may be answered."""
        assert self._handed is not None, "it was handed over"
        group, self._handed = self._handed, None
        self._stored_at, self.commits_at = group.heard_at, group.commits_at
        self.state.forget_changes()
        self._done.extend(group.answers)

    def _undo(self) -> None:
        """Nothing was done of what is not stored. What is being written is waited for."""
        if self.ledger.is_writing:
            with suppress(*STORE_FAULTS):
                if self.ledger.settle(wait=True) == "written":
                    self._stored()
        self.state.undo_changes()
        self._open, self._handed = Group(self._stored_at), None
        self.ledger.give_up()

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
        now = max(self._open.heard_at, message.heard_at)
        new_id = FreshIds(heard_at=now, cause=f"{message.sender}\0{message.key}")
        try:
            asks = READERS[message.kind](message.body, message.sender, new_id)
            if message.awaited:
                check_names(asks, self.state, self.world)
        except BadMessage as bad:
            return self._reject(message, Answer("rejected", str(bad), faults=tuple(bad.faults)))
        self._open.heard_at = (
            now  # only of messages that are kept: a hub that starts again goes on from the same instant
        )
        teller = Teller(self.state, self.world)
        facts, answer = self._decide(asks, Desk(self.world, now, new_id, teller.sees), message.sender)
        fact_count = self.ledger.last_number + len(self._open.batch.facts) + len(facts)
        assert fact_count == self.state.fact_count, "facts are noted in the order in which they fold"
        self._open.note(message, digest, facts, answer, self.ledger)
        self._tell(teller.tell(facts), set(new_id.made))
        return answer

    def _groups(self) -> list[Group]:
        """What is not known to be stored, the newest first."""
        return [self._open] if self._handed is None else [self._open, self._handed]

    def _find_seen(self, message: Message) -> tuple[bytes, Answer] | None:
        for group in self._groups():
            if (message.sender, message.key) in group.seen:
                return group.seen[message.sender, message.key]
        stored = self.ledger.find_message(message.sender, message.key)
        return None if stored is None else (stored[0], _READ_ANSWER.decode(stored[1]))

    def _decide(self, asks: list[Any], desk: Desk, sender: str) -> tuple[list[Any], Answer]:
        due: list[Any] = settle(self.state, desk)
        facts, refusals = decide_all(self.state, asks, desk)
        ended = [self._with_end(asks[0], one, [*due, *facts], desk.now, sender) for one in refusals.values()]
        subject = _subject(asks, facts)
        spaces, expires_at = spaces_told(asks, facts, self.state, sender)
        told, refused = refusals_told(ended, sender), tuple(refusals) if len(asks) > 1 else ()
        outcome: Literal["refused", "done"] = "refused" if refusals else "done"
        facts = [*due, *facts, *look_again(self.state, desk)]
        came = came_of(facts, subject, sender)
        answer = Answer(outcome, about=subject, refusals=told, spaces=spaces, expires_at=expires_at, came=came)
        return facts, msgspec.structs.replace(answer, refused=refused) if refused else answer

    def _with_end(self, ask: Any, refusal: Refusal, facts: list[Any], now: int, sender: str) -> Refusal:
        """The refusal of space that has ended says what ended it, be it this message or one of the same commit."""
        if not isinstance(ask, NAMING) or refusal.code != "unknown":
            return refusal
        unsure = [row for group in reversed(self._groups()) for row in group.batch.facts]
        stored = self.ledger.list_facts(about=ask.hold_id)  # what is being written may be there, or not yet
        dated = [(one.fact, one.heard_at) for one in stored if not unsure or one.seq < unsure[0][0]]
        read = self.ledger.facts.read
        dated += [(read(name, words), at) for _, _, name, subject, at, words in unsure if subject == ask.hold_id]
        dated += [(fact, now) for fact in facts if about(fact) == ask.hold_id]
        return with_end(refusal, dated, sender)

    def _tell(self, notices: list[Notice], made: set[bytes]) -> None:
        """Put what companies are told by the message that was noted last into the batch, numbered by subject.

        made  ids that this message brought: nobody was told of these before
        """
        of = [(one.company, one.subject) for one in notices]
        last = dict.fromkeys(of, 0)
        last |= self.ledger.last_sequences([one for one in last if not _is_among(one[1], made)])
        for group in reversed(self._groups()):
            last.update((one, group.sequences[one]) for one in last.keys() & group.sequences.keys())
        for one, subject in zip(notices, of, strict=True):
            last[subject] += 1
            self._open.tell(one, last[subject])

    def _reject(self, message: Message, answer: Answer) -> Answer:
        self._open.set_aside(message, answer.text)
        return answer


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


def _is_among(subject: str, ids: set[bytes]) -> bool:
    """True if a subject is one of these ids."""
    try:
        return read_id(subject)[1] in ids
    except ValueError:
        return False


def _has_nul(message: Message) -> bool:
    """True if NUL stands in the texts of a message: PostgreSQL cannot store it, and ledgers shall not differ."""
    return b"\\u0000" in message.body or any("\0" in text for text in (message.sender, message.key, message.kind))
