"""`/metrics` of the action server, for Prometheus: the panel's figures, by the panel's queries.

Guarded as the webhook is: Prometheus sends `SEGUNDA_VIA_ACTION_SECRET` as its bearer token, or stands on this machine.
Counters hold everything since the first event and outlive restarts; the quantiles are today's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from segunda_via.company import COMPANY
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.tally import Tally

if TYPE_CHECKING:
    from segunda_via.app import App

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def mount(target: Sanic, services: Callable[[], App]) -> None:
    """Serve `/metrics` on `target`. `services` is asked at each request."""
    blueprint = Blueprint("segunda_via_metrics")

    @blueprint.get("/metrics")
    async def metrics(request: Request) -> HTTPResponse:
        return raw(await asyncio.to_thread(_read, services()), content_type=CONTENT_TYPE)

    target.blueprint(blueprint)


def _read(app: App) -> bytes:
    return exposition(app.stats.ever(COMPANY), app.stats.today(COMPANY))


def exposition(ever: Tally, today: Tally) -> bytes:
    """Both tallies in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(ever, today))
    return bytes(generate_latest(registry))


class _Figures(Collector):
    def __init__(self, ever: Tally, today: Tally) -> None:
        self._ever = ever
        self._today = today

    def collect(self) -> Iterator[Metric]:
        events = CounterMetricFamily("segunda_via_events", "Steps of the flow.", labels=["event"])
        for event in MetricEvent:
            events.add_metric([event.value], self._ever[event])
        yield events
        reasons = CounterMetricFamily("segunda_via_handed_over", "Tickets given to a person.", labels=["reason"])
        for reason, number in sorted(self._ever.reasons.items()):
            reasons.add_metric([reason], number)
        yield reasons
        # No counter: a ticket that a person takes after it was finished is taken off again.
        yield GaugeMetricFamily(
            "segunda_via_untouched_tickets", "Tickets finished without a person.", value=self._ever.untouched
        )
        yield CounterMetricFamily(
            "segunda_via_delivered_reais", "Value of the delivered invoices, in BRL.", value=float(self._ever.amount)
        )
        speed = GaugeMetricFamily(
            "segunda_via_delivery_seconds", "From the document to the delivery, today.", labels=["gateway", "quantile"]
        )
        for gateway, measured in self._today.speeds.items():
            speed.add_metric([gateway, "0.5"], float(measured.median))
            speed.add_metric([gateway, "0.95"], float(measured.p95))
        yield speed
