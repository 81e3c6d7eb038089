"""Orders placed, and where they are filled from: as tables of orders and what becomes of them."""

import datetime as dt

import pytest

from rookery.journey.account import Use
from rookery.journey.desk import Policy
from rookery.journey.network.place import OpeningHours
from rookery.journey.network.plant import BoundSite, WarehouseCapacity
from rookery.journey.network.rows import Clock, Days, Micro
from rookery.journey.network.whole import Network
from rookery.journey.option import Sourced
from rookery.journey.order import Asked, CancelOrder, Line, Order, OrderRefused, Reference
from rookery.journey.room import Room
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.steps import CloseRound
from talk import Book, asked, place_order
from worlds import at, depot, door, empty_state, place, places, ride, row, tiny_network

NEAR = [places("AB"), door("delivery", "A"), door("delivery", "B", price="3", zone_id="dear")]


def placed(network: Network, *orders: Asked, now: str = "Mon 10:00") -> list[str]:
    return place_order(network, *orders, now=now).outcomes()


# --- which warehouse


def test_an_order_from_stock_is_shipped_by_the_cheapest_warehouse_that_lists_it() -> None:
    network = tiny_network(NEAR, depot("A", skus="x"), depot("B", skus="x y"))
    assert placed(network, asked("1", sku="x"), asked("2", sku="y")) == [
        "1 from A on 2026-11-23: 1 by delivery.A Mon 11:00; 1.00",
        "2 from B on 2026-11-23: 1 by dear Mon 11:00; 3.00",
    ]


def test_handling_charges_count_when_warehouses_are_compared() -> None:
    network = tiny_network(
        NEAR, depot("A", skus="x", per_order=Micro(1_500_000), per_unit=Micro(1_000_000)), depot("B", skus="x")
    )
    assert placed(network, asked("1", sku="x"), asked("2", sku="x", quantity=2))[1].startswith("2 from B")
    assert (
        placed(network, asked("1", sku="x"))[0].endswith("; 3.00")
        and "from B" not in placed(network, asked("1", sku="x"))[0][:3]
    )


def test_of_equally_dear_warehouses_the_earlier_ships_and_then_the_first_by_name() -> None:
    same = [places("AB"), door("delivery", "A", takes_min=60), door("delivery", "B", takes_min=50)]
    assert placed(tiny_network(same, depot("A", skus="x"), depot("B", skus="x")), asked(sku="x"))[0].startswith(
        "1 from B"
    )
    even = [places("AB"), door("delivery", "A"), door("delivery", "B")]
    assert placed(tiny_network(even, depot("A", skus="x"), depot("B", skus="x")), asked(sku="x"))[0].startswith(
        "1 from A"
    )


def test_one_warehouse_must_list_every_line() -> None:
    network = tiny_network(NEAR, depot("A", skus="x"), depot("B", skus="x y"))
    both = (Line("x", 1), Line("y", 1))
    assert placed(network, asked("1", lines=both)) == ["1 from B on 2026-11-23: 1 by dear Mon 11:00; 3.00"]
    apart = tiny_network(NEAR, depot("A", skus="x"), depot("B", skus="y"))
    assert placed(apart, asked("1", lines=both)) == [
        "1 refused not_stocked: sku x, y: wanted a warehouse that lists it; found none; "
        "list it in eligibility.csv, or split the order"
    ]


def test_an_order_from_nowhere_in_particular_needs_a_sku() -> None:
    assert placed(tiny_network(NEAR, depot("A", skus="x")), asked("1"))[0].startswith(
        "1 refused not_stocked: sku none named"
    )


def test_a_bound_warehouse_serves_its_customers_only_and_they_may_go_elsewhere() -> None:
    bound = row(BoundSite, facility_id="A", customer_id="ann")
    network = tiny_network(NEAR, depot("A", skus="x", per_day=1), depot("B", skus="x"), bound)
    orders = [
        asked(f"{n}", sku="x", buyer=buyer, ship_by=at("Mon 23:00"))
        for n, buyer in enumerate(("bob", "ann", "", "ann"))
    ]
    assert [line.split(" ")[2] for line in placed(network, *orders)] == ["B", "A", "B", "B"]


def test_without_a_buyer_the_owner_is_the_buyer() -> None:
    bound = row(BoundSite, facility_id="A", customer_id="shop")
    assert placed(tiny_network(NEAR, depot("A", skus="x"), bound), asked("1", sku="x"))[0].startswith("1 from A")


