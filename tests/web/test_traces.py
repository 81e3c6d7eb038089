"""Traces as a collector hears them: requests, decisions and notices, and what is in none of them."""

import importlib
import time
from pathlib import Path
from typing import Any

import pytest
from collector import Collector, collecting
from opentelemetry.trace import SpanKind
from served import served
from test_serve import COMPANIES, network, order
from test_webhooks_served import LOOPBACK, Receiver, receiver, wait

from rookery.spans import span
from rookery.web import traces
from rookery.web.routes import network as network_routes
from rookery.web.traces import TraceFault, traced, wanted_exporter

__all__ = ["receiver"]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The SDK reads the process's own variables."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial")
    return monkeypatch


def run_day(ledger: Path, told: Receiver, environment: pytest.MonkeyPatch, collector: Collector) -> list[str]:
    """An order is placed, one cannot be read, a space is refused, a notice is sent. Returns the keys."""
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    with (
        traced({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) as tracer,
        served(network(), ledger, COMPANIES, guard=LOOPBACK, tracer=tracer) as hub,
    ):
        parent = f"00-{TRACE}-{PARENT}-01"
        assert hub.call("POST", "/v1/orders", order("T-1"), key="T-1", traceparent=parent).status == 201
        assert hub.call("POST", "/v1/orders", b"{", key="T-2", traceparent="00-ffff").status == 400
        much = {"uses": [{"resource": "departure:night/2026-12-23/1", "amounts": {"grams": 10**12}}]}
        assert hub.call("POST", "/v1/spaces", much, key="S-1").status == 422
        assert hub.call("POST", "/v1/quotes", {"origin": "A", "destination": "B", "weight_g": 1}).status == 200
        assert hub.call("GET", "/v1/network", company="live_0123456789abcdef_secret").status == 401
        environment.setattr(network_routes, "NetworkOut", None)
        assert hub.call("GET", "/v1/network").status == 500
        asked = {"url": f"{told.url}?token=sesame", "types": ["endpoint.test"]}
        made = hub.call("POST", "/v1/webhooks", asked, key="set").body
        hub.call("POST", f"/v1/webhooks/{made['endpoint']}/test", {}, key="test")
        wait(lambda: bool(told.heard))
        return [*hub.keys.values(), made["secret"], "sesame", "live_0123456789abcdef_secret"]


def test_a_collector_hears_of_requests_decisions_and_notices_and_of_no_secret(
    tmp_path: Path, receiver: Receiver, environment: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        secrets = run_day(tmp_path / "hub.ledger", receiver, environment, collector)
        first, unread = collector.named("POST /v1/orders")
    assert (first.trace, first.parent) == (TRACE, PARENT), "the caller's trace goes on"
    assert unread.trace != TRACE and unread.parent == ""
    of = first.attributes
    assert (of["http.route"], of["http.response.status_code"], of["rookery.company"]) == ("/v1/orders", 201, "shop")
    assert of["rookery.hub"] == "live" and len(of["rookery.request_id"]) == 16
    assert unread.attributes["http.response.status_code"] == 400
    ((done,), (refused,)) = collector.named("decide order"), collector.named("decide hold_space")
    assert (done.trace, done.parent) == (TRACE, first.id)
    assert done.attributes["rookery.outcome"] == "done" and refused.attributes["rookery.outcome"] == "refused"
    assert refused.attributes["rookery.refusals"] == ["short"]
    for name in ("waited", "decided", "grouped", "committed"):
        assert 0 <= done.attributes[f"rookery.{name}_ms"] < 10_000
    assert done.attributes["rookery.committed_ms"] > 0
    (asked,) = collector.named("ask quote")
    assert asked.attributes["rookery.outcome"] == "answered" and "rookery.committed_ms" not in asked.attributes
    (notice,) = collector.named("POST webhook")
    assert notice.attributes["server.address"] == "127.0.0.1" and notice.attributes["rookery.type"] == "endpoint.test"
    ((headers, _),) = receiver.heard
    assert headers["traceparent"].startswith(f"00-{notice.trace}-{notice.id}-")
    strange, broken = collector.named("GET /v1/network")
    assert "rookery.company" not in strange.attributes and not strange.is_error and broken.is_error
    assert first.resource["service.name"] == "rookery" and first.resource["deployment.environment.name"] == "trial"
    for secret in secrets:
        assert secret.encode() not in collector.raw


def test_a_server_without_a_collector_carries_no_trace(tmp_path: Path, receiver: Receiver) -> None:
    with served(network(), tmp_path / "hub.ledger", ("shop",), guard=LOOPBACK) as hub:
        made = hub.call("POST", "/v1/webhooks", {"url": receiver.url, "types": ["endpoint.test"]}, key="set").body
        hub.call("POST", f"/v1/webhooks/{made['endpoint']}/test", {}, key="test")
        wait(lambda: bool(receiver.heard))
    assert "traceparent" not in receiver.heard[0][0]


def test_what_is_not_traced_costs_next_to_nothing() -> None:
    count, began = 20_000, time.perf_counter()
    for _ in range(count):
        with span(None, "GET /health", SpanKind.SERVER, {}) as one:
            assert not one.is_recording()
    assert (time.perf_counter() - began) / count < 20e-6, "a request takes some 50 times as long"


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, "none"),
        ({"OTEL_SERVICE_NAME": "x"}, "none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, "none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, "none"),
    ],
)
def test_the_environment_says_where_traces_go(env: dict[str, str], wanted: str) -> None:
    assert wanted_exporter(env) == wanted


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "wanted one of otlp, console, none, found 'zipkin'"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "wanted http/protobuf, found 'grpc'"),
    ],
)
def test_what_cannot_be_sent_to_is_told(env: dict[str, str], words: str) -> None:
    with pytest.raises(TraceFault, match=words), traced(env):
        raise AssertionError("it is told before anything runs")


def test_without_the_extra_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        if name.startswith("opentelemetry.sdk"):
            raise ImportError(name)
        return importlib.import_module(name)

    monkeypatch.setattr(traces, "import_module", absent)
    with pytest.raises(TraceFault, match=r"pip install 'rookery\[traces\]'"), traced({"OTEL_TRACES_EXPORTER": "otlp"}):
        raise AssertionError("it is told before anything runs")
