"""Files that a command must never lose, and rows that come in any order."""

from tests.cli.typed import Folder, tea


def test_a_demonstration_never_replaces_a_file_that_no_demonstration_made(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    said = here("demo", "--orders", "2", "--ledger", "rookery.ledger", status=2)
    assert "wanted one that a demonstration made" in said.err
    assert here("track", "1").out.startswith("order 1 of teahouse")


def test_results_never_go_over_the_orders_or_the_ledger(here: Folder) -> None:
    orders = here.orders(tea("1"))
    words = (here.path / orders).read_text(encoding="utf-8")
    for name in (orders, "rookery.ledger.csv"):
        (here.path / "rookery.ledger.csv").mkdir(exist_ok=True)
        said = here.run(orders, "--results", name, status=2)
        assert "results" in said.err and "name another" in said.err
    assert (here.path / orders).read_text(encoding="utf-8") == words
    assert not (here.path / "rookery.ledger").exists()


def test_rows_may_come_in_any_order(here: Folder) -> None:
    here.run(here.orders(tea("late", day=5), tea("early", day=2)), "--results", "results.csv")
    assert [row["order_reference"] for row in here.results()] == ["early", "late"]
    assert "2026-11-02T01:00Z  ordered" in here("track", "early").out


def test_an_order_from_after_the_timetable_is_a_bad_row(here: Folder) -> None:
    said = here.run(here.orders(tea("1").replace("2026-11-02", "2036-11-02")), status=2)
    assert "orders.csv line 2: ordered_at: wanted a time before the network's timetable ends" in said.err


def test_a_ledger_of_another_network_is_told_before_any_row(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    said = here("run", "--orders", here.orders("nonsense"), status=2)
    assert "name the network it was made with" in said.err and "line" not in said.err
