"""A small network whose space is shared, messages said to its hub, and what the ledger then says.

A 20:00 to B 22:00 by `cheap` for 1 EUR, 10 kg, all but one of them guaranteed to `others` until noon; by `dear` for 5.
"""

import json
from pathlib import Path
from typing import Any

from rookery.hub.conflicts import Conflict, list_conflicts
from rookery.hub.grounds import ground_lines
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.report import Report, read_days, report
from rookery.hub.run import clock_messages
from rookery.hub.space_of import find_subject
from rookery.hub.spine import Hub
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import Holder, Share
from rookery.journey.network.whole import Network
from talk import order_message
from worlds import DAILY, at, place, ride, row, tiny_network


def network(space: str = "recallable", *more: Any, dear: bool = True) -> Network:
    rides = [ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000")]
    rides += [ride("dear", "A 20:00, B 22:00", price="5", carries="grams 10000")] if dear else []
    return tiny_network(
        place("A"), place("B"), *rides,
        row(Holder, holder="others", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:cheap", guarantee=90_000_000, release_min=480,
            lending="recallable"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1, space=space),
        more,
    )  # fmt: skip


def order(reference: str, owner: str = "shop", grams: int = 1000, heard: str = "Mon 10:00") -> Message:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": "", "to_postcode": "", "weight_g": grams}
    return order_message(reference, owner=owner, heard=heard, **fields)


class Told:
    """A ledger in which these messages were heard, and what it says."""

    def __init__(self, folder: Path, net: Network, *messages: Message):
        self.hub: Hub = open_hub(net, folder / "some.ledger")
        for _ in self.hub.receive(messages):
            pass
        for _ in self.hub.receive(clock_messages(self.hub)):
            pass
        self.look, self.world = Look(self.hub.ledger), self.hub.world

    def why(self, name: str, *, named: bool = True) -> list[str]:
        return ground_lines(self.look, find_subject(self.look, name), self.world, named=named)

    def conflicts(self) -> list[Conflict]:
        return list_conflicts(self.look, self.world)

    def report(self, *days: str) -> Report:
        return report(self.look, self.world, *read_days(*(days or ("", ""))))


def hold_space(
    company: str, *resources: str, grams: int = 2000, amounts: Any = None, heard: str = "Mon 10:00", **more: Any
) -> Message:
    uses = [{"resource": name, "amounts": amounts or {"grams": grams}} for name in resources]
    body = {"uses": uses, "hold_s": 86_400, **more}
    return Message(company, f"{company} {heard}", "hold_space", json.dumps(body).encode(), at(heard))


def cut(number: int, grams: int, heard: int, *, day: int = 23) -> Message:
    word = {"resource": f"departure:cheap/2026-11-{day}/1", "limits": {"grams": grams}, "why": "a smaller lorry"}
    return Message("haul", f"cut{number}", "capacity", json.dumps(word).encode(), heard)


def cuts(*grams: int) -> list[Message]:
    return [cut(number, of_one, at("Mon 10:30") + 60 * number) for number, of_one in enumerate(grams)]