def test_what_a_round_set_aside_is_gone_for_the_rest_of_it() -> None:
    room, use, limits = Room(empty_state()), Use("warehouse:A/2026-11-23", {"orders": 2}), {"orders": 5}
    assert room.find_lack(use, limits) is None
    room.set_aside((use, use))
    assert room.left(use.resource, "orders") == 1
    lack, twin = room.find_lack(use, limits), room.copy()
    assert lack is not None and lack.binding == use.resource
    twin.set_aside((Use(use.resource, {"orders": 1}),))
    assert (twin.left(use.resource, "orders"), room.left(use.resource, "orders")) == (0, 1), "a copy is its own"


def test_a_buyer_bound_out_everywhere_is_told_so() -> None:
    bound = row(BoundSite, facility_id="A", customer_id="ann")
    network = tiny_network(NEAR, depot("A", skus="x"), bound)
    assert "found shop" in placed(network, asked("1", sku="x"))[0]
    book = place_order(network, asked("1", sku="x", buyer="bob"))
    assert book.outcomes()[0].startswith("1 refused bound: warehouse A: wanted a buyer that it is bound to; found bob")
    assert book.state[Order].get(book.told(OrderRefused)[0].order_id).binding == "bound_sites A"


# --- stock


def test_stock_is_used_up_owner_by_owner() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", stock="shop/x 3, other/x 1"))
    book = place_order(network, *(asked(f"{n}", sku="x", quantity=2) for n in range(2)))
    assert [line.split(" ")[1] for line in book.outcomes()] == ["from", "refused"]
    assert book.outcomes()[1] == (
        "1 refused short: stock:A/shop/x: wanted 2 units; found 1 of 3 left; ask for another day"
    )
    assert book.told(OrderRefused)[0].reasons[0].binding == "stock:A/shop/x"


def test_an_owner_without_a_row_has_nothing_where_others_goods_are_counted() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", stock="other/x 9"))
    assert "found 0 of 0 left" in placed(network, asked("1", sku="x"))[0]


def test_a_sku_without_any_row_of_stock_is_not_limited() -> None:
    assert placed(tiny_network(NEAR, depot("A", skus="x")), asked("1", sku="x", quantity=10**9))[0].startswith(
        "1 from A"
    )


def test_lines_of_one_sku_add_up() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", stock="shop/x 3"))
    assert "wanted 4 units" in placed(network, asked("1", lines=(Line("x", 2), Line("x", 2))))[0]


# --- days


def test_what_does_not_fit_a_day_rolls_to_the_next_open_day() -> None:
    network = tiny_network(
        place("A", days="weekdays", hours="08:00 18:00"), door("delivery", "A"), depot("A", skus="x", per_day=2),
    )  # fmt: skip
    orders = [asked(f"{n}", sku="x", ordered="Thu 10:00") for n in range(5)]
    assert placed(network, *orders, now="Thu 10:00") == [
        "0 from A on 2026-11-26: 1 by delivery.A Thu 11:00; 1.00",
        "1 from A on 2026-11-26: 1 by delivery.A Thu 11:00; 1.00",
        "2 from A on 2026-11-27: 1 by delivery.A Fri 09:00; 1.00",
        "3 from A on 2026-11-27: 1 by delivery.A Fri 09:00; 1.00",
        "4 from A on 2026-11-30: 1 by delivery.A 2026-11-30 09:00; 1.00",
    ]


def test_a_dated_capacity_stands_for_its_day_alone() -> None:
    closed = row(WarehouseCapacity, facility_id="A", date=dt.date(2026, 11, 23), dimension="orders", amount=0)
    network = tiny_network(NEAR, depot("A", skus="x", per_day=5), closed)
    assert placed(network, asked("1", sku="x"))[0].startswith("1 from A on 2026-11-24")


@pytest.mark.parametrize(("dimension", "takes"), [("pieces", 3), ("grams", 1000), ("units", 4)])
@pytest.mark.parametrize("fits", [True, False])
def test_a_day_may_be_limited_in_pieces_grams_or_units(dimension: str, takes: int, *, fits: bool) -> None:
    cap = row(WarehouseCapacity, facility_id="A", dimension=dimension, amount=takes if fits else takes - 1)
    network = tiny_network(NEAR, depot("A", skus="x"), cap)
    book = place_order(network, asked("1", sku="x", quantity=4, pieces=3))
    assert [order.status for order in book.state[Order]] == ["booked" if fits else "refused"]


def test_an_order_after_the_latest_time_ships_on_the_next_open_day() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", order_by=Clock(14 * 60)))
    texts = [
        placed(network, asked("1", sku="x", ordered=t), now=t)[0].split(" on ")[1][:10]
        for t in ("Mon 14:00", "Mon 14:01")
    ]
    assert texts == ["2026-11-23", "2026-11-24"]


