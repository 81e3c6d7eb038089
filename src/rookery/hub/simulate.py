"""The same messages under another policy: what would have come of a ledger, side by side with what comes of it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.report import Report, report
from rookery.hub.run import GROUP_MS, clock_messages
from rookery.hub.spine import Hub
from rookery.journey.account import Account
from rookery.journey.desk import World
from rookery.journey.itinerary import Itinerary
from rookery.journey.network.whole import Network
from rookery.partners.folder.read import read_network
from rookery.units import amount_text

POLICY_FILES = tuple(
    f"{name}.csv"
    for name in (
        "holders", "shares", "blocks", "allotments", "facility_capacities", "rounds", "bid_prices", "products",
    )
)  # fmt: skip
STRANGE_MAX = 3  # names of files told that are none of these


@dataclass(frozen=True, slots=True)
class Came:
    """What messages came to under one policy.

    late    booked orders that arrive, as planned at the end, after what was promised
    takes_s from when a booked order was placed until it arrives, as planned at the end: the mean, rounded down
    cost, cost_each   of what is booked, in the network's currency, as decimal text; of one order, rounded down
    used, limits   by dimension, over the shared resources that either policy used anything of
    report  by holder
    """

    orders: int
    booked: int
    refused: int
    waiting: int
    cancelled: int
    late: int
    takes_s: int
    cost: str
    cost_each: str
    currency: str
    used: dict[str, int]
    limits: dict[str, int]
    report: Report


@dataclass(frozen=True, slots=True)
class Compared:
    """The policy of the network and another. `messages`: how many were heard; `set_aside`: not taken by the other."""

    own: Came
    other: Came
    messages: int
    set_aside: int


def read_other(network_folder: Path, policy: Path) -> Network:
    """The network with the policy files of another folder, checked as a network folder is.

    Raises  ValueError: no such folder, none of the policy files in it, or other files; NetworkFaults: what is wrong
    """
    if not policy.is_dir():
        raise ValueError(f"policy {policy}: wanted a folder with policy files, found none; check the path")
    found = sorted(path.name for path in policy.iterdir() if path.suffix.lower() == ".csv")
    strange = [name for name in found if name not in POLICY_FILES]
    if strange or not found:
        more = f" and {len(strange) - STRANGE_MAX} more" if len(strange) > STRANGE_MAX else ""
        wanted = f"some of {', '.join(POLICY_FILES)}"
        names = f"{', '.join(strange[:STRANGE_MAX])}{more}" if strange else "none of them"
        raise ValueError(f"policy {policy}: wanted {wanted}, found {names}; leave out what is no policy")
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "network"
        shutil.copytree(network_folder, whole, ignore=lambda _, names: [n for n in names if not n.endswith(".csv")])
        for name in found:
            shutil.copyfile(policy / name, whole / name)
        return read_network(whole)


def simulate(look: Look, network: Network, other: Network, told: Callable[[int], None] = lambda done: None) -> Compared:
    """Give every message of a ledger to an empty hub of its network and to one of the other, and compare.

    In both time goes on until no plan waits for a round in either: they are compared as of one instant. The ledger
    stays as it is. Scans are given as well: those of parcels that travel otherwise under the other policy may count
    for nothing.

    told  is given how many messages the two have heard so far, together
    """
    with TemporaryDirectory() as folder:
        hubs = [open_hub(network, Path(folder) / "own.ledger"), open_hub(other, Path(folder) / "other.ledger")]
        heard = chain.from_iterable(hub.receive(_messages(look), group_ms=GROUP_MS) for hub in hubs)
        for done, _ in enumerate(heard, 1):
            told(done)
        _close_rounds(hubs)
        own, there = (Look(hub.ledger) for hub in hubs)
        limits = _shared_limits(own) | _shared_limits(there)
        compared = Compared(
            _came(own, hubs[0].world, limits),
            _came(there, hubs[1].world, limits),
            look.ledger.count("message"),
            there.ledger.count("dead_letter"),
        )
        for hub in hubs:
            hub.ledger.close()
        return compared


def _messages(look: Look) -> Iterator[Message]:
    return (Message(m.sender, m.key, m.kind, m.body, m.heard_at) for m in look.ledger.list_messages())


def _close_rounds(hubs: Sequence[Hub]) -> None:
    for message in clock_messages(*hubs):
        for hub in hubs:
            for _ in hub.receive([message]):
                pass


def _shared(look: Look) -> Iterator[Account]:
    return (account for account in look.ledger.list_rows("account") if account.firm is not None)


def _shared_limits(look: Look) -> dict[str, dict[str, int]]:
    return {account.resource: account.limits for account in _shared(look)}


def _came(look: Look, world: World, limits: dict[str, dict[str, int]]) -> Came:
    statuses = {"booked": 0, "refused": 0, "waiting": 0, "cancelled": 0}
    late = takes_s = cost_minor = 0
    for order in look.ledger.list_rows("orders"):
        statuses[order.status] += 1
        row: Itinerary | None = look.ledger.find_row("itinerary", order.order_id)
        if order.status == "booked" and row is not None:
            cost_minor += row.cost_minor
            arrives_at = max(part.plan.arrives_at for part in row.parts)
            late += arrives_at > row.promised_by
            takes_s += arrives_at - order.ordered_at
    used: dict[str, int] = {}
    for account in look.ledger.list_rows("account"):
        for dimension in account.limits if account.resource in limits else ():
            amount = account.held[dimension] + account.taken[dimension]
            if amount:
                used[dimension] = used.get(dimension, 0) + amount
    total: dict[str, int] = {}
    for of_one in limits.values():
        for dimension, limit in of_one.items():
            total[dimension] = total.get(dimension, 0) + limit
    orders, booked = sum(statuses.values()), statuses["booked"]
    return Came(
        orders=orders,
        booked=booked,
        refused=statuses["refused"],
        waiting=statuses["waiting"],
        cancelled=statuses["cancelled"],
        late=late,
        takes_s=takes_s // (booked or 1),
        cost=amount_text(cost_minor, look.currency),
        cost_each=amount_text(cost_minor // (booked or 1), look.currency),
        currency=look.currency,
        used=used,
        limits=total,
        report=report(look, world),
    )
