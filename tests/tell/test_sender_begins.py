"""Senders that begin together on a new database."""

import threading
from pathlib import Path
from random import Random

import pytest

from rookery.hub.open import open_hub
from rookery.ledger.beside import open_database
from rookery.ledger.url import read_url
from rookery.tell.journal import backlog
from rookery.tell.store import Store
from stores import url
from worlds import places, ride, tiny_network


@pytest.mark.postgres
def test_senders_that_begin_at_once_on_a_new_schema_all_find_its_tables(server: Path) -> None:
    network = tiny_network(places("A B"), ride("one", "A 20:00, B 22:00"))
    for round_ in range(5):
        name = read_url(url(server, f"begun_{round_}"))
        open_hub(network, name).ledger.close()
        together, broken = threading.Barrier(6), list[BaseException]()

        def begin(name=name, together=together, broken=broken) -> None:  # type: ignore[no-untyped-def]
            db = open_database(name)
            together.wait()
            try:
                assert backlog(Store(db, "one", Random(1))).open == 0
            except Exception as fault:  # noqa: BLE001 - whatever it is, the test tells it
                broken.append(fault)
            db.close()

        threads = [threading.Thread(target=begin) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not broken, broken
