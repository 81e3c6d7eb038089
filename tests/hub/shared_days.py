"""Random days of a network whose space is shared, told by messages: holds, orders, cuts, departures that do not run.

AB, BC, CD run on after each other and AD beside them, every day. Red and blue are a pair with half of AB and BC; green
is guaranteed nothing, black a tenth of AB without a release. What is left of BC is given out in rounds of ten minutes.
"""

import json
from random import Random
from typing import Any

from rookery.hub.message import Answer, Message
from rookery.hub.spine import Hub
from rookery.journey.account import Use
from rookery.journey.booking import Hold, find_plan
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.network.sharing import Allotment, FacilityCapacity, Holder, Round, Share
from rookery.journey.network.whole import Network
from talk import hear
from worlds import DAILY, at, place, ride, row, tiny_network

NAMES = ("red", "blue", "green", "black")
LEGS = ("AB", "BC", "CD", "AD")
LIMITS = {leg: {"grams": 60, "pieces": 40} for leg in LEGS[:3]} | {"AD": {"grams": 200, "pieces": 100}}
DAYS = ("2026-11-24", "2026-11-25")
BEGIN = at("Mon 08:00")


def network(sorts: int = 60) -> Network:
    """`sorts`: pieces an hour at B, first come first served."""
    held = {"release_min": 720, "lending": "recallable"}
    shares = [
        row(Share, holder=holder, resource=f"service:{leg}", guarantee=part * 1_000_000, **held)
        for leg in ("AB", "BC")
        for holder, part in (("pair", 50), ("red_", 60), ("blue_", 40))
    ]
    carries = "grams 60, pieces 40"
    return tiny_network(
        place("A"), place("B"), place("C"), place("D"),
        ride("AB", "A 08:00, B 10:00", price="1", carries=carries),
        ride("BC", "B 12:00, C 14:00", price="1", carries=carries),
        ride("CD", "C 16:00, D 18:00", price="1", carries=carries),
        ride("AD", "A 09:00, D 20:00", price="9", carries="grams 200, pieces 100"),
        [row(Company, company_id=name, name=name, country="BE", roles=("shipper",)) for name in NAMES],
        row(Holder, holder="pair"), row(Holder, holder="red_", parent="pair", company_id="red", priority=3),
        row(Holder, holder="blue_", parent="pair", company_id="blue"),
        row(Holder, holder="green_", company_id="green"), row(Holder, holder="black_", company_id="black", priority=7),
        shares,
        row(Share, holder="black_", resource="service:AB", guarantee=10_000_000, lending="recallable"),
        row(Share, holder="green_", resource="service:*", ceiling=90_000_000, weight=2),
        row(Round, resource="service:BC", round_s=600),
        row(Allotment, allotment_id="few", holder="green_", resource="service:CD", per="day", dimension="grams",
            amount=40),
        row(FacilityCapacity, facility_id="B", activity="sort", dimension="pieces", amount=sorts),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            space="recallable"),
    )  # fmt: skip


