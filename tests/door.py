"""A front door for tests: trees of tenants, messages that cost what one says, the same queue in the plainest way."""

from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from rookery.hub.admission import Admission
from rookery.hub.costs import Costs, KindCost
from rookery.hub.message import Message
from rookery.hub.tenants import ROOT, Limits, Tenants

SENDERS = ("a", "b", "c", "d", "e", "f")
WIDE = Limits(*[10**9] * 8)


def said(sender: str, us: int, key: str = "") -> Message:
    """A message that is expected to cost so many microseconds, at a door of `opened`."""
    return Message(sender, key, "any", b"x" * (us - 1), 0)


def opened(tenants: Tenants | None = None, limits: Limits = WIDE) -> Admission:
    return Admission(tenants or Tenants(), limits, Costs({"any": KindCost(1, 1024)}))


@st.composite
def trees(draw: st.DrawFn) -> Tenants:
    """Up to six holders, and senders below some of them; the others are strangers."""
    count = draw(st.integers(0, 5))
    above = [draw(st.integers(0, row)) for row in range(count)]
    weights = [draw(st.integers(1, 5)) for _ in range(count)]
    names = (ROOT, *(f"h{row}" for row in range(1, count + 1)))
    holder_of = {sender: draw(st.sampled_from(names)) for sender in SENDERS if draw(st.booleans())}
    return Tenants(names, (-1, *above), (1, *weights), holder_of)


# A step is an offer of a sender at a cost, or None: the next message is taken. Short lists fill no house and no queue.
STEPS = st.lists(st.none() | st.tuples(st.sampled_from(SENDERS), st.integers(1, 20)), min_size=25, max_size=80)


class PlainTree:
    """Who stands below whom: holders, and every sender as a leaf below its holder, strangers below the network."""

    def __init__(self, tenants: Tenants, senders: Iterator[str] | tuple[str, ...] = ()):
        self.above = dict(zip(tenants.names[1:], (tenants.names[row] for row in tenants.above[1:]), strict=True))
        self.weight = dict(zip(tenants.names, tenants.weights, strict=True))
        for sender in (*tenants.holder_of, *senders):
            self.add(sender, tenants.holder_of.get(sender, ROOT))

    def add(self, sender: str, holder: str = ROOT) -> None:
        self.above.setdefault(sender, holder)
        self.weight.setdefault(sender, 1)

    def way_up(self, name: str) -> list[str]:
        """The side itself and every side above it, without the network."""
        found = []
        while name != ROOT:
            found.append(name)
            name = self.above[name]
        return found

    def beside(self, name: str) -> list[str]:
        return [one for one, above in self.above.items() if above == self.above[name] and one != name]

    def fair_part(self, sender: str, whole: int) -> Fraction:
        part = Fraction(whole)
        for side in self.way_up(sender):
            own = self.weight[side]
            part *= Fraction(own, own + sum(self.weight[one] for one in self.beside(side)))
        return part


class PlainDoor:
    """Turns by looking at every side of every level each time: fractions, no heaps, no common multiples."""

    def __init__(self, tenants: Tenants):
        self.tree = PlainTree(tenants)
        self.tags = {name: Fraction(0) for name in self.tree.above}
        self.clocks = {name: Fraction(0) for name in tenants.names}
        self.waiting: dict[str, list[Message]] = {name: [] for name in tenants.holder_of}

    def waits(self, side: str) -> bool:
        return any(messages and side in self.tree.way_up(name) for name, messages in self.waiting.items())

    def offer(self, message: Message) -> None:
        sender = message.sender
        self.tree.add(sender)
        self.tags.setdefault(sender, Fraction(0))
        for side in self.tree.way_up(sender):
            if not self.waits(side):
                self.tags[side] = max(self.tags[side], self.clocks[self.tree.above[side]])
        self.waiting.setdefault(sender, []).append(message)

    def take(self) -> Message:
        name = ROOT
        while name not in self.waiting:
            below = [side for side, above in self.tree.above.items() if above == name and self.waits(side)]
            side = min(below, key=lambda one: self.tags[one])
            self.clocks[name] = max(self.clocks[name], self.tags[side])
            name = side
        message = self.waiting[name].pop(0)
        self.charge(message, len(message.body) + 1)
        return message

    def charge(self, message: Message, us: int) -> None:
        for side in self.tree.way_up(message.sender):
            self.tags[side] += Fraction(us, self.tree.weight[side])
