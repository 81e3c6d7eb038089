"""The client against the table of routes, and against a hub: what it sends, what it reads, when it sends again."""

import inspect
import re
import tomllib
import typing
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from method_text import method_text
from served import Served, served
from test_serve import network

from rookery.client.api import Client
from rookery.client.calls import HubFault, HubProblem
from rookery.hub.clock import now
from rookery.partners.orders.read import OrderText
from rookery.partners.scans.read import Event, Events
from rookery.partners.space.read import UseText, WishText
from rookery.units import instant_text
from rookery.web.every import load_routes
from rookery.web.routes.network import FacilityQuery
from rookery.web.routes.orders import OrderBatch
from rookery.web.routes.quotes import QuoteWish
from rookery.web.routes.spaces import Why
from rookery.web.table import EVENTS, HTML, JSON, Nothing, Route

CALLED = [
    route for route in load_routes()
    if route.reads == JSON and next(iter(route.answers.values())) not in (EVENTS, HTML)
]  # fmt: skip
ORDER = OrderText("A-1", "shop", "2026-11-28T09:00+01:00", "std", from_facility="A", to_facility="B", weight_g=1000)


def client(answer: Any, **options: Any) -> tuple[Client, list[httpx.Request], list[float]]:
    """A client that is answered by a function; what it has sent, and how long it has slept."""
    asked: list[httpx.Request] = []
    slept: list[float] = []

    def told(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answer(len(asked))
        if isinstance(found, Exception):
            raise found
        return typing.cast(httpx.Response, found)

    http = httpx.Client(transport=httpx.MockTransport(told))
    return Client("http://hub", "live_a_b", http=http, sleep=slept.append, **options), asked, slept


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    doc = {"type": "t", "title": "t", "status": status, "code": code, "detail": "d", "source": "client",
           "retryable": False, "request_id": "r"}  # fmt: skip
    return httpx.Response(status, json=doc, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_who_installs_it_has_its_types_checked() -> None:
    assert files("rookery").joinpath("py.typed").is_file()
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["src/rookery"] and not wheel.keys() & {"exclude", "include", "only-include"}


@pytest.mark.parametrize("route", CALLED, ids=lambda route: str(route.name))
def test_every_route_is_a_method_of_its_name_with_its_structs(route: Route) -> None:
    found = getattr(Client, route.name, None)
    assert found is not None, f"wanted in src/rookery/client/api.py:\n\n{method_text(route)}"
    hints, kind = typing.get_type_hints(found), next(iter(route.answers.values()))
    wanted = {"return": str if isinstance(kind, str) else Any if kind is dict else kind or type(None)}
    wanted |= dict.fromkeys(re.findall(r"\{(\w+)\}", route.path), str)
    wanted |= {"body": route.body} if route.body is not None else {}
    wanted |= {"query": route.query | None} if route.query is not Nothing else {}
    wanted |= {"key": str} if route.needs_key else {}
    assert hints == wanted, f"wanted in src/rookery/client/api.py:\n\n{method_text(route)}"


@pytest.mark.parametrize("route", CALLED, ids=lambda route: str(route.name))
def test_every_method_sends_what_its_route_is_asked_by(route: Route) -> None:
    caller, asked, _ = client(lambda _: problem(404, "not_found"))
    names = re.findall(r"\{(\w+)\}", route.path)
    words = dict.fromkeys(names, "a/b ?") | ({"body": Why()} if route.body is not None else {})
    with pytest.raises(HubProblem):
        getattr(caller, route.name)(**words)
    (request,) = asked
    path = re.sub(r"\{\w+\}", "a%2Fb%20%3F", route.path)
    assert (request.method, request.url.raw_path.decode()) == (route.method, path)
    assert ("idempotency-key" in request.headers) == route.needs_key
    assert (request.headers.get("content-type") == "application/json") == (route.body is not None)


def test_the_client_has_no_other_methods() -> None:
    names = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert names - {"close"} == {route.name for route in CALLED}


def test_what_may_be_sent_again_is_under_the_same_key_after_the_time_that_was_told() -> None:
    done = httpx.Response(201, json={"status": "booked", "id": "ord_1", "reference": "A-1"})
    steps: list[Any] = [
        problem(429, "too_many", retry_after="3"), problem(503, "unavailable", retry_after="2"),
        httpx.ReadError("cut off"), done,
    ]  # fmt: skip
    caller, asked, slept = client(lambda count: steps[count - 1])
    assert caller.place_order(ORDER).id == "ord_1"
    assert len({request.headers["idempotency-key"] for request in asked}) == 1 and len(asked) == 4
    assert len({request.content for request in asked}) == 1
    assert slept[:2] == [3, 2] and slept[2] < 2


def test_what_cannot_be_done_is_not_sent_again_and_tells_why() -> None:
    caller, asked, slept = client(lambda _: problem(409, "conflict"))
    with pytest.raises(HubProblem, match="409 conflict: d") as found:
        caller.place_order(ORDER, key="mine")
    assert found.value.doc.code == "conflict" and asked[0].headers["idempotency-key"] == "mine"
    assert len(asked) == 1 and not slept


def test_patience_ends() -> None:
    caller, asked, _ = client(lambda _: problem(503, "unavailable", retry_after="99"), patience_s=5)
    with pytest.raises(HubProblem, match="unavailable"):
        caller.place_order(ORDER)
    assert len(asked) == 1
    caller, asked, _ = client(lambda _: httpx.ReadError("cut off"), patience_s=5)
    with pytest.raises(HubFault, match="cut off"):
        caller.make_quote(QuoteWish("A", "B", 1))
    assert len(asked) == 1, "without a key nobody knows whether it was done"


@pytest.mark.parametrize(
    "reply", [httpx.Response(502, text="<html>bad gateway"), httpx.Response(200, text="<html>"), httpx.Response(500)]
)
def test_what_is_no_answer_of_a_hub_is_told_as_such(reply: httpx.Response) -> None:
    caller, _, _ = client(lambda _: reply)
    with pytest.raises(HubFault, match="wanted") as found:
        caller.ready()
    assert not isinstance(found.value, HubProblem)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("hub") / "hub.ledger", ("shop", "haul")) as one:
        yield one


def test_a_hub_is_called_by_its_methods(hub: Served) -> None:
    order = msgspec.structs.replace(ORDER, ordered_at=instant_text(now()))
    with Client(hub.address, hub.keys["shop"]) as shop, Client(hub.address, hub.keys["haul"]) as haul:
        assert shop.health().status == "ok" and shop.ready().hubs == {"live": True, "test": True}
        assert "rookery_ready" in shop.metrics() and shop.openapi()["openapi"] == "3.1.0"
        assert shop.network().network == "tiny" and shop.facility("A").facility == "A"
        page = shop.facilities(FacilityQuery(limit=1))
        assert [one.facility for one in page.data] == ["A"] and page.has_more
        quoted = shop.make_quote(QuoteWish("A", "B", 1000))
        assert quoted.journeys and quoted.currency == "EUR"
        first, again = (shop.place_order(order, key="k") for _ in range(2))
        assert first.status in ("booked", "refused") and again == msgspec.structs.replace(first, replayed=True)
        batch = shop.place_orders(OrderBatch([msgspec.structs.replace(order, reference="A-2", pieces=0), order]))
        assert [one.index for one in batch.rejected] == [0, 1], "pieces; and a reference that is used"
        with pytest.raises(HubProblem) as found:
            shop.hold_space(WishText((UseText("departure:night/2026-11-23/1", {"grams": 1}),)))
        assert found.value.doc.status in (400, 422) and found.value.doc.detail
        taken = haul.send_events(Events((Event("nobody", "EMC", "2026-11-23T10:00+01:00", "A"),)))
        assert taken.accepted == 0 and taken.rejected[0].number == "nobody"
        with pytest.raises(HubProblem, match="403 forbidden"):
            shop.send_events(Events(()))