def test_an_order_heard_late_ships_from_now_on() -> None:
    """Ordered on Monday, heard on Thursday: nothing leaves in the past, from stock or from a door."""
    rows = [NEAR, door("pickup", "B"), ride("BA", "B 20:00, A 22:00"), depot("A", skus="x", per_day=1)]
    orders = asked("1", sku="x"), asked("2", sku="x"), asked("3", origin="BE 1000", to="A")
    assert [line.split(": ")[0] for line in placed(tiny_network(rows), *orders, now="Thu 10:00")[:2]] == [
        "1 from A on 2026-11-26", "2 from A on 2026-11-27",
    ]  # fmt: skip
    book = place_order(tiny_network(rows), orders[2], now="Thu 10:00")
    assert book.outcomes() == ["3 from BE 1000: 1 by pickup.B BA Thu 22:00; 1.00"]
    assert book.told(Sourced)[0].parts[0].plan.legs[0].departs_at == at("Thu 10:00")


def test_an_order_that_must_ship_by_an_instant_is_not_rolled_beyond_it() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", per_day=1), depot("B", skus="x", per_day=1))
    orders = [asked(f"{n}", sku="x", ship_by=at("Mon 23:00")) for n in range(3)]
    book = place_order(network, *orders)
    assert [line.split(" ")[2] for line in book.outcomes()] == ["A", "B", "short:"]
    reasons = book.told(OrderRefused)[0].reasons
    assert [reason.binding for reason in reasons] == ["warehouse:A/2026-11-23", "warehouse:B/2026-11-23"]


def test_an_order_that_no_open_day_can_ship_in_time_is_too_late() -> None:
    network = tiny_network(place("A", days="weekdays"), door("delivery", "A"), depot("A", skus="x"))
    assert placed(network, asked("1", sku="x", ordered="Sat 10:00", ship_by=at("Sun 10:00")), now="Sat 10:00") == [
        "1 refused too_late: warehouse A: wanted an open day by 2026-11-29T09:00Z; found none; allow more time"
    ]


# --- pieces that travel together, or apart


LITTLE_ROOM = [places("AB"), ride("AB", "A 20:00, B 22:00", carries="pieces 3")]


def test_pieces_that_may_travel_apart_are_split_over_departures() -> None:
    book = place_order(tiny_network(LITTLE_ROOM), asked("1", origin="A", to="B", pieces=5, together="may"))
    assert book.outcomes() == ["1 from A: 2 by AB Mon 22:00, 2 by AB Tue 22:00, 1 by AB Mon 22:00; 0.00"]
    assert [row.pieces for row in book.state[Shipment]] == [2, 2, 1]
    assert len(list(book.state[Parcel])) == 5
    assert [row.grams_booked for row in book.state[Parcel]] == [200] * 5


def test_pieces_that_must_travel_together_are_refused() -> None:
    (line,) = placed(tiny_network(LITTLE_ROOM), asked("1", origin="A", to="B", pieces=5))
    assert line.startswith("1 refused short: departure:AB/2026-11-23/1: wanted 5 pieces; found 3 of 3 left")


def test_pieces_that_fit_together_are_not_split() -> None:
    (line,) = placed(tiny_network(LITTLE_ROOM), asked("1", origin="A", to="B", pieces=3, together="may"))
    assert line == "1 from A: 3 by AB Mon 22:00; 0.00"


# --- together or one by one


def test_orders_one_by_one_take_what_a_round_leaves_to_those_who_need_it() -> None:
    """Two warehouses with room for one order each: the first could use either, the second only the cheap one."""
    network = tiny_network(NEAR, depot("A", skus="x y", per_day=1), depot("B", skus="x", per_day=1))
    orders = [asked("either", sku="x", ship_by=at("Mon 23:00")), asked("only", sku="y", ship_by=at("Mon 23:00"))]
    assert [line.split(" ")[2] for line in placed(network, *orders)] == ["A", "short:"]
    book = Book(network)
    for one in orders:
        book.place(one, in_round=True)
    assert book.outcomes() == ["either waiting", "only waiting"]
    book.ask(CloseRound())
    assert [line.split(" ")[2] for line in book.outcomes()] == ["B", "A"]


def test_a_round_without_orders_does_nothing() -> None:
    book = Book(tiny_network(NEAR))
    assert book.ask(CloseRound()) is None and book.facts == []


