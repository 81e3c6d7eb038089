"""Words that have the right shape and are as long as they may be: a store takes them, and nobody else is stopped."""

from pathlib import Path
from typing import Any

import pytest
from served import served
from test_serve import network, order

from rookery.partners.port import LETTERS_MAX, NOTE_LETTERS_MAX


@pytest.mark.usefixtures("database")
def test_the_longest_words_are_stored_and_longer_ones_are_told(tmp_path: Path) -> None:
    long = "".join(chr(0x4E00 + 7 * n) for n in range(LETTERS_MAX))
    note = "".join(chr(0x4E00 + 5 * n % 20_000) for n in range(NOTE_LETTERS_MAX))
    with served(network(), tmp_path / "hub.ledger", ("shop", "haul")) as hub:
        names = ("seller", "buyer", "payer", "importer", "from_city", "to_city")
        got = hub.call("POST", "/v1/orders", order(long, **dict.fromkeys(names, long)), key="long")
        assert got.status == 201, got.body
        told: Any = hub.call("POST", "/v1/orders", order(long + "x"), key="longer").body
        assert told["errors"][0]["pointer"] == "/reference" and "200" in told["errors"][0]["message"]
        event = {"number": long, "code": long, "at": "2026-11-23T10:00+01:00", "place": long, "note": note}
        assert hub.call("POST", "/v1/events", {"events": [event]}, key="e", company="haul").status == 200
        assert hub.call("POST", "/v1/orders/cancel", {"reference": long}, key="c").status == 200
        assert hub.call("POST", "/v1/orders", order("next"), key="next").status == 201
        assert not hub.serving.modes["live"].worker.figures.reopened
