"""Figures of a server as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from rookery.tell.journal import Backlog
from rookery.web.serving import Serving


class _Collector:
    """What the workers say of themselves, at the moment it is asked."""

    def __init__(self, serving: Serving, backlogs: dict[str, Backlog | None]):
        self._serving, self._backlogs = serving, backlogs

    def collect(self) -> Iterator[Metric]:
        names = ["hub"]
        messages = CounterMetricFamily("rookery_messages", "Messages acted on, by outcome", labels=["hub", "outcome"])
        others = {
            "questions": CounterMetricFamily(
                "rookery_questions", "Questions that were answered, such as quotes", labels=names
            ),
            "busy": CounterMetricFamily("rookery_busy", "Messages sent away at the door", labels=names),
            "reopened": CounterMetricFamily("rookery_reopened", "Times that the store was opened anew", labels=names),
            "busy_s": CounterMetricFamily("rookery_busy_seconds", "Time in which the hub was at work", labels=names),
        }
        ready = GaugeMetricFamily("rookery_ready", "1: the hub can write, its replica read", labels=names)
        waiting = GaugeMetricFamily("rookery_waiting", "Messages that wait at the door", labels=names)
        for name, asker in self._serving.askers().items():
            figures = asker.figures
            for outcome, count in sorted(figures.outcomes.items()):
                messages.add_metric([name, outcome], count)
            for field, family in others.items():
                family.add_metric([name], getattr(figures, field))
            ready.add_metric([name], int(asker.is_ready))
            waiting.add_metric([name], asker.waiting)
        took = HistogramMetricFamily(
            "rookery_request_seconds", "From a request to its answer, by route", labels=["route"]
        )
        for route, steps, sum_s in self._serving.times.rows():
            took.add_metric([route], steps, sum_s)
        yield from (messages, *others.values(), ready, waiting, took)
        yield from self._senders(names)

    def _senders(self, names: list[str]) -> Iterator[Metric]:
        """Of notices on their way to endpoints; a backlog that cannot be read is left out."""
        running = GaugeMetricFamily("rookery_sender_running", "1: the server's own sender is at work", labels=names)
        attempts = CounterMetricFamily(
            "rookery_sender_attempts", "Attempts of the server's own sender", labels=["hub", "outcome"]
        )
        given_up = CounterMetricFamily("rookery_sender_given_up", "Deliveries that it has given up", labels=names)
        again = CounterMetricFamily("rookery_sender_begun_again", "Times that it broke and began again", labels=names)
        notices = GaugeMetricFamily("rookery_notices_waiting", "Notices that no sender has looked at yet", labels=names)
        waiting = GaugeMetricFamily("rookery_deliveries_waiting", "Deliveries that are not done", labels=names)
        oldest = GaugeMetricFamily(
            "rookery_delivery_oldest_seconds",
            "When the oldest of them was made, by the clock; 0: none",
            labels=names,
        )
        failing = GaugeMetricFamily("rookery_endpoints_failing", "Endpoints whose last attempt failed", labels=names)
        for name, mode in self._serving.modes.items():
            figures, found = mode.deliveries.figures, self._backlogs.get(name)
            running.add_metric([name], int(figures.is_running))
            attempts.add_metric([name, "failed"], figures.failed)
            attempts.add_metric([name, "sent"], figures.sent)
            given_up.add_metric([name], figures.given_up)
            again.add_metric([name], figures.begun_again)
            if found is not None:
                notices.add_metric([name], found.notices)
                waiting.add_metric([name], found.open)
                oldest.add_metric([name], found.oldest_ms / 1000)
                failing.add_metric([name], found.failing)
        yield from (running, attempts, given_up, again, notices, waiting, oldest, failing)


def render(serving: Serving, backlogs: dict[str, Backlog | None]) -> bytes:
    """The figures as text. `backlogs`: of each mode; None: it cannot be read now."""
    registry = CollectorRegistry()
    registry.register(_Collector(serving, backlogs))
    return generate_latest(registry)
