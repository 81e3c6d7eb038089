"""A served hub whose ledger's file is moved away from under it, and put back."""

from pathlib import Path

import pytest
from served import served, until_ready
from test_serve import network, order

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("idle", [True, False])
def test_nothing_is_accepted_into_a_file_that_nobody_would_find(tmp_path: Path, *, idle: bool) -> None:
    ledger, away = tmp_path / "hub.ledger", tmp_path / "away.ledger"
    with served(network(), ledger, ("shop",)) as hub:
        assert hub.call("POST", "/v1/orders", order("1"), key="1").status == 201
        ledger.rename(away)
        if idle:
            until_ready(hub, 503)
        told = order("2")
        assert hub.call("POST", "/v1/orders", told, key="2").status == 503
        until_ready(hub, 503)
        assert not ledger.exists(), "and none is made in its place"
        away.rename(ledger)
        until_ready(hub, 200)
        assert hub.call("POST", "/v1/orders", told, key="2").status == 201
        assert len(hub.call("GET", "/v1/orders").body["data"]) == 2
