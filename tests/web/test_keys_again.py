"""A key that is made or rotated, and the same request sent again: its id is told, its secret is not."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from served import Served, served
from test_serve import network

from rookery.hub import first_key
from rookery.hub.clock import now
from rookery.hub.open import open_ledger
from rookery.units import instant_text

MADE = {"scopes": ["orders:read"], "note": "desk"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), Path(tmp_path_factory.mktemp("again")) / "hub.ledger", ("shop", "haul")) as one:
        yield one


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_key_that_is_asked_for_again_is_told_without_its_secret(hub: Served, mode: str) -> None:
    wanted = MADE | {"mode": mode, "expires_at": instant_text(now() + 3600)}
    first = hub.call("POST", "/v1/keys", wanted, key=f"k{mode}")
    again = hub.call("POST", "/v1/keys", wanted, key=f"k{mode}")
    assert first.status == 201 and again.status == 200
    assert again.body == {"key": first.body["key"], "replayed": True}
    assert again.headers["cache-control"] == "no-store"
    other = hub.call("POST", "/v1/keys", wanted | {"note": "another"}, key=f"k{mode}")
    assert (other.status, other.body["code"]) == (409, "conflict")
    revoked = hub.call("POST", f"/v1/keys/{again.body['key']}/revoke", {}, key="r") if mode == "live" else again
    assert revoked.status == 200


def test_a_key_that_is_rotated_again_is_told_without_its_secret(hub: Served) -> None:
    old = hub.call("POST", "/v1/keys", MADE, key="old").body["key"]
    wanted = {"until": instant_text(now() + 60)}
    first, again = (hub.call("POST", f"/v1/keys/{old}/rotate", wanted, key="rot") for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert again.body == {"key": first.body["key"], "replayed": True}
    later = hub.call("POST", f"/v1/keys/{old}/rotate", {"until": instant_text(now() + 600)}, key="rot")
    assert later.status == 409
    assert hub.call("POST", "/v1/keys", MADE, key="rot").status == 201, "a key belongs to its route"


def test_a_company_sees_which_of_its_keys_the_operator_has_made(tmp_path: Path) -> None:
    with served(network(), tmp_path / "hub.ledger", ("shop", "network")) as hub:
        own = hub.call("POST", "/v1/keys", MADE, key="own").body["key"]
        theirs = hub.call("POST", "/v1/keys", MADE | {"company": "shop"}, key="k", company="network").body
        until = {"until": instant_text(now() + 600)}
        turned = hub.call("POST", f"/v1/keys/{own}/rotate", until, key="t", company="network").body["key"]
        told = {one["key"]: one.get("made_by", "") for one in hub.call("GET", "/v1/keys").body["data"]}
        assert (told[own], told[theirs["key"]], told[turned]) == ("", "network", "network")
        assert told[hub.keys["shop"].split("_")[1]] == "network", "the first one, by command"
        said = {"grant_type": "client_credentials", "client_id": theirs["key"], "client_secret": theirs["secret"]}
        got = hub.call(
            "POST", "/v1/oauth/token", urlencode(said).encode(), company="",
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert got.status == 200, "whoever has the secret; its key is on the list"


def test_a_key_that_was_refused_is_told_so_when_it_is_asked_for_again(hub: Served) -> None:
    late = MADE | {"expires_at": "2020-01-01T00:00Z"}
    first, again = (hub.call("POST", "/v1/keys", late, key="late") for _ in range(2))
    assert (first.status, again.status) == (422, 409)
    assert "a key was refused" in again.body["detail"] and "use another key" in again.body["detail"]


@pytest.mark.parametrize("by", ["command", "company", "network"])
def test_a_company_that_was_added_in_live_comes_to_test_mode_with_its_first_key(tmp_path: Path, by: str) -> None:
    ledger, asked = tmp_path / "hub.ledger", {"scopes": ["orders:read", "orders:write"], "mode": "test"}
    added = {"company": "tripel", "name": "Tripel", "country": "BE", "roles": ["shipper"]}
    with served(network(), ledger, ("network",)) as hub:
        assert hub.call("POST", "/v1/companies", added, company="network", key="add").status == 200
        if by == "command":
            secrets = [first_key.make_key(network(), ledger, "tripel", (), "test", "") for _ in range(2)]
        else:
            own = first_key.make_key(network(), ledger, "tripel", (), "live", "") if by == "company" else "network"
            body = asked | ({"company": "tripel"} if by == "network" else {})
            made = [hub.call("POST", "/v1/keys", body, company=own, key=f"k{n}") for n in range(2)]
            assert [one.status for one in made] == [201, 201], made[0].raw
            secrets = [one.body["secret"] for one in made]
        for secret in secrets:
            assert secret.startswith("test_") and hub.call("GET", "/v1/orders", company=secret).status == 200
        body = {"scopes": ["orders:read"], "mode": "test", "company": "dubbel"}
        told = hub.call("POST", "/v1/keys", body, company="network", key="none")
        assert told.body["refusals"][0]["code"] == "unknown"
        with pytest.raises(first_key.KeyFault, match="dubbel"):
            first_key.make_key(network(), ledger, "dubbel", (), "test", "")
    kept = open_ledger(first_key.test_ledger(ledger))
    (row,) = kept.list_rows("company")
    kept.close()
    assert (row.company_id, row.name, row.country, row.roles) == ("tripel", "Tripel", "BE", ("shipper",)) and row.added
