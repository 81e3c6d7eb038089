"""Cases in which a decision once broke or chose worse than it could: each stands here so that it stays mended."""

from tests.talk import Book, asked, place_order
from tests.worlds import at, depot, door, place, places, ride, tiny_network

from rookery.journey.option import Sourced
from rookery.journey.steps import CloseRound


def test_an_order_to_where_it_is_already_is_refused_when_its_time_is_over() -> None:
    network = tiny_network(places("A B"), ride("AB", "A 20:00, B 22:00"))
    book = place_order(network, asked(origin="A", to="A", wanted_to=at("Mon 09:00")))
    (line,) = book.outcomes()
    assert line.startswith("1 refused too_late") and "without any leg" in line


def test_a_hopeless_order_does_not_keep_its_round_from_closing() -> None:
    network = tiny_network(places("A B"), ride("AB", "A 20:00, B 22:00"))
    book = Book(network)
    book.place(asked("1", origin="A", to="A", wanted_to=at("Mon 09:00")), in_round=True)
    book.place(asked("2", origin="A", to="B"), in_round=True)
    assert book.ask(CloseRound()) is None
    assert [one.order_id for one in book.told(Sourced)] and len(book.outcomes()) == 2


def test_a_round_keeps_its_first_choice_where_pooled_days_would_serve_fewer() -> None:
    network = tiny_network(places("A B"), ride("AB", "A 20:00, B 22:00", carries="pieces 4"))
    book = Book(network)
    for reference, pieces in (("1", 3), ("2", 2), ("3", 2)):
        book.place(asked(reference, origin="A", to="B", pieces=pieces, wanted_to=at("Mon 23:00")), in_round=True)
    book.ask(CloseRound())
    assert len(book.told(Sourced)) == 2


def test_goods_dropped_off_while_a_facility_is_closed_wait_until_it_opens() -> None:
    network = tiny_network(place("A", hours="08:00 17:00"), places("B"), ride("AB", "A 21:00, B 23:00"))
    book = place_order(network, asked(origin="A", to="B"), now="Mon 19:00")
    (sourced,) = book.told(Sourced)
    assert sourced.parts[0].plan.legs[0].departs_at == at("Tue 21:00")


def test_a_warehouse_that_has_closed_ships_on_its_next_day() -> None:
    network = tiny_network(place("A", hours="08:00 17:00"), door("delivery", "A"), depot("A", skus="x"))
    book = place_order(network, asked(sku="x"), now="Mon 19:00")
    assert [one.ships_on for one in book.told(Sourced)] == ["2026-11-24"]
