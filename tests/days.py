"""Random days for a hub: a network with little room, and all that its partners say, the wrong things too."""

import json
import random
from typing import Any

from rookery.hub.message import Message
from rookery.journey.network.place import Company
from rookery.journey.network.whole import Network
from rookery.journey.waybill import sscc_number
from talk import event, order_message, scans_message
from trust_days import TrustDay
from worlds import at, depot, door, place, ride, row, tiny_network

PREFIX = "5400001"


def little_network() -> Network:
    """Two warehouses, three places, not enough of anything."""
    return tiny_network(
        row(Company, company_id="haul", name="Haul", country="BE", roles=("operator", "carrier"), gs1_prefix=PREFIX),
        place("A", hours="06:00 22:00"), place("B"), place("C"), place("D", "ES", "Europe/Madrid"),
        ride("AB", "A 20:00, B 22:00", carries="pieces 4, grams 9000", price="2"),
        ride("ABC", "A 18:00, B 21:00/23:00, C 02:00+1", carries="pieces 3", price="3"),
        ride("BC", "B 23:30, C 01:00+1", carries="pieces 3", price="1"),
        ride("CD", "C 05:00, D 20:00", carries="pieces 5", price="9", days="weekdays"),
        door("pickup", "A", postcode_from="1"), door("delivery", "C", postcode_from="4"), door("delivery", "D", "ES"),
        depot("A", per_day=3, skus="x y", stock="shop/x 12, shop/y 3"),
        depot("C", per_day=2, skus="x z", per_order=2_000_000),
    )  # fmt: skip


def messages(seed: int, count: int = 80) -> list[Message]:
    """All that is said on a day, in the order in which it is heard."""
    rng, trust = random.Random(seed), TrustDay(seed)
    heard, said = at("Mon 09:00"), []
    for number in range(count):
        heard += rng.choice((0, 0, 60, 1800))
        said.append(_at(_one(rng, seed, number), heard))
        said += [trust.say(heard), trust.say(heard)]
    said.append(_at(Message("network", "last", "close_round", b"", 0), heard + 60))
    return said


def _at(message: Message, heard: int) -> Message:
    return Message(message.sender, message.key, message.kind, message.body, heard)


def _one(rng: random.Random, seed: int, number: int) -> Message:
    kinds = ("order", "scan", "close", "cancel", "pack", "departure", "capacity", "wrong")
    kind = rng.choices(kinds, (46, 20, 6, 6, 5, 10, 4, 7))[0]
    if kind == "order":
        return order_message(f"{number}", owner=rng.choice(("shop", "shop", "other")), **_order(rng))
    if kind == "scan":
        events = [_event(rng) for _ in range(rng.randint(1, 3))]
        return scans_message(f"s{number}", *events)
    if kind == "close":
        return Message("network", f"r{number}", "close_round", b"", 0)
    if kind == "cancel":
        return Message("shop", f"c{number}", "cancel_order", str(rng.randint(0, number)).encode(), 0)
    if kind == "pack":
        contents = [] if rng.random() < 0.3 else [_number(rng)]
        body = {"unit": f"bag{rng.randint(0, 2)}", "at": "2026-11-23T12:00+01:00", "contents": contents}
        return Message("haul", f"p{number}", "packing", json.dumps(body).encode(), 0)
    if kind == "departure":
        return Message("haul", f"d{number}", "departure", json.dumps(_word(rng)).encode(), 0)
    if kind == "capacity":
        return Message("haul", f"a{number}", "capacity", json.dumps(_capacity(rng)).encode(), 0)
    return rng.choice(
        (
            order_message(f"{number}", product="caviar"),
            order_message(f"{number}", weight_g=-1),
            Message("haul", f"w{number}", "scans", b"{", 0),
            Message("haul", f"w{number}", "capacity", b'{"resource": "departure:AB/2026-11-23/1"}', 0),
            Message("nobody", f"w{number}", "order", b"{}", 0),
            Message("shop", f"w{number}", "scans", b"{}", 0),
            Message("shop", f"w{number}", "gossip", b"", 0),
        )
    )


def _word(rng: random.Random) -> dict[str, Any]:
    """What is said of a departure: mostly of those of the first two days, and sometimes what makes no sense."""
    says = rng.choice(("cancelled", "cancelled", "delayed", "delayed", "restored", "restored"))
    variant, day = rng.choice(("AB", "ABC", "BC", "CD", "XY")), rng.choice((23, 23, 24, 25))
    word = {"departure": f"{variant}/2026-11-{day}", "says": says, "at": "2026-11-23T09:00+01:00", "why": "fog"}
    if says == "delayed":
        word |= {"departs_late_s": rng.choice((0, 900, 3600, 7200, 90_000)), "from_stop": rng.choice((0, 0, 1, 2))}
    return word


def _capacity(rng: random.Random) -> dict[str, Any]:
    """How much there is of a leg or of a warehouse's day: mostly less than there was."""
    what = rng.choice(("AB/2026-11-23/1", "ABC/2026-11-23/2", "BC/2026-11-24/1", "CD/2026-11-24/1", "XY/2026-11-24/1"))
    if rng.random() < 0.2:
        return {"resource": "warehouse:A/2026-11-23", "limits": {"orders": rng.randint(1, 4)}, "why": "people are ill"}
    return {"resource": f"departure:{what}", "limits": {"pieces": rng.randint(0, 5)}, "why": "a smaller lorry"}


def _order(rng: random.Random) -> dict[str, Any]:
    goods = rng.choice(
        (
            {"sku": "x"},
            {"sku": "y"},
            {"sku": "z"},
            {"from_facility": "A"},
            {"from_country": "BE", "from_postcode": "1000"},
        )
    )
    to = rng.choice(
        (
            {"to_postcode": "4000"},
            {"to_postcode": "9000"},
            {"to_country": "ES", "to_postcode": "28001"},
            {"to_facility": "B", "to_country": ""},
        )
    )
    return {
        **goods, **to, "pieces": rng.randint(1, 3), "together": rng.choice(("must", "may")),
        "weight_g": rng.choice((0, 500, 4000)), "in_round": rng.random() < 0.5,
        "quantity": rng.randint(1, 3) if "sku" in goods else 1,
    }  # fmt: skip


def _event(rng: random.Random) -> dict[str, Any]:
    number = rng.choice((_number(rng), _number(rng), "bag0", "bag1"))
    code = rng.choice(("EMA", "EMB", "EDG", "EMH", "EMH", "EMH", "EMI", "EDB", "XXX"))
    return event(number, code, f"Mon {rng.randint(10, 22)}:00", rng.choice("ABC"), weight_g=rng.choice((0, 700)))


def _number(rng: random.Random) -> str:
    return sscc_number(PREFIX, rng.randint(0, 9))
