"""Figures of a server as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from rookery.web.serving import Serving


class _Collector:
    """What the workers say of themselves, at the moment it is asked."""

    def __init__(self, serving: Serving):
        self._serving = serving

    def collect(self) -> Iterator[Metric]:
        names = ["hub"]
        messages = CounterMetricFamily("rookery_messages", "Messages acted on, by outcome", labels=["hub", "outcome"])
        others = {
            "questions": CounterMetricFamily("rookery_questions", "Quotes answered by the hub", labels=names),
            "busy": CounterMetricFamily("rookery_busy", "Messages sent away at the door", labels=names),
            "reopened": CounterMetricFamily("rookery_reopened", "Times that the store was opened anew", labels=names),
            "busy_s": CounterMetricFamily("rookery_busy_seconds", "Time in which the hub was at work", labels=names),
        }
        ready = GaugeMetricFamily("rookery_ready", "1: the hub can write", labels=names)
        waiting = GaugeMetricFamily("rookery_waiting", "Messages that wait at the door", labels=names)
        for name, mode in self._serving.modes.items():
            figures = mode.worker.figures
            for outcome, count in sorted(figures.outcomes.items()):
                messages.add_metric([name, outcome], count)
            for field, family in others.items():
                family.add_metric([name], getattr(figures, field))
            ready.add_metric([name], int(mode.worker.is_ready))
            waiting.add_metric([name], mode.worker.waiting)
        took = HistogramMetricFamily(
            "rookery_request_seconds", "From a request to its answer, by route", labels=["route"]
        )
        for route, steps, sum_s in self._serving.times.rows():
            took.add_metric([route], steps, sum_s)
        yield from (messages, *others.values(), ready, waiting, took)


def render(serving: Serving) -> bytes:
    """The figures as text."""
    registry = CollectorRegistry()
    registry.register(_Collector(serving))
    return generate_latest(registry)
