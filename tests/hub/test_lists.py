"""Lists of what a company may see, page by page, against a plain statement of what belongs on them."""

import json
import random
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from rookery.hub import lists
from rookery.hub.callers import stored_rows
from rookery.hub.lists import ListAsked, PageEnd, list_seen
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.spine import Hub
from rookery.journey.facts import evolve
from rookery.journey.network.place import Company
from rookery.journey.order import Order
from rookery.journey.profiles import PROFILES, GrantKind, ProfileName
from rookery.journey.reading import Card, Find, ListedKind, find_bare, find_parcel, find_shipment, list_ids, show
from rookery.journey.shipment import Parcel, Shipment
from rookery.units import instant_text
from talk import event, hear, order_message, scans_message
from worlds import at, door, empty_state, place, places, ride, row, tiny_network

COMPANIES = ("shop", "other", "haul", "fly", "network")
CODES = ("EMA", "EMC", "EMI", "EMH")


def network() -> Any:
    return tiny_network(
        [row(Company, company_id="fly", name="fly", country="BE", roles=("carrier",))],
        places("A B"), place("D", "ES"), door("delivery", "B", "BE"), door("delivery", "D", "ES"),
        ride("AB", "A 20:00, B 22:00"), ride("BD", "B 23:00, D 09:00+1", company_id="fly"),
    )  # fmt: skip


class Day:
    """A random day at a hub."""

    def __init__(self, seed: int, hub: Hub):
        self.rng, self.hub, self.count, self.now = random.Random(f"lists {seed}"), hub, 0, at("Mon 10:00")

    def step(self) -> None:
        self.count += 1
        self.now += self.rng.choice((0, 1, 60, 600))
        number = self.rng.random()
        if number < 0.4:
            hear(self.hub, self.order())
        elif number < 0.5:
            self.scan()
        elif number < 0.55:
            orders = list(self.hub.ledger.list_rows("orders"))
            if orders:
                order = self.rng.choice(orders)
                self.say(order.owner, "cancel_order", order.reference.encode())
        else:
            self.trust()

    def order(self) -> Message:
        country = self.rng.choice(("BE", "ES", "ES", "FR"))
        message = order_message(
            str(self.count), owner=self.rng.choice(("shop", "other")), from_facility="A", to_country=country,
            pieces=self.rng.choice((1, 1, 3)),
        )  # fmt: skip
        return msgspec_replace(message, heard_at=self.now)

    def scan(self) -> None:
        parcels = [one for one in self.hub.ledger.list_rows("parcel") if one.waybill]
        if parcels:
            one = event(self.rng.choice(parcels).waybill, self.rng.choice(CODES), "Mon 21:00")
            message = scans_message(f"s{self.count}", one)
            hear(self.hub, msgspec_replace(message, heard_at=self.now))

    def trust(self) -> None:
        by = self.rng.choice(("shop", "shop", "other", "fly"))
        company = self.rng.choice([one for one in ("other", "haul", "fly") if one != by])
        kind = self.rng.choices(range(4), (5, 9, 1, 0.5))[0]
        if kind == 0:
            self.say(by, "connection", {"do": "invite", "company": company})
            self.say(company, "connection", {"do": "accept", "company": by})
        elif kind == 1:
            self.say(by, "grant", self.grant(by, company))
        elif kind == 2:
            do = self.rng.choice(("suspend", "resume", "resume", "revoke"))
            self.say(by, "connection", {"do": do, "company": company})
        else:
            do = self.rng.choice(("suspend", "restore", "restore"))
            self.say("network", "company", {"do": do, "company": "other"})

    def kinds(self, profile: ProfileName) -> list[str]:
        shown = [kind for kind in get_args(GrantKind) if kind in PROFILES[profile]]
        return self.rng.sample(shown, self.rng.randint(1, len(shown)))

    def grant(self, by: str, company: str) -> dict[str, Any]:
        rng, orders = self.rng, list(self.hub.ledger.list_rows("orders", owner=by))
        own = [order.order_id for order in orders] + [one for order in orders for one in order.parcels]
        query = {"country": rng.choice(("", "ES")), "product": rng.choice(("", "", "std", "express"))}
        meant = {"object": rng.choice(own).hex()} if own and rng.random() < 0.3 else {"query": query}
        profile = rng.choice(get_args(ProfileName))
        return {
            "do": "make", "company": company, "kinds": self.kinds(profile), "profile": profile, "purpose": "care",
            "expires_at": instant_text(self.now + rng.choice((600, 90_000))), **meant,
        }  # fmt: skip

    def question(self) -> ListAsked:
        rng, kind = self.rng, self.rng.choice(get_args(ListedKind))
        limit, owner = rng.choice((1, 2, 7, 500)), rng.choice(("", "", "shop", "other"))
        if kind == "shipment":
            return ListAsked(kind, limit, PageEnd(), owner, delivered=rng.choice((None, True, False)))
        status = rng.choice(("", "", "booked", "registered", "in_transit", "cancelled"))
        since = rng.choice((None, None, at("Mon 10:30"), self.now)) if kind == "order" else None
        return ListAsked(kind, limit, PageEnd(), owner, status=status, since=since)

    def say(self, sender: str, kind: str, body: Any) -> None:
        self.count += 1
        words = body if isinstance(body, bytes) else json.dumps(body).encode()
        hear(self.hub, Message(sender, f"k{self.count}", kind, words, self.now))


