"""Companies over HTTP, and a connection, a grant and a request by its name: for the two that it is between."""

from pathlib import Path
from typing import Any

from served import Served, served

from rookery.client.api import Client
from rookery.hub.clock import now
from rookery.journey.network.place import Company
from rookery.units import instant_text
from rookery.web.routes.companies import CompanyQuery
from worlds import place, ride, row, tiny_network


def network() -> Any:
    return tiny_network(
        place("A"), place("B"), ride("one", "A 20:00, B 22:00"),
        [row(Company, company_id="fly", name="Fly", country="BE", roles=("carrier",))],
    )  # fmt: skip


def say(hub: Served, path: str, body: Any, company: str) -> Any:
    got = hub.call("POST", path, body, company=company, key=f"{path}-{company}")
    assert got.status in (200, 201), got.raw
    return got.body


def test_companies_are_listed_and_what_is_between_two_is_read_by_them_alone(tmp_path: Path) -> None:
    with served(network(), tmp_path / "hub.ledger", ("shop", "other", "fly", "network")) as hub:
        with Client(hub.address, hub.keys["shop"]) as shop:
            carriers = shop.list_companies(CompanyQuery(role="carrier", country="BE")).data
            assert ("fly", "Fly", ("carrier",), "active") in [(c.company, c.name, c.roles, c.status) for c in carriers]
            added = {"company": "north", "name": "North Post", "country": "BE", "roles": ["station"]}
            say(hub, "/v1/companies", added, "network")
            say(hub, "/v1/companies/north/suspend", {"why": "unpaid"}, "network")
            (north,) = shop.list_companies(CompanyQuery(role="station")).data
            assert (north.company, north.name, north.status) == ("north", "North Post", "suspended")
            page = shop.list_companies(CompanyQuery(limit=1))
            after = shop.list_companies(CompanyQuery(cursor=page.next_cursor))
            assert page.has_more and page.data[0].company not in [one.company for one in after.data]

            say(hub, "/v1/connections", {"company": "fly", "note": "air"}, "shop")
            say(hub, "/v1/connections/shop/accept", {}, "fly")
            ends = instant_text(now() + 3600)
            grant = say(hub, "/v1/grants", {
                "company": "fly", "kinds": ["order"], "profile": "carrier", "purpose": "care", "expires_at": ends,
                "query": {"country": "BE"},
            }, "shop")["id"]  # fmt: skip
            wish = {"company": "fly", "kind": "help", "body": {"n": 1}, "expires_at": ends}
            asked = say(hub, "/v1/requests", wish, "shop")["id"]
            draft = hub.call("POST", "/v1/requests", wish | {"draft": True}, key="draft").body["id"]
            assert shop.get_connection("fly").status == "active"
            assert shop.get_grant(grant) == shop.list_grants().data[0]
            assert shop.get_request(asked).body == {"n": 1} and shop.get_request(draft).status == "draft"

        def status(company: str, path: str) -> int:
            return hub.call("GET", path, company=company).status

        for company, wanted in (("fly", 200), ("network", 200), ("other", 404)):
            assert status(company, f"/v1/grants/{grant}") == status(company, f"/v1/requests/{asked}") == wanted
            assert status(company, f"/v1/requests/{draft}") == 404
        assert (status("fly", "/v1/connections/shop"), status("other", "/v1/connections/shop")) == (200, 404)
        assert status("shop", f"/v1/grants/{asked}") == status("shop", "/v1/requests/x") == 404


def test_what_the_operator_looks_at_between_two_is_told_to_both(tmp_path: Path) -> None:
    with served(network(), tmp_path / "hub.ledger", ("shop", "fly", "network")) as hub:
        say(hub, "/v1/connections", {"company": "fly"}, "shop")
        say(hub, "/v1/connections/shop/accept", {}, "fly")
        ends = instant_text(now() + 3600)
        grant = say(hub, "/v1/grants", {
            "company": "fly", "kinds": ["order"], "profile": "carrier", "purpose": "care", "expires_at": ends,
            "query": {"country": "BE"},
        }, "shop")["id"]  # fmt: skip
        wish = {"company": "fly", "kind": "help", "body": 1, "expires_at": ends}
        asked = say(hub, "/v1/requests", wish, "shop")["id"]
        own = ("/v1/connections", "/v1/grants", f"/v1/grants/{grant}", "/v1/requests", f"/v1/requests/{asked}")
        for path in own:
            assert [hub.call("GET", path, company=company).status for company in ("shop", "fly")] == [200, 200]
        of_shop = ("/v1/connections?company=shop", "/v1/grants?company=shop", f"/v1/grants/{grant}",
                   "/v1/requests?company=shop", f"/v1/requests/{asked}", "/v1/keys?company=shop")  # fmt: skip
        assert {hub.call("GET", path, company="network").status for path in of_shop} == {200}

        def reads(company: str) -> list[tuple[str, str, str, int]]:
            rows = hub.call("GET", "/v1/reads", company=company).body["data"]
            return [(one["company"], one["kind"], one["filter"], one["count"]) for one in rows]

        assert reads("fly") == [
            ("network", "connection", "company=shop", 1), ("network", "grant", "company=shop", 1),
            ("network", "grant", grant, 1), ("network", "request", "company=shop", 1), ("network", "request", asked, 1),
        ]  # fmt: skip
        assert reads("shop") == [*reads("fly"), ("network", "key", "company=shop", 1)]
