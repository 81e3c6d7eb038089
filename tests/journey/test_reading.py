"""Who may read what: the rules one by one, and no more than they give on random days.

A 20:00 to B by `haul`, to C by `fly`, to D by `van`, to the door in Spain by `haul` again.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest

from rookery.hub.callers import rows_of_state
from rookery.journey.company import CompanyRestored, CompanySuspended, RestoreCompany, SuspendCompany
from rookery.journey.connection import ChangeConnection, ConnectionChanged, Invite, Invited
from rookery.journey.grant import GrantEnded, GrantMade, MakeGrant, Query, RevokeGrant
from rookery.journey.network.place import Company
from rookery.journey.network.whole import Network
from rookery.journey.order import CancelOrder, Line, Order
from rookery.journey.profiles import (
    CARRIED,
    FIELDS,
    GRANTED_AS,
    NEXT_HOP,
    PROFILES,
    ROWS,
    GrantKind,
    ObjectKind,
    ProfileName,
)
from rookery.journey.reading import Card, find_order, find_parcel, find_shipment, may_read, show
from rookery.journey.shipment import Shipment
from talk import Book, asked, folded_book
from worlds import at, door, place, places, ride, row, tiny_network

START = at("Mon 10:00")
COMPANIES = ("shop", "other", "haul", "fly", "van", "idle")


def network() -> Network:
    companies = [row(Company, company_id=name, name=name, country="BE", roles=()) for name in ("fly", "van", "idle")]
    return tiny_network(
        companies, places("A B C"), place("D", "ES"), door("delivery", "D", "ES"),
        ride("one", "A 20:00, B 22:00"), ride("two", "B 23:00, C 01:00+1", company_id="fly"),
        ride("three", "C 02:00, D 20:00", company_id="van"),
    )  # fmt: skip


NETWORK = network()


def book(*references: str) -> Book:
    one = Book(NETWORK)
    for reference in references:
        assert one.place(asked(reference, to="ES 28001", origin="A", pieces=2, sku="x")) is None
    assert all(order.status == "booked" for order in one.state[Order]), one.outcomes()
    return one


def the_order(book: Book) -> Card:
    (order,) = book.state[Order]
    card = find_order(order.order_id, rows_of_state(book.state))
    assert card is not None
    return card


def told(book: Book, caller: str, card: Card | None = None, now: int = START) -> dict[str, Any] | None:
    return show(caller, card or the_order(book), rows_of_state(book.state), now)


def connect(book: Book, one: str, other: str) -> None:
    assert book.ask(Invite(book.desk.new_id(), one, other)) is None
    assert book.ask(ChangeConnection(other, one, "accept")) is None


def grant(book: Book, company: str, profile: ProfileName, *kinds: GrantKind, **fields: Any) -> MakeGrant:
    until = fields.pop("until", START + 1000)
    ask = MakeGrant(
        book.desk.new_id(), fields.pop("by", "shop"), company, kinds, profile, "care", until, **fields
    )  # fmt: skip
    assert book.ask(ask) is None
    return ask


# --- the table


def test_every_field_of_a_profile_is_a_field_of_its_kind_of_object() -> None:
    assert set(PROFILES) == set(get_args(ProfileName)) and set(ROWS) == set(GRANTED_AS) == set(get_args(ObjectKind))
    for profile in (*PROFILES.values(), CARRIED, {"leg": NEXT_HOP}):
        for kind, fields in profile.items():
            assert fields and fields <= FIELDS[kind], f"{kind}: {sorted(fields - FIELDS[kind])}"  # type: ignore[index]


def test_no_profile_shows_what_the_owner_pays_the_carriers_or_how_space_was_found() -> None:
    for profile in (*PROFILES.values(), CARRIED):
        for fields in profile.values():
            assert not {one for one in fields if "cost" in one or "charge" in one or "resource" in one}
    assert not {one for one in NEXT_HOP if "charge" in one}


# --- rule by rule


def test_an_owner_and_the_network_see_all_of_it_and_strangers_nothing() -> None:
    one = book("1")
    own = told(one, "shop")
    assert own == told(one, "network") and own is not None
    assert set(own) >= {"reference", "destination", "lines", "shipments", "parcels", "parties"}
    (shipment,) = own["shipments"]
    (way,) = shipment["itinerary"]
    assert [leg["operator"] for leg in way["legs"]] == ["haul", "fly", "van", "haul"]
    assert way["legs"][0]["resources"] is not None and len(own["parcels"]) == 2
    for stranger in ("idle", "other", "nobody", ""):
        assert told(one, stranger) is None


def legs_seen(book: Book, caller: str) -> list[tuple[str, bool]]:
    """From where each leg goes that a company sees, and whether it sees all of the leg."""
    (shipment,) = book.state[Shipment]
    card = find_shipment(shipment.shipment_id, rows_of_state(book.state))
    seen = told(book, caller, card)
    assert seen is not None
    return [(leg["origin"], "resources" in leg) for leg in seen["itinerary"][0]["legs"]]


def test_the_operator_of_a_leg_sees_its_own_hop_and_the_two_beside_it() -> None:
    one = book("1")
    assert legs_seen(one, "fly") == [("A", False), ("B", True), ("C", False)]
    assert legs_seen(one, "van") == [("B", False), ("C", True), ("D", False)]
    assert legs_seen(one, "haul") == [("A", True), ("B", False), ("C", False), ("D", True)]


def test_the_operator_of_a_leg_sees_nothing_of_order_and_owner() -> None:
    one = book("1")
    assert told(one, "fly") is None, "the order itself"
    (shipment,) = one.state[Shipment]
    card = find_shipment(shipment.shipment_id, rows_of_state(one.state))
    seen = told(one, "fly", card)
    assert seen is not None and "shop" not in str(seen)
    assert {name for name in seen if name not in ("itinerary", "parcels")} == {"shipment_id", "pieces"}
    assert all(set(parcel) == CARRIED["parcel"] for parcel in seen["parcels"])


def test_who_carries_nothing_any_more_reads_nothing_any_more() -> None:
    one = book("1")
    parcel = one.state[Order].get(the_order(one).subject.order_id).parcels[0]
    find = rows_of_state(one.state)
    card = find_parcel(parcel, find)
    assert card is not None and told(one, "fly", card)
    assert one.ask(CancelOrder("shop", "1")) is None
    card = find_parcel(parcel, find)
    assert card is not None and told(one, "fly", card) is None and told(one, "shop", card)


def test_a_grant_shows_the_fields_of_its_profile_of_its_kinds_and_ends_at_once() -> None:
    one = book("1")
    connect(one, "other", "shop")
    made = grant(one, "other", "consignee", "order", "parcel", object_id=the_order(one).subject.order_id)
    seen = told(one, "other")
    assert seen is not None
    assert set(seen) == {"order_id", "reference", "status", "pieces", "lines", "parcels"}
    assert seen["lines"] == [{"sku": "x", "quantity": 1}] and "grams_booked" not in seen["parcels"][0]
    assert told(one, "other", now=made.expires_at) is None, "its time has come, whether or not the hub has noticed"
    assert told(one, "idle") is None
    assert one.ask(RevokeGrant("shop", made.grant_id)) is None
    assert told(one, "other") is None


def test_grants_add_up_and_a_grant_on_a_parcel_shows_neither_its_order_nor_the_next_parcel() -> None:
    one = book("1")
    connect(one, "other", "shop")
    first, second = one.state[Order].get(the_order(one).subject.order_id).parcels
    grant(one, "other", "customs", "parcel", "order", object_id=first)
    find = rows_of_state(one.state)
    cards = {name: find_parcel(name, find) for name in (first, second)}
    assert told(one, "other") is None and told(one, "other", cards[second]) is None
    seen = told(one, "other", cards[first])
    assert seen is not None and set(seen) == PROFILES["customs"]["parcel"]
    grant(one, "other", "consignee", "parcel", query=Query("ES"))
    seen = told(one, "other", cards[first])
    assert seen is not None and set(seen) == PROFILES["customs"]["parcel"] | PROFILES["consignee"]["parcel"]
    assert cards[first] is not None
    profile = may_read("other", cards[first].subject, find, START)
    assert profile is not None and profile.rules == ("grant care",)


def test_a_query_means_what_it_says() -> None:
    one = book("1")
    connect(one, "other", "shop")
    for query in (Query("FR"), Query("ES", "express"), Query(product_id="express")):
        grant(one, "other", "merchant", "order", query=query)
        assert told(one, "other") is None, query
    grant(one, "other", "merchant", "order", query=Query("ES", "std"))
    assert told(one, "other") is not None


@pytest.mark.parametrize("ends", ["suspend", "revoke", "company", "owner"])
def test_without_an_active_connection_between_companies_that_take_part_a_grant_shows_nothing(ends: str) -> None:
    one = book("1")
    connect(one, "other", "shop")
    grant(one, "other", "merchant", "order", query=Query())
    assert told(one, "other") is not None
    if ends in ("suspend", "revoke"):
        assert one.ask(ChangeConnection("other", "shop", ends)) is None  # type: ignore[arg-type]
    else:
        assert one.ask(SuspendCompany("shop" if ends == "owner" else "other")) is None
    assert told(one, "other") is None
    if ends == "revoke":
        connect(one, "shop", "other")
        assert told(one, "other") is None, "a new connection does not wake up old grants"
    elif ends == "suspend":
        assert one.ask(ChangeConnection("other", "shop", "resume")) is None
        assert told(one, "other") is not None


# --- random days


class Day:
    """Random companies, connections, grants, revocations and times over a few orders."""

    def __init__(self, seed: int):
        self.rng, self.book = random.Random(seed), Book(NETWORK)
        self.suspended = set[str]()
        for number in range(3):
            owner = self.rng.choice(("shop", "other"))
            lines = (Line("x", hs_code="61"), Line("y"))
            to, pieces = self.rng.choice(("ES 28001", "C")), self.rng.randint(1, 2)
            order = asked(str(number), to=to, origin="A", pieces=pieces, lines=lines)
            order = replace_parties(order, owner)
            assert self.book.place(order) is None
        for owner in ("shop", "other"):
            for company in ("fly", "idle"):
                connect(self.book, owner, company)

    def step(self) -> None:
        rng, one = self.rng, self.book
        one.desk = replace(one.desk, now=one.desk.now + rng.choice((0, 0, 1, 60, 600)))
        by, company = rng.choice(("shop", "other")), rng.choice(("fly", "idle", "van"))
        if rng.random() < 0.4:
            by, company = company, by
        kind = rng.choices(range(7), (3, 5, 9, 3, 1.5, 0.1, 0.7))[0]
        if kind == 0:
            one.ask(Invite(one.desk.new_id(), by, company))
        elif kind == 1:
            words = ("accept", "suspend", "resume", "revoke")
            one.ask(ChangeConnection(by, company, rng.choices(words, (9, 2, 6, 1))[0]))  # type: ignore[arg-type]
        elif kind == 2:
            self.grant(by, company)
        elif kind == 3:
            grants = [fact for fact in one.facts if isinstance(fact, GrantMade)]
            if grants:
                made = rng.choice(grants)
                one.ask(RevokeGrant(made.by, made.grant_id))
        elif kind == 4:
            one.ask(SuspendCompany(company) if rng.random() < 0.4 else RestoreCompany(company))
        elif kind == 5:
            one.ask(CancelOrder(by, rng.choice("012")))
        else:  # they part, and come together again
            one.ask(ChangeConnection(by, company, "revoke"))
            one.ask(Invite(one.desk.new_id(), by, company))
            one.ask(ChangeConnection(company, by, "accept"))

    def grant(self, by: str, company: str) -> None:
        rng, one = self.rng, self.book
        by, company = rng.choice(((by, company), (company, by)))
        order = rng.choice([row for row in one.state[Order] if row.owner == by] or list(one.state[Order]))
        shipments = [row.shipment_id for row in one.state[Shipment] if row.order_id == order.order_id]
        ids = rng.choice([b"", order.order_id, *shipments, *order.parcels])
        query = Query(rng.choice(("", "ES", "BE")), rng.choice(("", "std", "express")))
        kinds = tuple(rng.sample(get_args(GrantKind), rng.randint(1, 4)))
        profile, until = rng.choice(get_args(ProfileName)), one.desk.now + rng.choice((1, 900, 90_000))
        one.ask(
            MakeGrant(
                one.desk.new_id(), by, company, kinds, profile, "care", until, ids, Query() if ids else query
            )
        )  # fmt: skip


def replace_parties(order: Any, owner: str) -> Any:
    parties = type(order.parties)(owner)
    return type(order)(
        **{name: getattr(order, name) for name in order.__struct_fields__} | {"parties": parties}
    )  # fmt: skip


def given_by_hand(book: Book, caller: str, card: Card, now: int) -> set[str]:
    """The fields of an object that the rules give, said plainly and from all that ever happened."""
    subject, kind = card.subject, card.subject.kind
    if caller == "network":
        return set(FIELDS[kind])
    out_of_it = set[str]()
    for fact in book.facts:
        if isinstance(fact, CompanySuspended):
            out_of_it.add(fact.company_id)
        elif isinstance(fact, CompanyRestored):
            out_of_it.remove(fact.company_id)
    if caller in out_of_it:
        return set()
    if caller == subject.owner:
        return set(FIELDS[kind])
    fields = set[str]()
    for at_, operator in enumerate(subject.operators):
        if operator == caller and kind in ("shipment", "parcel", "itinerary"):
            fields |= CARRIED[kind]
        elif operator == caller and kind == "leg":
            fields |= FIELDS["leg"] if at_ == subject.leg else set()
            fields |= NEXT_HOP if abs(at_ - subject.leg) == 1 else set()
    if subject.owner not in out_of_it:
        fields |= granted_by_hand(book, caller, card, now)
    return fields


def granted_by_hand(book: Book, caller: str, card: Card, now: int) -> set[str]:
    subject, fields = card.subject, set[str]()
    pair, current, state = {caller, subject.owner}, b"", ""
    for fact in book.facts:
        if isinstance(fact, Invited) and {fact.by, fact.company} == pair:
            current, state = fact.connection_id, "invited"
        elif isinstance(fact, ConnectionChanged) and fact.connection_id == current:
            state = fact.state
    if state != "active":
        return fields
    ended = {fact.grant_id for fact in book.facts if isinstance(fact, GrantEnded)}
    for made in [fact for fact in book.facts if isinstance(fact, GrantMade)]:
        about = [id_ for id_ in (subject.order_id, subject.shipment_id, subject.parcel_id) if id_]
        by_query = made.query.country in ("", subject.country) and made.query.product_id in ("", subject.product_id)
        if (
            (made.by, made.company) == (subject.owner, caller)
            and made.connection_id == current
            and made.grant_id not in ended
            and now < made.expires_at
            and (made.object_id in about if made.object_id else by_query)
            and {"line": "order", "leg": "itinerary"}.get(subject.kind, subject.kind) in made.kinds
        ):
            fields |= PROFILES[made.profile].get(subject.kind, frozenset())
    return fields


def flat(told: dict[str, Any], inside: set[str], path: str = "") -> Iterator[str]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from flat(value, inside, f"{path}{name}.")
        elif path or name not in inside:
            yield f"{path}{name}"


def check_card(book: Book, caller: str, card: Card, seen: dict[str, Any] | None, now: int) -> int:
    """Compare what is shown with what is given, down to the last object; returns how many fields were."""
    given = given_by_hand(book, caller, card, now)
    assert (seen is None) == (not given), (caller, card.subject)
    if seen is None:
        return 0
    inside = dict(card.inside)
    fields = set(flat(seen, set(inside)))
    everything = show("network", card, rows_of_state(book.state), now)
    assert everything is not None
    assert fields == given & set(flat(everything, set(inside))), (caller, card.subject, fields ^ given)
    count = len(fields)
    for name, cards in inside.items():
        shown = [show(caller, one, rows_of_state(book.state), now) for one in cards]
        assert seen.get(name, []) == [one for one in shown if one is not None]
        count += sum(check_card(book, caller, one, two, now) for one, two in zip(cards, shown, strict=True))
    return count


def cards_of(book: Book) -> Iterator[Card]:
    find = rows_of_state(book.state)
    for order in book.state[Order]:
        cards = [find_order(order.order_id, find), *(find_parcel(one, find) for one in order.parcels)]
        cards += [
            find_shipment(row.shipment_id, find) for row in book.state[Shipment] if row.order_id == order.order_id
        ]
        yield from (card for card in cards if card is not None)


@pytest.mark.parametrize("seed", range(16))
def test_law_nobody_reads_what_no_rule_gives(seed: int) -> None:
    day, granted = Day(seed), 0
    for _ in range(80):
        day.step()
        now = day.book.desk.now + day.rng.choice((0, 0, 200, 20_000))  # a reader's clock runs on while nothing is said
        for card in cards_of(day.book):
            for caller in (*COMPANIES, "network", "nobody"):
                seen = show(caller, card, rows_of_state(day.book.state), now)
                count = check_card(day.book, caller, card, seen, now)
                granted += count if caller not in ("network", card.subject.owner) else 0
    assert granted and folded_book(day.book)
