"""Who stands at the front door: the tree of holders with the senders below them, and how much each may let wait."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from rookery.hub.access import NETWORK
from rookery.hub.turns import Level, Queue
from rookery.journey.expand import HolderTree
from rookery.journey.network.sharing import read_selector
from rookery.journey.network.whole import Network

ROOT = "*"  # the network itself
MULTIPLE_MAX = 10**12  # of the weights below one holder, as for shared space: tags then stay within two machine words


@dataclass(frozen=True, slots=True)
class Tenants:
    """A tree of holders, and which sender stands below which.

    names      of the holders; the first is `*`, the network
    above      for each holder the row of the holder above it, which stands before it; -1 for the first
    weights    for each holder its weight beside the others below the same holder, at least 1
    holder_of  the holder of each sender. Below its holder a sender competes with weight 1. Who is not named is a
               stranger: it stands below the network, with weight 1

    Raises  ValueError: this is no such tree; every fault at once
    """

    names: tuple[str, ...] = (ROOT,)
    above: tuple[int, ...] = (-1,)
    weights: tuple[int, ...] = (1,)
    holder_of: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise ValueError(f"tenants: {'; '.join(faults)}; correct the tree")

    def build(self) -> tuple[Level, dict[str, Queue]]:
        """The tree as levels, and the queue of each sender that is named; nothing waits.

        A sender that is alone below its holder stands in the holder's place: a level of one decides nothing.
        """
        above_of = dict(zip(self.names, self.above, strict=True))
        children = Counter(self.above)
        senders = Counter(self.holder_of.values())
        multiples = self.multiples()
        levels: list[Level | None] = []
        queues: dict[str, Queue] = {}
        alone = {name: sender for sender, name in self.holder_of.items() if senders[name] == 1}
        for row, name in enumerate(self.names):
            above = None if row == 0 else levels[above_of[name]]
            if above is not None and name in alone and not children[row]:
                queues[alone[name]] = Queue(above, weight=self.weights[row])
                levels.append(None)
            else:
                levels.append(Level(above, weight=self.weights[row], multiple=multiples[row]))
        level_of = dict(zip(self.names, levels, strict=True))
        for sender, name in self.holder_of.items():
            level = level_of[name]
            if level is not None:
                queues[sender] = Queue(level, weight=1)
        root = levels[0]
        assert root is not None, "the network is a level"
        return root, queues

    def multiples(self) -> list[int]:
        """For each holder the least common multiple of the weights of the holders below it; 1 where it has none."""
        found = [1] * len(self.names)
        for row in range(1, len(found)):
            found[self.above[row]] = math.lcm(found[self.above[row]], self.weights[row])
        return found


def tenants_of(network: Network) -> Tenants:
    """The holders of a network at its door, and the companies below them.

    A holder's weight is that of its most general row in shares.csv, of several the first by resource and dimension; 1
    without one. A company stands below its own holder, else below the first by id that is for one of its products.

    Raises  ValueError: the weights have no common multiple that is small enough
    """
    tree = HolderTree(network.holders)
    weights: dict[str, tuple[tuple[bool, int], int]] = {}
    for share in sorted(network.shares, key=lambda share: (share.resource, share.dimension)):
        rank = read_selector(share.resource).rank
        if share.holder not in weights or rank < weights[share.holder][0]:
            weights[share.holder] = rank, share.weight
    holder_of = {NETWORK: ROOT}
    for one in sorted(network.holders, key=lambda holder: (bool(holder.product_id), holder.holder)):
        if one.company_id and one.holder in tree.rows:
            holder_of.setdefault(one.company_id, one.holder)
    names = tree.names
    own = tuple(weights[name][1] if name in weights and name != ROOT else 1 for name in names)
    return Tenants(names, tuple(tree.above), own, holder_of)


def _faults(tenants: Tenants) -> Iterator[str]:
    names, above, weights = tenants.names, tenants.above, tenants.weights
    if not len(names) == len(above) == len(weights):
        yield f"wanted a row above and a weight for each name, found {len(names)}, {len(above)} and {len(weights)}"
        return
    if names[:1] != (ROOT,) or above[:1] != (-1,):
        yield f"holder {names[:1]}: wanted {ROOT!r} with -1 above it as the first, found {above[:1]} above it"
    twice = [name for name, count in Counter(names).items() if count > 1]
    yield from (f"holder {name!r}: wanted it once, found it again" for name in twice)
    ordered = True
    for row in range(1, len(names)):
        if not 0 <= above[row] < row:
            ordered = False
            yield f"holder {names[row]!r}: wanted a row before {row} above it, found {above[row]}"
    light = [(name, weight) for name, weight in zip(names, weights, strict=True) if weight < 1]
    yield from (f"holder {name!r}: wanted a weight of at least 1, found {weight}" for name, weight in light)
    if ordered and not light:
        for name, multiple in zip(names, tenants.multiples(), strict=True):
            if multiple > MULTIPLE_MAX:
                yield f"holder {name!r}: wanted weights below it with a common multiple up to 10^12, found {multiple}"
    for sender, name in tenants.holder_of.items():
        if name not in names:
            yield f"sender {sender!r}: wanted one of the holders, found {name!r}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait, and how fast it may come. Each is at least 1.

    messages_max      messages of one sender that wait
    bytes_max         bytes of one sender that wait; a message alone is let in however large it is
    rate_us_per_s     microseconds of the hub's time that one sender may use each second, over time
    burst_us          and how much of that it may save up; one message is let in then, whatever it costs
    all_messages_max  messages of all senders that wait; from then on only who is below its fair part is let in
    all_bytes_max     bytes likewise
    service_us_per_s  microseconds of messages that the hub does in a second, to say when to come back
    strangers_max     senders without a holder that are known at a time

    Raises  ValueError: a number below 1; all of them at once
    """

    messages_max: int = 10_000
    bytes_max: int = 64_000_000
    rate_us_per_s: int = 1_000_000
    burst_us: int = 60_000_000
    all_messages_max: int = 100_000
    all_bytes_max: int = 512_000_000
    service_us_per_s: int = 1_000_000
    strangers_max: int = 10_000

    def __post_init__(self) -> None:
        wrong = [(one.name, getattr(self, one.name)) for one in fields(self) if getattr(self, one.name) < 1]
        if wrong:
            told = "; ".join(f"{name}: wanted at least 1, found {found}" for name, found in wrong)
            raise ValueError(f"limits: {told}; correct them")
