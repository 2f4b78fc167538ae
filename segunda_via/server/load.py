"""What this process does, for `/metrics`: turns under way, what waits, free disk, and how late its event loop is."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.operations import disk_space
from segunda_via.server.workers import Workers


class Load(Collector):
    """Asked in a thread: it waits for the database."""

    def __init__(self, app: App, workers: Workers) -> None:
        self._app = app
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        admission = self._workers.admission
        yield GaugeMetricFamily(
            "segunda_via_turns_in_flight", "Turns that this process has Rasa run.", value=admission.in_flight
        )
        yield GaugeMetricFamily(
            "segunda_via_turns_limit", "Turns that this process runs at once, at most.", value=admission.limit()
        )
        yield GaugeMetricFamily(
            "segunda_via_loop_lag_seconds",
            "By how much this process's event loop is late.",
            value=self._workers.loop_lag.seconds,
        )
        yield GaugeMetricFamily(
            "segunda_via_disk_free_bytes",
            "What is free where data are written.",
            value=disk_space.least_free(self._app.environment.database_url, self._app.home),
        )
        waiting = GaugeMetricFamily("segunda_via_queue_waiting", "Jobs that are due.", labels=["queue"])
        age = GaugeMetricFamily(
            "segunda_via_queue_age_seconds", "How long the oldest job has been due.", labels=["queue"]
        )
        queues = {"inbox": self._app.inbox, "outbox": self._app.outbox, "desk": self._app.desk_queue}
        for name, queue in queues.items():
            count, oldest = queue.waiting()
            waiting.add_metric([name], count)
            age.add_metric([name], (self._app.now() - oldest).total_seconds() if oldest else 0.0)
        yield waiting
        yield age
        yield GaugeMetricFamily(
            "segunda_via_late_deliveries_waiting",
            "Customers to whom a boleto is promised that could not be delivered yet.",
            value=self._app.late_deliveries.waiting(COMPANY).customers,
        )