def test_a_round_of_many_days_uses_the_fewest_days() -> None:
    network = tiny_network(NEAR, depot("A", skus="x y", per_day=2), depot("B", skus="x", per_day=2))
    book = Book(network)
    for number, sku in enumerate("xxxxxyyy"):
        book.place(asked(f"{number}", sku=sku), in_round=True)
    book.ask(CloseRound())
    days = [line.split(" on ")[1][:10] for line in book.outcomes()]
    assert sorted(days) == ["2026-11-23"] * 4 + ["2026-11-24"] * 4


def test_a_round_decides_again_what_a_message_decided_alone() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", per_day=3))
    alone = placed(network, *(asked(f"{n}", sku="x") for n in range(3)))
    book = Book(network)
    for number in range(3):
        book.place(asked(f"{number}", sku="x"), in_round=True)
    book.ask(CloseRound())
    assert book.outcomes() == alone


# --- references, returns, cancellations


def test_a_reference_counts_once_per_owner_even_after_a_refusal() -> None:
    book = Book(tiny_network(NEAR))
    assert book.place(asked("1")) is None and book.outcomes()[0].startswith("1 refused")
    refusal = book.place(asked("1", origin="A"))
    assert str(refusal) == (
        "duplicate: order 1: wanted a new reference; found one that shop has used; give it another reference"
    )


def test_a_return_names_the_order_it_comes_from() -> None:
    book = place_order(tiny_network(NEAR), asked("1", origin="A"), asked("2", origin="BE 4000", to="A", return_of="1"))
    assert book.state[Reference].find("order:shop:2") is not None
    lost = place_order(tiny_network(NEAR), asked("2", origin="A", return_of="1"))
    assert "wanted a order to return of the network; found '1'" in lost.outcomes()[0]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"product_id": "gold"}, "product"), ({"goods_class": "gold"}, "goods class"), ({"to": "Z"}, "facility"),
        ({"origin": "Z"}, "facility"), ({"to": "ZZ 1"}, "country"),
    ],
)  # fmt: skip
def test_what_the_network_does_not_know_is_refused_by_name(fields: dict[str, str], what: str) -> None:
    book = place_order(tiny_network(NEAR), asked("1", **({"origin": "A"} | fields)))
    assert book.outcomes()[0].startswith(f"1 refused unknown: order 1: wanted a {what} of the network")
    assert book.told(OrderRefused)[0].reasons[0].binding.startswith(what)


def test_a_cancelled_order_gives_everything_back_to_the_next() -> None:
    network = tiny_network(NEAR, depot("A", skus="x", stock="shop/x 1"))
    book = place_order(network, asked("1", sku="x"), asked("2", sku="x"))
    assert book.ask(CancelOrder("shop", "1")) is None
    book.place(asked("3", sku="x"))
    assert [line[:9] for line in book.outcomes()] == ["1 cancell", "2 refused", "3 from A "]


@pytest.mark.parametrize(("reference", "code"), [("9", "unknown"), ("2", "closed"), ("1", "closed")])
def test_what_is_not_there_or_over_cannot_be_cancelled(reference: str, code: str) -> None:
    book = place_order(tiny_network(NEAR), asked("1", origin="A"), asked("2"))
    book.ask(CancelOrder("shop", "1"))
    refusal = book.ask(CancelOrder("shop", reference))
    assert refusal is not None and refusal.code == code


def test_a_waiting_order_may_be_cancelled_and_its_round_passes_it_over() -> None:
    book = Book(tiny_network(NEAR))
    book.place(asked("1", origin="A"), in_round=True)
    book.ask(CancelOrder("shop", "1"))
    book.ask(CloseRound())
    assert book.outcomes() == ["1 cancelled"] and book.told(Sourced) == []


def test_a_plan_that_cannot_be_held_refuses_its_order_and_leaves_nothing() -> None:
    book = place_order(tiny_network(LITTLE_ROOM), asked("1", origin="A", to="B"), policy=Policy(hold_s=0))
    assert book.outcomes() == ["1 refused too_late: hold: wanted an expiry after now; found 0 s"]
    assert list(book.state[Parcel]) == [] and list(book.state[Shipment]) == []


def test_a_warehouse_ships_within_the_hours_of_that_weekday() -> None:
    mondays = row(OpeningHours, facility_id="A", days=Days("1000000"), opens=Clock(780), closes=Clock(840))
    network = tiny_network(place("A", hours="08:00 18:00"), mondays, door("delivery", "A"), depot("A", skus="x"))
    assert placed(network, asked("1", sku="x"))[0] == "1 from A on 2026-11-23: 1 by delivery.A Mon 14:00; 1.00"
