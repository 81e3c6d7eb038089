"""Spans of OpenTelemetry: how long something took, and of which request it is a part.

A tracer is handed in by whoever runs the program; without one a span costs next to nothing. No attribute is a secret,
or what somebody has sent.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Attributes = Mapping[str, str | int | float]
_W3C = TraceContextTextMapPropagator()


class _Nothing(AbstractContextManager[Span]):
    """The span of a program that is not traced."""

    def __enter__(self) -> Span:
        return INVALID_SPAN

    def __exit__(self, *fault: object) -> None:
        """Nothing was begun."""


_NOTHING = _Nothing()


def span(
    tracer: Tracer | None, name: str, kind: SpanKind, parent: Mapping[str, str] | None = None
) -> AbstractContextManager[Span]:
    """A span around what is done within, part of the one around it, or of that which the headers `parent` name.

    tracer  None: nothing is traced, and what is given does not record
    """
    return _NOTHING if tracer is None else _begin(tracer, name, kind, parent)


@contextmanager
def _begin(tracer: Tracer, name: str, kind: SpanKind, parent: Mapping[str, str] | None) -> Iterator[Span]:
    context = None if parent is None else _W3C.extract(parent)
    begun = tracer.start_as_current_span(name, context, kind, record_exception=False, set_status_on_exception=False)
    with begun as one:
        try:
            yield one
        except BaseException as fault:
            fail(one, type(fault).__name__)  # never its text, which may quote what was sent
            raise


def note(of: Span, attributes: Attributes) -> None:
    """Add attributes; blank ones are left out."""
    of.set_attributes({name: value for name, value in attributes.items() if value != ""})


def fail(of: Span, error: str) -> None:
    """It did not come to a good end. `error`: a word for the kind of end."""
    of.set_attribute("error.type", error)
    of.set_status(Status(StatusCode.ERROR))


def traceparent() -> str:
    """The header that names the span around, for whom is called next; blank: nothing is traced."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")
