"""Messages of a file through the front door into the hub, in one pass that can be stopped and started again.

Messages are heard in the order of their instants. Those of one second wait at the door together, and take turns by
weight; who is sent away offers the same message again, as soon as it would be let in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from rookery.hub.admission import Admission
from rookery.hub.ended import end_status
from rookery.hub.ids import told_id
from rookery.hub.message import Answer, Message
from rookery.hub.others import Other, list_others
from rookery.hub.run import GROUP_MS, BadRow
from rookery.hub.spaces import SpaceTold
from rookery.hub.spine import Hub
from rookery.hub.steady import steady
from rookery.journey.network.whole import Network
from rookery.journey.order import Order
from rookery.journey.state import Refusal
from rookery.ledger.log import Ledger
from rookery.partners.messages.file import MessageLine, read_messages
from rookery.units import DAY_S, EPOCH_ORDINAL, read_id

ORDERS = ("order", "order_for_round")
BRINGS = ("hold_space", *ORDERS)  # kinds of what may wait, be held or be refused
FAILED = ("rejected", "conflict", "failed")  # outcomes of messages that were not understood


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a message of a file; what is not named here is as in Answer.

    about       an id, such as hld_...
    decided_at  as of when, where the hub's clock was later than the message: it never goes back
    comes_to    what an order came to with this message: booked, refused, for the reasons in `refusals`, or waits
    stands      how what a `hold_space` or an order brought stands after the whole file: waiting, held, taken, refused,
                expired or released; waiting, booked, refused or cancelled
    others      what it decided of plans of other messages: for whoever runs the hub
    """

    line: int
    sender: str
    key: str
    kind: str
    outcome: str
    text: str = ""
    about: str = ""
    refusals: tuple[Refusal, ...] = ()
    spaces: tuple[SpaceTold, ...] = ()
    expires_at: int = 0
    seen: bool = False
    decided_at: int = 0
    comes_to: Literal["", "booked", "refused", "waits"] = ""
    stands: str = ""
    others: tuple[Other, ...] = ()


@dataclass(slots=True)
class Sent:
    """What became of a file. `busy`: how often each sender was sent away at the door, and came again."""

    answers: list[Answered] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)

    @property
    def outcomes(self) -> Counter[str]:
        """How many messages ended how: of what they brought, as it stands after all of them."""
        return Counter(one.stands or one.outcome for one in self.answers)


def read_sending(path: Path, network: Network) -> tuple[list[MessageLine], list[BadRow]]:
    """The messages of a file that can be read, and the bad lines.

    Raises  MessageFileFault: the file as a whole cannot be read
    """
    good: list[MessageLine] = []
    bad: list[BadRow] = []
    latest = (network.about.valid_to.toordinal() - EPOCH_ORDINAL + 2) * DAY_S
    for one in read_messages(path):
        if one.faults:
            bad.append(BadRow(one.line, "; ".join(map(str, one.faults))))
        elif one.heard_at >= latest:  # the hub's clock never goes back
            wanted = f"a time before the network's timetable ends on {network.about.valid_to}"
            bad.append(BadRow(one.line, f"heard_at: wanted {wanted}, found a later one; correct it"))
        else:
            good.append(one)
    return good, bad


def send(hub: Hub, door: Admission, lines: Iterable[MessageLine]) -> Sent:
    """Let messages in by turns and act on them; the answers come back by line.

    Raises  sqlite3.Error, LedgerFault: the store failed; what was committed stands
    """
    sent, answered = Sent(), list[tuple[Message, Answer]]()
    messages = [(one.line, Message(one.sender, one.key, one.kind, one.body, one.heard_at)) for one in lines]
    line_of = {id(message): line for line, message in messages}  # the same words may stand in two lines
    waiting = sorted((message for _, message in messages), key=lambda message: message.heard_at)
    with steady():
        for message, answer in hub.receive(_turns(door, waiting, sent.busy), group_ms=GROUP_MS):
            answered.append((message, answer))
    told = [(message, _answered(line_of[id(message)], message, answer, hub.ledger)) for message, answer in answered]
    sent.answers.extend(_followed(told, hub.ledger))
    sent.answers.sort(key=lambda one: one.line)
    return sent


def _turns(door: Admission, messages: list[Message], busy: Counter[str]) -> Iterator[Message]:
    """Messages as the door lets them through, second after second."""
    waiting: list[Message] = []
    at, now = 0, 0
    while at < len(messages) or waiting:
        first = at
        now = max(now, messages[at].heard_at) if at < len(messages) and not waiting else now
        while at < len(messages) and messages[at].heard_at <= now:
            at += 1
        waiting, retry_s = _offer(door, waiting + messages[first:at], now, busy)
        if door.messages_waiting:
            yield from door.drain(None)  # a file comes out alike on every machine
        else:
            now += retry_s


def _offer(door: Admission, messages: list[Message], now: int, busy: Counter[str]) -> tuple[list[Message], int]:
    """Offer each once, in order. Who is sent away keeps the order of its messages.

    Returns those that were not let in, and when the first of them comes again, in seconds
    """
    away: dict[str, int] = {}
    left = []
    for message in messages:
        if message.sender not in away:
            told = door.offer(message, now)
            if told is None:
                continue
            away[message.sender] = told.retry_after_s
            busy[message.sender] += 1
        left.append(message)
    return left, min(away.values(), default=0)


def _answered(line: int, message: Message, answer: Answer, ledger: Ledger) -> Answered:
    return Answered(
        line=line,
        sender=message.sender,
        key=message.key,
        kind=message.kind,
        outcome=answer.outcome,
        text=answer.text,
        about=told_id(ledger, answer.about),
        refusals=answer.refusals if answer.came is None else answer.came.refusals,
        spaces=answer.spaces,
        expires_at=answer.expires_at,
        seen=answer.seen,
        comes_to="" if answer.came is None else answer.came.comes_to,
    )


def _followed(answered: Iterable[tuple[Message, Answered]], ledger: Ledger) -> Iterator[Answered]:
    """Answers with what the ledger tells of each message, after all of them: the same whenever it is asked."""
    told: set[int] = set()
    for message, one in answered:
        place = ledger.find_place(message.sender, message.key) if one.outcome not in FAILED else None
        if place is None:
            yield one
            continue
        number, heard_at = place
        others = list_others(ledger, number, _id(one)) if number not in told else ()
        told.add(number)  # the same message may stand in two lines
        late = heard_at if heard_at > message.heard_at else 0
        yield msgspec.structs.replace(one, decided_at=late, stands=_stands(one, ledger), others=others)


def _id(one: Answered) -> bytes:
    return read_id(one.about)[1] if one.about else b""


def _stands(one: Answered, ledger: Ledger) -> str:
    """How what a message brought stands now; blank if it brought nothing that could wait or be held."""
    id_ = _id(one)
    if not id_ or one.kind not in BRINGS:
        return ""
    order: Order | None = ledger.find_row("orders", id_)
    if order is not None:
        return order.status
    for view, name in (("queued", "waiting"), ("hold", "held"), ("booking", "taken")):
        if ledger.find_row(view, id_) is not None:
            return name
    *_, last = ledger.list_facts(about=id_)
    return end_status(last.fact)