def msgspec_replace(message: Message, **fields: Any) -> Message:
    return Message(**{name: getattr(message, name) for name in message.__slots__} | fields)  # type: ignore[attr-defined]


# --- the plain statement


def cards(kind: ListedKind, order: Order, find: Find) -> list[Card]:
    found = [find_bare(kind, id_, find) for id_ in list_ids(kind, order, find)]
    return [card for card in found if card is not None]


def plainly(hub: Hub, caller: str, wanted: ListAsked, now: int, changes: dict[bytes, tuple[int, int]]) -> list[Any]:
    """Everything that belongs on a list."""
    find, found = stored_rows(hub.ledger), []
    orders = sorted(hub.ledger.list_rows("orders"), key=lambda order: order.order_id)
    if wanted.since is not None:
        orders = [one for one in orders if changes[one.order_id][1] >= wanted.since]
        orders.sort(key=lambda order: changes[order.order_id][0])
    for order in orders:
        if wanted.owner not in ("", order.owner):
            continue
        if caller not in ("network", order.owner) and wanted.since is not None:
            continue
        for card in cards(wanted.kind, order, find):
            told = show(caller, card, find, now)
            if (
                told is not None
                and wanted.status in ("", told.get("status"))
                and is_delivered(told, wanted=wanted.delivered)
            ):
                found.append((order.owner, told))
    return found


def is_delivered(told: dict[str, Any], *, wanted: bool | None) -> bool:
    return wanted is None or ("delivered" in told and (told["delivered"] == told["pieces"]) == wanted)


def last_changes(hub: Hub) -> dict[bytes, tuple[int, int]]:
    """For each order which fact was the last to change its row, and when that was heard; by folding all of them."""
    state, last, rows = empty_state(), dict[bytes, tuple[int, int]](), dict[bytes, Order]()
    for stored in hub.ledger.list_facts():
        evolve(state, stored.fact)
        for order in state[Order]:
            plain = msgspec.structs.replace(order, changed=0)
            if rows.get(order.order_id) != plain:
                rows[order.order_id], last[order.order_id] = plain, (stored.seq, stored.heard_at)
    return last


def pages(hub: Hub, caller: str, wanted: ListAsked, now: int) -> list[Any]:
    """All pages one after the other."""
    found: list[Any] = []
    while True:
        page = list_seen(hub.ledger, caller, wanted, now)
        assert len(page.seen) <= wanted.limit
        found += page.seen
        if page.after is None:
            return found
        assert page.after != wanted.after
        wanted = ListAsked(**{name: getattr(wanted, name) for name in wanted.__slots__} | {"after": page.after})


@pytest.mark.parametrize("seed", range(6))
def test_law_the_pages_of_a_list_are_what_one_may_see_each_once(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = open_hub(network(), tmp_path / "a.ledger")
    day, foreign = Day(seed, hub), 0
    for _ in range(4):
        for _ in range(40):
            day.step()
        changes = last_changes(hub)
        for _ in range(12):
            monkeypatch.setattr(lists, "LOOKED_MAX", day.rng.choice((5, 40, 2000)))
            wanted, now = day.question(), day.now + day.rng.choice((0, 700))
            for caller in COMPANIES:
                company = hub.ledger.find_row("company", caller)
                if company is not None and company.suspended:
                    continue  # its keys open nothing
                found = pages(hub, caller, wanted, now)
                assert found == plainly(hub, caller, wanted, now, changes), (caller, wanted)
                foreign += sum(caller not in (owner, "network") for owner, _ in found)
    assert foreign


def test_the_cards_of_an_order_are_those_that_are_found_one_by_one(tmp_path: Path) -> None:
    hub = open_hub(network(), tmp_path / "a.ledger")
    hear(hub, order_message("1", from_facility="A", pieces=3, to_country="ES"), order_message("2", from_facility="A"))
    hear(hub, Message("shop", "c", "cancel_order", b"2", at("Mon 10:00")))
    find = stored_rows(hub.ledger)
    for order in hub.ledger.list_rows("orders"):
        own = [one for one in hub.ledger.list_rows("parcel") if one.order_id == order.order_id]
        assert {card.subject.parcel_id for card in cards("parcel", order, find)} == {one.parcel_id for one in own}
        for card in cards("parcel", order, find):
            assert card == find_parcel(card.subject.parcel_id, find) and isinstance(card.rows[0], Parcel)
        shipments = list(cards("shipment", order, find))
        assert {card.subject.shipment_id for card in shipments} == {one.shipment_id for one in own}
        for card in shipments:
            whole = find_shipment(card.subject.shipment_id, find)
            assert whole is not None and (card.subject, card.rows) == (whole.subject, whole.rows)
            assert isinstance(card.rows[0], Shipment) and not card.inside


@pytest.mark.parametrize("columns", [{}, {"owner": "shop"}])
def test_orders_by_their_last_change_come_from_an_index(tmp_path: Path, columns: dict[str, str], database: str) -> None:
    if database == "sqlite":
        hub = open_hub(network(), tmp_path / "a.ledger")
        where = "".join(f"{name} = ? AND " for name in columns)
        text = f"SELECT * FROM orders WHERE {where}(changed, order_id) > (?, ?) ORDER BY changed, order_id LIMIT ?"
        plan = hub.ledger._db.execute(f"EXPLAIN QUERY PLAN {text}", (*columns.values(), 1, b"", 1)).fetchall()
        assert len(plan) == 1 and "USING INDEX orders_by_" in plan[0][3], plan
