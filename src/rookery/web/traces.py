"""Traces of a server or a sender: sent where the environment names a collector, by OpenTelemetry's own variables.

The SDK is the extra `traces`. Its variables hold as its documentation says: sampling, headers, attributes, batches.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from opentelemetry.trace import Tracer

import rookery

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORTERS = ("otlp", "console", "none")
PROTOCOL = "http/protobuf"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SDK, _OTLP = "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http.trace_exporter"


class TraceFault(Exception):
    """Traces are wanted and cannot be sent; the text says why and what to do."""


@contextmanager
def traced(env: Mapping[str, str]) -> Iterator[Tracer | None]:
    """What makes spans while the program runs; None: nothing is to be traced. At the end all are sent.

    env  the environment's variables
    Raises  TraceFault: they name what is not there
    """
    wanted = wanted_exporter(env)
    if wanted == "none":
        yield None
        return
    provider = _make_provider(wanted)
    try:
        yield provider.get_tracer("rookery", rookery.__version__)
    finally:
        provider.shutdown()


def wanted_exporter(env: Mapping[str, str]) -> str:
    """otlp, console or none. Raises  TraceFault: another one, or another protocol"""
    named = env.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    wanted = named or ("otlp" if any(env.get(name) for name in ENDPOINTS) else "none")
    if wanted not in EXPORTERS:
        raise TraceFault(f"OTEL_TRACES_EXPORTER: wanted one of {', '.join(EXPORTERS)}, found {named!r}; name one")
    protocol = next((env[name] for name in PROTOCOLS if env.get(name)), PROTOCOL)
    if wanted == "otlp" and protocol != PROTOCOL:
        todo = "name the collector's address for HTTP, and this protocol"
        raise TraceFault(f"{PROTOCOLS[1]}: wanted {PROTOCOL}, found {protocol!r}; {todo}")
    return "none" if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" else wanted


def _make_provider(wanted: str) -> Any:
    try:
        resources, trace = import_module(f"{_SDK}.resources"), import_module(f"{_SDK}.trace")
        export = import_module(f"{_SDK}.trace.export")
        exporter = import_module(_OTLP).OTLPSpanExporter() if wanted == "otlp" else export.ConsoleSpanExporter()
    except ImportError:
        todo = "install it with: pip install 'rookery[traces]', or clear the variables OTEL_..."
        raise TraceFault(f"traces: wanted the extra `traces`, found it not installed; {todo}") from None
    own = resources.Resource.create({"service.name": "rookery", "service.version": rookery.__version__})
    provider = trace.TracerProvider(resource=own.merge(resources.OTELResourceDetector().detect()))
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    return provider
