"""The front door: who is let in, and whose message is next.

Each sender has a queue, and the queues stand under the tree of holders by which space is shared too. What is let in is
taken in turns by weight, so that one sender's burst delays another only by what that one's weight gives it; what is not
let in is answered at once, with when to come back. Nothing that was let in is dropped.

A message keeps the instant at which it was heard: waiting here moves no order past its cut-off by itself, and the hub's
clock, the latest instant that it has heard, never goes back (decision 0007). Which message comes when is decided here,
once, and the ledger remembers it; decisions rest on that order and not on this module.

Used by one thread. Source: decision 0016.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from rookery.hub.costs import Costs, measured_us
from rookery.hub.message import Message
from rookery.hub.tenants import Limits, Tenants
from rookery.hub.turns import Queue, charge, take_next

TOOK_US_MAX = 10_000_000  # of one message: a machine that slept is no sender's debt
UNSETTLED_MAX = 1_000  # messages of one sender that were taken and not settled

LimitName = Literal["messages", "bytes", "all_messages", "all_bytes", "rate", "strangers"]

_WAIT = "send the next when answers have come"
_WANTED: dict[LimitName, tuple[str, str]] = {  # what was wanted, and what would help
    "messages": ("at most {} of its messages waiting", _WAIT),
    "bytes": ("at most {} bytes of its messages waiting", _WAIT),
    "all_messages": ("at most its fair part, {} messages, while the hub is full", _WAIT),
    "all_bytes": ("at most its fair part, {} bytes, while the hub is full", _WAIT),
    "rate": ("{} us of the hub's time left of what it may use", "spread messages over time, or ask for a higher rate"),
    "strangers": ("fewer than {} senders without a holder", "have the sender entered under a holder"),
}


@dataclass(frozen=True, slots=True)
class Busy:
    """A message that was not let in: nothing was done, and the sender may send it again under the same key.

    limit          which limit was reached, as in `Limits`: messages, bytes, all_messages, all_bytes, rate, strangers
    wanted, found  what the limit lets through, and what there is; messages, bytes, microseconds or senders
    retry_after_s  seconds until it would be let in, as far as is known now; at least 1
    todo           what would help
    """

    sender: str
    limit: LimitName
    wanted: int
    found: int
    retry_after_s: int
    todo: str

    def __str__(self) -> str:
        wanted = _WANTED[self.limit][0].format(self.wanted)
        when = f"try again in {self.retry_after_s} s"
        return f"sender {self.sender!r}: wanted {wanted}, found {self.found}; {when}; {self.todo}"


class _Sender:
    """A sender's queue and what it may still use.

    us_left    of its allowance, as it was at filled_at; below 0 where messages took longer than was expected
    unsettled  messages that were taken, in order, and what each was charged
    """

    __slots__ = ("filled_at", "queue", "unsettled", "us_left")

    def __init__(self, queue: Queue, us_left: int):
        self.queue = queue
        self.us_left = us_left
        self.filled_at = 0
        self.unsettled: deque[tuple[Message, int]] = deque(maxlen=UNSETTLED_MAX)


class Admission:
    """Messages that wait to be acted on, at most so many of each sender, and in a fair order.

    messages_waiting, bytes_waiting  of all senders together
    """

    def __init__(self, tenants: Tenants, limits: Limits | None = None, costs: Costs | None = None):
        self.limits = limits or Limits()
        self.messages_waiting = self.bytes_waiting = 0
        self._costs = costs or Costs()
        self._root, queues = tenants.build()
        self._senders = {name: _Sender(queue, self.limits.burst_us) for name, queue in queues.items()}
        self._known = frozenset(queues)
        self._forgot_at = -1

    # --- in

    def offer(self, message: Message, now: int) -> Busy | None:
        """Let a message wait for its turn, or say why not; None: it waits.

        now   seconds since the epoch; one that is earlier than before counts as the one before
        Cost  O(depth log sides); a pass over all senders, at most once a second, while too many are strangers
        """
        sender = self._senders.get(message.sender) or self._meet(message.sender, now)
        if sender is None:
            return _busy(message, "strangers", self.limits.strangers_max, self.limits.strangers_max, 1)
        queue, us = sender.queue, self._costs.estimate_us(message.kind, len(message.body))
        if now > sender.filled_at:
            self._fill(sender, now)
        busy = self._find_crowd(message, queue) if queue.messages else None  # an empty one takes any one message
        if busy is None and sender.us_left < us:
            busy = self._find_haste(message, sender, us)
        if busy is not None:
            return busy
        sender.us_left -= us
        queue.put(message, us)
        self.messages_waiting += 1
        self.bytes_waiting += len(message.body)
        return None

    def _find_crowd(self, message: Message, queue: Queue) -> Busy | None:
        """Whether too much waits already."""
        limits, own, size = self.limits, len(queue.messages), len(message.body)
        full, heavy = self.messages_waiting >= limits.all_messages_max, self.bytes_waiting >= limits.all_bytes_max
        fits = own < limits.messages_max and queue.bytes_waiting + size <= limits.bytes_max
        if fits and not full and not heavy:
            return None
        rows: list[tuple[LimitName, int, int, int]] = [  # limit, most, what waits, what comes
            ("messages", limits.messages_max, own, 1),
            ("bytes", limits.bytes_max, queue.bytes_waiting, size),
        ]
        if full:
            rows.append(("all_messages", queue.fair_part(limits.all_messages_max), own, 1))
        if heavy:
            rows.append(("all_bytes", queue.fair_part(limits.all_bytes_max), queue.bytes_waiting, 1))
        for limit, most, waits, comes in rows:
            if waits + comes > most:
                leaves = min(waits, waits + comes - most)  # before there is room for what comes
                us = queue.slowed(-(-queue.us_waiting * leaves // max(waits, 1)))
                return _busy(message, limit, most, waits + comes, -(-us // limits.service_us_per_s))
        return None

    def _find_haste(self, message: Message, sender: _Sender, us: int) -> Busy | None:
        """Whether the sender has used up its allowance. One that is full lets any one message in."""
        limits = self.limits
        needed = min(us, limits.burst_us)
        if sender.us_left >= needed:
            return None
        short = needed - sender.us_left
        return _busy(message, "rate", needed, sender.us_left, -(-short // limits.rate_us_per_s))

    def _fill(self, sender: _Sender, now: int) -> None:
        gained = max(0, now - sender.filled_at) * self.limits.rate_us_per_s
        sender.us_left = min(self.limits.burst_us, sender.us_left + gained)
        sender.filled_at = max(now, sender.filled_at)

    # --- strangers

    def _meet(self, name: str, now: int) -> _Sender | None:
        """A queue for a sender that no holder is known of; None: there are too many such."""
        if len(self._senders) - len(self._known) >= self.limits.strangers_max:
            if now > self._forgot_at:
                self._forgot_at = now
                self._forget(now)
            if len(self._senders) - len(self._known) >= self.limits.strangers_max:
                return None
        sender = _Sender(Queue(self._root, weight=1), self.limits.burst_us)
        self._senders[name] = sender
        return sender

    def _forget(self, now: int) -> None:
        """Forget strangers that wait for nothing and owe nothing: they would be treated alike if they came anew.

        A tag ahead of the clock is owed to those that wait; where nobody waits it is owed to nobody.
        """
        limits, clock = self.limits, self._root.clock
        for name in [name for name in self._senders if name not in self._known]:
            sender = self._senders[name]
            self._fill(sender, now)
            ahead = self.messages_waiting > 0 and sender.queue.tag > clock
            if not sender.queue.messages and not ahead and sender.us_left >= limits.burst_us:
                self._root.disown(sender.queue)
                del self._senders[name]

    # --- out

    def take(self, us_max: int) -> list[Message]:
        """The next messages, up to the one with which what they are expected to take reaches so many microseconds.

        None wait: none. Whoever acts on them tells `settle` how long each took.
        """
        taken: list[Message] = []
        us = 0
        while us < us_max and self.messages_waiting:
            message, expected = self._take()
            taken.append(message)
            us += expected
        return taken

    def drain(self, measure_us: Callable[[], int] | None = measured_us) -> Iterator[Message]:
        """Messages as long as any wait, each chosen when it is asked for: for `Hub.receive`.

        What a message took is what passes until the next one is asked for; the last of a group pays for its commit.
        Whoever stops half way, or meets a fault of the store, finds the rest still waiting; what was taken and not
        answered is to be sent again, as always.

        measure_us  a clock in microseconds that only measures; None: each message takes what was expected, so
                    that the order follows from the messages alone
        """
        while self.messages_waiting:
            message, _ = self._take()
            if measure_us is None:
                self._senders[message.sender].unsettled.pop()
                yield message
                continue
            began = measure_us()
            yield message
            self.settle(message, measure_us() - began)

    def settle(self, message: Message, took_us: int) -> None:
        """A message that was taken took so many microseconds: its sender, and all above it, are charged the rest.

        Later estimates of its kind follow. A message that is not under way, since it was settled already or a
        thousand of its sender were taken after it, stays at what it was charged.
        """
        sender = self._senders.get(message.sender)
        if sender is None:
            return
        for place, (taken, us) in enumerate(sender.unsettled):
            if taken is message:
                del sender.unsettled[place]
                more = min(took_us, TOOK_US_MAX) - us
                charge(sender.queue, more)
                sender.us_left = min(self.limits.burst_us, sender.us_left - more)
                self._costs.learn(message.kind, len(message.body), took_us)
                return

    def _take(self) -> tuple[Message, int]:
        _, message, us = take_next(self._root)
        self._senders[message.sender].unsettled.append((message, us))
        self.messages_waiting -= 1
        self.bytes_waiting -= len(message.body)
        return message, us


def _busy(message: Message, limit: LimitName, wanted: int, found: int, retry_s: int) -> Busy:
    return Busy(message.sender, limit, wanted, found, max(1, retry_s), _WANTED[limit][1])