class Day:
    """One random day, said to a hub message by message. `said`: all of it, to be said again."""

    def __init__(self, hub: Hub, seed: int):
        self.hub, self.rng = hub, Random(seed)
        self.now, self.count = BEGIN, 0
        self.said: list[Message] = []
        self.mine: dict[str, str] = {}  # id of a space and its company

    def run(self, steps: int) -> "Day":
        """So many messages; some time passes between them."""
        for _ in range(steps):
            self.step()
        self.now += 3600
        self.say("network", "clock", b"")
        return self

    def step(self) -> None:
        """One of the things that may happen."""
        kinds = (
            self.hold,
            self.order,
            self.take,
            self.free,
            self.change,
            self.cut,
            self.run_or_not,
            self.quote,
            self.wait,
        )
        self.rng.choices(kinds, (48, 12, 14, 6, 4, 3, 1, 2, 6))[0]()

    def say(self, sender: str, kind: str, body: Any) -> Answer:
        """The answer to one message, after its commit."""
        self.count += 1
        words = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = Message(sender, f"m{self.count}", kind, words, self.now)
        self.said.append(message)
        (answer,) = hear(self.hub, message)
        assert answer.outcome in ("done", "refused"), answer.text
        return answer

    # --- what may happen

    def hold(self) -> Answer:
        company, day = self.rng.choices(NAMES, (3, 2, 5, 2))[0], DAYS[self.rng.random() < 0.2]
        first = self.rng.randrange(3)
        legs = LEGS[first : first + self.rng.randint(1, 3)] if self.rng.random() < 0.8 else ("AD",)
        amounts = {"grams": self.rng.choice((3, 8, 15, 25)), "pieces": self.rng.randint(1, 6)}
        body: dict[str, Any] = {"uses": self.uses([leg for leg in legs if leg != "AD"] or ["AD"], day, amounts)}
        body["hold_s"] = self.rng.choice((300, 7200, 43_200, 86_400))
        if self.rng.random() < 0.6:
            body["borrows"] = True
            if self.rng.random() < 0.6:
                body["standby"] = self.uses(["AD"], day, amounts)
        if self.rng.random() < 0.3:
            body["wait_until"] = "2026-11-23T20:00+01:00"
        return self.ask_for(company, body)

    def ask_for(self, company: str, body: dict[str, Any]) -> Answer:
        answer = self.say(company, "hold_space", body)
        if answer.outcome == "done":
            self.mine[answer.about.hex()] = company
        return answer

    @staticmethod
    def uses(legs: list[str], day: str, amounts: dict[str, int]) -> list[dict[str, Any]]:
        return [{"resource": f"departure:{leg}/{day}/1", "amounts": amounts} for leg in legs]

    def order(self) -> None:
        company = self.rng.choice(NAMES)
        ends = self.rng.choice((("A", "D"), ("A", "B"), ("B", "D")))
        body = {
            "reference": f"r{self.count}", "owner": company, "ordered_at": "2026-11-23T08:00+01:00", "product": "std",
            "from_facility": ends[0], "to_facility": ends[1], "weight_g": self.rng.randint(1, 9),
            "pieces": self.rng.randint(1, 3),
        }  # fmt: skip
        self.say(company, "order", body)

    def some_space(self) -> tuple[str, str]:
        return self.rng.choice(sorted(self.mine.items())) if self.mine else ("00" * 16, "red")

    def take(self) -> None:
        space, company = self.some_space()
        self.say(company, "take_space", {"space": space})

    def free(self) -> None:
        space, company = self.some_space()
        self.mine.pop(space, None)
        self.say(company, "release_space", {"space": space, "why": "not needed"})

    def change(self) -> None:
        space, company = self.some_space()
        plan = find_plan(self.hub.state, bytes.fromhex(space))
        if plan is not None and self.rng.random() < 0.5:
            self.give_some_back(space, company, plan.uses)
            return
        amounts = {"grams": self.rng.randint(1, 9), "pieces": self.rng.randint(1, 5)}
        self.say(company, "change_space", {"space": space, "uses": self.uses(["AB", "CD"], DAYS[0], amounts)})

    def give_some_back(self, space: str, company: str, has: tuple[Use, ...]) -> None:
        """Some of the legs, at most as much of each as there is."""
        legs = [use for use in has if use.resource.startswith("departure:")]
        keeps = self.rng.sample(legs, self.rng.randint(1, len(legs))) if legs else []
        amounts = ({d: self.rng.randint(1, amount) for d, amount in use.amounts.items() if amount} for use in keeps)
        uses = [{"resource": use.resource, "amounts": of} for use, of in zip(keeps, amounts, strict=True)]
        if uses:
            self.say(company, "change_space", {"space": space, "uses": uses})

    def cut(self) -> None:
        leg, day = self.rng.choice(LEGS), self.rng.choice(DAYS)
        limits = {"grams": self.rng.choice((0, 20, 45, 60, 80)), "pieces": self.rng.choice((20, 40))}
        resource = f"departure:{leg}/{day}/1"
        self.say("haul", "capacity", {"resource": resource, "limits": limits, "why": "another aircraft"})

    def run_or_not(self) -> None:
        departure, says = f"{self.rng.choice(LEGS)}/{self.rng.choice(DAYS)}", self.rng.choice(("cancelled", "restored"))
        self.say("haul", "departure", {"departure": departure, "says": says, "at": "2026-11-23T08:00+01:00"})

    def quote(self) -> None:
        amounts = {"grams": self.rng.randint(1, 30), "pieces": 1}
        uses = self.uses(["AB", "BC"], self.rng.choice(DAYS), amounts)
        before = sum(1 for _ in self.hub.state[Hold])
        self.say(self.rng.choice(NAMES), "quote_space", {"uses": uses, "borrows": self.rng.random() < 0.5})
        assert sum(1 for _ in self.hub.state[Hold]) <= before, "a quote holds nothing"

    def wait(self) -> None:
        self.now += self.rng.choice((1, 60, 600, 3600, 3600, 43_200))
        self.say("network", "clock", b"")

    def burst(self, count: int) -> None:
        """Green comes with so many wishes within two minutes."""
        for number in range(count):
            self.now += number % 5 == 0
            amounts = {"grams": self.rng.randint(1, 9), "pieces": self.rng.randint(1, 5)}
            uses = self.uses([self.rng.choice(LEGS[:3])], DAYS[0], amounts)
            self.ask_for("green", {"uses": uses, "hold_s": 86_400, "borrows": self.rng.random() < 0.3})
