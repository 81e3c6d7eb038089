"""Whose turn it is: messages in queues under a tree of levels, served by weight at each level.

Start-time fair queueing at each level, one inside the other. Every side of a level has a tag: what it was charged per
unit of weight. The side with the lowest tag is next; the clock of a level is the tag of the side that was served last,
and a side that begins to wait is not behind that clock, so that nobody saves up turns by keeping silent. Tags are
integers, in parts of the common multiple of the weights of a level. The rate at which messages are served is in none
of this: what is fair in messages served is fair however fast or slow they are.

Source  P. Goyal, H. M. Vin, H. Cheng: Start-time Fair Queueing, SIGCOMM 1996; decision 0016
Cost    O(sum over levels on the way up of log sides that wait there) for each message
"""

from collections import deque
from heapq import heappop, heappush, heapreplace

from rookery.hub.message import Message


class Side:
    """One that competes with others at the level above it: a queue, or a level of its own.

    tag    what it was charged, per unit of weight, in parts of the level's multiple
    share  by how much the tag rises per microsecond: the level's multiple by the weight
    seq    decides between equal tags: the earlier made goes first
    """

    __slots__ = ("above", "seq", "share", "tag", "weight")

    def __init__(self, above: "Level | None", *, weight: int):
        self.above = above
        self.weight = weight
        self.tag = 0
        self.seq = self.share = 0
        if above is not None:
            above.adopt(self)


class Level(Side):
    """Where the sides below it compete.

    multiple         a common multiple of the weights of its sides
    turns            heap of the sides that wait: tag when it was put there, seq, side. A tag that has risen since is
                     put right when its turn comes; one that has fallen counts from its next turn on
    clock            the highest tag that was served
    weights          of all its sides together
    weights_waiting  of those that wait
    """

    __slots__ = ("clock", "made", "multiple", "turns", "weights", "weights_waiting")

    def __init__(self, above: "Level | None", *, weight: int, multiple: int):
        super().__init__(above, weight=weight)
        self.multiple = multiple
        self.turns: list[tuple[int, int, Side]] = []
        self.clock = self.made = self.weights = self.weights_waiting = 0

    def adopt(self, side: Side) -> None:
        """Let one more compete here. Its weight divides the multiple."""
        assert self.multiple % side.weight == 0, f"weight {side.weight}: wanted a divisor of {self.multiple}"
        side.share = self.multiple // side.weight
        side.seq = self.made
        self.made += 1
        self.weights += side.weight

    def disown(self, side: Side) -> None:
        """Let one compete no more, that does not wait."""
        self.weights -= side.weight

    def find_next(self) -> Side:
        """The side whose turn it is. Some side waits."""
        turns = self.turns
        while True:
            tag, seq, side = turns[0]
            if tag >= side.tag:
                break
            heapreplace(turns, (side.tag, seq, side))  # it was charged more since
        if side.tag > self.clock:
            self.clock = side.tag
        return side


class Queue(Side):
    """Messages of one sender that wait, each with what it is charged in microseconds; first in, first out."""

    __slots__ = ("bytes_waiting", "messages", "us_waiting")

    def __init__(self, above: Level, *, weight: int):
        super().__init__(above, weight=weight)
        self.messages: deque[tuple[Message, int]] = deque()
        self.bytes_waiting = self.us_waiting = 0

    def put(self, message: Message, us: int) -> None:
        """Let a message wait; the sides above it that did not wait begin to."""
        self.messages.append((message, us))
        self.bytes_waiting += len(message.body)
        self.us_waiting += us
        if len(self.messages) == 1:
            _begin(self)

    def fair_part(self, whole: int) -> int:
        """Its part of a whole by the weights of all, whether they wait or not; rounded up, so at least 1."""
        part, all_of = whole, 1
        side: Side = self
        while (level := side.above) is not None:
            part *= side.weight
            all_of *= level.weights
            side = level
        return -(-part // all_of)

    def slowed(self, us: int) -> int:
        """Microseconds until so much of this queue is served, beside all that wait now; rounded up."""
        all_of = 1
        side: Side = self
        while (level := side.above) is not None:
            us *= max(level.weights_waiting, side.weight)
            all_of *= side.weight
            side = level
        return -(-us // all_of)


def _begin(side: Side) -> None:
    while (level := side.above) is not None:
        if side.tag < level.clock:
            side.tag = level.clock
        waited = bool(level.turns)
        level.weights_waiting += side.weight
        heappush(level.turns, (side.tag, side.seq, side))
        if waited:
            return
        side = level


def take_next(root: Level) -> tuple[Queue, Message, int]:
    """The next message of all that wait below a root, its queue, and what it is charged. Some message waits."""
    side: Side = root
    while isinstance(side, Level):
        side = side.find_next()
    assert isinstance(side, Queue), "only queues stand at the end of the levels"
    message, us = side.messages.popleft()
    side.bytes_waiting -= len(message.body)
    side.us_waiting -= us
    _serve(side, us, waits=bool(side.messages))
    return side, message, us


def _serve(side: Side, us: int, *, waits: bool) -> None:
    """Charge a queue and all above it, each of which stands first in its level."""
    while (level := side.above) is not None:
        side.tag += us * side.share
        if waits:
            heapreplace(level.turns, (side.tag, side.seq, side))
        else:
            heappop(level.turns)
            level.weights_waiting -= side.weight
        waits = bool(level.turns)
        side = level


def charge(queue: Queue, us: int) -> None:
    """Charge a queue and all above it so much more, or less, than they were: what a message took was not known."""
    side: Side = queue
    while (level := side.above) is not None:
        side.tag += us * side.share
        side = level
