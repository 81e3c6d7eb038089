"""Scans in any order, twice, for parcels and for the bags they are in; delivery, attempts and the way back.

Each story is a list of scans such as `Mon 12:00 delivered`; parcels are told as one line.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from rookery.journey.deliver import AttemptFailed, Delivered, ReturnStarted
from rookery.journey.desk import Policy
from rookery.journey.involved import involve
from rookery.journey.network.place import ReturnLane
from rookery.journey.order import CancelOrder, Order
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.track import MILESTONES, TERMINAL, Scan, Scanned
from rookery.journey.unit import Pack, Unpack
from rookery.journey.waybill import WaybillsIssued
from talk import Book, asked
from worlds import at, place, places, ride, row, tiny_network, when

NETWORK = tiny_network(
    places("AB"), place("S", "ES", "Europe/Madrid"), ride("AB", "A 20:00, B 22:00"),
    row(ReturnLane, from_country="BE", to_country="ES", facility_id="A", disposal="destroy"),
    row(ReturnLane, from_country="*", to_country="BE", facility_id="B", disposal="resell"),
)  # fmt: skip


def booked(pieces: int = 1, policy: Policy | None = None) -> tuple[Book, list[str]]:
    """A book with an order from A to B, and the numbers of its parcels."""
    book = Book(NETWORK, policy=policy)
    book.place(asked("1", origin="A", to="B", pieces=pieces))
    book.desk = replace(book.desk, now=at("Fri 10:00"))  # scans come late, and in any order
    return book, [number for one in book.told(WaybillsIssued) for number in one.numbers]


def scan(number: str, text: str, **fields: object) -> Scan:
    """`Mon 12:00 delivered at B`."""
    moment, _, rest = text.partition(" ")[2].partition(" ")
    status, _, where = rest.partition(" at ")
    day = text.split(" ")[0]
    told = {"raw_code": status[:3].upper(), "place": where or "B", "by": "haul"}
    return Scan(**({"number": number, "status": status, "happened_at": at(f"{day} {moment}")} | told | fields))  # type: ignore[arg-type]


def parcel_text(parcel: Parcel) -> str:
    delivered = f", delivered {when(parcel.delivered_at)}" if parcel.delivered_at else ""
    tries = f", {parcel.attempts} attempts" if parcel.attempts else ""
    return f"{parcel.status} {parcel.milestone} at {parcel.last_place} {when(parcel.last_at)}{delivered}{tries}"


def after(*scans: str, policy: Policy | None = None) -> str:
    book, (number,) = booked(policy=policy)
    for text in scans:
        book.ask(scan(number, text))
    (parcel,) = book.state[Parcel]
    return parcel_text(parcel)


# --- one parcel


@pytest.mark.parametrize(
    ("scans", "wanted"),
    [
        ([], "registered 0 at  1970-01-01 01:00"),
        (["Mon 12:00 picked_up at A"], "picked_up 1 at A Mon 12:00"),
        (["Mon 12:00 picked_up", "Mon 22:00 in_transit"], "in_transit 2 at B Mon 22:00"),
        (["Mon 22:00 in_transit", "Mon 12:00 picked_up at A"], "in_transit 2 at B Mon 22:00"),
        (["Mon 12:00 picked_up", "Mon 13:00 on_hold at A"], "on_hold 1 at A Mon 13:00"),
        (["Mon 12:00 picked_up", "Mon 13:00 unknown at A"], "picked_up 1 at A Mon 13:00"),
        (["Tue 09:00 delivered"], "delivered 5 at B Tue 09:00, delivered Tue 09:00"),
        (["Tue 09:00 delivered", "Mon 22:00 in_transit at A"], "delivered 5 at B Tue 09:00, delivered Tue 09:00"),
        (["Tue 09:00 delivered", "Tue 10:00 returning"], "returning 5 at B Tue 10:00, delivered Tue 09:00"),
        (["Tue 10:00 in_transit", "Tue 09:00 delivered"], "in_transit 5 at B Tue 10:00, delivered Tue 09:00"),
        (["Tue 09:00 lost", "Wed 09:00 in_transit"], "in_transit 2 at B Wed 09:00"),
        (["Tue 09:00 delivery_failed"], "delivery_failed 3 at B Tue 09:00, 1 attempts"),
        (
            ["Tue 09:00 delivery_failed", "Wed 09:00 delivered"],
            "delivered 5 at B Wed 09:00, delivered Wed 09:00, 1 attempts",
        ),
        (
            ["Wed 09:00 delivered", "Tue 09:00 delivery_failed"],
            "delivered 5 at B Wed 09:00, delivered Wed 09:00",
        ),
    ],
)
def test_scans_become_what_is_known_of_a_parcel(scans: list[str], wanted: str) -> None:
    assert after(*scans) == wanted


def test_law_the_same_scan_counts_once() -> None:
    once, often = (after(*["Tue 09:00 delivery_failed"] * n) for n in (1, 5))
    assert once == often


def test_every_status_has_its_milestone_and_terminal_ones_stop_tracking() -> None:
    for status in MILESTONES:
        book, (number,) = booked()
        book.ask(scan(number, f"Mon 12:00 {status}"))
        (parcel,) = book.state[Parcel]
        assert parcel.status == status
        assert parcel.tracking_state == ("stopped" if status in TERMINAL else "active")


def test_a_scan_of_a_number_that_nobody_knows_is_refused() -> None:
    book, _ = booked()
    wanted = "unknown: number nobody: wanted a parcel that haul carries or keeps; found none; check the number"
    assert str(book.ask(scan("nobody", "Mon 12:00 delivered"))) == wanted


def test_who_has_nothing_to_do_with_a_parcel_says_nothing_of_it_and_does_not_learn_that_it_is_there() -> None:
    book, (number,) = booked()
    stranger, unknown = (book.ask(scan(one, "Mon 12:00 delivered", by="other")) for one in (number, "nobody"))
    assert str(stranger) == str(unknown).replace("nobody", number)
    assert str(stranger).startswith(
        f"unknown: number {number}: wanted a parcel that other carries or keeps; found none"
    )
    (parcel,) = book.state[Parcel]
    assert parcel.status == "registered"
    assert book.ask(scan(number, "Mon 12:00 picked_up", by="network")) is None, "the network's operator may"


def test_who_runs_a_place_on_the_way_and_who_was_granted_an_order_may_say_where_it_is() -> None:
    kept = tiny_network(
        places("A"), msgspec.structs.replace(place("B"), company_id="depot"), ride("AB", "A 20:00, B 22:00")
    )
    book = Book(kept)
    book.place(asked("1", origin="A", to="B"))
    book.desk = replace(book.desk, now=at("Fri 10:00"))
    (number,) = [number for one in book.told(WaybillsIssued) for number in one.numbers]
    assert book.ask(scan(number, "Mon 22:00 in_transit", by="depot")) is None
    (order,) = book.state[Order]
    assert book.ask(scan(number, "Mon 23:00 customs", by="broker")) is not None
    involve(book.state, "broker", "granted", order.order_id)
    assert book.ask(scan(number, "Mon 23:00 customs", by="broker")) is None


def test_what_is_packed_is_ones_own_and_a_unit_of_others_is_theirs() -> None:
    book, numbers = booked(pieces=2)
    theirs = Pack("bag", "bag", (numbers[0],), at("Mon 12:00"), "other")
    assert getattr(book.ask(theirs), "code", "") == "unknown"
    assert book.ask(pack("bag", numbers[0])) is None
    assert getattr(book.ask(Pack("bag", "bag", (), at("Mon 12:00"), "other")), "code", "") == "closed"
    assert getattr(book.ask(Unpack("bag", at("Mon 12:00"), "other")), "code", "") == "unknown"
    assert book.ask(scan("bag", "Mon 13:00 delivered", by="other")) is None, "nothing of it is theirs"
    assert {parcel.status for parcel in book.state[Parcel]} == {"registered"}
    assert book.ask(Unpack("bag", at("Mon 14:00"), "haul")) is None


def test_weight_and_size_as_measured_stand_beside_those_booked() -> None:
    book, (number,) = booked()
    book.ask(scan(number, "Mon 12:00 picked_up", grams=1234, cm3=5678))
    book.ask(scan(number, "Mon 13:00 in_transit"))
    (parcel,) = book.state[Parcel]
    assert (parcel.grams_booked, parcel.grams_measured, parcel.cm3_measured) == (1000, 1234, 5678)


def test_a_delay_is_told_in_minutes_against_the_promise_and_never_as_a_status() -> None:
    book, (number,) = booked()
    (shipment,) = book.state[Shipment]
    late = Scan(number, "in_transit", "EMB", shipment.latest + 90 * 60, "B", "haul")
    book.ask(late)
    (parcel,) = book.state[Parcel]
    assert (parcel.status, parcel.delay_min) == ("in_transit", 90)


def test_a_late_delivery_tells_its_minutes_and_an_early_one_none() -> None:
    for minutes, wanted in ((-5, 0), (0, 0), (61, 61)):
        book, (number,) = booked()
        (shipment,) = book.state[Shipment]
        book.ask(Scan(number, "delivered", "EMI", shipment.latest + minutes * 60, "B", "haul", proof="Ann"))
        (told,) = book.told(Delivered)
        assert (told.late_min, told.proof) == (wanted, "Ann")


def test_a_shipment_counts_its_delivered_parcels_once_each() -> None:
    book, numbers = booked(pieces=3)
    for number in (numbers[0], numbers[2], numbers[0]):
        book.ask(scan(number, "Tue 09:00 delivered"))
    book.ask(scan(numbers[0], "Tue 10:00 delivered"))
    (shipment,) = book.state[Shipment]
    assert (shipment.delivered, shipment.pieces) == (2, 3)


def test_the_parcels_of_a_cancelled_order_are_cancelled_with_it() -> None:
    book, _ = booked(pieces=3)
    assert book.ask(CancelOrder("shop", "1")) is None
    assert [(row.status, row.tracking_state) for row in book.state[Parcel]] == [("cancelled", "stopped")] * 3


def test_an_order_on_its_way_cannot_be_cancelled_any_more() -> None:
    book, (number,) = booked()
    book.ask(scan(number, "Mon 12:00 picked_up"))
    refusal = book.ask(CancelOrder("shop", "1"))
    assert refusal is not None and refusal.found == "its parcels are on their way"
    assert [order.status for order in book.state[Order]] == ["booked"]


def test_of_two_deliveries_the_earlier_counts_and_counts_once() -> None:
    book, (number,) = booked()
    for text in ("Tue 10:00 delivered", "Tue 09:00 delivered", "Tue 11:00 delivered"):
        book.ask(scan(number, text))
    (shipment,) = book.state[Shipment]
    (parcel,) = book.state[Parcel]
    assert (shipment.delivered, when(parcel.delivered_at)) == (1, "Tue 09:00")


# --- attempts and the way back


def test_after_the_last_attempt_a_parcel_goes_back_by_the_row_of_its_lane() -> None:
    book, (number,) = booked()
    for day in ("Tue", "Wed", "Thu", "Fri"):
        book.ask(scan(number, f"{day} 09:00 delivery_failed at S", reason_code="consignee_absent"))
    assert [(one.attempt, one.reason_code) for one in book.told(AttemptFailed)] == [
        (n, "consignee_absent") for n in (1, 2, 3, 4)
    ]
    assert [(one.facility_id, one.disposal) for one in book.told(ReturnStarted)] == [("A", "destroy")]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [("S", ("A", "destroy")), ("A", ("B", "resell")), ("nowhere", ("", "return_to_sender"))],
)
def test_the_way_back_depends_on_where_the_parcel_is(where: str, wanted: tuple[str, str]) -> None:
    book, (number,) = booked(policy=Policy(attempts_max=1))
    book.ask(scan(number, f"Tue 09:00 delivery_failed at {where}"))
    assert [(one.facility_id, one.disposal) for one in book.told(ReturnStarted)] == [wanted]
    (parcel,) = book.state[Parcel]
    assert (parcel.status, parcel.milestone) == ("returning", 4)


def test_law_a_late_attempt_never_takes_a_returned_parcel_back() -> None:
    assert after("Fri 09:00 returned", "Tue 09:00 delivery_failed", policy=Policy(attempts_max=1)) == (
        "returned 5 at B Fri 09:00, 1 attempts"
    )


# --- any order


STATUSES = [status for status in MILESTONES if status not in ("registered", "cancelled")]


def stories(seed: int, count: int = 4) -> list[str]:
    rng = random.Random(seed)
    clocks = rng.sample(range(10, 20), count)
    return [f"Tue {clock}:00 {rng.choice(STATUSES)} at {rng.choice('AB')}" for clock in clocks]


def known(*orders: tuple[str, ...]) -> Iterator[Parcel]:
    """A parcel after its scans, for each order in which they are heard."""
    book, (number,) = booked(policy=Policy(attempts_max=99))
    for scans in orders:
        with book.state.trial():
            for text in scans:
                book.ask(scan(number, text))
            (parcel,) = book.state[Parcel]
        yield parcel


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_law_milestone_and_last_place_do_not_depend_on_the_order_in_which_scans_are_heard(first: int) -> None:
    for seed in range(first, first + 20):
        scans = stories(seed)
        found = {
            (parcel.milestone, parcel.last_at, parcel.last_place, bool(parcel.delivered_at))
            for parcel in known(*itertools.permutations(scans))
        }
        furthest = max(MILESTONES[text.split(" ")[2]] for text in scans)
        newest = max(scans, key=lambda text: text.split(" ")[1])
        wanted = (furthest, at(newest[:9]), newest[-1], any("delivered" in text for text in scans))
        assert found == {wanted}, f"seed {seed}: {scans}"


def test_law_status_and_delivery_do_not_depend_on_the_order_in_which_scans_are_heard() -> None:
    """As long as attempts do not end in a return, which is a decision of the moment."""
    for seed in range(60):
        scans = stories(seed)
        found = {(parcel.status, parcel.delivered_at) for parcel in known(*itertools.permutations(scans))}
        assert len(found) == 1, f"seed {seed}: {scans}"


def test_law_status_is_that_of_the_newest_scan_whose_code_is_known() -> None:
    for seed in range(60):
        scans = sorted(stories(seed))
        told = [text.split(" ")[2] for text in scans]
        wanted = next((status for status in reversed(told) if status != "unknown"), "unknown")
        assert [parcel.status for parcel in known(tuple(scans))] == [wanted], f"seed {seed}: {scans}"


# --- bags


def pack(unit: str, *contents: str, moment: str = "Mon 12:00", kind: str = "bag") -> Pack:
    return Pack(unit, kind, contents, at(moment), "network")  # type: ignore[arg-type]


def reached(book: Book, numbers: list[str]) -> str:
    """Which of the parcels were seen, by their letters."""
    ids = {one.parcel_id for one in book.told(Scanned)}
    by_number = {row.waybill: row.parcel_id for row in book.state[Parcel]}
    return "".join(letter for letter, number in zip("abc", numbers, strict=False) if by_number[number] in ids)


def test_a_bags_scan_reaches_the_parcels_inside_however_deep() -> None:
    book, numbers = booked(pieces=3)
    for ask in (
        pack("bag", *numbers[:2]),
        pack("pallet", "bag", kind="pallet"),
        scan("pallet", "Mon 13:00 in_transit"),
    ):
        assert book.ask(ask) is None
    assert reached(book, numbers) == "ab"
    assert {one.unit for one in book.told(Scanned)} == {"pallet"}


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [("Mon 11:59", ""), ("Mon 12:00", "ab"), ("Mon 13:59", "ab"), ("Mon 14:00", ""), ("Mon 15:00", "c")],
)
def test_a_bags_scan_reaches_what_was_inside_at_that_time_whenever_it_is_heard(moment: str, wanted: str) -> None:
    book, numbers = booked(pieces=3)
    for ask in (
        pack("bag", *numbers[:2]), Unpack("bag", at("Mon 14:00"), "network"),
        pack("bag", numbers[2], moment="Mon 15:00"),
        scan("bag", f"{moment} in_transit"),
    ):  # fmt: skip
        assert book.ask(ask) is None
    assert reached(book, numbers) == wanted


def test_a_bags_scan_heard_again_reaches_only_those_that_it_had_missed() -> None:
    book, numbers = booked(pieces=2)
    book.ask(pack("bag", numbers[0]))
    book.ask(scan("bag", "Mon 16:00 in_transit"))
    book.ask(pack("bag", numbers[1], moment="Mon 15:00"))
    book.ask(scan("bag", "Mon 16:00 in_transit"))
    assert len(book.told(Scanned)) == 2 and reached(book, numbers) == "ab"


def test_a_thing_is_in_one_unit_at_a_time() -> None:
    book, (number,) = booked()
    book.ask(pack("bag1", number))
    refusal = book.ask(pack("bag2", number))
    assert refusal is not None and (refusal.code, refusal.found) == ("closed", "it is in bag1")
    book.ask(Unpack("bag1", at("Mon 13:00"), "network"))
    assert book.ask(pack("bag2", number, moment="Mon 14:00")) is None


def test_what_nobody_knows_cannot_be_packed_and_an_empty_unit_not_emptied() -> None:
    book, _ = booked()
    for ask in (pack("bag", "nobody"), Unpack("bag", at("Mon 13:00"), "network")):
        refusal = book.ask(ask)
        assert refusal is not None and refusal.code == "unknown"


def test_law_nothing_is_ever_inside_itself() -> None:
    book, (number,) = booked()
    refusal = book.ask(pack("bag", "bag"))
    assert refusal is not None, "a unit that does not exist, and would hold itself"
    for ask in (pack("u1", number), pack("u2", "u1"), pack("u3", "u2")):
        assert book.ask(ask) is None
    for ask in (pack("u1", "u3"), pack("u1", "u1"), pack("u2", "u3")):
        refusal = book.ask(ask)
        assert refusal is not None and refusal.code in ("cycle", "closed"), ask


def test_law_nothing_is_inside_itself_even_in_a_tall_stack() -> None:
    book, (number,) = booked()
    inside = number
    for height in range(20):
        refusal = book.ask(pack(f"u{height}", inside))
        if refusal is not None:
            break
        inside = f"u{height}"
    refusal = book.ask(pack("u0", inside))
    assert refusal is not None and refusal.code in ("cycle", "too_deep")
    assert book.ask(scan(inside, "Mon 13:00 in_transit")) is None
    assert reached(book, [number]) == "a"


def test_a_thing_named_twice_is_packed_once() -> None:
    book, (number,) = booked()
    book.ask(pack("bag", number, number))
    book.ask(scan("bag", "Mon 13:00 in_transit"))
    assert len(book.told(Scanned)) == 1
    assert book.ask(Unpack("bag", at("Mon 14:00"), "network")) is None
    assert book.ask(pack("bag2", number, moment="Mon 15:00")) is None


def test_a_unit_cannot_have_the_number_of_a_parcel() -> None:
    book, numbers = booked(pieces=2)
    refusal = book.ask(pack(numbers[0], numbers[1]))
    assert refusal is not None and refusal.code == "closed"
