"""A ledger on a server: what its URL says, what is wrong told without its password, and a connection that is lost."""

from pathlib import Path

import psycopg
import pytest

from days import little_network
from rookery.hub.open import open_demo_hub, open_hub, open_ledger, open_replica
from rookery.hub.replica import Replica
from rookery.ledger.log import LedgerFault, read_name
from rookery.ledger.url import read_url
from stores import CLERK, WORD, url
from talk import dump, hear, order_message

NETWORK = little_network()
pytestmark = [pytest.mark.sqlite, pytest.mark.postgres]  # each names its ledgers itself


def sql(server: Path, *texts: str) -> None:
    with psycopg.connect(host=str(server), user="rookery", dbname="postgres", autocommit=True) as db:
        for text in texts:
            db.execute(text)


def test_a_url_names_server_and_schema_and_never_shows_its_password() -> None:
    name = read_url("postgresql://me:s%40cret@db.example:5433/logistics?schema=of_me&sslmode=require")
    assert str(name) == "postgresql://me@db.example:5433/logistics?schema=of_me"
    assert dict(name.options)["password"] == "s@cret" and "s@cret" not in repr(name)
    assert read_url("postgres://db.example").schema == "rookery"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("postgresql://me:secret@h:port/d", "another form"),
        ("postgresql://me:secret@h/d?scheme=a", "found 'scheme'"),
        ("postgresql://me:secret@h/d?schema=A%22;", "small letters"),
    ],
)
def test_a_url_that_cannot_be_read_is_told_without_its_password(text: str, why: str) -> None:
    with pytest.raises(LedgerFault, match=why) as caught:
        read_name(text)
    assert "secret" not in str(caught.value)


def test_the_same_messages_make_the_same_ledger_in_a_file_and_on_a_server(tmp_path: Path, server: Path) -> None:
    said = [order_message(f"{n}", from_facility="A") for n in range(6)]
    file, there = open_hub(NETWORK, tmp_path / "a.ledger"), open_hub(NETWORK, url(server, "same"))
    assert hear(file, *said) == hear(there, *said)
    assert dump(file.ledger) == dump(there.ledger)


def test_what_cannot_be_opened_says_so_without_a_password(server: Path) -> None:
    sql(server, f"CREATE USER {CLERK} PASSWORD '{WORD}'", "CREATE SCHEMA other", "CREATE TABLE other.diary (day TEXT)")
    open_hub(NETWORK, url(server, "old")).ledger.set_meta({"format": "99"})
    wrong = {
        url(server / "none", "a"): "wanted a connection to the server",
        url(server, "a", user=CLERK, password="guess"): "password authentication failed",
        url(server, "none"): "found no such schema; make one with `rookery run`",
        url(server, "other"): "found something else",
        url(server, "old"): "found 99",
    }
    for name, why in wrong.items():
        with pytest.raises(LedgerFault, match=why) as caught:
            open_ledger(name)
        assert "guess" not in f"{caught.value!r} {caught.value.__cause__}"
    with pytest.raises(LedgerFault, match="permission denied"):
        open_hub(NETWORK, url(server, "mine", user=CLERK, password=WORD.replace(" ", "%20")))
    with pytest.raises(LedgerFault, match="wanted a file, which the next demonstration may replace"):
        open_demo_hub(NETWORK, read_url(url(server, "a")))


def test_a_hub_whose_connection_is_lost_goes_on_with_the_next_group(server: Path) -> None:
    hub = open_hub(NETWORK, url(server, "lost"))
    hear(hub, order_message("1", from_facility="A"))

    def cut_off() -> object:
        yield order_message("2", from_facility="A")
        sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rookery'")
        yield order_message("3", from_facility="A")

    with pytest.raises(LedgerFault, match="see to the server, then run again"):
        list(hub.receive(cut_off(), group_ms=1e9))  # type: ignore[arg-type]
    answers = hear(hub, *(order_message(f"{n}", from_facility="A") for n in (1, 2, 3)))
    assert [answer.seen for answer in answers] == [True, False, False]


def test_who_reads_along_never_goes_on_over_another_connection(server: Path) -> None:
    hub = open_hub(NETWORK, url(server, "along"))
    replica = open_replica(NETWORK, url(server, "along"))

    def asked(one: Replica) -> None:
        one.ledger.find_row("account", "x")
        sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rookery'")
        one.ledger.find_row("account", "x")

    with pytest.raises(LedgerFault, match="wanted to read"):
        replica.ask(asked)
    hear(hub, order_message("1", from_facility="A"))
    assert replica.ask(lambda one: one.ledger.last_fact()) == hub.ledger.last_fact()


def test_a_message_with_nul_in_it_is_rejected_on_both(tmp_path: Path, server: Path) -> None:
    for name in (tmp_path / "a.ledger", url(server, "nul")):
        hub = open_hub(NETWORK, name)
        answers = hear(hub, order_message("1\0", from_facility="A"), order_message("2", from_facility="A"))
        assert [answer.outcome for answer in answers] == ["rejected", "done"]
        assert [key for _, key, _, _ in hub.ledger.list_dead_letters()] == ["o1\ufffd"]
